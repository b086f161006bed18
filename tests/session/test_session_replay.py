"""Recorded dialogues with Dino 0.4.2: what it sent is accepted, and what we answer is what it was answered with.

The other party of the recordings was a script. A manager takes its place: it is told to ask what the script asked, and
its answers are compared with the script's.
"""

from __future__ import annotations

from collections import deque
from itertools import groupby
from pathlib import Path

import attrs
import pytest
from session_examples import command_of

import jinglecodec as jc
from jinglecodec.errors import LocalError
from jinglecodec.session import Manager, Output, Policy, SendStanza, StanzaReceived

pytestmark = pytest.mark.corpus

OWN = "juliet@localhost/bot"


@attrs.define
class Replay:
    """A dialogue, with a manager in the place of the script."""

    manager: Manager = attrs.Factory(lambda: Manager(OWN, Policy(strangers=True)))
    ids: dict[str | None, str | None] = attrs.Factory(dict)
    "Of the script's requests -> of the manager's."
    answers: deque[jc.Iq] = attrs.Factory(deque)
    told: list[str] = attrs.Factory(list)
    misuse: list[str] = attrs.Factory(list)
    "Requests of the script that a manager does not make."

    def take(self, path: Path) -> None:
        """Take the next stanza of the recording."""
        decoded = jc.read(path.read_bytes(), errors="keep")
        stanza = decoded.value
        if not isinstance(stanza, jc.Iq):
            return  # a message of XEP-0353, which is before a session
        if path.name.split("_")[-2] == "in":
            stanza = attrs.evolve(stanza, id=self.ids.get(stanza.id, stanza.id))
            self.keep(self.manager.handle(StanzaReceived(stanza, decoded.findings), 0.0))
        elif stanza.type is jc.IqType.SET:
            self.ask(path, stanza)
        else:
            answer = self.answers.popleft()
            assert (answer.type, answer.id, answer.to) == (stanza.type, stanza.id, stanza.to), path.name

    def ask(self, path: Path, stanza: jc.Iq) -> None:
        """Ask what the script asked, if that is not misuse, or no action at all."""
        try:
            command = command_of(stanza) if isinstance(stanza.payload, jc.Jingle) else None
            outputs = () if command is None else self.manager.handle(command, 0.0)
        except LocalError:
            outputs = ()
        if not outputs:
            self.misuse.append(path.name)
            return
        (iq, *_) = [output.stanza for output in outputs if isinstance(output, SendStanza)]
        assert isinstance(iq, jc.Iq)
        assert (iq.to, iq.payload.__class__) == (stanza.to, jc.Jingle)
        self.ids[stanza.id] = iq.id
        self.told += [type(output).__name__ for output in outputs if not isinstance(output, SendStanza)]

    def keep(self, outputs: tuple[Output, ...]) -> None:
        for output in outputs:
            if isinstance(output, SendStanza):
                assert isinstance(output.stanza, jc.Iq)
                self.answers.append(output.stanza)
            else:
                self.told.append(type(output).__name__)


def dialogues(corpus: Path) -> dict[str, list[Path]]:
    paths = sorted((corpus / "clients").glob("*.xml"))
    return {name: list(group) for name, group in groupby(paths, lambda path: path.name.rsplit("_", 3)[0])}


def replayed(corpus: Path, name: str) -> Replay:
    replay = Replay()
    for path in dialogues(corpus)[name]:
        replay.take(path)
    return replay


CALLS = {
    "dino_ft_in_ibb": "SessionStarted Accepted SessionEnded",
    "dino_ft_in_s5b": "SessionStarted Accepted InfoReceived SessionEnded",
    "dino_ft_out": "IncomingSession InfoReceived SessionEnded",
    "dino_in": "SessionStarted Accepted SessionEnded",
    "dino_in_nojmi": "SessionStarted InfoReceived Accepted SessionEnded",
    "dino_out": "IncomingSession SessionEnded",
    "dino_out_gui": "IncomingSession InfoReceived InfoReceived ContentProposed SessionEnded",
    "gw_baresip_dino": "SessionStarted Accepted SessionEnded",
}
"Dialogue -> what the user is told. Dino accepts, rings, mutes, sends candidates, adds video, hangs up."


@pytest.mark.parametrize("name", CALLS)
def test_what_dino_sent_is_accepted_and_answered_as_it_was(name: str, corpus: Path) -> None:
    replay = replayed(corpus, name)
    assert [one for one in replay.told if one != "NotHandled"] == CALLS[name].split()
    assert not replay.answers
    assert not replay.manager.sessions


def test_results_of_other_protocols_are_not_handled(corpus: Path) -> None:
    """In-band bytestreams have IQs of their own, and the recording ends a session of another one."""
    replay = replayed(corpus, "dino_ft_in_ibb")
    assert replay.told.count("NotHandled") == 8
    assert replay.misuse == ["dino_ft_in_ibb_12_out_session-terminate.xml"]


PROBE = "dino_probe"


def test_a_manager_does_not_ask_what_dino_refused(corpus: Path) -> None:
    """The script tried what XEP-0166 forbids; each of these Dino answered with an error, too: a second opinion."""
    replay = replayed(corpus, PROBE)
    answers = [jc.loads(path.read_bytes(), expect=jc.Iq) for path in dialogues(corpus)[PROBE] if "_in_" in path.name]
    refused = {iq.id for iq in answers if iq.type is jc.IqType.ERROR}
    asked = {path.name: path for path in dialogues(corpus)[PROBE]}
    requests = {jc.read(asked[name].read_bytes(), expect=jc.Iq, errors="keep").value for name in replay.misuse}
    assert len(replay.misuse) == 11
    assert {iq.id for iq in requests if isinstance(iq, jc.Iq)} <= refused


def test_what_dino_rejected_is_understood(corpus: Path) -> None:
    """Initiations refused or ended at once, a transport rejected, one session that lasts to its end."""
    told = replayed(corpus, PROBE).told
    assert told.count("SessionStarted") == 9
    assert told.count("RequestFailed") == 2
    assert told.count("InfoReceived") == 5
    assert told.count("TransportChanged") == 1
    assert told.count("SessionEnded") == 5

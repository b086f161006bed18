"""The examples of the XEPs as flows between Romeo and Juliet, and what has to be corrected in them first.

A flow names examples in their order; `ack e003` stands for the result that a document leaves out. It is played twice:
the machine is Romeo, and Juliet's stanzas are handed in; then the other way round.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import attrs
from session_support import JULIET, ROMEO, answer, stanzas, told

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.session import COMMANDS, Command, Initiate, Manager, Policy, SessionKey, StanzaReceived, Terminate


@attrs.frozen
class Correction:
    """What stands in an example, what has to stand there, and why."""

    example: str
    wrong: str
    right: str
    reason: str


ACK_OF_ACCEPT = "the initiator acknowledges session-accept, and with the id of that request (RFC 6120 8.2.3)"
ROMEO_S = "'romeo@montague.lit/orchard'"
JULIET_S = "'juliet@capulet.lit/balcony'"
BARE_TRANSPORT = f"<transport xmlns='{ns.ICE_UDP}'>"
CREDENTIALS = f"<transport xmlns='{ns.ICE_UDP}' pwd='YH75Fviy6338Vbrhrlp8Yh' ufrag='9uB6'>"
CORRECTIONS = (
    *(
        Correction(
            f"xep-0166/{name}",
            BARE_TRANSPORT,
            CREDENTIALS,
            "pwd and ufrag MUST be included with candidates (XEP-0176 5.3); those of its own session-accept",
        )
        for name in ("e006", "e017")
    ),
    Correction(
        "xep-0166/e030",
        "urn:xmpp:jingle:apps:rtp:1:info",
        "urn:example:info",
        "XEP-0167 9 defines another namespace for ringing; as deployed, the codec takes this one for it, so that the"
        " payload is understood after all. The flow needs one that is not.",
    ),
    Correction("xep-0166/e036", "name='xmlstream'", "name='this-is-a-stub'", "the only content of the session, e035"),
    Correction("xep-0176/e011", "name='voice1'", "name='voice'", "the only content of the session, e009"),
    Correction(
        "xep-0176/e013", "creator='responder' name='voice2'", "creator='initiator' name='voice'", "the content of e009"
    ),
    Correction("xep-0343/e004", "setup='actpass'", "setup='active'", "an answer takes a side (RFC 5763 5)"),
    Correction("xep-0343/e005", f"from={JULIET_S}", f"from={ROMEO_S}", ACK_OF_ACCEPT),
    Correction("xep-0343/e005", f"to={ROMEO_S}", f"to={JULIET_S}", ACK_OF_ACCEPT),
    Correction("xep-0343/e005", "id='ixt174g9'", "id='rw782g55'", ACK_OF_ACCEPT),
    Correction("xep-0260/e018", f"from={JULIET_S}", f"from={ROMEO_S}", "Romeo acknowledges what Juliet sent in e017"),
    Correction("xep-0260/e018", f"to={ROMEO_S}", f"to={JULIET_S}", "the same"),
)

INITIATOR = f"initiator={ROMEO_S}"
"""Taken out wherever the action is not session-initiate: "for all other actions, the <jingle/> element SHOULD NOT
possess an 'initiator' attribute" (XEP-0166 7.1)."""

UNSEEN = {
    "xep-0166/e029": "answers a request that is not shown",
    "xep-0166/e034": "answers a request that is not shown",
    "xep-0166/e037": "answers a request that is not shown",
}
"Errors whose requests the tests make up."


@attrs.frozen
class Flow:
    """Examples in their order, and what each party's machine tells its user on the way."""

    name: str
    xep: str
    steps: str
    romeo: str
    juliet: str

    def stanzas(self, specs: Path) -> Iterator[jc.Iq]:
        """Return the stanzas of the flow, corrected."""
        for step in self.steps.split():
            iq = example(specs, f"xep-{self.xep}/{step.removeprefix('ack:')}")
            yield answer(iq) if step.startswith("ack:") else iq


def example(specs: Path, name: str) -> jc.Iq:
    """Return an example, corrected; a correction that no longer applies is an error."""
    document, number = name.split("/")
    text = (specs / "xeps" / document / "examples" / f"{number}.xml").read_text(encoding="utf-8")
    for correction in CORRECTIONS:
        if correction.example == name:
            assert correction.wrong in text, correction
            text = text.replace(correction.wrong, correction.right)
    if "action='session-initiate'" not in text:
        text = text.replace(INITIATOR, "")
    return jc.loads(text.replace("<iq ", f"<iq xmlns='{ns.CLIENT}' ", 1), expect=jc.Iq)


def command_of(iq: jc.Iq) -> Command:
    """Return what a caller says so that this is sent."""
    jingle = iq.payload
    assert isinstance(jingle, jc.Jingle)
    assert iq.to is not None
    key = SessionKey(iq.to, jingle.sid)
    if jingle.action is jc.Action.SESSION_INITIATE:
        return Initiate(iq.to, jingle.contents, jingle.sid)
    if jingle.action is jc.Action.SESSION_TERMINATE:
        return Terminate(key, jingle.reason)
    # What the codec does not know is payload of a session-info all the same.
    infos = (*jingle.infos, *(node for node in jingle.extra.children if isinstance(node, jc.Raw)))
    return COMMANDS[jingle.action](key, jingle.contents, infos=infos, reason=jingle.reason)


def manager_of(jid: str, policy: Policy | None = None) -> Manager:
    """Return a manager that trusts everybody, unless another policy is given."""
    return Manager(jid, policy or Policy(strangers=True))


@attrs.define
class Player:
    """Plays one party of a flow with a machine, and the other from the document."""

    me: str
    manager: Manager
    outbox: deque[jc.Iq] = attrs.Factory(deque)
    ids: dict[str | None, str | None] = attrs.Factory(dict)
    "Of the document -> the machine's own."
    told: list[str] = attrs.Factory(list)

    def play(self, iq: jc.Iq) -> None:
        """Take the next stanza of the flow."""
        if iq.from_ != self.me:
            self.do(StanzaReceived(iq if iq.type is jc.IqType.SET else attrs.evolve(iq, id=self.ids[iq.id])))
            return
        if iq.type is jc.IqType.SET and not self.outbox:
            self.do(command_of(iq))
        sent = self.outbox.popleft()
        if iq.type is jc.IqType.SET:
            self.ids[iq.id] = sent.id
            iq = attrs.evolve(iq, id=sent.id)
        assert sent == iq

    def do(self, event: StanzaReceived | Command) -> None:
        """Hand in an event; keep what is to be sent, as the other side reads it."""
        outputs = self.manager.handle(event, 0.0)
        self.told += told(outputs)
        for iq in stanzas(outputs):
            data = jc.dumps(iq)
            report = jc.validate(data, "deployed")
            assert report.ok, report.findings
            self.outbox.append(jc.loads(data, expect=jc.Iq))


def played(flow: Flow, specs: Path, me: str) -> Player:
    """Return the player after the flow."""
    player = Player(me, manager_of(me))
    for iq in flow.stanzas(specs):
        assert {iq.from_, iq.to} == {ROMEO, JULIET}
        player.play(iq)
    return player

"""The stage that conversations are played on: machines on one virtual network, stanzas between them, and who is who."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any

from jinglecodec import ice, session
from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError
from jinglecodec.session.jids import bare
from jinglecodec.testing.laws import Factory, Script
from jinglecodec.testing.network import Behavior, Host, Link, Nat, Network, Node, Start, TurnServer
from jinglecodec.testing.replay import Recorder

ROMEO, JULIET, NURSE = "romeo@montague.lit/orchard", "juliet@capulet.lit/balcony", "nurse@capulet.lit/hall"
SID = "a1"
"Of the session, and of the first proposal."
CREDENTIALS = ice.Credentials("abcd", "abcdefghijklmnopqrstuv")
"Of the other agent."

KEY, KEY_OF_JULIET = session.SessionKey(ROMEO, SID), session.SessionKey(JULIET, SID)
"The session with Romeo, and the same as he knows it."

ANYBODY = session.Policy(strangers=True)

SERVER = Address("203.0.113.1", 3478)
"The TURN server."

_HARD = Behavior.ADDRESS_AND_PORT_DEPENDENT

LATENCY = 0.05
"Seconds that a stanza takes."

Conversation = Callable[[Factory], Script]
"Plays with a machine of a factory, and returns what it heard."

Reactions = Mapping[type, Callable[[Any], Iterable[tuple[str, object]]]]
"What follows from an output: the class of it -> who takes which events soon."


class Stage:
    """Machines on one network, and the stanzas between them."""

    def __init__(self) -> None:
        self.network = Network(1)
        self._nodes: dict[str, Node[Any, Any]] = {}
        self._reactions: dict[str, Reactions] = {}

    def put(
        self, name: str, machine: object, host: Host | str, reactions: Reactions | None = None
    ) -> Recorder[Any, Any]:
        """Put a machine to work, under the JID or the domain whose stanzas it takes; return what records it."""
        recorder: Recorder[Any, Any] = Recorder(machine)  # type: ignore[arg-type]
        at = Host(self.network.internet, host, link=Link(latency=0.01)) if isinstance(host, str) else host
        self._reactions[name] = reactions or {}
        self._nodes[name] = Node(at, recorder, told=partial(self._told, name))
        return recorder

    def play(self, *acts: tuple[float, str, object], seconds: float = 5.0) -> None:
        """Let parties take events after some seconds each, and then time pass."""
        for wait, name, event in acts:
            self.network.run(self.network.now + wait)
            self.hand_in(name, event)
        self.network.run(self.network.now + seconds)

    def hand_in(self, name: str, event: object) -> None:
        """Let a party take an event; misuse is part of the conversation."""
        with suppress(LocalError):
            self._nodes[name].handle(event)

    def soon(self, name: str, event: object) -> None:
        """Let a party take an event after a moment."""
        self.network.call_at(self.network.now + LATENCY, self.hand_in, name, event)

    def _told(self, name: str, output: object) -> None:
        if type(output) in self._reactions[name]:
            for party, event in self._reactions[name][type(output)](output):
                self.soon(party, event)
        elif isinstance(output, session.SendStanza):
            for party in self._nodes:
                if output.stanza.to in (party, bare(party)):
                    self.soon(party, session.StanzaReceived(output.stanza))


def script_of(recorder: Recorder[Any, Any]) -> Script:
    """Return what a machine heard by now."""
    return [(step.event, step.now) for step in recorder.recording.steps]


def two_hosts(stage: Stage, *, hidden: bool) -> list[Host]:
    """Return two hosts, behind NATs that let nothing through directly or not; there is a TURN server for both."""
    homes, link = [stage.network.internet] * 2, Link(latency=0.01)
    if hidden:
        outside = [f"198.51.100.{side}" for side in (1, 2)]
        homes = [Nat(homes[0], host, mapping=_HARD, filtering=_HARD, link=link).inside for host in outside]
    stage.put("server", TurnServer(SERVER, random=Random(3)), SERVER.host)
    stage.hand_in("server", Start())
    return [Host(home, f"192.0.2.{side}", link=link) for side, home in enumerate(homes, 1)]

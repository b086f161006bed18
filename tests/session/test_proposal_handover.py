"""From a proposal to a session of the same id, and to its end: `Proposals` in front of a `Manager`."""

from __future__ import annotations

from collections import deque
from random import Random

import attrs
from proposal_support import ANYBODY, AUDIO, GARDEN, PHONE, ROMEO, TABLET, copies, wire

import jinglecodec as jc
from jinglecodec.machine import TimerFired
from jinglecodec.session import (
    Accept,
    Accepted,
    Finish,
    IncomingSession,
    Initiate,
    InitiateSession,
    Manager,
    NotHandled,
    Proceed,
    Proposals,
    ProposalState,
    Propose,
    SendStanza,
    SessionAgreed,
    SessionEnded,
    SessionKey,
    StanzaReceived,
    Terminate,
)
from jinglecodec.session.events import Event
from jinglecodec.session.proposals import ProposalsEvent

VOICE = jc.Content(
    name="voice",
    description=jc.RtpDescription(media="audio", payload_types=(jc.PayloadType(id=0),)),
    transport=jc.IceUdpTransport(ufrag="8hhy", pwd="asd88fgpdd777uzjYhagZg"),
)


@attrs.define
class Device:
    """What an application makes of the two machines: it initiates, accepts and finishes as it is told."""

    jid: str
    queue: deque[tuple[str, jc.Stanza]]
    others: tuple[str, ...]
    proposals: Proposals = attrs.field(init=False)
    manager: Manager = attrs.field(init=False)
    told: list[object] = attrs.Factory(list)
    agreed: set[str] = attrs.Factory(set)

    def __attrs_post_init__(self) -> None:
        self.proposals = Proposals(self.jid, ANYBODY, random=Random(self.jid))
        self.manager = Manager(self.jid, ANYBODY, random=Random(self.jid))

    def propose(self, event: ProposalsEvent, now: float = 0.0) -> None:
        for output in self.proposals.handle(event, now):
            match output:
                case SendStanza(stanza):
                    self.queue += copies(wire(stanza), self.others)
                case NotHandled(stanza):
                    self.manage(StanzaReceived(stanza), now)
                case InitiateSession(proposal, peer):
                    self.manage(Initiate(peer, (VOICE,), proposal), now)
                case SessionAgreed(proposal):
                    self.agreed.add(proposal)
                case _:
                    self.told.append(output)

    def manage(self, event: Event | TimerFired, now: float = 0.0) -> None:
        for output in self.manager.handle(event, now):
            match output:
                case SendStanza(stanza):
                    self.queue += copies(wire(stanza), self.others)
                case IncomingSession(SessionKey(_, sid) as key) if sid in self.agreed:
                    self.manage(Accept(key, (VOICE,)), now)
                case SessionEnded(SessionKey(_, sid)):
                    self.told.append(output)
                    if self.proposals.state(sid) is ProposalState.PROCEEDED:
                        self.propose(Finish(sid), now)
                case _:
                    self.told.append(output)


def household() -> dict[str, Device]:
    queue: deque[tuple[str, jc.Stanza]] = deque()
    names = (ROMEO, GARDEN, PHONE, TABLET)
    return {name: Device(name, queue, names) for name in names}


def settle(devices: dict[str, Device]) -> None:
    queue = devices[ROMEO].queue
    while queue:
        to, stanza = queue.popleft()
        devices[to].propose(StanzaReceived(stanza))


def called() -> dict[str, Device]:
    """Return all devices when Juliet's phone is in a session with Romeo."""
    devices = household()
    devices[ROMEO].propose(Propose("juliet@capulet.example", AUDIO, "the-call"))
    settle(devices)
    devices[PHONE].propose(Proceed("the-call"))
    settle(devices)
    return devices


def test_session_has_the_id_of_the_proposal_and_is_accepted_without_asking_again() -> None:
    """3.6: "segue to Jingle itself"; the user has said yes already."""
    devices = called()
    key = SessionKey(PHONE, "the-call")
    assert any(isinstance(output, Accepted) and output.session == key for output in devices[ROMEO].told)
    assert key in devices[ROMEO].manager.sessions
    assert SessionKey(ROMEO, "the-call") in devices[PHONE].manager.sessions
    assert not devices[TABLET].manager.sessions


def test_session_that_ends_is_finished_by_both_and_known_to_all() -> None:
    """3.7: "both parties SHOULD send a message stanza containing a <finish/>"."""
    devices = called()
    devices[PHONE].manage(Terminate(SessionKey(ROMEO, "the-call")))
    settle(devices)
    assert {device.proposals.state("the-call") for device in devices.values()} == {ProposalState.FINISHED}
    assert not devices[ROMEO].manager.sessions
    assert not devices[PHONE].manager.sessions


def test_session_that_nobody_proposed_is_for_the_user_to_answer() -> None:
    devices = household()
    devices[ROMEO].manage(Initiate(PHONE, (VOICE,), "no-proposal"))
    settle(devices)
    assert any(isinstance(output, IncomingSession) for output in devices[PHONE].told)
    assert not devices[PHONE].agreed

"""Devices of two accounts, and the servers between them, which make carbons (XEP-0280)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import attrs

import jinglecodec as jc
from jinglecodec.session import Policy, ProposalChanged, Proposals, ProposalState, SendStanza, StanzaReceived
from jinglecodec.session.jids import bare
from jinglecodec.session.proposals import ProposalsEvent, ProposalsOutput

ROMEO = "romeo@montague.example/orchard"
GARDEN = "romeo@montague.example/garden"
PHONE = "juliet@capulet.example/phone"
TABLET = "juliet@capulet.example/tablet"
LOW = "ca3cf894-5325-482f-a412-a6e9f832298d"
HIGH = "fecbea35-08d3-404f-9ec7-2b57c566fa74"
AUDIO = (jc.RtpDescription(media="audio"),)
ANYBODY = Policy(strangers=True)


def wire(stanza: jc.Stanza) -> jc.Stanza:
    """Return the stanza as the other side reads it; it has to be one that may be sent."""
    data = jc.dumps(stanza)
    report = jc.validate(data, "deployed")
    assert report.ok, report.findings
    return jc.loads(data, expect=jc.Stanza)


def initiation(proposal: str, initiator: str, responder: str) -> jc.Iq:
    """Return a session-initiate."""
    content = jc.Content(name="voice", description=AUDIO[0], transport=jc.IceUdpTransport())
    jingle = jc.Jingle(action=jc.Action.SESSION_INITIATE, initiator=initiator, sid=proposal, contents=(content,))
    return jc.Iq(type=jc.IqType.SET, id="i", from_=initiator, to=responder, payload=jingle)


def carbon(message: jc.Message, device: str, kind: type[jc.Carbon]) -> jc.Message:
    """Return the copy of a message that an account's server makes for another of its devices."""
    copy = kind(forwarded=jc.Forwarded(message=message))
    return jc.Message(from_=bare(device), to=device, type=message.type, payloads=(copy,))


def copies(stanza: jc.Stanza, devices: tuple[str, ...]) -> Iterator[tuple[str, jc.Stanza]]:
    """Return who receives what when a stanza is sent."""
    sender, to = stanza.from_ or "", stanza.to or ""
    for device in devices:
        if device == to or (bare(device) == to and device != sender):
            yield device, stanza
        elif isinstance(stanza, jc.Message) and device != sender and bare(device) == bare(sender):
            yield device, carbon(stanza, device, jc.CarbonSent)
        elif isinstance(stanza, jc.Message) and device != sender and bare(device) == bare(to):
            yield device, carbon(stanza, device, jc.CarbonReceived)


@attrs.define
class World:
    """All devices, at one time, and what they said."""

    devices: dict[str, Proposals]
    now: float = 0.0
    sent: list[jc.Stanza] = attrs.Factory(list)
    "In order."
    told: dict[str, list[ProposalsOutput]] = attrs.Factory(dict)
    "By device, without stanzas."

    def do(self, device: str, event: ProposalsEvent) -> tuple[ProposalsOutput, ...]:
        """Let a device take an event, and everybody what follows from it; return what the device said."""
        outputs = self.devices[device].handle(event, self.now)
        for output in outputs:
            if isinstance(output, SendStanza):
                self.sent.append(output.stanza)
                for to, stanza in copies(wire(output.stanza), tuple(self.devices)):
                    self.do(to, StanzaReceived(wire(stanza)))
            else:
                self.told.setdefault(device, []).append(output)
        return outputs

    def states(self, proposal: str) -> dict[str, ProposalState]:
        """Return what each device thinks of a proposal."""
        return {name: device.state(proposal) for name, device in self.devices.items()}

    def all_are(self, proposal: str, state: ProposalState) -> bool:
        """Tell whether all devices agree on a state."""
        return set(self.states(proposal).values()) == {state}

    def heard(self, device: str) -> list[ProposalsOutput]:
        """Return what a device told its user beside states, and forget it."""
        told = self.told.pop(device, [])
        return [output for output in told if not isinstance(output, ProposalChanged)]


def world(*devices: str, make: Callable[[str], Proposals] | None = None) -> World:
    """Return a world of devices that trust everybody."""
    make = make or device
    return World({name: make(name) for name in devices})


def device(local: str) -> Proposals:
    """Return a device that trusts everybody, and that a test can predict."""
    return Proposals(local, ANYBODY, random=Random(local))

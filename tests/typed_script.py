"""What a user may write, as type checkers see it: mypy as it is set up here, pyright in `test_typing.py`."""

from __future__ import annotations

from typing import assert_never, assert_type

import jinglecodec as jc
from jinglecodec import endpoint, ice, session, stun
from jinglecodec.machine import DatagramReceived, Machine, TimerFired
from jinglecodec.xml.fields import attribute, element
from jinglecodec.xml.types import UNSIGNED_SHORT


@element("urn:example:game:0", "description")
class Game(jc.Description):
    """A game of chess."""

    minutes: int = attribute(UNSIGNED_SHORT)
    rounds: int | None = attribute(UNSIGNED_SHORT, default=None)


def models(data: bytes) -> str:
    """Read, look, change and write stanzas."""
    iq = jc.loads(data, jc.Iq)
    assert_type(iq, jc.Iq)
    game = Game(minutes=5)
    assert_type(game.rounds, int | None)
    codec = jc.Codec.default().extend(Game)
    assert_type(codec.loads(data, Game), Game)
    match iq.payload:
        case jc.Jingle(reason=jc.Reason(condition=condition)):
            assert_type(condition, jc.Condition | None)
            return condition.value if condition else "gone"
        case jc.Jingle(contents=(content, *_)) if isinstance(content.transport, jc.IceUdpTransport):
            ports = [candidate.port for candidate in content.transport.candidates]
            assert_type(ports, list[int])
            return content.name
        case _:
            return jc.dumps(iq).decode()


def descriptions(text: str) -> tuple[jc.Jingle, list[str]]:
    """Map an offer."""
    offer = jc.sdp.loads(text)
    assert_type(offer.media[0].candidates, tuple[jc.sdp.Candidate, ...])
    mapped = jc.mapping.to_jingle(offer, action="session-initiate", sid="1", role="initiator")
    back = jc.mapping.to_sdp(mapped.value, role="initiator", names=mapped.names)
    assert_type(back.value, jc.sdp.SessionDescription)
    return mapped.value, [loss.clause for loss in mapped.losses]


def agents(data: bytes, now: float) -> float | None:
    """Run an ICE agent, and leave out nothing that it may say."""
    agent = ice.Agent(role=ice.Role.CONTROLLING)
    agent.handle(ice.AddStream("voice"), now)
    for output in agent.handle(DatagramReceived(1, ice.Address("192.0.2.1", 5000), data), now):
        if isinstance(output, ice.DataReceived):
            assert_type(output.data, bytes)
        elif isinstance(output, ice.CandidateFound):
            assert_type(output.candidate, ice.Candidate)
    assert_type(agent.snapshot().streams, tuple[ice.StreamSnapshot, ...])
    message = stun.decode(data)
    assert_type(message[stun.PRIORITY], int)
    return agent.deadline


def states(state: ice.StreamState) -> bool:
    """Tell whether data may be sent; a checker knows that this is all."""
    match state:
        case ice.StreamState.CONNECTED | ice.StreamState.COMPLETED | ice.StreamState.DISCONNECTED:
            return True
        case ice.StreamState.NEW | ice.StreamState.RUNNING | ice.StreamState.FAILED:
            return False
        case _:
            assert_never(state)


def calls(stanza: jc.Stanza, now: float) -> list[jc.Stanza]:
    """Run an endpoint."""
    phone = endpoint.Endpoint("romeo@montague.lit/orchard", session.Policy(strangers=True))
    outputs = phone.handle(session.StanzaReceived(stanza), now)
    return [output.stanza for output in outputs if isinstance(output, session.SendStanza)]


def drive(machine: Machine[session.Event, session.Output], now: float) -> tuple[session.Output, ...]:
    """Run any machine of these events."""
    return machine.handle(TimerFired(), now)


drive(session.Manager("romeo@montague.lit/orchard"), 0.0)

"""Agents with relays keep the rules of machines, in the middle of everything."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import cast

import pytest
from ice_support import introduce
from turn_world import TurnWorld, server_at

from jinglecodec import ice, stun
from jinglecodec.machine import SendDatagram, SocketProtocol, TimerFired
from jinglecodec.stun.turn import decode_channel_data
from jinglecodec.testing import laws
from jinglecodec.testing.laws import Script
from jinglecodec.testing.network import TurnPolicy


def make() -> ice.Agent:
    return ice.Agent(role=ice.Role.CONTROLLING, random=random.Random(0))


def played(protocol: SocketProtocol, seconds: float = 400.0) -> Script:
    """Return what an agent has met in a relayed call with data, stale nonces, and an end."""
    world = TurnWorld(policy=TurnPolicy(nonce_lifetime=100.0), left_servers=[server_at(protocol=protocol)])
    introduce(world.left, world.right)
    for at in (1.0, 2.0, 300.0):
        world.network.call_at(at, world.left.do, ice.SendData(1, 1, b"data"))
        world.network.call_at(at, world.right.do, ice.SendData(1, 1, b"data"))
    world.network.run(seconds)
    world.left.do(ice.Close())
    world.run(10.0)
    assert world.server.snapshot().allocations == ()
    return [(step.event, step.now) for step in world.left.recorder.recording.steps]


@pytest.mark.parametrize("protocol", [SocketProtocol.UDP, pytest.param(SocketProtocol.TCP, marks=pytest.mark.long)])
def test_agents_with_relays_keep_the_rules_of_machines(protocol: SocketProtocol) -> None:
    script = played(protocol, seconds=3.0)
    misuse = (ice.AddServer(server_at().address, protocol=SocketProtocol.TCP), ice.SendData("none", 1, b""))

    laws.check_all(make, script[:40], most=60, misuse=misuse, hash_seeds=(1,))


def request_in(data: bytes) -> bytes | None:
    """Return the transaction id of the STUN request in a datagram, or in what a datagram has relayed."""
    if stun.classify(data) is stun.Kind.TURN_CHANNEL:
        return request_in(decode_channel_data(data).data)
    if stun.classify(data) is not stun.Kind.STUN:
        return None
    message = stun.decode(data)
    if message.method == stun.Method.SEND:
        return request_in(message[stun.DATA])
    return message.transaction_id if message.message_class is stun.MessageClass.REQUEST else None


def starts(script: Script, lost_at: int) -> list[float]:
    """Return when the agent starts transactions where an hour is lost before a step; all else is in time."""
    agent = make()
    times: dict[bytes, float] = {}

    def hand_in(event: object, now: float) -> None:
        for output in agent.handle(cast("ice.Event", event), now):
            identifier = request_in(output.data) if isinstance(output, SendDatagram) else None
            if identifier is not None:
                times.setdefault(identifier, now)

    for number, (event, at) in enumerate(script):
        now = at if number < lost_at else at + 3600.0
        while number != lost_at and agent.deadline is not None and agent.deadline < now:
            hand_in(TimerFired(), agent.deadline)
        hand_in(event, now)
    return sorted(times.values())


def test_requests_of_relays_keep_their_distance() -> None:
    """RFC 8445 14.2: no two new requests within Ta, whoever makes them, also after an hour that was lost."""
    script = played(SocketProtocol.UDP)
    for lost_at in (25, 150, 320, len(script)):
        times = starts(script, lost_at)
        assert len(times) > 10
        assert min(later - earlier for earlier, later in pairwise(times)) > 0.0499


def test_agent_with_relays_goes_on_as_its_copy_does() -> None:
    """In the hour after any step of a call, with refreshes of all kinds, and a loss of the relay at last."""
    script = played(SocketProtocol.UDP, seconds=20.0)
    laws.check_copies(make, [*script, (TimerFired(), 4000.0), (TimerFired(), 4000.1)])

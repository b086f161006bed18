"""An hour of virtual time on a relay whose server forgets its nonces every minute: nothing is lost."""

from __future__ import annotations

from itertools import pairwise

import pytest
from relay_support import CLIENT, PEER, SERVER, RelayWorld

from jinglecodec import stun
from jinglecodec.errors import StunError
from jinglecodec.ice.relay_events import BindChannel, RelayLost, RelayReceived, SendToPeer
from jinglecodec.machine import SocketProtocol
from jinglecodec.stun import Method
from jinglecodec.stun.turn import Deframer, Framing
from jinglecodec.testing.network import Fate, Seen, Segment, TurnPolicy

UDP, TCP, TLS = SocketProtocol
HOUR = 3600
LIFETIMES = {Method.REFRESH: 600.0, Method.CREATE_PERMISSION: 300.0, Method.CHANNEL_BIND: 600.0}
"RFC 8656 6, 9 and 12, in seconds."


def messages(records: list[Seen]) -> list[tuple[float, stun.Message]]:
    """Return the STUN messages among the packets, with their times."""
    deframer = Deframer(Framing.TURN)
    found = []
    for seen in (each for each in records if each.packet.segment is Segment.DATA):
        data = seen.packet.data
        for packet in [data] if seen.packet.protocol is SocketProtocol.UDP else deframer.feed(data):
            try:
                found.append((seen.time, stun.decode(packet)))
            except StunError:
                continue  # ChannelData
    return found


def gaps(world: RelayWorld, method: Method) -> list[float]:
    """Return the times between requests of a method that succeeded, as the tap at the client saw them."""
    records = list(world.tap.records)
    sent = {message.transaction_id: at for at, message in messages([r for r in records if r.fate is Fate.SENT])}
    agreed = [
        sent[response.transaction_id]
        for _, response in messages([r for r in records if r.fate is Fate.DELIVERED])
        if response.method in (method, Method.ALLOCATE if method is Method.REFRESH else method)
        and response.message_class is stun.MessageClass.SUCCESS
    ]
    times = [*agreed, world.network.now]
    return [later - earlier for earlier, later in pairwise(times)]


@pytest.mark.parametrize(
    ("protocol", "with_channel"),
    [
        (UDP, True),
        pytest.param(TCP, False, marks=pytest.mark.long),
        pytest.param(UDP, False, marks=pytest.mark.long),
        pytest.param(TCP, True, marks=pytest.mark.long),
        pytest.param(TLS, True, marks=pytest.mark.long),
        pytest.param(TLS, False, marks=pytest.mark.long),
    ],
)
def test_nothing_is_lost_in_an_hour(protocol: SocketProtocol, *, with_channel: bool) -> None:
    world = RelayWorld(TurnPolicy(nonce_lifetime=60.0), protocol)
    relayed = world.allocate()
    world.permit(PEER)
    if with_channel:
        world.client.handle(BindChannel(world.peer.local))
        world.run(0.1)
    for second in range(HOUR):
        world.client.handle(SendToPeer(world.peer.local, b"to %d" % second))
        world.peer.send(b"fro %d" % second, relayed)
        world.run(1.0)

    assert world.peer.data == [b"to %d" % second for second in range(HOUR)]
    assert [each.data for each in world.told(RelayReceived)] == [b"fro %d" % second for second in range(HOUR)]
    assert world.told(RelayLost) == ()
    for method, lifetime in LIFETIMES.items():
        if method is not Method.CHANNEL_BIND or with_channel:
            assert 5 < len(gaps(world, method)) < 20
            assert max(gaps(world, method)) < lifetime - 30, f"{method.name} in time, with room for retransmissions"
    assert {seen.packet.destination.host for seen in world.tap.records} == {CLIENT, SERVER.host}

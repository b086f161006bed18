"""What a relayed connection costs, ours and that of aioice in the same world: packets on the wire, and time."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import aioice
from aioice_harness import AioicePeer, Ending, VirtualLoop
from ice_support import Peer, connected, introduce
from turn_world import LINK, SERVER, server_at

from jinglecodec import ice, stun
from jinglecodec.errors import StunError
from jinglecodec.stun.turn import decode_channel_data
from jinglecodec.testing.network import Fate, Host, Network, Node, Start, Tap, TurnServer

__all__ = ["ours", "theirs"]


def world(seed: int = 1) -> tuple[Network, Host, Host, Tap]:
    """Return a network with a TURN server and two public hosts, and a tap."""
    network = Network(seed)
    server = TurnServer(SERVER, random=random.Random(seed))
    Node(Host(network.internet, SERVER.host, link=LINK), server).handle(Start())
    left, right = (Host(network.internet, f"198.51.100.{side}", link=LINK) for side in (1, 2))
    return network, left, right, network.tap(keep=1000)


def kinds(tap: Tap) -> Counter[str]:
    """Return how many packets of each kind hosts have sent; relayed ones count twice, as they are sent twice."""
    return Counter(_kind(packet.data) for packet in tap.packets(Fate.SENT))


def _kind(data: bytes) -> str:
    if stun.classify(data) is stun.Kind.TURN_CHANNEL:
        return _kind(decode_channel_data(data).data)
    try:
        message = stun.decode(data)
    except StunError:
        return "data"
    method = stun.Method(message.method)
    if method in (stun.Method.SEND, stun.Method.DATA):
        return _kind(message[stun.DATA])
    return method.name


def ours() -> tuple[Counter[str], float]:
    """Return what two agents send until both have selected the pair, and the time."""
    network, left_host, right_host, tap = world()
    config = ice.Config(relay_only=True)
    left = Peer(left_host, config=config, servers=[server_at()], seed=1)
    right = Peer(right_host, ice.Role.CONTROLLED, seed=2)
    introduce(left, right)
    network.run(30.0, stop=lambda: connected(left, right))
    assert connected(left, right)
    network.run(network.now + 1.0)
    return kinds(tap), max(time for peer in (left, right) for time, _ in peer.told(ice.PairSelected))


def theirs() -> tuple[Counter[str], float]:
    """Return the same of two connections of aioice."""
    network, left_host, right_host, tap = world()
    with VirtualLoop(network) as loop:
        options = {
            "turn_server": (SERVER.host, SERVER.port),
            "turn_username": "user",
            "turn_password": "password",
            "transport_policy": aioice.TransportPolicy.RELAY,
        }
        left = AioicePeer(loop, left_host, controlling=True, **options)
        right = AioicePeer(loop, right_host, controlling=False)

        async def connect() -> None:
            descriptions = await asyncio.gather(left.describe(), right.describe())
            await asyncio.gather(left.accept(descriptions[1]), right.accept(descriptions[0]))
            outcomes = await asyncio.gather(left.connect(), right.connect())
            assert {outcome.ending for outcome in outcomes} == {Ending.CONNECTED}

        loop.run_until_complete(connect())
        now = network.now
        loop.run_until_complete(asyncio.sleep(1.0))
        return kinds(tap), now

"""Many addresses behind NATs: how long agents take to find the pair that works, beside aioice in the same world."""

from __future__ import annotations

import pytest

pytest.importorskip("aioice")

from aioice_harness import AioicePeer, Ending, VirtualLoop, connect
from ice_support import Peer, connected

from jinglecodec import ice
from jinglecodec.addresses import Address
from jinglecodec.testing.network import Behavior, Host, Link, Nat, Network, Node, Start, StunServer

STUN = Address("192.0.2.200", 3478)
AIOICE_TA = 0.02
"Seconds between the checks of aioice."


def hosts(addresses: int) -> tuple[Network, Host, Host]:
    """Return two hosts behind port-restricted NATs, and a STUN server."""
    network = Network(1)
    link = Link(latency=0.0125)
    Node(Host(network.internet, STUN.host, link=link), StunServer(STUN)).handle(Start())
    found = []
    for side in (1, 2):
        nat = Nat(
            network.internet,
            f"198.51.100.{side}",
            mapping=Behavior.ENDPOINT_INDEPENDENT,
            filtering=Behavior.ADDRESS_AND_PORT_DEPENDENT,
            link=link,
        )
        found.append(Host(nat.inside, *(f"10.0.{side}.{number}" for number in range(2, 2 + addresses))))
    return network, found[0], found[1]


def our_seconds(addresses: int) -> float:
    """Return how long ours take from when all candidates are known until both have selected a pair."""
    network, one, two = hosts(addresses)
    config = ice.Config(ta=AIOICE_TA)
    left = Peer(one, ice.Role.CONTROLLING, config=config, seed=1, servers=[STUN])
    right = Peer(two, ice.Role.CONTROLLED, config=config, seed=2, servers=[STUN])
    for peer in (left, right):
        peer.do(ice.Gather())
    network.run(10.0)
    found = {peer: [one for _, one in peer.told(ice.CandidateFound)] for peer in (left, right)}
    start = network.now
    for peer, other in ((left, right), (right, left)):
        credentials = other.agent.local_credentials(1)
        peer.do(ice.SetRemoteCredentials(1, credentials.ufrag, credentials.pwd))
        for notice in found[other]:
            assert isinstance(notice, ice.CandidateFound)
            peer.do(ice.AddRemoteCandidate(1, notice.candidate))
        peer.do(ice.EndRemoteCandidates(1))
    network.run(start + 45.0, stop=lambda: connected(left, right))
    assert connected(left, right)
    return network.now - start


def their_seconds(addresses: int) -> float:
    """Return how long aioice takes for the same."""
    network, one, two = hosts(addresses)
    with VirtualLoop(network) as loop:
        left = AioicePeer(loop, one, controlling=True, stun_server=(STUN.host, STUN.port))
        right = AioicePeer(loop, two, controlling=False, stun_server=(STUN.host, STUN.port))
        outcomes = loop.run_until_complete(connect(left, right))
    assert {outcome.ending for outcome in outcomes} == {Ending.CONNECTED}
    return max(outcome.seconds for outcome in outcomes)


def test_agents_with_ten_addresses_each_connect_as_soon_as_aioice_does() -> None:
    assert our_seconds(10) <= their_seconds(10)

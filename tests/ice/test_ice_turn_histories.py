"""Random lives of agents with relays: whatever happens, nothing raises, and after Close nothing is left anywhere."""

from __future__ import annotations

import random

import pytest
from ice_support import Peer, introduce
from turn_world import HARD, OPEN, TurnWorld, server_at

from jinglecodec import ice
from jinglecodec.machine import SocketProtocol
from jinglecodec.testing.network import Hostility, Link, TurnPolicy

PROTOCOLS = tuple(SocketProtocol)
PAUSES = (0.0, 0.01, 0.05, 0.3, 2.0, 10.0, 100.0)


class _Silence:
    """Stands for a peer that nothing is signalled to."""

    def do(self, _: ice.Command) -> None:
        """Do nothing."""


class Life:
    """Two agents, and all that may happen to them."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        choice = self.draw.choice
        self.policy = TurnPolicy(
            nonce_lifetime=choice([5.0, 60.0, 3600.0]),
            default_lifetime=choice([20, 600]),
            quota=choice([1, 3, 100]),
            peers=choice([1, 3, 100]),
            hostility=choice([None] * 6 + list(Hostility)),
        )
        self.world = TurnWorld(
            choice([OPEN, HARD]),
            choice([OPEN, HARD]),
            policy=self.policy,
            left_servers=[server_at(protocol=choice(PROTOCOLS)) for _ in range(choice([0, 1, 2]))],
            right_servers=[server_at(protocol=choice(PROTOCOLS)) for _ in range(choice([0, 1, 2]))],
            link=Link(latency=0.0125, loss=choice([0.0, 0.2]), duplication=choice([0.0, 0.2])),
            config=ice.Config(relay_only=choice([False, False, True])),
            components=choice([1, 2]),
            seed=seed,
        )
        self.peers = (self.world.left, self.world.right)
        self.addresses = 0

    def live(self) -> None:
        """Let things happen."""
        introduce(*self.peers)
        things = (self.restart, self.add_server, self.restart_server, self.send, self.add_address, self.lose, self.end)
        for _ in range(self.draw.randrange(3, 20)):
            self.world.run(self.draw.choice(PAUSES))
            self.draw.choice(things)(self.draw.choice(self.peers))

    def restart(self, peer: Peer) -> None:
        peer.do(ice.Restart())
        for stream in peer.streams:
            peer.signal_credentials(stream)

    def add_server(self, peer: Peer) -> None:
        peer.do(server_at(protocol=self.draw.choice(PROTOCOLS)))

    def restart_server(self, _: Peer) -> None:
        self.world.server_node.stop()
        self.world.server = self.world.serve(self.policy)

    def send(self, peer: Peer) -> None:
        for stream in peer.streams:
            peer.do(ice.SendData(stream, 1, bytes(self.draw.choice([0, 100, 65_400]))))

    def add_address(self, peer: Peer) -> None:
        self.addresses += 1
        host = f"203.0.113.{self.addresses}"
        peer.host.attach(self.world.network.internet, host)
        peer.do(ice.AddLocalAddress(host))

    def lose(self, peer: Peer) -> None:
        link = self.draw.choice([Link(), Link(loss=0.3), Link(blocked=(SocketProtocol.UDP,))])
        peer.host.set_link(link, host=peer.host.addresses[0])

    def end(self, _: Peer) -> None:
        if self.draw.random() < 0.2:
            for peer in self.peers:
                for stream in peer.streams:
                    peer.do(ice.RemoveStream(stream))
                peer.streams = []

    def close(self) -> None:
        """Let both close, with nothing signalled any more, and wait until all requests have had their time."""
        for peer in self.peers:
            peer.other = _Silence()  # type: ignore[assignment]
        self.world.run(0.0)
        for peer in self.peers:
            peer.do(ice.Close())
        self.world.run(200.0)


@pytest.mark.parametrize("seeds", [range(30), pytest.param(range(30, 3000), marks=pytest.mark.long)], ids=str)
def test_nothing_is_left_after_close_whatever_has_happened(seeds: range) -> None:
    """Rules 2 and 3 of machines, and RFC 8656 8: no socket stays open, no timer armed, no relay in the agent."""
    for seed in seeds:
        life = Life(seed)
        life.live()
        life.close()
        for peer in life.peers:
            assert peer.agent.deadline is None, seed
            assert peer.agent.snapshot().relays == (), seed
            assert (peer.host._sockets, peer.host._streams) == ({}, {}), seed

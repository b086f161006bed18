"""Two agents behind NATs, and a TURN server that one of them, or both, may use."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from ice_support import Peer, connected, introduce

from jinglecodec import ice
from jinglecodec.addresses import Address
from jinglecodec.machine import SocketProtocol
from jinglecodec.testing.network import Behavior, Host, Link, Nat, Network, Node, Start, TurnPolicy, TurnServer

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["HARD", "NAME", "OPEN", "SERVER", "TLS", "TurnWorld", "server_at"]

UDP, TCP, TLS_OVER_TCP = SocketProtocol
SERVER, TLS = Address("192.0.2.1", 3478), Address("192.0.2.1", 5349)
NAME = "turn.example"
LINK = Link(latency=0.0125)

OPEN = (Behavior.ENDPOINT_INDEPENDENT, Behavior.ENDPOINT_INDEPENDENT)
HARD = (Behavior.ADDRESS_AND_PORT_DEPENDENT, Behavior.ADDRESS_AND_PORT_DEPENDENT)
"Two of these never let anybody connect without a relay."


def server_at(address: Address = SERVER, protocol: SocketProtocol = UDP, password: str = "password") -> ice.AddServer:
    """Return the command that adds the TURN server."""
    if protocol is TLS_OVER_TCP:
        return ice.AddServer(TLS, "user", password, protocol, NAME)
    return ice.AddServer(address, "user", password, protocol)


class TurnWorld:
    """Two hosts behind a NAT each, 50 ms from each other and from the server, and an agent on each.

    Both agents know the STUN server, which is the same as the TURN server.
    """

    def __init__(
        self,
        left: tuple[Behavior, Behavior] = HARD,
        right: tuple[Behavior, Behavior] = HARD,
        *,
        policy: TurnPolicy | None = None,
        left_servers: Iterable[ice.AddServer] = (server_at(),),
        right_servers: Iterable[ice.AddServer] = (),
        config: ice.Config | None = None,
        link: Link = LINK,
        lifetime: float = 120.0,
        seed: int = 0,
        components: int = 1,
    ) -> None:
        self.network = Network(seed)
        self.network.name(NAME, SERVER.host)
        self.server_host = Host(self.network.internet, SERVER.host, link=LINK)
        self.server = self.serve(policy)
        nats = [
            Nat(
                self.network.internet,
                f"198.51.100.{side}",
                mapping=mapping,
                filtering=filtering,
                lifetime=lifetime,
                link=link,
            )
            for side, (mapping, filtering) in enumerate((left, right), 1)
        ]
        self.hosts = [Host(nat.inside, f"10.0.{side}.2") for side, nat in enumerate(nats, 1)]
        self.left, self.right = (
            Peer(
                host,
                role,
                config=config,
                seed=seed + number,
                streams=[ice.AddStream(1, components)],
                servers=(ice.AddServer(SERVER), *servers),
            )
            for number, (host, role, servers) in enumerate(
                zip(self.hosts, ice.Role, (left_servers, right_servers), strict=True)
            )
        )

    def serve(self, policy: TurnPolicy | None = None, relays: tuple[str, ...] = ()) -> TurnServer:
        """Put a TURN server to work, which relays from these addresses, or from its own."""
        server = TurnServer(SERVER, policy, relays=relays, tls=TLS, server_names=(NAME,), random=random.Random(1))
        self.server_node = Node(self.server_host, server)
        self.server_node.handle(Start())
        return server

    def connect(self, seconds: float = 30.0) -> bool:
        """Let both gather, signal and check; tell whether they connect within the time."""
        introduce(self.left, self.right)
        self.network.run(self.network.now + seconds, stop=lambda: connected(self.left, self.right))
        return connected(self.left, self.right)

    def run(self, seconds: float) -> None:
        """Let time pass."""
        self.network.run(self.network.now + seconds)

    @property
    def kinds(self) -> tuple[str, str]:
        """The types of the candidates in the left agent's selected pair."""
        local, remote = self.left.selected()[1]
        return local.type.value, remote.type.value

    def exchange(self, count: int = 1, component: int = 1) -> tuple[list[bytes], list[bytes]]:
        """Send numbered datagrams both ways, one a second; return what came to the left and to the right."""
        for peer in (self.left, self.right):
            peer.data.clear()
        for number in range(count):
            for peer in (self.left, self.right):
                peer.do(ice.SendData(1, component, b"%d" % number))
            self.run(1.0)
        return [data for _, data in self.left.data], [data for _, data in self.right.data]

"""A relay at work without an agent, and a world around it: client, TURN server, peer."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

from network_support import Mailbox

from jinglecodec.addresses import Address
from jinglecodec.ice.config import Config
from jinglecodec.ice.relay import Relay
from jinglecodec.ice.relay_events import (
    Allocate,
    Permit,
    RelayAllocated,
    RelayEvent,
    RelayLost,
    RelayOutput,
    RelayServer,
    SendToPeer,
    StartTransaction,
)
from jinglecodec.machine import SocketProtocol, TimerFired
from jinglecodec.stun import Family
from jinglecodec.testing.network import Host, Link, Network, Node, Start, TurnPolicy, TurnServer, TurnServerState

if TYPE_CHECKING:
    from jinglecodec.testing.network import Fate, Packet

__all__ = ["CLIENT", "PEER", "SERVER", "TLS", "RelayUser", "RelayWorld"]

CLIENT, PEER = "198.51.100.1", "203.0.113.1"
SERVER, TLS = Address("192.0.2.1", 3478), Address("192.0.2.1", 5349)
SERVER_6 = "2001:db8::1"
NAME = "turn.example"

_Output = TypeVar("_Output")


class RelayUser:
    """A machine around a relay that starts its transactions at once."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay

    @property
    def deadline(self) -> float | None:
        """That of the relay."""
        return self.relay.deadline

    def handle(self, event: RelayEvent | TimerFired, now: float) -> tuple[RelayOutput, ...]:
        """Hand the event in, and let everything start that waits."""
        outputs = self.relay.handle(event, now)
        while self.relay.is_waiting:
            outputs += self.relay.handle(StartTransaction(), now)
        return outputs


class RelayWorld:
    """A client and a peer on the internet, 20 ms from a TURN server, with a tap at the client."""

    def __init__(
        self,
        policy: TurnPolicy | None = None,
        protocol: SocketProtocol = SocketProtocol.UDP,
        *,
        families: tuple[Family, ...] = (Family.IPV4,),
        username: str = "user",
        password: str = "password",
        link: Link | None = None,
        limit: int = 100,
        config: Config | None = None,
    ) -> None:
        self.network = Network(seed=8656)
        self.tap = self.network.tap(CLIENT, keep=100_000)
        self.server_host = Host(self.network.internet, SERVER.host, link=Link(latency=0.01))
        self.server = self.serve(policy)
        self.client_host = Host(self.network.internet, CLIENT, link=link)
        self.peer = Mailbox(Host(self.network.internet, PEER), 7000)
        is_udp, is_tls = protocol is SocketProtocol.UDP, protocol is SocketProtocol.TLS
        self._server = RelayServer(
            address=TLS if is_tls else SERVER,
            protocol=protocol,
            username=username,
            password=password,
            server_name=NAME if is_tls else None,
        )
        self._local = Address(CLIENT, 0) if is_udp else None
        self._families, self._limit, self._config = families, limit, config
        self._relays = 0
        self.put_to_work()

    def put_to_work(self) -> None:
        """Make a relay, and let it run on the client's host."""
        self._relays += 1
        generator = random.Random(self._relays)
        self.relay = Relay(
            7,
            self._server,
            self._local,
            families=self._families,
            limit=self._limit,
            config=self._config,
            random=generator,
        )
        self.client = Node(self.client_host, RelayUser(self.relay), keep=100_000)

    def serve(self, policy: TurnPolicy | None, host: Host | None = None, address: Address = SERVER) -> TurnServer:
        """Put a TURN server to work, with TLS where there is the usual address."""
        server = TurnServer(
            address,
            policy,
            relays=tuple(each for each in (host or self.server_host).addresses),
            tls=TLS if host is None else None,
            server_names=(NAME,) if host is None else (),
            random=random.Random(1),
        )
        self.server_node = Node(host or self.server_host, server)
        self.server_node.handle(Start())
        return server

    def allocate(self, seconds: float = 2.0) -> Address:
        """Allocate, and return the relayed address."""
        self.client.handle(Allocate())
        self.run(seconds)
        (allocated,) = self.told(RelayAllocated)
        return allocated.relayed[0]

    def lost(self, seconds: float = 60.0) -> RelayLost:
        """Allocate, and return why nothing comes of it."""
        self.client.handle(Allocate())
        self.run(seconds)
        (lost,) = self.told(RelayLost)
        return lost

    def permit(self, host: str = PEER) -> None:
        """Ask for a permission, and wait until it is there."""
        self.client.handle(Permit(host))
        self.run(0.1)

    def send(self, data: bytes, peer: Address | None = None) -> None:
        """Send to the peer through the relay."""
        self.client.handle(SendToPeer(self.peer.local if peer is None else peer, data))
        self.run(0.1)

    def run(self, seconds: float) -> None:
        """Let time pass."""
        self.network.run(self.network.now + seconds)

    def told(self, kind: type[_Output]) -> tuple[_Output, ...]:
        """Return what the relay told of this kind, ever."""
        return tuple(output for _, output in self.client.outputs if isinstance(output, kind))

    def packets(self, fate: Fate) -> tuple[Packet, ...]:
        """Return the packets of the client with this fate, and forget all records."""
        packets = self.tap.packets(fate)
        self.tap.records.clear()
        return packets

    @property
    def state(self) -> TurnServerState:
        """What the server knows."""
        return self.server.snapshot()

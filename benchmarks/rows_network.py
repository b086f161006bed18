"""The rows of the virtual network and of the machines on it.

- Idle: two hosts behind a NAT each exchange a keepalive with a server every five seconds. The base is a busy wait: at a
  ratio of 1.0, a thousand virtual seconds take one second of CPU.
- Datagrams: two machines answer each other, directly or through two NATs. The base is what no simulator leaves out: a
  heap of events, and the calls of the two machines.
- STUN server: a request answered by the machine; the base is the codec alone.
"""

from __future__ import annotations

import time
from functools import partial
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import attrs

from jinglecodec import stun
from jinglecodec.addresses import Address
from jinglecodec.machine import (
    DatagramReceived,
    OpenSocket,
    SendDatagram,
    SocketEvent,
    SocketOpened,
    SocketOutput,
    SocketProtocol,
    TimedMachine,
)
from jinglecodec.testing.network import Behavior, Host, Link, Nat, Network, Node, Start, StunServer

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Row", "rows"]

Row = tuple[str, "Callable[[], object]", "Callable[[], object] | None", float, float]
"Name; ours; the base; the ratio of medians that must hold, and the one aimed at."

SECONDS = 100.0
"Virtual time of one operation of the idle row."
DATAGRAMS = 100
KEEPALIVE = 5.0
SERVER = Address("192.0.2.1", 3478)
NOBODY = Address("203.0.113.1", 9)
REQUEST = stun.Message.request(stun.Method.BINDING, bytes(range(12))).encode()


@attrs.frozen
class Open:
    """Open a socket."""

    host: str


@attrs.frozen
class Send:
    """Send a datagram now, and every so many seconds."""

    remote: Address
    every: float | None = None


class Peer(TimedMachine[Open | Send | SocketEvent, SocketOutput, Send]):
    """Sends what it is told to, and answers what it gets until it has had enough."""

    def __init__(self, answers: int = 0) -> None:
        super().__init__()
        self.answers = answers

    def _take(self, event: Open | Send | SocketEvent) -> None:
        match event:
            case DatagramReceived(socket, remote, data):
                if self.answers:
                    self.answers -= 1
                    self._outputs.append(SendDatagram(socket, remote, data))
            case Open(host):
                self._outputs.append(OpenSocket(1, SocketProtocol.UDP, Address(host, 4000), None, None))
            case Send():
                self._expire(event)
            case _:
                pass

    def _expire(self, timer: Send) -> None:
        self._outputs.append(SendDatagram(1, timer.remote, REQUEST))
        if timer.every is not None:
            self._timers.arm(timer, self._timers.now + timer.every)


def put(
    network: Network, number: int, machine: Peer, *, behind_nat: bool
) -> Node[Open | Send | SocketEvent, SocketOutput]:
    """Put a machine to work, with its socket open and, behind a NAT, mapped to the same port."""
    kind = Behavior.ENDPOINT_INDEPENDENT
    outer = f"198.51.100.{number}"
    if behind_nat:
        nat = Nat(network.internet, outer, mapping=kind, filtering=kind, preserve_ports=True, link=Link(latency=0.01))
        host = Host(nat.inside, "10.0.0.2", link=Link(latency=0.001))
    else:
        host = Host(network.internet, outer, link=Link(latency=0.01))
    node = Node(host, machine)
    node.handle(Open(host.addresses[0]))
    network.run()
    node.handle(Send(NOBODY))
    network.run()
    return node


def idle() -> Network:
    """Return two hosts behind NATs that keep their mappings alive."""
    network = Network()
    Node(Host(network.internet, SERVER.host), StunServer(SERVER)).handle(Start())
    nodes = [put(network, number, Peer(), behind_nat=True) for number in (1, 2)]
    for node in nodes:
        node.handle(Send(SERVER, KEEPALIVE))
    return network


def live(network: Network) -> None:
    """Let the time of one operation pass."""
    network.run(network.now + SECONDS)


def wait() -> None:
    """Burn a thousandth of that as CPU time."""
    end = time.process_time() + SECONDS / 1000
    while time.process_time() < end:
        pass


class Rally:
    """Two machines that send one datagram to and fro."""

    def __init__(self, *, behind_nats: bool) -> None:
        self.network = Network()
        self.peers = (Peer(), Peer())
        self.second, self.first = (
            put(self.network, number, peer, behind_nat=behind_nats) for number, peer in enumerate(self.peers, 1)
        )

    def play(self) -> None:
        """Send so many datagrams."""
        self.peers[0].answers, self.peers[1].answers = DATAGRAMS // 2, DATAGRAMS // 2 - 1
        self.first.handle(Send(Address("198.51.100.1", 4000)))
        self.network.run()
        assert self.peers[0].answers == self.peers[1].answers == 0


def bare() -> None:
    """Do the same with a heap and nothing else."""
    peers = (Peer(DATAGRAMS // 2), Peer(DATAGRAMS // 2 - 1))
    remotes = (Address("10.0.2.2", 4000), Address("10.0.1.2", 4000))
    queue = [(0.02, 0, 0, REQUEST)]
    for number in range(1, DATAGRAMS + 1):
        now, _, to, data = heappop(queue)
        for output in peers[to].handle(DatagramReceived(1, remotes[to], data), now):
            assert isinstance(output, SendDatagram)
            heappush(queue, (now + 0.02, number, 1 - to, output.data))
    assert not queue


def server() -> StunServer:
    """Return a server with its socket open."""
    made = StunServer(SERVER)
    made.handle(Start(), 0.0)
    made.handle(SocketOpened(0, SERVER), 0.0)
    return made


CLIENT = Address("198.51.100.1", 12345)


def serve(machine: StunServer) -> tuple[SocketOutput, ...]:
    """Let the machine answer."""
    return machine.handle(DatagramReceived(0, CLIENT, REQUEST), 1.0)


def codec() -> bytes:
    """Answer with the codec alone."""
    return stun.decode(REQUEST).success(stun.XOR_MAPPED_ADDRESS(CLIENT)).encode()


def rows() -> list[Row]:
    """Return the rows, each result having been checked once."""
    machine = server()
    assert serve(machine) == (SendDatagram(0, CLIENT, codec()),)
    direct, through = Rally(behind_nats=False), Rally(behind_nats=True)
    direct.play()
    through.play()
    return [
        ("network: two idle hosts, 1,000 s / 1 s of CPU", partial(live, idle()), wait, 1.0, 0.1),
        ("network: 100 datagrams / heap and machines", direct.play, bare, 8.0, 5.0),
        ("network: the same through two NATs / heap", through.play, bare, 16.0, 10.0),
        ("network: STUN server / codec", partial(serve, machine), codec, 2.5, 2.2),
    ]

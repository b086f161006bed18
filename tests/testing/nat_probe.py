"""What a NAT does to a fixed sequence of STUN requests, on the virtual network and on a real one.

    python tests/testing/nat_probe.py serve 192.0.2.1:3478 192.0.2.2:3479
    python tests/testing/nat_probe.py probe 10.0.0.2 192.0.2.1:3478 192.0.2.2:3479

The sequence begins with the tests of RFC 5780 4.4 and 4.3, which tell filtering and mapping. Four more sockets then
send to all four addresses of the server, each beginning with another, and ask for an answer from each of them.
"""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

import attrs

from jinglecodec import stun
from jinglecodec.addresses import Address
from jinglecodec.lexical import decimal
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
from jinglecodec.testing.encoding import encode
from jinglecodec.testing.network import Behavior, Host, Link, Nat, Network, Node, Start, StunServer
from jinglecodec.testing.network.stun_server import CHANGE_REQUEST

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
from asyncio_driver import Driver

__all__ = ["BATCHES", "NAT", "PROBE", "NatProbe", "Probe", "Probed", "seeded", "simulated"]

PATIENCE = 0.15
"Seconds after which an answer does not come any more; long for a virtual cable."

NOTHING, OTHER_PORT, OTHER_HOST, BOTH = 0, 2, 4, 6
"Values of CHANGE-REQUEST (RFC 5780 7.2)."

DISCOVERY = ((0, 0, (NOTHING,)), (0, 0, (BOTH,)), (0, 0, (OTHER_PORT,)), (0, 2, (NOTHING,)), (0, 3, (NOTHING,)))
"""Socket, address of the server and changes: RFC 5780 4.4 tests I, II, III, and 4.3 tests II, III.

The addresses are 0: the server's, 1: its other port, 2: its other host, 3: both."""

MATRIX = tuple(
    (1 + socket, (socket + turn) % 4, (BOTH, OTHER_PORT, OTHER_HOST, NOTHING))
    for socket in range(4)
    for turn in range(4)
)
BATCHES = DISCOVERY + MATRIX


@attrs.frozen
class Probe:
    """Probe from an address, with a server at one address and its other."""

    host: str
    server: Address
    other: Address


PROBE = Probe("10.0.0.2", Address("203.0.113.1", 3478), Address("203.0.113.2", 3479))
NAT = "203.0.113.254"
"The addresses of both networks."


@attrs.frozen
class Probed:
    """What came out."""

    mapping: Behavior
    filtering: Behavior
    preserved: bool
    "Every external port was the internal one."
    labels: tuple[int | None, ...]
    """For each request the external address that the server saw, numbered as they appeared; None without an answer.

    So two NATs behave alike when these are equal, whatever ports they draw."""


class NatProbe(TimedMachine[Probe | SocketEvent, SocketOutput | Probed, str]):
    """Sends the requests of one batch, waits until all are answered or patience ends, and goes on with the next."""

    def __init__(self, rng: random.Random | None = None) -> None:
        super().__init__(rng)
        self.probe: Probe | None = None
        self.locals: dict[int, Address] = {}
        self.batch = -1
        self.batch_start = 0
        self.numbers: dict[bytes, int] = {}
        "Transaction id -> number of the request."
        self.answers: list[tuple[int, Address] | None] = []
        "Socket and external address, per request."

    def _take(self, event: Probe | SocketEvent) -> None:
        match event:
            case Probe():
                self.probe = event
                for socket in range(5):
                    self._outputs.append(OpenSocket(socket, SocketProtocol.UDP, Address(event.host, 0), None, None))
            case SocketOpened(socket, local):
                self.locals[socket] = local
                if len(self.locals) == 5:
                    self._send_next()
            case DatagramReceived(socket, _, data):
                self._answered(socket, stun.decode(data))
            case _:
                pass

    def _expire(self, _: str) -> None:
        self._send_next()

    def _answered(self, socket: int, response: stun.Message) -> None:
        self.answers[self.numbers[response.transaction_id]] = socket, response[stun.XOR_MAPPED_ADDRESS]
        if None not in self.answers[self.batch_start :]:
            self._send_next()

    def _send_next(self) -> None:
        assert self.probe is not None
        self.batch += 1
        self.batch_start = len(self.answers)
        if self.batch == len(BATCHES):
            self._timers.cancel("patience")
            self._outputs.append(self._result())
            return
        socket, destination, changes = BATCHES[self.batch]
        server, other = self.probe.server, self.probe.other
        remote = Address((other if destination & 2 else server).host, (other if destination & 1 else server).port)
        for change in changes:
            transaction_id = self._draw.randbytes(12)
            self.numbers[transaction_id] = len(self.answers)
            self.answers.append(None)
            request = stun.Message.request(stun.Method.BINDING, transaction_id, CHANGE_REQUEST(change))
            self._outputs.append(SendDatagram(socket, remote, request.encode()))
        self._timers.arm("patience", self._timers.now + PATIENCE)

    def _result(self) -> Probed:
        seen = [answer for answer in self.answers if answer is not None]
        numbers = {address: number for number, address in enumerate(dict.fromkeys(address for _, address in seen))}
        return Probed(
            self._mapping(),
            self._filtering(),
            all(address.port == self.locals[socket].port for socket, address in seen),
            tuple(None if answer is None else numbers[answer[1]] for answer in self.answers),
        )

    def _mapping(self) -> Behavior:
        """RFC 5780 4.3"""
        first, second, third = self.answers[0], self.answers[3], self.answers[4]
        if first == second:
            return Behavior.ENDPOINT_INDEPENDENT
        return Behavior.ADDRESS_DEPENDENT if second == third else Behavior.ADDRESS_AND_PORT_DEPENDENT

    def _filtering(self) -> Behavior:
        """RFC 5780 4.4"""
        if self.answers[1] is not None:
            return Behavior.ENDPOINT_INDEPENDENT
        return Behavior.ADDRESS_DEPENDENT if self.answers[2] is not None else Behavior.ADDRESS_AND_PORT_DEPENDENT


def seeded() -> NatProbe:
    """Return a probe that a test can predict."""
    return NatProbe(random.Random(1))


def simulated(mapping: Behavior, filtering: Behavior, *, preserve_ports: bool) -> Probed:
    """Return what the probe finds behind a NAT of ours."""
    network = Network(seed=5780)
    link = Link(latency=0.0001)
    server, other = PROBE.server, PROBE.other
    Node(Host(network.internet, server.host, other.host, link=link), StunServer(server, other)).handle(Start())
    nat = Nat(
        network.internet,
        NAT,
        mapping=mapping,
        filtering=filtering,
        preserve_ports=preserve_ports,
        link=link,
    )
    node = Node(Host(nat.inside, PROBE.host, link=link), NatProbe())
    node.handle(PROBE)
    network.run(60.0)
    (result,) = node.take()
    assert isinstance(result, Probed)
    return result


# --- on real sockets -------------------------------------------------------------------------------------------------


class _Announcer(Driver):
    """Says when all sockets of a server are open."""

    def handle(self, event: object, not_before: float = 0.0) -> None:
        super().handle(event, not_before)
        assert isinstance(self.machine, StunServer)
        if isinstance(event, SocketOpened) and len(self.machine.snapshot().sockets) == 4:
            print("ready", flush=True)  # noqa: T201 - who started it waits for this


async def _serve(server: Address, other: Address) -> None:
    _Announcer(StunServer(server, other), lambda _: None).handle(Start())
    await asyncio.get_running_loop().create_future()


async def _probe(probe: Probe) -> None:
    done: asyncio.Future[Probed] = asyncio.get_running_loop().create_future()
    Driver(NatProbe(), done.set_result).handle(probe)
    sys.stdout.write(encode(await done).hex())


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return Address(host, decimal(port, 1, 65535))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(_serve(*map(_address, sys.argv[2:])))
    else:
        asyncio.run(_probe(Probe(sys.argv[2], *map(_address, sys.argv[3:]))))

"""What the tests of SIP share: machines joined by a wire in virtual time, and messages written out."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import Any

import attrs

from jinglecodec.addresses import Address
from jinglecodec.machine import DatagramReceived, Machine, SendDatagram, TimerFired
from jinglecodec.sip.addresses import Uri
from jinglecodec.sip.legs import Settings
from jinglecodec.sip.messages import Request, Response, read
from jinglecodec.sip.useragent import UserAgent

ALICE, BOB = Address("192.0.2.1", 5060), Address("192.0.2.2", 5060)
SDP = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n"


def agent(
    address: Address, server: Address, seed: int = 1, *, calls: int = 1000, ring_time: float = 180.0
) -> UserAgent:
    settings = Settings(address, server, calls=calls, ring_time=ring_time)
    return UserAgent(settings, random.Random(seed))


def sip(text: str, body: bytes = b"") -> bytes:
    """Return the message that lines of text are, with the length of its body."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def sent(outputs: tuple[object, ...]) -> list[Request | Response]:
    """Return the messages among outputs."""
    return [read(output.data) for output in outputs if isinstance(output, SendDatagram)]


def told(outputs: tuple[object, ...]) -> list[object]:
    """Return what is no datagram among outputs."""
    return [output for output in outputs if not isinstance(output, SendDatagram)]


def start_lines(outputs: tuple[object, ...]) -> list[str]:
    return [one.method if isinstance(one, Request) else f"{one.status} {one.cseq_method}" for one in sent(outputs)]


@attrs.define
class Wire:
    """Machines with an address each, and datagrams between them: delayed, and lost as `lose` says."""

    nodes: dict[Address, Machine[Any, Any]]
    lose: Callable[[], bool] = lambda: False
    delay: float = 0.01
    now: float = 0.0
    flying: list[tuple[float, int, Address, Address, bytes]] = attrs.field(factory=list)
    log: list[tuple[float, Address, Request | Response]] = attrs.field(factory=list)
    "What was sent, lost or not."
    said: list[tuple[float, Address, object]] = attrs.field(factory=list)
    count: int = 0

    def tell(self, address: Address, event: object) -> None:
        self._do(address, self.nodes[address].handle(event, self.now))

    def _do(self, address: Address, outputs: tuple[object, ...]) -> None:
        for output in outputs:
            if isinstance(output, SendDatagram):
                self.log.append((self.now, address, read(output.data)))
                if not self.lose():
                    self.count += 1
                    heappush(self.flying, (self.now + self.delay, self.count, address, output.remote, output.data))
            else:
                self.said.append((self.now, address, output))

    def run(self, until: float) -> None:
        """Let everything happen up to a time."""
        while (due := min(self._times(), default=until + 1)) <= until:
            self.now = max(self.now, due)
            if self.flying and self.flying[0][0] <= self.now:
                _, _, source, target, data = heappop(self.flying)
                if target in self.nodes:
                    self.tell(target, DatagramReceived(0, source, data))
            for address, node in self.nodes.items():
                if node.deadline is not None and node.deadline <= self.now:
                    self.tell(address, TimerFired())
        self.now = until

    def _times(self) -> Iterator[float]:
        yield from (flight[0] for flight in self.flying[:1])
        yield from (node.deadline for node in self.nodes.values() if node.deadline is not None)

    def events(self, address: Address) -> list[object]:
        return [event for _, where, event in self.said if where == address]

    def lines(self) -> list[str]:
        return [one.method if isinstance(one, Request) else f"{one.status} {one.cseq_method}" for _, _, one in self.log]


ROMEO, JULIET = Uri("romeo", "example.net"), Uri("juliet", "example.com")

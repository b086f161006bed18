"""The rows of whole calls: what an endpoint with a connected call weighs, and what it costs while nothing is said.

- Memory: 1,000 endpoints, each in a call of one content with another of them; stanzas go between them as octets.
- Idle: the consent and the keepalives of a call; the base is an ICE agent's alone.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections import deque
from typing import TYPE_CHECKING, Any

import jinglecodec as jc
from jinglecodec import endpoint, ice, session
from jinglecodec.addresses import Address
from jinglecodec.machine import DatagramReceived, OpenSocket, SendDatagram, SocketOpened, TimerFired

if TYPE_CHECKING:
    from collections.abc import Callable

    from rows_ice import Measured

__all__ = ["measured", "memory"]

ROMEO, JULIET = "romeo@montague.lit/orchard", "juliet@capulet.lit/balcony"
PORT = 40000
IDLE = 600.0
"Seconds of the endpoints' time."

CONFIG = endpoint.Config(ice=ice.Config(loopback=True))
DESCRIPTION = jc.RtpDescription(media="audio", payload_types=(jc.PayloadType(id=0),), rtcp_mux=True)
VOICE = jc.Content(creator=jc.Creator.INITIATOR, name="voice", description=DESCRIPTION, transport=jc.IceUdpTransport())


class Side:
    """One endpoint, and where its socket is bound."""

    def __init__(self, jid: str, host: str) -> None:
        self.endpoint = endpoint.Endpoint(jid, session.Policy(strangers=True), CONFIG)
        self.local = Address(host, PORT)
        self.is_connected = False


class Call:
    """Two endpoints, and what is on the way between them."""

    def __init__(self) -> None:
        """Let Romeo call Juliet, who accepts, until both are connected."""
        self.now = 0.0
        self.romeo, self.juliet = self.sides = Side(ROMEO, "127.0.0.1"), Side(JULIET, "127.0.0.2")
        self.waiting: deque[tuple[Side, Any]] = deque()
        for side in self.sides:
            self.do(side, endpoint.AddLocalAddress(side.local.host))
        self.do(self.romeo, endpoint.Place(JULIET, (VOICE,)))
        while self.waiting or not all(side.is_connected for side in self.sides):
            self.step()

    def step(self) -> None:
        """Do what is next."""
        if self.waiting:
            self.do(*self.waiting.popleft())
            return
        due, side = min(
            ((side.endpoint.deadline, side) for side in self.sides if side.endpoint.deadline is not None),
            key=lambda one: one[0],
        )
        self.now = max(self.now, due)
        self.do(side, TimerFired())

    def do(self, side: Side, event: Any) -> None:
        other = self.juliet if side is self.romeo else self.romeo
        for output in side.endpoint.handle(event, self.now):
            match output:
                case SendDatagram(_, remote, data):
                    assert remote == other.local
                    self.waiting.append((other, DatagramReceived(0, side.local, data)))
                case OpenSocket(token):
                    assert token == 0, "one socket for one content"
                    self.waiting.append((side, SocketOpened(token, side.local)))
                case session.SendStanza(stanza):
                    self.waiting.append((other, session.StanzaReceived(jc.loads(jc.dumps(stanza)))))
                case session.IncomingSession(key, jingle):
                    self.waiting.append((side, endpoint.Accept(key, jingle.contents)))
                case endpoint.Connected():
                    side.is_connected = True


def weight(endpoints: int) -> int:
    """Return the octets of so many endpoints, each with a connected call."""
    Call()  # classes and plans
    gc.collect()
    tracemalloc.start()
    calls = [Call() for _ in range(endpoints // 2)]
    gc.collect()
    octets, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    if not all(len(side.endpoint.calls) == 1 for call in calls for side in call.sides):
        raise AssertionError("not all are in a call")
    return octets


def idle_seconds() -> float:
    """Return the CPU seconds that an endpoint takes for a second of a call in which nothing is said."""
    call = Call()
    until = call.now + IDLE
    start = time.process_time()
    while call.now < until:
        call.step()
    return (time.process_time() - start) / IDLE / len(call.sides)


def memory() -> list[tuple[str, Callable[[], int], int, float, float]]:
    """Return the rows of memory: name; what gives the octets; those allowed; the ratio that must hold, and the aim."""
    return [("1,000 endpoints in a call each (100 MB)", lambda: weight(1_000), 100_000_000, 1.0, 0.5)]


def measured() -> list[Measured]:
    """Return the rows of time."""
    from rows_ice import our_idle_seconds

    return [("endpoint in a call, for a second (agent)", idle_seconds, our_idle_seconds, 2.0, 1.5)]

"""The rows of the ICE agent beside aioice: both in one process, without sockets, on a clock that jumps.

Two peers with host candidates only connect over perfect paths: the time is from credentials and candidates being set
until both have a selected pair. aioice nominates in its first check, ours as RFC 8445 has it, with one check more.

- 200 agents at once: a hundred such pairs take turns; the time is that of one pair.
- Consent: the time of a second of an agent that is connected and does nothing else.
- 1,000 candidates: one after the other. That this, and connecting, take time in proportion to candidates and pairs is
  told by rows whose base is ours with fewer of them.
"""

from __future__ import annotations

import asyncio
import gc
import random
import selectors
import time
import tracemalloc
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

import aioice
import aioice.ice

from jinglecodec import ice
from jinglecodec.addresses import Address
from jinglecodec.machine import DatagramReceived, OpenSocket, SendDatagram, SocketOpened, TimerFired

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Measured", "measured"]

Measured = tuple[str, "Callable[[], float]", "Callable[[], float]", float, float]
"Name; ours and the base, in seconds or bytes; the ratio that must hold, and the one aimed at."

PORT = 40000


def hosts(side: int, count: int) -> list[str]:
    return [f"127.0.{side}.{number}" for number in range(1, count + 1)]


def strangers(count: int) -> list[Address]:
    """Return addresses where nobody is."""
    return [Address(f"127.1.{number >> 8}.{number & 255}", PORT) for number in range(count)]


# --- ours -----------------------------------------------------------------------------------------------------------


class Side:
    """One agent, with its sockets, and what it told."""

    def __init__(self, number: int, seed: int | None, limit: int) -> None:
        role = ice.Role.CONTROLLING if number == 1 else ice.Role.CONTROLLED
        generator = None if seed is None else random.Random(seed)
        config = ice.Config(loopback=True, pairs=limit, remote_candidates=limit)
        self.agent = ice.Agent(role=role, config=config, random=generator)
        self.locals: dict[int, Address] = {}
        self.found: list[ice.Candidate] = []


class Ours:
    """Two agents, and what is on the way between them."""

    def __init__(self, candidates: int, seed: int | None = None, limit: int = 100) -> None:
        """Let both gather. `seed` makes a run like another, None is what users have; `limit` is of pairs."""
        self.now = 0.0
        self.sides = [Side(1, seed, limit), Side(2, seed, limit)]
        self.waiting: deque[tuple[Side, DatagramReceived]] = deque()
        self.sockets: dict[tuple[str, int], tuple[Side, int]] = {}
        "By host and port, as the transports of `Loop`."
        self.selected = 0
        "Both have a selected pair when it is 2."
        for number, side in enumerate(self.sides, 1):
            self.do(side, ice.AddStream(0))
            for host in hosts(number, candidates):
                self.do(side, ice.AddLocalAddress(host))
            self.do(side, ice.Gather())
            while side.agent.deadline is not None:  # until all is gathered
                self.now = max(self.now, side.agent.deadline)
                self.do(side, TimerFired())

    def do(self, side: Side, event: ice.Event | TimerFired) -> None:
        for output in side.agent.handle(event, self.now):
            if type(output) is SendDatagram:
                found = self.sockets.get((output.remote.host, output.remote.port))
                if found is not None:
                    arrived = DatagramReceived(found[1], side.locals[output.socket], output.data)
                    self.waiting.append((found[0], arrived))
            elif type(output) is OpenSocket:
                assert output.local is not None
                bound = Address(output.local.host, PORT)
                self.sockets[bound.host, bound.port] = (side, output.socket)
                side.locals[output.socket] = bound
                self.do(side, SocketOpened(output.socket, bound))
            elif type(output) is ice.CandidateFound:
                side.found.append(output.candidate)
            elif type(output) is ice.PairSelected:
                self.selected += 1

    def connect(self) -> None:
        """Set credentials and candidates, and run until both have selected a pair."""
        self.begin()
        while self.selected < 2:
            self.step()

    def begin(self) -> None:
        """Set credentials and candidates."""
        left, right = self.sides
        for side, other in ((left, right), (right, left)):
            credentials = other.agent.local_credentials(0)
            self.do(side, ice.SetRemoteCredentials(0, credentials.ufrag, credentials.pwd))
            for candidate in other.found:
                self.do(side, ice.AddRemoteCandidate(0, candidate))
            self.do(side, ice.EndRemoteCandidates(0))

    def step(self) -> None:
        """Let the next datagram arrive, or the next timer fire."""
        if self.waiting:
            self.do(*self.waiting.popleft())
            return
        left, right = self.sides
        ours, theirs = left.agent.deadline, right.agent.deadline
        is_ours = theirs is None or (ours is not None and ours <= theirs)
        first, due = (left, ours) if is_ours else (right, theirs)
        assert due is not None, "everybody waits for ever"
        self.now = max(self.now, due)
        self.do(first, TimerFired())


# --- aioice ---------------------------------------------------------------------------------------------------------


class _Jumping(selectors.SelectSelector):
    """Where the loop would wait, its clock jumps."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        self.now += timeout or 0.0
        return []


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose datagrams go from hand to hand."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)
        self.transports: dict[tuple[str, int], Transport] = {}

    def time(self) -> float:
        return self._jumping.now

    async def create_datagram_endpoint(self, factory: Callable[[], Any], local_addr: Any = None, **_: object) -> Any:  # type: ignore[override]
        transport = Transport(self, (local_addr[0], PORT), factory())
        transport.protocol.connection_made(transport)
        return transport, transport.protocol


class Transport(asyncio.DatagramTransport):
    """A socket of `Loop`."""

    def __init__(self, loop: Loop, local: tuple[str, int], protocol: Any) -> None:
        super().__init__()
        self._loop, self._local, self.protocol = loop, local, protocol
        loop.transports[local] = self

    def sendto(self, data: Any, addr: Any = None) -> None:
        other = self._loop.transports.get(addr)
        if other is not None:
            self._loop.call_soon(other.protocol.datagram_received, data, self._local)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._local if name == "sockname" else default

    def close(self) -> None:
        self._loop.transports.pop(self._local, None)
        self._loop.call_soon(self.protocol.connection_lost, None)


class Aioice:
    """Pairs of connections of aioice."""

    def __init__(self, candidates: int, pairs: int = 1) -> None:
        self.loop = Loop()
        self.connections = [aioice.Connection(ice_controlling=controlling) for controlling in (True, False) * pairs]
        self.loop.run_until_complete(self._describe(candidates))

    async def _describe(self, candidates: int) -> None:
        original = aioice.ice.get_host_addresses
        for side, connection in enumerate(self.connections, 1):
            aioice.ice.get_host_addresses = lambda side=side, **_: hosts(side, candidates)
            await connection.gather_candidates()
        aioice.ice.get_host_addresses = original

    async def _connect(self) -> None:
        left, right = self.connections[::2], self.connections[1::2]
        for one, other in zip(left + right, right + left, strict=True):
            one.remote_username, one.remote_password = other.local_username, other.local_password
            for candidate in other.local_candidates:
                await one.add_remote_candidate(candidate)
            await one.add_remote_candidate(None)
        await asyncio.gather(*(connection.connect() for connection in self.connections))

    def connect(self) -> None:
        """Set credentials and candidates, and run until all are connected."""
        self.loop.run_until_complete(self._connect())

    async def add(self, addresses: list[Address]) -> float:
        """Return the seconds that a connection takes to add and pair candidates of the peer."""
        candidates = [
            aioice.Candidate(str(number), 1, "udp", 2130706431 - number, address.host, address.port, "host")
            for number, address in enumerate(addresses)
        ]
        start = time.process_time()
        for candidate in candidates:
            await self.connections[0].add_remote_candidate(candidate)
        return time.process_time() - start

    def close(self) -> None:
        """End both."""
        self.loop.run_until_complete(self._close())
        self.loop.close()

    async def _close(self) -> None:
        await asyncio.gather(*(connection.close() for connection in self.connections))


# --- rows -----------------------------------------------------------------------------------------------------------

TIMES = 10
"Connects of one measurement."


def our_seconds(candidates: int) -> float:
    total = 0.0
    for _ in range(TIMES):
        pair = Ours(candidates)
        start = time.process_time()
        pair.connect()
        total += time.process_time() - start
    return total / TIMES


def their_seconds(candidates: int) -> float:
    total = 0.0
    for _ in range(TIMES):
        pair = Aioice(candidates)
        start = time.process_time()
        pair.connect()
        total += time.process_time() - start
        pair.close()
    return total / TIMES


AT_ONCE = 100
"Pairs of agents that connect at the same time."


def our_seconds_at_once() -> float:
    pairs = [Ours(1) for _ in range(AT_ONCE)]
    start = time.process_time()
    for pair in pairs:
        pair.begin()
    while pairs:
        for pair in pairs:
            pair.step()
        pairs = [pair for pair in pairs if pair.selected < 2]
    return (time.process_time() - start) / AT_ONCE


def their_seconds_at_once() -> float:
    pairs = Aioice(1, AT_ONCE)
    start = time.process_time()
    pairs.connect()
    seconds = time.process_time() - start
    pairs.close()
    return seconds / AT_ONCE


IDLE = 600.0
"Seconds of the agents' time."


def our_idle_seconds() -> float:
    pair = Ours(1, 1)
    pair.connect()
    until = pair.now + IDLE
    start = time.process_time()
    while pair.now < until:
        pair.step()
    return (time.process_time() - start) / IDLE / 2


def their_idle_seconds() -> float:
    pair = Aioice(1)
    pair.connect()
    start = time.process_time()
    pair.loop.run_until_complete(asyncio.sleep(IDLE))
    seconds = time.process_time() - start
    pair.close()
    return seconds / IDLE / 2


def our_adding_seconds(count: int) -> float:
    """Return the seconds that one of so many candidates takes."""
    pair = Ours(1, 1, limit=count)
    side, other = pair.sides
    credentials = other.agent.local_credentials(0)
    pair.do(side, ice.SetRemoteCredentials(0, credentials.ufrag, credentials.pwd))
    events = [
        ice.AddRemoteCandidate(0, ice.Candidate(1, ice.CandidateType.HOST, address, 2130706431 - number, str(number)))
        for number, address in enumerate(strangers(count))
    ]
    start = time.process_time()
    for event in events:
        pair.do(side, event)
    seconds = time.process_time() - start
    assert side.agent.snapshot().pairs == count
    return seconds / count


def their_adding_seconds(count: int) -> float:
    pair = Aioice(1)
    seconds = pair.loop.run_until_complete(pair.add(strangers(count)))
    pair.close()
    return seconds / count


def our_seconds_per_pair(candidates: int) -> float:
    """Return the seconds of a connect, divided by the number of pairs."""
    pair = Ours(candidates, 1, limit=candidates**2)
    start = time.process_time()
    pair.connect()
    return (time.process_time() - start) / candidates**2


def our_bytes(candidates: int) -> float:
    """Return the memory of an agent that is connected."""
    Ours(candidates).connect()
    tracemalloc.start()
    pairs = [Ours(candidates) for _ in range(TIMES)]
    for pair in pairs:
        pair.connect()
        for side in pair.sides:
            side.found.clear()
    before = _kept()
    for pair in pairs:
        for side in pair.sides:
            del side.agent
    freed = before - _kept()
    tracemalloc.stop()
    return freed / (2 * TIMES)


def their_bytes(candidates: int) -> float:
    """Return the memory of a connection that is connected."""
    first = Aioice(candidates)
    first.connect()
    first.close()
    tracemalloc.start()
    pairs = [Aioice(candidates) for _ in range(TIMES)]
    for pair in pairs:
        pair.connect()
    before = _kept()
    for pair in pairs:
        pair.close()
        pair.connections.clear()
        pair.loop.transports.clear()
    freed = before - _kept()
    tracemalloc.stop()
    return freed / (2 * TIMES)


def _kept() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def measured() -> list[Measured]:
    """Return the rows."""
    rows: list[Measured] = []
    for candidates, must, aim in ((1, 1.0, 0.6), (5, 0.45, 0.3), (10, 0.25, 0.15)):
        name = f"ICE connect, {candidates} candidate(s) a side (aioice)"
        rows.append((name, partial(our_seconds, candidates), partial(their_seconds, candidates), must, aim))
    rows += [
        ("ICE connect, 200 agents at once (aioice)", our_seconds_at_once, their_seconds_at_once, 1.0, 0.6),
        ("ICE consent, an agent for a second (aioice)", our_idle_seconds, their_idle_seconds, 1.0, 0.6),
        (
            "ICE adding 1,000 candidates, each (aioice)",
            partial(our_adding_seconds, 1000),
            partial(their_adding_seconds, 1000),
            0.25,
            0.1,
        ),
        (
            "ICE adding 1,000 candidates, each / of 100",
            partial(our_adding_seconds, 1000),
            partial(our_adding_seconds, 100),
            1.5,
            1.2,
        ),
        (
            "ICE connect, each of 1,600 pairs / of 100",
            partial(our_seconds_per_pair, 40),
            partial(our_seconds_per_pair, 10),
            1.2,
            1.0,
        ),
    ]
    for candidates, must, aim in ((1, 0.6, 0.3), (10, 1.0, 0.8)):
        name = f"ICE agent memory, {candidates} candidate(s) (aioice)"
        rows.append((name, partial(our_bytes, candidates), partial(their_bytes, candidates), must, aim))
    return rows

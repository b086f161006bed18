"""One shape for every machine: `handle(event, now) -> tuple of outputs`, and `deadline`.

Agent, session, manager, endpoint and gateway are machines. A driver hands in what arrives, does what comes out, in
order, and calls `handle(TimerFired(), max(deadline, clock()))` when `deadline` (seconds of its clock, or None) is
reached. Four rules hold for all of them; `testing.laws` checks them, and `TimedMachine` keeps most of them:

1. Equal inputs give equal outputs when a `random.Random` is given, under every PYTHONHASHSEED and after `pickle` and
   `copy.deepcopy`. Without one, nothing random is stored. No callable, lock, hash object or element tree is inside.
2. Nothing that arrives from the network or the peer raises. Misuse by the local caller raises LocalError and leaves
   the machine unchanged.
3. `handle` first runs what is due at or before `now`, in order of due time, then the event. Before `deadline`
   TimerFired gives nothing; at it, there is an output or a later deadline; afterwards `deadline > now` or None. A clock
   jump causes no burst. Time that goes backwards is clamped; NaN and infinity are LocalError.
4. Memory is bounded by limits of the constructor; what is refused is an output.

Also here: the events between a machine that uses the network and its driver.
"""

from __future__ import annotations

import enum
import math
from abc import ABC, abstractmethod
from functools import cache
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, final

import attrs

from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from random import Random

__all__ = [
    "BytesReceived",
    "CloseSocket",
    "DatagramReceived",
    "HostnameResolved",
    "Machine",
    "OpenSocket",
    "ResolveHostname",
    "SendBytes",
    "SendDatagram",
    "SendFailed",
    "SocketClosed",
    "SocketEvent",
    "SocketFailed",
    "SocketOpened",
    "SocketOutput",
    "SocketProtocol",
    "TimedMachine",
    "TimerFired",
    "Timers",
    "drawing",
    "drawn_id",
    "keep_latest",
    "moment",
]

_Event_contra = TypeVar("_Event_contra", contravariant=True)
_Output_co = TypeVar("_Output_co", covariant=True)
_Event = TypeVar("_Event")
_Output = TypeVar("_Output")
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Machine(Protocol[_Event_contra, _Output_co]):
    """What drivers, recorders, simulators and checks ask of a machine."""

    @property
    def deadline(self) -> float | None:
        """When `handle` wants to be called with TimerFired, in seconds of the caller's clock; 0.0 is a time."""

    def handle(self, event: _Event_contra | TimerFired, now: float) -> tuple[_Output_co, ...]:
        """Return what the caller has to do or to know, in order; raises LocalError for misuse, unchanged."""


@attrs.frozen
class TimerFired:
    """The time is `deadline`, or later."""


# --- sockets, in ---------------------------------------------------------------------------------------------------


@attrs.frozen
class SocketOpened:
    """A socket is ready: bound (UDP), or connected and, for TLS, the server's certificate verified."""

    socket: int
    local: Address
    "The address in use, with its port."


@attrs.frozen
class SocketFailed:
    """A socket could not be opened; the token is free again."""

    socket: int
    reason: str
    "For people."


@attrs.frozen
class SocketClosed:
    """The other side, or an error, ended a connection; its token is free again. Nothing answers CloseSocket."""

    socket: int


@attrs.frozen
class DatagramReceived:
    """A datagram came in on a UDP socket."""

    socket: int
    remote: Address
    data: bytes


@attrs.frozen
class BytesReceived:
    """The next octets of a connection came in, cut anywhere."""

    socket: int
    data: bytes


@attrs.frozen
class SendFailed:
    """A datagram could not be sent, or an ICMP error came back: a hint, which may be forged or pass."""

    socket: int
    remote: Address | None
    "None where the system does not say which destination it was."
    reason: str
    "For people."


@attrs.frozen
class HostnameResolved:
    """The answer to ResolveHostname."""

    name: str
    host: str | None
    "An IP address in text form, or None when the name has none."


# --- sockets, out --------------------------------------------------------------------------------------------------


class SocketProtocol(enum.Enum):
    """What a socket speaks."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"
    "TLS on TCP; the driver makes and verifies it."


@attrs.frozen
class OpenSocket:
    """Bind a UDP socket, or connect: SocketOpened or SocketFailed is the answer."""

    socket: int
    "The machine's own token; one per UDP socket or connection, not used again while it is open."
    protocol: SocketProtocol
    local: Address | None
    "Where to bind; port 0 takes any that is free. None (TCP and TLS only) leaves it to the system."
    remote: Address | None
    "Where to connect to; None for UDP."
    server_name: str | None
    "The name that a TLS server has to prove; None for UDP and TCP."


@attrs.frozen
class CloseSocket:
    """Close a socket, open or still opening; the token is free again at once."""

    socket: int


@attrs.frozen
class ResolveHostname:
    """Look up the address of a host name, by multicast DNS when it ends in `.local`: HostnameResolved answers."""

    name: str


@attrs.frozen
class SendDatagram:
    """Send one datagram from a UDP socket."""

    socket: int
    remote: Address
    data: bytes


@attrs.frozen
class SendBytes:
    """Send octets on a connection."""

    socket: int
    data: bytes


SocketEvent = (
    TimerFired
    | SocketOpened
    | SocketFailed
    | SocketClosed
    | DatagramReceived
    | BytesReceived
    | SendFailed
    | HostnameResolved
)
"What a driver of sockets hands in."

SocketOutput = OpenSocket | CloseSocket | ResolveHostname | SendDatagram | SendBytes
"What a driver of sockets does."


# --- what machines are built on ------------------------------------------------------------------------------------


def moment(now: float) -> float:
    """Return `now`; raises LocalError for NaN and infinity."""
    if not -math.inf < now < math.inf:
        raise LocalError(f"{now} is not a time")
    return now


def drawing(given: Random | None) -> Random:
    """Return the generator to draw from: the one that a test has given, else the system's, which is never stored.

    The system's cannot be predicted, as RFC 8489 5 wants transaction ids and RFC 8445 5.3 wants passwords.
    """
    return _system() if given is None else given


def keep_latest(table: dict[_Key, _Value], limit: int) -> None:
    """Forget what a table has had for longest, until it has at most `limit` entries."""
    while len(table) > limit:
        del table[next(iter(table))]


def drawn_id(draw: Random, bits: int = 128) -> str:
    """Return that many random bits, a multiple of 4, in hex digits: an id that nobody can guess or draws again."""
    return f"{draw.getrandbits(bits):0{bits // 4}x}"


@cache
def _system() -> Random:
    from random import SystemRandom  # noqa: PLC0415 - loads the hashes, 4 ms

    return SystemRandom()


class Timers(Generic[_Key]):
    """The clock of a machine, and its timers: keys (plain values) with the time at which each is due, at most one each.

    Arming, cancelling and expiring take logarithmic time; memory grows with the number of armed timers only. Copies
    and pickles as a value.
    """

    __slots__ = ("_armed", "_entries", "_heap", "now")

    def __init__(self) -> None:
        self.now = -math.inf
        "The latest time seen; minus infinity before the first."
        self._entries: dict[_Key, tuple[float, int, _Key]] = {}
        # Entries that were cancelled or armed anew stay here until they come up, but never at the top.
        self._heap: list[tuple[float, int, _Key]] = []
        self._armed = 0

    @property
    def deadline(self) -> float | None:
        """When the next timer is due, always later than `now`; None when none is armed."""
        return self._heap[0][0] if self._heap else None

    def due(self, key: _Key) -> float | None:
        """Return when this timer is due, None when it is not armed."""
        entry = self._entries.get(key)
        return None if entry is None else entry[0]

    def arm(self, key: _Key, due: float | None) -> None:
        """Let the timer be due at `due`, and not at another time it may be armed for; None cancels it.

        A time that is not later than `now` becomes the next one after it. Periodic timers are armed for a delay from
        `now`, never from when they were due: after a jump of the clock the latter would be a burst.
        """
        if due is None:
            self.cancel(key)
            return
        if due <= self.now:
            due = math.nextafter(self.now, math.inf)
        self._armed = number = self._armed + 1
        entries = self._entries
        is_known = key in entries
        entry = entries[key] = (due, number, key)
        heappush(self._heap, entry)
        if is_known:
            self._tidy()

    def cancel(self, key: _Key) -> None:
        """Disarm the timer; nothing happens when it is not armed."""
        if self._entries.pop(key, None) is not None:
            self._tidy()

    def expired(self, now: float) -> Iterable[_Key]:
        """Let `now` be the time, unless it has been later already, and disarm and yield what is due.

        In order of due time, then of arming. What is armed meanwhile waits for the next call, so that every timer runs
        once; what is cancelled meanwhile does not run. The caller has checked `now` with `moment`.
        """
        if now > self.now:  # noqa: PLR1730 - max() takes six times as long, at every event of every machine
            self.now = now
        return self._pop_due() if self._heap and self._heap[0][0] <= self.now else ()

    def _pop_due(self) -> Iterator[_Key]:
        """Disarm and yield what is due."""
        heap = self._heap
        while heap and heap[0][0] <= self.now:
            key = heappop(heap)[2]
            del self._entries[key]
            self._tidy()
            yield key

    def _tidy(self) -> None:
        """Keep a live entry at the top, and the dead ones in a minority."""
        heap, entries = self._heap, self._entries
        if len(heap) == len(entries) > 0:
            return  # all are live
        while heap and entries.get(heap[0][2]) is not heap[0]:
            heappop(heap)
        if not entries:
            entries.clear()  # gives its table back: 168 octets of every machine with nothing to wait for
        elif len(heap) > 2 * len(entries) + 8:
            heap[:] = entries.values()
            heapify(heap)


class TimedMachine(ABC, Generic[_Event, _Output, _Key]):
    """A machine with timers that keeps the rules 1 to 3 as far as a base class can.

    A subclass says what its events do (`_take`), what its timers do (`_expire`), and which events are misuse
    (`_check`); all three tell the caller something with `_outputs.append`. It arms timers with `_timers.arm`, for
    times after `_timers.now`, and draws what is random with `_draw`. A machine inside another has one timer there,
    armed with `inner.deadline` after every call of `inner.handle`.
    """

    __slots__ = ("_outputs", "_random", "_timers")

    def __init__(self, random: Random | None = None) -> None:
        """Start at no time. `random` is for tests only, and for one machine alone; None means the system's."""
        self._timers: Timers[_Key] = Timers()
        self._outputs: list[_Output] = []
        self._random = random

    @property
    def deadline(self) -> float | None:
        """When `handle` wants to be called with TimerFired; None when nothing is pending."""
        return self._timers.deadline

    @final
    def handle(self, event: _Event | TimerFired, now: float) -> tuple[_Output, ...]:
        """Run what is due at or before `now`, in order of due time, then take the event; return the outputs.

        Raises LocalError, and changes nothing, when `now` is not finite or the event is misuse.
        """
        moment(now)
        if not isinstance(event, TimerFired):
            self._check(event)
        for timer in self._timers.expired(now):
            self._expire(timer)
        if not isinstance(event, TimerFired):
            self._take(event)
        outputs = tuple(self._outputs)
        self._outputs.clear()
        return outputs

    @final
    def check(self, event: _Event) -> None:
        """Raise LocalError when the event is misuse, as things stand; change nothing. For a machine around this one."""
        self._check(event)

    @property
    def _draw(self) -> Random:
        """The generator for everything random."""
        return drawing(self._random)

    def _derived(self) -> Random | None:
        """Return a generator of its own for a machine inside: none is shared."""
        if self._random is None:
            return None
        from random import Random  # noqa: PLC0415 - tests have loaded it

        return Random(self._random.getrandbits(64))

    def _check(self, event: _Event) -> None:
        """Raise LocalError when the event is misuse, as things stand before the timers run; change nothing."""

    @abstractmethod
    def _take(self, event: _Event) -> None:
        """Let the event happen at `_timers.now`; raises nothing.

        A timer that ran a moment ago may have made it void (a stream that closed): that is no misuse.
        """

    @abstractmethod
    def _expire(self, timer: _Key) -> None:
        """Do what the timer is for, at `_timers.now`, which may be much later than it was due."""

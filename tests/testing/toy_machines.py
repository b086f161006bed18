"""Small machines to try simulator, recorder and laws on: sound ones, and one for each way to break a law."""

from __future__ import annotations

import math
import os
import random
from typing import Any, Self

import attrs

from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError
from jinglecodec.machine import (
    BytesReceived,
    CloseSocket,
    DatagramReceived,
    OpenSocket,
    SendBytes,
    SendDatagram,
    SocketEvent,
    SocketOpened,
    SocketOutput,
    SocketProtocol,
    TimedMachine,
    TimerFired,
    moment,
)
from jinglecodec.testing.network import ConnectionAccepted, Listen

PERIOD = 5.0


@attrs.frozen
class Begin:
    """Start."""


@attrs.frozen
class Say:
    """Repeat these words, each once."""

    words: tuple[str, ...]


@attrs.frozen
class Beat:
    """Another period is over."""

    number: int
    token: bytes = b""


@attrs.frozen
class Said:
    """A word was repeated."""

    word: str


class Beater(TimedMachine[Begin | Say, Beat | Said, str]):
    """Beats about every five seconds, and repeats words. Sound."""

    def __init__(self, rng: random.Random | None = None) -> None:
        super().__init__(rng)
        self.beats = 0

    def _check(self, event: Begin | Say) -> None:
        if isinstance(event, Begin) and self.deadline is not None:
            raise LocalError("begun already")

    def _take(self, event: Begin | Say) -> None:
        if isinstance(event, Begin):
            self._arm()
        else:
            self._outputs += [Said(word) for word in self._unique(event.words)]

    def _expire(self, _: str) -> None:
        self.beats += 1
        self._outputs.append(Beat(self.beats, self._draw.randbytes(4)))
        self._arm()

    def _arm(self) -> None:
        self._timers.arm("beat", self._timers.now + PERIOD * self._draw.uniform(0.8, 1.2))

    def _unique(self, words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(words))


def beater() -> Beater:
    """Return a Beater that a test can predict."""
    return Beater(random.Random(1))


def seeded(cls: type[Beater]) -> Beater:
    """Return another kind of Beater that a test can predict."""
    return cls(random.Random(1))


def only_in_process(process: int) -> Beater:
    """Return a Beater in this process, and raise an error in any other."""
    assert os.getpid() == process, "not here"
    return beater()


WORDS = Say(tuple(f"word {number}" for number in range(20)))
SCRIPT: list[tuple[Begin | Say | TimerFired, float]] = [
    (Begin(), 0.0),
    (WORDS, 1.0),
    (TimerFired(), 7.0),
    (TimerFired(), 30.0),
    (WORDS, 31.0),
    (WORDS, 29.0),
]


class Metronome:
    """Beats every five seconds. Sound, though built on nothing."""

    period = PERIOD

    def __init__(self) -> None:
        self.due: float | None = None
        self.now = -math.inf
        self.told: list[Beat] = []

    @property
    def deadline(self) -> float | None:
        return self.due

    def handle(self, event: Begin | Say | TimerFired, now: float) -> tuple[Beat, ...]:
        now = self.clock(now)
        if isinstance(event, Begin) and self.due is not None:
            raise LocalError("begun already")
        self.now = now
        if self.due is not None and self.is_due(self.due):
            self.beat(self.due)
        if isinstance(event, Begin):
            self.due = self.now + self.period
        told, self.told = tuple(self.told), []
        return told

    def clock(self, now: float) -> float:
        return max(moment(now), self.now)

    def is_due(self, due: float) -> bool:
        return self.now >= due

    def beat(self, _: float) -> None:
        self.told.append(Beat(0))
        self.due = self.now + PERIOD


# --- those that break a law ------------------------------------------------------------------------------------------


class DrawsFromAnybody(Beater):
    def _arm(self) -> None:
        self._timers.arm("beat", self._timers.now + PERIOD + random.random())


class TellsInHashOrder(Beater):
    def _unique(self, words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(set(words))


class ForgetsWhenPickled(Beater):
    def __reduce__(self) -> tuple[Any, ...]:
        return seeded, (type(self),)


class RefusesToPickle(Beater):
    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("no")


class SharesWithItsCopy(Beater):
    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


class Holds(Beater):
    """Holds something, deep inside."""

    def __init__(self, thing: object) -> None:
        super().__init__(random.Random(1))
        self.things = {"one": [(thing,)]}


class BeatsEarly(Metronome):
    def is_due(self, due: float) -> bool:
        return self.now >= due - 1e-3


class SleepsAtDeadline(Metronome):
    def is_due(self, due: float) -> bool:
        return self.now > due


class IsDueAtOnce(Metronome):
    period = 0.0


class StaysBehind(Metronome):
    def beat(self, _: float) -> None:
        self.due = self.now


class CatchesUp(Metronome):
    def beat(self, due: float) -> None:
        missed = 1 + int((self.now - due) // PERIOD)
        self.told += [Beat(0)] * missed
        self.due = due + missed * PERIOD


class CatchesUpOneByOne(Metronome):
    def beat(self, due: float) -> None:
        self.told.append(Beat(0))
        self.due = due + PERIOD


class CatchesUpSlyly(Metronome):
    missed = 0

    def beat(self, due: float) -> None:
        self.told.append(Beat(0))
        self.missed = max(self.missed - 1, 0) or int((self.now - due) // PERIOD)
        self.due = self.now + (0.001 if self.missed else PERIOD)


class BelievesThePast(Metronome):
    def clock(self, now: float) -> float:
        return moment(now)


class TakesNaN(Metronome):
    def clock(self, now: float) -> float:
        return max(self.now, now)


class RunsTimersBeforeItRefuses(Beater):
    def _check(self, event: Begin | Say) -> None:
        """Refuses nothing yet."""

    def _take(self, event: Begin | Say) -> None:
        super()._check(event)
        super()._take(event)


class RefusesNothing(Beater):
    def _check(self, event: Begin | Say) -> None:
        """Refuses nothing."""


# --- machines on the network -----------------------------------------------------------------------------------------


@attrs.frozen
class Talk:
    """Open a UDP socket at `host` and send a datagram to `remote` now, and every period."""

    host: str
    remote: Address | None = None
    period: float | None = None


@attrs.frozen
class Heard:
    """Something came in."""

    remote: Address
    data: bytes


class Talker(TimedMachine[Talk | SocketEvent, SocketOutput | Heard, str]):
    """Sends numbered datagrams from one socket, and tells what it hears."""

    def __init__(self) -> None:
        super().__init__()
        self.talk = Talk("")
        self.sent = 0
        self.local: Address | None = None

    def _take(self, event: Talk | SocketEvent) -> None:
        match event:
            case Talk():
                self.talk = event
                self._outputs.append(OpenSocket(1, SocketProtocol.UDP, Address(event.host, 0), None, None))
            case SocketOpened(_, local):
                self.local = local
                if self.talk.remote is not None:
                    self._expire("send")
            case DatagramReceived(_, remote, data):
                self._outputs.append(Heard(remote, data))
            case _:
                pass

    def _expire(self, timer: str) -> None:
        assert self.talk.remote is not None
        self._outputs.append(SendDatagram(1, self.talk.remote, b"%d" % self.sent))
        self.sent += 1
        if self.talk.period is not None:
            self._timers.arm(timer, self._timers.now + self.talk.period)


class Echo(TimedMachine[Begin | Listen | SocketEvent | ConnectionAccepted, SocketOutput | Listen, str]):
    """Sends back what it gets, on a UDP socket and on connections."""

    def __init__(self, local: Address, *server_names: str) -> None:
        super().__init__()
        self.local = local
        self.server_names = server_names

    def _take(self, event: Begin | Listen | SocketEvent | ConnectionAccepted) -> None:
        match event:
            case Begin():
                self._outputs.append(OpenSocket(1, SocketProtocol.UDP, self.local, None, None))
                self._outputs.append(Listen(2, self.local, self.server_names))
            case DatagramReceived(socket, remote, data):
                self._outputs.append(SendDatagram(socket, remote, data))
            case BytesReceived(socket, b"bye"):
                self._outputs += [SendBytes(socket, b"bye"), CloseSocket(socket)]
            case BytesReceived(socket, data):
                self._outputs.append(SendBytes(socket, data))
            case _:
                pass

    def _expire(self, timer: str) -> None:
        """There are no timers."""


@attrs.frozen
class Do:
    """Say this."""

    output: object


class Caller(TimedMachine[Do | SocketEvent, object, str]):
    """Says what it is told to say, and tells every event of its sockets."""

    def _take(self, event: Do | SocketEvent) -> None:
        self._outputs.append(event.output if isinstance(event, Do) else event)

    def _expire(self, timer: str) -> None:
        """There are no timers."""


@attrs.frozen
class Set:
    """Ring at a time, or not."""

    at: float | None


class Alarm(TimedMachine[Set, str, str]):
    """Rings when it is set to."""

    def _take(self, event: Set) -> None:
        self._timers.arm("alarm", event.at)

    def _expire(self, _: str) -> None:
        self._outputs.append("ring")

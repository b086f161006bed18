"""The shared parts of all machines: clock, timers, randomness, and the base class."""

from __future__ import annotations

import copy
import math
import pickle
import random
from typing import TYPE_CHECKING, TypeVar

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinglecodec import machine
from jinglecodec.errors import LocalError
from jinglecodec.machine import Machine, TimedMachine, TimerFired, Timers, drawing, moment

if TYPE_CHECKING:
    from collections.abc import Callable

times = st.floats(-1e9, 1e9)
delays = st.floats(0.001, 1e6)


class Diary(TimedMachine[str, tuple[str, float], str]):
    """Writes down when timers and events come; `+name` arms a timer for a second later, `-name` is misuse."""

    def _check(self, event: str) -> None:
        if event.startswith("-"):
            raise LocalError("misuse")

    def _take(self, event: str) -> None:
        self._outputs.append((event, self._timers.now))
        if event.startswith("+"):
            self._timers.arm(event[1:], self._timers.now + 1.0)

    def _expire(self, timer: str) -> None:
        self._outputs.append((timer, self._timers.now))


_Any = TypeVar("_Any")


def _pickled(thing: _Any) -> _Any:
    twin: _Any = pickle.loads(pickle.dumps(thing))  # noqa: S301 - of this test
    return twin


# --- events ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("OpenSocket", "socket protocol local remote server_name"),
        ("CloseSocket", "socket"),
        ("ResolveHostname", "name"),
        ("SendDatagram", "socket remote data"),
        ("SendBytes", "socket data"),
        ("SocketOpened", "socket local"),
        ("SocketFailed", "socket reason"),
        ("SocketClosed", "socket"),
        ("DatagramReceived", "socket remote data"),
        ("BytesReceived", "socket data"),
        ("SendFailed", "socket remote reason"),
        ("HostnameResolved", "name host"),
        ("TimerFired", ""),
    ],
)
def test_event_has_the_fields_of_the_design_in_their_order(name: str, fields: str) -> None:
    cls = getattr(machine, name)
    value = cls(*range(len(fields.split())))

    assert [field.name for field in attrs.fields(cls)] == fields.split()
    assert value == copy.copy(value)
    assert hash(value) == hash(copy.copy(value))
    with pytest.raises(AttributeError):
        value.socket = 2


def test_timed_machine_is_a_machine() -> None:
    diary: Machine[str, tuple[str, float]] = Diary()

    assert diary.handle(TimerFired(), 0.0) == ()
    assert diary.deadline is None


# --- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_time_that_is_none_is_a_local_error(bad: float) -> None:
    with pytest.raises(LocalError, match="is not a time"):
        moment(bad)
    with pytest.raises(LocalError, match="is not a time"):
        Diary().handle("+a", bad)


def test_what_is_due_runs_before_the_event_in_order_of_due_time() -> None:
    diary = Diary()
    diary.handle("+late", 10.5)
    diary.handle("+early", 10.2)  # counts as 10.5, too: armed second, it runs second
    diary.handle("+last", 11.0)

    assert diary.handle("news", 20.0) == (("late", 20.0), ("early", 20.0), ("last", 20.0), ("news", 20.0))
    assert diary.deadline is None


def test_time_that_goes_backwards_is_clamped() -> None:
    diary = Diary()
    diary.handle("+a", 10.0)

    assert diary.handle("news", 3.0) == (("news", 10.0),)
    assert diary.deadline == 11.0


def test_time_zero_is_a_deadline() -> None:
    diary = Diary()
    diary.handle("+a", -1.0)

    assert diary.deadline == 0.0
    assert diary.handle(TimerFired(), 0.0) == (("a", 0.0),)


def test_misuse_runs_no_timers() -> None:
    diary = Diary()
    diary.handle("+a", 0.0)

    with pytest.raises(LocalError, match="misuse"):
        diary.handle("-a", 5.0)
    assert diary.deadline == 1.0
    assert diary.handle("news", 0.5) == (("news", 0.5),)


def test_timer_armed_in_the_past_is_due_right_after_now() -> None:
    timers: Timers[str] = Timers()
    list(timers.expired(10.0))
    timers.arm("a", 3.0)

    assert timers.deadline == math.nextafter(10.0, math.inf)
    assert list(timers.expired(10.0)) == []


def test_timer_armed_while_others_run_waits_for_the_next_call() -> None:
    timers: Timers[str] = Timers()
    timers.arm("a", 1.0)
    ran = []
    for timer in timers.expired(5.0):
        ran.append(timer)
        timers.arm("a", 2.0)

    assert ran == ["a"]
    assert timers.deadline == math.nextafter(5.0, math.inf)


def test_timer_cancelled_while_others_run_does_not_run() -> None:
    timers: Timers[str] = Timers()
    timers.arm("a", 1.0)
    timers.arm("b", 2.0)
    ran = []
    for timer in timers.expired(5.0):
        ran.append(timer)
        timers.cancel("b")

    assert ran == ["a"]
    assert timers.deadline is None


def test_arming_for_none_cancels() -> None:
    timers: Timers[str] = Timers()
    timers.arm("a", 1.0)
    timers.arm("a", None)
    timers.cancel("never armed")

    assert timers.due("a") is None
    assert timers.deadline is None


class _List:
    """Timers, computed the slow way."""

    def __init__(self) -> None:
        self.now = -math.inf
        self.armed: dict[int, tuple[float, int]] = {}
        self.count = 0

    def arm(self, key: int, due: float | None) -> None:
        self.count += 1
        self.armed.pop(key, None)
        if due is not None:
            self.armed[key] = (due if due > self.now else math.nextafter(self.now, math.inf), self.count)

    def expired(self, now: float) -> list[int]:
        self.now = max(self.now, now)
        due = sorted((when, key) for key, when in self.armed.items() if when[0] <= self.now)
        for _, key in due:
            del self.armed[key]
        return [key for _, key in due]


actions = st.one_of(st.tuples(st.integers(0, 5), st.none() | times), times)


@given(st.lists(actions, max_size=200))
def test_timers_agree_with_a_sorted_list(script: list[tuple[int, float | None] | float]) -> None:
    """Agreement: two ways, one answer; and memory stays in proportion."""
    timers: Timers[int] = Timers()
    slow = _List()
    for action in script:
        if isinstance(action, tuple):
            timers.arm(*action)
            slow.arm(*action)
        else:
            assert list(timers.expired(action)) == slow.expired(action)
        assert timers.deadline == min((due for due, _ in slow.armed.values()), default=None)
        assert timers.deadline is None or timers.deadline > timers.now
        assert all(timers.due(key) == slow.armed.get(key, (None,))[0] for key in range(6))
        assert len(timers._heap) <= 2 * len(slow.armed) + 8


def test_timer_armed_anew_for_ever_takes_no_memory() -> None:
    timers: Timers[str] = Timers()
    timers.arm("soon", 1.0)
    for number in range(10_000):
        timers.arm("later", 2.0 + number)

    assert len(timers._heap) <= 12
    assert list(timers.expired(1e6)) == ["soon", "later"]


@given(st.lists(st.tuples(st.integers(0, 3), delays), min_size=1, max_size=20))
def test_copied_timers_go_on_alike(armed: list[tuple[int, float]]) -> None:
    timers: Timers[int] = Timers()
    for key, due in armed:
        timers.arm(key, due)
    copiers: tuple[Callable[[Timers[int]], Timers[int]], ...] = (
        copy.deepcopy,
        _pickled,
    )
    for copier in copiers:
        twin = copier(timers)
        twin.cancel(armed[0][0])
        assert timers.due(armed[0][0]) is not None, "nothing is shared"
        twin = copier(timers)
        assert list(twin.expired(1e7)) == list(copier(timers).expired(1e7))


# --- randomness ------------------------------------------------------------------------------------------------------


def test_given_generator_is_drawn_from() -> None:
    given_one = random.Random(7)

    assert drawing(given_one) is given_one


def test_without_a_generator_the_system_is_asked_and_nothing_stored() -> None:
    assert isinstance(drawing(None), random.SystemRandom)
    assert drawing(None).randbytes(16) != drawing(None).randbytes(16)
    assert _pickled(Diary()).deadline is None

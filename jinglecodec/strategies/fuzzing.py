"""The loop of `python -m jinglecodec.strategies`: slices of each target in turn, more of those that find something new.

New is a jump between two lines that no input before has made. Clock, count of jumps and alarm are handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import attrs
from hypothesis import HealthCheck, Phase, given, seed, settings

from jinglecodec.strategies.targets import Target

__all__ = ["Failure", "Fuzzer", "OverdueError"]

_SLICE, _LONGEST = 3.0, 30.0
"""Seconds that a target has before it is another one's turn; the input that is being tried then is the last. Twice as
many in each further round, up to the longest: Hypothesis begins each time with small inputs."""

_SHRINKING = 20.0
"Seconds to make an input smaller that breaks a law."

_PATIENCE = 60.0
"Seconds for one input, and for drawing one. Whatever costs linear time takes a few, with all that is measured."

_ENDLESS = 10**9
"More examples than there is time for."


class OverdueError(Exception):
    """An input takes more time than any should."""


class _SliceOverError(BaseException):
    """Leaves Hypothesis, which would take an Exception for a failure."""


@attrs.frozen
class Failure:
    """An input, as small as Hypothesis could make it, for which a law does not hold."""

    target: str
    value: object
    error: Exception


@attrs.define
class Progress:
    """What became of one target."""

    executions: int = 0
    jumps: int = 0
    "How many were seen here first."
    seconds: float = 0.0
    slowest: float = 0.0
    "Seconds of the law alone, for one input."
    failure: Failure | None = None


@attrs.frozen
class Trial:
    """What is being tried."""

    target: str
    value: object = None
    "None while one is drawn."


class Fuzzer:
    """Runs targets until the time is over."""

    def __init__(
        self,
        targets: Sequence[Target],
        *,
        clock: Callable[[], float],
        jumps: Callable[[], int],
        alarm: Callable[[float], None] = lambda _: None,
        seed: int = 0,
    ) -> None:
        """`clock` gives seconds, `jumps` how many jumps between lines were covered so far. Equal seeds draw alike.

        `alarm` makes OverdueError come up in so many seconds, unless it is called again before; 0: not at all.
        """
        self._clock = clock
        self._jumps = jumps
        self._alarm = alarm
        self._seed = seed
        self.targets = {target.name: target for target in targets}
        self.progress = {target.name: Progress() for target in targets}
        self._recorded = {target.name: iter(target.beginning()) for target in targets}
        self.covered = jumps()
        "Jumps in all."
        self.latest = clock()
        "When the latest new one was seen."
        self.trial: Trial | None = None
        "What is being tried, or was last."

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What was found."""
        return tuple(done.failure for done in self.progress.values() if done.failure is not None)

    def run(self, until: float) -> None:
        """Fuzz until `until` on the clock; a target that has failed is left alone."""
        seconds = _SLICE
        while self._clock() < until and len(self.failures) < len(self.targets):
            for target in self.targets.values():
                while self.progress[target.name].failure is None and self._clock() < until:
                    if not self._slice(target, min(self._clock() + seconds, until)):
                        break
            seconds = min(2 * seconds, _LONGEST)

    def _slice(self, target: Target, until: float) -> int:
        """Try inputs until it is another's turn, and return how many new jumps they made."""
        done, start = self.progress[target.name], self._clock()
        self._await(target)
        try:
            if self._try_recorded(target, until):
                self._draw(target, until)
        finally:
            self._alarm(0.0)
        covered = self._jumps()
        new, self.covered = covered - self.covered, covered
        done.jumps += new
        done.seconds += self._clock() - start
        if new:
            self.latest = self._clock()
        return new

    def _try_recorded(self, target: Target, until: float) -> bool:
        """Try what is recorded, as far as the time goes; tell whether all of it has been."""
        for value in self._recorded[target.name]:
            try:
                self._apply(target, value)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
                self.progress[target.name].failure = Failure(target.name, value, error)
                return False
            if self._clock() > until:
                return False
        return True

    def _draw(self, target: Target, until: float) -> None:
        """Try new inputs until it is late; make one smaller that breaks the law."""
        self._seed += 1
        failing: list[Failure] = []

        @seed(self._seed)
        @settings(
            max_examples=_ENDLESS,
            phases=(Phase.generate, Phase.shrink),
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        @given(target.inputs)
        def tried(value: object) -> None:
            nonlocal until
            try:
                self._apply(target, value)
            except Exception as error:
                until = until if failing else self._clock() + _SHRINKING
                failing.append(Failure(target.name, value, error))
                if self._clock() < until:
                    raise
            if self._clock() >= until:
                raise _SliceOverError

        try:
            with suppress(_SliceOverError):
                tried()
        except Exception:
            if not failing:  # a mistake in the strategy
                raise
        if failing:
            self.progress[target.name].failure = failing[-1]  # what Hypothesis shrank it to came last

    def _apply(self, target: Target, value: object) -> None:
        done, start = self.progress[target.name], self._clock()
        done.executions += 1
        self._await(target, value)
        try:
            target.law(value)
        finally:
            done.slowest = max(done.slowest, self._clock() - start)
        self._await(target)

    def _await(self, target: Target, value: object = None) -> None:
        """Give the law time for a value, or the strategy for the next one."""
        self.trial = Trial(target.name, value)
        self._alarm(_PATIENCE)

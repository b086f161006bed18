"""The loop of `python -m jinglecodec.strategies`: slices of each target in turn, more of those that find something new.

New is a jump between two lines that no input before has made. The clock and the count of jumps are handed in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import attrs
from hypothesis import HealthCheck, Phase, given, seed, settings

from jinglecodec.strategies.targets import Target

__all__ = ["Failure", "Fuzzer"]

_SLICE = 1.0
"Seconds that a target has before it is another one's turn."


_SHRINKING = 20.0
"Seconds to make an input smaller that breaks a law."


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


class Fuzzer:
    """Runs targets until the time is over."""

    def __init__(
        self, targets: Sequence[Target], *, clock: Callable[[], float], jumps: Callable[[], int], seed: int = 0
    ) -> None:
        """`clock` gives seconds, `jumps` how many jumps between lines were covered so far. Equal seeds draw alike."""
        self._clock = clock
        self._jumps = jumps
        self._seed = seed
        self.targets = {target.name: target for target in targets}
        self.progress = {target.name: Progress() for target in targets}
        self._recorded = {target.name: iter(target.recorded) for target in targets}
        self.covered = 0
        "Jumps in all."
        self.latest = clock()
        "When the latest new one was seen."

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What was found."""
        return tuple(done.failure for done in self.progress.values() if done.failure is not None)

    def run(self, until: float) -> None:
        """Fuzz until `until` on the clock; a target that has failed is left alone."""
        while self._clock() < until and len(self.failures) < len(self.targets):
            for target in self.targets.values():
                while self.progress[target.name].failure is None and self._clock() < until:
                    if not self._slice(target):
                        break

    def _slice(self, target: Target) -> int:
        """Try inputs for a second and return how many new jumps they made."""
        done, start = self.progress[target.name], self._clock()
        if self._try_recorded(target, start + _SLICE):
            self._draw(target)
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

    def _draw(self, target: Target) -> None:
        """Try a second's worth of new inputs."""
        done = self.progress[target.name]
        pace = done.executions / done.seconds if done.seconds else 10.0
        self._seed += 1
        failing: list[tuple[Any, Exception]] = []
        enough = math.inf

        @seed(self._seed)
        @settings(
            max_examples=max(5, round(pace * _SLICE)),
            phases=(Phase.generate, Phase.shrink),
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(target.inputs)
        def tried(value: object) -> None:
            nonlocal enough
            if self._clock() > enough:  # Hypothesis would go on for minutes
                if value == failing[-1][0]:
                    raise failing[-1][1]
                return
            try:
                self._apply(target, value)
            except Exception as error:
                enough = min(enough, self._clock() + _SHRINKING)
                failing.append((value, error))
                raise

        try:
            tried()
        except Exception as error:
            if not failing:  # a mistake in the strategy
                raise
            done.failure = Failure(target.name, failing[-1][0], error)  # what Hypothesis shrank it to came last

    def _apply(self, target: Target, value: object) -> None:
        done, start = self.progress[target.name], self._clock()
        done.executions += 1
        try:
            target.law(value)
        finally:
            done.slowest = max(done.slowest, self._clock() - start)

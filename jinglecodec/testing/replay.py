r"""Recordings of machines: what went in and when, what came out; as bytes, played again, and compared.

    recorder = Recorder(machine)  # a machine itself, for any driver
    ...
    data = dumps(recorder.recording)  # for a bug report, say

    recording = loads(data, vocabulary(jinglecodec.machine, jinglecodec.ice.events))
    print(compare(recording, replay(fresh_machine, recording)))  # None, or the first difference

A file is the line `jinglecodec recording 1\n`, and the Recording as `testing.encoding` writes values. Foreign
recordings are safe to read.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Generic, Never, TypeVar, cast

import attrs

from jinglecodec.errors import LocalError
from jinglecodec.testing.encoding import EncodingError, decode, encode, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jinglecodec.machine import Machine, TimerFired

__all__ = [
    "Difference",
    "EncodingError",
    "Recorder",
    "Recording",
    "Step",
    "compare",
    "dumps",
    "loads",
    "record",
    "replay",
    "vocabulary",
]

_Event = TypeVar("_Event")
_Output = TypeVar("_Output")

_HEAD = b"jinglecodec recording 1\n"


@attrs.frozen
class Step:
    """One call of `handle`."""

    now: float
    event: object
    outputs: tuple[object, ...] = ()
    deadline: float | None = None
    "After the call."
    error: str | None = None
    "The text of a LocalError, which stands in place of outputs."


@attrs.frozen
class Recording:
    """All calls of a machine, from the first on."""

    steps: tuple[Step, ...]
    truncated: bool = False
    "There were more steps than the recorder had room for."


@attrs.frozen
class Difference:
    """Where a machine first did something else."""

    step: int
    "The number of the call, from 0."
    now: float
    event: object
    path: str
    "What differs: `outputs[2].remote.port`, `deadline`, ..."
    expected: object
    actual: object

    def __str__(self) -> str:
        lines = (
            f"step {self.step} at {self.now}: {self.event}",
            f"{self.path} differs:",
            f"    expected {self.expected!r}",
            f"    actually {self.actual!r}",
        )
        return "\n".join(lines)


class Recorder(Generic[_Event, _Output]):
    """A machine that passes everything on to another, and keeps it. Copies and pickles as that one does."""

    def __init__(self, machine: Machine[_Event, _Output], limit: int = 1_000_000) -> None:
        """Record `machine` from now on, in its present state; the steps beyond `limit` are passed on only."""
        self.machine = machine
        self._limit = limit
        self._steps: list[Step] = []
        self._truncated = False

    @property
    def recording(self) -> Recording:
        """What was recorded so far."""
        return Recording(tuple(self._steps), self._truncated)

    @property
    def deadline(self) -> float | None:
        """That of the machine."""
        return self.machine.deadline

    def handle(self, event: _Event | TimerFired, now: float) -> tuple[_Output, ...]:
        """Return what the machine returns; raises LocalError as it does."""
        try:
            outputs = self.machine.handle(event, now)
        except LocalError as error:
            self._keep(Step(now, event, (), self.machine.deadline, str(error)))
            raise
        self._keep(Step(now, event, outputs, self.machine.deadline))
        return outputs

    def _keep(self, step: Step) -> None:
        if len(self._steps) < self._limit:
            self._steps.append(step)
        else:
            self._truncated = True


def record(machine: Machine[Never, object], script: Iterable[tuple[object, float]]) -> Recording:
    """Return the recording of `machine` while it is handed these events at these times; LocalErrors are part of it."""
    recorder = Recorder(cast("Machine[object, object]", machine))  # the script holds events that it takes
    for event, now in script:
        with suppress(LocalError):
            recorder.handle(event, now)
    return recorder.recording


def replay(machine: Machine[Never, object], recording: Recording) -> Recording:
    """Return the recording of `machine`, which is in the state the other one was in, with the same input."""
    return record(machine, ((step.event, step.now) for step in recording.steps))


def compare(expected: Recording, actual: Recording) -> Difference | None:
    """Return the first difference in what the machine was told or said, None when there is none."""
    for number, (one, other) in enumerate(zip(expected.steps, actual.steps, strict=False)):
        if (found := _difference(one, other, "")) is not None:
            return Difference(number, one.now, one.event, *found)
    at = min(len(expected.steps), len(actual.steps))
    longer = expected if len(expected.steps) > at else actual
    if len(longer.steps) == at:
        return None
    step = longer.steps[at]
    return Difference(at, step.now, step.event, "steps", len(expected.steps), len(actual.steps))


def _difference(expected: object, actual: object, path: str) -> tuple[str, object, object] | None:
    """Return the path to the first difference between two values, with what is there; types count."""
    cls = type(expected)
    if cls is not type(actual):
        return path, expected, actual
    if isinstance(expected, tuple) and isinstance(actual, tuple):
        parts = [(f"{path}[{at}]", *pair) for at, pair in enumerate(zip(expected, actual, strict=False))]
        same = len(expected) == len(actual)
    elif attrs.has(cls):
        names = [field.name for field in attrs.fields(cls) if field.eq]
        parts = [(f"{path}.{name}".lstrip("."), getattr(expected, name), getattr(actual, name)) for name in names]
        same = True
    else:
        parts = []
        same = expected == actual or repr(expected) == repr(actual)  # NaN equals nothing, itself included
    found = (_difference(one, other, where) for where, one, other in parts)
    return next((each for each in found if each is not None), None if same else (path, expected, actual))


def dumps(recording: Recording) -> bytes:
    """Return the bytes of a recording; raises EncodingError when an event or output is no frozen value."""
    return _HEAD + encode(recording)


def loads(data: bytes, classes: Mapping[str, type]) -> Recording:
    """Return the recording in `data`; its events and outputs are made of `classes` only, see `vocabulary`.

    Raises EncodingError for any other bytes.
    """
    if not data.startswith(_HEAD):
        raise EncodingError("no recording, or of another version")
    recording = decode(data[len(_HEAD) :], {**classes, **vocabulary(Recording, Step)})
    if not isinstance(recording, Recording) or not isinstance(recording.steps, tuple):
        raise EncodingError("the value is no recording")
    if not all(isinstance(step, Step) for step in recording.steps):
        raise EncodingError("a step of the recording is none")
    return recording

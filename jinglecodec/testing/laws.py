"""The rules that every machine keeps (`jinglecodec.machine`), as checks for its tests.

    script = [(Connect(), 0.0), (DatagramReceived(1, peer, data), 0.4), (TimerFired(), 5.0)]
    check_all(make_machine, script, most=3, misuse=[SendData("no such stream", 1, b"")])

A script is events with times, a factory makes a fresh machine, with a `random.Random` of its own where it draws. Where
events depend on outputs, a script is taken from a recording: `[(step.event, step.now) for step in recording.steps]`.
Where a check would look at the machine after every step, `looks` limits it to so many, the last among them.
Every check raises LawBrokenError, an AssertionError, at the first step where the rule does not hold.
"""

from __future__ import annotations

import copy
import math
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from enum import Enum
from typing import Never, cast

from jinglecodec.errors import LocalError
from jinglecodec.machine import Machine, TimerFired
from jinglecodec.testing.replay import Recording, compare, dumps, record

__all__ = [
    "Factory",
    "LawBrokenError",
    "Script",
    "check_all",
    "check_clock",
    "check_contents",
    "check_copies",
    "check_deadlines",
    "check_determinism",
    "check_jumps",
    "check_misuse",
]

Factory = Callable[[], Machine[Never, object]]
"Makes a fresh machine of any kind."

Script = Sequence[tuple[object, float]]
"Events that the machine takes, or TimerFired, with the times at which they come."

_Machine = Machine[object, object]

_JUMP = 3600.0
_NEVER = -math.inf
"The time of a machine that has had misuse only."
_FOREIGN = (
    "_thread",
    "threading",
    "_hashlib",
    "_sha",
    "_md5",
    "_blake2",
    "hashlib",
    "hmac",
    "lxml",
    "xml.",
    "_elementtree",
)
"Modules with the kinds of objects that no machine holds: locks, hashes, element trees."


class LawBrokenError(AssertionError):
    """A machine does not keep a rule; the text says which, where and how."""


def check_all(
    factory: Factory,
    script: Script,
    *,
    most: int,
    misuse: Sequence[object] = (),
    hash_seeds: Sequence[int] = (1, 2),
) -> None:
    """Run all checks; see there for what `most`, `misuse` and `hash_seeds` are."""
    check_determinism(factory, script, hash_seeds=hash_seeds)
    check_copies(factory, script)
    check_contents(factory, script)
    check_deadlines(factory, script)
    check_jumps(factory, script, most=most)
    check_clock(factory, script)
    check_misuse(factory, script, misuse)


# --- rule 1: equal inputs, equal outputs -----------------------------------------------------------------------------


def check_determinism(factory: Factory, script: Script, *, hash_seeds: Sequence[int] = (1, 2)) -> None:
    """Check that two machines of one factory give the same bytes, also in processes with these PYTHONHASHSEEDs.

    For the latter, factory and script have to pickle: a function of a module, not a lambda. `hash_seeds=()` spares the
    processes, for property tests.
    """
    expected = record(factory(), script)
    _require_same("a second machine", expected, record(factory(), script))
    for seed in hash_seeds:
        _require_same(f"PYTHONHASHSEED={seed}", expected, _recorded_elsewhere(factory, script, seed))


_CHILD = """
import pickle, sys
sys.path[:] = pickle.load(sys.stdin.buffer)
from jinglecodec.testing.replay import record
factory, script = pickle.load(sys.stdin.buffer)
pickle.dump(record(factory(), script), sys.stdout.buffer)
"""


def _recorded_elsewhere(factory: Factory, script: Script, seed: int) -> Recording:
    """Return what a machine does in a process with this PYTHONHASHSEED."""
    import subprocess  # noqa: PLC0415 - 10 ms, for this check only

    told = pickle.dumps(sys.path) + pickle.dumps((factory, tuple(script)))
    command = [sys.executable, "-c", _CHILD]
    child = subprocess.run(  # noqa: S603 - this interpreter
        command, input=told, capture_output=True, check=False, env={"PYTHONHASHSEED": str(seed)}
    )
    if child.returncode != 0:
        raise LawBrokenError(f"PYTHONHASHSEED={seed}: {child.stderr.decode(errors='replace')}")
    recording: Recording = pickle.loads(child.stdout)  # noqa: S301 - of the child just made
    return recording


def _require_same(what: str, expected: Recording, actual: Recording) -> None:
    if dumps(expected) != dumps(actual):
        raise LawBrokenError(f"{what} does something else: {compare(expected, actual)}")


def check_copies(factory: Factory, script: Script, *, looks: int = sys.maxsize) -> None:
    """Check that copies made at every step, by pickle and by deepcopy, go on as the machine itself does.

    Each copy is made of the copy before it; copy and original then take the next event both, so that nothing may be
    lost, and nothing shared.
    """
    for name, copied in (("pickle", _pickled), ("deepcopy", copy.deepcopy)):
        reference, twin = _made(factory), _made(factory)
        for number, (event, now) in enumerate(script):
            machines = [reference, twin]
            if _is_looked_at(number, script, looks):
                machines = [reference, copied(twin), twin]
                twin = machines[1]
            results = [_told(machine, event, now) for machine in machines]
            for who, result in zip(("the copy", "the original after its copy"), results[1:], strict=False):
                if result != results[0]:
                    raise LawBrokenError(f"step {number}, {name}: {who} gives {result}, not {results[0]}")


def _pickled(machine: _Machine) -> _Machine:
    """Return a copy made by pickle; raises LawBrokenError where there can be none."""
    try:
        twin: _Machine = pickle.loads(pickle.dumps(machine))  # noqa: S301 - made here
    except (TypeError, AttributeError, pickle.PicklingError) as error:
        raise LawBrokenError(f"the machine does not pickle: {error}") from error
    return twin


def _made(factory: Factory) -> _Machine:
    """Return a new machine, as one that takes any event: the script holds those that it takes."""
    return cast("_Machine", factory())


def _told(machine: _Machine, event: object, now: float) -> tuple[object, ...]:
    """Return outputs and deadline, or the text of a LocalError and the deadline."""
    try:
        return machine.handle(event, now), machine.deadline
    except LocalError as error:
        return str(error), machine.deadline


def check_contents(factory: Factory, script: Script, *, looks: int = sys.maxsize) -> None:
    """Check that after every step no callable, lock, hash object or element tree is inside. Classes are allowed."""
    for after, machine, _, _ in _stages(factory, script, looks):
        for path, thing in _contents(machine):
            module = type(thing).__module__
            if callable(thing) and not isinstance(thing, type):
                raise LawBrokenError(f"{after}: {path} is callable: {thing!r}")
            if module.startswith(_FOREIGN):
                raise LawBrokenError(f"{after}: {path} is a {module}.{type(thing).__name__}")


# --- rule 2: misuse ------------------------------------------------------------------------------------------------


def check_misuse(factory: Factory, script: Script, misuse: Sequence[object]) -> None:
    """Check that each of these events, after the script, raises LocalError and changes nothing, no clock nor timer.

    They are handed in at the time of the last step, and late, when something else is due that must not run either.
    """
    *_, (after, machine, now, _) = _stages(factory, script)
    times = (now,) if machine.deadline is None else (now, machine.deadline + 1.0)
    for event in misuse:
        for time in times:
            _require_refusal(f"{after}, then {event} at {time}", machine, event, time)


def _require_refusal(what: str, machine: _Machine, event: object, now: float) -> None:
    """Raise LawBrokenError unless `machine` raises LocalError and is as it was."""
    before = _state(machine)
    try:
        machine.handle(event, now)
    except LocalError:
        if (after := _state(machine)) != before:
            changed = sorted({path for path, _ in set(before) ^ set(after)})
            raise LawBrokenError(f"{what}: LocalError, but changed are {', '.join(changed)}") from None
    else:
        raise LawBrokenError(f"{what}: no LocalError")


# --- rule 3: time --------------------------------------------------------------------------------------------------


def check_deadlines(factory: Factory, script: Script, *, looks: int = sys.maxsize) -> None:
    """Check after every step that the deadline is exact.

    It is later than now; before it, TimerFired does nothing; at it, TimerFired gives an output or the deadline becomes
    a later one, or none.
    """
    for after, machine, now, _ in _stages(factory, script, looks):
        deadline = machine.deadline
        if deadline is None:
            continue
        if deadline <= now:
            raise LawBrokenError(f"{after}: the deadline {deadline} is not later than {now}")
        last = math.nextafter(deadline, -math.inf)
        for early in (now, min((now + deadline) / 2, last), last):
            probe = copy.deepcopy(machine)
            if (told := _told(probe, TimerFired(), early)) != ((), deadline):
                raise LawBrokenError(f"{after}: TimerFired at {early}, before {deadline}, gives {told}")
        probe = copy.deepcopy(machine)
        outputs = probe.handle(TimerFired(), deadline)
        if probe.deadline is not None and probe.deadline <= deadline:
            raise LawBrokenError(f"{after}: at the deadline {deadline} comes {outputs}, and then {probe.deadline}")


def check_jumps(
    factory: Factory,
    script: Script,
    *,
    most: int,
    window: float = 1.0,
    counts: Callable[[object], bool] | None = None,
    looks: int = sys.maxsize,
) -> None:
    """Check after every step that a clock that jumps by an hour causes no burst.

    In the `window` seconds after the jump come at most `most` outputs, of those that `counts` (by default all). Take
    what the machine says in such a time when all goes well, and one of each thing that is due.
    """
    for after, machine, now, _ in _stages(factory, script, looks):
        if now == _NEVER:
            continue
        probe = copy.deepcopy(machine)
        start = (now if machine.deadline is None else machine.deadline) + _JUMP
        outputs = [*probe.handle(TimerFired(), start)]
        if again := probe.handle(TimerFired(), start):
            raise LawBrokenError(f"{after}: a jump to {start} runs things twice: {again}")
        at = start
        while (deadline := probe.deadline) is not None and deadline <= start + window and len(outputs) <= 1000 + most:
            if deadline <= at:
                raise LawBrokenError(f"{after}: after a jump to {start} the deadline stays at {deadline}")
            at = deadline
            outputs += probe.handle(TimerFired(), at)
        counted = outputs if counts is None else [output for output in outputs if counts(output)]
        if len(counted) > most:
            raise LawBrokenError(f"{after}: after a jump to {start} come {len(counted)} outputs, {most} are allowed")


def check_clock(factory: Factory, script: Script, *, looks: int = sys.maxsize) -> None:
    """Check after every step that time which goes backwards counts as no time, and NaN and infinity are LocalError."""
    for after, machine, now, event in _stages(factory, script, looks):
        for bad in (math.nan, math.inf, -math.inf):
            _require_refusal(f"{after}, then {event} at {bad}", machine, event, bad)
        if now == _NEVER:
            continue
        expected = _told(copy.deepcopy(machine), event, now)
        for past in (now - 1.0, -_JUMP):
            if (told := _told(copy.deepcopy(machine), event, past)) != expected:
                raise LawBrokenError(f"{after}, then {event} at {past} gives {told}, at {now} {expected}")


# --- the machine along the script, and what is inside --------------------------------------------------------------


def _stages(
    factory: Factory, script: Script, looks: int = sys.maxsize
) -> Iterator[tuple[str, _Machine, float, object]]:
    """Yield the machine after every step that is looked at, and the event that follows; it goes on with that."""
    machine = _made(factory)
    clock = _NEVER
    for number, (event, now) in enumerate(script):
        with suppress(LocalError):  # then its clock is unchanged, too
            machine.handle(event, now)
            clock = max(clock, now)
        if _is_looked_at(number, script, looks):
            following = script[number + 1][0] if number + 1 < len(script) else TimerFired()
            yield f"after step {number} ({event} at {now})", machine, clock, following


def _is_looked_at(number: int, script: Script, looks: int) -> bool:
    """Tell whether this step is one of so many, the last among them, at equal distances."""
    return (len(script) - 1 - number) % -(-len(script) // looks) == 0


def _state(machine: object) -> tuple[tuple[str, object], ...]:
    """Return what is inside as a value that can be compared: path and plain value, or path and type."""
    return tuple((path, thing if isinstance(thing, _PLAIN) else type(thing)) for path, thing in _contents(machine))


_PLAIN = (type(None), bool, int, float, str, bytes, Enum, type)


def _contents(machine: object) -> Iterator[tuple[str, object]]:
    """Yield everything that a machine refers to, itself first, with the path to it."""
    seen: dict[int, object] = {}
    waiting: list[tuple[str, object]] = [("machine", machine)]
    while waiting:
        path, thing = waiting.pop()
        if id(thing) in seen:
            continue
        yield path, thing
        if not isinstance(thing, _PLAIN):
            seen[id(thing)] = thing  # kept, so that its id is not used again
            waiting += reversed(list(_parts(path, thing)))


def _parts(path: str, thing: object) -> Iterator[tuple[str, object]]:
    """Yield what an object refers to directly, as pickle sees it."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            yield f"{path} key", key
            yield f"{path}[{key!r}]", value
    elif isinstance(thing, (list, tuple, set, frozenset)):
        yield from ((f"{path}[{at}]", item) for at, item in enumerate(thing))
    else:
        yield from _reduced(path, thing)


def _reduced(path: str, thing: object) -> Iterator[tuple[str, object]]:
    """Yield the parts of an object of any class: arguments, attributes, items."""
    try:
        reduced = thing.__reduce_ex__(4)
    except TypeError:
        return  # it does not pickle, which is for `check_copies` to report
    if isinstance(reduced, str):
        return  # the name of something in a module
    _, arguments, state, items, pairs = (*reduced, None, None, None)[:5]
    yield from ((f"{path} argument {at}", item) for at, item in enumerate(arguments))
    for attributes in state if isinstance(state, tuple) and len(state) == 2 else (state,):
        if isinstance(attributes, dict):
            yield from ((f"{path}.{name}", value) for name, value in attributes.items())
        else:
            yield f"{path} state", attributes
    yield from ((f"{path}[{at}]", item) for at, item in enumerate(items or ()))
    yield from ((f"{path}[{key!r}]", item) for key, item in pairs or ())

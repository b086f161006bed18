"""Many inputs: files or JSON Lines, one after the other or in several processes, in bounded memory.

At no time is more than a few inputs and their results kept, however many there are; what has to wait until all inputs
are known to be good waits in a temporary file.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from functools import partial
from io import BytesIO
from typing import BinaryIO

import attrs

from jinglecodec.cli.telling import Exit, complain, dumped, problems, read, tell
from jinglecodec.errors import JinglecodecError
from jinglecodec.lexical import printable
from jinglecodec.records import Record

__all__ = ["Outcome", "Work", "carry_out", "declare_batch"]

LONGEST_LINE = 1 << 24
"Octets in a line of JSON: a stanza of 2 MiB in which each octet is escaped fits."
MOST_IN_MEMORY = 1 << 24
"Octets of results that wait in memory; more wait in a temporary file."
CHUNK = 64
"Inputs that a process gets at once."


@attrs.frozen(eq=False, repr=False)
class Input(Record):
    """One thing to work on."""

    name: str
    "The file, and for JSON Lines the number of the line."
    data: bytes = b""
    problems: tuple[str, ...] = ()
    "Why there is no data."


@attrs.frozen(eq=False, repr=False)
class Outcome(Record):
    """What became of one input."""

    output: bytes = b""
    told: tuple[str, ...] = ()
    "Lines for standard error."
    status: Exit = Exit.DONE


Work = Callable[[str, bytes], Outcome]
"From name and data of an input to what becomes of it; raises JinglecodecError. It can be pickled."


def declare_batch(parser: argparse.ArgumentParser) -> None:
    """Declare the inputs and how they are worked on."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="file to read; - or none: standard input")
    parser.add_argument(
        "--json-lines",
        action="store_true",
        help="each line of a file is a JSON string, or an object with one under `value` or `sdp`; so is the output",
    )
    parser.add_argument("--jobs", type=_count, default=1, metavar="N", help="processes; default: 1")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


_count.__name__ = "number of processes"  # argparse names it when it refuses a word


def carry_out(work: Work, options: argparse.Namespace, *, held: bool) -> Exit:
    """Work on all inputs in order, write what comes out and tell about it; return the worst status.

    With `held`, nothing is written where an input is bad, or has losses that are not allowed.
    """
    name = getattr(options, "output", None) or "-"
    outcomes = _outcomes(partial(_attempt, work, json_lines=options.json_lines), options)
    try:
        return (_carry_out_held if held else _carry_out_directly)(outcomes, name, _Progress(options))
    except BrokenPipeError:
        raise  # nobody reads any more: the program ends in silence
    except OSError as error:
        complain("standard output" if name == "-" else name, error)
        return Exit.BAD_INPUT


def _carry_out_directly(outcomes: Iterator[Outcome], name: str, progress: _Progress) -> Exit:
    """Write and tell at once."""
    statuses = {Exit.DONE}
    with _opened(name) as file:
        for outcome in outcomes:
            statuses.add(outcome.status)
            if outcome.told or name == "-":
                progress.clear()
            for line in outcome.told:
                tell(line)
            file.write(outcome.output)
            file.flush()
            progress.step(outcome)
        progress.clear()
    return _worst(statuses)


def _carry_out_held(outcomes: Iterator[Outcome], name: str, progress: _Progress) -> Exit:
    """Write in the end, if then all is well; that an input is bad is told at once."""
    statuses = {Exit.DONE}
    with closing(_Store()) as output, closing(_Store()) as told:
        for outcome in outcomes:
            statuses.add(outcome.status)
            if outcome.status is Exit.BAD_INPUT:
                progress.clear()
                for line in outcome.told:
                    tell(line)
            elif Exit.BAD_INPUT not in statuses:
                told.write("".join(f"{printable(line)}\n" for line in outcome.told).encode())
                output.write(outcome.output)
            progress.step(outcome)
        progress.clear()
        status = _worst(statuses)
        if status is not Exit.BAD_INPUT:
            for octets in told.lines():
                tell(octets.decode().removesuffix("\n"))
        if status is Exit.DONE:
            with _opened(name) as file:
                file.writelines(output.pieces())
                file.flush()
    return status


def _worst(statuses: set[Exit]) -> Exit:
    return next(one for one in (Exit.BAD_INPUT, Exit.LOSSES, Exit.DONE) if one in statuses)


# --- inputs ----------------------------------------------------------------------------------------------------------


def _inputs(options: argparse.Namespace) -> Iterator[Input]:
    """Give the inputs; those that cannot be read say why."""
    for name in options.files or ["-"]:
        try:
            if options.json_lines:
                yield from _lines(name)
            else:
                yield Input(name, read(name))
        except OSError as error:
            yield Input(name, problems=tuple(problems(error)))


def _lines(name: str) -> Iterator[Input]:
    """Give the lines of a file of JSON; empty ones are none."""
    if name == "-":
        yield from _numbered(name, sys.stdin.buffer)
    else:
        with open(name, "rb") as file:
            yield from _numbered(name, file)


def _numbered(name: str, file: BinaryIO) -> Iterator[Input]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        place = f"{name}:{number}"
        if len(line) > LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST_LINE)
            yield Input(place, problems=(f"the line has more than {LONGEST_LINE} octets",))
        elif line.strip():
            yield _in_json(place, line)


def _in_json(place: str, line: bytes) -> Input:
    """Return the text that a line holds."""
    import json  # noqa: PLC0415 - for those who ask for it

    try:
        found = json.loads(line)
        if isinstance(found, dict):
            found = found.get("value", found.get("sdp"))
        if not isinstance(found, str):
            return Input(place, problems=("there is no text: neither a string, nor an object with `value` or `sdp`",))
        return Input(place, found.encode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError) as error:
        return Input(place, problems=(f"no JSON: {error}",))


# --- work ------------------------------------------------------------------------------------------------------------


def _attempt(work: Work, one: Input, *, json_lines: bool) -> Outcome:
    """Return what becomes of an input; of a line of JSON something always comes out, for line to follow line."""
    found = one.problems
    if not found:
        try:
            return work(one.name, one.data)
        except JinglecodecError as error:
            found = tuple(problems(error))
    told = tuple(f"jinglecodec: {one.name}: {problem}" for problem in found)
    return Outcome(dumped({"error": "\n".join(found)}) if json_lines else b"", told, Exit.BAD_INPUT)


def _outcomes(attempt: Callable[[Input], Outcome], options: argparse.Namespace) -> Iterator[Outcome]:
    """Give what becomes of each input, in order."""
    inputs = _inputs(options)
    return map(attempt, inputs) if options.jobs == 1 else _in_processes(attempt, inputs, options.jobs)


def _in_processes(attempt: Callable[[Input], Outcome], inputs: Iterator[Input], jobs: int) -> Iterator[Outcome]:
    """Give what becomes of each input, worked on in several processes; each has at most two chunks to do."""
    from collections import deque  # noqa: PLC0415 - for those who ask for it
    from concurrent.futures import Future, ProcessPoolExecutor  # noqa: PLC0415

    with ProcessPoolExecutor(jobs) as pool:
        waiting: deque[Future[list[Outcome]]] = deque()
        for chunk in _chunks(inputs):
            waiting.append(pool.submit(_attempt_all, attempt, chunk))
            if len(waiting) == 2 * jobs:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _attempt_all(attempt: Callable[[Input], Outcome], chunk: list[Input]) -> list[Outcome]:
    return [attempt(one) for one in chunk]


def _chunks(inputs: Iterator[Input]) -> Iterator[list[Input]]:
    """Give the inputs in rows: few where they are large."""
    chunk: list[Input] = []
    size = 0
    for one in inputs:
        chunk.append(one)
        size += len(one.data)
        if len(chunk) == CHUNK or size > LONGEST_LINE:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


# --- output ----------------------------------------------------------------------------------------------------------


class _Progress:
    """A line on the terminal that counts, where there is a terminal and more than one input."""

    INTERVAL = 0.1
    "Seconds between two changes of it."

    def __init__(self, options: argparse.Namespace) -> None:
        self._total = "" if options.json_lines else f" of {len(options.files)}"
        self._wanted = (options.json_lines or len(options.files) > 1) and sys.stderr.isatty()
        self._done = self._bad = 0
        self._next = 0.0
        self._shown = False

    def step(self, outcome: Outcome) -> None:
        """Count one more."""
        self._done += 1
        self._bad += outcome.status is not Exit.DONE
        if self._wanted:
            self._show()

    def _show(self) -> None:
        from time import monotonic  # noqa: PLC0415 - for those who look at it

        now = monotonic()
        if now >= self._next:
            self._next = now + self.INTERVAL
            self._shown = True
            print(f"\r\x1b[K{self._done}{self._total} done, {self._bad} failed", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Make room for something else to be written."""
        if self._shown:
            self._shown = False
            self._next = 0.0
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _opened(name: str) -> AbstractContextManager[BinaryIO]:
    """Return the file to write, or for `-` standard output, which stays open."""
    return nullcontext(sys.stdout.buffer) if name == "-" else open(name, "wb")


class _Store:
    """Octets that wait: in memory, and where they are many in a temporary file."""

    def __init__(self) -> None:
        self._file: BinaryIO = BytesIO()
        self._size = 0

    def write(self, octets: bytes) -> None:
        """Add octets."""
        if self._size <= MOST_IN_MEMORY < self._size + len(octets):
            from tempfile import TemporaryFile  # noqa: PLC0415 - for those who need it

            file = TemporaryFile()  # noqa: SIM115 - `close` closes it
            file.writelines(self.pieces())
            self._file = file
        self._size += len(octets)
        self._file.write(octets)

    def pieces(self) -> Iterator[bytes]:
        """Give all octets, in pieces."""
        self._file.seek(0)
        return iter(partial(self._file.read, 1 << 20), b"")

    def lines(self) -> Iterator[bytes]:
        """Give all octets, line by line."""
        self._file.seek(0)
        return iter(self._file)

    def close(self) -> None:
        """Forget all octets."""
        self._file.close()

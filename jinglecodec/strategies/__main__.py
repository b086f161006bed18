"""Fuzz everything: `python -m jinglecodec.strategies --seconds 600 [--corpus DIR] [--target NAME]... [--output DIR]`.

Prints for each target how many inputs were tried and what new they covered, and at the end how many branches of the
library were; SIGINT ends the run early and tells what was being tried. A law that does not hold, or an input that
takes a minute of the processor, is written as a file that shows it again. Exit status: 0 all laws held, 1 not.

`--covered FILE` remembers what was covered: new is then what no run with this file has covered before.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import pickle
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Never

import coverage

import jinglecodec
from jinglecodec.strategies.fuzzing import Failure, Fuzzer, OverdueError
from jinglecodec.strategies.targets import Corpus, targets

_ROOT = Path(jinglecodec.__file__).parent
_NOT_COUNTED = ("strategies", "testing", "cli")
_REPRODUCER = '''"""{target}: {law}

Found by python -m jinglecodec.strategies --seed {seed}
"""

import base64
import pickle

from jinglecodec.strategies.targets import reproduce

# {shown}
reproduce({target!r}, pickle.loads(base64.b64decode({pickled!r})))
'''


def read_corpus(directory: Path | None) -> Corpus:
    """Return what lies in a directory by the ends of the names: `.xml`, `.sdp`, `.bin`; nothing for None."""
    if directory is None:
        return Corpus()

    def octets(pattern: str) -> tuple[bytes, ...]:
        return tuple(path.read_bytes() for path in sorted(directory.rglob(pattern)))

    texts = tuple(data.decode("utf-8", "surrogateescape") for data in octets("*.sdp"))
    return Corpus(octets("*.xml"), texts, octets("*.bin"))


def write_reproducer(directory: Path, failure: Failure, seed: int) -> Path:
    """Write a program that raises what was found, and return its path."""
    law = " ".join(str(failure.error).split())[:200].replace('"""', "'''").replace("\\", "/")
    shown = _cut(failure.value)
    pickled = base64.b64encode(pickle.dumps(failure.value)).decode()
    path = directory / f"broken_{failure.target.replace('.', '_')}.py"
    text = _REPRODUCER.format(target=failure.target, law=law, seed=seed, shown=shown, pickled=pickled)
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    return path


def _cut(value: object) -> str:
    return " ".join(repr(value).split())[:2000]


def set_alarm(seconds: float) -> None:
    """Let OverdueError come up when the process has computed for so long; 0: let it not. For the main thread."""
    signal.signal(signal.SIGPROF, _ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _ring(*_: object) -> Never:
    raise OverdueError


class Covered:
    """The jumps between lines that were made, now and in the runs before."""

    def __init__(self, measured: coverage.Coverage, path: Path | None = None) -> None:
        """Begin with what the file at `path` says of sources that are still the same, if there is one."""
        self._measured = measured
        self._path = path
        self._jumps: dict[str, set[tuple[int, int]]] = {}
        self._load()

    def _load(self) -> None:
        told = json.loads(self._path.read_bytes()) if self._path is not None and self._path.exists() else {}
        for name, (digest, jumps) in told.items():
            if digest == _digest(name):
                self._jumps.setdefault(name, set()).update((start, end) for start, end in jumps)

    def count(self) -> int:
        """Return how many jumps there are by now."""
        data = self._measured.get_data()
        for file in data.measured_files():
            self._jumps.setdefault(Path(file).relative_to(_ROOT).as_posix(), set()).update(data.arcs(file) or ())
        return sum(map(len, self._jumps.values()))

    def save(self) -> None:
        """Write the file, if there is to be one, with what another run has written meanwhile."""
        if self._path is not None:
            self.count()
            self._load()
            told = {name: (_digest(name), sorted(jumps)) for name, jumps in self._jumps.items()}
            self._path.write_text(json.dumps(told))


def _digest(name: str) -> str | None:
    """Return what tells one state of a source from another; None when it is gone."""
    path = _ROOT / name
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


def covered_branches(measured: coverage.Coverage) -> tuple[int, int]:
    """Return how many branches were covered, and how many there are."""
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "coverage.json"
        measured.json_report(outfile=str(report))
        totals = json.loads(report.read_bytes())["totals"]
    return totals["covered_branches"], totals["num_branches"]


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m jinglecodec.strategies", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--target", action="append", default=[], help="by default all")
    parser.add_argument("--output", type=Path, default=Path())
    parser.add_argument("--covered", type=Path, metavar="FILE", help="remember what was covered")
    arguments = parser.parse_args()
    every = {target.name: target for target in targets(read_corpus(arguments.corpus))}
    if unknown := set(arguments.target) - every.keys():
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(every)}")
    omitted = [str(_ROOT / name / "*") for name in _NOT_COUNTED]
    measured = coverage.Coverage(branch=True, source=[str(_ROOT)], omit=omitted, data_file=None)
    warnings.simplefilter("ignore")  # of Hypothesis, about inputs that are long in print
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets its background jobs ignore it
    covered = Covered(measured, arguments.covered)
    measured.start()
    start = time.monotonic()
    wanted = [every[name] for name in arguments.target] or list(every.values())
    fuzzer = Fuzzer(wanted, clock=time.monotonic, jumps=covered.count, alarm=set_alarm, seed=arguments.seed)
    try:
        fuzzer.run(start + arguments.seconds)
    except KeyboardInterrupt:
        print(f"interrupted at {_cut(fuzzer.trial)}")
    finally:
        measured.stop()
        covered.save()
        _print_table(fuzzer, start, measured)
    for failure in fuzzer.failures:
        print(f"{failure.target}: {write_reproducer(arguments.output, failure, arguments.seed)}")
    return 1 if fuzzer.failures else 0


def _print_table(fuzzer: Fuzzer, start: float, measured: coverage.Coverage) -> None:
    executions = sum(done.executions for done in fuzzer.progress.values())
    seconds, quiet = fuzzer.latest - start, time.monotonic() - fuzzer.latest
    print(f"{'target':<28}{'executions':>11}{'new jumps':>11}{'seconds':>9}{'slowest':>9}")
    for name, done in fuzzer.progress.items():
        verdict = "  BROKEN" if done.failure else ""
        print(f"{name:<28}{done.executions:>11}{done.jumps:>11}{done.seconds:>9.1f}{done.slowest:>9.3f}{verdict}")
    print(f"{executions} executions in {seconds + quiet:.0f} s, the last {quiet:.0f} s without anything new")
    covered, there = covered_branches(measured)
    print(f"{covered} of {there} branches covered")


if __name__ == "__main__":
    sys.exit(main())

"""Measure ours beside the peers, in one run: `python benchmarks/run.py [--quick] [--slack N] [--json FILE] [WORD ...]`.

Each row is timed in blocks, ours and the base in turn and in random order, by the CPU time of this process; what is
printed is the median ratio over the rounds, its spread (half the distance between the quartiles) and the medians. A
peer that is not installed is named as skipped. Words choose the rows whose name has one of them. Pin a core for
steady figures: `taskset -c 1 python benchmarks/run.py`.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs

sys.path.insert(0, str(Path(__file__).parent))

BLOCK, BESIDE = 0.02, 0.1
"""Seconds of one block, and of one in turn with another process: each of the two begins with what the other has left in
the caches."""
QUICK, ROUNDS = 15, 41
PACKAGES = ("attrs", "lxml", "aioice", "aiortc", "sdp-transform")
"On PyPI: what is measured with, and beside."


@attrs.frozen
class Result:
    """One row, measured."""

    name: str
    ratio: float
    spread: float
    ours: float
    "In `unit`."
    base: float
    must: float
    aim: float
    remark: str = ""
    unit: str = "s"
    "`s`, `B` or `packets`."

    def __str__(self) -> str:
        verdict = "aim" if self.ratio <= self.aim else "must" if self.ratio <= self.must else "MISSED"
        amount = _AMOUNTS[self.unit]
        return (
            f"{self.name:<52}{self.ratio:7.2f} ±{self.spread:5.2f}{self.must:7.2f}{self.aim:6.2f}  {verdict:<7}"
            f"{amount(self.ours):>10}{amount(self.base):>10}  {self.remark}"
        )


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} us" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"


def _octets(octets: float) -> str:
    return f"{octets:.0f} B" if octets < 1e5 else f"{octets / 1e6:.1f} MB"


def _packets(count: float) -> str:
    return f"{count:.0f}"


_AMOUNTS = {"s": _time, "B": _octets, "packets": _packets}


def compare(first: Callable[[], float], second: Callable[[], float], rounds: int) -> tuple[float, float, float, float]:
    """Return median ratio, its spread, and both medians, of two measurements taken in turn."""
    gc.collect()
    gc.freeze()  # the inputs of all rows are no garbage to look through while one of them is measured
    order = random.Random(1)
    pairs = []
    for _ in range(rounds):
        if order.random() < 0.5:
            one = first()
            pairs.append((one, second()))
        else:
            two = second()
            pairs.append((first(), two))
    ratios = [one / two for one, two in pairs]
    quartiles = statistics.quantiles(ratios, n=4)
    ours, base = (statistics.median(side) for side in zip(*pairs, strict=True))
    return statistics.median(ratios), (quartiles[2] - quartiles[0]) / 2, ours, base


def block(operation: Callable[[], object], seconds: float = BLOCK) -> Callable[[], float]:
    """Return what measures an operation: the CPU seconds of one, over a block of them."""
    operation()
    start = time.process_time()
    operation()
    times = max(1, int(seconds / max(time.process_time() - start, 1e-6)))

    def measure() -> float:
        start = time.process_time()
        for _ in range(times):
            operation()
        return (time.process_time() - start) / times

    return measure


def in_process(rounds: int, words: list[str]) -> Iterator[Result | str]:
    """Give the rows of codecs."""
    for module in ("rows_xml", "rows_validate", "rows_sdp", "rows_stun", "rows_turn", "rows_network", "rows_session"):
        try:
            rows = importlib.import_module(module).rows()
        except ImportError as error:
            yield f"{module}: skipped, {error.name} is not installed"
            continue
        for name, ours, base, must, aim in rows:
            if base is not None and _wanted(name, words):
                yield Result(name, *compare(block(ours), block(base), rounds), must, aim)


def whole_way(rounds: int, words: list[str]) -> Iterator[Result | str]:
    """Give the rows beside peers that lose lines, with the count of each side."""
    import rows_trip

    for row in rows_trip.rows():
        if not _wanted(row.name, words):
            continue
        try:
            peer = row.peer()
        except FileNotFoundError as error:
            yield f"{row.name}: skipped, {error}"
            continue
        if isinstance(peer, rows_trip.Node):
            times = max(1, int(BESIDE / peer.seconds(200)))
            figures = compare(block(row.ours, BESIDE), partial(peer.seconds, times), rounds)
            theirs = rows_trip.lost(peer.text)
            peer.close()
        else:
            figures, theirs = compare(block(row.ours), block(peer), rounds), rows_trip.lost(peer())
        remark = f"lines not given back as they were: {rows_trip.lost(row.ours())} ours, {theirs} theirs"
        yield Result(row.name, *figures, row.must, row.aim, "" if "13,000" in row.name else remark)


def machines(rounds: int, words: list[str]) -> Iterator[Result | str]:
    """Give the rows of machines, which measure themselves."""
    for module in ("rows_ice", "rows_endpoint"):
        try:
            rows = importlib.import_module(module).measured()
        except ImportError as error:
            yield f"{module}: skipped, {error.name} is not installed"
            continue
        for name, ours, base, must, aim in rows:
            if _wanted(name, words):
                yield Result(name, *compare(ours, base, rounds), must, aim, unit="B" if "memory" in name else "s")


def in_memory(_: int, words: list[str]) -> Iterator[Result]:
    """Give the rows of memory, which do not vary."""
    import rows_endpoint
    import rows_session

    for name, weigh, allowed, must, aim in (*rows_session.memory(), *rows_endpoint.memory()):
        if _wanted(name, words):
            octets = weigh()
            yield Result(name, octets / allowed, 0.0, octets, allowed, must, aim, unit="B")


def counted(_: int, words: list[str]) -> Iterator[Result | str]:
    """Give the rows of what is counted."""
    try:
        import aioice
    except ImportError as error:
        yield f"rows_turn: skipped, {error.name} is not installed"
        return
    from rows_turn import packets

    for name, ours, base, must, aim in packets() if _wanted("packets to a relayed connection", words) else ():
        yield Result(name, ours / base, 0.0, ours, base, must, aim, f"beside aioice {aioice.__version__}", "packets")


def start_up(rounds: int, words: list[str]) -> Iterator[Result]:
    """Give the rows of fresh processes."""
    from rows_process import processes

    base, rows = processes()
    for name, ours, must, aim in rows:
        if _wanted(name, words):
            ours()  # writes the byte code
            yield Result(name, *compare(ours, base, rounds), must, aim)


def _wanted(name: str, words: list[str]) -> bool:
    return not words or any(word.lower() in name.lower() for word in words)


def conditions(rounds: int) -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "python": platform.python_version(),
        "processor": f"{_processor()}, {os.cpu_count()} of them",
        "load": round(os.getloadavg()[0], 1),
        "rounds": rounds,
        "versions": {name: version for name in PACKAGES if (version := _version(name))},
    }


def _processor() -> str:
    """Return the model that Linux tells, else what the system calls it."""
    file = Path("/proc/cpuinfo")
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    models = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return models[0] if models else platform.processor()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", metavar="WORD", help="rows whose name has one of these words")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: for a look, not for a figure")
    parser.add_argument("--slack", type=float, metavar="N", help="fail when a ratio is over N times its `must`")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there, too")
    return parser.parse_args()


def main() -> None:
    """Measure, print the table, write the JSON, and fail where a ratio is beyond the slack."""
    options = arguments()
    about = conditions(QUICK if options.quick else ROUNDS)
    print(*(f"{name}: {value}" for name, value in about.items()), sep="\n")
    print(f"{'':<52}{'ratio':>7}{'':7}{'must':>7}{'aim':>6}{'':9}{'ours':>10}{'base':>10}")
    results: list[Result] = []
    skipped: list[str] = []
    # What weighs thousands of sessions comes last: the heap that it leaves slows down what is measured in it.
    for part in (in_process, whole_way, start_up, machines, counted, in_memory):
        for result in part(about["rounds"], options.words):
            print(result, flush=True)
            if isinstance(result, Result):
                results.append(result)
            else:
                skipped.append(result)
    if options.json is not None:
        rows = [attrs.asdict(result) for result in results]
        options.json.write_text(json.dumps({**about, "rows": rows, "skipped": skipped}, indent=1) + "\n")
    slow = [result.name for result in results if options.slack and result.ratio > options.slack * result.must]
    if slow:
        sys.exit(f"over {options.slack} times what must hold: {'; '.join(slow)}")


if __name__ == "__main__":
    main()

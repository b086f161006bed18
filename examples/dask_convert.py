"""Converts a directory of JSON Lines with Dask, one file a task: archives that one machine does not get through.

    python examples/dask_convert.py OFFERS JINGLE to-jingle --carry
    python examples/dask_convert.py --cluster tcp://scheduler:8786 JINGLE SDP to-sdp

Each `.jsonl` file below the first directory becomes one of the same name below the second, line for line as
`jinglecodec COMMAND --json-lines` writes it. Without a cluster the processors of this machine do the work.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import dask.bag
from dask.distributed import Client

from jinglecodec.cli import Exit, main

__all__ = ["convert"]

PATTERN = "**/*.jsonl"


def convert(command: Sequence[str], source: Path, target: Path) -> dict[Path, Exit]:
    """Return each file, relative to both directories, with the status of the command.

    `command` is that of the command line without files. The cluster of the current client is used where there is one,
    and has to see both directories.
    """
    names = [path.relative_to(source) for path in sorted(source.glob(PATTERN))]
    bag = dask.bag.from_sequence(names, partition_size=1)  # type: ignore[no-untyped-call]
    work = bag.map(convert_file, list(command), source, target)
    return dict(zip(names, work.compute(), strict=True))


def convert_file(name: Path, command: list[str], source: Path, target: Path) -> Exit:
    """Return the status of the command on one file."""
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    return main([*command, "--json-lines", "--output", str(target / name), str(source / name)])


def run() -> Exit:
    """Run as a program, which is done when all files are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cluster", metavar="ADDRESS", help="the scheduler of a Dask cluster")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("command", nargs=argparse.REMAINDER, help="to-jingle or to-sdp, and its options")
    options = parser.parse_args()
    with Client(options.cluster) if options.cluster else nullcontext():  # type: ignore[no-untyped-call]
        statuses = convert(options.command, options.source, options.target)
    for name, status in statuses.items():
        print(f"{name}: {status.name.lower().replace('_', ' ')}")
    return max(statuses.values(), default=Exit.DONE)


if __name__ == "__main__":
    sys.exit(run())

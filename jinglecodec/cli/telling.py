"""What all commands have in common: exit status, files, and how things are told."""

from __future__ import annotations

import enum
import sys

import attrs

import jinglecodec as jc
from jinglecodec.errors import JinglecodecError
from jinglecodec.findings import Finding
from jinglecodec.lexical import printable

__all__ = ["Exit", "complain", "dumped", "plain", "problems", "read", "read_sdp", "tell"]


class Exit(enum.IntEnum):
    """Exit status."""

    DONE = 0
    BAD_INPUT = 1
    "Or not valid, where that was the question."
    USAGE = 2
    LOSSES = 3
    "There were losses, and `--strict`."


def read(name: str) -> bytes:
    """Return what a file, or for `-` standard input, holds."""
    if name == "-":
        return sys.stdin.buffer.read()
    with open(name, "rb") as file:
        return file.read()


def read_sdp(name: str) -> jc.sdp.SessionDescription | None:
    """Return the description that a file holds; None where there is none, which is told."""
    try:
        return jc.sdp.loads(read(name))
    except (JinglecodecError, OSError) as error:
        complain(name, error)
        return None


def problems(error: JinglecodecError | OSError) -> list[str]:
    """Return what an error says, one line for each problem."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text.split("\n")


def complain(name: str, error: JinglecodecError | OSError) -> None:
    """Tell about an error, one line for each problem."""
    for line in problems(error):
        tell(f"jinglecodec: {name}: {line}")


def tell(text: str) -> None:
    """Write a line to standard error; what peers wrote may hold what a terminal obeys."""
    print(printable(text), file=sys.stderr)


def dumped(told: dict[str, object]) -> bytes:
    """Return one line of JSON; octets that are no UTF-8 are in it by their surrogates, escaped."""
    import json  # noqa: PLC0415 - for those who ask for it

    return (json.dumps(told, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def plain(finding: Finding) -> dict[str, object]:
    """Return a finding as JSON has it."""
    return attrs.asdict(finding, value_serializer=lambda _, __, value: getattr(value, "value", value))

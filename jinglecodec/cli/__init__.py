"""The command line: SDP to Jingle and back, changes between descriptions, stanzas validated and summed up.

What comes out goes to standard output (or `--output`), what could not be said to standard error, one line each. Each
group of commands is a module, imported when one of them is called.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import jinglecodec as jc
from jinglecodec.cli.telling import Exit

__all__ = ["Exit", "main", "run"]

_COMMANDS = {
    "to-jingle": ("conversion", "map SDP to a <jingle/> element, one a line"),
    "to-sdp": ("conversion", "map a <jingle/> element, or the IQ around it, to SDP"),
    "diff": ("editing", "tell which requests change a session from one description to another"),
    "candidate": ("editing", "put candidates, as a browser gives them, into a transport-info"),
    "normalise": ("editing", "write SDP and stanzas as this library does, whatever their spelling"),
    "validate": ("inspection", "judge stanzas by the schemas of the XEPs, or of what peers exchange"),
    "show": ("inspection", "sum up stanzas, or SDP, for people"),
}
"""Command -> module and summary.

A module has `declare(parser, command)`, which declares the arguments, and `run(options)`, which returns the status.
"""


def main(arguments: Sequence[str] | None = None, started: Callable[[], object] | None = None) -> Exit:
    """Carry out a command line and return the exit status; argparse exits by itself on wrong usage.

    `started` is called when the command is understood, and what it needs is loaded.
    """
    options = _parser().parse_args(arguments)
    if started is not None:
        started()
    status: Exit = _module(options.command).run(options)
    return status


def _module(command: str) -> Any:  # noqa: ANN401 - a module
    module, _ = _COMMANDS[command]
    return import_module(f"{__name__}.{module}")


class _Formatter(argparse.HelpFormatter):
    """Knows the width of the terminal: argparse asks shutil, at each argument, and that takes 3 ms to load."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


def _columns() -> int:
    stated = os.environ.get("COLUMNS", "")
    if stated.isdecimal() and int(stated) > 0:
        return int(stated)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):  # no terminal, or no file
        return 80


class _CommandParser(argparse.ArgumentParser):
    """The parser of one command, which declares its arguments when it is the one that was called."""

    def parse_known_args(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        namespace: Any = None,  # noqa: ANN401 - as argparse has it
    ) -> Any:  # noqa: ANN401
        """Declare the arguments and parse them."""
        command = self.prog.rpartition(" ")[2]
        _module(command).declare(self, command)
        return super().parse_known_args(args, namespace)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jinglecodec",
        description="Map SDP to Jingle and back, validate, and show. What cannot be mapped is told on standard error.",
        epilog="Exit status: 0 done, 1 bad input or not valid, 2 wrong usage, 3 losses under --strict.",
        formatter_class=_Formatter,
    )
    parser.add_argument("--version", action="version", version=f"jinglecodec {jc.__version__}")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", prog=parser.prog, parser_class=_CommandParser
    )
    for name, (_, summary) in _COMMANDS.items():
        description = summary[0].upper() + summary[1:] + "."
        commands.add_parser(name, help=summary, description=description, formatter_class=_Formatter)
    return parser


def run(started: Callable[[], object] | None = None) -> None:
    """Run as a program; `started` as in `main`."""
    try:
        status = main(started=started)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = Exit.DONE
    sys.exit(status)

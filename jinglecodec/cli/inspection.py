"""The commands validate and show. Each input is told about; a bad one keeps none of the others from it."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from typing import Literal

import jinglecodec as jc
from jinglecodec.cli.batch import Outcome, carry_out, declare_batch
from jinglecodec.cli.telling import Exit, dumped, plain
from jinglecodec.lexical import printable

__all__ = ["declare", "run"]


def declare(parser: argparse.ArgumentParser, command: str) -> None:
    """Declare the arguments of a command."""
    if command == "show":
        parser.add_argument("files", nargs="*", metavar="FILE", help="file to read; - or none: standard input")
        parser.set_defaults(json_lines=False, jobs=1)
        return
    declare_batch(parser)
    parser.add_argument("--profile", choices=("published", "deployed"), default="deployed", help="default: deployed")
    parser.add_argument("--json", action="store_true", help="one JSON object a file: file, profile, ok and findings")


def run(options: argparse.Namespace) -> Exit:
    """Tell about all inputs."""
    if options.command == "show":
        return carry_out(partial(_show, color=sys.stdout.isatty()), options, held=False)
    json = options.json or options.json_lines
    return carry_out(partial(_validate, options.profile, json=json), options, held=False)


def _validate(profile: Literal["published", "deployed"], name: str, data: bytes, *, json: bool) -> Outcome:
    report = jc.validate(data, profile)
    status = Exit.DONE if report.ok else Exit.BAD_INPUT
    if json:
        findings = [plain(finding) for finding in report.findings]
        return Outcome(dumped({"file": name, "profile": profile, "ok": report.ok, "findings": findings}), (), status)
    lines = [f"{name}:{finding.line or 0}: {finding.severity.value}: {finding}" for finding in report.findings]
    verdict = "valid" if report.ok else "not valid"
    text = "".join(f"{printable(line)}\n" for line in (*lines, f"{name}: {verdict} as {profile}"))
    return Outcome(text.encode("utf-8", "backslashreplace"), (), status)


def _show(_: str, data: bytes, *, color: bool) -> Outcome:
    from jinglecodec.show import show  # noqa: PLC0415 - a validation does not wait for it

    return Outcome(show(data, color=color).encode("utf-8", "backslashreplace"))

"""The command line: SDP files to Jingle and back.

Results go to standard output (or `--output`), what could not be mapped to standard error, one line each. Where
any input is bad, nothing is written.
"""

from __future__ import annotations

import argparse
import enum
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

import jinglecodec as jc
from jinglecodec.errors import JinglecodecError
from jinglecodec.findings import Finding, Severity
from jinglecodec.mapping.losses import Loss
from jinglecodec.mapping.contents import Role
from jinglecodec.model.jingle import Action, Jingle
from jinglecodec.model.stanza import Iq

__all__ = ["Exit", "main", "run"]


class Exit(enum.IntEnum):
    """Exit status."""

    DONE = 0
    BAD_INPUT = 1
    USAGE = 2
    LOSSES = 3
    "There were losses, and `--strict`."


@attrs.frozen
class _Result:
    """What became of one input."""

    value: bytes
    losses: tuple[Loss, ...]


def _to_jingle(data: bytes, options: argparse.Namespace) -> _Result:
    description = jc.sdp.loads(data)
    role: Role = options.role or ("responder" if options.action == "session-accept" else "initiator")
    origin = description.origin
    mapped = jc.mapping.to_jingle(
        description,
        action=options.action or ("session-accept" if role == "responder" else "session-initiate"),
        sid=options.sid or ("s0" if origin is None else f"s{origin.session_id}"),
        role=role,
        initiator=options.initiator,
        responder=options.responder,
        offer=_offer(options),
        carry=options.carry,
    )
    return _Result(jc.dumps(mapped.value, pretty=options.pretty) + b"\n", mapped.losses)


def _to_sdp(data: bytes, options: argparse.Namespace) -> _Result:
    jingle = _jingle_in(jc.loads(data, errors="strict"))
    role: Role = options.role or ("responder" if jingle.action is Action.SESSION_ACCEPT else "initiator")
    mapped = jc.mapping.to_sdp(jingle, role=role, offer=_offer(options), carry=options.carry)
    return _Result(jc.sdp.dumps(mapped.value).encode("utf-8", "surrogateescape"), mapped.losses)


def _jingle_in(element: jc.Element) -> Jingle:
    """Return the Jingle element, which may stand in an IQ."""
    found = element.payload if isinstance(element, Iq) else element
    if not isinstance(found, Jingle):
        raise jc.DecodeError((Finding("wrong-root", message=f"there is no <jingle/> in {type(element).__name__}"),))
    return found


def _offer(options: argparse.Namespace) -> jc.sdp.SessionDescription | None:
    return None if options.offer is None else jc.sdp.loads(Path(options.offer).read_bytes())


_COMMANDS: dict[str, tuple[Callable[[bytes, argparse.Namespace], _Result], str]] = {
    "to-jingle": (_to_jingle, "map SDP to a <jingle/> element, one a line"),
    "to-sdp": (_to_sdp, "map a <jingle/> element, or the IQ around it, to SDP"),
}


def main(arguments: Sequence[str] | None = None) -> Exit:
    """Carry out a command line and return the exit status; argparse exits by itself on wrong usage."""
    options = _parser().parse_args(arguments)
    command, _ = _COMMANDS[options.command]
    results: list[tuple[str, _Result]] = []
    failed = False
    for name in options.files or ["-"]:
        try:
            results.append((name, command(_read(name), options)))
        except (JinglecodecError, OSError) as error:
            failed = True
            for line in _reasons(error):
                print(f"jinglecodec: {name}: {line}", file=sys.stderr)
    if failed:
        return Exit.BAD_INPUT
    return _finish(results, options)


def _finish(results: Sequence[tuple[str, _Result]], options: argparse.Namespace) -> Exit:
    """Tell the losses and write the values, unless `--strict` forbids them."""
    lost = False
    for name, result in results:
        for loss in result.losses:
            if loss.severity is Severity.INFO:
                continue  # carried along
            lost = True
            if not options.json:
                print(f"{name}: {loss}", file=sys.stderr)
    if lost and options.strict:
        print("jinglecodec: nothing written, because of --strict", file=sys.stderr)
        return Exit.LOSSES
    output = b"".join(_json(result) if options.json else result.value for _, result in results)
    try:
        _write(output, options.output)
    except OSError as error:
        print(f"jinglecodec: {options.output or 'standard output'}: {error.strerror}", file=sys.stderr)
        return Exit.BAD_INPUT
    return Exit.DONE


def _read(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def _reasons(error: JinglecodecError | OSError) -> list[str]:
    """Return what to print of an error, one line for each problem."""
    if isinstance(error, OSError):
        return [error.strerror or str(error)]
    return str(error).splitlines() or [type(error).__name__]


def _json(result: _Result) -> bytes:
    losses = [
        attrs.asdict(loss, value_serializer=lambda _, __, value: getattr(value, "value", value))
        for loss in result.losses
    ]
    text = json.dumps({"value": result.value.decode("utf-8", "replace"), "losses": losses}, ensure_ascii=False)
    return text.encode("utf-8", "replace") + b"\n"


def _write(output: bytes, name: str | None) -> None:
    if name is None or name == "-":
        sys.stdout.buffer.write(output)
        sys.stdout.buffer.flush()
    else:
        Path(name).write_bytes(output)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jinglecodec",
        description="Map SDP to Jingle and back. What has no form on the other side is told on standard error.",
        epilog="Exit status: 0 done, 1 bad input, 2 wrong usage, 3 losses under --strict.",
    )
    parser.add_argument("--version", action="version", version=f"jinglecodec {jc.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, summary) in _COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        command.add_argument("files", nargs="*", metavar="FILE", help="file to read; - or none: standard input")
        command.add_argument("--role", choices=("initiator", "responder"), help="who wrote the description")
        command.add_argument("--offer", metavar="FILE", help="the SDP offer that this answers")
        command.add_argument("--carry", action="store_true", help="send along, or honour, what Jingle cannot say")
        command.add_argument("--strict", action="store_true", help="fail where anything is lost")
        command.add_argument("--json", action="store_true", help="one JSON object a file: value and losses")
        command.add_argument("--output", "-o", metavar="FILE", help="file to write")
    jingle = commands.choices["to-jingle"]
    actions = [action.value for action in Action]
    jingle.add_argument("--action", choices=actions, metavar="ACTION", help="such as session-initiate")
    jingle.add_argument("--sid", help="session id; by default that of the o= line")
    jingle.add_argument("--initiator", metavar="JID")
    jingle.add_argument("--responder", metavar="JID")
    jingle.add_argument("--pretty", action="store_true", help="indent the XML")
    return parser


def run() -> None:
    """Run as a program."""
    try:
        status = main()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = Exit.DONE
    sys.exit(status)

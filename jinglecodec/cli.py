"""The command line: SDP files to Jingle and back; stanzas validated; either summed up for people.

What is mapped goes to standard output (or `--output`), what could not be to standard error, one line each. Where
any input is bad, nothing is written. What is validated or shown is told file by file.
"""

from __future__ import annotations

import argparse
import enum
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import attrs

import jinglecodec as jc
from jinglecodec.errors import JinglecodecError
from jinglecodec.findings import Finding, Severity
from jinglecodec.lexical import printable
from jinglecodec.mapping.contents import Role
from jinglecodec.mapping.losses import Loss
from jinglecodec.model.jingle import Action, Jingle

__all__ = ["Exit", "main", "run"]


class Exit(enum.IntEnum):
    """Exit status."""

    DONE = 0
    BAD_INPUT = 1
    "Or not valid, where that was the question."
    USAGE = 2
    LOSSES = 3
    "There were losses, and `--strict`."


@attrs.frozen
class _Result:
    """What became of one input."""

    value: bytes
    losses: tuple[Loss, ...]


def _to_jingle(data: bytes, options: argparse.Namespace, offer: jc.sdp.SessionDescription | None) -> _Result:
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
        offer=offer,
        carry=options.carry,
    )
    return _Result(jc.dumps(mapped.value, pretty=options.pretty) + b"\n", mapped.losses)


def _to_sdp(data: bytes, options: argparse.Namespace, offer: jc.sdp.SessionDescription | None) -> _Result:
    jingle = _jingle_in(jc.loads(data, errors="strict"))
    role: Role = options.role or ("responder" if jingle.action is Action.SESSION_ACCEPT else "initiator")
    mapped = jc.mapping.to_sdp(jingle, role=role, offer=offer, carry=options.carry)
    return _Result(jc.sdp.dumps(mapped.value).encode("utf-8", "surrogateescape"), mapped.losses)


def _jingle_in(element: jc.Element) -> Jingle:
    """Return the Jingle element, which may stand in an IQ."""
    found = element.payload if isinstance(element, jc.Iq) else element
    if not isinstance(found, Jingle):
        raise jc.DecodeError((Finding("wrong-root", message=f"there is no <jingle/> in {type(element).__name__}"),))
    return found


_Command = Callable[[bytes, argparse.Namespace, "jc.sdp.SessionDescription | None"], _Result]

_COMMANDS: dict[str, tuple[_Command, str]] = {
    "to-jingle": (_to_jingle, "map SDP to a <jingle/> element, one a line"),
    "to-sdp": (_to_sdp, "map a <jingle/> element, or the IQ around it, to SDP"),
}


def _validate(name: str, data: bytes, options: argparse.Namespace) -> tuple[str, bool]:
    report = jc.validate(data, options.profile)
    if options.json:
        findings = [_plain(finding) for finding in report.findings]
        told = {"file": name, "profile": options.profile, "ok": report.ok, "findings": findings}
        return _dumped(told), report.ok
    lines = [f"{name}:{finding.line or 0}: {finding.severity.value}: {finding}" for finding in report.findings]
    verdict = "valid" if report.ok else "not valid"
    return "".join(f"{printable(line)}\n" for line in (*lines, f"{name}: {verdict} as {options.profile}")), report.ok


def _show(_: str, data: bytes, __: argparse.Namespace) -> tuple[str, bool]:
    from jinglecodec.show import show  # noqa: PLC0415 - a mapping does not wait for it

    return show(data, color=sys.stdout.isatty()), True


_INSPECTIONS: dict[str, tuple[Callable[[str, bytes, argparse.Namespace], tuple[str, bool]], str]] = {
    "validate": (_validate, "judge stanzas by the schemas of the XEPs, or of what peers exchange"),
    "show": (_show, "sum up stanzas, or SDP, for people"),
}
"Command -> what returns a text and whether all is well, and its summary."


def _inspect(options: argparse.Namespace) -> Exit:
    """Tell about each file in turn; one that cannot be read does not keep the others from being told about."""
    inspection, _ = _INSPECTIONS[options.command]
    status = Exit.DONE
    for name in options.files or ["-"]:
        try:
            text, well = inspection(name, _read(name), options)
        except (JinglecodecError, OSError) as error:
            well = False
            _complain(name, error)
        else:
            _write(text.encode("utf-8", "backslashreplace"), None)
        if not well:
            status = Exit.BAD_INPUT
    return status


def main(arguments: Sequence[str] | None = None) -> Exit:
    """Carry out a command line and return the exit status; argparse exits by itself on wrong usage."""
    options = _parser().parse_args(arguments)
    if options.command in _INSPECTIONS:
        return _inspect(options)
    command, _ = _COMMANDS[options.command]
    try:
        offer = None if options.offer is None else jc.sdp.loads(_read(options.offer))
    except (JinglecodecError, OSError) as error:
        _complain(options.offer, error)
        return Exit.BAD_INPUT
    results: list[tuple[str, _Result]] = []
    failed = False
    for name in options.files or ["-"]:
        try:
            results.append((name, command(_read(name), options, offer)))
        except (JinglecodecError, OSError) as error:
            failed = True
            _complain(name, error)
    if failed:
        return Exit.BAD_INPUT
    return _finish(results, options)


def _finish(results: Sequence[tuple[str, _Result]], options: argparse.Namespace) -> Exit:
    """Tell the losses and write the values; with `--strict` nothing where anything is lost."""
    lost = False
    for name, result in results:
        for loss in result.losses:
            if loss.severity is Severity.INFO:
                continue  # carried along
            lost = True
            _tell(f"{name}: {loss}")
    if lost and options.strict:
        return Exit.LOSSES
    output = b"".join(_json(result) if options.json else result.value for _, result in results)
    try:
        _write(output, options.output)
    except BrokenPipeError:
        raise  # nobody reads any more: `run` ends in silence
    except OSError as error:
        _complain(options.output or "standard output", error)
        return Exit.BAD_INPUT
    return Exit.DONE


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    with open(name, "rb") as file:
        return file.read()


def _complain(name: str, error: JinglecodecError | OSError) -> None:
    """Tell about an error, one line for each problem."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    for line in text.split("\n"):
        _tell(f"jinglecodec: {name}: {line}")


def _tell(text: str) -> None:
    """Write a line to standard error; what peers wrote may hold what a terminal obeys."""
    print(printable(text), file=sys.stderr)


def _json(result: _Result) -> bytes:
    losses = [_plain(loss) for loss in result.losses]
    return _dumped({"value": result.value.decode("utf-8", "replace"), "losses": losses}).encode("utf-8", "replace")


def _dumped(told: dict[str, object]) -> str:
    """Return one line of JSON."""
    import json  # noqa: PLC0415 - for those who ask for it

    return json.dumps(told, ensure_ascii=False) + "\n"


def _plain(finding: Finding) -> dict[str, object]:
    """Return a finding as JSON has it."""
    return attrs.asdict(finding, value_serializer=lambda _, __, value: getattr(value, "value", value))


def _write(output: bytes, name: str | None) -> None:
    if name is None or name == "-":
        sys.stdout.buffer.write(output)
        sys.stdout.buffer.flush()
    else:
        with open(name, "wb") as file:
            file.write(output)


class _CommandParser(argparse.ArgumentParser):
    """The parser of one command, which declares its arguments when it is the one that was called."""

    def parse_known_args(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        namespace: Any = None,  # noqa: ANN401 - as argparse has it
    ) -> Any:  # noqa: ANN401
        """Declare the arguments and parse them."""
        name = self.prog.rpartition(" ")[2]
        (_declare_inspection if name in _INSPECTIONS else _declare_mapping)(self, name)
        return super().parse_known_args(args, namespace)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jinglecodec",
        description="Map SDP to Jingle and back, validate, and show. What cannot be mapped is told on standard error.",
        epilog="Exit status: 0 done, 1 bad input or not valid, 2 wrong usage, 3 losses under --strict.",
    )
    parser.add_argument("--version", action="version", version=f"jinglecodec {jc.__version__}")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", prog=parser.prog, parser_class=_CommandParser
    )
    for name, (_, summary) in (*_COMMANDS.items(), *_INSPECTIONS.items()):
        commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
    return parser


def _declare_mapping(parser: argparse.ArgumentParser, name: str) -> None:
    parser.add_argument("files", nargs="*", metavar="FILE", help="file to read; - or none: standard input")
    parser.add_argument("--role", choices=("initiator", "responder"), help="who wrote the description")
    parser.add_argument("--offer", metavar="FILE", help="the SDP offer that this answers")
    parser.add_argument("--carry", action="store_true", help="send along, or honour, what Jingle cannot say")
    parser.add_argument("--strict", action="store_true", help="fail where anything is lost")
    parser.add_argument("--json", action="store_true", help="one JSON object a file: value and losses")
    parser.add_argument("--output", "-o", metavar="FILE", help="file to write")
    if name == "to-jingle":
        actions = [action.value for action in Action]
        parser.add_argument("--action", choices=actions, metavar="ACTION", help="such as session-initiate")
        parser.add_argument("--sid", help="session id; by default that of the o= line")
        parser.add_argument("--initiator", metavar="JID")
        parser.add_argument("--responder", metavar="JID")
        parser.add_argument("--pretty", action="store_true", help="indent the XML")


def _declare_inspection(parser: argparse.ArgumentParser, name: str) -> None:
    parser.add_argument("files", nargs="*", metavar="FILE", help="file to read; - or none: standard input")
    if name == "validate":
        parser.add_argument(
            "--profile", choices=("published", "deployed"), default="deployed", help="default: deployed"
        )
        parser.add_argument(
            "--json", action="store_true", help="one JSON object a file: file, profile, ok and findings"
        )


def run() -> None:
    """Run as a program."""
    try:
        status = main()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = Exit.DONE
    sys.exit(status)

"""The commands candidate and normalise: parts of a session, and one spelling for all."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial

import attrs

import jinglecodec as jc
from jinglecodec.cli.batch import Outcome, carry_out, declare_batch
from jinglecodec.cli.conversion import peer, told_losses
from jinglecodec.cli.telling import Exit, complain, dumped, plain, tell
from jinglecodec.errors import JinglecodecError
from jinglecodec.findings import Finding, Severity

__all__ = ["declare", "run"]


def declare(parser: argparse.ArgumentParser, command: str) -> None:
    """Declare the arguments of a command."""
    if command == "normalise":
        declare_batch(parser)
        parser.add_argument("--pretty", action="store_true", help="indent the XML")
        parser.add_argument("--output", "-o", metavar="FILE", help="file to write")
        return
    parser.add_argument("lines", nargs="+", metavar="LINE", help="such as `a=candidate:1 1 udp 1 192.0.2.1 9 typ host`")
    parser.add_argument("--sid", default="s0", help="session id")
    parser.add_argument("--content", default="0", metavar="NAME", help="name of the content; default: 0")
    parser.add_argument("--creator", choices=("initiator", "responder"), default="initiator")
    parser.add_argument("--ufrag", help="by default that of the candidate, if it says one")
    parser.add_argument("--pwd")
    parser.add_argument("--peer", type=peer, metavar="NAME", help="for whom it is written: dino, conversations ...")
    parser.add_argument("--strict", action="store_true", help="fail where anything is lost")
    parser.add_argument("--pretty", action="store_true", help="indent the XML")


def run(options: argparse.Namespace) -> Exit:
    """Carry out the command."""
    if options.command == "normalise":
        return carry_out(partial(_normalised, options), options, held=not options.json_lines)
    return _candidate(options)


# --- candidate -------------------------------------------------------------------------------------------------------


def _candidate(options: argparse.Namespace) -> Exit:
    """Write a transport-info with the candidates (XEP-0166 7.2.12, XEP-0176 5.7)."""
    try:
        lines = [_line(text) for text in options.lines]
        mapped = jc.mapping.to_jingle(
            _described(lines, options),
            action="transport-info",
            sid=options.sid,
            role=options.creator,
            peer=options.peer,
        )
    except JinglecodecError as error:
        complain("candidate", error)
        return Exit.BAD_INPUT
    given = {line.line() for line in lines}
    losses = tuple(loss for loss in mapped.losses if given.issuperset(loss.lines))
    for told in told_losses("candidate", losses, verbose=True):
        tell(told)
    if losses and options.strict:
        return Exit.LOSSES
    transport = mapped.value.contents[0].transport
    content = jc.Content(creator=jc.Creator(options.creator), name=options.content, transport=transport)
    if isinstance(transport, jc.IceUdpTransport) and transport.candidates:
        request = attrs.evolve(mapped.value, contents=(content,), groups=())
        sys.stdout.buffer.write(jc.dumps(request, pretty=options.pretty) + b"\n")
        sys.stdout.buffer.flush()
    return Exit.DONE


def _line(text: str) -> jc.sdp.Value:
    """Return what a line says, with or without the `a=` that browsers leave out."""
    value = jc.sdp.read_line(text if text.startswith("a=") else f"a={text}")
    if not isinstance(value, jc.sdp.Candidate | jc.sdp.EndOfCandidates):
        raise jc.MappingError((Finding("no-candidate", message=f"{text} is no candidate", clause="RFC 8839 5.1"),))
    return value


def _described(lines: Sequence[jc.sdp.Value], options: argparse.Namespace) -> jc.sdp.SessionDescription:
    """Return a description of one section with the lines in it."""
    said = [name for line in lines if isinstance(line, jc.sdp.Candidate) for name in line.extensions]
    ufrag = options.ufrag or dict(said).get("ufrag")
    values: list[jc.sdp.Value] = [jc.sdp.Mid("0"), *lines]
    if ufrag is not None:
        values.append(jc.sdp.IceUfrag(ufrag))
    if options.pwd is not None:
        values.append(jc.sdp.IcePwd(options.pwd))
    media = jc.sdp.Media.build("audio", 9, "UDP/TLS/RTP/SAVPF", ["0"], values=values)
    return jc.sdp.SessionDescription.build(jc.sdp.Origin("-", 0, 0), media=[media])


# --- normalise -------------------------------------------------------------------------------------------------------


def _normalised(options: argparse.Namespace, name: str, data: bytes) -> Outcome:
    """Return the one spelling that this library writes, and what the reader had to mend."""
    if data.lstrip()[:1] == b"<":
        read = jc.read(data)
        output, findings = jc.dumps(read.value, pretty=options.pretty) + b"\n", read.findings
    else:
        description = jc.sdp.loads(data, errors="tolerant")
        output, findings = jc.sdp.dumps(_rebuilt(description)).encode("utf-8", "surrogateescape"), description.findings
    if options.json_lines:
        value = output.decode("utf-8", "replace")
        output = dumped({"value": value, "findings": [plain(finding) for finding in findings]})
    told = tuple(f"{name}: {one.severity.value}: {one}" for one in findings if one.severity is not Severity.INFO)
    return Outcome(output, told)


def _rebuilt(description: jc.sdp.SessionDescription) -> jc.sdp.SessionDescription:
    """Return a description of the same values, in the order of RFC 8866 5, with the lines that it requires.

    Lines that say nothing are left out.
    """
    nowhere = jc.sdp.Connection("0.0.0.0")  # noqa: S104 - stands for no address
    times = [one for one in description.values if isinstance(one, _TIMES)]
    own = [one for one in description.values if not isinstance(one, (*_HEAD, *_TIMES, jc.sdp.Line))]
    sections = []
    for media in description.media:
        rest = [one for one in media.values if not isinstance(one, jc.sdp.MediaField | jc.sdp.Line)]
        lacking = media.connection is None and description.connection is None
        sections.append(
            jc.sdp.Media.build(
                media.kind,
                media.port,
                media.protocol,
                media.formats or ("0",),
                port_count=media.port_count,
                connection=nowhere if lacking else None,
                values=rest,
            )
        )
    return jc.sdp.SessionDescription.build(
        description.origin or jc.sdp.Origin("-", 0, 0),
        name=description.name or "-",
        timings=times if times and isinstance(times[0], jc.sdp.Timing) else (jc.sdp.Timing(), *times),
        values=own,
        media=sections,
    )


_HEAD = (jc.sdp.Origin, jc.sdp.SessionName)
_TIMES = (jc.sdp.Timing, jc.sdp.Repeat, jc.sdp.Zones)

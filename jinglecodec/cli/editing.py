"""The commands diff, candidate and normalise: changes of a session, parts of it, and one spelling for all."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial

import jinglecodec as jc
from jinglecodec.cli.batch import Outcome, carry_out, declare_batch
from jinglecodec.cli.conversion import peer, sid_of, told_losses
from jinglecodec.cli.telling import Exit, complain, dumped, plain, read_sdp, tell
from jinglecodec.errors import JinglecodecError
from jinglecodec.findings import Severity
from jinglecodec.mapping.losses import Loss
from jinglecodec.sdp.fields import NOWHERE

__all__ = ["declare", "run"]


def declare(parser: argparse.ArgumentParser, command: str) -> None:
    """Declare the arguments of a command."""
    _DECLARATIONS[command](parser)
    parser.add_argument("--pretty", action="store_true", help="indent the XML")


def run(options: argparse.Namespace) -> Exit:
    """Carry out the command."""
    if options.command == "normalise":
        return carry_out(partial(_normalised, options), options, held=not options.json_lines)
    return (_diff if options.command == "diff" else _candidate)(options)


def _answered(name: str, losses: tuple[Loss, ...], requests: Sequence[jc.Jingle], options: argparse.Namespace) -> Exit:
    """Tell what is lost and write the requests, one a line; with `--strict` none where anything is lost."""
    for told in told_losses(name, losses, verbose=True):
        tell(told)
    if losses and options.strict:
        return Exit.LOSSES
    for request in requests:
        sys.stdout.buffer.write(jc.dumps(request, pretty=options.pretty) + b"\n")
    sys.stdout.buffer.flush()
    return Exit.DONE


# --- diff ------------------------------------------------------------------------------------------------------------


def _declare_diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="OLD", help="the description so far, as SDP")
    parser.add_argument("new", metavar="NEW", help="the description from now on, of the same party")
    parser.add_argument("--role", choices=("initiator", "responder"), default="initiator", help="who wrote both")
    parser.add_argument("--sid", help="session id; by default that of the o= line")
    parser.add_argument("--strict", action="store_true", help="fail where anything is lost")


def _diff(options: argparse.Namespace) -> Exit:
    """Write the requests that change one description into the other."""
    old, new = read_sdp(options.old), read_sdp(options.new)
    if old is None or new is None:
        return Exit.BAD_INPUT
    try:
        mapped = jc.mapping.changes(old, new, role=options.role, names=None, sid=options.sid or sid_of(old))
    except JinglecodecError as error:
        complain(options.new, error)
        return Exit.BAD_INPUT
    return _answered(options.new, mapped.losses, mapped.value, options)


# --- candidate -------------------------------------------------------------------------------------------------------


def _declare_candidate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lines", nargs="+", metavar="LINE", help="such as `a=candidate:1 1 udp 1 192.0.2.1 9 typ host`")
    parser.add_argument("--mid", default="0", help="tag of the section; default: 0")
    parser.add_argument("--description", metavar="FILE", help="the SDP of the same party, which has the credentials")
    parser.add_argument("--ufrag", help="by default that of the line or of the description")
    parser.add_argument("--role", choices=("initiator", "responder"), default="initiator", help="whose candidate it is")
    parser.add_argument("--sid", help="session id; by default that of the o= line of the description")
    parser.add_argument("--peer", type=peer, metavar="NAME", help="for whom it is written: dino, conversations ...")
    parser.add_argument("--strict", action="store_true", help="fail where anything is lost")


def _candidate(options: argparse.Namespace) -> Exit:
    """Write a transport-info for each candidate that has a form (XEP-0166 7.2.13, XEP-0176 5.5)."""
    description = None if options.description is None else read_sdp(options.description)
    if description is None and options.description is not None:
        return Exit.BAD_INPUT
    mapped = []
    for line in options.lines:
        try:
            mapped.append(_informed(line, description, options))
        except JinglecodecError as error:
            complain("candidate", error)
    if len(mapped) < len(options.lines):
        return Exit.BAD_INPUT
    losses = tuple(loss for one in mapped for loss in one.losses)
    return _answered("candidate", losses, [one.value for one in mapped if _tells(one.value)], options)


def _informed(
    line: str, description: jc.sdp.SessionDescription | None, options: argparse.Namespace
) -> jc.mapping.Mapped[jc.Jingle]:
    return jc.mapping.to_transport_info(
        jc.mapping.Trickled(line, options.mid, None, options.ufrag),
        sid=options.sid or ("s0" if description is None else sid_of(description)),
        role=options.role,
        desc=description,
        peer=options.peer,
    )


def _tells(request: jc.Jingle) -> bool:
    """Tell whether a transport-info says anything of candidates."""
    transport = request.contents[0].transport
    return isinstance(transport, jc.IceUdpTransport) and bool(transport.candidates or transport.gathering_complete)


# --- normalise -------------------------------------------------------------------------------------------------------


def _declare_normalise(parser: argparse.ArgumentParser) -> None:
    declare_batch(parser)
    parser.add_argument("--output", "-o", metavar="FILE", help="file to write")


def _normalised(options: argparse.Namespace, name: str, data: bytes) -> Outcome:
    """Return the one spelling that this library writes, and what the reader had to mend."""
    if data.lstrip()[:1] == b"<":
        decoded = jc.read(data)
        output, findings = jc.dumps(decoded.value, pretty=options.pretty) + b"\n", decoded.findings
    else:
        description = jc.sdp.loads(data, errors="tolerant")
        output, findings = jc.sdp.dumps(_rebuilt(description)).encode("utf-8", "surrogateescape"), description.findings
    if options.json_lines:
        value = output.decode("utf-8", "surrogateescape")
        output = dumped({"value": value, "findings": [plain(finding) for finding in findings]})
    told = tuple(f"{name}: {one.severity.value}: {one}" for one in findings if one.severity is not Severity.INFO)
    return Outcome(output, told)


def _rebuilt(description: jc.sdp.SessionDescription) -> jc.sdp.SessionDescription:
    """Return a description of the same values, in the order of RFC 8866 5, with the lines that it requires.

    Lines that say nothing are left out. Raises EncodeError for a section that would need an invented format; those of
    one that is rejected say nothing (RFC 3264 6).
    """
    times = [one for one in description.values if isinstance(one, _TIMES)]
    own = [one for one in description.values if not isinstance(one, (*_HEAD, *_TIMES, jc.sdp.Line))]
    sections = []
    for media in description.media:
        rest = [one for one in media.values if not isinstance(one, jc.sdp.MediaField | jc.sdp.Line)]
        lacking = media.connection is None and description.connection is None
        head = media.field if media.port else media.field.rejected
        sections.append(
            jc.sdp.Media.build(
                head.kind,
                head.port,
                head.protocol,
                head.formats,
                port_count=head.port_count,
                connection=NOWHERE if lacking else None,
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

_DECLARATIONS = {"diff": _declare_diff, "candidate": _declare_candidate, "normalise": _declare_normalise}

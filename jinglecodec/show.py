"""A stanza or a session description in few lines for people: what it asks for, of what, and what is odd about it.

Nothing here is meant for programs. What the peer wrote is made safe for a terminal.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

import jinglecodec as jc
from jinglecodec.findings import Finding, Severity
from jinglecodec.lexical import printable
from jinglecodec.model.dtls import Fingerprint
from jinglecodec.model.grouping import Group
from jinglecodec.model.ice_udp import Candidate, IceBase
from jinglecodec.model.jingle import Content, Jingle, Reason
from jinglecodec.model.rtp import PayloadType, RtpDescription
from jinglecodec.model.stanza import Iq, Stanza
from jinglecodec.sdp.attributes.rtp import Rtpmap
from jinglecodec.sdp.inheritance import effective
from jinglecodec.sdp.session import Media, SessionDescription
from jinglecodec.xml.tree import ElementLike, split_tag

__all__ = ["show"]


class _Tone(enum.Enum):
    """How a line looks on a terminal (ECMA-48 8.3.117)."""

    PLAIN = ""
    HEAD = "1"
    ERROR = "31"
    WARNING = "33"


@attrs.frozen
class _Line:
    depth: int
    text: str
    tone: _Tone = _Tone.PLAIN


_Lines = Iterator[_Line]


def show(data: bytes, *, color: bool = False) -> str:
    """Return the summary of a stanza, of an element of the Jingle family, or of SDP; with `color`, for a terminal.

    Raises DecodeError or SdpError for what is neither.
    """
    lines = _stanza(data) if data.lstrip()[:1] == b"<" else _description(jc.sdp.loads(data))
    return "".join(map(_painted if color else _plain, lines))


def _plain(line: _Line) -> str:
    return "  " * line.depth + printable(line.text) + "\n"


def _painted(line: _Line) -> str:
    return f"\x1b[{line.tone.value}m{_plain(line)[:-1]}\x1b[m\n" if line.tone.value else _plain(line)


def _words(*words: object) -> str:
    """Return what there is, separated by blanks."""
    return " ".join(str(word) for word in words if word not in (None, ""))


def _odd(findings: Iterable[Finding]) -> _Lines:
    """Give what is unusual, each thing once."""
    told = {str(finding): finding.severity for finding in findings}
    if told:
        yield _Line(0, "unusual", _Tone.HEAD)
    for text, severity in told.items():
        yield _Line(1, f"{severity.value}: {text}", _TONES[severity])


_TONES: Final = {Severity.ERROR: _Tone.ERROR, Severity.WARNING: _Tone.WARNING, Severity.INFO: _Tone.PLAIN}


# --- Stanzas -------------------------------------------------------------------------------------------------------


def _stanza(data: bytes) -> _Lines:
    read = jc.read(data, errors="keep")
    yield from _element(read.value, 0)
    yield from _odd((*read.findings, *jc.validate(data).findings))


def _element(element: object, depth: int) -> _Lines:
    """Give the lines of an element: those of its class, or what its tree looks like."""
    for cls in type(element).__mro__:
        if cls in _SHOWN:
            return _SHOWN[cls](element, depth)
    return _tree(jc.to_element(element), depth)  # type: ignore[arg-type]


def _tree(node: ElementLike, depth: int) -> _Lines:
    space, name = split_tag(str(node.tag))
    which = space if name in ("description", "transport", "security") else None
    attributes = (f"{split_tag(key)[1]}={value}" for key, value in node.items())
    text = (node.text or "").strip()
    yield _Line(depth, _words(name, which, *attributes, text if len(text) <= 100 else f"{text[:97]}..."))
    for kid in node:
        yield from _tree(kid, depth + 1)


def _show_stanza(stanza: Stanza, depth: int) -> _Lines:
    kind = getattr(stanza, "type", None)
    addresses = (f"{word} {jid}" for word, jid in (("from", stanza.from_), ("to", stanza.to)) if jid)
    name = type(stanza).__name__.lower()
    yield _Line(depth, _words(name, None if kind is None else kind.value, stanza.id, *addresses), _Tone.HEAD)
    inside = (stanza.payload,) if isinstance(stanza, Iq) else getattr(stanza, "payloads", ())
    for element in (*inside, stanza.error, *stanza.extra.children):
        if element is not None:
            yield from _element(element, depth + 1)


def _show_jingle(jingle: Jingle, depth: int) -> _Lines:
    parties = (
        f"{word} {jid}" for word, jid in (("initiator", jingle.initiator), ("responder", jingle.responder)) if jid
    )
    yield _Line(depth, _words(jingle.action.value, jingle.sid, *parties), _Tone.HEAD)
    for element in (jingle.reason, *jingle.contents, *jingle.groups, *jingle.infos, *jingle.extra.children):
        if element is not None:
            yield from _element(element, depth + 1)


def _show_reason(reason: Reason, depth: int) -> _Lines:
    yield _Line(depth, _words("reason", reason.condition and reason.condition.value, reason.sid, reason.text))
    if reason.application is not None:
        yield from _element(reason.application, depth + 1)


def _show_content(content: Content, depth: int) -> _Lines:
    disposition = None if content.disposition == "session" else content.disposition
    senders = f"senders {content.senders.value}"
    yield _Line(depth, _words("content", content.name, f"of {content.creator.value}", senders, disposition), _Tone.HEAD)
    for element in (content.description, content.transport, content.security, *content.extra.children):
        if element is not None:
            yield from _element(element, depth + 1)


def _show_rtp(description: RtpDescription, depth: int) -> _Lines:
    codecs = ", ".join(map(_codec_of, description.payload_types))
    yield _Line(depth, f"{description.media}: {codecs or 'no codecs'}")
    options = {
        "rtcp-mux": description.rtcp_mux,
        "crypto": description.encryption is not None,
        f"{len(description.header_extensions)} header extensions": description.header_extensions,
        f"{len(description.sources)} sources": description.sources,
    }
    if any(options.values()):
        yield _Line(depth + 1, ", ".join(text for text, there in options.items() if there))


def _codec_of(codec: PayloadType) -> str:
    return _codec(str(codec.id), codec.name, codec.clockrate, codec.channels)


def _codec(number: str, name: str | None, rate: int | None, channels: int | None) -> str:
    parts = (name, rate, channels if channels not in (None, 1) else None)
    return _words(number, "/".join(str(part) for part in parts if part is not None))


def _show_ice(transport: IceBase, depth: int) -> _Lines:
    name = type(transport).__name__.removesuffix("Transport")
    yield _Line(depth, _words(f"{name}:", transport.ufrag and f"ufrag {transport.ufrag}"))
    plain: Any = transport  # both transports have candidates, each of its own class
    children = (
        *transport.fingerprints,
        *transport.sctpmaps,
        *transport.channels,
        *plain.candidates,
        *plain.remote_candidates,
    )
    for element in (*children, *transport.extra.children):
        yield from _element(element, depth + 1)


def _show_candidate(candidate: Candidate, depth: int) -> _Lines:
    kind = _words(candidate.type.value, candidate.protocol, candidate.tcptype and candidate.tcptype.value)
    yield _candidate(depth, kind, candidate.ip, candidate.port, candidate.component, candidate.priority)


def _candidate(depth: int, kind: str, host: str, port: int, component: int, priority: int) -> _Line:
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return _Line(depth, f"candidate {kind} {where} component {component} priority {priority}")


def _show_fingerprint(fingerprint: Fingerprint, depth: int) -> _Lines:
    yield _Line(
        depth, _words("DTLS", fingerprint.setup and fingerprint.setup.value, fingerprint.hash, fingerprint.value)
    )


def _show_group(group: Group, depth: int) -> _Lines:
    yield _Line(depth, _words("group", group.semantics, *(content.name for content in group.contents)))


_SHOWN: Final[Mapping[type, Callable[[Any, int], _Lines]]] = {
    Stanza: _show_stanza,
    Jingle: _show_jingle,
    Reason: _show_reason,
    Content: _show_content,
    RtpDescription: _show_rtp,
    IceBase: _show_ice,
    Candidate: _show_candidate,
    Fingerprint: _show_fingerprint,
    Group: _show_group,
}
"Class -> its lines; a class that is not here has those of the nearest it derives from, or its tree."


# --- SDP -----------------------------------------------------------------------------------------------------------


def _description(description: SessionDescription) -> _Lines:
    origin = description.origin
    who = origin and _words(origin.username, origin.session_id, origin.session_version, origin.address)
    yield _Line(0, _words("SDP", who), _Tone.HEAD)
    for media in description.media:
        yield from _media(description, media)
    for group in description.groups:
        yield _Line(1, _words("group", group.semantics, *group.mids))
    yield from _odd(description.findings)


def _media(description: SessionDescription, media: Media) -> _Lines:
    held = effective(description, media)
    mid = None if media.mid is None else f"mid {media.mid}"
    state = "rejected" if media.port == 0 and not media.bundle_only else held.direction.value
    yield _Line(1, _words(media.kind, mid, media.protocol, f"port {media.port}", state), _Tone.HEAD)
    codecs = {str(codec.payload_type): codec for codec in media.rtpmaps}
    shown = (_codec(one, *_named(codecs[one])) if one in codecs else one for one in media.formats)
    yield _Line(2, f"formats: {', '.join(shown)}")
    if held.ice_ufrag is not None:
        yield _Line(2, f"ICE: ufrag {held.ice_ufrag}")
    for candidate in media.candidates:
        kind = f"{candidate.type} {candidate.transport}"
        yield _candidate(3, kind, candidate.address, candidate.port, candidate.component, candidate.priority)
    for fingerprint in held.fingerprints:
        setup = held.setup and held.setup.value
        digest = fingerprint.digest.hex(":").upper()
        yield _Line(2, _words("DTLS", setup, fingerprint.hash_function, digest))


def _named(codec: Rtpmap) -> tuple[str, int, int | None]:
    return codec.encoding, codec.clock_rate, codec.channels

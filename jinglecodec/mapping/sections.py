"""Jingle to SDP: the sections of a description (XEP-0166 7.3, XEP-0167 6, RFC 8829)."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from jinglecodec.errors import EncodeError
from jinglecodec.mapping.contents import Role, mid_of
from jinglecodec.mapping.losses import Loss, unmapped
from jinglecodec.mapping.media import direction_of, write_rtp
from jinglecodec.mapping.names import Names
from jinglecodec.mapping.transport import default_destination, write_candidates, write_ice, write_sctp
from jinglecodec.mapping.writing import Writing
from jinglecodec.model.ice_udp import IceUdpTransport
from jinglecodec.model.jingle import Content, Jingle
from jinglecodec.model.own import Carry, DataChannels
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.sdp.attributes.grouping import BundleOnly, Mid
from jinglecodec.sdp.attributes.grouping import Group as SdpGroup
from jinglecodec.sdp.attributes.rtp import Direction, Rtcp
from jinglecodec.sdp.fields import Origin
from jinglecodec.sdp.session import Media, SessionDescription
from jinglecodec.xml.tree import EMPTY, Extra

__all__ = ["written"]


def written(
    jingle: Jingle, role: Role, offer: SessionDescription | None, names: Names
) -> tuple[SessionDescription, dict[int, int], tuple[Loss, ...]]:
    """Return the description, content -> section, and the losses. Contents without a form have no section."""
    losses: list[Loss] = []
    sections: dict[str, tuple[int, Media]] = {}
    for number, content in enumerate(jingle.contents):
        path = f"jingle/content[{number + 1}]"
        section, lost = _section(content, names, role, path, bundled=_is_bundled(jingle, content))
        losses += lost
        if section is not None:
            sections[section.mid or path] = number, section
    media = list(_ordered(sections, offer))
    head = Writing("jingle")
    for group in jingle.groups:
        mids = tuple(names.mid_of_name(content.name) for content in group.contents)
        head.put("group", SdpGroup, group.semantics, mids)
    origin = Origin("-", crc32(jingle.sid.encode("utf-8", "surrogatepass")), 1)
    description = SessionDescription.build(origin, values=head.values, media=[one for _, one in media])
    places = {content: place for place, (content, _) in enumerate(media) if content is not None}
    return description, places, (*losses, *head.losses, *_unsaid(jingle.extra, "jingle"))


def _ordered(
    sections: dict[str, tuple[int, Media]], offer: SessionDescription | None
) -> Iterator[tuple[int | None, Media]]:
    """Give the sections: in an answer those of the offer, in its order, rejected ones included."""
    left = dict(sections)
    for number, media in enumerate(() if offer is None else offer.media):
        section = left.pop(mid_of(media, number), None)
        yield (None, _rejected(media)) if section is None else section
    yield from left.values()


def _rejected(offered: Media) -> Media:
    """Return the answer that rejects a section (RFC 3264 6, RFC 8829 5.3.1)."""
    values = [] if offered.mid is None else [Mid(offered.mid)]
    _, nowhere = default_destination(())
    return Media.build(
        offered.kind,
        0,
        offered.protocol,
        offered.formats,
        connection=nowhere,
        values=[*values, Direction("inactive")] if "RTP/" in offered.protocol else values,
    )


def _is_bundled(jingle: Jingle, content: Content) -> bool:
    """Tell whether a content shares the transport of another that stands first in its BUNDLE (RFC 8843 7)."""
    for group in jingle.groups:
        members = [member.name for member in group.contents]
        if group.semantics == "BUNDLE" and content.name in members[1:]:
            return True
    return False


def _section(
    content: Content, names: Names, role: Role, path: str, *, bundled: bool
) -> tuple[Media | None, list[Loss]]:
    """Return the section of a content, or None where its application or transport has no form in SDP."""
    description, transport = content.description, content.transport
    known = names.of_content(content.creator, content.name)
    if not isinstance(description, RtpDescription | DataChannels) and description is not None:
        return None, [unmapped(f"{path}/description", "the application has no form in SDP", "XEP-0166 7.3")]
    if not isinstance(transport, IceUdpTransport) or known is None:
        return None, [unmapped(f"{path}/transport", "the transport has no form in SDP", "XEP-0166 7.3")]
    out = Writing(path)
    port, connection = default_destination(transport.candidates)
    if isinstance(description, RtpDescription):
        _write_rtcp(out, transport)
    write_candidates(out, transport.candidates)
    write_ice(out, transport)
    out.put("@name", Mid, known.mid)
    if bundled and transport.ufrag is None and not transport.candidates:
        port = 0
        out.values.append(BundleOnly())
    if isinstance(description, RtpDescription):
        write_rtp(out, description, content.senders, role)
        kind, protocol = description.media, _profile(description, transport)
        formats = [str(payload.id) for payload in description.payload_types]
    else:
        kind, protocol, formats = "application", "UDP/DTLS/SCTP", [s.protocol for s in transport.sctpmaps[:1]]
        formats = formats or ["webrtc-datachannel"]
        direction = direction_of(content.senders, role)
        if direction is not Direction.SENDRECV:
            out.values.append(direction)
        write_sctp(out, transport)
    out.losses += _unsaid_in(content, path)
    try:
        return Media.build(kind, port, protocol, formats, connection=connection, values=out.values), out.losses
    except EncodeError as error:
        return None, [*out.losses, unmapped(path, f"cannot be written: {error}", "RFC 8866 5.14")]


def _write_rtcp(out: Writing, transport: IceUdpTransport) -> None:
    """Write where RTCP goes (RFC 3605, RFC 8829 5.2.1)."""
    port, connection = default_destination(transport.candidates, 2)
    out.put("candidate", Rtcp, port, connection.address, connection.address_type)


def _profile(description: RtpDescription, transport: IceUdpTransport) -> str:
    """Return the profile of the m= line: DTLS wins over keys in the signalling (XEP-0167 4, RFC 8829 5.1.2)."""
    if transport.fingerprints:
        return "UDP/TLS/RTP/SAVPF"
    feedback = description.feedback or any(payload.feedback for payload in description.payload_types)
    secure = "S" if description.encryption is not None and description.encryption.cryptos else ""
    return f"RTP/{secure}AVP{'F' if feedback else ''}"


def _unsaid_in(content: Content, path: str) -> Iterator[Loss]:
    """Give what a content says and its section cannot."""
    if content.disposition != "session":
        yield unmapped(f"{path}/@disposition", f"disposition {content.disposition!r} has no form", "XEP-0166 7.3")
    if content.security is not None:
        yield unmapped(f"{path}/security", "a security precondition has no form in SDP", "XEP-0166 7.3")
    yield from _unsaid(content.extra, path)
    for part, step in ((content.description, "description"), (content.transport, "transport")):
        if part is not None and not hasattr(part, "tag"):
            yield from _unsaid(part.extra, f"{path}/{step}")


def _unsaid(extra: Extra, path: str) -> Iterator[Loss]:
    if extra is not EMPTY:
        for name, _ in extra.attributes:
            yield unmapped(f"{path}/@{name}", "the attribute has no form in SDP", "XEP-0166 11")
        for node in (node for node in extra.children if not isinstance(node, Carry)):
            yield unmapped(path, f"{type(node).__name__} has no form in SDP", "XEP-0166 11")

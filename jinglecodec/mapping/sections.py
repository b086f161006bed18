"""Jingle to SDP: the contents of a request as sections of a description (XEP-0166 7.3, XEP-0167 6, RFC 8829)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast
from zlib import crc32

import attrs

from jinglecodec.errors import EncodeError
from jinglecodec.mapping.contents import Role, roles_of, tags_of
from jinglecodec.mapping.losses import Loss
from jinglecodec.mapping.media import direction_of, write_rtp
from jinglecodec.mapping.names import Names, token
from jinglecodec.mapping.transport import (
    Ice,
    Roles,
    default_destination,
    is_ice,
    write_channels,
    write_ice,
)
from jinglecodec.mapping.writing import Writing
from jinglecodec.model.ice_udp import IceUdpTransport
from jinglecodec.model.jingle import Content, Jingle
from jinglecodec.model.own import DataChannels
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.sdp.attributes.datachannel import SctpPort
from jinglecodec.sdp.attributes.grouping import BundleOnly, Group, Mid
from jinglecodec.sdp.attributes.rtp import Direction, Rtcp, RtcpMux
from jinglecodec.sdp.fields import NOWHERE, Origin
from jinglecodec.sdp.session import Media, SessionDescription

if TYPE_CHECKING:
    from jinglecodec.model.raw_udp import RawUdpTransport

__all__ = ["rejected", "written"]


def written(
    jingle: Jingle,
    role: Role,
    offer: SessionDescription | None,
    names: Names,
    *,
    previous: SessionDescription | None = None,
    joint: str = ";",
) -> tuple[SessionDescription, dict[int, int], tuple[Loss, ...]]:
    """Return the description that `jingle` is, content -> section, and the losses.

    Contents without a form have no section; a section of the offer, or of the writer's `previous` description, that has
    no content is rejected. `joint` parts the parameters of `a=fmtp`.
    """
    sections: dict[str, tuple[int, Media]] = {}
    losses: list[Loss] = []
    bundled = _bundled(jingle) if offer is None else frozenset()
    roles = roles_of(offer, previous)
    for number, content in enumerate(jingle.contents):
        out = Writing(f"jingle/content[{number + 1}]", joint)
        name = names.of_content(content.creator, content.name)
        tag = token(content.name) if name is None else name.mid
        if tag in sections:
            out.lose("@name", "another content has the same", "XEP-0166 7.3")
        else:
            section = _section(out, content, tag, role, roles, bundled=content.name in bundled)
            if section is not None:
                sections[tag] = number, section
        losses += out.losses
    head = Writing("jingle")
    _write_groups(head, jingle, names)
    _lose_rest(head, jingle)
    media = list(_kept(sections, previous) if offer is None else _answering(head, sections, offer))
    origin = Origin("-", crc32(jingle.sid.encode("utf-8", "surrogatepass")), 1)
    description = SessionDescription.build(origin, values=head.values, media=[one for _, one in media])
    places = {content: place for place, (content, _) in enumerate(media) if content is not None}
    return description, places, (*losses, *head.losses)


def next_origin(origin: Origin) -> Origin:
    """Return the origin of the description that follows in a session (RFC 3264 8)."""
    return attrs.evolve(origin, session_version=min(origin.session_version + 1, _LAST_VERSION))


_LAST_VERSION = 2**63 - 1
"A signed number of 64 bits holds it (RFC 3264 5)."


def _bundled(jingle: Jingle) -> frozenset[str]:
    """Return the contents that share the transport of another, the first of their BUNDLE (RFC 8843 7)."""
    groups = (group.contents[1:] for group in jingle.groups if group.semantics == "BUNDLE")
    return frozenset(content.name for contents in groups for content in contents)


def _write_groups(out: Writing, jingle: Jingle, names: Names) -> None:
    """Write the groups; they name contents without their creators (XEP-0338 2)."""
    tags = {entry.name: entry.mid for entry in reversed(names.entries)}
    for group in jingle.groups:
        mids = tuple(tags.get(content.name) or token(content.name) for content in group.contents)
        out.put("group", Group, group.semantics, mids)


def _lose_rest(out: Writing, jingle: Jingle) -> None:
    """Note what a request says beside contents and groups."""
    out.lose_rest(jingle)
    for group in jingle.groups:
        out.lose_rest(group, *group.contents, element="group")


def _kept(
    sections: dict[str, tuple[int, Media]], previous: SessionDescription | None
) -> Iterator[tuple[int | None, Media]]:
    """Give the sections of an offer: those of the one before in their places, removed ones too (RFC 3264 8).

    New ones take the places of such as had been rejected already, and then come last (RFC 8829 5.2.2).
    """
    tags = tags_of(previous)
    new = [section for tag, section in sections.items() if tag not in tags]
    for tag, media in zip(tags, () if previous is None else previous.media, strict=True):
        if tag in sections:
            yield sections[tag]
        elif new and media.port == 0 and not media.bundle_only:
            yield new.pop(0)
        else:
            yield None, rejected(media)
    yield from new


def _answering(
    out: Writing, sections: dict[str, tuple[int, Media]], offer: SessionDescription
) -> Iterator[tuple[int | None, Media]]:
    """Give the sections of an answer: exactly those of the offer, in its order, rejected ones included.

    A content of a name that was not offered answers the first section of its kind that nothing else does.
    """
    tags = tags_of(offer)
    left = {tag: section for tag, section in sections.items() if tag in tags}
    strangers = [section for tag, section in sections.items() if tag not in tags]
    for tag, media in zip(tags, offer.media, strict=True):
        section = left.get(tag) or next((one for one in strangers if one[1].kind == media.kind), None)
        if section in strangers and section is not None:
            strangers.remove(section)
            out.lose(f"content[{section[0] + 1}]/@name", f"is not in the offer, and taken for {tag}", "RFC 3264 6")
        yield (None, rejected(media)) if section is None else section
    for number, _ in strangers:
        out.lose(f"content[{number + 1}]", "is not in the offer", "RFC 3264 6")


def rejected(offered: Media) -> Media:
    """Return the answer that rejects a section (RFC 3264 6, RFC 8829 5.3.1)."""
    head, out = offered.field.rejected, Writing("")
    if offered.mid is not None:
        out.put("@name", Mid, offered.mid)
    if "RTP/" in head.protocol:
        out.values.append(Direction("inactive"))
    return Media.build(head.kind, 0, head.protocol, head.formats, connection=NOWHERE, values=out.values)


# --- one content -----------------------------------------------------------------------------------------------------


def _section(out: Writing, content: Content, tag: str, role: Role, roles: Roles, *, bundled: bool) -> Media | None:
    """Return the section of a content, or None where its application or transport has no form in SDP.

    `bundled`: without credentials of its own it is bundled or rejected, which is for offers only (RFC 8829 5.2.1).
    """
    transport, description = content.transport, _application(content)
    raw = _raw_udp(transport) if isinstance(description, RtpDescription) else None
    if description is None or (raw is None and not is_ice(transport)):
        element = "transport" if description is not None else "description"
        out.lose(element, "has no form in SDP", "XEP-0166 7.3")
        return None
    ice = transport if is_ice(transport) else _NO_ICE
    if raw is None:
        port, connection = default_destination(ice.candidates)
        if isinstance(description, RtpDescription):
            out.derive(Rtcp, *_rtcp_destination(ice))
        write_ice(out, ice, tag, roles)
    else:
        from jinglecodec.mapping.raw_udp import raw_destination, write_raw_udp  # noqa: PLC0415 - rare

        port, connection = raw_destination(raw) or default_destination(())
        write_raw_udp(out, raw)
    out.put("@name", Mid, tag)
    if bundled and raw is None and ice.ufrag is None and not ice.candidates:
        port = 0
        out.values.append(BundleOnly())
    if isinstance(description, RtpDescription):
        formats = write_rtp(out, description, content.senders, role)
        kind, protocol = description.media, _profile(description, ice)
        _write_beside_rtp(out, description, ice, protocol)
    else:
        formats = _write_data(out, content, ice, role)
        kind, protocol = "application", "UDP/DTLS/SCTP"
    out.lose_rest(content)
    try:
        return Media.build(kind, port, protocol, formats, connection=connection, values=out.values)
    except EncodeError as error:
        out.lose("description", f"cannot be written: {error}", "RFC 8866 5.14")
        return None


def _raw_udp(transport: object) -> RawUdpTransport | None:
    """Return the transport if it is raw UDP, whose class is loaded by those only who have one."""
    return cast("RawUdpTransport", transport) if type(transport).__name__ == "RawUdpTransport" else None


_NO_ICE = IceUdpTransport()
"What raw UDP says of ICE, keys and data channels."


def _write_beside_rtp(out: Writing, description: RtpDescription, transport: Ice, protocol: str) -> None:
    """Write what a transport says of RTP, and note what has no form beside it."""
    if isinstance(transport, IceUdpTransport) and transport.rtcp_mux and not description.rtcp_mux:
        out.values.append(RtcpMux())
    for element in ("sctpmap", "channel"):
        if getattr(transport, f"{element}s"):
            out.lose(f"transport/{element}", "has no form in SDP beside RTP", "RFC 8841 4")
    if description.profile not in (None, protocol):
        out.lose("description/@profile", f"is not {protocol}, which follows from the content", "XEP-0167 4")


def _application(content: Content) -> RtpDescription | DataChannels | None:
    """Return the description, DataChannels for whichever uses SCTP (XEP-0343 1), None for one without a form."""
    description, transport = content.description, content.transport
    sctp = is_ice(transport) and transport.sctpmaps
    if isinstance(description, RtpDescription) and (description.payload_types or not sctp):
        return description
    return DataChannels() if sctp or description is None or isinstance(description, DataChannels) else None


def _rtcp_destination(transport: Ice) -> tuple[int, str, str]:
    """Return where RTCP goes (RFC 3605, RFC 8829 5.2.1)."""
    port, connection = default_destination(transport.candidates, 2)
    return port, connection.address, connection.address_type


def _profile(description: RtpDescription, transport: Ice) -> str:
    """Return the profile: DTLS wins over keys in the signalling (XEP-0167 4, XEP-0293 3, RFC 8829 5.1.2)."""
    if transport.fingerprints:
        return "UDP/TLS/RTP/SAVPF"
    feedback = description.feedback or description.trr_int is not None
    feedback = feedback or any(one.feedback or one.trr_int is not None for one in description.payload_types)
    secure = "S" if description.encryption is not None and description.encryption.cryptos else ""
    return f"RTP/{secure}AVP{'F' if feedback else ''}"


def _write_data(out: Writing, content: Content, transport: Ice, role: Role) -> list[str]:
    """Write what is special to data channels, and return the formats of the `m=` line (RFC 8841 5)."""
    direction = direction_of(content.senders, role)
    if direction is not Direction.SENDRECV:
        out.values.append(direction)
    if content.description is not None and not isinstance(content.description, DataChannels):
        out.lose("description", "has no form in SDP; only its data channels have", "XEP-0343 4")
    for sctpmap in transport.sctpmaps[:1]:
        out.put("transport/sctpmap", SctpPort, sctpmap.number)
    for _ in transport.sctpmaps[1:]:
        out.lose("transport/sctpmap", "is one too many", "RFC 8841 5")
    write_channels(out, transport, content.name)
    return [sctpmap.protocol for sctpmap in transport.sctpmaps[:1]] or ["webrtc-datachannel"]

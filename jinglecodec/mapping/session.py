"""Whole descriptions: SDP to Jingle and back (XEP-0166 7, XEP-0167 6, RFC 8829)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal
from zlib import crc32

import attrs

from jinglecodec.errors import EncodeError, MappingError, SdpError
from jinglecodec.findings import Finding
from jinglecodec.mapping import carry as carrying
from jinglecodec.mapping.compare import losses_between
from jinglecodec.mapping.losses import Loss, Mapped, carried, unmapped
from jinglecodec.mapping.media import direction_of, rtp_description, senders_of, write_rtp
from jinglecodec.mapping.names import Names
from jinglecodec.mapping.transport import default_destination, ice_transport, write_candidates, write_ice, write_sctp
from jinglecodec.mapping.writing import Writing
from jinglecodec.model.grouping import Group, GroupContent
from jinglecodec.model.ice_udp import IceUdpTransport
from jinglecodec.model.jingle import Action, Content, Creator, Jingle
from jinglecodec.model.own import Carry, DataChannels
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.sdp.attributes.grouping import BundleOnly, Mid
from jinglecodec.sdp.attributes.grouping import Group as SdpGroup
from jinglecodec.sdp.attributes.rtp import Direction, Rtcp
from jinglecodec.sdp.fields import Origin
from jinglecodec.sdp.inheritance import Effective, effective
from jinglecodec.sdp.session import Media, SessionDescription, loads
from jinglecodec.xml.tree import EMPTY, Extra

__all__ = ["Role", "to_jingle", "to_sdp"]

Role = Literal["initiator", "responder"]
"Who wrote a description; never who reads it."

_SCTP_PROTOCOLS = ("UDP/DTLS/SCTP", "TCP/DTLS/SCTP", "DTLS/SCTP")


# --- SDP to Jingle ---------------------------------------------------------------------------------------------------


def to_jingle(
    desc: SessionDescription,
    *,
    action: Action | str,
    sid: str,
    role: Role,
    initiator: str | None = None,
    responder: str | None = None,
    offer: SessionDescription | None = None,
    previous: SessionDescription | None = None,
    names: Names | None = None,
    carry: bool = False,
    peer: object = None,
) -> Mapped[Jingle]:
    """Return the request that says what `desc` says, with a loss for each line or parameter it cannot say.

    `role` is who wrote `desc`. `offer` is what an answer answers: its contents keep the offer's creators. `previous` is
    the description of the same party before this one: candidates after a change of credentials count one generation
    more (XEP-0176 5.9). `names` are those that an earlier mapping of the session returned. With `carry`, what Jingle
    has no form for goes along in an element of ours, so that `to_sdp` gives every octet back.

    Raises MappingError when no section has a form at all, ValueError for an unknown action or role.
    """
    del peer  # no profile of a peer exists yet; the parameter is part of the fixed signature
    known = _names_for(desc, role, offer, names)
    jingle, partners = _jingle_of(desc, Action(action), sid, role, known, previous)
    if desc.media and not jingle.contents and offer is None:
        raise MappingError((Finding("no-content", message="no section has a form in Jingle", clause="XEP-0166 7.3"),))
    jingle = attrs.evolve(jingle, initiator=initiator, responder=responder)
    written, places, _ = _written(jingle, role, offer, known)
    pairs = _partners(desc, places, partners, offer)
    losses = losses_between(desc, written, pairs)
    if carry:
        jingle = carrying.attach(jingle, desc, written, pairs, partners)
        losses = tuple(map(carried, losses))
    return Mapped(jingle, losses, known)


def _jingle_of(
    desc: SessionDescription,
    action: Action,
    sid: str,
    role: Role,
    names: Names,
    previous: SessionDescription | None = None,
) -> tuple[Jingle, dict[int, int]]:
    """Return the request, and section of `desc` -> content; rejected sections and those without a form have none."""
    contents: list[Content] = []
    places: dict[int, int] = {}
    for number, media in enumerate(desc.media):
        content = _content(desc, media, number, role, names, previous)
        if content is not None:
            places[number] = len(contents)
            contents.append(content)
    return Jingle(action=action, sid=sid, contents=tuple(contents), groups=tuple(_groups(desc, names))), places


def _names_for(desc: SessionDescription, role: Role, offer: SessionDescription | None, names: Names | None) -> Names:
    """Return names that know every section: those of an offer are its writer's, the others are new ones of `role`."""
    known = names or Names()
    offerer = Creator.INITIATOR if role == "responder" else Creator.RESPONDER
    if offer is not None and names is None:
        for number, media in enumerate(offer.media):
            known, _ = known.with_mid(_mid(media, number), offerer)
    creator = offerer if offer is not None else Creator(role)
    for number, media in enumerate(desc.media):
        known, _ = known.with_mid(_mid(media, number), creator)
    return known


def _mid(media: Media, number: int) -> str:
    """Return the section's tag; one without is called by kind and place."""
    return media.mid if media.mid is not None else f"{media.kind}-{number}"


def _content(
    desc: SessionDescription,
    media: Media,
    number: int,
    role: Role,
    names: Names,
    previous: SessionDescription | None,
) -> Content | None:
    """Return the content of a section; None where it is rejected (RFC 3264 6) or has no form in Jingle."""
    name = names.of_mid(_mid(media, number))
    if name is None or (media.port == 0 and not media.bundle_only):
        return None
    resolved = effective(desc, media)
    description: RtpDescription | DataChannels
    if "RTP/" in media.protocol:
        description = rtp_description(media, resolved, role)
    elif media.protocol in _SCTP_PROTOCOLS:
        description = DataChannels()
    else:
        return None
    return Content(
        creator=name.creator,
        name=name.name,
        senders=senders_of(resolved.direction, role),
        description=description,
        transport=ice_transport(media, resolved, _generation(resolved, media, previous)),
    )


def _generation(resolved: Effective, media: Media, previous: SessionDescription | None) -> int:
    """Return the generation of candidates that state none: one more than before once the credentials changed."""
    if previous is None or media.mid is None:
        return 0
    for earlier in previous.media:
        if earlier.mid == media.mid:
            stated = [int(g) for c in earlier.candidates if (g := c.extension("generation") or "0").isdecimal()]
            before = effective(previous, earlier)
            same = (before.ice_ufrag, before.ice_pwd) == (resolved.ice_ufrag, resolved.ice_pwd)
            return min(255, max(stated, default=0) + (not same))
    return 0


def _groups(desc: SessionDescription, names: Names) -> Iterator[Group]:
    for group in desc.groups:
        tags = ((names.of_mid(mid), mid) for mid in group.mids)
        contents = tuple(GroupContent(name=mid if name is None else name.name) for name, mid in tags)
        yield Group(semantics=group.semantics, contents=contents)


def _partners(
    desc: SessionDescription, places: dict[int, int], contents: dict[int, int], offer: SessionDescription | None
) -> dict[int, int]:
    """Return section of `desc` -> section written for it. `places`: content -> section written."""
    pairs = {number: places[content] for number, content in contents.items() if content in places}
    if offer is not None:
        taken = set(pairs.values())
        written = range(len(offer.media))
        rejected = (number for number in range(len(desc.media)) if number not in pairs)
        pairs.update({number: number for number in rejected if number in written and number not in taken})
    return pairs


# --- Jingle to SDP ---------------------------------------------------------------------------------------------------


def to_sdp(
    jingle: Jingle,
    *,
    role: Role,
    offer: SessionDescription | None = None,
    previous: SessionDescription | None = None,
    names: Names | None = None,
    carry: bool = False,
) -> Mapped[SessionDescription]:
    """Return the description that says what a session-initiate, session-accept or a request of their shape says.

    `role` is who wrote `jingle`. With `offer`, an answer: its sections stand in the offer's order, and one that has no
    content is rejected by port 0 (RFC 3264 6). `previous`, the writer's description before this one, gives the origin
    whose version goes up by one (RFC 3264 8). `carry` honours what `to_jingle` sent along; nothing that it says can
    add or change what Jingle itself says.
    """
    known = names or Names()
    if offer is not None and names is None:
        offerer = Creator.INITIATOR if role == "responder" else Creator.RESPONDER
        for number, media in enumerate(offer.media):
            known, _ = known.with_mid(_mid(media, number), offerer)
    for content in jingle.contents:
        known, _ = known.with_content(content.creator, content.name)
    written, places, losses = _written(jingle, role, offer, known)
    if previous is not None and previous.origin is not None:
        version = min(previous.origin.session_version + 1, 2**63 - 1)
        written = written.set(attrs.evolve(previous.origin, session_version=version))
    if carry:
        written, findings = _restored(jingle, written, places, role, known)
        losses += findings
    return Mapped(written, losses, known)


def _restored(
    jingle: Jingle, written: SessionDescription, places: dict[int, int], role: Role, names: Names
) -> tuple[SessionDescription, tuple[Loss, ...]]:
    """Return the description with what `jingle` carries, as far as that leaves what Jingle says as it is."""
    recipe = carrying.carried(jingle)
    if not isinstance(recipe, carrying.Recipe):
        return written, () if recipe is None else (recipe,)
    restoration = carrying.Restoration(recipe, jingle, written, places)
    plain: frozenset[int] = frozenset()
    for plain_session in (False, False, True):
        findings = tuple(restoration.findings)
        findings += tuple(carrying.stale(f"media[{n + 1}]", "what is carried would change it") for n in sorted(plain))
        try:
            made = loads(restoration.text(plain, plain_session=plain_session))
        except SdpError as error:
            return written, (*findings, carrying.stale("jingle/carry", f"makes no description: {error}"))
        changed = _changed(made, written, restoration.places, frozenset(places.values()), role, names)
        if not changed:
            return made, findings
        plain |= changed
    return written, (*findings, carrying.stale("jingle/carry", "would change what the Jingle says"))


def _changed(
    made: SessionDescription,
    written: SessionDescription,
    places: Sequence[int | None],
    live: frozenset[int],
    role: Role,
    names: Names,
) -> frozenset[int]:
    """Return the sections of `written` that say something else in `made`, by mapping `made` to Jingle once more.

    `places`: section of `made` -> section of `written`; `live`: those of `written` that have a content. A section
    that is live in `made` only changes all.
    """
    jingle, contents = _jingle_of(made, Action.SESSION_INITIATE, "", role, names)
    again, placed, _ = _written(jingle, role, None, names)
    if [t for t in again.texts if t.startswith("a=group")] != [t for t in written.texts if t.startswith("a=group")]:
        return live
    changed = set(live - set(places))
    for number, place in enumerate(places):
        content = contents.get(number)
        if place is None or content is None:
            if place is not None:
                changed.add(place)
            elif content is not None:
                return live
        elif again.media[placed[content]].texts[1:] != written.media[place].texts[1:] or not _same_field(
            again.media[placed[content]], made.media[number], written.media[place]
        ):
            changed.add(place)
    return frozenset(changed)


def _same_field(again: Media, made: Media, written: Media) -> bool:
    """Tell whether an `m=` line still says what it did: kind and formats, and no weaker protocol."""
    secure = "TLS" in made.protocol or "SAVP" in made.protocol
    return again.field == written.field and (secure or not ("TLS" in written.protocol or "SAVP" in written.protocol))


def _written(
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
        section = left.pop(_mid(media, number), None)
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

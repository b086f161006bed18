"""SDP to Jingle: the sections of a description as contents (XEP-0166 7.3, XEP-0167 6, RFC 8829)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import attrs

from jinglecodec.errors import MappingError
from jinglecodec.findings import Finding
from jinglecodec.mapping.media import rtp_description, senders_of
from jinglecodec.mapping.names import Names
from jinglecodec.mapping.transport import Certificates, Roles, certificates, fingerprints_of, ice_transport
from jinglecodec.model.dtls import Setup
from jinglecodec.model.grouping import Group, GroupContent
from jinglecodec.model.jingle import OTHER, Content, Creator, Jingle
from jinglecodec.model.own import DataChannels
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.records import Record
from jinglecodec.sdp.attributes import ice
from jinglecodec.sdp.inheritance import Effective, effective
from jinglecodec.sdp.session import Media, SessionDescription, loads
from jinglecodec.xml.markup import illegal

__all__ = [
    "MOST_SECTIONS",
    "Role",
    "Stage",
    "Tagged",
    "contents_of",
    "demand_count",
    "demand_size",
    "generation_of",
    "groups_of",
    "is_too_large",
    "names_for",
    "roles_of",
    "tags_of",
    "transports_of",
]

Role = Literal["initiator", "responder"]
"Who wrote a description; never who reads it."

MOST_SECTIONS = 1000
"Sections or contents that are mapped; each is compared with the others."
_MOST_COPIED = 1_000_000
"Octets that lines of the session come to which hold for every section, each counted once for each section."
_ELEMENT = 64
"Octets of an element that a line becomes, beside what the line says."

_SCTP_PROTOCOLS = ("UDP/DTLS/SCTP", "TCP/DTLS/SCTP", "DTLS/SCTP")


def demand_size(desc: SessionDescription) -> None:
    """Raise MappingError for a description that is too large to be mapped."""
    if is_too_large(desc):
        message = f"there are more than {MOST_SECTIONS} sections, or too many lines that hold for all of them"
        raise MappingError((Finding("too-large", message=message),))


def demand_count(jingle: Jingle) -> None:
    """Raise MappingError for a request with more contents than a description may have."""
    if len(jingle.contents) > MOST_SECTIONS:
        raise MappingError((Finding("too-large", message=f"there are more than {MOST_SECTIONS} contents"),))


def is_too_large(desc: SessionDescription) -> bool:
    """Tell whether mapping would take time or memory out of proportion to the size of a description."""
    if len(desc.media) > MOST_SECTIONS:
        return True
    most = _MOST_COPIED // max(len(desc.media), 1)
    if sum(map(len, desc.texts)) + _ELEMENT * len(desc.texts) <= most:
        return False
    from jinglecodec.mapping.compare import INHERITED  # noqa: PLC0415 - else loaded for losses only

    lines = zip(desc.texts, desc.values, strict=True)
    return sum(len(text) + _ELEMENT for text, value in lines if type(value).__name__ in INHERITED) > most


# --- names -----------------------------------------------------------------------------------------------------------


def tags_of(desc: SessionDescription | None, offer: SessionDescription | None = None) -> list[str]:
    """Return a tag for each section, no two alike.

    One without is called as that in the same place of the `offer` (RFC 3264 6), else by kind and place; so is one
    whose tag another section has before it.
    """
    offered = [] if offer is None else tags_of(offer)
    tags: dict[str, None] = {}
    for number, media in enumerate(() if desc is None else desc.media):
        tag = media.mid or (offered[number] if number < len(offered) else None)
        if tag is None or tag in tags:
            tag = f"{media.kind}-{number}"
        while tag in tags:
            tag += "~"
        tags[tag] = None
    return list(tags)


def names_for(
    tags: Sequence[str],
    role: Role,
    offer: SessionDescription | None,
    names: Names | None,
    creator: Creator | None = None,
) -> Names:
    """Return names that know every tag: those of an offer are its writer's, the others are new ones of `role`.

    All are of `creator` where the peer knows one only.
    """
    other = creator or OTHER[Creator(role)]
    known = names or Names()
    for tag in tags_of(offer) if names is None else ():
        known, _ = known.with_mid(tag, other)
    for tag in tags:
        known, _ = known.with_mid(tag, creator or Creator(role) if offer is None else other)
    return known


# --- contents --------------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class Tagged(Record):
    """A description to be mapped, and what has to be known beside it."""

    desc: SessionDescription
    tags: Sequence[str]
    "Of each section."
    names: Names
    "They know each tag."
    previous: SessionDescription | None = None
    "The description of the same party before this one."
    roles: Roles = attrs.field(factory=Roles)


@attrs.frozen(eq=False, repr=False)
class Stage(Record):
    """A request on its way to a peer that may read less than others."""

    jingle: Jingle
    places: Mapping[int, int]
    "Section of the description -> content."
    clause: str = ""
    "Why it says less than the stage before; empty for the first."


def contents_of(tagged: Tagged, role: Role) -> tuple[tuple[Content, ...], tuple[Group, ...], dict[int, int]]:
    """Return contents, groups, and section -> content.

    Sections that are rejected or without a form have no content.
    """
    desc = _speakable(tagged.desc)
    contents: list[Content] = []
    places: dict[int, int] = {}
    bundled = {mid for group in desc.groups if group.semantics == "BUNDLE" for mid in group.mids}
    earlier = transports_of(tagged.previous)
    for number, (tag, media) in enumerate(zip(tagged.tags, desc.media, strict=True)):
        name = tagged.names.of_mid(tag)
        if name is None or (media.port == 0 and not (media.bundle_only and tag in bundled)):
            continue  # rejected (RFC 3264 6; RFC 8843 6)
        resolved = effective(desc, media)
        description = _description(media, resolved, role)
        if description is None:
            continue
        places[number] = len(contents)
        generation = generation_of(resolved, *earlier.get(tag, (resolved, ())))
        contents.append(
            Content(
                creator=name.creator,
                name=name.name,
                senders=senders_of(resolved.direction, role),
                description=description,
                transport=ice_transport(media, resolved, tag, tagged.roles, generation),
            )
        )
    return tuple(contents), tuple(groups_of(desc, tagged.names)), places


def _speakable(desc: SessionDescription) -> SessionDescription:
    """Return the description without the attributes that have characters which XML cannot carry."""
    texts = [text for section in desc.sections for text in section.texts]
    if "".join(texts).isprintable():
        return desc
    kept = [text for text in texts if not (text.startswith("a=") and illegal(text))]
    size = sum(len(text) + 2 for text in texts)
    return loads("\r\n".join(kept), errors="tolerant", max_size=size, max_lines=size, max_line=size)


def _description(media: Media, resolved: Effective, role: Role) -> RtpDescription | DataChannels | None:
    """Return the application of a section; None for one that Jingle has no form for."""
    protocol = media.protocol.upper()
    if "RTP/" in protocol:
        description = rtp_description(media, resolved, role)
        return description if description.payload_types else None
    return DataChannels() if protocol in _SCTP_PROTOCOLS else None


def transports_of(desc: SessionDescription | None) -> dict[str, tuple[Effective, tuple[ice.Candidate, ...]]]:
    """Return what the generation of the next candidates follows from, by tag."""
    sections = () if desc is None else tuple((effective(desc, media), media.candidates) for media in desc.media)
    return dict(zip(tags_of(desc), sections, strict=True))


def generation_of(resolved: Effective, before: Effective, candidates: tuple[ice.Candidate, ...]) -> int:
    """Return the generation of candidates that state none: one more than before once the credentials changed."""
    same = (before.ice_ufrag, before.ice_pwd) == (resolved.ice_ufrag, resolved.ice_pwd)
    stated = max((candidate.generation or 0 for candidate in candidates), default=0)
    return min(255, stated + (not same))


def groups_of(desc: SessionDescription, names: Names) -> Iterator[Group]:
    """Give the groups; they name contents without their creators (XEP-0338 2)."""
    known = {entry.mid: entry.name for entry in names.entries if not entry.retired}
    for group in desc.groups:
        contents = tuple(GroupContent(name=known.get(mid, mid)) for mid in group.mids)
        yield Group(semantics=group.semantics, contents=contents)


# --- DTLS roles ------------------------------------------------------------------------------------------------------


def roles_of(offer: SessionDescription | None, previous: SessionDescription | None = None) -> Roles:
    """Return the roles that hold for an answer to `offer`, and for whoever wrote `previous` before."""
    offered = {} if offer is None else _setups(offer)
    before = {} if previous is None else _setups(previous)
    return Roles(
        {tag: (setup, used) for tag, (setup, used) in before.items() if setup in _OPPOSITE},
        {tag: _OPPOSITE[setup] for tag, (setup, _) in offered.items() if setup in _OPPOSITE},
        None if offer is None else Setup.ACTIVE,
    )


_OPPOSITE = {Setup.ACTIVE: Setup.PASSIVE, Setup.PASSIVE: Setup.ACTIVE}


def _setups(desc: SessionDescription) -> dict[str, tuple[Setup, Certificates]]:
    """Return tag -> role and certificates, of the sections that have some."""
    found = {tag: fingerprints_of(effective(desc, media)) for tag, media in zip(tags_of(desc), desc.media, strict=True)}
    return {tag: (one[0].setup, certificates(one)) for tag, one in found.items() if one and one[0].setup is not None}

"""SDP to Jingle: the contents of a description (XEP-0166 7.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from jinglecodec.mapping.media import rtp_description, senders_of
from jinglecodec.mapping.names import Names
from jinglecodec.mapping.transport import ice_transport
from jinglecodec.model.grouping import Group, GroupContent
from jinglecodec.model.jingle import Action, Content, Creator, Jingle
from jinglecodec.model.own import DataChannels
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.sdp.inheritance import Effective, effective
from jinglecodec.sdp.session import Media, SessionDescription

__all__ = ["Role", "jingle_of", "mid_of", "names_for", "names_of_offer"]

Role = Literal["initiator", "responder"]
"Who wrote a description; never who reads it."

_SCTP_PROTOCOLS = ("UDP/DTLS/SCTP", "TCP/DTLS/SCTP", "DTLS/SCTP")


def jingle_of(
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


_OTHER = {"initiator": Creator.RESPONDER, "responder": Creator.INITIATOR}


def names_of_offer(role: Role, offer: SessionDescription | None, names: Names | None) -> Names:
    """Return `names`, or those of an offer, which `role` answers."""
    known = names or Names()
    if offer is not None and names is None:
        for number, media in enumerate(offer.media):
            known, _ = known.with_mid(mid_of(media, number), _OTHER[role])
    return known


def names_for(desc: SessionDescription, role: Role, offer: SessionDescription | None, names: Names | None) -> Names:
    """Return names that know every section: those of an offer are its writer's, the others are new ones of `role`."""
    known = names_of_offer(role, offer, names)
    creator = Creator(role) if offer is None else _OTHER[role]
    for number, media in enumerate(desc.media):
        known, _ = known.with_mid(mid_of(media, number), creator)
    return known


def mid_of(media: Media, number: int) -> str:
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
    name = names.of_mid(mid_of(media, number))
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

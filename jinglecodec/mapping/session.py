"""Whole descriptions: SDP to Jingle and back, with what each side cannot say (XEP-0166 7, XEP-0167 6, RFC 8829)."""

from __future__ import annotations

from functools import partial

import attrs

from jinglecodec.errors import MappingError
from jinglecodec.findings import Finding
from jinglecodec.mapping.contents import (
    MOST_SECTIONS,
    Role,
    Tagged,
    answer_roles,
    contents_of,
    is_too_large,
    names_for,
    tags_of,
)
from jinglecodec.mapping.losses import Loss, Mapped, carried, kind_of_line, lost_line
from jinglecodec.mapping.names import Names
from jinglecodec.mapping.sections import written
from jinglecodec.model.jingle import Action, Creator, Jingle
from jinglecodec.sdp.session import SessionDescription

__all__ = ["Role", "to_jingle", "to_sdp"]


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
    has no form for goes along in an element of ours, so that `to_sdp` gives every octet back; a loss that stays a
    WARNING is of something that `to_sdp` would not take from a peer.

    Raises MappingError when no section has a form at all or there are too many, ValueError for an unknown action or
    role.
    """
    del peer  # no profile of a peer exists yet; the parameter is part of the fixed signature
    kind = Action(action)
    Creator(role)
    if is_too_large(desc):
        message = f"there are more than {MOST_SECTIONS} sections, or too many lines that hold for all of them"
        raise MappingError((Finding("too-large", message=message),))
    tags = tags_of(desc, offer)
    known = names_for(tags, role, offer, names)
    found, groups, contents = contents_of(Tagged(desc, tags, known, previous, answer_roles(offer)), role)
    if desc.media and not found and offer is None:
        raise MappingError((Finding("no-content", message="no section has a form in Jingle", clause="XEP-0166 7.3"),))
    jingle = Jingle(action=kind, sid=sid, initiator=initiator, responder=responder, contents=found, groups=groups)
    if not carry:
        return Mapped(jingle, partial(_losses, desc, jingle, role, offer, known, contents), known)
    from jinglecodec.mapping.carry import attach  # noqa: PLC0415 - only those who carry load it

    back, places, _ = written(jingle, role, offer, known)
    carrying, unfit = attach(jingle, desc, back, _partners(desc, places, contents, offer), contents)
    return Mapped(carrying, partial(_losses, desc, jingle, role, offer, known, contents, unfit), known)


def _losses(
    desc: SessionDescription,
    jingle: Jingle,
    role: Role,
    offer: SessionDescription | None,
    names: Names,
    contents: dict[int, int],
    unfit: frozenset[int] | None = None,
) -> tuple[Loss, ...]:
    """Return what `desc` says and `jingle` does not, by mapping back and comparing.

    With a carry, `unfit` are the numbers of the lines that are left out of it.
    """
    from jinglecodec.mapping.compare import losses_between  # noqa: PLC0415 - only those who ask load it

    back, places, _ = written(jingle, role, offer, names)
    losses = losses_between(desc, back, _partners(desc, places, contents, offer))
    if unfit is None:
        return losses
    texts = [text for section in desc.sections for text in section.texts]
    silent = unfit - {loss.line for loss in losses}  # say nothing where they stand, so that only the carry needs them
    more = tuple(lost_line(texts[line - 1], kind_of_line(texts[line - 1]), line) for line in sorted(silent))
    return *(loss if loss.line in unfit else carried(loss) for loss in losses), *more


def _partners(
    desc: SessionDescription, places: dict[int, int], contents: dict[int, int], offer: SessionDescription | None
) -> dict[int, int]:
    """Return section of `desc` -> section written for it. `places`: content -> section written."""
    pairs = {number: places[content] for number, content in contents.items() if content in places}
    if offer is not None:
        taken = set(pairs.values())
        written_for = range(len(offer.media))
        rejected = (number for number in range(len(desc.media)) if number not in pairs)
        pairs.update({number: number for number in rejected if number in written_for and number not in taken})
    return pairs


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

    Raises MappingError for more contents than a description may have, ValueError for an unknown role.
    """
    Creator(role)
    if len(jingle.contents) > MOST_SECTIONS:
        raise MappingError((Finding("too-large", message=f"there are more than {MOST_SECTIONS} contents"),))
    known = names_for((), role, offer, names)
    for content in jingle.contents:
        known, _ = known.with_content(content.creator, content.name)
    description, places, losses = written(jingle, role, offer, known)
    if previous is not None and previous.origin is not None:
        version = min(previous.origin.session_version + 1, 2**63 - 1)
        description = description.set(attrs.evolve(previous.origin, session_version=version))
    if carry:
        from jinglecodec.mapping.restoration import Written, restored  # noqa: PLC0415 - only those who carry load it

        plain = Written(jingle, description, places, losses, role, known, offer, previous)
        description, losses = restored(plain)
    return Mapped(description, losses, known)

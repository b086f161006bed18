"""Whole descriptions: SDP to Jingle and back, with what each side cannot say (XEP-0166 7, XEP-0167 6, RFC 8829)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import attrs

from jinglecodec.errors import MappingError
from jinglecodec.findings import Finding
from jinglecodec.mapping.contents import (
    Role,
    Stage,
    Tagged,
    contents_of,
    demand_count,
    demand_size,
    names_for,
    roles_of,
    tags_of,
)
from jinglecodec.mapping.losses import Loss, Mapped, carried, kind_of_line, lost_line
from jinglecodec.mapping.names import Names
from jinglecodec.mapping.sections import next_origin, written
from jinglecodec.model.jingle import Action, Creator, Jingle
from jinglecodec.records import Record
from jinglecodec.sdp.session import SessionDescription

if TYPE_CHECKING:
    from jinglecodec.mapping.peers import Peer, Profile

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
    peer: Peer | Profile | str | None = None,
) -> Mapped[Jingle]:
    """Return the request that says what `desc` says, with a loss for each line or parameter it cannot say.

    `role` is who wrote `desc`. `offer` is what an answer answers: its contents keep the offer's creators. `previous` is
    the description of the same party before this one: candidates after a change of credentials count one generation
    more (XEP-0176 5.9), and a DTLS role that was negotiated stays (RFC 8842 5.3). `names` are those that an earlier
    mapping of the session returned. With `carry`, what Jingle has no form for goes along in an element of ours, so that
    `to_sdp` gives every octet back; a loss that stays a WARNING is of something that `to_sdp` would not take from a
    peer. `peer`, or its name such as `"dino"`, is for whom it is written: what that one does not read is left out and a
    loss, the rest takes the form that it reads.

    Raises MappingError when no section has a form at all or there are too many, ValueError for an unknown action, role
    or peer.
    """
    kind = Action(action)
    Creator(role)
    profile = _profile(peer)
    demand_size(desc)
    tags = tags_of(desc, offer)
    known = names_for(tags, role, offer, names, None if profile is None else profile.creator)
    found, groups, contents = contents_of(Tagged(desc, tags, known, previous, roles_of(offer, previous)), role)
    if desc.media and not found and offer is None:
        raise MappingError((Finding("no-content", message="no section has a form in Jingle", clause="XEP-0166 7.3"),))
    jingle = Jingle(action=kind, sid=sid, initiator=initiator, responder=responder, contents=found, groups=groups)
    jingle, stages = _adapted(Stage(jingle, contents), desc, profile, role, answers=offer is not None)
    source = _Source(desc, role, offer, known, stages)
    return _carrying(source, jingle) if carry else Mapped(jingle, source.losses, known)


def _profile(peer: Peer | Profile | str | None) -> Profile | None:
    if peer is None:
        return None
    from jinglecodec.mapping.peers import profile_of  # noqa: PLC0415 - only those who name a peer load it

    return profile_of(peer)


def _adapted(
    plain: Stage, desc: SessionDescription, profile: Profile | None, role: Role, *, answers: bool
) -> tuple[Jingle, tuple[Stage, ...]]:
    """Return a request as it is written for a peer, and its stages; for nobody in particular it has one."""
    if profile is None:
        return plain.jingle, (plain,)
    from jinglecodec.mapping.adaptation import adapted  # noqa: PLC0415 - only those who name a peer load it

    return adapted(plain, desc, profile, role, answers=answers)


@attrs.frozen(eq=False, repr=False)
class _Source(Record):
    """A description that was mapped, and the stages of its request, from which its losses follow."""

    desc: SessionDescription
    role: Role
    offer: SessionDescription | None
    names: Names
    stages: tuple[Stage, ...]

    def losses(self, unfit: frozenset[int] | None = None) -> tuple[Loss, ...]:
        """Return what the description says and the last stage does not, by mapping back and comparing.

        With a carry, `unfit` are the numbers of the lines that are left out of it.
        """
        losses = self._found()
        if unfit is None:
            return losses
        texts = [text for section in self.desc.sections for text in section.texts]
        # Lines that say nothing where they stand are no loss, though the carry would need them.
        silent = unfit - {loss.line for loss in losses}
        more = tuple(lost_line(texts[line - 1], kind_of_line(texts[line - 1]), line) for line in sorted(silent))
        return *(loss if loss.line in unfit else carried(loss) for loss in losses), *more

    def _found(self) -> tuple[Loss, ...]:
        """Return the losses of the last stage, each with the clause of the stage that brought it."""
        from jinglecodec.mapping.compare import losses_between  # noqa: PLC0415 - only those who ask load it

        known: dict[Loss, Loss] = {}
        for stage in self.stages:
            back, places, _ = written(stage.jingle, self.role, self.offer, self.names)
            found = losses_between(self.desc, back, self.partners(stage, places))
            clause = stage.clause
            known = {loss: known.get(loss) or (attrs.evolve(loss, clause=clause) if clause else loss) for loss in found}
        return tuple(known.values())

    def partners(self, stage: Stage, places: Mapping[int, int]) -> dict[int, int]:
        """Return section of the description -> section written for it. `places`: content -> section written."""
        offer = self.offer
        pairs = {number: places[content] for number, content in stage.places.items() if content in places}
        if offer is not None:
            taken = set(pairs.values())
            written_for = range(len(offer.media))
            rejected = (number for number in range(len(self.desc.media)) if number not in pairs)
            pairs.update({number: number for number in rejected if number in written_for and number not in taken})
        return pairs


def _carrying(source: _Source, jingle: Jingle) -> Mapped[Jingle]:
    """Return the request with what has no form in it."""
    from jinglecodec.mapping.carry import attach  # noqa: PLC0415 - only those who carry load it

    last = source.stages[-1]
    back, places, _ = written(jingle, source.role, source.offer, source.names)
    carrying, unfit = attach(jingle, source.desc, back, source.partners(last, places), last.places)
    return Mapped(carrying, partial(source.losses, unfit), source.names)


def to_sdp(
    jingle: Jingle,
    *,
    role: Role,
    offer: SessionDescription | None = None,
    previous: SessionDescription | None = None,
    names: Names | None = None,
    carry: bool = False,
    peer: Peer | Profile | str | None = None,
) -> Mapped[SessionDescription]:
    """Return the description that says what a session-initiate, session-accept or a request of their shape says.

    `role` is who wrote `jingle`. With `offer`, an answer: its sections stand in the offer's order, and one that has no
    content is rejected by port 0 (RFC 3264 6). `previous`, the writer's description before this one, gives the origin
    whose version goes up by one, the places of sections that were there (RFC 3264 8), and the DTLS roles that stay as
    they were negotiated (RFC 8842 5.3). `carry` honours what `to_jingle` sent along; nothing that it says can
    add or change what Jingle itself says. `peer` is who reads the description: gateways to SIP part the parameters of
    `a=fmtp` otherwise.

    Raises MappingError for more contents than a description may have, ValueError for an unknown role or peer.
    """
    Creator(role)
    profile = _profile(peer)
    demand_count(jingle)
    known = names_for((), role, offer, names)
    for content in jingle.contents:
        known, _ = known.with_content(content.creator, content.name)
    joint = ";" if profile is None else profile.fmtp_joint
    description, places, losses = written(jingle, role, offer, known, previous=previous, joint=joint)
    if previous is not None and previous.origin is not None:
        description = description.set(next_origin(previous.origin))
    if carry:
        from jinglecodec.mapping.restoration import Written, restored  # noqa: PLC0415 - only those who carry load it

        plain = Written(jingle, description, places, losses, role, known, offer, previous)
        description, losses = restored(plain)
    return Mapped(description, losses, known)

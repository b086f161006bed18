"""Honouring the carry: a description is made of it, mapped to Jingle once more, and given up where that differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from jinglecodec.errors import SdpError
from jinglecodec.mapping.carry import Recipe, Restoration, carried, is_as_safe, stale
from jinglecodec.mapping.contents import Role, Tagged, contents_of, is_too_large, names_for, tags_of
from jinglecodec.mapping.losses import Loss
from jinglecodec.mapping.names import Names
from jinglecodec.model.grouping import Group
from jinglecodec.model.ice_udp import IceUdpTransport
from jinglecodec.model.jingle import Content, Jingle
from jinglecodec.sdp.session import SessionDescription, loads

__all__ = ["Written", "restored"]


@attrs.frozen
class Written:
    """A request, and the description that was written for it."""

    jingle: Jingle
    desc: SessionDescription
    places: Mapping[int, int]
    "Content -> section; the sections without one are rejected."
    losses: tuple[Loss, ...]
    role: Role
    names: Names
    offer: SessionDescription | None
    previous: SessionDescription | None


def restored(plain: Written) -> tuple[SessionDescription, tuple[Loss, ...]]:
    """Return the description with what the request carries, and the losses that remain.

    One of them for all that is carried in vain.
    """
    recipe = carried(plain.jingle)
    if not isinstance(recipe, Recipe):
        return plain.desc, plain.losses if recipe is None else (*plain.losses, recipe)
    restoration = Restoration(recipe, plain.jingle, plain.desc, plain.places)
    given_up: frozenset[int] = frozenset()
    for without_session in (False, False, True):
        findings = tuple(restoration.findings)
        findings += tuple(stale("what is carried would change it", f"media[{n + 1}]") for n in sorted(given_up))
        try:
            made = loads(restoration.text(given_up, plain_session=without_session), errors="tolerant")
        except SdpError as error:
            return plain.desc, (*plain.losses, *findings, stale(f"makes no description: {error}"))
        if is_too_large(made):
            return plain.desc, (*plain.losses, *findings, stale("makes too many sections"))
        trial = _Trial(made, restoration.places, plain)
        if trial.fits and not trial.changed:
            return made, (*trial.losses(), *findings)
        given_up |= trial.changed
    return plain.desc, (*plain.losses, *findings, stale("would change what the Jingle says"))


class _Trial:
    """A description made of what is carried, mapped to Jingle once more."""

    def __init__(self, made: SessionDescription, places: Sequence[int | None], plain: Written) -> None:
        """Take the section written for each section of `made`, None for one without a content."""
        self.made = made
        self.places = places
        self.plain = plain
        self.groups, self.contents = self._mapped(made)
        groups, contents = self._mapped(plain.desc)
        self.fits = self._fits(groups)
        "Whether groups and sections are those written, and no other; of an answer in the order of its offer."
        self.changed = self._changed(contents) if self.fits else frozenset(plain.places.values())
        "The sections written that say something else now; all that have a content where it does not fit."

    def _mapped(self, desc: SessionDescription) -> tuple[tuple[Group, ...], dict[int, Content]]:
        """Return groups and contents by section; also those of sections that nobody knows."""
        plain = self.plain
        tags = tags_of(desc, plain.offer)
        names = names_for(tags, plain.role, plain.offer, plain.names)
        contents, groups, places = contents_of(Tagged(desc, tags, names, plain.previous), plain.role)
        return groups, {number: _bare(contents[content]) for number, content in places.items()}

    def _fits(self, groups: tuple[Group, ...]) -> bool:
        more = len(self.made.media) != len(self.places) or any(self.places[number] is None for number in self.contents)
        return not more and self.groups == groups and (self.plain.offer is None or self._is_in_order())

    def _changed(self, contents: Mapping[int, Content]) -> frozenset[int]:
        asked = {place: self.plain.jingle.contents[content] for content, place in self.plain.places.items()}
        same = {
            place
            for number, place in enumerate(self.places)
            if place is not None
            and self.contents.get(number) in (contents[place], _bare(asked[place]))
            and is_as_safe(self.made.media[number], self.plain.desc.media[place])
        }
        return frozenset(asked) - same

    def _is_in_order(self) -> bool:
        """Tell whether the sections stand as written, so that each answers its own (RFC 3264 6)."""
        in_place = all(place in (None, number) for number, place in enumerate(self.places))
        return in_place and len(self.places) == len(self.plain.desc.media)

    def losses(self) -> tuple[Loss, ...]:
        """Return the losses that remain: those of a content that the description says in full are none."""
        if not self.plain.losses:
            return ()
        said = {self.places[number]: content for number, content in self.contents.items()}
        full = tuple(
            f"jingle/content[{content + 1}]/"
            for content, place in self.plain.places.items()
            if said[place] == _bare(self.plain.jingle.contents[content])
        )
        return tuple(loss for loss in self.plain.losses if not loss.path.startswith(full))


def _bare(content: Content) -> Content:
    """Return a content without what is made up for SDP: the identifiers of candidates, and network 0."""
    transport = content.transport
    if not isinstance(transport, IceUdpTransport):
        return content
    candidates = tuple(attrs.evolve(one, id=None, network=one.network or 0) for one in transport.candidates)
    return attrs.evolve(content, transport=attrs.evolve(transport, candidates=candidates))

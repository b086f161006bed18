"""Honouring the carry: a description is made of it, mapped to Jingle once more, and given up where that differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from jinglecodec.errors import SdpError
from jinglecodec.mapping.carry import Recipe, Restoration, carried, stale
from jinglecodec.mapping.contents import Role, Tagged, jingle_of, tags_of
from jinglecodec.mapping.losses import Loss
from jinglecodec.mapping.names import Names
from jinglecodec.mapping.sections import written
from jinglecodec.model.ice_udp import IceUdpTransport
from jinglecodec.model.jingle import Content, Jingle
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.sdp.session import Media, SessionDescription, loads

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
        findings += tuple(stale(f"media[{n + 1}]", "what is carried would change it") for n in sorted(given_up))
        try:
            made = loads(restoration.text(given_up, plain_session=without_session), errors="tolerant")
        except SdpError as error:
            return plain.desc, (*plain.losses, *findings, stale("jingle/carry", f"makes no description: {error}"))
        trial = _Trial(made, restoration.places, plain)
        if not trial.changed:
            return made, (*trial.losses(), *findings)
        given_up |= trial.changed
    return plain.desc, (*plain.losses, *findings, stale("jingle/carry", "would change what the Jingle says"))


class _Trial:
    """A description made of what is carried, mapped to Jingle once more."""

    def __init__(self, made: SessionDescription, places: Sequence[int | None], plain: Written) -> None:
        """Take the section written for each section of `made`, None for one without a content."""
        self.made = made
        self.places = places
        self.plain = plain
        tagged = Tagged(made, tags_of(made, plain.offer), plain.names, plain.previous)
        bare = attrs.evolve(plain.jingle, contents=(), groups=())
        self.jingle, self.contents = jingle_of(tagged, bare, plain.role)
        self.changed = self._changed()
        "The sections written that say something else now; all of them where there is one more."

    def _changed(self) -> frozenset[int]:
        places, plain = self.places, self.plain
        live = frozenset(plain.places.values())
        if len(self.made.media) != len(places) or (plain.offer is not None and len(places) != len(plain.desc.media)):
            return live
        again, placed, _ = written(self.jingle, plain.role, plain.offer, plain.names)
        if _groups(again) != _groups(plain.desc) or any(places[number] is None for number in self.contents):
            return live
        changed = set(live - set(places))
        for number, place in enumerate(places):
            section = placed.get(self.contents.get(number, -1))
            if place is not None and (
                section is None
                or again.media[section].texts[1:] != plain.desc.media[place].texts[1:]
                or again.media[section].field != plain.desc.media[place].field
                or not _is_as_safe(self.made.media[number], place, plain)
            ):
                changed.add(place)
        return frozenset(changed)

    def losses(self) -> tuple[Loss, ...]:
        """Return the losses that remain: those of a content that the description says in full are none."""
        if not self.plain.losses:
            return ()
        said = {self.places[number]: _bare(self.jingle.contents[content]) for number, content in self.contents.items()}
        full = [
            f"jingle/content[{content + 1}]/"
            for content, place in self.plain.places.items()
            if said[place] == _bare(self.plain.jingle.contents[content])
        ]
        return tuple(loss for loss in self.plain.losses if not loss.path.startswith(tuple(full)))


def _bare(content: Content) -> Content:
    """Return a content without what is made up for SDP: the identifiers of candidates, and network 0."""
    transport = content.transport
    if not isinstance(transport, IceUdpTransport):
        return content
    candidates = tuple(attrs.evolve(one, id=None, network=one.network or 0) for one in transport.candidates)
    return attrs.evolve(content, transport=attrs.evolve(transport, candidates=candidates))


def _groups(desc: SessionDescription) -> list[str]:
    return [text for text in desc.texts if text.startswith("a=group")]


def _is_as_safe(made: Media, place: int, plain: Written) -> bool:
    """Tell whether a section's protocol is no weaker than the Jingle has it: optional keys need none that is secure."""
    asked = plain.desc.media[place]
    return _is_secure(made) or not _is_secure(asked) or _has_optional_keys(plain, place)


def _is_secure(media: Media) -> bool:
    return "TLS" in media.protocol or "SAVP" in media.protocol


def _has_optional_keys(plain: Written, place: int) -> bool:
    """Tell whether a section is secured by nothing but keys that its content does not demand (XEP-0167 7)."""
    content = next(number for number, section in plain.places.items() if section == place)
    description = plain.jingle.contents[content].description
    encryption = description.encryption if isinstance(description, RtpDescription) else None
    return encryption is not None and not encryption.required and "TLS" not in plain.desc.media[place].protocol

"""Editing a section so that it says another content, with every line that Jingle says nothing of as it stands."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterable, Sequence

import attrs

from jinglecodec.mapping.compare import INHERITED, gist, inherited
from jinglecodec.mapping.losses import kind_of_line
from jinglecodec.sdp.fields import MediaField
from jinglecodec.sdp.grammar import rank
from jinglecodec.sdp.session import Media, SessionDescription
from jinglecodec.sdp.values import Value

__all__ = ["lowered", "patched"]

_DERIVED = {"c=", "a=ice-options", "a=rtcp"}
"""Kinds of line that follow from others: exchanged where they say what followed before, else left alone.

With the port in `m=` they are the destination for a peer without ICE (RFC 8839 4.2.1.2), and move together.
"""


def patched(section: Media, before: Media, after: Media) -> Media:
    """Return `section` with what `after` says in place of what `before` says, each as it is written for a content."""
    own, old, new = _by_kind(section), _by_kind(before), _by_kind(after)
    head = _head(section, before, after)
    places: dict[int, list[Value]] = {0: [head]} if head is not section.field else {}
    behind: list[Value] = []
    for kind in dict.fromkeys((*old, *new)):
        if kind == "m=" or _gists(old[kind]) == _gists(new[kind]):
            continue
        exchanged, more = _exchanged(own[kind], old[kind], new[kind])
        if kind not in _DERIVED:
            behind += more
        elif kind != "a=ice-options" and not _has_default(section, before):
            continue
        places |= exchanged
    _put_behind(section, places, behind)
    return section.exchange(places) if places else section


def _by_kind(section: Media) -> defaultdict[str, list[tuple[int, Value]]]:
    """Return kind of line -> place and value of each line."""
    found: defaultdict[str, list[tuple[int, Value]]] = defaultdict(list)
    for at, (text, value) in enumerate(zip(section.texts, section.values, strict=True)):
        found[kind_of_line(text)].append((at, value))
    return found


def _gist(value: Value) -> Hashable:
    return gist(value, value.line())


def _gists(lines: Iterable[tuple[int, Value]]) -> list[Hashable]:
    return [_gist(value) for _, value in lines]


def _has_default(section: Media, before: Media) -> bool:
    """Tell whether port and address of a section are those that follow from its candidates."""
    return section.port == before.port and section.connections[:1] == before.connections[:1]


def _head(section: Media, before: Media, after: Media) -> MediaField:
    """Return the `m=` line: with other formats where they changed, port and protocol where they were what followed."""
    field, old, new = section.field, before.field, after.field
    if new.port != old.port and _has_default(section, before):
        field = attrs.evolve(field, port=new.port)
    if new.protocol != old.protocol == field.protocol:
        field = attrs.evolve(field, protocol=new.protocol)
    return field if new.formats == old.formats else attrs.evolve(field, formats=new.formats)


def _exchanged(
    own: Sequence[tuple[int, Value]], old: Sequence[tuple[int, Value]], new: Sequence[tuple[int, Value]]
) -> tuple[dict[int, list[Value]], list[Value]]:
    """Return place -> values for the lines of one kind, and the values that have no place.

    Lines of the section that are nobody's stay; a value that is still said keeps its line, extensions and all.
    """
    left = Counter(_gists(old))
    slots: list[int] = []
    spare: defaultdict[Hashable, deque[Value]] = defaultdict(deque)
    others: Counter[Hashable] = Counter()
    for at, value in own:
        same = _gist(value)
        if left[same] > 0:
            left[same] -= 1
            slots.append(at)
            spare[same].append(value)
        else:
            others[same] += 1
    wanted: list[Value] = []
    for _, value in new:
        same = _gist(value)
        if others[same] > 0 and not spare[same]:
            others[same] -= 1
        else:
            wanted.append(spare[same].popleft() if spare[same] else value)
    if not slots:
        return {}, wanted
    places = {at: [value] for at, value in zip(slots, wanted, strict=False)}
    places |= {at: [] for at in slots[len(wanted) :]}
    places[slots[-1]] += wanted[len(slots) :]
    return places, []


def _put_behind(section: Media, places: dict[int, list[Value]], values: Iterable[Value]) -> None:
    """Put values behind the last line that may stand before them (RFC 8866 9)."""
    ranks = [-1, *(rank(text[:1]) for text in section.texts[1:])]
    for value in values:
        own = rank(value.TYPE)
        at = max(number for number, other in enumerate(ranks) if other <= own)
        places.setdefault(at, [section.values[at]]).append(value)


def lowered(desc: SessionDescription, before: Media, after: Media) -> SessionDescription:
    """Return the description with lines of the session in each section instead, where they hold for all of them.

    Those lines which one section is not to say any more and cannot put aside by lines of its own.
    """
    old, new = _by_kind(before), _by_kind(after)
    kinds = {
        type(value)
        for text, value in zip(desc.texts, desc.values, strict=True)
        if (overrides := INHERITED.get(type(value).__name__)) is not None
        and _gists(old[kind_of_line(text)]) != _gists(new[kind_of_line(text)])
        and not (overrides and new[kind_of_line(text)])
    }
    if not kinds:
        return desc
    media = []
    for section in desc.media:
        for place in inherited(desc, section):
            if type(place.value) in kinds:
                section = section.add(place.value)  # noqa: PLW2901 - one line after the other
        media.append(section)
    for kind in kinds:
        desc = desc.remove_every(kind)
    return attrs.evolve(desc, media=tuple(media))

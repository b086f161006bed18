"""Editing a section so that it says another content, with every line that Jingle says nothing of as it stands."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterable, Sequence

import attrs

from jinglecodec.mapping.compare import INHERITED, gist, heritage, inherited
from jinglecodec.mapping.losses import kind_of_line
from jinglecodec.sdp.attributes.datachannel import Sctpmap, SctpPort
from jinglecodec.sdp.fields import MediaField
from jinglecodec.sdp.grammar import rank
from jinglecodec.sdp.session import Media, SessionDescription
from jinglecodec.sdp.values import Value

__all__ = ["freed", "freed_for", "patched"]

_DERIVED = {"c=", "a=ice-options", "a=rtcp"}
"""Kinds of line that follow from others: exchanged where they say what followed before, else left alone.

With the port in `m=` they are the destination for a peer without ICE (RFC 8839 4.2.1.2), and move together.
"""

_ONE = {
    *("a=content", "a=ice-pwd", "a=ice-ufrag", "a=maxptime", "a=ptime", "a=remote-candidates", "a=sendrecv", "a=setup"),
}
"Kinds of line that are one for all that there were: of others that stand there too, none may be left to count."


def patched(section: Media, before: Media, after: Media) -> Media:
    """Return `section` with what `after` says in place of what `before` says, each as it is written for a content."""
    own, old, new = _by_kind(section), _by_kind(before), _by_kind(after)
    head = _head(section, before, after)
    places: dict[int, list[Value]] = {0: [head]} if head is not section.field else {}
    behind: list[Value] = []
    for kind in dict.fromkeys((*old, *new)):
        if kind == "m=" or _gists(old[kind]) == _gists(new[kind]):
            continue
        exchanged, more = _exchanged(own[kind], own[kind] if kind in _ONE else old[kind], new[kind])
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
        kind = kind_of_line(text)
        found["a=sctp-port" if kind == "a=sctpmap" else kind].append((at, value))
    return found


def _gist(value: Value) -> Hashable:
    """Return what Jingle says of a line; an association is written as RFC 8841 has it, whichever line stands there."""
    value = SctpPort(value.port) if isinstance(value, Sctpmap) else value
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
        field = field.changed(port=new.port)
    if new.protocol != old.protocol == field.protocol:
        field = field.changed(protocol=new.protocol)
    return field if new.formats == old.formats else attrs.evolve(field, formats=new.formats)


def _exchanged(
    own: Sequence[tuple[int, Value]], old: Sequence[tuple[int, Value]], new: Sequence[tuple[int, Value]]
) -> tuple[dict[int, list[Value]], list[Value]]:
    """Return place -> values for the lines of one kind, and the values that have no place.

    Other lines of the section stay; a value that is still said keeps its line, extensions and all.
    """
    left = Counter(_gists(old))
    gone = left.keys() - set(_gists(new))
    slots: list[int] = []
    spare: defaultdict[Hashable, deque[Value]] = defaultdict(deque)
    others: Counter[Hashable] = Counter()
    for at, value in own:
        same = _gist(value)
        if left[same] > 0 or same in gone:
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
    by_rank: defaultdict[int, list[Value]] = defaultdict(list)
    for value in values:
        by_rank[rank(value.TYPE)].append(value)
    for own in sorted(by_rank):
        at = max(number for number, other in enumerate(ranks) if other <= own)
        places.setdefault(at, [section.values[at]]).extend(by_rank[own])


# --- lines of the session that hold for sections ---------------------------------------------------------------------

_SAID = {"Direction", "Extmap", "ExtmapAllowMixed", "Fingerprint", "IcePwd", "IceUfrag", "Setup"}
"Classes of line that Jingle says of contents and SDP may say once for all."


def freed(desc: SessionDescription, before: Media, after: Media) -> SessionDescription:
    """Return a description in which one section may say `after` in place of `before`.

    What it is not to say any more, and what it cannot put aside by lines of its own, stands in each section.
    """
    old, new = _by_kind(before), _by_kind(after)
    changed = {kind for kind in (*old, *new) if _gists(old[kind]) != _gists(new[kind])}
    return _lowered(
        desc,
        {
            type(value)
            for text, value in zip(desc.texts, desc.values, strict=True)
            if (kind := kind_of_line(text)) in changed and not (INHERITED.get(type(value).__name__) and new[kind])
        },
    )


def freed_for(desc: SessionDescription, section: Media) -> SessionDescription:
    """Return a description from which another section takes over nothing."""
    return _lowered(desc, {type(place.value) for place in inherited(heritage(desc), section)})


def _lowered(desc: SessionDescription, kinds: set[type[Value]]) -> SessionDescription:
    """Return the description with the session's lines of these classes in each section instead that they hold for."""
    kinds = {kind for kind in kinds if kind.__name__ in _SAID}
    if not kinds:
        return desc
    media = []
    lowered = [place for place in heritage(desc) if type(place.value) in kinds]
    for section in desc.media:
        taken = [place.value for place in inherited(lowered, section)]
        media.append(_with_first(section, taken))
    for kind in kinds:
        desc = desc.remove_every(kind)
    return attrs.evolve(desc, media=tuple(media))


def _with_first(section: Media, values: Iterable[Value]) -> Media:
    """Return a section with more lines, before its own of their class: what it takes over comes first."""
    places: dict[int, list[Value]] = {}
    behind: list[Value] = []
    for value in values:
        first = next((at for at, own in enumerate(section.values) if type(own) is type(value)), None)
        (behind if first is None else places.setdefault(first, [])).append(value)
    places = {at: [*taken, section.values[at]] for at, taken in places.items()}
    _put_behind(section, places, behind)
    return section.exchange(places)

"""Two descriptions compared: per section, as multisets of what their lines mean, inheritance from the session resolved.

The losses of a mapping are found so, by mapping back and comparing: what is missing then has been lost, whatever the
code that mapped it believes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, cast

import attrs

from jinglecodec.mapping.losses import ABSENT, Loss, kind_of_line, lost_line, lost_parameter
from jinglecodec.mapping.transport import is_octet
from jinglecodec.records import Record
from jinglecodec.sdp.attributes.ice import Candidate
from jinglecodec.sdp.attributes.rtp import Extmap
from jinglecodec.sdp.session import Media, Section, SessionDescription
from jinglecodec.sdp.values import Value

if TYPE_CHECKING:
    from jinglecodec.sdp.attributes.channels import Dcmap

__all__ = ["INHERITED", "Place", "gist", "heritage", "inherited", "kept_extensions", "losses_between", "meaning"]


@attrs.frozen(eq=False, repr=False)
class Place(Record):
    """One line of a description."""

    section: int
    "Index of the media section; -1 for the session's own."
    index: int
    "Index of the line in its section."
    text: str
    value: Value


INHERITED = {
    "Connection": True,
    "Direction": True,
    "EndOfCandidates": True,
    "Extmap": False,
    "ExtmapAllowMixed": True,
    "Fingerprint": True,
    "IceOptions": True,
    "IcePwd": True,
    "IceUfrag": True,
    "RtcpXr": True,
    "Setup": True,
    "SourceFilter": True,
    "TlsId": True,
}
"""Kinds of line that hold for every section when they stand at session level (`sdp.inheritance` has each clause).

For True, the section's own lines of the kind put them aside; for False they are added.
"""
RTP_ONLY = {"Extmap", "ExtmapAllowMixed", "RtcpXr"}


_COUNTS = ("generation", "network")
"Extensions that are numbers in Jingle (XEP-0176 5.3)."
_NONE = {("generation", "0"), ("network", "0")}
"What holds for a candidate that does not say it."


def meaning(value: Value, text: str) -> Hashable:
    """Return what a line says, the same for all of its spellings."""
    normalise = _NORMAL.get(type(value).__name__)
    return text if normalise is None else normalise(value)


def gist(value: Value, text: str) -> Hashable:
    """Return the part of a line's meaning that Jingle has a form for, where that is less than all of it."""
    if isinstance(value, Candidate):
        return _candidate(value, kept_extensions(value))
    channel = _dcmap(value)
    if channel is not None:
        return meaning(attrs.evolve(channel, label=None, priority=None), "")
    return meaning(value, text)


def _dcmap(value: Value) -> Dcmap | None:
    """Return the value if it is a data channel's, whose class is loaded by those only who have one."""
    return cast("Dcmap", value) if type(value).__name__ == "Dcmap" else None


def _candidate(value: Candidate, extensions: Iterable[tuple[str, str]] | None = None) -> Hashable:
    """Return a candidate without its spelling, with all of its extensions or with these."""
    return (
        "candidate",
        value.foundation,
        value.component,
        value.transport.lower(),
        value.priority,
        value.address,
        value.port,
        value.type,
        value.related_address,
        value.related_port,
        frozenset(value.extensions if extensions is None else extensions) - _NONE,
    )


def kept_extensions(value: Candidate) -> set[tuple[str, str]]:
    """Return the extensions that an element has attributes for: the first of a name, and numbers that fit."""
    first = dict(reversed(value.extensions))
    return {(name, text) for name, text in first.items() if name == "tcptype" or (name in _COUNTS and is_octet(text))}


_NORMAL: dict[str, Callable[[Any], Hashable]] = {
    "Candidate": _candidate,
    "Dcmap": lambda value: attrs.evolve(value, ordered=value.ordered is not False),
    "Rtpmap": lambda value: attrs.evolve(value, channels=value.channels or 1),
    "Fmtp": lambda value: (value.format, value.parameters),
    "Extmap": lambda value: attrs.evolve(value, direction=None) if _plain(value) else value,
    "Fingerprint": lambda value: (value.hash_function.lower(), value.digest),
    "IceOptions": lambda value: frozenset(value.values),
}
"Class -> its meaning, where two texts can say the same."


def _plain(value: Extmap) -> bool:
    return value.direction is not None and value.direction.value == "sendrecv"


def losses_between(
    before: SessionDescription, after: SessionDescription, partners: Mapping[int, int]
) -> tuple[Loss, ...]:
    """Return what `before` says and `after` does not. `partners`: section of `before` -> section of `after`.

    A line that holds for several sections is one loss; a candidate of which parameters are missing is one for each.
    """
    losses: dict[tuple[int, int], tuple[Loss, ...]] = {}
    starts = list(accumulate((len(section.texts) for section in before.sections), initial=1))
    heritages = heritage(before), heritage(after)
    for section in range(-1, len(before.media)):
        gone, new = _difference(before, after, section, partners, heritages)
        absent = _is_absent(before, section, partners)
        gists: defaultdict[Hashable, list[Place]] = defaultdict(list)
        for place in reversed(new):
            gists[gist(place.value, place.text)].append(place)
        for place in gone:
            same = gists[gist(place.value, place.text)]
            line = starts[place.section + 1] + place.index
            lost = _parameter_losses(place, same.pop(), line) if same else [_line_loss(place, line, absent=absent)]
            losses.setdefault((place.section, place.index), tuple(lost))
    return tuple(loss for key in sorted(losses) for loss in losses[key])


def _is_absent(description: SessionDescription, section: int, partners: Mapping[int, int]) -> bool:
    """Tell whether a section (-1: all of them) has no content."""
    if section < 0:
        return not partners
    return section not in partners or _is_rejected(description.media[section])


def _is_rejected(media: Media) -> bool:
    return media.port == 0 and not media.bundle_only


def _line_loss(place: Place, line: int, *, absent: bool) -> Loss:
    absent = absent and (place.section >= 0 or type(place.value).__name__ in INHERITED)
    return lost_line(place.text, _path(place), line, ABSENT if absent else None)


def _parameter_losses(place: Place, after: Place, line: int) -> Iterator[Loss]:
    """Give a loss for each parameter of a line that the one `after` has not, whose rest says the same."""
    if isinstance(place.value, Candidate):
        for name, value in dict.fromkeys(place.value.extensions):
            if (name, value) not in kept_extensions(place.value):
                yield lost_parameter(place.text, f"{name} {value}", _path(place), line)
    elif (mine := _dcmap(place.value)) is not None and (theirs := _dcmap(after.value)) is not None:
        for name in ("label", "priority"):
            text = mine.option(name)
            if text not in (None, theirs.option(name)):
                yield lost_parameter(place.text, f"{name}={text}", _path(place), line)


def _path(place: Place) -> str:
    return ("" if place.section < 0 else f"media[{place.section + 1}]/") + kind_of_line(place.text)


# --- lines that differ -----------------------------------------------------------------------------------------------


def _difference(
    before: SessionDescription,
    after: SessionDescription,
    section: int,
    partners: Mapping[int, int],
    heritages: tuple[Sequence[Place], Sequence[Place]],
) -> tuple[list[Place], list[Place]]:
    """Return the lines of a section on each side that the other has not, by what they mean.

    What the session's part says for sections is compared with those; a rejected section takes over nothing.
    """
    if section < 0:
        inheriting = any(number in partners for number in range(len(before.media)))
        here, there = (_session_lines(side, inheriting=inheriting) for side in (before, after))
    elif section in partners:
        mine, theirs = before.media[section], after.media[partners[section]]
        shared = Counter(mine.texts) & Counter(theirs.texts)
        here = [*_lines(mine, section, shared), *inherited(heritages[0], mine)]
        there = [*_lines(theirs, partners[section], shared), *inherited(heritages[1], theirs)]
    else:
        here, there = list(_lines(before.media[section], section)), []
    return _apart(here, there)


def _lines(section: Section, number: int, shared: Counter[str] | None = None) -> Iterator[Place]:
    """Give the lines of a section; those in `shared` as often as they are there are left out."""
    left = Counter(shared)
    for index, text in enumerate(section.texts):
        if left[text] > 0:
            left[text] -= 1
        elif text != "a=sendrecv":  # holds without a line (RFC 8866 6.7)
            yield Place(number, index, text, section.values[index])


def _session_lines(description: SessionDescription, *, inheriting: bool) -> list[Place]:
    """Return the lines of the session's part; without those that hold for sections, if sections take them over."""
    own = _lines(description, -1)
    return [place for place in own if not (inheriting and type(place.value).__name__ in INHERITED)]


def heritage(description: SessionDescription) -> list[Place]:
    """Return the lines of the session's part that may hold for sections; looked for once, however many there are."""
    return [place for place in _lines(description, -1) if type(place.value).__name__ in INHERITED]


def inherited(lines: Iterable[Place], media: Media) -> Iterator[Place]:
    """Give those lines of a `heritage` that hold for a section; none does for a rejected one."""
    if _is_rejected(media):
        return
    own = {type(value).__name__ for value in media.values}
    for place in lines:
        kind = type(place.value).__name__
        if not (INHERITED[kind] and kind in own) and not (kind in RTP_ONLY and "RTP/" not in media.protocol):
            yield place


def _apart(before: Sequence[Place], after: Sequence[Place]) -> tuple[list[Place], list[Place]]:
    """Return both multisets without the meanings that they share."""
    mine = [meaning(place.value, place.text) for place in before]
    theirs = [meaning(place.value, place.text) for place in after]
    return _without(before, mine, Counter(theirs)), _without(after, theirs, Counter(mine))


def _without(places: Sequence[Place], meanings: Sequence[Hashable], other: Counter[Hashable]) -> list[Place]:
    left = []
    for place, wanted in zip(places, meanings, strict=True):
        if other[wanted] > 0:
            other[wanted] -= 1
        else:
            left.append(place)
    return left

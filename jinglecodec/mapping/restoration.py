"""The carry honoured, as far as that leaves what the Jingle says as it is."""

from __future__ import annotations

from collections.abc import Sequence

from jinglecodec.errors import SdpError
from jinglecodec.mapping import carry, sections
from jinglecodec.mapping.contents import Role, jingle_of
from jinglecodec.mapping.losses import Loss
from jinglecodec.mapping.names import Names
from jinglecodec.model.jingle import Action, Jingle
from jinglecodec.sdp.session import Media, SessionDescription, loads

__all__ = ["restored"]


def restored(
    jingle: Jingle, written: SessionDescription, places: dict[int, int], role: Role, names: Names
) -> tuple[SessionDescription, tuple[Loss, ...]]:
    """Return the description with what `jingle` carries, as far as that leaves what Jingle says as it is."""
    recipe = carry.carried(jingle)
    if not isinstance(recipe, carry.Recipe):
        return written, () if recipe is None else (recipe,)
    restoration = carry.Restoration(recipe, jingle, written, places)
    plain: frozenset[int] = frozenset()
    for plain_session in (False, False, True):
        findings = tuple(restoration.findings)
        findings += tuple(carry.stale(f"media[{n + 1}]", "what is carried would change it") for n in sorted(plain))
        try:
            made = loads(restoration.text(plain, plain_session=plain_session))
        except SdpError as error:
            return written, (*findings, carry.stale("jingle/carry", f"makes no description: {error}"))
        changed = _changed(made, written, restoration.places, frozenset(places.values()), role, names)
        if not changed:
            return made, findings
        plain |= changed
    return written, (*findings, carry.stale("jingle/carry", "would change what the Jingle says"))


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
    jingle, contents = jingle_of(made, Action.SESSION_INITIATE, "", role, names)
    again, placed, _ = sections.written(jingle, role, None, names)
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

"""A session over time: two descriptions of one party as the requests between them, and requests applied to one.

Both work on contents: the sections of a description are mapped, the contents compared (or changed), and what is
different is written into the sections again, so that every line that Jingle says nothing of stays as it stands.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import attrs

from jinglecodec.findings import Severity
from jinglecodec.mapping.actions import ADDING, MERGING, REMOVING, difference, is_foreign, merged
from jinglecodec.mapping.compare import losses_between
from jinglecodec.mapping.contents import (
    MOST_SECTIONS,
    Role,
    Tagged,
    contents_of,
    demand_size,
    groups_of,
    names_for,
    roles_of,
    tags_of,
)
from jinglecodec.mapping.losses import Loss, Mapped, unmapped
from jinglecodec.mapping.names import Name, Names, succeeds
from jinglecodec.mapping.patching import freed, freed_for, patched
from jinglecodec.mapping.sections import next_origin, written
from jinglecodec.model.grouping import Group as JingleGroup
from jinglecodec.model.jingle import Action, Content, ContentKey, Creator, Jingle, key_of, named
from jinglecodec.sdp.attributes.grouping import BundleOnly, Group
from jinglecodec.sdp.attributes.ice import Candidate
from jinglecodec.sdp.session import Media, SessionDescription

__all__ = ["apply", "changes"]

_Extensions = tuple[tuple[str, str], ...]

_ORDER = (
    Action.CONTENT_ADD,
    Action.CONTENT_MODIFY,
    Action.DESCRIPTION_INFO,
    Action.TRANSPORT_INFO,
    Action.TRANSPORT_REPLACE,
    Action.CONTENT_REMOVE,
)
"The actions of `changes` in order; removal last, since a session without contents ends (XEP-0166 7.2.5)."


# --- two descriptions as requests ------------------------------------------------------------------------------------


def changes(
    old: SessionDescription, new: SessionDescription, *, role: Role, names: Names | None, sid: str
) -> Mapped[tuple[Jingle, ...]]:
    """Return the requests that `role` sends when its description was `old` and becomes `new`.

    None when Jingle sees no difference; at most one more than there are contents with a difference. Another direction
    is a content-modify; new candidates, or new credentials and candidates of the next generation, are a transport-info;
    port 0 is a content-remove. A content with other codecs is removed, and added under another name: the names returned
    know it. A loss is what `new` says and `apply` would not make of `old`.

    Raises MappingError for a description with too many sections, ValueError for an unknown role.
    """
    known = _checked(role, names, old, new)
    plan = _Plan(old, new, role, known)
    requests = plan.requests(sid)
    return Mapped(requests, partial(_losses, old, new, requests, role, plan.names), plan.names)


def _checked(role: Role, names: Names | None, *descriptions: SessionDescription) -> Names:
    """Return names that know every section of the descriptions, which are of mappable size."""
    Creator(role)
    known = names or Names()
    for desc in descriptions:
        demand_size(desc)
        known = names_for(tags_of(desc), role, None, known)
    return known


class _Plan:
    """Which requests make one description of another."""

    def __init__(self, old: SessionDescription, new: SessionDescription, role: Role, names: Names) -> None:
        self.names = names
        self._creator = Creator(role)
        before, groups, _ = contents_of(Tagged(old, tags_of(old), names, old), role)
        after, _, _ = contents_of(Tagged(new, tags_of(new), names, old, roles_of(None, old)), role)
        self._before = {key_of(content): content for content in before}
        self._after = {key_of(content): content for content in after}
        self._replaced: dict[ContentKey, ContentKey] = {}
        "Content before -> content after, where nothing but a new one will do."
        self._steps: dict[ContentKey, tuple[tuple[Action, Content], ...]] = {}
        self._compare()
        self._limit()
        left = self._before.keys() & (self._after.keys() - self._replaced.keys())
        self._groups_kept = _without(groups, {name for _, name in self._before.keys() - left})
        self._groups = tuple(groups_of(new, self.names))

    def _compare(self) -> None:
        for key, content in self._after.items():
            if key in self._before:
                steps = difference(self._before[key], content)
                if steps is None:
                    self._replace(key)
                elif steps:
                    self._steps[key] = steps

    def _replace(self, key: ContentKey) -> None:
        """Let a content be removed, and another take its place."""
        known = self.names.of_content(*key)
        self._steps.pop(key, None)
        if known is not None:
            self.names, name = self.names.renewed(known.mid, self._creator)
            self._replaced[key] = (name.creator, name.name)

    def _limit(self) -> None:
        """Replace the contents with the most requests while there are more than one for each content, and one."""
        edited = len(self._steps) + len(self._replaced) + len(self._before.keys() ^ self._after.keys())
        while self._steps and len(self._said()) > edited + 1:
            self._replace(max(self._steps, key=lambda key: len(self._steps[key])))

    def _said(self) -> dict[Action, list[Content]]:
        """Return what each action says, in the order of the contents."""
        said: defaultdict[Action, list[Content]] = defaultdict(list)
        for key, content in self._after.items():
            if key in self._replaced:
                creator, name = self._replaced[key]
                said[Action.CONTENT_ADD].append(attrs.evolve(content, creator=creator, name=name))
            elif key not in self._before:
                said[Action.CONTENT_ADD].append(content)
            for action, part in self._steps.get(key, ()):
                said[action].append(part)
        gone = [one for key, one in self._before.items() if key not in self._after or key in self._replaced]
        if gone:
            said[Action.CONTENT_REMOVE] = [named(one) for one in gone]
        return said

    def requests(self, sid: str) -> tuple[Jingle, ...]:
        """Return one request for each action; what is added says the groups, where it is in one (XEP-0338 2)."""
        said = self._said()
        groups = self._groups if self._groups != self._groups_kept else ()
        return tuple(
            Jingle(
                action=action,
                sid=sid,
                contents=tuple(said[action]),
                groups=groups if action is Action.CONTENT_ADD else (),
            )
            for action in _ORDER
            if action in said
        )


def _without(groups: Iterable[JingleGroup], names: set[str]) -> tuple[JingleGroup, ...]:
    """Return groups without the contents of these names."""
    return tuple(
        attrs.evolve(group, contents=tuple(one for one in group.contents if one.name not in names)) for group in groups
    )


def _losses(
    old: SessionDescription, new: SessionDescription, requests: Sequence[Jingle], role: Role, names: Names
) -> tuple[Loss, ...]:
    """Return what `new` says and `old` does not after the requests."""
    after = apply(old, requests, role=role, names=names).value
    places = {tag: number for number, tag in enumerate(tags_of(after))}
    partners = {number: places[tag] for number, tag in enumerate(tags_of(new)) if tag in places}
    if new.origin is not None and after.origin is not None:
        after = after.set(attrs.evolve(after.origin, session_version=new.origin.session_version))
    groups = Counter(after.every(Group)) - Counter(new.every(Group))
    kept = tuple(_kept(group) for group in groups.elements())
    order = [partners[number] for number in sorted(partners) if new.media[number].port]
    moved = () if order == sorted(order) else (_ORDER_LOST,)
    return (*losses_between(new, after, partners), *kept, *moved)


def _kept(group: Group) -> Loss:
    line, clause = group.line(), "XEP-0338 2: groups are said where contents begin"
    return Loss("kept-line", Severity.WARNING, "a=group", None, f"{line} stays", clause, (line,))


_ORDER_LOST = Loss(
    "lost-order",
    Severity.WARNING,
    "media",
    None,
    "the sections stand in another order",
    "XEP-0166 7.3: contents have none",
)


# --- requests applied to a description -------------------------------------------------------------------------------


def apply(
    desc: SessionDescription, actions: Iterable[Jingle], *, role: Role, names: Names | None
) -> Mapped[SessionDescription]:
    """Return what becomes of a description of `role` when its writer sends requests, or either party removes contents.

    Lines that the requests do not speak of stay as they stand. A removed content keeps its section, with port 0; an
    added one takes the section of the one that it replaces, else the first that was refused before, else it comes last
    (RFC 8829 5.2.2). Whatever a request says in vain is a loss, so that nothing a peer sends raises an error.

    Raises MappingError for a description with too many sections, ValueError for an unknown role.
    """
    session = _Session(desc, role, _checked(role, names, desc))
    for request in actions:
        session.take(request)
    return Mapped(session.description(), tuple(session.losses), session.names)


class _Session:
    """A description while requests are applied to it."""

    def __init__(self, desc: SessionDescription, role: Role, names: Names) -> None:
        self.names = names
        self.losses: list[Loss] = []
        self._before = self._desc = desc
        self._role = role
        self._media = list(desc.media)
        self._tags = tags_of(desc)
        contents, _, places = contents_of(Tagged(desc, self._tags, names), role)
        self._contents = {number: contents[content] for number, content in places.items()}
        self._refused = [number for number, media in enumerate(desc.media) if media.port == 0 and number not in places]
        self._added: set[int] = set()
        self._removed: set[str] = set()
        "Tags, which leave the groups (RFC 8843 7.5.3)."
        self._groups = desc.every(Group)
        candidates = [one for media in desc.media for one in media.candidates]
        stated = [bool(one.extension("generation")) for one in candidates]
        self._state = _as_stated if any(stated) else _without_generation if stated else _as_written
        "How candidates that are added say their generation: as those do that are there."

    def take(self, request: Jingle) -> None:
        """Apply one request; of contents with the same name the first counts, as where a request is mapped."""
        spoken: set[ContentKey] = set()
        for number, said in enumerate(request.contents):
            path = f"jingle/content[{number + 1}]"
            if key_of(said) in spoken:
                self._lose(f"{path}/@name", "another content has the same", "XEP-0166 7.3")
            elif request.action in ADDING:
                self._add(path, said, request.groups)
            elif request.action in REMOVING:
                self._remove(path, said)
            elif request.action in MERGING:
                self._merge(path, request.action, said)
            spoken.add(key_of(said))
        if request.action not in {*ADDING, *REMOVING, *MERGING, Action.TRANSPORT_REJECT}:
            self._lose("jingle/@action", f"{request.action.value} changes no description", "XEP-0166 7.2")
        if request.groups:
            whole, _, _ = written(attrs.evolve(request, contents=()), self._role, None, self.names)
            self._groups = whole.every(Group)

    def description(self) -> SessionDescription:
        """Return what has become of the description: the same, or its next version (RFC 3264 8)."""
        media = tuple(self._media)
        if media == self._desc.media and self._groups == self._desc.every(Group):
            return self._desc
        gone = {
            self._tags[number] for number, one in enumerate(media) if number not in self._contents and one.port == 0
        }
        groups = [attrs.evolve(one, mids=tuple(mid for mid in one.mids if mid not in gone)) for one in self._groups]
        desc = _with_groups(attrs.evolve(self._desc, media=media), groups)
        return desc if desc.origin is None else desc.set(next_origin(desc.origin))

    def _lose(self, path: str, message: str, clause: str) -> None:
        self.losses.append(unmapped(path, message, clause))

    def _written(
        self, content: Content, names: Names, groups: tuple[JingleGroup, ...] = ()
    ) -> tuple[Media | None, tuple[Loss, ...]]:
        """Return the section of a content, or None where it has no form, and what was lost."""
        request = Jingle(action=Action.CONTENT_ADD, sid="", contents=(content,), groups=groups)
        desc, _, losses = written(request, self._role, None, names)
        return self._state(desc.media[0]) if desc.media else None, losses

    def _found(self, content: Content) -> tuple[Name, int] | None:
        """Return name and section of a content that is there; several peers take the initiator for every creator."""
        named = (one for one in self.names.entries if one.name == content.name)
        name = self.names.of_content(*key_of(content)) or next(named, None)
        place = self._tags.index(name.mid) if name is not None and name.mid in self._tags else None
        return None if name is None or place is None or place not in self._contents else (name, place)

    # --- one content -------------------------------------------------------------------------------------------------

    def _add(self, path: str, said: Content, groups: tuple[JingleGroup, ...]) -> None:
        """Add a content; one that is there already is defined anew. The names learn of it when it has a section."""
        names, name = self.names.with_content(*key_of(said))
        section, losses = self._written(said, names, groups)
        self._keep_losses(path, losses)
        if section is None:
            return
        place = self._slot(name)
        if place == MOST_SECTIONS:
            self._lose(path, f"there are {MOST_SECTIONS} sections already", "")
            return
        self.names = names
        self._settle(freed_for(self._whole(), section))
        if place == len(self._media):
            self._media.append(section)
            self._tags.append(name.mid)
        self._put(place, name.mid, section, said)

    def _slot(self, name: Name) -> int:
        """Return the section that a new content gets; one that may follow another comes last until that is removed."""
        if name.mid in self._tags:
            return self._tags.index(name.mid)
        for number, tag in enumerate(self._tags):
            other = None if number in self._contents else self.names.of_mid(tag)
            if other is not None and succeeds(name.name, other.name):
                return number
        if any(succeeds(name.name, one.name) for one in self._contents.values()):
            return len(self._media)
        return next((number for number in self._refused if number not in self._contents), len(self._media))

    def _put(self, place: int, tag: str, section: Media, content: Content) -> None:
        self._media[place], self._tags[place], self._contents[place] = section, tag, content
        self._added.add(place)
        self._removed.discard(tag)

    def _remove(self, path: str, said: Content) -> None:
        """Give a content's section port 0 (RFC 3264 8.2), or to the content added in its place just before."""
        found = self._found(said)
        if found is None:
            self._lose(path, "is not in the description", "XEP-0166 7.2.5")
            return
        name, place = found
        if name.retired and place in self._added:
            return
        del self._contents[place]
        self._removed.add(self._tags[place])
        section = self._media[place]
        section = section.exchange({0: [section.field.rejected]}).remove_every(BundleOnly)
        self._media[place] = section
        added = range(len(self._before.media), len(self._media))
        follows = (one for one in added if one in self._contents and succeeds(self._contents[one].name, said.name))
        successor = next(follows, None)
        if successor is not None:
            self._move(successor, place)

    def _move(self, added: int, place: int) -> None:
        """Give a content that was added behind all others the section of the one that it takes the place of."""
        tag, section, content = self._tags.pop(added), self._media.pop(added), self._contents.pop(added)
        self._contents = {number - (number > added): one for number, one in self._contents.items()}
        self._added = {number - (number > added) for number in self._added - {added}}
        self._put(place - (place > added), tag, section, content)

    def _merge(self, path: str, action: Action, said: Content) -> None:
        """Change what a request speaks of in the section of a content."""
        found = self._found(said)
        if found is None or found[0].retired:
            self._lose(path, "is not in the description", "XEP-0166 7.2")
            return
        place = found[1]
        before = self._contents[place]
        if is_foreign(before, action, said):
            self._lose(path, "is of another application, transport or ICE generation", "XEP-0166 7.2, XEP-0176 5.9")
            return
        after = merged(before, action, said)
        (old, known), (new, losses) = self._written(before, self.names), self._written(after, self.names)
        self._keep_losses(path, (Counter(losses) - Counter(known)).elements())
        if old is None or new is None:
            return
        self._settle(freed(self._whole(), old, new))
        self._media[place] = patched(self._media[place], old, new)
        self._contents[place] = after

    def _whole(self) -> SessionDescription:
        return attrs.evolve(self._desc, media=tuple(self._media))

    def _settle(self, desc: SessionDescription) -> None:
        self._desc, self._media = desc, list(desc.media)

    def _keep_losses(self, path: str, losses: Iterable[Loss]) -> None:
        """Keep the losses of a content that was written alone, under the path that it has in the request."""
        for loss in losses:
            self.losses.append(attrs.evolve(loss, path=loss.path.replace("jingle/content[1]", path, 1)))


def _as_written(section: Media) -> Media:
    return section


def _without_generation(section: Media) -> Media:
    """Return a section with candidates as agents write them that never state the generation: 1 follows a restart."""
    follows = ("generation", "1")
    return _with_candidates(section, lambda extensions: tuple(one for one in extensions if one != follows))


def _as_stated(section: Media) -> Media:
    """Return a section whose candidates all state the generation: 0 is not that of others, which may be later."""
    first = ("generation", "0")
    return _with_candidates(
        section, lambda extensions: extensions if "generation" in dict(extensions) else (first, *extensions)
    )


def _with_candidates(section: Media, extended: Callable[[_Extensions], _Extensions]) -> Media:
    """Return a section with other extensions of its candidates."""
    places: dict[int, list[Candidate]] = {
        at: [attrs.evolve(value, extensions=extended(value.extensions))]
        for at, value in enumerate(section.values)
        if isinstance(value, Candidate) and extended(value.extensions) != value.extensions
    }
    return section.exchange(places)


def _with_groups(desc: SessionDescription, groups: Sequence[Group]) -> SessionDescription:
    """Return a description with other groups, in the lines that groups have."""
    lines = [at for at, value in enumerate(desc.values) if isinstance(value, Group)]
    if not lines:
        for group in groups:
            desc = desc.add(group)
        return desc
    places: dict[int, list[Group]] = {at: [group] for at, group in zip(lines, groups, strict=False)}
    places |= {at: [] for at in lines[len(groups) :]}
    places[lines[-1]] += groups[len(lines) :]
    return desc.exchange(places)

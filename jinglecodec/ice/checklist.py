"""Checklists and the set of them: order, limit, freezing and thawing, and which check is next (RFC 8445 6.1.2, 6.1.4).

A checklist has at most one pair of a base and a remote candidate. New pairs are settled, that is frozen or not, just
before the next check is picked, those that came meanwhile in one go: so a set that is complete from the start has the
states of RFC 8445 6.1.2.6, and one that grows those of RFC 8838 12.
"""

from __future__ import annotations

from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING

import attrs

from jinglecodec.ice.pair import (
    FAILED,
    FROZEN,
    IN_PROGRESS,
    SUCCEEDED,
    WAITING,
    Foundation,
    PairState,
    pair_key,
    pair_priority,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinglecodec.ice.events import Role
    from jinglecodec.ice.pair import Base, Pair, Remote

__all__ = ["Checklist", "ChecklistSet"]

_ACTIVE = (WAITING, IN_PROGRESS)
_UNCHECKED = (WAITING, FROZEN)


@attrs.define(eq=False, weakref_slot=False)
class Checklist:
    """The pairs of one stream."""

    place: int
    "In the order of the checklist set."
    pairs: dict[int, Pair] = attrs.field(factory=dict)
    "By their keys."
    triggered: list[Pair] = attrs.field(factory=list)
    "RFC 8445 6.1.4.1; may hold pairs that are not queued any more."
    fresh: list[Pair] = attrs.field(factory=list)
    "Those that are not settled; may hold pairs that are gone."
    is_running: bool = False
    "Checks are made: the credentials of the peer are known, and ICE has not ended."
    _waiting: list[Pair] = attrs.field(factory=list)
    "The next one last; may hold pairs that wait no more."
    _is_sorted: bool = True

    def stop(self) -> None:
        """Let no more checks be made."""
        self.is_running = False
        self.triggered.clear()
        self.fresh.clear()

    def get(self, base: Base, remote: Remote) -> Pair | None:
        """Return the pair of this base and this remote candidate."""
        return self.pairs.get(pair_key(base, remote))

    def frozen(self) -> list[Pair]:
        """Return the pairs that are frozen."""
        return [pair for pair in self.pairs.values() if pair.state is FROZEN]

    def push(self, *pairs: Pair) -> None:
        """Note that pairs wait."""
        self._waiting += pairs
        self._is_sorted = False

    def tidy(self) -> None:
        """Forget what waits no more, or is gone, where that is most."""
        most = 2 * len(self.pairs) + 8
        if len(self._waiting) > most:
            self._waiting = [pair for pair in self._waiting if _waits(pair)]
        if len(self.fresh) > most:
            self.fresh = [pair for pair in self.fresh if pair.is_listed]

    def first_waiting(self) -> Pair | None:
        """Return the pair of the highest priority, then of the lowest component, that waits (RFC 8445 6.1.4.2).

        None that is worse than a valid one of its component: it would not be nominated, and RFC 8445 6.1.4.2 lets an
        agent end such checks. What the peer checks is still checked in return.
        """
        waiting = self._waiting
        if not self._is_sorted:
            waiting.sort(key=_COMPONENT, reverse=True)
            waiting.sort(key=_PRIORITY)
            self._is_sorted = True
        while waiting:
            pair = waiting[-1]
            if not _waits(pair):
                waiting.pop()
            elif pair.session.has_better(pair):
                # The others of the component, which come after it, are worse still.
                self._waiting = waiting = [other for other in waiting if other.component != pair.component]
            else:
                return pair
        return None

    def reorder(self) -> None:
        """The priorities have changed, or a pair is not valid any more."""
        self._waiting = [pair for pair in self.pairs.values() if pair.state is WAITING]
        self._is_sorted = False


_PRIORITY, _COMPONENT = attrgetter("priority"), attrgetter("component")


class ChecklistSet:
    """The checklists of an agent, in the order of its streams."""

    __slots__ = ("_firsts", "_limit", "_lists", "_turn", "active", "size")

    def __init__(self, limit: int) -> None:
        """Hold at most `limit` pairs (RFC 8445 6.1.2.5)."""
        self._lists: list[Checklist] = []
        self._firsts: dict[Foundation, Pair | None] = {}
        "Foundation -> the topmost pair that ever was, while that is there, or None: one of its checks has succeeded."
        self._limit = limit
        self._turn = -1
        self.active = 0
        "How many pairs wait or are in progress (RFC 8445 14.3)."
        self.size = 0
        "How many pairs there are."

    def new(self) -> Checklist:
        """Return another checklist, behind the others."""
        checklist = Checklist(len(self._lists))
        self._lists.append(checklist)
        return checklist

    def replace(self, old: Checklist) -> Checklist:
        """Return an empty checklist in the place of `old`, for a restart."""
        self._clear(old)
        checklist = self._lists[old.place] = Checklist(old.place)
        return checklist

    def drop(self, old: Checklist) -> None:
        """Forget a checklist; the others take their turns as before."""
        self._clear(old)
        del self._lists[old.place]
        for place, checklist in enumerate(self._lists):
            checklist.place = place
        self._turn -= old.place <= self._turn

    def _clear(self, checklist: Checklist) -> None:
        self.remove(*checklist.pairs.values())
        checklist.stop()

    def __iter__(self) -> Iterator[Checklist]:
        return iter(self._lists)

    # --- membership ---

    def add(self, checklist: Checklist, pair: Pair) -> bool:
        """Insert a new pair, and tell whether there was room."""
        if self.size >= self._limit and not self._make_room(checklist, pair):
            return False
        checklist.pairs[pair.key] = pair
        pair.is_listed = True
        self.size += 1
        checklist.fresh.append(pair)
        return True

    def remove(self, *pairs: Pair) -> None:
        """Remove pairs of one checklist from it and the triggered-check queue."""
        if not pairs:
            return
        checklist, firsts = pairs[0].session.checklist, self._firsts
        self.size -= len(checklist.pairs)
        for pair in pairs:
            if pair.is_listed:
                del checklist.pairs[pair.key]
                self.active -= pair.state in _ACTIVE
                if firsts.get(pair.foundation) is pair:
                    del firsts[pair.foundation]
                pair.is_listed = pair.is_queued = False
        self.size += len(checklist.pairs)
        if not self.size:
            firsts.clear()
        if len(pairs) > len(checklist.pairs):  # most of them: gives tables back, 5 KiB where there were a hundred
            checklist.pairs = dict(checklist.pairs)
            self._firsts = dict(firsts)
        checklist.tidy()

    def _make_room(self, checklist: Checklist, new: Pair) -> bool:
        """Discard a pair, and tell whether it was not the new one.

        Failed ones go first (RFC 8838 10 and 11), then those of the longest checklist (RFC 8445 6.1.2.5), and there
        the lowest priority of the kind of which there are most. Priority alone would leave host candidates only, and
        two agents with ten addresses each, all behind NATs, would try nothing that can work.
        """
        failed = [pair for each in self._lists for pair in each.pairs.values() if pair.state is FAILED]
        if victim := min((pair for pair in failed if not pair.is_queued), key=_PRIORITY, default=None):
            self.remove(victim)
            return True
        for crowded in sorted(self._lists, key=lambda each: -len(each.pairs) - (each is checklist)):
            pairs = [pair for pair in crowded.pairs.values() if pair.state in _UNCHECKED and not pair.is_queued]
            if crowded is checklist:
                pairs.append(new)
            kinds = [pair.kind for pair in pairs]
            if pairs:
                counts = Counter(kinds)
                most = max(counts.values())
                crowd = [pair for pair, kind in zip(pairs, kinds, strict=True) if counts[kind] == most]
                victim = min(crowd, key=_PRIORITY)
                self.remove(victim)
                return victim is not new
        return False

    # --- states ---

    def move(self, pair: Pair, state: PairState) -> None:
        """Let a pair be in this state; one that succeeds unfreezes its foundation (RFC 8445 7.2.5.3.3)."""
        if pair.is_listed:
            self.active += (state in _ACTIVE) - (pair.state in _ACTIVE)
        pair.state = state
        if not pair.is_listed:
            return
        if state is WAITING:
            pair.session.checklist.push(pair)
        elif state is SUCCEEDED:
            self._firsts[pair.foundation] = None
            for checklist in self._lists:
                for other in checklist.frozen():
                    if other.foundation == pair.foundation and checklist.is_running:
                        self.move(other, WAITING)

    def regroup(self, pair: Pair, foundation: Foundation) -> None:
        """Let a pair have another foundation: its remote candidate was peer-reflexive, and is signalled now."""
        if self._firsts.get(pair.foundation) is pair:
            del self._firsts[pair.foundation]
        pair.foundation = foundation
        self.move(pair, pair.state)

    def reprioritize(self, role: Role) -> None:
        """Compute all priorities anew, after a change of roles (RFC 8445 7.3.1.1)."""
        for checklist in self._lists:
            for pair in checklist.pairs.values():
                pair.priority = pair_priority(role, pair.local.candidate, pair.remote.candidate)
                if pair.valid is not None:
                    pair.valid_priority = pair_priority(role, pair.valid.candidate, pair.remote.candidate)
            checklist.reorder()

    def _settle(self) -> None:
        """Give new pairs their states, topmost first (RFC 8445 6.1.2.6, RFC 8838 12).

        Those of a stream without credentials of the peer have to wait: nobody would be served by their turn.
        """
        for checklist in self._lists:
            if checklist.is_running and checklist.fresh:
                fresh, checklist.fresh = checklist.fresh, []
                # A check was triggered meanwhile for the others.
                self._unfreeze(checklist, [pair for pair in fresh if pair.is_listed and pair.state is FROZEN])

    def _unfreeze(self, checklist: Checklist, fresh: list[Pair]) -> None:
        """Let those pairs wait that are topmost of their foundations, or whose foundations have succeeded."""
        firsts = self._firsts
        for pair in fresh:
            first = firsts.setdefault(pair.foundation, pair)
            if first is not pair and first is not None and _column(pair) < _column(first):
                firsts[pair.foundation] = pair
        waiting = [pair for pair in fresh if (firsts[pair.foundation] or pair) is pair]
        for pair in waiting:
            pair.state = WAITING
        self.active += len(waiting)
        checklist.push(*waiting)

    # --- scheduling ---

    def enqueue(self, pair: Pair) -> None:
        """Put a pair into the triggered-check queue, unless it is there (RFC 8445 7.3.1.4)."""
        if not pair.is_queued:
            pair.is_queued = True
            pair.session.checklist.triggered.append(pair)

    def pick(self) -> Pair | None:
        """Return the pair to be checked now, from the next running checklist that has one (RFC 8445 6.1.4.2)."""
        self._settle()
        for _ in self._lists:
            self._turn = (self._turn + 1) % len(self._lists)
            checklist = self._lists[self._turn]
            if checklist.is_running and (pair := self._pick(checklist)) is not None:
                return pair
        return None

    def _pick(self, checklist: Checklist) -> Pair | None:
        while checklist.triggered:
            pair = checklist.triggered.pop(0)
            if pair.is_queued:
                pair.is_queued = False
                return pair
        return checklist.first_waiting() or self._thawed(checklist)

    def _thawed(self, checklist: Checklist) -> Pair | None:
        """Unfreeze a pair of each foundation that has none waiting or in progress; return the next that waits."""
        frozen = sorted(checklist.frozen(), key=_column)
        if not frozen:
            return None
        active = {pair.foundation for each in self._lists for pair in each.pairs.values() if pair.state in _ACTIVE}
        for pair in frozen:
            if pair.foundation not in active:
                active.add(pair.foundation)
                self.move(pair, WAITING)
        return checklist.first_waiting()


def _waits(pair: Pair) -> bool:
    return pair.is_listed and pair.state is WAITING


def _column(pair: Pair) -> tuple[int, int, int]:
    """Order as in the tables of RFC 8838 12: checklists, components, priorities."""
    return pair.session.checklist.place, pair.component, -pair.priority

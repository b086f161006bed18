from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinglecodec import ice
from jinglecodec.addresses import Address
from jinglecodec.ice.checklist import ChecklistSet
from jinglecodec.ice.pair import Base, Local, Pair, PairState, Remote, can_pair, pair_key, pair_priority
from jinglecodec.ice.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

HOST, REFLEXIVE = ice.CandidateType.HOST, ice.CandidateType.SERVER_REFLEXIVE


def candidate(host: str, priority: int = 1, component: int = 1, kind: ice.CandidateType = HOST) -> ice.Candidate:
    return ice.Candidate(component, kind, Address(host, 5000), priority, "1")


class Lists:
    """A checklist set with streams, whose pairs are made by foundation, component and priority."""

    def __init__(self, streams: int = 1, limit: int = 100) -> None:
        self.set = ChecklistSet(limit)
        self.sessions = [
            Session(number, 2, ice.Credentials("ufrag", "pwd"), self.set.new()) for number in range(streams)
        ]
        for session in self.sessions:
            session.checklist.is_running = True
        self._made = 0

    def pair(
        self, stream: int, foundation: str, priority: int, component: int = 1, kind: ice.CandidateType = HOST
    ) -> Pair:
        """Return a new pair, not added yet."""
        self._made += 1
        session = self.sessions[stream]
        base = Base(self._made, stream, component, "10.0.0.1", Address("10.0.0.1", self._made), is_open=True)
        local = Local(candidate("10.0.0.1", component=component), base)
        remote = Remote(candidate(f"10.0.1.{self._made % 250}", component=component, kind=kind), self._made)
        key = pair_key(base, remote)
        return Pair(session, local, remote, component, key, priority, f"{foundation}:1")

    def add(
        self, stream: int, foundation: str, priority: int, component: int = 1, kind: ice.CandidateType = HOST
    ) -> Pair:
        pair = self.pair(stream, foundation, priority, component, kind)
        self.set.add(self.sessions[stream].checklist, pair)
        return pair

    def states(self, pairs: Sequence[Pair]) -> str:
        """Return the first letters of the states."""
        return "".join(pair.state.value[0] for pair in pairs)


def settled(lists: Lists) -> None:
    """Give new pairs their states, without a check."""
    lists.set._settle()


# --- pairs ---------------------------------------------------------------------------------------------------------


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_pair_priorities_are_those_of_the_formula_and_the_same_on_both_sides(ours: int, theirs: int) -> None:
    """RFC 8445 6.1.2.3: pair priority = 2^32*MIN(G,D) + 2*MAX(G,D) + (G>D?1:0)."""
    g, d = candidate("10.0.0.1", ours), candidate("10.0.0.2", theirs)
    expected = 2**32 * min(ours, theirs) + 2 * max(ours, theirs) + (1 if ours > theirs else 0)
    assert pair_priority(ice.Role.CONTROLLING, g, d) == expected
    assert pair_priority(ice.Role.CONTROLLED, d, g) == expected


@pytest.mark.parametrize(
    ("one", "other", "fit"),
    [
        ("192.0.2.1", "10.0.0.1", True),
        ("192.0.2.1", "2001:db8::1", False),
        ("2001:db8::1", "fd00::1", True),
        ("fe80::1", "fe80::2", True),
        ("fe80::1", "2001:db8::1", False),
        ("fd00::1", "fe80::1", False),
    ],
)
def test_families_and_scopes_fit(one: str, other: str, *, fit: bool) -> None:
    """RFC 8445 6.1.2.2: "IPv6 link-local addresses MUST NOT be paired with other than link-local addresses"."""
    assert can_pair(candidate(one), candidate(other)) is fit
    assert can_pair(candidate(other), candidate(one)) is fit


# --- freezing ------------------------------------------------------------------------------------------------------


def table_1(lists: Lists) -> dict[str, list[Pair]]:
    """Add the pairs of RFC 8445 table 1: which of five foundations each of three streams has."""
    rows = {"m1": "f1 f2 f3", "m2": "f1 f2 f3 f4", "m3": "f1 f5"}
    return {
        name: [lists.add(number, foundation, 10) for foundation in foundations.split()]
        for number, (name, foundations) in enumerate(rows.items())
    }


def test_one_pair_of_each_foundation_waits_at_first() -> None:
    """RFC 8445 6.1.2.6, table 1."""
    lists = Lists(3)
    rows = table_1(lists)
    settled(lists)
    assert {name: lists.states(row) for name, row in rows.items()} == {"m1": "www", "m2": "fffw", "m3": "fw"}


def test_success_unfreezes_the_foundation_in_all_checklists() -> None:
    """RFC 8838 12, tables 2 and 3; RFC 8445 7.2.5.3.3."""
    lists = Lists(3)
    rows = table_1(lists)
    settled(lists)
    lists.set.move(rows["m1"][0], PairState.SUCCEEDED)
    assert {name: lists.states(row) for name, row in rows.items()} == {"m1": "sww", "m2": "wffw", "m3": "ww"}


def test_failure_leaves_the_foundation_frozen_until_nothing_else_waits() -> None:
    """RFC 8445 7.2.5.2 "the agent does not change the states of other candidate pairs", and 6.1.4.2 step 2."""
    lists = Lists()
    first, second = lists.add(0, "f1", 10), lists.add(0, "f1", 9)
    assert lists.set.pick() is first
    lists.set.move(first, PairState.IN_PROGRESS)
    assert lists.set.pick() is None
    lists.set.move(first, PairState.FAILED)
    assert second.state is PairState.FROZEN
    assert lists.set.pick() is second


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_order_of_adding_does_not_matter_before_the_first_check(order: tuple[int, ...]) -> None:
    """RFC 8838 12: with all pairs present, states change as with a regular agent."""
    lists = Lists()
    wanted = [(10, 1), (9, 1), (10, 2), (11, 2)]
    made = {number: lists.add(0, "f1", *wanted[number]) for number in order}
    settled(lists)
    assert lists.states([made[number] for number in range(4)]) == "wfff"


def test_late_pairs_follow_the_three_rules() -> None:
    """RFC 8838 12, tables 4 to 6."""
    lists = Lists(2)
    waiting, succeeded = lists.add(0, "f3", 10), lists.add(0, "f5", 10)
    settled(lists)
    lists.set.move(succeeded, PairState.SUCCEEDED)
    topmost, of_success, other = lists.add(0, "f6", 10), lists.add(1, "f5", 10), lists.add(1, "f3", 10)
    better = lists.add(0, "f3", 11)
    settled(lists)
    assert lists.states([waiting, topmost, of_success, other, better]) == "wwwfw"


def test_pairs_of_a_checklist_that_does_not_run_hold_nobody_back() -> None:
    """The peer has signalled credentials for the second stream only."""
    lists = Lists(2)
    lists.sessions[0].checklist.is_running = False
    first, second = lists.add(0, "f1", 10), lists.add(1, "f1", 9)
    assert taken(lists, 2) == [second, None]
    lists.sessions[0].checklist.is_running = True
    lists.set.move(second, PairState.FAILED)
    assert taken(lists, 2) == [first, None]


# --- scheduling ----------------------------------------------------------------------------------------------------


def taken(lists: Lists, count: int) -> list[Pair | None]:
    """Return the pairs of the next checks; each goes on for ever."""
    found = []
    for _ in range(count):
        pair = lists.set.pick()
        if pair is not None:
            lists.set.move(pair, PairState.IN_PROGRESS)
        found.append(pair)
    return found


def test_checklists_take_turns_and_empty_ones_cost_none() -> None:
    """RFC 8445 6.1.4.2, RFC 8838 8."""
    lists = Lists(4)
    first = [lists.add(0, f"a{number}", 10 - number) for number in range(3)]
    third = [lists.add(2, f"c{number}", 10 - number) for number in range(2)]
    fourth = [lists.add(3, "d", 10)]
    assert taken(lists, 7) == [first[0], third[0], fourth[0], first[1], third[1], first[2], None]


@pytest.mark.parametrize("gone", range(4))
def test_checklists_take_turns_as_before_when_one_is_gone(gone: int) -> None:
    """RFC 8445 6.1.4.2, whether the turn of the stream that is removed is over or to come: nobody else loses one."""
    lists = Lists(4)
    order = [(turn, stream) for turn in range(3) for stream in range(4)]
    pairs = {(turn, stream): lists.add(stream, f"{turn}{stream}", 10 - turn) for turn, stream in order}
    assert taken(lists, 2) == [pairs[each] for each in order[:2]]
    lists.set.drop(lists.sessions[gone].checklist)
    expected = [pairs[turn, stream] for turn, stream in order[2:] if stream != gone]
    assert taken(lists, len(expected) + 1) == [*expected, None]


def test_triggered_checks_come_first_in_their_order() -> None:
    """RFC 8445 6.1.4.2 step 1."""
    lists = Lists()
    pairs = [lists.add(0, f"f{number}", 10 - number) for number in range(4)]
    settled(lists)
    for pair in (pairs[3], pairs[2], pairs[3]):
        lists.set.enqueue(pair)
    assert taken(lists, 5) == [pairs[3], pairs[2], pairs[0], pairs[1], None]


def test_equal_priorities_go_by_component() -> None:
    """RFC 8445 6.1.4.2 step 3."""
    lists = Lists()
    second, first = lists.add(0, "f1", 10, component=2), lists.add(0, "f2", 10, component=1)
    assert taken(lists, 2) == [first, second]


# --- the limit -----------------------------------------------------------------------------------------------------


def test_the_limit_holds_over_the_set_and_is_shared_evenly() -> None:
    """RFC 8445 6.1.2.5, for three streams of ten by ten."""
    lists = Lists(3, limit=100)
    pairs = [lists.add(stream, f"{stream}/{number}", 1000 - number) for stream in range(3) for number in range(100)]
    assert lists.set.size == 100
    sizes = sorted(len(checklist.pairs) for checklist in lists.set)
    assert sizes == [33, 33, 34]
    for stream in range(3):
        kept = sorted(pair.priority for pair in pairs if pair.is_listed and pair.session.stream == stream)
        assert kept == list(range(1001 - len(kept), 1001)), "lower-priority pairs are discarded"


def test_failed_pairs_make_room_first() -> None:
    """RFC 8838 10: "the agent SHOULD discard any pairs in the Failed state to make room for the new pair"."""
    lists = Lists(limit=3)
    pairs = [lists.add(0, f"f{number}", 10 - number) for number in range(3)]
    settled(lists)
    lists.set.move(pairs[0], PairState.FAILED)
    new = lists.add(0, "new", 1)
    assert [pair.is_listed for pair in (*pairs, new)] == [False, True, True, True]


def test_pairs_under_way_are_not_discarded() -> None:
    lists = Lists(limit=2)
    pairs = [lists.add(0, f"f{number}", number) for number in (1, 2)]
    assert set(taken(lists, 2)) == set(pairs)
    new = lists.pair(0, "new", 100)
    assert not lists.set.add(new.session.checklist, new)
    assert all(pair.is_listed for pair in pairs)


def test_discarded_pairs_are_not_kept_while_the_peer_has_no_credentials() -> None:
    lists = Lists(limit=10)
    lists.sessions[0].checklist.is_running = False
    for priority in range(1, 1000):
        lists.add(0, f"f{priority}", priority)
    checklist = lists.sessions[0].checklist
    assert lists.set.size == len(checklist.pairs) == 10
    assert len(checklist.fresh) < 50
    checklist.is_running = True
    assert [pair and pair.priority for pair in taken(lists, 10)] == list(range(999, 989, -1))


def test_the_limit_leaves_pairs_of_every_kind() -> None:
    lists = Lists(limit=20)
    for number in range(100):
        lists.add(0, f"h{number}", 1000 + number)
    reflexive = [lists.add(0, f"r{number}", number, kind=REFLEXIVE) for number in range(100)]
    assert sum(pair.is_listed for pair in reflexive) == 10
    assert all(pair.is_listed for pair in reflexive[-10:])


@given(st.data())
def test_the_accounts_are_right_after_any_history(data: st.DataObject) -> None:
    """The counts that RTO and freezing rest on, against counting anew."""
    lists = Lists(2, limit=8)
    pairs: list[Pair] = []
    for _ in range(data.draw(st.integers(1, 40))):
        action = data.draw(st.sampled_from(["add", "move", "remove", "pick", "regroup"]))
        listed = [pair for pair in pairs if pair.is_listed]
        if action == "add" or not listed:
            pairs.append(
                lists.add(data.draw(st.integers(0, 1)), data.draw(st.sampled_from("abc")), data.draw(st.integers(1, 9)))
            )
        elif action == "move":
            lists.set.move(data.draw(st.sampled_from(listed)), data.draw(st.sampled_from(PairState)))
        elif action == "remove":
            lists.set.remove(data.draw(st.sampled_from(listed)))
        elif action == "regroup":
            lists.set.regroup(data.draw(st.sampled_from(listed)), data.draw(st.sampled_from("abc")) + ":2")
        else:
            taken(lists, 1)
        listed = [pair for checklist in lists.set for pair in checklist.pairs.values()]
        assert lists.set.size == len(listed) <= 8
        active = [pair for pair in listed if pair.state in (PairState.WAITING, PairState.IN_PROGRESS)]
        assert lists.set.active == len(active)

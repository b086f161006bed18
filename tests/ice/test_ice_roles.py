"""Roles, their conflicts, and lite agents (RFC 8445 6.1.1, 7.2.5.1, 7.3.1.1, 7.3.2)."""

from __future__ import annotations

from itertools import permutations

import pytest
from ice_bench import REMOTE, THEIRS, Bench, candidate, state_of
from ice_support import Peer, connected, introduce, requests

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.testing.network import Host, Link, Network

CONTROLLING, CONTROLLED = ice.Role.CONTROLLING, ice.Role.CONTROLLED
OTHER = Address("192.0.2.98", 7001)


def pair_of(
    left: ice.Role, right: ice.Role, *, seeds: tuple[int, int] = (1, 2), **options: object
) -> tuple[Peer, Peer]:
    network = Network(seed=1)
    hosts = [Host(network.internet, f"192.0.2.{side}", link=Link(latency=0.02)) for side in (1, 2)]
    one = Peer(hosts[0], left, seed=seeds[0], **options)  # type: ignore[arg-type]
    return one, Peer(hosts[1], right, seed=seeds[1])


@pytest.mark.parametrize("role", list(ice.Role))
@pytest.mark.parametrize("tie_breakers", [(7, 8), (8, 7), (8, 8)])
def test_agents_of_one_role_sort_it_out(role: ice.Role, tie_breakers: tuple[int, int]) -> None:
    """RFC 8445 7.3.1.1, with a lower, a higher and an equal tiebreaker."""
    left, right = pair_of(role, role)
    for peer, tie_breaker in zip((left, right), tie_breakers, strict=True):
        peer.agent._context.tie_breaker = tie_breaker
    introduce(left, right)
    left.network.run(5.0)
    assert connected(left, right)
    assert {left.agent.snapshot().role, right.agent.snapshot().role} == set(ice.Role)


def test_of_two_that_control_the_larger_tiebreaker_goes_on() -> None:
    """RFC 8445 7.3.1.1, first case."""
    bench = Bench(CONTROLLING, candidate())
    (response,) = bench.check(role=CONTROLLING, tie_breaker=0)
    assert response.message[stun.ERROR_CODE].code == 487
    assert response.message.verify(bench.agent.local_credentials(1).pwd.encode())
    assert bench.agent.snapshot().role is CONTROLLING
    (response,) = bench.check(role=CONTROLLING, tie_breaker=2**64 - 1)
    assert response.message.message_class is stun.MessageClass.SUCCESS
    assert bench.agent.snapshot().role is CONTROLLED


def test_of_two_that_are_controlled_the_larger_tiebreaker_controls() -> None:
    """RFC 8445 7.3.1.1, second case."""
    bench = Bench(CONTROLLED, candidate())
    (response,) = bench.check(role=CONTROLLED, tie_breaker=2**64 - 1)
    assert response.message[stun.ERROR_CODE].code == 487
    assert bench.agent.snapshot().role is CONTROLLED
    (response,) = bench.check(role=CONTROLLED, tie_breaker=0)
    assert response.message.message_class is stun.MessageClass.SUCCESS
    assert bench.agent.snapshot().role is CONTROLLING


def test_who_comes_to_control_nominates_what_is_valid_already() -> None:
    """RFC 8445 8.1.1; nothing else would: the pair is not checked again."""
    bench = Bench(CONTROLLED, candidate())
    (request,) = bench.tick()
    bench.answer(request)
    assert not any(sent.nominates for sent in bench.run(1.0))
    bench.check(role=CONTROLLED, tie_breaker=0)
    assert [sent.remote for sent in bench.run(1.2) if sent.nominates] == [REMOTE]


@pytest.mark.parametrize("role", list(ice.Role))
def test_a_487_switches_the_role_and_the_check_is_made_again(role: ice.Role) -> None:
    """RFC 8445 7.2.5.1: other role, other tiebreaker, priorities anew, the pair in the triggered-check queue."""
    bench = Bench(role, candidate(priority=1000))
    (request,) = bench.tick()
    before = bench.stream.pairs[0].priority
    bench.answer(request, code=487)
    assert bench.agent.snapshot().role is role.other
    assert bench.pairs() == {str(REMOTE): "waiting"}
    assert abs(bench.stream.pairs[0].priority - before) == 1
    (again,) = bench.tick()
    kinds = (stun.ICE_CONTROLLING, stun.ICE_CONTROLLED)
    first, second = kinds if role is CONTROLLING else kinds[::-1]
    assert again.message[second] != request.message[first]


def test_a_stale_487_does_not_switch_the_role_back() -> None:
    """The role was switched by another answer since the request was sent: to switch again would undo it."""
    bench = Bench(CONTROLLING, candidate(), candidate(OTHER, foundation="2"))
    first, second = bench.run(0.06)
    bench.answer(first, code=487)
    bench.answer(second, code=487)
    assert bench.agent.snapshot().role is CONTROLLED
    again = bench.run(0.4)
    assert [stun.ICE_CONTROLLED in each.message for each in again] == [True, True]


def test_a_conflict_is_repaired_by_the_487_alone() -> None:
    """The one with the smaller tiebreaker gets through first: it learns of the conflict from the answer only."""
    left, right = pair_of(CONTROLLING, CONTROLLING)
    left.agent._context.tie_breaker, right.agent._context.tie_breaker = 1, 2
    left.delay = 1.0
    introduce(left, right)
    left.network.run(0.5)
    assert left.agent.snapshot().role is CONTROLLED
    assert right.agent.snapshot().role is CONTROLLING
    left.network.run(10.0)
    assert connected(left, right)


# --- lite ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(ice.Role))
def test_a_full_agent_controls_a_lite_one(role: ice.Role) -> None:
    """RFC 8445 6.1.1, whatever roles they were given."""
    left, right = pair_of(CONTROLLING, role)
    right = Peer(right.host, role, seed=2, config=ice.Config(lite=True))
    left = Peer(left.host, role, seed=1)
    tap = left.network.tap()
    introduce(left, right, lite=True)
    left.network.run(5.0)
    assert connected(left, right)
    assert left.agent.snapshot().role is CONTROLLING
    assert right.agent.snapshot().role is CONTROLLED
    assert not requests(tap, right.host.name), "a lite agent sends no checks"


def test_consent_checks_to_a_lite_peer_nominate_again() -> None:
    """Some lite agents answer no others."""
    bench = Bench(CONTROLLING, candidate(), lite=True)
    bench.connect()
    consent = bench.run(bench.now + 7.0)
    assert consent
    assert all(each.nominates for each in consent)
    full = Bench(CONTROLLING, candidate())
    full.connect()
    assert not any(each.nominates for each in full.run(full.now + 7.0))


def test_a_lite_agent_selects_what_is_nominated_and_keeps_it_alive() -> None:
    """RFC 8445 7.3.2, 8.2 and 11."""
    bench = Bench(CONTROLLED, candidate(), config=ice.Config(lite=True))
    bench.check()
    assert not bench.told(ice.PairSelected)
    bench.do(ice.SendData(1, 1, b"too early"))  # RFC 8445 12.1.1
    assert bench.payloads == []
    bench.check(nominate=True)
    assert state_of(bench) is ice.StreamState.COMPLETED
    assert bench.pairs() == {str(REMOTE): "succeeded"}
    sent = bench.run(bench.now + 46.0)
    assert [each.message.message_class for each in sent] == [stun.MessageClass.INDICATION] * 3
    assert [each.message.attributes for each in sent] == [()] * 3, "no attributes but FINGERPRINT (RFC 8445 11)"
    assert all(each.message.verify_fingerprint() and not each.message.integrity for each in sent)


def test_a_lite_agent_does_not_mind_conflicts() -> None:
    """RFC 8445 7.3.1 is for full agents; the full one controls."""
    bench = Bench(CONTROLLED, candidate(), config=ice.Config(lite=True))
    (response,) = bench.check(role=CONTROLLED, tie_breaker=2**64 - 1)
    assert response.message.message_class is stun.MessageClass.SUCCESS


def test_two_lite_agents_use_their_one_pair() -> None:
    """RFC 8445 8.2: "if there is only one candidate pair, that pair is added to the valid list"."""
    left, right = pair_of(CONTROLLING, CONTROLLED)
    peers = [
        Peer(each.host, role, seed=1, config=ice.Config(lite=True))
        for each, role in ((left, CONTROLLING), (right, CONTROLLED))
    ]
    tap = left.network.tap()
    for one, two in (peers, peers[::-1]):
        one.other = two
        one.signal_credentials(lite=True)
        one.do(ice.Gather())
    left.network.run(5.0)
    assert connected(*peers)
    assert not requests(tap)
    assert peers[0].selected()[1][0].address.host == "192.0.2.1"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_two_lite_agents_agree_as_soon_as_all_is_known(order: tuple[int, ...]) -> None:
    """RFC 8445 8.2, whatever comes last: the credentials of the peer, its last candidate, or our own."""
    bench = Bench(CONTROLLED, candidate(), config=ice.Config(lite=True), theirs=None, ended=False)
    steps = (
        lambda: bench.do(ice.SetRemoteCredentials(1, THEIRS.ufrag, THEIRS.pwd, lite=True)),
        lambda: bench.do(ice.EndRemoteCandidates(1)),
        lambda: bench.run(0.1),
    )
    for step in order:
        assert not bench.told(ice.PairSelected)
        steps[step]()
    assert [told.remote.address for told in bench.told(ice.PairSelected)] == [REMOTE]

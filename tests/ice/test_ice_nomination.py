"""Nomination and conclusion (RFC 8445 8, RFC 8863 4, RFC 8838 8)."""

from __future__ import annotations

import pytest
from ice_bench import LOCAL, REMOTE, Bench, Sent, candidate, state_of
from ice_support import Peer, connected, introduce, requests

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.machine import CloseSocket, SocketClosed
from jinglecodec.testing.network import Host, Link, Network

CONTROLLING, CONTROLLED = ice.Role.CONTROLLING, ice.Role.CONTROLLED
REFLEXIVE = ice.CandidateType.SERVER_REFLEXIVE
SECOND, THIRD = Address("192.0.2.98", 7001), Address("192.0.2.97", 7002)


def three(kind: ice.CandidateType = ice.CandidateType.HOST) -> list[ice.Candidate]:
    """Return three candidates, the best first."""
    return [
        candidate(address, 3000 - number, kind=kind, foundation=str(number))
        for number, address in enumerate((REMOTE, SECOND, THIRD))
    ]


def nominations(sent: list[Sent]) -> list[Address]:
    return [each.remote for each in sent if each.nominates]


def test_the_best_pair_is_nominated_at_once() -> None:
    bench = Bench(CONTROLLING, *three(REFLEXIVE))
    first, _, _ = bench.run(0.12)
    bench.answer(first)
    (nominating,) = bench.run(0.16)
    assert nominations([nominating]) == [REMOTE]
    bench.answer(nominating)
    assert state_of(bench) is ice.StreamState.COMPLETED


def test_a_pair_of_hosts_is_nominated_at_once() -> None:
    bench = Bench(CONTROLLING, *three())
    _, _, third = bench.run(0.12)
    bench.answer(third)
    assert nominations(bench.run(0.16)) == [THIRD]


def test_better_pairs_are_waited_for_and_only_one_is_nominated() -> None:
    """RFC 8445 8.1.1: "pick one and only one candidate pair"; three valid pairs, of which the first is the worst."""
    bench = Bench(CONTROLLING, *three(REFLEXIVE))
    first, second, third = bench.run(0.12)
    bench.run(0.2)
    bench.answer(third)
    bench.run(0.23)
    bench.answer(second)
    bench.run(0.25)
    bench.answer(first)
    sent = bench.run(3.0)
    assert set(nominations(sent)) == {REMOTE}
    bench.answer(sent[-1])
    assert nominations(bench.run(60.0)) == []
    assert len(bench.told(ice.PairSelected)) == 1


@pytest.mark.parametrize(("kind", "wait"), [(REFLEXIVE, 0.5), (ice.CandidateType.RELAYED, 2.0)])
def test_the_wait_for_better_pairs_is_bounded(kind: ice.CandidateType, wait: float) -> None:
    """Three round trips of the pair that works, but not more than this."""
    bench = Bench(CONTROLLING, *three(kind))
    _, second, _ = bench.run(0.12)
    bench.run(2.0)
    bench.answer(second)  # after 1.95 s, that is
    assert nominations(bench.run(2.0 + wait - 0.01)) == []
    assert nominations(bench.run(2.0 + wait + 0.1)) == [SECOND]


@pytest.mark.parametrize("role", list(ice.Role))
def test_pairs_that_are_worse_than_a_valid_one_are_not_checked(role: ice.Role) -> None:
    """RFC 8445 6.1.4.2: "an agent MAY choose to terminate performing the connectivity checks"."""
    bench = Bench(role, *three(REFLEXIVE))
    _, second = bench.run(0.06)
    bench.answer(second)
    assert [each.remote for each in bench.run(0.3) if not each.nominates] == []
    bench.check(THIRD)
    (triggered,) = [each for each in bench.run(0.4) if each.remote == THIRD and not each.nominates]
    assert triggered.message.message_class is stun.MessageClass.REQUEST
    assert bench.pairs()[str(REMOTE)] == "in-progress", "a better one may still succeed"


@pytest.mark.parametrize("role", list(ice.Role))
def test_pairs_that_are_as_good_as_a_valid_one_are_not_checked(role: ice.Role) -> None:
    """RFC 8445 6.1.4.2 again, where a peer gives a priority twice, against RFC 8445 5.1.2: one pair is enough."""
    twice = [candidate(address, 1000, kind=REFLEXIVE, foundation=str(address)) for address in (REMOTE, SECOND)]
    bench = Bench(role, *twice)
    (request,) = bench.tick()
    bench.answer(request)
    assert {each.remote for each in bench.run(3.0)} <= {request.remote}


def test_worse_pairs_are_checked_when_the_valid_one_is_lost() -> None:
    """Its consent expires before it was nominated."""
    bench = Bench(CONTROLLED, candidate(priority=3000), ended=False)
    (first,) = bench.tick()
    bench.answer(first)
    bench.do(ice.AddRemoteCandidate(1, candidate(SECOND, 2000, foundation="2")))
    assert all(each.remote == REMOTE for each in bench.run(29.0))
    assert SECOND in [each.remote for each in bench.run(31.0)]


def test_failure_of_the_better_pairs_ends_the_wait() -> None:
    bench = Bench(CONTROLLING, *three(REFLEXIVE))
    first, second, _ = bench.run(0.12)
    bench.answer(second)
    bench.answer(first, code=500)
    assert nominations(bench.run(0.16)) == [SECOND]


def test_a_nomination_by_a_socket_that_is_gone_gives_way_to_the_next_pair() -> None:
    bench = Bench(CONTROLLING, candidate(), hosts=[LOCAL.host, "192.0.2.2"])
    first, second = bench.run(0.06)
    bench.answer(second, Address("192.0.2.2", LOCAL.port + 1))
    bench.answer(first)
    (nominating,) = bench.tick()
    assert nominating.nominates
    assert nominating.socket == second.socket

    bench.do(SocketClosed(second.socket))
    (again,) = bench.run(0.7)
    assert again.nominates
    assert again.socket == first.socket
    bench.answer(again)
    assert state_of(bench) is ice.StreamState.COMPLETED


def test_a_stream_that_was_given_up_checks_nothing_in_return() -> None:
    """RFC 8445 7.2.5.3.4: the check that nominates fails, and with it the checklist; the peer is still answered."""
    bench = Bench(CONTROLLING, candidate())
    (first,) = bench.tick()
    bench.answer(first)
    bench.answer(bench.tick()[0], code=500)
    assert state_of(bench) is ice.StreamState.FAILED
    (response,) = bench.check(SECOND)
    assert response.message.message_class is stun.MessageClass.SUCCESS
    assert bench.run(5.0) == []
    assert list(bench.pairs()) == [str(REMOTE)]


def test_a_lost_nomination_is_repeated() -> None:
    """The answer to any of the repetitions will do."""
    bench = Bench(CONTROLLING, candidate())
    (first,) = bench.tick()
    bench.answer(first)
    sent = bench.run(3.0)
    assert nominations(sent) == [REMOTE] * 6
    assert len({each.message.transaction_id for each in sent}) == 6
    bench.answer(sent[2])
    assert state_of(bench) is ice.StreamState.COMPLETED
    assert nominations(bench.run(60.0)) == []


def test_nominations_that_may_still_be_answered_are_bounded() -> None:
    """One each RTO, but no more than 16 are waited for; the oldest are forgotten."""
    bench = Bench(CONTROLLING, candidate())
    (first,) = bench.tick()
    bench.answer(first)
    sent = bench.run(30.0)
    assert nominations(sent) == [REMOTE] * 60
    assert bench.agent.snapshot().requests == 16
    bench.answer(sent[-17])
    assert state_of(bench) is ice.StreamState.CONNECTED
    bench.answer(sent[-16])
    assert state_of(bench) is ice.StreamState.COMPLETED


@pytest.mark.parametrize("refused", [True, False])
def test_a_nomination_that_fails_fails_the_checklist(*, refused: bool) -> None:
    """RFC 8445 7.2.5.3.4."""
    bench = Bench(CONTROLLING, *three(REFLEXIVE))
    first, second, _ = bench.run(0.12)
    for request in (first, second):
        bench.answer(request)
    (nominating, *_) = bench.run(0.3)
    if refused:
        bench.answer(nominating, code=400)
    else:
        bench.run(41.0)
    assert state_of(bench) is ice.StreamState.FAILED
    assert bench.pairs()[str(REMOTE)] == "failed"
    assert bench.run(bench.now + 1.0) == [], "nor is the other valid pair nominated"
    assert bench.agent.deadline is None


def test_the_best_of_several_nominated_pairs_is_used() -> None:
    """RFC 8445 8.1.1 for peers of RFC 5245: "the agents MUST [...] use the pairs with the highest priority"."""
    bench = Bench(CONTROLLED, *three())
    sent = {each.remote: each for each in bench.run(0.12)}
    for address in (SECOND, THIRD, REMOTE):
        bench.check(address, nominate=True)
    bench.answer(sent[SECOND])
    bench.answer(sent[THIRD])
    for request in bench.run(1.0):
        if request.message.message_class is stun.MessageClass.REQUEST:
            bench.answer(request)
    bench.answer(sent[REMOTE])
    selected = [told.remote.address for told in bench.told(ice.PairSelected)]
    assert selected[0] == SECOND
    assert selected[-1] == REMOTE
    assert THIRD not in selected, "it only ever gets better"
    bench.do(ice.SendData(1, 1, b"data"))
    assert bench.payloads == [(REMOTE, b"data")]


def test_a_better_nomination_is_taken_for_three_seconds_after_completion() -> None:
    """RFC 8445 8.3.1: aggressive nomination may change the selected pairs shortly after completion."""
    for wait, expected in ((2.0, REMOTE), (4.0, SECOND)):
        bench = Bench(CONTROLLED, candidate(SECOND, 1000, foundation="2"), ended=False)
        bench.check(SECOND, nominate=True)
        (request,) = bench.tick()
        bench.answer(request)
        assert state_of(bench) is ice.StreamState.COMPLETED
        bench.run(bench.now + wait)
        bench.check(REMOTE, nominate=True, priority=2000)
        for again in bench.run(bench.now + 0.3):
            bench.answer(again)
        assert bench.told(ice.PairSelected)[-1].remote.address == expected


def test_a_worse_nomination_after_completion_is_only_answered() -> None:
    bench = Bench(CONTROLLED, candidate(priority=3000))
    bench.connect()
    (response,) = bench.check(SECOND, nominate=True, priority=10)
    assert response.message.message_class is stun.MessageClass.SUCCESS
    assert bench.run(bench.now + 2.0) == []


def test_all_pairs_of_a_component_are_done_with_once_one_is_selected() -> None:
    """RFC 8445 8.1.2: removed, without further retransmissions."""
    bench = Bench(CONTROLLING, *three())
    first, *_ = bench.run(0.12)
    bench.answer(first)
    (nominating,) = [each for each in bench.run(0.2) if each.nominates]
    bench.answer(nominating)
    assert list(bench.pairs()) == [str(REMOTE)]
    assert bench.agent.snapshot().requests == 0
    assert [each.remote for each in bench.run(6.0)] == [REMOTE], "consent only"


def test_sockets_that_are_not_selected_are_closed_after_three_seconds() -> None:
    """RFC 8445 8.3.1."""
    bench = Bench(CONTROLLED, candidate(), hosts=["192.0.2.2", LOCAL.host, "192.0.2.3"])
    for request in bench.run(0.2):
        if request.socket == 2:
            bench.check(socket=2, nominate=True)
            bench.answer(request, Address(LOCAL.host, 5001))
    assert state_of(bench) is ice.StreamState.COMPLETED
    done = bench.now
    bench.run(done + 2.9)
    assert not bench.told(CloseSocket)
    bench.run(done + 3.1)
    assert bench.told(CloseSocket) == [CloseSocket(1), CloseSocket(3)]


# --- failure -------------------------------------------------------------------------------------------------------


def test_patience_lasts_39_5_seconds_even_without_candidates() -> None:
    """RFC 8863 4: "the ICE agent MUST NOT update a checklist state from Running to Failed" before."""
    bench = Bench(CONTROLLING)
    bench.run(39.4)
    assert state_of(bench) is ice.StreamState.RUNNING
    bench.run(39.6)
    assert state_of(bench) is ice.StreamState.FAILED


def test_a_peer_reflexive_candidate_comes_in_time_after_all_others_failed() -> None:
    """RFC 8863 3: the problem that the PAC timer solves."""
    bench = Bench(CONTROLLING, candidate(SECOND))
    (request,) = bench.tick()
    bench.answer(request, code=500)
    bench.run(30.0)
    bench.check(REMOTE)
    (triggered,) = bench.tick()
    bench.answer(triggered)
    assert state_of(bench) is ice.StreamState.CONNECTED


@pytest.mark.parametrize("delay", [10.0, 60.0])
def test_a_stream_runs_until_the_end_of_candidates_is_told(delay: float) -> None:
    """RFC 8838 8: fails when "the remote agent has conveyed an end-of-candidates indication", and RFC 8863 5."""
    bench = Bench(CONTROLLING, candidate(), ended=False)
    (request,) = bench.tick()
    bench.answer(request, code=500)
    bench.run(delay)
    assert state_of(bench) is ice.StreamState.RUNNING
    bench.do(ice.EndRemoteCandidates(1))
    bench.run(max(delay, 39.4))
    assert state_of(bench) is (ice.StreamState.RUNNING if delay < 39.5 else ice.StreamState.FAILED)
    bench.run(max(delay, 39.6))
    assert state_of(bench) is ice.StreamState.FAILED


def test_a_controlled_agent_does_not_wait_for_a_nomination_for_ever() -> None:
    bench = Bench(CONTROLLED, candidate())
    (request,) = bench.tick()
    bench.answer(request)
    while bench.now < 43.5:
        for consent in bench.run(bench.now + 1.0):
            bench.answer(consent)
    assert state_of(bench) is ice.StreamState.CONNECTED
    bench.run(44.6)
    assert state_of(bench) is ice.StreamState.FAILED


def test_checks_of_the_peer_do_not_put_failure_off_for_ever() -> None:
    """A path that works in one direction only: the peer's checks come in, our own find no answer."""
    bench = Bench(CONTROLLED, candidate(), candidate(SECOND, foundation="2"))
    while bench.now < 45.0 and state_of(bench) is not ice.StreamState.FAILED:
        bench.check(SECOND)
        bench.run(bench.now + 0.5)
    assert bench.now < 45.0


# --- components ----------------------------------------------------------------------------------------------------


def peers(left: int, right: int) -> tuple[Peer, Peer]:
    network = Network(seed=1)
    hosts = [Host(network.internet, f"192.0.2.{side}", link=Link(latency=0.02)) for side in (1, 2)]
    return (
        Peer(hosts[0], CONTROLLING, seed=1, streams=[ice.AddStream(1, left)]),
        Peer(hosts[1], CONTROLLED, seed=2, streams=[ice.AddStream(1, right)]),
    )


@pytest.mark.parametrize(("left", "right"), [(2, 1), (1, 2)])
def test_the_lesser_number_of_components_is_enough(left: int, right: int) -> None:
    """RFC 8445 6.1.2.2: rtcp-mux on one side only."""
    one, two = peers(left, right)
    introduce(one, two)
    one.network.run(5.0)
    assert connected(one, two)
    assert list(one.selected()) == [1]


def test_both_components_are_waited_for_where_both_sides_have_them() -> None:
    bench = Bench(CONTROLLING, candidate(), candidate(Address(REMOTE.host, 7001), component=2), components=2)
    for request in bench.run(1.0):
        bench.answer(request, Address(LOCAL.host, LOCAL.port + request.socket - 1))
        if len(bench.told(ice.PairSelected)) == 1:
            assert state_of(bench) is not ice.StreamState.COMPLETED
    for _ in range(3):
        for request in bench.run(bench.now + 1.0):
            bench.answer(request, Address(LOCAL.host, LOCAL.port + request.socket - 1))
    assert [told.component for told in bench.told(ice.PairSelected)] == [1, 2]
    assert state_of(bench) is ice.StreamState.COMPLETED


def test_the_second_component_waits_for_the_first_of_its_foundation() -> None:
    """RFC 8445 6.1.2.6 and 7.2.5.3.3, on the wire."""
    one, two = peers(2, 2)
    tap = one.network.tap()
    introduce(one, two)
    one.network.run(5.0)
    assert connected(one, two)
    first = next(packet.destination for _, packet, _ in requests(tap, one.host.name))
    assert first == two.selected()[1][0].address

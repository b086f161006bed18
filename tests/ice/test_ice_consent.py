"""Consent freshness (RFC 7675) and keepalives (RFC 8445 11)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from ice_bench import LOCAL, REMOTE, Bench, candidate, state_of
from ice_support import Peer, connected, introduce

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.testing.network import Behavior, Host, Nat, Network, Node, Start, StunServer

STUN = Address("192.0.2.200", 3478)


def selected(role: ice.Role = ice.Role.CONTROLLED) -> Bench:
    """Return an agent with a selected pair."""
    bench = Bench(role, candidate())
    bench.connect()
    return bench


def test_consent_is_asked_for_every_4_to_6_seconds_each_time_anew() -> None:
    """RFC 7675 5.1: randomised intervals, a new transaction id each, transmitted once only."""
    bench = selected()
    times, identifiers = [bench.now], set()
    while len(times) < 60:
        for request in bench.tick():
            times.append(request.time)
            identifiers.add(request.message.transaction_id)
            bench.answer(request)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert all(4.0 <= gap <= 6.06 for gap in gaps)
    assert max(gaps) - min(gaps) > 1.0, "they are not all alike"
    assert len(identifiers) == len(times) - 1
    assert state_of(bench) is ice.StreamState.COMPLETED


def test_data_stops_30_seconds_after_the_last_answer() -> None:
    """RFC 7675 5.1: "the endpoint MUST cease transmission on that 5-tuple"; and a word of warning before."""
    bench = selected()
    confirmed = bench.now
    bench.run(confirmed + 29.99)
    assert state_of(bench) is ice.StreamState.DISCONNECTED
    bench.do(ice.SendData(1, 1, b"still"))
    bench.run(confirmed + 30.01)
    assert state_of(bench) is ice.StreamState.FAILED
    assert bench.told(ice.ConsentLost) == [ice.ConsentLost(1)]
    bench.do(ice.SendData(1, 1, b"no more"))
    assert [data for _, data in bench.payloads] == [b"still"]
    assert bench.run(confirmed + 120.0) == []


def test_doubt_comes_earlier_and_goes() -> None:
    bench = selected()
    confirmed = bench.now
    sent = bench.run(confirmed + 10.9)
    assert state_of(bench) is ice.StreamState.COMPLETED
    sent += bench.run(confirmed + 11.1)
    assert state_of(bench) is ice.StreamState.DISCONNECTED
    bench.answer(sent[-1])
    assert state_of(bench) is ice.StreamState.COMPLETED


def test_a_path_in_doubt_is_checked_with_retransmissions() -> None:
    """RFC 7675 5: consent is gained by a check; requests for consent go on meanwhile, each once."""
    bench = selected()
    doubt = bench.now + 11.0
    bench.run(doubt - 0.1)
    sent = bench.run(doubt + 10.0)
    check = [each for each in sent if sum(each.data == other.data for other in sent) > 1]
    assert [round(each.time - doubt, 3) for each in check] == [0.0, 0.5, 1.5, 3.5, 7.5]
    others = [each.time for each in sent if each not in check]
    assert all(4.0 <= later - earlier <= 6.06 for earlier, later in pairwise(others))
    bench.answer(check[-1])
    assert state_of(bench) is ice.StreamState.COMPLETED
    assert all(each.data != check[0].data for each in bench.run(bench.now + 20.0))


def test_an_answer_to_an_older_request_counts() -> None:
    """RFC 7675 5.1: "a response might be for a previous request"."""
    bench = selected()
    confirmed = bench.now
    requests = bench.run(confirmed + 25.0)
    assert len(requests) >= 4
    bench.answer(requests[0])
    bench.run(confirmed + 54.0)
    assert state_of(bench) is ice.StreamState.DISCONNECTED
    bench.run(confirmed + 55.1)
    assert state_of(bench) is ice.StreamState.FAILED


def test_a_late_answer_does_not_revive_consent_but_a_restart_does() -> None:
    """RFC 7675 5.1: "responses received after consent expiry do not re-establish consent"."""
    bench = selected()
    requests = bench.run(bench.now + 31.0)
    bench.answer(requests[-1])
    assert state_of(bench) is ice.StreamState.FAILED
    bench.do(ice.SendData(1, 1, b"no"))
    assert bench.payloads == []
    bench.do(ice.Restart(1))
    assert state_of(bench) is ice.StreamState.NEW
    bench.do(ice.AddRemoteCandidate(1, candidate()))
    bench.do(ice.SetRemoteCredentials(1, "anew", "p" * 22))
    bench.check(nominate=True, theirs="anew")
    for request in bench.tick():
        bench.answer(request)
    assert state_of(bench) is ice.StreamState.COMPLETED
    bench.do(ice.SendData(1, 1, b"yes"))
    assert bench.payloads == [(REMOTE, b"yes")]


@pytest.mark.parametrize("forged", [False, True])
def test_a_403_revokes_consent_at_once(*, forged: bool) -> None:
    """RFC 7675 5.2: "a valid and authenticated STUN response with error code Forbidden (403)"."""
    bench = selected()
    (request, *_) = bench.run(bench.now + 6.5)
    bench.answer(request, code=403, key="x" * 22 if forged else "p" * 22)
    assert state_of(bench) is (ice.StreamState.COMPLETED if forged else ice.StreamState.FAILED)
    assert bench.told(ice.ConsentLost) == ([] if forged else [ice.ConsentLost(1)])
    assert bench.agent.snapshot().discarded == forged


@pytest.mark.parametrize("code", [400, 487, 500])
def test_other_errors_neither_confirm_nor_revoke(code: int) -> None:
    bench = selected()
    confirmed = bench.now
    for request in bench.run(confirmed + 12.0):
        bench.answer(request, code=code)
    assert state_of(bench) is ice.StreamState.DISCONNECTED
    bench.run(confirmed + 30.1)
    assert state_of(bench) is ice.StreamState.FAILED


def test_an_answer_from_elsewhere_does_not_confirm() -> None:
    """RFC 7675 5.1: "from the remote peer's transport address"."""
    bench = selected()
    confirmed = bench.now
    for request in bench.run(confirmed + 20.0):
        bench.answer(request, source=Address("192.0.2.98", 1))
    bench.run(confirmed + 30.1)
    assert state_of(bench) is ice.StreamState.FAILED


def test_data_from_the_peer_does_not_confirm() -> None:
    bench = selected()
    confirmed = bench.now
    while bench.now < confirmed + 30.0:
        bench.receive(b"data")
        bench.check()
        bench.run(bench.now + 1.0)
    assert state_of(bench) is ice.StreamState.FAILED


def test_a_valid_pair_is_asked_for_consent_before_it_is_selected() -> None:
    """RFC 7675 5.1: "whenever the endpoint sends application data on that pair"; without consent the pair is lost."""
    bench = Bench(ice.Role.CONTROLLED, candidate(), ended=False)
    (request,) = bench.tick()
    bench.answer(request)
    bench.do(ice.SendData(1, 1, b"early"))
    assert len(bench.run(16.0)) >= 2
    bench.run(40.0)
    bench.do(ice.SendData(1, 1, b"late"))
    assert [data for _, data in bench.payloads] == [b"early"]
    assert bench.pairs() == {str(REMOTE): "failed"}
    assert not bench.told(ice.ConsentLost)
    assert bench.stream.unsent == 1


def test_a_stream_whose_last_valid_pair_loses_consent_fails_when_the_pac_timer_is_over() -> None:
    """RFC 8863 4: it is not waited for a nomination any more, which could be of no other pair."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    confirmed = 0.0
    while confirmed < 10.0:
        for request in bench.tick():
            bench.answer(request)
            confirmed = bench.now
    lost = confirmed + 30.0
    assert 39.5 < lost < 44.5, "between the end of patience and that of the wait for a nomination"
    bench.run(lost - 0.01)
    assert state_of(bench) is ice.StreamState.CONNECTED
    bench.run(lost + 0.01)
    assert state_of(bench) is ice.StreamState.FAILED
    assert bench.agent.deadline is None


def test_a_stream_whose_last_valid_pair_loses_consent_while_it_is_patient_runs_on() -> None:
    """RFC 7675 5: nothing may be sent; RFC 8863 4: the peer may still come with another pair."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    bench.run(1.0)
    (request, *_) = bench.tick()
    bench.answer(request)
    lost = bench.now + 30.0
    bench.run(lost - 0.01)
    assert state_of(bench) is ice.StreamState.CONNECTED
    bench.run(lost + 0.01)
    assert state_of(bench) is ice.StreamState.RUNNING
    bench.run(39.0)
    assert state_of(bench) is ice.StreamState.RUNNING
    bench.run(60.0)
    assert state_of(bench) is ice.StreamState.FAILED


def test_an_idle_agent_is_called_at_most_once_a_second() -> None:
    bench = selected()
    calls = 0
    end = bench.now + 60.0
    while bench.agent.deadline is not None and bench.agent.deadline < end:
        for request in bench.tick():
            bench.answer(request)
            calls += 1
        calls += 1
    assert calls <= 60


def test_bindings_of_candidates_are_kept_alive_until_completion() -> None:
    """RFC 8445 5.1.1.4: "the bindings MUST be kept alive by additional Binding requests to the server"."""
    network = Network(seed=1)
    Node(Host(network.internet, STUN.host), StunServer(STUN)).handle(Start())
    nat = Nat(
        network.internet,
        "198.51.100.1",
        mapping=Behavior.ENDPOINT_INDEPENDENT,
        filtering=Behavior.ENDPOINT_INDEPENDENT,
        lifetime=20.0,
    )
    left = Peer(Host(nat.inside, "10.0.0.1"), servers=[STUN])
    right = Peer(Host(network.internet, "192.0.2.1"), ice.Role.CONTROLLED, seed=2)
    left.do(ice.Gather())
    tap = network.tap(left.host.name)
    network.run(100.0)
    assert [round(seen.time) for seen in tap.records if seen.packet.destination == STUN] == [0, 15, 30, 45, 60, 75, 90]
    (mapping,) = nat.mappings
    assert mapping.external == left.told(ice.CandidateFound)[-1][1].candidate.address
    introduce(left, right)
    for _, found in left.told(ice.CandidateFound):
        right.do(ice.AddRemoteCandidate(1, found.candidate))
    network.run(130.0)
    assert connected(left, right)
    count = sum(seen.packet.destination == STUN for seen in tap.records)
    network.run(200.0)
    assert sum(seen.packet.destination == STUN for seen in tap.records) == count


def test_keepalives_are_needless_where_consent_is_asked_for() -> None:
    """RFC 8445 11: "if no packet has been sent on that pair in the last Tr seconds"."""
    bench = selected()
    before = bench.now
    sent = []
    while bench.now < before + 60.0:
        for request in bench.tick():
            sent.append(request)
            bench.answer(request, LOCAL)
    assert {each.message.message_class for each in sent} == {stun.MessageClass.REQUEST}

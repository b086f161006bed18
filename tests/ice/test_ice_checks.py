"""Connectivity checks, one at a time (RFC 8445 7)."""

from __future__ import annotations

import pytest
from ice_bench import LOCAL, REMOTE, THEIRS, Bench, Sent, candidate, state_of

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.machine import SendFailed

OTHER = Address("192.0.2.98", 7001)
MAPPED = Address("203.0.113.7", 40000)


def kinds(sent: list[Sent]) -> list[str]:
    return [each.message.message_class.name for each in sent]


# --- the client's side ---------------------------------------------------------------------------------------------


def test_retransmissions_follow_the_schedule() -> None:
    """RFC 8489 6.2.1: at 0, 500, 1500, 3500, 7500, 15500 and 31500 ms, and failure at 39500 ms."""
    bench = Bench(ice.Role.CONTROLLING, candidate())
    sent = bench.run(60.0)
    assert [round(each.time, 3) for each in sent] == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert len({each.data for each in sent}) == 1, "retransmissions are the same octets"
    last = bench.told(ice.StreamStateChanged)[-1]
    assert last == ice.StreamStateChanged(1, ice.StreamState.FAILED)


def test_a_pair_fails_39_5_seconds_after_its_first_check() -> None:
    bench = Bench(ice.Role.CONTROLLING, candidate())
    bench.run(39.49)
    assert bench.pairs() == {str(REMOTE): "in-progress"}
    bench.run(39.51)
    assert bench.pairs() == {str(REMOTE): "failed"}
    assert state_of(bench) is ice.StreamState.FAILED


def test_rto_grows_with_the_checks_that_are_under_way() -> None:
    """RFC 8445 14.3, as in RFC 5245 16.2: Ta times the pairs that wait or are in progress."""
    remotes = [candidate(Address("192.0.2.99", 7000 + number), foundation=str(number)) for number in range(40)]
    bench = Bench(ice.Role.CONTROLLING, *remotes)
    sent = bench.run(10.0)
    first = [each.time for each in sent if each.remote == sent[0].remote]
    assert first[1] - first[0] == pytest.approx(40 * 0.05)
    assert len({each.remote for each in sent[:40]}) == 40, "all pairs are checked before any is checked again"


def test_a_check_has_the_attributes_that_it_must_have() -> None:
    """RFC 8445 7.1 and 7.2.2, 7.2.4."""
    for role in ice.Role:
        bench = Bench(role, candidate())
        (request,) = bench.tick()
        message = request.message
        assert message[stun.USERNAME] == f"peer:{bench.agent.local_credentials(1).ufrag}"
        assert message.verify(THEIRS.pwd.encode())
        assert message.verify_fingerprint()
        assert message[stun.PRIORITY] == (110 << 24) + (65535 << 8) + 255, "the type preference is peer-reflexive"
        assert (stun.ICE_CONTROLLING in message) is (role is ice.Role.CONTROLLING)
        assert (stun.ICE_CONTROLLED in message) is (role is ice.Role.CONTROLLED)
        assert not request.nominates


def test_a_mapped_address_that_is_unknown_makes_a_local_peer_reflexive_candidate() -> None:
    """RFC 8445 7.2.5.3.1 and 7.2.5.3.2."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    (request,) = bench.tick()
    bench.answer(request, MAPPED)
    (pair,) = bench.stream.pairs
    assert pair.local.address == LOCAL
    assert pair.valid is not None
    assert (pair.valid.type, pair.valid.address) == (ice.CandidateType.PEER_REFLEXIVE, MAPPED)
    assert pair.valid.priority == request.message[stun.PRIORITY]
    assert pair.valid.related == LOCAL
    assert [found.candidate.address for found in bench.told(ice.CandidateFound)] == [LOCAL]


def test_a_nomination_of_a_pair_whose_valid_pair_differs_is_carried_over() -> None:
    """RFC 8445 7.3.1.5: the valid pair that the check has generated is nominated; a controlled agent behind a NAT."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    (request,) = bench.tick()
    bench.answer(request, MAPPED)
    bench.check(nominate=True)
    (selected,) = bench.told(ice.PairSelected)
    assert selected.local.address == MAPPED


@pytest.mark.parametrize("what", ["source", "socket"])
def test_non_symmetric_answers_fail_the_pair(what: str) -> None:
    """RFC 8445 7.2.5.2.1."""
    bench = Bench(ice.Role.CONTROLLING, candidate(), hosts=[LOCAL.host, "192.0.2.2"])
    (request,) = bench.tick()
    if what == "source":
        bench.answer(request, source=OTHER)
    else:
        bench.answer(request, socket=3 - request.socket)
    failed = [pair for pair in bench.stream.pairs if pair.state is ice.PairState.FAILED]
    assert len(failed) == 1


def test_forged_answers_change_nothing() -> None:
    """RFC 8489 9.1.4: an answer without right integrity is discarded, and retransmissions go on."""
    bench = Bench(ice.Role.CONTROLLING, candidate())
    (request,) = bench.tick()
    bench.answer(request, key="x" * 22)
    response = request.message.success(stun.XOR_MAPPED_ADDRESS(LOCAL))
    bench.receive(response.encode(fingerprint=True))
    bench.receive(response.encode(THEIRS.pwd.encode()))  # no FINGERPRINT
    foreign = stun.Message(1, stun.MessageClass.SUCCESS, bytes(12), response.attributes)
    bench.receive(foreign.encode(THEIRS.pwd.encode(), fingerprint=True))
    bench.receive(request.message.error(400).encode(fingerprint=True))
    assert bench.pairs() == {str(REMOTE): "in-progress"}
    assert bench.agent.snapshot().discarded == 5
    (again,) = bench.run(0.6)
    assert again.data == request.data
    bench.answer(again)
    assert bench.pairs() == {str(REMOTE): "succeeded"}


@pytest.mark.parametrize("code", [400, 401, 403, 420, 500])
def test_errors_fail_the_pair(code: int) -> None:
    """RFC 8445 7.2.5.2.4."""
    bench = Bench(ice.Role.CONTROLLING, candidate())
    (request,) = bench.tick()
    bench.answer(request, code=code)
    assert bench.pairs() == {str(REMOTE): "failed"}


def test_an_error_without_a_code_is_a_failure() -> None:
    bench = Bench(ice.Role.CONTROLLING, candidate())
    (request,) = bench.tick()
    response = stun.Message(stun.Method.BINDING, stun.MessageClass.ERROR, request.message.transaction_id)
    bench.receive(response.encode(THEIRS.pwd.encode(), fingerprint=True))
    assert bench.pairs() == {str(REMOTE): "failed"}


@pytest.mark.parametrize("mapped", [None, "unknown attribute"])
def test_answers_that_do_not_say_what_they_must_are_failures(mapped: str | None) -> None:
    bench = Bench(ice.Role.CONTROLLING, candidate())
    (request,) = bench.tick()
    attributes = [] if mapped is None else [stun.XOR_MAPPED_ADDRESS(LOCAL), stun.Attribute.unknown(0x7777, b"")]
    response = request.message.success(*attributes)
    bench.receive(response.encode(THEIRS.pwd.encode(), fingerprint=True))
    assert bench.pairs() == {str(REMOTE): "failed"}


def test_failed_sends_are_a_hint_only() -> None:
    """RFC 8445 7.2.5.2.2: ICMP errors can be forged."""
    bench = Bench(ice.Role.CONTROLLING, candidate())
    (request,) = bench.tick()
    bench.do(SendFailed(request.socket, REMOTE, "unreachable"))
    assert bench.pairs() == {str(REMOTE): "in-progress"}
    bench.answer(request)
    assert bench.pairs() == {str(REMOTE): "succeeded"}


def test_an_answer_after_the_end_revives_nothing() -> None:
    bench = Bench(ice.Role.CONTROLLING, candidate())
    (request,) = bench.tick()
    bench.run(60.0)
    bench.answer(request)
    assert state_of(bench) is ice.StreamState.FAILED
    assert bench.agent.snapshot().discarded == 1


# --- the server's side ---------------------------------------------------------------------------------------------


def test_an_early_check_is_answered_at_once_and_followed_up_later() -> None:
    """RFC 8445 7.3: "the agent MUST immediately generate a response", and proceed when the credentials are there."""
    bench = Bench(ice.Role.CONTROLLED, theirs=None)
    (response,) = bench.check(OTHER)
    assert response.message.message_class is stun.MessageClass.SUCCESS
    assert response.message[stun.XOR_MAPPED_ADDRESS] == OTHER
    assert response.message.verify(bench.agent.local_credentials(1).pwd.encode())
    assert bench.run(1.0) == []
    bench.do(ice.SetRemoteCredentials(1, THEIRS.ufrag, THEIRS.pwd))
    (triggered,) = bench.tick()
    assert triggered.remote == OTHER
    assert triggered.message.verify(THEIRS.pwd.encode())


def test_an_early_nomination_is_remembered() -> None:
    bench = Bench(ice.Role.CONTROLLED, theirs=None)
    bench.check(OTHER, nominate=True)
    bench.check(OTHER)
    bench.do(ice.SetRemoteCredentials(1, THEIRS.ufrag, THEIRS.pwd))
    (triggered,) = bench.tick()
    bench.answer(triggered)
    assert state_of(bench) is ice.StreamState.COMPLETED


def test_an_unknown_source_is_a_peer_reflexive_candidate() -> None:
    """RFC 8445 7.3.1.3: the priority is that of the request, the foundation different from all others."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    bench.check(OTHER, priority=1862270975)
    learned = next(each for each in bench.stream.remote_candidates if each.address == OTHER)
    assert (learned.type, learned.priority) == (ice.CandidateType.PEER_REFLEXIVE, 1862270975)
    assert learned.foundation != "1"
    assert bench.pairs()[str(OTHER)] == "waiting"


def test_a_signalled_candidate_replaces_the_peer_reflexive_one_in_place() -> None:
    """RFC 8838 11: the pair stays, with its state, and takes the priority that was signalled."""
    bench = Bench(ice.Role.CONTROLLED, ended=False)
    bench.check(OTHER)
    (triggered,) = bench.tick()
    bench.answer(triggered)
    signalled = candidate(OTHER, 1694498815, kind=ice.CandidateType.SERVER_REFLEXIVE, foundation="7")
    bench.do(ice.AddRemoteCandidate(1, signalled))
    (pair,) = bench.stream.pairs
    assert (pair.remote, pair.state, pair.foundation) == (signalled, ice.PairState.SUCCEEDED, "1:7")
    assert pair.priority == 2**32 * 1694498815 + 2 * 2130706431
    assert not bench.told(ice.CandidateIgnored)
    bench.do(ice.AddRemoteCandidate(1, signalled))
    (ignored,) = bench.told(ice.CandidateIgnored)
    assert ignored.reason.code == "duplicate"


def test_a_check_of_a_pair_in_progress_triggers_a_new_one() -> None:
    """RFC 8445 7.3.1.4: no more retransmissions of the old request, but its answer counts."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    (old,) = bench.tick()
    bench.check()
    assert bench.pairs() == {str(REMOTE): "waiting"}
    (new,) = bench.run(0.4)
    assert new.message.transaction_id != old.message.transaction_id
    later = bench.run(1.0)
    assert {each.data for each in later} == {new.data}
    bench.answer(old)
    assert bench.pairs() == {str(REMOTE): "succeeded"}
    assert bench.run(3.0) == [], "nothing more is checked"


def test_a_check_of_a_failed_pair_revives_it() -> None:
    """RFC 8445 7.3.1.4."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    (request,) = bench.tick()
    bench.answer(request, code=500)
    bench.check()
    assert bench.pairs() == {str(REMOTE): "waiting"}
    (again,) = bench.tick()
    bench.answer(again)
    assert bench.pairs() == {str(REMOTE): "succeeded"}


def test_a_check_of_a_pair_that_works_triggers_nothing() -> None:
    """RFC 8445 7.3.1.4: "If the state of that pair is Succeeded, nothing further is done."."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    (request,) = bench.tick()
    bench.answer(request)
    for _ in range(3):
        assert kinds(bench.check()) == ["SUCCESS"]
    assert bench.run(2.0) == []


def test_checks_are_answered_when_all_is_done() -> None:
    """RFC 8445 8.1.2: "an agent MUST continue to respond to any Binding request"."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    bench.connect()
    bench.run(bench.now + 2.0)
    assert kinds(bench.check()) == ["SUCCESS"]
    assert kinds(bench.check(OTHER)) == ["SUCCESS"]
    assert [pair.remote.address for pair in bench.stream.pairs] == [REMOTE]


def test_integrity_is_answered_in_kind() -> None:
    """RFC 8489 9.1.3: a request with both integrity attributes is answered with SHA-256."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    ours = bench.agent.local_credentials(1)
    attributes = (stun.USERNAME(f"{ours.ufrag}:peer"), stun.PRIORITY(1), stun.ICE_CONTROLLING(1))
    request = stun.Message.request(stun.Method.BINDING, bytes(12), *attributes)
    data = request.encode(ours.pwd.encode(), integrity=stun.Integrity.BOTH, fingerprint=True)
    (response,) = bench.receive(data)
    assert response.message.integrity is stun.Integrity.SHA256
    assert response.message.verify(ours.pwd.encode())


def test_indications_are_taken_silently() -> None:
    """RFC 8445 11: keepalives of the peer."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    before = bench.agent.snapshot()
    indication = stun.Message.indication(stun.Method.BINDING, bytes(12))
    assert bench.receive(indication.encode(fingerprint=True)) == []
    assert bench.agent.snapshot() == before


# --- data ----------------------------------------------------------------------------------------------------------


def test_data_is_taken_from_candidates_of_the_peer_only() -> None:
    """RFC 8445 12.2; whoever else sends is nobody that credentials are known of."""
    bench = Bench(ice.Role.CONTROLLED, candidate(), ended=False)
    bench.receive(b"data", REMOTE)
    bench.receive(b"forged", OTHER)
    assert bench.told(ice.DataReceived) == [ice.DataReceived(1, 1, b"data")]
    assert bench.agent.snapshot().discarded == 1
    bench.check(OTHER)
    bench.receive(b"learned", OTHER)
    assert bench.told(ice.DataReceived)[-1] == ice.DataReceived(1, 1, b"learned")


def test_data_goes_over_a_valid_pair_before_nomination() -> None:
    """RFC 8445 12.1."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    bench.do(ice.SendData(1, 1, b"too early"))
    assert (bench.payloads, bench.stream.unsent) == ([], 1)
    (request,) = bench.tick()
    bench.answer(request)
    assert state_of(bench) is ice.StreamState.CONNECTED
    bench.do(ice.SendData(1, 1, b"early"))
    assert bench.payloads == [(REMOTE, b"early")]


def test_datagrams_without_the_cookie_are_data_whatever_they_begin_with() -> None:
    bench = Bench(ice.Role.CONTROLLED, candidate())
    for data in (b"", b"\x00", bytes(40), b"\x00\x01\x00\x00" + bytes(16), b"\x80\x01\x00\x50" + bytes(96)):
        bench.receive(data)
        assert bench.told(ice.DataReceived)[-1] == ice.DataReceived(1, 1, data)
    assert bench.sent == []

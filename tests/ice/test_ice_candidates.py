"""Gathering, trickling, and what is ignored (RFC 8445 5.1, RFC 8838)."""

from __future__ import annotations

import pytest
from ice_bench import LOCAL, REMOTE, THEIRS, Bench, candidate, state_of

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.findings import Severity
from jinglecodec.machine import HostnameResolved, OpenSocket, ResolveHostname, SocketFailed, SocketOpened

SERVERS = (Address("198.51.100.1", 3478), Address("198.51.100.2", 3478))
MAPPED = Address("203.0.113.7", 40000)
NAME = "5a3b1c2d-0000-4000-8000-1234567890ab.local"


def reasons(bench: Bench) -> list[str]:
    return [told.reason.code for told in bench.told(ice.CandidateIgnored)]


# --- gathering -----------------------------------------------------------------------------------------------------


def asked(servers: int = 1, **options: object) -> Bench:
    """Return an agent that has STUN servers, before it asks them."""
    bench = Bench(theirs=None, ended=False, **options)  # type: ignore[arg-type]
    for server in SERVERS[:servers]:
        bench.do(ice.AddServer(server))
    return bench


def test_several_servers_give_candidates_of_their_own_foundation_and_preference() -> None:
    """RFC 8445 5.1.1.2, 5.1.1.3 and 5.1.2.1."""
    bench = asked(2)
    first, second = bench.run(0.1)
    assert [each.remote for each in (first, second)] == list(SERVERS)
    assert second.time - first.time >= 0.05
    bench.answer(first, MAPPED, key="")
    assert not bench.told(ice.GatheringDone)
    bench.answer(second, Address(MAPPED.host, 40001), key="")
    bench.tick()
    host, one, two = (told.candidate for told in bench.told(ice.CandidateFound))
    assert {one.type, two.type} == {ice.CandidateType.SERVER_REFLEXIVE}
    assert one.related == two.related == LOCAL
    assert len({host.foundation, one.foundation, two.foundation}) == 3
    assert one.priority == (100 << 24) + (65535 << 8) + 255
    assert two.priority != one.priority
    assert bench.told(ice.GatheringDone) == [ice.GatheringDone(1)]


def test_a_mapped_address_that_is_the_host_address_is_redundant() -> None:
    """RFC 8445 5.1.3."""
    bench = asked()
    (request,) = bench.tick()
    bench.answer(request, LOCAL, key="")
    bench.tick()
    assert [told.candidate.type for told in bench.told(ice.CandidateFound)] == [ice.CandidateType.HOST]
    assert bench.told(ice.GatheringDone)


def test_an_old_server_answers_with_mapped_address() -> None:
    """RFC 8445 5.1.1.2: "MUST support the backwards-compatibility mode for the Binding request"."""
    bench = asked()
    (request,) = bench.tick()
    bench.receive(request.message.success(stun.MAPPED_ADDRESS(MAPPED)).encode(), SERVERS[0])
    assert bench.told(ice.CandidateFound)[-1].candidate.address == MAPPED


def test_an_answer_from_elsewhere_is_no_answer() -> None:
    bench = asked()
    (request,) = bench.tick()
    bench.answer(request, MAPPED, source=SERVERS[1], key="")
    assert len(bench.told(ice.CandidateFound)) == 1
    assert bench.agent.snapshot().discarded == 1


@pytest.mark.parametrize(
    "attribute",
    [
        stun.XOR_MAPPED_ADDRESS(Address("2001:db8::7", 40000)),
        stun.XOR_MAPPED_ADDRESS(Address("0.0.0.0", 40000)),  # noqa: S104
        stun.Attribute.unknown(0x0020, b"nonsense"),
        stun.SOFTWARE("no address"),
    ],
)
def test_an_answer_of_no_use_gives_no_candidate(attribute: stun.Attribute) -> None:
    bench = asked()
    (request,) = bench.tick()
    bench.receive(request.message.success(attribute).encode(), SERVERS[0])
    bench.run(0.1)
    assert len(bench.told(ice.CandidateFound)) == 1
    assert bench.told(ice.GatheringDone)


@pytest.mark.parametrize("code", [None, 500])
def test_a_server_without_an_answer_is_given_up(code: int | None) -> None:
    bench = asked()
    (request, *_) = bench.run(0.1)
    if code is not None:
        bench.answer(request, code=code, key="")
    sent = bench.run(9.9)
    assert len(sent) == (4 if code is None else 0)
    assert bool(bench.told(ice.GatheringDone)) is (code is not None)
    bench.run(10.1)
    assert bench.told(ice.GatheringDone) == [ice.GatheringDone(1)]


@pytest.mark.parametrize("host", [SERVERS[0].host, None, "nonsense"])
def test_the_name_of_a_server_is_looked_up(host: str | None) -> None:
    bench = Bench(theirs=None)
    bench.do(ice.AddServer(Address("stun.example.org", 3478)))
    assert bench.told(ResolveHostname) == [ResolveHostname("stun.example.org")]
    bench.run(1.0)
    assert not bench.told(ice.GatheringDone)
    bench.do(HostnameResolved("stun.example.org", host))
    sent = bench.run(1.1)
    assert [each.remote for each in sent[:1]] == ([SERVERS[0]] if host == SERVERS[0].host else [])
    assert bool(bench.told(ice.GatheringDone)) is (host != SERVERS[0].host)


def test_servers_are_asked_from_addresses_of_their_family() -> None:
    bench = Bench(theirs=None, hosts=[LOCAL.host, "2001:db8::1"])
    for server in (SERVERS[0], Address("2001:db8::2", 3478)):
        bench.do(ice.AddServer(server))
    sent = bench.run(0.4)
    assert {(each.socket, each.remote.host) for each in sent} == {(1, SERVERS[0].host), (2, "2001:db8::2")}


def test_addresses_are_ranked_and_interleaved() -> None:
    """RFC 8421 4; RFC 8445 5.1.2.1: unique local preferences."""
    hosts = ["192.0.2.1", "2001:db8::1", "192.0.2.2", "2001:db8::2", "2001:db8::3", "2001:db8::4"]
    agent = ice.Agent()
    found = []
    agent.handle(ice.AddStream(1), 0.0)
    for host in hosts:
        agent.handle(ice.AddLocalAddress(host), 0.0)
    for output in agent.handle(ice.Gather(), 0.0):
        assert isinstance(output, OpenSocket)
        assert output.local is not None
        for told in agent.handle(SocketOpened(output.socket, Address(output.local.host, 5000)), 0.0):
            assert isinstance(told, ice.CandidateFound)
            found.append(told.candidate)
    found.sort(key=lambda each: -each.priority)
    families = "".join("6" if ":" in each.address.host else "4" for each in found)
    assert families == "666464"
    assert len({each.priority for each in found}) == 6


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "fec0::1", "::ffff:192.0.2.1", "0.0.0.0"])  # noqa: S104
def test_excluded_addresses_are_passed_over(host: str) -> None:
    """RFC 8445 5.1.1.1."""
    bench = Bench(hosts=[host], theirs=None)
    assert not bench.told(OpenSocket)
    bench.run(1.0)
    assert bench.told(ice.GatheringDone)


def test_zones_stay_at_home() -> None:
    bench = Bench(hosts=["fe80::1%eth0"], theirs=None)
    (opened,) = bench.told(OpenSocket)
    assert opened.local == Address("fe80::1%eth0", 0)
    (found,) = bench.told(ice.CandidateFound)
    assert found.candidate.address.host == "fe80::1"


def test_an_address_that_comes_late_gives_candidates_and_another_end() -> None:
    bench = Bench(ice.Role.CONTROLLING, candidate())
    bench.run(0.1)
    assert len(bench.told(ice.GatheringDone)) == 1
    bench.do(ice.AddLocalAddress("192.0.2.2"))
    bench.run(0.3)
    assert [told.candidate.address.host for told in bench.told(ice.CandidateFound)] == [LOCAL.host, "192.0.2.2"]
    assert len(bench.told(ice.GatheringDone)) == 2
    assert len(bench.stream.pairs) == 2


def test_a_server_that_comes_late_is_waited_for_though_a_binding_was_kept_alive() -> None:
    """RFC 8445 5.1.1.4: the keepalive is no gathering, and does not count as any."""
    bench = asked()
    (request,) = bench.tick()
    bench.answer(request, MAPPED, key="")
    (refresh,) = bench.run(15.2)
    bench.answer(refresh, MAPPED, key="")
    bench.do(ice.AddServer(SERVERS[1]))
    (late,) = bench.run(15.3)
    assert late.remote == SERVERS[1]
    assert len(bench.told(ice.GatheringDone)) == 1
    bench.answer(late, Address(MAPPED.host, 40001), key="")
    bench.tick()
    assert len(bench.told(ice.GatheringDone)) == 2


def test_after_nomination_there_are_no_more_candidates_until_a_restart() -> None:
    """RFC 8838 13: "an agent MUST NOT trickle any new candidates within an ICE session after nomination"."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    bench.connect()
    bench.run(bench.now + 1.0)
    before = len(bench.outputs)
    bench.do(ice.AddLocalAddress("192.0.2.2"))
    bench.do(ice.AddServer(SERVERS[0]))
    sent = bench.run(bench.now + 2.0)
    assert all(each.remote != SERVERS[0] for each in sent)
    assert bench.outputs[before:] == []
    bench.do(ice.Restart(1))
    sent = bench.run(bench.now + 1.0)
    assert [told.candidate.address.host for told in bench.told(ice.CandidateFound)[1:]] == [LOCAL.host, "192.0.2.2"]
    assert {each.socket for each in sent if each.remote == SERVERS[0]} == {1, 2}


def test_a_socket_that_opens_after_nomination_gives_no_candidate() -> None:
    """RFC 8838 13: the local address was there before, its socket was not."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    (opening,) = bench.agent.handle(ice.AddLocalAddress("192.0.2.2"), bench.now)
    assert isinstance(opening, OpenSocket)
    bench.connect()
    before = len(bench.outputs)
    assert bench.do(SocketOpened(opening.socket, Address("192.0.2.2", 5001))) == []
    assert bench.outputs[before:] == []
    assert [local.address for local in bench.stream.local_candidates] == [LOCAL]


def test_a_candidate_that_comes_after_nomination_is_not_signalled() -> None:
    bench = Bench(ice.Role.CONTROLLED, candidate())
    bench.do(ice.AddServer(SERVERS[0]))
    (query,) = [each for each in bench.run(0.06) if each.remote == SERVERS[0]]
    bench.connect()
    bench.answer(query, MAPPED, key="")
    assert [told.candidate.type for told in bench.told(ice.CandidateFound)] == [ice.CandidateType.HOST]


def test_a_socket_that_its_driver_closes_is_not_used_any_more() -> None:
    bench = Bench(ice.Role.CONTROLLING, candidate())
    (request,) = bench.tick()
    bench.do(SocketFailed(1, "gone"))
    assert bench.run(60.0) == []
    assert request.socket == 1
    assert state_of(bench) is ice.StreamState.FAILED


# --- the peer's candidates -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ignored", "reason"),
    [
        (candidate(protocol="tcp"), "protocol"),
        (candidate(protocol="SCTP"), "protocol"),
        (candidate(component=2), "component"),
        (candidate(component=0), "component"),
        (candidate(priority=2**31), "priority"),
        (candidate(priority=2**32 + 1), "priority"),
        (candidate(priority=0), "priority"),
        (candidate(priority=-1), "priority"),
        (candidate(Address(REMOTE.host, 0)), "address"),
        (candidate(Address(REMOTE.host, 65536)), "address"),
        (candidate(Address("0.0.0.0", 1)), "address"),  # noqa: S104
        (candidate(Address("127.0.0.1", 1)), "address"),
        (candidate(Address("ff02::1", 1)), "address"),
        (candidate(Address("host.example.org", 1)), "name"),
        (candidate(Address("", 1)), "name"),
        (candidate(ufrag="other"), "other-session"),
    ],
)
def test_what_cannot_be_used_is_ignored_with_a_reason(ignored: ice.Candidate, reason: str) -> None:
    bench = Bench(ice.Role.CONTROLLING, ended=False)
    before = bench.agent.snapshot()
    bench.do(ice.AddRemoteCandidate(1, ignored))
    assert reasons(bench) == [reason]
    (told,) = bench.told(ice.CandidateIgnored)
    assert told.candidate == ignored
    assert told.reason.severity is Severity.WARNING
    assert told.reason.clause
    assert bench.agent.snapshot() == before


@pytest.mark.parametrize("priority", [1, 2**31 - 1])
def test_the_least_and_the_greatest_priority_are_used(priority: int) -> None:
    """RFC 8839 5.1: "a positive integer between 1 and (2**31 - 1) inclusive"."""
    bench = Bench(ice.Role.CONTROLLING, candidate(priority=priority))
    assert list(bench.pairs()) == [str(REMOTE)]
    assert reasons(bench) == []


def test_candidates_after_the_end_are_ignored() -> None:
    """RFC 8838 14: "it MUST ignore any newly received candidates"."""
    bench = Bench(ice.Role.CONTROLLING)
    bench.do(ice.AddRemoteCandidate(1, candidate()))
    assert reasons(bench) == ["after-end"]


def test_candidates_of_another_session_are_found_out_when_the_credentials_come() -> None:
    bench = Bench(ice.Role.CONTROLLING, candidate(ufrag="other"), candidate(Address(REMOTE.host, 1)), theirs=None)
    assert reasons(bench) == []
    bench.do(ice.SetRemoteCredentials(1, THEIRS.ufrag, THEIRS.pwd))
    assert reasons(bench) == ["other-session"]
    assert list(bench.pairs()) == [f"{REMOTE.host}:1"]


def test_candidates_of_this_session_are_used() -> None:
    bench = Bench(ice.Role.CONTROLLING, candidate(ufrag=THEIRS.ufrag, protocol="UDP"))
    assert list(bench.pairs()) == [str(REMOTE)]


def test_addresses_are_compared_in_one_form() -> None:
    bench = Bench(hosts=["2001:db8::1"], ended=False)
    for host in ("2001:DB8:0::99", "2001:db8::99"):
        bench.do(ice.AddRemoteCandidate(1, candidate(Address(host, 7000))))
    assert reasons(bench) == ["duplicate"]
    assert list(bench.pairs()) == ["[2001:db8::99]:7000"]


def test_link_local_candidates_pair_with_their_like_only() -> None:
    """RFC 8445 6.1.2.2."""
    bench = Bench(hosts=["fe80::1%eth0", "2001:db8::1"], ended=False)
    for host in ("fe80::99%wlan0", "2001:db8::99"):
        bench.do(ice.AddRemoteCandidate(1, candidate(Address(host, 7000))))
    pairs = {(pair.local.address.host, pair.remote.address.host) for pair in bench.stream.pairs}
    assert pairs == {("fe80::1", "fe80::99"), ("2001:db8::1", "2001:db8::99")}


def test_a_check_from_a_scope_that_does_not_fit_makes_no_pair() -> None:
    """RFC 8445 6.1.2.2 for what is learned from a check: it is answered, and nothing is sent in return."""
    bench = Bench(ice.Role.CONTROLLED, hosts=["2001:db8::1"])
    (response,) = bench.check(Address("fe80::99", 7000), nominate=True)
    assert response.message.message_class is stun.MessageClass.SUCCESS
    assert bench.pairs() == {}
    assert bench.run(10.0) == []


def test_candidates_are_limited() -> None:
    bench = Bench(ended=False, config=ice.Config(remote_candidates=5))
    for number in range(8):
        bench.do(ice.AddRemoteCandidate(1, candidate(Address(REMOTE.host, 7000 + number))))
    assert reasons(bench) == ["too-many"] * 3
    assert len(bench.stream.remote_candidates) == 5


# --- names ---------------------------------------------------------------------------------------------------------


def test_a_local_name_is_resolved_and_tried() -> None:
    """draft-ietf-mmusic-mdns-ice-candidates 3.2: names that end in `.local`."""
    bench = Bench(ended=False)
    for port in (1, 2):
        bench.do(ice.AddRemoteCandidate(1, candidate(Address(NAME, port))))
    assert bench.told(ResolveHostname) == [ResolveHostname(NAME)], "once"
    bench.do(ice.EndRemoteCandidates(1))
    bench.do(HostnameResolved(NAME, REMOTE.host))
    assert set(bench.pairs()) == {f"{REMOTE.host}:1", f"{REMOTE.host}:2"}
    assert reasons(bench) == []
    bench.do(HostnameResolved(NAME, REMOTE.host))
    assert len(bench.stream.pairs) == 2


@pytest.mark.parametrize("host", [None, "nonsense", "127.0.0.1"])
def test_a_name_without_an_address_is_ignored(host: str | None) -> None:
    bench = Bench(ice.Role.CONTROLLING, candidate(Address(NAME, 1)))
    bench.do(HostnameResolved(NAME, host))
    assert reasons(bench) == ["address" if host == "127.0.0.1" else "unresolved"]
    bench.run(39.6)
    assert state_of(bench) is ice.StreamState.FAILED


def test_a_name_that_is_never_resolved_does_not_keep_the_stream_running() -> None:
    bench = Bench(ice.Role.CONTROLLING, candidate(Address(NAME, 1)))
    bench.run(39.6)
    assert state_of(bench) is ice.StreamState.FAILED


def test_a_peer_reflexive_candidate_stands_in_for_a_name() -> None:
    bench = Bench(ice.Role.CONTROLLED, candidate(Address(NAME, 1)))
    bench.check(REMOTE)
    (request,) = bench.tick()
    bench.answer(request)
    assert state_of(bench) is ice.StreamState.CONNECTED

"""Bad input: right answers or silence, bounded memory, nothing raised."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ice_bench import LOCAL, REMOTE, THEIRS, Bench, candidate
from ice_support import Peer, introduce, requests

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.machine import (
    BytesReceived,
    DatagramReceived,
    HostnameResolved,
    SendFailed,
    SocketClosed,
    SocketFailed,
    SocketOpened,
)
from jinglecodec.testing.network import Behavior, Host, Link, Nat, Network, Node, Start, StunServer

if TYPE_CHECKING:
    from ice_bench import Sent

STUN = Address("192.0.2.200", 3478)
OTHER = Address("192.0.2.98", 7001)


def code(sent: list[Sent]) -> int:
    (response,) = sent
    return response.message[stun.ERROR_CODE].code


# --- requests ------------------------------------------------------------------------------------------------------


def raw(bench: Bench, *attributes: stun.Attribute, key: str | None = None, fingerprint: bool = True) -> list[Sent]:
    """Let a request with these attributes come in, with right integrity unless another key is given."""
    password = bench.agent.local_credentials(1).pwd if key is None else key
    request = stun.Message.request(stun.Method.BINDING, bytes(12), *attributes)
    return bench.receive(request.encode(password.encode() or None, fingerprint=fingerprint), OTHER)


def username(bench: Bench) -> stun.Attribute:
    return stun.USERNAME(f"{bench.agent.local_credentials(1).ufrag}:{THEIRS.ufrag}")


def test_unauthentic_requests_are_refused_without_integrity_and_change_nothing() -> None:
    """RFC 8489 9.1.3: 400 without the attributes, 401 for a wrong user or a wrong password."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    before = bench.stream
    answers = [
        raw(bench, stun.PRIORITY(1), key=""),
        raw(bench, username(bench), stun.PRIORITY(1), key=""),
        raw(bench, stun.PRIORITY(1)),
        raw(bench, stun.USERNAME("somebody:else"), stun.PRIORITY(1)),
        raw(bench, username(bench), stun.PRIORITY(1), key="x" * 22),
        raw(bench, stun.Attribute(6, b"\x00\x06\x00\x02\xff\xfe\x00\x00"), stun.PRIORITY(1)),
    ]
    assert [code(answer) for answer in answers] == [400, 400, 400, 401, 401, 400]
    assert all(answer[0].message.integrity is None for answer in answers)
    assert bench.stream == before
    assert bench.agent.snapshot().discarded == len(answers)


def test_authentic_requests_that_are_wrong_are_refused_with_integrity() -> None:
    """RFC 8489 6.3.1 and 14.13; PRIORITY "MUST be included in a Binding request" (RFC 8445 7.1.1)."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    before = bench.stream
    user, role = username(bench), stun.ICE_CONTROLLING(1)
    answers = [
        raw(bench, user, role),
        raw(bench, user, role, stun.PRIORITY(1), stun.Attribute.unknown(0x7777, b"abc")),
        raw(bench, user, role, stun.Attribute.unknown(0x0024, b"abc")),
        raw(bench, user, stun.PRIORITY(1), stun.Attribute.unknown(0x802A, b"abc")),
    ]
    assert [code(answer) for answer in answers] == [400, 420, 400, 400]
    assert answers[1][0].message[stun.UNKNOWN_ATTRIBUTES] == (0x7777,)
    password = bench.agent.local_credentials(1).pwd.encode()
    assert all(answer[0].message.verify(password) for answer in answers)
    assert bench.stream == before


def test_a_priority_that_is_none_is_not_learned() -> None:
    """It is never wrapped; the check itself is sound."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    for priority in (0, 2**31, 2**32 - 1):
        (response,) = bench.check(OTHER, priority=priority)
        assert response.message.message_class is stun.MessageClass.SUCCESS
    assert [each.address for each in bench.stream.remote_candidates] == [REMOTE]


@pytest.mark.parametrize("priority", [1, 2**31 - 1])
def test_the_least_and_the_greatest_priority_are_learned(priority: int) -> None:
    """RFC 8445 5.1.2: "a positive integer between 1 and (2**31 - 1) inclusive"."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    bench.check(OTHER, priority=priority)
    assert [each.priority for each in bench.stream.remote_candidates if each.address == OTHER] == [priority]


def test_what_is_no_sound_stun_is_met_with_silence() -> None:
    bench = Bench(ice.Role.CONTROLLED, candidate())
    before = bench.stream
    attributes = (username(bench), stun.ICE_CONTROLLING(1), stun.PRIORITY(1))
    assert raw(bench, *attributes, fingerprint=False) == []
    good = stun.Message.request(stun.Method.BINDING, bytes(12), *attributes)
    data = good.encode(bench.agent.local_credentials(1).pwd.encode(), fingerprint=True)
    for bad in (
        data[:-1] + bytes([data[-1] ^ 1]),  # FINGERPRINT
        data[:-4],
        data + bytes(4),
        data[:2] + b"\xff\xff" + data[4:],
        stun.Message.request(stun.Method.ALLOCATE, bytes(12)).encode(fingerprint=True),
    ):
        assert bench.receive(bad) == []
    assert bench.stream == before
    assert bench.agent.snapshot().discarded == 6


def test_a_source_that_is_no_address_is_not_answered_and_a_zone_is_no_part_of_one() -> None:
    bench = Bench(ice.Role.CONTROLLED, hosts=["fe80::1%eth0"], ended=False)
    assert bench.check(Address("somewhere", 1)) == []
    (response,) = bench.check(Address("fe80::2%eth0", 7000))
    assert response.message[stun.XOR_MAPPED_ADDRESS] == response.remote == Address("fe80::2", 7000)
    assert list(bench.pairs()) == ["[fe80::2]:7000"]


def test_rtp_that_looks_like_stun_is_data() -> None:
    """Payload type 1 and a sequence number that is a length: `80 01 00 50`."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    packet = b"\x80\x01\x00\x50" + random.Random(1).randbytes(96)
    assert bench.receive(packet) == []
    assert bench.told(ice.DataReceived) == [ice.DataReceived(1, 1, packet)]


def talk() -> list[tuple[bytes, bool]]:
    """Return good datagrams of the peer for an agent that was just made: data, and whether it is a response."""
    bench = Bench(ice.Role.CONTROLLED, candidate())
    (request,) = bench.tick()
    ours = bench.agent.local_credentials(1)
    attributes = (username(bench), stun.ICE_CONTROLLING(1), stun.PRIORITY(1), stun.USE_CANDIDATE())
    check = stun.Message.request(stun.Method.BINDING, bytes(12), *attributes)
    response = request.message.success(stun.XOR_MAPPED_ADDRESS(LOCAL))
    return [
        (check.encode(ours.pwd.encode(), fingerprint=True), False),
        (response.encode(THEIRS.pwd.encode(), fingerprint=True), True),
    ]


@given(st.data())
def test_tampered_datagrams_change_nothing_but_a_counter(data: st.DataObject) -> None:
    """One octet is another, somewhere: the message is answered with an error, dropped, or taken for data."""
    original, _ = data.draw(st.sampled_from(talk()))
    at = data.draw(st.integers(0, len(original) - 1))
    octet = data.draw(st.integers(0, 255).filter(lambda octet: octet != original[at]))
    bench = Bench(ice.Role.CONTROLLED, candidate())
    bench.tick()
    before = bench.agent.snapshot()
    answers = bench.receive(original[:at] + bytes([octet]) + original[at + 1 :])
    assert all(each.message.message_class is stun.MessageClass.ERROR for each in answers)
    after = bench.agent.snapshot()
    assert after.streams == before.streams
    assert (after.role, after.pairs, after.requests, after.deadline) == (
        *(before.role, before.pairs, before.requests, before.deadline),
    )
    assert after.discarded - before.discarded == (0 if bench.told(ice.DataReceived) else 1)


ADDRESSES = st.builds(Address, st.sampled_from(["192.0.2.99", "2001:db8::1", "name", ""]), st.integers(0, 65535))
DATA = st.one_of(
    st.binary(max_size=100), st.binary(max_size=80).map(lambda tail: b"\x00\x01\x00\x00\x21\x12\xa4\x42" + tail)
)
EVENTS = st.one_of(
    st.builds(DatagramReceived, st.integers(0, 3), ADDRESSES, DATA),
    st.builds(BytesReceived, st.integers(0, 3), st.binary(max_size=10)),
    st.builds(SocketOpened, st.integers(0, 3), ADDRESSES),
    st.builds(SocketFailed, st.integers(0, 3), st.text(max_size=3)),
    st.builds(SocketClosed, st.integers(0, 3)),
    st.builds(SendFailed, st.integers(0, 3), st.none() | ADDRESSES, st.text(max_size=3)),
    st.builds(HostnameResolved, st.sampled_from(["a.local", "b"]), st.none() | st.sampled_from(["192.0.2.5", "x"])),
    st.builds(
        ice.AddRemoteCandidate,
        st.just(1),
        st.builds(
            ice.Candidate,
            st.integers(-1, 300),
            st.sampled_from(ice.CandidateType),
            ADDRESSES | st.builds(Address, st.just("a.local"), st.integers(1, 9)),
            st.integers(-1, 2**33),
            st.text(max_size=3),
            st.sampled_from(["udp", "UDP", "tcp", ""]),
        ),
    ),
)


@given(st.lists(st.tuples(EVENTS, st.floats(0, 20)), max_size=30), st.sampled_from(ice.Role))
def test_nothing_that_comes_from_outside_raises(script: list[tuple[ice.Event, float]], role: ice.Role) -> None:
    bench = Bench(role, candidate(), components=2, ended=False)
    for event, pause in script:
        bench.do(event)
        bench.run(bench.now + pause)
    assert str(bench.agent.snapshot())


# --- floods --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("early", "ports"), [(True, 10_000), (False, 1000)])
def test_a_flood_of_checks_from_many_ports_is_answered_and_bounded(*, early: bool, ports: int) -> None:
    bench = Bench(ice.Role.CONTROLLED, candidate(), theirs=None if early else THEIRS, ended=False)
    for port in range(ports):
        (response,) = bench.check(Address("203.0.113.1", 1024 + port), role=ice.Role.CONTROLLING)
        assert response.message.message_class is stun.MessageClass.SUCCESS
    state = bench.agent.snapshot()
    assert len(state.streams[0].remote_candidates) == 101, "100 peer-reflexive ones by default"
    if early:
        bench.do(ice.SetRemoteCredentials(1, THEIRS.ufrag, THEIRS.pwd))
    assert bench.agent.snapshot().pairs <= 100
    times = [each.time for each in bench.run(bench.now + 5.0)]
    assert len(times) <= 101
    late = candidate(Address("203.0.113.2", 9), foundation="9")
    bench.do(ice.AddRemoteCandidate(1, late))
    assert not bench.told(ice.CandidateIgnored), "signalled candidates have limits of their own"


def test_a_storm_of_peer_reflexive_candidates_ends() -> None:
    """Mapping by address and port with endpoint-independent filtering on both sides: each answer has a new source."""
    network = Network(seed=1)
    Node(Host(network.internet, STUN.host), StunServer(STUN)).handle(Start())
    peers = []
    for side, role in ((1, ice.Role.CONTROLLING), (2, ice.Role.CONTROLLED)):
        nat = Nat(
            network.internet,
            f"198.51.100.{side}",
            mapping=Behavior.ADDRESS_AND_PORT_DEPENDENT,
            filtering=Behavior.ENDPOINT_INDEPENDENT,
            link=Link(latency=0.0125),
        )
        peers.append(Peer(Host(nat.inside, f"10.0.{side}.1"), role, seed=side, servers=[STUN]))
    introduce(*peers)
    tap = network.tap(keep=100_000)
    most = 0
    while network.now < 45.0:
        network.run(network.now + 1.0)
        most = max(most, *(peer.agent.snapshot().pairs for peer in peers))
    assert [peer.state() for peer in peers] == [ice.StreamState.FAILED] * 2
    assert most <= 100
    for peer in peers:
        assert len({message.transaction_id for _, _, message in requests(tap, peer.host.name)}) <= 45 * 20
        assert len(peer.agent.snapshot().streams[0].remote_candidates) <= 102
    network.run(61.0)  # the last keepalive of a binding would be due
    assert [peer.agent.deadline for peer in peers] == [None, None], "and all is quiet"

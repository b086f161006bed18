"""Agents that use TURN servers: RFC 8445 5.1.1.2 and 7.2.1, RFC 8656."""

from __future__ import annotations

import random

import attrs
import pytest
from ice_support import Peer, connected, introduce
from nat_matrix import AIOICE, KINDS, ROUND_TRIP
from turn_world import NAME, OPEN, SERVER, TurnWorld, server_at

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError, StunError
from jinglecodec.machine import SocketProtocol
from jinglecodec.stun import Kind, Method
from jinglecodec.testing.network import Fate, Host, Hostility, Link, Network, Node, Start, Tap, TurnPolicy, TurnServer

UDP, TCP, TLS = SocketProtocol
each_protocol = pytest.mark.parametrize("protocol", SocketProtocol)
BLOCKED = Link(blocked=(UDP,))


def sent(tap: Tap) -> list[Method | Kind]:
    """Return what a host has sent to the TURN server, in order: methods, or that it is ChannelData."""
    found: list[Method | Kind] = []
    for packet in tap.packets(Fate.SENT):
        kind = stun.classify(packet.data)
        if packet.destination.host == SERVER.host and kind is Kind.TURN_CHANNEL:
            found.append(kind)
        elif packet.destination.host == SERVER.host:
            try:
                found.append(Method(stun.decode(packet.data).method))
            except StunError:
                continue
    return found


def failures(peer: Peer) -> list[tuple[str, int]]:
    """Return why servers failed, and how many candidates that cost."""
    return [(notice.reason.code, len(notice.candidates)) for _, notice in peer.told(ice.ServerFailed)]


# --- connecting ------------------------------------------------------------------------------------------------------


@each_protocol
@pytest.mark.parametrize("both", [False, True], ids=["one side", "both sides"])
def test_turn_fallback(protocol: SocketProtocol, *, both: bool) -> None:
    """Symmetric NATs: a relayed pair is selected, a permission comes before the first check, data on a channel."""
    servers = [server_at(protocol=protocol)]
    world = TurnWorld(left_servers=servers, right_servers=servers if both else ())
    tap = world.network.tap(world.hosts[0].name, keep=10_000)

    assert world.connect()
    assert "relay" in world.kinds
    order = sent(tap)
    assert order.index(Method.CREATE_PERMISSION) < order.index(Method.SEND)
    world.run(1.0)
    tap.records.clear()
    assert world.exchange(3) == ([b"0", b"1", b"2"], [b"0", b"1", b"2"])
    if protocol is UDP and world.kinds[0] == "relay":
        assert Kind.TURN_CHANNEL in sent(tap)
        assert Method.SEND not in sent(tap)


@pytest.mark.parametrize("row", range(9))
def test_every_pair_of_nats_connects_with_turn_on_one_side(row: int) -> None:
    """A relay is used where there is no other way, and nowhere else: aioice has found out without TURN."""
    for column, direct in enumerate(AIOICE[row]):
        world = TurnWorld(KINDS[row], KINDS[column])
        assert world.connect()
        assert ("relay" not in world.kinds) is (direct == "o"), (row, column, world.kinds)
        # Gathering, a check that may cross the permission it needs, and the nomination.
        assert world.network.now < 1.3 + 3 * ROUND_TRIP


@pytest.mark.parametrize("row", range(9))
def test_every_pair_of_nats_connects_by_tcp_where_udp_is_blocked(row: int) -> None:
    for column in range(9):
        world = TurnWorld(KINDS[row], KINDS[column], left_servers=[server_at(protocol=TCP)])
        world.hosts[0].set_link(BLOCKED)
        assert world.connect()
        assert world.kinds[0] == "relay"


def test_connection_does_not_wait_for_servers_that_are_out_of_reach() -> None:
    """RFC 8838: what is found is told at once; the server by UDP is waited for ten seconds."""
    world = TurnWorld(left_servers=[server_at(), server_at(protocol=TCP), server_at(protocol=TLS)])
    world.hosts[0].set_link(BLOCKED)

    assert world.connect()
    assert world.network.now < 3.0
    assert world.left.told(ice.GatheringDone) == []


def test_host_with_ipv6_only_reaches_one_with_ipv4_only() -> None:
    """RFC 8656 5: the families of client and peer are independent of each other."""
    network = Network(1)
    network.name(NAME, "2001:db8::1")
    server = TurnServer(Address("2001:db8::1", 3478), relays=("2001:db8::1", SERVER.host), random=random.Random(1))
    Node(Host(network.internet, "2001:db8::1", SERVER.host), server).handle(Start())
    servers = [ice.AddServer(Address(NAME, 3478), "user", "password")]
    left = Peer(Host(network.internet, "2001:db8::2"), servers=servers, seed=1)
    right = Peer(Host(network.internet, "203.0.113.2"), ice.Role.CONTROLLED, seed=2)
    introduce(left, right)
    network.run(30.0, stop=lambda: connected(left, right))

    assert connected(left, right)
    assert left.selected()[1][0].address.host == SERVER.host


def test_relayed_candidate_tells_its_mapped_address() -> None:
    """RFC 8839 5.1: the related address of a relayed candidate is its mapped address."""
    world = TurnWorld()
    world.connect()
    (relayed,) = [
        notice.candidate for _, notice in world.left.told(ice.CandidateFound) if notice.candidate.type.value == "relay"
    ]
    (allocation,) = world.server.snapshot().allocations

    assert relayed.address == allocation.relayed[0]
    assert relayed.related == allocation.client
    assert relayed.priority < 2**24


def test_relay_only_agents_tell_no_address_of_their_own() -> None:
    """RFC 8828 5.2, mode 4"""
    config = ice.Config(relay_only=True)
    world = TurnWorld(OPEN, OPEN, right_servers=[server_at()], config=config)

    assert world.connect()
    assert world.kinds == ("relay", "relay")
    for peer in (world.left, world.right):
        (told,) = [notice.candidate for _, notice in peer.told(ice.CandidateFound)]
        assert (told.type, told.related) == (ice.CandidateType.RELAYED, Address("0.0.0.0", 9))  # noqa: S104 - none
    world.run(10.0)
    assert world.exchange(2) == ([b"0", b"1"], [b"0", b"1"])


def test_related_address_that_is_withheld_is_of_the_family_of_the_relayed_one() -> None:
    """RFC 8839 5.1: "MUST be set to "0.0.0.0" (for IPv4 candidates) or "::" (for IPv6 candidates)"."""
    world = TurnWorld(config=ice.Config(relay_only=True))
    world.server_host.attach(world.network.internet, "2001:db8::1", link=Link(latency=0.0125))
    world.server_node.stop()
    world.serve(relays=(SERVER.host, "2001:db8::1"))
    world.left.do(ice.Gather())
    world.run(1.0)
    found = [notice.candidate for _, notice in world.left.told(ice.CandidateFound)]

    assert {each.address.host: each.related for each in found} == {
        SERVER.host: Address("0.0.0.0", 9),  # noqa: S104 - none
        "2001:db8::1": Address("::", 9),
    }


def test_components_and_addresses_have_relays_of_their_own() -> None:
    world = TurnWorld(components=2)
    world.hosts[0].attach(world.network.internet, "203.0.113.9", link=Link(latency=0.0125))
    world.left.do(ice.AddLocalAddress("203.0.113.9"))
    introduce(world.left, world.right)
    world.run(1.0)

    assert len(world.server.snapshot().allocations) == 4
    assert len({each.client.host for each in world.server.snapshot().allocations}) == 2


def test_name_of_a_turn_server_is_looked_up() -> None:
    servers = [ice.AddServer(Address(NAME, SERVER.port), "user", "password")]
    world = TurnWorld(left_servers=servers)

    assert world.connect()
    assert world.kinds[0] == "relay"


def test_certificate_is_asked_for_the_name_in_the_address() -> None:
    servers = [ice.AddServer(Address(NAME, 5349), "user", "password", TLS)]
    world = TurnWorld(left_servers=servers)

    assert world.connect()
    assert failures(world.left) == []


def test_both_families_come_from_one_allocation() -> None:
    """RFC 8656 7.1: a host with IPv4 only reaches one with IPv6 only."""
    world = TurnWorld(OPEN, OPEN)
    world.server_host.attach(world.network.internet, "2001:db8::1", link=Link(latency=0.0125))
    world.server_node.stop()
    world.server = world.serve(relays=(SERVER.host, "2001:db8::1"))
    far = Peer(Host(world.network.internet, "2001:db8::2"), ice.Role.CONTROLLED, seed=9)
    introduce(world.left, far)
    world.network.run(30.0, stop=lambda: connected(world.left, far))

    assert connected(world.left, far)
    assert world.left.selected()[1][0].address.host == "2001:db8::1"
    assert len(world.server.snapshot().allocations) == 1
    found = [notice.candidate for _, notice in world.left.told(ice.CandidateFound)]
    assert len({candidate.priority for candidate in found}) == len(found) == 4, "RFC 8445 5.1.2.1: MUST be unique"


def test_relay_that_comes_late_is_waited_for() -> None:
    """RFC 8838 13: the end of candidates is told again, behind the relayed one."""
    world = TurnWorld(left_servers=())
    world.left.do(ice.Gather())
    world.run(1.0)
    assert len(world.left.told(ice.GatheringDone)) == 1

    world.left.do(server_at())
    world.run(2.0)
    kinds = [getattr(notice, "candidate", None) for _, notice in world.left.notices]
    assert [kind.type.value if kind else "done" for kind in kinds] == ["host", "srflx", "done", "relay", "done"]


def test_lite_agents_use_no_relay() -> None:
    """RFC 8445 2.5: host candidates only."""
    network = Network()
    peer = Peer(Host(network.internet, "192.0.2.9"), config=ice.Config(lite=True), servers=[server_at()])
    peer.do(ice.Gather())
    network.run(20.0)

    assert [notice.candidate.type.value for _, notice in peer.told(ice.CandidateFound)] == ["host"]
    assert peer.told(ice.GatheringDone)


def test_stun_server_is_asked_by_udp() -> None:
    with pytest.raises(LocalError):
        ice.Agent().handle(ice.AddServer(SERVER, protocol=TCP), 0.0)


# --- without ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "policy",
    [
        TurnPolicy(quota=0),
        TurnPolicy(capacity=0),
        TurnPolicy(alternate=SERVER),
        TurnPolicy(users=()),
        TurnPolicy(hostility=Hostility.CHANGING_REALM),
        TurnPolicy(hostility=Hostility.ENDLESS_STALE_NONCE),
        TurnPolicy(hostility=Hostility.STRIPPED_ALGORITHMS),
        TurnPolicy(hostility=Hostility.NO_RELAYED_ADDRESS),
    ],
    ids=["486", "508", "300", "401", "other realms", "endless 438", "bid-down", "no address"],
)
@each_protocol
def test_agent_goes_on_without_the_relay(policy: TurnPolicy, protocol: SocketProtocol) -> None:
    """A bounded number of requests, one notice with a reason, and direct pairs as ever."""
    world = TurnWorld(OPEN, OPEN, policy=policy, left_servers=[server_at(protocol=protocol)])
    tap = world.network.tap(world.hosts[0].name, keep=10_000)

    assert world.connect()
    world.run(100.0)
    assert failures(world.left) == [("no-relay", 0)]
    assert len(world.left.told(ice.GatheringDone)) == 1
    assert sent(tap).count(Method.ALLOCATE) <= 4
    assert world.server.snapshot().allocations == ()
    assert world.left.agent.snapshot().relays == ()


@each_protocol
def test_address_that_comes_late_asks_for_its_own_relay_and_no_other_again(protocol: SocketProtocol) -> None:
    """RFC 8656 7.4: after a 486 "the client SHOULD wait at least 1 minute"; another address is another client."""
    world = TurnWorld(policy=TurnPolicy(quota=0), left_servers=[server_at(protocol=protocol)])
    world.left.do(ice.Gather())
    world.run(3.0)
    assert failures(world.left) == [("no-relay", 0)]

    world.left.do(ice.AddLocalAddress("192.168.1.77"))
    world.run(3.0)
    assert len(failures(world.left)) == (2 if protocol is UDP else 1)


def test_relayed_address_of_no_use_costs_the_relay() -> None:
    """RFC 8445 5.1.1.1: no loopback addresses; RFC 8656 8: what is not needed is released."""
    world = TurnWorld(OPEN, OPEN)
    world.server_host.attach(world.network.internet, "127.0.0.1")
    world.server_node.stop()
    world.server = world.serve(relays=("127.0.0.1",))

    assert world.connect()
    assert failures(world.left) == [("no-relay", 0)]
    assert world.server.snapshot().allocations == ()
    assert world.left.agent.snapshot().relays == ()


@each_protocol
def test_silent_server_does_not_hold_up_gathering(protocol: SocketProtocol) -> None:
    world = TurnWorld(left_servers=[attrs.evolve(server_at(protocol=protocol), address=Address("192.0.2.99", 3478))])
    world.left.do(ice.Gather())
    world.run(20.0)

    ((time, _),) = world.left.told(ice.GatheringDone)
    assert time < 10.5
    assert failures(world.left) == [("no-relay", 0)]


def test_next_server_serves_where_the_first_does_not() -> None:
    wrong = server_at(password="wrong")
    world = TurnWorld(left_servers=[wrong, server_at(protocol=TCP)])

    assert world.connect()
    assert world.kinds[0] == "relay"
    assert failures(world.left) == [("no-relay", 0)]


def test_number_of_relays_is_limited() -> None:
    world = TurnWorld(components=65, policy=TurnPolicy(quota=1000))
    introduce(world.left, world.right)
    world.run(20.0)

    assert len(world.server.snapshot().allocations) == 64
    assert [notice.reason.message for _, notice in world.left.told(ice.ServerFailed)] == ["there are 64 relays already"]


# --- while it lasts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", [UDP, *(pytest.param(each, marks=pytest.mark.long) for each in (TCP, TLS))])
def test_relayed_call_lasts_an_hour(protocol: SocketProtocol) -> None:
    """Nonces are stale every minute; no datagram is lost."""
    world = TurnWorld(policy=TurnPolicy(nonce_lifetime=60.0), left_servers=[server_at(protocol=protocol)])
    assert world.connect()
    expected = [b"%d" % number for number in range(3600)]

    assert world.exchange(3600) == (expected, expected)
    assert failures(world.left) == []
    assert world.left.state() is ice.StreamState.COMPLETED
    (allocation,) = world.server.snapshot().allocations
    assert len(allocation.permissions) == len(allocation.channels) == 1, "those of the selected peer only"


def test_way_to_the_server_is_kept_open_while_nobody_answers() -> None:
    """RFC 8656 9: NATs expire their UDP bindings considerably faster than permissions; and nobody is rung in 20 s."""
    world = TurnWorld(lifetime=20.0)
    world.left.delay = world.right.delay = 200.0

    assert world.connect(210.0)
    assert world.kinds[0] == "relay"
    assert failures(world.left) == []


def test_restart_of_the_server_costs_the_relay_and_a_restart_of_ice_brings_another() -> None:
    """RFC 8656 5: 437; RFC 8445 9."""
    world = TurnWorld(policy=TurnPolicy(nonce_lifetime=60.0))
    assert world.connect()
    world.server_node.stop()
    world.server = world.serve()
    world.run(300.0)
    assert failures(world.left) == [("relay-lost", 1)]
    assert world.left.state() is world.right.state() is ice.StreamState.FAILED
    for peer in (world.left, world.right):
        peer.notices.clear()
        peer.do(ice.Restart())
    for peer in (world.left, world.right):
        peer.signal_credentials()
    world.run(30.0)

    assert connected(world.left, world.right)
    assert world.kinds[0] == "relay"
    assert world.exchange(2) == ([b"0", b"1"], [b"0", b"1"])


def test_server_that_does_not_keep_the_lifetime_it_announces_costs_the_relay() -> None:
    """RFC 8656 5: after 437 the allocation no longer exists; consent is lost with it."""
    world = TurnWorld(policy=TurnPolicy(hostility=Hostility.HUGE_LIFETIME))
    assert world.connect()
    world.run(1200.0)

    assert failures(world.left) == [("relay-lost", 1)]
    assert len(world.left.told(ice.ConsentLost)) == 1
    assert world.left.agent.snapshot().relays == ()


def test_restart_of_ice_keeps_the_allocation() -> None:
    """RFC 8445 9: candidates may be kept."""
    world = TurnWorld()
    assert world.connect()
    (before,) = world.server.snapshot().allocations
    world.run(5.0)
    for peer in (world.left, world.right):
        peer.notices.clear()
    world.left.do(ice.Restart())
    world.left.signal_credentials()
    world.run(0.01)
    for _, notice in world.left.told(ice.CandidateFound):  # those that are kept were told before the credentials
        world.right.do(ice.AddRemoteCandidate(1, notice.candidate))
    world.run(10.0)

    assert connected(world.left, world.right)
    (after,) = world.server.snapshot().allocations
    assert (after.client, after.relayed) == (before.client, before.relayed)


def test_datagram_that_is_too_large_for_a_relay_is_lost() -> None:
    world = TurnWorld()
    assert world.connect()
    world.left.do(ice.SendData(1, 1, bytes(65_500)))
    world.run(1.0)

    assert world.right.data == []
    assert world.exchange() == ([b"0"], [b"0"])


def test_data_of_strangers_is_not_handed_on() -> None:
    """RFC 8656 11.4, RFC 8445 12.2"""
    world = TurnWorld(policy=TurnPolicy(hostility=Hostility.UNPERMITTED_DATA))
    assert world.connect()
    (relayed,) = world.server.snapshot().allocations[0].relayed
    stranger = Host(world.network.internet, "203.0.113.66").open_udp(Address("203.0.113.66", 0), lambda *_: None)
    for data in (b"data", stun.Message.request(Method.BINDING, bytes(12)).encode(fingerprint=True)):
        stranger.send(data, relayed)
    tap = world.network.tap(world.hosts[0].name)
    world.run(1.0)

    assert world.left.data == []
    assert not any(
        stun.classify(packet.data) is Kind.STUN for packet in tap.packets(Fate.SENT) if len(packet.data) < 80
    )


# --- the end ---------------------------------------------------------------------------------------------------------


@each_protocol
@pytest.mark.parametrize("seconds", [0.0, 0.06, 0.14, 0.2, 0.5, None])
def test_close_releases_the_allocation_whenever_it_comes(protocol: SocketProtocol, seconds: float | None) -> None:
    """RFC 8656 8: a client SHOULD delete an allocation that it does not need."""
    world = TurnWorld(policy=TurnPolicy(nonce_lifetime=7.0), left_servers=[server_at(protocol=protocol)])
    if seconds is None:
        assert world.connect()
    else:
        world.left.do(ice.Gather())
    world.run(seconds or 30.0)
    told = len(world.left.notices)
    world.left.do(ice.Close())
    world.run(60.0)

    assert world.server.snapshot().allocations == ()
    assert world.left.agent.deadline is None
    assert len(world.left.notices) == told
    assert (world.hosts[0]._sockets, world.hosts[0]._streams) == ({}, {})


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.02, 0.06])
@each_protocol
def test_close_does_not_disturb_a_release_that_is_under_way(protocol: SocketProtocol, seconds: float) -> None:
    world = TurnWorld(policy=TurnPolicy(nonce_lifetime=1.0), left_servers=[server_at(protocol=protocol)])
    assert world.connect()
    world.run(5.0)
    world.right.node.stop()  # nothing that comes in helps
    world.run(1.0)
    world.left.do(ice.RemoveStream(1))
    world.run(seconds)
    world.left.do(ice.Close())
    world.run(60.0)

    assert world.server.snapshot().allocations == ()
    assert world.left.agent.snapshot().relays == ()
    assert world.left.agent.deadline is None
    assert (world.hosts[0]._sockets, world.hosts[0]._streams) == ({}, {})


def test_relay_that_was_not_selected_is_released() -> None:
    """RFC 8445 8.3.1: three seconds after the end, unused candidates are freed."""
    world = TurnWorld(OPEN, OPEN)
    assert world.connect()
    assert "relay" not in world.kinds
    world.run(5.0)

    assert world.server.snapshot().allocations == ()
    assert failures(world.left) == []


def test_stream_that_is_removed_releases_its_relay() -> None:
    world = TurnWorld()
    assert world.connect()
    world.left.do(ice.RemoveStream(1))
    world.run(5.0)

    assert world.server.snapshot().allocations == ()

"""The life of a relay at a well-behaved TURN server: RFC 8656 6 to 12, RFC 8489 9.2."""

from __future__ import annotations

import pytest
from relay_support import NAME, PEER, SERVER, SERVER_6, TLS, RelayWorld

from jinglecodec import stun
from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError, StunError
from jinglecodec.ice.relay import MOST_DATA, Relay
from jinglecodec.ice.relay_events import (
    Allocate,
    BindChannel,
    PeerPermitted,
    PeerRefused,
    Permit,
    RelayAllocated,
    RelayLost,
    RelayReceived,
    RelayServer,
    Release,
    Revoke,
    SendToPeer,
)
from jinglecodec.machine import DatagramReceived, OpenSocket, SocketProtocol
from jinglecodec.stun import Family, Method
from jinglecodec.stun.credentials import MD5
from jinglecodec.testing.network import Fate, Host, Link, TurnPolicy

UDP, TCP, TLS_OVER_TCP = SocketProtocol
each_protocol = pytest.mark.parametrize("protocol", SocketProtocol)
DUAL = (Family.IPV4, Family.IPV6)


def messages(world: RelayWorld) -> list[stun.Message | None]:
    """Return what the client has sent since the last call, None for what is no STUN message."""
    found: list[stun.Message | None] = []
    for packet in world.packets(Fate.SENT):
        try:
            found.append(stun.decode(packet.data))
        except StunError:
            found.append(None)
    return found


def methods(world: RelayWorld) -> list[Method | None]:
    """Return the methods of what the client has sent since the last call."""
    return [None if message is None else Method(message.method) for message in messages(world)]


# --- Allocate --------------------------------------------------------------------------------------------------------


@each_protocol
def test_allocation_takes_two_requests(protocol: SocketProtocol) -> None:
    """RFC 8489 9.2.3.1: the first without credentials; RFC 8656 7.3: the mapped address comes with the relayed one."""
    world = RelayWorld(protocol=protocol)
    relayed = world.allocate()

    (allocation,) = world.state.allocations
    assert allocation.relayed == (relayed,)
    assert allocation.username == "user"
    assert world.told(RelayAllocated) == (RelayAllocated((relayed,), allocation.client),)
    requests = [stun.decode(packet.data) for packet in world.packets(Fate.SENT) if len(packet.data) > len(NAME)]
    assert [request.method for request in requests] == [Method.ALLOCATE, Method.ALLOCATE]
    assert requests[0].integrity is None
    assert not {stun.USERNAME.number, stun.REALM.number, stun.NONCE.number} & {
        each.type for each in requests[0].attributes
    }
    assert requests[1].integrity is stun.Integrity.SHA256


@pytest.mark.parametrize(
    ("policy", "integrity", "user"),
    [
        (TurnPolicy(algorithms=()), stun.Integrity.SHA1, stun.USERNAME),
        (TurnPolicy(algorithms=(MD5,)), stun.Integrity.SHA256, stun.USERNAME),
        (TurnPolicy(), stun.Integrity.SHA256, stun.USERNAME),
        (TurnPolicy(anonymous=True), stun.Integrity.SHA256, stun.USERHASH),
    ],
    ids=["RFC 5766", "MD5", "SHA-256", "anonymous"],
)
def test_credentials_are_as_the_server_wants_them(
    policy: TurnPolicy, integrity: stun.Integrity, user: stun.AttributeType[object]
) -> None:
    """RFC 8489 9.2.5"""
    world = RelayWorld(policy)
    world.allocate()
    request = messages(world)[1]

    assert request is not None
    assert request.integrity is integrity
    assert user in request


def test_allocation_of_both_families_takes_one_request() -> None:
    """RFC 8656 7.1: ADDITIONAL-ADDRESS-FAMILY"""
    world = RelayWorld(families=DUAL)
    world.server_host.attach(world.network.internet, SERVER_6)
    world.server_node.stop()
    world.server = world.serve(None)
    world.allocate()
    (allocated,) = world.told(RelayAllocated)

    assert [address.host for address in allocated.relayed] == [SERVER.host, SERVER_6]
    assert allocated.refused == ()


def test_one_family_refused_leaves_the_other() -> None:
    """RFC 8656 7.3: ADDRESS-ERROR-CODE; MUST NOT retry for the rejected family."""
    world = RelayWorld(families=DUAL)
    world.allocate()
    (allocated,) = world.told(RelayAllocated)

    assert [address.host for address in allocated.relayed] == [SERVER.host]
    assert [(error.family, error.code) for error in allocated.refused] == [(Family.IPV6, 440)]
    world.client.handle(Permit("2001:db8::2"))
    assert [refused.host for refused in world.told(PeerRefused)] == ["2001:db8::2"]


def test_lost_packets_are_sent_again() -> None:
    """RFC 8489 6.2.1, and RFC 8656 7.2: a request that comes twice makes one allocation."""
    world = RelayWorld(link=Link(loss=0.5, duplication=0.5))
    world.allocate(30.0)

    assert len(world.state.allocations) == 1


def test_connection_that_breaks_too_early_is_made_again() -> None:
    world = RelayWorld(protocol=TCP)
    world.client.handle(Allocate())
    world.run(0.03)  # connected, and the first request is on its way
    world.server_node.stop()
    world.server = world.serve(None)
    world.run(2.0)

    assert len(world.told(RelayAllocated)) == 1
    assert len(world.state.allocations) == 1


def test_tls_is_made_for_the_name_of_the_server() -> None:
    server = RelayServer(address=TLS, protocol=TLS_OVER_TCP, username="u", password="p", server_name=NAME)

    assert Relay(3, server, None).handle(Allocate(), 0.0) == (OpenSocket(3, TLS_OVER_TCP, None, TLS, NAME),)


# --- permissions, channels, data -------------------------------------------------------------------------------------


@each_protocol
def test_data_goes_both_ways_in_indications_and_on_a_channel(protocol: SocketProtocol) -> None:
    """RFC 8656 11 and 12"""
    world = RelayWorld(protocol=protocol)
    relayed = world.allocate()
    world.permit()
    world.send(b"in an indication")
    world.peer.send(b"back", relayed)
    world.run(0.1)
    assert not world.state.allocations[0].channels
    world.client.handle(BindChannel(world.peer.local))
    world.run(0.1)
    world.tap.records.clear()
    world.send(b"on a channel")
    world.send(b"")
    world.peer.send(b"back again", relayed)
    world.peer.send(b"", relayed)
    world.run(0.1)

    assert [*world.state.allocations[0].channels] == [(0x4000, world.peer.local)]
    assert world.peer.data == [b"in an indication", b"on a channel", b""]
    assert {mail.remote for mail in world.peer.mails} == {relayed}
    expected = [RelayReceived(world.peer.local, data) for data in (b"back", b"back again", b"")]
    assert list(world.told(RelayReceived)) == expected
    padding = b"" if protocol is UDP else bytes(-len("on a channel") & 3)
    assert world.packets(Fate.SENT)[0].data == b"\x40\x00\x00\x0con a channel" + padding


def test_permission_is_told_once_when_the_server_has_agreed() -> None:
    """RFC 8656 11.1: the client MUST ensure that there is a permission."""
    world = RelayWorld()
    world.client.handle(Permit(PEER))
    world.allocate()
    world.permit()
    world.run(600.0)

    assert world.told(PeerPermitted) == (PeerPermitted(PEER),)


def test_data_without_permission_is_dropped() -> None:
    world = RelayWorld()
    world.allocate()
    world.tap.records.clear()
    world.send(b"nobody asked for this")

    assert world.packets(Fate.SENT) == ()


def test_permissions_are_asked_for_together() -> None:
    """RFC 8656 10.1: a request MAY include more than one XOR-PEER-ADDRESS."""
    world = RelayWorld()
    for number in range(25):
        world.client.handle(Permit(f"203.0.113.{number + 1}"))
    world.allocate()

    assert methods(world)[2:] == [Method.CREATE_PERMISSION] * 2
    assert len(world.relay.snapshot().permissions) == len(world.state.allocations[0].permissions) == 25


def test_peer_that_is_refused_takes_no_other_with_it() -> None:
    """RFC 8656 10.2: 403 is for the whole request, so that each is asked for alone."""
    world = RelayWorld(TurnPolicy(forbidden=("10.0.0.1",)))
    for host in ("10.0.0.1", PEER, "203.0.113.2"):
        world.client.handle(Permit(host))
    world.allocate()

    assert [refused.host for refused in world.told(PeerRefused)] == ["10.0.0.1"]
    assert world.relay.snapshot().permissions == (PEER, "203.0.113.2")


def test_peers_beyond_the_limit_are_refused() -> None:
    world = RelayWorld(limit=2)
    for number in (1, 2, 2, 3):
        world.client.handle(Permit(f"203.0.113.{number}"))

    assert [refused.host for refused in world.told(PeerRefused)] == ["203.0.113.3"]
    world.client.handle(Revoke("203.0.113.1"))
    world.client.handle(Permit("203.0.113.3"))
    assert len(world.told(PeerRefused)) == 1


def test_channel_that_is_refused_leaves_indications() -> None:
    world = RelayWorld(TurnPolicy(peers=1))
    world.allocate()
    world.permit()
    for port in (1, world.peer.local.port):
        world.client.handle(BindChannel(Address(PEER, port)))
        world.run(0.1)
    world.tap.records.clear()
    world.send(b"still there")

    assert methods(world) == [Method.SEND]
    assert world.peer.data == [b"still there"]
    assert world.told(RelayLost) == ()


def test_channel_whose_refresh_is_refused_is_not_used_any_more() -> None:
    """RFC 8656 12: the binding ends unless it is refreshed; the permission stays, and Send indications do."""
    world = RelayWorld()
    world.allocate()
    world.permit()
    world.client.handle(BindChannel(world.peer.local))
    world.run(0.1)
    world.run(530.0)  # the channel is refreshed after 540 s, the permission after 480 s and 720 s
    world.server._policy = TurnPolicy(forbidden=(PEER,))
    world.run(30.0)
    world.tap.records.clear()
    world.send(b"still there")

    assert methods(world) == [Method.SEND]
    assert world.relay.snapshot().channels == ()
    assert world.told(PeerRefused) == ()
    assert world.told(RelayLost) == ()


def test_number_of_a_channel_is_not_given_to_another_peer_too_soon() -> None:
    """RFC 8656 12: the client MUST wait 5 minutes after the channel binding expires."""
    world = RelayWorld(limit=1)
    world.allocate()
    first, second = Address(PEER, 1), Address(PEER, 2)
    bound = []
    for seconds, peer in ((0.0, first), (0.0, second), (890.0, second), (15.0, second)):
        world.run(seconds)
        world.client.handle(Permit(PEER))
        world.client.handle(BindChannel(peer))
        world.run(0.1)
        bound.append([*world.relay.snapshot().channels])
        world.client.handle(Revoke(PEER))

    assert bound == [[(0x4000, first)], [], [], [(0x4000, second)]]


def test_peer_keeps_the_number_of_its_channel() -> None:
    """RFC 8656 12: nor may the peer be bound to another number in that time."""
    world = RelayWorld()
    world.allocate()
    first, second = Address(PEER, 1), Address(PEER, 2)
    for peer in (first, second, first):
        world.client.handle(Permit(PEER))
        world.client.handle(BindChannel(peer))
        world.run(100.0)
        world.client.handle(Revoke(PEER))

    assert world.state.allocations[0].channels == ((0x4000, first), (0x4001, second))
    assert world.relay.snapshot().channels == ()


def test_too_much_data_is_misuse() -> None:
    world = RelayWorld()
    with pytest.raises(LocalError):
        world.client.handle(SendToPeer(world.peer.local, bytes(MOST_DATA + 1)))


def test_packets_of_others_are_ignored() -> None:
    """RFC 8656 11.4: only what comes from the server, and from peers with permission."""
    world = RelayWorld()
    world.allocate()
    world.permit()
    indication = stun.Message.indication(
        Method.DATA, bytes(12), stun.XOR_PEER_ADDRESS(world.peer.local), stun.DATA(b"forged")
    )
    for remote, data in (
        (Address(PEER, 1), indication.encode()),
        (SERVER, b"\x40\x00\x00\x01x"),
        (SERVER, b"\x40\x00\x00\x09x"),
        (SERVER, b"\x50\x00\x00\x00"),
        (SERVER, indication.encode()[:-4]),
        (SERVER, stun.Message.indication(Method.DATA, bytes(12), stun.DATA(b"x")).encode()),
        (SERVER, stun.Message.request(Method.BINDING, bytes(12)).encode()),
        (SERVER, b""),
    ):
        assert world.relay.handle(DatagramReceived(7, remote, data), world.network.now) == ()


# --- refresh and release ---------------------------------------------------------------------------------------------


@each_protocol
def test_release_ends_the_allocation_at_the_server(protocol: SocketProtocol) -> None:
    """RFC 8656 8: a client that no longer needs an allocation SHOULD delete it."""
    world = RelayWorld(TurnPolicy(nonce_lifetime=10.0), protocol)
    world.allocate()
    world.run(20.0)  # the nonce is stale
    world.client.handle(Release())
    assert not world.relay.is_over
    world.run(1.0)

    assert world.state.allocations == ()
    assert world.relay.is_over
    assert world.relay.deadline is None
    assert world.told(RelayLost) == ()


@pytest.mark.parametrize("seconds", [0.0, 0.005, 0.015, 0.025, 0.035, 0.05])
@each_protocol
def test_release_at_any_moment_leaves_nothing_behind(protocol: SocketProtocol, seconds: float) -> None:
    world = RelayWorld(protocol=protocol)
    world.client.handle(Allocate())
    world.run(seconds)
    world.client.handle(Release())
    world.run(60.0)

    assert world.relay.is_over
    assert world.state.allocations == ()
    assert world.client_host._sockets == {}
    assert world.client_host._streams == {}


def test_release_gives_up_on_a_silent_server() -> None:
    world = RelayWorld()
    world.allocate()
    world.server_node.stop()
    world.client.handle(Release())
    world.run(39.4)
    assert not world.relay.is_over
    world.run(0.2)
    assert world.relay.is_over


def test_refused_permission_is_not_refreshed_and_a_revoked_one_neither() -> None:
    world = RelayWorld()
    world.allocate()
    for host in (PEER, "203.0.113.2"):
        world.permit(host)
    world.client.handle(Revoke("203.0.113.2"))
    world.run(500.0)
    world.send(b"x")

    assert world.state.allocations[0].permissions == (PEER,)


@pytest.mark.parametrize("lifetime", [600, 30, 3])
def test_allocation_lives_on_whatever_its_lifetime_is(lifetime: int) -> None:
    """RFC 8656 8: about a minute before it expires, half of it where that is too long."""
    world = RelayWorld(TurnPolicy(default_lifetime=lifetime, longest_lifetime=lifetime))
    world.allocate()
    world.run(2000.0)

    if lifetime < 5:
        assert [lost.code for lost in world.told(RelayLost)] == [437], "refreshed every five seconds at most"
    else:
        assert world.told(RelayLost) == ()
        assert len(world.state.allocations) == 1


@each_protocol
def test_restart_of_the_server_ends_the_relay(protocol: SocketProtocol) -> None:
    """RFC 8656 5: after 437 the client MUST assume the allocation no longer exists."""
    world = RelayWorld(protocol=protocol)
    world.allocate()
    world.permit()
    world.server_node.stop()
    world.server = world.serve(None)
    world.run(300.0)
    (lost,) = world.told(RelayLost)

    assert lost.code == (437 if protocol is UDP else None)
    assert world.relay.is_over
    assert world.client_host._sockets == {}


def test_client_address_in_use_is_changed() -> None:
    """RFC 8656 7.4: 437; the client SHOULD pick another client transport address."""
    world = RelayWorld()
    world.allocate()
    world.client.stop()  # without a release: the server keeps the allocation
    world.client_host._last_port -= 1  # the next socket has the same port
    world.put_to_work()
    world.allocate()

    assert {allocation.client.port for allocation in world.state.allocations} == {49152, 49153}


def test_redirection_is_followed() -> None:
    """RFC 8656 7.4 and RFC 8489 10: 300, with the same credentials."""
    other = Address("192.0.2.2", 3478)
    world = RelayWorld(TurnPolicy(alternate=other))
    world.serve(None, Host(world.network.internet, other.host), other)

    assert world.allocate().host == other.host
    assert world.relay.snapshot().server == other
    assert world.state.allocations == ()

"""Every way in which a relay can fail: RFC 8656 7.4, RFC 8489 9.2.5; hostile servers; forged responses."""

from __future__ import annotations

import pytest
from relay_support import PEER, SERVER, RelayWorld
from relay_support import TLS as TLS_SERVER

from jinglecodec import stun
from jinglecodec.addresses import Address
from jinglecodec.errors import StunError
from jinglecodec.ice.config import Config
from jinglecodec.ice.relay_events import Allocate, BindChannel, PeerRefused, RelayAllocated, RelayLost, RelayReceived
from jinglecodec.machine import BytesReceived, CloseSocket, DatagramReceived, SocketClosed, SocketFailed, SocketProtocol
from jinglecodec.stun import Family, Method
from jinglecodec.stun.credentials import SecurityFeatures, nonce_cookie
from jinglecodec.testing.network import Fate, Host, Hostility, TurnPolicy

UDP, TCP, TLS = SocketProtocol
each_protocol = pytest.mark.parametrize("protocol", SocketProtocol)


def requests(world: RelayWorld) -> list[Method]:
    """Return the methods of the STUN messages that the client has sent since the last call."""
    found = []
    for packet in world.packets(Fate.SENT):
        try:
            found.append(Method(stun.decode(packet.data).method))
        except StunError:
            continue
    return found


# --- refusals --------------------------------------------------------------------------------------------------------


@each_protocol
@pytest.mark.parametrize(
    ("policy", "code", "tries"),
    [
        (TurnPolicy(quota=0), 486, 2),
        (TurnPolicy(capacity=0), 508, 2),
        (TurnPolicy(users=(("user", "another password"),)), 401, 2),
        (TurnPolicy(users=(("somebody else", "password"),)), 401, 2),
        (TurnPolicy(hostility=Hostility.CHANGING_REALM), 401, 4),
        (TurnPolicy(hostility=Hostility.ENDLESS_STALE_NONCE), 438, 4),
        (TurnPolicy(hostility=Hostility.STRIPPED_ALGORITHMS), 401, 1),
    ],
)
def test_refusal_ends_the_relay_with_its_code(
    policy: TurnPolicy, code: int, tries: int, protocol: SocketProtocol
) -> None:
    """RFC 8489 9.2.1, 9.2.5 and 10, RFC 8656 7.4: a bounded number of tries, and a reason."""
    world = RelayWorld(policy, protocol)
    lost = world.lost()

    assert lost.code == code
    assert str(code) in lost.reason or "RFC 8489" in lost.reason or "refused" in lost.reason
    assert requests(world) == [Method.ALLOCATE] * tries
    assert world.relay.is_over
    assert (world.client_host._sockets, world.client_host._streams) == ({}, {})


def test_family_that_is_not_supported_ends_the_relay() -> None:
    """RFC 8656 7.4: 440; the client MUST NOT retry."""
    world = RelayWorld(families=(Family.IPV6,))

    assert world.lost().code == 440
    assert requests(world) == [Method.ALLOCATE] * 2


@pytest.mark.parametrize(("protocol", "address"), [(UDP, SERVER), (TCP, SERVER), (TLS, TLS_SERVER)])
def test_redirection_to_the_same_server_is_not_followed(protocol: SocketProtocol, address: Address) -> None:
    """RFC 8489 10: it MUST be ignored, and the transaction considered to have failed."""
    world = RelayWorld(TurnPolicy(alternate=address), protocol)

    assert world.lost().code == 300
    assert requests(world) == [Method.ALLOCATE] * 2


def test_endless_redirection_is_not_followed() -> None:
    """RFC 8489 10: a server that was asked already ends it; and so does the third new one."""
    hosts = [f"192.0.2.{number}" for number in range(1, 6)]
    world = RelayWorld(TurnPolicy(alternate=Address(hosts[1], 3478)))
    for host, following in zip(hosts[1:], hosts[2:] + hosts[:1], strict=True):
        address = Address(host, 3478)
        policy = TurnPolicy(alternate=Address(following, 3478))
        world.serve(policy, Host(world.network.internet, host), address)

    assert world.lost().code == 300
    assert len({packet.destination for packet in world.packets(Fate.SENT)}) == 3


def test_three_client_addresses_are_tried() -> None:
    """RFC 8656 7.4: 437; the client SHOULD try three different client transport addresses before giving up."""
    world = RelayWorld()
    for _ in range(3):
        world.put_to_work()
        world.allocate()
        world.client.stop()
    world.client_host._last_port -= 3
    world.put_to_work()
    world.tap.records.clear()

    assert world.lost().code == 437
    assert len({packet.source for packet in world.packets(Fate.SENT)}) == 3


@each_protocol
def test_silence_ends_the_relay(protocol: SocketProtocol) -> None:
    """RFC 8489 6.2.1 and 6.2.2: 39.5 seconds; by UDP, seven transmissions at growing intervals."""
    world = RelayWorld(protocol=protocol, config=Config(gathering_timeout=60.0 if protocol is UDP else 39.5))
    world.server_node.stop()
    world.server_host.detach(SERVER.host)
    world.client.handle(Allocate())
    world.run(39.4)
    assert world.told(RelayLost) == ()
    world.run(0.2)

    assert [lost.code for lost in world.told(RelayLost)] == [None]
    times = [seen.time for seen in world.tap.records if seen.fate is Fate.SENT]
    if protocol is UDP:
        assert times == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert world.relay.is_over


def test_gathering_does_not_wait_for_a_silent_server() -> None:
    world = RelayWorld()
    world.server_node.stop()

    assert "no answer" in world.lost(10.0).reason


@pytest.mark.parametrize("protocol", [TCP, TLS])
def test_connection_that_is_refused_ends_the_relay(protocol: SocketProtocol) -> None:
    world = RelayWorld(protocol=protocol)
    world.server_node.stop()

    assert world.lost(1.0).reason == "connection refused"
    assert world.relay.is_over


def test_a_socket_that_could_not_be_opened_is_not_closed() -> None:
    """Its token is free again (`SocketFailed`), and may be another's by now."""
    world = RelayWorld()
    world.relay.handle(Allocate(), 0.0)
    outputs = world.relay.handle(SocketFailed(7, "no such address"), 0.0)
    assert outputs == (RelayLost(None, "no such address"),)


def test_server_that_closes_every_connection_is_left() -> None:
    world = RelayWorld(protocol=TCP)
    world.server_node.stop()

    class Closing:
        """Closes connections at once."""

        def opened(self, stream: object) -> None:
            world.network.call_at(world.network.now, stream.close)  # type: ignore[attr-defined]

        def received(self, *_: object) -> None: ...

        failed = closed = received

    world.server_host.listen(SERVER, lambda _: Closing())

    assert "closed" in world.lost().reason
    assert sum(seen.packet.segment.name == "SYN" for seen in world.tap.records if seen.fate is Fate.SENT) == 3


@pytest.mark.parametrize("data", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff" * 30])
def test_stream_of_another_protocol_is_left(data: bytes) -> None:
    world = RelayWorld(protocol=TCP)
    world.client.handle(Allocate())
    for _ in range(3):
        world.run(0.025)
        world.client.handle(BytesReceived(7, data))
    world.run(60.0)  # the first octets of HTTP look like ChannelData

    assert len(world.told(RelayLost)) == 1
    assert world.relay.is_over


def test_stream_that_breaks_off_the_framing_later_is_left_at_once() -> None:
    """RFC 8656 12.5: what comes is STUN or ChannelData; behind anything else there is no finding back."""
    world = RelayWorld(protocol=TCP)
    world.allocate()
    outputs = world.relay.handle(BytesReceived(7, b"\xff" * 30), world.network.now)
    assert [type(output) for output in outputs] == [CloseSocket, RelayLost]
    assert world.relay.is_over


# --- after the allocation --------------------------------------------------------------------------------------------


@each_protocol
def test_stale_nonce_is_answered_on_every_method_again_and_again(protocol: SocketProtocol) -> None:
    """RFC 8489 9.2.5: after 438 the client MUST retry, using the new nonce."""
    world = RelayWorld(TurnPolicy(nonce_lifetime=10.0), protocol)
    world.allocate()
    for port in (1, 2):
        world.run(10.0)
        world.tap.records.clear()
        world.permit(f"203.0.113.{port}")
        assert requests(world) == [Method.CREATE_PERMISSION] * 2
        world.run(10.0)
        world.tap.records.clear()
        world.client.handle(BindChannel(Address(f"203.0.113.{port}", port)))
        world.run(0.1)
        assert requests(world) == [Method.CHANNEL_BIND] * 2
    for _ in range(2):
        world.tap.records.clear()
        world.run(600.0)
        assert requests(world).count(Method.REFRESH) == 2
    assert len(world.state.allocations) == 1
    assert len(world.relay.snapshot().channels) == 2


@pytest.mark.parametrize("hostility", [Hostility.CHANGING_REALM, Hostility.ENDLESS_STALE_NONCE])
def test_server_that_turns_hostile_is_left(hostility: Hostility) -> None:
    world = RelayWorld()
    world.allocate()
    assert world.server._doorkeeper is not None
    world.server._doorkeeper._policy = TurnPolicy(hostility=hostility)
    world.tap.records.clear()
    world.permit()

    assert [lost.code for lost in world.told(RelayLost)] == [401 if hostility is Hostility.CHANGING_REALM else 438]
    assert requests(world) == [Method.CREATE_PERMISSION] * 4


def test_allocation_without_an_address_is_given_up() -> None:
    """RFC 8656 7.3: the client MUST delete the allocation."""
    world = RelayWorld(TurnPolicy(hostility=Hostility.NO_RELAYED_ADDRESS))

    assert "no relayed address" in world.lost().reason
    assert world.told(RelayAllocated) == ()
    assert requests(world) == [Method.ALLOCATE, Method.ALLOCATE, Method.REFRESH]
    assert world.state.allocations == ()
    assert world.relay.is_over


def test_data_of_peers_without_permission_is_not_handed_on() -> None:
    """RFC 8656 11.4: the client SHOULD discard what it has no permission for."""
    world = RelayWorld(TurnPolicy(hostility=Hostility.UNPERMITTED_DATA))
    relayed = world.allocate()
    world.peer.send(b"unasked", relayed)
    world.run(0.1)
    assert world.told(RelayReceived) == ()
    world.permit()
    world.peer.send(b"asked", relayed)
    world.run(0.1)

    assert [received.data for received in world.told(RelayReceived)] == [b"asked"]


@each_protocol
@pytest.mark.parametrize("gone", [SocketFailed(7, "the network is down"), SocketClosed(7)])
def test_socket_that_is_gone_later_loses_the_relay(gone: SocketFailed | SocketClosed, protocol: SocketProtocol) -> None:
    """Its token is free again: nothing more is said about it, not even that it be closed."""
    world = RelayWorld(protocol=protocol)
    world.allocate()
    outputs = world.relay.handle(gone, world.network.now)

    assert [type(output) for output in outputs] == [RelayLost]
    assert world.relay.deadline is None
    assert world.relay.is_over


def test_huge_lifetime_is_not_believed() -> None:
    """RFC 8656 7.2: no more than an hour is granted; the server here forgets after ten minutes."""
    world = RelayWorld(TurnPolicy(hostility=Hostility.HUGE_LIFETIME))
    world.allocate()
    assert world.relay.deadline is not None
    assert world.relay.deadline < 3600
    world.run(3600.0)

    assert [lost.code for lost in world.told(RelayLost)] == [437]
    assert world.relay.is_over


def test_permission_that_is_refused_later_loses_the_peer_only() -> None:
    world = RelayWorld()
    world.allocate()
    world.permit()
    world.server._policy = TurnPolicy(forbidden=(PEER,))
    world.run(300.0)

    assert [refused.host for refused in world.told(PeerRefused)] == [PEER]
    assert world.relay.snapshot().permissions == ()
    assert world.told(RelayLost) == ()


# --- forged responses ------------------------------------------------------------------------------------------------

ANNOUNCING = nonce_cookie(SecurityFeatures.PASSWORD_ALGORITHMS)


def forgeries(request: stun.Message) -> dict[str, bytes]:
    """Return responses to an authenticated request that only its server could have made, and others."""
    success = request.success(
        stun.XOR_RELAYED_ADDRESS(Address("203.0.113.66", 66)), stun.XOR_MAPPED_ADDRESS(Address("203.0.113.66", 66))
    )
    return {
        "no integrity": success.encode(),
        "wrong integrity": success.encode(b"a wrong key", integrity=stun.Integrity.SHA256),
        "weaker integrity": success.encode(b"a wrong key"),
        "400 without integrity": request.error(400).encode(),
        "437 without integrity": request.error(437).encode(),
        "300 with wrong integrity": request.error(300, stun.ALTERNATE_SERVER(SERVER)).encode(b"a wrong key"),
        "algorithms stripped": request.success(stun.NONCE(ANNOUNCING)).encode(),
        "another transaction": success.renewed(bytes(12)).encode(),
    }


@pytest.mark.parametrize("kind", forgeries(stun.Message.request(Method.ALLOCATE, bytes(12))))
def test_forged_response_is_ignored(kind: str) -> None:
    """RFC 8489 9.2.5: the response MUST be discarded, as if it had never been received."""
    world = RelayWorld()
    world.client.handle(Allocate())
    world.run(0.03)
    request = stun.decode(world.packets(Fate.SENT)[-1].data)
    world.client.handle(DatagramReceived(7, SERVER, forgeries(request)[kind]))
    assert not world.told(RelayLost)
    assert not world.told(RelayAllocated)
    world.run(1.0)

    assert [allocated.relayed[0].host for allocated in world.told(RelayAllocated)] == [SERVER.host]


def test_violated_integrity_is_told_apart_from_silence() -> None:
    """RFC 8489 9.2.5: instead of a timeout, signal that the integrity protection was violated."""
    world = RelayWorld()
    world.client.handle(Allocate())
    world.run(0.025)
    world.server_host.detach(SERVER.host)
    request = stun.decode(world.packets(Fate.SENT)[-1].data)
    world.client.handle(DatagramReceived(7, SERVER, forgeries(request)["wrong integrity"]))
    world.run(60.0)

    assert "integrity" in world.told(RelayLost)[0].reason


def test_violated_integrity_ends_a_transaction_on_a_stream_at_once() -> None:
    """RFC 8489 9.2.5"""
    world = RelayWorld(protocol=TCP)
    world.client.handle(Allocate())
    world.run(0.045)
    request = stun.decode(world.packets(Fate.SENT)[-1].data)
    world.client.handle(BytesReceived(7, forgeries(request)["wrong integrity"]))

    assert "integrity" in world.told(RelayLost)[0].reason


@pytest.mark.parametrize("code", [401, 438])
@pytest.mark.parametrize("attributes", [(), (stun.REALM("r"),), (stun.NONCE(b"n"),)])
def test_challenge_without_realm_or_nonce_ends_the_relay(code: int, attributes: tuple[stun.Attribute, ...]) -> None:
    world = RelayWorld()
    world.client.handle(Allocate())
    world.run(0.005)
    request = stun.decode(world.packets(Fate.SENT)[0].data)
    world.client.handle(DatagramReceived(7, SERVER, request.error(code, *attributes).encode()))

    assert [lost.code for lost in world.told(RelayLost)] == [code]


def test_response_that_is_not_understood_fails() -> None:
    """RFC 8489 6.3.3: unknown comprehension-required attributes."""
    world = RelayWorld()
    world.client.handle(Allocate())
    world.run(0.005)
    request = stun.decode(world.packets(Fate.SENT)[0].data)
    world.client.handle(DatagramReceived(7, SERVER, request.success(stun.Attribute.unknown(0x7001, b"")).encode()))

    assert "not understood" in world.told(RelayLost)[0].reason

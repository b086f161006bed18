"""The TURN server machine, request by request: RFC 8656 7 to 12, RFC 8489 9.2.4."""

from __future__ import annotations

import random

import attrs
import pytest

from jinglecodec import stun
from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError
from jinglecodec.machine import (
    BytesReceived,
    CloseSocket,
    DatagramReceived,
    OpenSocket,
    SendBytes,
    SendDatagram,
    SocketClosed,
    SocketFailed,
    SocketOpened,
    SocketProtocol,
    TimerFired,
)
from jinglecodec.stun import Family, Method
from jinglecodec.stun.credentials import MD5, SHA_256, Challenge, Credential, long_term_key, security_features
from jinglecodec.stun.turn import ChannelData
from jinglecodec.testing.network import ConnectionAccepted, Listen, Start, TurnPolicy, TurnServer

SERVER = Address("192.0.2.1", 3478)
CLIENT, OTHER = Address("198.51.100.1", 1000), Address("198.51.100.1", 1001)
PEER, PEER_6 = Address("203.0.113.1", 7000), Address("2001:db8::7", 7000)
SIX = "2001:db8::1"
UDP = stun.REQUESTED_TRANSPORT(17)


@attrs.define
class Caller:
    """A client that makes its requests by hand, and a server."""

    policy: TurnPolicy = attrs.field(factory=TurnPolicy)
    hosts: tuple[str, ...] = (SERVER.host,)
    remote: Address = CLIENT
    user: tuple[str, str] = ("user", "password")
    now: float = 0.0
    server: TurnServer = attrs.field(init=False)
    credential: Credential | None = None
    made: int = 0

    def __attrs_post_init__(self) -> None:
        self.server = TurnServer(SERVER, self.policy, relays=self.hosts, random=random.Random(1))
        self.server.handle(Start(), 0.0)

    def message(self, method: Method, *attributes: stun.Attribute) -> stun.Message:
        """Return a request with an id of its own."""
        self.made += 1
        return stun.Message.request(method, self.made.to_bytes(12), *attributes)

    def send(self, data: bytes) -> stun.Message | None:
        """Hand octets in, open all sockets that are asked for, and return the answer."""
        answers = []
        outputs = list(self.server.handle(DatagramReceived(0, self.remote, data), self.now))
        for output in outputs:
            if isinstance(output, OpenSocket):
                assert output.local is not None
                opened = SocketOpened(output.socket, Address(output.local.host, 50000 + output.socket))
                outputs.extend(self.server.handle(opened, self.now))
            elif isinstance(output, SendDatagram):
                assert (output.socket, output.remote) == (0, self.remote)
                answers.append(stun.decode(output.data))
        assert len(answers) <= 1
        return answers[0] if answers else None

    def ask(self, method: Method, *attributes: stun.Attribute) -> stun.Message:
        """Make an authentic request, and return the response, which is authentic, too."""
        if self.credential is None:
            challenge = self.send(self.message(Method.ALLOCATE, UDP).encode())
            assert challenge is not None
            self.credential = Challenge.of(challenge).answer(*self.user)
        response = self.send(self.credential.encode(self.message(method, *attributes)))
        assert response is not None
        assert response.verify(self.credential.key) or code(response) in (401, 438)
        return response

    def allocate(self, *attributes: stun.Attribute) -> tuple[Address, ...]:
        """Allocate, and return the relayed addresses."""
        return self.ask(Method.ALLOCATE, UDP, *attributes).get_all(stun.XOR_RELAYED_ADDRESS)

    def permit(self, *peers: Address) -> int | None:
        """Ask for permissions, and return the error code."""
        return code(self.ask(Method.CREATE_PERMISSION, *map(stun.XOR_PEER_ADDRESS, peers)))

    def bind(self, number: int, peer: Address = PEER) -> int | None:
        """Ask for a channel, and return the error code."""
        return code(self.ask(Method.CHANNEL_BIND, stun.CHANNEL_NUMBER(number), stun.XOR_PEER_ADDRESS(peer)))

    def relayed(self, data: bytes) -> list[tuple[Address, bytes]]:
        """Hand in what the client sends to peers, and return what goes there."""
        outputs = self.server.handle(DatagramReceived(0, self.remote, data), self.now)
        return [(output.remote, output.data) for output in outputs if isinstance(output, SendDatagram)]

    def from_peer(self, data: bytes, peer: Address = PEER) -> list[bytes]:
        """Let a peer send to the first relayed address, and return what the client gets."""
        outputs = self.server.handle(DatagramReceived(3, peer, data), self.now)
        return [output.data for output in outputs if isinstance(output, SendDatagram)]


def code(response: stun.Message) -> int | None:
    """Return the error code, None for success."""
    error = response.get(stun.ERROR_CODE)
    return None if error is None else error.code


def indication(peer: Address, data: bytes, *more: stun.Attribute) -> bytes:
    """Return a Send indication."""
    attributes = (stun.XOR_PEER_ADDRESS(peer), stun.DATA(data), *more)
    return stun.Message.indication(Method.SEND, bytes(12), *attributes).encode()


# --- credentials (RFC 8489 9.2.4) ------------------------------------------------------------------------------------


def test_request_without_integrity_is_challenged() -> None:
    caller = Caller()
    challenge = caller.send(caller.message(Method.ALLOCATE, UDP).encode())
    assert challenge is not None

    assert code(challenge) == 401
    assert challenge[stun.REALM] == "example.org"
    assert challenge[stun.PASSWORD_ALGORITHMS] == (SHA_256, MD5)
    features = security_features(challenge[stun.NONCE])
    assert features is not None
    assert features.value == 1
    assert challenge.integrity is None


def test_two_clients_never_get_the_same_nonce() -> None:
    """RFC 8489 9.2.4: MUST NOT choose the same NONCE unless they have the same source IP address and port."""
    caller = Caller()
    nonces = []
    for caller.remote in (CLIENT, OTHER):
        challenge = caller.send(caller.message(Method.ALLOCATE, UDP).encode())
        assert challenge is not None
        nonces.append(challenge[stun.NONCE])

    assert nonces[0] != nonces[1]


@pytest.mark.parametrize("missing", [stun.USERNAME, stun.REALM, stun.NONCE, stun.PASSWORD_ALGORITHM])
def test_credentials_in_part_are_a_bad_request(missing: stun.AttributeType[object]) -> None:
    """RFC 8489 9.2.4"""
    caller = Caller()
    caller.ask(Method.REFRESH)
    assert caller.credential is not None
    left = tuple(each for each in caller.credential.attributes if each.type != missing.number)
    response = caller.send(attrs.evolve(caller.credential, attributes=left).encode(caller.message(Method.REFRESH)))
    assert response is not None

    assert code(response) == 400
    assert response.integrity is None


def test_client_of_rfc_5389_is_served_with_md5_and_sha_1() -> None:
    """RFC 8489 9.2.4: with neither PASSWORD-ALGORITHM nor PASSWORD-ALGORITHMS, as though it were MD5."""
    caller = Caller()
    challenge = caller.send(caller.message(Method.ALLOCATE, UDP).encode())
    assert challenge is not None
    key = long_term_key("user", "example.org", "password")
    echo = (stun.USERNAME("user"), stun.REALM("example.org"), stun.NONCE(challenge[stun.NONCE]))
    response = caller.send(caller.message(Method.ALLOCATE, UDP, *echo).encode(key))
    assert response is not None

    assert code(response) is None
    assert response.integrity is stun.Integrity.SHA1
    assert response.verify(key)


def test_nonce_is_stale_after_its_lifetime() -> None:
    caller = Caller(TurnPolicy(nonce_lifetime=60.0))
    caller.allocate()
    caller.now = 59.9
    assert code(caller.ask(Method.REFRESH)) is None
    caller.now = 60.0
    response = caller.ask(Method.REFRESH)
    assert code(response) == 438
    caller.credential = Challenge.of(response).answer(*caller.user)
    assert code(caller.ask(Method.REFRESH)) is None


def test_only_who_made_an_allocation_may_use_it() -> None:
    """RFC 8656 5: 441"""
    caller = Caller(TurnPolicy(users=(("user", "password"), ("other", "word"))))
    caller.allocate()
    caller.credential, caller.user = None, ("other", "word")

    assert code(caller.ask(Method.REFRESH)) == 441


# --- Allocate (RFC 8656 7.2) -----------------------------------------------------------------------------------------


def test_success_response_holds_both_addresses_and_the_lifetime() -> None:
    response = Caller().ask(Method.ALLOCATE, UDP)

    assert response[stun.XOR_RELAYED_ADDRESS] == Address(SERVER.host, 50003)
    assert response[stun.XOR_MAPPED_ADDRESS] == CLIENT
    assert response[stun.LIFETIME] == 600


def test_request_that_comes_again_gets_the_same_addresses() -> None:
    caller = Caller()
    caller.ask(Method.REFRESH)
    assert caller.credential is not None
    packet = caller.credential.encode(caller.message(Method.ALLOCATE, UDP))
    responses = [caller.send(packet), caller.send(packet)]

    assert responses[0] == responses[1]
    assert len(caller.server.snapshot().allocations) == 1


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ((), 400),
        ((stun.REQUESTED_TRANSPORT(6),), 442),
        ((UDP, stun.DONT_FRAGMENT()), 420),
        ((UDP, stun.EVEN_PORT(False)), 508),
        ((UDP, stun.RESERVATION_TOKEN(bytes(8))), 508),
        ((UDP, stun.REQUESTED_ADDRESS_FAMILY(Family.IPV6)), 440),
        ((UDP, stun.ADDITIONAL_ADDRESS_FAMILY(Family.IPV4)), 400),
        ((UDP, stun.ADDITIONAL_ADDRESS_FAMILY(Family.IPV6), stun.REQUESTED_ADDRESS_FAMILY(Family.IPV4)), 400),
        ((UDP, stun.Attribute.unknown(0x7001, b"")), 420),
    ],
)
def test_allocate_is_refused(attributes: tuple[stun.Attribute, ...], expected: int) -> None:
    caller = Caller()

    assert code(caller.ask(Method.ALLOCATE, *attributes)) == expected
    assert caller.server.snapshot().allocations == ()


def test_second_allocation_of_a_client_is_a_mismatch() -> None:
    caller = Caller()
    caller.allocate()

    assert code(caller.ask(Method.ALLOCATE, UDP)) == 437


def test_quota_is_that_of_a_user() -> None:
    """RFC 8656 7.2: 486, by user name and not by transport address."""
    caller = Caller(TurnPolicy(users=(("user", "password"), ("other", "word")), quota=1))
    caller.allocate()
    caller.remote, caller.credential = OTHER, None
    assert code(caller.ask(Method.ALLOCATE, UDP)) == 486
    caller.credential, caller.user = None, ("other", "word")
    assert code(caller.ask(Method.ALLOCATE, UDP)) is None


def test_capacity_is_that_of_all() -> None:
    caller = Caller(TurnPolicy(capacity=1))
    caller.allocate()
    caller.remote, caller.credential = OTHER, None

    assert code(caller.ask(Method.ALLOCATE, UDP)) == 508


def test_everybody_is_sent_elsewhere() -> None:
    response = Caller(TurnPolicy(alternate=PEER)).ask(Method.ALLOCATE, UDP)

    assert code(response) == 300
    assert response[stun.ALTERNATE_SERVER] == PEER


def test_both_families_are_allocated_together() -> None:
    caller = Caller(hosts=(SERVER.host, SIX))
    additional = stun.ADDITIONAL_ADDRESS_FAMILY(Family.IPV6)

    assert caller.allocate(additional) == (Address(SERVER.host, 50003), Address(SIX, 50004))


def test_family_that_cannot_be_had_is_named() -> None:
    response = Caller().ask(Method.ALLOCATE, UDP, stun.ADDITIONAL_ADDRESS_FAMILY(Family.IPV6))

    assert response.get_all(stun.XOR_RELAYED_ADDRESS) == (Address(SERVER.host, 50003),)
    error = response[stun.ADDRESS_ERROR_CODE]
    assert (error.family, error.code) == (Family.IPV6, 440)


def test_socket_that_does_not_open_is_insufficient_capacity() -> None:
    caller = Caller()
    caller.ask(Method.REFRESH)
    assert caller.credential is not None
    packet = caller.credential.encode(caller.message(Method.ALLOCATE, UDP))
    (opened,) = caller.server.handle(DatagramReceived(0, CLIENT, packet), 0.0)
    assert isinstance(opened, OpenSocket)
    assert caller.server.handle(DatagramReceived(0, CLIENT, packet), 0.0) == (), "the same request again has to wait"
    (sent,) = caller.server.handle(SocketFailed(opened.socket, "no ports"), 0.0)
    assert isinstance(sent, SendDatagram)

    assert code(stun.decode(sent.data)) == 508
    assert caller.server.snapshot() == attrs.evolve(caller.server.snapshot(), allocations=())


# --- Refresh (RFC 8656 8.2) ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "granted"), [(None, 600), (60, 600), (1000, 1000), (7200, 3600), (0, 0)])
def test_lifetime_is_between_the_default_and_the_longest(asked: int | None, granted: int) -> None:
    caller = Caller()
    caller.allocate()
    caller.now = 100.0
    response = caller.ask(Method.REFRESH, *(() if asked is None else (stun.LIFETIME(asked),)))
    assert response[stun.LIFETIME] == granted
    caller.now = 100.0 + max(granted, 1) - 1
    caller.server.handle(TimerFired(), caller.now)
    assert len(caller.server.snapshot().allocations) == (1 if granted else 0)
    outputs = caller.server.handle(TimerFired(), 100.0 + granted)
    assert outputs == ((CloseSocket(3),) if granted else ())
    assert caller.server.snapshot().allocations == ()


def test_one_of_two_families_is_released() -> None:
    """RFC 8656 8.1: it MUST NOT affect the other; 443 for a family that there is not."""
    caller = Caller(hosts=(SERVER.host, SIX))
    caller.allocate(stun.ADDITIONAL_ADDRESS_FAMILY(Family.IPV6))
    caller.permit(PEER, PEER_6)
    six = stun.REQUESTED_ADDRESS_FAMILY(Family.IPV6)
    caller.ask(Method.REFRESH, stun.LIFETIME(0), six)
    (allocation,) = caller.server.snapshot().allocations

    assert [address.host for address in allocation.relayed] == [SERVER.host]
    assert allocation.permissions == (PEER.host,)
    assert code(caller.ask(Method.REFRESH, six)) == 443


@pytest.mark.parametrize("method", [Method.REFRESH, Method.CREATE_PERMISSION, Method.CHANNEL_BIND])
def test_there_is_no_allocation(method: Method) -> None:
    """RFC 8656 5: 437"""
    assert code(Caller().ask(method)) == 437


# --- permissions, channels, data -------------------------------------------------------------------------------------


def test_permission_lasts_five_minutes() -> None:
    """RFC 8656 9: 300 seconds, for all ports of an IP address; sending does not refresh it."""
    caller = Caller()
    caller.allocate()
    assert [*caller.relayed(indication(PEER, b"early")), *caller.from_peer(b"early")] == []
    assert caller.permit(Address(PEER.host, 1)) is None
    for caller.now in (0.0, 299.9):
        assert caller.relayed(indication(PEER, b"out")) == [(PEER, b"out")]
        (data,) = caller.from_peer(b"in")
        received = stun.decode(data)
        assert received.method == Method.DATA
        assert (received[stun.XOR_PEER_ADDRESS], received[stun.DATA]) == (PEER, b"in")
    caller.now = 300.0
    assert [*caller.relayed(indication(PEER, b"late")), *caller.from_peer(b"late")] == []


def test_datagram_of_a_peer_that_fits_no_message_is_dropped() -> None:
    """65,507 octets go by UDP, fewer than that in a Data indication."""
    caller = Caller()
    caller.allocate()
    assert caller.permit(PEER) is None
    assert len(caller.from_peer(bytes(65_000))) == 1
    assert list(caller.from_peer(bytes(65_507))) == []


def test_channel_lasts_ten_minutes_and_brings_a_permission() -> None:
    """RFC 8656 12"""
    caller = Caller()
    caller.allocate()
    assert caller.bind(0x4000) is None
    packet = ChannelData(0x4000, b"data").encode()
    assert caller.relayed(packet) == [(PEER, b"data")]
    assert caller.from_peer(b"data") == [packet]
    caller.now = 300.0
    assert [*caller.relayed(packet), *caller.from_peer(b"data")] == []
    caller.permit(PEER)
    assert caller.from_peer(b"data") == [packet]
    caller.now = 599.9
    caller.permit(PEER)
    caller.ask(Method.REFRESH)
    assert caller.relayed(packet) == [(PEER, b"data")]
    caller.now = 600.0
    assert caller.relayed(packet) == []
    assert stun.decode(caller.from_peer(b"data")[0]).method == Method.DATA


def test_channel_and_peer_belong_together_while_bound() -> None:
    """RFC 8656 12.2: else 400."""
    caller = Caller()
    caller.allocate()
    other = Address(PEER.host, 1)
    assert [caller.bind(0x4000), caller.bind(0x4000), caller.bind(0x4001), caller.bind(0x4000, other)] == [
        *(None, None),
        *(400, 400),
    ]
    assert caller.bind(0x4001, other) is None
    caller.ask(Method.REFRESH, stun.LIFETIME(3600))
    caller.now = 600.0
    assert caller.bind(0x4000, other) is None


def test_channel_number_is_in_its_range() -> None:
    caller = Caller()
    caller.allocate()
    for number in (0x3FFF, 0x5000):
        raw = stun.Attribute.unknown(0x000C, number.to_bytes(2) + b"\0\0")
        assert code(caller.ask(Method.CHANNEL_BIND, raw, stun.XOR_PEER_ADDRESS(PEER))) == 400


@pytest.mark.parametrize(
    ("peers", "expected"), [((), 400), ((PEER, PEER_6), 443), ((Address("10.0.0.1", 1), PEER), 403)]
)
def test_permission_is_refused(peers: tuple[Address, ...], expected: int) -> None:
    """RFC 8656 10.2"""
    caller = Caller(TurnPolicy(forbidden=("10.0.0.1",)))
    caller.allocate()

    assert caller.permit(*peers) == expected
    assert caller.server.snapshot().allocations[0].permissions == ()


def test_number_of_peers_is_limited_and_those_that_expired_make_room() -> None:
    caller = Caller(TurnPolicy(peers=2))
    caller.allocate()
    peers = [Address(f"203.0.113.{number}", 7) for number in (1, 2, 3)]
    assert [caller.permit(peer) for peer in peers] == [None, None, 508]
    assert caller.permit(peers[0]) is None
    caller.now = 300.0
    assert caller.permit(peers[2]) is None


@pytest.mark.parametrize(
    "packet",
    [
        indication(PEER, b"x", stun.DONT_FRAGMENT()),
        indication(PEER_6, b"x"),
        stun.Message.indication(Method.SEND, bytes(12), stun.DATA(b"x")).encode(),
        stun.Message.indication(Method.DATA, bytes(12), stun.XOR_PEER_ADDRESS(PEER), stun.DATA(b"x")).encode(),
        ChannelData(0x4001, b"x").encode(),
        b"\x40\x00\x00\x09x",
    ],
)
def test_data_that_cannot_be_relayed_is_dropped(packet: bytes) -> None:
    """RFC 8656 11.2 and 12.6"""
    caller = Caller()
    caller.allocate()
    caller.bind(0x4000)

    assert caller.relayed(packet) == []


# --- streams, and the rest -------------------------------------------------------------------------------------------


def test_connection_carries_padded_channel_data_and_takes_its_allocation_along() -> None:
    """RFC 8656 12.5"""
    caller = Caller()
    caller.server.handle(ConnectionAccepted(1, -1, CLIENT), 0.0)

    def answered(data: bytes) -> stun.Message:
        outputs = list(caller.server.handle(BytesReceived(-1, data[:5]), 0.0))
        outputs += caller.server.handle(BytesReceived(-1, data[5:]), 0.0)
        if isinstance(outputs[0], OpenSocket):
            outputs = list(caller.server.handle(SocketOpened(outputs[0].socket, Address(SERVER.host, 9)), 0.0))
        (output,) = outputs
        assert isinstance(output, SendBytes)
        return stun.decode(output.data)

    challenge = answered(caller.message(Method.ALLOCATE, UDP).encode())
    credential = Challenge.of(challenge).answer(*caller.user)
    answered(credential.encode(caller.message(Method.ALLOCATE, UDP)))
    bound = (stun.CHANNEL_NUMBER(0x4000), stun.XOR_PEER_ADDRESS(PEER))
    answered(credential.encode(caller.message(Method.CHANNEL_BIND, *bound)))
    assert caller.server.handle(DatagramReceived(3, PEER, b"x"), 0.0) == (SendBytes(-1, b"\x40\x00\x00\x01x\0\0\0"),)
    assert caller.server.handle(SocketClosed(-1), 0.0) == (CloseSocket(3),)
    assert caller.server.snapshot().allocations == ()


def test_stream_of_another_protocol_is_closed() -> None:
    caller = Caller()
    caller.server.handle(ConnectionAccepted(1, -1, CLIENT), 0.0)

    assert caller.server.handle(BytesReceived(-1, b"\xff" * 8), 0.0) == (CloseSocket(-1),)


def test_binding_request_is_answered_without_credentials() -> None:
    caller = Caller()
    request = caller.message(Method.BINDING)

    assert caller.send(request.encode()) == request.success(stun.XOR_MAPPED_ADDRESS(CLIENT))


def test_sockets_are_opened_at_the_start() -> None:
    server = TurnServer(SERVER, tls=Address(SERVER.host, 5349), server_names=("turn.example",))

    assert server.handle(Start(), 0.0) == (
        OpenSocket(0, SocketProtocol.UDP, SERVER, None, None),
        Listen(1, SERVER),
        Listen(2, Address(SERVER.host, 5349), ("turn.example",)),
    )
    with pytest.raises(LocalError):
        server.handle(Start(), 0.0)


def test_configuration_is_checked() -> None:
    with pytest.raises(LocalError):
        TurnServer(SERVER, relays=("192.0.2.1", "192.0.2.2"))
    with pytest.raises(LocalError):
        TurnServer(SERVER, tls=SERVER)

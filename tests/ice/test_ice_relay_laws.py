"""A relay, and the TURN server of the simulated network, keep the laws of machines, whatever comes in."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from network_support import Mailbox
from relay_support import CLIENT, NAME, PEER, SERVER, TLS, RelayUser

from jinglecodec import stun
from jinglecodec.addresses import Address
from jinglecodec.ice.relay import MOST_DATA, Relay
from jinglecodec.ice.relay_events import Allocate, BindChannel, Permit, RelayServer, Release, SendToPeer
from jinglecodec.machine import BytesReceived, DatagramReceived, SocketOpened, SocketProtocol, TimerFired
from jinglecodec.testing import laws
from jinglecodec.testing.network import ConnectionAccepted, Host, Link, Network, Node, Start, TurnPolicy, TurnServer
from jinglecodec.testing.replay import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

FAR = Address(PEER, 7000)


def relay(protocol: SocketProtocol) -> RelayUser:
    """Return a relay that starts its transactions itself."""
    is_tls = protocol is SocketProtocol.TLS
    address, name = (TLS, NAME) if is_tls else (SERVER, None)
    server = RelayServer(address=address, protocol=protocol, username="user", password="password", server_name=name)
    local = Address(CLIENT, 0) if protocol is SocketProtocol.UDP else None
    return RelayUser(Relay(7, server, local, random=random.Random(7)))


def turn_server() -> TurnServer:
    """Return a server whose nonces soon are stale."""
    policy = TurnPolicy(nonce_lifetime=100.0)
    return TurnServer(SERVER, policy, tls=TLS, server_names=(NAME,), random=random.Random(3))


def recorded(protocol: SocketProtocol) -> tuple[laws.Script, laws.Script]:
    """Return what a relay and its server have met in a quarter of an hour."""
    network = Network(8656)
    client, server = Recorder(relay(protocol)), Recorder(turn_server())
    Node(Host(network.internet, SERVER.host, link=Link(latency=0.01, loss=0.1)), server).handle(Start())
    node = Node(Host(network.internet, CLIENT), client)
    peer = Mailbox(Host(network.internet, PEER), FAR.port)
    for seconds, event in (
        (0.0, Allocate()),
        (0.0, Permit(PEER)),
        (0.0, SendToPeer(FAR, b"early")),
        (5.0, BindChannel(FAR)),
        (5.0, SendToPeer(FAR, b"later")),
        (900.0, Release()),
        (30.0, TimerFired()),
    ):
        network.run(network.now + seconds)
        node.handle(event)
        for mail in peer.mails:
            peer.send(mail.data, mail.remote)
        peer.mails.clear()
    return (
        [(step.event, step.now) for step in client.recording.steps],
        [(step.event, step.now) for step in server.recording.steps],
    )


@pytest.mark.parametrize("protocol", SocketProtocol)
def test_relay_keeps_the_laws_of_machines(protocol: SocketProtocol) -> None:
    script, _ = recorded(protocol)
    hash_seeds = (1,) if protocol is SocketProtocol.UDP else ()

    # Refresh, CreatePermission and ChannelBind, and each of them once more; and something that keeps the way open.
    misuse = [Allocate(), SendToPeer(FAR, bytes(MOST_DATA + 1))]
    laws.check_all(partial(relay, protocol), script, most=7, misuse=misuse, hash_seeds=hash_seeds)


def test_turn_server_keeps_the_laws_of_machines() -> None:
    _, script = recorded(SocketProtocol.UDP)

    laws.check_all(turn_server, script, most=1, misuse=[Start()], hash_seeds=(1,))


# --- damage ----------------------------------------------------------------------------------------------------------


def allocated() -> RelayUser:
    """Return a relay with an allocation that no server has made."""
    user = relay(SocketProtocol.UDP)
    user.handle(Allocate(), 0.0)
    (request,) = user.handle(SocketOpened(7, Address(CLIENT, 5)), 0.0)
    success = stun.decode(request.data).success(stun.XOR_RELAYED_ADDRESS(Address(SERVER.host, 9)))  # type: ignore[union-attr]
    user.handle(DatagramReceived(7, SERVER, success.encode()), 0.0)
    user.handle(Permit(PEER), 0.0)
    return user


ATTRIBUTES = [
    stun.ERROR_CODE(stun.ErrorCode(438)),
    stun.ERROR_CODE(stun.ErrorCode(300)),
    stun.ERROR_CODE(stun.ErrorCode(437)),
    stun.REALM("example.org"),
    stun.NONCE(b"obMatJos2AAABnonce"),
    stun.LIFETIME(0),
    stun.XOR_PEER_ADDRESS(FAR),
    stun.XOR_RELAYED_ADDRESS(FAR),
    stun.DATA(b"data"),
    stun.ALTERNATE_SERVER(Address("192.0.2.9", 1)),
]
attributes = st.lists(
    st.one_of(
        st.sampled_from(ATTRIBUTES),
        st.builds(
            stun.Attribute.unknown,
            st.sampled_from([0x0009, 0x000C, 0x000D, 0x0012, 0x0014, 0x0015, 0x0016, 0x7001, 0x8002, 0x8003, 0x8023]),
            st.binary(max_size=20),
        ),
    ),
    max_size=5,
)


@st.composite
def packets(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Draw what makes a packet with a transaction id: any message, or no message at all."""
    kind = draw(st.sampled_from(stun.MessageClass))
    method = draw(st.sampled_from(stun.Method))
    chosen = tuple(draw(attributes))
    octets = draw(st.none() | st.binary(max_size=40))
    return lambda transaction_id: octets or stun.Message(method, kind, transaction_id, chosen).encode()


@given(st.lists(packets(), max_size=6))
def test_no_packet_raises_anything(made: list[Callable[[bytes], bytes]]) -> None:
    """Rule 2: nothing that arrives from the network raises; and at most two answers come at once."""
    user = allocated()
    pending = bytes(12)
    for number, make in enumerate(made):
        outputs = user.handle(DatagramReceived(7, SERVER, make(pending)), number / 10)
        assert len(outputs) <= 3
        for output in outputs:
            if isinstance(packet := getattr(output, "data", None), bytes) and len(packet) >= 20:
                pending = packet[8:20]


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_no_stream_raises_anything(chunks: list[bytes]) -> None:
    user = relay(SocketProtocol.TCP)
    user.handle(Allocate(), 0.0)
    user.handle(SocketOpened(7, Address(CLIENT, 5)), 0.0)
    for chunk in chunks:
        assert len(user.handle(BytesReceived(7, chunk), 1.0)) <= 3


@given(made=st.lists(packets(), max_size=6), token=st.sampled_from([0, -1, -2]))
def test_no_packet_of_a_client_raises_anything_in_the_server(made: list[Callable[[bytes], bytes]], token: int) -> None:
    server = turn_server()
    server.handle(Start(), 0.0)
    server.handle(ConnectionAccepted(1, -1, Address(CLIENT, 5)), 0.0)
    for make in made:
        data = make(bytes(12))
        event = BytesReceived(token, data) if token else DatagramReceived(0, Address(CLIENT, 5), data)
        assert len(server.handle(event, 1.0)) <= 1
    assert server.snapshot().allocations == ()

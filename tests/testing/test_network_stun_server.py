"""The STUN server machine: RFC 8489 6.3, 9.1.3 and 12, RFC 5780 6.1."""

from __future__ import annotations

import copy
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stun_server_fuzz import fuzz, server

from jinglecodec import stun
from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError
from jinglecodec.machine import (
    DatagramReceived,
    OpenSocket,
    SendDatagram,
    SendFailed,
    SocketFailed,
    SocketOpened,
    SocketProtocol,
    TimerFired,
)
from jinglecodec.testing import laws
from jinglecodec.testing.network import Start, StunServer
from jinglecodec.testing.network.stun_server import CHANGE_REQUEST

ID = bytes(range(12))
CLIENT = Address("198.51.100.1", 12345)
A1, A2, P1, P2 = "192.0.2.1", "192.0.2.2", 3478, 3479
KEY = b"the right password"


def request(*attributes: stun.Attribute) -> stun.Message:
    return stun.Message.request(stun.Method.BINDING, ID, *attributes)


def answer(machine: StunServer, data: bytes, socket: int = 0, remote: Address = CLIENT) -> tuple[int, stun.Message]:
    """Return the only answer of the server, with the socket it is sent from."""
    (output,) = machine.handle(DatagramReceived(socket, remote, data), 1.0)
    assert isinstance(output, SendDatagram)
    assert output.remote == remote
    return output.socket, stun.decode(output.data)


def basic() -> StunServer:
    """Return a server with one socket, which is open."""
    machine = StunServer(Address(A1, P1))
    machine.handle(Start(), 0.0)
    machine.handle(SocketOpened(0, Address(A1, P1)), 0.0)
    return machine


# --- RFC 8489 --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("remote", [CLIENT, Address("2001:db8::1", 1)])
def test_success_response_holds_the_source_of_the_request(remote: Address) -> None:
    """RFC 8489 6.3.1.1: an XOR-MAPPED-ADDRESS with the source transport address of the request."""
    assert answer(basic(), request().encode(), remote=remote) == (0, request().success(stun.XOR_MAPPED_ADDRESS(remote)))


def test_fingerprint_is_answered_with_a_fingerprint() -> None:
    _, plain = answer(basic(), request().encode())
    _, marked = answer(basic(), request().encode(fingerprint=True))

    assert not plain.verify_fingerprint()
    assert marked.verify_fingerprint()


def test_unknown_attribute_that_has_to_be_understood_is_answered_with_420() -> None:
    data = request(stun.Attribute.unknown(0x7001, b""), stun.Attribute.unknown(0xF001, b"")).encode()
    _, response = answer(basic(), data)

    assert response[stun.ERROR_CODE].code == 420
    assert response[stun.UNKNOWN_ATTRIBUTES] == (0x7001,)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x60" + bytes(30),
        request().encode()[:-1],
        stun.Message.indication(stun.Method.BINDING, ID).encode(),
        request().success(stun.XOR_MAPPED_ADDRESS(CLIENT)).encode(),
        request().error(400).encode(),
        stun.Message.request(stun.Method.ALLOCATE, ID).encode(),
        request().encode(fingerprint=True)[:-1] + b"x",
    ],
)
def test_anything_but_a_sound_binding_request_is_dropped(data: bytes) -> None:
    assert basic().handle(DatagramReceived(0, CLIENT, data), 1.0) == ()


@pytest.mark.parametrize(("socket", "remote"), [(9, CLIENT), (0, Address("name", 1)), (0, Address("fe80::1%eth0", 1))])
def test_request_that_cannot_be_answered_is_dropped(socket: int, remote: Address) -> None:
    assert basic().handle(DatagramReceived(socket, remote, request().encode()), 1.0) == ()


@pytest.mark.parametrize("integrity", stun.Integrity)
def test_authentic_request_is_answered_with_the_same_kind_of_integrity(integrity: stun.Integrity) -> None:
    """RFC 8489 9.1.3"""
    data = request(stun.USERNAME("remote:local")).encode(KEY, integrity=integrity)
    _, response = answer(server(), data)

    assert response.message_class is stun.MessageClass.SUCCESS
    assert response.integrity is integrity.answer
    assert response.verify(KEY)
    assert stun.USERNAME not in response


@pytest.mark.parametrize(
    ("attributes", "key", "code"),
    [
        ((stun.USERNAME("remote:local"),), None, 400),
        ((), KEY, 400),
        ((stun.Attribute.unknown(0x0006, b"\xff"),), KEY, 400),
        ((stun.USERNAME("other:local"),), KEY, 401),
        ((stun.USERNAME("remote:local"),), b"a wrong password", 401),
        ((stun.USERNAME("remote:local"), stun.Attribute.unknown(0x7001, b"")), b"a wrong password", 401),
    ],
)
def test_request_that_is_not_authentic_is_refused_without_integrity(
    attributes: tuple[stun.Attribute, ...], key: bytes | None, code: int
) -> None:
    """RFC 8489 9.1.3"""
    _, response = answer(server(), request(*attributes).encode(key))

    assert response[stun.ERROR_CODE].code == code
    assert response.integrity is None


def test_refusal_of_an_authentic_request_is_authentic() -> None:
    data = request(stun.USERNAME("remote:local"), stun.Attribute.unknown(0x7001, b"")).encode(KEY)
    _, response = answer(server(), data)

    assert response[stun.ERROR_CODE].code == 420
    assert response.verify(KEY)


# --- RFC 5780 --------------------------------------------------------------------------------------------------------


def discovering() -> StunServer:
    """Return a server without credentials, with its four sockets open."""
    return server(None)


def test_four_sockets_are_opened_for_behavior_discovery() -> None:
    machine = StunServer(Address(A1, P1), Address(A2, P2))

    assert machine.handle(Start(), 0.0) == tuple(
        OpenSocket(token, SocketProtocol.UDP, Address(host, port), None, None)
        for token, (host, port) in enumerate(((A1, P1), (A1, P2), (A2, P1), (A2, P2)))
    )


@pytest.mark.parametrize("received_on", [(A1, P1), (A1, P2), (A2, P1), (A2, P2)])
@pytest.mark.parametrize("flags", [None, 0, 2, 4, 6])
def test_response_comes_from_the_address_that_table_1_says(received_on: tuple[str, int], flags: int | None) -> None:
    """RFC 5780 6.1: Da or Ca, Dp or Cp as the flags want; OTHER-ADDRESS is Ca:Cp whatever they are."""
    machine = discovering()
    addresses = {address: token for token, address in machine.snapshot().sockets}
    (da, dp), ca, cp = received_on, *({A1: A2, A2: A1}[received_on[0]], {P1: P2, P2: P1}[received_on[1]])
    changes = () if flags is None else (CHANGE_REQUEST(flags),)
    expected = Address(ca if (flags or 0) & 4 else da, cp if (flags or 0) & 2 else dp)
    source, response = answer(machine, request(*changes).encode(), addresses[Address(da, dp)])

    assert source == addresses[expected]
    assert response[stun.RESPONSE_ORIGIN] == expected
    assert response[stun.OTHER_ADDRESS] == Address(ca, cp)
    assert response[stun.XOR_MAPPED_ADDRESS] == response[stun.MAPPED_ADDRESS] == CLIENT


def test_server_without_other_addresses_refuses_to_change() -> None:
    """RFC 5780 6: no OTHER-ADDRESS, and 420 for CHANGE-REQUEST."""
    half_open = StunServer(Address(A1, P1), Address(A2, P2))
    half_open.handle(Start(), 0.0)
    half_open.handle(SocketOpened(0, Address(A1, P1)), 0.0)
    half_open.handle(SocketFailed(3, "in use"), 0.0)
    for machine in (basic(), half_open):
        _, response = answer(machine, request(CHANGE_REQUEST(2)).encode())
        assert response[stun.UNKNOWN_ATTRIBUTES] == (0x0003,)
        _, response = answer(machine, request().encode())
        assert stun.OTHER_ADDRESS not in response
    assert half_open.snapshot().failures == ("192.0.2.2:3479: in use",)


def test_malformed_change_request_is_a_bad_request() -> None:
    data = request(stun.Attribute.unknown(0x0003, b"\0\0")).encode()

    assert answer(discovering(), data)[1][stun.ERROR_CODE].code == 400


@pytest.mark.parametrize("other", [Address(A1, P2), Address(A2, P1), Address(A1, P1)])
def test_other_address_differs_in_host_and_port(other: Address) -> None:
    with pytest.raises(LocalError):
        StunServer(Address(A1, P1), other)


# --- as a machine ----------------------------------------------------------------------------------------------------


def test_server_keeps_the_laws_of_machines() -> None:
    script: list[tuple[object, float]] = [
        (Start(), 0.0),
        *((SocketOpened(token, Address(A1, P1 + token)), 0.0) for token in range(4)),
        (DatagramReceived(0, CLIENT, request(CHANGE_REQUEST(6)).encode()), 1.0),
        (DatagramReceived(1, CLIENT, b"no STUN"), 2.0),
        (TimerFired(), 3.0),
        (SocketFailed(2, "gone"), 4.0),
        (SendFailed(1, CLIENT, "no route"), 5.0),
    ]

    laws.check_all(partial(StunServer, Address(A1, P1), Address(A2, P2)), script, most=0, misuse=[Start()])


@given(st.binary(max_size=100), st.integers(0, 3))
def test_no_datagram_changes_the_server(data: bytes, socket: int) -> None:
    machine = server()
    before = copy.deepcopy(machine).snapshot()
    machine.handle(DatagramReceived(socket, CLIENT, data), 1.0)

    assert machine.snapshot() == before


@pytest.mark.parametrize("username", ["remote:local", None])
def test_damaged_and_forged_datagrams_leave_no_trace(username: str | None) -> None:
    seen = fuzz(3000, seed=8489, username=username)

    assert set(seen) == {"nothing", "400", "420", "SUCCESS"} | ({"401"} if username else set())
    assert min(seen.values()) > 20, "every path is taken often"


@pytest.mark.long
def test_a_million_damaged_and_forged_datagrams_leave_no_trace() -> None:
    assert fuzz(1_000_000, seed=5389)["401"] > 100_000

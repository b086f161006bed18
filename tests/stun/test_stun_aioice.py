"""Interoperability in process with aioice: each reads, verifies and understands what the other writes."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stun_support import identities, transaction_ids

from jinglecodec import stun
from jinglecodec.strategies import addresses, stun_keys

peer = pytest.importorskip("aioice.stun")

uint32 = st.integers(0, 2**32 - 1)
uint64 = st.integers(0, 2**64 - 1)
# The address classes of Python write some IPv6 addresses differently from inet_ntop; aioice uses them.
common_addresses = addresses().filter(lambda address: str(ipaddress.ip_address(address.host)) == address.host)

SHARED: dict[stun.AttributeType[Any], st.SearchStrategy[Any]] = {
    stun.MAPPED_ADDRESS: common_addresses,
    stun.USERNAME: identities,
    stun.ERROR_CODE: st.builds(stun.ErrorCode, st.integers(300, 699), identities),
    stun.CHANNEL_NUMBER: st.integers(0x4000, 0x4FFF),
    stun.LIFETIME: uint32,
    stun.XOR_PEER_ADDRESS: common_addresses,
    stun.DATA: st.binary(max_size=50),
    stun.REALM: identities.filter(bool),
    stun.NONCE: st.binary(max_size=50),
    stun.XOR_RELAYED_ADDRESS: common_addresses,
    stun.XOR_MAPPED_ADDRESS: common_addresses,
    stun.PRIORITY: uint32,
    stun.USE_CANDIDATE: st.none(),
    stun.SOFTWARE: identities,
    stun.ICE_CONTROLLED: uint64,
    stun.ICE_CONTROLLING: uint64,
    stun.RESPONSE_ORIGIN: common_addresses,
    stun.OTHER_ADDRESS: common_addresses,
}
"What aioice knows too; its dictionary holds one attribute of each type."


def pairs(row: stun.AttributeType[Any]) -> st.SearchStrategy[tuple[stun.AttributeType[Any], Any]]:
    """Generate the type with a value."""
    return st.tuples(st.just(row), SHARED[row])


contents = st.lists(st.sampled_from(list(SHARED)).flatmap(pairs), max_size=8, unique_by=lambda pair: pair[0].number)
methods = st.sampled_from(stun.Method)
classes = st.sampled_from(stun.MessageClass)


def theirs(value: object) -> object:
    """Return a value as aioice holds it."""
    match value:
        case stun.Address(host, port):
            return host, port
        case stun.ErrorCode(code, reason):
            return code, reason
    return value


def their_message(message: stun.Message) -> Any:  # noqa: ANN401 - aioice has no types
    """Return the same message of aioice, without its envelope."""
    built = peer.Message(
        peer.Method(int(message.method)), peer.Class(int(message.message_class)), message.transaction_id
    )
    for attribute in message.attributes:
        built.attributes[attribute.name] = theirs(attribute.value)
    return built


@st.composite
def shared_messages(draw: st.DrawFn) -> stun.Message:
    """Generate messages that both can express."""
    attributes = tuple(row(value) for row, value in draw(contents))
    return stun.Message(draw(methods), draw(classes), draw(transaction_ids), attributes)


@given(shared_messages(), stun_keys())
def test_both_write_the_same_octets(message: stun.Message, key: bytes) -> None:
    """Agreement: two implementations, one answer."""
    built = their_message(message)
    assert message.encode() == bytes(built)

    built.add_fingerprint()
    assert message.encode(fingerprint=True) == bytes(built)

    built.add_message_integrity(key)
    assert message.encode(key, fingerprint=True) == bytes(built)


@given(shared_messages(), stun_keys())
def test_aioice_reads_and_verifies_what_we_write(message: stun.Message, key: bytes) -> None:
    read = peer.parse_message(message.encode(key, fingerprint=True))
    envelope = {"MESSAGE-INTEGRITY", "FINGERPRINT"}

    assert read.check_message_integrity(key)
    assert not read.check_message_integrity(key + b"x")
    assert (read.message_method, read.message_class) == (message.method, message.message_class)
    assert read.transaction_id == message.transaction_id
    assert {name: value for name, value in read.attributes.items() if name not in envelope} == {
        attribute.name: theirs(attribute.value) for attribute in message.attributes
    }


@given(shared_messages(), stun_keys())
def test_we_read_and_verify_what_aioice_writes(message: stun.Message, key: bytes) -> None:
    built = their_message(message)
    built.add_message_integrity(key)
    read = stun.decode(bytes(built))

    assert read == message
    assert read.integrity is stun.Integrity.SHA1
    assert read.verify(key)
    assert not read.verify(key + b"x")
    assert read.verify_fingerprint()


@given(common_addresses, transaction_ids, stun_keys())
def test_success_response_is_that_of_aioice(address: stun.Address, transaction_id: bytes, key: bytes) -> None:
    request = stun.Message(stun.Method.BINDING, stun.MessageClass.REQUEST, transaction_id)
    response = request.success(stun.XOR_MAPPED_ADDRESS(address)).encode(key, fingerprint=True)

    expected = peer.Message(peer.Method.BINDING, peer.Class.RESPONSE, transaction_id)
    expected.attributes["XOR-MAPPED-ADDRESS"] = (address.host, address.port)
    expected.add_message_integrity(key)
    assert response == bytes(expected)

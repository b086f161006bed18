"""Attributes: octets from the figures of the RFCs, limits, lenient readers and strict writers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stun_support import NOMINATION, binding, plain_attribute, transaction_ids

from jinglecodec import stun
from jinglecodec.errors import EncodeError, StunError
from jinglecodec.strategies import addresses
from jinglecodec.strategies.packets import ATTRIBUTES
from jinglecodec.stun import values as codecs

ADDRESS_4 = stun.Address("192.0.2.1", 0x8055)
ADDRESS_6 = stun.Address("2001:db8:1234:5678:11:2233:4455:6677", 0x8055)
ALGORITHMS = (stun.PasswordAlgorithm(2), stun.PasswordAlgorithm(0x1234, b"abcde"), stun.PasswordAlgorithm(1))


@pytest.mark.parametrize(
    ("row", "value", "octets"),
    [
        (stun.MAPPED_ADDRESS, ADDRESS_4, "0001 8055 c0000201"),
        (stun.MAPPED_ADDRESS, ADDRESS_6, "0002 8055 20010db8123456780011223344556677"),
        (stun.USERNAME, "a:ü", "613ac3bc"),
        (stun.ERROR_CODE, stun.ErrorCode(487, "Role"), "0000 04 57 526f6c65"),
        (stun.UNKNOWN_ATTRIBUTES, (0x7FFF, 0x0003), "7fff 0003"),
        (stun.CHANNEL_NUMBER, 0x4001, "4001 0000"),
        (stun.LIFETIME, 600, "00000258"),
        (stun.DATA, b"\0\1", "0001"),
        (stun.REALM, "example.org", "6578616d706c652e6f7267"),
        (stun.NONCE, b"n\xc3\xbcnce", "6ec3bc6e6365"),
        (stun.REQUESTED_ADDRESS_FAMILY, stun.Family.IPV6, "02 000000"),
        (stun.EVEN_PORT, True, "80"),
        (stun.EVEN_PORT, False, "00"),
        (stun.REQUESTED_TRANSPORT, 17, "11 000000"),
        (stun.DONT_FRAGMENT, None, ""),
        (stun.PASSWORD_ALGORITHM, ALGORITHMS[1], "1234 0005 6162636465 000000"),
        (stun.PASSWORD_ALGORITHMS, ALGORITHMS, "0002 0000 1234 0005 6162636465 000000 0001 0000"),
        (stun.USERHASH, bytes(range(32)), bytes(range(32)).hex()),
        (stun.RESERVATION_TOKEN, b"12345678", "3132333435363738"),
        (stun.PRIORITY, 0x6E0001FF, "6e0001ff"),
        (stun.USE_CANDIDATE, None, ""),
        (stun.ADDITIONAL_ADDRESS_FAMILY, stun.Family.IPV6, "02 000000"),
        (stun.ADDRESS_ERROR_CODE, stun.AddressError(stun.Family.IPV6, 440, "no"), "02 00 04 28 6e6f"),
        (stun.ALTERNATE_DOMAIN, "stun.example", "7374756e2e6578616d706c65"),
        (stun.ICMP, stun.Icmp(3, 4, 1400), "0000 03 04 00000578"),
        (stun.SOFTWARE, "tést", "74c3a97374"),
        (stun.ALTERNATE_SERVER, ADDRESS_4, "0001 8055 c0000201"),
        (stun.ICE_CONTROLLED, 0x932FF9B151263B36, "932ff9b151263b36"),
        (stun.ICE_CONTROLLING, 1, "0000000000000001"),
        (stun.RESPONSE_ORIGIN, ADDRESS_4, "0001 8055 c0000201"),
        (stun.OTHER_ADDRESS, ADDRESS_4, "0001 8055 c0000201"),
        (stun.GOOG_NETWORK_INFO, stun.NetworkInfo(1, 10), "0001 000a"),
        (NOMINATION, 3, "00000003"),
    ],
)
def test_value_is_laid_out_as_in_the_figure_of_its_clause(
    row: stun.AttributeType[Any], value: object, octets: str
) -> None:
    attribute = row(value)

    assert attribute.encoded == plain_attribute(row.number, bytes.fromhex(octets))
    assert attribute.octets == bytes.fromhex(octets)
    assert row.read(attribute.encoded) == value


@given(st.sampled_from(list(ATTRIBUTES)).flatmap(lambda row: st.tuples(st.just(row), ATTRIBUTES[row])))
def test_value_written_is_the_value_read(pair: tuple[stun.AttributeType[Any], Any]) -> None:
    """Round trip."""
    row, value = pair
    message = stun.decode(binding(row(value)).encode())

    assert message[row] == value
    assert message.attributes[0].value == value
    assert message.attributes[0].name == row.name


def test_table_holds_every_type_under_its_number_and_name_of_the_registry() -> None:
    """RFC 8489 18.3, RFC 8656 18, RFC 8445 16.1, RFC 5780 7."""
    expected = {
        0x0001: "MAPPED-ADDRESS", 0x0006: "USERNAME", 0x0008: "MESSAGE-INTEGRITY", 0x0009: "ERROR-CODE",
        0x000A: "UNKNOWN-ATTRIBUTES", 0x0014: "REALM", 0x0015: "NONCE", 0x0020: "XOR-MAPPED-ADDRESS",
        0x8022: "SOFTWARE", 0x8023: "ALTERNATE-SERVER", 0x8028: "FINGERPRINT", 0x001C: "MESSAGE-INTEGRITY-SHA256",
        0x001D: "PASSWORD-ALGORITHM", 0x001E: "USERHASH", 0x8002: "PASSWORD-ALGORITHMS", 0x8003: "ALTERNATE-DOMAIN",
        0x000C: "CHANNEL-NUMBER", 0x000D: "LIFETIME", 0x0012: "XOR-PEER-ADDRESS", 0x0013: "DATA",
        0x0016: "XOR-RELAYED-ADDRESS", 0x0017: "REQUESTED-ADDRESS-FAMILY", 0x0018: "EVEN-PORT",
        0x0019: "REQUESTED-TRANSPORT", 0x001A: "DONT-FRAGMENT", 0x0022: "RESERVATION-TOKEN",
        0x8000: "ADDITIONAL-ADDRESS-FAMILY", 0x8001: "ADDRESS-ERROR-CODE", 0x8004: "ICMP",
        0x0024: "PRIORITY", 0x0025: "USE-CANDIDATE", 0x8029: "ICE-CONTROLLED", 0x802A: "ICE-CONTROLLING",
        0x802B: "RESPONSE-ORIGIN", 0x802C: "OTHER-ADDRESS", 0xC057: "GOOG-NETWORK-INFO",
    }  # fmt: skip

    assert {number: row.name for number, row in stun.ATTRIBUTES.items()} == expected
    assert all(number == row.number for number, row in stun.ATTRIBUTES.items())


def test_every_name_of_the_table_is_exported_as_it_is_written() -> None:
    for row in stun.ATTRIBUTES.values():
        assert getattr(stun, row.name.replace("-", "_")) is row


@pytest.mark.parametrize("row", [stun.MESSAGE_INTEGRITY, stun.MESSAGE_INTEGRITY_SHA256, stun.FINGERPRINT])
def test_envelope_is_not_written_as_an_attribute(row: stun.AttributeType[bytes]) -> None:
    with pytest.raises(EncodeError, match=r"Message.encode computes and appends"):
        row(bytes(20))


# --- addresses ---------------------------------------------------------------------------------------------------

XORED = (stun.XOR_MAPPED_ADDRESS, stun.XOR_PEER_ADDRESS, stun.XOR_RELAYED_ADDRESS)


@given(addresses(), transaction_ids, st.sampled_from(XORED))
def test_masked_address_is_the_plain_one_xored_octet_by_octet(
    address: stun.Address, transaction_id: bytes, row: stun.AttributeType[stun.Address]
) -> None:
    """RFC 8489 14.2: port with the cookie's first half, address with cookie and transaction id."""
    plain = stun.MAPPED_ADDRESS(address).octets
    mask = bytes(2) + bytes.fromhex("2112") + bytes.fromhex("2112a442") + transaction_id
    masked = bytes(octet ^ mask[position] for position, octet in enumerate(plain))
    packet = binding(row(address), transaction_id=transaction_id).encode()

    assert packet[20:] == plain_attribute(row.number, masked)
    assert stun.decode(packet)[row] == address


def test_address_of_a_family_unknown_or_of_another_length_is_malformed() -> None:
    for octets in (b"", b"\0\1", b"\0\3\0\1abcd", b"\0\2\0\1abcd", b"\0\1\0\1" + bytes(16), b"\0\1\0\1abcde", bytes(8)):
        for row in (stun.MAPPED_ADDRESS, stun.XOR_MAPPED_ADDRESS):
            message = stun.decode(binding(stun.Attribute.unknown(row.number, octets)).encode())
            with pytest.raises(StunError, match=f"^{row.name}: neither family 1"):
                message.get(row)


def test_first_octet_of_an_address_is_ignored() -> None:
    """RFC 8489 14.1: "MUST be set to 0 and MUST be ignored by receivers"."""
    assert stun.MAPPED_ADDRESS.read(plain_attribute(1, b"\xff\1\0\1\x7f\0\0\1")) == stun.Address("127.0.0.1", 1)


@pytest.mark.parametrize(
    "address",
    [
        stun.Address("name.example", 1),
        stun.Address("127.1", 1),
        stun.Address("fe80::1%eth0", 1),
        stun.Address("192.0.2.1", 65536),
        stun.Address("192.0.2.1", -1),
    ],
)
def test_only_ip_addresses_and_ports_are_written(address: stun.Address) -> None:
    with pytest.raises(EncodeError, match=r"^XOR-MAPPED-ADDRESS: .*\(RFC 8489 14.2\)"):
        stun.XOR_MAPPED_ADDRESS(address)


# --- text --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "longest", "too_long"),
    [
        (stun.USERNAME, "u" * 508, "u" * 509),
        (stun.USERNAME, "ü" * 254, "ü" * 255),
        (stun.REALM, "\U0001f600" * 127, "r" * 128),
        (stun.SOFTWARE, "\U0001f600" * 127, "s" * 128),
        (stun.NONCE, b"n" * 127, b"n" * 128),
        (stun.NONCE, "\U0001f600".encode() * 127, "\U0001f600".encode() * 128),
        (stun.ERROR_CODE, stun.ErrorCode(400, "\U0001f600" * 127), stun.ErrorCode(400, "e" * 128)),
        (stun.ALTERNATE_DOMAIN, "d" * 255, "d" * 256),
    ],
)
def test_text_is_written_up_to_the_limit_of_its_clause(
    row: stun.AttributeType[Any], longest: object, too_long: object
) -> None:
    assert row.read(row(longest).encoded) == longest
    with pytest.raises(EncodeError, match=f"^{row.name}: "):
        row(too_long)


def test_longer_text_of_rfc_5389_is_read() -> None:
    """RFC 8489 14.3: "MUST be able to parse a UTF-8-encoded sequence of 763 or fewer octets"."""
    for row in (stun.USERNAME, stun.REALM, stun.SOFTWARE):
        assert row.read(plain_attribute(row.number, b"t" * 763)) == "t" * 763
    assert stun.ERROR_CODE.read(plain_attribute(9, b"\0\0\4\0" + b"t" * 763)).reason == "t" * 763


def test_trailing_nuls_are_removed_from_text_as_coturn_sends_it() -> None:
    assert stun.ERROR_CODE.read(plain_attribute(9, b"\0\0\4\1Unauthorized\0")).reason == "Unauthorized"
    assert stun.SOFTWARE.read(plain_attribute(0x8022, b"Coturn\0\0")) == "Coturn"
    assert stun.REALM.read(plain_attribute(0x0014, b"example.org\0")) == "example.org"


def test_text_that_is_compared_has_to_be_utf8_and_text_for_people_has_not() -> None:
    with pytest.raises(StunError, match="USERNAME: the text is not UTF-8"):
        stun.USERNAME.read(plain_attribute(6, b"\xff"))
    assert stun.SOFTWARE.read(plain_attribute(0x8022, b"\xffx")) == "\ufffdx"
    assert stun.ERROR_CODE.read(plain_attribute(9, b"\0\0\4\1\xff")) == stun.ErrorCode(401, "\ufffd")


@pytest.mark.parametrize("text", ["tab\there", "soft\u00adhyphen", "no-break\u00a0space", "A\u030a", "\ud800", "\x7f"])
def test_user_name_that_opaque_string_would_change_or_refuse_is_not_written(text: str) -> None:
    """RFC 8489 14.3: it "MUST have been processed using the OpaqueString profile"."""
    for row in (stun.USERNAME, stun.REALM):
        with pytest.raises(EncodeError, match=f"^{row.name}: "):
            row(text)


def test_lone_surrogate_is_not_written() -> None:
    with pytest.raises(EncodeError, match="SOFTWARE: a lone surrogate"):
        stun.SOFTWARE("\ud800")


@pytest.mark.parametrize("name", ["", "a b", "ümlaut.example", "a\n.example"])
def test_alternate_domain_is_a_dns_name(name: str) -> None:
    with pytest.raises(EncodeError, match="ALTERNATE-DOMAIN: not a DNS name"):
        stun.ALTERNATE_DOMAIN(name)


# --- numbers and structures --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "value"),
    [
        (stun.PRIORITY, -1),
        (stun.PRIORITY, 2**32),
        (stun.ICE_CONTROLLED, 2**64),
        (stun.LIFETIME, 2**32),
        (stun.CHANNEL_NUMBER, 0x3FFF),
        (stun.CHANNEL_NUMBER, 0x5000),
        (stun.REQUESTED_TRANSPORT, 256),
        (stun.ERROR_CODE, stun.ErrorCode(299)),
        (stun.ERROR_CODE, stun.ErrorCode(700)),
        (stun.ADDRESS_ERROR_CODE, stun.AddressError(stun.Family.IPV4, 700)),
        (stun.USERHASH, bytes(31)),
        (stun.RESERVATION_TOKEN, bytes(9)),
        (stun.UNKNOWN_ATTRIBUTES, (0x10000,)),
        (stun.PASSWORD_ALGORITHM, stun.PasswordAlgorithm(0x10000)),
        (stun.PASSWORD_ALGORITHM, stun.PasswordAlgorithm(1, bytes(0x10000))),
        (stun.ICMP, stun.Icmp(256, 0)),
        (stun.ICMP, stun.Icmp(0, 0, 2**32)),
        (stun.GOOG_NETWORK_INFO, stun.NetworkInfo(0x10000, 0)),
        (stun.DATA, bytes(0x10000)),
    ],
)
def test_value_out_of_range_is_not_written_and_the_error_names_the_attribute(
    row: stun.AttributeType[Any], value: object
) -> None:
    with pytest.raises(EncodeError) as caught:
        row(value)
    assert str(caught.value).startswith(f"{row.name}: ")
    assert str(caught.value).endswith(f"({row.clause})")


@pytest.mark.parametrize(
    ("row", "octets"),
    [
        (stun.PRIORITY, b""),
        (stun.PRIORITY, bytes(3)),
        (stun.PRIORITY, bytes(5)),
        (stun.PRIORITY, bytes(260)),
        (stun.ICE_CONTROLLING, bytes(4)),
        (stun.CHANNEL_NUMBER, bytes(2)),
        (stun.REQUESTED_TRANSPORT, bytes(1)),
        (stun.EVEN_PORT, b""),
        (stun.USERHASH, bytes(33)),
        (stun.ERROR_CODE, b"\0\0\4"),
        (stun.ERROR_CODE, b"\0\0\2\0"),
        (stun.ERROR_CODE, b"\0\0\7\0"),
        (stun.ERROR_CODE, b"\0\0\4\x64"),
        (stun.REQUESTED_ADDRESS_FAMILY, b"\3\0\0\0"),
        (stun.ADDRESS_ERROR_CODE, b"\0\0\4\x28"),
        (stun.UNKNOWN_ATTRIBUTES, b"123"),
        (stun.PASSWORD_ALGORITHM, b""),
        (stun.PASSWORD_ALGORITHM, b"\0\1\0\0\0\2\0\0"),
        (stun.PASSWORD_ALGORITHM, b"\0\1\0"),
        (stun.PASSWORD_ALGORITHMS, b"\0\1\0\5abcd"),
        (stun.ALTERNATE_DOMAIN, "ü".encode()),
        (stun.ICMP, bytes(4)),
        (stun.GOOG_NETWORK_INFO, bytes(8)),
    ],
)
def test_malformed_octets_are_an_error_with_name_and_clause(row: stun.AttributeType[Any], octets: bytes) -> None:
    with pytest.raises(StunError) as caught:
        row.read(plain_attribute(row.number, octets))
    assert str(caught.value).startswith(f"{row.name}: ")
    assert str(caught.value).endswith(f"({row.clause})")


def test_reserved_bits_are_ignored() -> None:
    assert stun.CHANNEL_NUMBER.read(plain_attribute(0x000C, b"\x40\1\xff\xff")) == 0x4001
    assert stun.REQUESTED_TRANSPORT.read(plain_attribute(0x0019, b"\x11\1\2\3")) == 17
    assert stun.REQUESTED_ADDRESS_FAMILY.read(plain_attribute(0x0017, b"\2\1\2\3")) is stun.Family.IPV6
    assert stun.EVEN_PORT.read(plain_attribute(0x0018, b"\xff")) is True
    assert stun.EVEN_PORT.read(plain_attribute(0x0018, b"\x7f")) is False
    assert stun.ERROR_CODE.read(plain_attribute(9, b"\xff\xff\xfc\x01")).code == 401
    assert stun.DONT_FRAGMENT.read(plain_attribute(0x001A, b"x")) is None


def test_list_of_algorithms_may_lack_the_last_padding() -> None:
    assert stun.PASSWORD_ALGORITHMS.read(plain_attribute(0x8002, b"\0\2\0\0\0\7\0\1x")) == (
        stun.PasswordAlgorithm(2),
        stun.PasswordAlgorithm(7, b"x"),
    )


def test_attribute_of_any_type_is_made_from_octets() -> None:
    assert stun.Attribute.unknown(0xC001, b"abc").encoded == plain_attribute(0xC001, b"abc")
    assert stun.Attribute.unknown(0x0024, b"\0\0\0\1") == stun.PRIORITY(1)
    for number in (-1, 0x10000):
        with pytest.raises(EncodeError, match="type"):
            stun.Attribute.unknown(number, b"")
    for number in (0x0008, 0x001C, 0x8028):
        with pytest.raises(EncodeError, match=r"Message\.encode"):
            stun.Attribute.unknown(number, b"")


def test_type_of_ones_own_needs_no_registration() -> None:
    message = stun.decode(binding(NOMINATION(5)).encode())

    assert message[NOMINATION] == 5
    assert message.attributes[0].value == b"\0\0\0\5"
    assert repr(NOMINATION) == "<NOMINATION 0xC001>"
    assert codecs.token(2).read(plain_attribute(0xC002, b"ab")) == b"ab"

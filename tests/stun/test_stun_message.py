"""Messages: header, order and duplicates, the envelope, responses, copies."""

from __future__ import annotations

import hmac
import zlib

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stun_support import (
    binding,
    copies,
    plain_attribute,
    plain_message,
    plain_sealed,
    transaction_ids,
)

from jinglecodec import stun
from jinglecodec.errors import EncodeError, StunError
from jinglecodec.strategies import addresses, stun_keys, stun_messages

ID = bytes(range(12))
KEY = b"a password of short term"
PRIORITY_7 = plain_attribute(0x0024, b"\0\0\0\7")
PRIORITY_8 = plain_attribute(0x0024, b"\0\0\0\x08")


# --- header ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "message_class", "expected"),
    [
        (0x001, stun.MessageClass.REQUEST, 0x0001),  # RFC 8489 5: "encoded into the first 16 bits as 0x0001"
        (0x001, stun.MessageClass.SUCCESS, 0x0101),
        (0x001, stun.MessageClass.INDICATION, 0x0011),
        (0x001, stun.MessageClass.ERROR, 0x0111),
        (0x006, stun.MessageClass.INDICATION, 0x0016),
        (0x009, stun.MessageClass.ERROR, 0x0119),
        (0xFFF, stun.MessageClass.REQUEST, 0x3EEF),
        (0xFFF, stun.MessageClass.ERROR, 0x3FFF),
        (0x010, stun.MessageClass.REQUEST, 0x0020),
        (0x080, stun.MessageClass.REQUEST, 0x0200),
    ],
)
def test_class_bits_stand_between_those_of_the_method(
    method: int, message_class: stun.MessageClass, expected: int
) -> None:
    message = stun.Message(method, message_class, ID)

    assert message.encode() == plain_message(expected, ID, b"")
    assert stun.decode(message.encode()) == message


def test_known_methods_are_read_as_methods_and_others_as_numbers() -> None:
    assert stun.decode(plain_message(0x0113, ID, b"")).method is stun.Method.ALLOCATE
    assert stun.decode(plain_message(0x0113, ID, b"")).message_class is stun.MessageClass.ERROR
    assert stun.decode(plain_message(0x1555, ID, b"")).method == 0x525


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "0 octets are too few"),
        (plain_message(0x0001, ID, b"")[:19], "19 octets are too few"),
        (plain_message(0x4001, ID, b""), "the first two bits are not zero"),
        (plain_message(0x8001, ID, b""), "the first two bits are not zero"),
        (plain_message(0x0001, ID, b"\0\0"), "message length 2 is not a multiple of 4"),
        (plain_message(0x0001, ID, b"", extra=4), "message length 4, but 0 octets follow"),
        (plain_message(0x0001, ID, PRIORITY_7) + b"\0\0\0\0", "message length 8, but 12 octets follow"),
        (plain_message(0x0001, ID, b"\0\x24\0\5\0\0\0\0"), "attribute 0x0024 at octet 20 passes the end"),
        (plain_message(0x0001, ID, PRIORITY_7 + b"\0\x24\xff\xff"), "attribute 0x0024 at octet 28 passes the end"),
    ],
)
def test_what_breaks_the_header_or_the_attributes_is_refused_with_its_rule(data: bytes, problem: str) -> None:
    with pytest.raises(StunError, match=problem + r".*\(RFC 8489 (5|14)\)"):
        stun.decode(data)


def test_peer_of_rfc_3489_is_recognised_by_its_missing_cookie() -> None:
    data = plain_message(0x0001, ID, b"").replace(b"\x21\x12\xa4\x42", b"\x21\x12\xa4\x43")

    with pytest.raises(StunError, match="no magic cookie: a peer of RFC 3489"):
        stun.decode(data)


def test_transaction_id_has_twelve_octets_and_the_method_twelve_bits() -> None:
    with pytest.raises(EncodeError, match="12 octets, not 11"):
        stun.Message(stun.Method.BINDING, stun.MessageClass.REQUEST, bytes(11))
    with pytest.raises(EncodeError, match="method 4096"):
        stun.Message(0x1000, stun.MessageClass.REQUEST, ID)
    with pytest.raises(EncodeError, match="method -1"):
        stun.Message(-1, stun.MessageClass.REQUEST, ID)


def test_requests_and_indications_are_messages_of_their_class() -> None:
    attributes = (stun.PRIORITY(7), stun.USE_CANDIDATE())

    request = stun.Message(stun.Method.BINDING, stun.MessageClass.REQUEST, ID, attributes)
    assert stun.Message.request(stun.Method.BINDING, ID, *attributes) == request
    indication = stun.Message(stun.Method.BINDING, stun.MessageClass.INDICATION, ID, attributes)
    assert stun.Message.indication(stun.Method.BINDING, ID, *attributes) == indication
    for make in (stun.Message.request, stun.Message.indication):
        with pytest.raises(EncodeError, match="12 octets, not 16"):
            make(stun.Method.BINDING, bytes(16))
        with pytest.raises(EncodeError, match="method 4096"):
            make(0x1000, ID)


@given(stun_messages(), transaction_ids)
def test_renewed_message_differs_in_its_transaction_id_alone(message: stun.Message, transaction_id: bytes) -> None:
    """What is masked with the transaction id is masked anew."""
    renewed = message.renewed(transaction_id)

    assert renewed == attrs.evolve(message, transaction_id=transaction_id)
    assert stun.decode(renewed.encode()) == renewed
    with pytest.raises(EncodeError, match="12 octets, not 13"):
        message.renewed(bytes(13))


def test_message_renewed_after_its_reception_counts_as_built() -> None:
    received = stun.decode(binding().encode(KEY, fingerprint=True))

    assert received.verify(KEY)
    assert not received.renewed(ID).verify(KEY)
    assert not received.renewed(ID).verify_fingerprint()
    assert not attrs.evolve(received, attributes=(stun.PRIORITY(1),)).verify(KEY)


def test_more_attributes_than_a_message_holds_are_refused_by_the_writer() -> None:
    with pytest.raises(EncodeError, match="65548 octets of attributes do not fit"):
        binding(stun.DATA(bytes(0xFFFF)), stun.PRIORITY(1)).encode()


# --- attributes --------------------------------------------------------------------------------------------------


def test_of_two_attributes_of_one_type_the_first_counts() -> None:
    message = stun.decode(plain_message(0x0001, ID, PRIORITY_7 + PRIORITY_8))

    assert message.get(stun.PRIORITY) == 7
    assert message[stun.PRIORITY] == 7
    assert message.get_all(stun.PRIORITY) == (7, 8)


def test_missing_attribute_is_none_or_an_error_with_name_and_clause() -> None:
    message = binding(stun.USE_CANDIDATE())

    assert message.get(stun.PRIORITY) is None
    assert message.get_all(stun.PRIORITY) == ()
    assert stun.PRIORITY not in message
    assert stun.USE_CANDIDATE in message
    with pytest.raises(StunError, match=r"PRIORITY is missing \(RFC 8445 16.1\)"):
        _ = message[stun.PRIORITY]


def test_malformed_value_is_an_error_only_for_who_asks() -> None:
    message = stun.decode(plain_message(0x0001, ID, plain_attribute(0x0024, b"\0\0\7") + plain_attribute(0x0025, b"")))

    assert stun.USE_CANDIDATE in message
    with pytest.raises(StunError, match=r"PRIORITY: 3 octets instead of 4 \(RFC 8445 16.1\)"):
        message.get(stun.PRIORITY)


def test_unknown_attributes_are_kept_as_type_and_octets() -> None:
    message = stun.decode(plain_message(0x0001, ID, plain_attribute(0xC001, b"12345")))

    assert message.attributes == (stun.Attribute.unknown(0xC001, b"12345"),)
    assert message.attributes[0].name == "0xC001"
    assert message.attributes[0].value == message.attributes[0].octets == b"12345"


def test_unknown_attributes_that_must_be_understood_are_listed_once_each() -> None:
    unknown = [plain_attribute(number, b"") for number in (0x7FFF, 0x8000, 0x0003, 0xFFFF, 0x7FFF)]
    message = stun.decode(plain_message(0x0001, ID, PRIORITY_7 + b"".join(unknown)))

    assert message.unknown_required() == (0x7FFF, 0x0003)
    assert message.unknown_required(known={0x7FFF}) == (0x0024, 0x0003)
    assert binding(stun.PRIORITY(1)).unknown_required() == ()


def test_request_with_unknown_attributes_is_answered_420_with_their_list() -> None:
    request = stun.decode(plain_message(0x0001, ID, plain_attribute(0x7FFF, b"") + plain_attribute(0x0003, b"")))

    expected = plain_attribute(0x0009, b"\0\0\x04\x14Unknown Attribute")
    expected += plain_attribute(0x000A, b"\x7f\xff\x00\x03")
    assert request.unknown_attributes().encode() == plain_message(0x0111, ID, expected)


# --- the envelope ------------------------------------------------------------------------------------------------


@given(
    stun_messages(), stun_keys(), st.sampled_from((16, 20, 24, 28, 32)), st.booleans(), st.sampled_from(stun.Integrity)
)
def test_envelope_is_what_hmac_and_zlib_make_of_the_specification(
    message: stun.Message, key: bytes, size: int, fingerprint: bool, integrity: stun.Integrity
) -> None:
    """Two ways, one answer: RFC 8489 14.5 to 14.7 with library calls alone."""
    plain = message.encode()
    expected = plain_sealed(
        int.from_bytes(plain[:2]),
        message.transaction_id,
        plain[20:],
        key,
        sha1=integrity is not stun.Integrity.SHA256,
        sha256=0 if integrity is stun.Integrity.SHA1 else size,
        fingerprint=fingerprint,
    )

    assert message.encode(key, integrity=integrity, fingerprint=fingerprint, sha256_size=size) == expected
    assert message.encode(fingerprint=True) == plain_sealed(
        int.from_bytes(plain[:2]), message.transaction_id, plain[20:], b"", sha1=False
    )


@given(stun_messages(), stun_keys(), st.sampled_from(stun.Integrity), st.booleans())
def test_decoding_gives_back_the_message_and_its_envelope(
    message: stun.Message, key: bytes, integrity: stun.Integrity, fingerprint: bool
) -> None:
    """Round trip."""
    received = stun.decode(message.encode(key, integrity=integrity, fingerprint=fingerprint))

    assert received == message
    assert hash(received) == hash(message)
    assert received.integrity is integrity
    assert received.verify(key)
    assert not received.verify(key + b"x")
    assert received.verify_fingerprint() is fingerprint


@given(stun_messages(), stun_messages())
def test_equal_messages_are_written_alike(first: stun.Message, second: stun.Message) -> None:
    """Equality is that of the octets."""
    again = stun.decode(first.encode())

    assert again == first
    assert again.encode(KEY, fingerprint=True) == first.encode(KEY, fingerprint=True)
    assert (first == second) is (first.encode() == second.encode())


@given(stun_messages(), stun_keys(), st.sampled_from(stun.Integrity), st.data())
def test_message_with_one_bit_changed_never_verifies(
    message: stun.Message, key: bytes, integrity: stun.Integrity, data: st.DataObject
) -> None:
    packet = bytearray(message.encode(key, integrity=integrity))
    # With both, the SHA-256 attribute is last and covers all; its own last octets are the last of the packet.
    bit = data.draw(st.integers(0, len(packet) * 8 - 1))
    packet[bit >> 3] ^= 1 << (bit & 7)
    try:
        received = stun.decode(bytes(packet))
    except StunError:
        return

    # The exception: the header of MESSAGE-INTEGRITY-SHA256 was hit, and what is left is MESSAGE-INTEGRITY's alone.
    stripped = integrity is stun.Integrity.BOTH and received.integrity is stun.Integrity.SHA1
    assert not received.verify(key) or stripped


def test_message_never_received_or_without_integrity_does_not_verify() -> None:
    message = binding(stun.PRIORITY(1))

    assert not message.verify(KEY)
    assert not message.verify_fingerprint()
    assert message.integrity is None
    assert not stun.decode(message.encode()).verify(KEY)
    assert not stun.decode(message.encode()).verify(b"")
    assert stun.decode(message.encode()).integrity is None


@pytest.mark.parametrize("size", [0, 16, 19, 21, 24])
def test_message_integrity_of_another_size_never_verifies(size: int) -> None:
    mac = plain_sealed(0x0001, ID, b"", KEY, fingerprint=False)[24:44]
    data = plain_message(0x0001, ID, plain_attribute(0x0008, (mac + bytes(4))[:size]))

    assert stun.decode(data).integrity is stun.Integrity.SHA1
    assert not stun.decode(data).verify(KEY)


@pytest.mark.parametrize("size", [16, 20, 24, 28, 32])
def test_truncated_sha256_is_taken_only_where_the_usage_allows_it(size: int) -> None:
    """RFC 8489 14.6: "at least 16 bytes and MUST be a multiple of 4 bytes", and "must be the full 32 bytes unless"."""
    received = stun.decode(plain_sealed(0x0001, ID, PRIORITY_7, KEY, sha1=False, sha256=size))

    assert received.verify(KEY) is (size == 32)
    assert received.verify(KEY, sha256_size=size)
    assert received.verify(KEY, sha256_size=16)
    assert received.verify(KEY, sha256_size=20) is (size >= 20)


@pytest.mark.parametrize("size", [1, 4, 12, 15, 17, 18, 30, 31])
def test_sha256_of_a_forbidden_size_is_neither_taken_nor_written(size: int) -> None:
    received = stun.decode(plain_sealed(0x0001, ID, PRIORITY_7, KEY, sha1=False, sha256=size))

    assert received.integrity is stun.Integrity.SHA256
    assert not received.verify(KEY, sha256_size=0)
    with pytest.raises(EncodeError, match=f"16, 20, 24, 28 or 32 octets, not {size}"):
        binding().encode(KEY, integrity=stun.Integrity.SHA256, sha256_size=size)


@pytest.mark.parametrize("size", [0, 36])
def test_sha256_without_octets_or_with_more_than_the_hash_has_is_not_taken(size: int) -> None:
    mac = hmac.digest(KEY, plain_message(0x0001, ID, b"", extra=4 + size), "sha256")
    received = stun.decode(plain_message(0x0001, ID, plain_attribute(0x001C, (mac + bytes(4))[:size])))

    assert received.integrity is stun.Integrity.SHA256
    assert not received.verify(KEY, sha256_size=0)


def test_where_both_are_present_sha256_alone_decides() -> None:
    """RFC 8489 9.1.3: MESSAGE-INTEGRITY counts only where MESSAGE-INTEGRITY-SHA256 is not present."""
    good = plain_sealed(0x0001, ID, PRIORITY_7, KEY, sha256=32, fingerprint=False)
    sha1_wrong = good.replace(good[32:52], bytes(20))
    sha256_wrong = good[:-1] + bytes((good[-1] ^ 1,))

    assert stun.decode(good).integrity is stun.Integrity.BOTH
    assert stun.decode(good).verify(KEY)
    assert not stun.decode(sha256_wrong).verify(KEY)
    assert not stun.decode(sha1_wrong).verify(KEY), "it is covered by the other"


def test_attributes_behind_message_integrity_are_ignored_but_for_sha256_and_fingerprint() -> None:
    """RFC 8489 9: "agents MUST ignore all attributes that follow MESSAGE-INTEGRITY, with the exception of"."""
    sealed = plain_sealed(0x0001, ID, PRIORITY_7, KEY, fingerprint=False)[20:]
    late = plain_attribute(0x0025, b"") + plain_attribute(0x7FFF, b"") + plain_attribute(0x0008, bytes(20))
    data = plain_sealed(0x0001, ID, sealed + late, KEY, sha1=False)
    received = stun.decode(data)

    assert received == binding(stun.PRIORITY(7))
    assert received.unknown_required() == ()
    assert received.verify(KEY)
    assert received.verify_fingerprint()


def test_attributes_behind_sha256_alone_are_ignored_even_message_integrity() -> None:
    sealed = plain_sealed(0x0001, ID, PRIORITY_7, KEY, sha1=False, sha256=32, fingerprint=False)[20:]
    data = plain_sealed(0x0001, ID, sealed + PRIORITY_8, KEY)
    received = stun.decode(data)

    assert received.get_all(stun.PRIORITY) == (7,)
    assert received.integrity is stun.Integrity.SHA256
    assert received.verify(KEY)


def test_fingerprint_that_is_not_last_or_not_there_or_wrong_does_not_verify() -> None:
    """RFC 8489 14.7: "When present, the FINGERPRINT attribute MUST be the last attribute in the message"."""
    good = plain_sealed(0x0001, ID, PRIORITY_7, KEY)
    not_last = plain_message(0x0001, ID, good[20:] + PRIORITY_8)
    of_two = plain_message(0x0001, ID, good[20:] + good[-8:])
    short = plain_message(0x0001, ID, PRIORITY_7 + plain_attribute(0x8028, b"123"))
    wrong = good[:-1] + bytes((good[-1] ^ 1,))

    assert stun.decode(good).verify_fingerprint()
    for data in (not_last, of_two, short, wrong, plain_message(0x0001, ID, PRIORITY_7)):
        assert not stun.decode(data).verify_fingerprint()


def test_fingerprint_right_but_for_its_place_does_not_verify() -> None:
    crc = zlib.crc32(plain_message(0x0001, ID, PRIORITY_7, extra=16)) ^ 0x5354554E
    right = plain_attribute(0x8028, crc.to_bytes(4))
    second = plain_sealed(0x0001, ID, PRIORITY_7 + right, KEY, sha1=False)

    assert not stun.decode(plain_message(0x0001, ID, PRIORITY_7 + right + PRIORITY_8)).verify_fingerprint()
    assert not stun.decode(second).verify_fingerprint(), "of two the first counts, and is not last"


@pytest.mark.parametrize(("number", "size"), [(0x0008, 20), (0x001C, 32)])
def test_of_two_integrity_attributes_of_one_kind_the_first_counts(number: int, size: int) -> None:
    good = plain_sealed(0x0001, ID, PRIORITY_7, KEY, sha1=size == 20, sha256=size & 32, fingerprint=False)[20:]
    wrong = plain_attribute(number, bytes(size))

    assert stun.decode(plain_message(0x0001, ID, good + wrong)).verify(KEY)
    again = plain_sealed(0x0001, ID, PRIORITY_7 + wrong, KEY, sha1=size == 20, sha256=size & 32, fingerprint=False)
    assert not stun.decode(again).verify(KEY)


def test_response_carries_the_stronger_of_what_the_request_offered() -> None:
    """RFC 8489 9.1.3: "only one of these attributes can appear in a response"."""
    assert stun.Integrity.SHA1.answer is stun.Integrity.SHA1
    assert stun.Integrity.SHA256.answer is stun.Integrity.SHA256
    assert stun.Integrity.BOTH.answer is stun.Integrity.SHA256


@pytest.mark.parametrize("size", [0, 1, 16, 32, 63, 64, 65, 128, 763])
def test_key_of_any_length_is_used_as_hmac_says(size: int) -> None:
    """Keys beyond the block size of 64 octets are hashed first (RFC 2104)."""
    key = bytes(octet & 0xFF for octet in range(size))
    message = binding(stun.PRIORITY(7))

    expected = plain_sealed(0x0001, ID, PRIORITY_7, key, sha256=32)
    assert message.encode(key, integrity=stun.Integrity.BOTH, fingerprint=True) == expected


# --- responses ---------------------------------------------------------------------------------------------------


@given(addresses(), transaction_ids)
def test_success_response_reports_the_source_of_the_request(address: stun.Address, transaction_id: bytes) -> None:
    request = binding(transaction_id=transaction_id)
    response = request.success(stun.XOR_MAPPED_ADDRESS(address))

    assert response.message_class is stun.MessageClass.SUCCESS
    assert (response.method, response.transaction_id) == (request.method, request.transaction_id)
    assert stun.decode(response.encode(KEY))[stun.XOR_MAPPED_ADDRESS] == address


@pytest.mark.parametrize(
    ("code", "octets", "reason"),
    [
        (400, b"\0\0\4\0", "Bad Request"),
        (401, b"\0\0\4\1", "Unauthenticated"),
        (403, b"\0\0\4\3", "Forbidden"),
        (438, b"\0\0\4\x26", "Stale Nonce"),
        (487, b"\0\0\4\x57", "Role Conflict"),
        (500, b"\0\0\5\0", "Server Error"),
        (508, b"\0\0\5\x08", "Insufficient Capacity"),
        (699, b"\0\0\6\x63", ""),
    ],
)
def test_error_response_says_code_and_recommended_phrase(code: int, octets: bytes, reason: str) -> None:
    response = binding().error(code)

    assert response.encode() == plain_message(0x0111, ID, plain_attribute(0x0009, octets + reason.encode()))
    assert stun.decode(response.encode())[stun.ERROR_CODE] == stun.ErrorCode(code, reason)


def test_error_response_takes_another_phrase_and_more_attributes() -> None:
    response = binding().error(401, stun.REALM("example.org"), reason="Who are you?")

    assert response[stun.ERROR_CODE].reason == "Who are you?"
    assert response[stun.REALM] == "example.org"


# --- values ------------------------------------------------------------------------------------------------------


@given(stun_messages(), st.booleans())
def test_messages_pickle_and_copy(message: stun.Message, received: bool) -> None:
    value = stun.decode(message.encode(KEY, fingerprint=True)) if received else message
    assert value.verify(KEY) is received

    for same in copies(value):
        assert same == value
        assert same.received == value.received
        assert same.verify(KEY) is received
        assert same.encode(KEY) == value.encode(KEY)


def test_messages_are_frozen_whether_built_or_received() -> None:
    for message in (binding(), stun.decode(binding().encode())):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            message.method = stun.Method.ALLOCATE  # type: ignore[misc]


def test_message_shows_names_and_values_and_survives_malformed_ones() -> None:
    body = PRIORITY_7 + plain_attribute(0x0025, b"") + plain_attribute(0x0020, b"123") + plain_attribute(0xC001, b"4")
    text = repr(stun.decode(plain_message(0x0001, ID, body)))

    assert "PRIORITY(7), USE-CANDIDATE(), Attribute(XOR-MAPPED-ADDRESS, b'123'), Attribute(0xC001, b'4')" in text

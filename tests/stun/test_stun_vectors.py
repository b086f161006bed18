"""The test vectors of RFC 5769 and RFC 8489 B.1, and every packet of the corpus."""

from __future__ import annotations

import pytest
from stun_support import (
    MATRIX,
    RFC5769_LONG_TERM,
    RFC5769_PASSWORD,
    RFC5769_REQUEST,
    RFC5769_RESPONSE_IPV4,
    RFC5769_RESPONSE_IPV6,
    RFC8489_B1,
    RFC8489_B1_AS_PRINTED,
    Row,
    corpus,
    md5,
)

from jinglecodec import stun
from jinglecodec.errors import StunError
from jinglecodec.stun.credentials import (
    MD5,
    SHA_256,
    SecurityFeatures,
    long_term_key,
    security_features,
    short_term_key,
    userhash,
)
from jinglecodec.stun.strings import saslprep

KEY = short_term_key(RFC5769_PASSWORD)
RFC5769_ID = bytes.fromhex("b7e7a701bc34d686fa87dfae")
MATRIX_ID = bytes.fromhex("78ad3433c6ad72c029da412e")


def spaced(attribute: stun.Attribute) -> stun.Attribute:
    """Pad with spaces, as the first three vectors do; RFC 8489 writers pad with zeros."""
    padding = len(attribute.encoded) - 4 - len(attribute.octets)
    return attribute._replace(encoded=attribute.encoded[: len(attribute.encoded) - padding] + b" " * padding)


REQUEST = stun.Message(
    stun.Method.BINDING,
    stun.MessageClass.REQUEST,
    RFC5769_ID,
    (
        stun.SOFTWARE("STUN test client"),
        stun.PRIORITY(0x6E0001FF),
        stun.ICE_CONTROLLED(0x932FF9B151263B36),
        spaced(stun.USERNAME("evtj:h6vY")),
    ),
)
RESPONSE_IPV4 = stun.Message(
    stun.Method.BINDING,
    stun.MessageClass.SUCCESS,
    RFC5769_ID,
    (spaced(stun.SOFTWARE("test vector")), stun.XOR_MAPPED_ADDRESS(stun.Address("192.0.2.1", 32853))),
)
RESPONSE_IPV6 = stun.Message(
    stun.Method.BINDING,
    stun.MessageClass.SUCCESS,
    RFC5769_ID,
    (
        spaced(stun.SOFTWARE("test vector")),
        stun.XOR_MAPPED_ADDRESS(stun.Address("2001:db8:1234:5678:11:2233:4455:6677", 32853)),
    ),
)


@pytest.mark.parametrize(
    ("message", "vector"),
    [
        pytest.param(REQUEST, RFC5769_REQUEST, id="RFC 5769 2.1"),
        pytest.param(RESPONSE_IPV4, RFC5769_RESPONSE_IPV4, id="RFC 5769 2.2"),
        pytest.param(RESPONSE_IPV6, RFC5769_RESPONSE_IPV6, id="RFC 5769 2.3"),
    ],
)
def test_short_term_vectors_are_written_and_read_octet_for_octet(message: stun.Message, vector: bytes) -> None:
    received = stun.decode(vector)

    assert message.encode(KEY, fingerprint=True) == vector
    assert received == message
    assert received.verify(KEY)
    assert received.verify_fingerprint()
    assert received.encode(KEY, fingerprint=True) == vector, "padding is kept as received"


def test_integrity_covers_the_padding_as_received() -> None:
    zeros = RFC5769_REQUEST.replace(b"h6vY   ", b"h6vY\0\0\0")

    assert stun.decode(RFC5769_REQUEST).verify(KEY)
    assert not stun.decode(zeros).verify(KEY)


def test_values_of_the_vectors_are_read_as_described() -> None:
    request, ipv4, ipv6 = map(stun.decode, (RFC5769_REQUEST, RFC5769_RESPONSE_IPV4, RFC5769_RESPONSE_IPV6))

    assert (request.method, request.message_class) == (stun.Method.BINDING, stun.MessageClass.REQUEST)
    assert request.transaction_id == RFC5769_ID
    assert request.get(stun.SOFTWARE) == "STUN test client"
    assert request.get(stun.USERNAME) == "evtj:h6vY"
    assert request.get(stun.PRIORITY) == 0x6E0001FF
    assert request.get(stun.ICE_CONTROLLED) == 0x932FF9B151263B36
    assert ipv4.get(stun.XOR_MAPPED_ADDRESS) == stun.Address("192.0.2.1", 32853)
    assert ipv6.get(stun.XOR_MAPPED_ADDRESS) == stun.Address("2001:db8:1234:5678:11:2233:4455:6677", 32853)


def test_long_term_vector_is_written_and_read_octet_for_octet() -> None:
    nonce = b"f//499k954d6OL34oL9FSTvy64sA"
    attributes = (stun.USERNAME(MATRIX), stun.NONCE(nonce), stun.REALM("example.org"))
    message = stun.Message(stun.Method.BINDING, stun.MessageClass.REQUEST, MATRIX_ID, attributes)
    key = long_term_key(MATRIX, "example.org", "The\u00adM\u00aatr\u2168", prepare=saslprep)

    assert key == md5(f"{MATRIX}:example.org:TheMatrIX")
    assert message.encode(key) == RFC5769_LONG_TERM
    assert stun.decode(RFC5769_LONG_TERM) == message
    assert stun.decode(RFC5769_LONG_TERM).verify(key)


def test_sha256_vector_with_erratum_6268_is_written_and_read_octet_for_octet() -> None:
    nonce = b"obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA"
    attributes = (
        stun.USERHASH(userhash(MATRIX, "example.org")),
        stun.NONCE(nonce),
        stun.REALM("example.org"),
        stun.PASSWORD_ALGORITHM(SHA_256),
    )
    message = stun.Message(stun.Method.BINDING, stun.MessageClass.REQUEST, MATRIX_ID, attributes)
    key = long_term_key(MATRIX, "example.org", "TheMatrIX", SHA_256)
    received = stun.decode(RFC8489_B1)

    assert message.encode(key, integrity=stun.Integrity.SHA256) == RFC8489_B1
    assert received == message
    assert received.integrity is stun.Integrity.SHA256
    assert received.verify(key)
    assert not received.verify(long_term_key(MATRIX, "example.org", "TheMatrIX", MD5))
    assert security_features(received[stun.NONCE]) == SecurityFeatures.USERNAME_ANONYMITY


def test_sha256_vector_as_printed_is_refused_for_its_length() -> None:
    with pytest.raises(StunError, match="message length 156, but 136 octets follow"):
        stun.decode(RFC8489_B1_AS_PRINTED)


# --- the corpus --------------------------------------------------------------------------------------------------

needs_corpus = pytest.mark.skipif(not corpus(), reason="no corpus at JINGLECODEC_CORPUS")
each_packet = pytest.mark.parametrize("row", [pytest.param(row, id=row.file) for row in corpus()])


@pytest.mark.corpus
@needs_corpus
@each_packet
def test_packet_is_decoded_verified_or_refused_as_its_manifest_says(row: Row) -> None:
    if row.valid != "valid":
        with pytest.raises(StunError, match="RFC 3489" if row.valid == "valid rfc3489-no-cookie" else None):
            stun.decode(row.data)
        return
    message = stun.decode(row.data)

    assert [attribute.type for attribute in message.attributes] == row.seen_types()
    assert message.verify_fingerprint() is (row.fp == "ok")
    assert (message.integrity is not None) is bool(row.mi or row.mi256)
    assert not message.verify(b"some other key")
    if row.mi == "ok":
        assert message.verify(row.key())
        assert not message.verify(row.key() + b"x")


@pytest.mark.corpus
@needs_corpus
@pytest.mark.parametrize("row", [pytest.param(row, id=row.file) for row in corpus() if row.mi == "ok"])
def test_packet_of_a_known_password_is_written_again_octet_for_octet(row: Row) -> None:
    assert stun.decode(row.data).encode(row.key(), fingerprint=row.fp == "ok") == row.data


@pytest.mark.corpus
@needs_corpus
def test_only_two_values_in_valid_packets_of_the_corpus_are_malformed() -> None:
    malformed = set()
    for row in corpus():
        if row.valid == "valid":
            for attribute in stun.decode(row.data).attributes:
                try:
                    _ = attribute.value
                except StunError as error:
                    malformed.add((row.file, str(error)))

    assert malformed == {
        ("sipsorcery-org__sipsorcery/6.bin", "PRIORITY: 8 octets instead of 4 (RFC 8445 16.1)"),
        (
            "vigsterkr__libjingle/1.bin",
            "MAPPED-ADDRESS: neither family 1 in 8 octets nor family 2 in 20 (RFC 8489 14.1)",
        ),
    }


@pytest.mark.corpus
@needs_corpus
def test_reason_phrases_of_coturn_lose_their_nul() -> None:
    wire = [row.data for row in corpus() if row.valid == "valid" and 0x0009 in row.types]
    phrases = [stun.decode(data)[stun.ERROR_CODE].reason for data in wire]

    assert any(b"Unauthorized\0" in data or b"nonce\0" in data.lower() for data in wire)
    assert not any("\0" in phrase for phrase in phrases)
    assert "Unauthorized" in phrases

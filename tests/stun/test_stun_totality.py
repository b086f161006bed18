"""Any octets give a message or StunError, in bounded time and memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stun_fuzz import check, fuzz
from stun_support import corpus, messages, plain_message

from jinglecodec import stun

ID = bytes(range(12))


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_refused(data: bytes) -> None:
    """Totality."""
    check(data)


@given(st.binary(max_size=200).map(lambda body: body[: len(body) & ~3]), st.integers(0, 0x3FFF))
def test_any_octets_behind_a_sound_header_are_read_or_refused(body: bytes, kind: int) -> None:
    """Totality."""
    check(plain_message(kind, ID, body))


@given(messages, st.data())
def test_any_message_with_octets_replaced_is_read_or_refused(message: stun.Message, data: st.DataObject) -> None:
    """Totality."""
    packet = bytearray(message.encode(b"key", integrity=stun.Integrity.BOTH, fingerprint=True))
    for at in data.draw(st.lists(st.integers(0, len(packet) - 1), max_size=4)):
        packet[at] = data.draw(st.integers(0, 255))
    check(bytes(packet))


def test_mutated_packets_are_read_or_refused_and_both_happens_often() -> None:
    seen = fuzz(iterations=3000, seed=8489)

    assert seen["message"] > 300
    assert sum(seen.values()) - seen["message"] > 300
    assert len(seen) == 7, "each of the six rules refuses something"


@pytest.mark.long
def test_many_mutated_packets_are_read_or_refused() -> None:
    assert fuzz(iterations=1_000_000, seed=5389)["message"] > 100_000


def test_message_full_of_empty_attributes_is_read_whole() -> None:
    count = 0xFFFC // 4
    message = stun.decode(plain_message(0x0001, ID, b"\x7f\xff\0\0" * count))

    assert len(message.attributes) == count
    assert message.unknown_required() == (0x7FFF,)
    assert message.get(stun.PRIORITY) is None


@pytest.mark.corpus
@pytest.mark.skipif(not corpus(), reason="no corpus at JINGLECODEC_CORPUS")
def test_every_prefix_of_a_packet_of_the_corpus_is_read_or_refused() -> None:
    for row in corpus()[::10]:
        for size in range(len(row.data)):
            check(row.data[:size])

"""Any octets give a message or StunError, in bounded time and memory."""

from __future__ import annotations

import re

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from stun_support import corpus, plain_message

from jinglecodec import stun
from jinglecodec.errors import StunError
from jinglecodec.strategies import hostile_datagrams, stun_messages
from jinglecodec.strategies.laws import check_datagram

ID = bytes(range(12))


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_refused(data: bytes) -> None:
    """Totality."""
    check_datagram(data)


@given(st.binary(max_size=200).map(lambda body: body[: len(body) & ~3]), st.integers(0, 0x3FFF))
def test_any_octets_behind_a_sound_header_are_read_or_refused(body: bytes, kind: int) -> None:
    """Totality."""
    check_datagram(plain_message(kind, ID, body))


@given(stun_messages(), st.data())
def test_any_message_with_octets_replaced_is_read_or_refused(message: stun.Message, data: st.DataObject) -> None:
    """Totality."""
    packet = bytearray(message.encode(b"key", integrity=stun.Integrity.BOTH, fingerprint=True))
    for at in data.draw(st.lists(st.integers(0, len(packet) - 1), max_size=4)):
        packet[at] = data.draw(st.integers(0, 255))
    check_datagram(bytes(packet))


@given(hostile_datagrams(seeds=[row.data for row in corpus()]))
def test_damaged_packets_are_read_or_refused(data: bytes) -> None:
    """Totality."""
    check_datagram(data)


@pytest.mark.parametrize(
    "refusal",
    [
        r"octets are too few for a STUN message",
        r"the first two bits are not zero",
        r"no magic cookie",
        r"is not a multiple of 4",
        r"octets follow the header",
        r"passes the end of the message",
    ],
)
def test_damage_is_of_every_kind(refusal: str) -> None:
    """Each rule of the decoder refuses something that is drawn, so that a weak strategy is noticed."""

    def is_refused(data: bytes) -> bool:
        try:
            stun.decode(data)
        except StunError as error:
            return re.search(refusal, str(error)) is not None
        return False

    short = hostile_datagrams().filter(lambda data: len(data) < 1000)  # Hypothesis warns of what is long in print
    found = settings(max_examples=5000, phases=[Phase.generate], database=None, derandomize=True)
    assert is_refused(find(short, is_refused, settings=found))


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
            check_datagram(row.data[:size])

"""ChannelData and the framing of streams."""

from __future__ import annotations

import pickle
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stun_support import binding, copies, plain_message

from jinglecodec import stun
from jinglecodec.errors import EncodeError, StunError
from jinglecodec.strategies import stun_messages
from jinglecodec.stun.turn import ChannelData, Deframer, Framing, decode_channel_data, frame

ID = bytes(range(12))
channel_data = st.builds(ChannelData, st.integers(0x4000, 0x4FFF), st.binary(max_size=70))


# --- ChannelData -------------------------------------------------------------------------------------------------


def test_channel_data_is_number_length_and_data_and_padded_only_on_streams() -> None:
    """RFC 8656 12.5: the padding "is not reflected in the length field"."""
    message = ChannelData(0x4001, b"hello")

    assert message.encode() == b"\x40\x01\x00\x05hello"
    assert message.encode(padded=True) == b"\x40\x01\x00\x05hello\0\0\0"
    assert ChannelData(0x4FFF, b"").encode(padded=True) == b"\x4f\xff\x00\x00"


@given(channel_data, st.booleans())
def test_channel_data_written_is_read_with_or_without_padding(message: ChannelData, padded: bool) -> None:
    """Round trip."""
    assert decode_channel_data(message.encode(padded=padded)) == message


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "0 octets are too few"),
        (b"\x40\x01\x00", "3 octets are too few"),
        (b"\x3f\xff\x00\x00", "channel 0x3FFF"),
        (b"\x50\x00\x00\x00", "channel 0x5000"),
        (b"\x40\x00\x00\x02a", "2 octets announced, 1 received"),
    ],
)
def test_what_is_no_channel_data_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(StunError, match=problem + r".*\(RFC 8656 12"):
        decode_channel_data(data)


@pytest.mark.parametrize(
    "message", [ChannelData(0x3FFF, b""), ChannelData(0x5000, b""), ChannelData(0x4000, bytes(65536))]
)
def test_channel_or_data_out_of_range_is_not_written(message: ChannelData) -> None:
    with pytest.raises(EncodeError, match=r"\(RFC 8656 12"):
        message.encode()


# --- streams -----------------------------------------------------------------------------------------------------

turn_packets = st.one_of(stun_messages().map(lambda message: message.encode()), channel_data)
rfc4571_packets = st.binary(min_size=1, max_size=300)


def on_turn(packet: bytes | ChannelData) -> bytes:
    """Return the octets of a packet on the stream to a TURN server."""
    return packet.encode(padded=True) if isinstance(packet, ChannelData) else packet


def cut(data: bytes, points: list[int]) -> list[bytes]:
    """Cut `data` at some points, as a network would."""
    edges = sorted({0, len(data), *(point % (len(data) + 1) for point in points)})
    return [data[start:end] for start, end in pairwise(edges)]


@given(st.lists(turn_packets, max_size=6), st.lists(st.integers(0, 10**6), max_size=12))
def test_stream_of_a_turn_server_gives_its_packets_however_it_is_cut(
    packets: list[bytes | ChannelData], points: list[int]
) -> None:
    deframer = Deframer(Framing.TURN)
    stream = b"".join(map(on_turn, packets))
    found = [packet for chunk in cut(stream, points) for packet in deframer.feed(chunk)]

    assert found == [packet.encode() if isinstance(packet, ChannelData) else packet for packet in packets]
    assert deframer.error is None


@given(st.lists(rfc4571_packets, max_size=6), st.lists(st.integers(0, 10**6), max_size=12))
def test_stream_of_frames_gives_its_packets_however_it_is_cut(packets: list[bytes], points: list[int]) -> None:
    deframer = Deframer(Framing.RFC4571)
    stream = b"".join(map(frame, packets))

    assert [packet for chunk in cut(stream, points) for packet in deframer.feed(chunk)] == packets
    assert deframer.error is None


@given(st.lists(turn_packets, min_size=1, max_size=4), st.integers(0, 10**6))
def test_deframer_continues_alike_after_pickling_and_copying(packets: list[bytes | ChannelData], point: int) -> None:
    stream = b"".join(map(on_turn, packets))
    point %= len(stream) + 1
    deframer = Deframer(Framing.TURN)
    deframer.feed(stream[:point])
    twins = copies(deframer)[:2]
    rest = deframer.feed(stream[point:])

    assert all(twin.feed(stream[point:]) == rest for twin in twins)


def test_null_packet_is_left_out() -> None:
    """RFC 4571 2: zero "codes the null packet"."""
    assert frame(b"") == b"\0\0"
    assert Deframer(Framing.RFC4571).feed(frame(b"") + frame(b"a")) == (b"a",)


def test_packet_without_a_16_bit_length_is_not_framed() -> None:
    assert frame(bytes(65535))[:2] == b"\xff\xff"
    with pytest.raises(EncodeError, match="RFC 4571 2"):
        frame(bytes(65536))


def test_channel_data_on_a_reserved_channel_is_silently_discarded() -> None:
    """RFC 8656 12.6: "a value in the reserved range [...] the message is silently discarded"."""
    deframer = Deframer(Framing.TURN)

    assert deframer.feed(b"\x50\x00\x00\x01x\0\0\0" + ChannelData(0x4000, b"y").encode()) == (b"\x40\x00\x00\x01y",)[:0]
    assert deframer.feed(b"\0\0\0") == (b"\x40\x00\x00\x01y",)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x80\x00\x00\x00",
        b"\xff\xff\xff\xff",
        b"\x00\x01\x00\x02",
        b"\x00\x01\x00\x00\x21\x12\xa4\x43",
        b"\x00\x01\x00\x00\x00",
    ],
)
def test_stream_out_of_step_gives_what_came_before_and_then_nothing_more(garbage: bytes) -> None:
    deframer = Deframer(Framing.TURN)
    packet = binding().encode()

    assert deframer.feed(packet + garbage) == (packet,)
    assert deframer.error is not None
    assert deframer.feed(packet) == ()


def test_stream_out_of_step_holds_nothing_any_more() -> None:
    deframer = Deframer(Framing.TURN)
    deframer.feed(b"\xff" * 50_000)
    deframer.feed(b"\xff" * 50_000)

    assert len(pickle.dumps(deframer)) < 1000


@pytest.mark.parametrize(
    ("framing", "allowed", "refused"),
    [
        (Framing.TURN, plain_message(1, ID, b"\x80\x22\0\x04abcd"), plain_message(1, ID, b"", extra=12)),
        (Framing.TURN, ChannelData(0x4000, bytes(24)).encode(), b"\x40\x00\x00\x19"),
        (Framing.RFC4571, frame(bytes(26)), b"\x00\x1b"),
    ],
)
def test_packet_beyond_the_limit_is_an_error_before_it_is_held(
    framing: Framing, allowed: bytes, refused: bytes
) -> None:
    deframer = Deframer(framing, limit=28)

    assert len(deframer.feed(allowed)) == 1
    assert deframer.feed(refused) == ()
    assert deframer.error is not None
    assert "28 are allowed" in deframer.error


def test_largest_packets_pass_the_default_limit_octet_by_octet() -> None:
    largest = plain_message(1, ID, b"\x80\x22\xff\xf8" + bytes(0xFFF8))
    deframer = Deframer(Framing.TURN)

    assert [packet for octet in largest for packet in deframer.feed(bytes((octet,)))] == [largest]
    assert deframer.feed(ChannelData(0x4000, bytes(65535)).encode(padded=True)) == (b"\x40\x00\xff\xff" + bytes(65535),)


# --- the methods -------------------------------------------------------------------------------------------------


def test_turn_dialogue_is_written_with_the_numbers_of_rfc_8656() -> None:
    """RFC 8656 17."""
    expected = {
        stun.Method.ALLOCATE: 0x003,
        stun.Method.REFRESH: 0x004,
        stun.Method.SEND: 0x006,
        stun.Method.DATA: 0x007,
        stun.Method.CREATE_PERMISSION: 0x008,
        stun.Method.CHANNEL_BIND: 0x009,
    }
    for method, number in expected.items():
        request = stun.Message(method, stun.MessageClass.REQUEST, ID)
        assert request.encode() == plain_message(number, ID, b"")


def test_send_indication_carries_peer_and_data() -> None:
    attributes = (stun.XOR_PEER_ADDRESS(stun.Address("192.0.2.1", 1)), stun.DATA(b"payload"), stun.DONT_FRAGMENT())
    indication = stun.Message(stun.Method.SEND, stun.MessageClass.INDICATION, ID, attributes)
    received = stun.decode(indication.encode())

    assert received[stun.XOR_PEER_ADDRESS] == stun.Address("192.0.2.1", 1)
    assert received[stun.DATA] == b"payload"
    assert stun.DONT_FRAGMENT in received

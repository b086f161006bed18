"""What TURN adds beside STUN messages: ChannelData (RFC 8656 12.4 to 12.6), and framing on TCP and TLS.

The methods are in `message.Method`, the attributes in `attributes`.

On the stream to a TURN server STUN messages and ChannelData follow one another, told apart by their first bits (RFC
8656 12.5, RFC 8489 6.2.2). On an ICE-TCP connection every packet has its length in front (RFC 4571, RFC 6544 3).
"""

from __future__ import annotations

import enum
from struct import Struct
from typing import NamedTuple

from jinglecodec.errors import EncodeError, StunError
from jinglecodec.stun.message import MAGIC_COOKIE
from jinglecodec.stun.values import CHANNELS

__all__ = ["ChannelData", "Deframer", "Framing", "decode_channel_data", "frame"]

_HEADER = Struct(">HH")
_unpack_header = _HEADER.unpack_from
_new = tuple.__new__
_FIRST_CHANNEL, _LAST_CHANNEL = CHANNELS[0], CHANNELS[-1]
_COOKIE = MAGIC_COOKIE.to_bytes(4)


class ChannelData(NamedTuple):
    """Application data on a channel (RFC 8656 12.4).

    A pair rather than an attrs class: there is one for every datagram of a call.
    """

    channel: int
    "0x4000..0x4FFF"
    data: bytes
    "0..65,535 octets; none is a valid datagram."

    def encode(self, *, padded: bool = False) -> bytes:
        """Return the octets; `padded` to a multiple of 4, as TCP and TLS require. Raises EncodeError."""
        size = len(self.data)
        if not _FIRST_CHANNEL <= self.channel <= _LAST_CHANNEL:
            raise EncodeError(f"channel 0x{self.channel:04X} is not in 0x4000..0x4FFF (RFC 8656 12)")
        if size > 0xFFFF:
            raise EncodeError(f"{size} octets do not fit a ChannelData message (RFC 8656 12.4)")
        encoded = _HEADER.pack(self.channel, size) + self.data
        return encoded + bytes(-size & 3) if padded else encoded


def decode_channel_data(data: bytes) -> ChannelData:
    """Return the ChannelData in one datagram or frame, with or without padding; raises StunError (RFC 8656 12.6)."""
    length = len(data)
    if length < 4:
        raise StunError(f"{length} octets are too few for ChannelData (RFC 8656 12.4)")
    channel, size = _unpack_header(data)
    if not _FIRST_CHANNEL <= channel <= _LAST_CHANNEL:
        raise StunError(f"channel 0x{channel:04X} is not in 0x4000..0x4FFF (RFC 8656 12)")
    if size > length - 4:
        raise StunError(f"{size} octets announced, {length - 4} received (RFC 8656 12.6)")
    return _new(ChannelData, (channel, data[4 : 4 + size]))


class Framing(enum.Enum):
    """How packets follow one another on a stream."""

    TURN = "STUN messages and ChannelData"
    RFC4571 = "length and packet"


def frame(packet: bytes) -> bytes:
    """Return `packet` with its length in front (RFC 4571 2); raises EncodeError beyond 65,535 octets."""
    if len(packet) > 0xFFFF:
        raise EncodeError(f"{len(packet)} octets do not fit a frame (RFC 4571 2)")
    return len(packet).to_bytes(2) + packet


class Deframer:
    """Cuts the octets of one stream into packets, as they come in.

    It holds one incomplete packet at most, and pickles. Once `error` is set the stream has lost its rhythm for good:
    the connection is to be closed, and further octets are ignored.
    """

    __slots__ = ("_buffer", "error", "framing", "limit")

    def __init__(self, framing: Framing, limit: int = 20 + 0xFFFC) -> None:
        """Start on a new stream; a packet of more than `limit` octets, header included, is an error."""
        self.framing = framing
        self.limit = limit
        self.error: str | None = None
        "Why the stream cannot be followed any more."
        self._buffer = bytearray()

    def feed(self, data: bytes) -> tuple[bytes, ...]:
        """Return the packets that `data` completes: STUN messages, ChannelData without padding, RFC 4571 packets.

        Null packets of RFC 4571 and ChannelData on reserved channels are left out. Takes time linear in `data`.
        """
        if self.error is not None:
            return ()
        buffer = self._buffer
        buffer += data
        measure = _measure_turn if self.framing is Framing.TURN else _measure_rfc4571
        packets = []
        offset = 0
        try:
            while (bounds := measure(buffer, offset)) is not None:
                start, end, after = bounds
                _require_at_most(self.limit, after - offset)
                if after > len(buffer):
                    break
                if end > start:
                    packets.append(bytes(buffer[start:end]))
                offset = after
        except StunError as error:
            self.error = str(error)
            offset = len(buffer)
        del buffer[:offset]
        return tuple(packets)


def _require_at_most(limit: int, size: int) -> None:
    if size > limit:
        raise StunError(f"a packet of {size} octets, {limit} are allowed")


def _measure_rfc4571(buffer: bytearray, offset: int) -> tuple[int, int, int] | None:
    """Return where the packet at `offset` starts and ends and where the next one begins, None while unknown."""
    if offset + 2 > len(buffer):
        return None
    start = offset + 2
    end = start + (buffer[offset] << 8 | buffer[offset + 1])
    return start, end, end


def _measure_turn(buffer: bytearray, offset: int) -> tuple[int, int, int] | None:
    """The same for the stream of a TURN server; raises StunError where neither message can start."""
    if offset + 4 > len(buffer):
        return None
    kind, size = _HEADER.unpack_from(buffer, offset)
    if kind >= 0x8000:
        raise StunError(f"0x{kind:04X} starts neither a STUN message nor ChannelData (RFC 8656 12)")
    if kind < _FIRST_CHANNEL:
        cookie = bytes(buffer[offset + 4 : offset + 8])
        if size & 3 or not _COOKIE.startswith(cookie):
            raise StunError("not the header of a STUN message (RFC 8489 5)")
        end = offset + 20 + size
        return offset, end, end
    end = offset + 4 + size
    start = offset if kind <= _LAST_CHANNEL else end  # reserved channels are silently discarded (RFC 8656 12.6)
    return start, end, end + (-size & 3)

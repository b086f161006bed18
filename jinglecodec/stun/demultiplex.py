"""Which protocol a datagram belongs to, by its first octet (RFC 7983 7, RFC 9443 3)."""

from __future__ import annotations

import enum

__all__ = ["Kind", "classify"]


class Kind(enum.Enum):
    """The protocols that share the port of a media session (RFC 7983 7, RFC 9443 3)."""

    STUN = "STUN"
    ZRTP = "ZRTP"
    DTLS = "DTLS"
    TURN_CHANNEL = "TURN channel"
    "ChannelData when the other end is a TURN server; else the short header of QUIC falls here too (RFC 9443 3)."
    QUIC = "QUIC"
    RTP = "RTP or RTCP"
    UNKNOWN = "unknown"
    "To be dropped."


_RANGES = (
    (0, 3, Kind.STUN),
    (4, 15, Kind.UNKNOWN),
    (16, 19, Kind.ZRTP),
    (20, 63, Kind.DTLS),
    (64, 79, Kind.TURN_CHANNEL),
    (80, 127, Kind.QUIC),
    (128, 191, Kind.RTP),
    (192, 255, Kind.QUIC),
)
_KINDS = tuple(kind for first, last, kind in _RANGES for _ in range(first, last + 1))


def classify(data: bytes) -> Kind:
    """Return the protocol of a datagram by its first octet (RFC 7983 7, RFC 9443 3); an empty one is UNKNOWN.

    Only a full decoding tells whether it is sound.
    """
    return _KINDS[data[0]] if data else Kind.UNKNOWN

"""Telling the protocols of one port apart (RFC 7983 7, RFC 9443 3)."""

from __future__ import annotations

import pytest
from stun_support import binding

from jinglecodec.stun import Kind, classify
from jinglecodec.stun.turn import ChannelData


@pytest.mark.parametrize(
    ("first", "last", "kind"),
    [
        (0, 3, Kind.STUN),
        (4, 15, Kind.UNKNOWN),
        (16, 19, Kind.ZRTP),
        (20, 63, Kind.DTLS),
        (64, 79, Kind.TURN_CHANNEL),
        (80, 127, Kind.QUIC),
        (128, 191, Kind.RTP),
        (192, 255, Kind.QUIC),
    ],
)
def test_first_octet_decides(first: int, last: int, kind: Kind) -> None:
    assert {classify(bytes((octet, 0xFF))) for octet in range(first, last + 1)} == {kind}


def test_empty_datagram_is_of_no_protocol() -> None:
    assert classify(b"") is Kind.UNKNOWN


def test_own_messages_are_told_apart() -> None:
    assert classify(binding().encode()) is Kind.STUN
    assert classify(ChannelData(0x4000, b"").encode()) is Kind.TURN_CHANNEL
    assert classify(ChannelData(0x4FFF, b"").encode()) is Kind.TURN_CHANNEL

"""STUN and TURN messages (RFC 8489, RFC 8656, RFC 8445 16, RFC 5780 7): bytes in, frozen values out, and back.

    >>> from jinglecodec import stun
    >>> check = (stun.USERNAME("remote:local"), stun.PRIORITY(1845501695), stun.USE_CANDIDATE())
    >>> request = stun.Message.request(stun.Method.BINDING, bytes(12), *check)
    >>> packet = request.encode(b"password of the peer", fingerprint=True)  # keep it for retransmissions

    >>> received = stun.decode(packet)
    >>> received == request, received.verify(b"password of the peer"), received.verify_fingerprint()
    (True, True, True)
    >>> received[stun.PRIORITY], stun.USE_CANDIDATE in received, received.get(stun.SOFTWARE)
    (1845501695, True, None)
    >>> reply = received.success(stun.XOR_MAPPED_ADDRESS(stun.Address("192.0.2.1", 32853)))
    >>> packet = reply.encode(b"own password", fingerprint=True)

Keys, challenges and the nonce cookie are in `stun.credentials`, ChannelData and stream framing in `stun.turn`.
"""

from __future__ import annotations

from jinglecodec.addresses import Address
from jinglecodec.stun import attributes, demultiplex, message
from jinglecodec.stun.attributes import *  # noqa: F403 - the table is the list of names
from jinglecodec.stun.demultiplex import *  # noqa: F403
from jinglecodec.stun.message import *  # noqa: F403
from jinglecodec.stun.values import (
    AddressError,
    Codec,
    ErrorCode,
    Family,
    Icmp,
    NetworkInfo,
    PasswordAlgorithm,
)

__all__ = [
    "Address",
    "AddressError",
    "Codec",
    "ErrorCode",
    "Family",
    "Icmp",
    "NetworkInfo",
    "PasswordAlgorithm",
]
__all__ += attributes.__all__
__all__ += demultiplex.__all__
__all__ += message.__all__

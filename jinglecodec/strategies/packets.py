"""What arrives on the sockets of a call: STUN messages (RFC 8489), and the protocols beside them (RFC 7983)."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from jinglecodec import stun
from jinglecodec.addresses import Address, unpacked
from jinglecodec.stun.turn import ChannelData

__all__ = [
    "ATTRIBUTES",
    "addresses",
    "datagrams",
    "password_algorithms",
    "stun_attributes",
    "stun_keys",
    "stun_messages",
    "stun_packets",
]

# Alphabets are spelled out: `st.characters` takes two seconds to build its tables in a fresh checkout.
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
_phrases = st.text(_PRINTABLE + "\x01\n\u00e9\u0416\u6f22\ufffd\U0001f600", max_size=127)
_identities = st.text(_PRINTABLE, max_size=127)
_codes = st.integers(300, 699)
_uint16 = st.integers(0, 0xFFFF)
_uint32 = st.integers(0, 2**32 - 1)
_uint64 = st.integers(0, 2**64 - 1)
_families = st.sampled_from(stun.Family)
_transaction_ids = st.binary(min_size=12, max_size=12)


def addresses() -> st.SearchStrategy[Address]:
    """Return transport addresses of both families, with any port."""
    octets = st.binary(min_size=4, max_size=4) | st.binary(min_size=16, max_size=16)
    return st.builds(Address, octets.map(unpacked), _uint16)


def password_algorithms() -> st.SearchStrategy[stun.PasswordAlgorithm]:
    """Return password algorithms, known and unknown, with parameters (RFC 8489 14.12)."""
    return st.builds(stun.PasswordAlgorithm, _uint16, st.binary(max_size=9))


_addresses = addresses()
_algorithms = password_algorithms()

ATTRIBUTES: dict[stun.AttributeType[Any], st.SearchStrategy[Any]] = {
    stun.MAPPED_ADDRESS: _addresses,
    stun.USERNAME: _identities,
    stun.ERROR_CODE: st.builds(stun.ErrorCode, _codes, _phrases),
    stun.UNKNOWN_ATTRIBUTES: st.lists(_uint16, max_size=5).map(tuple),
    stun.CHANNEL_NUMBER: st.integers(0x4000, 0x4FFF),
    stun.LIFETIME: _uint32,
    stun.XOR_PEER_ADDRESS: _addresses,
    stun.DATA: st.binary(max_size=99),
    stun.REALM: _identities.filter(bool),
    stun.NONCE: st.binary(max_size=127),
    stun.XOR_RELAYED_ADDRESS: _addresses,
    stun.REQUESTED_ADDRESS_FAMILY: _families,
    stun.EVEN_PORT: st.booleans(),
    stun.REQUESTED_TRANSPORT: st.integers(0, 255),
    stun.DONT_FRAGMENT: st.none(),
    stun.PASSWORD_ALGORITHM: _algorithms,
    stun.USERHASH: st.binary(min_size=32, max_size=32),
    stun.XOR_MAPPED_ADDRESS: _addresses,
    stun.RESERVATION_TOKEN: st.binary(min_size=8, max_size=8),
    stun.PRIORITY: _uint32,
    stun.USE_CANDIDATE: st.none(),
    stun.ADDITIONAL_ADDRESS_FAMILY: _families,
    stun.ADDRESS_ERROR_CODE: st.builds(stun.AddressError, _families, _codes, _phrases),
    stun.PASSWORD_ALGORITHMS: st.lists(_algorithms, max_size=4).map(tuple),
    stun.ALTERNATE_DOMAIN: st.text("abcxyz0189-.", min_size=1, max_size=255),
    stun.ICMP: st.builds(stun.Icmp, st.integers(0, 255), st.integers(0, 255), _uint32),
    stun.SOFTWARE: _phrases,
    stun.ALTERNATE_SERVER: _addresses,
    stun.ICE_CONTROLLED: _uint64,
    stun.ICE_CONTROLLING: _uint64,
    stun.RESPONSE_ORIGIN: _addresses,
    stun.OTHER_ADDRESS: _addresses,
    stun.GOOG_NETWORK_INFO: st.builds(stun.NetworkInfo, _uint16, _uint16),
}
"Values for every type of the table but the envelope."


def stun_attributes() -> st.SearchStrategy[stun.Attribute]:
    """Return attributes of every type of the table, and of types that it does not have."""
    known = st.sampled_from(list(ATTRIBUTES)).flatmap(lambda row: ATTRIBUTES[row].map(row))
    unknown_types = _uint16.filter(lambda number: number not in stun.ATTRIBUTES)
    unknown = st.builds(stun.Attribute.unknown, unknown_types, st.binary(max_size=40))
    return st.one_of(known, known, unknown)


def stun_messages() -> st.SearchStrategy[stun.Message]:
    """Return messages of any method and class with any attributes, TURN's included."""
    methods = st.one_of(st.sampled_from(stun.Method), st.integers(0, 0xFFF))
    attributes = st.lists(stun_attributes(), max_size=8).map(tuple)
    return st.builds(stun.Message, methods, st.sampled_from(stun.MessageClass), _transaction_ids, attributes)


def stun_keys() -> st.SearchStrategy[bytes]:
    """Return keys of message integrity, short-term and long-term."""
    return st.binary(min_size=1, max_size=100)


def stun_packets() -> st.SearchStrategy[bytes]:
    """Return encoded messages in any envelope: without integrity, with either or both, with and without FINGERPRINT."""

    def packet(
        message: stun.Message, key: bytes | None, integrity: stun.Integrity, *, fingerprint: bool, size: int
    ) -> bytes:
        return message.encode(key, integrity=integrity, fingerprint=fingerprint, sha256_size=size)

    return st.builds(
        packet,
        stun_messages(),
        st.none() | stun_keys(),
        st.sampled_from(stun.Integrity),
        fingerprint=st.booleans(),
        size=st.sampled_from([16, 20, 24, 28, 32]),
    )


def _others() -> st.SearchStrategy[bytes]:
    """Return datagrams of the other protocols, by their first octet (RFC 7983 7)."""
    heads = st.sampled_from([b"\x16\xfe\xfd", b"\x14\xfe\xff", b"\x80\x6f", b"\x80\xc8", b"\x10\x00", b"\x50", b"\xc0"])
    return st.builds(bytes.__add__, heads, st.binary(max_size=60))


def datagrams() -> st.SearchStrategy[bytes]:
    """Return what comes in on the socket of a media session: STUN, ChannelData, DTLS, RTP, RTCP, ZRTP and QUIC."""
    channels = st.builds(ChannelData, st.integers(0x4000, 0x4FFF), st.binary(max_size=99))
    packets = stun_packets().filter(lambda data: data[0] < 4)  # others are not told from garbage (RFC 7983 7)
    return st.one_of(packets, packets, channels.map(ChannelData.encode), _others())

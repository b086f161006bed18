"""The rows of STUN: writing and reading of connectivity checks, beside aioice and beside the bare hashes.

The floor is what no implementation in Python can leave out: `hmac.digest` with SHA-1 over the octets that
MESSAGE-INTEGRITY covers, and `zlib.crc32` over those that FINGERPRINT covers ("hashes"). Request: USERNAME, PRIORITY,
ICE-CONTROLLING, USE-CANDIDATE and the envelope, 92 octets; response: XOR-MAPPED-ADDRESS and the envelope. Every
callable does 64 operations, each with another transaction id; results are checked before the rows are given out.
"""

from __future__ import annotations

import hmac
import random
import zlib
from typing import TYPE_CHECKING, Any

import aioice.stun as peer

from jinglecodec import stun

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Row", "rows"]

Row = tuple[str, "Callable[[], object]", "Callable[[], object] | None", float, float]
"Name; ours; the floor's or the peer's; the ratio of medians that must hold, and the one aimed at."

KEY = b"VOkJxbRl1RmTxUk/WvJxBt"
USERNAME = "evtj:h6vY"
PRIORITY = 1845501695
TIE_BREAKER = 0x932FF9B151263B36
HOSTS = ("192.0.2.1", "2001:db8:1234:5678:11:2233:4455:6677")

_rng = random.Random(5769)
IDS = tuple(_rng.randbytes(12) for _ in range(64))
KEPT = stun.Message.request(
    stun.Method.BINDING,
    bytes(12),
    stun.USERNAME(USERNAME),
    stun.PRIORITY(PRIORITY),
    stun.ICE_CONTROLLING(TIE_BREAKER),
    stun.USE_CANDIDATE(),
)
"What an agent makes once per pair of candidates; only the transaction id is new in every check."


def each(operation: Callable[[Any], object], inputs: Sequence[Any]) -> Callable[[], None]:
    """Return a callable that does the operation on all inputs."""

    def run() -> None:
        for one in inputs:
            operation(one)

    return run


# --- ours --------------------------------------------------------------------------------------------------------


def write_check(transaction_id: bytes) -> bytes:
    """Return the next check of a pair."""
    return KEPT.renewed(transaction_id).encode(KEY, fingerprint=True)


def write_check_from_values(transaction_id: bytes) -> bytes:
    """Return a check with every attribute made anew."""
    request = stun.Message.request(
        stun.Method.BINDING,
        transaction_id,
        stun.USERNAME(USERNAME),
        stun.PRIORITY(PRIORITY),
        stun.ICE_CONTROLLING(TIE_BREAKER),
        stun.USE_CANDIDATE(),
    )
    return request.encode(KEY, fingerprint=True)


def write_response(request_and_source: tuple[stun.Message, stun.Address]) -> bytes:
    """Return the success response to a decoded request."""
    request, source = request_and_source
    return request.success(stun.XOR_MAPPED_ADDRESS(source)).encode(KEY, fingerprint=True)


def read(data: bytes) -> stun.Message | None:
    """Return the message when fingerprint and integrity are right."""
    message = stun.decode(data)
    return message if message.verify_fingerprint() and message.verify(KEY) else None


def read_check(data: bytes) -> bool:
    """Read a check and ask for all that an agent asks for."""
    message = stun.decode(data)
    return (
        message.verify_fingerprint()
        and message.verify(KEY)
        and message.get(stun.USERNAME) == USERNAME
        and message.get(stun.PRIORITY) == PRIORITY
        and message.get(stun.ICE_CONTROLLING) == TIE_BREAKER
        and stun.USE_CANDIDATE in message
        and not message.unknown_required()
    )


def read_response(data: bytes) -> stun.Address | None:
    """Read a response and its address."""
    message = stun.decode(data)
    return message.get(stun.XOR_MAPPED_ADDRESS) if message.verify_fingerprint() and message.verify(KEY) else None


def read_rtp(data: bytes) -> bool:
    """Tell a media packet from STUN."""
    return stun.classify(data) is stun.Kind.STUN


# --- the floor and the peer --------------------------------------------------------------------------------------


def hashes(covered: tuple[bytes, bytes]) -> None:
    """Compute what the two attributes hold."""
    hmac.digest(KEY, covered[0], "sha1")
    zlib.crc32(covered[1])


def peer_write_check(transaction_id: bytes) -> bytes:
    """Return a check of aioice."""
    message = peer.Message(peer.Method.BINDING, peer.Class.REQUEST, transaction_id)
    message.attributes["USERNAME"] = USERNAME
    message.attributes["PRIORITY"] = PRIORITY
    message.attributes["ICE-CONTROLLING"] = TIE_BREAKER
    message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(KEY)
    return bytes(message)


def peer_write_response(request_and_source: tuple[stun.Message, stun.Address]) -> bytes:
    """Return a success response of aioice."""
    request, source = request_and_source
    message = peer.Message(peer.Method.BINDING, peer.Class.RESPONSE, request.transaction_id)
    message.attributes["XOR-MAPPED-ADDRESS"] = (source.host, source.port)
    message.add_message_integrity(KEY)
    return bytes(message)


def peer_read(data: bytes) -> bool:
    """Read with aioice, which checks the fingerprint on its way."""
    return bool(peer.parse_message(data).check_message_integrity(KEY))


def peer_read_rtp(data: bytes) -> bool:
    """Tell a media packet from STUN as aioice does, by trying."""
    try:
        peer.parse_message(data)
    except ValueError:
        return False
    return True


# --- rows --------------------------------------------------------------------------------------------------------


def agree(ours: object, theirs: object) -> None:
    """Raise AssertionError unless both are equal."""
    if ours != theirs:
        raise AssertionError(f"{ours!r} is not {theirs!r}")


def rows() -> list[Row]:
    """Return the rows; AssertionError when a result is not what both sides agree on."""
    checks = [write_check(transaction_id) for transaction_id in IDS]
    requests = [stun.decode(check) for check in checks]
    sources = [[(request, stun.Address(host, 32853)) for request in requests] for host in HOSTS]
    responses = [[write_response(one) for one in group] for group in sources]
    media = [b"\x80\x60" + one.ljust(1198, b"\x55") for one in IDS]
    agree(checks, [peer_write_check(transaction_id) for transaction_id in IDS])
    agree(checks, [write_check_from_values(transaction_id) for transaction_id in IDS])
    agree(responses, [[peer_write_response(one) for one in group] for group in sources])
    agree(
        [[read_response(one) for one in group] for group in responses], [[one[1] for one in group] for group in sources]
    )
    agree([read_check(check) and peer_read(check) for check in checks], [True] * len(checks))
    agree([read_rtp(one) or peer_read_rtp(one) for one in media], [False] * len(media))

    def floor(packets: list[bytes]) -> Callable[[], None]:
        return each(hashes, [(packet[:-32], packet[:-8]) for packet in packets])

    return [
        ("STUN check write x64 / hashes", each(write_check, IDS), floor(checks), 2.5, 1.5),
        ("STUN check write anew x64 / hashes", each(write_check_from_values, IDS), floor(checks), 2.5, 2.2),
        ("STUN response IPv4 write x64 / hashes", each(write_response, sources[0]), floor(responses[0]), 2.5, 1.5),
        ("STUN response IPv6 write x64 / hashes", each(write_response, sources[1]), floor(responses[1]), 2.5, 1.5),
        ("STUN check read, verify x64 / hashes", each(read, checks), floor(checks), 3.0, 2.2),
        ("STUN response IPv4 read, verify x64 / hashes", each(read, responses[0]), floor(responses[0]), 3.0, 2.2),
        ("STUN response IPv6 read, verify x64 / hashes", each(read, responses[1]), floor(responses[1]), 3.0, 2.2),
        ("STUN check write x64 / aioice", each(write_check, IDS), each(peer_write_check, IDS), 0.5, 0.33),
        (
            "STUN response IPv4 write x64 / aioice",
            each(write_response, sources[0]),
            each(peer_write_response, sources[0]),
            0.5,
            0.33,
        ),
        (
            "STUN response IPv6 write x64 / aioice",
            each(write_response, sources[1]),
            each(peer_write_response, sources[1]),
            0.5,
            0.33,
        ),
        ("STUN check read all x64 / aioice", each(read_check, checks), each(peer_read, checks), 1.0, 0.8),
        (
            "STUN response IPv4 read all x64 / aioice",
            each(read_response, responses[0]),
            each(peer_read, responses[0]),
            1.0,
            0.6,
        ),
        (
            "STUN response IPv6 read all x64 / aioice",
            each(read_response, responses[1]),
            each(peer_read, responses[1]),
            1.0,
            0.5,
        ),
        ("STUN reject RTP x64 / aioice", each(read_rtp, media), each(peer_read_rtp, media), 0.5, 0.3),
    ]

"""Every attribute of STUN at every length that could matter, and the envelope where it should not be."""

from __future__ import annotations

from collections.abc import Iterator

from jinglecodec import stun
from jinglecodec.stun.credentials import SecurityFeatures, nonce_cookie

__all__ = ["near_packets"]

_LENGTHS = (*range(14), 16, 17, 18, 20, 21, 24, 31, 32, 33, 36, 128, 129, 764)
"Around the sizes of numbers, addresses, digests and tokens, and of the longest texts (RFC 8489 14.3, 14.9)."
_FILLS = (
    b"\0",
    b"\1",
    b"\2\0",
    b"\0\1\x04",
    b"\0\0\x06\x63",
    b"\1\0\4\0",
    b"\0\1\0\0\0\2\0\0",
    b"a",
    b"\xff",
    b"\xc3\xa9",
    b"\xe2\x80\x8b",
)
"Octets that are repeated: families and codes that are and are not, lists, text in UTF-8 and none."

_REALMS = (
    *(
        "\u00df",
        "\u0640",
        "\u1100",
        "\u00ad",
        "\ue000",
        "\u2028",
        "\u0378",
        "\u3000",
        "e\u0301",
        "\uff21",
        "\u200b",
        "\x7f",
    ),
    *(
        "\u200c",
        "\u094d\u200c",
        "\u094d\u200d",
        "\u00b7",
        "l\u00b7l",
        "\u0375",
        "\u0375\u03b1",
        "\u05f3",
        "\u05d0\u05f3",
    ),
    *(
        "\u05d0\u05f4",
        "\u30fb",
        "\u30fb\u30a2",
        "\u0661",
        "\u06f1",
        "\u0661\u06f1",
        "\u05d0",
        "\u0627 ",
        "\u2126",
        "\u0345",
    ),
)
"Characters of each rule of OpaqueString, with and without what they need beside them (RFC 8264 8, RFC 5892 A)."

_ID = bytes(range(12))
_KEY = b"key"


def _packet(*attributes: tuple[int, bytes], kind: int = 0x0111, length: int | None = None) -> bytes:
    """Return a message, its header as it should be unless another `length` is said."""
    body = b"".join(
        number.to_bytes(2) + len(value).to_bytes(2) + value + bytes(-len(value) % 4) for number, value in attributes
    )
    size = len(body) if length is None else length
    return kind.to_bytes(2) + size.to_bytes(2) + b"\x21\x12\xa4\x42" + _ID + body


def near_packets() -> Iterator[bytes]:
    """Give messages with one attribute each, challenges, and messages behind whose seal something follows."""
    for number in (*stun.ATTRIBUTES, 0x7FFF, 0xFFFF):
        for length in _LENGTHS:
            fills = _FILLS if length < 40 else (b"a", b"\xff")
            for value in dict.fromkeys((fill * length)[:length] for fill in fills):
                yield _packet((number, value))
    yield from _challenges()
    yield from _envelopes()


def _challenges() -> Iterator[bytes]:
    """Give what a server may answer with 401 (RFC 8489 9.2.5), every part of it as it should be and otherwise."""
    cookies = [nonce_cookie(SecurityFeatures(bits)) for bits in range(4)]
    nonces = (b"n", b"obMatJos2", b"obMatJos2!!!!", b"obMatJos2====", *cookies, cookies[1] + b"n" * 700)
    realms = (b"example.org", b'"example.org"', b"", b"\xff", "\u0627\u0660\u06f0".encode(), b"\x07")
    offers = (None, b"", b"\0\1\0\0", b"\0\2\0\0", b"\0\2\0\0\0\1\0\0", b"\0\x09\0\4abcd", b"\0\2\0\x01", b"\0\1")
    for nonce in nonces:
        for realm in realms:
            for offer in offers:
                listed = () if offer is None else ((stun.PASSWORD_ALGORITHMS.number, offer),)
                yield _packet((stun.REALM.number, realm), (stun.NONCE.number, nonce), *listed)
    for characters in _REALMS:
        for text in (characters, f"x{characters}", f"{characters}x"):
            yield _packet((stun.REALM.number, text.encode()), (stun.NONCE.number, b"n"))
    for offer in offers[1:]:
        for chosen in (b"\0\1\0\0", b"\0\2\0\0", b"\0\2\0\4abcd", b"\0"):
            choice = (stun.PASSWORD_ALGORITHM.number, chosen)
            yield _packet((stun.PASSWORD_ALGORITHMS.number, offer or b""), choice, kind=0x0001)


def _envelopes() -> Iterator[bytes]:
    """Give messages sealed in each way, cut off, lengthened, and with attributes behind the seal (RFC 8489 14.5)."""
    message = stun.Message(stun.Method.BINDING, stun.MessageClass.REQUEST, _ID, (stun.USERNAME("a:b"),))
    for integrity in stun.Integrity:
        for fingerprint in (False, True):
            sealed = message.encode(_KEY, integrity=integrity, fingerprint=fingerprint)
            for more in (b"", b"\0", b"\0\x08\0\0", b"\x80\x28\0\4abcd", b"\0\x06\0\1a\0\0\0", sealed[20:]):
                whole = sealed + more
                yield whole
                yield whole[:2] + (len(whole) - 20).to_bytes(2) + whole[4:]
            for cut in range(0, len(sealed), 4):
                yield sealed[:cut]
                yield sealed[:2] + max(0, cut - 20).to_bytes(2) + sealed[4:cut]
            for at in range(20):
                for octet in (0, 1, 0x40, 0xFF):
                    yield sealed[:at] + bytes((octet,)) + sealed[at + 1 :]

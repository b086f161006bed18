"""What the tests of STUN share: test vectors, the corpus, and a second way of building packets."""

from __future__ import annotations

import copy
import csv
import hashlib
import hmac
import os
import pickle
import struct
import zlib
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from hypothesis import strategies as st

from jinglecodec import stun
from jinglecodec.stun.values import UNSIGNED_32

_T = TypeVar("_T")

CORPUS = Path(os.environ.get("JINGLECODEC_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus") / "stun"

# --- RFC 5769 2.1 to 2.4 ---------------------------------------------------------------------------------------------

RFC5769_PASSWORD = "VOkJxbRl1RmTxUk/WvJxBt"

RFC5769_REQUEST = bytes.fromhex(
    "00010058 2112a442 b7e7a701bc34d686fa87dfae"
    "80220010 5354554e207465737420636c69656e74"
    "00240004 6e0001ff"
    "80290008 932ff9b151263b36"
    "00060009 6576746a3a68367659 202020"
    "00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
    "80280004 e57a3bcf"
)
RFC5769_RESPONSE_IPV4 = bytes.fromhex(
    "0101003c 2112a442 b7e7a701bc34d686fa87dfae"
    "8022000b 7465737420766563746f72 20"
    "00200008 0001a147e112a643"
    "00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "80280004 c07d4c96"
)
RFC5769_RESPONSE_IPV6 = bytes.fromhex(
    "01010048 2112a442 b7e7a701bc34d686fa87dfae"
    "8022000b 7465737420766563746f72 20"
    "00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014 a382954e4be67bf11784c97c8292c275bfe3ed41"
    "80280004 c8fb0b4c"
)
RFC5769_LONG_TERM = bytes.fromhex(
    "00010060 2112a442 78ad3433c6ad72c029da412e"
    "00060012 e3839ee38388e383aae38383e382afe382b9 0000"
    "0015001c 662f2f3439396b39353464364f4c33346f4c39465354767936347341"
    "0014000b 6578616d706c652e6f7267 00"
    "00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666"
)

# --- RFC 8489 B.1 ----------------------------------------------------------------------------------------------------

_B1_HEAD = (
    "001e0020 4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704"
    "00150029 6f624d61744a6f733241414143662f2f3439396b39353464364f4c33346f4c39465354767936347341 000000"
    "0014000b 6578616d706c652e6f7267 00"
)
RFC8489_B1 = bytes.fromhex(
    "00010090 2112a442 78ad3433c6ad72c029da412e" + _B1_HEAD + "001d0004 00020000"
    "001c0020 b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65"
)
"As errata 6268 mends it: a right message length, PASSWORD-ALGORITHM, and the HMAC over both."

RFC8489_B1_AS_PRINTED = bytes.fromhex(
    "0001009c 2112a442 78ad3433c6ad72c029da412e" + _B1_HEAD + "001c0020 "
    "e4686c8f0edeb59013e07090010a93efccbccc544c0a45d9f830aa6d6f735a01"
)
MATRIX = "\u30de\u30c8\u30ea\u30c3\u30af\u30b9"
"The user name of both long-term vectors."

# --- the corpus ------------------------------------------------------------------------------------------------------


class Row(NamedTuple):
    """One packet of the corpus, and what its manifest says about it."""

    file: str
    data: bytes
    valid: str
    types: tuple[int, ...]
    username: str
    password: str
    realm: str
    mi: str
    mi256: str
    fp: str

    def key(self) -> bytes:
        """Return the key for the recorded credentials, in plain hashlib."""
        if self.realm:
            return md5(f"{self.username}:{self.realm}:{self.password}")
        return self.password.encode()

    def seen_types(self) -> list[int]:
        """Return the types that a reader goes by: without the envelope, and without what follows integrity."""
        seen = []
        for number in self.types:
            if number in (0x0008, 0x001C):
                break
            if number != 0x8028:
                seen.append(number)
        return seen


@cache
def corpus() -> tuple[Row, ...]:
    """Return all packets; empty where there is no corpus."""
    manifest = CORPUS / "manifest.csv"
    if not manifest.exists():
        return ()
    with manifest.open(encoding="utf-8", newline="") as lines:
        return tuple(_row(line) for line in csv.DictReader(lines))


def _row(line: dict[str, str]) -> Row:
    types = tuple(int(number, 16) for number in line["attributes"].split())
    names = ("username", "password", "realm", "mi", "mi256", "fp")
    return Row(
        line["file"], (CORPUS / line["file"]).read_bytes(), line["valid"], types, *(line[name] for name in names)
    )


def md5(text: str) -> bytes:
    """Return the hash that long-term keys of old are."""
    return hashlib.md5(text.encode()).digest()  # noqa: S324


def copies(value: _T) -> tuple[_T, _T, _T]:
    """Return `value` pickled, copied deeply, and copied."""
    return pickle.loads(pickle.dumps(value)), copy.deepcopy(value), copy.copy(value)  # noqa: S301


# --- a second way ----------------------------------------------------------------------------------------------------


def plain_attribute(number: int, value: bytes) -> bytes:
    """Return an attribute, straight from the figure in RFC 8489 14."""
    return struct.pack("!HH", number, len(value)) + value + b"\0" * (-len(value) % 4)


def plain_message(kind: int, transaction_id: bytes, body: bytes, *, extra: int = 0) -> bytes:
    """Return a message whose length field counts `extra` octets that are still to come."""
    return struct.pack("!HHI", kind, len(body) + extra, 0x2112A442) + transaction_id + body


def plain_sealed(
    kind: int,
    transaction_id: bytes,
    body: bytes,
    key: bytes,
    *,
    sha1: bool = True,
    sha256: int = 0,
    fingerprint: bool = True,
) -> bytes:
    """Return a message in its envelope, by hmac and zlib alone; `sha256` is the size of that attribute or 0."""
    if sha1:
        mac = hmac.new(key, plain_message(kind, transaction_id, body, extra=24), "sha1").digest()
        body += plain_attribute(0x0008, mac)
    if sha256:
        mac = hmac.new(key, plain_message(kind, transaction_id, body, extra=4 + sha256), "sha256").digest()
        body += plain_attribute(0x001C, mac[:sha256])
    if fingerprint:
        crc = zlib.crc32(plain_message(kind, transaction_id, body, extra=8)) ^ 0x5354554E
        body += plain_attribute(0x8028, crc.to_bytes(4, "big"))
    return plain_message(kind, transaction_id, body)


# --- generated values ------------------------------------------------------------------------------------------------

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
identities = st.text(PRINTABLE, max_size=127)
transaction_ids = st.binary(min_size=12, max_size=12)

NOMINATION = stun.AttributeType(0xC001, "NOMINATION", UNSIGNED_32, "draft-thatcher-ice-renomination-01 4")
"A type of somebody else's, as a user of the library would add it."


def binding(*wanted: stun.Attribute, transaction_id: bytes = bytes(range(12))) -> stun.Message:
    """Return a Binding request."""
    return stun.Message.request(stun.Method.BINDING, transaction_id, *wanted)

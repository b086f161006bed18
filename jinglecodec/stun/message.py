"""STUN messages (RFC 8489 5 to 7, 9 and 14): frozen values, encoded once and read lazily.

A message is method, class, transaction id and attributes. MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and FINGERPRINT
are not among the attributes: they are the envelope, which `Message.encode` puts on, and which `Message.verify` and
`Message.verify_fingerprint` check in the octets as received. So `decode(message.encode(key)) == message`.

Decoding walks over the headers of the attributes; a value is decoded when `Message.get` asks for it.
"""

from __future__ import annotations

import enum
from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from zlib import crc32

import attrs

from jinglecodec.errors import EncodeError, StunError
from jinglecodec.stun.attributes import ATTRIBUTES, ERROR_CODE, UNKNOWN_ATTRIBUTES, Attribute, AttributeType
from jinglecodec.stun.values import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Container

    from jinglecodec.stun.integrity import Keyed

__all__ = ["MAGIC_COOKIE", "REASONS", "Integrity", "Message", "MessageClass", "Method", "Received", "decode"]

_T = TypeVar("_T")

MAGIC_COOKIE = 0x2112A442
"The second word of every message (RFC 8489 5); peers of RFC 3489 have random bits there."

REMEMBERED_KEYS = 1024
"How many keys per hash are kept ready: half a KiB each, and 2 us to make again what had to make room."

_HEADER = Struct(">HHI12s")
_pack_header = _HEADER.pack
_unpack_header = _HEADER.unpack_from
_HEADER_SIZE = 20
_attribute_header = Struct(">HH").unpack_from
_SHA1_HEADER = b"\x00\x08\x00\x14"
_FINGERPRINT = Struct(">II")
_FINGERPRINT_HEADER = 0x80280004
_FINGERPRINT_MASK = 0x5354554E
_BODY_LIMIT = 0xFFFC - 24 - 36 - 8
"Octets of attributes that leave room for the largest envelope in a 16-bit length."
_new = tuple.__new__


class Method(enum.IntEnum):
    """What a message is about (RFC 8489 18.2, RFC 8656 17)."""

    BINDING = 0x001
    ALLOCATE = 0x003
    REFRESH = 0x004
    SEND = 0x006
    "Indications only."
    DATA = 0x007
    "Indications only."
    CREATE_PERMISSION = 0x008
    CHANNEL_BIND = 0x009


class MessageClass(enum.IntEnum):
    """The part of a message in its transaction; the values are the bits C1 and C0 in place (RFC 8489 5)."""

    REQUEST = 0x000
    INDICATION = 0x010
    SUCCESS = 0x100
    ERROR = 0x110


class Integrity(enum.Enum):
    """Which message integrity attributes a message carries."""

    SHA1 = "MESSAGE-INTEGRITY"
    "RFC 8489 14.5"
    SHA256 = "MESSAGE-INTEGRITY-SHA256"
    "RFC 8489 14.6"
    BOTH = "MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256"
    "For a first request with short-term credentials to a peer of unknown abilities (RFC 8489 9.1.2)."

    @property
    def answer(self) -> Integrity:
        """What the response to such a request carries: one of them, SHA-256 where it was offered (RFC 8489 9.1.3)."""
        return _SHA1 if self is _SHA1 else _SHA256


# Looking a member up in its enum takes as long as packing a header.
_SHA1 = Integrity.SHA1
_SHA256 = Integrity.SHA256
_REQUEST = MessageClass.REQUEST
_INDICATION = MessageClass.INDICATION
_SUCCESS = MessageClass.SUCCESS
_ERROR = MessageClass.ERROR

REASONS = {
    300: "Try Alternate",
    400: "Bad Request",
    401: "Unauthenticated",
    403: "Forbidden",
    420: "Unknown Attribute",
    437: "Allocation Mismatch",
    438: "Stale Nonce",
    440: "Address Family not Supported",
    441: "Wrong Credentials",
    442: "Unsupported Transport Protocol",
    443: "Peer Address Family Mismatch",
    486: "Allocation Quota Reached",
    487: "Role Conflict",
    500: "Server Error",
    508: "Insufficient Capacity",
}
"Error code -> recommended phrase (RFC 8489 14.8, RFC 8445 16.2, RFC 8656 19)."


class Received(NamedTuple):
    """The octets that a message came in, and the offsets of its envelope, 0 for what is absent."""

    data: bytes
    sha1: int
    sha256: int
    fingerprint: int


@attrs.frozen(repr=False, weakref_slot=False)
class Message:
    """One STUN message. Two are equal when method, class, transaction id and the octets of the attributes are.

    `attributes` are in the order of the wire; of several with one type the first counts, unless its clause lets it
    repeat. Raises EncodeError for a method or transaction id that the header cannot hold (RFC 8489 5).
    """

    method: int
    "0x000..0xFFF; a Method where it is a known one."
    message_class: MessageClass
    transaction_id: bytes
    "12 octets; the sender of a request or indication draws them at random (RFC 8489 5)."
    # Instances of Attribute, or plain pairs where `decode` put them in: 0.3 us less for a check.
    _attributes: tuple[tuple[int, bytes], ...] = ()
    received: Received | None = attrs.field(default=None, init=False, eq=False)
    "Set by `decode` alone; `attrs.evolve` does not take it over."

    def __attrs_post_init__(self) -> None:
        _check_header(self.method, self.transaction_id)

    @classmethod
    def request(cls, method: int, transaction_id: bytes, *attributes: Attribute) -> Message:
        """Return a request (RFC 8489 6.1); raises EncodeError as the constructor does."""
        _check_header(method, transaction_id)
        return _message(method, _REQUEST, transaction_id, attributes, None)

    @classmethod
    def indication(cls, method: int, transaction_id: bytes, *attributes: Attribute) -> Message:
        """Return an indication (RFC 8489 6.1); raises EncodeError as the constructor does."""
        _check_header(method, transaction_id)
        return _message(method, _INDICATION, transaction_id, attributes, None)

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """All attributes but those of the envelope, in the order of the wire."""
        return tuple([Attribute(number, encoded) for number, encoded in self._attributes])

    def __repr__(self) -> str:
        return f"Message({self.method!r}, {self.message_class!r}, {self.transaction_id!r}, {self.attributes!r})"

    def get(self, wanted: AttributeType[_T]) -> _T | None:
        """Return the value of the first attribute of this type, or None; raises StunError when it is malformed.

        USE-CANDIDATE and DONT-FRAGMENT have no value: ask `USE_CANDIDATE in message`.
        """
        for number, encoded in self._attributes:
            if number == wanted.number:
                return wanted.read(encoded)
        return None

    def get_all(self, wanted: AttributeType[_T]) -> tuple[_T, ...]:
        """Return the values of all attributes of this type, such as XOR-PEER-ADDRESS; raises StunError."""
        return tuple([wanted.read(encoded) for number, encoded in self._attributes if number == wanted.number])

    def __getitem__(self, wanted: AttributeType[_T]) -> _T:
        """Return the value of the first attribute of this type; raises StunError when it is absent or malformed."""
        for number, encoded in self._attributes:
            if number == wanted.number:
                return wanted.read(encoded)
        raise StunError(f"{wanted.name} is missing ({wanted.clause})")

    def __contains__(self, wanted: AttributeType[_T]) -> bool:
        for number, _ in self._attributes:  # noqa: SIM110 - any() takes twice the time, and every check asks
            if number == wanted.number:
                return True
        return False

    def unknown_required(self, known: Container[int] = ATTRIBUTES) -> tuple[int, ...]:
        """Return the types, each once, of attributes that have to be understood but are not in `known`.

        Where there are any, a request is answered with `unknown_attributes`, an indication is dropped, and a
        response fails its transaction (RFC 8489 6.3.1 to 6.3.4).
        """
        found: dict[int, None] = {}
        for number, _ in self._attributes:
            if number < 0x8000 and number not in known:
                found[number] = None
        return tuple(found)

    def renewed(self, transaction_id: bytes) -> Message:
        """Return the same message under another transaction id: the next check of a pair, the next refresh."""
        _check_header(self.method, transaction_id)
        return _message(self.method, self.message_class, transaction_id, self._attributes, None)

    def success(self, *attributes: Attribute) -> Message:
        """Return the success response to this request (RFC 8489 6.3.1.1)."""
        return _message(self.method, _SUCCESS, self.transaction_id, attributes, None)

    def error(self, code: int, *attributes: Attribute, reason: str | None = None) -> Message:
        """Return the error response to this request: ERROR-CODE, its phrase from REASONS unless given, and more.

        Raises EncodeError when `code` is not in 300..699.
        """
        error = ERROR_CODE(ErrorCode(code, REASONS.get(code, "") if reason is None else reason))
        return _message(self.method, _ERROR, self.transaction_id, (error, *attributes), None)

    def unknown_attributes(self, known: Container[int] = ATTRIBUTES) -> Message:
        """Return the error response 420 that lists the attributes of `unknown_required` (RFC 8489 14.13)."""
        return self.error(420, UNKNOWN_ATTRIBUTES(self.unknown_required(known)))

    def encode(
        self,
        key: bytes | None = None,
        *,
        integrity: Integrity = Integrity.SHA1,
        fingerprint: bool = False,
        sha256_size: int = 32,
    ) -> bytes:
        """Return the octets of the message, in its envelope: integrity when there is a key, and FINGERPRINT if wanted.

        `sha256_size` cuts MESSAGE-INTEGRITY-SHA256 to 16, 20, 24 or 28 octets, for usages that allow it (RFC 8489
        14.6). Retransmissions send the same octets again. Raises EncodeError when they do not fit one message.
        """
        method = self.method
        kind = method | self.message_class if method < 0x010 else _message_type(method, self.message_class)
        transaction_id = self.transaction_id
        body = b"".join(
            [
                encoded if number not in _XORED else _masked(encoded, transaction_id)
                for number, encoded in self._attributes
            ]
        )
        if len(body) > _BODY_LIMIT:
            raise EncodeError(f"{len(body)} octets of attributes do not fit a message (RFC 8489 5)")
        if key is not None:
            if integrity is not _SHA256:
                covered = _pack_header(kind, len(body) + 24, MAGIC_COOKIE, transaction_id) + body
                body += _SHA1_HEADER + _sha1(key).digest(covered)
            if integrity is not _SHA1:
                header = _sha256_header(sha256_size)
                covered = _pack_header(kind, len(body) + 4 + sha256_size, MAGIC_COOKIE, transaction_id) + body
                body += header + _sha256(key).digest(covered)[:sha256_size]
        if not fingerprint:
            return _pack_header(kind, len(body), MAGIC_COOKIE, transaction_id) + body
        data = _pack_header(kind, len(body) + 8, MAGIC_COOKIE, transaction_id) + body
        return data + _FINGERPRINT.pack(_FINGERPRINT_HEADER, crc32(data) ^ _FINGERPRINT_MASK)

    @property
    def integrity(self) -> Integrity | None:
        """Which message integrity attributes the message was received with, right or wrong."""
        if self.received is None:
            return None
        _, sha1, sha256, _ = self.received
        if sha256:
            return Integrity.BOTH if sha1 else _SHA256
        return _SHA1 if sha1 else None

    def verify(self, key: bytes, *, sha256_size: int = 32) -> bool:
        """Tell whether the message was received with right message integrity; False where it has none.

        Where there are both, MESSAGE-INTEGRITY-SHA256 alone decides (RFC 8489 9.1.3 and 9.2.4). `sha256_size` is
        the shortest that is accepted, less than 32 only for usages that allow truncation (RFC 8489 14.6).
        """
        if self.received is None:
            return False
        data, sha1, sha256, _ = self.received
        at = sha256 or sha1
        size = data[at + 2] << 8 | data[at + 3]
        shortest, longest = (max(sha256_size, 16), 32) if sha256 else (20, 20)
        if not (at and shortest <= size <= longest and size & 3 == 0):
            return False
        # Covered are all octets before the attribute, under a length that ends with it.
        covered = data[:2] + (at + size - 16).to_bytes(2) + data[4:at]
        return (_sha256 if sha256 else _sha1)(key).matches(covered, data[at + 4 : at + 4 + size])

    def verify_fingerprint(self) -> bool:
        """Tell whether the message was received with a right FINGERPRINT at its end (RFC 8489 7 and 14.7)."""
        if self.received is None:
            return False
        data, _, _, at = self.received
        if at == 0 or at + 8 != len(data):
            return False
        return _FINGERPRINT.unpack_from(data, at) == (_FINGERPRINT_HEADER, crc32(data[:at]) ^ _FINGERPRINT_MASK)


class _Draft:
    """A message in the making: the slots of Message, without its frozen `__setattr__`."""

    __slots__ = ("_attributes", "message_class", "method", "received", "transaction_id")


def _message(
    method: int,
    message_class: MessageClass,
    transaction_id: bytes,
    attributes: tuple[tuple[int, bytes], ...],
    received: Received | None,
) -> Message:
    """Return a message of parts that are known to be sound, in half the time of its constructor.

    Plain stores into an object of another class with the same slots, which then becomes a Message.
    """
    draft: Any = _Draft()
    draft.method = method
    draft.message_class = message_class
    draft.transaction_id = transaction_id
    draft._attributes = attributes  # noqa: SLF001
    draft.received = received
    draft.__class__ = Message
    message: Message = draft
    return message


def decode(data: bytes) -> Message:
    """Return the message in `data`, which is one whole datagram or frame; raises StunError (RFC 8489 6.3).

    Attributes that follow MESSAGE-INTEGRITY, or MESSAGE-INTEGRITY-SHA256 where it stands alone, are left out
    (RFC 8489 9). The envelope is found, not checked: that is for `Message.verify` and `Message.verify_fingerprint`.
    """
    end = len(data)
    if end < _HEADER_SIZE:
        raise StunError(f"{end} octets are too few for a STUN message (RFC 8489 5)")
    kind, length, cookie, transaction_id = _unpack_header(data)
    if kind > 0x3FFF or length & 3 or length + _HEADER_SIZE != end or cookie != MAGIC_COOKIE:
        raise StunError(_refusal(kind, length, end))
    attributes = []
    sha1 = sha256 = fingerprint = 0
    sealed = False
    offset = _HEADER_SIZE
    while offset < end:
        number, size = _attribute_header(data, offset)
        after = offset + (size + 7 & ~3)
        if after > end:
            raise StunError(f"attribute 0x{number:04X} at octet {offset} passes the end of the message (RFC 8489 14)")
        if not (sealed or number in _SPECIAL):
            attributes.append((number, data[offset:after]))
        elif number == 0x8028:
            fingerprint = fingerprint or offset
        elif number == 0x001C:
            sha256 = sha256 or offset
            sealed = True
        elif number == 0x0008:
            sha1 = sha1 if sealed else offset
            sealed = True
        elif not sealed:
            attributes.append((number, _masked(data[offset:after], transaction_id)))
        offset = after
    method, message_class = _TYPES.get(kind) or _split(kind)
    received = _new(Received, (data, sha1, sha256, fingerprint))
    return _message(method, message_class, transaction_id, tuple(attributes), received)


def _check_header(method: int, transaction_id: bytes) -> None:
    """Raise EncodeError for what has no place in a header."""
    if len(transaction_id) != 12:
        raise EncodeError(f"a transaction id has 12 octets, not {len(transaction_id)} (RFC 8489 5)")
    if not 0 <= method <= 0xFFF:
        raise EncodeError(f"method {method} is not in 0x000..0xFFF (RFC 8489 5)")


def _refusal(kind: int, length: int, size: int) -> str:
    """Return what is wrong with the header."""
    if kind > 0x3FFF:
        return "the first two bits are not zero (RFC 8489 5)"
    if length & 3:
        return f"message length {length} is not a multiple of 4 (RFC 8489 5)"
    if length + _HEADER_SIZE != size:
        return f"message length {length}, but {size - _HEADER_SIZE} octets follow the header (RFC 8489 5)"
    return "no magic cookie: a peer of RFC 3489, or not STUN (RFC 8489 5 and 11)"


def _message_type(method: int, message_class: int) -> int:
    """Return the type field, where the bits of the class stand between those of the method (RFC 8489 5)."""
    return method & 0x00F | (method & 0x070) << 1 | (method & 0xF80) << 2 | message_class


def _split(kind: int) -> tuple[int, MessageClass]:
    """Return the method and the class in a type field."""
    return kind & 0x00F | kind >> 1 & 0x070 | kind >> 2 & 0xF80, MessageClass(kind & 0x110)


_TYPES = {_message_type(method, kind): (method, kind) for method in Method for kind in MessageClass}
_XORED = frozenset(number for number, row in ATTRIBUTES.items() if row.xored)
_SPECIAL = _XORED | {0x0008, 0x001C, 0x8028}
"Types that `decode` does not take as they are."


def _masked(encoded: bytes, transaction_id: bytes) -> bytes:
    """Return an XOR-... address with its mask put on, or taken off (RFC 8489 14.2); anything else as it is."""
    if len(encoded) == 12:
        mask = MAGIC_COOKIE >> 16 << 32 | MAGIC_COOKIE
    elif len(encoded) == 24:
        mask = MAGIC_COOKIE >> 16 << 128 | MAGIC_COOKIE << 96 | int.from_bytes(transaction_id)
    else:
        return encoded
    return (int.from_bytes(encoded) ^ mask).to_bytes(len(encoded))


def _sha256_header(size: int) -> bytes:
    if size not in (16, 20, 24, 28, 32):
        raise EncodeError(f"MESSAGE-INTEGRITY-SHA256 has 16, 20, 24, 28 or 32 octets, not {size} (RFC 8489 14.6)")
    return b"\x00\x1c\x00" + size.to_bytes()


@lru_cache(REMEMBERED_KEYS)
def _sha1(key: bytes) -> Keyed:
    from jinglecodec.stun.integrity import Keyed  # noqa: PLC0415 - hashlib costs 2 ms, due with the first key

    return Keyed("sha1", key)


@lru_cache(REMEMBERED_KEYS)
def _sha256(key: bytes) -> Keyed:
    from jinglecodec.stun.integrity import Keyed  # noqa: PLC0415 - as above

    return Keyed("sha256", key)

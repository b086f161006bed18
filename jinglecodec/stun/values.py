"""What attributes carry: value classes, and codecs between them and encoded attributes.

A codec writes and reads a whole attribute, header and padding included, so that the common ones are one `struct` call.
Writers are strict, readers lenient wherever receivers are told to ignore something. A reader raises StunError, a
writer EncodeError; the table in `attributes` puts name and clause to the text.
"""

from __future__ import annotations

import enum
from struct import Struct
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from jinglecodec.addresses import Address, packed, unpacked
from jinglecodec.errors import EncodeError, StunError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "ADDRESS",
    "ADDRESS_ERROR",
    "CHANNEL",
    "CHANNELS",
    "DOMAIN",
    "ENVELOPE",
    "ERROR",
    "EVEN",
    "FAMILY",
    "FLAG",
    "ICMP_ERROR",
    "LIST_OF_PASSWORD_ALGORITHMS",
    "LIST_OF_TYPES",
    "NETWORK_INFO",
    "NONCE_TEXT",
    "OCTETS",
    "ONE_PASSWORD_ALGORITHM",
    "PROTOCOL",
    "REALM_TEXT",
    "TEXT",
    "UNSIGNED_32",
    "UNSIGNED_64",
    "USER_TEXT",
    "AddressError",
    "Codec",
    "ErrorCode",
    "Family",
    "Icmp",
    "NetworkInfo",
    "PasswordAlgorithm",
    "token",
]

_T = TypeVar("_T")

_HEADER = Struct(">HH")
_PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")
_ADDRESS_HEAD = Struct(">HHxBH")
_ERROR_HEAD = Struct(">xxBB")
_ADDRESS_ERROR_HEAD = Struct(">BxBB")
_ICMP = Struct(">xxBBI")
_NETWORK = Struct(">HH")


@attrs.frozen
class Codec(Generic[_T]):
    """How attributes with one kind of value are written and read."""

    write: Callable[[int, _T], bytes]
    "Return the attribute of this type and value: type, length, value, padding; raises EncodeError."
    read: Callable[[bytes], _T]
    "Return the value of an encoded attribute; raises StunError."


class Family(enum.IntEnum):
    """Address families (RFC 8489 14.1)."""

    IPV4 = 0x01
    IPV6 = 0x02


@attrs.frozen
class ErrorCode:
    """Why a request failed (RFC 8489 14.8). Decide on `code`; the phrase is for people."""

    code: int
    "300..699"
    reason: str = ""
    "Fewer than 128 characters when written."


@attrs.frozen
class AddressError:
    """Why one of two requested address families was not allocated (RFC 8656 18.12)."""

    family: Family
    code: int
    "440 (Address Family not Supported) or 508 (Insufficient Capacity)."
    reason: str = ""


@attrs.frozen
class PasswordAlgorithm:
    """How a long-term password becomes a key (RFC 8489 14.12 and 18.5)."""

    number: int
    "0x0001 is MD5, 0x0002 is SHA-256."
    parameters: bytes = b""
    "Empty for both of them."


@attrs.frozen
class Icmp:
    """An ICMP error that a TURN server received for a relayed packet (RFC 8656 18.13)."""

    type: int
    "0..255; of ICMP or ICMPv6, as the family of the peer's address says."
    code: int
    "0..255"
    data: int = 0
    "The MTU of the next hop in octets when the packet was too big, else 0."


@attrs.frozen
class NetworkInfo:
    """What Chromium tells of the interface that a check leaves by; no specification."""

    id: int
    "0..65535; one number for one interface."
    cost: int
    "0 (as good as free) .. 999 (to be avoided)."


# --- building blocks ---------------------------------------------------------------------------------------------


def _framed(number: int, octets: bytes) -> bytes:
    """Return the attribute with this value (RFC 8489 14)."""
    size = len(octets)
    if size > 0xFFFF:
        raise EncodeError(f"{size} octets do not fit an attribute")
    return _HEADER.pack(number, size) + octets + _PADDING[size & 3]


def _octets(encoded: bytes) -> bytes:
    """Return the value of an encoded attribute."""
    return encoded[4 : 4 + (encoded[2] << 8 | encoded[3])]


def _exactly(encoded: bytes, size: int) -> bytes:
    """Return the value when it has `size` octets."""
    octets = _octets(encoded)
    if len(octets) != size:
        raise StunError(f"{len(octets)} octets instead of {size}")
    return octets


def _ranged(value: int, minimum: int, maximum: int) -> int:
    if not minimum <= value <= maximum:
        raise EncodeError(f"{value} is not in {minimum}..{maximum}")
    return value


def _unsigned(layout: str) -> Codec[int]:
    """Return the codec of an unsigned integer, most significant octet first."""
    attribute = Struct(">HH" + layout)
    size = attribute.size - 4
    maximum = 256**size - 1

    def write(number: int, value: int) -> bytes:
        return attribute.pack(number, size, value if 0 <= value <= maximum else _ranged(value, 0, maximum))

    def read(encoded: bytes) -> int:
        # The length of a sound one is in its last octet; anything else is reported by `_exactly`.
        if encoded[3] != size or len(encoded) != attribute.size:
            _exactly(encoded, size)
        value: int = attribute.unpack(encoded)[2]
        return value

    return Codec(write, read)


def token(size: int) -> Codec[bytes]:
    """Return the codec of `size` opaque octets."""

    def write(number: int, value: bytes) -> bytes:
        if len(value) != size:
            raise EncodeError(f"{len(value)} octets instead of {size}")
        return _framed(number, value)

    return Codec(write, lambda encoded: _exactly(encoded, size))


# --- text --------------------------------------------------------------------------------------------------------


def _at_most_127_characters(text: str) -> bytes:
    """Return the UTF-8 form of a text of fewer than 128 characters, at most 508 octets (RFC 8489 14.8 to 14.14)."""
    if len(text) > 127:
        raise EncodeError(f"{len(text)} characters instead of fewer than 128")
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise EncodeError("a lone surrogate has no UTF-8 form") from None


def _require_opaque(text: str) -> None:
    """Raise EncodeError unless OpaqueString leaves `text` alone: USERNAME and REALM went through it already."""
    from jinglecodec.stun.strings import opaque_string  # noqa: PLC0415 - rarely needed, and it loads Unicode tables

    if opaque_string(text) != text:
        raise EncodeError("the text is not in the form that OpaqueString gives it (RFC 8265 4.2)")


def _write_user(number: int, text: str) -> bytes:
    if not (text.isascii() and text.isprintable()):
        _require_opaque(text)
    octets = text.encode()
    size = len(octets)
    if size > 508:
        raise EncodeError(f"{size} octets instead of fewer than 509")
    return _HEADER.pack(number, size) + octets + _PADDING[size & 3]


def _write_realm(number: int, text: str) -> bytes:
    _require_opaque(text)
    return _framed(number, _at_most_127_characters(text))


def _write_nonce(number: int, octets: bytes) -> bytes:
    _at_most_127_characters(octets.decode(errors="replace"))
    return _framed(number, octets)


def _write_domain(number: int, name: str) -> bytes:
    if not (name.isascii() and name.isprintable() and 1 <= len(name) <= 255 and " " not in name):
        raise EncodeError("not a DNS name of 1..255 ASCII characters")
    return _framed(number, name.encode())


def _read_identity(encoded: bytes) -> str:
    """Return text that is compared: any length, without trailing NULs (RFC 8489 9.2.2), but nothing else mended."""
    try:
        return _octets(encoded).decode().rstrip("\0")
    except UnicodeDecodeError:
        raise StunError("the text is not UTF-8") from None


def _read_domain(encoded: bytes) -> str:
    name = _read_identity(encoded)
    if not name.isascii():
        raise StunError("the domain name is not ASCII")
    return name


def _shown(octets: bytes) -> str:
    """Return text for people; coturn ends its reason phrases in NUL."""
    return octets.decode(errors="replace").rstrip("\0")


# --- addresses ---------------------------------------------------------------------------------------------------


def _write_address(number: int, address: Address) -> bytes:
    octets = packed(address.host)
    if octets is None:
        raise EncodeError(f"{address.host!r} is not an IP address")
    port = address.port
    if not 0 <= port <= 0xFFFF:
        raise EncodeError(f"port {port} is not in 0..65535")
    size = len(octets)
    return _ADDRESS_HEAD.pack(number, size + 4, 1 if size == 4 else 2, port) + octets


def _read_address(encoded: bytes) -> Address:
    size = len(encoded)
    if encoded[2:4] + encoded[5:6] != _ADDRESS_FORMS.get(size):
        raise StunError("neither family 1 in 8 octets nor family 2 in 20")
    return Address(unpacked(encoded[8:]), encoded[6] << 8 | encoded[7])


_ADDRESS_FORMS = {12: b"\x00\x08\x01", 24: b"\x00\x14\x02"}
"Length of the encoded attribute -> its length field and family."


def _family(number: int) -> Family:
    if number not in (1, 2):
        raise StunError(f"unknown address family {number}")
    return Family(number)


# --- structures --------------------------------------------------------------------------------------------------


def _code(hundreds: int, number: int) -> int:
    """Return the error code; the bits above the class are reserved and ignored (RFC 8489 14.8)."""
    hundreds &= 7
    if not 3 <= hundreds <= 6 or number > 99:
        raise StunError(f"class {hundreds} and number {number} make no error code")
    return hundreds * 100 + number


def _write_error(number: int, value: ErrorCode) -> bytes:
    head = _ERROR_HEAD.pack(*divmod(_ranged(value.code, 300, 699), 100))
    return _framed(number, head + _at_most_127_characters(value.reason))


def _read_error(encoded: bytes) -> ErrorCode:
    octets = _octets(encoded)
    if len(octets) < 4:
        raise StunError(f"{len(octets)} octets instead of 4 or more")
    return ErrorCode(_code(octets[2], octets[3]), _shown(octets[4:]))


def _write_address_error(number: int, value: AddressError) -> bytes:
    head = _ADDRESS_ERROR_HEAD.pack(value.family, *divmod(_ranged(value.code, 300, 699), 100))
    return _framed(number, head + _at_most_127_characters(value.reason))


def _read_address_error(encoded: bytes) -> AddressError:
    error = _read_error(encoded)
    return AddressError(_family(encoded[4]), error.code, error.reason)


def _write_algorithms(number: int, algorithms: tuple[PasswordAlgorithm, ...]) -> bytes:
    # An algorithm is laid out as an attribute is, number and parameters for type and value (RFC 8489 14.11).
    return _framed(number, b"".join(_framed(_ranged(each.number, 0, 0xFFFF), each.parameters) for each in algorithms))


def _read_algorithms(encoded: bytes) -> tuple[PasswordAlgorithm, ...]:
    octets = _octets(encoded)
    found = []
    offset = 0
    while offset < len(octets):
        parameters = offset + 4
        if parameters > len(octets):
            raise StunError("a password algorithm is cut short")
        number, size = _HEADER.unpack_from(octets, offset)
        if parameters + size > len(octets):
            raise StunError("the parameters of a password algorithm are cut short")
        found.append(PasswordAlgorithm(number, octets[parameters : parameters + size]))
        offset = parameters + (size + 3 & ~3)
    return tuple(found)


def _read_algorithm(encoded: bytes) -> PasswordAlgorithm:
    found = _read_algorithms(encoded)
    if len(found) != 1:
        raise StunError(f"{len(found)} password algorithms instead of one")
    return found[0]


def _write_types(number: int, types: tuple[int, ...]) -> bytes:
    return _framed(number, b"".join(_ranged(each, 0, 0xFFFF).to_bytes(2) for each in types))


def _read_types(encoded: bytes) -> tuple[int, ...]:
    octets = _octets(encoded)
    if len(octets) & 1:
        raise StunError(f"{len(octets)} octets are no list of 16-bit types")
    return tuple(octets[i] << 8 | octets[i + 1] for i in range(0, len(octets), 2))


def _write_icmp(number: int, icmp: Icmp) -> bytes:
    kind, code, data = _ranged(icmp.type, 0, 255), _ranged(icmp.code, 0, 255), _ranged(icmp.data, 0, 2**32 - 1)
    return _framed(number, _ICMP.pack(kind, code, data))


def _write_network(number: int, info: NetworkInfo) -> bytes:
    return _framed(number, _NETWORK.pack(_ranged(info.id, 0, 0xFFFF), _ranged(info.cost, 0, 0xFFFF)))


def _refuse(_: int, value: bytes) -> bytes:
    raise EncodeError(f"{len(value)} octets are given, but Message.encode computes and appends this attribute")


# --- the codecs that the table names -----------------------------------------------------------------------------

UNSIGNED_32 = _unsigned("I")
UNSIGNED_64 = _unsigned("Q")
OCTETS: Codec[bytes] = Codec(_framed, _octets)
FLAG: Codec[None] = Codec(lambda number, _: _HEADER.pack(number, 0), lambda _: None)
ADDRESS: Codec[Address] = Codec(_write_address, _read_address)
USER_TEXT: Codec[str] = Codec(_write_user, _read_identity)
REALM_TEXT: Codec[str] = Codec(_write_realm, _read_identity)
NONCE_TEXT: Codec[bytes] = Codec(_write_nonce, _octets)
TEXT: Codec[str] = Codec(
    lambda number, text: _framed(number, _at_most_127_characters(text)), lambda encoded: _shown(_octets(encoded))
)
DOMAIN: Codec[str] = Codec(_write_domain, _read_domain)
ERROR: Codec[ErrorCode] = Codec(_write_error, _read_error)
ADDRESS_ERROR: Codec[AddressError] = Codec(_write_address_error, _read_address_error)
ONE_PASSWORD_ALGORITHM: Codec[PasswordAlgorithm] = Codec(
    lambda number, algorithm: _write_algorithms(number, (algorithm,)), _read_algorithm
)
LIST_OF_PASSWORD_ALGORITHMS: Codec[tuple[PasswordAlgorithm, ...]] = Codec(_write_algorithms, _read_algorithms)
LIST_OF_TYPES: Codec[tuple[int, ...]] = Codec(_write_types, _read_types)
ICMP_ERROR: Codec[Icmp] = Codec(_write_icmp, lambda encoded: Icmp(*_ICMP.unpack(_exactly(encoded, 8))))
NETWORK_INFO: Codec[NetworkInfo] = Codec(
    _write_network, lambda encoded: NetworkInfo(*_NETWORK.unpack(_exactly(encoded, 4)))
)
ENVELOPE: Codec[bytes] = Codec(_refuse, _octets)
CHANNELS = range(0x4000, 0x5000)
"The numbers of channels (RFC 8656 12)."
# Behind the first or second octet these are reserved: zero when written, ignored when read (RFC 8656 18.1 to 18.8).
CHANNEL: Codec[int] = Codec(
    lambda number, channel: _framed(number, _ranged(channel, CHANNELS[0], CHANNELS[-1]).to_bytes(2) + b"\0\0"),
    lambda encoded: int.from_bytes(_exactly(encoded, 4)[:2]),
)
FAMILY: Codec[Family] = Codec(
    lambda number, family: _framed(number, bytes((family, 0, 0, 0))),
    lambda encoded: _family(_exactly(encoded, 4)[0]),
)
PROTOCOL: Codec[int] = Codec(
    lambda number, protocol: _framed(number, bytes((_ranged(protocol, 0, 255), 0, 0, 0))),
    lambda encoded: _exactly(encoded, 4)[0],
)
EVEN: Codec[bool] = Codec(
    lambda number, reserve: _framed(number, b"\x80" if reserve else b"\0"),
    lambda encoded: _exactly(encoded, 1)[0] >= 0x80,
)

"""The STUN attributes of RFC 8489, 8445, 8656 and 5780: one table, type -> name, codec and clause.

An attribute type is called with a value to make an attribute, and handed to `Message.get` to read one:

    >>> PRIORITY(1845501695)
    PRIORITY(1845501695)
    >>> PRIORITY(1845501695).encoded.hex()
    '002400046e001eff'

Types that are not in the table are kept as type and octets. A type of one's own needs no registration:
`NOMINATION = AttributeType(0xC001, "NOMINATION", values.UNSIGNED_32, "draft-thatcher-ice-renomination-01 4")`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, overload

import attrs

from jinglecodec.errors import EncodeError, StunError
from jinglecodec.stun import values
from jinglecodec.stun.values import Codec, token

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ADDITIONAL_ADDRESS_FAMILY",
    "ADDRESS_ERROR_CODE",
    "ALTERNATE_DOMAIN",
    "ALTERNATE_SERVER",
    "ATTRIBUTES",
    "CHANNEL_NUMBER",
    "DATA",
    "DONT_FRAGMENT",
    "ERROR_CODE",
    "EVEN_PORT",
    "FINGERPRINT",
    "GOOG_NETWORK_INFO",
    "ICE_CONTROLLED",
    "ICE_CONTROLLING",
    "ICMP",
    "LIFETIME",
    "MAPPED_ADDRESS",
    "MESSAGE_INTEGRITY",
    "MESSAGE_INTEGRITY_SHA256",
    "NONCE",
    "OTHER_ADDRESS",
    "PASSWORD_ALGORITHM",
    "PASSWORD_ALGORITHMS",
    "PRIORITY",
    "REALM",
    "REQUESTED_ADDRESS_FAMILY",
    "REQUESTED_TRANSPORT",
    "RESERVATION_TOKEN",
    "RESPONSE_ORIGIN",
    "SOFTWARE",
    "UNKNOWN_ATTRIBUTES",
    "USERHASH",
    "USERNAME",
    "USE_CANDIDATE",
    "XOR_MAPPED_ADDRESS",
    "XOR_PEER_ADDRESS",
    "XOR_RELAYED_ADDRESS",
    "Attribute",
    "AttributeType",
]

_T = TypeVar("_T")

_new = tuple.__new__


class Attribute(NamedTuple):
    """One attribute of a message: its type and its octets; made by calling an AttributeType.

    A pair rather than an attrs class, so that messages hold what came in without making an object of it.
    """

    type: int
    "0..65535; below 0x8000 it has to be understood (RFC 8489 14)."
    encoded: bytes
    """Type, length, value and padding as on the wire, except that the addresses of XOR-... attributes are in plain
    form: their mask belongs to the message (RFC 8489 14.2). Padding is kept as received."""

    @classmethod
    def unknown(cls, number: int, octets: bytes) -> Attribute:
        """Return an attribute of any type from the octets of its value; raises EncodeError."""
        known = ATTRIBUTES.get(number)
        codec = values.ENVELOPE if known and known.codec is values.ENVELOPE else values.OCTETS
        return AttributeType(number, f"0x{number:04X}", codec, "RFC 8489 14")(octets)

    @property
    def name(self) -> str:
        """The name in the IANA registry, or the number as `0xC001`."""
        known = ATTRIBUTES.get(self.type)
        return known.name if known else f"0x{self.type:04X}"

    @property
    def octets(self) -> bytes:
        """The value's octets without padding."""
        return values.OCTETS.read(self.encoded)

    @property
    def value(self) -> object:
        """The value in the class that the table gives it, octets for an unknown type; raises StunError."""
        known = ATTRIBUTES.get(self.type)
        return known.read(self.encoded) if known else self.octets

    def __repr__(self) -> str:
        try:
            value = self.value
        except StunError:
            return f"Attribute({self.name}, {self.octets!r})"
        argument = "" if value is None else repr(value)
        return f"{self.name}({argument})" if self.type in ATTRIBUTES else f"Attribute({self.name}, {argument})"


@attrs.frozen(eq=False, repr=False)
class AttributeType(Generic[_T]):
    """One row of the registry. Called with a value it makes an `Attribute`; EncodeError where its clause forbids it."""

    number: int
    name: str
    codec: Codec[_T]
    clause: str
    "Where the attribute is specified, for error texts."
    xored: bool = False
    "The address is masked with magic cookie and transaction id (RFC 8489 14.2)."

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.number <= 0xFFFF:
            raise EncodeError(f"type {self.number} is not in 0x0000..0xFFFF (RFC 8489 14)")

    @overload
    def __call__(self: AttributeType[None], value: None = None) -> Attribute: ...
    @overload
    def __call__(self, value: _T) -> Attribute: ...
    def __call__(self, value: Any = None) -> Attribute:
        """Return the attribute with this value; raises EncodeError when the specification does not allow it."""
        number = self.number
        try:
            return _new(Attribute, (number, self.codec.write(number, value)))
        except EncodeError as error:
            raise EncodeError(f"{self.name}: {error} ({self.clause})") from None

    def read(self, encoded: bytes) -> _T:
        """Return the value in `Attribute.encoded`; raises StunError."""
        try:
            return self.codec.read(encoded)
        except StunError as error:
            raise StunError(f"{self.name}: {error} ({self.clause})") from None

    def __repr__(self) -> str:
        return f"<{self.name} 0x{self.number:04X}>"


_TABLE: dict[int, AttributeType[Any]] = {}


def _row(number: int, name: str, codec: Codec[_T], clause: str, *, xored: bool = False) -> AttributeType[_T]:
    row = AttributeType(number, name, codec, clause, xored)
    _TABLE[number] = row
    return row


# fmt: off
# 0x0000..0x7FFF: comprehension-required
MAPPED_ADDRESS            = _row(0x0001, "MAPPED-ADDRESS", values.ADDRESS, "RFC 8489 14.1")
USERNAME                  = _row(0x0006, "USERNAME", values.USER_TEXT, "RFC 8489 14.3")
MESSAGE_INTEGRITY         = _row(0x0008, "MESSAGE-INTEGRITY", values.ENVELOPE, "RFC 8489 14.5")
ERROR_CODE                = _row(0x0009, "ERROR-CODE", values.ERROR, "RFC 8489 14.8")
UNKNOWN_ATTRIBUTES        = _row(0x000A, "UNKNOWN-ATTRIBUTES", values.LIST_OF_TYPES, "RFC 8489 14.13")
CHANNEL_NUMBER            = _row(0x000C, "CHANNEL-NUMBER", values.CHANNEL, "RFC 8656 18.1")
LIFETIME                  = _row(0x000D, "LIFETIME", values.UNSIGNED_32, "RFC 8656 18.2")
XOR_PEER_ADDRESS          = _row(0x0012, "XOR-PEER-ADDRESS", values.ADDRESS, "RFC 8656 18.3", xored=True)
DATA                      = _row(0x0013, "DATA", values.OCTETS, "RFC 8656 18.4")
REALM                     = _row(0x0014, "REALM", values.REALM_TEXT, "RFC 8489 14.9")
NONCE                     = _row(0x0015, "NONCE", values.NONCE_TEXT, "RFC 8489 14.10")
XOR_RELAYED_ADDRESS       = _row(0x0016, "XOR-RELAYED-ADDRESS", values.ADDRESS, "RFC 8656 18.5", xored=True)
REQUESTED_ADDRESS_FAMILY  = _row(0x0017, "REQUESTED-ADDRESS-FAMILY", values.FAMILY, "RFC 8656 18.6")
EVEN_PORT                 = _row(0x0018, "EVEN-PORT", values.EVEN, "RFC 8656 18.7")
REQUESTED_TRANSPORT       = _row(0x0019, "REQUESTED-TRANSPORT", values.PROTOCOL, "RFC 8656 18.8")
DONT_FRAGMENT             = _row(0x001A, "DONT-FRAGMENT", values.FLAG, "RFC 8656 18.9")
MESSAGE_INTEGRITY_SHA256  = _row(0x001C, "MESSAGE-INTEGRITY-SHA256", values.ENVELOPE, "RFC 8489 14.6")
PASSWORD_ALGORITHM        = _row(0x001D, "PASSWORD-ALGORITHM", values.ONE_PASSWORD_ALGORITHM, "RFC 8489 14.12")
USERHASH                  = _row(0x001E, "USERHASH", token(32), "RFC 8489 14.4")
XOR_MAPPED_ADDRESS        = _row(0x0020, "XOR-MAPPED-ADDRESS", values.ADDRESS, "RFC 8489 14.2", xored=True)
RESERVATION_TOKEN         = _row(0x0022, "RESERVATION-TOKEN", token(8), "RFC 8656 18.10")
PRIORITY                  = _row(0x0024, "PRIORITY", values.UNSIGNED_32, "RFC 8445 16.1")
USE_CANDIDATE             = _row(0x0025, "USE-CANDIDATE", values.FLAG, "RFC 8445 16.1")
# 0x8000..0xFFFF: comprehension-optional
ADDITIONAL_ADDRESS_FAMILY = _row(0x8000, "ADDITIONAL-ADDRESS-FAMILY", values.FAMILY, "RFC 8656 18.11")
ADDRESS_ERROR_CODE        = _row(0x8001, "ADDRESS-ERROR-CODE", values.ADDRESS_ERROR, "RFC 8656 18.12")
PASSWORD_ALGORITHMS       = _row(0x8002, "PASSWORD-ALGORITHMS", values.LIST_OF_PASSWORD_ALGORITHMS, "RFC 8489 14.11")
ALTERNATE_DOMAIN          = _row(0x8003, "ALTERNATE-DOMAIN", values.DOMAIN, "RFC 8489 14.16")
ICMP                      = _row(0x8004, "ICMP", values.ICMP_ERROR, "RFC 8656 18.13")
SOFTWARE                  = _row(0x8022, "SOFTWARE", values.TEXT, "RFC 8489 14.14")
ALTERNATE_SERVER          = _row(0x8023, "ALTERNATE-SERVER", values.ADDRESS, "RFC 8489 14.15")
FINGERPRINT               = _row(0x8028, "FINGERPRINT", values.ENVELOPE, "RFC 8489 14.7")
ICE_CONTROLLED            = _row(0x8029, "ICE-CONTROLLED", values.UNSIGNED_64, "RFC 8445 16.1")
ICE_CONTROLLING           = _row(0x802A, "ICE-CONTROLLING", values.UNSIGNED_64, "RFC 8445 16.1")
RESPONSE_ORIGIN           = _row(0x802B, "RESPONSE-ORIGIN", values.ADDRESS, "RFC 5780 7.3")
OTHER_ADDRESS             = _row(0x802C, "OTHER-ADDRESS", values.ADDRESS, "RFC 5780 7.4")
GOOG_NETWORK_INFO         = _row(0xC057, "GOOG-NETWORK-INFO", values.NETWORK_INFO, "Chromium, no specification")
# fmt: on

ATTRIBUTES: Mapping[int, AttributeType[Any]] = _TABLE
"All rows by number: what this library understands."

"""The lines of RFC 8866 5 that are no attributes: `o=`, `s=`, `c=`, `t=`, `m=` ... as values.

`e=`, `p=` and `u=` are kept as text: nothing in SDP negotiation reads them. The sense of `k=` is obsolete (5.12).
"""

from __future__ import annotations

import reprlib
from typing import ClassVar, Self

import attrs

from jinglecodec.addresses import is_ipv6
from jinglecodec.lexical import is_base64, is_byte_string, is_token
from jinglecodec.records import Record
from jinglecodec.sdp.values import (
    MOST,
    FieldError,
    Text,
    UnusableError,
    Value,
    are_tokens,
    is_visible,
    is_whole,
    number,
    refuse,
)

__all__ = [
    "NOWHERE",
    "Bandwidth",
    "Connection",
    "Email",
    "Information",
    "Key",
    "MediaField",
    "Origin",
    "Phone",
    "Repeat",
    "SessionName",
    "Subfields",
    "Timing",
    "Uri",
    "ZoneAdjustment",
    "Zones",
    "address_type",
]


class Subfields(Value):
    """Base of the lines that are a row of subfields, parted by single spaces."""

    __slots__ = ()

    PLACES: ClassVar[dict[str, int]] = {}
    "Field -> the number of the subfield that holds it, from 0."

    @classmethod
    def offset(cls, text: str, field: str) -> int:
        """Return where in `text` the subfield of `field` begins; the end of the text for a missing one."""
        place = cls.PLACES.get(field)
        if place is None:
            return len(text)
        return sum(len(part) + 1 for part in text.split(" ")[:place])


def _exactly(count: int, text: str, letter: str) -> list[str]:
    """Return the `count` subfields of a line; raises FieldError when there are more or fewer."""
    parts = text.split(" ")
    if len(parts) != count:
        raise FieldError("", f"{letter}= has {count} subfields parted by single spaces, not {len(parts)}")
    return parts


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Origin(Subfields):
    """Who made the description, and which version of it this is (RFC 8866 5.2)."""

    username: str
    "Without white space; `-` for none."
    session_id: int
    session_version: int
    "Goes up by one with each change of the description (RFC 3264 8)."
    network_type: str = "IN"
    address_type: str = "IP4"
    address: str = "0.0.0.0"  # noqa: S104 - the address that hides the address (RFC 8828), bound by nobody

    TYPE = "o"
    PLACES: ClassVar = {
        "username": 0,
        "session_id": 1,
        "session_version": 2,
        "network_type": 3,
        "address_type": 4,
        "address": 5,
    }

    def _check(self) -> None:
        if not is_visible(self.username):
            refuse(self, "username", "visible characters without white space")
        for field in ("session_id", "session_version"):
            if not is_whole(getattr(self, field), 0, MOST):
                refuse(self, field, "a number of at most 20 digits")
        _check_address(self)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `o=`; raises FieldError."""
        username, session_id, version, network, kind, address = _exactly(6, text, "o")
        return cls(
            username, number(session_id, "session_id"), number(version, "session_version"), network, kind, address
        )

    def line(self) -> str:
        """Return the whole line, without its end."""
        return (
            f"o={self.username} {self.session_id} {self.session_version} "
            f"{self.network_type} {self.address_type} {self.address}"
        )


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Connection(Subfields):
    """Where media goes, or comes from (RFC 8866 5.7)."""

    address: str
    "An IP address, a host name, or what another address type has."
    address_type: str = "IP4"
    network_type: str = "IN"
    ttl: int | None = None
    "Time to live, 0..255: IPv4 multicast only."
    count: int | None = None
    "How many contiguous multicast addresses, from 1; None for one."

    TYPE = "c"
    PLACES: ClassVar = {"network_type": 0, "address_type": 1, "address": 2, "ttl": 2, "count": 2}

    def _check(self) -> None:
        _check_address(self)
        if self.ttl is not None and not (self.address_type == "IP4" and is_whole(self.ttl, 0, 255)):
            refuse(self, "ttl", "a time to live in 0..255 of an IP4 address", UnusableError)
        if self.count is not None and not (self._counts and is_whole(self.count, 1, MOST)):
            refuse(self, "count", "a number of addresses, which IP4 has behind a time to live only", UnusableError)
        if "/" in self.address and self.address_type in ("IP4", "IP6"):
            refuse(self, "address", "an address without slashes")

    @property
    def _counts(self) -> bool:
        """Whether a number of addresses may stand behind the address."""
        return self.address_type == "IP6" or (self.address_type == "IP4" and self.ttl is not None)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `c=`; raises FieldError."""
        network, kind, place = _exactly(3, text, "c")
        if "/" not in place or kind not in ("IP4", "IP6"):
            return cls(place, kind, network)
        address, *rest = place.split("/", 3)
        if len(rest) > (2 if kind == "IP4" else 1) or not all(part.isascii() and part.isdigit() for part in rest):
            raise UnusableError("address", f"Connection.address: {reprlib.repr(place)} is no {kind} address")
        limits = [number(part, "address") for part in rest]
        ttl = limits.pop(0) if kind == "IP4" else None
        return cls(address, kind, network, ttl, limits[0] if limits else None)

    def line(self) -> str:
        """Return the whole line, without its end."""
        ttl = "" if self.ttl is None else f"/{self.ttl}"
        count = "" if self.count is None else f"/{self.count}"
        return f"c={self.network_type} {self.address_type} {self.address}{ttl}{count}"


def _check_address(owner: Origin | Connection) -> None:
    """Refuse what is no `nettype SP addrtype SP address` (RFC 8866 9)."""
    # Tokens by the grammar; all that are registered (8.2.6) are plain words, and `$ADDR_TYPE` is a template.
    if not (owner.network_type.isascii() and owner.network_type.isalnum()):
        refuse(owner, "network_type", "letters and digits")
    if not (owner.address_type.isascii() and owner.address_type.isalnum()):
        refuse(owner, "address_type", "letters and digits")
    if not is_visible(owner.address):
        refuse(owner, "address", "visible characters without white space")


def address_type(host: str) -> str:
    """Return the address type of an IP address: `IP4` or `IP6` (RFC 8866 8.2.7)."""
    return "IP6" if is_ipv6(host) else "IP4"


NOWHERE = Connection("0.0.0.0")  # noqa: S104 - bound by nobody
"No address: candidates tell the addresses, or the section is rejected (RFC 8829 5.2.1)."


class SessionName(Text):
    """The name of the session (RFC 8866 5.3); `-` or one space for none."""

    __slots__ = ()
    TYPE = "s"


class Information(Text):
    """A free text about the session or section, for people (RFC 8866 5.4)."""

    __slots__ = ()
    TYPE = "i"


class Uri(Text):
    """Where people read more (RFC 8866 5.5)."""

    __slots__ = ()
    TYPE = "u"


class Email(Text):
    """Whom to write to, as the line has it (RFC 8866 5.6)."""

    __slots__ = ()
    TYPE = "e"


class Phone(Text):
    """Whom to call, as the line has it (RFC 8866 5.6)."""

    __slots__ = ()
    TYPE = "p"


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Bandwidth(Value):
    """A proposed bandwidth (RFC 8866 5.8): `AS`, `CT` in kbit/s; `TIAS` (RFC 3890), `RS`, `RR` (RFC 3556) in bit/s."""

    type: str
    "A token."
    value: int
    "0 or more, at most 20 digits."

    TYPE = "b"

    def _check(self) -> None:
        if not is_token(self.type):
            refuse(self, "type", "a token")
        if not is_whole(self.value, 0, MOST):
            refuse(self, "value", "a number of at most 20 digits")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `b=`; raises FieldError."""
        kind, colon, value = text.partition(":")
        if not colon:
            raise FieldError("", "b= is a type and a number, parted by a colon")
        return cls(kind, number(value, "value"))

    @classmethod
    def offset(cls, text: str, field: str) -> int:
        """Return where in `text` the part of `field` begins."""
        return {"type": 0, "value": text.find(":") + 1}.get(field, len(text))

    def line(self) -> str:
        """Return the whole line, without its end."""
        return f"b={self.type}:{self.value}"


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Timing(Subfields):
    """When the session is active, in seconds since 1900 (RFC 8866 5.9); `0 0` in every call."""

    start: int = 0
    stop: int = 0

    TYPE = "t"
    PLACES: ClassVar = {"start": 0, "stop": 1}

    def _check(self) -> None:
        for field in ("start", "stop"):
            if not (is_whole(getattr(self, field), 0, 0) or is_whole(getattr(self, field), 10**9, MOST)):
                refuse(self, field, "0 or a number of 10..20 digits", UnusableError)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `t=`; raises FieldError."""
        if text == "0 0":
            return cls()
        start, stop = _exactly(2, text, "t")
        return cls(number(start, "start"), number(stop, "stop"))

    def line(self) -> str:
        """Return the whole line, without its end."""
        return f"t={self.start} {self.stop}"


_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def _seconds(text: str, field: str) -> int:
    """Return the seconds of a `typed-time` (RFC 8866 9): `7d`, `3600`, `1h`."""
    unit = _UNITS.get(text[-1:])
    return number(text, field) if unit is None else number(text[:-1], field) * unit


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Repeat(Value):
    """How a session repeats, in seconds (RFC 8866 5.10). Written without units."""

    interval: int
    duration: int
    offsets: tuple[int, ...]
    "From the start time; one or more."

    TYPE = "r"

    def _check(self) -> None:
        if not is_whole(self.interval, 1, MOST):
            refuse(self, "interval", "a time of at least one second")
        if not is_whole(self.duration, 0, MOST):
            refuse(self, "duration", "a time in seconds")
        if not self.offsets or not all(is_whole(offset, 0, MOST) for offset in self.offsets):
            refuse(self, "offsets", "one time in seconds or more")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `r=`; raises FieldError."""
        interval, _, rest = text.partition(" ")
        duration, *offsets = (_seconds(part, "offsets") for part in rest.split(" "))
        return cls(_seconds(interval, "interval"), duration, tuple(offsets))

    def line(self) -> str:
        """Return the whole line, without its end."""
        return f"r={self.interval} {self.duration} {' '.join(map(str, self.offsets))}"


@attrs.frozen(eq=False, repr=False)
class ZoneAdjustment(Record):
    """One change of the time zone (RFC 8866 5.11)."""

    time: int
    "In seconds since 1900."
    offset: int
    "In seconds, of either sign."


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Zones(Value):
    """The changes of the time zone while a session repeats (RFC 8866 5.11). Written without units."""

    adjustments: tuple[ZoneAdjustment, ...]
    "One or more."

    TYPE = "z"

    def _check(self) -> None:
        if not self.adjustments or not all(
            is_whole(one.time, 0, MOST) and is_whole(one.offset, -MOST, MOST) for one in self.adjustments
        ):
            refuse(self, "adjustments", "one pair of time and offset or more")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `z=`; raises FieldError."""
        parts = text.split(" ")
        if len(parts) % 2:
            raise FieldError("adjustments", "z= has pairs of time and offset")
        return cls(
            tuple(
                ZoneAdjustment(number(time, "adjustments"), _signed_seconds(offset))
                for time, offset in zip(parts[::2], parts[1::2], strict=True)
            )
        )

    def line(self) -> str:
        """Return the whole line, without its end."""
        return "z=" + " ".join(f"{one.time} {one.offset}" for one in self.adjustments)


def _signed_seconds(text: str) -> int:
    """Return the seconds of a `typed-time` that may have a minus sign."""
    return -_seconds(text[1:], "adjustments") if text.startswith("-") else _seconds(text, "adjustments")


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Key(Value):
    """An encryption key in the clear: obsolete, to be discarded when received (RFC 8866 5.12)."""

    method: str
    "`prompt`, `clear`, `base64` or `uri`."
    key: str | None = None

    TYPE = "k"

    def _check(self) -> None:
        if self.method not in ("prompt", "clear", "base64", "uri"):
            refuse(self, "method", "prompt, clear, base64 or uri")
        if (self.key is None) is not (self.method == "prompt"):
            refuse(self, "key", "there for every method but prompt")
        if self.key is not None and not (is_base64(self.key) if self.method == "base64" else is_byte_string(self.key)):
            refuse(self, "key", f"a key for {self.method}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `k=`; raises FieldError."""
        method, colon, key = text.partition(":")
        return cls(method, key if colon else None)

    def line(self) -> str:
        """Return the whole line, without its end."""
        return f"k={self.method}" if self.key is None else f"k={self.method}:{self.key}"


# Spared the test of a token, as they stand in nearly every m= line.
_KINDS = frozenset({"audio", "video", "application"})
_PROTOCOLS = frozenset({"RTP/AVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVPF", "UDP/DTLS/SCTP"})


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class MediaField(Subfields):
    """The head of a media section (RFC 8866 5.14)."""

    kind: str
    "`audio`, `video`, `application` ..."
    port: int
    "0 for a rejected section, or one that is bundled only (RFC 8843 6)."
    protocol: str
    "`UDP/TLS/RTP/SAVPF`, `RTP/AVP`, `UDP/DTLS/SCTP` ..."
    formats: tuple[str, ...]
    "Payload types as text, in order of preference; for data channels `webrtc-datachannel`, or the port of old."
    port_count: int = 1
    "How many pairs of ports, from 1."

    TYPE = "m"
    PLACES: ClassVar = {"kind": 0, "port": 1, "port_count": 1, "protocol": 2, "formats": 3}

    def _check(self) -> None:
        if self.kind not in _KINDS and not is_token(self.kind):
            refuse(self, "kind", "a token")
        if not is_whole(self.port, 0, MOST):
            refuse(self, "port", "a number of at most 20 digits")
        if not is_whole(self.port_count, 1, MOST):
            refuse(self, "port_count", "a number from 1")
        if self.protocol not in _PROTOCOLS and not are_tokens(tuple(self.protocol.split("/"))):
            refuse(self, "protocol", "a row of tokens, parted by slashes")
        if not self.formats or not are_tokens(self.formats):
            refuse(
                self,
                "formats",
                "one token or more",
                UnusableError if all(map(is_visible, self.formats)) else FieldError,
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `m=`; raises FieldError."""
        kind, ports, protocol, *formats = cls._parts(text.split(" "), 4)
        port, slash, count = ports.partition("/")
        return cls(kind, number(port, "port"), protocol, tuple(formats), number(count, "port_count") if slash else 1)

    @classmethod
    def parse_tolerant(cls, text: str) -> Self:
        """Return what stands behind `m=`, with spaces too many and any words as formats, or none; raises FieldError.

        Only so, and by `changed` from such a one, does a value exist that the constructor refuses.
        """
        kind, ports, protocol, *formats = cls._parts([part for part in text.split(" ") if part], 3)
        field = cls.parse(f"{kind} {ports} {protocol} -")
        object.__setattr__(field, "formats", tuple(formats))
        return field

    def changed(self, *, kind: str | None = None, port: int | None = None, protocol: str | None = None) -> MediaField:
        """Return the same but for what is given; formats stay, also those that only a tolerant reader takes."""
        port = self.port if port is None else port
        field = MediaField(kind or self.kind, port, protocol or self.protocol, ("-",), self.port_count)
        object.__setattr__(field, "formats", self.formats)
        return field

    @property
    def rejected(self) -> MediaField:
        """The head of a section that is not wanted: port 0, and of the formats those that are sound (RFC 3264 6)."""
        return MediaField(self.kind, 0, self.protocol, tuple(filter(is_token, self.formats)) or ("0",))

    @staticmethod
    def _parts(parts: list[str], least: int) -> list[str]:
        """Return `parts`; raises FieldError when there are fewer than `least`."""
        if len(parts) < least:
            raise FieldError("", "m= has a medium, a port, a protocol and one format or more, parted by single spaces")
        return parts

    def line(self) -> str:
        """Return the whole line, without its end."""
        count = "" if self.port_count == 1 else f"/{self.port_count}"
        return f"m={self.kind} {self.port}{count} {self.protocol} {' '.join(self.formats)}"

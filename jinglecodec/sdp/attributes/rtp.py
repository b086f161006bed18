"""RTP and RTCP in SDP: formats, feedback, header extensions, directions, packet times."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, ClassVar, Self

import attrs

from jinglecodec.lexical import is_byte_string, is_token
from jinglecodec.records import Record
from jinglecodec.sdp.values import FieldError, Flag, Text, Value, Word, is_visible, is_whole, number, refuse

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Direction",
    "Extmap",
    "ExtmapAllowMixed",
    "Fmtp",
    "FormatParameter",
    "Framerate",
    "Maxptime",
    "Ptime",
    "Rtcp",
    "RtcpFeedback",
    "RtcpMux",
    "RtcpMuxOnly",
    "RtcpRsize",
    "RtcpXr",
    "Rtpmap",
]


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Rtpmap(Value):
    """What a payload type means (RFC 8866 6.6)."""

    payload_type: int
    "0..127"
    encoding: str
    "The media subtype, as the peer writes it: compare without case."
    clock_rate: int
    "In Hz, from 1."
    channels: int | None = None
    "From 1; None, where nothing is written, means one."

    NAME = "rtpmap"

    def _check(self) -> None:
        if not is_whole(self.payload_type, 0, 127):
            refuse(self, "payload_type", "in 0..127")
        if not is_token(self.encoding):
            refuse(self, "encoding", "a token")
        if not is_whole(self.clock_rate, 1, 2**32 - 1):
            refuse(self, "clock_rate", "in 1..4294967295")
        if self.channels is not None and not is_whole(self.channels, 1, 65535):
            refuse(self, "channels", "in 1..65535")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=rtpmap:`; raises FieldError."""
        payload_type, _, rest = text.partition(" ")
        encoding, _, rest = rest.partition("/")
        clock_rate, slash, channels = rest.partition("/")
        return cls(
            number(payload_type, "payload_type"),
            encoding,
            number(clock_rate, "clock_rate"),
            number(channels, "channels") if slash else None,
        )

    def line(self) -> str:
        """Return the whole line, without its end."""
        line = f"a=rtpmap:{self.payload_type} {self.encoding}/{self.clock_rate}"
        return line if self.channels is None else f"{line}/{self.channels}"


@attrs.frozen(eq=False, repr=False)
class FormatParameter(Record):
    """One parameter of a format."""

    name: str | None
    "None where the format's parameters have no names: `0-15,66,70`, `111/111`."
    value: str | None
    "None where a name has no value."


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Fmtp(Value):
    """The parameters of one format (RFC 8866 6.15), which SDP itself does not read.

    `formats.parse` reads them into a class for the codecs of WebRTC; `Media.codec_parameters` does so by payload type.
    """

    format: str
    "As in the `m=` line."
    text: str
    "One character or more."

    NAME = "fmtp"

    def _check(self) -> None:
        if not is_token(self.format):
            refuse(self, "format", "a token")
        if not is_byte_string(self.text):
            refuse(self, "text", "one octet or more, free of NUL, CR and LF")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=fmtp:`; raises FieldError."""
        name, _, rest = text.partition(" ")
        return cls(name, rest)

    @property
    def parameters(self) -> tuple[FormatParameter, ...]:
        """The parameters in order, parted by `;` with or without spaces.

        A value keeps its `=` (base64 has some). A lone word is a name without value only beside others that have
        names; alone it is a value without name, as are the events of RFC 4733 and the levels of RFC 2198.
        """
        pieces = [piece for piece in (raw.strip(" ") for raw in self.text.split(";")) if piece]
        if len(pieces) == 1 and "=" not in pieces[0]:
            return (FormatParameter(None, pieces[0]),)
        parted = (piece.partition("=") for piece in pieces)
        return tuple(FormatParameter(name, value if equals else None) for name, equals, value in parted)

    @classmethod
    def of(cls, format: str, parameters: Iterable[FormatParameter], joint: str = ";") -> Self:  # noqa: A002
        """Return the line that writes `parameters`, parted by `joint`.

        Raises EncodeError when they would read otherwise: with a `;` inside, a name with `=`, a value without name
        beside others.
        """
        wanted = tuple(parameters)
        made = cls(format, joint.join(_written(parameter) for parameter in wanted))
        if made.parameters != wanted:
            refuse(made, "text", "the parameters that were to be written")
        return made

    def line(self) -> str:
        """Return the whole line, without its end."""
        return f"a=fmtp:{self.format} {self.text}"


def _written(parameter: FormatParameter) -> str:
    """Return `name=value`, `name` or `value`."""
    return "=".join(piece for piece in (parameter.name, parameter.value) if piece is not None)


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class RtcpFeedback(Value):
    """A feedback message that may be sent (RFC 4585 4.2, RFC 5104 7.1)."""

    format: str
    "A payload type as in the `m=` line, or `*` for all."
    type: str
    "`nack`, `ack`, `ccm`, `trr-int`, `transport-cc` ..."
    subtype: str | None = None
    "`pli`, `fir` ...; for `trr-int` the milliseconds."
    parameters: str | None = None
    "All that follows the subtype."

    NAME = "rtcp-fb"

    def _check(self) -> None:
        if not is_token(self.format):
            refuse(self, "format", "a token")
        if not is_token(self.type):
            refuse(self, "type", "a token")
        if self.subtype is not None:
            if not is_token(self.subtype):
                refuse(self, "subtype", "a token")
            if self.parameters is not None and not is_byte_string(self.parameters):
                refuse(self, "parameters", "one octet or more, free of NUL, CR and LF")
        elif self.parameters is not None:
            refuse(self, "parameters", "None without a subtype")
        if self.type == "trr-int" and (self.interval is None or self.parameters is not None):
            refuse(self, "subtype", "a number of milliseconds")

    @property
    def interval(self) -> int | None:
        """The least time between two regular reports in milliseconds, for `trr-int` only."""
        try:
            return number(self.subtype or "", "subtype") if self.type == "trr-int" else None
        except FieldError:
            return None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=rtcp-fb:`; raises FieldError."""
        name, _, rest = text.partition(" ")
        return cls(name, *rest.split(" ", 2))

    def line(self) -> str:
        """Return the whole line, without its end."""
        line = f"a=rtcp-fb:{self.format} {self.type}"
        if self.subtype is not None:
            line += f" {self.subtype}"
        return line if self.parameters is None else f"{line} {self.parameters}"


class RtcpXr(Text):
    """The extended reports that may be sent, as the line has them (RFC 3611 5.1)."""

    __slots__ = ()
    NAME = "rtcp-xr"


class Direction(Word):
    """Which way media flows, as its writer sees it (RFC 3264 5.1, RFC 8866 6.7)."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    def parse_flag(self, text: str) -> Self:
        """Return this direction, whose name the attribute has; raises FieldError when the line has a value."""
        if text:
            raise FieldError("value", f"{self.value}: takes no value, but has {reprlib.repr(text)}")
        return self

    @property
    def sends(self) -> bool:
        """Whether its writer sends."""
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def receives(self) -> bool:
        """Whether its writer receives."""
        return self in (Direction.SENDRECV, Direction.RECVONLY)

    def line(self) -> str:
        """Return the whole line, without its end."""
        return f"a={self._value_}"


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Extmap(Value):
    """A number for a header extension (RFC 8285 8)."""

    id: int
    "1..255, or 4096..4351 in an offer of more than there are numbers for."
    uri: str
    direction: Direction | None = None
    "None means that of the section."
    attributes: str | None = None
    "What the extension itself defines; all that follows the URI."

    NAME = "extmap"

    def _check(self) -> None:
        if not (is_whole(self.id, 1, 255) or is_whole(self.id, 4096, 4351)):
            refuse(self, "id", "in 1..255 or 4096..4351")
        if not is_visible(self.uri):
            refuse(self, "uri", "a URI")
        if self.direction is not None and not isinstance(self.direction, Direction):
            refuse(self, "direction", "a Direction")
        if self.attributes is not None and not is_byte_string(self.attributes):
            refuse(self, "attributes", "one octet or more, free of NUL, CR and LF")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=extmap:`; raises FieldError."""
        entry, _, rest = text.partition(" ")
        identifier, slash, direction = entry.partition("/")
        uri, space, attributes = rest.partition(" ")
        return cls(
            number(identifier, "id"),
            uri,
            _direction(direction) if slash else None,
            attributes if space else None,
        )

    def line(self) -> str:
        """Return the whole line, without its end."""
        direction = "" if self.direction is None else f"/{self.direction.value}"
        line = f"a=extmap:{self.id}{direction} {self.uri}"
        return line if self.attributes is None else f"{line} {self.attributes}"


def _direction(text: str) -> Direction:
    """Return the direction that `text` names; raises FieldError."""
    try:
        return Direction(text)
    except ValueError:
        raise FieldError("direction", f"Extmap.direction: {reprlib.repr(text)} is no direction") from None


class ExtmapAllowMixed(Flag):
    """Header extensions of one-byte and two-byte form may be mixed (RFC 8285 6)."""

    __slots__ = ()
    NAME = "extmap-allow-mixed"


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Rtcp(Value):
    """Where RTCP goes when it is not the next port (RFC 3605 2.1)."""

    port: int
    "0..65535"
    address: str | None = None
    "None for that of the media."
    address_type: str = "IP4"
    network_type: str = "IN"

    NAME = "rtcp"

    def _check(self) -> None:
        if not is_whole(self.port, 0, 65535):
            refuse(self, "port", "in 0..65535")
        if self.address is None and (self.address_type, self.network_type) != ("IP4", "IN"):
            refuse(self, "address", "there, though its types are")
        if self.address is not None and not is_visible(self.address):
            refuse(self, "address", "an address without white space")
        if not is_token(self.address_type):
            refuse(self, "address_type", "a token")
        if not is_token(self.network_type):
            refuse(self, "network_type", "a token")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=rtcp:`; raises FieldError."""
        port, *place = text.split(" ")
        if len(place) not in (0, 3):
            raise FieldError("address", "Rtcp: behind the port are a network type, an address type and an address")
        return cls(number(port, "port"), *reversed(place))

    def line(self) -> str:
        """Return the whole line, without its end."""
        if self.address is None:
            return f"a=rtcp:{self.port}"
        return f"a=rtcp:{self.port} {self.network_type} {self.address_type} {self.address}"


class RtcpMux(Flag):
    """RTP and RTCP may share a port (RFC 5761 5.1.1)."""

    __slots__ = ()
    NAME = "rtcp-mux"


class RtcpMuxOnly(Flag):
    """RTP and RTCP share a port, or there is no media (RFC 8858 3)."""

    __slots__ = ()
    NAME = "rtcp-mux-only"


class RtcpRsize(Flag):
    """RTCP may be of reduced size (RFC 5506 5)."""

    __slots__ = ()
    NAME = "rtcp-rsize"


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class _Real(Value):
    """Base of the attributes that are a `non-zero-int-or-real` (RFC 8866 9)."""

    value: float
    "Above 0; written without a fraction where it has none."

    def _check(self) -> None:
        if self.value.__class__ not in (int, float) or not _MIN_REAL <= self.value <= _MAX_REAL:
            refuse(self, "value", f"a number in {_MIN_REAL}..{_MAX_REAL}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=<name>:`; raises FieldError."""
        whole, point, fraction = text.partition(".")
        if not point:
            return cls(number(whole, "value"))
        number(whole, "value")
        number(fraction, "value")
        return cls(float(text))

    def line(self) -> str:
        """Return the whole line, without its end."""
        return f"{self.HEAD}{int(self.value) if self.value == int(self.value) else self.value}"


# Between these, Python writes a float without an exponent, and reads back the same.
_MIN_REAL, _MAX_REAL = 0.0001, 1e15


class Ptime(_Real):
    """The length of a packet, in milliseconds, above 0 (RFC 8866 6.4)."""

    __slots__ = ()
    NAME: ClassVar[str] = "ptime"


class Maxptime(_Real):
    """The greatest length of a packet, in milliseconds, above 0 (RFC 8866 6.5)."""

    __slots__ = ()
    NAME: ClassVar[str] = "maxptime"


class Framerate(_Real):
    """The greatest number of frames per second, above 0 (RFC 8866 6.13)."""

    __slots__ = ()
    NAME: ClassVar[str] = "framerate"

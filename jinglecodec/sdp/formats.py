"""The parameters of the codecs of WebRTC, each with a class; what stands behind `a=fmtp:<format> `.

A parameter that its class does not know, and a second one of the same name, are kept in `others` and written behind.
"""

from __future__ import annotations

import reprlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Self

import attrs

from jinglecodec.lexical import hexadecimal, is_base64
from jinglecodec.sdp.attributes.rtp import Fmtp, FormatParameter
from jinglecodec.sdp.values import MOST, Checked, FieldError, is_whole, number, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Av1Parameters",
    "CodecParameters",
    "H264Parameters",
    "OpusParameters",
    "RedParameters",
    "RtxParameters",
    "TelephoneEventParameters",
    "Vp8Parameters",
    "Vp9Parameters",
    "clause",
    "parse",
]


class CodecParameters(Checked, ABC):
    """Base of the classes of this module: immutable, with one written form."""

    __slots__ = ()

    CLAUSE: ClassVar[str] = ""
    "Where the parameters are defined."

    @classmethod
    @abstractmethod
    def parse(cls, text: str) -> Self:
        """Return the parameters that `text` says; raises EncodeError for what breaks their grammar."""

    @abstractmethod
    def text(self, joint: str = ";") -> str:
        """Return the parameters as `Fmtp.text`, parted by `joint`: `;`, or `; ` as SIP user agents write."""


def parse(encoding: str, text: str) -> CodecParameters | None:
    """Return the parameters `text` of an encoding, None for one that has no class; raises EncodeError."""
    kind = _KINDS.get(encoding.lower())
    return None if kind is None else kind.parse(text)


def clause(encoding: str) -> str:
    """Return where the parameters of an encoding are defined; empty for one that has no class."""
    kind = _KINDS.get(encoding.lower())
    return "" if kind is None else kind.CLAUSE


# --- parameters with names ---------------------------------------------------------------------------------------


@attrs.frozen
class _Type:
    """How one parameter is read, checked and written."""

    read: Callable[[str, str], Any]
    "Text and field name to value; raises FieldError."
    holds: Callable[[Any], bool]
    write: Callable[[Any], str]
    what: str


def _whole(low: int = 0, high: int = MOST) -> _Type:
    return _Type(number, lambda value: is_whole(value, low, high), str, f"in {low}..{high}")


def _read_flag(text: str, field: str) -> bool:
    if text not in ("0", "1"):
        raise FieldError(field, f"{field}: {reprlib.repr(text)} is neither 0 nor 1")
    return text == "1"


def _read_octets(text: str, field: str) -> bytes:
    try:
        return hexadecimal(text)
    except ValueError:
        raise FieldError(field, f"{field}: {reprlib.repr(text)} is not pairs of hexadecimal digits") from None


_FLAG = _Type(_read_flag, lambda value: isinstance(value, bool), lambda value: str(int(value)), "a bool")
_OCTETS3 = _Type(_read_octets, lambda value: isinstance(value, bytes) and len(value) == 3, bytes.hex, "three octets")
_BASE64_LIST = _Type(
    lambda text, field: tuple(text.split(",")),  # noqa: ARG005
    lambda values: bool(values) and all(value and is_base64(value) for value in values),
    ",".join,
    "one row of base64 or more",
)


def _parameter(name: str, kind: _Type) -> Any:  # noqa: ANN401 - each field says what
    """Declare a parameter, absent by default."""
    return attrs.field(default=None, metadata={"name": name, "type": kind})


@attrs.frozen(kw_only=True)
class _Named(CodecParameters):
    """Base of the parameters that have names, in any order."""

    others: tuple[FormatParameter, ...] = ()
    "What the class does not know, in order."

    def _check(self) -> None:
        for field in attrs.fields(type(self)):
            value = getattr(self, field.name)
            if field.metadata and value is not None and not field.metadata["type"].holds(value):
                refuse(self, field.name, field.metadata["type"].what)
        absent = {name for name, field in self._fields().items() if getattr(self, field.name) is None}
        if any((one.name or "").lower() in absent and one.value is not None for one in self.others):
            refuse(self, "others", "what the fields of the class cannot say")
        if len(absent) < len(self._fields()) or self.others:
            self.text()

    @classmethod
    def _fields(cls) -> dict[str, attrs.Attribute[Any]]:
        """Return the declared parameters by name."""
        return {field.metadata["name"]: field for field in attrs.fields(cls) if field.metadata}

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the parameters that `text` says; raises EncodeError for what breaks their grammar."""
        fields = cls._fields()
        known: dict[str, Any] = {}
        others = []
        for parameter in Fmtp("0", text).parameters:
            field = fields.get((parameter.name or "").lower())
            if field is None or field.name in known or parameter.value is None:
                others.append(parameter)
            else:
                known[field.name] = field.metadata["type"].read(parameter.value, field.name)
        return cls(**known, others=tuple(others))

    def text(self, joint: str = ";") -> str:
        """Return the parameters as `Fmtp.text`, parted by `joint`; raises EncodeError when there is none."""
        known = [
            FormatParameter(name, field.metadata["type"].write(getattr(self, field.name)))
            for name, field in self._fields().items()
            if getattr(self, field.name) is not None
        ]
        return Fmtp.of("0", (*known, *self.others), joint).text


@attrs.frozen(kw_only=True)
class OpusParameters(_Named):
    """RFC 7587 6.1."""

    CLAUSE = "RFC 7587 6.1"

    maxplaybackrate: int | None = _parameter("maxplaybackrate", _whole())
    "In Hz; a hint."
    sprop_maxcapturerate: int | None = _parameter("sprop-maxcapturerate", _whole())
    maxptime: int | None = _parameter("maxptime", _whole())
    ptime: int | None = _parameter("ptime", _whole())
    minptime: int | None = _parameter("minptime", _whole())
    "Gone from the RFC, written by all browsers."
    maxaveragebitrate: int | None = _parameter("maxaveragebitrate", _whole())
    "In bit/s."
    stereo: bool | None = _parameter("stereo", _FLAG)
    sprop_stereo: bool | None = _parameter("sprop-stereo", _FLAG)
    cbr: bool | None = _parameter("cbr", _FLAG)
    useinbandfec: bool | None = _parameter("useinbandfec", _FLAG)
    usedtx: bool | None = _parameter("usedtx", _FLAG)


@attrs.frozen(kw_only=True)
class H264Parameters(_Named):
    """RFC 6184 8.1."""

    CLAUSE = "RFC 6184 8.1"

    profile_level_id: bytes | None = _parameter("profile-level-id", _OCTETS3)
    "profile_idc, profile-iop, level_idc."
    packetization_mode: int | None = _parameter("packetization-mode", _whole(0, 2))
    level_asymmetry_allowed: bool | None = _parameter("level-asymmetry-allowed", _FLAG)
    sprop_parameter_sets: tuple[str, ...] | None = _parameter("sprop-parameter-sets", _BASE64_LIST)
    "Each base64 of one parameter set."
    max_mbps: int | None = _parameter("max-mbps", _whole())
    max_smbps: int | None = _parameter("max-smbps", _whole())
    max_fs: int | None = _parameter("max-fs", _whole())
    max_cpb: int | None = _parameter("max-cpb", _whole())
    max_dpb: int | None = _parameter("max-dpb", _whole())
    max_br: int | None = _parameter("max-br", _whole())
    redundant_pic_cap: bool | None = _parameter("redundant-pic-cap", _FLAG)
    max_rcmd_nalu_size: int | None = _parameter("max-rcmd-nalu-size", _whole())
    in_band_parameter_sets: bool | None = _parameter("in-band-parameter-sets", _FLAG)
    sprop_interleaving_depth: int | None = _parameter("sprop-interleaving-depth", _whole(0, 32767))
    sprop_deint_buf_req: int | None = _parameter("sprop-deint-buf-req", _whole(0, 2**32 - 1))
    deint_buf_cap: int | None = _parameter("deint-buf-cap", _whole(0, 2**32 - 1))
    sprop_init_buf_time: int | None = _parameter("sprop-init-buf-time", _whole())
    sprop_max_don_diff: int | None = _parameter("sprop-max-don-diff", _whole(0, 32767))
    sar_understood: int | None = _parameter("sar-understood", _whole())
    sar_supported: int | None = _parameter("sar-supported", _whole())


@attrs.frozen(kw_only=True)
class Vp8Parameters(_Named):
    """RFC 7741 6.1."""

    CLAUSE = "RFC 7741 6.1"

    max_fr: int | None = _parameter("max-fr", _whole())
    "Frames per second."
    max_fs: int | None = _parameter("max-fs", _whole())
    "Macroblocks in a frame."


@attrs.frozen(kw_only=True)
class Vp9Parameters(_Named):
    """RFC 9628 6.1."""

    CLAUSE = "RFC 9628 6.1"

    max_fr: int | None = _parameter("max-fr", _whole())
    max_fs: int | None = _parameter("max-fs", _whole())
    profile_id: int | None = _parameter("profile-id", _whole(0, 3))


@attrs.frozen(kw_only=True)
class Av1Parameters(_Named):
    """RTP Payload Format For AV1, 7.2.1."""

    CLAUSE = "RTP Payload Format For AV1 7.2.1"

    profile: int | None = _parameter("profile", _whole(0, 2))
    level_idx: int | None = _parameter("level-idx", _whole(0, 31))
    tier: bool | None = _parameter("tier", _FLAG)


@attrs.frozen(kw_only=True)
class RtxParameters(_Named):
    """RFC 4588 8.6."""

    CLAUSE = "RFC 4588 8.6"

    apt: int | None = _parameter("apt", _whole(0, 127))
    "The payload type that is sent again."
    rtx_time: int | None = _parameter("rtx-time", _whole())
    "Milliseconds that a packet is kept."


# --- parameters without names ------------------------------------------------------------------------------------


@attrs.frozen
class RedParameters(CodecParameters):
    """The payload types that a redundant packet holds (RFC 2198 5)."""

    payload_types: tuple[int, ...]
    "The primary one first; each 0..127."

    CLAUSE = "RFC 2198 5"

    def _check(self) -> None:
        if not self.payload_types or not all(is_whole(one, 0, 127) for one in self.payload_types):
            refuse(self, "payload_types", "one payload type or more")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the parameters that `text` says; raises EncodeError for what breaks their grammar."""
        return cls(tuple(number(one, "payload_types") for one in text.split("/")))

    def text(self, joint: str = ";") -> str:  # noqa: ARG002
        """Return the parameters as `Fmtp.text`."""
        return "/".join(map(str, self.payload_types))


@attrs.frozen
class TelephoneEventParameters(CodecParameters):
    """The events that are understood (RFC 4733 2.4.1)."""

    events: tuple[range, ...]
    "In order; each within 0..255 and not empty."

    CLAUSE = "RFC 4733 2.4.1"

    def _check(self) -> None:
        if not self.events or not all(one.step == 1 and 0 <= one.start < one.stop <= 256 for one in self.events):
            refuse(self, "events", "one range within 0..255 or more")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the parameters that `text` says; raises EncodeError for what breaks their grammar."""
        bounds = (piece.strip(" ").partition("-") for piece in text.split(","))
        return cls(
            tuple(
                range(number(first, "events"), number(last if dash else first, "events") + 1)
                for first, dash, last in bounds
            )
        )

    def text(self, joint: str = ";") -> str:  # noqa: ARG002
        """Return the parameters as `Fmtp.text`."""
        return ",".join(str(one.start) if len(one) == 1 else f"{one.start}-{one.stop - 1}" for one in self.events)


_KINDS: dict[str, type[CodecParameters]] = {
    "opus": OpusParameters,
    "h264": H264Parameters,
    "vp8": Vp8Parameters,
    "vp9": Vp9Parameters,
    "av1": Av1Parameters,
    "red": RedParameters,
    "rtx": RtxParameters,
    "telephone-event": TelephoneEventParameters,
}
"Encoding names compare without case (RFC 8866 6.6, RFC 4855 3)."

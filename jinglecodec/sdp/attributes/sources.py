"""The streams inside one section: by SSRC (RFC 5576), by restriction (RFC 8851), as simulcast (RFC 8853)."""

from __future__ import annotations

import enum
import reprlib
from typing import Self

import attrs

from jinglecodec.lexical import is_byte_string, is_token
from jinglecodec.records import Record
from jinglecodec.sdp.values import FieldError, Value, are_tokens, draft, is_whole, number, refuse, split_pairs

__all__ = ["Rid", "RidDirection", "Simulcast", "SimulcastId", "Ssrc", "SsrcGroup"]

_MOST = 0xFFFFFFFF

# Conferences have sources by the thousand: what all browsers write of them skips the constructor.
_KNOWN_ATTRIBUTES = frozenset({"cname", "label", "msid", "mslabel"})
_KNOWN_SEMANTICS = frozenset({"FID", "FEC-FR", "SIM"})


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Ssrc(Value):
    """One attribute of one source (RFC 5576 4.1)."""

    ssrc: int
    "0..2**32 - 1"
    attribute: str
    "`cname`, `msid` ..."
    value: str | None = None
    "None for a property attribute, else not empty."

    NAME = "ssrc"

    def _check(self) -> None:
        if not is_whole(self.ssrc, 0, _MOST):
            refuse(self, "ssrc", "in 0..4294967295")
        if not is_token(self.attribute):
            refuse(self, "attribute", "a token")
        if self.value is not None and not is_byte_string(self.value):
            refuse(self, "value", "one octet or more, free of NUL, CR and LF")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=ssrc:`; raises FieldError."""
        source, _, rest = text.partition(" ")
        attribute, colon, value = rest.partition(":")
        if attribute in _KNOWN_ATTRIBUTES and value and value.isprintable():
            made = _DraftSsrc()
            made.ssrc = number(source, "ssrc", 0, _MOST)
            made.attribute = attribute
            made.value = value
            made.__class__ = cls
            return made  # type: ignore[no-any-return]
        return cls(number(source, "ssrc"), attribute, value if colon else None)

    def line(self) -> str:
        """Return the whole line, without its end."""
        if self.value is None:
            return f"a=ssrc:{self.ssrc} {self.attribute}"
        return f"a=ssrc:{self.ssrc} {self.attribute}:{self.value}"


_DraftSsrc = draft(Ssrc)


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class SsrcGroup(Value):
    """Sources that belong together (RFC 5576 4.2)."""

    semantics: str
    "`FID`, `FEC-FR`, `SIM` ..."
    ssrcs: tuple[int, ...] = ()
    "Each 0..2**32 - 1."

    NAME = "ssrc-group"

    def _check(self) -> None:
        if not is_token(self.semantics):
            refuse(self, "semantics", "a token")
        if not all(is_whole(ssrc, 0, _MOST) for ssrc in self.ssrcs):
            refuse(self, "ssrcs", "numbers in 0..4294967295")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=ssrc-group:`; raises FieldError."""
        semantics, *ssrcs = text.split(" ")
        numbers = tuple([number(ssrc, "ssrcs", 0, _MOST) for ssrc in ssrcs])
        if semantics not in _KNOWN_SEMANTICS:
            return cls(semantics, numbers)
        made = _DraftSsrcGroup()
        made.semantics = semantics
        made.ssrcs = numbers
        made.__class__ = cls
        return made  # type: ignore[no-any-return]

    def line(self) -> str:
        """Return the whole line, without its end."""
        return " ".join((f"a=ssrc-group:{self.semantics}", *map(str, self.ssrcs)))


_DraftSsrcGroup = draft(SsrcGroup)

_RID_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def _is_rid(text: str) -> bool:
    """Tell whether `text` is a rid-id (RFC 8851 10)."""
    return text != "" and _RID_CHARACTERS.issuperset(text)


class RidDirection(enum.Enum):
    """Which way a restricted stream flows, as its writer sees it (RFC 8851 4)."""

    SEND = "send"
    RECV = "recv"


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Rid(Value):
    """A stream of the section, with what restricts it (RFC 8851 10)."""

    id: str
    "Letters, digits, `-`, `_`."
    direction: RidDirection
    formats: tuple[str, ...] = ()
    "The payload types it may use; empty for all."
    restrictions: tuple[tuple[str, str | None], ...] = ()
    "(name, value) in order: `max-width`, `max-height`, `max-fps`, `max-br`, `depend` ..."

    NAME = "rid"

    def _check(self) -> None:
        if not _is_rid(self.id):
            refuse(self, "id", "letters, digits, '-' and '_'")
        if not isinstance(self.direction, RidDirection):
            refuse(self, "direction", "a RidDirection")
        if not are_tokens(self.formats) or any("," in name for name in self.formats):
            refuse(self, "formats", "a row of tokens")
        for name, value in self.restrictions:
            if name == "pt" or not _is_rid(name) or "_" in name or not _is_restriction(value):
                refuse(self, "restrictions", "names with printable values, without ';'; formats have their own field")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=rid:`; raises FieldError."""
        identifier, _, rest = text.partition(" ")
        direction, space, rest = rest.partition(" ")
        pairs = list(split_pairs(rest)) if space else []
        formats: tuple[str, ...] = ()
        if pairs and pairs[0][0] == "pt":
            formats = tuple((pairs.pop(0)[1] or "").split(","))
        return cls(identifier, _rid_direction(direction), formats, tuple(pairs))

    def line(self) -> str:
        """Return the whole line, without its end."""
        pieces = [f"pt={','.join(self.formats)}"] if self.formats else []
        pieces += [name if value is None else f"{name}={value}" for name, value in self.restrictions]
        return f"a=rid:{self.id} {self.direction.value}" + (" " + ";".join(pieces) if pieces else "")


def _rid_direction(text: str) -> RidDirection:
    """Return the direction that `text` names; raises FieldError."""
    try:
        return RidDirection(text)
    except ValueError:
        raise FieldError("direction", f"Rid.direction: {reprlib.repr(text)} is neither send nor recv") from None


def _is_restriction(value: str | None) -> bool:
    """Tell whether `value` is a param-val (RFC 8851 10)."""
    return value is None or (value.isascii() and value.isprintable() and ";" not in value)


@attrs.frozen(eq=False, repr=False)
class SimulcastId(Record):
    """One alternative of a simulcast stream."""

    rid: str
    "The `id` of an `a=rid` line."
    paused: bool = False


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Simulcast(Value):
    """Which restricted streams are simulcast: streams, each a row of alternatives (RFC 8853 5.1)."""

    send: tuple[tuple[SimulcastId, ...], ...] = ()
    recv: tuple[tuple[SimulcastId, ...], ...] = ()

    NAME = "simulcast"

    def _check(self) -> None:
        for field in ("send", "recv"):
            streams = getattr(self, field)
            if not all(stream and all(_is_rid(one.rid) for one in stream) for stream in streams):
                refuse(self, field, "streams, each a row of rids")
        if not self.send and not self.recv:
            refuse(self, "send", "there, nor is recv")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=simulcast:`; raises FieldError."""
        parts = text.split(" ")
        directions = parts[::2]
        if len(parts) % 2 or not set(directions) <= {"send", "recv"} or len(set(directions)) < len(directions):
            raise FieldError("send", "Simulcast: `send`, `recv` or both, each once, are followed by streams")
        return cls(**{name: _streams(streams) for name, streams in zip(directions, parts[1::2], strict=True)})

    def line(self) -> str:
        """Return the whole line, without its end."""
        both = (
            f"{name} {_streams_text(streams)}"
            for name, streams in (("send", self.send), ("recv", self.recv))
            if streams
        )
        return "a=simulcast:" + " ".join(both)


def _streams(text: str) -> tuple[tuple[SimulcastId, ...], ...]:
    """Return the streams of `1,~4;2`."""
    return tuple(
        tuple(SimulcastId(one.removeprefix("~"), one.startswith("~")) for one in stream.split(","))
        for stream in text.split(";")
    )


def _streams_text(streams: tuple[tuple[SimulcastId, ...], ...]) -> str:
    """Return the text of streams."""
    return ";".join(",".join(f"~{one.rid}" if one.paused else one.rid for one in stream) for stream in streams)

"""How sections belong together, and what they show (RFC 5888, RFC 8843, RFC 8830, RFC 4796, RFC 4574)."""

from __future__ import annotations

from typing import ClassVar, Self

import attrs

from jinglecodec.lexical import is_token
from jinglecodec.sdp.values import Flag, Text, Tokens, Value, are_tokens, refuse, words

__all__ = ["BundleOnly", "ContentTags", "Group", "Label", "Mid", "Msid", "MsidSemantic"]


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Group(Value):
    """Sections that belong together (RFC 5888 5)."""

    semantics: str
    "`BUNDLE` (RFC 8843), `LS`, `FID` ..."
    mids: tuple[str, ...] = ()
    "The names of the sections; none is legal, and means an empty bundle."

    NAME = "group"

    def _check(self) -> None:
        if not is_token(self.semantics):
            refuse(self, "semantics", "a token")
        if not are_tokens(self.mids):
            refuse(self, "mids", "a row of tokens")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=group:`; raises FieldError."""
        semantics, *mids = text.split(" ")
        return cls(semantics, tuple(mids))

    def line(self) -> str:
        """Return the whole line, without its end."""
        return f"a=group:{' '.join((self.semantics, *self.mids))}"


class Mid(Text):
    """The name of the section (RFC 5888 4)."""

    __slots__ = ()
    NAME = "mid"
    WHAT: ClassVar[str] = "a token"
    holds = staticmethod(is_token)


class BundleOnly(Flag):
    """The section is offered inside the bundle or not at all (RFC 8843 6)."""

    __slots__ = ()
    NAME = "bundle-only"


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Msid(Value):
    """The media stream that the section's track is in (RFC 8830 2)."""

    stream: str
    "1..64 characters; `-` for none."
    track: str | None = None
    "1..64 characters; given up by newer browsers' specification, still written by them."

    NAME = "msid"

    def _check(self) -> None:
        if not (is_token(self.stream) and len(self.stream) <= 64):
            refuse(self, "stream", "a token of at most 64 characters")
        if self.track is not None and not (is_token(self.track) and len(self.track) <= 64):
            refuse(self, "track", "a token of at most 64 characters")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=msid:`; raises FieldError."""
        stream, space, track = text.partition(" ")
        return cls(stream, track if space else None)

    def line(self) -> str:
        """Return the whole line, without its end."""
        return f"a=msid:{self.stream}" if self.track is None else f"a=msid:{self.stream} {self.track}"


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class MsidSemantic(Value):
    """What the identifiers in `a=msid` are (removed from RFC 8830, written by all browsers).

    libwebrtc puts a space behind the colon, Firefox does not; some write more. All read as the same value.
    """

    semantic: str
    "`WMS`"
    streams: tuple[str, ...] = ()
    "`*` for all."

    NAME = "msid-semantic"

    def _check(self) -> None:
        if not is_token(self.semantic):
            refuse(self, "semantic", "a token")
        if not are_tokens(self.streams):
            refuse(self, "streams", "a row of tokens")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=msid-semantic:`; raises FieldError."""
        semantic, *streams = words(text) or [""]
        return cls(semantic, tuple(streams))

    def line(self) -> str:
        """Return the whole line, without its end."""
        return f"a=msid-semantic:{' '.join((self.semantic, *self.streams))}"


class ContentTags(Tokens):
    """What the stream shows: `slides`, `speaker`, `sl`, `main`, `alt` (RFC 4796 5)."""

    __slots__ = ()
    NAME = "content"
    SEPARATOR: ClassVar[str] = ","


class Label(Text):
    """A name for the stream, given by the application (RFC 4574 4)."""

    __slots__ = ()
    NAME = "label"
    WHAT: ClassVar[str] = "a token"
    holds = staticmethod(is_token)

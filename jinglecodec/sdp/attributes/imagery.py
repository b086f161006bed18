"""The size of pictures (RFC 6236)."""

from __future__ import annotations

import re
import reprlib
from typing import Self

import attrs

from jinglecodec.lexical import is_token
from jinglecodec.records import Record
from jinglecodec.sdp.values import FieldError, Value, refuse, rows, words

__all__ = ["ImageAttr", "ImageSet"]

_SIZE = r"[1-9][0-9]{0,5}"
_RATIO = r"(?:0\.[1-9][0-9]{0,3}|[1-9]\.[0-9]{1,4})"
_RULES = {
    "x": re.compile(rf"\[{_SIZE}:(?:{_SIZE}:)?{_SIZE}\]|\[{_SIZE}(?:,{_SIZE})+\]|{_SIZE}").fullmatch,
    "sar": re.compile(rf"\[{_RATIO}(?:,{_RATIO})+\]|\[{_RATIO}-{_RATIO}\]|{_RATIO}").fullmatch,
    "par": re.compile(rf"\[{_RATIO}-{_RATIO}\]").fullmatch,
    "q": re.compile(r"0\.[0-9]{1,2}|1\.0{1,2}").fullmatch,
}
_RULES["y"] = _RULES["x"]
_KEY_VALUE = re.compile(r"([^=,\[\]]+)=(\[[^\[\]]*\]|[^,\[\]]+)(?:,|$)")
_SETS = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\](?: |$)")


@attrs.frozen(eq=False, repr=False)
class ImageSet(Record):
    """One set of sizes (RFC 6236 3.1.1); each field as it is written."""

    x: str
    "The width in pixels: `800`, `[480:16:800]`, `[320,640]`."
    y: str
    "The height, alike."
    others: tuple[tuple[str, str], ...] = ()
    "(name, value) in order: `sar`, `par`, `q`."

    def __str__(self) -> str:
        return "[" + ",".join(f"{key}={value}" for key, value in (("x", self.x), ("y", self.y), *self.others)) + "]"

    def is_sound(self) -> bool:
        """Tell whether all fields keep the grammar."""
        pairs = (("x", self.x), ("y", self.y), *self.others)
        names = [name for name, _ in pairs]
        return len(set(names)) == len(names) and all(
            (rule(value) is not None) if (rule := _RULES.get(name)) else is_token(name) and is_token(value)
            for name, value in pairs
        )


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class ImageAttr(Value):
    """Which sizes of pictures one format is sent and received in (RFC 6236 3.1.1)."""

    format: str
    "A payload type, or `*` for all."
    send: tuple[ImageSet, ...] | None = None
    "None where nothing is said; empty for `*`, any size."
    recv: tuple[ImageSet, ...] | None = None

    NAME = "imageattr"

    def _check(self) -> None:
        if self.format != "*" and not (self.format.isascii() and self.format.isdigit()):
            refuse(self, "format", "a payload type or '*'")
        for field in ("send", "recv"):
            if not all(one.is_sound() for one in getattr(self, field) or ()):
                refuse(self, field, "sets of sizes")
        if self.send is None and self.recv is None:
            refuse(self, "send", "there, nor is recv")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=imageattr:`; raises FieldError."""
        form, *parts = words(text) or [""]
        found: dict[str, tuple[ImageSet, ...]] = {}
        at = 0
        while at < len(parts):
            name = parts[at]
            end = next((i for i in range(at + 1, len(parts)) if parts[i] in ("send", "recv")), len(parts))
            if name not in ("send", "recv") or name in found:
                raise FieldError("send", f"ImageAttr: {reprlib.repr(name)} stands where `send` or `recv` does")
            found[name] = () if parts[at + 1 : end] == ["*"] else _sets(" ".join(parts[at + 1 : end]), name)
            at = end
        return cls(form, **found)

    def line(self) -> str:
        """Return the whole line, without its end."""
        line = f"a=imageattr:{self.format}"
        for name, sets in (("send", self.send), ("recv", self.recv)):
            if sets is not None:
                line += f" {name} {' '.join(map(str, sets)) or '*'}"
        return line


def _sets(text: str, field: str) -> tuple[ImageSet, ...]:
    """Return the sets of `[x=..,y=..] [x=..,y=..]`; raises FieldError."""
    matches = rows(_SETS, text)
    if not matches:
        raise FieldError(field, f"ImageAttr.{field}: {reprlib.repr(text)} is not sets in brackets")
    return tuple(_set(match[1], field) for match in matches)


def _set(text: str, field: str) -> ImageSet:
    """Return the set of `x=..,y=..`; raises FieldError."""
    pairs = [(match[1], match[2]) for match in rows(_KEY_VALUE, text) or ()]
    if text.endswith(",") or [key for key, _ in pairs[:2]] != ["x", "y"]:
        raise FieldError(field, f"ImageAttr.{field}: {reprlib.repr(text)} does not begin with x= and y=")
    return ImageSet(pairs[0][1], pairs[1][1], tuple(pairs[2:]))

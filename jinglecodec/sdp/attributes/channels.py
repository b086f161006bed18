"""Data channels that both sides open without asking (RFC 8864)."""

from __future__ import annotations

import re
import reprlib
from typing import ClassVar, Self

import attrs

from jinglecodec.lexical import is_byte_string, is_token
from jinglecodec.sdp.values import FieldError, Value, is_whole, number, refuse, rows

__all__ = ["Dcmap", "Dcsa"]

_OPTION = re.compile(r'([a-z-]+)=("[^"]*"|[a-z0-9]+)(?:;|$)')
_QUOTED = re.compile(r'"(?:[ !#$&-~]|%[0-9A-Fa-f]{2})*"').fullmatch
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_QUOTED_BARE = frozenset(b" " + bytes(range(0x21, 0x7F))) - frozenset(b'"%')


def _quoted(text: str) -> str:
    """Return `text` as a quoted-string: octets of UTF-8 outside the plain ones as `%XX` (RFC 8864 5.1.3)."""
    octets = text.encode()
    return '"' + "".join(chr(octet) if octet in _QUOTED_BARE else f"%{octet:02X}" for octet in octets) + '"'


def _unquoted(text: str, field: str) -> str:
    """Return what a quoted-string says; raises FieldError."""
    if _QUOTED(text):
        octets = _ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), text[1:-1].encode())
        try:
            return octets.decode()
        except UnicodeDecodeError:
            pass
    raise FieldError(field, f"Dcmap.{field}: {reprlib.repr(text)} is no quoted string")


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Dcmap(Value):
    """A data channel that both sides open without asking (RFC 8864 5.1)."""

    stream: int
    "The SCTP stream, 0..65535."
    subprotocol: str | None = None
    label: str | None = None
    ordered: bool | None = None
    "None means True."
    max_retr: int | None = None
    "The greatest number of retransmissions; not with `max_time`."
    max_time: int | None = None
    "Milliseconds after which a message is given up."
    priority: int | None = None
    "0..65535"

    NAME = "dcmap"
    _LIMITS: ClassVar = {"max-retr": 2**32 - 1, "max-time": 2**32 - 1, "priority": 65535}

    def _check(self) -> None:
        if not is_whole(self.stream, 0, 65535):
            refuse(self, "stream", "in 0..65535")
        for field in ("subprotocol", "label"):
            text = getattr(self, field)
            if text is not None and not _is_unicode(text):
                refuse(self, field, "Unicode text")
        for name, limit in self._LIMITS.items():
            field = name.replace("-", "_")
            if getattr(self, field) is not None and not is_whole(getattr(self, field), 0, limit):
                refuse(self, field, f"in 0..{limit}")
        if self.max_retr is not None and self.max_time is not None:
            refuse(self, "max_time", "None beside max_retr")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=dcmap:`; raises FieldError."""
        stream, space, rest = text.partition(" ")
        matches = rows(_OPTION, rest)
        if matches is None or (space and (not matches or rest.endswith(";"))):
            raise FieldError("stream", f"Dcmap: {reprlib.repr(rest)} is not options parted by semicolons")
        options: dict[str, str | bool | int] = {}
        for name, value in (match.groups() for match in matches):
            field = name.replace("-", "_")
            if field in options:
                raise FieldError("stream", f"Dcmap: {name} is given twice")
            options[field] = cls._option(name, value)
        return cls(number(stream, "stream"), **options)  # type: ignore[arg-type]

    def option(self, name: str) -> str | None:
        """Return the value of an option as it stands in the line, such as `"chat"` in quotes; None without it."""
        value = getattr(self, name.replace("-", "_"))
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if value is None else _quoted(value) if isinstance(value, str) else str(value)

    @classmethod
    def _option(cls, name: str, value: str) -> str | bool | int:
        if name in ("subprotocol", "label"):
            return _unquoted(value, name)
        if name == "ordered" and value in ("true", "false"):
            return value == "true"
        if name in cls._LIMITS:
            return number(value, name)
        raise FieldError("stream", f"Dcmap: {name}={reprlib.repr(value)} is no option")

    def line(self) -> str:
        """Return the whole line, without its end."""
        options = []
        for name in ("subprotocol", "label", "ordered", *self._LIMITS):
            text = self.option(name)
            if text is not None:
                options.append(f"{name}={text}")
        return f"a=dcmap:{self.stream}" + (" " + ";".join(options) if options else "")


def _is_unicode(text: str) -> bool:
    """Tell whether `text` has an encoding in UTF-8 (a lone surrogate has none)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Dcsa(Value):
    """An attribute of the subprotocol of one data channel (RFC 8864 5.2)."""

    stream: int
    "The SCTP stream, 0..65535."
    name: str
    value: str | None = None
    "None for a property attribute, else not empty."

    NAME = "dcsa"

    def _check(self) -> None:
        if not is_whole(self.stream, 0, 65535):
            refuse(self, "stream", "in 0..65535")
        if not is_token(self.name):
            refuse(self, "name", "a token")
        if self.value is not None and not is_byte_string(self.value):
            refuse(self, "value", "one octet or more, free of NUL, CR and LF")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=dcsa:`; raises FieldError."""
        stream, _, attribute = text.partition(" ")
        name, colon, value = attribute.partition(":")
        return cls(number(stream, "stream"), name, value if colon else None)

    def line(self) -> str:
        """Return the whole line, without its end."""
        value = "" if self.value is None else f":{self.value}"
        return f"a=dcsa:{self.stream} {self.name}{value}"

"""Frozen values as bytes, and back: the format of recordings.

It is safe to read from strangers: the bytes name classes, of which only those in the reader's vocabulary are made, by
their constructors. A value is a tag and what follows:

| tag | value | what follows |
|---|---|---|
| `N` `T` `F` | None, True, False | nothing |
| `I` | integer, at most 128 octets | size; the octets, signed, most significant first |
| `D` | float | 8 octets, IEEE 754, most significant first |
| `S` | text | size; the octets in UTF-8, lone surrogates kept |
| `B` | octets | size; the octets |
| `(` | tuple | count; the values |
| `{` | frozenset of texts | count; the texts, sorted |
| `E` | member of an enum | class; its value |
| `O` | attrs object | class; the values of its fields |

A size, a count and a class are unsigned LEB128 numbers. Classes are numbered as they appear, from 0; the first time,
two values follow: the name of the class (`module:qualified name`), and a tuple of the names that its constructor takes.
"""

from __future__ import annotations

import enum
import struct
from typing import TYPE_CHECKING

import attrs

from jinglecodec.errors import JinglecodecError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

__all__ = ["EncodingError", "decode", "encode", "vocabulary"]

_DEPTH = 64
"Values are nested so deep at most; Raw elements are the deepest there are."
_INTEGER = 128
_FLOAT = struct.Struct(">d")
_CONSTANTS = {b"N"[0]: None, b"T"[0]: True, b"F"[0]: False}


class EncodingError(JinglecodecError):
    """A value that has no place in a recording, or bytes that are none, with the offset."""


def vocabulary(*sources: ModuleType | type) -> Mapping[str, type]:
    """Return the attrs classes and enums among `sources`, and in modules among them, by the names in recordings."""
    classes: dict[str, type] = {}
    for source in sources:
        members = (source,) if isinstance(source, type) else vars(source).values()
        classes.update((_name(one), one) for one in members if isinstance(one, type) and _is_known(one))
    return classes


def encode(value: object) -> bytes:
    """Return the bytes of a value; raises EncodingError for one that holds anything else than the table above has."""
    writer = _Writer()
    writer.write(value, _DEPTH)
    return bytes(writer.octets)


def decode(data: bytes, classes: Mapping[str, type]) -> object:
    """Return the value in `data`, made of these classes; raises EncodingError, in time linear in the size."""
    reader = _Reader(data, classes)
    value = reader.read(_DEPTH)
    if reader.offset != len(data):
        raise EncodingError(f"octet {reader.offset}: the value ends, the bytes do not")
    return value


def _name(cls: type) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"


def _is_known(cls: type) -> bool:
    return attrs.has(cls) or (issubclass(cls, enum.Enum) and len(cls) > 0)


def _fields(cls: type) -> tuple[attrs.Attribute[object], ...]:
    """Return the fields that the constructor takes."""
    return tuple(field for field in attrs.fields(cls) if field.init) if attrs.has(cls) else ()


class _Writer:
    def __init__(self) -> None:
        self.octets = bytearray()
        self._classes: dict[type, int] = {}

    def write(self, value: object, depth: int) -> None:
        if depth == 0:
            raise EncodingError(f"values are nested deeper than {_DEPTH}")
        match value:
            case None | True | False:
                self.octets += b"N" if value is None else b"T" if value else b"F"
            case enum.Enum():
                self._tagged(b"E", type(value))
                self.write(value.value, depth - 1)
            case int():
                size = value.bit_length() // 8 + 1
                if size > _INTEGER:
                    raise EncodingError(f"an integer of {size} octets")
                self._sized(b"I", value.to_bytes(size, signed=True))
            case float():
                self.octets += b"D" + _FLOAT.pack(value)
            case str():
                self._sized(b"S", value.encode("utf-8", "surrogatepass"))
            case bytes():
                self._sized(b"B", value)
            case tuple():
                self.octets += b"("
                self._number(len(value))
                for item in value:
                    self.write(item, depth - 1)
            case frozenset() if all(isinstance(item, str) for item in value):
                self.octets += b"{"
                self._number(len(value))
                for item in sorted(value):
                    self.write(item, depth - 1)
            case _ if attrs.has(type(value)):
                self._tagged(b"O", type(value))
                for field in _fields(type(value)):
                    self.write(getattr(value, field.name), depth - 1)
            case _:
                raise EncodingError(f"{type(value).__name__} is no frozen value of the kinds that recordings hold")

    def _sized(self, tag: bytes, octets: bytes) -> None:
        self.octets += tag
        self._number(len(octets))
        self.octets += octets

    def _tagged(self, tag: bytes, cls: type) -> None:
        self.octets += tag
        known = len(self._classes)
        self._number(self._classes.setdefault(cls, known))
        if len(self._classes) > known:
            self.write(_name(cls), 1)
            self.write(tuple(field.alias for field in _fields(cls)), 2)

    def _number(self, number: int) -> None:
        while number > 0x7F:
            self.octets.append(number & 0x7F | 0x80)
            number >>= 7
        self.octets.append(number)


class _Reader:
    def __init__(self, data: bytes, classes: Mapping[str, type]) -> None:
        self.offset = 0
        self._data = data
        self._vocabulary = classes
        self._classes: list[tuple[type, tuple[str, ...]]] = []

    def read(self, depth: int) -> object:
        if depth == 0:
            raise self._error(f"values are nested deeper than {_DEPTH}")
        tag = self._take(1)
        if tag[0] in _CONSTANTS:
            return _CONSTANTS[tag[0]]
        match tag:
            case b"I":
                return int.from_bytes(self._take(self._number(_INTEGER)), signed=True)
            case b"D":
                value: float = _FLOAT.unpack(self._take(8))[0]
                return value
            case b"S":
                return self._text(self._take(self._number()))
            case b"B":
                return self._take(self._number())
            case b"(":
                return tuple([self.read(depth - 1) for _ in range(self._number())])
            case b"{":
                return self._make(frozenset, ([self.read(depth - 1) for _ in range(self._number())],), {})
            case b"E":
                cls, _ = self._class(is_enum=True)
                return self._make(cls, (self.read(depth - 1),), {})
            case b"O":
                cls, names = self._class(is_enum=False)
                return self._make(cls, (), {name: self.read(depth - 1) for name in names})
        raise self._error(f"no such tag: {tag!r}")

    def _make(self, cls: type, values: tuple[object, ...], fields: dict[str, object]) -> object:
        try:
            made: object = cls(*values, **fields)
        except Exception as error:  # noqa: BLE001 - a validator may raise anything for values of other types than it expects
            raise self._error(f"no {cls.__name__} can be made: {error}") from None
        return made

    def _class(self, *, is_enum: bool) -> tuple[type, tuple[str, ...]]:
        number = self._number()
        if number >= len(self._classes):
            self._classes.append(self._definition())
            number = len(self._classes) - 1
        cls, names = self._classes[number]
        if issubclass(cls, enum.Enum) is not is_enum:
            raise self._error(f"{cls.__name__} does not go with this tag")
        return cls, names

    def _definition(self) -> tuple[type, tuple[str, ...]]:
        name, fields = self.read(1), self.read(2)
        cls = self._vocabulary.get(name) if isinstance(name, str) else None
        if cls is None:
            raise self._error(f"{name!r} is not in the vocabulary")
        if not isinstance(fields, tuple):
            raise self._error("the names of the fields are no tuple")
        return cls, tuple(str(field) for field in fields)

    def _text(self, octets: bytes) -> str:
        try:
            return octets.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise self._error("text that is not UTF-8") from None

    def _number(self, limit: int | None = None) -> int:
        """Return a size, a count or a class; none is more than what is left of the data, or than `limit`."""
        limit = len(self._data) - self.offset if limit is None else limit
        number = 0
        for shift in range(0, 64, 7):
            octet = self._take(1)[0]
            number |= (octet & 0x7F) << shift
            if octet <= 0x7F:
                break
        if number > limit:
            raise self._error(f"{number} is too much")
        return number

    def _take(self, size: int) -> bytes:
        taken = self._data[self.offset : self.offset + size]
        if len(taken) != size:
            raise self._error("the bytes end within a value")
        self.offset += size
        return taken

    def _error(self, text: str) -> EncodingError:
        return EncodingError(f"octet {self.offset}: {text}")

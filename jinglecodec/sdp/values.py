"""What stands on one line: the base of every typed value, the checks that their fields share, and the untyped line.

A value is checked once, when it is made, by the rules of its class; a reader splits and converts text and leaves
the rules to the class. So no value can hold what its line cannot carry, and each rule is written down once.
"""

from __future__ import annotations

import enum
import re
import reprlib
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, TypeVar

import attrs

from jinglecodec.errors import EncodeError
from jinglecodec.lexical import decimal, is_byte_string, is_token
from jinglecodec.records import Record
from jinglecodec.sdp.attributes import PARSERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "MOST",
    "Attribute",
    "Checked",
    "FieldError",
    "Flag",
    "Line",
    "Number",
    "Text",
    "Tokens",
    "UnusableError",
    "Value",
    "Word",
    "are_tokens",
    "draft",
    "is_visible",
    "is_whole",
    "number",
    "refuse",
    "rows",
    "split_pairs",
    "words",
]

V = TypeVar("V")

MOST = 10**20 - 1
"The greatest number that is read: 20 digits, as nothing in SDP needs more than 64 bits."


class FieldError(EncodeError):
    """A field that its line cannot carry; the text names class and field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        "The field's name, from which the reader of a line finds the column."


class UnusableError(FieldError):
    """A field that keeps the line grammar of RFC 8866, and still has no sense."""


class Checked:
    """Base of the values that check their fields when they are made."""

    __slots__ = ()

    def __attrs_post_init__(self) -> None:
        try:
            self._check()
        except (AttributeError, TypeError) as problem:
            # A field of another type than it is declared to be, from a caller who does not check types.
            raise FieldError("", f"{type(self).__name__}: {problem}") from None

    def _check(self) -> None:
        """Refuse fields that the written form cannot carry: raise FieldError."""


class Value(Checked, Record):
    """Base of everything that stands on one line: immutable, comparable, with one written form.

    `parse(write(x)) == x` holds for each class; for most, several spellings read as the same value. The constructors
    raise FieldError, an EncodeError, for a field that the line cannot carry; it names class and field.
    """

    __slots__ = ()

    TYPE: ClassVar[str] = "a"
    "The letter in front of `=` (RFC 8866 5)."
    NAME: ClassVar[str] = ""
    "The attribute's name (RFC 8866 5.13); empty for the other lines."
    HEAD: ClassVar[str] = ""
    "What stands in front of the value: `a=<name>:` or `<letter>=`; all of the line for a property attribute."

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.HEAD = f"a={cls.NAME}:" if cls.NAME else f"{cls.TYPE}="

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the value that stands behind `a=<name>:` or `<letter>=`; raises EncodeError (a ValueError)."""
        raise NotImplementedError

    @classmethod
    def offset(cls, text: str, field: str) -> int:  # noqa: ARG003
        """Return where in `text`, which `parse` refused, `field` stands."""
        return 0

    def line(self) -> str:
        """Return the whole line, without its end."""
        raise NotImplementedError


def refuse(owner: object, field: str, what: str, error: type[FieldError] = FieldError) -> NoReturn:
    """Raise FieldError, because `owner.field` is not `what`."""
    shown = reprlib.repr(getattr(owner, field))
    raise error(field, f"{type(owner).__name__}.{field}: {shown} is not {what}")


def is_whole(value: object, low: int, high: int) -> bool:
    """Tell whether `value` is an integer (and no bool) in `low..high`."""
    return value.__class__ is int and low <= value <= high


def is_visible(text: str) -> bool:
    """Tell whether `text` is a `non-ws-string` (RFC 8866 9): no white space and no control character of ASCII."""
    if text.isascii():
        return text.isprintable() and text != "" and " " not in text
    return not any(character <= " " or character == "\x7f" for character in text)


def are_tokens(texts: tuple[str, ...]) -> bool:
    """Tell whether all of `texts` are tokens (RFC 8866 9)."""
    return "" not in texts and (not texts or is_token("".join(texts)))


def number(text: str, field: str, low: int = 0, high: int = MOST) -> int:
    """Return the number in `low..high` that `text` writes in ASCII digits; raises FieldError naming `field`."""
    try:
        return decimal(text, low, high)
    except ValueError as problem:
        # Digits too many keep the line grammar of RFC 8866, which sets no limit.
        error = UnusableError if text.isascii() and text.isdigit() else FieldError
        raise error(field, f"{field}: {problem}") from None


def split_pairs(text: str, separator: str = ";") -> Iterable[tuple[str, str | None]]:
    """Give the (name, value) pairs of `a=1;b;c=2`; the value is None where there is no `=`."""
    for piece in text.split(separator):
        name, equals, value = piece.partition("=")
        yield name, value if equals else None


def rows(pattern: re.Pattern[str], text: str) -> list[re.Match[str]] | None:
    """Return the matches that make up all of `text`, one behind the other; None where they do not.

    Matches are looked for where the one before ends and nowhere else, so that the time is linear.
    """
    matches = []
    at = 0
    while at < len(text):
        match = pattern.match(text, at)
        if match is None:
            return None
        matches.append(match)
        at = match.end()
    return matches


def words(text: str) -> list[str]:
    """Return the words of a grammar that parts them by `1*WSP` (RFC 5234 B.1)."""
    return [word for word in text.replace("\t", " ").split(" ") if word]


def draft(kind: type[V]) -> Callable[[], Any]:
    """Return a class with the slots of the frozen class `kind`, whose instances become `kind` by `__class__`.

    Filling it by plain stores and turning it takes a third of the time of attrs' frozen constructor (0.09 for 0.25 us
    with three fields), and runs no check: for readers of lines that come by the hundred, which check as they read.
    """
    slots = [field.name for field in attrs.fields(kind)]  # type: ignore[arg-type]
    return type(f"_Draft{kind.__name__}", kind.__bases__, {"__slots__": slots})


class Word(Value, enum.Enum):
    """Base of the attributes that are one word of few."""

    __eq__ = object.__eq__
    __hash__ = enum.Enum.__hash__

    def __repr__(self) -> str:
        return f"<{type(self).__name__}.{self.name}: {self.value!r}>"


_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Attribute(Value):
    """An attribute without a class of its own, or whose value breaks its own grammar (RFC 8866 5.13)."""

    name: str
    "A token."
    value: str | None = None
    "None for a property attribute (`a=name`), else not empty."

    def _check(self) -> None:
        if not is_token(self.name):
            refuse(self, "name", "a token")
        if self.value is not None and not is_byte_string(self.value):
            refuse(self, "value", "one octet or more, free of NUL, CR and LF")
        parse = PARSERS[f"a={self.name}"]
        if parse is not None and _is_sound(parse, self.value or ""):
            refuse(self, "name", "an attribute without a class: use that")

    def line(self) -> str:
        """Return the whole line, without its end."""
        return f"a={self.name}" if self.value is None else f"a={self.name}:{self.value}"


def _is_sound(parse: Callable[[str], object], text: str) -> bool:
    """Tell whether `parse` takes `text`."""
    try:
        parse(text)
    except ValueError:
        return False
    return True


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Line(Value):
    """A line that has no typed value: its letter is unknown, or its text breaks the grammar of the line.

    This is how a line that a peer got wrong is kept, and given back.
    """

    type: str
    "The letter in front of `=`; empty for a line without any character."
    value: str
    "All that follows the `=`."

    def _check(self) -> None:
        if self.type not in _LETTERS and self.type + self.value != "":
            refuse(self, "type", "one lower-case letter")
        if self.value != "" and not is_byte_string(self.value):
            refuse(self, "value", "free of NUL, CR and LF")
        name, colon, text = self.value.partition(":")
        if self.type == "a" and is_token(name) and (text or not colon):
            refuse(self, "value", "anything but an attribute, which has classes")

    def line(self) -> str:
        """Return the whole line, without its end."""
        return f"{self.type}={self.value}" if self.type else ""


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Text(Value):
    """Base of the values that are one string."""

    value: str

    WHAT: ClassVar[str] = "one octet or more, free of NUL, CR and LF"

    @staticmethod
    def holds(text: str) -> bool:
        """Tell whether the class takes `text`."""
        return is_byte_string(text)

    def _check(self) -> None:
        if not self.holds(self.value):
            refuse(self, "value", self.WHAT)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the value that stands behind `a=<name>:` or `<letter>=`; raises EncodeError."""
        return cls(text)

    def line(self) -> str:
        """Return the whole line, without its end."""
        return self.HEAD + self.value


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Number(Value):
    """Base of the attributes that are one number."""

    value: int

    LOW: ClassVar[int] = 0
    HIGH: ClassVar[int] = MOST

    def _check(self) -> None:
        if not is_whole(self.value, self.LOW, self.HIGH):
            refuse(self, "value", f"in {self.LOW}..{self.HIGH}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the value that stands behind `a=<name>:`; raises EncodeError."""
        return cls(number(text, "value"))

    def line(self) -> str:
        """Return the whole line, without its end."""
        return f"{self.HEAD}{self.value}"


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Tokens(Value):
    """Base of the attributes that are one word or several."""

    values: tuple[str, ...]

    SEPARATOR: ClassVar[str] = " "

    def _check(self) -> None:
        if not self.values or not are_tokens(self.values):
            refuse(self, "values", "one token or more")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the value that stands behind `a=<name>:`; raises EncodeError."""
        return cls(tuple(text.split(cls.SEPARATOR)))

    def line(self) -> str:
        """Return the whole line, without its end."""
        return self.HEAD + self.SEPARATOR.join(self.values)


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Flag(Value):
    """Base of the property attributes: present or absent, without a value (RFC 8866 5.13)."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.HEAD = f"a={cls.NAME}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the flag; raises EncodeError when the line has a value."""
        if text:
            raise FieldError("value", f"{cls.NAME}: takes no value, but has {reprlib.repr(text)}")
        return cls()

    def line(self) -> str:
        """Return the whole line, without its end."""
        return self.HEAD

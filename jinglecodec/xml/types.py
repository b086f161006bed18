"""Lexical types: how one attribute or one text looks on the wire, and which Python value it is.

Each is a value: a name for messages, `parse`, `write`, `accepts`. Readers, writers, public construction and the
strategies derive from the same value, so that a range stands in one place. A type may also take a sloppy form
that deployed peers send (`lenient`); that is a quirk, reported with its reason, never the way we write.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Container, Mapping
from functools import lru_cache
from typing import Generic, TypeVar

import attrs

from jinglecodec import lexical
from jinglecodec.records import Record

__all__ = [
    "BOOLEAN",
    "DATE_TIME",
    "JID",
    "LANGUAGE",
    "NCNAME",
    "NMTOKEN",
    "NON_NEGATIVE_INTEGER",
    "POSITIVE_INTEGER",
    "STRING",
    "TRIMMED",
    "UNSIGNED_BYTE",
    "UNSIGNED_INT",
    "UNSIGNED_SHORT",
    "Lexical",
    "Quirk",
    "enum_of",
    "integer",
    "text_matching",
]

T = TypeVar("T")
E = TypeVar("E", bound=enum.Enum)

XML_SPACE = " \t\r\n"


@attrs.frozen(eq=False, repr=False)
class Quirk(Record, Generic[T]):
    """What a lenient parser made of a sloppy form, and what was wrong with it."""

    value: T
    code: str
    message: str


@attrs.frozen(eq=False)
class Lexical(Generic[T]):
    """One lexical type. Compared by identity; made by the functions of this module."""

    name: str
    "Completes the sentence `'x' is not ...`."
    parse: Callable[[str], T]
    "Text to value; raises ValueError with the sentence for people."
    write: Callable[[T], str]
    "Value to text, unescaped."
    accepts: Callable[[object], bool]
    "Whether a Python value belongs to the type; what the public constructors ask."
    lenient: Callable[[str], Quirk[T] | None] | None = None
    "Reads what `parse` refuses and deployed peers send; None when it is not even that."
    members: Mapping[str, T] | None = None
    "The whole type as a table text -> value, where it is small."
    bounds: tuple[int, int] | None = None
    "For integers."
    usual: tuple[int, int] | None = None
    "For integers: outside this narrower range the value is kept and a quirk."
    plain: bool = False
    "Whether every value's text needs no escaping in XML."
    common: tuple[str, ...] = ()
    "Texts so frequent that readers take them without parsing; the value is the text."
    verbatim: bool = False
    "Whether any text is kept as it came, and `parse` only tells the proper ones from the quirks."
    pattern: str | None = None
    "A regular expression of proper texts, from which strategies draw; for strings it is the definition."

    @property
    def anything(self) -> bool:
        """Tell whether every text is proper."""
        return self.parse is _same

    @property
    def is_enum(self) -> bool:
        """Tell whether the values are members of an enumeration."""
        return self.members is not None and self.bounds is None

    def __repr__(self) -> str:
        return f"<{self.name}>"


def integer(minimum: int, maximum: int, *, usual: tuple[int, int] | None = None) -> Lexical[int]:
    """Return the type of the decimal integers `minimum..maximum`, both at least 0.

    White space around the digits and a leading `+` are quirks (XML Schema Part 2 4.3.6 collapses the one and
    allows the other, nobody means to send either). Values outside `usual` are kept, and are quirks.
    """
    low, high = usual or (minimum, maximum)

    def strict(text: str) -> int:
        value = lexical.decimal(_cut(text), minimum, maximum)
        if not low <= value <= high:
            raise ValueError(f"{value} is outside {low}..{high}")
        return value

    def lenient(text: str) -> Quirk[int] | None:
        try:
            value = lexical.decimal(_cut(text.strip(XML_SPACE).removeprefix("+")), minimum, maximum)
        except ValueError:
            return None
        if not low <= value <= high:
            return Quirk(value, "unusual-value", f"{value} is outside {low}..{high}")
        return Quirk(value, "sloppy-integer", f"{text!r} has white space or a sign around the digits")

    def accepts(value: object) -> bool:
        return type(value) is int and minimum <= value <= maximum

    return Lexical(
        f"an integer in {minimum}..{maximum}",
        strict,
        str,
        accepts,
        lenient,
        members={str(n): n for n in range(256)} if (minimum, maximum) == (0, 255) else None,
        bounds=(minimum, maximum),
        usual=usual,
        plain=True,
    )


def enum_of(cls: type[E], *, aliases: Mapping[str, E] | None = None, beyond: Container[E] = ()) -> Lexical[E]:
    """Return the type of a closed set; the members' values are the words on the wire.

    `aliases` are the sloppy words that deployed peers send for a member, `beyond` the members that no specification
    has; other spellings of the same letters and white space around the word are taken too. All of them are quirks.
    """
    members = {str(member.value): member for member in cls if member not in beyond}
    folded = {str(member.value).casefold(): member for member in cls}
    known = dict(aliases or {})
    name = "one of " + ", ".join(members)

    def strict(text: str) -> E:
        try:
            return members[text]
        except KeyError:
            raise ValueError(f"{text!r} is not {name}") from None

    def lenient(text: str) -> Quirk[E] | None:
        word = text.strip(XML_SPACE)
        member = known.get(word) or folded.get(word.casefold())
        if member is None:
            return None
        if text == member.value:
            return Quirk(member, "unusual-value", f"{text!r} is in no specification")
        return Quirk(member, "sloppy-word", f"{text!r} stands for {member.value!r}")

    def accepts(value: object) -> bool:
        return isinstance(value, cls)

    return Lexical(name, strict, lambda member: str(member.value), accepts, lenient, members=members, plain=True)


def text_matching(
    name: str,
    pattern: str,
    *,
    verbatim: bool = False,
    lenient: Callable[[str], Quirk[str] | None] | None = None,
    common: tuple[str, ...] = (),
    code: str = "unusual-identifier",
) -> Lexical[str]:
    """Return the type of the strings that match `pattern` as a whole.

    With `verbatim`, another string is kept as it came and is a quirk of the given code: the type of identifiers that
    the peer chose, which are echoed as they are.
    """

    @lru_cache(maxsize=1)
    def matches() -> Callable[[str], object]:  # compiled on first use: the patterns of names take milliseconds
        return re.compile(pattern).fullmatch

    def strict(text: str) -> str:
        if matches()(text) is None:
            raise ValueError(f"{text!r} is not {name}")
        return text

    def as_it_came(text: str) -> Quirk[str] | None:
        return Quirk(text, code, f"{text!r} is not {name}")

    def accepts(value: object) -> bool:
        return type(value) is str and (verbatim or matches()(value) is not None)

    return Lexical(
        name,
        strict,
        str,
        accepts,
        as_it_came if verbatim else lenient,
        common=common,
        verbatim=verbatim,
        pattern=pattern,
    )


def _cut(digits: str) -> str:
    """Return `digits` without leading zeros beyond the twentieth place; schemas allow any number of them."""
    return digits if digits[:-20].strip("0") else digits[-20:]


def _same(text: str) -> str:
    return text


def _boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text]
    except KeyError:
        raise ValueError(f"{text!r} is not true, false, 1 or 0") from None


def _sloppy_boolean(text: str) -> Quirk[bool] | None:
    value = _BOOLEANS.get(text.strip(XML_SPACE).lower())
    return None if value is None else Quirk(value, "sloppy-word", f"{text!r} stands for {str(value).lower()!r}")


_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}

# NameStartChar and NameChar of XML 1.0 2.3, without the colon (Namespaces in XML 3).
_START = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = _START + "\\-.0-9\xb7\u0300-\u036f\u203f-\u2040"


def _any_text(name: str) -> Lexical[str]:
    return Lexical(name, _same, str, lambda value: type(value) is str, verbatim=True)


STRING = _any_text("a string")
JID = _any_text("a JID")
"An address, kept as it came: comparing and preparing JIDs (RFC 7622) is the XMPP stack's."
BOOLEAN: Lexical[bool] = Lexical(
    "true, false, 1 or 0",
    _boolean,
    lambda value: "true" if value else "false",
    lambda value: type(value) is bool,
    _sloppy_boolean,
    plain=True,
)
TRIMMED = text_matching("text without white space at its ends", "[^ \\t\\r\\n](?s:.*[^ \\t\\r\\n])?")
NON_NEGATIVE_INTEGER = integer(0, 2**64 - 1)
UNSIGNED_BYTE = integer(0, 255)
UNSIGNED_SHORT = integer(0, 65535)
UNSIGNED_INT = integer(0, 2**32 - 1)
POSITIVE_INTEGER = integer(1, 2**64 - 1)
NCNAME = text_matching("an NCName", f"[{_START}][{_NAME}]*", verbatim=True)
NMTOKEN = text_matching("an NMTOKEN", f"[:{_NAME}]+", verbatim=True)
LANGUAGE = text_matching("a language tag", "(?:[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)?", verbatim=True)
DATE_TIME = text_matching(
    "a DateTime (XEP-0082 3.2)",
    "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]+)?"
    "(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])",
    verbatim=True,
    code="unusual-date",
)

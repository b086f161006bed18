"""The line grammar of RFC 8866: how text falls into lines, in which order they come, and what each becomes.

Three weights of departure from the grammar: a `NOTE` is a finding and nothing else, a `STRICT` one is an error unless
the reader is tolerant, a `FATAL` one is an error always. One pass over the lines reads all; who calls decides through
`report` what a departure does: raise, nothing, or be collected.
"""

from __future__ import annotations

import enum
import reprlib
from typing import TYPE_CHECKING

import attrs

from jinglecodec.errors import SdpError
from jinglecodec.lexical import is_token
from jinglecodec.sdp.attributes import PARSERS, TABLE
from jinglecodec.sdp.fields import (
    Bandwidth,
    Connection,
    Email,
    Information,
    Key,
    MediaField,
    Origin,
    Phone,
    Repeat,
    SessionName,
    Timing,
    Uri,
    Zones,
)
from jinglecodec.sdp.values import Attribute, FieldError, Line, UnusableError, Value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    class Report(Protocol):
        """What a departure from the grammar is told to; it may raise."""

        def __call__(self, weight: Weight, number: int, column: int, code: str, message: str, clause: str) -> None:
            """Take note of a departure in line `number`."""


__all__ = [
    "FIELDS",
    "VERSION",
    "Parted",
    "Weight",
    "rank",
    "read",
    "read_line",
    "split",
    "strict",
    "tolerant",
]


class Weight(enum.Enum):
    """How far a departure from the grammar goes."""

    NOTE = "note"
    STRICT = "strict"
    FATAL = "fatal"


def strict(weight: Weight, number: int, column: int, code: str, message: str, clause: str) -> None:  # noqa: ARG001
    """Raise SdpError for all but notes."""
    if weight is not Weight.NOTE:
        raise SdpError(f"{message} ({clause})", number, column)


def tolerant(weight: Weight, number: int, column: int, code: str, message: str, clause: str) -> None:  # noqa: ARG001
    """Raise SdpError for what is fatal."""
    if weight is Weight.FATAL:
        raise SdpError(f"{message} ({clause})", number, column)


# --- text into lines ---------------------------------------------------------------------------------------------


@attrs.frozen(repr=False)
class Parted:
    """A description's text in lines."""

    lines: list[str]
    newline: str
    "The end of the first line; CRLF where no line has an end."
    ends: list[str] | None
    "The end of each line, where not all are `newline`; else None."
    terminated: bool
    "Whether the last line has an end."


def split(text: str | bytes, max_size: int, max_lines: int, max_line: int) -> Parted:
    """Return the lines of `text`, ended by CRLF or LF (RFC 8866 5); raises SdpError for what no line may hold.

    Nothing else ends a line: not VT, FF, NEL or U+2028, as it does for `str.splitlines`. A CR alone is an error.
    """
    if len(text) > max_size:
        start = _decoded(text[:max_size])
        column = max(1, len(start) - 1 - start.rfind("\n"))
        raise SdpError(f"there are more than {max_size} characters or octets", start.count("\n") + 1, column)
    text = _decoded(text)
    if not text:
        raise SdpError("the text is empty (RFC 8866 5)", 1, 1)
    if "\0" in text:
        raise _error_at(text, text.index("\0"), "NUL is in no line (RFC 8866 9)")
    parted = _uniform(text) or _mixed(text)
    if len(parted.lines) > max_lines:
        raise SdpError(f"there are more than {max_lines} lines", max_lines + 1, 1)
    if len(text) > max_line:
        for number, line in enumerate(parted.lines, 1):
            if len(line) > max_line:
                raise SdpError(f"the line has more than {max_line} characters", number, max_line + 1)
    return parted


def _decoded(text: str | bytes) -> str:
    """Return text as it is, octets decoded."""
    return text if isinstance(text, str) else text.decode("utf-8", "surrogateescape")


def _error_at(text: str, index: int, message: str) -> SdpError:
    """Return the error at a place of the whole text."""
    return SdpError(message, text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


def _uniform(text: str) -> Parted | None:
    """Return the lines where all ends are alike; None where they are not."""
    breaks = text.count("\n")
    if not breaks and "\r" not in text:
        return Parted([text], "\r\n", None, terminated=False)
    newline = "\r\n" if "\r" in text else "\n"
    lines = text.split(newline)
    if newline == "\r\n" and not len(lines) - 1 == breaks == text.count("\r"):
        return None
    terminated = lines[-1] == ""
    if terminated:
        del lines[-1]
    return Parted(lines, newline, None, terminated=terminated)


def _mixed(text: str) -> Parted:
    """Return the lines where ends differ; raises SdpError for a CR that ends no line."""
    lines, ends = [], []
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.removesuffix("\r")
        if "\r" in line:
            raise SdpError("CR without LF ends no line (RFC 8866 5)", number, line.index("\r") + 1)
        lines.append(line)
        ends.append("\n" if line == raw else "\r\n")
    if text.endswith("\r"):
        raise SdpError("CR without LF ends no line (RFC 8866 5)", len(lines), len(lines[-1]) + 1)
    terminated = lines[-1] == ""
    if terminated:
        del lines[-1], ends[-1]
    else:
        ends[-1] = ends[0]
    return Parted(lines, ends[0], ends, terminated=terminated)


# --- lines into values -------------------------------------------------------------------------------------------

FIELDS: dict[str, type[Value]] = {
    kind.TYPE: kind
    for kind in (
        *(Origin, SessionName, Information, Uri, Email, Phone, Connection, Bandwidth),
        *(Timing, Repeat, Zones, Key, MediaField),
    )
}
"Letter -> class, for all lines but `v=` and `a=`."

# Which letters may follow which (RFC 8866 9, session-description and media-description).
_IN_SESSION = {
    "": "v",
    "v": "o",
    "o": "s",
    "s": "iuepcbt",
    "i": "uepcbt",
    "u": "epcbt",
    "e": "epcbt",
    "p": "pcbt",
    "c": "bt",
    "b": "bt",
    "t": "trkam",
    "r": "rztkam",
    "z": "tkam",
    "k": "am",
    "a": "am",
}
_IN_MEDIA = {"m": "icbkam", "i": "cbkam", "c": "cbkam", "b": "bkam", "k": "am", "a": "am"}
_RANKS = {
    letter: place
    for place, group in enumerate(("v", "o", "s", "i", "u", "e", "p", "c", "b", "trz", "k", "a", "m"))
    for letter in group
}


# The letters of RFC 8866 5.1, 5.2 and so on.
_CLAUSES = {
    letter: f"RFC 8866 5.{clause}"
    for clause, letters in enumerate(("v", "o", "s", "i", "u", "ep", "c", "b", "t", "r", "z", "k", "a", "m"), 1)
    for letter in letters
}
VERSION = Line("v", "0")
"The only first line there is (RFC 8866 5.1)."


def rank(letter: str) -> int:
    """Return the place of a line of this letter among the lines of its section; letters of one rank may mix."""
    return _RANKS.get(letter, -1 if letter == "" else len(_RANKS))


def _between(before: str, letter: str) -> list[str]:
    """Return the lines that a session must have between two others (RFC 8866 9, session-description)."""
    return [required for required in "vost" if rank(before) < rank(required) < rank(letter)]


def read(lines: Sequence[str], report: Report) -> list[list[Value]]:
    """Return the values of the lines, section by section: first those of the session, then of each `m=`.

    A line that departs from the grammar without `report` raising is kept as `Line`; an attribute whose value breaks
    its own grammar as `Attribute`.
    """
    reader = _Reader(report)
    reader.begin(lines[0])
    recall, find = _RECENT.get, PARSERS.get
    values: list[Value] = []
    sections = [values]
    append = values.append
    before = 1  # the number of the first line of the section
    for line in lines:
        if reader.takes_attributes:  # nine lines in ten
            value = recall(line)
            if value is not None:
                append(value)
                continue
            head, colon, text = line.partition(":")
            parse = find(head)
            if parse is not None and (text or not colon):
                try:
                    value = parse(text)
                except ValueError as problem:
                    append(reader.broken(before + len(values), line, problem))
                    continue
                append(value)
                if head not in _OF_ONE_CALL:
                    _remember(line, value)
                continue
        number = before + len(values)
        value = reader.value(number, lines)
        if value.__class__ is MediaField:
            before, values = number, []
            sections.append(values)
            append = values.append
        append(value)
    reader.finish(len(lines))
    return sections


# Browsers write the same formats, feedback and header extensions in each of their offers, some hundred lines in all.
# Remembering what they say nearly halves the time of reading an offer (129 lines: 240 us to 130 us). Values are
# immutable, so sharing is safe; lines that belong to one call, some of them secrets, are never kept, nor are long ones.
_RECENT: dict[str, Value] = {}
_OF_ONE_CALL = frozenset(
    {"a=candidate", "a=remote-candidates", "a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=tls-id", "a=crypto"}
    | {"a=ssrc", "a=ssrc-group", "a=msid", "a=msid-semantic"}
)


def _remember(line: str, value: Value) -> None:
    """Keep the value of a line for the next description that has it."""
    if len(line) <= 128:
        if len(_RECENT) >= 2048:
            _RECENT.clear()
        _RECENT[line] = value


def read_line(line: str) -> Value:
    """Return what one line says, as a tolerant reader takes it; raises EncodeError for NUL, CR and LF.

    An attribute that breaks its grammar is an `Attribute`, what has no value at all is a `Line`.
    """
    reader = _Reader(tolerant)
    letter, equals, text = line.partition("=")
    if letter == "a" and equals:
        return reader.attribute(1, line)
    try:
        return reader.media(1, line) if letter == "m" else reader.field(1, line, letter)
    except SdpError:
        return Line(letter, text)


class _Reader:
    """Where a reader stands: the line before, and what the section still lacks."""

    __slots__ = (
        *("_connected", "_follows", "_head", "_report", "_session_connected"),
        *("previous", "takes_attributes"),
    )

    def __init__(self, report: Report) -> None:
        self._report = report
        self._follows = _IN_SESSION
        self.previous = ""
        "The letter of the line before."
        self.takes_attributes = False
        "Whether `a=` may follow."
        self._head = 0
        "The number of the current section's `m=`, 0 in the session's own."
        self._connected = self._session_connected = False

    def begin(self, line: str) -> None:
        """Check the first line."""
        if line != "v=0":
            column = 3 if line[:2] == "v=" and line != "v=" else 1
            self._report(Weight.FATAL, 1, column, "version", "a description begins with v=0", "RFC 8866 5.1")

    def value(self, number: int, lines: Sequence[str]) -> Value:
        """Return the value of a line of any kind, all before it having been read."""
        line = lines[number - 1]
        letter = line[:1]
        if number > 1 and lines[number - 2][:2] == "a=":
            self.previous = "a"
        if line[1:2] != "=" or not "a" <= letter <= "z":
            return self._shapeless(number, line)
        if letter in self._follows[self.previous]:
            self.previous = letter
        else:
            self._misplaced(number, letter)
        if letter == "m":
            self._follows = _IN_MEDIA
        self.takes_attributes = "a" in self._follows[self.previous]
        if letter == "a":
            return self.attribute(number, line)
        if letter == "m":
            return self.media(number, line)
        return self.field(number, line, letter)

    def _shapeless(self, number: int, line: str) -> Value:
        """Return the value of a line that is empty; any other is refused."""
        if line == "":
            self._report(Weight.STRICT, number, 1, "blank-line", "the line is empty", "RFC 8866 5")
        else:
            message = f"{reprlib.repr(line)} is not one letter, `=` and a value"
            self._report(Weight.FATAL, number, 1, "line-syntax", message, "RFC 8866 5")
        return Line("", "")

    def _misplaced(self, number: int, letter: str) -> None:
        """Report a line that may not stand here."""
        if letter not in _RANKS:
            self._report(Weight.STRICT, number, 1, "unknown-line", f"there is no line {letter}=", "RFC 8866 5")
        elif (self.previous, letter) == ("t", "z"):
            # RFC 4566 had it so; what was well-formed then is noted, not refused.
            self._report(Weight.NOTE, number, 1, "line-order", "z= belongs behind r=", "RFC 8866 5.11")
            self.previous = letter
        elif self._follows is _IN_SESSION and (missing := _between(self.previous, letter)):
            for required in missing:
                self._report(Weight.STRICT, number, 1, "missing-line", f"{required}= is missing", _CLAUSES[required])
            self.previous = letter
        else:
            message = f"{letter}= may not stand behind {self.previous}="
            self._report(Weight.STRICT, number, 1, "line-order", message, "RFC 8866 5")

    def attribute(self, number: int, line: str) -> Value:
        """Return the value of an `a=` line."""
        head, colon, text = line.partition(":")
        parse = PARSERS[head] if text or not colon else None
        try:
            return Attribute(head[2:], text if colon else None) if parse is None else parse(text)
        except ValueError as problem:
            if parse is not None:
                return self.broken(number, line, problem)
            column = _within(line, 3 if not is_token(head[2:]) else len(head) + 2)
            self._report(Weight.STRICT, number, column, "attribute-syntax", str(problem), "RFC 8866 5.13")
            return Line("a", line[2:])

    def broken(self, number: int, line: str, problem: ValueError) -> Value:
        """Return the value of an attribute that breaks its own grammar, and note it."""
        head, colon, text = line.partition(":")
        self._report(Weight.NOTE, number, 3, "attribute-value", str(problem), TABLE[head[2:]].clause)
        return Attribute(head[2:], text if colon else None)

    def media(self, number: int, line: str) -> Value:
        """Return the value of an `m=` line, which opens a section."""
        self._close_section()
        self._head = number
        self._connected = False
        try:
            return MediaField.parse(line[2:])
        except FieldError as problem:
            column = _within(line, 3 + MediaField.offset(line[2:], problem.field))
            # RFC 8866 made formats tokens; before, and to most readers still, they are any words.
            words = problem.field == "formats" and isinstance(problem, UnusableError)
            weight = Weight.NOTE if words else Weight.STRICT
            self._report(weight, number, column, "line-value", str(problem), "RFC 8866 5.14")
            try:
                return MediaField.parse_tolerant(line[2:])
            except FieldError:
                self._report(Weight.FATAL, number, column, "line-value", str(problem), "RFC 8866 5.14")
                raise

    def field(self, number: int, line: str, letter: str) -> Value:
        """Return the value of another line."""
        kind = FIELDS.get(letter)
        if letter == "c":
            self._connected = True
        if kind is None:
            return VERSION if line == "v=0" else Line(letter, line[2:])
        try:
            return kind.parse(line[2:])
        except FieldError as problem:
            # RFC 8866 narrowed r= and z= and made k= obsolete; nothing depends on them.
            harmless = letter in "rzk" or isinstance(problem, UnusableError)
            weight = Weight.NOTE if harmless else Weight.STRICT
            column = _within(line, 3 + kind.offset(line[2:], problem.field))
            self._report(weight, number, column, "line-value", str(problem), _CLAUSES[letter])
            return Line(letter, line[2:])

    def _close_section(self) -> None:
        """Check what the section that ends here must have."""
        if self._head == 0:
            self._session_connected = self._connected
        elif not (self._connected or self._session_connected):
            message = "the section has no c=, nor has the session"
            self._report(Weight.STRICT, self._head, 1, "missing-connection", message, "RFC 8866 5.7")

    def finish(self, number: int) -> None:
        """Check what a description of so many lines must have."""
        if self._follows is _IN_SESSION and "m" not in self._follows[self.previous]:
            self._misplaced(number, "m")
        self._close_section()


def _within(line: str, column: int) -> int:
    """Return `column`, drawn back into the line where something is missing behind its end."""
    return max(1, min(column, len(line)))

"""Lexical types: what is proper, what is a quirk, what is refused, and what constructors take."""

from __future__ import annotations

import enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinglecodec.xml.types import (
    BOOLEAN,
    JID,
    LANGUAGE,
    NCNAME,
    NMTOKEN,
    NON_NEGATIVE_INTEGER,
    POSITIVE_INTEGER,
    STRING,
    TRIMMED,
    UNSIGNED_BYTE,
    UNSIGNED_INT,
    UNSIGNED_SHORT,
    Lexical,
    enum_of,
    integer,
    text_matching,
)


class Colour(enum.Enum):
    RED = "red"
    DARK_BLUE = "dark-blue"


COLOUR = enum_of(Colour, aliases={"blau": Colour.DARK_BLUE})
LETTERS = text_matching("letters", "[a-z]+")
TYPES: list[Lexical[Any]] = [
    BOOLEAN,
    COLOUR,
    JID,
    LANGUAGE,
    LETTERS,
    NCNAME,
    NMTOKEN,
    NON_NEGATIVE_INTEGER,
    POSITIVE_INTEGER,
    STRING,
    TRIMMED,
    UNSIGNED_BYTE,
    UNSIGNED_INT,
    UNSIGNED_SHORT,
    integer(0, 2**64 - 1, usual=(1, 2**31 - 1)),
]
TRAPS = ["1_0", "\u0661", "\uff11", "\u00b2", "1e3", "1.0", "0x1", "", " ", "-0", "+-1", "++1", "+ 1", "1 0", "1\u00a0"]
"What `int`, `str.isdigit` or `str.strip` would take."


def proper(lexical: Lexical[Any], text: str) -> object:
    """Return the value of a text that is no quirk, or ValueError."""
    try:
        return lexical.parse(text)
    except ValueError:
        return ValueError


def quirk(lexical: Lexical[Any], text: str) -> object:
    """Return the value of a text that is a quirk, or None."""
    assert proper(lexical, text) is ValueError
    found = lexical.lenient(text) if lexical.lenient else None
    return found and found.value


@pytest.mark.parametrize(
    ("lexical", "low", "high"),
    [
        (UNSIGNED_BYTE, 0, 255),
        (UNSIGNED_SHORT, 0, 65535),
        (UNSIGNED_INT, 0, 4294967295),
        (NON_NEGATIVE_INTEGER, 0, 18446744073709551615),
        (POSITIVE_INTEGER, 1, 18446744073709551615),
        (integer(5, 7), 5, 7),
    ],
)
def test_integers_end_where_their_type_ends(lexical: Lexical[int], low: int, high: int) -> None:
    assert (lexical.parse(str(low)), lexical.parse(str(high))) == (low, high)
    for text in (str(low - 1), str(high + 1)):
        assert proper(lexical, text) is ValueError
        assert quirk(lexical, text) is None
    assert lexical.accepts(low)
    assert lexical.accepts(high)
    assert not lexical.accepts(low - 1)
    assert not lexical.accepts(high + 1)


@pytest.mark.parametrize("text", TRAPS)
def test_what_int_would_take_is_no_integer(text: str) -> None:
    assert quirk(NON_NEGATIVE_INTEGER, text) is None


@pytest.mark.parametrize("text", [" 7", "7\n", "\t7\r", "+7", " +7 "])
def test_space_and_plus_around_digits_are_quirks(text: str) -> None:
    assert quirk(UNSIGNED_BYTE, text) == 7


@pytest.mark.parametrize("zeros", [1, 19, 20, 30, 5000])
def test_leading_zeros_are_proper_however_many(zeros: int) -> None:
    """XML Schema Part 2 3.3.13; `int` has a limit of 4300 digits, and looks at each."""
    assert UNSIGNED_SHORT.parse("0" * zeros + "7") == 7
    assert UNSIGNED_SHORT.parse("0" * zeros) == 0
    assert proper(UNSIGNED_SHORT, "0" * zeros + "65536") is ValueError


def test_a_million_digits_are_refused() -> None:
    assert proper(NON_NEGATIVE_INTEGER, "9" * 1_000_000) is ValueError


def test_values_outside_the_usual_range_are_quirks() -> None:
    lexical = integer(0, 100, usual=(1, 10))
    assert lexical.parse("10") == 10
    assert [quirk(lexical, text) for text in ("0", "11", "100", "101")] == [0, 11, 100, None]
    assert lexical.accepts(11)


@pytest.mark.parametrize("value", [True, 1.0, "1", None])
def test_only_an_int_is_an_integer(value: object) -> None:
    assert not UNSIGNED_BYTE.accepts(value)


def test_booleans_are_four_words() -> None:
    """XML Schema Part 2 3.2.2.1."""
    assert [BOOLEAN.parse(word) for word in ("true", "1", "false", "0")] == [True, True, False, False]
    assert [BOOLEAN.write(value) for value in (True, False)] == ["true", "false"]
    assert [quirk(BOOLEAN, text) for text in ("True", " 1", "yes", "")] == [True, True, None, None]
    assert BOOLEAN.accepts(True)
    assert not BOOLEAN.accepts(1)


def test_enumerations_are_their_words() -> None:
    assert COLOUR.parse("dark-blue") is Colour.DARK_BLUE
    assert COLOUR.write(Colour.RED) == "red"
    assert [quirk(COLOUR, text) for text in ("Red", " red ", "DARK-BLUE", "blau", "dark_blue", "")] == [
        Colour.RED,
        Colour.RED,
        Colour.DARK_BLUE,
        Colour.DARK_BLUE,
        None,
        None,
    ]
    assert COLOUR.accepts(Colour.RED)
    assert not COLOUR.accepts("red")
    with pytest.raises(ValueError, match=r"^.x. is not one of red, dark-blue$"):
        COLOUR.parse("x")


@pytest.mark.parametrize(
    ("lexical", "good", "bad"),
    [
        (
            NCNAME,
            ["a", "_", "a-b.c", "\xe9", "a\xb7", "\u0370", "\U00010000"],
            ["", "1", "-a", "a:b", "a b", "\xd7", "a\n"],
        ),
        (NMTOKEN, ["a", "1", "-a", "a:b", ":", "\xb7"], ["", "a b", "a/b", "a+", "a=", "a\n"]),
        (
            LANGUAGE,
            ["", "de", "de-CH", "x-klingon", "zh-Hant-TW"],
            ["d e", "de_CH", "de-", "abcdefghi", "\xe9", "de\n"],
        ),
    ],
)
def test_names_follow_xml(lexical: Lexical[str], good: list[str], bad: list[str]) -> None:
    """XML 1.0 2.3, Namespaces in XML 3; XML Schema Part 2 3.3.3. What is not one is kept as it came."""
    assert [proper(lexical, text) for text in good] == good
    assert [quirk(lexical, text) for text in bad] == bad
    assert all(lexical.accepts(text) for text in good + bad)


def test_text_without_space_at_its_ends() -> None:
    for text in ("", " ", " a", "a\n", "\t"):
        assert not TRIMMED.accepts(text)
    for text in ("a", "a b", "\xa0", "a\n\nb"):
        assert TRIMMED.accepts(text)


def test_a_pattern_covers_the_whole_text() -> None:
    assert LETTERS.parse("abc") == "abc"
    for text in ("abc\n", "ab1", ""):
        assert proper(LETTERS, text) is ValueError
        assert not LETTERS.accepts(text)


@given(st.sampled_from(TYPES), st.text() | st.from_regex(r"[ +]?[0-9]{1,22} ?", fullmatch=True))
def test_what_is_read_may_be_written_and_reads_the_same(lexical: Lexical[Any], text: str) -> None:
    value = proper(lexical, text)
    if value is ValueError:
        value = quirk(lexical, text)
        if value is None:
            return
    assert lexical.accepts(value)
    again = lexical.write(value)
    assert value in (proper(lexical, again), quirk(lexical, again) if proper(lexical, again) is ValueError else value)


@pytest.mark.parametrize("lexical", TYPES)
def test_a_type_shows_what_it_is(lexical: Lexical[Any]) -> None:
    assert repr(lexical) == f"<{lexical.name}>"
    for text in ("\0", "x" * 10_000):
        try:
            lexical.parse(text)
        except ValueError as error:
            assert lexical.name.split(" ")[0] in str(error)  # noqa: PT017


def test_long_values_are_cut_in_messages() -> None:
    with pytest.raises(ValueError, match=r"^'9{57}\.\.\.' is not an integer in 0\.\.255$"):
        UNSIGNED_BYTE.parse("9" * 100_000)

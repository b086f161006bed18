"""OpaqueString (RFC 8265) and SASLprep (RFC 4013): the examples of both, and the classes of RFC 8264."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stun_support import PRINTABLE

from jinglecodec.errors import EncodeError
from jinglecodec.stun.strings import opaque_string, saslprep


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("correct horse battery staple", "correct horse battery staple"),  # RFC 8265 4.3, example 12
        ("Correct Horse Battery Staple", "Correct Horse Battery Staple"),  # 13
        ("\u03c0\u00df\u00e5", "\u03c0\u00df\u00e5"),  # 14
        ("Jack of \u2666s", "Jack of \u2666s"),  # 15
        ("foo\u1680bar", "foo bar"),  # 16
        ("A\u030a", "\u00c5"),  # NFC
        ("\u00aa\u2168", "\u00aa\u2168"),  # not NFKC: compatibility forms stay
        ("\uff21", "\uff21"),  # no width mapping
        ("\u00a0\u3000", "  "),
        ("l\u00b7l", "l\u00b7l"),  # Catalan middle dot
        ("\u0375\u03b1", "\u0375\u03b1"),
        ("\u05d0\u05f3", "\u05d0\u05f3"),
        ("\u30fb\u30a2", "\u30fb\u30a2"),
        ("\u6f22\u30fb", "\u6f22\u30fb"),
        ("\u0660\u0661", "\u0660\u0661"),
        ("\u06f0\u06f1", "\u06f0\u06f1"),
        ("\u0915\u094d\u200d", "\u0915\u094d\u200d"),  # zero width joiner behind a virama
    ],
)
def test_opaque_string_maps_spaces_composes_and_leaves_the_rest(text: str, expected: str) -> None:
    assert opaque_string(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",  # RFC 8265 4.3, example 17
        "my cat is a \tby",  # 18
        "The\u00adMatrix",  # SOFT HYPHEN is ignorable
        "\x7f",
        "\u0085",
        "\u200b",
        "\u2028",
        "\ufeff",
        "\ufe0f",
        "\U000e0041",
        "\u1100",  # old Hangul jamo
        "\u0640",  # an exception
        "\ue000",  # private use
        "\ud800",
        "\ufdd0",  # not a character
        "\u0378",  # unassigned
        "a\u00b7l",
        "l\u00b7a",
        "\u00b7",
        "\u0375a",
        "a\u05f3",
        "a\u30fb",
        "\u0660\u06f0",
        "a\u200d",
        "\u200c",
    ],
)
def test_opaque_string_refuses_what_freeform_class_does_not_hold(text: str) -> None:
    with pytest.raises(EncodeError, match=r"\(RFC 82(64 4.3|65 4.2.2)\)"):
        opaque_string(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [  # RFC 4013 3
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("\u0627\u0628", "\u0627\u0628"),
        ("", ""),
    ],
)
def test_saslprep_maps_and_composes_as_its_examples(text: str, expected: str) -> None:
    assert saslprep(text) == expected


@pytest.mark.parametrize("text", ["\x07", "\u0627\u0031", "\u0627a\u0628", "\ue000", "\u0221", "\ud800", "\u206a"])
def test_saslprep_refuses_what_it_prohibits(text: str) -> None:
    with pytest.raises(EncodeError, match=r"\(RFC (4013 2.3 and 2.5|3454 6)\)"):
        saslprep(text)


@given(st.text())
def test_prepared_text_stays_as_it_is_when_prepared_again(text: str) -> None:
    """Idempotence, and totality: text or EncodeError."""
    for prepare in (opaque_string, saslprep):
        try:
            prepared = prepare(text)
        except EncodeError:
            continue
        assert prepare(prepared) == prepared


@given(st.text(PRINTABLE, min_size=1))
def test_printable_ascii_is_left_alone(text: str) -> None:
    assert opaque_string(text) == saslprep(text) == text

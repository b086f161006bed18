"""Preparation of user names, realms and passwords: OpaqueString (RFC 8265 4.2) and its forerunner SASLprep (RFC 4013).

STUN asks for OpaqueString since RFC 8489; servers of RFC 5389 use SASLprep. Both leave printable ASCII alone.
"""

from __future__ import annotations

from unicodedata import category, combining, name, normalize, ucd_3_2_0

from jinglecodec.errors import EncodeError

__all__ = ["opaque_string", "saslprep"]


def opaque_string(text: str) -> str:
    """Return `text` as OpaqueString enforces it (RFC 8265 4.2.2); raises EncodeError for what it does not allow.

    Spaces become U+0020 and the text NFC; case, width and direction stay. Of the rule for ZERO WIDTH NON-JOINER
    (RFC 5892 A.1) only the part about viramas is here: Python does not know joining types, so others are refused.
    """
    if text.isascii() and text.isprintable() and text:
        return text
    for position, character in enumerate(text):
        if not _is_freeform(text, position):
            raise EncodeError(f"U+{ord(character):04X} is not allowed (RFC 8264 4.3)")
    prepared = normalize("NFC", "".join(" " if category(character) == "Zs" else character for character in text))
    if not prepared:
        raise EncodeError("no characters at all (RFC 8265 4.2.2)")
    return prepared


def saslprep(text: str) -> str:
    """Return `text` as SASLprep makes it, a stored string (RFC 4013); raises EncodeError for what it prohibits."""
    if text.isascii() and text.isprintable():
        return text
    import stringprep  # noqa: PLC0415 - its tables are for old servers and other than ASCII only

    kept = (character for character in text if not stringprep.in_table_b1(character))
    spaced = "".join(" " if stringprep.in_table_c12(character) else character for character in kept)
    prepared: str = ucd_3_2_0.normalize("NFKC", spaced)
    prohibited = (
        stringprep.in_table_a1,
        stringprep.in_table_c12,
        stringprep.in_table_c21_c22,
        stringprep.in_table_c3,
        stringprep.in_table_c4,
        stringprep.in_table_c5,
        stringprep.in_table_c6,
        stringprep.in_table_c7,
        stringprep.in_table_c8,
        stringprep.in_table_c9,
    )
    for character in prepared:
        if any(table(character) for table in prohibited):
            raise EncodeError(f"U+{ord(character):04X} is prohibited (RFC 4013 2.3 and 2.5)")
    right_to_left = [stringprep.in_table_d1(character) for character in prepared]
    if any(right_to_left) and not (
        right_to_left[0] and right_to_left[-1] and not any(map(stringprep.in_table_d2, prepared))
    ):
        raise EncodeError("left-to-right and right-to-left text are mixed (RFC 3454 6)")
    return prepared


# --- FreeformClass (RFC 8264 4.3), in the order of RFC 8264 8 ----------------------------------------------------

_ALLOWED_EXCEPTIONS = frozenset("\u00df\u03c2\u06fd\u06fe\u0f0b\u3007")
_DISALLOWED_EXCEPTIONS = frozenset("\u0640\u07fa\u302e\u302f\u3031\u3032\u3033\u3034\u3035\u303b")
"RFC 5892 2.6"

_DISALLOWED_RANGES = (
    # Old Hangul Jamo (RFC 8264 9.9)
    (0x1100, 0x11FF),
    (0xA960, 0xA97C),
    (0xD7B0, 0xD7C6),
    (0xD7CB, 0xD7FB),
    # Default_Ignorable_Code_Point (RFC 8264 9.13)
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)


def _is_freeform(text: str, position: int) -> bool:
    character = text[position]
    if character in _ALLOWED_EXCEPTIONS or "!" <= character <= "~":
        return True
    if character in _DISALLOWED_EXCEPTIONS:
        return False
    if character in _CONTEXTUAL:
        return _in_context(text, position)
    if any(first <= ord(character) <= last for first, last in _DISALLOWED_RANGES):
        return False
    # Letters, marks, numbers, punctuation, symbols and spaces; what has a compatibility form is among them. Left out
    # are controls, formats, surrogates, private use, separators of lines and paragraphs, and the unassigned.
    kind = category(character)
    return kind[0] in "LMNPS" or kind == "Zs"


# --- characters with a contextual rule (RFC 5892 A) --------------------------------------------------------------

_ARABIC_INDIC = frozenset("٠١٢٣٤٥٦٧٨٩")  # U+0660 to U+0669
_EXTENDED_ARABIC_INDIC = frozenset("۰۱۲۳۴۵۶۷۸۹")  # U+06F0 to U+06F9
_CONTEXTUAL = frozenset("\u200c\u200d\u00b7\u0375\u05f3\u05f4\u30fb") | _ARABIC_INDIC | _EXTENDED_ARABIC_INDIC
_KANA_AND_HAN = ("HIRAGANA LETTER", "KATAKANA LETTER", "HALFWIDTH KATAKANA LETTER", "CJK ", "IDEOGRAPHIC ")
_VIRAMA = 9
"Canonical combining class."


def _in_context(text: str, position: int) -> bool:
    character = text[position]
    before, after = text[position - 1 : position], text[position + 1 : position + 2]
    match character:
        case "\u200c" | "\u200d":  # A.1, A.2: zero width non-joiner and joiner
            return before != "" and combining(before) == _VIRAMA
        case "\u00b7":  # A.3: middle dot
            return before == after == "l"
        case "\u0375":  # A.4: Greek lower numeral sign
            return after != "" and name(after, "").startswith("GREEK ")
        case "\u05f3" | "\u05f4":  # A.5, A.6: Hebrew geresh and gershayim
            return before != "" and name(before, "").startswith("HEBREW ")
        case "\u30fb":  # A.7: Katakana middle dot
            return any(name(other, "").startswith(_KANA_AND_HAN) for other in text)
    # A.8, A.9: Arabic-Indic digits and extended ones do not mix
    return (_EXTENDED_ARABIC_INDIC if character in _ARABIC_INDIC else _ARABIC_INDIC).isdisjoint(text)

r"""Strict ASCII integers and tokens, shared by XML, SDP and STUN; and text made safe to be looked at.

`int()` takes `1_0`, `+1`, ` 1 ` and the digits of other scripts; nothing here does.
"""

from __future__ import annotations

import re

__all__ = ["cut", "decimal", "hexadecimal", "is_base64", "is_byte_string", "is_token", "printable"]

_TOKEN = re.compile(r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+").fullmatch
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?").fullmatch
_BREAKS = re.compile(r"[\x00\r\n]").search


def decimal(text: str, minimum: int, maximum: int) -> int:
    """Return the number that `text` writes in ASCII digits, without sign; leading zeros are taken.

    Raises ValueError unless the text is digits only and `minimum <= value <= maximum`. Time does not grow
    with the square of the length: more than 20 digits are refused unread.

    >>> decimal("65535", 0, 65535)
    65535
    """
    if text.isascii() and text.isdigit() and len(text) <= 20:
        value = int(text)
        if minimum <= value <= maximum:
            return value
    raise ValueError(f"{_shown(text)} is not an integer in {minimum}..{maximum}")


def hexadecimal(text: str) -> bytes:
    """Return the octets that `text` writes as pairs of hex digits, either case; raises ValueError."""
    if text.isascii() and not any(character.isspace() for character in text):
        try:
            return bytes.fromhex(text)
        except ValueError:
            pass
    raise ValueError(f"{_shown(text)} is not pairs of hexadecimal digits")


def is_token(text: str) -> bool:
    """Tell whether `text` is a `token` (RFC 8866 9; the same set as RFC 2045's)."""
    return (text.isalnum() and text.isascii()) or _TOKEN(text) is not None


def is_byte_string(text: str) -> bool:
    """Tell whether `text` is a `byte-string` (RFC 8866 9): one octet or more, none of them NUL, CR or LF."""
    return text != "" and _BREAKS(text) is None


def is_base64(text: str) -> bool:
    """Tell whether `text` is padded base64 without line breaks (RFC 4648 4); the empty text is."""
    return _BASE64(text) is not None


def printable(text: str) -> str:
    r"""Return `text` with escapes for what a terminal would obey or hide, line feeds too.

    >>> print(printable("a\x1b[31m"))
    a\x1b[31m
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def cut(text: str, length: int) -> str:
    """Return at most `length` characters of `text`, dots at their end where there are more; for messages.

    >>> cut("abcdefgh", 6)
    'abc...'
    """
    return text if len(text) <= length else text[: length - 3] + "..."


def _shown(text: str) -> str:
    """Return `text` for a message, so that an error stays one line."""
    return repr(cut(text, 60))

"""Keys in SDP: DTLS (RFC 8122, RFC 8842, RFC 4145) and security descriptions (RFC 4568)."""

from __future__ import annotations

import enum
import reprlib
from typing import ClassVar, Self

import attrs

from jinglecodec.lexical import is_token
from jinglecodec.sdp.values import FieldError, Text, Value, Word, is_visible, is_whole, number, refuse, words

__all__ = ["Crypto", "Fingerprint", "Setup", "TlsId"]

_DIGEST_LENGTHS = {"sha-1": 20, "sha-224": 28, "sha-256": 32, "sha-384": 48, "sha-512": 64, "md5": 16, "md2": 16}


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Fingerprint(Value):
    """The hash of the certificate that the peer will show (RFC 8122 5)."""

    hash_function: str
    "`sha-256`, as the peer writes it: compare without case."
    digest: bytes
    "As long as the hash function makes it."

    NAME = "fingerprint"

    def _check(self) -> None:
        length = _DIGEST_LENGTHS.get(self.hash_function.lower())
        if length is None and not is_token(self.hash_function):
            refuse(self, "hash_function", "a token")
        if not self.digest or len(self.digest) != (length or len(self.digest)):
            refuse(self, "digest", f"a digest of {self.hash_function}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=fingerprint:`; raises FieldError. Lower case digits are taken."""
        hash_function, _, digits = text.partition(" ")
        try:
            digest = bytes.fromhex(digits.replace(":", ""))
        except ValueError:
            digest = b""
        if digest.hex(":") != digits.lower():
            raise FieldError("digest", f"Fingerprint.digest: {reprlib.repr(digits)} is not octets parted by colons")
        return cls(hash_function, digest)

    @property
    def text(self) -> str:
        """The digest as octets in upper-case hexadecimal, parted by colons."""
        return self.digest.hex(":").upper()

    def line(self) -> str:
        """Return the whole line, without its end."""
        return f"a=fingerprint:{self.hash_function} {self.text}"


class Setup(Word):
    """Who opens the association: the `active` side (RFC 4145 4, RFC 8842 5)."""

    NAME = enum.nonmember("setup")  # type: ignore[misc]

    ACTIVE = "active"
    PASSIVE = "passive"
    ACTPASS = "actpass"
    HOLDCONN = "holdconn"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=setup:`; raises FieldError."""
        try:
            return cls(text)
        except ValueError:
            raise FieldError("value", f"Setup: {reprlib.repr(text)} is no role") from None

    def line(self) -> str:
        """Return the whole line, without its end."""
        return f"a=setup:{self._value_}"


_TLS_ID_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")


class TlsId(Text):
    """Names the DTLS association: a new value asks for a new one (RFC 8842 4)."""

    __slots__ = ()
    NAME = "tls-id"
    WHAT: ClassVar[str] = "20..255 letters, digits, '+', '/', '-' or '_'"

    @staticmethod
    def holds(text: str) -> bool:
        """Tell whether the class takes `text`."""
        return 20 <= len(text) <= 255 and _TLS_ID_CHARACTERS.issuperset(text)


_NAME_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")


def _is_name(text: str) -> bool:
    """Tell whether `text` is a crypto-suite or key-method (RFC 4568 9.1)."""
    return text != "" and _NAME_CHARACTERS.issuperset(text)


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Crypto(Value):
    """SRTP keys in the signalling (RFC 4568 9.1)."""

    tag: int
    "0..999999999, unique in the section."
    suite: str
    "`AES_CM_128_HMAC_SHA1_80` ..."
    keys: tuple[str, ...]
    "Each `<method>:<info>`, such as `inline:...|2^20|1:4`."
    session_parameters: tuple[str, ...] = ()
    "Such as `KDR=1`, `UNENCRYPTED_SRTCP`."

    NAME = "crypto"

    def _check(self) -> None:
        if not is_whole(self.tag, 0, 999_999_999):
            refuse(self, "tag", "in 0..999999999")
        if not _is_name(self.suite):
            refuse(self, "suite", "letters, digits and '_'")
        if not self.keys or not all(_is_key(key) for key in self.keys):
            refuse(self, "keys", "one `<method>:<info>` or more, without ';'")
        if not all(is_visible(parameter) for parameter in self.session_parameters):
            refuse(self, "session_parameters", "visible characters without white space")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=crypto:`; raises FieldError."""
        parts = words(text)
        if len(parts) < 3:
            raise FieldError("keys", "Crypto: a tag, a suite and a key are required")
        return cls(number(parts[0], "tag"), parts[1], tuple(parts[2].split(";")), tuple(parts[3:]))

    def line(self) -> str:
        """Return the whole line, without its end."""
        return f"a=crypto:{self.tag} {' '.join((self.suite, ';'.join(self.keys), *self.session_parameters))}"

    def __repr__(self) -> str:
        return f"Crypto(tag={self.tag}, suite={self.suite!r}, ...)"  # logs are no place for keys


def _is_key(text: str) -> bool:
    """Tell whether `text` is a key-param (RFC 4568 9.1)."""
    method, _, info = text.partition(":")
    return _is_name(method) and is_visible(info) and info.isascii() and ";" not in info

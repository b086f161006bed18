"""XEP-0320: Use of DTLS-SRTP in Jingle Sessions."""

from __future__ import annotations

import enum

from jinglecodec import namespaces as ns
from jinglecodec.xml.fields import Element, attribute, element, text
from jinglecodec.xml.types import BOOLEAN, XML_SPACE, Quirk, enum_of, text_matching

__all__ = ["Fingerprint", "Setup"]


class Setup(enum.Enum):
    """Who opens the DTLS connection (RFC 4145 4, RFC 8842 5)."""

    ACTIVE = "active"
    PASSIVE = "passive"
    ACTPASS = "actpass"
    "Offers only: either may."
    HOLDCONN = "holdconn"
    "Included for completeness, not used (XEP-0320 1, 7)."


_PAIRS = "[0-9A-F]{2}(?::[0-9A-F]{2})*"


def _sloppy_fingerprint(value: str) -> Quirk[str] | None:
    proper = "".join(value.split()).upper()
    if _FINGERPRINT_STRICT.accepts(proper):
        return Quirk(proper, "sloppy-fingerprint", "white space or lower-case digits in the fingerprint")
    return None


def _sloppy_hash(value: str) -> Quirk[str] | None:
    proper = value.strip(XML_SPACE).lower()
    if _HASH_STRICT.accepts(proper):
        return Quirk(proper, "sloppy-word", f"{value!r} stands for {proper!r}")
    return None


_FINGERPRINT_STRICT = text_matching("pairs of upper-case hex digits joined by colons", _PAIRS)
_HASH_STRICT = text_matching("a hash name in lower case", "[!-@\\[-~]+")
FINGERPRINT = text_matching(_FINGERPRINT_STRICT.name, _PAIRS, lenient=_sloppy_fingerprint)
HASH = text_matching(_HASH_STRICT.name, "[!-@\\[-~]+", lenient=_sloppy_hash)


@element(ns.DTLS, "fingerprint", also=(f"{{{ns.DTLS_TMP}}}fingerprint",))
class Fingerprint(Element):
    """Fingerprint of the certificate that DTLS will show (XEP-0320 1); stands inside an ICE transport.

    Old peers use the namespace it had before the document was accepted.
    """

    hash: str = attribute(HASH)
    "Hash function in lower case, such as `sha-256` (RFC 8122 5); some peers refuse capitals."
    setup: Setup | None = attribute(enum_of(Setup), default=None, expected="XEP-0320 7")
    cryptex: bool | None = attribute(BOOLEAN, default=None, unspecified="Jitsi")
    "Whether RTP header extensions are encrypted (RFC 9335)."
    required: bool | None = attribute(BOOLEAN, default=None, unspecified="Jitsi and strophe.jingle")
    value: str = text(FINGERPRINT)
    "Octets as upper-case hex pairs joined by colons."

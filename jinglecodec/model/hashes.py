"""XEP-0300: Use of Cryptographic Hash Functions in XMPP."""

from __future__ import annotations

from binascii import a2b_base64

from jinglecodec import namespaces as ns
from jinglecodec.xml.fields import Element, attribute, element, text
from jinglecodec.xml.types import NCNAME, XML_SPACE, Quirk, text_matching

__all__ = ["Hash", "HashUsed"]

# RFC 4648 4, and the bits that pad the last group are 0 (XEP-0300 3).
_BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?"
_WITHOUT_SPACE = str.maketrans("", "", XML_SPACE)


def _sloppy_digest(value: str) -> Quirk[str] | None:
    proper = value.translate(_WITHOUT_SPACE)
    return Quirk(proper, "sloppy-hash", "white space in the hash") if _DIGEST.accepts(proper) else None


_DIGEST = text_matching("base64", _BASE64)
DIGEST = text_matching(_DIGEST.name, _BASE64, lenient=_sloppy_digest)


@element(ns.HASHES, "hash")
class Hash(Element):
    """A hash value (XEP-0300 3)."""

    algo: str = attribute(NCNAME)
    "Textual name of the function, such as `sha-256`; a registry of IANA's, with `sha3-256`, `blake2b-256` ..."
    value: str = text(DIGEST, default="")
    "Base64; empty where it is not computed yet (XEP-0234 5)."

    @property
    def digest(self) -> bytes:
        """Return the octets of the hash."""
        return a2b_base64(self.value)


@element(ns.HASHES, "hash-used")
class HashUsed(Element):
    """Which function a hash that comes later will be of (XEP-0300 3)."""

    algo: str = attribute(NCNAME)

"""XEP-0262: Use of ZRTP in Jingle RTP Sessions."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.xml.fields import Element, attribute, element, text
from jinglecodec.xml.types import STRING, XML_SPACE, Quirk, text_matching

__all__ = ["ZrtpHash"]


def _sloppy_hash(value: str) -> Quirk[str] | None:
    proper = value.strip(XML_SPACE)
    return Quirk(proper, "sloppy-hash", "white space around the hash") if _HASH.accepts(proper) else None


_HASH = text_matching("hex digits", "[0-9A-Fa-f]+")
HASH = text_matching(_HASH.name, "[0-9A-Fa-f]+", lenient=_sloppy_hash)


@element(ns.ZRTP, "zrtp-hash", also=(f"{{{ns.RTP}}}zrtp-hash",))
class ZrtpHash(Element):
    """Hash of the ZRTP Hello message that the party will send (XEP-0262 1); stands inside `encryption`.

    Some peers use the namespace of the element around it.
    """

    version: str = attribute(STRING)
    "Version of ZRTP, such as `1.10`."
    value: str = text(HASH)
    "A different one for each media stream; the examples indent it."

"""XEP-0181: Jingle DTMF, for peers without RTP telephone events (RFC 4733)."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import SessionInfo
from jinglecodec.xml.fields import attribute, element
from jinglecodec.xml.types import UNSIGNED_INT, XML_SPACE, Quirk, integer, text_matching

__all__ = ["Dtmf"]


def _sloppy_code(text: str) -> Quirk[str] | None:
    proper = text.strip(XML_SPACE).upper()
    return Quirk(proper, "sloppy-word", f"{text!r} stands for {proper!r}") if _CODE.accepts(proper) else None


_CODE = text_matching("one of 0-9, #, * and A-D", "[0-9#*A-D]")
CODE = text_matching(_CODE.name, "[0-9#*A-D]", lenient=_sloppy_code)
VOLUME = integer(0, 63)


@element(ns.DTMF, "dtmf")
class Dtmf(SessionInfo):
    """One tone to be generated (XEP-0181 2)."""

    code: str = attribute(CODE)
    "One of `0123456789#*`; A to D exist, and few peers know them."
    duration: int = attribute(UNSIGNED_INT, default=100, always=True)
    "Milliseconds; an event of 0 is to be ignored."
    volume: int | None = attribute(VOLUME, default=None)
    "Power below 0 dBm0, so that more is less loud: 0..63."

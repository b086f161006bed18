"""XEP-0264: Jingle Content Thumbnails."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.xml.fields import Element, attribute, element
from jinglecodec.xml.types import STRING, UNSIGNED_SHORT

__all__ = ["Thumbnail"]


@element(ns.THUMBS, "thumbnail")
class Thumbnail(Element):
    """A small picture of what is on offer (XEP-0264 4); stands in a file or a description, for each size one."""

    uri: str = attribute(STRING)
    "`https:`, `http:`, or `cid:` of Bits of Binary (XEP-0231)."
    media_type: str | None = attribute(STRING, default=None)
    "Such as `image/png` (RFC 2045)."
    width: int | None = attribute(UNSIGNED_SHORT, default=None)
    "Pixels, as a hint; nothing may be allocated by it (XEP-0264 5)."
    height: int | None = attribute(UNSIGNED_SHORT, default=None)
    "Pixels, as a hint."

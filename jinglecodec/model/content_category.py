"""XEP-0507: Jingle Content Category."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.xml.fields import Element, attribute, element
from jinglecodec.xml.types import text_matching

__all__ = ["Category"]

NAME = text_matching("a category of XEP-0507", "slides|speaker|sl|main|alt", verbatim=True)
"RFC 4796 5 leaves room for others, which are kept."


@element(ns.CATEGORY, "category")
class Category(Element):
    """What the media of a content is, as SDP's `a=content` has it (XEP-0507 2, 3); stands in an RTP description."""

    name: str = attribute(NAME)
    "`slides`, `speaker`, `sl` (sign language), `main` or `alt`."

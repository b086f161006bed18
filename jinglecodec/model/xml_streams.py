"""XEP-0247: Jingle XML Streams."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import Description
from jinglecodec.xml.fields import element

__all__ = ["XmlStreamDescription"]


@element(ns.XML_STREAM, "description")
class XmlStreamDescription(Description):
    """An XML stream between two clients, over any streaming transport (XEP-0247 2)."""

"""XEP-0334: Message Processing Hints. Of its elements only the one that XEP-0353 3 asks for."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.xml.fields import Element, element

__all__ = ["Store"]


@element(ns.HINTS, "store")
class Store(Element):
    """The message is to be archived, though it has no body (XEP-0353 3)."""

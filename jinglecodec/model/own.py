"""Elements of our own: what Jingle has no name for. Other peers ignore them (RFC 6120 8.4)."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import Description
from jinglecodec.xml.fields import Element, element, text
from jinglecodec.xml.types import STRING

__all__ = ["Carry", "DataChannels"]


@element(ns.DATACHANNEL, "description")
class DataChannels(Description):
    """The application of a content that is nothing but data channels; XEP-0343 names none."""


@element(ns.CARRY, "carry")
class Carry(Element):
    """What SDP says and Jingle cannot, for a peer that maps back (`mapping.to_jingle(..., carry=True)`)."""

    value: str = text(STRING)
    "Base64; opaque outside `mapping.carry`."

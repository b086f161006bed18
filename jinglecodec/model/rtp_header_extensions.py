"""XEP-0294: Jingle RTP Header Extensions Negotiation."""

from __future__ import annotations

import enum

from jinglecodec import namespaces as ns
from jinglecodec.xml.fields import Element, attribute, children, element
from jinglecodec.xml.types import STRING, UNSIGNED_SHORT, enum_of

__all__ = ["HeaderExtension", "HeaderExtensionParameter", "HeaderExtensionSenders"]


class HeaderExtensionSenders(enum.Enum):
    """Which party sends the extension (XEP-0294 3)."""

    BOTH = "both"
    INITIATOR = "initiator"
    RESPONDER = "responder"
    NONE = "none"


SENDERS = enum_of(
    HeaderExtensionSenders,
    aliases={
        "sendrecv": HeaderExtensionSenders.BOTH,
        "sendonly": HeaderExtensionSenders.INITIATOR,
        "recvonly": HeaderExtensionSenders.RESPONDER,
        "inactive": HeaderExtensionSenders.NONE,
    },
)
"Movim wrote SDP's words when it was the initiator, whose view they are taken for."


@element(ns.RTP_HDREXT, "parameter")
class HeaderExtensionParameter(Element):
    """A further attribute of a header extension (XEP-0294 3)."""

    name: str = attribute(STRING)
    value: str | None = attribute(STRING, default=None)


@element(ns.RTP_HDREXT, "rtp-hdrext")
class HeaderExtension(Element):
    """An RTP header extension and the id it gets (XEP-0294 3; RFC 8285 5)."""

    id: int = attribute(UNSIGNED_SHORT)
    "1..256 and 4096..4351."
    uri: str = attribute(STRING)
    senders: HeaderExtensionSenders = attribute(SENDERS, default=HeaderExtensionSenders.BOTH)
    parameters: tuple[HeaderExtensionParameter, ...] = children(HeaderExtensionParameter, default=())

"""XEP-0293: Jingle RTP Feedback Negotiation."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.xml.fields import Element, attribute, children, element
from jinglecodec.xml.types import STRING, UNSIGNED_INT

__all__ = ["FeedbackParameter", "RtcpFeedback", "TrrInt"]


@element(ns.RTCP_FB, "parameter")
class FeedbackParameter(Element):
    """A further parameter of a feedback message (XEP-0293 3)."""

    name: str = attribute(STRING)
    value: str | None = attribute(STRING, default=None)


@element(ns.RTCP_FB, "rtcp-fb")
class RtcpFeedback(Element):
    """A kind of RTCP feedback, for one payload type or for a whole description (XEP-0293 3; RFC 4585 4.2)."""

    type: str = attribute(STRING)
    subtype: str | None = attribute(STRING, default=None)
    id: str | None = attribute(STRING, default=None, unspecified="Movim")
    "Of the payload type; the element around says it too."
    parameters: tuple[FeedbackParameter, ...] = children(FeedbackParameter, default=())


@element(ns.RTCP_FB, "rtcp-fb-trr-int")
class TrrInt(Element):
    """Minimum interval between two regular RTCP packets (XEP-0293 3)."""

    value: int = attribute(UNSIGNED_INT, default=0, always=True, expected="XEP-0293 3")
    "Milliseconds; the schema leaves out the 0 that text and examples use."
    id: str | None = attribute(STRING, default=None, unspecified="Movim")
    "Of the payload type; the element around says it too."
    type: str | None = attribute(STRING, default=None, unspecified="stanza")
    "`trr-int`."

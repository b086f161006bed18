"""XEP-0343: Signaling WebRTC datachannels in Jingle."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.xml.fields import Element, attribute, element, text
from jinglecodec.xml.types import BOOLEAN, STRING, UNSIGNED_SHORT

__all__ = ["Channel", "SctpMap"]


@element(ns.DTLS_SCTP, "sctpmap")
class SctpMap(Element):
    """The SCTP association over DTLS (XEP-0343 5)."""

    number: int = attribute(UNSIGNED_SHORT, aliases=("port",))
    "SCTP port. The table calls it `port` and the schema wants an octet; every example and peer writes `number='5000'`."
    protocol: str = attribute(STRING)
    "`webrtc-datachannel`."
    streams: int | None = attribute(UNSIGNED_SHORT, default=None)


@element(ns.WEBRTC_DATACHANNEL, "channel")
class Channel(Element):
    """One data channel (XEP-0343 7)."""

    id: int | None = attribute(UNSIGNED_SHORT, default=None)
    max_packet_life_time: int | None = attribute(UNSIGNED_SHORT, default=None, name="maxPacketLifeTime")
    "Milliseconds; not together with `max_retransmits`."
    max_retransmits: int | None = attribute(UNSIGNED_SHORT, default=None, name="maxRetransmits")
    negotiated: bool = attribute(BOOLEAN, default=False)
    ordered: bool = attribute(BOOLEAN, default=True)
    protocol: str = attribute(STRING, default="")
    value: str = text(STRING, default="")
    "The schema allows text; no document gives it a meaning."

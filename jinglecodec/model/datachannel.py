"""XEP-0343: Signaling WebRTC datachannels in Jingle."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.xml.fields import Element, attribute, element, text
from jinglecodec.xml.types import BOOLEAN, STRING, UNSIGNED_SHORT, integer

__all__ = ["Channel", "SctpMap"]


STREAMS = integer(0, 65535, usual=(1, 65535))


@element(ns.DTLS_SCTP, "sctpmap")
class SctpMap(Element):
    """The SCTP association over DTLS (XEP-0343 4.1, 4.2)."""

    number: int = attribute(UNSIGNED_SHORT, aliases=("port",))
    "SCTP port. The table in 4.2 calls it `port`, the schema wants an octet; examples and peers write `number='5000'`."
    protocol: str = attribute(STRING)
    "`webrtc-datachannel`."
    streams: int | None = attribute(STREAMS, default=None)
    "Incoming streams on offer; 0 is out of the schema's range and sent all the same."


@element(ns.WEBRTC_DATACHANNEL, "channel", also=(f"{{{ns.DTLS_SCTP}}}channel",))
class Channel(Element):
    """One data channel (XEP-0343 4.1, 4.2); some peers put it in the namespace of `sctpmap`."""

    id: int | None = attribute(UNSIGNED_SHORT, default=None)
    max_packet_life_time: int | None = attribute(UNSIGNED_SHORT, default=None, name="maxPacketLifeTime")
    "Milliseconds; not together with `max_retransmits`."
    max_retransmits: int | None = attribute(UNSIGNED_SHORT, default=None, name="maxRetransmits")
    negotiated: bool = attribute(BOOLEAN, default=False)
    ordered: bool = attribute(BOOLEAN, default=True)
    protocol: str = attribute(STRING, default="")
    value: str = text(STRING, default="")
    "The schema allows text; no document gives it a meaning."

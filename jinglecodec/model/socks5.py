"""XEP-0260: Jingle SOCKS5 Bytestreams Transport Method."""

from __future__ import annotations

import enum

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import Transport
from jinglecodec.xml.fields import Element, attribute, child, children, element, flag
from jinglecodec.xml.types import JID, STRING, UNSIGNED_SHORT, enum_of, integer

__all__ = [
    "Socks5Activated",
    "Socks5Candidate",
    "Socks5CandidateType",
    "Socks5CandidateUsed",
    "Socks5Mode",
    "Socks5Transport",
]


class Socks5Mode(enum.Enum):
    """What the bytestream runs over (XEP-0260 2.2; XEP-0065 8)."""

    TCP = "tcp"
    UDP = "udp"


class Socks5CandidateType(enum.Enum):
    """How a candidate is reached; the document prefers them in this order (XEP-0260 2.2)."""

    DIRECT = "direct"
    ASSISTED = "assisted"
    "Mapped by NAT-PMP, UPnP-IGD and the like."
    TUNNEL = "tunnel"
    "Teredo and the like."
    PROXY = "proxy"


PRIORITY = integer(0, 2**64 - 1, usual=(1, 2**64 - 1))
"XEP-0260 2.2 adds 2**16 times the type's preference, 0..127, and a local one, 0..65535. xmpp-rs sends 0."


@element(ns.S5B, "candidate")
class Socks5Candidate(Element):
    """A SOCKS5 server on offer, the party itself or a proxy (XEP-0260 2.1, 2.2)."""

    cid: str = attribute(STRING)
    host: str = attribute(STRING)
    "An address or a name; Dino sends link-local addresses with their zone, `fe80::1%eth0`."
    jid: str = attribute(JID)
    "Of the party or of the proxy."
    port: int | None = attribute(UNSIGNED_SHORT, default=None)
    "None: 1080 (XEP-0065 9.2)."
    priority: int = attribute(PRIORITY)
    "The highest is tried first."
    type: Socks5CandidateType = attribute(enum_of(Socks5CandidateType), default=Socks5CandidateType.DIRECT)


@element(ns.S5B, "candidate-used")
class Socks5CandidateUsed(Element):
    """The candidate of the peer that the party has reached (XEP-0260 2.3)."""

    cid: str = attribute(STRING)


@element(ns.S5B, "activated")
class Socks5Activated(Element):
    """The proxy that was nominated now forwards (XEP-0260 2.4)."""

    cid: str = attribute(STRING)


@element(ns.S5B, "transport")
class Socks5Transport(Transport):
    """A bytestream through SOCKS5 (XEP-0260 2.2); the schema allows one kind of child at a time."""

    dstaddr: str | None = attribute(STRING, default=None)
    "DST.ADDR for the proxies on offer: SHA-1, in hex, of stream id, own JID and peer's JID (XEP-0260 2.2)."
    mode: Socks5Mode = attribute(enum_of(Socks5Mode), default=Socks5Mode.TCP)
    "Chosen by the initiator."
    sid: str = attribute(STRING)
    "Id of the bytestream, not of the session."
    activated: Socks5Activated | None = child(Socks5Activated, default=None)
    candidates: tuple[Socks5Candidate, ...] = children(Socks5Candidate, default=())
    candidate_error: bool = flag(default=False)
    "No candidate of the peer could be reached (XEP-0260 2.3)."
    candidate_used: Socks5CandidateUsed | None = child(Socks5CandidateUsed, default=None)
    proxy_error: bool = flag(default=False)
    "The proxy that was nominated could not be reached (XEP-0260 2.4)."

"""XEP-0177: Jingle Raw UDP Transport Method."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.ice_udp import COMPONENT, CandidateType
from jinglecodec.model.jingle import Transport
from jinglecodec.xml.fields import Element, attribute, children, element
from jinglecodec.xml.types import NCNAME, STRING, UNSIGNED_BYTE, UNSIGNED_SHORT, enum_of

__all__ = ["RawUdpCandidate", "RawUdpTransport"]


@element(ns.RAW_UDP, "candidate", also=(f"{{{ns.RAW_UDP_MISSPELT}}}candidate",))
class RawUdpCandidate(Element):
    """The address most likely to be reached, one per component (XEP-0177 4.2)."""

    component: int = attribute(COMPONENT, default=1, always=True, expected="XEP-0177 4.2")
    "1 for RTP, 2 for RTCP; examples of XEP-0176 and XEP-0371 leave it out."
    generation: int = attribute(UNSIGNED_BYTE, default=0, always=True, expected="XEP-0177 4.2")
    "Counts how often the candidate was redefined, from 0."
    id: str | None = attribute(NCNAME, default=None, expected="XEP-0177 4.2")
    ip: str = attribute(STRING)
    port: int = attribute(UNSIGNED_SHORT)
    type: CandidateType | None = attribute(enum_of(CandidateType), default=None)
    "A hint at how permissive the sender's NAT is."


@element(ns.RAW_UDP, "transport", also=(f"{{{ns.RAW_UDP_MISSPELT}}}transport",))
class RawUdpTransport(Transport):
    """UDP without connectivity checks (XEP-0177 4.2)."""

    candidates: tuple[RawUdpCandidate, ...] = children(RawUdpCandidate, default=())

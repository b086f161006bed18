"""The three types of a candidate, each into the next: the line of SDP, the element of Jingle, the value of the agent.

Lines and elements become each other in `mapping`; here the agent's own type meets both.
"""

from __future__ import annotations

from jinglecodec import ice, sdp
from jinglecodec.addresses import Address
from jinglecodec.mapping.transport import candidate_id
from jinglecodec.model.ice import IceCandidate, IceTransport
from jinglecodec.model.ice_udp import Candidate, CandidateType, IceUdpTransport

__all__ = ["from_element", "from_line", "to_element", "to_line"]

NOWHERE = Address("0.0.0.0", 9)  # noqa: S104 - stands for no address
"The related address of a candidate whose base is not to be told (RFC 8839 5.1)."


def from_line(line: sdp.Candidate) -> ice.Candidate:
    """Return the agent's form of a line of SDP (RFC 8839 5.1); raises ValueError for an unknown type."""
    related = None
    if line.related_address is not None:
        related = Address(line.related_address, line.related_port or 0)
    return ice.Candidate(
        component=line.component,
        type=ice.CandidateType(line.type),
        address=Address(line.address, line.port),
        priority=line.priority,
        foundation=line.foundation,
        protocol=line.transport.lower(),
        related=related,
        ufrag=line.ufrag,
    )


def to_line(candidate: ice.Candidate, ufrag: str | None = None) -> sdp.Candidate:
    """Return the line of SDP; `ufrag` tells which ICE session it belongs to, as browsers do."""
    related = candidate.related
    if related is None and candidate.type is not ice.CandidateType.HOST:
        related = NOWHERE
    return sdp.Candidate(
        foundation=candidate.foundation,
        component=candidate.component,
        transport=candidate.protocol,
        priority=candidate.priority,
        address=candidate.address.host,
        port=candidate.address.port,
        type=candidate.type.value,
        related_address=None if related is None else related.host,
        related_port=None if related is None else related.port,
        extensions=() if ufrag is None else (("ufrag", ufrag),),
    )


def from_element(element: Candidate, ufrag: str | None = None) -> ice.Candidate:
    """Return the agent's form of a `<candidate/>` (XEP-0176 5.3, XEP-0371 5.3).

    `ufrag` is that of the transport around it: it tells which ICE session the candidate belongs to (RFC 8838 9).
    """
    return ice.Candidate(
        component=element.component,
        type=ice.CandidateType(element.type.value),
        address=Address(element.ip, element.port),
        priority=element.priority,
        foundation=element.foundation,
        protocol=element.protocol,
        related=None if element.rel_addr is None else Address(element.rel_addr, element.rel_port or 0),
        ufrag=ufrag,
    )


def to_element(
    candidate: ice.Candidate, generation: int, kind: type[IceUdpTransport | IceTransport] = IceUdpTransport
) -> Candidate:
    """Return the element for a transport of class `kind`; its id is that of the same candidate from SDP.

    `generation` counts ICE restarts, 0..255.
    """
    made = IceCandidate if kind is IceTransport else Candidate
    address, related = candidate.address, candidate.related
    return made(
        component=candidate.component,
        foundation=candidate.foundation,
        generation=generation,
        id=candidate_id(to_line(candidate), generation),
        ip=address.host,
        network=0,
        port=address.port,
        priority=candidate.priority,
        protocol=candidate.protocol,
        rel_addr=None if related is None else related.host,
        rel_port=None if related is None else related.port,
        type=CandidateType(candidate.type.value),
    )

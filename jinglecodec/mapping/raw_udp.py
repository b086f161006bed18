"""Raw UDP: the address of a section without ICE (XEP-0177 4.2, draft-ietf-stox-media-04 5.3)."""

from __future__ import annotations

from jinglecodec.addresses import is_ip
from jinglecodec.mapping.writing import Writing
from jinglecodec.model.raw_udp import RawUdpTransport
from jinglecodec.sdp.attributes.rtp import Rtcp
from jinglecodec.sdp.fields import Connection, address_type

__all__ = ["raw_destination", "write_raw_udp"]


def raw_destination(transport: RawUdpTransport, component: int = 1) -> tuple[int, Connection] | None:
    """Return port and address of a transport without ICE (XEP-0177 4.2); None where it has no such component."""
    latest = max((one.generation for one in transport.candidates), default=0)
    for one in transport.candidates:
        if (one.component, one.generation) == (component, latest) and one.port and is_ip(one.ip):
            return one.port, Connection(one.ip, address_type(one.ip))
    return None


def write_raw_udp(out: Writing, transport: RawUdpTransport) -> None:
    """Write what `m=` and `c=` do not say of a transport without ICE: where RTCP goes (RFC 3605)."""
    control = raw_destination(transport, 2)
    if control is not None:
        out.put("transport/candidate", Rtcp, control[0], control[1].address, control[1].address_type)
    said = {component for component in (1, 2) if raw_destination(transport, component) is not None}
    if len(transport.candidates) > len(said):
        out.lose("transport/candidate", "is one too many, or has no address", "RFC 8866 5.14, RFC 3605 2.1")
    out.lose_rest(transport, element="transport")
    out.lose_rest(*transport.candidates, element="transport/candidate")

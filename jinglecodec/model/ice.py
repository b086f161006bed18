"""XEP-0371: Jingle ICE Transport Method, the successor of XEP-0176: TCP, several nominated pairs, end of candidates."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.ice_udp import Candidate, IceBase, RemoteCandidate
from jinglecodec.xml.fields import attribute, children, element
from jinglecodec.xml.types import BOOLEAN, NCNAME, UNSIGNED_BYTE

__all__ = ["IceCandidate", "IceRemoteCandidate", "IceTransport"]


@element(ns.ICE, "candidate")
class IceCandidate(Candidate):
    """One transport address on offer, of UDP or TCP (XEP-0371 5.3)."""

    generation: int = attribute(UNSIGNED_BYTE, default=0, always=True)
    "Counts ICE restarts, from 0."
    id: str | None = attribute(NCNAME, default=None)
    network: int | None = attribute(UNSIGNED_BYTE, default=None, expected="XEP-0371 14")
    "Which network of the host, for diagnosis only; required by the schema all the same."


@element(ns.ICE, "remote-candidate")
class IceRemoteCandidate(RemoteCandidate):
    """The peer's candidate that was nominated, one per component (XEP-0371 5.8)."""


@element(ns.ICE, "transport")
class IceTransport(IceBase):
    """ICE over UDP or TCP (XEP-0371 5.2, 5.3); the schema's choice between its children is not the text's."""

    ice2: bool = attribute(BOOLEAN, default=False)
    "Whether the party follows RFC 8445 and not RFC 5245; not repeated in each transport-info."
    candidates: tuple[IceCandidate, ...] = children(IceCandidate, default=())
    remote_candidates: tuple[IceRemoteCandidate, ...] = children(IceRemoteCandidate, default=())
    "XEP-0371 5.8."

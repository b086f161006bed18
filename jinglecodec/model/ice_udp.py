"""XEP-0176: Jingle ICE-UDP Transport Method."""

from __future__ import annotations

import enum
from typing import Any

import attrs

from jinglecodec import namespaces as ns
from jinglecodec.model.datachannel import Channel, SctpMap
from jinglecodec.model.dtls import Fingerprint
from jinglecodec.model.jingle import Transport
from jinglecodec.xml.fields import Element, attribute, children, element, flag
from jinglecodec.xml.types import (
    NCNAME,
    STRING,
    UNSIGNED_BYTE,
    UNSIGNED_SHORT,
    XML_SPACE,
    Lexical,
    Quirk,
    enum_of,
    integer,
    text_matching,
)

__all__ = ["Candidate", "CandidateType", "IceBase", "IceUdpTransport", "RemoteCandidate", "TcpType"]


class CandidateType(enum.Enum):
    """Where a candidate comes from (XEP-0176 5.3; RFC 8445 4)."""

    HOST = "host"
    PRFLX = "prflx"
    RELAY = "relay"
    SRFLX = "srflx"


class TcpType(enum.Enum):
    """Which side opens the connection of a TCP candidate (RFC 6544 4.5; XEP-0371 5.3)."""

    ACTIVE = "active"
    PASSIVE = "passive"
    SO = "so"


def _sloppy_protocol(text: str) -> Quirk[str] | None:
    proper = text.strip(XML_SPACE).lower()
    return Quirk(proper, "sloppy-word", f"{text!r} stands for {proper!r}") if _PROTOCOL.accepts(proper) else None


_PROTOCOL = text_matching("a protocol in lower case", "[a-z][a-z0-9._-]*")
PROTOCOL = text_matching(_PROTOCOL.name, "[a-z][a-z0-9._-]*", lenient=_sloppy_protocol, common=("udp", "tcp"))


_TCP_TYPE: Lexical[Any] = enum_of(TcpType)


def _sloppy_tcp_type(text: str) -> Quirk[Any] | None:
    if text == "null":
        return Quirk(None, "sloppy-word", "'null' stands for nothing")
    return _TCP_TYPE.lenient(text) if _TCP_TYPE.lenient is not None else None


TCP_TYPE: Lexical[TcpType | None] = attrs.evolve(_TCP_TYPE, lenient=_sloppy_tcp_type)
"lib-jitsi-meet writes `null` for a candidate over UDP."
TYPE = enum_of(CandidateType, aliases={"local": CandidateType.HOST, "stun": CandidateType.SRFLX})
"Google Talk had two of the words otherwise."
COMPONENT = integer(0, 256)
"RFC 8445 5.1.2.1 counts from 1 to 256, one more than the schema's octet holds."
PRIORITY = integer(0, 2**64 - 1, usual=(1, 2**31 - 1))
"RFC 8445 5.1.2: 1..2**31-1. A larger one is kept, never wrapped."


@element(ns.ICE_UDP, "candidate")
class Candidate(Element):
    """One transport address on offer (XEP-0176 5.3)."""

    component: int = attribute(COMPONENT)
    "1 for RTP, 2 for RTCP."
    foundation: str = attribute(STRING)
    generation: int = attribute(UNSIGNED_BYTE, default=0, always=True, expected="XEP-0176 5.3")
    "Counts ICE restarts, from 0."
    id: str | None = attribute(NCNAME, default=None, expected="XEP-0176 5.3")
    ip: str = attribute(STRING)
    "An address, or a name such as an mDNS `.local` one."
    network: int | None = attribute(UNSIGNED_BYTE, default=None)
    "Which network of the host, for diagnosis only."
    port: int = attribute(UNSIGNED_SHORT)
    priority: int = attribute(PRIORITY)
    protocol: str = attribute(PROTOCOL)
    "`udp`; deployed peers send `tcp` and `ssltcp` too."
    rel_addr: str | None = attribute(STRING, default=None)
    rel_port: int | None = attribute(UNSIGNED_SHORT, default=None, aliases=("rel_port",))
    tcptype: TcpType | None = attribute(TCP_TYPE, default=None)
    "Not of XEP-0176, but what its peers send with `tcp` (XEP-0371 5.3)."
    type: CandidateType = attribute(TYPE)
    network_id: str | None = attribute(STRING, default=None, unspecified="Movim")
    "An extension of Chrome's candidates in SDP, like the next."
    network_cost: str | None = attribute(STRING, default=None, unspecified="Movim")
    mid: str | None = attribute(STRING, default=None, unspecified="Movim")
    "Of the section in SDP; the content says it too."
    mlineindex: str | None = attribute(STRING, default=None, unspecified="Movim")


@element(ns.ICE_UDP, "remote-candidate")
class RemoteCandidate(Element):
    """The peer's candidate that was nominated, one per component (XEP-0176 5.7)."""

    component: int = attribute(COMPONENT)
    ip: str = attribute(STRING)
    port: int = attribute(UNSIGNED_SHORT)


@element()
class IceBase(Transport):
    """What XEP-0176 and XEP-0371 have in common, with what XEP-0320 and XEP-0343 put inside."""

    pwd: str | None = attribute(STRING, default=None)
    ufrag: str | None = attribute(STRING, default=None)
    fingerprints: tuple[Fingerprint, ...] = children(Fingerprint, default=())
    "XEP-0320 1."
    sctpmaps: tuple[SctpMap, ...] = children(SctpMap, default=())
    "XEP-0343 4.1."
    channels: tuple[Channel, ...] = children(Channel, default=())
    "XEP-0343 4.1."
    gathering_complete: bool = flag(default=False)
    "End of candidates (XEP-0371 7); some peers write it in the namespace of XEP-0176 as well."


@element(ns.ICE_UDP, "transport")
class IceUdpTransport(IceBase):
    """ICE over UDP (XEP-0176 5.2, 5.3)."""

    candidates: tuple[Candidate, ...] = children(Candidate, default=())
    remote_candidates: tuple[RemoteCandidate, ...] = children(RemoteCandidate, default=())
    "XEP-0176 5.7; the schema allows one, and none beside candidates."
    gathering_complete: bool = flag(default=False, unspecified="stanza")
    "End of candidates, which XEP-0371 7 has in its own namespace."
    rtcp_mux: bool = flag(default=False, unspecified="Jitsi")
    "RTCP goes through the same port; XEP-0167 has it in the description."
    trickle: bool = flag(default=False, namespace=ns.ICE_OPTIONS, unspecified="Conversations and Monal")
    "SDP's ice-option of that name (RFC 8840 4.1)."
    renomination: bool = flag(default=False, namespace=ns.ICE_OPTIONS, unspecified="Conversations and Monal")
    "SDP's ice-option of that name: the controlling agent may nominate again."

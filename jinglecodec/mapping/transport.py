"""ICE, DTLS and SCTP: a section's candidates and keys, and the transport of a content (XEP-0176, 0320, 0343)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar
from zlib import crc32

from jinglecodec.addresses import is_ip, is_ipv6
from jinglecodec.mapping.writing import Writing
from jinglecodec.model.datachannel import SctpMap
from jinglecodec.model.dtls import Fingerprint, Setup
from jinglecodec.model.ice_udp import Candidate, CandidateType, IceUdpTransport, TcpType
from jinglecodec.sdp.attributes import datachannel, ice, security
from jinglecodec.sdp.fields import Connection
from jinglecodec.sdp.inheritance import Effective
from jinglecodec.sdp.session import Media

__all__ = ["candidate_of", "default_destination", "ice_transport", "write_candidates", "write_ice"]

T = TypeVar("T")

_TYPES = {kind.value: kind for kind in CandidateType}
_TCP_TYPES = {kind.value: kind for kind in TcpType}


# --- SDP to Jingle ---------------------------------------------------------------------------------------------------


def ice_transport(media: Media, resolved: Effective, generation: int = 0) -> IceUdpTransport:
    """Return the transport of a section; `resolved` has what it inherits from the session level.

    `generation` is that of candidates which do not say it.
    """
    return IceUdpTransport(
        ufrag=resolved.ice_ufrag,
        pwd=resolved.ice_pwd,
        fingerprints=tuple(_fingerprints(resolved)),
        sctpmaps=tuple(_sctpmaps(media)),
        candidates=tuple(c for line in media.candidates if (c := candidate_of(line, generation)) is not None),
    )


def candidate_of(line: ice.Candidate, generation: int = 0) -> Candidate | None:
    """Return the element of a candidate; None for one whose type Jingle does not know.

    What SDP lacks and the schema requires is made from the line alone, so that the same candidate, trickled again,
    has the same id.
    """
    kind = _TYPES.get(line.type)
    extensions = dict(reversed(line.extensions))
    tcptype = extensions.get("tcptype")
    if kind is None or (tcptype is not None and tcptype not in _TCP_TYPES):
        return None
    stated = extensions.get("generation", "")
    return Candidate(
        component=line.component,
        foundation=line.foundation,
        generation=int(stated) if _is_octet(stated) else generation,
        id=f"c{crc32(str(line).encode('utf-8', 'surrogateescape')):08x}",
        ip=line.address,
        network=0,
        port=line.port,
        priority=line.priority,
        protocol=line.transport.lower(),
        rel_addr=line.related_address,
        rel_port=line.related_port,
        tcptype=_TCP_TYPES[tcptype] if tcptype is not None else None,
        type=kind,
    )


def _is_octet(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3 and int(text) < 256


def _fingerprints(resolved: Effective) -> Iterator[Fingerprint]:
    setup = None if resolved.setup is None else Setup(resolved.setup.value)
    for line in resolved.fingerprints:
        yield Fingerprint(hash=line.hash_function.lower(), setup=setup, value=line.text)


def _sctpmaps(media: Media) -> Iterator[SctpMap]:
    """Give the association of RFC 8841 or of the draft before it."""
    if media.sctp_port is not None and media.formats:
        yield SctpMap(number=media.sctp_port, protocol=media.formats[0])
    for line in media.sctpmaps:
        yield SctpMap(number=line.port, protocol=line.protocol, streams=line.streams)


# --- Jingle to SDP ---------------------------------------------------------------------------------------------------


def default_destination(candidates: tuple[Candidate, ...], component: int = 1) -> tuple[int, Connection]:
    """Return port and address of the candidate that a peer without ICE would be sent to (RFC 8839 4.2.1.2).

    Without one that has an IP address they are 9 and 0.0.0.0 (RFC 8829 5.2.1).
    """
    usable = [c for c in candidates if c.component == component and c.protocol == "udp" and c.port and is_ip(c.ip)]
    if not usable:
        return 9, _NOWHERE
    chosen = min(usable, key=_reach)
    return chosen.port, Connection(chosen.ip, "IP6" if is_ipv6(chosen.ip) else "IP4")


_NOWHERE = Connection("0.0.0.0")  # noqa: S104 - stands for no address
_REACH = {CandidateType.RELAY: 0, CandidateType.SRFLX: 1, CandidateType.PRFLX: 1, CandidateType.HOST: 2}


def _reach(candidate: Candidate) -> tuple[int, bool, int]:
    """Return the order in which candidates reach a peer without ICE: relayed first, IPv4 first."""
    return _REACH[candidate.type], is_ipv6(candidate.ip), -candidate.priority


def write_candidates(out: Writing, candidates: tuple[Candidate, ...]) -> None:
    """Write the candidates; generation 0 is the absence of the extension."""
    for candidate in candidates:
        extensions = [("tcptype", candidate.tcptype.value)] if candidate.tcptype is not None else []
        if candidate.generation:
            extensions.append(("generation", str(candidate.generation)))
        out.put(
            "candidate",
            ice.Candidate,
            candidate.foundation,
            candidate.component,
            candidate.protocol,
            candidate.priority,
            candidate.ip,
            candidate.port,
            candidate.type.value,
            candidate.rel_addr,
            candidate.rel_port,
            tuple(extensions),
        )


def write_ice(out: Writing, transport: IceUdpTransport) -> None:
    """Write credentials, the options that JSEP prescribes (RFC 8829 5.2.1), fingerprints and role."""
    if transport.ufrag is not None:
        out.put("@ufrag", ice.IceUfrag, transport.ufrag)
    if transport.pwd is not None:
        out.put("@pwd", ice.IcePwd, transport.pwd)
    if transport.ufrag is not None:
        out.put("transport", ice.IceOptions, ("trickle",))
    for fingerprint in transport.fingerprints:
        digest = bytes.fromhex(fingerprint.value.replace(":", ""))
        out.put("fingerprint", security.Fingerprint, fingerprint.hash, digest)
    setups = dict.fromkeys(f.setup.value for f in transport.fingerprints if f.setup is not None)
    for word in list(setups)[:1]:
        out.put("fingerprint", security.Setup, word)


def write_sctp(out: Writing, transport: IceUdpTransport) -> None:
    """Write the SCTP port (RFC 8841 5)."""
    for sctpmap in transport.sctpmaps[:1]:
        out.put("sctpmap", datachannel.SctpPort, sctpmap.number)

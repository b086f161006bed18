"""ICE, DTLS and SCTP: a section's candidates and keys, and the transport of a content (XEP-0176, 0320, 0343)."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from jinglecodec.addresses import is_ip, is_ipv6
from jinglecodec.errors import EncodeError
from jinglecodec.mapping.writing import Writing
from jinglecodec.model.datachannel import SctpMap
from jinglecodec.model.dtls import Fingerprint, Setup
from jinglecodec.model.ice import IceTransport
from jinglecodec.model.ice_udp import Candidate, CandidateType, IceUdpTransport, RemoteCandidate, TcpType
from jinglecodec.sdp.attributes import ice, security
from jinglecodec.sdp.fields import Connection
from jinglecodec.sdp.inheritance import Effective
from jinglecodec.sdp.session import Media

__all__ = ["Ice", "candidate_of", "default_destination", "ice_transport", "is_octet", "write_ice"]

Ice = IceUdpTransport | IceTransport
"The transports that are ICE in SDP (XEP-0176, XEP-0371)."

_TYPES = {kind.value: kind for kind in CandidateType}
_TCP_TYPES = {kind.value: kind for kind in TcpType}


# --- SDP to Jingle ---------------------------------------------------------------------------------------------------


def ice_transport(
    media: Media, resolved: Effective, generation: int = 0, instead: Setup | None = None
) -> IceUdpTransport:
    """Return the transport of a section; `resolved` has what it inherits from the session level.

    `generation` is that of candidates which do not say it; `instead` the DTLS role for actpass, in an answer.
    """
    return IceUdpTransport(
        ufrag=resolved.ice_ufrag,
        pwd=resolved.ice_pwd,
        fingerprints=tuple(_fingerprints(resolved, instead)),
        sctpmaps=tuple(_sctpmaps(media)),
        candidates=tuple(c for line in media.candidates if (c := candidate_of(line, generation)) is not None),
        remote_candidates=tuple(
            RemoteCandidate(component=one.component, ip=one.address, port=one.port) for one in media.remote_candidates
        ),
    )


def candidate_of(line: ice.Candidate, generation: int = 0) -> Candidate | None:
    """Return the element of a candidate; None for one of a type or protocol that Jingle does not know.

    What SDP lacks and the schema requires is made from the line alone, so that the same candidate, trickled again,
    has the same id.
    """
    extensions = dict(reversed(line.extensions))
    tcptype = extensions.get("tcptype")
    kind = _TYPES.get(line.type)
    if kind is None:
        return None
    try:
        return Candidate(
            component=line.component,
            foundation=line.foundation,
            generation=_octet(extensions, "generation", generation),
            id=f"c{crc32(str(line).encode('utf-8', 'surrogateescape')):08x}",
            ip=line.address,
            network=_octet(extensions, "network", 0),
            port=line.port,
            priority=line.priority,
            protocol=line.transport.lower(),
            rel_addr=line.related_address,
            rel_port=line.related_port,
            tcptype=_TCP_TYPES[tcptype] if tcptype is not None else None,
            type=kind,
        )
    except EncodeError:
        return None


def _octet(extensions: dict[str, str], name: str, otherwise: int) -> int:
    stated = extensions.get(name, "")
    return int(stated) if is_octet(stated) else otherwise


def is_octet(text: str) -> bool:
    """Tell whether `text` is a number in 0..255 as it would be written, without leading zeros."""
    return text in _OCTETS


_OCTETS = frozenset(map(str, range(256)))


def _fingerprints(resolved: Effective, instead: Setup | None) -> Iterator[Fingerprint]:
    setup = None if resolved.setup is None else Setup(resolved.setup.value)
    if setup is Setup.ACTPASS and instead is not None:
        setup = instead
    for line in resolved.fingerprints:
        yield Fingerprint(hash=line.hash_function.lower(), setup=setup, value=line.text)


def _sctpmaps(media: Media) -> Iterator[SctpMap]:
    """Give the association of RFC 8841 or of the draft before it; some write both (XEP-0343 4.2)."""
    if "RTP/" in media.protocol.upper():
        return
    if media.sctp_port is not None and media.sctp_port not in {line.port for line in media.sctpmaps}:
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


def write_ice(out: Writing, transport: Ice, instead: Setup | None) -> None:
    """Write candidates, credentials, the options that JSEP prescribes (RFC 8829 5.2.1), fingerprints and role.

    `instead` is the DTLS role for actpass, in an answer.
    """
    _write_candidates(out, transport)
    if transport.ufrag is not None:
        out.put("transport/@ufrag", ice.IceUfrag, transport.ufrag)
    if transport.pwd is not None:
        out.put("transport/@pwd", ice.IcePwd, transport.pwd)
    if transport.ufrag is not None:
        out.values.append(ice.IceOptions(("trickle", *_options(transport))))
    for fingerprint in transport.fingerprints:
        out.put("transport/fingerprint", security.Fingerprint.parse, f"{fingerprint.hash} {fingerprint.value}")
    _write_setup(out, transport, instead)
    out.lose_rest(transport, element="transport")
    out.lose_rest(*transport.fingerprints, element="transport/fingerprint")
    out.lose_rest(*transport.sctpmaps, element="transport/sctpmap")
    out.lose_rest(*transport.candidates, *transport.remote_candidates, element="transport/candidate")


def _options(transport: Ice) -> Iterator[str]:
    """Give the ICE options that a peer states, beside trickling."""
    if isinstance(transport, IceUdpTransport):
        if transport.renomination:
            yield "renomination"
    elif transport.ice2:
        yield "ice2"  # RFC 8445 10


def _write_candidates(out: Writing, transport: Ice) -> None:
    """Write the candidates, and that no more will come; generation and network 0 are the absence of the extension."""
    for candidate in transport.candidates:
        extensions = [("tcptype", candidate.tcptype.value)] if candidate.tcptype is not None else []
        extensions += [
            (name, str(value)) for name, field in _EXTENSIONS.items() if (value := getattr(candidate, field))
        ]
        out.put(
            "transport/candidate",
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
    if transport.remote_candidates:
        chosen = tuple(ice.RemoteCandidate(one.component, one.ip, one.port) for one in transport.remote_candidates)
        out.put("transport/remote-candidate", ice.RemoteCandidates, chosen)
    if transport.gathering_complete:
        out.values.append(ice.EndOfCandidates())


_EXTENSIONS = {
    "generation": "generation",
    "network": "network",
    "network-id": "network_id",
    "network-cost": "network_cost",
}
"Extension of a candidate in SDP -> attribute: of XEP-0176 5.3 the first two, of Movim the others."


def _write_setup(out: Writing, transport: Ice, instead: Setup | None) -> None:
    """Write the DTLS role, which SDP has once for all fingerprints."""
    roles = dict.fromkeys(fingerprint.setup for fingerprint in transport.fingerprints)
    role = next((role for role in roles if role is not None), None)
    if role is Setup.ACTPASS and instead is not None:
        role = instead
        out.lose("transport/fingerprint/@setup", f"actpass is no answer: {instead.value} is written", "RFC 8842 5.3")
    if role is not None:
        out.put("transport/fingerprint", security.Setup, role.value)
    if len(roles) > 1:
        out.lose("transport/fingerprint/@setup", "is not the same for all", "RFC 4145 4: one for a section")

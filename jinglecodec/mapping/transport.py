"""ICE, DTLS and SCTP: a section's candidates and keys, and the transport of a content (XEP-0176, 0320, 0343)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias, TypeGuard
from zlib import crc32

import attrs

from jinglecodec.addresses import is_ip, is_ipv6
from jinglecodec.errors import EncodeError
from jinglecodec.mapping.writing import Writing
from jinglecodec.model.datachannel import Channel, SctpMap
from jinglecodec.model.dtls import Fingerprint, Setup
from jinglecodec.model.ice_udp import Candidate, CandidateType, IceBase, IceUdpTransport, RemoteCandidate, TcpType
from jinglecodec.records import Record
from jinglecodec.sdp.attributes import ice, security
from jinglecodec.sdp.fields import NOWHERE, Connection, address_type
from jinglecodec.sdp.inheritance import Effective
from jinglecodec.sdp.session import Media

if TYPE_CHECKING:
    from jinglecodec.model.ice import IceTransport

__all__ = [
    "Ice",
    "Roles",
    "candidate_id",
    "candidate_of",
    "certificates",
    "default_destination",
    "fingerprints_of",
    "ice_transport",
    "is_ice",
    "is_octet",
    "write_candidates",
    "write_channels",
    "write_ice",
]

Ice: TypeAlias = "IceUdpTransport | IceTransport"
"The transports that are ICE in SDP (XEP-0176, XEP-0371); the class of the second is loaded by those who have one."


def is_ice(transport: object) -> TypeGuard[Ice]:
    """Tell whether a transport is ICE in SDP."""
    return isinstance(transport, IceBase)


_TYPES = {kind.value: kind for kind in CandidateType}
_TCP_TYPES = {kind.value: kind for kind in TcpType}


Certificates = frozenset[tuple[str, str]]
"Hash function and value of each fingerprint: what tells one DTLS association from the next (RFC 8842 4)."


def certificates(fingerprints: Iterable[Fingerprint]) -> Certificates:
    """Return what the fingerprints of a transport stand for."""
    return frozenset((one.hash, one.value) for one in fingerprints)


@attrs.frozen(eq=False, repr=False)
class Roles(Record):
    """The DTLS roles that sections have, whatever their writer says now; by tag."""

    kept: Mapping[str, tuple[Setup, Certificates]] = attrs.field(factory=dict)
    "Negotiated before, and with which certificates; others begin another association (RFC 8842 5.3)."
    answers: Mapping[str, Setup] = attrs.field(factory=dict)
    "The role opposite to the one that was offered."
    fallback: Setup | None = None
    "What an answer has instead of actpass, which is for offers only (RFC 8842 5.3)."

    def settled(self, tag: str, said: Setup | None, used: Certificates) -> Setup | None:
        """Return the role of a section that is `said` to have one, with these certificates."""
        if said is None or said is Setup.HOLDCONN:
            return said
        role, before = self.kept.get(tag, (said, used))
        if tag in self.kept and before == used:
            return role
        return self.answers.get(tag, self.fallback if said is Setup.ACTPASS and self.fallback is not None else said)


# --- SDP to Jingle ---------------------------------------------------------------------------------------------------


def ice_transport(
    media: Media, resolved: Effective, tag: str = "", roles: Roles = Roles(), generation: int = 0
) -> IceUdpTransport:
    """Return the transport of a section; `resolved` has what it inherits from the session level.

    `generation` is that of candidates which do not say it.
    """
    return IceUdpTransport(
        ufrag=resolved.ice_ufrag,
        pwd=resolved.ice_pwd,
        fingerprints=fingerprints_of(resolved, tag, roles),
        sctpmaps=tuple(_sctpmaps(media)),
        channels=tuple(_channels(media)),
        candidates=tuple(c for line in media.candidates if (c := candidate_of(line, generation)) is not None),
        remote_candidates=tuple(
            RemoteCandidate(component=one.component, ip=one.address, port=one.port) for one in media.remote_candidates
        ),
    )


def candidate_of(line: ice.Candidate, generation: int = 0) -> Candidate | None:
    """Return the element of a candidate; None for one of a type or protocol that Jingle does not know."""
    extensions = dict(reversed(line.extensions))
    tcptype = extensions.get("tcptype")
    kind = _TYPES.get(line.type)
    if kind is None:
        return None
    generation = _OCTETS.get(extensions.get("generation", ""), generation)
    try:
        return Candidate(
            component=line.component,
            foundation=line.foundation,
            generation=generation,
            id=candidate_id(line, generation),
            ip=line.address,
            network=_OCTETS.get(extensions.get("network", ""), 0),
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


def candidate_id(line: ice.Candidate, generation: int) -> str:
    """Return the id of a candidate, which SDP lacks and the schema requires (XEP-0176 5.3).

    It is made of what Jingle says, so that the same candidate, trickled again or mapped back and forth, has the same.
    """
    said = (
        f"{line.foundation} {line.component} {line.transport.lower()} {line.priority} {line.address} {line.port} "
        f"{line.type} {line.related_address} {line.related_port} {line.extension('tcptype')} {generation}"
    )
    return f"c{crc32(said.encode('utf-8', 'surrogateescape')):08x}"


def is_octet(text: str) -> bool:
    """Tell whether `text` is a number in 0..255 as it would be written, without leading zeros."""
    return text in _OCTETS


_OCTETS = {str(number): number for number in range(256)}


def fingerprints_of(resolved: Effective, tag: str = "", roles: Roles = Roles()) -> tuple[Fingerprint, ...]:
    """Return the fingerprints of a section, each with the DTLS role, which SDP says once."""
    stated = [(line.hash_function.lower(), line.text) for line in resolved.fingerprints]
    said = None if resolved.setup is None else Setup(resolved.setup.value)
    role = roles.settled(tag, said, frozenset(stated))
    return tuple(Fingerprint(hash=function, setup=role, value=value) for function, value in stated)


def _sctpmaps(media: Media) -> Iterator[SctpMap]:
    """Give the association of RFC 8841 or of the draft before it; some write both (XEP-0343 4.2)."""
    if "RTP/" in media.protocol.upper():
        return
    if media.sctp_port is not None and media.sctp_port not in {line.port for line in media.sctpmaps}:
        yield SctpMap(number=media.sctp_port, protocol=media.formats[0])
    for line in media.sctpmaps:
        yield SctpMap(number=line.port, protocol=line.protocol, streams=line.streams)


def _channels(media: Media) -> Iterator[Channel]:
    """Give the channels that both sides open without asking; the label is the content's name (XEP-0343 4.1)."""
    if "RTP/" in media.protocol.upper():
        return
    for line in media.dcmaps:
        if max(line.max_time or 0, line.max_retr or 0) > _SHORT:
            continue  # the line is reported
        yield Channel(
            id=line.stream,
            negotiated=True,
            ordered=line.ordered is not False,
            max_retransmits=line.max_retr,
            max_packet_life_time=line.max_time,
            protocol=line.subprotocol or "",
        )


_SHORT = 65535
"What limits the attributes of a channel."


# --- Jingle to SDP ---------------------------------------------------------------------------------------------------


def default_destination(candidates: tuple[Candidate, ...], component: int = 1) -> tuple[int, Connection]:
    """Return port and address of the candidate that a peer without ICE would be sent to (RFC 8839 4.2.1.2).

    Without one that has an IP address they are 9 and 0.0.0.0 (RFC 8829 5.2.1).
    """
    usable = [c for c in candidates if c.component == component and c.protocol == "udp" and c.port and is_ip(c.ip)]
    if not usable:
        return 9, NOWHERE
    chosen = min(usable, key=_reach)
    return chosen.port, Connection(chosen.ip, address_type(chosen.ip))


_REACH = {CandidateType.RELAY: 0, CandidateType.SRFLX: 1, CandidateType.PRFLX: 1, CandidateType.HOST: 2}


def _reach(candidate: Candidate) -> tuple[int, bool, int]:
    """Return the order in which candidates reach a peer without ICE: relayed first, IPv4 first."""
    return _REACH[candidate.type], is_ipv6(candidate.ip), -candidate.priority


def write_ice(out: Writing, transport: Ice, tag: str, roles: Roles) -> None:
    """Write candidates, credentials, the options that JSEP prescribes (RFC 8829 5.2.1), fingerprints and role."""
    write_candidates(out, transport)
    if transport.ufrag is not None:
        out.put("transport/@ufrag", ice.IceUfrag, transport.ufrag)
    if transport.pwd is not None:
        out.put("transport/@pwd", ice.IcePwd, transport.pwd)
    if transport.ufrag is not None:
        out.values.append(ice.IceOptions(("trickle", *_options(transport))))
    for fingerprint in transport.fingerprints:
        out.put("transport/fingerprint", security.Fingerprint.parse, f"{fingerprint.hash} {fingerprint.value}")
    _write_setup(out, transport, tag, roles)
    out.lose_rest(transport, element="transport")
    out.lose_rest(*transport.fingerprints, element="transport/fingerprint")
    out.lose_rest(*transport.sctpmaps, element="transport/sctpmap")
    out.lose_rest(*transport.candidates, *transport.remote_candidates, element="transport/candidate")


def write_channels(out: Writing, transport: Ice, label: str) -> None:
    """Write the data channels that are negotiated here; the others open themselves in band (RFC 8832, RFC 8864 5.1)."""
    if not transport.channels:
        return
    from jinglecodec.sdp.attributes.channels import Dcmap  # noqa: PLC0415 - only those who have channels load it

    for channel in transport.channels:
        if channel.id is None or not channel.negotiated:
            out.lose("transport/channel", "is not negotiated here, or has no id", "RFC 8864 5.1")
            continue
        out.put(
            "transport/channel",
            Dcmap,
            channel.id,
            channel.protocol or None,
            label or None,
            None if channel.ordered else False,
            channel.max_retransmits,
            channel.max_packet_life_time,
        )
    out.lose_rest(*transport.channels, element="transport/channel")


def _options(transport: Ice) -> Iterator[str]:
    """Give the ICE options that a peer states, beside trickling."""
    if isinstance(transport, IceUdpTransport):
        if transport.renomination:
            yield "renomination"
    elif transport.ice2:
        yield "ice2"  # RFC 8445 10


def write_candidates(out: Writing, transport: Ice) -> None:
    """Write the candidates, and that no more will come; generation and network 0 are the absence of the extension."""
    for candidate in transport.candidates:
        extensions = [("tcptype", candidate.tcptype.value)] if candidate.tcptype is not None else []
        extensions += [(name, str(value)) for name, value in zip(_EXTENSIONS, _said(candidate), strict=True) if value]
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


_EXTENSIONS = ("generation", "network", "network-id", "network-cost")
"Extensions of a candidate in SDP that are attributes: of XEP-0176 5.3 the first two, of Movim the others."
_said = attrgetter(*(name.replace("-", "_") for name in _EXTENSIONS))


def _write_setup(out: Writing, transport: Ice, tag: str, roles: Roles) -> None:
    """Write the DTLS role, which SDP has once for all fingerprints."""
    stated = dict.fromkeys(fingerprint.setup for fingerprint in transport.fingerprints)
    said = next((role for role in stated if role is not None), None)
    role = roles.settled(tag, said, certificates(transport.fingerprints))
    if role is not None:
        out.put("transport/fingerprint", security.Setup, role.value)
        if role is not said:
            out.lose("transport/fingerprint/@setup", f"cannot be here: {role.value} is written", "RFC 8842 5.3")
    if len(stated) > 1:
        out.lose("transport/fingerprint/@setup", "is not the same for all", "RFC 4145 4: one for a section")

"""Between what Jingle and what SIP says of media, beyond `mapping`: raw UDP, foundations, generations, vanilla ICE.

Inside the gateway every transport is an ICE one, for which `mapping` has both forms: where there is no ICE, with the
one candidate that `c=` and `m=` say (draft-ietf-stox-media-04 5.3).
"""

from __future__ import annotations

import attrs

from jinglecodec.errors import EncodeError
from jinglecodec.lexical import is_token
from jinglecodec.mapping.actions import is_foreign, merged
from jinglecodec.model.ice_udp import Candidate, CandidateType, IceUdpTransport
from jinglecodec.model.jingle import Action, Content, ContentKey, key_of
from jinglecodec.model.raw_udp import RawUdpCandidate, RawUdpTransport
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.sdp.attributes import ice
from jinglecodec.sdp.attributes.grouping import Mid
from jinglecodec.sdp.attributes.rtp import Rtcp
from jinglecodec.sdp.inheritance import effective
from jinglecodec.sdp.session import Media, SessionDescription

__all__ = [
    "Numbering",
    "flattened",
    "is_supported",
    "is_void",
    "joined",
    "plain",
    "seen",
    "unified",
]

_MOST_FOUNDATIONS = 1000
_PRIORITY = 2_130_706_430
"Of the first component of a transport without ICE: what RFC 8445 5.1.2.1 gives its only host candidate, nearly."


def is_supported(content: Content) -> bool:
    """Tell whether a content can be a section in SIP: RTP over ICE-UDP or raw UDP, for the session itself."""
    description = content.description
    if not isinstance(description, RtpDescription) or not isinstance(
        content.transport, IceUdpTransport | RawUdpTransport
    ):
        return False
    return bool(description.payload_types) and is_token(description.media) and content.disposition == "session"


# --- contents --------------------------------------------------------------------------------------------------------


def unified(content: Content) -> Content:
    """Return a content with an ICE transport in place of raw UDP."""
    transport = content.transport
    if not isinstance(transport, RawUdpTransport):
        return content
    latest = max((one.generation for one in transport.candidates), default=0)
    candidates = tuple(
        Candidate(
            component=one.component,
            foundation="1",
            generation=one.generation,
            id=one.id,
            ip=one.ip,
            network=0,
            port=one.port,
            priority=_PRIORITY - one.component,
            protocol="udp",
            type=CandidateType.HOST,
        )
        for one in transport.candidates
        if one.generation == latest
    )
    return attrs.evolve(content, transport=IceUdpTransport(candidates=candidates))


def flattened(content: Content) -> Content:
    """Return a content with raw UDP in place of an ICE transport that has no credentials (draft 5.3)."""
    transport = content.transport
    if not isinstance(transport, IceUdpTransport) or transport.ufrag is not None:
        return content
    candidates = tuple(
        RawUdpCandidate(component=one.component, generation=one.generation, id=one.id, ip=one.ip, port=one.port)
        for one in transport.candidates
    )
    return attrs.evolve(content, transport=RawUdpTransport(candidates=candidates))


def joined(content: Content, said: Content) -> Content:
    """Return a content after a transport-info: further candidates, or other credentials, or another address."""
    news, known = unified(said), content.transport
    if is_foreign(content, Action.TRANSPORT_INFO, news):
        return content
    if isinstance(news.transport, IceUdpTransport) and isinstance(known, IceUdpTransport) and known.ufrag is None:
        return attrs.evolve(content, transport=news.transport)
    return merged(content, Action.TRANSPORT_INFO, news)


Signature = tuple[object, ...]


@attrs.define
class Numbering:
    """Foundations and generations of the SIP party's candidates, as Jingle has them (draft-ietf-stox-media-04 5.4).

    Foundations are numbered as they come, so that each keeps its own. Those beyond 255 get numbers that the octet of
    XEP-0176 does not hold, but every deployed reader does: uniqueness matters more. A call that has had a thousand
    forgets them, and goes on counting.
    """

    _foundations: dict[str, int] = attrs.field(factory=dict)
    _counted: int = 0
    _generations: dict[ContentKey, tuple[Signature, int]] = attrs.field(factory=dict)

    def numbered(self, content: Content) -> Content:
        """Return a content with numbers for foundations, and the generation that its credentials or address are of."""
        transport = content.transport
        if not isinstance(transport, IceUdpTransport):
            return content
        generation = self._generation(content, transport)
        candidates = tuple(
            attrs.evolve(one, foundation=str(self._number(one.foundation)), generation=generation)
            for one in transport.candidates
        )
        return attrs.evolve(content, transport=attrs.evolve(transport, candidates=candidates))

    def _number(self, foundation: str) -> int:
        if foundation not in self._foundations:
            if len(self._foundations) >= _MOST_FOUNDATIONS:
                self._foundations.clear()
            self._counted += 1
            self._foundations[foundation] = self._counted
        return self._foundations[foundation]

    def _generation(self, content: Content, transport: IceUdpTransport) -> int:
        """Return the generation, one more than before where what it depends on has changed; it counts modulo 256."""
        key = key_of(content)
        addresses = tuple((one.component, one.ip, one.port) for one in transport.candidates)
        signature: Signature = addresses if transport.ufrag is None else (transport.ufrag, transport.pwd)
        before, generation = self._generations.get(key, (signature, 0))
        if before != signature:
            generation = (generation + 1) % 256
        self._generations[key] = signature, generation
        return generation


# --- descriptions ----------------------------------------------------------------------------------------------------


def seen(desc: SessionDescription, tags: list[str]) -> SessionDescription:
    """Return a description of the SIP party as the mapping reads it: each section with its tag, and with candidates."""
    for number, (media, tag) in enumerate(zip(desc.media, tags, strict=True)):
        desc = desc.replace_media(number, _with_candidates(desc, media.set(Mid(tag))))
    return desc


def _with_candidates(desc: SessionDescription, media: Media) -> Media:
    """Return a section that has no ICE with the candidates that it means by `m=`, `c=` and `a=rtcp` (RFC 3605)."""
    resolved = effective(desc, media)
    if resolved.ice_ufrag is not None or media.port == 0 or is_void(desc, media):
        return media
    media = media.remove_every(ice.Candidate)
    places = [(1, media.port, resolved.connections[0].address if resolved.connections else "")]
    if media.rtcp is not None and not media.rtcp_mux:
        places.append((2, media.rtcp.port, media.rtcp.address or places[0][2]))
    for component, port, address in places:
        try:
            found = ice.Candidate("1", component, "udp", _PRIORITY - component, address, port, "host")
        except EncodeError:
            continue
        media = media.add(found)
    return media


def plain(desc: SessionDescription, tagged: frozenset[str]) -> SessionDescription:
    """Return a description as the SIP party gets it.

    Without ICE it has no candidates; with ICE all of them are there, and nothing trickles (draft 4). Tags are for
    groups, and for sections that the other party has `tagged`.
    """
    sections = (_plain_section(media, is_tagged=bool(desc.groups) or media.mid in tagged) for media in desc.media)
    return attrs.evolve(desc, media=tuple(sections))


def _plain_section(media: Media, *, is_tagged: bool) -> Media:
    options = tuple(option for option in media.ice_options if option != "trickle")
    section = media.remove_every(ice.EndOfCandidates).remove_every(ice.IceOptions)
    if media.ice_ufrag is None:
        section = section.remove_every(ice.Candidate)
    elif options:
        section = section.add(ice.IceOptions(options))
    if media.rtcp is not None and media.rtcp.port == 9:
        section = section.remove_every(Rtcp)
    return section if is_tagged else section.remove_every(Mid)


def is_void(desc: SessionDescription, media: Media) -> bool:
    """Tell whether a section says 0.0.0.0, which is how hold was said before directions (RFC 3264 8.4)."""
    return any(one.address == "0.0.0.0" for one in effective(desc, media).connections)  # noqa: S104

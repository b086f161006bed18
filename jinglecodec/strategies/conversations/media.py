"""What the parties of a conversation offer each other, and how they answer."""

from __future__ import annotations

from jinglecodec import session
from jinglecodec.model.dtls import Fingerprint, Setup
from jinglecodec.model.ice_udp import Candidate, CandidateType, IceUdpTransport
from jinglecodec.model.jingle import Content, Creator
from jinglecodec.model.raw_udp import RawUdpCandidate, RawUdpTransport
from jinglecodec.model.rtp import PayloadType, RtpDescription
from jinglecodec.model.webrtc import WebrtcTransport
from jinglecodec.strategies.conversations.stage import Reactions

FINGERPRINT = Fingerprint(hash="sha-256", setup=Setup.ACTPASS, value=":".join(["AB"] * 32))
_OPUS = PayloadType(id=96, name="opus", clockrate=48000, channels=2)
_CANDIDATE = Candidate(
    component=1,
    foundation="1",
    generation=0,
    id="c1",
    ip="192.0.2.1",
    port=5000,
    priority=2130706431,
    protocol="udp",
    type=CandidateType.HOST,
)
FOR_ICE = IceUdpTransport(ufrag="abcd", pwd="e" * 22, fingerprints=(FINGERPRINT,), candidates=(_CANDIDATE,))
FOR_ENDPOINTS = IceUdpTransport(fingerprints=(FINGERPRINT,))
RAW = RawUdpTransport(candidates=(RawUdpCandidate(component=1, generation=0, id="c1", ip="192.0.2.1", port=5000),))


def content(name: str, transport: IceUdpTransport | RawUdpTransport, creator: Creator = Creator.INITIATOR) -> Content:
    """Return audio over a transport, whose candidates and keys are in it or come from an endpoint."""
    description = RtpDescription(media="audio", payload_types=(_OPUS, PayloadType(id=0)), rtcp_mux=True)
    return Content(creator=creator, name=name, description=description, transport=transport)


def agreeing(name: str) -> Reactions:
    """Return the reactions of somebody who takes whatever is offered."""
    return {
        session.IncomingSession: lambda told: [(name, session.Accept(told.session, told.jingle.contents))],
        session.ContentProposed: lambda told: [(name, session.AcceptContent(told.session, told.jingle.contents))],
        session.TransportProposed: lambda told: [(name, session.AcceptTransport(told.session, told.jingle.contents))],
    }


OFFER, ANSWER = (
    f"v=0\r\no=- {number} 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\n"
    f"a=rtpmap:96 opus/48000/2\r\na=ice-ufrag:abcd\r\na=ice-pwd:{'p' * 22}\r\na=setup:{setup}\r\n"
    f"a=fingerprint:sha-256 {FINGERPRINT.value}\r\na=candidate:1 1 udp 2130706431 192.0.2.{number} 5000 typ host\r\n"
    for number, setup in ((1, "actpass"), (2, "active"))
)
BROWSING = Content(name="audio, video", transport=WebrtcTransport())


def answering(name: str) -> Reactions:
    """Return the reaction of a browser that takes every offer."""
    return {session.OfferReceived: lambda told: [(name, session.Answer(told.session, ANSWER))]}

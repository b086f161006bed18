"""Offers and answers as agents make them: SDP that RFC 8829 and RFC 3264 allow.

What `sdp_answers` draws, `jinglecodec.mapping.check_answer` has no ERROR for; it does not use its rules.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import TypeVar

import attrs
from hypothesis import strategies as st

from jinglecodec import sdp
from jinglecodec.sdp.fields import NOWHERE
from jinglecodec.sdp.inheritance import Effective, effective

__all__ = ["sdp_answers", "sdp_offers"]

T = TypeVar("T")

_ICE = string.ascii_letters + string.digits + "+/"


@attrs.frozen
class _Codec:
    """An encoding with what goes with it."""

    encoding: str
    clock_rate: int
    channels: int | None = None
    parameters: tuple[str, ...] = ()
    "One of these stands in `a=fmtp`, where there is one."


_CODECS = {
    "audio": (
        _Codec("opus", 48000, 2, ("minptime=10;useinbandfec=1", "stereo=1")),
        _Codec("PCMU", 8000),
        _Codec("G722", 8000),
        _Codec("telephone-event", 8000, None, ("0-15",)),
        _Codec("CN", 16000),
    ),
    "video": (
        _Codec("VP8", 90000),
        _Codec("VP9", 90000, None, ("profile-id=0",)),
        _Codec("H264", 90000, None, ("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",)),
        _Codec("AV1", 90000, None, ("level-idx=5;profile=0;tier=0",)),
        _Codec("ulpfec", 90000),
    ),
}
_FEEDBACK = (("nack", None), ("nack", "pli"), ("ccm", "fir"), ("transport-cc", None), ("goog-remb", None))
_EXTENSIONS = (
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "urn:ietf:params:rtp-hdrext:sdes:mid",
    "urn:3gpp:video-orientation",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
)
_CANDIDATE_TYPES = {"host": 126, "srflx": 100, "prflx": 110, "relay": 0}
_SUITES = ("AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", "AEAD_AES_128_GCM")
_KEY = "inline:" + "A" * 40


@attrs.frozen
class _Flavour:
    """What kind of agent writes the description."""

    protocol: str
    ice: bool
    "And DTLS."
    crypto: bool = False


_FLAVOURS = (
    _Flavour("UDP/TLS/RTP/SAVPF", ice=True),
    _Flavour("UDP/TLS/RTP/SAVPF", ice=True),
    _Flavour("RTP/AVP", ice=False),
    _Flavour("RTP/SAVPF", ice=False, crypto=True),
)


def _ids(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(_ICE, min_size=least, max_size=most)


def _some(values: tuple[T, ...]) -> st.SearchStrategy[list[T]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=len(values))


# --- what a section has, whoever writes it ---------------------------------------------------------------------------


def _origins() -> st.SearchStrategy[sdp.Origin]:
    return st.integers(1, 2**62).map(lambda number: sdp.Origin("-", number, 2, "IN", "IP4", "127.0.0.1"))


@st.composite
def _candidates(draw: st.DrawFn) -> sdp.Candidate:
    kind = draw(st.sampled_from(tuple(_CANDIDATE_TYPES)))
    tcp = draw(st.integers(0, 4)) == 0
    derived = kind != "host"
    address = draw(st.sampled_from(("192.0.2.1", "198.51.100.7", "2001:db8::7", "1f4712db-ea17-4bcf-a596.local")))
    return sdp.Candidate(
        draw(_ids(1, 10)),
        draw(st.sampled_from((1, 1, 2))),
        "tcp" if tcp else "udp",
        (_CANDIDATE_TYPES[kind] << 24) + (draw(st.integers(0, 0xFFFF)) << 8) + 255,
        address,
        9 if tcp else draw(st.integers(1024, 65535)),
        kind,
        "192.0.2.1" if derived else None,
        draw(st.integers(1024, 65535)) if derived else None,
        ((("tcptype", "active"),) if tcp else ()) + draw(st.sampled_from(((), (("generation", "0"),)))),
    )


@st.composite
def _credentials(draw: st.DrawFn) -> list[sdp.Value]:
    """Draw credentials of ICE with candidates (RFC 8839 5), some of them all that there will be."""
    values: list[sdp.Value] = [sdp.IceUfrag(draw(_ids(4, 8))), sdp.IcePwd(draw(_ids(22, 32)))]
    if draw(st.booleans()):
        values.append(sdp.IceOptions(("trickle",)))
    values += draw(st.lists(_candidates(), max_size=3))
    return [*values, sdp.EndOfCandidates()] if draw(st.booleans()) else values


_fingerprints = st.binary(min_size=32, max_size=32).map(lambda digest: sdp.Fingerprint("sha-256", digest))
_words = st.text(string.ascii_letters + string.digits, min_size=1, max_size=16)


@st.composite
def _sources(draw: st.DrawFn) -> list[sdp.Value]:
    """Draw one source, or a source and its retransmissions (RFC 5576)."""
    numbers = draw(st.lists(st.integers(1, 2**32 - 1), unique=True, max_size=2))
    group: list[sdp.Value] = [sdp.SsrcGroup("FID", tuple(numbers))] if len(numbers) == 2 else []
    return [*group, *(sdp.Ssrc(number, "cname", draw(_words)) for number in numbers)]


def _played(draw: st.DrawFn, direction: sdp.Direction) -> Iterator[sdp.Value]:
    """Yield what tells of the media that are sent."""
    if direction.sends:
        yield sdp.Msid(draw(_words), draw(_words))
        yield from draw(_sources())


# --- offers ----------------------------------------------------------------------------------------------------------


@st.composite
def sdp_offers(draw: st.DrawFn) -> sdp.SessionDescription:
    """Return offers of up to four sections: audio, video and data channels, from browsers (ICE, DTLS) and from SIP."""
    flavour = draw(st.sampled_from(_FLAVOURS))
    kinds = ("audio", "video", "application") if flavour.ice else ("audio", "video")
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4))
    media = [
        draw(_offered_channels(str(mid)) if kind == "application" else _offered_media(kind, str(mid), flavour))
        for mid, kind in enumerate(chosen)
    ]
    values: list[sdp.Value] = []
    if flavour.ice:
        values = [sdp.Group("BUNDLE", tuple(str(mid) for mid in range(len(chosen)))), sdp.MsidSemantic("WMS")]
    return sdp.SessionDescription.build(draw(_origins()), values=values, media=media)


@st.composite
def _offered_media(draw: st.DrawFn, kind: str, mid: str, flavour: _Flavour) -> sdp.Media:
    codecs = draw(st.lists(st.sampled_from(_CODECS[kind]), unique=True, min_size=1, max_size=3))
    direction = draw(st.sampled_from(sdp.Direction))
    values: list[sdp.Value] = [sdp.Mid(mid)] if flavour.ice else []
    if flavour.ice:
        values += [*_offered_transport(draw), sdp.RtcpMux(), *draw(st.sampled_from(((), (sdp.RtcpRsize(),))))]
    values += [sdp.Extmap(number, uri) for number, uri in enumerate(draw(_some(_EXTENSIONS)), 1)]
    values.append(direction)
    if flavour.crypto:
        values += [sdp.Crypto(tag, suite, (_KEY,)) for tag, suite in enumerate(_SUITES[: draw(st.integers(1, 3))], 1)]
    for number, codec in enumerate(codecs, 96):
        values += _described(draw, number, codec)
    if draw(st.booleans()):
        values += [sdp.Ptime(20), sdp.Maxptime(60)]
    values += _played(draw, direction) if flavour.ice else ()
    place = NOWHERE if flavour.ice else sdp.Connection("192.0.2.1")
    port = 9 if flavour.ice else draw(st.sampled_from((5004, 0)[: 1 + int(mid != "0")]))
    formats = [str(number) for number, _ in enumerate(codecs, 96)]
    return sdp.Media.build(kind, port, flavour.protocol, formats, connection=place, values=values)


def _offered_transport(draw: st.DrawFn) -> Iterator[sdp.Value]:
    """Yield what ICE and DTLS need, with either role in the handshake (RFC 8829 5.2.1)."""
    yield from draw(_credentials())
    yield draw(_fingerprints)
    yield sdp.Setup.ACTPASS


def _described(draw: st.DrawFn, number: int, codec: _Codec) -> Iterator[sdp.Value]:
    """Yield the lines of one payload type."""
    yield sdp.Rtpmap(number, codec.encoding, codec.clock_rate, codec.channels)
    if codec.clock_rate == 90000:
        for kind, subtype in draw(_some(_FEEDBACK)):
            yield sdp.RtcpFeedback(str(number), kind, subtype)
    if codec.parameters:
        yield sdp.Fmtp(str(number), draw(st.sampled_from(codec.parameters)))


@st.composite
def _offered_channels(draw: st.DrawFn, mid: str) -> sdp.Media:
    """Draw a section of data channels (RFC 8841)."""
    values = [sdp.Mid(mid), *_offered_transport(draw), sdp.SctpPort(5000)]
    if draw(st.booleans()):
        values.append(sdp.MaxMessageSize(draw(st.sampled_from((0, 65536, 262144)))))
    return _channels(values)


def _channels(values: list[sdp.Value]) -> sdp.Media:
    kind = ("application", 9, "UDP/DTLS/SCTP", ("webrtc-datachannel",))
    return sdp.Media.build(*kind, connection=NOWHERE, values=values)


# --- answers ---------------------------------------------------------------------------------------------------------

_SETUPS = {
    None: (None,),
    sdp.Setup.ACTPASS: (sdp.Setup.ACTIVE, sdp.Setup.PASSIVE),
    sdp.Setup.ACTIVE: (sdp.Setup.PASSIVE,),
    sdp.Setup.PASSIVE: (sdp.Setup.ACTIVE,),
    sdp.Setup.HOLDCONN: (sdp.Setup.HOLDCONN,),
}
"RFC 4145 4.1"


@st.composite
def sdp_answers(draw: st.DrawFn, offer: sdp.SessionDescription) -> sdp.SessionDescription:
    """Return legal answers to `offer`: sections rejected and accepted, with less than was offered (RFC 3264 6)."""
    media = [draw(_answered(section, effective(offer, section))) for section in offer.media]
    taken = {section.mid for section in media if section.port != 0}
    groups = [
        sdp.Group(group.semantics, tuple(mid for mid in group.mids if mid in taken))
        for group in offer.groups
        if group.semantics == "BUNDLE" and taken & set(group.mids)
    ]
    return sdp.SessionDescription.build(draw(_origins()), timings=offer.timings, values=groups, media=media)


@st.composite
def _answered(draw: st.DrawFn, offered: sdp.Media, whole: Effective) -> sdp.Media:
    """Draw the section that answers another one; `whole` has what that takes over from its session."""
    mid: list[sdp.Value] = [] if offered.mid is None else [sdp.Mid(offered.mid)]
    accepts = (offered.port != 0 or offered.bundle_only) and draw(st.integers(0, 4)) != 0
    place = NOWHERE if offered.connection is None or not accepts else offered.connection
    if not accepts:
        return sdp.Media.build(offered.kind, 0, offered.protocol, offered.formats, connection=place, values=mid)
    formats = draw(st.lists(st.sampled_from(offered.formats), unique=True, min_size=1))
    values = [*mid, *_answered_transport(draw, whole), *_answered_features(draw, offered, whole)]
    values += _answered_formats(offered, formats)
    return sdp.Media.build(offered.kind, 9, offered.protocol, formats, connection=place, values=values)


def _answered_transport(draw: st.DrawFn, whole: Effective) -> Iterator[sdp.Value]:
    """Yield credentials where there were some, and the other role in the handshake (RFC 8842 5.3)."""
    if whole.ice_ufrag is not None:
        yield from draw(_credentials())
    if whole.fingerprints:
        yield draw(_fingerprints)
    setup = draw(st.sampled_from(_SETUPS[whole.setup]))
    if setup is not None:
        yield setup


def _answered_features(draw: st.DrawFn, offered: sdp.Media, whole: Effective) -> Iterator[sdp.Value]:
    """Yield what may be less than was offered: direction, multiplexing, header extensions, one of the keys."""
    if offered.rtcp_mux_only or (offered.rtcp_mux and draw(st.booleans())):
        yield sdp.RtcpMux()
    for extmap in whole.extmaps:
        if extmap.id < 4096 and draw(st.booleans()):
            yield sdp.Extmap(extmap.id, extmap.uri)
    if offered.sctp_port is not None:
        yield sdp.SctpPort(5000)
    if offered.cryptos:
        crypto = draw(st.sampled_from(offered.cryptos))
        yield sdp.Crypto(crypto.tag, crypto.suite, (_KEY,))
    if "RTP/" in offered.protocol or whole.direction is not sdp.Direction.SENDRECV:
        direction = draw(_answering(whole.direction))
        yield direction
        yield from _played(draw, direction) if offered.mid is not None else ()


def _answering(offered: sdp.Direction) -> st.SearchStrategy[sdp.Direction]:
    """Return directions that send only what the other side receives, and receive only what it sends."""
    return st.sampled_from(
        [
            direction
            for direction in sdp.Direction
            if direction.sends <= offered.receives and direction.receives <= offered.sends
        ]
    )


def _answered_formats(offered: sdp.Media, formats: list[str]) -> Iterator[sdp.Value]:
    """Yield what describes the formats that are taken, as it was offered."""
    yield from (rtpmap for rtpmap in offered.rtpmaps if str(rtpmap.payload_type) in formats)
    yield from (feedback for feedback in offered.rtcp_feedback if feedback.format in ("*", *formats))
    yield from (fmtp for fmtp in offered.fmtps if fmtp.format in formats)

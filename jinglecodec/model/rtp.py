"""XEP-0167: Jingle RTP Sessions."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.content_category import Category
from jinglecodec.model.deployed import MediaStream
from jinglecodec.model.jingle import Description
from jinglecodec.model.realtime_text import RttSync
from jinglecodec.model.rtp_feedback import RtcpFeedback, TrrInt
from jinglecodec.model.rtp_header_extensions import HeaderExtension
from jinglecodec.model.sources import RidGroup, Source, SourceGroup
from jinglecodec.model.thumbnails import Thumbnail
from jinglecodec.model.zrtp import ZrtpHash
from jinglecodec.xml.fields import Element, attribute, child, children, element, flag, text
from jinglecodec.xml.types import BOOLEAN, NCNAME, STRING, UNSIGNED_BYTE, UNSIGNED_INT

__all__ = [
    "Bandwidth",
    "Crypto",
    "Encryption",
    "Parameter",
    "PayloadType",
    "RtpDescription",
]


def _misspelt(name: str) -> tuple[str, ...]:
    """Return the name in the namespaces that some peers take for that of XEP-0167."""
    return tuple(f"{{{space}}}{name}" for space in (ns.RTP_MISSPELT, ns.VIDEO_RTP))


@element(ns.RTP, "parameter", also=_misspelt("parameter"))
class Parameter(Element):
    """A format parameter of a payload type (XEP-0167 4); their order means nothing."""

    name: str = attribute(STRING, default="", always=True, expected="XEP-0167 4")
    "Empty for a format that is no name=value pairs, such as `0-15` of telephone-event."
    value: str | None = attribute(STRING, default=None, expected="XEP-0167 4")


@element(ns.RTP, "payload-type", also=_misspelt("payload-type"))
class PayloadType(Element):
    """An encoding on offer; their order is the preference (XEP-0167 4)."""

    channels: int = attribute(UNSIGNED_BYTE, default=1)
    clockrate: int | None = attribute(UNSIGNED_INT, default=None, aliases=("rate",))
    "Hertz."
    id: int = attribute(UNSIGNED_BYTE)
    "0..127 (RFC 3551 6); the schema's octet holds more."
    maxptime: int | None = attribute(UNSIGNED_INT, default=None)
    "Milliseconds."
    name: str | None = attribute(STRING, default=None)
    "The MIME subtype; required for dynamic payload types, 96..127."
    ptime: int | None = attribute(UNSIGNED_INT, default=None)
    "Milliseconds."
    parameters: tuple[Parameter, ...] = children(Parameter, default=())
    feedback: tuple[RtcpFeedback, ...] = children(RtcpFeedback, default=())
    "XEP-0293 3."
    trr_int: TrrInt | None = child(TrrInt, default=None)
    "XEP-0293 3."


@element(ns.RTP, "crypto")
class Crypto(Element):
    """Keys for SRTP in the clear (XEP-0167 7; RFC 4568)."""

    crypto_suite: str = attribute(NCNAME)
    key_params: str = attribute(STRING, default="", always=True, expected="XEP-0167 7")
    "Empty where the peer left it out, which makes the line useless but not the stanza."
    session_params: str | None = attribute(STRING, default=None)
    tag: str = attribute(STRING)
    "A decimal number by which an answer names the offer it takes."


@element(ns.RTP, "encryption")
class Encryption(Element):
    """Encryption on offer (XEP-0167 7)."""

    required: bool | None = attribute(BOOLEAN, default=None)
    cryptos: tuple[Crypto, ...] = children(Crypto, default=())
    zrtp_hashes: tuple[ZrtpHash, ...] = children(ZrtpHash, default=())
    "XEP-0262 1."


@element(ns.RTP, "bandwidth")
class Bandwidth(Element):
    """A limit for the media; `type` and value are those of an SDP b= line (XEP-0167 4, 6)."""

    type: str = attribute(STRING, nested=("type",))
    value: str = text(STRING, aliases=("value",), nested=("value",))


@element(ns.RTP, "description", also=_misspelt("description"))
class RtpDescription(Description):
    """Audio, video or other media over RTP (XEP-0167 4)."""

    media: str = attribute(NCNAME)
    "`audio`, `video` ...: an SDP media type."
    ssrc: int | None = attribute(UNSIGNED_INT, default=None)
    payload_types: tuple[PayloadType, ...] = children(PayloadType, default=())
    rtcp_mux: bool = flag(default=False)
    encryption: Encryption | None = child(Encryption, default=None)
    bandwidths: tuple[Bandwidth, ...] = children(Bandwidth, default=())
    "The schema allows one; SDP has several."
    feedback: tuple[RtcpFeedback, ...] = children(RtcpFeedback, default=())
    "For every payload type (XEP-0293 3)."
    trr_int: TrrInt | None = child(TrrInt, default=None)
    header_extensions: tuple[HeaderExtension, ...] = children(HeaderExtension, default=())
    "XEP-0294 3."
    extmap_allow_mixed: bool = flag(default=False, namespace=ns.RTP_HDREXT)
    "One-byte and two-byte header extensions in one stream (XEP-0294 3; RFC 8285 6)."
    source_groups: tuple[SourceGroup, ...] = children(SourceGroup, default=())
    "XEP-0339 2.2."
    sources: tuple[Source, ...] = children(Source, default=())
    "XEP-0339 2.1."
    thumbnails: tuple[Thumbnail, ...] = children(Thumbnail, default=())
    "XEP-0264 3."
    categories: tuple[Category, ...] = children(Category, default=())
    "XEP-0507 2."
    rtt_sync: RttSync | None = child(RttSync, default=None)
    "XEP-0517 7."
    ptime: int | None = attribute(UNSIGNED_INT, default=None, unspecified="Movim")
    "Milliseconds; XEP-0167 has it in the payload type, like the next."
    maxptime: int | None = attribute(UNSIGNED_INT, default=None, unspecified="Movim and Jitsi")
    profile: str | None = attribute(STRING, default=None, unspecified="clients of early versions of XEP-0167")
    "SDP's, such as `RTP/AVPF`."
    rtcp_reduced_size: bool = flag(default=False, unspecified="stanza")
    "SDP's `a=rtcp-rsize` (RFC 5506 5)."
    streams: tuple[MediaStream, ...] = children(MediaStream, default=(), unspecified="stanza")
    "SDP's `a=msid`."
    rid_groups: tuple[RidGroup, ...] = children(RidGroup, default=(), unspecified="Jitsi")
    "Simulcast by RTP stream id."

r"""Session descriptions: text and values, without loss (RFC 8866, and the attributes of WebRTC, SIP and Jingle).

    >>> from jinglecodec import sdp
    >>> offer = sdp.loads("v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\nm=audio 9 RTP/AVP 0\nc=IN IP4 0.0.0.0\n")
    >>> offer.media[0].formats
    ('0',)
    >>> offer = offer.replace_media(0, offer.media[0].set(sdp.Mid("voice")))
    >>> sdp.dumps(offer).splitlines()[-1]
    'a=mid:voice'

Everything listed here is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinglecodec.sdp.attributes.channels import Dcmap as Dcmap
    from jinglecodec.sdp.attributes.channels import Dcsa as Dcsa
    from jinglecodec.sdp.attributes.datachannel import MaxMessageSize as MaxMessageSize
    from jinglecodec.sdp.attributes.datachannel import Sctpmap as Sctpmap
    from jinglecodec.sdp.attributes.datachannel import SctpPort as SctpPort
    from jinglecodec.sdp.attributes.filters import SourceFilter as SourceFilter
    from jinglecodec.sdp.attributes.grouping import BundleOnly as BundleOnly
    from jinglecodec.sdp.attributes.grouping import ContentTags as ContentTags
    from jinglecodec.sdp.attributes.grouping import Group as Group
    from jinglecodec.sdp.attributes.grouping import Label as Label
    from jinglecodec.sdp.attributes.grouping import Mid as Mid
    from jinglecodec.sdp.attributes.grouping import Msid as Msid
    from jinglecodec.sdp.attributes.grouping import MsidSemantic as MsidSemantic
    from jinglecodec.sdp.attributes.ice import Candidate as Candidate
    from jinglecodec.sdp.attributes.ice import EndOfCandidates as EndOfCandidates
    from jinglecodec.sdp.attributes.ice import IceLite as IceLite
    from jinglecodec.sdp.attributes.ice import IceMismatch as IceMismatch
    from jinglecodec.sdp.attributes.ice import IceOptions as IceOptions
    from jinglecodec.sdp.attributes.ice import IcePacing as IcePacing
    from jinglecodec.sdp.attributes.ice import IcePwd as IcePwd
    from jinglecodec.sdp.attributes.ice import IceUfrag as IceUfrag
    from jinglecodec.sdp.attributes.ice import RemoteCandidate as RemoteCandidate
    from jinglecodec.sdp.attributes.ice import RemoteCandidates as RemoteCandidates
    from jinglecodec.sdp.attributes.imagery import ImageAttr as ImageAttr
    from jinglecodec.sdp.attributes.imagery import ImageSet as ImageSet
    from jinglecodec.sdp.attributes.rtp import Direction as Direction
    from jinglecodec.sdp.attributes.rtp import Extmap as Extmap
    from jinglecodec.sdp.attributes.rtp import ExtmapAllowMixed as ExtmapAllowMixed
    from jinglecodec.sdp.attributes.rtp import Fmtp as Fmtp
    from jinglecodec.sdp.attributes.rtp import FormatParameter as FormatParameter
    from jinglecodec.sdp.attributes.rtp import Framerate as Framerate
    from jinglecodec.sdp.attributes.rtp import Maxptime as Maxptime
    from jinglecodec.sdp.attributes.rtp import Ptime as Ptime
    from jinglecodec.sdp.attributes.rtp import Rtcp as Rtcp
    from jinglecodec.sdp.attributes.rtp import RtcpFeedback as RtcpFeedback
    from jinglecodec.sdp.attributes.rtp import RtcpMux as RtcpMux
    from jinglecodec.sdp.attributes.rtp import RtcpMuxOnly as RtcpMuxOnly
    from jinglecodec.sdp.attributes.rtp import RtcpRsize as RtcpRsize
    from jinglecodec.sdp.attributes.rtp import RtcpXr as RtcpXr
    from jinglecodec.sdp.attributes.rtp import Rtpmap as Rtpmap
    from jinglecodec.sdp.attributes.security import Crypto as Crypto
    from jinglecodec.sdp.attributes.security import Fingerprint as Fingerprint
    from jinglecodec.sdp.attributes.security import Setup as Setup
    from jinglecodec.sdp.attributes.security import TlsId as TlsId
    from jinglecodec.sdp.attributes.sources import Rid as Rid
    from jinglecodec.sdp.attributes.sources import RidDirection as RidDirection
    from jinglecodec.sdp.attributes.sources import Simulcast as Simulcast
    from jinglecodec.sdp.attributes.sources import SimulcastId as SimulcastId
    from jinglecodec.sdp.attributes.sources import Ssrc as Ssrc
    from jinglecodec.sdp.attributes.sources import SsrcGroup as SsrcGroup
    from jinglecodec.sdp.fields import Bandwidth as Bandwidth
    from jinglecodec.sdp.fields import Connection as Connection
    from jinglecodec.sdp.fields import Email as Email
    from jinglecodec.sdp.fields import Information as Information
    from jinglecodec.sdp.fields import Key as Key
    from jinglecodec.sdp.fields import MediaField as MediaField
    from jinglecodec.sdp.fields import Origin as Origin
    from jinglecodec.sdp.fields import Phone as Phone
    from jinglecodec.sdp.fields import Repeat as Repeat
    from jinglecodec.sdp.fields import SessionName as SessionName
    from jinglecodec.sdp.fields import Timing as Timing
    from jinglecodec.sdp.fields import Uri as Uri
    from jinglecodec.sdp.fields import ZoneAdjustment as ZoneAdjustment
    from jinglecodec.sdp.fields import Zones as Zones
    from jinglecodec.sdp.formats import Av1Parameters as Av1Parameters
    from jinglecodec.sdp.formats import CodecParameters as CodecParameters
    from jinglecodec.sdp.formats import H264Parameters as H264Parameters
    from jinglecodec.sdp.formats import OpusParameters as OpusParameters
    from jinglecodec.sdp.formats import RedParameters as RedParameters
    from jinglecodec.sdp.formats import RtxParameters as RtxParameters
    from jinglecodec.sdp.formats import TelephoneEventParameters as TelephoneEventParameters
    from jinglecodec.sdp.formats import Vp8Parameters as Vp8Parameters
    from jinglecodec.sdp.formats import Vp9Parameters as Vp9Parameters
    from jinglecodec.sdp.grammar import read_line as read_line
    from jinglecodec.sdp.inheritance import Effective as Effective
    from jinglecodec.sdp.inheritance import effective as effective
    from jinglecodec.sdp.session import Media as Media
    from jinglecodec.sdp.session import Section as Section
    from jinglecodec.sdp.session import SessionDescription as SessionDescription
    from jinglecodec.sdp.session import dumps as dumps
    from jinglecodec.sdp.session import loads as loads
    from jinglecodec.sdp.values import Attribute as Attribute
    from jinglecodec.sdp.values import Line as Line
    from jinglecodec.sdp.values import Value as Value

_NAMES = {
    "attributes.channels": ("Dcmap", "Dcsa"),
    "attributes.datachannel": ("MaxMessageSize", "SctpPort", "Sctpmap"),
    "attributes.filters": ("SourceFilter",),
    "attributes.grouping": ("BundleOnly", "ContentTags", "Group", "Label", "Mid", "Msid", "MsidSemantic"),
    "attributes.ice": (
        "Candidate",
        "EndOfCandidates",
        "IceLite",
        "IceMismatch",
        "IceOptions",
        "IcePacing",
        "IcePwd",
        "IceUfrag",
        "RemoteCandidate",
        "RemoteCandidates",
    ),
    "attributes.imagery": ("ImageAttr", "ImageSet"),
    "attributes.rtp": (
        "Direction",
        "Extmap",
        "ExtmapAllowMixed",
        "Fmtp",
        "FormatParameter",
        "Framerate",
        "Maxptime",
        "Ptime",
        "Rtcp",
        "RtcpFeedback",
        "RtcpMux",
        "RtcpMuxOnly",
        "RtcpRsize",
        "RtcpXr",
        "Rtpmap",
    ),
    "attributes.security": ("Crypto", "Fingerprint", "Setup", "TlsId"),
    "attributes.sources": ("Rid", "RidDirection", "Simulcast", "SimulcastId", "Ssrc", "SsrcGroup"),
    "fields": (
        "Bandwidth",
        "Connection",
        "Email",
        "Information",
        "Key",
        "MediaField",
        "Origin",
        "Phone",
        "Repeat",
        "SessionName",
        "Timing",
        "Uri",
        "ZoneAdjustment",
        "Zones",
    ),
    "formats": (
        "Av1Parameters",
        "CodecParameters",
        "H264Parameters",
        "OpusParameters",
        "RedParameters",
        "RtxParameters",
        "TelephoneEventParameters",
        "Vp8Parameters",
        "Vp9Parameters",
    ),
    "grammar": ("read_line",),
    "inheritance": ("Effective", "effective"),
    "session": ("Media", "Section", "SessionDescription", "dumps", "loads"),
    "values": ("Attribute", "Line", "Value"),
}
"Module -> the names it lends to this one."

_HOMES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - built from the one table, checked by a test


def __getattr__(name: str) -> object:
    """Load `name` on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'jinglecodec.sdp' has no attribute {name!r}")
    found: object = getattr(import_module(f"jinglecodec.sdp.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__

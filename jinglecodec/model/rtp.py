"""XEP-0167: Jingle RTP Sessions."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import ApplicationCondition, Creator, Description, SessionInfo
from jinglecodec.model.rtp_feedback import RtcpFeedback, TrrInt
from jinglecodec.model.rtp_header_extensions import HeaderExtension
from jinglecodec.model.sources import Source, SourceGroup
from jinglecodec.xml.fields import Element, attribute, child, children, element, flag, text
from jinglecodec.xml.types import BOOLEAN, STRING, UNSIGNED_BYTE, UNSIGNED_INT, enum_of

__all__ = [
    "Active",
    "Bandwidth",
    "Crypto",
    "CryptoRequired",
    "Encryption",
    "Hold",
    "InvalidCrypto",
    "Mute",
    "Parameter",
    "PayloadType",
    "Ringing",
    "RtpDescription",
    "Unhold",
    "Unmute",
]


@element(ns.RTP, "parameter")
class Parameter(Element):
    """A format parameter of a payload type (XEP-0167 5)."""

    name: str = attribute(STRING, default="", always=True, expected="XEP-0167 5")
    "Empty for a format that is no name=value pairs, such as `0-15` of telephone-event."
    value: str | None = attribute(STRING, default=None, expected="XEP-0167 5")


@element(ns.RTP, "payload-type")
class PayloadType(Element):
    """An encoding on offer; their order is the preference (XEP-0167 5)."""

    channels: int = attribute(UNSIGNED_BYTE, default=1)
    clockrate: int | None = attribute(UNSIGNED_INT, default=None)
    "Hertz."
    id: int = attribute(UNSIGNED_BYTE)
    maxptime: int | None = attribute(UNSIGNED_INT, default=None)
    "Milliseconds."
    name: str | None = attribute(STRING, default=None)
    "Required for dynamic payload types, 96..127."
    ptime: int | None = attribute(UNSIGNED_INT, default=None)
    "Milliseconds."
    parameters: tuple[Parameter, ...] = children(Parameter, default=())
    feedback: tuple[RtcpFeedback, ...] = children(RtcpFeedback, default=())
    "XEP-0293 3."
    trr_int: TrrInt | None = child(TrrInt, default=None)
    "XEP-0293 3.2."


@element(ns.RTP, "crypto")
class Crypto(Element):
    """Keys for SRTP in the clear (XEP-0167 7; RFC 4568)."""

    crypto_suite: str = attribute(STRING)
    key_params: str = attribute(STRING)
    session_params: str | None = attribute(STRING, default=None)
    tag: str = attribute(STRING)


@element(ns.RTP, "encryption")
class Encryption(Element):
    """Encryption on offer (XEP-0167 7)."""

    required: bool | None = attribute(BOOLEAN, default=None)
    cryptos: tuple[Crypto, ...] = children(Crypto, default=())


@element(ns.RTP, "bandwidth")
class Bandwidth(Element):
    """A limit for the media; `type` and value are those of an SDP b= line (XEP-0167 5)."""

    type: str = attribute(STRING)
    value: str = text(STRING)


@element(ns.RTP, "description")
class RtpDescription(Description):
    """Audio, video or other media over RTP (XEP-0167 5)."""

    media: str = attribute(STRING)
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
    "XEP-0339 4."
    sources: tuple[Source, ...] = children(Source, default=())
    "XEP-0339 3."


@element(ns.RTP_ERRORS, "crypto-required")
class CryptoRequired(ApplicationCondition):
    """Encryption is required and was not offered (XEP-0167 7)."""


@element(ns.RTP_ERRORS, "invalid-crypto")
class InvalidCrypto(ApplicationCondition):
    """The encryption on offer cannot be used (XEP-0167 7)."""


@element(ns.RTP_INFO, "active")
class Active(SessionInfo):
    """The party takes part again; ends hold and mute (XEP-0167 8.2)."""


@element(ns.RTP_INFO, "hold")
class Hold(SessionInfo):
    """The party does not listen for the moment (XEP-0167 8.3)."""


@element(ns.RTP_INFO, "unhold")
class Unhold(SessionInfo):
    """The party listens again (XEP-0167 8.3)."""


@element(ns.RTP_INFO, "mute")
class Mute(SessionInfo):
    """The party sends nothing for the moment, on one content or on all (XEP-0167 8.4)."""

    creator: Creator | None = attribute(enum_of(Creator), default=None)
    name: str | None = attribute(STRING, default=None)


@element(ns.RTP_INFO, "unmute")
class Unmute(SessionInfo):
    """The party sends again (XEP-0167 8.4)."""

    creator: Creator | None = attribute(enum_of(Creator), default=None)
    name: str | None = attribute(STRING, default=None)


@element(ns.RTP_INFO, "ringing")
class Ringing(SessionInfo):
    """The device alerts its user (XEP-0167 8.5)."""

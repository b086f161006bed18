"""Namespaces, each with the document that defines it, and which module of `model` describes it."""

from __future__ import annotations

from typing import Final

__all__ = [
    "CARRY",
    "CLIENT",
    "COMPONENT",
    "DATACHANNEL",
    "DTLS",
    "DTLS_SCTP",
    "GROUPING",
    "ICE_UDP",
    "JINGLE",
    "JINGLE_ERRORS",
    "MODULES",
    "RTCP_FB",
    "RTP",
    "RTP_ERRORS",
    "RTP_HDREXT",
    "RTP_INFO",
    "SERVER",
    "SSMA",
    "STANZAS",
    "WEBRTC_DATACHANNEL",
    "XML",
]

XML: Final = "http://www.w3.org/XML/1998/namespace"

CLIENT: Final = "jabber:client"  # RFC 6120 4.8.2
SERVER: Final = "jabber:server"  # RFC 6120 4.8.2
COMPONENT: Final = "jabber:component:accept"  # XEP-0114
STANZAS: Final = "urn:ietf:params:xml:ns:xmpp-stanzas"  # RFC 6120 8.3.2

JINGLE: Final = "urn:xmpp:jingle:1"  # XEP-0166
JINGLE_ERRORS: Final = "urn:xmpp:jingle:errors:1"  # XEP-0166 10
RTP: Final = "urn:xmpp:jingle:apps:rtp:1"  # XEP-0167
RTP_ERRORS: Final = "urn:xmpp:jingle:apps:rtp:errors:1"  # XEP-0167 9
RTP_INFO: Final = "urn:xmpp:jingle:apps:rtp:info:1"  # XEP-0167 8
RTCP_FB: Final = "urn:xmpp:jingle:apps:rtp:rtcp-fb:0"  # XEP-0293
RTP_HDREXT: Final = "urn:xmpp:jingle:apps:rtp:rtp-hdrext:0"  # XEP-0294
GROUPING: Final = "urn:xmpp:jingle:apps:grouping:0"  # XEP-0338
SSMA: Final = "urn:xmpp:jingle:apps:rtp:ssma:0"  # XEP-0339
ICE_UDP: Final = "urn:xmpp:jingle:transports:ice-udp:1"  # XEP-0176
DTLS: Final = "urn:xmpp:jingle:apps:dtls:0"  # XEP-0320
DTLS_SCTP: Final = "urn:xmpp:jingle:transports:dtls-sctp:1"  # XEP-0343 5
WEBRTC_DATACHANNEL: Final = "urn:xmpp:jingle:transports:webrtc-datachannel:0"  # XEP-0343 7

# Ours.
DATACHANNEL: Final = "urn:x-jinglecodec:datachannel:0"
CARRY: Final = "urn:x-jinglecodec:carry:0"

_MODEL = "jinglecodec.model."
MODULES: Final = {
    "": _MODEL + "stanza",
    CLIENT: _MODEL + "stanza",
    SERVER: _MODEL + "stanza",
    COMPONENT: _MODEL + "stanza",
    JINGLE: _MODEL + "jingle",
    JINGLE_ERRORS: _MODEL + "jingle",
    RTP: _MODEL + "rtp",
    RTP_ERRORS: _MODEL + "rtp",
    RTP_INFO: _MODEL + "rtp",
    RTCP_FB: _MODEL + "rtp_feedback",
    RTP_HDREXT: _MODEL + "rtp_header_extensions",
    GROUPING: _MODEL + "grouping",
    SSMA: _MODEL + "sources",
    ICE_UDP: _MODEL + "ice_udp",
    DTLS: _MODEL + "dtls",
    DTLS_SCTP: _MODEL + "datachannel",
    WEBRTC_DATACHANNEL: _MODEL + "datachannel",
    DATACHANNEL: _MODEL + "own",
    CARRY: _MODEL + "own",
}
"Namespace -> the module that is loaded when an element of it is first met."

"""Namespaces, each with the document that defines it, and which module of `model` describes it."""

from __future__ import annotations

from typing import Final

__all__ = [
    "CALL_INVITES",
    "CARBONS",
    "CARRY",
    "CATEGORY",
    "CLIENT",
    "COIN",
    "COMPONENT",
    "DATACHANNEL",
    "DISCO_INFO",
    "DTLS",
    "DTLS_SCTP",
    "DTLS_TMP",
    "DTMF",
    "ESTOS_BUNDLE",
    "EXTDISCO",
    "EXTDISCO_1",
    "FILE_TRANSFER",
    "FILE_TRANSFER_ERRORS",
    "FORWARD",
    "GROUPING",
    "GROUPING_RFC",
    "HASHES",
    "HINTS",
    "HTTP",
    "HTTP_UPLOAD",
    "IBB",
    "ICE",
    "ICE_OPTIONS",
    "ICE_UDP",
    "JET",
    "JET_OMEMO",
    "JINGLE",
    "JINGLE_ERRORS",
    "JINGLE_MESSAGE",
    "JINGLE_MESSAGE_1",
    "JINGLE_PUB",
    "JITMEET",
    "JITMEET_DATA",
    "JITSI_FOCUS",
    "MODULES",
    "MUJI",
    "RAW_UDP",
    "RAW_UDP_MISSPELT",
    "RTCP_FB",
    "RTP",
    "RTP_ERRORS",
    "RTP_HDREXT",
    "RTP_INFO",
    "RTP_INFO_MISSPELT",
    "RTP_MISSPELT",
    "RTP_MSID",
    "RTT_SYNC",
    "S5B",
    "SERVER",
    "SSMA",
    "STANZAS",
    "THUMBS",
    "TRANSFER",
    "VALIDATION",
    "VIDEO_RTP",
    "WEBRTC",
    "WEBRTC_DATACHANNEL",
    "WEBRTC_IGNITE",
    "WEBRTC_INFO_IGNITE",
    "XML",
    "XML_STREAM",
    "ZRTP",
]

XML: Final = "http://www.w3.org/XML/1998/namespace"

CLIENT: Final = "jabber:client"  # RFC 6120 4.8.2
SERVER: Final = "jabber:server"  # RFC 6120 4.8.2
COMPONENT: Final = "jabber:component:accept"  # XEP-0114
STANZAS: Final = "urn:ietf:params:xml:ns:xmpp-stanzas"  # RFC 6120 8.3.2

JINGLE: Final = "urn:xmpp:jingle:1"  # XEP-0166
JINGLE_ERRORS: Final = "urn:xmpp:jingle:errors:1"  # XEP-0166 10
RTP: Final = "urn:xmpp:jingle:apps:rtp:1"  # XEP-0167
RTP_ERRORS: Final = "urn:xmpp:jingle:apps:rtp:errors:1"  # XEP-0167 7
RTP_INFO: Final = "urn:xmpp:jingle:apps:rtp:info:1"  # XEP-0167 8
ZRTP: Final = "urn:xmpp:jingle:apps:rtp:zrtp:1"  # XEP-0262
RTCP_FB: Final = "urn:xmpp:jingle:apps:rtp:rtcp-fb:0"  # XEP-0293
RTP_HDREXT: Final = "urn:xmpp:jingle:apps:rtp:rtp-hdrext:0"  # XEP-0294
GROUPING: Final = "urn:xmpp:jingle:apps:grouping:0"  # XEP-0338
SSMA: Final = "urn:xmpp:jingle:apps:rtp:ssma:0"  # XEP-0339
ICE_UDP: Final = "urn:xmpp:jingle:transports:ice-udp:1"  # XEP-0176
ICE: Final = "urn:xmpp:jingle:transports:ice:0"  # XEP-0371
RAW_UDP: Final = "urn:xmpp:jingle:transports:raw-udp:1"  # XEP-0177
HTTP: Final = "urn:xmpp:jingle:transports:http:0"  # XEP-0370 4
HTTP_UPLOAD: Final = "urn:xmpp:jingle:transports:http:upload:0"  # XEP-0370 5
DTLS: Final = "urn:xmpp:jingle:apps:dtls:0"  # XEP-0320
DTLS_SCTP: Final = "urn:xmpp:jingle:transports:dtls-sctp:1"  # XEP-0343 4.1
WEBRTC_DATACHANNEL: Final = "urn:xmpp:jingle:transports:webrtc-datachannel:0"  # XEP-0343 4.1
XML_STREAM: Final = "urn:xmpp:jingle:apps:xmlstream:0"  # XEP-0247
DTMF: Final = "urn:xmpp:jingle:dtmf:0"  # XEP-0181
TRANSFER: Final = "urn:xmpp:jingle:transfer:0"  # XEP-0251
THUMBS: Final = "urn:xmpp:thumbs:1"  # XEP-0264
MUJI: Final = "urn:xmpp:jingle:muji:0"  # XEP-0272
COIN: Final = "urn:xmpp:coin:1"  # XEP-0298
JINGLE_PUB: Final = "urn:xmpp:jinglepub:1"  # XEP-0358
JINGLE_MESSAGE: Final = "urn:xmpp:jingle-message:0"  # XEP-0353
JINGLE_MESSAGE_1: Final = "urn:xmpp:jingle-message:1"  # XEP-0353 10: versions 0.4 and 0.5 of it
HINTS: Final = "urn:xmpp:hints"  # XEP-0334
CARBONS: Final = "urn:xmpp:carbons:2"  # XEP-0280
FORWARD: Final = "urn:xmpp:forward:0"  # XEP-0297
FILE_TRANSFER: Final = "urn:xmpp:jingle:apps:file-transfer:5"  # XEP-0234
FILE_TRANSFER_ERRORS: Final = "urn:xmpp:jingle:apps:file-transfer:errors:0"  # XEP-0234 9
HASHES: Final = "urn:xmpp:hashes:2"  # XEP-0300
S5B: Final = "urn:xmpp:jingle:transports:s5b:1"  # XEP-0260
IBB: Final = "urn:xmpp:jingle:transports:ibb:1"  # XEP-0261
JET: Final = "urn:xmpp:jingle:jet:0"  # XEP-0391
JET_OMEMO: Final = "urn:xmpp:jingle:jet-omemo:0"  # XEP-0396: a feature, no elements
CALL_INVITES: Final = "urn:xmpp:call-invites:0"  # XEP-0482
CATEGORY: Final = "urn:xmpp:jingle:apps:category:0"  # XEP-0507
RTT_SYNC: Final = "urn:xmpp:jingle:apps:rtt-sync:0"  # XEP-0517
EXTDISCO: Final = "urn:xmpp:extdisco:2"  # XEP-0215
EXTDISCO_1: Final = "urn:xmpp:extdisco:1"  # XEP-0215 before version 0.6
DISCO_INFO: Final = "http://jabber.org/protocol/disco#info"  # XEP-0030
WEBRTC: Final = "urn:xmpp:jingle:transports:webrtc:1"  # ProtoXEP Jingle WebRTC Transport
WEBRTC_IGNITE: Final = "http://www.igniterealtime.org/webrtc/transport"  # the same, 8.1
WEBRTC_INFO_IGNITE: Final = "http://www.igniterealtime.org/webrtc/session-info"  # the same, 4 and 8.1

# Of deployed extensions that no XEP has.
JITMEET: Final = "http://jitsi.org/jitmeet"
JITMEET_DATA: Final = "http://jitsi.org/jitmeet/data"
JITSI_FOCUS: Final = "http://jitsi.org/protocol/focus"
RTP_MSID: Final = "urn:xmpp:jingle:apps:rtp:msid:0"
ICE_OPTIONS: Final = "http://gultsch.de/xmpp/drafts/jingle/transports/ice-udp/option"
ESTOS_BUNDLE: Final = "http://estos.de/ns/bundle"

# What some peers write for one of the above; read only.
DTLS_TMP: Final = "urn:xmpp:tmp:jingle:apps:dtls:0"  # XEP-0320 before it was accepted
OFFER_ANSWER: Final = "urn:ietf:rfc:3264"  # XEP-0176 7.2: a feature only
GROUPING_RFC: Final = "urn:ietf:rfc:5888"  # XEP-0338 before it was accepted; its feature still
RTP_INFO_MISSPELT: Final = "urn:xmpp:jingle:apps:rtp:1:info"  # XEP-0166 6.8, example 30
RTP_MISSPELT: Final = "urn:xmpp:jingle:app:rtp:1"
VIDEO_RTP: Final = "urn:xmpp:jingle:apps:video-rtp"  # XEP-0180 before XEP-0167 took video in
RAW_UDP_MISSPELT: Final = "urn:xmpp:jingle:transport:raw-udp"

# Ours.
DATACHANNEL: Final = "urn:x-jinglecodec:datachannel:0"
CARRY: Final = "urn:x-jinglecodec:carry:0"

_MODEL = "jinglecodec.model."
MODULES: Final = {
    "": _MODEL + "stanza",
    CLIENT: _MODEL + "stanza",
    SERVER: _MODEL + "stanza",
    COMPONENT: _MODEL + "stanza",
    STANZAS: _MODEL + "stanza",
    JINGLE: _MODEL + "jingle",
    JINGLE_ERRORS: _MODEL + "jingle_errors",
    RTP: _MODEL + "rtp",
    RTP_ERRORS: _MODEL + "rtp_info",
    RTP_INFO: _MODEL + "rtp_info",
    RTCP_FB: _MODEL + "rtp_feedback",
    RTP_HDREXT: _MODEL + "rtp_header_extensions",
    GROUPING: _MODEL + "grouping",
    SSMA: _MODEL + "sources",
    ICE_UDP: _MODEL + "ice_udp",
    DTLS: _MODEL + "dtls",
    DTLS_SCTP: _MODEL + "datachannel",
    WEBRTC_DATACHANNEL: _MODEL + "datachannel",
    ICE: _MODEL + "ice",
    RAW_UDP: _MODEL + "raw_udp",
    HTTP: _MODEL + "http",
    HTTP_UPLOAD: _MODEL + "http",
    ZRTP: _MODEL + "zrtp",
    XML_STREAM: _MODEL + "xml_streams",
    DTMF: _MODEL + "dtmf",
    TRANSFER: _MODEL + "session_transfer",
    THUMBS: _MODEL + "thumbnails",
    MUJI: _MODEL + "muji",
    COIN: _MODEL + "conference",
    JINGLE_PUB: _MODEL + "jinglepub",
    JINGLE_MESSAGE: _MODEL + "message",
    JINGLE_MESSAGE_1: _MODEL + "message",
    HINTS: _MODEL + "hints",
    CARBONS: _MODEL + "carbons",
    FORWARD: _MODEL + "carbons",
    FILE_TRANSFER: _MODEL + "file_transfer",
    FILE_TRANSFER_ERRORS: _MODEL + "file_transfer",
    HASHES: _MODEL + "hashes",
    S5B: _MODEL + "socks5",
    IBB: _MODEL + "ibb",
    JET: _MODEL + "encrypted_transports",
    CALL_INVITES: _MODEL + "call_invites",
    CATEGORY: _MODEL + "content_category",
    RTT_SYNC: _MODEL + "realtime_text",
    EXTDISCO: _MODEL + "external_services",
    EXTDISCO_1: _MODEL + "external_services",
    DISCO_INFO: _MODEL + "disco",
    WEBRTC: _MODEL + "webrtc",
    WEBRTC_IGNITE: _MODEL + "webrtc",
    WEBRTC_INFO_IGNITE: _MODEL + "webrtc",
    f"{{{RTP}}}webrtc": _MODEL + "webrtc",
    JITMEET: _MODEL + "deployed",
    JITSI_FOCUS: _MODEL + "deployed",
    RTP_MSID: _MODEL + "deployed",
    DTLS_TMP: _MODEL + "dtls",
    GROUPING_RFC: _MODEL + "grouping",
    RTP_INFO_MISSPELT: _MODEL + "rtp_info",
    RTP_MISSPELT: _MODEL + "rtp",
    VIDEO_RTP: _MODEL + "rtp",
    RAW_UDP_MISSPELT: _MODEL + "raw_udp",
    "conference-info": _MODEL + "conference",
    DATACHANNEL: _MODEL + "own",
    CARRY: _MODEL + "own",
}
"Namespace, or Clark name of one element, -> the module that is loaded when such an element is first met."

VALIDATION: Final = _MODEL + "validation"
"The module that is loaded when something is first validated."

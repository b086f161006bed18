"""Jingle for every XMPP stack: typed models, XML and SDP codecs, and the mapping between them, without any I/O.

    >>> import jinglecodec as jc
    >>> iq = jc.loads("<iq type='set' id='a1'><jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='x'/></iq>")
    >>> iq.payload.action
    <Action.SESSION_INFO: 'session-info'>

Everything listed here is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from jinglecodec import addresses as addresses
    from jinglecodec import endpoint as endpoint
    from jinglecodec import errors as errors
    from jinglecodec import findings as findings
    from jinglecodec import ice as ice
    from jinglecodec import mapping as mapping
    from jinglecodec import namespaces as namespaces
    from jinglecodec import sdp as sdp
    from jinglecodec import session as session
    from jinglecodec import sip as sip
    from jinglecodec._version import __version__ as __version__
    from jinglecodec.addresses import Address as Address
    from jinglecodec.errors import DecodeError as DecodeError
    from jinglecodec.errors import EncodeError as EncodeError
    from jinglecodec.errors import JinglecodecError as JinglecodecError
    from jinglecodec.errors import LocalError as LocalError
    from jinglecodec.errors import MappingError as MappingError
    from jinglecodec.errors import SdpError as SdpError
    from jinglecodec.errors import StunError as StunError
    from jinglecodec.errors import ValidationError as ValidationError
    from jinglecodec.findings import Finding as Finding
    from jinglecodec.findings import Severity as Severity
    from jinglecodec.model.call_invites import CallAccept as CallAccept
    from jinglecodec.model.call_invites import CallExternal as CallExternal
    from jinglecodec.model.call_invites import CallInvite as CallInvite
    from jinglecodec.model.call_invites import CallJingle as CallJingle
    from jinglecodec.model.call_invites import CallLeft as CallLeft
    from jinglecodec.model.call_invites import CallReject as CallReject
    from jinglecodec.model.call_invites import CallRetract as CallRetract
    from jinglecodec.model.call_invites import CallUpdate as CallUpdate
    from jinglecodec.model.carbons import Carbon as Carbon
    from jinglecodec.model.carbons import CarbonReceived as CarbonReceived
    from jinglecodec.model.carbons import CarbonSent as CarbonSent
    from jinglecodec.model.carbons import Forwarded as Forwarded
    from jinglecodec.model.conference import ConferenceInfo as ConferenceInfo
    from jinglecodec.model.content_category import Category as Category
    from jinglecodec.model.datachannel import Channel as Channel
    from jinglecodec.model.datachannel import SctpMap as SctpMap
    from jinglecodec.model.deployed import BridgeSession as BridgeSession
    from jinglecodec.model.deployed import JsonMessage as JsonMessage
    from jinglecodec.model.deployed import MediaStream as MediaStream
    from jinglecodec.model.deployed import SsrcInfo as SsrcInfo
    from jinglecodec.model.disco import DiscoInfo as DiscoInfo
    from jinglecodec.model.disco import Feature as Feature
    from jinglecodec.model.disco import Identity as Identity
    from jinglecodec.model.disco import features as features
    from jinglecodec.model.dtls import Fingerprint as Fingerprint
    from jinglecodec.model.dtls import Setup as Setup
    from jinglecodec.model.dtmf import Dtmf as Dtmf
    from jinglecodec.model.early_media import EARLY_SESSION as EARLY_SESSION
    from jinglecodec.model.encrypted_transports import AES_128_GCM as AES_128_GCM
    from jinglecodec.model.encrypted_transports import AES_256_GCM as AES_256_GCM
    from jinglecodec.model.encrypted_transports import JetSecurity as JetSecurity
    from jinglecodec.model.external_services import Credentials as Credentials
    from jinglecodec.model.external_services import IceServer as IceServer
    from jinglecodec.model.external_services import IceServerKind as IceServerKind
    from jinglecodec.model.external_services import Service as Service
    from jinglecodec.model.external_services import ServiceAction as ServiceAction
    from jinglecodec.model.external_services import Services as Services
    from jinglecodec.model.external_services import ice_servers as ice_servers
    from jinglecodec.model.file_transfer import File as File
    from jinglecodec.model.file_transfer import FileChecksum as FileChecksum
    from jinglecodec.model.file_transfer import FileDesc as FileDesc
    from jinglecodec.model.file_transfer import FileNotAvailable as FileNotAvailable
    from jinglecodec.model.file_transfer import FileRange as FileRange
    from jinglecodec.model.file_transfer import FileReceived as FileReceived
    from jinglecodec.model.file_transfer import FileTooLarge as FileTooLarge
    from jinglecodec.model.file_transfer import FileTransfer as FileTransfer
    from jinglecodec.model.grouping import Group as Group
    from jinglecodec.model.grouping import GroupContent as GroupContent
    from jinglecodec.model.hashes import Hash as Hash
    from jinglecodec.model.hashes import HashUsed as HashUsed
    from jinglecodec.model.hints import Store as Store
    from jinglecodec.model.http import HttpCandidate as HttpCandidate
    from jinglecodec.model.http import HttpHeader as HttpHeader
    from jinglecodec.model.http import HttpTransport as HttpTransport
    from jinglecodec.model.http import HttpUploadTransport as HttpUploadTransport
    from jinglecodec.model.ibb import IbbStanza as IbbStanza
    from jinglecodec.model.ibb import IbbTransport as IbbTransport
    from jinglecodec.model.ice import IceCandidate as IceCandidate
    from jinglecodec.model.ice import IceRemoteCandidate as IceRemoteCandidate
    from jinglecodec.model.ice import IceTransport as IceTransport
    from jinglecodec.model.ice_udp import Candidate as Candidate
    from jinglecodec.model.ice_udp import CandidateType as CandidateType
    from jinglecodec.model.ice_udp import IceBase as IceBase
    from jinglecodec.model.ice_udp import IceUdpTransport as IceUdpTransport
    from jinglecodec.model.ice_udp import RemoteCandidate as RemoteCandidate
    from jinglecodec.model.ice_udp import TcpType as TcpType
    from jinglecodec.model.jingle import Action as Action
    from jinglecodec.model.jingle import ApplicationCondition as ApplicationCondition
    from jinglecodec.model.jingle import Condition as Condition
    from jinglecodec.model.jingle import Content as Content
    from jinglecodec.model.jingle import Creator as Creator
    from jinglecodec.model.jingle import Description as Description
    from jinglecodec.model.jingle import Jingle as Jingle
    from jinglecodec.model.jingle import Reason as Reason
    from jinglecodec.model.jingle import ReasonText as ReasonText
    from jinglecodec.model.jingle import Security as Security
    from jinglecodec.model.jingle import Senders as Senders
    from jinglecodec.model.jingle import SessionInfo as SessionInfo
    from jinglecodec.model.jingle import Transport as Transport
    from jinglecodec.model.jingle_errors import OutOfOrder as OutOfOrder
    from jinglecodec.model.jingle_errors import SecurityRequired as SecurityRequired
    from jinglecodec.model.jingle_errors import TieBreak as TieBreak
    from jinglecodec.model.jingle_errors import UnknownSession as UnknownSession
    from jinglecodec.model.jingle_errors import UnsupportedInfo as UnsupportedInfo
    from jinglecodec.model.jinglepub import JinglePub as JinglePub
    from jinglecodec.model.jinglepub import JinglePubMeta as JinglePubMeta
    from jinglecodec.model.jinglepub import JinglePubStart as JinglePubStart
    from jinglecodec.model.jinglepub import JinglePubStarting as JinglePubStarting
    from jinglecodec.model.message import AcceptMessage as AcceptMessage
    from jinglecodec.model.message import FinishMessage as FinishMessage
    from jinglecodec.model.message import JingleMessage as JingleMessage
    from jinglecodec.model.message import Migrated as Migrated
    from jinglecodec.model.message import ProceedMessage as ProceedMessage
    from jinglecodec.model.message import ProposeMessage as ProposeMessage
    from jinglecodec.model.message import RejectMessage as RejectMessage
    from jinglecodec.model.message import RetractMessage as RetractMessage
    from jinglecodec.model.message import RingingMessage as RingingMessage
    from jinglecodec.model.muji import Muji as Muji
    from jinglecodec.model.muji import MujiContent as MujiContent
    from jinglecodec.model.raw_udp import RawUdpCandidate as RawUdpCandidate
    from jinglecodec.model.raw_udp import RawUdpTransport as RawUdpTransport
    from jinglecodec.model.realtime_text import RttDataChannel as RttDataChannel
    from jinglecodec.model.realtime_text import RttDescription as RttDescription
    from jinglecodec.model.realtime_text import RttFallback as RttFallback
    from jinglecodec.model.realtime_text import RttFinality as RttFinality
    from jinglecodec.model.realtime_text import RttRole as RttRole
    from jinglecodec.model.realtime_text import RttSource as RttSource
    from jinglecodec.model.realtime_text import RttSync as RttSync
    from jinglecodec.model.realtime_text import RttSyncMode as RttSyncMode
    from jinglecodec.model.rtp import Bandwidth as Bandwidth
    from jinglecodec.model.rtp import Crypto as Crypto
    from jinglecodec.model.rtp import Encryption as Encryption
    from jinglecodec.model.rtp import Parameter as Parameter
    from jinglecodec.model.rtp import PayloadType as PayloadType
    from jinglecodec.model.rtp import RtpDescription as RtpDescription
    from jinglecodec.model.rtp_feedback import FeedbackParameter as FeedbackParameter
    from jinglecodec.model.rtp_feedback import RtcpFeedback as RtcpFeedback
    from jinglecodec.model.rtp_feedback import TrrInt as TrrInt
    from jinglecodec.model.rtp_header_extensions import HeaderExtension as HeaderExtension
    from jinglecodec.model.rtp_header_extensions import HeaderExtensionParameter as HeaderExtensionParameter
    from jinglecodec.model.rtp_header_extensions import HeaderExtensionSenders as HeaderExtensionSenders
    from jinglecodec.model.rtp_info import Active as Active
    from jinglecodec.model.rtp_info import CryptoRequired as CryptoRequired
    from jinglecodec.model.rtp_info import Hold as Hold
    from jinglecodec.model.rtp_info import InvalidCrypto as InvalidCrypto
    from jinglecodec.model.rtp_info import Mute as Mute
    from jinglecodec.model.rtp_info import Ringing as Ringing
    from jinglecodec.model.rtp_info import Unhold as Unhold
    from jinglecodec.model.rtp_info import Unmute as Unmute
    from jinglecodec.model.session_transfer import Transfer as Transfer
    from jinglecodec.model.session_transfer import Transferred as Transferred
    from jinglecodec.model.socks5 import Socks5Activated as Socks5Activated
    from jinglecodec.model.socks5 import Socks5Candidate as Socks5Candidate
    from jinglecodec.model.socks5 import Socks5CandidateType as Socks5CandidateType
    from jinglecodec.model.socks5 import Socks5CandidateUsed as Socks5CandidateUsed
    from jinglecodec.model.socks5 import Socks5Mode as Socks5Mode
    from jinglecodec.model.socks5 import Socks5Transport as Socks5Transport
    from jinglecodec.model.sources import RidGroup as RidGroup
    from jinglecodec.model.sources import Source as Source
    from jinglecodec.model.sources import SourceGroup as SourceGroup
    from jinglecodec.model.sources import SourceParameter as SourceParameter
    from jinglecodec.model.stanza import ErrorText as ErrorText
    from jinglecodec.model.stanza import ErrorType as ErrorType
    from jinglecodec.model.stanza import Iq as Iq
    from jinglecodec.model.stanza import IqType as IqType
    from jinglecodec.model.stanza import Message as Message
    from jinglecodec.model.stanza import MessageType as MessageType
    from jinglecodec.model.stanza import Presence as Presence
    from jinglecodec.model.stanza import PresenceType as PresenceType
    from jinglecodec.model.stanza import Stanza as Stanza
    from jinglecodec.model.stanza import StanzaCondition as StanzaCondition
    from jinglecodec.model.stanza import StanzaError as StanzaError
    from jinglecodec.model.thumbnails import Thumbnail as Thumbnail
    from jinglecodec.model.validation import validate as validate
    from jinglecodec.model.webrtc import WebrtcError as WebrtcError
    from jinglecodec.model.webrtc import WebrtcInfo as WebrtcInfo
    from jinglecodec.model.webrtc import WebrtcMessage as WebrtcMessage
    from jinglecodec.model.webrtc import WebrtcMessageType as WebrtcMessageType
    from jinglecodec.model.webrtc import WebrtcTransport as WebrtcTransport
    from jinglecodec.model.xml_streams import XmlStreamDescription as XmlStreamDescription
    from jinglecodec.model.zrtp import ZrtpHash as ZrtpHash
    from jinglecodec.xml.codec import Codec as Codec
    from jinglecodec.xml.codec import Decoded as Decoded
    from jinglecodec.xml.codec import dumps as dumps
    from jinglecodec.xml.codec import from_element as from_element
    from jinglecodec.xml.codec import loads as loads
    from jinglecodec.xml.codec import read as read
    from jinglecodec.xml.codec import to_element as to_element
    from jinglecodec.xml.fields import Element as Element
    from jinglecodec.xml.schema import Report as Report
    from jinglecodec.xml.tree import Extra as Extra
    from jinglecodec.xml.tree import Limits as Limits
    from jinglecodec.xml.tree import Raw as Raw

_NAMES = {
    "_version": ("__version__",),
    "addresses": ("Address",),
    "errors": (
        "DecodeError",
        "EncodeError",
        "JinglecodecError",
        "LocalError",
        "MappingError",
        "SdpError",
        "StunError",
        "ValidationError",
    ),
    "findings": ("Finding", "Severity"),
    "model.call_invites": (
        "CallAccept",
        "CallExternal",
        "CallInvite",
        "CallJingle",
        "CallLeft",
        "CallReject",
        "CallRetract",
        "CallUpdate",
    ),
    "model.carbons": ("Carbon", "CarbonReceived", "CarbonSent", "Forwarded"),
    "model.conference": ("ConferenceInfo",),
    "model.content_category": ("Category",),
    "model.datachannel": ("Channel", "SctpMap"),
    "model.deployed": ("BridgeSession", "JsonMessage", "MediaStream", "SsrcInfo"),
    "model.disco": ("DiscoInfo", "Feature", "Identity", "features"),
    "model.dtls": ("Fingerprint", "Setup"),
    "model.dtmf": ("Dtmf",),
    "model.early_media": ("EARLY_SESSION",),
    "model.encrypted_transports": ("AES_128_GCM", "AES_256_GCM", "JetSecurity"),
    "model.external_services": (
        "Credentials",
        "IceServer",
        "IceServerKind",
        "Service",
        "ServiceAction",
        "Services",
        "ice_servers",
    ),
    "model.file_transfer": (
        "File",
        "FileChecksum",
        "FileDesc",
        "FileNotAvailable",
        "FileRange",
        "FileReceived",
        "FileTooLarge",
        "FileTransfer",
    ),
    "model.grouping": ("Group", "GroupContent"),
    "model.hashes": ("Hash", "HashUsed"),
    "model.hints": ("Store",),
    "model.http": ("HttpCandidate", "HttpHeader", "HttpTransport", "HttpUploadTransport"),
    "model.ibb": ("IbbStanza", "IbbTransport"),
    "model.ice": ("IceCandidate", "IceRemoteCandidate", "IceTransport"),
    "model.ice_udp": ("Candidate", "CandidateType", "IceBase", "IceUdpTransport", "RemoteCandidate", "TcpType"),
    "model.jingle": (
        "Action",
        "ApplicationCondition",
        "Condition",
        "Content",
        "Creator",
        "Description",
        "Jingle",
        "Reason",
        "ReasonText",
        "Security",
        "Senders",
        "SessionInfo",
        "Transport",
    ),
    "model.jingle_errors": ("OutOfOrder", "SecurityRequired", "TieBreak", "UnknownSession", "UnsupportedInfo"),
    "model.jinglepub": ("JinglePub", "JinglePubMeta", "JinglePubStart", "JinglePubStarting"),
    "model.message": (
        "AcceptMessage",
        "FinishMessage",
        "JingleMessage",
        "Migrated",
        "ProceedMessage",
        "ProposeMessage",
        "RejectMessage",
        "RetractMessage",
        "RingingMessage",
    ),
    "model.muji": ("Muji", "MujiContent"),
    "model.raw_udp": ("RawUdpCandidate", "RawUdpTransport"),
    "model.realtime_text": (
        "RttDataChannel",
        "RttDescription",
        "RttFallback",
        "RttFinality",
        "RttRole",
        "RttSource",
        "RttSync",
        "RttSyncMode",
    ),
    "model.rtp": (
        "Bandwidth",
        "Crypto",
        "Encryption",
        "Parameter",
        "PayloadType",
        "RtpDescription",
    ),
    "model.rtp_info": ("Active", "CryptoRequired", "Hold", "InvalidCrypto", "Mute", "Ringing", "Unhold", "Unmute"),
    "model.rtp_feedback": ("FeedbackParameter", "RtcpFeedback", "TrrInt"),
    "model.rtp_header_extensions": ("HeaderExtension", "HeaderExtensionParameter", "HeaderExtensionSenders"),
    "model.session_transfer": ("Transfer", "Transferred"),
    "model.socks5": (
        "Socks5Activated",
        "Socks5Candidate",
        "Socks5CandidateType",
        "Socks5CandidateUsed",
        "Socks5Mode",
        "Socks5Transport",
    ),
    "model.sources": ("RidGroup", "Source", "SourceGroup", "SourceParameter"),
    "model.stanza": (
        "ErrorText",
        "ErrorType",
        "Iq",
        "IqType",
        "Message",
        "MessageType",
        "Presence",
        "PresenceType",
        "Stanza",
        "StanzaCondition",
        "StanzaError",
    ),
    "model.thumbnails": ("Thumbnail",),
    "model.webrtc": ("WebrtcError", "WebrtcInfo", "WebrtcMessage", "WebrtcMessageType", "WebrtcTransport"),
    "model.xml_streams": ("XmlStreamDescription",),
    "model.zrtp": ("ZrtpHash",),
    "model.validation": ("validate",),
    "xml.codec": ("Codec", "Decoded", "dumps", "from_element", "loads", "read", "to_element"),
    "xml.fields": ("Element",),
    "xml.schema": ("Report",),
    "xml.tree": ("Extra", "Limits", "Raw"),
}
"Module -> the names it lends to this one."

_MODULES = ("addresses", "endpoint", "errors", "findings", "ice", "mapping", "namespaces", "sdp", "session", "sip")
"Modules that are names of this one themselves."

_HOMES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = sorted([*_HOMES, *_MODULES])  # noqa: PLE0605 - built from the one table, checked by a test


def __getattr__(name: str) -> object:
    """Load `name` on first use (PEP 562)."""
    if name in _MODULES:
        found: ModuleType | object = import_module(f"jinglecodec.{name}")
    elif name in _HOMES:
        found = getattr(import_module(f"jinglecodec.{_HOMES[name]}"), name)
    else:
        raise AttributeError(f"module 'jinglecodec' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__

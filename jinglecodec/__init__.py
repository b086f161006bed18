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
    from jinglecodec import errors as errors
    from jinglecodec import findings as findings
    from jinglecodec import mapping as mapping
    from jinglecodec import namespaces as namespaces
    from jinglecodec import sdp as sdp
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
    from jinglecodec.model.datachannel import Channel as Channel
    from jinglecodec.model.datachannel import SctpMap as SctpMap
    from jinglecodec.model.dtls import Fingerprint as Fingerprint
    from jinglecodec.model.dtls import Setup as Setup
    from jinglecodec.model.grouping import Group as Group
    from jinglecodec.model.grouping import GroupContent as GroupContent
    from jinglecodec.model.ice_udp import Candidate as Candidate
    from jinglecodec.model.ice_udp import CandidateType as CandidateType
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
    from jinglecodec.model.jingle import OutOfOrder as OutOfOrder
    from jinglecodec.model.jingle import Reason as Reason
    from jinglecodec.model.jingle import ReasonText as ReasonText
    from jinglecodec.model.jingle import Security as Security
    from jinglecodec.model.jingle import SecurityRequired as SecurityRequired
    from jinglecodec.model.jingle import Senders as Senders
    from jinglecodec.model.jingle import SessionInfo as SessionInfo
    from jinglecodec.model.jingle import TieBreak as TieBreak
    from jinglecodec.model.jingle import Transport as Transport
    from jinglecodec.model.jingle import UnknownSession as UnknownSession
    from jinglecodec.model.jingle import UnsupportedInfo as UnsupportedInfo
    from jinglecodec.model.rtp import Active as Active
    from jinglecodec.model.rtp import Bandwidth as Bandwidth
    from jinglecodec.model.rtp import Crypto as Crypto
    from jinglecodec.model.rtp import CryptoRequired as CryptoRequired
    from jinglecodec.model.rtp import Encryption as Encryption
    from jinglecodec.model.rtp import Hold as Hold
    from jinglecodec.model.rtp import InvalidCrypto as InvalidCrypto
    from jinglecodec.model.rtp import Mute as Mute
    from jinglecodec.model.rtp import Parameter as Parameter
    from jinglecodec.model.rtp import PayloadType as PayloadType
    from jinglecodec.model.rtp import Ringing as Ringing
    from jinglecodec.model.rtp import RtpDescription as RtpDescription
    from jinglecodec.model.rtp import Unhold as Unhold
    from jinglecodec.model.rtp import Unmute as Unmute
    from jinglecodec.model.rtp_feedback import FeedbackParameter as FeedbackParameter
    from jinglecodec.model.rtp_feedback import RtcpFeedback as RtcpFeedback
    from jinglecodec.model.rtp_feedback import TrrInt as TrrInt
    from jinglecodec.model.rtp_header_extensions import HeaderExtension as HeaderExtension
    from jinglecodec.model.rtp_header_extensions import HeaderExtensionParameter as HeaderExtensionParameter
    from jinglecodec.model.rtp_header_extensions import HeaderExtensionSenders as HeaderExtensionSenders
    from jinglecodec.model.sources import Source as Source
    from jinglecodec.model.sources import SourceGroup as SourceGroup
    from jinglecodec.model.sources import SourceParameter as SourceParameter
    from jinglecodec.model.stanza import ErrorText as ErrorText
    from jinglecodec.model.stanza import ErrorType as ErrorType
    from jinglecodec.model.stanza import Iq as Iq
    from jinglecodec.model.stanza import IqType as IqType
    from jinglecodec.model.stanza import StanzaCondition as StanzaCondition
    from jinglecodec.model.stanza import StanzaError as StanzaError
    from jinglecodec.xml.codec import Codec as Codec
    from jinglecodec.xml.codec import Decoded as Decoded
    from jinglecodec.xml.codec import dumps as dumps
    from jinglecodec.xml.codec import from_element as from_element
    from jinglecodec.xml.codec import loads as loads
    from jinglecodec.xml.codec import read as read
    from jinglecodec.xml.codec import to_element as to_element
    from jinglecodec.xml.fields import Element as Element
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
    "model.datachannel": ("Channel", "SctpMap"),
    "model.dtls": ("Fingerprint", "Setup"),
    "model.grouping": ("Group", "GroupContent"),
    "model.ice_udp": ("Candidate", "CandidateType", "IceUdpTransport", "RemoteCandidate", "TcpType"),
    "model.jingle": (
        "Action",
        "ApplicationCondition",
        "Condition",
        "Content",
        "Creator",
        "Description",
        "Jingle",
        "OutOfOrder",
        "Reason",
        "ReasonText",
        "Security",
        "SecurityRequired",
        "Senders",
        "SessionInfo",
        "TieBreak",
        "Transport",
        "UnknownSession",
        "UnsupportedInfo",
    ),
    "model.rtp": (
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
    ),
    "model.rtp_feedback": ("FeedbackParameter", "RtcpFeedback", "TrrInt"),
    "model.rtp_header_extensions": ("HeaderExtension", "HeaderExtensionParameter", "HeaderExtensionSenders"),
    "model.sources": ("Source", "SourceGroup", "SourceParameter"),
    "model.stanza": ("ErrorText", "ErrorType", "Iq", "IqType", "StanzaCondition", "StanzaError"),
    "xml.codec": ("Codec", "Decoded", "dumps", "from_element", "loads", "read", "to_element"),
    "xml.fields": ("Element",),
    "xml.tree": ("Extra", "Limits", "Raw"),
}
"Module -> the names it lends to this one."

_MODULES = ("addresses", "errors", "findings", "mapping", "namespaces", "sdp")
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

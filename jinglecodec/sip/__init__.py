"""A gateway between SIP and Jingle (draft-ietf-stox-media-04), pure: datagrams and stanzas in, and out.

`Gateway` is the whole; the user agent inside it is `sip.useragent.UserAgent`. What is listed here is loaded when it is
first used, and needs the extra `sip`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinglecodec.machine import DatagramReceived as DatagramReceived
    from jinglecodec.machine import SendDatagram as SendDatagram
    from jinglecodec.session.events import NotHandled as NotHandled
    from jinglecodec.session.events import Policy as Policy
    from jinglecodec.session.events import Refused as Refused
    from jinglecodec.session.events import SendStanza as SendStanza
    from jinglecodec.session.events import StanzaReceived as StanzaReceived
    from jinglecodec.session.events import TrustChanged as TrustChanged
    from jinglecodec.sip.calls import CallEnded as CallEnded
    from jinglecodec.sip.calls import CallStarted as CallStarted
    from jinglecodec.sip.calls import Config as Config
    from jinglecodec.sip.calls import Event as Event
    from jinglecodec.sip.calls import Output as Output
    from jinglecodec.sip.calls import Start as Start
    from jinglecodec.sip.calls import Stopped as Stopped
    from jinglecodec.sip.gateway import Gateway as Gateway
    from jinglecodec.sip.legs import Overloaded as Overloaded
    from jinglecodec.sip.legs import Settings as Settings
    from jinglecodec.sip.transactions import Timing as Timing

_NAMES = {
    "machine": ("DatagramReceived", "SendDatagram"),
    "session.events": ("NotHandled", "Policy", "Refused", "SendStanza", "StanzaReceived", "TrustChanged"),
    "sip.calls": ("CallEnded", "CallStarted", "Config", "Event", "Output", "Start", "Stopped"),
    "sip.gateway": ("Gateway",),
    "sip.legs": ("Overloaded", "Settings"),
    "sip.transactions": ("Timing",),
}
"Module -> the names it lends to this one."

_HOMES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - built from the one table, checked by a test


def __getattr__(name: str) -> object:
    """Load `name` on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'jinglecodec.sip' has no attribute {name!r}")
    found: object = getattr(import_module(f"jinglecodec.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__

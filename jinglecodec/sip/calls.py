"""Calls of the gateway: what goes in and out, what is kept of each, and how both sides are spoken to."""

from __future__ import annotations

import enum
from abc import abstractmethod
from typing import TYPE_CHECKING

import attrs

from jinglecodec.errors import LocalError
from jinglecodec.machine import OpenSocket, SendDatagram, SocketEvent, TimedMachine, TimerFired
from jinglecodec.model.jingle import Condition, Content, Creator, Reason
from jinglecodec.model.raw_udp import RawUdpTransport
from jinglecodec.model.rtp import Parameter, PayloadType, RtpDescription
from jinglecodec.session import Config as SessionConfig
from jinglecodec.session import Manager
from jinglecodec.session import events as jingle
from jinglecodec.session.config import positive
from jinglecodec.session.events import NotHandled, Policy, Refused, SendStanza, SessionKey, StanzaReceived, TrustChanged
from jinglecodec.sip import legs
from jinglecodec.sip.legs import HangUp, Overloaded, Settings
from jinglecodec.sip.negotiation import Negotiation
from jinglecodec.sip.useragent import UserAgent

if TYPE_CHECKING:
    from random import Random

__all__ = [
    "Call",
    "CallEnded",
    "CallStarted",
    "Config",
    "Event",
    "Exchange",
    "GatewayLayer",
    "Output",
    "Phase",
    "Start",
    "Stopped",
    "Timer",
]


@attrs.frozen(kw_only=True)
class Config:
    """What a gateway is told once. Raises LocalError for a number that is not positive."""

    sip: Settings
    policy: Policy = attrs.field(factory=Policy)
    "Which XMPP users may call; by default none (XEP-0166 13.2)."
    session: SessionConfig = attrs.field(factory=SessionConfig)
    "Of the Jingle sessions of each SIP user."
    resource: str = "sip"
    "Of a SIP user who calls from an address that is no GRUU; it can be any."
    patience: float = attrs.field(default=2.0, validator=positive)
    "Seconds to wait for the candidates of an XMPP party that trickles; then offer or answer goes out without them."
    pause: float = attrs.field(default=0.2, validator=positive)
    "Seconds in which further candidates of a call that is on are collected for one offer."
    consent: float = attrs.field(default=20.0, validator=positive)
    "Seconds that the XMPP party has to accept a content which the SIP party adds; then it is refused."
    users: int = attrs.field(default=10_000, validator=positive)
    "XMPP users whose presence is remembered, the latest."


# --- events ----------------------------------------------------------------------------------------------------------


@attrs.frozen
class Start:
    """Open the UDP socket, at the address that the gateway has; it has the token 0."""


Event = Start | SocketEvent | StanzaReceived | TrustChanged
"What a gateway takes; of its socket, datagrams are what matters."


@attrs.frozen
class Stopped:
    """The socket could not be opened, or is closed: nothing of SIP goes in or out until Start."""

    reason: str
    "For people."


@attrs.frozen
class CallStarted:
    """A call is on: answered on both sides."""

    call: str
    "Its Call-ID."
    session: SessionKey
    local: str
    "JID of the SIP party."


@attrs.frozen
class CallEnded:
    """A call is over, on or not, on both sides."""

    call: str
    reason: Condition


Output = OpenSocket | SendDatagram | Stopped | SendStanza | CallStarted | CallEnded | Overloaded | Refused | NotHandled
"What a gateway says."


# --- what is kept ----------------------------------------------------------------------------------------------------


class Phase(enum.Enum):
    """Where a call stands."""

    GATHERING = "gathering"
    "Of an XMPP party's call: its candidates are awaited, then the INVITE goes out."
    CALLING = "calling"
    "The INVITE is out."
    OFFERED = "offered"
    "Of a SIP party's call: the session-initiate is out."
    ACCEPTING = "accepting"
    "It is accepted; the candidates are awaited, then the 200 goes out."
    ACTIVE = "active"


class Exchange(enum.Enum):
    """Whose offer waits for its answer, in SIP, while a call is on."""

    NONE = "none"
    OURS = "ours"
    THEIRS = "theirs"


@attrs.define
class Call:
    """One call."""

    call: str
    local: str
    "JID of the SIP party."
    key: SessionKey
    media: Negotiation
    phase: Phase
    exchange: Exchange = Exchange.NONE
    is_changed: bool = False
    "Whether the SIP party has to be told something by an offer."
    makes_offer: bool = False
    "Whether the XMPP party's answer is an offer to the SIP party, whose INVITE had none."
    waiting: tuple[Content, ...] = ()
    "Contents that the XMPP party proposes, and that no offer has yet."
    proposed: tuple[Content, ...] = ()
    "Those that the offer has which is out."
    asked: tuple[Content, ...] = ()
    "Contents that the SIP party adds, and that the XMPP party has not answered yet."
    refused: tuple[Content, ...] = ()
    "Contents of the session-initiate that SIP has no form for."


class Timer(enum.Enum):
    """What a timer is for."""

    AGENT = "the user agent"
    MANAGER = "the sessions of one SIP user"
    CANDIDATES = "candidates have been awaited, or collected, for long enough"
    CONSENT = "an answer to added contents has been awaited for long enough"


BLANK = Content(
    creator=Creator.INITIATOR,
    name="audio",
    description=RtpDescription(
        media="audio",
        payload_types=(
            PayloadType(id=0, name="PCMU", clockrate=8000),
            PayloadType(id=8, name="PCMA", clockrate=8000),
            PayloadType(id=101, name="telephone-event", clockrate=8000, parameters=(Parameter(name="", value="0-15"),)),
        ),
    ),
    transport=RawUdpTransport(),
)
"What a SIP party is taken to want that calls without an offer: audio, from an address that it tells in the end."


class GatewayLayer(TimedMachine[Event, Output, tuple[Timer, str]]):
    """How the gateway speaks to both sides."""

    __slots__ = ("_agent", "_by_session", "_calls", "_config", "_managers", "_policy", "_users")

    def __init__(self, config: Config, random: Random | None = None) -> None:
        """Start without calls. `random` is for tests only."""
        super().__init__(random)
        self._config = config
        self._policy = config.policy
        self._agent = UserAgent(config.sip, self._derived())
        self._managers: dict[str, Manager] = {}
        self._calls: dict[str, Call] = {}
        self._by_session: dict[tuple[str, SessionKey], Call] = {}
        self._users: dict[str, dict[str, None]] = {}  # bare JID -> full JIDs that are there, the latest last

    # --- SIP ---------------------------------------------------------------------------------------------------------

    def _sip(self, event: legs.Event | TimerFired) -> None:
        """Let the user agent take an event, and do what follows."""
        told = self._agent.handle(event, self._timers.now)
        self._timers.arm((Timer.AGENT, ""), self._agent.deadline)
        self._follow_sip(told)
        self._timers.arm((Timer.AGENT, ""), self._agent.deadline)

    @abstractmethod
    def _follow_sip(self, told: tuple[legs.Output, ...]) -> None:
        """Do what follows from what the user agent says."""

    # --- Jingle ------------------------------------------------------------------------------------------------------

    def _jingle(self, local: str, event: jingle.Event | TimerFired) -> bool:
        """Let the sessions of a SIP user take an event, and do what follows; tell whether they could."""
        manager = self._managers.pop(local, None)
        if manager is None:
            manager = Manager(local, self._policy, self._config.session, random=self._derived())
        self._managers[local] = manager
        try:
            told = manager.handle(event, self._timers.now)
        except LocalError:  # a session in which this is no longer, or not yet, to be said
            return False
        self._timers.arm((Timer.MANAGER, local), manager.deadline)
        self._tidy()
        self._follow_jingle(local, told)
        return True

    def _tidy(self) -> None:
        """Forget SIP users without sessions, the earliest first, while there are more than there may be calls."""
        surplus = len(self._managers) - self._config.sip.calls
        if surplus <= 0:
            return
        for local in [local for local, manager in self._managers.items() if not manager.sessions][:surplus]:
            del self._managers[local]
            self._timers.cancel((Timer.MANAGER, local))

    @abstractmethod
    def _follow_jingle(self, local: str, told: tuple[jingle.Output, ...]) -> None:
        """Do what follows from what the sessions of a SIP user say."""

    def _say(self, call: Call, command: type[jingle.ContentCommand], *contents: Content) -> bool:
        """Say something of contents to the XMPP party, unless there are none; tell whether it could be said."""
        return bool(contents) and self._jingle(call.local, command(call.key, contents))

    # --- both --------------------------------------------------------------------------------------------------------

    def _keep(self, call: Call) -> None:
        self._calls[call.call] = call
        self._by_session[call.local, call.key] = call

    def _drop(self, call: Call, reason: Condition) -> None:
        """Let a call be over."""
        self._calls.pop(call.call, None)
        self._by_session.pop((call.local, call.key), None)
        self._timers.cancel((Timer.CANDIDATES, call.call))
        self._timers.cancel((Timer.CONSENT, call.call))
        self._outputs.append(CallEnded(call.call, reason))

    def _terminate(self, call: Call, reason: Condition) -> None:
        """End the Jingle session of a call whose SIP side is over."""
        self._drop(call, reason)
        self._jingle(call.local, jingle.Terminate(call.key, Reason(condition=reason)))

    def _abandon(self, call: Call, reason: Condition) -> None:
        """End a call on both sides."""
        self._terminate(call, reason)
        self._sip(HangUp(call.call))

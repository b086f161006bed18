"""ProtoXEP Jingle WebRTC Transport: sessions whose descriptions two browsers make out between them.

`Webrtc` is a `Manager` that also speaks that transport. A session of it is begun like any other, with contents that
have a `WebrtcTransport` and no description, and gets Offer at once; the session-infos that follow are its business. All
other sessions, and all other commands, are the manager's as ever. Peers find it by the feature
`http://www.igniterealtime.org/webrtc/session-info`, which `jinglecodec.features` names for the transport.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from jinglecodec import namespaces as ns
from jinglecodec.errors import LocalError
from jinglecodec.machine import TimedMachine, TimerFired
from jinglecodec.model.jingle import Action, Condition, Content, Creator, Jingle, Reason
from jinglecodec.model.stanza import Iq
from jinglecodec.model.webrtc import WebrtcInfo, WebrtcTransport
from jinglecodec.session import events
from jinglecodec.session.events import InfoReceived, Policy, RequestFailed, SendSessionInfo, SendStanza, SessionKey
from jinglecodec.session.manager import Manager
from jinglecodec.session.roap import (
    Answer,
    AnswerReceived,
    Exchange,
    ExchangeEvent,
    Offer,
    OfferConfirmed,
    OfferFailed,
    OfferReceived,
    RefuseOffer,
    ShutdownReceived,
)
from jinglecodec.session.states import State

if TYPE_CHECKING:
    from random import Random

    from jinglecodec.session.config import Config

__all__ = ["MediaArrived", "Webrtc", "WebrtcEvent", "WebrtcOutput"]


@attrs.frozen
class MediaArrived:
    """The browser has the remote media; the responder accepts the session with it (ProtoXEP 3.2)."""

    session: SessionKey


WebrtcEvent = events.Event | Offer | Answer | RefuseOffer | MediaArrived
"What a manager of such sessions takes."

WebrtcOutput = events.Output | OfferReceived | AnswerReceived | OfferConfirmed | OfferFailed
"What a manager of such sessions says."

_INFOS = {ns.WEBRTC: ns.RTP, ns.WEBRTC_IGNITE: ns.WEBRTC_INFO_IGNITE}
"Namespace of the transport -> of the messages in session-info (ProtoXEP 3 and 8.1)."


_MOST_HELD = 100
"Messages that wait for the result of the session-initiate; a peer that asks for more instead of it ends the session."


@attrs.define
class _Call:
    """A session with this transport."""

    contents: tuple[Content, ...]
    initiation: str | None = None
    "The id of our session-initiate; nothing else is sent before its result (ProtoXEP 3.2)."
    held: list[SendSessionInfo] = attrs.Factory(list)


class Webrtc(TimedMachine[WebrtcEvent, WebrtcOutput, SessionKey | None]):
    """The sessions of one full JID, with this transport or any other. Commands raise LocalError as the manager's do."""

    __slots__ = ("_calls", "_exchanges", "_holding", "_manager", "_timeout")

    def __init__(
        self,
        local: str,
        policy: Policy | None = None,
        config: Config | None = None,
        *,
        timeout: float = 60.0,
        random: Random | None = None,
    ) -> None:
        """Start without sessions, as `Manager`. An offer or answer waits `timeout` seconds for the peer."""
        super().__init__(random)
        self._manager = Manager(local, policy, config, random=self._derived())
        self._exchanges: dict[SessionKey, Exchange] = {}
        self._calls: dict[SessionKey, _Call] = {}
        self._holding: dict[SessionKey, None] = {}  # sessions with something held back
        self._timeout = timeout

    @property
    def exchanges(self) -> Mapping[SessionKey, Exchange]:
        """The exchanges of the sessions with this transport, for looking at."""
        return MappingProxyType(self._exchanges)

    def _check(self, event: WebrtcEvent) -> None:
        match event:
            case Offer(key) | Answer(key) | RefuseOffer(key) | MediaArrived(key):
                if (exchange := self._exchanges.get(key)) is None:
                    raise LocalError(f"there is no session {key} of this transport")
                if not isinstance(event, MediaArrived):
                    exchange.check(event)
            case _:
                self._manager.check(event)

    def _take(self, event: WebrtcEvent) -> None:
        match event:
            case Offer(key) | Answer(key) | RefuseOffer(key):
                if (exchange := self._exchanges.get(key)) and exchange.allows(event):
                    self._exchange(exchange, event)
            case MediaArrived(key):
                self._accept(key)
            case _:
                with suppress(LocalError):  # a timer that ran a moment ago made it void
                    self._manage(event)

    def _expire(self, timer: SessionKey | None) -> None:
        if timer is None:
            self._manage(TimerFired())
        else:
            self._exchange(self._exchanges[timer], TimerFired())

    def _accept(self, key: SessionKey) -> None:
        session = self._manager.sessions.get(key)
        if session and session.state is State.PENDING and session.role is Creator.RESPONDER:
            self._manage(events.Accept(key, self._calls[key].contents))

    # --- the manager's side -------------------------------------------------------------------------------------------

    def _manage(self, event: events.Event | TimerFired) -> None:
        """Let the manager take an event, and look after the sessions with this transport."""
        for output in self._manager.handle(event, self._timers.now):
            match output:
                case InfoReceived(key, jingle) | RequestFailed(key, jingle) if self._is_exchanged(key, jingle):
                    self._exchange(self._exchanges[key], output)
                    continue
                case SendStanza(Iq(id=id_, payload=Jingle(action=Action.SESSION_INITIATE) as jingle, to=str(peer))):
                    self._meet(SessionKey(peer, jingle.sid), jingle, id_)
                case events.IncomingSession(key, jingle):
                    self._meet(key, jingle, None)
                case events.SessionEnded(key):
                    self._forget(key)
                case _:
                    pass
            self._outputs.append(output)
        for key in tuple(self._holding):
            self._release(key)
        self._timers.arm(None, self._manager.deadline)

    def _is_exchanged(self, key: SessionKey, jingle: Jingle) -> bool:
        """Tell whether a request is the business of an exchange."""
        return key in self._exchanges and any(isinstance(info, WebrtcInfo) for info in jingle.infos)

    def _meet(self, key: SessionKey, jingle: Jingle, initiation: str | None) -> None:
        """Begin an exchange where all contents of a new session have this transport."""
        transports = [content.transport for content in jingle.contents]
        spaces = {transport.namespace for transport in transports if isinstance(transport, WebrtcTransport)}
        if len(spaces) != 1 or not all(isinstance(transport, WebrtcTransport) for transport in transports):
            return
        self._exchanges[key] = Exchange(key, _INFOS[spaces.pop()], self._timeout, random=self._derived())
        contents = tuple(attrs.evolve(content, description=None, security=None) for content in jingle.contents)
        self._calls[key] = _Call(contents, initiation)

    def _forget(self, key: SessionKey) -> None:
        self._exchanges.pop(key, None)
        self._calls.pop(key, None)
        self._holding.pop(key, None)
        self._timers.cancel(key)

    # --- the exchange's side ------------------------------------------------------------------------------------------

    def _exchange(self, exchange: Exchange, event: ExchangeEvent) -> None:
        """Let an exchange take an event, and say what it says as long as its session lives."""
        for output in exchange.handle(event, self._timers.now):
            if exchange.key not in self._exchanges:
                return
            match output:
                case SendSessionInfo(key) if len(self._calls[key].held) < _MOST_HELD:
                    self._calls[key].held.append(output)
                    self._holding[key] = None
                case SendSessionInfo(key):
                    self._manage(events.Terminate(key, Reason(condition=Condition.CONNECTIVITY_ERROR)))
                case ShutdownReceived(key):
                    self._manage(events.Terminate(key, Reason(condition=Condition.SUCCESS)))
                case _:
                    self._outputs.append(output)
        self._timers.arm(exchange.key, exchange.deadline if exchange.key in self._exchanges else None)
        self._release(exchange.key)

    def _release(self, key: SessionKey) -> None:
        """Send what is held back, if anything is, once the session-initiate is acknowledged."""
        if key in self._holding and not self._manager.sessions[key].awaits(self._calls[key].initiation):
            del self._holding[key]
            call = self._calls[key]
            held, call.held = call.held, []
            for command in held:
                self._manage(command)

"""The gateway (draft-ietf-stox-media-04): a machine between one SIP side and one XMPP side.

    gateway = Gateway(Config(sip=Settings(Address("192.0.2.1", 5060), server), policy=Policy(trusted)))
    for output in gateway.handle(Start(), now): ...
    for output in gateway.handle(DatagramReceived(0, remote, data), now): ...
    for output in gateway.handle(StanzaReceived(jc.loads(data, errors="keep")), now): ...

It serves the domains of SIP users as a component of an XMPP server: stanzas to any of their JIDs go in. A SIP user is
told of by JID, and an XMPP user by URI (RFC 7247). Media goes from party to party. A call to a bare JID reaches the
device that showed presence last. Messages that come around through another gateway are refused (section 8).
"""

from __future__ import annotations

import attrs

from jinglecodec.machine import (
    DatagramReceived,
    OpenSocket,
    SendDatagram,
    SocketClosed,
    SocketFailed,
    SocketProtocol,
    TimerFired,
    keep_latest,
)
from jinglecodec.model.jingle import Action, Jingle
from jinglecodec.model.stanza import (
    ErrorType,
    Iq,
    IqType,
    Presence,
    PresenceType,
    Stanza,
    StanzaCondition,
    StanzaError,
)
from jinglecodec.session import events as jingle
from jinglecodec.session.events import (
    IncomingSession,
    Limit,
    NotHandled,
    Refused,
    SendStanza,
    SessionKey,
    StanzaReceived,
    TrustChanged,
)
from jinglecodec.session.jids import bare
from jinglecodec.session.replies import result
from jinglecodec.sip import legs
from jinglecodec.sip.addresses import to_call_id
from jinglecodec.sip.calls import Event, Start, Stopped, Timer
from jinglecodec.sip.inward import Inward
from jinglecodec.sip.legs import Invited, Overloaded

__all__ = ["Gateway"]


class Gateway(Inward):
    """A gateway for many calls. Its one UDP socket has the token 0.

    No event is misuse; what there is no room for is Overloaded or Refused, and `handle` raises LocalError only where
    `now` is no time.
    """

    __slots__ = ()

    @property
    def calls(self) -> frozenset[str]:
        """The Call-IDs of the calls that are not over."""
        return frozenset(self._calls)

    @property
    def pending(self) -> int:
        """How many SIP transactions are not terminated."""
        return self._agent.pending

    def _take(self, event: Event) -> None:
        match event:
            case Start():
                address = self._config.sip.address
                self._outputs.append(OpenSocket(0, SocketProtocol.UDP, address, None, None))
            case DatagramReceived():
                self._sip(event)
            case SocketFailed(_, reason):
                self._outputs.append(Stopped(reason))
            case SocketClosed():
                self._outputs.append(Stopped("the socket is closed"))
            case StanzaReceived(Stanza() as stanza, _):
                self._receive(stanza, event)
            case StanzaReceived(other):
                self._outputs.append(NotHandled(other))
            case TrustChanged(policy):
                self._policy = policy
                for local in list(self._managers):
                    self._jingle(local, event)
            case _:
                pass  # that it is open, and that an ICMP error came, which may be forged

    def _expire(self, timer: tuple[Timer, str]) -> None:
        kind, name = timer
        match kind:
            case Timer.AGENT:
                self._sip(TimerFired())
            case Timer.MANAGER:
                self._jingle(name, TimerFired())
            case Timer.CANDIDATES:
                self._proceed(self._calls[name])
            case Timer.CONSENT:
                self._decide(self._calls[name])

    # --- stanzas -----------------------------------------------------------------------------------------------------

    def _receive(self, stanza: Stanza, event: StanzaReceived) -> None:
        if isinstance(stanza, Presence):
            self._receive_presence(stanza, event)
        elif not stanza.to:
            self._outputs.append(NotHandled(stanza))
        elif isinstance(stanza, Iq) and isinstance(stanza.payload, Jingle) and self._is_new(stanza, stanza.payload):
            self._receive_initiation(stanza, stanza.payload, event)
        else:
            self._jingle(stanza.to, event)

    def _is_new(self, iq: Iq, said: Jingle) -> bool:
        """Tell whether an IQ begins a session that is not known, and may."""
        begins = iq.type is IqType.SET and said.action is Action.SESSION_INITIATE and bool(said.sid)
        known = (iq.to or "", SessionKey(iq.from_ or "", said.sid)) in self._by_session
        return begins and not known and bool(iq.from_) and self._policy.trusts(iq.from_ or "")

    def _receive_initiation(self, iq: Iq, said: Jingle, event: StanzaReceived) -> None:
        """Refuse a session whose id is being served, for it has come around (section 8), and one too many."""
        if self._agent.knows(to_call_id(said.sid)):
            self._refuse(iq, ErrorType.CANCEL, StanzaCondition.CONFLICT)
        elif not self._agent.is_free(to_call_id(said.sid)):
            self._refuse(iq, ErrorType.WAIT, StanzaCondition.RESOURCE_CONSTRAINT)
            self._outputs.append(Refused(Limit.SESSIONS, iq.from_ or ""))
        else:
            self._jingle(iq.to or "", event)

    def _refuse(self, iq: Iq, kind: ErrorType, condition: StanzaCondition) -> None:
        error = StanzaError(type=kind, condition=condition)
        self._outputs.append(SendStanza(attrs.evolve(result(iq), type=IqType.ERROR, error=error)))

    def _receive_presence(self, presence: Presence, event: StanzaReceived) -> None:
        """Remember who is there, and let sessions know who is not any more."""
        to, device = presence.to or "", presence.from_ or ""
        for local in [one for one in self._managers if bare(one) == bare(to)]:
            self._jingle(local, event)
        user = bare(device)
        devices = self._users.pop(user, {})
        devices.pop(device, None)
        if presence.type is None and device != user:
            devices[device] = None
            keep_latest(devices, _MOST_DEVICES)
        if devices:
            self._users[user] = devices
        keep_latest(self._users, self._config.users)
        if presence.type not in (None, PresenceType.UNAVAILABLE):
            self._outputs.append(NotHandled(presence))

    # --- what follows ------------------------------------------------------------------------------------------------

    def _follow_jingle(self, local: str, told: tuple[jingle.Output, ...]) -> None:
        for output in told:
            match output:
                case SendStanza() | Refused():
                    self._outputs.append(output)
                case NotHandled(stanza):
                    if not isinstance(stanza, Presence):
                        self._outputs.append(output)
                case IncomingSession():
                    self._begin_outward(local, output)
                case jingle.SessionStarted() | jingle.Redirected() | jingle.TransportChanged():
                    pass  # said by the gateway itself, followed by SessionEnded, never asked for
                case _:
                    call = self._by_session.get((local, output.session))
                    if call is not None:
                        self._hear_xmpp(call, output)

    def _follow_sip(self, told: tuple[legs.Output, ...]) -> None:
        for output in told:
            match output:
                case SendDatagram() | Overloaded():
                    self._outputs.append(output)
                case Invited():
                    self._begin_inward(output)
                case _:
                    call = self._calls.get(output.call)
                    if call is not None:
                        self._hear_sip(call, output)


_MOST_DEVICES = 16
"Devices of one user that are remembered."

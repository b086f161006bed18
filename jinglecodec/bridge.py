"""A client of the ProtoXEP Jingle WebRTC Transport on one side, one of ordinary Jingle on the other.

The old client sends whole descriptions in session-info, the new one contents with transports; `mapping` turns the one
into the other, and what it cannot is told as `Lost`. Media goes between the clients directly. Either may call: a call
of the one is a call to the other. The old side knows no candidates but those in a description, so that each description
for it waits until the new side's have been gathered.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

import attrs

from jinglecodec.errors import LocalError, MappingError, SdpError
from jinglecodec.machine import TimedMachine, TimerFired
from jinglecodec.mapping import Loss, Mapped, Names, to_jingle, to_sdp
from jinglecodec.model.ice import IceTransport
from jinglecodec.model.ice_udp import IceUdpTransport
from jinglecodec.model.jingle import Action, Condition, Content, Jingle, Reason
from jinglecodec.model.webrtc import WebrtcError, WebrtcTransport
from jinglecodec.sdp import SessionDescription
from jinglecodec.sdp import dumps as dump_sdp
from jinglecodec.sdp import loads as load_sdp
from jinglecodec.session import (
    Accept,
    Accepted,
    Answer,
    AnswerReceived,
    Config,
    ContentChanged,
    ContentProposed,
    IncomingSession,
    InfoReceived,
    Initiate,
    Manager,
    MediaArrived,
    NotHandled,
    Offer,
    OfferConfirmed,
    OfferFailed,
    OfferReceived,
    Policy,
    Refused,
    RefuseOffer,
    RejectContent,
    RejectTransport,
    SendStanza,
    SessionEnded,
    SessionKey,
    StanzaReceived,
    Terminate,
    TransportChanged,
    TransportProposed,
    Webrtc,
)

if TYPE_CHECKING:
    from random import Random

    from jinglecodec.mapping import Peer, Profile
    from jinglecodec.mapping.session import Role
    from jinglecodec.session import Event, Output
    from jinglecodec.session.webrtc import WebrtcEvent, WebrtcOutput

__all__ = ["Bridge", "BridgeEvent", "BridgeOutput", "Bridged", "CallEnded", "Leg", "Lost", "NotBridged", "Side"]


class Side(enum.Enum):
    """Which of the two clients."""

    OLD = "old"
    "Descriptions in session-info."
    NEW = "new"
    "Contents with transports."


@attrs.frozen
class Leg:
    """One side of a bridge: full JIDs."""

    local: str
    "Who we are to the client; the same on both sides, if you like."
    peer: str
    "The client."


BridgeEvent = StanzaReceived | TimerFired
"What a bridge takes. Its calls are the clients' business alone."


@attrs.frozen
class Bridged:
    """Both sides have accepted a call."""

    old: SessionKey
    new: SessionKey


@attrs.frozen
class CallEnded:
    """A call is over on both sides."""

    old: SessionKey
    new: SessionKey
    reason: Reason


@attrs.frozen
class Lost:
    """What a description says and its form on the other side cannot."""

    session: SessionKey
    "Where the description came from."
    losses: tuple[Loss, ...]


@attrs.frozen
class NotBridged:
    """A request that was acknowledged, or refused, and that the other side knows nothing of."""

    session: SessionKey
    jingle: Jingle


BridgeOutput = SendStanza | Bridged | CallEnded | Lost | NotBridged | Refused | NotHandled
"What a bridge says."

CONDITIONS: Final = {
    WebrtcError.REFUSED: Condition.DECLINE,
    WebrtcError.TIMEOUT: Condition.TIMEOUT,
    WebrtcError.FAILED: Condition.FAILED_APPLICATION,
    WebrtcError.NOMATCH: Condition.GENERAL_ERROR,
    WebrtcError.CONFLICT: Condition.GENERAL_ERROR,
    WebrtcError.DOUBLECONFLICT: Condition.GENERAL_ERROR,
}
"Why a call ends whose first offer came to nothing: what ROAP says -> XEP-0166 7.4."

_CONTENT: Final = "webrtc session"
"What ProtoXEP example 4 calls the one content."


@attrs.define(eq=False)
class _Call:
    """Two sessions that are one call."""

    caller: Side
    old: SessionKey
    new: SessionKey
    offer: SessionDescription | None = None
    "The caller's description."
    names: Names | None = None
    gathered: Jingle = attrs.Factory(lambda: Jingle(action=Action.SESSION_ACCEPT))
    "The new side's initiation or acceptance, with the candidates that came since; without contents until then."
    early: tuple[Content, ...] = ()
    "Candidates that came before it."
    described: bool = False
    "The new side's description has gone to the old one."


class Bridge(TimedMachine[BridgeEvent, BridgeOutput, Side | SessionKey]):
    """The calls between two clients. Stanzas of anybody else are NotHandled; nothing else has to be said to it."""

    __slots__ = ("_by_new", "_by_old", "_gathering", "_legs", "_new", "_old", "_peer", "_transport")

    def __init__(
        self,
        old: Leg,
        new: Leg,
        config: Config | None = None,
        *,
        transport: WebrtcTransport | None = None,
        peer: Peer | Profile | str | None = None,
        gathering: float = 2.0,
        random: Random | None = None,
    ) -> None:
        """Have no calls. Raises LocalError when both clients are one.

        `transport` is what the old client is called with, by default that of the ProtoXEP. `peer` is which program the
        new one is, as in `mapping.to_jingle`. `gathering` is how many seconds it has for its candidates, from its
        initiation or acceptance on.
        """
        super().__init__(random)
        if old.peer == new.peer:
            raise LocalError(f"{old.peer} is on both sides")
        self._legs = {Side.OLD: old, Side.NEW: new}
        self._old = Webrtc(old.local, Policy(frozenset({old.peer})), config, random=random)
        self._new = Manager(new.local, Policy(frozenset({new.peer})), config, random=random)
        self._transport = transport or WebrtcTransport()
        self._peer = peer
        self._gathering = gathering
        self._by_old: dict[SessionKey, _Call] = {}
        self._by_new: dict[SessionKey, _Call] = {}

    def _take(self, event: BridgeEvent) -> None:
        if isinstance(event, StanzaReceived):
            if event.stanza.from_ == self._legs[Side.OLD].peer:
                self._tell_old(event)
            elif event.stanza.from_ == self._legs[Side.NEW].peer:
                self._tell_new(event)
            else:
                self._outputs.append(NotHandled(event.stanza))

    def _expire(self, timer: Side | SessionKey) -> None:
        if isinstance(timer, SessionKey):
            self._describe(self._by_new[timer])
        elif timer is Side.OLD:
            self._tell_old(TimerFired())
        else:
            self._tell_new(TimerFired())

    # --- the old side -------------------------------------------------------------------------------------------------

    def _tell_old(self, event: WebrtcEvent | TimerFired) -> None:
        for output in self._old.handle(event, self._timers.now):
            if isinstance(output, IncomingSession):
                self._begin_from_old(output.session)
            else:
                self._hear_old(output)
        self._timers.arm(Side.OLD, self._old.deadline)

    def _begin_from_old(self, key: SessionKey) -> None:
        """Wait for the offer."""
        if key in self._old.exchanges:
            self._link(_Call(Side.OLD, key, self._other(Side.NEW)))
        else:
            self._tell_old(Terminate(key, Reason(condition=Condition.UNSUPPORTED_TRANSPORTS)))

    def _hear_old(self, output: WebrtcOutput) -> None:
        if isinstance(output, (SendStanza, Refused, NotHandled)):
            self._outputs.append(output)
            return
        call = self._by_old.get(output.session)
        match output:
            case _ if call is None:
                pass  # it is over
            case OfferReceived(_, sdp):
                self._hear_offer(call, sdp)
            case AnswerReceived(_, sdp):
                self._hear_answer(call, sdp)
            case OfferConfirmed():
                self._confirm(call)
            case OfferFailed(_, WebrtcError.TIMEOUT) if call.caller is Side.OLD and call.described:
                self._confirm(call)  # some browsers of 2012 sent no OK
            case OfferFailed(_, error):
                self._end(call, Reason(condition=CONDITIONS[error]))
            case SessionEnded(_, reason):
                self._end(call, reason)
            case ContentProposed(key, jingle):
                self._tell_old(RejectContent(key, _named(jingle)))
            case TransportProposed(key, jingle):
                self._tell_old(RejectTransport(key, _named(jingle)))
            case _:
                pass
        if isinstance(output, _UNBRIDGED):
            self._outputs.append(NotBridged(output.session, output.jingle))

    def _hear_offer(self, call: _Call, sdp: str) -> None:
        """Call the new client with the old one's first offer; refuse those that follow, and those that cross ours."""
        if call.offer is not None or call.caller is Side.NEW:
            self._tell_old(RefuseOffer(call.old))
            return
        mapped = self._mapped(call, sdp, "initiator")
        if mapped is not None:
            jingle = mapped.value
            contents, groups, infos = jingle.contents, jingle.groups, jingle.infos
            self._try_new(call, Initiate(call.new.peer, contents, call.new.sid, groups, infos))

    def _hear_answer(self, call: _Call, sdp: str) -> None:
        """Accept the new client's call with the old one's answer."""
        mapped = self._mapped(call, sdp, "responder")
        if mapped is not None:
            jingle = mapped.value
            if self._try_new(call, Accept(call.new, jingle.contents, jingle.groups, jingle.infos)):
                self._outputs.append(Bridged(call.old, call.new))

    def _mapped(self, call: _Call, sdp: str, role: Role) -> Mapped[Jingle] | None:
        """Return what the old client's description says as a request; None where it has no form, and the call ends."""
        action = Action.SESSION_INITIATE if role == "initiator" else Action.SESSION_ACCEPT
        sid, offer, names = call.new.sid, call.offer, call.names
        try:
            description = load_sdp(sdp, errors="tolerant")
            mapped = to_jingle(
                description, action=action, sid=sid, role=role, offer=offer, names=names, peer=self._peer
            )
        except (SdpError, MappingError):
            self._end(call, Reason(condition=Condition.FAILED_APPLICATION))
            return None
        call.offer, call.names = offer or description, mapped.names
        self._lose(call.old, mapped.losses)
        return mapped

    def _confirm(self, call: _Call) -> None:
        """Accept the old client's call; its media is about to arrive (ProtoXEP 3.2)."""
        self._tell_old(MediaArrived(call.old))
        self._outputs.append(Bridged(call.old, call.new))

    # --- the new side -------------------------------------------------------------------------------------------------

    def _try_new(self, call: _Call, command: Initiate | Accept) -> bool:
        """Let the new side obey; where it cannot, the call is over."""
        try:
            self._tell_new(command)
        except LocalError:
            self._end(call, Reason(condition=Condition.GENERAL_ERROR))
            return False
        return True

    def _tell_new(self, event: Event | TimerFired) -> None:
        for output in self._new.handle(event, self._timers.now):
            if isinstance(output, IncomingSession):
                self._begin_from_new(output.session, output.jingle)
            else:
                self._hear_new(output)
        self._timers.arm(Side.NEW, self._new.deadline)

    def _begin_from_new(self, key: SessionKey, jingle: Jingle) -> None:
        """Call the old client; the description follows when the candidates are there."""
        call = _Call(Side.NEW, self._other(Side.OLD), key)
        self._link(call)
        self._gather(call, jingle)
        content = Content(name=_CONTENT, transport=self._transport)
        try:
            self._tell_old(Initiate(call.old.peer, (content,), call.old.sid))
        except LocalError:
            self._end(call, Reason(condition=Condition.GENERAL_ERROR))

    def _hear_new(self, output: Output) -> None:
        if isinstance(output, (SendStanza, Refused, NotHandled)):
            self._outputs.append(output)
            return
        call = self._by_new.get(output.session)
        match output:
            case _ if call is None:
                pass  # it is over
            case Accepted(_, jingle):
                self._gather(call, jingle)
            case InfoReceived(_, jingle) if jingle.action is Action.TRANSPORT_INFO and not call.described:
                self._gather_more(call, jingle)
                return
            case SessionEnded(_, reason):
                self._end(call, reason)
            case ContentProposed(key, jingle):
                self._tell_new(RejectContent(key, _named(jingle)))
            case TransportProposed(key, jingle):
                self._tell_new(RejectTransport(key, _named(jingle)))
            case _:
                pass
        if isinstance(output, _UNBRIDGED):
            self._outputs.append(NotBridged(output.session, output.jingle))

    # --- the new side's description -----------------------------------------------------------------------------------

    def _gather(self, call: _Call, jingle: Jingle) -> None:
        """Wait for the candidates that go with an initiation or acceptance."""
        call.gathered = _with_candidates(jingle, call.early)
        call.early = ()
        self._timers.arm(call.new, self._timers.now + self._gathering)

    def _gather_more(self, call: _Call, jingle: Jingle) -> None:
        if call.gathered.contents:
            call.gathered = _with_candidates(call.gathered, jingle.contents)
        else:
            call.early += tuple(content for content in jingle.contents if _has_candidates(content))

    def _describe(self, call: _Call) -> None:
        """Hand the new client's description, with all candidates so far, to the old one."""
        role: Role = "initiator" if call.caller is Side.NEW else "responder"
        call.described = True
        try:
            mapped = to_sdp(call.gathered, role=role, offer=call.offer, names=call.names)
            sdp = dump_sdp(mapped.value)
            call.offer, call.names = call.offer or mapped.value, mapped.names
            self._lose(call.new, mapped.losses)
            self._tell_old(Offer(call.old, sdp) if call.caller is Side.NEW else Answer(call.old, sdp))
        except (LocalError, MappingError):
            self._end(call, Reason(condition=Condition.FAILED_APPLICATION))

    # --- both sides ---------------------------------------------------------------------------------------------------

    def _lose(self, key: SessionKey, losses: tuple[Loss, ...]) -> None:
        if losses:
            self._outputs.append(Lost(key, losses))

    def _other(self, side: Side) -> SessionKey:
        """Return the key for the other session of a call; no client can guess it and call with it itself."""
        return SessionKey(self._legs[side].peer, f"{self._draw.getrandbits(128):032x}")

    def _link(self, call: _Call) -> None:
        self._by_old[call.old] = self._by_new[call.new] = call

    def _end(self, call: _Call, reason: Reason) -> None:
        """End both sessions for the same reason."""
        if self._by_old.pop(call.old, None) is None:
            return
        del self._by_new[call.new]
        self._timers.cancel(call.new)
        self._outputs.append(CallEnded(call.old, call.new, reason))
        if call.old in self._old.exchanges:
            self._tell_old(Terminate(call.old, reason))
        if call.new in self._new.sessions:
            self._tell_new(Terminate(call.new, reason))


_UNBRIDGED = (ContentChanged, ContentProposed, InfoReceived, TransportChanged, TransportProposed)
"What a peer says that the other side knows nothing of."


def _named(jingle: Jingle) -> tuple[Content, ...]:
    return tuple(Content(creator=content.creator, name=content.name) for content in jingle.contents)


def _has_candidates(content: Content) -> bool:
    return isinstance(content.transport, (IceUdpTransport, IceTransport)) and bool(content.transport.candidates)


def _with_candidates(jingle: Jingle, contents: tuple[Content, ...]) -> Jingle:
    """Return a request with the candidates of others added to its contents, by creator and name."""
    found = list(jingle.contents)
    for more in contents:
        for place, content in enumerate(found):
            if (content.creator, content.name) == (more.creator, more.name):
                found[place] = _joined(content, more)
    return attrs.evolve(jingle, contents=tuple(found))


def _joined(content: Content, more: Content) -> Content:
    match content.transport, more.transport:
        case (IceUdpTransport() as old, IceUdpTransport(candidates=candidates)):
            return attrs.evolve(content, transport=attrs.evolve(old, candidates=(*old.candidates, *candidates)))
        case (IceTransport() as newer, IceTransport(candidates=candidates)):
            return attrs.evolve(content, transport=attrs.evolve(newer, candidates=(*newer.candidates, *candidates)))
        case _:
            return content

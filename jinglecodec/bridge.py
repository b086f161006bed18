"""A client of the ProtoXEP Jingle WebRTC Transport on one side, one of ordinary Jingle on the other.

The old client sends whole descriptions in session-info, the new one contents with transports; `mapping` turns the one
into the other, and what it cannot is told as `Lost`. Media goes between the clients directly. Either may call: a call
of the one is a call to the other. The old side knows no candidates but those in a description, so that each description
for it waits until the new side's have been gathered. What changes later, and adds and removes no content, is offered
again to the old client, and asked of the new one: directions, codecs' parameters, candidates.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Final

import attrs

from jinglecodec.errors import LocalError, MappingError, SdpError
from jinglecodec.machine import TimedMachine, TimerFired, drawn_id
from jinglecodec.mapping import Loss, Mapped, Names, apply, changes, to_jingle, to_sdp
from jinglecodec.mapping.actions import merged
from jinglecodec.mapping.transport import is_ice
from jinglecodec.model.jingle import Action, Condition, Content, Jingle, Reason, key_of, named
from jinglecodec.model.webrtc import WebrtcError, WebrtcTransport
from jinglecodec.sdp import SessionDescription
from jinglecodec.sdp import dumps as dump_sdp
from jinglecodec.sdp import loads as load_sdp
from jinglecodec.session import (
    COMMANDS,
    Accept,
    Accepted,
    Answer,
    AnswerReceived,
    Config,
    ContentChanged,
    ContentProposed,
    ExchangeState,
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
from jinglecodec.session.jids import bare

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from jinglecodec.mapping import Peer, Profile
    from jinglecodec.mapping.session import Role
    from jinglecodec.model.jingle import ContentKey
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
    """A request that was acknowledged, or refused, and that the other side knows nothing of.

    Also one that would be due, as when a later answer of the old client refuses a section.
    """

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


_CARRIED: Final = (Action.CONTENT_MODIFY, Action.DESCRIPTION_INFO, Action.TRANSPORT_INFO)
"What changes a call that goes on; contents are neither added nor removed."


@attrs.define(eq=False)
class _Call:
    """Two sessions that are one call."""

    caller: Side
    old: SessionKey
    new: SessionKey
    sdp: dict[Side, SessionDescription] = attrs.Factory(dict)
    "What each side has described, as the other one knows it."
    names: Names | None = None
    gathered: Jingle = attrs.Factory(lambda: Jingle(action=Action.SESSION_ACCEPT))
    "The new side's initiation or acceptance, with the candidates that came since; without contents until then."
    early: dict[ContentKey, Content] = attrs.Factory(dict)
    "Candidates that came before it."
    bridged: bool = False
    "Both sides have accepted."
    stale: bool = False
    "The new side's description has changed since the old one was told."

    def role(self, side: Side) -> Role:
        """Return the role of a side in the call."""
        return "initiator" if side is self.caller else "responder"

    @property
    def offer(self) -> SessionDescription | None:
        """What the caller described, for the other side's first description to answer."""
        return self.sdp.get(self.caller)


class Bridge(TimedMachine[BridgeEvent, BridgeOutput, Side | SessionKey]):
    """The calls between two clients. Stanzas of other accounts are NotHandled; nothing else has to be said to it."""

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
        self._old = Webrtc(old.local, Policy(frozenset({old.peer})), config, random=self._derived())
        self._new = Manager(new.local, Policy(frozenset({new.peer})), config, random=self._derived())
        self._transport = transport or WebrtcTransport()
        self._peer = peer
        self._gathering = gathering
        self._by_old: dict[SessionKey, _Call] = {}
        self._by_new: dict[SessionKey, _Call] = {}

    @property
    def calls(self) -> tuple[tuple[SessionKey, SessionKey], ...]:
        """The calls that are not over, also those that have not got through yet: old session and new one."""
        return tuple((call.old, call.new) for call in self._by_old.values())

    def _take(self, event: BridgeEvent) -> None:
        if isinstance(event, StanzaReceived):
            side = self._side_of(getattr(event.stanza, "from_", None) or "")
            if side is Side.OLD:
                self._tell_old(event)
            elif side is Side.NEW:
                self._tell_new(event)
            else:
                self._outputs.append(NotHandled(event.stanza))

    def _side_of(self, jid: str) -> Side | None:
        """Return whose this JID is; a client may go on as another resource of its account (XEP-0166 7.1)."""
        sides = {bare(leg.peer): side for side, leg in self._legs.items()}
        sides |= {leg.peer: side for side, leg in self._legs.items()}
        return sides.get(jid) or sides.get(bare(jid))

    def _expire(self, timer: Side | SessionKey) -> None:
        if isinstance(timer, SessionKey):
            self._describe(self._by_new[timer])
        elif timer is Side.OLD:
            self._tell_old(TimerFired())
        else:
            self._tell_new(TimerFired())

    # --- the old side -------------------------------------------------------------------------------------------------

    def _tell_old(self, event: WebrtcEvent | TimerFired) -> None:
        told = self._old.handle(event, self._timers.now)
        self._outputs += (output for output in told if isinstance(output, _PASSED_ON))
        for output in told:
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
        if isinstance(output, _PASSED_ON):
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
            case OfferFailed(_, error):
                self._hear_failure(call, error)
            case SessionEnded(_, reason):
                self._end(call, reason)
            case ContentProposed(key, jingle):
                self._order_old(call, RejectContent(key, tuple(map(named, jingle.contents))))
            case TransportProposed(key, jingle):
                self._order_old(call, RejectTransport(key, tuple(map(named, jingle.contents))))
            case _:
                pass
        if isinstance(output, _UNBRIDGED):
            self._outputs.append(NotBridged(output.session, output.jingle))

    def _hear_offer(self, call: _Call, sdp: str) -> None:
        """Call the new client with the old one's first offer; change the call with those that follow."""
        if len(call.sdp) == len(Side):
            self._confirm(call)  # an offer stands for the OK that lacks
            self._change_new(call, sdp)
        elif call.sdp or call.caller is Side.NEW:
            self._order_old(call, RefuseOffer(call.old))
        elif (mapped := self._mapped(call, sdp)) is not None:
            jingle = mapped.value
            command = Initiate(call.new.peer, jingle.contents, call.new.sid, jingle.groups, jingle.infos)
            self._order_new(call, command)

    def _hear_answer(self, call: _Call, sdp: str) -> None:
        """Accept the new client's call with the old one's answer; take in those to offers that follow."""
        if call.bridged:
            self._take_over(call, sdp)
        elif (mapped := self._mapped(call, sdp)) is not None:
            jingle = mapped.value
            self._order_new(call, Accept(call.new, jingle.contents, jingle.groups, jingle.infos))
            self._confirm(call)

    def _hear_failure(self, call: _Call, error: WebrtcError) -> None:
        """End a call that has not come about; one that has goes on as it was."""
        if call.bridged:
            call.stale = call.stale or error is WebrtcError.CONFLICT
            self._offer_again(call)
        elif error is WebrtcError.TIMEOUT and call.caller is Side.OLD and Side.NEW in call.sdp:
            self._confirm(call)  # some browsers of 2012 sent no OK
        else:
            self._end(call, Reason(condition=CONDITIONS[error]))

    def _mapped(self, call: _Call, sdp: str) -> Mapped[Jingle] | None:
        """Return what the old client's first description says; None where it has no form, and the call ends."""
        role = call.role(Side.OLD)
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
        self._know(call, Side.OLD, description, mapped)
        return mapped

    def _confirm(self, call: _Call) -> None:
        """Accept the old client's call, whose media is about to arrive (ProtoXEP 3.2), and tell, once."""
        if call.old not in self._by_old:
            return  # it could not be accepted on the new side
        self._order_old(call, MediaArrived(call.old))
        if not call.bridged:
            call.bridged = True
            self._outputs.append(Bridged(call.old, call.new))
        self._offer_again(call)

    # --- the new side -------------------------------------------------------------------------------------------------

    def _tell_new(self, event: Event | TimerFired) -> None:
        told = self._new.handle(event, self._timers.now)
        self._outputs += (output for output in told if isinstance(output, _PASSED_ON))
        for output in told:
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
        self._order_old(call, Initiate(call.old.peer, (content,), call.old.sid))

    def _hear_new(self, output: Output) -> None:
        if isinstance(output, _PASSED_ON):
            return
        call = self._by_new.get(output.session)
        match output:
            case _ if call is None:
                pass  # it is over
            case Accepted(_, jingle):
                self._gather(call, jingle)
            case InfoReceived(_, jingle) if jingle.action is Action.TRANSPORT_INFO and Side.NEW not in call.sdp:
                self._gather_more(call, jingle)
                return
            case InfoReceived(_, jingle) | ContentChanged(_, jingle):
                if self._change_old(call, jingle):
                    return
            case SessionEnded(_, reason):
                self._end(call, reason)
            case ContentProposed(key, jingle):
                self._order_new(call, RejectContent(key, tuple(map(named, jingle.contents))))
            case TransportProposed(key, jingle):
                self._order_new(call, RejectTransport(key, tuple(map(named, jingle.contents))))
            case _:
                pass
        if isinstance(output, _UNBRIDGED):
            self._outputs.append(NotBridged(output.session, output.jingle))

    # --- the new side's description -----------------------------------------------------------------------------------

    def _gather(self, call: _Call, jingle: Jingle) -> None:
        """Wait for the candidates that go with an initiation or acceptance."""
        early = (_without_password(one) for one in call.early.values())
        call.gathered = attrs.evolve(jingle, contents=_informed(jingle.contents, early))
        call.early.clear()
        self._timers.arm(call.new, self._timers.now + self._gathering)

    def _gather_more(self, call: _Call, jingle: Jingle) -> None:
        if call.gathered.contents:
            call.gathered = attrs.evolve(call.gathered, contents=_informed(call.gathered.contents, jingle.contents))
        else:
            for content in jingle.contents:
                before = call.early.get(key_of(content), content)
                call.early[key_of(content)] = merged(before, Action.TRANSPORT_INFO, content)

    def _describe(self, call: _Call) -> None:
        """Hand the new client's description, with all candidates so far, to the old one."""
        try:
            mapped = to_sdp(call.gathered, role=call.role(Side.NEW), offer=call.offer, names=call.names)
        except MappingError:
            self._end(call, Reason(condition=Condition.FAILED_APPLICATION))
            return
        self._know(call, Side.NEW, mapped.value, mapped)
        sdp = dump_sdp(mapped.value)
        self._order_old(call, Offer(call.old, sdp) if call.caller is Side.NEW else Answer(call.old, sdp))

    # --- changes ------------------------------------------------------------------------------------------------------

    def _change_old(self, call: _Call, jingle: Jingle) -> bool:
        """Offer the old client what the new one changed; return False where that is nothing that can be offered."""
        if not _is_carried(jingle) or Side.NEW not in call.sdp:
            return False
        try:
            mapped = apply(call.sdp[Side.NEW], (jingle,), role=call.role(Side.NEW), names=call.names)
        except MappingError:
            return False
        call.stale = call.stale or mapped.value != call.sdp[Side.NEW]
        self._know(call, Side.NEW, mapped.value, mapped)
        self._offer_again(call)
        return True

    def _offer_again(self, call: _Call) -> None:
        """Offer what has changed, when the old side is ready to hear it."""
        exchange = self._old.exchanges.get(call.old)
        if call.bridged and call.stale and exchange and exchange.state is ExchangeState.STABLE:
            call.stale = False
            self._order_old(call, Offer(call.old, dump_sdp(call.sdp[Side.NEW])))

    def _change_new(self, call: _Call, sdp: str) -> None:
        """Ask the new client for what the old one offers now; refuse what would need its answer first."""
        changed = self._changed(call, sdp)
        if changed is None or _restarts(call.sdp[Side.OLD], changed[0]) or not all(map(_is_carried, changed[1].value)):
            self._order_old(call, RefuseOffer(call.old))
            return
        description, requests = changed
        modified = tuple(request for request in requests.value if request.action is Action.CONTENT_MODIFY)
        answer = apply(call.sdp[Side.NEW], modified, role=call.role(Side.NEW), names=call.names)
        self._know(call, Side.NEW, answer.value, answer)
        self._know(call, Side.OLD, description, requests)
        self._ask(call, requests.value)
        self._order_old(call, Answer(call.old, dump_sdp(answer.value)))

    def _take_over(self, call: _Call, sdp: str) -> None:
        """Ask the new client for what the old one's answer to its change brings."""
        changed = self._changed(call, sdp)
        if changed is not None:
            self._know(call, Side.OLD, *changed)
            requests = changed[1].value
            self._outputs += (NotBridged(call.old, one) for one in requests if not _is_carried(one))
            self._ask(call, tuple(filter(_is_carried, requests)))
        self._offer_again(call)

    def _changed(self, call: _Call, sdp: str) -> tuple[SessionDescription, Mapped[tuple[Jingle, ...]]] | None:
        """Return the old client's new description, and the requests for it; None where it has no form."""
        before, role, sid = call.sdp[Side.OLD], call.role(Side.OLD), call.new.sid
        try:
            description = load_sdp(sdp, errors="tolerant")
            return description, changes(before, description, role=role, names=call.names, sid=sid)
        except (SdpError, MappingError):
            return None

    def _ask(self, call: _Call, requests: tuple[Jingle, ...]) -> None:
        """Send requests to the new client, without directions that hold already."""
        session = self._new.sessions.get(call.new)
        held = {} if session is None else {key: status.senders for key, status in session.contents.items()}
        for request in requests:
            contents = request.contents
            if request.action is Action.CONTENT_MODIFY:
                contents = tuple(one for one in contents if held.get(key_of(one)) is not one.senders)
            if contents:
                self._order_new(call, COMMANDS[request.action](call.new, contents, request.groups, request.infos))

    # --- both sides ---------------------------------------------------------------------------------------------------

    def _order_old(self, call: _Call, command: WebrtcEvent) -> None:
        """Let the old side obey; where it cannot, the call is over."""
        try:
            self._tell_old(command)
        except LocalError:
            self._end(call, Reason(condition=Condition.GENERAL_ERROR))

    def _order_new(self, call: _Call, command: Event) -> None:
        """Let the new side obey; where it cannot, the call is over."""
        try:
            self._tell_new(command)
        except LocalError:
            self._end(call, Reason(condition=Condition.GENERAL_ERROR))

    def _know(self, call: _Call, side: Side, description: SessionDescription, mapped: Mapped[Any]) -> None:
        """Keep what a side described, and tell what of it the other one does not get to know."""
        call.sdp[side], call.names = description, mapped.names
        if mapped.losses:
            self._outputs.append(Lost(call.old if side is Side.OLD else call.new, mapped.losses))

    def _other(self, side: Side) -> SessionKey:
        """Return the key for the other session of a call; no client can guess it and call with it itself."""
        return SessionKey(self._legs[side].peer, drawn_id(self._draw))

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


_PASSED_ON: Final = (SendStanza, Refused, NotHandled)
"What goes out as a session says it, ahead of what follows from the rest: nothing of it may come behind a terminate."

_UNBRIDGED = (ContentChanged, ContentProposed, InfoReceived, TransportChanged, TransportProposed)
"What a peer says that the other side knows nothing of."


def _is_carried(request: Jingle) -> bool:
    return request.action in _CARRIED


def _restarts(before: SessionDescription, after: SessionDescription) -> bool:
    """Tell whether a description has other ICE credentials; its answer would need the other side's (RFC 8839 4.4.1)."""
    return [media.ice_ufrag for media in before.media] != [media.ice_ufrag for media in after.media]


def _informed(contents: Iterable[Content], said: Iterable[Content]) -> tuple[Content, ...]:
    """Return contents that know what transport-infos said of them."""
    found = {key_of(content): content for content in contents}
    for content in said:
        key = key_of(content)
        if key in found:
            found[key] = merged(found[key], Action.TRANSPORT_INFO, content)
    return tuple(found.values())


def _without_password(content: Content) -> Content:
    """Return what a transport-info said, as one that begins no ICE generation: it is older than what it is added to."""
    transport = content.transport
    return attrs.evolve(content, transport=attrs.evolve(transport, pwd=None) if is_ice(transport) else None)

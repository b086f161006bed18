"""From Jingle to SIP (draft-ietf-stox-media-04 5.1): what the XMPP party says becomes INVITE, answer or BYE."""

from __future__ import annotations

import attrs

from jinglecodec.model.jingle import Action, Condition, Content, Creator, Jingle, Reason, SessionInfo, key_of, named
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.model.rtp_info import Ringing
from jinglecodec.model.stanza import StanzaError
from jinglecodec.session.events import (
    Accepted,
    ContentChanged,
    ContentProposed,
    IncomingSession,
    InfoReceived,
    RejectContent,
    RejectTransport,
    RemoveContent,
    RequestFailed,
    SessionEnded,
    TransportProposed,
)
from jinglecodec.sip.addresses import to_call_id, to_uri, username
from jinglecodec.sip.calls import Call, CallStarted, Exchange, GatewayLayer, Phase, Timer
from jinglecodec.sip.legs import Answer, HangUp, Invite, Offer, Reject, Ring
from jinglecodec.sip.negotiation import Negotiation
from jinglecodec.sip.tables import FORMS, HOLDS, Form, status_of, status_of_error

__all__ = ["Outward"]

Heard = Accepted | ContentProposed | ContentChanged | InfoReceived | TransportProposed | RequestFailed | SessionEnded
"What a session says of the XMPP party in a call that is known."


class Outward(GatewayLayer):
    """What a gateway does when the XMPP party speaks."""

    __slots__ = ()

    # --- a call begins -----------------------------------------------------------------------------------------------

    def _begin_outward(self, local: str, event: IncomingSession) -> None:
        """Take a session-initiate: INVITE, as soon as the candidates are there."""
        key = event.session
        media = Negotiation(Creator.INITIATOR, key.sid, username(key.peer), self._config.sip.address)
        refused = media.take(event.jingle.contents, event.jingle.groups)
        call = Call(to_call_id(key.sid), local, key, media, Phase.GATHERING, refused=refused)
        self._keep(call)
        if to_uri(local) is None or to_uri(key.peer) is None:
            self._terminate(call, Condition.GONE)
        elif not media.live:
            is_rtp = any(isinstance(one.description, RtpDescription) for one in refused)
            self._terminate(call, Condition.UNSUPPORTED_TRANSPORTS if is_rtp else Condition.UNSUPPORTED_APPLICATIONS)
        else:
            self._gather(call)

    def _gather(self, call: Call) -> None:
        """Go on when there are candidates, else wait for them for a while (draft 4: SIP does not trickle)."""
        if call.media.is_gathered:
            self._proceed(call)
        else:
            self._timers.arm((Timer.CANDIDATES, call.call), self._timers.now + self._config.patience)

    def _proceed(self, call: Call) -> None:
        """Send what waited for candidates: the INVITE, the 200, or a further offer."""
        self._timers.cancel((Timer.CANDIDATES, call.call))
        match call.phase:
            case Phase.GATHERING:
                self._invite(call)
            case Phase.ACCEPTING:
                self._answer_call(call)
            case Phase.ACTIVE:
                call.is_changed = True
                self._offer(call)

    def _invite(self, call: Call) -> None:
        caller, callee = to_uri(call.key.peer), to_uri(call.local)
        if caller is not None and callee is not None:
            if callee.gruu == self._config.resource:
                callee = attrs.evolve(callee, gruu=None)  # no device of the SIP party, but our name for want of one
            call.phase = Phase.CALLING
            self._sip(Invite(call.call, caller, callee, call.media.description(answers=False)))

    # --- the XMPP party in a call ------------------------------------------------------------------------------------

    def _hear_xmpp(self, call: Call, event: Heard) -> None:
        match event:
            case Accepted(_, said):
                self._accept(call, said.contents)
            case ContentProposed(_, said):
                self._propose(call, said.contents)
            case ContentChanged(_, said):
                self._change(call, said)
            case InfoReceived(_, said):
                self._inform(call, said)
            case TransportProposed(_, said):
                self._say(call, RejectTransport, *map(named, said.contents))
            case RequestFailed(_, said, error):
                self._fail(call, said, error)
            case SessionEnded(_, reason):
                self._end(call, reason)

    def _accept(self, call: Call, contents: tuple[Content, ...]) -> None:
        """Take a session-accept: the answer to the INVITE."""
        if call.phase is not Phase.OFFERED:
            return
        call.media.answer(contents)
        if call.media.live:
            call.phase = Phase.ACCEPTING
            self._gather(call)
        else:
            self._sip(Reject(call.call, status_of(Condition.INCOMPATIBLE_PARAMETERS)))
            self._terminate(call, Condition.INCOMPATIBLE_PARAMETERS)

    def _answer_call(self, call: Call) -> None:
        call.phase = Phase.ACTIVE
        call.exchange = Exchange.OURS if call.makes_offer else Exchange.NONE
        self._outputs.append(CallStarted(call.call, call.key, call.local))
        self._sip(Answer(call.call, call.media.description(answers=not call.makes_offer)))
        self._offer(call)

    def _propose(self, call: Call, contents: tuple[Content, ...]) -> None:
        """Take a content-add: an offer with further sections."""
        call.waiting += contents
        self._change_by_offer(call)

    def _change(self, call: Call, said: Jingle) -> None:
        """Take what the XMPP party says of contents that are known to both."""
        match said.action:
            case Action.CONTENT_ACCEPT:
                call.media.accept(said.contents)
            case Action.CONTENT_REJECT | Action.CONTENT_REMOVE:
                call.media.drop(said.contents)
                call.waiting = _without(call.waiting, said.contents)
            case Action.CONTENT_MODIFY:
                call.media.modify(said.contents)
        if FORMS[said.action] is Form.OFFER:
            self._change_by_offer(call)
        self._settle(call, said.contents)

    def _settle(self, call: Call, contents: tuple[Content, ...]) -> None:
        """Let contents that the SIP party has added be answered; the last one lets its offer be."""
        left = _without(call.asked, contents)
        was_asked, call.asked = bool(call.asked), left
        if was_asked and not left and call.exchange is Exchange.THEIRS:
            call.exchange = Exchange.NONE
            self._timers.cancel((Timer.CONSENT, call.call))
            self._sip(Answer(call.call, call.media.description(answers=True)))
        self._offer(call)

    def _decide(self, call: Call) -> None:
        """Answer for an XMPP party that does not say whether it accepts what the SIP party adds: it does not."""
        asked = call.asked
        call.media.drop(asked)
        self._say(call, RemoveContent, *map(named, asked))
        self._settle(call, asked)

    def _inform(self, call: Call, said: Jingle) -> None:
        if said.action is Action.TRANSPORT_INFO:
            call.media.move(said.contents)
            if call.phase in (Phase.GATHERING, Phase.ACCEPTING):
                self._gather(call)
            elif call.phase is Phase.ACTIVE:
                self._timers.arm((Timer.CANDIDATES, call.call), self._timers.now + self._config.pause)
            elif call.phase is Phase.CALLING:
                call.is_changed = True
        for info in said.infos:
            if isinstance(info, Ringing):
                self._sip(Ring(call.call))
            elif isinstance(info, SessionInfo) and type(info) in HOLDS:
                call.media.held = HOLDS[type(info)]
                self._change_by_offer(call)

    def _fail(self, call: Call, said: Jingle, error: StanzaError | None) -> None:
        """Take an error: of the session-initiate it is the final response, of a content-add it is a no."""
        if said.action is Action.SESSION_INITIATE:
            condition = None if error is None else error.condition
            self._sip(Reject(call.call, status_of_error(condition, call.key.peer)))
        elif said.action is Action.CONTENT_ADD:
            call.media.drop(said.contents)
            self._settle(call, said.contents)

    def _end(self, call: Call, reason: Reason) -> None:
        """Take the end of the session: CANCEL or BYE, or the final response where there was none."""
        self._drop(call, reason.condition or Condition.SUCCESS)
        if call.phase in (Phase.OFFERED, Phase.ACCEPTING):
            self._sip(Reject(call.call, status_of(reason.condition)))
        else:
            self._sip(HangUp(call.call))

    # --- offers within a call ----------------------------------------------------------------------------------------

    def _change_by_offer(self, call: Call) -> None:
        call.is_changed = True
        self._offer(call)

    def _offer(self, call: Call) -> None:
        """Offer what has changed to the SIP party, unless an offer is under way."""
        if not call.is_changed or call.phase is not Phase.ACTIVE or call.exchange is not Exchange.NONE:
            return
        call.is_changed = False
        strange = call.media.take(call.waiting)
        call.proposed = tuple(one for one in call.waiting if one not in strange)
        call.waiting = ()
        before = call.media.sent
        description = call.media.description(answers=False)
        if description != before:
            call.exchange = Exchange.OURS
            self._sip(Offer(call.call, description))
        self._say(call, RejectContent, *map(named, strange))


def _without(contents: tuple[Content, ...], others: tuple[Content, ...]) -> tuple[Content, ...]:
    keys = set(map(key_of, others))
    return tuple(content for content in contents if key_of(content) not in keys)

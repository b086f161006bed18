"""From SIP to Jingle (draft-ietf-stox-media-04 5 to 10): what the SIP party says becomes requests of a session."""

from __future__ import annotations

from jinglecodec.model.jingle import Condition, Content, ContentKey, Creator, key_of, named
from jinglecodec.model.rtp_info import Ringing
from jinglecodec.session.events import (
    Accept,
    AcceptContent,
    AddContent,
    Initiate,
    ModifyContent,
    RejectContent,
    RemoveContent,
    SendSessionInfo,
    SendTransportInfo,
    SessionKey,
)
from jinglecodec.sip.addresses import Uri, to_jid, to_sid, username
from jinglecodec.sip.calls import BLANK, Call, CallStarted, Exchange, Phase, Timer
from jinglecodec.sip.legs import (
    Answer,
    Answered,
    Ended,
    Failed,
    Invited,
    OfferFailed,
    OfferWithdrawn,
    Rang,
    Reject,
    Reoffered,
)
from jinglecodec.sip.negotiation import Negotiation, News
from jinglecodec.sip.outward import Outward
from jinglecodec.sip.tables import reason_of

__all__ = ["Inward"]

Heard = Rang | Answered | Failed | Reoffered | OfferFailed | OfferWithdrawn | Ended
"What the user agent says of the SIP party in a call that is known."


class Inward(Outward):
    """What a gateway does when the SIP party speaks, beside what it does when the other does."""

    __slots__ = ()

    # --- a call begins -----------------------------------------------------------------------------------------------

    def _begin_inward(self, event: Invited) -> None:
        """Take an INVITE: session-initiate to the device that the Request-URI names, else to one that is there."""
        caller, peer = to_jid(event.caller), self._device(event.callee)
        if caller is None or peer is None:
            self._sip(Reject(event.call, 404 if caller is None else 480))
            return
        local = caller if "/" in caller else f"{caller}/{self._config.resource}"
        key = SessionKey(peer, to_sid(event.call))
        media = Negotiation(Creator.RESPONDER, key.sid, username(peer), self._config.sip.address)
        call = Call(event.call, local, key, media, Phase.OFFERED, makes_offer=event.sdp is None)
        contents = self._contents_of(media, event.sdp)
        if not contents:
            self._sip(Reject(event.call, 488))
            return
        self._keep(call)
        if not self._jingle(local, Initiate(peer, contents, key.sid)):
            self._drop(call, Condition.GENERAL_ERROR)
            self._sip(Reject(event.call, 480))

    def _contents_of(self, media: Negotiation, sdp: bytes | None) -> tuple[Content, ...]:
        if sdp is None:
            media.invite(BLANK)
            return (BLANK,)
        news = media.hear(sdp, answers=False)
        return () if news is None else news.added

    def _device(self, callee: Uri) -> str | None:
        """Return the full JID for a Request-URI; None where the user is not there (RFC 7247 6.4)."""
        jid = to_jid(callee)
        if jid is None or "/" in jid:
            return jid
        return next(reversed(self._users.get(jid, {})), None)

    # --- the SIP party in a call -------------------------------------------------------------------------------------

    def _hear_sip(self, call: Call, event: Heard) -> None:
        match event:
            case Rang():
                self._jingle(call.local, SendSessionInfo(call.key, infos=(Ringing(),)))
            case Answered(_, sdp) if call.phase is Phase.CALLING:
                self._start(call, sdp)
            case Answered(_, sdp):
                self._take_answer(call, sdp)
            case Failed(_, status):
                self._terminate(call, reason_of(status))
            case Reoffered(_, sdp):
                self._take_offer(call, sdp)
            case OfferFailed(_, status):
                self._give_up(call, again=status == 491)
            case OfferWithdrawn():
                self._withdraw(call)
            case Ended():
                self._terminate(call, Condition.SUCCESS if call.phase is Phase.ACTIVE else Condition.CANCEL)

    def _start(self, call: Call, sdp: bytes) -> None:
        """Take the answer to the INVITE: session-accept."""
        news = call.media.hear(sdp, answers=True)
        if news is None or not call.media.live:
            self._abandon(call, Condition.INCOMPATIBLE_PARAMETERS)
            return
        call.phase = Phase.ACTIVE
        self._outputs.append(CallStarted(call.call, call.key, call.local))
        if not self._say(call, Accept, *call.media.contents()):
            self._abandon(call, Condition.GENERAL_ERROR)
            return
        self._say(call, RejectContent, *news.removed, *map(named, call.refused))
        self._offer(call)

    def _take_answer(self, call: Call, sdp: bytes) -> None:
        """Take the answer to an offer of ours: for contents that the XMPP party proposed, a yes or no."""
        news = call.media.hear(sdp, answers=True)
        proposed, call.proposed = call.proposed, ()
        call.exchange = Exchange.NONE
        if news is None:
            self._abandon(call, Condition.INCOMPATIBLE_PARAMETERS)
            return
        keys = set(map(key_of, proposed))
        rejected = [one for one in news.removed if key_of(one) in keys]
        self._say(call, AcceptContent, *call.media.contents(keys))
        self._say(call, RejectContent, *rejected)
        self._tell(call, news, known=keys)
        self._offer(call)

    def _take_offer(self, call: Call, sdp: bytes | None) -> None:
        """Take a re-INVITE; where it adds contents, the XMPP party is asked before it is answered."""
        if sdp is None:
            call.exchange = Exchange.OURS
            self._sip(Answer(call.call, call.media.description(answers=False)))
            return
        news = call.media.hear(sdp, answers=False)
        if news is None:
            self._sip(Reject(call.call, 488))
            return
        self._tell(call, news)
        if call.call not in self._calls:
            return
        if news.added and self._say(call, AddContent, *news.added):
            call.exchange, call.asked = Exchange.THEIRS, news.added
            self._timers.arm((Timer.CONSENT, call.call), self._timers.now + self._config.consent)
            return
        call.media.drop(news.added)
        if call.media.live:
            self._sip(Answer(call.call, call.media.description(answers=True)))
            self._offer(call)
        else:
            self._abandon(call, Condition.SUCCESS)

    def _tell(self, call: Call, news: News, known: set[ContentKey] | None = None) -> None:
        """Tell the XMPP party what has changed in contents, apart from those that are `known`."""
        skipped = known or set()
        removed = [one for one in news.removed if key_of(one) not in skipped]
        moved = [one for one in news.moved if key_of(one) not in skipped]
        self._say(call, ModifyContent, *call.media.settle())
        self._say(call, SendTransportInfo, *moved)
        self._say(call, RemoveContent, *removed)

    def _give_up(self, call: Call, *, again: bool) -> None:
        """Take the refusal of an offer of ours; where the offers met, it is made again later."""
        proposed, call.proposed = call.proposed, ()
        call.exchange = Exchange.NONE
        call.media.take_back(proposed)
        if again:
            call.waiting = proposed + call.waiting
            call.is_changed = True
        else:
            self._say(call, RejectContent, *map(named, proposed))

    def _withdraw(self, call: Call) -> None:
        """Take back what a cancelled re-INVITE has added."""
        asked, call.asked = call.asked, ()
        call.exchange = Exchange.NONE
        self._timers.cancel((Timer.CONSENT, call.call))
        call.media.withdraw(asked)
        self._say(call, RemoveContent, *map(named, asked))
        self._offer(call)

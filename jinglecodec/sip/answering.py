"""The server's side of INVITE (RFC 3261 13.3, 14.2): ringing, answers, and the 2xx that is sent until its ACK comes."""

from __future__ import annotations

import attrs

from jinglecodec.addresses import Address
from jinglecodec.sip import transactions
from jinglecodec.sip.addresses import Uri
from jinglecodec.sip.calling import SDP, Calling
from jinglecodec.sip.dialogs import Dialog
from jinglecodec.sip.legs import (
    Answered,
    Ended,
    Invited,
    Leg,
    OfferFailed,
    OfferWithdrawn,
    Overloaded,
    Reoffered,
    Unacknowledged,
    When,
)
from jinglecodec.sip.messages import Fields, Request
from jinglecodec.sip.transactions import Key

__all__ = ["Answering"]

_ACCEPTED: Fields = (("Accept", "application/sdp"),)
_EXTENSIONS = frozenset({"100rel"})


class Answering(Calling):
    """What a user agent does as the one that gets INVITE, beside what it does as the other."""

    __slots__ = ()

    # --- INVITE outside of a dialog ----------------------------------------------------------------------------------

    def _receive_invite(self, key: Key, request: Request, remote: Address) -> None:
        refusal = self._refusal(request, remote)
        callee, caller = Uri.parse(request.uri), Uri.parse(request.from_.uri)
        if refusal is not None or callee is None or caller is None:
            status, fields = refusal or (416, ())
            self._respond(key, request, status, fields=fields)
            return
        if len(self._legs) >= self._settings.calls:
            self._respond(key, request, 503, fields=(("Retry-After", "10"),))
            self._outputs.append(Overloaded(remote))
            return
        leg = Leg(request.call_id, self._contact(callee), asked=(key, request))
        leg.dialog = Dialog.of_server(request, self._hex())
        self._legs[leg.call] = leg
        self._arm(When.RINGING, leg, self._settings.ring_time)
        self._outputs.append(Invited(leg.call, caller, callee, request.sdp))

    def _refusal(self, request: Request, remote: Address) -> tuple[int, Fields] | None:
        """Return why an INVITE is refused unseen (RFC 3261 8.2.2, 8.2.3)."""
        unsupported = request.tokens("require") - _EXTENSIONS
        if request.call_id in self._legs:
            return 482, ()  # it came another way already, or went out from here (8.2.2.2)
        if not self._settings.strangers and remote.host != self._settings.server.host:
            return 403, ()
        if unsupported:
            return 420, (("Unsupported", ", ".join(sorted(unsupported))),)
        if request.one("max-forwards").strip() == "0":
            return 483, ()
        if request.body and request.sdp is None:
            return 415, _ACCEPTED
        return None

    def _ring(self, leg: Leg) -> None:
        """Send 180, once; reliably where the caller demands it (RFC 3262 3)."""
        if leg.asked is None or leg.has_rung or leg.dialog is None:
            return
        leg.has_rung = True
        key, request = leg.asked
        fields = (*self._abilities(leg), *_routes(request))
        if "100rel" not in request.tokens("require"):
            self._respond(key, request, 180, tag=leg.dialog.local_tag, fields=fields)
            return
        number = self._draw.randrange(1, 2**31)
        reliable = (*fields, ("Require", "100rel"), ("RSeq", str(number)))
        response = self._respond(key, request, 180, tag=leg.dialog.local_tag, fields=reliable)
        timing = self._settings.timing
        leg.provisional = Unacknowledged(key, response, timing.t1, number)
        self._arm(When.PROVISIONAL, leg, timing.t1)
        self._arm(When.NO_PRACK, leg, timing.patience)

    def _receive_prack(self, key: Key, request: Request, leg: Leg) -> None:
        waiting = leg.provisional
        if waiting is None or request.one("rack").split()[:1] != [str(waiting.number)]:
            self._respond(key, request, 481)
            return
        leg.provisional = None
        self._cancel(leg, When.PROVISIONAL, When.NO_PRACK)
        self._respond(key, request, 200)

    # --- INVITE within the dialog ------------------------------------------------------------------------------------

    def _receive_reinvite(self, key: Key, request: Request, leg: Leg, dialog: Dialog) -> None:
        """Take an offer, unless one of ours is under way (RFC 3261 14.2)."""
        if leg.is_offering:
            self._respond(key, request, 491)
        elif leg.asked is not None or leg.final is not None:
            self._respond(key, request, 500, fields=(("Retry-After", str(self._draw.randrange(11))),))
        elif request.body and request.sdp is None:
            self._respond(key, request, 415, fields=_ACCEPTED)
        else:
            leg.dialog = dialog.after(request)
            leg.asked = key, request
            if leg.wanted is not None:  # the other party was first
                leg.wanted = None
                self._cancel(leg, When.RETRY)
                self._outputs.append(OfferFailed(leg.call, 491))
            self._outputs.append(Reoffered(leg.call, request.sdp))

    # --- answers -----------------------------------------------------------------------------------------------------

    def _answer(self, leg: Leg, sdp: bytes) -> None:
        """Send a 2xx, again and again until its ACK comes (RFC 3261 13.3.1.4)."""
        if leg.asked is None or leg.dialog is None:
            return
        key, request = leg.asked
        fields = (*self._abilities(leg), *_routes(request), *SDP)
        response = self._respond(key, request, 200, tag=leg.dialog.local_tag, fields=fields, body=sdp)
        timing = self._settings.timing
        leg.asked, leg.provisional = None, None
        leg.answers_in_ack = request.sdp is None
        leg.final = Unacknowledged(key, response, timing.t1, request.cseq)
        self._cancel(leg, When.RINGING, When.PROVISIONAL, When.NO_PRACK)
        self._arm(When.FINAL, leg, timing.t1)
        self._arm(When.NO_ACK, leg, timing.patience)

    def _reject(self, leg: Leg, status: int) -> None:
        """Refuse the call, or an offer within it."""
        if leg.asked is None or leg.dialog is None:
            return
        key, request = leg.asked
        leg.asked = None
        self._respond(key, request, status, tag=leg.dialog.local_tag)
        if self._is_unanswered(leg, request):
            self._finish(leg)
        else:
            self._offer(leg)

    def _is_unanswered(self, leg: Leg, request: Request) -> bool:
        """Tell whether a request is the INVITE that began the call."""
        return not leg.is_caller and request.to.tag == ""

    def _receive_ack(self, request: Request, leg: Leg) -> None:
        if leg.final is None or leg.dialog is None or request.cseq != leg.final.number or not leg.dialog.owns(request):
            return
        leg.final = None
        self._cancel(leg, When.FINAL, When.NO_ACK)
        if leg.is_leaving:
            self._bye(leg)
        elif leg.answers_in_ack and request.sdp is None:
            self._bye(leg)
            self._outputs.append(Ended(leg.call))
        else:
            if leg.answers_in_ack and request.sdp is not None:
                self._outputs.append(Answered(leg.call, request.sdp))
            self._offer(leg)

    def _receive_cancel(self, key: Key, request: Request, leg: Leg | None) -> None:
        """Take a CANCEL: it has an effect only on an INVITE without final response (RFC 3261 9.2)."""
        known = self._transactions.is_open(key.invite)
        self._respond(key, request, 200 if known else 481, tag="" if leg is None else _tag(leg))
        if leg is None or leg.asked is None or leg.asked[0] != key.invite:
            return
        begins = self._is_unanswered(leg, leg.asked[1])
        self._reject(leg, 487)
        self._outputs.append(Ended(leg.call) if begins else OfferWithdrawn(leg.call))

    def _receive_bye(self, key: Key, request: Request, leg: Leg) -> None:
        """Let the call be over, an INVITE in it that waits for its answer included (RFC 3261 15.1.2)."""
        self._respond(key, request, 200)
        if leg.asked is not None:
            waiting, invite = leg.asked
            leg.asked = None
            self._respond(waiting, invite, 487, tag=_tag(leg))
        self._finish(leg)
        self._outputs.append(Ended(leg.call))

    # --- timers ------------------------------------------------------------------------------------------------------

    def _send_again(self, leg: Leg, when: When, waiting: Unacknowledged) -> Unacknowledged:
        """Send a response that nobody acknowledged, and return what is kept of it; a 2xx at most each T2."""
        self._hand_in(transactions.Respond(waiting.key, waiting.response))
        interval = 2 * waiting.interval
        if when is When.FINAL:
            interval = min(interval, self._settings.timing.t2)
        self._arm(when, leg, interval)
        return attrs.evolve(waiting, interval=interval)


def _tag(leg: Leg) -> str:
    return "" if leg.dialog is None else leg.dialog.local_tag


def _routes(request: Request) -> Fields:
    """Return the Record-Route that a response has to repeat (RFC 3261 12.1.1)."""
    return tuple(("Record-Route", route) for route in request.all("record-route"))

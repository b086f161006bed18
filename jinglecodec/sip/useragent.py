"""A SIP user agent for many calls (RFC 3261, 3262, 6026): datagrams and commands in, datagrams and events out.

It knows offers and answers as octets; what is in them is its caller's. To the gateway it is what a session manager is
on the other side.
"""

from __future__ import annotations

from jinglecodec.addresses import Address
from jinglecodec.machine import DatagramReceived, TimerFired
from jinglecodec.sip import transactions
from jinglecodec.sip.answering import Answering
from jinglecodec.sip.legs import (
    Answer,
    Ended,
    Event,
    Failed,
    HangUp,
    Invite,
    Leg,
    Offer,
    Overloaded,
    Reject,
    Ring,
    When,
)
from jinglecodec.sip.messages import Request
from jinglecodec.sip.tables import ALLOWED, KNOWN
from jinglecodec.sip.transactions import Key

__all__ = ["UserAgent"]


class UserAgent(Answering):
    """Places, takes, changes and ends calls over one UDP socket, to which the token 0 stands in all datagrams."""

    __slots__ = ()

    def knows(self, call: str) -> bool:
        """Tell whether there is a call with this Call-ID, or was until just now."""
        return call in self._legs

    def is_free(self, call: str) -> bool:
        """Tell whether a call with this Call-ID may be placed: none has it, and there is room."""
        return call not in self._legs and len(self._legs) < self._settings.calls

    def _take(self, event: Event) -> None:
        if isinstance(event, DatagramReceived):
            self._hand_in(event)
        elif isinstance(event, Invite):
            if self.is_free(event.call):
                self._invite(event)
            else:
                self._outputs.append(Failed(event.call, 482))
        else:
            leg = self._legs.get(event.call)
            if leg is not None and not leg.is_over:
                self._command(leg, event)

    def _command(self, leg: Leg, event: Ring | Answer | Reject | Offer | HangUp) -> None:
        match event:
            case Ring():
                self._ring(leg)
            case Answer(_, sdp):
                self._answer(leg, sdp)
            case Reject(_, status):
                self._reject(leg, status)
            case Offer(_, sdp):
                leg.wanted = sdp
                self._offer(leg)
            case HangUp():
                self._hang_up(leg)

    def _hang_up(self, leg: Leg) -> None:
        """End a call: by a final response, CANCEL, BYE, or BYE after the ACK that is still to come (RFC 3261 15)."""
        if leg.dialog is None:
            self._withdraw(leg)
            return
        if leg.asked is not None:
            begins = self._is_unanswered(leg, leg.asked[1])
            leg.wanted = None
            self._reject(leg, 480 if begins else 487)
            if begins:
                return
        if leg.final is not None:
            leg.is_leaving = True
        else:
            self._bye(leg)

    # --- what the transactions say -----------------------------------------------------------------------------------

    def _follow(self, told: tuple[transactions.Output, ...]) -> None:
        for output in told:
            match output:
                case transactions.RequestReceived(key, request, remote):
                    self._receive_request(key, request, remote)
                case transactions.AckReceived(request):
                    leg = self._legs.get(request.call_id)
                    if leg is not None:
                        self._receive_ack(request, leg)
                case transactions.ResponseReceived(waiting, response, remote):
                    call = None if waiting is None else self._keys.get(waiting)
                    if waiting is None or call is not None:
                        self._receive_response(response, remote, self._legs.get(call or ""))
                case transactions.TransactionFailed(key):
                    leg = self._legs.get(self._keys.get(key, ""))
                    if leg is not None and leg.is_offering:
                        self._receive_failure(leg, 408)
                case transactions.TransactionRefused(remote):
                    self._outputs.append(Overloaded(remote))
                case datagram:
                    self._outputs.append(datagram)

    def _receive_request(self, key: Key, request: Request, remote: Address) -> None:
        leg = self._legs.get(request.call_id)
        if request.method not in ALLOWED:
            status = 405 if request.method in KNOWN else 501
            self._respond(key, request, status, fields=(("Allow", ", ".join(ALLOWED)),))
        elif request.method == "CANCEL":
            self._receive_cancel(key, request, leg)
        elif request.to.tag:
            self._receive_in_dialog(key, request, leg)
        elif request.method == "INVITE":
            self._receive_invite(key, request, remote)
        elif request.method == "OPTIONS":
            self._respond(key, request, 200, fields=_ABILITIES)
        else:
            self._respond(key, request, 481)

    def _receive_in_dialog(self, key: Key, request: Request, leg: Leg | None) -> None:
        dialog = None if leg is None or leg.is_over else leg.dialog
        if leg is None or dialog is None or not dialog.owns(request):
            self._respond(key, request, 481)
        elif dialog.is_late(request):
            self._respond(key, request, 500)
        elif request.method == "INVITE":
            self._receive_reinvite(key, request, leg, dialog)
        else:
            leg.dialog = dialog.after(request)
            match request.method:
                case "BYE":
                    self._receive_bye(key, request, leg)
                case "PRACK":
                    self._receive_prack(key, request, leg)
                case _:
                    self._respond(key, request, 200, fields=_ABILITIES)

    # --- timers ------------------------------------------------------------------------------------------------------

    def _expire(self, timer: tuple[When, str]) -> None:
        when, call = timer
        if when is When.LAYER:
            self._hand_in(TimerFired())
            return
        leg = self._legs[call]
        match when:
            case When.RINGING:
                self._give_up(leg)
            case When.FINAL if leg.final is not None:
                leg.final = self._send_again(leg, when, leg.final)
            case When.PROVISIONAL if leg.provisional is not None:
                leg.provisional = self._send_again(leg, when, leg.provisional)
            case When.NO_ACK:
                self._bye(leg)
                if not leg.is_leaving:
                    self._outputs.append(Ended(call))
            case When.NO_PRACK:
                self._reject(leg, 504)
                self._outputs.append(Ended(call))
            case When.RETRY:
                self._offer(leg)
            case When.FORGET:
                self._forget(leg)

    def _give_up(self, leg: Leg) -> None:
        """End what rings for too long."""
        if leg.is_caller:
            self._withdraw(leg)
            self._outputs.append(Failed(leg.call, 408))
        else:
            self._reject(leg, 480)
            self._outputs.append(Ended(leg.call))


_ABILITIES = (("Allow", ", ".join(ALLOWED)), ("Accept", "application/sdp"), ("Supported", "100rel"))

"""The client's side of INVITE (RFC 3261 13.2, 14.1): forks, early dialogs, PRACK, ACK, CANCEL, offers of our own."""

from __future__ import annotations

import attrs

from jinglecodec.addresses import Address
from jinglecodec.machine import keep_latest
from jinglecodec.sip import transactions
from jinglecodec.sip.dialogs import Dialog
from jinglecodec.sip.legs import (
    Answered,
    Cancelling,
    Early,
    Ended,
    Failed,
    Invite,
    Leg,
    OfferFailed,
    Rang,
    SipLayer,
    When,
)
from jinglecodec.sip.messages import Fields, Request, Response
from jinglecodec.sip.tables import PROVISIONAL
from jinglecodec.sip.transactions import Key, Side

__all__ = ["SDP", "Calling"]

_MOST_FORKS = 32
"Branches of a fork that are told apart; later ones have no early dialog."
_MOST_OFFERS = 8
"INVITEs of a call whose responses are still taken, so that an ACK that was lost is sent again."
SDP: Fields = (("Content-Type", "application/sdp"),)
"Of a message whose body is a description (RFC 3261 13.2.1)."


class Calling(SipLayer):
    """What a user agent does as the one that sends INVITE."""

    __slots__ = ()

    # --- the first INVITE --------------------------------------------------------------------------------------------

    def _invite(self, event: Invite) -> None:
        leg = Leg(event.call, self._contact(event.caller), is_caller=True)
        self._legs[event.call] = leg
        caller, callee = (attrs.evolve(uri, gruu=None) for uri in (event.caller, event.callee))
        fields = (
            ("Via", self._via()),
            ("Max-Forwards", "70"),
            ("From", f"<{caller}>;tag={self._hex()}"),
            ("To", f"<{callee}>"),
            ("Call-ID", event.call),
            ("CSeq", "1 INVITE"),
            *self._abilities(leg),
            *SDP,
        )
        request = Request(method="INVITE", uri=str(event.callee), fields=fields, body=event.sdp)
        self._arm(When.RINGING, leg, self._settings.ring_time)
        self._begin(leg, request, self._settings.server)

    def _begin(self, leg: Leg, request: Request, remote: Address) -> None:
        """Send an INVITE, and remember that it waits."""
        leg.invite = request
        key = Key(Side.CLIENT, request.via.branch, "INVITE")
        leg.keys.append(key)
        self._keys[key] = leg.call
        if len(leg.keys) > _MOST_OFFERS:
            self._release(leg.keys.pop(0))
        leg.is_offering, leg.is_proceeding = True, False
        self._hand_in(transactions.SendRequest(request, remote))

    def _withdraw(self, leg: Leg) -> None:
        """Cancel the INVITE, now or when a provisional response allows it (RFC 3261 9.1)."""
        leg.is_over = True
        self._cancel(leg, *When)
        leg.cancelling = Cancelling.WANTED
        if leg.is_proceeding:
            self._send_cancel(leg)

    def _send_cancel(self, leg: Leg) -> None:
        if leg.invite is None:
            return
        leg.cancelling = Cancelling.SENT
        kept = [(name, value) for name, value in leg.invite.fields if name in ("From", "To", "Call-ID", "Route")]
        fields = (("Via", leg.invite.one("via")), ("Max-Forwards", "70"), *kept, ("CSeq", f"{leg.invite.cseq} CANCEL"))
        request = Request(method="CANCEL", uri=leg.invite.uri, fields=fields)
        self._arm(When.FORGET, leg, self._settings.timing.patience)
        self._hand_in(transactions.SendRequest(request, self._settings.server))

    def _receive_response(self, response: Response, remote: Address, leg: Leg | None) -> None:
        """Take a response to an INVITE of ours; `leg` is None for a stray one."""
        if leg is None:
            is_success = response.cseq_method == "INVITE" and 200 <= response.status < 300
            if is_success and self._is_ours(response) and not self._transactions.is_full:
                self._refuse(response, remote)
        elif response.cseq in leg.acknowledgements and response.to.tag == _chosen(leg):
            if 200 <= response.status < 300:
                self._hand_in(transactions.SendAck(*leg.acknowledgements[response.cseq]))
        elif leg.invite is None or response.cseq != leg.invite.cseq:
            pass  # of an INVITE that failed before
        elif response.status < 200:
            self._receive_provisional(leg, response)
        elif response.status < 300:
            self._receive_success(leg, leg.invite, response)
        elif leg.is_offering:
            self._receive_failure(leg, response.status)

    def _is_ours(self, response: Response) -> bool:
        """Tell whether a response is one to a request that went out from here (RFC 3261 18.1.2)."""
        return (response.via.host.strip("[]"), response.via.port) == attrs.astuple(self._settings.address)

    # --- provisional responses ---------------------------------------------------------------------------------------

    def _receive_provisional(self, leg: Leg, response: Response) -> None:
        leg.is_proceeding = True
        if leg.cancelling is Cancelling.WANTED:
            self._send_cancel(leg)
        if leg.invite is None or leg.dialog is not None or leg.is_over:
            return
        tag = response.to.tag
        if tag and (tag in leg.early or len(leg.early) < _MOST_FORKS):
            early = leg.early.get(tag) or Early(Dialog.of_client(leg.invite, response))
            leg.early[tag] = self._progress(early, response, leg.invite)
        if response.status in PROVISIONAL and not leg.has_rung:
            leg.has_rung = True
            self._outputs.append(Rang(leg.call))

    def _progress(self, early: Early, response: Response, invite: Request) -> Early:
        """Return an early dialog after another response in it; a reliable one is acknowledged (RFC 3262 4)."""
        rseq = response.rseq
        if rseq is not None and "100rel" in response.tokens("require"):
            if early.rseq is not None and rseq != early.rseq + 1:
                return early  # one that came already, or out of order
            number = early.dialog.local_number + 1
            early = attrs.evolve(early, rseq=rseq, dialog=attrs.evolve(early.dialog, local_number=number))
            self._send(early.dialog, "PRACK", number, (("RAck", f"{rseq} {invite.cseq} INVITE"),))
        return attrs.evolve(early, sdp=early.sdp or response.sdp)

    # --- final responses ---------------------------------------------------------------------------------------------

    def _receive_success(self, leg: Leg, invite: Request, response: Response) -> None:
        """Take the first 2xx of an INVITE; of those that follow, and of a call that is over, end the dialogs."""
        if leg.is_offering and not leg.is_over and _chosen(leg) in (None, response.to.tag):
            self._settle(leg, invite, response)
            return
        self._turn_down(leg, invite, response)
        if leg.is_over and leg.is_offering:
            leg.is_offering = False
            self._finish(leg)

    def _settle(self, leg: Leg, invite: Request, response: Response) -> None:
        """Let the dialog of a 2xx be the one that counts, and its description, or the first in it, the answer."""
        early = leg.early.get(response.to.tag)
        sdp = (early and early.sdp) or response.sdp
        if leg.dialog is None:
            leg.dialog = Dialog.of_client(invite, response)
            if early is not None:
                leg.dialog = attrs.evolve(leg.dialog, local_number=early.dialog.local_number)
        elif response.contact:
            leg.dialog = attrs.evolve(leg.dialog, target=response.contact)
        leg.is_offering = False
        leg.wanted = None
        leg.early = {tag: attrs.evolve(one, sdp=None) for tag, one in leg.early.items()}  # they may yet get a BYE
        self._cancel(leg, When.RINGING)
        acknowledgement = leg.dialog.request("ACK", invite.cseq, self._via()), self._hop(leg.dialog)
        leg.acknowledgements[invite.cseq] = acknowledgement
        keep_latest(leg.acknowledgements, _MOST_OFFERS)
        self._hand_in(transactions.SendAck(*acknowledgement))
        if sdp is None:
            self._bye(leg)
            self._outputs.append(Ended(leg.call))
        else:
            self._outputs.append(Answered(leg.call, sdp))

    def _turn_down(self, leg: Leg, invite: Request, response: Response) -> None:
        """Acknowledge a 2xx that comes too late, and end its dialog, once, if it has not ended (RFC 3261 13.2.2.4)."""
        dialog = Dialog.of_client(invite, response)
        acknowledgement = dialog.request("ACK", response.cseq, self._via())
        self._hand_in(transactions.SendAck(acknowledgement, self._hop(dialog)))
        tag = response.to.tag
        if tag not in (*leg.refused, _chosen(leg)) and len(leg.refused) < _MOST_FORKS:
            leg.refused.add(tag)
            self._send(dialog, "BYE", leg.early[tag].dialog.local_number + 1 if tag in leg.early else response.cseq + 1)

    def _refuse(self, response: Response, remote: Address) -> None:
        """Acknowledge a 2xx to nothing that is known, and end its dialog.

        Both go back to where it came from, so that nobody can be made to send to a third.
        """
        dialog = Dialog(response.call_id, response.one("from"), response.one("to"), response.contact or response.to.uri)
        number = response.cseq
        self._hand_in(transactions.SendAck(dialog.request("ACK", number, self._via()), remote))
        self._hand_in(transactions.SendRequest(dialog.request("BYE", number + 1, self._via()), remote))

    def _receive_failure(self, leg: Leg, status: int) -> None:
        """Take a final response that is no success, 408 for none at all."""
        leg.is_offering = False
        if leg.is_over:
            self._finish(leg)
        elif leg.dialog is None:
            self._finish(leg)
            self._outputs.append(Failed(leg.call, status))
        elif status in (408, 481):  # the dialog is gone (RFC 3261 12.2.1.2)
            self._bye(leg)
            self._outputs.append(Ended(leg.call))
        elif status == 491:
            self._arm(When.RETRY, leg, self._retry_delay(leg))
        else:
            leg.wanted = None
            self._outputs.append(OfferFailed(leg.call, status))

    # --- offers within the dialog ------------------------------------------------------------------------------------

    def _retry_delay(self, leg: Leg) -> float:
        """Return how long to wait after 491: longer for the one that made the Call-ID (RFC 3261 14.1)."""
        low, high = (2.1, 4.0) if leg.is_caller else (0.0, 2.0)
        return low + (high - low) * self._draw.random()

    def _offer(self, leg: Leg) -> None:
        """Send the offer that waits, unless an INVITE is under way in either direction (RFC 3261 14.1)."""
        busy = leg.is_offering or leg.asked is not None or leg.final is not None
        if leg.wanted is None or leg.dialog is None or busy or self._timers.due((When.RETRY, leg.call)) is not None:
            return
        number = leg.dialog.local_number + 1
        leg.dialog = attrs.evolve(leg.dialog, local_number=number)
        request = leg.dialog.request("INVITE", number, self._via(), (*self._abilities(leg), *SDP), leg.wanted)
        self._begin(leg, request, self._hop(leg.dialog))


def _chosen(leg: Leg) -> str | None:
    """Return the tag of the one that took the call, None while nobody has."""
    return None if leg.dialog is None else leg.dialog.remote_tag

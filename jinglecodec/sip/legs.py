"""Calls of a SIP user agent: what it takes and says, what it keeps of each, and how it sends."""

from __future__ import annotations

import enum
from abc import abstractmethod
from random import Random

import attrs

from jinglecodec.addresses import Address
from jinglecodec.machine import DatagramReceived, SendDatagram, TimedMachine, TimerFired, drawn_id
from jinglecodec.session.config import positive
from jinglecodec.sip import transactions
from jinglecodec.sip.addresses import Uri
from jinglecodec.sip.dialogs import Dialog
from jinglecodec.sip.messages import COOKIE, Fields, Request, Response
from jinglecodec.sip.tables import ALLOWED
from jinglecodec.sip.transactions import Key, Timing, Transactions

__all__ = [
    "Answer",
    "Answered",
    "Ended",
    "Event",
    "Failed",
    "HangUp",
    "Invite",
    "Invited",
    "Leg",
    "Offer",
    "OfferFailed",
    "OfferWithdrawn",
    "Output",
    "Overloaded",
    "Rang",
    "Reject",
    "Reoffered",
    "Ring",
    "Settings",
    "SipLayer",
    "Unacknowledged",
    "When",
]


@attrs.frozen
class Settings:
    """Where the user agent is, and how long it waits. Raises LocalError for a number that is not positive."""

    address: Address
    "Of its socket, as others reach it: an IP address."
    server: Address
    "The SIP server to which go requests outside of a dialog, and those to a name: no name is looked up here."
    strangers: bool = False
    "Whether others than the SIP server may begin calls: whoever finds the socket, that is."
    timing: Timing = attrs.field(factory=Timing)
    ring_time: float = attrs.field(default=180.0, validator=positive)
    "Seconds that a call may ring, in or out (timer C, RFC 3261 16.6)."
    calls: int = attrs.field(default=1000, validator=positive)
    "At one time, those that have just ended included."


# --- in: each names its call by the Call-ID; for a call that is over it is void -------------------------------------


@attrs.frozen
class Invite:
    """Place a call; Rang, Answered or Failed comes."""

    call: str
    caller: Uri
    callee: Uri
    sdp: bytes


@attrs.frozen
class Ring:
    """Tell the caller that the user is alerted."""

    call: str


@attrs.frozen
class Answer:
    """Accept the call, or the offer of a re-INVITE; when there was no offer `sdp` is one, which Answered answers."""

    call: str
    sdp: bytes


@attrs.frozen
class Reject:
    """Refuse the call, or the offer of a re-INVITE."""

    call: str
    status: int


@attrs.frozen
class Offer:
    """Send an offer by re-INVITE, as soon as none is under way; Answered or OfferFailed comes."""

    call: str
    sdp: bytes


@attrs.frozen
class HangUp:
    """End the call, by CANCEL or BYE."""

    call: str


Event = DatagramReceived | Invite | Ring | Answer | Reject | Offer | HangUp
"What a user agent takes, beside TimerFired."


# --- out ------------------------------------------------------------------------------------------------------------


@attrs.frozen
class Invited:
    """A call came in; Answer, Reject or HangUp answers it."""

    call: str
    caller: Uri
    callee: Uri
    "The Request-URI."
    sdp: bytes | None
    "None: the answer has to make the offer (RFC 3261 13.2.1)."


@attrs.frozen
class Rang:
    """The first of those that are called is alerted; said once, however many there are."""

    call: str


@attrs.frozen
class Answered:
    """The offer has its answer: of the first that took the call, of a re-INVITE, or in an ACK."""

    call: str
    sdp: bytes


@attrs.frozen
class Failed:
    """The call that was placed is refused, or nobody answered (408); it is over."""

    call: str
    status: int


@attrs.frozen
class Reoffered:
    """The other party makes an offer, or asks for one; Answer or Reject answers."""

    call: str
    sdp: bytes | None


@attrs.frozen
class OfferFailed:
    """Our offer is refused, and what was agreed on holds; 491: the other party made one first, answer it, try again."""

    call: str
    status: int


@attrs.frozen
class OfferWithdrawn:
    """The other party takes its offer back, which was not answered."""

    call: str


@attrs.frozen
class Ended:
    """The other party ended the call, or was lost."""

    call: str


@attrs.frozen
class Overloaded:
    """A call or request was refused with 503 since there is no room."""

    remote: Address


Output = (
    SendDatagram | Invited | Rang | Answered | Failed | Reoffered | OfferFailed | OfferWithdrawn | Ended | Overloaded
)
"What a user agent says."


# --- what is kept ---------------------------------------------------------------------------------------------------


class Cancelling(enum.Enum):
    """How far the cancelling of an INVITE is."""

    NO = "no"
    WANTED = "wanted"
    "Before a provisional response nothing may be sent (RFC 3261 9.1)."
    SENT = "sent"


@attrs.frozen
class Unacknowledged:
    """A response that is sent again until its ACK, or for a provisional one its PRACK, comes."""

    key: Key
    response: Response
    interval: float
    number: int
    "CSeq of the INVITE; RSeq of a provisional response."


@attrs.frozen
class Early:
    """A dialog that a provisional response has made, one for each branch of a fork."""

    dialog: Dialog
    rseq: int | None = None
    "Of the latest reliable response (RFC 3262 4)."
    sdp: bytes | None = None
    "The first in it is the answer (RFC 3261 13.2.1, RFC 3262 5)."


@attrs.define
class Leg:
    """One call."""

    call: str
    contact: str
    "Our Contact."
    is_caller: bool = False
    "Whether the Call-ID is ours."
    invite: Request | None = None
    "The latest INVITE of ours."
    keys: list[Key] = attrs.field(factory=list)
    "The transactions of our INVITEs that are not over, the latest last."
    is_offering: bool = False
    "Whether it waits for its final response."
    cancelling: Cancelling = Cancelling.NO
    is_proceeding: bool = False
    has_rung: bool = False
    early: dict[str, Early] = attrs.field(factory=dict)
    refused: set[str] = attrs.field(factory=set)
    "Tags of those that took the call too late, and have a BYE."
    acknowledgements: dict[int, tuple[Request, Address]] = attrs.field(factory=dict)
    "CSeq -> our ACK, sent again whenever its 2xx comes."
    dialog: Dialog | None = None
    "The one that counts."
    asked: tuple[Key, Request] | None = None
    "An INVITE of the other party without final response."
    provisional: Unacknowledged | None = None
    final: Unacknowledged | None = None
    answers_in_ack: bool = False
    "Whether our 2xx made the offer."
    wanted: bytes | None = None
    "An offer that waits until it may be sent."
    is_leaving: bool = False
    "Whether a BYE follows the ACK that is awaited (RFC 3261 15)."
    is_over: bool = False


class When(enum.Enum):
    """What a timer is for."""

    LAYER = "the transactions"
    RINGING = "nobody answers"
    FINAL = "a 2xx is sent again"
    NO_ACK = "its ACK does not come"
    PROVISIONAL = "a reliable response is sent again"
    NO_PRACK = "its PRACK does not come"
    RETRY = "an offer that met another is sent again"
    FORGET = "nothing of the call comes any more"


class SipLayer(TimedMachine[Event, Output, tuple[When, str]]):
    """How a user agent sends: through transactions, with branches and tags of its own."""

    __slots__ = ("_keys", "_legs", "_settings", "_transactions")

    def __init__(self, settings: Settings, random: Random | None = None) -> None:
        """Start without calls. `random` is for tests only."""
        super().__init__(random)
        self._settings = settings
        self._transactions = Transactions(timing=settings.timing, limit=10 * settings.calls)
        self._legs: dict[str, Leg] = {}
        self._keys: dict[Key, str] = {}

    @property
    def calls(self) -> frozenset[str]:
        """The Call-IDs of all calls that are known, those that have just ended included."""
        return frozenset(self._legs)

    @property
    def pending(self) -> int:
        """How many transactions are not terminated."""
        return len(self._transactions)

    # --- sending -----------------------------------------------------------------------------------------------------

    def _hand_in(self, event: transactions.Event | TimerFired) -> None:
        """Let the transactions take an event, and do what follows."""
        self._follow(self._transactions.handle(event, self._timers.now))
        self._timers.arm((When.LAYER, ""), self._transactions.deadline)

    @abstractmethod
    def _follow(self, told: tuple[transactions.Output, ...]) -> None:
        """Do what follows from what the transactions say."""

    def _arm(self, when: When, leg: Leg, delay: float) -> None:
        self._timers.arm((when, leg.call), self._timers.now + delay)

    def _cancel(self, leg: Leg, *kinds: When) -> None:
        for when in kinds:
            self._timers.cancel((when, leg.call))

    def _hex(self) -> str:
        return drawn_id(self._draw, 64)

    def _via(self) -> str:
        return f"SIP/2.0/UDP {self._settings.address};branch={COOKIE}{self._hex()};rport"

    def _contact(self, uri: Uri) -> str:
        """Return our Contact for one of our users: its URI at this address, instance included (RFC 7247 6.3)."""
        here = self._settings.address
        host = f"[{here.host}]" if ":" in here.host else here.host
        return f"<{attrs.evolve(uri, host=host, port=here.port)}>"

    def _abilities(self, leg: Leg) -> Fields:
        return (("Contact", leg.contact), ("Allow", ", ".join(ALLOWED)), ("Supported", "100rel"))

    def _send(self, dialog: Dialog, method: str, number: int, fields: Fields = (), body: bytes = b"") -> Request:
        """Send a request within a dialog, in a transaction of its own, and return it."""
        request = dialog.request(method, number, self._via(), fields, body)
        self._hand_in(transactions.SendRequest(request, self._hop(dialog)))
        return request

    def _hop(self, dialog: Dialog) -> Address:
        return dialog.next_hop() or self._settings.server

    def _respond(
        self, key: Key, request: Request, status: int, *, tag: str = "", fields: Fields = (), body: bytes = b""
    ) -> Response:
        response = request.response(status, tag=tag or self._hex(), fields=fields, body=body)
        self._hand_in(transactions.Respond(key, response))
        return response

    # --- the end -----------------------------------------------------------------------------------------------------

    def _bye(self, leg: Leg) -> None:
        """End the dialog that counts."""
        if leg.dialog is not None:
            number = leg.dialog.local_number + 1
            leg.dialog = attrs.evolve(leg.dialog, local_number=number)
            self._send(leg.dialog, "BYE", number)
        self._finish(leg)

    def _finish(self, leg: Leg) -> None:
        """Let the call be over; it is forgotten when no response to its INVITE can come any more."""
        leg.is_over = True
        self._cancel(leg, *When)
        if any(self._transactions.is_open(key) for key in leg.keys):
            self._arm(When.FORGET, leg, self._settings.timing.patience)
        else:
            self._forget(leg)

    def _forget(self, leg: Leg) -> None:
        self._cancel(leg, *When)
        self._legs.pop(leg.call, None)
        while leg.keys:
            self._release(leg.keys.pop())

    def _release(self, key: Key) -> None:
        """Wait for no response of an INVITE any more."""
        self._keys.pop(key, None)
        self._hand_in(transactions.Forget(key))

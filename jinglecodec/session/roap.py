"""Offers and answers in session-info (ProtoXEP Jingle WebRTC Transport 3.2).

Their order is that of draft-jennings-rtcweb-signaling-01 (ROAP), whose messages they are. An offer counts up `seq`; its
answer and the OK for that one repeat it. Of two offers that cross, the one with the numerically greater tie-breaker
stands and the other gets CONFLICT; both get DOUBLECONFLICT when they are equal, and are made again with other numbers.
A table says which messages a state expects; all others get FAILED.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

import attrs

from jinglecodec.errors import LocalError
from jinglecodec.machine import TimedMachine, TimerFired, drawn_id
from jinglecodec.model.webrtc import WebrtcError, WebrtcInfo, WebrtcMessage, WebrtcMessageType
from jinglecodec.session.events import InfoReceived, RequestFailed, SendSessionInfo, SessionKey

if TYPE_CHECKING:
    from random import Random

__all__ = [
    "Answer",
    "AnswerReceived",
    "Exchange",
    "ExchangeState",
    "Offer",
    "OfferConfirmed",
    "OfferFailed",
    "OfferReceived",
    "RefuseOffer",
    "ShutdownReceived",
]


class ExchangeState(enum.Enum):
    """Who has to speak next."""

    STABLE = "stable"
    "Either."
    OFFERING = "offering"
    "The peer, with an answer."
    OFFERED = "offered"
    "The caller, with an answer."
    ANSWERING = "answering"
    "The peer, with an OK."


# --- in ---------------------------------------------------------------------------------------------------------------


@attrs.frozen
class Offer:
    """Offer a description; also again, to change the session. It waits until the session is acknowledged."""

    session: SessionKey
    sdp: str


@attrs.frozen
class Answer:
    """Answer the peer's offer."""

    session: SessionKey
    sdp: str


@attrs.frozen
class RefuseOffer:
    """Refuse the peer's offer: what was agreed before holds on."""

    session: SessionKey
    error: WebrtcError = WebrtcError.REFUSED
    "REFUSED, or FAILED where the browser cannot make anything of it."


ExchangeEvent = Offer | Answer | RefuseOffer | InfoReceived | RequestFailed | TimerFired
"What an exchange takes."


# --- out --------------------------------------------------------------------------------------------------------------


@attrs.frozen
class OfferReceived:
    """The peer offers a description; Answer or RefuseOffer answers. An own offer that it crossed has failed."""

    session: SessionKey
    sdp: str


@attrs.frozen
class AnswerReceived:
    """The peer answered the offer; the OK is on its way."""

    session: SessionKey
    sdp: str


@attrs.frozen
class OfferConfirmed:
    """The peer took the answer: its offer holds now."""

    session: SessionKey


@attrs.frozen
class OfferFailed:
    """An offer, of either party, came to nothing: what was agreed before holds on."""

    session: SessionKey
    error: WebrtcError


@attrs.frozen
class ShutdownReceived:
    """The peer's browser ended the exchange; the session has to be terminated."""

    session: SessionKey


ExchangeOutput = SendSessionInfo | OfferReceived | AnswerReceived | OfferConfirmed | OfferFailed | ShutdownReceived
"What an exchange says."


# --- the machine ------------------------------------------------------------------------------------------------------

_TRIES: Final = 5
"How often an offer is made whose tie-breaker was the peer's, too; a peer that copies it never stops."

_LAST: Final = 2**32 - 1
"Of the numbers that `seq` and tie-breakers take (ROAP: 32 bits)."

_EXPECTED: Final = {
    ExchangeState.STABLE: (WebrtcMessageType.OFFER,),
    ExchangeState.OFFERING: (WebrtcMessageType.ANSWER, WebrtcMessageType.OFFER),  # an offer crossed ours
    ExchangeState.OFFERED: (),
    ExchangeState.ANSWERING: (WebrtcMessageType.OK, WebrtcMessageType.OFFER),  # an offer stands for the OK that lacks
}
"What the peer may say in a state, beside ERROR and SHUTDOWN."

_COMMANDS: Final = {
    Offer: (ExchangeState.STABLE,),
    Answer: (ExchangeState.OFFERED,),
    RefuseOffer: (ExchangeState.OFFERED,),
}
"The states in which a command is possible."


class Exchange(TimedMachine[ExchangeEvent, ExchangeOutput, str]):
    """The offers and answers of one session. What it sends are session-infos of that session.

    It answers every OFFER, ANSWER and OK that does not fit with one ERROR, and an ERROR with nothing. Raises LocalError
    for a command that `allows` denies.
    """

    __slots__ = ("_local_id", "_namespace", "_offer", "_remote_id", "_seq", "_timeout", "_tries", "key", "state")

    def __init__(self, key: SessionKey, namespace: str, timeout: float = 60.0, *, random: Random | None = None) -> None:
        """Begin without offers. `namespace` is that of the `WebrtcInfo`s to send, `timeout` in seconds."""
        super().__init__(random)
        self.key = key
        self.state = ExchangeState.STABLE
        self._namespace = namespace
        self._timeout = timeout
        self._local_id = drawn_id(self._draw)
        self._remote_id: str | None = None
        self._seq = 0  # of the last offer, whoever made it
        self._offer: WebrtcMessage | None = None  # ours, while there is no answer
        self._tries = 0

    def allows(self, event: ExchangeEvent) -> bool:
        """Tell whether a command is possible as things stand; what arrives always is."""
        if isinstance(event, (InfoReceived, RequestFailed, TimerFired)):
            return True
        return event.session == self.key and self.state in _COMMANDS[type(event)] and self._seq < _LAST

    def _check(self, event: ExchangeEvent) -> None:
        if not self.allows(event):
            raise LocalError(f"{event} is not possible: the exchange is {self.state.value}")

    def _take(self, event: ExchangeEvent) -> None:
        match event:
            case InfoReceived(_, jingle):
                for info in jingle.infos:
                    if isinstance(info, WebrtcInfo):
                        self._receive(info.message)
            case RequestFailed():
                if self.state in (ExchangeState.OFFERING, ExchangeState.ANSWERING):
                    self._fail(WebrtcError.FAILED)  # the peer does not know such session-infos
            case _ if not self.allows(event):
                pass  # a timer that ran a moment ago made it void
            case Offer(_, sdp):
                self._tries = 0
                self._make_offer(sdp)
            case Answer(_, sdp):
                self._become(ExchangeState.ANSWERING)
                self._say(self._message(WebrtcMessageType.ANSWER, offered_here=False, sdp=sdp))
            case RefuseOffer(_, error):
                self._become(ExchangeState.STABLE)
                self._complain(error, self._seq)
            case TimerFired():
                pass

    def _make_offer(self, sdp: str) -> None:
        self._seq += 1
        self._tries += 1
        message = self._message(WebrtcMessageType.OFFER, offered_here=True, sdp=sdp)
        # The least and the greatest are for those who always lose or win.
        self._offer = attrs.evolve(message, tie_breaker=self._draw.randint(1, _LAST - 1))
        self._become(ExchangeState.OFFERING)
        self._say(self._offer)

    def _expire(self, _: str) -> None:
        """Give up; tell the peer where it was to answer. Media may flow without the OK, so that it is not told then."""
        if self.state is ExchangeState.OFFERING:
            self._complain(WebrtcError.TIMEOUT, self._seq)
        self._fail(WebrtcError.TIMEOUT)

    # --- what arrives ---

    def _receive(self, message: WebrtcMessage) -> None:
        kind = message.message_type
        if kind is WebrtcMessageType.SHUTDOWN:
            self._become(ExchangeState.STABLE)
            self._outputs.append(ShutdownReceived(self.key))
        elif not self._knows(message):
            if kind is not WebrtcMessageType.ERROR:
                self._complain(WebrtcError.NOMATCH, message.seq)
        elif kind is WebrtcMessageType.ERROR:
            self._hear_error(message)
        elif not self._fits(message):
            self._complain(WebrtcError.FAILED, message.seq)
        elif kind is WebrtcMessageType.OFFER:
            self._hear_offer(message)
        elif kind is WebrtcMessageType.ANSWER:
            self._hear_answer(message)
        else:
            self._become(ExchangeState.STABLE)
            self._outputs.append(OfferConfirmed(self.key))

    def _fits(self, message: WebrtcMessage) -> bool:
        """Tell whether a message is expected, complete, and about the right offer."""
        kind, seq = message.message_type, message.seq
        if kind not in _EXPECTED[self.state] or (kind is not WebrtcMessageType.OK and message.sdp is None):
            return False
        if kind is WebrtcMessageType.OFFER and seq != self._seq:
            return seq is None or self._seq < seq < _LAST
        return seq in (None, self._seq) and (kind is not WebrtcMessageType.OFFER or self._offer is not None)

    def _knows(self, message: WebrtcMessage) -> bool:
        """Tell whether the ids are those of this session, as far as they are given and known.

        In an OK and an ERROR either may come first.
        """
        given = (message.offerer_session_id, message.answerer_session_id)
        here, there = (self._local_id, self._remote_id), (self._remote_id, self._local_id)
        ways = {WebrtcMessageType.OFFER: (there,), WebrtcMessageType.ANSWER: (here,)}
        return any(
            all(None in pair or pair[0] == pair[1] for pair in zip(given, way, strict=True))
            for way in ways.get(message.message_type, (here, there))
        )

    def _hear_offer(self, message: WebrtcMessage) -> None:
        """Let the caller answer, unless an offer of ours crossed it and stands."""
        if self._offer is not None:
            ours, theirs = self._offer.tie_breaker or 0, message.tie_breaker or 0
            if message.seq in (None, self._seq) and ours >= theirs:
                self._outdo(WebrtcError.CONFLICT if ours > theirs else WebrtcError.DOUBLECONFLICT)
                return
            self._fail(WebrtcError.CONFLICT)
            message = attrs.evolve(message, seq=message.seq or self._seq)
        self._seq = self._seq + 1 if message.seq is None else message.seq
        self._remote_id = self._remote_id or message.offerer_session_id
        self._become(ExchangeState.OFFERED)
        self._outputs.append(OfferReceived(self.key, message.sdp or ""))

    def _outdo(self, error: WebrtcError) -> None:
        self._complain(error, self._seq)
        if error is WebrtcError.DOUBLECONFLICT:
            self._try_again()

    def _try_again(self) -> None:
        """Make the offer once more, with another tie-breaker."""
        sdp = None if self._offer is None else self._offer.sdp
        if sdp is not None and self._tries < _TRIES and self._seq < _LAST:
            self._make_offer(sdp)
        else:
            self._fail(WebrtcError.DOUBLECONFLICT)

    def _hear_answer(self, message: WebrtcMessage) -> None:
        self._remote_id = self._remote_id or message.answerer_session_id
        self._become(ExchangeState.STABLE)
        self._outputs.append(AnswerReceived(self.key, message.sdp or ""))
        # Who says OK is its answerer: so it is in example 3, and the browsers of 2012 take no other.
        self._say(self._message(WebrtcMessageType.OK, offered_here=False))

    def _hear_error(self, message: WebrtcMessage) -> None:
        """Undo the offer in question; of one that was decided already nothing is left to undo."""
        error = message.error_type or WebrtcError.FAILED
        crossed = error in (WebrtcError.CONFLICT, WebrtcError.DOUBLECONFLICT)
        if message.seq not in (None, self._seq) or self.state is ExchangeState.STABLE:
            return
        if crossed and self.state is not ExchangeState.OFFERING:
            return  # ours, which has made way for the peer's
        if error is WebrtcError.DOUBLECONFLICT:
            self._try_again()
        else:
            self._fail(error)

    # --- what is said ---

    def _become(self, state: ExchangeState) -> None:
        self.state = state
        waits = state in (ExchangeState.OFFERING, ExchangeState.ANSWERING)
        self._timers.arm("peer", self._timers.now + self._timeout if waits else None)
        if state is not ExchangeState.OFFERING:
            self._offer = None

    def _fail(self, error: WebrtcError) -> None:
        self._become(ExchangeState.STABLE)
        self._outputs.append(OfferFailed(self.key, error))

    def _message(self, kind: WebrtcMessageType, *, offered_here: bool, sdp: str | None = None) -> WebrtcMessage:
        offerer: str | None = self._local_id
        answerer = self._remote_id
        if not offered_here:
            offerer, answerer = answerer, offerer
        return WebrtcMessage(kind, offerer, answerer, sdp=sdp, seq=self._seq)

    def _complain(self, error: WebrtcError, seq: int | None) -> None:
        """Send an ERROR about the peer's message of that number."""
        message = self._message(WebrtcMessageType.ERROR, offered_here=False)
        self._say(attrs.evolve(message, seq=seq, error_type=error))

    def _say(self, message: WebrtcMessage) -> None:
        info = WebrtcInfo(namespace=self._namespace, message=message)
        self._outputs.append(SendSessionInfo(self.key, infos=(info,)))

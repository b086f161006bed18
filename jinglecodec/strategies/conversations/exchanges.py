"""Conversations of browsers whose offers cross, fail, wait and do not fit (ProtoXEP Jingle WebRTC Transport 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

import attrs

from jinglecodec import session
from jinglecodec.model.jingle import Action, Jingle
from jinglecodec.model.rtp_info import Ringing
from jinglecodec.model.stanza import Iq, IqType
from jinglecodec.model.webrtc import WebrtcError, WebrtcInfo, WebrtcMessage, WebrtcMessageType
from jinglecodec.session.replies import Problem, refuse, result
from jinglecodec.strategies.conversations.media import ANSWER, BROWSING, OFFER
from jinglecodec.strategies.conversations.scripted import Act, asks, play
from jinglecodec.strategies.conversations.stage import JULIET, KEY, ROMEO, SID, Conversation, Reactions
from jinglecodec.testing.laws import Factory, Script

_Reply = Mapping[str, Any] | Problem | None
"What differs in Romeo's message from hers that it replies to; what her request is refused with; None: no message."

_GREATEST = 2**32 - 1
_BEGINNING: tuple[Act, ...] = ((0.0, asks(Action.SESSION_INITIATE, BROWSING)),)


def _replying(*replies: _Reply) -> Reactions:
    """Return how Romeo replies to what Juliet's browser says, in turn; he acknowledges all of it."""
    left = list(reversed(replies))

    def reply(told: session.SendStanza) -> list[tuple[str, object]]:
        match told.stanza:
            case Iq(type=IqType.SET, payload=Jingle(infos=[WebrtcInfo(message=message), *_])) as asked:
                given = left.pop() if left else None
                if isinstance(given, Problem):
                    return [(JULIET, session.StanzaReceived(refuse(asked, given)))]
                said = [] if given is None else [(JULIET, _informed(attrs.evolve(message, **given)))]
                return [(JULIET, session.StanzaReceived(result(asked))), *said]
            case Iq(type=IqType.SET, payload=Jingle(action=Action.SESSION_TERMINATE)) as asked:
                return [(JULIET, session.StanzaReceived(result(asked)))]
        return []

    return {session.SendStanza: reply}


def _informed(*messages: WebrtcMessage) -> session.StanzaReceived:
    return asks(Action.SESSION_INFO, infos=tuple(WebrtcInfo(message=message) for message in messages))


def _told(
    kind: WebrtcMessageType, sdp: str | None = None, seq: int | None = None, error: WebrtcError | None = None
) -> session.StanzaReceived:
    """Return a message of Romeo's browser."""
    return _informed(WebrtcMessage(kind, "r", sdp=sdp, seq=seq, error_type=error))


_ANSWERED, _FAILED, _CONFIRMED = (
    {"message_type": kind}
    for kind in (
        WebrtcMessageType.ANSWER,
        WebrtcMessageType.ERROR,
        WebrtcMessageType.OK,
    )
)


def crossing(factory: Factory) -> Script:
    """Offers cross: Romeo's number is hers until she gives up, then greater, then less, and hers is answered."""
    copied = {"offerer_session_id": "r"}
    ours = session.Offer(KEY, OFFER)
    replies = (
        *[copied, None] * 5,
        {**copied, "tie_breaker": _GREATEST},
        {**_FAILED, "error_type": WebrtcError.CONFLICT},
        {**copied, "tie_breaker": 0},
        {**_FAILED, "error_type": WebrtcError.DOUBLECONFLICT},
        {**_ANSWERED, "answerer_session_id": "r", "sdp": ANSWER},
    )
    acts: tuple[Act, ...] = (
        (0.5, ours),
        (1.0, ours),
        (0.5, session.RefuseOffer(KEY)),
        (0.5, ours),
        (0.5, session.MediaArrived(KEY)),
    )
    return play(factory, (*_BEGINNING, *acts), _replying(*replies))


def failing(factory: Factory) -> Script:
    """Juliet's offers fail: with every error, answers that do not fit, a refusal of the request, and silence."""
    errors: list[tuple[_Reply, ...]] = [({**_FAILED, "error_type": error},) for error in (None, *WebrtcError)]
    errors[-2] += ({**_FAILED, "error_type": WebrtcError.REFUSED},)  # DOUBLECONFLICT: she offers again
    unheard: list[tuple[_Reply, ...]] = [
        ({**_FAILED, **wrong},) for wrong in ({"seq": 99}, {"offerer_session_id": "x", "answerer_session_id": "x"})
    ]
    over = {**_FAILED, "offerer_session_id": None, "answerer_session_id": None, "seq": None}
    unfit: list[tuple[_Reply, ...]] = [
        ({**_ANSWERED, "sdp": None}, over),
        ({**_ANSWERED, "sdp": ANSWER, "seq": 99}, over),
        ({**_ANSWERED, "sdp": ANSWER, "offerer_session_id": "x", "answerer_session_id": "x"}, over),
        (_CONFIRMED, over),
    ]
    replies = [*errors, *unfit, (Problem.UNSUPPORTED_INFO,), *unheard]
    acts = [(61.0 if before in unheard else 1.0, session.Offer(KEY, OFFER)) for before in ((), *replies)]
    return play(factory, (*_BEGINNING, *acts), _replying(*chain.from_iterable(replies)), seconds=70.0)


def unfitting(factory: Factory) -> Script:
    """Romeo's browser says what does not fit: lower numbers, no description, answers to nothing; then it ends."""
    kind = WebrtcMessageType
    acts: tuple[Act, ...] = (
        (0.5, _told(kind.ANSWER, sdp=ANSWER)),
        (0.5, asks(Action.SESSION_INFO, infos=(WebrtcInfo(message=WebrtcMessage(kind.OK)), Ringing()))),
        (0.5, _told(kind.ERROR)),
        (0.5, _told(kind.OFFER)),
        (0.5, _told(kind.OFFER, sdp=OFFER, seq=5)),
        (0.5, _told(kind.OFFER, sdp=OFFER, seq=6)),
        (0.5, session.Answer(KEY, ANSWER)),
        (0.5, _told(kind.OFFER, sdp=OFFER, seq=3)),
        (0.5, _told(kind.OK, seq=4)),
        (0.5, _told(kind.OFFER, sdp=OFFER, seq=_GREATEST)),
        (0.5, _told(kind.ERROR, seq=5, error=WebrtcError.CONFLICT)),
        (0.5, _told(kind.OFFER, sdp=OFFER)),
        (0.5, session.Answer(KEY, ANSWER)),
        (0.5, _told(kind.ERROR, error=WebrtcError.REFUSED)),
        (0.5, _told(kind.OFFER, sdp=OFFER)),
        (0.5, session.Answer(KEY, ANSWER)),
        (61.0, session.Offer(KEY, OFFER)),
        (0.5, _informed(WebrtcMessage(kind.SHUTDOWN, "r"), WebrtcMessage(kind.ANSWER, "x"))),
    )
    return play(factory, (*_BEGINNING, *acts), _replying(Problem.UNSUPPORTED_INFO))


def unacknowledged(factory: Factory) -> Script:
    """Romeo asks for more and more, and never acknowledges the session that Juliet began."""
    flood = [WebrtcMessage(WebrtcMessageType.ANSWER)] * 101
    acts: tuple[Act, ...] = (
        (0.0, session.Initiate(ROMEO, (BROWSING,), SID)),
        (0.0, session.Offer(KEY, OFFER)),
        (0.5, _informed(*flood)),
    )
    return play(factory, acts)


EXCHANGES: tuple[Conversation, ...] = (crossing, failing, unfitting, unacknowledged)

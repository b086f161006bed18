"""Conversations of the clients of a bridge."""

from __future__ import annotations

from functools import partial
from random import Random

import attrs

from jinglecodec import session
from jinglecodec.model.jingle import Condition, Content, Reason, Senders, Transport, named
from jinglecodec.model.stanza import Message, Presence, PresenceType
from jinglecodec.model.webrtc import WebrtcError, WebrtcTransport
from jinglecodec.session.jids import bare
from jinglecodec.strategies.conversations.media import (
    ANSWER,
    BROWSING,
    FOR_ICE,
    OFFER,
    RAW,
    agreeing,
    answering,
    content,
)
from jinglecodec.strategies.conversations.stage import (
    ANYBODY,
    JULIET,
    NURSE,
    ROMEO,
    SID,
    Conversation,
    Reactions,
    Stage,
    script_of,
)
from jinglecodec.testing.laws import Factory, Script


def bridged(factory: Factory, *, calls: bool = False) -> Script:
    """Two clients of Juliet's bridge call each other: the old one, or, as `calls`, the new one (ProtoXEP 8)."""
    stage = Stage()
    recorder = stage.put(JULIET, factory(), "192.0.2.1")
    stage.put(ROMEO, session.Webrtc(ROMEO, ANYBODY, random=Random(2)), "192.0.2.2", answering(ROMEO))
    stage.put(NURSE, session.Manager(NURSE, ANYBODY, random=Random(3)), "192.0.2.3", agreeing(NURSE))
    key, voice = session.SessionKey(JULIET, SID), content("0", FOR_ICE)
    if calls:
        stage.play(
            (0.0, NURSE, session.Initiate(JULIET, (voice,), SID)),
            (5.0, NURSE, session.SendTransportInfo(key, (attrs.evolve(named(voice), transport=FOR_ICE),))),
            (5.0, NURSE, session.ModifyContent(key, (attrs.evolve(named(voice), senders=Senders.NONE),))),
            (5.0, NURSE, session.AddContent(key, (content("1", FOR_ICE),))),
            (5.0, NURSE, session.ReplaceTransport(key, (attrs.evolve(named(voice), transport=RAW),))),
            (5.0, NURSE, session.Terminate(key)),
        )
    else:
        stage.play(
            (0.0, ROMEO, session.Initiate(JULIET, (BROWSING,), SID)),
            (0.1, ROMEO, session.Offer(key, OFFER)),
            (9.0, ROMEO, session.Offer(key, OFFER.replace("sendrecv", "sendonly"))),
            (9.0, ROMEO, session.Terminate(key)),
        )
    return script_of(recorder)


# --- tables of acts ---------------------------------------------------------------------------------------------------

Acts = tuple[tuple[float, str, object], ...]
"Seconds later -> who -> does what."

_KEY = session.SessionKey(JULIET, SID)
_VOICE = content("0", FOR_ICE)
_BY_OLD = ((0.0, ROMEO, session.Initiate(JULIET, (BROWSING,), SID)), (0.1, ROMEO, session.Offer(_KEY, OFFER)))
_BY_NEW = ((0.0, NURSE, session.Initiate(JULIET, (_VOICE,), SID)),)
_MORE = OFFER[OFFER.index("m=") :].replace("a=mid:0", "a=mid:1")
"One section more."
_PLACED = OFFER + "a=candidate:2 1 udp 2130706430 192.0.2.1 5004 typ host\r\n"
"A candidate more."
_BUSY = Reason(condition=Condition.BUSY)


def told(acts: Acts, *, old: Reactions | None = None, new: Reactions | None = None) -> Conversation:
    """Return a conversation in which both clients take whatever is offered, unless they have other reactions."""
    reactions = (answering(ROMEO) if old is None else old, agreeing(NURSE) if new is None else new)
    return partial(played, acts=acts, reactions=reactions)


def played(factory: Factory, *, acts: Acts, reactions: tuple[Reactions, Reactions]) -> Script:
    """Play the acts, and return what the bridge heard."""
    stage = Stage()
    recorder = stage.put(JULIET, factory(), "192.0.2.1")
    stage.put(ROMEO, session.Webrtc(ROMEO, ANYBODY, random=Random(2)), "192.0.2.2", reactions[0])
    stage.put(NURSE, session.Manager(NURSE, ANYBODY, random=Random(3)), "192.0.2.3", reactions[1])
    stage.play(*acts)
    return script_of(recorder)


def _refusing(name: str, error: WebrtcError) -> Reactions:
    return {session.OfferReceived: lambda told: [(name, session.RefuseOffer(told.session, error))]}


refused = told(
    (
        *_BY_OLD,
        (9.0, ROMEO, session.Terminate(_KEY)),
        (1.0, NURSE, session.Initiate(JULIET, (_VOICE,), "b")),
        (9.0, ROMEO, session.Initiate(JULIET, (_VOICE,), "c")),
        (1.0, ROMEO, session.Initiate(JULIET, (BROWSING,), "d")),
        (1.0, ROMEO, session.Offer(attrs.evolve(_KEY, sid="d"), "v=0\r\nm=")),
        (1.0, ROMEO, session.Initiate(JULIET, (BROWSING,), "e")),
        (1.0, ROMEO, session.Offer(attrs.evolve(_KEY, sid="e"), OFFER.replace("audio 9", "audio x"))),
        (1.0, NURSE, session.Initiate(JULIET, (content("1", RAW),), "f")),
        (3.0, NURSE, session.Terminate(attrs.evolve(_KEY, sid="f"))),
    ),
    old=_refusing(ROMEO, WebrtcError.NOMATCH),
    new={session.IncomingSession: lambda told: [(NURSE, session.Terminate(told.session, _BUSY))]},
)
"Either client refuses the other, and calls come that are none: without descriptions, or with such that nobody reads."

silent = told(
    (
        *_BY_NEW,
        (70.0, NURSE, session.Terminate(_KEY)),
        *_BY_OLD,
        (1.0, ROMEO, session.Offer(_KEY, OFFER)),
        (70.0, ROMEO, session.Terminate(_KEY)),
    ),
    old={},
    new={},
)
"Nobody answers: neither the old client, until the offer is given up, nor the new one, until the caller does."

unlike = told(
    (*_BY_NEW, (9.0, NURSE, session.Terminate(_KEY))),
    old={session.OfferReceived: lambda told: [(ROMEO, session.Answer(told.session, "v=0\r\nm="))]},
)
"The old client answers what nobody reads."

_OFF = ANSWER.replace("audio 9", "audio 0")

off = told(
    (*_BY_NEW, (9.0, NURSE, session.Terminate(_KEY))),
    old={
        session.OfferReceived: lambda told: [
            (ROMEO, session.Answer(told.session, ANSWER.replace("audio 9", "audio 0")))
        ]
    },
)
"The old client answers that nothing is on."

calling_back = told(
    (*_BY_NEW, (9.0, NURSE, session.Terminate(_KEY))),
    old={session.IncomingSession: lambda told: [(ROMEO, session.Offer(told.session, OFFER))]},
)
"The old client offers itself what it is about to be offered."

_LATER = attrs.evolve(FOR_ICE, candidates=(attrs.evolve(FOR_ICE.candidates[0], id="c2", port=5002),))
_RESTARTED = attrs.evolve(FOR_ICE, ufrag="efgh", pwd="f" * 22)


def _moved(transport: Transport) -> tuple[Content, ...]:
    return (attrs.evolve(named(_VOICE), transport=transport),)


def _sent_by(senders: Senders) -> tuple[Content, ...]:
    return (attrs.evolve(named(_VOICE), senders=senders),)


def _old(sdp: str, wait: float = 3.0) -> tuple[float, str, object]:
    """Return the act in which the old client offers something else."""
    return (wait, ROMEO, session.Offer(_KEY, sdp))


def _following(told: session.OfferReceived) -> list[tuple[str, object]]:
    """Answer an offer in its direction."""
    other = {"sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}
    direction = next((one for one in other if f"a={one}" in told.sdp), "")
    return [(ROMEO, session.Answer(told.session, ANSWER.replace("sendrecv", other.get(direction, "sendrecv"))))]


changing = told(
    (
        *_BY_NEW,
        (0.5, NURSE, session.SendTransportInfo(_KEY, _moved(_LATER))),
        (9.0, NURSE, session.SendTransportInfo(_KEY, _moved(_LATER))),
        (3.0, NURSE, session.SendTransportInfo(_KEY, _moved(_RESTARTED))),
        (3.0, NURSE, session.SendDescriptionInfo(_KEY, (attrs.evolve(named(_VOICE), description=_VOICE.description),))),
        (3.0, NURSE, session.ModifyContent(_KEY, _sent_by(Senders.NONE))),
        (3.0, NURSE, session.ModifyContent(_KEY, _sent_by(Senders.RESPONDER))),
        (0.1, NURSE, session.ModifyContent(_KEY, _sent_by(Senders.INITIATOR))),
        (0.1, NURSE, session.ModifyContent(_KEY, _sent_by(Senders.BOTH))),
        (3.0, NURSE, session.AddContent(_KEY, (content("1", FOR_ICE),))),
        (3.0, NURSE, session.ReplaceTransport(_KEY, _moved(RAW))),
        (3.0, NURSE, session.RemoveContent(_KEY, (named(_VOICE),))),
    ),
    old={session.OfferReceived: _following},
)
"The new client trickles, restarts, holds and changes its mind while the old one answers, adds and removes."

offering = told(
    (
        *_BY_OLD,
        _old(OFFER.replace("sendrecv", "sendonly"), 9.0),
        _old(OFFER.replace("pppp", "qqqq").replace("abcd", "efgh")),
        _old(OFFER + _MORE),
        _old("v=0\r\nm="),
        _old(OFFER.replace("audio 9", "audio 0")),
        _old(_PLACED),
        _old(_PLACED.replace("opus/48000/2", "opus/48000/2\r\na=fmtp:96 useinbandfec=1")),
        (3.0, ROMEO, session.AddContent(_KEY, (_VOICE,))),
        (3.0, ROMEO, session.ReplaceTransport(_KEY, (attrs.evolve(BROWSING, transport=WebrtcTransport()),))),
        (3.0, ROMEO, session.SendSessionInfo(_KEY)),
        _old(OFFER.replace("sendrecv", "inactive")),
    )
)
"The old client holds, restarts, adds, moves and removes, and does in its session what the other one would."


def _by_direction(told: session.OfferReceived) -> list[tuple[str, object]]:
    """Answer an offer by its direction: with a section that is off, with what nobody reads, or not at all."""
    answers = {"a=inactive": _OFF, "a=sendonly": "v=0\r\nm="}
    if "a=recvonly" in told.sdp:
        return [(ROMEO, session.RefuseOffer(told.session))]
    sdp = next((answer for direction, answer in answers.items() if direction in told.sdp), ANSWER)
    return [(ROMEO, session.Answer(told.session, sdp))]


denied = told(
    (
        *_BY_NEW,
        *((9.0, NURSE, session.ModifyContent(_KEY, _sent_by(senders))) for senders in Senders),
        (9.0, NURSE, session.Terminate(_KEY)),
    ),
    old={session.OfferReceived: _by_direction},
)
"The old client gives other answers than the first to what the new one changes: that a section is off, or none."


def _trickling(told: session.IncomingSession) -> list[tuple[str, object]]:
    """Tell candidates before and after the acceptance, of a content that is not there, too."""
    (offered,) = told.jingle.contents
    said = tuple(attrs.evolve(named(offered), transport=transport) for transport in (_LATER, _RESTARTED))
    return [
        (NURSE, session.SendTransportInfo(told.session, said[:1])),
        (NURSE, session.SendTransportInfo(told.session, said[:1])),
        (NURSE, session.Accept(told.session, (attrs.evolve(offered, transport=FOR_ICE),))),
        (NURSE, session.SendTransportInfo(told.session, said[1:])),
    ]


_STRANGER = "tybalt@capulet.lit/street"

crossing = told(
    (
        *_BY_OLD,
        _old(OFFER, 1.0),
        (0.1, JULIET, session.StanzaReceived(Message(from_=_STRANGER, to=JULIET))),
        (0.1, JULIET, session.StanzaReceived(Message(to=JULIET))),
        (0.1, JULIET, session.StanzaReceived(Message(from_=f"{bare(ROMEO)}/hall", to=JULIET))),
        (9.0, ROMEO, session.Terminate(_KEY)),
        *_BY_NEW,
        (9.0, NURSE, session.ModifyContent(_KEY, _sent_by(Senders.NONE))),
        (0.12, JULIET, session.StanzaReceived(Presence(from_=ROMEO, to=JULIET, type=PresenceType.UNAVAILABLE))),
        (3.0, JULIET, session.StanzaReceived(Presence(from_=NURSE, to=JULIET, type=PresenceType.UNAVAILABLE))),
    ),
    new={session.IncomingSession: _trickling},
)
"What comes early, twice, from others, or not at all any more."

BRIDGED: tuple[Conversation, ...] = (
    bridged,
    partial(bridged, calls=True),
    *(refused, silent, unlike, off, calling_back, changing, offering, denied, crossing),
)

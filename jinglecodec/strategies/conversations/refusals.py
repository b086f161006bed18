"""Conversations of sessions that go wrong: requests refused, unanswered, malformed, and at the wrong time."""

from __future__ import annotations

from functools import partial

import attrs

from jinglecodec import namespaces as ns
from jinglecodec import session
from jinglecodec.findings import Finding
from jinglecodec.model.ibb import IbbTransport
from jinglecodec.model.jingle import Action, Creator, Jingle, Senders, named
from jinglecodec.model.jingle_errors import UnknownSession
from jinglecodec.model.rtp_info import Ringing
from jinglecodec.model.stanza import ErrorType, Iq, IqType, Presence, PresenceType, StanzaCondition, StanzaError
from jinglecodec.session.replies import Problem
from jinglecodec.strategies.conversations.media import FOR_ICE, RAW, content
from jinglecodec.strategies.conversations.scripted import Act, answering_with, asks, play
from jinglecodec.strategies.conversations.stage import KEY, NURSE, ROMEO, SID, Conversation
from jinglecodec.testing.laws import Factory, Script
from jinglecodec.xml.tree import Extra, Raw

_VOICE, _MORE = content("0", FOR_ICE), content("1", FOR_ICE, Creator.RESPONDER)
_MODIFIED, _HELD = (
    session.ModifyContent(KEY, (attrs.evolve(named(_VOICE), senders=senders),))
    for senders in (Senders.INITIATOR, Senders.NONE)
)
_GONE = (
    StanzaError(type=ErrorType.CANCEL, condition=StanzaCondition.ITEM_NOT_FOUND, application=UnknownSession()),
    *(
        StanzaError(type=ErrorType.CANCEL, condition=condition)
        for condition in (StanzaCondition.SERVICE_UNAVAILABLE, StanzaCondition.REMOTE_SERVER_TIMEOUT)
    ),
)
"Errors that say that there is no such session, or nobody to have it with (XEP-0166 6.7, RFC 6121 8.5.3.2.3)."


def refused(factory: Factory) -> Script:
    """Romeo refuses every change that Juliet asks for, and in the end knows of no session (XEP-0166 10)."""
    changes: tuple[tuple[Act, StanzaError | None], ...] = (
        ((0.0, session.Accept(KEY, (_VOICE,))), None),
        ((1.0, session.AddContent(KEY, (_MORE,))), Problem.TIE_BREAK.error()),
        (
            (0.0, session.ModifyContent(KEY, (attrs.evolve(named(_MORE), senders=Senders.NONE),))),
            Problem.BAD_REQUEST.error(),
        ),
        ((1.0, _MODIFIED), Problem.TIE_BREAK.error()),
        ((0.0, _HELD), Problem.OUT_OF_ORDER.error()),
        ((1.0, _MODIFIED), None),
        ((0.0, _HELD), Problem.BAD_REQUEST.error()),
        ((1.0, session.ReplaceTransport(KEY, (attrs.evolve(named(_VOICE), transport=RAW),))), StanzaError()),
        ((1.0, session.SendDescriptionInfo(KEY, (attrs.evolve(_VOICE, transport=None),))), Problem.BAD_REQUEST.error()),
        (
            (1.0, session.SendTransportInfo(KEY, (attrs.evolve(_VOICE, description=None),))),
            Problem.OUT_OF_ORDER.error(),
        ),
        ((1.0, session.SendSessionInfo(KEY, infos=(Ringing(),))), Problem.UNSUPPORTED_INFO.error()),
        ((1.0, session.SendSessionInfo(KEY)), Problem.UNKNOWN_SESSION.error()),
    )
    acts = [(0.0, asks(Action.SESSION_INITIATE, _VOICE)), *(act for act, _ in changes)]
    return play(factory, acts, answering_with(*(error for _, error in changes)))


def void(factory: Factory) -> Script:
    """One session after the other is void since Romeo refuses what it cannot do without, or is not there any more."""
    acts: list[Act] = []
    errors: list[StanzaError | None] = []
    endings = (
        (session.Accept(KEY, (_VOICE,)), Problem.BAD_REQUEST.error()),
        (session.RemoveContent(KEY, (named(_VOICE),)), Problem.BAD_REQUEST.error()),
        *((session.SendSessionInfo(KEY), error) for error in _GONE),
    )
    for number, (command, error) in enumerate(endings):
        key = session.SessionKey(ROMEO, f"v{number}")
        acts += (0.0, asks(Action.SESSION_INITIATE, _VOICE, sid=key.sid)), (0.5, attrs.evolve(command, session=key))
        errors.append(error)
        if error not in _GONE:  # the terminate of a session that Romeo believes in
            errors.append(None)
    return play(factory, acts, answering_with(*errors))


def uncalled(factory: Factory) -> Script:
    """Juliet calls, and is refused: elsewhere, busy, a tie-break, nobody there, no reason (XEP-0166 6.3.2, 10)."""
    redirect, errors = Problem.REDIRECT.error(f"xmpp:{NURSE}"), (Problem.RESOURCE_CONSTRAINT, Problem.TIE_BREAK)
    conflict = StanzaError(type=ErrorType.CANCEL, condition=StanzaCondition.CONFLICT)
    refusals = (redirect, *(error.error() for error in errors), conflict, *_GONE, StanzaError())
    calls = [(0.5, session.Initiate(ROMEO, (_VOICE,), f"c{number}")) for number in range(len(refusals))]
    return play(factory, calls, answering_with(*refusals))


def unheard(factory: Factory, *, gone: bool = False) -> Script:
    """Romeo falls silent, or goes offline, comes back, and goes for good (XEP-0166 6.7)."""
    acts: tuple[Act, ...] = (
        (0.0, asks(Action.SESSION_INITIATE, _VOICE)),
        (1.0, session.Accept(KEY, (_VOICE,))),
    )
    leaving: tuple[Act, ...] = (
        (1.0, session.PeerGone(ROMEO)),
        (1.0, session.PeerSeen(NURSE)),
        (1.0, session.PeerSeen(ROMEO)),
        (1.0, session.PeerGone(ROMEO)),
        (1.0, session.StanzaReceived(Presence(from_=ROMEO))),
        (1.0, session.StanzaReceived(Presence(from_=ROMEO, type=PresenceType.UNAVAILABLE))),
        (1.0, session.PeerGone(ROMEO.partition("/")[0])),
    )
    return play(factory, acts + leaving * gone, answering_with(*[None] * gone), seconds=60.0)


_OTHER = attrs.evolve(_VOICE, name="x")
_STRANGE, _MALFORMED = Raw("{urn:example:strange}thing"), Raw(f"{{{ns.JINGLE}}}jingle", (("sid", SID),))
_UNFIT = (
    asks(Action.CONTENT_ADD, _VOICE),
    asks(Action.CONTENT_ADD, attrs.evolve(_OTHER, description=None)),
    asks(Action.CONTENT_MODIFY, named(_OTHER)),
    asks(Action.CONTENT_MODIFY, named(_VOICE), named(_VOICE)),
    asks(Action.CONTENT_MODIFY),
    asks(Action.CONTENT_MODIFY, attrs.evolve(named(_VOICE), extra=Extra(children=(_MALFORMED,)))),
    asks(Action.TRANSPORT_ACCEPT, attrs.evolve(_VOICE, description=None)),
    asks(Action.TRANSPORT_REJECT, named(_VOICE)),
    asks(Action.TRANSPORT_INFO, named(_VOICE)),
    asks(Action.TRANSPORT_INFO, attrs.evolve(named(_VOICE), transport=_STRANGE)),
    asks(Action.DESCRIPTION_INFO, attrs.evolve(named(_VOICE), description=_STRANGE)),
    asks(Action.SECURITY_INFO, named(_VOICE)),
    asks(Action.SECURITY_INFO, attrs.evolve(named(_VOICE), security=_STRANGE)),
    asks(Action.SESSION_INFO, infos=(_STRANGE,)),
    asks(Action.SOURCE_ADD, named(_VOICE)),
    asks(Action.SESSION_INFO, sid="another"),
    attrs.evolve(asks(Action.SESSION_INFO), findings=(Finding("bad-value"),)),
    session.StanzaReceived(_STRANGE),
    session.StanzaReceived(Iq(from_=ROMEO, id="x", type=IqType.SET, payload=_MALFORMED)),
    session.StanzaReceived(Iq(from_=ROMEO, id="y", type=IqType.RESULT)),
    session.StanzaReceived(
        Iq(from_=ROMEO, id="z", type=IqType.ERROR, payload=Jingle(action=Action.SESSION_INFO, sid=SID))
    ),
    asks(Action.SESSION_INFO, sender=NURSE),
)
"What is refused, or ignored, in a session with one content."


def unfit(factory: Factory) -> Script:
    """Romeo asks for what cannot be: out of order, malformed, of contents that are not there (XEP-0166 7.2, 10)."""
    first: tuple[Act, ...] = (
        (0.0, asks(Action.SESSION_INITIATE, attrs.evolve(_VOICE, disposition="early-session"))),
        (0.0, asks(Action.SESSION_INITIATE)),
        (0.0, asks(Action.SESSION_INITIATE, _VOICE)),
        (0.0, asks(Action.SESSION_INITIATE, _VOICE)),
        (0.0, asks(Action.SESSION_ACCEPT, _VOICE)),
        (0.0, asks(Action.CONTENT_ACCEPT, _VOICE)),
        (0.0, session.Accept(KEY, (_VOICE,))),
    )
    replaced = attrs.evolve(named(_VOICE), transport=IbbTransport(sid="i", block_size=4096))
    last: tuple[Act, ...] = (
        (0.5, asks(Action.TRANSPORT_REPLACE, replaced)),
        (0.5, asks(Action.CONTENT_REMOVE, named(_VOICE))),
        (0.5, asks(Action.SESSION_INFO)),
    )
    return play(factory, (*first, *((0.0, request) for request in _UNFIT), *last), answering_with(*[None] * 4))


def turned_away(factory: Factory) -> Script:
    """Nobody may call Juliet, then elsewhere only, then Romeo, who has no Jingle himself (XEP-0166 6.3.2)."""
    elsewhere = session.Policy(strangers=True, redirect="xmpp:voicemail@capulet.lit")
    acts: tuple[Act, ...] = (
        (0.0, session.TrustChanged(session.Policy())),
        (0.0, asks(Action.SESSION_INITIATE, _VOICE)),
        (0.0, session.TrustChanged(elsewhere)),
        (0.0, asks(Action.SESSION_INITIATE, _VOICE)),
        (0.0, session.TrustChanged(session.Policy(frozenset({"montague.lit"})))),
        (0.0, asks(Action.SESSION_INITIATE, _VOICE, sid="")),
        (0.0, asks(Action.SESSION_INITIATE, _VOICE, sender=NURSE)),
        (0.0, session.PeerFeatures(ROMEO, frozenset((ns.DISCO_INFO,)))),
        (0.0, asks(Action.SESSION_INITIATE, _VOICE, initiator=f"{ROMEO}-2")),
        (0.5, session.Accept(KEY, (_VOICE,))),
        (0.5, asks(Action.SESSION_INFO, sender=f"{ROMEO}-2")),
        (0.5, asks(Action.SESSION_TERMINATE, sid="", sender=f"{ROMEO}-2")),
        (0.5, asks(Action.SESSION_TERMINATE, sid="", sender=f"{ROMEO}-2")),
    )
    return play(factory, acts, answering_with(None))


def overfilled(factory: Factory) -> Script:
    """Romeo proposes more contents and candidates than there is room for, and then leaves every request unanswered."""
    named_so = [content(f"n{number}", FOR_ICE) for number in range(LITTLE.contents)]
    candidates = FOR_ICE.candidates * LITTLE.candidates
    acts: tuple[Act, ...] = (
        (0.0, asks(Action.SESSION_INITIATE, _VOICE)),
        (0.5, session.Accept(KEY, (_VOICE,))),
        (0.5, asks(Action.CONTENT_ADD, *named_so)),
        (
            0.5,
            asks(Action.TRANSPORT_INFO, attrs.evolve(_VOICE, transport=attrs.evolve(FOR_ICE, candidates=candidates))),
        ),
        (0.5, asks(Action.CONTENT_ADD, *named_so[1:])),
        (0.5, asks(Action.CONTENT_REMOVE, *map(named, named_so[1:]))),
        (0.5, asks(Action.CONTENT_ADD, *(attrs.evolve(one, name=f"{one.name}-again") for one in named_so[1:]))),
        *((0.1, session.SendSessionInfo(KEY)) for _ in range(LITTLE.requests)),
    )
    return play(factory, acts)


def crowded(factory: Factory) -> Script:
    """More sessions are begun than there is room for, with one peer, with all, and by Juliet (XEP-0166 6.3.2)."""
    calls = [(peer, f"{peer[0]}{number}") for peer in (ROMEO, NURSE) for number in range(LITTLE.sessions_per_peer + 1)]
    asked = [asks(Action.SESSION_INITIATE, _VOICE, sid=sid, sender=peer) for peer, sid in calls]
    return play(factory, [(0.1, event) for event in (*asked, session.Initiate(NURSE, (_VOICE,)))])


def useless(factory: Factory, *, application: bool) -> Script:
    """Romeo offers nothing that Juliet knows: no application, or no transport (XEP-0166 6.7, 7.4)."""
    offered = attrs.evolve(_VOICE, description=_STRANGE) if application else attrs.evolve(_VOICE, transport=_STRANGE)
    return play(factory, [(0.0, asks(Action.SESSION_INITIATE, offered))])


LITTLE = session.Config(
    sessions=5,
    sessions_per_peer=4,
    contents=6,
    requests=8,
    candidates=12,
    applications=frozenset((ns.RTP,)),
    transports=frozenset((ns.ICE_UDP, ns.ICE, ns.RAW_UDP, ns.IBB)),
)
"Room for little, so that limits are reached soon."

WITH_ROMEO: tuple[Conversation, ...] = (
    *(refused, unheard, partial(unheard, gone=True), unfit, overfilled),
    *(partial(useless, application=application) for application in (True, False)),
)
"Of his one session."
WITH_ANYBODY: tuple[Conversation, ...] = (void, uncalled, turned_away, crowded)

"""Conversations in which both parties ask at the same time (XEP-0166 7.2.16)."""

from __future__ import annotations

from functools import partial
from random import Random

import attrs

from jinglecodec import session
from jinglecodec.model.jingle import Content, Creator, Senders, named
from jinglecodec.strategies.conversations.media import FOR_ICE, RAW, agreeing, content
from jinglecodec.strategies.conversations.stage import (
    ANYBODY,
    JULIET,
    KEY,
    KEY_OF_JULIET,
    ROMEO,
    SID,
    Conversation,
    Stage,
    script_of,
)
from jinglecodec.testing.laws import Factory, Script

_VOICE, _FACE = content("0", FOR_ICE), content("1", FOR_ICE)
_EARLY = attrs.evolve(content("2", FOR_ICE), disposition="early-session")
"Not accepted with the session (XEP-0166 7.2.8)."


def crossed(factory: Factory, *, calls: bool = False) -> Script:
    """Juliet and Romeo, who began, or she, ask for changes at the same time: the same ones, others, and overlapping."""
    stage = Stage()
    recorder = stage.put(JULIET, factory(), "192.0.2.1", agreeing(JULIET))
    stage.put(ROMEO, session.Manager(ROMEO, ANYBODY, random=Random(2)), "192.0.2.2", agreeing(ROMEO))
    caller, called = (JULIET, ROMEO) if calls else (ROMEO, JULIET)
    stage.play((0.0, caller, session.Initiate(called, (_VOICE, _FACE), SID)), seconds=1.0)
    for hers, his in _CHANGES:
        stage.play((0.0, JULIET, hers), (0.0, ROMEO, attrs.evolve(his, session=KEY_OF_JULIET)), seconds=0.5)
    return script_of(recorder)


def _added(creator: Creator) -> session.AddContent:
    return session.AddContent(KEY, (content(f"more-{creator.value}", FOR_ICE, creator),))


def _modified(senders: Senders, *contents: Content) -> session.ModifyContent:
    return session.ModifyContent(KEY, tuple(attrs.evolve(named(one), senders=senders) for one in contents))


def _replaced(*contents: Content) -> session.ReplaceTransport:
    return session.ReplaceTransport(KEY, tuple(attrs.evolve(named(one), transport=RAW) for one in contents))


_CHANGES: tuple[tuple[session.ContentCommand | session.Terminate, session.ContentCommand | session.Terminate], ...] = (
    (_added(Creator.RESPONDER), _added(Creator.INITIATOR)),
    (_modified(Senders.NONE, _VOICE), _modified(Senders.INITIATOR, _VOICE)),
    (_modified(Senders.NONE, _VOICE, _FACE), _modified(Senders.RESPONDER, _FACE)),
    (_modified(Senders.BOTH, _FACE), _modified(Senders.RESPONDER, _FACE, _VOICE)),
    (_replaced(_VOICE), _replaced(_VOICE)),
    (_replaced(_VOICE), _replaced(_VOICE, _FACE)),
    (session.RemoveContent(KEY, (named(_FACE),)), _modified(Senders.NONE, _FACE)),
    (session.RemoveContent(KEY, (named(_VOICE),)), session.RemoveContent(KEY, (named(_VOICE),))),
    (session.Terminate(KEY), session.Terminate(KEY)),
)
"What she asks for, and he at the same time."


def both_call(factory: Factory) -> Script:
    """They call each other at the same time: the lower sid stands, of equal ones the lower JID; or for two things."""
    stage = Stage()
    recorder = stage.put(JULIET, factory(), "192.0.2.1", agreeing(JULIET))
    stage.put(ROMEO, session.Manager(ROMEO, ANYBODY, random=Random(2)), "192.0.2.2", agreeing(ROMEO))
    voices = ((_VOICE,), (_VOICE,))
    for hers, his, (heard, sent) in (
        ("a", "b", voices),
        ("d", "c", voices),
        ("e", "e", voices),
        ("f", "g", ((_VOICE,), (_VOICE, content("d", RAW)))),
    ):
        stage.play(
            (0.0, JULIET, session.Initiate(ROMEO, heard, hers)),
            (0.0, ROMEO, session.Initiate(JULIET, sent, his)),
            seconds=0.5,
        )
    return script_of(recorder)


def withdrawn(factory: Factory) -> Script:
    """What is proposed is rejected, or removed before there is an answer, until nothing is left (XEP-0166 7.2.4, 5)."""
    stage = Stage()
    recorder = stage.put(JULIET, factory(), "192.0.2.1")
    stage.put(ROMEO, session.Manager(ROMEO, ANYBODY, random=Random(2)), "192.0.2.2")
    hers, his = _added(Creator.RESPONDER), attrs.evolve(_added(Creator.INITIATOR), session=KEY_OF_JULIET)
    his_face = session.ReplaceTransport(KEY_OF_JULIET, (attrs.evolve(named(_FACE), transport=RAW),))
    stage.play(
        (0.0, ROMEO, session.Initiate(JULIET, (_VOICE, _FACE, _EARLY), SID)),
        (0.5, JULIET, session.RejectContent(KEY, (named(_VOICE),))),
        (0.5, JULIET, session.Accept(KEY, (_FACE, _EARLY))),
        (0.5, ROMEO, his),
        (0.5, JULIET, session.RejectContent(KEY, his.contents)),
        (0.5, JULIET, hers),
        (0.5, ROMEO, session.RejectContent(KEY_OF_JULIET, hers.contents)),
        (0.5, ROMEO, his_face),
        (0.5, JULIET, session.RejectTransport(KEY, (named(_FACE),))),
        (0.5, JULIET, _replaced(_FACE)),
        (0.5, ROMEO, session.RejectTransport(KEY_OF_JULIET, (named(_FACE),))),
        (0.5, ROMEO, his),
        (0.0, JULIET, session.SendTransportInfo(KEY, (attrs.evolve(named(_FACE), transport=FOR_ICE),))),
        (0.1, ROMEO, session.RemoveContent(KEY_OF_JULIET, his.contents)),
        (0.0, JULIET, session.AcceptContent(KEY, his.contents)),
        (0.5, ROMEO, session.RemoveContent(KEY_OF_JULIET, (named(_FACE), named(_EARLY)))),
    )
    return script_of(recorder)


WITH_ROMEO: tuple[Conversation, ...] = (crossed, withdrawn)
WITH_ANYBODY: tuple[Conversation, ...] = (partial(crossed, calls=True), both_call)

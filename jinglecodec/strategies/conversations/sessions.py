"""Conversations of sessions, of proposals, and of browsers that follow the older transport."""

from __future__ import annotations

from functools import partial
from random import Random

import attrs

from jinglecodec import session
from jinglecodec.model.jingle import Creator, Senders, named
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.model.rtp_info import Ringing
from jinglecodec.strategies.conversations import crossings, devices, exchanges, refusals
from jinglecodec.strategies.conversations.media import BROWSING, FOR_ICE, OFFER, RAW, agreeing, answering, content
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


def sessions(factory: Factory, *, calls: bool = False) -> Script:
    """Juliet, whose machine it is, has a session with Romeo in which each asks for everything once; `calls`: hers."""
    stage = Stage()
    recorder = stage.put(JULIET, factory(), "192.0.2.1", agreeing(JULIET))
    stage.put(ROMEO, session.Manager(ROMEO, ANYBODY, random=Random(2)), "192.0.2.2", agreeing(ROMEO))
    voice = content("0", FOR_ICE)
    caller, called = (JULIET, ROMEO) if calls else (ROMEO, JULIET)
    stage.play((0.0, caller, session.Initiate(called, (voice,), SID)), seconds=2.0)
    for name, key in ((ROMEO, KEY_OF_JULIET), (JULIET, KEY)):
        more = content(f"more-{name}", FOR_ICE, Creator.INITIATOR if name == caller else Creator.RESPONDER)
        changes = (
            session.SendSessionInfo(key, infos=(Ringing(),)),
            session.SendSessionInfo(key),
            session.AddContent(key, (more,)),
            session.ModifyContent(key, (attrs.evolve(named(voice), senders=Senders.INITIATOR),)),
            session.SendDescriptionInfo(key, (attrs.evolve(named(voice), description=voice.description),)),
            session.SendTransportInfo(key, (attrs.evolve(named(voice), transport=FOR_ICE),)),
            session.ReplaceTransport(key, (attrs.evolve(named(voice), transport=RAW),)),
            session.RemoveContent(key, (named(more),)),
        )
        stage.play(*((1.0, name, change) for change in changes))
    stage.play((0.0, ROMEO, session.Terminate(KEY_OF_JULIET)))
    return script_of(recorder)


def proposals(factory: Factory, *, calls: bool = False) -> Script:
    """Juliet and Romeo propose to each other: one is taken, one refused, one withdrawn (XEP-0353)."""
    stage = Stage()
    caller, called = (JULIET, ROMEO) if calls else (ROMEO, JULIET)
    recorder = stage.put(JULIET, factory(), "192.0.2.1")
    stage.put(ROMEO, session.Proposals(ROMEO, ANYBODY, random=Random(2)), "192.0.2.2")
    media = (RtpDescription(media="audio"),)
    for proposal, answers in (
        (SID, ((called, session.Ring(SID)), (called, session.Proceed(SID)), (caller, session.Finish(SID)))),
        ("b", ((called, session.Reject("b")),)),
        ("c", ((caller, session.Retract("c")),)),
    ):
        stage.play((1.0, caller, session.Propose(called, media, proposal)), *((1.0, *answer) for answer in answers))
    return script_of(recorder)


def browsers(factory: Factory, *, calls: bool = False) -> Script:
    """Juliet and Romeo agree on descriptions, twice, by session-info (ProtoXEP 3)."""
    stage = Stage()
    caller, called = (JULIET, ROMEO) if calls else (ROMEO, JULIET)
    keys = {JULIET: KEY, ROMEO: KEY_OF_JULIET}
    recorder = stage.put(JULIET, factory(), "192.0.2.1", answering(JULIET))
    stage.put(ROMEO, session.Webrtc(ROMEO, ANYBODY, random=Random(2)), "192.0.2.2", answering(ROMEO))
    stage.play(
        (0.0, caller, session.Initiate(called, (BROWSING,), SID)),
        (0.1, caller, session.Offer(keys[caller], OFFER)),
        (1.0, called, session.MediaArrived(keys[called])),
        (1.0, called, session.Offer(keys[called], OFFER)),
        (1.0, caller, session.Terminate(keys[caller])),
    )
    return script_of(recorder)


WITH_ROMEO: tuple[Conversation, ...] = (sessions, *crossings.WITH_ROMEO, *refusals.WITH_ROMEO)
"Of one session, which he began."
SESSIONS: tuple[Conversation, ...] = (
    *(WITH_ROMEO[0], partial(sessions, calls=True)),
    *(*crossings.WITH_ROMEO, *crossings.WITH_ANYBODY),
    *(*refusals.WITH_ROMEO, *refusals.WITH_ANYBODY),
)
PROPOSALS: tuple[Conversation, ...] = (proposals, partial(proposals, calls=True), *devices.DEVICES)
BROWSERS: tuple[Conversation, ...] = (browsers, partial(browsers, calls=True), *exchanges.EXCHANGES)

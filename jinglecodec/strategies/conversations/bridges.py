"""Conversations of the clients of a bridge."""

from __future__ import annotations

from functools import partial
from random import Random

import attrs

from jinglecodec import session
from jinglecodec.model.jingle import Senders, named
from jinglecodec.strategies.conversations.media import BROWSING, FOR_ICE, OFFER, RAW, agreeing, answering, content
from jinglecodec.strategies.conversations.stage import (
    ANYBODY,
    JULIET,
    NURSE,
    ROMEO,
    SID,
    Conversation,
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


BRIDGED: tuple[Conversation, ...] = (bridged, partial(bridged, calls=True))

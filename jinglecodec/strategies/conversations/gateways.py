"""Conversations of SIP gateways."""

from __future__ import annotations

from functools import partial
from random import Random

import attrs

from jinglecodec import session, sip
from jinglecodec.addresses import Address
from jinglecodec.model.jingle import Senders, named
from jinglecodec.model.rtp_info import Ringing
from jinglecodec.model.stanza import Presence
from jinglecodec.session.jids import bare
from jinglecodec.strategies.conversations.media import RAW, agreeing, content
from jinglecodec.strategies.conversations.stage import ANYBODY, ROMEO, SID, Conversation, Reactions, Stage, script_of
from jinglecodec.testing.laws import Factory, Script

GATE, PROXY = Address("192.0.2.10", 5060), Address("192.0.2.20", 5060)
"The gateway, and the SIP server that it knows."

_TALKER = "juliet@example.com/balcony"


def gateways(factory: Factory, *, calls: bool = False) -> Script:
    """Romeo, whose gateway it is, calls Juliet, who has one too, with SIP between them; `calls`: she calls."""
    stage = Stage()
    recorder = stage.put("gate", factory(), GATE.host, carrying(ROMEO))
    other = sip.Gateway(sip.Config(sip=sip.Settings(PROXY, GATE), policy=ANYBODY), Random(2))
    stage.put("other", other, PROXY.host, carrying(_TALKER))
    voice = content("0", RAW)
    for name, gate, peer in ((ROMEO, "gate", _TALKER), (_TALKER, "other", ROMEO)):
        manager = session.Manager(name, ANYBODY, random=Random(name))
        stage.put(name, manager, "192.0.2.3" if name == ROMEO else "192.0.2.4", {**agreeing(name), **carrying(gate)})
        stage.hand_in(gate, sip.Start())
        stage.hand_in(gate, session.StanzaReceived(Presence(from_=name, to=bare(peer))))
    caller, called = (_TALKER, ROMEO) if calls else (ROMEO, _TALKER)
    key = session.SessionKey(bare(called), SID)
    stage.play((1.0, caller, session.Initiate(bare(called), (voice,), SID)))
    stage.play(
        (0.0, caller, session.ModifyContent(key, (attrs.evolve(named(voice), senders=Senders.NONE),))),
        (2.0, caller, session.AddContent(key, (content("1", RAW),))),
        (2.0, caller, session.SendTransportInfo(key, (attrs.evolve(named(voice), transport=RAW),))),
        (2.0, caller, session.SendSessionInfo(key, infos=(Ringing(),))),
        (2.0, caller, session.Terminate(key)),
        seconds=40.0,
    )
    stage.play((1.0, caller, session.Initiate(bare(called), (voice,), "b")), seconds=0.2)
    stage.play((0.0, caller, session.Terminate(session.SessionKey(bare(called), "b"))))
    return script_of(recorder)


def carrying(name: str) -> Reactions:
    """Return the reaction of somebody all of whose stanzas go to one party."""
    return {session.SendStanza: lambda told: [(name, session.StanzaReceived(told.stanza))]}


GATEWAYS: tuple[Conversation, ...] = (gateways, partial(gateways, calls=True))

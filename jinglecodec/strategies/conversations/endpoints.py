"""Conversations of endpoints: calls."""

from __future__ import annotations

from functools import partial
from random import Random

import attrs

from jinglecodec import endpoint, session
from jinglecodec import namespaces as ns
from jinglecodec.model.external_services import Service
from jinglecodec.model.jingle import Content, Creator, Senders, named
from jinglecodec.strategies.conversations.media import FOR_ENDPOINTS, content
from jinglecodec.strategies.conversations.paths import PATHS
from jinglecodec.strategies.conversations.stage import (
    ANYBODY,
    JULIET,
    KEY,
    KEY_OF_JULIET,
    ROMEO,
    SERVER,
    SID,
    Conversation,
    Reactions,
    Stage,
    script_of,
    two_hosts,
)
from jinglecodec.testing.laws import Factory, Script


def calls(factory: Factory, *, relayed: bool = False, places: bool = False) -> Script:
    """Romeo calls Juliet, or she, as `places`, him; they talk, add a content, restart, hold, vanish and end."""
    stage = Stage()
    machines = {JULIET: factory(), ROMEO: endpoint.Endpoint(ROMEO, ANYBODY, random=Random(2))}
    recorders = []
    for host, (name, machine) in zip(two_hosts(stage, hidden=relayed), machines.items(), strict=True):
        recorders.append(stage.put(name, machine, host, _accepting(name)))
        stage.hand_in(name, endpoint.AddLocalAddress(host.addresses[0]))
        if relayed:
            stage.hand_in(name, endpoint.ServicesReceived((_SERVICE,)))
    keys = {JULIET: KEY, ROMEO: KEY_OF_JULIET}
    caller, called = (JULIET, ROMEO) if places else (ROMEO, JULIET)
    voice, more = content("0", FOR_ENDPOINTS), content("1", FOR_ENDPOINTS)
    data = endpoint.SendData(KEY, (Creator.INITIATOR, "0"), 1, b"\x80" + bytes(19))
    held = attrs.evolve(named(voice), senders=Senders.NONE)
    stage.play(
        (0.5, caller, session.PeerFeatures(called, frozenset((ns.JINGLE, ns.RTP, ns.ICE_UDP, ns.RAW_UDP)))),
        (0.5, caller, endpoint.Place(called, (voice,), SID)),
        (8.0, ROMEO, attrs.evolve(data, session=keys[ROMEO])),
        (0.1, JULIET, data),
        (0.1, caller, endpoint.AddContent(keys[caller], (more,))),
        (9.0, called, endpoint.RestartIce(keys[called])),
        (9.0, caller, session.ModifyContent(keys[caller], (held,))),
        (1.0, caller, session.RemoveContent(keys[caller], (named(more),))),
        (1.0, JULIET, session.PeerGone(ROMEO)),
        (6.0, called, session.Terminate(keys[called])),
    )
    return script_of(recorders[0])


_SERVICE = Service(
    host=SERVER.host,
    port=SERVER.port,
    type="turn",
    transport="udp",
    username="user",
    password="password",  # noqa: S106
)


def _accepting(name: str) -> Reactions:
    """Return the reactions of somebody who takes every call and content."""

    def taken(told: session.IncomingSession | session.ContentProposed) -> tuple[Content, ...]:
        return tuple(content(each.name, FOR_ENDPOINTS, each.creator) for each in told.jingle.contents)

    return {
        session.IncomingSession: lambda told: [(name, endpoint.Accept(told.session, taken(told)))],
        session.ContentProposed: lambda told: [(name, endpoint.AcceptContent(told.session, taken(told)))],
    }


CALLS: tuple[Conversation, ...] = (calls, partial(calls, places=True), partial(calls, relayed=True), *PATHS)

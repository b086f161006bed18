"""Requests that change a session: transports, and requests that cross."""

from __future__ import annotations

import attrs
import pytest
from machine_support import TIE_BREAK, VIDEO, VOICE, begun, senders
from session_support import (
    JULIET,
    OTHER,
    RAW_UDP,
    ROMEO,
    answer,
    content,
    give,
    hear,
    named,
    own,
    request,
    session_of,
    stanzas,
    told,
    verdict,
)

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.errors import LocalError
from jinglecodec.session import (
    Config,
    ModifyContent,
    ReplaceTransport,
    Session,
    StanzaReceived,
)
from jinglecodec.session.contents import namespace_of

Action, Senders = jc.Action, jc.Senders
INITIATOR, RESPONDER = jc.Creator.INITIATOR, jc.Creator.RESPONDER


# --- transports ---------------------------------------------------------------------------------------------------

IBB = jc.IbbTransport(sid="ch3d9s71", block_size=4096)
S5B = jc.Socks5Transport(sid="vj3hs98y")


def file_over(transport: jc.Transport) -> jc.Content:
    return attrs.evolve(VOICE, transport=transport)


@pytest.mark.parametrize(
    ("first", "second", "allowed"),
    [
        (jc.IceUdpTransport(), RAW_UDP, True),
        (S5B, IBB, True),
        (jc.IceUdpTransport(), IBB, False),
        (S5B, RAW_UDP, False),
        (S5B, jc.Raw("{urn:example:transports:new}transport"), True),
    ],
)
def test_a_transport_is_replaced_by_one_of_its_type(
    first: jc.Transport, second: jc.Transport | jc.Raw, allowed: bool
) -> None:
    """XEP-0166 7.2.15, 8; XEP-0176 6; XEP-0260 3. Of unknown ones the caller decides."""
    juliet = begun(JULIET, file_over(first))
    other = named("voice", transport=second)
    outputs = hear(juliet, request(ROMEO, Action.TRANSPORT_REPLACE, other))
    assert verdict(stanzas(outputs)[0]) == "ack"
    if allowed:
        assert told(outputs) == ["TransportProposed"]
        give(juliet, own(juliet, Action.TRANSPORT_ACCEPT, other))
        assert juliet.contents[INITIATOR, "voice"].transport == namespace_of(second)
        return
    (_, reject) = stanzas(outputs)
    assert isinstance(reject.payload, jc.Jingle)
    assert reject.payload.action is Action.TRANSPORT_REJECT
    with pytest.raises(LocalError, match="of another type"):
        juliet.handle(ReplaceTransport(juliet.key, (other,)), 0.0)


def test_a_peer_that_acknowledges_nothing_has_the_session_ended_by_what_it_asks_for() -> None:
    """Or each request of the peer that is answered by one of ours would be kept for half a minute."""
    juliet = session_of(JULIET, Config(requests=2))
    hear(juliet, request(ROMEO, Action.SESSION_INITIATE, file_over(S5B)))
    other = StanzaReceived(request(ROMEO, Action.TRANSPORT_REPLACE, named("voice", transport=RAW_UDP)))
    assert [told(juliet.handle(other, 0.0)) for _ in range(3)] == [[], [], ["SessionEnded"]]
    assert juliet.deadline is None


def test_accepting_changes_the_transport_and_rejecting_does_not() -> None:
    """XEP-0166 7.2.12, 7.2.14."""
    for action, expected in ((Action.TRANSPORT_ACCEPT, ns.RAW_UDP), (Action.TRANSPORT_REJECT, ns.ICE_UDP)):
        romeo = begun(ROMEO, VOICE)
        other = named("voice", transport=RAW_UDP)
        give(romeo, ReplaceTransport(romeo.key, (other,)))
        assert romeo.contents[INITIATOR, "voice"].transport == ns.ICE_UDP
        assert told(hear(romeo, request(JULIET, action, other))) == ["TransportChanged"]
        assert romeo.contents[INITIATOR, "voice"].transport == expected
        assert romeo.contents[INITIATOR, "voice"].replacement is None


def test_one_transport_is_proposed_at_a_time() -> None:
    """XEP-0166 7.2.15: each is accepted or rejected; an answer would not tell to which of two proposals it belongs."""
    other = named("voice", transport=RAW_UDP)
    juliet = begun(JULIET, VOICE)
    hear(juliet, request(ROMEO, Action.TRANSPORT_REPLACE, other))
    romeo = begun(ROMEO, VOICE)
    give(romeo, ReplaceTransport(romeo.key, (other,)))
    for session in (romeo, juliet):
        with pytest.raises(LocalError, match="no answer yet"):
            session.handle(ReplaceTransport(session.key, (other,)), 0.0)


# --- requests that cross ------------------------------------------------------------------------------------------

CROSSING = [
    (Action.CONTENT_ADD, (content("a", INITIATOR, "x"),), (content("b", RESPONDER, "x"),), True),
    (Action.CONTENT_ADD, (content("a", INITIATOR, "x"),), (content("b", RESPONDER, "y"),), False),
    (
        Action.CONTENT_ADD,
        (content("a", INITIATOR, "x"), content("c", INITIATOR, "y")),
        (content("b", RESPONDER, "x"),),
        False,
    ),
    (Action.CONTENT_MODIFY, (named("voice"),), (named("voice"),), True),
    (Action.CONTENT_MODIFY, (named("voice"),), (named("video"),), False),
    (Action.CONTENT_MODIFY, (named("voice"), named("video")), (named("video"),), False),
    (Action.CONTENT_REMOVE, (named("video"),), (named("video"),), True),
    (
        Action.TRANSPORT_REPLACE,
        (named("voice", transport=RAW_UDP),),
        (named("voice", transport=RAW_UDP),),
        True,
    ),
    (Action.DESCRIPTION_INFO, (VOICE,), (VOICE,), False),
    (Action.TRANSPORT_INFO, (VOICE,), (VOICE,), False),
]


@pytest.mark.parametrize(("action", "romeos", "juliets", "tied"), CROSSING)
def test_the_initiators_request_overrules_an_equal_one(
    action: jc.Action, romeos: tuple[jc.Content, ...], juliets: tuple[jc.Content, ...], tied: bool
) -> None:
    """XEP-0166 7.2.16: "both parties MUST accept the action sent by the initiator"."""
    sessions = {jid: begun(jid, VOICE, VIDEO, accepted=True) for jid in (ROMEO, JULIET)}
    sent = {}
    for jid, contents in ((ROMEO, romeos), (JULIET, juliets)):
        (sent[jid],) = stanzas(sessions[jid].handle(own(sessions[jid], action, *contents), 0.0))
    verdicts = {}
    for jid in (ROMEO, JULIET):
        (reply,) = stanzas(sessions[jid].handle(StanzaReceived(sent[OTHER[jid]]), 0.0))
        verdicts[jid] = (verdict(reply), reply)
    assert {jid: said for jid, (said, _) in verdicts.items()} == {ROMEO: "tie-break" if tied else "ack", JULIET: "ack"}
    for jid in (ROMEO, JULIET):
        failed = sessions[jid].handle(StanzaReceived(verdicts[OTHER[jid]][1]), 0.0)
        assert told(failed) == (["RequestFailed"] if tied and jid == JULIET else [])
    assert seen(sessions[ROMEO]) == seen(sessions[JULIET])


def seen(session: Session) -> dict[object, object]:
    return {key: (status.senders, status.state, status.replacement) for key, status in session.contents.items()}


@pytest.mark.parametrize("order", [(Senders.INITIATOR, Senders.NONE), (Senders.NONE, Senders.BOTH)])
def test_crossing_modifications_end_at_the_initiators(order: tuple[jc.Senders, jc.Senders]) -> None:
    """XEP-0166 7.2.16, also where the contents only overlap."""
    for more in ((), ("video",)):
        sessions = {jid: begun(jid, VOICE, VIDEO, accepted=True) for jid in (ROMEO, JULIET)}
        sent = {}
        for jid, wanted in zip((ROMEO, JULIET), order, strict=True):
            names = ("voice", *(more if jid == JULIET else ()))
            contents = tuple(named(name, senders=wanted) for name in names)
            (sent[jid],) = stanzas(sessions[jid].handle(ModifyContent(sessions[jid].key, contents), 0.0))
        answers = {
            jid: stanzas(session.handle(StanzaReceived(sent[OTHER[jid]]), 0.0)) for jid, session in sessions.items()
        }
        for jid, session in sessions.items():
            session.handle(StanzaReceived(answers[OTHER[jid]][0]), 0.0)
        assert senders(sessions[ROMEO]) is senders(sessions[JULIET]) is order[0]
        assert senders(sessions[ROMEO], "video") is senders(sessions[JULIET], "video")


def test_a_refused_modification_is_undone_also_under_a_later_one() -> None:
    romeo = begun(ROMEO, VOICE, accepted=True)
    first, second = (
        stanzas(romeo.handle(ModifyContent(romeo.key, (named("voice", senders=wanted),)), 0.0))[0]
        for wanted in (Senders.INITIATOR, Senders.NONE)
    )
    romeo.handle(StanzaReceived(answer(first, TIE_BREAK)), 0.0)
    assert senders(romeo) is Senders.NONE
    romeo.handle(StanzaReceived(answer(second, TIE_BREAK)), 0.0)
    assert senders(romeo) is Senders.BOTH

"""Edges of one session: limits met exactly, errors that say nothing, what is taken back, signs of life."""

from __future__ import annotations

import attrs
import pytest
from session_support import (
    JULIET,
    RAW_UDP,
    ROMEO,
    SID,
    answer,
    content,
    give,
    hear,
    named,
    request,
    session_of,
    stanzas,
    told,
    verdict,
)

import jinglecodec as jc
from jinglecodec.machine import TimerFired
from jinglecodec.session import Config, Initiate, PeerGone, ReplaceTransport, SessionEnded, StanzaReceived

VOICE = content("voice")
GENERAL_ERROR = jc.Reason(condition=jc.Condition.GENERAL_ERROR)


@pytest.mark.parametrize("error", [None, jc.StanzaError(), jc.StanzaError(condition=jc.StanzaCondition.NOT_ALLOWED)])
def test_an_initiation_that_is_refused_without_a_reason_ends_with_a_general_error(error: jc.StanzaError | None) -> None:
    """RFC 6120 8.3.1: an error stanza has an error element, which a peer may leave out all the same."""
    romeo = session_of(ROMEO)
    (iq,) = stanzas(romeo.handle(Initiate(JULIET, (VOICE,), SID), 0.0))
    refused = attrs.evolve(answer(iq), type=jc.IqType.ERROR, error=error)
    outputs = romeo.handle(StanzaReceived(refused), 0.0)
    assert outputs[-1] == SessionEnded(romeo.key, GENERAL_ERROR)


def test_a_transport_whose_proposal_is_refused_may_be_proposed_again() -> None:
    """XEP-0166 10: what was asked has not happened."""
    romeo = session_of(ROMEO)
    give(romeo, Initiate(JULIET, (VOICE,), SID))
    replace = ReplaceTransport(romeo.key, (named("voice", transport=RAW_UDP),))
    error = jc.StanzaError(condition=jc.StanzaCondition.FEATURE_NOT_IMPLEMENTED)
    for _ in range(2):
        (iq,) = stanzas(romeo.handle(replace, 0.0))
        assert told(romeo.handle(StanzaReceived(answer(iq, error)), 0.0)) == ["RequestFailed"]
    late = request(JULIET, jc.Action.TRANSPORT_ACCEPT, named("voice", transport=RAW_UDP))
    assert verdict(stanzas(hear(romeo, late))[0]) == "out-of-order"


def test_a_peer_that_says_something_within_the_grace_is_there_again() -> None:
    """XEP-0166 6.7; what others say is no sign of its life."""
    juliet = session_of(JULIET)
    hear(juliet, request(ROMEO, jc.Action.SESSION_INITIATE, VOICE))
    juliet.handle(PeerGone(ROMEO), 0.0)
    juliet.handle(StanzaReceived(jc.Message(from_="tybalt@capulet.lit/hall")), 1.0)
    assert juliet.deadline == 10.0
    juliet.handle(StanzaReceived(jc.Message(from_=ROMEO)), 2.0)
    assert juliet.deadline is None
    assert juliet.handle(TimerFired(), 20.0) == ()


def test_a_limit_may_be_met_but_not_passed() -> None:
    juliet = session_of(JULIET, Config(contents=2))
    both = (VOICE, content("face", media="video"))
    assert verdict(stanzas(hear(juliet, request(ROMEO, jc.Action.SESSION_INITIATE, *both)))[0]) == "ack"
    more = request(ROMEO, jc.Action.CONTENT_ADD, content("more", media="text"))
    assert verdict(stanzas(hear(juliet, more))[0]) == "resource-constraint"


def test_candidates_are_counted_anew_after_a_restart() -> None:
    """RFC 8445 9; each generation may have as many as there is room for, and no more."""
    juliet = session_of(JULIET, Config(candidates=2))
    hear(juliet, request(ROMEO, jc.Action.SESSION_INITIATE, VOICE))
    one = jc.Candidate(
        component=1, foundation="1", ip="192.0.2.1", port=1, priority=1, protocol="udp", type=jc.CandidateType.HOST
    )
    for ufrag in ("g7qs", "h8rt"):
        told_of = jc.IceUdpTransport(ufrag=ufrag, pwd=f"bv71hdn38hgb39hf6x{ufrag}", candidates=(one,))
        info = request(ROMEO, jc.Action.TRANSPORT_INFO, named("voice", transport=told_of))
        assert [verdict(stanzas(hear(juliet, info))[0]) for _ in range(3)] == ["ack", "ack", "resource-constraint"]

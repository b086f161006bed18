"""Conversations that the fuzzer starts from: each comes to its end, and they are cut and damaged everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import Phase, find, settings
from hypothesis import strategies as st

from jinglecodec import bridge, endpoint, ice, session, sip
from jinglecodec.machine import DatagramReceived, SendDatagram, TimerFired
from jinglecodec.model.jingle import Action, Condition, Content, Jingle
from jinglecodec.model.stanza import Iq, IqType, StanzaError
from jinglecodec.model.webrtc import WebrtcError
from jinglecodec.session import ProposalState
from jinglecodec.session.replies import Problem
from jinglecodec.strategies.conversations import paths
from jinglecodec.strategies.conversations.interruption import interrupted
from jinglecodec.strategies.conversations.stage import JULIET, ROMEO
from jinglecodec.strategies.laws import scripts
from jinglecodec.strategies.machines import MACHINES, Row
from jinglecodec.strategies.sequences import changed
from jinglecodec.testing.laws import Script
from jinglecodec.testing.replay import Recording, record

ROWS = {row.name: row for row in MACHINES if row.conversations}

OF_ROMEO: dict[str, tuple[object, ...]] = {
    "sessions": (
        session.ContentProposed,
        session.ContentChanged,
        session.TransportProposed,
        session.SessionEnded,
    ),
    "crossed": (session.ContentChanged, session.TransportProposed, Condition.SUCCESS),
    "withdrawn": (session.ContentProposed, session.TransportProposed, session.TransportChanged, Condition.SUCCESS),
    "refused": (session.RequestFailed, Condition.GONE),
    "unheard": (session.IncomingSession, session.SessionEnded),
    "unfit": (Problem.OUT_OF_ORDER, Problem.BAD_REQUEST, Problem.UNSUPPORTED_INFO, Problem.UNKNOWN_SESSION),
    "overfilled": (session.Limit.CONTENTS, session.Limit.CANDIDATES, Condition.CONNECTIVITY_ERROR),
    "useless": (session.SessionEnded,),
}

OF_AGENTS: dict[str, tuple[object, ...]] = {
    "called": (ice.CandidateFound, ice.StreamStateChanged),
    "in_two_streams": (ice.PairSelected,),
    "offered": (ice.CandidateIgnored,),
    "roaming": (ice.CandidateFound, ice.RestartDetected),
}

REACHED: dict[str, dict[str, tuple[object, ...]]] = {
    "ice.Agent": {
        **OF_AGENTS,
        "agents": (ice.PairSelected, ice.DataReceived, ice.RestartDetected),
        "served": (ice.CandidateFound,),
        "left": (ice.CandidateFound,),
        "reflected": (ice.CandidateFound,),
        "cut_off": (ice.PairSelected,),
        "moved": (ice.PairSelected,),
        "reflexive": (ice.PairSelected,),
        "switched": (ice.PairSelected,),
        "crossed": (ice.PairSelected, ice.ConsentLost),
        "overdone": (ice.ServerFailed,),
    },
    "ice.Agent (lite)": {name: OF_AGENTS[name] for name in ("called", "offered")},
    "ice.Agent (narrow)": OF_AGENTS,
    "session.Session": OF_ROMEO,
    "session.Manager": {
        **OF_ROMEO,
        "both_call": (session.RequestFailed, Problem.TIE_BREAK, Condition.ALTERNATIVE_SESSION),
        "void": (Condition.GENERAL_ERROR, Condition.GONE, Condition.CONNECTIVITY_ERROR),
        "uncalled": (session.Redirected, Condition.BUSY, Condition.ALTERNATIVE_SESSION, Condition.GENERAL_ERROR),
        "turned_away": (Problem.SERVICE_UNAVAILABLE, Problem.REDIRECT, session.SessionEnded),
        "crowded": (session.Limit.SESSIONS, session.Limit.SESSIONS_PER_PEER),
    },
    "session.Proposals": {
        "proposals": (session.ProposalChanged,),
        "at_once": (ProposalState.REJECTED, ProposalState.RETRACTED, session.InitiateSession, ProposalState.FINISHED),
        "same_ids": (session.IncomingProposal, ProposalState.RETRACTED, session.NotHandled),
        "elsewhere": (session.IncomingProposal, ProposalState.PROCEEDED, ProposalState.FINISHED),
        "answered_twice": (ProposalState.REJECTED, ProposalState.FINISHED, session.InitiateSession),
        "unanswered": (ProposalState.RETRACTED, session.SessionAgreed, ProposalState.FINISHED),
        "caught_up": (session.IncomingProposal, ProposalState.RINGING, session.NotHandled),
        "crowded": (session.Limit.PROPOSALS, session.Limit.PROPOSALS_PER_PEER),
    },
    "session.Webrtc": {
        "browsers": (session.OfferReceived, session.AnswerReceived, session.OfferConfirmed, session.SessionEnded),
        "crossing": (
            *(WebrtcError.CONFLICT, WebrtcError.DOUBLECONFLICT),
            *(session.OfferReceived, session.AnswerReceived),
        ),
        "failing": tuple({*WebrtcError} - {WebrtcError.DOUBLECONFLICT}),
        "unfitting": (session.OfferReceived, WebrtcError.REFUSED, WebrtcError.TIMEOUT, Condition.SUCCESS),
        "unacknowledged": (Condition.CONNECTIVITY_ERROR,),
    },
    "endpoint.Endpoint": {
        "calls": (endpoint.Connected, endpoint.DataReceived, session.ContentChanged, session.SessionEnded),
        "raw_calls": (endpoint.Connected, endpoint.DataReceived, Condition.FAILED_TRANSPORT),
        "without_ice": (ice.StreamState.FAILED, session.SessionEnded),
        "bundled": (session.ContentChanged, endpoint.ConnectivityChanged, session.SessionEnded),
        "changing": (session.RequestFailed, session.TransportProposed, session.ContentChanged),
        "given_up": (endpoint.CandidateUnusable, session.SessionEnded),
        "crowded": (endpoint.ServerUnusable, Condition.CANCEL, Condition.ALTERNATIVE_SESSION),
        "served": (endpoint.ServerUnusable, endpoint.NotMapped, Condition.CANCEL),
    },
    "sip.Gateway": {"gateways": (sip.CallStarted, sip.CallEnded), "played": (SendDatagram,)},
    "bridge.Bridge": {"bridged": (bridge.Bridged, bridge.CallEnded), "played": (session.SendStanza,)},
}
"What a machine tells in the course of each conversation."

MISUSED = {"crowded", "overdone"}
"Conversations in which the caller wants what there is no room for."


def recordings(row: Row) -> Iterator[tuple[str, Recording]]:
    """Yield the name of each conversation, and what the machine said in it."""
    for conversation, script in zip(row.conversations, row.recorded(), strict=True):
        yield getattr(conversation, "func", conversation).__name__, record(row.factory(), script)


def told(recording: Recording) -> Iterator[object]:
    return (output for step in recording.steps for output in step.outputs)


def facts(output: object) -> Iterator[object]:
    """Yield what an output says: its class, and why it came."""
    yield type(output)
    match output:
        case session.SessionEnded(reason=reason):
            yield reason.condition
        case session.Refused(limit=reached) | session.ProposalChanged(state=reached):
            yield reached
        case session.OfferFailed(error=reached) | endpoint.ConnectivityChanged(state=reached):
            yield reached
        case session.SendStanza(Iq(error=StanzaError() as sent)):
            yield from (problem for problem in Problem if problem.error() == attrs.evolve(sent, uri=None))


@pytest.mark.parametrize("name", REACHED)
def test_a_conversation_is_whole_and_without_misuse(name: str) -> None:
    reached = {conversation: set(expected) for conversation, expected in REACHED[name].items()}
    for conversation, recording in recordings(ROWS[name]):
        seen = {fact for output in told(recording) for fact in facts(output)}
        assert seen >= reached[conversation], conversation
        assert any(step.error for step in recording.steps) is (conversation in MISUSED), conversation


@pytest.mark.parametrize("name", REACHED)
def test_what_a_conversation_reaches_is_known_of_each(name: str) -> None:
    assert {conversation for conversation, _ in recordings(ROWS[name])} == REACHED[name].keys()


def test_every_machine_that_a_peer_talks_to_has_conversations() -> None:
    assert ROWS.keys() == REACHED.keys() == {row.name for row in MACHINES} - {"testing.network.StunServer"}


def test_an_agent_behind_hard_nats_selects_a_relayed_pair() -> None:
    """By UDP and by TCP; without a relay there would be none."""
    row = ROWS["ice.Agent"]
    for _, recording in [*recordings(row)][2:4]:
        selected = [output for output in told(recording) if isinstance(output, ice.PairSelected)]
        kinds = {one.local.type for one in selected} | {one.remote.type for one in selected}
        assert ice.CandidateType.RELAYED in kinds


def test_a_call_goes_on_without_ice_where_both_want_it() -> None:
    """As the peer proposes, and as it accepts; not where it rejects, or says nothing (XEP-0176 6)."""
    row = ROWS["endpoint.Endpoint"]
    for conversation, script in zip(row.conversations, row.recorded(), strict=True):
        if isinstance(conversation, partial) and conversation.func is paths.without_ice:
            kinds = {type(output) for output in told(record(row.factory(), script))}
            answer = conversation.keywords.get("answer")
            assert (endpoint.Connected in kinds) is (answer in (Action.TRANSPORT_REPLACE, Action.TRANSPORT_ACCEPT))


TALK: list[tuple[object, float]] = [
    (DatagramReceived(number, ice.Address("192.0.2.1", 1), bytes([number] * 30)), float(number)) for number in range(4)
]


EVENTS = [event for event, _ in TALK]

ANY = settings(phases=[Phase.generate], max_examples=2000, database=None)
"The first example will do: none need be the smallest."

INTERRUPTIONS: dict[str, Callable[[Script], bool]] = {
    "none": lambda script: list(script) == TALK,
    "cut": lambda script: list(script) == TALK[:2],
    "lost": lambda script: any(event == TimerFired() for event, _ in script),
    "doubled": lambda script: any(one == other for one, other in pairwise(script)),
    "exchanged": lambda script: any(event in EVENTS and TALK[EVENTS.index(event)][1] != now for event, now in script),
    "damaged": lambda script: any(isinstance(event, DatagramReceived) and event not in EVENTS for event, _ in script),
}


@pytest.mark.parametrize("kind", INTERRUPTIONS)
def test_a_conversation_is_interrupted_in_every_way(kind: str) -> None:
    assert find(interrupted([TALK]), INTERRUPTIONS[kind], settings=ANY)


STANZA = Iq(from_=ROMEO, to=JULIET, id="a", type=IqType.RESULT)
REQUEST = attrs.evolve(
    STANZA, type=IqType.SET, payload=Jingle(action=Action.CONTENT_MODIFY, sid="a", contents=(Content(name="0"),))
)

CHANGES: dict[str, tuple[Iq, Callable[[Any], bool]]] = {
    "refused": (STANZA, lambda other: other.error == Problem.TIE_BREAK.error()),
    "of another session": (REQUEST, lambda other: other.payload.sid != "a"),
    "of another action": (REQUEST, lambda other: other.payload.action is Action.SESSION_ACCEPT),
    "of a content that is not there": (REQUEST, lambda other: other.payload.contents == (Content(name="x"),)),
    "of a content twice": (REQUEST, lambda other: other.payload.contents == 2 * (Content(name="0"),)),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_peer_says_something_else(kind: str) -> None:
    said, is_changed = CHANGES[kind]
    assert find(changed(said), is_changed, settings=ANY) != said


def test_events_come_behind_a_beginning_in_its_time() -> None:
    script = find(
        scripts(st.just([TimerFired()]), st.just(TALK)), lambda script: script[-1][1] > TALK[-1][1], settings=ANY
    )
    assert script[:-1] == TALK

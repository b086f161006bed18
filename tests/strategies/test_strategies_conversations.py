"""Conversations that the fuzzer starts from: each comes to its end, and they are cut and damaged everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import Phase, find, settings
from hypothesis import strategies as st

from jinglecodec import bridge, endpoint, ice, session, sip
from jinglecodec.machine import DatagramReceived, TimerFired
from jinglecodec.strategies.conversations.interruption import interrupted
from jinglecodec.strategies.laws import scripts
from jinglecodec.strategies.machines import MACHINES, Row
from jinglecodec.testing.laws import Script
from jinglecodec.testing.replay import record

ROWS = {row.name: row for row in MACHINES if row.conversations}

REACHED: dict[str, tuple[type, ...]] = {
    "ice.Agent": (ice.PairSelected, ice.DataReceived, ice.RestartDetected),
    "session.Session": (
        session.ContentProposed,
        session.ContentChanged,
        session.TransportProposed,
        session.SessionEnded,
    ),
    "session.Manager": (
        session.ContentProposed,
        session.ContentChanged,
        session.TransportProposed,
        session.SessionEnded,
    ),
    "session.Proposals": (session.ProposalChanged,),
    "session.Webrtc": (session.OfferReceived, session.AnswerReceived, session.OfferConfirmed, session.SessionEnded),
    "endpoint.Endpoint": (endpoint.Connected, endpoint.DataReceived, session.ContentChanged, session.SessionEnded),
    "sip.Gateway": (sip.CallStarted, sip.CallEnded),
    "bridge.Bridge": (bridge.Bridged, bridge.CallEnded),
}
"What a machine tells in the course of each of its conversations."


def told(row: Row, script: Script) -> Iterator[object]:
    for step in record(row.factory(), script).steps:
        assert step.error is None, step
        yield from step.outputs


@pytest.mark.parametrize("name", ROWS)
def test_a_conversation_is_whole_and_without_misuse(name: str) -> None:
    for script in ROWS[name].recorded():
        kinds = {type(output) for output in told(ROWS[name], script)}
        assert kinds >= set(REACHED[name])


def test_every_machine_that_a_peer_talks_to_has_conversations() -> None:
    assert ROWS.keys() == REACHED.keys() == {row.name for row in MACHINES} - {"testing.network.StunServer"}


def test_an_agent_behind_hard_nats_selects_a_relayed_pair() -> None:
    """By UDP and by TCP; without a relay there would be none."""
    row = ROWS["ice.Agent"]
    for script in row.recorded()[2:]:
        selected = [output for output in told(row, script) if isinstance(output, ice.PairSelected)]
        kinds = {one.local.type for one in selected} | {one.remote.type for one in selected}
        assert ice.CandidateType.RELAYED in kinds


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


def test_events_come_behind_a_beginning_in_its_time() -> None:
    script = find(
        scripts(st.just([TimerFired()]), st.just(TALK)), lambda script: script[-1][1] > TALK[-1][1], settings=ANY
    )
    assert script[:-1] == TALK

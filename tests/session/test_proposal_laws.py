"""The generic laws, for one proposal and for all of a device."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from proposal_support import ANYBODY, AUDIO, HIGH, LOW, PHONE, ROMEO, TABLET, initiation

import jinglecodec as jc
from jinglecodec.machine import TimerFired
from jinglecodec.session import (
    CatchUpEnded,
    CatchUpStarted,
    Finish,
    Proceed,
    Proposal,
    ProposalConfig,
    Proposals,
    Propose,
    Reject,
    Retract,
    Ring,
    StanzaReceived,
)
from jinglecodec.testing import laws

JULIET = "juliet@capulet.example"
BOUNCE = jc.Message(from_=JULIET, id=f"propose-{LOW}", type=jc.MessageType.ERROR)


def heard(step: jc.JingleMessage, from_: str, to: str = ROMEO) -> StanzaReceived:
    return StanzaReceived(jc.Message(from_=from_, to=to, type=jc.MessageType.CHAT, payloads=(step,)))


def romeo() -> Proposals:
    config = ProposalConfig(proposals=3, proposals_per_peer=2, remembered=2)
    return Proposals(ROMEO, ANYBODY, config, random=Random(1))


def outgoing() -> Proposal:
    return Proposal(ROMEO, LOW, JULIET)


def incoming() -> Proposal:
    return Proposal(PHONE, LOW, ROMEO)


SCRIPT: laws.Script = [
    (Propose(JULIET, AUDIO), 0.0),
    (Propose(JULIET, AUDIO, HIGH), 1.0),
    (heard(jc.ProposeMessage(id=LOW, descriptions=AUDIO), PHONE), 2.0),
    (Ring(LOW), 3.0),
    (TimerFired(), 20.0),
    (Proceed(LOW), 21.0),
    (StanzaReceived(initiation(LOW, PHONE, ROMEO)), 22.0),
    (heard(jc.ProposeMessage(id="next", descriptions=AUDIO), TABLET), 23.0),
    (TimerFired(), 200.0),
    (Propose("nurse@capulet.example", AUDIO, "n"), 201.0),
    (heard(jc.RejectMessage(id="n"), "nurse@capulet.example/x"), 200.0),
]
OUTGOING: laws.Script = [
    (Propose(JULIET, AUDIO, LOW), 0.0),
    (heard(jc.RingingMessage(id=LOW), PHONE), 1.0),
    (heard(jc.ProceedMessage(id=LOW), PHONE), 2.0),
    (Finish(LOW), 90.0),
]
INCOMING: laws.Script = [
    (heard(jc.ProposeMessage(id=LOW, descriptions=AUDIO), ROMEO), 0.0),
    (Proceed(LOW), 1.0),
    (heard(jc.ProceedMessage(id=LOW), TABLET), 2.0),
    (TimerFired(), 40.0),
]


def test_all_laws_hold_for_the_proposals_of_a_device() -> None:
    misuse = [Propose(ROMEO, AUDIO), Proceed("unknown"), Retract(LOW), Finish("n"), Reject("n")]
    laws.check_all(romeo, SCRIPT, most=6, misuse=misuse, hash_seeds=(1,))


def test_all_laws_hold_for_a_proposal() -> None:
    laws.check_all(outgoing, OUTGOING, most=2, misuse=[Retract(LOW), Propose(JULIET, AUDIO, LOW)], hash_seeds=())
    laws.check_all(incoming, INCOMING, most=2, misuse=[Proceed(LOW), Finish(LOW), Retract(LOW)], hash_seeds=())


IDS = st.sampled_from([LOW, HIGH, "next"])
STEPS = st.one_of(
    st.builds(jc.ProposeMessage, id=IDS, descriptions=st.sampled_from([(), AUDIO])),
    *(
        st.builds(cls, id=IDS)
        for cls in (jc.RingingMessage, jc.RejectMessage, jc.ProceedMessage, jc.AcceptMessage, jc.RetractMessage)
    ),
    st.builds(jc.FinishMessage, id=IDS, migrated=st.none() | st.builds(jc.Migrated, to=IDS)),
)
JIDS = st.sampled_from([ROMEO, "romeo@montague.example/garden", PHONE, TABLET, JULIET, "x@y/z", ""])
ARRIVALS = st.one_of(
    st.builds(heard, STEPS, JIDS, JIDS),
    st.just(StanzaReceived(BOUNCE)),
    st.builds(initiation, IDS, JIDS, st.just(ROMEO)).map(StanzaReceived),
)
COMMANDS = st.one_of(
    st.builds(Propose, st.just(JULIET), st.just(AUDIO), st.none() | IDS),
    *(st.builds(command, IDS) for command in (Ring, Proceed, Reject, Retract, Finish)),
    st.sampled_from([CatchUpStarted(), CatchUpEnded(), TimerFired()]),
)
SCRIPTS = st.lists(st.tuples(ARRIVALS | COMMANDS, st.floats(0, 200)), min_size=1, max_size=5)


@given(SCRIPTS)
def test_all_laws_hold_under_any_script(script: list[tuple[object, float]]) -> None:
    """Commands that are misuse, and events at the wrong time, included."""
    laws.check_all(romeo, [(TimerFired(), 0.0), *script], most=12, hash_seeds=())


@given(st.lists(ARRIVALS, max_size=40))
def test_nothing_that_arrives_raises_or_grows(arrivals: list[StanzaReceived]) -> None:
    machine = romeo()
    for number, arrival in enumerate(arrivals):
        machine.handle(arrival, float(number))
    assert len(machine._proposals) <= 3
    assert len(machine._over) <= 2


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1), (1, 3, 0, 2)])
def test_order_of_steps_does_not_matter(order: tuple[int, ...]) -> None:
    """A device that hears of all steps by carbons ends in the same state, whatever came first."""
    steps = [
        (jc.ProposeMessage(id=LOW, descriptions=AUDIO), ROMEO, JULIET),
        (jc.RejectMessage(id=LOW), TABLET, ROMEO),
        (jc.ProceedMessage(id=LOW), "juliet@capulet.example/desk", ROMEO),
        (jc.RetractMessage(id=LOW), ROMEO, JULIET),
    ]
    phone = Proposals(PHONE, ANYBODY)
    for place in order:
        phone.handle(heard(*steps[place]), 0.0)
    assert phone.state(LOW).name == "RETRACTED"

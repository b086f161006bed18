"""What each step does in each state, on each device, written down from XEP-0353 and compared with the machine."""

from __future__ import annotations

import pytest
from proposal_support import AUDIO, GARDEN, LOW, PHONE, ROMEO, TABLET

import jinglecodec as jc
from jinglecodec.errors import LocalError
from jinglecodec.machine import TimerFired
from jinglecodec.session import (
    Finish,
    InitiateSession,
    Proceed,
    Proposal,
    ProposalChanged,
    ProposalState,
    Propose,
    Reject,
    Retract,
    Ring,
    SendStanza,
    StanzaReceived,
)
from jinglecodec.session.proposal import ProposalEvent, step_of

STEPS: dict[str, jc.JingleMessage] = {
    "propose": jc.ProposeMessage(id=LOW, descriptions=AUDIO),
    "ringing": jc.RingingMessage(id=LOW),
    "proceed": jc.ProceedMessage(id=LOW),
    "reject": jc.RejectMessage(id=LOW),
    "accept": jc.AcceptMessage(id=LOW),
    "retract": jc.RetractMessage(id=LOW),
    "finish": jc.FinishMessage(id=LOW),
}
COMMANDS: dict[str, ProposalEvent] = {
    "ringing": Ring(LOW),
    "proceed": Proceed(LOW),
    "reject": Reject(LOW),
    "retract": Retract(LOW),
    "finish": Finish(LOW),
}

WAYS: dict[ProposalState, tuple[str, ...]] = {
    ProposalState.UNKNOWN: (),
    ProposalState.PROPOSED: ("propose",),
    ProposalState.RINGING: ("propose", "ringing"),
    ProposalState.REJECTED: ("propose", "reject"),
    ProposalState.PROCEEDED: ("propose", "proceed"),
    ProposalState.RETRACTED: ("propose", "retract"),
    ProposalState.FINISHED: ("propose", "finish"),
}
"How a proposal gets there."

TABLE = """
            propose   ringing  proceed    reject    accept     retract    finish
UNKNOWN     PROPOSED  RINGING  PROCEEDED  REJECTED  PROCEEDED  RETRACTED  FINISHED
PROPOSED    -         RINGING  PROCEEDED  REJECTED  PROCEEDED  RETRACTED  FINISHED
RINGING     -         -        PROCEEDED  REJECTED  PROCEEDED  RETRACTED  FINISHED
REJECTED    -         -        PROCEEDED  -         PROCEEDED  RETRACTED  FINISHED
PROCEEDED   -         -        -          -         -          RETRACTED  FINISHED
RETRACTED   -         -        -          -         -          -          FINISHED
FINISHED    -         -        -          -         -          -          -
"""
"""Clauses: propose 3.1, ringing 3.2, proceed 3.4, reject 3.5, accept 5, retract 3.3, finish 3.7.

The row UNKNOWN is for steps that overtook the propose. A device that hears a reject may still hear that another one
proceeded (3.4: the device informs all). A retract that crosses a proceed ends it (3.3). Nothing starts again.
"""

COMMANDED = """
            ringing  proceed  reject  retract  finish
UNKNOWN     -        -        -       -        -
PROPOSED    RT       RT       RT      I        -
RINGING     RT       RT       RT      I        -
REJECTED    -        -        -       -        -
PROCEEDED   -        -        -       -        IR
RETRACTED   -        -        -       -        -
FINISHED    -        -        -       -        -
"""
"""Who may say what: I the initiator's device (3.3, 3.7), R the responder's that proceeded (or, before, may proceed),
T the responder's other one (3.2, 3.4, 3.5). The initiator's other device may say nothing."""

DEVICES = {"I": ROMEO, "O": GARDEN, "R": PHONE, "T": TABLET}


def cells(table: str) -> list[tuple[str, ProposalState, str]]:
    """Return step, state and cell."""
    head, *rows = (line.split() for line in table.strip().splitlines())
    return [(step, ProposalState[name], cell) for name, *row in rows for step, cell in zip(head, row, strict=True)]


def sender_of(step: str) -> str:
    return ROMEO if step in ("propose", "retract") else PHONE


def heard(step: str) -> StanzaReceived:
    sender = sender_of(step)
    to = "juliet@capulet.example" if sender == ROMEO else ROMEO
    return StanzaReceived(jc.Message(from_=sender, to=to, type=jc.MessageType.CHAT, payloads=(STEPS[step],)))


def in_state(who: str, state: ProposalState) -> Proposal:
    """Return the proposal on a device, brought to a state by what this device does, or hears of others."""
    own = DEVICES[who]
    proposal = Proposal(own, LOW, "juliet@capulet.example" if who in "IO" else "romeo@montague.example")
    for step in WAYS[state]:
        if own != sender_of(step):
            proposal.handle(heard(step), 0.0)
        elif step == "propose":
            proposal.handle(Propose("juliet@capulet.example", AUDIO, LOW), 0.0)
        elif step == "finish" and who == "R":
            proposal.handle(heard(step), 0.0)
        else:
            proposal.handle(COMMANDS[step], 0.0)
    assert proposal.state is state
    return proposal


@pytest.mark.parametrize("who", DEVICES)
@pytest.mark.parametrize(("step", "state", "cell"), cells(TABLE))
def test_step_leads_to_the_state_of_the_table(who: str, step: str, state: ProposalState, cell: str) -> None:
    proposal = in_state(who, state)
    outputs = proposal.handle(heard(step), 1.0)
    changes = [output.state for output in outputs if isinstance(output, ProposalChanged)]
    if who == "I" and state is ProposalState.REJECTED and step in ("proceed", "accept"):
        assert changes == [ProposalState.FINISHED], "the initiator decides: it has been rejected"
    else:
        assert changes == ([] if cell == "-" else [ProposalState[cell]])
    assert proposal.state is (changes[-1] if changes else state)


@pytest.mark.parametrize("who", DEVICES)
@pytest.mark.parametrize(("step", "state", "cell"), cells(COMMANDED))
def test_command_is_possible_where_the_table_says(who: str, step: str, state: ProposalState, cell: str) -> None:
    proposal = in_state(who, state)
    if who in cell:
        (sent, *_) = proposal.handle(COMMANDS[step], 1.0)
        assert isinstance(sent, SendStanza)
        assert type(step_of(sent.stanza)) is type(STEPS[step])
    else:
        with pytest.raises(LocalError):
            proposal.handle(COMMANDS[step], 1.0)
        assert proposal.state is state


@pytest.mark.parametrize("state", WAYS)
@pytest.mark.parametrize("event", [*map(heard, STEPS), TimerFired()], ids=[*STEPS, "timer"])
def test_what_arrives_is_always_possible(state: ProposalState, event: ProposalEvent) -> None:
    assert in_state("O", state).allows(event)


@pytest.mark.parametrize("who", DEVICES)
@pytest.mark.parametrize("step", ["propose", "retract", "ringing", "proceed", "reject", "accept"])
def test_step_of_the_wrong_account_changes_nothing(who: str, step: str) -> None:
    """Only the initiator proposes and retracts, only the responder answers (3.1 to 3.5)."""
    sender = PHONE if sender_of(step) == ROMEO else ROMEO
    stanza = jc.Message(from_=sender, to="x@y", type=jc.MessageType.CHAT, payloads=(STEPS[step],))
    proposal = in_state(who, ProposalState.PROPOSED)
    assert proposal.handle(StanzaReceived(stanza), 1.0) == ()
    assert proposal.state is ProposalState.PROPOSED


@pytest.mark.parametrize("step", STEPS)
def test_step_of_a_third_account_changes_nothing(step: str) -> None:
    stanza = jc.Message(from_="tybalt@capulet.example/x", to=ROMEO, type=jc.MessageType.CHAT, payloads=(STEPS[step],))
    proposal = in_state("I", ProposalState.PROPOSED)
    assert proposal.handle(StanzaReceived(stanza), 1.0) == ()


@pytest.mark.parametrize("state", [ProposalState.PROPOSED, ProposalState.RINGING])
def test_initiator_takes_the_first_who_proceeds(state: ProposalState) -> None:
    proposal = in_state("I", state)
    outputs = proposal.handle(heard("proceed"), 1.0)
    assert outputs[-1] == InitiateSession(LOW, PHONE, AUDIO)
    second = jc.Message(from_=TABLET, to=ROMEO, type=jc.MessageType.CHAT, payloads=(STEPS["proceed"],))
    assert proposal.handle(StanzaReceived(second), 1.0) == ()
    assert proposal.device == PHONE


def test_propose_is_possible_once_and_to_one_account() -> None:
    for other in (Propose("tybalt@capulet.example", AUDIO, LOW), Propose("juliet@capulet.example", (), LOW)):
        with pytest.raises(LocalError):
            in_state("I", ProposalState.UNKNOWN).handle(other, 1.0)
    with pytest.raises(LocalError):
        in_state("I", ProposalState.PROPOSED).handle(Propose("juliet@capulet.example", AUDIO, LOW), 1.0)

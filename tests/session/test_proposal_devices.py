"""Several devices, tie-breaks, time, strangers and limits of proposals."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import attrs
import pytest
from proposal_support import (
    ANYBODY,
    AUDIO,
    GARDEN,
    HIGH,
    LOW,
    PHONE,
    ROMEO,
    TABLET,
    World,
    carbon,
    device,
    initiation,
    world,
)

import jinglecodec as jc
from jinglecodec.errors import LocalError
from jinglecodec.machine import TimerFired
from jinglecodec.session import (
    CatchUpEnded,
    CatchUpStarted,
    Finish,
    IncomingProposal,
    InitiateSession,
    Limit,
    NotHandled,
    Policy,
    Proceed,
    ProposalChanged,
    ProposalConfig,
    Proposals,
    ProposalState,
    Propose,
    Refused,
    Reject,
    Retract,
    Ring,
    SendStanza,
    SessionAgreed,
    StanzaReceived,
    TrustChanged,
)
from jinglecodec.session.proposal import step_of

CORPUS = Path(os.environ.get("JINGLECODEC_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
JULIET = "juliet@capulet.example"


@pytest.fixture
def lovers() -> World:
    return world(ROMEO, GARDEN, PHONE, TABLET)


def message(step: jc.JingleMessage, from_: str, to: str) -> StanzaReceived:
    return StanzaReceived(jc.Message(from_=from_, to=to, type=jc.MessageType.CHAT, payloads=(step,)))


def proposing(proposal: str, from_: str = ROMEO, to: str = JULIET) -> StanzaReceived:
    return message(jc.ProposeMessage(id=proposal, descriptions=AUDIO), from_, to)


def steps(outputs: tuple[object, ...]) -> list[jc.JingleMessage | None]:
    return [step_of(output.stanza) for output in outputs if isinstance(output, SendStanza)]


# --- several devices --------------------------------------------------------------------------------------------------


def test_all_devices_of_the_responder_ring_and_stop(lovers: World) -> None:
    """3.4: "Juliet's server broadcasts this accept message to all of her resources, which stop ringing"."""
    lovers.do(ROMEO, Propose(JULIET, AUDIO, LOW))
    for who in (PHONE, TABLET):
        assert lovers.heard(who) == [IncomingProposal(LOW, ROMEO, AUDIO)]
        lovers.do(who, Ring(LOW))
    lovers.do(TABLET, Proceed(LOW))
    assert lovers.all_are(LOW, ProposalState.PROCEEDED)
    assert lovers.heard(ROMEO) == [InitiateSession(LOW, TABLET, AUDIO)]
    assert lovers.heard(GARDEN) == []
    with pytest.raises(LocalError):
        lovers.do(PHONE, Proceed(LOW))


def test_devices_that_proceed_at_once_agree_when_one_is_taken() -> None:
    """The initiator takes the first; the other one learns it from what does not come."""
    phone, tablet = device(PHONE), device(TABLET)
    for machine in (phone, tablet):
        machine.handle(proposing(LOW), 0.0)
        machine.handle(Proceed(LOW), 0.0)
    phone.handle(message(jc.ProceedMessage(id=LOW), TABLET, ROMEO), 0.1)
    tablet.handle(message(jc.ProceedMessage(id=LOW), PHONE, ROMEO), 0.1)
    assert SessionAgreed(LOW, ROMEO) in phone.handle(StanzaReceived(initiation(LOW, ROMEO, PHONE)), 0.2)
    assert phone.deadline is None
    assert tablet.handle(TimerFired(), 30.0) == (ProposalChanged(LOW, ProposalState.PROCEEDED, PHONE, None),)
    with pytest.raises(LocalError):
        tablet.handle(Finish(LOW), 30.0)


def test_accept_of_a_device_without_carbons_stops_the_ringing() -> None:
    """5: "would need to send copies of outgoing messages to their own bare jid", as the old accept."""
    phone = device(PHONE)
    phone.handle(proposing(LOW), 0.0)
    phone.handle(message(jc.AcceptMessage(id=LOW), TABLET, JULIET), 1.0)
    assert phone.state(LOW) is ProposalState.PROCEEDED


@pytest.mark.parametrize("forger", ["tybalt@capulet.example", PHONE, "capulet.example"])
def test_carbon_of_anybody_but_the_account_is_none(forger: str) -> None:
    """XEP-0280 11: "Any forwarded copies received by a Carbons-enabled client MUST be from that user's bare JID"."""
    retract = jc.Message(from_=ROMEO, to=JULIET, payloads=(jc.RetractMessage(id=LOW),))
    copy = attrs.evolve(carbon(retract, PHONE, jc.CarbonReceived), from_=forger)
    phone = device(PHONE)
    phone.handle(proposing(LOW), 0.0)
    assert phone.handle(StanzaReceived(copy), 1.0) == (NotHandled(copy),)
    assert phone.state(LOW) is ProposalState.PROPOSED


def test_rejection_and_answer_that_cross_are_decided_by_the_initiator(lovers: World) -> None:
    romeo = lovers.devices[ROMEO]
    lovers.do(ROMEO, Propose(JULIET, AUDIO, LOW))
    romeo.handle(message(jc.RejectMessage(id=LOW), TABLET, ROMEO), 0.0)
    outputs = romeo.handle(message(jc.ProceedMessage(id=LOW), PHONE, ROMEO), 0.0)
    (finish,) = steps(outputs)
    assert isinstance(finish, jc.FinishMessage)
    assert ProposalChanged(LOW, ProposalState.FINISHED, ROMEO, finish) in outputs
    assert not any(isinstance(output, InitiateSession) for output in outputs)


# --- two proposals at once --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ours", "theirs", "wins"), [("Zeta", "alpha", True), ("b", "a", False), ("1", "10", True)])
def test_lower_id_overrules_by_octets(ours: str, theirs: str, *, wins: bool) -> None:
    """4.1: "the lower of the two session IDs MUST overrule the other action", i;octet (RFC 4790 9.3)."""
    romeo = device(ROMEO)
    romeo.handle(Propose(JULIET, AUDIO, ours), 0.0)
    outputs = romeo.handle(proposing(theirs, PHONE, ROMEO), 0.1)
    (step,) = steps(outputs)
    assert isinstance(step, jc.RejectMessage if wins else jc.RetractMessage)
    assert step.tie_break
    assert step.reason is not None
    assert step.reason.condition is jc.Condition.EXPIRED
    assert step.id == (theirs if wins else ours)
    assert (IncomingProposal(theirs, PHONE, AUDIO) in outputs) is not wins


def test_of_equal_ids_the_lower_jid_overrules() -> None:
    """4.1: "the action sent by the lower of the JabberIDs MUST overrule the other action"."""
    juliet, romeo = device(PHONE), device(ROMEO)
    juliet.handle(Propose("romeo@montague.example", AUDIO, LOW), 0.0)
    romeo.handle(Propose(JULIET, AUDIO, LOW), 0.0)
    (reject,) = outputs = juliet.handle(proposing(LOW), 0.1)
    assert isinstance(reject, SendStanza)
    assert reject.stanza.to == ROMEO
    assert [type(step) for step in steps(outputs)] == [jc.RejectMessage]
    outputs = romeo.handle(proposing(LOW, PHONE, "romeo@montague.example"), 0.1)
    assert [type(step) for step in steps(outputs)] == [jc.RetractMessage]
    assert outputs[-1] == IncomingProposal(LOW, PHONE, AUDIO)
    romeo.handle(StanzaReceived(reject.stanza), 0.2)
    assert romeo.state(LOW) is juliet.state(LOW) is ProposalState.PROPOSED
    assert [type(step) for step in steps(romeo.handle(Proceed(LOW), 0.3))] == [jc.ProceedMessage]


def test_proposal_that_was_retracted_breaks_no_tie() -> None:
    romeo = device(ROMEO)
    romeo.handle(Propose(JULIET, AUDIO, LOW), 0.0)
    romeo.handle(Retract(LOW), 0.1)
    assert romeo.handle(proposing(HIGH, PHONE, ROMEO), 0.2)[-1] == IncomingProposal(HIGH, PHONE, AUDIO)


def test_session_migrates_only_where_it_runs(lovers: World) -> None:
    """4.2: the device in the old session finishes it and accepts the new one; the others are not in its way."""
    lovers.do(ROMEO, Propose(JULIET, AUDIO, LOW))
    lovers.do(PHONE, Proceed(LOW))
    lovers.do(TABLET, Propose("romeo@montague.example", AUDIO, HIGH))
    assert lovers.all_are(LOW, ProposalState.FINISHED)
    assert lovers.all_are(HIGH, ProposalState.PROCEEDED)
    assert lovers.heard(TABLET)[-1] == InitiateSession(HIGH, ROMEO, AUDIO)
    finishes = [step for step in map(step_of, lovers.sent) if isinstance(step, jc.FinishMessage)]
    assert finishes[0].migrated == jc.Migrated(to=HIGH)


# --- time -------------------------------------------------------------------------------------------------------------


def test_initiator_retracts_what_nobody_answers(lovers: World) -> None:
    lovers.do(ROMEO, Propose(JULIET, AUDIO, LOW))
    lovers.now = ProposalConfig().answer
    lovers.do(ROMEO, TimerFired())
    assert lovers.all_are(LOW, ProposalState.RETRACTED)


def test_responder_gives_up_when_no_session_follows(lovers: World) -> None:
    lovers.do(ROMEO, Propose(JULIET, AUDIO, LOW))
    lovers.do(PHONE, Proceed(LOW))
    lovers.now = ProposalConfig().initiate
    lovers.do(PHONE, TimerFired())
    assert lovers.all_are(LOW, ProposalState.FINISHED)


def test_session_without_finish_is_over_after_a_day(lovers: World) -> None:
    """5: "sessions SHOULD be considered terminated after an appropriate timeframe (for example 24 hours)"."""
    lovers.do(ROMEO, Propose(JULIET, AUDIO, LOW))
    lovers.do(PHONE, Proceed(LOW))
    garden = lovers.devices[GARDEN]
    assert garden.deadline == 86400.0
    assert garden.handle(TimerFired(), 86400.0) == (ProposalChanged(LOW, ProposalState.FINISHED, None, None),)


def test_session_may_take_longer_than_any_patience(lovers: World) -> None:
    lovers.do(ROMEO, Propose(JULIET, AUDIO, LOW))
    lovers.do(PHONE, Proceed(LOW))
    lovers.do(PHONE, StanzaReceived(initiation(LOW, ROMEO, PHONE)))
    assert lovers.devices[ROMEO].deadline is None
    assert lovers.devices[PHONE].deadline is None


def test_proposal_that_cannot_be_delivered_is_retracted(lovers: World) -> None:
    lovers.do(ROMEO, Propose(JULIET, AUDIO, LOW))
    error = jc.StanzaError(type=jc.ErrorType.CANCEL, condition=jc.StanzaCondition.SERVICE_UNAVAILABLE)
    bounce = jc.Message(from_=JULIET, to=ROMEO, id=lovers.sent[0].id, type=jc.MessageType.ERROR, error=error)
    forged = attrs.evolve(bounce, from_="tybalt@capulet.example")
    assert lovers.do(ROMEO, StanzaReceived(forged)) == (NotHandled(forged),)
    lovers.do(ROMEO, StanzaReceived(bounce))
    assert lovers.all_are(LOW, ProposalState.RETRACTED)


def test_what_an_archive_holds_is_told_when_it_is_known_in_full() -> None:
    """5: "they could receive another message for the same Jingle session id later in the catchup process"."""
    phone = device(PHONE)
    phone.handle(CatchUpStarted(), 0.0)
    for proposal in (LOW, HIGH):
        outputs = phone.handle(proposing(proposal), 0.0)
        assert not any(isinstance(output, IncomingProposal) for output in outputs)
    phone.handle(message(jc.RetractMessage(id=LOW), ROMEO, JULIET), 0.0)
    assert phone.handle(CatchUpEnded(), 0.0) == (IncomingProposal(HIGH, ROMEO, AUDIO),)
    assert phone.handle(CatchUpEnded(), 0.0) == ()


def test_own_steps_of_an_earlier_life_are_those_of_another_device() -> None:
    romeo = device(ROMEO)
    romeo.handle(proposing(LOW, ROMEO, JULIET), 0.0)
    outputs = romeo.handle(message(jc.ProceedMessage(id=LOW), PHONE, ROMEO), 0.0)
    assert [type(output) for output in outputs] == [ProposalChanged]


def test_step_that_overtook_the_propose_counts() -> None:
    phone = device(PHONE)
    phone.handle(message(jc.RetractMessage(id=LOW), ROMEO, JULIET), 0.0)
    assert phone.handle(proposing(LOW), 0.1) == ()
    phone.handle(message(jc.RingingMessage(id=HIGH), TABLET, ROMEO), 0.0)
    assert phone.handle(proposing(HIGH), 0.1) == (IncomingProposal(HIGH, ROMEO, AUDIO),)


# --- strangers and limits ---------------------------------------------------------------------------------------------


def test_strangers_are_not_heard_by_default() -> None:
    """6: "an XMPP client MUST disable sending of accept messages by default"."""
    phone = Proposals(PHONE)
    stranger = proposing(LOW)
    assert phone.handle(stranger, 0.0) == (NotHandled(stranger.stanza),)
    phone.handle(TrustChanged(Policy(frozenset({"romeo@montague.example"}))), 0.0)
    assert phone.handle(stranger, 0.0)[-1] == IncomingProposal(LOW, ROMEO, AUDIO)


def test_nothing_is_sent_before_the_user_answers() -> None:
    phone = device(PHONE)
    assert steps(phone.handle(proposing(LOW), 0.0)) == []
    assert steps(phone.handle(message(jc.RetractMessage(id=LOW), ROMEO, JULIET), 0.0)) == []


def test_stranger_whom_we_asked_may_answer() -> None:
    romeo = Proposals(ROMEO)
    romeo.handle(Propose(JULIET, AUDIO, LOW), 0.0)
    outputs = romeo.handle(message(jc.ProceedMessage(id=LOW), PHONE, ROMEO), 1.0)
    assert outputs[-1] == InitiateSession(LOW, PHONE, AUDIO)


def test_proposals_of_one_account_and_of_all_are_limited() -> None:
    phone = Proposals(PHONE, ANYBODY, ProposalConfig(proposals=3, proposals_per_peer=2))
    refused = [phone.handle(proposing(f"r{number}"), 0.0)[-1] for number in range(10_000)]
    assert refused[2:] == [Refused(Limit.PROPOSALS_PER_PEER, "romeo@montague.example")] * 9998
    assert isinstance(phone.handle(proposing("p", "paris@x/y"), 0.0)[-1], IncomingProposal)
    assert phone.handle(proposing("t", "tybalt@x/y"), 0.0)[-1] == Refused(Limit.PROPOSALS, "tybalt@x")
    with pytest.raises(LocalError, match="limit of proposals"):
        phone.handle(Propose("nurse@x", AUDIO), 0.0)


def test_a_rejection_that_is_outdone_is_remembered_as_what_goes_on() -> None:
    """XEP-0353 3.5: another device may take the call nevertheless; what is over meanwhile does not push it out."""
    phone = Proposals(PHONE, ANYBODY, ProposalConfig(remembered=2))
    phone.handle(proposing("p"), 0.0)
    for step, sender, state in (
        (jc.RejectMessage(id="p"), TABLET, ProposalState.REJECTED),
        (jc.ProceedMessage(id="p"), f"{JULIET}/watch", ProposalState.PROCEEDED),
    ):
        sent = jc.Message(from_=sender, to=ROMEO, type=jc.MessageType.CHAT, payloads=(step,))
        phone.handle(StanzaReceived(carbon(sent, PHONE, jc.CarbonSent)), 0.0)
        assert phone.state("p") is state
    for number in range(3):
        phone.handle(message(jc.FinishMessage(id=f"f{number}"), ROMEO, JULIET), 0.0)
    assert phone.state("p") is ProposalState.PROCEEDED


def test_the_oldest_that_is_over_is_forgotten() -> None:
    phone = Proposals(PHONE, ANYBODY, ProposalConfig(remembered=2))
    for number in range(3):
        phone.handle(message(jc.FinishMessage(id=f"f{number}"), ROMEO, JULIET), 0.0)
    states = [phone.state(f"f{number}") for number in range(3)]
    assert states == [ProposalState.UNKNOWN, ProposalState.FINISHED, ProposalState.FINISHED]


@pytest.mark.parametrize(
    "stanza",
    [
        jc.Message(from_=ROMEO, to=JULIET),
        jc.Message(
            from_="room@muc/nick", to=PHONE, type=jc.MessageType.GROUPCHAT, payloads=(jc.RingingMessage(id="x"),)
        ),
        jc.Message(to=PHONE, type=jc.MessageType.CHAT, payloads=(jc.ProposeMessage(id="x"),)),
        jc.Message(from_=TABLET, to=JULIET, payloads=(jc.AcceptMessage(id="x"),)),
        jc.Message(from_=ROMEO, to=JULIET, payloads=(jc.ProposeMessage(id="", descriptions=AUDIO),)),
        jc.Presence(from_=ROMEO),
        initiation("unknown", ROMEO, PHONE),
    ],
    ids=["chat", "chat-room", "no-sender", "unknown-accept", "empty-id", "presence", "unknown-session"],
)
def test_what_is_no_step_goes_on(stanza: jc.Stanza) -> None:
    assert device(PHONE).handle(StanzaReceived(stanza), 0.0) == (NotHandled(stanza),)


def test_session_that_nobody_proceeded_with_is_not_agreed() -> None:
    phone = device(PHONE)
    phone.handle(proposing(LOW), 0.0)
    for initiator in (ROMEO, GARDEN):
        stanza = initiation(LOW, initiator, PHONE)
        assert phone.handle(StanzaReceived(stanza), 1.0) == (NotHandled(stanza),)
    phone.handle(Proceed(LOW), 2.0)
    stanza = initiation(LOW, GARDEN, PHONE)
    assert phone.handle(StanzaReceived(stanza), 3.0) == (NotHandled(stanza),)


@pytest.mark.parametrize(
    "command",
    [
        Propose("romeo@montague.example/garden", AUDIO),
        Propose(JULIET, ()),
        Propose(JULIET, AUDIO, LOW),
        Propose(JULIET, ("audio",)),  # type: ignore[arg-type]
        *(command("nobody") for command in (Ring, Proceed, Reject, Retract, Finish)),
        Proceed(LOW),
    ],
)
def test_misuse_is_refused(command: Propose) -> None:
    romeo = device(ROMEO)
    romeo.handle(Propose(JULIET, AUDIO, LOW), 0.0)
    with pytest.raises(LocalError):
        romeo.handle(command, 1.0)


def test_ids_are_version_4_uuids() -> None:
    """5: "it is RECOMMENDED to use UUIDv4"; the form is RFC 9562 4's."""
    romeo = Proposals(ROMEO, random=Random(1))
    (step, *_) = steps(romeo.handle(Propose(JULIET, AUDIO), 0.0))
    assert step is not None
    fields = step.id.split("-")
    assert [len(field) for field in fields] == [8, 4, 4, 4, 12]
    assert fields[2][0] == "4"
    assert fields[3][0] in "89ab"


# --- a real peer ------------------------------------------------------------------------------------------------------


def recorded(name: str) -> jc.Stanza:
    path = CORPUS / "clients" / f"{name}.xml"
    if not path.is_file():
        pytest.skip("no corpus (JINGLECODEC_CORPUS)")
    return jc.loads(path.read_bytes(), expect=jc.Stanza)


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["dino_in", "gw_baresip_dino"])
def test_dino_takes_our_call(name: str) -> None:
    """What Dino answered to a propose; it goes on with its `device` child, and without a store hint."""
    propose, proceed = recorded(f"{name}_01_out_propose"), recorded(f"{name}_02_in_proceed")
    step = step_of(propose)
    assert isinstance(step, jc.ProposeMessage)
    juliet = Proposals("juliet@localhost/bot", ANYBODY)
    juliet.handle(Propose("romeo@localhost", step.descriptions, step.id), 0.0)
    outputs = juliet.handle(StanzaReceived(proceed), 1.0)
    assert outputs[-1] == InitiateSession(step.id, "romeo@localhost/dino", step.descriptions)


@pytest.mark.corpus
def test_dino_rejects_our_call() -> None:
    step = step_of(recorded("dino_in_reject_01_out_propose"))
    assert isinstance(step, jc.ProposeMessage)
    juliet = Proposals("juliet@localhost/bot", ANYBODY)
    juliet.handle(Propose("romeo@localhost", step.descriptions, step.id), 0.0)
    juliet.handle(StanzaReceived(recorded("dino_in_reject_02_in_reject")), 1.0)
    assert juliet.state(step.id) is ProposalState.REJECTED


@pytest.mark.corpus
def test_dino_calls_us() -> None:
    """Its propose, our ringing and proceed as it took them, and its session-initiate."""
    juliet = Proposals("juliet@localhost/bot", ANYBODY)
    (_, incoming) = juliet.handle(StanzaReceived(recorded("dino_out_01_in_propose")), 0.0)
    assert isinstance(incoming, IncomingProposal)
    for command, name in ((Ring, "02_out_ringing"), (Proceed, "03_out_proceed")):
        taken = recorded(f"dino_out_{name}")
        (sent, *_) = juliet.handle(command(incoming.proposal), 1.0)
        assert isinstance(sent, SendStanza)
        assert (step_of(sent.stanza), sent.stanza.to) == (step_of(taken), taken.to)
    initiate = recorded("dino_out_04_in_session-initiate")
    agreed = SessionAgreed(incoming.proposal, "romeo@localhost/dino")
    assert juliet.handle(StanzaReceived(initiate), 2.0) == (agreed, NotHandled(initiate))

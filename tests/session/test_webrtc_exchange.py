"""Offers and answers of one session: what each message does in each state, glare, errors, time."""

from __future__ import annotations

from random import Random

import attrs
import pytest
from webrtc_support import CALL, JULIET, KEY, ROMEO, SID, Couple, browser, calling

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.errors import LocalError
from jinglecodec.machine import TimerFired
from jinglecodec.session import (
    Answer,
    AnswerReceived,
    Exchange,
    ExchangeState,
    InfoReceived,
    Initiate,
    MediaArrived,
    NotHandled,
    Offer,
    OfferConfirmed,
    OfferFailed,
    OfferReceived,
    RefuseOffer,
    SendSessionInfo,
    SendStanza,
    SessionEnded,
    SessionStarted,
    StanzaReceived,
)
from jinglecodec.session.roap import ExchangeEvent, ExchangeOutput, ShutdownReceived

KIND = jc.WebrtcMessageType
ERROR = jc.WebrtcError
MINE = KEY[ROMEO]
STATES = {
    ExchangeState.STABLE: (),
    ExchangeState.OFFERING: ("offer",),
    ExchangeState.OFFERED: ("hear",),
    ExchangeState.ANSWERING: ("hear", "answer"),
}

TABLE = """
            OFFER      ANSWER   OK         ERROR   SHUTDOWN
STABLE      received   FAILED   FAILED     -       shutdown
OFFERING    glare      answered FAILED     failed  shutdown
OFFERED     FAILED     FAILED   FAILED     failed  shutdown
ANSWERING   received   FAILED   confirmed  failed  shutdown
"""
"""ROAP: an offer at any time but before the answer to another one; an answer to an offer, an OK to an answer; an error
to whatever is open. In capitals the error that is sent; an error is never answered by one. An offer after our answer is
taken, since some browsers of 2012 sent no OK."""


def cells() -> list[tuple[ExchangeState, jc.WebrtcMessageType, str]]:
    head, *rows = (line.split() for line in TABLE.strip().splitlines())
    kinds = [jc.WebrtcMessageType[name] for name in head]
    return [(ExchangeState[name], kind, cell) for name, *row in rows for kind, cell in zip(kinds, row, strict=True)]


def heard(message: jc.WebrtcMessage) -> InfoReceived:
    info = jc.WebrtcInfo(message=message)
    return InfoReceived(MINE, jc.Jingle(action=jc.Action.SESSION_INFO, sid=SID, infos=(info,)))


def offer(seq: int | None = 1, tie_breaker: int | None = 7, **others: str | None) -> jc.WebrtcMessage:
    message = jc.WebrtcMessage(KIND.OFFER, "theirs", None, "sdp", seq, tie_breaker)
    return attrs.evolve(message, **others) if others else message  # type: ignore[arg-type]


EVENTS: dict[str, ExchangeEvent] = {
    "offer": Offer(MINE, "mine"),
    "hear": heard(offer()),
    "answer": Answer(MINE, "mine"),
}


def exchange(state: ExchangeState = ExchangeState.STABLE) -> Exchange:
    machine = Exchange(MINE, ns.RTP, random=Random(1))
    for step in STATES[state]:
        machine.handle(EVENTS[step], 0.0)
    assert machine.state is state
    return machine


def said(outputs: tuple[ExchangeOutput, ...]) -> list[jc.WebrtcMessage]:
    infos = [info for output in outputs if isinstance(output, SendSessionInfo) for info in output.infos]
    return [info.message for info in infos if isinstance(info, jc.WebrtcInfo)]


def outcome(outputs: tuple[ExchangeOutput, ...]) -> list[str]:
    names = {
        OfferReceived: "received",
        AnswerReceived: "answered",
        OfferConfirmed: "confirmed",
        OfferFailed: "failed",
        ShutdownReceived: "shutdown",
    }
    errors = [message.error_type.value for message in said(outputs) if message.error_type]
    return errors + [names[type(output)] for output in outputs if type(output) in names]


@pytest.mark.parametrize(("state", "kind", "cell"), cells())
def test_message_does_what_the_table_says(state: ExchangeState, kind: jc.WebrtcMessageType, cell: str) -> None:
    machine = exchange(state)
    seq = 2 if kind is KIND.OFFER and state in (ExchangeState.ANSWERING, ExchangeState.OFFERED) else 1
    sdp = "sdp" if kind in (KIND.OFFER, KIND.ANSWER) else None
    outputs = machine.handle(heard(jc.WebrtcMessage(kind, sdp=sdp, seq=seq, tie_breaker=2**32 - 1)), 1.0)
    expected = {"-": [], "glare": ["failed", "received"]}.get(cell, [cell])
    assert outcome(outputs) == expected
    if cell == "FAILED":
        assert machine.state is state


@pytest.mark.parametrize("state", ExchangeState)
@pytest.mark.parametrize(
    ("command", "possible"),
    [
        (Offer(MINE, "x"), ExchangeState.STABLE),
        (Answer(MINE, "x"), ExchangeState.OFFERED),
        (RefuseOffer(MINE), ExchangeState.OFFERED),
    ],
)
def test_command_is_possible_in_one_state(
    state: ExchangeState, command: Offer | Answer | RefuseOffer, possible: ExchangeState
) -> None:
    machine = exchange(state)
    if state is possible:
        assert len(said(machine.handle(command, 1.0))) == 1
    else:
        with pytest.raises(LocalError):
            machine.handle(command, 1.0)
    with pytest.raises(LocalError):
        machine.handle(attrs.evolve(command, session=KEY[JULIET]), 1.0)


# --- two offers at once -----------------------------------------------------------------------------------------------


def crossing(theirs: int) -> tuple[Exchange, int, tuple[ExchangeOutput, ...]]:
    """Return an exchange with an offer, its tie-breaker, and what it does about the peer's, that much greater."""
    machine = Exchange(MINE, ns.RTP, random=Random(1))
    (ours,) = said(machine.handle(Offer(MINE, "mine"), 0.0))
    assert ours.tie_breaker is not None
    return machine, ours.tie_breaker, machine.handle(heard(offer(1, ours.tie_breaker + theirs)), 0.1)


def test_greater_tie_breaker_stands() -> None:
    """ROAP: the numerically greater one."""
    machine, _, outputs = crossing(-1)
    assert outcome(outputs) == ["CONFLICT"]
    assert machine.state is ExchangeState.OFFERING
    assert outcome(machine.handle(heard(jc.WebrtcMessage(KIND.ANSWER, sdp="sdp", seq=1)), 0.2)) == ["answered"]


def test_lower_tie_breaker_makes_way() -> None:
    machine, _, outputs = crossing(1)
    assert outputs == (OfferFailed(MINE, ERROR.CONFLICT), OfferReceived(MINE, "sdp"))
    conflict = jc.WebrtcMessage(KIND.ERROR, seq=1, error_type=ERROR.CONFLICT)
    assert machine.handle(heard(conflict), 0.2) == (), "it is about the offer that made way"
    (answer,) = said(machine.handle(Answer(MINE, "mine"), 0.3))
    assert (answer.message_type, answer.seq) == (KIND.ANSWER, 1)


@pytest.mark.parametrize(("theirs", "expected"), [(0, ["CONFLICT"]), (2**32 - 1, ["failed", "received"])])
def test_extremes_are_for_those_who_always_lose_or_win(theirs: int, expected: list[str]) -> None:
    """ROAP, and the tests of the browsers of 2012: a gateway that cannot draw one takes either end."""
    machine = exchange(ExchangeState.OFFERING)
    assert outcome(machine.handle(heard(offer(1, theirs)), 0.1)) == expected


def test_equal_tie_breakers_are_drawn_again() -> None:
    """ROAP: DOUBLECONFLICT, and both make new offers."""
    _, first, outputs = crossing(0)
    error, again = said(outputs)
    assert (error.error_type, error.seq) == (ERROR.DOUBLECONFLICT, 1)
    assert (again.message_type, again.seq, again.sdp) == (KIND.OFFER, 2, "mine")
    assert again.tie_breaker != first


def test_peer_that_copies_the_tie_breaker_is_left_in_the_end() -> None:
    machine = exchange()
    outputs = machine.handle(Offer(MINE, "mine"), 0.0)
    for _ in range(10):
        latest = [message for message in said(outputs) if message.message_type is KIND.OFFER]
        if not latest:
            break
        outputs = machine.handle(heard(attrs.evolve(latest[-1], offerer_session_id="theirs")), 0.0)
    assert OfferFailed(MINE, ERROR.DOUBLECONFLICT) in outputs
    assert machine.state is ExchangeState.STABLE


@pytest.mark.parametrize("seed", range(4))
def test_both_agree_whose_offer_stands(seed: int) -> None:
    couple = Couple({jid: browser(jid, seed) for jid in (ROMEO, JULIET)})
    couple.do(ROMEO, CALL)
    couple.settle()
    for jid in (ROMEO, JULIET):
        couple.do(jid, Offer(KEY[jid], jid))
    couple.settle()
    states = {jid: couple.parties[jid].exchanges[KEY[jid]].state for jid in (ROMEO, JULIET)}
    assert sorted(states.values(), key=lambda state: state.value) == [ExchangeState.OFFERED, ExchangeState.OFFERING]
    loser = next(jid for jid, state in states.items() if state is ExchangeState.OFFERED)
    assert OfferFailed(KEY[loser], ERROR.CONFLICT) in couple.told[loser]


# --- what does not fit ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (offer(answerer_session_id="another"), "NOMATCH"),
        (offer(sdp=None), "FAILED"),
        (offer(0), "FAILED"),
        (offer(2**32 - 1), "FAILED"),
        (jc.WebrtcMessage(KIND.ANSWER, "another", "theirs", "sdp", 0), "NOMATCH"),
        (jc.WebrtcMessage(KIND.OK, "one", "another", seq=0), "NOMATCH"),
        (jc.WebrtcMessage(KIND.OK, seq=5), "FAILED"),
    ],
)
def test_message_that_does_not_fit_gets_an_error(message: jc.WebrtcMessage, error: str) -> None:
    machine = exchange()
    (complaint,) = said(machine.handle(heard(message), 1.0))
    assert complaint.error_type is ERROR(error)
    assert complaint.seq == message.seq
    assert machine.state is ExchangeState.STABLE


@pytest.mark.parametrize("state", ExchangeState)
def test_error_that_does_not_fit_gets_nothing(state: ExchangeState) -> None:
    machine = exchange(state)
    for message in (
        jc.WebrtcMessage(KIND.ERROR, "one", "another", seq=1, error_type=ERROR.FAILED),
        jc.WebrtcMessage(KIND.ERROR, seq=9, error_type=ERROR.FAILED),
    ):
        assert machine.handle(heard(message), 1.0) == ()
    assert machine.state is state


@pytest.mark.parametrize("error", [ERROR.REFUSED, ERROR.FAILED, ERROR.TIMEOUT, ERROR.NOMATCH, None])
def test_refused_offer_leaves_what_was(error: jc.WebrtcError | None) -> None:
    machine = exchange(ExchangeState.OFFERING)
    outputs = machine.handle(heard(jc.WebrtcMessage(KIND.ERROR, seq=1, error_type=error)), 1.0)
    assert outputs == (OfferFailed(MINE, error or ERROR.FAILED),)
    (again,) = said(machine.handle(Offer(MINE, "y"), 2.0))
    assert again.seq == 2


def test_offer_that_nobody_answers_times_out() -> None:
    machine = exchange(ExchangeState.OFFERING)
    outputs = machine.handle(TimerFired(), 60.0)
    assert outcome(outputs) == ["TIMEOUT", "failed"]


def test_answer_that_nobody_confirms_is_not_complained_about() -> None:
    """Some browsers of 2012 sent no OK, and had media all the same."""
    machine = exchange(ExchangeState.ANSWERING)
    assert machine.handle(TimerFired(), 60.0) == (OfferFailed(MINE, ERROR.TIMEOUT),)


def test_only_one_session_is_meant_by_ids() -> None:
    """Once the peer's id is known, no other is taken."""
    machine = exchange(ExchangeState.ANSWERING)
    stranger = attrs.evolve(offer(2), offerer_session_id="a stranger's")
    assert outcome(machine.handle(heard(stranger), 1.0)) == ["NOMATCH"]


# --- in sessions ------------------------------------------------------------------------------------------------------


def test_nothing_is_offered_before_the_initiation_is_acknowledged() -> None:
    """3.2: after the receipt."""
    couple = calling(settled=False)
    couple.do(ROMEO, Offer(MINE, "x"))
    assert couple.messages == []
    couple.deliver(JULIET)
    couple.deliver(ROMEO)
    assert [message.message_type for _, message in couple.messages] == [KIND.OFFER]


def test_peer_that_asks_for_much_before_it_acknowledges_has_the_session_ended() -> None:
    couple = calling(settled=False)
    info = jc.WebrtcInfo(message=jc.WebrtcMessage(KIND.ANSWER, sdp="x"))
    early = jc.Jingle(action=jc.Action.SESSION_INFO, sid=SID, infos=(info,))
    for number in range(101):
        assert not any(isinstance(one, SessionEnded) for one in couple.told[ROMEO])
        stanza = jc.Iq(type=jc.IqType.SET, id=f"i{number}", from_=JULIET, to=ROMEO, payload=early)
        couple.do(ROMEO, StanzaReceived(stanza))
    assert isinstance(couple.told[ROMEO][-1], SessionEnded)
    assert couple.messages == []


def test_offer_of_a_session_that_is_refused_is_never_sent() -> None:
    couple = calling(settled=False)
    couple.do(ROMEO, Offer(MINE, "x"))
    (initiate,) = couple.sent
    error = jc.StanzaError(type=jc.ErrorType.CANCEL, condition=jc.StanzaCondition.SERVICE_UNAVAILABLE)
    refusal = jc.Iq(type=jc.IqType.ERROR, id=initiate.id, from_=JULIET, to=ROMEO, error=error)
    couple.do(ROMEO, StanzaReceived(refusal))
    assert isinstance(couple.told[ROMEO][-1], SessionEnded)
    assert couple.messages == []
    assert couple.parties[ROMEO].deadline is None


def test_peer_that_refuses_the_session_info_refuses_the_offer() -> None:
    """XEP-0166 6.8: unsupported-info, of a peer that does not know the payload."""
    couple = calling()
    couple.do(ROMEO, Offer(MINE, "x"))
    offered = couple.sent[-1]
    error = jc.StanzaError(type=jc.ErrorType.MODIFY, condition=jc.StanzaCondition.FEATURE_NOT_IMPLEMENTED)
    refusal = jc.Iq(type=jc.IqType.ERROR, id=offered.id, from_=JULIET, to=ROMEO, error=error)
    couple.do(ROMEO, StanzaReceived(refusal))
    assert couple.told[ROMEO][-1] == OfferFailed(MINE, ERROR.FAILED)


def test_shutdown_terminates_the_session() -> None:
    couple = calling()
    shutdown = jc.WebrtcInfo(message=jc.WebrtcMessage(KIND.SHUTDOWN))
    answer = jc.WebrtcInfo(message=jc.WebrtcMessage(KIND.ANSWER))
    payload = jc.Jingle(action=jc.Action.SESSION_INFO, sid=SID, infos=(shutdown, answer, shutdown))
    couple.do(JULIET, StanzaReceived(jc.Iq(type=jc.IqType.SET, id="s", from_=ROMEO, to=JULIET, payload=payload)))
    couple.settle()
    assert isinstance(couple.told[ROMEO][-1], SessionEnded)
    assert isinstance(couple.told[JULIET][-1], SessionEnded)
    assert not couple.parties[JULIET].exchanges


def test_media_is_accepted_by_the_responder_once() -> None:
    couple = calling()
    for jid in (ROMEO, JULIET, JULIET):
        couple.do(jid, MediaArrived(KEY[jid]))
    couple.settle()
    payloads = [stanza.payload for stanza in couple.sent if isinstance(stanza, jc.Iq)]
    accepts = [one for one in payloads if isinstance(one, jc.Jingle) and one.action is jc.Action.SESSION_ACCEPT]
    assert len(accepts) == 1


def test_messages_are_in_the_namespace_that_goes_with_the_transport() -> None:
    """8.1: until it is a XEP, igniterealtime's."""
    transport = jc.WebrtcTransport(namespace=ns.WEBRTC_IGNITE)
    couple = Couple()
    couple.do(ROMEO, attrs.evolve(CALL, contents=(jc.Content(name="a", transport=transport),)))
    couple.do(ROMEO, Offer(MINE, "x"))
    couple.settle()
    couple.do(JULIET, Answer(KEY[JULIET], "y"))
    couple.do(JULIET, MediaArrived(KEY[JULIET]))
    payloads = [stanza.payload for stanza in couple.sent if isinstance(stanza, jc.Iq)]
    jingles = [payload for payload in payloads if isinstance(payload, jc.Jingle)]
    spaces = {info.namespace for jingle in jingles for info in jingle.infos if isinstance(info, jc.WebrtcInfo)}
    assert spaces == {ns.WEBRTC_INFO_IGNITE}
    assert jingles[-1].contents[0].transport == transport


def test_other_sessions_are_the_managers() -> None:
    party = browser(ROMEO)
    transport = jc.IceUdpTransport(ufrag="u", pwd="p")
    content = jc.Content(name="a", description=jc.RtpDescription(media="audio"), transport=transport)
    outputs = party.handle(Initiate(JULIET, (content,), SID), 0.0)
    assert [type(output) for output in outputs] == [SessionStarted, SendStanza]
    assert not party.exchanges
    for command in (Offer(MINE, "x"), MediaArrived(MINE), Answer(KEY[JULIET], "x")):
        with pytest.raises(LocalError):
            party.handle(command, 1.0)
    presence = jc.Presence(from_=JULIET)
    assert party.handle(StanzaReceived(presence), 2.0) == (NotHandled(presence),)

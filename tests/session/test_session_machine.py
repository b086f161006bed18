"""One session: its contents, its transports, and requests that cross."""

from __future__ import annotations

import attrs
import pytest
from machine_support import VIDEO, VOICE, begun, refusals, senders, states
from session_support import (
    JULIET,
    OTHER,
    ROLE,
    ROMEO,
    SID,
    answer,
    content,
    give,
    hear,
    named,
    own,
    prepared,
    request,
    session_of,
    stanzas,
    told,
    verdict,
)

import jinglecodec as jc
from jinglecodec.errors import LocalError
from jinglecodec.session import (
    Accept,
    AcceptContent,
    Accepted,
    AddContent,
    Config,
    ContentState,
    InfoReceived,
    Initiate,
    ModifyContent,
    NotHandled,
    RejectContent,
    RemoveContent,
    RequestFailed,
    SendDescriptionInfo,
    SendSessionInfo,
    SendTransportInfo,
    SessionEnded,
    StanzaReceived,
    State,
    Terminate,
)

Action, Senders = jc.Action, jc.Senders
INITIATOR, RESPONDER = jc.Creator.INITIATOR, jc.Creator.RESPONDER


# --- acknowledge first, then act -----------------------------------------------------------------------------------


def test_the_acknowledgement_comes_first() -> None:
    """XEP-0166 6.3.1: "the responder MUST acknowledge receipt"; what is done about it comes after."""
    outputs = session_of(JULIET).handle(StanzaReceived(request(ROMEO, Action.SESSION_INITIATE, VOICE)), 0.0)
    assert stanzas(outputs[:1]) == [answer(request(ROMEO, Action.SESSION_INITIATE))]
    assert told(outputs[1:]) == ["IncomingSession"]


def test_initiator_and_responder_are_written_where_they_belong() -> None:
    """XEP-0166 7.1: RECOMMENDED for session-initiate, and for session-accept; "NOT RECOMMENDED otherwise"."""
    written = {}
    for jid in (ROMEO, JULIET):
        session = session_of(jid)
        outputs = [] if jid == JULIET else [*give(session, Initiate(JULIET, (VOICE,), SID))]
        if jid == JULIET:
            hear(session, request(ROMEO, Action.SESSION_INITIATE, VOICE))
            outputs += give(session, Accept(session.key, (VOICE,)))
        outputs += give(session, SendSessionInfo(session.key))
        outputs += give(session, AddContent(session.key, (content("x", ROLE[jid]),)))
        outputs += give(session, Terminate(session.key))
        for iq in stanzas(tuple(outputs)):
            assert isinstance(iq.payload, jc.Jingle)
            written[iq.payload.action] = (iq.payload.initiator, iq.payload.responder)
    assert written.pop(Action.SESSION_INITIATE) == (ROMEO, None)
    assert written.pop(Action.SESSION_ACCEPT) == (None, JULIET)
    assert set(written.values()) == {(None, None)}


def test_initiator_is_ignored_where_it_does_not_belong() -> None:
    """XEP-0166 7.1: "the recipient of the message SHOULD ignore the value if provided"."""
    juliet = begun(JULIET, VOICE)
    elsewhere = "romeo@montague.lit/garden"
    hear(juliet, request(ROMEO, Action.SESSION_INFO, initiator=elsewhere, responder=elsewhere))
    assert juliet.peer == ROMEO


def test_a_stanza_of_others_is_not_handled() -> None:
    message = jc.Message(from_=ROMEO)
    assert begun(JULIET, VOICE).handle(StanzaReceived(message), 0.0) == (NotHandled(message),)


# --- contents -----------------------------------------------------------------------------------------------------


def test_contents_of_one_name_and_two_creators_are_two() -> None:
    """XEP-0166 7.3: "The combination of the 'creator' attribute and the 'name' attribute is unique"."""
    romeo = begun(ROMEO, VOICE, accepted=True)
    assert refusals(romeo, request(JULIET, Action.CONTENT_ADD, content("voice", RESPONDER, "video"))) == ["ack"]
    assert list(romeo.contents) == [(INITIATOR, "voice"), (RESPONDER, "voice")]
    removed = request(JULIET, Action.CONTENT_REMOVE, named("voice", RESPONDER))
    assert refusals(romeo, removed) == ["ack"]
    assert list(romeo.contents) == [(INITIATOR, "voice")]


@pytest.mark.parametrize(
    "contents",
    [
        (content("voice"),),
        (content("new"), content("new", media="video")),
        (named("new"),),
        (named("new", description=jc.RtpDescription(media="audio")),),
        (),
    ],
)
def test_contents_that_are_not_new_or_not_whole_are_malformed(contents: tuple[jc.Content, ...]) -> None:
    """XEP-0166 6.2, 7.3."""
    assert refusals(begun(JULIET, VOICE), request(ROMEO, Action.CONTENT_ADD, *contents)) == ["bad-request"]


@pytest.mark.parametrize("action", [Action.CONTENT_MODIFY, Action.CONTENT_REMOVE, Action.CONTENT_ACCEPT])
def test_contents_that_nobody_knows_are_malformed(action: jc.Action) -> None:
    assert refusals(begun(JULIET, VOICE), request(ROMEO, action, named("other"))) == ["bad-request"]


def test_the_wrong_creator_is_understood_where_one_content_has_the_name() -> None:
    """Deployed peers write `initiator` always, or turn it round in an answer; names they keep."""
    romeo = begun(ROMEO, VOICE)
    accept = request(JULIET, Action.SESSION_ACCEPT, attrs.evolve(VOICE, creator=RESPONDER))
    outputs = hear(romeo, accept)
    assert [one.jingle.contents for one in outputs if isinstance(one, Accepted)] == [(VOICE,)]
    assert states(romeo) == {"voice": ContentState.ACCEPTED}


def test_a_content_of_the_responder_named_as_the_initiators_is_still_its_own() -> None:
    romeo = begun(ROMEO, VOICE, accepted=True)
    hear(romeo, request(JULIET, Action.CONTENT_ADD, VIDEO))  # creator='initiator'
    give(romeo, AcceptContent(romeo.key, (VIDEO,)))
    assert states(romeo)["video"] is ContentState.ACCEPTED


def test_session_accept_covers_only_disposition_session() -> None:
    """XEP-0166 7.2.8: "not any content definition(s) whose disposition type is something other than "session""."""
    early = content("ringback", disposition="early-session")
    romeo = begun(ROMEO, VOICE, early)
    hear(romeo, request(JULIET, Action.SESSION_ACCEPT, VOICE, early))
    assert states(romeo) == {"voice": ContentState.ACCEPTED, "ringback": ContentState.PROPOSED}
    hear(romeo, request(JULIET, Action.CONTENT_ACCEPT, early))
    assert states(romeo)["ringback"] is ContentState.ACCEPTED


def test_what_session_accept_leaves_out_stays_proposed() -> None:
    for jid in (ROMEO, JULIET):
        session = begun(jid, VOICE, VIDEO)
        if jid == ROMEO:
            hear(session, request(JULIET, Action.SESSION_ACCEPT, VOICE))
            hear(session, request(JULIET, Action.CONTENT_REJECT, named("video")))
        else:
            give(session, Accept(session.key, (VOICE,)))
            assert states(session)["video"] is ContentState.PROPOSED
            give(session, RejectContent(session.key, (named("video"),)))
        assert states(session) == {"voice": ContentState.ACCEPTED}


@pytest.mark.parametrize("half", [attrs.evolve(VOICE, description=None), attrs.evolve(VOICE, transport=None)])
def test_session_accept_needs_whole_contents(half: jc.Content) -> None:
    """XEP-0166 7.2.8: "each of which MUST contain one <description/> element and one <transport/> element"."""
    assert refusals(begun(ROMEO, VOICE), request(JULIET, Action.SESSION_ACCEPT, half)) == ["bad-request"]
    juliet = begun(JULIET, VOICE)
    with pytest.raises(LocalError, match="bad-request"):
        juliet.handle(Accept(juliet.key, (half,)), 0.0)


def test_only_the_other_party_answers_a_content_add() -> None:
    """XEP-0166 7.2.1: "a content-add action received from another party"."""
    romeo = begun(ROMEO, VOICE, accepted=True)
    hear(romeo, request(JULIET, Action.CONTENT_ADD, content("video", RESPONDER, "video")))
    for action in (Action.CONTENT_ACCEPT, Action.CONTENT_REJECT):
        assert refusals(romeo, request(JULIET, action, named("video", RESPONDER))) == ["out-of-order"]
    give(romeo, AcceptContent(romeo.key, (content("video", RESPONDER, "video"),)))
    with pytest.raises(LocalError, match="out-of-order"):
        romeo.handle(AcceptContent(romeo.key, (named("video", RESPONDER),)), 0.0)


def test_a_removed_content_gets_nothing_more() -> None:
    """XEP-0166 7.2.5: "MUST NOT send a content-accept and MUST NOT continue to negotiate the transport method"."""
    juliet = begun(JULIET, VOICE, VIDEO)
    hear(juliet, request(ROMEO, Action.CONTENT_REMOVE, named("video")))
    gone = (attrs.evolve(VIDEO, senders=Senders.NONE),)
    for action in (Action.CONTENT_ACCEPT, Action.CONTENT_MODIFY, Action.TRANSPORT_INFO, Action.TRANSPORT_REPLACE):
        with pytest.raises(LocalError, match="nothing there"):
            juliet.handle(own(juliet, action, *gone), 0.0)


@pytest.mark.parametrize(
    "action",
    [Action.CONTENT_ACCEPT, Action.CONTENT_MODIFY, Action.CONTENT_REMOVE, Action.TRANSPORT_INFO, Action.CONTENT_REJECT],
)
def test_what_crosses_a_removal_is_acknowledged_and_forgotten(action: jc.Action) -> None:
    romeo = begun(ROMEO, VOICE, VIDEO, accepted=True)
    give(romeo, RemoveContent(romeo.key, (named("video"),)))
    outputs = hear(romeo, request(JULIET, action, named("video", transport=jc.IceUdpTransport())))
    assert [verdict(one) for one in stanzas(outputs)] == ["ack"]
    assert told(outputs) == []


@pytest.mark.parametrize("action", [Action.CONTENT_REMOVE, Action.CONTENT_REJECT])
def test_a_session_without_contents_is_void(action: jc.Action) -> None:
    """XEP-0166 7.2.4, 7.2.5: "the entity that receives the [...] SHOULD send a session-terminate action"."""
    romeo = begun(ROMEO, VOICE)
    reason = jc.Reason(condition=jc.Condition.DECLINE)
    outputs = romeo.handle(StanzaReceived(request(JULIET, action, named("voice"), reason=reason)), 0.0)
    ack, terminate = stanzas(outputs)
    assert verdict(ack) == "ack"
    assert isinstance(terminate.payload, jc.Jingle)
    assert terminate.payload.action is Action.SESSION_TERMINATE
    assert outputs[-1] == SessionEnded(romeo.key, reason)


def test_modify_is_never_answered_with_accept_but_perhaps_with_a_contrary_one() -> None:
    """XEP-0166 7.2.3: "it MAY reply with a contrary content-modify action"."""
    juliet = begun(JULIET, VOICE, accepted=True)
    outputs = hear(juliet, request(ROMEO, Action.CONTENT_MODIFY, named("voice", senders=Senders.NONE)))
    assert told(outputs) == ["ContentChanged"]
    assert senders(juliet) is Senders.NONE
    with pytest.raises(LocalError):
        juliet.handle(AcceptContent(juliet.key, (VOICE,)), 0.0)
    give(juliet, ModifyContent(juliet.key, (named("voice", senders=Senders.BOTH),)))
    assert senders(juliet) is Senders.BOTH


@pytest.mark.parametrize(
    ("offer", "reply", "agreed"),
    [
        (Senders.BOTH, Senders.RESPONDER, Senders.RESPONDER),
        (Senders.INITIATOR, Senders.BOTH, Senders.INITIATOR),
        (Senders.INITIATOR, Senders.RESPONDER, Senders.NONE),
    ],
)
def test_an_answer_takes_senders_away_only(offer: jc.Senders, reply: jc.Senders, agreed: jc.Senders) -> None:
    """RFC 3264 6.1; a peer that leaves `senders` out says nothing about them."""
    romeo = begun(ROMEO, attrs.evolve(VOICE, senders=offer))
    hear(romeo, request(JULIET, Action.SESSION_ACCEPT, attrs.evolve(VOICE, senders=reply)))
    juliet = begun(JULIET, attrs.evolve(VOICE, senders=offer))
    give(juliet, Accept(juliet.key, (attrs.evolve(VOICE, senders=reply),)))
    assert senders(romeo) is senders(juliet) is agreed


def test_what_is_gone_makes_room() -> None:
    """Rule 4: memory is bounded, however often contents come and go."""
    juliet = session_of(JULIET, Config(contents=3))
    hear(juliet, request(ROMEO, Action.SESSION_INITIATE, VOICE))
    for number in range(20):
        assert refusals(juliet, request(ROMEO, Action.CONTENT_ADD, content(f"c{number}"))) == ["ack"]
        assert refusals(juliet, request(ROMEO, Action.CONTENT_REMOVE, named(f"c{number}"))) == ["ack"]
    assert refusals(juliet, request(ROMEO, Action.CONTENT_REMOVE, named("c0"))) == ["bad-request"]
    assert refusals(juliet, request(ROMEO, Action.CONTENT_REMOVE, named("c19"))) == ["ack"]


# --- information --------------------------------------------------------------------------------------------------


def test_a_ping_is_answered_and_not_told() -> None:
    """XEP-0166 6.8: "it MUST send an empty IQ result"."""
    outputs = hear(begun(JULIET, VOICE), request(ROMEO, Action.SESSION_INFO))
    assert [verdict(one) for one in stanzas(outputs)] == ["ack"]
    assert told(outputs) == []


UNKNOWN = "{urn:example:unknown}"


@pytest.mark.parametrize(
    "iq",
    [
        request(ROMEO, Action.SESSION_INFO, infos=(jc.Raw(UNKNOWN + "news"),)),
        request(ROMEO, Action.TRANSPORT_INFO, named("voice", transport=jc.Raw(UNKNOWN + "transport"))),
        request(ROMEO, Action.DESCRIPTION_INFO, named("voice", description=jc.Raw(UNKNOWN + "description"))),
    ],
)
def test_information_that_is_not_understood(iq: jc.Iq) -> None:
    """XEP-0166 6.8: "it MUST return a <feature-not-implemented/> error" with unsupported-info."""
    outputs = hear(begun(JULIET, VOICE), iq)
    assert [verdict(one) for one in stanzas(outputs)] == ["unsupported-info"]
    assert told(outputs) == []


def test_what_one_may_send_need_not_be_what_one_understands() -> None:
    juliet = begun(JULIET, VOICE)
    unknown = named("voice", transport=jc.Raw(UNKNOWN + "transport"))
    assert stanzas(give(juliet, SendTransportInfo(juliet.key, (unknown,))))


def test_transport_info_is_told_also_before_the_session_is_accepted() -> None:
    """XEP-0176 5.5: candidates come "even before receiving acknowledgement"; nothing of a known session is lost."""
    juliet = begun(JULIET, VOICE)
    info = named("voice", transport=jc.IceUdpTransport())
    (told_,) = [
        one for one in hear(juliet, request(ROMEO, Action.TRANSPORT_INFO, info)) if isinstance(one, InfoReceived)
    ]
    assert told_.jingle.contents == (info,)


CREDENTIALS = [
    ("g7qs", "bv71hdn38hgb39hf6xlk33", 1, True),
    ("g7qs", "bv71hdn38hgb39hf6xlk33", None, True),
    ("8hhy", "asd88fgpdd777uzjYhagZg", 1, False),
    ("g7qs", None, 1, False),
    ("g7qs", "asd88fgpdd777uzjYhagZg", None, False),
    (None, None, 7, False),
]


@pytest.mark.parametrize(("ufrag", "pwd", "generation", "restarts"), CREDENTIALS)
def test_new_credentials_restart_ice_and_generations_do_not(
    ufrag: str | None, pwd: str | None, generation: int | None, restarts: bool
) -> None:
    """XEP-0176 5.9, and as deployed: without candidates. RFC 8445 9: ufrag and password change both."""
    candidate = jc.Candidate(
        component=1,
        foundation="1",
        generation=generation or 0,
        id="a",
        ip="192.0.2.3",
        port=45665,
        priority=1694498815,
        protocol="udp",
        type=jc.CandidateType.HOST,
    )
    candidates = () if generation is None else (candidate,)
    transport = jc.IceUdpTransport(ufrag=ufrag, pwd=pwd, candidates=candidates)
    juliet = begun(JULIET, VOICE)
    iq = request(ROMEO, Action.TRANSPORT_INFO, named("voice", transport=transport))
    (info,) = [one for one in hear(juliet, iq) if isinstance(one, InfoReceived)]
    assert bool(info.restarted) is restarts
    assert juliet.role is RESPONDER, "who restarts does not control (XEP-0176 5.6)"


# --- errors, and the end ------------------------------------------------------------------------------------------


def test_a_refused_content_is_gone_again() -> None:
    romeo = begun(ROMEO, VOICE, accepted=True)
    (add,) = stanzas(romeo.handle(AddContent(romeo.key, (VIDEO,)), 0.0))
    error = jc.StanzaError(condition=jc.StanzaCondition.RESOURCE_CONSTRAINT)
    (failed,) = romeo.handle(StanzaReceived(answer(add, error)), 0.0)
    assert isinstance(add.payload, jc.Jingle)
    assert failed == RequestFailed(romeo.key, add.payload, error)
    assert list(romeo.contents) == [(INITIATOR, "voice")]


@pytest.mark.parametrize(
    ("error", "condition"),
    [
        (jc.StanzaError(condition=jc.StanzaCondition.ITEM_NOT_FOUND, application=jc.UnknownSession()), "gone"),
        (jc.StanzaError(condition=jc.StanzaCondition.SERVICE_UNAVAILABLE), "gone"),
        (jc.StanzaError(condition=jc.StanzaCondition.RECIPIENT_UNAVAILABLE), "gone"),
        (jc.StanzaError(condition=jc.StanzaCondition.REMOTE_SERVER_TIMEOUT), "connectivity-error"),
    ],
)
def test_an_error_that_says_nobody_is_there_ends_the_session(error: jc.StanzaError, condition: str) -> None:
    """XEP-0166 6.7, 10; RFC 6121 8.5.3.2.3. There is nobody to send a terminate to."""
    romeo = begun(ROMEO, VOICE, accepted=True)
    (ping,) = stanzas(romeo.handle(SendSessionInfo(romeo.key), 0.0))
    failed, ended = romeo.handle(StanzaReceived(answer(ping, error)), 0.0)
    assert isinstance(failed, RequestFailed)
    assert ended == SessionEnded(romeo.key, jc.Reason(condition=jc.Condition(condition)))


def test_a_session_whose_accept_is_refused_is_terminated() -> None:
    juliet = begun(JULIET, VOICE)
    (accept,) = stanzas(juliet.handle(Accept(juliet.key, (VOICE,)), 0.0))
    error = jc.StanzaError(condition=jc.StanzaCondition.BAD_REQUEST)
    outputs = juliet.handle(StanzaReceived(answer(accept, error)), 0.0)
    assert told(outputs) == ["RequestFailed", "SessionEnded"]
    (terminate,) = stanzas(outputs)
    assert isinstance(terminate.payload, jc.Jingle)
    assert terminate.payload.action is Action.SESSION_TERMINATE
    assert juliet.state is State.ENDED


def test_other_errors_leave_the_session_alone() -> None:
    romeo = begun(ROMEO, VOICE, accepted=True)
    info = SendDescriptionInfo(romeo.key, (named("voice", description=jc.RtpDescription(media="audio")),))
    (iq,) = stanzas(romeo.handle(info, 0.0))
    error = jc.StanzaError(condition=jc.StanzaCondition.FEATURE_NOT_IMPLEMENTED, application=jc.UnsupportedInfo())
    assert told(romeo.handle(StanzaReceived(answer(iq, error)), 0.0)) == ["RequestFailed"]
    assert romeo.state is State.ACTIVE


USUAL_REASONS = {(State.PENDING, ROMEO): jc.Condition.CANCEL, (State.PENDING, JULIET): jc.Condition.DECLINE}
"""XEP-0166 7.4: "The initiator wishes to formally cancel", "The party wishes to formally decline"."""


@pytest.mark.parametrize("jid", [ROMEO, JULIET])
@pytest.mark.parametrize("state", [State.PENDING, State.ACTIVE])
def test_a_session_ends_when_terminate_is_sent(jid: str, state: State) -> None:
    """XEP-0166 6.7: "even before receiving acknowledgement from the other party"."""
    session = prepared(jid, state)
    session.handle(SendSessionInfo(session.key), 0.0)  # which is not acknowledged
    assert session.deadline == 30.0
    terminate, ended = session.handle(Terminate(session.key), 0.0)
    assert session.state is State.ENDED
    assert session.deadline is None
    assert ended == SessionEnded(
        session.key, jc.Reason(condition=USUAL_REASONS.get((state, jid), jc.Condition.SUCCESS))
    )
    assert refusals(session, request(OTHER[jid], Action.SESSION_INFO)) == ["unknown-session"]
    assert len(stanzas((terminate,))) == 1


def test_a_terminate_without_reason_is_no_error() -> None:
    """XEP-0166 6.7: the reason "SHOULD" be there."""
    juliet = begun(JULIET, VOICE)
    assert hear(juliet, request(ROMEO, Action.SESSION_TERMINATE))[1:] == (SessionEnded(juliet.key, jc.Reason()),)

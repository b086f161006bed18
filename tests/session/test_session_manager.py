"""All sessions of an account: whose stanza it is, who may begin, both at once, limits, presence."""

from __future__ import annotations

import pickle
from random import Random

import attrs
import pytest
from session_support import JULIET, ROMEO, SID, answer, content, named, request, stanzas, told, verdict

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.errors import LocalError
from jinglecodec.machine import TimerFired
from jinglecodec.session import (
    Accept,
    Config,
    Initiate,
    Limit,
    Manager,
    NotHandled,
    PeerFeatures,
    PeerGone,
    PeerSeen,
    Policy,
    Redirected,
    Refused,
    SendSessionInfo,
    SessionEnded,
    SessionKey,
    StanzaReceived,
    Terminate,
    TrustChanged,
)
from jinglecodec.session.jids import bare

EVERYBODY = Policy(strangers=True)
VOICE = content("voice")
FILE = jc.Content(
    name="file",
    description=jc.Raw("{urn:xmpp:jingle:apps:file-transfer:5}description"),
    transport=jc.IbbTransport(sid="ch3d9s71", block_size=4096),
)
GARDEN = "romeo@montague.lit/garden"
INITIATE, TERMINATE = jc.Action.SESSION_INITIATE, jc.Action.SESSION_TERMINATE


def manager_of(jid: str, policy: Policy = EVERYBODY, config: Config | None = None) -> Manager:
    return Manager(jid, policy, config, random=Random(jid))


def heard(manager: Manager, iq: jc.Stanza, now: float = 0.0) -> list[str]:
    """Hand in a stanza; return the verdicts that are sent, and the names of what the user is told."""
    outputs = manager.handle(StanzaReceived(iq), now)
    return [verdict(one) if one.type is not jc.IqType.SET else "request" for one in stanzas(outputs)] + told(outputs)


# --- both initiate at once ----------------------------------------------------------------------------------------


def both_initiate(romeos: jc.Content, sid: str, juliets: jc.Content, other_sid: str) -> list[list[SessionKey]]:
    """Let both initiate before either has heard of it; return the sessions that each has in the end."""
    romeo, juliet = manager_of(ROMEO), manager_of(JULIET)
    there = stanzas(romeo.handle(Initiate(JULIET, (romeos,), sid), 0.0))
    back = stanzas(juliet.handle(Initiate(ROMEO, (juliets,), other_sid), 0.0))
    while there or back:
        answers = [one for iq in there for one in stanzas(juliet.handle(StanzaReceived(iq), 1.0))]
        there = [one for iq in back for one in stanzas(romeo.handle(StanzaReceived(iq), 1.0))]
        back = answers
    return [list(romeo.sessions), list(juliet.sessions)]


def test_lower_sid_lives_by_octets() -> None:
    """XEP-0166 7.2.16: "sorted first using "i;octet" collation": capital letters come before small ones."""
    assert both_initiate(VOICE, "Zeta", VOICE, "alpha") == [[SessionKey(JULIET, "Zeta")], [SessionKey(ROMEO, "Zeta")]]
    assert both_initiate(VOICE, "alpha", VOICE, "Zeta") == [[SessionKey(JULIET, "Zeta")], [SessionKey(ROMEO, "Zeta")]]


def test_sessions_for_different_things_both_live() -> None:
    """XEP-0166 7.2.16: only "with a content-type that is functionally equivalent"."""
    romeos, juliets = both_initiate(VOICE, "Zeta", FILE, "alpha")
    assert {key.sid for key in romeos} == {key.sid for key in juliets} == {"Zeta", "alpha"}


@pytest.mark.parametrize("reverse", [False, True])
def test_with_equal_sids_the_lower_jid_lives(reverse: bool) -> None:
    """XEP-0166 7.2.16: "the action sent by the lower of the JabberIDs MUST overrule the other action"."""
    romeo, juliet = manager_of(ROMEO), manager_of(JULIET)
    (to_juliet,) = stanzas(romeo.handle(Initiate(JULIET, (VOICE,), SID), 0.0))
    (to_romeo,) = stanzas(juliet.handle(Initiate(ROMEO, (VOICE,), SID), 0.0))
    order = [(juliet, to_juliet), (romeo, to_romeo)]
    said = {manager.local: heard(manager, iq) for manager, iq in (reversed(order) if reverse else order)}
    assert said == {JULIET: ["tie-break"], ROMEO: ["ack", "SessionEnded", "IncomingSession"]}
    assert romeo.sessions[SessionKey(JULIET, SID)].role is jc.Creator.RESPONDER


def test_the_loser_learns_it_from_the_error() -> None:
    juliet = manager_of(JULIET)
    (iq,) = stanzas(juliet.handle(Initiate(ROMEO, (VOICE,), "alpha"), 0.0))
    assert heard(juliet, request(ROMEO, INITIATE, VOICE, sid="Zeta")) == ["ack", "IncomingSession"]
    conflict = jc.StanzaError(condition=jc.StanzaCondition.CONFLICT, application=jc.TieBreak())
    *_, ended = juliet.handle(StanzaReceived(answer(iq, conflict)), 1.0)
    reason = jc.Reason(condition=jc.Condition.ALTERNATIVE_SESSION)
    assert ended == SessionEnded(SessionKey(ROMEO, "alpha"), reason)


def test_second_initiate_of_a_session_is_out_of_order() -> None:
    """XEP-0166 10: "e.g., session-initiate after session-accept"."""
    juliet = manager_of(JULIET)
    assert heard(juliet, request(ROMEO, INITIATE, VOICE)) == ["ack", "IncomingSession"]
    assert heard(juliet, request(ROMEO, INITIATE, VOICE)) == ["out-of-order"]


def test_an_alternative_session_is_named() -> None:
    """XEP-0166 6.7: "SHOULD include the session ID of the alternative session in the <sid/> element"."""
    juliet = manager_of(JULIET)
    heard(juliet, request(ROMEO, INITIATE, VOICE))
    heard(juliet, request(ROMEO, INITIATE, VOICE, sid="again"))
    reason = jc.Reason(condition=jc.Condition.ALTERNATIVE_SESSION, sid=SID)
    (iq,) = stanzas(juliet.handle(Terminate(SessionKey(ROMEO, "again"), reason), 0.0))
    assert b"<alternative-session><sid>a73sjjvkla37jfea</sid></alternative-session>" in jc.dumps(iq)
    assert list(juliet.sessions) == [SessionKey(ROMEO, SID)]


# --- whose stanza it is -------------------------------------------------------------------------------------------


def test_sessions_are_those_of_a_full_jid_and_a_sid() -> None:
    juliet = manager_of(JULIET)
    heard(juliet, request(ROMEO, INITIATE, VOICE))
    elsewhere = attrs.evolve(request(ROMEO, TERMINATE), from_=GARDEN)
    assert heard(juliet, elsewhere) == ["unknown-session"]
    assert heard(juliet, request(ROMEO, TERMINATE, sid="other")) == ["unknown-session"]
    assert heard(juliet, request(ROMEO, TERMINATE)) == ["ack", "SessionEnded"]
    assert heard(juliet, request(ROMEO, TERMINATE)) == ["unknown-session"]


def test_transport_info_before_its_session_is_unknown() -> None:
    """XEP-0176 5.5: "according to its state machine the session does not exist"."""
    assert heard(manager_of(JULIET), request(ROMEO, jc.Action.TRANSPORT_INFO, VOICE)) == ["unknown-session"]


def test_terminate_without_sid_is_acknowledged() -> None:
    """Deployed peers leave it out (XEP-0166 7.1 requires it); with one session there is no doubt which is meant."""
    juliet = manager_of(JULIET)
    assert heard(juliet, request(ROMEO, TERMINATE, sid="")) == ["ack"]
    heard(juliet, request(ROMEO, INITIATE, VOICE))
    heard(juliet, request(ROMEO, INITIATE, VOICE, sid="second"))
    assert heard(juliet, request(ROMEO, TERMINATE, sid="")) == ["ack"]
    heard(juliet, request(ROMEO, TERMINATE, sid="second"))
    assert heard(juliet, request(ROMEO, TERMINATE, sid="")) == ["ack", "SessionEnded"]


def test_both_terminate_in_the_same_instant() -> None:
    """XEP-0166 6.7: ended when it is sent, so each answers unknown-session; nobody is told of an error."""
    romeo, juliet = manager_of(ROMEO), manager_of(JULIET)
    for iq in stanzas(romeo.handle(Initiate(JULIET, (VOICE,), SID), 0.0)):
        for one in stanzas(juliet.handle(StanzaReceived(iq), 0.0)):
            assert heard(romeo, one) == []
    (to_juliet,) = stanzas(romeo.handle(Terminate(SessionKey(JULIET, SID)), 1.0))
    (to_romeo,) = stanzas(juliet.handle(Terminate(SessionKey(ROMEO, SID)), 1.0))
    for manager, iq, other in ((juliet, to_juliet, romeo), (romeo, to_romeo, juliet)):
        (reply,) = stanzas(manager.handle(StanzaReceived(iq), 1.0))
        assert verdict(reply) == "unknown-session"
        assert other.handle(StanzaReceived(reply), 1.0) == ()
    assert not romeo.sessions
    assert not juliet.sessions
    assert romeo.deadline is juliet.deadline is None


def test_an_error_that_nobody_waits_for_gives_no_output() -> None:
    """RFC 6120 8.2.3: an error is never answered; this one repeats the request, as it may."""
    juliet = manager_of(JULIET)
    heard(juliet, request(ROMEO, INITIATE, VOICE))
    error = jc.StanzaError(type=jc.ErrorType.CANCEL, condition=jc.StanzaCondition.ITEM_NOT_FOUND)
    stray = attrs.evolve(request(ROMEO, TERMINATE), type=jc.IqType.ERROR, error=error)
    assert juliet.handle(StanzaReceived(stray), 0.0) == ()
    assert juliet.sessions


def test_an_answer_counts_only_from_the_one_who_was_asked() -> None:
    """RFC 6120 8.1.2.1: ids are no secret, addresses are what a server vouches for."""
    romeo = manager_of(ROMEO)
    (iq,) = stanzas(romeo.handle(Initiate(JULIET, (VOICE,)), 0.0))
    forged = attrs.evolve(answer(iq, jc.StanzaError(condition=jc.StanzaCondition.GONE)), from_="iago@venice.lit/x")
    assert romeo.handle(StanzaReceived(forged), 1.0) == ()
    assert romeo.deadline == 30.0
    assert romeo.handle(StanzaReceived(answer(iq)), 1.0) == ()
    assert romeo.deadline is None


@pytest.mark.parametrize(
    "stanza",
    [
        jc.loads(f"<iq xmlns='jabber:client' type='odd' from='{ROMEO}' id='1'/>", errors="keep"),
        jc.loads("<jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='x'/>"),
        jc.Message(from_=ROMEO, payloads=(jc.ProposeMessage(id="x"),)),
        jc.Presence(from_=ROMEO),
        jc.Presence(from_=ROMEO, type=jc.PresenceType.UNAVAILABLE),
        jc.Iq(type=jc.IqType.GET, id="1", from_=ROMEO, payload=jc.DiscoInfo()),
        jc.Iq(type=jc.IqType.RESULT, id="1", from_=ROMEO),
        jc.Iq(type=jc.IqType.ERROR, id="1", from_=ROMEO, error=jc.StanzaError(condition=jc.StanzaCondition.GONE)),
    ],
)
def test_everything_else_is_not_handled(stanza: jc.Element | jc.Raw) -> None:
    assert manager_of(JULIET).handle(StanzaReceived(stanza), 0.0) == (NotHandled(stanza),)


@pytest.mark.parametrize(
    "jingle",
    [
        "<jingle xmlns='urn:xmpp:jingle:1' action='nonsense' sid='x'/>",
        "<jingle xmlns='urn:xmpp:jingle:1' sid='x'/>",
        "<jingle xmlns='urn:xmpp:jingle:1' action='source-add' sid='x'/>",
        "<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='x'><content/></jingle>",
        "<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate'/>",
        "<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='x'/>",
        (
            "<jingle xmlns='urn:xmpp:jingle:1' action='transport-info' sid='a73sjjvkla37jfea'>"
            "<content creator='initiator' name='voice'><transport xmlns='urn:xmpp:jingle:transports:ice-udp:1'>"
            "<candidate port='99999'/></transport></content></jingle>"
        ),
    ],
)
@pytest.mark.parametrize("kind", ["set", "get"])
def test_what_is_malformed_is_answered_once_with_its_id_and_addresses(jingle: str, kind: str) -> None:
    """XEP-0166 6.3.2: "If the initiation request was malformed, the responder MUST return a <bad-request/> error"."""
    juliet = manager_of(JULIET)
    heard(juliet, request(ROMEO, INITIATE, VOICE))
    text = f"<iq xmlns='jabber:server' type='{kind}' id='é 1' from='{ROMEO}' to='{JULIET}'>{jingle}</iq>"
    decoded = jc.read(text, errors="keep")
    assert isinstance(decoded.value, jc.Iq)
    outputs = juliet.handle(StanzaReceived(decoded.value, decoded.findings), 0.0)
    (error,) = stanzas(outputs)
    assert told(outputs) == []
    assert verdict(error) == "bad-request"
    assert (error.namespace, error.id, error.from_, error.to) == (ns.SERVER, "é 1", JULIET, ROMEO)


def test_a_request_as_get_is_malformed() -> None:
    """XEP-0166 6.2: "This request is an IQ-set"."""
    juliet = manager_of(JULIET)
    assert heard(juliet, attrs.evolve(request(ROMEO, INITIATE, VOICE), type=jc.IqType.GET)) == ["bad-request"]
    assert not juliet.sessions


def test_only_contents_for_early_session_are_malformed() -> None:
    """XEP-0166 7.2.10: "at least one MUST have a disposition of "session""."""
    early = content("ringback", disposition="early-session")
    juliet = manager_of(JULIET)
    assert heard(juliet, request(ROMEO, INITIATE, early)) == ["bad-request"]
    assert heard(juliet, request(ROMEO, INITIATE, early, VOICE)) == ["ack", "IncomingSession"]


# --- who may begin ------------------------------------------------------------------------------------------------


def test_strangers_are_refused_until_they_are_trusted() -> None:
    """XEP-0166 6.3.2, 13.2. Sessions that exist go on when trust ends."""
    juliet = Manager(JULIET)
    assert heard(juliet, request(ROMEO, INITIATE, VOICE)) == ["service-unavailable"]
    juliet.handle(TrustChanged(Policy(frozenset({"romeo@montague.lit"}))), 0.0)
    assert heard(juliet, request(ROMEO, INITIATE, VOICE)) == ["ack", "IncomingSession"]
    juliet.handle(TrustChanged(Policy()), 0.0)
    assert heard(juliet, request(ROMEO, jc.Action.SESSION_INFO)) == ["ack"]
    assert heard(juliet, request(ROMEO, INITIATE, VOICE, sid="2")) == ["service-unavailable"]


def test_a_redirect_is_handed_up_and_not_followed() -> None:
    """XEP-0166 6.3.2. Whether to call there is the user's to say."""
    romeo = manager_of(ROMEO)
    (iq,) = stanzas(romeo.handle(Initiate(JULIET, (VOICE,), SID), 0.0))
    redirect = jc.StanzaError(condition=jc.StanzaCondition.REDIRECT, uri="xmpp:voicemail@capulet.lit")
    outputs = romeo.handle(StanzaReceived(answer(iq, redirect)), 1.0)
    assert stanzas(outputs) == []
    assert Redirected("xmpp:voicemail@capulet.lit", SessionKey(JULIET, SID)) in outputs


@pytest.mark.parametrize(
    ("config", "condition"),
    [
        (Config(applications=frozenset({"urn:x"})), jc.Condition.UNSUPPORTED_APPLICATIONS),
        (Config(transports=frozenset({ns.RAW_UDP})), jc.Condition.UNSUPPORTED_TRANSPORTS),
    ],
)
def test_what_is_not_supported_is_acknowledged_and_then_ended(config: Config, condition: jc.Condition) -> None:
    """XEP-0166 6.3.1: "SHOULD immediately acknowledge the session initiation request but then terminate"."""
    juliet = manager_of(JULIET, config=config)
    result, terminate = stanzas(juliet.handle(StanzaReceived(request(ROMEO, INITIATE, VOICE)), 0.0))
    assert verdict(result) == "ack"
    assert isinstance(terminate.payload, jc.Jingle)
    assert terminate.payload.reason == jc.Reason(condition=condition)
    assert not juliet.sessions


def test_a_peer_without_jingle_is_not_called() -> None:
    """XEP-0166 11: support "MUST" be advertised."""
    romeo = manager_of(ROMEO)
    romeo.handle(PeerFeatures(JULIET, frozenset({"urn:xmpp:ping"})), 0.0)
    with pytest.raises(LocalError, match="does not support Jingle"):
        romeo.handle(Initiate(JULIET, (VOICE,)), 0.0)
    romeo.handle(PeerFeatures(JULIET, frozenset({ns.JINGLE})), 0.0)
    assert romeo.handle(Initiate(JULIET, (VOICE,)), 0.0)


# --- limits -------------------------------------------------------------------------------------------------------


def test_ten_thousand_initiates_of_one_peer() -> None:
    """XEP-0166 13.2: "Care MUST be taken to accept sessions only [...] if the entity's device is able to process"."""
    juliet = manager_of(JULIET)
    said = [heard(juliet, request(ROMEO, INITIATE, VOICE, sid=f"s{number}")) for number in range(10_000)]
    assert said[:10] == [["ack", "IncomingSession"]] * 10
    assert said[10:] == [["resource-constraint", "Refused"]] * 9_990
    assert len(juliet.sessions) == 10
    assert juliet.deadline is None


def test_limits_are_told() -> None:
    juliet = manager_of(JULIET, config=Config(sessions=2, sessions_per_peer=1, contents=2, candidates=3))
    heard(juliet, request(ROMEO, INITIATE, VOICE))
    outputs = juliet.handle(StanzaReceived(request(ROMEO, INITIATE, VOICE, sid="2")), 0.0)
    assert outputs[1:] == (Refused(Limit.SESSIONS_PER_PEER, ROMEO),)
    juliet.handle(Initiate("nurse@capulet.lit/hall", (VOICE,)), 0.0)
    with pytest.raises(LocalError, match="the limit of sessions"):
        juliet.handle(Initiate("tybalt@capulet.lit/hall", (VOICE,)), 0.0)
    many = (content("a", media="a"), content("b", media="b"))
    outputs = juliet.handle(StanzaReceived(request(ROMEO, jc.Action.CONTENT_ADD, *many)), 0.0)
    assert (verdict(stanzas(outputs)[0]), outputs[1:]) == ("resource-constraint", (Refused(Limit.CONTENTS, ROMEO),))
    info = request(ROMEO, jc.Action.TRANSPORT_INFO, named("voice", transport=with_candidates(2)))
    assert heard(juliet, info) == ["ack", "InfoReceived"]
    outputs = juliet.handle(StanzaReceived(info), 0.0)
    assert (verdict(stanzas(outputs)[0]), outputs[1:]) == ("resource-constraint", (Refused(Limit.CANDIDATES, ROMEO),))
    restart = attrs.evolve(with_candidates(3), ufrag="g7qs", pwd="bv71hdn38hgb39hf6xlk33")
    assert heard(juliet, request(ROMEO, jc.Action.TRANSPORT_INFO, named("voice", transport=restart)))[0] == "ack"


def with_candidates(count: int) -> jc.IceUdpTransport:
    candidates = [
        jc.Candidate(
            component=1,
            foundation="1",
            id=f"c{number}",
            ip="192.0.2.1",
            port=number,
            priority=1,
            protocol="udp",
            type=jc.CandidateType.HOST,
        )
        for number in range(count)
    ]
    return jc.IceUdpTransport(candidates=tuple(candidates))


# --- presence and time --------------------------------------------------------------------------------------------


def gone(jid: str) -> StanzaReceived:
    return StanzaReceived(jc.Presence(from_=jid, type=jc.PresenceType.UNAVAILABLE))


@pytest.mark.parametrize("leaves", [PeerGone(ROMEO), PeerGone("romeo@montague.lit"), gone(ROMEO)])
@pytest.mark.parametrize(
    "sign",
    [
        PeerSeen(ROMEO),
        StanzaReceived(jc.Message(from_=ROMEO)),
        StanzaReceived(jc.Presence(from_=ROMEO)),
        StanzaReceived(request(ROMEO, jc.Action.SESSION_INFO)),
    ],
)
def test_a_sign_of_life_within_the_grace_saves_the_session(
    leaves: PeerGone | StanzaReceived, sign: PeerSeen | StanzaReceived
) -> None:
    """XEP-0166 6.7: "if [...] no other communication has been received within 5 or 10 seconds"."""
    juliet = manager_of(JULIET)
    heard(juliet, request(ROMEO, INITIATE, VOICE))
    juliet.handle(leaves, 0.0)
    assert juliet.deadline == 10.0
    juliet.handle(sign, 4.0)
    assert juliet.deadline is None
    juliet.handle(leaves, 20.0)
    juliet.handle(leaves, 25.0)
    assert juliet.deadline == 30.0, "saying it again does not prolong the grace"
    terminate, ended = juliet.handle(TimerFired(), 30.0)
    assert ended == SessionEnded(SessionKey(ROMEO, SID), jc.Reason(condition=jc.Condition.GONE))
    assert stanzas((terminate,))[0].to == ROMEO


def test_another_resource_is_no_sign_of_life() -> None:
    juliet = manager_of(JULIET)
    heard(juliet, request(ROMEO, INITIATE, VOICE))
    juliet.handle(gone(ROMEO), 0.0)
    juliet.handle(StanzaReceived(jc.Presence(from_=GARDEN)), 1.0)
    juliet.handle(gone(GARDEN), 1.0)
    assert juliet.deadline == 10.0


def test_no_acknowledgement_ends_the_session_after_one_terminate() -> None:
    """A peer that acknowledges nothing is not there (XEP-0166 7.4, connectivity-error)."""
    romeo = manager_of(ROMEO)
    (initiate,) = stanzas(romeo.handle(Initiate(JULIET, (VOICE,), SID), 0.0))
    romeo.handle(SendSessionInfo(SessionKey(JULIET, SID)), 1.0)
    assert romeo.deadline == 30.0
    terminate, ended = romeo.handle(TimerFired(), 60.0)
    assert ended == SessionEnded(SessionKey(JULIET, SID), jc.Reason(condition=jc.Condition.CONNECTIVITY_ERROR))
    (iq,) = stanzas((terminate,))
    assert isinstance(iq.payload, jc.Jingle)
    assert iq.payload.action is TERMINATE
    assert romeo.deadline is None
    assert romeo.handle(StanzaReceived(answer(initiate)), 61.0) == (), "a late answer revives nothing"
    assert romeo.handle(StanzaReceived(answer(iq)), 61.0) == ()
    assert not romeo.sessions


def test_a_peer_may_move_within_its_account() -> None:
    """XEP-0166 7.1, 13.5: all later requests go to the JID named, "unless the bare JIDs" differ."""
    romeo = manager_of(ROMEO)
    (iq,) = stanzas(romeo.handle(Initiate(JULIET, (VOICE,), SID), 0.0))
    heard(romeo, answer(iq))
    phone = "juliet@capulet.lit/phone"
    accept = request(JULIET, jc.Action.SESSION_ACCEPT, VOICE, responder=phone)
    assert heard(romeo, accept) == ["ack", "Accepted"]
    key = SessionKey(JULIET, SID)
    (ping,) = stanzas(romeo.handle(SendSessionInfo(key), 0.0))
    assert ping.to == phone
    assert heard(romeo, answer(ping)) == []
    assert heard(romeo, attrs.evolve(request(JULIET, TERMINATE), from_=phone)) == ["ack", "SessionEnded"]


def test_a_peer_may_not_name_somebody_else() -> None:
    """XEP-0166 13.5: "SHOULD NOT accept the redirection unless the bare JIDs match"."""
    juliet = manager_of(JULIET)
    heard(juliet, request(ROMEO, INITIATE, VOICE, initiator="iago@venice.lit/x"))
    key = SessionKey(ROMEO, SID)
    (accept,) = stanzas(juliet.handle(Accept(key, (VOICE,)), 0.0))
    assert accept.to == ROMEO


def test_nothing_stays_of_sessions_that_are_over() -> None:
    """Rule 4: memory is bounded, however many sessions come, move, fall silent, and go."""
    juliet = manager_of(JULIET)
    sizes = []
    for number in range(20):
        peer, moved = f"romeo{number:03}@montague.lit/orchard", f"romeo{number:03}@montague.lit/garden"
        begin = request(ROMEO, INITIATE, VOICE, sid=f"s{number:03}", initiator=moved)
        heard(juliet, attrs.evolve(begin, from_=peer))
        juliet.handle(Initiate(peer, (FILE,), f"t{number:03}"), 0.0)
        juliet.handle(PeerGone(bare(peer)), 0.0)
        for session in tuple(juliet.sessions):
            juliet.handle(Terminate(session), 0.0)
        sizes.append(len(pickle.dumps(juliet)))
    assert len(set(sizes[5:15])) == 1
    assert juliet.deadline is None

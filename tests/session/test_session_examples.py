"""Every message flow and error example of XEP-0166 2 to 9, XEP-0176 5 and 6, XEP-0343 and XEP-0260's fallback."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
from session_examples import CORRECTIONS, UNSEEN, Flow, Player, example, manager_of, played
from session_support import JULIET, ROMEO, SID, content, request, stanzas, told

import jinglecodec as jc
from jinglecodec.session import (
    AddContent,
    Config,
    InfoReceived,
    Initiate,
    Manager,
    Policy,
    Redirected,
    RequestFailed,
    SendSessionInfo,
    SessionEnded,
    SessionKey,
    StanzaReceived,
    Terminate,
)

pytestmark = pytest.mark.corpus

TERMINATIONS = {
    "e019": jc.Condition.SUCCESS,
    "e020": jc.Condition.BUSY,
    "e021": jc.Condition.DECLINE,
    "e022": jc.Condition.ALTERNATIVE_SESSION,
    "e023": jc.Condition.UNSUPPORTED_TRANSPORTS,
    "e024": jc.Condition.FAILED_TRANSPORT,
    "e025": jc.Condition.UNSUPPORTED_APPLICATIONS,
    "e026": jc.Condition.FAILED_APPLICATION,
    "e027": jc.Condition.INCOMPATIBLE_PARAMETERS,
}
"The nine reasons of XEP-0166 6.7."

FLOWS = (
    Flow(
        "a stub session (XEP-0166 2)",
        "0166",
        "e001 ack:e001 e002 ack:e002 e003 ack:e003",
        "SessionStarted Accepted SessionEnded",
        "IncomingSession SessionEnded",
    ),
    Flow(
        "a voice session (XEP-0166 2)",
        "0166",
        "e004 e005 e006 e007 e008 e009",
        "SessionStarted Accepted SessionEnded",
        "IncomingSession SessionEnded",
    ),
    Flow(
        "initiation and acceptance (XEP-0166 6)",
        "0166",
        "e010 e011 e017 e018",
        "SessionStarted Accepted",
        "IncomingSession",
    ),
    *(
        Flow(
            f"termination (XEP-0166 6.7), {condition.value}",
            "0166",
            f"e010 e011 {name} {'e028' if name == 'e023' else f'ack:{name}'}",
            "SessionStarted SessionEnded",
            "IncomingSession SessionEnded",
        )
        for name, condition in TERMINATIONS.items()
    ),
    Flow(
        "information that is not understood (XEP-0166 6.8)",
        "0166",
        "e010 e011 e030 e031",
        "SessionStarted",
        "IncomingSession RequestFailed",
    ),
    Flow("a ping (XEP-0166 6.8)", "0166", "e010 e011 e032 e033", "SessionStarted", "IncomingSession"),
    Flow(
        "a security precondition (XEP-0166 9)",
        "0166",
        "e035 ack:e035 e036 ack:e036",
        "SessionStarted",
        "IncomingSession InfoReceived",
    ),
    Flow(
        "candidates, and a restart of ICE (XEP-0176 5)",
        "0176",
        "e001 e002 e003 ack:e003 e004 ack:e004 e005 e006 e007 e008",
        "SessionStarted Accepted",
        "IncomingSession InfoReceived InfoReceived InfoReceived",
    ),
    Flow(
        "fallback to raw UDP (XEP-0176 6)",
        "0176",
        "e009 e010 e011 e012 e013 e014 e015 e016",
        "SessionStarted TransportProposed Accepted",
        "IncomingSession TransportChanged",
    ),
    Flow(
        "a data channel (XEP-0343)",
        "0343",
        "e001 e003 e004 e005 e006 e007",
        "SessionStarted Accepted",
        "IncomingSession ContentProposed",
    ),
    Flow(
        "fallback to in-band bytestreams (XEP-0260 3)",
        "0260",
        "e001 e002 e003 e004 e005 e006 e007 e008 e015 e016 e017 e018",
        "SessionStarted Accepted InfoReceived TransportChanged",
        "IncomingSession InfoReceived TransportProposed",
    ),
)


@pytest.mark.parametrize("me", [ROMEO, JULIET])
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_flow_goes_as_the_document_shows(flow: Flow, me: str, specs: Path) -> None:
    player = played(flow, specs, me)
    assert not player.outbox
    assert player.told == (flow.romeo if me == ROMEO else flow.juliet).split()


def test_every_stanza_of_the_sections_is_in_a_flow() -> None:
    """Of XEP-0166 2 to 9, XEP-0176 5 and 6, XEP-0343; errors have tests of their own below."""
    shown = {f"xep-{flow.xep}/{step}" for flow in FLOWS for step in flow.steps.split()}
    errors = {f"xep-0166/{name}" for name in ERRORS} | set(UNSEEN)
    documents = [("0166", 37), ("0176", 16), ("0343", 7)]
    expected = {f"xep-{xep}/e{number:03}" for xep, last in documents for number in range(1, last + 1)}
    assert expected - shown - errors == {"xep-0343/e002"}, "which is not a stanza but a piece of one"


def test_every_correction_has_a_reason_and_is_used() -> None:
    shown = {f"xep-{flow.xep}/{step}" for flow in FLOWS for step in flow.steps.split()}
    assert all(correction.reason and correction.example in shown for correction in CORRECTIONS)


def test_a_restart_is_told_from_another_candidate(specs: Path) -> None:
    """XEP-0176 5.9: "it MUST generate new values for the 'pwd' and 'ufrag' attributes"."""
    juliet = manager_of(JULIET)
    for name in ("e001", "e005"):
        outputs = juliet.handle(StanzaReceived(example(specs, f"xep-0176/{name}")), 0.0)
    assert [one.restarted for one in outputs if isinstance(one, InfoReceived)] == [()]
    restart = example(specs, "xep-0176/e007")
    outputs = juliet.handle(StanzaReceived(restart), 0.0)
    assert isinstance(restart.payload, jc.Jingle)
    assert [one.restarted for one in outputs if isinstance(one, InfoReceived)] == [restart.payload.contents]


# --- errors -------------------------------------------------------------------------------------------------------


def stranger() -> Manager:
    return manager_of(JULIET, Policy())


def redirecting() -> Manager:
    return manager_of(JULIET, Policy(strangers=True, redirect="xmpp:voicemail@capulet.lit"))


def full() -> Manager:
    manager = Manager(JULIET, Policy(strangers=True), Config(sessions=1))
    manager.handle(Initiate("nurse@capulet.lit/hall", (content("voice"),)), 0.0)
    return manager


def ready() -> Manager:
    return manager_of(JULIET)


ERRORS = {
    "e012": (stranger, ""),
    "e013": (stranger, ""),
    "e014": (redirecting, ""),
    "e015": (full, "Refused"),
    "e016": (ready, ""),
}
"Answers to the session-initiate of XEP-0166 6.2: who gives them, and what that party tells its user."


@pytest.mark.parametrize("name", ERRORS)
def test_responder_refuses_as_the_document_shows(name: str, specs: Path) -> None:
    """XEP-0166 6.3.2. e013 is of an entity without Jingle, which says what one says that hides it."""
    make, expected = ERRORS[name]
    iq = example(specs, "xep-0166/e010")
    if name == "e016":
        assert isinstance(iq.payload, jc.Jingle)
        iq = attrs.evolve(iq, payload=attrs.evolve(iq.payload, contents=()))  # malformed: without contents
    outputs = make().handle(StanzaReceived(iq), 0.0)
    refusal = example(specs, f"xep-0166/{name}")
    assert [jc.loads(jc.dumps(one)) for one in stanzas(outputs)] == [stripped(refusal)]
    assert told(outputs) == expected.split()


def stripped(iq: jc.Iq) -> jc.Iq:
    """Return an error without the line ends that the document has around the URI of a redirect."""
    assert iq.error is not None
    return attrs.evolve(iq, error=attrs.evolve(iq.error, uri=iq.error.uri and iq.error.uri.strip()))


ENDS = {
    "e012": jc.Condition.GONE,
    "e013": jc.Condition.GONE,
    "e014": jc.Condition.GONE,
    "e015": jc.Condition.BUSY,
    "e016": jc.Condition.GENERAL_ERROR,
}


@pytest.mark.parametrize("name", ERRORS)
def test_initiator_understands_the_refusal(name: str, specs: Path) -> None:
    player = Player(ROMEO, manager_of(ROMEO))
    player.play(example(specs, "xep-0166/e010"))
    refusal = example(specs, f"xep-0166/{name}")
    outputs = player.manager.handle(StanzaReceived(attrs.evolve(refusal, id=player.ids[refusal.id])), 1.0)
    key = SessionKey(JULIET, SID)
    assert isinstance(outputs[0], RequestFailed)
    assert outputs[0].error == refusal.error
    assert outputs[-1] == SessionEnded(key, jc.Reason(condition=ENDS[name]))
    redirected = [output for output in outputs if isinstance(output, Redirected)]
    assert redirected == ([Redirected("xmpp:voicemail@capulet.lit", key)] if name == "e014" else [])
    assert stanzas(outputs) == []
    assert not player.manager.sessions


def romeo_in_session(specs: Path) -> Manager:
    return played(FLOWS[2], specs, ROMEO).manager


def test_after_terminate_the_session_is_unknown(specs: Path) -> None:
    """XEP-0166 6.7: "it MUST reply with an <unknown-session/> error"."""
    romeo = romeo_in_session(specs)
    romeo.handle(Terminate(SessionKey(JULIET, SID)), 1.0)
    expected = example(specs, "xep-0166/e029")
    late = request(JULIET, jc.Action.SESSION_INFO, id_=expected.id or "")
    assert stanzas(romeo.handle(StanzaReceived(late), 1.0)) == [expected]


def test_initiator_breaks_the_tie(specs: Path) -> None:
    """XEP-0166 7.2.16: "the initiator MUST return a <conflict/> error to the responder for the duplicate action"."""
    romeo = romeo_in_session(specs)
    romeo.handle(AddContent(SessionKey(JULIET, SID), (content("mine", media="video"),)), 1.0)
    expected = example(specs, "xep-0166/e034")
    duplicate = content("yours", jc.Creator.RESPONDER, "video")
    late = request(JULIET, jc.Action.CONTENT_ADD, duplicate, id_=expected.id or "")
    assert stanzas(romeo.handle(StanzaReceived(late), 1.0)) == [expected]


def test_security_required_is_told(specs: Path) -> None:
    """XEP-0166 9. To refuse so is the application's; this layer acknowledges what it understands."""
    juliet = played(FLOWS[2], specs, JULIET).manager
    (iq,) = stanzas(juliet.handle(SendSessionInfo(SessionKey(ROMEO, SID)), 1.0))
    error = attrs.evolve(example(specs, "xep-0166/e037"), id=iq.id)
    (failed,) = juliet.handle(StanzaReceived(error), 1.0)
    assert isinstance(failed, RequestFailed)
    assert failed.error is not None
    assert isinstance(failed.error.application, jc.SecurityRequired)
    assert juliet.sessions


def test_other_requests_are_not_handled(specs: Path) -> None:
    """XEP-0166 11: disco#info is for the stack to answer."""
    for name in ("e038", "e039"):
        iq = example(specs, f"xep-0166/{name}")
        assert told(manager_of("laertes@shakespeare.lit/castle").handle(StanzaReceived(iq), 0.0)) == ["NotHandled"]

"""An old client and a current one call each other through a bridge."""

from __future__ import annotations

from random import Random

import attrs
import pytest
from bridge_support import (
    ANSWER,
    CORPUS,
    NEW,
    OFFER,
    OLD,
    SID,
    TO_NEW,
    TO_OLD,
    World,
    described,
    facts,
    hosts,
    new_calls,
    old_calls,
    trickled,
)
from hypothesis import given
from hypothesis import strategies as st

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.bridge import Bridge, Bridged, BridgeOutput, CallEnded, Leg, Lost, NotBridged
from jinglecodec.errors import LocalError
from jinglecodec.session import (
    Accepted,
    AddContent,
    Answer,
    AnswerReceived,
    IncomingSession,
    Initiate,
    NotHandled,
    Offer,
    OfferReceived,
    RefuseOffer,
    SendSessionInfo,
    SendTransportInfo,
    SessionEnded,
    SessionKey,
    StanzaReceived,
    Terminate,
)
from jinglecodec.testing import laws


def test_old_client_calls_a_new_one() -> None:
    """ProtoXEP 3.2 on one side, XEP-0166 3 on the other; each reads what the other one wrote."""
    world, old, new = old_calls()
    incoming = world.last("new", IncomingSession)
    assert isinstance(incoming, IncomingSession)
    assert facts(jc.mapping.to_sdp(incoming.jingle, role="initiator").value) == facts(described(OFFER))
    world.wait(2.0)
    answer = world.last("old", AnswerReceived)
    assert isinstance(answer, AnswerReceived)
    assert facts(described(answer.sdp)) == facts(described(ANSWER))
    assert world.told["bridge"][-1] == Bridged(SessionKey(OLD, old.sid), SessionKey(NEW, new.sid))
    assert isinstance(world.last("old", Accepted), Accepted)


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["aiortc/avdata", "chromium/gum-avdata", "firefox/gum-avdata"])
def test_offer_of_a_browser_arrives(name: str) -> None:
    """What Chromium, Firefox and aiortc offer, with their candidates, is what the new client reads."""
    path = CORPUS / "browsers" / f"{name}.offer.gathered.sdp"
    if not path.is_file():
        pytest.skip("no corpus (JINGLECODEC_CORPUS)")
    offer = path.read_bytes().decode()
    world = World()
    world.say_old(Initiate(TO_OLD, (jc.Content(name="a", transport=jc.WebrtcTransport()),), SID))
    world.say_old(Offer(SessionKey(TO_OLD, SID), offer))
    incoming = world.last("new", IncomingSession)
    assert isinstance(incoming, IncomingSession)
    assert facts(jc.mapping.to_sdp(incoming.jingle, role="initiator").value) == facts(described(offer))


def test_new_client_calls_an_old_one() -> None:
    world, old, new = new_calls()
    world.wait(2.0)
    offer = world.last("old", OfferReceived)
    assert isinstance(offer, OfferReceived)
    assert facts(described(offer.sdp)) == facts(described(OFFER))
    world.say_old(Answer(old, ANSWER))
    accepted = world.last("new", Accepted)
    assert isinstance(accepted, Accepted)
    written = jc.mapping.to_sdp(accepted.jingle, role="responder", offer=described(OFFER)).value
    assert facts(written) == facts(described(ANSWER))
    assert world.told["bridge"][-1] == Bridged(SessionKey(OLD, old.sid), SessionKey(NEW, new.sid))


def test_candidates_that_trickle_are_in_the_description() -> None:
    """XEP-0176 5.5; the old client knows no others than those in a description."""
    world, _, new = old_calls(trickle=True)
    content = next(iter(world.new.sessions[new].contents))
    for number in (3, 4):
        world.wait(0.5)
        world.say_new(SendTransportInfo(new, (trickled(content, number),)))
    world.wait(1.0)
    answer = world.last("old", AnswerReceived)
    assert isinstance(answer, AnswerReceived)
    assert hosts(answer.sdp) == ["192.0.2.3", "192.0.2.4"]


@pytest.mark.parametrize(
    ("error", "condition"),
    [(jc.WebrtcError.REFUSED, jc.Condition.DECLINE), (jc.WebrtcError.FAILED, jc.Condition.FAILED_APPLICATION)],
)
def test_refusal_of_the_old_client_is_told_in_words_of_jingle(error: jc.WebrtcError, condition: jc.Condition) -> None:
    world, old, _ = new_calls()
    world.wait(2.0)
    world.say_old(RefuseOffer(old, error))
    ended = world.last("new", SessionEnded)
    assert isinstance(ended, SessionEnded)
    assert ended.reason.condition is condition
    assert isinstance(world.last("old", SessionEnded), SessionEnded)


def test_old_client_that_does_not_answer_times_out() -> None:
    world, _, _ = new_calls()
    world.wait(2.0)
    world.wait(60.0)
    ended = world.last("new", SessionEnded)
    assert isinstance(ended, SessionEnded)
    assert ended.reason.condition is jc.Condition.TIMEOUT


def test_nothing_is_said_in_a_session_behind_its_end() -> None:
    """XEP-0166 6.7: a session that is terminated is not known any more; the OK of an answer comes before."""
    world, old, _ = new_calls()
    world.wait(2.0)
    world.keep("old", world.old.handle(Answer(old, "v=0\r\nm="), world.now))
    while world.bridge.calls:
        world.step()
    said = [stanza.payload for stanza in world.queue if stanza.to == OLD and isinstance(stanza, jc.Iq)]
    assert [one.action.value for one in said if isinstance(one, jc.Jingle)] == ["session-info", "session-terminate"]


@pytest.mark.parametrize("who", ["old", "new"])
def test_either_may_hang_up(who: str) -> None:
    world, old, new = old_calls()
    world.wait(2.0)
    reason = jc.Reason(condition=jc.Condition.GONE)
    if who == "old":
        world.say_old(Terminate(old, reason))
    else:
        world.say_new(Terminate(new, reason))
    for other in ("old", "new"):
        ended = world.last(other, SessionEnded)
        assert isinstance(ended, SessionEnded)
        assert ended.reason.condition is jc.Condition.GONE
    assert isinstance(world.told["bridge"][-1], CallEnded)
    assert world.bridge.deadline is None


@pytest.mark.parametrize("sdp", ["no description", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=x 1 y 1\r\n"])
def test_description_without_form_ends_the_call(sdp: str) -> None:
    world = World()
    world.say_old(Initiate(TO_OLD, (jc.Content(name="a", transport=jc.WebrtcTransport()),), SID))
    world.say_old(Offer(SessionKey(TO_OLD, SID), sdp))
    ended = world.last("old", SessionEnded)
    assert isinstance(ended, SessionEnded)
    assert ended.reason.condition is jc.Condition.FAILED_APPLICATION
    assert world.told["new"] == []


def test_losses_are_told() -> None:
    """Nothing is lost silently."""
    world = World()
    world.say_old(Initiate(TO_OLD, (jc.Content(name="a", transport=jc.WebrtcTransport()),), SID))
    world.say_old(Offer(SessionKey(TO_OLD, SID), OFFER.replace("a=rtcp-mux\r\n", "a=rtcp-mux\r\na=x-secret:1\r\n")))
    lost = world.last("bridge", Lost)
    assert isinstance(lost, Lost)
    assert any("x-secret" in line for loss in lost.losses for line in (loss.lines or ()))


def test_what_the_other_side_does_not_know_is_told_and_refused() -> None:
    world, _, new = old_calls()
    world.wait(2.0)
    world.say_new(SendSessionInfo(new, infos=(jc.Ringing(),)))
    assert isinstance(world.told["bridge"][-1], NotBridged)
    description = jc.RtpDescription(media="video", payload_types=(jc.PayloadType(id=96, name="VP8", clockrate=90000),))
    video = jc.Content(name="v", description=description, transport=jc.IceUdpTransport(ufrag="u", pwd="p" * 22))
    world.say_new(AddContent(new, (attrs.evolve(video, creator=jc.Creator.RESPONDER),)))
    refused = world.told["bridge"][-1]
    assert isinstance(refused, NotBridged)
    assert refused.jingle.action is jc.Action.CONTENT_ADD
    assert len(world.new.sessions[new].contents) == 1


def test_ordinary_session_of_the_old_client_is_refused() -> None:
    """It has the other side for that."""
    world = World()
    offer = jc.mapping.to_jingle(described(OFFER), action="session-initiate", sid=SID, role="initiator").value
    world.say_old(Initiate(TO_OLD, offer.contents, SID))
    ended = world.last("old", SessionEnded)
    assert isinstance(ended, SessionEnded)
    assert ended.reason.condition is jc.Condition.UNSUPPORTED_TRANSPORTS


def test_calls_in_both_directions_are_apart() -> None:
    world, _, _ = old_calls()
    world.wait(2.0)
    offer = jc.mapping.to_jingle(described(OFFER), action="session-initiate", sid=SID, role="initiator").value
    for sid in ("another", "third"):
        world.say_new(Initiate(TO_NEW, offer.contents, sid, offer.groups))
    world.wait(2.0)
    incoming = [output.session for output in world.told["old"] if isinstance(output, IncomingSession)]
    assert len(set(incoming)) == 2
    assert sum(isinstance(output, OfferReceived) for output in world.told["old"]) == 2


def test_client_may_go_on_as_another_resource() -> None:
    """XEP-0166 7.1: the responder names itself when it accepts."""
    world = World()
    world.say_old(Initiate(TO_OLD, (jc.Content(name="a", transport=jc.WebrtcTransport()),), SID))
    world.say_old(Offer(SessionKey(TO_OLD, SID), OFFER))
    incoming = world.last("new", IncomingSession)
    assert isinstance(incoming, IncomingSession)
    phone, sid = "juliet@capulet.com/phone", incoming.session.sid
    answer = jc.mapping.to_jingle(
        described(ANSWER), action="session-accept", sid=sid, role="responder", offer=described(OFFER), responder=phone
    ).value
    ending = jc.Jingle(action=jc.Action.SESSION_TERMINATE, sid=sid, reason=jc.Reason(condition=jc.Condition.SUCCESS))
    for sender, jingle in ((NEW, answer), (phone, ending)):
        stanza = jc.Iq(type=jc.IqType.SET, id="q", from_=sender, to=TO_NEW, payload=jingle)
        world.keep("bridge", world.bridge.handle(StanzaReceived(stanza), world.now))
    world.settle()
    assert isinstance(world.last("bridge", CallEnded), CallEnded)
    assert isinstance(world.last("old", SessionEnded), SessionEnded)


def test_others_are_not_handled() -> None:
    bridge = World().bridge
    for sender in ("tybalt@capulet.com/x", None):
        stanza = jc.Message(from_=sender)
        assert bridge.handle(StanzaReceived(stanza), 0.0) == (NotHandled(stanza),)
    with pytest.raises(LocalError):
        Bridge(Leg(TO_OLD, OLD), Leg(TO_NEW, OLD))


def test_old_client_of_igniterealtime_is_called_in_its_namespace() -> None:
    """ProtoXEP 8.1."""
    transport = jc.WebrtcTransport(namespace=ns.WEBRTC_IGNITE)
    world = World(bridge=Bridge(Leg(TO_OLD, OLD), Leg(TO_NEW, NEW), transport=transport, random=Random(3)))
    offer = jc.mapping.to_jingle(described(OFFER), action="session-initiate", sid=SID, role="initiator").value
    world.say_new(Initiate(TO_NEW, offer.contents, SID, offer.groups))
    incoming = world.last("old", IncomingSession)
    assert isinstance(incoming, IncomingSession)
    assert [content.transport for content in incoming.jingle.contents] == [transport]


# --- laws -------------------------------------------------------------------------------------------------------------


def make() -> Bridge:
    return Bridge(Leg(TO_OLD, OLD), Leg(TO_NEW, NEW), random=Random(3))


def conversation() -> list[tuple[object, float]]:
    """Return what a bridge hears in a call of each client, and when."""
    world, old, new = old_calls()
    world.wait(2.0)
    world.say_new(SendSessionInfo(new, infos=(jc.Ringing(),)))
    world.say_new(SendTransportInfo(new, (trickled(next(iter(world.new.sessions[new].contents)), 5),)))
    world.say_old(Answer(old, OFFER))
    world.say_old(Offer(old, OFFER.replace("a=sendrecv", "a=sendonly")))
    world.say_old(Terminate(old))
    another, old, new = new_calls()
    another.wait(2.0)
    another.say_old(Answer(old, ANSWER))
    another.say_new(Terminate(new))
    return world.script + [(event, world.now + now) for event, now in another.script]


def test_all_laws_hold() -> None:
    laws.check_all(make, conversation(), most=8, hash_seeds=(1,))


@pytest.mark.long
@given(st.lists(st.sampled_from(conversation()), min_size=1, max_size=4))
def test_all_laws_hold_in_any_order(script: list[tuple[object, float]]) -> None:
    laws.check_all(make, script, most=8, hash_seeds=())


@given(st.lists(st.sampled_from([OLD, NEW]), max_size=5))
def test_nothing_that_arrives_raises(senders: list[str]) -> None:
    bridge = make()
    outputs: list[BridgeOutput] = []
    for number, sender in enumerate(senders):
        message = jc.WebrtcMessage(jc.WebrtcMessageType.OFFER, "x", None, OFFER, number)
        jingle = jc.Jingle(action=jc.Action.SESSION_INFO, sid=SID, infos=(jc.WebrtcInfo(message=message),))
        stanza = jc.Iq(type=jc.IqType.SET, id="q", from_=sender, to=TO_OLD, payload=jingle)
        outputs += bridge.handle(StanzaReceived(stanza), float(number))
    assert len(outputs) == len(senders)

"""An old client and a current one call each other through a bridge."""

from __future__ import annotations

import os
import pickle
from collections import deque
from pathlib import Path
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.bridge import Bridge, Bridged, BridgeOutput, CallEnded, Leg, Lost, NotBridged
from jinglecodec.errors import LocalError
from jinglecodec.machine import TimerFired
from jinglecodec.session import (
    Accept,
    Accepted,
    AddContent,
    Answer,
    AnswerReceived,
    ContentChanged,
    Event,
    ExchangeState,
    IncomingSession,
    InfoReceived,
    Initiate,
    Manager,
    ModifyContent,
    NotHandled,
    Offer,
    OfferFailed,
    OfferReceived,
    Policy,
    RefuseOffer,
    SendSessionInfo,
    SendStanza,
    SendTransportInfo,
    SessionEnded,
    SessionKey,
    StanzaReceived,
    Terminate,
    Webrtc,
)
from jinglecodec.session.webrtc import WebrtcEvent
from jinglecodec.testing import laws

CORPUS = Path(os.environ.get("JINGLECODEC_CORPUS") or Path(__file__).parents[2] / "shared" / "corpus")

OLD = "romeo@montague.net/orchard"
NEW = "juliet@capulet.com/balcony"
TO_OLD = "bridge.capulet.com/old"
TO_NEW = "bridge.capulet.com/new"
SID = "a73sjjvkla37jfea"
ANYBODY = Policy(strangers=True)

HEAD = "v=0\r\no=- {} 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
SECTION = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na={}\r\na=rtcp-mux\r\n"
    "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=ice-ufrag:{}\r\na=ice-pwd:{}\r\na=fingerprint:sha-256 {}\r\na=setup:{}\r\n{}"
)
PRINT = ":".join(["AB"] * 32)
CANDIDATE = "a=candidate:1 1 udp 2130706431 192.0.2.{} 5000 typ host\r\n"
OFFER = HEAD.format(7) + SECTION.format("sendrecv", "offr", "p" * 22, PRINT, "actpass", CANDIDATE.format(1))
ANSWER = HEAD.format(8) + SECTION.format("sendrecv", "answ", "q" * 22, PRINT, "active", CANDIDATE.format(2))


def described(sdp: str) -> jc.sdp.SessionDescription:
    return jc.sdp.loads(sdp)


@attrs.define
class World:
    """Both clients, the bridge, and the streams between them."""

    old: Webrtc = attrs.Factory(lambda: Webrtc(OLD, ANYBODY, random=Random(1)))
    new: Manager = attrs.Factory(lambda: Manager(NEW, ANYBODY, random=Random(2)))
    bridge: Bridge = attrs.Factory(lambda: Bridge(Leg(TO_OLD, OLD), Leg(TO_NEW, NEW), random=Random(3)))
    now: float = 0.0
    queue: deque[jc.Stanza] = attrs.Factory(deque)
    told: dict[str, list[object]] = attrs.Factory(lambda: {"old": [], "new": [], "bridge": []})
    script: list[tuple[object, float]] = attrs.Factory(list)
    "What the bridge heard."

    def keep(self, who: str, outputs: tuple[object, ...]) -> None:
        for output in outputs:
            if isinstance(output, SendStanza):
                data = jc.dumps(output.stanza)
                report = jc.validate(data, "deployed")
                assert report.ok, (data, report.findings)
                self.queue.append(jc.loads(data, expect=jc.Stanza))
            else:
                self.told[who].append(output)

    def settle(self) -> None:
        while self.queue:
            self.step()

    def step(self) -> None:
        """Deliver the next stanza."""
        stanza = self.queue.popleft()
        event = StanzaReceived(stanza)
        if stanza.to == OLD:
            self.keep("old", self.old.handle(event, self.now))
        elif stanza.to == NEW:
            self.keep("new", self.new.handle(event, self.now))
        else:
            self.script.append((event, self.now))
            self.keep("bridge", self.bridge.handle(event, self.now))

    def say_old(self, event: WebrtcEvent) -> None:
        self.keep("old", self.old.handle(event, self.now))
        self.settle()

    def say_new(self, event: Event) -> None:
        self.keep("new", self.new.handle(event, self.now))
        self.settle()

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.script.append((TimerFired(), self.now))
        self.keep("bridge", self.bridge.handle(TimerFired(), self.now))
        self.settle()

    def last(self, who: str, kind: type) -> object:
        """Return the last thing of a kind that somebody was told."""
        found = [output for output in self.told[who] if isinstance(output, kind)]
        assert found, f"{who} was told {self.told[who]}"
        return found[-1]


def old_calls(*, trickle: bool = False) -> tuple[World, SessionKey, SessionKey]:
    """Return the world when the new client has accepted the old one's call, and the keys that they have."""
    world = World()
    key = SessionKey(TO_OLD, SID)
    world.say_old(Initiate(TO_OLD, (jc.Content(name="audio, video", transport=jc.WebrtcTransport()),), SID))
    world.say_old(Offer(key, OFFER))
    incoming = world.last("new", IncomingSession)
    assert isinstance(incoming, IncomingSession)
    answer = jc.mapping.to_jingle(
        described(ANSWER if not trickle else ANSWER.replace(CANDIDATE.format(2), "")),
        action="session-accept",
        sid=SID,
        role="responder",
        offer=described(OFFER),
        names=jc.mapping.to_sdp(incoming.jingle, role="initiator").names,
    )
    world.say_new(Accept(incoming.session, answer.value.contents, answer.value.groups))
    return world, key, incoming.session


def new_calls() -> tuple[World, SessionKey, SessionKey]:
    """Return the world when the new client's call has reached the old one, and the keys that they have."""
    world = World()
    key = SessionKey(TO_NEW, SID)
    offer = jc.mapping.to_jingle(described(OFFER), action="session-initiate", sid=SID, role="initiator").value
    world.say_new(Initiate(TO_NEW, offer.contents, SID, offer.groups))
    incoming = world.last("old", IncomingSession)
    assert isinstance(incoming, IncomingSession)
    return world, incoming.session, key


def facts(desc: jc.sdp.SessionDescription) -> list[tuple[object, ...]]:
    """Return what two clients have to agree on, section by section."""
    return [
        (
            media.kind,
            media.formats,
            media.direction or jc.sdp.Direction.SENDRECV,
            [(one.payload_type, one.encoding, one.clock_rate, one.channels or 1) for one in media.rtpmaps],
            media.ice_ufrag,
            media.ice_pwd,
            [str(one) for one in media.fingerprints or desc.fingerprints],
            media.setup,
            [(one.address, one.port, one.type) for one in media.candidates],
        )
        for media in desc.media
    ]


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


def test_candidates_that_come_late_are_offered_again() -> None:
    """While the old client has not answered, they gather; its answer brings the new one nothing."""
    world, old, new = old_calls()
    world.wait(2.0)
    content = next(iter(world.new.sessions[new].contents))
    for number in (5, 6, 7):
        world.say_new(SendTransportInfo(new, (trickled(content, number),)))
    assert [hosts(sdp) for sdp in offers(world)] == [["192.0.2.2", "192.0.2.5"]]
    world.say_old(Answer(old, OFFER))
    assert hosts(offers(world)[1]) == ["192.0.2.2", "192.0.2.5", "192.0.2.6", "192.0.2.7"]
    world.say_old(Answer(old, OFFER))
    assert len(offers(world)) == 2
    assert not [output for output in world.told["new"] if isinstance(output, (InfoReceived, ContentChanged))]


def offers(world: World) -> list[str]:
    return [output.sdp for output in world.told["old"] if isinstance(output, OfferReceived)]


def hosts(sdp: str) -> list[str]:
    return [candidate.address for media in described(sdp).media for candidate in media.candidates]


def trickled(content: tuple[jc.Creator, str], number: int) -> jc.Content:
    candidate = jc.Candidate(
        component=1,
        foundation="1",
        generation=0,
        id=f"c{number}",
        ip=f"192.0.2.{number}",
        network=0,
        port=5000,
        priority=2130706431,
        protocol="udp",
        type=jc.CandidateType.HOST,
    )
    transport = jc.IceUdpTransport(ufrag="answ", pwd="q" * 22, candidates=(candidate,))
    return jc.Content(creator=content[0], name=content[1], transport=transport)


def test_candidates_that_come_before_the_acceptance_count() -> None:
    """XEP-0176 5.5: both parties may send them as soon as the session is acknowledged."""
    world, _, key = new_calls()
    world.say_new(SendTransportInfo(key, (trickled(next(iter(world.new.sessions[key].contents)), 9),)))
    world.wait(2.0)
    offer = world.last("old", OfferReceived)
    assert isinstance(offer, OfferReceived)
    assert "192.0.2.9" in offer.sdp


def again(content: tuple[jc.Creator, str], number: int) -> jc.Content:
    """Return a candidate after a restart, the one of this number."""
    one = trickled(content, number)
    transport = jc.IceUdpTransport(ufrag=f"new{number}", pwd="n" * 22, candidates=one.transport.candidates)  # type: ignore[union-attr]
    return attrs.evolve(one, transport=transport)


def test_candidates_after_a_restart_take_the_place_of_those_before() -> None:
    """XEP-0176 5.9: those of another generation do not go with the credentials that are described."""
    world, _, key = new_calls()
    for number in (8, 9):
        world.say_new(SendTransportInfo(key, (again(next(iter(world.new.sessions[key].contents)), number),)))
    world.wait(2.0)
    (offer,) = offers(world)
    assert hosts(offer) == ["192.0.2.9"]
    assert [media.ice_ufrag for media in described(offer).media] == ["new9"]


@pytest.mark.parametrize("accepted", ["answ", "other"])
def test_candidates_that_come_before_an_acceptance_are_of_its_generation_or_none(accepted: str) -> None:
    """Each restart begins them anew, so that ever more restarts take no memory."""
    world, key = World(), SessionKey(TO_OLD, SID)
    world.say_old(Initiate(TO_OLD, (jc.Content(name="audio, video", transport=jc.WebrtcTransport()),), SID))
    world.say_old(Offer(key, OFFER))
    incoming = world.last("new", IncomingSession)
    assert isinstance(incoming, IncomingSession)
    content = next(iter(world.new.sessions[incoming.session].contents))
    for number in range(10, 50):
        world.say_new(SendTransportInfo(incoming.session, (again(content, number),)))
    size = len(pickle.dumps(world.bridge))
    for number in range(50, 90):
        world.say_new(SendTransportInfo(incoming.session, (again(content, number),)))
    assert len(pickle.dumps(world.bridge)) <= size + 100
    world.say_new(SendTransportInfo(incoming.session, (trickled(content, 5),)))
    answer = jc.mapping.to_jingle(
        described(ANSWER.replace("answ", accepted)),
        action="session-accept",
        sid=SID,
        role="responder",
        offer=described(OFFER),
        names=jc.mapping.to_sdp(incoming.jingle, role="initiator").names,
    )
    world.say_new(Accept(incoming.session, answer.value.contents, answer.value.groups))
    world.wait(2.0)
    told = world.last("old", AnswerReceived)
    assert isinstance(told, AnswerReceived)
    assert hosts(told.sdp) == ["192.0.2.2", *(["192.0.2.5"] if accepted == "answ" else [])]


def test_section_that_an_answer_refuses_later_is_told() -> None:
    """Contents are not removed from the new client's session; the caller hears that they should be."""
    world, old, new = old_calls()
    world.wait(2.0)
    world.say_new(SendTransportInfo(new, (trickled(next(iter(world.new.sessions[new].contents)), 5),)))
    world.say_old(Answer(old, OFFER.replace("m=audio 9", "m=audio 0")))
    told = [one for one in world.told["bridge"] if isinstance(one, NotBridged)]
    assert [one.jingle.action for one in told] == [jc.Action.CONTENT_REMOVE]
    assert new in world.new.sessions


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


def test_hold_of_the_old_client_is_asked_of_the_new_one() -> None:
    """RFC 3264 8.4: sendonly is answered with recvonly; XEP-0166 7.2.3: content-modify."""
    world, old, new = old_calls()
    world.wait(2.0)
    world.say_old(Offer(old, OFFER.replace("a=sendrecv", "a=sendonly")))
    changed = world.last("new", ContentChanged)
    assert isinstance(changed, ContentChanged)
    assert [content.senders for content in changed.jingle.contents] == [jc.Senders.INITIATOR]
    answer = world.last("old", AnswerReceived)
    assert isinstance(answer, AnswerReceived)
    assert [media.direction for media in described(answer.sdp).media] == [jc.sdp.Direction.RECVONLY]
    assert {status.senders for status in world.new.sessions[new].contents.values()} == {jc.Senders.INITIATOR}


def test_hold_of_the_new_client_is_offered_to_the_old_one() -> None:
    world, old, new = old_calls()
    world.wait(2.0)
    creator, name = next(iter(world.new.sessions[new].contents))
    held = jc.Content(creator=creator, name=name, senders=jc.Senders.RESPONDER)
    world.say_new(ModifyContent(new, (held,)))
    assert [media.direction for media in described(offers(world)[-1]).media] == [jc.sdp.Direction.SENDONLY]
    world.say_old(Answer(old, OFFER.replace("a=sendrecv", "a=recvonly")))
    assert not [output for output in world.told["new"] if isinstance(output, ContentChanged)]
    assert world.told["bridge"][-1] == Bridged(SessionKey(OLD, old.sid), SessionKey(NEW, new.sid))


@pytest.mark.parametrize(
    "offer",
    [
        OFFER.replace("ice-ufrag:offr", "ice-ufrag:anew"),
        OFFER + SECTION.replace("a=mid:0", "a=mid:1").format("sendrecv", "more", "p" * 22, PRINT, "actpass", ""),
        "no description",
    ],
    ids=["restart", "another section", "none"],
)
def test_offer_that_needs_the_other_sides_answer_is_refused(offer: str) -> None:
    """The call goes on as it was."""
    world, old, new = old_calls()
    world.wait(2.0)
    world.say_old(Offer(old, offer))
    assert world.last("old", OfferFailed) == OfferFailed(old, jc.WebrtcError.REFUSED)
    assert new in world.new.sessions
    world.say_old(Offer(old, OFFER.replace("a=sendrecv", "a=sendonly")))
    assert isinstance(world.last("new", ContentChanged), ContentChanged)


def test_old_client_that_calls_back_while_it_is_called_is_refused() -> None:
    """Its session is the one that has been offered nothing yet."""
    world, old, _ = new_calls()
    world.say_old(Offer(old, OFFER))
    assert world.last("old", OfferFailed) == OfferFailed(old, jc.WebrtcError.REFUSED)
    world.wait(2.0)
    assert len(offers(world)) == 1


def test_offers_of_both_sides_that_cross_are_made_one_after_the_other() -> None:
    """ROAP decides which comes first; in the end both know both."""
    world, old, new = old_calls()
    world.wait(2.0)
    content = next(iter(world.new.sessions[new].contents))
    world.keep("new", world.new.handle(SendTransportInfo(new, (trickled(content, 5),)), world.now))
    world.keep("old", world.old.handle(Offer(old, OFFER.replace("a=sendrecv", "a=sendonly")), world.now))
    world.settle()
    if world.old.exchanges[old].state is ExchangeState.OFFERED:
        world.say_old(Answer(old, OFFER))
        world.say_old(Offer(old, OFFER.replace("a=sendrecv", "a=sendonly")))
    world.wait(0.0)
    for _ in offers(world):
        if world.old.exchanges[old].state is ExchangeState.OFFERED:
            world.say_old(Answer(old, OFFER.replace("a=sendrecv", "a=sendonly")))
    assert hosts(offers(world)[-1]) == ["192.0.2.2", "192.0.2.5"]
    assert {status.senders for status in world.new.sessions[new].contents.values()} == {jc.Senders.INITIATOR}


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

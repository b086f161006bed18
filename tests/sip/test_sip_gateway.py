"""Calls through the gateway: a session manager on one side, a SIP user agent on the other, in virtual time."""

from __future__ import annotations

import attrs
import pytest
from sip_support import BOB, GATE, JULIET, ROMEO, USER, J, R, Wire, audio, sdp, sip, world

from jinglecodec.machine import DatagramReceived
from jinglecodec.model.ibb import IbbTransport
from jinglecodec.model.ice_udp import Candidate, CandidateType, IceUdpTransport
from jinglecodec.model.jingle import Action, Condition, Content, Creator, Jingle, Reason, Senders
from jinglecodec.model.own import DataChannels
from jinglecodec.model.raw_udp import RawUdpTransport
from jinglecodec.model.rtp import PayloadType, RtpDescription
from jinglecodec.model.rtp_info import Hold, Ringing, Unhold
from jinglecodec.model.stanza import ErrorType, Iq, IqType, Presence, PresenceType, StanzaCondition, StanzaError
from jinglecodec.sdp import loads
from jinglecodec.sdp.session import SessionDescription
from jinglecodec.session import events as on
from jinglecodec.session.events import SessionKey, StanzaReceived
from jinglecodec.sip import legs
from jinglecodec.sip.calls import CallEnded, CallStarted
from jinglecodec.sip.messages import Request, Response

SID, CALL = "a73sjjvkl37jfea", "a73sjjvkl37jfea@jingle"
KEY = SessionKey(R, SID)
"The session in Juliet's eyes."


def place(contents: tuple[Content, ...] = (), **more: object) -> Wire:
    """Return a world in which Juliet has called, and Romeo is told."""
    wire = world()
    wire.tell(USER, on.Initiate(R, contents or (audio(),), SID, **more))  # type: ignore[arg-type]
    wire.run(1.0)
    return wire


def active(contents: tuple[Content, ...] = (), answer: bytes | None = None) -> Wire:
    """Return a world with a call of Juliet's on."""
    wire = place(contents)
    wire.tell(BOB, legs.Answer(CALL, answer or sdp()))
    wire.run(2.0)
    wire.first = [one for _, _, one in wire.log]
    clear(wire)
    return wire


def called(body: bytes | None = None, answer: Content | None = None) -> Wire:
    """Return a world with a call of Romeo's on; Juliet's key for it is `inward`."""
    wire = world()
    wire.tell(BOB, legs.Invite("c1", ROMEO, JULIET, sdp() if body is None else body))
    wire.run(1.0)
    wire.tell(USER, on.Accept(inward(wire), (answer or audio(name="audio-0"),)))
    wire.run(2.0)
    clear(wire)
    return wire


def inward(wire: Wire) -> SessionKey:
    return next(event.session for event in wire.events(USER) if isinstance(event, on.IncomingSession))


INWARD = SessionKey(f"{R}/sip", "sip:c1")


def clear(wire: Wire) -> None:
    wire.log.clear()
    wire.stanzas.clear()
    wire.said.clear()


def step(wire: Wire, address: object, event: object, seconds: float = 1.0) -> None:
    wire.tell(address, event)  # type: ignore[arg-type]
    wire.run(wire.now + seconds)


def bodies(wire: Wire, method: str = "INVITE") -> list[SessionDescription]:
    """Return the descriptions that the gateway has sent, in order."""
    found = (one for _, where, one in wire.log if where == GATE and one.cseq_method == method and one.sdp)
    return [loads(one.sdp or b"") for one in found]


def said(wire: Wire, action: str) -> Jingle:
    """Return the only request of an action that went by."""
    (found,) = [
        stanza.payload
        for _, stanza in wire.stanzas
        if isinstance(stanza, Iq) and isinstance(stanza.payload, Jingle) and stanza.payload.action.value == action
    ]
    return found


def audio_lines(desc: SessionDescription) -> tuple[int, str, str, int]:
    """Return port, address, direction and version."""
    media = desc.media[0]
    assert desc.origin is not None
    return (
        media.port,
        media.connections[0].address,
        str(media.direction and media.direction.value),
        desc.origin.session_version,
    )


# --- from XMPP to SIP ------------------------------------------------------------------------------------------------


def test_a_call_goes_out_rings_is_answered_and_hung_up() -> None:
    wire = place()
    assert wire.lines() == ["INVITE", "100 INVITE"]
    (offer,) = bodies(wire)
    assert audio_lines(offer) == (49172, "192.0.2.101", "sendrecv", 1)
    assert offer.origin is not None
    assert offer.origin.username == "juliet"
    step(wire, BOB, legs.Ring(CALL))
    step(wire, BOB, legs.Answer(CALL, sdp()))
    assert wire.actions() == ["session-initiate", "session-info Ringing", "session-accept"]
    accept = said(wire, "session-accept")
    (content,) = accept.contents
    assert (content.creator, content.name, content.senders) == (Creator.INITIATOR, "voice", Senders.BOTH)
    assert isinstance(content.transport, RawUdpTransport)
    (candidate,) = content.transport.candidates
    assert (candidate.ip, candidate.port, candidate.component, candidate.generation) == ("192.0.2.201", 3456, 1, 0)
    assert wire.events(GATE) == [CallStarted(CALL, SessionKey(J, SID), R)]
    step(wire, USER, on.Terminate(KEY))
    assert wire.lines()[-2:] == ["BYE", "200 BYE"]
    assert wire.events(BOB)[-1] == legs.Ended(CALL)
    assert wire.events(GATE)[-1] == CallEnded(CALL, Condition.SUCCESS)
    at_rest(wire)


def at_rest(wire: Wire) -> None:
    """Check that nothing is left on any side once all timers have run."""
    wire.run(wire.now + 100.0)
    gateway, romeo, juliet = (wire.nodes[address] for address in (GATE, BOB, USER))
    assert gateway.calls == frozenset()  # type: ignore[attr-defined]
    assert gateway.pending == romeo.pending == 0  # type: ignore[attr-defined]
    assert not juliet.sessions  # type: ignore[attr-defined]
    assert gateway.deadline is None


@pytest.mark.parametrize(
    ("status", "reason"),
    [(486, "busy"), (603, "decline"), (480, "timeout"), (488, "incompatible-parameters"), (500, "general-error")],
)
def test_a_refusal_ends_the_session_with_its_reason(status: int, reason: str) -> None:
    wire = place()
    step(wire, BOB, legs.Reject(CALL, status))
    assert wire.events(USER)[-1] == on.SessionEnded(KEY, Reason(condition=Condition(reason)))
    assert wire.lines()[-2:] == [f"{status} INVITE", "ACK"]
    at_rest(wire)


def test_a_session_that_ends_before_the_answer_is_cancelled() -> None:
    wire = place()
    step(wire, USER, on.Terminate(KEY, Reason(condition=Condition.CANCEL)))
    assert wire.lines()[2:] == ["CANCEL", "200 CANCEL", "487 INVITE", "ACK"]
    assert wire.actions() == ["session-initiate", "session-terminate"]
    at_rest(wire)


def test_a_cancel_that_crosses_the_200_becomes_ack_and_bye() -> None:
    """Nothing of 487 or the late answer is seen by the XMPP party."""
    wire = place()
    step(wire, BOB, legs.Ring(CALL))
    wire.tell(BOB, legs.Answer(CALL, sdp()))
    wire.tell(USER, on.Terminate(KEY, Reason(condition=Condition.CANCEL)))
    wire.run(wire.now + 5.0)
    assert "BYE" in wire.lines()
    assert "session-terminate" in wire.actions()
    at_rest(wire)


def test_an_answer_that_cannot_be_read_ends_both_sides() -> None:
    wire = place()
    step(wire, BOB, legs.Answer(CALL, b"hello"))
    assert wire.lines()[-3:] == ["ACK", "BYE", "200 BYE"]
    assert said(wire, "session-terminate").reason == Reason(condition=Condition.INCOMPATIBLE_PARAMETERS)
    at_rest(wire)


def test_a_content_without_form_in_sip_is_rejected_or_ends_the_session() -> None:
    data = Content(name="data", description=DataChannels(), transport=RawUdpTransport())
    wire = place((data,))
    assert wire.lines() == []
    assert wire.events(USER)[-1] == on.SessionEnded(KEY, Reason(condition=Condition.UNSUPPORTED_APPLICATIONS))
    wire = active((audio(), data))
    assert set(wire.nodes[USER].sessions[KEY].contents) == {(Creator.INITIATOR, "voice")}  # type: ignore[attr-defined]


def test_a_transport_without_form_in_sip_ends_the_session() -> None:
    wire = place((attrs.evolve(audio(), transport=IbbTransport(sid="x", block_size=4096)),))
    assert wire.events(USER)[-1] == on.SessionEnded(KEY, Reason(condition=Condition.UNSUPPORTED_TRANSPORTS))


def test_the_name_of_a_sip_user_without_device_is_no_device() -> None:
    wire = world()
    wire.tell(USER, on.Initiate(f"{R}/sip", (audio(),), SID))
    wire.run(1.0)
    assert [one.uri for _, _, one in wire.log if isinstance(one, Request)] == [f"sip:{R}"]


def test_strangers_are_refused_and_sip_hears_nothing() -> None:
    wire = world()
    wire.homes["evil.example"] = USER
    wire.tell(GATE, StanzaReceived(_initiate("mallory@evil.example/x", "sid1")))
    wire.run(1.0)
    assert wire.lines() == []
    (_, answer), *_ = wire.stanzas
    assert isinstance(answer, Iq)
    assert answer.error is not None


def _initiate(peer: str, sid: str) -> Iq:
    jingle = Jingle(action=Action.SESSION_INITIATE, sid=sid, initiator=peer, contents=(audio(),))
    return Iq(type=IqType.SET, id="i1", from_=peer, to=R, payload=jingle)


# --- from SIP to XMPP ------------------------------------------------------------------------------------------------


def test_a_call_comes_in_rings_is_accepted_and_hung_up() -> None:
    wire = world()
    wire.tell(BOB, legs.Invite("c1", ROMEO, JULIET, sdp()))
    wire.run(1.0)
    assert inward(wire) == INWARD
    initiate = said(wire, "session-initiate")
    assert initiate.initiator == f"{R}/sip"
    (content,) = initiate.contents
    assert (content.creator, content.senders) == (Creator.INITIATOR, Senders.BOTH)
    assert isinstance(content.transport, RawUdpTransport)
    step(wire, USER, on.SendSessionInfo(INWARD, infos=(Ringing(),)))
    step(wire, USER, on.Accept(INWARD, (audio(name=content.name),)))
    assert wire.lines() == ["INVITE", "100 INVITE", "180 INVITE", "200 INVITE", "ACK"]
    (answer,) = bodies(wire)
    assert audio_lines(answer) == (49172, "192.0.2.101", "sendrecv", 1)
    assert wire.events(BOB) == [legs.Rang("c1"), legs.Answered("c1", bodies_text(wire)[0])]
    step(wire, BOB, legs.HangUp("c1"))
    assert said(wire, "session-terminate").reason == Reason(condition=Condition.SUCCESS)
    at_rest(wire)


def bodies_text(wire: Wire) -> list[bytes]:
    return [one.sdp for _, where, one in wire.log if where == GATE and one.sdp]


@pytest.mark.parametrize(("reason", "status"), [("busy", 486), ("decline", 603), ("incompatible-parameters", 488)])
def test_a_terminate_before_the_accept_is_the_final_response(reason: str, status: int) -> None:
    wire = world()
    wire.tell(BOB, legs.Invite("c1", ROMEO, JULIET, sdp()))
    wire.run(1.0)
    step(wire, USER, on.Terminate(INWARD, Reason(condition=Condition(reason))))
    assert wire.events(BOB) == [legs.Failed("c1", status)]
    at_rest(wire)


def test_a_caller_that_gives_up_ends_the_session_with_cancel() -> None:
    wire = world()
    wire.tell(BOB, legs.Invite("c1", ROMEO, JULIET, sdp()))
    wire.run(1.0)
    step(wire, BOB, legs.HangUp("c1"))
    assert said(wire, "session-terminate").reason == Reason(condition=Condition.CANCEL)
    assert wire.lines()[-4:] == ["CANCEL", "200 CANCEL", "487 INVITE", "ACK"]
    at_rest(wire)


def test_a_user_who_is_not_there_is_temporarily_unavailable() -> None:
    wire = world()
    wire.tell(GATE, StanzaReceived(Presence(from_=J, to=R, type=PresenceType.UNAVAILABLE)))
    wire.tell(BOB, legs.Invite("c1", ROMEO, JULIET, sdp()))
    wire.run(1.0)
    assert wire.events(BOB) == [legs.Failed("c1", 480)]


def test_a_gruu_is_the_device_that_is_called() -> None:
    """RFC 7247 6.3: "map the value of a gr URI parameter to an XMPP resourcepart and vice versa"."""
    wire = world()
    wire.tell(GATE, StanzaReceived(Presence(from_="juliet@example.com/other", to=R)))
    callee, caller = (attrs.evolve(one, gruu=name) for one, name in ((JULIET, "balcony"), (ROMEO, "orchard")))
    wire.tell(BOB, legs.Invite("c1", caller, callee, sdp()))
    wire.run(1.0)
    (_, stanza) = wire.stanzas[0]
    assert (stanza.to, stanza.from_) == (J, f"{R}/sip")  # From has no GRUU; it is the address of record


def test_an_error_answers_the_invite() -> None:
    wire = world()
    wire.nodes[USER].handle(on.TrustChanged(on.Policy()), 0.0)
    wire.tell(BOB, legs.Invite("c1", ROMEO, JULIET, sdp()))
    wire.run(1.0)
    assert wire.events(BOB) == [legs.Failed("c1", 403)]  # service-unavailable (RFC 7247 7.1, note 5)
    at_rest(wire)


@pytest.mark.parametrize("body", [b"hello", b"v=0\r\n", sdp(port=0), sdp().replace(b"RTP/AVP", b"TCP/MRCP")])
def test_descriptions_that_cannot_be_offered_get_488(body: bytes) -> None:
    wire = world()
    wire.tell(BOB, legs.Invite("c1", ROMEO, JULIET, body))
    wire.run(1.0)
    assert wire.events(BOB) == [legs.Failed("c1", 488)]
    assert wire.stanzas == []


def test_an_invite_without_offer_is_a_call_for_audio_and_its_address_follows() -> None:
    wire = world()
    del wire.nodes[BOB]  # its part is written out
    wire.tell(GATE, _offerless())
    wire.run(1.0)
    (content,) = said(wire, "session-initiate").contents
    assert content.transport == RawUdpTransport()
    step(wire, USER, on.Accept(INWARD, (audio(name="audio"),)), 0.05)
    (offer,) = bodies(wire)
    assert audio_lines(offer)[:3] == (49172, "192.0.2.101", "sendrecv")
    final = next(one for _, _, one in wire.log if isinstance(one, Response) and one.status == 200)
    wire.tell(GATE, _ack(final, sdp()))
    wire.run(2.0)
    moved = said(wire, "transport-info")
    assert isinstance(moved.contents[0].transport, RawUdpTransport)
    assert moved.contents[0].transport.candidates[0].port == 3456


def _offerless() -> DatagramReceived:
    text = """
        INVITE sip:juliet@example.com SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKx
        From: <sip:romeo@example.net>;tag=r
        To: <sip:juliet@example.com>
        Call-ID: c1
        CSeq: 1 INVITE
        Contact: <sip:romeo@192.0.2.2>
    """
    return DatagramReceived(0, BOB, sip(text))


def _ack(final: Response, body: bytes) -> DatagramReceived:
    text = f"""
        ACK sip:juliet@192.0.2.1 SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKy
        From: {final.one("from")}
        To: {final.one("to")}
        Call-ID: c1
        CSeq: 1 ACK
        Content-Type: application/sdp
    """
    return DatagramReceived(0, BOB, sip(text, body))


# --- changes in a call -----------------------------------------------------------------------------------------------


def test_a_hold_changes_direction_and_version_and_no_other_line() -> None:
    wire = place()
    step(wire, BOB, legs.Answer(CALL, sdp()))
    before = bodies_text(wire)[0].decode()
    clear(wire)
    step(wire, USER, on.SendSessionInfo(KEY, infos=(Hold(),)), 0.05)
    held = bodies_text(wire)[0].decode()
    assert held == before.replace("a=sendrecv", "a=sendonly").replace(" 1 IN IP4", " 2 IN IP4")
    step(wire, BOB, legs.Answer(CALL, sdp("recvonly", 2)))
    clear(wire)
    step(wire, USER, on.SendSessionInfo(KEY, infos=(Unhold(),)), 0.05)
    assert bodies_text(wire)[0].decode() == before.replace(" 1 IN IP4", " 3 IN IP4")
    step(wire, BOB, legs.Answer(CALL, sdp("sendrecv", 3)))
    assert wire.actions() == ["session-info Unhold"]


def test_a_hold_of_the_sip_party_is_a_content_modify() -> None:
    wire = active()
    step(wire, BOB, legs.Offer(CALL, sdp("sendonly", 2)))
    assert said(wire, "content-modify").contents[0].senders is Senders.RESPONDER
    (answer,) = bodies(wire)
    assert audio_lines(answer)[2:] == ("recvonly", 2)
    clear(wire)
    step(wire, BOB, legs.Offer(CALL, sdp("sendrecv", 3)))
    assert said(wire, "content-modify").contents[0].senders is Senders.BOTH
    assert audio_lines(bodies(wire)[0])[2:] == ("sendrecv", 3)


def test_both_on_hold_is_inactive_and_each_lets_go_alone() -> None:
    """Draft 6: "the effective direction would then be inactive in SDP and none in Jingle"."""
    wire = active()
    step(wire, BOB, legs.Offer(CALL, sdp("sendonly", 2)))  # Romeo holds
    clear(wire)
    step(wire, USER, on.SendSessionInfo(KEY, infos=(Hold(),)), 0.05)  # Juliet holds, too: recvonly into inactive
    assert audio_lines(bodies(wire)[0])[2] == "inactive"
    step(wire, BOB, legs.Answer(CALL, sdp("inactive", 3)))
    assert said(wire, "content-modify").contents[0].senders is Senders.NONE
    clear(wire)
    step(wire, BOB, legs.Offer(CALL, sdp("recvonly", 4)))  # Romeo lets go, and knows that he is held
    assert audio_lines(bodies(wire)[0])[2] == "sendonly"
    clear(wire)
    step(wire, USER, on.SendSessionInfo(KEY, infos=(Unhold(),)), 0.05)
    assert audio_lines(bodies(wire)[0])[2] == "sendrecv"
    step(wire, BOB, legs.Answer(CALL, sdp("sendrecv", 5)))
    assert wire.nodes[USER].sessions[KEY].contents[Creator.INITIATOR, "voice"].senders is Senders.BOTH  # type: ignore[attr-defined]


def test_a_hold_by_senders_is_an_offer() -> None:
    """Draft 6, example 2, by the initiator here: `senders` without the other party."""
    wire = active()
    step(wire, USER, on.ModifyContent(KEY, (Content(name="voice", senders=Senders.INITIATOR),)), 0.05)
    assert audio_lines(bodies(wire)[0])[2:] == ("sendonly", 2)
    step(wire, BOB, legs.Answer(CALL, sdp("recvonly", 2)))
    clear(wire)
    step(wire, USER, on.ModifyContent(KEY, (Content(name="voice", senders=Senders.BOTH),)), 0.05)
    assert audio_lines(bodies(wire)[0])[2:] == ("sendrecv", 3)


def test_the_old_way_of_hold_is_understood() -> None:
    """RFC 3264 8.4: c=0.0.0.0 "specifies that neither RTP nor RTCP should be sent to the peer"."""
    wire = active()
    step(wire, BOB, legs.Offer(CALL, sdp("sendrecv", 2, address="0.0.0.0")))  # noqa: S104 - nowhere
    assert said(wire, "content-modify").contents[0].senders is Senders.RESPONDER
    assert "transport-info" not in wire.actions()


def test_another_address_is_a_transport_info_of_the_next_generation() -> None:
    wire = active()
    step(wire, BOB, legs.Offer(CALL, sdp(version=2, port=4000)))
    (content,) = said(wire, "transport-info").contents
    assert isinstance(content.transport, RawUdpTransport)
    (candidate,) = content.transport.candidates
    assert (candidate.port, candidate.generation) == (4000, 1)
    assert "200 INVITE" in wire.lines()


VIDEO = "m=video 5000 RTP/AVP 31\na=rtpmap:31 H261/90000"


@pytest.mark.parametrize("accepts", [True, False])
def test_a_section_that_sip_adds_is_a_content_add(accepts: bool) -> None:
    wire = active()
    step(wire, BOB, legs.Offer(CALL, sdp(version=2, more=VIDEO)), 0.1)
    (content,) = said(wire, "content-add").contents
    assert content.creator is Creator.RESPONDER
    assert "200 INVITE" not in wire.lines()
    payload = PayloadType(id=31, name="H261", clockrate=90000)
    own = attrs.evolve(audio(6000, content.name, "responder", payload), description=content.description)
    if accepts:
        step(wire, USER, on.AcceptContent(KEY, (own,)))
    else:
        step(wire, USER, on.RejectContent(KEY, (Content(name=content.name, creator=Creator.RESPONDER),)))
    (answer,) = bodies(wire)
    assert [media.port for media in answer.media] == [49172, 6000 if accepts else 0]
    assert [media.kind for media in answer.media] == ["audio", "video"]


def test_nobody_decides_about_an_added_section() -> None:
    wire = active()
    step(wire, BOB, legs.Offer(CALL, sdp(version=2, more=VIDEO)), 25.0)
    assert wire.actions() == ["content-add", "content-remove"]
    assert [media.port for media in bodies(wire)[0].media] == [49172, 0]


@pytest.mark.parametrize("port", [5000, 0])
def test_a_content_add_is_an_offer_and_its_answer_decides(port: int) -> None:
    wire = active()
    video = audio(6000, "video", "initiator", PayloadType(id=31, name="H261", clockrate=90000))
    assert isinstance(video.description, RtpDescription)
    video = attrs.evolve(video, description=attrs.evolve(video.description, media="video"))
    step(wire, USER, on.AddContent(KEY, (video,)), 0.05)
    (offer,) = bodies(wire)
    assert [(media.kind, media.port) for media in offer.media] == [("audio", 49172), ("video", 6000)]
    step(wire, BOB, legs.Answer(CALL, sdp(version=2, more=VIDEO.replace("5000", str(port)))))
    assert wire.actions() == ["content-add", "content-accept" if port else "content-reject"]
    assert wire.lines()[-1] == "ACK"
    clear(wire)
    step(wire, USER, on.SendSessionInfo(KEY, infos=(Hold(),)), 0.05)
    assert [media.port for media in bodies(wire)[0].media] == [49172, 6000 if port else 0]


def test_a_content_add_that_sip_refuses_is_rejected() -> None:
    wire = active()
    step(wire, USER, on.AddContent(KEY, (audio(6000, "second"),)), 0.05)
    step(wire, BOB, legs.Reject(CALL, 488))
    assert wire.actions() == ["content-add", "content-reject"]
    clear(wire)
    step(wire, USER, on.SendSessionInfo(KEY, infos=(Hold(),)), 0.05)
    assert len(bodies(wire)[0].media) == 1
    assert audio_lines(bodies(wire)[0])[3] == 2  # "as if no re-INVITE had been issued" (RFC 3261 14.1)


def test_removed_contents_are_port_0_on_both_sides() -> None:
    both = sdp(more="m=audio 5000 RTP/AVP 97\na=rtpmap:97 speex/8000")
    wire = active((audio(), audio(6000, "second")), both)
    step(wire, USER, on.RemoveContent(KEY, (Content(name="second"),)), 0.05)
    assert [media.port for media in bodies(wire)[0].media] == [49172, 0]
    wire = active((audio(), audio(6000, "second")), both)
    step(wire, BOB, legs.Offer(CALL, both.replace(b"m=audio 3456", b"m=audio 0")))
    assert said(wire, "content-remove").contents[0].name == "voice"
    assert [media.port for media in bodies(wire)[0].media] == [0, 6000]


def test_offers_that_meet_are_both_made_in_the_end() -> None:
    wire = active()
    wire.tell(USER, on.SendSessionInfo(KEY, infos=(Hold(),)))
    wire.run(wire.now + 0.01)
    wire.tell(BOB, legs.Offer(CALL, sdp(version=2, port=4000)))
    wire.run(wire.now + 0.1)
    assert wire.lines().count("491 INVITE") == 2
    for _ in range(100):
        wire.run(wire.now + 0.1)
        for event in wire.events(BOB):
            if isinstance(event, legs.Reoffered):
                wire.tell(BOB, legs.Answer(CALL, sdp("recvonly", 3, port=4000)))
        wire.said.clear()
    assert said(wire, "transport-info").contents
    # The first is refused, and counts as if it had not been; the answer says it too, with fewer codecs.
    assert [audio_lines(one)[2:] for one in bodies(wire)] == [("sendonly", 2), ("sendonly", 2), ("sendonly", 3)]
    assert wire.lines()[-1] == "ACK"


def in_dialog(wire: Wire, method: str, number: int, body: bytes = b"", branch: str = "") -> DatagramReceived:
    """Return a request of Romeo in Juliet's call, written out for what his user agent does not do."""
    invite = next(one for one in wire.first if isinstance(one, Request) and one.method == "INVITE")
    final = next(one for one in wire.first if isinstance(one, Response) and one.status == 200)
    text = f"""
        {method} sip:juliet@192.0.2.1 SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK{branch or number}
        From: {final.one("to")}
        To: {invite.one("from")}
        Call-ID: {CALL}
        CSeq: {number} {method}
        Content-Type: application/sdp
    """
    return DatagramReceived(0, BOB, sip(text, body))


def test_a_reinvite_without_offer_gets_one_and_the_ack_has_the_answer() -> None:
    wire = active()
    del wire.nodes[BOB]
    step(wire, GATE, in_dialog(wire, "INVITE", 1), 0.1)
    (offer,) = bodies(wire)
    assert audio_lines(offer) == (49172, "192.0.2.101", "sendrecv", 1)
    step(wire, GATE, in_dialog(wire, "ACK", 1, sdp("sendonly", 2, port=4000), "ack"), 0.1)
    assert wire.actions() == ["content-modify", "transport-info"]


def test_a_reinvite_that_is_cancelled_takes_back_what_it_added() -> None:
    wire = active()
    del wire.nodes[BOB]
    step(wire, GATE, in_dialog(wire, "INVITE", 1, sdp(version=2, more=VIDEO)), 0.1)
    step(wire, GATE, in_dialog(wire, "CANCEL", 1), 0.1)
    assert wire.actions() == ["content-add", "content-remove"]
    assert wire.lines() == ["100 INVITE", "200 CANCEL", "487 INVITE"]
    step(wire, USER, on.SendSessionInfo(KEY, infos=(Hold(),)), 0.1)
    assert len(bodies(wire)[-1].media) == 1


@pytest.mark.parametrize("body", [b"hello", sdp(version=2).replace(b"97 speex", b"97 G726-32")])
def test_a_reoffer_that_cannot_be_taken_gets_488_and_changes_nothing(body: bytes) -> None:
    wire = active()
    step(wire, BOB, legs.Offer(CALL, body))
    assert wire.lines() == ["INVITE", "100 INVITE", "488 INVITE", "ACK"]
    assert wire.events(BOB) == [legs.OfferFailed(CALL, 488)]
    assert wire.actions() == []


def test_a_reoffer_without_any_section_ends_the_call() -> None:
    wire = active()
    step(wire, BOB, legs.Offer(CALL, sdp(version=2, port=0)))
    assert wire.actions()[0] == "content-remove"
    at_rest(wire)


def test_an_answer_to_an_offer_of_ours_that_cannot_be_read_ends_the_call() -> None:
    wire = active()
    step(wire, USER, on.SendSessionInfo(KEY, infos=(Hold(),)), 0.05)
    step(wire, BOB, legs.Answer(CALL, b"hello"))
    assert said(wire, "session-terminate").reason == Reason(condition=Condition.INCOMPATIBLE_PARAMETERS)
    at_rest(wire)


def test_an_accept_without_form_in_sip_is_not_acceptable_here() -> None:
    wire = world()
    wire.tell(BOB, legs.Invite("c1", ROMEO, JULIET, sdp()))
    wire.run(1.0)
    strange = attrs.evolve(audio(name="audio-0"), transport=IbbTransport(sid="x", block_size=4096))
    step(wire, USER, on.Accept(INWARD, (strange,)))
    assert wire.events(BOB) == [legs.Failed("c1", 488)]
    at_rest(wire)


def test_another_transport_is_rejected() -> None:
    """Table 2 has no use for transport-replace."""
    wire = active()
    other = Content(name="voice", transport=IceUdpTransport(ufrag="a", pwd="b"))
    step(wire, USER, on.ReplaceTransport(KEY, (other,)))
    assert wire.actions() == ["transport-replace", "transport-reject"]
    assert wire.lines() == []


def test_a_content_add_that_meets_an_error_is_answered_by_port_0() -> None:
    wire = active()
    juliet = wire.nodes.pop(USER)
    step(wire, BOB, legs.Offer(CALL, sdp(version=2, more=VIDEO)), 0.1)
    (_, asked) = wire.stanzas[-1]
    error = StanzaError(type=ErrorType.CANCEL, condition=StanzaCondition.FEATURE_NOT_IMPLEMENTED)
    wire.nodes[USER] = juliet
    refusal = Iq(type=IqType.ERROR, id=asked.id, from_=asked.to, to=asked.from_, error=error)
    step(wire, GATE, StanzaReceived(refusal), 0.1)
    assert [media.port for media in bodies(wire)[-1].media] == [49172, 0]


# --- ICE -------------------------------------------------------------------------------------------------------------


def ice(number: int) -> Candidate:
    return Candidate(
        component=1,
        foundation="1",
        id=f"c{number}",
        ip=f"192.0.2.{number}",
        port=5000 + number,
        priority=2130706431 - number,
        protocol="udp",
        type=CandidateType.HOST,
        network=0,
    )


def with_ice(*candidates: Candidate, ufrag: str = "abcd", pwd: str = "x" * 22, name: str = "voice") -> Content:
    return attrs.evolve(audio(name=name), transport=IceUdpTransport(ufrag=ufrag, pwd=pwd, candidates=candidates))


ICE = "a=ice-ufrag:efgh\na=ice-pwd:" + "y" * 22


def sip_ice(*foundations: str, version: int = 1, ufrag: str = "efgh") -> bytes:
    lines = (
        f"a=candidate:{one} 1 UDP {2130706431 - at} 192.0.2.{at + 30} 6000 typ host"
        for at, one in enumerate(foundations)
    )
    return sdp(version=version, more="\n".join([ICE.replace("efgh", ufrag), *lines]))


def test_ice_goes_through_with_all_candidates_and_no_trickle() -> None:
    wire = place((with_ice(ice(11), ice(12)),))
    (offer,) = bodies(wire)
    (media,) = offer.media
    assert (media.port, media.connections[0].address, media.ice_ufrag) == (5011, "192.0.2.11", "abcd")
    assert len(media.candidates) == 2
    assert media.ice_options == ()
    step(wire, BOB, legs.Answer(CALL, sip_ice("a+/B", "1", "01")))
    (content,) = said(wire, "session-accept").contents
    assert isinstance(content.transport, IceUdpTransport)
    assert (content.transport.ufrag, content.transport.pwd) == ("efgh", "y" * 22)
    assert [one.foundation for one in content.transport.candidates] == ["1", "2", "3"]
    assert {one.generation for one in content.transport.candidates} == {0}
    assert len({one.id for one in content.transport.candidates}) == 3


def test_foundations_keep_their_numbers_and_new_credentials_count() -> None:
    """Draft 5.4: conversion "preserves foundation uniqueness"; gateways "MUST increase the generation"."""
    wire = active((with_ice(ice(11)),), sip_ice("a+/B", "1"))
    for count, (foundations, ufrag) in enumerate([(("1", "new"), "two"), (("a+/B",), "three"), (("new",), "four")], 1):
        clear(wire)
        step(wire, BOB, legs.Offer(CALL, sip_ice(*foundations, version=count + 1, ufrag=ufrag + "x")))
        (content,) = said(wire, "transport-info").contents
        assert isinstance(content.transport, IceUdpTransport)
        numbers = {"a+/B": "1", "1": "2", "new": "3"}
        assert [one.foundation for one in content.transport.candidates] == [numbers[one] for one in foundations]
        assert {one.generation for one in content.transport.candidates} == {count}


def test_who_trickles_is_awaited() -> None:
    wire = place((with_ice(),))
    assert wire.lines() == []
    news = Content(name="voice", transport=IceUdpTransport(ufrag="abcd", pwd="x" * 22, candidates=(ice(11),)))
    step(wire, USER, on.SendTransportInfo(KEY, (news,)), 0.1)
    assert len(bodies(wire)[0].media[0].candidates) == 1
    assert wire.now < 2.0
    wire = place((with_ice(),))
    wire.run(5.0)
    assert bodies(wire)[0].media[0].port == 9


def test_candidates_that_come_later_are_collected_for_one_offer() -> None:
    wire = active((with_ice(ice(11)),), sip_ice("1"))
    for number in (12, 13, 14):
        news = Content(name="voice", transport=IceUdpTransport(ufrag="abcd", pwd="x" * 22, candidates=(ice(number),)))
        step(wire, USER, on.SendTransportInfo(KEY, (news,)), 0.05)
    wire.run(wire.now + 0.3)
    (offer,) = bodies(wire)
    assert [one.port for one in offer.media[0].candidates] == [5011, 5012, 5013, 5014]


def test_candidates_that_come_while_it_rings_are_offered_when_it_is_on() -> None:
    wire = place((with_ice(ice(11)),))
    news = Content(name="voice", transport=IceUdpTransport(ufrag="abcd", pwd="x" * 22, candidates=(ice(12),)))
    step(wire, USER, on.SendTransportInfo(KEY, (news,)))
    assert len(bodies(wire)) == 1
    step(wire, BOB, legs.Answer(CALL, sip_ice("1")))
    assert [one.port for one in bodies(wire)[1].media[0].candidates] == [5011, 5012]


def test_a_restart_of_the_xmpp_party_is_an_offer_with_its_new_credentials() -> None:
    wire = active((with_ice(ice(11)),), sip_ice("1"))
    news = Content(name="voice", transport=IceUdpTransport(ufrag="newu", pwd="z" * 22, candidates=(ice(15),)))
    step(wire, USER, on.SendTransportInfo(KEY, (news,)), 0.5)
    (offer,) = bodies(wire)
    assert (offer.media[0].ice_ufrag, [one.port for one in offer.media[0].candidates]) == ("newu", [5015])


# --- requests of the wire --------------------------------------------------------------------------------------------


def test_bye_of_the_sip_party_and_terminate_cross() -> None:
    wire = active()
    wire.tell(BOB, legs.HangUp(CALL))
    wire.tell(USER, on.Terminate(KEY))
    wire.run(wire.now + 5.0)
    requests = [one.method for _, _, one in wire.log if isinstance(one, Request)]
    assert requests.count("BYE") <= 2
    assert len([event for event in wire.events(GATE) if isinstance(event, CallEnded)]) == 1
    at_rest(wire)

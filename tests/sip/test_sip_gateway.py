"""Calls through the gateway: a session manager on one side, a SIP user agent on the other, in virtual time."""

from __future__ import annotations

import attrs
import pytest
from sip_calls import (
    CALL,
    INWARD,
    KEY,
    SID,
    active,
    at_rest,
    audio_lines,
    bodies,
    bodies_text,
    inward,
    place,
    said,
    step,
)
from sip_support import BOB, GATE, JULIET, ROMEO, USER, J, R, audio, sdp, sip, world

from jinglecodec.machine import DatagramReceived
from jinglecodec.model.ibb import IbbTransport
from jinglecodec.model.jingle import Action, Condition, Content, Creator, Jingle, Reason, Senders
from jinglecodec.model.own import DataChannels
from jinglecodec.model.raw_udp import RawUdpTransport
from jinglecodec.model.rtp_info import Ringing
from jinglecodec.model.stanza import Iq, IqType, Presence, PresenceType
from jinglecodec.session import events as on
from jinglecodec.session.events import SessionKey, StanzaReceived
from jinglecodec.sip import legs
from jinglecodec.sip.calls import CallEnded, CallStarted
from jinglecodec.sip.messages import Request, Response

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

"""What changes in a call through the gateway: holds, sections, addresses, candidates, in virtual time."""

from __future__ import annotations

import attrs
import pytest
from sip_calls import (
    CALL,
    INWARD,
    KEY,
    active,
    at_rest,
    audio_lines,
    bodies,
    bodies_text,
    clear,
    place,
    said,
    step,
)
from sip_support import BOB, GATE, JULIET, ROMEO, USER, Wire, audio, sdp, sip, world

from jinglecodec.machine import DatagramReceived
from jinglecodec.model.ibb import IbbTransport
from jinglecodec.model.ice_udp import Candidate, CandidateType, IceUdpTransport
from jinglecodec.model.jingle import Condition, Content, Creator, Reason, Senders
from jinglecodec.model.raw_udp import RawUdpTransport
from jinglecodec.model.rtp import PayloadType, RtpDescription
from jinglecodec.model.rtp_info import Hold, Unhold
from jinglecodec.model.stanza import ErrorType, Iq, IqType, StanzaCondition, StanzaError
from jinglecodec.session import events as on
from jinglecodec.session.events import StanzaReceived
from jinglecodec.sip import legs
from jinglecodec.sip.messages import Request, Response

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
@pytest.mark.parametrize("creator", ["responder", "initiator"])
def test_a_section_that_sip_adds_is_a_content_add(accepts: bool, creator: str) -> None:
    """Deployed peers write `initiator` as the creator of everything."""
    wire = active()
    step(wire, BOB, legs.Offer(CALL, sdp(version=2, more=VIDEO)), 0.1)
    (content,) = said(wire, "content-add").contents
    assert content.creator is Creator.RESPONDER
    assert "200 INVITE" not in wire.lines()
    payload = PayloadType(id=31, name="H261", clockrate=90000)
    own = attrs.evolve(audio(6000, content.name, creator, payload), description=content.description)
    if accepts:
        step(wire, USER, on.AcceptContent(KEY, (own,)))
    else:
        step(wire, USER, on.RejectContent(KEY, (Content(name=content.name, creator=own.creator),)))
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

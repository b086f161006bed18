"""Whole descriptions: who sends, who is called what, offers and answers, what came before."""

from __future__ import annotations

import attrs
import pytest
from mapping_support import (
    Role,
    content,
    description_in,
    lines_in,
    request,
    sdp,
    section_lines,
    there,
    to_sdp,
    transport_in,
)

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.mapping import Name, Names
from jinglecodec.mapping.losses import ABSENT

AUDIO = f"<description xmlns='{ns.RTP}' media='audio'><payload-type id='0'/></description>"
CREDENTIALS = ("a=ice-ufrag:8hhy", "a=ice-pwd:asd88fgpdd777uzjYhagZg")
FINGERPRINT = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)

# --- who sends (XEP-0166 7.3, RFC 8866 6.7) --------------------------------------------------------------------------

# XEP-0166 7.3: "both", "initiator", "none" and "responder" are sendrecv, sendonly, inactive and recvonly, seen by the
# initiator; the responder writes sendonly where it is the one that sends.
SENDERS = [
    ("initiator", "sendrecv", "both"),
    ("initiator", "sendonly", "initiator"),
    ("initiator", "recvonly", "responder"),
    ("initiator", "inactive", "none"),
    ("responder", "sendrecv", "both"),
    ("responder", "sendonly", "responder"),
    ("responder", "recvonly", "initiator"),
    ("responder", "inactive", "none"),
]


@pytest.mark.parametrize(("role", "direction", "senders"), SENDERS)
def test_senders_are_the_direction_as_its_writer_sees_it(role: Role, direction: str, senders: str) -> None:
    jingle = there(sdp("m=audio 9 RTP/AVP 0", f"a={direction}"), role).value
    assert jingle.contents[0].senders is jc.Senders(senders)
    assert section_lines(to_sdp(jingle, role), "a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive") == [
        f"a={direction}"
    ]


@pytest.mark.parametrize(("role", "direction", "senders"), SENDERS)
def test_header_extensions_have_directions_too(role: Role, direction: str, senders: str) -> None:
    """XEP-0294 5; RFC 8285 5: without a direction, sendrecv."""
    jingle = there(sdp("m=audio 9 RTP/AVP 0", f"a=extmap:3/{direction} urn:x"), role).value
    assert description_in(jingle).header_extensions[0].senders.value == senders
    written = "3" if direction == "sendrecv" else f"3/{direction}"
    assert section_lines(to_sdp(jingle, role), "a=extmap:") == [f"a=extmap:{written} urn:x"]


@pytest.mark.parametrize("role", ["initiator", "responder"])
def test_a_direction_of_the_session_holds_where_a_section_has_none(role: Role) -> None:
    """RFC 8866 6.7."""
    desc = sdp("a=recvonly", "m=audio 9 RTP/AVP 0", "m=video 9 RTP/AVP 31", "a=sendrecv")
    senders = [one.senders for one in there(desc, role).value.contents]
    other = jc.Senders.RESPONDER if role == "initiator" else jc.Senders.INITIATOR
    assert senders == [other, jc.Senders.BOTH]


def test_data_channels_have_a_direction_only_where_it_is_not_the_usual_one() -> None:
    desc = sdp("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=sctp-port:5000", "a=sendonly")
    mapped = there(desc)
    assert mapped.value.contents[0].senders is jc.Senders.INITIATOR
    assert "a=sendonly" in lines_in(to_sdp(mapped.value).value)


@pytest.mark.parametrize("role", ["initiater", "", "both", None])
@pytest.mark.parametrize("offer", [None, sdp("m=audio 9 RTP/AVP 0")])
def test_an_unknown_role_is_a_value_error(role: Role, offer: jc.sdp.SessionDescription | None) -> None:
    desc = sdp("m=audio 9 RTP/AVP 0")
    with pytest.raises(ValueError, match="is not a valid"):
        jc.mapping.to_jingle(desc, action="session-initiate", sid="s", role=role, offer=offer)
    with pytest.raises(ValueError, match="is not a valid"):
        jc.mapping.to_sdp(there(desc).value, role=role, offer=offer)


def test_an_unknown_action_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="session-begin"):
        jc.mapping.to_jingle(sdp("m=audio 9 RTP/AVP 0"), action="session-begin", sid="s", role="initiator")


def test_the_parties_stand_in_the_request() -> None:
    mapped = jc.mapping.to_jingle(
        sdp("m=audio 9 RTP/AVP 0"),
        action=jc.Action.SESSION_ACCEPT,
        sid="a73sjjvkla37jfea",
        role="responder",
        initiator="romeo@montague.lit/orchard",
        responder="juliet@capulet.lit/balcony",
    )
    jingle = mapped.value
    assert (jingle.action, jingle.sid) == (jc.Action.SESSION_ACCEPT, "a73sjjvkla37jfea")
    assert (jingle.initiator, jingle.responder) == ("romeo@montague.lit/orchard", "juliet@capulet.lit/balcony")


# --- names -----------------------------------------------------------------------------------------------------------


def test_contents_are_called_as_the_tags_of_their_sections() -> None:
    """XEP-0338 2: "These in turn map to the 'mid' attribute in SDP"."""
    desc = sdp("m=audio 9 RTP/AVP 0", "a=mid:voice", "m=video 9 RTP/AVP 31")
    assert [one.name for one in there(desc).value.contents] == ["voice", "video-1"]


@pytest.mark.parametrize(
    ("name", "mid"),
    [
        ("voice", "voice"),
        ("Media call", "Media~20call"),
        ("a:b", "a~3ab"),
        ("a~b", "a~b"),
        ("a ~b", "a~20~7eb"),
        ("\u540d", "~540d"),
        ("", "~"),
        ("\t", "~9"),
        ("x\r\na=ice-lite", "x~d~aa~3dice-lite"),
    ],
)
def test_a_name_becomes_a_token(name: str, mid: str) -> None:
    """RFC 5888 4: an identification-tag is a token. Every other character is written as its code point."""
    jingle = attrs.evolve(request(content(AUDIO)), contents=())
    one = attrs.evolve(request(content(AUDIO)).contents[0], name=name)
    mapped = to_sdp(attrs.evolve(jingle, contents=(one,)))
    assert section_lines(mapped, "a=mid") == [f"a=mid:{mid}"]
    assert mapped.names == Names((Name(mid, jc.Creator.INITIATOR, name),))
    assert there(mapped.value, names=mapped.names).value.contents[0].name == name


def test_contents_of_one_name_but_two_creators_are_two_sections() -> None:
    """XEP-0166 7.3: a content is identified by creator and name."""
    jingle = request(
        content(AUDIO, attributes="creator='initiator' name='0'"),
        content(AUDIO, attributes="creator='responder' name='0'"),
    )
    mapped = to_sdp(jingle)
    assert [media.mid for media in mapped.value.media] == ["0", "0~2"]
    assert mapped.losses == ()
    again = there(mapped.value, names=mapped.names).value
    assert [(one.creator, one.name) for one in again.contents] == [(one.creator, one.name) for one in jingle.contents]


def test_a_name_that_is_the_tag_of_another_gets_a_tag_of_its_own() -> None:
    jingle = request(
        *(content(AUDIO, attributes=f"creator='initiator' name='{name}'") for name in ("a b", "a~20b", "a~20b~2"))
    )
    mapped = to_sdp(jingle)
    mids = [media.mid for media in mapped.value.media]
    assert mids == ["a~20b", "a~20b~2", "a~20b~2~2"]
    again = there(mapped.value, names=mapped.names).value
    assert [one.name for one in again.contents] == ["a b", "a~20b", "a~20b~2"]


def test_a_tag_that_is_the_name_of_another_gets_a_name_of_its_own() -> None:
    """Else two contents of a session would have one name (XEP-0166 7.3)."""
    names = Names((Name("0", jc.Creator.INITIATOR, "audio"),))
    desc = sdp("m=audio 9 RTP/AVP 0", "a=mid:0", "m=audio 9 RTP/AVP 0", "a=mid:audio")
    mapped = there(desc, names=names)
    assert [one.name for one in mapped.value.contents] == ["audio", "audio~2"]
    assert [
        media.mid for media in jc.mapping.to_sdp(mapped.value, role="initiator", names=mapped.names).value.media
    ] == [
        "0",
        "audio",
    ]


def test_the_second_of_two_contents_that_are_called_the_same_is_told() -> None:
    mapped = to_sdp(request(content(AUDIO), content(AUDIO)))
    assert len(mapped.value.media) == 1
    assert [(loss.path, loss.clause) for loss in mapped.losses] == [("jingle/content[2]/@name", "XEP-0166 7.3")]


def test_two_sections_of_one_tag_are_two_contents() -> None:
    """RFC 5888 4 forbids it; neither is lost all the same."""
    desc = sdp("m=audio 9 RTP/AVP 0", "a=mid:x", "m=audio 9 RTP/AVP 8", "a=mid:x")
    mapped = there(desc)
    assert [one.name for one in mapped.value.contents] == ["x", "audio-1"]
    assert [loss.lines[0] for loss in mapped.losses if loss.lines[0].startswith("a=")] == ["a=mid:x"]


def test_names_stay_over_a_session() -> None:
    """The peer's content names come back in our answer and in all that follows."""
    offer_in = request(content(AUDIO, attributes="creator='initiator' name='Media call'"))
    offer = to_sdp(offer_in)
    answer = there(sdp("m=audio 9 RTP/AVP 0", "a=mid:Media~20call"), "responder", offer=offer.value, names=offer.names)
    assert [(one.creator.value, one.name) for one in answer.value.contents] == [("initiator", "Media call")]
    added = sdp("m=audio 9 RTP/AVP 0", "a=mid:Media~20call", "m=video 9 RTP/AVP 31", "a=mid:1")
    later = there(added, "responder", names=answer.names)
    assert [(one.creator.value, one.name) for one in later.value.contents] == [
        ("initiator", "Media call"),
        ("responder", "1"),
    ]


# --- offers and answers ----------------------------------------------------------------------------------------------

OFFER = sdp(
    "a=group:BUNDLE 0 1 2",
    *("m=audio 9 UDP/TLS/RTP/SAVPF 111 0", "a=mid:0", FINGERPRINT, "a=setup:actpass"),
    *("m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:1", FINGERPRINT, "a=setup:actpass"),
    *("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:2", FINGERPRINT, "a=setup:actpass"),
)


@pytest.mark.parametrize(("role", "creator"), [("responder", "initiator"), ("initiator", "responder")])
def test_an_answer_keeps_the_creators_of_its_offer(role: Role, creator: str) -> None:
    """XEP-0166 7.3: the creator is the party that first named the content, which may be the responder later on."""
    answer = there(sdp("m=audio 9 RTP/AVP 0", "a=mid:0"), role, offer=OFFER).value
    assert [one.creator.value for one in answer.contents] == [creator]


def test_an_answer_has_the_sections_of_its_offer_in_their_order_the_refused_ones_rejected() -> None:
    """RFC 3264 6: "the answer MUST contain exactly the same number of "m=" lines as the offer"."""
    accept = request(
        *(
            content(AUDIO.replace("audio", kind), attributes=f"creator='initiator' name='{name}'")
            for kind, name in (("video", "1"), ("audio", "0"))
        )
    )
    mapped = to_sdp(accept, "responder", offer=OFFER)
    assert [media.texts[0] for media in mapped.value.media] == [
        "m=audio 9 RTP/AVP 0",
        "m=video 9 RTP/AVP 0",
        "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
    ]
    assert [media.mid for media in mapped.value.media] == ["0", "1", "2"]


def test_a_rejected_rtp_section_is_inactive_and_keeps_the_formats() -> None:
    mapped = to_sdp(request(), "responder", offer=OFFER)
    assert mapped.value.media[0].texts == (
        "m=audio 0 UDP/TLS/RTP/SAVPF 111 0",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        "a=inactive",
    )


@pytest.mark.parametrize(("formats", "kept"), [("", "0"), (" \xe9 8", "8"), (" \xe9", "0")])
def test_a_section_whose_formats_no_strict_writer_makes_is_rejected(formats: str, kept: str) -> None:
    """RFC 3264 6: a format has to be there, and nobody looks at it."""
    offer = jc.sdp.loads(str(OFFER) + f"m=video 9 RTP/AVP{formats}\r\n", errors="tolerant")
    assert to_sdp(request(), "responder", offer=offer).value.media[-1].texts[0] == f"m=video 0 RTP/AVP {kept}"


def test_rejected_sections_of_an_answer_have_no_content() -> None:
    """XEP-0166 has no refusal of one content among others but its absence."""
    answer = sdp("m=audio 9 RTP/AVP 0", "a=mid:0", "m=video 0 UDP/TLS/RTP/SAVPF 96", "a=mid:1", "a=inactive")
    mapped = there(answer, "responder", offer=OFFER)
    assert [one.name for one in mapped.value.contents] == ["0"]
    back = to_sdp(mapped.value, "responder", offer=OFFER)
    assert [(media.mid, media.port) for media in back.value.media] == [("0", 9), ("1", 0), ("2", 0)]


def test_an_answer_that_refuses_everything_is_a_request_without_contents() -> None:
    answer = sdp("m=audio 0 RTP/AVP 0", "a=mid:0")
    assert there(answer, "responder", offer=OFFER).value.contents == ()


def test_an_offer_of_nothing_that_jingle_can_say_is_refused() -> None:
    for section in ("m=message 2855 TCP/MSRP *", "m=audio 0 RTP/AVP 0", "m=image 5004 udptl t38"):
        with pytest.raises(jc.MappingError, match="no section has a form in Jingle"):
            there(sdp(section))


def test_a_description_without_sections_is_a_request_without_contents() -> None:
    assert there(sdp("a=ice-lite")).value.contents == ()


def test_a_content_of_another_name_answers_the_section_of_its_kind_and_is_told() -> None:
    mapped = to_sdp(request(content(AUDIO, attributes="creator='initiator' name='7'")), "responder", offer=OFFER)
    assert mapped.value.media[0].mid == "7"
    assert len(mapped.value.media) == 3
    assert [(loss.path, loss.clause) for loss in mapped.losses] == [("jingle/content[1]/@name", "RFC 3264 6")]


def test_a_content_that_was_not_offered_is_told_and_answers_nothing() -> None:
    both = [content(AUDIO, attributes=f"creator='initiator' name='{name}'") for name in ("7", "8")]
    mapped = to_sdp(request(*both), "responder", offer=OFFER)
    assert len(mapped.value.media) == 3
    assert ("jingle/content[2]", "RFC 3264 6") in [(loss.path, loss.clause) for loss in mapped.losses]


def test_sections_without_tags_answer_those_in_their_place() -> None:
    """RFC 3264 6: the m-line of an answer answers the one in the same place; SIP phones know no tags."""
    answer = there(sdp("m=audio 9 RTP/AVP 0", "m=video 9 RTP/AVP 31"), "responder", offer=OFFER)
    assert [(one.creator.value, one.name) for one in answer.value.contents] == [("initiator", "0"), ("initiator", "1")]
    untagged = sdp("m=audio 9 RTP/AVP 0", "m=video 9 RTP/AVP 31")
    both = there(untagged).value, there(untagged, "responder", offer=untagged).value
    assert [[one.name for one in jingle.contents] for jingle in both] == [["audio-0", "video-1"]] * 2


@pytest.mark.parametrize(("offered", "answered"), [("actpass", "active"), ("passive", "active"), ("active", "passive")])
def test_an_answer_is_never_actpass(offered: str, answered: str) -> None:
    """RFC 8842 5.3; the session-accept of XEP-0343 4.3 is, and so are some peers'."""
    offer = sdp("m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0", FINGERPRINT, f"a=setup:{offered}")
    actpass = sdp("m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0", FINGERPRINT, "a=setup:actpass")
    mapped = there(actpass, "responder", offer=offer)
    assert [one.setup for one in transport_in(mapped.value).fingerprints] == [jc.Setup(answered)]
    assert "a=setup:actpass" in [loss.lines[0] for loss in mapped.losses]
    peers = there(actpass).value
    assert section_lines(to_sdp(peers, "responder", offer=offer), "a=setup") == [f"a=setup:{answered}"]
    assert section_lines(to_sdp(peers), "a=setup") == ["a=setup:actpass"]


def test_the_role_of_an_answer_stays_what_it_is() -> None:
    offer = sdp("m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0", FINGERPRINT, "a=setup:actpass")
    answer = sdp("m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0", FINGERPRINT, "a=setup:passive")
    mapped = there(answer, "responder", offer=offer)
    assert section_lines(to_sdp(mapped.value, "responder", offer=offer), "a=setup") == ["a=setup:passive"]


# --- groups ----------------------------------------------------------------------------------------------------------


def test_groups_of_any_semantics_stay_in_order() -> None:
    desc = sdp(
        "a=group:BUNDLE 0 1",
        "a=group:LS 1 0",
        "a=group:FID",
        *("m=audio 9 RTP/AVP 0", "a=mid:0", "m=video 9 RTP/AVP 31", "a=mid:1"),
    )
    mapped = there(desc)
    assert [(one.semantics, [c.name for c in one.contents]) for one in mapped.value.groups] == [
        ("BUNDLE", ["0", "1"]),
        ("LS", ["1", "0"]),
        ("FID", []),
    ]
    back = to_sdp(mapped.value)
    assert [text for text in back.value.texts if text.startswith("a=group")] == [
        text for text in desc.texts if text.startswith("a=group")
    ]


def test_a_group_may_name_what_is_not_there() -> None:
    """As the offer of a browser does after a section was rejected."""
    group = f"<group xmlns='{ns.GROUPING}' semantics='BUNDLE'><content name='0'/><content name='gone away'/></group>"
    mapped = to_sdp(request(content(AUDIO), group))
    assert "a=group:BUNDLE 0 gone~20away" in mapped.value.texts
    assert mapped.losses == ()


BUNDLE = f"<group xmlns='{ns.GROUPING}' semantics='BUNDLE'><content name='0'/><content name='1'/></group>"
TWO = (
    content(AUDIO, f"<transport xmlns='{ns.ICE_UDP}' ufrag='8hhy' pwd='asd88fgpdd777uzjYhagZg'/>"),
    content(AUDIO, attributes="creator='initiator' name='1'"),
)


def test_a_content_without_credentials_is_offered_bundled_or_not_at_all() -> None:
    """RFC 8829 5.2.1: port 0 and `a=bundle-only`, since it has no transport of its own."""
    media = to_sdp(request(*TWO, BUNDLE)).value.media
    assert [(one.port, one.bundle_only) for one in media] == [(9, False), (0, True)]
    assert [(one.port, one.bundle_only) for one in to_sdp(request(*TWO)).value.media] == [(9, False), (9, False)]


def test_a_content_without_credentials_is_not_rejected_by_an_answer() -> None:
    """RFC 8843 7.3: in an answer port 0 rejects, and `a=bundle-only` may not be used."""
    offer = to_sdp(request(*TWO, BUNDLE)).value
    media = to_sdp(request(*TWO, BUNDLE), "responder", offer=offer).value.media
    assert [(one.port, one.bundle_only) for one in media] == [(9, False), (9, False)]


def test_port_0_rejects_unless_the_section_is_bundled() -> None:
    """RFC 8843 6: `a=bundle-only` is defined for sections of a BUNDLE only."""
    sections = ("m=audio 9 RTP/AVP 0", "a=mid:0", "m=video 0 RTP/AVP 31", "a=mid:1", "a=bundle-only")
    assert [one.name for one in there(sdp(*sections)).value.contents] == ["0"]
    assert [one.name for one in there(sdp("a=group:BUNDLE 0 1", *sections)).value.contents] == ["0", "1"]


# --- what came before (XEP-0176 5.9, RFC 3264 8) ---------------------------------------------------------------------


def with_candidate(ufrag: str, *extensions: str) -> jc.sdp.SessionDescription:
    line = " ".join(("a=candidate:1 1 udp 2130706431 192.0.2.3 45664 typ host", *extensions))
    return sdp("m=audio 9 RTP/AVP 0", "a=mid:0", f"a=ice-ufrag:{ufrag}", "a=ice-pwd:asd88fgpdd777uzjYhagZg", line)


def test_candidates_after_a_restart_are_of_the_next_generation() -> None:
    """XEP-0176 5.9: "MUST ... with a 'generation' value that is greater"."""
    first, second = with_candidate("8hhy"), with_candidate("9uB6")
    generations = [
        transport_in(there(desc, previous=previous).value).candidates[0].generation
        for desc, previous in ((first, None), (first, first), (second, first))
    ]
    assert generations == [0, 0, 1]


def test_a_generation_that_is_stated_counts_on() -> None:
    previous = with_candidate("8hhy", "generation 4")
    assert transport_in(there(with_candidate("9uB6"), previous=previous).value).candidates[0].generation == 5
    assert transport_in(there(with_candidate("8hhy"), previous=previous).value).candidates[0].generation == 4
    stated = with_candidate("9uB6", "generation 9")
    assert transport_in(there(stated, previous=previous).value).candidates[0].generation == 9


def test_generations_end_at_255() -> None:
    """XEP-0176 13: an unsignedByte."""
    previous = with_candidate("8hhy", "generation 255")
    assert transport_in(there(with_candidate("9uB6"), previous=previous).value).candidates[0].generation == 255
    stated = transport_in(there(with_candidate("9uB6", "generation 256")).value).candidates[0]
    assert stated.generation == 0


def test_credentials_of_the_session_restart_all_sections() -> None:
    previous = sdp(*CREDENTIALS, "m=audio 9 RTP/AVP 0", "a=mid:0")
    desc = with_candidate("9uB6")
    assert transport_in(there(desc, previous=previous).value).candidates[0].generation == 1


def test_the_generation_is_written_unless_it_is_the_first() -> None:
    back = to_sdp(there(with_candidate("9uB6"), previous=with_candidate("8hhy")).value)
    assert section_lines(back, "a=candidate") == [
        "a=candidate:1 1 udp 2130706431 192.0.2.3 45664 typ host generation 1"
    ]


def test_the_version_of_a_later_description_is_one_more() -> None:
    """RFC 3264 8: "MUST increment by one"."""
    previous = sdp("v=0", "o=alice 2890844526 2890844526 IN IP4 192.0.2.9", "s=-", "t=0 0", "m=audio 9 RTP/AVP 0")
    jingle = request(content(AUDIO))
    back = jc.mapping.to_sdp(jingle, role="initiator", previous=previous).value
    assert back.texts[1] == "o=alice 2890844526 2890844527 IN IP4 192.0.2.9"
    later = jc.mapping.to_sdp(jingle, role="initiator", previous=back).value
    assert later.texts[1] == "o=alice 2890844526 2890844528 IN IP4 192.0.2.9"


def test_the_same_session_has_the_same_origin() -> None:
    one, two = (to_sdp(request(content(AUDIO))).value.origin for _ in range(2))
    other = to_sdp(attrs.evolve(request(content(AUDIO)), sid="s2")).value.origin
    assert one == two
    assert one != other


# --- what holds for all sections -------------------------------------------------------------------------------------


def test_credentials_and_fingerprints_of_the_session_are_those_of_each_content() -> None:
    """RFC 8839 5.4, RFC 8122 5; Firefox writes fingerprints so, SIP agents all of it."""
    desc = sdp(
        *(*CREDENTIALS, FINGERPRINT, "a=setup:actpass"),
        *("m=audio 9 UDP/TLS/RTP/SAVPF 0", "m=video 9 UDP/TLS/RTP/SAVPF 96", "a=ice-ufrag:own0", "a=setup:active"),
    )
    first, second = (transport_in(there(desc).value, number) for number in (0, 1))
    assert (first.ufrag, second.ufrag) == ("8hhy", "own0")
    assert first.pwd == second.pwd == "asd88fgpdd777uzjYhagZg"
    assert [one.value for one in first.fingerprints] == [":".join(["AB"] * 32)]
    assert [one.setup for one in (*first.fingerprints, *second.fingerprints)] == [jc.Setup.ACTPASS, jc.Setup.ACTIVE]


def test_a_line_of_the_session_that_holds_for_all_sections_is_not_lost() -> None:
    """XEP-0294 5: "a session-level line might need to be mapped to all <description/> elements"."""
    desc = sdp(
        *("a=extmap-allow-mixed", "a=extmap:5 urn:x", FINGERPRINT, "a=setup:actpass", *CREDENTIALS, "a=recvonly"),
        *("m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0", "m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:1"),
    )
    assert [loss.lines[0] for loss in there(desc).losses] == ["o=- 7 1 IN IP4 0.0.0.0"]


def test_a_line_of_the_session_is_lost_once_though_it_holds_for_all() -> None:
    desc = sdp("a=tls-id:0123456789abcdefghij", "m=audio 9 RTP/AVP 0", "a=mid:0", "m=video 9 RTP/AVP 31", "a=mid:1")
    lost = [loss for loss in there(desc).losses if loss.lines[0].startswith("a=")]
    assert [(loss.lines[0], loss.line, loss.clause[:10]) for loss in lost] == [
        ("a=tls-id:0123456789abcdefghij", 5, "XEP-0320 1")
    ]


def test_a_rejected_section_loses_nothing_that_the_others_keep() -> None:
    desc = sdp(FINGERPRINT, "m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0", "m=video 0 UDP/TLS/RTP/SAVPF 96", "a=mid:1")
    assert FINGERPRINT not in [loss.lines[0] for loss in there(desc).losses]
    answer = there(desc, "responder", offer=OFFER)
    assert FINGERPRINT not in [loss.lines[0] for loss in answer.losses]


def test_every_line_of_a_refused_section_says_why_it_is_lost() -> None:
    """XEP-0166 7.3; the first section is one like others."""
    refused = ("m=audio 0 RTP/AVP 0", "a=ptime:20")
    mapped = there(sdp(*refused, *refused, "m=audio 9 RTP/AVP 0", "a=x:y"))
    assert [loss.clause for loss in mapped.losses if loss.lines == ("a=ptime:20",)] == [ABSENT] * 2
    assert [loss.clause for loss in mapped.losses if loss.lines == ("a=x:y",)] != [ABSENT]


# --- sizes -----------------------------------------------------------------------------------------------------------


def test_a_description_of_more_sections_than_anybody_has_is_refused() -> None:
    many = sdp(*("m=audio 9 RTP/AVP 0",) * 1001)
    with pytest.raises(jc.MappingError, match="more than 1000 sections"):
        there(many)


def test_lines_of_the_session_do_not_multiply_without_limit() -> None:
    extmaps = tuple(f"a=extmap:{number} urn:x" for number in range(1, 256)) * 2
    many = sdp(*extmaps, *("m=audio 9 RTP/AVP 0",) * 500)
    with pytest.raises(jc.MappingError, match="too many lines"):
        there(many)


def test_what_lines_of_the_session_become_in_every_section_is_within_what_is_read() -> None:
    """8 kB of a description would be more XML than a reader takes; the longest that is mapped is less."""
    sections = ("m=audio 9 RTP/AVP 0",) * 130
    more, most = (sdp(*(f"a=extmap:{number} urn:x" for number in range(1, count)), *sections) for count in (300, 90))
    with pytest.raises(jc.MappingError, match="too many lines"):
        there(more)
    written = jc.dumps(there(most).value)
    assert len(written) > 700_000
    assert len(jc.loads(written, jc.Jingle).contents) == 130


def test_a_request_of_more_contents_than_anybody_has_is_refused() -> None:
    jingle = request(*(content(AUDIO, attributes=f"creator='initiator' name='{n}'") for n in range(1001)))
    with pytest.raises(jc.MappingError, match="more than 1000 contents"):
        to_sdp(jingle)


def test_sections_keep_their_places_in_a_further_offer() -> None:
    """RFC 3264 8: a removed section stays with port 0; RFC 8829 5.2.2: a new one takes the place of one long gone."""
    previous = sdp(
        *("m=audio 0 RTP/AVP 0", "a=mid:gone", "m=audio 9 RTP/AVP 0", "a=mid:a"),
        *("m=video 9 RTP/AVP 31", "a=mid:removed", "m=video 9 RTP/AVP 31", "a=mid:b"),
    )
    now = sdp(
        *("m=video 9 RTP/AVP 31", "a=mid:b", "m=audio 9 RTP/AVP 0", "a=mid:a"),
        *("m=audio 9 RTP/AVP 8", "a=mid:new", "m=audio 9 RTP/AVP 8", "a=mid:last"),
    )
    back = jc.mapping.to_sdp(there(now).value, role="initiator", previous=previous).value
    assert [(media.mid, media.port) for media in back.media] == [
        *(("new", 9), ("a", 9), ("removed", 0), ("b", 9), ("last", 9)),
    ]

"""Where converters go wrong, each by itself: nameless parameters, base64, prefixes, roles, numbers out of range."""

from __future__ import annotations

import pytest
from mapping_support import (
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

# Line -> payload type, its encoding, and the parameters in Jingle (draft-ietf-stox-media-04 9).
FORMATS = [
    ("a=fmtp:100 0-15,66,70", 100, "telephone-event/8000", [("", "0-15,66,70")]),
    ("a=fmtp:63 111/111", 63, "red/48000/2", [("", "111/111")]),
    (
        "a=fmtp:96 sprop-parameter-sets=Z0IAKeKQ,aM4=;profile-level-id=42e01f",
        *(96, "H264/90000"),
        [("sprop-parameter-sets", "Z0IAKeKQ,aM4="), ("profile-level-id", "42e01f")],
    ),
    ("a=fmtp:97 apt=96", 97, "rtx/90000", [("apt", "96")]),
    ("a=fmtp:98 a=b;c", 98, "x/8000", [("a", "b"), ("c", None)]),
]


@pytest.mark.parametrize(("line", "number", "encoding", "parameters"), FORMATS)
def test_parameters_of_a_format_come_and_go_whole(
    line: str, number: int, encoding: str, parameters: list[tuple[str, str | None]]
) -> None:
    mapped = there(sdp(f"m=audio 9 RTP/AVP {number}", f"a=rtpmap:{number} {encoding}", line))
    (payload,) = description_in(mapped.value).payload_types
    assert [(one.name, one.value) for one in payload.parameters] == parameters
    assert section_lines(to_sdp(mapped.value), "a=fmtp") == [line]


def test_a_gateway_to_sip_parts_parameters_by_a_semicolon_and_a_space() -> None:
    """draft-ietf-stox-media-04 9, number 2; one without name stays what it is."""
    payloads = (
        "<payload-type id='96' name='H264' clockrate='90000'><parameter name='a' value='b'/>"
        "<parameter name='c' value='d'/></payload-type>"
        "<payload-type id='97' name='x' clockrate='8000'><parameter name='' value='0-15,66,70'/></payload-type>"
    )
    jingle = request(content(f"<description xmlns='{ns.RTP}' media='audio'>{payloads}</description>"))
    back = jc.mapping.to_sdp(jingle, role="initiator", peer="sip")
    assert section_lines(back, "a=fmtp") == ["a=fmtp:96 a=b; c=d", "a=fmtp:97 0-15,66,70"]


def test_payload_types_10_and_101_share_no_line() -> None:
    desc = sdp(
        *("m=audio 9 RTP/AVPF 10 101", "a=rtpmap:10 L16/44100/2", "a=rtpmap:101 telephone-event/8000"),
        *("a=fmtp:101 0-16", "a=rtcp-fb:101 nack", "a=rtcp-fb:10 ccm fir"),
    )
    mapped = there(desc)
    ten, other = description_in(mapped.value).payload_types
    assert (ten.id, ten.parameters, [one.type for one in ten.feedback]) == (10, (), ["ccm"])
    assert (other.id, len(other.parameters), [one.type for one in other.feedback]) == (101, 1, ["nack"])
    back = to_sdp(mapped.value)
    lines = section_lines(back, "a=fmtp", "a=rtpmap", "a=rtcp-fb")
    assert sorted(lines) == sorted(desc.media[0].texts[2:])


def test_an_offer_to_receive_and_its_answer_have_the_same_sender() -> None:
    """XEP-0166 7.3: the senders of a content are the same, whoever speaks."""
    offer = sdp("m=audio 9 RTP/AVP 0", "a=mid:0", "a=recvonly")
    answer = sdp("m=audio 9 RTP/AVP 0", "a=mid:0", "a=sendonly")
    asked, answered = there(offer).value, there(answer, "responder", offer=offer).value
    assert [one.contents[0].senders for one in (asked, answered)] == [jc.Senders.RESPONDER] * 2
    assert "a=recvonly" in lines_in(to_sdp(asked).value)
    assert "a=sendonly" in lines_in(to_sdp(answered, "responder", offer=offer).value)


# XEP-0176 listing 5 has this priority, which is more than 2**31 - 1 (RFC 8445 5.1.2).
LISTING_5 = (
    "<candidate component='1' foundation='1' generation='0' id='or2ii2syr1' ip='192.0.2.1' network='0' port='3478' "
    "priority='21149780477' protocol='udp' type='host'/>"
)


def test_a_priority_out_of_range_reads_and_writes_back_and_is_a_finding_and_a_loss() -> None:
    jingle = request(content("", f"<transport xmlns='{ns.ICE_UDP}'>{LISTING_5}</transport>"))
    assert transport_in(jingle).candidates[0].priority == 21149780477
    assert b'priority="21149780477"' in jc.dumps(jingle)
    assert [one.message for one in jc.read(jc.dumps(jingle)).findings] == ["21149780477 is outside 1..2147483647"]
    back = to_sdp(jingle)
    assert [line for line in lines_in(back.value) if "candidate" in line] == []
    assert [(loss.path, "priority" in loss.message) for loss in back.losses] == [
        ("jingle/content[1]/transport/candidate", True)
    ]


def test_such_a_priority_in_sdp_is_lost_with_its_line_and_never_wrapped() -> None:
    line = "a=candidate:1 1 udp 21149780477 192.0.2.1 9 typ host"
    mapped = there(sdp("m=audio 9 RTP/AVP 0", line))
    assert transport_in(mapped.value).candidates == ()
    assert line in [loss.lines[0] for loss in mapped.losses]


def test_the_network_of_a_candidate_is_an_extension_of_its_line() -> None:
    """XEP-0176 5.3: "extension-att network"; 0, which the schema requires for nothing better, is its absence."""
    lines = [f"a=candidate:1 1 udp 1 192.0.2.1 9 typ host{extension}" for extension in (" network 3", "")]
    mapped = there(sdp("m=audio 9 RTP/AVP 0", *lines))
    assert [one.network for one in transport_in(mapped.value).candidates] == [3, 0]
    assert section_lines(to_sdp(mapped.value), "a=candidate") == lines


def test_ids_of_candidates_are_ncnames_and_the_same_for_the_same_candidate() -> None:
    """XEP-0176 5.3, 13: an xs:NCName; spelling and extensions that Jingle does not say make no difference."""
    head = "a=candidate:1 1 udp 1 192.0.2.1 9 typ host"
    desc = sdp("m=audio 9 RTP/AVP 0", head, head.replace("udp", "UDP") + " network-cost 10", head.replace(" 9 ", " 8 "))
    one, same, other = (candidate.id for candidate in transport_in(there(desc).value).candidates)
    assert one == same != other
    assert one is not None
    assert one[0].isalpha()


def test_remote_candidates_of_several_components_come_back_in_one_line() -> None:
    """RFC 8839 5.2; XEP-0371 5.8 has one element for each."""
    line = "a=remote-candidates:1 192.0.2.1 5000 2 192.0.2.1 5001"
    mapped = there(sdp("m=audio 9 RTP/AVP 0", line))
    assert [(one.component, one.port) for one in transport_in(mapped.value).remote_candidates] == [(1, 5000), (2, 5001)]
    assert section_lines(to_sdp(mapped.value), "a=remote-candidates") == [line]


@pytest.mark.parametrize("head", ["m=image 9 udptl t38", "m=application 9 UDP/BFCP *", "m=message 9 TCP/MSRP *"])
def test_a_section_without_a_form_is_lost_and_its_answer_keeps_the_line(head: str) -> None:
    """RFC 3264 6: an answer has as many sections, the refused ones with port 0."""
    offer = sdp("m=audio 9 RTP/AVP 0", "a=mid:0", head, "a=mid:1")
    mapped = there(offer)
    assert [one.name for one in mapped.value.contents] == ["0"]
    assert head in [loss.lines[0] for loss in mapped.losses]
    answer = there(sdp("m=audio 9 RTP/AVP 0", "a=mid:0"), "responder", offer=offer)
    back = to_sdp(answer.value, "responder", offer=offer)
    assert [media.texts[0] for media in back.value.media] == ["m=audio 9 RTP/AVP 0", head.replace(" 9 ", " 0 ")]

"""Where other SDP libraries fail, each with the clause that decides."""

from __future__ import annotations

import time

import pytest

from jinglecodec import sdp
from jinglecodec.errors import EncodeError, SdpError

HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"


def section(*lines: str, head: str = "m=video 9 RTP/SAVPF 10 63 100 101") -> sdp.Media:
    """Return the media section of these lines."""
    return sdp.loads(HEAD + "\r\n".join((head, "c=IN IP4 0.0.0.0", *lines, ""))).media[0]


def parameters(fmtp: sdp.Fmtp) -> list[tuple[str | None, str | None]]:
    return [(one.name, one.value) for one in fmtp.parameters]


def test_telephone_events_are_a_value_without_a_name() -> None:
    """RFC 4733 2.4.1: the events stand alone behind the payload type."""
    fmtp = section("a=fmtp:100 0-15,66,70").fmtps[0]
    assert parameters(fmtp) == [(None, "0-15,66,70")]
    assert sdp.TelephoneEventParameters.parse(fmtp.text).events == (range(16), range(66, 67), range(70, 71))


def test_redundant_payload_types_are_a_value_without_a_name() -> None:
    """RFC 2198 5."""
    media = section("a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111")
    assert parameters(media.fmtps[0]) == [(None, "111/111")]
    assert media.codec_parameters("63") == sdp.RedParameters((111, 111))


def test_an_equals_sign_inside_a_base64_value_stays_in_it() -> None:
    """RFC 6184 8.2.1: sprop-parameter-sets is a row of base64."""
    media = section("a=rtpmap:100 H264/90000", "a=fmtp:100 sprop-parameter-sets=Z0IAKeKQ,aM4=;profile-level-id=42e01f")
    assert parameters(media.fmtps[0]) == [("sprop-parameter-sets", "Z0IAKeKQ,aM4="), ("profile-level-id", "42e01f")]
    typed = media.codec_parameters("100")
    assert isinstance(typed, sdp.H264Parameters)
    assert typed.sprop_parameter_sets == ("Z0IAKeKQ", "aM4=")
    assert typed.profile_level_id == bytes.fromhex("42e01f")


def test_spaces_behind_semicolons_do_not_belong_to_names() -> None:
    """RFC 4855 3: parameters are parted by semicolons; SIP user agents write a space behind each."""
    fmtp = section("a=fmtp:100 dtx=0; dtx-recv=0;  x=1 ;").fmtps[0]
    assert parameters(fmtp) == [("dtx", "0"), ("dtx-recv", "0"), ("x", "1")]
    assert fmtp.line() == "a=fmtp:100 dtx=0; dtx-recv=0;  x=1 ;"


def test_a_name_without_a_value_stands_beside_others() -> None:
    """RFC 4629 8.2: `J` and `T` have no value."""
    assert parameters(section("a=fmtp:100 CIF=1;J").fmtps[0]) == [("CIF", "1"), ("J", None)]


def test_payload_types_10_and_101_never_share_a_line() -> None:
    """RFC 8866 6.15: the format is a whole token."""
    media = section("a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=rtpmap:10 L16/44100/2", "a=fmtp:10 x=1")
    assert {fmtp.format: fmtp.text for fmtp in media.fmtps} == {"101": "0-15", "10": "x=1"}
    assert {rtpmap.payload_type: rtpmap.encoding for rtpmap in media.rtpmaps} == {101: "telephone-event", 10: "L16"}
    assert media.codec_parameters("10") is None


def test_a_wildcard_feedback_stays_a_wildcard() -> None:
    """RFC 4585 4.2."""
    media = section("a=rtcp-fb:* ccm fir", "a=rtcp-fb:100 nack")
    assert [feedback.format for feedback in media.rtcp_feedback] == ["*", "100"]


def test_extra_feedback_tokens_stay_behind_the_subtype() -> None:
    """RFC 5104 7.1."""
    (feedback,) = section("a=rtcp-fb:100 ccm tmmbr smaxpr=120").rtcp_feedback
    assert (feedback.type, feedback.subtype, feedback.parameters) == ("ccm", "tmmbr", "smaxpr=120")


def test_the_regular_report_interval_is_a_number() -> None:
    """RFC 4585 4.2: trr-int SP 1*DIGIT."""
    assert section("a=rtcp-fb:* trr-int 5000").rtcp_feedback[0].interval == 5000


def test_extension_attributes_of_a_header_extension_are_kept() -> None:
    """RFC 8285 8."""
    (extmap,) = section("a=extmap:1/recvonly urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on x").extmaps
    assert (extmap.direction, extmap.attributes) == (sdp.Direction.RECVONLY, "vad=on x")


@pytest.mark.parametrize("foundation", ["1", "0", "4294967296123456789012345678901A", "a+b/c"])
def test_a_foundation_is_a_string(foundation: str) -> None:
    """RFC 8839 5.1: 1*32ice-char."""
    media = section(f"a=candidate:{foundation} 1 udp 2130706431 192.0.2.1 9 typ host")
    assert [candidate.foundation for candidate in media.candidates] == [foundation]


def test_a_priority_out_of_range_is_a_finding_and_never_wrapped() -> None:
    """RFC 8839 5.1: between 1 and 2**31 - 1 inclusive."""
    line = "a=candidate:1 1 udp 21149780477 192.0.2.1 9 typ host"
    description = sdp.loads(HEAD + f"m=audio 9 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n{line}\r\n")
    assert description.media[0].candidates == ()
    assert description.media[0].texts[2] == line
    (finding,) = description.findings
    assert (finding.code, finding.path, finding.line) == ("attribute-value", "media[1]/a=candidate", 7)
    assert "21149780477" in finding.message
    assert finding.clause == "RFC 8839 5.1"


def test_component_256_is_legal() -> None:
    """RFC 8839 5.1: between 1 and 256 inclusive."""
    assert section("a=candidate:1 256 udp 1 192.0.2.1 9 typ host").candidates[0].component == 256


def test_an_mdns_name_is_an_address() -> None:
    """draft-ietf-rtcweb-mdns-ice-candidates 3.1."""
    name = "1f4712db-ea17-4bcf-a596-105139dfd8bf.local"
    assert section(f"a=candidate:1 1 udp 2122260223 {name} 54596 typ host").candidates[0].address == name


def test_an_upper_case_transport_stays_upper_case() -> None:
    """RFC 8839 5.1 writes UDP, browsers udp."""
    assert section("a=candidate:1 1 UDP 1 192.0.2.1 9 typ host").candidates[0].transport == "UDP"


def test_related_port_without_related_address() -> None:
    """RFC 8839 5.1: both are optional, each by itself."""
    (candidate,) = section("a=candidate:1 1 udp 1 192.0.2.1 9 typ srflx rport 7").candidates
    assert (candidate.related_address, candidate.related_port, candidate.extensions) == (None, 7, ())


def test_raddr_behind_an_extension_is_an_extension() -> None:
    """RFC 8839 5.1: the order is fixed, and what follows are pairs."""
    (candidate,) = section("a=candidate:1 1 udp 1 192.0.2.1 9 typ srflx generation 0 raddr 192.0.2.9").candidates
    assert candidate.related_address is None
    assert candidate.extensions == (("generation", "0"), ("raddr", "192.0.2.9"))


@pytest.mark.parametrize("line", ["a=msid-semantic: WMS", "a=msid-semantic:WMS *", "a=msid-semantic:  WMS "])
def test_both_browser_spellings_of_msid_semantic_are_written_back(line: str) -> None:
    """draft-ietf-mmusic-msid-05; libwebrtc puts a space behind the colon."""
    text = HEAD + line + "\r\n"
    description = sdp.loads(text)
    assert description.msid_semantics[0].semantic == "WMS"
    assert sdp.dumps(description.set(description.msid_semantics[0])) == text


def test_several_fingerprints_are_all_there() -> None:
    """RFC 8122 5.1: several may be associated with one m= line."""
    one, two = "a=fingerprint:md5 " + ":".join(["0A"] * 16), "a=fingerprint:sha-1 " + ":".join(["0B"] * 20)
    assert [fingerprint.hash_function for fingerprint in section(one, two).fingerprints] == ["md5", "sha-1"]


def test_a_second_sctpmap_is_seen() -> None:
    """draft-ietf-mmusic-sctp-sdp-05 4: one for each format of the m= line."""
    media = section(
        "a=sctpmap:5000 webrtc-datachannel 1024",
        "a=sctpmap:5001 webrtc-datachannel",
        head="m=application 9 DTLS/SCTP 5000 5001",
    )
    assert [(sctpmap.port, sctpmap.streams) for sctpmap in media.sctpmaps] == [(5000, 1024), (5001, None)]


def test_one_channel_may_be_written_or_left_out() -> None:
    """RFC 8866 6.6: the number of channels may be omitted when it is one."""
    media = section("a=rtpmap:10 L16/44100/1", "a=rtpmap:100 L16/44100")
    assert [rtpmap.channels for rtpmap in media.rtpmaps] == [1, None]


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_only_lf_ends_a_line(separator: str) -> None:
    """RFC 8866 9: a byte-string holds all octets but NUL, CR and LF."""
    text = HEAD + f"a=x-one:a{separator}m=audio 9 RTP/AVP 0\r\n"
    description = sdp.loads(text)
    assert description.media == ()
    assert description.unknown[0].value == f"a{separator}m=audio 9 RTP/AVP 0"
    assert sdp.dumps(description) == text


@pytest.mark.parametrize("digits", ["\u0661", "²", "1_0", "+1", " 1", "1 "])
def test_numbers_are_ascii_digits_only(digits: str) -> None:
    """RFC 5234 B.1: DIGIT."""
    with pytest.raises(SdpError):
        sdp.loads(f"v=0\no=- {digits} 1 IN IP4 0.0.0.0\ns=-\nt=0 0\n")


def test_a_port_with_a_number_of_ports() -> None:
    """RFC 8866 5.14."""
    media = section(head="m=video 49170/2 RTP/AVP 31")
    assert (media.port, media.port_count) == (49170, 2)


def test_formats_that_are_no_tokens_are_noted() -> None:
    """RFC 8866 9 made fmt a token; older writers have put anything there."""
    description = sdp.loads(HEAD + 'm=audio 9 RTP/AVP 0" 8\r\nc=IN IP4 0.0.0.0\r\n')
    assert description.media[0].formats == ('0"', "8")
    assert [finding.code for finding in description.findings] == ["line-value"]


def test_an_injected_line_break_is_refused_with_the_name_of_the_field() -> None:
    """RFC 8866 5.13: no attribute value holds CR or LF."""
    with pytest.raises(EncodeError, match=r"IceUfrag\.value"):
        sdp.IceUfrag("abcd\r\na=ice-lite")
    with pytest.raises(EncodeError, match=r"Fmtp\.text"):
        sdp.Fmtp("96", "x=1\nm=audio 9 RTP/AVP 0")
    with pytest.raises(EncodeError, match=r"MediaField\.kind"):
        sdp.Media.build("audio\r\n", 9, "RTP/AVP", ["0"])


@pytest.mark.parametrize(
    "value", ["send [" + "a" * 32_000 + "]", "send " + "[x=1" * 8_000, "recv [x=1,y=[" + "1," * 16_000]
)
def test_a_long_line_of_sizes_takes_linear_time(value: str) -> None:
    start = time.process_time()
    assert isinstance(sdp.read_line(f"a=imageattr:97 {value}"), sdp.Attribute)
    assert time.process_time() - start < 1  # 6 s where each character is tried as a beginning


def test_the_first_lines_of_all_sections_are_told_in_linear_time() -> None:
    head = "v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\nc=IN IP4 0.0.0.0\nt=0 0\n"
    description = sdp.loads(head + "m=audio 0 RTP/AVP 0\ni=x\n" * 16_000)
    start = time.process_time()
    assert [description.first_line(index) for index in range(16_000)] == list(range(6, 32_006, 2))
    assert time.process_time() - start < 1

"""One section and one content: codecs, feedback, extensions, sources, keys, candidates, and what they cannot say."""

from __future__ import annotations

import pytest
from mapping_support import (
    ICE,
    content,
    description_in,
    request,
    sdp,
    section_lines,
    there,
    to_sdp,
    transport_in,
)

import jinglecodec as jc
from jinglecodec import namespaces as ns

OPUS = "<payload-type id='111' name='opus' clockrate='48000' channels='2'/>"
AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 111"
CREDENTIALS = "ufrag='8hhy' pwd='asd88fgpdd777uzjYhagZg'"


def rtp(*children: str, attributes: str = "") -> str:
    return f"<description xmlns='{ns.RTP}' media='audio'{attributes}>{''.join(children)}</description>"


def ice(*children: str, attributes: str = CREDENTIALS) -> str:
    return f"<transport xmlns='{ns.ICE_UDP}' {attributes}>{''.join(children)}</transport>"


def lost(*lines: str, section: str = AUDIO) -> list[str]:
    """Return what of these lines of a section is lost."""
    losses = there(sdp(section, "a=mid:0", *lines)).losses
    return [loss.lines[0] for loss in losses if loss.lines[0] in lines]


def payload_types(*lines: str, section: str = AUDIO) -> tuple[jc.PayloadType, ...]:
    return description_in(there(sdp(section, *lines)).value).payload_types


# --- payload types ---------------------------------------------------------------------------------------------------


def test_static_payload_types_need_no_rtpmap() -> None:
    """RFC 3551 6; half of the deployed converters drop them."""
    types = payload_types("a=rtpmap:96 opus/48000/2", section="m=audio 9 RTP/AVP 8 0 96 13")
    assert types == (
        jc.PayloadType(id=8),
        jc.PayloadType(id=0),
        jc.PayloadType(id=96, name="opus", clockrate=48000, channels=2),
        jc.PayloadType(id=13),
    )
    back = to_sdp(there(sdp("m=audio 9 RTP/AVP 8 0 96 13", "a=rtpmap:96 opus/48000/2")).value)
    assert section_lines(back, "m=", "a=rtpmap") == ["m=audio 9 RTP/AVP 8 0 96 13", "a=rtpmap:96 opus/48000/2"]


def test_the_order_of_payload_types_is_the_preference() -> None:
    """XEP-0167 4: the most preferred first; the order of the rtpmap lines means nothing."""
    types = payload_types("a=rtpmap:0 PCMU/8000", "a=rtpmap:111 opus/48000/2", section="m=audio 9 RTP/AVP 111 0 8")
    assert [one.id for one in types] == [111, 0, 8]


@pytest.mark.parametrize("written", ["opus/48000", "opus/48000/1"])
def test_one_channel_is_what_is_not_written(written: str) -> None:
    """XEP-0167 4: "if omitted, it MUST be assumed to contain one channel"."""
    assert payload_types(f"a=rtpmap:111 {written}")[0].channels == 1
    assert lost(f"a=rtpmap:111 {written}") == []


def test_parameters_of_payload_type_10_are_not_those_of_101() -> None:
    types = payload_types("a=fmtp:101 0-15", "a=fmtp:10 x=1", section="m=audio 9 RTP/AVP 10 101 1")
    assert [[p.value for p in one.parameters] for one in types] == [["1"], ["0-15"], []]


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("0-15", [("", "0-15")]),
        ("111/111", [("", "111/111")]),
        ("0-15,66,70", [("", "0-15,66,70")]),
        ("minptime=10;useinbandfec=1", [("minptime", "10"), ("useinbandfec", "1")]),
        ("minptime=10; useinbandfec=1;", [("minptime", "10"), ("useinbandfec", "1")]),
        ("sprop-parameter-sets=Z0IACpZTBYmI,aMljiA==", [("sprop-parameter-sets", "Z0IACpZTBYmI,aMljiA==")]),
        ("config=;flag;x=a b", [("config", ""), ("flag", None), ("x", "a b")]),
    ],
)
def test_format_parameters_keep_names_and_values(text: str, parameters: list[tuple[str, str | None]]) -> None:
    """XEP-0167 4. What has no name has the empty one; base64 keeps its `=`; fmtp joins with `;`."""
    line = f"a=fmtp:111 {text}"
    assert [(p.name, p.value) for p in payload_types(line)[0].parameters] == parameters
    written = [name if value is None else f"{name}={value}" if name else value for name, value in parameters]
    assert section_lines(to_sdp(there(sdp(AUDIO, line)).value), "a=fmtp") == [f"a=fmtp:111 {';'.join(written)}"]
    assert lost(line) == []


@pytest.mark.parametrize("attributes", ["name='' value='0-16'", "value='0-16'", "name='0-16'"])
def test_the_ways_of_peers_to_leave_the_name_out_are_one_line(attributes: str) -> None:
    """Q7 of deployed clients: all three are sent for telephone-event."""
    description = rtp(f"<payload-type id='101'><parameter {attributes}/></payload-type>")
    assert section_lines(to_sdp(request(content(description))), "a=fmtp") == ["a=fmtp:101 0-16"]


def test_the_first_of_two_lines_for_one_payload_type_counts_and_the_other_is_lost() -> None:
    lines = ("a=rtpmap:111 opus/48000/2", "a=rtpmap:111 G7221/32000", "a=fmtp:111 x=1", "a=fmtp:111 y=1")
    assert payload_types(*lines)[0].name == "opus"
    assert lost(*lines) == ["a=rtpmap:111 G7221/32000", "a=fmtp:111 y=1"]


@pytest.mark.parametrize(
    "line",
    [
        "a=rtpmap:111 L16/8000/512",
        "a=ptime:99999999999",
        "a=ptime:2.5",
        "a=maxptime:4294967296",
        "a=rtcp-fb:* trr-int 4294967296",
        "a=candidate:1 1 !x 1 192.0.2.1 5 typ host",
        "a=candidate:1 1 udp 1 192.0.2.1 5 typ best",
        "a=candidate:1 1 udp 1 192.0.2.1",
        "a=ice-pwd:short",
        "a=fingerprint:sha-256 AA:BB",
        "a=crypto:x",
        "a=rtpmap:112 opus/48000/2",
        "a=fmtp:112 x=1",
        "a=rtcp-fb:112 nack",
        "a=setup:active",
        "a=sctp-port:5000",
    ],
)
def test_what_no_attribute_can_hold_is_lost_and_nothing_else(line: str) -> None:
    assert lost("a=rtcp-mux", line, "a=ptime:20" if "ptime" not in line else "a=x:1") == [
        line,
        *(["a=x:1"] if "ptime" in line else []),
    ]


@pytest.mark.parametrize("text", ["\udcff", "\x01", "\x7f\x00".rstrip("\x00") + "\x0b", "\ufffe"])
@pytest.mark.parametrize(
    "line", ["a=fmtp:111 x={}", "a=ssrc:1 cname:{}", "a=extmap:1 urn:x {}", "a=rtcp-fb:111 nack pli {}", "a=x:{}"]
)
def test_what_xml_cannot_carry_is_lost_and_named(line: str, text: str) -> None:
    """XML 1.0 2.2: neither controls nor octets that are no UTF-8, nor U+FFFE."""
    told = there(sdp(AUDIO, "a=mid:0", line.format(text))).losses
    assert [loss.clause[:11] for loss in told if loss.lines[0] == line.format(text)] == ["XML 1.0 2.2"]


def test_packet_times_are_those_of_each_payload_type() -> None:
    """XEP-0167 4; RFC 8866 6.4: in SDP they are the section's."""
    types = payload_types("a=ptime:20", "a=maxptime:60", section="m=audio 9 RTP/AVP 0 8")
    assert [(one.ptime, one.maxptime) for one in types] == [(20, 60), (20, 60)]


def test_packet_times_that_differ_are_told() -> None:
    description = rtp("<payload-type id='0' ptime='20'/><payload-type id='8' ptime='40' maxptime='80'/>")
    mapped = to_sdp(request(content(description)))
    assert section_lines(mapped, "a=ptime", "a=maxptime") == ["a=ptime:40", "a=maxptime:80"]
    assert [loss.path for loss in mapped.losses] == [
        "jingle/content[1]/description/payload-type/@ptime",
        "jingle/content[1]/description/payload-type/@maxptime",
    ]


@pytest.mark.parametrize(
    "payload_type",
    ["<payload-type id='96' name='x'/>", "<payload-type id='96' clockrate='8000'/>", "<payload-type id='200'/>" * 2],
)
def test_a_payload_type_that_has_no_line_is_told(payload_type: str) -> None:
    mapped = to_sdp(request(content(rtp(OPUS, payload_type))))
    assert [loss.path for loss in mapped.losses] == ["jingle/content[1]/description/payload-type"]


def test_a_section_without_any_payload_type_has_no_form() -> None:
    """XEP-0167 4: "one or more encodings"."""
    mapped = there(sdp(AUDIO, "m=video 9 RTP/AVP vp8"))
    assert len(mapped.value.contents) == 1
    assert "m=video 9 RTP/AVP vp8" in [loss.lines[0] for loss in mapped.losses]


# --- feedback, extensions, sources, bandwidth ------------------------------------------------------------------------


def test_feedback_for_all_payload_types_stays_one_line() -> None:
    """XEP-0293 3: "directly inside the <description/> tag"."""
    lines = ("a=rtcp-fb:* nack pli", "a=rtcp-fb:* trr-int 200", "a=rtcp-fb:111 transport-cc")
    description = description_in(there(sdp(AUDIO, *lines)).value)
    assert description.feedback == (jc.RtcpFeedback(type="nack", subtype="pli"),)
    assert description.trr_int == jc.TrrInt(value=200)
    assert description.payload_types[0].feedback == (jc.RtcpFeedback(type="transport-cc"),)
    assert section_lines(to_sdp(there(sdp(AUDIO, *lines)).value), "a=rtcp-fb") == list(lines)


@pytest.mark.parametrize("text", ["ccm tmmbr smaxpr=120", "ack rpsi a b=c d", "nack x =y", "app x a  b"])
def test_whatever_follows_a_feedback_message_comes_back(text: str) -> None:
    line = f"a=rtcp-fb:111 {text}"
    assert section_lines(to_sdp(there(sdp(AUDIO, line)).value), "a=rtcp-fb") == [line]


@pytest.mark.parametrize(
    "line", ["a=extmap:1 urn:x vad=on", "a=extmap:4096/inactive urn:x a b=c", "a=extmap:255 urn:x"]
)
def test_header_extensions_keep_their_attributes(line: str) -> None:
    assert section_lines(to_sdp(there(sdp(AUDIO, line)).value), "a=extmap") == [line]


def test_a_header_extension_that_sdp_has_no_number_for_is_told() -> None:
    """XEP-0294 3 has 256, RFC 8285 4.3 ends at 255."""
    extension = f"<rtp-hdrext xmlns='{ns.RTP_HDREXT}' id='256' uri='urn:x'/>"
    mapped = to_sdp(request(content(rtp(OPUS, extension))))
    assert section_lines(mapped, "a=extmap") == []
    assert [loss.path for loss in mapped.losses] == ["jingle/content[1]/description/rtp-hdrext"]


def test_sources_keep_attributes_without_value() -> None:
    """XEP-0339 2.1: "If there is no value in the SDP, the value parameter shall be omitted"."""
    lines = ["a=ssrc-group:SIM 1 2 3", "a=ssrc:1 cname:a b", "a=ssrc:1 x", "a=ssrc:2 cname:c"]
    mapped = there(sdp(AUDIO, *lines))
    assert description_in(mapped.value).sources[0].parameters == (
        jc.SourceParameter(name="cname", value="a b"),
        jc.SourceParameter(name="x"),
    )
    assert section_lines(to_sdp(mapped.value), "a=ssrc") == lines


def test_attributes_of_a_source_inside_a_group_are_told() -> None:
    """XEP-0339 2.2: a group has the numbers of its sources; what is said of them stands beside it."""
    group = (
        f"<ssrc-group xmlns='{ns.SSMA}' semantics='FID'><source ssrc='1'/><source ssrc='2'>{{}}</source></ssrc-group>"
    )
    for parameter, lost in (("<parameter name='cname' value='x'/>", ["description/ssrc-group/source"]), ("", [])):
        mapped = to_sdp(request(content(rtp(OPUS, group.format(parameter)))))
        assert section_lines(mapped, "a=ssrc") == ["a=ssrc-group:FID 1 2"]
        assert [loss.path.removeprefix("jingle/content[1]/") for loss in mapped.losses] == lost


def test_a_stream_that_is_no_msid_is_no_loss() -> None:
    """The a=ssrc line has it; `a=msid`, which would say it again, cannot."""
    mapped = to_sdp(there(sdp(AUDIO, "a=ssrc:1 msid:a b c")).value)
    assert section_lines(mapped, "a=ssrc", "a=msid") == ["a=ssrc:1 msid:a b c"]
    assert mapped.losses == ()


def test_bandwidth_of_each_type_is_kept() -> None:
    desc = sdp(AUDIO, "c=IN IP4 0.0.0.0", "b=AS:128", "b=TIAS:96000", "b=RS:0")
    mapped = there(desc)
    assert [(b.type, b.value) for b in description_in(mapped.value).bandwidths] == [
        ("AS", "128"),
        ("TIAS", "96000"),
        ("RS", "0"),
    ]
    assert section_lines(to_sdp(mapped.value), "b=") == ["b=AS:128", "b=TIAS:96000", "b=RS:0"]


@pytest.mark.parametrize("value", ["-1", "many", "1e3", "\u0663", "", "1" * 21])
def test_bandwidth_that_is_no_number_is_told(value: str) -> None:
    mapped = to_sdp(request(content(rtp(OPUS, f"<bandwidth type='AS'>{value}</bandwidth>"))))
    assert section_lines(mapped, "b=") == []
    assert [loss.path for loss in mapped.losses] == ["jingle/content[1]/description/bandwidth"]


# --- keys ------------------------------------------------------------------------------------------------------------


def test_several_fingerprints_are_kept_in_order() -> None:
    """RFC 8122 5 allows several; most converters keep one."""
    lines = ["a=fingerprint:sha-1 " + ":".join(["01"] * 20), "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)]
    mapped = there(sdp(AUDIO, *lines, "a=setup:actpass"))
    assert [one.hash for one in transport_in(mapped.value).fingerprints] == ["sha-1", "sha-256"]
    assert section_lines(to_sdp(mapped.value), "a=fingerprint", "a=setup") == [*lines, "a=setup:actpass"]


def test_hash_names_are_in_lower_case_and_digits_in_upper_case() -> None:
    """XEP-0320; RFC 8122 5. Neither is another fingerprint, so neither is lost."""
    line = "a=fingerprint:SHA-1 " + ":".join(["ab"] * 20)
    found = transport_in(there(sdp(AUDIO, line)).value).fingerprints[0]
    assert (found.hash, found.value) == ("sha-1", ":".join(["AB"] * 20))
    assert lost(line) == []


def test_roles_that_differ_are_told() -> None:
    prints = "".join(
        f"<fingerprint xmlns='{ns.DTLS}' hash='sha-1' setup='{setup}'>{':'.join([octet] * 20)}</fingerprint>"
        for setup, octet in (("active", "01"), ("passive", "02"))
    )
    mapped = to_sdp(request(content(rtp(OPUS), ice(prints))))
    assert section_lines(mapped, "a=setup") == ["a=setup:active"]
    assert [loss.path for loss in mapped.losses] == ["jingle/content[1]/transport/fingerprint/@setup"]


def test_keys_in_the_signalling_come_back() -> None:
    lines = [
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:32 KDR=1",
        "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:a|1:4;inline:b|2:4",
    ]
    back = to_sdp(there(sdp("m=audio 9 RTP/SAVP 0", *lines)).value)
    assert section_lines(back, "m=", "a=crypto") == ["m=audio 9 RTP/SAVP 0", *lines]


@pytest.mark.parametrize(
    ("transport", "description", "profile"),
    [
        (ICE, rtp(OPUS), "RTP/AVP"),
        (ICE, rtp(OPUS, f"<rtcp-fb xmlns='{ns.RTCP_FB}' type='nack'/>"), "RTP/AVPF"),
        (
            ice(f"<fingerprint xmlns='{ns.DTLS}' hash='sha-1'>{':'.join(['01'] * 20)}</fingerprint>"),
            rtp(OPUS),
            "UDP/TLS/RTP/SAVPF",
        ),
    ],
)
def test_the_profile_follows_from_what_the_content_has(transport: str, description: str, profile: str) -> None:
    """XEP-0167 4, XEP-0293 3, RFC 8829 5.1.2."""
    assert section_lines(to_sdp(request(content(description, transport))), "m=") == [f"m=audio 9 {profile} 111"]


def test_a_fingerprint_that_cannot_be_written_does_not_weaken_the_profile() -> None:
    short = f"<fingerprint xmlns='{ns.DTLS}' hash='sha-256'>AA:BB</fingerprint>"
    mapped = to_sdp(request(content(rtp(OPUS), ice(short))))
    assert section_lines(mapped, "m=", "a=fingerprint") == ["m=audio 9 UDP/TLS/RTP/SAVPF 111"]
    assert [loss.path for loss in mapped.losses] == ["jingle/content[1]/transport/fingerprint"]


# --- candidates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "a=candidate:1 1 udp 2130706431 2001:db8::1 9 typ host",
        "a=candidate:a+/b 256 udp 1 8e1f9a80.local 65535 typ srflx raddr 0.0.0.0 rport 0",
        "a=candidate:1 1 tcp 1518283007 192.0.2.1 9 typ host tcptype active",
        "a=candidate:1 2 tcp 1518283007 192.0.2.1 443 typ relay raddr 192.0.2.9 rport 1 tcptype so generation 3",
        "a=candidate:1 1 ssltcp 1 192.0.2.1 443 typ prflx raddr 192.0.2.9 rport 1 network 7",
    ],
)
def test_candidates_of_all_sorts_come_back(line: str) -> None:
    mapped = there(sdp(AUDIO, "a=mid:0", line))
    assert section_lines(to_sdp(mapped.value), "a=candidate") == [line]
    assert line not in [loss.lines[0] for loss in mapped.losses]


def test_extensions_of_a_candidate_that_jingle_does_not_know_are_lost_one_by_one() -> None:
    line = "a=candidate:1 1 UDP 1 192.0.2.1 5 typ host generation 0 ufrag 8hhy network-id 1 network-cost 10"
    mapped = there(sdp(AUDIO, "a=mid:0", line))
    assert [loss.message.split(" of ")[0] for loss in mapped.losses if loss.lines[0] == line] == [
        "ufrag 8hhy",
        "network-id 1",
        "network-cost 10",
    ]
    assert {loss.code for loss in mapped.losses if loss.lines[0] == line} == {"lost-parameter"}
    assert {loss.path for loss in mapped.losses if loss.lines[0] == line} == {"media[1]/a=candidate"}


DEFAULTS = [
    ([], ["m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0"]),
    (["udp 192.0.2.1 5000 host 1"], ["m=audio 5000 RTP/AVP 0", "c=IN IP4 192.0.2.1", "a=rtcp:9 IN IP4 0.0.0.0"]),
    (
        ["udp 192.0.2.1 5000 host 1", "udp 198.51.100.1 6000 srflx 1", "udp 203.0.113.1 7000 relay 1"],
        ["m=audio 7000 RTP/AVP 0", "c=IN IP4 203.0.113.1", "a=rtcp:9 IN IP4 0.0.0.0"],
    ),
    (
        ["udp 2001:db8::1 5000 host 1", "udp 192.0.2.1 5002 host 1", "udp 192.0.2.1 5003 host 2"],
        ["m=audio 5002 RTP/AVP 0", "c=IN IP4 192.0.2.1", "a=rtcp:5003 IN IP4 192.0.2.1"],
    ),
    (
        ["udp 2001:db8::1 5000 host 1", "tcp 192.0.2.1 9 host 1", "udp 8e1f.local 5001 host 1"],
        ["m=audio 5000 RTP/AVP 0", "c=IN IP6 2001:db8::1", "a=rtcp:9 IN IP4 0.0.0.0"],
    ),
]


@pytest.mark.parametrize(("candidates", "lines"), DEFAULTS)
def test_the_default_destination_is_the_candidate_most_likely_to_be_reached(
    candidates: list[str], lines: list[str]
) -> None:
    """RFC 8839 4.2.1.2: relayed, else reflexive, else host; IPv4 first. RFC 8829 5.2.1: else 0.0.0.0 and 9."""
    elements = []
    for text in candidates:
        protocol, ip, port, kind, component = text.split(" ")
        elements.append(
            f"<candidate component='{component}' foundation='1' generation='0' id='x' ip='{ip}' port='{port}' "
            f"priority='1' protocol='{protocol}' type='{kind}'/>"
        )
    description = rtp("<payload-type id='0'/>")
    mapped = to_sdp(request(content(description, ice(*elements))))
    assert section_lines(mapped, "m=", "c=", "a=rtcp:") == lines


def test_trickling_is_what_a_jingle_transport_does() -> None:
    """XEP-0176 5.1: candidates follow in transport-info; RFC 8829 5.2.1 writes it so."""
    assert section_lines(to_sdp(request(content(rtp(OPUS), ice()))), "a=ice-options") == ["a=ice-options:trickle"]
    assert section_lines(to_sdp(request(content(rtp(OPUS), ICE))), "a=ice-options") == []


# --- data channels ---------------------------------------------------------------------------------------------------


def test_both_forms_of_an_association_in_one_section_are_one_sctpmap() -> None:
    """Q15 of deployed clients: `a=sctpmap` and `a=sctp-port` side by side."""
    desc = sdp(
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "a=sctp-port:5000",
        "a=sctpmap:5000 webrtc-datachannel 1024",
    )
    assert transport_in(there(desc).value).sctpmaps == (
        jc.SctpMap(number=5000, protocol="webrtc-datachannel", streams=1024),
    )


@pytest.mark.parametrize("protocol", ["UDP/DTLS/SCTP", "TCP/DTLS/SCTP", "DTLS/SCTP", "udp/dtls/sctp"])
def test_data_channels_over_any_protocol_are_a_content(protocol: str) -> None:
    mapped = there(sdp(f"m=application 9 {protocol} webrtc-datachannel", "a=sctp-port:5000", "a=mid:0"))
    assert len(mapped.value.contents) == 1
    gone = [loss.lines[0] for loss in mapped.losses if loss.lines[0].startswith("m=")]
    assert gone == ([] if protocol == "UDP/DTLS/SCTP" else [f"m=application 9 {protocol} webrtc-datachannel"])


# --- what SDP cannot say ---------------------------------------------------------------------------------------------

RTP = "jingle/content[1]/description"
TRANSPORT = "jingle/content[1]/transport"
UNKNOWN = "<x xmlns='urn:example:x'/>"


@pytest.mark.parametrize(
    ("description", "transport", "path"),
    [
        (rtp(OPUS, attributes=" ssrc='1'"), ICE, f"{RTP}/@ssrc"),
        (rtp(OPUS, "<encryption/>"), ICE, f"{RTP}/encryption"),
        (rtp(OPUS, f"<source xmlns='{ns.SSMA}' ssrc='1'/>"), ICE, f"{RTP}/source"),
        (rtp(OPUS, attributes=" x='1'"), ICE, f"{RTP}/@x"),
        (rtp(OPUS, UNKNOWN), ICE, RTP),
        (rtp(OPUS.replace("/>", f">{UNKNOWN}</payload-type>")), ICE, RTP),
        (
            rtp(OPUS.replace("/>", "><parameter name='a' value='1;b'/></payload-type>")),
            ICE,
            f"{RTP}/payload-type/parameter",
        ),
        (
            rtp(OPUS.replace("/>", "><parameter name='a=b' value='1'/></payload-type>")),
            ICE,
            f"{RTP}/payload-type/parameter",
        ),
        (rtp(OPUS), ice(f"<channel xmlns='{ns.WEBRTC_DATACHANNEL}' id='1'/>"), f"{TRANSPORT}/channel"),
        (rtp(OPUS), ice(UNKNOWN), TRANSPORT),
        (rtp(OPUS), ice(attributes="ufrag='a-b' pwd='asd88fgpdd777uzjYhagZg'"), f"{TRANSPORT}/@ufrag"),
        (rtp(OPUS), ice(attributes="ufrag='8hhy' pwd='short'"), f"{TRANSPORT}/@pwd"),
        (rtp(OPUS), "<transport xmlns='urn:xmpp:jingle:transports:s5b:1' sid='x'/>", TRANSPORT),
        ("<description xmlns='urn:example:app'/>", ICE, RTP),
        (rtp(), ICE, RTP),
        (rtp(OPUS) + "<security xmlns='urn:example:security'/>", ICE, "jingle/content[1]/security"),
    ],
)
def test_what_a_content_says_and_sdp_cannot_is_told_with_its_place(description: str, transport: str, path: str) -> None:
    mapped = to_sdp(request(content(description, transport)))
    assert [loss.path for loss in mapped.losses] == [path]
    assert mapped.losses[0].code == "lost-element"
    assert mapped.losses[0].clause


def test_a_sctpmap_beside_rtp_is_told() -> None:
    sctpmap = f"<sctpmap xmlns='{ns.DTLS_SCTP}' number='5000' protocol='webrtc-datachannel'/>"
    assert [loss.path for loss in to_sdp(request(content(rtp(OPUS), ice(sctpmap)))).losses] == [f"{TRANSPORT}/sctpmap"]


def test_what_a_request_says_beside_its_contents_is_told() -> None:
    jingle = request(
        content(rtp(OPUS), attributes="creator='initiator' name='0' disposition='early-session' x='1'"),
        "<reason><success/></reason>",
        f"<ringing xmlns='{ns.RTP_INFO}'/>",
        UNKNOWN,
    )
    assert [loss.path for loss in to_sdp(jingle).losses] == [
        "jingle/content[1]/@disposition",
        "jingle/content[1]/@x",
        "jingle/reason",
        "jingle/infos",
        "jingle/",
    ]


# --- data channels that are negotiated (XEP-0343 4.1, RFC 8864 5.1) ---------------------------------------------------

DATA = ("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=sctp-port:5000")
CHANNELS = [
    ('a=dcmap:1 label="data"', "id='1' negotiated='true'"),
    (
        'a=dcmap:3 subprotocol="chat";label="data";ordered=false',
        "id='3' negotiated='true' ordered='false' protocol='chat'",
    ),
    ('a=dcmap:5 label="data";max-retr=3', "id='5' negotiated='true' maxRetransmits='3'"),
    ('a=dcmap:7 label="data";max-time=250', "id='7' negotiated='true' maxPacketLifeTime='250'"),
]


@pytest.mark.parametrize(("line", "attributes"), CHANNELS)
def test_a_channel_has_the_label_that_its_content_is_called(line: str, attributes: str) -> None:
    """XEP-0343 4.1: "the DataChannel is identified through the content name"."""
    transport = f"<channel xmlns='{ns.WEBRTC_DATACHANNEL}' {attributes}/>"
    transport = f"<sctpmap xmlns='{ns.DTLS_SCTP}' number='5000' protocol='webrtc-datachannel'/>{transport}"
    jingle = request(
        content(
            "", f"<transport xmlns='{ns.ICE_UDP}'>{transport}</transport>", attributes="creator='initiator' name='data'"
        )
    )
    back = to_sdp(jingle)
    assert (section_lines(back, "a=dcmap"), back.losses) == ([line], ())
    mapped = there(sdp(*DATA, "a=mid:data", line))
    assert transport_in(mapped.value).channels == transport_in(jingle).channels
    assert not [loss for loss in mapped.losses if loss.path.endswith("a=dcmap")]


def test_another_label_and_a_priority_are_lost_and_nothing_else_of_the_line() -> None:
    mapped = there(sdp(*DATA, "a=mid:data", 'a=dcmap:1 label="x";max-retr=3;priority=256'))
    lost = [loss.message.partition(" of a=")[0] for loss in mapped.losses if loss.path.endswith("a=dcmap")]
    assert lost == ['label="x"', "priority=256"]
    assert section_lines(to_sdp(mapped.value), "a=dcmap") == ['a=dcmap:1 label="data";max-retr=3']


@pytest.mark.parametrize(
    "attributes",
    [
        "id='1' negotiated='true' maxRetransmits='3' maxPacketLifeTime='250'",  # RFC 8864 5.1: one of them
        "id='1' negotiated='false'",
        "negotiated='true'",
    ],
)
def test_a_channel_that_sdp_cannot_say_is_a_loss(attributes: str) -> None:
    transport = f"<transport xmlns='{ns.ICE_UDP}'><channel xmlns='{ns.WEBRTC_DATACHANNEL}' {attributes}/></transport>"
    back = to_sdp(request(content(f"<description xmlns='{ns.DATACHANNEL}'/>", transport)))
    assert section_lines(back, "a=dcmap") == []
    assert [loss.path for loss in back.losses] == ["jingle/content[1]/transport/channel"]


def test_a_channel_beside_rtp_is_told() -> None:
    transport = f"<transport xmlns='{ns.ICE_UDP}'><channel xmlns='{ns.WEBRTC_DATACHANNEL}' id='1'/></transport>"
    description = f"<description xmlns='{ns.RTP}' media='audio'><payload-type id='0'/></description>"
    back = to_sdp(request(content(description, transport)))
    assert [loss.path for loss in back.losses] == ["jingle/content[1]/transport/channel"]


# --- raw UDP (XEP-0177 4.2; draft-ietf-stox-media-04 5.3) -------------------------------------------------------------


def raw_udp(*candidates: str) -> jc.Jingle:
    """Return a request for audio over raw UDP."""
    transport = "".join(f"<candidate id='a9j3mnbtu1' {one}/>" for one in candidates)
    return request(content(PCMU, f"<transport xmlns='{ns.RAW_UDP}'>{transport}</transport>"))


PCMU = f"<description xmlns='{ns.RTP}' media='audio'><payload-type id='0'/></description>"


def test_a_raw_udp_candidate_is_the_address_of_its_section() -> None:
    """The example of XEP-0177 4.2: `ip` goes to `c=`, `port` to `m=`; RTCP has a line of its own (RFC 3605)."""
    back = to_sdp(
        raw_udp(
            "component='1' generation='0' ip='10.1.1.104' port='13540'",
            "component='2' generation='0' ip='10.1.1.104' port='13541'",
        )
    )
    assert back.losses == ()
    assert back.value.media[0].texts == (
        *("m=audio 13540 RTP/AVP 0", "c=IN IP4 10.1.1.104", "a=rtcp:13541 IN IP4 10.1.1.104", "a=mid:0", "a=sendrecv"),
    )


def test_the_newest_generation_of_a_raw_udp_candidate_counts() -> None:
    back = to_sdp(
        raw_udp(
            "component='1' generation='0' ip='10.1.1.104' port='13540'",
            "component='1' generation='1' ip='2001:db8::1' port='13600'",
        )
    )
    assert section_lines(back, "m=", "c=", "a=rtcp") == ["m=audio 13600 RTP/AVP 0", "c=IN IP6 2001:db8::1"]
    assert [loss.path for loss in back.losses] == ["jingle/content[1]/transport/candidate"]


def test_raw_udp_without_a_candidate_has_no_address_yet() -> None:
    assert section_lines(to_sdp(raw_udp()), "m=", "c=") == ["m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0"]


@pytest.mark.parametrize("description", ["", f"<description xmlns='{ns.DATACHANNEL}'/>"])
def test_raw_udp_carries_nothing_but_rtp(description: str) -> None:
    back = to_sdp(request(content(description, f"<transport xmlns='{ns.RAW_UDP}'/>")))
    assert (back.value.media, [loss.path for loss in back.losses]) == ((), ["jingle/content[1]/transport"])

"""The examples of the specifications that show one thing as SDP and as Jingle: both ways, where both are defined."""

from __future__ import annotations

import attrs
import pytest
from mapping_support import (
    ICE,
    content,
    description_in,
    lines_in,
    request,
    sdp,
    section_lines,
    there,
    to_sdp,
    transport_in,
    without_ids,
)

import jinglecodec as jc
from jinglecodec import namespaces as ns

FINGERPRINT = "02:1A:CC:54:27:AB:EB:9C:53:3F:3E:4B:65:2E:7D:46:3F:54:42:CD:54:F1:7A:03:A2:7D:F9:B0:7F:46:19:B2"


def rtp(media: str, *children: str) -> str:
    return f"<description xmlns='{ns.RTP}' media='{media}'>{''.join(children)}</description>"


def described(description: str) -> jc.RtpDescription:
    return jc.loads(description, expect=jc.RtpDescription)


# --- XEP-0167 6 ------------------------------------------------------------------------------------------------------

SPEEX = "<payload-type id='96' name='speex' clockrate='16000'/>"
SPEEX_WITH_PARAMETERS = """
    <payload-type id='96' name='speex' clockrate='16000' ptime='40'>
      <parameter name='vbr' value='on'/>
      <parameter name='cng' value='on'/>
    </payload-type>"""


@pytest.mark.parametrize(
    ("payload_type", "lines"),
    [
        (SPEEX, ["m=audio 9 RTP/AVP 96", "a=rtpmap:96 speex/16000"]),
        (
            SPEEX_WITH_PARAMETERS,
            ["m=audio 9 RTP/AVP 96", "a=rtpmap:96 speex/16000", "a=fmtp:96 vbr=on;cng=on", "a=ptime:40"],
        ),
    ],
)
def test_a_dynamic_payload_type_is_an_rtpmap(payload_type: str, lines: list[str]) -> None:
    """XEP-0167 6; the port follows from the candidates, of which the examples have none."""
    mapped = to_sdp(request(content(rtp("audio", payload_type))))
    assert section_lines(mapped, "m=", "a=rtpmap", "a=fmtp", "a=ptime") == lines
    assert mapped.losses == ()
    assert description_in(there(sdp(*lines)).value) == described(rtp("audio", payload_type))


def test_a_static_payload_type_is_in_the_media_line_alone() -> None:
    """XEP-0167 6: "it MUST be mapped to an m= line". Its name is in RFC 3551, so SDP need not have it."""
    mapped = to_sdp(request(content(rtp("audio", "<payload-type id='13' name='CN'/>"))))
    assert section_lines(mapped, "m=", "a=rtpmap") == ["m=audio 9 RTP/AVP 13"]
    assert mapped.losses == ()
    assert description_in(there(sdp("m=audio 9999 RTP/AVP 13")).value).payload_types == (jc.PayloadType(id=13),)


def test_the_parameters_of_theora_come_in_any_order() -> None:
    """XEP-0167 6, 4: "The order of parameter elements MUST be ignored"; the example shows two orders itself."""
    theora = rtp(
        "video",
        """<payload-type id='98' name='theora' clockrate='90000'>
             <parameter name='height' value='600'/>
             <parameter name='width' value='800'/>
             <parameter name='delivery-method' value='inline'/>
             <parameter name='configuration' value='somebase16string'/>
             <parameter name='sampling' value='YCbCr-4:2:2'/>
           </payload-type>""",
    )
    mapped = to_sdp(request(content(theora)))
    assert section_lines(mapped, "m=", "a=rtpmap", "a=fmtp") == [
        "m=video 9 RTP/AVP 98",
        "a=rtpmap:98 theora/90000",
        "a=fmtp:98 height=600;width=800;delivery-method=inline;configuration=somebase16string;sampling=YCbCr-4:2:2",
    ]
    found = description_in(
        there(
            sdp(
                "m=video 49170 RTP/AVP 98",
                "a=rtpmap:98 theora/90000",
                "a=fmtp:98 sampling=YCbCr-4:2:2; width=800; height=600; delivery-method=inline; "
                "configuration=somebase16string;",
            )
        ).value
    ).payload_types[0]
    expected = described(theora).payload_types[0]
    assert set(found.parameters) == set(expected.parameters)
    assert attrs.evolve(found, parameters=()) == attrs.evolve(expected, parameters=())


def test_bandwidth_has_the_type_and_value_of_its_line() -> None:
    """XEP-0167 6: "SHALL be mapped to an SDP b= line"."""
    description = rtp("audio", SPEEX, "<bandwidth type='AS'>128</bandwidth>")
    assert section_lines(to_sdp(request(content(description))), "b=") == ["b=AS:128"]
    desc = sdp("m=audio 9 RTP/AVP 96", "c=IN IP4 0.0.0.0", "b=AS:128", "a=rtpmap:96 speex/16000")
    assert description_in(there(desc).value) == described(description)


# --- XEP-0167 7 ------------------------------------------------------------------------------------------------------

CRYPTO = (
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:32"
    " KDR=1 UNENCRYPTED_SRTCP"
)
ENCRYPTION = """
    <encryption required='1'>
      <crypto
          crypto-suite='AES_CM_128_HMAC_SHA1_80'
          key-params='inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:32'
          session-params='KDR=1 UNENCRYPTED_SRTCP'
          tag='1'/>
    </encryption>"""


def test_keys_that_are_required_are_those_of_the_secure_profile() -> None:
    """XEP-0167 7; 4: with <encryption/>, "the RTP profile MUST instead be considered RTP/SAVP"."""
    description = rtp("audio", SPEEX, ENCRYPTION)
    mapped = to_sdp(request(content(description)))
    assert section_lines(mapped, "m=", "a=crypto") == ["m=audio 9 RTP/SAVP 96", CRYPTO]
    assert mapped.losses == ()
    desc = sdp("m=audio 9 RTP/SAVP 96", "a=rtpmap:96 speex/16000", CRYPTO)
    assert description_in(there(desc).value) == described(description)


def test_keys_under_the_plain_profile_are_not_required() -> None:
    """XEP-0167 7: `required` "defaults to a logical value of FALSE"."""
    mapped = there(sdp("m=audio 9 RTP/AVP 96", "a=rtpmap:96 speex/16000", CRYPTO))
    encryption = description_in(mapped.value).encryption
    assert encryption is not None
    assert not encryption.required
    back = to_sdp(mapped.value)
    assert [loss.path for loss in back.losses] == ["jingle/content[1]/description/encryption"]


# --- XEP-0293 5 ------------------------------------------------------------------------------------------------------


def test_feedback_belongs_to_a_payload_type_or_to_all_of_them() -> None:
    """XEP-0293 5, the video of its example (whose XML calls payload type 99 H264, and its SDP H261)."""
    lines = [
        "m=video 9 RTP/AVPF 98 99",
        "a=rtcp-fb:* nack",
        "a=rtpmap:98 H263-1998/90000",
        "a=rtcp-fb:98 nack rpsi",
        "a=rtcp-fb:98 trr-int 100",
        "a=rtpmap:99 H261/90000",
    ]
    fb = f"xmlns='{ns.RTCP_FB}'"
    description = rtp(
        "video",
        f"<rtcp-fb {fb} type='nack'/>",
        f"""<payload-type id='98' name='H263-1998' clockrate='90000'>
              <rtcp-fb {fb} type='nack' subtype='rpsi'/>
              <rtcp-fb-trr-int {fb} value='100'/>
            </payload-type>""",
        "<payload-type id='99' name='H261' clockrate='90000'/>",
    )
    assert section_lines(to_sdp(request(content(description))), "m=", "a=rtpmap", "a=rtcp-fb") == lines
    assert description_in(there(sdp(*lines)).value) == described(description)


def test_the_interval_alone_keeps_the_profile_with_feedback() -> None:
    """XEP-0293 4: "but the responder wants to stay in the RTP/AVPF profile, it MUST put a <rtcp-fb-trr-int/>"."""
    description = rtp(
        "video",
        f"<rtcp-fb-trr-int xmlns='{ns.RTCP_FB}' value='0'/>",
        "<payload-type id='96' name='H264' clockrate='90000'/>",
    )
    lines = ["m=video 9 RTP/AVPF 96", "a=rtcp-fb:* trr-int 0"]
    assert section_lines(to_sdp(request(content(description))), "m=", "a=rtcp-fb") == lines
    assert description_in(there(sdp(*lines, "a=rtpmap:96 H264/90000")).value) == described(description)


def test_further_parameters_of_feedback_are_pairs() -> None:
    """XEP-0293 3: "extra parameters in the a=b form can use the <parameter/> element"; RFC 5104 7.3 has the line."""
    line = "a=rtcp-fb:98 ccm tmmbr smaxpr=120"
    desc = sdp("m=video 9 RTP/AVPF 98", "a=rtpmap:98 H263-1998/90000", line)
    mapped = there(desc)
    tmmbr = jc.FeedbackParameter(name="smaxpr", value="120")
    expected = jc.RtcpFeedback(type="ccm", subtype="tmmbr", parameters=(tmmbr,))
    assert description_in(mapped.value).payload_types[0].feedback == (expected,)
    assert section_lines(to_sdp(mapped.value), "a=rtcp-fb") == [line]


# --- XEP-0294 5 ------------------------------------------------------------------------------------------------------


def test_header_extensions_have_the_senders_of_their_direction() -> None:
    """XEP-0294 5. Its example gives `senders='initiator'` for what the initiator calls recvonly, against XEP-0166 7.3,
    where recvonly is `responder`, and against its own text ("Which party is allowed to send"): XEP-0166 is followed.
    """
    lines = [
        "a=extmap:1 URI-toffset",
        "a=extmap:2/recvonly URI-gps-string",
        "a=extmap:3 URI-frametype",
        "a=extmap-allow-mixed",
        "a=sendrecv",
    ]
    hdrext = f"xmlns='{ns.RTP_HDREXT}'"
    description = rtp(
        "video",
        SPEEX,
        f"<rtp-hdrext {hdrext} id='1' uri='URI-toffset'/>",
        f"<rtp-hdrext {hdrext} id='2' uri='URI-gps-string' senders='responder'/>",
        f"<rtp-hdrext {hdrext} id='3' uri='URI-frametype'/>",
        f"<extmap-allow-mixed {hdrext}/>",
    )
    assert section_lines(to_sdp(request(content(description))), "a=extmap", "a=sendrecv") == lines
    desc = sdp("m=video 9 RTP/AVP 96", "a=rtpmap:96 speex/16000", *lines)
    assert description_in(there(desc).value) == described(description)


# --- XEP-0320 1 ------------------------------------------------------------------------------------------------------


def test_a_fingerprint_carries_the_role() -> None:
    transport = f"""<transport xmlns='{ns.ICE_UDP}'>
        <fingerprint xmlns='{ns.DTLS}' hash='sha-256' setup='actpass'>{FINGERPRINT}</fingerprint>
      </transport>"""
    lines = [f"a=fingerprint:sha-256 {FINGERPRINT}", "a=setup:actpass"]
    mapped = to_sdp(request(content(rtp("audio", SPEEX), transport)))
    assert section_lines(mapped, "a=fingerprint", "a=setup") == lines
    desc = sdp("m=audio 9 UDP/TLS/RTP/SAVPF 96", *lines)
    assert transport_in(there(desc).value) == jc.loads(transport, expect=jc.IceUdpTransport)


# --- XEP-0338 2 ------------------------------------------------------------------------------------------------------


def test_a_group_names_contents_as_tags() -> None:
    group = f"<group xmlns='{ns.GROUPING}' semantics='LS'><content name='voice'/><content name='webcam'/></group>"
    contents = [
        content(rtp(media, SPEEX), attributes=f"creator='initiator' name='{name}'")
        for media, name in (("audio", "voice"), ("video", "webcam"))
    ]
    mapped = to_sdp(request(group, *contents))
    assert [line for line in lines_in(mapped.value) if line.startswith(("a=group", "a=mid"))] == [
        "a=group:LS voice webcam",
        "a=mid:voice",
        "a=mid:webcam",
    ]
    assert there(mapped.value).value.groups == request(group).groups


# --- XEP-0339 2, 3 ---------------------------------------------------------------------------------------------------

SSMA = f"xmlns='{ns.SSMA}'"
STREAM = "MLTJKIHilGn71fNQoszkQ4jlPTuS5vJyKVIv"


def test_a_source_has_its_attributes_as_parameters() -> None:
    """XEP-0339 2.1. `a=msid` follows from them, as RFC 8829 5.2.1 wants it."""
    lines = [
        f"a=msid:{STREAM} {STREAM}a0",
        "a=ssrc:1656081975 cname:Yv/wvbCdsDW2Prgd",
        f"a=ssrc:1656081975 msid:{STREAM} {STREAM}a0",
    ]
    description = rtp(
        "video",
        SPEEX,
        f"""<source {SSMA} ssrc='1656081975'>
              <parameter name='cname' value='Yv/wvbCdsDW2Prgd'/>
              <parameter name='msid' value='{STREAM} {STREAM}a0'/>
            </source>""",
    )
    assert section_lines(to_sdp(request(content(description))), "a=ssrc", "a=msid") == lines
    desc = sdp("m=video 9 RTP/AVP 96", "a=rtpmap:96 speex/16000", *lines)
    assert description_in(there(desc).value) == described(description)


def test_source_groups_and_sources_of_a_section() -> None:
    """XEP-0339 3, with the three payload types that its SDP has and its XML leaves out."""
    sources = {
        2301230316: "T5qvrIZj42v//eYQ",
        386328120: "uEYgNtStZyTF74sM",
        3139499595: "re8jhxkly9bxzuxr",
        2613715171: "f83avsiw6n1m7vi",
    }
    lines = [
        "m=video 1 RTP/SAVPF 100 116 117",
        "a=rtpmap:100 VP8/90000",
        "a=ssrc-group:FID 2301230316 386328120",
        "a=ssrc:2301230316 cname:T5qvrIZj42v//eYQ",
        "a=ssrc:386328120 cname:uEYgNtStZyTF74sM",
        "a=ssrc-group:FID 3139499595 2613715171",
        "a=ssrc:3139499595 cname:re8jhxkly9bxzuxr",
        "a=ssrc:2613715171 cname:f83avsiw6n1m7vi",
    ]
    found = description_in(there(sdp(*lines)).value)
    assert found.source_groups == tuple(
        jc.SourceGroup(semantics="FID", sources=tuple(jc.Source(ssrc=ssrc) for ssrc in pair))
        for pair in ((2301230316, 386328120), (3139499595, 2613715171))
    )
    assert found.sources == tuple(
        jc.Source(ssrc=ssrc, parameters=(jc.SourceParameter(name="cname", value=cname),))
        for ssrc, cname in sources.items()
    )
    back = to_sdp(there(sdp(*lines)).value)
    assert sorted(section_lines(back, "a=ssrc")) == sorted(line for line in lines if line.startswith("a=ssrc"))


# --- XEP-0176 5.2, 5.3, 5.7 ------------------------------------------------------------------------------------------

ROMEO = f"""
    <transport xmlns='{ns.ICE_UDP}' pwd='asd88fgpdd777uzjYhagZg' ufrag='8hhy'>
      <candidate component='1' foundation='1' generation='0' id='el0747fg11' ip='10.0.1.1' network='1'
                 port='8998' priority='2130706431' protocol='udp' type='host'/>
      <candidate component='1' foundation='2' generation='0' id='y3s2b30v3r' ip='192.0.2.3' network='1'
                 port='45664' priority='1694498815' protocol='udp' rel-addr='10.0.1.1' rel-port='8998' type='srflx'/>
    </transport>"""
ROMEO_LINES = [
    "a=candidate:1 1 udp 2130706431 10.0.1.1 8998 typ host network 1",
    "a=candidate:2 1 udp 1694498815 192.0.2.3 45664 typ srflx raddr 10.0.1.1 rport 8998 network 1",
    "a=ice-ufrag:8hhy",
    "a=ice-pwd:asd88fgpdd777uzjYhagZg",
]


def test_each_attribute_of_a_candidate_has_its_place_in_the_line() -> None:
    """XEP-0176 5.3, the table: `network` and `generation` are extensions, `id` has no place ("N/A").

    Generation 0 is that of a candidate which says none.
    """
    mapped = to_sdp(request(content(rtp("audio", SPEEX), ROMEO)))
    assert section_lines(mapped, "a=candidate", "a=ice-ufrag", "a=ice-pwd") == ROMEO_LINES
    assert mapped.losses == ()
    found = transport_in(there(sdp("m=audio 9 RTP/AVP 96", *ROMEO_LINES)).value)
    assert without_ids(found) == without_ids(jc.loads(ROMEO, expect=jc.IceUdpTransport))


def test_what_the_schema_requires_and_a_line_has_not_is_made_up_and_vanishes() -> None:
    """XEP-0176 13: id and generation are required; some peers want network too."""
    line = "a=candidate:1 1 UDP 2130706431 10.0.1.1 8998 typ host"
    made = transport_in(there(sdp("m=audio 9 RTP/AVP 96", line)).value).candidates[0]
    again = transport_in(there(sdp("m=audio 9 RTP/AVP 0", line)).value).candidates[0]
    assert made.id is not None
    assert (made.generation, made.network, made.id) == (0, 0, again.id)
    back = to_sdp(request(content(rtp("audio", SPEEX), jc.dumps(jc.IceUdpTransport(candidates=(made,))).decode())))
    assert section_lines(back, "a=candidate") == [line.replace("UDP", "udp")]


def test_the_chosen_candidates_of_the_peer_are_remote_candidates() -> None:
    """XEP-0176 5.7: "this maps to the SDP "remote-candidates" attribute"."""
    transport = f"""<transport xmlns='{ns.ICE_UDP}' pwd='asd88fgpdd777uzjYhagZg' ufrag='8hhy'>
        <remote-candidate component='1' ip='192.0.2.1' port='3478'/>
        <remote-candidate component='2' ip='192.0.2.1' port='3479'/>
      </transport>"""
    line = "a=remote-candidates:1 192.0.2.1 3478 2 192.0.2.1 3479"
    assert section_lines(to_sdp(request(content(rtp("audio", SPEEX), transport))), "a=remote") == [line]
    desc = sdp("m=audio 9 RTP/AVP 96", "a=ice-ufrag:8hhy", "a=ice-pwd:asd88fgpdd777uzjYhagZg", line)
    assert transport_in(there(desc).value) == jc.loads(transport, expect=jc.IceUdpTransport)


# --- XEP-0343 4 ------------------------------------------------------------------------------------------------------

SCTPMAP = f"<sctpmap xmlns='{ns.DTLS_SCTP}' number='5000' protocol='webrtc-datachannel' streams='1024'/>"
WITHOUT_STREAMS = SCTPMAP.replace(" streams='1024'", "")


def test_the_sctpmap_line_of_the_drafts_is_read() -> None:
    """XEP-0343 4.2."""
    desc = sdp("m=application 9 DTLS/SCTP 5000", "a=sctpmap:5000 webrtc-datachannel 1024")
    assert transport_in(there(desc).value).sctpmaps == (jc.loads(SCTPMAP, expect=jc.SctpMap),)


@pytest.mark.parametrize(
    "description",
    [
        "",
        f"<description xmlns='{ns.DATACHANNEL}'/>",
        "<description xmlns='http://jitsi.org/jitmeet/data'/>",
        "<description xmlns='urn:xmpp:jingle:apps:file-transfer:3'><offer/></description>",
        f"<description xmlns='{ns.RTP}' media='application'/>",
    ],
)
def test_data_channels_are_written_as_rfc_8841_has_it_whatever_they_are_for(description: str) -> None:
    """XEP-0343 4; its example is a file transfer. A number of streams is not negotiated in SDP any more."""
    mapped = to_sdp(request(content(description, f"<transport xmlns='{ns.ICE_UDP}'>{SCTPMAP}</transport>")))
    assert section_lines(mapped, "m=", "a=sctp") == [
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "a=sctp-port:5000",
    ]
    paths = [loss.path.removeprefix("jingle/content[1]/") for loss in mapped.losses]
    ours = description == "" or ns.DATACHANNEL in description
    assert paths == ["transport/sctpmap/@streams", *([] if ours else ["description"])]


def test_one_association_is_written_and_others_are_lost() -> None:
    """RFC 8841 5: one a=sctp-port a section."""
    other = WITHOUT_STREAMS.replace("5000", "5001")
    mapped = to_sdp(
        request(content("", f"<transport xmlns='{ns.ICE_UDP}'>{WITHOUT_STREAMS}{other}{other}</transport>"))
    )
    assert section_lines(mapped, "a=sctp-port") == ["a=sctp-port:5000"]
    assert ["is one too many" in str(loss) for loss in mapped.losses] == [True, True]


def test_data_channels_of_a_section_get_a_description_of_our_own() -> None:
    """XEP-0343 names no application for a content that is nothing but data channels."""
    desc = sdp("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=sctp-port:5000", "a=mid:2")
    mapped = there(desc)
    assert jc.dumps(mapped.value.contents[0]) == jc.dumps(
        request(
            content(
                f"<description xmlns='{ns.DATACHANNEL}'/>",
                f"<transport xmlns='{ns.ICE_UDP}'>{WITHOUT_STREAMS}</transport>",
                attributes="creator='initiator' name='2' senders='both'",
            )
        ).contents[0]
    )
    assert section_lines(to_sdp(mapped.value), "m=", "a=sctp", "a=mid") == [
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "a=mid:2",
        "a=sctp-port:5000",
    ]


def test_a_content_without_any_transport_details_still_is_a_section() -> None:
    mapped = to_sdp(request(content(rtp("audio", SPEEX), ICE)))
    assert section_lines(mapped, "c=", "a=rtcp:", "a=ice") == ["c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0"]


# --- XEP-0262 1, XEP-0371, XEP-0507 3 --------------------------------------------------------------------------------

ZRTP = "fe30efd02423cb054e50efd0248742ac7a52c8f91bc2df881ae642c371ba46df"


def test_the_hash_of_zrtp_is_in_the_encryption() -> None:
    """XEP-0262 1."""
    line = f"a=zrtp-hash:1.10 {ZRTP}"
    encryption = f"<encryption><zrtp-hash xmlns='{ns.ZRTP}' version='1.10'>{ZRTP}</zrtp-hash></encryption>"
    description = rtp("audio", SPEEX, encryption)
    mapped = to_sdp(request(content(description)))
    assert section_lines(mapped, "m=", "a=zrtp-hash") == ["m=audio 9 RTP/AVP 96", line]
    assert mapped.losses == ()
    assert description_in(there(sdp("m=audio 9 RTP/AVP 96", SPEEX_LINE, line)).value) == described(description)


SPEEX_LINE = "a=rtpmap:96 speex/16000"


@pytest.mark.parametrize("line", ["a=zrtp-hash:1.10", "a=zrtp-hash:1.10 xyz", "a=zrtp-hash"])
def test_a_broken_hash_of_zrtp_is_lost(line: str) -> None:
    mapped = there(sdp("m=audio 9 RTP/AVP 96", line))
    assert description_in(mapped.value).encryption is None
    assert line in [loss.lines[0] for loss in mapped.losses]


def test_categories_are_the_content_attribute() -> None:
    """XEP-0507 3: the name "MUST map to the RFC 4796 SDP 'content' attribute"."""
    names = [f"<category xmlns='{ns.CATEGORY}' name='{name}'/>" for name in ("slides", "alt")]
    description = rtp("video", *names, "<payload-type id='31' name='H261' clockrate='9000'/>")
    lines = ["m=video 9 RTP/AVP 31", "a=rtpmap:31 H261/9000", "a=content:slides,alt"]
    mapped = to_sdp(request(content(description)))
    assert section_lines(mapped, "m=", "a=rtpmap", "a=content") == lines
    assert mapped.losses == ()
    assert description_in(there(sdp(*lines)).value) == described(description)


def test_a_category_that_is_no_token_is_told() -> None:
    category = f"<category xmlns='{ns.CATEGORY}' name='a b'/>"
    mapped = to_sdp(request(content(rtp("video", category, "<payload-type id='31' name='H261' clockrate='9000'/>"))))
    assert section_lines(mapped, "a=content") == []
    assert [loss.path for loss in mapped.losses if "category" in str(loss)] == [
        "jingle/content[1]/description/category"
    ]


def test_the_successor_of_the_ice_transport_is_read() -> None:
    """XEP-0371 5.3, 7: candidates over TCP, and the end of them; one deployed client speaks nothing else."""
    transport = f"""<transport xmlns='{ns.ICE}' pwd='asd88fgpdd777uzjYhagZg' ufrag='8hhy' ice2='true'>
        <candidate component='1' foundation='1' generation='0' id='x' ip='10.0.1.1' network='1' port='9'
                   priority='1518283007' protocol='tcp' tcptype='active' type='host'/>
        <gathering-complete/>
      </transport>"""
    mapped = to_sdp(request(content(rtp("audio", SPEEX), transport)))
    assert section_lines(mapped, "a=candidate", "a=end", "a=ice") == [
        "a=candidate:1 1 tcp 1518283007 10.0.1.1 9 typ host tcptype active network 1",
        "a=end-of-candidates",
        "a=ice-ufrag:8hhy",
        "a=ice-pwd:asd88fgpdd777uzjYhagZg",
        "a=ice-options:trickle ice2",
    ]
    assert mapped.losses == ()

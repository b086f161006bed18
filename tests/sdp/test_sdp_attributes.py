"""One line of each class, most of them from the examples of its specification, and what it says."""

from __future__ import annotations

import pytest

from jinglecodec import sdp
from jinglecodec.sdp.attributes import TABLE

S, R = sdp.SimulcastId, sdp.RidDirection

# Line, value. Each value writes exactly this line.
GOLDEN: list[tuple[str, sdp.Value]] = [
    # RFC 8866 5
    (
        "o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1",
        sdp.Origin("jdoe", 3724394400, 3724394405, "IN", "IP4", "198.51.100.1"),
    ),
    ("s=Call to John Smith", sdp.SessionName("Call to John Smith")),
    ("i=SDP Offer #1", sdp.Information("SDP Offer #1")),
    ("u=http://www.jdoe.example.com/home.html", sdp.Uri("http://www.jdoe.example.com/home.html")),
    ("e=Jane Doe <jane@jdoe.example.com>", sdp.Email("Jane Doe <jane@jdoe.example.com>")),
    ("p=+1 617 555-6011", sdp.Phone("+1 617 555-6011")),
    ("c=IN IP4 198.51.100.1", sdp.Connection("198.51.100.1")),
    ("c=IN IP4 233.252.0.1/127", sdp.Connection("233.252.0.1", ttl=127)),
    ("c=IN IP4 233.252.0.1/127/3", sdp.Connection("233.252.0.1", ttl=127, count=3)),
    ("c=IN IP6 ff00::db8:0:101/3", sdp.Connection("ff00::db8:0:101", "IP6", count=3)),
    ("c=ATM NSAP 47.0091.8100", sdp.Connection("47.0091.8100", "NSAP", "ATM")),
    ("b=X-YZ:128", sdp.Bandwidth("X-YZ", 128)),
    ("t=3724394400 3730536000", sdp.Timing(3724394400, 3730536000)),
    ("r=604800 3600 0 90000", sdp.Repeat(604800, 3600, (0, 90000))),
    (
        "z=3730928400 -3600 3749680800 0",
        sdp.Zones((sdp.ZoneAdjustment(3730928400, -3600), sdp.ZoneAdjustment(3749680800, 0))),
    ),
    ("k=prompt", sdp.Key("prompt")),
    ("k=clear:secret", sdp.Key("clear", "secret")),
    ("m=audio 49170 RTP/AVP 0", sdp.MediaField("audio", 49170, "RTP/AVP", ("0",))),
    ("m=video 49170/2 RTP/AVP 31 99", sdp.MediaField("video", 49170, "RTP/AVP", ("31", "99"), 2)),
    (
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        sdp.MediaField("application", 9, "UDP/DTLS/SCTP", ("webrtc-datachannel",)),
    ),
    # RFC 8866 6
    ("a=ptime:20", sdp.Ptime(20)),
    ("a=ptime:2.5", sdp.Ptime(2.5)),
    ("a=maxptime:120", sdp.Maxptime(120)),
    ("a=framerate:29.97", sdp.Framerate(29.97)),
    ("a=rtpmap:98 L16/11025/2", sdp.Rtpmap(98, "L16", 11025, 2)),
    ("a=rtpmap:111 opus/48000/2", sdp.Rtpmap(111, "opus", 48000, 2)),
    ("a=rtpmap:96 VP8/90000", sdp.Rtpmap(96, "VP8", 90000)),
    (
        "a=fmtp:96 profile-level-id=42e016;max-mbps=108000;max-fs=3600",
        sdp.Fmtp("96", "profile-level-id=42e016;max-mbps=108000;max-fs=3600"),
    ),
    ("a=sendrecv", sdp.Direction.SENDRECV),
    ("a=sendonly", sdp.Direction.SENDONLY),
    ("a=recvonly", sdp.Direction.RECVONLY),
    ("a=inactive", sdp.Direction.INACTIVE),
    ("a=x-unknown", sdp.Attribute("x-unknown")),
    ("a=x-unknown:a b:c", sdp.Attribute("x-unknown", "a b:c")),
    # RFC 8839, RFC 8840, RFC 6544
    (
        "a=candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998",
        sdp.Candidate("2", 1, "UDP", 1694498815, "192.0.2.3", 45664, "srflx", "203.0.113.141", 8998),
    ),
    (
        "a=candidate:1 1 TCP 2128609279 192.0.2.1 9 typ host tcptype active generation 0 network-id 1 network-cost 10",
        sdp.Candidate(
            *("1", 1, "TCP", 2128609279, "192.0.2.1", 9, "host"),
            extensions=(("tcptype", "active"), ("generation", "0"), ("network-id", "1"), ("network-cost", "10")),
        ),
    ),
    (
        "a=remote-candidates:1 192.0.2.3 45664 2 192.0.2.3 45665",
        sdp.RemoteCandidates((sdp.RemoteCandidate(1, "192.0.2.3", 45664), sdp.RemoteCandidate(2, "192.0.2.3", 45665))),
    ),
    ("a=ice-lite", sdp.IceLite()),
    ("a=ice-mismatch", sdp.IceMismatch()),
    ("a=ice-pwd:asd88fgpdd777uzjYhagZg", sdp.IcePwd("asd88fgpdd777uzjYhagZg")),
    ("a=ice-ufrag:8hhY", sdp.IceUfrag("8hhY")),
    ("a=ice-pacing:50", sdp.IcePacing(50)),
    ("a=ice-options:ice2 rtp+ecn", sdp.IceOptions(("ice2", "rtp+ecn"))),
    ("a=end-of-candidates", sdp.EndOfCandidates()),
    # RFC 8122, RFC 4145, RFC 8842, RFC 4568
    (
        "a=fingerprint:SHA-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB",
        sdp.Fingerprint("SHA-1", bytes.fromhex("4AADB9B13F82183B540212DF3E5D496B19E57CAB")),
    ),
    ("a=setup:actpass", sdp.Setup.ACTPASS),
    ("a=setup:holdconn", sdp.Setup.HOLDCONN),
    ("a=tls-id:abc3de65cddef001be82", sdp.TlsId("abc3de65cddef001be82")),
    (
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^20|1:32",
        sdp.Crypto(1, "AES_CM_128_HMAC_SHA1_80", ("inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^20|1:32",)),
    ),
    (
        "a=crypto:2 F8_128_HMAC_SHA1_80 inline:MTIz|2^20|1:4;inline:QUJj|2^20|2:4 FEC_ORDER=FEC_SRTP",
        sdp.Crypto(2, "F8_128_HMAC_SHA1_80", ("inline:MTIz|2^20|1:4", "inline:QUJj|2^20|2:4"), ("FEC_ORDER=FEC_SRTP",)),
    ),
    # RFC 8841, the drafts before it, RFC 8864
    ("a=sctp-port:5000", sdp.SctpPort(5000)),
    ("a=max-message-size:100000", sdp.MaxMessageSize(100000)),
    ("a=sctpmap:5000 webrtc-datachannel 1024", sdp.Sctpmap(5000, "webrtc-datachannel", 1024)),
    ("a=sctpmap:5000 webrtc-datachannel", sdp.Sctpmap(5000, "webrtc-datachannel")),
    ("a=dcmap:0", sdp.Dcmap(0)),
    (
        'a=dcmap:1 subprotocol="bfcp";max-time=60000;priority=512',
        sdp.Dcmap(1, subprotocol="bfcp", max_time=60000, priority=512),
    ),
    (
        'a=dcmap:4 label="foo%09bar";ordered=true;max-time=15000',
        sdp.Dcmap(4, label="foo\tbar", ordered=True, max_time=15000),
    ),
    ("a=dcsa:2 accept-types:message/cpim text/plain", sdp.Dcsa(2, "accept-types", "message/cpim text/plain")),
    # RFC 5888, RFC 8843, RFC 8830, RFC 4796, RFC 4574
    ("a=group:LS 1 2", sdp.Group("LS", ("1", "2"))),
    ("a=group:BUNDLE", sdp.Group("BUNDLE")),
    ("a=mid:1", sdp.Mid("1")),
    ("a=bundle-only", sdp.BundleOnly()),
    ("a=msid:examplefoo examplebar", sdp.Msid("examplefoo", "examplebar")),
    ("a=msid:-", sdp.Msid("-")),
    ("a=msid-semantic:WMS *", sdp.MsidSemantic("WMS", ("*",))),
    ("a=content:slides,alt", sdp.ContentTags(("slides", "alt"))),
    ("a=label:1", sdp.Label("1")),
    # RTP and RTCP
    ("a=rtcp-fb:* nack", sdp.RtcpFeedback("*", "nack")),
    ("a=rtcp-fb:98 nack rpsi", sdp.RtcpFeedback("98", "nack", "rpsi")),
    ("a=rtcp-fb:98 trr-int 100", sdp.RtcpFeedback("98", "trr-int", "100")),
    ("a=rtcp-fb:98 ccm tmmbr smaxpr=120", sdp.RtcpFeedback("98", "ccm", "tmmbr", "smaxpr=120")),
    ("a=rtcp-fb:98 ccm vbcm 1 5 7", sdp.RtcpFeedback("98", "ccm", "vbcm", "1 5 7")),
    ("a=rtcp-xr:rcvr-rtt=all:10", sdp.RtcpXr("rcvr-rtt=all:10")),
    ("a=extmap:1 http://example.com/082005/ext.htm#ttime", sdp.Extmap(1, "http://example.com/082005/ext.htm#ttime")),
    (
        "a=extmap:2/sendrecv http://example.com/082005/ext.htm#xmeta short",
        sdp.Extmap(2, "http://example.com/082005/ext.htm#xmeta", sdp.Direction.SENDRECV, "short"),
    ),
    ("a=extmap:4096/inactive urn:x a=b c", sdp.Extmap(4096, "urn:x", sdp.Direction.INACTIVE, "a=b c")),
    ("a=extmap-allow-mixed", sdp.ExtmapAllowMixed()),
    ("a=rtcp:53020", sdp.Rtcp(53020)),
    (
        "a=rtcp:53020 IN IP6 2001:2345:6789:ABCD:EF01:2345:6789:ABCD",
        sdp.Rtcp(53020, "2001:2345:6789:ABCD:EF01:2345:6789:ABCD", "IP6"),
    ),
    ("a=rtcp-mux", sdp.RtcpMux()),
    ("a=rtcp-mux-only", sdp.RtcpMuxOnly()),
    ("a=rtcp-rsize", sdp.RtcpRsize()),
    # RFC 5576, RFC 8851, RFC 8853, RFC 6236, RFC 4570
    ("a=ssrc:11111 cname:user3@example.com", sdp.Ssrc(11111, "cname", "user3@example.com")),
    ("a=ssrc:4294967295 x-flag", sdp.Ssrc(4294967295, "x-flag")),
    ("a=ssrc-group:FID 11111 22222", sdp.SsrcGroup("FID", (11111, 22222))),
    ("a=rid:1 send", sdp.Rid("1", R.SEND)),
    (
        "a=rid:4 recv pt=97,98;max-width=1280;max-height=720;depend=1,2",
        sdp.Rid("4", R.RECV, ("97", "98"), (("max-width", "1280"), ("max-height", "720"), ("depend", "1,2"))),
    ),
    (
        "a=simulcast:send 1,~4;2;3 recv c",
        sdp.Simulcast(((S("1"), S("4", paused=True)), (S("2"),), (S("3"),)), ((S("c"),),)),
    ),
    (
        "a=imageattr:97 send [x=800,y=640,sar=1.1,q=0.6] [x=480,y=320] recv *",
        sdp.ImageAttr(
            *("97", (sdp.ImageSet("800", "640", (("sar", "1.1"), ("q", "0.6"))), sdp.ImageSet("480", "320")), ()),
        ),
    ),
    (
        "a=imageattr:* recv [x=[480:16:800],y=[320:16:640],par=[1.2-1.3]]",
        sdp.ImageAttr("*", None, (sdp.ImageSet("[480:16:800]", "[320:16:640]", (("par", "[1.2-1.3]"),)),)),
    ),
    (
        "a=source-filter: incl IN IP4 233.252.0.2 192.0.2.10 192.0.2.11",
        sdp.SourceFilter("incl", "233.252.0.2", ("192.0.2.10", "192.0.2.11")),
    ),
    ("a=source-filter: excl IN * * a.example", sdp.SourceFilter("excl", "*", ("a.example",), "*")),
]

# Other spellings of the same.
SPELLINGS: list[tuple[str, sdp.Value]] = [
    ("a=msid-semantic: WMS", sdp.MsidSemantic("WMS")),
    ("a=msid-semantic: WMS a b", sdp.MsidSemantic("WMS", ("a", "b"))),
    ("a=source-filter:incl IN IP4 * 192.0.2.10", sdp.SourceFilter("incl", "*", ("192.0.2.10",))),
    ("a=ptime:20.0", sdp.Ptime(20)),
    ("a=simulcast:recv c send 1", sdp.Simulcast(((S("1"),),), ((S("c"),),))),
    ("a=imageattr:97  recv  *\tsend [x=1,y=2]", sdp.ImageAttr("97", (sdp.ImageSet("1", "2"),), ())),
    ("a=crypto:1  S\tinline:x", sdp.Crypto(1, "S", ("inline:x",))),
    (
        "a=fingerprint:md5 00:0a:0B:00:00:00:00:00:00:00:00:00:00:00:00:00",
        sdp.Fingerprint("md5", b"\0\n\x0b" + bytes(13)),
    ),
    ("a=rtcp-fb:96 nack  ", sdp.Attribute("rtcp-fb", "96 nack  ")),
    ("r=7d 1h 0 25h", sdp.Repeat(604800, 3600, (0, 90000))),
    (
        "z=3730928400 -1h 3749680800 0",
        sdp.Zones((sdp.ZoneAdjustment(3730928400, -3600), sdp.ZoneAdjustment(3749680800, 0))),
    ),
    ("m=video 9/1 RTP/AVP 31", sdp.MediaField("video", 9, "RTP/AVP", ("31",))),
    (
        'a=dcmap:3 priority=128;label="Label 1";ordered=false;max-retr=5',
        sdp.Dcmap(3, label="Label 1", ordered=False, max_retr=5, priority=128),
    ),
]

# Lines that break the grammar of their attribute: kept, and without a typed value.
BROKEN = [
    "a=candidate:1 1 udp 21149780477 192.0.2.1 9 typ host",
    "a=candidate:1 0 udp 1 192.0.2.1 9 typ host",
    "a=candidate:1 257 udp 1 192.0.2.1 9 typ host",
    "a=candidate:1 1 udp 1 192.0.2.1 65536 typ host",
    "a=candidate:1 1 udp 1 192.0.2.1 9 typ host generation",
    "a=candidate:1 1 udp 1 192.0.2.1 9 host",
    "a=candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype sideways",
    "a=candidate:a-b 1 udp 1 192.0.2.1 9 typ host",
    "a=candidate:" + "1" * 33 + " 1 udp 1 192.0.2.1 9 typ host",
    "a=candidate:1 \u0661 udp 1 192.0.2.1 9 typ host",
    "a=candidate: 1 udp 1 192.0.2.1 9 typ host",
    "a=remote-candidates:1 192.0.2.3",
    "a=ice-lite:yes",
    "a=ice-ufrag:abc",
    "a=ice-ufrag:ab_c",
    "a=ice-pwd:short",
    "a=ice-pacing:99999999999",
    "a=ice-options:a,b",
    "a=fingerprint:sha-256 AA:BB",
    "a=fingerprint:sha-1 4AADB9B13F82183B540212DF3E5D496B19E57CAB",
    "a=fingerprint:x-hash A:BB",
    "a=setup:server",
    "a=tls-id:short",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80",
    "a=crypto:x AES_CM_128_HMAC_SHA1_80 inline:x",
    "a=sctp-port:65536",
    "a=max-message-size:-1",
    "a=sctpmap:5000",
    "a=sctpmap:5000 webrtc-datachannel 1024 7",
    'a=dcmap:1 label="a;b',
    "a=dcmap:1 max-retr=1;max-time=1",
    'a=dcmap:1 label="a";label="b"',
    'a=dcmap:1 label="%zz"',
    "a=dcmap:1 unknown=1",
    "a=dcmap:65536",
    "a=dcsa:x y",
    "a=group:",
    "a=mid:a b",
    "a=msid:" + "x" * 65,
    "a=content:a,,b",
    "a=rtcp-fb:96",
    "a=rtcp-fb:96 trr-int",
    "a=rtcp-fb:96 trr-int soon",
    "a=extmap:0 urn:x",
    "a=extmap:256 urn:x",
    "a=extmap:1/both urn:x",
    "a=extmap:1",
    "a=rtpmap:128 VP8/90000",
    "a=rtpmap:96 VP8",
    "a=rtpmap:96 VP8/0",
    "a=rtpmap:9_6 VP8/90000",
    "a=fmtp:96",
    "a=rtcp:70000",
    "a=rtcp:9 IN IP4",
    "a=ptime:0",
    "a=ptime:1e3",
    "a=sendrecv:yes",
    "a=rtcp-mux:yes",
    "a=ssrc:4294967296 cname:x",
    "a=ssrc:1",
    "a=ssrc:1 cname:",
    "a=ssrc-group:FID x",
    "a=rid:1 both",
    "a=rid:a.b send",
    "a=rid:1 send pt=97;",
    "a=simulcast: send rid=1;2",
    "a=simulcast:send 1 send 2",
    "a=simulcast:send 1;;2",
    "a=imageattr:flob",
    "a=imageattr:97 send [y=1,x=1]",
    "a=imageattr:97 send [x=0,y=1]",
    "a=source-filter: some IN IP4 * 192.0.2.1",
    "a=source-filter: incl IN IP4 *",
]


@pytest.mark.parametrize(("line", "value"), GOLDEN, ids=[line for line, _ in GOLDEN])
def test_a_line_says_and_is_written_as_its_specification_has_it(line: str, value: sdp.Value) -> None:
    assert sdp.read_line(line) == value
    assert value.line() == line


@pytest.mark.parametrize(("line", "value"), SPELLINGS, ids=[line for line, _ in SPELLINGS])
def test_another_spelling_says_the_same(line: str, value: sdp.Value) -> None:
    assert sdp.read_line(line) == value


@pytest.mark.parametrize("line", BROKEN)
def test_a_line_that_breaks_its_attribute_has_no_typed_value(line: str) -> None:
    assert type(sdp.read_line(line)) in (sdp.Attribute, sdp.Line)
    assert sdp.read_line(line).line() == line


@pytest.mark.parametrize("name", TABLE)
def test_each_attribute_of_the_table_has_a_line_here(name: str) -> None:
    assert any(line == f"a={name}" or line.startswith(f"a={name}:") for line, _ in GOLDEN)


@pytest.mark.parametrize("letter", [*"osiuepcbtrzkm"])
def test_each_other_line_of_rfc_8866_has_one_here(letter: str) -> None:
    assert any(line.startswith(f"{letter}=") for line, _ in GOLDEN)


def test_the_derived_fields_of_a_candidate() -> None:
    value = sdp.read_line(
        "a=candidate:1 2 tcp 1 192.0.2.1 9 typ host tcptype so generation 3 ufrag abcd network-id 7 network-cost 999"
    )
    assert isinstance(value, sdp.Candidate)
    assert (value.tcp_type, value.generation, value.ufrag, value.network_id, value.network_cost) == (
        "so",
        3,
        "abcd",
        7,
        999,
    )
    assert value.extension("nothing") is None


def test_a_generation_that_is_no_number_is_none() -> None:
    value = sdp.read_line("a=candidate:1 1 udp 1 192.0.2.1 9 typ host generation soon")
    assert isinstance(value, sdp.Candidate)
    assert value.generation is None
    assert value.extensions == (("generation", "soon"),)


def test_secrets_stay_out_of_representations() -> None:
    assert "asd88fgpdd777uzjYhagZg" not in repr(sdp.IcePwd("asd88fgpdd777uzjYhagZg"))
    assert "PS1uQ" not in repr(sdp.Crypto(1, "X", ("inline:PS1uQ",)))

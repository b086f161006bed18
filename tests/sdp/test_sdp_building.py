"""Descriptions made of values."""

from __future__ import annotations

import pytest

from jinglecodec import sdp
from jinglecodec.errors import EncodeError

CANDIDATE = ("1", 1, "udp", 1, "192.0.2.1", 9, "host")
ORIGIN = sdp.Origin("-", 1, 2)


def test_a_data_channel_offer() -> None:
    """RFC 8841 13."""
    media = sdp.Media.build(
        "application",
        9,
        "UDP/DTLS/SCTP",
        ["webrtc-datachannel"],
        connection=sdp.Connection("0.0.0.0"),  # noqa: S104
        values=[
            sdp.Mid("data"),
            sdp.Setup.ACTPASS,
            sdp.SctpPort(5000),
            sdp.MaxMessageSize(100000),
        ],
    )
    description = sdp.SessionDescription.build(ORIGIN, values=[sdp.Group("BUNDLE", ("data",))], media=[media])
    assert sdp.dumps(description) == (
        "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE data\r\n"
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
        "a=mid:data\r\na=setup:actpass\r\na=sctp-port:5000\r\na=max-message-size:100000\r\n"
    )
    assert description.findings == ()


def test_lines_other_than_attributes_go_where_the_grammar_has_them() -> None:
    values = [
        sdp.Mid("0"),
        sdp.Bandwidth("TIAS", 1),
        sdp.Key("prompt"),
        sdp.Ptime(20),
        sdp.Bandwidth("AS", 2),
        sdp.Information("x"),
    ]
    media = sdp.Media.build("audio", 9, "RTP/AVP", ["0"], connection=sdp.Connection("192.0.2.1"), values=values)
    assert [text.partition(":")[0] for text in media.texts] == [
        *("m=audio 9 RTP/AVP 0", "i=x", "c=IN IP4 192.0.2.1", "b=TIAS", "b=AS", "k=prompt", "a=mid", "a=ptime"),
    ]


def test_all_lines_of_a_session() -> None:
    description = sdp.SessionDescription.build(
        ORIGIN,
        name="Call",
        connection=sdp.Connection("192.0.2.1"),
        timings=[
            sdp.Timing(3724394400, 0),
            sdp.Repeat(7, 1, (0,)),
            sdp.Zones((sdp.ZoneAdjustment(1, 1),)),
            sdp.Timing(),
        ],
        values=[
            *(sdp.IceLite(), sdp.Key("prompt"), sdp.Bandwidth("CT", 1), sdp.Phone("+1 2"), sdp.Email("a@b.example")),
            *(sdp.Uri("http://x.example"), sdp.Information("i")),
        ],
    )
    assert "".join(text[0] for text in description.texts) == "vosiuepcbtrztka"
    assert sdp.loads(sdp.dumps(description)) == description


@pytest.mark.parametrize(
    "timings", [(), (sdp.Repeat(7, 1, (0,)),), (sdp.Timing(), sdp.Zones((sdp.ZoneAdjustment(1, 1),)))]
)
def test_times_begin_with_a_time_and_zones_follow_a_repetition(timings: tuple[sdp.Timing, ...]) -> None:
    with pytest.raises(EncodeError):
        sdp.SessionDescription.build(ORIGIN, timings=timings)


@pytest.mark.parametrize("value", [sdp.Timing(), ORIGIN, sdp.Uri("x"), sdp.MediaField("audio", 9, "RTP/AVP", ("0",))])
def test_a_section_takes_no_line_of_the_session(value: sdp.Value) -> None:
    with pytest.raises(EncodeError):
        sdp.Media.build("audio", 9, "RTP/AVP", ["0"], values=[value])


@pytest.mark.parametrize("value", [ORIGIN, sdp.SessionName("x"), sdp.Line("v", "0"), sdp.Line("y", "1")])
def test_a_session_takes_no_line_twice_nor_any_unknown(value: sdp.Value) -> None:
    with pytest.raises(EncodeError):
        sdp.SessionDescription.build(ORIGIN, values=[value])


def test_the_constructor_names_the_field_that_it_refuses() -> None:
    for kind, arguments, name in (
        (sdp.Candidate, ("", 1, "udp", 1, "192.0.2.1", 9, "host"), "Candidate.foundation"),
        (sdp.Candidate, ("1", 0, "udp", 1, "192.0.2.1", 9, "host"), "Candidate.component"),
        (sdp.Candidate, ("1", True, "udp", 1, "192.0.2.1", 9, "host"), "Candidate.component"),
        (sdp.Candidate, ("1", 1, "u p", 1, "192.0.2.1", 9, "host"), "Candidate.transport"),
        (sdp.Candidate, ("1", 1, "udp", 2**31, "192.0.2.1", 9, "host"), "Candidate.priority"),
        (sdp.Candidate, ("1", 1, "udp", 1, "a b", 9, "host"), "Candidate.address"),
        (sdp.Candidate, ("1", 1, "udp", 1, "192.0.2.1", 65536, "host"), "Candidate.port"),
        (sdp.Candidate, ("1", 1, "udp", 1, "192.0.2.1", 9.5, "host"), "Candidate.port"),
        (sdp.Candidate, ("1", 1, "udp", 1, "192.0.2.1", 9, ""), "Candidate.type"),
        (sdp.Candidate, ("1", 1, "udp", 1, "192.0.2.1", 9, "host", "", 1), "Candidate.related_address"),
        (sdp.Candidate, ("1", 1, "udp", 1, "192.0.2.1", 9, "host", "x", -1), "Candidate.related_port"),
        (
            sdp.Candidate,
            ("1", 1, "udp", 1, "192.0.2.1", 9, "host", None, None, (("a b", "1"),)),
            "Candidate.extensions",
        ),
        (sdp.Candidate, ("1", 1, "udp", 1, "192.0.2.1", False, "host"), "Candidate.port"),
        (sdp.Candidate, (*CANDIDATE, None, None, (("raddr", "192.0.2.1"),)), "Candidate.extensions"),
        (sdp.Candidate, (*CANDIDATE, "192.0.2.1", None, (("rport", "1"),)), "Candidate.extensions"),
        (sdp.Candidate, (*CANDIDATE, None, None, (("tcptype", "x"),)), "Candidate.extensions"),
        (sdp.Rtpmap, (96, "VP8\n", 90000), "Rtpmap.encoding"),
        (sdp.Extmap, (1, "urn:x y"), "Extmap.uri"),
        (sdp.Extmap, (1, "urn:x", "sendonly"), "Extmap.direction"),
        (sdp.Fingerprint, ("sha-256", b"short"), "Fingerprint.digest"),
        (sdp.Mid, (None,), "Mid"),
        (sdp.IceUfrag, (5,), "IceUfrag"),
        (sdp.Group, ("BUNDLE", None), "Group"),
        (sdp.Connection, ("233.252.0.1", "IP6", "IN", 5), "Connection.ttl"),
        (sdp.Timing, (1, 2), "Timing.start"),
        (sdp.Timing, (False, 0), "Timing.start"),
        (sdp.Ptime, (float("nan"),), "Ptime.value"),
        (sdp.Ptime, (float("inf"),), "Ptime.value"),
        (sdp.Ptime, (1e-9,), "Ptime.value"),
    ):
        with pytest.raises(EncodeError) as refused:
            kind(*arguments)
        assert str(refused.value).startswith(name), (kind, arguments)

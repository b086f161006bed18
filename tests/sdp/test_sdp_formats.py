"""The parameters of codecs."""

from __future__ import annotations

import pytest

from jinglecodec import sdp
from jinglecodec.errors import EncodeError
from jinglecodec.sdp import formats

P = sdp.FormatParameter

GOLDEN: list[tuple[str, str, sdp.CodecParameters]] = [
    ("opus", "minptime=10;useinbandfec=1", sdp.OpusParameters(minptime=10, useinbandfec=True)),
    (
        "opus",  # RFC 7587 7
        "maxplaybackrate=16000; sprop-maxcapturerate=16000; maxaveragebitrate=20000; stereo=1; useinbandfec=1",
        sdp.OpusParameters(
            maxplaybackrate=16000,
            sprop_maxcapturerate=16000,
            maxaveragebitrate=20000,
            stereo=True,
            useinbandfec=True,
        ),
    ),
    (
        "opus",  # as Firefox answers: the second stereo is kept behind
        "stereo=1;useinbandfec=1;stereo=0",
        sdp.OpusParameters(stereo=True, useinbandfec=True, others=(P("stereo", "0"),)),
    ),
    (
        "H264",  # RFC 6184 8.2.1
        "profile-level-id=42e01f; packetization-mode=1; sprop-parameter-sets=Z0IAKeKQ,aM4=",
        sdp.H264Parameters(
            profile_level_id=b"\x42\xe0\x1f", packetization_mode=1, sprop_parameter_sets=("Z0IAKeKQ", "aM4=")
        ),
    ),
    (
        "H264",
        ";level-asymmetry-allowed=1;x-google=7;flag",
        sdp.H264Parameters(level_asymmetry_allowed=True, others=(P("x-google", "7"), P("flag", None))),
    ),
    ("VP8", "max-fs=12288;max-fr=60", sdp.Vp8Parameters(max_fr=60, max_fs=12288)),
    ("VP9", "profile-id=2", sdp.Vp9Parameters(profile_id=2)),
    ("AV1", "level-idx=5;profile=0;tier=0", sdp.Av1Parameters(profile=0, level_idx=5, tier=False)),
    ("rtx", "apt=96;rtx-time=3000", sdp.RtxParameters(apt=96, rtx_time=3000)),
    ("red", "111/111", sdp.RedParameters((111, 111))),
    ("telephone-event", "0-15,66,70", sdp.TelephoneEventParameters((range(16), range(66, 67), range(70, 71)))),
    ("telephone-event", "0-11, 16", sdp.TelephoneEventParameters((range(12), range(16, 17)))),
]

BROKEN = [
    ("opus", "stereo=2"),
    ("opus", "minptime=ten"),
    ("H264", "profile-level-id=42e0"),
    ("H264", "packetization-mode=3"),
    ("H264", "sprop-parameter-sets=Z0IAKeKQ,"),
    ("H264", "sprop-parameter-sets=***"),
    ("AV1", "level-idx=32"),
    ("rtx", "apt=128"),
    ("red", "111/"),
    ("red", "0-15"),
    ("telephone-event", "0-256"),
    ("telephone-event", "5-3"),
    ("telephone-event", ""),
]


@pytest.mark.parametrize(("encoding", "text", "parameters"), GOLDEN)
def test_parameters_are_read_as_their_specification_has_them(
    encoding: str, text: str, parameters: sdp.CodecParameters
) -> None:
    assert formats.parse(encoding, text) == parameters
    assert formats.parse(encoding.upper(), parameters.text()) == parameters


@pytest.mark.parametrize(("encoding", "text"), BROKEN)
def test_parameters_that_break_their_grammar_are_refused(encoding: str, text: str) -> None:
    with pytest.raises(EncodeError):
        formats.parse(encoding, text)


def test_parameters_are_written_in_one_order_with_the_joint_that_is_asked_for() -> None:
    parameters = sdp.OpusParameters(useinbandfec=True, minptime=10, others=(P("x", "1"),))
    assert parameters.text() == "minptime=10;useinbandfec=1;x=1"
    assert parameters.text("; ") == "minptime=10; useinbandfec=1; x=1"


def test_a_codec_without_a_class_has_none() -> None:
    assert formats.parse("iLBC", "mode=20") is None
    assert formats.clause("iLBC") == ""
    assert formats.clause("OPUS") == "RFC 7587 6.1"


def test_no_parameters_are_no_line() -> None:
    with pytest.raises(EncodeError):
        sdp.OpusParameters().text()


@pytest.mark.parametrize(
    "parameters",
    [
        (P("a", "1;b=2"),),
        (P("a=b", "1"),),
        (P("a", "1\r\n"),),
        (P(None, "1"), P("a", "1")),
        (P("a", None),),
        (P(None, None),),
        (P(" a", "1"),),
        (),
    ],
)
def test_parameters_that_would_read_otherwise_are_not_written(parameters: tuple[P, ...]) -> None:
    with pytest.raises(EncodeError):
        sdp.Fmtp.of("96", parameters)


def test_parameters_are_joined_as_asked_for() -> None:
    parameters = (P("a", "1"), P("b", None), P("c", "x=="))
    assert sdp.Fmtp.of("96", parameters).line() == "a=fmtp:96 a=1;b;c=x=="
    assert sdp.Fmtp.of("96", parameters, "; ").line() == "a=fmtp:96 a=1; b; c=x=="
    assert sdp.Fmtp.of("100", [P(None, "0-15")]).line() == "a=fmtp:100 0-15"


def test_a_known_name_among_the_others_is_refused() -> None:
    with pytest.raises(EncodeError):
        sdp.OpusParameters(minptime=10, others=(P("stereo", "1"),))


def test_parameters_by_payload_type_need_their_rtpmap() -> None:
    media = sdp.Media.build(
        "audio",
        9,
        "RTP/AVP",
        ["96", "97", "98"],
        values=[
            *(sdp.Rtpmap(96, "OPUS", 48000, 2), sdp.Fmtp("96", "stereo=1"), sdp.Fmtp("97", "stereo=1")),
            sdp.Rtpmap(98, "opus", 48000, 2),
        ],
    )
    assert media.codec_parameters("96") == sdp.OpusParameters(stereo=True)
    assert media.codec_parameters("97") is None
    assert media.codec_parameters("98") is None

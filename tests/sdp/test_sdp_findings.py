"""Findings: what is wrong with lines that were read all the same."""

from __future__ import annotations

import attrs

from jinglecodec import sdp
from jinglecodec.findings import Finding, Severity

HEAD = "v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\nt=0 0\n"
AUDIO = "m=audio 9 RTP/AVP 0 101\nc=IN IP4 0.0.0.0\n"


def findings(text: str) -> list[tuple[str, str, int | None]]:
    return [(one.code, one.path, one.line) for one in sdp.loads(text).findings]


def test_a_sound_description_has_none() -> None:
    assert findings(HEAD + AUDIO + "a=mid:0\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n") == []


def test_a_broken_attribute_is_one_finding_with_path_line_and_clause() -> None:
    text = HEAD + "a=group:\n".replace(":", ": ") + AUDIO + AUDIO + "a=mid:1\n" + "a=candidate:x\n" * 3
    description = sdp.loads(text)
    assert [str(one.path) for one in description.findings] == [
        "session/a=group",
        "media[2]/a=candidate[1]",
        "media[2]/a=candidate[2]",
        "media[2]/a=candidate[3]",
    ]
    finding = description.findings[-1]
    assert (finding.line, finding.clause, finding.severity) == (13, "RFC 8839 5.1", Severity.ERROR)
    assert text.split("\n")[12] == "a=candidate:x"


def test_a_second_sctpmap_that_breaks_is_reported_with_its_position() -> None:
    text = HEAD + "m=application 9 DTLS/SCTP 5000\nc=IN IP4 0.0.0.0\na=sctpmap:5000 webrtc-datachannel\na=sctpmap:x\n"
    assert findings(text) == [("attribute-value", "media[1]/a=sctpmap[2]", 8)]


def test_what_may_stand_once_is_reported_when_it_repeats_and_the_first_holds() -> None:
    text = HEAD + AUDIO + "a=mid:0\na=sendonly\na=mid:1\na=inactive\n"
    assert findings(text) == [
        ("repeated-attribute", "media[1]/a=mid[2]", 9),
        ("repeated-attribute", "media[1]/a=inactive", 10),
    ]
    media = sdp.loads(text).media[0]
    assert (media.mid, media.direction) == ("0", sdp.Direction.SENDONLY)


def test_what_may_repeat_is_not_reported() -> None:
    assert findings(HEAD + AUDIO + "a=ssrc:1 cname:x\na=ssrc:1 msid:y\na=rtcp-fb:* nack\na=rtcp-fb:* nack pli\n") == []


def test_an_attribute_of_the_other_level_is_reported() -> None:
    assert findings(HEAD + "a=mid:0\n" + AUDIO + "a=ice-lite\n") == [
        ("misplaced-attribute", "session/a=mid", 5),
        ("misplaced-attribute", "media[1]/a=ice-lite", 8),
    ]


def test_codec_parameters_that_break_their_grammar_are_reported() -> None:
    text = HEAD + AUDIO + "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-999\n"
    assert findings(text) == [("codec-parameters", "media[1]/a=fmtp", 8)]
    media = sdp.loads(text).media[0]
    assert media.codec_parameters("101") is None
    assert media.fmtps[0].text == "0-999"


def test_findings_come_in_the_order_of_lines() -> None:
    text = HEAD + "a=mid:0\na=ice-ufrag:x\n" + AUDIO + "a=mid:1\na=mid:2\na=ptime:0\n"
    lines = [line for _, _, line in findings(text)]
    assert lines == sorted(lines, key=lambda line: line or 0)
    assert len(lines) == 4


def test_findings_are_those_of_the_description_as_it_is_now() -> None:
    description = sdp.loads(HEAD + AUDIO + "a=ptime:0\n")
    assert len(description.findings) == 1
    mended = description.replace_media(0, description.media[0].remove(-1))
    assert mended.findings == ()
    built = sdp.SessionDescription.build(sdp.Origin("-", 1, 1), media=[attrs.evolve(mended.media[0]).remove(1)])
    assert [finding.code for finding in built.findings] == ["missing-connection"]


def test_a_finding_of_the_description_is_a_finding_of_the_library() -> None:
    assert isinstance(sdp.loads(HEAD + AUDIO + "a=ptime:0\n").findings[0], Finding)

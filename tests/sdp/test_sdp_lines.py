"""The lossless layer: lines, their ends, their order; errors with their place; tolerant reading; limits."""

from __future__ import annotations

import pytest

from jinglecodec import sdp
from jinglecodec.errors import SdpError
from jinglecodec.findings import Severity

HEAD = "v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\nt=0 0\n"
AUDIO = "m=audio 9 RTP/AVP 0\nc=IN IP4 0.0.0.0\n"


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("", 1, 1, "empty"),
        ("\n", 1, 1, "v=0"),
        ("hello", 1, 1, "v=0"),
        ("v=1\n", 1, 3, "v=0"),
        ("\ufeffv=0\n", 1, 1, "v=0"),
        ("v=0\nv=0\n", 2, 1, "v= may not stand behind v="),
        ("v=0\ns=-\no=- 1 1 IN IP4 0.0.0.0\n", 2, 1, "o= is missing"),
        ("v=0\no=- 1 1 IN IP4 0.0.0.0\nt=0 0\n", 3, 1, "s= is missing"),
        ("v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\n", 3, 1, "t= is missing"),
        ("v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\nm=audio 9 RTP/AVP 0\n", 4, 1, "t= is missing"),
        ("v=0\no=- x 1 IN IP4 0.0.0.0\n", 2, 5, "session_id"),
        ("v=0\no=- 1 1 IN IP4\n", 2, 14, "6 subfields"),
        ("v=0\no=- 1 1 IN IP4 0.0.0.0 \n", 2, 23, "6 subfields"),
        ("v=0\no=a b 1 1 IN IP4 0.0.0.0\n", 2, 24, "6 subfields"),
        ("v=0\no=- 1 1 $NET IP4 0.0.0.0\n", 2, 9, "network_type"),
        ("v=0\no=- 1 1 IN IP4 0.0.0.0\ns=\n", 3, 2, "SessionName"),
        (HEAD + "c=IN IP4 0.0.0.0\n", 5, 1, "c= may not stand behind t="),
        (HEAD + "a=x\nb=AS:1\n", 6, 1, "b= may not stand behind a="),
        (HEAD + "i=x\n", 5, 1, "i= may not stand behind t="),
        (HEAD + "a=\n", 5, 2, "name"),
        (HEAD + "a=x y:1\n", 5, 3, "name"),
        (HEAD + "a=mid:\n", 5, 6, "value"),
        (HEAD + "a=x-any:\n", 5, 8, "value"),
        (HEAD + "garbage\n", 5, 1, "one letter"),
        (HEAD + "=x\n", 5, 1, "one letter"),
        (HEAD + "M=x\n", 5, 1, "one letter"),
        (HEAD + "y=0200007585\n", 5, 1, "no line y="),
        (HEAD + "\n", 5, 1, "empty"),
        (HEAD + "m=audio 9 RTP/AVP\n", 5, 17, "m= has"),
        (HEAD + "m=audio x RTP/AVP 0\n", 5, 9, "port"),
        (HEAD + "m=audio 9/0 RTP/AVP 0\n", 5, 9, "port_count"),
        (HEAD + "m=audio 9 RTP//AVP 0\n", 5, 11, "protocol"),
        (HEAD + "m=audio 9 RTP/AVP 0 \n", 5, 19, "formats"),
        (HEAD + "m=audio 9 RTP/AVP 0\n", 5, 1, "no c="),
        (HEAD + AUDIO + "m=video 9 RTP/AVP 31\na=mid:1\n", 7, 1, "no c="),
        (HEAD + AUDIO + "a=x\ni=late\n", 8, 1, "i= may not stand behind a="),
        (HEAD + AUDIO + "t=0 0\n", 7, 1, "t= may not stand behind c="),
        (HEAD + "m=audio 9 RTP/AVP 0\nc=IN IP4\n", 6, 8, "3 subfields"),
        (HEAD + AUDIO + "b=AS\n", 7, 4, "b= is"),
        (HEAD + AUDIO + "b=AS:-1\n", 7, 6, "value"),
        (HEAD + AUDIO + "b=A S:1\n", 7, 3, "type"),
        ("v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\nt=0\n", 4, 3, "2 subfields"),
        ("v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\nt=0 x\n", 4, 5, "stop"),
    ],
)
def test_a_departure_from_the_line_grammar_is_refused_at_its_place(
    text: str, line: int, column: int, says: str
) -> None:
    for newline in ("\n", "\r\n"):
        with pytest.raises(SdpError) as refused:
            sdp.loads(text.replace("\n", newline))
        assert (refused.value.line, refused.value.column) == (line, column)
        assert says in refused.value.message


@pytest.mark.parametrize("errors", ["strict", "tolerant"])
@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (HEAD + "a=x:a\0b\n", 5, 6),
        ("\0" + HEAD, 1, 1),
        (HEAD + "a=x:a\rb\n", 5, 6),
        (HEAD + "a=x\r\r\n", 5, 4),
        (HEAD + "a=x\r", 5, 4),
        ("v=0\ro=- 1 1 IN IP4 0.0.0.0\r", 1, 4),
    ],
)
def test_nul_and_a_lone_cr_are_refused_at_their_column(text: str, line: int, column: int, errors: str) -> None:
    for data in (text, text.encode()):
        with pytest.raises(SdpError) as refused:
            sdp.loads(data, errors=errors)  # type: ignore[arg-type]
        assert (refused.value.line, refused.value.column) == (line, column)


def test_octets_that_are_no_utf8_are_kept() -> None:
    octets = HEAD.encode() + b"i=x\n"
    octets = octets.replace(b"s=-\n", b"s=caf\xe9\n").replace(b"i=x\n", b"a=x-name:\xff\xfe\n")
    description = sdp.loads(octets)
    assert description.name == "caf\udce9"
    assert sdp.dumps(description).encode("utf-8", "surrogateescape") == octets


@pytest.mark.parametrize(
    "text",
    [
        HEAD.replace("\n", "\r\n"),
        HEAD,
        HEAD.rstrip(),
        HEAD.replace("\n", "\r\n").rstrip(),
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\ns=-\r\nt=0 0\n" + AUDIO,
        "v=0\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\nt=0 0\r\n" + AUDIO.rstrip(),
    ],
)
def test_line_ends_are_kept(text: str) -> None:
    assert sdp.dumps(sdp.loads(text, errors="tolerant")) == text


def test_a_last_line_without_end_is_refused_at_its_place_and_a_finding_when_tolerated() -> None:
    """RFC 8866 5: each line is terminated by CRLF; a file that was cut off is not taken for a whole one."""
    with pytest.raises(SdpError) as caught:
        sdp.loads(HEAD.rstrip())
    assert (caught.value.line, caught.value.column) == (4, 5)
    assert [finding.code for finding in sdp.loads(HEAD.rstrip(), errors="tolerant").findings] == ["unterminated"]


def test_an_empty_line_that_comes_to_be_the_last_has_an_end() -> None:
    """Else it would be none, and what was written would be read as another description."""
    cut = sdp.loads(f"{HEAD}m=audio 9 RTP/AVP 0\r\n\r\na=x:1", errors="tolerant")
    edited = cut.replace_media(0, cut.media[0].remove(2))
    assert str(edited) == f"{HEAD}m=audio 9 RTP/AVP 0\r\n\r\n"
    assert sdp.loads(str(edited), errors="tolerant") == edited


def test_new_lines_take_the_end_of_the_description() -> None:
    for newline in ("\n", "\r\n"):
        description = sdp.loads((HEAD + AUDIO).replace("\n", newline))
        changed = description.add(sdp.IceLite()).replace_media(0, description.media[0].add(sdp.Mid("0")))
        assert sdp.dumps(changed) == (HEAD + "a=ice-lite\n" + AUDIO + "a=mid:0\n").replace("\n", newline)


def test_in_a_description_of_mixed_ends_new_lines_take_that_of_the_first() -> None:
    text = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\ns=-\r\nt=0 0\nm=audio 9 RTP/AVP 0\nc=IN IP4 0.0.0.0"
    description = sdp.loads(text, errors="tolerant")
    changed = description.replace_media(0, description.media[0].add(sdp.Mid("0")))
    assert sdp.dumps(changed) == text + "\r\na=mid:0"
    changed = changed.replace(description.timings[0], sdp.Timing(3724394400, 0))
    assert sdp.dumps(changed) == text.replace("t=0 0", "t=3724394400 0") + "\r\na=mid:0"


def test_a_section_takes_the_line_end_of_the_description_that_it_comes_into() -> None:
    windows = sdp.loads((HEAD + AUDIO).replace("\n", "\r\n"))
    unix = sdp.loads(HEAD)
    assert sdp.dumps(unix.add_media(windows.media[0])) == HEAD + AUDIO


# --- tolerant ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (HEAD.replace("s=-", "s="), ["line-value"]),
        (HEAD + "m=audio 9 RTP/AVP 0\n", ["missing-connection"]),
        (HEAD.replace("s=-\n", ""), ["missing-line"]),
        ("v=0\n" + AUDIO, ["missing-line", "missing-line", "missing-line"]),
        (HEAD + "c=IN IP4 0.0.0.0\n", ["line-order"]),
        (HEAD + AUDIO + "a=x\nb=AS:1\n", ["line-order"]),
        (HEAD + AUDIO + "b=AS:-1\n", ["line-value"]),
        (HEAD + AUDIO + "a=mid:\n", ["attribute-syntax"]),
        (HEAD + AUDIO + "a=rtpmap 97 AMR/8000\n", ["attribute-syntax"]),
        (HEAD + AUDIO + "y=0200007585\n", ["unknown-line"]),
        (HEAD + AUDIO + "\n\n", ["blank-line", "blank-line"]),
        (HEAD + AUDIO.replace(" 0\n", " 0 \n"), ["line-value"]),
        (HEAD + AUDIO.replace(" 0\n", "\n"), ["line-value"]),
        (HEAD.replace("o=- 1", "o=a b 1"), ["line-value"]),
    ],
)
def test_tolerant_reading_takes_a_departure_and_reports_it_once(text: str, codes: list[str]) -> None:
    with pytest.raises(SdpError):
        sdp.loads(text)
    description = sdp.loads(text, errors="tolerant")
    assert sdp.dumps(description) == text
    assert [finding.code for finding in description.findings] == codes
    assert all(finding.clause.startswith("RFC 8866") for finding in description.findings)


def test_a_connection_out_of_place_is_seen_all_the_same() -> None:
    description = sdp.loads(HEAD + "c=IN IP4 192.0.2.1\nm=audio 9 RTP/AVP 0\n", errors="tolerant")
    assert description.connection == sdp.Connection("192.0.2.1")


def test_a_media_line_without_formats_has_none() -> None:
    media = sdp.loads(HEAD + "m=video 0  RTP/AVP\nc=IN IP4 0.0.0.0\n", errors="tolerant").media[0]
    assert (media.kind, media.port, media.protocol, media.formats) == ("video", 0, "RTP/AVP", ())


def test_what_is_missing_is_none_or_empty() -> None:
    description = sdp.loads("v=0\n", errors="tolerant")
    assert (description.origin, description.name, description.timings) == (None, "", ())


@pytest.mark.parametrize("text", ["v=0\n", "v=0\nt=0 0\n", "v=0\ns=\n"])
def test_what_is_missing_can_be_added(text: str) -> None:
    description = sdp.loads(text, errors="tolerant").set(sdp.Origin("-", 1, 1)).set(sdp.Timing())
    description = (
        description.set(sdp.SessionName("-")) if "s=" not in text else description.replace(2, sdp.SessionName("-"))
    )
    assert sdp.dumps(description) == HEAD


@pytest.mark.parametrize(
    "text", ["", "v=1\n", " v=0\n", HEAD + "garbage\n", HEAD + "m=\n", HEAD + "m=audio x y z\n", "\x7fELF"]
)
def test_what_no_one_can_read_is_refused_tolerantly_too(text: str) -> None:
    with pytest.raises(SdpError):
        sdp.loads(text, errors="tolerant")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HEAD + "z=3730928400 0\n", "line-order"),
        (HEAD + "r=7d -1h 0\n", "line-value"),
        (HEAD + "k=base64:no\n", "line-value"),
        (HEAD.replace("t=0 0", "t=1 2"), "line-value"),
        (HEAD.replace("- 1 1", "- 1 123456789012345678901"), "line-value"),
        (HEAD + AUDIO.replace("IP4 0.0.0.0", "IP4 224.0.0.1/300"), "line-value"),
        (HEAD + AUDIO.replace("IP4 0.0.0.0", "IP4 224.0.0.1/1/2/3"), "line-value"),
        (HEAD + AUDIO + "b=AS:123456789012345678901\n", "line-value"),
    ],
)
def test_what_was_well_formed_before_or_has_no_sense_is_noted_strictly_too(text: str, code: str) -> None:
    """RFC 8866 narrowed t=, r=, z=; its grammar sets no limit to a number, and takes any word for an address."""
    description = sdp.loads(text)
    assert sdp.dumps(description) == text
    assert [finding.code for finding in description.findings] == [code]


# --- limits ------------------------------------------------------------------------------------------------------


def test_limits_refuse_what_is_too_much_at_its_place() -> None:
    text = HEAD + "a=x-long:" + "y" * 100 + "\n" + "a=x\n" * 10
    for limits, line, column in (
        ({"max_size": 60}, 5, 23),
        ({"max_lines": 7}, 8, 1),
        ({"max_line": 50}, 5, 51),
    ):
        for data in (text, text.encode()):
            with pytest.raises(SdpError) as refused:
                sdp.loads(data, **limits)  # type: ignore[arg-type]
            assert (refused.value.line, refused.value.column) == (line, column)
    assert sdp.dumps(sdp.loads(text, max_size=len(text), max_lines=15, max_line=109)) == text


def test_a_large_description_is_within_the_default_limits() -> None:
    lines = "".join(f"a=ssrc:{number} cname:participant-{number:06d}\n" for number in range(13_000))
    assert len(sdp.loads(HEAD + AUDIO + lines).media[0].ssrcs) == 13_000


def test_the_cut_of_a_limit_never_splits_what_is_read() -> None:
    """Octets are counted, and a description that fits is not cut inside a character."""
    text = HEAD.replace("s=-", "s=é")
    assert sdp.loads(text.encode(), max_size=len(text.encode())).name == "é"
    with pytest.raises(SdpError):
        sdp.loads(text.encode(), max_size=len(text))


def test_errors_are_short_however_long_the_line() -> None:
    with pytest.raises(SdpError) as refused:
        sdp.loads(HEAD + "m=" + "x" * 30_000 + "\n")
    assert len(str(refused.value)) < 300
    description = sdp.loads(HEAD + AUDIO + "a=mid:" + "é" * 30_000 + "\n")
    assert len(str(description.findings[0])) < 300


def test_severities_tell_what_was_used_from_what_was_not() -> None:
    description = sdp.loads(HEAD + "m=audio 9 RTP/AVP 0\na=mid:a b\n", errors="tolerant")
    assert [(finding.code, finding.severity) for finding in description.findings] == [
        ("missing-connection", Severity.WARNING),
        ("attribute-value", Severity.ERROR),
    ]

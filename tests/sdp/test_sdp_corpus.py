"""Recorded descriptions: browsers, SIP, WebRTC and Jitsi suites, and broken ones."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from jinglecodec import sdp
from jinglecodec.errors import SdpError
from jinglecodec.findings import Finding

pytestmark = pytest.mark.corpus


def _files(corpus: Path, valid: str) -> list[tuple[str, bytes, str]]:
    """Return name, octets and reason of all files that the manifests call `valid`."""
    found = []
    for directory in (corpus / "browsers", corpus / "sdp"):
        with (directory / "manifest.csv").open(newline="") as manifest:
            rows = [row for row in csv.DictReader(manifest) if row["valid"] == valid]
        found += [(row["file"], (directory / row["file"]).read_bytes(), row["reason"]) for row in rows]
    assert found
    return found


@pytest.fixture(scope="module")
def valid(corpus: Path) -> list[tuple[str, bytes]]:
    return [(name, octets) for name, octets, _ in _files(corpus, "valid")]


@pytest.fixture(scope="module")
def invalid(corpus: Path) -> list[tuple[str, bytes, str]]:
    return _files(corpus, "invalid")


def test_every_valid_file_is_written_back_octet_for_octet(valid: list[tuple[str, bytes]]) -> None:
    for name, octets in valid:
        assert sdp.dumps(sdp.loads(octets)).encode("utf-8", "surrogateescape") == octets, name


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_valid_file_is_written_back_with_other_line_ends(valid: list[tuple[str, bytes]], newline: str) -> None:
    for name, octets in valid:
        text = newline.join(octets.decode("utf-8", "surrogateescape").replace("\r\n", "\n").split("\n"))
        assert sdp.dumps(sdp.loads(text)) == text, name


def test_every_invalid_file_is_refused_with_a_place_inside(invalid: list[tuple[str, bytes, str]]) -> None:
    for name, octets, reason in invalid:
        lines = octets.split(b"\n")
        with pytest.raises(SdpError) as refused:
            sdp.loads(octets)
        assert 1 <= refused.value.line <= len(lines), (name, reason)
        assert 1 <= refused.value.column <= max(1, len(lines[refused.value.line - 1])), (name, reason)


def test_an_invalid_file_is_refused_at_the_line_that_the_manifest_names(invalid: list[tuple[str, bytes, str]]) -> None:
    elsewhere = []
    for name, octets, reason in invalid:
        if not reason.startswith("line "):
            continue
        with pytest.raises(SdpError) as refused:
            sdp.loads(octets)
        number = int(reason.removeprefix("line ").partition(":")[0])
        if refused.value.line != number:
            elsewhere.append((name, reason, str(refused.value)))
    # An s= in place before a required line that is missing: the two checkers may meet them in either order.
    assert all("out of order" in reason or " before " in reason for _, reason, _ in elsewhere), elsewhere


DEPARTURES = {
    *("attribute-syntax", "line-order", "line-value", "missing-connection", "missing-line", "unknown-line"),
}
"Findings of the tolerant mode about the line grammar; those about single attributes are of both modes."


def _rows() -> dict[str, dict[str, str]]:
    """Return what the table says of each file.

    Line and column of the strict error and the clause that it names; the departures that the tolerant mode reports,
    or where it refuses the file as well.
    """
    with (Path(__file__).parent / "invalid_descriptions.csv").open(newline="") as table:
        return {row["file"]: row for row in csv.DictReader(table)}


def test_each_invalid_file_is_refused_and_tolerated_as_its_row_says(invalid: list[tuple[str, bytes, str]]) -> None:
    rows = _rows()
    for name, octets, _ in invalid:
        row = rows[name]
        with pytest.raises(SdpError) as refused:
            sdp.loads(octets)
        assert (refused.value.line, refused.value.column) == (int(row["line"]), int(row["column"])), name
        assert refused.value.message.endswith(f"({row['rule']})") or row["rule"] == "limit", name
        assert _tolerated(octets) == row["tolerant"], name


def _tolerated(octets: bytes) -> str:
    """Return what the tolerant mode does, in the words of the table."""
    try:
        description = sdp.loads(octets, errors="tolerant")
    except SdpError as error:
        return f"refused at {error.line}:{error.column}"
    assert sdp.dumps(description).encode("utf-8", "surrogateescape") == octets
    codes = Counter(finding.code for finding in description.findings if finding.code in DEPARTURES)
    return " ".join(code if count == 1 else f"{code}*{count}" for code, count in sorted(codes.items()))


@pytest.mark.parametrize(
    ("reason", "code"), [("empty s=", "line-value"), ("no c= for some media", "missing-connection")]
)
def test_an_empty_name_and_a_missing_connection_are_read_tolerantly(
    invalid: list[tuple[str, bytes, str]], reason: str, code: str
) -> None:
    """All such files, but for four whose `m=` has no port that is a number either."""
    rows = [(name, _rows()[name]["tolerant"]) for name, _, why in invalid if reason in why]
    refused = [name for name, tolerant in rows if tolerant.startswith("refused")]
    assert all(code in tolerant for name, tolerant in rows if name not in refused)
    assert len(rows) > 30
    assert len(refused) <= 4


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("empty s=", "line-value"),
        ("no c= for some media", "missing-connection"),
        ("m= before", "missing-line"),
        ("out of order", "line-order"),
        ("bad b=", "line-value"),
        ("bad a=", "attribute-syntax"),
        ("unknown type", "unknown-line"),
    ],
)
def test_tolerant_reading_takes_what_real_peers_write(
    invalid: list[tuple[str, bytes, str]], reason: str, code: str
) -> None:
    files = [(name, octets) for name, octets, why in invalid if reason in why]
    read = 0
    for name, octets in files:
        try:
            description = sdp.loads(octets, errors="tolerant")
        except SdpError:
            continue  # it has other faults, that no one can read past
        read += 1
        assert sdp.dumps(description).encode("utf-8", "surrogateescape") == octets, name
        assert description.findings, name
    assert read >= 0.9 * len(files)
    assert any(finding.code == code for _, octets in files for finding in _findings(octets))


def _findings(octets: bytes) -> tuple[Finding, ...]:
    try:
        return sdp.loads(octets, errors="tolerant").findings
    except SdpError:
        return ()


def test_files_that_lack_only_their_connection_have_no_other_departure(
    invalid: list[tuple[str, bytes, str]],
) -> None:
    for name, octets, reason in invalid:
        if reason == "no c= for some media":
            description = sdp.loads(octets, errors="tolerant")
            sections = [media for media in description.media if media.connection is None]
            departures = [finding for finding in description.findings if finding.code == "missing-connection"]
            assert len(departures) == len(sections), name


def test_what_no_one_can_read_is_refused_tolerantly_too(invalid: list[tuple[str, bytes, str]]) -> None:
    for name, octets, reason in invalid:
        if reason == "first line is not v=0":
            with pytest.raises(SdpError):
                sdp.loads(octets, errors="tolerant")
            assert name


def test_every_valid_file_read_tolerantly_is_the_same(valid: list[tuple[str, bytes]]) -> None:
    for name, octets in valid:
        assert sdp.loads(octets, errors="tolerant") == sdp.loads(octets), name


def test_setting_each_value_to_itself_changes_nothing(valid: list[tuple[str, bytes]]) -> None:
    """Even where the line is spelled as no writer of ours spells it."""
    for name, octets in valid:
        for section in sdp.loads(octets).sections:
            for index, text in enumerate(section.texts):
                assert section.replace(index, sdp.read_line(text)) is section, (name, text)


def test_setting_each_value_to_another_changes_its_line_and_no_other(valid: list[tuple[str, bytes]]) -> None:
    for name, octets in valid:
        for section in sdp.loads(octets).sections:
            for index, value in enumerate(section.values):
                letter = section.texts[index][0]
                others = [one for one in _OTHERS.get(type(value), ()) if one != value and one.line()[0] == letter]
                if not others:
                    assert section.texts[index] == "v=0" or type(value) in _ALONE, (name, value)
                    continue
                other = others[0]
                changed = section.replace(index, other)
                assert changed.texts[index] == other.line()
                assert changed.texts[:index] == section.texts[:index], name
                assert changed.texts[index + 1 :] == section.texts[index + 1 :], name
                assert changed.values[index] == other


def test_removing_any_line_leaves_all_others_as_they_are(valid: list[tuple[str, bytes]]) -> None:
    """Lines that RFC 8866 requires are not removed."""
    for name, octets in valid[::6]:
        description = sdp.loads(octets)
        lines = octets.splitlines(keepends=True)
        for number, section in enumerate(description.sections):
            start = 0 if number == 0 else description.first_line(number - 1) - 1
            for index, text in enumerate(section.texts):
                if text[0] in "vosmtrz":
                    continue
                left = _octets(description, number, section.remove(index))
                assert left == b"".join(lines[: start + index] + lines[start + index + 1 :]), (name, text)


def test_adding_an_attribute_behind_any_other_leaves_all_lines_as_they_are(valid: list[tuple[str, bytes]]) -> None:
    new = sdp.Attribute("x-new", "1")
    for name, octets in valid[::6]:
        description = sdp.loads(octets)
        lines = octets.splitlines(keepends=True)
        end = description.newline.encode()
        for number, section in enumerate(description.sections):
            start = 0 if number == 0 else description.first_line(number - 1) - 1
            for index, text in enumerate(section.texts):
                if text[0] != "a" or start + index == len(lines) - 1:
                    continue  # behind the last line the ends may have to change place
                made = _octets(description, number, section.add(new, after=index))
                at = start + index + 1
                assert made == b"".join((*lines[:at], b"a=x-new:1" + end, *lines[at:])), (name, text)


def _octets(description: sdp.SessionDescription, number: int, changed: object) -> bytes:
    """Return the text of a description with another section in the place of `sections[number]`."""
    if isinstance(changed, sdp.Media):
        changed = description.replace_media(number - 1, changed)
    assert isinstance(changed, sdp.SessionDescription)
    return sdp.dumps(changed).encode("utf-8", "surrogateescape")


def test_a_changed_section_changes_its_lines_of_the_text_and_no_other(valid: list[tuple[str, bytes]]) -> None:
    for name, octets in valid[::10]:
        description = sdp.loads(octets)
        before = sdp.dumps(description).split("\n")
        for index, media in enumerate(description.media):
            changed = description.replace_media(index, media.set(sdp.Mid("changed")))
            after = sdp.dumps(changed).split("\n")
            if media.mid is None:
                at = description.first_line(index) - 1 + len(media.texts)
                assert after[:at] == before[:at] or not before[at - 1].endswith("\r"), name
                assert after[at + 1 :] == before[at:], name
            else:
                differing = [i for i, (one, two) in enumerate(zip(before, after, strict=True)) if one != two]
                assert [before[i].strip() for i in differing] == [f"a=mid:{media.mid}"], name


# Two values of each class, so that one differs from any that is read.
_SETUPS = tuple(sdp.Setup)
_OTHERS: dict[type[sdp.Value], tuple[sdp.Value, ...]] = {
    sdp.Attribute: (sdp.Attribute("x-changed"), sdp.Attribute("x-changed", "1")),
    sdp.Bandwidth: (sdp.Bandwidth("AS", 1), sdp.Bandwidth("AS", 2)),
    sdp.Candidate: (
        sdp.Candidate("a", 1, "udp", 1, "192.0.2.1", 9, "host"),
        sdp.Candidate("b", 1, "udp", 1, "192.0.2.1", 9, "host"),
    ),
    sdp.Connection: (sdp.Connection("192.0.2.77"), sdp.Connection("192.0.2.78")),
    sdp.ContentTags: (sdp.ContentTags(("main",)), sdp.ContentTags(("alt",))),
    sdp.Crypto: (sdp.Crypto(77, "X", ("inline:x",)), sdp.Crypto(78, "X", ("inline:x",))),
    sdp.Direction: tuple(sdp.Direction),
    sdp.Email: (sdp.Email("a@b.example"), sdp.Email("b@b.example")),
    sdp.Extmap: (sdp.Extmap(200, "urn:x"), sdp.Extmap(201, "urn:x")),
    sdp.Fingerprint: (sdp.Fingerprint("sha-1", b"1" * 20), sdp.Fingerprint("sha-1", b"2" * 20)),
    sdp.Fmtp: (sdp.Fmtp("127", "x=1"), sdp.Fmtp("127", "x=2")),
    sdp.Framerate: (sdp.Framerate(7), sdp.Framerate(7.5)),
    sdp.Group: (sdp.Group("LS", ("x",)), sdp.Group("LS", ("y",))),
    sdp.IceOptions: (sdp.IceOptions(("x",)), sdp.IceOptions(("y",))),
    sdp.IcePacing: (sdp.IcePacing(77), sdp.IcePacing(78)),
    sdp.IcePwd: (sdp.IcePwd("x" * 22), sdp.IcePwd("y" * 22)),
    sdp.IceUfrag: (sdp.IceUfrag("xxxx"), sdp.IceUfrag("yyyy")),
    sdp.ImageAttr: (sdp.ImageAttr("77", ()), sdp.ImageAttr("78", ())),
    sdp.Information: (sdp.Information("x"), sdp.Information("y")),
    sdp.Key: (sdp.Key("prompt"), sdp.Key("clear", "x")),
    sdp.Label: (sdp.Label("x"), sdp.Label("y")),
    sdp.Line: (sdp.Line("k", "x"), sdp.Line("r", "x"), sdp.Line("z", "x")),
    sdp.MaxMessageSize: (sdp.MaxMessageSize(77), sdp.MaxMessageSize(78)),
    sdp.Maxptime: (sdp.Maxptime(77), sdp.Maxptime(78)),
    sdp.MediaField: (sdp.MediaField("text", 77, "X/Y", ("1",)), sdp.MediaField("text", 78, "X/Y", ("1",))),
    sdp.Mid: (sdp.Mid("changed"), sdp.Mid("changed2")),
    sdp.Msid: (sdp.Msid("changed"), sdp.Msid("changed2")),
    sdp.MsidSemantic: (sdp.MsidSemantic("X"), sdp.MsidSemantic("Y")),
    sdp.Origin: (sdp.Origin("changed", 1, 1), sdp.Origin("changed", 1, 2)),
    sdp.Phone: (sdp.Phone("+1 2"), sdp.Phone("+1 3")),
    sdp.Ptime: (sdp.Ptime(77), sdp.Ptime(78)),
    sdp.RemoteCandidates: (
        sdp.RemoteCandidates((sdp.RemoteCandidate(1, "192.0.2.77", 9),)),
        sdp.RemoteCandidates((sdp.RemoteCandidate(1, "192.0.2.78", 9),)),
    ),
    sdp.Repeat: (sdp.Repeat(77, 1, (0,)), sdp.Repeat(78, 1, (0,))),
    sdp.Rid: (sdp.Rid("x", sdp.RidDirection.SEND), sdp.Rid("y", sdp.RidDirection.SEND)),
    sdp.Rtcp: (sdp.Rtcp(77), sdp.Rtcp(78)),
    sdp.RtcpFeedback: (sdp.RtcpFeedback("*", "x"), sdp.RtcpFeedback("*", "y")),
    sdp.RtcpXr: (sdp.RtcpXr("x"), sdp.RtcpXr("y")),
    sdp.Rtpmap: (sdp.Rtpmap(127, "x", 1), sdp.Rtpmap(127, "y", 1)),
    sdp.SctpPort: (sdp.SctpPort(77), sdp.SctpPort(78)),
    sdp.Sctpmap: (sdp.Sctpmap(77, "x"), sdp.Sctpmap(78, "x")),
    sdp.SessionName: (sdp.SessionName("changed"), sdp.SessionName("changed2")),
    sdp.Setup: _SETUPS,
    sdp.Simulcast: (
        sdp.Simulcast(send=((sdp.SimulcastId("x"),),)),
        sdp.Simulcast(recv=((sdp.SimulcastId("x", paused=True),),)),
    ),
    sdp.SourceFilter: (sdp.SourceFilter("incl", "*", ("192.0.2.7",)), sdp.SourceFilter("excl", "*", ("192.0.2.7",))),
    sdp.Ssrc: (sdp.Ssrc(77, "x"), sdp.Ssrc(78, "x")),
    sdp.SsrcGroup: (sdp.SsrcGroup("X", (77,)), sdp.SsrcGroup("X", (78,))),
    sdp.Timing: (sdp.Timing(), sdp.Timing(3724394400, 0)),
    sdp.TlsId: (sdp.TlsId("x" * 20), sdp.TlsId("y" * 20)),
    sdp.Uri: (sdp.Uri("http://x.example"), sdp.Uri("http://y.example")),
    sdp.Zones: (sdp.Zones((sdp.ZoneAdjustment(1, 1),)), sdp.Zones((sdp.ZoneAdjustment(1, 2),))),
}
_ALONE = {
    *(sdp.BundleOnly, sdp.EndOfCandidates, sdp.ExtmapAllowMixed, sdp.IceLite, sdp.IceMismatch),
    *(sdp.RtcpMux, sdp.RtcpMuxOnly, sdp.RtcpRsize),
}
"Classes with one value only."

"""The command line: what it reads and writes, what it tells, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_support import JINGLE, OFFER, ROOT, SDP, fed, program, written

import jinglecodec as jc
from jinglecodec.cli import Exit, main


@pytest.fixture
def offer(tmp_path: Path) -> str:
    path = tmp_path / "offer.sdp"
    path.write_bytes(SDP)
    return str(path)


# --- to-jingle -------------------------------------------------------------------------------------------------------


def test_a_description_becomes_one_line_of_jingle(offer: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["to-jingle", offer]) is Exit.DONE
    out, _ = capsysbinary.readouterr()
    assert out.count(b"\n") == 1
    jingle = jc.loads(out, expect=jc.Jingle)
    assert (jingle.action, jingle.sid, jingle.initiator) == (jc.Action.SESSION_INITIATE, "s7214", None)
    assert jingle.contents[0].senders is jc.Senders.INITIATOR


def test_each_loss_is_one_line_on_standard_error(offer: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["to-jingle", offer])
    _, err = capsys.readouterr()
    assert [line.split(": ")[:2] for line in err.removesuffix("\n").split("\n")] == [
        [offer, "o="],
        [offer, "a=msid-semantic"],
    ]
    assert "XEP-0166 7.1" in err


@pytest.mark.parametrize(
    ("options", "action", "creator", "senders"),
    [
        (["--role", "responder"], "session-accept", "responder", "responder"),
        (["--role", "initiator"], "session-initiate", "initiator", "initiator"),
        (["--action", "session-accept"], "session-accept", "responder", "responder"),
        (["--action", "content-add"], "content-add", "initiator", "initiator"),
        (["--action", "content-add", "--role", "responder"], "content-add", "responder", "responder"),
    ],
)
def test_role_and_action_follow_from_one_another(
    offer: str, capsysbinary: pytest.CaptureFixture[bytes], options: list[str], action: str, creator: str, senders: str
) -> None:
    assert main(["to-jingle", offer, *options]) is Exit.DONE
    jingle = jc.loads(capsysbinary.readouterr().out, expect=jc.Jingle)
    content = jingle.contents[0]
    assert (jingle.action.value, content.creator.value, content.senders.value) == (action, creator, senders)


def test_session_and_parties_can_be_named(offer: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    main(["to-jingle", offer, "--sid", "a73", "--initiator", "romeo@montague.lit", "--responder", "juliet@capulet.lit"])
    jingle = jc.loads(capsysbinary.readouterr().out, expect=jc.Jingle)
    assert (jingle.sid, jingle.initiator, jingle.responder) == ("a73", "romeo@montague.lit", "juliet@capulet.lit")


def test_an_answer_takes_names_and_roles_from_its_offer(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    offer = written(tmp_path / "offer.sdp", OFFER)
    answer = written(tmp_path / "answer.sdp", SDP.replace(b"a=mid:0\r\n", b""))
    assert main(["to-jingle", answer, "--role", "responder", "--offer", offer]) is Exit.DONE
    content = jc.loads(capsysbinary.readouterr().out, expect=jc.Jingle).contents[0]
    assert (content.creator.value, content.name) == ("initiator", "offered")


def test_pretty_is_indented_and_means_the_same(offer: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    main(["to-jingle", offer])
    plain = capsysbinary.readouterr().out
    main(["to-jingle", offer, "--pretty"])
    pretty = capsysbinary.readouterr().out
    assert b"\n  <content" in pretty
    assert jc.loads(pretty) == jc.loads(plain)


def test_several_files_are_several_lines(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    files = [written(tmp_path / f"{n}.sdp", SDP.replace(b"7214", str(n).encode())) for n in range(3)]
    assert main(["to-jingle", *files]) is Exit.DONE
    out = capsysbinary.readouterr().out
    assert [jc.loads(line, expect=jc.Jingle).sid for line in out.splitlines()] == ["s0", "s1", "s2"]


@pytest.mark.parametrize("files", [[], ["-"]])
def test_standard_input_is_read_where_no_file_is_named(
    files: list[str], monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    fed(monkeypatch, SDP)
    assert main(["to-jingle", *files]) is Exit.DONE
    assert jc.loads(capsysbinary.readouterr().out, expect=jc.Jingle).sid == "s7214"


# --- to-sdp ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "around", ["{}", "<iq type='set' id='x'>{}</iq>", "<iq xmlns='jabber:client' type='set'>{}</iq>"]
)
def test_jingle_is_taken_out_of_its_stanza(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], around: str
) -> None:
    path = written(tmp_path / "x.xml", around.format(JINGLE.format("session-initiate")))
    assert main(["to-sdp", path]) is Exit.DONE
    out, err = capsysbinary.readouterr()
    assert jc.sdp.loads(out).media[0].texts[0] == "m=audio 9 RTP/AVP 0"
    assert err == b""


@pytest.mark.parametrize(
    ("action", "options", "direction"),
    [
        ("session-initiate", [], "sendonly"),
        ("session-accept", [], "recvonly"),
        ("session-accept", ["--role", "initiator"], "sendonly"),
        ("session-initiate", ["--role", "responder"], "recvonly"),
    ],
)
def test_the_writer_of_a_session_accept_is_the_responder(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], action: str, options: list[str], direction: str
) -> None:
    path = written(tmp_path / "x.xml", JINGLE.format(action))
    assert main(["to-sdp", path, *options]) is Exit.DONE
    assert f"a={direction}\r\n".encode() in capsysbinary.readouterr().out


def test_with_an_offer_refused_sections_are_rejected(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    more = SDP + b"m=video 9 RTP/AVP 31\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\n"
    offer = written(tmp_path / "offer.sdp", more)
    path = written(tmp_path / "x.xml", JINGLE.format("session-accept"))
    assert main(["to-sdp", path, "--offer", offer]) is Exit.DONE
    desc = jc.sdp.loads(capsysbinary.readouterr().out)
    assert [(media.kind, media.port) for media in desc.media] == [("audio", 9), ("video", 0)]


# --- the carry -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        SDP,
        SDP.replace(b"\r\n", b"\n"),
        SDP.replace(b"s=-", b"s=caf\xe9 \xff"),
        SDP.replace(b"a=rtpmap", b"a=ssrc:1 cname:\xfe\x80\r\na=rtpmap"),
        SDP.replace(b"a=rtpmap", b"a=fmtp:111 x=\x01\r\na=rtpmap"),
    ],
)
@pytest.mark.parametrize("pretty", [[], ["--pretty"]])
def test_there_and_back_with_the_carry_every_octet_is_the_same(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], data: bytes, pretty: list[str]
) -> None:
    assert main(["to-jingle", "--carry", "--strict", *pretty, written(tmp_path / "x.sdp", data)]) is Exit.DONE
    out, err = capsysbinary.readouterr()
    assert err == b""
    assert main(["to-sdp", "--carry", "--strict", written(tmp_path / "x.xml", out)]) is Exit.DONE
    assert capsysbinary.readouterr() == (data, b"")


def test_through_a_pipe_every_octet_is_the_same() -> None:
    there = program("to-jingle", "--carry", data=SDP)
    back = program("to-sdp", "--carry", data=there.stdout)
    assert (there.returncode, back.returncode) == (0, 0)
    assert back.stdout == SDP


# --- options of both -------------------------------------------------------------------------------------------------


def test_strict_writes_nothing_where_something_is_lost(
    offer: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    target = tmp_path / "out.xml"
    assert main(["to-jingle", offer, "--strict", "--output", str(target)]) is Exit.LOSSES
    out, err = capsysbinary.readouterr()
    assert out == b""
    assert not target.exists()
    assert err.count(b"\n") == 2
    assert main(["to-jingle", offer, "--strict"]) is Exit.LOSSES
    assert capsysbinary.readouterr().out == b""


def test_strict_writes_where_nothing_is_lost(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    path = written(tmp_path / "x.xml", JINGLE.format("session-initiate"))
    assert main(["to-sdp", path, "--strict"]) is Exit.DONE
    assert capsysbinary.readouterr().out.startswith(b"v=0\r\n")


def test_json_has_the_value_and_each_loss_with_its_place(offer: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["to-jingle", offer, "--json"]) is Exit.DONE
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert set(found) == {"value", "losses"}
    assert jc.loads(found["value"], expect=jc.Jingle).sid == "s7214"
    assert [set(loss) for loss in found["losses"]] == [
        {"code", "severity", "path", "line", "message", "clause", "lines"}
    ] * 2
    assert found["losses"][1]["line"] == 5
    assert found["losses"][1]["lines"] == ["a=msid-semantic: WMS"]
    assert found["losses"][1]["severity"] == "warning"
    assert err.count("\n") == 2


def test_json_of_several_files_is_an_object_a_line(offer: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["to-jingle", offer, offer, "--json", "--carry"])
    found = [json.loads(line) for line in capsys.readouterr().out.removesuffix("\n").split("\n")]
    assert len(found) == 2
    assert {loss["severity"] for one in found for loss in one["losses"]} == {"info"}


def test_json_of_octets_that_are_no_utf_8_is_still_json(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = written(tmp_path / "x.sdp", SDP.replace(b"WMS", b"\xff"))
    assert main(["to-jingle", path, "--json"]) is Exit.DONE
    assert len(json.loads(capsysbinary.readouterr().out)["losses"]) == 2


@pytest.mark.parametrize("option", ["--output", "-o"])
def test_output_goes_to_a_file(
    offer: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], option: str
) -> None:
    target = tmp_path / "out.xml"
    assert main(["to-jingle", offer, option, str(target)]) is Exit.DONE
    assert jc.loads(target.read_bytes(), expect=jc.Jingle).sid == "s7214"
    assert capsysbinary.readouterr().out == b""


def test_output_to_a_dash_is_standard_output(offer: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["to-jingle", offer, "-o", "-"]) is Exit.DONE
    assert capsysbinary.readouterr().out.startswith(b"<jingle")


# --- wrong usage -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["to-xml"],
        ["to-jingle", "--role", "both"],
        ["to-jingle", "--action", "session-begin"],
        ["to-jingle", "--offer"],
        ["to-sdp", "--sid", "x"],
        ["to-sdp", "--frobnicate"],
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    out, err = capsys.readouterr()
    assert end.value.code == Exit.USAGE
    assert out == ""
    assert err.startswith("usage: jinglecodec")


@pytest.mark.parametrize("arguments", [["--help"], ["to-jingle", "--help"], ["to-sdp", "-h"]])
def test_help_is_there_for_all(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("usage: jinglecodec")


def test_the_version_is_that_of_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"jinglecodec {jc.__version__}\n"


# --- bad input -------------------------------------------------------------------------------------------------------

BAD_SDP = {
    "binary": (bytes(range(256)), "line 1, column 1: "),
    "empty": (b"", "line 1, column 1: "),
    "an image": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "line 3, column 1: "),
    "truncated in a line": (SDP[: SDP.index(b"m=audio 9") + 7], "line 6, column "),
    "truncated before t=": (SDP[: SDP.index(b"t=0")], "line "),
    "NUL in a value": (SDP.replace(b"WMS", b"W\0S"), "line 5, column 19: "),
    "a lone CR": (SDP.replace(b"WMS", b"W\rS"), "line 5, column "),
    "lines in the wrong order": (SDP.replace(b"s=-\r\nt=0 0", b"t=0 0\r\ns=-"), "line 3, column 1: "),
    "no version": (SDP.removeprefix(b"v=0\r\n"), "line 1, column 1: "),
    "an unknown line": (SDP.replace(b"s=-", b"s=-\r\nq=x"), "line 4, column 1: "),
    "XML": (JINGLE.format("session-initiate").encode(), "line 1, column 1: "),
}


@pytest.mark.parametrize(("data", "place"), BAD_SDP.values(), ids=BAD_SDP)
def test_bad_sdp_is_told_with_line_and_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, place: str
) -> None:
    path = written(tmp_path / "x.sdp", data)
    target = tmp_path / "out.xml"
    assert main(["to-jingle", path, "--output", str(target)]) is Exit.BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"jinglecodec: {path}: {place}")
    assert err.count("\n") == 1
    assert not target.exists()


BAD_XML = {
    "binary": bytes(range(256)),
    "empty": b"",
    "SDP": SDP,
    "truncated": JINGLE.format("session-initiate").encode()[:100],
    "a document type": b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + JINGLE.format("session-initiate").encode(),
    "another encoding": JINGLE.format("session-initiate").encode("utf-16"),
    "another element": b"<message xmlns='jabber:client'/>",
    "an unknown element": b"<x/>",
    "an IQ without Jingle": b"<iq type='get' id='x'/>",
    "an unknown action": JINGLE.format("session-begin").encode(),
    "a broken number": JINGLE.format("session-initiate").replace("id='0'", "id='zero'").encode(),
    "too deep": b"<a>" * 1000 + b"</a>" * 1000,
}


@pytest.mark.parametrize("data", BAD_XML.values(), ids=BAD_XML)
def test_bad_xml_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes) -> None:
    path = written(tmp_path / "x.xml", data)
    target = tmp_path / "out.sdp"
    assert main(["to-sdp", path, "--output", str(target)]) is Exit.BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"jinglecodec: {path}: ")
    assert "Traceback" not in err
    assert not target.exists()


def test_all_problems_of_a_stanza_are_told_each_on_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = JINGLE.format("session-begin").replace("id='0'", "id='zero'")
    assert main(["to-sdp", written(tmp_path / "x.xml", text)]) is Exit.BAD_INPUT
    err = capsys.readouterr().err
    assert err.count("\n") == 2
    assert "jingle/@action" in err
    assert "payload-type/@id" in err


@pytest.mark.parametrize("section", ["m=message 2855 TCP/MSRP *", "m=audio 0 RTP/AVP 0"])
def test_a_description_without_any_form_in_jingle_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], section: str
) -> None:
    text = f"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n{section}\r\nc=IN IP4 0.0.0.0\r\n"
    path = written(tmp_path / "x.sdp", text)
    assert main(["to-jingle", path]) is Exit.BAD_INPUT
    assert capsys.readouterr().err == f"jinglecodec: {path}: no section has a form in Jingle (XEP-0166 7.3)\n"


def test_of_several_files_one_that_is_bad_keeps_the_others_from_being_written(
    offer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, worse = (written(tmp_path / name, b"x") for name in ("bad.sdp", "worse.sdp"))
    assert main(["to-jingle", offer, bad, worse]) is Exit.BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(": ")[1] for line in err.removesuffix("\n").split("\n")] == [bad, worse]


@pytest.mark.parametrize("command", ["to-jingle", "to-sdp"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    missing = str(tmp_path / "missing")
    assert main([command, missing]) is Exit.BAD_INPUT
    assert capsys.readouterr().err == f"jinglecodec: {missing}: No such file or directory\n"
    assert main([command, str(tmp_path)]) is Exit.BAD_INPUT
    assert capsys.readouterr().err == f"jinglecodec: {tmp_path}: Is a directory\n"


@pytest.mark.parametrize("command", ["to-jingle", "to-sdp"])
def test_an_offer_that_cannot_be_read_is_told_by_its_own_name(
    offer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    missing = str(tmp_path / "missing")
    assert main([command, offer, "--offer", missing]) is Exit.BAD_INPUT
    assert capsys.readouterr() == ("", f"jinglecodec: {missing}: No such file or directory\n")
    bad = written(tmp_path / "bad.sdp", SDP.replace(b"t=0 0", b"t=x"))
    assert main([command, offer, "--offer", bad]) is Exit.BAD_INPUT
    assert capsys.readouterr().err.startswith(f"jinglecodec: {bad}: line 4, column 3: ")


def test_an_output_that_cannot_be_written_is_told(
    offer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for target, reason in ((tmp_path, "Is a directory"), (tmp_path / "no" / "x", "No such file or directory")):
        assert main(["to-jingle", offer, "--carry", "-o", str(target)]) is Exit.BAD_INPUT
        assert capsys.readouterr() == ("", f"jinglecodec: {target}: {reason}\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_told(offer: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["to-jingle", offer, "--carry", "-o", "/dev/full"]) is Exit.BAD_INPUT
    assert capsys.readouterr().err == "jinglecodec: /dev/full: No space left on device\n"


def test_what_a_terminal_obeys_is_not_written_to_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "x.sdp", SDP.replace(b"WMS", b"\x1b[2J\x07\xff\xc2\x9b"))
    main(["to-jingle", path])
    err = capsys.readouterr().err
    assert all(one.isprintable() or one == "\n" for one in err)
    assert "\\x1b[2J\\x07\\udcff\\x9b" in err


# --- as a process ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "data", "status"),
    [
        (["to-jingle"], SDP, 0),
        (["to-jingle"], b"\0\xff", 1),
        (["to-sdp"], b"<a", 1),
        (["to-sdp", "--nothing"], b"", 2),
        (["to-jingle", "--strict"], SDP, 3),
    ],
)
def test_the_exit_status_of_the_program(arguments: list[str], data: bytes, status: int) -> None:
    done = program(*arguments, data=data)
    assert done.returncode == status
    assert b"Traceback" not in done.stderr
    assert (done.stdout == b"") == (status != 0)


def test_in_any_locale_octets_stay_octets() -> None:
    data = SDP.replace(b"WMS", b"caf\xc3\xa9 \xff")
    there = program("to-jingle", "--carry", data=data, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    back = program("to-sdp", "--carry", data=there.stdout, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (there.returncode, back.returncode, back.stdout) == (0, 0, data)


def test_a_reader_that_goes_away_ends_the_program_in_silence() -> None:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    big = SDP + b"a=x:1\r\n" * 30000
    with subprocess.Popen(
        [sys.executable, "-m", "jinglecodec", "to-jingle", "--json", "--carry"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(big)
        process.stdin.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (0, b"")

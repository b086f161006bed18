"""The commands diff, candidate and normalise, and what all mappings can be told on the command line beside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_support import JINGLE, SDP, program, written

import jinglecodec as jc
from jinglecodec.cli import Exit, main

LINE = "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.1.1 rport 46154 generation 2"


# --- diff ------------------------------------------------------------------------------------------------------------


def actions(tmp_path: Path, new: bytes, capsysbinary: pytest.CaptureFixture[bytes], *options: str) -> list[jc.Jingle]:
    """Return the requests that change the description of these tests to `new`."""
    paths = written(tmp_path / "old.sdp", SDP), written(tmp_path / "new.sdp", new)
    assert main(["diff", *paths, *options]) is Exit.DONE
    return [jc.loads(line, expect=jc.Jingle) for line in capsysbinary.readouterr().out.splitlines()]


def test_between_equal_descriptions_there_is_nothing_to_say(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert actions(tmp_path, SDP, capsysbinary) == []


@pytest.mark.parametrize(("role", "senders"), [("initiator", "responder"), ("responder", "initiator")])
def test_another_direction_is_a_content_modify(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], role: str, senders: str
) -> None:
    """XEP-0166 7.2.3."""
    (request,) = actions(tmp_path, SDP.replace(b"sendonly", b"recvonly"), capsysbinary, "--role", role)
    assert (request.action, request.sid) == (jc.Action.CONTENT_MODIFY, "s7214")
    assert [(content.name, content.senders.value) for content in request.contents] == [("0", senders)]


def test_each_request_is_one_line(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    new = SDP.replace(b"sendonly", b"recvonly") + b"a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
    found = actions(tmp_path, new, capsysbinary, "--sid", "a7")
    assert {(request.action, request.sid) for request in found} == {
        (jc.Action.CONTENT_MODIFY, "a7"),
        (jc.Action.TRANSPORT_INFO, "a7"),
    }


def test_what_no_request_can_say_is_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = written(tmp_path / "new.sdp", SDP.replace(b"s=-", b"s=x").replace(b"sendonly", b"recvonly"))
    arguments = ["diff", written(tmp_path / "old.sdp", SDP), new]
    assert main(arguments) is Exit.DONE
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert err.startswith(f"{new}: s=: s=x has no form in Jingle")
    assert main([*arguments, "--strict"]) is Exit.LOSSES
    assert capsys.readouterr().out == ""


def test_both_descriptions_that_are_bad_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing, bad = str(tmp_path / "missing"), written(tmp_path / "bad.sdp", "v=1")
    assert main(["diff", missing, bad]) is Exit.BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(": ")[1] for line in err.splitlines()] == [missing, bad]


# --- candidate -------------------------------------------------------------------------------------------------------


def informed(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[list[jc.Jingle], str]:
    """Return the requests, and what is told beside."""
    assert main(["candidate", *arguments]) is Exit.DONE
    out, err = capsys.readouterr()
    return [jc.loads(line, expect=jc.Jingle) for line in out.splitlines()], err


def transport_in(jingle: jc.Jingle) -> jc.IceUdpTransport:
    (content,) = jingle.contents
    assert isinstance(content.transport, jc.IceUdpTransport)
    return content.transport


@pytest.mark.parametrize("line", [LINE, f"a={LINE}"])
def test_a_candidate_of_a_browser_becomes_a_transport_info(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """XEP-0176 5.5: each candidate may come in a transport-info of its own."""
    (jingle,), told = informed(line, "--sid", "a7", "--mid", "1", capsys=capsys)
    assert (jingle.action, jingle.sid) == (jc.Action.TRANSPORT_INFO, "a7")
    (content,) = jingle.contents
    assert (content.creator, content.name, content.description) == (jc.Creator.INITIATOR, "1", None)
    (candidate,) = transport_in(jingle).candidates
    assert (candidate.component, candidate.foundation, candidate.priority) == (1, "842163049", 1677729535)
    assert (candidate.ip, candidate.port, candidate.protocol) == ("203.0.113.7", 46154, "udp")
    assert (candidate.rel_addr, candidate.rel_port, candidate.generation) == ("10.0.1.1", 46154, 2)
    assert told == ""


def test_credentials_are_those_of_the_description(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (jingle,), _ = informed(LINE, "--description", written(tmp_path / "x.sdp", SDP), capsys=capsys)
    transport = transport_in(jingle)
    assert (jingle.sid, transport.ufrag, transport.pwd) == ("s7214", "8hhy", "asd88fgpdd777uzjYhagZg")
    assert jc.validate(jingle).ok


def test_a_section_that_the_description_lacks_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "x.sdp", SDP)
    assert main(["candidate", "--description", path, "--mid", "9", LINE]) is Exit.BAD_INPUT
    assert capsys.readouterr() == ("", "jinglecodec: candidate: section '9' is not known (RFC 8838)\n")


def test_several_candidates_and_their_end_are_several_requests(capsys: pytest.CaptureFixture[str]) -> None:
    tcp = LINE.replace("udp", "tcp") + " tcptype active"
    found, _ = informed(LINE, tcp, "end-of-candidates", "--role", "responder", capsys=capsys)
    assert [[one.protocol for one in transport_in(jingle).candidates] for jingle in found] == [["udp"], ["tcp"], []]
    assert transport_in(found[2]).gathering_complete
    assert {jingle.contents[0].creator for jingle in found} == {jc.Creator.RESPONDER}


def test_what_a_candidate_says_beside_is_told_as_lost(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["candidate", f"{LINE} network-cost 999", "--strict"]) is Exit.LOSSES
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("candidate: a=candidate: network-cost 999 of ")


def test_a_candidate_that_the_peer_does_not_read_is_not_sent(capsys: pytest.CaptureFixture[str]) -> None:
    found, told = informed(LINE.replace("udp", "tcp"), LINE, "--peer", "dino", capsys=capsys)
    assert [transport_in(jingle).candidates[0].protocol for jingle in found] == ["udp"]
    assert "Dino reads candidates over UDP only" in told


@pytest.mark.parametrize("line", ["a=mid:0", "candidate:1", "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\nm=x"])
def test_what_is_no_candidate_is_told(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["candidate", LINE, line]) is Exit.BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("jinglecodec: candidate: ")
    assert err.count("\n") == 1


def test_a_description_that_is_bad_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "x.sdp", "v=1")
    assert main(["candidate", LINE, "--description", path]) is Exit.BAD_INPUT
    assert capsys.readouterr().err.startswith(f"jinglecodec: {path}: line 1, ")


# --- normalise -------------------------------------------------------------------------------------------------------


def normalised(path: str, capsysbinary: pytest.CaptureFixture[bytes], *options: str) -> tuple[bytes, str]:
    assert main(["normalise", *options, path]) is Exit.DONE
    out, err = capsysbinary.readouterr()
    return out, err.decode()


def test_lines_are_put_in_order_and_those_that_lack_are_added(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """RFC 8866 5: order, and that `o=`, `s=`, `t=` and a `c=` for each section are required."""
    path = written(
        tmp_path / "x.sdp", "v=0\ns=\nm=audio 9 RTP/AVP 0\na=msid-semantic:  WMS\nb=AS:64\na=fmtp:0 a=1\ny=x"
    )
    out, err = normalised(path, capsysbinary)
    assert out.decode().split("\r\n") == [
        *("v=0", "o=- 0 0 IN IP4 0.0.0.0", "s=-", "t=0 0"),
        *("m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0", "b=AS:64", "a=msid-semantic:WMS", "a=fmtp:0 a=1", ""),
    ]
    assert f"{path}: error: media[1]/y=: " in err
    assert f"{path}: warning: media[1]/b=: " in err


def test_formats_are_made_up_for_rejected_sections_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """RFC 3264 6: those of a rejected section are ignored, and one is required."""
    for port, status in ((0, Exit.DONE), (9, Exit.BAD_INPUT)):
        assert main(["normalise", written(tmp_path / "x.sdp", f"v=0\nm=video {port} RTP/AVP\n")]) is status
    out, err = capsys.readouterr()
    assert "m=video 0 RTP/AVP 0\r\n" in out
    assert "x.sdp: MediaField.formats: () is not one token or more" in err


def test_what_is_normal_stays_as_it_is(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    plain = SDP.replace(b"a=msid-semantic: WMS", b"a=msid-semantic:WMS")
    assert normalised(written(tmp_path / "x.sdp", SDP), capsysbinary) == (plain, "")
    assert normalised(written(tmp_path / "y.sdp", plain), capsysbinary) == (plain, "")


@pytest.mark.corpus
def test_every_recorded_description_has_a_normal_form(
    corpus: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """It is read strictly, is its own normal form, and says what the description said."""
    files = [str(path) for path in sorted(corpus.glob("sdp/*/*.sdp"))[::12]]
    seen = 0
    for name in files:
        if main(["normalise", name]) is Exit.DONE:
            out, _ = capsysbinary.readouterr()
            seen += 1
            assert normalised(written(tmp_path / "x.sdp", out), capsysbinary)[0] == out
            before, after = jc.sdp.loads(Path(name).read_bytes(), errors="tolerant"), jc.sdp.loads(out)
            for old, new in zip(before.media, after.media, strict=True):
                assert (old.candidates, old.rtpmaps, old.ssrcs) == (new.candidates, new.rtpmaps, new.ssrcs)
        capsysbinary.readouterr()
    assert seen > 0.9 * len(files)


def test_a_stanza_is_written_as_the_specifications_have_it(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    sloppy = JINGLE.format("session-initiate").replace("senders='initiator'", "senders='Initiator'")
    out, err = normalised(written(tmp_path / "x.xml", sloppy), capsysbinary, "--pretty")
    assert out == jc.dumps(jc.loads(JINGLE.format("session-initiate")), pretty=True) + b"\n"
    assert "warning: jingle/content[1]/@senders: " in err or "warning: jingle/content/@senders: " in err


def test_lines_of_json_have_their_normal_forms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "x.jsonl", "\n".join(map(json.dumps, ["v=0", "<iq type='get' id='1'/>"])))
    assert main(["normalise", "--json-lines", path]) is Exit.DONE
    description, stanza = map(json.loads, capsys.readouterr().out.splitlines())
    assert description["value"] == "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
    assert {finding["code"] for finding in description["findings"]} == {"missing-line", "unterminated"}
    assert jc.loads(stanza["value"]) == jc.Iq(type=jc.IqType.GET, id="1", namespace="")


def test_what_can_not_be_read_has_no_normal_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "x.sdp", "v=1\n")
    assert main(["normalise", path]) is Exit.BAD_INPUT
    assert capsys.readouterr().err.startswith(f"jinglecodec: {path}: line 1, ")


# --- options of mappings ---------------------------------------------------------------------------------------------


def test_what_is_carried_along_is_told_on_demand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "x.sdp", SDP)
    assert main(["to-jingle", "--carry", "--strict", path]) is Exit.DONE
    assert capsys.readouterr().err == ""
    assert main(["to-jingle", "--carry", "--strict", "--verbose", path]) is Exit.DONE
    assert [line.split(": ")[1] for line in capsys.readouterr().err.splitlines()] == ["o=", "a=msid-semantic"]


def test_a_mapping_is_for_a_peer(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    path = written(tmp_path / "x.sdp", SDP + b"a=candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active\r\n")
    assert main(["to-jingle", "--peer", "gajim", path]) is Exit.DONE
    out, err = capsysbinary.readouterr()
    assert b"<candidate" not in out
    assert b"(Gajim reads candidates over UDP only)" in err


def test_sdp_for_sip_has_spaces_between_parameters(tmp_path: Path) -> None:
    parameters = "".join(f"<parameter name='{name}' value='1'/>" for name in "ab")
    stanza = JINGLE.format("session-initiate").replace("id='0'/>", f"id='0'>{parameters}</payload-type>")
    path = written(tmp_path / "x.xml", stanza)
    assert b"a=fmtp:0 a=1;b=1\r\n" in program("to-sdp", path).stdout
    assert b"a=fmtp:0 a=1; b=1\r\n" in program("to-sdp", "--peer", "sip", path).stdout


def test_a_peer_that_nobody_knows_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["to-jingle", "--peer", "empathy"])
    assert end.value.code == Exit.USAGE
    assert "no peer 'empathy'; there are asterisk, conversations, " in capsys.readouterr().err

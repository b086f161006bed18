"""What is shown of stanzas and of descriptions, and the commands that validate and show."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

import jinglecodec as jc
from jinglecodec.cli import Exit, main
from jinglecodec.show import show

STANZA = """\
<iq xmlns="jabber:client" type="set" id="i1" from="romeo@example.net/orchard" to="juliet@example.com/balcony">
  <jingle xmlns="urn:xmpp:jingle:1" action="session-initiate" sid="s1" initiator="romeo@example.net/orchard">
    <content creator="initiator" name="voice">
      <description xmlns="urn:xmpp:jingle:apps:rtp:1" media="audio">
        <payload-type id="111" name="opus" clockrate="48000" channels="2"/>
        <payload-type id="0"/>
        <rtcp-mux/>
      </description>
      <transport xmlns="urn:xmpp:jingle:transports:ice-udp:1" pwd="asd88fgpdd777uzjYhagZg" ufrag="8hhy">
        <candidate component="1" foundation="1" generation="0" id="a" ip="2001:db8::1" network="0" port="8998"
          priority="2130706431" protocol="udp" type="host"/>
        <fingerprint xmlns="urn:xmpp:jingle:apps:dtls:0" hash="sha-256" setup="actpass">AB:CD</fingerprint>
      </transport>
    </content>
    <content creator="initiator" name="file" senders="initiator">
      <description xmlns="urn:xmpp:jingle:apps:file-transfer:5"><file><name>sonnet.txt</name></file></description>
      <transport xmlns="urn:nobody" mode="tcp"><hop/></transport>
    </content>
    <group xmlns="urn:xmpp:jingle:apps:grouping:0" semantics="BUNDLE"><content name="voice"/></group>
  </jingle>
</iq>
"""

LINE = 11
"Where the candidate's start tag ends, which is what libxml2 counts to."

DESCRIPTION = "\r\n".join(
    [
        *("v=0", "o=- 7214 2 IN IP4 192.0.2.1", "s=-", "t=0 0", "a=group:BUNDLE 0"),
        *("m=audio 8998 UDP/TLS/RTP/SAVPF 111 0", "c=IN IP4 192.0.2.1", "a=mid:0", "a=ice-ufrag:8hhy"),
        *("a=ice-pwd:asd88fgpdd777uzjYhagZg", "a=setup:actpass", "a=sendonly", "a=rtpmap:111 opus/48000/2"),
        *("a=fingerprint:sha-256 " + ":".join(["AB"] * 32), "a=candidate:1 1 udp 2130706431 192.0.2.1 8998 typ host"),
        *("m=video 0 UDP/TLS/RTP/SAVPF 96", "c=IN IP4 0.0.0.0", "a=rtpmap:96 VP8/90000", ""),
    ]
)


def shown(text: str, *, color: bool = False) -> list[str]:
    return show(text.encode(), color=color).splitlines()


# --- stanzas --------------------------------------------------------------------------------------------------------


def test_a_stanza_is_summed_up_from_the_outside_in() -> None:
    assert shown(STANZA) == [
        "iq set i1 from romeo@example.net/orchard to juliet@example.com/balcony",
        "  session-initiate s1 initiator romeo@example.net/orchard",
        "    content voice of initiator senders both",
        "      audio: 111 opus/48000/2, 0",
        "        rtcp-mux",
        "      IceUdp: ufrag 8hhy",
        "        DTLS actpass sha-256 AB:CD",
        "        candidate host udp [2001:db8::1]:8998 component 1 priority 2130706431",
        "    content file of initiator senders initiator",
        "      description urn:xmpp:jingle:apps:file-transfer:5",
        "        file",
        "          name sonnet.txt",
        "      transport urn:nobody mode=tcp",
        "        hop",
        "    group BUNDLE voice",
    ]


def test_the_password_of_a_transport_is_not_shown() -> None:
    for text in (STANZA, DESCRIPTION):
        assert "asd88fgpdd777uzjYhagZg" not in "".join(shown(text))


def test_why_a_session_ends_is_shown() -> None:
    reason = "<reason><busy/><text>later</text></reason>"
    assert shown(f"<jingle xmlns='urn:xmpp:jingle:1' action='session-terminate' sid='s'>{reason}</jingle>") == [
        "session-terminate s",
        "  reason busy later",
    ]


def test_an_error_is_shown() -> None:
    condition = "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
    lines = shown(f"<iq xmlns='jabber:client' type='error' id='i'><error type='cancel'>{condition}</error></iq>")
    assert lines[0] == "iq error i"
    assert any("item-not-found" in line for line in lines)


def test_a_proposal_in_a_message_is_shown() -> None:
    description = "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/>"
    propose = f"<propose xmlns='urn:xmpp:jingle-message:0' id='p1'>{description}</propose>"
    lines = shown(f"<message xmlns='jabber:client' to='a@example.net'>{propose}</message>")
    assert lines[0] == "message normal to a@example.net"
    assert "  propose id=p1" in lines


def test_what_is_unusual_comes_last_and_once() -> None:
    """A quirk that the reader tolerated, and a rule that the stanza breaks."""
    odd = STANZA.replace('<transport xmlns="urn:nobody" mode="tcp"><hop/></transport>', "").replace(
        ' creator="initiator"', ""
    )
    lines = shown(odd)
    at = lines.index("unusual")
    assert lines[at - 1] == "    group BUNDLE voice"
    told = lines[at + 1 :]
    assert len(told) == len(set(told))
    assert "  error: iq/jingle/content[2]: a content offered or accepted has a transport (XEP-0166 7.2.8)" in told
    assert any("creator" in line for line in told)


def test_a_stanza_that_does_not_decode_is_shown_as_far_as_it_does() -> None:
    lines = shown(STANZA.replace('port="8998"', 'port="many"'))
    assert "      audio: 111 opus/48000/2, 0" in lines
    assert any(line.startswith("  error: ") and "candidate/@port" in line for line in lines)


@pytest.mark.corpus
def test_every_stanza_of_the_material_is_shown(specs: Path, corpus: Path) -> None:
    count = 0
    for path in (*corpus.glob("clients/*.xml"), *corpus.glob("jingle/**/*.xml"), *specs.glob("xeps/*/examples/*.xml")):
        try:
            text = show(path.read_bytes())
        except (jc.DecodeError, jc.SdpError):
            continue
        assert text.endswith("\n")
        assert all(line.isprintable() for line in text.split("\n")), path.name
        count += 1
    assert count > 1500


# --- descriptions ---------------------------------------------------------------------------------------------------


def test_a_description_is_summed_up_section_by_section() -> None:
    assert shown(DESCRIPTION) == [
        "SDP - 7214 2 192.0.2.1",
        "  audio mid 0 UDP/TLS/RTP/SAVPF port 8998 sendonly",
        "    formats: 111 opus/48000/2, 0",
        "    ICE: ufrag 8hhy",
        "      candidate host udp 192.0.2.1:8998 component 1 priority 2130706431",
        "    DTLS actpass sha-256 " + ":".join(["AB"] * 32),
        "  video UDP/TLS/RTP/SAVPF port 0 rejected",
        "    formats: 96 VP8/90000",
        "  group BUNDLE 0",
    ]


def test_what_is_unusual_in_a_description_is_shown() -> None:
    lines = shown(DESCRIPTION.replace("a=setup:actpass", "a=setup:perhaps"))
    assert "unusual" in lines
    assert any("setup" in line for line in lines[lines.index("unusual") :])


# --- terminals ------------------------------------------------------------------------------------------------------


def test_colour_is_added_where_asked_and_changes_no_text() -> None:
    for text in (STANZA, STANZA.replace('creator="initiator"', ""), DESCRIPTION):
        painted = show(text.encode(), color=True)
        assert "\x1b[1m" in painted
        assert re.sub(r"\x1b\[[0-9]*m", "", painted) == show(text.encode())


def test_what_a_peer_writes_moves_no_cursor() -> None:
    """Neither grammar takes ESC; C1 controls, and what turns the direction of text, are good names in both."""
    named = STANZA.replace("sonnet.txt", "&#x9b;31m&#x202e;&#xad;.txt")
    assert "          name \\x9b31m\\u202e\\xad.txt" in shown(named)
    described = DESCRIPTION.replace("o=- ", "o=\x9b31m\u202e ")
    assert shown(described)[0] == "SDP \\x9b31m\\u202e 7214 2 192.0.2.1"


@pytest.mark.parametrize("terminal", [True, False])
def test_colour_is_for_terminals(
    terminal: bool, stanza: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    assert main(["show", stanza]) is Exit.DONE
    assert ("\x1b[" in capsys.readouterr().out) is terminal


# --- commands -------------------------------------------------------------------------------------------------------


@pytest.fixture
def stanza(tmp_path: Path) -> str:
    return written(tmp_path / "stanza.xml", STANZA)


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    return written(tmp_path / "wrong.xml", STANZA.replace('port="8998"', 'port="many"'))


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_showing_takes_stanzas_and_descriptions(
    stanza: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    described = written(tmp_path / "offer.sdp", DESCRIPTION)
    assert main(["show", stanza, described]) is Exit.DONE
    assert capsys.readouterr().out == show(STANZA.encode()) + show(DESCRIPTION.encode())


def test_a_valid_stanza_is_told_in_one_line(stanza: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", stanza]) is Exit.DONE
    assert capsys.readouterr().out == f"{stanza}: valid as deployed\n"


def test_a_stanza_that_is_not_valid_fails_with_file_and_line(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    for profile in ("published", "deployed"):
        assert main(["validate", "--profile", profile, wrong]) is Exit.BAD_INPUT
        *findings, verdict = capsys.readouterr().out.splitlines()
        assert verdict == f"{wrong}: not valid as {profile}"
        assert any(
            line.startswith(f"{wrong}:{LINE}: error: iq/jingle/content[1]/transport/candidate/@port: ")
            and line.endswith("(XEP-0176 13)")
            for line in findings
        )


def test_warnings_do_not_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a.xml", STANZA.replace('sid="s1"', 'sid="s1" mood="good"'))
    assert main(["validate", path]) is Exit.DONE
    out = capsys.readouterr().out
    assert f"{path}:2: warning: iq/jingle/@mood: " in out
    assert f"{path}: valid as deployed\n" in out


def test_json_has_an_object_for_each_file(stanza: str, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--json", stanza, wrong]) is Exit.BAD_INPUT
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == {"file": stanza, "profile": "deployed", "ok": True, "findings": []}
    (finding,) = second.pop("findings")
    assert second == {"file": wrong, "profile": "deployed", "ok": False}
    assert finding.pop("message")
    assert finding == {
        "code": "bad-value",
        "severity": "error",
        "path": "iq/jingle/content[1]/transport/candidate/@port",
        "line": LINE,
        "clause": "XEP-0176 13",
    }


@pytest.mark.parametrize("command", ["validate", "show"])
def test_a_file_that_cannot_be_read_keeps_none_of_the_others_from_being_told(
    command: str, stanza: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, missing = written(tmp_path / "broken.xml", "<iq/><iq/>"), str(tmp_path / "missing.xml")
    assert main([command, broken, missing, stanza]) is Exit.BAD_INPUT
    out, err = capsys.readouterr()
    assert out
    assert broken in err
    assert missing in err


def test_an_unknown_profile_is_wrong_usage(stanza: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["validate", "--profile", "strict", stanza])
    assert caught.value.code == Exit.USAGE
    err = capsys.readouterr().err
    assert "published" in err
    assert "deployed" in err


def test_what_is_validated_moves_no_cursor_either(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a.xml", STANZA.replace('"session-initiate"', '"&#x9b;2J&#10;x"'))
    main(["validate", path])
    assert "'\\x9b2J\\nx'" in capsys.readouterr().out

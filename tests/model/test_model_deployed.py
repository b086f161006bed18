"""What deployed peers exchange and no XEP has."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.findings import Severity

GOLDENS = (
    Golden(
        "lib-jitsi-meet and jicofo",
        "<ssrc-info xmlns='http://jitsi.org/jitmeet' owner='room@conference.example.com/ep1' video-type='camera'/>",
        jc.SsrcInfo(owner="room@conference.example.com/ep1", video_type="camera"),
    ),
    Golden(
        "jicofo",
        "<json-message xmlns='http://jitsi.org/jitmeet'>{\"sources\":{}}</json-message>",
        jc.JsonMessage(value='{"sources":{}}'),
    ),
    Golden(
        "lib-jitsi-meet and jicofo",
        "<bridge-session xmlns='http://jitsi.org/protocol/focus' id='abcdef_123456' region='us-east' restart='true'/>",
        jc.BridgeSession(id="abcdef_123456", region="us-east", restart=True),
    ),
    Golden(
        "stanza",
        "<stream xmlns='urn:xmpp:jingle:apps:rtp:msid:0' id='stream0' track='track0'/>",
        jc.MediaStream(id="stream0", track="track0"),
    ),
    Golden(
        "jicofo, before its sources",
        "<rid-group xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' semantics='SIM'/>",
        jc.RidGroup(semantics="SIM"),
    ),
)


def unspecified(decoded: jc.Decoded[jc.Element]) -> list[str]:
    """Return the paths of what is in no specification; all else would fail the test."""
    assert all(finding.code == "unspecified" for finding in decoded.findings), decoded.findings
    assert all(finding.severity is Severity.INFO for finding in decoded.findings)
    return [finding.path for finding in decoded.findings]


def test_a_source_of_jitsi_tells_whose_and_what_it_is() -> None:
    info = "<ssrc-info xmlns='http://jitsi.org/jitmeet' owner='jvb'/>"
    markup = f"<source xmlns='{ns.SSMA}' ssrc='1' name='a-v0' videoType='camera' owner='ep1'>{info}</source>"
    decoded = jc.read(markup)
    assert decoded.value == jc.Source(
        ssrc=1, name="a-v0", video_type="camera", owner="ep1", info=jc.SsrcInfo(owner="jvb")
    )
    assert unspecified(decoded) == ["source/@name", "source/@videoType", "source/@owner", "source/ssrc-info"]
    assert jc.loads(jc.dumps(decoded.value)) == decoded.value


def test_a_simulcast_by_rid_names_its_sources_so() -> None:
    group = f"<rid-group xmlns='{ns.SSMA}' semantics='SIM'><source rid='1'/><source rid='2'/></rid-group>"
    decoded = jc.read(f"<description xmlns='{ns.RTP}' media='video'>{group}</description>", expect=jc.RtpDescription)
    assert decoded.value.rid_groups == (jc.RidGroup(semantics="SIM", sources=(jc.Source(rid="1"), jc.Source(rid="2"))),)
    assert [finding.path for finding in decoded.findings if finding.code == "missing-attribute"] == [
        "description/rid-group/source[1]/@ssrc",
        "description/rid-group/source[2]/@ssrc",
    ]


def test_the_bridge_and_the_sources_of_jitsi_are_payload_of_a_session() -> None:
    inner = (
        "<json-message xmlns='http://jitsi.org/jitmeet'>{}</json-message>"
        "<bridge-session xmlns='http://jitsi.org/protocol/focus' id='a'/>"
    )
    markup = f"<jingle xmlns='{ns.JINGLE}' action='session-initiate' sid='s'>{inner}</jingle>"
    assert jc.loads(markup, expect=jc.Jingle).infos == (jc.JsonMessage(value="{}"), jc.BridgeSession(id="a"))


@pytest.mark.parametrize("action", [jc.Action.SOURCE_ADD, jc.Action.SOURCE_REMOVE])
def test_the_actions_of_jitsi_are_read_and_written(action: jc.Action) -> None:
    markup = f"<jingle xmlns='{ns.JINGLE}' action='{action.value}' sid='s'/>"
    decoded = jc.read(markup)
    assert decoded.value == jc.Jingle(action=action, sid="s")
    assert [(finding.code, finding.path) for finding in decoded.findings] == [("unusual-value", "jingle/@action")]
    assert jc.loads(jc.dumps(decoded.value)) == decoded.value


def test_a_description_of_stanza_names_its_streams() -> None:
    inner = f"<rtcp-reduced-size/><stream xmlns='{ns.RTP_MSID}' id='s' track='t'/>"
    decoded = jc.read(f"<description xmlns='{ns.RTP}' media='audio'>{inner}</description>")
    assert decoded.value == jc.RtpDescription(
        media="audio", rtcp_reduced_size=True, streams=(jc.MediaStream(id="s", track="t"),)
    )
    assert unspecified(decoded) == ["description/rtcp-reduced-size", "description/stream"]


def test_options_of_ice_stand_in_the_transport() -> None:
    """Of Conversations and Monal, in a namespace of their own; rtcp-mux is Jitsi's."""
    inner = f"<rtcp-mux/><trickle xmlns='{ns.ICE_OPTIONS}'/><renomination xmlns='{ns.ICE_OPTIONS}'/>"
    decoded = jc.read(f"<transport xmlns='{ns.ICE_UDP}'>{inner}</transport>")
    assert decoded.value == jc.IceUdpTransport(rtcp_mux=True, trickle=True, renomination=True)
    assert unspecified(decoded) == ["transport/rtcp-mux", "transport/trickle", "transport/renomination"]
    assert jc.loads(jc.dumps(decoded.value)) == decoded.value


@pytest.mark.parametrize(
    "inner",
    [
        "<web-socket xmlns='http://jitsi.org/protocol/colibri' url='wss://x'/>",
        "<ice2 xmlns='http://gultsch.de/xmpp/drafts/jingle/transports/ice-udp/option'/>",
    ],
)
def test_what_no_user_needs_typed_stays_raw(inner: str) -> None:
    """The bridge's own channel is opaque to Jingle; options other than the two are unheard of."""
    transport = jc.loads(f"<transport xmlns='{ns.ICE_UDP}'>{inner}</transport>", expect=jc.IceUdpTransport)
    assert [type(node) for node in transport.extra.children] == [jc.Raw]

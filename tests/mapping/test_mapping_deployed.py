"""What deployed peers put into a content beyond its specifications: mapped where SDP has it, told where it has not."""

from __future__ import annotations

import pytest

import jinglecodec as jc
from jinglecodec import mapping
from jinglecodec import namespaces as ns

JINGLE = """<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='a1'>
  <content creator='initiator' name='0'>
    <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio' {attributes}>
      <payload-type id='0' name='PCMU' clockrate='8000'/>{description}
    </description>
    <transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='abcd' pwd='abcdefghijklmnopqrstuv'>
      {transport}
    </transport>
  </content>
</jingle>"""


def mapped(
    *, attributes: str = "", description: str = "", transport: str = ""
) -> mapping.Mapped[jc.sdp.SessionDescription]:
    text = JINGLE.format(attributes=attributes, description=description, transport=transport)
    return mapping.to_sdp(jc.loads(text, jc.Jingle), role="initiator")


def test_reduced_size_rtcp_of_stanza_is_written() -> None:
    found = mapped(description="<rtcp-reduced-size/>")
    assert "a=rtcp-rsize" in found.value.media[0].texts
    assert found.losses == ()


def test_end_of_candidates_in_the_namespace_of_xep_0176_is_written() -> None:
    found = mapped(transport="<gathering-complete/>")
    assert "a=end-of-candidates" in found.value.media[0].texts
    assert found.losses == ()


def test_packet_time_of_the_description_is_that_of_its_payload_types() -> None:
    found = mapped(attributes="ptime='20'")
    assert "a=ptime:20" in found.value.media[0].texts
    assert found.losses == ()


def test_multiplexing_of_jitsi_is_written_once() -> None:
    found = mapped(transport="<rtcp-mux/>", description="<rtcp-mux/>")
    assert found.value.media[0].texts.count("a=rtcp-mux") == 1
    assert mapped(transport="<rtcp-mux/>").value.media[0].rtcp_mux
    assert found.losses == ()


def test_the_ice_options_of_conversations_are_written() -> None:
    options = "".join(f"<{name} xmlns='{ns.ICE_OPTIONS}'/>" for name in ("trickle", "renomination"))
    found = mapped(transport=options)
    assert "a=ice-options:trickle renomination" in found.value.media[0].texts
    assert found.losses == ()


def test_the_stream_of_stanza_is_written() -> None:
    found = mapped(description=f"<stream xmlns='{ns.RTP_MSID}' id='s' track='t'/>")
    assert "a=msid:s t" in found.value.media[0].texts
    assert found.losses == ()


def test_extensions_of_candidates_of_movim_are_written() -> None:
    candidate = (
        "<candidate component='1' foundation='1' generation='0' id='x' ip='192.0.2.1' network='0' port='9' priority='1'"
        " protocol='udp' type='host' network-id='3' network-cost='10' mid='0' mlineindex='0'/>"
    )
    found = mapped(transport=candidate)
    assert "a=candidate:1 1 udp 1 192.0.2.1 9 typ host network-id 3 network-cost 10" in found.value.media[0].texts
    assert found.losses == ()


def test_a_profile_that_follows_from_the_content_anyway_is_no_loss() -> None:
    assert mapped(attributes="profile='RTP/AVP'").losses == ()
    assert [loss.path for loss in mapped(attributes="profile='RTP/AVPF'").losses] == [
        "jingle/content[1]/description/@profile"
    ]


SOURCE = f"<source xmlns='{ns.SSMA}' ssrc='1' name='a-v0'><parameter name='cname' value='x'/></source>"
GROUP = f"<rid-group xmlns='{ns.SSMA}' semantics='SIM'/>"
CRYPTEX = (
    f"<fingerprint xmlns='{ns.DTLS}' hash='sha-1' setup='active' cryptex='true'>{':'.join(['AB'] * 20)}</fingerprint>"
)
JITSI = "of Jitsi, in no specification"


@pytest.mark.parametrize(
    ("description", "transport", "path", "clause"),
    [
        (SOURCE, "", "description/@name", JITSI),
        (GROUP, "", "description/rid-group", JITSI),
        ("", CRYPTEX, "transport/fingerprint/@cryptex", JITSI),
    ],
)
def test_what_sdp_has_no_form_for_is_a_loss(description: str, transport: str, path: str, clause: str) -> None:
    found = mapped(description=description, transport=transport)
    assert [(loss.path, loss.clause) for loss in found.losses] == [(f"jingle/content[1]/{path}", clause)]

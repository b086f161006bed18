"""What deployed peers put into a content beyond its specifications: mapped where SDP has it, told where it has not."""

from __future__ import annotations

import jinglecodec as jc
from jinglecodec import mapping

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


def test_a_field_that_sdp_has_no_form_for_is_a_loss() -> None:
    found = mapped(transport="<rtcp-mux/>")
    assert [(loss.path, loss.clause) for loss in found.losses] == [
        ("jingle/content[1]/transport/rtcp_mux", "of Jitsi, in no specification")
    ]


def test_a_category_is_a_loss() -> None:
    found = mapped(description="<category xmlns='urn:xmpp:jingle:apps:category:0' name='slides'/>")
    assert [loss.path for loss in found.losses] == ["jingle/content[1]/description/categories"]

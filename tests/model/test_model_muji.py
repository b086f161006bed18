"""XEP-0272: Muji conferences."""

from __future__ import annotations

from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

VOICE = jc.MujiContent(
    name="voice",
    description=jc.RtpDescription(media="audio", payload_types=(jc.PayloadType(id=18, name="G729"),)),
)

GOLDENS = (
    Golden(
        "XEP-0272 5, with the description of XEP-0167",
        """
        <muji xmlns='urn:xmpp:jingle:muji:0'>
          <preparing/>
          <content creator='initiator' name='voice'>
            <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>
              <payload-type id='18' name='G729'/>
            </description>
          </content>
        </muji>
        """,
        jc.Muji(preparing=True, contents=(VOICE,)),
    ),
    Golden(
        "XEP-0272 3, example 1",
        "<muji xmlns='urn:xmpp:jingle:muji:0' room='darkcave@chat.shakespeare.lit'/>",
        jc.Muji(room="darkcave@chat.shakespeare.lit"),
    ),
    Golden(
        "XEP-0272 3",
        """
        <content xmlns='urn:xmpp:jingle:muji:0' creator='initiator' name='voice'>
          <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>
            <payload-type id='18' name='G729'/>
          </description>
        </content>
        """,
        VOICE,
    ),
)


def test_presence_tells_the_room_what_a_participant_takes_part_in() -> None:
    """XEP-0272 3."""
    markup = (
        "<presence xmlns='jabber:client' to='darkcave@chat.shakespeare.lit/oldhag'>"
        f"<muji xmlns='{ns.MUJI}'><preparing/></muji></presence>"
    )
    assert jc.read(markup) == jc.Decoded(
        jc.Presence(to="darkcave@chat.shakespeare.lit/oldhag", payloads=(jc.Muji(preparing=True),))
    )


def test_a_session_names_its_conference() -> None:
    """XEP-0272 3, example 1: in front of the contents."""
    content = "<content creator='initiator' name='x'/>"
    muji = f"<muji xmlns='{ns.MUJI}' room='darkcave@chat.shakespeare.lit'/>"
    value = jc.loads(
        f"<jingle xmlns='{ns.JINGLE}' action='session-initiate' sid='s'>{muji}{content}</jingle>", expect=jc.Jingle
    )
    assert value.infos == (jc.Muji(room="darkcave@chat.shakespeare.lit"),)
    assert value.contents == (jc.Content(name="x"),)


def test_contents_in_the_namespace_of_jingle_are_kept_there() -> None:
    """Dino writes them so, without creator, and reads no others."""
    content = f"<content xmlns='{ns.JINGLE}' name='audio'><description xmlns='{ns.RTP}' media='audio'/></content>"
    decoded = jc.read(f"<muji xmlns='{ns.MUJI}'>{content}</muji>", expect=jc.Muji)
    assert decoded.value == jc.Muji(
        jingle_contents=(jc.Content(name="audio", description=jc.RtpDescription(media="audio")),)
    )
    assert [finding.path for finding in decoded.findings] == ["muji/content/@creator"]
    assert b'<content xmlns="urn:xmpp:jingle:1"' in jc.dumps(decoded.value)

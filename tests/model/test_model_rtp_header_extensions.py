"""XEP-0294: RTP header extensions."""

from __future__ import annotations

from element_support import Golden

import jinglecodec as jc

GOLDENS = (
    Golden(
        "XEP-0294 3, 5",
        """
        <rtp-hdrext xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0' id='4351' uri='URI-gps-string' senders='initiator'>
          <parameter name='foo' value='bar'/>
          <parameter name='long'/>
        </rtp-hdrext>
        """,
        jc.HeaderExtension(
            id=4351,
            uri="URI-gps-string",
            senders=jc.HeaderExtensionSenders.INITIATOR,
            parameters=(
                jc.HeaderExtensionParameter(name="foo", value="bar"),
                jc.HeaderExtensionParameter(name="long"),
            ),
        ),
    ),
    Golden(
        "XEP-0294 3",
        "<parameter xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0' name='foo' value='bar'/>",
        jc.HeaderExtensionParameter(name="foo", value="bar"),
    ),
)


def test_both_parties_send_an_extension_unless_it_says_otherwise() -> None:
    """XEP-0294 3: OPTIONAL (defaults to "both")."""
    markup = "<rtp-hdrext xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0' id='1' uri='u' senders='both'/>"
    assert jc.loads(markup) == jc.HeaderExtension(id=1, uri="u")
    assert b"senders" not in jc.dumps(jc.loads(markup))

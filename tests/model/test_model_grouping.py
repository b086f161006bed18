"""XEP-0338: the grouping framework."""

from __future__ import annotations

from element_support import Golden

import jinglecodec as jc

GOLDENS = (
    Golden(
        "XEP-0338 2",
        """
        <group xmlns='urn:xmpp:jingle:apps:grouping:0' semantics='LS'>
          <content name='voice'/>
          <content name='webcam'/>
        </group>
        """,
        jc.Group(semantics="LS", contents=(jc.GroupContent(name="voice"), jc.GroupContent(name="webcam"))),
    ),
    Golden(
        "XEP-0338 2", "<content xmlns='urn:xmpp:jingle:apps:grouping:0' name='voice'/>", jc.GroupContent(name="voice")
    ),
)


def test_a_group_may_be_empty() -> None:
    """RFC 9143 7.3.3: an answer may leave no section in the group."""
    markup = b'<group xmlns="urn:xmpp:jingle:apps:grouping:0" semantics="BUNDLE"/>'
    assert jc.dumps(jc.Group(semantics="BUNDLE")) == markup
    assert jc.loads(markup) == jc.Group(semantics="BUNDLE")

"""XEP-0293: RTP feedback."""

from __future__ import annotations

from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

GOLDENS = (
    Golden(
        "XEP-0293 3",
        """
        <rtcp-fb xmlns='urn:xmpp:jingle:apps:rtp:rtcp-fb:0' type='ccm' subtype='tmmbr'>
          <parameter name='smaxpr' value='120'/>
          <parameter name='other'/>
        </rtcp-fb>
        """,
        jc.RtcpFeedback(
            type="ccm",
            subtype="tmmbr",
            parameters=(jc.FeedbackParameter(name="smaxpr", value="120"), jc.FeedbackParameter(name="other")),
        ),
    ),
    Golden(
        "XEP-0293 3",
        "<parameter xmlns='urn:xmpp:jingle:apps:rtp:rtcp-fb:0' name='smaxpr' value='120'/>",
        jc.FeedbackParameter(name="smaxpr", value="120"),
    ),
    Golden(
        "XEP-0293 4, example 3: 0, which the schema leaves out",
        "<rtcp-fb-trr-int xmlns='urn:xmpp:jingle:apps:rtp:rtcp-fb:0' value='0'/>",
        jc.TrrInt(value=0),
    ),
)


def test_an_interval_without_value_is_zero() -> None:
    """XEP-0293 3: 0 to MAXUINT (default to 0), though REQUIRED."""
    decoded = jc.read(f"<rtcp-fb-trr-int xmlns='{ns.RTCP_FB}'/>")
    assert decoded.value == jc.TrrInt(value=0)
    assert [finding.path for finding in decoded.findings] == ["rtcp-fb-trr-int/@value"]
    assert b'value="0"' in jc.dumps(decoded.value)

"""XEP-0339: source-specific media attributes."""

from __future__ import annotations

from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

MSID = "MLTJKIHilGn71fNQoszkQ4jlPTuS5vJyKVIv MLTJKIHilGn71fNQoszkQ4jlPTuS5vJyKVIva0"

GOLDENS = (
    Golden(
        "XEP-0339 2.1",
        f"""
        <source ssrc='1656081975' xmlns='urn:xmpp:jingle:apps:rtp:ssma:0'>
          <parameter name='cname' value='Yv/wvbCdsDW2Prgd'/>
          <parameter name='msid' value='{MSID}'/>
          <parameter name='flag'/>
        </source>
        """,
        jc.Source(
            ssrc=1656081975,
            parameters=(
                jc.SourceParameter(name="cname", value="Yv/wvbCdsDW2Prgd"),
                jc.SourceParameter(name="msid", value=MSID),
                jc.SourceParameter(name="flag"),
            ),
        ),
    ),
    Golden(
        "XEP-0339 2.1",
        "<parameter xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' name='cname' value='Yv/wvbCdsDW2Prgd'/>",
        jc.SourceParameter(name="cname", value="Yv/wvbCdsDW2Prgd"),
    ),
    Golden(
        "XEP-0339 2.2, 3",
        """
        <ssrc-group xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' semantics='FID'>
          <source ssrc='2301230316'/>
          <source ssrc='386328120'/>
        </ssrc-group>
        """,
        jc.SourceGroup(semantics="FID", sources=(jc.Source(ssrc=2301230316), jc.Source(ssrc=386328120))),
    ),
)


def test_semantics_that_the_schema_misses_are_no_quirk() -> None:
    """Jitsi and libwebrtc group simulcast as SIM."""
    markup = f"<ssrc-group xmlns='{ns.SSMA}' semantics='SIM'/>"
    assert jc.read(markup) == jc.Decoded(jc.SourceGroup(semantics="SIM"))


def test_unknown_content_of_a_source_is_kept() -> None:
    markup = f"<source xmlns='{ns.SSMA}' ssrc='1' mood='good'><info xmlns='urn:example:a' owner='x'/></source>"
    value = jc.loads(markup)
    assert value.extra.attributes == (("mood", "good"),)
    assert value.extra.children == (jc.Raw("{urn:example:a}info", (("owner", "x"),)),)
    assert jc.loads(jc.dumps(value)) == value

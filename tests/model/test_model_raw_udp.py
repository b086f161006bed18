"""XEP-0177: raw UDP."""

from __future__ import annotations

from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

RTCP = jc.RawUdpCandidate(component=2, generation=0, id="hg92lsn10b", ip="208.68.163.214", port=9877)

GOLDENS = (
    Golden(
        "XEP-0177 4.3, example 3, with the type of 4.2",
        """<candidate xmlns='urn:xmpp:jingle:transports:raw-udp:1' component='1' generation='1' id='z7sdjb01hf'
                      ip='208.68.163.214' port='9876' type='relay'/>""",
        jc.RawUdpCandidate(
            component=1, generation=1, id="z7sdjb01hf", ip="208.68.163.214", port=9876, type=jc.CandidateType.RELAY
        ),
    ),
    Golden(
        "XEP-0177 4.3, example 3",
        """
        <transport xmlns='urn:xmpp:jingle:transports:raw-udp:1'>
          <candidate component='1' generation='0' id='z7sdjb01hf' ip='208.68.163.214' port='9876'/>
          <candidate component='2' generation='0' id='hg92lsn10b' ip='208.68.163.214' port='9877'/>
        </transport>
        """,
        jc.RawUdpTransport(
            candidates=(jc.RawUdpCandidate(component=1, id="z7sdjb01hf", ip="208.68.163.214", port=9876), RTCP)
        ),
    ),
)


def test_a_candidate_without_component_is_that_of_rtp_and_a_quirk() -> None:
    """XEP-0176 6, example 11, and XEP-0371 6, example 11, leave out what XEP-0177 4.2 requires."""
    markup = f"<candidate xmlns='{ns.RAW_UDP}' generation='0' id='a9j3mnbtu1' ip='10.1.1.104' port='13540'/>"
    decoded = jc.read(markup, expect=jc.RawUdpCandidate)
    assert decoded.value.component == 1
    assert [(finding.code, finding.path) for finding in decoded.findings] == [
        ("missing-attribute", "candidate/@component")
    ]
    assert b'component="1"' in jc.dumps(decoded.value)


def test_a_candidate_that_names_only_its_address_is_understood() -> None:
    """Switji and Dino send such."""
    decoded = jc.read(f"<candidate xmlns='{ns.RAW_UDP}' ip='10.166.108.22' port='10000'/>")
    assert decoded.value == jc.RawUdpCandidate(ip="10.166.108.22", port=10000)
    assert [finding.path for finding in decoded.findings] == [
        "candidate/@component",
        "candidate/@generation",
        "candidate/@id",
    ]

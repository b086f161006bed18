"""XEP-0343: data channels."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

GOLDENS = (
    Golden(
        "XEP-0343 4.1, example 1",
        """<sctpmap xmlns='urn:xmpp:jingle:transports:dtls-sctp:1' number='5000' protocol='webrtc-datachannel'
                    streams='1024'/>""",
        jc.SctpMap(number=5000, protocol="webrtc-datachannel", streams=1024),
    ),
    Golden(
        "XEP-0343 4.1, example 2",
        "<channel xmlns='urn:xmpp:jingle:transports:webrtc-datachannel:0' id='1' negotiated='true'/>",
        jc.Channel(id=1, negotiated=True),
    ),
    Golden(
        "XEP-0343 9: all attributes, none at its default",
        """<channel xmlns='urn:xmpp:jingle:transports:webrtc-datachannel:0' id='65535' maxPacketLifeTime='500'
                    maxRetransmits='3' negotiated='true' ordered='false' protocol='x'>text</channel>""",
        jc.Channel(
            id=65535,
            max_packet_life_time=500,
            max_retransmits=3,
            negotiated=True,
            ordered=False,
            protocol="x",
            value="text",
        ),
    ),
)


@pytest.mark.parametrize("attributes", ["port='5000'", "port=' 5000'"])
def test_the_port_may_be_called_port(attributes: str) -> None:
    """The table of XEP-0343 4.2 does, its schema and examples write `number`."""
    decoded = jc.read(f"<sctpmap xmlns='{ns.DTLS_SCTP}' {attributes} protocol='webrtc-datachannel'/>")
    assert decoded.value == jc.SctpMap(number=5000, protocol="webrtc-datachannel")
    assert decoded.findings[0].code == "sloppy-name"
    assert b'number="5000"' in jc.dumps(decoded.value)


def test_number_wins_where_there_is_a_port_too() -> None:
    value = jc.loads(f"<sctpmap xmlns='{ns.DTLS_SCTP}' port='1' number='2' protocol='x'/>", expect=jc.SctpMap)
    assert value.number == 2
    assert value.extra.attributes == (("port", "1"),)


def test_no_streams_at_all_are_read() -> None:
    assert jc.loads(f"<sctpmap xmlns='{ns.DTLS_SCTP}' number='5000' protocol='x' streams='0'/>") == jc.SctpMap(
        number=5000, protocol="x", streams=0
    )


def test_a_channel_in_the_namespace_of_sctpmap_is_understood() -> None:
    markup = f"<transport xmlns='{ns.ICE_UDP}'><channel xmlns='{ns.DTLS_SCTP}' id='7'/></transport>"
    decoded = jc.read(markup, expect=jc.IceUdpTransport)
    assert decoded.value.channels == (jc.Channel(id=7),)
    assert [finding.code for finding in decoded.findings] == ["sloppy-name"]
    assert jc.loads(markup) == decoded.value
    assert jc.read(f"<channel xmlns='{ns.DTLS_SCTP}' id='7'/>").findings[0].code == "sloppy-name"

"""`examples/elementtree_filter.py` as it stands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from elementtree_filter import withhold

from jinglecodec import namespaces as ns

EXAMPLES = Path(__file__).parents[2] / "examples"

STANZA = """<iq xmlns="jabber:client" from="romeo@montague.lit/orchard" id="zid615d9" type="set">
  <jingle xmlns="urn:xmpp:jingle:1" action="session-initiate" sid="a73sjjvkla37jfea">
    <content creator="initiator" name="voice" senders="both">
      <description xmlns="urn:xmpp:jingle:apps:rtp:1" media="audio"><other xmlns="urn:example:0"/></description>
      <transport xmlns="urn:xmpp:jingle:transports:ice-udp:1" pwd="asd88fgpdd777uzjYhagZg" ufrag="8hhy">
        <candidate component="1" foundation="1" generation="0" id="el0747fg11" ip="10.0.1.1" network="1" port="8998"
                   priority="2130706431" protocol="udp" type="host"/>
        <candidate component="1" foundation="2" generation="0" id="y3s2b30v3r" ip="192.0.2.3" network="1" port="45664"
                   priority="1694498815" protocol="udp" rel-addr="10.0.1.1" rel-port="8998" type="srflx"/>
      </transport>
    </content>
  </jingle>
</iq>"""


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own


def plain(element: ET.Element) -> object:
    """Return what an element says, without its spacing."""
    return element.tag, sorted(element.items()), (element.text or "").strip(), [plain(child) for child in element]


@pytest.mark.parametrize("space", [ns.ICE_UDP, ns.ICE])
def test_only_addresses_of_hosts_are_taken_out(space: str) -> None:
    """XEP-0176 10.1, XEP-0371 11.1: a party may withhold host candidates."""
    stanza = STANZA.replace(ns.ICE_UDP, space)
    expected = parsed(stanza)
    (transport,) = expected.iter(f"{{{space}}}transport")
    host, reflexive = transport
    transport.remove(host)
    del reflexive.attrib["rel-addr"], reflexive.attrib["rel-port"]

    assert plain(withhold(parsed(stanza))) == plain(expected)


def test_other_stanzas_pass_as_they_are() -> None:
    message = parsed("<message xmlns='jabber:client'><body>10.0.1.1</body></message>")

    assert withhold(message) is message


def test_it_runs_as_a_program() -> None:
    command = [sys.executable, str(EXAMPLES / "elementtree_filter.py")]
    told = subprocess.run(command, input=STANZA, capture_output=True, check=True, text=True, cwd=EXAMPLES.parent).stdout

    assert "10.0.1.1" not in told
    assert 'ip="192.0.2.3"' in told

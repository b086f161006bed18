"""A filter for stanzas as `xml.etree.ElementTree` has them: takes the addresses of hosts out of what passes through.

    python examples/elementtree_filter.py < stanza.xml

It is what a server or a component may do for its users (XEP-0176 10.1): paths over servers are left. Whatever else is
in the stanza, known here or not, stays as it is.
"""

from __future__ import annotations

import sys
from typing import Any
from xml.etree import ElementTree as ET

import attrs

import jinglecodec as jc

__all__ = ["withhold"]


def withhold(element: ET.Element) -> ET.Element:
    """Return a stanza without host candidates; any other than Jingle with ICE is returned as it is."""
    stanza = jc.from_element(element, errors="keep")
    if not isinstance(stanza, jc.Iq) or not isinstance(stanza.payload, jc.Jingle):
        return element
    contents = tuple(map(_discreet, stanza.payload.contents))
    payload = attrs.evolve(stanza.payload, contents=contents)
    made: ET.Element = jc.to_element(attrs.evolve(stanza, payload=payload), ET.Element)
    return made


def _discreet(content: jc.Content) -> jc.Content:
    transport = content.transport
    if not isinstance(transport, jc.IceUdpTransport | jc.IceTransport):
        return content
    others = (one for one in transport.candidates if one.type is not jc.CandidateType.HOST)
    kept: Any = tuple(attrs.evolve(one, rel_addr=None, rel_port=None) for one in others)  # the host again
    return attrs.evolve(content, transport=attrs.evolve(transport, candidates=kept))


if __name__ == "__main__":
    # A stanza comes from a parser of the stream; what is read here is the user's own.
    print(ET.tostring(withhold(ET.parse(sys.stdin).getroot()), encoding="unicode"))  # noqa: S314

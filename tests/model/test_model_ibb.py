"""XEP-0261: in-band bytestreams."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

GOLDENS = (
    Golden(
        "XEP-0261 2.2, example 1",
        "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' block-size='4096' sid='ch3d9s71'/>",
        jc.IbbTransport(block_size=4096, sid="ch3d9s71"),
    ),
    Golden(
        "XEP-0261 2.2: a value of message",
        "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' block-size='65535' sid='ch3d9s71' stanza='message'/>",
        jc.IbbTransport(block_size=65535, sid="ch3d9s71", stanza=jc.IbbStanza.MESSAGE),
    ),
)


@pytest.mark.parametrize("text", ["0", "-1", "65536", "4k"])
def test_block_sizes_are_those_of_xep_0047(text: str) -> None:
    with pytest.raises(jc.DecodeError, match=r"^transport/@block-size: .* is not an integer in 1\.\.65535$"):
        jc.loads(f"<transport xmlns='{ns.IBB}' block-size='{text}' sid='s'/>")

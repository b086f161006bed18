"""XEP-0247: XML streams."""

from __future__ import annotations

from element_support import Golden

import jinglecodec as jc

GOLDENS = (
    Golden(
        "XEP-0247 2, example 1",
        "<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>",
        jc.XmlStreamDescription(),
    ),
)


def test_the_description_of_a_content_may_be_a_stream() -> None:
    content = "<content xmlns='urn:xmpp:jingle:1' creator='initiator' name='xmlstream'>"
    markup = f"{content}<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/></content>"
    assert jc.loads(markup) == jc.Content(name="xmlstream", description=jc.XmlStreamDescription())

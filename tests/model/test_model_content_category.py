"""XEP-0507: what the media of a content is."""

from __future__ import annotations

from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

GOLDENS = (
    Golden(
        "XEP-0507 3, example 1",
        "<category xmlns='urn:xmpp:jingle:apps:category:0' name='slides'/>",
        jc.Category(name="slides"),
    ),
)


def test_a_description_has_as_many_as_it_needs() -> None:
    """XEP-0507 3: a=content:slides,alt; in front of the payload types."""
    category = f"<category xmlns='{ns.CATEGORY}' name="
    markup = (
        f"<description xmlns='{ns.RTP}' media='video'>{category}'slides'/>{category}'alt'/>"
        "<payload-type id='31' name='H261' clockrate='9000'/></description>"
    )
    assert jc.read(markup) == jc.Decoded(
        jc.RtpDescription(
            media="video",
            payload_types=(jc.PayloadType(id=31, name="H261", clockrate=9000),),
            categories=(jc.Category(name="slides"), jc.Category(name="alt")),
        )
    )


def test_a_category_that_the_document_does_not_know_is_kept() -> None:
    """RFC 4796 5: mediacnt-ext is any token."""
    decoded = jc.read(f"<category xmlns='{ns.CATEGORY}' name='whiteboard'/>")
    assert decoded.value == jc.Category(name="whiteboard")
    assert [(finding.code, finding.path) for finding in decoded.findings] == [("unusual-identifier", "category/@name")]

"""XEP-0264: thumbnails."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

THUMBNAIL = jc.Thumbnail(
    uri="cid:sha1+ffd7c8d28e9c5e82afea41f97108c6b4@bob.xmpp.org", media_type="image/png", width=128, height=96
)
MARKUP = """<thumbnail xmlns='urn:xmpp:thumbs:1' uri='cid:sha1+ffd7c8d28e9c5e82afea41f97108c6b4@bob.xmpp.org'
                       media-type='image/png' width='128' height='96'/>"""

GOLDENS = (Golden("XEP-0264 3, example 1", MARKUP, THUMBNAIL),)


def test_a_description_shows_who_is_calling() -> None:
    """XEP-0264 3, example 2; several are allowed."""
    small = "<thumbnail xmlns='urn:xmpp:thumbs:1' uri='https://example.org/small.png'/>"
    markup = f"<description xmlns='{ns.RTP}' media='video'>{MARKUP}{small}</description>"
    value = jc.loads(markup, expect=jc.RtpDescription)
    assert value.thumbnails == (THUMBNAIL, jc.Thumbnail(uri="https://example.org/small.png"))


def test_in_an_unexpected_place_it_is_typed_in_extra() -> None:
    value = jc.loads(f"<crypto-required xmlns='{ns.RTP_ERRORS}'>{MARKUP}</crypto-required>", expect=jc.CryptoRequired)
    assert value.extra.children == (THUMBNAIL,)


@pytest.mark.parametrize("size", ["65536", "-1", "128px"])
def test_sizes_stay_in_their_range(size: str) -> None:
    """XEP-0264, version 0.4.2: 0..65535."""
    with pytest.raises(jc.DecodeError, match=r"^thumbnail/@width: "):
        jc.loads(f"<thumbnail xmlns='{ns.THUMBS}' uri='cid:x' width='{size}'/>")

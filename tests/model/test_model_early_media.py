"""XEP-0269: early media, which has no element of its own."""

from __future__ import annotations

import jinglecodec as jc
from jinglecodec.model import early_media


def test_early_media_is_a_disposition_of_its_content() -> None:
    """XEP-0269 3, example 3."""
    markup = (
        "<content xmlns='urn:xmpp:jingle:1' creator='responder' disposition='early-session' name='hold music' "
        "senders='responder'/>"
    )
    content = jc.Content(
        creator=jc.Creator.RESPONDER,
        disposition=jc.EARLY_SESSION,
        name="hold music",
        senders=jc.Senders.RESPONDER,
    )
    assert jc.read(markup) == jc.Decoded(content)


def test_a_content_without_disposition_is_of_the_session() -> None:
    """XEP-0166 7.3."""
    assert jc.Content(name="x").disposition == early_media.SESSION == "session"

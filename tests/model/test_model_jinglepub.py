"""XEP-0358: sessions on offer."""

from __future__ import annotations

from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

META = jc.JinglePubMeta(lang="en", title="Act III, Scene I of Hamlet", summary="Captured at the Globe Theatre.")

GOLDENS = (
    Golden(
        "XEP-0358 2.1, example 2, closed",
        """
        <jinglepub xmlns='urn:xmpp:jinglepub:1' from='bard@shakespeare.lit'
                   id='9559976B-3FBF-4E7E-B457-2DAA225972BB'>
          <uri>https://shakespeare.lit/hamlet</uri>
          <meta xml:lang='en' title='Act III, Scene I of Hamlet' summary='Captured at the Globe Theatre.'/>
          <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/>
          <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'/>
        </jinglepub>
        """,
        jc.JinglePub(
            from_="bard@shakespeare.lit",
            id="9559976B-3FBF-4E7E-B457-2DAA225972BB",
            uri="https://shakespeare.lit/hamlet",
            metas=(META,),
            descriptions=(jc.RtpDescription(media="audio"), jc.RtpDescription(media="video")),
        ),
    ),
    Golden(
        "XEP-0358 6: attributes of the schema only",
        "<jinglepub xmlns='urn:xmpp:jinglepub:1' from='a@b' id='x' title='Hamlet' description='Act III'/>",
        jc.JinglePub(from_="a@b", id="x", title="Hamlet", description="Act III"),
    ),
    Golden(
        "XEP-0358 2.1, example 2",
        """<meta xmlns='urn:xmpp:jinglepub:1' xml:lang='en' title='Act III, Scene I of Hamlet'
                 summary='Captured at the Globe Theatre.'/>""",
        META,
    ),
    Golden(
        "XEP-0358 2.2, example 5",
        "<start xmlns='urn:xmpp:jinglepub:1' id='9559976B-3FBF-4E7E-B457-2DAA225972BB'/>",
        jc.JinglePubStart(id="9559976B-3FBF-4E7E-B457-2DAA225972BB"),
    ),
    Golden(
        "XEP-0358 2.2, example 6",
        "<starting xmlns='urn:xmpp:jinglepub:1' sid='851ba2'/>",
        jc.JinglePubStarting(sid="851ba2"),
    ),
)


def test_the_owner_may_be_whoever_sends_the_message() -> None:
    """XEP-0358 2.1, example 4, against the text."""
    decoded = jc.read(f"<jinglepub xmlns='{ns.JINGLE_PUB}' id='x'/>", expect=jc.JinglePub)
    assert decoded.value.from_ is None
    assert [(finding.path, finding.clause) for finding in decoded.findings] == [("jinglepub/@from", "XEP-0358 2.1")]

"""XEP-0517: real-time text in step with audio and video."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

CAPTION = jc.RttSync(
    role=jc.RttRole.CAPTION,
    source=jc.RttSource.ASR,
    sync_mode=jc.RttSyncMode.MEDIA_CLOCK,
    max_skew=500,
    finality=jc.RttFinality.PARTIAL,
)
CHANNEL = jc.RttDataChannel(subprotocol="t140", reliability="reliable", order="in-order", label="rtt")

GOLDENS = (
    Golden(
        "XEP-0517 7, example 6",
        """<rtt-sync xmlns='urn:xmpp:jingle:apps:rtt-sync:0' role='caption' source='asr' sync-mode='media-clock'
                     max-skew='500' finality='partial'/>""",
        CAPTION,
    ),
    Golden(
        "XEP-0517 9, example 8",
        """
        <description xmlns='urn:xmpp:jingle:apps:rtt-sync:0' profile='dc-t140'>
          <datachannel subprotocol='t140' reliability='reliable' order='in-order' label='rtt'/>
          <rtt-sync role='conversation' source='human' sync-mode='co-session' max-skew='700'/>
        </description>
        """,
        jc.RttDescription(
            profile="dc-t140",
            data_channel=CHANNEL,
            sync=jc.RttSync(
                role=jc.RttRole.CONVERSATION,
                source=jc.RttSource.HUMAN,
                sync_mode=jc.RttSyncMode.CO_SESSION,
                max_skew=700,
            ),
        ),
    ),
    Golden(
        "XEP-0517 9, example 8",
        """<datachannel xmlns='urn:xmpp:jingle:apps:rtt-sync:0' subprotocol='t140' reliability='reliable'
                        order='in-order' label='rtt'/>""",
        CHANNEL,
    ),
    Golden(
        "XEP-0517 11, example 10",
        """<rtt-fallback xmlns='urn:xmpp:jingle:apps:rtt-sync:0' sid='abc123' method='xep-0301' sync-mode='none'
                         reason='peer-unsupported'/>""",
        jc.RttFallback(sid="abc123", method="xep-0301", sync_mode=jc.RttSyncMode.NONE, reason="peer-unsupported"),
    ),
)


def test_an_rtp_description_of_text_says_what_it_is() -> None:
    """XEP-0517 8, example 7: behind the payload types."""
    sync = f"<rtt-sync xmlns='{ns.RTT_SYNC}' role='conversation' sync-mode='media-clock'/>"
    markup = f"<description xmlns='{ns.RTP}' media='text'><payload-type id='98' name='t140'/>{sync}</description>"
    assert jc.read(markup) == jc.Decoded(
        jc.RtpDescription(
            media="text",
            payload_types=(jc.PayloadType(id=98, name="t140"),),
            rtt_sync=jc.RttSync(role=jc.RttRole.CONVERSATION, sync_mode=jc.RttSyncMode.MEDIA_CLOCK),
        )
    )


@pytest.mark.parametrize("attributes", ["role='caption'", "sync-mode='none'"])
def test_role_and_mode_are_required(attributes: str) -> None:
    with pytest.raises(jc.DecodeError, match=r"^rtt-sync/@(role|sync-mode): is missing$"):
        jc.loads(f"<rtt-sync xmlns='{ns.RTT_SYNC}' {attributes}/>")

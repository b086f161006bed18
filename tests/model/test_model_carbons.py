"""XEP-0280 and XEP-0297: carbons."""

from __future__ import annotations

from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

INNER = jc.Message(
    from_="juliet@capulet.example/balcony",
    to="romeo@montague.example/garden",
    type=jc.MessageType.CHAT,
    payloads=(jc.ProceedMessage(id="x"),),
)
FORWARDED = f"""
    <forwarded xmlns='urn:xmpp:forward:0'>
      <message xmlns='jabber:client' type='chat'
               from='juliet@capulet.example/balcony' to='romeo@montague.example/garden'>
        <proceed xmlns='{ns.JINGLE_MESSAGE}' id='x'/>
      </message>
    </forwarded>
"""

GOLDENS = (
    Golden("XEP-0297 3.1, example 1", FORWARDED, jc.Forwarded(message=INNER)),
    Golden(
        "XEP-0280 6, example 11",
        f"<received xmlns='urn:xmpp:carbons:2'>{FORWARDED}</received>",
        jc.CarbonReceived(forwarded=jc.Forwarded(message=INNER)),
    ),
    Golden(
        "XEP-0280 7, example 12",
        f"<sent xmlns='urn:xmpp:carbons:2'>{FORWARDED}</sent>",
        jc.CarbonSent(forwarded=jc.Forwarded(message=INNER)),
    ),
)


def test_the_time_of_a_forwarded_message_is_kept() -> None:
    """XEP-0297 3: a delay may stand in front."""
    delay = "<delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25Z'/>"
    forwarded = jc.loads(f"<forwarded xmlns='urn:xmpp:forward:0'>{delay}</forwarded>", expect=jc.Forwarded)
    assert forwarded.message is None
    assert forwarded.extra.children == (jc.Raw("{urn:xmpp:delay}delay", (("stamp", "2010-07-10T23:08:25Z"),)),)


def test_a_carbon_is_a_payload_of_a_message() -> None:
    markup = f"<message xmlns='jabber:client'><sent xmlns='urn:xmpp:carbons:2'>{FORWARDED}</sent></message>"
    assert jc.loads(markup) == jc.Message(payloads=(jc.CarbonSent(forwarded=jc.Forwarded(message=INNER)),))

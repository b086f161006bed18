"""XEP-0251: transferring a session."""

from __future__ import annotations

from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

TRANSFER = jc.Transfer(from_="attendant@office.example.com/desk", sid="663e9f", to="boss@execs.example.com/phone")
MARKUP = """<transfer xmlns='urn:xmpp:jingle:transfer:0' from='attendant@office.example.com/desk' sid='663e9f'
                      to='boss@execs.example.com/phone'/>"""

GOLDENS = (
    Golden("XEP-0251 3, example 17", MARKUP, TRANSFER),
    Golden(
        "XEP-0251 2, example 5",
        "<transfer xmlns='urn:xmpp:jingle:transfer:0' to='boss@execs.example.com/phone'/>",
        jc.Transfer(to="boss@execs.example.com/phone"),
    ),
    Golden("XEP-0251 2, example 10", "<transferred xmlns='urn:xmpp:jingle:transfer:0'/>", jc.Transferred()),
)


def test_a_session_may_be_initiated_in_place_of_another() -> None:
    """XEP-0251 3, example 20: the element stands behind the contents."""
    content = "<content creator='initiator' name='x'/>"
    markup = f"<jingle xmlns='{ns.JINGLE}' action='session-initiate' sid='851ba2'>{content}{MARKUP}</jingle>"
    value = jc.loads(markup, expect=jc.Jingle)
    assert value.contents == (jc.Content(name="x"),)
    assert value.infos == (TRANSFER,)
    assert not value.extra


def test_a_reason_says_that_the_transfer_succeeded() -> None:
    """XEP-0251 2, example 10: in front of the text, against the sequence of XEP-0166 16.1."""
    inner = f"<success/><transferred xmlns='{ns.TRANSFER}'/><text>Unattended transfer success</text>"
    assert jc.read(f"<reason xmlns='{ns.JINGLE}'>{inner}</reason>") == jc.Decoded(
        jc.Reason(
            condition=jc.Condition.SUCCESS,
            texts=(jc.ReasonText(value="Unattended transfer success"),),
            application=jc.Transferred(),
        )
    )

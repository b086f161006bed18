"""XEP-0298: Coin."""

from __future__ import annotations

from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

GOLDENS = (
    Golden(
        "XEP-0298 5",
        "<conference-info xmlns='urn:xmpp:coin:1' isfocus='true'/>",
        jc.ConferenceInfo(isfocus=True),
    ),
)


def test_a_mixer_says_so_beside_its_contents() -> None:
    """XEP-0298 5."""
    inner = f"<content creator='initiator' name='x'/><conference-info xmlns='{ns.COIN}' isfocus='true'/>"
    markup = f"<jingle xmlns='{ns.JINGLE}' action='session-initiate' sid='s'>{inner}</jingle>"
    assert jc.loads(markup, expect=jc.Jingle).infos == (jc.ConferenceInfo(isfocus=True),)


def test_the_state_of_the_conference_stays_as_it_came() -> None:
    """XEP-0298 6: RFC 4575 describes it."""
    space = "urn:ietf:params:xml:ns:conference-info"
    markup = f"<iq xmlns='jabber:client' id='1' type='set'><conference-info xmlns='{space}' entity='xmpp:a@b'/></iq>"
    assert jc.loads(markup, expect=jc.Iq).payload == jc.Raw(f"{{{space}}}conference-info", (("entity", "xmpp:a@b"),))

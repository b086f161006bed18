"""XEP-0482: call invites."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

GOLDENS = (
    Golden(
        "XEP-0482 2.1, example 2",
        """
        <invite xmlns='urn:xmpp:call-invites:0'>
          <jingle sid='sid2' jid='mixer@example.com/uuid'/>
          <external uri='https://example.com/uuid'/>
          <external uri='tel:+12345678'/>
        </invite>
        """,
        jc.CallInvite(
            methods=(
                jc.CallJingle(sid="sid2", jid="mixer@example.com/uuid"),
                jc.CallExternal(uri="https://example.com/uuid"),
                jc.CallExternal(uri="tel:+12345678"),
            )
        ),
    ),
    Golden(
        "XEP-0482 2.1",
        "<invite xmlns='urn:xmpp:call-invites:0' audio='false' video='true'/>",
        jc.CallInvite(audio=False, video=True),
    ),
    Golden(
        "XEP-0272 8",
        """
        <invite xmlns='urn:xmpp:call-invites:0'>
          <muji xmlns='urn:xmpp:jingle:muji:0' room='room@conference.example.com'/>
        </invite>
        """,
        jc.CallInvite(methods=(jc.Muji(room="room@conference.example.com"),)),
    ),
    Golden("XEP-0482 2.1", "<jingle xmlns='urn:xmpp:call-invites:0' sid='sid1'/>", jc.CallJingle(sid="sid1")),
    Golden(
        "XEP-0482 2.1",
        "<external xmlns='urn:xmpp:call-invites:0' uri='tel:+12345678'/>",
        jc.CallExternal(uri="tel:+12345678"),
    ),
    Golden("XEP-0482 2.2, example 3", "<retract xmlns='urn:xmpp:call-invites:0' id='id1'/>", jc.CallRetract(id="id1")),
    Golden(
        "XEP-0482 2.3, example 4",
        """
        <accept xmlns='urn:xmpp:call-invites:0' id='id1'>
          <jingle sid='sid1' jid='mixer@example.com/uuid'/>
        </accept>
        """,
        jc.CallAccept(id="id1", methods=(jc.CallJingle(sid="sid1", jid="mixer@example.com/uuid"),)),
    ),
    Golden("XEP-0482 2.4, example 5", "<reject xmlns='urn:xmpp:call-invites:0' id='id1'/>", jc.CallReject(id="id1")),
    Golden("XEP-0482 2.5, example 6", "<left xmlns='urn:xmpp:call-invites:0' id='id1'/>", jc.CallLeft(id="id1")),
)


def test_a_way_to_join_that_nobody_knows_is_kept_in_its_place() -> None:
    """XEP-0482 2.1: other specifications define their own sub-elements."""
    first, second = jc.Raw("{urn:example:a}sip", (("uri", "sip:a@b"),)), jc.CallJingle(sid="s")
    markup = f"<invite xmlns='{ns.CALL_INVITES}'><sip xmlns='urn:example:a' uri='sip:a@b'/><jingle sid='s'/></invite>"
    assert jc.read(markup) == jc.Decoded(jc.CallInvite(methods=(first, second)))


def test_the_steps_that_name_an_invitation_are_of_one_family() -> None:
    assert set(jc.Codec.default().members(jc.CallUpdate)) == {jc.CallRetract, jc.CallAccept, jc.CallReject, jc.CallLeft}


@pytest.mark.parametrize("name", ["retract", "accept", "reject", "left"])
def test_a_step_without_id_is_a_problem(name: str) -> None:
    with pytest.raises(jc.DecodeError, match=f"^{name}/@id: is missing$"):
        jc.loads(f"<{name} xmlns='{ns.CALL_INVITES}'/>")


def test_an_invitation_travels_in_a_message() -> None:
    """XEP-0482 2.1, example 1."""
    invite = f"<invite video='true' xmlns='{ns.CALL_INVITES}'><jingle sid='sid1'/></invite>"
    message = jc.loads(f"<message xmlns='jabber:client' to='mara@example.com' id='id1' type='chat'>{invite}</message>")
    assert message == jc.Message(
        to="mara@example.com",
        id="id1",
        type=jc.MessageType.CHAT,
        payloads=(jc.CallInvite(video=True, methods=(jc.CallJingle(sid="sid1"),)),),
    )

"""RFC 6120 8.2.1, 8.2.2: the envelopes of messages and presence."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

STREAMS = ["jabber:client", "jabber:server", "jabber:component:accept", ""]

GOLDENS = (
    Golden(
        "XEP-0353 3.1, example 1, in the namespace of RFC 6120 4.8.2",
        """
        <message xmlns='jabber:client' from='romeo@montague.example/orchard' id='m1' to='juliet@capulet.example'
                 type='chat' xml:lang='en'>
          <propose xmlns='urn:xmpp:jingle-message:0' id='ca3cf894-5325-482f-a412-a6e9f832298d'>
            <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/>
          </propose>
          <store xmlns='urn:xmpp:hints'/>
        </message>
        """,
        jc.Message(
            namespace="jabber:client",
            from_="romeo@montague.example/orchard",
            id="m1",
            to="juliet@capulet.example",
            type=jc.MessageType.CHAT,
            lang="en",
            payloads=(
                jc.ProposeMessage(
                    id="ca3cf894-5325-482f-a412-a6e9f832298d", descriptions=(jc.RtpDescription(media="audio"),)
                ),
                jc.Store(),
            ),
        ),
    ),
    Golden(
        "XEP-0353 3.1, example 2, between servers",
        """
        <presence xmlns='jabber:server' to='romeo@montague.example/orchard' from='juliet@capulet.example'>
          <c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://psi-im.org'
             ver='q07IKJEyjvHSyhy//CH0CxmKi8w='/>
        </presence>
        """,
        jc.Presence(
            namespace="jabber:server",
            to="romeo@montague.example/orchard",
            from_="juliet@capulet.example",
            payloads=(
                jc.Raw(
                    "{http://jabber.org/protocol/caps}c",
                    (("hash", "sha-1"), ("node", "http://psi-im.org"), ("ver", "q07IKJEyjvHSyhy//CH0CxmKi8w=")),
                ),
            ),
        ),
    ),
    Golden(
        "RFC 6121 4.7.1; RFC 6120 8.3.2",
        """
        <presence xmlns='' to='romeo@montague.example' from='room@chat.example' type='error'>
          <error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>
        </presence>
        """,
        jc.Presence(
            namespace="",
            to="romeo@montague.example",
            from_="room@chat.example",
            type=jc.PresenceType.ERROR,
            error=jc.StanzaError(type=jc.ErrorType.AUTH, condition=jc.StanzaCondition.FORBIDDEN),
        ),
    ),
)


@pytest.mark.parametrize("space", STREAMS)
@pytest.mark.parametrize("name", ["message", "presence"])
def test_envelopes_stay_in_the_namespace_of_their_stream(name: str, space: str) -> None:
    error = f"<error type='cancel'><gone xmlns='{ns.STANZAS}'/></error>"
    decoded = jc.read(f"<{name} xmlns='{space}' type='error'>{error}</{name}>", expect=jc.Stanza)
    assert decoded.findings == ()
    assert decoded.value.namespace == space
    assert decoded.value.error == jc.StanzaError(type=jc.ErrorType.CANCEL, condition=jc.StanzaCondition.GONE)
    written = jc.to_element(decoded.value)
    assert [node.tag.rpartition("}")[0].lstrip("{") for node in written.iter()] == [space, space, ns.STANZAS]


def test_all_stanzas_are_of_one_family() -> None:
    assert set(jc.Codec.default().members(jc.Stanza)) == {jc.Iq, jc.Message, jc.Presence}


def test_what_is_for_people_stays_in_extra() -> None:
    markup = "<message xmlns='jabber:client'><body>Art thou not Romeo?</body><x xmlns='urn:example:a'/></message>"
    value = jc.loads(markup, expect=jc.Message)
    assert value.payloads == (jc.Raw("{urn:example:a}x"),)
    assert value.extra.children == (jc.Raw("{jabber:client}body", text="Art thou not Romeo?"),)
    assert jc.loads(jc.dumps(value)) == value


def test_a_message_without_type_is_normal() -> None:
    """RFC 6121 5.2.2."""
    assert jc.read("<message xmlns='jabber:client'/>") == jc.Decoded(jc.Message(type=jc.MessageType.NORMAL))


@pytest.mark.parametrize("word", ["", "Chat", "urgent"])
def test_a_type_that_is_not_understood_counts_as_normal(word: str) -> None:
    """RFC 6121 5.2.2: MUST consider the message to be of type "normal"."""
    decoded = jc.read(f"<message xmlns='jabber:client' type='{word}'/>", expect=jc.Message)
    assert decoded.value.type is jc.MessageType.NORMAL
    assert [(finding.code, finding.path) for finding in decoded.findings] == [("sloppy-word", "message/@type")]


def test_presence_of_an_unknown_type_is_refused() -> None:
    """RFC 6121 4.7.1: bad-request."""
    with pytest.raises(jc.DecodeError, match=r"^presence/@type: 'away' is not one of "):
        jc.loads("<presence xmlns='jabber:client' type='away'/>")


def test_a_message_needs_no_id() -> None:
    """RFC 6120 8.1.3: RECOMMENDED, other than for an IQ."""
    for name in ("message", "presence"):
        assert jc.read(f"<{name} xmlns='jabber:client'/>").findings == ()

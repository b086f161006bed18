"""RFC 6120 8: the IQ envelope and stanza errors."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

GOLDENS = (
    Golden(
        "XEP-0166 6.8, example 32, in the namespace of RFC 6120 4.8.2",
        """
        <iq xmlns='jabber:client' from='juliet@capulet.lit/balcony' id='ug37vb25' to='romeo@montague.lit/orchard'
            type='set' xml:lang='en'>
          <jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='a73sjjvkla37jfea'/>
        </iq>
        """,
        jc.Iq(
            namespace="jabber:client",
            from_="juliet@capulet.lit/balcony",
            id="ug37vb25",
            to="romeo@montague.lit/orchard",
            type=jc.IqType.SET,
            lang="en",
            payload=jc.Jingle(action=jc.Action.SESSION_INFO, sid="a73sjjvkla37jfea"),
        ),
    ),
    Golden(
        "XEP-0166 6.7, example 29, by a component (XEP-0114)",
        """
        <iq xmlns='jabber:component:accept' from='romeo@montague.lit/orchard' id='ur71vs62'
            to='juliet@capulet.lit/balcony' type='error'>
          <error type='cancel'>
            <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
            <unknown-session xmlns='urn:xmpp:jingle:errors:1'/>
          </error>
        </iq>
        """,
        jc.Iq(
            namespace="jabber:component:accept",
            from_="romeo@montague.lit/orchard",
            id="ur71vs62",
            to="juliet@capulet.lit/balcony",
            type=jc.IqType.ERROR,
            error=jc.StanzaError(
                type=jc.ErrorType.CANCEL,
                condition=jc.StanzaCondition.ITEM_NOT_FOUND,
                application=jc.UnknownSession(),
            ),
        ),
    ),
    Golden(
        "RFC 6120 8.3.2, 8.3.3.14",
        """
        <error xmlns='jabber:client' by='example.net' code='302' type='modify'>
          <redirect xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:voicemail@capulet.lit</redirect>
          <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>Try there.</text>
          <why xmlns='urn:example:a'/>
        </error>
        """,
        jc.StanzaError(
            by="example.net",
            code="302",
            type=jc.ErrorType.MODIFY,
            condition=jc.StanzaCondition.REDIRECT,
            uri="xmpp:voicemail@capulet.lit",
            texts=(jc.ErrorText(lang="en", value="Try there."),),
            application=jc.Raw("{urn:example:a}why"),
        ),
    ),
    Golden(
        "RFC 6120 8.3.2",
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>Try there.</text>",
        jc.ErrorText(lang="en", value="Try there."),
    ),
)

STREAMS = ["jabber:client", "jabber:server", "jabber:component:accept", ""]


@pytest.mark.parametrize("space", STREAMS)
def test_envelopes_stay_in_the_namespace_of_their_stream(space: str) -> None:
    markup = f"<iq xmlns='{space}' id='1' type='error'><error type='cancel'><gone xmlns='{ns.STANZAS}'/></error></iq>"
    decoded = jc.read(markup, expect=jc.Iq)
    assert decoded.findings == ()
    assert decoded.value.namespace == space
    assert decoded.value.error == jc.StanzaError(type=jc.ErrorType.CANCEL, condition=jc.StanzaCondition.GONE)
    written = jc.to_element(decoded.value)
    assert [node.tag.rpartition("}")[0].lstrip("{") for node in written.iter()] == [space, space, ns.STANZAS]


def test_an_envelope_of_another_stream_is_refused() -> None:
    with pytest.raises(jc.EncodeError, match=r"^Iq\.namespace: 'urn:x' is not one of the namespaces"):
        jc.Iq(namespace="urn:x", type=jc.IqType.GET)


def test_an_iq_without_id_is_a_quirk() -> None:
    """RFC 6120 8.1.3; libraries hand over stanzas before they number them."""
    decoded = jc.read("<iq xmlns='jabber:client' type='get'/>")
    assert decoded.value == jc.Iq(type=jc.IqType.GET)
    assert [finding.path for finding in decoded.findings] == ["iq/@id"]


def test_the_uri_of_a_redirection_loses_the_space_of_pretty_printing() -> None:
    """XEP-0166 6.3.2, example 14."""
    markup = (
        "<error xmlns='jabber:client' type='modify'>"
        f"<redirect xmlns='{ns.STANZAS}'>\n  xmpp:voicemail@capulet.lit\n</redirect></error>"
    )
    decoded = jc.read(markup, expect=jc.StanzaError)
    assert decoded.value.uri == "xmpp:voicemail@capulet.lit"
    assert decoded.findings == ()


@pytest.mark.parametrize("uri", ["", " xmpp:a", "xmpp:a\n"])
def test_a_uri_with_space_around_it_is_refused(uri: str) -> None:
    with pytest.raises(jc.EncodeError, match=r"^StanzaError\.uri: "):
        jc.StanzaError(condition=jc.StanzaCondition.GONE, uri=uri)


def test_text_in_a_condition_that_carries_none_is_given_up_with_a_finding() -> None:
    markup = f"<error xmlns='jabber:client' type='cancel'><conflict xmlns='{ns.STANZAS}'>x</conflict></error>"
    decoded = jc.read(markup)
    assert decoded.value == jc.StanzaError(type=jc.ErrorType.CANCEL, condition=jc.StanzaCondition.CONFLICT)
    assert [(finding.code, finding.path) for finding in decoded.findings] == [("unexpected-content", "error/conflict")]


def test_an_unknown_condition_of_the_stanza_is_not_one_of_the_application() -> None:
    markup = f"<error xmlns='jabber:client' type='cancel'><too-late xmlns='{ns.STANZAS}'/></error>"
    decoded = jc.read(markup, expect=jc.StanzaError)
    assert decoded.value.application is None
    assert decoded.value.extra.children == (jc.Raw(f"{{{ns.STANZAS}}}too-late"),)
    assert [finding.code for finding in decoded.findings] == ["missing-element"]


def test_any_payload_that_is_unknown_is_kept_whole() -> None:
    query = "<query xmlns='urn:example:a'><feature var='urn:xmpp:jingle:1'/></query>"
    value = jc.loads(f"<iq xmlns='jabber:client' id='1' type='result'>{query}</iq>", expect=jc.Iq)
    features = (jc.Raw("{urn:example:a}feature", (("var", "urn:xmpp:jingle:1"),)),)
    assert value.payload == jc.Raw("{urn:example:a}query", children=features)


def test_the_request_may_come_back_with_its_error() -> None:
    """RFC 6120 8.3.1, rule 3."""
    markup = (
        "<iq xmlns='jabber:client' id='1' type='error'><error type='cancel'>"
        f"<bad-request xmlns='{ns.STANZAS}'/></error>"
        "<jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='s'/></iq>"
    )
    value = jc.loads(markup, expect=jc.Iq)
    assert value.payload == jc.Jingle(action=jc.Action.SESSION_INFO, sid="s")
    assert value.error is not None

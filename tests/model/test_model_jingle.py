"""XEP-0166: the session element, its contents, reasons and error conditions."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

GOLDENS = (
    Golden(
        "XEP-0166 6.2, example 10, with the senders that we always write",
        """
        <jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' initiator='romeo@montague.lit/orchard'
                sid='a73sjjvkla37jfea'>
          <content creator='initiator' name='this-is-a-stub' senders='both'>
            <description xmlns='urn:xmpp:jingle:apps:stub:0'/>
            <transport xmlns='urn:xmpp:jingle:transports:stub:0'/>
            <security xmlns='urn:xmpp:jingle:security:stub:0'/>
          </content>
        </jingle>
        """,
        jc.Jingle(
            action=jc.Action.SESSION_INITIATE,
            initiator="romeo@montague.lit/orchard",
            sid="a73sjjvkla37jfea",
            contents=(
                jc.Content(
                    creator=jc.Creator.INITIATOR,
                    name="this-is-a-stub",
                    description=jc.Raw("{urn:xmpp:jingle:apps:stub:0}description"),
                    transport=jc.Raw("{urn:xmpp:jingle:transports:stub:0}transport"),
                    security=jc.Raw("{urn:xmpp:jingle:security:stub:0}security"),
                ),
            ),
        ),
    ),
    Golden(
        "XEP-0166 7.3: all attributes, none at its default",
        "<content xmlns='urn:xmpp:jingle:1' creator='responder' disposition='early-session' name='x' senders='none'/>",
        jc.Content(creator=jc.Creator.RESPONDER, disposition="early-session", name="x", senders=jc.Senders.NONE),
    ),
    Golden(
        "XEP-0166 6.7, example 22, with the text of example 8",
        """
        <reason xmlns='urn:xmpp:jingle:1'>
          <alternative-session><sid>b84tkkwlmb48kgfb</sid></alternative-session>
          <text>Sorry, gotta go!</text>
        </reason>
        """,
        jc.Reason(
            condition=jc.Condition.ALTERNATIVE_SESSION,
            sid="b84tkkwlmb48kgfb",
            texts=(jc.ReasonText(value="Sorry, gotta go!"),),
        ),
    ),
    Golden(
        "XEP-0167 7: a condition with one of the application",
        """
        <reason xmlns='urn:xmpp:jingle:1'>
          <security-error/>
          <invalid-crypto xmlns='urn:xmpp:jingle:apps:rtp:errors:1'/>
        </reason>
        """,
        jc.Reason(condition=jc.Condition.SECURITY_ERROR, application=jc.InvalidCrypto()),
    ),
    Golden(
        "XEP-0166 7.4; RFC 6120 8.1.5",
        "<text xmlns='urn:xmpp:jingle:1' xml:lang='de-CH'>Ich muss los &amp; bin weg</text>",
        jc.ReasonText(lang="de-CH", value="Ich muss los & bin weg"),
    ),
    Golden("XEP-0166 10", "<out-of-order xmlns='urn:xmpp:jingle:errors:1'/>", jc.OutOfOrder()),
    Golden("XEP-0166 10", "<tie-break xmlns='urn:xmpp:jingle:errors:1'/>", jc.TieBreak()),
    Golden("XEP-0166 10", "<unknown-session xmlns='urn:xmpp:jingle:errors:1'/>", jc.UnknownSession()),
    Golden("XEP-0166 10", "<unsupported-info xmlns='urn:xmpp:jingle:errors:1'/>", jc.UnsupportedInfo()),
    Golden("XEP-0166 9", "<security-required xmlns='urn:xmpp:jingle:errors:1'/>", jc.SecurityRequired()),
)

CONTENT = "<content xmlns='urn:xmpp:jingle:1' creator='initiator' name='x'"


def reason(inner: str) -> jc.Decoded[jc.Reason]:
    return jc.read(f"<reason xmlns='{ns.JINGLE}'>{inner}</reason>", expect=jc.Reason)


def test_a_content_without_creator_is_the_initiators_and_a_quirk() -> None:
    """Most peers send `initiator` whatever happened, some leave it out; the text gives a default (XEP-0166 7.3)."""
    content, findings = _decoded("<content xmlns='urn:xmpp:jingle:1' name='x'/>")
    assert content.creator is jc.Creator.INITIATOR
    assert [(finding.code, finding.path, finding.clause) for finding in findings] == [
        ("missing-attribute", "content/@creator", "XEP-0166 7.3")
    ]
    assert b"creator=" in jc.dumps(content)


def test_rejected_contents_of_strophe_send_nothing() -> None:
    content, findings = _decoded(f"{CONTENT} senders='rejected'/>")
    assert content.senders is jc.Senders.NONE
    assert [finding.code for finding in findings] == ["sloppy-word"]


def test_a_name_with_spaces_is_no_quirk() -> None:
    """XEP-0166 16.1: xs:string."""
    assert _decoded("<content xmlns='urn:xmpp:jingle:1' creator='initiator' name='Media call'/>")[1] == ()


def test_a_sid_that_is_no_nmtoken_is_kept_as_it_came() -> None:
    """Conversations makes them of unpadded base64."""
    markup = f"<jingle xmlns='{ns.JINGLE}' action='session-info' sid='Qm9ndXM/c2lk+A'/>"
    decoded = jc.read(markup, expect=jc.Jingle)
    assert decoded.value.sid == "Qm9ndXM/c2lk+A"
    assert [(finding.code, finding.path) for finding in decoded.findings] == [("unusual-identifier", "jingle/@sid")]
    assert jc.loads(jc.dumps(decoded.value)) == decoded.value


def test_the_text_may_stand_before_the_condition() -> None:
    decoded = reason("<text>bye</text><success/>")
    assert decoded == jc.Decoded(jc.Reason(condition=jc.Condition.SUCCESS, texts=(jc.ReasonText(value="bye"),)))
    assert decoded.value.text == "bye"
    assert jc.dumps(decoded.value).index(b"<success") < jc.dumps(decoded.value).index(b"<text")


def test_texts_in_several_languages_keep_their_order() -> None:
    texts = reason("<text xml:lang='en'>a</text><success/><text xml:lang='de'>b</text>").value.texts
    assert texts == (jc.ReasonText(lang="en", value="a"), jc.ReasonText(lang="de", value="b"))


def test_a_reason_without_text_has_none() -> None:
    assert jc.Reason(condition=jc.Condition.GONE).text is None


def test_an_unknown_condition_is_kept_apart_and_reported() -> None:
    decoded = reason("<fell-asleep/>")
    assert decoded.value == jc.Reason(extra=jc.Extra(children=(jc.Raw(f"{{{ns.JINGLE}}}fell-asleep"),)))
    assert [(finding.code, finding.path) for finding in decoded.findings] == [("missing-element", "reason")]


def test_an_unknown_condition_leaves_the_application_its_place() -> None:
    decoded = reason("<fell-asleep/><why xmlns='urn:example:a'/>")
    assert decoded.value.application == jc.Raw("{urn:example:a}why")


@pytest.mark.parametrize(
    "inner",
    [
        "<security-error/><why xmlns='urn:example:a'/><invalid-crypto xmlns='urn:xmpp:jingle:apps:rtp:errors:1'/>",
        "<security-error/><invalid-crypto xmlns='urn:xmpp:jingle:apps:rtp:errors:1'/><why xmlns='urn:example:a'/>",
    ],
)
def test_an_unknown_element_never_crowds_out_a_known_condition_of_the_application(inner: str) -> None:
    decoded = reason(inner)
    assert decoded.value.application == jc.InvalidCrypto()
    assert decoded.value.extra == jc.Extra(children=(jc.Raw("{urn:example:a}why"),))
    assert [finding.code for finding in decoded.findings] == ["repeated-element"]


def test_two_known_conditions_of_the_application_are_a_problem() -> None:
    conditions = "<tie-break xmlns='urn:xmpp:jingle:errors:1'/><out-of-order xmlns='urn:xmpp:jingle:errors:1'/>"
    with pytest.raises(jc.DecodeError, match=r"^reason/out-of-order: may stand only once$"):
        reason(f"<success/>{conditions}")


def test_two_conditions_are_a_problem() -> None:
    with pytest.raises(jc.DecodeError, match=r"^reason/busy: may stand only once$"):
        reason("<success/><busy/>")


@pytest.mark.parametrize(
    ("word", "condition"),
    [
        ("failed_transport", jc.Condition.FAILED_TRANSPORT),
        ("failed_application", jc.Condition.FAILED_APPLICATION),
        ("unsupported-transport", jc.Condition.UNSUPPORTED_TRANSPORTS),
        ("unsupported-application", jc.Condition.UNSUPPORTED_APPLICATIONS),
    ],
)
def test_conditions_that_deployed_peers_misspell_are_understood(word: str, condition: jc.Condition) -> None:
    """Dino 0.4 sends failed_transport."""
    decoded = reason(f"<{word}/>")
    assert decoded.value == jc.Reason(condition=condition)
    assert [finding.code for finding in decoded.findings] == ["sloppy-name"]
    assert jc.loads(f"<reason xmlns='{ns.JINGLE}'><{word}/></reason>") == decoded.value


def test_the_sid_of_the_alternative_session_loses_the_space_of_pretty_printing() -> None:
    inner = "<alternative-session>\n <sid>\n  b84\n </sid>\n</alternative-session>"
    assert reason(inner) == jc.Decoded(jc.Reason(condition=jc.Condition.ALTERNATIVE_SESSION, sid="b84"))


def test_an_alternative_session_need_not_say_which() -> None:
    """XEP-0166 7.4: SHOULD."""
    assert reason("<alternative-session/>").value == jc.Reason(condition=jc.Condition.ALTERNATIVE_SESSION)
    assert reason("<alternative-session><sid/></alternative-session>").value.sid is None


def test_a_sid_without_alternative_session_is_refused() -> None:
    with pytest.raises(jc.EncodeError, match=r"Reason\.sid: 'x' is not .*, beside a value that carries it"):
        jc.Reason(condition=jc.Condition.SUCCESS, sid="x")
    with pytest.raises(jc.EncodeError, match=r"Reason\.sid"):
        jc.Reason(sid="x")


def test_group_before_content_is_read_and_written_behind() -> None:
    """XEP-0338 2 puts it in front, against the sequence of XEP-0166 16.1."""
    group = "<group xmlns='urn:xmpp:jingle:apps:grouping:0' semantics='BUNDLE'><content name='a'/></group>"
    content = "<content creator='initiator' name='a'/>"
    front, back = (
        jc.read(f"<jingle xmlns='{ns.JINGLE}' action='session-initiate' sid='s'>{inner}</jingle>", expect=jc.Jingle)
        for inner in (group + content, content + group)
    )
    assert front == back
    assert front.findings == ()
    assert jc.dumps(front.value).index(b"<content creator") < jc.dumps(front.value).index(b"<group")


def test_unknown_payload_of_a_session_info_is_kept_in_extra() -> None:
    markup = f"<jingle xmlns='{ns.JINGLE}' action='session-info' sid='s'><dance xmlns='urn:example:a'/></jingle>"
    value = jc.loads(markup, expect=jc.Jingle)
    assert value.infos == ()
    assert value.extra.children == (jc.Raw("{urn:example:a}dance"),)


def test_a_description_that_nobody_knows_stays_where_it_belongs() -> None:
    markup = f"{CONTENT}><description xmlns='urn:example:a' x='1'><y/></description></content>"
    raw = jc.Raw("{urn:example:a}description", (("x", "1"),), children=(jc.Raw("{urn:example:a}y"),))
    assert jc.loads(markup) == jc.Content(name="x", description=raw)


def test_two_descriptions_that_are_known_are_a_problem() -> None:
    rtp = "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/>"
    with pytest.raises(jc.DecodeError, match=r"^content/description\[2\]: may stand only once$"):
        jc.loads(f"{CONTENT}>{rtp}{rtp}</content>")


def test_an_old_description_beside_the_known_one_is_kept_apart() -> None:
    """Clients that moved from one protocol to the next offered both."""
    inner = "<description xmlns='urn:example:old'/><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/>"
    content, findings = _decoded(f"{CONTENT}>{inner}</content>")
    assert content.description == jc.RtpDescription(media="audio")
    assert content.extra.children == (jc.Raw("{urn:example:old}description"),)
    assert [(finding.code, finding.path) for finding in findings] == [("repeated-element", "content/description[2]")]


def _decoded(markup: str) -> tuple[jc.Content, tuple[jc.Finding, ...]]:
    decoded = jc.read(markup, expect=jc.Content)
    return decoded.value, decoded.findings

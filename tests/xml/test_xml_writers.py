"""The generated writers: what is written, in which order and namespace."""

from __future__ import annotations

import attrs
import pytest
from xml_zoo import CODEC, OTHER, ZOO_VALUE, Adult, Cage, Child, Diet, Keeper, Lion

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.xml.writers import write_any, writer


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Child(), '<child xmlns="urn:example:zoo"/>'),
        (Keeper(name="a"), '<keeper xmlns="urn:example:zoo" name="a"/>'),
        (Keeper(name=""), '<keeper xmlns="urn:example:zoo" name=""/>'),
        (Adult(value=""), '<adult xmlns="urn:example:zoo"/>'),
        (Adult(value="a"), '<adult xmlns="urn:example:zoo">a</adult>'),
        (Lion(age=1, food=Diet.PLANTS), '<animal xmlns="urn:example:lion" age="1"><plants/></animal>'),
        (Lion(age=1, food=Diet.MEAT, note="a"), '<animal xmlns="urn:example:lion" age="1"><meat>a</meat></animal>'),
        (
            Lion(age=1, food=Diet.OTHER, note="a"),
            '<animal xmlns="urn:example:lion" age="1"><other><note>a</note></other></animal>',
        ),
        (
            Cage(label="a", kids=(Child(),), anything=(Lion(age=1), jc.Raw("b"))),
            '<cage xmlns="urn:example:zoo">a<child/><animal xmlns="urn:example:lion" age="1"/><b xmlns=""/></cage>',
        ),
        (
            Cage(
                extra=jc.Extra((("b", "1"), ("{urn:x}a", "2")), (jc.Raw("{urn:example:zoo}z"), Keeper(name="k")), "t")
            ),
            '<cage xmlns="urn:example:zoo" b="1" xmlns:n0="urn:x" n0:a="2"><keeper name="k"/><z/>t</cage>',
        ),
    ],
)
def test_each_value_has_one_form(value: jc.Element, written: str) -> None:
    assert CODEC.dumps(value).decode() == written


def test_a_namespace_in_scope_is_not_declared_again() -> None:
    assert write_any(Child(), "urn:example:zoo") == "<child/>"
    assert write_any(Child(), "urn:x") == write_any(Child(), None) == '<child xmlns="urn:example:zoo"/>'


def test_declared_attributes_of_other_namespaces_declare_their_prefix() -> None:
    """Beside unknown ones, which have prefixes of their own."""
    value = attrs.evolve(ZOO_VALUE, extra=jc.Extra(((f"{{{OTHER}}}near", "1"),)))
    written = CODEC.dumps(value).decode()
    assert f'xmlns:far="{OTHER}" far:far="f"' in written
    assert f'xmlns:n0="{OTHER}" n0:near="1"' in written
    assert CODEC.loads(written) == value


def test_a_stanza_error_is_in_the_namespace_of_its_stanza_or_of_clients() -> None:
    error = jc.StanzaError(type=jc.ErrorType.WAIT)
    for space in ("jabber:client", "jabber:server", "jabber:component:accept", ""):
        assert jc.dumps(jc.Iq(namespace=space, type=jc.IqType.ERROR, error=error)).endswith(
            b'<error type="wait"/></iq>'
        )
    assert jc.dumps(error) == b'<error xmlns="jabber:client" type="wait"/>'
    inside = jc.Ringing(extra=jc.Extra(children=(error,)))
    assert b'<error xmlns="jabber:client" type="wait"/>' in jc.dumps(inside)


def test_the_payload_stands_before_the_error() -> None:
    """RFC 6120 8.3.1, rule 6, and the sequence of the schema in A.5."""
    iq = jc.Iq(type=jc.IqType.ERROR, payload=jc.Ringing(), error=jc.StanzaError(type=jc.ErrorType.WAIT))
    written = jc.dumps(iq)
    assert written.index(b"<ringing") < written.index(b"<error")


def test_creator_and_generation_are_written_though_they_equal_their_default() -> None:
    """Peers that require them outnumber those that fill them in."""
    assert b' creator="initiator"' in jc.dumps(jc.Content(name="a"))
    assert b' generation="0"' in jc.dumps(
        jc.Candidate(
            component=1,
            foundation="1",
            ip="::1",
            port=1,
            priority=1,
            protocol="udp",
            type=jc.CandidateType.HOST,
        )
    )


def test_what_is_no_element_cannot_be_written() -> None:
    for wrong in ("<a/>", None, jc.Extra()):
        with pytest.raises(jc.EncodeError, match="is neither an element nor Raw"):
            jc.dumps(wrong)  # type: ignore[arg-type]


def test_a_writer_is_made_once() -> None:
    assert writer(Keeper) is writer(Keeper)
    assert writer(Keeper)(Keeper(name="a"), None) == '<keeper xmlns="urn:example:zoo" name="a"/>'


def test_unknown_text_is_written_behind_unknown_children() -> None:
    """In front of them it would become the text of a class that has text."""
    extra = jc.Extra(children=(jc.Raw(f"{{{ns.JINGLE}}}a"),), text="b")
    assert jc.dumps(jc.ReasonText(value="x", extra=extra)) == b'<text xmlns="urn:xmpp:jingle:1">x<a/>b</text>'

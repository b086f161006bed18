"""Escaping, and what cannot be written: every refusal is an EncodeError, and nothing unescaped passes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from element_support import tree
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import jinglecodec as jc
from jinglecodec.strategies import xml_texts
from jinglecodec.xml.markup import escape, escape_text

AWKWARD = "\t\n\r\r\n <>&\"']]>&amp;&#10; \x85\u2028\ufffd\U0001f4de\U0010fffd"

# Where the peer's or the user's text goes.
PLACES: dict[str, Callable[[str], jc.Element | jc.Raw]] = {
    "attribute": lambda text: jc.Content(name=text),
    "text": lambda text: jc.ReasonText(value=text),
    "text of a case": lambda text: jc.Reason(condition=jc.Condition.ALTERNATIVE_SESSION, sid=text),
    "unknown attribute": lambda text: jc.Ringing(extra=jc.Extra((("a", text),))),
    "unknown text": lambda text: jc.Ringing(extra=jc.Extra(text=text)),
    "raw attribute": lambda text: jc.Raw("a", (("{urn:x}b", text),)),
    "raw text": lambda text: jc.Raw("a", text=text),
    "raw tail": lambda text: jc.Raw("a", children=(jc.Raw("b", tail=text),)),
}
each_place = pytest.mark.parametrize("made", PLACES.values(), ids=PLACES)


@each_place
def test_awkward_characters_survive_everywhere(made: Callable[[str], jc.Element | jc.Raw]) -> None:
    value = made("x" + AWKWARD + "x")
    assert jc.loads(jc.dumps(value), errors="keep") == value
    assert jc.from_element(jc.to_element(value, factory=ET.Element), errors="keep") == value


@pytest.mark.parametrize("parse", [etree.fromstring, ET.fromstring])
def test_other_parsers_read_the_same_characters(parse: Callable[[bytes], ET.Element]) -> None:
    """XML 1.0 2.11 and 3.3.3 would turn line ends and tabs into spaces."""
    assert parse(jc.dumps(jc.Content(name=AWKWARD))).get("name") == AWKWARD
    assert parse(jc.dumps(jc.ReasonText(value=AWKWARD))).text == AWKWARD


@given(xml_texts())
def test_escaped_text_is_what_a_parser_reads(text: str) -> None:
    assert (tree(f'<a b="{escape(text, jc.Raw, "b")}"/>').get("b") or "") == text
    assert (tree(f"<a>{escape_text(text, jc.Raw, 'b')}</a>").text or "") == text


def test_absent_text_stays_absent() -> None:
    assert escape(None, jc.Raw, "b") is None


ILLEGAL = [*map(chr, range(9)), "\x0b", "\x0c", *map(chr, range(14, 32)), "\ud800", "\udfff", "\ufffe", "\uffff"]


@each_place
@pytest.mark.parametrize("character", ILLEGAL, ids=lambda character: f"U+{ord(character):04X}")
def test_characters_that_xml_cannot_carry_are_refused(
    made: Callable[[str], jc.Element | jc.Raw], character: str
) -> None:
    value = made(f"a{character}b")
    for write in (jc.dumps, jc.to_element):
        with pytest.raises(jc.EncodeError, match=rf"^\w+\.\w+: U\+{ord(character):04X} cannot stand in XML"):
            write(value)


def test_the_refusal_names_class_and_field() -> None:
    with pytest.raises(jc.EncodeError, match=r"^Content\.name: U\+0000 cannot stand in XML \(XML 1\.0 2\.2\)$"):
        jc.dumps(jc.Jingle(action=jc.Action.CONTENT_ADD, sid="s", contents=(jc.Content(name="\0"),)))


NO_NAMES = [
    "",
    "a b",
    "a/",
    "a><b",
    "a='1' b",
    "1a",
    "-a",
    "a:b",
    "xmlns:a",
    "a\n",
    "a\0",
    "\u0301",
    "{urn:x}",
    "{urn:x}a b",
    "{}a",
    "{urn:x",
    "{http://www.w3.org/2000/xmlns/}a",
]


@pytest.mark.parametrize("name", NO_NAMES)
def test_names_that_no_parser_would_read_back_are_refused(name: str) -> None:
    """Or a name would carry markup of its own."""
    pairs = ((name, "1"),)
    for value in (
        jc.Raw(name),
        jc.Raw("a", pairs),
        jc.Raw("a", children=(jc.Raw(name),)),
        jc.Ringing(extra=jc.Extra(pairs)),
    ):
        for write in (jc.dumps, jc.to_element):
            with pytest.raises(jc.EncodeError):
                write(value)


def test_a_namespace_declaration_is_no_attribute() -> None:
    for value in (jc.Raw("a", (("xmlns", "urn:x"),)), jc.Ringing(extra=jc.Extra((("xmlns", "urn:x"),)))):
        with pytest.raises(jc.EncodeError, match="a namespace declaration is not an attribute"):
            jc.dumps(value)


@pytest.mark.parametrize("space", ['"><b x="', "'", "&", "\n", "urn:x\0"])
def test_a_namespace_cannot_carry_markup(space: str) -> None:
    for value in (jc.Raw(f"{{{space}}}a"), jc.Raw("a", ((f"{{{space}}}b", "1"),))):
        try:
            written = jc.dumps(value)
        except jc.EncodeError:
            assert "\0" in space
        else:
            assert written.count(b"<") == written.count(b">") == 1


def test_a_namespace_that_libxml2_refuses_is_refused_for_trees() -> None:
    with pytest.raises(jc.EncodeError, match="'a b' is not a valid URI"):
        jc.to_element(jc.Raw("{a b}c"))


def test_an_attribute_stands_once() -> None:
    for made in (lambda: jc.Raw("a", (("b", "1"), ("b", "2"))), lambda: jc.Extra((("b", "1"), ("b", "1")))):
        with pytest.raises(jc.EncodeError, match="an attribute stands twice"):
            made()


def test_the_xml_prefix_needs_no_declaration() -> None:
    space = "{http://www.w3.org/XML/1998/namespace}"
    assert jc.dumps(jc.Raw("a", ((f"{space}lang", "de"),))) == b'<a xml:lang="de"/>'
    raw = jc.Raw(f"{space}a", children=(jc.Raw("b"), jc.Raw("{urn:x}c")))
    assert jc.dumps(raw) == b'<xml:a><b/><c xmlns="urn:x"/></xml:a>'
    assert jc.loads(jc.dumps(raw), errors="keep") == raw


def test_attributes_of_one_namespace_share_a_prefix() -> None:
    pairs = (("{urn:x}a", "1"), ("{urn:x}b", "2"), ("{urn:y}a", "3"), ("c", "4"))
    written = b'<r c="4" xmlns:n0="urn:x" n0:a="1" n0:b="2" xmlns:n1="urn:y" n1:a="3"/>'
    assert jc.dumps(jc.Raw("r", pairs)) == written


def test_a_namespace_is_declared_where_it_changes() -> None:
    raw = jc.Raw("{urn:x}a", children=(jc.Raw("{urn:x}b", children=(jc.Raw("c"), jc.Raw("{urn:x}d"))),))
    assert jc.dumps(raw) == b'<a xmlns="urn:x"><b><c xmlns=""/><d/></b></a>'


def test_the_tail_of_a_node_on_its_own_is_not_written() -> None:
    """One element comes out, whatever stood behind it in its document."""
    raw = jc.Raw("a", children=(jc.Raw("b", tail="x"),), tail="y")
    assert jc.dumps(raw) == b"<a><b/>x</a>"
    assert jc.dumps(raw.children[0]) == b"<b/>"
    assert jc.dumps(jc.Iq(type=jc.IqType.GET, namespace="", payload=raw)).endswith(b"<b/>x</a></iq>")


def test_nodes_nested_too_deeply_to_write_are_refused() -> None:
    raw = jc.Raw("a")
    for _ in range(5000):
        raw = jc.Raw("a", children=(raw,))
    for write in (jc.dumps, jc.to_element):
        with pytest.raises(jc.EncodeError, match="nested too deeply"):
            write(raw)


def test_what_dumps_writes_to_element_takes_whatever_its_size() -> None:
    raw = jc.Raw("a", text="x" * 11_000_000)
    for _ in range(200):
        raw = jc.Raw("a", children=(raw,))
    assert etree.tostring(jc.to_element(raw)) == jc.dumps(raw)


@given(st.text(min_size=1))
def test_any_name_is_written_as_one_element_or_refused(name: str) -> None:
    try:
        written = jc.dumps(jc.Raw("a", ((name, "1"),)))
    except jc.EncodeError:
        return
    root = tree(written)
    assert (len(root), list(root.attrib.items())) == (0, [(name, "1")])

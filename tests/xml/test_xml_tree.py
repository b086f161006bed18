"""Bytes to a tree: what XMPP forbids (RFC 6120 11) and what costs too much is refused with its place."""

from __future__ import annotations

import contextlib
import xml.etree.ElementTree as ET
from collections.abc import Callable
from xml.parsers import expat

import pytest
from element_support import Bare, tree
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

import jinglecodec as jc
from jinglecodec import strategies as jingle
from jinglecodec.xml.tree import Limits, depth_exceeds, freeze, parse, split_tag

IQ = "<iq xmlns='jabber:client' type='get' id='1'/>"


def refusal(data: str | bytes, limits: Limits | None = None) -> jc.Finding:
    """Return the one finding of input that never becomes a tree."""
    codec = jc.Codec.default() if limits is None else jc.Codec.default().within(limits)
    for read in (codec.loads, codec.read):
        with pytest.raises(jc.DecodeError) as caught:
            read(data, errors="keep")  # there is nothing to keep
    (finding,) = caught.value.findings
    assert str(caught.value) == str(finding)
    return finding


# --- not well-formed ----------------------------------------------------------------------------------------------


def test_a_refusal_says_what_is_wrong_and_where_once() -> None:
    found = refusal("<a>\n<b></a>")
    assert str(found) == "line 2: Opening and ending tag mismatch: b line 2 and a (RFC 6120 11)"


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ("", 1),
        ("hello", 1),
        ("<iq", 1),
        ("<iq>\n<a>\n</iq>", 3),
        ("<iq a='1' a='2'/>", 1),
        ("<iq a=1/>", 1),
        ("<iq>\n&nbsp;</iq>", 2),
        ("<iq a='<'/>", 1),
        ("<x:iq/>", 1),
        (IQ + IQ, 1),
        (IQ + "\nmore", 2),
        ("<iq a='\0'/>", 1),
        ("<iq>&#0;</iq>", 1),
        ("<iq>&#x1F;</iq>", 1),
        ("<iq>\ufffe</iq>", 1),
        ("<?xml version='1.1'?><iq>&#1;</iq>", 1),
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_line(data: str, line: int) -> None:
    finding = refusal(data)
    assert (finding.code, finding.path, finding.line) == ("not-well-formed", "", line)
    assert finding.message
    assert str(finding) == f"line {line}: {finding.message} (RFC 6120 11)"
    assert "column" not in finding.message


@given(st.text() | st.binary())
def test_any_input_gives_a_value_or_our_error(data: str | bytes) -> None:
    total(data)


@given(st.sampled_from([IQ, jc.dumps(jc.Jingle(action=jc.Action.SESSION_INFO, sid="s")).decode()]), st.data())
def test_any_damaged_stanza_gives_a_value_or_our_error(markup: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(markup)))
    end = data.draw(st.integers(start, len(markup)))
    between = data.draw(st.text(max_size=3) | st.sampled_from(["<!--", "-->", "&", "<?", "]]>"]))
    total(markup[:start] + between + markup[end:])


def total(data: str | bytes) -> None:
    """Check that nothing but our error comes out of input that cannot be read."""
    with contextlib.suppress(jc.DecodeError):
        assert isinstance(jc.loads(data), jc.Element)


# --- encodings ----------------------------------------------------------------------------------------------------


def test_a_str_may_carry_an_encoding_declaration() -> None:
    """lxml refuses it; the declaration says nothing about characters that are decoded already."""
    for declared in ("UTF-8", "ISO-8859-1", "UTF-16"):
        value = jc.loads(f"<?xml version='1.0' encoding='{declared}'?><iq type='get' id='\xe9\u20ac'/>", expect=jc.Iq)
        assert value.id == "\xe9\u20ac"


def test_bytes_may_carry_a_byte_order_mark() -> None:
    """RFC 6120 11.6 forbids to send one; it says nothing that is not known."""
    assert jc.loads(b"\xef\xbb\xbf" + IQ.encode()) == jc.loads(IQ)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings_other_than_utf_8_are_refused(encoding: str) -> None:
    """RFC 6120 11.6."""
    assert refusal("<iq type='get' id='\u20ac'/>".encode(encoding)).code == "not-well-formed"


@pytest.mark.parametrize("digits", ["ff", "c3", "c0af", "eda080", "f4908080", "e9"])
def test_bad_utf_8_is_refused(digits: str) -> None:
    """The last is Latin-1, which a declaration does not make legal."""
    octets = bytes.fromhex(digits)
    assert refusal(b"<iq type='get' id='" + octets + b"'/>").code == "not-well-formed"
    declared = b"<?xml version='1.0' encoding='ISO-8859-1'?><iq type='get' id='" + octets + b"'/>"
    assert refusal(declared).code == "not-well-formed"


@pytest.mark.parametrize("code", [0xD800, 0xDC80, 0xDFFF])
def test_lone_surrogates_are_refused(code: int) -> None:
    finding = refusal(f"<iq id='{chr(code)}'/>")
    assert (finding.code, finding.message[:9]) == ("bad-encoding", "character")


# --- forbidden ----------------------------------------------------------------------------------------------------

LAUGHS = (
    "<!DOCTYPE iq [<!ENTITY a '"
    + "lol" * 10
    + "'>"
    + "".join(f"<!ENTITY {new} '{f'&{old};' * 10}'>" for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


@pytest.mark.parametrize(
    "prolog",
    [
        "<!DOCTYPE iq>",
        "<!DOCTYPE iq SYSTEM 'file:///etc/passwd'>",
        "<!DOCTYPE iq PUBLIC '-//X//Y' 'http://127.0.0.1:9/x.dtd'>",
        "<!DOCTYPE iq [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE iq [<!ATTLIST iq type CDATA 'get'>]>",
        "<!DOCTYPE iq [<!ENTITY % x 'y'> %x;]>",
        LAUGHS,
    ],
)
@pytest.mark.parametrize("before", ["", "<?xml version='1.0'?>", "\n<!-- <iq> -->\n", "<!-->-->", "<?a <iq>?>"])
def test_a_document_type_is_refused_before_it_is_read(prolog: str, before: str) -> None:
    """RFC 6120 11.1; entities in text and in attributes, internal and external, all need one."""
    for root in ("<iq>&x;&i;</iq>", "<iq id='&x;&i;'/>"):
        finding = refusal(before + prolog + root)
        assert finding.code == "forbidden-xml"
        assert finding.message == "a document type is forbidden"


def test_a_document_type_is_named_with_its_line() -> None:
    assert refusal("<?xml version='1.0'?>\n\n<!DOCTYPE iq>" + IQ).line == 3


@given(st.lists(st.sampled_from(["<!--", "-->", "<?x ", "?>", "<!DOCTYPE a>", "<!", ">", "-", "<a>", " "]), max_size=9))
@example(["<!--", ">", "<a>", "-->", "<!DOCTYPE a>"])
@example(["<!--", "-", "-->", "<!DOCTYPE a>"])
def test_no_prolog_hides_a_document_type(pieces: list[str]) -> None:
    """Expat, which is asked where one starts, stands for any parser."""
    markup = "".join(pieces) + "<a/>"
    seen: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda name, *_: seen.append(name)
    with contextlib.suppress(expat.ExpatError):
        parser.Parse(markup, True)
    if seen:
        refusal(markup)


def test_the_words_of_a_document_type_are_harmless_elsewhere() -> None:
    text = "<!DOCTYPE a> <?b?> <!--"
    value = jc.loads(jc.dumps(jc.ReasonText(value=text)), expect=jc.ReasonText)
    assert value.value == text
    data = "<text xmlns='urn:xmpp:jingle:1'><!-- <!DOCTYPE a> <?b?> --><![CDATA[<!DOCTYPE a><?b?>]]></text>"
    assert jc.loads(data) == jc.ReasonText(value="<!DOCTYPE a><?b?>")


@pytest.mark.parametrize(
    "data",
    ["<?a b?>" + IQ, IQ + "<?a b?>", "<iq type='get'>\n<?a b?></iq>", "<iq type='get'><b><?a?></b></iq>"],
)
def test_processing_instructions_are_refused_wherever_they_stand(data: str) -> None:
    finding = refusal(data)
    assert (finding.code, finding.message) == ("forbidden-xml", "a processing instruction is forbidden")


def test_a_processing_instruction_in_a_tree_is_refused_with_its_path() -> None:
    root = tree("<iq xmlns='jabber:client' type='get' id='1'><ringing xmlns='urn:xmpp:jingle:apps:rtp:info:1'/></iq>")
    root[0].append(etree.ProcessingInstruction("a", "b"))
    with pytest.raises(jc.DecodeError, match=r"^iq/ringing: a processing instruction is forbidden \(RFC 6120 11.1\)$"):
        jc.from_element(root)


def test_an_entity_reference_in_a_tree_is_refused_with_its_path() -> None:
    """lxml leaves them in the tree when it is told not to resolve them."""
    data = "<!DOCTYPE text [<!ENTITY x 'y'>]><text xmlns='urn:xmpp:jingle:1'>a&x;b</text>"
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False))
    with pytest.raises(jc.DecodeError, match=r"^text: an entity reference is forbidden"):
        jc.from_element(root)


@pytest.mark.parametrize("markup", ["ab<!-- x -->cd", "<!-- x -->abcd", "ab<!-- x --><!-- y -->cd", "abcd<!-- x -->"])
def test_comments_do_not_cut_text(markup: str) -> None:
    data = f"<text xmlns='urn:xmpp:jingle:1'>{markup}</text>"
    kept = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))  # noqa: S314
    assert jc.loads(data) == jc.ReasonText(value="abcd")
    assert jc.from_element(tree(data)) == jc.ReasonText(value="abcd")
    assert jc.from_element(ET.fromstring(data, kept)) == jc.ReasonText(value="abcd")  # noqa: S314


def test_comments_in_unknown_content_leave_its_text_whole() -> None:
    data = "<iq type='get' id='1'><a xmlns='urn:x'>1<!-- c -->2<b/>3<!-- c -->4</a></iq>"
    raw = jc.Raw("{urn:x}a", text="12", children=(jc.Raw("{urn:x}b", tail="34"),))
    for value in (jc.loads(data, expect=jc.Iq), jc.from_element(tree(data), expect=jc.Iq)):
        assert value.payload == raw


@pytest.mark.parametrize("name", ["{http://www.w3.org/XML/1998/namespace}id", "id"])
def test_identifiers_may_repeat(name: str) -> None:
    """libxml2 takes a repeated or odd xml:id for an error of its own; no XMPP server minds one."""
    wire = name.replace("{http://www.w3.org/XML/1998/namespace}", "xml:")
    data = f"<iq type='get' id='1'><a {wire}='1 2'/><b xmlns='urn:x' {wire}='1 2'/></iq>"
    assert jc.Raw("a", ((name, "1 2"),)) in jc.loads(data).extra.children


# --- limits -------------------------------------------------------------------------------------------------------


def test_ten_megabytes_of_attribute_are_refused_unread() -> None:
    finding = refusal(b"<iq id='" + b"x" * 10_000_000 + b"'/>")
    assert (finding.code, finding.message) == ("too-large", "10000011 octets are more than the limit of 2097152")
    wide = Limits(size=2**30)
    assert refusal(b"<iq id='" + b"x" * 10_000_001 + b"'/>", wide).code == "not-well-formed"  # libxml2's own limit


@pytest.mark.parametrize(
    ("limits", "data", "more", "code"),
    [
        (Limits(size=18), "<iq type='get' />", "  ", "too-large"),
        (Limits(tags=4), "<iq type='get'><a/><b/></iq>", "<!---->", "too-large"),
        (Limits(depth=3), "<iq type='get'><a><b/></a></iq>", "<c><d><e/></d></c>", "too-deep"),
    ],
)
def test_limits_are_exact(limits: Limits, data: str, more: str, code: str) -> None:
    assert isinstance(jc.Codec.default().within(limits).loads(data), jc.Iq)
    longer = data[: -len("</iq>")] + more + "</iq>" if "</iq>" in data else data + more
    assert refusal(longer, limits).code == code


@pytest.mark.parametrize("name", ["xmlns", "xmlns:x", "xmlns \n", "xmlns:x\t"])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_long_names_of_namespaces_are_refused(name: str, quote: str) -> None:
    """Or each `<x:a/>` would cost as much as the name: gigabytes for a stanza of some hundred thousand octets."""

    def stanza(length: int) -> str:
        return f"<iq type='get'><a {name} = {quote}{'x' * length}{quote}><b/></a></iq>"

    assert isinstance(jc.loads(stanza(256)), jc.Iq)
    finding = refusal(stanza(257))
    assert (finding.code, finding.message) == ("too-large", "the name of a namespace has more than 256 characters")
    for node in (tree(stanza(257)), tree(stanza(257))[0], tree(stanza(257))[0][0]):
        with pytest.raises(jc.DecodeError, match="name of a namespace"):
            jc.from_element(node, errors="keep")
    with pytest.raises(jc.DecodeError, match="name of a namespace"):
        jc.validate(tree(stanza(257))[0])


def test_text_that_looks_like_a_long_namespace_is_text() -> None:
    assert jc.loads(f"<iq type='get'><a xmlns='urn:x'>xmlns='{'x' * 300}</a></iq>") is not None


@pytest.mark.parametrize("unit", ["xmlns:", "xmlns:a ", "xmlns", "xmlns='", "xmlns \t"])
def test_what_looks_like_many_namespaces_takes_linear_time(unit: str) -> None:
    wide = Limits(size=2**24)
    data = f"<a>{unit * (2**23 // len(unit))}</a>"  # a square of it would take hours
    assert parse(data, wide).tag == "a"


@pytest.mark.parametrize("levels", [65, 300, 10_000])
def test_deep_nesting_is_refused(levels: int) -> None:
    data = "<iq type='get'>" + "<a>" * (levels - 1) + "</a>" * (levels - 1) + "</iq>"
    assert refusal(data).code in ("too-deep", "not-well-formed")  # beyond 256 levels libxml2 is first


@pytest.mark.parametrize("made", [ET.Element, etree.Element])
def test_deep_nesting_is_refused_in_trees(made: Callable[..., ET.Element]) -> None:
    root = node = made("iq", {"type": "get"})
    for _ in range(10_000):
        node.append(made("a"))
        node = node[0]
    with pytest.raises(jc.DecodeError, match=r"^elements are nested more than 64 deep"):
        jc.from_element(root)


@pytest.mark.parametrize("levels", [1, 2, 63, 64, 65])
def test_depth_counts_the_element_itself(levels: int) -> None:
    data = "<a>" * levels + "</a>" * levels
    for node in (tree(data), ET.fromstring(data), Bare(tree(data))):  # noqa: S314
        assert depth_exceeds(node, 64) is (levels > 64)
        assert depth_exceeds(node, levels - 1) is True
        assert depth_exceeds(node, levels) is False


# --- Raw ----------------------------------------------------------------------------------------------------------


@given(jingle.raw_elements())
def test_any_element_freezes_and_is_written_back(raw: jc.Raw) -> None:
    node = jc.to_element(raw)
    assert freeze(node) == raw
    assert freeze(tree(jc.dumps(raw))) == raw
    assert freeze(jc.to_element(raw, factory=ET.Element)) == raw
    assert jc.loads(jc.dumps(raw), errors="keep") == raw


def test_raw_names_its_parts() -> None:
    raw = jc.Raw("{urn:x}a", (("b", "1"),))
    assert (raw.namespace, raw.name, raw.get("b"), raw.get("c")) == ("urn:x", "a", "1", None)
    assert jc.Raw("a").namespace == ""


def test_attributes_of_raw_have_no_order() -> None:
    assert jc.Raw("a", (("b", "1"), ("a", "2"))) == jc.Raw("a", (("a", "2"), ("b", "1")))


def test_the_repr_of_raw_leaves_out_what_is_empty() -> None:
    assert repr(jc.Raw("a", children=(jc.Raw("b"),))) == "Raw(tag='a', children=(Raw(tag='b'),))"
    assert repr(jc.Extra()) == "Extra()"


def test_extra_orders_children_of_different_names_and_keeps_the_order_of_equal_ones() -> None:
    first, second, other = jc.Raw("b", text="1"), jc.Raw("b", text="2"), jc.Raw("a")
    assert jc.Extra(children=(first, second, other)).children == (other, first, second)
    assert jc.Extra(children=(first, other)) == jc.Extra(children=(other, first))
    assert jc.Extra(children=(first, second)) != jc.Extra(children=(second, first))


def test_extra_without_content_is_false() -> None:
    assert not jc.Extra()
    assert jc.Extra(text="x")


def test_split_tag_takes_clark_notation() -> None:
    assert split_tag("{urn:x}a") == ("urn:x", "a")
    assert split_tag("a") == ("", "a")


def test_parse_gives_the_root_without_comments() -> None:
    root = parse("<!-- a --><b><!-- c --></b><!-- d -->")
    assert (root.tag, len(root), root.getprevious(), root.getnext()) == ("b", 0, None, None)

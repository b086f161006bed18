"""Laws of the element engine, for every class of the package."""

from __future__ import annotations

import copy
import pickle
import xml.etree.ElementTree as ET
from collections.abc import Iterable

import attrs
import pytest
from element_classes import ELEMENTS
from element_support import Bare, tree
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

import jinglecodec as jc
from jinglecodec import strategies as jingle
from jinglecodec.findings import Severity
from jinglecodec.xml.readers import read_clean
from jinglecodec.xml.tree import ElementLike

CODEC = jc.Codec.default()
EACH = settings(max_examples=max(settings().max_examples // 5, 1))
"There are dozens of classes, each with examples of its own."
MANY = settings(max_examples=settings().max_examples * 4)
"One law for all classes at once."

values = st.sampled_from(ELEMENTS).flatmap(jingle.from_class)


# --- whole values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", ELEMENTS)
def test_what_is_written_reads_back_equal_as_text_and_from_any_tree(cls: type[jc.Element]) -> None:
    @EACH
    @given(jingle.from_class(cls))
    def law(value: jc.Element) -> None:
        data = jc.dumps(value)
        assert jc.loads(data) == value
        assert jc.from_element(tree(data)) == value
        assert jc.from_element(Bare(tree(data))) == value
        assert jc.from_element(ET.fromstring(data)) == value  # noqa: S314
        assert jc.from_element(jc.to_element(value)) == value
        assert jc.from_element(jc.to_element(value, factory=ET.Element)) == value

    law()


@given(values)
@MANY
def test_another_parser_may_write_the_stanza_again(value: jc.Element) -> None:
    """A server between two peers parses and writes every stanza; xml.etree stands for it."""
    again = ET.tostring(ET.fromstring(jc.dumps(value)), encoding="unicode")  # noqa: S314
    if b"&#13;" not in jc.dumps(value):  # xml.etree writes a bare CR in text, which every parser reads as LF
        assert jc.loads(again) == value
    assert jc.loads(again, errors="keep") == jc.loads(again)


@given(values)
@MANY
def test_trees_and_text_are_the_same_xml(value: jc.Element) -> None:
    written = etree.tostring(tree(jc.dumps(value)), method="c14n")
    assert etree.tostring(jc.to_element(value), method="c14n") == written
    built = ET.tostring(jc.to_element(value, factory=ET.Element), "unicode")
    if b"&#xD;" not in written:  # xml.etree does not escape it in text
        assert ET.canonicalize(built, rewrite_prefixes=True) == ET.canonicalize(written, rewrite_prefixes=True)


@given(values)
@MANY
def test_equal_values_are_one_in_every_way(value: jc.Element) -> None:
    pickled = pickle.loads(pickle.dumps(value))  # noqa: S301
    twins = [jc.loads(jc.dumps(value)), copy.deepcopy(value), pickled, attrs.evolve(value)]
    assert all(twin == value and type(twin) is type(value) for twin in twins)
    assert len({value, *twins}) == 1


@given(values, st.data())
@MANY
def test_values_that_differ_in_a_field_differ(value: jc.Element, data: st.DataObject) -> None:
    other = data.draw(jingle.from_class(type(value)))
    names = [field.name for field in attrs.fields(type(value))]
    same = all(getattr(value, name) == getattr(other, name) for name in names)
    assert (value == other) is same
    assert (jc.dumps(value) == jc.dumps(other)) is same


# --- two readers --------------------------------------------------------------------------------------------------
#
# The generated reader is fast and knows the clean way only; the thorough one explains. A bare node is all that the
# thorough one needs and less than the generated one asks for, so that it reads everything itself.


@given(values)
@MANY
def test_generated_and_thorough_readers_agree_on_what_we_write(value: jc.Element) -> None:
    agree(tree(jc.dumps(value)), type(value))


@given(st.sampled_from(ELEMENTS).flatmap(lambda cls: jingle.from_class(cls, unknown=False)))
@MANY
def test_nothing_that_we_write_goes_the_slow_way(value: jc.Element) -> None:
    assert read_clean(type(value), tree(jc.dumps(value)), CODEC, exact=False) == value


@st.composite
def broken_trees(draw: st.DrawFn) -> tuple[type[jc.Element], etree._Element]:
    value = draw(values)
    return type(value), tree(draw(jingle.mutated_elements(value)))


@given(broken_trees())
@MANY
def test_generated_and_thorough_readers_agree_on_broken_trees(given: tuple[type[jc.Element], etree._Element]) -> None:
    cls, node = given
    agree(node, cls)


def agree(node: etree._Element, cls: type[jc.Element]) -> None:
    """Check every reader of one tree against the one that explains."""
    kept = CODEC.read(etree.tostring(node, encoding="utf-8"), errors="keep")
    explained = CODEC._thorough(cls, Bare(node), "keep", exact=True)
    assert kept.value == explained.value
    assert without_lines(kept.findings) == without_lines(explained.findings)
    assert all(finding.path.split("/")[0] == str(node.tag).rpartition("}")[2] for finding in kept.findings)
    assert all(finding.message for finding in kept.findings)
    assert jc.loads(jc.dumps(kept.value), errors="keep") == kept.value

    exactly = read_clean(cls, node, CODEC, exact=True)
    assert exactly is None or (exactly == kept.value and not kept.findings)
    clean = read_clean(cls, node, CODEC, exact=False)
    if any(finding.severity is Severity.ERROR for finding in kept.findings):
        assert clean is None
        refused = [errors_of(node), errors_of(Bare(node))]
        assert refused[0] == refused[1] != ()
    else:
        assert clean is None or clean == kept.value
        assert jc.from_element(node) == jc.from_element(Bare(node)) == kept.value
        assert jc.loads(jc.dumps(kept.value)) == kept.value


def errors_of(node: ElementLike) -> tuple[jc.Finding, ...]:
    with pytest.raises(jc.DecodeError) as caught:
        jc.from_element(node)
    return without_lines(caught.value.findings)


def without_lines(findings: Iterable[jc.Finding]) -> tuple[jc.Finding, ...]:
    return tuple(attrs.evolve(finding, line=None) for finding in findings)

"""The examples of the documents of the spine: each is read, fully typed, and written back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from element_support import modelled, parts
from family_comparison import comparable, corrected
from lxml import etree

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.findings import Severity

pytestmark = pytest.mark.corpus

XEPS = ("0166", "0167", "0176", "0293", "0294", "0320", "0338", "0339", "0343")

NOT_XML = {
    "xep-0167/c019": "two elements side by side",
    "xep-0293/e004": "SDP",
    "xep-0294/e004": "SDP",
    "xep-0343/e002": "begins and ends with an ellipsis",
}
"Files that are not one well-formed element, whatever their name says."

FOREIGN = {
    "xep-0166/c003": "a registry entry",
    "xep-0166/c004": "a registry entry",
    "xep-0167/c002": "a parameter without namespace, shown out of its context",
    "xep-0167/c019.1": "a registry entry",
    "xep-0167/c019.2": "a registry entry",
    "xep-0167/c020": "a registry entry",
    "xep-0176/c004": "a registry entry",
    "xep-0176/c005": "a registry entry",
    "xep-0339/c008": "a content in http://jabber.org/protocols/jingle, which is no namespace of Jingle",
    "xep-0343/c001": "a registry entry",
}
"Roots that are in no modelled namespace."

WRONG = {
    "xep-0293/e005": ["iq/jingle/@action"],
    "xep-0320/c004": ["fingerprint/@setup", "fingerprint"],
    "xep-0339/c002": ["source/@ssrc"],
    "xep-0339/c006": ["ssrc-group/source/@ssrc"],
}
"""Where errors stand. XEP-0293's jingle ends its start tag before the attributes; the others are templates with words
in the place of values."""

SLOPPY = {
    "xep-0166/e030": ["sloppy-name"],
    "xep-0176/e005": ["unusual-value"],
    "xep-0176/e011": ["missing-attribute"],
    "xep-0176/e013": ["missing-attribute"],
    "xep-0320/c005": ["sloppy-fingerprint"],
    "xep-0320/e001": ["sloppy-fingerprint"],
    "xep-0320/e002": ["sloppy-fingerprint"],
    "xep-0320/e003": ["sloppy-fingerprint"],
    "xep-0338/c005": ["stray-text", "stray-text"],
    "xep-0343/e001": ["sloppy-fingerprint"],
    "xep-0343/e004": ["sloppy-fingerprint"],
}
"""Quirks. XEP-0166 puts ringing into a namespace that XEP-0167 does not define; the priority of XEP-0176's example is
beyond 2**31 - 1, and its raw-udp candidates lack the component of XEP-0177; space around fingerprints would not appear
in actual XML (XEP-0320 1); XEP-0338 has ellipses."""

BEYOND = {"xep-0338/c005": "the ellipses"}
"Examples with something that no field takes."


@attrs.frozen
class Example:
    name: str
    data: bytes

    @property
    def tree(self) -> etree._Element:
        return etree.fromstring(self.data)

    @property
    def decoded(self) -> jc.Decoded[jc.Element | jc.Raw]:
        return jc.read(self.data, errors="keep")


@pytest.fixture(scope="module")
def files(specs: Path) -> dict[str, Example]:
    paths = [path for xep in XEPS for path in (specs / "xeps" / f"xep-{xep}" / "examples").glob("*.xml")]
    names = {f"{path.parent.parent.name}/{path.name.removesuffix('.xml')}": path for path in sorted(paths)}
    return {name: Example(name, path.read_bytes()) for name, path in names.items()}


@pytest.fixture(scope="module")
def examples(files: dict[str, Example]) -> list[Example]:
    return [example for name, example in files.items() if name not in {*NOT_XML, *FOREIGN}]


def test_the_files_left_out_are_those_that_are_listed(files: dict[str, Example]) -> None:
    not_xml, foreign = set(), set()
    for name, example in files.items():
        try:
            root = example.tree
        except etree.XMLSyntaxError:
            not_xml.add(name)
            continue
        if jc.Codec.default().find(str(root.tag)) is None:
            foreign.add(name)
    assert not_xml == NOT_XML.keys()
    assert foreign == FOREIGN.keys()
    assert len(files) - len(not_xml) - len(foreign) == 155


def test_what_was_read_is_written_back(examples: list[Example]) -> None:
    for example in examples:
        if example.name not in WRONG:
            before = corrected(example.tree, example.decoded.findings)
            after = etree.fromstring(jc.dumps(example.decoded.value))
            assert meaning(after) == meaning(before), example.name


def meaning(root: etree._Element) -> str:
    """Return Canonical XML, with what is one and the same by the documents written in one way."""
    for node in root.iter(f"{{{ns.DTLS}}}fingerprint", f"{{{ns.STANZAS}}}redirect"):  # printed with space around it
        node.text = (node.text or "").strip()
    for node in root.iter(f"{{{ns.RTP}}}encryption"):  # XEP-0167 7: true and 1 are the same
        if node.get("required") == "1":
            node.set("required", "true")
    return comparable(root)


def test_errors_stand_where_the_examples_are_wrong(examples: list[Example]) -> None:
    found = {example.name: list(_paths(example, Severity.ERROR)) for example in examples}
    assert {name: paths for name, paths in found.items() if paths} == WRONG


def _paths(example: Example, severity: Severity) -> Iterator[str]:
    return (finding.path for finding in example.decoded.findings if finding.severity is severity)


def test_quirks_are_those_of_the_examples(examples: list[Example]) -> None:
    found = {
        example.name: [finding.code for finding in example.decoded.findings]
        for example in examples
        if example.name not in WRONG
    }
    assert {name: codes for name, codes in found.items() if codes} == SLOPPY


def test_no_element_of_a_modelled_namespace_stays_raw(examples: list[Example]) -> None:
    for example in examples:
        if example.name not in WRONG:
            raws = {part.tag for part in parts(example.decoded.value) if isinstance(part, jc.Raw)}
            assert not [tag for tag in raws if modelled(tag)], example.name


def test_nothing_is_left_over(examples: list[Example]) -> None:
    found = {
        example.name
        for example in examples
        for part in parts(example.decoded.value)
        if isinstance(part, jc.Element) and part.extra and example.name not in WRONG
    }
    assert found == BEYOND.keys()


def test_wrong_examples_are_typed_around_what_is_wrong(files: dict[str, Example]) -> None:
    iq = files["xep-0293/e005"].decoded.value
    assert isinstance(iq, jc.Iq)
    assert iq.id == "ph37a419"
    assert isinstance(iq.payload, jc.Raw)
    group = files["xep-0339/c006"].decoded.value
    assert isinstance(group, jc.SourceGroup)
    assert group.semantics == "semantics"
    assert [raw.get("ssrc") for raw in group.extra.children if isinstance(raw, jc.Raw)] == ["ssrc-id"]

"""What documents show and peers sent of the proposal, of ICE, raw UDP and HTTP, and of the smaller extensions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from element_classes import ELEMENTS
from family_comparison import comparable, corrected
from lxml import etree

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.findings import Severity
from jinglecodec.xml.fields import Kind
from jinglecodec.xml.plan import plan_of
from jinglecodec.xml.tree import split_tag

pytestmark = pytest.mark.corpus

XEPS = [
    f"xep-{number}"
    for number in (
        *("0177", "0181", "0247", "0251", "0262", "0264", "0269", "0272"),
        *("0298", "0353", "0358", "0370", "0371"),
    )
]
SPACES = [
    *(ns.JINGLE_MESSAGE, ns.ICE, ns.RAW_UDP, ns.DTMF, ns.XML_STREAM, ns.TRANSFER, ns.ZRTP, ns.THUMBS),
    *(ns.MUJI, ns.COIN, ns.JINGLE_PUB, ns.HTTP, ns.HTTP_UPLOAD),
]

WRONG = {
    "xep-0181/c001": "a template: ranges where the values stand",
    "xep-0262/c003": "a template: words where the values stand",
    "xep-0298/c001": "the start tag of jingle ends before its attributes",
    "xep-0298/c002": "a jingle without action",
    "xep-0358/e001": "a template: a meta without title, text in brackets",
    "xep-0358/e008": "start has its identifier as text, against XEP-0358 2.2 and the schema",
    "xep-0358/e009": "start has its identifier as text, against XEP-0358 2.2 and the schema",
    "qxmpp-project__qxmpp/51": "a test of the missing id",
    "qxmpp-project__qxmpp/54": "a test of the missing id",
    "rayo__xmpp/132": "XEP-0262 1, the template",
    "rayo__xmpp/163": "the start tag of jingle ends before its attributes",
}
"Files with findings that are errors, and what is wrong with them."

BEYOND = {
    "xep-0247/e009": "body",
    "xep-0247/e011": "body",
    "xep-0251/e001": "an ellipsis",
    "xep-0251/e008": "an ellipsis",
    "xep-0251/e011": "an ellipsis",
    "xep-0251/e015": "an ellipsis",
    "xep-0251/e020": "an ellipsis",
    "xep-0269/e003": "pwd and ufrag on raw-udp, which XEP-0177 does not have",
}
"Examples without errors that say something beyond the models, kept in `extra`."


@attrs.frozen
class Given:
    """One file of markup."""

    path: Path

    @property
    def name(self) -> str:
        folder = self.path.parent.parent if self.path.parent.name == "examples" else self.path.parent
        return f"{folder.name}/{self.path.stem}"

    def decoded(self) -> jc.Decoded[jc.Element | jc.Raw]:
        return jc.read(self.path.read_bytes(), errors="keep")

    def tree(self) -> etree._Element:
        return etree.fromstring(self.path.read_bytes())


def is_well_formed(path: Path) -> bool:
    try:
        etree.fromstring(path.read_bytes())
    except etree.XMLSyntaxError:
        return False
    return True


@pytest.fixture(scope="module")
def examples(specs: Path) -> list[Given]:
    """Return the examples of these documents; those that are no XML are left out."""
    paths = [path for xep in XEPS for path in sorted((specs / "xeps" / xep / "examples").glob("*.xml"))]
    return [Given(path) for path in paths if is_well_formed(path)]


@pytest.fixture(scope="module")
def recorded(corpus: Path) -> list[Given]:
    """Return the recorded stanzas in which one of these namespaces or envelopes stands."""
    wanted = re.compile("|".join([*map(re.escape, SPACES), "<message", "<presence"]))
    paths = [*(corpus / "clients").glob("*.xml"), *(corpus / "jingle").glob("*/*.xml")]
    return [Given(path) for path in sorted(paths) if wanted.search(path.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def everything(examples: list[Given], recorded: list[Given]) -> list[Given]:
    return [*examples, *recorded]


def nodes(value: object) -> Iterator[jc.Element | jc.Raw]:
    """Return the elements and Raw nodes in a value; what stands inside a Raw node is part of it."""
    if isinstance(value, tuple):
        for part in value:
            yield from nodes(part)
    elif isinstance(value, jc.Raw):
        yield value
    elif isinstance(value, jc.Element):
        yield value
        for field in attrs.fields(type(value)):
            part = getattr(value, field.name)
            yield from nodes(part.children if isinstance(part, jc.Extra) else part)


def test_there_is_something_to_read(examples: list[Given], recorded: list[Given]) -> None:
    assert len(examples) > 100
    assert len(recorded) > 40


def test_what_was_read_is_written_back(everything: list[Given]) -> None:
    different = []
    for given in everything:
        decoded = given.decoded()
        before = corrected(given.tree(), decoded.findings)
        if comparable(before) != comparable(etree.fromstring(jc.dumps(decoded.value))):
            different.append(given.name)
    assert different == []


def test_errors_are_those_of_files_that_are_wrong(everything: list[Given]) -> None:
    found = {
        given.name for given in everything for finding in given.decoded().findings if finding.severity is Severity.ERROR
    }
    assert found == WRONG.keys()


def test_no_element_that_has_a_class_is_left_raw(everything: list[Given]) -> None:
    codec = jc.Codec.default()
    raws = [
        (given.name, node.tag)
        for given in everything
        if given.name not in WRONG
        for node in nodes(given.decoded().value)
        if isinstance(node, jc.Raw) and codec.find(node.tag) is not None
    ]
    assert raws == []


def test_examples_say_nothing_beyond_the_models(examples: list[Given]) -> None:
    found = {
        given.name
        for given in examples
        if given.name not in WRONG
        for node in nodes(given.decoded().value)
        if isinstance(node, jc.Element) and node.extra
    }
    assert found == BEYOND.keys()


def test_every_element_of_these_documents_is_modelled(specs: Path, examples: list[Given]) -> None:
    """The state of a conference is RFC 4575's, in a namespace of its own (XEP-0298 6)."""
    shown = {str(node.tag) for given in examples for node in given.tree().iter(etree.Element)}
    schemas = [path for xep in XEPS for path in (specs / "xeps" / xep / "schema").glob("*.xsd")]
    defined = {tag for path in schemas for tag in declared(etree.parse(path).getroot())}
    ours = {tag for tag in shown | defined if split_tag(tag)[0] in SPACES}
    template = {f"{{{ns.JINGLE_PUB}}}description"}  # XEP-0358 2.1, example 1, which stands for that of any application
    assert len(ours) > 30
    assert ours - modelled() == template


def declared(schema: etree._Element) -> Iterator[str]:
    """Return the names of all elements that a schema declares, global or not."""
    for node in schema.iter("{http://www.w3.org/2001/XMLSchema}element"):
        if node.get("name"):
            yield f"{{{schema.get('targetNamespace')}}}{node.get('name')}"


def modelled() -> set[str]:
    """Return the names that a class or a field stands for."""
    found: set[str] = set()
    for plan in map(plan_of, ELEMENTS):
        found |= {*plan.cls.__tags__, *(field.wire for field in plan.of(Kind.FLAG, Kind.TEXT_CHILD))}
    return found

"""All that documents show and peers sent: it is read, and written back as it was, after what the findings name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from element_classes import ELEMENTS
from family_comparison import comparable, corrected
from lxml import etree

import jinglecodec as jc
from jinglecodec.findings import Severity
from jinglecodec.xml.fields import Kind
from jinglecodec.xml.plan import plan_of

pytestmark = pytest.mark.corpus

WRONG_EXAMPLES = {
    "proto-av_conferences/e001.1": "a fingerprint without value",
    "proto-av_conferences/e003": "fingerprints without value",
    "proto-sxe/e007": "an iq without type",
    "xep-0096/e013": "an iq without type",
    "xep-0181/c001": "a template: ranges where the values stand",
    "xep-0215/c001": "a template: a service without host",
    "xep-0262/c003": "a template: words where the values stand",
    "xep-0293/e005": "the start tag of jingle ends before its attributes",
    "xep-0298/c001": "the start tag of jingle ends before its attributes",
    "xep-0298/c002": "a jingle without action",
    "xep-0320/c004": "a template: words where the values stand",
    "xep-0339/c002": "a template: words where the values stand",
    "xep-0339/c006": "a template: words where the values stand",
    "xep-0358/e001": "a template: a meta without title",
    "xep-0358/e008": "start has its identifier as text, against XEP-0358 2.2 and the schema",
    "xep-0358/e009": "start has its identifier as text, against XEP-0358 2.2 and the schema",
}
"Examples with findings that are errors, and what is wrong with them."

WRONG_RECORDS = {
    "clients/dino_probe_09_out_frobnicate": "a probe of ours: an action that does not exist",
    "clients/dino_probe_31_out_session-initiate": "a probe of ours: port 99999",
    "clients/dino_probe_35_out_session-initiate": "a probe of ours: a priority that is no number",
    "arachnist__xmpp-rs/14": "a test of two reasons",
    "arachnist__xmpp-rs/25": "a test of the missing name of a checksum",
    "arachnist__xmpp-rs/26": "a test of an impossible creator",
    "arachnist__xmpp-rs/5": "a test of a content without name",
    "arachnist__xmpp-rs/6": "a test of a content without name",
    "arachnist__xmpp-rs/9": "a test of empty senders",
    "jitsi__jitsi-xmpp-extensions/1": "a template: a word for the id of a header extension",
    "jitsi__jitsi-xmpp-extensions/17": "an iq without type",
    "jitsi__jitsi-xmpp-extensions/19": "an iq without type",
    "jitsi__jitsi-xmpp-extensions/21": "an iq without type",
    "jitsi__lib-jitsi-meet/1": "a jingle without action, for a test of its contents",
    "jitsi__lib-jitsi-meet/12": "a jingle without action, for a test of its contents",
    "jitsi__lib-jitsi-meet/14": "a jingle without action, for a test of its contents",
    "jitsi__lib-jitsi-meet/15": "a jingle without action, for a test of its contents",
    "jitsi__lib-jitsi-meet/16": "a jingle without action; sources with impossible numbers",
    "jitsi__lib-jitsi-meet/2": "an iq without type",
    "jitsi__lib-jitsi-meet.hist/4": "a template of JavaScript",
    "jitsi__lib-jitsi-meet.hist/8": "a template of JavaScript",
    "jitsi__lib-jitsi-meet.hist/9": "a template of JavaScript",
    "jitsi__lib-jitsi-meet.hist/11": "a template of JavaScript",
    "qxmpp-project__qxmpp/51": "a test of the missing id of a propose",
    "qxmpp-project__qxmpp/54": "a test of the missing id of a reject",
    "rayo__xmpp/132": "XEP-0262 1, the template",
    "rayo__xmpp/163": "XEP-0293: the start tag of jingle ends before its attributes",
    "rayo__xmpp/168": "XEP-0298: the start tag of jingle ends before its attributes",
    "rayo__xmpp/181": "XEP-0339 2.1, the template",
    "rayo__xmpp/183": "XEP-0339 2.2, the template",
    "rayo__xmpp/218": "a jingle without action",
    "rayo__xmpp/222": "an early draft: media on the content instead of the description",
    "rayo__xmpp/224": "an early draft: media on the content instead of the description",
    "vigsterkr__libjingle/44": "a test of a payload type without id",
}
"Recorded files with findings that are errors, and what is wrong with them."

OTHER_ROOTS = {
    "content": "a content of Jingle without its namespace",
    "payload-type": "a payload type without its namespace",
    "reject": "a reject without its namespace",
    "{http://www.google.com/session/phone}description": "Google Talk's dialect",
    "{urn:xmpp:jingle:0}jingle": "a draft of XEP-0166",
    "{urn:xmpp:jingle:apps:file-transfer:3}description": "a version of XEP-0234 that is gone",
    "{urn:xmpp:tmp:jingle:apps:video-rtp}description": "a draft of XEP-0180",
    "{urn:xmpp:tmp:jingle}jingle": "a draft of XEP-0166",
}
"Roots of recorded files that are no elements of ours."

XEPS = ("0030", "0215", "0234", "0260", "0261", "0300", "0391", "0396", "0482", "0507", "0517")
NOT_MODELLED = {
    "{http://jabber.org/protocol/disco#items}query": "what an entity consists of: no concern of calls",
    "{http://jabber.org/protocol/disco#items}item": "what an entity consists of: no concern of calls",
    "{http://jabber.org/protocol/bytestreams}query": "XEP-0065, between client and proxy",
    "{http://jabber.org/protocol/bytestreams}activate": "XEP-0065, between client and proxy",
    "{http://jabber.org/protocol/ibb}open": "XEP-0047, the bytestream itself",
    "{http://jabber.org/protocol/ibb}data": "XEP-0047, the bytestream itself",
    "{http://jabber.org/protocol/ibb}close": "XEP-0047, the bytestream itself",
    "{jabber:x:data}x": "XEP-0004, data forms: the XMPP stack's",
    "{jabber:x:data}field": "XEP-0004, data forms: the XMPP stack's",
    "{jabber:x:data}value": "XEP-0004, data forms: the XMPP stack's",
    "{eu.siacs.conversations.axolotl}encrypted": "XEP-0384, OMEMO: the XMPP stack's",
    "{eu.siacs.conversations.axolotl}header": "XEP-0384, OMEMO: the XMPP stack's",
    "{eu.siacs.conversations.axolotl}iv": "XEP-0384, OMEMO: the XMPP stack's",
    "{eu.siacs.conversations.axolotl}key": "XEP-0384, OMEMO: the XMPP stack's",
    "{urn:xmpp:encryption:stub:0}encrypted": "XEP-0391's stand-in for an encryption",
    "{urn:xmpp:encryption:stub:0}payload": "XEP-0391's stand-in for an encryption",
    "{urn:xmpp:example}description": "a stand-in for an application",
    "{urn:xmpp:jingle:transports:dtls-sctp:1}transport": "XEP-0517 9 shows it; XEP-0343 defines no such transport",
}
"What these documents show or define and no class stands for, and why."


@attrs.frozen
class Given:
    """One file of markup that has an element of ours at its root."""

    name: str
    data: bytes
    decoded: jc.Decoded[jc.Element | jc.Raw]

    @property
    def is_wrong(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.decoded.findings)


def roots(paths: list[Path]) -> Iterator[tuple[Path, bytes, str]]:
    """Return each file that is well-formed, with its text and the name of its root."""
    for path in paths:
        data = path.read_bytes()
        try:
            yield path, data, str(etree.fromstring(data).tag)
        except etree.XMLSyntaxError:
            continue


def read(paths: list[Path]) -> list[Given]:
    known = jc.Codec.default()
    return [
        Given(name_of(path), data, jc.read(data, errors="keep"))
        for path, data, tag in roots(paths)
        if known.find(tag) is not None
    ]


def name_of(path: Path) -> str:
    folder = path.parent.parent if path.parent.name == "examples" else path.parent
    return f"{folder.name}/{path.stem}"


@pytest.fixture(scope="module")
def examples(specs: Path) -> list[Given]:
    return read(sorted((specs / "xeps").glob("*/examples/*.xml")))


@pytest.fixture(scope="module")
def recorded_files(corpus: Path) -> list[Path]:
    return sorted([*(corpus / "clients").glob("*.xml"), *(corpus / "jingle").glob("*/*.xml")])


@pytest.fixture(scope="module")
def recorded(recorded_files: list[Path]) -> list[Given]:
    return read(recorded_files)


def test_there_is_something_to_read(examples: list[Given], recorded: list[Given]) -> None:
    assert len(examples) > 800
    assert len(recorded) > 500


def test_every_recorded_file_is_well_formed_and_ours_or_listed(recorded_files: list[Path]) -> None:
    found = list(roots(recorded_files))
    assert len(found) == len(recorded_files)
    assert {tag for _, _, tag in found if jc.Codec.default().find(tag) is None} == OTHER_ROOTS.keys()


def test_what_was_read_is_written_back(examples: list[Given], recorded: list[Given]) -> None:
    different = []
    for given in (*examples, *recorded):
        before = corrected(etree.fromstring(given.data), given.decoded.findings)
        if comparable(before) != comparable(etree.fromstring(jc.dumps(given.decoded.value))):
            different.append(given.name)
    assert different == []


def test_what_is_written_reads_as_what_was_read(examples: list[Given], recorded: list[Given]) -> None:
    for given in (*examples, *recorded):
        assert jc.loads(jc.dumps(given.decoded.value), errors="keep") == given.decoded.value, given.name


def test_errors_are_those_of_examples_that_are_wrong(examples: list[Given]) -> None:
    assert {given.name for given in examples if given.is_wrong} == WRONG_EXAMPLES.keys()


def test_errors_are_those_of_records_that_are_wrong(recorded: list[Given]) -> None:
    assert {given.name for given in recorded if given.is_wrong} == WRONG_RECORDS.keys()


def test_no_element_that_has_a_class_is_left_raw(examples: list[Given], recorded: list[Given]) -> None:
    codec = jc.Codec.default()
    left = [
        (given.name, node.tag)
        for given in (*examples, *recorded)
        if not given.is_wrong
        for node in nodes(given.decoded.value)
        if isinstance(node, jc.Raw) and codec.find(node.tag) is not None
    ]
    assert left == []


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


# --- the documents of transfers, services and text ------------------------------------------------------------------


def test_examples_of_these_documents_say_nothing_beyond_the_models(examples: list[Given]) -> None:
    beyond = {
        given.name
        for given in examples
        if given.name.partition("/")[0].removeprefix("xep-") in XEPS and not given.is_wrong
        for node in nodes(given.decoded.value)
        if isinstance(node, jc.Element) and node.extra
    }
    assert beyond == set()


def test_every_element_of_these_documents_is_modelled_or_listed(specs: Path) -> None:
    """What has no namespace in an example is in that of a stanza, or a registry's."""
    folders = [specs / "xeps" / f"xep-{xep}" for xep in XEPS]
    found = {tag for folder in folders for tag in in_examples(sorted(folder.glob("examples/*.xml")))}
    found |= {tag for folder in folders for path in folder.glob("schema/*.xsd") for tag in in_schema(path)}
    assert {tag for tag in found if tag.startswith("{")} - modelled() == NOT_MODELLED.keys()


def in_examples(paths: list[Path]) -> Iterator[str]:
    for _, data, _ in roots(paths):
        yield from (str(node.tag) for node in etree.fromstring(data).iter(etree.Element))


def in_schema(path: Path) -> Iterator[str]:
    """Return the names of the elements that a schema declares; it need not be well-formed to the end."""
    schema = etree.fromstring(path.read_bytes(), etree.XMLParser(recover=True))
    for node in schema.iter("{http://www.w3.org/2001/XMLSchema}element"):
        if node.get("name"):
            yield f"{{{schema.nsmap.get(None)}}}{node.get('name')}"


def modelled() -> set[str]:
    """Return the names that a class or a field stands for."""
    found: set[str] = set()
    for plan in map(plan_of, ELEMENTS):
        found |= {*plan.cls.__tags__, *(field.wire for field in plan.of(Kind.FLAG, Kind.TEXT_CHILD))}
        found |= {tag for field in plan.of(Kind.CASE) for tag in plan.cases(field)}
    return found

"""Declarations against the schemas that the documents publish: a second way of computing every model.

Each difference stands in a table with its reason. The schemas are read as they are printed, not compiled: several do
not compile (CONTRADICTIONS, section B).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from element_classes import ELEMENTS
from lxml import etree

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.xml.fields import Kind
from jinglecodec.xml.plan import Field, plan_of
from jinglecodec.xml.tree import split_tag
from jinglecodec.xml.types import BOOLEAN, NCNAME, NMTOKEN, POSITIVE_INTEGER

pytestmark = pytest.mark.corpus

SPECS = Path(os.environ.get("JINGLECODEC_SPECS") or Path(__file__).parents[3] / "shared" / "specs")
XS = "{http://www.w3.org/2001/XMLSchema}"

SCHEMAS = {
    ns.JINGLE: "xep-0166--01-urn-xmpp-jingle-1",
    ns.JINGLE_ERRORS: "xep-0166--02-urn-xmpp-jingle-errors-1",
    ns.RTP: "xep-0167--01-urn-xmpp-jingle-apps-rtp-1",
    ns.RTP_ERRORS: "xep-0167--02-urn-xmpp-jingle-apps-rtp-errors-1",
    ns.RTP_INFO: "xep-0167--03-urn-xmpp-jingle-apps-rtp-info-1",
    ns.ICE_UDP: "xep-0176--01-urn-xmpp-jingle-transports-ice-udp-1",
    ns.RTCP_FB: "xep-0293--01-urn-xmpp-jingle-apps-rtp-rtcp-fb-0",
    ns.RTP_HDREXT: "xep-0294--01-urn-xmpp-jingle-apps-rtp-rtp-hdrext-0",
    ns.DTLS: "xep-0320--01-urn-xmpp-jingle-apps-dtls-0",
    ns.SSMA: "xep-0339--01-urn-xmpp-jingle-apps-rtp-ssma-0",
    ns.DTLS_SCTP: "xep-0343--01-urn-xmpp-jingle-transports-dtls-sctp-1",
    ns.WEBRTC_DATACHANNEL: "xep-0343--02-urn-xmpp-jingle-transports-webrtc-datachannel-0",
}
"The namespaces of this test; XEP-0338 has no schema, and RFC 6120's envelopes are read in four namespaces."

BEYOND = {(jc.Candidate, "tcptype"): "XEP-0371 5.3; sent with ice-udp by all who offer TCP"}
"Attributes that the schema lacks, beside those that are declared as in no specification."

RELAXED = {
    (jc.Candidate, "generation"): "left out by stanza, Monocles and gabble",
    (jc.Candidate, "id"): "left out by stanza and Monocles",
    (jc.Content, "creator"): "left out by many; 7.3 names a default",
    (jc.Crypto, "key-params"): "left out by Pidgin",
    (jc.Jingle, "sid"): "left out by Movim and QXmpp when they terminate",
    (jc.Source, "ssrc"): "Jitsi names sources by rid",
    (jc.Fingerprint, "setup"): "left out by the examples of XEP-0340",
    (jc.Mute, "creator"): "of no use where the whole session is muted",
    (jc.Unmute, "creator"): "of no use where the whole session is muted",
    (jc.Parameter, "name"): "formats that are no name=value pairs",
    (jc.Parameter, "value"): "formats that are no name=value pairs",
    (jc.TrrInt, "value"): "REQUIRED, and with a default, in XEP-0293 3",
}
"Attributes that the schema requires and the reader does not; their absence is a quirk."

WIDER = {
    (jc.Candidate, "component"): "RFC 8445 5.1.2.1 counts to 256",
    (jc.Candidate, "priority"): "0 is seen; a quirk",
    (jc.RemoteCandidate, "component"): "RFC 8445 5.1.2.1 counts to 256",
    (jc.SctpMap, "number"): "an octet in the schema, 5000 in every example",
    (jc.SctpMap, "streams"): "0 is seen",
    (jc.SourceGroup, "semantics"): "a registry; the schema's list misses SIM, FEC-FR and DUP",
    (jc.TrrInt, "value"): "0 in the text and in example 3",
}
"Attributes whose type takes more than the schema's."

NARROWER = {
    (jc.Candidate, "protocol"): "lower case, or peers do not know it",
    (jc.Fingerprint, "hash"): "lower case, or peers do not know it",
}
"Attributes whose type takes less than the schema's; other spellings of the same word are quirks."

SINGLE = {
    (jc.Reason, "text"): "one per language",
    (jc.RtpDescription, "bandwidth"): "SDP has several b= lines",
    (jc.IceUdpTransport, "remote-candidate"): "one per component",
}
"Children that the schema allows once and the model many times."

RANGES = {
    "xs:unsignedByte": (0, 255),
    "xs:unsignedShort": (0, 65535),
    "xs:unsignedInt": (0, 2**32 - 1),
    "xs:positiveInteger": (1, POSITIVE_INTEGER.bounds[1] if POSITIVE_INTEGER.bounds else 0),
}

Described = tuple[type[jc.Element], etree._Element]


def described() -> list[Described]:
    """Return every class of these namespaces with the complex type that its schema gives it."""
    found: list[Described] = []
    for cls in ELEMENTS:
        space, local = split_tag(cls.__tags__[0])
        path = SPECS / "xeps" / "_repaired" / f"{SCHEMAS.get(space)}.xsd"
        if path.is_file():
            schema = etree.parse(path).getroot()
            declarations = [each for each in schema.iter(f"{XS}element") if each.get("name") == local]
            kind = _complex_type(schema, declarations[0]) if declarations else None
            if kind is not None:
                found.append((cls, kind))
    return found


def _complex_type(schema: etree._Element, declaration: etree._Element) -> etree._Element | None:
    inline = declaration.find(f"{XS}complexType")
    if inline is not None:
        return inline
    named = [each for each in schema.iter(f"{XS}complexType") if each.get("name") == declaration.get("type")]
    return named[0] if named else None


if not SPECS.is_dir():
    pytest.skip("no specs directory (JINGLECODEC_SPECS)", allow_module_level=True)

each_class = pytest.mark.parametrize(
    ("cls", "kind"), [pytest.param(*pair, id=pair[0].__name__) for pair in described()]
)


def fields(cls: type[jc.Element]) -> dict[str, Field]:
    return {field.wire: field for field in plan_of(cls).of(Kind.ATTRIBUTE) if not field.spec.unspecified}


def attributes(kind: etree._Element) -> dict[str, etree._Element]:
    return {str(each.get("name")): each for each in kind.iter(f"{XS}attribute")}


def test_the_classes_that_should_be_compared_are() -> None:
    assert len(described()) == 25


@each_class
def test_attributes_are_those_of_the_schema(cls: type[jc.Element], kind: etree._Element) -> None:
    assert {name for name in fields(cls) if (cls, name) not in BEYOND} == attributes(kind).keys()


@each_class
def test_required_attributes_are_required_or_expected(cls: type[jc.Element], kind: etree._Element) -> None:
    for name, attribute in attributes(kind).items():
        field = fields(cls)[name]
        required = attribute.get("use") == "required"
        assert field.required is (required and (cls, name) not in RELAXED), name
        assert bool(field.spec.expected) is ((cls, name) in RELAXED), name


@each_class
def test_defaults_are_those_of_the_schema(cls: type[jc.Element], kind: etree._Element) -> None:
    for name, attribute in attributes(kind).items():
        default = attribute.get("default")
        if default is not None:
            field = fields(cls)[name]
            assert field.lexical.parse(default) == field.default, name


@each_class
def test_types_are_those_of_the_schema_or_wider(cls: type[jc.Element], kind: etree._Element) -> None:
    for name, attribute in attributes(kind).items():
        lexical = fields(cls)[name].lexical
        words = [each.get("value") for each in attribute.iter(f"{XS}enumeration")]
        if (cls, name) in WIDER:
            assert all(lexical.parse(str(word)) for word in words), name
        elif words:
            assert set(words) == set(lexical.members or ()), name
        elif attribute.get("type") in RANGES:
            assert (lexical.usual or lexical.bounds) == RANGES[str(attribute.get("type"))], name
        elif attribute.get("type") == "xs:boolean":
            assert lexical is BOOLEAN, name
        elif attribute.get("type") == "xs:NMTOKEN":
            assert lexical is NMTOKEN, name
        elif (cls, name) in NARROWER:
            assert lexical.pattern is not None, name
        elif attribute.get("type") == "xs:NCName":
            assert lexical is NCNAME, name
        else:
            assert attribute.get("type") == "xs:string", name
            assert lexical.anything, name


@each_class
def test_children_stand_in_the_order_of_the_schema(cls: type[jc.Element], kind: etree._Element) -> None:
    plan = plan_of(cls)
    conditions = {split_tag(tag)[1] for field in plan.of(Kind.CASE) for tag in plan.cases(field)}
    printed = [str(each.get("name") or each.get("ref")) for each in kind.iter(f"{XS}element")]
    assert conditions <= set(printed)
    children = plan.of(Kind.CHILD, Kind.CHILDREN, Kind.FLAG)
    names = [split_tag(field.tags[0]) for field in children if not field.spec.unspecified]
    assert [local for space, local in names if space == plan.namespaces[0]] == [
        name for name in printed if name not in conditions
    ]


@each_class
def test_children_stand_as_often_as_the_schema_says(cls: type[jc.Element], kind: etree._Element) -> None:
    by_name = {split_tag(field.tags[0])[1]: field for field in plan_of(cls).of(Kind.CHILD, Kind.CHILDREN)}
    for each in kind.iter(f"{XS}element"):
        name = str(each.get("name") or each.get("ref"))
        if name in by_name:
            many = each.get("maxOccurs") == "unbounded" or (cls, name) in SINGLE
            assert (by_name[name].kind is Kind.CHILDREN) is many, name


@each_class
def test_text_is_read_where_the_schema_has_text(cls: type[jc.Element], kind: etree._Element) -> None:
    bases = [each.get("base") for each in kind.iter(f"{XS}extension")]
    if cls is jc.SctpMap:  # a string by its schema, empty in every example
        return
    assert bool(plan_of(cls).of(Kind.TEXT)) is ("xs:string" in bases)

"""The files of `schemas/`: complete, explained row by row, and of one mind with the XEPs' own schemas."""

from __future__ import annotations

import copy
import csv
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import attrs
import pytest
from lxml import etree
from schema_support import (
    PARSER,
    PROFILES,
    SCHEMAS,
    STREAMS,
    XS,
    declared,
    differences,
    files,
    node_at,
    rows,
    table,
)

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.xml.schema import schema_findings

MUTATIONS = 2000
"In all, over the schemas that the XEPs publish."

WITHOUT_SCHEMA = {
    ns.DISCO_INFO: "XEP-0030's own, and no part of the Jingle family",
    ns.HINTS: "XEP-0334's own, and no part of the Jingle family",
    ns.CARBONS: "XEP-0280's own, and no part of the Jingle family",
    ns.FORWARD: "XEP-0297's own, and no part of the Jingle family",
    ns.JITMEET: "Jitsi's, in no XEP",
    ns.JITSI_FOCUS: "Jitsi's, in no XEP",
    ns.RTP_MSID: "stanza's, in no XEP",
}
"Namespaces of elements that are modelled and not judged, with the reason."


# --- completeness ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
def test_each_set_compiles_as_it_lies_there(profile: str) -> None:
    """Other validators read the files without what the loader does to them."""
    etree.XMLSchema(file=str(SCHEMAS / profile / "all.xsd"))


@pytest.mark.parametrize("profile", PROFILES)
def test_every_file_compiles_alone(profile: str) -> None:
    for path in sorted((SCHEMAS / profile).glob("*.xsd")):
        etree.XMLSchema(file=str(path))


@pytest.mark.parametrize("profile", PROFILES)
def test_every_file_is_part_of_its_set(profile: str) -> None:
    used = set(files(profile).values())
    for name in tuple(used):
        root = etree.parse(SCHEMAS / profile / name).getroot()
        used |= {link.get("schemaLocation", "") for link in root.iterchildren(f"{XS}include")}
    there = {path.name for path in (SCHEMAS / profile).glob("*.xsd")}
    assert there == {name for name in used if "/" not in name} | {"all.xsd"}


@pytest.mark.parametrize("profile", PROFILES)
def test_every_schema_names_its_document(profile: str) -> None:
    for space, name in files(profile).items():
        root = etree.parse(SCHEMAS / profile / name).getroot()
        assert root.get("targetNamespace", "") == space
        assert root.get("version", "").startswith(("XEP-", "RFC ", "ProtoXEP ", "jinglecodec")), name
        assert (root.findtext(f"{XS}annotation/{XS}documentation") or "").strip()


def test_both_sets_have_the_same_namespaces_but_for_ours() -> None:
    assert files("deployed").keys() - files("published").keys() == {ns.DATACHANNEL, ns.CARRY}
    assert files("published").keys() <= files("deployed").keys()


def test_every_modelled_element_is_declared_as_deployed() -> None:
    """Also those that are modelled after these schemas were written."""
    undeclared = []
    for cls in jc.Codec.default().members(jc.Element):
        for tag in cls.__tags__:
            name = etree.QName(tag)
            space = name.namespace or ""
            if space not in WITHOUT_SCHEMA and name.localname not in declared("deployed", space):
                undeclared.append(tag)
    assert not undeclared


# --- the tables of README.md ----------------------------------------------------------------------------------------


def test_every_difference_between_the_profiles_is_a_row_and_every_row_a_difference() -> None:
    told = {(row.file, row.where): (row.published, row.deployed) for row in rows()}
    assert told == differences()


def test_no_row_is_told_twice_or_without_a_reason() -> None:
    places = [(row.file, row.where) for row in rows()]
    assert len(places) == len(set(places))
    assert all(len(row.reason) > 3 for row in rows())


def test_every_repair_is_of_a_published_file_and_has_its_reason() -> None:
    for file, _, _, reason in table("Repairs"):
        assert file == "all" or (SCHEMAS / "published" / (file.strip("`") + ".xsd")).is_file(), file
        assert "XEP" in reason or "RFC" in reason, file


# --- the XEPs' own schemas ------------------------------------------------------------------------------------------


@attrs.frozen
class Own:
    """A schema as its XEP publishes it, wildcards made lax."""

    xep: str
    namespace: str
    schema: etree.XMLSchema


def lax(path: Path) -> etree._Element:
    root = etree.parse(path, PARSER).getroot()
    for wildcard in root.iter(f"{XS}any"):
        wildcard.set("processContents", "lax")
    return root


@cache
def own_schemas(specs: Path) -> tuple[Own, ...]:
    """Return the schemas that compile: as published, else with the repairs that the material comes with."""
    found: dict[str, Own] = {}
    with (specs / "xeps" / "schemas.csv").open(encoding="utf-8") as lines:
        listed = [row for row in csv.DictReader(lines) if row["xep"].startswith("xep-")]
    repaired = sorted((specs / "xeps" / "_repaired").glob("xep-*.xsd"))
    for path in (*(specs / "xeps" / row["file"] for row in listed), *repaired):
        try:
            root = lax(path)
            schema = etree.XMLSchema(root)
        except (etree.XMLSyntaxError, etree.XMLSchemaParseError):
            continue
        space = root.get("targetNamespace", "")
        if space in files("published"):
            found.setdefault(
                space, Own(path.name if path.parent.name == "_repaired" else path.parts[-3], space, schema)
            )
    return tuple(found.values())


@cache
def examples(specs: Path) -> tuple[tuple[str, etree._Element], ...]:
    """Return the examples of all documents that are well-formed."""
    found = []
    for path in sorted((specs / "xeps").glob("*/examples/*.xml")):
        try:
            found.append((f"{path.parts[-3]}/{path.stem}", etree.parse(path, PARSER).getroot()))
        except etree.XMLSyntaxError:
            continue
    return tuple(found)


def topmost(root: etree._Element, space: str) -> Iterator[etree._Element]:
    """Give the elements of a namespace whose parents are of another, copied, without foreign children."""
    for node in root.iter(f"{{{space}}}*"):
        parent = node.getparent()
        if parent is None or etree.QName(parent).namespace != space:
            yield alone(node, space)


def alone(node: etree._Element, space: str) -> etree._Element:
    made = copy.deepcopy(node)
    made.tail = None
    for kid in list(made.iterdescendants(etree.Element)):
        parent = kid.getparent()
        if parent is not None and etree.QName(kid).namespace != space and etree.QName(parent).namespace == space:
            etree.strip_elements(parent, str(kid.tag), with_tail=False)
    return made


def ours(node: etree._Element) -> bool:
    return not schema_findings(node, "published")


@cache
def alone_compiled(space: str) -> etree.XMLSchema:
    """Return the published schema of a namespace as the file says, without the others."""
    name = files("published")[space].replace("-reason", "")  # which only XEP-0353 needs
    return etree.XMLSchema(file=str(SCHEMAS / "published" / name))


def test_the_material_has_the_schemas_that_compile(specs: Path) -> None:
    """21 of the family's own compile as published, 7 more with the repairs: what is compared is not nothing."""
    assert len(own_schemas(specs)) >= 28


def test_published_judges_every_example_as_the_xep_does(specs: Path) -> None:
    judged = 0
    for own in own_schemas(specs):
        for name, root in examples(specs):
            for node in topmost(root, own.namespace):
                verdict = own.schema.validate(node)
                assert ours(node) == verdict, (own.xep, name, node.tag)
                assert alone_compiled(own.namespace).validate(node) == verdict, (own.xep, name, node.tag)
                judged += 1
    assert judged > 500


def test_published_judges_mutations_as_the_xep_does(specs: Path) -> None:
    rng = random.Random(166)
    pools = {
        own: [node for _, root in examples(specs) for node in topmost(root, own.namespace)]
        for own in own_schemas(specs)
    }
    wells = [own for own, pool in pools.items() if pool]
    verdicts = {True: 0, False: 0}
    for turn in range(MUTATIONS):
        own = wells[turn % len(wells)]
        node = copy.deepcopy(rng.choice(pools[own]))
        for _ in range(rng.choice((1, 1, 2))):
            mutate(node, own.namespace, rng)
        verdict = own.schema.validate(node)
        assert ours(node) == verdict, (own.xep, etree.tostring(node))
        assert alone_compiled(own.namespace).validate(node) == verdict, (own.xep, etree.tostring(node))
        verdicts[verdict] += 1
    assert min(verdicts.values()) > MUTATIONS / 10, "mutations that all are right, or all wrong, compare little"


TEXTS = (
    "",
    " ",
    "0",
    "-1",
    "1",
    "255",
    "256",
    "65536",
    "both",
    "initiator",
    "true",
    "a b",
    "x:y",
    "2015-07-26",
    "AAAA",
)


def mutate(root: etree._Element, space: str, rng: random.Random) -> None:
    """Change one thing: an attribute, a text, or which elements are where."""
    nodes = list(root.iter(etree.Element))
    node = rng.choice(nodes)
    what = rng.randrange(8)
    if what == 0 and node.attrib:
        del node.attrib[rng.choice(sorted(map(str, node.attrib)))]
    elif what in (1, 2):
        names = sorted({str(name) for one in nodes for name in one.attrib} | {"other", "id", "creator"})
        node.set(rng.choice(names), rng.choice(TEXTS))
    elif what == 3:
        node.text = rng.choice(TEXTS)
    elif what == 4 and node is not root:
        node.addnext(copy.deepcopy(node))
    elif what == 5 and node is not root:
        parent = node.getparent()
        assert parent is not None
        parent.remove(node)
    elif what == 6:
        names = sorted({str(one.tag) for one in nodes} | {f"{{{space}}}other"})
        node.insert(rng.randint(0, len(node)), etree.Element(rng.choice(names)))
    elif node is not root:
        other = rng.choice([one for one in nodes if node not in (one, *one.iterancestors())])
        other.insert(rng.randint(0, len(other)), node)


# --- foreign children -----------------------------------------------------------------------------------------------


def test_a_stanza_is_valid_as_published_when_each_of_its_parts_is(specs: Path) -> None:
    """However far elements of one namespace stand inside those of others."""
    compared = 0
    for name, root in examples(specs):
        spaces = {etree.QName(node).namespace or "" for node in root.iter(etree.Element)} & files("published").keys()
        parts = [part for space in spaces.difference(STREAMS) for part in topmost(root, space)]
        if not parts or any(etree.QName(part).localname == "reason" for part in parts):  # it stands alone nowhere
            continue
        found = [finding for finding in schema_findings(root, "published") if _is_of_part(root, finding)]
        assert all(ours(part) for part in parts) == (not found), name
        compared += 1
    assert compared > 300


def _is_of_part(root: etree._Element, finding: jc.Finding) -> bool:
    """Tell whether a finding is about neither the stanza around, nor a root that nobody published a schema of."""
    space = etree.QName(node_at(root, finding.path)).namespace or ""
    return space in files("published") and space not in STREAMS

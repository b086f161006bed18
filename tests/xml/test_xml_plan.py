"""What follows from a declaration: names on the wire, sloppy names, namespaces."""

from __future__ import annotations

import attrs
import pytest
from xml_zoo import OTHER, ZOO, Animal, Diet, Lion, Zoo

import jinglecodec as jc
from jinglecodec.xml.fields import Kind
from jinglecodec.xml.plan import plan_of


def test_names_on_the_wire_follow_from_those_of_the_fields() -> None:
    wires = {field.name: field.wire for field in plan_of(Zoo).fields}
    assert wires["keepers_wanted"] == f"{{{OTHER}}}keepers-wanted"
    assert wires["style"] == f"{{{ZOO}}}styleOf"
    assert wires["motto"] == f"{{{ZOO}}}motto"
    assert {field.name: field.wire for field in plan_of(jc.Iq).fields}["from_"] == "from"
    assert {field.name: field.wire for field in plan_of(jc.Candidate).fields}["rel_addr"] == "rel-addr"


def test_a_plan_knows_the_namespaces_of_the_element_and_its_children() -> None:
    assert plan_of(Zoo).own == {ZOO, "urn:example:zoo:2", OTHER}
    assert plan_of(Lion).own == {"urn:example:lion"}


def test_a_plan_knows_the_sloppy_names_of_children() -> None:
    assert set(plan_of(Zoo).sloppy) == {f"{{{ZOO}}}guard", "{urn:example:old}keeper"}
    assert {tag: choice for tag, (_, choice) in plan_of(Lion).sloppy.items()} == {"{urn:example:lion}flesh": Diet.MEAT}


def test_simple_children_have_a_name_in_each_namespace_of_their_element() -> None:
    tags = {field.name: field.tags for field in plan_of(Zoo).fields}
    assert tags["motto"] == (f"{{{ZOO}}}motto", "{urn:example:zoo:2}motto")
    assert tags["rating"] == (f"{{{OTHER}}}rating",)
    assert tags["keeper"] == (f"{{{ZOO}}}keeper",)
    assert tags["name"] == tags["first"] == ()


def test_the_cases_of_a_field_are_its_members_by_name() -> None:
    plan = plan_of(Lion)
    (food,) = plan.of(Kind.CASE)
    assert plan.cases(food) == {f"{{urn:example:lion}}{diet.value}": diet for diet in Diet}


def test_fields_are_given_by_kind_in_their_order() -> None:
    plan = plan_of(Zoo)
    assert [field.name for field in plan.of(Kind.CHILD, Kind.MEMBER)] == ["keeper", "deputy", "first"]
    assert [field.name for field in plan.fields if field.required] == ["name", "keeper", "motto", "first"]
    assert {field.name: field.default for field in plan.of(Kind.FLAG)} == {"keepers_wanted": False}
    assert plan.fields[0].default is not attrs.NOTHING


def test_a_plan_is_made_once() -> None:
    assert plan_of(Zoo) is plan_of(Zoo)


def test_a_family_has_no_plan() -> None:
    with pytest.raises(TypeError, match=r"^Animal has no name on the wire"):
        plan_of(Animal)

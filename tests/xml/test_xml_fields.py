"""Declarations: one class with a field of every kind is read, written, compared and shown."""

from __future__ import annotations

import copy
import pickle

import attrs
import pytest
from element_support import Bare, canonical, tree
from xml_zoo import CODEC, OTHER, ZOO, ZOO_VALUE, ZOO_XML, Adult, Cage, Child, Diet, Keeper, Lion, Zoo

import jinglecodec as jc
from jinglecodec.xml.fields import Element, attribute, element, specs
from jinglecodec.xml.types import STRING


def test_a_field_of_every_kind_is_read() -> None:
    assert CODEC.read(ZOO_XML) == jc.Decoded(ZOO_VALUE)
    assert CODEC.loads(ZOO_XML) == ZOO_VALUE


def test_a_field_of_every_kind_is_written_in_the_order_of_the_declaration() -> None:
    """Whatever prefixes the other side chose; `size` is written though it might equal its default."""
    written = (
        f"<zoo xmlns='{ZOO}' name='Basel' size='9' open='false' code='b' xmlns:far=\"{OTHER}\" far:far='f' diet='meat'>"
        f"<keeper name='Ann'/><adult>Bob</adult><keepers-wanted xmlns=\"{OTHER}\"/><motto>all &lt;free&gt;</motto>"
        f'<rating xmlns="{OTHER}">5</rating><styleOf>fancy</styleOf>'
        "<animal xmlns='urn:example:lion' age='3'><other><note>grass</note></other></animal><child/></zoo>"
    )
    assert canonical(tree(CODEC.dumps(ZOO_VALUE))) == canonical(tree(written))


def test_defaults_are_read_and_not_written() -> None:
    markup = (
        f'<zoo xmlns="{ZOO}" name="a" size="7"><keeper name="b"/><motto></motto>'
        '<animal xmlns="urn:example:lion" age="1"/></zoo>'
    )
    value = Zoo(name="a", keeper=Keeper(name="b"), motto="", first=Lion(age=1))
    assert CODEC.dumps(value).decode() == markup
    assert CODEC.loads(markup) == value
    assert (value.size, value.open, value.diet, value.style) == (7, True, Diet.OTHER, "plain")


def test_defaults_may_be_written_out() -> None:
    explicit = "open='true' diet='other' size='7'"
    inner = "<keeper name='b'/><motto/><styleOf>plain</styleOf><animal xmlns='urn:example:lion' age='1'/>"
    value = CODEC.loads(f"<zoo xmlns='{ZOO}' name='a' {explicit}>{inner}</zoo>")
    assert value == Zoo(name="a", keeper=Keeper(name="b"), motto="", first=Lion(age=1))


@pytest.mark.parametrize("space", [ZOO, "urn:example:zoo:2"])
def test_an_element_stays_in_the_namespace_it_was_read_in(space: str) -> None:
    """And so do children that are declared without class and namespace."""
    value = attrs.evolve(ZOO_VALUE, space=space)
    root = tree(CODEC.dumps(value))
    assert root.tag == f"{{{space}}}zoo"
    assert root.find(f"{{{space}}}motto") is not None
    assert CODEC.loads(CODEC.dumps(value)) == value
    assert CODEC.from_element(Bare(root)) == value


def test_text_before_children_is_the_value() -> None:
    value = CODEC.loads(f"<cage xmlns='{ZOO}'>lions<child/><x xmlns='urn:x'/></cage>", expect=Cage)
    assert value == Cage(label="lions", kids=(Child(),), anything=(jc.Raw("{urn:x}x"),))


def test_text_behind_children_is_kept_apart() -> None:
    markup = f"<cage xmlns='{ZOO}'>lions<child/>and<x xmlns='urn:x'/>more</cage>"
    value = CODEC.loads(markup, expect=Cage)
    assert (value.label, value.extra.text) == ("lions", "andmore")
    assert CODEC.loads(CODEC.dumps(value)) == value


def test_equal_fields_make_equal_values() -> None:
    assert Lion(age=1) == Lion(age=1)
    assert hash(Lion(age=1)) == hash(Lion(age=1))
    assert Lion(age=1) != Lion(age=2)
    assert Lion(age=1) != Lion(age=1, extra=jc.Extra(text="x"))
    assert Child() != Adult(value="")
    assert Child() != "child"


def test_values_copy_pickle_and_evolve() -> None:
    for value in (ZOO_VALUE, CODEC.loads(ZOO_XML, expect=Zoo)):
        assert copy.deepcopy(value) == value
        assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301
        assert attrs.evolve(value, name="Bern") == attrs.evolve(ZOO_VALUE, name="Bern")
        assert attrs.evolve(value) == value


def test_values_are_frozen() -> None:
    for value in (ZOO_VALUE, CODEC.loads(ZOO_XML), Child(), CODEC.loads(f"<child xmlns='{ZOO}'/>")):
        for name in ("name", "extra", "new"):
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(value, name, "x")
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            del value.extra
        assert not hasattr(value, "__dict__")


def test_what_was_read_is_a_real_instance() -> None:
    read, made = CODEC.loads(ZOO_XML), ZOO_VALUE
    assert type(read) is type(made) is Zoo
    assert isinstance(read, Element)
    assert repr(read) == repr(made)


def test_a_repr_leaves_out_defaults() -> None:
    assert repr(Lion(age=3)) == "Lion(age=3)"
    assert repr(Keeper(name="Ann", extra=jc.Extra(text="x"))) == "Keeper(extra=Extra(text='x'), name='Ann')"
    assert repr(jc.Jingle(action=jc.Action.SESSION_INFO, sid="x")) == (
        "Jingle(action=<Action.SESSION_INFO: 'session-info'>, sid='x')"
    )


def test_specs_leave_out_extra() -> None:
    assert [field.name for field, _ in specs(Lion)] == ["age", "food", "note"]


def test_a_field_without_kind_is_refused_when_the_class_is_first_used() -> None:
    @element(ZOO, "wrong")
    class Wrong(Element):
        name: str = attribute(STRING)
        size: int = 3

    with pytest.raises(TypeError, match=r"^Wrong\.size: declare it with attribute\(\)"):
        Wrong(name="x")


def test_an_element_without_namespace_is_written_without() -> None:
    @element("", "plain")
    class Plain(Element):
        name: str = attribute(STRING)

    codec = jc.Codec(Plain)
    assert codec.dumps(Plain(name="x")) == b'<plain name="x"/>'
    assert codec.loads("<plain name='x'/>") == Plain(name="x")
    inside = jc.Iq(type=jc.IqType.GET, payload=Plain(name="x"))
    assert b'<plain xmlns="" name="x"/>' in codec.dumps(inside)

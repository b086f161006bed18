"""Constructors refuse what a field does not take, naming class and field."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from xml_zoo import ZOO_VALUE, Adult, Animal, Cage, Child, Diet, Keeper, Lion

import jinglecodec as jc

HOST = jc.Candidate(
    component=1,
    foundation="1",
    ip="10.0.1.1",
    port=8998,
    priority=1,
    protocol="udp",
    type=jc.CandidateType.HOST,
)


@pytest.mark.parametrize(
    ("value", "name", "wrong", "message"),
    [
        (HOST, "port", 65536, "Candidate.port: 65536 is not an integer in 0..65535"),
        (HOST, "port", -1, "Candidate.port: -1 is not an integer in 0..65535"),
        (HOST, "port", True, "Candidate.port: True is not an integer in 0..65535"),
        (HOST, "port", "1", "Candidate.port: '1' is not an integer in 0..65535"),
        (HOST, "port", 1.0, "Candidate.port: 1.0 is not an integer in 0..65535"),
        (HOST, "port", None, "Candidate.port: None is not an integer in 0..65535"),
        (HOST, "ip", None, "Candidate.ip: None is not a string"),
        (HOST, "ip", b"10.0.1.1", "Candidate.ip: b'10.0.1.1' is not a string"),
        (HOST, "type", "host", "Candidate.type: 'host' is not a member of CandidateType"),
        (HOST, "protocol", "UDP", "Candidate.protocol: 'UDP' is not a protocol in lower case"),
        (HOST, "extra", None, "Candidate.extra: None is not Extra"),
        (
            ZOO_VALUE,
            "space",
            "urn:x",
            "Zoo.space: 'urn:x' is not one of the namespaces that are read",
        ),
        (ZOO_VALUE, "open", 1, "Zoo.open: 1 is not true, false, 1 or 0"),
        (ZOO_VALUE, "keeper", None, "Zoo.keeper: None is not Keeper"),
        (ZOO_VALUE, "deputy", Child(), "Zoo.deputy: Child() is not Adult"),
        (ZOO_VALUE, "deputy", jc.Raw("x"), "Zoo.deputy: Raw(tag='x') is not Adult"),
        (ZOO_VALUE, "keepers_wanted", 1, "Zoo.keepers_wanted: 1 is not True or False"),
        (ZOO_VALUE, "rating", 256, "Zoo.rating: 256 is not an integer in 0..255"),
        (ZOO_VALUE, "motto", None, "Zoo.motto: None is not a string"),
        (ZOO_VALUE, "first", Child(), "Zoo.first: Child() is not Animal or Raw"),
        (ZOO_VALUE, "visitors", [], "Zoo.visitors: [] is not a tuple of Visitor"),
        (
            ZOO_VALUE,
            "visitors",
            (Lion(age=1),),
            "Zoo.visitors: Lion(age=1) is not Visitor or Raw",
        ),
        (Cage(), "kids", (jc.Raw("x"),), "Cage.kids: Raw(tag='x') is not Child"),
        (Cage(), "kids", [Child()], "Cage.kids: [Child()] is not a tuple of Child"),
        (Cage(), "label", None, "Cage.label: None is not a string"),
        (
            Lion(age=1),
            "food",
            "meat",
            "Lion.food: 'meat' is not Diet",
        ),
        (
            Lion(age=1, food=Diet.PLANTS),
            "note",
            "x",
            "Lion.note: 'x' is not text without white space at its ends, beside a value that carries it",
        ),
    ],
)
def test_wrong_values_are_refused(value: Any, name: str, wrong: object, message: str) -> None:  # noqa: ANN401
    with pytest.raises(jc.EncodeError) as caught:
        attrs.evolve(value, **{name: wrong})
    assert str(caught.value) == message


def test_a_refusal_is_a_value_error_and_short() -> None:
    with pytest.raises(ValueError, match=r"^Keeper\.name: b'x{75}\.\.\. is not a string$"):
        Keeper(name=b"x" * 10_000)  # type: ignore[arg-type]


def test_what_was_read_may_be_constructed() -> None:
    """Quirks that are kept as they came belong to the type."""
    assert attrs.evolve(HOST, priority=21149780477, id="1/2").priority == 21149780477
    assert attrs.evolve(HOST, component=256).component == 256


def test_optional_fields_take_none() -> None:
    assert attrs.evolve(ZOO_VALUE, deputy=None, rating=None, code=None, far=None).rating is None


def test_text_of_a_case_belongs_to_the_members_that_carry_it() -> None:
    assert Lion(age=1, food=Diet.MEAT, note="raw").note == "raw"
    for food in (None, Diet.PLANTS):
        with pytest.raises(jc.EncodeError):
            Lion(age=1, food=food, note="x")


@pytest.mark.parametrize("name", ["age"])
def test_an_attribute_that_has_a_field_cannot_stand_in_extra(name: str) -> None:
    with pytest.raises(jc.EncodeError, match=rf"^Lion\.extra: the attribute '{name}' has a field of its own$"):
        Lion(age=1, extra=jc.Extra(((name, "2"),)))
    with pytest.raises(jc.EncodeError, match=r"^Iq\.extra: the attribute 'from' has a field"):
        jc.Iq(type=jc.IqType.GET, extra=jc.Extra((("from", "a"),)))


@pytest.mark.parametrize("wrong", [1, "x", None, Lion])
def test_extra_takes_elements_only(wrong: object) -> None:
    with pytest.raises(jc.EncodeError, match="is neither an element nor Raw"):
        jc.Extra(children=(wrong,))


def test_a_member_may_be_any_class_of_its_family_or_raw() -> None:
    raw = jc.Raw("{urn:x}animal")
    assert attrs.evolve(ZOO_VALUE, first=raw).first == raw
    assert Cage(anything=(Adult(value="x"), raw, ZOO_VALUE)).anything[2] == ZOO_VALUE


def test_constructors_take_keywords_only() -> None:
    with pytest.raises(TypeError):
        Keeper("Ann")  # type: ignore[call-arg, arg-type]
    with pytest.raises(TypeError):
        Keeper()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Keeper(name="Ann", nickname="A")  # type: ignore[call-arg]


@pytest.mark.parametrize("family", [jc.Element, Animal, jc.Description, jc.Transport])
def test_families_have_no_values_of_their_own(family: type[jc.Element]) -> None:
    with pytest.raises(TypeError, match=f"^{family.__name__} has no name on the wire"):
        family()

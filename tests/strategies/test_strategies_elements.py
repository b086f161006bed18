"""What the strategies draw: legal values of every kind, and enough of each to be worth drawing."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from typing import TypeVar

import pytest
from element_classes import ELEMENTS
from element_support import parts, tree
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

import jinglecodec as jc
from jinglecodec import strategies as jingle
from jinglecodec.xml.fields import Element, attribute, child, element, flag, member, text, text_child
from jinglecodec.xml.plan import Field, plan_of
from jinglecodec.xml.types import STRING, UNSIGNED_BYTE, Lexical, enum_of, text_matching

T = TypeVar("T")


class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"


@element("urn:example:song", "description")
class Song(jc.Description):
    """A user's own application, with fields that the library's classes do not have."""

    mood: Mood = attribute(enum_of(Mood))
    key: str = attribute(text_matching("a key", "[A-G][#b]?"))
    verse: str = text_child(STRING)
    bars: int | None = text_child(UNSIGNED_BYTE, default=None)
    encore: bool = flag(default=False)
    writer: jc.GroupContent = child(jc.GroupContent)
    stage: jc.Transport | jc.Raw = member(jc.Transport)
    notes: str = text(STRING, default="")


SONGS = jc.Codec.default().extend(Song)


SEARCH = settings(max_examples=3000, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))


def drawn(strategy: st.SearchStrategy[T], examples: int = 150) -> list[T]:
    """Return values as a test would see them."""
    found: list[T] = []

    @settings(SEARCH, max_examples=examples)
    @given(strategy)
    def collect(value: T) -> None:
        found.append(value)

    collect()
    return found


def comes_up(strategy: st.SearchStrategy[T], wanted: Callable[[T], bool]) -> bool:
    """Tell whether a value of the kind is drawn before long."""
    try:
        find(strategy, wanted, settings=SEARCH)
    except NoSuchExample:
        return False
    return True


SPECIFIED = [field for field in plan_of(jc.Candidate).fields if not field.spec.unspecified]


@pytest.mark.parametrize("field", SPECIFIED, ids=lambda field: field.name)
def test_every_field_takes_its_default_and_other_values(field: Field) -> None:
    candidates = jingle.from_class(jc.Candidate)
    assert comes_up(candidates, lambda value: getattr(value, field.name) != field.default)
    assert field.required or comes_up(candidates, lambda value: getattr(value, field.name) == field.default)


def test_what_no_specification_has_is_not_drawn() -> None:
    """Its presence alone is worth a finding."""
    beyond = [field for field in plan_of(jc.Candidate).fields if field not in SPECIFIED]
    for value in drawn(jingle.from_class(jc.Candidate)):
        assert all(getattr(value, field.name) == field.default for field in beyond)


def test_enumerations_and_bounds_are_reached() -> None:
    values = drawn(jingle.from_class(jc.Candidate), 400)
    assert {value.type for value in values} == set(jc.CandidateType)
    assert {value.tcptype for value in values} == {None, *jc.TcpType}
    ports = {value.port for value in values}
    assert (min(ports), max(ports)) == (0, 65535)
    assert all(1 <= value.priority < 2**31 for value in values)  # beyond is a quirk


@pytest.mark.parametrize(
    ("cls", "kind"),
    [
        (jc.Jingle, jc.Content),
        (jc.Jingle, jc.Reason),
        (jc.Jingle, jc.Group),
        (jc.Jingle, jc.Raw),
        (jc.Content, jc.RtpDescription),
        (jc.Content, jc.IceUdpTransport),
        (jc.RtpDescription, jc.PayloadType),
        (jc.RtpDescription, jc.Encryption),
        (jc.IceUdpTransport, jc.Candidate),
        (jc.IceUdpTransport, jc.Fingerprint),
    ],
)
def test_elements_have_all_that_belongs_in_them(cls: type[jc.Element], kind: type) -> None:
    assert comes_up(jingle.from_class(cls), lambda value: any(isinstance(part, kind) for part in parts(value)))


def test_extra_holds_attributes_children_and_text() -> None:
    group = jingle.from_class(jc.Group)
    assert comes_up(group, lambda value: value.extra.text != "")
    assert comes_up(group, lambda value: any(name.startswith("{") for name, _ in value.extra.attributes))
    assert comes_up(group, lambda value: any(not name.startswith("{") for name, _ in value.extra.attributes))
    assert comes_up(group, lambda value: any(isinstance(kid, jc.Element) for kid in value.extra.children))
    raws = jingle.raw_elements()
    assert comes_up(raws, lambda raw: any(kid.tail and kid.text and kid.children for kid in raw.children))


@given(st.sampled_from(ELEMENTS).flatmap(lambda cls: jingle.from_class(cls, unknown=False)))
@settings(max_examples=settings().max_examples * 5)
def test_without_unknown_content_there_is_none_and_nothing_is_sloppy(value: jc.Element) -> None:
    """What is expected may be absent: it is legal to leave out."""
    for part in parts(value):
        assert isinstance(part, jc.Element)
        assert part.extra == jc.Extra()
    codes = {finding.code for finding in jc.read(jc.dumps(value)).findings}
    assert codes <= {"missing-attribute", "missing-element"}


@given(jingle.from_class(Song, codec=SONGS))
def test_classes_of_a_users_own_are_drawn_and_survive(value: Song) -> None:
    assert SONGS.loads(SONGS.dumps(value), expect=Song) == value
    assert re.fullmatch("[A-G][#b]?", value.key)


@given(jingle.from_class(jc.Content, codec=SONGS))
def test_open_families_hold_what_the_codec_knows(value: jc.Content) -> None:
    assert SONGS.loads(SONGS.dumps(value), expect=jc.Content) == value
    assert isinstance(value.description, jc.Description | jc.Raw | None)
    assert not isinstance(value.description, jc.Raw) or SONGS.find(value.description.tag) is None


def test_open_families_hold_a_users_class_only_with_his_codec() -> None:
    content = jingle.from_class(jc.Content, codec=SONGS)
    for kind in (Song, jc.RtpDescription, jc.Raw):
        assert comes_up(content, lambda value, kind=kind: isinstance(value.description, kind))  # type: ignore[misc]
    assert not any(isinstance(value.description, Song) for value in drawn(jingle.from_class(jc.Content)))


def test_no_stanza_is_drawn_inside_a_stanza() -> None:
    assert not any(isinstance(value.payload, jc.Iq) for value in drawn(jingle.from_class(jc.Iq)))


def test_a_type_that_nothing_follows_from_is_refused_by_name() -> None:
    odd = Lexical("odd", int, str, lambda value: type(value) is int)

    @element("urn:example:odd", "odd")
    class Odd(Element):
        value: int = attribute(odd)

    with pytest.raises(TypeError, match=r"^no values follow from <odd>: give it bounds, members or a pattern$"):
        jingle.from_class(Odd)


@given(jingle.xml_texts(min_size=1))
def test_texts_are_what_xml_can_carry(value: str) -> None:
    assert value
    assert tree(jc.dumps(jc.Raw("a", (("b", value),)))).get("b") == value


@given(jingle.raw_elements(depth=2))
def test_raw_elements_are_unknown_and_no_deeper_than_asked(raw: jc.Raw) -> None:
    assert jc.Codec.default().find(raw.tag) is None
    assert raw.tail == ""
    assert all(not kid.children for kid in raw.children)


def test_raw_elements_avoid_what_the_codec_knows() -> None:
    @element("urn:example:unknown", "a")
    class Known(Element):
        pass

    for raw in drawn(jingle.raw_elements(codec=jc.Codec(Known))):
        assert raw.tag != "{urn:example:unknown}a"


def test_smallest_examples_are_bare() -> None:
    assert find(jingle.from_class(jc.Group), lambda _: True) == jc.Group(semantics="")
    smallest = find(jingle.from_class(jc.Jingle), lambda value: bool(value.contents), settings=settings(database=None))
    assert len(smallest.contents) == 1
    assert smallest.extra == jc.Extra()

"""How a declaration says what sloppy peers do, and what the readers make of it."""

from __future__ import annotations

import enum

import pytest
from element_support import Bare, tree

import jinglecodec as jc
from jinglecodec.findings import Severity
from jinglecodec.xml.codec import Codec
from jinglecodec.xml.fields import Element, attribute, child, children, element, flag, text
from jinglecodec.xml.readers import read_clean
from jinglecodec.xml.types import STRING, UNSIGNED_BYTE, enum_of, text_matching

TENT = "urn:example:tent"


class Act(enum.Enum):
    JUGGLE = "juggle"
    FLY = "fly"


@element(TENT, "limit")
class Limit(Element):
    """An attribute and a text that peers put elsewhere."""

    unit: str = attribute(STRING, nested=("unit",))
    value: str = text(STRING, aliases=("value",), nested=("value", "amount"))


@element(TENT, "lamp")
class Lamp(Element):
    pass


@element(TENT, "seat")
class Seat(Element):
    pass


@element(TENT, "tent", misplaced=(f"{{{TENT}}}limit",))
class Tent(Element):
    """What no specification has, beside what one has."""

    name: str = attribute(STRING)
    owner: str | None = attribute(STRING, default=None, unspecified="clowns")
    rows: int = attribute(UNSIGNED_BYTE, default=7, unspecified="clowns")
    lit: bool = flag(default=False, unspecified="jugglers")
    lamp: Lamp | None = child(Lamp, default=None, unspecified="jugglers")
    seats: tuple[Seat, ...] = children(Seat, default=(), unspecified="jugglers")


@element(TENT, "box")
class Box(Element):
    """A child that should be there."""

    lamp: Lamp | None = child(Lamp, default=None, expected="Box 1")


CODEC = Codec(Tent, Limit, Lamp, Seat, Box)


def read(markup: str) -> jc.Decoded[jc.Element | jc.Raw]:
    """Read in all ways, which have to agree."""
    decoded = CODEC.read(markup, errors="keep")
    node = tree(markup)
    assert CODEC.from_element(Bare(node), errors="keep") == decoded.value
    assert CODEC.loads(CODEC.dumps(decoded.value), errors="keep") == decoded.value
    if not isinstance(decoded.value, jc.Raw):
        clean = read_clean(type(decoded.value), node, CODEC, exact=True)
        assert clean is None or (clean == decoded.value and not decoded.findings)
    return decoded


def found(decoded: jc.Decoded[jc.Element | jc.Raw]) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in decoded.findings]


def limit(inner: str = "", attributes: str = "") -> jc.Decoded[jc.Element | jc.Raw]:
    return read(f"<limit xmlns='{TENT}' {attributes}>{inner}</limit>")


# --- in another place ------------------------------------------------------------------------------------------------


def test_an_attribute_may_stand_for_the_text() -> None:
    decoded = limit(attributes="unit='m' value='3'")
    assert decoded.value == Limit(unit="m", value="3")
    assert found(decoded) == [("sloppy-name", "limit/@value")]


@pytest.mark.parametrize("name", ["value", "amount"])
def test_children_may_stand_for_attribute_and_text(name: str) -> None:
    decoded = limit(f"\n <unit>m</unit>\n <{name}>3</{name}>\n")
    assert decoded.value == Limit(unit="m", value="3")
    assert found(decoded) == [("sloppy-name", "limit/unit"), ("sloppy-name", f"limit/{name}")]


def test_the_text_itself_wins_over_an_attribute_in_its_place() -> None:
    decoded = limit("3", "unit='m' value='4'")
    assert decoded.value == Limit(unit="m", value="3", extra=jc.Extra(attributes=(("value", "4"),)))
    assert found(decoded) == []


def test_white_space_is_no_text_beside_what_stands_for_it() -> None:
    assert limit(" \n ", "unit='m' value='3'").value == Limit(unit="m", value="3")
    assert limit(" \n ", "unit='m'").value == Limit(unit="m", value=" \n ")


@pytest.mark.parametrize("inner", ["3<value>4</value>", "<value>3</value><amount>4</amount>"])
def test_two_that_stand_for_one_are_a_problem(inner: str) -> None:
    decoded = limit(inner, "unit='m'")
    assert isinstance(decoded.value, jc.Raw)
    assert [code for code, _ in found(decoded)][-1] == "repeated-element"


def test_what_stands_nowhere_is_missing() -> None:
    decoded = limit("3")
    assert isinstance(decoded.value, jc.Raw)
    assert found(decoded) == [("missing-attribute", "limit/@unit")]


def test_a_child_that_is_expected_is_missed() -> None:
    decoded = read(f"<box xmlns='{TENT}'/>")
    assert decoded.value == Box()
    assert [(f.code, f.path, f.clause) for f in decoded.findings] == [("missing-element", "box", "Box 1")]
    assert found(read(f"<box xmlns='{TENT}'><lamp/></box>")) == []


def test_a_misplaced_element_is_typed_and_kept_apart() -> None:
    decoded = read(f"<tent xmlns='{TENT}' name='a'><limit unit='m'>3</limit></tent>")
    assert decoded.value == Tent(name="a", extra=jc.Extra(children=(Limit(unit="m", value="3"),)))
    assert found(decoded) == [("misplaced-element", "tent/limit")]


# --- in no specification ---------------------------------------------------------------------------------------------


def test_what_no_specification_has_is_read_and_told() -> None:
    decoded = read(f"<tent xmlns='{TENT}' name='a' owner='b' rows='9'><lit/><lamp/><seat/><seat/></tent>")
    assert decoded.value == Tent(name="a", owner="b", rows=9, lit=True, lamp=Lamp(), seats=(Seat(), Seat()))
    assert found(decoded) == [
        ("unspecified", "tent/@owner"),
        ("unspecified", "tent/@rows"),
        ("unspecified", "tent/lit"),
        ("unspecified", "tent/lamp"),
        ("unspecified", "tent/seat[1]"),
        ("unspecified", "tent/seat[2]"),
    ]
    assert all(finding.severity is Severity.INFO for finding in decoded.findings)
    assert "clowns" in decoded.findings[0].message


def test_what_no_specification_has_is_written_only_where_it_is_said() -> None:
    assert CODEC.dumps(Tent(name="a")) == b'<tent xmlns="urn:example:tent" name="a"/>'
    assert CODEC.dumps(Tent(name="a", owner='"')) == b'<tent xmlns="urn:example:tent" name="a" owner="&quot;"/>'
    assert CODEC.dumps(Tent(name="a", rows=9)) == b'<tent xmlns="urn:example:tent" name="a" rows="9"/>'


def test_unknown_attributes_are_told_from_those_that_no_specification_has() -> None:
    decoded = read(f"<tent xmlns='{TENT}' name='a' colour='red'/>")
    assert decoded.value == Tent(name="a", extra=jc.Extra(attributes=(("colour", "red"),)))
    assert found(decoded) == []
    decoded = read(f"<tent xmlns='{TENT}' name='a' owner='b' colour='red'/>")
    assert decoded.value == Tent(name="a", owner="b", extra=jc.Extra(attributes=(("colour", "red"),)))
    assert found(decoded) == [("unspecified", "tent/@owner")]


def test_a_wrong_value_is_wrong_even_where_no_specification_asks() -> None:
    with pytest.raises(jc.DecodeError, match=r"^tent/@rows: 'many' is not an integer in 0\.\.255$"):
        CODEC.loads(f"<tent xmlns='{TENT}' name='a' rows='many'/>")


def test_a_plain_reader_takes_what_no_specification_has_the_fast_way() -> None:
    node = tree(f"<tent xmlns='{TENT}' name='a' owner='b'><lit/></tent>")
    assert read_clean(Tent, node, CODEC, exact=False) == Tent(name="a", owner="b", lit=True)


def test_members_beyond_the_specification_are_taken_and_told() -> None:
    acts = enum_of(Act, aliases={"soar": Act.FLY}, beyond=(Act.FLY,))
    assert acts.parse("juggle") is Act.JUGGLE
    with pytest.raises(ValueError, match=r"^'fly' is not one of juggle$"):
        acts.parse("fly")
    assert acts.lenient is not None
    quirks = {word: acts.lenient(word) for word in ("fly", "FLY", "soar", "sing")}
    assert {word: (quirk.value, quirk.code) for word, quirk in quirks.items() if quirk} == {
        "fly": (Act.FLY, "unusual-value"),
        "FLY": (Act.FLY, "sloppy-word"),
        "soar": (Act.FLY, "sloppy-word"),
    }
    assert acts.accepts(Act.FLY)
    assert acts.write(Act.FLY) == "fly"


def test_a_verbatim_text_has_the_code_that_it_was_given() -> None:
    lexical = text_matching("a", "a", verbatim=True, code="unusual-date")
    assert lexical.lenient is not None
    quirk = lexical.lenient("b")
    assert quirk is not None
    assert (quirk.value, quirk.code) == ("b", "unusual-date")


# --- which module ----------------------------------------------------------------------------------------------------


def test_one_element_of_a_namespace_may_be_described_apart() -> None:
    """As `webrtc` in the namespace of XEP-0167."""
    rtp, webrtc = "urn:xmpp:jingle:apps:rtp:1", "jinglecodec.model.webrtc"
    codec = Codec(modules={rtp: "jinglecodec.model.rtp", f"{{{rtp}}}webrtc": webrtc})
    assert codec.find(f"{{{rtp}}}webrtc") is jc.WebrtcInfo
    assert codec.find(f"{{{rtp}}}description") is jc.RtpDescription
    assert Codec(modules={rtp: "jinglecodec.model.rtp"}).find(f"{{{rtp}}}webrtc") is None

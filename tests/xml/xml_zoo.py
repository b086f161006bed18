"""Element classes with one field of every kind, as a user would declare them."""

from __future__ import annotations

import enum

import jinglecodec as jc
from jinglecodec.xml.fields import (
    Element,
    attribute,
    case,
    case_text,
    child,
    children,
    element,
    flag,
    member,
    members,
    namespace,
    text,
    text_child,
)
from jinglecodec.xml.types import BOOLEAN, NCNAME, STRING, UNSIGNED_BYTE, enum_of, integer

ZOO = "urn:example:zoo"
OTHER = "urn:example:it's"
"A character that generated code has to quote."


class Diet(enum.Enum):
    MEAT = "meat"
    PLANTS = "plants"
    OTHER = "other"


class Animal(Element):
    __slots__ = ()
    __family__ = "animal"


class Visitor(Element):
    """A family of which an unknown element is never one."""

    __slots__ = ()
    __family__ = None


@element(ZOO, "keeper", also=(f"{{{ZOO}}}guard", "{urn:example:old}keeper"))
class Keeper(Element):
    name: str = attribute(STRING)


@element("urn:example:lion", "animal")
class Lion(Animal):
    age: int = attribute(UNSIGNED_BYTE, aliases=("years",))
    food: Diet | None = case(Diet, default=None, aliases={"flesh": Diet.MEAT})
    note: str | None = case_text({Diet.OTHER: "note", Diet.MEAT: ""}, default=None)


@element(ZOO, "child")
class Child(Visitor):
    """An element without fields."""


@element(ZOO, "adult")
class Adult(Visitor):
    value: str = text(STRING)


@element((ZOO, "urn:example:zoo:2"), "zoo")
class Zoo(Element):
    """All kinds at once."""

    space: str = namespace(default=ZOO)
    name: str = attribute(STRING)
    size: int = attribute(integer(0, 1000, usual=(1, 100)), default=7, always=True)
    open: bool = attribute(BOOLEAN, default=True)
    code: str | None = attribute(NCNAME, default=None, expected="Zoo 1")
    far: str | None = attribute(STRING, default=None, name=f"{{{OTHER}}}far")
    diet: Diet = attribute(enum_of(Diet), default=Diet.OTHER)
    keeper: Keeper = child(Keeper)
    deputy: Adult | None = child(Adult, default=None)
    keepers_wanted: bool = flag(default=False, namespace=OTHER)
    motto: str = text_child(STRING)
    rating: int | None = text_child(UNSIGNED_BYTE, default=None, namespace=OTHER)
    style: str = text_child(STRING, default="plain", name="styleOf")
    first: Animal | jc.Raw = member(Animal)
    visitors: tuple[Visitor | jc.Raw, ...] = members(Visitor, default=())


@element(ZOO, "cage")
class Cage(Element):
    """Text between children."""

    label: str = text(STRING, default="")
    kids: tuple[Child, ...] = children(Child, default=())
    anything: tuple[Element | jc.Raw, ...] = members(Element, default=())


CODEC = jc.Codec(Zoo, Keeper, Lion, Child, Adult, Cage)

ZOO_XML = (
    f"<zoo xmlns='{ZOO}' xmlns:o=\"{OTHER}\" name='Basel' size='9' open='0' code='b' o:far='f' diet='meat'>"
    "<keeper name='Ann'/><adult>Bob</adult><o:keepers-wanted/><motto>all &lt;free&gt;</motto><o:rating>5</o:rating>"
    "<styleOf>fancy</styleOf><animal xmlns='urn:example:lion' age='3'><other><note>grass</note></other></animal>"
    "<child/></zoo>"
)
ZOO_VALUE = Zoo(
    name="Basel",
    size=9,
    open=False,
    code="b",
    far="f",
    diet=Diet.MEAT,
    keeper=Keeper(name="Ann"),
    deputy=Adult(value="Bob"),
    keepers_wanted=True,
    motto="all <free>",
    rating=5,
    style="fancy",
    first=Lion(age=3, food=Diet.OTHER, note="grass"),
    visitors=(Child(),),
)

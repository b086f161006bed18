"""What the engine knows about a class: its fields by kind, derived once from the declaration."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from jinglecodec.records import Record, per_class
from jinglecodec.xml.fields import Element, Kind, Spec, specs
from jinglecodec.xml.tree import split_tag

if TYPE_CHECKING:
    from jinglecodec.xml.types import Lexical

__all__ = ["Field", "Plan", "plan_of"]


@attrs.frozen(eq=False, repr=False)
class Field(Record):
    """One declared field, with everything that follows from class and declaration worked out."""

    name: str
    "The Python name."
    wire: str
    "Attribute name, or Clark name of the child (FLAG, TEXT_CHILD)."
    spec: Spec
    default: Any
    "attrs.NOTHING: the field is required."
    tags: tuple[str, ...] = ()
    "Clark names that a CHILD, CHILDREN, FLAG or TEXT_CHILD field takes, the written one first."

    @property
    def kind(self) -> Kind:
        """Return the kind of the field."""
        return self.spec.kind

    @property
    def lexical(self) -> Lexical[Any]:
        """Return the lexical type of a field that has one."""
        assert self.spec.lexical is not None
        return self.spec.lexical

    @property
    def cls(self) -> type[Element]:
        """Return the class of a CHILD or CHILDREN field, the family of a MEMBER or MEMBERS field."""
        assert self.spec.cls is not None
        return self.spec.cls

    @property
    def required(self) -> bool:
        """Tell whether the declaration gives no default."""
        return self.default is attrs.NOTHING


@attrs.frozen(eq=False, repr=False)
class Plan:
    """One class as the engine sees it."""

    cls: type[Element]
    namespaces: tuple[str, ...]
    "In the order declared; the first is the one written when the parent gives no other."
    local: str
    fields: tuple[Field, ...] = ()
    sloppy: Mapping[str, tuple[Field, Any]] = attrs.field(factory=dict)
    "Clark names that sloppy peers use for a child -> its field and, of a CASE, the member meant."
    own: frozenset[str] = frozenset()
    "Namespaces of the element and its declared children; an open family that takes anything takes none of these."

    def of(self, *kinds: Kind) -> tuple[Field, ...]:
        """Return the fields of these kinds, in order."""
        return tuple(field for field in self.fields if field.kind in kinds)

    @property
    def families(self) -> tuple[Field, ...]:
        """Return the fields of open families, each at the place by which `Codec.route` means it."""
        return self.of(Kind.MEMBER, Kind.MEMBERS)

    def cases(self, field: Field) -> Mapping[str, enum.Enum]:
        """Return Clark name -> member of a CASE field."""
        assert field.spec.choices is not None
        return {tag: choice for choice in field.spec.choices for tag in self.clarks(field.spec, str(choice.value))}

    def clarks(self, spec: Spec, local: str) -> tuple[str, ...]:
        """Return the Clark names of a FLAG, TEXT_CHILD or CASE child: one for each namespace of the element."""
        spaces = self.namespaces if spec.namespace is None else (spec.namespace,)
        return tuple(f"{{{space}}}{local}" if space else local for space in spaces)


@per_class
def plan_of(cls: type[Element]) -> Plan:
    """Return the plan of a declared class; raises TypeError for a family or base, which has no name of its own."""
    if not cls.__tags__:
        raise TypeError(f"{cls.__name__} has no name on the wire: derive from it, and declare that with @element")
    spaces = tuple(split_tag(tag)[0] for tag in cls.__tags__)
    bare = Plan(cls, spaces, split_tag(cls.__tags__[0])[1])
    plan = attrs.evolve(bare, fields=tuple(_field(bare, attribute, spec) for attribute, spec in specs(cls)))
    return attrs.evolve(plan, sloppy=_sloppy(plan), own=_own(plan))


def _field(plan: Plan, attribute: attrs.Attribute[Any], spec: Spec) -> Field:
    wire = spec.name or attribute.name.strip("_").replace("_", "-")
    tags: tuple[str, ...] = ()
    if spec.kind in (Kind.FLAG, Kind.TEXT_CHILD):
        tags = plan.clarks(spec, wire)
        wire = tags[0]
    elif spec.kind in (Kind.CHILD, Kind.CHILDREN) and spec.cls is not None:
        tags = spec.cls.__tags__
    return Field(attribute.name, wire, spec, attribute.default, tags)


def _sloppy(plan: Plan) -> Mapping[str, tuple[Field, Any]]:
    found: dict[str, tuple[Field, Any]] = {}
    for field in plan.fields:
        found.update((tag, (field, None)) for local in field.spec.nested for tag in plan.clarks(field.spec, local))
        if field.kind in (Kind.CHILD, Kind.CHILDREN):
            found.update((alias, (field, None)) for alias in field.cls.__aliases__)
        elif field.kind is Kind.CASE:
            assert isinstance(field.spec.aliases, Mapping)
            for alias, choice in field.spec.aliases.items():
                found.update((tag, (field, choice)) for tag in plan.clarks(field.spec, alias))
    return found


def _own(plan: Plan) -> frozenset[str]:
    tags = [tag for field in plan.fields for tag in field.tags]
    tags += [tag for field in plan.of(Kind.CASE) for tag in plan.cases(field)]
    return frozenset(plan.namespaces).union(split_tag(tag)[0] for tag in tags)

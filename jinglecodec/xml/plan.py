"""What the engine knows about a class: its fields by kind, derived once from the declaration."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import attrs

from jinglecodec.xml.fields import Element, Kind, Spec, per_class, specs
from jinglecodec.xml.tree import split_tag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinglecodec.xml.types import Lexical

__all__ = ["Field", "Plan", "plan_of"]


@attrs.frozen
class Field:
    """One declared field, with everything that follows from class and declaration worked out."""

    name: str
    "The Python name."
    wire: str
    "Attribute name, or Clark name of the child (FLAG, TEXT_CHILD)."
    spec: Spec
    default: Any
    "attrs.NOTHING: the field is required."
    tags: tuple[str, ...] = ()
    "Clark names that a CHILD or CHILDREN field takes, the written one first."

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
    def required(self) -> bool:
        """Tell whether the declaration gives no default."""
        return self.default is attrs.NOTHING


@attrs.frozen(eq=False)
class Plan:
    """One class as the engine sees it."""

    cls: type[Element]
    namespaces: tuple[str, ...]
    "In the order declared; the first is the one written when the parent gives no other."
    local: str
    fields: tuple[Field, ...]

    def of(self, *kinds: Kind) -> tuple[Field, ...]:
        """Return the fields of these kinds, in order."""
        return tuple(field for field in self.fields if field.kind in kinds)

    def cases(self, field: Field) -> Mapping[str, enum.Enum]:
        """Return Clark name -> member of a CASE field."""
        assert field.spec.choices is not None
        return {self.clark(field.spec, str(choice.value)): choice for choice in field.spec.choices}

    def clark(self, spec: Spec, local: str) -> str:
        """Return the Clark name of a FLAG, TEXT_CHILD or CASE child."""
        space = self.namespaces[0] if spec.namespace is None else spec.namespace
        return f"{{{space}}}{local}" if space else local


@per_class
def plan_of(cls: type[Element]) -> Plan:
    """Return the plan of a declared class."""
    spaces = tuple(split_tag(tag)[0] for tag in cls.__tags__)
    bare = Plan(cls, spaces, split_tag(cls.__tags__[0])[1], ())
    return attrs.evolve(bare, fields=tuple(_field(bare, attribute, spec) for attribute, spec in specs(cls)))


def _field(plan: Plan, attribute: attrs.Attribute[Any], spec: Spec) -> Field:
    wire = spec.name or attribute.name.strip("_").replace("_", "-")
    if spec.kind in (Kind.FLAG, Kind.TEXT_CHILD):
        wire = plan.clark(spec, wire)
    tags = spec.cls.__tags__ if spec.kind in (Kind.CHILD, Kind.CHILDREN) and spec.cls else ()
    return Field(attribute.name, wire, spec, attribute.default, tags)

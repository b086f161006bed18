"""What the public constructors refuse, generated per class: one test of all fields, names only when it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinglecodec.errors import EncodeError
from jinglecodec.xml.fields import Element, Kind, per_class
from jinglecodec.xml.plan import Field, plan_of
from jinglecodec.xml.source import Source
from jinglecodec.xml.tree import Extra, Raw, split_tag

__all__ = ["checker"]

Checker = Callable[[Any], None]


@per_class
def checker(cls: type[Element]) -> Checker:
    """Return the function that refuses a constructed value which the declaration does not take."""
    source = Source(refuse=_refuse, Extra=Extra, cls=cls)
    for field in plan_of(cls).fields:
        source.add(f"v = o.{field.name}")
        optional = "v is not None and " if field.default is None else ""
        source.add(f"if {optional}not ({_test(source, field)}): refuse(cls, {field.name!r}, v)")
        if field.kind is Kind.CHILDREN:
            of = source.name(f"cls_{field.name}", field.spec.cls)
            source.add("for k in v:", f"    if type(k) is not {of}: refuse(cls, {field.name!r}, k)")
        if field.kind is Kind.MEMBERS:
            of = source.name(f"cls_{field.name}", (field.spec.cls, Raw))
            source.add("for k in v:", f"    if not isinstance(k, {of}): refuse(cls, {field.name!r}, k)")
    source.add("if type(o.extra) is not Extra: refuse(cls, 'extra', o.extra)")
    made: Checker = source.compile(cls, "check", "o")
    return made


def _test(source: Source, field: Field) -> str:
    """Return the expression that a value `v` of the field must meet."""
    if field.spec.lexical is not None:
        if field.lexical.verbatim:
            return "type(v) is str"
        if field.lexical.bounds is not None:
            low, high = field.lexical.bounds
            return f"type(v) is int and {low} <= v <= {high}"
        return f"{source.name(f'accepts_{field.name}', field.lexical.accepts)}(v)"
    if field.kind is Kind.FLAG:
        return "type(v) is bool"
    if field.kind in (Kind.CHILDREN, Kind.MEMBERS):
        return "type(v) is tuple"
    if field.kind is Kind.CHILD:
        return f"type(v) is {source.name(f'cls_{field.name}', field.spec.cls)}"
    if field.kind is Kind.CASE:
        return f"type(v) is {source.name(f'cls_{field.name}', field.spec.choices)}"
    if field.kind is Kind.NAMESPACE:
        return "v in " + source.name("spaces", tuple(split_tag(tag)[0] for tag in source.names["cls"].__tags__))
    return f"isinstance(v, {source.name(f'cls_{field.name}', (field.spec.cls, Raw))})"


def _refuse(cls: type[Element], name: str, value: object) -> None:
    wanted = "what the field takes"
    for field in plan_of(cls).fields:
        if field.name == name:
            wanted = field.lexical.name if field.spec.lexical is not None else field.kind.value
            if field.kind in (Kind.CHILDREN, Kind.MEMBERS) and not isinstance(value, tuple):
                wanted = "a tuple"
            if field.spec.cls is not None:
                wanted += f" ({field.spec.cls.__name__})"
    shown = repr(value)
    raise EncodeError(f"{cls.__name__}.{name}: {shown if len(shown) <= 80 else shown[:77] + '...'} is not {wanted}")

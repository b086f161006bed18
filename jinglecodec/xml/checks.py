"""What the public constructors refuse, generated per class: one test of all fields, names only when it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinglecodec.errors import EncodeError
from jinglecodec.lexical import cut
from jinglecodec.records import per_class
from jinglecodec.xml.fields import Element, Kind
from jinglecodec.xml.plan import Field, plan_of
from jinglecodec.xml.source import Source
from jinglecodec.xml.tree import Extra, Raw, split_tag
from jinglecodec.xml.types import Lexical

__all__ = ["checker"]

Checker = Callable[[Any], None]


@per_class
def checker(cls: type[Element]) -> Checker:
    """Return the function that refuses a constructed value which the declaration does not take."""
    source = Source(
        refuse=_refuse,
        refuse_children=_refuse_children,
        refuse_declared=_refuse_declared,
        Extra=Extra,
        none=(),
        cls=cls,
    )
    for field in plan_of(cls).fields:
        if field.kind.is_many:
            of = source.name(f"cls_{field.name}", field.spec.cls)
            source.add(f"if o.{field.name} is not none: refuse_children(cls, {field.name!r}, o.{field.name}, {of})")
            continue
        source.add(f"v = o.{field.name}")
        optional = "v is not None and " if field.default is None else ""
        source.add(f"if {optional}not ({_test(source, field)}): refuse(cls, {field.name!r}, v)")
    source.add("if type(o.extra) is not Extra: refuse(cls, 'extra', o.extra)")
    source.add("if o.extra.attributes: refuse_declared(cls, o.extra)")
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
        if field.lexical.is_enum:
            return f"type(v) is {source.name(f'cls_{field.name}', _enumeration(field.lexical))}"
        test = f"{source.name(f'accepts_{field.name}', field.lexical.accepts)}(v)"
        test = f"(v in {field.lexical.common!r} or {test})" if field.lexical.common else test
        return f"{test} and {_case_test(source, field)}" if field.kind is Kind.CASE_TEXT else test
    if field.kind is Kind.FLAG:
        return "type(v) is bool"
    if field.kind is Kind.CHILD:
        return f"type(v) is {source.name(f'cls_{field.name}', field.spec.cls)}"
    if field.kind is Kind.CASE:
        return f"type(v) is {source.name(f'cls_{field.name}', field.spec.choices)}"
    if field.kind is Kind.NAMESPACE:
        return "v in " + source.name("spaces", tuple(split_tag(tag)[0] for tag in source.names["cls"].__tags__))
    return f"isinstance(v, {source.name(f'cls_{field.name}', (field.spec.cls, Raw))})"


def _enumeration(lexical: Lexical[Any]) -> type:
    """Return the class whose members are the values of a closed set."""
    assert lexical.members is not None
    return type(next(iter(lexical.members.values())))


def _case_test(source: Source, field: Field) -> str:
    """Return the expression that the CASE field has a member whose element carries text."""
    case = plan_of(source.names["cls"]).of(Kind.CASE)[0]
    return f"o.{case.name} in {source.name('within', field.spec.within)}"


def _refuse_children(cls: type[Element], name: str, value: object, of: type[Element]) -> None:
    """Refuse what is no tuple of children of class `of`, or of the family `of` and `Raw`."""
    if type(value) is not tuple:
        _refuse(cls, name, value)
        return
    for child in value:
        if type(child) is not of and (of.__tags__ or not isinstance(child, (of, Raw))):
            _refuse(cls, name, child)


def _refuse_declared(cls: type[Element], extra: Extra) -> None:
    """Refuse attributes in `extra` that a field takes: they would stand twice, or become the field's value."""
    known = {field.wire for field in plan_of(cls).of(Kind.ATTRIBUTE)}
    for name, _ in extra.attributes:
        if name in known:
            raise EncodeError(f"{cls.__name__}.extra: the attribute {name!r} has a field of its own")


def _refuse(cls: type[Element], name: str, value: object) -> None:
    wanted = {field.name: _wanted(field, value) for field in plan_of(cls).fields}.get(name, "Extra")
    raise EncodeError(f"{cls.__name__}.{name}: {cut(repr(value), 80)} is not {wanted}")


def _wanted(field: Field, value: object) -> str:
    """Return the end of the sentence `... is not`."""
    if field.kind is Kind.CASE_TEXT:
        return f"{field.lexical.name}, beside a value that carries it"
    if field.spec.lexical is not None and field.lexical.is_enum:
        return f"a member of {_enumeration(field.lexical).__name__}"
    if field.spec.lexical is not None:
        return field.lexical.name
    if field.kind.is_many and isinstance(value, list):
        return f"a tuple of {field.cls.__name__}"
    if field.spec.cls is not None:
        return field.cls.__name__ + (" or Raw" if field.kind in (Kind.MEMBER, Kind.MEMBERS) else "")
    if field.spec.choices is not None:
        return field.spec.choices.__name__
    return "True or False" if field.kind is Kind.FLAG else "one of the namespaces that are read"

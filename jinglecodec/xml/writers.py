"""A writer generated per class: value to markup, without a tree."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

from jinglecodec.errors import EncodeError
from jinglecodec.namespaces import XML
from jinglecodec.records import per_class
from jinglecodec.xml import markup
from jinglecodec.xml.fields import Element, Kind
from jinglecodec.xml.plan import Field, Plan, plan_of
from jinglecodec.xml.source import Source, default_of, literal
from jinglecodec.xml.tree import EMPTY, Extra, Raw, split_tag

__all__ = ["write_any", "writer"]

Writer = Callable[[Any, str | None], str]
"Value and default namespace in scope (None: of the root, so that nothing is known) to markup."


@per_class
def writer(cls: type[Element]) -> Writer:
    """Return the function that writes a value of `cls`."""
    plan = plan_of(cls)
    source = Source(special=markup.special, escape=markup.escape, EMPTY=EMPTY, cls=cls, write_any=write_any)
    own = _write_namespace(source, plan)
    fields = plan.of(Kind.ATTRIBUTE)
    pieces = _write_attributes(source, tuple(field for field in fields if not field.spec.unspecified))
    pieces += _write_unspecified(source, cls, tuple(field for field in fields if field.spec.unspecified))
    _write_element(source, plan, "".join(pieces), "".join(_write_content(source, plan, own)), own)
    made: Writer = source.compile(cls, "write", "o, ns")
    return made


def _write_element(source: Source, plan: Plan, attributes: str, body: str, own: str) -> None:
    """Write what puts the pieces together; `extra`, which few values have, is asked for once."""
    source.names["extra_parts"] = extra_parts
    head = f"<{literal(plan.local)}{{x}}{attributes}"
    tail = f"</{literal(plan.local)}>"
    if body:
        source.add(f"b = f'{body}'")
    source.add("if o.extra is EMPTY:")
    if body:
        source.add(f"if b: return f'{head}>{{b}}{tail}'", indent=2)
    source.add(f"return f'{head}/>'", indent=2)
    source.add(f"xa, xk = extra_parts(o.extra, {own})")
    if body:
        source.add("xk = b + xk")
    source.add(f"return f'{head}{{xa}}>{{xk}}{tail}' if xk else f'{head}{{xa}}/>'")


def _write_namespace(source: Source, plan: Plan) -> str:
    """Write the namespace declaration into `x`; return the expression of the element's own namespace."""
    chosen = plan.of(Kind.NAMESPACE)
    if len(plan.namespaces) == 1:
        own = repr(plan.namespaces[0])
        scope = "ns" if plan.namespaces[0] else "(ns or '')"
        source.add(f"x = '' if {scope} == {own} else {markup.declaration(plan.namespaces[0])!r}")
        return own
    if chosen:
        source.add(f"own = o.{chosen[0].name}")
    else:
        source.add(f"own = ns if ns in {plan.namespaces!r} else {plan.namespaces[0]!r}")
    source.names["declaration"] = markup.declaration
    source.add("x = '' if (ns or '') == own else declaration(own)")
    return "own"


def _write_unspecified(source: Source, cls: type[Element], fields: tuple[Field, ...]) -> list[str]:
    """Write a call that is made only where an attribute has a value that no specification has."""
    if not fields:
        return []
    apart = Source(special=markup.special, escape=markup.escape, cls=cls)
    apart.add(f"return f'{''.join(_write_attributes(apart, fields))}'")
    write = source.name("write_unspecified", apart.compile(cls, "write_unspecified", "o"))
    absent = " and ".join(_is_default(source, field, f"o.{field.name}") for field in fields)
    source.add(f"u = '' if {absent} else {write}(o)")
    return ["{u}"]


def _write_attributes(source: Source, fields: tuple[Field, ...]) -> list[str]:
    """Write statements that leave each attribute's markup ready; return the pieces of the f-string."""
    free = [field for field in fields if not field.lexical.plain]
    for field in fields:
        source.add(f"a_{field.name} = o.{field.name}")
    for field in free:
        if field.lexical.write is not str:
            write = source.name(f"write_{field.name}", field.lexical.write)
            guard = f" if a_{field.name} is not None else None" if field.default is None else ""
            source.add(f"a_{field.name} = {write}(a_{field.name}){guard}")
    if free:
        joined = "".join(f"{{a_{field.name}}}" for field in free)
        source.add(f"if special(f'{joined}'):")
        for field in free:
            source.add(f"a_{field.name} = escape(a_{field.name}, cls, {field.name!r})", indent=2)
    return [_write_attribute(source, field) for field in fields]


def _attribute_name(field: Field) -> str:
    """Return the attribute's name, behind the declaration of its prefix where its namespace needs one."""
    space, local = split_tag(field.wire)
    if not space:
        return local
    if space == XML:
        return f"xml:{local}"
    return f"{markup.declaration(space, ':' + field.name)[1:]} {field.name}:{local}"


def _write_attribute(source: Source, field: Field) -> str:
    piece = f' {literal(_attribute_name(field))}="{{{_plain(source, field)}}}"'
    if field.required or field.spec.always:
        return piece
    converted = not field.lexical.plain and field.default is not None
    value = f"o.{field.name}" if converted else f"a_{field.name}"  # None stays None
    source.add(f"p_{field.name} = '' if {_is_default(source, field, value)} else f'{piece}'")
    return f"{{p_{field.name}}}"


def _is_default(source: Source, field: Field, value: str) -> str:
    """Return the expression that `value` is the default of the field."""
    same = "is" if field.default is None or isinstance(field.default, enum.Enum | bool) else "=="
    return f"{value} {same} {default_of(source, field)}"


def _plain(source: Source, field: Field) -> str:
    """Return the expression of an attribute's text, escaped already or in no need of it."""
    variable = f"a_{field.name}"
    lexical = field.lexical
    if not lexical.plain or lexical.bounds is not None:
        return variable
    if lexical.is_enum:
        return f"{variable}._value_"
    return f"{source.name(f'write_{field.name}', lexical.write)}({variable})"


def _write_content(source: Source, plan: Plan, own: str) -> list[str]:
    pieces = []
    for field in sorted(plan.fields, key=lambda field: field.kind is not Kind.TEXT):  # text is what stands first
        statement = _CONTENT.get(field.kind)
        if statement is not None:
            source.add(*statement(source, plan, field, own))
            pieces.append(f"{{k_{field.name}}}")
    return pieces


def _content_text(source: Source, plan: Plan, field: Field, own: str) -> list[str]:
    source.names["escape_text"] = markup.escape_text
    write = source.name(f"write_{field.name}", field.lexical.write)
    text = f"escape_text({write}(o.{field.name}), cls, {field.name!r})"
    if field.default is None:
        text = f"'' if o.{field.name} is None else {text}"
    return [f"k_{field.name} = {text}"]


def _content_child(source: Source, plan: Plan, field: Field, own: str) -> list[str]:
    write = _child_writer(source, field)
    absent = "" if field.required else f"'' if o.{field.name} is None else "
    return [f"k_{field.name} = {absent}{write}(o.{field.name}, {own})"]


def _child_writer(source: Source, field: Field) -> str:
    """Return the name of the child's writer, which is made when the first such child is written."""
    cls, names, stem = field.cls, source.names, f"write_{field.name}"

    def first(value: Any, scope: str | None) -> str:
        names[stem] = writer(cls)
        text: str = names[stem](value, scope)
        return text

    return source.name(stem, first)


def _content_children(source: Source, plan: Plan, field: Field, own: str) -> list[str]:
    write = _child_writer(source, field)
    return [
        f"v = o.{field.name}",
        f"k_{field.name} = ''.join([{write}(k, {own}) for k in v]) if v else ''",
    ]


def _content_member(source: Source, plan: Plan, field: Field, own: str) -> list[str]:
    absent = "" if field.required else f"'' if o.{field.name} is None else "
    return [f"k_{field.name} = {absent}write_any(o.{field.name}, {own})"]


def _content_members(source: Source, plan: Plan, field: Field, own: str) -> list[str]:
    return [f"k_{field.name} = ''.join([write_any(k, {own}) for k in o.{field.name}])"]


def _opening(plan: Plan, clark: str) -> tuple[str, str]:
    """Return opening tag (without its end) and local name of a FLAG, TEXT_CHILD or CASE child."""
    space, local = split_tag(clark)
    return f"<{local}" + ("" if space in plan.namespaces else markup.declaration(space)), local


def _content_flag(source: Source, plan: Plan, field: Field, own: str) -> list[str]:
    opening, _ = _opening(plan, field.wire)
    return [f"k_{field.name} = {opening + '/>'!r} if o.{field.name} else ''"]


def _content_text_child(source: Source, plan: Plan, field: Field, own: str) -> list[str]:
    opening, local = _opening(plan, field.wire)
    source.names["escape_text"] = markup.escape_text
    write = source.name(f"write_{field.name}", field.lexical.write)
    text = f"{opening + '>'!r} + escape_text({write}(o.{field.name}), cls, {field.name!r}) + '</{literal(local)}>'"
    if field.required:
        return [f"k_{field.name} = {text}"]
    default = default_of(source, field)
    return [f"k_{field.name} = '' if o.{field.name} == {default} else {text}"]


def _content_case(source: Source, plan: Plan, field: Field, own: str) -> list[str]:
    detail = plan.of(Kind.CASE_TEXT)
    table = source.name(
        f"openings_{field.name}",
        {choice: _opening(plan, clark) for clark, choice in plan.cases(field).items()},
    )
    absent = "" if field.required else f"'' if o.{field.name} is None else "
    source.names["write_case"] = write_case
    text, within = "None", "None"
    if detail:
        name = detail[0].name
        source.names["escape_text"] = markup.escape_text
        text = f"None if o.{name} is None else escape_text(o.{name}, cls, {name!r})"
        within = source.name("within", dict(detail[0].spec.within or {})) + f".get(o.{field.name})"
    return [f"k_{field.name} = {absent}write_case({table}[o.{field.name}], {text}, {within})"]


_CONTENT: dict[Kind, Callable[[Source, Plan, Field, str], list[str]]] = {
    Kind.TEXT: _content_text,
    Kind.CHILD: _content_child,
    Kind.CHILDREN: _content_children,
    Kind.MEMBER: _content_member,
    Kind.MEMBERS: _content_members,
    Kind.FLAG: _content_flag,
    Kind.TEXT_CHILD: _content_text_child,
    Kind.CASE: _content_case,
}


def write_case(opening: tuple[str, str], text: str | None, within: str | None) -> str:
    """Return the markup of a CASE child, with the (escaped) text it carries."""
    head, local = opening
    if text is None:
        return head + "/>"
    inner = f"<{within}>{text}</{within}>" if within else text
    return f"{head}>{inner}</{local}>"


def write_any(value: object, scope: str | None) -> str:
    """Return the markup of a typed element or a Raw node; raises EncodeError for anything else."""
    if isinstance(value, Raw):
        return markup.raw(value, scope)
    if isinstance(value, Element):
        return writer(type(value))(value, scope)
    raise EncodeError(f"{type(value).__name__} is neither an element nor Raw")


def extra_parts(extra: Extra, scope: str) -> tuple[str, str]:
    """Return the markup of unknown attributes, and of unknown children and text, in this order.

    Text in front of the first child would become the value of an element that has text of its own.
    """
    children = "".join([write_any(node, scope) for node in extra.children])
    return markup.attributes(extra.attributes), children + markup.escape_text(extra.text, Extra, "text")

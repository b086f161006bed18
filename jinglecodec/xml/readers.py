"""The fast half of the engine: a reader generated per class, which knows the clean way only.

Whatever is missing, sloppy or unknown to it raises `Unusual`; then the other half (`collect`) reads the element
and explains.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jinglecodec.records import per_class
from jinglecodec.xml.fields import Element, Kind
from jinglecodec.xml.plan import Field, Plan, plan_of
from jinglecodec.xml.source import Source, default_of
from jinglecodec.xml.tree import EMPTY, Extra, split_tag
from jinglecodec.xml.types import XML_SPACE

if TYPE_CHECKING:
    from jinglecodec.xml.codec import Codec

__all__ = ["Reader", "Unusual", "read_clean", "reader"]

Reader = Callable[[Any, "Codec"], Element]
"Reads the clean form of one class from a tree; raises Unusual for any other."


class Unusual(ValueError):  # noqa: N818 - not an error: it sends the reader the other way
    """The clean way does not apply; never leaves the engine."""


@per_class
def reader(cls: type[Element], *, exact: bool = False) -> Reader:
    """Return the function that reads a clean element of `cls`; raises ValueError or KeyError where it is not clean.

    An `exact` reader also refuses what would be a finding though the value is plain: identifiers kept as they
    came, and optional fields that are expected.
    """
    plan = plan_of(cls)
    source = Source(Unusual=Unusual, EMPTY=EMPTY, Extra=Extra, cls=cls, Twin=_twin(cls), WS=XML_SPACE)
    source.exact = exact
    source.names["new"] = object.__new__
    source.add(f"if e.tag in {cls.__aliases__!r}: raise Unusual" if cls.__aliases__ else "", "o = new(Twin)")
    _read_attributes(source, plan)
    _read_content(source, plan)
    source.add("o.__class__ = cls", "return o")
    made: Reader = source.compile(cls, "read", "e, codec")
    return made


def read_clean(cls: type[Element], node: Any, codec: Codec, *, exact: bool) -> Element | None:
    """Return the value of a clean element, or None where the other half of the engine has to explain."""
    try:
        return reader(cls, exact=exact)(node, codec)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _twin(cls: type[Element]) -> type:
    """Return a mutable class of the same layout.

    Filling it with plain stores and then setting `__class__` gives a real frozen object in a quarter of the time
    that attrs' `__init__` takes. Only behind readers, which have converted and so validated every value.
    """
    # Both methods, or CPython keeps the slow slot that looks up Python's own.
    plain = {"__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    return type(cls.__name__, cls.__bases__, {"__slots__": cls.__dict__["__slots__"], **plain})


def _read_attributes(source: Source, plan: Plan) -> None:
    """Ask for each known attribute and count those present; only where there are more is the rest looked at.

    Faster than going through `items()`, even for the dozen of a candidate.
    """
    fields = plan.of(Kind.ATTRIBUTE)
    source.names["KNOWN"] = frozenset(field.wire for field in fields)
    taken = plan.of(Kind.ATTRIBUTE, Kind.TEXT)
    source.names["ALIASES"] = frozenset(alias for field in taken for alias in field.spec.aliases)
    source.names["unknown"] = unknown_attributes
    source.add("get = e.get", f"n = {sum(field.required for field in fields)}")
    for field in fields:
        if field.spec.unspecified:
            continue
        source.add(f"v = get({field.wire!r})")
        convert = _converted(source, field)
        if field.required:
            source.add("if v is None: raise Unusual", *convert)
        else:
            absent = "" if field.default is None else f"v = {default_of(source, field)}"
            absent = "raise Unusual" if source.exact and field.spec.expected else absent
            source.add("if v is not None:", "    n += 1", *("    " + line for line in convert))
            source.add(f"else: {absent}" if absent else "")
        source.add(f"o.{field.name} = v")
    _read_unspecified(source, tuple(field for field in fields if field.spec.unspecified))
    source.add("d = () if len(e.attrib) == n else unknown(e, KNOWN, ALIASES)")


def _read_unspecified(source: Source, fields: tuple[Field, ...]) -> None:
    """Ask for what no specification has only where there are more attributes than it has."""
    for field in fields:
        source.add(f"o.{field.name} = {default_of(source, field)}")
    source.add("if len(e.attrib) != n:" if fields else "")
    for field in fields:
        source.add(f"v = get({field.wire!r})", "if v is not None:", indent=2)
        read = ("n += 1", *_converted(source, field), f"o.{field.name} = v")
        source.add(*(("raise Unusual",) if source.exact else read), indent=3)


def unknown_attributes(node: Any, known: frozenset[str], aliases: frozenset[str]) -> list[tuple[str, str]]:
    """Return the attributes that no field takes; one that a sloppy peer uses for a known one is Unusual."""
    rest = [(name, text) for name, text in node.items() if name not in known]
    if any(name in aliases for name, _ in rest):
        raise Unusual
    return rest


def _converted(source: Source, field: Field) -> list[str]:
    """Return the lines that turn the text in `v` into the value."""
    lexical = field.lexical
    if lexical.anything or (lexical.verbatim and not source.exact):
        return []
    if lexical.members is not None:
        return [f"v = {source.name(f'table_{field.name}', dict(lexical.members))}[v]"]
    bounds = lexical.usual or lexical.bounds
    if bounds is not None:
        low = f" or v < {bounds[0]}" if bounds[0] else ""
        return [f"if not (v.isascii() and v.isdigit()) or (v := int(v)) > {bounds[1]}{low}: raise Unusual"]
    parse = source.name(f"parse_{field.name}", lexical.parse)
    if lexical.common:
        return [f"if v not in {lexical.common!r}: v = {parse}(v)"]
    return [f"v = {parse}(v)"]


def _read_content(source: Source, plan: Plan) -> None:
    """Read text and children; what no field takes goes to `extra`."""
    for field in plan.of(Kind.NAMESPACE):
        source.names["split_tag"] = split_tag
        source.add(f"o.{field.name} = split_tag(e.tag)[0]")
    text = plan.of(Kind.TEXT)
    if text:
        source.add("v = e.text or ''", *_read_text(source, text[0]))
    else:
        source.add("v = e.text", "if v and v.strip(WS): raise Unusual")
    _read_children(source, plan)


def _read_text(source: Source, field: Field) -> list[str]:
    convert = _converted(source, field)
    if field.required:
        return [*convert, f"o.{field.name} = v"]
    lines = [f"if not v: v = {default_of(source, field)}"]
    if convert:
        lines += ["else:", *("    " + line for line in convert)]
    return [*lines, f"o.{field.name} = v"]


def _read_children(source: Source, plan: Plan) -> None:
    fields = tuple(field for field in plan.fields if field.kind not in _NO_CHILDREN)
    source.add("if len(e):")
    source.add(
        "x = None", *(f"c_{field.name} = {'[]' if field.kind.is_many else 'None'}" for field in fields), indent=2
    )
    source.add("for kid in e:", indent=2)
    source.add("tag = kid.tag", indent=3)
    keyword = "if"
    for field in sorted(fields, key=lambda field: field.kind is not Kind.CHILDREN):
        branch = _BRANCHES.get(field.kind)
        if branch is not None:
            test, body = branch(source, plan, field)
            if source.exact and field.spec.unspecified:
                body = ["raise Unusual"]
            source.add(f"{keyword} {test}:", *("    " + line for line in body), indent=3)
            keyword = "elif"
    sloppy = frozenset(plan.sloppy).union(plan.cls.__misplaced__ if source.exact else ())
    if sloppy:
        source.add(f"{keyword} tag in {source.name('sloppy', sloppy)}: raise Unusual", indent=3)
        keyword = "elif"
    _read_others(source, plan, keyword, 3)
    source.add("v = kid.tail", "if v and v.strip(WS): raise Unusual", indent=3)
    for field in fields:
        source.add(*_stored(source, field), indent=2)
    source.add("o.extra = EMPTY if x is None and not d else Extra(d, x or ())", indent=2)
    source.add("else:")
    for field in fields:
        store = f"o.{field.name} = {default_of(source, field)}"
        source.add("raise Unusual" if _is_awaited(source, field) else store, indent=2)
    source.add("o.extra = Extra(d) if d else EMPTY", indent=2)


def _read_others(source: Source, plan: Plan, keyword: str, indent: int) -> None:
    """Read children that only the codec can place: open families first, then `extra`."""
    families = plan.families
    if keyword == "elif":
        source.add("else:", indent=indent)
        indent += 1
    source.add(f"where, k = codec.place(cls, tag, kid, {source.exact})", indent=indent)
    keyword = "if"
    for place, field in enumerate(families):
        source.add(f"{keyword} where == {place}:", indent=indent)
        if field.kind is Kind.MEMBERS:
            source.add(f"c_{field.name}.append(k)", indent=indent + 1)
        else:
            source.add(f"if c_{field.name} is not None: raise Unusual", f"c_{field.name} = k", indent=indent + 1)
        keyword = "elif"
    if families:
        source.add("else:", indent=indent)
        indent += 1
    source.add("if x is None: x = []", "x.append(k)", indent=indent)


def _stored(source: Source, field: Field) -> list[str]:
    """Return the lines that store what the loop over the children gathered."""
    local = f"c_{field.name}"
    if field.kind.is_many:
        return [f"o.{field.name} = tuple({local})"]
    if _is_awaited(source, field):
        return [f"if {local} is None: raise Unusual", f"o.{field.name} = {local}"]
    if field.default is None:
        return [f"o.{field.name} = {local}"]
    return [f"o.{field.name} = {default_of(source, field)} if {local} is None else {local}"]


def _is_awaited(source: Source, field: Field) -> bool:
    """Tell whether the clean way is left where there is no such child."""
    return field.required or (source.exact and field.spec.expected != "")


def _tag_test(tags: tuple[str, ...]) -> str:
    return f"tag == {tags[0]!r}" if len(tags) == 1 else f"tag in {tags!r}"


def _branch_children(source: Source, plan: Plan, field: Field) -> tuple[str, list[str]]:
    read = _child_reader(source, plan, field)
    return _tag_test(field.tags), [f"c_{field.name}.append({read}(kid, codec))"]


def _branch_child(source: Source, plan: Plan, field: Field) -> tuple[str, list[str]]:
    read = _child_reader(source, plan, field)
    return _tag_test(field.tags), [
        f"if c_{field.name} is not None: raise Unusual",
        f"c_{field.name} = {read}(kid, codec)",
    ]


def _child_reader(source: Source, plan: Plan, field: Field) -> str:
    """Return the name of the child's reader, which is made when the first such child is met."""
    cls, exact, names, stem = field.cls, source.exact, source.names, f"read_{field.name}"

    def first(node: Any, codec: Codec) -> Element:
        names[stem] = reader(cls, exact=exact)
        value: Element = names[stem](node, codec)
        return value

    return source.name(stem, first)


def _branch_flag(source: Source, plan: Plan, field: Field) -> tuple[str, list[str]]:
    source.names["only_text"] = only_text
    return _tag_test(field.tags), [
        f"if c_{field.name} or only_text(kid).strip(WS): raise Unusual",
        f"c_{field.name} = True",
    ]


def _branch_text_child(source: Source, plan: Plan, field: Field) -> tuple[str, list[str]]:
    source.names["only_text"] = only_text
    return _tag_test(field.tags), [
        f"if c_{field.name} is not None: raise Unusual",
        "v = only_text(kid)",
        *_converted(source, field),
        f"c_{field.name} = v",
    ]


def _branch_case(source: Source, plan: Plan, field: Field) -> tuple[str, list[str]]:
    cases = source.name(f"cases_{field.name}", plan.cases(field))
    lines = [f"if c_{field.name} is not None: raise Unusual", f"c_{field.name} = {cases}[tag]"]
    detail = plan.of(Kind.CASE_TEXT)
    if detail:
        source.names["case_detail"] = case_detail
        within = source.name("within", dict(detail[0].spec.within or {}))
        lines.append(f"c_{detail[0].name} = case_detail(kid, {within}.get(c_{field.name}))")
    else:
        source.names["only_text"] = only_text
        lines.append("if only_text(kid).strip(WS): raise Unusual")
    return f"tag in {cases}", lines


_NO_CHILDREN = (Kind.ATTRIBUTE, Kind.TEXT, Kind.NAMESPACE)
_BRANCHES: dict[Kind, Callable[[Source, Plan, Field], tuple[str, list[str]]]] = {
    Kind.CHILDREN: _branch_children,
    Kind.CHILD: _branch_child,
    Kind.FLAG: _branch_flag,
    Kind.TEXT_CHILD: _branch_text_child,
    Kind.CASE: _branch_case,
}


def only_text(node: Any) -> str:
    """Return the text of a node that has neither attributes nor children; raises Unusual otherwise."""
    for _ in node:
        raise Unusual
    if node.items():
        raise Unusual
    return node.text or ""


def case_detail(node: Any, within: str | None) -> str | None:
    """Return the text that a CASE child carries: bare (`within` empty) or in the nested element named.

    White space around it is of no account (pretty-printed in XEP-0166 6.3.2), and empty text is none.
    """
    if not within:
        text = only_text(node).strip(XML_SPACE)
        if text and within is None:
            raise Unusual
        return text or None
    found = None
    for kid in node:
        if found is not None or split_tag(kid.tag)[1] != within or (kid.tail or "").strip(XML_SPACE):
            raise Unusual
        found = only_text(kid)
    if node.items() or (node.text or "").strip(XML_SPACE):
        raise Unusual
    return (found or "").strip(XML_SPACE) or None

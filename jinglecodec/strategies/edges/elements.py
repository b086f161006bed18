"""Every element with every field, and all that differs from it in one of them, derived from the declarations."""

from __future__ import annotations

import copy
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from jinglecodec.errors import DecodeError
from jinglecodec.model.ice_udp import IceUdpTransport
from jinglecodec.model.jingle import Content, Description, Jingle, Transport
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.strategies.naming import element_classes
from jinglecodec.xml.codec import Codec
from jinglecodec.xml.fields import Element, Kind
from jinglecodec.xml.plan import Field, Plan, plan_of
from jinglecodec.xml.types import Lexical

__all__ = ["SAMPLES", "near_requests", "near_stanzas", "proper"]

SAMPLES = (
    *("1", "x", "true", "udp", "sha-1", "main", "AA:BB", "1.10", "QUJD", "2030-01-02T03:04:05Z"),
    '{"messageType":"OFFER","sdp":"v=0","seq":1,"tieBreaker":2}',
)
"A proper text for each type that has neither bounds nor members."
_WORDS = (
    "",
    " ",
    "x",
    "0",
    "-1",
    "1_0",
    " 1 ",
    "+1",
    "0" * 30 + "1",
    "9" * 30,
    "\u0661",
    "x y",
    "\u00e9\u2028",
    "aa:b",
    "QQ=",
)
_FOREIGN = "{urn:example:unknown}x"


def near_stanzas() -> Iterator[bytes]:
    """Give each class as an element with all its fields, bare, and with one field otherwise than it should be."""
    for cls in element_classes().values():
        yield from map(ET.tostring, _near(cls))


def near_requests() -> Iterator[Jingle]:
    """Give requests of one content, in whose description or transport one field is otherwise, at any depth."""
    codec = Codec.default()
    for application in codec.members(Description):
        for node in _deep(application):
            yield from _request(node, _full(plan_of(IceUdpTransport)))
    for transport in codec.members(Transport):
        for node in _deep(transport):
            yield from _request(_full(plan_of(RtpDescription)), node)


def _request(description: ET.Element, transport: ET.Element) -> Iterator[Jingle]:
    """Give the request, unless a child of its root has a problem beyond repair."""
    jingle = _with(_least(Jingle), _with(_least(Content), description, transport))
    with suppress(DecodeError):
        yield Codec.default().loads(ET.tostring(jingle), expect=Jingle)


def _deep(cls: type[Element]) -> Iterator[ET.Element]:
    """Give what is near to an element, and the element with what is near to its children."""
    plan = plan_of(cls)
    yield from _near(cls)
    for field in plan.of(Kind.CHILD, Kind.CHILDREN):
        for child in _deep(field.cls):
            yield _with(_full(plan, without=field), child)


def _near(cls: type[Element]) -> Iterator[ET.Element]:
    plan = plan_of(cls)
    for tag in (*cls.__tags__, *cls.__aliases__):
        yield ET.Element(tag)
        yield _full(plan, tag)
    for field in plan.fields:
        for vary in _VARIATIONS[field.kind]:
            yield from vary(plan, field)
    for tag in (*plan.sloppy, *cls.__misplaced__, _FOREIGN):
        yield _with(_full(plan), _simple(tag))
        yield _with(_full(plan), _simple(tag), _simple(tag, "x"))
    yield from _around(plan)


# --- whole elements --------------------------------------------------------------------------------------------------


def _least(cls: type[Element], tag: str = "") -> ET.Element:
    """Return an element with what it must have."""
    return _made(plan_of(cls), tag or cls.__tags__[0], [field for field in plan_of(cls).fields if field.required])


def _full(plan: Plan, tag: str = "", without: Field | None = None) -> ET.Element:
    """Return an element with each field once, `without` one of them."""
    return _made(plan, tag or plan.cls.__tags__[0], [field for field in plan.fields if field is not without])


def _made(plan: Plan, tag: str, fields: list[Field]) -> ET.Element:
    made = ET.Element(tag)
    for field in fields:
        if field.kind is Kind.ATTRIBUTE:
            made.set(field.wire, proper(field.lexical))
        elif field.kind is Kind.TEXT:
            made.text = proper(field.lexical)
        else:
            made.extend(_children(plan, field))
    return made


def _children(plan: Plan, field: Field) -> list[ET.Element]:
    """Return the child that a field has; none for one that is not a child."""
    match field.kind:
        case Kind.CHILD | Kind.CHILDREN:
            return [_least(field.cls)]
        case Kind.FLAG:
            return [_simple(field.wire)]
        case Kind.TEXT_CHILD:
            return [_simple(field.wire, proper(field.lexical))]
        case Kind.CASE:
            return [_simple(next(iter(plan.cases(field))))]
        case Kind.MEMBER | Kind.MEMBERS:
            return [_least(cls) for cls in _members(plan, field)[:1]]
    return []


def _members(plan: Plan, field: Field) -> list[type[Element]]:
    """Return the known classes of an open family that stand in this place."""
    codec, place = Codec.default(), plan.families.index(field)
    return [cls for cls in codec.members(field.cls) if codec.route(plan.cls, cls.__tags__[0])[0] == place]


def proper(lexical: Lexical[Any]) -> str:
    """Return a text of a type that no reader calls sloppy; raises TypeError where there is none among `SAMPLES`."""
    if lexical.members is not None:
        return next(iter(lexical.members))
    if lexical.bounds is not None:
        return str((lexical.usual or lexical.bounds)[0])
    for text in SAMPLES:
        try:
            lexical.parse(text)
        except ValueError:
            continue
        return text
    raise TypeError(f"no sample is {lexical.name}")


def _simple(tag: str, text: str | None = None) -> ET.Element:
    made = ET.Element(tag)
    made.text = text
    return made


def _with(parent: ET.Element, *children: ET.Element) -> ET.Element:
    parent.extend(children)
    return parent


# --- one field otherwise ---------------------------------------------------------------------------------------------

_Vary = Callable[[Plan, Field], Iterator[ET.Element]]


def _texts(lexical: Lexical[Any]) -> Iterator[str]:
    """Give texts on both sides of each edge of a type."""
    yield from _WORDS[:3] if lexical.anything else _WORDS
    for bounds in (lexical.bounds, lexical.usual):
        yield from () if bounds is None else (str(bounds[end] + step) for end in (0, 1) for step in (-1, 0, 1))
    words = tuple(lexical.members or ())[:30] if lexical.bounds is None else ()
    for word in (*words, *lexical.common, *(() if lexical.anything else (proper(lexical),))):
        yield from (word, word.upper(), word.swapcase(), f"\n{word} ", word * 2)


def _absent(plan: Plan, field: Field) -> Iterator[ET.Element]:
    yield _full(plan, without=field)


def _attribute(plan: Plan, field: Field) -> Iterator[ET.Element]:
    """Give the attribute with other values, under its other names, and in a child in place of it."""
    for text in dict.fromkeys(_texts(field.lexical)):
        made = _full(plan)
        made.set(field.wire, text)
        yield made
    for name in (*field.spec.aliases, f"{{urn:example:unknown}}{field.wire}", field.wire.upper()):
        made = _full(plan, without=field)
        made.set(name, proper(field.lexical))
        yield made


def _nested(plan: Plan, field: Field) -> Iterator[ET.Element]:
    """Give children that sloppy peers write for an attribute or the text, with good and bad values."""
    for local in field.spec.nested:
        for tag in plan.clarks(field.spec, local):
            for text in (proper(field.lexical), "", "x", "-1"):
                yield _with(_full(plan, without=field), _simple(tag, text))
                yield _with(_full(plan), _simple(tag, text))


def _text(plan: Plan, field: Field) -> Iterator[ET.Element]:
    """Give other texts, in attributes, and with comments in between."""
    for text in dict.fromkeys(_texts(field.lexical)):
        made = _full(plan)
        made.text = text
        yield made
    for name in field.spec.aliases:
        made = _full(plan, without=field)
        made.set(name, proper(field.lexical))
        yield made
    made = _with(_full(plan), *_nameless())
    made[-1].tail = "y"
    yield made


def _child(plan: Plan, field: Field) -> Iterator[ET.Element]:
    """Give the child twice, with what does not belong in it, and without what does."""
    for child in _children(plan, field):
        yield _with(_full(plan), copy.deepcopy(child))
        for other in (*_odd(child), *_aliased(field, child)):
            yield _with(_full(plan, without=field), other)
            yield _with(_full(plan), other)


def _odd(child: ET.Element) -> Iterator[ET.Element]:
    """Give an element with attributes, text or children more, and with nothing at all."""
    yield ET.Element(child.tag)
    for text in ("", " ", "x", "-1"):
        changed = copy.deepcopy(child)
        changed.text = text
        yield changed
        inner = copy.deepcopy(child)
        yield _with(inner, _simple(f"{child.tag}", text), _simple(_FOREIGN, text))
    changed = copy.deepcopy(child)
    changed.set("other", "x")
    changed.tail = "stray"
    yield changed


def _aliased(field: Field, child: ET.Element) -> Iterator[ET.Element]:
    if field.kind in (Kind.CHILD, Kind.CHILDREN):
        for tag in (*field.cls.__tags__[1:], *field.cls.__aliases__):
            other = copy.deepcopy(child)
            other.tag = tag
            yield other


def _cases(plan: Plan, field: Field) -> Iterator[ET.Element]:
    """Give each of the closed set, with and without text, with elements in it, and two of them."""
    tags = (*plan.cases(field), *(tag for tag, (other, _) in plan.sloppy.items() if other is field))
    for tag in tags:
        for text in (None, "x", " "):
            yield _with(_full(plan, without=field), _simple(tag, text))
        yield _with(_full(plan), _simple(tag))
        for locals_ in ((), ("sid",), ("sid", "sid"), ("other",)):
            space = tag.rpartition("}")[0] + "}"
            inner = [_simple(f"{space}{local}" if space != "}" else local, "x") for local in locals_]
            outer = _with(_simple(tag), *inner)
            yield _with(_full(plan, without=field), outer)
            for stray in inner:
                stray.tail = "stray"
            yield _with(_full(plan, without=field), copy.deepcopy(outer))


def _member(plan: Plan, field: Field) -> Iterator[ET.Element]:
    """Give every known member of an open family, an unknown one, and two together."""
    family = field.cls.__family__
    unknown = _simple(_FOREIGN if family in (None, "*") else f"{{urn:example:unknown}}{family}", "x")
    yield _with(_full(plan, without=field), unknown)
    yield _with(_full(plan), unknown)
    yield _with(_full(plan, without=field), unknown, unknown)
    for cls in _members(plan, field):
        yield _with(_full(plan, without=field), _least(cls))
        yield _with(_full(plan, without=field), unknown, _least(cls))
        yield _with(_full(plan, without=field), _full(plan_of(cls)), _simple(cls.__tags__[0]))
        yield _with(_full(plan, without=field), _simple(cls.__tags__[0]))


def _around(plan: Plan) -> Iterator[ET.Element]:
    """Give what may go wrong with any element: text, comments, attributes and children that nobody knows."""
    for text in ("stray", " "):
        made = _full(plan)
        made.text = (made.text or "") + text
        yield made
        made = _with(_full(plan), _simple(_FOREIGN))
        made[-1].tail = text
        yield made
    for node in _nameless():
        yield _with(_full(plan), node)
    made = _full(plan)
    made.set("unknown", "x")
    yield made


def _nameless() -> tuple[Any, Any]:
    """Return what stands among the children and is no element."""
    return ET.ProcessingInstruction("x"), ET.Comment("c")


_VARIATIONS: dict[Kind, tuple[_Vary, ...]] = {
    Kind.ATTRIBUTE: (_absent, _attribute, _nested),
    Kind.TEXT: (_absent, _text, _nested),
    Kind.CHILD: (_absent, _child),
    Kind.CHILDREN: (_absent, _child),
    Kind.FLAG: (_absent, _child),
    Kind.TEXT_CHILD: (_absent, _child),
    Kind.CASE: (_absent, _cases),
    Kind.CASE_TEXT: (),
    Kind.MEMBER: (_absent, _member),
    Kind.MEMBERS: (_absent, _member),
    Kind.NAMESPACE: (),
}

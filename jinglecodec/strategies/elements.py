"""Values of element classes, derived from their declarations: whatever a class takes is drawn, nothing else.

What is drawn survives writing and reading as it is. So it leaves out what would come back in another place, such as
an unknown attribute with the name that a sloppy peer gives to a known one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

from hypothesis import strategies as st

from jinglecodec import namespaces as ns
from jinglecodec.model.webrtc import MESSAGE, WebrtcError, WebrtcMessage, WebrtcMessageType
from jinglecodec.records import per_class
from jinglecodec.xml.codec import Codec
from jinglecodec.xml.fields import Element, Kind
from jinglecodec.xml.plan import Field, Plan, plan_of
from jinglecodec.xml.tree import EMPTY, Extra, Raw
from jinglecodec.xml.types import BOOLEAN, NCNAME, NMTOKEN, XML_SPACE, Lexical

__all__ = ["from_class", "raw_elements", "xml_texts"]

C = TypeVar("C", bound=Element)
T = TypeVar("T")

_MANY = 3
"At most so many children of one kind: laws break with two or three, or not at all."

_FOREIGN = ("urn:example:unknown", "https://example.org/ns#1", "vendor:x")
_NAMES = ("a", "label", "reason-x", "x.1", "_", "xmlish", "\xe9t\xe9", "\u540d\u524d")
_TRICKY = (
    "<&>\"'",
    "]]>",
    " a ",
    "\t",
    "\n",
    "\r\n",
    "\x85\u2028",
    "e\u0301",
    "\U0001f4de",
    "&amp;&#10;",
    "{urn:x}y",
)
"What careless writers and parsers stumble over."


def xml_texts(*, min_size: int = 0) -> st.SearchStrategy[str]:
    """Return strings of the characters that XML can carry (XML 1.0 2.2)."""
    tricky = tuple(text for text in _TRICKY if len(text) >= min_size)
    return st.text(_characters(), min_size=min_size) | st.sampled_from(tricky)


def raw_elements(*, codec: Codec | None = None, depth: int = 3) -> st.SearchStrategy[Raw]:
    """Return elements that `codec` does not know, with attributes, mixed text and up to `depth` levels."""
    known = codec or Codec.default()
    return _raws(_clark_names(*_FOREIGN).filter(lambda tag: known.find(tag) is None), depth)


def from_class(cls: type[C], *, codec: Codec | None = None, unknown: bool = True) -> st.SearchStrategy[C]:
    """Return values of an element class.

    Open families are filled with the classes that `codec` knows, and with `Raw`. With `unknown`, elements also carry
    attributes, text and children that no field takes; without it, neither those nor any Raw.
    """
    return cast("st.SearchStrategy[C]", _values(cls, codec or Codec.default(), unknown))


@per_class
def _values(cls: type[Element], codec: Codec, unknown: bool) -> st.SearchStrategy[Element]:
    plan = plan_of(cls)
    maker = _Maker(plan, codec, unknown)
    fields = {field.name: _KINDS[field.kind](maker, field) for field in plan.fields if not field.spec.unspecified}
    required = {field.name: fields.pop(field.name) for field in plan.fields if field.required}
    optional = {**fields, "extra": maker.extra()} if unknown else fields

    @st.composite
    def drawn(draw: st.DrawFn) -> Element:
        values = {name: draw(strategy) for name, strategy in required.items()}
        chosen = draw(st.integers(0, 2 ** len(optional) - 1))  # one number, at half the cost of a choice for each
        for place, (name, strategy) in enumerate(optional.items()):
            if chosen >> place & 1:
                values[name] = draw(strategy)
        for field in plan.of(Kind.CASE_TEXT):  # only some members of the case carry text
            if values.get(plan.of(Kind.CASE)[0].name) not in (field.spec.within or ()):
                values.pop(field.name, None)
        return cls(**values)

    return drawn()


# --- text ---------------------------------------------------------------------------------------------------------


@cache
def _characters() -> st.SearchStrategy[str]:
    controls = "".join(chr(code) for code in range(32) if chr(code) not in XML_SPACE)
    return st.characters(exclude_categories=["Cs"], exclude_characters=controls + "\ufffe\uffff")


def _names() -> st.SearchStrategy[str]:
    """Return names; drawing them from the whole pattern, with its ranges of all planes, takes Hypothesis seconds."""
    return st.sampled_from(_NAMES) | st.from_regex("[A-Za-z_][-.0-9A-Za-z_]{0,8}", fullmatch=True)


def _mixed() -> st.SearchStrategy[str]:
    """Return the text beside unknown nodes: often none."""
    return st.sampled_from(("",) * len(_TRICKY) + _TRICKY)


def _clark_names(*namespaces: str) -> st.SearchStrategy[str]:
    tags = tuple(f"{{{space}}}{name}" if space else name for space in namespaces for name in _NAMES)
    return st.sampled_from(tags)


def _webrtc_messages() -> st.SearchStrategy[WebrtcMessage]:
    leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
    values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=4)
    compact = values.map(lambda value: json.dumps(value, separators=(",", ":")))
    unknown = st.sampled_from(("setSessionToken", "moreComing", "", "\xe9\u2028", '"'))
    return st.builds(
        WebrtcMessage,
        message_type=st.sampled_from(WebrtcMessageType),
        offerer_session_id=st.none() | st.text(),
        answerer_session_id=st.none() | st.text(),
        sdp=st.none() | st.text(),
        seq=st.none() | st.integers(0, 2**32 - 1),
        tie_breaker=st.none() | st.integers(0, 2**32 - 1),
        error_type=st.none() | st.sampled_from(WebrtcError),
        others=st.dictionaries(unknown, compact, max_size=2).map(lambda members: tuple(members.items())),
    )


_OWN: dict[Lexical[Any], Callable[[], st.SearchStrategy[Any]]] = {
    BOOLEAN: st.booleans,
    NCNAME: _names,
    NMTOKEN: _names,
    MESSAGE: _webrtc_messages,
}
"Types whose values follow from bounds, members or pattern not at all, or not fast enough."


def _follows(lexical: Lexical[Any]) -> bool:
    """Tell whether the values of a type follow from its definition."""
    return lexical in _OWN or lexical.anything or (lexical.bounds or lexical.members or lexical.pattern) is not None


@cache
def _proper(lexical: Lexical[T]) -> st.SearchStrategy[T]:
    """Return the values of a lexical type that no reader would call sloppy."""
    if lexical in _OWN:
        return cast("st.SearchStrategy[T]", _OWN[lexical]())
    bounds = lexical.usual or lexical.bounds
    if bounds is not None:
        return cast("st.SearchStrategy[T]", st.integers(*bounds))
    if lexical.members is not None:
        return st.sampled_from(tuple(dict.fromkeys(lexical.members.values())))
    if lexical.anything:
        return xml_texts().map(lexical.parse)
    if not _follows(lexical):
        raise TypeError(f"no values follow from {lexical!r}: give it bounds, members or a pattern")
    assert lexical.pattern is not None  # noqa: S101
    texts = st.from_regex(lexical.pattern, fullmatch=True, alphabet=_characters())
    return (texts | st.sampled_from(lexical.common) if lexical.common else texts).map(lexical.parse)


# --- fields -------------------------------------------------------------------------------------------------------


class _Maker:
    """Makes the strategies of the fields of one class."""

    def __init__(self, plan: Plan, codec: Codec, unknown: bool) -> None:
        self.plan = plan
        self.codec = codec
        self.unknown = unknown

    def lexical(self, field: Field) -> st.SearchStrategy[Any]:
        values = _proper(field.lexical)
        if field.kind is Kind.TEXT and not field.required:  # empty text is the default
            return values.filter(lambda value: field.lexical.write(value) != "")
        return values

    def child(self, field: Field) -> st.SearchStrategy[Any]:
        return self.deferred(field.cls)

    def children(self, field: Field) -> st.SearchStrategy[Any]:
        return st.lists(self.child(field), max_size=_MANY).map(tuple)

    def flag(self, _: Field) -> st.SearchStrategy[Any]:
        return st.booleans()

    def case(self, field: Field) -> st.SearchStrategy[Any]:
        return st.sampled_from(tuple(self.plan.cases(field).values()))

    def namespace(self, _: Field) -> st.SearchStrategy[Any]:
        return st.sampled_from(self.plan.namespaces)

    def member(self, field: Field) -> st.SearchStrategy[Any]:
        """Return elements of an open family, but no stanza inside a stanza."""
        place = self.plan.families.index(field)
        known = [
            self.deferred(cls)
            for cls in self.codec.members(field.cls)
            if self.place(cls.__tags__[0]) == place
            and self.plan.own.isdisjoint(plan_of(cls).namespaces)
            and all(_follows(part.lexical) for part in plan_of(cls).fields if part.spec.lexical)
        ]
        family = field.cls.__family__
        if family is None or not self.unknown:
            return st.one_of(known)
        named = [f"{{{space}}}{family}" for space in _FOREIGN]
        tags = _clark_names(*_FOREIGN) if family == "*" else st.sampled_from(named)
        return st.one_of(*known, _raws(tags.filter(self.goes_to(place)), 2))

    def members(self, field: Field) -> st.SearchStrategy[Any]:
        return st.lists(self.member(field), max_size=_MANY).map(tuple)

    def extra(self) -> st.SearchStrategy[Extra]:
        """Return attributes, children and text that no field takes, and nothing three times out of four."""
        taken = {
            name for field in self.plan.of(Kind.ATTRIBUTE, Kind.TEXT) for name in (field.wire, *field.spec.aliases)
        }
        stray = st.just("") if self.plan.of(Kind.TEXT) else _mixed().filter(_is_kept)
        leaves = [cls for cls in self.codec.members(Element) if self.place(cls.__tags__[0]) == -1 and _is_leaf(cls)]
        typed = st.sampled_from(leaves).flatmap(lambda cls: _values(cls, self.codec, False)) if leaves else st.nothing()
        raws = _raws(_clark_names(*_FOREIGN, *sorted(self.plan.own)).filter(self.goes_to(-1)), 2)
        children = st.lists(raws | typed, max_size=2)
        some = st.builds(Extra, attributes=_attributes(taken), children=children, text=stray)
        return st.integers(0, 3).flatmap(lambda chance: some if chance == 3 else st.just(EMPTY))

    def deferred(self, cls: type[Element]) -> st.SearchStrategy[Any]:
        return st.deferred(lambda: _values(cls, self.codec, self.unknown))

    def place(self, tag: str) -> int | None:
        """Return the open field that a child goes to, -1 for `extra`, None where it is declared or a quirk."""
        declared = {tag for field in self.plan.fields for tag in (*field.tags, field.wire)}
        cases = {tag for field in self.plan.of(Kind.CASE) for tag in self.plan.cases(field)}
        if tag in declared | cases | self.plan.sloppy.keys() | set(self.plan.cls.__misplaced__):
            return None
        return self.codec.route(self.plan.cls, tag)[0]

    def goes_to(self, place: int) -> Callable[[str], bool]:
        """Return whether an element that the codec does not know goes to an open field, or (-1) to `extra`."""
        return lambda tag: self.codec.find(tag) is None and self.place(tag) == place


_KINDS: dict[Kind, Callable[[_Maker, Field], st.SearchStrategy[Any]]] = {
    Kind.ATTRIBUTE: _Maker.lexical,
    Kind.TEXT: _Maker.lexical,
    Kind.TEXT_CHILD: _Maker.lexical,
    Kind.CHILD: _Maker.child,
    Kind.CHILDREN: _Maker.children,
    Kind.FLAG: _Maker.flag,
    Kind.CASE: _Maker.case,
    Kind.CASE_TEXT: _Maker.lexical,
    Kind.MEMBER: _Maker.member,
    Kind.MEMBERS: _Maker.members,
    Kind.NAMESPACE: _Maker.namespace,
}


def _is_kept(text: str) -> bool:
    """Tell whether text between children survives: white space alone does not (RFC 6120 11.7)."""
    return text == "" or text.strip(XML_SPACE) != ""


def _is_leaf(cls: type[Element]) -> bool:
    return all(field.kind in (Kind.ATTRIBUTE, Kind.TEXT) for field in plan_of(cls).fields)


# --- unknown nodes ------------------------------------------------------------------------------------------------


def _attributes(taken: set[str]) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    names = _clark_names("", *_FOREIGN, ns.XML).filter(lambda name: name not in taken)
    return st.dictionaries(names, xml_texts(), max_size=2).map(lambda pairs: tuple(pairs.items()))


def _raws(tags: st.SearchStrategy[str], depth: int) -> st.SearchStrategy[Raw]:
    """Return nodes on their own, without tail."""
    return st.builds(Raw, tag=tags, attributes=_attributes(set()), text=_mixed(), children=_kids(depth))


@cache
def _kids(depth: int) -> st.SearchStrategy[tuple[Raw, ...]]:
    if depth <= 1:
        return st.just(())
    tags = _clark_names("", ns.JINGLE, *_FOREIGN)
    attributes = _attributes(set())
    kid = st.builds(Raw, tag=tags, attributes=attributes, text=_mixed(), children=_kids(depth - 1), tail=_mixed())
    return st.lists(kid, max_size=2).map(tuple)

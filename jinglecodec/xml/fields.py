"""Declarations: `@element` and the kinds of field. A class is the only place where an element is described.

    @element(ns.ICE_UDP, "candidate")
    class Candidate(Element):
        component: int = attribute(UNSIGNED_BYTE)
        rel_addr: str | None = attribute(STRING, default=None)      # rel-addr on the wire

The decorator makes an attrs class, frozen and keyword-only; type checkers see exact types through
`dataclass_transform`. Reading, writing, validating construction and generating values all derive from the
fields. Nothing is registered anywhere: a codec is told which classes it knows.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast, dataclass_transform, overload

import attrs

from jinglecodec.records import Record
from jinglecodec.xml.tree import EMPTY, Extra, Raw

if TYPE_CHECKING:
    from jinglecodec.xml.types import Lexical

__all__ = [
    "Element",
    "Kind",
    "Spec",
    "attribute",
    "case",
    "case_text",
    "child",
    "children",
    "element",
    "flag",
    "member",
    "members",
    "namespace",
    "specs",
    "text",
    "text_child",
]

T = TypeVar("T")
D = TypeVar("D")
C = TypeVar("C", bound="Element")
E = TypeVar("E", bound=enum.Enum)

_METADATA = "jinglecodec"


class Kind(enum.Enum):
    """What a field is on the wire."""

    ATTRIBUTE = "an attribute"
    TEXT = "the element's own text"
    CHILD = "at most one child of one class"
    CHILDREN = "all children of one class, in order"
    FLAG = "an empty child whose presence is the value"
    TEXT_CHILD = "a child that is only text"
    CASE = "an empty child whose name is the value, out of a closed set"
    CASE_TEXT = "what stands inside the CASE child"
    MEMBER = "at most one child of an open family"
    MEMBERS = "all children of an open family, in order"
    NAMESPACE = "the namespace of the element itself, where several are read"

    @property
    def is_many(self) -> bool:
        """Tell whether the value is a tuple."""
        return self in (Kind.CHILDREN, Kind.MEMBERS)


@attrs.frozen(eq=False, repr=False)
class Spec(Record):
    """One field of an element class; attached by the functions below, read by the engine."""

    kind: Kind
    lexical: Lexical[Any] | None = None
    name: str | None = None
    "The name on the wire; None: the field's name with `_` written as `-`."
    namespace: str | None = None
    "Of a FLAG, TEXT_CHILD or CASE child; None: the element's own."
    cls: type[Element] | None = None
    "CHILD, CHILDREN: the class. MEMBER, MEMBERS: the family."
    choices: type[enum.Enum] | None = None
    "CASE: the closed set."
    within: Mapping[Any, str] | None = None
    "CASE_TEXT: for which members, and the name of the nested element that holds the text (empty: none)."
    aliases: Mapping[str, Any] | tuple[str, ...] = ()
    "Sloppy names that deployed peers use for this one; TEXT: those of attributes; CASE: name -> member."
    nested: tuple[str, ...] = ()
    "Local names of children that sloppy peers use for this attribute or text."
    expected: str = ""
    "The clause that asks for an optional field; its absence is a quirk."
    always: bool = False
    "Whether an attribute is written even where it equals its default."
    unspecified: str = ""
    "Who sends it though no specification has it; its presence is worth a finding."


@dataclass_transform(frozen_default=True, kw_only_default=True)
def _frozen(cls: type[T]) -> type[T]:
    """Make an attrs class without the methods that `Record` has for all."""
    return attrs.frozen(kw_only=True, eq=False, repr=False)(cls)


@attrs.frozen(eq=False, repr=False)
class _Base(Record):
    """Tells type checkers that all elements are attrs classes; as a transformed one, `Element` itself does not."""


@_frozen
class Element(_Base):
    """Base of all typed elements: frozen, comparable, hashable; unknown content is kept in `extra`.

    The constructor, and so `attrs.evolve`, raises EncodeError for a value that its field does not take.
    """

    __tags__: ClassVar[tuple[str, ...]] = ()
    "The names it is read from, in Clark notation (`{namespace}local`); the first is the one written."
    __aliases__: ClassVar[tuple[str, ...]] = ()
    "Clark names that sloppy peers use for it; reading one is a quirk."
    __misplaced__: ClassVar[tuple[str, ...]] = ()
    "Clark names of children that sloppy peers put here; they are kept in `extra`, which is a quirk."
    __family__: ClassVar[str | None] = "*"
    "Local name by which an unknown element still belongs to this open family, such as `transport`; `*`: any."

    extra: Extra = attrs.field(default=EMPTY)
    "Unknown attributes and children, kept, compared and written back."

    def __attrs_post_init__(self) -> None:
        _CHECKS[self.__class__](self)


class _Checks(dict[type, Callable[[Any], None]]):
    """Class -> what refuses a value that its declaration does not take (EncodeError); made on first construction."""

    def __missing__(self, cls: type[Element]) -> Callable[[Any], None]:
        from jinglecodec.xml.checks import checker  # noqa: PLC0415 - compiled on the first construction, not at import

        self[cls] = found = checker(cls)
        return found


_CHECKS = _Checks()


@overload
def attribute(
    lexical: Lexical[T], *, name: str | None = ..., aliases: tuple[str, ...] = ..., nested: tuple[str, ...] = ...
) -> T: ...
@overload
def attribute(
    lexical: Lexical[T],
    *,
    default: D,
    name: str | None = ...,
    aliases: tuple[str, ...] = ...,
    expected: str = ...,
    always: bool = ...,
    unspecified: str = ...,
) -> T | D: ...
def attribute(
    lexical: Lexical[Any],
    *,
    default: object = attrs.NOTHING,
    name: str | None = None,
    aliases: tuple[str, ...] = (),
    nested: tuple[str, ...] = (),
    expected: str = "",
    always: bool = False,
    unspecified: str = "",
) -> Any:
    """Declare an attribute; without default it is required. A value equal to `default` is written only with `always`.

    `aliases` are other names that peers use, `nested` the names of children that they use instead, `expected` the
    clause that asks for it though it may be absent, `unspecified` who sends it though no specification has it.
    """
    spec = Spec(
        Kind.ATTRIBUTE,
        lexical,
        name=name,
        aliases=aliases,
        nested=nested,
        expected=expected,
        always=always,
        unspecified=unspecified,
    )
    return _field(spec, default)


@overload
def text(lexical: Lexical[T], *, aliases: tuple[str, ...] = ..., nested: tuple[str, ...] = ...) -> T: ...
@overload
def text(lexical: Lexical[T], *, default: D) -> T | D: ...
def text(
    lexical: Lexical[Any],
    *,
    default: object = attrs.NOTHING,
    aliases: tuple[str, ...] = (),
    nested: tuple[str, ...] = (),
) -> Any:
    """Declare the element's own character data. Empty text is `default` where there is one.

    `aliases` are the names of attributes that peers use instead, `nested` those of children.
    """
    return _field(Spec(Kind.TEXT, lexical, aliases=aliases, nested=nested), default)


@overload
def child(cls: type[C]) -> C: ...
@overload
def child(cls: type[C], *, default: None, expected: str = ..., unspecified: str = ...) -> C | None: ...
def child(cls: type[Element], *, default: object = attrs.NOTHING, expected: str = "", unspecified: str = "") -> Any:
    """Declare a child that may stand once."""
    return _field(Spec(Kind.CHILD, cls=cls, expected=expected, unspecified=unspecified), default)


def children(cls: type[C], *, default: tuple[C, ...], unspecified: str = "") -> tuple[C, ...]:
    """Declare the children of one class, in document order."""
    return cast("tuple[C, ...]", _field(Spec(Kind.CHILDREN, cls=cls, unspecified=unspecified), default))


def flag(*, default: bool, name: str | None = None, namespace: str | None = None, unspecified: str = "") -> bool:
    """Declare an empty child whose presence means True."""
    return cast("bool", _field(Spec(Kind.FLAG, name=name, namespace=namespace, unspecified=unspecified), default))


@overload
def text_child(lexical: Lexical[T], *, name: str | None = ..., namespace: str | None = ...) -> T: ...
@overload
def text_child(lexical: Lexical[T], *, default: D, name: str | None = ..., namespace: str | None = ...) -> T | D: ...
def text_child(
    lexical: Lexical[Any], *, default: object = attrs.NOTHING, name: str | None = None, namespace: str | None = None
) -> Any:
    """Declare a child that is nothing but text, such as `<sid>a73sjj</sid>`."""
    return _field(Spec(Kind.TEXT_CHILD, lexical, name=name, namespace=namespace), default)


@overload
def case(choices: type[E], *, namespace: str | None = ..., aliases: Mapping[str, E] = ...) -> E: ...
@overload
def case(
    choices: type[E], *, default: D, namespace: str | None = ..., aliases: Mapping[str, E] = ..., expected: str = ...
) -> E | D: ...
def case(
    choices: type[enum.Enum],
    *,
    default: object = attrs.NOTHING,
    namespace: str | None = None,
    aliases: Mapping[str, Any] | None = None,
    expected: str = "",
) -> Any:
    """Declare a child whose local name is the value, such as the condition inside `<reason/>`."""
    spec = Spec(Kind.CASE, namespace=namespace, choices=choices, aliases=aliases or {}, expected=expected)
    return _field(spec, default)


def case_text(within: Mapping[E, str], *, default: None) -> str | None:
    """Declare the text inside the `case` child of the members named, in a nested element or (empty name) bare.

    White space around it is dropped, and none is None.
    """
    from jinglecodec.xml.types import TRIMMED  # noqa: PLC0415 - keeps the declarations free of a cycle

    return cast("str | None", _field(Spec(Kind.CASE_TEXT, TRIMMED, within=dict(within)), default))


@overload
def member(family: type[C]) -> C | Raw: ...
@overload
def member(family: type[C], *, default: None) -> C | Raw | None: ...
def member(family: type[Element], *, default: object = attrs.NOTHING) -> Any:
    """Declare one child of an open family: any class of the codec that derives from `family`, else Raw.

    An unknown element belongs to the family when its local name is the family's `__family__`.
    """
    return _field(Spec(Kind.MEMBER, cls=family), default)


def members(family: type[C], *, default: tuple[C | Raw, ...]) -> tuple[C | Raw, ...]:
    """Declare all children of an open family, in document order."""
    return cast("tuple[C | Raw, ...]", _field(Spec(Kind.MEMBERS, cls=family), default))


def namespace(*, default: str) -> str:
    """Declare the namespace of the element itself, for a class that is read in several."""
    return cast("str", _field(Spec(Kind.NAMESPACE), default))


def _field(spec: Spec, default: object) -> Any:
    return attrs.field(default=default, metadata={_METADATA: spec})


@dataclass_transform(
    frozen_default=True,
    kw_only_default=True,
    field_specifiers=(
        attribute,
        text,
        child,
        children,
        flag,
        text_child,
        case,
        case_text,
        member,
        members,
        namespace,
    ),
)
def element(
    namespaces: str | Iterable[str] = (), name: str = "", *, also: Iterable[str] = (), misplaced: Iterable[str] = ()
) -> Callable[[type[C]], type[C]]:
    """Make a declared class out of one, read from `name` in each of `namespaces` and written in the first.

    `also` are whole Clark names that sloppy peers use for it; reading one is a quirk. So is a child that is named in
    `misplaced`. Without any name the class is a base, whose fields those that derive from it have too.
    """
    spaces = (namespaces,) if isinstance(namespaces, str) else tuple(namespaces)

    def declare(cls: type[C]) -> type[C]:
        made = _frozen(cls)
        made.__tags__ = tuple(f"{{{space}}}{name}" if space else name for space in spaces)
        made.__aliases__ = tuple(also)
        made.__misplaced__ = tuple(misplaced)
        return made

    return declare


def specs(cls: type[Element]) -> tuple[tuple[attrs.Attribute[Any], Spec], ...]:
    """Return the declared fields of a class with their attrs attributes, in order; `extra` is not one.

    Raises TypeError for a field that was declared by none of the functions of this module.
    """
    for field in attrs.fields(cls):
        if _METADATA not in field.metadata and field.name != "extra":
            raise TypeError(f"{cls.__name__}.{field.name}: declare it with attribute(), text(), child() ...")
    return tuple((field, field.metadata[_METADATA]) for field in attrs.fields(cls) if field.name != "extra")

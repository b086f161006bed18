"""The codec: which classes are known, and the way between trees or text and values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

import attrs
from lxml import etree

from jinglecodec.errors import DecodeError, EncodeError, ValidationError
from jinglecodec.findings import Finding, Severity
from jinglecodec.namespaces import MODULES, VALIDATION
from jinglecodec.records import Record
from jinglecodec.xml.fields import Element
from jinglecodec.xml.plan import plan_of
from jinglecodec.xml.readers import Reader, Unusual, read_clean, reader
from jinglecodec.xml.tree import (
    DEFAULT_LIMITS,
    ElementLike,
    Limits,
    Raw,
    check_limits,
    freeze,
    parse,
    reread,
    split_tag,
)
from jinglecodec.xml.writers import write_any

if TYPE_CHECKING:
    from jinglecodec.xml.xsd import Profile

__all__ = ["Codec", "Decoded", "Errors", "dumps", "from_element", "loads", "read", "to_element"]

C = TypeVar("C", bound=Element)
V = TypeVar("V")
Strict = Literal["strict"]
Errors = Literal["strict", "keep"]
"strict: any problem is a DecodeError. keep: an element with problems stays Raw, its problems are findings."


@attrs.frozen(eq=False, repr=False)
class Decoded(Record, Generic[V]):
    """A value and everything that its reader tolerated or could not decode."""

    value: V
    findings: tuple[Finding, ...] = ()


class Codec:
    """The classes that are known. Immutable: `extend` returns a larger one. Pickles, compares by content."""

    __slots__ = ("_known", "_routes", "classes", "limits", "modules")

    def __init__(
        self,
        *classes: type[Element],
        modules: Mapping[str, str] | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Know `classes`, and those of `modules`, which are loaded when first met.

        `modules` is namespace -> module, or Clark name -> module for an element that is described apart.
        """
        self.classes = classes
        "Known beforehand; these win over the modules'."
        self.modules = dict(modules or {})
        self.limits = limits
        self._known: dict[str, type[Element]] = {}
        self._routes: dict[tuple[type[Element], str, bool], tuple[int, Reader]] = {}
        for cls in reversed(classes):
            self._know(cls)

    @classmethod
    def default(cls) -> Codec:
        """Return the codec that knows every class of this library."""
        return _DEFAULT

    def extend(self, *classes: type[Element]) -> Codec:
        """Return a codec that knows these classes too; they win over those already known."""
        return Codec(*classes, *self.classes, modules=self.modules, limits=self.limits)

    def within(self, limits: Limits) -> Codec:
        """Return the same codec with other limits."""
        return Codec(*self.classes, modules=self.modules, limits=limits)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (self.classes, self.modules, self.limits)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Codec):
            return NotImplemented
        return (self.classes, self.modules, self.limits) == (other.classes, other.modules, other.limits)

    def __hash__(self) -> int:
        return hash((self.classes, self.limits))

    def __repr__(self) -> str:
        return f"<Codec of {len(self.classes)} classes and {len(self.modules)} namespaces>"

    # --- which class ---------------------------------------------------------------------------------------------

    def _know(self, cls: type[Element]) -> None:
        for tag in (*cls.__aliases__, *cls.__tags__):
            self._known[tag] = cls

    def find(self, tag: str) -> type[Element] | None:
        """Return the class of a Clark name, or None."""
        cls = self._known.get(tag)
        if cls is None:
            module = self.modules.get(tag) or self.modules.get(split_tag(tag)[0])
            if module is not None:
                cls = _elements_of(module).get(tag)
        return cls

    def route(self, parent: type[Element], tag: str) -> tuple[int, type[Element] | None]:
        """Return where a child that no field names goes: the open field's index (-1: `extra`) and its class."""
        cls = self.find(tag)
        plan = plan_of(parent)
        space, local = split_tag(tag)
        for place, field in enumerate(plan.families):
            if cls is not None:
                taken = issubclass(cls, field.cls)
            else:
                taken = field.cls.__family__ == local or (field.cls.__family__ == "*" and space not in plan.own)
            if taken:
                return place, cls
        return -1, cls

    def place(self, parent: type[Element], tag: object, kid: Any, exact: bool) -> tuple[int, object]:
        """Read a child that no field names, and say where it goes; called by the generated readers."""
        route = self._routes.get((parent, tag, exact))  # type: ignore[arg-type]
        if route is None:
            if not isinstance(tag, str):
                raise Unusual
            where, cls = self.route(parent, tag)
            if cls is None:
                return where, freeze(kid)
            route = self._routes[parent, tag, exact] = (where, reader(cls, exact=exact))
        return route[0], route[1](kid, self)

    def members(self, family: type[C]) -> tuple[type[C], ...]:
        """Return the classes known that derive from `family`, each once; loads every module of the codec."""
        classes = dict.fromkeys(self._known.values())
        for module in dict.fromkeys(self.modules.values()):
            classes |= dict.fromkeys(_elements_of(module).values())
        return tuple(cls for cls in classes if issubclass(cls, family) and self.find(cls.__tags__[0]) is cls)

    # --- reading -------------------------------------------------------------------------------------------------

    @overload
    def loads(self, data: str | bytes, *, errors: Strict = ..., validate: Profile | None = ...) -> Element: ...
    @overload
    def loads(self, data: str | bytes, expect: type[C], errors: Strict = ..., validate: Profile | None = ...) -> C: ...
    @overload
    def loads(self, data: str | bytes, *, errors: Errors, validate: Profile | None = ...) -> Element | Raw: ...
    @overload
    def loads(self, data: str | bytes, expect: type[C], errors: Errors, validate: Profile | None = ...) -> C | Raw: ...
    def loads(
        self,
        data: str | bytes,
        expect: type[Any] = Element,
        errors: Errors = "strict",
        validate: Profile | None = None,
    ) -> Any:
        """Return the value of one element in text form.

        `expect` is the class (or family) that the root must be of. With errors="keep", elements that cannot be
        decoded stay `Raw`; where that is the root, the Raw is returned. `validate` names a profile of schemas, see
        `jinglecodec.validate`, that the element has to pass first.

        Raises DecodeError with all problems, each with its path; for a root of another class it names both.
        ValidationError holds the report of a profile that is not passed.
        """
        root = parse(data, self.limits)
        _pass(root, validate)
        return self._value(root, expect, errors)

    @overload
    def read(self, data: str | bytes, *, errors: Strict = ..., validate: Profile | None = ...) -> Decoded[Element]: ...
    @overload
    def read(
        self, data: str | bytes, expect: type[C], errors: Strict = ..., validate: Profile | None = ...
    ) -> Decoded[C]: ...
    @overload
    def read(self, data: str | bytes, *, errors: Errors, validate: Profile | None = ...) -> Decoded[Element | Raw]: ...
    @overload
    def read(
        self, data: str | bytes, expect: type[C], errors: Errors, validate: Profile | None = ...
    ) -> Decoded[C | Raw]: ...
    def read(
        self,
        data: str | bytes,
        expect: type[Any] = Element,
        errors: Errors = "strict",
        validate: Profile | None = None,
    ) -> Decoded[Any]:
        """Return the value with a finding for each quirk that the reader tolerated; otherwise as `loads`."""
        root = parse(data, self.limits)
        _pass(root, validate)
        return self._decoded(root, expect, errors)

    @overload
    def from_element(
        self, element: ElementLike, *, errors: Strict = ..., validate: Profile | None = ...
    ) -> Element: ...
    @overload
    def from_element(
        self, element: ElementLike, expect: type[C], errors: Strict = ..., validate: Profile | None = ...
    ) -> C: ...
    @overload
    def from_element(
        self, element: ElementLike, *, errors: Errors, validate: Profile | None = ...
    ) -> Element | Raw: ...
    @overload
    def from_element(
        self, element: ElementLike, expect: type[C], errors: Errors, validate: Profile | None = ...
    ) -> C | Raw: ...
    def from_element(
        self,
        element: ElementLike,
        expect: type[Any] = Element,
        errors: Errors = "strict",
        validate: Profile | None = None,
    ) -> Any:
        """Return the value of an element of lxml, of xml.etree or of the same shape; otherwise as `loads`."""
        check_limits(element, self.limits)
        _pass(element, validate)
        return self._value(element, expect, errors)

    def _value(self, node: Any, expect: type[Element], errors: Errors) -> object:
        cls = self._root(node, expect, errors)
        if cls is None:
            return freeze(node)
        value = read_clean(cls, node, self, exact=False)
        return self._thorough(cls, node, errors, exact=False).value if value is None else value

    def _decoded(self, node: Any, expect: type[Element], errors: Errors) -> Decoded[Any]:
        cls = self._root(node, expect, errors)
        return Decoded(freeze(node)) if cls is None else self._thorough(cls, node, errors, exact=True)

    def _thorough(self, cls: type[Element], node: Any, errors: Errors, *, exact: bool) -> Decoded[Any]:
        from jinglecodec.xml.collect import Collector  # noqa: PLC0415 - for what is not clean, which is rare

        collector = Collector(self, keeps=errors == "keep", exact=exact)
        value = collector.read(cls, node, split_tag(node.tag)[1])
        findings = tuple(collector.findings)
        if value is None and errors == "strict":
            raise DecodeError(tuple(finding for finding in findings if finding.severity is Severity.ERROR))
        return Decoded(freeze(node) if value is None else value, findings)

    def _root(self, node: Any, expect: type[Element], errors: Errors) -> type[Element] | None:
        tag = str(node.tag)
        cls = self.find(tag)
        if cls is not None and issubclass(cls, expect):
            return cls
        if cls is None and errors == "keep" and expect is Element:
            return None
        wanted = "an element that this codec knows" if expect is Element else f"{expect.__name__} ({_names(expect)})"
        finding = Finding(
            "wrong-root",
            path=split_tag(tag)[1],
            line=getattr(node, "sourceline", None),
            message=f"{tag} is not {wanted}",
        )
        raise DecodeError((finding,))

    # --- writing -------------------------------------------------------------------------------------------------

    @staticmethod
    def dumps(model: Element | Raw, *, pretty: bool = False, validate: Profile | None = None) -> bytes:
        """Return the element as UTF-8 text without XML declaration; `pretty` indents it for people.

        Raises EncodeError for characters and names that XML cannot carry, and for nodes nested hundreds deep;
        ValidationError for what does not pass the profile that `validate` names.
        """
        markup = _markup(model)
        if validate is not None:
            _pass(reread(markup), validate)
        return _indented(markup) if pretty else markup.encode()

    @staticmethod
    def to_element(model: Element | Raw, factory: Callable[..., Any] | None = None) -> Any:
        """Return the element as an lxml element, or built with `factory(tag, attributes)`.

        `factory` is `xml.etree.ElementTree.Element` or anything of its shape (`text`, `tail`, `append`).
        Raises EncodeError as `dumps` does, and for a namespace that is no URI, which libxml2 refuses.
        """
        root = reread(_markup(model))
        return root if factory is None else _rebuilt_with(factory, root)


def _pass(element: ElementLike, profile: Profile | None) -> None:
    """Raise ValidationError with the report of a profile that is asked for and not passed.

    The rules are of the layer above, like the classes, and found by name as these are.
    """
    if profile is not None:
        report = import_module(VALIDATION).validate(element, profile)
        if not report.ok:
            raise ValidationError(report.findings)


def _markup(model: Element | Raw) -> str:
    try:
        return write_any(model, None)
    except RecursionError:
        raise EncodeError("elements are nested too deeply to be written") from None


def _indented(markup: str) -> bytes:
    root = reread(markup)
    etree.indent(root)
    return etree.tostring(root, encoding="utf-8")


def _rebuilt(classes: tuple[type[Element], ...], modules: Mapping[str, str], limits: Limits) -> Codec:
    return Codec(*classes, modules=modules, limits=limits)


def _rebuilt_with(factory: Callable[..., Any], node: etree._Element) -> Any:
    made = factory(node.tag, dict(node.items()))
    made.text, made.tail = node.text, node.tail
    for kid in node:
        made.append(_rebuilt_with(factory, kid))
    return made


def _names(expect: type[Element]) -> str:
    return ", ".join(expect.__tags__) or f"any <{expect.__family__}/>"


@cache
def _elements_of(module: str) -> Mapping[str, type[Element]]:
    """Return Clark name -> class for the element classes that a module of `model` defines."""
    found: dict[str, type[Element]] = {}
    for cls in vars(import_module(module)).values():
        if isinstance(cls, type) and issubclass(cls, Element) and cls.__module__ == module:
            found.update(dict.fromkeys((*cls.__aliases__, *cls.__tags__), cls))
    return found


_DEFAULT = Codec(modules=MODULES)

# The default codec's methods under the names that most callers use.
loads = _DEFAULT.loads
read = _DEFAULT.read
from_element = _DEFAULT.from_element
dumps = _DEFAULT.dumps
to_element = _DEFAULT.to_element

"""The thorough half of the engine: reads one element and tells everything that is wrong or sloppy about it.

It walks the same plan as the generated readers, but interprets it, keeps the path, and goes on after a problem. It
runs when a generated reader found something unusual, and whenever the caller asked for findings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinglecodec.findings import Finding, Severity
from jinglecodec.xml.fields import Element, Kind
from jinglecodec.xml.plan import Field, Plan, plan_of
from jinglecodec.xml.readers import read_clean
from jinglecodec.xml.tree import EMPTY, ElementLike, Extra, freeze, split_tag
from jinglecodec.xml.types import XML_SPACE

if TYPE_CHECKING:
    from jinglecodec.xml.codec import Codec

__all__ = ["Collector"]

_ABSENT = object()
_MANY = (Kind.CHILDREN, Kind.MEMBERS)


class Collector:
    """Reads elements thoroughly; `findings` grows in document order."""

    def __init__(self, codec: Codec, *, keeps: bool, exact: bool) -> None:
        self.codec = codec
        self.keeps = keeps
        "Whether an element with problems stays Raw instead of failing its parent."
        self.exact = exact
        "Whether every finding counts; otherwise what a plain reader takes is not looked at twice."
        self.findings: list[Finding] = []

    def problem(self, node: ElementLike, path: str, code: str, message: str, clause: str = "") -> None:
        """Note that something cannot be used as it stands."""
        self._note(Severity.ERROR, node, path, code, message, clause)

    def quirk(self, node: ElementLike, path: str, code: str, message: str, clause: str = "") -> None:
        """Note that something sloppy was understood all the same."""
        self._note(Severity.WARNING, node, path, code, message, clause)

    def _note(self, severity: Severity, node: ElementLike, path: str, code: str, message: str, clause: str) -> None:
        line = getattr(node, "sourceline", None)
        self.findings.append(Finding(code, severity, path, line, message, clause))

    def read(self, cls: type[Element], node: ElementLike, path: str) -> Element | None:
        """Return the value, or None after noting at least one problem."""
        value = read_clean(cls, node, self.codec, exact=self.exact)
        if value is not None:
            return value
        return _Reading(self, plan_of(cls), node, path).read()


class _Reading:
    """One element being read."""

    def __init__(self, collector: Collector, plan: Plan, node: ElementLike, path: str) -> None:
        self.collector = collector
        self.plan = plan
        self.node = node
        self.path = path
        self.values: dict[str, Any] = {}
        self.attributes: dict[str, str] = {}
        self.others: list[object] = []
        self.stray = ""
        self.failed = False

    def read(self) -> Element | None:
        self.read_name()
        self.read_attributes()
        self.read_text()
        self.read_children()
        self.fill_defaults()
        if self.failed:
            return None
        extra = Extra(self.attributes.items(), self.others, self.stray)
        many = {field.name for field in self.plan.of(*_MANY)}
        values = {name: tuple(value) if name in many else value for name, value in self.values.items()}
        return self.plan.cls(**values, extra=extra or EMPTY)

    def problem(self, step: str, code: str, message: str, clause: str = "") -> None:
        self.failed = True
        self.collector.problem(self.node, self.path + step, code, message, clause)

    def quirk(self, step: str, code: str, message: str, clause: str = "") -> None:
        self.collector.quirk(self.node, self.path + step, code, message, clause)

    def read_name(self) -> None:
        tag = str(self.node.tag)
        if tag in self.plan.cls.__aliases__:
            self.quirk("", "sloppy-name", f"{tag} stands for {self.plan.cls.__tags__[0]}")
        for field in self.plan.of(Kind.NAMESPACE):
            space = split_tag(tag)[0]
            self.values[field.name] = space if space in self.plan.namespaces else self.plan.namespaces[0]

    def convert(self, field: Field, text: str, step: str) -> Any:
        lexical = field.lexical
        try:
            return lexical.parse(text)
        except ValueError as error:
            quirk = lexical.lenient(text) if lexical.lenient is not None else None
            if quirk is None:
                self.problem(step, "bad-value", str(error))
                return _ABSENT
            self.quirk(step, quirk.code, quirk.message)
            return quirk.value

    def put(self, field: Field, value: Any) -> None:
        if value is not _ABSENT:
            self.values[field.name] = value

    def read_attributes(self) -> None:
        known = {field.wire: field for field in self.plan.of(Kind.ATTRIBUTE)}
        sloppy = {alias: field for field in known.values() for alias in field.spec.aliases}
        for name, text in self.node.items():
            field = known.get(name)
            if field is None and name in sloppy and self.node.get(sloppy[name].wire) is None:
                field = sloppy[name]
                self.quirk(f"/@{name}", "sloppy-name", f"{name} stands for {field.wire}")
            if field is None:
                self.attributes[name] = text
            else:
                self.put(field, self.convert(field, text, f"/@{name}"))

    def read_text(self) -> None:
        text = self.node.text or ""
        for kid in self.node:
            if not isinstance(kid.tag, str):
                text += self.piece_behind(kid)
            elif (kid.tail or "").strip(XML_SPACE):
                self.stray += kid.tail or ""
        fields = self.plan.of(Kind.TEXT)
        if fields:
            self.read_own_text(fields[0], text)
        elif text.strip(XML_SPACE):
            self.stray = text + self.stray
        if self.stray:
            self.quirk("", "stray-text", "text where there should be none")

    def piece_behind(self, kid: ElementLike) -> str:
        """Return the text behind a comment; a processing instruction is a problem."""
        if "ProcessingInstruction" in getattr(kid.tag, "__name__", ""):
            self.problem("", "forbidden-xml", "a processing instruction is forbidden", "RFC 6120 11.1")
        return kid.tail or ""

    def read_own_text(self, field: Field, text: str) -> None:
        if text or field.required:
            self.put(field, self.convert(field, text, ""))

    def read_children(self) -> None:
        kids = [kid for kid in self.node if isinstance(kid.tag, str)]
        totals: dict[object, int] = {}
        for kid in kids:
            totals[kid.tag] = totals.get(kid.tag, 0) + 1
        counts: dict[object, int] = {}
        for kid in kids:
            counts[kid.tag] = counts.get(kid.tag, 0) + 1
            index = f"[{counts[kid.tag]}]" if totals[kid.tag] > 1 else ""
            self.read_child(kid, f"{self.path}/{split_tag(str(kid.tag))[1]}{index}")

    def read_child(self, kid: ElementLike, path: str) -> None:
        tag = str(kid.tag)
        for field in self.plan.fields:
            if tag in field.tags or (field.tags and field.spec.cls and tag in field.spec.cls.__aliases__):
                self.read_typed_child(field, kid, path)
                return
            if field.kind in (Kind.FLAG, Kind.TEXT_CHILD) and tag == field.wire:
                self.read_simple_child(field, kid, path)
                return
            if field.kind is Kind.CASE and self.read_case(field, kid, path, tag):
                return
        self.read_open_child(kid, path, tag)

    def take(self, field: Field, value: Any, kid: ElementLike, path: str) -> None:
        """Put a child's value where it belongs."""
        if field.kind in _MANY:
            self.values.setdefault(field.name, []).append(value)
        elif field.name in self.values:
            self.failed = True
            self.collector.problem(kid, path, "repeated-element", "may stand only once")
        else:
            self.values[field.name] = value

    def read_typed_child(self, field: Field, kid: ElementLike, path: str) -> None:
        assert field.spec.cls is not None
        value = self.collector.read(field.spec.cls, kid, path)
        if value is not None:
            self.take(field, value, kid, path)
        elif self.collector.keeps:
            self.others.append(freeze(kid))
        else:
            self.failed = True

    def read_simple_child(self, field: Field, kid: ElementLike, path: str) -> None:
        text = self.only_text(kid, path)
        if field.kind is Kind.FLAG:
            if text.strip(XML_SPACE):
                self.collector.quirk(kid, path, "unexpected-content", "the element is empty by its definition")
            self.take(field, value=True, kid=kid, path=path)
            return
        value = self.convert(field, text, path[len(self.path) :])
        if value is not _ABSENT:
            self.take(field, value, kid, path)

    def only_text(self, kid: ElementLike, path: str) -> str:
        """Return the text of a child that should be nothing else; what else it has is reported as given up."""
        if list(kid.items()) or any(isinstance(grandchild.tag, str) for grandchild in kid):
            self.collector.quirk(kid, path, "unexpected-content", "attributes and children of it are not kept")
        return (kid.text or "") + "".join(grandchild.tail or "" for grandchild in kid)

    def read_case(self, field: Field, kid: ElementLike, path: str, tag: str) -> bool:
        choice: Any = self.plan.cases(field).get(tag)
        if choice is None:
            assert isinstance(field.spec.aliases, dict)
            aliases = {self.plan.clark(field.spec, alias): member for alias, member in field.spec.aliases.items()}
            choice = aliases.get(tag)
            if choice is None:
                return False
            self.collector.quirk(kid, path, "sloppy-name", f"stands for {choice.value}")
        self.take(field, choice, kid, path)
        detail = self.plan.of(Kind.CASE_TEXT)
        within = (detail[0].spec.within or {}).get(choice) if detail else None
        text = self.case_detail(kid, path, within)
        if detail and text is not None:
            self.values[detail[0].name] = text
        return True

    def case_detail(self, kid: ElementLike, path: str, within: str | None) -> str | None:
        if not within:
            text = self.only_text(kid, path).strip(XML_SPACE)
            if text and within is None:
                self.collector.quirk(kid, path, "unexpected-content", "its text is not kept")
            return text if text and within is not None else None
        found = None
        for grandchild in kid:
            if isinstance(grandchild.tag, str) and split_tag(grandchild.tag)[1] == within and found is None:
                found = self.only_text(grandchild, f"{path}/{within}")
            elif isinstance(grandchild.tag, str):
                self.collector.quirk(kid, path, "unexpected-content", f"{grandchild.tag} is not kept")
        return found

    def read_open_child(self, kid: ElementLike, path: str, tag: str) -> None:
        where, cls = self.collector.codec.route(self.plan.cls, tag)
        value = None if cls is None else self.collector.read(cls, kid, path)
        if value is None and cls is not None and not self.collector.keeps:
            self.failed = True
            return
        placed = freeze(kid) if value is None else value
        if where < 0:
            self.others.append(placed)
            return
        self.take(self.plan.of(Kind.MEMBER, Kind.MEMBERS)[where], placed, kid, path)

    def fill_defaults(self) -> None:
        for field in self.plan.fields:
            if field.name in self.values:
                continue
            step = f"/@{field.wire}" if field.kind is Kind.ATTRIBUTE else ""
            if field.required:
                self.note_missing(field, step)
            elif field.spec.expected:
                self.quirk(step, "missing-attribute" if step else "missing-element", "is missing", field.spec.expected)

    def note_missing(self, field: Field, step: str) -> None:
        if self.failed and any(
            f.path == self.path + step and f.severity is Severity.ERROR for f in self.collector.findings
        ):
            return
        if step:
            self.problem(step, "missing-attribute", "is missing")
        else:
            self.problem(step, "missing-element", f"{field.spec.kind.value} is missing: {field.wire}")

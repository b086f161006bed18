"""The thorough half of the engine: reads one element and tells everything that is wrong or sloppy about it.

It walks the same plan as the generated readers, but interprets it, keeps the path, and goes on after a problem. It
runs when a generated reader found something unusual, and whenever the caller asked for findings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from jinglecodec.findings import Finding, Severity
from jinglecodec.xml.fields import Element, Kind
from jinglecodec.xml.plan import Field, Plan, plan_of
from jinglecodec.xml.readers import read_clean
from jinglecodec.xml.tree import EMPTY, ElementLike, Extra, Raw, freeze, split_tag
from jinglecodec.xml.types import XML_SPACE

if TYPE_CHECKING:
    from jinglecodec.xml.codec import Codec

__all__ = ["Collector"]

_ABSENT = object()
_FORBIDDEN = {"ProcessingInstruction": "a processing instruction", "Entity": "an entity reference"}


class Collector:
    """Reads elements thoroughly; `findings` grows in document order."""

    def __init__(self, codec: Codec, *, keeps: bool, exact: bool) -> None:
        self.codec = codec
        self.keeps = keeps
        "Whether an element with problems stays Raw instead of failing its parent."
        self.exact = exact
        "Whether every finding counts; otherwise what a plain reader takes is not looked at twice."
        self.findings: list[Finding] = []
        self.left = dict.fromkeys(Severity, codec.limits.findings)

    def problem(self, node: ElementLike, path: str, code: str, message: str, clause: str = "") -> None:
        """Note that something cannot be used as it stands."""
        self.note(Severity.ERROR, node, path, code, message, clause)

    def quirk(self, node: ElementLike, path: str, code: str, message: str, clause: str = "") -> None:
        """Note that something sloppy was understood all the same."""
        self.note(Severity.WARNING, node, path, code, message, clause)

    def note(self, severity: Severity, node: ElementLike, path: str, code: str, message: str, clause: str) -> None:
        """Note one finding, with its line where the tree knows it, unless there are enough of its severity."""
        if self.left[severity]:
            self.left[severity] -= 1
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
        self.refused: set[str] = set()
        "Names of the fields that had a value which is a problem already; they are not missing as well."

    def read(self) -> Element | None:
        self.read_name()
        self.read_attributes()
        self.note_absent(field for field in self.plan.of(Kind.ATTRIBUTE) if not field.spec.nested)
        self.read_text()
        self.read_children()
        self.note_absent(field for field in self.plan.fields if field.kind is not Kind.ATTRIBUTE or field.spec.nested)
        if self.failed:
            return None
        extra = Extra(self.attributes.items(), self.others, self.stray)
        many = {field.name for field in self.plan.fields if field.kind.is_many}
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
                self.refused.add(field.name)
                return _ABSENT
            self.quirk(step, quirk.code, quirk.message)
            return quirk.value

    def put(self, field: Field, value: Any) -> None:
        if value is not _ABSENT:
            self.values[field.name] = value

    def read_attributes(self) -> None:
        known = {field.wire: field for field in self.plan.of(Kind.ATTRIBUTE)}
        taken = self.plan.of(Kind.ATTRIBUTE, Kind.TEXT)
        sloppy = {
            alias: field for field in taken if field.spec.aliases and self.lacks(field) for alias in field.spec.aliases
        }
        for name, text in self.node.items():
            field = known.get(name)
            if field is None and name in sloppy:
                field = sloppy[name]
                self.quirk(f"/@{name}", "sloppy-name", f"{name} stands for {field.wire}")
            if field is None:
                self.attributes[name] = text
            else:
                self.put(field, self.convert(field, text, f"/@{name}"))
                self.note_unspecified(field, self.node, f"{self.path}/@{name}")

    def lacks(self, field: Field) -> bool:
        """Tell whether an attribute or the text is not where it should be."""
        if field.kind is Kind.ATTRIBUTE:
            return self.node.get(field.wire) is None
        pieces = (self.node.text, *(kid.tail for kid in self.node if not isinstance(kid.tag, str)))
        return not any(piece and piece.strip(XML_SPACE) for piece in pieces)

    def note_unspecified(self, field: Field, node: ElementLike, path: str) -> None:
        """Tell that something stands here which no specification has."""
        if field.spec.unspecified:
            message = f"is in no specification; sent by {field.spec.unspecified}"
            self.collector.note(Severity.INFO, node, path, "unspecified", message, "")

    def read_text(self) -> None:
        pieces, strays = [self.node.text or ""], []
        for kid in self.node:
            if not isinstance(kid.tag, str):
                pieces.append(self.piece_behind(kid))
            elif (kid.tail or "").strip(XML_SPACE):
                strays.append(kid.tail or "")
        text = "".join(pieces)
        fields = self.plan.of(Kind.TEXT)
        if fields:
            self.read_own_text(fields[0], text)
        elif text.strip(XML_SPACE):
            strays.insert(0, text)
        if strays:
            self.quirk("", "stray-text", "text where there should be none")
        self.stray = "".join(strays)

    def piece_behind(self, kid: ElementLike) -> str:
        """Return the text behind a comment; another node that is no element is a problem."""
        forbidden = _FORBIDDEN.get(getattr(kid.tag, "__name__", ""))
        if forbidden:
            self.problem("", "forbidden-xml", f"{forbidden} is forbidden", "RFC 6120 11.1")
        return kid.tail or ""

    def read_own_text(self, field: Field, text: str) -> None:
        nested = any(kid.tag in self.plan.sloppy for kid in self.node) if field.spec.nested else False
        if text.strip(XML_SPACE) == "" and (nested or field.name in self.values):
            return
        if text or field.required:
            self.put(field, self.convert(field, text, ""))

    def read_children(self) -> None:
        kids = [(split_tag(kid.tag)[1], kid) for kid in self.node if isinstance(kid.tag, str)]
        totals = Counter(name for name, _ in kids)
        counts: Counter[str] = Counter()
        for name, kid in kids:
            counts[name] += 1
            index = f"[{counts[name]}]" if totals[name] > 1 else ""
            self.read_child(kid, f"{self.path}/{name}{index}")

    def read_child(self, kid: ElementLike, path: str) -> None:
        tag = str(kid.tag)
        if tag in self.plan.sloppy:
            field, choice = self.plan.sloppy[tag]
            if field.spec.nested:
                self.read_nested(field, kid, path)
            elif choice is None:
                self.read_typed_child(field, kid, path)
            else:
                self.collector.quirk(kid, path, "sloppy-name", f"stands for {choice.value}")
                self.read_case(field, choice, kid, path)
            return
        for field in self.plan.fields:
            if tag in field.tags:
                simple = field.kind in (Kind.FLAG, Kind.TEXT_CHILD)
                (self.read_simple_child if simple else self.read_typed_child)(field, kid, path)
            elif field.kind is Kind.CASE and tag in self.plan.cases(field):
                self.read_case(field, self.plan.cases(field)[tag], kid, path)
            else:
                continue
            self.note_unspecified(field, kid, path)
            return
        self.read_open_child(kid, path, tag)

    def read_nested(self, field: Field, kid: ElementLike, path: str) -> None:
        """Take a child that stands for an attribute or for the text."""
        self.collector.quirk(kid, path, "sloppy-name", f"the element stands for {field.wire}")
        value = self.convert(field, self.only_text(kid, path), path[len(self.path) :])
        if value is not _ABSENT:
            self.take(field, value, kid, path)

    def take(self, field: Field, value: Any, kid: ElementLike, path: str) -> None:
        """Put a child's value where it belongs.

        An unknown element neither crowds out a known one of its open family nor fails the whole: it goes to `extra`.
        """
        kept = self.values.get(field.name)
        if field.kind.is_many:
            self.values.setdefault(field.name, []).append(value)
        elif field.name not in self.values:
            self.values[field.name] = value
        elif field.kind is Kind.MEMBER and (type(value) is Raw or type(kept) is Raw):
            known, unknown = (kept, value) if type(value) is Raw else (value, kept)
            self.values[field.name] = known
            self.others.append(unknown)
            self.collector.quirk(kid, path, "repeated-element", "the one that is unknown is kept apart")
        else:
            self.failed = True
            self.collector.problem(kid, path, "repeated-element", "may stand only once")

    def read_typed_child(self, field: Field, kid: ElementLike, path: str) -> None:
        value = self.collector.read(field.cls, kid, path)
        if value is not None:
            self.take(field, value, kid, path)
        else:
            self.give_up(field, kid)

    def give_up(self, field: Field, kid: ElementLike) -> None:
        """Go on without the value of a child that has problems."""
        self.refused.add(field.name)
        if self.collector.keeps:
            self.others.append(freeze(kid))
        else:
            self.failed = True

    def read_simple_child(self, field: Field, kid: ElementLike, path: str) -> None:
        text = self.only_text(kid, path)
        if field.kind is Kind.FLAG:
            if text.strip(XML_SPACE):
                self.collector.quirk(kid, path, "unexpected-content", "the element is empty by its definition")
            if field.name in self.values:
                self.collector.quirk(kid, path, "repeated-element", "it says the same again")
            self.values[field.name] = True
            return
        value = self.convert(field, text, path[len(self.path) :])
        if value is not _ABSENT:
            self.take(field, value, kid, path)

    def only_text(self, kid: ElementLike, path: str) -> str:
        """Return the text of a child that should be nothing else; what else it has is reported as given up."""
        if list(kid.items()) or any(isinstance(grandchild.tag, str) for grandchild in kid):
            self.collector.quirk(kid, path, "unexpected-content", "attributes and children of it are not kept")
        return (kid.text or "") + "".join(grandchild.tail or "" for grandchild in kid)

    def read_case(self, field: Field, choice: Any, kid: ElementLike, path: str) -> None:
        self.take(field, choice, kid, path)
        detail = self.plan.of(Kind.CASE_TEXT)
        within = (detail[0].spec.within or {}).get(choice) if detail else None
        text = self.nested_text(kid, path, within) if within else self.only_text(kid, path)
        text = text.strip(XML_SPACE)
        if text and within is None:
            self.collector.quirk(kid, path, "unexpected-content", "its text is not kept")
        elif text:
            self.values[detail[0].name] = text

    def nested_text(self, kid: ElementLike, path: str, within: str) -> str:
        """Return the text of the grandchild named; what stands beside it is reported as given up."""
        found = None
        strays = [kid.text]
        for grandchild in kid:
            strays.append(grandchild.tail)
            if isinstance(grandchild.tag, str) and split_tag(grandchild.tag)[1] == within and found is None:
                found = self.only_text(grandchild, f"{path}/{within}")
            elif isinstance(grandchild.tag, str):
                self.collector.quirk(kid, path, "unexpected-content", f"{grandchild.tag} is not kept")
        if list(kid.items()) or any(stray and stray.strip(XML_SPACE) for stray in strays):
            self.collector.quirk(kid, path, "unexpected-content", "attributes and text of it are not kept")
        return found or ""

    def read_open_child(self, kid: ElementLike, path: str, tag: str) -> None:
        if tag in self.plan.cls.__misplaced__:
            self.collector.quirk(kid, path, "misplaced-element", "belongs elsewhere, and is kept as an extra")
        where, cls = self.collector.codec.route(self.plan.cls, tag)
        field = self.plan.families[where] if where >= 0 else None
        value = None if cls is None else self.collector.read(cls, kid, path)
        if value is None and cls is not None and not self.collector.keeps:
            self.failed = True
            if field is not None:
                self.refused.add(field.name)
            return
        placed = freeze(kid) if value is None else value
        if field is None:
            self.others.append(placed)
        else:
            self.take(field, placed, kid, path)

    def note_absent(self, fields: Iterable[Field]) -> None:
        """Report those of the fields that should have a value and have none."""
        for field in fields:
            if field.name in self.values or not (field.required or field.spec.expected):
                continue
            if field.required:
                self.failed = True
            if field.name in self.refused:
                continue
            attribute = field.kind is Kind.ATTRIBUTE
            severity = Severity.ERROR if field.required else Severity.WARNING
            path = f"{self.path}/@{field.wire}" if attribute else self.path
            code = "missing-attribute" if attribute else "missing-element"
            message = "is missing" if attribute else f"{field.name} is missing"
            self.collector.note(severity, self.node, path, code, message, field.spec.expected)

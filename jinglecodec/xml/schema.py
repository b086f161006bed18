"""Validation of a tree against a profile, and the report of it.

A valid tree is judged as it stands, in about the time that parsing it took. Only a tree that fails is copied, parted
where the profile says that an element is not judged by its parent, and explained with places.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final, get_args

import attrs
from lxml import etree

from jinglecodec import lexical
from jinglecodec.errors import LocalError
from jinglecodec.findings import Finding, Severity
from jinglecodec.xml.codec import to_element
from jinglecodec.xml.fields import Element
from jinglecodec.xml.tree import DEFAULT_LIMITS, ElementLike, Raw, check_limits, freeze, parse, split_tag
from jinglecodec.xml.types import XML_SPACE
from jinglecodec.xml.xsd import Profile, Verdict, catalogue, is_valid, judge, judge_roughly

__all__ = ["CLEAN", "Paths", "Profile", "Report", "is_usual", "known_profile", "schema_findings", "tree_of"]


@attrs.frozen
class Report:
    """What validation found."""

    findings: tuple[Finding, ...] = ()
    "In document order, those of the schemas first. Warnings leave a stanza valid."

    @property
    def ok(self) -> bool:
        """Tell whether no finding is an error."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


CLEAN: Final = Report()
"The report on what has no fault."


def known_profile(profile: str) -> None:
    """Raise LocalError for a word that names no profile."""
    if profile not in _PROFILES:
        raise LocalError(f"{profile!r} is no profile; there are {' and '.join(_PROFILES)}")


_PROFILES: Final = get_args(Profile)


def tree_of(source: str | bytes | Element | Raw | ElementLike) -> etree._Element:
    """Return the tree of text, of a value, or of an element of any kind; an lxml element is returned as it is."""
    if isinstance(source, etree._Element):
        return source
    if isinstance(source, str | bytes):
        return parse(source)
    if not isinstance(source, Element | Raw):
        check_limits(source, DEFAULT_LIMITS)
        source = freeze(source)
    tree: etree._Element = to_element(source)
    return tree


_MANY: Final = 3000
"Elements from which on errors are not placed, since libxml2 counts siblings for each."


def _has_many(root: etree._Element) -> bool:
    return next(islice(root.iter(), _MANY, None), None) is not None


def is_usual(root: etree._Element) -> bool:
    """Tell whether a tree is valid as deployed, and has all attributes that deployed peers usually send."""
    return not _has_many(root) and is_valid("usual", root)


def schema_findings(root: etree._Element, profile: Profile) -> tuple[Finding, ...]:
    """Return what the schemas say about a tree: at most as many findings as `Limits.findings` says of each severity.

    Beyond some thousand elements a bad one is told without its place. Raises DecodeError for a tree beyond
    `DEFAULT_LIMITS`, when it has to be explained.
    """
    clean = not any(judge_roughly(profile, root)) if _has_many(root) else is_valid(profile, root)
    return () if clean and _stands_alone(root, profile) else _Explanation(root, profile).findings()


def _stands_alone(root: etree._Element, profile: Profile) -> bool:
    space, name = split_tag(str(root.tag))
    found = catalogue(profile).get(space)
    return found is not None and name in found.roots


class Paths:
    """The paths of nodes below a root, in the syntax of DecodeError; each parent's children are counted once."""

    def __init__(self, root: ElementLike) -> None:
        self.root = root
        self._steps: dict[etree._Element, Mapping[etree._Element, str]] = {}

    def __getitem__(self, node: ElementLike) -> str:
        steps = []
        while node is not self.root:
            assert isinstance(node, etree._Element)
            parent = node.getparent()
            assert parent is not None
            if parent not in self._steps:
                self._steps[parent] = dict(_steps(parent))
            steps.append(self._steps[parent][node])
            node = parent
        return "/".join([split_tag(str(node.tag))[1], *reversed(steps)])


def _steps(parent: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Give each child and its step, numbered from 1 where several have the same name."""
    kids = list(parent.iterchildren(etree.Element))
    totals: dict[object, int] = {}
    for kid in kids:
        totals[kid.tag] = totals.get(kid.tag, 0) + 1
    counts: dict[object, int] = {}
    for kid in kids:
        counts[kid.tag] = counts.get(kid.tag, 0) + 1
        index = f"[{counts[kid.tag]}]" if totals[kid.tag] > 1 else ""
        yield kid, lexical.cut(split_tag(str(kid.tag))[1], 80) + index  # a name may have tens of thousands


class _Explanation:
    """One tree that is not valid as it stands, or too large to be judged in one go."""

    def __init__(self, root: etree._Element, profile: Profile) -> None:
        check_limits(root, DEFAULT_LIMITS)
        self.profile = profile
        self.spaces = catalogue(profile)
        self.paths = Paths(root)
        self.copy = copy.deepcopy(root)
        etree.strip_elements(self.copy, etree.Comment, etree.ProcessingInstruction, etree.Entity, with_tail=False)
        pairs = zip(self.copy.iter(etree.Element), root.iter(etree.Element), strict=True)
        self.originals = {copied: (place, node) for place, (copied, node) in enumerate(pairs)}
        self.found: list[tuple[int, Finding]] = []
        self.left = dict.fromkeys(Severity, DEFAULT_LIMITS.findings)

    def findings(self) -> tuple[Finding, ...]:
        for part in list(self.parts()):
            judged = judge_roughly if _has_many(part) else judge
            for verdict in judged(self.profile, part):
                self.explain(verdict, part)
        return tuple(finding for _, finding in sorted(self.found, key=lambda pair: pair[0]))

    def parts(self) -> Iterator[etree._Element]:
        """Part the copy; give each element that is judged on its own, with what is left below it."""
        if self.can_judge(self.copy):
            yield self.copy
        if self.profile == "published":
            yield from self.parted()
        else:
            self.drop_unknown()

    def can_judge(self, part: etree._Element) -> bool:
        """Tell whether a schema declares what can be judged apart from its parent; note an element that it lacks."""
        space, name = split_tag(str(part.tag))
        found = self.spaces.get(space)
        is_root = part is self.copy
        if found is not None and name in (found.roots if is_root else found.referred):
            return True
        if found is not None and name in found.names:
            self.note(part, "misplaced-element", "does not stand alone" if is_root else "does not belong here")
        elif is_root:
            self.note(part, "unknown-root", _UNKNOWN)
        elif found is not None:
            self.note(part, "unknown-element", _UNKNOWN)
        return False

    def parted(self) -> Iterator[etree._Element]:
        """Take each element out of a parent of another namespace, and give it where its own is known."""
        for node in list(self.copy.iterdescendants(etree.Element)):
            parent = node.getparent()
            assert parent is not None
            if split_tag(str(node.tag))[0] != split_tag(str(parent.tag))[0]:
                _cut(node, parent)
                if self.can_judge(node):
                    yield node

    def drop_unknown(self) -> None:
        """Take out the elements that no schema has; what is below them is their business."""
        gone: set[etree._Element] = set()
        for node in list(self.copy.iterdescendants(etree.Element)):
            parent = node.getparent()
            assert parent is not None
            if parent in gone:
                gone.add(node)
                continue
            space, name = split_tag(str(node.tag))
            found = self.spaces.get(space)
            if found is None or name not in found.names:
                if found is not None:
                    self.note(node, "unknown-element", _UNKNOWN, severity=Severity.WARNING)
                _cut(node, parent)
                gone.add(node)

    def explain(self, verdict: Verdict, part: etree._Element) -> None:
        """Note a verdict at its place, unless it is white space in an element that peers should leave empty."""
        code, step, message = _told(verdict)
        lenient = self.profile == "deployed"
        severity = Severity.WARNING if lenient and code in _IGNORED else Severity.ERROR
        if not self.left[severity]:
            return
        node = part if verdict.path is None else _at(part, verdict.path)
        if lenient and code == "stray-text" and not len(node) and not (node.text or "").strip(XML_SPACE):
            return
        self.note(node, code, message, step=step, severity=severity, placed=verdict.path is not None)

    def note(
        self,
        copied: etree._Element,
        code: str,
        message: str,
        *,
        step: str = "",
        severity: Severity = Severity.ERROR,
        placed: bool = True,
    ) -> None:
        """Note one finding, unless there are enough of its severity."""
        if not self.left[severity]:
            return
        self.left[severity] -= 1
        place, node = self.originals[copied]
        space = self.spaces.get(split_tag(str(node.tag))[0])
        path, line = (self.paths[node] + step, node.sourceline) if placed else ("", None)
        clause = "" if space is None or code == "unknown-root" else space.clause
        self.found.append((place, Finding(code, severity, path, line, message, clause)))


_CODES: Final = {
    "CVC_COMPLEX_TYPE_2_1": "unexpected-element",
    "CVC_COMPLEX_TYPE_2_2": "unexpected-element",
    "CVC_COMPLEX_TYPE_2_3": "stray-text",
    "CVC_COMPLEX_TYPE_3_2_1": "unknown-attribute",
    "CVC_COMPLEX_TYPE_4": "missing-attribute",
    "CVC_TYPE_3_1_1": "unknown-attribute",
    "CVC_TYPE_3_1_2": "unexpected-element",
    "ELEMENT_CONTENT": "unexpected-element",
}
"Rule of XML Schema (Part 1, Appendix C) -> code; what is not here is a bad value, or has the name of its facet."

_IGNORED: Final = ("unknown-attribute", "stray-text")
"What receivers ignore: not valid as published, a warning as deployed."

_UNKNOWN: Final = "no schema has this element"

_HEAD = re.compile(
    r"Element '[^']*'(?:, attribute '(?P<attribute>[^']*)')?: (?:\[facet '(?P<facet>\w+)'\] )?"
    r"(?=(?:The attribute '(?P<named>[^']*)')?)"
).match
"How libxml2's sentences begin. Only here is its wording relied on: what follows may quote the stanza."
_NAMES = re.compile(r"[^\s(),{}*]+(?=,| \))").findall


def _told(verdict: Verdict) -> tuple[str, str, str]:
    """Return code, last step of the path, and sentence for people."""
    head = _HEAD(verdict.message)
    attribute, facet, named = head.groups() if head else (None, None, None)
    said = verdict.message[head.end() :] if head else verdict.message
    code = facet or _CODES.get(verdict.rule, "bad-value")
    if said.startswith("Character content"):
        code = "stray-text"
    elif said.startswith("Missing child"):
        code = "missing-element"
    name = attribute or named
    return code, f"/@{name}" if name else "", _sentence(verdict.rule, said.strip())


def _sentence(rule: str, said: str) -> str:
    """Return what is wrong, and what was expected without its namespaces."""
    begin, _, expected = said.rpartition(" Expected is ") if rule == "ELEMENT_CONTENT" else (said, "", "")
    names = ", ".join(dict.fromkeys(_NAMES(expected)))
    return lexical.cut((begin or said) + (f" Expected: {names}" if names else ""), 400)


def _at(part: etree._Element, path: str) -> etree._Element:
    """Return the node that libxml2 means, such as `/*/p:content[2]`, where `*` counts all elements."""
    node = part
    for step in path.split("/")[2:]:
        name, _, number = step.rstrip("]").partition("[")
        index = lexical.decimal(number, 1, _MANY) - 1 if number else 0
        node = node[index] if name == "*" else [kid for kid in node if _prefixed(kid) == name][index]
    return node


def _prefixed(node: etree._Element) -> str:
    name = split_tag(str(node.tag))[1]
    return f"{node.prefix}:{name}" if node.prefix else name


def _cut(node: etree._Element, parent: etree._Element) -> None:
    """Take an element out of its parent; text behind it stays, as far as it matters that there is some."""
    before = node.getprevious()
    if (node.tail or "").strip(XML_SPACE):
        if before is None and not (parent.text or "").strip(XML_SPACE):
            parent.text = node.tail
        elif before is not None and not (before.tail or "").strip(XML_SPACE):
            before.tail = node.tail
    node.tail = None
    parent.remove(node)

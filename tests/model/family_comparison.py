"""Whether markup came back as it was: what of it is data, and what the quirk findings put right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from element_classes import ELEMENTS
from lxml import etree

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.findings import Severity
from jinglecodec.xml.fields import Kind
from jinglecodec.xml.plan import plan_of
from jinglecodec.xml.types import BOOLEAN

__all__ = ["comparable", "corrected"]

DEFAULTS = {
    (tag, field.wire): field.lexical.write(field.default)
    for cls in ELEMENTS
    for tag in cls.__tags__
    for field in plan_of(cls).of(Kind.ATTRIBUTE)
    if not field.required and field.default is not None
}
"What an attribute means that is not there; to write it is presentation."


BOOLEANS = {
    (tag, field.wire)
    for cls in ELEMENTS
    for tag in cls.__tags__
    for field in plan_of(cls).of(Kind.ATTRIBUTE)
    if field.lexical is BOOLEAN
}
"Attributes in which 1 and true are the same."

WORDLESS = {tag for cls in ELEMENTS for tag in cls.__tags__ if not plan_of(cls).of(Kind.TEXT)}
"Elements without text of their own."


TRIMMED = {f"{{{ns.STANZAS}}}redirect", f"{{{ns.STANZAS}}}gone", f"{{{ns.JINGLE}}}sid"}
"Elements that documents print with space around their text."


def comparable(root: etree._Element) -> str:
    """Return all that is data, in names without prefixes, one step of nesting on a line.

    Without comments, indentation, attributes at their default, the spelling of truth values, and the order of children
    with different names.
    """
    copy = _copy(root)
    for node in list(copy.iter()):
        if (len(node) or node.tag in WORDLESS) and not (node.text or "").strip():
            node.text = None
        if not (node.tail or "").strip():
            node.tail = None
        if node.tag in TRIMMED:
            node.text = (node.text or "").strip() or None
    return "\n".join(_lines(copy, ""))


def _lines(node: etree._Element, indent: str) -> Iterator[str]:
    yield f"{indent}{node.tag!r} {sorted(_attributes(node))} {node.text!r}"
    for kid in sorted(node, key=lambda kid: str(kid.tag)):
        yield from _lines(kid, indent + "  ")
    yield from (f"{indent}{kid.tail!r}" for kid in node if kid.tail)


def _attributes(node: etree._Element) -> Iterator[tuple[str, str]]:
    for name, text in node.items():
        place = str(node.tag), str(name)
        proper = {"1": "true", "0": "false"}.get(text, text) if place in BOOLEANS else text
        if DEFAULTS.get(place) != proper:
            yield str(name), str(proper)


def corrected(root: etree._Element, findings: tuple[jc.Finding, ...]) -> etree._Element:
    """Return a copy with what the quirk findings name put right: by their words, not by what was read.

    An element with errors was kept as it came, and so were the quirks in it.
    """
    copy = _copy(root)
    kept = {finding.path.partition("/@")[0] for finding in findings if finding.severity is Severity.ERROR}
    quirks = [each for each in findings if not any(f"{each.path}/".startswith(f"{path}/") for path in kept)]
    places = [(_resolve(copy, finding.path), finding) for finding in quirks]
    for (node, attribute), finding in places:
        correct = CORRECTIONS.get(finding.code)
        if correct is not None:
            correct(node, attribute, finding)
    return copy


def _copy(root: etree._Element) -> etree._Element:
    return etree.fromstring(etree.tostring(root, with_tail=False), etree.XMLParser(remove_comments=True))


def _resolve(root: etree._Element, path: str) -> tuple[etree._Element, str]:
    """Return the node of a finding's path, and the attribute at its end if there is one."""
    _, *steps = path.split("/")
    attribute = steps.pop()[1:] if steps and steps[-1].startswith("@") else ""
    node = root
    for step in steps:
        name, _, index = step.rstrip("]").partition("[")
        node = list(_named(node, name))[int(index or 1) - 1]
    return node, attribute


def _named(node: etree._Element, name: str) -> Iterator[etree._Element]:
    return (kid for kid in node if etree.QName(kid).localname == name)


def _replace_word(node: etree._Element, attribute: str, finding: jc.Finding) -> None:
    found = re.search(r"stands for '(.*)'$", finding.message)
    assert found is not None
    assert attribute
    node.set(attribute, found[1])


def _rename(node: etree._Element, attribute: str, finding: jc.Finding) -> None:
    proper = finding.message.rpartition("stands for ")[2]
    if attribute:
        node.set(proper, node.attrib.pop(attribute))
    else:  # a condition is named without its namespace
        node.tag = proper if proper.startswith("{") else f"{{{etree.QName(node).namespace}}}{proper}"


def _mend_fingerprint(node: etree._Element, _: str, __: jc.Finding) -> None:
    node.text = "".join((node.text or "").split()).upper()


def _squeeze(node: etree._Element, _: str, __: jc.Finding) -> None:
    node.text = (node.text or "").strip()


def _gather_text(node: etree._Element, _: str, __: jc.Finding) -> None:
    """Put all text behind the children, where the writers put it."""
    text = "".join(piece for piece in (node.text, *(kid.tail for kid in node)) if piece and piece.strip())
    node.text = None if len(node) else text
    for kid in node:
        kid.tail = None
    if len(node):
        node[-1].tail = text


CORRECTIONS: dict[str, Callable[[etree._Element, str, jc.Finding], None]] = {
    "sloppy-fingerprint": _mend_fingerprint,
    "sloppy-hash": _squeeze,
    "sloppy-name": _rename,
    "sloppy-word": _replace_word,
    "stray-text": _gather_text,
}
"Quirks that are written another way than they came; the other ones are written as they came."

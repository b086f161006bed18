"""What the tests of the element engine, of the models and of the strategies share."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import NamedTuple

import attrs
from lxml import etree

import jinglecodec as jc
from jinglecodec.namespaces import MODULES
from jinglecodec.xml.tree import ElementLike


class Bare:
    """A node with nothing but what `ElementLike` asks for, so that only the thorough reader takes it."""

    def __init__(self, node: ElementLike) -> None:
        self._node = node
        self.tag = node.tag
        self.text = node.text
        self.tail = node.tail

    def get(self, name: str, /) -> str | None:
        return self._node.get(name)

    def items(self) -> list[tuple[str, str]]:
        return list(self._node.items())

    def __iter__(self) -> Iterator[Bare]:
        return map(Bare, self._node)


def tree(markup: str | bytes) -> etree._Element:
    """Return a tree made by a parser that is not the one under test."""
    return etree.fromstring(markup if isinstance(markup, bytes) else markup.encode())


def canonical(node: etree._Element) -> str:
    """Return Canonical XML without comments, chosen prefixes, and the white space that indents."""
    copy = etree.fromstring(etree.tostring(node, with_tail=False), etree.XMLParser(remove_comments=True))
    for each in copy.iter():
        if len(each) and not (each.text or "").strip():
            each.text = None
        if not (each.tail or "").strip():
            each.tail = None
    return ET.canonicalize(etree.tostring(copy, encoding="unicode"), rewrite_prefixes=True)


def parts(value: object) -> Iterator[jc.Element | jc.Raw]:
    """Return `value` and all elements and Raw nodes in it, however deep."""
    if isinstance(value, tuple):
        for part in value:
            yield from parts(part)
    elif isinstance(value, jc.Extra):
        yield from parts(value.children)
    elif isinstance(value, jc.Element | jc.Raw):
        yield value
        for field in attrs.fields(type(value)):
            yield from parts(getattr(value, field.name))


def modelled(tag: str) -> bool:
    """Tell whether the package describes the namespace of a Clark name."""
    return tag.startswith("{") and tag[1:].partition("}")[0] in MODULES


class Golden(NamedTuple):
    """An element as a specification writes it, and the constructor call that means the same; both made by hand."""

    clause: str
    markup: str
    value: jc.Element

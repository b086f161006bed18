"""Bytes to a tree, hardened; and `Raw`, the frozen form of a node that no class describes.

XMPP forbids document types, entities, processing instructions and every encoding but UTF-8 (RFC 6120 11); here
they are refused, comments are skipped, and size, depth and the number of tags are limited before a tree exists.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Protocol

import attrs
from lxml import etree

from jinglecodec.errors import DecodeError, EncodeError
from jinglecodec.findings import Finding
from jinglecodec.records import Record

__all__ = [
    "DEFAULT_LIMITS",
    "EMPTY",
    "ElementLike",
    "Extra",
    "Limits",
    "Raw",
    "check_limits",
    "depth_exceeds",
    "freeze",
    "parse",
    "refused",
    "reread",
    "split_tag",
]


class ElementLike(Protocol):
    """What is asked of a foreign tree node: lxml's, xml.etree's (slixmpp) or any of that shape."""

    @property
    def tag(self) -> object: ...  # noqa: D102
    @property
    def text(self) -> str | None: ...  # noqa: D102
    @property
    def tail(self) -> str | None: ...  # noqa: D102
    def get(self, key: str, /) -> str | None: ...  # noqa: D102
    def items(self) -> Iterable[tuple[str, str]]: ...  # noqa: D102
    def __iter__(self) -> Iterator[ElementLike]: ...


@attrs.frozen(eq=False, repr=False)
class Limits(Record):
    """What is refused before it is looked at. The defaults take a conference of a thousand sources many times over."""

    size: int = 2 * 1024 * 1024
    "Octets of one stanza."
    depth: int = 64
    "Nested elements; libxml2 reads no more than 256."
    tags: int = 50_000
    "Start tags, empty tags and end tags together."
    attributes: int = 256
    "Attributes of one element: lxml's time to read them grows with their square."
    namespace: int = 256
    "Characters of the name of a namespace: it is part of the tag of each element that is in it."
    findings: int = 1000
    "Problems, and as many quirks, that one stanza is explained with; at least 1, more are not noted."


DEFAULT_LIMITS = Limits()
"Those of a codec that is given none."


def _sorted_pairs(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    ordered = tuple(sorted(pairs))
    if len(dict(ordered)) < len(ordered):
        raise EncodeError("an attribute stands twice, which XML forbids (XML 1.0 3.1)")
    return ordered


@attrs.frozen(eq=False, repr=False)
class Raw(Record):
    """A node kept as it came: compared, hashed, written back. Comments and prefixes are not part of it."""

    tag: str
    "Clark notation: `{namespace}local`, or `local` without namespace."
    attributes: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_sorted_pairs)
    "Sorted by name, which is in Clark notation too."
    text: str = ""
    "Character data before the first child."
    children: tuple[Raw, ...] = ()
    tail: str = ""
    "Character data between this node and the next; that of a node on its own is not written."

    def get(self, name: str) -> str | None:
        """Return the attribute `name`, or None."""
        return dict(self.attributes).get(name)

    @property
    def namespace(self) -> str:
        """Return the namespace, empty where there is none."""
        return split_tag(self.tag)[0]

    @property
    def name(self) -> str:
        """Return the local name."""
        return split_tag(self.tag)[1]


def _name_of(node: object) -> str:
    if isinstance(node, Raw):
        return node.tag
    tags: tuple[str, ...] = getattr(type(node), "__tags__", ())
    if not tags:
        raise EncodeError(f"Extra.children: {type(node).__name__} is neither an element nor Raw")
    return tags[0]


def _sorted_nodes(nodes: Iterable[object]) -> tuple[object, ...]:
    return tuple(sorted(nodes, key=_name_of))


@attrs.frozen(eq=False, repr=False)
class Extra(Record):
    """What an element carries beyond its declaration.

    The order of attributes, and of children with different names, is presentation and not kept; the order of
    children with the same name is.
    """

    attributes: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_sorted_pairs)
    children: tuple[object, ...] = attrs.field(default=(), converter=_sorted_nodes)
    "Raw nodes, and typed elements where the codec knows the class."
    text: str = ""
    "Character data where the element should have none."

    def __bool__(self) -> bool:
        return bool(self.attributes or self.children or self.text)


EMPTY = Extra()
"Nothing unknown."


def split_tag(tag: str) -> tuple[str, str]:
    """Return namespace and local name of a Clark name.

    >>> split_tag("{urn:xmpp:jingle:1}content")
    ('urn:xmpp:jingle:1', 'content')
    """
    if tag.startswith("{"):
        space, _, name = tag[1:].partition("}")
        return space, name
    return "", tag


def refused(message: str, code: str = "not-well-formed", line: int | None = None) -> DecodeError:
    """Return the error for input that never became a tree."""
    return DecodeError((Finding(code, line=line, message=message, clause="RFC 6120 11"),))


_PARSER = etree.XMLParser(
    encoding="utf-8",
    resolve_entities=False,
    load_dtd=False,
    no_network=True,
    remove_comments=True,
    collect_ids=False,  # or a repeated xml:id, which no XMPP server minds, would make a stanza unreadable
    huge_tree=False,
)


def parse(data: str | bytes, limits: Limits = DEFAULT_LIMITS) -> etree._Element:
    """Return the root of one element in text form; raises DecodeError for all that XMPP forbids."""
    octets = _octets(data)
    if len(octets) > limits.size:
        raise refused(f"{len(octets)} octets are more than the limit of {limits.size}", "too-large")
    tags = octets.count(b"<")
    if tags > limits.tags:
        raise refused(f"more than {limits.tags} tags", "too-large")
    if b"!" in octets and b"<!DOCTYPE" in octets:
        _refuse_document_type(octets)
    try:
        root = etree.fromstring(octets, _PARSER)
    except etree.XMLSyntaxError as error:
        raise refused((error.msg or "not XML").partition(", line ")[0].strip(), line=error.lineno) from None
    if b"?" in octets and b"<?" in octets:
        _refuse_instructions(root)
    if tags > limits.depth:
        _check_depth(root, limits)
    if octets.count(b"=") > limits.attributes:
        _check_attributes(root, limits)
    if _long_namespace(limits.namespace)(octets):
        _check_namespaces(root, limits)
    return root


_OWN = etree.XMLParser(
    encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True, collect_ids=False, huge_tree=True
)


def reread(markup: str) -> etree._Element:
    """Return the tree of markup that the writers made; no limits but libxml2's own. Raises EncodeError."""
    try:
        return etree.fromstring(markup.encode(), _OWN)
    except etree.XMLSyntaxError as error:
        raise EncodeError(f"libxml2 does not take what would be written: {error.msg}") from None


def _octets(data: str | bytes) -> bytes:
    if isinstance(data, str):
        try:
            return data.encode()
        except UnicodeEncodeError as error:
            raise refused(f"character {error.start} cannot stand in XML", "bad-encoding") from None
    return bytes(data)


def _refuse_document_type(octets: bytes) -> None:
    """Refuse a document type before any parser sees it. It can stand in front of the root only, nowhere else."""
    at = octets.find(b"<")
    while octets.startswith((b"<!--", b"<?"), at):
        comment = octets.startswith(b"<!--", at)
        end = octets.find(b"-->", at + 4) if comment else octets.find(b"?>", at + 2)  # `<!-->` is no whole comment
        at = octets.find(b"<", end) if end > 0 else -1
    if at >= 0 and octets.startswith(b"<!DOCTYPE", at):
        raise refused("a document type is forbidden", "forbidden-xml", octets.count(b"\n", 0, at) + 1)


def _refuse_instructions(root: etree._Element) -> None:
    around = (*root.itersiblings(), *root.itersiblings(preceding=True), *root.iter(etree.ProcessingInstruction))
    for node in around:
        raise refused("a processing instruction is forbidden", "forbidden-xml", node.sourceline)


def check_limits(node: ElementLike, limits: Limits) -> None:
    """Raise DecodeError for a tree that others parsed where it is deeper or, one of lxml, wider than the limits."""
    _check_depth(node, limits)
    if isinstance(node, etree._Element):  # the names of other trees are strings that their nodes share
        _check_attributes(node, limits)
        _check_namespaces(node, limits)


def _check_depth(node: ElementLike, limits: Limits) -> None:
    if depth_exceeds(node, limits.depth):
        raise refused(f"elements are nested more than {limits.depth} deep", "too-deep")


def depth_exceeds(node: ElementLike, limit: int) -> bool:
    """Tell whether `node` has more than `limit` levels, itself one of them; needs no recursion."""
    if isinstance(node, etree._Element):
        return bool(_levels(limit)(node))
    level: list[ElementLike] = [node]
    for _ in range(limit):
        level = [kid for parent in level for kid in parent]
        if not level:
            return False
    return True


@lru_cache(maxsize=8)
def _levels(limit: int) -> etree.XPath:
    return etree.XPath("boolean(." + "/*" * limit + ")")


def _check_attributes(node: etree._Element, limits: Limits) -> None:
    if _attributes(limits.attributes)(node):
        raise refused(f"an element has more than {limits.attributes} attributes", "too-large")


@lru_cache(maxsize=8)
def _attributes(limit: int) -> etree.XPath:
    return etree.XPath(f"boolean(descendant-or-self::*/@*[{limit + 1}])")


def _check_namespaces(node: etree._Element, limits: Limits) -> None:
    below = (pair[1] for _, pair in etree.iterwalk(node, events=("start-ns",)) if pair is not None)
    if any(len(space) > limits.namespace for space in chain(node.nsmap.values(), below)):
        raise refused(f"the name of a namespace has more than {limits.namespace} characters", "too-large")


@lru_cache(maxsize=8)
def _long_namespace(limit: int) -> Callable[[bytes], object]:
    """Return what finds declarations of names that may be too long; the same in text is found, too."""
    too_long = limit + 1
    return re.compile(rb"""xmlns(?::[^\s=:<>"']*+)?+\s*+=\s*+(?:"[^"]{%d}|'[^']{%d})""" % (too_long, too_long)).search


def freeze(node: ElementLike) -> Raw:
    """Return the frozen form of a node and all below it. Its depth has been checked by whoever made the tree."""
    return _frozen(node, "")


def _frozen(node: ElementLike, tail: str) -> Raw:
    kids: list[ElementLike] = []
    texts = [[node.text or ""]]
    for kid in node:
        if isinstance(kid.tag, str):
            kids.append(kid)
            texts.append([])
        texts[-1].append(kid.tail or "")  # behind a comment, too: it belongs to what stands before the comment
    text, *tails = map("".join, texts)
    return Raw(str(node.tag), tuple(node.items()), text, tuple(map(_frozen, kids, tails)), tail)

"""Markup as text: escaping, namespace declarations, and the writing of `Raw`. Nothing unescaped passes here."""

from __future__ import annotations

import re

from jinglecodec.errors import EncodeError
from jinglecodec.namespaces import XML
from jinglecodec.xml.tree import Raw, split_tag
from jinglecodec.xml.types import NCNAME

__all__ = ["attributes", "declaration", "escape", "escape_text", "prefixed", "raw", "special"]

# Markup characters, those that attribute normalisation would change, and all that is no Char (XML 1.0 2.2).
special = re.compile('[&<>"\x00-\x1f\ud800-\udfff\ufffe\uffff]').search
_special_text = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]").search
_illegal = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]").search
_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def _refuse_illegal(text: str, cls: type, name: str) -> None:
    found = _illegal(text)
    if found is not None:
        raise EncodeError(f"{cls.__name__}.{name}: U+{ord(found[0]):04X} cannot stand in XML (XML 1.0 2.2)")


def escape(text: str | None, cls: type, name: str) -> str | None:
    """Return `text` for an attribute value in double quotes; raises EncodeError for what XML cannot carry."""
    if text is None:
        return None
    _refuse_illegal(text, cls, name)
    return text.translate(_ATTRIBUTE)


def escape_text(text: str, cls: type, name: str) -> str:
    """Return `text` for element content; raises EncodeError for what XML cannot carry."""
    if _special_text(text) is None:
        return text
    _refuse_illegal(text, cls, name)
    return text.translate(_TEXT)


def declaration(namespace: str) -> str:
    """Return ` xmlns="..."` for a default namespace, which may be empty."""
    return f' xmlns="{_attribute(namespace, "namespace")}"'


def prefixed(clark: str, prefix: str = "n0") -> str:
    """Return an attribute's name as it is written: bare, `xml:` or with `prefix`."""
    space, local = split_tag(clark)
    if not space:
        return local
    return f"xml:{local}" if space == XML else f"{prefix}:{local}"


def attributes(pairs: tuple[tuple[str, str], ...]) -> str:
    """Return the markup of attributes in Clark notation, each namespace declared where it is used."""
    prefixes: dict[str, str] = {}
    parts = []
    for clark, value in pairs:
        space, local = split_tag(clark)
        _refuse_name(local)
        if space and space != XML and space not in prefixes:
            prefixes[space] = f"n{len(prefixes)}"
            parts.append(f' xmlns:{prefixes[space]}="{_attribute(space, "namespace")}"')
        parts.append(f' {prefixed(clark, prefixes.get(space, ""))}="{_attribute(value, local)}"')
    return "".join(parts)


def raw(node: Raw, scope: str) -> str:
    """Return the markup of a Raw node where `scope` is the default namespace."""
    space, local = split_tag(node.tag)
    _refuse_name(local)
    head = f"<{local}{'' if space == scope else declaration(space)}{attributes(node.attributes)}"
    body = escape_text(node.text, Raw, local) + "".join([raw(kid, space) for kid in node.children])
    markup = f"{head}>{body}</{local}>" if body else head + "/>"
    return markup + escape_text(node.tail, Raw, local)


def _attribute(text: str, name: str) -> str:
    return text if special(text) is None else escape(text, Raw, name) or ""


def _refuse_name(local: str) -> None:
    try:
        NCNAME.parse(local)
    except ValueError as error:
        raise EncodeError(f"{error}, so it cannot name an element or attribute") from None

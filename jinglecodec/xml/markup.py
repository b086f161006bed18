"""Markup as text: escaping, namespace declarations, and the writing of `Raw`. Nothing unescaped passes here."""

from __future__ import annotations

import re

from jinglecodec.errors import EncodeError
from jinglecodec.namespaces import XML
from jinglecodec.xml.tree import Raw, split_tag
from jinglecodec.xml.types import NCNAME

__all__ = ["attributes", "declaration", "escape", "escape_text", "illegal", "raw", "special"]

_XMLNS = "http://www.w3.org/2000/xmlns/"

special = re.compile('[&<>"\x00-\x1f\ud800-\udfff\ufffe\uffff]').search
"Finds markup characters, those that attribute normalisation would change, and all that is no Char (XML 1.0 2.2)."
illegal = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]").search
"Finds what XML cannot carry (XML 1.0 2.2), octets that were no UTF-8 among it."
_special_text = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]").search
_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def _refuse_illegal(text: str, cls: type, name: str) -> None:
    found = illegal(text)
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


def declaration(namespace: str, prefix: str = "") -> str:
    """Return ` xmlns="..."` for a default namespace, which may be empty, or ` xmlns:p="..."` with prefix `:p`."""
    return f' xmlns{prefix}="{_attribute(namespace, "namespace")}"'


def attributes(pairs: tuple[tuple[str, str], ...]) -> str:
    """Return the markup of attributes in Clark notation, each namespace declared where it is used.

    Raises EncodeError for a name or value that XML cannot carry.
    """
    prefixes = {"": "", XML: "xml:"}
    parts = []
    for clark, value in pairs:
        space, local = _named(clark)
        if clark == "xmlns":
            raise EncodeError("a namespace declaration is not an attribute (Namespaces in XML 3)")
        if space not in prefixes:
            prefix = f"n{len(prefixes) - 2}"
            prefixes[space] = prefix + ":"
            parts.append(declaration(space, ":" + prefix))
        parts.append(f' {prefixes[space]}{local}="{_attribute(value, local)}"')
    return "".join(parts)


def raw(node: Raw, scope: str | None) -> str:
    """Return the markup of a Raw node, without its tail, where `scope` is the default namespace (None: of the root)."""
    scope = scope or ""
    space, name = _named(node.tag)
    opening = name
    if space == XML:  # its prefix is bound already, and it cannot be the default (Namespaces in XML 3)
        space, opening, name = scope, f"xml:{name}", f"xml:{name}"
    elif space != scope:
        opening += declaration(space)
    head = f"<{opening}{attributes(node.attributes)}"
    kids = [raw(kid, space) + escape_text(kid.tail, Raw, "tail") for kid in node.children]
    body = escape_text(node.text, Raw, "text") + "".join(kids)
    return f"{head}>{body}</{name}>" if body else head + "/>"


def _attribute(text: str, name: str) -> str:
    return text if special(text) is None else escape(text, Raw, name) or ""


def _named(clark: str) -> tuple[str, str]:
    """Return namespace and local name; raises EncodeError for what no parser would read back as them."""
    space, local = split_tag(clark)
    if space == _XMLNS or clark.startswith("{}"):
        raise EncodeError(f"{clark!r} is in no namespace that a name can have (Namespaces in XML 3)")
    try:
        NCNAME.parse(local)
    except ValueError as error:
        raise EncodeError(f"{error}, so it cannot name an element or attribute") from None
    return space, local

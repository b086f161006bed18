"""XEP-0338: Jingle Grouping Framework."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.xml.fields import Element, attribute, children, element
from jinglecodec.xml.types import STRING

__all__ = ["Group", "GroupContent"]


@element(ns.GROUPING, "content", also=(f"{{{ns.GROUPING_RFC}}}content",))
class GroupContent(Element):
    """One content of a group, by name (XEP-0338 2)."""

    name: str = attribute(STRING)


@element(ns.GROUPING, "group", also=(f"{{{ns.GROUPING_RFC}}}group",))
class Group(Element):
    """Contents that belong together, such as those of a BUNDLE (XEP-0338 2; RFC 5888 5)."""

    semantics: str = attribute(STRING, aliases=("type",))
    "`BUNDLE`, `LS` ...; a registry, not a closed set."
    contents: tuple[GroupContent, ...] = children(GroupContent, default=())

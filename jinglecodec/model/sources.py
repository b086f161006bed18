"""XEP-0339: Source-Specific Media Attributes in Jingle."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.xml.fields import Element, attribute, children, element
from jinglecodec.xml.types import STRING, UNSIGNED_INT

__all__ = ["Source", "SourceGroup", "SourceParameter"]


@element(ns.SSMA, "parameter")
class SourceParameter(Element):
    """One attribute of a source, such as `cname` (XEP-0339 3; RFC 5576 4.1)."""

    name: str = attribute(STRING)
    value: str | None = attribute(STRING, default=None)


@element(ns.SSMA, "source")
class Source(Element):
    """A synchronization source and its attributes (XEP-0339 3)."""

    ssrc: int = attribute(UNSIGNED_INT)
    parameters: tuple[SourceParameter, ...] = children(SourceParameter, default=())


@element(ns.SSMA, "ssrc-group")
class SourceGroup(Element):
    """Sources that belong together (XEP-0339 4; RFC 5576 4.2)."""

    semantics: str = attribute(STRING)
    "`FID`, `SIM`, `FEC-FR` ...: the schema's list is that of RFC 5888 and misses what is in use."
    sources: tuple[Source, ...] = children(Source, default=())

"""XEP-0370: Jingle HTTP Transport Method: download and upload, two transports of one shape."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import Transport
from jinglecodec.xml.fields import Element, attribute, children, element, flag, text
from jinglecodec.xml.types import STRING

__all__ = ["HttpCandidate", "HttpHeader", "HttpTransport", "HttpUploadTransport"]

_BOTH = (ns.HTTP, ns.HTTP_UPLOAD)


@element(_BOTH, "header")
class HttpHeader(Element):
    """A header to send along (XEP-0370 4, 5); written in the namespace of its transport."""

    name: str = attribute(STRING)
    value: str = text(STRING, default="")


@element(_BOTH, "candidate")
class HttpCandidate(Element):
    """Where the data is to be had from, or sent to (XEP-0370 4, 5); written in the namespace of its transport."""

    uri: str = attribute(STRING)
    "`https:` or `http:`; the latter may be refused (XEP-0370 9)."
    headers: tuple[HttpHeader, ...] = children(HttpHeader, default=())


@element(ns.HTTP, "transport")
class HttpTransport(Transport):
    """The receiver fetches the data with GET (XEP-0370 4)."""

    candidates: tuple[HttpCandidate, ...] = children(HttpCandidate, default=())


@element(ns.HTTP_UPLOAD, "transport")
class HttpUploadTransport(Transport):
    """The sender uploads the data with PUT (XEP-0370 5)."""

    candidates: tuple[HttpCandidate, ...] = children(HttpCandidate, default=())
    "One at most; the schema allows more."
    completed: bool = flag(default=False)
    "All is uploaded, in a transport-info (XEP-0370 6.1)."

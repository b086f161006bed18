"""SIP messages as values (RFC 3261 7): read from datagrams, built, and written.

`sipmessage` parts a message into its header fields, knows their compact names, and writes them. Values it reads more
narrowly than RFC 3261 25.1 (no host such as `pbx1`, whose last label has a digit) and writes changed (a `+` in a tag
becomes `%2B`): what this gateway needs of them is read here, and what it has to echo stays as it came.
"""

from __future__ import annotations

import re

import attrs
import sipmessage

from jinglecodec.addresses import Address
from jinglecodec.lexical import decimal
from jinglecodec.sip.tables import PHRASES

__all__ = ["COOKIE", "MalformedError", "Message", "NameAddress", "Request", "Response", "Via", "arrived", "read"]

COOKIE = "z9hG4bK"
"Begins the branch of everyone who follows RFC 3261 (8.1.1.7)."
_MOST_FIELDS = 256
"Header fields that are read; looking one up takes time with their number."

Fields = tuple[tuple[str, str], ...]
"Name and value of each header field, in order."


class MalformedError(ValueError):
    """Octets that are no SIP message; `request` is as much of a request as is needed to answer it with 400."""

    def __init__(self, message: str, request: Request | None = None) -> None:
        super().__init__(message)
        self.request = request


# --- values of header fields -----------------------------------------------------------------------------------------

_QUOTED = r'"(?:[^"\\]|\\.)*\\?(?:"|\Z)'
"A quoted string; one without its end goes on to the end of the text, so that no octet is looked at twice."
_ITEM = re.compile(rf'(?:{_QUOTED}|<[^<>]*>|[^,"<])+', re.DOTALL)
_NAME_ADDRESS = re.compile(rf'(?:{_QUOTED} ?|[^"<]*)< ?([^<> ]+) ?>(.*)|([^;<>" ]+)(.*)', re.DOTALL).fullmatch
_PARAMETER = re.compile(rf"; ?([^=;, ]+)(?: ?= ?({_QUOTED}|[^; ]*))?", re.DOTALL)
_VIA = re.compile(
    r"SIP ?/ ?2\.0 ?/ ?[A-Za-z0-9-]+ (\[[0-9A-Fa-f:.]+\]|[^ :;,\[\]]+) ?(?:: ?([0-9]{1,5}))? ?((?:;.*)?)",
    re.IGNORECASE,
).fullmatch


def _spaced(text: str) -> str:
    """Return the text with single spaces, which is what all white space stands for (RFC 3261 7.3.1)."""
    return " ".join(text.split())


def _parameters(text: str) -> dict[str, str]:
    return {name.lower(): value or "" for name, value in _PARAMETER.findall(text)}


@attrs.frozen
class NameAddress:
    """The value of From, To, Contact and the routes (RFC 3261 20.10): its URI and its parameters."""

    uri: str
    parameters: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> NameAddress:
        """Return what `text` says; raises ValueError."""
        found = _NAME_ADDRESS(_spaced(text))
        if found is None:
            raise ValueError(f"{text!r} is no address")
        return cls(found[1] or found[3], _parameters(found[2] or found[4] or ""))

    @property
    def tag(self) -> str:
        """The tag, empty where there is none."""
        return self.parameters.get("tag", "")


@attrs.frozen
class Via:
    """One hop that a message came through (RFC 3261 20.42)."""

    host: str
    port: int | None
    parameters: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> Via:
        """Return what `text` says; raises ValueError."""
        found = _VIA(_spaced(text))
        if found is None:
            raise ValueError(f"{text!r} is no Via")
        port = None if found[2] is None else decimal(found[2], 1, 65535)
        return cls(found[1].lower(), port, _parameters(found[3]))

    @property
    def branch(self) -> str:
        """The branch, empty where there is none."""
        return self.parameters.get("branch", "")


# --- messages --------------------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Message:
    """What requests and responses have in common. Those that were read have all fields of RFC 3261 8.1.1."""

    fields: Fields
    body: bytes = b""

    def all(self, name: str) -> tuple[str, ...]:
        """Return the values of a header field, those that stand behind a comma too."""
        found = (value for key, value in self.fields if key.lower() == name)
        return tuple(item.strip() for value in found for item in _ITEM.findall(value) if item.strip())

    def one(self, name: str) -> str:
        """Return the first value of a header field whole, empty where it is missing."""
        return next((value for key, value in self.fields if key.lower() == name), "")

    def tokens(self, name: str) -> frozenset[str]:
        """Return the tokens of a list such as Supported, in lower case."""
        return frozenset(item.lower() for item in self.all(name))

    @property
    def call_id(self) -> str:
        """The Call-ID."""
        return self.one("call-id")

    @property
    def from_(self) -> NameAddress:
        """Who sends the request, or sent the request that is answered."""
        return NameAddress.parse(self.one("from"))

    @property
    def to(self) -> NameAddress:
        """Whom the request is for."""
        return NameAddress.parse(self.one("to"))

    @property
    def via(self) -> Via:
        """The topmost hop."""
        return Via.parse(self.all("via")[0])

    @property
    def cseq(self) -> int:
        """The number of the request in its dialog."""
        return decimal(self.one("cseq").split()[0], 0, 2**31 - 1)

    @property
    def cseq_method(self) -> str:
        """The method that the CSeq names."""
        return self.one("cseq").split()[1]

    @property
    def contact(self) -> str:
        """The URI where the sender wants to be reached, empty where it tells none."""
        contacts = self.all("contact")
        return NameAddress.parse(contacts[0]).uri if contacts else ""

    @property
    def rseq(self) -> int | None:
        """The number of a reliable provisional response (RFC 3262 7.1)."""
        text = self.one("rseq")
        return decimal(text, 1, 2**32 - 1) if text else None

    @property
    def sdp(self) -> bytes | None:
        """The description in the body, None where there is none."""
        return self.body if self.body and self.content_type in ("", "application/sdp") else None

    @property
    def content_type(self) -> str:
        """The media type of the body, in lower case and without parameters."""
        return self.one("content-type").partition(";")[0].strip().lower()

    def _written(self, start: str) -> bytes:
        headers = sipmessage.Headers()
        for name, value in self.fields:
            headers.add(name, value)
        headers.set("Content-Length", str(len(self.body)))
        return f"{start}\r\n{headers}".encode("utf-8", "surrogateescape") + self.body


@attrs.frozen(kw_only=True)
class Request(Message):
    """A request."""

    method: str
    uri: str
    "The Request-URI."

    def encode(self) -> bytes:
        """Return the request as it goes out."""
        return self._written(f"{self.method} {self.uri} SIP/2.0")

    def response(self, status: int, *, tag: str = "", fields: Fields = (), body: bytes = b"") -> Response:
        """Return a response (RFC 3261 8.2.6.2): its To has `tag`, unless the request has one."""
        copied = [(name, value) for name, value in self.fields if name.lower() in _ECHOED]
        to = self.one("to")
        if tag and to and not self.to.tag:
            copied = [(name, f"{to};tag={tag}" if name.lower() == "to" else value) for name, value in copied]
        return Response(status=status, fields=(*copied, *fields), body=body)


_ECHOED = ("via", "from", "to", "call-id", "cseq")


@attrs.frozen(kw_only=True)
class Response(Message):
    """A response."""

    status: int

    def encode(self) -> bytes:
        """Return the response as it goes out."""
        return self._written(f"SIP/2.0 {self.status} {PHRASES.get(self.status, '')}")


# --- from datagrams --------------------------------------------------------------------------------------------------

_START = re.compile(
    rb"(?:(?P<method>[A-Za-z0-9.!%*_+`'~-]+) (?P<uri>[!-~]+) SIP/2\.0"
    rb"|SIP/2\.0 (?P<status>[1-6][0-9]{2}) [^\r\n]*)\r\n",
    re.IGNORECASE,
).match
_FOLD = re.compile(rb"\r\n[ \t]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]").search


def read(data: bytes) -> Request | Response:
    """Return the message that a datagram holds; raises MalformedError.

    What stands behind the body is left out; a body that is shorter than Content-Length says is an error (18.3).
    """
    start = _START(data)
    if start is None:
        raise MalformedError("no start line of a SIP message")
    head, separator, body = data[start.end() :].partition(b"\r\n\r\n")
    if not separator or head.count(b"\r\n") >= _MOST_FIELDS:
        raise MalformedError("no end of the header fields, or too many of them")
    fields = _fields(_FOLD.sub(b" ", head))
    if start["status"] is not None:
        response = Response(fields=fields, body=body, status=int(start["status"]))
        return attrs.evolve(response, body=_checked(response))
    method, uri = start["method"].decode("ascii"), start["uri"].decode("ascii")
    request = Request(fields=fields, body=body, method=method, uri=uri)
    try:
        return attrs.evolve(request, body=_checked(request))
    except MalformedError as error:
        raise MalformedError(str(error), request if _is_answerable(request) else None) from None


def _fields(head: bytes) -> Fields:
    """Return the header fields, with their long names; raises MalformedError."""
    try:
        # Any start line does: its Request-URI would be read more narrowly than it may be.
        headers = sipmessage.Message.parse(b"SIP/2.0 200 \r\n" + head + b"\r\n\r\n").headers
    except ValueError as error:
        raise MalformedError(f"a header field is none: {error}") from None
    fields = tuple((name.strip(), value) for name in headers.keys() for value in headers.getlist(name))  # noqa: SIM118
    if any(_CONTROL(name) or _CONTROL(value) for name, value in fields):
        raise MalformedError("a header field has control characters")
    return fields


def _checked(message: Request | Response) -> bytes:
    """Return the body as long as Content-Length says; raises MalformedError unless all is there that is needed."""
    try:
        method = message.cseq_method
        _ = (message.cseq, message.via, message.from_, message.to, message.contact, message.rseq)
        for route in (*message.all("record-route"), *message.all("route")):
            NameAddress.parse(route)
        length = decimal(message.one("content-length") or str(len(message.body)), 0, 2**32)
    except (ValueError, IndexError) as error:
        raise MalformedError(f"a header field is missing or wrong: {error}") from None
    if not message.call_id or (isinstance(message, Request) and method != message.method):
        raise MalformedError("no Call-ID, or a CSeq of another method")
    if length > len(message.body):
        raise MalformedError(f"the body has {len(message.body)} octets, Content-Length is {length}")
    return message.body[:length]


def _is_answerable(request: Request) -> bool:
    """Tell whether a malformed request can be answered: it says where to, and is no ACK (RFC 3261 17.1.1.3)."""
    try:
        _ = request.via
    except (ValueError, IndexError):
        return False
    return request.method != "ACK"


def arrived(request: Request, remote: Address) -> tuple[Request, Address]:
    """Return a request as its receiver sees it, and where its responses go (RFC 3261 18.2.1, 18.2.2; RFC 3581 4)."""
    via = request.via
    vias = request.all("via")
    noted = vias[0]
    wants_port = "rport" in via.parameters
    if wants_port:
        noted = re.sub(r";\s*rport(?:\s*=[^;\s]*)?", f";rport={remote.port}", noted, count=1, flags=re.IGNORECASE)
    if wants_port or via.host.strip("[]") != remote.host:
        noted += f";received={remote.host}"
    fields = [(name, value) for name, value in request.fields if name.lower() != "via"]
    port = remote.port if wants_port else via.port or 5060
    stamped = (("Via", noted), *(("Via", value) for value in vias[1:]), *fields)
    return attrs.evolve(request, fields=stamped), Address(remote.host, port)

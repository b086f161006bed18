"""Dialogs (RFC 3261 12): what two parties of a call keep of one another, and requests made of it. Values, no I/O."""

from __future__ import annotations

import attrs

from jinglecodec.addresses import Address
from jinglecodec.sip.addresses import Uri
from jinglecodec.sip.messages import Fields, NameAddress, Request, Response

__all__ = ["Dialog"]


@attrs.frozen
class Dialog:
    """One dialog, early or confirmed, from the side of one party."""

    call_id: str
    local: str
    "From, in requests of this party: its address with its tag."
    remote: str
    "To, in requests of this party: the other's address, with its tag."
    target: str
    "URI where the other party is reached; a re-INVITE changes it (12.2.1.2)."
    routes: tuple[str, ...] = ()
    "In the order in which a request takes them."
    local_number: int = 0
    "CSeq of the latest request of this party."
    remote_number: int = -1
    "CSeq of the latest request of the other; -1 before the first."

    @classmethod
    def of_client(cls, request: Request, response: Response) -> Dialog:
        """Return the dialog that a response makes for the party that sent the request (12.1.2)."""
        return cls(
            call_id=request.call_id,
            local=request.one("from"),
            remote=response.one("to"),
            target=response.contact or request.uri,
            routes=response.all("record-route")[::-1],
            local_number=request.cseq,
        )

    @classmethod
    def of_server(cls, request: Request, tag: str) -> Dialog:
        """Return the dialog that a response with `tag` makes for the party that sends the response (12.1.1)."""
        return cls(
            call_id=request.call_id,
            local=f"{request.one('to')};tag={tag}",
            remote=request.one("from"),
            target=request.contact or request.from_.uri,
            routes=request.all("record-route"),
            remote_number=request.cseq,
        )

    @property
    def local_tag(self) -> str:
        """The tag of this party."""
        return NameAddress.parse(self.local).tag

    @property
    def remote_tag(self) -> str:
        """The tag of the other party; empty with a peer of RFC 2543."""
        return NameAddress.parse(self.remote).tag

    def request(self, method: str, number: int, via: str, fields: Fields = (), body: bytes = b"") -> Request:
        """Return a request within the dialog, with `number` as its CSeq (12.2.1.1)."""
        target, routes = self.target, self.routes
        if routes and not _is_loose(routes[0]):
            target, routes = NameAddress.parse(routes[0]).uri, (*routes[1:], f"<{self.target}>")
        head = (
            ("Via", via),
            ("Max-Forwards", "70"),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.call_id),
            ("CSeq", f"{number} {method}"),
            *(("Route", route) for route in routes),
        )
        return Request(method=method, uri=target, fields=(*head, *fields), body=body)

    def next_hop(self) -> Address | None:
        """Return where requests go: the first route, else the target; None where that is a name (8.1.2)."""
        hop = NameAddress.parse(self.routes[0]).uri if self.routes else self.target
        uri = Uri.parse(hop)
        return None if uri is None else uri.address

    def owns(self, request: Request) -> bool:
        """Tell whether a request came within this dialog (12.2.2)."""
        return request.to.tag == self.local_tag and request.from_.tag == self.remote_tag

    def is_late(self, request: Request) -> bool:
        """Tell whether a request is older than another that came already; it is answered 500 (12.2.2)."""
        return request.cseq <= self.remote_number

    def after(self, request: Request) -> Dialog:
        """Return the dialog after a request that came in: its number counts, and of an INVITE its Contact (12.2.2)."""
        target = (request.contact or self.target) if request.method == "INVITE" else self.target
        return attrs.evolve(self, remote_number=request.cseq, target=target)


def _is_loose(route: str) -> bool:
    uri = Uri.parse(NameAddress.parse(route).uri)
    return uri is not None and uri.loose

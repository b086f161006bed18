"""A SIP party that says what it is told to, right or wrong, and the other half of its calls by habit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TypeVar

import attrs

from jinglecodec.addresses import Address
from jinglecodec.machine import DatagramReceived, OpenSocket, SendDatagram, SocketProtocol
from jinglecodec.sip.dialogs import Dialog
from jinglecodec.sip.messages import COOKIE, MalformedError, Request, Response, read
from jinglecodec.testing.network import Start

__all__ = ["HABITS", "Ask", "Phone", "Reply", "Say"]


@attrs.frozen
class Ask:
    """Send a request: the first of a call is outside of a dialog, CANCEL and ACK are about its latest INVITE."""

    method: str
    sdp: str = ""
    headers: Mapping[str, str] = attrs.Factory(dict)
    "In place of those of the same name; an empty one is left out."
    call: str = ""
    "Its Call-ID; empty for the latest call."
    uri: str = ""
    "The Request-URI; empty for the callee, or the target of the dialog."


@attrs.frozen
class Reply:
    """Answer the latest request of a method that came in the latest call."""

    status: int
    sdp: str = ""
    headers: Mapping[str, str] = attrs.Factory(dict)
    tag: str = "phone"
    "Of the branch of a fork that answers."
    method: str = "INVITE"


@attrs.frozen
class Say:
    """Send these octets."""

    data: bytes


_Message = TypeVar("_Message", Request, Response)

Act = Ask | Reply | Say

HABITS: Mapping[str, tuple[Act, ...]] = {
    "BYE": (Reply(200, method="BYE"),),
    "CANCEL": (Reply(200, method="CANCEL"), Reply(487)),
    "PRACK": (Reply(200, method="PRACK"),),
    "success": (Ask("ACK"),),
    "failure": (Ask("ACK"),),
}
"A request that comes, or how one of its INVITEs ends -> what a polite party says to it."


@attrs.define
class _Line:
    """One call."""

    dialog: Dialog | None = None
    invite: Request | None = None
    "The latest that was sent."
    answer: Response | None = None
    "To it."
    asked: dict[str, Request] = attrs.Factory(dict)
    "Method -> the latest request that came."
    number: int = 100
    "Of the latest request that was sent."
    rack: str = ""
    "What a PRACK says of the latest response that was sent reliably (RFC 3262 7.2)."


class Phone:
    """One SIP party, or a proxy with several behind it. It never waits, and nothing is too late for it."""

    deadline = None

    def __init__(
        self, address: Address, gateway: Address, callee: str, habits: Mapping[str, tuple[Act, ...]] = HABITS
    ) -> None:
        """Talk from `address` to the gateway, with calls to `callee`, a URI; do what `habits` says for what comes."""
        self._address, self._gateway, self._callee, self._habits = address, gateway, callee, habits
        self._lines: dict[str, _Line] = {}
        self._about_us = (("Contact", f"<sip:phone@{address}>"), ("Content-Type", "application/sdp"))
        self._latest = ""
        self._sent = 0

    def handle(self, event: object, now: float) -> tuple[object, ...]:
        """Return the datagrams that an act or a habit comes to."""
        del now
        if isinstance(event, Start):
            return (OpenSocket(0, SocketProtocol.UDP, self._address, None, None),)
        acts: tuple[Act, ...] = (event,) if isinstance(event, Ask | Reply | Say) else ()
        if isinstance(event, DatagramReceived):
            with suppress(MalformedError):  # a refusal of what was itself none
                acts = self._heard(read(event.data))
        return tuple(SendDatagram(0, self._gateway, data) for act in acts for data in self._done(act))

    def _heard(self, message: Request | Response) -> tuple[Act, ...]:
        self._latest = message.call_id
        line = self._lines.setdefault(self._latest, _Line())
        if isinstance(message, Request):
            line.asked[message.method] = message
            return self._habits.get(message.method, ())
        if message.cseq_method != "INVITE" or line.invite is None:
            return ()
        line.answer = message
        line.rack = f"{message.rseq} {message.cseq} INVITE" if message.rseq else line.rack
        if message.to.tag and line.dialog is None and message.status < 300:
            line.dialog = Dialog.of_client(line.invite, message)
        kind = "success" if message.status < 300 else "failure"
        return self._habits.get(kind, ()) if message.status >= 200 else ()

    def _done(self, act: Act) -> Iterator[bytes]:
        match act:
            case Say(data):
                yield data
            case Ask():
                self._latest = act.call or self._latest
                line = self._lines.setdefault(self._latest, _Line())
                yield _changed(self._request(line, act), act.headers).encode()
            case Reply(method=method):
                line = self._lines[self._latest]
                if method in line.asked:
                    yield _changed(self._response(line, line.asked[method], act), act.headers).encode()

    def _response(self, line: _Line, request: Request, act: Reply) -> Response:
        if act.method == "INVITE" and 100 < act.status < 300 and not request.to.tag:
            line.dialog = Dialog.of_server(request, act.tag)
        return request.response(act.status, tag=act.tag, fields=self._about_us, body=act.sdp.encode())

    def _request(self, line: _Line, act: Ask) -> Request:
        self._sent += 1
        via = f"SIP/2.0/UDP {self._address};branch={COOKIE}{self._sent};rport"
        body = act.sdp.encode()
        if act.method in ("ACK", "CANCEL") and line.invite is not None:
            return self._about(line, line.invite, act.method, via, body)
        line.number += 1
        if line.dialog is not None:
            request = line.dialog.request(act.method, line.number, via, self._about_us, body)
        else:
            request = self._first(act, line.number, via, body)
        request = attrs.evolve(request, uri=act.uri or request.uri)
        if act.method == "PRACK":
            request = _changed(request, {"RAck": line.rack})
        if act.method == "INVITE":
            line.invite, line.answer = request, None
        return request

    def _first(self, act: Ask, number: int, via: str, body: bytes) -> Request:
        fields = (
            ("Via", via),
            ("Max-Forwards", "70"),
            ("From", "<sip:juliet@example.com>;tag=phone"),
            ("To", f"<{self._callee}>"),
            ("Call-ID", self._latest),
            ("CSeq", f"{number} {act.method}"),
            *self._about_us,
        )
        return Request(method=act.method, uri=self._callee, fields=fields, body=body)

    def _about(self, line: _Line, invite: Request, method: str, via: str, body: bytes) -> Request:
        """Return the CANCEL of an INVITE, or its ACK, which for a success has a transaction of its own (13.2.2.4)."""
        if method == "ACK" and line.dialog is not None and line.answer is not None and line.answer.status < 300:
            return line.dialog.request("ACK", invite.cseq, via, self._about_us, body)
        about = {"CSeq": f"{invite.cseq} {method}", "Contact": "", "Content-Type": ""}
        if method == "ACK" and line.answer is not None:
            about["To"] = line.answer.one("to")
        return attrs.evolve(_changed(invite, about), method=method, body=b"")


def _changed(message: _Message, headers: Mapping[str, str]) -> _Message:
    """Return a message with other header fields."""
    names = {name.lower() for name in headers}
    fields = [(name, value) for name, value in headers.items() if value]
    fields += [(name, value) for name, value in message.fields if name.lower() not in names]
    return attrs.evolve(message, fields=tuple(fields))

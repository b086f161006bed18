"""A STUN server as a machine: Binding on UDP (RFC 8489 6.3, 9.1.3 and 12), and NAT behavior discovery (RFC 5780 6).

It keeps nothing about its clients. Left out: RESPONSE-PORT and PADDING, which RFC 5780 leaves open, other transports
than UDP, and clients of RFC 3489.
"""

from __future__ import annotations

import attrs

from jinglecodec import stun
from jinglecodec.addresses import Address, is_ip
from jinglecodec.errors import LocalError, StunError
from jinglecodec.machine import (
    DatagramReceived,
    OpenSocket,
    SendDatagram,
    SocketEvent,
    SocketFailed,
    SocketOpened,
    SocketOutput,
    SocketProtocol,
    TimedMachine,
)
from jinglecodec.stun import values
from jinglecodec.stun.credentials import short_term_key

__all__ = ["CHANGE_REQUEST", "Start", "StunServer", "StunServerState"]

CHANGE_REQUEST = stun.AttributeType(0x0003, "CHANGE-REQUEST", values.UNSIGNED_32, "RFC 5780 7.2")
"4 asks for a response from the other IP address, 2 from the other port, 6 from both."

_KNOWN = frozenset(stun.ATTRIBUTES) | {CHANGE_REQUEST.number}
_OTHER_PORT, _OTHER_HOST = 1, 2
"Bits of the tokens of the sockets, so that the four addresses of RFC 5780 6.1 differ from each other by an XOR."


@attrs.frozen
class Start:
    """Open the sockets."""


@attrs.frozen
class StunServerState:
    """All that a server knows."""

    sockets: tuple[tuple[int, Address], ...]
    "Token and address of each socket that is open; token bit 0 is the alternate port, bit 1 the alternate host."
    failures: tuple[str, ...]
    "Why sockets could not be opened."


class StunServer(TimedMachine[Start | SocketEvent, SocketOutput, None]):
    """Answers Binding requests with the address they came from.

    It starts with the event Start, of which a second is a LocalError, and has no deadline.
    """

    __slots__ = ("_addresses", "_failures", "_key", "_sockets", "_username")

    def __init__(
        self, local: Address, other: Address | None = None, *, username: str | None = None, password: str = ""
    ) -> None:
        """Serve at `local`; with `other`, also at its host and port in all combinations, as RFC 5780 6 describes.

        With a `username`, requests need this short-term credential (RFC 8489 9.1.3). Raises LocalError unless host and
        port of `other` both differ from those of `local`, and EncodeError for a password that is none.
        """
        super().__init__()
        if other is not None and (other.host == local.host or other.port == local.port):
            raise LocalError(f"{other} has to differ from {local} in host and port (RFC 5780 6)")
        self._username = username
        self._key = b"" if username is None else short_term_key(password)
        self._addresses = {0: local}
        if other is not None:
            self._addresses[_OTHER_PORT] = Address(local.host, other.port)
            self._addresses[_OTHER_HOST] = Address(other.host, local.port)
            self._addresses[_OTHER_HOST | _OTHER_PORT] = other
        self._sockets: dict[int, Address] = {}
        self._failures: tuple[str, ...] = ()

    def snapshot(self) -> StunServerState:
        """Return all that the server knows; nothing that clients send changes it."""
        return StunServerState(tuple(self._sockets.items()), self._failures)

    def _check(self, event: Start | SocketEvent) -> None:
        if isinstance(event, Start) and (self._sockets or self._failures):
            raise LocalError("the server was started before")

    def _take(self, event: Start | SocketEvent) -> None:
        match event:
            case DatagramReceived(socket, remote, data):
                self._datagram_received(socket, remote, data)
            case Start():
                for token, local in self._addresses.items():
                    self._outputs.append(OpenSocket(token, SocketProtocol.UDP, local, None, None))
            case SocketOpened(socket, local):
                self._sockets[socket] = local
            case SocketFailed(socket, reason):
                self._failures += (f"{self._addresses.get(socket)}: {reason}",)
            case _:
                pass  # a response that could not be sent is like one that is lost

    def _expire(self, timer: None) -> None:
        """There are no timers."""

    # --- one request ---

    def _datagram_received(self, socket: int, remote: Address, data: bytes) -> None:
        request = _binding_request(data)
        if request is not None and socket in self._sockets and is_ip(remote.host):
            source, response = self._answer(request, socket, remote)
            self._outputs.append(SendDatagram(source, remote, response))

    def _answer(self, request: stun.Message, socket: int, remote: Address) -> tuple[int, bytes]:
        """Return the response, and the socket to send it from."""
        has_fingerprint = request.received is not None and request.received.fingerprint > 0
        code = None if self._username is None else self._authentication_error(request, self._username)
        if code is not None:
            return socket, request.error(code).encode(fingerprint=has_fingerprint)
        source, response = self._binding(request, socket, remote)
        if self._username is None or request.integrity is None:
            return source, response.encode(fingerprint=has_fingerprint)
        return source, response.encode(self._key, integrity=request.integrity.answer, fingerprint=has_fingerprint)

    def _authentication_error(self, request: stun.Message, username: str) -> int | None:
        """Return what is wrong with the credential of a request (RFC 8489 9.1.3), None when nothing is."""
        try:
            given = request.get(stun.USERNAME)
        except StunError:
            return 400
        if given is None or request.integrity is None:
            return 400
        return None if given == username and request.verify(self._key) else 401

    def _binding(self, request: stun.Message, socket: int, remote: Address) -> tuple[int, stun.Message]:
        """Return the response to a request that is authentic, and the socket to send it from (RFC 5780 6.1)."""
        discovers = len(self._sockets) == 4  # else 420 answers CHANGE-REQUEST (RFC 5780 6)
        known = _KNOWN if discovers else stun.ATTRIBUTES
        if request.unknown_required(known):
            return socket, request.unknown_attributes(known)
        try:
            source = socket ^ (request.get(CHANGE_REQUEST) or 0) >> 1 & (_OTHER_HOST | _OTHER_PORT)
        except StunError:
            return socket, request.error(400)
        if not discovers:
            return socket, request.success(stun.XOR_MAPPED_ADDRESS(remote))
        return source, request.success(
            stun.XOR_MAPPED_ADDRESS(remote),
            stun.MAPPED_ADDRESS(remote),
            stun.RESPONSE_ORIGIN(self._sockets[source]),
            stun.OTHER_ADDRESS(self._sockets[socket ^ (_OTHER_HOST | _OTHER_PORT)]),
        )


def _binding_request(data: bytes) -> stun.Message | None:
    """Return the Binding request in a datagram, None when it is anything else, which is dropped (RFC 8489 6.3)."""
    try:
        message = stun.decode(data)
    except StunError:
        return None
    if message.method != stun.Method.BINDING or message.message_class is not stun.MessageClass.REQUEST:
        return None
    damaged = message.received is not None and message.received.fingerprint and not message.verify_fingerprint()
    return None if damaged else message

"""Streams like those of TCP and TLS, as far as the two ends can tell: opened, refused, in order, closed.

There is no window, no half-closed state, and no loss of octets: links delay the segments of a stream instead.
"""

from __future__ import annotations

import enum
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from jinglecodec.machine import SocketProtocol
from jinglecodec.testing.network.packets import Packet, Segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinglecodec.addresses import Address
    from jinglecodec.testing.network.hosts import Host

__all__ = ["CONNECT_TIMEOUT", "Listener", "Stream", "StreamState", "StreamUser"]

CONNECT_TIMEOUT = 127.0
"Seconds until a connection that nobody answers fails, as on Linux (tcp_syn_retries 6)."


class StreamState(enum.Enum):
    """How far a stream is."""

    CONNECTING = "connecting"
    SECURING = "in the TLS handshake"
    OPEN = "open"
    CLOSED = "closed"


class StreamUser(Protocol):
    """Who hears what becomes of a stream."""

    def opened(self, stream: Stream) -> None:
        """The stream is open; for TLS, the name of the server is right."""

    def failed(self, stream: Stream, reason: str) -> None:
        """The stream could not be opened."""

    def received(self, stream: Stream, data: bytes) -> None:
        """The next octets came in."""

    def closed(self, stream: Stream) -> None:
        """The other side closed the stream, or it broke."""


class Listener:
    """Takes connections at a port of a host; made by `Host.listen`."""

    def __init__(
        self, host: Host, local: Address, accept: Callable[[Stream], StreamUser], server_names: tuple[str, ...]
    ) -> None:
        self.local = local
        self.accept = accept
        "Called with each connection that is open; returns who uses it."
        self.server_names = server_names
        self._host = host

    def close(self) -> None:
        """Take no more connections; those that are open stay."""
        self._host.forget(self)


class Stream:
    """One end of a connection. Each direction numbers its segments, and is read in that order."""

    def __init__(
        self, host: Host, local: Address, remote: Address, user: StreamUser | None, server_name: str | None
    ) -> None:
        self.local = local
        self.remote = remote
        self.state = StreamState.CONNECTING
        self._host = host
        self._user = user
        self._server_name = server_name
        self._listener: Listener | None = None
        self._sent = 0
        self._expected = 0
        self._early: dict[int, Packet] = {}

    def connect(self) -> None:
        """Start as a client."""
        self._send(Segment.SYN)
        self._limit_handshake()

    def answer(self, listener: Listener, syn: Packet) -> None:
        """Start as a server, with the first segment of a client."""
        self._listener = listener
        self._expected = syn.number + 1
        self._send(Segment.SYN_ACK)
        if listener.server_names:
            self.state = StreamState.SECURING
            self._limit_handshake()
        else:
            self._open()

    def send(self, data: bytes) -> None:
        """Send octets; nothing happens unless the stream is open."""
        if self.state is StreamState.OPEN:
            self._send(Segment.DATA, data)

    def close(self) -> None:
        """End the stream without telling the user; what was sent before arrives."""
        if self.state is not StreamState.CLOSED:
            self._send(Segment.FIN)
            self._forget()

    def receive(self, packet: Packet) -> None:
        """Take a segment, and those that waited for it."""
        if packet.segment is Segment.RST:
            self._break("the TLS handshake failed" if self.state is StreamState.SECURING else "connection refused")
            return
        self._early[packet.number] = packet
        while self.state is not StreamState.CLOSED and self._expected in self._early:
            self._read(self._early.pop(self._expected))
            self._expected += 1

    def _read(self, packet: Packet) -> None:
        match self.state, packet.segment:
            case StreamState.CONNECTING, Segment.SYN_ACK:
                self._greet()
            case StreamState.SECURING, Segment.HELLO:
                self._check_hello(packet.data.decode())
            case StreamState.OPEN, Segment.DATA:
                self.user.received(self, packet.data)
            case _, Segment.FIN:
                self._break("closed during the handshake")
            case _:
                self._send(Segment.RST)
                self._break("the other side does not speak the same protocol")

    @property
    def user(self) -> StreamUser:
        """Who is told, from when the stream is open."""
        assert self._user is not None  # noqa: S101 - `_open` asked the listener
        return self._user

    def _greet(self) -> None:
        if self._server_name is None:
            self._open()
        else:
            self.state = StreamState.SECURING
            self._send(Segment.HELLO, self._server_name.encode())

    def _check_hello(self, name: str) -> None:
        """Take the other side's hello: of the server, or of a client that wants `name`."""
        if self._listener is None:
            self._open()
        elif name in self._listener.server_names:
            self._send(Segment.HELLO)
            self._open()
        else:
            self._send(Segment.RST)
            self._forget()

    def _open(self) -> None:
        self.state = StreamState.OPEN
        if self._listener is not None:
            self._user = self._listener.accept(self)
        self.user.opened(self)

    def _limit_handshake(self) -> None:
        network = self._host.network
        network.call_at(network.now + CONNECT_TIMEOUT, self._give_up)

    def _give_up(self) -> None:
        if self.state in (StreamState.CONNECTING, StreamState.SECURING):
            self._break("connection timed out")

    def _break(self, reason: str) -> None:
        """End the stream, and tell the user if there is one."""
        was_open = self.state is StreamState.OPEN
        self._forget()
        if was_open:
            self.user.closed(self)
        elif self._user is not None:
            self._user.failed(self, reason)

    def _forget(self) -> None:
        self.state = StreamState.CLOSED
        self._early.clear()
        self._host.forget(self)

    def _send(self, segment: Segment, data: bytes = b"") -> None:
        with suppress(OSError):  # no way any more: as if lost
            self._host.send(Packet(SocketProtocol.TCP, self.local, self.remote, data, segment, self._sent))
        self._sent += 1

"""Machines at work on hosts: the driver of the virtual network."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar, cast

import attrs

from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError
from jinglecodec.machine import (
    BytesReceived,
    CloseSocket,
    DatagramReceived,
    HostnameResolved,
    OpenSocket,
    ResolveHostname,
    SendBytes,
    SendDatagram,
    SendFailed,
    SocketClosed,
    SocketEvent,
    SocketFailed,
    SocketOpened,
    SocketProtocol,
    TimerFired,
)
from jinglecodec.testing.network.hosts import Host, UdpSocket
from jinglecodec.testing.network.streams import Listener, Stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinglecodec.machine import Machine

__all__ = ["ConnectionAccepted", "Listen", "Node"]

_Event = TypeVar("_Event")
_Output = TypeVar("_Output")
_Kind = TypeVar("_Kind")
_Socket = UdpSocket | Stream | Listener


@attrs.frozen
class Listen:
    """Take connections (an output of server machines, on this network only): ConnectionAccepted tells of each."""

    socket: int
    local: Address
    server_names: tuple[str, ...] = ()
    "TLS when there are names; those that the server can prove."


@attrs.frozen
class ConnectionAccepted:
    """A connection came in; it is open."""

    listener: int
    "The token that Listen gave."
    socket: int
    "The token of the connection, made by the network: negative, as no machine's own is."
    remote: Address


class Node(Generic[_Event, _Output]):
    """A machine at work on a host.

    It does what the machine wants done with sockets, hands in what comes of it and the deadlines, and keeps the
    other outputs for the test. `Network.run` raises LocalError when the machine sends on a socket that is not open, or
    opens one that is: no driver of real sockets could do it either.
    """

    def __init__(
        self,
        host: Host,
        machine: Machine[_Event, _Output],
        *,
        told: Callable[[_Output], object] | None = None,
        keep: int = 10_000,
    ) -> None:
        """Drive `machine`, which must not be driven by anybody else.

        `told(output)` is called for every output that is not about sockets; the last `keep` of them are in `outputs`.
        """
        self.host = host
        self.machine = machine
        self.outputs: deque[tuple[float, _Output]] = deque(maxlen=keep)
        "What the machine told, with the time, since the last `take`."
        self._told = told
        self._network = host.network
        self._sockets = _Sockets()
        self._accepted = 0
        self._pending: deque[_Output] = deque()
        self._busy = False
        self._wake: float | None = None
        self._stopped = False
        self._arm()

    def handle(self, event: _Event | TimerFired) -> None:
        """Hand in an event now, such as a command of the application; raises LocalError as the machine does."""
        if self._stopped:
            return
        self._pending.extend(self.machine.handle(event, self._network.now))
        self._arm()
        if self._busy:
            return  # `told` has called: the outputs come after those that are being done
        self._busy = True
        try:
            while self._pending:
                self._perform(self._pending.popleft())
        finally:
            self._busy = False

    def take(self) -> tuple[_Output, ...]:
        """Return what the machine told since the last call, and forget it."""
        taken = tuple(output for _, output in self.outputs)
        self.outputs.clear()
        return taken

    def stop(self) -> None:
        """End as a process that is killed: connections end, ports are free, nothing is handed in any more."""
        self._stopped = True
        self._sockets.close_all()

    # --- time ---

    def _arm(self) -> None:
        """Have one wake-up pending, not later than the deadline."""
        deadline = self.machine.deadline
        if deadline is not None and (self._wake is None or deadline < self._wake):
            self._wake = deadline
            self._network.call_at(deadline, self._awake, deadline)

    def _awake(self, wake: float) -> None:
        if wake != self._wake:
            return  # an earlier one took its place
        self._wake = None
        deadline = self.machine.deadline
        if deadline is not None and deadline <= self._network.now:
            self.handle(TimerFired())
        else:
            self._arm()

    # --- outputs ---

    def _perform(self, output: _Output) -> None:
        match output:
            case SendDatagram():
                self._send_datagram(output)
            case SendBytes():
                self._sockets.ready(output.socket, Stream).send(output.data)
            case OpenSocket() | Listen():
                self._open(output)
            case CloseSocket():
                self._sockets.close(output.socket)
            case ResolveHostname():
                self._soon(HostnameResolved(output.name, self._network.names.get(output.name)))
            case _:
                self.outputs.append((self._network.now, output))
                if self._told is not None:
                    self._told(output)

    def _send_datagram(self, output: SendDatagram) -> None:
        socket = self._sockets.ready(output.socket, UdpSocket)
        try:
            socket.send(output.data, output.remote)
        except OSError as error:
            self._soon(SendFailed(output.socket, output.remote, str(error)))

    def _open(self, output: OpenSocket | Listen) -> None:
        token = output.socket
        self._sockets.claim(token, output)
        now = self._network.now
        try:
            if isinstance(output, OpenSocket) and output.protocol is not SocketProtocol.UDP:
                self._sockets.put(token, self._connect(output))
            else:
                socket = self._bind(output)
                self._sockets.put(token, socket)
                self._network.call_at(now, self._bound, token, socket)
        except OSError as error:
            self._network.call_at(now, self._failed, output, str(error))

    def _bind(self, output: OpenSocket | Listen) -> UdpSocket | Listener:
        if isinstance(output, Listen):
            return self.host.listen(output.local, partial(self._accept, output.socket), output.server_names)
        return self.host.open_udp(output.local or _NOWHERE, partial(self._datagram_received, output.socket))

    def _connect(self, output: OpenSocket) -> Stream:
        remote = output.remote or _NOWHERE
        name = (output.server_name or remote.host) if output.protocol is SocketProtocol.TLS else None
        user = _Connection(self._hand_in, self._sockets, output.socket, None)
        return self.host.connect(user, remote, local=output.local, server_name=name)

    def _soon(self, event: SocketEvent) -> None:
        """Hand in an event at this time, after the outputs that are being done."""
        self._network.call_at(self._network.now, self._hand_in, event)

    # --- what comes of them ---

    def _bound(self, token: int, socket: UdpSocket | Listener) -> None:
        if self._sockets.confirm(token, socket):
            self._hand_in(SocketOpened(token, socket.local))

    def _failed(self, output: OpenSocket | Listen, reason: str) -> None:
        if self._sockets.is_waiting(output.socket, output):
            self._sockets.drop(output.socket)
            self._hand_in(SocketFailed(output.socket, reason))

    def _datagram_received(self, token: int, data: bytes, remote: Address) -> None:
        if self._sockets.is_ready(token):
            self._hand_in(DatagramReceived(token, remote, data))

    def _accept(self, listener: int, stream: Stream) -> _Connection:
        self._accepted -= 1
        self._sockets.put(self._accepted, stream)
        return _Connection(self._hand_in, self._sockets, self._accepted, listener)

    def _hand_in(self, event: SocketEvent | ConnectionAccepted) -> None:
        # A machine that opens sockets takes such events.
        self.handle(cast("_Event", event))


_NOWHERE = Address("", 0)
"Stands for the address that an OpenSocket lacks; no host has it."


class _Sockets:
    """The sockets of a node by token: those that are open, opening, and asked for only."""

    def __init__(self) -> None:
        self._all: dict[int, _Socket | OpenSocket | Listen] = {}
        self._open: set[int] = set()

    def claim(self, token: int, output: OpenSocket | Listen) -> None:
        """Reserve the token for a socket that is asked for; raises LocalError when it is in use."""
        if token in self._all:
            raise LocalError(f"socket {token} is open already")
        self._all[token] = output

    def put(self, token: int, socket: _Socket) -> None:
        """Keep a socket that is opening."""
        self._all[token] = socket

    def is_waiting(self, token: int, thing: _Socket | OpenSocket | Listen) -> bool:
        """Whether this is what the token stands for: the machine may have closed it, and used the token again."""
        return self._all.get(token) is thing

    def confirm(self, token: int, socket: _Socket) -> bool:
        """Let the socket be open; tell whether it was still wanted."""
        wanted = self.is_waiting(token, socket)
        if wanted:
            self._open.add(token)
        return wanted

    def is_ready(self, token: int) -> bool:
        """Whether the machine knows that the socket is open."""
        return token in self._open

    def ready(self, token: int, kind: type[_Kind]) -> _Kind:
        """Return an open socket; raises LocalError."""
        socket = self._all.get(token)
        if token not in self._open or not isinstance(socket, kind):
            raise LocalError(f"socket {token} is not an open {kind.__name__}")
        return socket

    def drop(self, token: int) -> _Socket | OpenSocket | Listen | None:
        """Forget a socket."""
        self._open.discard(token)
        return self._all.pop(token, None)

    def close(self, token: int) -> None:
        """Close and forget a socket, open or not yet."""
        if isinstance(socket := self.drop(token), _Socket):
            socket.close()

    def close_all(self) -> None:
        """Close and forget all sockets."""
        for token in tuple(self._all):
            self.close(token)


class _Connection:
    """Tells a machine what becomes of one stream."""

    def __init__(
        self,
        handle: Callable[[SocketEvent | ConnectionAccepted], None],
        sockets: _Sockets,
        token: int,
        listener: int | None,
    ) -> None:
        self._handle = handle
        self._sockets = sockets
        self._token = token
        self._listener = listener

    def opened(self, stream: Stream) -> None:
        self._sockets.confirm(self._token, stream)
        if self._listener is None:
            self._handle(SocketOpened(self._token, stream.local))
        else:
            self._handle(ConnectionAccepted(self._listener, self._token, stream.remote))

    def failed(self, _: Stream, reason: str) -> None:
        self._sockets.drop(self._token)
        self._handle(SocketFailed(self._token, reason))

    def received(self, _: Stream, data: bytes) -> None:
        self._handle(BytesReceived(self._token, data))

    def closed(self, _: Stream) -> None:
        self._sockets.drop(self._token)
        self._handle(SocketClosed(self._token))

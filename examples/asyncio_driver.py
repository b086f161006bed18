"""Runs any machine of this library on real sockets with asyncio: UDP, TCP and TLS.

driver = Driver(machine, tell=print)    # in a coroutine; tell gets the outputs that are not about sockets
driver.handle(event)                    # what the application wants; sockets and timers come by themselves
"""

from __future__ import annotations

import asyncio
import math
import ssl
from typing import TYPE_CHECKING, Any

from jinglecodec.addresses import Address
from jinglecodec.machine import (
    BytesReceived,
    CloseSocket,
    DatagramReceived,
    HostnameResolved,
    Machine,
    OpenSocket,
    ResolveHostname,
    SendBytes,
    SendDatagram,
    SendFailed,
    SocketClosed,
    SocketFailed,
    SocketOpened,
    SocketProtocol,
    TimerFired,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    Tell = Callable[[Any], object]

__all__ = ["Driver"]


class Driver:
    """Does what a machine says, hands in what comes of it, and calls it at its deadline."""

    def __init__(self, machine: Machine[Any, Any], tell: Tell, tls: ssl.SSLContext | None = None) -> None:
        """Drive `machine` on the running loop; `tls` verifies servers, by default as the system does."""
        self.machine, self.tell, self.tls = machine, tell, tls
        self.loop = asyncio.get_running_loop()
        self.sockets: dict[int, Socket] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.timer: asyncio.TimerHandle | None = None

    def handle(self, event: object, not_before: float = -math.inf) -> None:
        """Hand an event to the machine, do what it says, and come back at the deadline."""
        for output in self.machine.handle(event, max(not_before, self.loop.time())):
            self.perform(output)
        if self.timer is not None:
            self.timer.cancel()
        if (deadline := self.machine.deadline) is not None:
            self.timer = self.loop.call_at(deadline, self.handle, TimerFired(), deadline)

    def close(self) -> None:
        """End it all: close the sockets, and call the machine no more."""
        for task in self.tasks:
            task.cancel()
        for token in tuple(self.sockets):
            self.perform(CloseSocket(token))
        if self.timer is not None:
            self.timer.cancel()

    def perform(self, output: object) -> None:
        """Do one thing that the machine says."""
        match output:
            case SendDatagram(token, remote, data):
                self.sockets[token].transport.sendto(data, (remote.host, remote.port))
            case SendBytes(token, data):
                self.sockets[token].transport.write(data)
            case OpenSocket(token):
                self.sockets[token] = Socket(self, token)
                self.start(self.open(output, self.sockets[token]))
            case CloseSocket(token) if (closed := self.sockets.pop(token, None)) and closed.transport:
                closed.transport.close()
            case CloseSocket():
                pass  # gone already, or still opening: `connection_made` closes it
            case ResolveHostname(name):
                self.start(self.resolve(name))
            case _:
                self.tell(output)

    def start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine beside, and keep it from being collected."""
        self.tasks.add(task := self.loop.create_task(coroutine))
        task.add_done_callback(self.tasks.discard)

    async def open(self, wanted: OpenSocket, socket: Socket) -> None:
        """Bind or connect; `Socket.connection_made` tells the machine."""
        local, remote = ((one.host, one.port) if one else None for one in (wanted.local, wanted.remote))
        tls = (self.tls or ssl.create_default_context()) if wanted.protocol is SocketProtocol.TLS else None
        try:
            if wanted.protocol is SocketProtocol.UDP:
                await self.loop.create_datagram_endpoint(lambda: socket, local)
            else:
                options: dict[str, Any] = {"ssl": tls, "server_hostname": wanted.server_name, "local_addr": local}
                await self.loop.create_connection(lambda: socket, *remote or (), **options)
        except OSError as error:  # ssl.SSLError is one
            if self.sockets.get(wanted.socket) is socket:
                del self.sockets[wanted.socket]
                self.handle(SocketFailed(wanted.socket, str(error)))

    async def resolve(self, name: str) -> None:
        """Ask the system, which uses multicast DNS for `.local` where it is set up to."""
        try:
            host = str((await self.loop.getaddrinfo(name, None))[0][4][0])
        except (OSError, UnicodeError):  # no such name, or none that can be
            host = None
        self.handle(HostnameResolved(name, host))


class Socket(asyncio.DatagramProtocol, asyncio.Protocol):
    """Turns what asyncio calls back into events, until the machine closes the socket."""

    transport: Any = None

    def __init__(self, driver: Driver, token: int) -> None:
        self.driver, self.token = driver, token

    def hand_in(self, event: object) -> None:
        if self.driver.sockets.get(self.token) is self:
            self.driver.handle(event)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        if self.driver.sockets.get(self.token) is self:
            self.hand_in(SocketOpened(self.token, Address(*transport.get_extra_info("sockname")[:2])))
        else:
            transport.close()

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self.hand_in(DatagramReceived(self.token, Address(*addr[:2]), data))

    def data_received(self, data: bytes) -> None:
        self.hand_in(BytesReceived(self.token, data))

    def error_received(self, exc: Exception) -> None:
        # asyncio calls this within sendto, too, when outputs are still being done.
        self.driver.loop.call_soon(self.hand_in, SendFailed(self.token, None, str(exc)))

    def connection_lost(self, _: Exception | None) -> None:
        if self.driver.sockets.get(self.token) is self:
            del self.driver.sockets[self.token]
            self.driver.handle(SocketClosed(self.token))

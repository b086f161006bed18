"""Runs any machine of this library on real sockets with asyncio: UDP, TCP and TLS.

driver = Driver(machine, tell=print)    # in a coroutine; tell gets the outputs that are not about sockets
driver.handle(event)                    # what the application wants; sockets and timers come by themselves
"""

from __future__ import annotations

import asyncio
import math
import socket
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
    from collections.abc import Callable

    Tell = Callable[[Any], object]

__all__ = ["Driver"]


class Driver:
    """Does what a machine says, hands in what comes of it, and calls it at its deadline."""

    def __init__(self, machine: Machine[Any, Any], tell: Tell, tls: ssl.SSLContext | None = None) -> None:
        """Drive `machine` on the running loop; `tls` verifies servers, by default as the system does."""
        self.machine, self.tell, self.tls = machine, tell, tls
        self.loop = asyncio.get_running_loop()
        self.sockets: dict[int, Socket] = {}
        self.timer = self.loop.call_later(0, self.handle, TimerFired())

    def handle(self, event: object, not_before: float = -math.inf) -> None:
        """Hand an event to the machine, do what it says, and come back at the deadline."""
        for output in self.machine.handle(event, max(not_before, self.loop.time())):
            self.perform(output)
        self.timer.cancel()
        if (deadline := self.machine.deadline) is not None:
            self.timer = self.loop.call_at(deadline, self.handle, TimerFired(), deadline)

    def perform(self, output: object) -> None:
        """Do one thing that the machine says."""
        match output:
            case SendDatagram(token, remote, data):
                self.sockets[token].transport.sendto(data, (remote.host, remote.port))
            case SendBytes(token, data):
                self.sockets[token].transport.write(data)
            case OpenSocket(token):
                self.sockets[token] = Socket(self, output)
            case CloseSocket(token) if token in self.sockets:
                self.sockets.pop(token).close()
            case CloseSocket():
                pass  # the other side was quicker
            case ResolveHostname(name):
                found = self.loop.run_in_executor(None, resolve, name)
                found.add_done_callback(lambda found: self.handle(HostnameResolved(name, found.result())))
            case _:
                self.tell(output)

    def close(self) -> None:
        """End it all: close the sockets, and call the machine no more."""
        while self.sockets:
            self.sockets.popitem()[1].close()
        self.timer.cancel()


class Socket(asyncio.DatagramProtocol, asyncio.Protocol):
    """Opens a socket, and turns what asyncio calls back into events until the machine closes it."""

    transport: Any = None

    def __init__(self, driver: Driver, wanted: OpenSocket) -> None:
        self.driver, self.token = driver, wanted.socket
        self.task = driver.loop.create_task(self.open(wanted))

    async def open(self, wanted: OpenSocket) -> None:
        local, remote = ((one.host, one.port) if one else None for one in (wanted.local, wanted.remote))
        tls = (self.driver.tls or ssl.create_default_context()) if wanted.protocol is SocketProtocol.TLS else None
        options: dict[str, Any] = {"ssl": tls, "server_hostname": wanted.server_name, "local_addr": local}
        try:
            if wanted.protocol is SocketProtocol.UDP:
                await self.driver.loop.create_datagram_endpoint(lambda: self, local)
            else:
                await self.driver.loop.create_connection(lambda: self, *remote or (), **options)
        except OSError as error:  # ssl.SSLError is one
            self.end(SocketFailed(self.token, str(error)))

    def close(self) -> None:
        self.task.cancel()
        if self.transport is not None:
            self.transport.close()

    def hand_in(self, event: object) -> None:
        if self.driver.sockets.get(self.token) is self:
            self.driver.handle(event)

    def end(self, event: object) -> None:
        if self.driver.sockets.get(self.token) is self:
            del self.driver.sockets[self.token]
            self.driver.handle(event)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.hand_in(SocketOpened(self.token, Address(*transport.get_extra_info("sockname")[:2])))

    def connection_lost(self, _: Exception | None) -> None:
        self.end(SocketClosed(self.token))

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self.hand_in(DatagramReceived(self.token, Address(*addr[:2]), data))

    def data_received(self, data: bytes) -> None:
        self.hand_in(BytesReceived(self.token, data))

    def error_received(self, exc: Exception) -> None:
        # asyncio calls this within sendto, too, when outputs are still being done.
        self.driver.loop.call_soon(self.hand_in, SendFailed(self.token, None, str(exc)))


def resolve(name: str) -> str | None:
    """Ask the system, which uses multicast DNS for `.local` where it is set up to."""
    try:
        return str(socket.getaddrinfo(name, None)[0][4][0])
    except (OSError, UnicodeError):  # no such name, or none that can be
        return None

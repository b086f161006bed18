"""Relays at coturn, a TURN server that many people use: over UDP, TCP and TLS, on real sockets."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from coturn import HOST, NAME, PASSWORD, SECRET, USER, Coturn, coturn

from jinglecodec.addresses import Address
from jinglecodec.ice.relay import Relay
from jinglecodec.ice.relay_events import (
    Allocate,
    BindChannel,
    PeerPermitted,
    PeerRefused,
    Permit,
    RelayAllocated,
    RelayLost,
    RelayReceived,
    RelayServer,
    Release,
    SendToPeer,
)
from jinglecodec.machine import SocketProtocol
from jinglecodec.stun.credentials import turn_rest

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
sys.path.insert(0, str(Path(__file__).parents[1] / "ice"))
from asyncio_driver import Driver
from relay_support import RelayUser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.interop
STATIC = ("lt-cred-mech", f"user={USER}:{PASSWORD}")


class Session:
    """A relay on real sockets, and a peer on the same machine."""

    def __init__(
        self, server: Coturn, protocol: SocketProtocol, username: str = USER, password: str = PASSWORD
    ) -> None:
        is_udp, is_tls = protocol is SocketProtocol.UDP, protocol is SocketProtocol.TLS
        relay_server = RelayServer(
            address=server.secure if is_tls else server.plain,
            protocol=protocol,
            username=username,
            password=password,
            server_name=NAME if is_tls else None,
        )
        self.relay = Relay(1, relay_server, Address(HOST, 0) if is_udp else None)
        self.told: asyncio.Queue[Any] = asyncio.Queue()
        self.driver = Driver(RelayUser(self.relay), self.told.put_nowait, server.tls)
        self.peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.peer.bind((HOST, 0))
        self.peer.setblocking(False)
        self.remote = Address(*self.peer.getsockname())

    async def next(self) -> Any:  # noqa: ANN401 - any output
        """Return what the relay tells next."""
        async with asyncio.timeout(10):
            return await self.told.get()

    async def exchange(self, data: bytes) -> bytes:
        """Send data to the peer and back; return what comes."""
        self.driver.handle(SendToPeer(self.remote, data))
        async with asyncio.timeout(10):
            loop = asyncio.get_running_loop()
            received, source = await loop.sock_recvfrom(self.peer, 2000)
            await loop.sock_sendto(self.peer, received + b" and back", source)
        told = await self.next()
        assert isinstance(told, RelayReceived), told
        return told.data

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait until something is so."""
        for _ in range(200):
            if done():
                return
            await asyncio.sleep(0.05)
        pytest.fail("it takes too long")

    async def settled(self) -> None:
        """Wait until the server has answered everything."""
        await self.until(lambda: not self.relay._attempts)

    async def close(self) -> None:
        """Release the allocation."""
        self.driver.handle(Release())
        await self.until(lambda: self.relay.is_over)
        self.driver.close()
        self.peer.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    """Return a coturn with one user, whose nonces are stale after a second."""
    with coturn(tmp_path_factory.mktemp("coturn"), *STATIC, "stale-nonce=1") as running:
        yield running


@pytest.mark.parametrize("protocol", SocketProtocol)
def test_data_goes_both_ways_and_the_allocation_is_released(server: Coturn, protocol: SocketProtocol) -> None:
    async def run() -> None:
        session = Session(server, protocol)
        session.driver.handle(Allocate())
        allocated = await session.next()
        assert isinstance(allocated, RelayAllocated), allocated
        assert allocated.relayed[0].host == HOST
        await session.until(lambda: server.sessions == 1)
        session.driver.handle(Permit(HOST))
        assert await session.next() == PeerPermitted(HOST)
        assert await session.exchange(b"in an indication") == b"in an indication and back"
        session.driver.handle(BindChannel(session.remote))
        await session.settled()
        assert session.relay.snapshot().channels == ((0x4000, session.remote),)
        assert await session.exchange(b"on a channel") == b"on a channel and back"
        await session.close()
        await session.until(lambda: server.sessions == 0)  # UDP takes coturn a second

    asyncio.run(run())


@pytest.mark.parametrize(
    ("protocol", "seconds"),
    [
        (SocketProtocol.UDP, 1),
        pytest.param(SocketProtocol.UDP, 10, marks=pytest.mark.long),
        pytest.param(SocketProtocol.TCP, 10, marks=pytest.mark.long),
        pytest.param(SocketProtocol.TLS, 10, marks=pytest.mark.long),
    ],
)
def test_stale_nonce_is_renewed_on_every_method(tmp_path: Path, protocol: SocketProtocol, seconds: int) -> None:
    """RFC 8489 9.2.5: 438"""

    async def run(server: Coturn) -> None:
        session = Session(server, protocol)
        session.driver.handle(Allocate())
        assert isinstance(await session.next(), RelayAllocated)
        for event in (Permit(HOST), BindChannel(session.remote)):
            await asyncio.sleep(seconds + 1.1)
            nonce = session.relay._account._credential
            session.driver.handle(event)
            await session.settled()
            assert session.relay._account._credential != nonce, "there was a 438"
            if isinstance(event, Permit):
                assert await session.next() == PeerPermitted(HOST)
            assert await session.exchange(b"data") == b"data and back"
        await asyncio.sleep(seconds + 1.1)
        await session.close()
        await session.until(lambda: server.sessions == 0)  # UDP takes coturn a second

    with coturn(tmp_path, *STATIC, f"stale-nonce={seconds}") as server:
        asyncio.run(run(server))


@pytest.mark.parametrize(("username", "password"), [(USER, "wrong"), ("nobody", PASSWORD)])
def test_wrong_credentials_lose_the_relay(server: Coturn, username: str, password: str) -> None:
    async def run() -> None:
        session = Session(server, SocketProtocol.UDP, username, password)
        session.driver.handle(Allocate())
        lost = await session.next()
        assert isinstance(lost, RelayLost)
        assert lost.code == 401
        await session.close()

    asyncio.run(run())


def test_password_from_the_shared_secret_is_taken(tmp_path: Path) -> None:
    """draft-uberti-behave-turn-rest"""

    async def run(server: Coturn) -> None:
        for expires, expected in ((int(time.time()) + 600, RelayAllocated), (int(time.time()) - 600, RelayLost)):
            session = Session(server, SocketProtocol.UDP, *turn_rest(SECRET, expires, "alice"))
            session.driver.handle(Allocate())
            assert isinstance(await session.next(), expected)
            await session.close()

    with coturn(tmp_path, "use-auth-secret", f"static-auth-secret={SECRET}") as server:
        asyncio.run(run(server))


def test_quota_and_forbidden_peers_come_out_as_reasons(tmp_path: Path) -> None:
    """RFC 8656 7.4 and 10.2: 486 and 403."""

    async def run(server: Coturn) -> None:
        first, second = Session(server, SocketProtocol.UDP), Session(server, SocketProtocol.TCP)
        first.driver.handle(Allocate())
        assert isinstance(await first.next(), RelayAllocated)
        second.driver.handle(Allocate())
        lost = await second.next()
        assert (type(lost), lost.code) == (RelayLost, 486)
        for host in ("192.0.2.66", HOST):
            first.driver.handle(Permit(host))
        refused = await first.next()
        assert (type(refused), refused.host) == (PeerRefused, "192.0.2.66")
        assert await first.next() == PeerPermitted(HOST)
        assert await first.exchange(b"data") == b"data and back"
        await first.close()
        await second.close()

    with coturn(tmp_path, *STATIC, "user-quota=1", "denied-peer-ip=192.0.2.0-192.0.2.255") as server:
        asyncio.run(run(server))

"""The example of a driver runs machines on real sockets of this host."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
import toy_machines as toys
from asyncio_driver import Driver

from jinglecodec import stun
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
    SocketClosed,
    SocketFailed,
    SocketOpened,
    SocketProtocol,
)
from jinglecodec.testing.network import Start, StunServer

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

LOOPBACK = Address("127.0.0.1", 0)
UDP, TCP, TLS = SocketProtocol


class Driven:
    """A machine under the driver, and what it tells; closed at the end of `run`."""

    all: ClassVar[list[Driven]] = []

    def __init__(self, machine: Machine[Any, Any], tls: ssl.SSLContext | None = None) -> None:
        self.told: asyncio.Queue[Any] = asyncio.Queue()
        self.driver = Driver(machine, self.told.put_nowait, tls)
        self.all.append(self)

    async def do(self, *outputs: object) -> Any:  # noqa: ANN401 - any event
        """Let a Caller say this, and return the next event that it is told."""
        for output in outputs:
            self.driver.handle(toys.Do(output))
        return await asyncio.wait_for(self.told.get(), 10)


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test on an event loop that reports what went wrong in callbacks."""

    async def watched() -> None:
        errors: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
        try:
            await test()
        finally:
            while Driven.all:
                Driven.all.pop().driver.close()
            await asyncio.sleep(0)
        assert errors == []

    asyncio.run(watched())


def test_client_learns_its_address_from_the_stun_server() -> None:
    class Told(StunServer):
        """A server that tells where it is."""

        def _take(self, event: Any) -> None:  # noqa: ANN401
            super()._take(event)
            if isinstance(event, SocketOpened):
                self._outputs.append(event)  # type: ignore[arg-type]

    async def scenario() -> None:
        server, client = Driven(Told(LOOPBACK)), Driven(toys.Caller())
        server.driver.handle(Start())
        at = (await server.told.get()).local
        opened = await client.do(OpenSocket(1, UDP, LOOPBACK, None, None))
        request = stun.Message.request(stun.Method.BINDING, bytes(range(12)))
        answer = await client.do(SendDatagram(1, at, request.encode(fingerprint=True)))

        assert isinstance(answer, DatagramReceived)
        assert answer.remote == at
        response = stun.decode(answer.data)
        assert response == request.success(stun.XOR_MAPPED_ADDRESS(opened.local))
        assert response.verify_fingerprint()

    run(scenario)


def test_connection_is_opened_used_and_closed() -> None:
    async def scenario() -> None:
        server = await asyncio.start_server(_echo_once, "127.0.0.1", 0)
        remote = Address(*server.sockets[0].getsockname())
        client = Driven(toys.Caller())

        opened = await client.do(OpenSocket(1, TCP, LOOPBACK, remote, None))
        assert (opened.socket, opened.local.host) == (1, "127.0.0.1")
        assert await client.do(SendBytes(1, b"ping")) == BytesReceived(1, b"ping")
        assert await client.do() == SocketClosed(1)
        server.close()

    run(scenario)


def test_refused_connection_and_foreign_address_fail() -> None:
    async def scenario() -> None:
        server = await asyncio.start_server(_echo_once, "127.0.0.1", 0)
        remote = Address(*server.sockets[0].getsockname())
        server.close()
        client = Driven(toys.Caller())

        failed = await client.do(OpenSocket(1, TCP, None, remote, None))
        assert isinstance(failed, SocketFailed)
        failed = await client.do(OpenSocket(1, UDP, Address("192.0.2.1", 0), None, None))
        assert isinstance(failed, SocketFailed)

    run(scenario)


@pytest.mark.parametrize(("name", "result"), [("turn.example", SocketOpened), ("other.example", SocketFailed)])
def test_tls_server_has_to_prove_its_name(name: str, result: type, tmp_path: Path) -> None:
    certificate = _certificate(tmp_path, "turn.example")

    async def scenario() -> None:
        serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        serving.load_cert_chain(certificate)
        server = await asyncio.start_server(_echo_once, "127.0.0.1", 0, ssl=serving)
        client = Driven(toys.Caller(), tls=ssl.create_default_context(cafile=certificate))
        told = await client.do(OpenSocket(1, TLS, None, Address(*server.sockets[0].getsockname()), name))

        assert isinstance(told, result)
        if result is SocketOpened:
            assert await client.do(SendBytes(1, b"secret")) == BytesReceived(1, b"secret")
            assert await client.do() == SocketClosed(1)
        server.close()

    run(scenario)


def test_socket_closed_while_opening_is_closed_without_a_word() -> None:
    async def scenario() -> None:
        client = Driven(toys.Caller())
        client.driver.handle(toys.Do(OpenSocket(1, UDP, LOOPBACK, None, None)))
        told = await client.do(CloseSocket(1), CloseSocket(1), OpenSocket(1, UDP, LOOPBACK, None, None))

        assert isinstance(told, SocketOpened)
        assert client.told.empty()
        assert len(client.driver.sockets) == 1

    run(scenario)


def test_host_name_is_resolved() -> None:
    async def scenario() -> None:
        client = Driven(toys.Caller())

        assert await client.do(ResolveHostname("127.0.0.1")) == HostnameResolved("127.0.0.1", "127.0.0.1")
        assert await client.do(ResolveHostname("a..b")) == HostnameResolved("a..b", None)

    run(scenario)


def test_machine_is_called_at_its_deadline_and_not_before() -> None:
    class Quick(toys.Beater):
        """Beats without a pause worth mentioning."""

        def _arm(self) -> None:
            self._timers.arm("beat", self._timers.now + 0.001)

    async def scenario() -> None:
        beater = Driven(Quick(random.Random(1)))
        start = asyncio.get_running_loop().time()
        beater.driver.handle(toys.Begin())
        beats = [await asyncio.wait_for(beater.told.get(), 10) for _ in range(5)]

        assert [beat.number for beat in beats] == [1, 2, 3, 4, 5]
        assert asyncio.get_running_loop().time() >= start + 5 * 0.001

    run(scenario)


async def _echo_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(await reader.read(100))
    writer.close()


def _certificate(directory: Path, name: str) -> Path:
    """Return a file with a key and a certificate of its own for a name."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = directory / "certificate.pem"
    path.write_bytes(private + certificate.public_bytes(pem))
    return path

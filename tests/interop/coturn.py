"""A coturn of our own on 127.0.0.1, for as long as a test takes."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

import attrs
import pytest

from jinglecodec.addresses import Address

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["HOST", "NAME", "PASSWORD", "SECRET", "USER", "Coturn", "coturn"]

HOST, NAME = "127.0.0.1", "turn.example"
USER, PASSWORD, SECRET = "user", "password", "north"

CONFIGURATION = """
listening-ip={host}
relay-ip={host}
listening-port={plain}
tls-listening-port={secure}
cert={directory}/cert.pem
pkey={directory}/key.pem
realm=example.org
allow-loopback-peers
cli-ip={host}
cli-port={cli}
cli-password=unused
no-dtls
userdb={directory}/users
pidfile={directory}/pid
log-file=/dev/null
"""


@attrs.frozen
class Coturn:
    """A running server."""

    plain: Address
    "For UDP and TCP."
    secure: Address
    cli: Address
    tls: ssl.SSLContext
    "Trusts its certificate, which is for `turn.example`."

    @property
    def sessions(self) -> int:
        """How many allocations the server says it has."""
        with socket.create_connection((self.cli.host, self.cli.port), timeout=5) as connection:
            told = b""
            for text in (b"unused", b"ps"):
                connection.sendall(text + b"\r\n")
                while not told.endswith(b"> "):  # the prompt
                    told += connection.recv(65536)
                told += b"\n"
        found = re.search(rb"Total sessions: (\d+)", told)
        assert found is not None, told
        return int(found[1])


def free_ports(count: int) -> list[int]:
    """Return ports that nobody uses at present."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server((HOST, 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]


@contextmanager
def coturn(directory: Path, *options: str) -> Iterator[Coturn]:
    """Run a server whose files are in `directory`, with more lines of configuration; skip where it is not installed."""
    missing = [tool for tool in ("turnserver", "openssl") if shutil.which(tool) is None]
    if missing:
        reason = f"not installed: {', '.join(missing)} (coturn, openssl)"
        assert "JINGLECODEC_REQUIRED" not in os.environ, reason
        pytest.skip(reason)
    plain, secure, cli = free_ports(3)
    certificate(directory)
    text = CONFIGURATION.format(host=HOST, plain=plain, secure=secure, cli=cli, directory=directory)
    file = directory / "turn.conf"
    file.write_text("\n".join((text, *options)))
    with subprocess.Popen(
        ["turnserver", "-c", str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(cli, process)
            tls = ssl.create_default_context(cafile=str(directory / "cert.pem"))
            yield Coturn(Address(HOST, plain), Address(HOST, secure), Address(HOST, cli), tls)
        finally:
            process.kill()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server listens at its last port; fail when it has ended."""
    deadline = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(ConnectionRefusedError):
            socket.create_connection((HOST, port), timeout=5).close()
            return
        time.sleep(0.01)
    pytest.fail(f"{process.args!r} does not listen at {port}")


def certificate(directory: Path) -> None:
    """Make a certificate for the server's name."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    files = ["-keyout", str(directory / "key.pem"), "-out", str(directory / "cert.pem")]
    extensions = ["-addext", f"subjectAltName=DNS:{NAME}"]
    subprocess.run([*command, *files, *extensions], check=True, capture_output=True)

"""`examples/slixmpp_call.py` as it stands: two processes, a real Prosody between them, and coturn for their relays."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest

pytest.importorskip("slixmpp", reason="no slixmpp (PyPI)")

from coturn import SECRET, Coturn, coturn
from prosody import PASSWORD, prosody

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.interop

ROMEO, JULIET = "romeo@localhost/orchard", "juliet@localhost/balcony"
EXAMPLES = Path(__file__).parents[2] / "examples"
PATIENCE = 60.0


@attrs.frozen
class Servers:
    """What the clients talk to."""

    prosody: int
    coturn: Coturn


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Run a Prosody that tells of a coturn, which shares its secret."""
    turn = coturn(tmp_path_factory.mktemp("coturn"), "use-auth-secret", f"static-auth-secret={SECRET}")
    with turn as relays:
        options = (
            f'turn_external_host = "{relays.plain.host}"',
            f"turn_external_port = {relays.plain.port}",
            f'turn_external_secret = "{SECRET}"',
        )
        directory = tmp_path_factory.mktemp("prosody")
        with prosody(directory, ("romeo", "juliet"), ("turn_external",), options) as port:
            yield Servers(port, relays)


@contextmanager
def client(servers: Servers, jid: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run the example until the end of the block."""
    command = [sys.executable, str(EXAMPLES / "slixmpp_call.py"), jid, PASSWORD, "--port", str(servers.prosody)]
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent)}
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def call(servers: Servers, *options: str) -> tuple[list[str], list[str]]:
    """Return what the one that called has printed, and what the other."""
    with client(servers, JULIET, "--trust", "romeo@localhost", *options) as juliet:
        assert juliet.stdout is not None
        assert juliet.stdout.readline() == "ready\n"
        with client(servers, ROMEO, "--call", JULIET, *options) as romeo:
            lines = []
            for process in (romeo, juliet):
                out, errors = process.communicate(timeout=PATIENCE)
                assert (process.returncode, errors) == (0, "")
                lines.append(out.splitlines())
    return lines[0], lines[1]


@pytest.mark.parametrize(("options", "kind"), [((), "host"), (("--relay",), "relay")], ids=["host", "relay"])
@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.long)])
def test_call_is_echoed_and_ended(servers: Servers, options: tuple[str, ...], kind: str, times: int) -> None:
    for _ in range(times):
        called, answered = call(servers, *options)

        assert called == ["ready", f"connected {kind} {kind}", "ended success 50"]
        assert answered == [f"connected {kind} {kind}", "ended success 0"]
        wait_for_release(servers.coturn)


def wait_for_release(server: Coturn) -> None:
    """Wait until the server has no allocation left, for which coturn takes a second."""
    deadline = time.monotonic() + PATIENCE
    while server.sessions:
        assert time.monotonic() < deadline
        time.sleep(0.1)

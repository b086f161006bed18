"""`examples/gateway.py` as it stands: between a real Prosody with a slixmpp client, and sipp."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
from sip_sipp import CALLED, CALLS, HANGS_UP, HUNG_UP, Sipp, free_port
from sip_support import audio

import jinglecodec as jc
from jinglecodec.session import Manager
from jinglecodec.session import events as on
from jinglecodec.session.events import Policy, SendStanza, StanzaReceived

slixmpp = pytest.importorskip("slixmpp", reason="no slixmpp (PyPI)")
if TYPE_CHECKING:
    from slixmpp.xmlstream import StanzaBase

ROMEO = "romeo@sip.localhost"
ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(shutil.which("sipp") is None, reason="no sipp (Debian: sip-tester)"),
    pytest.mark.skipif(shutil.which("prosody") is None, reason="no prosody (Debian)"),
]

CONFIG = """
data_path = "{base}"
pidfile = "{base}/prosody.pid"
run_as_root = true
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {client} }}
component_ports = {{ {component} }}
s2s_ports = {{}}
modules_enabled = {{ "saslauth"; "disco"; "presence"; "message"; "iq"; "posix"; "register" }}
modules_disabled = {{ "s2s" }}
allow_registration = true
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
log = {{ info = "{base}/prosody.log" }}
VirtualHost "localhost"
Component "sip.localhost"
    component_secret = "northpole"
"""


@attrs.frozen
class Ports:
    """Where everybody is on 127.0.0.1."""

    client: int = attrs.field(factory=free_port)
    component: int = attrs.field(factory=free_port)
    gateway: int = attrs.field(factory=free_port)
    sipp: int = attrs.field(factory=free_port)


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[Ports]:
    """Run Prosody, with an account, and the example as its component; return where they are."""
    found = Ports()
    config = tmp_path / "prosody.cfg.lua"
    config.write_text(CONFIG.format(base=tmp_path, client=found.client, component=found.component))
    register = ["prosodyctl", "--config", str(config), "register", "juliet", "localhost", "balcony"]
    subprocess.run(register, check=True, capture_output=True)
    sip, proxy = (f"127.0.0.1:{port}" for port in (found.gateway, found.sipp))
    options = ["--xmpp", f"127.0.0.1:{found.component}", "--sip", sip, "--proxy", proxy, "--trust", "localhost"]
    with contextlib.ExitStack() as running:
        running.enter_context(process(["prosody", "-F", "--config", str(config)], tmp_path / "prosody.out"))
        await_listener(found.component)
        script = str(ROOT / "examples" / "gateway.py")
        command = [sys.executable, script, "sip.localhost", "northpole", *options]
        running.enter_context(process(command, tmp_path / "gateway.out"))
        yield found


def await_listener(port: int) -> None:
    """Wait until somebody listens on a TCP port."""
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
            return
        time.sleep(0.02)
    raise AssertionError(f"nobody listens on {port}")


@contextlib.contextmanager
def process(command: list[str], log: Path) -> Iterator[None]:
    """Run a program until the block ends; what it says goes into a file."""
    with log.open("w") as out:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        running = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment)
        try:
            yield
        finally:
            running.send_signal(signal.SIGTERM)
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


class Juliet(slixmpp.ClientXMPP):  # type: ignore[misc, name-defined]
    """A client that leaves all Jingle to a session manager."""

    def __init__(self) -> None:
        super().__init__("juliet@localhost/chamber", "balcony")
        self.manager = Manager(
            "juliet@localhost/chamber", Policy(frozenset({"sip.localhost"})), random=random.Random(1)
        )
        self.told: list[object] = []
        self.plugin["feature_mechanisms"].unencrypted_scram = True  # Prosody is on this machine
        self.plugin["feature_mechanisms"].unencrypted_plain = True
        self.add_filter("in", self.take)

    def take(self, stanza: StanzaBase) -> StanzaBase | None:
        read = jc.from_element(stanza.xml, errors="keep")
        if isinstance(read, jc.Iq) and (isinstance(read.payload, jc.Jingle) or self.is_answer(read)):
            self.do(StanzaReceived(read))
            return None
        return stanza

    def infos(self) -> list[jc.DiscoInfo]:
        """Return what the gateway has told of what Romeo can do."""
        answers = [one.stanza for one in self.told if isinstance(one, on.NotHandled)]
        return [one.payload for one in answers if isinstance(one, jc.Iq) and isinstance(one.payload, jc.DiscoInfo)]

    def is_answer(self, iq: jc.Iq) -> bool:
        return iq.type in (jc.IqType.RESULT, jc.IqType.ERROR) and "sip.localhost" in (iq.from_ or "")

    def do(self, event: on.Event) -> None:
        for output in self.manager.handle(event, asyncio.get_running_loop().time()):
            if isinstance(output, SendStanza):
                self.send_raw(jc.dumps(output.stanza).decode())
            else:
                self.told.append(output)

    async def until(self, reached: Callable[[], object]) -> None:
        async with asyncio.timeout(15):
            while not reached():  # noqa: ASYNC110 - of two processes, too
                await asyncio.sleep(0.02)

    def has(self, kind: type) -> Callable[[], bool]:
        return lambda: any(isinstance(one, kind) for one in self.told)


@contextlib.asynccontextmanager
async def juliet(ports: Ports) -> AsyncIterator[Juliet]:
    """Log in, ask whether Romeo can be called until the gateway is up, and be there for him."""
    client = Juliet()
    client.enable_plaintext = client.enable_direct_tls = client.enable_starttls = True
    started = asyncio.get_running_loop().create_future()
    client.add_event_handler("session_start", started.set_result)
    client.connect("127.0.0.1", ports.client)
    await asyncio.wait_for(started, 15)
    client.send_presence()
    while not any(jc.namespaces.JINGLE in info.vars for info in client.infos()):
        client.send_raw(jc.dumps(jc.Iq(type=jc.IqType.GET, id="d", to=ROMEO, payload=jc.DiscoInfo())).decode())
        await asyncio.sleep(0.1)
    client.send_presence(pto=ROMEO)
    yield client
    await client.disconnect()


def at_home(steps: list[str]) -> list[str]:
    """Return a scenario between the domains of this Prosody, without ICE."""
    steps = [re.sub(r"a=(ice|candidate).*\n", "", step) for step in steps]
    return [step.replace("example.com", "localhost").replace("example.net", "sip.localhost") for step in steps]


def test_a_client_calls_sipp_through_prosody_and_the_example(ports: Ports, tmp_path: Path) -> None:
    async def call() -> None:
        async with juliet(ports) as client:
            client.do(on.Initiate(ROMEO, (audio(),)))
            await client.until(client.has(on.Accepted))
            client.do(on.Terminate(next(iter(client.manager.sessions))))
            await client.until(lambda: sipp.is_done)

    sipp = Sipp(tmp_path, ports.sipp, ports.gateway, at_home([*CALLED, *HUNG_UP]), calls=False)
    try:
        asyncio.run(call())
        assert sipp.process.returncode == 0
    finally:
        sipp.close()


def test_sipp_calls_a_client_through_the_example_and_prosody(ports: Ports, tmp_path: Path) -> None:
    async def call() -> int | None:
        async with juliet(ports) as client:
            sipp = Sipp(tmp_path, ports.sipp, ports.gateway, at_home([*CALLS, *HANGS_UP]), calls=True)
            try:
                await client.until(client.has(on.IncomingSession))
                (key,) = client.manager.sessions
                names = [name for _, name in client.manager.sessions[key].contents]
                client.do(on.Accept(key, tuple(audio(name=name) for name in names)))
                await client.until(client.has(on.SessionEnded))
                await client.until(lambda: sipp.is_done)
                return sipp.process.returncode
            finally:
                sipp.close()

    assert asyncio.run(call()) == 0

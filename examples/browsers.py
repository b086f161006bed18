"""Headless Chromium (DevTools protocol) and Firefox (WebDriver BiDi), each with one page that evaluates JavaScript.

    async with chromium() as page:
        offer = await page.run("...; return pc.localDescription.sdp")

Both want an address that is not loopback, and a default route.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import tempfile
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import websockets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

__all__ = ["BROWSERS", "Page", "chromium", "firefox"]

PATIENCE = 60.0

CHROMIUM = (
    *("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
    *("--allow-loopback-in-peer-connection", "--disable-features=WebRtcHideLocalIpsWithMdns"),
    *("--remote-debugging-port=0", "--user-data-dir=.", "about:blank"),
)
FIREFOX = (
    *("firefox-esr", "--headless", "--no-remote", "--profile", ".", "--remote-debugging-port", "0"),
    *("--remote-allow-system-access", "about:blank"),
)
PREFERENCES = {
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.peerconnection.ice.loopback": True,
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
}


class Page(Protocol):
    """A page of a browser."""

    async def run(self, script: str) -> Any:  # noqa: ANN401 - any JSON
        """Return what the body of an asynchronous JavaScript function returns."""


class _Remote:
    """JSON requests and answers over a web socket, as both protocols have them."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self._socket = socket
        self._number = 0

    async def ask(self, method: str, parameters: Mapping[str, Any], **beside: str) -> dict[str, Any]:
        self._number += 1
        request = {"id": self._number, "method": method, "params": parameters, **beside}
        await self._socket.send(json.dumps(request))
        while True:
            answer = json.loads(await asyncio.wait_for(self._socket.recv(), PATIENCE))
            if answer.get("id") == self._number:  # else an event
                if "error" in answer:
                    raise RuntimeError(answer["error"])
                found: dict[str, Any] = answer["result"]
                return found


class _ChromiumPage:
    def __init__(self, remote: _Remote, session: str) -> None:
        self._remote, self._session = remote, session

    async def run(self, script: str) -> Any:  # noqa: ANN401
        wanted = {"expression": f"(async () => {{{script}}})()", "awaitPromise": True, "returnByValue": True}
        answer = await self._remote.ask("Runtime.evaluate", wanted, sessionId=self._session)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")


class _FirefoxPage:
    def __init__(self, remote: _Remote, context: str) -> None:
        self._remote, self._context = remote, context

    async def run(self, script: str) -> Any:  # noqa: ANN401
        wanted = {
            "expression": f"(async () => {{{script}}})().then(value => JSON.stringify(value ?? null))",
            "target": {"context": self._context},
            "awaitPromise": True,
        }
        answer = await self._remote.ask("script.evaluate", wanted)
        if answer["type"] != "success":
            raise RuntimeError(answer)
        return json.loads(answer["result"]["value"])


@asynccontextmanager
async def _running(
    command: tuple[str, ...], prepare: Callable[[Path], object] = lambda _: None
) -> AsyncIterator[tuple[Path, asyncio.subprocess.Process]]:
    """Run a browser in a directory of its own, and end all its processes with the block."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        directory = Path(name)
        prepare(directory)
        with (directory / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *command, cwd=directory, stdout=log, stderr=log, start_new_session=True, env=_environment(name)
            )
        try:
            yield directory, process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _environment(home: str) -> dict[str, str]:
    return {**os.environ, "HOME": home, "MOZ_HEADLESS": "1"}


async def _appears(path: Path, pattern: str) -> re.Match[str]:
    """Wait until a file holds the pattern."""
    for _ in range(int(PATIENCE / 0.05)):
        if found := re.search(pattern, _text(path)):
            return found
        await asyncio.sleep(0.05)
    raise TimeoutError(_text(path.parent / "log")[-2000:])


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


@asynccontextmanager
async def chromium() -> AsyncIterator[Page]:
    """Run Chromium until the end of the block."""
    async with _running(CHROMIUM) as (directory, _):
        port, path = (await _appears(directory / "DevToolsActivePort", r"(\d+)\n(\S+)")).groups()
        async with websockets.connect(f"ws://127.0.0.1:{port}{path}", max_size=None, proxy=None) as socket:
            remote = _Remote(socket)
            target = (await remote.ask("Target.createTarget", {"url": "about:blank"}))["targetId"]
            attached = await remote.ask("Target.attachToTarget", {"targetId": target, "flatten": True})
            yield _ChromiumPage(remote, attached["sessionId"])


@asynccontextmanager
async def firefox() -> AsyncIterator[Page]:
    """Run Firefox until the end of the block."""

    def prepare(directory: Path) -> None:
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items())
        (directory / "user.js").write_text("".join(lines))

    async with _running(FIREFOX, prepare) as (directory, _):
        url = (await _appears(directory / "log", r"WebDriver BiDi listening on (\S+)")).group(1)
        async with websockets.connect(f"{url}/session", max_size=None, proxy=None) as socket:
            remote = _Remote(socket)
            await remote.ask("session.new", {"capabilities": {}})
            context = (await remote.ask("browsingContext.create", {"type": "tab"}))["context"]
            yield _FirefoxPage(remote, context)


BROWSERS = {"chromium": chromium, "firefox": firefox}

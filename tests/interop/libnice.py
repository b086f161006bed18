"""libnice, driven from asyncio; `libnice_process.py` is the other end of the pipe."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["PYTHON", "Libnice", "libnice"]

PYTHON = "/usr/bin/python3"
PATIENCE = 20.0


class Libnice:
    """One agent of libnice."""

    ufrag: str
    pwd: str
    candidates: list[str]
    "Lines of SDP, with `a=`."

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._events: list[dict[str, Any]] = []

    def do(self, command: str, **arguments: object) -> None:
        """Send a command: a method of `libnice_process.Peer`."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"command": command, **arguments}).encode() + b"\n")

    async def event(self, name: str, **wanted: object) -> dict[str, Any]:
        """Return the first event of this name, with these arguments, that was not returned before."""
        while True:
            for number, event in enumerate(self._events):
                if event["event"] == name and wanted.items() <= event.items():
                    return self._events.pop(number)
            assert self._process.stdout is not None
            line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
            assert line, f"libnice ended; events: {self._events}"
            self._events.append(json.loads(line))

    async def described(self) -> None:
        """Wait for credentials and candidates, the first or those after a restart."""
        event = await self.event("described")
        self.ufrag, self.pwd, self.candidates = event["ufrag"], event["pwd"], event["candidates"]

    async def ready(self, component: int = 1) -> None:
        """Wait until the component is ready, once more after a restart."""
        await self.event("state", component=component, state="ready")


@asynccontextmanager
async def libnice(
    *options: str, controlling: bool, components: int = 1, host: str = "127.0.0.1"
) -> AsyncIterator[Libnice]:
    """Run an agent that has gathered, until the end of the block."""
    script = Path(__file__).parent / "libnice_process.py"
    process = await asyncio.create_subprocess_exec(
        PYTHON, script, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    peer = Libnice(process)
    try:
        peer.do("start", controlling=controlling, components=components, host=host, options=list(options))
        await peer.described()
        yield peer
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()

"""libnice, driven from asyncio; `libnice_process.py` is the other end of the pipe."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

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
        self.events: list[dict[str, Any]] = []
        self._seen = 0

    def do(self, command: str, **arguments: object) -> None:
        """Send a command: a method of `libnice_process.Peer`."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"command": command, **arguments}).encode() + b"\n")

    async def event(self, name: str, where: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """Wait for the next event of this name that is as wanted."""
        while True:
            for position in range(self._seen, len(self.events)):
                event = self.events[position]
                if event["event"] == name and where(event):
                    self._seen = position + 1
                    return event
            assert self._process.stdout is not None
            line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
            assert line, f"libnice ended; events: {self.events}"
            self.events.append(json.loads(line))

    async def described(self) -> None:
        """Wait for credentials and candidates, the first or those after a restart."""
        event = await self.event("described")
        self.ufrag, self.pwd, self.candidates = event["ufrag"], event["pwd"], event["candidates"]

    async def state(self, *wanted: str, component: int = 1) -> None:
        """Wait until the component is in one of these states, such as `ready`."""
        await self.event("state", lambda event: event["component"] == component and event["state"] in wanted)


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

"""Our agent on real sockets of this host, as a peer among others: credentials and candidates in the words of SDP."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from asyncio_driver import Driver

from jinglecodec import ice, sdp
from jinglecodec.endpoint.candidates import from_line, to_line

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Iterable

__all__ = ["LOOPBACK", "OurAgent", "our_agent"]

PATIENCE = 20.0
LOOPBACK = ice.Config(loopback=True)

T = TypeVar("T")


class OurAgent:
    """An agent with one stream, and all that it told."""

    def __init__(
        self,
        controlling: bool,
        components: int,
        hosts: Iterable[str],
        config: ice.Config,
        servers: Iterable[ice.AddServer] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        role = ice.Role.CONTROLLING if controlling else ice.Role.CONTROLLED
        self.agent = ice.Agent(role=role, config=config)
        self.told: list[Any] = []
        self._changed = asyncio.Event()
        self.driver = Driver(self.agent, self._tell, tls)
        self.do(ice.AddStream(0, components))
        for host in hosts:
            self.do(ice.AddLocalAddress(host))
        for server in servers:
            self.do(server)
        self.do(ice.Gather())

    def do(self, event: ice.Event) -> None:
        """Hand an event to the agent."""
        self.driver.handle(event)

    def _tell(self, output: object) -> None:
        self.told.append(output)
        self._changed.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds, and fail when it takes too long."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    def all(self, kind: type[T]) -> list[T]:
        """Return what the agent told of one kind."""
        return [one for one in self.told if isinstance(one, kind)]

    @property
    def credentials(self) -> ice.Credentials:
        """What the peer needs."""
        return self.agent.local_credentials(0)

    async def candidates(self) -> list[str]:
        """Return the lines of the candidates of this ICE session, when all are found."""
        await self.until(lambda: bool(self.all(ice.GatheringDone)))
        return [to_line(one.candidate).line() for one in self.all(ice.CandidateFound)]

    def accept(self, ufrag: str, pwd: str, candidates: Iterable[str], *, lite: bool = False, end: bool = True) -> None:
        """Take what the peer has to say."""
        self.do(ice.SetRemoteCredentials(0, ufrag, pwd, lite))
        for line in candidates:
            self.add(line)
        if end:
            self.do(ice.EndRemoteCandidates(0))

    def add(self, line: str) -> None:
        """Take one candidate, with or without `a=` and `candidate:`."""
        text = line.removeprefix("a=").removeprefix("candidate:")
        self.do(ice.AddRemoteCandidate(0, from_line(sdp.Candidate.parse(text))))

    @property
    def state(self) -> ice.StreamState:
        """How far the stream is."""
        return self.agent.snapshot().streams[0].state

    async def completed(self) -> None:
        """Wait until every component has a selected pair."""
        await self.until(lambda: self.state is ice.StreamState.COMPLETED)

    async def received(self, data: bytes, component: int = 1) -> None:
        """Wait until this datagram has come."""
        await self.until(lambda: ice.DataReceived(0, component, data) in self.told)

    def send(self, data: bytes, component: int = 1) -> None:
        """Send a datagram."""
        self.do(ice.SendData(0, component, data))


@asynccontextmanager
async def our_agent(
    *,
    controlling: bool,
    components: int = 1,
    hosts: Iterable[str] = ("127.0.0.1",),
    config: ice.Config = LOOPBACK,
    servers: Iterable[ice.AddServer] = (),
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[OurAgent]:
    """Run an agent until the end of the block, and until TURN servers have released what it had."""
    agent = OurAgent(controlling, components, hosts, config, servers, tls)
    try:
        yield agent
    finally:
        agent.do(ice.Close())
        for _ in range(int(PATIENCE / 0.01)):
            if agent.agent.deadline is None:
                break
            await asyncio.sleep(0.01)
        agent.driver.close()

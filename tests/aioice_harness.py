"""Unmodified aioice on the virtual network: its own coroutines, on an event loop whose clock is the network's.

    network = Network(seed=1)
    with VirtualLoop(network) as loop:
        left = AioicePeer(loop, Host(network.internet, "192.0.2.1"), controlling=True)
        right = AioicePeer(loop, Host(network.internet, "192.0.2.2"), controlling=False)
        outcomes = loop.run_until_complete(connect(left, right))

An `AioicePeer` meets anything else on the network too: hand what `describe` gives to the other side, and what comes
from there to `accept`. Machines at work on Nodes run while the loop runs. aioice is patched from outside, and only
while a loop is open: it asks for the addresses of its host, and gets those of the peer's.
"""

from __future__ import annotations

import asyncio
import enum
import selectors
import socket
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Self

import aioice
import aioice.ice
import attrs

from jinglecodec.addresses import Address

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinglecodec.testing.network import Host, Network

__all__ = ["AioicePeer", "Description", "Ending", "Outcome", "VirtualLoop", "connect"]

_HOST: ContextVar[Host] = ContextVar("host")
"The host whose code is running."


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that lives in the time of a network: where it would wait, the network runs."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._waiter = _NetworkSelector(network)
        super().__init__(self._waiter)

    def time(self) -> float:
        return self.network.now

    def __enter__(self) -> Self:
        self._original = aioice.ice.get_host_addresses
        aioice.ice.get_host_addresses = _addresses_of_current_host
        return self

    def __exit__(self, *_: object) -> None:
        aioice.ice.get_host_addresses = self._original
        self.run_until_complete(_cancel(asyncio.all_tasks(self)))
        self.close()

    def wake(self, callback: Callable[..., object], *arguments: object) -> None:
        """Call back in the loop: something came from the network."""
        self._waiter.woken = True
        self.call_soon(callback, *arguments)

    async def create_datagram_endpoint(  # type: ignore[override]
        self,
        protocol_factory: Callable[[], Any],
        local_addr: tuple[str, int] | None = None,
        remote_addr: tuple[str, int] | None = None,
        **_: object,
    ) -> tuple[asyncio.DatagramTransport, Any]:
        """Bind a socket on the host whose code is running, for one remote address where one is given."""
        host = _HOST.get()
        local = Address(host.addresses[0], 0) if local_addr is None else Address(*local_addr)
        transport = _Transport(self, host, local, protocol_factory(), remote_addr)
        transport.protocol.connection_made(transport)
        return transport, transport.protocol

    def run_in_executor(self, _: object, function: Callable[..., Any], *arguments: str) -> asyncio.Future[Any]:  # type: ignore[override]
        """Do what would be done in a thread at once: aioice looks up the STUN server so, by an address here."""
        assert function is socket.gethostbyname
        future = self.create_future()
        future.set_result(arguments[0])
        return future


async def _cancel(tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class _NetworkSelector(selectors.SelectSelector):
    """Waits by letting the network run until something comes out of it, or the time is over."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network
        self.woken = False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout > 0:
            self.woken = False
            until = None if timeout is None else self._network.now + timeout
            self._network.run(until, stop=self._is_woken)
            assert self.woken or timeout is not None, "everybody waits for ever"
            self._network.run(self._network.now)  # what comes at one time is there at once
        return []

    def _is_woken(self) -> bool:
        return self.woken


class _Transport(asyncio.DatagramTransport):
    """A UDP socket of the network, as asyncio has them."""

    def __init__(
        self,
        loop: VirtualLoop,
        host: Host,
        local: Address,
        protocol: asyncio.DatagramProtocol,
        remote: tuple[str, int] | None = None,
    ) -> None:
        super().__init__()
        self._remote = remote
        self._is_closing = False
        self._loop = loop
        self.protocol = protocol
        self._socket = host.open_udp(local, self._received)

    def _received(self, data: bytes, remote: Address) -> None:
        self._loop.wake(self.protocol.datagram_received, data, (remote.host, remote.port))

    def sendto(self, data: Any, addr: Any = None) -> None:  # noqa: ANN401 - as asyncio has it
        addr = addr or self._remote
        try:
            self._socket.send(bytes(data), Address(addr[0], addr[1]))
        except OSError as error:
            self._loop.call_soon(self.protocol.error_received, error)

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as asyncio has it
        return (self._socket.local.host, self._socket.local.port) if name == "sockname" else default

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        self._is_closing = True
        self._socket.close()
        self._loop.call_soon(self.protocol.connection_lost, None)

    abort = close


def _addresses_of_current_host(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    return [host for host in _HOST.get().addresses if (use_ipv6 if ":" in host else use_ipv4)]


@attrs.frozen
class Description:
    """What one side signals to the other."""

    ufrag: str
    pwd: str
    candidates: tuple[str, ...]
    "As in SDP, without `candidate:`."


class AioicePeer:
    """An `aioice.Connection` on a host."""

    def __init__(self, loop: VirtualLoop, host: Host, *, controlling: bool, **options: Any) -> None:  # noqa: ANN401 - those of aioice
        """Make a connection; `options` are those of `aioice.Connection`, such as `stun_server` and `components`."""
        self.host = host
        self._loop = loop
        self.connection = aioice.Connection(ice_controlling=controlling, **options)
        "For everything not offered here."

    async def describe(self) -> Description:
        """Gather candidates, and return what the other side needs."""
        _HOST.set(self.host)
        await self.connection.gather_candidates()
        candidates = tuple(candidate.to_sdp() for candidate in self.connection.local_candidates)
        return Description(self.connection.local_username, self.connection.local_password, candidates)

    async def accept(self, description: Description) -> None:
        """Take what the other side has signalled, with all its candidates."""
        self.connection.remote_username = description.ufrag
        self.connection.remote_password = description.pwd
        for candidate in description.candidates:
            await self.connection.add_remote_candidate(aioice.Candidate.from_sdp(candidate))
        await self.connection.add_remote_candidate(None)

    async def connect(self, within: float = 100.0) -> Outcome:
        """Run the checks, at most `within` virtual seconds, and return how it ended."""
        start = self._loop.time()
        try:
            await asyncio.wait_for(self.connection.connect(), within)
        except ConnectionError:
            ending = Ending.FAILED
        except TimeoutError:
            ending = Ending.UNFINISHED
        else:
            ending = Ending.CONNECTED
        return Outcome(ending, self._loop.time() - start)

    @property
    def pairs(self) -> int:
        """How many pairs of candidates there are."""
        return len(self.connection._check_list)

    async def close(self) -> None:
        """Close the connection."""
        await self.connection.close()


class Ending(enum.Enum):
    """How a connection attempt ended."""

    CONNECTED = "o"
    FAILED = "."
    UNFINISHED = "H"
    "Not within the time."


@attrs.frozen
class Outcome:
    """What became of a connection attempt."""

    ending: Ending
    seconds: float


async def connect(left: AioicePeer, right: AioicePeer, within: float = 100.0) -> tuple[Outcome, Outcome]:
    """Let two peers gather, signal without delay and connect, and close them; return what became of each."""
    ours, theirs = await asyncio.gather(left.describe(), right.describe())
    await asyncio.gather(left.accept(theirs), right.accept(ours))
    outcomes = await asyncio.gather(left.connect(within), right.connect(within))
    await asyncio.gather(left.close(), right.close())
    return outcomes

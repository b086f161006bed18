"""Agents that meet at coturn only: each other, and aioice; over UDP, TCP and TLS, on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("aioice")

import aioice
from coturn import HOST, NAME, PASSWORD, USER, Coturn, coturn
from ice_peers import LOOPBACK, OurAgent, our_agent

from jinglecodec import ice
from jinglecodec.machine import SocketProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.interop
RELAY_ONLY = ice.Config(loopback=LOOPBACK.loopback, relay_only=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    """Return a coturn with one user."""
    options = ("lt-cred-mech", f"user={USER}:{PASSWORD}")
    with coturn(tmp_path_factory.mktemp("coturn"), *options) as running:
        yield running


def relayed(
    server: Coturn, protocol: SocketProtocol, controlling: bool
) -> contextlib.AbstractAsyncContextManager[OurAgent]:
    """Return an agent that has nothing but the server."""
    address = server.secure if protocol is SocketProtocol.TLS else server.plain
    servers = [ice.AddServer(address, USER, PASSWORD, protocol, NAME)]
    return our_agent(controlling=controlling, config=RELAY_ONLY, servers=servers, tls=server.tls)


async def without_sessions(server: Coturn) -> bool:
    """Wait until the server has no allocation any more; it takes a second to forget those by UDP."""
    for _ in range(100):
        if server.sessions == 0:
            return True
        await asyncio.sleep(0.1)
    return False


@pytest.mark.parametrize("protocol", SocketProtocol)
def test_two_agents_connect_by_their_relays(server: Coturn, protocol: SocketProtocol) -> None:
    async def play() -> None:
        async with relayed(server, protocol, True) as left, relayed(server, protocol, False) as right:
            lines = [await left.candidates(), await right.candidates()]
            assert [[" typ relay " in line for line in told] for told in lines] == [[True], [True]]
            assert server.sessions == 2
            left.accept(right.credentials.ufrag, right.credentials.pwd, lines[1])
            right.accept(left.credentials.ufrag, left.credentials.pwd, lines[0])
            for peer in (left, right):
                await peer.completed()
            left.send(b"to the right")
            right.send(b"to the left")
            await right.received(b"to the right")
            await left.received(b"to the left")
            assert not left.all(ice.ServerFailed)
        assert await without_sessions(server)

    asyncio.run(play())


@pytest.mark.parametrize("controlling", [True, False], ids=["controlling", "controlled"])
@pytest.mark.parametrize("protocol", SocketProtocol)
def test_agent_and_aioice_connect_by_their_relays(
    server: Coturn, protocol: SocketProtocol, controlling: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda **_: [HOST])

    async def play() -> None:
        theirs = aioice.Connection(
            ice_controlling=not controlling,
            turn_server=(server.plain.host, server.plain.port),
            turn_username=USER,
            turn_password=PASSWORD,
            transport_policy=aioice.TransportPolicy.RELAY,
        )
        async with relayed(server, protocol, controlling) as ours:
            await theirs.gather_candidates()
            theirs.remote_username, theirs.remote_password = ours.credentials.ufrag, ours.credentials.pwd
            for line in await ours.candidates():
                await theirs.add_remote_candidate(aioice.Candidate.from_sdp(line.removeprefix("a=candidate:")))
            await theirs.add_remote_candidate(None)
            lines = [candidate.to_sdp() for candidate in theirs.local_candidates]
            ours.accept(theirs.local_username, theirs.local_password, lines)
            await theirs.connect()
            await ours.completed()
            (selected,) = ours.all(ice.PairSelected)
            assert (selected.local.type, selected.remote.type) == (ice.CandidateType.RELAYED,) * 2
            ours.send(b"to aioice")
            assert await theirs.recv() == b"to aioice"
            await theirs.send(b"from aioice")
            await ours.received(b"from aioice")
            await theirs.close()
        assert await without_sessions(server)

    asyncio.run(play())

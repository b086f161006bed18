"""Our agent against aioice, on loopback, in both roles; aioice nominates in its first check."""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("aioice")

import aioice
from ice_peers import our_agent

pytestmark = pytest.mark.interop


@pytest.mark.parametrize("controlling", [True, False], ids=["controlling", "controlled"])
@pytest.mark.parametrize("components", [1, 2])
def test_agents_connect_and_exchange_data(controlling: bool, components: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda **_: ["127.0.0.1"])

    async def play() -> None:
        theirs = aioice.Connection(ice_controlling=not controlling, components=components)
        async with our_agent(controlling=controlling, components=components) as ours:
            await theirs.gather_candidates()
            candidates = [candidate.to_sdp() for candidate in theirs.local_candidates]
            theirs.remote_username, theirs.remote_password = ours.credentials.ufrag, ours.credentials.pwd
            for line in await ours.candidates():
                await theirs.add_remote_candidate(aioice.Candidate.from_sdp(line.removeprefix("a=candidate:")))
            await theirs.add_remote_candidate(None)
            ours.accept(theirs.local_username, theirs.local_password, candidates)
            await theirs.connect()
            await ours.completed()
            for component in range(1, components + 1):
                ours.send(b"to aioice", component)
                assert await theirs.recvfrom() == (b"to aioice", component)
                await theirs.sendto(b"from aioice", component)
                await ours.received(b"from aioice", component)
            await theirs.close()

    asyncio.run(play())

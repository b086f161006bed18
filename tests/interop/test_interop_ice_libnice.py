"""Our agent against libnice, on loopback: both roles, each way of nominating, lite, trickling, restart."""

from __future__ import annotations

import asyncio
import subprocess
from functools import cache
from pathlib import Path

import pytest
from ice_peers import OurAgent, our_agent
from libnice import PYTHON, Libnice, libnice

from jinglecodec import ice

pytestmark = pytest.mark.interop

PROBE = "import gi; gi.require_version('Nice', '0.1'); from gi.repository import Nice"


@cache
def is_installed() -> bool:
    if not Path(PYTHON).exists():
        return False
    return subprocess.run([PYTHON, "-c", PROBE], check=False, capture_output=True).returncode == 0


@pytest.fixture(autouse=True)
def installed() -> None:
    if not is_installed():
        pytest.skip("not installed: libnice (gir1.2-nice-0.1, python3-gi)")


async def introduce(ours: OurAgent, theirs: Libnice, *, lite: bool = False) -> None:
    """Let both know all that there is to know."""
    candidates = await ours.candidates()
    credentials = ours.credentials
    ours.accept(theirs.ufrag, theirs.pwd, theirs.candidates, lite=lite)
    theirs.do("accept", ufrag=credentials.ufrag, pwd=credentials.pwd, candidates=candidates)


async def exchange(ours: OurAgent, theirs: Libnice, component: int = 1) -> None:
    """Send a datagram each way."""
    ours.send(b"to libnice", component)
    await theirs.event("received", component=component, data=b"to libnice".hex())
    theirs.do("send", component=component, data=b"from libnice".hex())
    await ours.received(b"from libnice", component)


@pytest.mark.parametrize("controlling", [True, False], ids=["controlling", "controlled"])
@pytest.mark.parametrize("components", [1, 2])
@pytest.mark.parametrize("options", [(), ("regular",), ("consent",)], ids=["aggressive", "regular", "consent"])
def test_agents_connect_and_exchange_data(controlling: bool, components: int, options: tuple[str, ...]) -> None:
    async def play() -> None:
        async with (
            our_agent(controlling=controlling, components=components) as ours,
            libnice(*options, controlling=not controlling, components=components) as theirs,
        ):
            await introduce(ours, theirs)
            await ours.completed()
            for component in range(1, components + 1):
                await theirs.ready(component)
                await exchange(ours, theirs, component)

    asyncio.run(play())


def test_lite_agent_is_controlled_by_us() -> None:
    """RFC 8445 6.1.1: the full agent controls, whatever it was told."""

    async def play() -> None:
        async with our_agent(controlling=False) as ours, libnice("lite", controlling=False) as theirs:
            await introduce(ours, theirs, lite=True)
            await ours.completed()
            await theirs.ready()
            await exchange(ours, theirs)

    asyncio.run(play())


@pytest.mark.parametrize("controlling", [True, False], ids=["controlling", "controlled"])
def test_candidates_trickle(controlling: bool) -> None:
    """RFC 8838: credentials first, candidates one by one, then their end."""

    async def play() -> None:
        async with (
            our_agent(controlling=controlling, components=2) as ours,
            libnice("trickle", controlling=not controlling, components=2) as theirs,
        ):
            credentials = ours.credentials
            ours.accept(theirs.ufrag, theirs.pwd, (), end=False)
            theirs.do("accept", ufrag=credentials.ufrag, pwd=credentials.pwd, candidates=[])
            for line in await ours.candidates():
                theirs.do("add", candidates=[line])
                await asyncio.sleep(0.05)
            for line in theirs.candidates:
                ours.add(line)
            theirs.do("end")
            await ours.completed()
            await theirs.ready()
            await exchange(ours, theirs)

    asyncio.run(play())


@pytest.mark.parametrize("controlling", [True, False], ids=["controlling", "controlled"])
def test_restart(controlling: bool) -> None:
    """RFC 8445 9: new credentials on both sides, then new pairs; data goes on meanwhile."""

    async def play() -> None:
        async with our_agent(controlling=controlling) as ours, libnice(controlling=not controlling) as theirs:
            await introduce(ours, theirs)
            await ours.completed()
            await theirs.ready()
            before = ours.credentials
            ours.told.clear()
            ours.do(ice.Restart())
            theirs.do("restart")
            await theirs.described()
            await exchange(ours, theirs)
            await introduce(ours, theirs)
            await ours.until(lambda: bool(ours.all(ice.PairSelected)))
            await theirs.ready()
            assert ours.credentials != before
            await exchange(ours, theirs)

    asyncio.run(play())

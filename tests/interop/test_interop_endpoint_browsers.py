"""An endpoint in calls with headless Chromium and Firefox, stanzas between them: either calls, and either restarts."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import pytest

pytest.importorskip("websockets")

from asyncio_driver import Driver
from browser_home import HOST, home
from browsers import BROWSERS
from jingle_browser import JingleBrowser, jingle_browser

import jinglecodec as jc
from jinglecodec import endpoint, sdp, session
from jinglecodec.model.dtls import Fingerprint, Setup

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

pytestmark = pytest.mark.interop

PATIENCE = 15.0
BROWSER, OURS = "romeo@montague.lit/browser", "juliet@capulet.lit/balcony"
DIGEST = ":".join(["AB"] * 32)
"Nobody meets it: ICE is done before DTLS fails."
OFFER = "\r\n".join((
    *("v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=group:BUNDLE 0"),
    *("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=mid:0"),
    *(f"a=fingerprint:sha-256 {DIGEST}", "a=setup:actpass", "a=sctp-port:5000", ""),
))  # fmt: skip

T = TypeVar("T")


class Ours:
    """Our endpoint on real sockets of this host, and all that it told."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.endpoint = endpoint.Endpoint(OURS, session.Policy(strangers=True))
        self.driver = Driver(self.endpoint, self._tell)
        self.driver.handle(endpoint.AddLocalAddress(HOST))
        self._changed = asyncio.Event()

    def meet(self, peer: JingleBrowser) -> None:
        self._peer = peer

    def receive(self, output: session.SendStanza) -> None:
        """Take a stanza of the browser, as bytes."""
        carry(output, self.driver)

    def _tell(self, output: object) -> None:
        self.told.append(output)
        if isinstance(output, session.SendStanza):
            carry(output, self._peer.driver)
        elif isinstance(output, session.IncomingSession):
            contents = tuple(map(taken, output.jingle.contents))
            self.driver.handle(endpoint.Accept(output.session, contents, output.jingle.groups))
        self._changed.set()

    def all(self, kind: type[T]) -> list[T]:
        """Return what the endpoint told of one kind."""
        return [one for one in self.told if isinstance(one, kind)]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds, and fail when it takes too long."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                self._changed.clear()
                await self._changed.wait()


def carry(output: session.SendStanza, to: Driver) -> None:
    """Take a stanza, as bytes, to a machine."""
    read = jc.read(jc.dumps(output.stanza), expect=jc.Iq, errors="keep")
    to.loop.call_soon(to.handle, session.StanzaReceived(read.value, read.findings))


def taken(content: jc.Content) -> jc.Content:
    """Return the content that takes what is offered, waiting for the peer's DTLS."""
    assert isinstance(content.transport, jc.IceUdpTransport)
    fingerprint = Fingerprint(hash="sha-256", setup=Setup.PASSIVE, value=DIGEST)
    return attrs.evolve(content, transport=attrs.evolve(content.transport, fingerprints=(fingerprint,)))


@pytest.fixture(params=BROWSERS)
def browser(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the name of a browser that can be run."""
    with home(request.param) as name:
        yield name


@asynccontextmanager
async def parties(name: str) -> AsyncIterator[tuple[JingleBrowser, Ours]]:
    """Run a browser and an endpoint."""
    ours = Ours()
    async with BROWSERS[name]() as page, jingle_browser(page, BROWSER, ours.receive) as theirs:
        ours.meet(theirs)
        yield theirs, ours
    ours.driver.close()


@pytest.mark.parametrize("calls", ["browser calls", "browser is called"])
@pytest.mark.parametrize("restarts", ["browser restarts", "endpoint restarts"])
def test_call_connects_and_restarts(browser: str, calls: str, restarts: str) -> None:
    async def play() -> None:
        async with parties(browser) as (theirs, ours):
            if calls == "browser calls":
                theirs.do(lambda: theirs.call(OURS, "1"))
            else:
                ours.driver.handle(endpoint.Place(BROWSER, sdp.loads(OFFER), "1"))
            await connected(theirs, ours, 1)
            (key,) = ours.endpoint.calls
            if restarts == "browser restarts":
                theirs.do(theirs.restart)
            else:
                ours.driver.handle(endpoint.RestartIce(key))
            await connected(theirs, ours, 2)
            assert theirs.restarts == 1

    asyncio.run(play())


async def connected(theirs: JingleBrowser, ours: Ours, times: int) -> None:
    """Wait until both have a path, for so many times."""
    await ours.until(lambda: len(ours.all(endpoint.Connected)) >= times and theirs.restarts == times - 1)
    async with asyncio.timeout(PATIENCE):
        while await theirs.ask("return pc.iceConnectionState;") not in ("connected", "completed"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)

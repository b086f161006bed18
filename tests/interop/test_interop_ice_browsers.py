"""Our agent against headless Chromium and Firefox: ICE connects in both roles, and again after a restart.

The SDP around our credentials and candidates is a data channel's, with a fingerprint that nobody ever meets: ICE is
done before DTLS fails.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("websockets")

from browser_home import HOST, home
from browsers import BROWSERS, Page
from ice_peers import OurAgent, our_agent

from jinglecodec import ice, sdp

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.interop

GATHERED = """
    await new Promise(done => {
        pc.onicegatheringstatechange = () => pc.iceGatheringState == 'complete' && done();
        pc.onicegatheringstatechange();
    });
    return pc.localDescription.sdp;
"""
OFFER = "window.pc = new RTCPeerConnection(); pc.createDataChannel('x'); await pc.setLocalDescription();" + GATHERED
OFFER_AGAIN = "pc.restartIce(); await pc.setLocalDescription();" + GATHERED
TAKE_ANSWER = "await pc.setRemoteDescription({{type: 'answer', sdp: {sdp}}});"
ANSWER = (
    "window.pc = window.pc || new RTCPeerConnection();"
    "await pc.setRemoteDescription({{type: 'offer', sdp: {sdp}}}); await pc.setLocalDescription();"
)
STATE = """
    for (let tries = 0; tries < 100 && !['connected', 'completed'].includes(pc.iceConnectionState); tries++)
        await new Promise(done => setTimeout(done, 50));
    return pc.iceConnectionState;
"""


@pytest.fixture(params=BROWSERS)
def browser(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the name of a browser that can be run."""
    with home(request.param) as name:
        yield name


def description(ours: OurAgent, candidates: list[str], setup: str) -> str:
    """Return SDP with what our agent has to say."""
    lines = (
        *("v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=group:BUNDLE 0", "a=ice-options:ice2 trickle"),
        *("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=mid:0"),
        *(f"a=ice-ufrag:{ours.credentials.ufrag}", f"a=ice-pwd:{ours.credentials.pwd}", *candidates),
        *(f"a=fingerprint:sha-256 {':'.join(['AB'] * 32)}", f"a=setup:{setup}", "a=sctp-port:5000", ""),
    )
    return "\r\n".join(lines)


def accept(ours: OurAgent, text: str) -> None:
    """Take what a browser has to say."""
    media = sdp.effective(session := sdp.loads(text), session.media[0])
    assert media.ice_ufrag is not None
    assert media.ice_pwd is not None
    ours.accept(media.ice_ufrag, media.ice_pwd, [one.line() for one in session.media[0].candidates])


async def offers(page: Page, ours: OurAgent, script: str = OFFER) -> None:
    """Let the browser offer and us answer."""
    text = await page.run(script)
    accept(ours, text)
    answer = json.dumps(description(ours, await ours.candidates(), "passive"))
    await page.run(TAKE_ANSWER.format(sdp=answer))


async def answers(page: Page, ours: OurAgent) -> None:
    """Let us offer and the browser answer; its checks come before its answer does."""
    offer = json.dumps(description(ours, await ours.candidates(), "actpass"))
    accept(ours, await page.run(ANSWER.format(sdp=offer) + GATHERED))


async def connected(page: Page, ours: OurAgent) -> None:
    await ours.until(lambda: bool(ours.all(ice.PairSelected)))
    assert await page.run(STATE) in ("connected", "completed")


@pytest.mark.parametrize("offering", [True, False], ids=["browser offers", "browser answers"])
def test_browser_connects_and_restarts(browser: str, offering: bool) -> None:
    async def play() -> None:
        config = ice.Config()
        async with (
            BROWSERS[browser]() as page,
            our_agent(controlling=not offering, hosts=(HOST,), config=config) as ours,
        ):
            await (offers(page, ours) if offering else answers(page, ours))
            await connected(page, ours)
            ours.told = [one for one in ours.told if not isinstance(one, ice.PairSelected | ice.CandidateFound)]
            if offering:
                await offers(page, ours, OFFER_AGAIN)
            else:
                ours.do(ice.Restart())
                await answers(page, ours)
            await connected(page, ours)

    asyncio.run(play())

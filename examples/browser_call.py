"""A call between a browser and aiortc, with Jingle in the middle: Chromium's SDP out as stanzas, an answer back.

    python examples/browser_call.py 192.0.2.7

The argument is an address of this host, not of loopback, that both use. What is printed are the two stanzas, and what
the browser hears on its data channel.
"""

from __future__ import annotations

import asyncio
import json
import sys

from aiortc_datachannel import Peer
from browsers import Page, chromium

import jinglecodec as jc

__all__ = ["call"]

CALLER, CALLED = "romeo@montague.lit/browser", "juliet@capulet.lit/balcony"
SID = "a73sjjvkla37jfea"

OFFER = """
    window.pc = new RTCPeerConnection();
    const channel = pc.createDataChannel('chat');
    window.heard = new Promise(done => { channel.onmessage = event => done(event.data); });
    channel.onopen = () => channel.send('hello');
    await pc.setLocalDescription();
    await new Promise(done => {
        pc.onicegatheringstatechange = () => pc.iceGatheringState == 'complete' && done();
        pc.onicegatheringstatechange();
    });
    return pc.localDescription.sdp;
"""
ANSWER = "await pc.setRemoteDescription({{type: 'answer', sdp: {sdp}}});"
HEARD = "return await heard;"


async def call(page: Page, host: str) -> tuple[list[bytes], str]:
    """Let the page call a peer on this host: the stanzas that went between them, and what the page heard."""
    called = Peer(host, offers=False)
    try:
        offer = jc.sdp.loads(await page.run(OFFER))
        invited = jc.mapping.to_jingle(offer, action="session-initiate", sid=SID, role="initiator")
        initiate = stanza(invited.value, CALLER, CALLED)

        arrived = jc.mapping.to_sdp(jingle(initiate), role="initiator")
        accepted = jc.mapping.to_jingle(
            await called.describe(),
            action="session-accept",
            sid=SID,
            role="responder",
            offer=arrived.value,
            names=arrived.names,
        )
        accept = stanza(accepted.value, CALLED, CALLER)
        connecting = asyncio.ensure_future(called.connect(arrived.value))

        answer = jc.mapping.to_sdp(jingle(accept), role="responder", offer=offer, names=invited.names)
        await page.run(ANSWER.format(sdp=json.dumps(jc.sdp.dumps(answer.value))))
        await connecting
        return [initiate, accept], str(await page.run(HEARD))
    finally:
        await called.close()


def stanza(payload: jc.Jingle, sender: str, recipient: str) -> bytes:
    """Return what goes over the stream."""
    return jc.dumps(jc.Iq(type=jc.IqType.SET, id=payload.action.value, from_=sender, to=recipient, payload=payload))


def jingle(received: bytes) -> jc.Jingle:
    """Return what came over the stream."""
    payload = jc.loads(received, jc.Iq).payload
    if not isinstance(payload, jc.Jingle):
        raise TypeError("not a Jingle stanza")
    return payload


async def main(host: str) -> None:
    """Make a call and print it."""
    async with chromium() as page:
        stanzas, heard = await call(page, host)
    for one in stanzas:
        print(one.decode())
    print(heard)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

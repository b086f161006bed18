"""`examples/aiortc_datachannel.py` as it stands: two peers on this host."""

from __future__ import annotations

import asyncio

import pytest

from jinglecodec import ice, sdp

pytest.importorskip("aiortc", reason="no aiortc (PyPI)")
from aiortc_datachannel import Peer, main

LOOPBACK = ice.Config(loopback=True)


def test_message_is_echoed() -> None:
    assert asyncio.run(asyncio.wait_for(main(), 20)) == "hello"


def test_peer_with_another_certificate_is_refused() -> None:
    """RFC 8122 6.2: the fingerprint is what tells the peer from somebody on the path."""

    async def scenario() -> None:
        calls, called = (Peer("127.0.0.1", offers=offers, config=LOOPBACK) for offers in (True, False))
        offer, answer = await calls.describe(), await called.describe()
        digest = answer.media[0].fingerprints[0].digest.hex(":").upper()
        forged = sdp.loads(sdp.dumps(answer).replace(digest, ":".join(["AB"] * 32)))
        try:
            told = await asyncio.gather(calls.connect(forged), called.connect(offer), return_exceptions=True)
            assert isinstance(told[0], ConnectionError)
        finally:
            await calls.close()
            await called.close()

    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_peer_that_is_not_there_is_a_connection_error() -> None:
    async def scenario() -> None:
        config = ice.Config(loopback=True, transmissions=1, last_wait=1)
        calls, called = (Peer("127.0.0.1", offers=offers, config=config) for offers in (True, False))
        answer = await called.describe()
        called.path.close()
        try:
            with pytest.raises(ConnectionError):
                await calls.connect(answer)
        finally:
            await calls.close()
            await called.close()

    asyncio.run(asyncio.wait_for(scenario(), 60))

"""Two browsers' stacks (aiortc) connect with the descriptions that went through a bridge, and data flows."""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("aiortc")

from aiortc import RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from bridge_support import SID, TO_NEW, TO_OLD, World

import jinglecodec as jc
from jinglecodec.session import (
    Accept,
    Accepted,
    Answer,
    AnswerReceived,
    IncomingSession,
    Initiate,
    Offer,
    OfferReceived,
    SessionKey,
)

pytestmark = pytest.mark.interop


async def gathered(connection: RTCPeerConnection, kind: str) -> str:
    """Return the connection's own description, with its candidates."""
    made = await (connection.createOffer() if kind == "offer" else connection.createAnswer())
    await connection.setLocalDescription(made)
    sdp: str = connection.localDescription.sdp
    return sdp


async def hear(connection: RTCPeerConnection, kind: str, sdp: str) -> None:
    await connection.setRemoteDescription(RTCSessionDescription(sdp, kind))


def echoing(connection: RTCPeerConnection) -> None:
    """Let a connection send back what it is sent."""

    def answer(channel: RTCDataChannel) -> None:
        channel.on("message", lambda message: channel.send(f"{message}, too"))

    connection.on("datachannel", answer)


async def talk(channel: RTCDataChannel) -> object:
    """Return what comes back on a channel."""
    answers: asyncio.Queue[object] = asyncio.Queue()
    channel.on("message", answers.put_nowait)
    channel.on("open", lambda: channel.send("hello"))
    return await asyncio.wait_for(answers.get(), 20)


async def old_calls_new() -> object:
    caller, callee = RTCPeerConnection(), RTCPeerConnection()
    try:
        caller.addTransceiver("audio")
        channel = caller.createDataChannel("chat")
        echoing(callee)
        talking = asyncio.ensure_future(talk(channel))
        world, key = World(), SessionKey(TO_OLD, SID)
        world.say_old(Initiate(TO_OLD, (jc.Content(name="a", transport=jc.WebrtcTransport()),), SID))
        world.say_old(Offer(key, await gathered(caller, "offer")))
        incoming = world.last("new", IncomingSession)
        assert isinstance(incoming, IncomingSession)
        offer = jc.mapping.to_sdp(incoming.jingle, role="initiator")
        await hear(callee, "offer", jc.sdp.dumps(offer.value))
        answer = jc.sdp.loads(await gathered(callee, "answer"))
        jingle = jc.mapping.to_jingle(
            answer,
            action="session-accept",
            sid=incoming.session.sid,
            role="responder",
            offer=offer.value,
            names=offer.names,
        ).value
        world.say_new(Accept(incoming.session, jingle.contents, jingle.groups))
        world.wait(2.0)
        answered = world.last("old", AnswerReceived)
        assert isinstance(answered, AnswerReceived)
        await hear(caller, "answer", answered.sdp)
        return await talking
    finally:
        await caller.close()
        await callee.close()


async def new_calls_old() -> object:
    caller, callee = RTCPeerConnection(), RTCPeerConnection()
    try:
        caller.addTransceiver("audio")
        channel = caller.createDataChannel("chat")
        echoing(callee)
        talking = asyncio.ensure_future(talk(channel))
        world, key = World(), SessionKey(TO_NEW, SID)
        offer = jc.sdp.loads(await gathered(caller, "offer"))
        mapped = jc.mapping.to_jingle(offer, action="session-initiate", sid=SID, role="initiator")
        world.say_new(Initiate(TO_NEW, mapped.value.contents, SID, mapped.value.groups))
        world.wait(2.0)
        offered = world.last("old", OfferReceived)
        assert isinstance(offered, OfferReceived)
        await hear(callee, "offer", offered.sdp)
        world.say_old(Answer(offered.session, await gathered(callee, "answer")))
        accepted = world.last("new", Accepted)
        assert isinstance(accepted, Accepted)
        answer = jc.mapping.to_sdp(accepted.jingle, role="responder", offer=offer, names=mapped.names)
        await hear(caller, "answer", jc.sdp.dumps(answer.value))
        assert key in world.new.sessions
        return await talking
    finally:
        await caller.close()
        await callee.close()


def test_old_client_reaches_a_new_one() -> None:
    assert asyncio.run(old_calls_new()) == "hello, too"


def test_new_client_reaches_an_old_one() -> None:
    assert asyncio.run(new_calls_old()) == "hello, too"

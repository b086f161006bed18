"""A browser that speaks Jingle: its SDP is mapped to stanzas, and theirs to SDP; a session manager keeps the order."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from asyncio_driver import Driver

from jinglecodec import mapping, sdp, session
from jinglecodec.model.jingle import Action, Jingle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from browsers import Page

    from jinglecodec.mapping.contents import Role

__all__ = ["JingleBrowser", "jingle_browser"]

PREPARE = """
    window.pc = new RTCPeerConnection();
    window.found = [];
    pc.onicecandidate = ({candidate: one}) =>
        one && found.push([one.candidate, one.sdpMid, one.sdpMLineIndex, one.usernameFragment]);
"""
OFFER = "pc.createDataChannel('x'); await pc.setLocalDescription(); return pc.localDescription.sdp;"
OFFER_AGAIN = "pc.restartIce(); await pc.setLocalDescription(); return pc.localDescription.sdp;"
ANSWER = "await pc.setLocalDescription(); return pc.localDescription.sdp;"
TAKE = "await pc.setRemoteDescription({{type: {type}, sdp: {sdp}}});"
ADD = "await pc.addIceCandidate({candidate});"
FOUND = "return found.splice(0);"


class JingleBrowser:
    """One page with one call."""

    def __init__(self, page: Page, jid: str, send: Callable[[session.SendStanza], object]) -> None:
        self.told: list[Any] = []
        self.restarts = 0
        self._page, self._send = page, send
        self._queue: asyncio.Queue[Any] = asyncio.Queue()
        self._manager = session.Manager(jid, session.Policy(strangers=True))
        self.driver = Driver(self._manager, self._tell)
        self._names: mapping.Names | None = None
        self._role: Role = "initiator"
        self._local: sdp.SessionDescription | None = None
        self._remote: sdp.SessionDescription | None = None

    @property
    def _other(self) -> Role:
        return "responder" if self._role == "initiator" else "initiator"

    def _tell(self, output: object) -> None:
        self.told.append(output)
        if isinstance(output, session.SendStanza):
            self._send(output)
        else:
            self._queue.put_nowait(output)

    def do(self, wish: Callable[[], Awaitable[object]]) -> None:
        """Let something be done when its turn comes: a page does one thing after the other."""
        self._queue.put_nowait(wish)

    def end(self) -> None:
        """Do nothing any more."""
        self._queue.put_nowait(None)

    async def ask(self, script: str) -> Any:  # noqa: ANN401 - any JSON
        """Return what a script returns when its turn comes."""
        found = asyncio.get_running_loop().create_future()

        async def run() -> None:
            found.set_result(await self._page.run(script))

        self.do(run)
        return await found

    async def serve(self) -> None:
        """Do what comes, and trickle what the page finds, until `end`."""
        await self._page.run(PREPARE)
        while True:
            try:
                todo = await asyncio.wait_for(self._queue.get(), 0.05)
            except TimeoutError:
                await self._trickle()
                continue
            if todo is None:
                return
            if callable(todo):
                await todo()
            else:
                await self._follow(todo)

    # --- what the page says -------------------------------------------------------------------------------------------

    async def call(self, peer: str, sid: str) -> None:
        """Offer."""
        self._key = session.SessionKey(peer, sid)
        offer = self._described(await self._page.run(OFFER))
        made = mapping.to_jingle(offer, action=Action.SESSION_INITIATE, sid=sid, role="initiator")
        self._names = made.names
        self.driver.handle(session.Initiate(peer, made.value.contents, sid, made.value.groups))

    async def restart(self) -> None:
        """Offer again, with other credentials."""
        self._change(await self._page.run(OFFER_AGAIN))

    def _described(self, text: str) -> sdp.SessionDescription:
        self._local = sdp.loads(text)
        return self._local

    def _change(self, text: str) -> None:
        """Send the difference between what the page said and says."""
        assert self._local is not None
        before = self._local
        made = mapping.changes(before, self._described(text), role=self._role, names=self._names, sid=self._key.sid)
        self._names = made.names
        for request in made.value:
            self._transport_info(request)

    async def _trickle(self) -> None:
        for candidate, mid, index, ufrag in await self._page.run(FOUND):
            made = mapping.to_transport_info(
                mapping.Trickled(candidate, mid, index, ufrag),
                sid=self._key.sid,
                role=self._role,
                desc=self._local,
                names=self._names,
            )
            self._transport_info(made.value)

    def _transport_info(self, jingle: Jingle) -> None:
        assert jingle.action is Action.TRANSPORT_INFO
        if self._key in self._manager.sessions:
            self.driver.handle(session.SendTransportInfo(self._key, jingle.contents))

    # --- what the peer says -------------------------------------------------------------------------------------------

    async def _follow(self, output: object) -> None:
        match output:
            case session.IncomingSession(key, jingle):
                self._key, self._role = key, "responder"
                await self._answer(jingle)
            case session.Accepted(_, jingle):
                made = mapping.to_sdp(jingle, role="responder", offer=self._local, names=self._names)
                self._names = made.names
                await self._take("answer", made.value)
            case session.InfoReceived(_, jingle, restarted) if jingle.action is Action.TRANSPORT_INFO:
                await (self._renew(jingle) if restarted else self._add(jingle))
            case _:
                pass

    async def _answer(self, jingle: Jingle) -> None:
        offer = mapping.to_sdp(jingle, role="initiator")
        await self._take("offer", offer.value)
        made = mapping.to_jingle(
            self._described(await self._page.run(ANSWER)),
            action=Action.SESSION_ACCEPT,
            sid=jingle.sid,
            role="responder",
            offer=offer.value,
            names=offer.names,
        )
        self._names = made.names
        self.driver.handle(session.Accept(self._key, made.value.contents, made.value.groups))

    async def _add(self, jingle: Jingle) -> None:
        made = mapping.to_candidates(jingle, names=self._names, desc=self._remote)
        for one in made.value:
            candidate = {
                "candidate": one.candidate,
                "sdpMid": one.mid,
                "sdpMLineIndex": one.index,
                "usernameFragment": one.ufrag,
            }
            await self._page.run(ADD.format(candidate=json.dumps(candidate)))

    async def _renew(self, jingle: Jingle) -> None:
        """Take other credentials: the answer to ours, or an offer to be answered."""
        assert self._remote is not None
        made = mapping.apply(self._remote, (jingle,), role=self._other, names=self._names)
        self._names = made.names
        if await self._page.run("return pc.signalingState;") == "have-local-offer":
            await self._take("answer", made.value)
        else:
            await self._take("offer", made.value)
            self._change(await self._page.run(ANSWER))
        self.restarts += 1

    async def _take(self, kind: str, description: sdp.SessionDescription) -> None:
        """Let the page have a description, in an answer with the DTLS role that the peer has by now (RFC 8842 5.5)."""
        self._remote = description
        text = sdp.dumps(description)
        if kind == "answer":
            text = text.replace("a=setup:actpass", "a=setup:passive")  # browsers answer that they are active
        await self._page.run(TAKE.format(type=json.dumps(kind), sdp=json.dumps(text)))


@asynccontextmanager
async def jingle_browser(
    page: Page, jid: str, send: Callable[[session.SendStanza], object]
) -> AsyncIterator[JingleBrowser]:
    """Let a page speak Jingle until the end of the block."""
    browser = JingleBrowser(page, jid, send)
    serving = asyncio.ensure_future(browser.serve())
    try:
        yield browser
    finally:
        browser.end()
        await serving
        browser.driver.close()

"""A data channel between two peers: the DTLS and SCTP of aiortc above an ICE agent of this library.

    python examples/aiortc_datachannel.py

One peer offers and sends, the other answers and echoes. Each says one description and hears one, as SDP; how these
travel is another matter, for which see `browser_call.py`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from aiortc import (
    RTCCertificate,
    RTCDataChannel,
    RTCDataChannelParameters,
    RTCDtlsTransport,
    RTCSctpCapabilities,
    RTCSctpTransport,
)
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters
from asyncio_driver import Driver

from jinglecodec import ice, sdp
from jinglecodec.endpoint.candidates import from_line, to_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiortc import RTCIceTransport

__all__ = ["Path", "Peer", "main"]

STREAM = "0"
LARGEST = 65536
"The size of messages where a=max-message-size does not tell (RFC 8841 6.1)."

DESCRIPTION = """\
v=0
o=- {session} 1 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
{candidates}
a=end-of-candidates
a=ice-ufrag:{ufrag}
a=ice-pwd:{pwd}
a=fingerprint:{fingerprint}
a=setup:{setup}
a=mid:0
a=sctp-port:{port}
a=max-message-size:{largest}
"""


class Path:
    """An agent with one stream, as what aiortc's DTLS asks of its ICE transport."""

    def __init__(self, role: ice.Role, host: str, config: ice.Config | None = None) -> None:
        """Gather candidates at an address of this host; to be called in a coroutine."""
        self.agent = ice.Agent(role=role, config=config)
        self.candidates: list[ice.Candidate] = []
        self.received: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.gathered, self.decided = asyncio.Event(), asyncio.Event()
        self.failed = False
        self.driver = Driver(self.agent, self.take)
        for command in (ice.AddStream(STREAM), ice.AddLocalAddress(host), ice.Gather()):
            self.driver.handle(command)

    def take(self, output: ice.Notice) -> None:
        """Keep what the agent tells."""
        match output:
            case ice.CandidateFound(_, candidate):
                self.candidates.append(candidate)
            case ice.GatheringDone():
                self.gathered.set()
            case ice.DataReceived(_, _, data):
                self.received.put_nowait(data)
            case ice.StreamStateChanged(_, ice.StreamState.COMPLETED):
                self.decided.set()
            case ice.StreamStateChanged(_, ice.StreamState.FAILED):
                self.failed = True
                self.decided.set()
                self.received.put_nowait(None)
            case _:
                pass

    async def connect(self, ufrag: str, pwd: str, candidates: Iterable[sdp.Candidate]) -> None:
        """Check pairs with the candidates of the peer; ConnectionError when none is good."""
        self.driver.handle(ice.SetRemoteCredentials(STREAM, ufrag, pwd))
        for line in candidates:
            self.driver.handle(ice.AddRemoteCandidate(STREAM, from_line(line)))
        self.driver.handle(ice.EndRemoteCandidates(STREAM))
        await self.decided.wait()
        if self.failed:
            raise ConnectionError("no pair of candidates is good")

    def close(self) -> None:
        """Close the sockets."""
        self.driver.handle(ice.Close())
        self.driver.close()

    @property
    def role(self) -> str:
        """By which DTLS chooses its own: who controls is the server."""
        return self.agent.snapshot().role.value

    async def _send(self, data: bytes) -> None:
        self.driver.handle(ice.SendData(STREAM, 1, data))

    async def _recv(self) -> bytes:
        data = await self.received.get()
        if data is None:
            raise ConnectionError("the path is lost")
        return data


class Peer:
    """One end of data channels."""

    def __init__(self, host: str, *, offers: bool, config: ice.Config | None = None) -> None:
        """Use an address of this host; who offers controls (RFC 8445 6.1.1). To be called in a coroutine."""
        self.path = Path(ice.Role.CONTROLLING if offers else ice.Role.CONTROLLED, host, config)
        certificate = RTCCertificate.generateCertificate()
        self.dtls = RTCDtlsTransport(cast("RTCIceTransport", self.path), [certificate])
        self.sctp = RTCSctpTransport(self.dtls)
        self.setup = "actpass" if offers else "active"
        self.sctp.on("datachannel", self.echo)

    async def describe(self) -> sdp.SessionDescription:
        """Return what the other peer has to hear, when all candidates are found."""
        await self.path.gathered.wait()
        credentials = self.path.agent.local_credentials(STREAM)
        (fingerprint,) = (one for one in self.dtls.getLocalParameters().fingerprints if one.algorithm == "sha-256")
        text = DESCRIPTION.format(
            session=id(self),
            candidates="\n".join(to_line(candidate).line() for candidate in self.path.candidates),
            ufrag=credentials.ufrag,
            pwd=credentials.pwd,
            fingerprint=f"{fingerprint.algorithm} {fingerprint.value}",
            setup=self.setup,
            port=self.sctp.port,
            largest=LARGEST,
        )
        return sdp.loads(text)

    async def connect(self, description: sdp.SessionDescription) -> None:
        """Connect to the peer that says this: ICE, then DTLS, then SCTP; ConnectionError when it cannot be."""
        (media,) = description.media
        inherited = sdp.effective(description, media)
        await self.path.connect(inherited.ice_ufrag or "", inherited.ice_pwd or "", media.candidates)
        fingerprints = [RTCDtlsFingerprint(one.hash_function, one.digest.hex(":")) for one in inherited.fingerprints]
        await self.dtls.start(RTCDtlsParameters(fingerprints))
        if self.dtls.state != "connected":
            raise ConnectionError("the peer is not who it says")
        largest = LARGEST if media.max_message_size is None else media.max_message_size
        await self.sctp.start(RTCSctpCapabilities(largest), media.sctp_port or self.sctp.port)

    def echo(self, channel: RTCDataChannel) -> None:
        """Send back what comes on a channel that the other peer opened."""
        channel.on("message", channel.send)

    async def ask(self, message: str) -> str:
        """Open a channel, send a message, and return the first that comes back."""
        channel = RTCDataChannel(self.sctp, RTCDataChannelParameters(label="chat"))
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        channel.on("open", lambda: channel.send(message))
        channel.once("message", answer.set_result)
        return str(await answer)

    async def close(self) -> None:
        """End it all."""
        await self.sctp.stop()
        await self.dtls.stop()
        self.path.close()


async def main(host: str = "127.0.0.1") -> str:
    """Connect two peers on this host, and return what one of them hears of the other."""
    config = ice.Config(loopback=True)
    calls, called = Peer(host, offers=True, config=config), Peer(host, offers=False, config=config)
    try:
        offer, answer = await calls.describe(), await called.describe()
        await asyncio.gather(calls.connect(answer), called.connect(offer))
        return await calls.ask("hello")
    finally:
        await calls.close()
        await called.close()


if __name__ == "__main__":
    print(asyncio.run(main()))

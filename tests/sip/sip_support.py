"""What the tests of SIP share: machines joined by a wire in virtual time, and messages written out."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import Any

import attrs

from jinglecodec.addresses import Address
from jinglecodec.machine import DatagramReceived, Machine, SendDatagram, TimerFired
from jinglecodec.model.jingle import Content, Creator, Jingle
from jinglecodec.model.raw_udp import RawUdpCandidate, RawUdpTransport
from jinglecodec.model.rtp import PayloadType, RtpDescription
from jinglecodec.model.stanza import Iq, Presence, Stanza
from jinglecodec.session import Manager
from jinglecodec.session.events import Policy, SendStanza, StanzaReceived
from jinglecodec.sip.addresses import Uri
from jinglecodec.sip.calls import Config
from jinglecodec.sip.gateway import Gateway
from jinglecodec.sip.legs import Settings
from jinglecodec.sip.messages import Request, Response, read
from jinglecodec.sip.useragent import UserAgent

ALICE, BOB = Address("192.0.2.1", 5060), Address("192.0.2.2", 5060)
SDP = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n"


def agent(
    address: Address, server: Address, seed: int = 1, *, calls: int = 1000, ring_time: float = 180.0
) -> UserAgent:
    settings = Settings(address, server, calls=calls, ring_time=ring_time)
    return UserAgent(settings, random.Random(seed))


def sip(text: str, body: bytes = b"") -> bytes:
    """Return the message that lines of text are, with the length of its body."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def sent(outputs: tuple[object, ...]) -> list[Request | Response]:
    """Return the messages among outputs."""
    return [read(output.data) for output in outputs if isinstance(output, SendDatagram)]


def told(outputs: tuple[object, ...]) -> list[object]:
    """Return what is no datagram among outputs."""
    return [output for output in outputs if not isinstance(output, SendDatagram)]


def start_lines(outputs: tuple[object, ...]) -> list[str]:
    return [one.method if isinstance(one, Request) else f"{one.status} {one.cseq_method}" for one in sent(outputs)]


@attrs.define
class Wire:
    """Machines with an address each, and what goes between them in virtual time.

    Datagrams are delayed, and lost as `lose` says; stanzas arrive in order at the node that `homes` has for the JID,
    its bare JID or its domain.
    """

    nodes: dict[Address, Machine[Any, Any]]
    lose: Callable[[], bool] = lambda: False
    homes: dict[str, Address] = attrs.field(factory=dict)
    delay: float = 0.01
    now: float = 0.0
    flying: list[tuple[float, int, Address, object]] = attrs.field(factory=list)
    log: list[tuple[float, Address, Request | Response]] = attrs.field(factory=list)
    "The SIP messages that were sent, lost or not."
    stanzas: list[tuple[float, Stanza]] = attrs.field(factory=list)
    said: list[tuple[float, Address, object]] = attrs.field(factory=list)
    "What was told that is neither."
    first: list[Request | Response] = attrs.field(factory=list)
    "SIP messages that a test wants to come back to."
    count: int = 0

    def tell(self, address: Address, event: object) -> None:
        self._do(address, self.nodes[address].handle(event, self.now))

    def _do(self, address: Address, outputs: tuple[object, ...]) -> None:
        for output in outputs:
            if isinstance(output, SendDatagram):
                self.log.append((self.now, address, read(output.data)))
                if not self.lose():
                    self._fly(output.remote, DatagramReceived(0, address, output.data))
            elif isinstance(output, SendStanza):
                self.stanzas.append((self.now, output.stanza))
                self._fly(self._home(output.stanza.to or ""), StanzaReceived(output.stanza))
            else:
                self.said.append((self.now, address, output))

    def _home(self, jid: str) -> Address:
        bare = jid.partition("/")[0]
        return self.homes.get(jid) or self.homes.get(bare) or self.homes.get(bare.rpartition("@")[2], Address("", 0))

    def _fly(self, target: Address, event: object) -> None:
        self.count += 1
        heappush(self.flying, (self.now + self.delay, self.count, target, event))

    def run(self, until: float) -> None:
        """Let everything happen up to a time."""
        while (due := min(self._times(), default=until + 1)) <= until:
            self.now = max(self.now, due)
            if self.flying and self.flying[0][0] <= self.now:
                _, _, target, event = heappop(self.flying)
                if target in self.nodes:
                    self.tell(target, event)
            for address, node in self.nodes.items():
                if node.deadline is not None and node.deadline <= self.now:
                    self.tell(address, TimerFired())
        self.now = until

    def _times(self) -> Iterator[float]:
        yield from (flight[0] for flight in self.flying[:1])
        yield from (node.deadline for node in self.nodes.values() if node.deadline is not None)

    def events(self, address: Address) -> list[object]:
        return [event for _, where, event in self.said if where == address]

    def lines(self) -> list[str]:
        return [one.method if isinstance(one, Request) else f"{one.status} {one.cseq_method}" for _, _, one in self.log]

    def actions(self) -> list[str]:
        """Return the actions of the Jingle requests that went by, those of session-info with their payload."""
        found = []
        for _, stanza in self.stanzas:
            if isinstance(stanza, Iq) and isinstance(stanza.payload, Jingle):
                names = [type(info).__name__ for info in stanza.payload.infos]
                found.append(" ".join([stanza.payload.action.value, *names]))
        return found


ROMEO, JULIET = Uri("romeo", "example.net"), Uri("juliet", "example.com")
J, R = "juliet@example.com/balcony", "romeo@example.net"
"The XMPP user, and the SIP user as she knows him."
GATE, USER = Address("192.0.2.1", 5060), Address("xmpp", 1)


def gateway(
    seed: int = 1, address: Address = GATE, server: Address = BOB, *, calls: int = 1000, ring_time: float = 180.0
) -> Gateway:
    """Return a gateway that lets the users of example.com call."""
    settings = Settings(address, server, calls=calls, ring_time=ring_time)
    config = Config(sip=settings, policy=Policy(frozenset({"example.com"})))
    return Gateway(config, random.Random(seed))


def world(seed: int = 1, lose: Callable[[], bool] = lambda: False, ring_time: float = 180.0) -> Wire:
    """Return Juliet with a session manager at USER, Romeo with a user agent at BOB, and the gateway between them."""
    policy = Policy(frozenset({"example.net"}))
    juliet = Manager(J, policy, random=random.Random(seed + 10))
    nodes: dict[Address, Machine[Any, Any]] = {
        GATE: gateway(seed, ring_time=ring_time),
        BOB: agent(BOB, GATE, seed + 20, ring_time=ring_time),
        USER: juliet,
    }
    wire = Wire(nodes, lose, {"example.com": USER, "example.net": GATE})
    wire.tell(GATE, StanzaReceived(Presence(from_=J, to=R)))
    return wire


def audio(port: int = 49172, name: str = "voice", creator: str = "initiator", *payloads: PayloadType) -> Content:
    """Return a content with audio over raw UDP."""
    types = payloads or (
        PayloadType(id=0, name="PCMU", clockrate=8000),
        PayloadType(id=97, name="speex", clockrate=8000),
    )
    candidate = RawUdpCandidate(component=1, generation=0, id="c1", ip="192.0.2.101", port=port)
    return Content(
        creator=Creator(creator),
        name=name,
        description=RtpDescription(media="audio", payload_types=types),
        transport=RawUdpTransport(candidates=(candidate,)),
    )


def sdp(
    direction: str = "sendrecv", version: int = 1, port: int = 3456, more: str = "", address: str = "192.0.2.201"
) -> bytes:
    """Return a description of Romeo: audio, and further sections as they are written."""
    lines = f"""
        v=0
        o=romeo 2890844527 {version} IN IP4 client.example.net
        s=-
        c=IN IP4 {address}
        t=0 0
        m=audio {port} RTP/AVP 97
        a=rtpmap:97 speex/8000
        a={direction}
    """
    text = [line.strip() for line in (lines.strip() + "\n" + more.strip()).splitlines() if line.strip()]
    return "\r\n".join([*text, ""]).encode()

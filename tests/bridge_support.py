"""A bridge between an old client and a new one, and descriptions for them."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path
from random import Random

import attrs

import jinglecodec as jc
from jinglecodec.bridge import Bridge, Leg
from jinglecodec.machine import TimerFired
from jinglecodec.session import (
    Accept,
    Event,
    IncomingSession,
    Initiate,
    Manager,
    Offer,
    Policy,
    SendStanza,
    SessionKey,
    StanzaReceived,
    Webrtc,
)
from jinglecodec.session.webrtc import WebrtcEvent

__all__ = [
    "ANSWER",
    "ANYBODY",
    "CANDIDATE",
    "CORPUS",
    "HEAD",
    "NEW",
    "OFFER",
    "OLD",
    "PRINT",
    "SECTION",
    "SID",
    "TO_NEW",
    "TO_OLD",
    "World",
    "described",
    "facts",
    "hosts",
    "new_calls",
    "old_calls",
    "trickled",
]

CORPUS = Path(os.environ.get("JINGLECODEC_CORPUS") or Path(__file__).parents[2] / "shared" / "corpus")

OLD = "romeo@montague.net/orchard"
NEW = "juliet@capulet.com/balcony"
TO_OLD = "bridge.capulet.com/old"
TO_NEW = "bridge.capulet.com/new"
SID = "a73sjjvkla37jfea"
ANYBODY = Policy(strangers=True)

HEAD = "v=0\r\no=- {} 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
SECTION = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na={}\r\na=rtcp-mux\r\n"
    "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=ice-ufrag:{}\r\na=ice-pwd:{}\r\na=fingerprint:sha-256 {}\r\na=setup:{}\r\n{}"
)
PRINT = ":".join(["AB"] * 32)
CANDIDATE = "a=candidate:1 1 udp 2130706431 192.0.2.{} 5000 typ host\r\n"
OFFER = HEAD.format(7) + SECTION.format("sendrecv", "offr", "p" * 22, PRINT, "actpass", CANDIDATE.format(1))
ANSWER = HEAD.format(8) + SECTION.format("sendrecv", "answ", "q" * 22, PRINT, "active", CANDIDATE.format(2))


def described(sdp: str) -> jc.sdp.SessionDescription:
    return jc.sdp.loads(sdp)


@attrs.define
class World:
    """Both clients, the bridge, and the streams between them."""

    old: Webrtc = attrs.Factory(lambda: Webrtc(OLD, ANYBODY, random=Random(1)))
    new: Manager = attrs.Factory(lambda: Manager(NEW, ANYBODY, random=Random(2)))
    bridge: Bridge = attrs.Factory(lambda: Bridge(Leg(TO_OLD, OLD), Leg(TO_NEW, NEW), random=Random(3)))
    now: float = 0.0
    queue: deque[jc.Stanza] = attrs.Factory(deque)
    told: dict[str, list[object]] = attrs.Factory(lambda: {"old": [], "new": [], "bridge": []})
    script: list[tuple[object, float]] = attrs.Factory(list)
    "What the bridge heard."

    def keep(self, who: str, outputs: tuple[object, ...]) -> None:
        for output in outputs:
            if isinstance(output, SendStanza):
                data = jc.dumps(output.stanza)
                report = jc.validate(data, "deployed")
                assert report.ok, (data, report.findings)
                self.queue.append(jc.loads(data, expect=jc.Stanza))
            else:
                self.told[who].append(output)

    def settle(self) -> None:
        while self.queue:
            self.step()

    def step(self) -> None:
        """Deliver the next stanza."""
        stanza = self.queue.popleft()
        event = StanzaReceived(stanza)
        if stanza.to == OLD:
            self.keep("old", self.old.handle(event, self.now))
        elif stanza.to == NEW:
            self.keep("new", self.new.handle(event, self.now))
        else:
            self.script.append((event, self.now))
            self.keep("bridge", self.bridge.handle(event, self.now))

    def say_old(self, event: WebrtcEvent) -> None:
        self.keep("old", self.old.handle(event, self.now))
        self.settle()

    def say_new(self, event: Event) -> None:
        self.keep("new", self.new.handle(event, self.now))
        self.settle()

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.script.append((TimerFired(), self.now))
        self.keep("bridge", self.bridge.handle(TimerFired(), self.now))
        self.settle()

    def last(self, who: str, kind: type) -> object:
        """Return the last thing of a kind that somebody was told."""
        found = [output for output in self.told[who] if isinstance(output, kind)]
        assert found, f"{who} was told {self.told[who]}"
        return found[-1]


def old_calls(*, trickle: bool = False) -> tuple[World, SessionKey, SessionKey]:
    """Return the world when the new client has accepted the old one's call, and the keys that they have."""
    world = World()
    key = SessionKey(TO_OLD, SID)
    world.say_old(Initiate(TO_OLD, (jc.Content(name="audio, video", transport=jc.WebrtcTransport()),), SID))
    world.say_old(Offer(key, OFFER))
    incoming = world.last("new", IncomingSession)
    assert isinstance(incoming, IncomingSession)
    answer = jc.mapping.to_jingle(
        described(ANSWER if not trickle else ANSWER.replace(CANDIDATE.format(2), "")),
        action="session-accept",
        sid=SID,
        role="responder",
        offer=described(OFFER),
        names=jc.mapping.to_sdp(incoming.jingle, role="initiator").names,
    )
    world.say_new(Accept(incoming.session, answer.value.contents, answer.value.groups))
    return world, key, incoming.session


def new_calls() -> tuple[World, SessionKey, SessionKey]:
    """Return the world when the new client's call has reached the old one, and the keys that they have."""
    world = World()
    key = SessionKey(TO_NEW, SID)
    offer = jc.mapping.to_jingle(described(OFFER), action="session-initiate", sid=SID, role="initiator").value
    world.say_new(Initiate(TO_NEW, offer.contents, SID, offer.groups))
    incoming = world.last("old", IncomingSession)
    assert isinstance(incoming, IncomingSession)
    return world, incoming.session, key


def facts(desc: jc.sdp.SessionDescription) -> list[tuple[object, ...]]:
    """Return what two clients have to agree on, section by section."""
    return [
        (
            media.kind,
            media.formats,
            media.direction or jc.sdp.Direction.SENDRECV,
            [(one.payload_type, one.encoding, one.clock_rate, one.channels or 1) for one in media.rtpmaps],
            media.ice_ufrag,
            media.ice_pwd,
            [str(one) for one in media.fingerprints or desc.fingerprints],
            media.setup,
            [(one.address, one.port, one.type) for one in media.candidates],
        )
        for media in desc.media
    ]


def hosts(sdp: str) -> list[str]:
    return [candidate.address for media in described(sdp).media for candidate in media.candidates]


def trickled(content: tuple[jc.Creator, str], number: int) -> jc.Content:
    candidate = jc.Candidate(
        component=1,
        foundation="1",
        generation=0,
        id=f"c{number}",
        ip=f"192.0.2.{number}",
        network=0,
        port=5000,
        priority=2130706431,
        protocol="udp",
        type=jc.CandidateType.HOST,
    )
    transport = jc.IceUdpTransport(ufrag="answ", pwd="q" * 22, candidates=(candidate,))
    return jc.Content(creator=content[0], name=content[1], transport=transport)

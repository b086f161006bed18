"""The gateway on a real socket, with sipp as the SIP party and an endpoint as the XMPP party."""

from __future__ import annotations

import select
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest
from sip_sipp import CALLED, CALLS, HANGS_UP, HUNG_UP, RINGS, Sipp, free_port, recv, reply, request, sends
from sip_support import J, R, audio

from jinglecodec import endpoint as e
from jinglecodec.addresses import Address
from jinglecodec.machine import CloseSocket, DatagramReceived, OpenSocket, SendDatagram, SocketOpened, TimerFired
from jinglecodec.model.ice_udp import IceUdpTransport
from jinglecodec.model.jingle import Condition, Content, Reason, Senders
from jinglecodec.model.rtp_info import Hold, Ringing, Unhold
from jinglecodec.model.stanza import Presence
from jinglecodec.session import events as on
from jinglecodec.session.events import Policy, SendStanza, SessionKey, StanzaReceived
from jinglecodec.sip.calls import CallEnded, CallStarted, Config, Event
from jinglecodec.sip.gateway import Gateway
from jinglecodec.sip.legs import Settings

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(shutil.which("sipp") is None, reason="no sipp (Debian: sip-tester)"),
]

SID = "a73sjjvkl37jfea"

# --- the gateway on a socket -----------------------------------------------------------------------------------------


@attrs.define
class Live:
    """The gateway on a socket, in real time, and Juliet's endpoint, whose media goes nowhere: sipp has none."""

    gateway: Gateway
    juliet: e.Endpoint
    socket: socket.socket
    told: list[object] = attrs.field(factory=list)
    sent: list[bytes] = attrs.field(factory=list)

    def tell(self, event: e.Event) -> None:
        """Let Juliet take an event."""
        for output in self.juliet.handle(event, time.monotonic()):
            match output:
                case SendStanza(stanza):
                    self.hand_in(StanzaReceived(stanza))
                case OpenSocket(token):
                    self.tell(SocketOpened(token, Address("192.0.2.101", 7000 + token)))
                case SendDatagram() | CloseSocket():
                    pass
                case _:
                    self.told.append(output)

    def hand_in(self, event: Event | TimerFired) -> None:
        """Let the gateway take an event."""
        for output in self.gateway.handle(event, time.monotonic()):
            match output:
                case SendDatagram(_, remote, data):
                    self.sent.append(data)
                    self.socket.sendto(data, (remote.host, remote.port))
                case SendStanza(stanza):
                    self.tell(StanzaReceived(stanza))
                case _:
                    self.told.append(output)

    def run(self, until: Callable[[], object], seconds: float = 10.0) -> None:
        """Let both go on until something is the case."""
        end = time.monotonic() + seconds
        while not until():
            now = time.monotonic()
            assert now < end, self.told
            deadlines = [one for one in (self.gateway.deadline, self.juliet.deadline, now + 0.05) if one is not None]
            readable, _, _ = select.select([self.socket], [], [], max(0.0, min(deadlines) - now))
            if readable:
                data, remote = self.socket.recvfrom(65536)
                self.hand_in(DatagramReceived(0, Address(*remote[:2]), data))
            self.hand_in(TimerFired())
            for output in self.juliet.handle(TimerFired(), time.monotonic()):
                if isinstance(output, SendStanza):
                    self.hand_in(StanzaReceived(output.stanza))

    def has(self, kind: type, count: int = 1) -> Callable[[], bool]:
        return lambda: sum(isinstance(one, kind) for one in self.told) >= count

    def key(self) -> SessionKey:
        return next(iter(self.juliet.sessions))


Start = Callable[..., tuple[Live, Sipp]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return what starts a gateway and sipp; both end with the test."""
    running: list[tuple[Live, Sipp]] = []

    def begin(steps: list[str], *, calls: bool) -> tuple[Live, Sipp]:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        own, peer = sock.getsockname()[1], free_port()
        settings = Settings(Address("127.0.0.1", own), Address("127.0.0.1", peer))
        gateway = Gateway(Config(sip=settings, policy=Policy(frozenset({"example.com"}))))
        live = Live(gateway, e.Endpoint(J, Policy(frozenset({"example.net"}))), sock)
        live.tell(e.AddLocalAddress("192.0.2.101"))
        gateway.handle(StanzaReceived(Presence(from_=J, to=R)), time.monotonic())
        sipp = Sipp(tmp_path, peer, own, steps, calls=calls)
        running.append((live, sipp))
        return live, sipp

    yield begin
    for live, sipp in running:
        sipp.close()
        live.socket.close()


def finish(live: Live, sipp: Sipp) -> None:
    """Let the scenario end well, and the call with it."""
    live.run(lambda: sipp.is_done and not live.gateway.calls, 20.0)
    assert sipp.process.returncode == 0, (sipp.process.returncode, live.told, live.sent)
    assert isinstance(live.told[-1], (CallEnded, on.SessionEnded))


# --- from XMPP to SIP ------------------------------------------------------------------------------------------------


def voice(name: str = "voice") -> Content:
    """Return Juliet's side of a content; the endpoint fills in its transport."""
    return attrs.evolve(audio(name=name), transport=IceUdpTransport())


def place(live: Live) -> None:
    live.tell(e.Place(R, (voice(),), SID))


def test_sipp_is_called_rings_answers_and_is_hung_up_on(start: Start) -> None:
    live, sipp = start([*CALLED, *HUNG_UP], calls=False)
    place(live)
    live.run(live.has(on.Accepted))
    infos = [one for one in live.told if isinstance(one, on.InfoReceived)]
    assert [type(info) for one in infos for info in one.jingle.infos] == [Ringing]
    live.tell(on.Terminate(live.key()))
    finish(live, sipp)


def test_sipp_is_busy(start: Start) -> None:
    steps = [recv("request", "INVITE"), reply("486 Busy Here"), recv("request", "ACK")]
    live, sipp = start(steps, calls=False)
    place(live)
    finish(live, sipp)
    assert [one.reason.condition for one in live.told if isinstance(one, on.SessionEnded)] == [Condition.BUSY]


def test_sipp_is_called_and_cancelled(start: Start) -> None:
    final = reply("487 Request Terminated").replace("[last_CSeq:]", "CSeq: 1 INVITE")
    steps = [
        recv("request", "INVITE"),
        sends(reply("180 Ringing")),
        recv("request", "CANCEL"),
        sends(reply("200 OK")),
        final,
        recv("request", "ACK"),
    ]
    live, sipp = start(steps, calls=False)
    place(live)
    live.run(live.has(on.InfoReceived))
    live.tell(on.Terminate(live.key(), Reason(condition=Condition.CANCEL)))
    finish(live, sipp)


def test_sipp_is_held_and_let_go(start: Start) -> None:
    again = [recv("request", "INVITE"), reply("200 OK", "recvonly", 2), recv("request", "ACK")]
    back = [recv("request", "INVITE"), reply("200 OK", "sendrecv", 3), recv("request", "ACK")]
    live, sipp = start([*CALLED, *again, *back, *HUNG_UP], calls=False)
    place(live)
    live.run(live.has(on.Accepted))
    live.tell(on.SendSessionInfo(live.key(), infos=(Hold(),)))
    live.run(lambda: any(b"a=sendonly" in one for one in live.sent) and live.sent[-1].startswith(b"ACK"))
    live.tell(on.SendSessionInfo(live.key(), infos=(Unhold(),)))
    live.run(lambda: sum(one.startswith(b"ACK") for one in live.sent) == 3)
    live.tell(on.Terminate(live.key()))
    finish(live, sipp)


# --- from SIP to XMPP ------------------------------------------------------------------------------------------------


def accept(live: Live) -> None:
    key = live.key()
    names = tuple(name for _, name in live.juliet.sessions[key].contents)
    live.tell(on.SendSessionInfo(key, infos=(Ringing(),)))
    live.tell(e.Accept(key, tuple(voice(name) for name in names)))


def test_sipp_calls_and_hangs_up(start: Start) -> None:
    live, sipp = start([*CALLS, *HANGS_UP], calls=True)
    live.run(live.has(on.IncomingSession))
    accept(live)
    finish(live, sipp)
    assert any(isinstance(one, CallStarted) for one in live.told)


def test_sipp_calls_a_user_who_is_busy(start: Start) -> None:
    refused = [request("INVITE", 1, "sendrecv"), *RINGS, recv("response", "486")]
    live, sipp = start([*refused, sends(request("ACK", 1, answered="4"))], calls=True)
    live.run(live.has(on.IncomingSession))
    live.tell(on.Terminate(live.key(), Reason(condition=Condition.BUSY)))
    finish(live, sipp)


def test_sipp_calls_and_cancels(start: Start) -> None:
    steps = [
        request("INVITE", 1, "sendrecv"),
        recv("response", "100", optional=True),
        recv("response", "180"),
        request("CANCEL", 1, answered="3").replace("[peer_tag_param]", ""),
        recv("response", "200"),
        recv("response", "487"),
        sends(request("ACK", 1, answered="6")),
    ]
    live, sipp = start(steps, calls=True)
    live.run(live.has(on.IncomingSession))
    live.tell(on.SendSessionInfo(live.key(), infos=(Ringing(),)))
    finish(live, sipp)
    assert [one.reason.condition for one in live.told if isinstance(one, on.SessionEnded)] == [Condition.CANCEL]


def test_sipp_calls_holds_and_lets_go(start: Start) -> None:
    def offer(number: int, direction: str) -> list[str]:
        asked = request("INVITE", number, direction, number, answered="x")
        acknowledged = sends(request("ACK", number, answered="x"))
        return [asked, recv("response", "100", optional=True), recv("response", "200"), acknowledged]

    live, sipp = start([*CALLS, *offer(2, "sendonly"), *offer(3, "sendrecv"), *HANGS_UP], calls=True)
    live.run(live.has(on.IncomingSession))
    accept(live)
    live.run(live.has(on.ContentChanged, 2))
    changed = [one.jingle.contents[0] for one in live.told if isinstance(one, on.ContentChanged)]
    assert [one.senders for one in changed] == [Senders.INITIATOR, Senders.BOTH]
    finish(live, sipp)
    assert any(b"a=recvonly" in one for one in live.sent)

"""Two endpoints that call one another over SIP: through a gateway each, on the virtual network, ICE included."""

from __future__ import annotations

import random
from typing import Any, TypeVar

import pytest

import jinglecodec as jc
from jinglecodec import endpoint as e
from jinglecodec.addresses import Address
from jinglecodec.model.dtls import Fingerprint, Setup
from jinglecodec.model.ice_udp import IceUdpTransport
from jinglecodec.model.jingle import Content, Creator
from jinglecodec.model.rtp import PayloadType, RtpDescription
from jinglecodec.model.rtp_info import Hold
from jinglecodec.session import (
    Accepted,
    ContentChanged,
    IncomingSession,
    PeerFeatures,
    Policy,
    SendSessionInfo,
    SendStanza,
    SessionEnded,
    StanzaReceived,
    Terminate,
)
from jinglecodec.sip import Config, Gateway, Settings, Start
from jinglecodec.stun import Kind
from jinglecodec.testing.network import Host, Link, Network, Node

JULIET, ROMEO = "juliet@example.com/balcony", "romeo@example.net/orchard"
T = TypeVar("T")
RTP = b"\x80\x60" + bytes(10)


def content(name: str, setup: Setup, byte: str) -> Content:
    return Content(
        creator=Creator.INITIATOR,
        name=name,
        description=RtpDescription(
            media="audio",
            payload_types=(PayloadType(id=96, name="opus", clockrate=48000, channels=2),),
            rtcp_mux=True,
        ),
        transport=IceUdpTransport(
            fingerprints=(Fingerprint(hash="sha-256", setup=setup, value=":".join([byte] * 32)),)
        ),
    )


class Stage:
    """Juliet, her gateway, Romeo's, and Romeo: stanzas between each and its gateway, SIP between the gateways."""

    def __init__(self, *, trickles: bool) -> None:
        self.network = Network(1)
        link = Link(latency=0.01)
        hosts = [Host(self.network.internet, f"192.0.2.{number}", link=link) for number in (1, 2, 3, 4)]
        self.told: dict[str, list[Any]] = {JULIET: [], ROMEO: []}
        ours, theirs = Address("192.0.2.3", 5060), Address("192.0.2.4", 5060)
        self.gateways: list[Gateway] = []
        self.juliet = self._party(hosts[0], JULIET, 1)
        self.romeo = self._party(hosts[1], ROMEO, 2)
        self.gates = (self._gate(hosts[2], ours, theirs, 3), self._gate(hosts[3], theirs, ours, 4))
        self.romeo.handle(e.AddLocalAddress("192.0.2.2"))
        self.juliet.handle(e.AddLocalAddress("192.0.2.1"))
        self.gates[1].handle(StanzaReceived(jc.Presence(from_=ROMEO, to="juliet@example.com")))
        if not trickles:
            features = frozenset(jc.features([RtpDescription], [IceUdpTransport], media=["audio"], offer_answer=True))
            self.juliet.handle(PeerFeatures("romeo@example.net", features))
            self.romeo.handle(PeerFeatures("juliet@example.com/sip", features))

    def _party(self, host: Host, jid: str, seed: int) -> Node[Any, Any]:
        machine = e.Endpoint(jid, Policy(strangers=True), random=random.Random(seed))
        node: Node[Any, Any] = Node(host, machine, told=lambda output: self._hear(jid, output))
        return node

    def _gate(self, host: Host, address: Address, other: Address, seed: int) -> Node[Any, Any]:
        machine = Gateway(Config(sip=Settings(address, other), policy=Policy(strangers=True)), random.Random(seed))
        self.gateways.append(machine)
        node: Node[Any, Any] = Node(host, machine, told=self._carry_back)
        node.handle(Start())
        return node

    def _hear(self, jid: str, output: object) -> None:
        if isinstance(output, SendStanza):
            gate = self.gates[0] if jid == JULIET else self.gates[1]
            self._deliver(gate, output)
        else:
            self.told[jid].append(output)

    def _carry_back(self, output: object) -> None:
        if isinstance(output, SendStanza):
            self._deliver(self.juliet if output.stanza.to == JULIET else self.romeo, output)

    def _deliver(self, node: Node[Any, Any], output: SendStanza) -> None:
        stanza = jc.loads(jc.dumps(output.stanza), errors="keep")
        assert isinstance(stanza, jc.Stanza)
        self.network.call_at(self.network.now + 0.05, node.handle, StanzaReceived(stanza))

    def until(self, jid: str, kind: type[T]) -> T:
        """Let time pass until a party is told something; return that."""
        told = self.told[jid]
        self.network.run(self.network.now + 30.0, stop=lambda: any(isinstance(one, kind) for one in told))
        return next(one for one in told if isinstance(one, kind))


def call(stage: Stage) -> tuple[e.Connected, e.Connected]:
    """Let Juliet call, Romeo accept, and ICE find its way; return what each was told of its path."""
    stage.juliet.handle(e.Place("romeo@example.net", (content("voice", Setup.ACTPASS, "AB"),)))
    incoming = stage.until(ROMEO, IncomingSession)
    (offered,) = incoming.jingle.contents
    assert isinstance(offered.transport, IceUdpTransport)
    assert [one.value[:5] for one in offered.transport.fingerprints] == ["AB:AB"]
    stage.romeo.handle(e.Accept(incoming.session, (content(offered.name, Setup.ACTIVE, "CD"),)))
    accepted = stage.until(JULIET, Accepted)
    (answered,) = accepted.jingle.contents
    assert isinstance(answered.transport, IceUdpTransport)
    assert isinstance(answered.description, RtpDescription)
    assert [(one.value[:5], one.setup) for one in answered.transport.fingerprints] == [("CD:CD", Setup.ACTIVE)]
    assert answered.description.payload_types[0].channels == 2
    return stage.until(JULIET, e.Connected), stage.until(ROMEO, e.Connected)


@pytest.mark.parametrize("trickles", [True, False])
def test_two_endpoints_connect_through_two_gateways(trickles: bool) -> None:
    stage = Stage(trickles=trickles)
    juliet, romeo = call(stage)
    stage.juliet.handle(e.SendData(juliet.session, juliet.content, 1, RTP))
    stage.romeo.handle(e.SendData(romeo.session, romeo.content, 1, RTP))
    for jid, path in ((JULIET, juliet), (ROMEO, romeo)):
        assert stage.until(jid, e.DataReceived) == e.DataReceived(path.session, path.content, 1, Kind.RTP, RTP)
    assert juliet.session.sid == romeo.session.sid  # by way of a Call-ID, and back
    stage.juliet.handle(SendSessionInfo(juliet.session, infos=(Hold(),)))
    held = stage.until(ROMEO, ContentChanged)
    assert held.jingle.contents[0].senders is jc.Senders.INITIATOR
    stage.romeo.handle(Terminate(romeo.session))
    assert stage.until(JULIET, SessionEnded).reason.condition is jc.Condition.SUCCESS
    stage.network.run(stage.network.now + 100.0)
    assert all(gateway.calls == frozenset() and gateway.pending == 0 for gateway in stage.gateways)

"""Two endpoints on the virtual network, with a channel for stanzas between them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, TypeVar

import jinglecodec as jc
from jinglecodec import endpoint as e
from jinglecodec.model.dtls import Fingerprint, Setup
from jinglecodec.model.grouping import Group, GroupContent
from jinglecodec.model.ice_udp import IceUdpTransport
from jinglecodec.model.jingle import Content, Creator
from jinglecodec.model.rtp import PayloadType, RtpDescription
from jinglecodec.session import Policy, SendStanza, StanzaReceived
from jinglecodec.testing.network import Host, Link, Network, Node
from jinglecodec.testing.replay import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["AUDIO", "BUNDLE", "JULIET", "LATENCY", "ROMEO", "VIDEO", "Party", "Stage", "answer", "content", "stage"]

ROMEO, JULIET = "romeo@montague.lit/orchard", "juliet@capulet.lit/balcony"
LATENCY = 0.05
"Seconds that a stanza takes."

T = TypeVar("T")


CODECS = {"audio": PayloadType(id=96, name="opus", clockrate=48000), "video": PayloadType(id=97, name="VP8")}


def content(
    name: str, media: str = "audio", creator: Creator = Creator.INITIATOR, setup: Setup = Setup.ACTPASS
) -> Content:
    """Return a content as an application describes it: the transport has DTLS only."""
    fingerprint = Fingerprint(hash="sha-256", setup=setup, value=":".join(["AB"] * 32))
    return Content(
        creator=creator,
        name=name,
        description=RtpDescription(media=media, payload_types=(CODECS[media],), rtcp_mux=True),
        transport=IceUdpTransport(fingerprints=(fingerprint,)),
    )


def answer(offered: Content) -> Content:
    """Return the content that takes what is offered."""
    assert isinstance(offered.description, RtpDescription)
    return content(offered.name, offered.description.media, offered.creator, Setup.ACTIVE)


AUDIO, VIDEO = content("voice"), content("face", "video")
BUNDLE = (Group(semantics="BUNDLE", contents=(GroupContent(name="voice"), GroupContent(name="face"))),)


class Party:
    """An endpoint at work on a host, and all that it told."""

    def __init__(self, stage: Stage, jid: str, host: Host, seed: int, config: e.Config | None) -> None:
        self.jid = jid
        self.told: list[Any] = []
        self.stanzas: list[Any] = []
        "Those that it sent."
        self._stage = stage
        self.endpoint = e.Endpoint(jid, Policy(strangers=True), config, random=random.Random(seed))
        self.recorder: Recorder[Any, Any] = Recorder(self.endpoint)
        self.node: Node[Any, Any] = Node(host, self.recorder, told=self._hear)
        self.node.handle(e.AddLocalAddress(host.addresses[0]))

    def do(self, event: object) -> None:
        """Hand an event to the endpoint."""
        self.node.handle(event)

    def all(self, kind: type[T]) -> list[T]:
        """Return what it told of one kind."""
        return [one for one in self.told if isinstance(one, kind)]

    def last(self, kind: type[T]) -> T:
        """Return the last that it told of one kind."""
        return self.all(kind)[-1]

    def _hear(self, output: object) -> None:
        if isinstance(output, SendStanza):
            self.stanzas.append(output.stanza)
            self._stage.carry(output)
        else:
            self.told.append(output)


class Stage:
    """A network with two parties, and the servers between them."""

    def __init__(self, network: Network, hosts: tuple[Host, Host], config: e.Config | None = None) -> None:
        self.network = network
        self.romeo = Party(self, ROMEO, hosts[0], 1, config)
        self.juliet = Party(self, JULIET, hosts[1], 2, config)

    def carry(self, output: SendStanza) -> None:
        """Take a stanza, as bytes, to the party that it is for."""
        data = jc.dumps(output.stanza)
        to = self.juliet if output.stanza.to == JULIET else self.romeo
        self.network.call_at(self.network.now + LATENCY, self._deliver, to, data)

    def _deliver(self, to: Party, data: bytes) -> None:
        decoded = jc.read(data, expect=jc.Stanza, errors="keep")
        assert isinstance(decoded.value, jc.Stanza)
        to.do(StanzaReceived(decoded.value, decoded.findings))

    def run(self, seconds: float) -> None:
        """Let some time pass."""
        self.network.run(self.network.now + seconds)

    def until(self, stop: Callable[[], bool], seconds: float = 60.0) -> None:
        """Let time pass until something holds, which it has to within `seconds`."""
        self.network.run(self.network.now + seconds, stop=stop)
        assert stop(), (self.romeo.told[-5:], self.juliet.told[-5:])


def stage(config: e.Config | None = None) -> Stage:
    """Return two parties on the open internet."""
    network = Network(1)
    link = Link(latency=0.01)
    hosts = (Host(network.internet, "192.0.2.1", link=link), Host(network.internet, "192.0.2.2", link=link))
    return Stage(network, hosts, config)

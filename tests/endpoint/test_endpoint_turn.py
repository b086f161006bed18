"""Calls that use the TURN servers of XEP-0215."""

from __future__ import annotations

import random

import pytest
from endpoint_support import AUDIO, JULIET, Stage, answer

from jinglecodec import endpoint as e
from jinglecodec import ice
from jinglecodec.addresses import Address
from jinglecodec.model.external_services import Service
from jinglecodec.model.jingle import Condition, Reason
from jinglecodec.session import IncomingSession, SessionKey, Terminate
from jinglecodec.testing.network import Host, Link, Network, Node, Start, TurnPolicy, TurnServer

SERVER, TLS, NAME = Address("192.0.2.9", 3478), Address("192.0.2.9", 5349), "turn.montague.lit"
SERVICES = {
    "udp": Service(type="turn", host=SERVER.host, username="user", password="password"),
    "tcp": Service(type="turn", host=SERVER.host, transport="tcp", username="user", password="password"),
    "tls": Service(type="turns", host=NAME, username="user", password="password"),
}


def played(service: Service, policy: TurnPolicy | None = None) -> tuple[Stage, TurnServer]:
    """Return two parties in a call that only relays may carry, and their TURN server."""
    network = Network(1)
    link = Link(latency=0.01)
    network.name(NAME, SERVER.host)
    server = TurnServer(SERVER, policy, tls=TLS, server_names=(NAME,), random=random.Random(1))
    Node(Host(network.internet, SERVER.host, link=link), server).handle(Start())
    hosts = (Host(network.internet, "192.0.2.1", link=link), Host(network.internet, "192.0.2.2", link=link))
    stage = Stage(network, hosts, e.Config(ice=ice.Config(relay_only=True)))
    for party in (stage.romeo, stage.juliet):
        party.do(e.ServicesReceived((service,)))
    stage.romeo.do(e.Place(JULIET, (AUDIO,), "1"))
    stage.until(lambda: bool(stage.juliet.all(IncomingSession)))
    stage.juliet.do(e.Accept(stage.juliet.last(IncomingSession).session, (answer(AUDIO),)))
    stage.run(5.0)
    return stage, server


@pytest.mark.parametrize("transport", SERVICES)
def test_relays_of_external_services_carry_a_call_and_are_released_at_its_end(transport: str) -> None:
    stage, server = played(SERVICES[transport])

    for party in (stage.romeo, stage.juliet):
        connected = party.last(e.Connected)
        assert (connected.local.type.value, connected.remote.type.value) == ("relay", "relay")
    assert len(server.snapshot().allocations) == 2
    key = SessionKey(JULIET, "1")
    stage.romeo.do(Terminate(key, Reason(condition=Condition.SUCCESS)))
    stage.run(5.0)

    assert server.snapshot().allocations == ()
    for party in (stage.romeo, stage.juliet):
        assert party.endpoint.calls == {}
        assert party.endpoint._sockets._inside == {}
        assert party.endpoint.deadline is None or party.endpoint.deadline > 10.0


def test_server_that_gives_nothing_is_told_of() -> None:
    stage, _ = played(SERVICES["udp"], TurnPolicy(quota=0))
    (unusable,) = stage.romeo.all(e.ServerUnusable)

    assert (unusable.server, unusable.reason.code) == (SERVER, "no-relay")
    assert "486" in unusable.reason.message

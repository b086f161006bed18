"""How long a call takes, in virtual time, beside its ICE agents alone; and what many calls cost one of them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from endpoint_support import AUDIO, JULIET, LATENCY, ROMEO, Stage, answer
from nat_matrix import KINDS, World, kind_name, world
from test_endpoint_calls import RTP, VOICE

from jinglecodec import endpoint as e
from jinglecodec import ice
from jinglecodec.addresses import Address
from jinglecodec.endpoint.calls import Call, Saying
from jinglecodec.machine import DatagramReceived, OpenSocket, SocketOpened
from jinglecodec.model.external_services import Service
from jinglecodec.session import IncomingSession
from jinglecodec.testing.network import Node

if TYPE_CHECKING:
    from jinglecodec.testing.network import Host

STREAM = 1


class Agent:
    """An agent on a host, whose candidates its peer knows at once, and which sends as soon as it can."""

    def __init__(self, host: Host, role: ice.Role, server: tuple[str, int]) -> None:
        self.agent = ice.Agent(role=role, random=random.Random(role.value))
        self.has_data = False
        self._found: list[ice.Candidate] = []
        self._peer: Agent | None = None
        self._node: Node[ice.Event, ice.Output] = Node(host, self.agent, told=self._hear)
        for event in (
            *(ice.AddStream(STREAM), ice.AddLocalAddress(host.addresses[0]), ice.AddServer(Address(*server))),
            ice.Gather(),
        ):
            self._node.handle(event)

    def meet(self, peer: Agent) -> None:
        """Tell the peer all that there is, now and from now on."""
        self._peer = peer
        credentials = self.agent.local_credentials(STREAM)
        peer._node.handle(ice.SetRemoteCredentials(STREAM, credentials.ufrag, credentials.pwd))
        for candidate in self._found:
            peer._node.handle(ice.AddRemoteCandidate(STREAM, candidate))

    def _hear(self, output: ice.Output) -> None:
        match output:
            case ice.CandidateFound(_, candidate):
                self._found.append(candidate)
                if self._peer is not None:
                    self._peer._node.handle(ice.AddRemoteCandidate(STREAM, candidate))
            case ice.PairSelected():
                self._node.handle(ice.SendData(STREAM, 1, RTP))
            case ice.DataReceived():
                self.has_data = True
            case _:
                pass


def agents_time(place: World) -> float:
    """Return the seconds until both agents have data."""
    left = Agent(place.left, ice.Role.CONTROLLING, place.stun_server)
    right = Agent(place.right, ice.Role.CONTROLLED, place.stun_server)
    left.meet(right)
    right.meet(left)
    place.network.run(60.0, stop=lambda: left.has_data and right.has_data)
    assert left.has_data
    assert right.has_data
    return place.network.now


def call_time(place: World) -> float:
    """Return the seconds from Place until both parties have data; it is accepted at once."""
    call = Stage(place.network, (place.left, place.right))
    host, port = place.stun_server
    for party in (call.romeo, call.juliet):
        party.do(e.ServicesReceived((Service(host=host, port=port, type="stun", transport="udp"),)))
    call.romeo.do(e.Place(JULIET, (AUDIO,)))
    call.until(lambda: bool(call.juliet.all(IncomingSession)))
    call.juliet.do(e.Accept(call.juliet.last(IncomingSession).session, (answer(AUDIO),)))
    waiting = [call.romeo, call.juliet]
    while waiting:
        call.until(lambda: any(party.all(e.Connected) for party in waiting))
        for party in [party for party in waiting if party.all(e.Connected)]:
            party.do(e.SendData(party.last(e.Connected).session, VOICE, 1, RTP))
            waiting.remove(party)
    call.until(lambda: all(party.all(e.DataReceived) for party in (call.romeo, call.juliet)))
    return place.network.now


@pytest.mark.parametrize(("left", "right"), [(0, 0), (1, 1), (2, 2), (4, 3), (0, 8), (8, 0)])
def test_first_data_is_not_later_than_that_of_agents_and_a_round_trip_of_stanzas(left: int, right: int) -> None:
    kinds = KINDS[left], KINDS[right]
    alone, whole = agents_time(world(*kinds)), call_time(world(*kinds))

    print(*map(kind_name, kinds), f"agents {alone:.3f} s, call {whole:.3f} s")  # noqa: T201 - with -s
    assert whole <= alone + 2 * LATENCY


def test_what_concerns_one_call_leaves_fifty_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an endpoint does for a datagram does not grow with the number of its calls."""
    caller = e.Endpoint(ROMEO, random=random.Random(1))
    caller.handle(e.AddLocalAddress("192.0.2.1"), 0.0)
    for number in range(51):
        opened = [
            one.socket
            for one in caller.handle(e.Place(f"juliet{number}@capulet.lit/balcony", (AUDIO,)), 0.0)
            if isinstance(one, OpenSocket)
        ]
        for socket in opened:
            caller.handle(SocketOpened(socket, Address("192.0.2.1", 40000 + number)), 0.0)
    asked: list[Call] = []
    said = Call.said

    def ask(call: Call) -> list[Saying]:
        asked.append(call)
        return said(call)

    monkeypatch.setattr(Call, "said", ask)
    caller.handle(DatagramReceived(50, Address("192.0.2.9", 9), RTP), 0.0)

    assert [call.key.peer for call in asked] == ["juliet50@capulet.lit/balcony"]

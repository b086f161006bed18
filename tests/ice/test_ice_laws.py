"""The rules of all machines, for agents in the middle of everything."""

from __future__ import annotations

import copy
import random
from functools import partial

import pytest
from ice_support import Peer, introduce

from jinglecodec import ice
from jinglecodec.addresses import Address
from jinglecodec.machine import SendDatagram
from jinglecodec.testing import laws
from jinglecodec.testing.laws import Script
from jinglecodec.testing.network import Behavior, Host, Link, Nat, Network, Node, Start, StunServer
from jinglecodec.testing.replay import dumps as dump_recording
from jinglecodec.testing.replay import loads, vocabulary

STUN = Address("192.0.2.200", 3478)
MISUSE = (ice.SendData("none", 1, b""), ice.AddStream(1), ice.Restart("none"), ice.AddLocalAddress("nowhere"))


def make(role: ice.Role, seed: int) -> ice.Agent:
    return ice.Agent(role=role, random=random.Random(seed))


def played(until: float, restart: float | None = None, loss: float = 0.2) -> tuple[Peer, Peer]:
    """Return two peers after an eventful call: NATs, loss, a STUN server, two components, data, a restart."""
    network = Network(seed=3)
    Node(Host(network.internet, STUN.host), StunServer(STUN)).handle(Start())
    peers = []
    for side, role in ((1, ice.Role.CONTROLLING), (2, ice.Role.CONTROLLED)):
        nat = Nat(
            network.internet,
            f"198.51.100.{side}",
            mapping=Behavior.ENDPOINT_INDEPENDENT,
            filtering=Behavior.ADDRESS_AND_PORT_DEPENDENT,
            link=Link(latency=0.02, loss=loss),
        )
        streams = [ice.AddStream(1, 2)]
        peers.append(Peer(Host(nat.inside, f"10.0.{side}.1"), role, seed=side, servers=[STUN], streams=streams))
    left, right = peers
    introduce(left, right)
    for peer in peers:
        network.call_at(1.5, peer.do, ice.SendData(1, 1, b"early"))
    if restart is not None:
        network.call_at(restart, left.do, ice.Restart())
        network.call_at(restart, left.signal_credentials)
    network.run(until)
    return left, right


def script_of(peer: Peer) -> Script:
    return [(step.event, step.now) for step in peer.recorder.recording.steps]


@pytest.fixture(scope="module")
def call() -> tuple[Peer, Peer]:
    return played(until=8.0, restart=5.0)


@pytest.mark.parametrize("side", [0, 1])
def test_agents_keep_the_rules_of_machines(call: tuple[Peer, Peer], side: int) -> None:
    peer = call[side]
    script = script_of(peer)
    assert any(isinstance(event, ice.SetRemoteCredentials) for event, _ in script)
    assert peer.told(ice.PairSelected)
    factory = partial(make, (ice.Role.CONTROLLING, ice.Role.CONTROLLED)[side], side + 1)
    # In a second: 20 new requests and as many retransmissions, and what else falls due.
    laws.check_all(factory, script[:45], most=60, misuse=MISUSE, hash_seeds=(1,))


def test_no_burst_follows_a_jump_of_the_clock(call: tuple[Peer, Peer]) -> None:
    """RFC 8445 14.2, counted over everything that is sent: an hour lost is not made up for."""
    factory = partial(make, ice.Role.CONTROLLING, 1)
    laws.check_jumps(
        factory,
        script_of(call[0])[:45],
        most=1,
        window=0.04,
        counts=lambda output: isinstance(output, SendDatagram),
    )


def test_recordings_replay_byte_for_byte(call: tuple[Peer, Peer]) -> None:
    import jinglecodec.addresses
    import jinglecodec.findings
    import jinglecodec.ice.candidate
    import jinglecodec.ice.events
    import jinglecodec.machine
    from jinglecodec.testing.replay import compare, replay

    recording = call[0].recorder.recording
    classes = vocabulary(
        jinglecodec.machine,
        jinglecodec.addresses,
        jinglecodec.findings,
        jinglecodec.ice.events,
        jinglecodec.ice.candidate,
    )
    again = loads(dump_recording(recording), classes)
    assert compare(again, replay(make(ice.Role.CONTROLLING, 1), again)) is None


def test_without_a_generator_nothing_random_is_kept() -> None:
    agent = ice.Agent()
    agent.handle(ice.AddStream(1), 0.0)
    twin = copy.deepcopy(agent)
    drawn = []
    for each in (agent, twin):
        each.handle(ice.AddStream(2), 0.0)
        drawn.append(each.local_credentials(2))
    assert drawn[0] != drawn[1]
    assert agent.local_credentials(1) == twin.local_credentials(1)

"""The probe for NATs finds, behind each of the simulated ones, what it was made with (RFC 5780 4)."""

from __future__ import annotations

import pytest
from nat_probe import BATCHES, NAT, PROBE, seeded, simulated

from jinglecodec.machine import TimerFired
from jinglecodec.testing import laws
from jinglecodec.testing.network import Behavior, Host, Nat, Network, Node, Start, StunServer
from jinglecodec.testing.replay import Recorder

EI = Behavior.ENDPOINT_INDEPENDENT
APD = Behavior.ADDRESS_AND_PORT_DEPENDENT


@pytest.mark.parametrize("mapping", Behavior)
@pytest.mark.parametrize("filtering", Behavior)
@pytest.mark.parametrize("preserve_ports", [False, True])
def test_discovery_of_rfc_5780_finds_the_behavior_of_every_nat(
    mapping: Behavior, filtering: Behavior, preserve_ports: bool
) -> None:
    found = simulated(mapping, filtering, preserve_ports=preserve_ports)

    assert (found.mapping, found.filtering) == (mapping, filtering)
    assert found.preserved == (preserve_ports and mapping is EI)


def test_sequence_tells_all_nine_kinds_apart() -> None:
    found = {
        simulated(mapping, filtering, preserve_ports=False).labels for mapping in Behavior for filtering in Behavior
    }

    assert len(found) == 9
    assert {len(labels) for labels in found} == {sum(len(changes) for _, _, changes in BATCHES)}


def test_probe_keeps_the_laws_of_machines() -> None:
    network = Network()
    server = Host(network.internet, PROBE.server.host, PROBE.other.host)
    Node(server, StunServer(PROBE.server, PROBE.other)).handle(Start())
    nat = Nat(network.internet, NAT, mapping=EI, filtering=APD)
    recorder = Recorder(seeded())
    Node(Host(nat.inside, PROBE.host), recorder).handle(PROBE)
    network.run(1.0)
    script = [(step.event, step.now) for step in recorder.recording.steps]

    assert any(event == TimerFired() for event, _ in script)
    laws.check_all(seeded, script, most=28)

"""Agents across the 81 pairs of NATs, over bad paths, and what goes over the wire meanwhile.

What is counted is counted by taps of the simulator, never by the agents.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from ice_support import Peer, connected, introduce
from nat_matrix import AIOICE, KINDS, World, kind_name, world

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.errors import StunError
from jinglecodec.machine import TimerFired
from jinglecodec.testing.network import Behavior, Fate, Host, Link, Network, Seen

TA = ice.Config().ta
EI, APD = Behavior.ENDPOINT_INDEPENDENT, Behavior.ADDRESS_AND_PORT_DEPENDENT
FAILED_WITHIN = 45.0
"Virtual seconds."


def peers(place: World, config: ice.Config | None = None, seed: int = 1) -> tuple[Peer, Peer]:
    servers = [Address(*place.stun_server)]
    left = Peer(place.left, ice.Role.CONTROLLING, config=config, seed=2 * seed, servers=servers)
    return left, Peer(place.right, ice.Role.CONTROLLED, config=config, seed=2 * seed + 1, servers=servers)


class Wire:
    """Counts what hosts send: new requests by when they are sent, retransmissions apart."""

    def __init__(self, network: Network) -> None:
        self._tap = network.tap(keep=1_000_000)
        self._known: set[bytes] = set()

    def new_requests(self) -> dict[str, list[float]]:
        """Return host -> times of requests with a transaction id that had not been seen."""
        times: dict[str, list[float]] = {}
        for seen in self._tap.records:
            identifier = _request(seen)
            if identifier is not None and identifier not in self._known:
                self._known.add(identifier)
                times.setdefault(seen.place, []).append(seen.time)
        return times


def _request(seen: Seen) -> bytes | None:
    if seen.fate is not Fate.SENT:
        return None
    try:
        message = stun.decode(seen.packet.data)
    except StunError:
        return None
    return message.transaction_id if message.message_class is stun.MessageClass.REQUEST else None


def fares(row: int, column: int, seed: int = 0) -> tuple[str, float, Wire, tuple[Peer, Peer]]:
    """Let two agents try to connect; return how it ended, as `nat_matrix` writes it, and when."""
    place = world(KINDS[row], KINDS[column], seed)
    wire = Wire(place.network)
    left, right = both = peers(place, seed=seed + 1)
    introduce(left, right)
    ended = (ice.StreamState.COMPLETED, ice.StreamState.FAILED)
    place.network.run(FAILED_WITHIN, stop=lambda: all(peer.state() in ended for peer in both))
    states = {peer.state() for peer in both}
    assert states <= set(ended), f"after {FAILED_WITHIN} s: {states}"
    assert len(states) == 1, states
    return "." if ice.StreamState.FAILED in states else "o", place.network.now, wire, both


@pytest.mark.parametrize("row", range(9), ids=lambda row: kind_name(KINDS[row]))
def test_agents_connect_wherever_aioice_does_and_fail_in_time_elsewhere(row: int) -> None:
    for column in range(9):
        outcome, seconds, wire, both = fares(row, column)

        if AIOICE[row][column] == "o":
            assert outcome == "o", f"{kind_name(KINDS[row])} x {kind_name(KINDS[column])}"
            assert connected(*both)
            assert seconds < 3.0
        for times in wire.new_requests().values():
            assert all(later - earlier >= TA - 1e-9 for earlier, later in pairwise(times)), "RFC 8445 14.2"
        assert all(peer.agent.snapshot().pairs <= ice.Config().pairs for peer in both)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 21))
def test_ports_that_the_nats_draw_do_not_matter(seed: int) -> None:
    for row in range(9):
        for column in range(9):
            outcome, _, _, _ = fares(row, column, seed)
            assert outcome == "o" or AIOICE[row][column] != "o"


class Counted:
    """A machine, with how often it is called in each second."""

    def __init__(self, machine: ice.Agent) -> None:
        self._machine = machine
        self.calls: Counter[int] = Counter()

    @property
    def deadline(self) -> float | None:
        return self._machine.deadline

    def handle(self, event: ice.Event | TimerFired, now: float) -> tuple[ice.Output, ...]:
        self.calls[int(now)] += 1
        return self._machine.handle(event, now)


def test_connected_agents_are_called_seldom() -> None:
    """At most 20 calls in a virtual second when idle."""
    place = world((EI, APD), (EI, APD))
    left, right = both = peers(place)
    introduce(left, right)
    place.network.run(10.0)
    assert connected(left, right)
    counted = [Counted(peer.agent) for peer in both]
    for peer, machine in zip(both, counted, strict=True):
        peer.node.machine = machine

    place.network.run(130.0)

    for machine in counted:
        assert sum(machine.calls.values()) >= 40, "consent is asked for and answered every 4 to 6 seconds"
        assert max(machine.calls.values()) <= 20


# --- bad paths -------------------------------------------------------------------------------------------------------


def lossy_host(network: Network, side: int, latency: float, loss: float) -> Host:
    """Return a host whose packets get lost on their way out: `loss` is that of each direction of a path."""
    link = Link(latency=latency / 2, loss=loss)
    return Host(network.internet, f"192.0.2.{side}", link=link, down=Link(latency=latency / 2))


def seconds_to_connect(loss: float, seed: int) -> float | None:
    """Return when two agents on a lossy path have both completed; None when one has failed or 45 s are over."""
    network = Network(seed)
    hosts = [lossy_host(network, side, 0.025, loss) for side in (1, 2)]
    left = Peer(hosts[0], ice.Role.CONTROLLING, seed=2 * seed)
    right = Peer(hosts[1], ice.Role.CONTROLLED, seed=2 * seed + 1)
    introduce(left, right)
    both = (left, right)
    network.run(FAILED_WITHIN, stop=lambda: all(peer.state() is ice.StreamState.COMPLETED for peer in both))
    return network.now if network.now < FAILED_WITHIN else None


def check_loss(loss: float, runs: int, share: float, within: float) -> None:
    times = [seconds_to_connect(loss, seed) for seed in range(1, runs + 1)]
    good = sorted(time for time in times if time is not None)
    assert len(good) >= share * runs
    assert good[int(0.95 * len(good)) - 1] <= within


@pytest.mark.parametrize(("loss", "share"), [(0.1, 1.0), (0.3, 0.995)])
def test_agents_connect_over_lossy_paths(loss: float, share: float) -> None:
    check_loss(loss, 40, share, 8.0)


@pytest.mark.long
@pytest.mark.parametrize(("loss", "share"), [(0.1, 1.0), (0.3, 0.995)])
def test_agents_connect_over_lossy_paths_a_thousand_times(loss: float, share: float) -> None:
    check_loss(loss, 1000, share, 8.0)


def test_slow_and_lossy_path_keeps_consent_for_an_hour() -> None:
    """RFC 7675 5.1: replies to older requests within 30 s count; a round trip takes 600 ms, and a fifth of them fail.

    A consent request is sent once only, and at most every 4 s, so that a path that loses a fifth in each direction
    cannot keep it: of six requests in a row all fail in one of 460 cases.
    """
    network = Network(5)
    hosts = [lossy_host(network, side, 0.3, 1 - 0.8**0.5) for side in (1, 2)]
    left, right = Peer(hosts[0], ice.Role.CONTROLLING, seed=1), Peer(hosts[1], ice.Role.CONTROLLED, seed=2)
    introduce(left, right)
    network.run(30.0)
    assert connected(left, right)

    network.run(3630.0, steps=1_000_000)

    assert left.told(ice.ConsentLost) + right.told(ice.ConsentLost) == []

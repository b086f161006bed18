"""Agents that connect over the virtual network."""

from __future__ import annotations

from itertools import pairwise, permutations

import attrs
import pytest
from ice_support import Peer, connected, introduce, requests

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError
from jinglecodec.machine import SocketFailed, TimerFired
from jinglecodec.testing.network import Behavior, Fate, Host, Link, Nat, Network, Node, Start, StunServer

STUN = Address("192.0.2.200", 3478)
EI, AD, APD = Behavior.ENDPOINT_INDEPENDENT, Behavior.ADDRESS_DEPENDENT, Behavior.ADDRESS_AND_PORT_DEPENDENT
WAN = Link(latency=0.0125)


def stun_server(network: Network) -> None:
    node = Node(Host(network.internet, STUN.host, link=Link(latency=0.0)), StunServer(STUN))
    node.handle(Start())


def behind_nats(network: Network, mapping: Behavior, filtering: Behavior, addresses: int = 1) -> tuple[Host, Host]:
    """Return two hosts behind NATs of their own, and start a STUN server."""
    stun_server(network)
    hosts = []
    for side in (1, 2):
        nat = Nat(network.internet, f"198.51.100.{side}", mapping=mapping, filtering=filtering, link=WAN)
        hosts.append(Host(nat.inside, *(f"10.0.{side}.{number + 1}" for number in range(addresses))))
    return hosts[0], hosts[1]


def public_pair(network: Network, addresses: int = 1, **options: object) -> tuple[Peer, Peer]:
    """Return two peers with public addresses."""
    hosts = [
        Host(network.internet, *(f"192.0.2.{10 * side + number}" for number in range(addresses)), link=WAN)
        for side in (1, 2)
    ]
    left = Peer(hosts[0], ice.Role.CONTROLLING, seed=1, **options)  # type: ignore[arg-type]
    return left, Peer(hosts[1], ice.Role.CONTROLLED, seed=2, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("addresses", [1, 3])
def test_public_hosts_connect(addresses: int) -> None:
    network = Network(seed=1)
    left, right = public_pair(network, addresses)
    introduce(left, right)
    network.run(2.0)
    assert connected(left, right)
    ((time, _),) = left.told(ice.PairSelected)
    assert time < 0.3


def test_data_goes_both_ways() -> None:
    network = Network(seed=1)
    left, right = public_pair(network)
    introduce(left, right)
    network.run(2.0)
    for peer in (left, right):
        peer.do(ice.SendData(1, 1, b"hello"))
    network.run(3.0)
    assert [data for _, data in left.data + right.data] == [b"hello", b"hello"]


def test_hosts_behind_nats_connect_by_their_mapped_addresses() -> None:
    network = Network(seed=1)
    hosts = behind_nats(network, EI, APD)
    left = Peer(hosts[0], ice.Role.CONTROLLING, seed=1, servers=[STUN])
    right = Peer(hosts[1], ice.Role.CONTROLLED, seed=2, servers=[STUN])
    introduce(left, right)
    network.run(10.0)
    assert connected(left, right)
    local, remote = left.selected()[1]
    assert (local.type, local.address.host) == (ice.CandidateType.SERVER_REFLEXIVE, "198.51.100.1")
    assert (remote.type, remote.address.host) == (ice.CandidateType.SERVER_REFLEXIVE, "198.51.100.2")


def test_streams_and_components_connect_in_one_agent() -> None:
    network = Network(seed=1)
    streams = [ice.AddStream("audio", 2), ice.AddStream("video", 2), ice.AddStream(3)]
    left, right = public_pair(network, 2, streams=streams)
    introduce(left, right)
    network.run(10.0)
    assert connected(left, right)
    assert [len(left.selected(stream)) for stream in ("audio", "video", 3)] == [2, 2, 1]


def test_a_stream_without_credentials_of_the_peer_does_not_hold_the_others_up() -> None:
    network = Network(seed=1)
    left, right = public_pair(network, streams=[ice.AddStream("first"), ice.AddStream("second")])
    left.other, right.other = right, left
    for peer in (left, right):
        peer.signal_credentials("second")
        peer.do(ice.Gather())
    network.run(2.0)
    assert left.state("first") is ice.StreamState.NEW
    assert left.state("second") is ice.StreamState.COMPLETED
    for peer in (left, right):
        peer.signal_credentials("first")
    network.run(4.0)
    assert connected(left, right)


def test_wrong_password_never_connects() -> None:
    network = Network(seed=1)
    left, right = public_pair(network)
    left.other, right.other = right, left
    for peer in (left, right):
        credentials = peer.agent.local_credentials(1)
        assert peer.other is not None
        peer.other.do(ice.SetRemoteCredentials(1, credentials.ufrag, "x" * 22))
        peer.do(ice.Gather())
    network.run(60.0)
    assert [peer.state() for peer in (left, right)] == [ice.StreamState.FAILED] * 2
    assert not left.told(ice.PairSelected)


COMMANDS = ("address", "server", "gather", "credentials", "candidate", "end")
ORDERS = [order for order in permutations(COMMANDS) if order.index("candidate") < order.index("end")]


@pytest.mark.parametrize("gap", [0.0, 0.001])
@pytest.mark.parametrize("first", COMMANDS[:-1])
def test_every_order_of_the_set_up_commands_connects(first: str, gap: float) -> None:
    """The stream comes first, since others name it, and no candidate after the last one; commands come at once, or not.

    Where the server's or the address's command comes late, the end of gathering is told more than once.
    """
    for order in (order for order in ORDERS if order[0] == first):
        network = Network(seed=1)
        stun_server(network)
        right = Peer(Host(network.internet, "192.0.2.20"), ice.Role.CONTROLLED, seed=2)
        right.do(ice.Gather())
        network.run(0.1)
        agent = ice.Agent()
        left = Node(Host(network.internet, "192.0.2.10"), agent)
        left.handle(ice.AddStream(1))
        theirs, ours = right.agent.local_credentials(1), agent.local_credentials(1)
        right.do(ice.SetRemoteCredentials(1, ours.ufrag, ours.pwd))
        ((_, found),) = right.told(ice.CandidateFound)
        commands: dict[str, ice.Command] = {
            "address": ice.AddLocalAddress("192.0.2.10"),
            "server": ice.AddServer(STUN),
            "gather": ice.Gather(),
            "credentials": ice.SetRemoteCredentials(1, theirs.ufrag, theirs.pwd),
            "candidate": ice.AddRemoteCandidate(1, found.candidate),
            "end": ice.EndRemoteCandidates(1),
        }
        for name in order:
            left.handle(commands[name])
            network.run(network.now + gap)
        network.run(5.0)
        assert agent.snapshot().streams[0].state is ice.StreamState.COMPLETED, order
        assert right.state() is ice.StreamState.COMPLETED, order


def test_a_socket_that_fails_leaves_the_others() -> None:
    network = Network(seed=1)
    left, right = public_pair(network)
    left.do(ice.AddLocalAddress("203.0.113.7"))  # not of the host
    introduce(left, right)
    network.run(5.0)
    assert connected(left, right)
    assert len(left.told(ice.GatheringDone)) == 1


def test_failed_sockets_alone_end_gathering() -> None:
    agent = ice.Agent()
    for command in (ice.AddStream(1), ice.AddLocalAddress("192.0.2.1"), ice.Gather()):
        agent.handle(command, 0.0)
    agent.handle(SocketFailed(1, "no"), 1.0)
    assert agent.deadline is not None
    assert agent.handle(TimerFired(), agent.deadline) == (ice.GatheringDone(1),)


def test_requests_keep_their_distance() -> None:
    """RFC 8445 14.2: one new request per Ta, over all streams, checks and servers."""
    network = Network(seed=1)
    tap = network.tap(keep=100_000)
    streams = [ice.AddStream(number, 2) for number in range(3)]
    hosts = behind_nats(network, EI, APD, addresses=2)
    left = Peer(hosts[0], ice.Role.CONTROLLING, seed=1, servers=[STUN], streams=streams)
    right = Peer(hosts[1], ice.Role.CONTROLLED, seed=2, servers=[STUN], streams=streams)
    introduce(left, right)
    network.run(30.0)
    assert connected(left, right)
    for host in hosts:
        first: dict[bytes, float] = {}
        for time, _, message in requests(tap, host.name):
            first.setdefault(message.transaction_id, time)
        times = sorted(first.values())
        assert len(times) > 30
        assert min(later - earlier for earlier, later in pairwise(times)) > 0.05 - 1e-9


def test_an_idle_agent_is_rarely_woken() -> None:
    network = Network(seed=1)
    left, right = public_pair(network, 3)
    introduce(left, right)
    network.run(10.0)
    steps = network.run(70.0)
    # A consent check per side and 5 s or so: due, sent, delivered over links with two ends, and answered.
    assert steps < 60 * 6
    assert connected(left, right)


def test_six_messages_are_enough() -> None:
    """A check, the check that it triggers, and the nomination, each with its response."""
    network = Network(seed=1)
    left, right = public_pair(network)
    left.other, right.other = right, left
    for peer in (left, right):
        peer.do(ice.Gather())
    network.run(1.0)
    tap = network.tap(keep=100)
    right.signal_credentials()
    network.run(1.0)
    left.network.call_at(1.05, left.signal_credentials)
    network.run(3.0)
    assert connected(left, right)
    assert tap.counts[Fate.SENT] == 6
    assert sum(stun.USE_CANDIDATE in message for _, _, message in requests(tap)) == 1


# --- misuse --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        ice.AddStream(1),
        ice.AddStream(2, 0),
        ice.AddStream(2, 257),
        ice.AddStream(2, credentials=ice.Credentials("abc", "x" * 22)),
        ice.AddStream(2, credentials=ice.Credentials("abcd", "x" * 21)),
        ice.AddStream(2, credentials=ice.Credentials("ab:d", "x" * 22)),
        ice.AddLocalAddress("example.org"),
        ice.SetRemoteCredentials(2, "abcd", "x" * 22),
        ice.SetRemoteCredentials(1, "", "x" * 22),
        ice.SetRemoteCredentials(1, "abcd", "\n" * 22),
        ice.SetRemoteCredentials(1, "abcd", "x" * 257),
        ice.EndRemoteCandidates(2),
        ice.SendData(1, 2, b""),
        ice.SendData(2, 1, b""),
        ice.Restart(2),
    ],
)
def test_misuse_is_refused(command: ice.Command) -> None:
    agent = ice.Agent()
    agent.handle(ice.AddStream(1), 0.0)
    before = agent.snapshot()
    with pytest.raises(LocalError):
        agent.handle(command, 1.0)
    assert agent.snapshot() == before


def test_streams_addresses_and_servers_are_limited() -> None:
    agent = ice.Agent()
    for number in range(64):
        agent.handle(ice.AddStream(number), 0.0)
        agent.handle(ice.AddLocalAddress(f"192.0.2.{number + 1}"), 0.0)
    for number in range(16):
        agent.handle(ice.AddServer(Address("198.51.100.1", 3478 + number)), 0.0)
    for command in (ice.AddStream("more"), ice.AddLocalAddress("192.0.2.200"), ice.AddServer(STUN)):
        with pytest.raises(LocalError, match="already"):
            agent.handle(command, 0.0)


@pytest.mark.parametrize(
    ("figure", "value"), [("ta", 0.004), ("rto", 0.4), ("pairs", 0), ("keepalive", 14.0), ("consent_timeout", 31.0)]
)
def test_figures_out_of_range_are_refused(figure: str, value: float) -> None:
    with pytest.raises(LocalError, match=figure):
        ice.Config(**{figure: value})  # type: ignore[arg-type]


def test_a_closed_agent_takes_no_commands() -> None:
    network = Network(seed=1)
    left, right = public_pair(network)
    introduce(left, right)
    network.run(2.0)
    left.do(ice.Close())
    with pytest.raises(LocalError):
        left.do(ice.Gather())
    left.do(ice.Close())
    assert left.agent.deadline is None
    network.run(60.0)
    assert left.agent.deadline is None
    assert right.state() is ice.StreamState.FAILED


# --- snapshot ------------------------------------------------------------------------------------------------------


def test_a_snapshot_is_a_frozen_value_with_a_readable_text() -> None:
    network = Network(seed=1)
    left, right = public_pair(network)
    introduce(left, right)
    network.run(2.0)
    state = left.agent.snapshot()
    assert state == left.agent.snapshot()
    assert hash(state) == hash(left.agent.snapshot())
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        state.discarded = 1  # type: ignore[misc]
    ours, theirs = (peer.agent.local_credentials(1).ufrag for peer in (left, right))
    pair = "1: host 192.0.2.10:49152 -> host 192.0.2.20:49152: succeeded, nominated, 50 ms"
    assert str(state).splitlines() == [
        f"controlling, 1 pairs, 0 requests, {state.discarded} datagrams discarded",
        "stream 1: completed, 1 component(s)",
        f"  credentials {ours}, of the peer {theirs}",
        "  local candidates:",
        "    1: host 192.0.2.10:49152, priority 2130706431",
        "  remote candidates:",
        "    1: host 192.0.2.20:49152, priority 2130706431",
        *("  pairs:", f"    {pair}", "  selected:", f"    {pair}", "  paths:", f"    {pair}"),
    ]
    assert left.agent.local_credentials(1).pwd not in repr(state)

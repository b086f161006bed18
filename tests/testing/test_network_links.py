"""Links, routes, taps, and the clock that everything runs by."""

from __future__ import annotations

import copy
import pickle
import random
import subprocess
import sys
import tracemalloc
from typing import TYPE_CHECKING

import pytest
import toy_machines as toys
from hypothesis import given
from hypothesis import strategies as st
from network_support import Mail, Mailbox

from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError
from jinglecodec.machine import SocketProtocol
from jinglecodec.testing.network import Behavior, Fate, Host, Link, Nat, Network, Node, StepLimitError

if TYPE_CHECKING:
    from collections.abc import Callable

probabilities = st.floats(0.0, 1.0)
short_times = st.floats(0.0, 1.0)


def pair(link: Link, down: Link | None = None, seed: int = 0) -> tuple[Network, Mailbox, Mailbox]:
    """Return two hosts: one at this link, one at a perfect link."""
    network = Network(seed)
    left = Mailbox(Host(network.internet, "192.0.2.1", link=link, down=down, name="left"), 1000)
    right = Mailbox(Host(network.internet, "192.0.2.2", name="right"), 2000)
    return network, left, right


def sent(link: Link, count: int, *, interval: float = 0.0, seed: int = 0) -> list[Mail]:
    """Return what comes of `count` numbered datagrams."""
    network, left, right = pair(link, seed=seed)
    for number in range(count):
        left.send(b"%d" % number, right.local)
        network.run(network.now + interval)
    network.run()
    return right.mails


def pickled(network: Network) -> Network:
    twin: Network = pickle.loads(pickle.dumps(network))  # noqa: S301 - of this test
    return twin


def numbers(mails: list[Mail]) -> list[int]:
    return [int(mail.data.decode()) for mail in mails]


# --- what a link does to a packet ------------------------------------------------------------------------------------


def test_packet_takes_the_latency_of_both_links() -> None:
    network = Network()
    left = Mailbox(Host(network.internet, "192.0.2.1", link=Link(latency=0.25)))
    right = Mailbox(Host(network.internet, "192.0.2.2", link=Link(latency=5.0), down=Link(latency=0.5)))
    left.send(b"there", right.local)
    network.run()
    right.send(b"and back", left.local)
    network.run()

    assert right.mails == [Mail(0.75, b"there", left.local)]
    assert left.mails == [Mail(0.75 + 5.25, b"and back", right.local)]


def test_perfect_link_delivers_in_the_same_moment_but_not_within_the_call() -> None:
    network, left, right = pair(Link())
    left.send(b"x", right.local)
    assert right.mails == []

    network.run(0.0)
    assert right.mails == [Mail(0.0, b"x", left.local)]


@given(short_times, short_times, st.lists(short_times, max_size=20))
def test_without_reordering_every_path_is_first_in_first_out(
    latency: float, jitter: float, pauses: list[float]
) -> None:
    network, left, right = pair(Link(latency, jitter))
    for number, pause in enumerate(pauses):
        left.send(b"%d" % number, right.local)
        network.run(network.now + pause)
    network.run()

    assert numbers(right.mails) == list(range(len(pauses)))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_paths_of_equal_latency_keep_the_order_among_each_other(senders: list[int]) -> None:
    network = Network()
    boxes = [Mailbox(Host(network.internet, f"192.0.2.{n + 1}", link=Link(latency=0.1))) for n in range(4)]
    right = Mailbox(Host(network.internet, "198.51.100.1", link=Link(latency=0.1)))
    for number, sender in enumerate(senders):
        boxes[sender].send(b"%d" % number, right.local)
    network.run()

    assert numbers(right.mails) == list(range(len(senders)))
    assert {mail.time for mail in right.mails} == {0.2}


def test_jitter_is_spread_evenly_over_its_range() -> None:
    times = [sent(Link(latency=1.0, jitter=0.5), 1, seed=seed)[0].time for seed in range(500)]

    assert 1.0 <= min(times) < 1.01
    assert 1.49 < max(times) < 1.5
    assert abs(sum(times) / 500 - 1.25) < 4 * 0.5 / 12**0.5 / 500**0.5, "four standard deviations of the mean"


@pytest.mark.parametrize("loss", [0.01, 0.1, 0.3, 0.5, 0.9])
def test_share_of_lost_packets_is_that_of_the_link(loss: float) -> None:
    arrived = len(sent(Link(loss=loss), 10_000))

    assert abs(arrived - 10_000 * (1 - loss)) < 4 * (10_000 * loss * (1 - loss)) ** 0.5, "four standard deviations"


def test_losses_are_independent_of_each_other() -> None:
    arrived = set(numbers(sent(Link(loss=0.5), 10_000)))
    both = sum(number in arrived and number + 1 in arrived for number in range(9_999))

    assert abs(both - 2_500) < 4 * (10_000 * 0.25 * 0.75 * 2) ** 0.5


def test_certain_loss_loses_all_and_no_loss_none() -> None:
    assert sent(Link(loss=1.0), 100) == []
    assert len(sent(Link(loss=0.0), 100)) == 100


def test_share_of_duplicated_packets_is_that_of_the_link() -> None:
    arrived = numbers(sent(Link(duplication=0.2), 10_000))
    twice = len(arrived) - len(set(arrived))

    assert set(arrived) == set(range(10_000))
    assert abs(twice - 2_000) < 4 * (10_000 * 0.2 * 0.8) ** 0.5
    assert max(arrived.count(number) for number in range(100)) == 2


def test_reordered_packets_overtake_and_the_others_do_not() -> None:
    some = numbers(sent(Link(jitter=0.05, reordering=0.5), 1000, interval=0.01))
    none = numbers(sent(Link(jitter=0.05), 1000, interval=0.01))

    assert sorted(some) == none == list(range(1000))
    assert some != none


def test_outages_swallow_what_is_sent_from_their_start_to_before_their_end() -> None:
    arrived = sent(Link(latency=0.5, outages=((1.0, 3.0), (5.0, 6.0))), 8, interval=1.0)

    assert numbers(arrived) == [0, 3, 4, 6, 7]
    assert [mail.time for mail in arrived] == [0.5, 3.5, 4.5, 6.5, 7.5]


def test_directions_of_a_link_are_independent() -> None:
    network, left, right = pair(Link(loss=1.0), Link())
    left.send(b"lost", right.local)
    right.send(b"not", left.local)
    network.run()

    assert (left.data, right.data) == ([b"not"], [])


def test_blocked_protocol_does_not_pass() -> None:
    assert sent(Link(blocked=(SocketProtocol.UDP,)), 3) == []
    assert len(sent(Link(blocked=(SocketProtocol.TCP,)), 3)) == 3


def test_link_can_change_while_packets_are_under_way() -> None:
    network, left, right = pair(Link(latency=1.0))
    left.send(b"0", right.local)
    left.host.set_link(Link(latency=0.1))
    left.send(b"1", right.local)
    network.run()

    assert [(mail.time, mail.data) for mail in right.mails] == [(1.0, b"0"), (1.0, b"1")], "still in order"


@pytest.mark.parametrize(
    "wrong", [{"loss": 1.1}, {"duplication": -0.1}, {"reordering": 2}, {"latency": -1}, {"jitter": -1}]
)
def test_links_that_cannot_be_are_local_errors(wrong: dict[str, float]) -> None:
    with pytest.raises(LocalError):
        Link(**wrong)  # type: ignore[arg-type]


# --- hosts and routes ------------------------------------------------------------------------------------------------


def test_packet_for_nobody_is_lost_without_a_word() -> None:
    network, left, right = pair(Link())
    tap = network.tap()
    left.send(b"x", Address("203.0.113.9", 1))
    left.send(b"x", Address(right.local.host, 1))
    network.run()

    assert tap.counts == {Fate.SENT: 2, Fate.UNROUTED: 1, Fate.UNBOUND: 1}


@pytest.mark.parametrize(
    ("remote", "message"),
    [
        (Address("2001:db8::1", 1), "2001:db8::1 is not of the family of 192.0.2.1"),
        (Address("turn.example", 1), "turn.example is not an IP address"),
        (Address("fe80::1%eth0", 1), "is not an IP address"),
        (Address("203.0.113.66", 1), "no route to 203.0.113.66"),
    ],
)
def test_sending_where_there_is_no_way_fails_at_once(remote: Address, message: str) -> None:
    _, left, _ = pair(Link())
    left.host.unreachable.add("203.0.113.66")

    with pytest.raises(OSError, match=message):
        left.send(b"x", remote)


def test_socket_is_bound_to_an_address_of_the_host_and_a_free_port() -> None:
    host = Host(Network().internet, "192.0.2.1", "192.0.2.2")
    first = Mailbox(host, 5000)

    with pytest.raises(OSError, match="in use"):
        Mailbox(host, 5000)
    with pytest.raises(OSError, match="is not an address of"):
        Mailbox(host, 5000, "192.0.2.3")
    assert Mailbox(host, 5000, "192.0.2.2").local == Address("192.0.2.2", 5000)
    assert [Mailbox(host).local.port for _ in range(3)] == [49152, 49153, 49154]
    first.close()
    assert Mailbox(host, 5000).local.port == 5000


def test_port_zero_takes_every_dynamic_port_once() -> None:
    host = Host(Network().internet, "192.0.2.1")
    ports = {Mailbox(host).local.port for _ in range(65536 - 49152)}

    assert ports == set(range(49152, 65536))
    with pytest.raises(OSError, match="all ports"):
        Mailbox(host)


def test_closed_socket_gets_nothing() -> None:
    network, left, right = pair(Link(latency=1.0))
    left.send(b"x", right.local)
    right.close()
    network.run()

    assert right.mails == []


def test_host_reaches_its_own_addresses_without_a_link() -> None:
    network = Network()
    host = Host(network.internet, "192.0.2.1", "192.0.2.2", link=Link(latency=1.0, loss=1.0))
    first, second = Mailbox(host), Mailbox(host, address="192.0.2.2")
    first.send(b"x", second.local)
    network.run()

    assert second.mails == [Mail(0.0, b"x", first.local)]


def test_addresses_of_ipv6_have_one_form() -> None:
    network = Network()
    left = Mailbox(Host(network.internet, "2001:DB8:0::1"))
    right = Mailbox(Host(network.internet, "2001:db8::2"))

    assert left.local.host == "2001:db8::1"
    assert left.reaches(right, Address("2001:0db8:0:0::2", right.local.port)) == left.local


def test_address_is_taken_once_per_realm() -> None:
    network = Network()
    Host(network.internet, "192.0.2.1")

    for wrong in ("192.0.2.1", "192.0.2", "name"):
        with pytest.raises(LocalError):
            Host(network.internet, wrong)
    with pytest.raises(LocalError, match="needs an address"):
        Host(network.internet)


def test_detached_address_neither_sends_nor_receives() -> None:
    network, left, right = pair(Link())
    right.send(b"x", left.local)
    left.host.detach("192.0.2.1")
    right.send(b"x", left.local)
    with pytest.raises(OSError, match="is not an address of left"):
        left.send(b"x", right.local)
    network.run()

    assert left.mails == []
    Host(network.internet, "192.0.2.1")


# --- the clock -------------------------------------------------------------------------------------------------------


def test_calls_come_at_their_times_and_in_their_order() -> None:
    network = Network()
    seen: list[tuple[float, str]] = []
    for time, name in ((2.0, "c"), (1.0, "a"), (1.0, "b"), (-5.0, "at once")):
        network.call_at(time, lambda each: seen.append((network.now, each)), name)
    assert network.run() == 4

    assert seen == [(0.0, "at once"), (1.0, "a"), (1.0, "b"), (2.0, "c")]


def test_run_until_a_time_does_what_is_due_then_and_leaves_the_rest() -> None:
    network = Network()
    seen: list[float] = []
    for time in (1.0, 2.0, 3.0):
        network.call_at(time, lambda: seen.append(network.now))
    network.run(2.0)

    assert (seen, network.now, network.idle) == ([1.0, 2.0], 2.0, False)
    network.run(10.0)
    assert (seen, network.now, network.idle) == ([1.0, 2.0, 3.0], 10.0, True)
    for wrong in (9.0, float("nan"), float("inf")):
        with pytest.raises(LocalError):
            network.run(wrong)


def test_run_stops_where_it_is_told_to() -> None:
    network, left, right = pair(Link(latency=1.0))
    for _ in range(5):
        left.send(b"x", right.local)
    network.run(100.0, stop=lambda: len(right.mails) == 2)

    assert (len(right.mails), network.now) == (2, 1.0)
    assert network.run(100.0, stop=lambda: True) == 0
    assert network.now == 1.0


def test_run_without_end_is_ended_after_so_many_steps() -> None:
    network, left, right = pair(Link())
    for box, other in ((left, right), (right, left)):
        box.socket.receive = box.send
        box.send(b"ping-pong", other.local)

    with pytest.raises(StepLimitError, match=r"100 steps until 0\.0, and more at 0\.0"):
        network.run(steps=100)
    with pytest.raises(StepLimitError):
        network.run(steps=1)


def test_what_is_in_flight_is_bounded() -> None:
    network = Network(in_flight=50)
    left = Mailbox(Host(network.internet, "192.0.2.1", link=Link(latency=1.0)))
    right = Mailbox(Host(network.internet, "192.0.2.2"))
    tap = network.tap()
    for _ in range(80):
        left.send(b"x", right.local)
    network.run()

    assert len(right.mails) == 50
    assert tap.counts[Fate.OVERFLOW] == 30


# --- taps ------------------------------------------------------------------------------------------------------------


def test_tap_counts_and_shows_what_is_on_the_wire() -> None:
    network = Network()
    nat = Nat(
        network.internet,
        "198.51.100.1",
        mapping=Behavior.ENDPOINT_INDEPENDENT,
        filtering=Behavior.ADDRESS_DEPENDENT,
        preserve_ports=True,
        name="nat",
    )
    left = Mailbox(Host(nat.inside, "10.0.0.2", name="laptop", link=Link(latency=0.5)), 1000)
    right = Mailbox(Host(network.internet, "192.0.2.1", name="server"), 2000)
    tap, at_nat, at_server = network.tap(), network.tap("nat"), network.tap("server", keep=1)
    left.reaches(right)
    right.send(b"answer", Address("198.51.100.1", 1000))
    network.run()

    assert str(tap).splitlines() == [
        "0.000000 laptop: udp 10.0.0.2:1000 -> 192.0.2.1:2000, 4 octets: sent",
        "0.500000 nat: udp 198.51.100.1:1000 -> 192.0.2.1:2000, 4 octets: translated",
        "0.500000 server: udp 198.51.100.1:1000 -> 192.0.2.1:2000, 4 octets: delivered",
        "1.000000 server: udp 192.0.2.1:2000 -> 198.51.100.1:1000, 6 octets: sent",
        "1.000000 nat: udp 192.0.2.1:2000 -> 10.0.0.2:1000, 6 octets: translated",
        "1.500000 laptop: udp 192.0.2.1:2000 -> 10.0.0.2:1000, 6 octets: delivered",
    ]
    assert tap.counts == {Fate.SENT: 2, Fate.TRANSLATED: 2, Fate.DELIVERED: 2}
    assert tap.octets[Fate.SENT] == 10
    assert [packet.data for packet in tap.packets(Fate.DELIVERED)] == [b"ping", b"answer"]
    assert at_nat.counts == {Fate.TRANSLATED: 2}
    assert (at_server.counts.total(), len(at_server.records)) == (2, 1)


def test_removed_tap_sees_nothing_more() -> None:
    network, left, right = pair(Link())
    tap = network.tap()
    network.taps.remove(tap)
    left.reaches(right)

    assert tap.counts.total() == 0


def test_names_of_places_are_unique() -> None:
    network = Network()
    nats = [
        Nat(
            network.internet,
            f"198.51.100.{n}",
            mapping=Behavior.ENDPOINT_INDEPENDENT,
            filtering=Behavior.ENDPOINT_INDEPENDENT,
        )
        for n in (1, 2)
    ]

    assert [Host(nat.inside, "10.0.0.2").name for nat in nats] == ["10.0.0.2", "10.0.0.2#2"]


# --- determinism, copies, memory -------------------------------------------------------------------------------------


def busy(seed: int) -> Network:
    """Return a network of troubles in which machines talk."""
    network = Network(seed)
    trouble = Link(latency=0.05, jitter=0.05, loss=0.2, duplication=0.1, reordering=0.3, outages=((20.0, 25.0),))
    Node(Host(network.internet, "192.0.2.1", link=trouble), toys.Echo(Address("192.0.2.1", 7))).handle(toys.Begin())
    for number, behavior in enumerate(Behavior):
        nat = Nat(network.internet, f"198.51.100.{number}", mapping=behavior, filtering=behavior, link=trouble)
        node = Node(Host(nat.inside, "10.0.0.2", link=trouble), toys.Talker(), keep=10)
        node.handle(toys.Talk("10.0.0.2", Address("192.0.2.1", 7), period=0.5))
    return network


def log(network: Network, until: float = 60.0) -> str:
    """Return all that happens until then."""
    tap = network.tap(keep=100_000)
    network.run(until)
    network.taps.remove(tap)
    return str(tap)


def test_same_seed_gives_the_same_run_and_another_another() -> None:
    first, second, other = (log(busy(seed)) for seed in (1, 1, 2))

    assert len(first.splitlines()) > 1000
    assert first == second
    assert first != other


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_same_seed_gives_the_same_run_in_another_process(hash_seed: str) -> None:
    program = f"import sys; sys.path[:] = {sys.path!r}; import test_network_links as t; print(t.log(t.busy(1)))"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": hash_seed}
    )

    assert run.stdout.rstrip() == log(busy(1))


def test_change_of_one_link_leaves_the_luck_of_the_others_alone() -> None:
    def losses(link: Link) -> list[int]:
        network, left, right = pair(Link(loss=0.5), seed=3)
        third = Mailbox(Host(network.internet, "192.0.2.3", link=link))
        for number in range(50):
            third.send(b"noise", left.local)
            left.send(b"%d" % number, right.local)
        network.run()
        return numbers(right.mails)

    assert losses(Link()) == losses(Link(loss=0.3, jitter=0.2, duplication=0.5))


def test_links_have_their_luck_each_for_itself() -> None:
    network = Network(seed=3)
    right = Mailbox(Host(network.internet, "192.0.2.100"))
    boxes = [Mailbox(Host(network.internet, f"192.0.2.{n}", link=Link(loss=0.5))) for n in (1, 2)]
    for number in range(50):
        for box in boxes:
            box.send(b"%d" % number, right.local)
    network.run()
    survivors = [{mail.data for mail in right.mails if mail.remote == box.local} for box in boxes]

    assert survivors[0] != survivors[1]


@pytest.mark.parametrize("copier", [copy.deepcopy, pickled])
def test_copied_network_goes_on_identically(copier: Callable[[Network], Network]) -> None:
    network = busy(1)
    network.run(10.3)
    twin = copier(network)

    assert log(twin) == log(network)


def test_long_run_leaves_no_memory_behind() -> None:
    network = busy(1)
    network.run(100.0)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    network.run(400.0)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert after - before < 64 * 1024


def test_global_generator_is_left_alone() -> None:
    random.seed(1)
    before = random.getstate()
    log(busy(1), 10.0)

    assert random.getstate() == before

"""The simulator against an agent that is not ours: aioice connects across the pairs of NATs where it is known to.

What is expected of the 81 pairs comes from another simulator, see `nat_matrix`.
"""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("aioice")

from aioice_harness import AioicePeer, Ending, Outcome, VirtualLoop, connect
from nat_matrix import AIOICE, KINDS, ROUND_TRIP, kind_name, world

from jinglecodec.testing.network import Behavior, Fate, Host, Link, Network

every_row = pytest.mark.parametrize("row", range(9), ids=lambda row: kind_name(KINDS[row]))
HANGING = [(row, column) for row in range(9) for column in range(9) if AIOICE[row][column] == "H"]


def attempt(row: int, column: int, within: float, seed: int = 0) -> tuple[Outcome, int]:
    """Return how two agents fare behind these NATs, and how many pairs the controlling one has."""
    place = world(KINDS[row], KINDS[column], seed)
    with VirtualLoop(place.network) as loop:
        left = AioicePeer(loop, place.left, controlling=True, stun_server=place.stun_server)
        right = AioicePeer(loop, place.right, controlling=False, stun_server=place.stun_server)
        outcome, other = loop.run_until_complete(connect(left, right, within))
    assert outcome.ending is other.ending
    return outcome, left.pairs


def test_what_is_expected_has_42_pairs_that_connect() -> None:
    assert sum(row.count("o") for row in AIOICE) == 42
    assert sum(row.count(".") for row in AIOICE) == 36
    assert [(kind_name(KINDS[row]), kind_name(KINDS[column])) for row, column in HANGING] == [
        ("APD/EI", "APD/EI"),
        ("APD/EI", "APD/AD"),
        ("APD/AD", "APD/EI"),
    ]


@every_row
def test_aioice_connects_across_the_pairs_of_nats_that_it_is_known_to(row: int) -> None:
    for column in range(9):
        expected = AIOICE[row][column]
        if expected == "H":
            continue
        outcome, _ = attempt(row, column, within=64.0)
        assert outcome.ending.value == expected
        # Known figures: at most 0.145 s for a round trip of 50 ms, and 63.5 s until the last check is given up.
        if expected == "o":
            assert ROUND_TRIP <= outcome.seconds <= 0.1451
        else:
            assert outcome.seconds == pytest.approx(63.5, abs=0.1)


@pytest.mark.parametrize(("row", "column"), HANGING)
def test_aioice_finds_ever_new_pairs_where_every_answer_comes_from_another_port(row: int, column: int) -> None:
    """It neither connects nor fails; a run of five seconds shows it, all of it is in the long tests."""
    outcome, pairs = attempt(row, column, within=5.0)

    assert outcome.ending is Ending.UNFINISHED
    assert pairs > 90, "20 in a second, or twice as many"


@pytest.mark.long
@pytest.mark.parametrize(("row", "column"), HANGING)
def test_aioice_never_ends_where_every_answer_comes_from_another_port(row: int, column: int) -> None:
    outcome, pairs = attempt(row, column, within=80.0)

    assert outcome.ending is Ending.UNFINISHED
    assert pairs > 1000


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 21))
def test_ports_of_the_nats_do_not_matter(seed: int) -> None:
    for row in range(9):
        for column in range(9):
            if (row, column) not in HANGING:
                outcome, _ = attempt(row, column, 64.0, seed)
                assert outcome.ending.value == AIOICE[row][column]


def test_two_hosts_without_nats_connect_in_one_round_trip_and_four_packets() -> None:
    network = Network()
    link = Link(latency=0.0125)
    tap = network.tap()
    with VirtualLoop(network) as loop:
        left = AioicePeer(loop, Host(network.internet, "192.0.2.1", link=link), controlling=True)
        right = AioicePeer(loop, Host(network.internet, "192.0.2.2", link=link), controlling=False)
        outcomes = loop.run_until_complete(connect(left, right))

    assert [each.ending for each in outcomes] == [Ending.CONNECTED, Ending.CONNECTED]
    assert tap.counts[Fate.SENT] == 4


def test_server_reflexive_candidate_is_what_the_nat_maps_to() -> None:
    """aioice reads the answers of our STUN server."""
    kind = (Behavior.ENDPOINT_INDEPENDENT, Behavior.ADDRESS_AND_PORT_DEPENDENT)
    place = world(kind, kind)
    tap = place.network.tap("198.51.100.1")
    with VirtualLoop(place.network) as loop:
        peer = AioicePeer(loop, place.left, controlling=True, stun_server=place.stun_server)
        description = loop.run_until_complete(peer.describe())

    mapped = tap.packets(Fate.TRANSLATED)[0].source
    assert len(description.candidates) == 2
    assert f" {mapped.host} {mapped.port} typ srflx raddr 10.0.1.2 " in description.candidates[1]


def test_connected_agents_exchange_data_and_lose_consent_when_the_path_dies() -> None:
    network = Network()
    hosts = [Host(network.internet, f"192.0.2.{number}", link=Link(latency=0.02)) for number in (1, 2)]

    async def converse(loop: VirtualLoop) -> bytes:
        left, right = (AioicePeer(loop, host, controlling=host is hosts[0]) for host in hosts)
        await left.accept(await right.describe())
        await right.accept(await left.describe())
        await asyncio.gather(left.connect(), right.connect())
        await left.connection.send(b"hello")
        heard: bytes = await right.connection.recv()
        hosts[0].set_link(Link(loss=1.0))
        with pytest.raises(ConnectionError):
            await right.connection.recv()
        return heard

    with VirtualLoop(network) as loop:
        assert loop.run_until_complete(converse(loop)) == b"hello"
    # Six checks, each 4 to 6 s after the one before and given up after 0.5 s.
    assert 24.0 < network.now < 40.0


def test_loop_says_so_when_everybody_waits_for_ever() -> None:
    with VirtualLoop(Network()) as loop, pytest.raises(AssertionError, match="everybody waits for ever"):
        loop.run_until_complete(loop.create_future())

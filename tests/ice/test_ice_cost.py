"""Costs grow with candidates and pairs, and no faster: counted in instructions of the interpreter, not in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ice_bench import Bench, candidate
from instructions import instructions

from jinglecodec import ice, stun
from jinglecodec.addresses import Address

if TYPE_CHECKING:
    from collections.abc import Callable

MANY = 4
"How many times as much is asked for."
SLACK = 1.1


def candidates(count: int) -> list[ice.Candidate]:
    """Return candidates of the peer, the best last."""
    return [
        candidate(Address(f"10.1.{number >> 8}.{number & 255}", 7000), 1_000_000 + number, foundation=str(number))
        for number in range(count)
    ]


def bench(count: int, *, hosts: int = 1, ended: bool = False) -> Bench:
    """Return an agent with so many remote candidates, within limits that allow for them."""
    config = ice.Config(pairs=1000, remote_candidates=1000)
    addresses = [f"192.0.2.{number}" for number in range(1, hosts + 1)]
    return Bench(ice.Role.CONTROLLING, *candidates(count), hosts=addresses, config=config, ended=ended)


def adding(count: int) -> int:
    made = bench(0)
    return instructions(lambda: [made.do(ice.AddRemoteCandidate(1, each)) for each in candidates(count)])


def checking(count: int) -> int:
    """Send the first check of every pair, and retransmit none."""
    made = bench(count)
    until = (count - 0.5) * ice.Config().ta
    total = instructions(lambda: made.run(until))
    assert len({each.remote for each in made.sent}) == len(made.sent) == count
    return total


def selecting(hosts: int) -> int:
    """Pair as many candidates of either side, and let the first check succeed that is sent."""
    made = bench(hosts, hosts=hosts, ended=True)

    def select() -> None:
        while made.stream.state is not ice.StreamState.COMPLETED:
            for request in made.tick():
                assert request.message.message_class is stun.MessageClass.REQUEST
                made.answer(request, Address(f"192.0.2.{request.socket}", 4999 + request.socket))

    return instructions(select)


@pytest.mark.parametrize(("cost", "few"), [(adding, 50), (checking, 20)])
def test_candidates_cost_as_much_each_however_many_there_are(cost: Callable[[int], int], few: int) -> None:
    cost(1)  # loads what is loaded when it is first needed
    assert 0 < cost(MANY * few) <= SLACK * MANY * cost(few)


def test_pairs_that_are_not_needed_cost_as_much_each_however_many_there_are() -> None:
    """Twice the candidates on either side make four times the pairs."""
    selecting(1)
    assert 0 < selecting(16) <= SLACK * MANY * selecting(8)

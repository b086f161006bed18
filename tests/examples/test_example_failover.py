"""`examples/failover.py` as it stands: a call whose endpoint goes from one process to the next."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from failover import JULIET, KEY, ROMEO, VOICE, Kept, call

from jinglecodec import endpoint
from jinglecodec.errors import LocalError


def test_call_goes_on_when_its_process_is_killed(tmp_path: Path) -> None:
    """The first two of three workers are killed, by SIGKILL, while data flows."""
    romeo, juliet, kept = asyncio.run(asyncio.wait_for(call(str(tmp_path / "call.db"), 30), 60))

    assert kept.workers == 3
    for party in (romeo, juliet):
        numbers = [int.from_bytes(one.data[2:4], "big") for one in party.heard(endpoint.DataReceived)]
        assert numbers == list(range(30)), "each once"
        assert len(party.heard(endpoint.Connected)) == 1
    first = romeo.told.index(romeo.heard(endpoint.DataReceived)[0])
    assert {type(one) for one in romeo.told[first:]} == {endpoint.DataReceived}, "the peer notices nothing"


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """Give an endpoint in a file, with a worker for it."""
    made = Kept(str(tmp_path / "call.db"), endpoint.Endpoint(ROMEO, random=random.Random(1)))
    yield made
    made.close()


def test_event_that_was_handled_by_a_worker_before_it_died_is_answered_from_the_file(kept: Kept) -> None:
    place = endpoint.Place(JULIET, (VOICE,))
    alone = endpoint.Endpoint(ROMEO, random=random.Random(1))
    expected = [alone.handle(event, 0.0) for event in (place, endpoint.AddLocalAddress("192.0.2.1"))]

    kept.pipe.send((1, place, 0.0))
    while number(kept) == 0:
        time.sleep(0.001)
    kept.process.kill()
    kept.process.join()

    assert kept.handle(place, 0.0) == expected[0]
    assert kept.handle(endpoint.AddLocalAddress("192.0.2.1"), 0.0) == expected[1]
    assert kept.workers == 2


def number(kept: Kept) -> int:
    """Return how many events the file knows of."""
    with closing(sqlite3.connect(kept.path)) as database:
        found: int = database.execute("SELECT number FROM kept").fetchone()[0]
    return found


def test_misuse_is_told_to_the_caller_and_the_worker_goes_on(kept: Kept) -> None:
    with pytest.raises(LocalError, match="no call"):
        kept.handle(endpoint.RestartIce(KEY), 0.0)

    assert kept.handle(endpoint.AddLocalAddress("192.0.2.1"), 0.0) == ()
    assert kept.workers == 1

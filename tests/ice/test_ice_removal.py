"""A stream that is given up, whatever it is doing, while another one goes on."""

from __future__ import annotations

import pytest
from ice_bench import REMOTE, THEIRS, Bench, candidate
from ice_support import Peer, introduce
from test_ice_connect import public_pair

from jinglecodec import ice
from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError
from jinglecodec.testing.network import Fate, Network

STREAMS = (ice.AddStream("voice"), ice.AddStream("face", 2))


def bases(peer: Peer, stream: str) -> set[Address]:
    """Return the addresses of a stream's sockets."""
    found = (notice for _, notice in peer.told(ice.CandidateFound))
    return {one.candidate.address for one in found if one.stream == stream}


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.1, 0.3, 5.0, 100.0])
def test_nothing_is_sent_from_or_said_of_a_stream_that_was_removed(moment: float) -> None:
    network = Network(seed=1)
    left, right = public_pair(network, streams=STREAMS)
    introduce(left, right)
    network.run(moment)
    gone = {*bases(left, "face"), *bases(right, "face")}
    for peer in (left, right):
        peer.do(ice.RemoveStream("face"))
        peer.notices.clear()
    tap = network.tap(keep=10_000)

    network.run(moment + 60.0)
    left.do(ice.SendData("voice", 1, b"still here"))
    network.run(moment + 61.0)

    assert len(gone) == 4
    assert not {packet.source for packet in tap.packets(Fate.SENT)} & gone
    assert not [notice for peer in (left, right) for _, notice in peer.notices if notice.stream == "face"]  # type: ignore[attr-defined]
    assert [data for _, data in right.data] == [b"still here"]
    assert [each.stream for each in left.agent.snapshot().streams] == ["voice"]
    with pytest.raises(LocalError):
        left.do(ice.RemoveStream("face"))


def test_name_and_place_of_a_removed_stream_are_free_again() -> None:
    network = Network(seed=1)
    left, right = public_pair(network, streams=STREAMS)
    introduce(left, right)
    for round_ in range(100):
        network.run(network.now + 1.0)
        for peer in (left, right):
            peer.do(ice.RemoveStream("face"))
            peer.do(STREAMS[1])
        for peer in (left, right):
            peer.signal_credentials("face")
        network.run(network.now + 2.0)
        assert left.state("face") is right.state("face") is ice.StreamState.COMPLETED, round_


@pytest.mark.parametrize("end", [ice.RemoveStream(1), ice.Restart(1)])
def test_streams_do_not_wait_for_checks_of_one_that_was_given_up(end: ice.Command) -> None:
    """RFC 8445 6.1.4.2: a frozen pair is unfrozen where none of its foundation waits or is in progress."""
    bench = Bench(ice.Role.CONTROLLING, candidate())
    bench.do(ice.AddStream(2))
    bench.do(ice.SetRemoteCredentials(2, THEIRS.ufrag, THEIRS.pwd))
    bench.do(ice.AddRemoteCandidate(2, candidate(Address(REMOTE.host, REMOTE.port + 1))))
    assert {sent.socket for sent in bench.run(0.2)} == {1}
    bench.do(end)
    assert {sent.socket for sent in bench.run(0.4)} == {2}

"""Streams like those of TCP and TLS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinglecodec.addresses import Address
from jinglecodec.machine import SocketProtocol
from jinglecodec.testing.network import Behavior, Fate, Host, Link, Nat, Network, Stream, StreamState
from jinglecodec.testing.network.links import RETRANSMISSION
from jinglecodec.testing.network.nat import TCP_LIFETIME
from jinglecodec.testing.network.streams import CONNECT_TIMEOUT

SERVER = Address("192.0.2.1", 443)


class End:
    """One end of a stream, with all that it was told."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.log: list[tuple[float, object]] = []
        self.stream: Stream | None = None

    def opened(self, stream: Stream) -> None:
        self.stream = stream
        self._note("opened")

    def failed(self, _: Stream, reason: str) -> None:
        self._note(reason)

    def received(self, _: Stream, data: bytes) -> None:
        self._note(data)

    def closed(self, _: Stream) -> None:
        self._note("closed")

    def _note(self, word: object) -> None:
        self.log.append((round(self.network.now, 6), word))

    @property
    def words(self) -> list[object]:
        return [word for _, word in self.log]


class World:
    """A client at a link, and a server that takes connections."""

    def __init__(self, link: Link, *names: str, seed: int = 0, listens: bool = True) -> None:
        self.network = Network(seed)
        self.host = Host(self.network.internet, "192.0.2.9", link=link)
        self.server_host = Host(self.network.internet, SERVER.host)
        self.client, self.server = End(self.network), End(self.network)
        if listens:
            self.listener = self.server_host.listen(SERVER, lambda _: self.server, names)

    def connect(self, name: str | None = None, host: Host | None = None) -> Stream:
        """Connect and wait until there is nothing more to wait for."""
        stream = (host or self.host).connect(self.client, SERVER, server_name=name)
        self.network.run(self.network.now + 1.0)
        return stream


def test_connection_takes_a_round_trip_and_with_tls_two() -> None:
    plain, secure = World(Link(latency=0.1)), World(Link(latency=0.1), "turn.example")
    plain.connect()
    secure.connect("turn.example")

    assert plain.client.log == [(0.2, "opened")]
    assert secure.client.log == [(0.4, "opened")]
    assert secure.server.log == [(0.3, "opened")]


def test_ends_know_each_others_addresses() -> None:
    world = World(Link())
    stream = world.connect()

    assert world.server.stream is not None
    assert (stream.local, stream.remote) == (world.server.stream.remote, world.server.stream.local)
    assert stream.remote == SERVER


def test_octets_go_both_ways_and_in_order() -> None:
    world = World(Link(latency=0.1))
    stream = world.connect()
    assert world.server.stream is not None
    for number in range(3):
        stream.send(b"%d" % number)
        world.server.stream.send(b"a%d" % number)
    world.network.run()

    assert world.server.words == ["opened", b"0", b"1", b"2"]
    assert world.client.words == ["opened", b"a0", b"a1", b"a2"]


def test_port_where_nobody_listens_refuses() -> None:
    world = World(Link(latency=0.1), listens=False)
    stream = world.connect()

    assert world.client.log == [(0.2, "connection refused")]
    assert stream.state is StreamState.CLOSED


def test_connection_that_nobody_answers_times_out() -> None:
    world = World(Link())
    world.host.connect(world.client, Address("203.0.113.1", 443))
    world.network.run()

    assert world.client.log == [(CONNECT_TIMEOUT, "connection timed out")]


@pytest.mark.parametrize(
    ("names", "wanted", "word"),
    [
        (("turn.example",), "other.example", "the TLS handshake failed"),
        ((), "turn.example", "the TLS handshake failed"),
    ],
)
def test_tls_needs_a_server_that_proves_the_name(names: tuple[str, ...], wanted: str, word: str) -> None:
    world = World(Link(), *names)
    world.connect(wanted)

    assert world.client.words == [word]


def test_plain_client_of_a_tls_server_is_cut_off() -> None:
    world = World(Link(), "turn.example")
    stream = world.connect()
    stream.send(b"no hello")
    world.network.run()

    assert world.client.words == ["opened", "closed"]
    assert world.server.words == []


def test_server_gives_up_a_tls_handshake_that_stops() -> None:
    world = World(Link(), "turn.example")
    stream = world.connect()
    world.network.run()
    stream.send(b"too late")
    world.network.run()

    assert world.server_host._streams == {}
    assert world.client.words == ["opened", "closed"]


def test_closing_tells_the_other_end_after_all_that_was_sent() -> None:
    world = World(Link(latency=0.1))
    stream = world.connect()
    stream.send(b"last words")
    stream.close()
    stream.send(b"too late")
    world.network.run()

    assert world.server.words == ["opened", b"last words", "closed"]
    assert world.client.words == ["opened"]
    assert world.host._streams == world.server_host._streams == {}


def test_sending_to_an_end_that_has_closed_is_no_harm() -> None:
    world = World(Link(latency=0.1))
    stream = world.connect()
    assert world.server.stream is not None
    stream.close()
    world.server.stream.send(b"crossing")
    world.network.run()

    assert world.client.words == ["opened"]
    assert world.server.words == ["opened", "closed"]


def test_closing_while_connecting_leaves_nothing() -> None:
    world = World(Link(latency=0.1))
    stream = world.host.connect(world.client, SERVER)
    stream.close()
    world.network.run()

    assert world.client.words == []
    assert world.server_host._streams == {}


def test_end_that_crashed_resets_the_stream() -> None:
    world = World(Link(latency=0.1))
    stream = world.connect()
    world.server_host._streams.clear()
    stream.send(b"anybody there?")
    world.network.run()

    assert world.client.words == ["opened", "closed"]


def test_closed_listener_refuses_and_its_streams_stay() -> None:
    world = World(Link())
    first = world.connect()
    world.listener.close()
    world.connect()
    first.send(b"still here")
    world.network.run()

    assert world.client.words == ["opened", "connection refused"]
    assert world.server.words == ["opened", b"still here"]


def test_listener_has_a_port_of_its_own() -> None:
    world = World(Link())

    with pytest.raises(OSError, match="in use"):
        world.server_host.listen(SERVER, lambda _: world.server)
    with pytest.raises(OSError, match="no address of the family"):
        world.host.connect(world.client, Address("2001:db8::1", 443))


@given(
    st.floats(0.0, 0.1),  # a segment that is lost in all attempts is lost for good: one in 10**15 here
    st.floats(0.0, 1.0),
    st.lists(st.binary(min_size=1, max_size=3), max_size=10),
    st.integers(0, 2**32),
)
def test_trouble_on_the_link_delays_octets_and_loses_none(
    loss: float, jitter: float, parts: list[bytes], seed: int
) -> None:
    world = World(Link(0.05, jitter, loss, duplication=0.5, reordering=1.0), seed=seed)
    stream = world.host.connect(world.client, SERVER)
    world.network.run(100.0)
    assert world.client.words == ["opened"]
    for part in parts:
        stream.send(part)
    stream.close()
    world.network.run()

    assert world.server.words == ["opened", *parts, "closed"]


def test_loss_costs_at_least_a_retransmission() -> None:
    losses = []
    for seed in range(20):
        world = World(Link(latency=0.1, loss=0.3), seed=seed)
        tap = world.network.tap()
        world.connect()
        world.network.run()
        losses.append(tap.counts[Fate.LOST])
        assert (world.client.log[0][0] >= 0.2 + RETRANSMISSION) == (losses[-1] > 0)

    assert 0 in losses
    assert max(losses) > 0


def test_stream_outlives_an_outage() -> None:
    world = World(Link(latency=0.1, outages=((2.0, 30.0),)))
    stream = world.connect()
    world.network.run(5.0)
    stream.send(b"wait for it")
    world.network.run()

    assert world.server.log[-1] == (30.0 + RETRANSMISSION + 0.1, b"wait for it")


def test_blocked_streams_do_not_pass_and_dead_links_neither() -> None:
    for link in (Link(blocked=(SocketProtocol.TCP,)), Link(loss=1.0), Link(outages=((0.0, float("inf")),))):
        world = World(link)
        world.connect()
        world.network.run()
        assert world.client.words == ["connection timed out"]
        assert world.network.now == CONNECT_TIMEOUT


def test_nat_keeps_the_mapping_of_a_quiet_stream_much_longer_than_that_of_datagrams() -> None:
    """RFC 5382 REQ-5: at least 2 hours and 4 minutes."""
    world = World(Link())
    nat = Nat(
        world.network.internet,
        "198.51.100.1",
        mapping=Behavior.ADDRESS_AND_PORT_DEPENDENT,
        filtering=Behavior.ADDRESS_AND_PORT_DEPENDENT,
    )
    stream = world.connect(host=Host(nat.inside, "10.0.0.2"))
    assert world.server.stream is not None
    assert world.server.stream.remote.host == "198.51.100.1"
    world.network.run(7439.0)
    world.server.stream.send(b"there?")
    stream.send(b"here")
    world.network.run(7440.0)
    assert (world.client.words, world.server.words) == (["opened", b"there?"], ["opened", b"here"])

    world.network.run(world.network.now + TCP_LIFETIME)
    world.server.stream.send(b"there?")
    stream.send(b"here")
    world.network.run()
    assert world.client.words == ["opened", b"there?", "closed"], "its new mapping means nothing to the server"


def test_rebinding_of_the_nat_breaks_a_stream() -> None:
    world = World(Link())
    nat = Nat(
        world.network.internet,
        "198.51.100.1",
        mapping=Behavior.ENDPOINT_INDEPENDENT,
        filtering=Behavior.ENDPOINT_INDEPENDENT,
    )
    stream = world.connect(host=Host(nat.inside, "10.0.0.2"))
    nat.rebind()
    stream.send(b"x")
    world.network.run()

    assert world.client.words == ["opened", "closed"]

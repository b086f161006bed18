"""Machines at work on hosts."""

from __future__ import annotations

import pytest
import toy_machines as toys

from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError
from jinglecodec.machine import (
    BytesReceived,
    CloseSocket,
    DatagramReceived,
    HostnameResolved,
    OpenSocket,
    ResolveHostname,
    SendBytes,
    SendDatagram,
    SendFailed,
    SocketClosed,
    SocketFailed,
    SocketOpened,
    SocketProtocol,
    TimerFired,
)
from jinglecodec.testing.network import Behavior, Host, Link, Nat, Network, Node, StepLimitError
from jinglecodec.testing.replay import Recorder, compare, replay

ECHO = Address("192.0.2.1", 7)
UDP, TCP, TLS = SocketProtocol


class World:
    """A server that sends everything back, and a machine that does what it is handed and tells what comes."""

    def __init__(self, *names: str) -> None:
        self.network = Network()
        self.server = Node(Host(self.network.internet, ECHO.host), toys.Echo(ECHO, *names))
        self.server.handle(toys.Begin())
        self.host = Host(self.network.internet, "192.0.2.9", "2001:db8::9", link=Link(latency=0.1))
        self.caller = toys.Caller()
        self.node = Node(self.host, self.caller)

    def do(self, *outputs: object) -> tuple[object, ...]:
        """Let the machine say this, and return what it is told within a second."""
        for output in outputs:
            self.node.handle(toys.Do(output))
        self.network.run(self.network.now + 1.0)
        return self.node.take()


LOCAL = Address("192.0.2.9", 1000)


def udp(token: int = 1, local: Address | None = LOCAL) -> OpenSocket:
    return OpenSocket(token, UDP, local, None, None)


def tcp(token: int = 1, remote: Address | None = ECHO) -> OpenSocket:
    return OpenSocket(token, TCP, None, remote, None)


# --- datagrams -------------------------------------------------------------------------------------------------------


def test_udp_socket_is_opened_used_and_closed() -> None:
    world = World()

    assert world.do(udp()) == (SocketOpened(1, LOCAL),)
    assert world.do(SendDatagram(1, ECHO, b"ping")) == (DatagramReceived(1, ECHO, b"ping"),)
    assert world.do(CloseSocket(1), CloseSocket(1)) == ()
    assert world.do(udp(2)) == (SocketOpened(2, LOCAL),), "the port is free again"


def test_answer_to_a_socket_closed_meanwhile_is_not_handed_in() -> None:
    world = World()
    world.do(udp())

    assert world.do(SendDatagram(1, ECHO, b"ping"), CloseSocket(1)) == ()


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (udp(1, Address("192.0.2.8", 0)), "192.0.2.8 is not an address of 192.0.2.9"),
        (udp(1, None), "is not an address of"),
        (tcp(1, None), "is not an IP address"),
        (tcp(1, Address("turn.example", 7)), "is not an IP address"),
        (OpenSocket(1, TCP, Address("192.0.2.8", 0), ECHO, None), "192.0.2.8 is not an address"),
    ],
)
def test_socket_that_cannot_be_opened_fails(output: OpenSocket, reason: str) -> None:
    world = World()
    (failed,) = world.do(output)

    assert isinstance(failed, SocketFailed)
    assert failed.socket == 1
    assert reason in failed.reason
    assert world.do(udp()) == (SocketOpened(1, LOCAL),), "the token is free"


def test_datagram_that_cannot_be_sent_is_reported() -> None:
    world = World()
    world.do(udp())
    remote = Address("2001:db8::1", 7)

    assert world.do(SendDatagram(1, remote, b"x")) == (
        SendFailed(1, remote, "2001:db8::1 is not of the family of 192.0.2.9"),
    )


@pytest.mark.parametrize(
    "output", [SendDatagram(1, ECHO, b""), SendBytes(1, b""), SendDatagram(2, ECHO, b""), SendBytes(3, b"")]
)
def test_machine_that_sends_on_what_is_not_open_is_caught(output: object) -> None:
    world = World()
    world.do(OpenSocket(2, TCP, None, ECHO, None), udp(3, Address("192.0.2.9", 0)))

    with pytest.raises(LocalError, match="is not an open"):
        world.do(output)


def test_machine_that_sends_before_it_was_told_is_caught() -> None:
    world = World()
    world.node.handle(toys.Do(udp()))

    with pytest.raises(LocalError, match="is not an open"):
        world.node.handle(toys.Do(SendDatagram(1, ECHO, b"")))


def test_machine_that_opens_a_socket_twice_is_caught() -> None:
    world = World()
    world.node.handle(toys.Do(udp()))

    with pytest.raises(LocalError, match="socket 1 is open already"):
        world.node.handle(toys.Do(udp()))


def test_datagram_that_comes_before_the_machine_knows_the_socket_is_lost() -> None:
    world = World()
    early = world.server.host.open_udp(Address(ECHO.host, 0), lambda _, __: None)
    world.host.set_link(Link())
    early.send(b"early", LOCAL)

    assert world.do(udp()) == (SocketOpened(1, LOCAL),)
    early.send(b"in time", LOCAL)
    assert world.do() == (DatagramReceived(1, early.local, b"in time"),)


@pytest.mark.parametrize("opening", [udp(), tcp(), udp(1, None), tcp(1, Address(ECHO.host, 8))])
def test_socket_closed_while_opening_neither_opens_nor_fails(opening: OpenSocket) -> None:
    world = World()

    assert world.do(opening, CloseSocket(1)) == ()
    assert world.do(opening, CloseSocket(1), udp()) == (SocketOpened(1, LOCAL),), "the token is free at once"


# --- connections -----------------------------------------------------------------------------------------------------


def test_connection_is_opened_used_and_closed_by_the_other_side() -> None:
    world = World()
    (opened,) = world.do(tcp())

    assert opened == SocketOpened(1, Address("192.0.2.9", 49152))
    assert world.do(SendBytes(1, b"ping")) == (BytesReceived(1, b"ping"),)
    assert world.do(SendBytes(1, b"bye")) == (BytesReceived(1, b"bye"), SocketClosed(1))
    assert world.do(tcp()) == (SocketOpened(1, Address("192.0.2.9", 49153)),), "the token is free"


def test_refused_connection_fails() -> None:
    assert World().do(tcp(1, Address(ECHO.host, 8))) == (SocketFailed(1, "connection refused"),)


@pytest.mark.parametrize(("name", "opens"), [("turn.example", True), ("other.example", False), (None, False)])
def test_tls_server_has_to_prove_its_name(name: str | None, opens: bool) -> None:
    (told,) = World("turn.example").do(OpenSocket(1, TLS, None, ECHO, name))

    assert isinstance(told, SocketOpened if opens else SocketFailed)


def test_server_machine_sends_on_connections_it_accepted() -> None:
    world = World()
    world.do(tcp(1), tcp(2))

    assert world.do(SendBytes(1, b"one"), SendBytes(2, b"two")) == (BytesReceived(1, b"one"), BytesReceived(2, b"two"))


def test_stopped_node_closes_its_connections_and_says_nothing_more() -> None:
    world = World()
    world.do(tcp())
    world.server.stop()
    world.server.handle(toys.Begin())

    assert world.do() == (SocketClosed(1),)
    assert world.do(tcp(2)) == (SocketFailed(2, "connection refused"),)


# --- names -----------------------------------------------------------------------------------------------------------


def test_host_name_is_resolved_to_what_the_network_knows() -> None:
    world = World()
    world.network.name("peer.local", "2001:DB8::1")

    assert world.do(ResolveHostname("peer.local")) == (HostnameResolved("peer.local", "2001:db8::1"),)
    assert world.do(ResolveHostname("nobody.local")) == (HostnameResolved("nobody.local", None),)
    with pytest.raises(LocalError):
        world.network.name("peer.local", "nowhere")


# --- time and order --------------------------------------------------------------------------------------------------


def test_machine_is_called_at_its_deadlines() -> None:
    network = Network()
    node = Node(Host(network.internet, "192.0.2.1"), toys.Metronome())
    network.run(2.0)
    node.handle(toys.Begin())
    network.run(20.0)

    assert list(node.outputs) == [(7.0, toys.Beat(0)), (12.0, toys.Beat(0)), (17.0, toys.Beat(0))]


def test_machine_with_a_deadline_from_before_is_called_too() -> None:
    network = Network()
    metronome = toys.Metronome()
    metronome.handle(toys.Begin(), 0.0)
    node = Node(Host(network.internet, "192.0.2.1"), metronome)
    network.run(6.0)

    assert list(node.outputs) == [(5.0, toys.Beat(0))]


def test_deadline_that_moves_is_followed() -> None:
    network = Network()
    alarm = toys.Alarm()
    node = Node(Host(network.internet, "192.0.2.1"), alarm)
    for at in (10.0, 5.0, 7.0, 20.0, 15.0):
        node.handle(toys.Set(at))
    network.run(16.0)
    assert list(node.outputs) == [(15.0, "ring")]

    for change in (toys.Set(30.0), toys.Set(None), toys.Set(40.0), toys.Set(None)):
        node.handle(change)
    network.run(100.0)
    assert len(node.outputs) == 1


def test_deadline_that_moves_forward_is_kept() -> None:
    network = Network()
    node = Node(Host(network.internet, "192.0.2.1"), toys.Alarm())
    node.handle(toys.Set(10.0))
    node.handle(toys.Set(5.0))
    network.run()

    assert list(node.outputs) == [(5.0, "ring")]


def test_deadlines_that_were_moved_leave_no_wake_ups_behind() -> None:
    network = Network()
    node = Node(Host(network.internet, "192.0.2.1"), toys.Alarm())
    for at in (10.0, 5.0, 20.0):
        node.handle(toys.Set(at))

    assert network.run() == 3, "at 5, when it is put off; at 10, when nothing is done; at 20"
    assert list(node.outputs) == [(20.0, "ring")]


def test_machine_that_spins_at_its_deadline_is_stopped() -> None:
    network = Network()
    node = Node(Host(network.internet, "192.0.2.1"), toys.SleepsAtDeadline())
    node.handle(toys.Begin())

    with pytest.raises(StepLimitError):
        network.run(10.0, steps=1000)


def test_outputs_are_told_in_order_even_when_the_teller_commands() -> None:
    network = Network()
    told: list[object] = []

    def tell(output: object) -> None:
        told.append(output)
        if output == toys.Said("one"):
            node.handle(toys.Say(("three",)))

    node = Node(Host(network.internet, "192.0.2.1"), toys.beater(), told=tell)
    node.handle(toys.Say(("one", "two")))

    assert told == [toys.Said("one"), toys.Said("two"), toys.Said("three")]
    assert node.take() == tuple(told)
    assert node.take() == ()


def test_teller_may_command_without_end() -> None:
    network = Network()

    def tell(output: object) -> None:
        if isinstance(output, toys.Said) and len(output.word) < 3000:
            node.handle(toys.Say((f"{output.word}x",)))

    node = Node(Host(network.internet, "192.0.2.1"), toys.beater(), told=tell)
    node.handle(toys.Say(("x",)))

    assert len(node.outputs) == 3000


def test_misuse_is_raised_to_who_commands() -> None:
    network = Network()
    node = Node(Host(network.internet, "192.0.2.1"), toys.beater())
    node.handle(toys.Begin())

    with pytest.raises(LocalError, match="begun already"):
        node.handle(toys.Begin())
    network.run(10.0)
    assert node.outputs


def test_kept_outputs_are_bounded() -> None:
    network = Network()
    node = Node(Host(network.internet, "192.0.2.1"), toys.beater(), keep=3)
    node.handle(toys.WORDS)

    assert [output for _, output in node.outputs] == [toys.Said(word) for word in toys.WORDS.words[-3:]]


def test_recorded_run_over_a_bad_network_replays_identically() -> None:
    network = Network(seed=5)
    nat = Nat(
        network.internet,
        "198.51.100.1",
        mapping=Behavior.ADDRESS_DEPENDENT,
        filtering=Behavior.ADDRESS_DEPENDENT,
        link=Link(latency=0.1, jitter=0.1, loss=0.3, duplication=0.2),
    )
    Node(Host(network.internet, ECHO.host), toys.Echo(ECHO)).handle(toys.Begin())
    recorder = Recorder(toys.Talker())
    Node(Host(nat.inside, "10.0.0.2"), recorder).handle(toys.Talk("10.0.0.2", ECHO, 0.5))
    network.run(60.0)
    recording = recorder.recording

    assert len(recording.steps) > 150
    assert compare(recording, replay(toys.Talker(), recording)) is None
    assert {type(step.event) for step in recording.steps} == {toys.Talk, SocketOpened, TimerFired, DatagramReceived}

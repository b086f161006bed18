"""NATs, against the definitions of RFC 4787."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from network_support import Mailbox

from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError
from jinglecodec.machine import SocketProtocol
from jinglecodec.testing.network import Behavior, Fate, Host, Link, Nat, Network

if TYPE_CHECKING:
    from collections.abc import Callable

EI = Behavior.ENDPOINT_INDEPENDENT
AD = Behavior.ADDRESS_DEPENDENT
APD = Behavior.ADDRESS_AND_PORT_DEPENDENT

every_mapping = pytest.mark.parametrize("mapping", Behavior, ids=lambda each: each.name)
every_filtering = pytest.mark.parametrize("filtering", Behavior, ids=lambda each: each.name)
behaviors = st.sampled_from(Behavior)


class World:
    """A host behind a NAT, and a server with two addresses and two ports: X1:x1, X1:x2, X2:x1, X2:x2."""

    def __init__(self, mapping: Behavior = EI, filtering: Behavior = EI, **options: Any) -> None:  # noqa: ANN401
        self.network = Network(seed=4787)
        self.nat = Nat(self.network.internet, "198.51.100.1", mapping=mapping, filtering=filtering, **options)
        self.host = Host(self.nat.inside, "10.0.0.2", name="host")
        self.inner = Mailbox(self.host, 5000)
        server = Host(self.network.internet, "192.0.2.1", "192.0.2.2", name="server")
        self.outer = [Mailbox(server, port, host) for host in server.addresses for port in (3478, 3479)]

    def external(self, server: int = 0) -> Address:
        """Return the address that the inner socket is seen with by one of the outer ones."""
        seen = self.inner.reaches(self.outer[server])
        assert seen is not None
        return seen

    def wait(self, seconds: float) -> None:
        self.network.run(self.network.now + seconds)


# --- 4.1 Address and port mapping ------------------------------------------------------------------------------------


@every_filtering
def test_endpoint_independent_mapping_is_reused_for_any_external_address_and_port(filtering: Behavior) -> None:
    world = World(EI, filtering)

    assert len({world.external(server) for server in range(4)}) == 1


@every_filtering
def test_address_dependent_mapping_is_reused_for_one_external_address_whatever_the_port(filtering: Behavior) -> None:
    world = World(AD, filtering)
    x1x1, x1x2, x2x1, x2x2 = (world.external(server) for server in range(4))

    assert x1x1 == x1x2
    assert x2x1 == x2x2
    assert x1x1 != x2x1


@every_filtering
def test_address_and_port_dependent_mapping_is_reused_for_one_address_and_port_only(filtering: Behavior) -> None:
    world = World(APD, filtering)
    seen = [world.external(server) for server in range(4)]

    assert len(set(seen)) == 4
    assert [world.external(server) for server in range(4)] == seen


@every_mapping
def test_two_internal_ports_never_share_an_external_one(mapping: Behavior) -> None:
    """REQ-3: a NAT MUST NOT have a "Port assignment" behavior of "Port overloading"."""
    world = World(mapping, preserve_ports=True)
    twin = Mailbox(Host(world.nat.inside, "10.0.0.3"), 5000)
    seen = [each.reaches(server) for each in (world.inner, twin) for server in world.outer]
    ours, others = set(seen[:4]), set(seen[4:])

    assert None not in seen
    assert not ours & others


# --- 5 Filtering -----------------------------------------------------------------------------------------------------


@every_mapping
def test_endpoint_independent_filtering_lets_anybody_send_to_a_mapping(mapping: Behavior) -> None:
    world = World(mapping, EI)
    external = world.external(0)

    assert [server.reaches(world.inner, external) for server in world.outer] == [each.local for each in world.outer]


@every_mapping
def test_address_dependent_filtering_lets_those_send_whose_address_was_sent_to(mapping: Behavior) -> None:
    world = World(mapping, AD)
    external = world.external(0)
    x1x1, x1x2, x2x1, x2x2 = (server.reaches(world.inner, external) for server in world.outer)

    assert (x1x1, x1x2) == (world.outer[0].local, world.outer[1].local)
    assert (x2x1, x2x2) == (None, None)


@every_mapping
def test_address_and_port_dependent_filtering_lets_those_send_that_were_sent_to(mapping: Behavior) -> None:
    world = World(mapping, APD)
    external = world.external(0)

    assert [server.reaches(world.inner, external) for server in world.outer] == [world.outer[0].local, None, None, None]


@pytest.mark.parametrize("filtering", [AD, APD])
def test_each_mapping_has_a_filter_of_its_own(filtering: Behavior) -> None:
    """Sending to X2 from its mapping does not let X2 send to the mapping for X1."""
    world = World(APD, filtering)
    first, _ = world.external(0), world.external(2)

    assert world.outer[2].reaches(world.inner, first) is None


@pytest.mark.parametrize("filtering", [AD, APD])
def test_with_one_mapping_sending_to_another_address_opens_it_for_that_one(filtering: Behavior) -> None:
    world = World(EI, filtering)
    external = world.external(0)
    assert world.outer[2].reaches(world.inner, external) is None

    world.external(2)
    assert world.outer[2].reaches(world.inner, external) == world.outer[2].local


def test_nobody_sends_to_a_port_without_a_mapping() -> None:
    world = World(EI, EI)
    tap = world.network.tap(world.nat.name)

    assert world.outer[0].reaches(world.inner, Address("198.51.100.1", 5000)) is None
    assert tap.counts == {Fate.UNMAPPED: 1}


PARTS: dict[Behavior, Callable[[Address], object]] = {
    EI: lambda _: None,
    AD: lambda remote: remote.host,
    APD: lambda remote: remote,
}


class Model:
    """RFC 4787 4.1 and 5 in sets: which address an endpoint is seen with, and who may send there."""

    def __init__(self, mapping: Behavior, filtering: Behavior) -> None:
        self.mapping, self.filtering = PARTS[mapping], PARTS[filtering]
        self.external: dict[Any, Address] = {}
        self.sent: set[tuple[Address, Any]] = set()


@given(behaviors, behaviors, st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.integers(0, 3)), max_size=25))
def test_any_traffic_is_treated_as_the_definitions_say(
    mapping: Behavior, filtering: Behavior, script: list[tuple[bool, int, int]]
) -> None:
    """Agreement with a model of sets, over any sequence of packets from three endpoints inside and four outside."""
    world = World(mapping, filtering, lifetime=1e6)
    model = Model(mapping, filtering)
    inside = [world.inner, Mailbox(world.host, 5001), Mailbox(Host(world.nat.inside, "10.0.0.3"), 5000)]
    for is_outbound, own, server in script:
        remote = world.outer[server].local
        if is_outbound:
            seen = inside[own].reaches(world.outer[server])
            assert seen is not None
            key = own, model.mapping(remote)
            assert model.external.setdefault(key, seen) == seen
            assert len(set(model.external.values())) == len(model.external), "no two share a port"
            model.sent.add((seen, model.filtering(remote)))
        else:
            for (owner, _), external in tuple(model.external.items()):
                allowed = (external, model.filtering(remote)) in model.sent
                assert world.outer[server].reaches(inside[owner], external) == (remote if allowed else None)


# --- 4.2.1 Port assignment -------------------------------------------------------------------------------------------


def test_port_is_preserved_when_it_is_free() -> None:
    assert World(preserve_ports=True).external().port == 5000


def test_port_that_is_taken_is_not_preserved() -> None:
    world = World(preserve_ports=True)
    world.external()
    seen = Mailbox(Host(world.nat.inside, "10.0.0.3"), 5000).reaches(world.outer[0])

    assert seen is not None
    assert seen.port != 5000


def test_port_is_random_without_preservation_but_for_the_seed() -> None:
    ports = [World().external().port for _ in range(2)]

    assert ports[0] == ports[1]
    assert ports[0] != 5000
    assert ports[0] >= 1024


def test_last_free_port_is_found_and_then_there_is_none() -> None:
    world = World(APD, EI)
    world.nat._retired = {
        (SocketProtocol.UDP, Address("198.51.100.1", port)) for port in range(1024, 65536) if port != 7777
    }
    tap = world.network.tap(world.nat.name)

    assert world.external(0).port == 7777
    assert world.inner.reaches(world.outer[1]) is None
    assert tap.counts[Fate.EXHAUSTED] == 1


def test_nat_without_a_free_mapping_drops_new_flows_and_keeps_the_old() -> None:
    world = World(APD, EI, limit=2)
    tap = world.network.tap(world.nat.name)
    world.external(0)
    world.external(1)

    assert world.inner.reaches(world.outer[2]) is None
    assert tap.counts[Fate.EXHAUSTED] == 1
    world.external(1)
    world.wait(120.0)
    world.external(2)


def test_filter_forgets_the_oldest_beyond_the_limit() -> None:
    world = World(EI, APD, limit=2)
    external = {world.external(server) for server in (0, 1, 0, 2)}.pop()

    assert [server.reaches(world.inner, external) is not None for server in world.outer] == [True, False, True, False]


# --- 4.3 Mapping refresh ---------------------------------------------------------------------------------------------


def test_mapping_lives_for_its_lifetime_and_not_longer() -> None:
    """REQ-5: not less than two minutes."""
    world = World(lifetime=120.0)
    external = world.external()  # sent at 0, read at 1
    world.wait(118.5)
    assert world.outer[0].reaches(world.inner, external) is not None

    assert world.nat.mappings == ()
    assert world.outer[0].reaches(world.inner, external) is None
    assert world.external() != external


def test_mapping_ends_at_the_end_of_its_lifetime() -> None:
    world = World(lifetime=120.0)
    external = world.external()  # sent at 0
    world.network.run(120.0)

    assert world.outer[0].reaches(world.inner, external) is None


def test_port_of_a_mapping_that_has_ended_belongs_to_who_takes_it() -> None:
    world = World(preserve_ports=True)
    twin = Mailbox(Host(world.nat.inside, "10.0.0.3"), 5000)
    world.external()
    world.wait(120.0)

    taken = twin.reaches(world.outer[0])
    assert taken == Address("198.51.100.1", 5000)
    assert world.external() != taken
    assert world.outer[1].reaches(twin, taken) is not None


def test_outbound_packet_refreshes_a_mapping() -> None:
    """REQ-6: the refresh direction MUST have an outbound refresh behavior of True."""
    world = World(lifetime=120.0)
    external = world.external()
    for _ in range(10):
        world.wait(100.0)
        assert world.external() == external


def test_inbound_packet_does_not_refresh_a_mapping() -> None:
    world = World(lifetime=120.0)
    external = world.external()
    for _ in range(2):
        world.wait(50.0)
        assert world.outer[0].reaches(world.inner, external) is not None
    world.wait(50.0)

    assert world.outer[0].reaches(world.inner, external) is None


def test_inbound_packet_refreshes_a_mapping_where_the_nat_is_made_so() -> None:
    """REQ-6a: it MAY have an inbound refresh behavior of True."""
    world = World(EI, APD, lifetime=120.0, refresh_inbound=True)
    external = world.external()
    for _ in range(10):
        world.wait(100.0)
        assert world.outer[0].reaches(world.inner, external) is not None
        assert world.outer[1].reaches(world.inner, external) is None
    for _ in range(3):
        world.wait(50.0)
        assert world.outer[1].reaches(world.inner, external) is None

    assert world.outer[0].reaches(world.inner, external) is None, "what is filtered refreshes nothing"


@given(st.lists(st.tuples(st.floats(0.0, 100.0), st.booleans()), max_size=30))
def test_number_of_mappings_is_bounded_by_what_lives(script: list[tuple[float, bool]]) -> None:
    """A mapping is there if and only if it was sent from within the lifetime."""
    world = World(lifetime=60.0)
    last = float("-inf")
    for seconds, sends in script:
        world.wait(seconds)
        if sends:
            world.inner.send(b"", world.outer[0].local)
            last = world.network.now
        assert len(world.nat.mappings) == (world.network.now < last + 60.0)
        assert len(world.nat._by_external) == len(world.nat._by_flow) <= 1


# --- 6 Hairpinning ---------------------------------------------------------------------------------------------------


@every_mapping
def test_hairpinned_packet_has_the_external_source(mapping: Behavior) -> None:
    """REQ-9a: a NAT Hairpinning behavior MUST be "External source IP address and port"."""
    world = World(mapping, EI, hairpin=True)
    external = world.external()
    seen = Mailbox(Host(world.nat.inside, "10.0.0.3")).reaches(world.inner, external)

    assert seen is not None
    assert seen.host == "198.51.100.1"
    assert world.inner.reaches(world.inner, external) is not None, "even its own"


def test_hairpinned_packet_is_filtered_as_if_it_came_from_outside() -> None:
    world = World(EI, APD, hairpin=True)
    external = world.external()
    other = Mailbox(Host(world.nat.inside, "10.0.0.3"))
    others = other.reaches(world.outer[0])

    assert others is not None
    assert other.reaches(world.inner, external) is None
    assert world.inner.reaches(other, others) == external, "the other has sent to it before"


def test_nat_without_hairpinning_drops_such_packets() -> None:
    world = World(EI, EI)
    tap = world.network.tap(world.nat.name)
    external = world.external()
    other = Mailbox(Host(world.nat.inside, "10.0.0.3"))

    assert other.reaches(world.inner, external) is None
    assert tap.counts[Fate.NO_HAIRPIN] == 1
    assert other.reaches(world.inner) == other.local, "but inside they reach each other"


# --- restarts, nesting, families -------------------------------------------------------------------------------------


@pytest.mark.parametrize("preserve_ports", [False, True])
def test_rebound_nat_has_new_ports_and_forgets_the_old(preserve_ports: bool) -> None:
    world = World(EI, EI, preserve_ports=preserve_ports)
    before = world.external()
    world.nat.rebind()

    assert world.outer[0].reaches(world.inner, before) is None
    after = world.external()
    assert after.host == before.host
    assert after.port != before.port


def test_rebound_nat_can_have_a_new_address() -> None:
    world = World(EI, EI)
    before = world.external()
    world.nat.rebind("198.51.100.9")

    assert world.nat.addresses == ("198.51.100.9",)
    assert world.outer[0].reaches(world.inner, before) is None
    after = world.external()
    assert after.host == "198.51.100.9"
    assert world.outer[1].reaches(world.inner, after) is not None


def test_links_of_a_nat_can_change() -> None:
    world = World()
    world.nat.set_link(Link(latency=0.5), down=Link(loss=1.0))
    external = world.external()

    assert world.outer[0].mails[0].time == 0.5
    assert world.outer[0].reaches(world.inner, external) is None


def test_nested_nats_translate_twice() -> None:
    network = Network()
    carrier = Nat(network.internet, "198.51.100.1", mapping=EI, filtering=APD)
    home = Nat(carrier.inside, "100.64.0.2", mapping=EI, filtering=EI)
    inner = Mailbox(Host(home.inside, "192.168.1.2"))
    neighbour = Mailbox(Host(carrier.inside, "100.64.0.3"))
    outer = [Mailbox(Host(network.internet, f"192.0.2.{number}")) for number in (1, 2)]
    middle, outside = inner.reaches(neighbour), inner.reaches(outer[0])

    assert middle is not None
    assert outside is not None
    assert middle.host == "100.64.0.2"
    assert outside.host == "198.51.100.1"
    assert neighbour.reaches(inner, middle) == neighbour.local
    assert outer[0].reaches(inner, outside) == outer[0].local
    assert outer[1].reaches(inner, outside) is None, "the outer one filters"


def test_hosts_behind_two_nats_may_have_the_same_address() -> None:
    network = Network()
    nats = [Nat(network.internet, f"198.51.100.{number}", mapping=EI, filtering=EI) for number in (1, 2)]
    left, right = (Mailbox(Host(nat.inside, "192.168.1.2"), 5000) for nat in nats)
    server = Mailbox(Host(network.internet, "192.0.2.1"))
    seen = [box.reaches(server) for box in (left, right)]

    assert None not in seen
    assert left.reaches(right, seen[1]) == seen[0]


def test_nat_translates_the_families_that_it_has_addresses_of() -> None:
    network = Network()
    nat = Nat(network.internet, "198.51.100.1", mapping=EI, filtering=EI)
    both = Nat(network.internet, "198.51.100.2", "2001:db8::2", mapping=EI, filtering=EI)
    server = Host(network.internet, "192.0.2.1", "2001:db8::1")
    server_v6 = Mailbox(server, address="2001:db8::1")
    tap = network.tap(nat.name)

    assert Mailbox(Host(nat.inside, "fd00::2")).reaches(server_v6) is None
    assert tap.counts == {Fate.UNROUTED: 1}
    seen = Mailbox(Host(both.inside, "fd00::2")).reaches(server_v6)
    assert seen is not None
    assert seen.host == "2001:db8::2"


def test_host_behind_a_nat_may_have_an_address_of_ipv6_on_the_internet() -> None:
    network = Network()
    nat = Nat(network.internet, "198.51.100.1", mapping=EI, filtering=EI)
    host = Host(nat.inside, "10.0.0.2")
    host.attach(network.internet, "2001:db8::5", link=Link(latency=0.01))
    server = Mailbox(Host(network.internet, "2001:db8::1"))
    inner = Mailbox(host, address="2001:db8::5")

    assert inner.reaches(server) == inner.local
    assert server.mails[0].time == 0.01


@pytest.mark.parametrize("hosts", [(), ("198.51.100.1", "198.51.100.2"), ("nowhere",), ("192.0.2.1",)])
def test_addresses_that_a_nat_cannot_have_are_local_errors(hosts: tuple[str, ...]) -> None:
    network = Network()
    Host(network.internet, "192.0.2.1")

    with pytest.raises(LocalError):
        Nat(network.internet, *hosts, mapping=EI, filtering=EI)


def test_nine_kinds_differ_pairwise_in_what_gets_through() -> None:
    def fingerprint(mapping: Behavior, filtering: Behavior) -> tuple[object, ...]:
        world = World(mapping, filtering)
        first = world.external(0)
        inbound = tuple(server.reaches(world.inner, first) is not None for server in world.outer)
        return (*inbound, *(world.external(server) == first for server in range(1, 4)))

    kinds = {fingerprint(*kind) for kind in itertools.product(Behavior, Behavior)}
    assert len(kinds) == 9

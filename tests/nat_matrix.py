"""The 81 pairs of NATs: which of them let two agents without TURN connect, and a world for each."""

from __future__ import annotations

import attrs

from jinglecodec.addresses import Address
from jinglecodec.testing.network import Behavior, Host, Link, Nat, Network, Node, Start, StunServer

__all__ = ["AIOICE", "KINDS", "ROUND_TRIP", "World", "kind_name", "world"]

KINDS = tuple((mapping, filtering) for mapping in Behavior for filtering in Behavior)
"Mapping and filtering; the order of rows and columns."

ROUND_TRIP = 0.05
"Seconds from one NAT to the other, or to the STUN server, and back."

AIOICE = (
    "ooooooooo",
    "ooooooooo",
    "ooo......",
    "oo.oo.oo.",
    "oo.o..o..",
    "oo.......",
    "oo.oo.HH.",
    "oo.o..H..",
    "oo.......",
)
"""What aioice 0.13 achieves: o connected, . failed, H neither. The rows are the NAT of the controlling side.

Measured on another simulator than this one. 42 connect; where both NATs map by address and port and filter nothing,
every answer comes from yet another port, and aioice checks new pairs for ever."""


_SHORT = {
    Behavior.ENDPOINT_INDEPENDENT: "EI",
    Behavior.ADDRESS_DEPENDENT: "AD",
    Behavior.ADDRESS_AND_PORT_DEPENDENT: "APD",
}


def kind_name(kind: tuple[Behavior, Behavior]) -> str:
    """Return mapping and filtering as `EI/APD`."""
    return "/".join(_SHORT[one] for one in kind)


@attrs.frozen
class World:
    """Two hosts behind a NAT each, and a STUN server."""

    network: Network
    left: Host
    right: Host
    stun_server: tuple[str, int]
    nats: tuple[Nat, Nat]


def world(left: tuple[Behavior, Behavior], right: tuple[Behavior, Behavior], seed: int = 0) -> World:
    """Return a new world with these NATs; each filters per mapping and draws its ports at random."""
    network = Network(seed)
    link = Link(latency=ROUND_TRIP / 4)
    server = Address("192.0.2.1", 3478)
    Node(Host(network.internet, server.host, link=link), StunServer(server)).handle(Start())
    one, two = (
        Nat(network.internet, f"198.51.100.{side}", mapping=mapping, filtering=filtering, link=link)
        for side, (mapping, filtering) in enumerate((left, right), 1)
    )
    hosts = [Host(nat.inside, f"10.0.{side}.2") for side, nat in enumerate((one, two), 1)]
    return World(network, hosts[0], hosts[1], (server.host, server.port), (one, two))

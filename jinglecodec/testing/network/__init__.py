"""A network in memory with a virtual clock: hosts, links, NATs, streams, and machines at work on them.

    >>> from jinglecodec.testing.network import Behavior, Host, Link, Nat, Network, Node, StunServer
    >>> from jinglecodec.addresses import Address
    >>> network = Network(seed=7)
    >>> server = Host(network.internet, "192.0.2.1", "192.0.2.2", link=Link(latency=0.01))
    >>> home = Nat(
    ...     network.internet,
    ...     "198.51.100.1",
    ...     mapping=Behavior.ENDPOINT_INDEPENDENT,
    ...     filtering=Behavior.ADDRESS_AND_PORT_DEPENDENT,
    ...     preserve_ports=True,
    ... )
    >>> laptop = Host(home.inside, "10.0.0.2", link=Link(latency=0.002, jitter=0.001, loss=0.05))

A machine is put to work with `Node(host, machine)`; `network.run(until=60.0)` lets time pass; `network.tap()` counts
and shows what is on the wire. Without machines, `host.open_udp` and `host.connect` give sockets with callbacks.

One run is like another: all that is random comes from the seed, and nothing takes real time.
"""

from __future__ import annotations

from jinglecodec.testing.network.hosts import Host, UdpSocket
from jinglecodec.testing.network.links import Link, Realm
from jinglecodec.testing.network.nat import Behavior, Mapping, Nat
from jinglecodec.testing.network.nodes import ConnectionAccepted, Listen, Node
from jinglecodec.testing.network.packets import Fate, Packet, Seen, Segment, Tap
from jinglecodec.testing.network.simulator import Network, StepLimitError
from jinglecodec.testing.network.streams import Listener, Stream, StreamState, StreamUser
from jinglecodec.testing.network.stun_server import Start, StunServer, StunServerState
from jinglecodec.testing.network.turn_access import Hostility, TurnPolicy
from jinglecodec.testing.network.turn_server import TurnAllocation, TurnServer, TurnServerState

__all__ = [
    "Behavior",
    "ConnectionAccepted",
    "Fate",
    "Host",
    "Hostility",
    "Link",
    "Listen",
    "Listener",
    "Mapping",
    "Nat",
    "Network",
    "Node",
    "Packet",
    "Realm",
    "Seen",
    "Segment",
    "Start",
    "StepLimitError",
    "Stream",
    "StreamState",
    "StreamUser",
    "StunServer",
    "StunServerState",
    "Tap",
    "TurnAllocation",
    "TurnPolicy",
    "TurnServer",
    "TurnServerState",
    "UdpSocket",
]

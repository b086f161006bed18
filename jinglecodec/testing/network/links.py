"""Links with their troubles, and the address realms that they lead into."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

import attrs

from jinglecodec.errors import LocalError
from jinglecodec.machine import SocketProtocol
from jinglecodec.testing.network.packets import Fate, Packet, canonical

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from jinglecodec.testing.network.simulator import Network

__all__ = ["RETRANSMISSION", "Attachment", "Gateway", "Link", "Pipe", "Realm"]

RETRANSMISSION = 0.2
"Seconds that a stream needs to notice a loss: the shortest retransmission timeout of Linux."

_ATTEMPTS = 15
"How often a segment is sent at most, as on Linux (tcp_retries2)."


@attrs.frozen
class Link:
    """How one direction of a link treats packets.

    A segment of a stream is never lost for good: it comes later, as if sent again. Neither is it duplicated, and the
    stream puts it in order. Raises LocalError for a time below 0, and for a probability that is not in 0..1.
    """

    latency: float = 0.0
    "Seconds from end to end."
    jitter: float = 0.0
    "Up to so many seconds more, evenly distributed; the order stays."
    loss: float = 0.0
    "Probability that a packet vanishes."
    duplication: float = 0.0
    "Probability that a packet comes twice."
    reordering: float = 0.0
    "Probability that a packet does not keep the order: its jitter lets it overtake and be overtaken."
    outages: tuple[tuple[float, float], ...] = ()
    "From when, and until before when, everything sent vanishes."
    blocked: tuple[SocketProtocol, ...] = ()
    "UDP, TCP: never let through, without an answer, as by some firewalls."

    def __attrs_post_init__(self) -> None:
        if not all(0 <= each <= 1 for each in (self.loss, self.duplication, self.reordering)):
            raise LocalError("loss, duplication and reordering are probabilities, 0..1")
        if not (self.latency >= 0 and self.jitter >= 0):
            raise LocalError("latency and jitter are not negative")

    def recovery(self, now: float) -> float | None:
        """Return when the outage ends that is on, None when there is none."""
        return max((end for start, end in self.outages if start <= now < end), default=None)


class Pipe:
    """One direction of a link."""

    def __init__(self, network: Network, place: str, link: Link) -> None:
        self.link = link
        self._network = network
        self._place = place
        self._random: Random = network.generator()
        self._last = 0.0

    def carry(self, packet: Packet, arrive: Callable[[Packet], None], *, at_once: bool = False) -> None:
        """Let `packet` arrive at the end of the link, once, twice or never.

        With `at_once`, a link without delay hands it on within the call. One link of a path has to do without, so that
        two machines that answer each other do not sit on one stack.
        """
        link = self.link
        if packet.protocol in link.blocked:
            self._network.note(Fate.BLOCKED, self._place, packet)
            return
        if packet.protocol is SocketProtocol.TCP:
            self._carry_segment(packet, arrive)
            return
        network = self._network
        now = network.now
        if link.outages and link.recovery(now) is not None:
            network.note(Fate.OUTAGE, self._place, packet)
            return
        if self._happens(link.loss):
            network.note(Fate.LOST, self._place, packet)
            return
        arrival = self._arrival()
        if at_once and arrival == now:
            arrive(packet)
        else:
            network.deliver_at(arrival, self._place, arrive, packet)
        if self._happens(link.duplication):
            network.note(Fate.DUPLICATED, self._place, packet)
            network.deliver_at(self._arrival(), self._place, arrive, packet)

    def _happens(self, probability: float) -> bool:
        return probability > 0 and self._random.random() < probability

    def _arrival(self) -> float:
        """Return when a datagram that gets in now comes out."""
        link = self.link
        arrival = self._network.now + self._delay()
        if self._happens(link.reordering):
            return arrival
        self._last = max(self._last, arrival)
        return self._last

    def _delay(self) -> float:
        link = self.link
        return link.latency + link.jitter * self._random.random() if link.jitter else link.latency

    def _carry_segment(self, packet: Packet, arrive: Callable[[Packet], None]) -> None:
        """Let a segment arrive after as many attempts as it takes; a late one does not hold up what is behind it."""
        network = self._network
        recovery = self.link.recovery(network.now)
        start = network.now if recovery is None else recovery + RETRANSMISSION
        wait = RETRANSMISSION
        for _ in range(_ATTEMPTS):
            if not self._happens(self.link.loss):
                break
            network.note(Fate.LOST, self._place, packet)
            start, wait = start + wait, 2 * wait
        else:
            return
        if start == math.inf:
            network.note(Fate.OUTAGE, self._place, packet)
        else:
            network.deliver_at(start + self._delay(), self._place, arrive, packet)


class Gateway(Protocol):
    """What takes the packets out of a realm."""

    def outbound(self, packet: Packet) -> None:
        """Take a packet for an address outside."""


class Realm:
    """An address realm (RFC 2663 2.1): the internet, or what is behind one NAT. Addresses are unique in it."""

    def __init__(self, network: Network, name: str) -> None:
        self.network = network
        self.name = name
        self.gateway: Gateway | None = None
        self._attachments: dict[str, Attachment] = {}

    def add(self, attachment: Attachment) -> None:
        """Let packets for the attachment's address go there; raises LocalError when the address is taken."""
        if attachment.host in self._attachments:
            raise LocalError(f"{attachment.host} is taken")
        self._attachments[attachment.host] = attachment

    def remove(self, attachment: Attachment) -> None:
        """Let packets for the attachment's address go nowhere."""
        del self._attachments[attachment.host]

    def route(self, packet: Packet) -> None:
        """Send a packet towards its destination."""
        attachment = self._attachments.get(packet.destination.host)
        if attachment is not None:
            attachment.down.carry(packet, attachment.receive)
        elif self.gateway is not None:
            self.gateway.outbound(packet)
        else:
            self.network.note(Fate.UNROUTED, self.name, packet)


class Attachment:
    """One address of a host or NAT in a realm, at the end of a link."""

    def __init__(self, realm: Realm, host: str, place: str, receive: Callable[[Packet], None]) -> None:
        self.realm = realm
        self.host = canonical(host)
        self.receive = receive
        "Takes what comes in."
        self.up = Pipe(realm.network, place, Link())
        "Towards the realm."
        self.down = Pipe(realm.network, place, Link())
        "From the realm."
        realm.add(self)

    def set_link(self, link: Link, down: Link | None = None) -> None:
        """Let the link be like this from now on, in both directions unless `down` says otherwise."""
        self.up.link = link
        self.down.link = link if down is None else down

    def send(self, packet: Packet) -> None:
        """Send a packet into the realm."""
        self.up.carry(packet, self.realm.route, at_once=True)

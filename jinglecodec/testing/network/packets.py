"""What travels over the network, and the taps that watch it."""

from __future__ import annotations

import enum
from collections import Counter, deque

import attrs

from jinglecodec.addresses import Address, packed, unpacked
from jinglecodec.errors import LocalError
from jinglecodec.machine import SocketProtocol

__all__ = ["Fate", "Packet", "Seen", "Segment", "Tap", "canonical"]


class Segment(enum.Enum):
    """What a packet of a stream is for; the handshakes of TCP and TLS take a round trip each."""

    SYN = "SYN"
    SYN_ACK = "SYN-ACK"
    HELLO = "TLS hello"
    "From the client with the server name that it wants, from the server without."
    DATA = "data"
    FIN = "FIN"
    RST = "RST"


@attrs.frozen(weakref_slot=False)
class Packet:
    """A datagram, or one segment of a stream."""

    protocol: SocketProtocol
    "UDP or TCP."
    source: Address
    destination: Address
    data: bytes
    segment: Segment = Segment.DATA
    number: int = 0
    "The place of a segment in its stream, counted in segments."

    def sent_from(self, source: Address) -> Packet:
        """Return the packet with another source."""
        return Packet(self.protocol, source, self.destination, self.data, self.segment, self.number)

    def sent_to(self, destination: Address) -> Packet:
        """Return the packet with another destination."""
        return Packet(self.protocol, self.source, destination, self.data, self.segment, self.number)

    def __str__(self) -> str:
        kind = "" if self.protocol is SocketProtocol.UDP else f" {self.segment.value}"
        return f"{self.protocol.value}{kind} {self.source} -> {self.destination}, {len(self.data)} octets"


class Fate(enum.Enum):
    """What happened to a packet at a place."""

    SENT = "sent"
    "By a host, onto its link."
    DELIVERED = "delivered"
    "To a socket."
    TRANSLATED = "translated"
    "By a NAT; the packet is shown as it goes on."
    DUPLICATED = "duplicated by the link"
    "Twice on its way from here."
    LOST = "lost on the link"
    OUTAGE = "lost in an outage"
    BLOCKED = "blocked by the link"
    UNROUTED = "no route"
    UNBOUND = "no socket"
    UNMAPPED = "no mapping"
    FILTERED = "filtered"
    NO_HAIRPIN = "no hairpinning"
    EXHAUSTED = "no room for a mapping"
    OVERFLOW = "too much in flight"


@attrs.frozen(weakref_slot=False)
class Seen:
    """One record of a tap."""

    time: float
    place: str
    "The name of a host or NAT."
    fate: Fate
    packet: Packet

    def __str__(self) -> str:
        return f"{self.time:.6f} {self.place}: {self.packet}: {self.fate.value}"


class Tap:
    """Counts what happens to packets, and keeps the latest records."""

    def __init__(self, place: str | None = None, keep: int = 1000) -> None:
        """Watch the host or NAT of that name, None for all, and keep the last `keep` records."""
        self.place = place
        self.records: deque[Seen] = deque(maxlen=keep)
        self.counts: Counter[Fate] = Counter()
        "How many packets met each fate."
        self.octets: Counter[Fate] = Counter()
        "The same in octets of payload."

    def see(self, seen: Seen) -> None:
        """Count and keep a record, when it is of the place watched."""
        if self.place is None or self.place == seen.place:
            self.counts[seen.fate] += 1
            self.octets[seen.fate] += len(seen.packet.data)
            self.records.append(seen)

    def packets(self, fate: Fate) -> tuple[Packet, ...]:
        """Return the packets among the records that met this fate, the earliest first."""
        return tuple(seen.packet for seen in self.records if seen.fate is fate)

    def __str__(self) -> str:
        return "\n".join(map(str, self.records))


def canonical(host: str) -> str:
    """Return the one text form of an IP address (RFC 5952); raises LocalError when `host` is none."""
    octets = packed(host)
    if octets is None:
        raise LocalError(f"{host!r} is not an IP address")
    return unpacked(octets)

"""Candidates as values, and what is computed of them: priorities, foundations, usable addresses (RFC 8445 5.1)."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

from jinglecodec.addresses import Address, packed

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "PRIORITIES",
    "Candidate",
    "CandidateType",
    "Foundations",
    "interleaved",
    "is_link_local",
    "is_usable",
    "local_preference",
    "priority",
    "without_zone",
]

PRIORITIES = range(1, 2**31)
"RFC 8445 5.1.2, RFC 8839 5.1: nothing else is a priority."

MOST_RANKS = 256
"How many local addresses have preferences of their own."


class CandidateType(enum.Enum):
    """Where a candidate comes from (RFC 8445 5.1.1), by the words of SDP and XEP-0176."""

    HOST = "host"
    PEER_REFLEXIVE = "prflx"
    SERVER_REFLEXIVE = "srflx"
    RELAYED = "relay"

    # Enum's own is a function in Python, and pairs are counted by type.
    __hash__ = object.__hash__


TYPE_PREFERENCES = {
    CandidateType.HOST: 126,
    CandidateType.PEER_REFLEXIVE: 110,
    CandidateType.SERVER_REFLEXIVE: 100,
    CandidateType.RELAYED: 0,
}
"RFC 8445 5.1.2.2"


@attrs.frozen(weakref_slot=False)
class Candidate:
    """A transport address on offer, as it is signalled. What the peer offers is checked by the agent, not here."""

    component: int
    "1..256"
    type: CandidateType
    address: Address
    "The host of a remote one may be a name that ends in `.local`."
    priority: int
    "1..2**31 - 1"
    foundation: str
    "1 to 32 characters; equal for candidates that are likely to work, or not, alike (RFC 8445 5.1.1.3)."
    protocol: str = "udp"
    "In any case; others than UDP are ignored."
    related: Address | None = None
    "The base of a reflexive one, the mapped address of a relayed one."
    ufrag: str | None = None
    "Which ICE session it belongs to, where that was signalled with it (RFC 8838 9)."

    def __str__(self) -> str:
        return f"{self.type.value} {self.address}"


def priority(kind: CandidateType, preference: int, component: int) -> int:
    """Return the priority of a candidate (RFC 8445 5.1.2.1).

    `preference` is the local preference, 0..65535; `component` is 1..256.

    >>> priority(CandidateType.HOST, 65535, 1)
    2130706431
    """
    return TYPE_PREFERENCES[kind] << 24 | preference << 8 | 256 - component


def local_preference(rank: int, server: int = 0) -> int:
    """Return the local preference of the address of that rank, 65535 for the first (RFC 8445 5.1.2.1).

    `rank` is 0..255; `server` tells apart the candidates that several servers give to one address, 0..255.
    """
    return 65535 - MOST_RANKS * server - rank


def interleaved(hosts: Sequence[str]) -> tuple[str, ...]:
    """Return IP addresses in order of preference, families in turn after a head start of IPv6 (RFC 8421 4).

    >>> interleaved(["192.0.2.1", "2001:db8::1", "192.0.2.2", "2001:db8::2"])
    ('2001:db8::1', '2001:db8::2', '192.0.2.1', '192.0.2.2')
    """
    six = [host for host in hosts if ":" in host]
    four = [host for host in hosts if ":" not in host]
    if not four:
        return tuple(six)
    start = len(hosts) // len(four)
    order, six = six[:start], six[start:]
    for at, host in enumerate(four):
        order += [host, *six[at : at + 1]]
    return (*order, *six[len(four) :])


class Foundations:
    """The foundations of an agent's candidates: equal for equal type, base address, server and protocol.

    RFC 8445 5.1.1.3. They are numbers, in the order in which they come up.
    """

    __slots__ = ("_numbers",)

    def __init__(self) -> None:
        self._numbers: dict[tuple[CandidateType, str, str], str] = {}

    def of(self, kind: CandidateType, base: str, server: str = "") -> str:
        """Return the foundation of UDP candidates with this base address, by this server's address."""
        return self._numbers.setdefault((kind, base, server), str(len(self._numbers) + 1))


# --- addresses -----------------------------------------------------------------------------------------------------


def without_zone(host: str) -> str:
    """Return an address without its zone id, which means nothing to the peer: `fe80::1%eth0` is `fe80::1`."""
    return host.partition("%")[0]


def is_link_local(host: str) -> bool:
    """Tell whether an IPv6 address is good on its link only; such pair with such only (RFC 8445 6.1.2.2)."""
    octets = packed(host) if ":" in host else None
    return octets is not None and octets[0] == 0xFE and octets[1] & 0xC0 == 0x80


def is_usable(octets: bytes | None, *, loopback: bool) -> bool:
    """Tell whether a packed address may be a candidate (RFC 8445 5.1.1.1), one of loopback only when that is let.

    Not so the unspecified, multicast, IPv4-compatible, IPv4-mapped and site-local ones, and None.
    """
    if octets is None:
        return False
    if len(octets) == 4:
        return (loopback or octets[0] != 127) and 0 < octets[0] < 224
    if not any(octets[:12]) or octets.startswith(_MAPPED):
        return loopback and octets == _LOOPBACK
    return octets[0] != 0xFF and not (octets[0] == 0xFE and octets[1] & 0xC0 == 0xC0)


_LOOPBACK = bytes(15) + b"\x01"
_MAPPED = bytes(10) + b"\xff\xff"

"""What a TURN server remembers of an allocation: relayed addresses, permissions, channels (RFC 8656 6, 9 and 12)."""

from __future__ import annotations

from typing import TypeVar

import attrs

from jinglecodec import stun
from jinglecodec.addresses import Address, is_ipv4
from jinglecodec.testing.network.turn_access import Access

__all__ = [
    "CHANNEL_LIFETIME",
    "PERMISSION_LIFETIME",
    "Allocation",
    "Client",
    "RelayedAddress",
    "family_of",
]

PERMISSION_LIFETIME = 300.0
"Seconds (RFC 8656 9)."

CHANNEL_LIFETIME = 600.0
"Seconds (RFC 8656 12)."

_Key = TypeVar("_Key")


def family_of(host: str) -> stun.Family:
    """Return the family of an IP address."""
    return stun.Family.IPV4 if is_ipv4(host) else stun.Family.IPV6


@attrs.frozen
class Client:
    """What tells the clients of a server apart: the 5-tuple."""

    socket: int
    "The server's token: its UDP socket, or the connection, which is negative."
    remote: Address

    @property
    def is_stream(self) -> bool:
        """Whether the client came by TCP or TLS."""
        return self.socket < 0


@attrs.define
class RelayedAddress:
    """One relayed transport address with its permissions and channels, each with the time at which it expires."""

    socket: int
    local: Address
    expires: float
    "When it is gone, unless it is refreshed."
    limit: int
    "Permissions, and channels."
    permissions: dict[str, float] = attrs.field(factory=dict)
    channels: dict[tuple[int, Address], float] = attrs.field(factory=dict)

    def permits(self, host: str, now: float) -> bool:
        """Tell whether peers at this IP address may send, and be sent to (RFC 8656 9)."""
        return self.permissions.get(host, now) > now

    def permit(self, host: str, now: float) -> bool:
        """Install or refresh a permission; tell whether there was room."""
        return _put(self.permissions, host, now, PERMISSION_LIFETIME, self.limit)

    def bind(self, number: int, peer: Address, now: float) -> bool:
        """Bind a channel or refresh it, and the permission with it; tell whether there was room (RFC 8656 12.2)."""
        return _put(self.channels, (number, peer), now, CHANNEL_LIFETIME, self.limit) and self.permit(peer.host, now)

    def bindings(self, now: float) -> tuple[tuple[int, Address], ...]:
        """Return the channels that are bound."""
        return tuple(binding for binding, expires in self.channels.items() if expires > now)

    def conflicts(self, number: int, peer: Address, now: float) -> bool:
        """Tell whether the number is bound to another peer, or the peer to another number (RFC 8656 12.2)."""
        return any((number == one) is not (peer == other) for one, other in self.bindings(now))


def _put(table: dict[_Key, float], key: _Key, now: float, lifetime: float, limit: int) -> bool:
    """Let an entry live from now; make room by removing what has expired, tell whether there is any."""
    if key not in table and len(table) >= limit:
        for old in [each for each, expires in table.items() if expires <= now]:
            del table[old]
    has_room = key in table or len(table) < limit
    if has_room:
        table[key] = now + lifetime
    return has_room


@attrs.define
class Allocation:
    """What one client has: relayed addresses, at most one of each family."""

    client: Client
    request: stun.Message
    "The Allocate request that made it; sent again, it gets the same answer (RFC 8656 7.2)."
    access: Access
    opening: dict[int, stun.Family]
    "Sockets that are not open yet; the response waits for them."
    relayed: dict[stun.Family, RelayedAddress] = attrs.field(factory=dict)
    refused: tuple[stun.AddressError, ...] = ()
    "Why the client gets one family only (RFC 8656 7.2)."

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The relayed addresses."""
        return tuple(each.local for each in self.relayed.values())

"""What goes in and out of a relay beside the socket events: commands of the agent, and what becomes of them."""

from __future__ import annotations

import attrs

from jinglecodec import stun
from jinglecodec.addresses import Address
from jinglecodec.machine import SocketEvent, SocketOutput, SocketProtocol

__all__ = [
    "Allocate",
    "BindChannel",
    "PeerPermitted",
    "PeerRefused",
    "Permit",
    "RelayAllocated",
    "RelayEvent",
    "RelayLost",
    "RelayOutput",
    "RelayReceived",
    "RelayServer",
    "RelayState",
    "Release",
    "Revoke",
    "SendToPeer",
    "StartTransaction",
]


@attrs.frozen(kw_only=True)
class RelayServer:
    """A TURN server, and how to get in."""

    address: Address
    "With an IP address; names are resolved before."
    protocol: SocketProtocol = SocketProtocol.UDP
    username: str
    password: str = attrs.field(repr=False)
    server_name: str | None = None
    "The name that the server has to prove by TLS."


# --- in --------------------------------------------------------------------------------------------------------------


@attrs.frozen
class Allocate:
    """Get relayed addresses: the first event."""


@attrs.frozen
class StartTransaction:
    """Send the request that has waited longest; whoever drives a relay does so once per Ta while `is_waiting`."""


@attrs.frozen
class Permit:
    """Let a peer at this IP address send, until Revoke (RFC 8656 9): PeerPermitted or PeerRefused is the answer."""

    host: str


@attrs.frozen
class Revoke:
    """Let permission and channels to this IP address expire."""

    host: str


@attrs.frozen
class BindChannel:
    """Use a channel for this peer, which has a permission; data goes in indications until there is one."""

    peer: Address


@attrs.frozen
class SendToPeer:
    """Relay data to a peer; without Permit the relay drops it, and before PeerPermitted the server may."""

    peer: Address
    data: bytes


@attrs.frozen
class Release:
    """End the allocation; the relay is over when the server has agreed, or does not answer."""


RelayEvent = Allocate | StartTransaction | Permit | Revoke | BindChannel | SendToPeer | Release | SocketEvent
"What a relay takes."


# --- out -------------------------------------------------------------------------------------------------------------


@attrs.frozen
class RelayAllocated:
    """There are relayed addresses."""

    relayed: tuple[Address, ...]
    "One for each family that was granted."
    mapped: Address | None
    "Where the server sees the client."
    refused: tuple[stun.AddressError, ...] = ()
    "Families that were not granted (RFC 8656 7.3)."


@attrs.frozen
class RelayLost:
    """There is no relayed address, or not any more; the relay is over when it has no deadline."""

    code: int | None
    "The error code that decided it, None for other reasons."
    reason: str
    "For people."


@attrs.frozen
class PeerPermitted:
    """The server relays to and from this IP address."""

    host: str


@attrs.frozen
class PeerRefused:
    """The server, or the limit of peers, does not allow a permission for this IP address; Permit tries again."""

    host: str
    reason: str
    "For people."


@attrs.frozen
class RelayReceived:
    """A peer with permission has sent data."""

    peer: Address
    data: bytes


RelayOutput = RelayAllocated | RelayLost | PeerPermitted | PeerRefused | RelayReceived | SocketOutput
"What a relay gives out."


# --- to look at ------------------------------------------------------------------------------------------------------


@attrs.frozen
class RelayState:
    """What there is to see of a relay."""

    server: Address
    "After redirections."
    protocol: SocketProtocol
    relayed: tuple[Address, ...]
    permissions: tuple[str, ...]
    "IP addresses of the peers that may send."
    channels: tuple[tuple[int, Address], ...]
    "Channels that are in use, with their peers."

    def __str__(self) -> str:
        channels = ", ".join(f"0x{number:04x} {peer}" for number, peer in self.channels)
        return "\n".join(
            (
                f"relay by {self.protocol.value} at {self.server}: {', '.join(map(str, self.relayed)) or 'no address'}",
                f"  permissions: {', '.join(self.permissions)}",
                f"  channels: {channels}",
            )
        )

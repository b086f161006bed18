"""The peers of a relay: permissions and channels (RFC 8656 9 and 12)."""

from __future__ import annotations

import attrs

from jinglecodec.addresses import Address
from jinglecodec.stun.values import CHANNELS

__all__ = ["CHANNEL_LIFETIME", "CHANNEL_QUARANTINE", "Peers"]

CHANNEL_LIFETIME = 600.0
"Seconds (RFC 8656 12)."

CHANNEL_QUARANTINE = 300.0
"Seconds after its end in which neither number nor peer of a channel may be bound to another (RFC 8656 12)."


@attrs.define
class _Channel:
    """The number of a peer; kept beyond the end of the channel, so that it is not given to another too soon."""

    number: int
    asked: float
    "When the server was asked last: it may have agreed, though nothing came back."
    expires: float | None = None
    "When the binding ends; None while the server has not agreed."
    is_wanted: bool = True

    def is_free(self, now: float) -> bool:
        """Tell whether number and peer may be bound to others."""
        return not self.is_wanted and now >= self.asked + CHANNEL_LIFETIME + CHANNEL_QUARANTINE


class Peers:
    """At most `limit` IP addresses with permission, and as many channels."""

    __slots__ = ("_channels", "_granted", "_limit", "_numbers")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._granted: dict[str, bool] = {}
        self._channels: dict[Address, _Channel] = {}
        self._numbers: dict[int, Address] = {}

    # --- permissions ---

    @property
    def granted(self) -> tuple[str, ...]:
        """The IP addresses that the server lets send."""
        return tuple(host for host, is_granted in self._granted.items() if is_granted)

    @property
    def awaited(self) -> tuple[str, ...]:
        """The IP addresses that the server has not agreed to yet."""
        return tuple(host for host, is_granted in self._granted.items() if not is_granted)

    def __contains__(self, host: str) -> bool:
        """Tell whether this IP address is wanted; its data may overtake the server's consent."""
        return host in self._granted

    def is_granted(self, host: str) -> bool:
        """Tell whether the server has agreed to this IP address."""
        return self._granted.get(host, False)

    def want(self, host: str) -> bool:
        """Begin to wait for a permission; tell whether there was room."""
        has_room = len(self._granted) < self._limit
        if has_room:
            self._granted[host] = False
        return has_room

    def grant(self, host: str) -> bool:
        """Let a permission that is still wanted be there; tell whether that is new."""
        is_new = self._granted.get(host) is False
        if is_new:
            self._granted[host] = True
        return is_new

    def forget(self, host: str) -> tuple[Address, ...]:
        """Want no permission, and return the peers that have no channel any more."""
        self._granted.pop(host, None)
        ended = tuple(peer for peer, channel in self._channels.items() if peer.host == host and channel.is_wanted)
        for peer in ended:
            self._channels[peer].is_wanted = False
        return ended

    # --- channels ---

    @property
    def channels(self) -> tuple[tuple[int, Address], ...]:
        """Numbers and peers of the channels that are bound."""
        return tuple((each.number, peer) for peer, each in self._channels.items() if each.is_wanted and each.expires)

    def ask_channel(self, peer: Address, now: float) -> int | None:
        """Return the number to bind for this peer, None when there is one in use already, or no room."""
        channel = self._channels.get(peer)
        if channel is None:
            channel = self._new_channel(peer, now)
        elif channel.is_wanted:
            return None
        if channel is None:
            return None
        channel.is_wanted = True
        return channel.number

    def _new_channel(self, peer: Address, now: float) -> _Channel | None:
        if len(self._channels) >= self._limit:
            for old, channel in tuple(self._channels.items()):
                if channel.is_free(now):
                    del self._channels[old], self._numbers[channel.number]
        if len(self._channels) >= self._limit:
            return None
        number = next(each for each in CHANNELS if each not in self._numbers)
        self._numbers[number] = peer
        channel = self._channels[peer] = _Channel(number, now)
        return channel

    def number(self, peer: Address) -> int:
        """Return the number of a peer that has one."""
        return self._channels[peer].number

    def asked(self, peer: Address, now: float) -> None:
        """Note that a request to bind is on its way."""
        self._channels[peer].asked = now

    def bound(self, peer: Address, started: float) -> bool:
        """Let the channel be there, for its lifetime from `started`; tell whether it is still wanted."""
        channel = self._channels[peer]
        channel.expires = started + CHANNEL_LIFETIME
        return channel.is_wanted

    def refuse_channel(self, peer: Address) -> None:
        """Do without a channel."""
        self._channels[peer].is_wanted = False

    def channel_to(self, peer: Address, now: float) -> int | None:
        """Return the number to send on, None where indications have to do."""
        channel = self._channels.get(peer)
        if channel is None or not channel.is_wanted or channel.expires is None or channel.expires <= now:
            return None
        return channel.number

    def channel_from(self, number: int) -> Address | None:
        """Return the peer behind a number; the server may use it before we know that it has agreed (RFC 8656 12)."""
        return self._numbers.get(number)

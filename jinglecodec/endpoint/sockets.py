"""One row of socket tokens for several agents, each of which counts its own."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

import attrs

from jinglecodec.machine import (
    BytesReceived,
    CloseSocket,
    DatagramReceived,
    OpenSocket,
    SendBytes,
    SendDatagram,
    SendFailed,
    SocketClosed,
    SocketFailed,
    SocketOpened,
    SocketProtocol,
)

__all__ = ["SocketAnswer", "SocketWish", "Sockets"]

Owner = TypeVar("Owner", bound=Hashable)

SocketWish = OpenSocket | CloseSocket | SendDatagram | SendBytes
"What an agent says about a socket."

SocketAnswer = SocketOpened | SocketFailed | SocketClosed | DatagramReceived | BytesReceived | SendFailed
"What an agent is told about a socket."


class Sockets(Generic[Owner]):
    """Which token of which owner stands behind each token outside; copies and pickles as a value."""

    __slots__ = ("_inside", "_next", "_opening", "_outside")

    def __init__(self) -> None:
        self._inside: dict[int, tuple[Owner, int]] = {}
        self._outside: dict[Owner, dict[int, int]] = {}
        "Of each owner, the token outside for each inside."
        self._opening: dict[Owner, dict[int, None]] = {}
        "Of each owner, the UDP sockets that are not bound yet."
        self._next = 0

    def outward(self, owner: Owner, wish: SocketWish) -> SocketWish:
        """Return what an owner says with the token outside."""
        if isinstance(wish, OpenSocket):
            self._outside.setdefault(owner, {})[wish.socket] = self._next
            self._inside[self._next] = owner, wish.socket
            if wish.protocol is SocketProtocol.UDP:
                self._opening.setdefault(owner, {})[self._next] = None
            self._next += 1
        outside = self._outside[owner][wish.socket]
        if isinstance(wish, CloseSocket):
            self._forget(outside)
        return attrs.evolve(wish, socket=outside)

    def inward(self, event: SocketAnswer) -> tuple[Owner, SocketAnswer] | None:
        """Return whom an event concerns, with the owner's token; None when its socket is closed, or was never open."""
        key = self._inside.get(event.socket)
        if key is None:
            return None
        owner, inside = key
        if isinstance(event, SocketOpened):
            self._opened(owner, event.socket)
        if isinstance(event, SocketFailed | SocketClosed):
            self._forget(event.socket)
        return owner, attrs.evolve(event, socket=inside)

    def are_open(self, owner: Owner) -> bool:
        """Tell whether none of the owner's UDP sockets is still being opened."""
        return owner not in self._opening

    def close(self, owner: Owner) -> tuple[CloseSocket, ...]:
        """Return what closes the sockets that an owner has left open."""
        left = tuple(self._outside.get(owner, {}).values())
        for outside in left:
            self._forget(outside)
        return tuple(map(CloseSocket, left))

    def _opened(self, owner: Owner, outside: int) -> None:
        """Wait for this socket no longer."""
        opening = self._opening.get(owner, {})
        opening.pop(outside, None)
        if not opening:
            self._opening.pop(owner, None)

    def _forget(self, outside: int) -> None:
        owner, inside = self._inside.pop(outside)
        self._opened(owner, outside)
        del self._outside[owner][inside]
        if not self._outside[owner]:
            del self._outside[owner]

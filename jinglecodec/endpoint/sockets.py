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

O = TypeVar("O", bound=Hashable)  # noqa: E741

SocketWish = OpenSocket | CloseSocket | SendDatagram | SendBytes
"What an agent says about a socket."

SocketAnswer = SocketOpened | SocketFailed | SocketClosed | DatagramReceived | BytesReceived | SendFailed
"What an agent is told about a socket."


class Sockets(Generic[O]):
    """Which token of which owner stands behind each token outside; copies and pickles as a value."""

    __slots__ = ("_inside", "_next", "_opening", "_outside")

    def __init__(self) -> None:
        self._inside: dict[int, tuple[O, int]] = {}
        self._outside: dict[tuple[O, int], int] = {}
        self._opening: dict[int, O] = {}
        "UDP sockets that are not bound yet."
        self._next = 0

    def __len__(self) -> int:
        return len(self._inside)

    def outward(self, owner: O, wish: SocketWish) -> SocketWish:
        """Return what an owner says with the token outside."""
        key = (owner, wish.socket)
        if isinstance(wish, OpenSocket):
            self._outside[key] = self._next
            self._inside[self._next] = key
            if wish.protocol is SocketProtocol.UDP:
                self._opening[self._next] = owner
            self._next += 1
        outside = self._outside[key]
        if isinstance(wish, CloseSocket):
            self._forget(outside)
        return attrs.evolve(wish, socket=outside)

    def inward(self, event: SocketAnswer) -> tuple[O, SocketAnswer] | None:
        """Return whom an event concerns, with the owner's token; None when its socket is closed, or was never open."""
        key = self._inside.get(event.socket)
        if key is None:
            return None
        if isinstance(event, SocketOpened):
            self._opening.pop(event.socket, None)
        if isinstance(event, SocketFailed | SocketClosed):
            self._forget(event.socket)
        owner, inside = key
        return owner, attrs.evolve(event, socket=inside)

    def are_open(self, owner: O) -> bool:
        """Tell whether none of the owner's UDP sockets is still being opened."""
        return owner not in self._opening.values()

    def close(self, owner: O) -> tuple[CloseSocket, ...]:
        """Return what closes the sockets that an owner has left open."""
        left = [outside for (one, _), outside in self._outside.items() if one == owner]
        for outside in left:
            self._forget(outside)
        return tuple(map(CloseSocket, left))

    def _forget(self, outside: int) -> None:
        self._opening.pop(outside, None)
        del self._outside[self._inside.pop(outside)]

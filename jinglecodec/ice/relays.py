"""The relays of an agent: one allocation for each component, TURN server and local address (RFC 8445 5.1.1.2).

A relayed candidate is its own base. What is sent from it goes through its relay; so does what is asked of the server,
when the pace allows. A server that is reached by TCP or TLS is connected to from whichever address the system takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import attrs

from jinglecodec import stun
from jinglecodec.addresses import Address
from jinglecodec.findings import Finding, Severity
from jinglecodec.ice.context import RELAY
from jinglecodec.ice.events import ServerFailed, StreamId
from jinglecodec.ice.relay import MOST_DATA, Relay
from jinglecodec.ice.relay_events import (
    Allocate,
    BindChannel,
    PeerPermitted,
    Permit,
    RelayAllocated,
    RelayEvent,
    RelayLost,
    RelayReceived,
    RelayServer,
    Release,
    Revoke,
    SendToPeer,
    StartTransaction,
)
from jinglecodec.machine import CloseSocket, OpenSocket, SendBytes, SendDatagram, TimerFired

if TYPE_CHECKING:
    from jinglecodec.ice.context import Context
    from jinglecodec.ice.gathering import Gathering
    from jinglecodec.ice.pair import Base
    from jinglecodec.ice.relay_events import RelayState
    from jinglecodec.ice.session import Session, Stream

__all__ = ["Link", "RelayKey", "Relays"]

MOST_RELAYS = 64
"Relays of an agent."

_FAMILIES = (stun.Family.IPV4, stun.Family.IPV6)
"Both are asked for; a server that has one gives one."


class RelayKey(NamedTuple):
    """What tells the relays of an agent apart."""

    stream: StreamId
    component: int
    server: int
    "Its number."
    host: str | None
    "The local address; None leaves it to the system."


@attrs.define(eq=False, weakref_slot=False)
class Link:
    """A relay, and what its agent has of it: bases send through it."""

    relays: Relays
    key: RelayKey
    address: Address
    "Of the server, as the caller gave it."
    socket: int
    relay: Relay
    rank: int
    "The place of the local address in the order of preference."
    waits: Session | None
    "Whose gathering is not done before there is a candidate, or none to be had."
    bases: list[Base] = attrs.field(factory=list)
    allocated: RelayAllocated | None = None

    def send(self, remote: Address, data: bytes) -> None:
        """Relay a datagram; one that is too large for that is lost."""
        if len(data) <= MOST_DATA:
            self.relays.hand_in(self, SendToPeer(remote, data))

    def admits(self, remote: Address) -> bool:
        """Tell whether the server relays to a peer; if not, it is asked, and there will be pairs when it agrees."""
        if self.relay.permits(remote.host):
            return True
        self.relays.hand_in(self, Permit(remote.host))
        return False

    def bind(self, remote: Address) -> None:
        """Use a channel to a peer: its pair carries data (RFC 8656 12)."""
        self.relays.hand_in(self, BindChannel(remote))

    def keep_only(self, remote: Address) -> None:
        """Let the permissions of all other peers expire: there is a selected pair."""
        for host in self.relay.hosts:
            if host != remote.host:
                self.relays.hand_in(self, Revoke(host))

    def leave(self, base: Base) -> None:
        """Do without a base, and without the relay when it was the last one."""
        self.bases = [each for each in self.bases if each is not base]
        if not self.bases:
            self.relays.release(self)


class Relays:
    """All relays of an agent."""

    __slots__ = ("_by_key", "_context", "_gathering", "_links", "_waiting")

    def __init__(self, context: Context, gathering: Gathering) -> None:
        self._context = context
        self._gathering = gathering
        self._links: dict[int, Link] = {}
        self._by_key: dict[RelayKey, Link] = {}
        self._waiting: list[Link] = []

    def __contains__(self, socket: int) -> bool:
        """Tell whether a socket is that of a relay."""
        return socket in self._links

    def snapshot(self) -> tuple[RelayState, ...]:
        """Return what is known of the relays."""
        return tuple(link.relay.snapshot() for link in self._links.values())

    # --- from gathering ------------------------------------------------------------------------------------------

    def want(self, stream: Stream, key: RelayKey, server: RelayServer, address: Address, rank: int) -> None:
        """Have a relayed candidate in the stream's session, by a relay that is there or a new one."""
        session = stream.session
        link = self._by_key.get(key)
        if link is not None and link.allocated is not None:
            for base in link.bases:
                self._gathering.relayed(stream, link, base)
        elif link is None or link.waits is not session:
            session.queries += 1
            session.is_gathered = False
            if link is None:
                self._begin(session, key, server, address, rank)
            else:
                link.waits = session

    def _begin(self, session: Session, key: RelayKey, server: RelayServer, address: Address, rank: int) -> None:
        context = self._context
        socket = self._gathering.new_socket()
        local = None if key.host is None else Address(key.host, 0)
        limit = 2 * context.config.remote_candidates  # as many may be learned as are signalled
        relay = Relay(
            socket, server, local, families=_FAMILIES, limit=limit, config=context.config, random=context.random
        )
        link = Link(self, key, address, socket, relay, rank, session)
        if len(self._links) >= MOST_RELAYS:
            self._lost(link, RelayLost(None, f"there are {MOST_RELAYS} relays already"))
            return
        self._links[socket] = self._by_key[key] = link
        self.hand_in(link, Allocate())

    def leave(self, stream: Stream, *, used: frozenset[int] = frozenset()) -> None:
        """Release the relays of a stream, except those whose bases are among the `used` sockets."""
        for link in tuple(self._by_key.values()):
            if link.key.stream == stream.id and not any(base.socket in used for base in link.bases):
                self.release(link)

    def release(self, link: Link) -> None:
        """End the allocation of a relay (RFC 8656 8)."""
        self._settle(link)
        if self._by_key.get(link.key) is link:
            del self._by_key[link.key]
            self.hand_in(link, Release())

    def close(self) -> None:
        """Release all relays, with the agent's new timers; some may be about it already."""
        for link in tuple(self._links.values()):
            link.waits = None
            self.release(link)
            self.hand_in(link, TimerFired())

    # --- driving -------------------------------------------------------------------------------------------------

    def start_next(self) -> bool:
        """Let the relay that has waited longest start a transaction, and tell whether there was one."""
        while self._waiting:
            link = self._waiting.pop(0)
            if link.relay.is_waiting:
                self.hand_in(link, StartTransaction())
                return True
        return False

    def expire(self, socket: int) -> None:
        """Let a relay do what is due."""
        self.hand_in(self._links[socket], TimerFired())

    def take(self, socket: int, event: RelayEvent) -> list[tuple[Base, Address, bytes]]:
        """Hand in what came to the socket of a relay; return the datagrams of peers, with the bases they came to."""
        link = self._links[socket]
        received = self.hand_in(link, event)
        return [(base, each.peer, each.data) for each in received for base in link.bases if _fits(base, each.peer)]

    def hand_in(self, link: Link, event: RelayEvent | TimerFired) -> list[RelayReceived]:
        """Let a relay take an event; return the data of peers among what comes out."""
        context, relay = self._context, link.relay
        received = []
        for output in relay.handle(event, context.timers.now):
            match output:
                case SendDatagram() | SendBytes() | OpenSocket() | CloseSocket():
                    context.tell(output)
                case RelayReceived():
                    received.append(output)
                case RelayAllocated():
                    self._allocated(link, output)
                case RelayLost():
                    self._lost(link, output)
                case PeerPermitted(host):
                    for base in link.bases:
                        self._gathering.admitted(base, host)
                case _:
                    pass  # a peer that is refused is not paired with
        timer, due = (RELAY, link.socket), relay.deadline
        if context.timers.due(timer) != due:  # data changes nothing
            context.timers.arm(timer, due)
        if relay.is_waiting:
            if link not in self._waiting:
                self._waiting.append(link)
            context.kick()
        if relay.is_over:
            self._links.pop(link.socket, None)
        return received

    # --- what becomes of them ------------------------------------------------------------------------------------

    def _allocated(self, link: Link, allocated: RelayAllocated) -> None:
        stream = self._gathering.stream(link.key.stream)
        link.allocated = allocated
        self._settle(link)
        link.bases = self._gathering.relayed_bases(stream, link, allocated)
        if not link.bases:
            self._lost(link, RelayLost(None, "the relayed address is of no use (RFC 8445 5.1.1.1)"))
            return
        for base in link.bases:
            self._gathering.relayed(stream, link, base)

    def _lost(self, link: Link, lost: RelayLost) -> None:
        """Do without the candidates of a relay, and tell why."""
        key = link.key
        candidates = self._gathering.lost_relay(link)
        code = "relay-lost" if candidates else "no-relay"
        reason = Finding(code, Severity.WARNING, message=lost.reason, clause="RFC 8656 7.4" if lost.code else "")
        self._context.tell(ServerFailed(key.stream, key.component, link.address, candidates, reason))
        self.release(link)
        link.bases = []

    def _settle(self, link: Link) -> None:
        """Let gathering not wait for a relay any more."""
        if link.waits is not None:
            link.waits.queries -= 1
            link.waits = None
            self._gathering.look_later(link.key.stream)


def _fits(base: Base, peer: Address) -> bool:
    return (":" in base.address.host) == (":" in peer.host)

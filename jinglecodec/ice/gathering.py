"""Gathering: sockets, host candidates, and server-reflexive ones from STUN servers (RFC 8445 5.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from jinglecodec import stun
from jinglecodec.addresses import Address, is_ip, packed
from jinglecodec.errors import LocalError, StunError
from jinglecodec.ice.candidate import (
    Candidate,
    CandidateType,
    Foundations,
    interleaved,
    is_usable,
    local_preference,
    priority,
    without_zone,
)
from jinglecodec.ice.context import BINDING, GATHERED
from jinglecodec.ice.events import AddServer, CandidateFound, GatheringDone, StreamState
from jinglecodec.ice.pair import Base, Local
from jinglecodec.ice.relay_events import RelayServer
from jinglecodec.ice.relays import RelayKey, Relays
from jinglecodec.ice.transaction import Transaction
from jinglecodec.machine import CloseSocket, OpenSocket, ResolveHostname, SocketProtocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinglecodec.ice.context import Context
    from jinglecodec.ice.events import StreamId
    from jinglecodec.ice.pairing import Pairing
    from jinglecodec.ice.relay_events import RelayAllocated
    from jinglecodec.ice.relays import Link
    from jinglecodec.ice.session import Session, Stream
    from jinglecodec.ice.transaction import Transactions

__all__ = ["MOST_ADDRESSES", "MOST_SERVERS", "Gathering", "Query"]

MOST_ADDRESSES = 64
"Local addresses of an agent."
MOST_SERVERS = 16
"STUN and TURN servers of an agent."
_DISCARD = 9
"With an unspecified address: the related address is not told (RFC 8839 5.1)."


@attrs.define(eq=False, weakref_slot=False)
class _Server:
    """A STUN or TURN server."""

    number: int
    command: AddServer
    host: str | None
    "The IP address, once it is known."
    is_pending: bool
    "Its name is being looked up."

    @property
    def address(self) -> Address:
        """The address as the caller gave it."""
        return self.command.address

    def is_asked_from(self, host: str | None) -> bool:
        """Tell whether a TURN server is asked from there: by UDP from each address of its family, else once."""
        if self.command.protocol is not SocketProtocol.UDP:
            return host is None
        return host is not None and self.host is not None and (":" in host) == (":" in self.host)

    def relay_server(self, host: str) -> RelayServer | None:
        """Return the TURN server at this IP address, None when it is for STUN only."""
        command = self.command
        if command.username is None:
            return None
        return RelayServer(
            address=Address(host, command.address.port),
            protocol=command.protocol,
            username=command.username,
            password=command.password,
            server_name=command.server_name or command.address.host,
        )


@attrs.define(eq=False, weakref_slot=False)
class Query:
    """A Binding request to a STUN server (RFC 8445 5.1.1.2)."""

    session: Session
    base: Base
    server: int
    "Its number."
    remote: Address
    "Its address."
    is_keepalive: bool = False
    "The candidate is known; its binding is refreshed (RFC 8445 5.1.1.4)."


class Gathering:
    """Opens a socket for every stream, component and address, and finds the candidates of each."""

    __slots__ = (
        "_addresses",
        "_context",
        "_foundations",
        "_last_socket",
        "_pairing",
        "_queue",
        "_ranks",
        "_servers",
        "_started",
        "_streams",
        "_transactions",
        "bases",
        "relays",
    )

    def __init__(
        self, context: Context, streams: dict[StreamId, Stream], pairing: Pairing, transactions: Transactions
    ) -> None:
        self._context = context
        self._streams = streams
        self._pairing = pairing
        self._transactions = transactions
        self._started = False
        self._addresses: list[str] = []
        self._ranks: dict[str, int] = {}
        self._servers: list[_Server] = []
        self._foundations = Foundations()
        self._queue: list[Query] = []
        self._last_socket = 0
        self.bases: dict[int, Base] = {}
        "Those of all streams, by socket."
        self.relays = Relays(context, self)

    # --- what the caller says ------------------------------------------------------------------------------------

    def check_address(self, host: str) -> None:
        """Raise LocalError for what is no address, and when there are too many."""
        if not is_ip(without_zone(host)):
            raise LocalError(f"{host!r} is not an IP address")
        if len(self._addresses) >= MOST_ADDRESSES:
            raise LocalError(f"there are {MOST_ADDRESSES} local addresses already")

    def check_server(self, command: AddServer) -> None:
        """Raise LocalError for STUN over anything but UDP, and when there are too many servers."""
        if command.username is None and command.protocol is not SocketProtocol.UDP:
            raise LocalError("a STUN server is asked by UDP; a TURN server has a user name")
        if len(self._servers) >= MOST_SERVERS:
            raise LocalError(f"there are {MOST_SERVERS} servers already")

    def add_address(self, host: str) -> None:
        """Use an address, unless RFC 8445 5.1.1.1 excludes it."""
        usable = is_usable(packed(without_zone(host)), loopback=self._context.config.loopback)
        if usable and host not in self._addresses:
            self._addresses.append(host)
            for stream in self._streams.values():
                self._gather(stream, (host,))

    def add_server(self, command: AddServer) -> None:
        """Ask a server, once its address is known."""
        address = command.address
        is_known = is_ip(address.host)
        server = _Server(len(self._servers), command, address.host if is_known else None, not is_known)
        self._servers.append(server)
        if is_known:
            self._ask_from_all(server)
        elif not self._context.config.lite:
            self._context.tell(ResolveHostname(address.host))

    def resolved(self, name: str, host: str | None) -> None:
        """Take the address of a server; one without an address is given up."""
        for server in self._servers:
            if server.is_pending and server.address.host == name:
                server.is_pending = False
                if host is not None and is_ip(host):
                    server.host = host
                    self._ask_from_all(server)
        for stream in self._streams.values():
            self._look_later(stream)

    def start(self) -> None:
        """Begin."""
        self._started = True
        for stream in self._streams.values():
            self.gather(stream)

    def gather(self, stream: Stream) -> None:
        """Find the candidates of a stream's session that are not found or looked for yet.

        Not for components that have a selected pair: there are no more candidates until a restart (RFC 8838 13).
        """
        self._gather(stream, self._everywhere)

    @property
    def _everywhere(self) -> tuple[str | None, ...]:
        """All local addresses, and None: that which the system chooses."""
        return *self._addresses, None

    def _gather(self, stream: Stream, hosts: Sequence[str | None]) -> None:
        """Find the candidates from some local addresses."""
        if not self._started:
            return
        for component in stream.unselected:
            for host in hosts:
                if host is not None and not self._context.config.relay_only:
                    self._open_or_announce(stream, component, host)
            for server in self._servers:
                self._want_relays(stream, component, server, hosts)
        self._look_later(stream)

    def _open_or_announce(self, stream: Stream, component: int, host: str) -> None:
        base = stream.bases.get((component, host))
        if base is None:
            self._open(stream, component, host)
        elif base.is_open and stream.session.own(base) is None:
            self._announce(stream, base)

    # --- sockets -------------------------------------------------------------------------------------------------

    def new_socket(self) -> int:
        """Return a token that was never used."""
        self._last_socket += 1
        return self._last_socket

    def _open(self, stream: Stream, component: int, host: str) -> None:
        local = Address(host, 0)
        base = Base(self.new_socket(), stream.id, component, host, local)
        self.bases[base.socket] = stream.bases[component, host] = base
        stream.session.is_gathered = False
        self._context.tell(OpenSocket(base.socket, SocketProtocol.UDP, local, None, None))

    def opened(self, socket: int, local: Address) -> None:
        """A socket is there: announce its host candidate, and ask the servers from it."""
        base = self.bases.get(socket)
        if base is None or base.is_open:
            return
        base.opened(Address(without_zone(local.host), local.port), self._rank(base.host))
        self._announce(self._streams[base.stream], base)

    def lost(self, socket: int) -> None:
        """A socket could not be opened, or was closed by its driver."""
        base = self.bases.get(socket)
        if base is not None:
            self._forget(base)
            self._look_later(self._streams[base.stream])

    def free(self, base: Base) -> None:
        """Close a socket that is not needed any more, or release a relay (RFC 8445 8.3)."""
        if base.relay is None:
            self._context.tell(CloseSocket(base.socket))
        else:
            base.relay.leave(base)
        self._forget(base)

    def leave(self, stream: Stream) -> None:
        """Close the sockets of a stream, and release its relays."""
        for base in tuple(stream.bases.values()):
            self.free(base)
        self.relays.leave(stream)
        self._context.timers.cancel((GATHERED, stream.id))

    def close(self) -> None:
        """Close all sockets; those of relays when the allocations are released."""
        self.relays.close()
        for base in tuple(self.bases.values()):
            self.free(base)
        self._queue.clear()

    def _forget(self, base: Base) -> None:
        base.is_open = False
        stream = self._streams[base.stream]
        stream.session.lose(base)
        del self.bases[base.socket], stream.bases[base.component, base.host]
        for server in self._servers:
            self._context.timers.cancel((BINDING, base.socket, server.number))

    def _rank(self, host: str) -> int:
        """Return the place of an address in the order of preference; those that came together are interleaved."""
        if host not in self._ranks:
            for each in interleaved([each for each in self._addresses if each not in self._ranks]):
                self._ranks[each] = len(self._ranks)
        return self._ranks[host]

    # --- candidates ----------------------------------------------------------------------------------------------

    def _announce(self, stream: Stream, base: Base) -> None:
        """Tell of a host candidate."""
        if base.component in stream.session.selected:
            return
        candidate = Candidate(
            base.component,
            CandidateType.HOST,
            base.address,
            priority(CandidateType.HOST, local_preference(base.rank), base.component),
            self._foundations.of(CandidateType.HOST, base.ip),
        )
        self._found(stream, Local(candidate, base))
        self._pairing.pair_local(stream.session, stream.session.locals[base.socket, base.address])
        for server in self._servers:
            self._ask(stream, base, server)

    def _found(self, stream: Stream, local: Local) -> None:
        """Take on a local candidate, unless it is redundant (RFC 8445 5.1.3, RFC 8838 9)."""
        key = (local.base.socket, local.candidate.address)
        if key not in stream.session.locals and local.base.component not in stream.session.selected:
            stream.session.locals[key] = local
            self._context.tell(CandidateFound(stream.id, local.candidate))
        self._look_later(stream)

    def learn(self, session: Session, base: Base, mapped: Address) -> Local:
        """Return the local candidate at a mapped address: a known one, else a peer-reflexive one (RFC 8445 7.2.5.3.1).

        It is not announced, and pairs with nothing but what it was learned from.
        """
        local = session.locals.get((base.socket, mapped))
        if local is None:
            foundation = self._foundations.of(CandidateType.PEER_REFLEXIVE, base.ip)
            kind = CandidateType.PEER_REFLEXIVE
            candidate = Candidate(base.component, kind, mapped, base.priority, foundation, related=base.address)
            local = session.locals[base.socket, mapped] = Local(candidate, base)
        return local

    # --- servers -------------------------------------------------------------------------------------------------

    def _ask_from_all(self, server: _Server) -> None:
        for base in tuple(self.bases.values()):
            if base.is_open and base.relay is None:
                self._ask(self._streams[base.stream], base, server)
        for stream in self._streams.values() if self._started else ():
            for component in stream.unselected:
                self._want_relays(stream, component, server, self._everywhere)

    def _ask(self, stream: Stream, base: Base, server: _Server) -> None:
        """Have a server asked from a base, when the pace allows."""
        is_stun = server.command.username is None and not self._context.config.lite
        if base.component in stream.session.selected:
            return
        if not is_stun or server.host is None or (":" in server.host) != (":" in base.host):
            return
        stream.session.queries += 1
        stream.session.is_gathered = False
        remote = Address(server.host, server.address.port)
        self._queue.append(Query(stream.session, base, server.number, remote))
        self._context.kick()

    def ask_next(self) -> bool:
        """Send the next request to a server, and tell whether there was one."""
        while self._queue:
            query = self._queue.pop(0)
            if query.base.is_open and self._is_current(query):
                self._send(query)
                return True
            query.session.queries -= not query.is_keepalive
        return self.relays.start_next()

    def _send(self, query: Query) -> None:
        config, now = self._context.config, self._context.timers.now
        # RFC 8445 14.3: as many as there are server-reflexive candidates to be found.
        rto = max(config.rto, config.ta * query.session.queries)
        identifier = self._context.draw.randbytes(12)
        packet = stun.Message.request(stun.Method.BINDING, identifier).encode()
        self._transactions.start(
            Transaction(
                identifier,
                packet,
                query.base,
                query.remote,
                query,
                controlling=False,
                nominating=False,
                started=now,
                limit=now + config.gathering_timeout,
                rto=rto,
            )
        )

    def answered(
        self, transaction: Transaction, query: Query, response: stun.Message, base: Base, source: Address
    ) -> None:
        """Take the answer of a server."""
        if base is not transaction.base or source != transaction.remote:
            self._context.discarded += 1
            return
        self._transactions.finish(transaction.id)
        mapped = None
        if response.message_class is stun.MessageClass.SUCCESS:
            try:
                # Servers of RFC 3489 know MAPPED-ADDRESS only (RFC 8489 11).
                mapped = response.get(stun.XOR_MAPPED_ADDRESS) or response.get(stun.MAPPED_ADDRESS)
            except StunError:
                self._context.discarded += 1
        self._finish(query, mapped)

    def timed_out(self, query: Query) -> None:
        """A server was silent."""
        self._finish(query, None)

    def _finish(self, query: Query, mapped: Address | None) -> None:
        stream = self._streams[query.base.stream]
        query.session.queries -= not query.is_keepalive
        if not self._is_current(query) or not query.base.is_open:
            return
        if mapped is not None and not query.is_keepalive:
            self._reflected(stream, query, mapped)
        if mapped is not None or query.is_keepalive:
            key = (BINDING, query.base.socket, query.server)
            self._context.timers.arm(key, self._context.timers.now + self._context.config.keepalive)
        self._look_later(stream)

    def _reflected(self, stream: Stream, query: Query, mapped: Address) -> None:
        """Take on a server-reflexive candidate."""
        base = query.base
        if (":" in mapped.host) != (":" in base.host) or not is_usable(packed(mapped.host), loopback=True):
            return
        kind = CandidateType.SERVER_REFLEXIVE
        candidate = Candidate(
            base.component,
            kind,
            mapped,
            priority(kind, local_preference(base.rank, query.server), base.component),
            self._foundations.of(kind, base.ip, query.remote.host),
            related=base.address,
        )
        self._found(stream, Local(candidate, base))

    def keep_alive(self, socket: int, number: int) -> None:
        """Refresh the binding of a server-reflexive candidate until ICE is completed (RFC 8445 5.1.1.4)."""
        base, server = self.bases.get(socket), self._servers[number]
        if base is None or server.host is None or (stream := self._streams[base.stream]).state in _OVER:
            return
        remote = Address(server.host, server.address.port)
        self._queue.append(Query(stream.session, base, number, remote, is_keepalive=True))
        self._context.kick()

    def _is_current(self, query: Query) -> bool:
        stream = self._streams.get(query.base.stream)
        return stream is not None and stream.session is query.session

    # --- relays --------------------------------------------------------------------------------------------------

    def _want_relays(self, stream: Stream, component: int, server: _Server, hosts: Sequence[str | None]) -> None:
        """Have a TURN server asked from some local addresses."""
        if server.host is None or self._context.config.lite:
            return
        relay_server = server.relay_server(server.host)
        if relay_server is None:
            return
        for host in filter(server.is_asked_from, hosts):
            key = RelayKey(stream.id, component, server.number, host)
            self.relays.want(stream, key, relay_server, server.address, 0 if host is None else self._rank(host))

    def stream(self, identifier: StreamId) -> Stream:
        """Return a stream."""
        return self._streams[identifier]

    def relayed_bases(self, stream: Stream, link: Link, allocated: RelayAllocated) -> list[Base]:
        """Return bases at the relayed addresses that are of use."""
        loopback = self._context.config.loopback
        addresses = [each for each in allocated.relayed if is_usable(packed(each.host), loopback=loopback)]
        order = interleaved([address.host for address in addresses])
        made = []
        for address in addresses:
            base = Base(self.new_socket(), stream.id, link.key.component, f"relay {address}", address, relay=link)
            base.opened(address, link.rank + MOST_ADDRESSES * order.index(address.host), link.key.server)
            self.bases[base.socket] = stream.bases[base.component, base.host] = base
            made.append(base)
        return made

    def relayed(self, stream: Stream, link: Link, base: Base) -> None:
        """Take on a relayed candidate, unless the session has it."""
        if stream.session.own(base) is not None:
            return
        kind = CandidateType.RELAYED
        mapped = None if link.allocated is None or self._context.config.relay_only else link.allocated.mapped
        candidate = Candidate(
            base.component,
            kind,
            base.address,
            priority(kind, local_preference(base.rank, link.key.server), base.component),
            self._foundations.of(kind, base.ip, f"{link.relay.protocol.value} {link.relay.server.host}"),
            related=mapped or Address("::" if ":" in base.ip else "0.0.0.0", _DISCARD),  # noqa: S104 - none at all
        )
        local = Local(candidate, base)
        self._found(stream, local)
        self._pairing.pair_local(stream.session, local)

    def admitted(self, base: Base, host: str) -> None:
        """Let a relayed candidate be paired with those at an IP address: there is a permission (RFC 8656 9)."""
        session = self._streams[base.stream].session
        self._pairing.pair_admitted(session, base.component, host)

    def lost_relay(self, link: Link) -> tuple[Candidate, ...]:
        """Forget the bases of a relay; return the candidates of its stream's session that are of no use any more."""
        lost = tuple(base for base in link.bases if base.is_open)
        for base in lost:
            self._forget(base)
        owned = (self._streams[base.stream].session.own(base) for base in lost)
        return tuple(local.candidate for local in owned if local is not None)

    # --- the end -------------------------------------------------------------------------------------------------

    def look_later(self, identifier: StreamId) -> None:
        """See whether gathering is done, after all that happens now."""
        self._look_later(self._streams[identifier])

    def _look_later(self, stream: Stream) -> None:
        self._context.timers.arm((GATHERED, stream.id), self._context.timers.now)

    def look(self, stream: Stream) -> bool:
        """Tell of the end of gathering when it has come; return whether it is new."""
        session = stream.session
        opening = not all(base.is_open for base in stream.bases.values())
        pending = any(server.is_pending for server in self._servers) and not self._context.config.lite
        if not self._started or session.is_gathered or opening or pending or session.queries:
            return False
        session.is_gathered = True
        self._context.tell(GatheringDone(stream.id))
        return True


_OVER = (StreamState.COMPLETED, StreamState.DISCONNECTED, StreamState.FAILED)

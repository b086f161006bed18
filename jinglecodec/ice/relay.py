"""One allocation at one TURN server, from the connection to its release (RFC 8656): the client's side.

A machine inside the agent. It asks for one socket at a time, and starts a transaction only when it is let: the agent
spaces the transactions of all relays and checks (RFC 8445 14.2). Retransmissions are the relay's own business.

    relay = Relay(4, RelayServer(address=Address("192.0.2.1", 3478), username="user", password="secret"), local)
    outputs = relay.handle(Allocate(), now)

A server of RFC 5766 will do: its nonces announce nothing, which `stun.credentials` knows.

Whatever goes wrong comes out as RelayLost or PeerRefused. An allocation is not replaced: a new one has another
address, so it is another candidate. Where RFC 8656 12.3 recommends just that, after a refused ChannelBind, the relay
goes on with indications. Left out: EVEN-PORT, RESERVATION-TOKEN and DONT-FRAGMENT, ICMP in Data indications, and
SOFTWARE, which only tells strangers what to attack.
"""

from __future__ import annotations

import enum
from collections import Counter, deque
from typing import TYPE_CHECKING

import attrs

from jinglecodec import stun
from jinglecodec.addresses import Address, is_ipv4
from jinglecodec.errors import LocalError, StunError
from jinglecodec.ice.config import Config
from jinglecodec.ice.relay_events import (
    Allocate,
    BindChannel,
    PeerPermitted,
    PeerRefused,
    Permit,
    RelayAllocated,
    RelayEvent,
    RelayLost,
    RelayOutput,
    RelayReceived,
    RelayServer,
    RelayState,
    Release,
    Revoke,
    SendToPeer,
    StartTransaction,
)
from jinglecodec.ice.relay_peers import Peers
from jinglecodec.ice.relay_requests import Account, Attempt, Failure, Grant, Request, Task, refresh_after
from jinglecodec.machine import (
    BytesReceived,
    CloseSocket,
    DatagramReceived,
    OpenSocket,
    SendBytes,
    SendDatagram,
    SocketClosed,
    SocketFailed,
    SocketOpened,
    SocketProtocol,
    TimedMachine,
)
from jinglecodec.stun.turn import ChannelData, Deframer, Framing, decode_channel_data

if TYPE_CHECKING:
    from random import Random

__all__ = ["MOST_DATA", "Relay"]

MOST_DATA = 65_000
"Octets of data in one datagram: what fits a Send indication, with room for headers."

_PERMISSION_REFRESH = 240.0
"Seconds after which permissions are refreshed; they live for 300 (RFC 8656 9)."
_CHANNEL_REFRESH = 540.0
"Seconds after which a channel is refreshed; it lives for 600 (RFC 8656 12)."

_MOST_MOVES = 2
"How often a relay goes to another socket for one reason: three tries for 437 (RFC 8656 7.4)."
_MOST_AT_ONCE = 20
"Peers in one CreatePermission, which then fits into 1280 octets."
_ANY_PORT = 9
"Permissions hold for IP addresses; the port is ignored (RFC 8656 10.1)."
_PEER_CODES = (400, 403, 443, 508)
"Errors that concern the peer, not the allocation (RFC 8656 10.2 and 12.2)."


class _Stage(enum.Enum):
    IDLE = "not started"
    OPENING = "the socket is being opened"
    ALLOCATING = "Allocate waits or is on its way"
    ALLOCATED = "there are relayed addresses"
    RELEASING = "the end is asked for"
    OVER = "the socket is closed"


class _Clock(enum.Enum):
    """Timers of which there is one; retransmissions have their transaction id, channels their peer."""

    ALLOCATION = "the allocation takes too long"
    REFRESH = "the allocation wants a refresh"
    PERMISSIONS = "the permissions want one"
    KEEPALIVE = "NATs forget the way to the server"


class Relay(TimedMachine[RelayEvent, RelayOutput, bytes | Address | _Clock]):
    """The client of one allocation.

    `is_waiting` tells that StartTransaction is due, `is_over` that there is nothing left to do. Raises LocalError for a
    second Allocate, and for data of more than 65,000 octets.
    """

    __slots__ = (
        "_account",
        "_attempts",
        "_config",
        "_deframer",
        "_families",
        "_local",
        "_moves",
        "_peers",
        "_queue",
        "_relayed",
        "_sent",
        "_server",
        "_socket",
        "_stage",
        "_visited",
    )

    def __init__(
        self,
        socket: int,
        server: RelayServer,
        local: Address | None,
        *,
        families: tuple[stun.Family, ...] = (stun.Family.IPV4,),
        limit: int = 100,
        config: Config | None = None,
        random: Random | None = None,
    ) -> None:
        """Use `socket` for the token of every socket, bound to `local`; None (TCP and TLS only) takes any address.

        `families` are those of the relayed addresses: one, or IPv4 and IPv6. At most `limit` peers have a permission
        or a channel. `config` has the times of transactions, and how long an allocation may take.
        """
        super().__init__(random)
        self._config = Config() if config is None else config
        self._socket = socket
        self._server = server
        self._local = local
        self._families = families
        self._peers = Peers(limit)
        self._account = Account(server.username, server.password)
        self._stage = _Stage.IDLE
        self._deframer: Deframer | None = None
        self._queue: deque[Request] = deque()
        self._attempts: dict[bytes, Attempt] = {}
        self._relayed: tuple[Address, ...] = ()
        self._sent = 0.0
        "When something was sent to the server last."
        self._visited = {server.address}
        self._moves: Counter[str] = Counter()

    @property
    def is_waiting(self) -> bool:
        """Whether a transaction could be started."""
        return bool(self._queue)

    @property
    def server(self) -> Address:
        """The server, after redirections."""
        return self._server.address

    @property
    def protocol(self) -> SocketProtocol:
        """How the server is reached."""
        return self._server.protocol

    def permits(self, host: str) -> bool:
        """Tell whether the server relays to and from this IP address."""
        return self._peers.is_granted(host)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The IP addresses of the peers that were asked for with Permit, and not refused or revoked."""
        return (*self._peers.granted, *self._peers.awaited)

    @property
    def is_over(self) -> bool:
        """Whether the relay has closed its socket for good."""
        return self._stage is _Stage.OVER

    def snapshot(self) -> RelayState:
        """Return what there is to see."""
        return RelayState(
            self._server.address,
            self._server.protocol,
            self._relayed,
            self._peers.granted,
            self._peers.channels,
        )

    def _check(self, event: RelayEvent) -> None:
        if isinstance(event, Allocate) and self._stage is not _Stage.IDLE:
            raise LocalError("the relay was started before")
        if isinstance(event, SendToPeer) and len(event.data) > MOST_DATA:
            raise LocalError(f"{len(event.data)} octets, {MOST_DATA} are allowed")

    def _take(self, event: RelayEvent) -> None:
        match event:
            case SendToPeer(peer, data):
                self._send_to_peer(peer, data)
            case DatagramReceived(_, remote, data):
                if remote == self._server.address:
                    self._received(data)
            case BytesReceived(_, data):
                self._bytes_received(data)
            case StartTransaction():
                self._start_transaction()
            case Permit(host):
                self._permit(host)
            case Revoke(host):
                self._revoke(host)
            case BindChannel(peer):
                self._bind(peer)
            case Allocate():
                self._open()
            case SocketOpened():
                self._opened()
            case SocketFailed(_, reason) if self._stage is _Stage.OPENING:
                self._lose(None, reason, is_open=False)
            case SocketClosed() if self._stage is not _Stage.IDLE:
                self._disconnected("the server closed the connection")
            case SocketFailed(_, reason) if self._stage is not _Stage.IDLE:
                self._disconnected(reason)  # also one that has been open: its token is free
            case Release():
                self._release()
            case _:
                pass  # a datagram that could not be sent is like one that is lost

    def _expire(self, timer: bytes | Address | _Clock) -> None:
        match timer:
            case bytes():
                self._retransmit(timer)
            case Address():
                self._ask(Request(Task.BIND, (timer,), self._peers.number(timer)))
            case _Clock.ALLOCATION:
                self._lose(None, self._delay())
            case _Clock.REFRESH:
                self._ask(Request(Task.REFRESH))
            case _Clock.PERMISSIONS:
                self._ask_permissions(self._peers.granted)
            case _Clock.KEEPALIVE:
                self._keep_open()

    # --- the socket ---

    def _open(self) -> None:
        self._stage = _Stage.OPENING
        server = self._server
        is_udp = server.protocol is SocketProtocol.UDP
        remote = None if is_udp else server.address
        self._deframer = None if is_udp else Deframer(Framing.TURN)
        name = server.server_name if server.protocol is SocketProtocol.TLS else None
        self._outputs.append(OpenSocket(self._socket, server.protocol, self._local, remote, name))
        if self._timers.due(_Clock.ALLOCATION) is None:
            self._timers.arm(_Clock.ALLOCATION, self._timers.now + self._config.gathering_timeout)

    def _opened(self) -> None:
        if self._stage is _Stage.OPENING:
            self._stage = _Stage.ALLOCATING
            self._ask(Request(Task.ALLOCATE, families=self._families))

    def _bytes_received(self, data: bytes) -> None:
        deframer = self._deframer
        if deframer is None:
            return
        for packet in deframer.feed(data):
            self._received(packet)
        if deframer.error is not None and deframer is self._deframer:
            self._outputs.append(CloseSocket(self._socket))
            self._disconnected(deframer.error)

    def _disconnected(self, reason: str) -> None:
        """Connect again, unless an allocation ends with the connection; the socket is closed (RFC 8656 5)."""
        if self._stage in (_Stage.OPENING, _Stage.ALLOCATING):
            self._move(self._server, Failure(None, reason), is_open=False)
        elif self._stage is not _Stage.OVER:
            self._lose(None, reason, is_open=False)

    def _move(self, server: RelayServer, failure: Failure, *, is_open: bool = True) -> None:
        """Try again from another socket, at the same server or another; not too often."""
        self._moves[str(failure.code)] += 1
        if self._moves[str(failure.code)] > _MOST_MOVES:
            self._lose(failure.code, failure.reason, is_open=is_open)
            return
        self._reset(is_open=is_open)
        self._server = server
        self._open()

    def _reset(self, *, is_open: bool = True) -> None:
        """Forget what depends on the socket, and close it if it is open."""
        if is_open:
            self._outputs.append(CloseSocket(self._socket))
        for transaction_id in self._attempts:
            self._timers.cancel(transaction_id)
        for _, peer in self._peers.channels:
            self._timers.cancel(peer)
        self._timers.cancel(_Clock.REFRESH)
        self._timers.cancel(_Clock.PERMISSIONS)
        self._timers.cancel(_Clock.KEEPALIVE)
        self._attempts.clear()
        self._queue.clear()

    def _delay(self) -> str:
        """Return why the allocation takes too long."""
        if self._stage is _Stage.OPENING:
            return "the connection takes too long"
        return next((attempt.silence.reason for attempt in self._attempts.values()), "the allocation takes too long")

    # --- the end ---

    def _lose(self, code: int | None, reason: str, *, is_open: bool = True) -> None:
        if self._stage is not _Stage.RELEASING:
            self._outputs.append(RelayLost(code, reason))
        self._end(is_open=is_open)

    def _end(self, *, is_open: bool = True) -> None:
        self._reset(is_open=is_open)
        self._timers.cancel(_Clock.ALLOCATION)
        self._relayed = ()
        self._stage = _Stage.OVER

    def _release(self) -> None:
        """Ask for the end of the allocation; where one may be under way, when that is known (RFC 8656 8)."""
        stage = self._stage
        if stage is _Stage.ALLOCATED:
            self._ask_release()
        elif stage is _Stage.ALLOCATING and self._attempts:
            self._stage = _Stage.RELEASING
        elif stage not in (_Stage.RELEASING, _Stage.OVER):
            self._end(is_open=stage is not _Stage.IDLE)

    def _ask_release(self) -> None:
        self._reset(is_open=False)
        self._timers.cancel(_Clock.ALLOCATION)
        self._stage = _Stage.RELEASING
        self._ask(Request(Task.RELEASE))

    # --- transactions ---

    def _ask(self, request: Request) -> None:
        self._queue.append(request)

    def _start_transaction(self) -> None:
        if not self._queue:
            return
        request = self._queue.popleft()
        transaction_id = self._draw.randbytes(12)
        attempt = self._account.attempt(request, transaction_id, self._timers.now)
        if request.task is Task.BIND:
            self._peers.asked(request.peers[0], self._timers.now)
        self._attempts[transaction_id] = attempt
        self._send(attempt.packet)
        self._wait(transaction_id, attempt)

    def _retransmit(self, transaction_id: bytes) -> None:
        """Send a request again, until it is time to give up (RFC 8489 6.2.1)."""
        attempt = self._attempts[transaction_id]
        if self._deframer is not None or attempt.sent == self._config.transmissions:
            del self._attempts[transaction_id]
            self._failed(attempt.request, attempt.silence)
            return
        attempt.sent += 1
        self._send(attempt.packet)
        self._wait(transaction_id, attempt)

    def _wait(self, transaction_id: bytes, attempt: Attempt) -> None:
        """Wait for an answer; on a stream nothing is sent twice (RFC 8489 6.2.2)."""
        config = self._config
        wait = config.wait(attempt.sent, config.rto) if self._deframer is None else config.patience
        self._timers.arm(transaction_id, self._timers.now + wait)

    def _responded(self, response: stun.Message) -> None:
        transaction_id = response.transaction_id
        attempt = self._attempts.get(transaction_id)
        if attempt is None:
            return
        verdict = self._account.judge(attempt, response)
        if verdict is None and attempt.is_violated and self._deframer is not None:
            verdict = attempt.silence  # nothing else will come on a stream (RFC 8489 9.2.5)
        if verdict is None:
            return
        del self._attempts[transaction_id]
        self._timers.cancel(transaction_id)
        is_leaving = self._stage is _Stage.RELEASING
        match verdict:
            case Request(task=Task.ALLOCATE) if is_leaving:
                self._end()
            case Request():
                self._queue.appendleft(verdict)
            case Failure():
                self._failed(attempt.request, verdict, response)
            case _ if is_leaving and attempt.request.task is Task.ALLOCATE:
                self._ask_release()
            case _:
                self._succeeded(attempt, verdict)

    # --- what becomes of requests ---

    def _failed(self, request: Request, failure: Failure, response: stun.Message | None = None) -> None:
        task, code = request.task, failure.code
        if self._stage is _Stage.RELEASING:
            self._end()
        elif task is Task.ALLOCATE and code == 300 and response is not None:
            self._redirect(response, failure)
        elif task is Task.ALLOCATE and code == 437:
            self._move(self._server, failure)
        elif task is Task.PERMIT and code in _PEER_CODES:
            self._permission_refused(request.peers, failure)
        elif task is Task.BIND and code in _PEER_CODES:
            self._peers.refuse_channel(request.peers[0])
        else:
            self._lose(code, failure.reason)

    def _redirect(self, response: stun.Message, failure: Failure) -> None:
        """Go to another server, with the same credentials; to none twice (RFC 8489 10)."""
        try:
            alternates = response.get_all(stun.ALTERNATE_SERVER)
            name = response.get(stun.ALTERNATE_DOMAIN) or self._server.server_name
        except StunError:
            alternates, name = (), None
        is_v4 = is_ipv4(self._server.address.host)
        new = [each for each in alternates if is_ipv4(each.host) is is_v4 and each not in self._visited]
        if not new:
            self._lose(failure.code, f"{failure.reason}, but to no other server")
            return
        self._visited.add(new[0])
        self._move(attrs.evolve(self._server, address=new[0], server_name=name), failure)

    def _succeeded(self, attempt: Attempt, response: stun.Message) -> None:
        match attempt.request.task:
            case Task.ALLOCATE:
                self._allocated(attempt, response)
            case Task.REFRESH:
                self._keep(attempt, response)
            case Task.RELEASE:
                self._end()
            case Task.PERMIT:
                for peer in attempt.request.peers:
                    self._granted(peer.host, attempt.started)
            case Task.BIND:
                self._bound(attempt)

    def _allocated(self, attempt: Attempt, response: stun.Message) -> None:
        """Take the relayed addresses, or give the allocation up when there is none of use (RFC 8656 7.3)."""
        grant = Grant.of(response, self._families)
        self._relayed = grant.relayed
        if not self._relayed:
            self._outputs.append(RelayLost(None, "Allocate: no relayed address of use (RFC 8656 7.3)"))
            self._ask_release()
            return
        self._stage = _Stage.ALLOCATED
        self._timers.cancel(_Clock.ALLOCATION)
        self._outputs.append(RelayAllocated(grant.relayed, grant.mapped, grant.refused))
        self._keep(attempt, response)
        self._keep_open()
        self._ask_permissions(self._peers.awaited)

    def _keep(self, attempt: Attempt, response: stun.Message) -> None:
        """Have the allocation refreshed in time (RFC 8656 8)."""
        self._timers.arm(_Clock.REFRESH, attempt.started + refresh_after(response))

    def _keep_open(self) -> None:
        """Send something by UDP when nothing was sent for long, or NATs forget the way (RFC 8656 9, RFC 8445 11)."""
        if self._deframer is not None:
            return
        now, interval = self._timers.now, self._config.keepalive
        if now >= self._sent + interval:
            self._send(stun.Message.indication(stun.Method.BINDING, self._draw.randbytes(12)).encode())
        self._timers.arm(_Clock.KEEPALIVE, self._sent + interval)

    # --- peers ---

    def _permit(self, host: str) -> None:
        if host in self._peers:
            return
        if not self._peers.want(host):
            self._outputs.append(PeerRefused(host, "there are too many peers"))
        elif self._stage is _Stage.ALLOCATED:
            self._ask_permissions((host,))

    def _ask_permissions(self, hosts: tuple[str, ...]) -> None:
        """Ask for permissions, in as few requests as possible; one that waits takes more in."""
        peers = []
        for host in hosts:
            if any(is_ipv4(each.host) is is_ipv4(host) for each in self._relayed):
                peers.append(Address(host, _ANY_PORT))
            else:
                self._peers.forget(host)
                self._outputs.append(PeerRefused(host, "there is no relayed address of its family (RFC 8656 10.1)"))
        if self._queue and self._queue[-1].task is Task.PERMIT and self._queue[-1].tries == 1:
            peers = [*self._queue.pop().peers, *peers]
        for start in range(0, len(peers), _MOST_AT_ONCE):
            self._ask(Request(Task.PERMIT, tuple(peers[start : start + _MOST_AT_ONCE])))

    def _permission_refused(self, peers: tuple[Address, ...], failure: Failure) -> None:
        """Ask for each alone, to find out which of them is refused."""
        if len(peers) > 1:
            self._queue.extend(Request(Task.PERMIT, (peer,)) for peer in peers)
        elif peers[0].host in self._peers:
            self._revoke(peers[0].host)
            self._outputs.append(PeerRefused(peers[0].host, failure.reason))

    def _granted(self, host: str, started: float) -> None:
        """Tell of a new permission, and have all refreshed before the first of them expires."""
        if self._peers.grant(host):
            self._outputs.append(PeerPermitted(host))
        due = self._timers.due(_Clock.PERMISSIONS)
        if due is None or due > started + _PERMISSION_REFRESH:
            self._timers.arm(_Clock.PERMISSIONS, started + _PERMISSION_REFRESH)

    def _revoke(self, host: str) -> None:
        for peer in self._peers.forget(host):
            self._timers.cancel(peer)

    def _bind(self, peer: Address) -> None:
        if self._stage is _Stage.ALLOCATED and peer.host in self._peers:
            number = self._peers.ask_channel(peer, self._timers.now)
            if number is not None:
                self._ask(Request(Task.BIND, (peer,), number))

    def _bound(self, attempt: Attempt) -> None:
        (peer,) = attempt.request.peers
        if self._peers.bound(peer, attempt.started):
            self._timers.arm(peer, attempt.started + _CHANNEL_REFRESH)
            self._granted(peer.host, attempt.started)

    # --- data ---

    def _send_to_peer(self, peer: Address, data: bytes) -> None:
        """Relay on a channel where there is one, else in an indication (RFC 8656 11.1 and 12.5)."""
        if self._stage is not _Stage.ALLOCATED or peer.host not in self._peers:
            return
        channel = self._peers.channel_to(peer, self._timers.now)
        if channel is not None:
            self._send(ChannelData(channel, data).encode(padded=self._deframer is not None))
        else:
            attributes = (stun.XOR_PEER_ADDRESS(peer), stun.DATA(data))
            self._send(stun.Message.indication(stun.Method.SEND, self._draw.randbytes(12), *attributes).encode())

    def _send(self, packet: bytes) -> None:
        self._sent = self._timers.now
        if self._deframer is None:
            self._outputs.append(SendDatagram(self._socket, self._server.address, packet))
        else:
            self._outputs.append(SendBytes(self._socket, packet))

    def _received(self, data: bytes) -> None:
        try:
            if stun.classify(data) is stun.Kind.TURN_CHANNEL:
                received = decode_channel_data(data)
                self._relayed_data(self._peers.channel_from(received.channel), received.data)
                return
            message = stun.decode(data)
            if message.message_class in (stun.MessageClass.SUCCESS, stun.MessageClass.ERROR):
                self._responded(message)
            elif message.method == stun.Method.DATA and not message.unknown_required():
                self._relayed_data(message[stun.XOR_PEER_ADDRESS], message[stun.DATA])
        except StunError:
            pass  # not from a TURN server, or of no use (RFC 8656 11.4 and 12.6)

    def _relayed_data(self, peer: Address | None, data: bytes) -> None:
        """Hand on what comes from a peer that may send, and nothing else (RFC 8656 11.4 and 12.6)."""
        if peer is not None and peer.host in self._peers and self._stage is _Stage.ALLOCATED:
            self._outputs.append(RelayReceived(peer, data))

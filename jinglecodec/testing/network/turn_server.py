"""A TURN server as a machine (RFC 8656): allocations over UDP, TCP and TLS, with all their limits and lifetimes.

It relays UDP to and from its peers, and answers Binding requests. Left out: EVEN-PORT and RESERVATION-TOKEN, which are
answered with 508, DONT-FRAGMENT, which is unknown (RFC 8656 7.2), and ICMP (RFC 8656 11.5). A restart is a new server
on the same host, after `Node.stop` of the old one.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import attrs

from jinglecodec import stun
from jinglecodec.addresses import Address, is_ip
from jinglecodec.errors import EncodeError, LocalError, StunError
from jinglecodec.machine import (
    BytesReceived,
    CloseSocket,
    DatagramReceived,
    OpenSocket,
    SendBytes,
    SendDatagram,
    SocketClosed,
    SocketEvent,
    SocketFailed,
    SocketOpened,
    SocketOutput,
    SocketProtocol,
    TimedMachine,
)
from jinglecodec.stun.turn import ChannelData, Deframer, Framing, decode_channel_data
from jinglecodec.stun.values import CHANNELS
from jinglecodec.testing.network.nodes import ConnectionAccepted, Listen
from jinglecodec.testing.network.stun_server import Start
from jinglecodec.testing.network.turn_access import Access, Doorkeeper, Hostility, TurnPolicy
from jinglecodec.testing.network.turn_allocations import Allocation, Client, RelayedAddress, family_of

if TYPE_CHECKING:
    from random import Random

__all__ = ["TurnAllocation", "TurnServer", "TurnServerState"]

_UDP, _TCP, _TLS = 0, 1, 2
"Tokens of the sockets that clients come to; those of relayed addresses follow."

_KNOWN = frozenset(stun.ATTRIBUTES) - {stun.DONT_FRAGMENT.number}
_RELAYS_UDP = 17
"The number of UDP in REQUESTED-TRANSPORT."
_HUGE = 2**32 - 1


@attrs.frozen
class TurnAllocation:
    """One allocation."""

    client: Address
    username: str
    relayed: tuple[Address, ...]
    permissions: tuple[str, ...]
    "IP addresses of peers whose permission has not expired."
    channels: tuple[tuple[int, Address], ...]
    "Numbers and peers of channels that are bound."


@attrs.frozen
class TurnServerState:
    """What there is to see of a server."""

    allocations: tuple[TurnAllocation, ...]
    failures: tuple[str, ...]
    "Why sockets could not be opened."


class TurnServer(TimedMachine[Start | SocketEvent | ConnectionAccepted, SocketOutput | Listen, int]):
    """Relays for clients that prove who they are. It starts with the event Start; a second one is a LocalError."""

    __slots__ = ("_allocations", "_doorkeeper", "_failures", "_hosts", "_listeners", "_next", "_policy", "_sockets")

    def __init__(
        self,
        local: Address,
        policy: TurnPolicy | None = None,
        *,
        relays: tuple[str, ...] = (),
        tls: Address | None = None,
        server_names: tuple[str, ...] = (),
        random: Random | None = None,
    ) -> None:
        """Serve at `local` by UDP and TCP, and by TLS at `tls` for clients that want one of `server_names`.

        `relays` are the IP addresses to relay from, at most one of each family; by default that of `local`. Raises
        LocalError when there are two of a family, or when only one of `tls` and `server_names` is given.
        """
        super().__init__(random)
        self._policy = TurnPolicy() if policy is None else policy
        self._hosts = {family_of(host): host for host in relays or (local.host,)}
        if len(self._hosts) < len(relays):
            raise LocalError("one relayed address for each family")
        if (tls is None) is not (server_names == ()):
            raise LocalError("TLS needs an address and a name")
        secure = () if tls is None else (Listen(_TLS, tls, server_names),)
        self._listeners = (Listen(_TCP, local), *secure)
        self._doorkeeper: Doorkeeper | None = None
        self._allocations: dict[Client, Allocation] = {}
        # Relayed addresses lead to their allocation, connections to who came by them and what came in part.
        self._sockets: dict[int, Allocation | tuple[Client, Deframer]] = {}
        self._next = _TLS + 1
        self._failures: tuple[str, ...] = ()

    def snapshot(self) -> TurnServerState:
        """Return the allocations that have not expired, with what belongs to them."""
        now = self._timers.now
        return TurnServerState(
            tuple(
                TurnAllocation(
                    each.client.remote,
                    each.access.username,
                    each.addresses,
                    tuple(host for one in each.relayed.values() for host, at in one.permissions.items() if at > now),
                    tuple(binding for one in each.relayed.values() for binding in one.bindings(now)),
                )
                for each in self._allocations.values()
            ),
            self._failures,
        )

    def _check(self, event: Start | SocketEvent | ConnectionAccepted) -> None:
        if isinstance(event, Start) and self._doorkeeper is not None:
            raise LocalError("the server was started before")

    def _take(self, event: Start | SocketEvent | ConnectionAccepted) -> None:
        match event:
            case DatagramReceived(socket, remote, data):
                if socket == _UDP:
                    self._received(Client(socket, remote), data)
                else:
                    self._peer_sent(socket, remote, data)
            case BytesReceived(socket, data):
                self._bytes_received(socket, data)
            case SocketOpened(socket, local):
                self._relay_opened(socket, local)
            case ConnectionAccepted(_, socket, remote):
                self._sockets[socket] = Client(socket, remote), Deframer(Framing.TURN)
            case SocketClosed(socket):
                self._hang_up(socket)
            case SocketFailed(socket, reason):
                self._socket_failed(socket, reason)
            case Start():
                self._start()
            case _:
                pass  # what could not be sent is like what is lost

    def _expire(self, timer: int) -> None:
        """End a relayed address that was not refreshed."""
        allocation = self._sockets.get(timer)
        if isinstance(allocation, Allocation):
            self._delete(allocation, timer)

    def _start(self) -> None:
        self._doorkeeper = Doorkeeper(self._policy, self._draw.randbytes(16))
        self._outputs.append(OpenSocket(_UDP, SocketProtocol.UDP, self._listeners[0].local, None, None))
        self._outputs.extend(self._listeners)

    # --- what clients send ---

    def _bytes_received(self, socket: int, data: bytes) -> None:
        connection = self._sockets.get(socket)
        if not isinstance(connection, tuple):
            return
        client, deframer = connection
        for packet in deframer.feed(data):
            self._received(client, packet)
        if deframer.error is not None:
            self._outputs.append(CloseSocket(socket))
            self._hang_up(socket)

    def _hang_up(self, socket: int) -> None:
        """Forget a connection, and the allocation that it stands for (RFC 8656 5)."""
        connection = self._sockets.pop(socket, None)
        if isinstance(connection, tuple) and (allocation := self._allocations.get(connection[0])) is not None:
            self._delete_all(allocation)

    def _received(self, client: Client, data: bytes) -> None:
        if not is_ip(client.remote.host):
            return
        try:
            if stun.classify(data) is stun.Kind.TURN_CHANNEL:
                self._channel_data(client, decode_channel_data(data))
                return
            message = stun.decode(data)
        except StunError:
            return
        if message.message_class is stun.MessageClass.REQUEST:
            response = self._answer(message, client)
            if isinstance(response, bytes):
                self._send(client, response)
        elif message.message_class is stun.MessageClass.INDICATION and message.method == stun.Method.SEND:
            self._send_indication(client, message)

    def _answer(self, request: stun.Message, client: Client) -> bytes | None:
        """Return the response, None when it has to wait, or there is none."""
        if self._doorkeeper is None:
            return None
        if request.method == stun.Method.BINDING:
            return request.success(stun.XOR_MAPPED_ADDRESS(client.remote)).encode()
        if request.method not in _REQUESTS:
            return None
        access = self._doorkeeper.judge(request, f"{client.socket} {client.remote}", self._timers.now)
        if isinstance(access, stun.Message):
            return access.encode()
        response = self._grant(request, client, access)
        return None if response is None else response.encode(access.key, integrity=access.integrity)

    def _grant(self, request: stun.Message, client: Client, access: Access) -> stun.Message | None:
        """Do what an authentic request asks for, and return the response (RFC 8656 5)."""
        if request.unknown_required(_KNOWN):
            return request.unknown_attributes(_KNOWN)
        allocation = self._allocations.get(client)
        try:
            if request.method == stun.Method.ALLOCATE:
                return self._allocate(request, client, access)
            if allocation is None or allocation.opening:
                return request.error(437)
            if allocation.access.username != access.username:
                return request.error(441)
            match request.method:
                case stun.Method.REFRESH:
                    return self._refresh(request, allocation)
                case stun.Method.CREATE_PERMISSION:
                    return self._create_permission(request, allocation)
                case _:
                    return self._channel_bind(request, allocation)
        except StunError:
            return request.error(400)

    # --- Allocate ---

    def _allocate(self, request: stun.Message, client: Client, access: Access) -> stun.Message | None:
        """Begin an allocation: the response waits for its sockets (RFC 8656 7.2)."""
        known = self._allocations.get(client)
        if known is not None and known.request.transaction_id == request.transaction_id:
            return None if known.opening else self._allocated(known)
        error = self._allocate_error(request, client, access)
        if error is not None:
            return error
        wanted = request.get(stun.REQUESTED_ADDRESS_FAMILY) or stun.Family.IPV4
        families = [wanted] if request.get(stun.ADDITIONAL_ADDRESS_FAMILY) is None else list(stun.Family)
        if not self._hosts.keys() & families:
            return request.error(440)
        opening = {self._next + at: family for at, family in enumerate(families) if family in self._hosts}
        refused = tuple(_address_error(family, 440) for family in families if family not in self._hosts)
        self._next += len(families)
        allocation = self._allocations[client] = Allocation(client, request, access, opening, refused=refused)
        for socket, family in opening.items():
            self._sockets[socket] = allocation
            local = Address(self._hosts[family], 0)
            self._outputs.append(OpenSocket(socket, SocketProtocol.UDP, local, None, None))
        return None

    def _allocate_error(self, request: stun.Message, client: Client, access: Access) -> stun.Message | None:
        """Return why there is no allocation for this request, None when nothing speaks against it."""
        policy = self._policy
        if client in self._allocations:
            return request.error(437)
        if request[stun.REQUESTED_TRANSPORT] != _RELAYS_UDP:
            return request.error(442)
        if stun.RESERVATION_TOKEN in request or stun.EVEN_PORT in request:
            return request.error(508)
        additional = request.get(stun.ADDITIONAL_ADDRESS_FAMILY)
        if additional is stun.Family.IPV4 or (additional and stun.REQUESTED_ADDRESS_FAMILY in request):
            return request.error(400)
        mine = sum(each.access.username == access.username for each in self._allocations.values())
        if mine >= policy.quota:
            return request.error(486)
        if policy.alternate is not None:
            return request.error(300, stun.ALTERNATE_SERVER(policy.alternate))
        return request.error(508) if len(self._allocations) >= policy.capacity else None

    def _relay_opened(self, socket: int, local: Address) -> None:
        allocation = self._sockets.get(socket)
        if isinstance(allocation, Allocation):
            expires = self._timers.now + self._lifetime(allocation.request)
            relayed = RelayedAddress(socket, local, expires, self._policy.peers)
            allocation.relayed[allocation.opening.pop(socket)] = relayed
            self._timers.arm(socket, expires)
            self._complete(allocation)

    def _socket_failed(self, socket: int, reason: str) -> None:
        self._failures += (f"socket {socket}: {reason}",)
        allocation = self._sockets.pop(socket, None)
        if isinstance(allocation, Allocation):
            allocation.refused += (_address_error(allocation.opening.pop(socket), 508),)
            self._complete(allocation)

    def _complete(self, allocation: Allocation) -> None:
        """Answer the Allocate request when no socket is waited for any more."""
        if allocation.opening:
            return
        if allocation.relayed:
            response = self._allocated(allocation)
        else:
            del self._allocations[allocation.client]
            response = allocation.request.error(508)
        access = allocation.access
        self._send(allocation.client, response.encode(access.key, integrity=access.integrity))

    def _allocated(self, allocation: Allocation) -> stun.Message:
        """Return the success response to the Allocate request, with what is left of the lifetime."""
        lifetime = min(each.expires for each in allocation.relayed.values()) - self._timers.now
        addresses = map(stun.XOR_RELAYED_ADDRESS, allocation.addresses)
        if self._policy.hostility is Hostility.NO_RELAYED_ADDRESS:
            addresses = map(stun.XOR_RELAYED_ADDRESS, ())
        return allocation.request.success(
            *addresses,
            stun.LIFETIME(self._announced(lifetime)),
            stun.XOR_MAPPED_ADDRESS(allocation.client.remote),
            *map(stun.ADDRESS_ERROR_CODE, allocation.refused),
        )

    def _lifetime(self, request: stun.Message) -> int:
        """Return the lifetime for a request that does not end the allocation (RFC 8656 7.2 and 8.2)."""
        policy = self._policy
        return max(min(request.get(stun.LIFETIME) or 0, policy.longest_lifetime), policy.default_lifetime)

    def _announced(self, lifetime: float) -> int:
        return _HUGE if self._policy.hostility is Hostility.HUGE_LIFETIME else round(lifetime)

    # --- Refresh, CreatePermission, ChannelBind ---

    def _refresh(self, request: stun.Message, allocation: Allocation) -> stun.Message:
        """Let relayed addresses live on, or end them (RFC 8656 8.2)."""
        family = request.get(stun.REQUESTED_ADDRESS_FAMILY)
        chosen = [each for of, each in allocation.relayed.items() if family in (None, of)]
        if not chosen:
            return request.error(443)
        lifetime = 0 if request.get(stun.LIFETIME) == 0 else self._lifetime(request)
        for relayed in chosen:
            if lifetime:
                relayed.expires = self._timers.now + lifetime
                self._timers.arm(relayed.socket, relayed.expires)
            else:
                self._delete(allocation, relayed.socket)
        return request.success(stun.LIFETIME(self._announced(lifetime) if lifetime else 0))

    def _create_permission(self, request: stun.Message, allocation: Allocation) -> stun.Message:
        """Let peers send (RFC 8656 10.2)."""
        peers = request.get_all(stun.XOR_PEER_ADDRESS)
        if not peers:
            return request.error(400)
        error = self._peer_error(request, allocation, *peers)
        if error is not None:
            return error
        has_room = [allocation.relayed[family_of(each.host)].permit(each.host, self._timers.now) for each in peers]
        return request.success() if all(has_room) else request.error(508)

    def _channel_bind(self, request: stun.Message, allocation: Allocation) -> stun.Message:
        """Bind a channel to a peer, or refresh it (RFC 8656 12.2)."""
        number, peer = request[stun.CHANNEL_NUMBER], request[stun.XOR_PEER_ADDRESS]
        error = self._peer_error(request, allocation, peer)
        if error is not None:
            return error
        relayed = allocation.relayed[family_of(peer.host)]
        if number not in CHANNELS or relayed.conflicts(number, peer, self._timers.now):
            return request.error(400)
        return request.success() if relayed.bind(number, peer, self._timers.now) else request.error(508)

    def _peer_error(self, request: stun.Message, allocation: Allocation, *peers: Address) -> stun.Message | None:
        """Return why the server does not relay to one of the peers."""
        if any(family_of(peer.host) not in allocation.relayed for peer in peers):
            return request.error(443)
        return request.error(403) if any(peer.host in self._policy.forbidden for peer in peers) else None

    # --- the end of an allocation ---

    def _delete(self, allocation: Allocation, socket: int) -> None:
        """End one relayed address, and the allocation with the last one."""
        self._outputs.append(CloseSocket(socket))
        self._timers.cancel(socket)
        del self._sockets[socket]
        allocation.opening.pop(socket, None)
        allocation.relayed = {of: each for of, each in allocation.relayed.items() if each.socket != socket}
        if not (allocation.relayed or allocation.opening):
            del self._allocations[allocation.client]

    def _delete_all(self, allocation: Allocation) -> None:
        for socket in (*allocation.opening, *(each.socket for each in allocation.relayed.values())):
            self._delete(allocation, socket)

    # --- data ---

    def _send_indication(self, client: Client, indication: stun.Message) -> None:
        """Pass on what a client sends to a peer (RFC 8656 11.2)."""
        allocation = self._allocations.get(client)
        if allocation is None or indication.unknown_required(_KNOWN):
            return
        try:
            peer, data = indication[stun.XOR_PEER_ADDRESS], indication[stun.DATA]
        except StunError:
            return
        self._relay(allocation.relayed.get(family_of(peer.host)), peer, data)

    def _channel_data(self, client: Client, received: ChannelData) -> None:
        """Pass on what a client sends on a channel (RFC 8656 12.6)."""
        allocation = self._allocations.get(client)
        for relayed in () if allocation is None else allocation.relayed.values():
            for number, peer in relayed.bindings(self._timers.now):
                if number == received.channel:
                    self._relay(relayed, peer, received.data)

    def _relay(self, relayed: RelayedAddress | None, peer: Address, data: bytes) -> None:
        if relayed is not None and relayed.permits(peer.host, self._timers.now):
            self._outputs.append(SendDatagram(relayed.socket, peer, data))

    def _peer_sent(self, socket: int, peer: Address, data: bytes) -> None:
        """Pass on what a peer sends to a relayed address, unless it is too large (RFC 8656 11.3 and 12.7)."""
        allocation = self._sockets.get(socket)
        if not isinstance(allocation, Allocation) or not is_ip(peer.host):
            return
        relayed = next((each for each in allocation.relayed.values() if each.socket == socket), None)
        now = self._timers.now
        anybody = self._policy.hostility is Hostility.UNPERMITTED_DATA
        if relayed is None or not (anybody or relayed.permits(peer.host, now)):
            return
        client = allocation.client
        number = next((number for number, bound in relayed.bindings(now) if bound == peer), None)
        with suppress(EncodeError):
            if number is not None:
                self._send(client, ChannelData(number, data).encode(padded=client.is_stream))
            else:
                attributes = (stun.XOR_PEER_ADDRESS(peer), stun.DATA(data))
                indication = stun.Message.indication(stun.Method.DATA, self._draw.randbytes(12), *attributes)
                self._send(client, indication.encode())

    def _send(self, client: Client, data: bytes) -> None:
        if client.is_stream:
            self._outputs.append(SendBytes(client.socket, data))
        else:
            self._outputs.append(SendDatagram(client.socket, client.remote, data))


_REQUESTS = {
    stun.Method.ALLOCATE,
    stun.Method.REFRESH,
    stun.Method.CREATE_PERMISSION,
    stun.Method.CHANNEL_BIND,
}


def _address_error(family: stun.Family, code: int) -> stun.AddressError:
    return stun.AddressError(family, code, stun.REASONS[code])

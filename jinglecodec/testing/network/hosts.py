"""Hosts with addresses, UDP sockets and streams."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from jinglecodec.addresses import Address, is_ip
from jinglecodec.errors import LocalError
from jinglecodec.machine import SocketProtocol
from jinglecodec.testing.network.links import Attachment, Link, Realm
from jinglecodec.testing.network.packets import Fate, Packet, Segment, canonical
from jinglecodec.testing.network.streams import Listener, Stream, StreamUser

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from jinglecodec.testing.network.simulator import Network

__all__ = ["Host", "UdpSocket"]

_EPHEMERAL = range(49152, 65536)
"The dynamic ports (RFC 6335 6)."


class Host:
    """A computer with one or more addresses, each at a link of its own.

    Addresses may lie in several realms: one behind a NAT and one, of IPv6, on the internet, say.
    """

    def __init__(
        self, realm: Realm, *hosts: str, link: Link | None = None, down: Link | None = None, name: str | None = None
    ) -> None:
        """Join `realm` with these IP addresses; see `attach` for the links. `name` is the first address by default.

        Raises LocalError when one is taken or no address.
        """
        if not hosts:
            raise LocalError("a host needs an address")
        self.network: Network = realm.network
        self.name = self.network.place(hosts[0] if name is None else name)
        "Unique; what taps call it."
        self.unreachable: set[str] = set()
        "Addresses that sending to fails at once; packets for any other that does not exist are lost silently."
        self._attachments: dict[str, Attachment] = {}
        self._sockets: dict[Address, UdpSocket] = {}
        self._listeners: dict[Address, Listener] = {}
        self._streams: dict[tuple[Address, Address], Stream] = {}
        self._last_port = _EPHEMERAL.stop - 1
        self.attach(realm, *hosts, link=link, down=down)

    def attach(self, realm: Realm, *hosts: str, link: Link | None = None, down: Link | None = None) -> None:
        """Take more addresses in `realm`. `link` holds towards the realm, and from it unless `down` is given."""
        for host in hosts:
            attachment = Attachment(realm, host, self.name, self._receive)
            self._attachments[attachment.host] = attachment
            attachment.set_link(Link() if link is None else link, down)

    def detach(self, host: str) -> None:
        """Give an address up: its sockets and streams neither send nor receive any more, without being told."""
        attachment = self._attachments.pop(host)
        attachment.realm.remove(attachment)
        self._sockets = {local: each for local, each in self._sockets.items() if local.host != host}
        self._listeners = {local: each for local, each in self._listeners.items() if local.host != host}
        self._streams = {ends: each for ends, each in self._streams.items() if ends[0].host != host}

    def set_link(self, link: Link, down: Link | None = None, *, host: str | None = None) -> None:
        """Let the links of all addresses, or of one, be like this from now on."""
        for each in self._attachments.values() if host is None else [self._attachments[host]]:
            each.set_link(link, down)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The IP addresses, in the order they were taken."""
        return tuple(self._attachments)

    def open_udp(self, local: Address, receive: Callable[[bytes, Address], object]) -> UdpSocket:
        """Return a socket bound to `local`, any free port for 0; `receive(data, remote)` is called for each datagram.

        Raises OSError when the host has no such address, or the port is taken.
        """
        socket = UdpSocket(self, self._bindable(local, self._sockets), receive)
        self._sockets[socket.local] = socket
        return socket

    def listen(
        self, local: Address, accept: Callable[[Stream], StreamUser], server_names: tuple[str, ...] = ()
    ) -> Listener:
        """Return a listener at `local`, with TLS when there are names that the server can prove.

        `accept(stream)` is called for each connection. Raises OSError as `open_udp` does.
        """
        listener = Listener(self, self._bindable(local, self._listeners), accept, server_names)
        self._listeners[listener.local] = listener
        return listener

    def connect(
        self, user: StreamUser, remote: Address, *, local: Address | None = None, server_name: str | None = None
    ) -> Stream:
        """Return a stream on its way to `remote`, with TLS when `server_name` is given; `user` hears how it goes.

        Raises OSError when `local`, by default the first address of the family of `remote`, is not to be had, or
        `remote` is a name.
        """
        remote = _reachable(remote)
        taken = {each for each, _ in self._streams} | set(self._listeners)
        local = self._bindable(local or self._source_for(remote), taken)
        stream = self._streams[local, remote] = Stream(self, local, remote, user, server_name)
        stream.connect()
        return stream

    # --- for sockets and streams ---

    def send(self, packet: Packet) -> None:
        """Send a packet from an address of the host; raises OSError when it is none, or cannot send there."""
        attachment = self._attachments.get(packet.source.host)
        destination = packet.destination.host
        if attachment is None:
            raise OSError(f"{packet.source.host} is not an address of {self.name}")
        if (":" in destination) != (":" in packet.source.host):
            raise OSError(f"{destination} is not of the family of {packet.source.host}")
        if destination in self.unreachable:
            raise OSError(f"no route to {destination}")
        self.network.note(Fate.SENT, self.name, packet)
        if destination in self._attachments:
            self.network.deliver_at(self.network.now, self.name, self._receive, packet)
        else:
            attachment.send(packet)

    def forget(self, socket: UdpSocket | Listener | Stream) -> None:
        """Free the port of what is closed."""
        if isinstance(socket, UdpSocket):
            self._sockets.pop(socket.local, None)
        elif isinstance(socket, Listener):
            self._listeners.pop(socket.local, None)
        else:
            self._streams.pop((socket.local, socket.remote), None)

    def _bindable(self, local: Address, taken: Container[Address]) -> Address:
        """Return `local` with a port of its own; raises OSError."""
        if local.host not in self._attachments:
            raise OSError(f"{local.host} is not an address of {self.name}")
        if local.port == 0:
            return self._free(local.host, taken)
        if local in taken:
            raise OSError(f"{local} is in use")
        return local

    def _free(self, host: str, taken: Container[Address]) -> Address:
        """Return the next dynamic port that is free."""
        for _ in _EPHEMERAL:
            self._last_port += 1
            if self._last_port not in _EPHEMERAL:
                self._last_port = _EPHEMERAL.start
            if (local := Address(host, self._last_port)) not in taken:
                return local
        raise OSError(f"all ports of {host} are in use")

    def _source_for(self, remote: Address) -> Address:
        """Return the first address of the family of `remote`, with no port yet; raises OSError."""
        for host in self._attachments:
            if (":" in host) == (":" in remote.host):
                return Address(host, 0)
        raise OSError(f"{self.name} has no address of the family of {remote.host}")

    def _receive(self, packet: Packet) -> None:
        """Take a packet from a link."""
        if packet.protocol is SocketProtocol.UDP:
            socket = self._sockets.get(packet.destination)
            self.network.note(Fate.DELIVERED if socket else Fate.UNBOUND, self.name, packet)
            if socket is not None:
                socket.receive(packet.data, packet.source)
        else:
            self._receive_segment(packet)

    def _receive_segment(self, packet: Packet) -> None:
        stream = self._streams.get((packet.destination, packet.source))
        listener = self._listeners.get(packet.destination)
        if stream is not None:
            self.network.note(Fate.DELIVERED, self.name, packet)
            stream.receive(packet)
        elif listener is not None and packet.segment is Segment.SYN:
            self.network.note(Fate.DELIVERED, self.name, packet)
            stream = self._streams[packet.destination, packet.source] = Stream(
                self, packet.destination, packet.source, None, None
            )
            stream.answer(listener, packet)
        else:
            self.network.note(Fate.UNBOUND, self.name, packet)
            self._refuse(packet)

    def _refuse(self, packet: Packet) -> None:
        """Answer a segment of no connection, as TCP does, unless it is such an answer itself."""
        if packet.segment is not Segment.RST:
            with suppress(OSError):
                self.send(Packet(SocketProtocol.TCP, packet.destination, packet.source, b"", Segment.RST))


class UdpSocket:
    """A bound UDP socket; made by `Host.open_udp`."""

    def __init__(self, host: Host, local: Address, receive: Callable[[bytes, Address], object]) -> None:
        self.local = local
        self.receive = receive
        "Called for each datagram."
        self._host = host

    def send(self, data: bytes, remote: Address) -> None:
        """Send a datagram; raises OSError as `Host.send` does, and for names."""
        self._host.send(Packet(SocketProtocol.UDP, self.local, _reachable(remote), data))

    def close(self) -> None:
        """Free the port; what is on its way here meets no socket."""
        self._host.forget(self)


def _reachable(remote: Address) -> Address:
    """Return an address in its one text form; raises OSError when it is a name, or has a scope."""
    if not is_ip(remote.host):
        raise OSError(f"{remote.host} is not an IP address")
    return Address(canonical(remote.host), remote.port) if ":" in remote.host else remote

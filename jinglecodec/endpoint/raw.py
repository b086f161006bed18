"""Media without ICE: one address for each component, sent to as it stands (XEP-0177).

It is what a peer falls back to that has no ICE, such as a gateway to SIP (XEP-0176 6), and the last thing to be tried
where ICE finds no path. Nobody asks for consent here: data goes where the peer said, and is taken from that host only.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

from jinglecodec import ice
from jinglecodec.addresses import Address, is_ip, is_ipv6
from jinglecodec.machine import CloseSocket, OpenSocket, SendDatagram, SocketProtocol
from jinglecodec.model.raw_udp import RawUdpCandidate, RawUdpTransport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinglecodec.model.jingle import ContentKey

__all__ = ["RawPath", "Role"]


class Role(enum.Enum):
    """Why a content has no ICE."""

    FROM_THE_START = enum.auto()
    PROPOSED = enum.auto()
    "By us, in place of ICE."
    ASKED_FOR = enum.auto()
    "By the peer, in place of ICE."


@attrs.define(eq=False)
class RawPath:
    """The sockets of one content, and where the peer is."""

    content: ContentKey
    sockets: dict[int, int]
    "Component -> token; negative ones, which no agent has."
    role: Role
    "Why it is there."
    is_asked: bool = False
    "The sockets are being opened, or are open."
    locals: dict[int, Address] = attrs.field(factory=dict)
    "Component -> address, of the sockets that are open."
    remotes: dict[int, Address] = attrs.field(factory=dict)
    "Component -> address."
    is_told: bool = False
    "The peer knows of it."
    is_used: bool = False
    "The caller knows of it."

    @property
    def is_open(self) -> bool:
        """Whether all sockets are open."""
        return self.locals.keys() == self.sockets.keys()

    def open(self, host: str) -> Iterator[OpenSocket]:
        """Give what opens the sockets on a local address."""
        self.is_asked = True
        for token in self.sockets.values():
            yield OpenSocket(token, SocketProtocol.UDP, Address(host, 0), None, None)

    def close(self) -> Iterator[CloseSocket]:
        """Give what closes the sockets, if there are any yet."""
        return map(CloseSocket, self.sockets.values() if self.is_asked else ())

    def opened(self, token: int, local: Address) -> None:
        """A socket is open."""
        self.locals[self.component(token)] = local

    def component(self, token: int) -> int:
        """Return the component of a socket."""
        return next(component for component, one in self.sockets.items() if one == token)

    def hear(self, transport: RawUdpTransport) -> None:
        """Take the addresses of the peer (XEP-0177 4.2); a name, which nobody looks up here, is none."""
        for candidate in transport.candidates:
            if candidate.component in self.sockets and candidate.port and is_ip(candidate.ip):
                self.remotes[candidate.component] = Address(candidate.ip, candidate.port)

    def transport(self) -> RawUdpTransport:
        """Return the addresses of this host, for the peer."""
        return RawUdpTransport(
            candidates=tuple(
                RawUdpCandidate(component=component, id=f"r{component}", ip=local.host, port=local.port)
                for component, local in sorted(self.locals.items())
            )
        )

    def pairs(self) -> Iterator[tuple[int, ice.Candidate, ice.Candidate]]:
        """Give component, local and remote address of each component that data can go over, as candidates of ICE."""
        for component, local in sorted(self.locals.items()):
            remote = self.remotes.get(component)
            if remote is not None and is_ipv6(remote.host) == is_ipv6(local.host):
                yield component, _candidate(component, local), _candidate(component, remote)

    def send(self, component: int, data: bytes) -> Iterator[SendDatagram]:
        """Give what sends a datagram, where there is somewhere to send it."""
        remote = self.remotes.get(component)
        if remote is not None and component in self.locals:
            yield SendDatagram(self.sockets[component], remote, data)

    def admits(self, component: int, source: Address) -> bool:
        """Tell whether a datagram comes from the host of the peer."""
        remote = self.remotes.get(component)
        return remote is not None and remote.host == source.host


def _candidate(component: int, address: Address) -> ice.Candidate:
    """Return a host candidate; it has no priority among others."""
    return ice.Candidate(component, ice.CandidateType.HOST, address, 1, "0")

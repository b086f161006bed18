"""What the tests of the network share: a socket that keeps what it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from jinglecodec.addresses import Address

if TYPE_CHECKING:
    from jinglecodec.testing.network import Host

__all__ = ["Mail", "Mailbox"]


@attrs.frozen
class Mail:
    """A datagram that came."""

    time: float
    data: bytes
    remote: Address


class Mailbox:
    """A UDP socket of a host, with all that it got."""

    def __init__(self, host: Host, port: int = 0, address: str | None = None) -> None:
        self.mails: list[Mail] = []
        self.host = host
        self._network = host.network
        self.socket = host.open_udp(Address(address or host.addresses[0], port), self._receive)
        self.local = self.socket.local

    def _receive(self, data: bytes, remote: Address) -> None:
        self.mails.append(Mail(self._network.now, data, remote))

    def send(self, data: bytes, remote: Address) -> None:
        """Send a datagram; it is on its way only."""
        self.socket.send(data, remote)

    def reaches(self, other: Mailbox, at: Address | None = None) -> Address | None:
        """Send to the other, by its own or another address; return what it sees as source, None if nothing comes."""
        before = len(other.mails)
        self.send(b"ping", other.local if at is None else at)
        self._network.run(self._network.now + 1.0)
        return other.mails[-1].remote if len(other.mails) > before else None

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()

    @property
    def data(self) -> list[bytes]:
        """The contents of all that came, in order."""
        return [mail.data for mail in self.mails]

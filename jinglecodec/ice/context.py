"""What the parts of one agent share: clock and timers, outputs, generator, figures, role."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from jinglecodec.ice.events import Role, StreamId
from jinglecodec.machine import SendDatagram, drawing

if TYPE_CHECKING:
    from random import Random

    from jinglecodec.addresses import Address
    from jinglecodec.ice.config import Config
    from jinglecodec.ice.events import Output
    from jinglecodec.ice.pair import Base
    from jinglecodec.machine import Timers

__all__ = ["Context", "Key", "Timer"]


class Timer(enum.IntEnum):
    """What timers are for; an IntEnum, because hashing another enum takes as long as arming a timer."""

    PACE = 1
    "The next request may be sent (RFC 8445 14.2)."
    PATIENCE = 2
    "The PAC timer of a stream (RFC 8863 4); then, what came late has had its time."
    GATHERED = 3
    "Look whether gathering is done, after what comes at the same time."
    BINDING = 4
    "Keep a server-reflexive candidate alive (RFC 8445 5.1.1.4)."
    NOMINATE = 5
    "Nominate, or nominate again (RFC 8445 8.1.1)."
    FREE = 6
    "Free what was not selected (RFC 8445 8.3.1)."
    CONSENT = 7
    "Check consent (RFC 7675 5.1), or keep the path alive (RFC 8445 11)."
    EXPIRY = 8
    "Consent is in doubt, or over."
    RELAY = 9
    "A relay has something to do."


PACE, PATIENCE, GATHERED, BINDING, NOMINATE, FREE, CONSENT, EXPIRY, RELAY = Timer


Key = Timer | bytes | tuple[Timer, StreamId] | tuple[Timer, StreamId, int] | tuple[Timer, int, int]
"A timer: of the agent, a transaction (its id), a stream or a socket, a component, or a socket and a server."


class Context:
    """One agent's surroundings."""

    __slots__ = (
        "_free_at",
        "config",
        "discarded",
        "gathers_next",
        "outputs",
        "random",
        "role",
        "tie_breaker",
        "timers",
    )

    def __init__(
        self, config: Config, role: Role, timers: Timers[Key], outputs: list[Output], random: Random | None
    ) -> None:
        self.config = config
        self.timers = timers
        self.outputs = outputs
        self.random = random
        self.role = role
        self.tie_breaker = self.draw.getrandbits(64)
        self.discarded = 0
        "How many datagrams were of no use."
        self.gathers_next = True
        "Whether the next request goes to a STUN server, if one is to be sent, and not to the peer."
        self._free_at = timers.now

    @property
    def draw(self) -> Random:
        """The generator for everything random."""
        return drawing(self.random)

    def tell(self, output: Output) -> None:
        """Add an output."""
        self.outputs.append(output)

    def send(self, base: Base, remote: Address, data: bytes) -> None:
        """Send a datagram through a base: the one way out for checks, responses, consent and data."""
        if not base.is_open:
            return
        if base.relay is None:
            self.outputs.append(SendDatagram(base.socket, remote, data))
        else:
            base.relay.send(remote, data)

    def kick(self) -> None:
        """Have the next request sent as soon as the pace allows, after all that comes at this time."""
        if self.timers.due(PACE) is None:
            self.timers.arm(PACE, self._free_at)  # at once when that is over

    def spend(self) -> None:
        """A new request was sent: the next one waits for Ta, whatever was kicked meanwhile (RFC 8445 14.2)."""
        self._free_at = self.timers.now + self.config.ta
        self.timers.arm(PACE, self._free_at)

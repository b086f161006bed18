"""Bases, local and remote candidates, and the pairs of them (RFC 8445 5.1 and 6.1.2), as an agent keeps them.

A pair joins a base and a remote candidate: a reflexive local candidate is replaced by its base before it is paired
(RFC 8445 6.1.2.4), so that of redundant pairs there is one from the start. The valid pair that a check constructs
(RFC 8445 7.2.5.3.2) has the same base and the same remote candidate as the pair checked, but may have another local
candidate: that is `Pair.valid`.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

from jinglecodec.ice.candidate import CandidateType, is_link_local, local_preference, priority, without_zone
from jinglecodec.ice.events import CONTROLLING

if TYPE_CHECKING:
    from jinglecodec.addresses import Address
    from jinglecodec.ice.candidate import Candidate
    from jinglecodec.ice.events import Role, StreamId
    from jinglecodec.ice.relays import Link
    from jinglecodec.ice.session import Session

__all__ = ["Base", "Foundation", "Local", "Pair", "PairState", "Remote", "can_pair", "pair_key", "pair_priority"]

Foundation = str
"Of a pair: those of its local and its remote candidate, with a colon between them (RFC 8445 6.1.2.6)."


class PairState(enum.Enum):
    """The states of RFC 8445 6.1.2.6."""

    FROZEN = "frozen"
    WAITING = "waiting"
    IN_PROGRESS = "in-progress"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


FROZEN, WAITING, IN_PROGRESS, SUCCEEDED, FAILED = PairState


@attrs.define(eq=False, weakref_slot=False)
class Base:
    """What candidates are sent from: a socket (RFC 8445 5.1.1)."""

    socket: int
    stream: StreamId
    component: int
    host: str
    "The address as the caller gave it."
    address: Address
    "With port 0 before the socket was open."
    is_open: bool = False
    rank: int = 0
    "Its place in the order of preference, from 0."
    priority: int = 0
    "Of a peer-reflexive candidate with this base: what PRIORITY tells (RFC 8445 7.1.1)."
    relay: Link | None = None
    "What sends in its stead: a relayed candidate is its own base. Its socket is a number only."

    def opened(self, address: Address, rank: int, server: int = 0) -> None:
        """Let the socket be open; `server` is that of a relay."""
        self.address = address
        self.is_open = True
        self.rank = rank
        self.priority = priority(CandidateType.PEER_REFLEXIVE, local_preference(rank, server), self.component)

    @property
    def ip(self) -> str:
        """The address without its zone, as candidates tell it."""
        return without_zone(self.address.host)


@attrs.frozen(eq=False, weakref_slot=False)
class Local:
    """A local candidate and its base."""

    candidate: Candidate
    base: Base


@attrs.define(eq=False, weakref_slot=False)
class Remote:
    """A remote candidate: signalled, or learned from a check."""

    candidate: Candidate
    number: int
    "Of those of the session."

    @property
    def address(self) -> Address:
        """Where it is."""
        return self.candidate.address


@attrs.define(eq=False, weakref_slot=False, repr=False)
class Pair:
    """A candidate pair: a check to be made, and what has come of it."""

    session: Session
    local: Local
    "The candidate that is its own base: host or relayed."
    remote: Remote
    component: int
    key: int
    "What `pair_key` gives."
    priority: int
    foundation: Foundation
    state: PairState = FROZEN
    is_queued: bool = False
    "In the triggered-check queue."
    is_listed: bool = False
    "In the checklist."
    use_candidate: bool = False
    "Controlling: being nominated. Controlled: the peer has nominated it, before a check of ours succeeded."
    is_nominated: bool = False
    valid: Local | None = None
    "The local candidate of the valid pair that the check has constructed."
    valid_priority: int = 0
    confirmed: float = 0.0
    "When the last answer came."
    rtt: float | None = None
    "Seconds that the last check took."
    limit: float | None = None
    "When its checks are given up."
    pending: tuple[bytes, ...] = ()
    "The transactions of its checks."

    @property
    def base(self) -> Base:
        """What checks and data are sent from."""
        return self.local.base

    @property
    def kind(self) -> tuple[CandidateType, CandidateType]:
        """The types of both candidates."""
        return self.local.candidate.type, self.remote.candidate.type


def pair_key(base: Base, remote: Remote) -> int:
    """Return what tells a pair from the others of its session: socket and number of the remote candidate in one.

    A number where a tuple would do, like the text that is a foundation: pairs come by the hundred, and each object more
    makes the garbage collector run so much earlier.
    """
    return base.socket << 32 | remote.number


def pair_priority(role: Role, local: Candidate, remote: Candidate) -> int:
    """Return the priority of a pair (RFC 8445 6.1.2.3)."""
    ours, theirs = local.priority, remote.priority
    g, d = (ours, theirs) if role is CONTROLLING else (theirs, ours)
    return (d << 32) + 2 * g + 1 if g > d else (g << 32) + 2 * d


def can_pair(local: Candidate, remote: Candidate) -> bool:
    """Tell whether addresses fit: one family, and link-local with link-local only (RFC 8445 6.1.2.2)."""
    ours, theirs = local.address.host, remote.address.host
    if (":" in ours) != (":" in theirs):
        return False
    return ":" not in ours or is_link_local(ours) == is_link_local(theirs)

"""What goes into an agent and what comes out of it, besides the socket events of `jinglecodec.machine`.

Commands of the local caller are imperative; facts are past participles.
"""

from __future__ import annotations

import enum

import attrs

from jinglecodec.addresses import Address
from jinglecodec.findings import Finding
from jinglecodec.ice.candidate import Candidate
from jinglecodec.machine import SocketEvent, SocketOutput, SocketProtocol

__all__ = [
    "AddLocalAddress",
    "AddRemoteCandidate",
    "AddServer",
    "AddStream",
    "CandidateFound",
    "CandidateIgnored",
    "Close",
    "Command",
    "ConsentLost",
    "Credentials",
    "DataReceived",
    "EndRemoteCandidates",
    "Event",
    "Gather",
    "GatheringDone",
    "Notice",
    "Output",
    "PairSelected",
    "RemoveStream",
    "Restart",
    "RestartDetected",
    "Role",
    "SendData",
    "ServerFailed",
    "SetRemoteCredentials",
    "StreamId",
    "StreamState",
    "StreamStateChanged",
]

StreamId = str | int
"The caller's name for a stream."


class Role(enum.Enum):
    """Who decides which pairs are used (RFC 8445 6.1.1): the initiator controls, until a conflict is repaired."""

    CONTROLLING = "controlling"
    CONTROLLED = "controlled"

    @property
    def other(self) -> Role:
        """The role of the peer."""
        return Role.CONTROLLED if self is Role.CONTROLLING else Role.CONTROLLING


# By themselves, like the members of other enums elsewhere: `Role.CONTROLLING` takes as long as a small function (Python
# 3.11), and whatever happens asks for a dozen of them.
CONTROLLING, CONTROLLED = Role


class StreamState(enum.Enum):
    """How far a stream is. FAILED is final until a restart."""

    NEW = "new"
    "The credentials of the peer are not known."
    RUNNING = "running"
    "Pairs are checked (RFC 8445 6.1.2.1); after a restart data goes on over the old pairs."
    CONNECTED = "connected"
    "Running, and there is a valid pair for every component: data may be sent (RFC 8445 12.1)."
    COMPLETED = "completed"
    "There is a selected pair for every component (RFC 8445 8.1.2)."
    DISCONNECTED = "disconnected"
    "Completed, but the peer has not confirmed its consent for two intervals. It may come back."
    FAILED = "failed"
    "No pairs were found, or consent was lost."


@attrs.frozen
class Credentials:
    """What authenticates the checks of one ICE session of a stream (RFC 8445 5.3)."""

    ufrag: str
    "4 to 256 characters."
    pwd: str = attrs.field(repr=False)
    "22 to 256 characters."


# --- in ------------------------------------------------------------------------------------------------------------


@attrs.frozen
class AddStream:
    """Take on a data stream; their order is that of the checklist set (RFC 8445 6.1.2.6)."""

    stream: StreamId
    components: int = 1
    "1..256; 2 for RTP and RTCP on ports of their own."
    credentials: Credentials | None = None
    "The local ones; None draws them, as RFC 8445 5.3 wants unless who gives them has drawn them as well."


@attrs.frozen
class RemoveStream:
    """Give a stream up: its sockets are closed, and nothing is said of it any more."""

    stream: StreamId


@attrs.frozen
class AddLocalAddress:
    """Use an address of an interface, for all streams; one that RFC 8445 5.1.1.1 excludes is passed over.

    Where gathering is under way or done it gives more candidates, and GatheringDone comes again; a peer that was told
    of the end of candidates ignores them until a restart (RFC 8838 13).
    """

    host: str
    "An IP address in text form, with a zone id where the system needs one to bind."


@attrs.frozen
class AddServer:
    """Ask this STUN server for server-reflexive candidates, or this TURN server for relayed ones.

    Of several servers of a kind the first is preferred. A TURN server is asked for relayed candidates only; add it once
    more as a STUN server to have both.
    """

    address: Address
    "The host may be a name: ResolveHostname asks for its address."
    username: str | None = None
    "For TURN (RFC 8489 9.2); None makes it a STUN server."
    password: str = attrs.field(default="", repr=False)
    protocol: SocketProtocol = SocketProtocol.UDP
    "TCP and TLS for TURN only."
    server_name: str | None = None
    "What the server has to prove by TLS; None means the host of the address."


@attrs.frozen
class Gather:
    """Open sockets and find candidates, for these streams and addresses and for those to come."""


@attrs.frozen
class SetRemoteCredentials:
    """Checks may begin. Others than before mean that the peer has restarted: RestartDetected tells so."""

    stream: StreamId
    ufrag: str
    "1 to 256 printable ASCII characters; RFC 8839 5.4 has 4 or more, which is for the peer to keep."
    pwd: str = attrs.field(repr=False)
    "Likewise; RFC 8839 5.4 has 22 or more."
    lite: bool = False
    "The peer is a lite agent (RFC 8445 2.5), so that this one controls."


@attrs.frozen
class AddRemoteCandidate:
    """Try this candidate of the peer, too; at any time, in any order."""

    stream: StreamId
    candidate: Candidate


@attrs.frozen
class EndRemoteCandidates:
    """The peer has no more candidates for this ICE session; without this a stream does not fail (RFC 8838 14)."""

    stream: StreamId


@attrs.frozen
class SendData:
    """Send a datagram over the selected pair, or a valid one before there is one (RFC 8445 12.1), else not at all.

    A datagram must not look like STUN: octets 0 to 3 in front and the magic cookie behind them (RFC 8489 5).
    """

    stream: StreamId
    component: int
    data: bytes


@attrs.frozen
class Restart:
    """Begin a new ICE session with new credentials (RFC 8445 9): signal them, and hand in those of the peer.

    Data goes on over the old pairs until new ones are selected. After RestartDetected the agent has done so already:
    until the stream is completed again this changes nothing.
    """

    stream: StreamId | None = None
    "None restarts all streams."


@attrs.frozen
class Close:
    """Close all sockets and forget everything; nothing is told any more, and other commands are misuse.

    Allocations at TURN servers are released first: drive the agent on until it has no deadline.
    """


# --- out -----------------------------------------------------------------------------------------------------------


@attrs.frozen
class CandidateFound:
    """Signal this candidate to the peer (RFC 8838 9); it is paired from now on."""

    stream: StreamId
    candidate: Candidate


@attrs.frozen
class GatheringDone:
    """There are no more candidates for this ICE session: signal the end (RFC 8838 13)."""

    stream: StreamId


@attrs.frozen
class ServerFailed:
    """A TURN server gives no relayed candidate to a component, or not any more; the agent goes on without."""

    stream: StreamId
    component: int
    server: Address
    "As AddServer had it."
    candidates: tuple[Candidate, ...]
    "Those that are of no use from now on; empty when there never were any."
    reason: Finding


@attrs.frozen
class StreamStateChanged:
    """The state of a stream is another."""

    stream: StreamId
    state: StreamState


@attrs.frozen
class PairSelected:
    """Data of a component goes this way from now on; with peers that nominate aggressively it may change again."""

    stream: StreamId
    component: int
    local: Candidate
    remote: Candidate


@attrs.frozen
class DataReceived:
    """A datagram came from a candidate of the peer."""

    stream: StreamId
    component: int
    data: bytes


@attrs.frozen
class CandidateIgnored:
    """A remote candidate is not used."""

    stream: StreamId
    candidate: Candidate
    reason: Finding


@attrs.frozen
class ConsentLost:
    """The peer has not confirmed, or has revoked, its consent to be sent data (RFC 7675 5): a restart is needed."""

    stream: StreamId


@attrs.frozen
class RestartDetected:
    """The peer has restarted the stream, and the agent has followed: signal the new local credentials."""

    stream: StreamId


Command = (
    AddStream
    | RemoveStream
    | AddLocalAddress
    | AddServer
    | Gather
    | SetRemoteCredentials
    | AddRemoteCandidate
    | EndRemoteCandidates
    | SendData
    | Restart
    | Close
)
"What the local caller wants."

Event = Command | SocketEvent
"All that goes in."

Notice = (
    CandidateFound
    | GatheringDone
    | ServerFailed
    | StreamStateChanged
    | PairSelected
    | DataReceived
    | CandidateIgnored
    | ConsentLost
    | RestartDetected
)
"What the local caller is told."

Output = Notice | SocketOutput
"All that comes out."

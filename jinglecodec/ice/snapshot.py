"""What an agent knows, as a value and as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from jinglecodec.ice.candidate import Candidate
from jinglecodec.ice.events import Role, StreamId, StreamState
from jinglecodec.ice.pair import PairState
from jinglecodec.ice.relay_events import RelayState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jinglecodec.ice.consent import Paths
    from jinglecodec.ice.pair import Pair
    from jinglecodec.ice.session import Stream

__all__ = ["AgentState", "PairSnapshot", "StreamSnapshot", "stream_snapshot"]


@attrs.frozen
class PairSnapshot:
    """A candidate pair."""

    component: int
    local: Candidate
    "The candidate that checks are sent from."
    remote: Candidate
    state: PairState
    priority: int
    "By RFC 8445 6.1.2.3; the higher, the sooner it is checked."
    foundation: str
    "Those of both candidates, with a colon between them."
    valid: Candidate | None
    "The local candidate of the valid pair that the check has made (RFC 8445 7.2.5.3.2)."
    is_nominated: bool
    rtt: float | None
    "Seconds, of the last check that was answered at once."

    def __str__(self) -> str:
        valid = "" if self.valid is None or self.valid == self.local else f" as {self.valid}"
        nominated = ", nominated" if self.is_nominated else ""
        rtt = "" if self.rtt is None else f", {self.rtt * 1000:.0f} ms"
        return f"{self.component}: {self.local} -> {self.remote}{valid}: {self.state.value}{nominated}{rtt}"


@attrs.frozen
class StreamSnapshot:
    """A stream and its current ICE session."""

    stream: StreamId
    state: StreamState
    components: int
    ufrag: str
    remote_ufrag: str | None
    local_candidates: tuple[Candidate, ...]
    remote_candidates: tuple[Candidate, ...]
    pairs: tuple[PairSnapshot, ...]
    "The best first."
    selected: tuple[PairSnapshot, ...]
    "By component."
    paths: tuple[PairSnapshot, ...]
    "What data goes over; after a restart these may be pairs of the session before."
    is_gathered: bool
    is_ended: bool
    "The peer has no more candidates."
    unsent: int
    "Datagrams that there was no pair for."

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"stream {self.stream}: {self.state.value}, {self.components} component(s)"
        yield f"  credentials {self.ufrag}, of the peer {self.remote_ufrag or 'unknown'}"
        for title, candidates, is_all in (
            ("local", self.local_candidates, self.is_gathered),
            ("remote", self.remote_candidates, self.is_ended),
        ):
            yield f"  {title} candidates{'' if is_all else ', perhaps more to come'}:"
            yield from (f"    {each.component}: {each}, priority {each.priority}" for each in candidates)
        for title, pairs in (("pairs", self.pairs), ("selected", self.selected), ("paths", self.paths)):
            yield f"  {title}:"
            yield from (f"    {pair}" for pair in pairs)


@attrs.frozen
class AgentState:
    """All that is of interest about an agent at one moment."""

    role: Role
    streams: tuple[StreamSnapshot, ...]
    pairs: int
    "Of all streams."
    requests: int
    "That wait for an answer."
    discarded: int
    "Datagrams that were of no use: no STUN that is meant for the agent, and no data of the peer."
    deadline: float | None
    relays: tuple[RelayState, ...] = ()
    "Allocations at TURN servers, and those that are being made or released."

    def __str__(self) -> str:
        head = f"{self.role.value}, {self.pairs} pairs, {self.requests} requests, {self.discarded} datagrams discarded"
        return "\n".join([head, *map(str, self.streams), *map(str, self.relays)])


def stream_snapshot(stream: Stream, paths: Paths) -> StreamSnapshot:
    """Return what is known of a stream."""
    session = stream.session
    used = (paths.get(stream.id, component) for component in range(1, stream.components + 1))
    remote = session.remote_credentials
    return StreamSnapshot(
        stream.id,
        stream.state,
        stream.components,
        session.credentials.ufrag,
        None if remote is None else remote.ufrag,
        tuple(local.candidate for local in session.locals.values()),
        tuple(remote.candidate for remote in session.remotes.values()),
        _pairs(sorted(session.checklist.pairs.values(), key=lambda pair: -pair.priority)),
        _pairs(pair for _, pair in sorted(session.selected.items())),
        _pairs(path.pair for path in used if path is not None),
        session.is_gathered,
        session.is_ended,
        stream.unsent,
    )


def _pairs(pairs: Iterable[Pair]) -> tuple[PairSnapshot, ...]:
    return tuple(
        PairSnapshot(
            pair.component,
            pair.local.candidate,
            pair.remote.candidate,
            pair.state,
            pair.priority,
            pair.foundation,
            None if pair.valid is None else pair.valid.candidate,
            pair.is_nominated,
            pair.rtt,
        )
        for pair in pairs
    )

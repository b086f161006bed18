"""What an agent knows about a stream, and about one ICE session of it: from its credentials to the next restart."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import attrs

from jinglecodec.errors import LocalError
from jinglecodec.ice.candidate import Candidate, CandidateType
from jinglecodec.ice.events import Credentials, StreamId, StreamState
from jinglecodec.ice.pair import FAILED, IN_PROGRESS, SUCCEEDED, Base, Local, Pair, Remote

if TYPE_CHECKING:
    from random import Random

    from jinglecodec.addresses import Address
    from jinglecodec.ice.checklist import Checklist

__all__ = ["Session", "Stream", "check_credentials", "drawn_credentials"]

_ICE_CHARS = string.ascii_letters + string.digits + "+/"
"RFC 8839 5.1: 6 bits each."
_UFRAG_SIZE = 4
"24 bits (RFC 8445 5.3)."
_PWD_SIZE = 22
"132 bits; 128 are required (RFC 8445 5.3)."
_REFLEXIVE = (CandidateType.SERVER_REFLEXIVE, CandidateType.PEER_REFLEXIVE)


def drawn_credentials(random: Random) -> Credentials:
    """Return new credentials."""
    bits = random.getrandbits(6 * (_UFRAG_SIZE + _PWD_SIZE))
    text = "".join([_ICE_CHARS[bits >> 6 * at & 63] for at in range(_UFRAG_SIZE + _PWD_SIZE)])
    return Credentials(text[:_UFRAG_SIZE], text[_UFRAG_SIZE:])


def check_credentials(ufrag: str, pwd: str, *, ours: bool) -> None:
    """Raise LocalError for credentials that make no STUN message, or, when they are ours, that RFC 8839 5.4 forbids."""
    for name, text, least in (("ufrag", ufrag, 4), ("pwd", pwd, 22)):
        if not (least if ours else 1) <= len(text) <= 256 or not (text.isascii() and text.isprintable()):
            raise LocalError(f"a {name} has {least} to 256 printable ASCII characters")
        if ours and not set(text) <= set(_ICE_CHARS):
            raise LocalError(f"a {name} has letters, digits, + and / (RFC 8839 5.4)")


@attrs.define(eq=False, weakref_slot=False, repr=False)
class Session:
    """One ICE session of a stream."""

    stream: StreamId
    components: int
    credentials: Credentials
    checklist: Checklist
    follows: bool = False
    "It is the answer to a restart of the peer."
    remote_credentials: Credentials | None = None
    remote_lite: bool = False
    username: str = ""
    "Of our checks (RFC 8445 7.2.2)."
    key: bytes = attrs.field(init=False)
    "For the peer's checks and our responses."
    remote_key: bytes = b""
    "For our checks and the peer's responses."
    locals: dict[tuple[int, Address], Local] = attrs.field(factory=dict)
    "By socket of the base and address."
    remotes: dict[tuple[int, Address], Remote] = attrs.field(factory=dict)
    "By component and address."
    heard: int = 0
    "How many remote candidates there were."
    signalled: int = 0
    "How many remote candidates were signalled, in all."
    learned: int = 0
    "How many remote candidates were learned from checks, in all."
    early: dict[tuple[int, Address], bool] = attrs.field(factory=dict)
    "Checks that came before the credentials of the peer: socket, source, whether they nominate (RFC 8445 7.3)."
    queries: int = 0
    "Requests to STUN servers that are waiting or under way."
    is_gathered: bool = False
    "GatheringDone was said."
    is_ended: bool = False
    "The peer has no more candidates (RFC 8838 14)."
    patience_until: float | None = None
    "When the PAC timer ends (RFC 8863 4)."
    valid_list: list[Pair] = attrs.field(factory=list)
    "RFC 8445 7.2.5.3.2: the pairs that have made the valid ones."
    selected: dict[int, Pair] = attrs.field(factory=dict)
    "By component."

    def __attrs_post_init__(self) -> None:
        self.key = self.credentials.pwd.encode()

    @property
    def is_concluded(self) -> bool:
        """Whether all components have selected pairs."""
        return len(self.selected) >= len(self.needed(final=True))

    def add_remote(self, key: tuple[int, Address], candidate: Candidate) -> Remote:
        """Take on a remote candidate, at a component and address that none has yet."""
        self.heard += 1
        remote = self.remotes[key] = Remote(candidate, self.heard)
        return remote

    def accept(self, credentials: Credentials, *, lite: bool) -> None:
        """Take the credentials of the peer."""
        self.remote_credentials = credentials
        self.remote_lite = lite
        self.username = f"{credentials.ufrag}:{self.credentials.ufrag}"
        self.remote_key = credentials.pwd.encode()

    def needed(self, *, final: bool) -> range:
        """Return the components that need a pair: as many as both sides have (RFC 8445 6.1.2.2).

        How many the peer has is known when it has no more candidates, or is not believed to have any more (`final`).
        """
        if self.components == 1 or not (final or self.is_ended) or not self.remotes:
            return range(1, self.components + 1)
        most = max(component for component, _ in self.remotes)
        return range(1, min(self.components, most) + 1)

    def valid(self, component: int) -> Pair | None:
        """Return the valid pair of a component that has the highest priority."""
        best = None
        for pair in self.valid_list:
            if pair.component == component and (best is None or pair.valid_priority > best.valid_priority):
                best = pair
        return best

    def nominating(self, component: int) -> Pair | None:
        """Return the pair of a component that is being nominated; the agent controls."""
        for pair in self.valid_list:
            if pair.component == component and pair.use_candidate:
                return pair
        return None

    def has_better(self, pair: Pair) -> bool:
        """Tell whether a pair of its component is valid whose priority is as high, or higher."""
        best = self.valid(pair.component)
        return best is not None and best.priority >= pair.priority

    def validate(self, pair: Pair, local: Local, priority: int) -> None:
        """Put a pair into the valid list, or keep it there, with the local candidate and priority of the valid one."""
        if pair.valid is None:
            self.valid_list.append(pair)
        pair.valid = local
        pair.valid_priority = priority

    def invalidate(self, pair: Pair) -> None:
        """Take a pair out of the valid list."""
        if pair.valid is not None:
            self.valid_list.remove(pair)
            pair.valid = None
            self.checklist.reorder()

    def lose(self, base: Base) -> None:
        """Take the pairs of a base that is gone out of the valid list, but one selected: its consent expires."""
        for pair in [pair for pair in self.valid_list if pair.base is base]:
            if self.selected.get(pair.component) is not pair:
                pair.use_candidate = False
                self.invalidate(pair)

    def own(self, base: Base) -> Local | None:
        """Return the local candidate that is its own base, when it was announced."""
        return self.locals.get((base.socket, base.address))

    def own_locals(self, component: int) -> list[Local]:
        """Return the local candidates of a component that are their own bases."""
        return [
            local
            for local in self.locals.values()
            if local.base.component == component and local.candidate.type not in _REFLEXIVE
        ]

    def signalled_remotes(self, component: int) -> list[Remote]:
        """Return the remote candidates of a component that the peer has told of."""
        learned = CandidateType.PEER_REFLEXIVE
        return [
            remote
            for remote in self.remotes.values()
            if remote.candidate.component == component and remote.candidate.type is not learned
        ]

    def is_exhausted(self) -> bool:
        """Tell whether there is nothing left to be checked."""
        for pair in self.checklist.pairs.values():
            is_finished = pair.state in (SUCCEEDED, FAILED)
            is_needless = pair.state is not IN_PROGRESS and self.has_better(pair)
            if pair.is_queued or not (is_finished or is_needless):
                return False
        return True


@attrs.define(eq=False, weakref_slot=False, repr=False)
class Stream:
    """A data stream."""

    id: StreamId
    components: int
    session: Session
    "The current one."
    previous: Session | None = None
    "The one before a restart, until the current one has taken over (RFC 8445 9)."
    state: StreamState = StreamState.NEW
    bases: dict[tuple[int, str], Base] = attrs.field(factory=dict)
    "By component and host."
    waiting: list[Candidate] = attrs.field(factory=list)
    "Remote candidates whose names are being looked up."
    unsent: int = 0
    "Datagrams that there was no pair for."

    @property
    def unselected(self) -> list[int]:
        """The components that have no selected pair."""
        return [component for component in range(1, self.components + 1) if component not in self.session.selected]

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The sessions whose checks are answered."""
        return (self.session,) if self.previous is None else (self.session, self.previous)

"""Forming pairs of local and remote candidates, whichever comes first (RFC 8445 6.1.2.2, RFC 8838 10 and 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinglecodec.ice.pair import WAITING, Pair, can_pair, pair_key, pair_priority

if TYPE_CHECKING:
    from jinglecodec.ice.candidate import Candidate
    from jinglecodec.ice.checklist import ChecklistSet
    from jinglecodec.ice.context import Context
    from jinglecodec.ice.pair import Local, Remote
    from jinglecodec.ice.session import Session

__all__ = ["Pairing"]


class Pairing:
    """Forms the pairs of an agent."""

    __slots__ = ("_checklists", "_context")

    def __init__(self, context: Context, checklists: ChecklistSet) -> None:
        self._context = context
        self._checklists = checklists

    def pair_local(self, session: Session, local: Local) -> None:
        """Pair a local candidate that is its own base with all remote candidates that were signalled."""
        component = local.base.component
        if self._is_needed(session, component):
            self._pair(session, [local], session.signalled_remotes(component))

    def pair_remote(self, session: Session, remote: Remote) -> None:
        """Pair a remote candidate that was signalled with all local ones."""
        component = remote.candidate.component
        if self._is_needed(session, component):
            self._pair(session, session.own_locals(component), [remote])

    def pair_admitted(self, session: Session, component: int, host: str) -> None:
        """Pair the remote candidates at this IP address, which a relay admits now, with what they lack."""
        for remote in session.signalled_remotes(component):
            if remote.address.host == host:
                self.pair_remote(session, remote)

    def _is_needed(self, session: Session, component: int) -> bool:
        """Tell whether a component has no selected pair, and the agent makes checks."""
        return component not in session.selected and not self._context.config.lite

    def make(self, session: Session, local: Local, remote: Remote) -> Pair | None:
        """Return the pair of these candidates, inserted unless it is there; None when there is no room."""
        checklist, key = session.checklist, pair_key(local.base, remote)
        known = checklist.pairs.get(key)
        if known is not None:
            return known
        ours, theirs = local.candidate, remote.candidate
        priority = pair_priority(self._context.role, ours, theirs)
        foundation = f"{ours.foundation}:{theirs.foundation}"
        pair = Pair(session, local, remote, ours.component, key, priority, foundation)
        return pair if self._checklists.add(checklist, pair) else None

    def undo(self, pair: Pair) -> None:
        """Remove a pair that was never checked."""
        self._checklists.remove(pair)

    def upgrade(self, session: Session, remote: Remote, candidate: Candidate) -> None:
        """Let a peer-reflexive candidate be what it is signalled as now; its pairs stay (RFC 8838 11)."""
        remote.candidate = candidate
        for pair in tuple(session.checklist.pairs.values()):
            if pair.remote is remote:
                self._checklists.regroup(pair, f"{pair.local.candidate.foundation}:{candidate.foundation}")
                pair.priority = pair_priority(self._context.role, pair.local.candidate, candidate)
                if pair.valid is not None:
                    pair.valid_priority = pair_priority(self._context.role, pair.valid.candidate, candidate)
                if pair.state is WAITING:
                    session.checklist.push(pair)
        self.pair_remote(session, remote)

    def _pair(self, session: Session, locals_: list[Local], remotes: list[Remote]) -> None:
        """Pair the candidates of a component whose addresses fit, as far as they are not paired."""
        for local in locals_:
            relay = local.base.relay
            for remote in remotes:
                # RFC 8656 11.1: the first check needs a permission.
                if can_pair(local.candidate, remote.candidate) and (relay is None or relay.admits(remote.address)):
                    self.make(session, local, remote)
        self._context.kick()

"""What a lite agent does in place of checks: believe the peer (RFC 8445 7.3.2 and 8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinglecodec.ice.pair import SUCCEEDED, can_pair, pair_priority

if TYPE_CHECKING:
    from jinglecodec.ice.checklist import ChecklistSet
    from jinglecodec.ice.conclusion import Conclusion
    from jinglecodec.ice.context import Context
    from jinglecodec.ice.pair import Pair
    from jinglecodec.ice.pairing import Pairing
    from jinglecodec.ice.session import Session, Stream

__all__ = ["Lite"]


class Lite:
    """Makes pairs valid without checks."""

    __slots__ = ("_checklists", "_conclusion", "_context", "_pairing")

    def __init__(self, context: Context, checklists: ChecklistSet, pairing: Pairing, conclusion: Conclusion) -> None:
        self._context = context
        self._checklists = checklists
        self._pairing = pairing
        self._conclusion = conclusion

    def believe(self, pair: Pair) -> None:
        """Let a pair be valid and nominated: the peer says so."""
        pair.session.validate(pair, pair.local, pair.priority)
        pair.confirmed = self._context.timers.now
        self._checklists.move(pair, SUCCEEDED)
        self._conclusion.nominated(pair)

    def agree(self, stream: Stream) -> None:
        """Select the best pairs, once all candidates are known, when both agents are lite: both come to the same."""
        session = stream.session
        if self._context.config.lite and session.remote_lite and session.is_ended and session.is_gathered:
            for component in session.needed(final=True):
                if component not in session.selected and (pair := self._best(session, component)) is not None:
                    self.believe(pair)

    def _best(self, session: Session, component: int) -> Pair | None:
        """Return the pair of the highest priority, new in the checklist."""
        possible = [
            (pair_priority(self._context.role, local.candidate, remote.candidate), local, remote)
            for local in session.own_locals(component)
            for remote in session.remotes.values()
            if remote.candidate.component == component and can_pair(local.candidate, remote.candidate)
        ]
        if not possible:
            return None
        _, local, remote = max(possible, key=lambda each: each[0])
        return self._pairing.make(session, local, remote)

"""Checks of the peer: answering them, and what they teach (RFC 8445 7.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinglecodec import stun
from jinglecodec.errors import StunError
from jinglecodec.ice.candidate import PRIORITIES, Candidate, CandidateType
from jinglecodec.ice.events import CONTROLLED, CONTROLLING
from jinglecodec.ice.pair import FAILED, SUCCEEDED, Remote, can_pair, pair_priority

if TYPE_CHECKING:
    from jinglecodec.addresses import Address
    from jinglecodec.ice.checks import Checks
    from jinglecodec.ice.conclusion import Conclusion
    from jinglecodec.ice.context import Context
    from jinglecodec.ice.events import StreamId
    from jinglecodec.ice.lite import Lite
    from jinglecodec.ice.pair import Base, Pair
    from jinglecodec.ice.pairing import Pairing
    from jinglecodec.ice.session import Session, Stream

__all__ = ["Responder"]


class Responder:
    """Answers the checks that come to an agent."""

    __slots__ = ("_checks", "_conclusion", "_context", "_lite", "_pairing", "_streams")

    def __init__(
        self,
        context: Context,
        streams: dict[StreamId, Stream],
        pairing: Pairing,
        checks: Checks,
        conclusion: Conclusion,
        lite: Lite,
    ) -> None:
        self._context = context
        self._streams = streams
        self._pairing = pairing
        self._checks = checks
        self._conclusion = conclusion
        self._lite = lite

    def received(self, base: Base, source: Address, request: stun.Message) -> None:
        """Answer a Binding request, and follow it up when it was accepted."""
        stream = self._streams[base.stream]
        integrity = request.integrity
        username = None if integrity is None else _username(request)
        session = None if username is None else _addressee(stream, username, request)
        if integrity is None or username is None or session is None:
            self._context.discarded += 1
            refusal = request.error(400 if username is None else 401)
            self._context.send(base, source, refusal.encode(fingerprint=True))
            return
        verdict = self._judge(request)
        response = request.success(stun.XOR_MAPPED_ADDRESS(source)) if isinstance(verdict, int) else verdict
        packet = response.encode(session.key, integrity=integrity.answer, fingerprint=True)
        self._context.send(base, source, packet)
        if isinstance(verdict, int):
            remote = self._learn(session, base, source, verdict)
            if remote is not None and session is stream.session:
                theirs = username.partition(":")[2]
                self._follow_up(session, base, remote, theirs, nominates=stun.USE_CANDIDATE in request)

    def _judge(self, request: stun.Message) -> int | stun.Message:
        """Return the priority that an authentic request tells, or the error response that it deserves."""
        if request.unknown_required():
            return request.unknown_attributes()
        try:
            priority = request[stun.PRIORITY]
            theirs = request.get(stun.ICE_CONTROLLING), request.get(stun.ICE_CONTROLLED)
        except StunError:
            return request.error(400)
        return request.error(487) if self._is_conflict_lost(*theirs) else priority

    def _is_conflict_lost(self, controlling: int | None, controlled: int | None) -> bool:
        """Whether the peer has to switch its role; where the agent itself has to, it does (RFC 8445 7.3.1.1)."""
        context = self._context
        if context.config.lite:
            return False
        if context.role is CONTROLLING and controlling is not None:
            if context.tie_breaker >= controlling:
                return True
            self._checks.switch_role()
        elif context.role is CONTROLLED and controlled is not None:
            if context.tie_breaker < controlled:
                return True
            self._checks.switch_role()
        return False

    def _learn(self, session: Session, base: Base, source: Address, priority: int) -> Remote | None:
        """Return the remote candidate at an address; a new one is peer-reflexive (RFC 8445 7.3.1.3), within limits."""
        key = (base.component, source)
        known = session.remotes.get(key)
        if known is not None or session.learned >= self._context.config.remote_candidates:
            return known
        if priority not in PRIORITIES or _is_late(session, self._context.timers.now):
            return None
        session.learned += 1
        # No signalled foundation has a tilde.
        foundation = f"~{session.learned}"
        kind = CandidateType.PEER_REFLEXIVE
        return session.add_remote(key, Candidate(base.component, kind, source, priority, foundation))

    def _follow_up(self, session: Session, base: Base, remote: Remote, theirs: str, *, nominates: bool) -> None:
        """Check in return, now or when the credentials of the peer are known (RFC 8445 7.3)."""
        if session.remote_credentials is None:
            key = (base.socket, remote.address)
            session.early[key] = nominates or session.early.get(key, False)
        elif theirs == session.remote_credentials.ufrag:
            self._check_in_return(session, base, remote, nominates=nominates)

    def catch_up(self, stream: Stream) -> None:
        """Follow up the checks that came before the credentials of the peer."""
        session = stream.session
        if not session.early:
            return
        bases = {base.socket: base for base in stream.bases.values()}
        for (socket, source), nominates in session.early.items():
            base = bases.get(socket)
            remote = None if base is None else session.remotes.get((base.component, source))
            if base is not None and remote is not None:
                self._check_in_return(session, base, remote, nominates=nominates)
        session.early.clear()

    def _check_in_return(self, session: Session, base: Base, remote: Remote, *, nominates: bool) -> None:
        """Trigger a check and note a nomination (RFC 8445 7.3.1.4, 7.3.1.5); a lite agent believes it (7.3.2)."""
        nominates = nominates and self._context.role is CONTROLLED
        is_lite = self._context.config.lite
        pair = None if is_lite and not nominates else self._pair(session, base, remote, nominates=nominates)
        if pair is None:
            return
        if is_lite:
            self._lite.believe(pair)
            return
        if pair.state is FAILED and _is_late(session, self._context.timers.now):
            return
        if nominates and pair.state is SUCCEEDED:
            self._conclusion.nominated(pair)
        else:
            pair.use_candidate = pair.use_candidate or nominates
            self._checks.trigger(pair)

    def _pair(self, session: Session, base: Base, remote: Remote, *, nominates: bool) -> Pair | None:
        """Return the pair of base and source, inserted when it is new, and None when it does not matter.

        Where there is a selected pair, only a better one matters that the peer nominates as well: RFC 5245 lets it.
        """
        known = session.checklist.get(base, remote)
        selected = session.selected.get(base.component)
        local = session.own(base) if known is None else known.local
        if local is None or not session.checklist.is_running or (selected is not None and known is selected):
            return None
        if selected is not None and not (nominates and self._is_better(local.candidate, remote.candidate, selected)):
            return None
        fits = can_pair(local.candidate, remote.candidate)
        return self._pairing.make(session, local, remote) if fits else None

    def _is_better(self, local: Candidate, remote: Candidate, selected: Pair) -> bool:
        return pair_priority(self._context.role, local, remote) > selected.valid_priority


def _username(request: stun.Message) -> str | None:
    """Return USERNAME, None when it is missing or malformed."""
    try:
        return request.get(stun.USERNAME)
    except StunError:
        return None


def _addressee(stream: Stream, username: str, request: stun.Message) -> Session | None:
    """Return the session that an authentic request is for (RFC 8445 7.3)."""
    ufrag = username.partition(":")[0]
    for session in stream.sessions:
        if session.credentials.ufrag == ufrag and request.verify(session.key):
            return session
    return None


def _is_late(session: Session, now: float) -> bool:
    """Whether the peer has had its time to begin anything new: it has no more candidates, and patience is over."""
    until = session.patience_until
    return session.is_ended and until is not None and now >= until

"""Concluding ICE: nomination, selected pairs, and the states of streams (RFC 8445 8, RFC 8863 4, RFC 8838 8).

The rule by which a controlling agent stops and nominates (RFC 8445 8.1.1 leaves it open): the valid pair of the highest
priority, as soon as no better pair is left to be checked, else after a grace that begins with the first valid pair:
none for a pair of host candidates, three round trips for others, but at most 0.5 s, or 2 s for relayed ones. The check
that nominates is repeated every RTO, each time as a new one, since waiting longer and longer gains nothing on a pair
that is known to work.

A controlled agent takes what is nominated; of several pairs, as RFC 5245 lets its agents nominate, the best.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinglecodec import stun
from jinglecodec.errors import StunError
from jinglecodec.ice.candidate import CandidateType
from jinglecodec.ice.context import FREE, NOMINATE, PATIENCE
from jinglecodec.ice.events import CONTROLLED, CONTROLLING, ConsentLost, PairSelected, StreamState, StreamStateChanged
from jinglecodec.ice.pair import FAILED, FROZEN, IN_PROGRESS, WAITING

if TYPE_CHECKING:
    from jinglecodec.addresses import Address
    from jinglecodec.ice.checklist import ChecklistSet
    from jinglecodec.ice.consent import Path, Paths
    from jinglecodec.ice.context import Context
    from jinglecodec.ice.events import StreamId
    from jinglecodec.ice.gathering import Gathering
    from jinglecodec.ice.pair import Base, Local, Pair
    from jinglecodec.ice.session import Session, Stream
    from jinglecodec.ice.transaction import Transaction, Transactions

__all__ = ["LAST_CALL", "Conclusion"]

LAST_CALL = 5.0
"""Seconds that checks have which the peer triggers late, and that a controlled agent still waits for a nomination when
the PAC timer has run out."""

_ROUND_TRIPS = 3
_GRACE = 0.5
_GRACE_RELAYED = 2.0
_FREE_AFTER = 3.0
"RFC 8445 8.3.1"

_UNFINISHED = (FROZEN, WAITING, IN_PROGRESS)
_HOSTS = (CandidateType.HOST, CandidateType.HOST)
_GIVEN_UP = StreamState.FAILED
_SELECTED_STATES = (StreamState.COMPLETED, StreamState.DISCONNECTED)


class Conclusion:
    """Brings the streams of an agent to their ends."""

    __slots__ = ("_checklists", "_context", "_gathering", "_streams", "_transactions", "paths")

    def __init__(
        self,
        context: Context,
        streams: dict[StreamId, Stream],
        checklists: ChecklistSet,
        transactions: Transactions,
        gathering: Gathering,
        paths: Paths,
    ) -> None:
        self._context = context
        self._streams = streams
        self._checklists = checklists
        self._transactions = transactions
        self._gathering = gathering
        self.paths = paths

    def begin(self, stream: Stream) -> None:
        """Checks may be made from now on; the PAC timer starts (RFC 8863 4)."""
        session = stream.session
        until = session.patience_until = self._context.timers.now + self._context.config.patience
        session.checklist.is_running = True
        self._context.timers.arm((PATIENCE, stream.id), until)
        self._enter(stream, StreamState.RUNNING)
        self._context.kick()

    def grow_impatient(self, stream: Stream) -> None:
        """The PAC timer has run out, or what came late has had its time: see whether the stream has failed."""
        until = stream.session.patience_until
        if until is not None and self._context.timers.now < until + LAST_CALL:
            self._context.timers.arm((PATIENCE, stream.id), until + LAST_CALL)
        self.update(stream)

    # --- what checks find ----------------------------------------------------------------------------------------

    def succeeded(self, pair: Pair) -> None:
        """A check has made a valid pair."""
        stream = self._streams[pair.session.stream]
        if pair.use_candidate and self._context.role is CONTROLLED:
            self.nominated(pair)
        else:
            self._consider(stream, pair.component)
            self.update(stream)

    def failed(self, pair: Pair) -> None:
        """A check has failed."""
        stream = self._streams[pair.session.stream]
        self._consider(stream, pair.component)
        self.update(stream)

    def nominated(self, pair: Pair) -> None:
        """A valid pair is nominated (RFC 8445 7.2.5.3.4 and 7.3.1.5)."""
        stream, session = self._streams[pair.session.stream], pair.session
        selected = session.selected.get(pair.component)
        pair.is_nominated = True
        if pair.valid is None or session is not stream.session:
            return
        if selected is None or selected.valid_priority < pair.valid_priority:
            self._select(stream, pair, pair.valid)

    # --- nominating ----------------------------------------------------------------------------------------------

    def consider_all(self) -> None:
        """Nominate where it is time: the agent controls from now on."""
        for stream in self._streams.values():
            for component in range(1, stream.components + 1):
                self._consider(stream, component)

    def _consider(self, stream: Stream, component: int) -> None:
        """Nominate the best valid pair when nothing better is left, or have it done after the grace."""
        session = stream.session
        if self._context.role is CONTROLLED or component in session.selected:
            return
        best = session.valid(component)
        timer = (NOMINATE, stream.id, component)
        if best is None or session.nominating(component) is not None:
            return
        grace = _grace(best)
        if grace == 0.0 or not _has_better(session, best):
            self.nominate(stream, component)
        elif self._context.timers.due(timer) is None:
            self._context.timers.arm(timer, self._context.timers.now + grace)

    def nominate(self, stream: Stream, component: int) -> None:
        """Nominate the best valid pair, or the same one again, in case that the last check got lost."""
        session, context = stream.session, self._context
        pair = session.nominating(component)
        if pair is None:
            pair = session.valid(component)
            if pair is None or component in session.selected or context.role is CONTROLLED:
                return
            pair.use_candidate = True
            pair.limit = context.timers.now + context.config.patience
        elif pair.limit is not None and context.timers.now >= pair.limit:
            self.nomination_failed(pair)
            return
        self._checklists.enqueue(pair)
        context.timers.arm((NOMINATE, stream.id, component), context.timers.now + context.config.rto)
        context.kick()

    def nomination_failed(self, pair: Pair) -> None:
        """The pair is not valid any more, and the checklist has failed (RFC 8445 7.2.5.3.4)."""
        pair.session.invalidate(pair)
        self._checklists.move(pair, FAILED)
        self._fail(self._streams[pair.session.stream])

    # --- selecting -----------------------------------------------------------------------------------------------

    def _select(self, stream: Stream, pair: Pair, local: Local) -> None:
        """Let a pair be used for its component; the others are done with (RFC 8445 8.1.2)."""
        session, component = stream.session, pair.component
        session.selected[component] = pair
        pair.use_candidate = False
        self._context.timers.cancel((NOMINATE, stream.id, component))
        others = [each for each in session.checklist.pairs.values() if each.component == component and each is not pair]
        self._checklists.remove(*others)
        for other in others:
            if other.pending:
                # One that an aggressive peer has nominated, too, may still turn out to be better.
                self.release(other, keep=other.use_candidate)
        pair.is_queued = False
        self.release(pair, keep=False)
        pair.confirmed = self._context.timers.now  # RFC 7675 5.1: ICE obtains consent, as it concludes
        self.paths.use(stream.id, pair)
        self._context.tell(PairSelected(stream.id, component, local.candidate, pair.remote.candidate))
        self.update(stream)

    def release(self, pair: Pair, *, keep: bool) -> None:
        """Let the checks of a pair be sent no more, and their answers be forgotten unless `keep`."""
        for identifier in pair.pending:
            if keep:
                self._transactions.cancel(identifier)
            else:
                self._transactions.finish(identifier)
        if not keep:
            pair.pending = ()

    def free(self, stream: Stream) -> None:
        """Three seconds after completion: close what was not selected, forget what was before (RFC 8445 8.3.1)."""
        session = stream.session
        session.checklist.stop()
        session.valid_list = list(session.selected.values())
        stream.previous = None
        used = {pair.base.socket for pair in session.selected.values()}
        for base in tuple(stream.bases.values()):
            if base.socket not in used:
                self._gathering.free(base)
        self._gathering.relays.leave(stream, used=frozenset(used))
        for pair in session.selected.values():
            if pair.base.relay is not None:
                pair.base.relay.keep_only(pair.remote.address)
        session.locals = {key: local for key, local in session.locals.items() if key[0] in used}

    # --- states --------------------------------------------------------------------------------------------------

    def update(self, stream: Stream) -> None:
        """Let the state of a stream follow from its pairs."""
        session = stream.session
        if stream.state is _GIVEN_UP or session.patience_until is None:
            return
        is_patient = self._context.timers.now < session.patience_until
        needed = session.needed(final=not is_patient)
        missing = [component for component in needed if component not in session.selected]
        if not missing:
            self._complete(stream, needed)
        elif None not in (pairs := [session.valid(component) for component in missing]):
            self._enter(stream, StreamState.CONNECTED)
            self._keep_up(stream, pairs)
            if not self._waits_for_nomination(session) and _is_over(session):
                self._fail(stream)
        elif not is_patient and _is_over(session):
            self._fail(stream)
        elif stream.state is StreamState.CONNECTED:
            self._enter(stream, StreamState.RUNNING)  # what was valid has lost consent

    def _keep_up(self, stream: Stream, pairs: list[Pair | None]) -> None:
        """Ask for consent while a nomination is waited for; that makes the peer check again (RFC 8445 7.3.1.4).

        Where many packets are lost, its own retransmissions become so rare that it would take half a minute longer.
        """
        if self._context.role is CONTROLLED:
            for pair in pairs:
                if pair is not None and self.paths.get(stream.id, pair.component) is None:
                    self.paths.use(stream.id, pair)

    def _waits_for_nomination(self, session: Session) -> bool:
        """Whether a nomination may still come: ours, or the peer's."""
        if self._context.role is CONTROLLING:
            return True
        return session.patience_until is None or self._context.timers.now < session.patience_until + LAST_CALL

    def _complete(self, stream: Stream, needed: range) -> None:
        in_doubt = True in [self.paths.is_in_doubt(stream.id, component) for component in needed]
        if stream.state not in _SELECTED_STATES:
            self._context.timers.arm((FREE, stream.id), self._context.timers.now + _FREE_AFTER)
            self._context.timers.cancel((PATIENCE, stream.id))
        self._enter(stream, StreamState.DISCONNECTED if in_doubt else StreamState.COMPLETED)

    def _enter(self, stream: Stream, state: StreamState) -> None:
        if stream.state is not state:
            stream.state = state
            self._context.tell(StreamStateChanged(stream.id, state))

    def _fail(self, stream: Stream) -> None:
        """Give a stream up, until it is restarted."""
        self.stop(stream)
        stream.previous = None
        for component in range(1, stream.components + 1):
            self.paths.drop(stream.id, component)
        self._enter(stream, _GIVEN_UP)

    def stop(self, stream: Stream) -> None:
        """End the checks of a stream's session."""
        session, timers = stream.session, self._context.timers
        session.checklist.stop()
        for pair in session.checklist.pairs.values():
            self.release(pair, keep=False)
            if pair.state in _UNFINISHED:
                self._checklists.move(pair, FAILED)  # other streams do not wait for it
                self._context.kick()
        for timer in (PATIENCE, FREE):
            timers.cancel((timer, stream.id))
        for component in range(1, stream.components + 1):
            timers.cancel((NOMINATE, stream.id, component))

    def restarted(self, stream: Stream) -> None:
        """A new session has begun; a stream that goes on over its old pairs says so, any other is as new."""
        if stream.previous is None:
            self._enter(stream, StreamState.NEW)

    # --- consent -------------------------------------------------------------------------------------------------

    def answered(
        self, transaction: Transaction, path: Path, response: stun.Message, base: Base, source: Address
    ) -> None:
        """Take the answer to a request for consent: the peer consents again, or revokes it (RFC 7675 5)."""
        is_symmetric = base is transaction.base and source == transaction.remote
        if not (is_symmetric and response.verify_fingerprint() and response.verify(path.pair.session.remote_key)):
            self._context.discarded += 1
            return
        self._transactions.finish(transaction.id)
        self.paths.forget(path, transaction.id)
        if response.message_class is stun.MessageClass.SUCCESS:
            self.paths.confirm(path)
            self.update(self._streams[path.stream])
        elif _is_forbidden(response):
            self._revoked(path)

    def doubted(self, stream: Stream, component: int) -> None:
        """There was no answer for long."""
        path = self.paths.get(stream.id, component)
        if path is None:
            return
        if self.paths.is_lost(path):
            self._revoked(path)
        else:
            self.update(stream)

    def _revoked(self, path: Path) -> None:
        """Consent has expired, or was revoked: nothing more is sent on the path (RFC 7675 5)."""
        stream, pair = self._streams[path.stream], path.pair
        self.paths.drop(stream.id, pair.component)
        if pair.session is not stream.session:
            return  # a restart is under way
        if pair.session.selected.get(pair.component) is pair:
            self._context.tell(ConsentLost(stream.id))
            self._fail(stream)
        else:
            pair.session.invalidate(pair)
            self._checklists.move(pair, FAILED)
            self._context.kick()  # worse pairs matter again
            self.failed(pair)


def _is_forbidden(response: stun.Message) -> bool:
    """Tell whether an error response revokes consent (RFC 7675 5.2)."""
    try:
        return response[stun.ERROR_CODE].code == 403
    except StunError:
        return False


def _grace(pair: Pair) -> float:
    """Return how long better pairs are waited for."""
    kinds = pair.kind
    if kinds == _HOSTS:
        return 0.0
    most = _GRACE_RELAYED if CandidateType.RELAYED in kinds else _GRACE
    return min(most, _ROUND_TRIPS * (pair.rtt or most))


def _has_better(session: Session, best: Pair) -> bool:
    """Tell whether a pair of higher priority is still to be checked."""
    for pair in session.checklist.pairs.values():
        if pair.component == best.component and pair.priority > best.priority and pair.state in _UNFINISHED:
            return True
    return False


def _is_over(session: Session) -> bool:
    """Tell whether no candidate, and no answer, is to be expected any more (RFC 8838 8)."""
    return session.is_gathered and session.is_ended and session.is_exhausted()

"""Connectivity checks: sending them, and what their answers mean (RFC 8445 7.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinglecodec import stun
from jinglecodec.errors import StunError
from jinglecodec.ice.conclusion import LAST_CALL
from jinglecodec.ice.events import CONTROLLING
from jinglecodec.ice.pair import FAILED, IN_PROGRESS, SUCCEEDED, WAITING, pair_priority
from jinglecodec.ice.requests import check_packet
from jinglecodec.ice.transaction import Transaction

if TYPE_CHECKING:
    from jinglecodec.addresses import Address
    from jinglecodec.ice.checklist import ChecklistSet
    from jinglecodec.ice.conclusion import Conclusion
    from jinglecodec.ice.context import Context
    from jinglecodec.ice.gathering import Gathering
    from jinglecodec.ice.pair import Base, Pair
    from jinglecodec.ice.session import Stream
    from jinglecodec.ice.transaction import Transactions

__all__ = ["Checks"]

MOST_PENDING = 16
"Requests of one pair that may still be answered; the oldest are forgotten."

_ERROR = stun.MessageClass.ERROR


class Checks:
    """Makes the checks of an agent."""

    __slots__ = ("_checklists", "_conclusion", "_context", "_gathering", "_streams", "_transactions")

    def __init__(
        self,
        context: Context,
        streams: dict[str | int, Stream],
        checklists: ChecklistSet,
        transactions: Transactions,
        gathering: Gathering,
        conclusion: Conclusion,
    ) -> None:
        self._context = context
        self._streams = streams
        self._checklists = checklists
        self._transactions = transactions
        self._gathering = gathering
        self._conclusion = conclusion

    # --- sending -------------------------------------------------------------------------------------------------

    def check_next(self) -> bool:
        """Send the next check, and tell whether there was one to be sent (RFC 8445 6.1.4.2)."""
        while (pair := self._checklists.pick()) is not None:
            if pair.state is not SUCCEEDED or self._is_nominating(pair):
                self._send(pair)
                return True
        return False

    def _is_nominating(self, pair: Pair) -> bool:
        return pair.use_candidate and self._context.role is CONTROLLING

    def _send(self, pair: Pair) -> None:
        """Check a pair; the check that nominates is not retransmitted but repeated."""
        context, config = self._context, self._context.config
        now = context.timers.now
        identifier = context.draw.randbytes(12)
        nominating = self._is_nominating(pair)
        packet = check_packet(context, pair, identifier, nominating=nominating)
        if not nominating:
            self._checklists.move(pair, IN_PROGRESS)
        if pair.limit is None:
            pair.limit = now + config.patience
        pair.pending += (identifier,)
        if len(pair.pending) > MOST_PENDING:
            self._transactions.finish(pair.pending[0])
            pair.pending = pair.pending[1:]
        self._transactions.start(
            Transaction(
                identifier,
                packet,
                pair.base,
                pair.remote.address,
                pair,
                controlling=context.role is CONTROLLING,
                nominating=nominating,
                started=now,
                limit=pair.limit,
                rto=max(config.rto, config.ta * self._checklists.active),
                is_single=nominating,
            )
        )

    def trigger(self, pair: Pair) -> None:
        """Check a pair soon, because the peer has checked it, unless it is known to work (RFC 8445 7.3.1.4)."""
        if pair.state is SUCCEEDED:
            return
        if pair.state is IN_PROGRESS:
            for identifier in pair.pending:
                self._transactions.cancel(identifier)
        until, now = pair.session.patience_until, self._context.timers.now
        if pair.limit is None or pair.limit <= now or pair.state is FAILED:
            pair.limit = max(until or now, now + LAST_CALL)
        self._checklists.move(pair, WAITING)
        self._checklists.enqueue(pair)
        self._context.kick()

    # --- answers -------------------------------------------------------------------------------------------------

    def answered(
        self, transaction: Transaction, pair: Pair, response: stun.Message, base: Base, source: Address
    ) -> None:
        """Take the answer to a check; one that is not authentic counts as none (RFC 8489 9.1.4)."""
        if not (response.verify_fingerprint() and response.verify(pair.session.remote_key)):
            self._context.discarded += 1
            return
        self._forget(transaction, pair)
        if not (base is transaction.base and source == transaction.remote):
            self._fail(transaction, pair)  # RFC 8445 7.2.5.2.1
        elif response.message_class is _ERROR:
            self._refused(transaction, pair, response)
        else:
            mapped = _mapped_address(response)
            if mapped is None:
                self._fail(transaction, pair)
            else:
                self._succeed(transaction, pair, mapped)

    def timed_out(self, transaction: Transaction, pair: Pair) -> None:
        """No answer came (RFC 8445 7.2.5.2.3)."""
        self._forget(transaction, pair)
        if pair.state is IN_PROGRESS and not pair.pending:
            self._fail(transaction, pair)

    def _forget(self, transaction: Transaction, pair: Pair) -> None:
        self._transactions.finish(transaction.id)
        pair.pending = tuple([each for each in pair.pending if each != transaction.id])

    def _refused(self, transaction: Transaction, pair: Pair, response: stun.Message) -> None:
        """Take an error: a role conflict is repaired, all others are failures (RFC 8445 7.2.5.1 and 7.2.5.2.4)."""
        try:
            code = response[stun.ERROR_CODE].code
        except StunError:
            code = 400
        if code != 487:
            self._fail(transaction, pair)
            return
        if transaction.controlling is (self._context.role is CONTROLLING):  # else it was switched meanwhile
            self.switch_role()
        if pair.state is not SUCCEEDED:
            self._checklists.move(pair, WAITING)
            self._checklists.enqueue(pair)
            self._context.kick()

    def _succeed(self, transaction: Transaction, pair: Pair, mapped: Address) -> None:
        """Make a valid pair, and unfreeze those of the same foundation (RFC 8445 7.2.5.3)."""
        session, now = pair.session, self._context.timers.now
        local = self._gathering.learn(session, pair.base, mapped)
        session.validate(pair, local, pair_priority(self._context.role, local.candidate, pair.remote.candidate))
        pair.confirmed = now
        pair.rtt = now - transaction.started if transaction.sent == 1 else pair.rtt
        if transaction.nominating and self._is_nominating(pair):
            self._conclusion.nominated(pair)
            return
        pair.is_queued = self._is_nominating(pair) and pair.is_queued
        for identifier in pair.pending:
            self._transactions.finish(identifier)
        pair.pending = ()
        self._checklists.move(pair, SUCCEEDED)
        if self._checklists.active:
            self._context.kick()  # something may have thawed
        self._conclusion.succeeded(pair)

    def _fail(self, transaction: Transaction, pair: Pair) -> None:
        if transaction.nominating and self._is_nominating(pair):
            self._conclusion.nomination_failed(pair)
        elif pair.state is IN_PROGRESS:
            self._checklists.move(pair, FAILED)
            self._context.kick()  # what its foundation has held back
            self._conclusion.failed(pair)

    # --- roles ---------------------------------------------------------------------------------------------------

    def switch_role(self) -> None:
        """Take the other role, with another tiebreaker (RFC 8445 7.2.5.1 and 7.3.1.1)."""
        context = self._context
        context.role = context.role.other
        context.tie_breaker = context.draw.getrandbits(64)
        for stream in self._streams.values():
            for pair in stream.session.checklist.pairs.values():
                pair.use_candidate = False
        self._checklists.reprioritize(context.role)
        self._conclusion.consider_all()


def _mapped_address(response: stun.Message) -> Address | None:
    """Return the mapped address of a success response, None when it is missing, or unknown attributes must be known."""
    try:
        return None if response.unknown_required() else response[stun.XOR_MAPPED_ADDRESS]
    except StunError:
        return None

"""STUN client transactions over UDP: when to send again, when to give up (RFC 8489 6.2.1), as data without a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from jinglecodec.addresses import Address
    from jinglecodec.ice.consent import Path
    from jinglecodec.ice.context import Context
    from jinglecodec.ice.events import StreamId
    from jinglecodec.ice.gathering import Query
    from jinglecodec.ice.pair import Base, Pair

__all__ = ["Transaction", "Transactions"]


@attrs.define(eq=False, weakref_slot=False)
class Transaction:
    """One request, until it is answered or given up."""

    id: bytes
    packet: bytes
    "Sent again octet for octet."
    base: Base
    remote: Address
    subject: Pair | Query | Path
    "What the request is for."
    controlling: bool
    "Which role the request told (RFC 8445 7.2.5.1)."
    nominating: bool
    "USE-CANDIDATE is in it."
    started: float
    limit: float
    "When it is given up, whatever the schedule says."
    rto: float
    is_single: bool = False
    "Not sent again, but an answer is welcome until `limit`."
    sent: int = 1
    "How often."


class Transactions:
    """All requests of an agent that wait for an answer."""

    __slots__ = ("_context", "_open")

    def __init__(self, context: Context) -> None:
        self._context = context
        self._open: dict[bytes, Transaction] = {}

    def __len__(self) -> int:
        return len(self._open)

    def start(self, transaction: Transaction) -> None:
        """Send a request for the first time."""
        self._open[transaction.id] = transaction
        self._context.send(transaction.base, transaction.remote, transaction.packet)
        self._arm(transaction)

    def get(self, transaction_id: bytes) -> Transaction | None:
        """Return the transaction that waits for an answer with this id."""
        return self._open.get(transaction_id)

    def finish(self, transaction_id: bytes) -> None:
        """Forget a transaction: it was answered, or the answer does not matter any more."""
        if self._open.pop(transaction_id, None) is not None:
            self._context.timers.cancel(transaction_id)
        if not self._open:
            self._open.clear()  # gives its table back

    def forget(self, stream: StreamId) -> None:
        """Forget all transactions of a stream."""
        for identifier in [one.id for one in self._open.values() if one.base.stream == stream]:
            self.finish(identifier)

    def cancel(self, transaction_id: bytes) -> None:
        """Do not send the request again, but wait for an answer (RFC 8445 7.3.1.4)."""
        transaction = self._open.get(transaction_id)
        if transaction is not None and not transaction.is_single:
            transaction.is_single = True
            self._arm(transaction)

    def expire(self, transaction_id: bytes) -> Transaction | None:
        """Send a request again, or return its transaction, forgotten, when it has waited long enough."""
        transaction = self._open[transaction_id]
        config = self._context.config
        over = transaction.is_single or transaction.sent == config.transmissions
        if over or self._context.timers.now >= transaction.limit:
            del self._open[transaction_id]
            return transaction
        transaction.sent += 1
        self._context.send(transaction.base, transaction.remote, transaction.packet)
        self._arm(transaction)
        return None

    def _arm(self, transaction: Transaction) -> None:
        """Wait for the answer."""
        timers, due = self._context.timers, transaction.limit
        if not transaction.is_single:
            wait = self._context.config.wait(transaction.sent, transaction.rto)
            due = min(due, timers.now + wait)
        timers.arm(transaction.id, due)

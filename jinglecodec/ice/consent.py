"""Paths: the pairs that data goes over, with the peer's consent to it (RFC 7675), kept alive (RFC 8445 11).

Every request for consent has an id of its own and is sent once. Any answer within the consent timeout counts, also to
an older request, so that a path lives whose round trip is longer than the interval. The peer is asked from when a pair
is selected, or carries its first datagram, until the path is replaced or lost. When two requests in a row have found no
answer, the pair is checked as it was at first, with retransmissions, for such a check is what consent is gained by
(RFC 7675 5): of six requests in half a minute, all are lost once an hour where each is lost, or its answer, every third
time. A lite agent sends no requests: it keeps the path alive with indications.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from jinglecodec import stun
from jinglecodec.ice.context import CONSENT, EXPIRY
from jinglecodec.ice.events import CONTROLLING
from jinglecodec.ice.requests import check_packet
from jinglecodec.ice.transaction import Transaction

if TYPE_CHECKING:
    from jinglecodec.ice.context import Context
    from jinglecodec.ice.events import StreamId
    from jinglecodec.ice.pair import Pair
    from jinglecodec.ice.transaction import Transactions

__all__ = ["Path", "Paths"]

DOUBT = 2.2
"After so many intervals without an answer a path is in doubt: two requests, and some time for the second."


@attrs.define(eq=False, weakref_slot=False)
class Path:
    """The way of a component's data."""

    stream: StreamId
    pair: Pair
    confirmed: float
    "When the last valid answer came: what consent rests on."
    is_in_doubt: bool = False
    asked: tuple[bytes, ...] = ()
    "The requests that may still be answered."


class Paths:
    """The paths of an agent."""

    __slots__ = ("_by_component", "_context", "_due", "_transactions")

    def __init__(self, context: Context, transactions: Transactions) -> None:
        self._context = context
        self._transactions = transactions
        self._by_component: dict[tuple[StreamId, int], Path] = {}
        self._due: list[tuple[Path, bool]] = []

    def get(self, stream: StreamId, component: int) -> Path | None:
        """Return the path of a component."""
        return self._by_component.get((stream, component))

    def is_in_doubt(self, stream: StreamId, component: int) -> bool:
        """Tell whether a component has a path, and no answer has come over it for long."""
        path = self.get(stream, component)
        return path is not None and path.is_in_doubt

    def use(self, stream: StreamId, pair: Pair) -> Path:
        """Let data of the pair's component go over it from now on; return the path."""
        path = self.get(stream, pair.component)
        if path is None or path.pair is not pair:
            self.drop(stream, pair.component)
            if pair.base.relay is not None:
                pair.base.relay.bind(pair.remote.address)
            path = self._by_component[stream, pair.component] = Path(stream, pair, pair.confirmed)
            self._arm_request(path)
            self._arm_expiry(path)
        return path

    def drop(self, stream: StreamId, component: int) -> None:
        """Let there be no path; what was asked does not count any more (RFC 7675 5.1)."""
        path = self._by_component.pop((stream, component), None)
        if path is not None:
            for identifier in path.asked:
                self._transactions.finish(identifier)
            path.asked = ()
            self._context.timers.cancel((CONSENT, stream, component))
            self._context.timers.cancel((EXPIRY, stream, component))

    # --- asking --------------------------------------------------------------------------------------------------

    def due(self, stream: StreamId, component: int) -> None:
        """It is time to ask the peer, when the pace allows; a lite agent sends an indication."""
        path = self._by_component[stream, component]
        if self._context.config.lite:
            indication = stun.Message.indication(stun.Method.BINDING, self._context.draw.randbytes(12))
            self._context.send(path.pair.base, path.pair.remote.address, indication.encode(fingerprint=True))
        else:
            self._request(path, is_check=False)
        self._arm_request(path)

    def _request(self, path: Path, *, is_check: bool) -> None:
        self._due.append((path, is_check))
        self._context.kick()

    def ask_next(self) -> bool:
        """Ask for the consent that is due, and tell whether there was any."""
        while self._due:
            path, is_check = self._due.pop(0)
            if self.get(path.stream, path.pair.component) is path:
                self._ask(path, is_check=is_check)
                return True
        return False

    def _ask(self, path: Path, *, is_check: bool) -> None:
        context, pair = self._context, path.pair
        identifier = context.draw.randbytes(12)
        # Some lite agents answer no other checks once a pair is selected; to nominate it again changes nothing.
        again = pair.session.remote_lite and context.role is CONTROLLING
        packet = check_packet(context, pair, identifier, nominating=again)
        path.asked += (identifier,)
        self._transactions.start(
            Transaction(
                identifier,
                packet,
                pair.base,
                pair.remote.address,
                path,
                controlling=context.role is CONTROLLING,
                nominating=again,
                started=context.timers.now,
                limit=context.timers.now + context.config.consent_timeout,
                rto=context.config.rto,
                is_single=not is_check,
            )
        )

    def _arm_request(self, path: Path) -> None:
        context = self._context
        interval = context.config.consent_interval * context.draw.uniform(0.8, 1.2)  # RFC 7675 5.1
        wait = context.config.keepalive if context.config.lite else interval
        context.timers.arm((CONSENT, path.stream, path.pair.component), context.timers.now + wait)

    # --- answers -------------------------------------------------------------------------------------------------

    def forget(self, path: Path, identifier: bytes) -> None:
        """A request is not waiting any more."""
        path.asked = tuple([each for each in path.asked if each != identifier])

    def confirm(self, path: Path) -> None:
        """The peer has consented."""
        path.confirmed = path.pair.confirmed = self._context.timers.now
        path.is_in_doubt = False
        self._arm_expiry(path)

    def is_lost(self, path: Path) -> bool:
        """Tell whether consent has expired; else the path is in doubt from now on, and checked."""
        if self._context.timers.now >= path.confirmed + self._context.config.consent_timeout:
            return True
        path.is_in_doubt = True
        self._request(path, is_check=True)
        self._arm_expiry(path)
        return False

    def _arm_expiry(self, path: Path) -> None:
        config = self._context.config
        wait = (
            config.consent_timeout if path.is_in_doubt else min(DOUBT * config.consent_interval, config.consent_timeout)
        )
        due = None if config.lite else path.confirmed + wait
        self._context.timers.arm((EXPIRY, path.stream, path.pair.component), due)

"""The virtual clock, and what happens at which time: one queue for the whole network."""

from __future__ import annotations

import math
from collections import Counter
from heapq import heappop, heappush
from random import Random
from typing import TYPE_CHECKING

from jinglecodec.errors import LocalError
from jinglecodec.machine import moment
from jinglecodec.testing.network.links import Realm
from jinglecodec.testing.network.packets import Fate, Packet, Seen, Tap, canonical

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Network", "StepLimitError"]


class StepLimitError(AssertionError):
    """A run took more steps than it was allowed: something goes on without end, or the limit is too low."""


class Network:
    """A world of its own: a clock that starts at 0.0 and advances from event to event, and an internet.

    Everything random (losses, jitter, ports of NATs) derives from `seed`, apart for each link and NAT, so that a change
    of one does not disturb the others. It pickles and copies, with all hosts, NATs and machines, as long as no callback
    stands in the way that does not.
    """

    def __init__(self, seed: int = 0, *, in_flight: int = 100_000) -> None:
        """Start empty; at most `in_flight` packets and timers are pending, further packets are dropped."""
        self.now = 0.0
        "Seconds since the start."
        self.in_flight = in_flight
        self.taps: list[Tap] = []
        "Those that watch; remove one to stop it."
        self.names: dict[str, str] = {}
        "Host name -> IP address, for ResolveHostname."
        self._seed = seed
        self._generators = 0
        self._places: Counter[str] = Counter()
        self._queue: list[tuple[float, int, Callable[..., object], tuple[object, ...]]] = []
        self._pushed = 0
        self.internet = Realm(self, "internet")
        "Where public addresses live."

    def tap(self, place: str | None = None, keep: int = 1000) -> Tap:
        """Return a new tap on the host or NAT of that name, or on all of them."""
        tap = Tap(place, keep)
        self.taps.append(tap)
        return tap

    def name(self, name: str, host: str) -> None:
        """Let a host name have an address; raises LocalError when `host` is not an IP address."""
        self.names[name] = canonical(host)

    def run(self, until: float | None = None, *, steps: int = 1_000_000, stop: Callable[[], bool] | None = None) -> int:
        """Let things happen until nothing is pending, `until` is reached or `stop()` is true; return how many did.

        With `until` that is the time afterwards, unless `stop` ended the run. Raises StepLimitError after `steps`, with
        everything in a sound state, and LocalError when `until` is past or no time.
        """
        end = math.inf if until is None else moment(until)
        if end < self.now:
            raise LocalError(f"{until} is past, it is {self.now}")
        queue = self._queue
        done = 0
        while stop is None or not stop():
            if not queue or queue[0][0] > end:
                self.now = self.now if until is None else end
                break
            if done == steps:
                raise StepLimitError(f"{steps} steps until {self.now}, and more at {queue[0][0]}")
            done += 1
            self.now, _, callback, arguments = heappop(queue)
            callback(*arguments)
        return done

    @property
    def idle(self) -> bool:
        """Whether nothing is pending."""
        return not self._queue

    def call_at(self, time: float, callback: Callable[..., object], *arguments: object) -> None:
        """Call back at `time`, at once when it is past; calls for one time come in the order they were made.

        Bound methods and functions of modules pickle.
        """
        self._pushed += 1
        heappush(self._queue, (max(time, self.now), self._pushed, callback, arguments))

    # --- for links, hosts and NATs ---

    def deliver_at(self, time: float, place: str, arrive: Callable[[Packet], None], packet: Packet) -> None:
        """Let a packet arrive at `time`, unless too much is pending."""
        if len(self._queue) >= self.in_flight:
            self.note(Fate.OVERFLOW, place, packet)
        else:
            self.call_at(time, arrive, packet)

    def note(self, fate: Fate, place: str, packet: Packet) -> None:
        """Show the taps what happened."""
        if self.taps:
            seen = Seen(self.now, place, fate, packet)
            for tap in self.taps:
                tap.see(seen)

    def generator(self) -> Random:
        """Return another generator that derives from the seed."""
        self._generators += 1
        return Random(f"{self._seed}/{self._generators}")

    def place(self, name: str) -> str:
        """Return `name`, with a number behind it when it is taken."""
        self._places[name] += 1
        return name if self._places[name] == 1 else f"{name}#{self._places[name]}"

"""The figures of an agent: times, counts and limits, with the defaults of the specifications."""

from __future__ import annotations

import attrs

from jinglecodec.errors import LocalError

__all__ = ["Config"]

_RANGES = {
    "ta": (0.005, 10.0),
    "rto": (0.5, 60.0),
    "transmissions": (1, 16),
    "last_wait": (1, 64),
    "gathering_timeout": (0.5, 60.0),
    "keepalive": (15.0, 3600.0),
    "consent_interval": (5.0, 25.0),
    "consent_timeout": (5.0, 30.0),
    "pairs": (1, 10_000),
    "remote_candidates": (1, 10_000),
}
"What RFC 8445 14 and 11 and RFC 7675 5.1 allow, where they say something."


@attrs.frozen
class Config:
    """Times in seconds. Raises LocalError for a figure that is out of its range."""

    lite: bool = False
    "Answer checks and send none (RFC 8445 2.5); for hosts with public addresses."
    loopback: bool = False
    "Take loopback addresses, which RFC 8445 5.1.1.1 excludes: for agents on one machine."
    ta: float = 0.05
    "From one new request to the next, over all streams (RFC 8445 14.2): 0.005 to 10."
    rto: float = 0.5
    "Until the first retransmission of a request, at least (RFC 8445 14.3): 0.5 to 60."
    transmissions: int = 7
    "Of one request, at most, 1 to 16: Rc of RFC 8489 6.2.1."
    last_wait: int = 16
    "How many `rto` a request waits after its last transmission, 1 to 64: Rm of RFC 8489 6.2.1."
    gathering_timeout: float = 10.0
    "How long a STUN server may be silent, until gathering goes on without it (RFC 8838 13): 0.5 to 60."
    keepalive: float = 15.0
    "Tr of RFC 8445 11, for what is kept open by nothing else: 15 to 3600."
    consent_interval: float = 5.0
    "Between checks of consent, times 0.8 to 1.2 at random (RFC 7675 5.1): 5 to 25."
    consent_timeout: float = 30.0
    "From the last answer until consent has expired (RFC 7675 5.1): 5 to 30."
    relay_only: bool = False
    "Offer relayed candidates only, and none of our addresses (RFC 8828 5.2, mode 4 and RFC 8839 5.1)."
    pairs: int = 100
    "Candidate pairs of all streams together (RFC 8445 6.1.2.5): 1 to 10,000."
    remote_candidates: int = 100
    "Signalled candidates of a stream, and as many peer-reflexive ones; the others are ignored. 1 to 10,000."

    def __attrs_post_init__(self) -> None:
        for name, (least, most) in _RANGES.items():
            if not least <= getattr(self, name) <= most:
                raise LocalError(f"{name} is {getattr(self, name)}, not in {least}..{most}")

    @property
    def patience(self) -> float:
        """How long a request waits for its answer, 39.5 s by default, and so the PAC timer runs (RFC 8863 4)."""
        return self.rto * ((1 << self.transmissions - 1) - 1 + self.last_wait)

    def wait(self, sent: int, rto: float) -> float:
        """Return how long to wait after so many transmissions: twice as long each time, at last for a fixed while.

        RFC 8489 6.2.1; `rto` is 0.5 or more.
        """
        return rto * (self.last_wait if sent == self.transmissions else 1 << sent - 1)

"""The limits and habits of the session machines."""

from __future__ import annotations

from typing import Any

import attrs

from jinglecodec import namespaces as ns
from jinglecodec.errors import LocalError

__all__ = ["Config", "ProposalConfig", "positive"]


def positive(_: object, attribute: attrs.Attribute[Any], value: float) -> None:
    """Raise LocalError for a number that is not above 0 and finite; a validator, as attrs has them."""
    if not 0 < value < float("inf"):
        raise LocalError(f"{attribute.name} is {value}, not a positive number")


@attrs.frozen(kw_only=True)
class Config:
    """What holds for every session of an account. Raises LocalError for a number that is not positive."""

    namespace: str = ns.CLIENT
    "Of the stanzas that we begin; answers are in that of the question."
    acknowledgement: float = attrs.field(default=30.0, validator=positive)
    "Seconds until a request without result or error ends the session with connectivity-error."
    grace: float = attrs.field(default=10.0, validator=positive)
    'Seconds that a peer which went offline has to show itself: "5 or 10" (XEP-0166 6.7).'
    sessions: int = attrs.field(default=100, validator=positive)
    "In all."
    sessions_per_peer: int = attrs.field(default=10, validator=positive)
    "With one bare JID."
    contents: int = attrs.field(default=32, validator=positive)
    "In one session, those that were rejected or removed included while there is room."
    requests: int = attrs.field(default=1000, validator=positive)
    "Of ours without result or error, in one session; one more ends it with connectivity-error."
    candidates: int = attrs.field(default=100, validator=positive)
    "From the peer, for one content until ICE restarts."
    applications: frozenset[str] | None = None
    "Namespaces of descriptions; an initiation with none of them ends with unsupported-applications. None: any."
    transports: frozenset[str] | None = None
    "Namespaces of transports; an initiation with none of them ends with unsupported-transports. None: any."


@attrs.frozen(kw_only=True)
class ProposalConfig:
    """What holds for every proposal of a device (XEP-0353). Raises LocalError for a number that is not positive."""

    namespace: str = ns.CLIENT
    "Of the messages."
    answer: float = attrs.field(default=60.0, validator=positive)
    "Seconds that the initiator waits for an answer before it retracts."
    initiate: float = attrs.field(default=30.0, validator=positive)
    "Seconds that the responder who proceeded waits for the session-initiate before it gives up."
    finish: float = attrs.field(default=86400.0, validator=positive)
    'Seconds that others wait for what comes next: "for example 24 hours" (XEP-0353 5).'
    proposals: int = attrs.field(default=100, validator=positive)
    "That are not over, in all."
    proposals_per_peer: int = attrs.field(default=10, validator=positive)
    "Of them, with one account."
    remembered: int = attrs.field(default=1000, validator=positive)
    "That are over, so that no late step brings one back; the oldest are forgotten."

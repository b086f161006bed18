"""The transition tables of a session and of its contents (XEP-0166 5.1, 7.2), and nothing else.

How to read them. A request has a sender, which has a role; a machine looks up its own requests with its own role, and
those of the peer with the other. `PERMITTED` tells in which states which role may send an action, `NEXT` where an
action leads. `STEPS` tells the same of the contents that a request names. What neither table has cannot occur:
`out-of-order` from the peer, LocalError from the caller.
"""

from __future__ import annotations

import enum
from typing import Final

import attrs

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import Action, Creator

__all__ = [
    "ACTIONS",
    "NEXT",
    "PERMITTED",
    "STEPS",
    "TIE_BREAKING",
    "TRANSPORT_TYPES",
    "ContentState",
    "State",
    "Step",
    "TransportType",
]


class State(enum.Enum):
    """Where a session stands (XEP-0166 5.1)."""

    NEW = "new"
    "Before session-initiate: the circle at the top of the diagram."
    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


class ContentState(enum.Enum):
    """Where a content stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REMOVED = "removed"


ACTIONS: Final = frozenset(Action) - {Action.SOURCE_ADD, Action.SOURCE_REMOVE}
"The fifteen of XEP-0166 7.2; the rest is bad-request."

BOTH: Final = frozenset(Creator)
INITIATOR: Final = frozenset({Creator.INITIATOR})
RESPONDER: Final = frozenset({Creator.RESPONDER})

_NEGOTIATION: Final = dict.fromkeys(ACTIONS - {Action.SESSION_INITIATE, Action.SESSION_ACCEPT}, BOTH)
"Also in PENDING (XEP-0166 5.1, note) and from either role (6.4, 6.7, 6.8)."

PERMITTED: Final[dict[State, dict[Action, frozenset[Creator]]]] = {
    State.NEW: {Action.SESSION_INITIATE: INITIATOR},  # XEP-0166 6.2
    State.PENDING: {**_NEGOTIATION, Action.SESSION_ACCEPT: RESPONDER},  # XEP-0166 6.5
    State.ACTIVE: _NEGOTIATION,
    State.ENDED: {},  # XEP-0166 6.7: unknown-session
}
"State -> action -> the roles that may send it."

NEXT: Final[dict[Action, State]] = {
    Action.SESSION_INITIATE: State.PENDING,
    Action.SESSION_ACCEPT: State.ACTIVE,
    Action.SESSION_TERMINATE: State.ENDED,
}
"Where an action leads; all others change nothing (XEP-0166 5.1)."


@attrs.frozen
class Step:
    """What an action means to each content that it names."""

    before: frozenset[ContentState]
    "Where the content has to stand; empty: it must not be there."
    after: ContentState | None = None
    "Where it stands then; None: where it was."
    answers: bool = False
    "Whether only the party that did not propose the content may say so."

    @property
    def adds(self) -> bool:
        """Tell whether the action brings contents into the session."""
        return not self.before


_LIVE: Final = frozenset({ContentState.PROPOSED, ContentState.ACCEPTED})
_PROPOSED: Final = frozenset({ContentState.PROPOSED})

STEPS: Final[dict[Action, Step]] = {
    Action.SESSION_INITIATE: Step(frozenset(), ContentState.PROPOSED),
    Action.SESSION_ACCEPT: Step(_LIVE, ContentState.ACCEPTED),  # of those that it names, see `Contents`
    Action.CONTENT_ADD: Step(frozenset(), ContentState.PROPOSED),
    Action.CONTENT_ACCEPT: Step(_PROPOSED, ContentState.ACCEPTED, answers=True),
    Action.CONTENT_REJECT: Step(_PROPOSED, ContentState.REJECTED, answers=True),
    Action.CONTENT_REMOVE: Step(_LIVE, ContentState.REMOVED),
    Action.CONTENT_MODIFY: Step(_LIVE),
    Action.DESCRIPTION_INFO: Step(_LIVE),
    Action.SECURITY_INFO: Step(_LIVE),
    Action.TRANSPORT_INFO: Step(_LIVE),
    Action.TRANSPORT_REPLACE: Step(_LIVE),
    Action.TRANSPORT_ACCEPT: Step(_LIVE),
    Action.TRANSPORT_REJECT: Step(_LIVE),
}
"The actions that are about contents."

TIE_BREAKING: Final = frozenset(
    {Action.CONTENT_ADD, Action.CONTENT_MODIFY, Action.CONTENT_REMOVE, Action.TRANSPORT_REPLACE}
)
"The requests of which only one can stand when both parties send it at the same time (XEP-0166 7.2.16)."


class TransportType(enum.Enum):
    """What a transport carries (XEP-0166 8)."""

    DATAGRAM = "datagram"
    STREAMING = "streaming"


TRANSPORT_TYPES: Final[dict[str, TransportType]] = {
    ns.ICE_UDP: TransportType.DATAGRAM,  # XEP-0176 4
    ns.RAW_UDP: TransportType.DATAGRAM,  # XEP-0177 3
    ns.S5B: TransportType.STREAMING,  # XEP-0260 2
    ns.IBB: TransportType.STREAMING,  # XEP-0261 2
    ns.HTTP: TransportType.STREAMING,  # XEP-0370 3
    ns.HTTP_UPLOAD: TransportType.STREAMING,
}
"By namespace. XEP-0371 is either, as the application asks; so are ICE-UDP's data channels, by XEP-0343."

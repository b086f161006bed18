"""What an IQ is answered with: a result, or one of the errors of XEP-0166 6.3.2, 7.2.16 and 10."""

from __future__ import annotations

import enum

import attrs

from jinglecodec.model.jingle import Condition
from jinglecodec.model.jingle_errors import OutOfOrder, TieBreak, UnknownSession, UnsupportedInfo
from jinglecodec.model.stanza import ErrorType, Iq, IqType, StanzaCondition, StanzaError

__all__ = ["Problem", "ending", "refuse", "result"]


class Problem(enum.Enum):
    """Why a request is refused: error type, condition of RFC 6120 8.3.3, condition of XEP-0166 10."""

    BAD_REQUEST = (ErrorType.CANCEL, StanzaCondition.BAD_REQUEST, None)
    "XEP-0166 6.3.2, 7.2."
    OUT_OF_ORDER = (ErrorType.WAIT, StanzaCondition.UNEXPECTED_REQUEST, OutOfOrder())
    REDIRECT = (ErrorType.MODIFY, StanzaCondition.REDIRECT, None)
    "XEP-0166 6.3.2."
    RESOURCE_CONSTRAINT = (ErrorType.WAIT, StanzaCondition.RESOURCE_CONSTRAINT, None)
    "XEP-0166 6.3.2."
    SERVICE_UNAVAILABLE = (ErrorType.CANCEL, StanzaCondition.SERVICE_UNAVAILABLE, None)
    "XEP-0166 6.3.2: to strangers."
    TIE_BREAK = (ErrorType.CANCEL, StanzaCondition.CONFLICT, TieBreak())
    "XEP-0166 7.2.16."
    UNKNOWN_SESSION = (ErrorType.CANCEL, StanzaCondition.ITEM_NOT_FOUND, UnknownSession())
    "XEP-0166 6.7."
    UNSUPPORTED_INFO = (ErrorType.MODIFY, StanzaCondition.FEATURE_NOT_IMPLEMENTED, UnsupportedInfo())
    "XEP-0166 6.8."

    def error(self, uri: str | None = None) -> StanzaError:
        """Return the error to send; `uri` is the new address of a redirect."""
        kind, condition, application = self.value
        return StanzaError(type=kind, condition=condition, uri=uri, application=application)


def result(request: Iq) -> Iq:
    """Return the empty result for a request, with its id, addresses and namespace."""
    return Iq(namespace=request.namespace, type=IqType.RESULT, id=request.id, from_=request.to, to=request.from_)


def refuse(request: Iq, problem: Problem, uri: str | None = None) -> Iq:
    """Return the error for a request, with its id, addresses and namespace."""
    return attrs.evolve(result(request), type=IqType.ERROR, error=problem.error(uri))


_ENDING = {
    StanzaCondition.RECIPIENT_UNAVAILABLE: Condition.GONE,
    StanzaCondition.REMOTE_SERVER_NOT_FOUND: Condition.CONNECTIVITY_ERROR,
    StanzaCondition.REMOTE_SERVER_TIMEOUT: Condition.CONNECTIVITY_ERROR,
    StanzaCondition.SERVICE_UNAVAILABLE: Condition.GONE,
}
"Errors by which a server tells that the full JID is not there (RFC 6121 8.5.3.2.3), or cannot be reached."


def ending(error: StanzaError | None) -> Condition | None:
    """Return why a session is over when a request of it gets this error; None where it may go on."""
    if error is None or error.condition is None:
        return None
    if type(error.application) is UnknownSession:
        return Condition.GONE
    return _ENDING.get(error.condition)

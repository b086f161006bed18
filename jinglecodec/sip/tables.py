"""What SIP and Jingle have for one another: methods and actions, statuses and reasons, responses and session-infos.

draft-ietf-stox-media-04 (table 2) and RFC 7247 7 are written down here, and what they leave open. Directions and
senders are in `mapping.media`, by role as XEP-0166 7.3 has them; the row of the draft's table 1 that pairs them one by
one holds for the responder only.
"""

from __future__ import annotations

import enum

from jinglecodec.model.jingle import Action, Condition, SessionInfo
from jinglecodec.model.rtp_info import Active, Hold, Ringing, Unhold
from jinglecodec.model.stanza import StanzaCondition

__all__ = [
    "ALLOWED",
    "ERRORS",
    "FORMS",
    "HOLDS",
    "KNOWN",
    "PHRASES",
    "PROVISIONAL",
    "REASONS",
    "STATUSES",
    "Form",
    "reason_of",
    "status_of",
    "status_of_error",
]


class Form(enum.Enum):
    """What an action becomes in SIP."""

    OFFER = "INVITE request"
    ANSWER = "INVITE response"
    BYE = "BYE"
    VARIES = "by its payload"
    UNUSED = "acknowledged, and no more"


FORMS = {
    Action.CONTENT_ACCEPT: Form.ANSWER,
    Action.CONTENT_ADD: Form.OFFER,
    Action.CONTENT_MODIFY: Form.OFFER,
    # The draft has no use for the next, but a section that SIP adds has to be answered, by port 0 (RFC 3264 8.1).
    Action.CONTENT_REJECT: Form.ANSWER,
    Action.CONTENT_REMOVE: Form.OFFER,
    Action.DESCRIPTION_INFO: Form.UNUSED,
    Action.SECURITY_INFO: Form.UNUSED,
    Action.SESSION_ACCEPT: Form.ANSWER,
    Action.SESSION_INFO: Form.VARIES,
    Action.SESSION_INITIATE: Form.OFFER,
    Action.SESSION_TERMINATE: Form.BYE,
    Action.TRANSPORT_ACCEPT: Form.UNUSED,
    # Nor for this one: it is how a Jingle party trickles and restarts, which in SIP takes an offer (RFC 8839 4.4).
    Action.TRANSPORT_INFO: Form.OFFER,
    Action.TRANSPORT_REJECT: Form.UNUSED,
    Action.TRANSPORT_REPLACE: Form.UNUSED,
    Action.SOURCE_ADD: Form.UNUSED,
    Action.SOURCE_REMOVE: Form.UNUSED,
}
"Action -> what it becomes (draft-ietf-stox-media-04 5.1, table 2)."

PROVISIONAL: dict[int, type[SessionInfo]] = {180: Ringing}
"""Provisional response -> payload of the session-info, and back.

183 does not say that anybody is alerted (RFC 3261 21.1.5), and 100, 181 and 182 are about the way there.
"""

HOLDS: dict[type[SessionInfo], bool] = {Hold: True, Unhold: False, Active: False}
"Payload of a session-info -> whether the party is on hold from then on (XEP-0167 8); a new offer says so."

REASONS = {
    401: Condition.SECURITY_ERROR,
    403: Condition.DECLINE,
    404: Condition.GONE,
    407: Condition.SECURITY_ERROR,
    408: Condition.TIMEOUT,
    410: Condition.GONE,
    415: Condition.INCOMPATIBLE_PARAMETERS,
    480: Condition.TIMEOUT,
    484: Condition.GONE,
    485: Condition.GONE,
    486: Condition.BUSY,
    487: Condition.CANCEL,
    488: Condition.INCOMPATIBLE_PARAMETERS,
    493: Condition.SECURITY_ERROR,
    504: Condition.TIMEOUT,
    600: Condition.BUSY,
    603: Condition.DECLINE,
    604: Condition.GONE,
    606: Condition.INCOMPATIBLE_PARAMETERS,
}
"Final response to the first INVITE -> reason of the session-terminate; `reason_of` has the rest."

STATUSES = {
    Condition.ALTERNATIVE_SESSION: 480,
    Condition.BUSY: 486,
    Condition.CANCEL: 487,
    Condition.CONNECTIVITY_ERROR: 500,
    Condition.DECLINE: 603,
    Condition.EXPIRED: 408,
    Condition.FAILED_APPLICATION: 488,
    Condition.FAILED_TRANSPORT: 488,
    Condition.GENERAL_ERROR: 500,
    Condition.GONE: 410,
    Condition.INCOMPATIBLE_PARAMETERS: 488,
    Condition.MEDIA_ERROR: 488,
    Condition.SECURITY_ERROR: 493,
    Condition.SUCCESS: 603,
    Condition.TIMEOUT: 480,
    Condition.UNSUPPORTED_APPLICATIONS: 488,
    Condition.UNSUPPORTED_TRANSPORTS: 488,
}
"Reason of a session-terminate that answers a session-initiate -> final response; of a session that is on, it is BYE."

ERRORS = {
    StanzaCondition.BAD_REQUEST: (400, 400),
    StanzaCondition.CONFLICT: (400, 400),
    StanzaCondition.FEATURE_NOT_IMPLEMENTED: (405, 501),
    StanzaCondition.FORBIDDEN: (403, 603),
    StanzaCondition.GONE: (410, 410),
    StanzaCondition.INTERNAL_SERVER_ERROR: (500, 500),
    StanzaCondition.ITEM_NOT_FOUND: (404, 604),
    StanzaCondition.JID_MALFORMED: (400, 400),
    StanzaCondition.NOT_ACCEPTABLE: (406, 606),
    StanzaCondition.NOT_ALLOWED: (403, 403),
    StanzaCondition.NOT_AUTHORIZED: (403, 403),  # 401 has to carry a challenge (RFC 3261 21.4.2), and there is none
    StanzaCondition.PAYMENT_REQUIRED: (402, 402),
    StanzaCondition.POLICY_VIOLATION: (403, 403),
    StanzaCondition.RECIPIENT_UNAVAILABLE: (480, 600),
    StanzaCondition.REDIRECT: (480, 480),  # 302 has to carry where to
    StanzaCondition.REGISTRATION_REQUIRED: (403, 403),  # as with 401
    StanzaCondition.REMOTE_SERVER_NOT_FOUND: (404, 404),
    StanzaCondition.REMOTE_SERVER_TIMEOUT: (408, 408),
    StanzaCondition.RESOURCE_CONSTRAINT: (500, 500),
    StanzaCondition.SERVICE_UNAVAILABLE: (403, 403),
    StanzaCondition.SUBSCRIPTION_REQUIRED: (400, 400),
    StanzaCondition.UNDEFINED_CONDITION: (400, 400),
    StanzaCondition.UNEXPECTED_REQUEST: (491, 491),
}
"Condition of an error that answers a session-initiate -> final response, of a full and of a bare JID (RFC 7247 7.1)."

ALLOWED = ("INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "PRACK")
"Methods that are served."

KNOWN = frozenset({*ALLOWED, "REGISTER", "INFO", "MESSAGE", "NOTIFY", "PUBLISH", "REFER", "SUBSCRIBE", "UPDATE"})
"Methods that are recognised: others than the allowed get 405, unknown ones 501 (RFC 3261 8.2.1, 21.5.2)."

PHRASES = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    400: "Bad Request",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    408: "Request Timeout",
    410: "Gone",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    493: "Undecipherable",
    500: "Server Internal Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    504: "Server Time-out",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
}
"Status -> reason phrase (RFC 3261 21), of those that are sent."


def reason_of(status: int) -> Condition:
    """Return the reason of the session-terminate for a final response that is no success.

    Of what is not in the table, 6xx is a decline: it speaks for the user (RFC 3261 21.6). The rest is a general error.
    """
    return REASONS.get(status, Condition.DECLINE if status >= 600 else Condition.GENERAL_ERROR)


def status_of(condition: Condition | None) -> int:
    """Return the final response for the reason of a session-terminate; none given is a decline."""
    return STATUSES[Condition.DECLINE if condition is None else condition]


def status_of_error(condition: StanzaCondition | None, peer: str) -> int:
    """Return the final response for an error of `peer`, a full or a bare JID (RFC 7247 7.1)."""
    full, bare = ERRORS[StanzaCondition.UNDEFINED_CONDITION if condition is None else condition]
    return full if "/" in peer else bare

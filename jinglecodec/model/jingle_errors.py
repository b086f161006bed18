"""XEP-0166 10: what an IQ error says beside its stanza error condition."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import ApplicationCondition
from jinglecodec.xml.fields import element

__all__ = ["OutOfOrder", "SecurityRequired", "TieBreak", "UnknownSession", "UnsupportedInfo"]


@element(ns.JINGLE_ERRORS, "out-of-order")
class OutOfOrder(ApplicationCondition):
    """The request cannot occur at this point of the session (XEP-0166 10)."""


@element(ns.JINGLE_ERRORS, "tie-break", also=(f"{{{ns.JINGLE_ERRORS}}}tiebreak",))
class TieBreak(ApplicationCondition):
    """The request is refused because both parties sent one at the same time (XEP-0166 10)."""


@element(ns.JINGLE_ERRORS, "unknown-session")
class UnknownSession(ApplicationCondition):
    """The sid names no session of this party (XEP-0166 10)."""


@element(ns.JINGLE_ERRORS, "unsupported-info")
class UnsupportedInfo(ApplicationCondition):
    """The payload of the session-info is not supported (XEP-0166 10)."""


@element(ns.JINGLE_ERRORS, "security-required")
class SecurityRequired(ApplicationCondition):
    """The session is refused without a security precondition (XEP-0166 9; in no table or schema of it)."""

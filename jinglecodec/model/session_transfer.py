"""XEP-0251: Jingle Session Transfer."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import ApplicationCondition, SessionInfo
from jinglecodec.xml.fields import attribute, element
from jinglecodec.xml.types import JID, STRING

__all__ = ["Transfer", "Transferred"]


@element(ns.TRANSFER, "transfer")
class Transfer(SessionInfo):
    """The call goes to another party: in a session-info to the caller, then in its session-initiate (XEP-0251 2, 3)."""

    from_: str | None = attribute(JID, default=None)
    "The attendant, who transfers the call."
    sid: str | None = attribute(STRING, default=None)
    "The attendant's session with the callee, which the new one replaces; attended transfers only (XEP-0251 3)."
    to: str | None = attribute(JID, default=None)
    "The callee."


@element(ns.TRANSFER, "transferred")
class Transferred(ApplicationCondition):
    """The session ends because the transfer succeeded (XEP-0251 2, 3); stands in the reason beside `success`."""

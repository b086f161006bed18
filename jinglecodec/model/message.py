"""XEP-0353: Jingle Message Initiation, version 0.8: proposing a session in messages before it is initiated.

All of them travel in a `Message` of type chat together with a `Store` hint (XEP-0353 3). What else stands in them, such
as the device of the OMEMO verification draft, is in `extra`.
"""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import Description, Reason
from jinglecodec.xml.fields import Element, attribute, child, element, flag, members
from jinglecodec.xml.tree import Raw
from jinglecodec.xml.types import STRING

__all__ = [
    "AcceptMessage",
    "FinishMessage",
    "JingleMessage",
    "Migrated",
    "ProceedMessage",
    "ProposeMessage",
    "RejectMessage",
    "RetractMessage",
    "RingingMessage",
]


def _in_version_1(name: str) -> tuple[str, ...]:
    """Return the name in the namespace of versions 0.4 and 0.5, which some peers send (XEP-0353 10)."""
    return (f"{{{ns.JINGLE_MESSAGE_1}}}{name}",)


@element()
class JingleMessage(Element):
    """Any step of a proposal (XEP-0353 3)."""

    id: str = attribute(STRING)
    "The session's sid to be, the same in all steps; globally unique, a UUID preferred."


@element(ns.JINGLE_MESSAGE, "propose", also=_in_version_1("propose"))
class ProposeMessage(JingleMessage):
    """The initiator wants a session; the responder's devices ring (XEP-0353 3.1)."""

    descriptions: tuple[Description | Raw, ...] = members(Description, default=())
    "One for each media type on offer, without details."


@element(ns.JINGLE_MESSAGE, "ringing", also=_in_version_1("ringing"))
class RingingMessage(JingleMessage):
    """A device of the responder alerts its user (XEP-0353 3.2)."""


@element(ns.JINGLE_MESSAGE, "retract", also=_in_version_1("retract"))
class RetractMessage(JingleMessage):
    """The initiator no longer wants the session (XEP-0353 3.3)."""

    reason: Reason | None = child(Reason, default=None)
    "`cancel`, or `expired` with `tie_break`."
    tie_break: bool = flag(default=False)
    "Both parties proposed at once, and this proposal has the higher id (XEP-0353 4.1; not in the schema)."


@element(ns.JINGLE_MESSAGE, "proceed", also=_in_version_1("proceed"))
class ProceedMessage(JingleMessage):
    """The responder takes the call on the device that sends this; the initiator may initiate it (XEP-0353 3.4)."""


@element(ns.JINGLE_MESSAGE, "reject", also=_in_version_1("reject"))
class RejectMessage(JingleMessage):
    """The responder does not want the session (XEP-0353 3.5)."""

    reason: Reason | None = child(Reason, default=None)
    "`busy`, or `expired` with `tie_break`."
    tie_break: bool = flag(default=False)
    "Both parties proposed at once, and the rejected proposal has the higher id (XEP-0353 4.1)."


@element(ns.JINGLE_MESSAGE, "accept", also=_in_version_1("accept"))
class AcceptMessage(JingleMessage):
    """What a device without carbons sends to the account's own address besides `proceed` (XEP-0353 5, 11)."""


@element(ns.JINGLE_MESSAGE, "migrated", also=_in_version_1("migrated"))
class Migrated(Element):
    """Where a session goes on that is finished for that reason (XEP-0353 4.2)."""

    to: str = attribute(STRING)
    "The new session's id."


@element(ns.JINGLE_MESSAGE, "finish", also=_in_version_1("finish"))
class FinishMessage(JingleMessage):
    """The session is over; sent by both parties (XEP-0353 3.7)."""

    reason: Reason | None = child(Reason, default=None)
    "`success`, `expired` ..."
    migrated: Migrated | None = child(Migrated, default=None)

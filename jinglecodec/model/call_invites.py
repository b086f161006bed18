"""XEP-0482: Call Invites. All of them travel in a `Message`."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.xml.fields import Element, attribute, element, members
from jinglecodec.xml.tree import Raw
from jinglecodec.xml.types import BOOLEAN, JID, STRING

__all__ = [
    "CallAccept",
    "CallExternal",
    "CallInvite",
    "CallJingle",
    "CallLeft",
    "CallReject",
    "CallRetract",
    "CallUpdate",
]


@element(ns.CALL_INVITES, "jingle")
class CallJingle(Element):
    """The call is joined by a Jingle session (XEP-0482 2.1)."""

    sid: str = attribute(STRING)
    jid: str | None = attribute(JID, default=None)
    "Who initiates the session; None: the sender of the message."


@element(ns.CALL_INVITES, "external")
class CallExternal(Element):
    """The call is joined by other means (XEP-0482 2.1)."""

    uri: str = attribute(STRING)
    "Such as `https:` of a web client, or `tel:`."


@element(ns.CALL_INVITES, "invite")
class CallInvite(Element):
    """Someone is invited to a call (XEP-0482 2.1)."""

    audio: bool = attribute(BOOLEAN, default=True)
    video: bool = attribute(BOOLEAN, default=False)
    methods: tuple[Element | Raw, ...] = members(Element, default=())
    "Ways to join: `CallJingle`, `CallExternal`, or of another document, such as `Muji` (XEP-0272 8)."


@element()
class CallUpdate(Element):
    """What becomes of an invitation (XEP-0482 2)."""

    id: str = attribute(STRING)
    "Of the invite's message; in a group chat the id that the room gave it (XEP-0482 3.1)."


@element(ns.CALL_INVITES, "retract")
class CallRetract(CallUpdate):
    """The invitation no longer holds (XEP-0482 2.2)."""


@element(ns.CALL_INVITES, "accept")
class CallAccept(CallUpdate):
    """The invitation is accepted (XEP-0482 2.3)."""

    methods: tuple[Element | Raw, ...] = members(Element, default=())
    "The way chosen, as the invitation had it."


@element(ns.CALL_INVITES, "reject")
class CallReject(CallUpdate):
    """The invitation is declined (XEP-0482 2.4)."""


@element(ns.CALL_INVITES, "left")
class CallLeft(CallUpdate):
    """The party has left the call (XEP-0482 2.5)."""

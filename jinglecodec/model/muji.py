"""XEP-0272: Multiparty Jingle (Muji)."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import Content, Creator, Description, SessionInfo
from jinglecodec.xml.fields import Element, attribute, children, element, flag, member
from jinglecodec.xml.tree import Raw
from jinglecodec.xml.types import JID, STRING, enum_of

__all__ = ["Muji", "MujiContent"]


@element(ns.MUJI, "content")
class MujiContent(Element):
    """One content that the participant takes part in, the same name and payload types for all (XEP-0272 2, 3)."""

    creator: Creator = attribute(enum_of(Creator), default=Creator.INITIATOR, always=True)
    name: str = attribute(STRING)
    description: Description | Raw | None = member(Description, default=None)


@element(ns.MUJI, "muji")
class Muji(SessionInfo):
    """The participant's part in a conference (XEP-0272 3), or which conference a session or invitation is about.

    The former stands in presence to the room, the latter in a session-initiate (XEP-0272 3) or an invite (XEP-0272 8).
    """

    room: str | None = attribute(JID, default=None)
    preparing: bool = flag(default=False)
    "The participant is about to join or to change its contents (XEP-0272 3, 5)."
    contents: tuple[MujiContent, ...] = children(MujiContent, default=())
    jingle_contents: tuple[Content, ...] = children(Content, default=())
    "The same in the namespace of XEP-0166: what Dino writes, and all that it reads."

"""A session that has begun, and what is looked at in it."""

from __future__ import annotations

from session_support import (
    JULIET,
    ROMEO,
    SID,
    content,
    give,
    hear,
    request,
    session_of,
    stanzas,
    verdict,
)

import jinglecodec as jc
from jinglecodec.session import (
    Accept,
    ContentState,
    Initiate,
    Session,
)

__all__ = [
    "TIE_BREAK",
    "VIDEO",
    "VOICE",
    "begun",
    "refusals",
    "senders",
    "states",
]

VOICE = content("voice")
VIDEO = content("video", media="video")
TIE_BREAK = jc.StanzaError(condition=jc.StanzaCondition.CONFLICT, application=jc.TieBreak())


def begun(jid: str, *contents: jc.Content, accepted: bool = False) -> Session:
    """Return a session with these contents of the initiator."""
    session = session_of(jid)
    if jid == ROMEO:
        give(session, Initiate(JULIET, contents, SID))
    else:
        hear(session, request(ROMEO, jc.Action.SESSION_INITIATE, *contents))
    if accepted and jid == ROMEO:
        hear(session, request(JULIET, jc.Action.SESSION_ACCEPT, *contents))
    elif accepted:
        give(session, Accept(session.key, contents))
    return session


def states(session: Session) -> dict[str, ContentState]:
    return {name: status.state for (_, name), status in session.contents.items()}


def senders(session: Session, name: str = "voice") -> jc.Senders:
    return session.contents[jc.Creator.INITIATOR, name].senders


def refusals(session: Session, iq: jc.Iq) -> list[str]:
    return [verdict(one) for one in stanzas(hear(session, iq)) if one.type is not jc.IqType.SET]

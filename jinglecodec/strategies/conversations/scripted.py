"""Conversations with parties that are no machines: what they say stands in a table, and how they answer, too."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from jinglecodec import session
from jinglecodec.model.grouping import Group
from jinglecodec.model.jingle import Action, Content, Jingle, SessionInfo
from jinglecodec.model.stanza import Iq, IqType, StanzaError
from jinglecodec.session.replies import Problem, refuse, result
from jinglecodec.strategies.conversations.stage import JULIET, ROMEO, SID, Reactions, Stage, script_of
from jinglecodec.testing.laws import Factory, Script
from jinglecodec.xml.tree import Raw

Act = tuple[float, object]
"Seconds to wait, and what Juliet's machine takes then."


def play(factory: Factory, acts: Iterable[Act], reactions: Reactions | None = None, *, seconds: float = 5.0) -> Script:
    """Let Juliet, whose machine it is, take one thing after the other; the others are these lines."""
    stage = Stage()
    recorder = stage.put(JULIET, factory(), "192.0.2.1", reactions)
    stage.play(*((wait, JULIET, event) for wait, event in acts), seconds=seconds)
    return script_of(recorder)


def asks(
    action: Action,
    *contents: Content,
    sid: str = SID,
    sender: str = ROMEO,
    infos: tuple[SessionInfo | Raw, ...] = (),
    initiator: str | None = None,
    groups: tuple[Group, ...] = (),
) -> session.StanzaReceived:
    """Return a request of a peer, by default Romeo's."""
    jingle = Jingle(action=action, sid=sid, contents=contents, infos=infos, initiator=initiator, groups=groups)
    iq = Iq(from_=sender, to=JULIET, id=f"{sid}-{action.value}", type=IqType.SET, payload=jingle)
    return session.StanzaReceived(iq)


def answering_with(*errors: StanzaError | None) -> Reactions:
    """Return how Romeo answers what Juliet asks, in turn: with a result where there is None; no more after the last."""
    left = list(reversed(errors))

    def answer(told: session.SendStanza) -> list[tuple[str, object]]:
        asked = told.stanza
        if not isinstance(asked, Iq) or asked.type is not IqType.SET or not left:
            return []
        error, given = left.pop(), result(asked)
        if error is not None:
            given = attrs.evolve(given, type=IqType.ERROR, error=error)
        return [(JULIET, session.StanzaReceived(given))]

    return {session.SendStanza: answer}


def granting(*refused: Action) -> Reactions:
    """Return how Romeo answers what Juliet asks: he grants it, unless it is one of these actions."""

    def answer(told: session.SendStanza) -> list[tuple[str, object]]:
        asked = told.stanza
        if not isinstance(asked, Iq) or asked.type is not IqType.SET or not isinstance(asked.payload, Jingle):
            return []
        given = refuse(asked, Problem.TIE_BREAK) if asked.payload.action in refused else result(asked)
        return [(JULIET, session.StanzaReceived(given))]

    return {session.SendStanza: answer}

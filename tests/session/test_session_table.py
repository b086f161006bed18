"""15 actions x states x roles, written down from XEP-0166, against what a session does.

A row is an action, a column a state. `both`, `initiator` or `responder` tells who may send it there; the clause says
where that stands. `-` is the default: unexpected-request with out-of-order (XEP-0166 10). Once ended, and before it
begins, there is no session: unknown-session.
"""

from __future__ import annotations

import attrs
import pytest
from session_support import (
    BY_ROLE,
    OTHER,
    RAW_UDP,
    ROLE,
    content,
    hear,
    named,
    own,
    prepared,
    request,
    stanzas,
    verdict,
)

import jinglecodec as jc
from jinglecodec.errors import LocalError
from jinglecodec.session import Command, Initiate, State, Terminate

TABLE = """
action            | new             | pending             | active             | ended
session-initiate  | initiator 6.2   | - 10                | - 10               | - 6.7
session-accept    | - [5.5]         | responder 6.5       | - 6.5              | - 6.7
session-terminate | - [5.5]         | both 6.7            | both 6.7           | - 6.7
session-info      | - [5.5]         | both 6.8            | both 6.8           | - 6.7
content-add       | - [5.5]         | both 5.1, 7.2.2     | both 6.6, 7.2.2    | - 6.7
content-accept    | - [5.5]         | both 5.1, 7.2.1     | both 5.1, 7.2.1    | - 6.7
content-reject    | - [5.5]         | both 5.1, 7.2.4     | both 5.1, 7.2.4    | - 6.7
content-modify    | - [5.5]         | both 6.4, 7.2.3     | both 6.6, 7.2.3    | - 6.7
content-remove    | - [5.5]         | both 6.4, 7.2.5     | both 6.6, 7.2.5    | - 6.7
description-info  | - [5.5]         | both 6.8, 7.2.6     | both 6.8, 7.2.6    | - 6.7
security-info     | - [5.5]         | both 5.1 note, 7.2.7| both 7.2.7, 9      | - 6.7
transport-info    | - [5.5]         | both 6.4, 7.2.13    | both 6.6, 7.2.13   | - 6.7
transport-replace | - [5.5]         | both 6.4, 7.2.15    | both 5.1, 7.2.15   | - 6.7
transport-accept  | - [5.5]         | both 5.1, 7.2.12    | both 5.1, 7.2.12   | - 6.7
transport-reject  | - [5.5]         | both 5.1, 7.2.14    | both 5.1, 7.2.14   | - 6.7
"""
"Clauses of XEP-0166; in brackets, of XEP-0176."

EVERYBODY = ("initiator", "responder")


def cells() -> list[tuple[jc.Action, State, str, bool]]:
    """Return action, state, role of the sender, and whether it may."""
    lines = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
    found = []
    for name, *row in lines[1:]:
        for state, cell in zip(lines[0][1:], row, strict=True):
            allowed = {"both": EVERYBODY, "-": ()}.get(cell.split()[0], (cell.split()[0],))
            found += [(jc.Action(name), State(state), role, role in allowed) for role in EVERYBODY]
    return found


CELLS = cells()
each_cell = pytest.mark.parametrize(
    ("action", "state", "role", "allowed"), CELLS, ids=[f"{cell[0].value}-{cell[1].value}-{cell[2]}" for cell in CELLS]
)


def subject(action: jc.Action, sender: jc.Creator) -> tuple[jc.Content, ...]:
    """Return contents that suit the action in `prepared`, where the sender has proposed one and the other another."""
    receiver = ROLE[OTHER[BY_ROLE[sender]]]
    match action:
        case jc.Action.SESSION_INITIATE | jc.Action.SESSION_ACCEPT:
            return (content("offered"),)
        case jc.Action.CONTENT_ADD:
            return (content("new", sender, "message"),)
        case jc.Action.CONTENT_ACCEPT | jc.Action.CONTENT_REJECT | jc.Action.TRANSPORT_REJECT:
            return (named("NAME", receiver),)
        case jc.Action.TRANSPORT_ACCEPT:
            return (named("NAME", receiver, transport=RAW_UDP),)
        case jc.Action.DESCRIPTION_INFO:
            return (named("offered", description=jc.RtpDescription(media="audio")),)
        case jc.Action.TRANSPORT_INFO:
            return (named("offered", transport=jc.IceUdpTransport()),)
        case jc.Action.TRANSPORT_REPLACE:
            return (named("offered", transport=RAW_UDP),)
        case jc.Action.SECURITY_INFO:
            return (named("offered", security=jc.Raw("{urn:xmpp:jingle:security:stub:0}security")),)
        case jc.Action.SESSION_INFO | jc.Action.SESSION_TERMINATE:
            return ()
    return (named("offered"),)


def renamed(contents: tuple[jc.Content, ...], name: str) -> tuple[jc.Content, ...]:
    return tuple(attrs.evolve(one, name=name) if one.name == "NAME" else one for one in contents)


def test_the_table_is_whole() -> None:
    assert len({cell[0] for cell in CELLS}) == 15
    assert len(CELLS) == 15 * len(State) * 2


@each_cell
def test_what_the_peer_says_is_taken_or_refused(action: jc.Action, state: State, role: str, allowed: bool) -> None:
    sender = BY_ROLE[jc.Creator(role)]
    session = prepared(OTHER[sender], state)
    before = session.contents
    outputs = hear(session, request(sender, action, *renamed(subject(action, ROLE[sender]), "mine")))
    refusal = "out-of-order" if state in (State.PENDING, State.ACTIVE) else "unknown-session"
    assert verdict(stanzas(outputs)[0]) == ("ack" if allowed else refusal)
    if not allowed:
        assert len(outputs) == 1
        assert (session.state, session.contents) == (state, before)


@each_cell
def test_what_the_caller_says_is_sent_or_misuse(action: jc.Action, state: State, role: str, allowed: bool) -> None:
    session = prepared(BY_ROLE[jc.Creator(role)], state)
    contents = renamed(subject(action, session.role), "theirs")
    command: Command
    if action is jc.Action.SESSION_INITIATE:
        command = Initiate(session.peer, contents, session.key.sid)
    elif action is jc.Action.SESSION_TERMINATE:
        command = Terminate(session.key)
    else:
        command = own(session, action, *contents)
    if not allowed:
        with pytest.raises(LocalError):
            session.handle(command, 0.0)
        assert session.state is state
        return
    (iq,) = stanzas(session.handle(command, 0.0))
    assert isinstance(iq.payload, jc.Jingle)
    assert (iq.payload.action, iq.payload.contents, iq.to) == (action, contents, session.peer)


NEXT = {
    (State.NEW, jc.Action.SESSION_INITIATE): State.PENDING,
    (State.PENDING, jc.Action.SESSION_ACCEPT): State.ACTIVE,
    (State.PENDING, jc.Action.SESSION_TERMINATE): State.ENDED,
    (State.ACTIVE, jc.Action.SESSION_TERMINATE): State.ENDED,
}
"The diagram of XEP-0166 5.1: all other actions are loops."


@each_cell
def test_states_follow_the_diagram(action: jc.Action, state: State, role: str, allowed: bool) -> None:
    sender = BY_ROLE[jc.Creator(role)]
    session = prepared(OTHER[sender], state)
    hear(session, request(sender, action, *renamed(subject(action, ROLE[sender]), "mine")))
    assert session.state is (NEXT.get((state, action), state) if allowed else state)

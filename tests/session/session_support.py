"""Two parties, the stanzas between them, and sessions at every point of the state machine."""

from __future__ import annotations

from random import Random

import jinglecodec as jc
from jinglecodec.session import (
    COMMANDS,
    Accept,
    AddContent,
    Config,
    ContentCommand,
    Initiate,
    Output,
    ReplaceTransport,
    SendStanza,
    Session,
    SessionKey,
    StanzaReceived,
    State,
    Terminate,
)

ROMEO = "romeo@montague.lit/orchard"
JULIET = "juliet@capulet.lit/balcony"
SID = "a73sjjvkla37jfea"
OTHER = {ROMEO: JULIET, JULIET: ROMEO}
ROLE = {ROMEO: jc.Creator.INITIATOR, JULIET: jc.Creator.RESPONDER}
BY_ROLE = {role: jid for jid, role in ROLE.items()}


def content(
    name: str,
    creator: jc.Creator = jc.Creator.INITIATOR,
    media: str = "audio",
    senders: jc.Senders = jc.Senders.BOTH,
    disposition: str = "session",
) -> jc.Content:
    """Return a content of RTP over ICE-UDP."""
    description = jc.RtpDescription(media=media, payload_types=(jc.PayloadType(id=0),))
    transport = jc.IceUdpTransport(ufrag="8hhy", pwd="asd88fgpdd777uzjYhagZg")
    return jc.Content(
        creator=creator,
        name=name,
        senders=senders,
        disposition=disposition,
        description=description,
        transport=transport,
    )


def named(name: str, creator: jc.Creator = jc.Creator.INITIATOR, **parts: object) -> jc.Content:
    """Return a content that says nothing but which it is, and the parts given."""
    return jc.Content(creator=creator, name=name, **parts)  # type: ignore[arg-type]


def request(sender: str, action: jc.Action, *contents: jc.Content, id_: str = "q1", **parts: object) -> jc.Iq:
    """Return an IQ of one party to the other."""
    parts.setdefault("sid", SID)
    jingle = jc.Jingle(action=action, contents=contents, **parts)  # type: ignore[arg-type]
    return jc.Iq(type=jc.IqType.SET, id=id_, from_=sender, to=OTHER[sender], payload=jingle)


def answer(iq: jc.Iq, error: jc.StanzaError | None = None) -> jc.Iq:
    """Return the result, or the error, for a request."""
    kind = jc.IqType.RESULT if error is None else jc.IqType.ERROR
    return jc.Iq(type=kind, id=iq.id, from_=iq.to, to=iq.from_, error=error)


def stanzas(outputs: tuple[Output, ...]) -> list[jc.Iq]:
    """Return the IQs among outputs."""
    return [output.stanza for output in outputs if isinstance(output, SendStanza) and isinstance(output.stanza, jc.Iq)]


def told(outputs: tuple[Output, ...]) -> list[str]:
    """Return the names of the outputs that are no stanzas."""
    return [type(output).__name__ for output in outputs if not isinstance(output, SendStanza)]


def verdict(iq: jc.Iq) -> str:
    """Return `ack` for a result; for an error the condition of XEP-0166 10, else that of RFC 6120."""
    if iq.type is jc.IqType.RESULT:
        return "ack"
    assert iq.error is not None
    assert iq.error.condition is not None
    if isinstance(iq.error.application, jc.ApplicationCondition):
        return {
            jc.OutOfOrder: "out-of-order",
            jc.TieBreak: "tie-break",
            jc.UnknownSession: "unknown-session",
            jc.UnsupportedInfo: "unsupported-info",
        }[type(iq.error.application)]
    return iq.error.condition.value


def session_of(jid: str, config: Config | None = None) -> Session:
    """Return a session between the two at its very beginning."""
    return Session(jid, SessionKey(OTHER[jid], SID), ROLE[jid], config, random=Random(jid))


def give(session: Session, event: object, now: float = 0.0) -> tuple[Output, ...]:
    """Hand in an event; acknowledge what the session then asks for."""
    outputs = session.handle(event, now)  # type: ignore[arg-type]
    for iq in stanzas(outputs):
        if iq.type is jc.IqType.SET:
            assert session.handle(StanzaReceived(answer(iq)), now) == ()
    return outputs


def hear(session: Session, iq: jc.Iq, now: float = 0.0) -> tuple[Output, ...]:
    """Hand in what the peer says."""
    return give(session, StanzaReceived(iq), now)


def own(session: Session, action: jc.Action, *contents: jc.Content) -> ContentCommand:
    """Return the command for an action."""
    return COMMANDS[action](session.key, contents)


RAW_UDP = jc.RawUdpTransport()


def prepared(jid: str, state: State) -> Session:
    """Return a session of this party in that state.

    It has the content `offered` of session-initiate, `mine` that this party proposes and `theirs` that the other does,
    and waits for an answer about another transport for `mine`, as the other does for `theirs`.
    """
    session, peer = session_of(jid), OTHER[jid]
    if state is State.NEW:
        return session
    offered = content("offered")
    if jid == ROMEO:
        give(session, Initiate(peer, (offered,), SID))
    else:
        hear(session, request(peer, jc.Action.SESSION_INITIATE, offered))
    give(session, AddContent(session.key, (content("mine", ROLE[jid], "video"),)))
    hear(session, request(peer, jc.Action.CONTENT_ADD, content("theirs", ROLE[peer], "text")))
    give(session, ReplaceTransport(session.key, (named("mine", ROLE[jid], transport=RAW_UDP),)))
    hear(session, request(peer, jc.Action.TRANSPORT_REPLACE, named("theirs", ROLE[peer], transport=RAW_UDP)))
    if state is State.ACTIVE and jid == ROMEO:
        hear(session, request(peer, jc.Action.SESSION_ACCEPT, offered))
    elif state is State.ACTIVE:
        give(session, Accept(session.key, (offered,)))
    elif state is State.ENDED:
        give(session, Terminate(session.key))
    assert session.state is state
    return session

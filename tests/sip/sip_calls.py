"""Calls through the gateway, brought to where a test begins, and what went by."""

from __future__ import annotations

from sip_support import BOB, GATE, JULIET, ROMEO, USER, R, Wire, audio, sdp, world

from jinglecodec.model.jingle import Content, Jingle
from jinglecodec.model.stanza import Iq
from jinglecodec.sdp import loads
from jinglecodec.sdp.session import SessionDescription
from jinglecodec.session import events as on
from jinglecodec.session.events import SessionKey
from jinglecodec.sip import legs

SID, CALL = "a73sjjvkl37jfea", "a73sjjvkl37jfea@jingle"
KEY = SessionKey(R, SID)
"The session in Juliet's eyes."


def place(contents: tuple[Content, ...] = (), **more: object) -> Wire:
    """Return a world in which Juliet has called, and Romeo is told."""
    wire = world()
    wire.tell(USER, on.Initiate(R, contents or (audio(),), SID, **more))  # type: ignore[arg-type]
    wire.run(1.0)
    return wire


def active(contents: tuple[Content, ...] = (), answer: bytes | None = None) -> Wire:
    """Return a world with a call of Juliet's on."""
    wire = place(contents)
    wire.tell(BOB, legs.Answer(CALL, answer or sdp()))
    wire.run(2.0)
    wire.first = [one for _, _, one in wire.log]
    clear(wire)
    return wire


def called(body: bytes | None = None, answer: Content | None = None) -> Wire:
    """Return a world with a call of Romeo's on; Juliet's key for it is `inward`."""
    wire = world()
    wire.tell(BOB, legs.Invite("c1", ROMEO, JULIET, sdp() if body is None else body))
    wire.run(1.0)
    wire.tell(USER, on.Accept(inward(wire), (answer or audio(name="audio-0"),)))
    wire.run(2.0)
    clear(wire)
    return wire


def inward(wire: Wire) -> SessionKey:
    return next(event.session for event in wire.events(USER) if isinstance(event, on.IncomingSession))


INWARD = SessionKey(f"{R}/sip", "sip:c1")


def clear(wire: Wire) -> None:
    wire.log.clear()
    wire.stanzas.clear()
    wire.said.clear()


def step(wire: Wire, address: object, event: object, seconds: float = 1.0) -> None:
    wire.tell(address, event)  # type: ignore[arg-type]
    wire.run(wire.now + seconds)


def bodies(wire: Wire, method: str = "INVITE") -> list[SessionDescription]:
    """Return the descriptions that the gateway has sent, in order."""
    found = (one for _, where, one in wire.log if where == GATE and one.cseq_method == method and one.sdp)
    return [loads(one.sdp or b"") for one in found]


def said(wire: Wire, action: str) -> Jingle:
    """Return the only request of an action that went by."""
    (found,) = [
        stanza.payload
        for _, stanza in wire.stanzas
        if isinstance(stanza, Iq) and isinstance(stanza.payload, Jingle) and stanza.payload.action.value == action
    ]
    return found


def audio_lines(desc: SessionDescription) -> tuple[int, str, str, int]:
    """Return port, address, direction and version."""
    media = desc.media[0]
    assert desc.origin is not None
    return (
        media.port,
        media.connections[0].address,
        str(media.direction and media.direction.value),
        desc.origin.session_version,
    )


def bodies_text(wire: Wire) -> list[bytes]:
    return [one.sdp for _, where, one in wire.log if where == GATE and one.sdp]


def at_rest(wire: Wire) -> None:
    """Check that nothing is left on any side once all timers have run."""
    wire.run(wire.now + 100.0)
    gateway, romeo, juliet = (wire.nodes[address] for address in (GATE, BOB, USER))
    assert gateway.calls == frozenset()  # type: ignore[attr-defined]
    assert gateway.pending == romeo.pending == 0  # type: ignore[attr-defined]
    assert not juliet.sessions  # type: ignore[attr-defined]
    assert gateway.deadline is None

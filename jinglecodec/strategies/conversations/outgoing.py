"""Romeo calls: what becomes of INVITEs that the gateway sends (RFC 3261 13.2, 9.1, RFC 3262 4)."""

from __future__ import annotations

from jinglecodec import session
from jinglecodec.model.jingle import Content
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.strategies.conversations.media import RAW, content
from jinglecodec.strategies.conversations.phones import Ask, Reply
from jinglecodec.strategies.conversations.stage import ROMEO, Conversation
from jinglecodec.strategies.conversations.telephony import (
    AUDIO,
    JULIET,
    OFF,
    PHONE,
    SDP,
    VIDEO,
    VOICE,
    described,
    told,
)

_RELIABLE = {"Require": "100rel", "RSeq": "1"}


def _call(sid: str, *contents: Content, to: str = JULIET) -> tuple[float, str, object]:
    return (0.5, ROMEO, session.Initiate(to, contents or (VOICE,), sid))


def _end(sid: str, wait: float = 0.5, to: str = JULIET) -> tuple[float, str, object]:
    return (wait, ROMEO, session.Terminate(session.SessionKey(to, sid)))


_REFUSALS: tuple[tuple[int, dict[str, str]], ...] = (
    (302, {"Contact": "<sip:juliet@example.org>"}),
    (401, {"WWW-Authenticate": 'Digest realm="example.com", nonce="1"'}),
    (407, {"Proxy-Authenticate": 'Digest realm="example.com", nonce="1"'}),
    (404, {}),
    (480, {"Retry-After": "18000;duration=3600"}),
    (488, {"Warning": '305 example.com "Incompatible media format"'}),
    (503, {"Retry-After": "10"}),
    (603, {}),
    (699, {}),
)

refused = told(
    tuple(
        act
        for status, headers in _REFUSALS
        for act in (_call(f"r{status}"), (0.3, PHONE, Reply(180)), (0.1, PHONE, Reply(status, headers=headers)))
    )
)
"Every call is refused: elsewhere, a password wanted, nobody there, not now, not so, by a server that is overloaded."

unwilling = told(
    (
        _call("foreign", Content(name="0", description=RtpDescription(media="audio"), transport=RAW)),
        _call("nowhere", to="juliet@exa mple.com"),
        _call("mute"),
        (0.3, PHONE, Reply(200)),
        _call("broken"),
        (0.3, PHONE, Reply(200, "v=0\r\nm=\r\n")),
        _call("nothing"),
        (0.3, PHONE, Reply(200, described(OFF))),
        _call("fewer", VOICE, content("1", RAW)),
        (0.3, PHONE, Reply(200, SDP)),
        _call("more"),
        (0.3, PHONE, Reply(200, described(AUDIO, VIDEO))),
        _call("page"),
        (0.3, PHONE, Reply(200, "<p/>", {"Content-Type": "text/html"})),
    )
)
"Calls that no side has a form for, and answers that are none: without a body, unreadable, of too few or many sections."

cancelled = told(
    (
        _call("early"),
        _end("early", 0.1),
        (0.3, PHONE, Reply(180)),
        _call("ringing"),
        (0.3, PHONE, Reply(180)),
        _end("ringing"),
        _call("silence"),
        (40.0, PHONE, Reply(200, SDP)),
        _call("endless"),
        (0.3, PHONE, Reply(180)),
        (0.3, PHONE, Reply(183, SDP)),
    ),
    seconds=220.0,
)
"Romeo gives up before it rings, or while it does; nobody is there; nobody answers (RFC 3261 9.1, timers B and C)."

crossing = told(
    (
        _call("crossed"),
        (0.3, PHONE, Reply(180)),
        _end("crossed"),
        (0.3, PHONE, Reply(200, SDP)),
        (0.3, PHONE, Reply(200, SDP)),
        _call("deaf"),
        _end("deaf", 0.1),
        (0.3, PHONE, Reply(180)),
        (0.3, PHONE, Reply(183)),
        (33.0, PHONE, Reply(200, SDP)),
        (33.0, PHONE, Reply(200, SDP)),
    ),
    habits={"BYE": (Reply(481, method="BYE"),)},
)
"CANCELs that cross the answer, or that nobody hears, and answers that come when all is over (RFC 3261 9.1, 15)."

forked = told(
    (
        _call("fork"),
        (0.3, PHONE, Reply(100, tag="")),
        (0.1, PHONE, Reply(180, headers=_RELIABLE, tag="a")),
        (0.1, PHONE, Reply(180, headers=_RELIABLE, tag="a")),
        (0.1, PHONE, Reply(183, SDP, {**_RELIABLE, "RSeq": "5"}, tag="b")),
        (0.1, PHONE, Reply(183, SDP, {**_RELIABLE, "RSeq": "9"}, tag="b")),
        (0.1, PHONE, Reply(180, headers={**_RELIABLE, "RSeq": "6", "Record-Route": "<sip:192.0.2.30;lr>"}, tag="b")),
        (0.1, PHONE, Reply(200, SDP, tag="b")),
        (0.5, PHONE, Reply(200, SDP, tag="b")),
        (0.1, PHONE, Reply(200, SDP, tag="a")),
        (0.1, PHONE, Reply(200, SDP, tag="c")),
        (0.1, PHONE, Reply(200, SDP, tag="c")),
        (0.1, PHONE, Reply(486, tag="a")),
        (0.1, PHONE, Reply(180, tag="a")),
        (0.1, PHONE, Reply(486, tag="b")),
        _end("fork", 2.0),
        _call("proxy"),
        (0.3, PHONE, Reply(200, SDP, {"Record-Route": "<sip:192.0.2.20>, <sip:old.example.com>"})),
        (1.0, PHONE, Reply(200, SDP)),
        (1.0, PHONE, Ask("BYE")),
        (0.1, PHONE, Ask("BYE")),
    )
)
"Several phones ring and two answer, each tells its media early and reliably, and an old router is on the way."

OUTGOING: tuple[Conversation, ...] = (refused, unwilling, cancelled, crossing, forked)

"""A call that is on is changed from either side: re-INVITEs, taken, refused, withdrawn and crossing (RFC 3261 14)."""

from __future__ import annotations

import attrs

from jinglecodec import session
from jinglecodec.model.jingle import Creator, Senders, named
from jinglecodec.model.rtp_info import Hold, Unhold
from jinglecodec.strategies.conversations.gateways import PROXY
from jinglecodec.strategies.conversations.media import FOR_ICE, RAW, content
from jinglecodec.strategies.conversations.phones import HABITS, Ask, Reply
from jinglecodec.strategies.conversations.stage import ROMEO, Conversation
from jinglecodec.strategies.conversations.telephony import (
    AUDIO,
    DECIDING,
    JULIET,
    OFF,
    PHONE,
    SDP,
    VIDEO,
    VOICE,
    call,
    described,
    key,
    told,
)

_VIDEO_OFF = VIDEO.replace("4002", "0")


def _again(*sections: str, wait: float = 1.0, address: str = PROXY.host) -> tuple[float, str, object]:
    return (wait, PHONE, Ask("INVITE", described(*sections, version=2, address=address)))


changed = told(
    (
        call("c"),
        _again(AUDIO + "a=sendonly\r\n"),
        _again(AUDIO, address="0.0.0.0"),  # noqa: S104 - hold, as it was said before directions
        _again(AUDIO + "a=inactive\r\n"),
        _again(AUDIO.replace("4000", "5000") + "a=rtcp:5001\r\n"),
        _again(AUDIO, VIDEO),
        _again(AUDIO, _VIDEO_OFF),
        _again(AUDIO, VIDEO + "a=mid:v\r\n"),
        _again(AUDIO + "a=ice-ufrag:abcd\r\na=ice-pwd:" + "p" * 22 + "\r\n", VIDEO),
        _again(AUDIO),
        _again(VIDEO, VIDEO),
        (1.0, PHONE, Ask("INVITE", SDP, {"Content-Type": "text/plain"})),
        (1.0, PHONE, Ask("INVITE", "?")),
        _again(AUDIO, VIDEO.replace("RTP/AVP", "TCP/BFCP")),
        _again(OFF, _VIDEO_OFF),
        (1.0, PHONE, Ask("BYE")),
    )
)
"The phone holds, resumes, moves, adds and removes, in ways that Romeo has and that he has not, until nothing is left."

considered = told(
    (
        call("c"),
        _again(AUDIO, VIDEO),
        _again(AUDIO, VIDEO, wait=25.0),
        (1.0, PHONE, Ask("CANCEL")),
        _again(AUDIO, VIDEO),
        (1.0, ROMEO, session.RejectContent(key("c"), (named(content("video-1", RAW)),))),
        _again(AUDIO, VIDEO),
        (1.0, ROMEO, session.Terminate(key("c"))),
        call("d"),
        _again(AUDIO, VIDEO),
        _again(AUDIO, VIDEO),
        (1.0, PHONE, Ask("BYE")),
    ),
    reactions=DECIDING,
)
"Romeo lets the phone wait for an answer to what it adds; it takes it back, he refuses, he hangs up, it does."

_LATER = {name: acts for name, acts in HABITS.items() if name != "success"}

delayed = told(
    (
        call("c", ""),
        (3.0, PHONE, Ask("ACK", SDP)),
        (0.5, PHONE, Ask("ACK", SDP)),
        (0.5, PHONE, Ask("INVITE", "")),
        (0.1, ROMEO, session.AddContent(key("c"), (content("1", RAW, Creator.RESPONDER),))),
        (0.5, PHONE, Ask("ACK", described(AUDIO + "a=recvonly\r\n", version=2))),
        (0.5, PHONE, Reply(200, described(AUDIO, _VIDEO_OFF, version=3))),
        (0.1, PHONE, Ask("ACK")),
        (0.5, PHONE, Ask("INVITE", "")),
        (0.5, PHONE, Ask("ACK", "?")),
        call("d", ""),
        (3.0, PHONE, Ask("ACK")),
        call("e", ""),
        (0.5, ROMEO, session.Terminate(key("e"))),
        (0.5, PHONE, Ask("ACK", SDP)),
        call("f", ""),
        (3.0, ROMEO, session.Terminate(key("f"))),
        (0.5, PHONE, Ask("ACK", SDP)),
    ),
    habits=_LATER,
)
"The phone asks for offers, and answers them in its ACK, or not; Romeo hangs up before it comes (RFC 3261 13.2.1, 15)."

_ELSEWHERE = attrs.evolve(RAW, candidates=(attrs.evolve(RAW.candidates[0], port=6000, generation=1),))
_MORE = content("1", RAW)
_KEY = session.SessionKey(JULIET, "c")


def _romeo(command: object, wait: float = 1.0) -> tuple[float, str, object]:
    return (wait, ROMEO, command)


def _added(name: str) -> tuple[float, str, object]:
    return _romeo(session.AddContent(_KEY, (content(name, RAW),)))


_SECOND = AUDIO.replace("4000", "4004")

_PLACED = (_romeo(session.Initiate(JULIET, (VOICE,), "c"), 0.5), (0.5, PHONE, Reply(200, SDP)))

asked = told(
    (
        *_PLACED,
        _romeo(session.SendSessionInfo(_KEY, infos=(Hold(),))),
        (0.5, PHONE, Reply(200, described(AUDIO + "a=recvonly\r\n", version=2))),
        _romeo(session.SendSessionInfo(_KEY, infos=(Unhold(),))),
        (0.5, PHONE, Reply(200, described(AUDIO, version=3))),
        _romeo(session.ModifyContent(_KEY, (attrs.evolve(named(VOICE), senders=Senders.INITIATOR),))),
        (0.5, PHONE, Reply(200, described(AUDIO + "a=inactive\r\n", version=4))),
        _added("1"),
        (0.1, PHONE, Reply(180)),
        (0.5, PHONE, Reply(200, described(AUDIO, _SECOND, version=5))),
        _added("2"),
        (0.5, PHONE, Reply(200, described(AUDIO, _SECOND, OFF, version=6))),
        _romeo(session.RemoveContent(_KEY, (named(_MORE),))),
        (0.5, PHONE, Reply(200, described(AUDIO, OFF, OFF, version=7))),
        _romeo(session.ReplaceTransport(_KEY, (attrs.evolve(named(VOICE), transport=FOR_ICE),))),
        _romeo(session.SendTransportInfo(_KEY, (attrs.evolve(named(VOICE), transport=_ELSEWHERE),))),
        (0.5, PHONE, Reply(200, described(AUDIO, OFF, OFF, version=8))),
        _romeo(session.SendDescriptionInfo(_KEY, (attrs.evolve(named(VOICE), description=VOICE.description),))),
        _added("3"),
        (0.5, PHONE, Reply(200, "?")),
    )
)
"Romeo holds, resumes, adds, removes and moves, and the phone takes it, or in part, until it says what nobody reads."

opposed = told(
    (
        *_PLACED,
        _added("1"),
        (0.5, PHONE, Reply(488)),
        _added("2"),
        _added("3"),
        _again(AUDIO, wait=0.1),
        (0.5, PHONE, Reply(491)),
        _again(AUDIO, wait=0.5),
        (9.0, PHONE, Reply(491)),
        (9.0, PHONE, Reply(200, described(AUDIO, _SECOND, _SECOND, version=3))),
        _added("4"),
        (0.5, PHONE, Reply(488)),
        _romeo(session.RemoveContent(_KEY, (named(content("2", RAW)),))),
        (40.0, PHONE, Reply(200, SDP)),
    )
)
"What Romeo asks for is refused, crosses what the phone asks for (RFC 3261 14.1), and is not heard at all in the end."

lost = told(
    (
        *_PLACED,
        _added("1"),
        (0.5, PHONE, Reply(481)),
        _romeo(session.Initiate(JULIET, (VOICE,), "d"), 0.5),
        (0.5, PHONE, Reply(200, SDP)),
        _romeo(session.AddContent(attrs.evolve(_KEY, sid="d"), (_MORE,))),
        _romeo(session.Terminate(attrs.evolve(_KEY, sid="d")), 0.1),
        (0.5, PHONE, Reply(200, described(AUDIO, _SECOND, version=2))),
    )
)
"The phone has lost the call, and another ends while an offer is under way (RFC 3261 12.2.1.2)."

REOFFERS: tuple[Conversation, ...] = (changed, considered, delayed, asked, opposed, lost)

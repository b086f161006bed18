"""What comes to a gateway beside its calls: users who come, go or refuse, strangers, a socket that closes."""

from __future__ import annotations

import attrs

from jinglecodec import session
from jinglecodec.addresses import Address
from jinglecodec.machine import DatagramReceived, SocketClosed, SocketFailed
from jinglecodec.model.jingle import Action, Condition, Content, Jingle, Reason, named
from jinglecodec.model.rtp_info import Ringing
from jinglecodec.model.stanza import (
    ErrorType,
    Iq,
    IqType,
    Message,
    Presence,
    PresenceType,
    StanzaCondition,
    StanzaError,
)
from jinglecodec.session.replies import result
from jinglecodec.strategies.conversations.media import FOR_ICE, content
from jinglecodec.strategies.conversations.phones import Ask, Reply
from jinglecodec.strategies.conversations.stage import ANYBODY, NURSE, ROMEO, Conversation
from jinglecodec.strategies.conversations.telephony import (
    AUDIO,
    CALLING,
    GATEWAY,
    JULIET,
    PHONE,
    SDP,
    VOICE,
    call,
    described,
    told,
)

_ELSEWHERE = Address("198.51.100.9", 5060)
_KEY = session.SessionKey(JULIET, "c")


def _heard(stanza: object, wait: float = 0.1) -> tuple[float, str, object]:
    return (wait, GATEWAY, session.StanzaReceived(stanza))  # type: ignore[arg-type]


def _initiates(sid: str, sender: str = NURSE, *contents: Content) -> tuple[float, str, object]:
    jingle = Jingle(action=Action.SESSION_INITIATE, sid=sid, contents=contents or (VOICE,))
    return _heard(Iq(from_=sender, to=JULIET, id=f"{sid}-{sender}", type=IqType.SET, payload=jingle))


def _datagram(text: str) -> tuple[float, str, object]:
    lines = "\r\n".join(line.strip() for line in text.strip().splitlines())
    return (0.1, GATEWAY, DatagramReceived(0, _ELSEWHERE, f"{lines}\r\n\r\n".encode()))


_OF_A_STRANGER = """
    Via: SIP/2.0/UDP 198.51.100.9;branch=z9hG4bKs
    From: <sip:tybalt@example.org>;tag=t
    To: <sip:romeo@montague.lit>
    Call-ID: c@jingle
"""

_OF_ANOTHER = _OF_A_STRANGER.replace("c@jingle", "new").replace("bKs", "bKt")

disturbed = told(
    (
        (0.5, ROMEO, session.Initiate(JULIET, (VOICE,), "c")),
        _initiates("c"),
        _datagram(f"INVITE {CALLING} SIP/2.0{_OF_A_STRANGER}CSeq: 1 INVITE"),
        _datagram(f"INVITE {CALLING} SIP/2.0{_OF_ANOTHER}CSeq: 1 INVITE"),
        _datagram(f"OPTIONS {CALLING} SIP/2.0{_OF_ANOTHER}CSeq: 3 OPTIONS\nContent-Length: 5"),
        _datagram(f"BYE {CALLING} SIP/2.0{_OF_A_STRANGER}CSeq: 2 BYE"),
        _datagram(f"SIP/2.0 200 OK{_OF_A_STRANGER}CSeq: 1 INVITE"),
        _datagram(f"SIP/2.0 200 OK{_OF_A_STRANGER}CSeq: 1 INVITE".replace("198.51.100.9", "192.0.2.10:5060")),
        (0.5, PHONE, Reply(200, SDP)),
        _heard(Message(from_=ROMEO, to=JULIET)),
        _heard(Message(from_=ROMEO)),
        _heard(Jingle(action=Action.SESSION_INFO, sid="c")),
        _heard(Iq(from_=ROMEO, to=JULIET, id="g", type=IqType.GET)),
        _heard(Presence(from_=ROMEO, to=JULIET, type=PresenceType.SUBSCRIBE)),
        *(_heard(Presence(from_=f"nurse@capulet.lit/{number}", to=JULIET), 0.0) for number in range(17)),
        _heard(Presence(from_="nurse@capulet.lit/3", to=JULIET, type=PresenceType.UNAVAILABLE)),
        (0.1, PHONE, Ask("INVITE", SDP, {}, "n", "sip:nurse@capulet.lit")),
        (0.1, GATEWAY, session.TrustChanged(session.Policy())),
        _initiates("d"),
        (0.1, GATEWAY, session.TrustChanged(ANYBODY)),
        _heard(Presence(from_=ROMEO, to=JULIET, type=PresenceType.UNAVAILABLE)),
        (0.1, GATEWAY, SocketFailed(0, "in use")),
        (0.1, GATEWAY, SocketClosed(0)),
    )
)
"Others meddle with a call, stanzas come that are none of the gateway's, its users come and go, and its socket closes."


def _refused(told: session.SendStanza) -> list[tuple[str, object]]:
    """Answer a session-initiate with the condition that its sid ends in, and anything else of a session with none."""
    asked = told.stanza
    if not isinstance(asked, Iq) or asked.type is not IqType.SET or not isinstance(asked.payload, Jingle):
        return []
    answer = result(asked)
    if asked.payload.action is Action.SESSION_INITIATE:
        condition = StanzaCondition(asked.payload.sid.rpartition(":")[2])
        answer = attrs.evolve(answer, type=IqType.ERROR, error=StanzaError(type=ErrorType.CANCEL, condition=condition))
    return [(GATEWAY, session.StanzaReceived(answer))]


unreached = told(
    tuple(call(condition.value) for condition in StanzaCondition),
    carried={session.SendStanza: _refused},
)
"Each call comes back as an error of another condition (RFC 7247 7.1)."

_BARE = attrs.evolve(FOR_ICE, candidates=())
_SAID = (attrs.evolve(named(VOICE), transport=FOR_ICE),)
_ICE = f"a=ice-ufrag:abcd\r\na=ice-pwd:{'p' * 22}\r\na=candidate:f 1 udp 1 192.0.2.20 4000 typ host\r\n"


def _trickling(told: session.IncomingSession) -> list[tuple[str, object]]:
    """Tell candidates, ring, accept without any, and tell more."""
    (offered,) = told.jingle.contents
    said = (attrs.evolve(named(offered), transport=FOR_ICE),)
    return [
        (ROMEO, session.SendTransportInfo(told.session, said)),
        (ROMEO, session.SendSessionInfo(told.session, infos=(Ringing(),))),
        (ROMEO, session.SendSessionInfo(told.session, infos=(Ringing(),))),
        (ROMEO, session.Accept(told.session, (attrs.evolve(offered, transport=_BARE),))),
        (ROMEO, session.SendTransportInfo(told.session, said)),
    ]


trickled = told(
    (
        (0.5, ROMEO, session.Initiate(JULIET, (content("0", _BARE),), "c")),
        (0.5, ROMEO, session.SendTransportInfo(_KEY, _SAID)),
        (0.5, PHONE, Reply(180)),
        (0.5, ROMEO, session.SendTransportInfo(_KEY, _SAID)),
        (0.5, PHONE, Reply(200, described(AUDIO + _ICE))),
        (2.0, PHONE, Reply(200, described(AUDIO + _ICE.replace("abcd", "efgh"), version=2))),
        (1.0, ROMEO, session.SendTransportInfo(_KEY, _SAID)),
        (0.1, ROMEO, session.SendTransportInfo(_KEY, _SAID)),
        (0.1, ROMEO, session.Terminate(_KEY, Reason(condition=Condition.MEDIA_ERROR))),
        (0.5, ROMEO, session.Initiate(JULIET, (content("0", _BARE),), "d")),
        (5.0, PHONE, Reply(200, SDP)),
        (1.0, ROMEO, session.Terminate(attrs.evolve(_KEY, sid="d"))),
        call("e", described(AUDIO + _ICE)),
        (5.0, PHONE, Ask("INVITE", described(AUDIO + _ICE.replace("abcd", "efgh"), version=2))),
        (5.0, PHONE, Ask("BYE")),
    ),
    reactions={session.IncomingSession: _trickling},
)
"Romeo tells his candidates one by one, before and after the answer of either side; SIP waits for them (draft 4)."

DISTURBANCES: tuple[Conversation, ...] = (disturbed, unreached, trickled)

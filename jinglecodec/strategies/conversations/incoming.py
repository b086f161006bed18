"""The phone calls Romeo: INVITEs that come in, and what comes without a call (RFC 3261 8.2, 9.2, 13.3, RFC 3262 3)."""

from __future__ import annotations

import attrs

from jinglecodec import session
from jinglecodec.model.jingle import Condition, Reason
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.strategies.conversations.media import RAW, content
from jinglecodec.strategies.conversations.phones import HABITS, Ask, Say
from jinglecodec.strategies.conversations.stage import ROMEO, Conversation
from jinglecodec.strategies.conversations.telephony import (
    OFF,
    PHONE,
    RINGING,
    SDP,
    VIDEO,
    call,
    described,
    key,
    told,
)

_STRANGER = attrs.evolve(content("audio-0", RAW), description=RtpDescription(media="audio"))
"An answer without a codec."


_STRANGE = (
    {"Require": "100rel, timer, replaces"},
    {"Max-Forwards": "0"},
    {"Content-Type": "multipart/mixed;boundary=b"},
    {"From": "<tel:+431234>;tag=phone"},
    {"From": "<sip:%00@example.com>;tag=phone"},
    {"From": "<sip:juliet@example.com;gr=%ff>;tag=phone"},
    {"From": "Juliet <sip:juliet@example.com:99999>;tag=phone"},
)
"Header fields of INVITEs that ask for something else, or come around, or from someone that has no JID (RFC 7247 6)."

unheard = told(
    (
        *((0.2, PHONE, Ask("INVITE", SDP, headers, f"s{number}")) for number, headers in enumerate(_STRANGE)),
        *(
            (0.2, PHONE, Ask("INVITE", SDP, {}, f"u{number}", uri))
            for number, uri in enumerate(("tel:+431234", "sip:nurse@montague.lit", "sip:%01@montague.lit", "sip:[::1]"))
        ),
        *(
            (0.2, PHONE, Ask("INVITE", sdp, {}, f"d{number}"))
            for number, sdp in enumerate(("hello", described(), described(OFF), described(VIDEO.replace("RTP", "T"))))
        ),
        (0.2, PHONE, Ask("INVITE", SDP, {"Via": "SIP/2.0/UDP 192.0.2.20"}, "old")),
        (0.0, PHONE, Ask("ACK")),
    )
)
"INVITEs that are refused unseen: extensions, hops, bodies, addresses and descriptions that nobody here has."

alone = told(
    (
        *((0.2, PHONE, Ask(method, "", {}, f"m{method}")) for method in ("OPTIONS", "REGISTER", "MESSAGE", "PARTY")),
        *((0.2, PHONE, Ask(method, "", {}, f"m{method}")) for method in ("BYE", "CANCEL", "ACK", "PRACK")),
        (0.2, PHONE, Ask("BYE", "", {"To": "<sip:romeo@montague.lit>;tag=none"}, "gone")),
        (0.2, PHONE, Ask("INVITE", SDP, {"To": "<sip:romeo@montague.lit>;tag=none"}, "gone")),
        (0.2, PHONE, Ask("OPTIONS", "", {"CSeq": "1 INVITE"}, "c1")),
        (0.2, PHONE, Ask("OPTIONS", "", {"Via": "SIP/2.0/UDP [::1];branch=z9hG4bKa"}, "c2")),
        (0.2, PHONE, Ask("OPTIONS", "", {"Via": "SIP/2.0/TCP host:0"}, "c3")),
        (0.2, PHONE, Ask("ACK", "", {"CSeq": "1 INVITE"}, "c4")),
        (0.2, PHONE, Ask("OPTIONS", "", {"Content-Length": "5"}, "c5")),
        (0.2, PHONE, Ask("OPTIONS", "", {"Call-ID": ""}, "c6")),
        (0.2, PHONE, Say(b"OPTIONS sip:192.0.2.10 SIP/2.0\r\nv: SIP / 2.0 / UDP\r\n a.b;branch=z9hG4bKx\r\n\r\n")),
        (0.2, PHONE, Say(b"\r\n\r\n")),
        (0.2, PHONE, Say(b"OPTIONS sip:a SIP/2.0\r\n" + b"X: y\r\n" * 300 + b"\r\n")),
        (0.2, PHONE, Say(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.10:5060\r\n\r\n")),
    )
)
"Requests without a call, of methods that are not served or not known, and datagrams that are no messages."

_PRACK = {"RAck": "0 101 INVITE"}

ringing = told(
    (
        call("reliable", Require="100rel"),
        (0.5, PHONE, Ask("PRACK", "", _PRACK)),
        (2.0, PHONE, Ask("PRACK", "", {"RAck": ""})),
        (40.0, PHONE, Ask("PRACK", "", _PRACK)),
        call("patient", Require="100rel"),
        (0.5, PHONE, Ask("PRACK")),
        (0.5, PHONE, Ask("PRACK")),
        call("cancelled"),
        (0.5, PHONE, Ask("CANCEL")),
        (0.1, PHONE, Ask("CANCEL")),
        call("left"),
        (0.5, PHONE, Ask("BYE")),
        call("declined"),
        (0.1, PHONE, Ask("INVITE", SDP, {"To": "<sip:romeo@montague.lit>"}, "declined")),
        (0.5, ROMEO, session.Terminate(key("declined"), Reason(condition=Condition.BUSY))),
        call("nothing"),
        (0.5, ROMEO, session.Accept(key("nothing"), (_STRANGER,))),
        call("endless"),
    ),
    reactions=RINGING,
    seconds=220.0,
)
"It rings: once reliably and never acknowledged, then the caller cancels, or hangs up, or Romeo does, or nobody at all."

taken = told(
    (
        call("plain", Record_Route="<sip:192.0.2.30;lr>, <sip:old.example.com>"),
        (0.5, PHONE, Ask("CANCEL")),
        (0.5, PHONE, Ask("OPTIONS")),
        (0.5, PHONE, Ask("OPTIONS", "", {"CSeq": "1 OPTIONS"})),
        (0.5, PHONE, Ask("INFO", "Signal=5\r\n", {"Content-Type": "application/dtmf-relay"})),
        (0.5, PHONE, Ask("BYE")),
        call("unacknowledged"),
        (40.0, PHONE, Ask("BYE")),
    ),
    habits={name: acts for name, acts in HABITS.items() if name != "success"},
)
"Romeo answers, and the ACK never comes: the 200 is sent again, and then there is a BYE (RFC 3261 13.3.1.4)."

INCOMING: tuple[Conversation, ...] = (unheard, alone, ringing, taken)

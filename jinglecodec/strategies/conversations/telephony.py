"""The scene between Romeo, whose gateway it is, and a phone; what is told on it are tables of acts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from random import Random

from jinglecodec import session, sip
from jinglecodec.model.rtp_info import Ringing
from jinglecodec.model.stanza import Presence
from jinglecodec.strategies.conversations.gateways import GATE, PROXY, carrying
from jinglecodec.strategies.conversations.media import RAW, agreeing, content
from jinglecodec.strategies.conversations.phones import HABITS, Act, Ask, Phone
from jinglecodec.strategies.conversations.stage import ANYBODY, ROMEO, Conversation, Reactions, Stage, script_of
from jinglecodec.testing.laws import Factory, Script
from jinglecodec.testing.network import Start

PHONE, GATEWAY = "phone", "gateway"
JULIET = "juliet@example.com"
"Who has the phone, and who calls with it."
CALLING = "sip:romeo@montague.lit"
"Romeo, for her."
VOICE = content("0", RAW)
"What he calls with."

RINGING: Reactions = {
    session.IncomingSession: lambda told: [(ROMEO, session.SendSessionInfo(told.session, infos=(Ringing(),)))]
}
"Romeo's client rings, and the acts say what he does."
DECIDING: Reactions = {session.IncomingSession: agreeing(ROMEO)[session.IncomingSession]}
"He takes calls, and the acts say what he does with what is added to them."

Acts = tuple[tuple[float, str, object], ...]
"Seconds later -> who -> does what."


def described(*sections: str, version: int = 1, address: str = PROXY.host) -> str:
    """Return a description of the phone's."""
    head = f"v=0\r\no=- 1 {version} IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
    return head + "".join(sections)


AUDIO = "m=audio 4000 RTP/AVP 96 0\r\na=rtpmap:96 opus/48000/2\r\na=rtcp-mux\r\n"
VIDEO = "m=video 4002 RTP/AVP 97\r\na=rtpmap:97 VP8/90000\r\n"
OFF = "m=audio 0 RTP/AVP 0\r\n"
SDP = described(AUDIO)


def key(call: str) -> session.SessionKey:
    """Return what names a call of the phone's for Romeo."""
    return session.SessionKey(f"{JULIET}/sip", f"sip:{call}")


def call(name: str, sdp: str = SDP, **headers: str) -> tuple[float, str, object]:
    """Return the act in which the phone calls."""
    return (
        0.5,
        PHONE,
        Ask("INVITE", sdp, {header.replace("_", "-"): value for header, value in headers.items()}, name),
    )


def told(
    acts: Acts,
    *,
    habits: Mapping[str, tuple[Act, ...]] = HABITS,
    reactions: Reactions | None = None,
    carried: Reactions | None = None,
    seconds: float = 40.0,
) -> Conversation:
    """Return a conversation in which Romeo takes whatever is offered, unless he has other `reactions`.

    `carried` is what becomes of the stanzas of the gateway, by default he gets them.
    """
    taking = agreeing(ROMEO) if reactions is None else reactions
    carrier = carrying(ROMEO) if carried is None else carried
    return partial(played, acts=acts, habits=habits, reactions=taking, carried=carrier, seconds=seconds)


def played(
    factory: Factory,
    *,
    acts: Acts,
    habits: Mapping[str, tuple[Act, ...]],
    reactions: Reactions,
    carried: Reactions,
    seconds: float,
) -> Script:
    """Play the acts, and return what the gateway heard."""
    stage = Stage()
    recorder = stage.put(GATEWAY, factory(), GATE.host, carried)
    stage.put(PHONE, Phone(PROXY, GATE, CALLING, habits), PROXY.host)
    manager = session.Manager(ROMEO, ANYBODY, random=Random(2))
    stage.put(ROMEO, manager, "192.0.2.3", {**reactions, **carrying(GATEWAY)})
    stage.hand_in(GATEWAY, sip.Start())
    stage.hand_in(PHONE, Start())
    stage.hand_in(GATEWAY, session.StanzaReceived(Presence(from_=ROMEO, to=JULIET)))
    stage.play(*acts, seconds=seconds)
    return script_of(recorder)

"""The rules that every machine keeps (`jinglecodec.machine`), for one session and for all of an account."""

from __future__ import annotations

from random import Random

import pytest
from session_support import JULIET, ROLE, ROMEO, SID, answer, content, named, request, session_of, stanzas

import jinglecodec as jc
from jinglecodec.machine import TimerFired
from jinglecodec.session import (
    Accept,
    AcceptContent,
    AddContent,
    Config,
    Initiate,
    Manager,
    ModifyContent,
    PeerFeatures,
    PeerGone,
    PeerSeen,
    Policy,
    ReplaceTransport,
    SendSessionInfo,
    SendTransportInfo,
    Session,
    SessionKey,
    StanzaReceived,
    Terminate,
    TrustChanged,
)
from jinglecodec.testing.laws import Script, check_all

KEY = SessionKey(ROMEO, SID)
OFFERED, VIDEO = content("voice"), content("video", media="video")
CONFIG = Config(sessions=3, sessions_per_peer=2)


def make_session() -> Session:
    return session_of(JULIET)


def make_manager() -> Manager:
    return Manager(JULIET, Policy(frozenset({"romeo@montague.lit"})), CONFIG, random=Random(3))


CONVERSATION: Script = [
    (StanzaReceived(request(ROMEO, jc.Action.SESSION_INITIATE, OFFERED, initiator=ROMEO)), 0.0),
    (SendSessionInfo(KEY, infos=(jc.Ringing(),)), 0.1),
    (StanzaReceived(request(ROMEO, jc.Action.TRANSPORT_INFO, named("voice", transport=jc.IceUdpTransport()))), 0.2),
    (Accept(KEY, (OFFERED,)), 2.0),
    (StanzaReceived(request(ROMEO, jc.Action.CONTENT_ADD, VIDEO)), 2.1),
    (AcceptContent(KEY, (VIDEO,)), 2.2),
    (AddContent(KEY, (content("screen", jc.Creator.RESPONDER, "video"),)), 2.2),
    (ModifyContent(KEY, (named("voice", senders=jc.Senders.INITIATOR),)), 2.3),
    (ReplaceTransport(KEY, (named("voice", transport=jc.RawUdpTransport()),)), 2.4),
    (SendTransportInfo(KEY, (named("video", transport=jc.IceUdpTransport()),)), 2.5),
    (StanzaReceived(request(ROMEO, jc.Action.CONTENT_REMOVE, named("video"))), 2.6),
    (StanzaReceived(jc.Message(from_=ROMEO)), 2.7),
    (PeerGone(ROMEO), 3.0),
    (PeerSeen(ROMEO), 7.0),
    (PeerGone(ROMEO), 8.0),
    (TimerFired(), 17.9),
]
"One session as the responder sees it; the peer acknowledges nothing."

OF_MANAGERS: Script = [
    *CONVERSATION,
    (Initiate("nurse@capulet.lit/hall", (OFFERED,)), 18.0),
    (PeerFeatures("nurse@capulet.lit/hall", frozenset()), 18.1),
    (StanzaReceived(request(ROMEO, jc.Action.SESSION_INITIATE, OFFERED, sid="b")), 18.2),
    (StanzaReceived(request(ROMEO, jc.Action.SESSION_INITIATE, OFFERED, sid="c")), 18.3),
    (StanzaReceived(request(ROMEO, jc.Action.SESSION_INITIATE, OFFERED, sid="d")), 18.4),
    (TrustChanged(Policy()), 18.5),
    (StanzaReceived(request(ROMEO, jc.Action.SESSION_INITIATE, OFFERED, sid="e")), 18.6),
]
"A session that ends, one of our own, and more than there is room for."

MISUSE_OF_SESSION = [
    Accept(KEY, (OFFERED,)),
    Terminate(SessionKey(ROMEO, "other")),
    AddContent(KEY),
    AddContent(KEY, (OFFERED.description,)),  # type: ignore[arg-type]
    Initiate(ROMEO, (OFFERED,), SID),
]
MISUSE_OF_MANAGER = [
    Accept(KEY, (OFFERED,)),
    Terminate(KEY),
    Initiate(ROMEO, ()),
    Initiate("nurse@capulet.lit/hall", (OFFERED,)),
    Initiate(ROMEO, (OFFERED,), "b"),
]


def test_one_session_keeps_the_rules() -> None:
    """At a jump everything that waits is over at once: one terminate, and the news."""
    check_all(make_session, CONVERSATION, most=2, misuse=MISUSE_OF_SESSION)


def test_a_manager_keeps_the_rules() -> None:
    check_all(make_manager, OF_MANAGERS, most=2 * CONFIG.sessions, misuse=MISUSE_OF_MANAGER)


def test_without_a_generator_none_is_stored() -> None:
    """Rule 1: "Without one, a machine stores no generator"; ids differ from machine to machine."""
    first, second = Manager(ROMEO), Manager(ROMEO)
    ids = {stanzas(manager.handle(Initiate(JULIET, (OFFERED,)), 0.0))[0].id for manager in (first, second)}
    assert len(ids) == 2


@pytest.mark.parametrize("bad", [{"sessions": 0}, {"grace": -1.0}, {"acknowledgement": float("nan")}])
def test_a_config_without_sense_is_misuse(bad: dict[str, float]) -> None:
    with pytest.raises(jc.errors.LocalError):
        Config(**bad)  # type: ignore[arg-type]


def test_the_initiator_stays_the_initiator() -> None:
    """XEP-0176 5.6: "the controlling role MUST be assumed by the initiator", whoever restarts later."""
    session = session_of(JULIET)
    outputs = session.handle(CONVERSATION[0][0], 0.0)  # type: ignore[arg-type]
    assert stanzas(outputs) == [answer(request(ROMEO, jc.Action.SESSION_INITIATE, OFFERED))]
    assert session.role is ROLE[JULIET]

"""The generic laws, and two browsers that do as they please: in the end they agree."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from webrtc_support import CALL, JULIET, KEY, OTHER, ROMEO, SID, Couple, browser

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.errors import LocalError
from jinglecodec.machine import TimerFired
from jinglecodec.session import (
    Answer,
    AnswerReceived,
    Exchange,
    ExchangeState,
    InfoReceived,
    MediaArrived,
    Offer,
    OfferConfirmed,
    OfferFailed,
    OfferReceived,
    RefuseOffer,
    SendSessionInfo,
    StanzaReceived,
    Terminate,
    Webrtc,
)
from jinglecodec.session.webrtc import WebrtcEvent
from jinglecodec.testing import laws

MINE = KEY[ROMEO]


def make_exchange() -> Exchange:
    return Exchange(MINE, ns.RTP, random=Random(1))


def make_browser() -> Webrtc:
    return browser(JULIET)


def heard(message: jc.WebrtcMessage) -> InfoReceived:
    info = jc.WebrtcInfo(message=message)
    return InfoReceived(MINE, jc.Jingle(action=jc.Action.SESSION_INFO, sid=SID, infos=(info,)))


def _first_tie_breaker() -> int | None:
    (sent,) = make_exchange().handle(Offer(MINE, "o"), 0.0)
    assert isinstance(sent, SendSessionInfo)
    (info,) = sent.infos
    assert isinstance(info, jc.WebrtcInfo)
    return info.message.tie_breaker


MESSAGES = st.builds(
    jc.WebrtcMessage,
    st.sampled_from(jc.WebrtcMessageType),
    st.sampled_from([None, "theirs"]),
    st.none(),
    st.sampled_from([None, "sdp"]),
    st.none() | st.integers(0, 4) | st.just(2**32 - 1),
    st.sampled_from([None, 0, _first_tie_breaker(), 2**32 - 1]),
    st.sampled_from([None, *jc.WebrtcError]),
)
EVENTS = st.sampled_from([Offer(MINE, "o"), Answer(MINE, "a"), RefuseOffer(MINE), TimerFired()])
SCRIPTS = st.lists(st.tuples(EVENTS | MESSAGES.map(heard), st.floats(0, 200)), min_size=1, max_size=4)


@given(SCRIPTS)
def test_all_laws_hold_for_an_exchange_under_any_script(script: list[tuple[object, float]]) -> None:
    laws.check_all(make_exchange, [(TimerFired(), 0.0), *script], most=6, hash_seeds=())


@given(st.lists(MESSAGES, max_size=30))
def test_each_message_gets_one_error_at_most(messages: list[jc.WebrtcMessage]) -> None:
    """And an ERROR gets none: two machines never complain about each other's complaints."""
    machine = make_exchange()
    for message in messages:
        outputs = machine.handle(heard(message), 0.0)
        errors = [output for output in outputs if "error_type=<" in repr(output)]
        assert len(errors) <= (message.message_type is not jc.WebrtcMessageType.ERROR)


def stanza(payload: jc.Jingle) -> StanzaReceived:
    return StanzaReceived(jc.Iq(type=jc.IqType.SET, id="q", from_=ROMEO, to=JULIET, payload=payload))


def saying(message: jc.WebrtcMessage) -> StanzaReceived:
    return stanza(jc.Jingle(action=jc.Action.SESSION_INFO, sid=SID, infos=(jc.WebrtcInfo(message=message),)))


def test_all_laws_hold_for_a_browser() -> None:
    theirs = KEY[JULIET]
    script: laws.Script = [
        (stanza(jc.Jingle(action=jc.Action.SESSION_INITIATE, sid=SID, contents=CALL.contents)), 0.0),
        (saying(jc.WebrtcMessage(jc.WebrtcMessageType.OFFER, "theirs", None, "sdp", 1, 1)), 1.0),
        (Answer(theirs, "answer"), 2.0),
        (saying(jc.WebrtcMessage(jc.WebrtcMessageType.OK, seq=1)), 3.0),
        (MediaArrived(theirs), 4.0),
        (Offer(theirs, "again"), 5.0),
        (TimerFired(), 20.0),
    ]
    misuse = [Offer(MINE, "x"), Answer(theirs, "x"), Offer(theirs, "x"), Terminate(MINE)]
    laws.check_all(make_browser, script, most=4, misuse=misuse, hash_seeds=(1,))


class Browsers(RuleBasedStateMachine):
    """Both offer, answer and refuse whenever they may; each direction delays as long as it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.couple = Couple()
        self.agreed: dict[str, list[tuple[str, str]]] = {ROMEO: [], JULIET: []}
        self.open: dict[str, dict[str, str]] = {ROMEO: {}, JULIET: {}}
        self.count = 0

    @initialize()
    def begin(self) -> None:
        self.couple.do(ROMEO, CALL)
        self.couple.settle()

    def do(self, jid: str, event: WebrtcEvent) -> bool:
        try:
            self.couple.do(jid, event)
        except LocalError:
            return False
        self.note(jid)
        return True

    def note(self, jid: str) -> None:
        """Keep what a party believes to be agreed: offer and answer."""
        told, self.couple.told[jid] = self.couple.told[jid], []
        mind = self.open[jid]
        for output in told:
            match output:
                case OfferReceived(_, sdp):
                    mind.clear()
                    mind["offer"] = sdp
                case AnswerReceived(_, sdp):
                    self.agreed[jid].append((mind["mine"], sdp))
                case OfferConfirmed():
                    self.agreed[jid].append((mind["offer"], mind["answer"]))
                case OfferFailed():
                    mind.clear()
                case _:
                    pass

    @rule(jid=st.sampled_from([ROMEO, JULIET]))
    def offer(self, jid: str) -> None:
        self.count += 1
        if self.do(jid, Offer(KEY[jid], f"offer {self.count}")):
            self.open[jid]["mine"] = f"offer {self.count}"

    @rule(jid=st.sampled_from([ROMEO, JULIET]), refuse=st.booleans())
    def answer(self, jid: str, *, refuse: bool) -> None:
        if refuse:
            self.do(jid, RefuseOffer(KEY[jid]))
        elif self.do(jid, Answer(KEY[jid], f"answer to {self.open[jid].get('offer')}")):
            self.open[jid]["answer"] = f"answer to {self.open[jid]['offer']}"

    @rule(jid=st.sampled_from([ROMEO, JULIET]), count=st.integers(1, 4))
    @precondition(lambda self: any(self.couple.queues.values()))
    def deliver(self, jid: str, count: int) -> None:
        for _ in range(min(count, len(self.couple.queues[jid]))):
            self.couple.deliver(jid)
            self.note(jid)

    @invariant()
    def all_that_was_agreed_fits(self) -> None:
        for pairs in self.agreed.values():
            assert all(answer == f"answer to {offer}" for offer, answer in pairs)

    def teardown(self) -> None:
        while any(self.couple.queues.values()):
            for jid in OTHER:
                self.deliver(jid, 100)
        assert self.agreed[ROMEO] == self.agreed[JULIET]
        states = [party.exchanges[KEY[jid]].state for jid, party in self.couple.parties.items()]
        assert sorted(state.value for state in states) in (
            [ExchangeState.STABLE.value] * 2,
            [ExchangeState.OFFERED.value, ExchangeState.OFFERING.value],
        )


TestBrowsers = Browsers.TestCase
TestBrowsers.settings = settings(stateful_step_count=25)

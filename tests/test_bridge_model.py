"""Two clients that do as they please across a bridge: in the end both have the same calls."""

from __future__ import annotations

from bridge_support import ANSWER, OFFER, TO_NEW, TO_OLD, World, described, trickled
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

import jinglecodec as jc
from jinglecodec.errors import LocalError
from jinglecodec.machine import TimerFired
from jinglecodec.session import (
    Accept,
    Answer,
    ExchangeState,
    IncomingSession,
    Initiate,
    ModifyContent,
    Offer,
    RefuseOffer,
    SendTransportInfo,
    SessionKey,
    State,
    Terminate,
)
from jinglecodec.session.events import Event
from jinglecodec.session.webrtc import WebrtcEvent

HELD = st.sampled_from(["sendrecv", "sendonly", "recvonly", "inactive"])
SENDERS = st.sampled_from(jc.Senders)
NUMBERS = st.integers(1, 254)


class Clients(RuleBasedStateMachine):
    """Commands that are not possible are left out; stanzas wait until they are delivered, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.sids = 0

    # --- what the clients do ---

    def old(self, event: WebrtcEvent) -> None:
        world = self.world
        try:
            world.keep("old", world.old.handle(event, world.now))
        except LocalError:
            return

    def new(self, event: Event) -> None:
        world = self.world
        try:
            world.keep("new", world.new.handle(event, world.now))
        except LocalError:
            return

    @rule()
    @precondition(lambda self: self.sids < 3)
    def old_calls(self) -> None:
        self.sids += 1
        key = SessionKey(TO_OLD, f"s{self.sids}")
        self.old(Initiate(TO_OLD, (jc.Content(name="a", transport=jc.WebrtcTransport()),), key.sid))
        self.old(Offer(key, OFFER))

    @rule()
    @precondition(lambda self: self.sids < 3)
    def new_calls(self) -> None:
        self.sids += 1
        sid = f"s{self.sids}"
        offer = jc.mapping.to_jingle(described(OFFER), action="session-initiate", sid=sid, role="initiator").value
        self.new(Initiate(TO_NEW, offer.contents, sid, offer.groups))

    @rule(held=HELD, which=st.integers(0, 2))
    def old_offers(self, held: str, which: int) -> None:
        for key in list(self.world.old.exchanges)[which:][:1]:
            self.old(Offer(key, OFFER.replace("sendrecv", held)))

    @rule(held=HELD)
    def old_answers(self, held: str) -> None:
        for key in list(self.world.old.exchanges):
            self.old(Answer(key, ANSWER.replace("sendrecv", held)))

    @rule()
    def old_refuses(self) -> None:
        for key in list(self.world.old.exchanges):
            self.old(RefuseOffer(key))

    @rule()
    def new_accepts(self) -> None:
        for output in self.world.told["new"]:
            if isinstance(output, IncomingSession):
                answer = jc.mapping.to_jingle(
                    described(ANSWER),
                    action="session-accept",
                    sid=output.session.sid,
                    role="responder",
                    offer=described(OFFER),
                    names=jc.mapping.to_sdp(output.jingle, role="initiator").names,
                )
                self.new(Accept(output.session, answer.value.contents, answer.value.groups))

    @rule(senders=SENDERS)
    def new_modifies(self, senders: jc.Senders) -> None:
        for key, session in list(self.world.new.sessions.items()):
            for creator, name in session.contents:
                self.new(ModifyContent(key, (jc.Content(creator=creator, name=name, senders=senders),)))

    @rule(number=NUMBERS)
    def new_trickles(self, number: int) -> None:
        for key, session in list(self.world.new.sessions.items()):
            for content in session.contents:
                self.new(SendTransportInfo(key, (trickled(content, number),)))

    @rule(which=st.integers(0, 2))
    def old_hangs_up(self, which: int) -> None:
        for key in list(self.world.old.exchanges)[which:][:1]:
            self.old(Terminate(key))

    @rule(which=st.integers(0, 2))
    def new_hangs_up(self, which: int) -> None:
        for key in list(self.world.new.sessions)[which:][:1]:
            self.new(Terminate(key))

    @rule(count=st.integers(1, 6))
    def deliver(self, count: int) -> None:
        for _ in range(min(count, len(self.world.queue))):
            self.world.step()

    @rule(seconds=st.sampled_from([0.5, 2.0, 31.0]))
    def wait(self, seconds: float) -> None:
        world = self.world
        world.now += seconds
        for who, machine in (("old", world.old), ("new", world.new), ("bridge", world.bridge)):
            world.keep(who, machine.handle(TimerFired(), world.now))

    # --- in the end ---

    def teardown(self) -> None:
        for _ in range(4):
            self.world.settle()
            for key, exchange in list(self.world.old.exchanges.items()):
                if exchange.state is ExchangeState.OFFERED:
                    self.old(Answer(key, ANSWER))
            self.world.settle()
            self.wait(2.0)
        self.world.settle()
        calls = self.world.bridge.calls
        assert {key.sid for key in self.world.old.exchanges} == {old.sid for old, _ in calls}
        live = [key for key, session in self.world.new.sessions.items() if session.state is not State.ENDED]
        assert {key.sid for key in live} <= {new.sid for _, new in calls}


TestClients = Clients.TestCase
TestClients.settings = settings(stateful_step_count=25)

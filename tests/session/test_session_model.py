"""Two managers over a channel that delays, reorders between sids, and loses acknowledgements: they agree in the end.

Requests arrive, in order within a session, as XMPP promises for two full JIDs (RFC 6120 10.1); answers are lost with a
stream that breaks. What the parties say is drawn, at any time, the other's requests under way or not.
"""

from __future__ import annotations

from collections import Counter, deque
from functools import partial
from random import Random

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from session_support import JULIET, OTHER, RAW_UDP, ROMEO, content, named, stanzas

import jinglecodec as jc
from jinglecodec.errors import LocalError
from jinglecodec.machine import TimerFired
from jinglecodec.session import (
    COMMANDS,
    ContentState,
    Event,
    Initiate,
    Manager,
    Output,
    PeerGone,
    PeerSeen,
    Policy,
    Session,
    StanzaReceived,
    Terminate,
)
from jinglecodec.testing.laws import (
    Factory,
    check_clock,
    check_contents,
    check_copies,
    check_deadlines,
    check_determinism,
)

PARTIES = (ROMEO, JULIET)
SIDS = {ROMEO: "Zeta", JULIET: "alpha"}
Action, Senders = jc.Action, jc.Senders

PARTS: dict[jc.Action, dict[str, object]] = {
    Action.TRANSPORT_REPLACE: {"transport": RAW_UDP},
    Action.TRANSPORT_ACCEPT: {"transport": RAW_UDP},
    Action.TRANSPORT_INFO: {"transport": jc.IceUdpTransport()},
    Action.DESCRIPTION_INFO: {"description": jc.RtpDescription(media="audio")},
}
"What an action says of a content beside its name."

ALONE = (Action.CONTENT_ACCEPT, Action.CONTENT_REJECT, Action.CONTENT_REMOVE, Action.TRANSPORT_REJECT, *PARTS)

parties = st.sampled_from(PARTIES)
picks = st.integers(0, 2**16)
media = st.sampled_from(("audio", "video"))
directions = st.sampled_from(Senders)


def make_manager(jid: str) -> Manager:
    return Manager(jid, Policy(strangers=True), random=Random(jid))


class Dialogue(RuleBasedStateMachine):
    """Both parties, the channel, and the clock."""

    lost = 0.3
    "The share of acknowledgements."

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.managers = {jid: make_manager(jid) for jid in PARTIES}
        self.scripts: dict[str, list[tuple[object, float]]] = {jid: [] for jid in PARTIES}
        self.channel: dict[tuple[str, str], deque[bytes]] = {}
        self.sid_of: dict[str | None, str] = {}
        self.answers: Counter[str | None] = Counter()
        self.asked: set[str | None] = set()
        self.begun = 0
        self.chance = Random(5)

    # --- doing ----------------------------------------------------------------------------------------------------

    def tell(self, jid: str, event: Event | TimerFired) -> None:
        """Hand an event to a party, and put what it sends into the channel."""
        outputs = self.managers[jid].handle(event, self.now)
        self.scripts[jid].append((event, self.now))
        self.post(jid, outputs)

    def post(self, jid: str, outputs: tuple[Output, ...]) -> None:
        for iq in stanzas(outputs):
            data = jc.dumps(iq)
            report = jc.validate(data, "deployed")
            assert report.ok, report.findings
            if iq.type is jc.IqType.SET:
                assert isinstance(iq.payload, jc.Jingle)
                self.sid_of[iq.id] = iq.payload.sid
            else:
                self.answers[iq.id] += 1
                if self.chance.random() < self.lost:
                    continue
            self.channel.setdefault((OTHER[jid], self.sid_of[iq.id]), deque()).append(data)

    def deliver(self, where: tuple[str, str]) -> None:
        decoded = jc.read(self.channel[where].popleft(), errors="keep")
        if not self.channel[where]:
            del self.channel[where]
        assert isinstance(decoded.value, jc.Iq)
        if decoded.value.type is jc.IqType.SET:
            self.asked.add(decoded.value.id)
        self.tell(where[0], StanzaReceived(decoded.value, decoded.findings))

    def session(self, jid: str, pick: int) -> Session | None:
        sessions = list(self.managers[jid].sessions.values())
        return sessions[pick % len(sessions)] if sessions else None

    def say(self, jid: str, action: jc.Action, session: Session, *contents: jc.Content) -> None:
        """Let a party say something; what it may not say it does not say."""
        try:
            self.tell(jid, COMMANDS[action](session.key, contents))
        except LocalError:
            return

    # --- what may happen --------------------------------------------------------------------------------------------

    @initialize(jid=parties, kinds=st.lists(media, min_size=1, max_size=2), accepted=st.booleans())
    def begin(self, jid: str, kinds: list[str], accepted: bool) -> None:
        """Begin with a session that both know of."""
        self.initiate(jid, kinds)
        self.deliver((OTHER[jid], f"{SIDS[jid]}1"))
        if accepted:
            self.accept(OTHER[jid], 0, Senders.BOTH, all_of_them=True)

    @precondition(lambda self: self.begun % 7 == 0)
    @rule(jid=parties, kinds=st.lists(media, min_size=1, max_size=2))
    def initiate(self, jid: str, kinds: list[str]) -> None:
        self.begun += 1
        contents = tuple(content(f"c{number}", media=kind) for number, kind in enumerate(kinds))
        if len(self.managers[jid].sessions) < 5:
            self.tell(jid, Initiate(OTHER[jid], contents, f"{SIDS[jid]}{self.begun}"))

    @rule(jid=parties, pick=picks, direction=directions, all_of_them=st.booleans())
    def accept(self, jid: str, pick: int, direction: jc.Senders, all_of_them: bool) -> None:
        if session := self.session(jid, pick):
            offered = [(key, one) for key, one in session.contents.items() if one.proposer is not session.role]
            chosen = offered if all_of_them else offered[:1]
            answers = (content(key[1], key[0], str(one.kind[1]), direction) for key, one in chosen)
            self.say(jid, Action.SESSION_ACCEPT, session, *answers)

    @rule(jid=parties, pick=picks, kind=media)
    def add(self, jid: str, pick: int, kind: str) -> None:
        if session := self.session(jid, pick):
            self.begun += 1
            self.say(jid, Action.CONTENT_ADD, session, content(f"c{self.begun}", session.role, kind))

    @rule(jid=parties, pick=picks, action=st.sampled_from(ALONE), which=picks)
    def change(self, jid: str, pick: int, action: jc.Action, which: int) -> None:
        if (session := self.session(jid, pick)) and session.contents:
            creator, name = list(session.contents)[which % len(session.contents)]
            self.say(jid, action, session, named(name, creator, **PARTS.get(action, {})))

    @rule(jid=parties, pick=picks, yes=st.booleans())
    def answer_proposals(self, jid: str, pick: int, yes: bool) -> None:
        if not (session := self.session(jid, pick)):
            return
        for (creator, name), status in session.contents.items():
            if status.proposer is not session.role and status.state is ContentState.PROPOSED:
                action = Action.CONTENT_ACCEPT if yes else Action.CONTENT_REJECT
                self.say(jid, action, session, named(name, creator))
            if status.replacement is not None and status.replacement[0] is not session.role:
                action = Action.TRANSPORT_ACCEPT if yes else Action.TRANSPORT_REJECT
                self.say(jid, action, session, named(name, creator, **PARTS.get(action, {})))

    @rule(jid=parties, pick=picks, which=picks, direction=directions, many=st.integers(1, 2))
    def modify(self, jid: str, pick: int, which: int, direction: jc.Senders, many: int) -> None:
        if (session := self.session(jid, pick)) and session.contents:
            keys = list(session.contents)
            start = which % len(keys)
            contents = (named(name, creator, senders=direction) for creator, name in keys[start : start + many])
            self.say(jid, Action.CONTENT_MODIFY, session, *contents)

    @rule(jid=parties, pick=picks, chance=st.integers(0, 9))
    def terminate(self, jid: str, pick: int, chance: int) -> None:
        if (session := self.session(jid, pick)) and chance == 9:
            self.tell(jid, Terminate(session.key))

    @rule(jid=parties, chance=st.integers(0, 9))
    def come_and_go(self, jid: str, chance: int) -> None:
        self.tell(jid, PeerGone(OTHER[jid]) if chance == 9 else PeerSeen(OTHER[jid]))

    @precondition(lambda self: self.channel)
    @rule(pick=picks, many=st.integers(1, 4))
    def arrive(self, pick: int, many: int) -> None:
        for _ in range(many):
            if self.channel:
                self.deliver(sorted(self.channel)[pick % len(self.channel)])

    @rule(seconds=st.sampled_from((0.1, 0.5, 2.0, 9.0)))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        for jid in PARTIES:
            self.tell(jid, TimerFired())

    # --- what holds -------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """At quiescence both have the same, and every request that arrived has had its one answer."""
        self.settle()
        assert self.answers == Counter(dict.fromkeys(self.asked, 1))
        assert seen(self.managers[ROMEO]) == seen(self.managers[JULIET])
        self.check_laws()

    def settle(self) -> None:
        """Let everything arrive, and all timers run."""
        while True:
            while self.channel:
                self.deliver(min(self.channel))
            deadlines = [manager.deadline for manager in self.managers.values() if manager.deadline is not None]
            if not deadlines:
                return
            self.now = max(self.now, min(deadlines))
            for jid in PARTIES:
                self.tell(jid, TimerFired())

    def check_laws(self) -> None:
        for jid in PARTIES:
            factory: Factory = partial(make_manager, jid)
            check_determinism(factory, self.scripts[jid], hash_seeds=())


def seen(manager: Manager) -> dict[str, object]:
    """Return what one side has: by sid: state, and contents with who sends, where they stand, and by what."""
    return {
        key.sid: (
            session.state,
            {
                one: (status.senders, status.state, status.transport, status.replacement)
                for one, status in session.contents.items()
            },
        )
        for key, session in manager.sessions.items()
    }


class SafeDialogue(Dialogue):
    """The same with nothing lost, so that sessions live on."""

    lost = 0.0


class LawfulDialogue(Dialogue):
    """The same, with all rules of machines checked along what happened."""

    def check_laws(self) -> None:
        super().check_laws()
        for jid in PARTIES:
            factory: Factory = partial(make_manager, jid)
            for check in (check_copies, check_contents, check_deadlines, check_clock):
                check(factory, self.scripts[jid][:20])


@pytest.mark.parametrize("dialogue", [Dialogue, SafeDialogue])
def test_two_managers_agree_in_the_end(dialogue: type[Dialogue]) -> None:
    """XEP-0166 7.2.16 and the undoing of what is refused: no order of events leaves the parties with two opinions."""
    run_state_machine_as_test(dialogue, settings=settings(stateful_step_count=40))


@pytest.mark.long
def test_two_managers_keep_the_rules_of_machines_on_the_way() -> None:
    run_state_machine_as_test(LawfulDialogue, settings=settings(stateful_step_count=60, max_examples=50))

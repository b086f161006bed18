"""Devices of two accounts over a channel that loses and reorders: in the end they agree (XEP-0353 5)."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from proposal_support import AUDIO, GARDEN, PHONE, ROMEO, TABLET, copies, device, initiation, wire

import jinglecodec as jc
from jinglecodec.errors import LocalError
from jinglecodec.machine import TimerFired
from jinglecodec.session import (
    CatchUpEnded,
    CatchUpStarted,
    Finish,
    InitiateSession,
    NotHandled,
    Proceed,
    ProposalChanged,
    Proposals,
    ProposalState,
    Propose,
    Reject,
    Retract,
    Ring,
    SendStanza,
    SessionAgreed,
    StanzaReceived,
)
from jinglecodec.session.jids import bare
from jinglecodec.session.proposals import ProposalsEvent

DEVICES = (ROMEO, GARDEN, PHONE, TABLET)
NUMBERS = st.integers(0, 999)


class Lovers(RuleBasedStateMachine):
    """Two accounts with two devices each. Messages that are lost wait in the archive."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.machines: dict[str, Proposals] = {name: device(name) for name in DEVICES}
        self.pending: list[tuple[str, jc.Stanza]] = []
        self.archive: dict[str, list[jc.Stanza]] = {name: [] for name in DEVICES}
        self.proposals: dict[str, str] = {}
        "Id and the account that proposed."
        self.told: dict[tuple[str, str], ProposalState] = {}
        self.sessions: dict[str, set[str]] = {}
        "Id of a session that both sides began, and its devices."

    # --- what happens ---

    @initialize(first=st.sampled_from(DEVICES), both=st.booleans(), second=st.sampled_from(DEVICES))
    def begin(self, first: str, *, both: bool, second: str) -> None:
        self.propose(first, 500)
        if both:
            self.propose(second, 400)

    @rule(who=st.sampled_from(DEVICES), number=NUMBERS)
    @precondition(lambda self: len(self.proposals) < 5)
    def propose(self, who: str, number: int) -> None:
        peer = next(bare(name) for name in DEVICES if bare(name) != bare(who))
        proposal = f"{number:03}-{len(self.proposals)}"
        self.proposals[proposal] = bare(who)
        self.do(who, Propose(peer, AUDIO, proposal))

    @rule(who=st.sampled_from(DEVICES), command=st.sampled_from([Ring, Proceed, Proceed, Reject, Retract]), at=NUMBERS)
    def command(self, who: str, command: Callable[[str], ProposalsEvent], at: int) -> None:
        proposal = list(self.proposals)[at % len(self.proposals)]
        try:
            self.do(who, command(proposal))
        except LocalError:
            return

    @rule(at=NUMBERS)
    @precondition(lambda self: self.pending)
    def deliver(self, at: int) -> None:
        to, stanza = self.pending.pop(at % len(self.pending))
        self.do(to, StanzaReceived(stanza))

    @rule(at=NUMBERS)
    @precondition(lambda self: any(isinstance(stanza, jc.Message) for _, stanza in self.pending))
    def lose(self, at: int) -> None:
        messages = [place for place, (_, stanza) in enumerate(self.pending) if isinstance(stanza, jc.Message)]
        self.keep(*self.pending.pop(messages[at % len(messages)]))

    def keep(self, to: str, stanza: jc.Stanza) -> None:
        """Put what was lost into the archive."""
        self.archive[to].append(stanza)

    @rule(at=NUMBERS)
    @precondition(lambda self: self.pending)
    def duplicate(self, at: int) -> None:
        to, stanza = self.pending[at % len(self.pending)]
        if isinstance(stanza, jc.Message):
            self.archive[to].append(stanza)

    @rule(at=NUMBERS)
    @precondition(lambda self: self.sessions)
    def hang_up(self, at: int) -> None:
        proposal = list(self.sessions)[at % len(self.sessions)]
        self.end_session(proposal)

    @rule(seconds=st.sampled_from([0.1, 5.0, 31.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        for who in DEVICES:
            self.do(who, TimerFired())

    # --- what follows ---

    def do(self, who: str, event: ProposalsEvent | TimerFired) -> None:
        for output in self.machines[who].handle(event, self.now):
            match output:
                case SendStanza(stanza):
                    assert stanza.from_ == who
                    self.pending += [(to, wire(copy)) for to, copy in copies(wire(stanza), DEVICES)]
                case ProposalChanged(proposal, state):
                    before = self.told.get((who, proposal), ProposalState.UNKNOWN)
                    assert state > before or (state is before is ProposalState.PROCEEDED)
                    self.told[who, proposal] = state
                case InitiateSession(proposal, peer):
                    self.pending.append((peer, initiation(proposal, who, peer)))
                case SessionAgreed(proposal, peer):
                    self.sessions[proposal] = {who, peer}
                case NotHandled(jc.Iq(payload=jc.Jingle(sid=proposal), from_=str(initiator))):
                    if proposal not in self.sessions:
                        self.refuse_session(proposal, initiator)
                case _:
                    pass
        for proposal in self.proposals:
            assert self.machines[who].state(proposal) is self.told.get((who, proposal), ProposalState.UNKNOWN)

    def refuse_session(self, proposal: str, initiator: str) -> None:
        """Answer with an error, as a manager does to a session that nobody wants; its initiator finishes."""
        if self.machines[initiator].state(proposal) is ProposalState.PROCEEDED:
            self.do(initiator, Finish(proposal))

    def end_session(self, proposal: str) -> None:
        for who in sorted(self.sessions.pop(proposal)):
            if self.machines[who].state(proposal) is ProposalState.PROCEEDED:
                self.do(who, Finish(proposal))

    # --- in the end ---

    def settle(self) -> None:
        """Let everything arrive, also what was lost, and every timer run that is short."""
        for _ in range(20):
            while self.pending:
                self.deliver(0)
            for who in DEVICES:
                lost, self.archive[who] = self.archive[who], []
                self.do(who, CatchUpStarted())
                for stanza in lost:
                    self.do(who, StanzaReceived(stanza))
                self.do(who, CatchUpEnded())
            self.end_orphans()
            self.wait(31.0)
        assert not self.pending

    def end_orphans(self) -> None:
        """End sessions of which one side is gone, as the session machines do."""
        for proposal, parties in list(self.sessions.items()):
            states = {self.machines[who].state(proposal) for who in parties}
            if states != {ProposalState.PROCEEDED}:
                self.end_session(proposal)

    def teardown(self) -> None:
        self.settle()
        for proposal in self.proposals:
            states = {machine.state(proposal) for machine in self.machines.values()}
            assert len(states) == 1, (proposal, states)
            (state,) = states
            assert state.is_over or state is ProposalState.PROCEEDED
            assert (state is ProposalState.PROCEEDED) is (proposal in self.sessions)


TestLovers = Lovers.TestCase
TestLovers.settings = settings(stateful_step_count=25)


class Strangers(Lovers):
    """The same without an archive: what is lost is lost."""

    def keep(self, to: str, stanza: jc.Stanza) -> None:
        """Have no archive."""

    def teardown(self) -> None:
        self.settle()
        for proposal in list(self.sessions):
            self.end_session(proposal)
        self.settle()
        self.wait(86400.0)
        self.settle()
        for machine in self.machines.values():
            assert machine.deadline is None
            for proposal in self.proposals:
                assert machine.state(proposal).is_over or machine.state(proposal) is ProposalState.UNKNOWN


TestStrangers = Strangers.TestCase
TestStrangers.settings = settings(stateful_step_count=25)

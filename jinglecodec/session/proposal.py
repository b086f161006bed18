"""XEP-0353, version 0.8: one proposal of a session, as one device sees it, until a session of the same id takes over.

A proposal has two accounts with several devices each. All devices learn of all steps, from the peer or by carbons
(XEP-0353 5), in whatever order. Two tables say what a step means: which account may send it, and the state that it
reaches. States only go up in their order; so devices that learned of the same steps agree, however they were ordered.
The one who decides is the initiator: it takes the first `proceed`, also of several, and finishes a proposal that is
answered after it was rejected.
"""

from __future__ import annotations

import enum
from typing import Final

import attrs

from jinglecodec.errors import EncodeError, LocalError
from jinglecodec.machine import TimedMachine, TimerFired
from jinglecodec.model.hints import Store
from jinglecodec.model.jingle import Action, Condition, Description, Jingle, Reason, ReasonText
from jinglecodec.model.message import (
    AcceptMessage,
    FinishMessage,
    JingleMessage,
    Migrated,
    ProceedMessage,
    ProposeMessage,
    RejectMessage,
    RetractMessage,
    RingingMessage,
)
from jinglecodec.model.stanza import Iq, IqType, Message, MessageType, Stanza
from jinglecodec.session.config import ProposalConfig
from jinglecodec.session.events import NotHandled, SendStanza, StanzaReceived
from jinglecodec.session.jids import bare
from jinglecodec.xml.tree import Raw, split_tag

__all__ = [
    "TIE_BREAK",
    "Finish",
    "IncomingProposal",
    "InitiateSession",
    "Proceed",
    "Proposal",
    "ProposalChanged",
    "ProposalCommand",
    "ProposalEvent",
    "ProposalOutput",
    "ProposalState",
    "Propose",
    "Reject",
    "Retract",
    "Ring",
    "SessionAgreed",
    "bounced",
    "initiated",
    "stanza_with",
    "step_of",
]


class ProposalState(enum.IntEnum):
    """How far a proposal has come; it never goes back."""

    UNKNOWN = 0
    "No step is known."
    PROPOSED = 1
    RINGING = 2
    "A device of the responder alerts its user."
    REJECTED = 3
    PROCEEDED = 4
    "A device of the responder takes the call. It also outdoes the rejection by another, which may be the later one."
    RETRACTED = 5
    FINISHED = 6

    @property
    def is_open(self) -> bool:
        """Tell whether the responder has still to answer."""
        return self in (ProposalState.PROPOSED, ProposalState.RINGING)

    @property
    def is_over(self) -> bool:
        """Tell whether there is no session, and will be none."""
        return self in (ProposalState.REJECTED, ProposalState.RETRACTED, ProposalState.FINISHED)


_REACHED: Final[dict[type[JingleMessage], ProposalState]] = {
    ProposeMessage: ProposalState.PROPOSED,  # XEP-0353 3.1
    RingingMessage: ProposalState.RINGING,  # 3.2
    RejectMessage: ProposalState.REJECTED,  # 3.5
    ProceedMessage: ProposalState.PROCEEDED,  # 3.4
    AcceptMessage: ProposalState.PROCEEDED,  # 5: to the account's own address, by versions without carbons
    RetractMessage: ProposalState.RETRACTED,  # 3.3
    FinishMessage: ProposalState.FINISHED,  # 3.7
}
"The state that a step leads to."

_BY_INITIATOR: Final[dict[type[JingleMessage], bool]] = {
    ProposeMessage: True,
    RetractMessage: True,
    RingingMessage: False,
    RejectMessage: False,
    ProceedMessage: False,
    AcceptMessage: False,
}
"Whether it is the initiator's account that sends a step; both send FinishMessage."


# --- in ---------------------------------------------------------------------------------------------------------------


@attrs.frozen
class Propose:
    """Ask all devices of an account for a session (XEP-0353 3.1)."""

    peer: str
    "A JID; its account is asked."
    descriptions: tuple[Description | Raw, ...]
    "One for each media type, without details; at least one."
    proposal: str | None = None
    "The id. None draws a UUID of version 4, as XEP-0353 5 recommends."


@attrs.frozen
class ProposalCommand:
    """Say something about a proposal."""

    proposal: str


@attrs.frozen
class Ring(ProposalCommand):
    """Tell that this device alerts its user; this and all below tell a stranger who is there (XEP-0353 3.2, 6)."""


@attrs.frozen
class Proceed(ProposalCommand):
    """Take the call on this device (XEP-0353 3.4)."""


@attrs.frozen
class Reject(ProposalCommand):
    """Refuse the session for all devices (XEP-0353 3.5)."""

    reason: Reason | None = None
    "None is `busy`; others may tell more than the user wants (XEP-0353 6)."
    tie_break: bool = False
    "Our own proposal overrules it (XEP-0353 4.1)."


@attrs.frozen
class Retract(ProposalCommand):
    """Withdraw a proposal of this device that nobody has answered (XEP-0353 3.3)."""

    reason: Reason | None = None
    "None is `cancel`."
    tie_break: bool = False
    "A proposal of the peer's overrules it (XEP-0353 4.1)."


@attrs.frozen
class Finish(ProposalCommand):
    """Tell that the session, which this device took part in, is over (XEP-0353 3.7)."""

    reason: Reason | None = None
    "None is `success`."
    migrated_to: str | None = None
    "The proposal with which it goes on (XEP-0353 4.2)."


Command = Propose | Ring | Proceed | Reject | Retract | Finish

ProposalEvent = Command | StanzaReceived | TimerFired
"What a proposal takes."


# --- out --------------------------------------------------------------------------------------------------------------


@attrs.frozen
class IncomingProposal:
    """The account is asked for a session; Ring, Proceed and Reject answer. Nothing was sent yet."""

    proposal: str
    peer: str
    "The full JID of the device that asks."
    descriptions: tuple[Description | Raw, ...]


@attrs.frozen
class ProposalChanged:
    """The state of a proposal is another one, whoever changed it."""

    proposal: str
    state: ProposalState
    device: str | None
    "The full JID of the device that did it, which may be this one; None when time did."
    step: JingleMessage | None
    "With its reason, and what others add to it; None when time did it."


@attrs.frozen
class InitiateSession:
    """Initiate the session now, with the id of the proposal as its sid (XEP-0353 3.6)."""

    proposal: str
    peer: str
    "The full JID of the device that takes the call."
    descriptions: tuple[Description | Raw, ...]


@attrs.frozen
class SessionAgreed:
    """The session-initiate that comes next is the one that this device proceeded with: no user need be asked again."""

    proposal: str
    peer: str


ProposalOutput = IncomingProposal | ProposalChanged | InitiateSession | SessionAgreed | SendStanza | NotHandled
"What a proposal says."


# --- stanzas ----------------------------------------------------------------------------------------------------------


def _because(condition: Condition, text: str) -> Reason:
    return Reason(condition=condition, texts=(ReasonText(value=text),))


_CANCEL = _because(Condition.CANCEL, "Retracted")
_BUSY = _because(Condition.BUSY, "Busy")
_SUCCESS = _because(Condition.SUCCESS, "Success")
_EXPIRED = _because(Condition.EXPIRED, "Expired")
TIE_BREAK: Final = _because(Condition.EXPIRED, "Tie-Break")
"Why one of two proposals ends that crossed (XEP-0353 4.1)."

_MIGRATED = _because(Condition.EXPIRED, "Session migrated")


def step_of(stanza: Stanza) -> JingleMessage | None:
    """Return the step that a message takes; None for errors, for those of a chat room, and for any other stanza.

    One with an empty id is none either: it "MUST possess an 'id' attribute being a globally unique identifier" (3.1).
    """
    if not isinstance(stanza, Message) or stanza.type in (MessageType.ERROR, MessageType.GROUPCHAT):
        return None
    return next((payload for payload in stanza.payloads if isinstance(payload, JingleMessage) and payload.id), None)


def bounced(stanza: Stanza) -> str | None:
    """Return the id of the proposal that could not be delivered, where this is the error that says so."""
    if not isinstance(stanza, Message) or stanza.type is not MessageType.ERROR or not stanza.id:
        return None
    name, _, proposal = stanza.id.partition("-")
    return proposal if name == "propose" else None


def initiated(stanza: Stanza) -> str | None:
    """Return the sid of a session-initiate; None for any other stanza."""
    match stanza:
        case Iq(type=IqType.SET, payload=Jingle(action=Action.SESSION_INITIATE, sid=sid)):
            return sid
    return None


def stanza_with(step: JingleMessage, from_: str, to: str, namespace: str) -> Message:
    """Return the message for a step (XEP-0353 3); its id names both, so that an error can be told apart."""
    id_ = f"{split_tag(step.__tags__[0])[1]}-{step.id}"
    payloads = (step, Store())
    return Message(namespace=namespace, from_=from_, id=id_, to=to, type=MessageType.CHAT, payloads=payloads)


def _step_for(command: Ring | Proceed | Reject | Retract | Finish) -> JingleMessage:
    """Return what a command says, with the default reason of its clause."""
    match command:
        case Ring(proposal):
            return RingingMessage(id=proposal)
        case Proceed(proposal):
            return ProceedMessage(id=proposal)
        case Reject(proposal, reason, tie_break):
            reason = reason or (TIE_BREAK if tie_break else _BUSY)
            return RejectMessage(id=proposal, reason=reason, tie_break=tie_break)
        case Retract(proposal, reason, tie_break):
            reason = reason or (TIE_BREAK if tie_break else _CANCEL)
            return RetractMessage(id=proposal, reason=reason, tie_break=tie_break)
        case Finish(proposal, reason, migrated_to):
            migrated = None if migrated_to is None else Migrated(to=migrated_to)
            return FinishMessage(id=proposal, reason=reason or (_MIGRATED if migrated else _SUCCESS), migrated=migrated)


# --- the machine ------------------------------------------------------------------------------------------------------


class Proposal(TimedMachine[ProposalEvent, ProposalOutput, str]):
    """One proposal, whoever makes it: the first step tells. Every change of `state` is an output, once.

    Raises LocalError for a command that `allows` denies.
    """

    __slots__ = (
        "_agreed",
        "_answerer",
        "_answering",
        "_config",
        "_proposing",
        "descriptions",
        "id",
        "local",
        "outgoing",
        "peer",
        "proposer",
        "state",
    )

    def __init__(self, local: str, proposal: str, peer: str, config: ProposalConfig | None = None) -> None:
        """Know of no step yet. `local` is the full JID of this device, `peer` the other account."""
        super().__init__()
        self.local = local
        self.id = proposal
        self.peer = bare(peer)
        self.state = ProposalState.UNKNOWN
        self.outgoing: bool | None = None
        "Whether it is this account that proposed; None while only FinishMessage is known."
        self.proposer: str | None = None
        "The full JID of the device that proposed, once that step is known."
        self.descriptions: tuple[Description | Raw, ...] = ()
        self._config = config or ProposalConfig()
        self._proposing = False  # this device did, and in this life
        self._answering = False  # this device proceeded
        self._answerer: str | None = None  # the first other device that did
        self._agreed = False  # the session of the same id has begun

    @property
    def takes_part(self) -> bool:
        """Tell whether this device proposed, or proceeded; if so, the session is its own."""
        return self._proposing or self._answering

    @property
    def device(self) -> str | None:
        """The full JID of the responder's device in the session; None while nobody has proceeded."""
        return self.local if self._answering else self._answerer

    @property
    def incoming(self) -> IncomingProposal | None:
        """What is to be told of a proposal that waits for this account's answer; None for any other."""
        if self.outgoing is not False or self.proposer is None or not self.state.is_open:
            return None
        return IncomingProposal(self.id, self.proposer, self.descriptions)

    def allows(self, event: ProposalEvent) -> bool:
        """Tell whether a command is possible as things stand; what arrives always is."""
        match event:
            case Propose(peer, descriptions, proposal):
                fresh = self.state is ProposalState.UNKNOWN and bare(peer) == self.peer and bool(descriptions)
                return fresh and proposal in (self.id, None)
            case Ring() | Proceed() | Reject():
                return event.proposal == self.id and self.incoming is not None
            case Retract():
                return event.proposal == self.id and self._proposing and self.state.is_open
            case Finish():
                return event.proposal == self.id and self.takes_part and self.state is ProposalState.PROCEEDED
            case _:
                return True

    def _check(self, event: ProposalEvent) -> None:
        if isinstance(event, (StanzaReceived, TimerFired)):
            return
        if not self.allows(event):
            raise LocalError(f"{event} is not possible: proposal {self.id!r} is {self.state.name}")
        try:
            self._message(*self._spoken(event))
        except EncodeError as error:
            raise LocalError(str(error)) from error

    def _take(self, event: ProposalEvent) -> None:
        match event:
            case StanzaReceived(Stanza() as stanza):
                self._receive(stanza)
            case StanzaReceived(other):
                self._outputs.append(NotHandled(other))
            case TimerFired():
                pass
            case _ if self.allows(event):  # else a timer that ran a moment ago made it void
                self._proposing = self._proposing or isinstance(event, Propose)
                self._answering = self._answering or isinstance(event, Proceed)
                self._say(*self._spoken(event))
            case _:
                pass

    def _spoken(self, command: Command) -> tuple[JingleMessage, str]:
        """Return what a command says, and to whom (XEP-0353 3.1 to 3.7)."""
        match command:
            case Propose(_, descriptions):
                return ProposeMessage(id=self.id, descriptions=descriptions), self.peer
            case Retract():
                return _step_for(command), self.peer
            case _:
                return _step_for(command), self._other_party

    @property
    def _other_party(self) -> str:
        """The full JID of the other device, where answers and FinishMessage go (XEP-0353 3.2, 3.4, 3.5, 3.7)."""
        return (self._answerer if self._proposing else self.proposer) or self.peer

    def _say(self, step: JingleMessage, to: str) -> None:
        """Send a step, and take it in as if it were heard."""
        self._outputs.append(SendStanza(self._message(step, to)))
        self._learn(step, self.local)

    def _message(self, step: JingleMessage, to: str) -> Message:
        return stanza_with(step, self.local, to, self._config.namespace)

    # --- what arrives ---

    def _receive(self, stanza: Stanza) -> None:
        step = step_of(stanza)
        if step and step.id == self.id:
            if stanza.from_ and self._may_say(step, stanza.from_):
                self._hear(step, stanza.from_)
        elif bounced(stanza) == self.id and bare(stanza.from_ or "") == self.peer:
            if self._proposing and self.state.is_open:  # it came to nobody; our other devices ought to know
                self._say(_step_for(Retract(self.id)), self.peer)
        else:
            if initiated(stanza) == self.id and stanza.from_:
                self._meet_session(stanza.from_)
            self._outputs.append(NotHandled(stanza))

    def _may_say(self, step: JingleMessage, sender: str) -> bool:
        """Tell whether a step is its sender's to take; learn which account proposed where it shows."""
        if bare(sender) not in (self.peer, bare(self.local)):
            return False
        by_initiator = _BY_INITIATOR.get(type(step))
        if by_initiator is None:
            return True
        outgoing = by_initiator is (bare(sender) == bare(self.local))
        if self.outgoing is None:
            self.outgoing = outgoing
        return outgoing is self.outgoing

    def _hear(self, step: JingleMessage, sender: str) -> None:
        late = self._proposing and self.state is ProposalState.REJECTED
        if late and _REACHED[type(step)] is ProposalState.PROCEEDED:
            # One device rejected, which stands, and another one proceeded and has to be told.
            self._say(FinishMessage(id=self.id, reason=_EXPIRED), sender)
        else:
            self._learn(step, sender)

    def _learn(self, step: JingleMessage, sender: str) -> None:
        """Take in a step, and go on to the state that it reaches."""
        if isinstance(step, ProposeMessage):
            self._learn_of_proposal(step, sender)
        elif _REACHED[type(step)] is ProposalState.PROCEEDED and sender != self.local:
            self._answerer = self._answerer or sender
        had_session = self.state is ProposalState.PROCEEDED and self.takes_part
        if self._reach(_REACHED[type(step)], sender, step):
            self._follow(step, sender, had_session=had_session)

    def _learn_of_proposal(self, step: ProposeMessage, sender: str) -> None:
        if self.proposer is None:
            self.outgoing = bare(sender) == bare(self.local)
            self.proposer, self.descriptions = sender, step.descriptions
            if self.state is ProposalState.RINGING and self.incoming:  # the steps were reordered
                self._outputs.append(self.incoming)

    def _follow(self, step: JingleMessage, sender: str, *, had_session: bool) -> None:
        """Do what is due in a state that was just reached."""
        if self.state is ProposalState.PROPOSED and self.incoming:
            self._outputs.append(self.incoming)
        elif self.state is ProposalState.PROCEEDED and self._proposing:
            self._outputs.append(InitiateSession(self.id, sender, self.descriptions))
        elif isinstance(step, FinishMessage) and had_session and bare(sender) == self.peer and not step.migrated:
            # Both parties finish (XEP-0353 3.7).
            answer = _step_for(Finish(self.id, step.reason))
            self._outputs.append(SendStanza(self._message(answer, self._other_party)))

    def _reach(self, state: ProposalState, device: str | None, step: JingleMessage | None) -> bool:
        """Go on to a state, and tell; return False where the proposal has come further already."""
        if state <= self.state:
            return False
        self.state = state
        self._outputs.append(ProposalChanged(self.id, state, device, step))
        self._wait()
        return True

    def _meet_session(self, initiator: str) -> None:
        """Hand over to the session with the proposal's id, from the device that proposed (XEP-0353 3.6)."""
        if self._answering and not self._agreed and initiator == self.proposer:
            self._agreed = self.state is ProposalState.PROCEEDED
            if self._agreed:
                self._outputs.append(SessionAgreed(self.id, initiator))
                self._wait()

    # --- time ---

    def _wait(self) -> None:
        """Arm the timer for what is waited for now."""
        self._timers.arm("wait", None if (wait := self._waiting_for()) is None else self._timers.now + wait)

    def _waiting_for(self) -> float | None:
        if self.state.is_over:
            return None
        if self.state is ProposalState.PROCEEDED and self.takes_part:
            # A session ends for itself, and with a Finish.
            return None if self._proposing or self._agreed else self._config.initiate
        return self._config.answer if self._proposing else self._config.finish

    def _expire(self, _: str) -> None:
        if self._proposing:
            self._say(_step_for(Retract(self.id)), self.peer)
        elif self._answering and self._answerer:
            # The initiator took another device of this account, which also proceeded.
            self._answering = False
            self._outputs.append(ProposalChanged(self.id, self.state, self._answerer, None))
            self._wait()
        elif self._answering:
            self._say(FinishMessage(id=self.id, reason=_EXPIRED), self._other_party)
        else:
            self._reach(ProposalState.FINISHED, None, None)

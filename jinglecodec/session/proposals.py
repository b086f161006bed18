"""XEP-0353, version 0.8: all proposals of one device; carbons, tie-breaks, migration, strangers and limits.

It stands in front of the session manager: stanzas that come out again as NotHandled go there, in the same order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from jinglecodec.errors import LocalError
from jinglecodec.machine import TimedMachine, TimerFired, keep_latest
from jinglecodec.model.carbons import Carbon
from jinglecodec.model.message import JingleMessage, ProposeMessage, RejectMessage
from jinglecodec.model.stanza import Message, Stanza
from jinglecodec.session.config import ProposalConfig
from jinglecodec.session.events import (
    Limit,
    NotHandled,
    Policy,
    Refused,
    SendStanza,
    StanzaReceived,
    TrustChanged,
)
from jinglecodec.session.jids import bare
from jinglecodec.session.proposal import (
    TIE_BREAK,
    Finish,
    IncomingProposal,
    Proceed,
    Proposal,
    ProposalEvent,
    ProposalOutput,
    ProposalState,
    Propose,
    Reject,
    Retract,
    Ring,
    bounced,
    initiated,
    stanza_with,
    step_of,
)

if TYPE_CHECKING:
    from random import Random

__all__ = ["CatchUpEnded", "CatchUpStarted", "Proposals", "ProposalsEvent", "ProposalsOutput"]


@attrs.frozen
class CatchUpStarted:
    """What arrives from now on has waited for us, in an archive or on the server; it may be outdated (XEP-0353 5)."""


@attrs.frozen
class CatchUpEnded:
    """What arrives from now on is new again; proposals that are still open count as just made (XEP-0353 3.3)."""


ProposalsEvent = ProposalEvent | TrustChanged | CatchUpStarted | CatchUpEnded
"What the proposals of a device take. A message may come as it is, as a carbon, or taken out of one."

ProposalsOutput = ProposalOutput | Refused
"What the proposals of a device say."


class Proposals(TimedMachine[ProposalsEvent, ProposalsOutput, str]):
    """All proposals of one device of an account.

    Proposals of strangers are NotHandled (`Policy`; XEP-0353 6). Nothing is sent before the caller answers, except to
    somebody with whom this device has a proposal or a session already.

    Raises LocalError for a command that its proposal does not allow, and for a proposal that there is no room for
    (`ProposalConfig`).
    """

    __slots__ = ("_catching_up", "_config", "_held", "_local", "_over", "_policy", "_proposals")

    def __init__(
        self,
        local: str,
        policy: Policy | None = None,
        config: ProposalConfig | None = None,
        *,
        random: Random | None = None,
    ) -> None:
        """Have no proposals. `local` is the full JID of this device; the default policy hears nobody (XEP-0353 6)."""
        super().__init__(random)
        self._local = local
        self._policy = policy or Policy()
        self._config = config or ProposalConfig()
        self._proposals: dict[str, Proposal] = {}
        self._over: dict[str, Proposal] = {}  # in the order in which they came to be over
        self._catching_up = False
        self._held: dict[str, Proposal] = {}  # incoming, and not told of yet

    def state(self, proposal: str) -> ProposalState:
        """Return the state of a proposal, UNKNOWN for one that nobody has heard of or that is forgotten."""
        found = self._find(proposal)
        return found.state if found else ProposalState.UNKNOWN

    def _find(self, proposal: str) -> Proposal | None:
        return self._proposals.get(proposal) or self._over.get(proposal)

    def _with(self, peer: str) -> list[Proposal]:
        return [proposal for proposal in self._proposals.values() if proposal.peer == peer]

    def _check(self, event: ProposalsEvent) -> None:
        match event:
            case Propose(peer, _, proposal):
                if bare(peer) == bare(self._local) or self._find(proposal or ""):
                    raise LocalError(f"{event} proposes nothing new to anybody else")
                self._new(proposal or "new", peer).check(event)
                if (limit := self._limit(bare(peer))) is not None:
                    raise LocalError(f"the limit of {limit.value} is reached")
            case Ring(name) | Proceed(name) | Reject(name) | Retract(name) | Finish(name):
                if (found := self._find(name)) is None:
                    raise LocalError(f"there is no proposal {name!r}")
                found.check(event)
            case _:
                pass

    def _limit(self, peer: str) -> Limit | None:
        """Return the limit that another proposal would exceed."""
        if len(self._proposals) >= self._config.proposals:
            return Limit.PROPOSALS
        if len(self._with(peer)) >= self._config.proposals_per_peer:
            return Limit.PROPOSALS_PER_PEER
        return None

    def _take(self, event: ProposalsEvent) -> None:
        match event:
            case Propose(peer, descriptions, proposal):
                made = self._make(proposal or self._new_id(), peer)
                self._tell(made, Propose(peer, descriptions, made.id))
            case Ring(name) | Proceed(name) | Reject(name) | Retract(name) | Finish(name):
                if (found := self._find(name)) and found.allows(event):
                    self._tell(found, event)
            case StanzaReceived(Stanza() as stanza):
                self._receive(stanza)
            case StanzaReceived(other):
                self._outputs.append(NotHandled(other))
            case TrustChanged(policy):
                self._policy = policy
            case CatchUpStarted():
                self._catching_up = True
            case CatchUpEnded():
                self._catching_up = False
                held, self._held = self._held, {}
                for waiting in held.values():
                    self._meet(waiting)
            case TimerFired():
                pass

    def _expire(self, timer: str) -> None:
        self._tell(self._proposals[timer], TimerFired())

    def _new_id(self) -> str:
        """Return a UUID of version 4, in the form of RFC 9562 4."""
        octets = bytearray(self._draw.randbytes(16))
        octets[6] = octets[6] & 0x0F | 0x40
        octets[8] = octets[8] & 0x3F | 0x80
        text = octets.hex()
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    def _new(self, proposal: str, peer: str) -> Proposal:
        return Proposal(self._local, proposal, peer, self._config)

    def _make(self, proposal: str, peer: str) -> Proposal:
        made = self._proposals[proposal] = self._new(proposal, peer)
        return made

    def _tell(self, proposal: Proposal, event: ProposalEvent) -> None:
        """Let a proposal take an event, and look after what comes of it."""
        for output in proposal.handle(event, self._timers.now):
            if isinstance(output, IncomingProposal):
                self._meet(proposal)
            else:
                self._outputs.append(output)
        self._timers.arm(proposal.id, proposal.deadline)
        self._sort(proposal)

    def _sort(self, proposal: Proposal) -> None:
        """Keep a proposal that is over apart, and so many of them only."""
        if proposal.state.is_over and proposal.id in self._proposals:
            self._over[proposal.id] = self._proposals.pop(proposal.id)
            self._held.pop(proposal.id, None)
            keep_latest(self._over, self._config.remembered)
        elif not proposal.state.is_over and proposal.id in self._over:
            self._proposals[proposal.id] = self._over.pop(proposal.id)

    # --- what arrives ---

    def _receive(self, stanza: Stanza) -> None:
        message = self._unpacked(stanza)
        step = step_of(message)
        proposal = self._find(step.id if step else bounced(stanza) or initiated(stanza) or "")
        if step and message.from_:
            self._receive_step(stanza, message, step, message.from_, proposal)
        elif proposal and not step:
            self._tell(proposal, StanzaReceived(stanza))
        else:
            self._outputs.append(NotHandled(stanza))

    def _unpacked(self, stanza: Stanza) -> Stanza:
        """Return what a carbon holds, and any other stanza as it is; so also a carbon that is forged (XEP-0280 11)."""
        if isinstance(stanza, Message) and stanza.from_ in (None, bare(self._local)):
            carbons = (payload for payload in stanza.payloads if isinstance(payload, Carbon))
            return next((carbon.forwarded.message for carbon in carbons if carbon.forwarded.message), stanza)
        return stanza

    def _receive_step(
        self, stanza: Stanza, message: Stanza, step: JingleMessage, sender: str, known: Proposal | None
    ) -> None:
        ours = bare(sender) == bare(self._local)
        peer = bare((message.to or "") if ours else sender)
        if known and (known.peer == peer or ours):
            same_id = isinstance(step, ProposeMessage) and known.outgoing and not ours
            if same_id and known.state is not ProposalState.PROCEEDED:
                known = self._resolve(known, sender)
            if known:
                self._tell(known, StanzaReceived(message))
        elif known or peer in ("", bare(self._local)) or not (ours or self._policy.trusts(sender)):
            self._outputs.append(NotHandled(stanza))
        elif (limit := self._limit(peer)) is not None:
            self._outputs.append(Refused(limit, peer))
        else:
            self._tell(self._make(step.id, peer), StanzaReceived(message))

    # --- two proposals at once ---

    def _meet(self, proposal: Proposal) -> None:
        """Tell of an incoming proposal, unless one of this device's own decides about it."""
        if self._catching_up:
            self._held[proposal.id] = proposal
            return
        rivals = [each for each in self._with(proposal.peer) if each.takes_part]
        crossed = [each for each in rivals if each.state.is_open]
        running = [each for each in rivals if each.state is ProposalState.PROCEEDED]
        # The order of code points is that of i;octet (RFC 4790 9.3) in UTF-8.
        if any(each.id < proposal.id for each in crossed):
            self._tell(proposal, Reject(proposal.id, tie_break=True))  # XEP-0353 4.1
            return
        for each in crossed:
            self._tell(each, Retract(each.id, tie_break=True))
        for each in running:
            self._tell(each, Finish(each.id, migrated_to=proposal.id))  # XEP-0353 4.2
        if running:
            self._tell(proposal, Proceed(proposal.id))
        elif proposal.incoming:
            self._outputs.append(proposal.incoming)

    def _resolve(self, known: Proposal, sender: str) -> Proposal | None:
        """Return the proposal to go on with when the peer used the id of ours; None where ours does (XEP-0353 4.1).

        The lower JID prevails.
        """
        if known.proposer is not None and known.proposer < sender:
            if known.takes_part:
                reject = RejectMessage(id=known.id, reason=TIE_BREAK, tie_break=True)
                self._outputs.append(SendStanza(stanza_with(reject, self._local, sender, self._config.namespace)))
            return None
        if known.takes_part and known.state.is_open:
            self._tell(known, Retract(known.id, tie_break=True))
        self._over.pop(known.id, None)
        return self._make(known.id, known.peer)

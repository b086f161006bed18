"""Conversations about proposals that cross, wait, come to nobody, or concern several devices (XEP-0353)."""

from __future__ import annotations

from random import Random

from jinglecodec import namespaces as ns
from jinglecodec import session
from jinglecodec.model.carbons import CarbonReceived, CarbonSent, Forwarded
from jinglecodec.model.jingle import Action
from jinglecodec.model.message import (
    FinishMessage,
    JingleMessage,
    Migrated,
    ProceedMessage,
    ProposeMessage,
    RejectMessage,
    RetractMessage,
    RingingMessage,
)
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.model.stanza import Message, MessageType
from jinglecodec.session.jids import bare
from jinglecodec.session.proposal import stanza_with
from jinglecodec.strategies.conversations.media import FOR_ICE, content
from jinglecodec.strategies.conversations.scripted import Act, asks, play
from jinglecodec.strategies.conversations.stage import (
    ANYBODY,
    JULIET,
    NURSE,
    ROMEO,
    SID,
    Conversation,
    Stage,
    script_of,
)
from jinglecodec.testing.laws import Factory, Script
from jinglecodec.xml.tree import Raw

_MEDIA = (RtpDescription(media="audio"),)
_PHONE, _TABLET = "juliet@capulet.lit/phone", "romeo@montague.lit/tablet"
"Other devices of theirs."

_BENVOLIO = "benvolio@montague.lit/square"
"Whose JID is lower than hers."

LITTLE = session.ProposalConfig(proposals=5, proposals_per_peer=4, remembered=4)
"Room for little, so that limits are reached soon."


def says(step: JingleMessage, sender: str = ROMEO, to: str = JULIET) -> session.StanzaReceived:
    """Return a step that somebody takes, as it comes to Juliet: carbons of what her account says, and hears there."""
    message = stanza_with(step, sender, bare(to) if isinstance(step, ProposeMessage) else to, ns.CLIENT)
    if bare(sender) == bare(JULIET):
        return _copied(CarbonSent(forwarded=Forwarded(message=message)))
    if to == _PHONE:
        return _copied(CarbonReceived(forwarded=Forwarded(message=message)))
    return session.StanzaReceived(message)


def _copied(carbon: CarbonSent | CarbonReceived) -> session.StanzaReceived:
    return session.StanzaReceived(Message(from_=bare(JULIET), to=JULIET, payloads=(carbon,)))


def _proposed(proposal: str, sender: str = ROMEO, to: str = JULIET) -> session.StanzaReceived:
    return says(ProposeMessage(id=proposal, descriptions=_MEDIA), sender, to)


def at_once(factory: Factory) -> Script:
    """Juliet and Romeo propose to each other at the same time: other ids, one id, and with a session (XEP-0353 4)."""
    stage = Stage()
    recorder = stage.put(JULIET, factory(), "192.0.2.1")
    stage.put(ROMEO, session.Proposals(ROMEO, ANYBODY, random=Random(2)), "192.0.2.2")
    for hers, his, then in (
        ("a", "b", (JULIET, session.Retract("a"))),
        ("d", "c", (ROMEO, session.Retract("c"))),
        ("e", "e", (ROMEO, session.Proceed("e"))),
    ):
        stage.play(
            (0.0, JULIET, session.Propose(ROMEO, _MEDIA, hers)),
            (0.0, ROMEO, session.Propose(JULIET, _MEDIA, his)),
            (0.5, *then),
            seconds=0.5,
        )
    stage.play(
        (1.0, JULIET, session.Propose(ROMEO, _MEDIA, "f")),
        (1.0, ROMEO, session.Propose(JULIET, _MEDIA, "g")),
        (1.0, JULIET, session.Finish("g")),
    )
    return script_of(recorder)


def same_ids(factory: Factory) -> Script:
    """Benvolio, whose JID is lower, proposes with the ids of Juliet's proposals: open ones, and one that is over."""
    acts: tuple[Act, ...] = (
        (0.0, session.Propose(_BENVOLIO, _MEDIA, "a")),
        (0.0, _proposed("a", _BENVOLIO)),
        (0.5, session.Reject("a")),
        (0.5, session.Propose(_BENVOLIO, _MEDIA, "b")),
        (0.5, session.Retract("b")),
        (0.5, _proposed("b", _BENVOLIO)),
        (0.5, session.Propose(ROMEO, _MEDIA, "c")),
        (0.0, session.Retract("c")),
        (0.5, _proposed("c")),
        (0.5, says(RetractMessage(id="b"), NURSE)),
        (0.5, says(ProceedMessage(id="b"), _BENVOLIO)),
    )
    return play(factory, acts)


def elsewhere(factory: Factory) -> Script:
    """What Juliet is asked for is taken, refused and ended on her phone, which she hears by carbons (XEP-0353 5)."""
    acts: tuple[Act, ...] = (
        (0.0, _proposed("a")),
        (0.1, says(RingingMessage(id="a"), _PHONE, ROMEO)),
        (1.0, says(ProceedMessage(id="a"), _PHONE, ROMEO)),
        (1.0, says(FinishMessage(id="a"), ROMEO, _PHONE)),
        (1.0, says(RingingMessage(id="b"), _PHONE, ROMEO)),
        (0.1, _proposed("b")),
        (1.0, says(RejectMessage(id="b"), _PHONE, ROMEO)),
        (0.1, says(ProceedMessage(id="b"), f"{JULIET}-2", ROMEO)),
        (1.0, _proposed("c", _PHONE, ROMEO)),
        (1.0, says(ProceedMessage(id="c"), ROMEO, _PHONE)),
        (1.0, says(FinishMessage(id="c", migrated=Migrated(to="d")), ROMEO, _PHONE)),
        (1.0, _proposed("e", _PHONE, ROMEO)),
        (0.0, _proposed("e")),
        (1.0, _proposed("d")),
        (0.0, session.Proceed("d")),
        (0.0, says(ProceedMessage(id="d"), _PHONE, ROMEO)),
    )
    return play(factory, acts, seconds=40.0)


def answered_twice(factory: Factory) -> Script:
    """Romeo has two devices: one refuses what the other takes, and both take (XEP-0353 3.4, 3.5)."""
    acts: tuple[Act, ...] = (
        (0.0, session.Propose(ROMEO, _MEDIA, "a")),
        (0.5, says(RejectMessage(id="a"), _TABLET)),
        (0.0, says(ProceedMessage(id="a"))),
        (0.5, session.Propose(ROMEO, _MEDIA, "b")),
        (0.5, says(RingingMessage(id="b"), _TABLET)),
        (0.5, says(ProceedMessage(id="b"), _TABLET)),
        (0.0, says(ProceedMessage(id="b"))),
        (0.0, says(RejectMessage(id="b"))),
        (0.5, says(FinishMessage(id="b"), _TABLET)),
        (0.5, says(ProceedMessage(id="b"), NURSE)),
    )
    return play(factory, acts)


def unanswered(factory: Factory) -> Script:
    """Nobody answers, nobody is there, and no session comes (XEP-0353 3.3, 3.6, 5)."""
    bounced = Message(from_=bare(ROMEO), to=JULIET, id="propose-b", type=MessageType.ERROR)
    voice = content("0", FOR_ICE)
    acts: tuple[Act, ...] = (
        (0.0, session.Propose(ROMEO, _MEDIA, "a")),
        (0.0, session.Propose(ROMEO, _MEDIA, "b")),
        (0.5, session.StanzaReceived(bounced)),
        (0.0, session.StanzaReceived(bounced)),
        (70.0, _proposed("c")),
        (1.0, session.Proceed("c")),
        (40.0, _proposed(SID)),
        (1.0, session.Proceed(SID)),
        (1.0, asks(Action.SESSION_INITIATE, voice)),
        (1.0, session.StanzaReceived(Raw("{urn:example:strange}thing"))),
        (40.0, session.Finish(SID)),
        (0.0, _proposed("d")),
    )
    return play(factory, acts, seconds=90000.0)


def caught_up(factory: Factory) -> Script:
    """Juliet comes online: what has waited is open, retracted, taken on her phone, or crosses hers (XEP-0353 5)."""
    acts: tuple[Act, ...] = (
        (0.0, session.CatchUpStarted()),
        (0.0, session.Propose(NURSE, _MEDIA, "x")),
        (0.0, _proposed("a")),
        (0.0, _proposed("b")),
        (0.0, _proposed("c", NURSE)),
        (0.0, _proposed("e")),
        (0.0, says(RetractMessage(id="a"))),
        (0.0, says(ProceedMessage(id="e"), _PHONE, ROMEO)),
        (0.1, session.CatchUpEnded()),
        (0.1, session.Ring("b")),
        (0.1, session.TrustChanged(session.Policy())),
        (0.1, _proposed("d")),
    )
    return play(factory, acts)


def crowded(factory: Factory) -> Script:
    """More is proposed than there is room for, by one account and by all, and then by Juliet."""
    asking = [f"{name}@montague.lit/orchard" for name in ("romeo", "abram", "balthasar")]
    proposals = [
        _proposed(f"{peer[0]}{number}", peer) for peer in asking for number in range(LITTLE.proposals_per_peer + 1)
    ]
    last = ((0.1, says(FinishMessage(id=f"r{number}"))) for number in range(LITTLE.proposals_per_peer))
    return play(factory, [*((0.1, proposal) for proposal in proposals), (0.1, session.Propose(NURSE, _MEDIA)), *last])


DEVICES: tuple[Conversation, ...] = (*(at_once, same_ids, elsewhere, answered_twice, unanswered, caught_up, crowded),)

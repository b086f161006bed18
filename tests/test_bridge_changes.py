"""Changes of bridged calls: late candidates, restarts, holds, offers that cross."""

from __future__ import annotations

import pickle

import attrs
import pytest
from bridge_support import (
    ANSWER,
    NEW,
    OFFER,
    OLD,
    PRINT,
    SECTION,
    SID,
    TO_OLD,
    World,
    described,
    hosts,
    new_calls,
    old_calls,
    trickled,
)

import jinglecodec as jc
from jinglecodec.bridge import Bridged, NotBridged
from jinglecodec.session import (
    Accept,
    Answer,
    AnswerReceived,
    ContentChanged,
    ExchangeState,
    IncomingSession,
    InfoReceived,
    Initiate,
    ModifyContent,
    Offer,
    OfferFailed,
    OfferReceived,
    SendTransportInfo,
    SessionKey,
)


def test_candidates_that_come_late_are_offered_again() -> None:
    """While the old client has not answered, they gather; its answer brings the new one nothing."""
    world, old, new = old_calls()
    world.wait(2.0)
    content = next(iter(world.new.sessions[new].contents))
    for number in (5, 6, 7):
        world.say_new(SendTransportInfo(new, (trickled(content, number),)))
    assert [hosts(sdp) for sdp in offers(world)] == [["192.0.2.2", "192.0.2.5"]]
    world.say_old(Answer(old, OFFER))
    assert hosts(offers(world)[1]) == ["192.0.2.2", "192.0.2.5", "192.0.2.6", "192.0.2.7"]
    world.say_old(Answer(old, OFFER))
    assert len(offers(world)) == 2
    assert not [output for output in world.told["new"] if isinstance(output, (InfoReceived, ContentChanged))]


def offers(world: World) -> list[str]:
    return [output.sdp for output in world.told["old"] if isinstance(output, OfferReceived)]


def test_candidates_that_come_before_the_acceptance_count() -> None:
    """XEP-0176 5.5: both parties may send them as soon as the session is acknowledged."""
    world, _, key = new_calls()
    world.say_new(SendTransportInfo(key, (trickled(next(iter(world.new.sessions[key].contents)), 9),)))
    world.wait(2.0)
    offer = world.last("old", OfferReceived)
    assert isinstance(offer, OfferReceived)
    assert "192.0.2.9" in offer.sdp


def again(content: tuple[jc.Creator, str], number: int) -> jc.Content:
    """Return a candidate after a restart, the one of this number."""
    one = trickled(content, number)
    transport = jc.IceUdpTransport(ufrag=f"new{number}", pwd="n" * 22, candidates=one.transport.candidates)  # type: ignore[union-attr]
    return attrs.evolve(one, transport=transport)


def test_candidates_after_a_restart_take_the_place_of_those_before() -> None:
    """XEP-0176 5.9: those of another generation do not go with the credentials that are described."""
    world, _, key = new_calls()
    for number in (8, 9):
        world.say_new(SendTransportInfo(key, (again(next(iter(world.new.sessions[key].contents)), number),)))
    world.wait(2.0)
    (offer,) = offers(world)
    assert hosts(offer) == ["192.0.2.9"]
    assert [media.ice_ufrag for media in described(offer).media] == ["new9"]


@pytest.mark.parametrize("accepted", ["answ", "other"])
def test_candidates_that_come_before_an_acceptance_are_of_its_generation_or_none(accepted: str) -> None:
    """Each restart begins them anew, so that ever more restarts take no memory."""
    world, key = World(), SessionKey(TO_OLD, SID)
    world.say_old(Initiate(TO_OLD, (jc.Content(name="audio, video", transport=jc.WebrtcTransport()),), SID))
    world.say_old(Offer(key, OFFER))
    incoming = world.last("new", IncomingSession)
    assert isinstance(incoming, IncomingSession)
    content = next(iter(world.new.sessions[incoming.session].contents))
    for number in range(10, 50):
        world.say_new(SendTransportInfo(incoming.session, (again(content, number),)))
    size = len(pickle.dumps(world.bridge))
    for number in range(50, 90):
        world.say_new(SendTransportInfo(incoming.session, (again(content, number),)))
    assert len(pickle.dumps(world.bridge)) <= size + 100
    world.say_new(SendTransportInfo(incoming.session, (trickled(content, 5),)))
    answer = jc.mapping.to_jingle(
        described(ANSWER.replace("answ", accepted)),
        action="session-accept",
        sid=SID,
        role="responder",
        offer=described(OFFER),
        names=jc.mapping.to_sdp(incoming.jingle, role="initiator").names,
    )
    world.say_new(Accept(incoming.session, answer.value.contents, answer.value.groups))
    world.wait(2.0)
    told = world.last("old", AnswerReceived)
    assert isinstance(told, AnswerReceived)
    assert hosts(told.sdp) == ["192.0.2.2", *(["192.0.2.5"] if accepted == "answ" else [])]


def test_section_that_an_answer_refuses_later_is_told() -> None:
    """Contents are not removed from the new client's session; the caller hears that they should be."""
    world, old, new = old_calls()
    world.wait(2.0)
    world.say_new(SendTransportInfo(new, (trickled(next(iter(world.new.sessions[new].contents)), 5),)))
    world.say_old(Answer(old, OFFER.replace("m=audio 9", "m=audio 0")))
    told = [one for one in world.told["bridge"] if isinstance(one, NotBridged)]
    assert [one.jingle.action for one in told] == [jc.Action.CONTENT_REMOVE]
    assert new in world.new.sessions


def test_hold_of_the_old_client_is_asked_of_the_new_one() -> None:
    """RFC 3264 8.4: sendonly is answered with recvonly; XEP-0166 7.2.3: content-modify."""
    world, old, new = old_calls()
    world.wait(2.0)
    world.say_old(Offer(old, OFFER.replace("a=sendrecv", "a=sendonly")))
    changed = world.last("new", ContentChanged)
    assert isinstance(changed, ContentChanged)
    assert [content.senders for content in changed.jingle.contents] == [jc.Senders.INITIATOR]
    answer = world.last("old", AnswerReceived)
    assert isinstance(answer, AnswerReceived)
    assert [media.direction for media in described(answer.sdp).media] == [jc.sdp.Direction.RECVONLY]
    assert {status.senders for status in world.new.sessions[new].contents.values()} == {jc.Senders.INITIATOR}


def test_hold_of_the_new_client_is_offered_to_the_old_one() -> None:
    world, old, new = old_calls()
    world.wait(2.0)
    creator, name = next(iter(world.new.sessions[new].contents))
    held = jc.Content(creator=creator, name=name, senders=jc.Senders.RESPONDER)
    world.say_new(ModifyContent(new, (held,)))
    assert [media.direction for media in described(offers(world)[-1]).media] == [jc.sdp.Direction.SENDONLY]
    world.say_old(Answer(old, OFFER.replace("a=sendrecv", "a=recvonly")))
    assert not [output for output in world.told["new"] if isinstance(output, ContentChanged)]
    assert world.told["bridge"][-1] == Bridged(SessionKey(OLD, old.sid), SessionKey(NEW, new.sid))


@pytest.mark.parametrize(
    "offer",
    [
        OFFER.replace("ice-ufrag:offr", "ice-ufrag:anew"),
        OFFER + SECTION.replace("a=mid:0", "a=mid:1").format("sendrecv", "more", "p" * 22, PRINT, "actpass", ""),
        "no description",
    ],
    ids=["restart", "another section", "none"],
)
def test_offer_that_needs_the_other_sides_answer_is_refused(offer: str) -> None:
    """The call goes on as it was."""
    world, old, new = old_calls()
    world.wait(2.0)
    world.say_old(Offer(old, offer))
    assert world.last("old", OfferFailed) == OfferFailed(old, jc.WebrtcError.REFUSED)
    assert new in world.new.sessions
    world.say_old(Offer(old, OFFER.replace("a=sendrecv", "a=sendonly")))
    assert isinstance(world.last("new", ContentChanged), ContentChanged)


def test_old_client_that_calls_back_while_it_is_called_is_refused() -> None:
    """Its session is the one that has been offered nothing yet."""
    world, old, _ = new_calls()
    world.say_old(Offer(old, OFFER))
    assert world.last("old", OfferFailed) == OfferFailed(old, jc.WebrtcError.REFUSED)
    world.wait(2.0)
    assert len(offers(world)) == 1


def test_offers_of_both_sides_that_cross_are_made_one_after_the_other() -> None:
    """ROAP decides which comes first; in the end both know both."""
    world, old, new = old_calls()
    world.wait(2.0)
    content = next(iter(world.new.sessions[new].contents))
    world.keep("new", world.new.handle(SendTransportInfo(new, (trickled(content, 5),)), world.now))
    world.keep("old", world.old.handle(Offer(old, OFFER.replace("a=sendrecv", "a=sendonly")), world.now))
    world.settle()
    if world.old.exchanges[old].state is ExchangeState.OFFERED:
        world.say_old(Answer(old, OFFER))
        world.say_old(Offer(old, OFFER.replace("a=sendrecv", "a=sendonly")))
    world.wait(0.0)
    for _ in offers(world):
        if world.old.exchanges[old].state is ExchangeState.OFFERED:
            world.say_old(Answer(old, OFFER.replace("a=sendrecv", "a=sendonly")))
    assert hosts(offers(world)[-1]) == ["192.0.2.2", "192.0.2.5"]
    assert {status.senders for status in world.new.sessions[new].contents.values()} == {jc.Senders.INITIATOR}

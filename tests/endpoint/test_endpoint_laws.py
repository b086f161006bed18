"""The rules of all machines for endpoints, random calls under loss, and what strangers may try."""

from __future__ import annotations

import random
from contextlib import suppress
from functools import partial

import pytest
from endpoint_support import AUDIO, BUNDLE, JULIET, ROMEO, VIDEO, Stage, answer, content, stage
from hypothesis import given
from hypothesis import strategies as st
from test_endpoint_calls import FACE, RTP, VOICE, connected, exchange

from jinglecodec import endpoint as e
from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError
from jinglecodec.machine import DatagramReceived
from jinglecodec.model.ice_udp import Candidate, CandidateType, IceUdpTransport
from jinglecodec.model.jingle import Action, Content, Creator, Jingle, Senders
from jinglecodec.model.stanza import Iq, IqType
from jinglecodec.session import (
    ContentProposed,
    IncomingSession,
    ModifyContent,
    Policy,
    RemoveContent,
    SessionEnded,
    SessionKey,
    StanzaReceived,
    Terminate,
)
from jinglecodec.testing import laws
from jinglecodec.testing.network import Host, Link, Network

NOBODY = SessionKey(ROMEO, "nothing")
MISUSE = (
    e.Accept(NOBODY, (AUDIO,)),
    e.AddContent(NOBODY, (AUDIO,)),
    e.RestartIce(NOBODY),
    e.SendData(NOBODY, VOICE, 1, RTP),
    e.Place(JULIET, ()),
    e.AddLocalAddress("balcony.local"),
    Terminate(NOBODY),
)


def make(jid: str, seed: int) -> e.Endpoint:
    return e.Endpoint(jid, Policy(strangers=True), random=random.Random(seed))


@pytest.mark.parametrize("figure", [{"patience": 0.5}, {"patience": 3601.0}, {"addresses": 0}, {"addresses": 65}])
def test_figure_out_of_its_range_is_misuse(figure: dict[str, float]) -> None:
    with pytest.raises(LocalError, match=next(iter(figure))):
        e.Config(**figure)  # type: ignore[arg-type]


@pytest.mark.parametrize("side", [0, 1])
def test_endpoints_keep_the_rules_of_machines(side: int) -> None:
    call = stage()
    connected(call, (AUDIO, VIDEO), BUNDLE)
    exchange(call, VOICE)
    call.romeo.do(e.RestartIce(call.romeo.last(e.Connected).session))
    call.run(3.0)
    call.juliet.do(Terminate(call.juliet.last(e.Connected).session))
    call.run(1.0)
    party = (call.romeo, call.juliet)[side]
    script = [(step.event, step.now) for step in party.recorder.recording.steps]

    assert party.all(SessionEnded)
    factory = partial(make, (ROMEO, JULIET)[side], side + 1)
    laws.check_all(factory, script[:70], most=100, misuse=MISUSE, hash_seeds=(1,))


# --- random calls -----------------------------------------------------------------------------------------------------


class Player:
    """Does something sensible at random, as applications would."""

    def __init__(self, call: Stage, choose: random.Random) -> None:
        self.call, self.choose = call, choose
        self.contents = 0

    def turn(self) -> None:
        party = self.choose.choice((self.call.romeo, self.call.juliet))
        if not party.endpoint.sessions:
            return
        key, session = next(iter(party.endpoint.sessions.items()))
        creator = session.role
        live = list(session.contents)
        one = self.choose.choice(live)
        named = Content(creator=one[0], name=one[1])
        self.contents += 1
        event: object = self.choose.choice(
            (
                e.AddContent(key, (content(f"more{self.contents}", "video", creator),)),
                e.RestartIce(key),
                e.SendData(key, one, 1, RTP),
                ModifyContent(key, (Content(creator=one[0], name=one[1], senders=self.choose.choice(list(Senders))),)),
                *([RemoveContent(key, (named,))] if len(live) > 1 else []),
            )
        )
        with suppress(LocalError):  # not at this moment: an answer is outstanding, say
            party.do(event)

    def answer(self) -> None:
        """Accept what is proposed."""
        for party in (self.call.romeo, self.call.juliet):
            for proposed in party.all(ContentProposed):
                party.told.remove(proposed)
                with suppress(LocalError):  # it was removed again
                    party.do(e.AcceptContent(proposed.session, tuple(map(answer, proposed.jingle.contents))))


@given(st.integers(0, 2**32))
def test_random_calls_converge_under_loss(seed: int) -> None:
    """Both have the same contents in the end, and data flows for each of them."""
    choose = random.Random(seed)
    network = Network(seed)
    link = Link(latency=0.02, loss=0.1)
    call = Stage(
        network, (Host(network.internet, "192.0.2.1", link=link), Host(network.internet, "192.0.2.2", link=link))
    )
    connected(call)
    player = Player(call, choose)
    for _ in range(8):
        player.turn()
        player.answer()
        call.run(choose.choice((0.0, 0.01, 0.1, 1.0)))
    for _ in range(20):
        player.answer()
        call.run(1.0)
    for host in (call.romeo.node.host, call.juliet.node.host):
        host.set_link(Link(latency=0.02))
    call.run(60.0)

    ours, theirs = (party.endpoint.sessions for party in (call.romeo, call.juliet))
    assert len(ours) == len(theirs)
    for one, two in zip(ours.values(), theirs.values(), strict=True):
        assert {key: status.senders for key, status in one.contents.items()} == {
            key: status.senders for key, status in two.contents.items()
        }
        for key, status in one.contents.items():
            if status.state.value == "accepted":
                exchange(call, key, RTP + bytes([choose.randrange(256)]))


# --- what strangers may try -------------------------------------------------------------------------------------------


def set_of(jingle: Jingle, sender: str = "mallory@evil.lit/x", number: int = 0) -> StanzaReceived:
    return StanzaReceived(Iq(type=IqType.SET, id=f"m{number}", from_=sender, to=JULIET, payload=jingle))


def test_stranger_who_knows_the_sid_gets_an_error_and_changes_nothing() -> None:
    call = stage()
    connected(call)
    sid = call.juliet.last(e.Connected).session.sid
    named = Content(creator=Creator.INITIATOR, name="voice", transport=IceUdpTransport(ufrag="mine", pwd="m" * 22))
    for number, action in enumerate(set(Action) - {Action.SESSION_INITIATE}):
        before = len(call.juliet.stanzas)
        call.juliet.do(set_of(Jingle(action=action, sid=sid, contents=(named,)), number=number))
        (reply,) = call.juliet.stanzas[before:]
        assert (reply.type, reply.id, reply.to) == (IqType.ERROR, f"m{number}", "mallory@evil.lit/x")
    exchange(call, VOICE)


def test_candidates_by_the_hundred_thousand_are_bounded() -> None:
    call = stage()
    connected(call)
    key = call.juliet.last(e.Connected).session
    refused = 0
    for number in range(1000):
        candidates = tuple(
            Candidate(
                component=1,
                foundation=str(one),
                id=f"c{one}",
                ip=f"203.0.113.{one}",
                network=0,
                port=1000 + number,
                priority=1 + one,
                protocol="udp",
                type=CandidateType.HOST,
            )
            for one in range(1, 101)
        )
        transport = IceUdpTransport(candidates=candidates)
        named = Content(creator=Creator.INITIATOR, name="voice", transport=transport)
        before = len(call.juliet.stanzas)
        call.juliet.do(set_of(Jingle(action=Action.TRANSPORT_INFO, sid=key.sid, contents=(named,)), ROMEO, number))
        refused += call.juliet.stanzas[before].type is IqType.ERROR
    assert refused >= 998
    exchange(call, VOICE)


def test_datagrams_from_nowhere_go_nowhere() -> None:
    call = stage()
    connected(call)
    told = len(call.juliet.told)
    for number in range(10_000):
        event = DatagramReceived(number % 3, Address("203.0.113.9", 1 + number), RTP)
        assert call.juliet.endpoint.handle(event, call.network.now) == ()
    assert len(call.juliet.told) == told
    exchange(call, VOICE)


def test_one_session_is_not_touched_by_the_end_of_another() -> None:
    call = stage()
    connected(call)
    first = call.romeo.last(e.Connected).session
    call.romeo.do(e.Place(JULIET, (VIDEO,)))
    call.until(lambda: len(call.juliet.all(IncomingSession)) == 2)
    second = call.juliet.last(IncomingSession).session
    call.juliet.do(e.Accept(second, (answer(VIDEO),)))
    call.until(lambda: call.romeo.last(e.Connected).content == FACE)
    call.juliet.do(Terminate(second))
    call.run(1.0)

    call.romeo.do(e.SendData(first, VOICE, 1, RTP))
    call.run(1.0)
    assert call.juliet.last(e.DataReceived).data == RTP

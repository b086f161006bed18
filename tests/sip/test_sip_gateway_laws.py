"""What holds for the gateway whatever comes: machine laws, sharp cases of forking, generated calls with loss, loops."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sip_support import (
    BOB,
    GATE,
    JULIET,
    ROMEO,
    USER,
    J,
    R,
    Wire,
    agent,
    audio,
    gateway,
    sdp,
    sent,
    sip,
    start_lines,
    told,
    world,
)

from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError
from jinglecodec.findings import Severity
from jinglecodec.machine import (
    DatagramReceived,
    Machine,
    OpenSocket,
    SocketFailed,
    SocketOpened,
    SocketProtocol,
)
from jinglecodec.mapping import check_answer
from jinglecodec.model.jingle import Action, Condition, Content, Jingle, Reason, Senders
from jinglecodec.model.raw_udp import RawUdpTransport
from jinglecodec.model.rtp_info import Hold, Ringing, Unhold
from jinglecodec.model.stanza import Iq, IqType, Presence, Stanza, StanzaCondition
from jinglecodec.model.validation import validate
from jinglecodec.sdp import loads
from jinglecodec.session import Manager
from jinglecodec.session import events as on
from jinglecodec.session.events import Limit, Policy, Refused, SendStanza, SessionKey, StanzaReceived
from jinglecodec.sip import legs
from jinglecodec.sip.calls import CallEnded, CallStarted, Config, Start, Stopped
from jinglecodec.sip.gateway import Gateway
from jinglecodec.sip.legs import Overloaded, Settings
from jinglecodec.sip.messages import Request, Response
from jinglecodec.sip.transactions import Timing
from jinglecodec.testing.laws import check_all

SID, CALL = "a73sjjvkl37jfea", "a73sjjvkl37jfea@jingle"
KEY = SessionKey(R, SID)


def initiate(peer: str = J, sid: str = SID, to: str = R) -> StanzaReceived:
    jingle = Jingle(action=Action.SESSION_INITIATE, sid=sid, initiator=peer, contents=(audio(),))
    return StanzaReceived(Iq(type=IqType.SET, id=f"i{sid}", from_=peer, to=to, payload=jingle))


def stanzas(outputs: tuple[object, ...]) -> list[Stanza]:
    return [one.stanza for one in outputs if isinstance(one, SendStanza)]


def actions(outputs: tuple[object, ...]) -> list[str]:
    found = (one.payload for one in stanzas(outputs) if isinstance(one, Iq))
    return [one.action.value for one in found if isinstance(one, Jingle)]


def port_of(outputs: tuple[object, ...]) -> int:
    """Return the port that the only content of the only request names."""
    (iq,) = stanzas(outputs)
    assert isinstance(iq, Iq)
    assert isinstance(iq.payload, Jingle)
    transport = iq.payload.contents[0].transport
    assert isinstance(transport, RawUdpTransport)
    return transport.candidates[0].port


class Fork:
    """A gateway with a call of Juliet's out, and the branches of a fork by hand."""

    def __init__(self) -> None:
        self.gateway, self.now = gateway(), 0.0
        (self.invite,) = sent(self.do(initiate()))
        assert isinstance(self.invite, Request)

    def do(self, event: object) -> tuple[object, ...]:
        self.now += 0.01
        return self.gateway.handle(event, self.now)  # type: ignore[arg-type]

    def answer(self, status: int, tag: str, body: bytes = b"") -> tuple[object, ...]:
        fields = (("Contact", f"<sip:{tag}@192.0.2.66>"), ("Content-Type", "application/sdp"))
        assert isinstance(self.invite, Request)
        return self.do(
            DatagramReceived(0, BOB, self.invite.response(status, tag=tag, fields=fields, body=body).encode())
        )


def test_a_fork_is_hidden() -> None:
    """Draft 10: no "more than one provisional response", no "more than a single final response"; losers are ended.

    180 tag a, 180 tag b, 183 tag c with SDP, 200 tag b, 200 tag a: one ringing, one session-accept with b's answer,
    both 200s acknowledged, a ended.
    """
    fork = Fork()
    ringing = fork.answer(180, "a")
    assert actions(ringing) == ["session-info"]
    assert stanzas(ringing)[0].from_ == R  # from the bare JID that was called, and from no GRUU
    assert fork.answer(180, "b") == ()
    assert fork.answer(183, "c", sdp(port=7000)) == ()
    accepted = fork.answer(200, "b", sdp(port=5000))
    assert actions(accepted) == ["session-accept"]
    assert port_of(accepted) == 5000
    (ack,) = sent(accepted)
    assert (ack.to.tag, start_lines(accepted)) == ("b", ["ACK"])
    late = fork.answer(200, "a", sdp(port=4000))
    assert [(one.cseq_method, one.to.tag) for one in sent(late)] == [("ACK", "a"), ("BYE", "a")]
    assert stanzas(late) == []


def test_early_media_is_kept_for_a_final_response_without() -> None:
    """Draft 7: answers in reliable provisional responses MUST be stored, and forwarded with the final one."""
    fork = Fork()
    assert isinstance(fork.invite, Request)
    fields = (
        ("Contact", "<sip:b@192.0.2.66>"),
        ("Require", "100rel"),
        ("RSeq", "1"),
        ("Content-Type", "application/sdp"),
    )
    early = fork.invite.response(183, tag="b", fields=fields, body=sdp(port=7000))
    outputs = fork.do(DatagramReceived(0, BOB, early.encode()))
    assert (start_lines(outputs), stanzas(outputs)) == (["PRACK"], [])
    accepted = fork.answer(200, "b")
    assert actions(accepted) == ["session-accept"]
    assert port_of(accepted) == 7000


def test_a_cancel_between_180_and_200_is_followed_by_ack_and_bye() -> None:
    fork = Fork()
    fork.answer(180, "a")
    jingle = Jingle(action=Action.SESSION_TERMINATE, sid=SID, reason=Reason(condition=Condition.CANCEL))
    outputs = fork.do(StanzaReceived(Iq(type=IqType.SET, id="t", from_=J, to=R, payload=jingle)))
    assert start_lines(outputs) == ["CANCEL"]
    late = fork.answer(200, "a", sdp())
    assert (start_lines(late), stanzas(late)) == (["ACK", "BYE"], [])


# --- bad input -------------------------------------------------------------------------------------------------------

HEAD = """
    {method} sip:juliet@example.com SIP/2.0
    Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK{method}
    From: <sip:romeo@example.net>;tag=r
    To: <sip:juliet@example.com>
    Call-ID: c1
    CSeq: 1 {method}
    Content-Type: application/sdp
"""


@pytest.mark.parametrize(
    ("method", "body", "change", "answer"),
    [
        ("INVITE", b"no description", (b"", b""), ["100 INVITE", "488 INVITE"]),
        ("INVITE", sdp(), (b"/sdp", b"/isup"), ["100 INVITE", "415 INVITE"]),
        ("INVITE", sdp(), (b"sip:juliet@example.com SIP", b"tel:+1 SIP"), ["100 INVITE", "416 INVITE"]),
        ("INVITE", sdp(), (b"juliet@example.com SIP", b"a%00b@example.com SIP"), ["100 INVITE", "480 INVITE"]),
        ("INVITE", sdp(), (b"Content-Length: ", b"Content-Length: 9"), ["400 INVITE"]),
        ("INVITE", sdp(), (b"CSeq: 1 INVITE", b"CSeq: 1 BYE"), ["400 BYE"]),
        ("UPDATE", b"", (b"", b""), ["405 UPDATE"]),
        ("BREW", b"", (b"", b""), ["501 BREW"]),
        ("BYE", b"", (b"", b""), ["481 BYE"]),
        ("CANCEL", b"", (b"", b""), ["481 CANCEL"]),
        ("ACK", b"", (b"", b""), []),
        ("INVITE", sdp(), (b"SIP/2.0\r\nVia", b"SIP/2.0\r\nV ia"), []),
    ],
)
def test_bad_requests_are_answered_and_the_xmpp_side_is_untouched(
    method: str, body: bytes, change: tuple[bytes, bytes], answer: list[str]
) -> None:
    machine = gateway()
    machine.handle(StanzaReceived(Presence(from_=J, to=R)), 0.0)
    data = sip(HEAD.format(method=method), body).replace(*change, 1)
    outputs = machine.handle(DatagramReceived(0, BOB, data), 0.0)
    assert (start_lines(outputs), stanzas(outputs)) == (answer, [])


def test_a_stray_2xx_is_acknowledged_and_ended() -> None:
    fork = Fork()
    assert isinstance(fork.invite, Request)
    stray = fork.invite.response(200, tag="x", body=sdp()).encode().replace(b"branch=z9hG4bK", b"branch=z9hG4bKno")
    outputs = gateway().handle(DatagramReceived(0, BOB, stray), 0.0)
    assert (start_lines(outputs), stanzas(outputs)) == (["ACK", "BYE"], [])


_DAMAGE = st.binary(max_size=200) | st.tuples(st.integers(0, 500), st.binary(max_size=3))
"Junk, or octets in the place of one in a good message."


@given(st.lists(_DAMAGE, max_size=20), st.integers(0, 9))
def test_nothing_raises_and_memory_is_bounded(changes: list[Any], seed: int) -> None:
    machine = gateway(seed, calls=4)
    machine.handle(StanzaReceived(Presence(from_=J, to=R)), 0.0)
    (invite, *_) = sent(machine.handle(initiate(), 0.0))
    assert isinstance(invite, Request)
    good = [sip(HEAD.format(method="INVITE"), sdp()), invite.response(200, tag="x", body=sdp()).encode()]
    for number, change in enumerate(changes):
        data = change
        if isinstance(change, tuple):
            whole = good[number % 2]
            data = whole[: change[0]] + change[1] + whole[change[0] + 1 :]
        machine.handle(DatagramReceived(0, BOB, data), float(number))
    assert len(machine.calls) <= 4


@pytest.mark.parametrize("name", ["patience", "pause", "consent", "users"])
@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan")])
def test_figure_that_is_not_positive_is_misuse(name: str, value: float) -> None:
    with pytest.raises(LocalError, match=name):
        Config(sip=Settings(GATE, BOB), **{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["ring_time", "calls"])
def test_setting_that_is_not_positive_is_misuse(name: str) -> None:
    with pytest.raises(LocalError, match=name):
        Settings(GATE, BOB, **{name: 0})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["t1", "t2", "t4"])
def test_timing_that_is_not_positive_is_misuse(name: str) -> None:
    with pytest.raises(LocalError, match=name):
        Timing(**{name: 0.0})


def test_a_flood_of_calls_is_refused_beyond_the_limit() -> None:
    machine = gateway(calls=10)
    machine.handle(StanzaReceived(Presence(from_=J, to=R)), 0.0)
    for number in range(200):
        text = HEAD.format(method="INVITE").replace("c1", f"c{number}").replace("z9hG4bKINVITE", f"z9hG4bK{number}")
        outputs = machine.handle(DatagramReceived(0, BOB, sip(text, sdp())), 0.0)
        if number >= 10:
            assert stanzas(outputs) == []
            assert told(outputs)[-1:] == [Overloaded(BOB)]
    assert len(machine.calls) == 10
    refused = machine.handle(initiate(sid="one-more"), 0.0)
    assert Refused(Limit.SESSIONS, J) in refused
    (answer,) = stanzas(refused)
    assert answer.error is not None
    assert answer.error.condition is StanzaCondition.RESOURCE_CONSTRAINT


def test_the_socket_is_opened_on_demand_and_its_loss_is_told() -> None:
    machine = gateway()
    assert machine.handle(Start(), 0.0) == (OpenSocket(0, SocketProtocol.UDP, GATE, None, None),)
    assert machine.handle(SocketOpened(0, GATE), 0.1) == ()
    assert machine.handle(SocketFailed(0, "in use"), 0.2) == (Stopped("in use"),)


def test_presence_is_remembered_within_bounds() -> None:
    machine = Gateway(attrs.evolve(gateway()._config, users=5))
    for number in range(50):
        for device in range(50):
            jid = f"user{number}@example.com/{device}"
            machine.handle(StanzaReceived(Presence(from_=jid, to=R)), 0.0)
    assert len(machine._users) == 5
    assert max(map(len, machine._users.values())) <= 16


# --- laws of machines ------------------------------------------------------------------------------------------------


def script() -> list[tuple[object, float]]:
    """Return what the gateway gets in a call of Juliet's with a hold, recorded from a world, and some that is wrong."""
    wire = world()
    gate = Recorded(wire.nodes[GATE])
    wire.nodes[GATE] = gate
    wire.tell(USER, on.Initiate(R, (audio(),), SID))
    wire.run(0.5)
    wire.tell(BOB, legs.Ring(CALL))
    wire.tell(BOB, legs.Answer(CALL, sdp()))
    wire.run(1.0)
    wire.tell(USER, on.SendSessionInfo(KEY, infos=(Hold(),)))
    wire.run(1.2)
    wire.tell(BOB, legs.Answer(CALL, sdp("recvonly", 2)))
    wire.tell(BOB, legs.Invite("c9", ROMEO, JULIET, sdp()))
    wire.run(2.0)
    wire.tell(BOB, legs.HangUp(CALL))
    wire.run(3.0)
    return [(Start(), 0.0), (SocketOpened(0, GATE), 0.0), (StanzaReceived(Presence(from_=J, to=R)), 0.0), *gate.steps]


class Recorded:
    """A machine that remembers what it was given."""

    def __init__(self, machine: Machine[Any, Any]) -> None:
        self.machine = machine
        self.steps: list[tuple[object, float]] = []

    @property
    def deadline(self) -> float | None:
        return self.machine.deadline

    def handle(self, event: object, now: float) -> tuple[Any, ...]:
        self.steps.append((event, now))
        return self.machine.handle(event, now)


def test_the_laws_of_machines_hold() -> None:
    steps = script()
    assert len(steps) == 16
    check_all(gateway, steps, most=12)


# --- generated calls -------------------------------------------------------------------------------------------------

_STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("ring", "answer", "reject", "hang up", "offer hold", "offer", "offer more", "offer nothing"),
                *("x ring", "x accept", "x hold", "x unhold", "x modify", "x add", "x remove", "x terminate", "wait"),
            ]
        ),
        st.floats(0.0, 2.0),
    ),
    max_size=14,
)
VIDEO = "m=video 5000 RTP/AVP 31\na=rtpmap:31 H261/90000"
RING_TIME = 30.0
OFFERS = {
    "offer": sdp(version=2, port=4000),
    "offer hold": sdp("sendonly", 3),
    "offer more": sdp(version=4, more=VIDEO),
}


class Play:
    """A call between Juliet and Romeo who do as they are told, as far as they can, and answer what they are asked."""

    def __init__(self, seed: int, loss: float, *, outward: bool) -> None:
        chance = random.Random(seed)
        self.wire = world(seed, lambda: chance.random() < loss, ring_time=RING_TIME)
        self.outward = outward
        self.call = CALL if outward else "c1"
        self.added = 0
        self.ends: dict[Address, float] = {}
        self.is_on = False
        if outward:
            self.wire.tell(USER, on.Initiate(R, (audio(),), SID))
        else:
            self.wire.tell(BOB, legs.Invite("c1", ROMEO, JULIET, sdp()))

    @property
    def juliet(self) -> Manager:
        found = self.wire.nodes[USER]
        assert isinstance(found, Manager)
        return found

    def step(self, name: str, pause: float) -> None:
        for command in self._commands(name):
            where = USER if name.startswith("x ") else BOB
            try:
                self.wire.tell(where, command)
            except ValueError:
                assert where == USER  # not permitted in the state of the session
        until = self.wire.now + pause
        while self.wire.now < until:
            self.run(min(until, self.wire.now + 0.1))

    def run(self, until: float) -> None:
        """Let time pass, and both answer the offers of each other."""
        self.wire.run(until)
        said, self.wire.said = self.wire.said, []
        for at, where, event in said:
            match event:
                case legs.Reoffered(call, body):
                    self.wire.tell(where, legs.Answer(call, sdp(version=9) if body is None else mirrored(body)))
                case on.ContentProposed(key, jingle):
                    if key in self.juliet.sessions:
                        self.wire.tell(USER, on.AcceptContent(key, tuple(own(one) for one in jingle.contents)))
                case CallStarted():
                    self.is_on = True
                case legs.Ended() | legs.Failed() | on.SessionEnded() | CallEnded():
                    self.ends.setdefault(where, at)

    def _commands(self, name: str) -> list[object]:
        keys = list(self.juliet.sessions)
        if name in OFFERS:
            return [legs.Offer(self.call, OFFERS[name])]
        plain: dict[str, object] = {
            "ring": legs.Ring(self.call),
            "answer": legs.Answer(self.call, sdp()),
            "reject": legs.Reject(self.call, 486),
            "hang up": legs.HangUp(self.call),
        }
        if name in plain:
            return [plain[name]]
        return [command for key in keys for command in self._jingle(name, key)]

    def _jingle(self, name: str, key: SessionKey) -> list[object]:
        contents = self.juliet.sessions[key].contents
        some = [Content(creator=creator, name=label) for creator, label in contents]
        self.added += 1
        creator = "initiator" if self.outward else "responder"
        table: dict[str, list[object]] = {
            "x ring": [on.SendSessionInfo(key, infos=(Ringing(),))],
            "x accept": [on.Accept(key, tuple(own(one) for one in some))],
            "x hold": [on.SendSessionInfo(key, infos=(Hold(),))],
            "x unhold": [on.SendSessionInfo(key, infos=(Unhold(),))],
            "x modify": [
                on.ModifyContent(key, tuple(attrs.evolve(one, senders=Senders.INITIATOR) for one in some[:1]))
            ],
            "x add": [on.AddContent(key, (audio(6000 + self.added, f"more-{self.added}", creator),))],
            "x remove": [on.RemoveContent(key, tuple(some[1:2]))] if some[1:] else [],
            "x terminate": [on.Terminate(key, Reason(condition=Condition.DECLINE))],
        }
        return table.get(name, [])


def own(content: Content) -> Content:
    """Return Juliet's side of a content."""
    description = content.description or audio().description
    return attrs.evolve(audio(7000), creator=content.creator, name=content.name, description=description)


def mirrored(body: bytes) -> bytes:
    """Return Romeo's answer: as many sections as the offer has, those with port 0 refused."""
    fields = [line.split() for line in body.decode().splitlines() if line.startswith("m=")]
    more = [f"{kind} {8000 if port != '0' else 0} RTP/AVP {payload}" for kind, port, _, payload, *_ in fields[1:]]
    return sdp(version=9, port=0 if fields[0][1] == "0" else 3456, more="\n".join(more))


@given(_STEPS, st.integers(0, 2**32), st.sampled_from([0.0, 0.1, 0.3]), st.booleans())
def test_both_sides_end_within_64_t1_and_nothing_is_left(
    steps: list[tuple[str, float]], seed: int, loss: float, outward: bool
) -> None:
    """Whatever the parties do, however much of SIP is lost: the dialog and the session end together."""
    play = Play(seed, loss, outward=outward)
    for name, pause in steps:
        play.step(name, pause)
    play.step("x terminate", 0.0)
    for _ in range(8):
        play.run(play.wire.now + 30.0)
    gate = play.wire.nodes[GATE]
    romeo = play.wire.nodes[BOB]
    assert isinstance(gate, Gateway)
    assert gate.calls == frozenset()
    assert not play.juliet.sessions
    assert gate.pending == romeo.pending == 0  # type: ignore[attr-defined]
    assert romeo.calls == frozenset()  # type: ignore[attr-defined]
    ends = [play.ends[where] for where in (BOB, USER) if where in play.ends]
    # Where all responses to an INVITE are lost there is no dialog to be ended: who rings meanwhile, tires of it.
    patience = 32.5 if play.is_on else 32.5 + RING_TIME
    assert max(ends, default=0.0) - min(ends, default=0.0) <= patience
    once(play.wire)
    for _, stanza in play.wire.stanzas:
        wrong = [one for one in validate(stanza, "deployed").findings if one.code not in LEFT_OUT]
        assert wrong == [], stanza


LEFT_OUT = {"missing-senders": "a content-modify that says both: Content leaves its default out"}
"Findings on what we write, with the reason (see tests/model)."


def once(wire: Wire) -> None:
    """Check that each SIP request has one final response, the same each time, and each Jingle request one answer."""
    finals: dict[tuple[Address, str, str], set[tuple[int, str]]] = {}
    for _, where, one in wire.log:
        if isinstance(one, Response) and one.status >= 200:
            key = (where, one.via.branch, one.cseq_method)
            finals.setdefault(key, set()).add((one.status, one.to.tag))
    assert all(len(answers) == 1 for answers in finals.values())
    for offer, answer in exchanges(wire):
        wrong = [
            one
            for one in check_answer(loads(offer, errors="tolerant"), loads(answer))
            if one.severity is Severity.ERROR
        ]
        assert wrong == []
    asked = Counter((iq.from_, iq.id) for _, iq in wire.stanzas if isinstance(iq, Iq) and iq.type is IqType.SET)
    answered = Counter(
        (iq.to, iq.id) for _, iq in wire.stanzas if isinstance(iq, Iq) and iq.type in (IqType.RESULT, IqType.ERROR)
    )
    assert answered == asked


def exchanges(wire: Wire) -> list[tuple[bytes, bytes]]:
    """Return Romeo's offers with the answers that the gateway gave."""
    offers = {
        one.via.branch: one.sdp
        for _, where, one in wire.log
        if where == BOB and isinstance(one, Request) and one.method == "INVITE" and one.sdp
    }
    answers = [one for _, where, one in wire.log if where == GATE and isinstance(one, Response) and one.sdp]
    return [(offers[one.via.branch], one.sdp) for one in answers if one.via.branch in offers and one.sdp]


# --- two gateways ----------------------------------------------------------------------------------------------------


def test_two_gateways_whose_sip_sides_meet_do_not_loop() -> None:
    """Draft 8: the session comes back to the XMPP side of the first, is known there, and is refused."""
    first, second = GATE, BOB
    nodes: dict[Address, Machine[Any, Any]] = {
        first: gateway(1, first, second),
        second: Gateway(attrs.evolve(gateway(2, second, first)._config, policy=Policy(strangers=True))),
        USER: Manager(J, Policy(strangers=True), random=random.Random(3)),
    }
    nodes[first] = Gateway(attrs.evolve(gateway(1, first, second)._config, policy=Policy(strangers=True)))
    # Romeo's JID leads to the first gateway, and the second believes that he has a device there.
    wire = Wire(nodes, homes={"example.com": USER, "example.net": first})
    wire.tell(second, StanzaReceived(Presence(from_=f"{R}/loop", to=J)))
    wire.tell(USER, on.Initiate(R, (audio(),), SID))
    wire.run(100.0)
    assert wire.lines().count("INVITE") == 1
    assert wire.actions().count("session-initiate") == 2
    assert isinstance(wire.events(USER)[-1], on.SessionEnded)
    assert all(node.calls == frozenset() and node.pending == 0 for node in (nodes[first], nodes[second]))  # type: ignore[attr-defined]


def test_two_gateways_whose_xmpp_sides_meet_do_not_loop() -> None:
    """The call comes back to the SIP side with the Call-ID that it has there, and is a loop (482)."""
    first, second = GATE, Address("192.0.2.3", 5060)
    caller = agent(BOB, first, 5)
    nodes: dict[Address, Machine[Any, Any]] = {BOB: caller}
    for where, seed in ((first, 1), (second, 2)):
        settings = Settings(where, first, strangers=True)
        config = Config(sip=settings, policy=Policy(strangers=True))
        nodes[where] = Gateway(config, random.Random(seed))
    # Each gateway serves the users of the other side; the second sends what it gets to the SIP side of the first.
    wire = Wire(nodes, homes={"example.com": second, "example.net": first})
    wire.tell(first, StanzaReceived(Presence(from_=J, to=R)))
    wire.tell(BOB, legs.Invite("c1", ROMEO, JULIET, sdp()))
    wire.run(100.0)
    assert "482 INVITE" in wire.lines()
    assert len([one for _, _, one in wire.log if isinstance(one, Request) and one.method == "INVITE"]) == 2
    assert wire.events(BOB) == [legs.Failed("c1", 500)]
    assert all(node.calls == frozenset() and node.pending == 0 for node in nodes.values())  # type: ignore[attr-defined]

"""A whole call behind every pair of NATs that lets agents connect, from the first stanza to the last."""

from __future__ import annotations

from itertools import pairwise

import pytest
from endpoint_support import AUDIO, JULIET, VIDEO, Party, Stage, answer
from nat_matrix import AIOICE, KINDS, kind_name, world
from test_endpoint_calls import FACE, RTP, VOICE, exchange

from jinglecodec import endpoint as e
from jinglecodec import ice
from jinglecodec.model.external_services import Service
from jinglecodec.model.jingle import Condition, Content, Creator, Senders
from jinglecodec.session import (
    ContentChanged,
    ContentProposed,
    IncomingSession,
    ModifyContent,
    RemoveContent,
    SessionEnded,
    SessionKey,
    Terminate,
)
from jinglecodec.testing.network import Fate

TALK = 0.1
"Seconds between datagrams."


class WholeCall:
    """Two parties behind NATs, who talk as soon as they can."""

    def __init__(self, row: int, column: int) -> None:
        place = world(KINDS[row], KINDS[column])
        self.nats = place.nats
        self.stage = Stage(place.network, (place.left, place.right))
        self.both = (self.stage.romeo, self.stage.juliet)
        self.spoken = 0
        host, port = place.stun_server
        for party in self.both:
            party.do(e.ServicesReceived((Service(host=host, port=port, type="stun", transport="udp"),)))

    def connect(self) -> float:
        """Place and accept a call; return the virtual time of the first data that was heard."""
        self.stage.romeo.do(e.Place(JULIET, (AUDIO,)))
        self.stage.until(lambda: bool(self.stage.juliet.all(IncomingSession)))
        self.stage.juliet.do(e.Accept(self.stage.juliet.last(IncomingSession).session, (answer(AUDIO),)))
        self.stage.until(lambda: all(party.all(e.Connected) for party in self.both))
        self.stage.romeo.do(e.SendData(self.key(self.stage.romeo), VOICE, 1, RTP))
        self.stage.until(lambda: bool(self.stage.juliet.all(e.DataReceived)))
        return self.stage.network.now

    def key(self, party: Party) -> SessionKey:
        return party.last(e.Connected).session

    def talk(self, seconds: float) -> dict[str, list[float]]:
        """Let both speak all the time; return who said when what was heard."""
        said: dict[str, list[float]] = {party.jid: [] for party in self.both}
        for _ in range(round(seconds / TALK)):
            now = self.stage.network.now
            for party, other in (self.both, self.both[::-1]):
                self.spoken += 1
                data = RTP + self.spoken.to_bytes(4)
                party.do(e.SendData(self.key(party), VOICE, 1, data))
                self.stage.network.call_at(now + TALK / 2, self._note, said[party.jid], other, data, now)
            self.stage.run(TALK)
        return said

    def _note(self, said: list[float], other: Party, data: bytes, now: float) -> None:
        if any(one.data == data for one in other.all(e.DataReceived)[-4:]):
            said.append(now)

    def add(self) -> None:
        romeo, juliet = self.both
        romeo.do(e.AddContent(self.key(romeo), (VIDEO,)))
        self.stage.until(lambda: bool(juliet.all(ContentProposed)))
        juliet.do(e.AcceptContent(self.key(juliet), (answer(VIDEO),)))
        self.stage.until(lambda: all(party.last(e.Connected).content == FACE for party in self.both))

    def hold(self) -> None:
        named = Content(creator=Creator.INITIATOR, name="voice", senders=Senders.NONE)
        self.stage.romeo.do(ModifyContent(self.key(self.stage.romeo), (named,)))
        self.stage.until(lambda: bool(self.stage.juliet.all(ContentChanged)))
        status = self.stage.juliet.endpoint.sessions[self.key(self.stage.juliet)].contents[VOICE]
        assert status.senders is Senders.NONE

    def move(self) -> None:
        """Romeo gets another address, and restarts."""
        romeo = self.stage.romeo
        host = romeo.node.host
        before = host.addresses[0]
        host.attach(self.nats[0].inside, "10.0.1.77")
        host.detach(before)
        romeo.do(e.AddLocalAddress("10.0.1.77"))
        romeo.do(e.RestartIce(self.key(romeo)))

    def remove(self) -> set[object]:
        """Remove the video; return the addresses that nothing may be sent from any more."""
        gone: set[object] = {
            one.local.address for party in self.both for one in party.all(e.Connected) if one.content == FACE
        }
        used = {one.local.address for party in self.both for one in party.all(e.Connected) if one.content == VOICE}
        named = Content(creator=Creator.INITIATOR, name="face")
        self.stage.romeo.do(RemoveContent(self.key(self.stage.romeo), (named,)))
        self.stage.run(1.0)
        return gone - used


@pytest.mark.parametrize("row", range(9), ids=lambda row: kind_name(KINDS[row]))
def test_whole_call(row: int) -> None:
    for column in range(9):
        if AIOICE[row][column] != "o":
            continue
        call = WholeCall(row, column)
        first = call.connect()
        pair = f"{kind_name(KINDS[row])} to {kind_name(KINDS[column])}"
        print(f"{pair}: first data after {first:.2f} s")  # noqa: T201 - for `pytest -s`
        call.talk(2.0)
        call.add()
        call.hold()
        moved = call.stage.network.now
        call.move()
        said = call.talk(6.0)
        gone = call.remove()
        tap = call.stage.network.tap()
        call.talk(5.0)
        exchange(call.stage, VOICE, RTP + b"!")
        assert not gone & {packet.source for packet in tap.packets(Fate.SENT)}
        call.stage.juliet.do(Terminate(call.key(call.stage.juliet)))
        call.stage.run(1.0)

        assert first < 2.0
        for times in said.values():
            assert times[0] - moved < 3.0
            assert all(later - earlier < 1.5 * TALK for earlier, later in pairwise(times)), (
                "nothing is lost from then on"
            )
        assert [party.last(SessionEnded).reason.condition for party in call.both] == [Condition.SUCCESS] * 2
        assert all(party.last(e.Connected).local.type is not ice.CandidateType.RELAYED for party in call.both)

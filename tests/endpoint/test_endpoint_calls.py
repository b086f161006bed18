"""Whole calls between two endpoints on the virtual network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from endpoint_support import AUDIO, BUNDLE, JULIET, ROMEO, VIDEO, Stage, answer, content, stage

import jinglecodec as jc
from jinglecodec import endpoint as e
from jinglecodec import namespaces as ns
from jinglecodec.endpoint.candidates import from_element, to_line
from jinglecodec.mapping.transport import candidate_of
from jinglecodec.model.dtls import Setup
from jinglecodec.model.external_services import Service
from jinglecodec.model.jingle import Action, Condition, Content, Creator, Senders, named
from jinglecodec.model.stanza import IqType
from jinglecodec.session import (
    Accepted,
    ContentChanged,
    ContentProposed,
    IncomingSession,
    ModifyContent,
    PeerFeatures,
    RemoveContent,
    SessionEnded,
    SessionKey,
    Terminate,
)
from jinglecodec.stun import Kind
from jinglecodec.testing.network import Fate, Link

if TYPE_CHECKING:
    from jinglecodec.model.grouping import Group
    from jinglecodec.model.jingle import ContentKey

VOICE, FACE = (Creator.INITIATOR, "voice"), (Creator.INITIATOR, "face")
INFO = Action.TRANSPORT_INFO
RTP = b"\x80\x60" + bytes(10)


def accepted(offered: Content) -> Content:
    return answer(offered) if isinstance(offered.description, jc.RtpDescription) else offered


def connected(
    stage: Stage, contents: tuple[Content, ...] = (AUDIO,), groups: tuple[Group, ...] = (), *, paths: int = 0
) -> None:
    """Let Romeo call Juliet, who accepts at once."""
    stage.romeo.do(e.Place(JULIET, contents, groups=groups))
    stage.until(lambda: bool(stage.juliet.all(IncomingSession)))
    key = stage.juliet.last(IncomingSession).session
    stage.juliet.do(e.Accept(key, tuple(map(accepted, contents)), groups))
    parties = (stage.romeo, stage.juliet)
    stage.until(lambda: all(len(party.all(e.Connected)) >= (paths or len(contents)) for party in parties))


def test_call_is_placed_accepted_and_data_flows() -> None:
    call = stage()
    connected(call)
    romeo, juliet = call.romeo.last(e.Connected), call.juliet.last(e.Connected)

    call.romeo.do(e.SendData(romeo.session, VOICE, 1, RTP))
    call.juliet.do(e.SendData(juliet.session, VOICE, 1, RTP))
    call.run(1.0)

    assert call.romeo.last(Accepted).session == romeo.session
    assert call.romeo.all(e.DataReceived) == [e.DataReceived(romeo.session, VOICE, 1, Kind.RTP, RTP)]
    assert call.juliet.all(e.DataReceived) == [e.DataReceived(juliet.session, VOICE, 1, Kind.RTP, RTP)]


def exchange(stage: Stage, key: ContentKey, data: bytes = RTP) -> None:
    """Send a datagram each way, which has to come."""
    for sender, receiver in ((stage.romeo, stage.juliet), (stage.juliet, stage.romeo)):
        sender.do(e.SendData(sender.last(e.Connected).session, key, 1, data))
        stage.run(1.0)
        assert receiver.last(e.DataReceived).data == data


def test_bundled_contents_share_one_path() -> None:
    """XEP-0338: the accept confirms the group, and the stream of the second content is given up."""
    call = stage()
    connected(call, (AUDIO, VIDEO), BUNDLE)
    tap = call.network.tap()

    call.run(20.0)
    exchange(call, VOICE)
    exchange(call, FACE)

    assert {packet.source for packet in tap.packets(Fate.SENT)} == {
        party.last(e.Connected).local.address for party in (call.romeo, call.juliet)
    }


def test_contents_without_a_group_have_paths_of_their_own() -> None:
    call = stage()
    connected(call, (AUDIO, VIDEO))

    assert len({one.local.address for one in call.romeo.all(e.Connected)}) == 2


def test_content_is_added_and_removed() -> None:
    call = stage()
    connected(call)
    key = call.romeo.last(e.Connected).session
    call.romeo.do(e.AddContent(key, (VIDEO,)))
    call.until(lambda: bool(call.juliet.all(ContentProposed)))
    theirs = call.juliet.last(ContentProposed).session
    call.juliet.do(e.AcceptContent(theirs, (answer(VIDEO),)))
    call.until(lambda: call.romeo.last(e.Connected).content == FACE and call.juliet.last(e.Connected).content == FACE)
    exchange(call, FACE)
    gone = {party.last(e.Connected).local.address for party in (call.romeo, call.juliet)}

    call.romeo.do(RemoveContent(key, (Content(creator=Creator.INITIATOR, name="face"),)))
    call.run(1.0)
    tap = call.network.tap()
    for party in (call.romeo, call.juliet):
        party.do(e.SendData(party.last(e.Connected).session, FACE, 1, RTP))
    call.run(30.0)
    exchange(call, VOICE, RTP + b"!")

    assert not gone & {packet.source for packet in tap.packets(Fate.SENT)}


def test_paths_are_negotiated_again() -> None:
    """XEP-0176 5.9: new credentials, a higher generation; data goes on meanwhile."""
    call = stage()
    connected(call)
    call.romeo.do(e.RestartIce(call.romeo.last(e.Connected).session))
    exchange(call, VOICE)
    call.until(lambda: len(call.romeo.all(e.Connected)) == len(call.juliet.all(e.Connected)) == 2)
    exchange(call, VOICE, RTP + b"!")

    infos = [one.payload for one in call.juliet.stanzas if one.type is IqType.SET and one.payload.action is INFO]
    generations = {candidate.generation for one in infos for candidate in one.contents[0].transport.candidates}
    assert generations == {1}


def test_end_closes_all_sockets() -> None:
    call = stage()
    connected(call, (AUDIO, VIDEO))
    call.romeo.do(Terminate(call.romeo.last(e.Connected).session))
    call.run(1.0)
    tap = call.network.tap()
    call.run(60.0)

    assert [party.last(SessionEnded).reason.condition for party in (call.romeo, call.juliet)] == [Condition.SUCCESS] * 2
    assert tap.packets(Fate.SENT) == ()
    assert call.romeo.endpoint.deadline is None
    assert not call.romeo.endpoint.sessions


def test_candidate_that_goes_by_way_of_sdp_keeps_its_id() -> None:
    """XEP-0176 5.3: an id is of one candidate, whichever way it is told."""
    call = stage()
    connected(call)
    requests = (one.payload for party in (call.romeo, call.juliet) for one in party.stanzas)
    transports = [content.transport for one in requests if isinstance(one, jc.Jingle) for content in one.contents]
    told = [one for each in transports if isinstance(each, jc.IceUdpTransport) for one in each.candidates]
    lines = [to_line(from_element(one)) for one in told]
    assert len(told) >= 2
    assert [one.id for one in told] == [getattr(candidate_of(line), "id", None) for line in lines]


def test_call_that_is_not_signalled_yet_gives_way_to_one_of_the_peer_with_the_same_sid() -> None:
    """It is over before the other one is told: both have one key, and the peer was first."""
    call = stage()
    call.juliet.do(e.ServicesReceived((Service(host="192.0.2.99", port=3478, type="stun", transport="udp"),)))
    call.juliet.do(PeerFeatures(ROMEO, frozenset({ns.JINGLE, ns.ICE_UDP, ns.OFFER_ANSWER})))
    call.juliet.do(e.Place(ROMEO, (AUDIO,), "s1"))
    call.romeo.do(e.Place(JULIET, (AUDIO,), "s1"))
    call.run(1.0)
    key = SessionKey(ROMEO, "s1")
    told = [one for one in call.juliet.told if isinstance(one, SessionEnded | IncomingSession)]
    assert [(type(one), one.session) for one in told] == [(SessionEnded, key), (IncomingSession, key)]
    assert not [one for one in call.juliet.stanzas if one.type is IqType.SET]

    call.juliet.do(e.Accept(key, (accepted(AUDIO),)))
    call.until(lambda: bool(call.romeo.all(e.Connected)))
    held = attrs.evolve(named(AUDIO), senders=Senders.NONE)
    call.romeo.do(ModifyContent(SessionKey(JULIET, "s1"), (held,)))
    call.run(1.0)
    assert call.juliet.last(ContentChanged).session == key


def test_path_that_does_not_come_about_ends_the_session() -> None:
    call = stage()
    for party in (call.romeo, call.juliet):
        party.node.host.set_link(Link(loss=1.0))
    call.romeo.do(e.Place(JULIET, (AUDIO,)))
    call.until(lambda: bool(call.juliet.all(IncomingSession)))
    call.juliet.do(e.Accept(call.juliet.last(IncomingSession).session, (answer(AUDIO),)))
    call.until(lambda: bool(call.romeo.all(SessionEnded)) and bool(call.juliet.all(SessionEnded)), 90.0)

    assert call.romeo.last(SessionEnded).reason.condition is Condition.FAILED_TRANSPORT


def test_contents_over_streams_are_left_to_the_caller() -> None:
    """A file over in-band bytestreams needs no path: its transport goes out and comes in as it is (XEP-0261)."""
    call = stage()
    file = Content(
        creator=Creator.INITIATOR,
        name="file",
        description=jc.FileTransfer(file=jc.File(name="letter.txt", size=3)),
        transport=jc.IbbTransport(block_size=4096, sid="ch3d9s71"),
    )
    connected(call, (AUDIO, file), paths=1)

    assert call.juliet.last(IncomingSession).jingle.contents[1] == file
    assert [one.content for one in call.romeo.all(e.Connected)] == [VOICE]


def test_accept_may_have_the_wrong_creator() -> None:
    """Deployed peers write `initiator` for everything, or the other way round; only the name decides then."""
    call = stage()
    call.romeo.do(e.Place(JULIET, (AUDIO,)))
    call.until(lambda: bool(call.juliet.all(IncomingSession)))
    wrong = content("voice", "audio", Creator.RESPONDER, Setup.ACTIVE)
    call.juliet.do(e.Accept(call.juliet.last(IncomingSession).session, (wrong,)))
    call.until(lambda: bool(call.romeo.all(e.Connected)) and bool(call.juliet.all(e.Connected)))

    exchange(call, VOICE)

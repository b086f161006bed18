"""How paths come about: behind NATs, without ICE, when nobody trickles, and what is told to whom."""

from __future__ import annotations

import pickle

import attrs
import pytest
from endpoint_support import AUDIO, JULIET, ROMEO, VIDEO, Stage, answer, stage
from nat_matrix import AIOICE, KINDS, kind_name, world
from test_endpoint_calls import RTP, VOICE, connected, exchange

import jinglecodec as jc
from jinglecodec import endpoint as e
from jinglecodec import namespaces as ns
from jinglecodec.addresses import Address
from jinglecodec.machine import CloseSocket, DatagramReceived, OpenSocket, SocketOpened, TimerFired
from jinglecodec.model.external_services import Service
from jinglecodec.model.ice_udp import IceUdpTransport
from jinglecodec.model.jingle import Action, Condition, Content, Creator, Jingle
from jinglecodec.model.raw_udp import RawUdpCandidate, RawUdpTransport
from jinglecodec.model.stanza import Iq, IqType
from jinglecodec.session import (
    Accepted,
    Config,
    IncomingSession,
    PeerFeatures,
    PeerGone,
    Policy,
    RemoveContent,
    SendStanza,
    SessionEnded,
    SessionKey,
    StanzaReceived,
    TransportProposed,
    TrustChanged,
)
from jinglecodec.testing.network import Fate, Link

INITIATE, INFO = Action.SESSION_INITIATE, Action.TRANSPORT_INFO
RAW = frozenset({ns.JINGLE, ns.RAW_UDP})


def requests(party: object, action: Action) -> list[jc.Jingle]:
    """Return the requests of an action that a party has sent."""
    payloads = [stanza.payload for stanza in party.stanzas]  # type: ignore[attr-defined]
    return [one for one in payloads if isinstance(one, jc.Jingle) and one.action is action]


def ringing(call: Stage) -> e.Accept:
    """Let Romeo call, and return what makes Juliet accept."""
    call.romeo.do(e.Place(JULIET, (AUDIO,)))
    call.until(lambda: bool(call.juliet.all(IncomingSession)))
    return e.Accept(call.juliet.last(IncomingSession).session, (answer(AUDIO),))


@pytest.mark.parametrize("row", range(9), ids=lambda row: kind_name(KINDS[row]))
def test_call_connects_behind_every_pair_of_nats_that_lets_agents_connect(row: int) -> None:
    for column in range(9):
        if AIOICE[row][column] != "o":
            continue
        place = world(KINDS[row], KINDS[column])
        call = Stage(place.network, (place.left, place.right))
        host, port = place.stun_server
        for party in (call.romeo, call.juliet):
            party.do(e.ServicesReceived((Service(host=host, port=port, type="stun", transport="udp"),)))
        connected(call)
        exchange(call, VOICE)


def test_first_data_comes_one_round_trip_of_stanzas_after_the_call_is_accepted() -> None:
    """The agents check while the session-accept is still on its way to the caller."""
    call = stage()
    call.juliet.do(ringing(call))
    accepted = call.network.now
    call.until(lambda: bool(call.romeo.all(e.Connected)))

    assert call.network.now - accepted <= 2 * 0.05 + 0.15


def test_addresses_are_withheld_until_the_call_is_accepted() -> None:
    """XEP-0176 10.1: also while candidates of the peer come in."""
    call = stage()
    tap = call.network.tap()
    accept = ringing(call)
    call.run(10.0)
    sent = [packet for packet in tap.packets(Fate.SENT) if packet.source.host == "192.0.2.2"]
    assert sent == []
    assert requests(call.juliet, INFO) == []

    call.juliet.do(accept)
    call.until(lambda: bool(call.romeo.all(e.Connected)))


def test_addresses_are_told_at_once_to_those_who_are_trusted() -> None:
    call = stage()
    call.juliet.do(TrustChanged(Policy(trusted=frozenset({"romeo@montague.lit"}))))
    ringing(call)
    call.run(1.0)

    assert requests(call.juliet, INFO)
    assert call.romeo.all(e.Connected)


def test_trust_that_comes_later_lets_the_addresses_out() -> None:
    call = stage()
    ringing(call)
    call.run(1.0)
    assert requests(call.juliet, INFO) == []
    call.juliet.do(TrustChanged(Policy(trusted=frozenset({"montague.lit"}), strangers=True)))
    call.run(1.0)

    assert requests(call.juliet, INFO)


def test_candidates_are_all_there_at_once_for_a_peer_that_does_not_trickle() -> None:
    """XEP-0176 7.2: `urn:ietf:rfc:3264` says that transport-info is of no use."""
    call = stage()
    silent = Service(host="192.0.2.99", port=3478, type="stun", transport="udp")
    call.romeo.do(e.ServicesReceived((silent,)))
    call.romeo.do(PeerFeatures(JULIET, frozenset({ns.JINGLE, ns.ICE_UDP, ns.OFFER_ANSWER})))
    call.romeo.do(e.Place(JULIET, (AUDIO,)))
    call.run(1.0)
    assert requests(call.romeo, INITIATE) == [], "the server has not been given up yet"
    call.run(20.0)

    (initiate,) = requests(call.romeo, INITIATE)
    transport = initiate.contents[0].transport
    assert isinstance(transport, IceUdpTransport)
    assert len(transport.candidates) == 1
    assert requests(call.romeo, INFO) == []


def test_initiator_tells_which_candidates_are_in_use() -> None:
    """XEP-0176 5.7: one remote-candidate for each component."""
    call = stage()
    connected(call)
    call.run(1.0)

    transports = [one.contents[0].transport for one in requests(call.romeo, INFO)]
    chosen = [one for each in transports if isinstance(each, IceUdpTransport) for one in each.remote_candidates]
    used = call.romeo.last(e.Connected).remote.address
    assert [(one.component, one.ip, one.port) for one in chosen] == [(1, used.host, used.port)]
    assert all(
        not each.remote_candidates for each in transports if isinstance(each, IceUdpTransport) and each.candidates
    )


# --- without ICE ------------------------------------------------------------------------------------------------------


def test_path_that_ice_does_not_find_is_tried_without_it() -> None:
    """XEP-0176 6: here STUN is what the network drops."""
    call = stage()
    for party in (call.romeo, call.juliet):
        party.node.host.set_link(Link(loss=1.0))
    call.romeo.do(PeerFeatures(JULIET, RAW))
    call.juliet.do(PeerFeatures(ROMEO, RAW))
    call.juliet.do(ringing(call))
    call.until(lambda: bool(call.juliet.all(TransportProposed)), 90.0)
    for party in (call.romeo, call.juliet):
        party.node.host.set_link(Link(latency=0.01))
    call.until(lambda: bool(call.romeo.all(e.Connected)) and bool(call.juliet.all(e.Connected)))

    exchange(call, VOICE)
    assert [one.contents[0].transport.__class__ for one in requests(call.juliet, Action.TRANSPORT_ACCEPT)] == [
        RawUdpTransport
    ]


def test_peer_that_rejects_the_fallback_ends_the_session() -> None:
    call = stage()
    for party in (call.romeo, call.juliet):
        party.node.host.set_link(Link(loss=1.0))
    call.romeo.do(PeerFeatures(JULIET, RAW))
    accept = ringing(call)
    key = accept.session
    call.juliet.do(accept)
    call.juliet.endpoint.calls[key].is_revealed = False  # as where a policy forbids it
    call.until(lambda: bool(call.romeo.all(SessionEnded)), 90.0)

    assert call.romeo.last(SessionEnded).reason.condition is Condition.FAILED_TRANSPORT


def test_call_of_a_peer_without_ice() -> None:
    """A gateway offers an address, and is told one (XEP-0177 4.2)."""
    call = stage()
    plain = attrs.evolve(AUDIO, transport=RawUdpTransport())
    call.romeo.do(e.Place(JULIET, (plain,)))
    call.until(lambda: bool(call.juliet.all(IncomingSession)))
    offered = call.juliet.last(IncomingSession).jingle.contents[0].transport
    assert isinstance(offered, RawUdpTransport)
    assert [one.ip for one in offered.candidates] == ["192.0.2.1"]
    call.juliet.do(e.Accept(call.juliet.last(IncomingSession).session, (plain,)))
    call.until(lambda: bool(call.romeo.all(Accepted)))

    exchange(call, VOICE)


def plain(ip: str, name: str = "voice") -> Content:
    """Return an audio content of a peer without ICE, at port 5000 of an address."""
    candidate = RawUdpCandidate(component=1, id="1", ip=ip, port=5000)
    return attrs.evolve(AUDIO, name=name, transport=RawUdpTransport(candidates=(candidate,)))


def gateway_call(*contents: Content) -> tuple[e.Endpoint, SessionKey]:
    """Return an endpoint that Juliet has called, at 192.0.2.1."""
    endpoint = e.Endpoint(ROMEO, Policy(strangers=True))
    endpoint.handle(e.AddLocalAddress("192.0.2.1"), 0.0)
    endpoint.handle(from_juliet(INITIATE, *contents), 0.0)
    return endpoint, SessionKey(JULIET, "s")


def from_juliet(action: Action, *contents: Content) -> StanzaReceived:
    jingle = Jingle(action=action, sid="s", initiator=JULIET, contents=contents)
    return StanzaReceived(Iq(type=IqType.SET, id=action.value, from_=JULIET, to=ROMEO, payload=jingle))


def opened(endpoint: e.Endpoint, outputs: tuple[e.Output, ...], now: float) -> tuple[e.Output, ...]:
    """Return what comes of it that the sockets are open which were asked for."""
    return tuple(
        output
        for one in outputs
        if isinstance(one, OpenSocket)
        for output in endpoint.handle(SocketOpened(one.socket, Address("192.0.2.1", 6000 + one.socket)), now)
    )


def test_content_without_ice_may_go_before_its_sockets_are_opened() -> None:
    """Machines do not raise for what the peer says."""
    endpoint, key = gateway_call(plain("192.0.2.2"), plain("192.0.2.2", "other"))
    outputs = endpoint.handle(from_juliet(Action.CONTENT_REMOVE, Content(creator=Creator.INITIATOR, name="voice")), 0.1)

    assert not [one for one in outputs if isinstance(one, CloseSocket)]
    assert [name for _, name in endpoint.sessions[key].contents] == ["other"]


def test_peer_that_moves_again_and_again_has_one_socket() -> None:
    """XEP-0176 6, said five times: the sockets of the path before are closed."""
    endpoint, key = gateway_call(AUDIO)
    opened(endpoint, endpoint.handle(e.Accept(key, (answer(AUDIO),)), 0.1), 0.2)
    sockets: set[int] = set()
    for moment in range(5):
        outputs = endpoint.handle(from_juliet(Action.TRANSPORT_REPLACE, plain("192.0.2.2")), 1.0 + moment)
        outputs += opened(endpoint, outputs, 1.5 + moment)
        sockets |= {one.socket for one in outputs if isinstance(one, OpenSocket)}
        sockets -= {one.socket for one in outputs if isinstance(one, CloseSocket)}

    assert len(sockets) == 1


def test_address_that_comes_late_is_told_and_used() -> None:
    """Commands are legal in every order: here the call is accepted before there is an address of the family."""
    endpoint, key = gateway_call(plain("2001:db8::2"))
    endpoint.handle(e.Accept(key, (attrs.evolve(AUDIO, transport=RawUdpTransport()),)), 0.1)
    outputs = endpoint.handle(e.AddLocalAddress("2001:db8::1"), 1.0)
    (wish,) = (one for one in outputs if isinstance(one, OpenSocket))
    outputs = endpoint.handle(SocketOpened(wish.socket, Address("2001:db8::1", 6000)), 1.1)

    assert [type(one) for one in outputs if isinstance(one, e.Connected)] == [e.Connected]
    (told,) = (one.stanza.payload for one in outputs if isinstance(one, SendStanza) and isinstance(one.stanza, Iq))
    assert isinstance(told, Jingle)
    assert told.action is INFO
    (transport,) = (one.transport for one in told.contents)
    assert isinstance(transport, RawUdpTransport)
    assert [one.ip for one in transport.candidates] == ["2001:db8::1"]


@pytest.mark.parametrize("ip", ["localhost", "", "192.0.2"])
def test_data_goes_to_no_name(ip: str) -> None:
    """XEP-0177 4.2 has an IP address there; a driver might look a name up."""
    endpoint, key = gateway_call(plain(ip))
    outputs = endpoint.handle(e.Accept(key, (attrs.evolve(AUDIO, transport=RawUdpTransport()),)), 0.1)
    outputs += opened(endpoint, outputs, 0.2)

    assert not [one for one in outputs if isinstance(one, e.Connected)]
    assert endpoint.handle(e.SendData(key, VOICE, 1, RTP), 0.3) == ()


# --- signs of life ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alive", [True, False])
def test_checks_of_the_path_are_signs_of_life(alive: bool) -> None:
    """XEP-0166 6.7: a peer whose presence ends is gone after a grace, unless it shows itself."""
    call = stage()
    connected(call)
    if not alive:
        call.romeo.node.host.set_link(Link(loss=1.0))
    call.run(0.1)
    call.juliet.do(PeerGone(ROMEO))
    call.run(15.0)

    assert bool(call.juliet.all(SessionEnded)) is not alive
    if alive:
        call.romeo.do(e.SendData(call.romeo.last(e.Connected).session, VOICE, 1, RTP))
        call.run(1.0)
        assert call.juliet.last(e.DataReceived).data == RTP


def test_peers_that_are_gone_are_forgotten_with_their_sessions() -> None:
    """One call goes on, so that the endpoint is never without."""
    endpoint, key = gateway_call(AUDIO)
    sizes = []
    for number in range(40):
        peer = f"nurse{number:02}@capulet.lit/hall"
        for action, contents in ((INITIATE, (AUDIO,)), (Action.SESSION_TERMINATE, ())):
            jingle = Jingle(action=action, sid="n", initiator=peer, contents=contents)
            endpoint.handle(StanzaReceived(Iq(type=IqType.SET, id="1", from_=peer, to=ROMEO, payload=jingle)), 1.0)
            endpoint.handle(PeerGone(peer), 1.0)
        sizes.append(len(pickle.dumps(endpoint)))
    assert list(endpoint.sessions) == [key]
    assert sizes[-1] <= sizes[9]


# --- what changes while candidates are waited for ---------------------------------------------------------------------


def test_call_that_ends_late_says_nothing_of_its_paths() -> None:
    """The grace of the peer (XEP-0166 6.7) is over, and then the consent (RFC 7675 5.1): the clock has jumped."""
    call = stage()
    connected(call, (AUDIO,))
    call.run(20.0)
    juliet, now = call.juliet.endpoint, call.network.now
    juliet.handle(PeerGone(ROMEO), now)
    while juliet.deadline is not None and juliet.deadline < now + 10.0:
        juliet.handle(TimerFired(), juliet.deadline)
    outputs = juliet.handle(TimerFired(), now + 90.0)

    assert [one.reason.condition for one in outputs if isinstance(one, SessionEnded)] == [Condition.GONE]
    assert not [one for one in outputs if isinstance(one, e.ConnectivityChanged)]


def test_content_that_goes_while_the_accept_is_prepared_is_left_out_of_it() -> None:
    """Juliet's sockets are still being opened when Romeo takes the video back; what follows raises nothing."""
    call = stage()
    call.romeo.do(e.Place(JULIET, (AUDIO, VIDEO)))
    call.until(lambda: bool(call.juliet.all(IncomingSession)))
    key = call.juliet.last(IncomingSession).session
    romeo = next(iter(call.romeo.endpoint.sessions))
    call.romeo.do(RemoveContent(romeo, (Content(creator=Creator.INITIATOR, name="face"),)))
    call.juliet.endpoint.handle(e.Accept(key, (answer(AUDIO), answer(VIDEO))), call.network.now)
    (stanza,) = (one for one in call.romeo.stanzas if one.payload.action is Action.CONTENT_REMOVE)
    call.juliet.endpoint.handle(StanzaReceived(stanza), call.network.now)
    outputs = [
        output
        for token in range(2)
        for output in call.juliet.endpoint.handle(
            SocketOpened(token, Address("192.0.2.2", 5000 + token)), call.network.now
        )
    ]

    (accept,) = (one.stanza.payload for one in outputs if isinstance(one, SendStanza) and isinstance(one.stanza, Iq))
    assert isinstance(accept, Jingle)
    assert accept.action is Action.SESSION_ACCEPT
    assert [one.name for one in accept.contents] == ["voice"]


def test_call_that_there_is_no_room_for_any_more_ends_without_a_stanza() -> None:
    """Another call takes the last place while sockets are being opened."""
    config = e.Config(session=Config(sessions=1))
    endpoint = e.Endpoint(ROMEO, Policy(strangers=True), config)
    endpoint.handle(e.AddLocalAddress("192.0.2.1"), 0.0)
    endpoint.handle(e.Place(JULIET, (AUDIO,)), 0.0)
    initiate = Jingle(action=INITIATE, sid="other", initiator=JULIET, contents=(AUDIO,))
    endpoint.handle(StanzaReceived(Iq(type=IqType.SET, id="1", from_=JULIET, to=ROMEO, payload=initiate)), 0.0)
    assert len(endpoint.sessions) == 1
    outputs = endpoint.handle(SocketOpened(0, Address("192.0.2.1", 5000)), 0.1)

    assert [type(one) for one in outputs] == [SessionEnded, CloseSocket]


def test_data_without_ice_is_taken_from_the_host_that_was_signalled() -> None:
    """XEP-0177 has no checks: from any port of that host, for a NAT may be between, and from no other host."""
    call = stage()
    plain = attrs.evolve(AUDIO, transport=RawUdpTransport())
    call.romeo.do(e.Place(JULIET, (plain,)))
    call.until(lambda: bool(call.juliet.all(IncomingSession)))
    call.juliet.do(e.Accept(call.juliet.last(IncomingSession).session, (plain,)))
    call.until(lambda: bool(call.romeo.all(Accepted)))
    exchange(call, VOICE)
    before = len(call.romeo.all(e.DataReceived))
    opened = [step.event for step in call.romeo.recorder.recording.steps if isinstance(step.event, SocketOpened)]
    signalled = call.romeo.last(e.Connected).remote.address

    call.romeo.do(DatagramReceived(opened[-1].socket, Address("198.51.100.9", signalled.port), RTP))
    assert len(call.romeo.all(e.DataReceived)) == before

    call.romeo.do(DatagramReceived(opened[-1].socket, Address(signalled.host, signalled.port + 2), RTP))
    assert len(call.romeo.all(e.DataReceived)) == before + 1

"""Conversations of endpoints whose paths are not the usual ones: without ICE, shared, given up, nobody's any more."""

from __future__ import annotations

from functools import partial

import attrs

from jinglecodec import endpoint, session
from jinglecodec import namespaces as ns
from jinglecodec.addresses import Address
from jinglecodec.machine import DatagramReceived, HostnameResolved, SocketClosed, SocketFailed, SocketOpened
from jinglecodec.model.external_services import Service
from jinglecodec.model.grouping import Group, GroupContent
from jinglecodec.model.ibb import IbbTransport
from jinglecodec.model.ice import IceTransport
from jinglecodec.model.jingle import Action, Content, Creator, named
from jinglecodec.model.raw_udp import RawUdpTransport
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.sdp import loads
from jinglecodec.strategies.conversations.media import ANSWER, FOR_ENDPOINTS, FOR_ICE, OFFER, RAW, content
from jinglecodec.strategies.conversations.refusals import LITTLE
from jinglecodec.strategies.conversations.scripted import Act, asks, granting, play
from jinglecodec.strategies.conversations.stage import KEY, NURSE, ROMEO, SERVER, SID, Conversation
from jinglecodec.testing.laws import Factory, Script

CONFIG = endpoint.Config(session=attrs.evolve(LITTLE, applications=None, transports=None), addresses=2)
"Room for little, so that limits are reached soon."

_PEER = RAW.candidates[0]
_ADDRESS, _ELSEWHERE = Address(_PEER.ip, _PEER.port), Address("192.0.2.99", 9)
_SOMEWHERE = attrs.evolve(
    RAW, candidates=(_PEER, *(attrs.evolve(_PEER, component=number, ip="x.example") for number in (2, 3)))
)
"One address, a name that nobody looks up, and a component that is not there."

_SILENT = attrs.evolve(FOR_ICE, candidates=())
"ICE of somebody who tells no candidates, so that no path comes about."

_VOICE = content("0", _SILENT)
_OURS = content("0", FOR_ENDPOINTS)
_FEATURES = session.PeerFeatures(ROMEO, frozenset((ns.JINGLE, ns.RTP, ns.ICE_UDP, ns.RAW_UDP)))
_PATIENT = session.PeerFeatures(ROMEO, frozenset((ns.JINGLE, ns.OFFER_ANSWER)))
"He wants all candidates at once (XEP-0176 5.1)."

_DEAD = Service(host=SERVER.host, type="turn", transport="tcp", username="user", password="wrong")  # noqa: S106
"A server that is not there."

_DATA = b"\x80" + bytes(19)
_AT_0 = (Creator.INITIATOR, "0")


def raw_calls(factory: Factory, *, places: bool = False) -> Script:
    """A call without ICE, of a gateway to SIP or to it; data goes, until a socket fails (XEP-0177 4)."""
    there, here = (_of_two(transport) for transport in (_SOMEWHERE, RawUdpTransport()))
    placed: tuple[Act, ...] = (
        (0.0, endpoint.Place(ROMEO, (here,), SID)),
        (0.5, asks(Action.SESSION_ACCEPT, there)),
    )
    answered: tuple[Act, ...] = (
        (0.0, asks(Action.SESSION_INITIATE, there)),
        (0.5, endpoint.Accept(KEY, (here,))),
    )
    talk: tuple[Act, ...] = (
        (0.5, endpoint.SendData(KEY, _AT_0, 1, _DATA)),
        (0.0, endpoint.SendData(KEY, _AT_0, 2, _DATA)),
        (0.0, endpoint.SendData(KEY, (Creator.INITIATOR, "x"), 1, _DATA)),
        (0.5, DatagramReceived(0, _ADDRESS, _DATA)),
        (0.5, DatagramReceived(0, _ELSEWHERE, _DATA)),
        (0.5, asks(Action.TRANSPORT_INFO, there)),
        (0.5, asks(Action.SESSION_INITIATE, there, sender=NURSE)),
        (0.5, session.PeerGone(NURSE)),
        (0.5, DatagramReceived(0, _ADDRESS, _DATA)),
        (0.5, session.PeerGone(ROMEO)),
        (0.5, DatagramReceived(0, _ELSEWHERE, _DATA)),
        (0.5, DatagramReceived(0, _ADDRESS, _DATA)),
        (0.5, endpoint.AddLocalAddress("2001:db8::1")),
        (0.5, SocketClosed(0)),
    )
    return play(factory, (*(placed if places else answered), *talk), granting())


def _of_two(transport: RawUdpTransport) -> Content:
    """Return a content whose RTCP has a port of its own."""
    described = content("0", transport)
    return attrs.evolve(described, description=RtpDescription(media="audio"))


def without_ice(factory: Factory, *, places: bool = False, answer: Action | None = None) -> Script:
    """No path comes about by ICE; who began proposes raw UDP, which is accepted, rejected or unheard (XEP-0176 6)."""
    raw = attrs.evolve(named(_VOICE), transport=RAW)
    placed: tuple[Act, ...] = (
        (0.0, endpoint.Place(ROMEO, (_OURS,), SID)),
        (0.5, asks(Action.SESSION_ACCEPT, _VOICE)),
    )
    answered: tuple[Act, ...] = (
        (0.0, asks(Action.SESSION_INITIATE, _VOICE)),
        (0.5, endpoint.Accept(KEY, loads(ANSWER))),
    )
    replies: tuple[Act, ...] = () if answer is None else ((43.0, asks(answer, raw)),)
    talk = ((1.0, endpoint.SendData(KEY, _AT_0, 1, _DATA)), (1.0, asks(Action.SESSION_TERMINATE)))
    acts = (
        (0.0, _FEATURES),
        *(placed if places else answered),
        *replies,
        *talk * (answer in (Action.TRANSPORT_REPLACE, Action.TRANSPORT_ACCEPT)),
    )
    return play(factory, acts, granting(), seconds=80.0)


def bundled(factory: Factory, *, places: bool = False) -> Script:
    """Contents share a path, which outlives the first of them; groups name others, too (XEP-0338, RFC 9143 7)."""
    names = ("0", "1", "x")
    group = Group(semantics="BUNDLE", contents=tuple(GroupContent(name=name) for name in names))
    groups = (group, attrs.evolve(group, semantics="LS"), Group(semantics="BUNDLE"))
    theirs, ours = ([content(name, transport) for name in "01"] for transport in (_SILENT, FOR_ENDPOINTS))
    more = content("2", FOR_ENDPOINTS)
    placed: tuple[Act, ...] = (
        (0.0, endpoint.Place(ROMEO, tuple(ours), SID, groups)),
        (0.5, asks(Action.SESSION_ACCEPT, *theirs, groups=groups)),
        (0.5, endpoint.AddContent(KEY, (more,))),
        (0.5, asks(Action.CONTENT_ACCEPT, more, groups=groups)),
    )
    answered: tuple[Act, ...] = (
        (0.0, asks(Action.SESSION_INITIATE, *theirs, groups=groups)),
        (0.5, endpoint.Accept(KEY, tuple(ours), groups)),
        (0.5, asks(Action.CONTENT_ADD, more, groups=groups)),
        (0.5, endpoint.AcceptContent(KEY, (more,), groups)),
    )
    last: tuple[Act, ...] = (
        (0.5, asks(Action.CONTENT_REMOVE, named(theirs[0]))),
        (0.5, endpoint.RestartIce(KEY)),
        (0.5, asks(Action.TRANSPORT_INFO, attrs.evolve(named(theirs[1]), transport=FOR_ICE))),
        (0.5, asks(Action.SESSION_TERMINATE)),
    )
    return play(factory, (*(placed if places else answered), *last), granting())


def changing(factory: Factory) -> Script:
    """Romeo refuses a content and offers transports that are not for UDP or not for an endpoint (XEP-0166 7.2.15)."""
    other = content("2", FOR_ENDPOINTS, Creator.RESPONDER)
    over_ibb = Content(name="3", description=_VOICE.description, transport=IbbTransport(sid="i", block_size=4096))
    ice = IceTransport(ufrag="ab+/", pwd="e" * 22)
    over_ice = Content(name="4", description=_VOICE.description, transport=ice)
    all_told = attrs.evolve(named(over_ice), transport=attrs.evolve(ice, gathering_complete=True))
    restarted = attrs.evolve(_SILENT, ufrag="efgh", pwd="i" * 22)
    acts: tuple[Act, ...] = (
        (0.0, asks(Action.SESSION_INITIATE, _VOICE, over_ibb, over_ice)),
        (0.5, endpoint.Accept(KEY, (_OURS, over_ibb, attrs.evolve(over_ice, transport=IceTransport())))),
        (0.5, asks(Action.TRANSPORT_INFO, all_told)),
        (0.5, asks(Action.TRANSPORT_INFO, attrs.evolve(named(over_ice), transport=FOR_ICE))),
        (0.5, endpoint.AddContent(KEY, (other,))),
        (0.5, asks(Action.TRANSPORT_REPLACE, attrs.evolve(named(_VOICE), transport=IceTransport()))),
        (0.5, endpoint.RestartIce(KEY)),
        (0.0, asks(Action.TRANSPORT_INFO, attrs.evolve(named(_VOICE), transport=restarted))),
        (0.5, asks(Action.TRANSPORT_INFO, attrs.evolve(named(_VOICE), transport=_SILENT))),
        (0.5, asks(Action.CONTENT_REMOVE, named(over_ibb), named(over_ice))),
        (0.5, asks(Action.SESSION_TERMINATE)),
    )
    return play(factory, acts, granting(Action.CONTENT_ADD))


def given_up(factory: Factory) -> Script:
    """Calls end while names are looked up and candidates come; what comes late is nobody's (XEP-0166 6.7)."""
    local = attrs.evolve(FOR_ICE.candidates[0], ip="x.local")
    hidden = content("0", attrs.evolve(FOR_ICE, candidates=(local,)))
    acts: tuple[Act, ...] = (
        (0.0, session.TrustChanged(session.Policy(frozenset({ROMEO})))),
        (0.0, asks(Action.SESSION_INITIATE, hidden)),
        (0.5, asks(Action.SESSION_INITIATE, hidden, sid="b")),
        (0.5, asks(Action.SESSION_TERMINATE)),
        (0.5, HostnameResolved("x.local", "192.0.2.2")),
        (0.5, session.PeerGone(ROMEO)),
        (0.5, DatagramReceived(1, _ADDRESS, _DATA)),
        (0.5, SocketOpened(0, _ADDRESS)),
        (0.5, SocketFailed(1, "gone")),
        (0.5, asks(Action.SESSION_TERMINATE, sid="b")),
        (0.5, SocketFailed(2, "gone")),
    )
    return play(factory, acts, granting())


def crowded(factory: Factory) -> Script:
    """Juliet places more calls at once than there is room for, which a dead server holds up, and has more addresses."""
    calls = [endpoint.Place(ROMEO, (_OURS,), f"c{number}") for number in range(LITTLE.sessions_per_peer + 1)]
    hosts = [endpoint.AddLocalAddress(f"198.51.100.{number}") for number in range(CONFIG.addresses)]
    acts = (_PATIENT, endpoint.ServicesReceived((_DEAD,)), *calls, *hosts, *calls[:1])
    return play(factory, [(0.0, event) for event in acts], granting(Action.SESSION_INITIATE), seconds=20.0)


def served(factory: Factory) -> Script:
    """The servers for STUN and TURN are not there, want credentials that nobody has, are of other kinds (XEP-0215)."""
    services = (
        _DEAD,
        Service(host="stun.example.org", port=3478, type="stun", transport="udp"),
        Service(host=SERVER.host, type="turn", transport="udp"),
        Service(host=SERVER.host, type="turns", transport="udp", username="user", password="wrong"),  # noqa: S106
        Service(host=SERVER.host, type="ftp"),
    )
    acts: tuple[Act, ...] = (
        (0.0, endpoint.ServicesReceived(services)),
        (0.0, _PATIENT),
        (0.0, endpoint.Place(ROMEO, loads(OFFER), SID)),
        (0.5, HostnameResolved("stun.example.org", None)),
        (10.0, asks(Action.SESSION_ACCEPT, content("0", FOR_ICE))),
        (0.5, asks(Action.SESSION_TERMINATE)),
        (0.5, asks(Action.SESSION_INITIATE, _VOICE, content("1", _SILENT))),
        (0.0, endpoint.Accept(KEY, (_OURS,))),
        (0.0, session.RejectContent(KEY, (named(_OURS),))),
    )
    return play(factory, acts, granting(), seconds=60.0)


PATHS: tuple[Conversation, ...] = (
    *(raw_calls, partial(raw_calls, places=True), without_ice),
    partial(without_ice, answer=Action.TRANSPORT_REPLACE),
    *(
        partial(without_ice, places=True, answer=answer)
        for answer in (None, Action.TRANSPORT_ACCEPT, Action.TRANSPORT_REJECT)
    ),
    *(bundled, partial(bundled, places=True), changing, given_up, crowded, served),
)

"""Whole conversations of machines with their peers, which random events alone would hardly ever come to.

Each is played once on the virtual network, and what one machine heard is a script: for another machine of the same
factory it means what it meant for the first. `interrupted` makes of it what a network and a hostile peer do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any, cast

import attrs
from hypothesis import strategies as st

from jinglecodec import endpoint, ice, session, sip
from jinglecodec import namespaces as ns
from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError
from jinglecodec.machine import BytesReceived, DatagramReceived, SocketProtocol, TimerFired
from jinglecodec.model.dtls import Fingerprint, Setup
from jinglecodec.model.external_services import Service
from jinglecodec.model.ice_udp import Candidate, CandidateType, IceUdpTransport
from jinglecodec.model.jingle import Content, Creator, Senders, named
from jinglecodec.model.raw_udp import RawUdpCandidate, RawUdpTransport
from jinglecodec.model.rtp import PayloadType, RtpDescription
from jinglecodec.model.rtp_info import Ringing
from jinglecodec.model.stanza import Presence, Stanza
from jinglecodec.model.webrtc import WebrtcTransport
from jinglecodec.session.jids import bare
from jinglecodec.strategies.hostile import damaged
from jinglecodec.strategies.sequences import changed
from jinglecodec.testing.laws import Factory, Script
from jinglecodec.testing.network import Behavior, Host, Link, Nat, Network, Node, Start, TurnServer
from jinglecodec.testing.replay import Recorder

__all__ = [
    "CREDENTIALS",
    "GATE",
    "JULIET",
    "KEY",
    "NURSE",
    "PROXY",
    "ROMEO",
    "SID",
    "Conversation",
    "agents",
    "bridged",
    "browsers",
    "calls",
    "gateways",
    "interrupted",
    "proposals",
    "sessions",
]

ROMEO, JULIET, NURSE = "romeo@montague.lit/orchard", "juliet@capulet.lit/balcony", "nurse@capulet.lit/hall"
SID = "a1"
"Of the session, and of the first proposal."
CREDENTIALS = ice.Credentials("abcd", "abcdefghijklmnopqrstuv")
"Of the other agent."

LATENCY = 0.05
"Seconds that a stanza takes."

Conversation = Callable[[Factory], Script]
"Plays with a machine of a factory, and returns what it heard."

Reactions = Mapping[type, Callable[[Any], Iterable[tuple[str, object]]]]
"What follows from an output: the class of it -> who takes which events soon."


class _Stage:
    """Machines on one network, and the stanzas between them."""

    def __init__(self) -> None:
        self.network = Network(1)
        self._nodes: dict[str, Node[Any, Any]] = {}
        self._reactions: dict[str, Reactions] = {}

    def put(
        self, name: str, machine: object, host: Host | str, reactions: Reactions | None = None
    ) -> Recorder[Any, Any]:
        """Put a machine to work, under the JID or the domain whose stanzas it takes; return what records it."""
        recorder: Recorder[Any, Any] = Recorder(machine)  # type: ignore[arg-type]
        at = Host(self.network.internet, host, link=Link(latency=0.01)) if isinstance(host, str) else host
        self._reactions[name] = reactions or {}
        self._nodes[name] = Node(at, recorder, told=partial(self._told, name))
        return recorder

    def play(self, *acts: tuple[float, str, object], seconds: float = 5.0) -> None:
        """Let parties take events after some seconds each, and then time pass."""
        for wait, name, event in acts:
            self.network.run(self.network.now + wait)
            self.hand_in(name, event)
        self.network.run(self.network.now + seconds)

    def hand_in(self, name: str, event: object) -> None:
        """Let a party take an event; misuse is part of the conversation."""
        with suppress(LocalError):
            self._nodes[name].handle(event)

    def soon(self, name: str, event: object) -> None:
        """Let a party take an event after a moment."""
        self.network.call_at(self.network.now + LATENCY, self.hand_in, name, event)

    def _told(self, name: str, output: object) -> None:
        if type(output) in self._reactions[name]:
            for party, event in self._reactions[name][type(output)](output):
                self.soon(party, event)
        elif isinstance(output, session.SendStanza):
            for party in self._nodes:
                if output.stanza.to in (party, bare(party)):
                    self.soon(party, session.StanzaReceived(output.stanza))


def _script(recorder: Recorder[Any, Any]) -> Script:
    return [(step.event, step.now) for step in recorder.recording.steps]


# --- ICE -------------------------------------------------------------------------------------------------------------

_SERVER = Address("203.0.113.1", 3478)
_HARD = Behavior.ADDRESS_AND_PORT_DEPENDENT


def _hosts(stage: _Stage, *, hidden: bool) -> list[Host]:
    """Return two hosts, behind NATs that let nothing through directly or not; there is a TURN server for both."""
    homes, link = [stage.network.internet] * 2, Link(latency=0.01)
    if hidden:
        outside = [f"198.51.100.{side}" for side in (1, 2)]
        homes = [Nat(homes[0], host, mapping=_HARD, filtering=_HARD, link=link).inside for host in outside]
    stage.put("server", TurnServer(_SERVER, random=Random(3)), _SERVER.host)
    stage.hand_in("server", Start())
    return [Host(home, f"192.0.2.{side}", link=link) for side, home in enumerate(homes, 1)]


def agents(
    factory: Factory, *, components: int = 1, relay: SocketProtocol | None = None, role: ice.Role = ice.Role.CONTROLLED
) -> Script:
    """Two agents connect, talk, restart one after the other and end; `relay`: NATs let nothing else through."""
    stage = _Stage()
    hosts = _hosts(stage, hidden=relay is not None)
    both = {"one": cast("ice.Agent", factory()), "other": ice.Agent(role=role, random=Random(2))}
    recorders = []
    for host, (name, other) in zip(hosts, (("one", "other"), ("other", "one")), strict=True):
        recorders.append(stage.put(name, both[name], host, _signalling(both[name], other)))
        stage.hand_in(name, ice.AddStream(1, components, None if name == "one" else CREDENTIALS))
        if relay is not None:
            stage.hand_in(name, ice.AddServer(_SERVER, "user", "password", relay))
        stage.hand_in(name, ice.AddLocalAddress(host.addresses[0]))
        stage.hand_in(name, ice.Gather())
    told = [(0.0, name, _credentials(both[other])) for name, other in (("one", "other"), ("other", "one"))]
    said = [(1.0, name, ice.SendData(1, components, b"\x80data")) for name in both]
    stage.play(*told, *said, (9.0, "one", ice.SendData(1, 1, b"\x80data")), (6.0, "other", ice.Restart()))
    stage.play((0.0, "one", _credentials(both["other"])), *said, (5.0, "one", ice.Restart(1)))
    stage.play((0.0, "other", _credentials(both["one"])), *said)
    stage.play((0.0, "one", ice.RemoveStream(1)), (1.0, "one", ice.Close()))
    return _script(recorders[0])


def _credentials(agent: ice.Agent) -> ice.SetRemoteCredentials:
    """Return the command that tells another agent what this one has now."""
    told = agent.local_credentials(1)
    return ice.SetRemoteCredentials(1, told.ufrag, told.pwd)


def _signalling(agent: ice.Agent, other: str) -> Reactions:
    """Return how the other agent hears of candidates, the end of them, and credentials after a restart."""
    return {
        ice.CandidateFound: lambda found: [(other, ice.AddRemoteCandidate(found.stream, found.candidate))],
        ice.GatheringDone: lambda done: [(other, ice.EndRemoteCandidates(done.stream))],
        ice.RestartDetected: lambda _: [(other, _credentials(agent))],
    }


# --- sessions --------------------------------------------------------------------------------------------------------

KEY, _KEY_OF_JULIET = session.SessionKey(ROMEO, SID), session.SessionKey(JULIET, SID)
"The session with Romeo, and the same as he knows it."

_ANYBODY = session.Policy(strangers=True)

_FINGERPRINT = Fingerprint(hash="sha-256", setup=Setup.ACTPASS, value=":".join(["AB"] * 32))
_OPUS = PayloadType(id=96, name="opus", clockrate=48000, channels=2)
_CANDIDATE = Candidate(
    component=1,
    foundation="1",
    generation=0,
    id="c1",
    ip="192.0.2.1",
    port=5000,
    priority=2130706431,
    protocol="udp",
    type=CandidateType.HOST,
)
_FOR_ICE = IceUdpTransport(ufrag="abcd", pwd="e" * 22, fingerprints=(_FINGERPRINT,), candidates=(_CANDIDATE,))
_FOR_ENDPOINTS = IceUdpTransport(fingerprints=(_FINGERPRINT,))
_RAW = RawUdpTransport(candidates=(RawUdpCandidate(component=1, generation=0, id="c1", ip="192.0.2.1", port=5000),))


def _content(name: str, transport: IceUdpTransport | RawUdpTransport, creator: Creator = Creator.INITIATOR) -> Content:
    description = RtpDescription(media="audio", payload_types=(_OPUS, PayloadType(id=0)), rtcp_mux=True)
    return Content(creator=creator, name=name, description=description, transport=transport)


def sessions(factory: Factory, *, calls: bool = False) -> Script:
    """Juliet, whose machine it is, has a session with Romeo in which each asks for everything once; `calls`: hers."""
    stage = _Stage()
    recorder = stage.put(JULIET, factory(), "192.0.2.1", _agreeing(JULIET))
    stage.put(ROMEO, session.Manager(ROMEO, _ANYBODY, random=Random(2)), "192.0.2.2", _agreeing(ROMEO))
    voice = _content("0", _FOR_ICE)
    caller, called = (JULIET, ROMEO) if calls else (ROMEO, JULIET)
    stage.play((0.0, caller, session.Initiate(called, (voice,), SID)), seconds=2.0)
    for name, key in ((ROMEO, _KEY_OF_JULIET), (JULIET, KEY)):
        more = _content(f"more-{name}", _FOR_ICE, Creator.INITIATOR if name == caller else Creator.RESPONDER)
        changes = (
            session.SendSessionInfo(key, infos=(Ringing(),)),
            session.SendSessionInfo(key),
            session.AddContent(key, (more,)),
            session.ModifyContent(key, (attrs.evolve(named(voice), senders=Senders.INITIATOR),)),
            session.SendDescriptionInfo(key, (attrs.evolve(named(voice), description=voice.description),)),
            session.SendTransportInfo(key, (attrs.evolve(named(voice), transport=_FOR_ICE),)),
            session.ReplaceTransport(key, (attrs.evolve(named(voice), transport=_RAW),)),
            session.RemoveContent(key, (named(more),)),
        )
        stage.play(*((1.0, name, change) for change in changes))
    stage.play((0.0, ROMEO, session.Terminate(_KEY_OF_JULIET)))
    return _script(recorder)


def _agreeing(name: str) -> Reactions:
    """Return the reactions of somebody who takes whatever is offered."""
    return {
        session.IncomingSession: lambda told: [(name, session.Accept(told.session, told.jingle.contents))],
        session.ContentProposed: lambda told: [(name, session.AcceptContent(told.session, told.jingle.contents))],
        session.TransportProposed: lambda told: [(name, session.AcceptTransport(told.session, told.jingle.contents))],
    }


def proposals(factory: Factory, *, calls: bool = False) -> Script:
    """Juliet and Romeo propose to each other: one is taken, one refused, one withdrawn (XEP-0353)."""
    stage = _Stage()
    caller, called = (JULIET, ROMEO) if calls else (ROMEO, JULIET)
    recorder = stage.put(JULIET, factory(), "192.0.2.1")
    stage.put(ROMEO, session.Proposals(ROMEO, _ANYBODY, random=Random(2)), "192.0.2.2")
    media = (RtpDescription(media="audio"),)
    for proposal, answers in (
        (SID, ((called, session.Ring(SID)), (called, session.Proceed(SID)), (caller, session.Finish(SID)))),
        ("b", ((called, session.Reject("b")),)),
        ("c", ((caller, session.Retract("c")),)),
    ):
        stage.play((1.0, caller, session.Propose(called, media, proposal)), *((1.0, *answer) for answer in answers))
    return _script(recorder)


_OFFER, _ANSWER = (
    f"v=0\r\no=- {number} 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\n"
    f"a=rtpmap:96 opus/48000/2\r\na=ice-ufrag:abcd\r\na=ice-pwd:{'p' * 22}\r\na=setup:{setup}\r\n"
    f"a=fingerprint:sha-256 {_FINGERPRINT.value}\r\na=candidate:1 1 udp 2130706431 192.0.2.{number} 5000 typ host\r\n"
    for number, setup in ((1, "actpass"), (2, "active"))
)
_BROWSING = Content(name="audio, video", transport=WebrtcTransport())


def browsers(factory: Factory, *, calls: bool = False) -> Script:
    """Juliet and Romeo agree on descriptions, twice, by session-info (ProtoXEP 3)."""
    stage = _Stage()
    caller, called = (JULIET, ROMEO) if calls else (ROMEO, JULIET)
    keys = {JULIET: KEY, ROMEO: _KEY_OF_JULIET}
    recorder = stage.put(JULIET, factory(), "192.0.2.1", _answering(JULIET))
    stage.put(ROMEO, session.Webrtc(ROMEO, _ANYBODY, random=Random(2)), "192.0.2.2", _answering(ROMEO))
    stage.play(
        (0.0, caller, session.Initiate(called, (_BROWSING,), SID)),
        (0.1, caller, session.Offer(keys[caller], _OFFER)),
        (1.0, called, session.MediaArrived(keys[called])),
        (1.0, called, session.Offer(keys[called], _OFFER)),
        (1.0, caller, session.Terminate(keys[caller])),
    )
    return _script(recorder)


def _answering(name: str) -> Reactions:
    """Return the reaction of a browser that takes every offer."""
    return {session.OfferReceived: lambda told: [(name, session.Answer(told.session, _ANSWER))]}


def bridged(factory: Factory, *, calls: bool = False) -> Script:
    """Two clients of Juliet's bridge call each other: the old one, or, as `calls`, the new one (ProtoXEP 8)."""
    stage = _Stage()
    recorder = stage.put(JULIET, factory(), "192.0.2.1")
    stage.put(ROMEO, session.Webrtc(ROMEO, _ANYBODY, random=Random(2)), "192.0.2.2", _answering(ROMEO))
    stage.put(NURSE, session.Manager(NURSE, _ANYBODY, random=Random(3)), "192.0.2.3", _agreeing(NURSE))
    key, voice = session.SessionKey(JULIET, SID), _content("0", _FOR_ICE)
    if calls:
        stage.play(
            (0.0, NURSE, session.Initiate(JULIET, (voice,), SID)),
            (5.0, NURSE, session.SendTransportInfo(key, (attrs.evolve(named(voice), transport=_FOR_ICE),))),
            (5.0, NURSE, session.ModifyContent(key, (attrs.evolve(named(voice), senders=Senders.NONE),))),
            (5.0, NURSE, session.AddContent(key, (_content("1", _FOR_ICE),))),
            (5.0, NURSE, session.ReplaceTransport(key, (attrs.evolve(named(voice), transport=_RAW),))),
            (5.0, NURSE, session.Terminate(key)),
        )
    else:
        stage.play(
            (0.0, ROMEO, session.Initiate(JULIET, (_BROWSING,), SID)),
            (0.1, ROMEO, session.Offer(key, _OFFER)),
            (9.0, ROMEO, session.Offer(key, _OFFER.replace("sendrecv", "sendonly"))),
            (9.0, ROMEO, session.Terminate(key)),
        )
    return _script(recorder)


# --- endpoints and gateways ------------------------------------------------------------------------------------------


def calls(factory: Factory, *, relayed: bool = False, places: bool = False) -> Script:
    """Romeo calls Juliet, or she, as `places`, him; they talk, add a content, restart, hold, vanish and end."""
    stage = _Stage()
    machines = {JULIET: factory(), ROMEO: endpoint.Endpoint(ROMEO, _ANYBODY, random=Random(2))}
    recorders = []
    for host, (name, machine) in zip(_hosts(stage, hidden=relayed), machines.items(), strict=True):
        recorders.append(stage.put(name, machine, host, _accepting(name)))
        stage.hand_in(name, endpoint.AddLocalAddress(host.addresses[0]))
        if relayed:
            stage.hand_in(name, endpoint.ServicesReceived((_SERVICE,)))
    keys = {JULIET: KEY, ROMEO: _KEY_OF_JULIET}
    caller, called = (JULIET, ROMEO) if places else (ROMEO, JULIET)
    voice, more = _content("0", _FOR_ENDPOINTS), _content("1", _FOR_ENDPOINTS)
    data = endpoint.SendData(KEY, (Creator.INITIATOR, "0"), 1, b"\x80" + bytes(19))
    held = attrs.evolve(named(voice), senders=Senders.NONE)
    stage.play(
        (0.5, caller, session.PeerFeatures(called, frozenset((ns.JINGLE, ns.RTP, ns.ICE_UDP, ns.RAW_UDP)))),
        (0.5, caller, endpoint.Place(called, (voice,), SID)),
        (8.0, ROMEO, attrs.evolve(data, session=keys[ROMEO])),
        (0.1, JULIET, data),
        (0.1, caller, endpoint.AddContent(keys[caller], (more,))),
        (9.0, called, endpoint.RestartIce(keys[called])),
        (9.0, caller, session.ModifyContent(keys[caller], (held,))),
        (1.0, caller, session.RemoveContent(keys[caller], (named(more),))),
        (1.0, JULIET, session.PeerGone(ROMEO)),
        (6.0, called, session.Terminate(keys[called])),
    )
    return _script(recorders[0])


_SERVICE = Service(
    host=_SERVER.host,
    port=_SERVER.port,
    type="turn",
    transport="udp",
    username="user",
    password="password",  # noqa: S106
)


def _accepting(name: str) -> Reactions:
    """Return the reactions of somebody who takes every call and content."""

    def taken(told: session.IncomingSession | session.ContentProposed) -> tuple[Content, ...]:
        return tuple(_content(each.name, _FOR_ENDPOINTS, each.creator) for each in told.jingle.contents)

    return {
        session.IncomingSession: lambda told: [(name, endpoint.Accept(told.session, taken(told)))],
        session.ContentProposed: lambda told: [(name, endpoint.AcceptContent(told.session, taken(told)))],
    }


GATE, PROXY = Address("192.0.2.10", 5060), Address("192.0.2.20", 5060)
"The gateway, and the SIP server that it knows."

_TALKER = "juliet@example.com/balcony"


def gateways(factory: Factory, *, calls: bool = False) -> Script:
    """Romeo, whose gateway it is, calls Juliet, who has one too, with SIP between them; `calls`: she calls."""
    stage = _Stage()
    recorder = stage.put("gate", factory(), GATE.host, _carrying(ROMEO))
    other = sip.Gateway(sip.Config(sip=sip.Settings(PROXY, GATE), policy=_ANYBODY), Random(2))
    stage.put("other", other, PROXY.host, _carrying(_TALKER))
    voice = _content("0", _RAW)
    for name, gate, peer in ((ROMEO, "gate", _TALKER), (_TALKER, "other", ROMEO)):
        manager = session.Manager(name, _ANYBODY, random=Random(name))
        stage.put(name, manager, "192.0.2.3" if name == ROMEO else "192.0.2.4", {**_agreeing(name), **_carrying(gate)})
        stage.hand_in(gate, sip.Start())
        stage.hand_in(gate, session.StanzaReceived(Presence(from_=name, to=bare(peer))))
    caller, called = (_TALKER, ROMEO) if calls else (ROMEO, _TALKER)
    key = session.SessionKey(bare(called), SID)
    stage.play((1.0, caller, session.Initiate(bare(called), (voice,), SID)))
    stage.play(
        (0.0, caller, session.ModifyContent(key, (attrs.evolve(named(voice), senders=Senders.NONE),))),
        (2.0, caller, session.AddContent(key, (_content("1", _RAW),))),
        (2.0, caller, session.SendTransportInfo(key, (attrs.evolve(named(voice), transport=_RAW),))),
        (2.0, caller, session.SendSessionInfo(key, infos=(Ringing(),))),
        (2.0, caller, session.Terminate(key)),
        seconds=40.0,
    )
    stage.play((1.0, caller, session.Initiate(bare(called), (voice,), "b")), seconds=0.2)
    stage.play((0.0, caller, session.Terminate(session.SessionKey(bare(called), "b"))))
    return _script(recorder)


def _carrying(name: str) -> Reactions:
    """Return the reaction of somebody all of whose stanzas go to one party."""
    return {session.SendStanza: lambda told: [(name, session.StanzaReceived(told.stanza))]}


# --- what becomes of them --------------------------------------------------------------------------------------------


def _lost(script: list[tuple[object, float]], at: int, _: st.DrawFn) -> None:
    script[at] = TimerFired(), script[at][1]


def _doubled(script: list[tuple[object, float]], at: int, _: st.DrawFn) -> None:
    script.insert(at, script[at])


def _exchanged(script: list[tuple[object, float]], at: int, draw: st.DrawFn) -> None:
    to = draw(st.integers(0, len(script) - 1))
    (first, sooner), (second, later) = script[at], script[to]
    script[at], script[to] = (second, sooner), (first, later)


def _damaged(script: list[tuple[object, float]], at: int, draw: st.DrawFn) -> None:
    event, now = script[at]
    if isinstance(event, DatagramReceived | BytesReceived):
        script[at] = attrs.evolve(event, data=draw(damaged(st.just(event.data), (b"\0",)))), now
    elif isinstance(event, session.StanzaReceived) and isinstance(event.stanza, Stanza):
        script[at] = session.StanzaReceived(draw(changed(event.stanza))), now


@st.composite
def interrupted(draw: st.DrawFn, conversations: Sequence[Script]) -> Script:
    """Return a conversation up to some point, with a few of its events lost, doubled, exchanged or damaged."""
    told = draw(st.sampled_from(conversations))
    script = list(told[: draw(st.integers(1, len(told)))])
    for _ in range(draw(st.integers(0, 3))):
        change = draw(st.sampled_from((_lost, _doubled, _exchanged, _damaged)))
        change(script, draw(st.integers(0, len(script) - 1)), draw)
    return script

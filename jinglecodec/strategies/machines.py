"""The machines of this library as targets of fuzzing: a row for each, with what makes one and what is handed in.

A machine is made in the middle of things (sockets open, the peer known), since nothing random would bring it there.
Events are drawn by the types of their fields, and by the names of those that have to fit: tokens, peers, octets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from random import Random
from typing import get_args, get_type_hints

import attrs
from hypothesis import strategies as st

from jinglecodec import bridge, endpoint, ice, session, sip, stun
from jinglecodec import namespaces as ns
from jinglecodec.addresses import Address
from jinglecodec.machine import OpenSocket, SocketEvent, SocketOpened
from jinglecodec.model.ice_udp import IceUdpTransport
from jinglecodec.model.jingle import Condition, Content, Creator, Reason
from jinglecodec.model.raw_udp import RawUdpTransport
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.model.rtp_info import Ringing
from jinglecodec.model.stanza import Iq, IqType, Message, Presence
from jinglecodec.strategies.conversations import devices, paths, refusals
from jinglecodec.strategies.conversations.bridges import BRIDGED
from jinglecodec.strategies.conversations.disturbances import DISTURBANCES
from jinglecodec.strategies.conversations.endpoints import CALLS
from jinglecodec.strategies.conversations.gateways import GATE, GATEWAYS, PROXY
from jinglecodec.strategies.conversations.ice import AGENTS
from jinglecodec.strategies.conversations.incoming import INCOMING
from jinglecodec.strategies.conversations.interruption import interrupted
from jinglecodec.strategies.conversations.outgoing import OUTGOING
from jinglecodec.strategies.conversations.peers import LITE_CALLS, NARROW_CALLS, UNUSUAL_CALLS
from jinglecodec.strategies.conversations.reflections import REFLECTED_CALLS
from jinglecodec.strategies.conversations.relays import RELAYED_CALLS
from jinglecodec.strategies.conversations.reoffers import REOFFERS
from jinglecodec.strategies.conversations.sessions import BROWSERS, PROPOSALS, SESSIONS, WITH_ROMEO
from jinglecodec.strategies.conversations.stage import CREDENTIALS, JULIET, KEY, NURSE, ROMEO, SID, Conversation
from jinglecodec.strategies.hostile import hostile_datagrams, hostile_descriptions, hostile_texts
from jinglecodec.strategies.laws import scripts
from jinglecodec.strategies.offers import sdp_offers
from jinglecodec.strategies.packets import stun_attributes
from jinglecodec.strategies.registration import register
from jinglecodec.strategies.sequences import hostile_sequences
from jinglecodec.testing.laws import Factory, Script
from jinglecodec.testing.network import Start, StunServer

__all__ = ["MACHINES", "Row", "events_of"]

Fields = Mapping[str, st.SearchStrategy[object]]


@attrs.frozen
class Row:
    """One kind of machine."""

    name: str
    factory: Factory
    events: Callable[[], st.SearchStrategy[Sequence[object]]]
    conversations: tuple[Conversation, ...] = ()

    def scripts(self) -> st.SearchStrategy[Script]:
        """Return what to hand in: events alone, or behind the beginning of a conversation."""
        alone = scripts(self.events())
        if not self.conversations:
            return alone
        return alone | scripts(self.events(), interrupted(self.recorded()))

    def recorded(self) -> tuple[Script, ...]:
        """Return the conversations as they went."""
        return _played(self.factory, self.conversations)


@cache
def _played(factory: Factory, conversations: tuple[Conversation, ...]) -> tuple[Script, ...]:
    return tuple(play(factory) for play in conversations)


register()  # for the fields that are drawn by type


def events_of(union: object, fields: Fields) -> st.SearchStrategy[object]:
    """Return events of a union of classes; what `fields` has by name is drawn from there, the rest by its type."""
    made = [_built(cls, fields) for kind in get_args(union) or (union,) for cls in _concrete(kind)]
    return st.one_of(made)


def _concrete(cls: type) -> Iterator[type]:
    """Yield the class itself, or those that derive from it."""
    derived: list[type] = cls.__subclasses__()
    if derived:
        for one in derived:
            yield from _concrete(one)
    else:
        yield cls


def _built(cls: type, fields: Fields) -> st.SearchStrategy[object]:
    hints = get_type_hints(cls)
    drawn = {
        field.name: fields[field.name] if field.name in fields else st.from_type(hints[field.name])
        for field in attrs.fields(cls)
    }
    return st.builds(cls, **drawn)


# --- ICE -------------------------------------------------------------------------------------------------------------

_HOSTS = ("192.0.2.1", "192.0.2.2", "198.51.100.7", "2001:db8::1")
_PORTS = st.sampled_from((0, 5000, 5001, 65535))
_ADDRESSES = st.builds(Address, st.sampled_from((*_HOSTS, "x.local", "", "name")), _PORTS)
_SOCKETS: Fields = {
    "socket": st.integers(0, 4),
    "remote": _ADDRESSES,
    "local": _ADDRESSES,
    "name": st.just("x.local"),
    "host": st.sampled_from((*_HOSTS, "name")),
}


def _agent() -> ice.Agent:
    return ice.Agent(role=ice.Role.CONTROLLING, random=Random(1))


def _lite_agent() -> ice.Agent:
    return ice.Agent(role=ice.Role.CONTROLLED, config=ice.Config(lite=True), random=Random(1))


def _narrow_agent() -> ice.Agent:
    config = ice.Config(pairs=4, remote_candidates=2, transmissions=2, last_wait=2)
    return ice.Agent(role=ice.Role.CONTROLLED, config=config, random=Random(1))


@cache
def _username() -> tuple[str, bytes]:
    """Return what peers put into USERNAME, and the key of their checks."""
    agent = _agent()
    agent.handle(ice.AddStream(1), 0.0)
    credentials = agent.local_credentials(1)
    return f"{credentials.ufrag}:{CREDENTIALS.ufrag}", credentials.pwd.encode()


def _checks() -> st.SearchStrategy[bytes]:
    """Return connectivity checks that verify, with whatever else in them (RFC 8445 7.3)."""

    def check(transaction_id: bytes, priority: int, attributes: list[stun.Attribute]) -> bytes:
        username, key = _username()
        known = (stun.USERNAME(username), stun.PRIORITY(priority), *attributes)
        return stun.Message.request(stun.Method.BINDING, transaction_id, *known).encode(key, fingerprint=True)

    roles = st.sampled_from((stun.ICE_CONTROLLED(1), stun.ICE_CONTROLLING(2**63), stun.USE_CANDIDATE()))
    others = st.lists(roles | stun_attributes(), max_size=3)
    return st.builds(check, st.binary(min_size=12, max_size=12), st.integers(0, 2**32 - 1), others)


def _ice_events() -> st.SearchStrategy[list[object]]:
    fields: Fields = {
        **_SOCKETS,
        "stream": st.sampled_from((1, 1, 1, 2)),
        "component": st.integers(1, 3),
        "components": st.integers(1, 2),
        "data": _checks() | hostile_datagrams(),
        "ufrag": st.sampled_from((CREDENTIALS.ufrag, CREDENTIALS.pwd)),
        "pwd": st.just(CREDENTIALS.pwd),
        "address": _ADDRESSES,
        "candidate": st.builds(
            ice.Candidate,
            st.integers(1, 3),
            st.sampled_from(ice.CandidateType),
            _ADDRESSES,
            st.integers(0, 2**32),
            st.sampled_from(("1", "", "a b", "x" * 33)),
            st.sampled_from(("udp", "UDP", "tcp")),
        ),
    }
    return st.lists(events_of(ice.Event, fields), min_size=1, max_size=12)


# --- sessions --------------------------------------------------------------------------------------------------------

_POLICY = session.Policy(strangers=True)


_CONTENTS = (
    Content(name="0"),
    Content(name="0", description=RtpDescription(media="audio"), transport=IceUdpTransport(ufrag="abcd", pwd="e" * 22)),
    Content(
        creator=Creator.RESPONDER, name="1", description=RtpDescription(media="video"), transport=RawUdpTransport()
    ),
)


def _session_fields() -> Fields:
    keys = st.sampled_from((KEY, KEY, session.SessionKey(ROMEO, "other")))
    return {
        "session": keys,
        "peer": st.sampled_from((ROMEO, "montague.lit", "")),
        "jid": st.sampled_from((ROMEO, "romeo@montague.lit")),
        "sid": st.sampled_from((None, SID, "b")),
        "proposal": st.sampled_from((SID, "b")),
        "contents": st.lists(st.sampled_from(_CONTENTS), max_size=2).map(tuple),
        "descriptions": st.just((RtpDescription(media="audio"),)),
        "groups": st.just(()),
        "infos": st.sampled_from(((), (Ringing(),))),
        "reason": st.sampled_from((None, Reason(condition=Condition.SUCCESS))),
        "features": st.sampled_from((frozenset(), frozenset((ns.JINGLE, ns.RTP, ns.ICE_UDP)))),
        "policy": st.sampled_from((_POLICY, session.Policy())),
        "stanza": st.sampled_from((Presence(from_=ROMEO), Message(from_=ROMEO), Iq(from_=ROMEO, type=IqType.RESULT))),
        "sdp": sdp_offers().map(str) | hostile_texts(),
        "description": sdp_offers(),
        "findings": st.just(()),
        "host": st.sampled_from(_HOSTS),
    }


@st.composite
def _talks(draw: st.DrawFn, events: st.SearchStrategy[object], receiver: str = JULIET) -> list[object]:
    """Return what a peer sends, right or wrong, with events of other kinds in between."""
    stanzas = draw(hostile_sequences(sender=ROMEO, receiver=receiver, sid=SID))
    told: list[object] = [session.StanzaReceived(stanza) for stanza in stanzas]
    for event in draw(st.lists(events, max_size=5)):
        told.insert(draw(st.integers(0, len(told))), event)
    return told


def _talk(union: object, extra: Fields | None = None) -> Callable[[], st.SearchStrategy[list[object]]]:
    return lambda: _talks(events_of(union, {**_session_fields(), **(extra or {})}))


# --- SIP -------------------------------------------------------------------------------------------------------------

_METHODS = ("INVITE", "INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "PRACK", "OPTIONS", "REGISTER")
_STARTS = st.sampled_from(
    (
        *(f"{method} sip:romeo%40montague.lit@192.0.2.10 SIP/2.0" for method in _METHODS),
        *(f"SIP/2.0 {status} For people" for status in (100, 180, 183, 200, 302, 401, 486, 487, 603)),
    )
)


@st.composite
def _sip_messages(draw: st.DrawFn) -> bytes:
    """Return SIP messages of few calls and transactions, now and then with a damaged header field (RFC 3261)."""
    start, call, number = draw(_STARTS), draw(st.sampled_from("ab")), draw(st.integers(1, 3))
    method = start.split(" ")[0] if not start.startswith("SIP/2.0") else draw(st.sampled_from(_METHODS))
    body = draw(sdp_offers().map(str) | st.just("") | hostile_descriptions()).encode("utf-8", "replace")
    fields = [
        f"Via: SIP/2.0/UDP 192.0.2.20:5060;branch=z9hG4bK{call}{number}",
        "Max-Forwards: 70",
        f"From: <sip:juliet@example.com>;tag={call}",
        "To: <sip:romeo%40montague.lit@192.0.2.10>",
        f"Call-ID: {call}@192.0.2.20",
        f"CSeq: {number} {method}",
        "Contact: <sip:juliet@192.0.2.20>",
        "Content-Type: application/sdp",
        f"Content-Length: {len(body)}",
    ]
    if draw(st.booleans()):
        at = draw(st.integers(0, len(fields) - 1))
        field = fields[at]
        fields[at] = draw(st.sampled_from((f"{field}\r\n{field}", "", "X: y", field[:-1], field[:12])))
    return "\r\n".join((start, *fields, "", "")).encode() + body


def _gateway() -> sip.Gateway:
    return sip.Gateway(sip.Config(sip=sip.Settings(GATE, PROXY), policy=_POLICY), Random(1))


def _sip_events() -> st.SearchStrategy[list[object]]:
    messages = st.builds(sip.DatagramReceived, st.just(0), st.just(PROXY), _sip_messages())
    return _talks(messages, "juliet@example.com/sip")


# --- the table -------------------------------------------------------------------------------------------------------


def _stun_server() -> StunServer:
    server = StunServer(Address(_HOSTS[0], 3478), Address(_HOSTS[1], 3479), username="a:b", password="c")  # noqa: S106
    for output in server.handle(Start(), 0.0):
        if isinstance(output, OpenSocket) and output.local is not None:
            server.handle(SocketOpened(output.socket, output.local), 0.0)
    return server


def _stun_events() -> st.SearchStrategy[list[object]]:
    fields: Fields = {**_SOCKETS, "data": hostile_datagrams()}
    return st.lists(events_of(SocketEvent, fields), min_size=1, max_size=12)


def _endpoint() -> endpoint.Endpoint:
    made = endpoint.Endpoint(JULIET, _POLICY, paths.CONFIG, random=Random(1))
    made.handle(endpoint.AddLocalAddress(_HOSTS[0]), 0.0)
    return made


def _bridge() -> bridge.Bridge:
    legs = (bridge.Leg(JULIET, ROMEO), bridge.Leg(JULIET, NURSE))
    return bridge.Bridge(*legs, random=Random(1))


MACHINES: tuple[Row, ...] = (
    Row("testing.network.StunServer", _stun_server, _stun_events),
    Row(
        "ice.Agent",
        _agent,
        _ice_events,
        (*AGENTS, *RELAYED_CALLS.values(), *REFLECTED_CALLS.values(), *UNUSUAL_CALLS.values()),
    ),
    Row("ice.Agent (lite)", _lite_agent, _ice_events, tuple(LITE_CALLS.values())),
    Row("ice.Agent (narrow)", _narrow_agent, _ice_events, tuple(NARROW_CALLS.values())),
    Row(
        "session.Session",
        lambda: session.Session(JULIET, KEY, config=refusals.LITTLE, tag="t"),
        _talk(session.SessionEvent),
        WITH_ROMEO,
    ),
    Row(
        "session.Manager",
        lambda: session.Manager(JULIET, _POLICY, refusals.LITTLE, random=Random(1)),
        _talk(session.Event),
        SESSIONS,
    ),
    Row(
        "session.Proposals",
        lambda: session.Proposals(JULIET, _POLICY, devices.LITTLE, random=Random(1)),
        _talk(session.ProposalsEvent),
        PROPOSALS,
    ),
    Row(
        "session.Webrtc",
        lambda: session.Webrtc(JULIET, _POLICY, random=Random(1)),
        _talk(session.WebrtcEvent),
        BROWSERS,
    ),
    Row(
        "endpoint.Endpoint",
        _endpoint,
        _talk(endpoint.Event, {**_SOCKETS, "data": hostile_datagrams()}),
        CALLS,
    ),
    Row("sip.Gateway", _gateway, _sip_events, (*GATEWAYS, *OUTGOING, *INCOMING, *REOFFERS, *DISTURBANCES)),
    Row("bridge.Bridge", _bridge, _talk(bridge.BridgeEvent), BRIDGED),
)
"What is fuzzed; another machine is another row."

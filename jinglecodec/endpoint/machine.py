"""The endpoint: stanzas and datagrams in, stanzas, datagrams and events out; a whole call in between.

    endpoint = Endpoint("romeo@montague.lit/orchard")
    endpoint.handle(AddLocalAddress("192.0.2.1"), now)
    outputs = endpoint.handle(Place("juliet@capulet.lit/balcony", offer), now)

It is a session manager, one ICE agent for each session, and the conversions between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from jinglecodec import ice
from jinglecodec import namespaces as ns
from jinglecodec.addresses import Address, is_ip
from jinglecodec.endpoint import events
from jinglecodec.endpoint.calls import Call, Saying, Timer
from jinglecodec.endpoint.config import Config
from jinglecodec.endpoint.descriptions import Described, answer, offer
from jinglecodec.endpoint.sockets import SocketAnswer, Sockets, SocketWish
from jinglecodec.errors import LocalError
from jinglecodec.ice.candidate import without_zone
from jinglecodec.machine import (
    HostnameResolved,
    ResolveHostname,
    SocketProtocol,
    TimedMachine,
    TimerFired,
    drawn_id,
    keep_latest,
)
from jinglecodec.model.external_services import IceServerKind, Service, ice_servers
from jinglecodec.model.jingle import Action, Condition, Creator, Jingle, Reason, key_of, named
from jinglecodec.model.raw_udp import RawUdpTransport
from jinglecodec.session import Manager, Session
from jinglecodec.session import events as session
from jinglecodec.session.events import Policy, SessionKey
from jinglecodec.session.jids import bare

if TYPE_CHECKING:
    from random import Random

__all__ = ["Endpoint"]

_Wish = session.Initiate | session.ContentCommand


class Endpoint(TimedMachine[events.Event, events.Output, Timer]):
    """The calls of one full JID.

    Raises LocalError for a command that cannot be obeyed: for a call that is not there or goes the other way, or beyond
    the limits of `Config`; MappingError for SDP that has no form in Jingle. It is unchanged then.
    """

    __slots__ = (
        *("_calls", "_config", "_ending", "_features", "_gone", "_hosts", "_manager", "_resolving", "_servers"),
        *("_sockets", "_stirred", "_waiting"),
    )

    def __init__(
        self,
        local: str,
        policy: Policy | None = None,
        config: Config | None = None,
        *,
        random: Random | None = None,
    ) -> None:
        """Start without calls. `local` is our full JID; the default policy refuses everybody (XEP-0166 13.2)."""
        super().__init__(random)
        self._config = config or Config()
        self._manager = Manager(local, policy, self._config.session, random=self._derived())
        self._calls: dict[SessionKey, Call] = {}
        self._ending: dict[SessionKey, Call] = {}
        "The session is over, but allocations at TURN servers are still being released."
        self._sockets: Sockets[SessionKey] = Sockets()
        self._hosts: dict[str, None] = {}
        self._servers: tuple[ice.AddServer, ...] = ()
        self._features: dict[str, frozenset[str]] = {}
        "Full JID -> what it supports."
        self._gone: dict[str, None] = {}
        "JIDs with sessions of which presence says that they are gone."
        self._resolving: dict[str, dict[SessionKey, None]] = {}
        "Name -> whose candidates or servers it is."
        self._waiting: dict[SessionKey, _Wish] = {}
        "What is to be sent when the candidates are there."
        self._stirred: dict[SessionKey, None] = {}
        "Those calls that may have something to say; the others are not asked, of which there may be many."

    @property
    def sessions(self) -> Mapping[SessionKey, Session]:
        """The sessions that have not ended, for looking at."""
        return self._manager.sessions

    @property
    def calls(self) -> Mapping[SessionKey, Call]:
        """The media of each session, for looking at."""
        return MappingProxyType(self._calls)

    def _media(self, key: SessionKey) -> Call | None:
        """Return the media of a session, also of one that is over and whose allocations are being released."""
        return self._calls.get(key) or self._ending.get(key)

    def _stir(self, key: SessionKey) -> Call:
        """Return the media of a session, which are asked afterwards what they have to say."""
        self._stirred[key] = None
        return self._calls[key]

    # --- what the caller says -----------------------------------------------------------------------------------------

    def _check(self, event: events.Event) -> None:
        match event:
            case events.Place(peer, description, sid, groups):
                described = offer(description, groups)
                self._manager.check(session.Initiate(peer, described.contents, sid, described.groups))
                if sid is not None and SessionKey(peer, sid) in self._calls:
                    raise LocalError(f"there is a call {peer}, {sid}")
            case events.Accept(key, description, groups):
                described = answer(description, self._offered(key), groups)
                self._manager.check(session.Accept(key, described.contents, described.groups))
            case events.AddContent(key, contents, groups):
                self._manager.check(session.AddContent(key, contents, groups))
            case events.AcceptContent(key, contents, groups):
                self._manager.check(session.AcceptContent(key, contents, groups))
            case events.RestartIce(key) | events.SendData(key):
                self._call(key)
            case events.AddLocalAddress(host) if not is_ip(without_zone(host)):
                raise LocalError(f"{host!r} is not an IP address")
            case events.AddLocalAddress() if len(self._hosts) >= self._config.addresses:
                raise LocalError(f"there are {self._config.addresses} local addresses")
            case session.ContentCommand() | session.Terminate():
                self._manager.check(event)
            case _:
                pass

    def _call(self, key: SessionKey) -> Call:
        if key not in self._calls:
            raise LocalError(f"there is no call {key}")
        return self._calls[key]

    def _offered(self, key: SessionKey) -> Jingle:
        offered = self._call(key).offered
        if offered is None:
            raise LocalError(f"{key} was not offered, it is a call of ours")
        return offered

    def _take(self, event: events.Event) -> None:
        match event:
            case events.Place():
                self._place(event)
            case events.CallCommand():
                if event.session in self._calls:  # no timer has just ended it
                    self._obey(self._stir(event.session), event)
            case events.AddLocalAddress(host):
                self._hosts[host] = None
                for key in self._calls:
                    self._stir(key).meet(host)
            case events.ServicesReceived(services):
                self._servers = tuple(_servers(services))
            case HostnameResolved(name):
                for key in self._resolving.pop(name, ()):
                    if key in self._calls:
                        self._stir(key).do(event)
            case _ if isinstance(event, SocketAnswer):
                self._route(event)
            case _:
                self._signal(event)
        self._settle()

    def _place(self, command: events.Place) -> None:
        described = offer(command.description, command.groups)
        key = SessionKey(command.peer, command.sid or drawn_id(self._draw))
        call = self._begin(key, Creator.INITIATOR)
        call.add(described.contents)
        self._waiting[key] = session.Initiate(key.peer, described.contents, key.sid, described.groups)
        self._lose(key, described)
        call.reveal(self._hosts, self._servers)

    def _obey(self, call: Call, command: events.CallCommand) -> None:
        match command:
            case events.Accept(key, description, groups):
                described = answer(description, self._offered(key), groups)
                call.bundle(described.groups)
                self._waiting[key] = session.Accept(key, described.contents, described.groups)
                call.is_signalled = False  # the accept tells what is found from here on
                self._lose(key, described)
                call.reveal(self._hosts, self._servers)
            case events.AddContent(key, contents, groups):
                call.add(contents)
                self._signal(session.AddContent(key, call.describe(contents), groups))
            case events.AcceptContent(key, contents, groups):
                call.bundle(groups)
                self._signal(session.AcceptContent(key, call.describe(contents), groups))
            case events.RestartIce():
                call.restart()
            case events.SendData(_, content, component, data):
                call.send(content, component, data)

    def _begin(self, key: SessionKey, role: Creator) -> Call:
        if self._ending.pop(key, None) is not None:
            self._outputs += self._sockets.close(key)
        self._calls[key] = call = Call(key, role, self._config, self._timers, self._derived())
        call.can_fall_back = ns.RAW_UDP in self._features.get(key.peer, ())
        return self._stir(key)

    def _lose(self, key: SessionKey, described: Described) -> None:
        if described.losses:
            self._outputs.append(events.NotMapped(key, described.losses))

    def _notice(self, peer: str) -> None:
        """Media, or a check of the path, is a sign of life of a peer that has gone offline (XEP-0166 6.7)."""
        gone = {peer, bare(peer)}.intersection(self._gone)
        for jid in gone:
            del self._gone[jid]
        if gone:
            self._signal(session.PeerSeen(peer))

    # --- sockets and timers -------------------------------------------------------------------------------------------

    def _route(self, event: SocketAnswer) -> None:
        """Hand a socket's event to the agent whose socket it is; that of a closed one is nobody's."""
        found = self._sockets.inward(event)
        if found is not None:
            key, inner = found
            call = self._media(key)
            if call is None:
                return
            self._stirred[key] = None
            if not self._gone:
                call.hear(inner)
            elif call.recognizes(inner) and key in self._manager.sessions:
                self._notice(self._manager.sessions[key].peer)

    def _expire(self, timer: Timer) -> None:
        match timer:
            case None:
                self._signal(TimerFired())
            case SessionKey():
                call = self._media(timer)
                if call is not None:
                    self._stirred[timer] = None
                    call.do(TimerFired())
            case (key, stream) if key in self._calls:
                self._stir(key).lose_patience(stream)
            case _:
                pass
        self._settle()

    def _settle(self) -> None:
        """Say what the calls have to say, until there is nothing more."""
        while self._stirred:
            stirred, self._stirred = self._stirred, {}
            for key in stirred:
                call = self._media(key)
                if call is not None:
                    for one in call.said():
                        self._say(call, one)
            for key in stirred:
                self._send_waiting(key)
                self._release(key)

    def _say(self, call: Call, one: Saying) -> None:
        match one:
            case session.ContentCommand() | session.Terminate():
                with suppress(LocalError):  # the session has ended, or the content is gone, meanwhile
                    self._manager.check(one)
                    self._signal(one)
            case ResolveHostname(name):
                if name not in self._resolving:
                    self._outputs.append(one)
                self._resolving.setdefault(name, {})[call.key] = None
            case _ if isinstance(one, SocketWish):
                self._outputs.append(self._sockets.outward(call.key, one))
            case _:
                self._outputs.append(one)

    def _send_waiting(self, key: SessionKey) -> None:
        """Begin or accept a session whose candidates are there, with the contents that are left of it."""
        if key not in self._waiting or not self._is_described(self._calls[key]):
            return
        wish, call = self._waiting.pop(key), self._stir(key)
        if isinstance(wish, session.Accept):
            left = {name for _, name in self._manager.sessions[key].contents}
            wish = attrs.evolve(wish, contents=tuple(one for one in wish.contents if one.name in left))
        try:
            self._manager.check(wish)
        except LocalError:  # what was possible when the caller asked for it, and is not any more
            self._give_up(key, wish)
        else:
            call.is_signalled = True
            self._signal(attrs.evolve(wish, contents=call.describe(wish.contents)))

    def _give_up(self, key: SessionKey, wish: _Wish) -> None:
        """End a session that cannot be accepted any more, or has not begun: there is no room for it by now."""
        reason = Reason(condition=Condition.CANCEL)
        if isinstance(wish, session.Initiate):
            self._outputs.append(session.SessionEnded(key, reason))
            self._end(key)
        else:
            self._signal(session.Terminate(key, reason))

    def _release(self, key: SessionKey) -> None:
        """Let go of the media of a session that is over, when TURN servers have released what they had."""
        if key in self._ending and self._ending[key].is_over:
            del self._ending[key]
            self._outputs += self._sockets.close(key)

    def _is_described(self, call: Call) -> bool:
        """Tell whether there are enough candidates: those of the sockets, or all where the peer trickles none.

        RFC 3264 as a feature means that the peer has no use for transport-info.
        """
        trickles = ns.OFFER_ANSWER not in self._features.get(call.key.peer, ())
        return self._sockets.are_open(call.key) and (trickles or call.is_gathered)

    # --- sessions -----------------------------------------------------------------------------------------------------

    def _signal(self, event: session.Event | TimerFired) -> None:
        """Hand an event to the manager, and do for the media what comes of it."""
        match event:
            case session.PeerFeatures(jid, features):
                self._learn(jid, features)
            case session.PeerGone(jid) if jid in self._peers():
                self._gone[jid] = None
            case session.TrustChanged(policy):
                self._trust(policy)
            case session.RemoveContent(key, contents) | session.RejectContent(key, contents) if key in self._calls:
                self._stir(key).drop(map(key_of, contents))
            case _:
                pass
        for output in self._manager.handle(event, self._timers.now):
            if isinstance(output, session.IncomingSession) and output.session in self._waiting:
                # A call that is placed and not signalled yet: a peer's with the same sid was there first.
                self._give_up(output.session, self._waiting[output.session])
            self._outputs.append(output)
            self._follow(output)
        self._timers.arm(None, self._manager.deadline)

    def _peers(self) -> set[str]:
        """Return the JIDs, full and bare, of those with whom there are sessions."""
        full = {one.peer for one in self.sessions.values()}
        return full | set(map(bare, full))

    def _learn(self, jid: str, features: frozenset[str]) -> None:
        """Remember what entities support; of as many as there may be sessions, the latest."""
        self._features.pop(jid, None)
        self._features[jid] = features
        for key in self._calls:
            if key.peer == jid:
                self._stir(key).can_fall_back = ns.RAW_UDP in features
        keep_latest(self._features, self._config.session.sessions)

    def _follow(self, output: session.Output) -> None:
        match output:
            case session.IncomingSession(key, jingle):
                self._ring(key, jingle)
            case session.SessionEnded(key):
                self._end(key)
            case session.Accepted(key, jingle):
                self._stir(key).bundle(jingle.groups)
                self._stir(key).take(jingle.contents)
            case session.ContentProposed(key, jingle):
                self._stir(key).add(jingle.contents)
                self._stir(key).take(jingle.contents)
            case session.ContentChanged(key, jingle):
                self._change(self._stir(key), jingle)
            case session.InfoReceived(key, jingle) if jingle.action is Action.TRANSPORT_INFO:
                self._stir(key).take(jingle.contents)
            case session.RequestFailed(key, jingle) if jingle.action is Action.CONTENT_ADD and key in self._calls:
                self._stir(key).drop(map(key_of, jingle.contents))
            case session.TransportProposed(key, jingle):
                self._propose(key, jingle)
            case session.TransportChanged(key, jingle):
                is_accepted = jingle.action is Action.TRANSPORT_ACCEPT
                self._stir(key).replaced(jingle.contents, is_accepted=is_accepted)
            case _:
                pass

    def _ring(self, key: SessionKey, jingle: Jingle) -> None:
        """Prepare for a call; the addresses of this host are told to those who are trusted, else on acceptance."""
        call = self._begin(key, Creator.RESPONDER)
        call.offered = jingle
        call.is_signalled = True
        call.add(jingle.contents)
        call.take(jingle.contents)
        self._trust(self._manager.policy)

    def _trust(self, policy: Policy) -> None:
        """Tell the addresses of this host to those who are trusted, other than as strangers (XEP-0176 10.1)."""
        known = attrs.evolve(policy, strangers=False)
        for key, call in self._calls.items():
            if not call.is_revealed and known.trusts(key.peer):
                self._stir(key).reveal(self._hosts, self._servers)

    def _propose(self, key: SessionKey, jingle: Jingle) -> None:
        """Do without ICE where the peer wants to, and we may tell it our address; other transports are not for us."""
        call = self._stir(key)
        raw = [one for one in jingle.contents if isinstance(one.transport, RawUdpTransport) and call.is_revealed]
        call.fall_back(raw)
        rest = tuple(named(one) for one in jingle.contents if one not in raw)
        if rest:
            self._signal(session.RejectTransport(key, rest))

    def _change(self, call: Call, jingle: Jingle) -> None:
        match jingle.action:
            case Action.CONTENT_ACCEPT:
                call.bundle(jingle.groups)
                call.take(jingle.contents)
            case Action.CONTENT_REJECT | Action.CONTENT_REMOVE:
                call.drop(map(key_of, jingle.contents))
            case _:
                pass

    def _end(self, key: SessionKey) -> None:
        if self._gone:
            peers = self._peers()
            self._gone = {jid: None for jid in self._gone if jid in peers}
        call = self._calls.pop(key, None)
        if call is not None:
            call.close()
            self._ending[key] = call
            self._stirred[key] = None
            self._waiting.pop(key, None)


def _servers(services: tuple[Service, ...]) -> list[ice.AddServer]:
    """Return the STUN and TURN servers among services that can be used (XEP-0215)."""
    return [
        ice.AddServer(Address(one.host, one.port), one.username, one.password or "", protocol)
        if one.kind in _TURN
        else ice.AddServer(Address(one.host, one.port))
        for one in ice_servers(services)
        if (protocol := _PROTOCOLS.get((one.kind, one.transport))) is not None
        and (one.kind is IceServerKind.STUN or one.username is not None)
    ]


_TURN = (IceServerKind.TURN, IceServerKind.TURNS)
_PROTOCOLS = {
    (IceServerKind.STUN, "udp"): SocketProtocol.UDP,
    (IceServerKind.TURN, "udp"): SocketProtocol.UDP,
    (IceServerKind.TURN, "tcp"): SocketProtocol.TCP,
    (IceServerKind.TURNS, "tcp"): SocketProtocol.TLS,
}
"What is used; STUN over TCP serves nobody here, and DTLS needs a driver that speaks it."

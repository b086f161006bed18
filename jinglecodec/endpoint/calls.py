"""The media of one session: its agent, and which stream of the agent carries which content.

Each content has a stream of its own until the accept confirms that several share one (XEP-0338, RFC 9143 7). What a
call says are outputs for the caller, and commands for the session, by which the peer is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from jinglecodec import ice, stun
from jinglecodec.addresses import is_ipv6
from jinglecodec.endpoint import events
from jinglecodec.endpoint.candidates import from_element, to_element
from jinglecodec.endpoint.raw import RawPath, Role
from jinglecodec.machine import (
    DatagramReceived,
    HostnameResolved,
    SocketClosed,
    SocketFailed,
    SocketOpened,
    TimerFired,
)
from jinglecodec.model.ice import IceRemoteCandidate, IceTransport
from jinglecodec.model.ice_udp import IceUdpTransport, RemoteCandidate
from jinglecodec.model.jingle import Condition, Content, Creator, Reason, key_among, key_of
from jinglecodec.model.raw_udp import RawUdpTransport
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.session import events as session

if TYPE_CHECKING:
    from random import Random

    from jinglecodec.endpoint.config import Config
    from jinglecodec.endpoint.sockets import SocketAnswer
    from jinglecodec.machine import Timers
    from jinglecodec.model.grouping import Group
    from jinglecodec.model.jingle import ContentKey, Jingle
    from jinglecodec.session.events import SessionKey

__all__ = ["Call", "Saying", "Timer"]

Transport: TypeAlias = IceUdpTransport | IceTransport

Timer: TypeAlias = "SessionKey | tuple[SessionKey, int] | None"
"A timer of the endpoint: the agent of a call, the patience with the peer's candidates for a stream, the manager."

Saying: TypeAlias = "events.Output | session.ContentCommand | session.Terminate"
"What a call says: outputs of the endpoint, and commands to the session manager."


@attrs.define(eq=False)
class Path:
    """One stream of the agent, and what was and is to be said about it."""

    content: ContentKey
    "That under which it is signalled: the first of a bundle."
    kind: type[Transport]
    "The class of its transport elements."
    components: int
    ufrag: str
    "Of this ICE session."
    generation: int = 0
    "Counts ICE restarts (XEP-0176 5.3)."
    is_told: bool = False
    "The peer knows the credentials."
    is_gathered: bool = False
    known: list[ice.Candidate] = attrs.field(factory=list)
    "Of this ICE session."
    found: list[ice.Candidate] = attrs.field(factory=list)
    "Found and not told yet."
    remote: tuple[str, str] | None = None
    "The credentials of the peer."
    selected: dict[int, tuple[ice.Candidate, ice.Candidate]] = attrs.field(factory=dict)
    "Component -> local and remote candidate."


class Call:
    """The media of one session."""

    def __init__(
        self, key: SessionKey, role: Creator, config: Config, timers: Timers[Timer], random: Random | None
    ) -> None:
        """Make the media of a session without contents; the initiator controls (XEP-0176 5.6).

        `timers` are those of the endpoint. `random` is for tests only.
        """
        self.key = key
        self.role = role
        self.offered: Jingle | None = None
        "What the peer began the session with."
        self.is_revealed = False
        "The peer may learn the addresses of this host."
        self.is_signalled = False
        "The peer knows of the contents, so that transport-info makes sense."
        self.can_fall_back = False
        "The peer knows how to do without ICE (XEP-0177)."
        ours = ice.Role.CONTROLLING if role is Creator.INITIATOR else ice.Role.CONTROLLED
        self._agent = ice.Agent(role=ours, config=config.ice, random=random)
        self._patience = config.patience
        self._timers = timers
        self._paths: dict[int, Path] = {}
        self._carriers: dict[ContentKey, int] = {}
        "Content -> its stream; bundled ones have one in common."
        self._raws: dict[ContentKey, RawPath] = {}
        "Contents without ICE."
        self._hosts: list[str] = []
        self._count = 0
        self._said: list[Saying] = []

    @property
    def is_gathered(self) -> bool:
        """Whether all candidates are found."""
        return all(path.is_gathered for path in self._paths.values())

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to do after `close`: TURN servers have released what there was."""
        return self._agent.deadline is None

    def said(self) -> list[Saying]:
        """Return what was said since the last time; what the peer is to be told of paths comes last."""
        if self.is_signalled and self.is_revealed:
            for path in self._paths.values():
                if path.found or not path.is_told:
                    self._said.append(
                        session.SendTransportInfo(self.key, (_about(path.content, path.kind(**self._news(path))),))
                    )
            for raw in self._raws.values():
                if raw.is_open and not raw.is_told:
                    raw.is_told = True
                    self._said.append(_ANSWERS[raw.role](self.key, (_about(raw.content, raw.transport()),)))
        said, self._said = self._said, []
        self._timers.arm(self.key, self._agent.deadline)
        return said

    # --- what the endpoint wants --------------------------------------------------------------------------------------

    def reveal(self, hosts: Iterable[str], servers: Iterable[ice.AddServer]) -> None:
        """Let the peer learn the addresses of this host: gather candidates, and tell them (XEP-0176 10.1)."""
        if not self.is_revealed:
            self.is_revealed = True
            for host in hosts:
                self.meet(host)
            for server in servers:
                self.do(server)
            self.do(ice.Gather())

    def meet(self, host: str) -> None:
        """Use another address of this host."""
        if self.is_revealed:
            self._hosts.append(host)
            self.do(ice.AddLocalAddress(host))
            for raw in self._raws.values():
                self._open(raw)

    def add(self, contents: Iterable[Content]) -> None:
        """Take on contents, each with a path of its own; those over other transports than UDP are none of ours."""
        for content in contents:
            if isinstance(content.transport, RawUdpTransport):
                self._add_raw(content, Role.FROM_THE_START)
                continue
            if not isinstance(content.transport, Transport | None):
                continue
            kind = IceTransport if isinstance(content.transport, IceTransport) else IceUdpTransport
            self._count += 1
            components = _components(content)
            self.do(ice.AddStream(self._count, components))
            ufrag = self._agent.local_credentials(self._count).ufrag
            self._paths[self._count] = Path(key_of(content), kind, components, ufrag)
            self._carriers[key_of(content)] = self._count

    def describe(self, contents: Iterable[Content]) -> tuple[Content, ...]:
        """Return contents of ours with credentials, and the candidates found so far; that is telling them."""
        return tuple(self._described(content) for content in contents)

    def take(self, contents: Iterable[Content]) -> None:
        """Take what the peer says in the transports of contents."""
        for content in contents:
            key = self._key(content)
            if key in self._carriers and isinstance(content.transport, Transport):
                self._hear(self._carriers[key], content.transport)
            elif key in self._raws and isinstance(content.transport, RawUdpTransport):
                self._raws[key].hear(content.transport)
                self._use(self._raws[key])

    def bundle(self, groups: Iterable[Group]) -> None:
        """Let contents share the stream of the first of their group (XEP-0338; RFC 9143 7.3)."""
        names = {key[1]: key for key in self._carriers}
        for group in groups:
            keys = [names[one.name] for one in group.contents if one.name in names]
            if group.semantics == "BUNDLE" and keys:
                for key in keys[1:]:
                    self._carry(key, self._carriers[keys[0]])

    def drop(self, keys: Iterable[ContentKey]) -> None:
        """Let contents go; a stream that carries none any more ends, with its sockets."""
        for key in keys:
            stream = self._carriers.pop(key, None)
            if stream is not None:
                self._release(stream)
            self._close_raw(key)

    def restart(self) -> None:
        """Negotiate all paths again (XEP-0176 5.9); those that answer a restart of the peer do so already."""
        for stream, path in self._paths.items():
            before, path.known, path.found = (path.known, path.found), [], []
            self.do(ice.Restart(stream))
            if self._is_renewed(stream):
                path.remote = None
            else:
                path.known, path.found = before

    def send(self, key: ContentKey, component: int, data: bytes) -> None:
        """Send a datagram of a content; there may be no path, or no content, any more."""
        stream, raw = self._carriers.get(key), self._raws.get(key)
        if raw is not None and raw.is_used:
            self._said += raw.send(component, data)
        elif stream is not None and 1 <= component <= self._paths[stream].components:
            self.do(ice.SendData(stream, component, data))

    def lose_patience(self, stream: int) -> None:
        """Expect no more candidates of the peer, for which XEP-0176 has no word; or no proposal to do without ICE."""
        if stream in self._paths:
            self.do(ice.EndRemoteCandidates(stream))
        elif stream == _FALLBACK and not all(raw.is_used for raw in self._raws.values()):
            self._end_without()

    def close(self) -> None:
        """End all streams."""
        for stream in (_FALLBACK, *self._paths):
            self._timers.cancel((self.key, stream))
        self._paths.clear()
        self._carriers.clear()
        self._raws.clear()
        self.do(ice.Close())
        self._timers.cancel(self.key)

    def hear(self, event: SocketAnswer) -> None:
        """Take what a socket says: one of the agent's, or of a path without ICE."""
        raws = (raw for raw in self._raws.values() if event.socket in raw.sockets.values())
        raw = next(raws, None) if event.socket < 0 else None
        match event:
            case _ if event.socket >= 0:
                self.do(event)
            case SocketOpened(socket, local) if raw is not None:
                raw.opened(socket, local)
                self._use(raw)
            case DatagramReceived(socket, remote, data) if raw is not None and raw.is_used:
                component = raw.component(socket)
                if raw.admits(component, remote):
                    self._receive(raw.content, component, data)
            case SocketFailed() | SocketClosed() if raw is not None:
                self._give_up(raw.content)
            case _:
                pass

    def recognizes(self, event: SocketAnswer) -> bool:
        """Take what a socket says, and tell whether it was the peer: data, or a check that bears its credentials."""
        discarded, said = self._agent.snapshot().discarded, len(self._said)
        self.hear(event)
        if event.socket < 0:
            return len(self._said) > said
        return isinstance(event, DatagramReceived) and self._agent.snapshot().discarded == discarded

    def do(self, event: ice.Command | SocketAnswer | HostnameResolved | TimerFired) -> None:
        """Hand an event to the agent, and take note of what comes out.

        When it lets a stream go, a timer of it that is overdue may speak first; nobody asks for that any more.
        """
        for output in self._agent.handle(event, self._timers.now):
            stream = getattr(output, "stream", None)
            if stream is None or stream in self._paths:
                self._note(output)

    # --- what the agent says ------------------------------------------------------------------------------------------

    def _note(self, output: ice.Output) -> None:
        match output:
            case ice.CandidateFound(stream, candidate):
                self._paths[int(stream)].found.append(candidate)
                self._paths[int(stream)].known.append(candidate)
            case ice.GatheringDone(stream):
                self._paths[int(stream)].is_gathered = True
            case ice.RestartDetected(stream):
                self._tell_again(int(stream))
            case ice.PairSelected(stream, component, local, remote):
                self._select(int(stream), component, local, remote)
            case ice.StreamStateChanged(stream, state):
                self._turn(int(stream), state)
            case ice.DataReceived(stream, component, data):
                self._receive(self._paths[int(stream)].content, component, data)
            case ice.CandidateIgnored(stream, candidate, reason):
                content = self._paths[int(stream)].content
                self._said.append(events.CandidateUnusable(self.key, content, candidate, reason))
            case ice.ServerFailed(stream, _, server, _, reason):
                content = self._paths[int(stream)].content
                self._said.append(events.ServerUnusable(self.key, content, server, reason))
            case ice.ConsentLost():
                pass  # the stream's state says so
            case _:
                self._said.append(output)

    def _select(self, stream: int, component: int, local: ice.Candidate, remote: ice.Candidate) -> None:
        path = self._paths[stream]
        path.selected[component] = local, remote
        for key in self._contents(stream):
            self._said.append(events.Connected(self.key, key, component, local, remote))

    def _turn(self, stream: int, state: ice.StreamState) -> None:
        """A path works, is in doubt, or is given up."""
        path = self._paths[stream]
        for key in self._contents(stream):
            self._said.append(events.ConnectivityChanged(self.key, key, state))
        if state is ice.StreamState.COMPLETED and self.role is Creator.INITIATOR:
            self._said.append(
                session.SendTransportInfo(self.key, (_about(path.content, path.kind(**self._in_use(path))),))
            )
        elif state is ice.StreamState.FAILED:
            self._give_up(path.content)

    def _receive(self, content: ContentKey, component: int, data: bytes) -> None:
        self._said.append(events.DataReceived(self.key, content, component, stun.classify(data), data))

    # --- without ICE --------------------------------------------------------------------------------------------------

    def fall_back(self, contents: Iterable[Content]) -> None:
        """Do without ICE, as the peer asks (XEP-0176 6)."""
        for content in contents:
            if isinstance(content.transport, RawUdpTransport):
                raw = self._add_raw(content, Role.ASKED_FOR)
                raw.hear(content.transport)
                self._open(raw)

    def replaced(self, contents: Iterable[Content], *, is_accepted: bool) -> None:
        """The peer has accepted, or rejected, to do without ICE."""
        if is_accepted:
            self.take(contents)
        else:
            self._end_without()

    def _give_up(self, key: ContentKey) -> None:
        """A path has not come about: try without ICE where the peer knows how, else end the session (XEP-0176 5.7)."""
        if not self.can_fall_back or key in self._raws:
            self._end_without()
            return
        raw = self._add_raw(_about(key, None), Role.PROPOSED)
        self._open(raw)
        self._timers.arm((self.key, _FALLBACK), self._timers.now + self._patience)

    def _end_without(self) -> None:
        self._said.append(session.Terminate(self.key, Reason(condition=Condition.FAILED_TRANSPORT)))

    def _add_raw(self, content: Content, role: Role) -> RawPath:
        """Begin a path without ICE, in place of one that there was."""
        key = self._key(content)
        self._close_raw(key)
        stream = self._carriers.get(key)
        components = _components(content) if stream is None else self._paths[stream].components
        self._count += 2
        sockets = {component: component - 1 - self._count for component in range(1, components + 1)}
        raw = self._raws[key] = RawPath(key, sockets, role)
        return raw

    def _close_raw(self, key: ContentKey) -> None:
        raw = self._raws.pop(key, None)
        if raw is not None:
            self._said += raw.close()

    def _open(self, raw: RawPath) -> None:
        """Open the sockets of a path, once, on an address of the family that the peer has."""
        families = {is_ipv6(one.host) for one in raw.remotes.values()}
        fitting = [host for host in self._hosts if not families or is_ipv6(host) in families]
        is_wanted = raw.role is not Role.PROPOSED or self.role is Creator.INITIATOR  # the other side waits for its word
        if fitting and is_wanted and not raw.is_asked:
            self._said += raw.open(fitting[0])

    def _use(self, raw: RawPath) -> None:
        """Data can go as soon as both ends are known."""
        if raw.is_open and raw.remotes and not raw.is_used:
            raw.is_used = True
            stream = self._carriers.pop(raw.content, None)
            if stream is not None:
                self._release(stream)
            for component, local, remote in raw.pairs():
                self._said.append(events.Connected(self.key, raw.content, component, local, remote))

    # --- what the peer says -------------------------------------------------------------------------------------------

    def _key(self, content: Content) -> ContentKey:
        return key_among(content, self._carriers.keys() | self._raws.keys())

    def _hear(self, stream: int, transport: Transport) -> None:
        """Take credentials, candidates and their end (XEP-0176 5.5, 5.9; XEP-0371 7)."""
        path = self._paths[stream]
        if transport.ufrag and transport.pwd and path.remote != (transport.ufrag, transport.pwd):
            path.remote = transport.ufrag, transport.pwd
            self.do(ice.SetRemoteCredentials(stream, transport.ufrag, transport.pwd))
        for candidate in transport.candidates:
            self.do(ice.AddRemoteCandidate(stream, from_element(candidate, transport.ufrag)))
        if transport.gathering_complete:
            self.do(ice.EndRemoteCandidates(stream))
        else:
            self._timers.arm((self.key, stream), self._timers.now + self._patience)

    # --- what the peer is told ----------------------------------------------------------------------------------------

    def _described(self, content: Content) -> Content:
        """Return a content of ours with what ICE has to say; bundled ones leave the candidates to the first."""
        key = self._key(content)
        if key in self._raws:
            self._raws[key].is_told = self._raws[key].is_open
            return attrs.evolve(content, transport=self._raws[key].transport())
        if key not in self._carriers:
            return content
        path = self._paths[self._carriers[key]]
        said = self._news(path) if path.content == key else self._credentials(path)
        given = content.transport if isinstance(content.transport, path.kind) else path.kind()
        blank = {"candidates": (), "remote_candidates": (), "gathering_complete": False}
        return attrs.evolve(content, transport=attrs.evolve(given, **{**blank, **said}))

    def _news(self, path: Path) -> dict[str, Any]:
        """Return what the peer does not know of a path yet, which it then knows."""
        candidates = tuple(to_element(one, path.generation, path.kind) for one in path.found)
        path.found.clear()
        path.is_told = True
        complete = path.is_gathered and path.kind is IceTransport
        return {**self._credentials(path), "candidates": candidates, "gathering_complete": complete}

    def _in_use(self, path: Path) -> dict[str, Any]:
        """Return which candidates of the peer are in use, one for each component (XEP-0176 5.7)."""
        made = IceRemoteCandidate if path.kind is IceTransport else RemoteCandidate
        addresses = [(component, remote.address) for component, (_, remote) in sorted(path.selected.items())]
        chosen = tuple(made(component=component, ip=one.host, port=one.port) for component, one in addresses)
        return {**self._credentials(path), "remote_candidates": chosen}

    def _credentials(self, path: Path) -> dict[str, Any]:
        own = self._agent.local_credentials(self._carriers[path.content])
        return {"ufrag": own.ufrag, "pwd": own.pwd}

    # --- streams ------------------------------------------------------------------------------------------------------

    def _contents(self, stream: int) -> Iterator[ContentKey]:
        """Give the contents that a stream carries."""
        return (key for key, carrier in self._carriers.items() if carrier == stream)

    def _carry(self, key: ContentKey, stream: int) -> None:
        """Let a content go over another stream."""
        before = self._carriers[key]
        if before != stream:
            self._carriers[key] = stream
            self._release(before)

    def _release(self, stream: int) -> None:
        """End a stream that carries nothing; one that does is signalled under a content that is left."""
        left = list(self._contents(stream))
        if left:
            self._paths[stream].content = left[0]
            return
        del self._paths[stream]
        self._timers.cancel((self.key, stream))
        self.do(ice.RemoveStream(stream))

    def _tell_again(self, stream: int) -> None:
        """The peer has restarted: it needs credentials, new ones but where those are the answer to a restart before."""
        path = self._paths[stream]
        if self._is_renewed(stream):
            path.known.clear()
        path.found[:] = path.known
        path.is_told = False

    def _is_renewed(self, stream: int) -> bool:
        """Tell whether another ICE session of the stream has begun, with credentials to be told."""
        path, ufrag = self._paths[stream], self._agent.local_credentials(stream).ufrag
        if ufrag == path.ufrag:
            return False
        path.ufrag = ufrag
        path.generation = (path.generation + 1) % 256
        path.is_told = path.is_gathered = False
        path.selected.clear()
        return True


_FALLBACK = 0
"Stands in a timer for no stream: the wait for a path without ICE."

_ANSWERS = {
    Role.FROM_THE_START: session.SendTransportInfo,
    Role.PROPOSED: session.ReplaceTransport,
    Role.ASKED_FOR: session.AcceptTransport,
}
"How the peer is told of a path without ICE that is not in a description."


def _about(key: ContentKey, transport: Transport | RawUdpTransport | None) -> Content:
    """Return a content with nothing but its transport."""
    creator, name = key
    return Content(creator=creator, name=name, transport=transport)


def _components(content: Content) -> int:
    """Return how many components a content has: RTCP may have a port of its own (RFC 8445 2.1, RFC 5761)."""
    description = content.description
    return 2 if isinstance(description, RtpDescription) and not description.rtcp_mux else 1

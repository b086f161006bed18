"""The ICE agent: a machine for all streams of one session with one peer (RFC 8445)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinglecodec import stun
from jinglecodec.addresses import Address, is_ip
from jinglecodec.errors import LocalError, StunError
from jinglecodec.ice.candidate import without_zone
from jinglecodec.ice.checklist import ChecklistSet
from jinglecodec.ice.checks import Checks
from jinglecodec.ice.conclusion import Conclusion
from jinglecodec.ice.config import Config
from jinglecodec.ice.consent import Path, Paths
from jinglecodec.ice.context import CONSENT, FREE, NOMINATE, PATIENCE, Context, Key, Timer
from jinglecodec.ice.events import (
    AddLocalAddress,
    AddRemoteCandidate,
    AddServer,
    AddStream,
    Close,
    Command,
    Credentials,
    DataReceived,
    EndRemoteCandidates,
    Event,
    Gather,
    Output,
    RemoveStream,
    Restart,
    RestartDetected,
    Role,
    SendData,
    SetRemoteCredentials,
    StreamId,
    StreamState,
)
from jinglecodec.ice.gathering import Gathering, Query
from jinglecodec.ice.lite import Lite
from jinglecodec.ice.pair import Pair
from jinglecodec.ice.pairing import Pairing
from jinglecodec.ice.remote import Remotes
from jinglecodec.ice.responder import Responder
from jinglecodec.ice.session import Session, Stream, check_credentials, drawn_credentials
from jinglecodec.ice.snapshot import AgentState, stream_snapshot
from jinglecodec.ice.transaction import Transactions
from jinglecodec.machine import (
    BytesReceived,
    DatagramReceived,
    HostnameResolved,
    SendFailed,
    SocketClosed,
    SocketEvent,
    SocketFailed,
    SocketOpened,
    TimedMachine,
    TimerFired,
    Timers,
)

if TYPE_CHECKING:
    from random import Random

    from jinglecodec.ice.pair import Base

__all__ = ["Agent"]

MOST_STREAMS = 64
"Streams of an agent."


class Agent(TimedMachine[Event, Output, Key]):
    """Connects the streams of one session with one peer, and keeps them connected.

    Hand in commands in any order: streams, local addresses, servers, Gather, and what the peer has signalled. What is
    to be signalled comes out as CandidateFound and GatheringDone, and `local_credentials` tells the rest. Data goes
    with SendData as soon as there is a valid pair.

    Raises LocalError for a command about no stream or component that there is, for what its fields do not take, beyond
    64 streams, 64 local addresses or 16 servers, and for any command after Close.
    """

    __slots__ = (
        "_checklists",
        "_checks",
        "_conclusion",
        "_context",
        "_gathering",
        "_is_closed",
        "_lite",
        "_pairing",
        "_paths",
        "_remotes",
        "_responder",
        "_streams",
        "_transactions",
    )

    def __init__(
        self, *, role: Role = Role.CONTROLLING, config: Config | None = None, random: Random | None = None
    ) -> None:
        """Start with no streams. The initiator of the session controls (RFC 8445 6.1.1); `random` is for tests only."""
        super().__init__(random)
        config = Config() if config is None else config
        context = self._context = Context(config, role, self._timers, self._outputs, random)
        streams: dict[StreamId, Stream] = {}
        self._streams = streams
        self._is_closed = False
        self._checklists = ChecklistSet(config.pairs)
        self._transactions = Transactions(context)
        self._paths = Paths(context, self._transactions)
        self._pairing = Pairing(context, self._checklists)
        self._gathering = Gathering(context, streams, self._pairing, self._transactions)
        self._conclusion = Conclusion(
            context, streams, self._checklists, self._transactions, self._gathering, self._paths
        )
        self._checks = Checks(context, streams, self._checklists, self._transactions, self._gathering, self._conclusion)
        self._lite = Lite(context, self._checklists, self._pairing, self._conclusion)
        self._responder = Responder(context, streams, self._pairing, self._checks, self._conclusion, self._lite)
        self._remotes = Remotes(context, streams, self._pairing)

    def local_credentials(self, stream: StreamId) -> Credentials:
        """Return what the peer needs to check this stream; a restart changes it. Raises LocalError for no stream."""
        return self._known(stream).session.credentials

    def snapshot(self) -> AgentState:
        """Return what the agent knows; `str` makes a readable text of it."""
        return AgentState(
            self._context.role,
            tuple(stream_snapshot(stream, self._paths) for stream in self._streams.values()),
            self._checklists.size,
            len(self._transactions),
            self._context.discarded,
            self.deadline,
            self._gathering.relays.snapshot(),
        )

    def _known(self, stream: StreamId) -> Stream:
        try:
            return self._streams[stream]
        except KeyError:
            raise LocalError(f"there is no stream {stream!r}") from None

    # --- misuse --------------------------------------------------------------------------------------------------

    def _check(self, event: Event) -> None:
        if isinstance(event, DatagramReceived):
            return  # by far the most frequent
        if self._is_closed and isinstance(event, Command) and not isinstance(event, Close):
            raise LocalError("the agent is closed")
        match event:
            case SendData(stream, component):
                if not 1 <= component <= self._known(stream).components:
                    raise LocalError(f"stream {stream!r} has no component {component}")
            case AddRemoteCandidate(stream) | EndRemoteCandidates(stream) | RemoveStream(stream):
                self._known(stream)
            case AddStream(stream, components, credentials):
                self._check_stream(stream, components, credentials)
            case AddLocalAddress(host):
                self._gathering.check_address(host)
            case AddServer():
                self._gathering.check_server(event)
            case SetRemoteCredentials(stream, ufrag, pwd):
                self._known(stream)
                check_credentials(ufrag, pwd, ours=False)
            case Restart(stream) if stream is not None:
                self._known(stream)
            case _:
                pass

    def _check_stream(self, stream: StreamId, components: int, credentials: Credentials | None) -> None:
        if stream in self._streams:
            raise LocalError(f"there is a stream {stream!r} already")
        if len(self._streams) >= MOST_STREAMS:
            raise LocalError(f"there are {MOST_STREAMS} streams already")
        if not 1 <= components <= 256:
            raise LocalError("a stream has 1 to 256 components (RFC 8445 5.1.1.1)")
        if credentials is not None:
            check_credentials(credentials.ufrag, credentials.pwd, ours=True)

    # --- events --------------------------------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        if isinstance(event, SocketEvent):
            self._socket_event(event)
        elif not self._is_closed:
            self._command(event)

    def _socket_event(self, event: SocketEvent) -> None:
        bases, relays = self._gathering.bases, self._gathering.relays
        match event:
            case DatagramReceived(socket, remote, data) if socket in bases:
                # A system tells the zone of a link-local address; its socket knows it.
                source = Address(without_zone(remote.host), remote.port) if "%" in remote.host else remote
                self._received(bases[socket], source, data)
            case (
                DatagramReceived(socket)
                | BytesReceived(socket)
                | SocketOpened(socket)
                | SocketFailed(socket)
                | SocketClosed(socket)
            ) if socket in relays:
                for relayed, peer, data in relays.take(socket, event):
                    self._received(relayed, peer, data)
            case _ if self._is_closed:
                pass
            case SocketOpened(socket, local):
                self._gathering.opened(socket, local)
            case SocketFailed(socket) | SocketClosed(socket):
                self._gathering.lost(socket)
            case HostnameResolved(name, host):
                self._gathering.resolved(name, host)
                self._remotes.resolved(name, host)
            case DatagramReceived() | SendFailed() | BytesReceived() | TimerFired():
                pass

    def _command(self, event: Command) -> None:
        match event:
            case SendData(stream, component, data):
                self._send_data(self._streams[stream], component, data)
            case AddRemoteCandidate(stream, candidate):
                self._remotes.add(self._streams[stream], candidate)
            case AddStream(stream, components, credentials):
                self._add_stream(stream, components, credentials)
            case RemoveStream(stream):
                self._remove_stream(self._streams[stream])
            case AddLocalAddress(host):
                self._gathering.add_address(host)
            case AddServer():
                self._gathering.add_server(event)
            case Gather():
                self._gathering.start()
            case SetRemoteCredentials(stream, ufrag, pwd, lite):
                self._set_credentials(self._streams[stream], Credentials(ufrag, pwd), lite=lite)
            case EndRemoteCandidates(stream):
                self._end_candidates(self._streams[stream])
            case Restart(stream):
                for each in self._streams.values() if stream is None else [self._streams[stream]]:
                    self._restart(each)
            case Close():
                self._close()

    def _add_stream(self, identifier: StreamId, components: int, credentials: Credentials | None) -> None:
        drawn = drawn_credentials(self._draw) if credentials is None else credentials
        session = Session(identifier, components, drawn, self._checklists.new())
        stream = self._streams[identifier] = Stream(identifier, components, session)
        self._gathering.gather(stream)

    def _remove_stream(self, stream: Stream) -> None:
        self._conclusion.stop(stream)
        for component in range(1, stream.components + 1):
            self._paths.drop(stream.id, component)
        self._transactions.forget(stream.id)
        self._gathering.leave(stream)
        self._checklists.drop(stream.session.checklist)
        del self._streams[stream.id]

    def _set_credentials(self, stream: Stream, credentials: Credentials, *, lite: bool) -> None:
        """Begin the checks; other credentials than before are a restart by the peer (RFC 8445 9)."""
        known = stream.session.remote_credentials
        if known == credentials:
            return
        if known is not None:
            # First, so that the candidates told after it are those of the new session.
            self._context.tell(RestartDetected(stream.id))
            self._restart(stream)
            stream.session.follows = True
        self._take_role(lite=lite)
        stream.session.accept(credentials, lite=lite)
        self._remotes.sort_out(stream)
        self._conclusion.begin(stream)
        self._responder.catch_up(stream)
        self._lite.agree(stream)

    def _end_candidates(self, stream: Stream) -> None:
        stream.session.is_ended = True
        self._lite.agree(stream)
        self._conclusion.update(stream)

    def _take_role(self, *, lite: bool) -> None:
        """The full agent controls the lite one (RFC 8445 6.1.1)."""
        ours = self._context.config.lite
        wanted = self._context.role if ours == lite else Role.CONTROLLED if ours else Role.CONTROLLING
        if self._context.role is not wanted:
            self._checks.switch_role()

    def _restart(self, stream: Stream) -> None:
        """Begin another ICE session; the old pairs serve until it has selected new ones (RFC 8445 9 and 12.1)."""
        old = stream.session
        if old.follows and not old.is_concluded:
            return
        self._conclusion.stop(stream)
        stream.previous = old if old.selected and stream.state is not StreamState.FAILED else stream.previous
        checklist = self._checklists.replace(old.checklist)
        stream.session = Session(stream.id, stream.components, drawn_credentials(self._draw), checklist)
        stream.waiting.clear()
        self._conclusion.restarted(stream)
        self._gathering.gather(stream)

    def _send_data(self, stream: Stream, component: int, data: bytes) -> None:
        """Send on the path, or make one of a valid pair (RFC 8445 12.1)."""
        path = self._paths.get(stream.id, component)
        if path is None:
            pair = stream.session.valid(component)
            if pair is None or stream.state is StreamState.FAILED:
                stream.unsent += 1
                return
            path = self._paths.use(stream.id, pair)
        self._context.send(path.pair.base, path.pair.remote.address, data)

    def _close(self) -> None:
        self._is_closed = True
        timers: Timers[Key] = Timers()
        timers.now = self._timers.now
        self._timers = self._context.timers = timers
        self._gathering.close()  # relays are released from now on

    # --- datagrams -----------------------------------------------------------------------------------------------

    def _received(self, base: Base, source: Address, data: bytes) -> None:
        """Take a datagram that came to a base: STUN by its cookie (RFC 8489 5), all else is data."""
        if len(data) >= 20 and data[0] < 4 and data[4:8] == _COOKIE:
            self._message_received(base, source, data)
        elif any((base.component, source) in session.remotes for session in self._streams[base.stream].sessions):
            self._context.tell(DataReceived(base.stream, base.component, data))
        else:
            self._context.discarded += 1

    def _message_received(self, base: Base, source: Address, data: bytes) -> None:
        try:
            message = stun.decode(data)
        except StunError:
            self._context.discarded += 1
            return
        kind = message.message_class
        if message.method != stun.Method.BINDING:
            self._context.discarded += 1
        elif kind is stun.MessageClass.REQUEST:
            if message.verify_fingerprint() and is_ip(source.host):
                self._responder.received(base, source, message)
            else:
                self._context.discarded += 1
        elif kind is not stun.MessageClass.INDICATION:
            self._answer_received(base, source, message)

    def _answer_received(self, base: Base, source: Address, message: stun.Message) -> None:
        transaction = self._transactions.get(message.transaction_id)
        if transaction is None:
            self._context.discarded += 1
            return
        match transaction.subject:
            case Pair() as pair:
                self._checks.answered(transaction, pair, message, base, source)
            case Path() as path:
                self._conclusion.answered(transaction, path, message, base, source)
            case Query() as query:
                self._gathering.answered(transaction, query, message, base, source)

    # --- timers --------------------------------------------------------------------------------------------------

    def _expire(self, timer: Key) -> None:
        match timer:
            case bytes():
                self._transaction_expired(timer)
            case Timer():
                self._pace()  # all others have more to them
            case (Timer.RELAY, int(socket)):
                self._gathering.relays.expire(socket)
            case (Timer.BINDING, int(socket), int(server)):
                self._gathering.keep_alive(socket, server)
            case (kind, stream):
                self._stream_expired(kind, self._streams[stream])
            case (kind, stream, int(component)):
                self._component_expired(kind, self._streams[stream], component)

    def _pace(self) -> None:
        """Send one new request: for consent, else to a server and a check in turn (RFC 8445 14.2)."""
        first, second = self._checks.check_next, self._gathering.ask_next
        if self._context.gathers_next:
            first, second = second, first
        if self._is_closed:
            if not self._gathering.relays.start_next():
                return
        elif self._paths.ask_next():
            pass
        elif first() or second():
            self._context.gathers_next = not self._context.gathers_next
        else:
            return
        self._context.spend()
        self._context.kick()

    def _transaction_expired(self, identifier: bytes) -> None:
        transaction = self._transactions.expire(identifier)
        if transaction is None:
            return
        match transaction.subject:
            case Pair() as pair:
                self._checks.timed_out(transaction, pair)
            case Path() as path:
                self._paths.forget(path, identifier)
            case Query() as query:
                self._gathering.timed_out(query)

    def _stream_expired(self, kind: Timer, stream: Stream) -> None:
        if kind is FREE:
            self._conclusion.free(stream)
        elif kind is PATIENCE:
            self._conclusion.grow_impatient(stream)
        elif self._gathering.look(stream):
            self._lite.agree(stream)
            self._conclusion.update(stream)

    def _component_expired(self, kind: Timer, stream: Stream, component: int) -> None:
        if kind is NOMINATE:
            self._conclusion.nominate(stream, component)
        elif kind is CONSENT:
            self._paths.due(stream.id, component)
        else:
            self._conclusion.doubted(stream, component)


_COOKIE = stun.MAGIC_COOKIE.to_bytes(4)

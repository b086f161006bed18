"""The ICE agent: a machine for all streams of one session with one peer (RFC 8445)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

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
    SocketClosed,
    SocketFailed,
    SocketOpened,
    TimedMachine,
    Timers,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from jinglecodec.ice.pair import Base

__all__ = ["Agent"]

MOST_STREAMS = 64
"Streams of an agent."

_RelayEvent = DatagramReceived | BytesReceived | SocketOpened | SocketFailed | SocketClosed
"What may come to the socket of a relay."

# Looking these up in their enums takes as long as all else that is asked of a message.
_BINDING = stun.Method.BINDING
_REQUEST, _INDICATION = stun.MessageClass.REQUEST, stun.MessageClass.INDICATION


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
        if self._is_closed and isinstance(event, Command) and not isinstance(event, Close):
            raise LocalError("the agent is closed")
        check = self._CHECKS.get(type(event))
        if check is not None:
            check(self, event)

    def _check_stream(self, command: AddStream) -> None:
        if command.stream in self._streams:
            raise LocalError(f"there is a stream {command.stream!r} already")
        if len(self._streams) >= MOST_STREAMS:
            raise LocalError(f"there are {MOST_STREAMS} streams already")
        if not 1 <= command.components <= 256:
            raise LocalError("a stream has 1 to 256 components (RFC 8445 5.1.1.1)")
        if command.credentials is not None:
            check_credentials(command.credentials.ufrag, command.credentials.pwd, ours=True)

    def _check_known(self, command: RemoveStream | AddRemoteCandidate | EndRemoteCandidates) -> None:
        self._known(command.stream)

    def _check_address(self, command: AddLocalAddress) -> None:
        self._gathering.check_address(command.host)

    def _check_server(self, command: AddServer) -> None:
        self._gathering.check_server(command)

    def _check_credentials(self, command: SetRemoteCredentials) -> None:
        self._known(command.stream)
        check_credentials(command.ufrag, command.pwd, ours=False)

    def _check_data(self, command: SendData) -> None:
        if not 1 <= command.component <= self._known(command.stream).components:
            raise LocalError(f"stream {command.stream!r} has no component {command.component}")

    def _check_restart(self, command: Restart) -> None:
        if command.stream is not None:
            self._known(command.stream)

    _CHECKS: ClassVar[dict[type, Callable[[Agent, Any], None]]] = {
        AddStream: _check_stream,
        RemoveStream: _check_known,
        AddLocalAddress: _check_address,
        AddServer: _check_server,
        SetRemoteCredentials: _check_credentials,
        AddRemoteCandidate: _check_known,
        EndRemoteCandidates: _check_known,
        SendData: _check_data,
        Restart: _check_restart,
    }
    "What may be misuse; a table, because a match asks for one class after the other."

    # --- socket events -------------------------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        if self._is_closed and not isinstance(event, _RelayEvent):
            return  # only relays live on, until they are released
        take = self._TAKES.get(type(event))
        if take is not None:
            take(self, event)

    def _datagram_received(self, event: DatagramReceived) -> None:
        base = self._gathering.bases.get(event.socket)
        if base is None:
            self._relay_event(event)
            return
        remote = event.remote
        # A system tells the zone of a link-local address; its socket knows it.
        source = Address(without_zone(remote.host), remote.port) if "%" in remote.host else remote
        self._received(base, source, event.data)

    def _socket_opened(self, event: SocketOpened) -> None:
        self._relay_event(event)
        self._gathering.opened(event.socket, event.local)

    def _socket_lost(self, event: SocketFailed | SocketClosed) -> None:
        self._relay_event(event)
        self._gathering.lost(event.socket)

    def _relay_event(self, event: _RelayEvent) -> None:
        """Take what may have come to the socket of a relay."""
        relays = self._gathering.relays
        if event.socket in relays:
            for base, peer, data in relays.take(event.socket, event):
                self._received(base, peer, data)

    def _name_resolved(self, event: HostnameResolved) -> None:
        self._gathering.resolved(event.name, event.host)
        self._remotes.resolved(event.name, event.host)

    # --- commands ------------------------------------------------------------------------------------------------

    def _add_address(self, command: AddLocalAddress) -> None:
        self._gathering.add_address(command.host)

    def _add_server(self, command: AddServer) -> None:
        self._gathering.add_server(command)

    def _gather(self, _: Gather) -> None:
        self._gathering.start()

    def _add_candidate(self, command: AddRemoteCandidate) -> None:
        self._remotes.add(self._streams[command.stream], command.candidate)

    def _add_stream(self, command: AddStream) -> None:
        identifier, components = command.stream, command.components
        drawn = drawn_credentials(self._draw) if command.credentials is None else command.credentials
        session = Session(identifier, components, drawn, self._checklists.new())
        stream = self._streams[identifier] = Stream(identifier, components, session)
        self._gathering.gather(stream)

    def _remove_stream(self, command: RemoveStream) -> None:
        stream = self._streams[command.stream]
        self._conclusion.stop(stream)
        for component in range(1, stream.components + 1):
            self._paths.drop(stream.id, component)
        self._transactions.forget(stream.id)
        self._gathering.leave(stream)
        self._checklists.drop(stream.session.checklist)
        del self._streams[stream.id]

    def _set_credentials(self, command: SetRemoteCredentials) -> None:
        """Begin the checks; other credentials than before are a restart by the peer (RFC 8445 9)."""
        stream, credentials = self._streams[command.stream], Credentials(command.ufrag, command.pwd)
        known = stream.session.remote_credentials
        if known == credentials:
            return
        if known is not None:
            # First, so that the candidates told after it are those of the new session.
            self._context.tell(RestartDetected(stream.id))
            self._begin_anew(stream)
            stream.session.follows = True
        self._take_role(lite=command.lite)
        stream.session.accept(credentials, lite=command.lite)
        self._remotes.sort_out(stream)
        self._conclusion.begin(stream)
        self._responder.catch_up(stream)
        self._lite.agree(stream)

    def _end_candidates(self, command: EndRemoteCandidates) -> None:
        stream = self._streams[command.stream]
        stream.session.is_ended = True
        self._lite.agree(stream)
        self._conclusion.update(stream)

    def _take_role(self, *, lite: bool) -> None:
        """The full agent controls the lite one (RFC 8445 6.1.1)."""
        ours = self._context.config.lite
        wanted = self._context.role if ours == lite else Role.CONTROLLED if ours else Role.CONTROLLING
        if self._context.role is not wanted:
            self._checks.switch_role()

    def _restart(self, command: Restart) -> None:
        for stream in self._streams.values() if command.stream is None else [self._streams[command.stream]]:
            self._begin_anew(stream)

    def _begin_anew(self, stream: Stream) -> None:
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

    def _send_data(self, command: SendData) -> None:
        """Send on the path, or make one of a valid pair (RFC 8445 12.1)."""
        stream = self._streams[command.stream]
        path = self._paths.get(stream.id, command.component)
        if path is None:
            pair = stream.session.valid(command.component)
            if pair is None or stream.state is StreamState.FAILED:
                stream.unsent += 1
                return
            path = self._paths.use(stream.id, pair)
        self._context.send(path.pair.base, path.pair.remote.address, command.data)

    def _close(self, _: Close) -> None:
        self._is_closed = True
        timers: Timers[Key] = Timers()
        timers.now = self._timers.now
        self._timers = self._context.timers = timers
        self._gathering.close()  # relays are released from now on

    _TAKES: ClassVar[dict[type, Callable[[Agent, Any], None]]] = {
        DatagramReceived: _datagram_received,
        BytesReceived: _relay_event,
        SocketOpened: _socket_opened,
        SocketFailed: _socket_lost,
        SocketClosed: _socket_lost,
        HostnameResolved: _name_resolved,
        AddStream: _add_stream,
        RemoveStream: _remove_stream,
        AddLocalAddress: _add_address,
        AddServer: _add_server,
        Gather: _gather,
        SetRemoteCredentials: _set_credentials,
        AddRemoteCandidate: _add_candidate,
        EndRemoteCandidates: _end_candidates,
        SendData: _send_data,
        Restart: _restart,
        Close: _close,
    }
    "What is done with an event; nothing with SendFailed, which is a hint."

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
        if message.method != _BINDING:
            self._context.discarded += 1
        elif kind is _REQUEST:
            if message.verify_fingerprint() and is_ip(source.host):
                self._responder.received(base, source, message)
            else:
                self._context.discarded += 1
        elif kind is not _INDICATION:
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

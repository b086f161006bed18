"""Transactions over UDP (RFC 3261 17, with the state Accepted of RFC 6026): retransmission, matching, and their end."""

from __future__ import annotations

import enum

import attrs

from jinglecodec.addresses import Address
from jinglecodec.machine import DatagramReceived, SendDatagram, TimedMachine
from jinglecodec.session.config import positive
from jinglecodec.sip.messages import COOKIE, MalformedError, Request, Response, arrived, read

__all__ = [
    "AckReceived",
    "Event",
    "Forget",
    "Key",
    "Output",
    "RequestReceived",
    "Respond",
    "ResponseReceived",
    "SendAck",
    "SendRequest",
    "Side",
    "State",
    "Timing",
    "TransactionFailed",
    "TransactionRefused",
    "Transactions",
]


@attrs.frozen
class Timing:
    """The estimates that all timers are made of, in seconds (RFC 3261 17.1.1.1, 17.1.2.2); LocalError below or at 0."""

    t1: float = attrs.field(default=0.5, validator=positive)
    "The round trip."
    t2: float = attrs.field(default=4.0, validator=positive)
    "The longest interval between retransmissions of anything but INVITE."
    t4: float = attrs.field(default=5.0, validator=positive)
    "How long a message may stay in the network."

    @property
    def patience(self) -> float:
        """How long anything is tried: 64 times T1 (timers B, F, H, J, L, M)."""
        return 64 * self.t1


class Side(enum.Enum):
    """Who sent the request."""

    CLIENT = "client"
    SERVER = "server"


@attrs.frozen
class Key:
    """Names a transaction (RFC 3261 17.1.3, 17.2.3)."""

    side: Side
    branch: str
    "Of the topmost Via, with its sent-by on the side of the server."
    method: str
    "INVITE for the ACK of a failure, too."

    @property
    def invite(self) -> Key:
        """The key of the INVITE that a CANCEL of this key is about (RFC 3261 9.2)."""
        return attrs.evolve(self, method="INVITE")


class State(enum.Enum):
    """Where a transaction stands; it is forgotten when it is terminated."""

    TRYING = "trying"
    "Of an INVITE client, Calling: nothing has come back. Of a server: nothing has been answered."
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    "Of an INVITE server: the ACK has come."
    ACCEPTED = "accepted"
    "Of an INVITE: a 2xx, which the user retransmits and acknowledges (RFC 6026 7)."


# --- events ----------------------------------------------------------------------------------------------------------


@attrs.frozen
class SendRequest:
    """Begin a client transaction; the request has a branch of its own, an ACK has none and is `SendAck`."""

    request: Request
    remote: Address


@attrs.frozen
class SendAck:
    """Send the ACK of a 2xx, once (RFC 3261 13.2.2.4)."""

    request: Request
    remote: Address


@attrs.frozen
class Forget:
    """Wait no longer for the final response of an INVITE that was cancelled (RFC 3261 9.1)."""

    key: Key


@attrs.frozen
class Respond:
    """Answer a request; void when the transaction is over. A 2xx to INVITE may be sent again and again."""

    key: Key
    response: Response


Event = DatagramReceived | SendRequest | SendAck | Forget | Respond
"What the transactions take, beside TimerFired."


@attrs.frozen
class RequestReceived:
    """A new request, not retransmitted; Respond answers it."""

    key: Key
    request: Request
    remote: Address


@attrs.frozen
class AckReceived:
    """The ACK of a 2xx, each time that it comes."""

    request: Request


@attrs.frozen
class ResponseReceived:
    """A response to a request of ours, retransmissions left out, but for a 2xx to INVITE.

    `key` is None for a stray one: no transaction waits for it any more.
    """

    key: Key | None
    response: Response
    remote: Address


@attrs.frozen
class TransactionFailed:
    """Nothing final came in time: no response (timers B and F), or no ACK of a failure (timer H)."""

    key: Key


@attrs.frozen
class TransactionRefused:
    """A request came in for which there is no room; it is answered 503 without a transaction, or not at all."""

    remote: Address


Output = SendDatagram | RequestReceived | AckReceived | ResponseReceived | TransactionFailed | TransactionRefused
"What the transactions say."


# --- the machine -----------------------------------------------------------------------------------------------------


class _Timer(enum.Enum):
    """What a timer of a transaction is for."""

    RETRANSMIT = "A, E, G"
    TIMEOUT = "B, F, H"
    END = "D, I, J, K, L, M"


@attrs.define
class _Transaction:
    """What is kept of one."""

    message: bytes
    "What is retransmitted: the request, on the side of the server the latest response."
    remote: Address
    head: Request
    "The request without its body."
    state: State = State.TRYING
    interval: float = 0.0


class Transactions(TimedMachine[Event, Output, tuple[Key, _Timer]]):
    """The transaction layer of one UDP socket."""

    __slots__ = ("_limit", "_open", "_socket", "_timing")

    def __init__(self, *, socket: int = 0, timing: Timing | None = None, limit: int = 10_000) -> None:
        """Start with none. Beyond `limit` requests that come in are refused."""
        super().__init__()
        self._socket = socket
        self._timing = timing or Timing()
        self._limit = limit
        self._open: dict[Key, _Transaction] = {}

    def __len__(self) -> int:
        return len(self._open)

    @property
    def is_full(self) -> bool:
        """Whether what comes in may begin no further transaction."""
        return len(self._open) >= self._limit

    def is_open(self, key: Key) -> bool:
        """Tell whether the transaction is still there, in whichever state."""
        return key in self._open

    def state(self, key: Key) -> State | None:
        """Return where a transaction stands, None for one that is over."""
        found = self._open.get(key)
        return None if found is None else found.state

    def _take(self, event: Event) -> None:
        match event:
            case DatagramReceived(_, remote, data):
                self._receive(remote, data)
            case SendRequest(request, remote):
                self._begin(request, remote)
            case SendAck(request, remote):
                self._send(remote, request.encode())
            case Forget(key):
                if key in self._open:
                    self._end(key)
            case Respond(key, response):
                self._respond(key, response)

    def _send(self, remote: Address, data: bytes) -> None:
        self._outputs.append(SendDatagram(self._socket, remote, data))

    def _arm(self, key: Key, timer: _Timer, delay: float) -> None:
        self._timers.arm((key, timer), self._timers.now + delay)

    def _end(self, key: Key) -> None:
        del self._open[key]
        for timer in _Timer:
            self._timers.cancel((key, timer))

    def _settle(self, key: Key, state: State, delay: float) -> None:
        """Let nothing be retransmitted any more, and the transaction end after `delay`."""
        self._open[key].state = state
        self._timers.cancel((key, _Timer.RETRANSMIT))
        self._timers.cancel((key, _Timer.TIMEOUT))
        self._arm(key, _Timer.END, delay)

    def _expire(self, timer: tuple[Key, _Timer]) -> None:
        key, kind = timer
        transaction = self._open[key]
        match kind:
            case _Timer.RETRANSMIT:
                self._send(transaction.remote, transaction.message)
                self._retransmit_later(key, transaction)
            case _Timer.TIMEOUT:
                self._end(key)
                self._outputs.append(TransactionFailed(key))
            case _Timer.END:
                self._end(key)

    def _retransmit_later(self, key: Key, transaction: _Transaction) -> None:
        """Double the interval: up to T2, but for an INVITE (timer A), and T2 at once for what proceeds (timer E)."""
        transaction.interval *= 2
        if key.method != "INVITE" or key.side is Side.SERVER:
            transaction.interval = min(transaction.interval, self._timing.t2)
            if transaction.state is State.PROCEEDING:
                transaction.interval = self._timing.t2
        self._arm(key, _Timer.RETRANSMIT, transaction.interval)

    # --- client (RFC 3261 17.1) --------------------------------------------------------------------------------------

    def _begin(self, request: Request, remote: Address) -> None:
        key = Key(Side.CLIENT, request.via.branch, request.method)
        data = request.encode()
        head = attrs.evolve(request, body=b"")
        self._open[key] = _Transaction(data, remote, head, interval=self._timing.t1)
        self._send(remote, data)
        self._arm(key, _Timer.RETRANSMIT, self._timing.t1)
        self._arm(key, _Timer.TIMEOUT, self._timing.patience)

    def _receive_response(self, response: Response, remote: Address) -> None:
        key = Key(Side.CLIENT, response.via.branch, response.cseq_method)
        transaction = self._open.get(key)
        if transaction is None:
            self._outputs.append(ResponseReceived(None, response, remote))
        elif key.method == "INVITE":
            self._receive_of_invite(key, transaction, response, remote)
        elif transaction.state is not State.COMPLETED:
            if response.status < 200:
                transaction.state = State.PROCEEDING
            else:
                self._settle(key, State.COMPLETED, self._timing.t4)  # timer K
            self._outputs.append(ResponseReceived(key, response, remote))

    def _receive_of_invite(self, key: Key, transaction: _Transaction, response: Response, remote: Address) -> None:
        """Take a response to INVITE (17.1.1.2, RFC 6026 7.2)."""
        state = transaction.state
        if response.status < 200:
            if state not in (State.TRYING, State.PROCEEDING):
                return
            transaction.state = State.PROCEEDING
            self._timers.cancel((key, _Timer.RETRANSMIT))
            self._timers.cancel((key, _Timer.TIMEOUT))
        elif response.status < 300:
            if state is State.COMPLETED:
                return
            if state is not State.ACCEPTED:
                self._settle(key, State.ACCEPTED, self._timing.patience)  # timer M
        else:
            if state is State.ACCEPTED:
                return
            self._send(transaction.remote, _ack(transaction.head, response).encode())
            if state is State.COMPLETED:
                return
            self._settle(key, State.COMPLETED, self._timing.patience)  # timer D
        self._outputs.append(ResponseReceived(key, response, remote))

    # --- server (RFC 3261 17.2) --------------------------------------------------------------------------------------

    def _receive(self, remote: Address, data: bytes) -> None:
        try:
            message = read(data)
        except MalformedError as error:
            if error.request is not None:
                bad, place = arrived(error.request, remote)
                self._send(place, bad.response(400).encode())
            return
        if isinstance(message, Response):
            self._receive_response(message, remote)
            return
        request, place = arrived(message, remote)
        key = _server_key(request)
        transaction = self._open.get(key)
        if request.method == "ACK":
            self._receive_ack(key, transaction, request)
        elif transaction is not None:
            if transaction.state in (State.PROCEEDING, State.COMPLETED):
                self._send(transaction.remote, transaction.message)
        else:
            self._open_server(key, request, place)

    def _open_server(self, key: Key, request: Request, place: Address) -> None:
        if self.is_full:
            self._send(place, request.response(503).encode())
            self._outputs.append(TransactionRefused(place))
            return
        head = attrs.evolve(request, body=b"")
        self._open[key] = _Transaction(b"", place, head, interval=self._timing.t1)
        if request.method == "INVITE":
            self._respond(key, request.response(100))
        self._outputs.append(RequestReceived(key, request, place))

    def _receive_ack(self, key: Key, transaction: _Transaction | None, request: Request) -> None:
        if transaction is None or transaction.state is State.ACCEPTED:
            self._outputs.append(AckReceived(request))
        elif transaction.state is State.COMPLETED:
            self._settle(key, State.CONFIRMED, self._timing.t4)  # timer I

    def _respond(self, key: Key, response: Response) -> None:
        transaction = self._open.get(key)
        if transaction is None or transaction.state in (State.COMPLETED, State.CONFIRMED):
            return
        if transaction.state is State.ACCEPTED and response.status >= 300:
            return
        transaction.message = response.encode()
        self._send(transaction.remote, transaction.message)
        if response.status < 200:
            transaction.state = State.PROCEEDING
        elif key.method != "INVITE":
            self._settle(key, State.COMPLETED, self._timing.patience)  # timer J
        elif response.status >= 300:
            transaction.state = State.COMPLETED
            self._arm(key, _Timer.RETRANSMIT, self._timing.t1)  # timer G
            self._arm(key, _Timer.TIMEOUT, self._timing.patience)  # timer H
        elif transaction.state is not State.ACCEPTED:
            self._settle(key, State.ACCEPTED, self._timing.patience)  # timer L


def _server_key(request: Request) -> Key:
    """Return the key of a request that came in; without the cookie, made of what RFC 2543 peers have (17.2.3)."""
    via = request.via
    method = "INVITE" if request.method == "ACK" else request.method
    if via.branch.startswith(COOKIE):
        return Key(Side.SERVER, f"{via.host}:{via.port or 5060} {via.branch}", method)
    old = (request.uri, request.from_.tag, request.call_id, str(request.cseq), request.all("via")[0])
    return Key(Side.SERVER, " ".join(old), method)


def _ack(request: Request, response: Response) -> Request:
    """Return the ACK of a failure (RFC 3261 17.1.1.3)."""
    kept = [(name, value) for name, value in request.fields if name.lower() in ("from", "call-id", "route")]
    numbered = (("To", response.one("to")), ("CSeq", f"{request.cseq} ACK"), ("Max-Forwards", "70"))
    fields = (("Via", request.all("via")[0]), *kept, *numbered)
    return Request(method="ACK", uri=request.uri, fields=fields)

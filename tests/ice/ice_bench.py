"""One agent on the bench: the test plays network and peer, message by message."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

import attrs

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.machine import DatagramReceived, OpenSocket, SendDatagram, SocketOpened, TimerFired

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LOCAL", "REMOTE", "THEIRS", "Bench", "Sent", "candidate", "state_of"]

_Output = TypeVar("_Output")

LOCAL = Address("192.0.2.1", 5000)
REMOTE = Address("192.0.2.99", 7000)
THEIRS = ice.Credentials("peer", "p" * 22)


def candidate(
    address: Address = REMOTE,
    priority: int = 2130706431,
    component: int = 1,
    kind: ice.CandidateType = ice.CandidateType.HOST,
    foundation: str = "1",
    **others: object,
) -> ice.Candidate:
    """Return a candidate of the peer."""
    return ice.Candidate(component, kind, address, priority, foundation, **others)  # type: ignore[arg-type]


@attrs.frozen
class Sent:
    """A STUN message that the agent sent."""

    time: float
    socket: int
    remote: Address
    data: bytes
    message: stun.Message

    @property
    def nominates(self) -> bool:
        """Whether USE-CANDIDATE is in it."""
        return stun.USE_CANDIDATE in self.message


class Bench:
    """An agent whose sockets are at 192.0.2.1:5000, :5001 and so on."""

    def __init__(
        self,
        role: ice.Role = ice.Role.CONTROLLING,
        *candidates: ice.Candidate,
        components: int = 1,
        hosts: Iterable[str] = (LOCAL.host,),
        config: ice.Config | None = None,
        theirs: ice.Credentials | None = THEIRS,
        lite: bool = False,
        ended: bool = True,
    ) -> None:
        """Gather, take these remote candidates, and the credentials of the peer unless they are None."""
        self.agent = ice.Agent(role=role, config=config, random=random.Random(5))
        self.now = 0.0
        self.outputs: list[ice.Output] = []
        "All that is not a datagram."
        self.sent: list[Sent] = []
        self.payloads: list[tuple[Address, bytes]] = []
        "Datagrams sent that are no STUN."
        self._opened = 0
        self.do(ice.AddStream(1, components))
        for host in hosts:
            self.do(ice.AddLocalAddress(host))
        self.do(ice.Gather())
        for each in candidates:
            self.do(ice.AddRemoteCandidate(1, each))
        if ended:
            self.do(ice.EndRemoteCandidates(1))
        if theirs is not None:
            self.do(ice.SetRemoteCredentials(1, theirs.ufrag, theirs.pwd, lite))

    # --- time and events ---

    def do(self, event: ice.Event) -> list[Sent]:
        """Hand in an event; sockets open at once. Return the STUN messages that were sent."""
        before = len(self.sent)
        for output in self.agent.handle(event, self.now):
            match output:
                case SendDatagram(socket, remote, data):
                    if data[:1] < b"\x04" and data[4:8] == b"\x21\x12\xa4\x42":
                        self.sent.append(Sent(self.now, socket, remote, data, stun.decode(data)))
                    else:
                        self.payloads.append((remote, data))
                case OpenSocket(socket, _, Address(host)):
                    self.outputs.append(output)
                    self.do(SocketOpened(socket, Address(host, LOCAL.port + self._opened)))
                    self._opened += 1
                case _:
                    self.outputs.append(output)
        return self.sent[before:]

    def run(self, until: float) -> list[Sent]:
        """Let time pass; return the STUN messages that were sent."""
        before = len(self.sent)
        for _ in range(100_000):
            deadline = self.agent.deadline
            if deadline is None or deadline > until:
                self.now = until
                return self.sent[before:]
            self.now = deadline
            self.do(TimerFired())
        raise AssertionError("the agent does not come to rest")

    def tick(self) -> list[Sent]:
        """Let the next thing happen that is due."""
        assert self.agent.deadline is not None
        return self.run(self.agent.deadline)

    # --- the peer ---

    def receive(self, data: bytes, source: Address = REMOTE, socket: int = 1) -> list[Sent]:
        """Let a datagram come in."""
        return self.do(DatagramReceived(socket, source, data))

    def check(
        self,
        source: Address = REMOTE,
        *attributes: stun.Attribute,
        socket: int = 1,
        role: ice.Role | None = None,
        tie_breaker: int = 1,
        priority: int | None = 1853817087,
        nominate: bool = False,
        ufrag: str | None = None,
        theirs: str = THEIRS.ufrag,
        key: str | None = None,
        fingerprint: bool = True,
    ) -> list[Sent]:
        """Let a check of the peer come in; its role is the right one unless given."""
        ours = self.agent.local_credentials(1)
        theirs_role = self.agent.snapshot().role.other if role is None else role
        kind = stun.ICE_CONTROLLING if theirs_role is ice.Role.CONTROLLING else stun.ICE_CONTROLLED
        all_of_them = [stun.USERNAME(f"{ours.ufrag if ufrag is None else ufrag}:{theirs}"), kind(tie_breaker)]
        all_of_them += [] if priority is None else [stun.PRIORITY(priority)]
        all_of_them += [stun.USE_CANDIDATE()] if nominate else []
        identifier = len(self.sent).to_bytes(12)
        request = stun.Message.request(stun.Method.BINDING, identifier, *all_of_them, *attributes)
        data = request.encode((ours.pwd if key is None else key).encode(), fingerprint=fingerprint)
        return self.receive(data, source, socket)

    def answer(
        self,
        request: Sent,
        mapped: Address | None = LOCAL,
        *,
        code: int | None = None,
        source: Address | None = None,
        key: str = THEIRS.pwd,
        socket: int | None = None,
    ) -> list[Sent]:
        """Let an answer to a request of the agent come in: success with this mapped address, or an error."""
        attributes = [] if mapped is None else [stun.XOR_MAPPED_ADDRESS(mapped)]
        response = request.message.success(*attributes) if code is None else request.message.error(code)
        data = response.encode(key.encode(), fingerprint=True)
        return self.receive(
            data, request.remote if source is None else source, request.socket if socket is None else socket
        )

    def connect(self) -> None:
        """Let the one pair that there is be selected."""
        if self.agent.snapshot().role is ice.Role.CONTROLLED:
            self.check(nominate=True)
        for _ in range(20):
            for request in [each for each in self.tick() if each.message.message_class is stun.MessageClass.REQUEST]:
                self.answer(request)
            if state_of(self) is ice.StreamState.COMPLETED:
                return
        raise AssertionError("not connected")

    # --- what there is ---

    def told(self, kind: type[_Output]) -> list[_Output]:
        """Return the outputs of one class."""
        return [output for output in self.outputs if isinstance(output, kind)]

    @property
    def stream(self) -> ice.StreamSnapshot:
        """The stream."""
        return self.agent.snapshot().streams[0]

    def pairs(self) -> dict[str, str]:
        """Return the states of the pairs by their remote addresses."""
        return {str(pair.remote.address): pair.state.value for pair in self.stream.pairs}


def state_of(bench: Bench) -> ice.StreamState:
    """Return the state of the stream."""
    return bench.stream.state

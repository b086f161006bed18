"""Two agents on the virtual network, with a signalling channel between them.

network = Network(seed=1)
left = Peer(Host(network.internet, "192.0.2.1"), ice.Role.CONTROLLING)
right = Peer(Host(network.internet, "192.0.2.2"), ice.Role.CONTROLLED)
introduce(left, right)
network.run(10.0)
assert left.state() is ice.StreamState.COMPLETED
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.errors import StunError
from jinglecodec.testing.network import Fate, Host, Network, Node
from jinglecodec.testing.replay import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jinglecodec.testing.network import Packet, Tap

__all__ = ["Peer", "connected", "introduce", "requests", "shown"]


_Notice = TypeVar("_Notice")


class Peer:
    """An agent at work on a host; what it wants signalled goes to the other peer, after `delay` seconds."""

    def __init__(
        self,
        host: Host,
        role: ice.Role = ice.Role.CONTROLLING,
        *,
        config: ice.Config | None = None,
        seed: int = 1,
        servers: Iterable[Address | ice.AddServer] = (),
        streams: Iterable[ice.AddStream] = (ice.AddStream(1),),
        delay: float = 0.0,
    ) -> None:
        self.host = host
        self.network: Network = host.network
        self.delay = delay
        self.notices: list[tuple[float, object]] = []
        "What the agent told, with the time."
        self.data: list[tuple[float, bytes]] = []
        self.other: Peer | None = None
        self.agent = ice.Agent(role=role, config=config, random=random.Random(seed))
        self.recorder = Recorder(self.agent)
        self.node: Node[ice.Event, ice.Output] = Node(host, self.recorder, told=self._told)
        self.streams = [each.stream for each in streams]
        for command in streams:
            self.do(command)
        for server in servers:
            self.do(ice.AddServer(server) if isinstance(server, Address) else server)
        for address in host.addresses:
            self.do(ice.AddLocalAddress(address))

    def do(self, command: ice.Command) -> None:
        """Hand in a command."""
        self.node.handle(command)

    def signal_credentials(self, stream: ice.StreamId = 1, *, lite: bool = False) -> None:
        """Let the other peer know the credentials."""
        assert self.other is not None
        credentials = self.agent.local_credentials(stream)
        self._signal(ice.SetRemoteCredentials(stream, credentials.ufrag, credentials.pwd, lite))

    def _signal(self, command: ice.Command) -> None:
        assert self.other is not None
        self.network.call_at(self.network.now + self.delay, self.other.do, command)

    def _told(self, notice: ice.Output) -> None:
        self.notices.append((self.network.now, notice))
        match notice:
            case ice.CandidateFound(stream, candidate) if self.other is not None:
                self._signal(ice.AddRemoteCandidate(stream, candidate))
            case ice.GatheringDone(stream) if self.other is not None:
                self._signal(ice.EndRemoteCandidates(stream))
            case ice.DataReceived(_, _, data):
                self.data.append((self.network.now, data))
            case ice.RestartDetected(stream):
                self.signal_credentials(stream)
            case _:
                pass

    # --- what happened ---

    def told(self, kind: type[_Notice]) -> list[tuple[float, _Notice]]:
        """Return the notices of one class, with their times."""
        return [(time, notice) for time, notice in self.notices if isinstance(notice, kind)]

    def state(self, stream: ice.StreamId = 1) -> ice.StreamState:
        """Return the state of a stream."""
        return next(each.state for each in self.agent.snapshot().streams if each.stream == stream)

    def selected(self, stream: ice.StreamId = 1) -> dict[int, tuple[ice.Candidate, ice.Candidate]]:
        """Return the pairs that were selected last, by component."""
        return {
            notice.component: (notice.local, notice.remote)
            for _, notice in self.notices
            if isinstance(notice, ice.PairSelected) and notice.stream == stream
        }


def introduce(left: Peer, right: Peer, *, lite: bool = False) -> None:
    """Let two peers gather and signal all they have; `lite` says that the right one is a lite agent."""
    left.other, right.other = right, left
    for peer in (left, right):
        for stream in peer.streams:
            peer.signal_credentials(stream, lite=lite and peer is right)
        peer.do(ice.Gather())


def connected(left: Peer, right: Peer) -> bool:
    """Tell whether both have completed all streams, over mirrored pairs."""
    for one, two in ((left, right), (right, left)):
        for stream in one.streams:
            if one.state(stream) is not ice.StreamState.COMPLETED:
                return False
            for component, (local, _) in one.selected(stream).items():
                if two.selected(stream)[component][1].address != local.address:
                    return False
    return True


def requests(tap: Tap, source: str | None = None) -> list[tuple[float, Packet, stun.Message]]:
    """Return the Binding requests that hosts have sent, or one host."""
    found = []
    for seen in tap.records:
        if seen.fate is Fate.SENT and source in (None, seen.place):
            try:
                message = stun.decode(seen.packet.data)
            except StunError:
                continue
            if message.message_class is stun.MessageClass.REQUEST:
                found.append((seen.time, seen.packet, message))
    return found


def shown(packet: Packet) -> str:
    """Return a STUN packet as the figures of RFC 8445 15 have it."""
    message = stun.decode(packet.data)
    kind = "Req" if message.message_class is stun.MessageClass.REQUEST else "Res"
    mapped = message.get(stun.XOR_MAPPED_ADDRESS)
    nominates = " USE-CAND" if stun.USE_CANDIDATE in message else ""
    return f"{kind} {packet.source} > {packet.destination}{nominates}" + (f" MA={mapped}" if mapped else "")

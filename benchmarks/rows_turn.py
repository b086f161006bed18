"""The rows of TURN beside aioice: data on a channel, both ways.

Ours is the codec; aioice has it inside the methods of its protocol, which run without a transport. Sixty-four datagrams
of 200 octets, each with other contents; both sides have to agree on every octet.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aioice.turn
from rows_stun import Row, agree, each

from jinglecodec.addresses import Address
from jinglecodec.stun.turn import ChannelData, decode_channel_data

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["packets", "rows"]

SERVER = Address("192.0.2.1", 3478)
PEER = Address("203.0.113.1", 7000)
CHANNEL = 0x4000
DATA = [bytes([number]) * 200 for number in range(64)]
PACKETS = [struct.pack("!HH", CHANNEL, len(data)) + data for data in DATA]


class Receiver:
    """Keeps what aioice hands on."""

    def __init__(self) -> None:
        self.data: list[bytes] = []

    def datagram_received(self, data: bytes, _: object) -> None:
        self.data.append(data)


class Theirs(aioice.turn.TurnClientUdpProtocol):
    """The client of aioice with a channel to the peer, and what it sends kept."""

    def __init__(self) -> None:
        super().__init__((SERVER.host, SERVER.port), "user", "password", lifetime=600, channel_refresh_time=500)
        self.sent: list[bytes] = []
        self.receiver: Any = Receiver()
        self.channel_to_peer[CHANNEL] = (PEER.host, PEER.port)
        self.peer_to_channel[PEER.host, PEER.port] = CHANNEL
        self.channel_refresh_at[CHANNEL] = float("inf")

    def _send(self, data: bytes) -> None:
        self.sent.append(data)

    def send_now(self, data: bytes) -> None:
        """Run the coroutine, which has nothing to wait for."""
        try:
            self.send_data(data, (PEER.host, PEER.port)).send(None)
        except StopIteration:
            return
        raise AssertionError("it waits")

    def receive(self, packet: bytes) -> None:
        self.datagram_received(packet, (SERVER.host, SERVER.port))


def rows() -> list[Row]:
    """Return the rows; AssertionError when a result is not what both sides agree on."""
    theirs = Theirs()

    def forgetful(operation: Callable[[bytes], None], kept: list[bytes], inputs: list[bytes]) -> Callable[[], None]:
        def run() -> None:
            kept.clear()
            for one in inputs:
                operation(one)

        return run

    their_send = forgetful(theirs.send_now, theirs.sent, DATA)
    their_receive = forgetful(theirs.receive, theirs.receiver.data, PACKETS)
    their_send()
    their_receive()
    agree([ChannelData(CHANNEL, data).encode() for data in DATA], theirs.sent)
    agree([decode_channel_data(packet).data for packet in PACKETS], theirs.receiver.data)
    wrap = each(lambda data: ChannelData(CHANNEL, data).encode(), DATA)
    unwrap = each(decode_channel_data, PACKETS)
    return [
        ("TURN ChannelData wrap x64 / aioice", wrap, their_send, 1.0, 0.8),
        ("TURN ChannelData unwrap x64 / aioice", unwrap, their_receive, 1.0, 0.8),
    ]


def packets() -> list[tuple[str, int, int, float, float]]:
    """Return a row of counts: what is sent until both agents have selected a relayed pair, with one TURN server."""
    tests = Path(__file__).parents[1] / "tests"
    sys.path[:0] = [str(tests), str(tests / "ice")]
    from relayed_packets import ours, theirs

    counts = [sum(connect()[0].values()) for connect in (ours, theirs)]
    # aioice's and the permission; regular nomination (RFC 8445 8.1.1) takes one more check, which is relayed.
    return [("packets to a relayed connection / aioice", counts[0], counts[1], (counts[1] + 6) / counts[1], 1.0)]

"""Conversations of ICE agents with STUN servers, most of which are of little use (RFC 8489 6.3, RFC 8445 5.1.1.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import attrs

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.machine import DatagramReceived, SocketFailed
from jinglecodec.strategies.conversations.bending import Bend, Bent, granting
from jinglecodec.strategies.conversations.meetings import ONE, OTHER, Meeting
from jinglecodec.strategies.conversations.stage import Conversation
from jinglecodec.testing.laws import Factory, Script
from jinglecodec.testing.network import Start, StunServer

_PORT = 3478
_MOVED = Address("203.0.113.10", _PORT)
"The server that answers from another address."


def _mapped(*attributes: stun.Attribute) -> Bend:
    return lambda message: message.success(*attributes)


_BENDS: dict[str, Bend] = {
    _MOVED.host: lambda message: message,
    "203.0.113.11": lambda message: message,
    "203.0.113.12": lambda message: message.error(500),
    "203.0.113.13": _mapped(),
    "203.0.113.14": _mapped(stun.XOR_MAPPED_ADDRESS(Address("2001:db8::7", 7))),
    "203.0.113.15": _mapped(stun.MAPPED_ADDRESS(Address("203.0.113.70", 7))),  # of RFC 3489
    "203.0.113.16": _mapped(stun.XOR_MAPPED_ADDRESS(Address("0.0.0.0", 7))),  # noqa: S104 - of no use
    "203.0.113.17": _mapped(stun.Attribute.unknown(stun.XOR_MAPPED_ADDRESS.number, b"\0\x01")),
}
"Address of a server -> what it says in place of the address that a request came from."

_NAMED, _NAMELESS, _ABSENT = "stun.example", "nowhere.example", "203.0.113.98"


def reflected(
    factory: Factory, acts: Sequence[tuple[float, str, object]] = (), *, hidden: bool = True, rings: float = 12.0
) -> Script:
    """An agent asks a list of STUN servers, keeps what it has alive, and its peer comes when it has rung for long."""
    meeting = Meeting(factory, hidden=hidden)
    meeting.stage.network.name(_NAMED, "203.0.113.11")
    for host, bend in _BENDS.items():
        server = Bent(StunServer(Address(host, _PORT)), granting(stun.Method.BINDING, bend))
        meeting.stage.put(host, server, host)
        meeting.stage.hand_in(host, Start())
    hosts = (_NAMED, *_BENDS, _NAMELESS, _ABSENT, "2001:db8::8")
    meeting.begin(ONE, *(ice.AddServer(Address(host, _PORT)) for host in hosts))
    meeting.play(*acts, seconds=rings)
    meeting.begin(OTHER)
    meeting.introduce()
    meeting.play((0.0, ONE, meeting.credentials(OTHER)), seconds=6.0)
    return [(_moved(event), now) for event, now in meeting.script]


def _moved(event: object) -> object:
    """Let a server answer from another port than it was asked at: not to be believed (RFC 8489 6.3.1)."""
    if isinstance(event, DatagramReceived) and event.remote == _MOVED:
        return attrs.evolve(event, remote=Address(_MOVED.host, _PORT + 1))
    return event


_HOST_SOCKET = 1
"The token of the socket at the local address."

REFLECTED_CALLS: Mapping[str, Conversation] = {
    "bindings are kept alive": partial(reflected, rings=32.0),
    "there is no NAT": partial(reflected, hidden=False),
    "a restart overtakes the answers": partial(reflected, acts=((0.33, ONE, ice.Restart()),)),
    "the interface goes": partial(reflected, acts=((0.33, ONE, SocketFailed(_HOST_SOCKET, "the interface is gone")),)),
}

"""Conversations of ICE agents with TURN servers: what refuses, what is wrong, and what goes on for long (RFC 8656)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from random import Random

import attrs

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.machine import DatagramReceived, SocketClosed, SocketProtocol
from jinglecodec.strategies.conversations.bending import Bend, Bent, granting, silent
from jinglecodec.strategies.conversations.meetings import ONE, OTHER, Meeting
from jinglecodec.strategies.conversations.stage import SERVER, Conversation
from jinglecodec.stun import Method
from jinglecodec.stun.credentials import MD5, SHA_256, SecurityFeatures, long_term_key, nonce_cookie
from jinglecodec.stun.turn import ChannelData
from jinglecodec.testing.laws import Factory, Script
from jinglecodec.testing.network import Host, Hostility, Link, Start, TurnPolicy, TurnServer

_USER, _PASSWORD = "user", "password"
_POLICY = TurnPolicy()
_KEY = long_term_key(_USER, _POLICY.realm, _PASSWORD, SHA_256)

# --- what servers say instead ----------------------------------------------------------------------------------------


def _sealed(message: stun.Message) -> bytes:
    return message.encode(_KEY, integrity=stun.Integrity.SHA256)


def _refusing(code: int, *attributes: stun.Attribute) -> Bend:
    """Return what refuses for good."""
    return lambda message: _sealed(message.error(code, *attributes))


def _challenging(code: int, *attributes: stun.Attribute) -> Bend:
    """Return what refuses, and nobody has sealed."""
    return lambda message: message.error(code, *attributes)


def _granting(*attributes: stun.Attribute) -> Bend:
    """Return what grants something else."""
    return lambda message: _sealed(message.success(*attributes))


def _adding(*attributes: stun.Attribute) -> Bend:
    """Return what grants something more, or first."""
    return lambda message: _sealed(message.success(*attributes, *message.attributes))


def _weak(message: stun.Message) -> bytes:
    """Seal with MESSAGE-INTEGRITY, as if the client had not agreed on SHA-256 (RFC 8489 9.2.5)."""
    return message.encode(_KEY)


def _forged(message: stun.Message) -> bytes:
    return message.encode(b"no key of the server", integrity=stun.Integrity.SHA256)


def _twice(message: stun.Message) -> bytes:
    """Frame a response twice, with noise behind it that is no frame (RFC 8656 5)."""
    return _sealed(message) * 2 + b"\xff" * 20


# --- the servers -----------------------------------------------------------------------------------------------------


@attrs.frozen
class _Server:
    """A TURN server that is not as others are."""

    policy: TurnPolicy = _POLICY
    bends: Mapping[Method, Bend] = attrs.field(factory=dict)
    "What it says in place of success."
    is_absent: bool = False

    def machine(self, local: Address) -> object:
        """Return the server."""
        made: object = TurnServer(local, self.policy, random=Random(3))
        for method, bend in self.bends.items():
            made = Bent(made, granting(method, bend))  # type: ignore[arg-type]
        return made


_ELSEWHERE = Address("203.0.113.99", 3478)
_COOKIE = stun.NONCE(nonce_cookie(SecurityFeatures.PASSWORD_ALGORITHMS) + b"1")
_REALM = stun.REALM(_POLICY.realm)
_ALGORITHMS = stun.PASSWORD_ALGORITHMS(_POLICY.algorithms)
_UNKNOWN_ALGORITHM = stun.PASSWORD_ALGORITHMS((stun.PasswordAlgorithm(9),))

_RELAYED, _MAPPED = stun.XOR_RELAYED_ADDRESS, stun.XOR_MAPPED_ADDRESS
_NEEDED = stun.Attribute.unknown(0x7000, b"")
"Has to be understood, and nobody does."

_REFUSING = (
    _Server(TurnPolicy(quota=0)),  # 486
    _Server(TurnPolicy(capacity=0)),  # 508
    _Server(TurnPolicy(users=((_USER, "another"),))),  # 401 again
    _Server(TurnPolicy(alternate=_ELSEWHERE)),  # 300, and nobody is there
    _Server(TurnPolicy(algorithms=(), alternate=Address("203.0.113.10", 3478))),  # 300, to one that was asked already
    _Server(TurnPolicy(hostility=Hostility.CHANGING_REALM)),
    _Server(TurnPolicy(hostility=Hostility.ENDLESS_STALE_NONCE)),
    _Server(TurnPolicy(hostility=Hostility.STRIPPED_ALGORITHMS)),
    _Server(TurnPolicy(hostility=Hostility.NO_RELAYED_ADDRESS)),
    *(_Server(bends={Method.ALLOCATE: _refusing(code)}) for code in (400, 403, 437, 441, 442, 500)),
    _Server(is_absent=True),
)
"No allocation is to be had of any, each for another reason (RFC 8656 7.4)."

_WRONG = tuple(
    _Server(bends={Method.ALLOCATE: bend})
    for bend in (
        silent,
        _forged,
        _weak,
        _challenging(400),
        _challenging(300, stun.ALTERNATE_SERVER(Address("2001:db8::1", 3478))),
        _challenging(300, stun.ALTERNATE_SERVER(_ELSEWHERE), stun.ALTERNATE_DOMAIN("turn.example")),
        _challenging(401, _REALM, _COOKIE, _UNKNOWN_ALGORITHM),
        _challenging(438, _REALM, stun.NONCE(b"n")),
        _challenging(401, _REALM, _COOKIE, stun.PASSWORD_ALGORITHMS((MD5,) * 400)),
        _granting(),
        _granting(_RELAYED(Address("2001:db8::5", 5))),
        _granting(_RELAYED(Address("127.0.0.1", 5))),
        _granting(_RELAYED(Address("203.0.113.70", 5)), stun.LIFETIME(0)),
        _adding(_NEEDED),
        _granting(_MAPPED(Address("203.0.113.70", 0)), _RELAYED(Address("0.0.0.0", 5))),  # noqa: S104 - of no use
    )
)
"Servers whose answers are of no use (RFC 8656 7.3, RFC 8489 9.2.5)."

_BRIEF = {Method.ALLOCATE: _adding(stun.LIFETIME(20))}
"The first LIFETIME counts: half of it later the client asks for more."

_RELUCTANT = (
    _Server(TurnPolicy(forbidden=("192.0.2.2",))),
    *(_Server(bends={Method.CREATE_PERMISSION: _refusing(code)}) for code in (400, 437, 508)),
    _Server(bends={Method.CREATE_PERMISSION: silent}),
    _Server(bends={Method.ALLOCATE: _adding(_RELAYED(Address("2001:db8::5", 5)))}),  # it relays to IPv6 as well
    _Server(TurnPolicy(algorithms=())),  # of RFC 5766
    _Server(TurnPolicy(algorithms=(MD5,), anonymous=True)),
)
"They give addresses, and refuse what comes then (RFC 8656 9 and 10)."

_FORGETFUL = (
    _Server(bends=_BRIEF),
    *(_Server(bends={**_BRIEF, Method.REFRESH: bend}) for bend in (_refusing(437), _refusing(441), _forged, silent)),
    _Server(bends={**_BRIEF, Method.REFRESH: _challenging(438, _REALM, _COOKIE, _ALGORITHMS)}),
)
"They do not keep what they have given (RFC 8656 8)."


_OVER_TCP = (
    *(_Server(bends={Method.ALLOCATE: bend}) for bend in (silent, _forged, _twice, _challenging(400))),
    _Server(TurnPolicy(), {Method.CREATE_PERMISSION: _twice}),
    _Server(TurnPolicy(), {Method.REFRESH: _twice, **_BRIEF}),
)
"Nothing is sent twice on a connection, and what loses its rhythm is closed (RFC 8489 6.2.2)."


# --- the stories -----------------------------------------------------------------------------------------------------


def served(
    factory: Factory,
    servers: Sequence[_Server],
    acts: Sequence[tuple[float, str, object]] = (),
    *,
    protocol: SocketProtocol = SocketProtocol.UDP,
    rings: float = 0.0,
    seconds: float = 15.0,
) -> Script:
    """An agent behind a NAT has a list of TURN servers, and its peer one that can be relied on.

    The peer `rings` for so many seconds until its credentials come; `acts` follow.
    """
    meeting = Meeting(factory, hidden=True)
    meeting.begin(ONE, *_serve(meeting, servers, protocol))
    meeting.begin(OTHER, ice.AddServer(SERVER, _USER, _PASSWORD))
    meeting.play(seconds=rings)
    meeting.introduce()
    meeting.play(*acts, seconds=seconds)
    meeting.play((0.0, ONE, ice.Close()), seconds=1.0)
    return meeting.script


def left(factory: Factory, wait: float, command: ice.Command) -> Script:
    """An agent gives its stream up while allocations are on their way, and releases what comes of them (RFC 8656 8)."""
    meeting = Meeting(factory, hidden=True)
    meeting.begin(ONE, *_serve(meeting, (_Server(),) * 2, SocketProtocol.UDP))
    meeting.play((wait, ONE, command), seconds=1.0)
    return meeting.script


def roaming(factory: Factory) -> Script:
    """A peer restarts again and again, from other addresses each time: permissions gather (RFC 8656 9)."""
    meeting = Meeting(factory, hidden=True)
    meeting.begin(ONE, *_serve(meeting, (_Server(),), SocketProtocol.UDP))
    for number in range(4):
        meeting.play((0.0, ONE, ice.SetRemoteCredentials(1, f"peer{number}", "p" * 22)), seconds=0.0)
        for host in (f"198.51.100.{number}1", f"198.51.100.{number}2"):
            told = ice.Candidate(1, ice.CandidateType.HOST, Address(host, 5000), 1, "1")
            meeting.play((0.1, ONE, ice.AddRemoteCandidate(1, told)), seconds=0.3)
    return meeting.script


def switched(factory: Factory) -> Script:
    """Data goes to one relay of the peer, until a preferred one, far away, has answered: one channel follows another.

    RFC 8445 12.1; the permission of the first is not renewed then (RFC 8656 9).
    """
    meeting = Meeting(factory, hidden=True)
    far = Address("203.0.113.2", 3478)
    host = Host(meeting.stage.network.internet, far.host, link=Link(latency=0.06))
    meeting.stage.put("far", TurnServer(far, random=Random(4)), host)
    meeting.stage.hand_in("far", Start())
    meeting.begin(ONE, *_serve(meeting, _GOOD, SocketProtocol.UDP))
    meeting.begin(OTHER, *(ice.AddServer(server, _USER, _PASSWORD) for server in (far, SERVER)))
    meeting.introduce()
    meeting.play(*_HASTE, seconds=12.0)
    return meeting.script


def _serve(meeting: Meeting, servers: Sequence[_Server], protocol: SocketProtocol) -> Iterator[ice.AddServer]:
    """Put servers to work, one beside the other; yield the commands that add them."""
    for number, server in enumerate(servers, 10):
        local = Address(f"203.0.113.{number}", 3478)
        if not server.is_absent:
            meeting.stage.put(local.host, server.machine(local), local.host)
            meeting.stage.hand_in(local.host, Start())
        yield ice.AddServer(local, _USER, _PASSWORD, protocol)


_GOOD = (_Server(),)
_SAID = ice.SendData(1, 1, b"\x80data")

_AT_LENGTH = tuple((100.0, name, _SAID) for _ in range(3) for name in (ONE, OTHER))
"Ten minutes: permissions, channel, nonce and allocation are renewed (RFC 8656 8, 9 and 12)."

_RELAY = 2
"The token of the first relay's socket: the first is that of the local address."
_FIRST_SERVER = Address("203.0.113.10", 3478)

_STRANGER = stun.Message.indication(
    Method.DATA, bytes(12), stun.XOR_PEER_ADDRESS(Address("203.0.113.66", 6)), stun.DATA(b"\x80noise")
)
_NOISE = (
    _STRANGER.encode(),  # nobody has asked for a permission
    stun.Message.indication(Method.DATA, bytes(12), stun.DATA(b"\x80noise")).encode(),  # from nobody
    stun.Message.indication(Method.DATA, bytes(12), _NEEDED, *_STRANGER.attributes).encode(),
    ChannelData(0x4000, b"\x80noise").encode(),
    ChannelData(0x4FFF, b"\x80noise").encode(),  # of a channel that is none
    ChannelData(0x4000, b"\x80noise").encode()[:-3],
    stun.Message.request(Method.BINDING, bytes(12)).encode(),
    stun.Message.request(Method.ALLOCATE, bytes(12)).error(437).encode(),  # to no request of ours
    b"\xff" * 20,
)
"What a server has no reason to send (RFC 8656 11.4 and 12.6)."

_HEARD = tuple((0.1, ONE, DatagramReceived(_RELAY, _FIRST_SERVER, data)) for data in _NOISE)
_HASTE = tuple((0.2, ONE, _SAID) for _ in range(12))
"Data goes as soon as there is a valid pair (RFC 8445 12.1): channels are bound to peers that are not selected then."
_LARGE = ice.SendData(1, 1, b"\x80" * 65_001)


_TCP = SocketProtocol.TCP

RELAYED_CALLS: Mapping[str, Conversation] = {
    "all refuse": partial(served, servers=_REFUSING),
    "all are wrong": partial(served, servers=_WRONG),
    "peers are refused": partial(served, servers=_RELUCTANT),
    "allocations are not kept": partial(served, servers=_FORGETFUL, rings=20.0),
    "all refuse by TCP": partial(served, servers=_REFUSING, protocol=_TCP, seconds=3.0),
    "connections lose their rhythm": partial(served, servers=_OVER_TCP, protocol=_TCP, seconds=12.0),
    "noise comes": partial(served, servers=_GOOD, acts=(*_HASTE, *_HEARD, (0.0, ONE, _LARGE))),
    "the connection ends": partial(served, servers=_GOOD, protocol=_TCP, acts=((6.0, ONE, SocketClosed(_RELAY)),)),
    "the channel is refused": partial(served, servers=(_Server(bends={Method.CHANNEL_BIND: _refusing(403)}),)),
    "the channel is too much": partial(served, servers=(_Server(bends={Method.CHANNEL_BIND: _refusing(437)}),)),
    "the channel is not heard of": partial(served, servers=(_Server(bends={Method.CHANNEL_BIND: silent}),)),
    **{
        f"the stream ends after {wait} s": partial(left, wait=wait, command=ice.RemoveStream(1))
        for wait in (0.01, 0.07, 0.12, 0.16)
    },
    **{f"the stream restarts after {wait} s": partial(left, wait=wait, command=ice.Restart()) for wait in (0.07, 0.5)},
    "the peer roams": roaming,
    "data switches relays": switched,
    "ten minutes": partial(served, servers=(_Server(TurnPolicy(nonce_lifetime=100.0)),), acts=_AT_LENGTH),
}

"""Conversations of ICE agents with peers and over networks that are not as one would wish (RFC 8445, RFC 7675)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from random import Random

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.machine import SocketClosed, SocketProtocol
from jinglecodec.strategies.conversations.meetings import ONE, OTHER, Habit, Meeting
from jinglecodec.strategies.conversations.relays import roaming
from jinglecodec.strategies.conversations.stage import CREDENTIALS, Conversation
from jinglecodec.testing.laws import Factory, Script
from jinglecodec.testing.network import Behavior, Link

_DATA = b"\x80data"
_SAID = ice.SendData(1, 1, _DATA)
_SECOND = {ONE: ("192.0.2.11", "2001:db8::1"), OTHER: ("192.0.2.12", "2001:db8::2")}
"More addresses of the hosts; those of IPv6, which are preferred, are at the end of slow links."

Acts = Sequence[tuple[float, str, object]]


# --- habits of peers -------------------------------------------------------------------------------------------------


def _nominating(meeting: Meeting, message: stun.Message) -> stun.Message | bytes:
    """Put USE-CANDIDATE into every check: aggressive nomination (RFC 5245 8.1.1.2)."""
    if message.message_class is not stun.MessageClass.REQUEST or stun.USE_CANDIDATE in message:
        return message
    attributes = (*message.attributes, stun.USE_CANDIDATE())
    request = stun.Message.request(stun.Method.BINDING, message.transaction_id, *attributes)
    return request.encode(meeting.key(ONE), fingerprint=True)


def _answering(meeting: Meeting, message: stun.Message, *, code: int, after: float = 0.0) -> stun.Message | bytes:
    """Answer checks with an error, from some time on; 403 revokes consent (RFC 7675 5.2)."""
    if message.message_class is not stun.MessageClass.SUCCESS or meeting.stage.network.now < after:
        return message
    return message.error(code).encode(meeting.key(OTHER), fingerprint=True)


def _vague(meeting: Meeting, message: stun.Message) -> stun.Message | bytes:
    """Do not tell where a check came from (RFC 8445 7.3.1.2)."""
    if message.message_class is not stun.MessageClass.SUCCESS:
        return message
    return message.success().encode(meeting.key(OTHER), fingerprint=True)


def _deaf(_: Meeting, message: stun.Message) -> stun.Message | None:
    """Answer nothing."""
    return message if message.message_class is stun.MessageClass.REQUEST else None


# --- the stories -----------------------------------------------------------------------------------------------------


def called(
    factory: Factory,
    acts: Acts = (),
    *,
    other: Callable[[], ice.Agent] | None = None,
    habit: Habit | None = None,
    many: bool = False,
    hidden: bool = False,
    lite: tuple[str, ...] = (),
    late: float = 0.0,
    early: Acts = (),
    seconds: float = 8.0,
) -> Script:
    """An agent calls a peer that has a habit; both have `many` addresses.

    The agent hears of the other's credentials `late`, and of `early` acts before.
    """
    meeting = Meeting(factory, other and other(), hidden=hidden, habit=habit)
    for name, hosts in _SECOND.items() if many else ():
        for host, latency in zip(hosts, (0.01, 0.2), strict=True):
            meeting.hosts[name].attach(meeting.stage.network.internet, host, link=Link(latency=latency))
    meeting.begin_all()
    if late:
        meeting.play((0.0, OTHER, meeting.credentials(ONE)), *early, seconds=late)
    meeting.introduce(lite=lite)
    meeting.play(*acts, seconds=seconds)
    return meeting.script


def cut_off(factory: Factory, *, seconds: float) -> Script:
    """The network is gone for a while: consent comes back, or is lost, and a restart repairs it (RFC 7675 5.1)."""
    meeting = Meeting(factory)
    meeting.begin_all()
    meeting.introduce()
    meeting.play((1.0, ONE, _SAID))
    meeting.hosts[ONE].set_link(Link(loss=1.0))
    meeting.play(seconds=seconds)
    meeting.hosts[ONE].set_link(Link(latency=0.01))
    meeting.play((1.0, OTHER, _SAID), (2.0, ONE, _SAID), seconds=10.0)
    meeting.play((0.0, ONE, ice.Restart()), seconds=0.1)
    meeting.play((0.0, OTHER, meeting.credentials(ONE)))
    return meeting.script


def moved(factory: Factory) -> Script:
    """A telephone leaves the house: another address comes, the first goes, and the call is restarted (RFC 8445 9)."""
    meeting = Meeting(factory)
    meeting.begin_all()
    meeting.introduce()
    meeting.play((0.2, ONE, _SAID))
    host = meeting.hosts[ONE]
    before, after = host.addresses[0], _SECOND[ONE][0]
    host.attach(meeting.stage.network.internet, after, link=Link(latency=0.02))
    meeting.play((0.0, ONE, ice.AddLocalAddress(after)), (1.0, ONE, ice.Restart()), seconds=0.5)
    host.detach(before)
    meeting.play((0.0, OTHER, meeting.credentials(ONE)), (3.0, ONE, SocketClosed(1)), seconds=3.0)
    return meeting.script


def reflexive(factory: Factory) -> Script:
    """An agent behind a NAT asks no server: it learns its own address from its peer (RFC 8445 7.2.5.3.1)."""
    meeting = Meeting(factory, behind=Behavior.ENDPOINT_INDEPENDENT)
    meeting.begin_all()
    meeting.introduce()
    meeting.play((2.0, ONE, _SAID), (9.0, ONE, ice.Restart()), seconds=0.1)
    meeting.play((0.0, OTHER, meeting.credentials(ONE)))
    return meeting.script


def crossed(factory: Factory) -> Script:
    """Both restart at once, and each hears of the other's only then (RFC 8839 4.4.3.1.1)."""
    meeting = Meeting(factory)
    meeting.begin_all()
    meeting.introduce()
    meeting.play((2.0, ONE, ice.Restart()), (0.0, OTHER, ice.Restart()), seconds=0.0)
    both = [(0.2, name, meeting.credentials(other)) for name, other in ((ONE, OTHER), (OTHER, ONE))]
    meeting.play(*both, *both, (1.0, ONE, _SAID), (2.0, OTHER, ice.RemoveStream(1)), seconds=40.0)
    return meeting.script


def in_two_streams(factory: Factory) -> Script:
    """Two streams of two components: one is checked while the other is frozen, and is given up meanwhile."""
    meeting = Meeting(factory)
    for name, credentials in ((ONE, None), (OTHER, CREDENTIALS)):
        meeting.stage.hand_in(name, ice.AddStream(2, 2, credentials))
        meeting.begin(name, components=2)
    meeting.introduce()
    for name, other in ((ONE, OTHER), (OTHER, ONE)):
        told = meeting.agents[other].local_credentials(2)
        meeting.play((0.02, name, ice.SetRemoteCredentials(2, told.ufrag, told.pwd)), seconds=0.0)
    meeting.play(
        (0.3, ONE, ice.RemoveStream(1)), (0.0, OTHER, ice.RemoveStream(1)), (1.0, ONE, ice.SendData(2, 2, _DATA))
    )
    return meeting.script


# --- candidates ------------------------------------------------------------------------------------------------------


def _candidate(
    host: str,
    port: int = 5000,
    *,
    component: int = 1,
    protocol: str = "udp",
    priority: int = 1,
    ufrag: str | None = None,
) -> ice.AddRemoteCandidate:
    address = Address(host, port)
    made = ice.Candidate(component, ice.CandidateType.HOST, address, priority, "7", protocol, ufrag=ufrag)
    return ice.AddRemoteCandidate(1, made)


_FOUND, _NOT_FOUND, _LOOPED = "found.local", "gone.local", "looped.local"

_CANDIDATES = (
    _candidate(_FOUND),
    _candidate(_FOUND, 5001),
    _candidate(_NOT_FOUND),
    _candidate(_LOOPED),
    _candidate("juliet.example"),
    _candidate("::ffff:192.0.2.2"),
    _candidate("::"),
    _candidate("fec0::1"),
    _candidate("2001:DB8::5"),
    _candidate("192.0.2.2", 9, protocol="tcp"),
    _candidate("192.0.2.2", 0),
    _candidate("192.0.2.2", component=2),
    _candidate("192.0.2.2", priority=0),
    _candidate("192.0.2.3", ufrag=CREDENTIALS.ufrag),
    _candidate("192.0.2.4", ufrag="else"),
)
"Names (RFC 8839 5.1), TCP (RFC 6544), addresses nothing can be sent to, and those of other sessions (RFC 8838 9)."


def offered(factory: Factory, *, late: float = 0.0) -> Script:
    """A peer signals candidates of every kind, before its credentials come or after, and nothing answers at them."""
    meeting = Meeting(factory)
    for name, host in ((_FOUND, "192.0.2.2"), (_LOOPED, "127.0.0.1")):
        meeting.stage.network.name(name, host)
    meeting.begin(ONE)
    credentials = (late, ONE, ice.SetRemoteCredentials(1, CREDENTIALS.ufrag, CREDENTIALS.pwd))
    told = [(0.02, ONE, candidate) for candidate in _CANDIDATES]
    acts = (*told, credentials) if late else (credentials, *told)
    meeting.play(*acts, (0.0, ONE, ice.EndRemoteCandidates(1)), (0.0, ONE, _CANDIDATES[0]), seconds=50.0)
    return meeting.script


# --- too much --------------------------------------------------------------------------------------------------------


def _too_much() -> Iterator[ice.Command]:
    """Yield more of everything than an agent takes."""
    yield from (ice.AddStream(name, components) for name, components in (("none", 0), ("many", 257), (0, 5)))
    yield from (ice.AddStream(stream) for stream in range(1, 65))
    yield from (ice.RemoveStream(stream) for stream in range(1, 64))
    yield from (ice.AddLocalAddress(host) for host in ("no address", "192.0.2.1"))
    yield from (ice.AddLocalAddress(f"fe80::{host}%eth0") for host in range(1, 65))
    yield from (ice.AddServer(Address(f"203.0.113.{host}", 3478), "user", "password") for host in range(1, 18))
    yield ice.AddServer(Address("203.0.113.1", 3478), protocol=SocketProtocol.TCP)
    yield ice.Gather()


def overdone(factory: Factory) -> Script:
    """An application goes over every limit: misuse, and relays that there is no room for."""
    meeting = Meeting(factory)
    for command in _too_much():
        meeting.stage.hand_in(ONE, command)
    return meeting.script


# --- the list --------------------------------------------------------------------------------------------------------


def _agent(role: ice.Role, seed: int = 2, *, lite: bool = False) -> ice.Agent:
    """Return another agent; the seed decides who wins a role conflict (RFC 8445 7.3.1.1)."""
    return ice.Agent(role=role, config=ice.Config(lite=lite), random=Random(seed))


_CONTROLLING, _CONTROLLED = (partial(_agent, role) for role in ice.Role)
_LITE = partial(_agent, ice.Role.CONTROLLED, lite=True)
_AGGRESSIVE = partial(called, habit=_nominating, many=True)
_CONFLICTS: Mapping[str, Conversation] = {
    f"both are {role.value}, seed {seed}": partial(called, other=partial(_agent, role, seed), many=True)
    for role in ice.Role
    for seed in (2, 3)
}
"One of both is of each role already; else either wins (RFC 8445 7.3.1.1)."

UNUSUAL_CALLS: Mapping[str, Conversation] = {
    **_CONFLICTS,
    "the peer nominates all": partial(_AGGRESSIVE, other=partial(_CONTROLLING, 3)),
    "the peer is lite": partial(called, other=_LITE, lite=(OTHER,), seconds=20.0),
    "consent is revoked": partial(called, habit=partial(_answering, code=403, after=7.0), seconds=15.0),
    "checks are bad requests": partial(called, habit=partial(_answering, code=400), seconds=3.0),
    "the role is never right": partial(called, habit=partial(_answering, code=487), seconds=3.0),
    "the nomination is refused": partial(called, habit=partial(_answering, code=500, after=0.12)),
    "answers tell nothing": partial(called, habit=_vague),
    "the peer is deaf": partial(called, habit=_deaf, seconds=60.0),
    "checks come early": partial(called, late=2.0),
    "early checks came to what is gone": partial(called, late=2.0, many=True, early=((0.5, ONE, SocketClosed(1)),)),
    "the network is gone for a while": partial(cut_off, seconds=16.0),
    "the network is gone for long": partial(cut_off, seconds=45.0),
    "the host moves": moved,
    "the agent is behind a NAT": reflexive,
    "restarts cross": crossed,
    "two streams": in_two_streams,
    "candidates of every kind": offered,
    "candidates before credentials": partial(offered, late=1.0),
    "too much of everything": overdone,
}

LITE_CALLS: Mapping[str, Conversation] = {
    "the peer checks": partial(called, other=_CONTROLLING, lite=(ONE,), many=True, seconds=35.0),
    "the peer nominates all": partial(_AGGRESSIVE, other=_CONTROLLING, lite=(ONE,)),
    "both are lite": partial(called, other=_LITE, lite=(ONE, OTHER), many=True),
    "checks come early": partial(called, other=_CONTROLLING, lite=(ONE,), late=1.0),
    "candidates of every kind": offered,
}
"Of a lite agent (RFC 8445 2.5), also with one that is lite as well (RFC 8445 8.2)."

NARROW_CALLS: Mapping[str, Conversation] = {
    **_CONFLICTS,
    "the peer nominates all": partial(_AGGRESSIVE, other=_CONTROLLING),
    "the peer is deaf": partial(called, other=_CONTROLLING, habit=_deaf, many=True, seconds=12.0),
    "consent is revoked": partial(
        called, other=_CONTROLLING, habit=partial(_answering, code=403, after=1.0), many=True
    ),
    "candidates of every kind": offered,
    "candidates before credentials": partial(offered, late=1.0),
    "two streams": in_two_streams,
    "the peer roams": roaming,
}
"Of an agent that is controlled, and has hardly room for anything."

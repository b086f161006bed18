"""Conversations of ICE agents."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import cast

from jinglecodec import ice
from jinglecodec.machine import SocketProtocol
from jinglecodec.strategies.conversations.stage import (
    CREDENTIALS,
    SERVER,
    Conversation,
    Reactions,
    Stage,
    script_of,
    two_hosts,
)
from jinglecodec.testing.laws import Factory, Script


def agents(
    factory: Factory, *, components: int = 1, relay: SocketProtocol | None = None, role: ice.Role = ice.Role.CONTROLLED
) -> Script:
    """Two agents connect, talk, restart one after the other and end; `relay`: NATs let nothing else through."""
    stage = Stage()
    hosts = two_hosts(stage, hidden=relay is not None)
    both = {"one": cast("ice.Agent", factory()), "other": ice.Agent(role=role, random=Random(2))}
    recorders = []
    for host, (name, other) in zip(hosts, (("one", "other"), ("other", "one")), strict=True):
        recorders.append(stage.put(name, both[name], host, _signalling(both[name], other)))
        stage.hand_in(name, ice.AddStream(1, components, None if name == "one" else CREDENTIALS))
        if relay is not None:
            stage.hand_in(name, ice.AddServer(SERVER, "user", "password", relay))
        stage.hand_in(name, ice.AddLocalAddress(host.addresses[0]))
        stage.hand_in(name, ice.Gather())
    told = [(0.0, name, _credentials(both[other])) for name, other in (("one", "other"), ("other", "one"))]
    said = [(1.0, name, ice.SendData(1, components, b"\x80data")) for name in both]
    stage.play(*told, *said, (9.0, "one", ice.SendData(1, 1, b"\x80data")), (6.0, "other", ice.Restart()))
    stage.play((0.0, "one", _credentials(both["other"])), *said, (5.0, "one", ice.Restart(1)))
    stage.play((0.0, "other", _credentials(both["one"])), *said)
    stage.play((0.0, "one", ice.RemoveStream(1)), (1.0, "one", ice.Close()))
    return script_of(recorders[0])


def _credentials(agent: ice.Agent) -> ice.SetRemoteCredentials:
    """Return the command that tells another agent what this one has now."""
    told = agent.local_credentials(1)
    return ice.SetRemoteCredentials(1, told.ufrag, told.pwd)


def _signalling(agent: ice.Agent, other: str) -> Reactions:
    """Return how the other agent hears of candidates, the end of them, and credentials after a restart."""
    return {
        ice.CandidateFound: lambda found: [(other, ice.AddRemoteCandidate(found.stream, found.candidate))],
        ice.GatheringDone: lambda done: [(other, ice.EndRemoteCandidates(done.stream))],
        ice.RestartDetected: lambda _: [(other, _credentials(agent))],
    }


AGENTS: tuple[Conversation, ...] = (
    agents,
    partial(agents, components=2, role=ice.Role.CONTROLLING),
    *(partial(agents, relay=protocol) for protocol in (SocketProtocol.UDP, SocketProtocol.TCP)),
)

"""Conversations of ICE agents: the whole of a call, and restarts."""

from __future__ import annotations

from functools import partial
from random import Random

from jinglecodec import ice
from jinglecodec.machine import SocketProtocol
from jinglecodec.strategies.conversations.meetings import ONE, OTHER, Meeting
from jinglecodec.strategies.conversations.stage import SERVER, Conversation
from jinglecodec.testing.laws import Factory, Script

DATA = b"\x80data"


def agents(
    factory: Factory, *, components: int = 1, relay: SocketProtocol | None = None, role: ice.Role = ice.Role.CONTROLLED
) -> Script:
    """Two agents connect, talk, restart one after the other and end; `relay`: NATs let nothing else through."""
    meeting = Meeting(factory, ice.Agent(role=role, random=Random(2)), hidden=relay is not None)
    servers = () if relay is None else (ice.AddServer(SERVER, "user", "password", relay),)
    for name in (ONE, OTHER):
        meeting.begin(name, *servers, components=components)
    meeting.introduce()
    said = [(1.0, name, ice.SendData(1, components, DATA)) for name in (ONE, OTHER)]
    meeting.play(*said, (9.0, ONE, ice.SendData(1, 1, DATA)), (6.0, OTHER, ice.Restart()))
    meeting.play((0.0, ONE, meeting.credentials(OTHER)), *said, (5.0, ONE, ice.Restart(1)))
    meeting.play((0.0, OTHER, meeting.credentials(ONE)), *said)
    meeting.play((0.0, ONE, ice.RemoveStream(1)), (1.0, ONE, ice.Close()))
    return meeting.script


AGENTS: tuple[Conversation, ...] = (
    agents,
    partial(agents, components=2, role=ice.Role.CONTROLLING),
    *(partial(agents, relay=protocol) for protocol in (SocketProtocol.UDP, SocketProtocol.TCP)),
)

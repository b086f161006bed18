"""Interactive Connectivity Establishment (RFC 8445), with trickling (RFC 8838), patience (8863) and consent (7675).

    >>> import random
    >>> from jinglecodec import ice
    >>> agent = ice.Agent(role=ice.Role.CONTROLLING, random=random.Random(7))
    >>> for command in (ice.AddStream("audio"), ice.AddLocalAddress("192.0.2.1"), ice.Gather()):
    ...     outputs = agent.handle(command, now=0.0)
    >>> outputs[0].socket, outputs[0].local
    (1, Address(host='192.0.2.1', port=0))
    >>> from jinglecodec.machine import SocketOpened
    >>> agent.handle(SocketOpened(1, ice.Address("192.0.2.1", 50000)), now=0.0)[0].candidate.priority
    2130706431

The events are in `ice.events`, those of sockets in `jinglecodec.machine`.
"""

from __future__ import annotations

from jinglecodec.addresses import Address
from jinglecodec.ice import events
from jinglecodec.ice.agent import Agent
from jinglecodec.ice.candidate import Candidate, CandidateType
from jinglecodec.ice.config import Config
from jinglecodec.ice.events import *  # noqa: F403 - the module is the list of names
from jinglecodec.ice.pair import PairState
from jinglecodec.ice.snapshot import AgentState, PairSnapshot, StreamSnapshot

__all__ = [
    "Address",
    "Agent",
    "AgentState",
    "Candidate",
    "CandidateType",
    "Config",
    "PairSnapshot",
    "PairState",
    "StreamSnapshot",
]
__all__ += events.__all__

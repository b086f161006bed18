"""Two ICE agents on the virtual network, with the signalling between them: what conversations of agents begin with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from typing import cast

from jinglecodec import ice, stun
from jinglecodec.strategies.conversations.bending import Bent
from jinglecodec.strategies.conversations.stage import CREDENTIALS, Reactions, Stage, script_of, two_hosts
from jinglecodec.testing.laws import Factory, Script
from jinglecodec.testing.network import Behavior, Host, Link, Nat

ONE, OTHER = "one", "other"

Habit = Callable[["Meeting", stun.Message], "stun.Message | bytes | None"]
"How the other agent bends what it sends."


class Meeting:
    """An agent of a factory, and another; each takes part when it begins."""

    def __init__(
        self,
        factory: Factory,
        other: ice.Agent | None = None,
        *,
        hidden: bool = False,
        behind: Behavior | None = None,
        habit: Habit | None = None,
    ) -> None:
        """`hidden`: NATs let nothing through but what a relay passes on; `behind`: the first has such a NAT alone."""
        self.stage = Stage()
        self.agents = {
            ONE: cast("ice.Agent", factory()),
            OTHER: other or ice.Agent(role=ice.Role.CONTROLLED, random=Random(2)),
        }
        self.hosts = dict(zip(self.agents, two_hosts(self.stage, hidden=hidden), strict=True))
        if behind is not None:
            nat = Nat(self.stage.network.internet, "198.51.100.9", mapping=behind, filtering=behind)
            self.hosts[ONE] = Host(nat.inside, "10.0.0.2", link=Link(latency=0.01))
        bent = self.agents[OTHER] if habit is None else Bent(self.agents[OTHER], partial(habit, self))
        self._recorder = self.stage.put(ONE, self.agents[ONE], self.hosts[ONE], self._signalling(ONE, OTHER))
        self.stage.put(OTHER, bent, self.hosts[OTHER], self._signalling(OTHER, ONE))

    @property
    def script(self) -> Script:
        """What the agent of the factory heard by now."""
        return script_of(self._recorder)

    def begin(self, name: str, *commands: ice.Command, components: int = 1) -> None:
        """Let an agent have a stream, do what it is told, and gather at the addresses of its host."""
        self.stage.hand_in(name, ice.AddStream(1, components, None if name == ONE else CREDENTIALS))
        for command in commands:
            self.stage.hand_in(name, command)
        for host in self.hosts[name].addresses:
            self.stage.hand_in(name, ice.AddLocalAddress(host))
        self.stage.hand_in(name, ice.Gather())

    def begin_all(self, *commands: ice.Command, components: int = 1) -> None:
        """Let both begin; the commands are for the agent of the factory."""
        self.begin(ONE, *commands, components=components)
        self.begin(OTHER, components=components)

    def introduce(self, *, lite: tuple[str, ...] = ()) -> None:
        """Tell both the credentials of each other, and which of them are `lite` agents."""
        for name, other in ((ONE, OTHER), (OTHER, ONE)):
            self.stage.hand_in(name, self.credentials(other, lite=other in lite))

    def credentials(self, name: str, *, lite: bool = False) -> ice.SetRemoteCredentials:
        """Return the command that tells another agent what this one has now."""
        told = self.agents[name].local_credentials(1)
        return ice.SetRemoteCredentials(1, told.ufrag, told.pwd, lite)

    def key(self, name: str) -> bytes:
        """Return what seals the checks of an agent's peer, and its own responses (RFC 8445 7.2.2)."""
        return self.agents[name].local_credentials(1).pwd.encode()

    def play(self, *acts: tuple[float, str, object], seconds: float = 5.0) -> None:
        """Let agents take events after some seconds each, and then time pass."""
        self.stage.play(*acts, seconds=seconds)

    def _signalling(self, name: str, other: str) -> Reactions:
        """Return how the other agent hears of candidates, the end of them, and credentials after a restart."""
        return {
            ice.CandidateFound: lambda found: [(other, ice.AddRemoteCandidate(found.stream, found.candidate))],
            ice.GatheringDone: lambda done: [(other, ice.EndRemoteCandidates(done.stream))],
            ice.RestartDetected: lambda _: [(other, self.credentials(name))],
        }

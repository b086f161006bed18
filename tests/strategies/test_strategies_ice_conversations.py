"""Conversations of ICE agents that the fuzzer starts from: each reaches what it is told for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

import pytest

from jinglecodec import ice
from jinglecodec.machine import CloseSocket
from jinglecodec.strategies.conversations.peers import LITE_CALLS, NARROW_CALLS, UNUSUAL_CALLS
from jinglecodec.strategies.conversations.reflections import REFLECTED_CALLS
from jinglecodec.strategies.conversations.relays import RELAYED_CALLS
from jinglecodec.strategies.conversations.stage import Conversation
from jinglecodec.strategies.machines import MACHINES
from jinglecodec.testing.replay import record

ROWS = {row.name: row for row in MACHINES}

NEW, RUNNING, CONNECTED, COMPLETED, DISCONNECTED, FAILED = ice.StreamState
RELAYED, REFLEXIVE = ice.CandidateType.RELAYED, ice.CandidateType.SERVER_REFLEXIVE

NO_USE = "no relayed address of use"
REFUSED = ("486", "508", "user name and password", NO_USE, "400", "403", "441", "442", "500", "437", "bid-down")
AGREED = (CONNECTED, ice.PairSelected, COMPLETED)
IGNORED = ("unresolved", "address", "name", "protocol", "component", "priority", "other-session", "after-end")

RELAYED_TALES: dict[str, tuple[object, ...]] = {
    "all refuse": (*REFUSED, "refused 4 times", "no answer", ice.GatheringDone),
    "all are wrong": (
        *("to no other server", "no password algorithm", "763 are allowed", NO_USE, "the relayed address is of no use"),
        *("not understood", "no answer", "message integrity is wrong"),
    ),
    "peers are refused": (RELAYED, "CreatePermission: 437"),
    "allocations are not kept": ("Refresh: 437", "Refresh: 441", "Refresh: refused 4 times", *AGREED),
    "all refuse by TCP": REFUSED,
    "connections lose their rhythm": ("message integrity is wrong", "starts neither", *AGREED),
    "noise comes": (*AGREED, ice.DataReceived),
    "the connection ends": (*AGREED, "the server closed the connection", DISCONNECTED),
    "the channel is refused": AGREED,
    "the channel is too much": (*AGREED, "ChannelBind: 437", DISCONNECTED),
    "the channel is not heard of": AGREED,
    **{f"the stream ends after {wait} s": (CloseSocket,) for wait in (0.01, 0.07, 0.12, 0.16)},
    **{f"the stream restarts after {wait} s": (RELAYED,) for wait in (0.07, 0.5)},
    "the peer roams": (RELAYED, ice.RestartDetected),
    "data switches relays": (*AGREED, RELAYED, "203.0.113.2"),
    "ten minutes": (*AGREED, ice.DataReceived),
}
REFLECTED_TALES: dict[str, tuple[object, ...]] = {
    "bindings are kept alive": (REFLEXIVE, ice.GatheringDone),
    "there is no NAT": (*AGREED, ice.GatheringDone),
    "a restart overtakes the answers": (REFLEXIVE, RUNNING),
    "the interface goes": (ice.CandidateFound, RUNNING),
}
CONFLICTS: dict[str, tuple[object, ...]] = {
    f"both are {role.value}, seed {seed}": (ice.PairSelected, COMPLETED) for role in ice.Role for seed in (2, 3)
}
UNUSUAL_TALES: dict[str, tuple[object, ...]] = {
    **CONFLICTS,
    "the peer nominates all": (ice.PairSelected, COMPLETED),
    "the peer is lite": AGREED,
    "consent is revoked": (*AGREED, ice.ConsentLost, FAILED),
    "checks are bad requests": (RUNNING,),
    "the role is never right": (RUNNING,),
    "the nomination is refused": (CONNECTED, FAILED),
    "answers tell nothing": (RUNNING,),
    "the peer is deaf": (RUNNING, FAILED),
    "checks come early": AGREED,
    "early checks came to what is gone": (ice.PairSelected, COMPLETED),
    "the network is gone for a while": (*AGREED, DISCONNECTED, ice.DataReceived),
    "the network is gone for long": (*AGREED, DISCONNECTED, ice.ConsentLost, FAILED, NEW),
    "the host moves": AGREED,
    "the agent is behind a NAT": (*AGREED, ice.CandidateType.PEER_REFLEXIVE),
    "restarts cross": (*AGREED, DISCONNECTED, ice.ConsentLost, FAILED),
    "two streams": AGREED,
    "candidates of every kind": IGNORED,
    "candidates before credentials": IGNORED,
    "too much of everything": ("there are 64 relays already",),
}
LITE_TALES: dict[str, tuple[object, ...]] = {
    "the peer checks": (ice.PairSelected, COMPLETED),
    "the peer nominates all": (ice.PairSelected, COMPLETED),
    "both are lite": (ice.PairSelected, COMPLETED),
    "checks come early": (ice.PairSelected, COMPLETED),
    "candidates of every kind": (*IGNORED, FAILED),
}
NARROW_TALES: dict[str, tuple[object, ...]] = {
    **CONFLICTS,
    "the peer nominates all": (*AGREED, "too-many"),
    "the peer is deaf": (RUNNING, FAILED),
    "consent is revoked": (*AGREED, ice.ConsentLost, FAILED),
    "candidates of every kind": ("too-many", FAILED),
    "candidates before credentials": ("too-many", FAILED),
    "two streams": AGREED,
    "the peer roams": (RELAYED, ice.RestartDetected),
}

TALES: tuple[tuple[str, Mapping[str, Conversation], Mapping[str, tuple[object, ...]]], ...] = (
    ("ice.Agent", RELAYED_CALLS, RELAYED_TALES),
    ("ice.Agent", REFLECTED_CALLS, REFLECTED_TALES),
    ("ice.Agent", UNUSUAL_CALLS, UNUSUAL_TALES),
    ("ice.Agent (lite)", LITE_CALLS, LITE_TALES),
    ("ice.Agent (narrow)", NARROW_CALLS, NARROW_TALES),
)


def facts(output: object) -> Iterator[object]:
    """Yield what an output says: its class, and what it is about."""
    yield type(output)
    match output:
        case ice.StreamStateChanged(state=fact) | ice.CandidateFound(candidate=ice.Candidate(type=fact)):
            yield fact
        case ice.PairSelected(local=local, remote=remote):
            yield from (local.type, remote.address.host)
        case ice.CandidateIgnored(reason=reason):
            yield reason.code
        case ice.ServerFailed(reason=reason):
            yield reason.message


def is_told(fact: object, told: set[object]) -> bool:
    """Tell whether a fact is among those that were told; a text may be part of one."""
    return fact in told or (isinstance(fact, str) and any(isinstance(one, str) and fact in one for one in told))


@pytest.mark.parametrize(
    ("row", "name", "expected", "play"),
    [(row, name, tales[name], play) for row, plays, tales in TALES for name, play in plays.items()],
)
def test_a_conversation_reaches_what_it_is_told_for(
    row: str, name: str, expected: tuple[object, ...], play: Conversation
) -> None:
    recording = record(ROWS[row].factory(), play(ROWS[row].factory))
    told = set(chain.from_iterable(facts(output) for step in recording.steps for output in step.outputs))
    assert [fact for fact in expected if not is_told(fact, told)] == []
    assert any(step.error for step in recording.steps) is (name == "too much of everything")

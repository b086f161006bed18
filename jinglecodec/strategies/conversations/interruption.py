"""What becomes of conversations: a network and a hostile peer."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from hypothesis import strategies as st

from jinglecodec import session
from jinglecodec.machine import BytesReceived, DatagramReceived, TimerFired
from jinglecodec.model.stanza import Stanza
from jinglecodec.strategies.hostile import damaged
from jinglecodec.strategies.sequences import changed
from jinglecodec.testing.laws import Script


def _lost(script: list[tuple[object, float]], at: int, _: st.DrawFn) -> None:
    script[at] = TimerFired(), script[at][1]


def _doubled(script: list[tuple[object, float]], at: int, _: st.DrawFn) -> None:
    script.insert(at, script[at])


def _exchanged(script: list[tuple[object, float]], at: int, draw: st.DrawFn) -> None:
    to = draw(st.integers(0, len(script) - 1))
    (first, sooner), (second, later) = script[at], script[to]
    script[at], script[to] = (second, sooner), (first, later)


def _damaged(script: list[tuple[object, float]], at: int, draw: st.DrawFn) -> None:
    event, now = script[at]
    if isinstance(event, DatagramReceived | BytesReceived):
        script[at] = attrs.evolve(event, data=draw(damaged(st.just(event.data), (b"\0",)))), now
    elif isinstance(event, session.StanzaReceived) and isinstance(event.stanza, Stanza):
        script[at] = session.StanzaReceived(draw(changed(event.stanza))), now


@st.composite
def interrupted(draw: st.DrawFn, conversations: Sequence[Script]) -> Script:
    """Return a conversation up to some point, with a few of its events lost, doubled, exchanged or damaged."""
    told = draw(st.sampled_from(conversations))
    script = list(told[: draw(st.integers(1, len(told)))])
    for _ in range(draw(st.integers(0, 3))):
        change = draw(st.sampled_from((_lost, _doubled, _exchanged, _damaged)))
        change(script, draw(st.integers(0, len(script) - 1)), draw)
    return script

"""The laws hold for sound machines, and each catches the machines that break it."""

from __future__ import annotations

import hashlib
import math
import os
import random
import threading
from functools import partial
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
import toy_machines as toys
from hypothesis import Phase, settings
from hypothesis import strategies as st
from lxml import etree

from jinglecodec.errors import LocalError
from jinglecodec.machine import TimerFired
from jinglecodec.strategies import machine_laws
from jinglecodec.testing import laws
from jinglecodec.testing.laws import LawBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinglecodec.machine import Machine


def test_sound_machine_keeps_all_laws() -> None:
    laws.check_all(toys.beater, toys.SCRIPT, most=21, misuse=[toys.Begin()])


def test_sound_machine_keeps_all_laws_where_a_script_begins_with_misuse() -> None:
    laws.check_all(toys.beater, [(toys.Begin(), math.nan), *toys.SCRIPT], most=21)


def test_sound_machine_without_the_base_class_keeps_all_laws() -> None:
    laws.check_all(toys.Metronome, toys.SCRIPT, most=1, misuse=[toys.Begin()])


EVENTS = st.sampled_from([toys.Begin(), toys.WORDS, TimerFired()])

test_sound_machine_keeps_all_laws_under_any_script = machine_laws(toys.beater, EVENTS, most=21)
"The events come at the wrong time, too, and the times in any order."


@pytest.mark.parametrize("broken", [toys.BeatsEarly, toys.SleepsAtDeadline, toys.StaysBehind])
def test_broken_machine_breaks_the_laws_under_some_script(broken: Callable[[], Machine[Any, object]]) -> None:
    law = settings(phases=[Phase.generate])(machine_laws(broken, EVENTS, most=21))
    with pytest.raises(LawBrokenError):
        law()


@pytest.mark.parametrize(
    ("factory", "check", "message"),
    [
        (partial(toys.seeded, toys.DrawsFromAnybody), laws.check_determinism, "a second machine does something else"),
        (
            partial(toys.seeded, toys.TellsInHashOrder),
            laws.check_determinism,
            "PYTHONHASHSEED=1 does something else: step 0",
        ),
        (partial(toys.seeded, toys.ForgetsWhenPickled), laws.check_copies, "step 2, pickle: the copy gives"),
        (
            partial(toys.seeded, toys.ForgetsWhenPickled),
            partial(laws.check_copies, looks=2),
            "step 3, pickle: the copy gives",
        ),
        (partial(toys.seeded, toys.RefusesToPickle), laws.check_copies, "does not pickle: no"),
        (
            partial(toys.seeded, toys.SharesWithItsCopy),
            laws.check_copies,
            "deepcopy: the original after its copy gives",
        ),
        (toys.BeatsEarly, laws.check_deadlines, r"after step 1 .*TimerFired at 4.99\d+, before 5.0, gives \(\(Beat"),
        (partial(toys.only_in_process, os.getpid()), laws.check_determinism, r"PYTHONHASHSEED=1: [\s\S]*not here"),
        (toys.IsDueAtOnce, laws.check_deadlines, r"after step 1 .*the deadline 0.0 is not later than 0.0"),
        (toys.StaysBehind, laws.check_deadlines, r"at the deadline 5.0 comes .*, and then 5.0"),
        (toys.StaysBehind, partial(laws.check_jumps, most=9), "the deadline stays at"),
        (
            toys.SleepsAtDeadline,
            partial(laws.check_jumps, most=9, window=9),
            "the deadline stays at",
        ),
        (toys.SleepsAtDeadline, laws.check_deadlines, r"at the deadline 5.0 comes \(\), and then 5.0"),
        (partial(toys.CatchesUp), partial(laws.check_jumps, most=2), "come 721 outputs, 2 are allowed"),
        (toys.CatchesUpOneByOne, partial(laws.check_jumps, most=2), "runs things twice"),
        (toys.CatchesUpSlyly, partial(laws.check_jumps, most=2), r"come \d\d\d outputs, 2 are allowed"),
        (toys.BelievesThePast, laws.check_clock, r"after step 0 .*Begin\(\) at -2.0 gives .* 3.0\), at -1.0 .* 4.0\)"),
        (toys.TakesNaN, laws.check_clock, "at nan: no LocalError"),
    ],
)
def test_law_catches_the_machine_that_breaks_it(
    factory: Callable[[], Machine[Any, Any]], check: Callable[..., None], message: str
) -> None:
    script = [(toys.WORDS, -1.0), (toys.Begin(), 0.0), (TimerFired(), 2.0), (TimerFired(), 7.0)]

    with pytest.raises(LawBrokenError, match=message):
        check(factory, script)


@pytest.mark.parametrize(
    "thing",
    [
        hashlib.sha1(b"", usedforsecurity=False),
        hashlib.new("sha256"),
        threading.Lock(),
        threading.RLock(),
        threading.Event(),
        ET.Element("a"),
        etree.Element("a"),
        len,
        lambda: None,
        toys.beater,
        partial(len, ()),
        [].append,
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_law_of_contents_finds_what_no_machine_holds(thing: object) -> None:
    with pytest.raises(LawBrokenError, match=r"after step 0 .* machine\.things\['one'\]\[0\]\[0\] is"):
        laws.check_contents(partial(toys.Holds, thing), [(toys.Begin(), 0.0)])


@pytest.mark.parametrize("thing", [None, 1.5, b"octets", toys.WORDS, toys.Begin, {1: {2}}, random.Random(1)])
def test_law_of_contents_lets_values_pass(thing: object) -> None:
    laws.check_contents(partial(toys.Holds, thing), [(toys.Begin(), 0.0)])


def test_machine_that_runs_timers_before_it_refuses_is_caught() -> None:
    with pytest.raises(LawBrokenError, match=r"LocalError, but changed are .*machine.beats"):
        laws.check_misuse(toys.RunsTimersBeforeItRefuses, [(toys.Begin(), 0.0)], [toys.Begin()])


@pytest.mark.parametrize("thing", [threading.Lock(), len, {"a": {1, 2}}, etree.Element("a")])
def test_law_of_misuse_looks_at_any_machine(thing: object) -> None:
    laws.check_misuse(partial(toys.Holds, thing), [(toys.WORDS, 0.0)], [])
    laws.check_clock(partial(toys.Holds, toys.WORDS), [(toys.WORDS, 0.0)])
    with pytest.raises(LawBrokenError, match="no LocalError"):
        laws.check_misuse(partial(toys.Holds, thing), [(toys.WORDS, 0.0)], [toys.WORDS])


def test_machine_that_refuses_nothing_is_caught() -> None:
    with pytest.raises(LawBrokenError, match="no LocalError"):
        laws.check_misuse(toys.RefusesNothing, [(toys.Begin(), 0.0)], [toys.Begin()])


def test_outputs_can_be_counted_by_kind() -> None:
    laws.check_jumps(toys.beater, toys.SCRIPT, most=0, counts=lambda output: isinstance(output, toys.Said))


def test_sound_machine_refuses_times_that_are_none() -> None:
    metronome = toys.Metronome()

    for bad in (math.nan, math.inf, -math.inf):
        with pytest.raises(LocalError):
            metronome.handle(TimerFired(), bad)


@pytest.mark.parametrize(
    ("looks", "steps"), [(1, [3]), (2, [1, 3]), (3, [1, 3]), (4, [0, 1, 2, 3]), (99, [0, 1, 2, 3])]
)
def test_machines_are_looked_at_in_equal_distances_and_at_last(looks: int, steps: list[int]) -> None:
    script = [(TimerFired(), float(number)) for number in range(4)]
    stages = laws._stages(partial(toys.seeded, toys.Beater), script, looks)
    assert [int(now) for _, _, now, _ in stages] == steps


@pytest.mark.parametrize("looks", [1, 2, 4])
def test_the_machine_that_breaks_a_law_at_last_is_caught_by_any_number_of_looks(looks: int) -> None:
    script = [(toys.WORDS, -1.0), (TimerFired(), 0.0), (toys.Begin(), 0.5)]
    with pytest.raises(LawBrokenError, match="after step 2"):
        laws.check_deadlines(toys.BeatsEarly, script, looks=looks)

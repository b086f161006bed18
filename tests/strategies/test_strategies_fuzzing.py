"""The fuzzer: what it tries, when it stops, and what it writes down."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jinglecodec as jc
from jinglecodec.errors import EncodeError
from jinglecodec.machine import TimerFired
from jinglecodec.strategies import __main__ as command
from jinglecodec.strategies import targets as table
from jinglecodec.strategies.__main__ import Covered, read_corpus, set_alarm, write_reproducer
from jinglecodec.strategies.fuzzing import Failure, Fuzzer, OverdueError, Trial
from jinglecodec.strategies.laws import MACHINE_RULES, check_machine
from jinglecodec.strategies.targets import Corpus, Target, targets


class Clock:
    """Gives a later time at each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.1
        return self.now


def small(value: int) -> None:
    if value > 100:
        raise ValueError(value)


def fuzzer(*wanted: Target, jumps: int = 0) -> Fuzzer:
    return Fuzzer(wanted, clock=Clock(), jumps=lambda: jumps, seed=3)


def test_a_broken_law_is_found_made_small_and_left_alone() -> None:
    broken = Target("broken", st.integers(0, 10**6), small)
    sound = Target("sound", st.just(1), small)
    run = fuzzer(broken, sound)
    run.run(until=50.0)
    (failure,) = run.failures
    assert (failure.target, failure.value, type(failure.error)) == ("broken", 101, ValueError)
    assert run.progress["broken"].seconds < run.progress["sound"].seconds


def test_a_slice_ends_in_time_whatever_an_input_costs() -> None:
    """The pace of what is recorded says nothing about what is drawn, nor that of one slice about the next."""
    clock = Clock()

    def slow(value: int) -> None:
        clock.now += 2.0 * value

    recorded = Target("slow", st.just(1) | st.just(2), slow, lambda: (0,) * 100)
    run = Fuzzer((recorded,), clock=clock, jumps=lambda: 0, seed=0)
    run.run(until=40.0)
    assert clock.now < 40.0 + 5.0


def test_slices_grow_from_round_to_round_up_to_half_a_minute() -> None:
    clock = Clock()
    turns: list[tuple[str, float]] = []

    def law(name: str, _: object) -> None:
        clock.now += 0.5
        if not turns or turns[-1][0] != name:
            turns.append((name, clock.now))

    wanted = [Target(name, st.integers(), partial(law, name)) for name in "ab"]
    Fuzzer(wanted, clock=clock, jumps=lambda: 0, seed=0).run(until=400.0)
    lengths = [round(later - sooner) for (_, sooner), (_, later) in itertools.pairwise(turns)]
    assert lengths[:8] == pytest.approx([3, 3, 6, 6, 12, 12, 24, 24], abs=2)
    assert lengths[8:-1] == pytest.approx([30] * len(lengths[8:-1]), abs=2)


def test_making_a_finding_smaller_ends_in_time_whatever_drawing_costs() -> None:
    """Hypothesis would go on for five minutes, and draw inputs that are not tried any more."""
    clock = Clock()

    def drawn(values: list[int]) -> int:
        clock.now += 1.0
        return sum(values)

    wanted = Target("slow", st.lists(st.integers(0), min_size=40).map(drawn), small)
    run = Fuzzer((wanted,), clock=clock, jumps=lambda: 0, seed=0)
    run.run(until=2.0)
    (failure,) = run.failures
    assert isinstance(failure.value, int)
    assert failure.value > 100
    assert clock.now < 2.0 + 20.0 + 3.0


def test_an_endless_input_is_a_finding() -> None:
    """As the alarm ends it. It is set for each input, and off when nothing is tried."""
    alarms: list[float] = []

    def endless(_: object) -> None:
        raise OverdueError

    run = Fuzzer((Target("one", st.just(7), endless),), clock=Clock(), jumps=lambda: 0, alarm=alarms.append)
    run.run(until=4.0)
    (failure,) = run.failures
    assert (failure.value, type(failure.error)) == (7, OverdueError)
    assert alarms[0] > 0.0
    assert alarms[-1] == 0.0


def test_the_alarm_ends_what_computes_for_ever_and_can_be_called_off() -> None:
    set_alarm(0.01)
    with pytest.raises(OverdueError):
        for _ in itertools.repeat(0):
            pass
    set_alarm(0.01)
    set_alarm(0.0)
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_what_is_tried_is_known_when_it_is_interrupted() -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    run = fuzzer(Target("one", st.just(7), interrupted))
    with pytest.raises(KeyboardInterrupt):
        run.run(until=4.0)
    assert run.trial == Trial("one", 7)


def test_what_is_recorded_is_tried_first() -> None:
    tried: list[int] = []
    run = fuzzer(Target("one", st.just(0), tried.append, lambda: (7, 8)))
    run.run(until=4.0)
    assert tried[:2] == [7, 8]
    assert set(tried[2:]) == {0}
    assert run.progress["one"].executions == len(tried)


def test_a_recorded_input_that_breaks_a_law_is_shown_as_it_is() -> None:
    run = fuzzer(Target("one", st.just(0), small, lambda: (7, 1000)))
    run.run(until=4.0)
    assert [failure.value for failure in run.failures] == [1000]


def test_a_target_that_finds_something_new_goes_on() -> None:
    """Each slice of `new` covers a jump more, until it has covered ten."""
    covered = 0
    turns: list[str] = []

    def new(_: object) -> None:
        nonlocal covered
        covered = min(covered + 1, 10)
        turns.append("new")

    wanted = (Target("new", st.just(0), new), Target("old", st.just(0), lambda _: turns.append("old")))
    run = Fuzzer(wanted, clock=Clock(), jumps=lambda: covered, seed=0)
    run.run(until=20.0)
    assert turns.index("old") >= 10
    assert run.progress["new"].jumps == run.covered == 10
    assert run.progress["old"].jumps == 0
    assert "old" in turns


def test_a_mistake_in_a_strategy_is_no_finding() -> None:
    run = fuzzer(Target("one", st.just(0).map(lambda _: 1 // 0), small))
    with pytest.raises(ZeroDivisionError):
        run.run(until=4.0)


def test_a_reproducer_shows_the_law_and_tries_the_input_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    again: list[tuple[str, object]] = []
    monkeypatch.setattr(table, "reproduce", lambda name, value: again.append((name, value)))
    failure = Failure("stanzas", b'"""\n\\', ValueError('it is """\\wrong"""'))
    path = write_reproducer(tmp_path, failure, seed=5)
    exec(compile(path.read_text(encoding="utf-8"), path, "exec"), {})  # noqa: S102
    assert again == [("stanzas", b'"""\n\\')]
    assert "--seed 5" in path.read_text(encoding="utf-8")


def test_an_input_is_tried_again_by_the_name_of_its_target() -> None:
    table.reproduce("elements", jc.Group(semantics="BUNDLE"))
    with pytest.raises(EncodeError, match="neither an element nor Raw"):
        table.reproduce("elements", "no element")


def test_a_corpus_is_read_by_the_ends_of_names(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for name, data in (("1.xml", b"<a/>"), ("a/2.sdp", b"v=0\r\n\xff"), ("a/3.bin", b"\0"), ("note.txt", b"")):
        (tmp_path / name).write_bytes(data)
    corpus = read_corpus(tmp_path)
    assert corpus == Corpus((b"<a/>",), ("v=0\r\n\udcff",), (b"\0",))
    assert read_corpus(None) == Corpus()
    first = {
        target.name: next(iter(target.beginning()))
        for target in targets(corpus)
        if target.name in ("stanzas", "descriptions", "datagrams")
    }
    assert first == {"stanzas": b"<a/>", "descriptions": "v=0\r\n\udcff", "datagrams": b"\0"}


@pytest.mark.parametrize("target", targets(Corpus()), ids=lambda target: target.name)
def test_every_law_holds_for_a_few_inputs(target: Target) -> None:
    @settings(max_examples=max(settings().max_examples // 25, 1))
    @given(target.inputs)
    def law(value: object) -> None:
        target.law(value)

    law()


@pytest.mark.parametrize("rule", MACHINE_RULES)
def test_every_rule_of_machines_is_tried(rule: str) -> None:
    """By name, as `targets` draws them: a machine that is none breaks each of them in some way."""
    with pytest.raises(AttributeError):
        check_machine(object, (rule, [(TimerFired(), 0.0)]))  # type: ignore[arg-type]


class Measured:
    """Stands for what coverage measures."""

    def __init__(self, root: Path, arcs: dict[str, list[tuple[int, int]]]) -> None:
        self._arcs = {str(root / name): found for name, found in arcs.items()}

    def get_data(self) -> Measured:
        return self

    def measured_files(self) -> set[str]:
        return set(self._arcs)

    def arcs(self, file: str) -> list[tuple[int, int]]:
        return self._arcs[file]


def test_what_earlier_runs_have_covered_is_not_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the source is another one since; a run without such a file begins with nothing."""
    monkeypatch.setattr(command, "_ROOT", tmp_path)
    for name in ("same.py", "changed.py", "gone.py"):
        (tmp_path / name).write_text("1")

    def covered(path: Path | None, **arcs: list[tuple[int, int]]) -> Covered:
        return Covered(Measured(tmp_path, {f"{name}.py": found for name, found in arcs.items()}), path)  # type: ignore[arg-type]

    file = tmp_path / "covered.json"
    covered(file, same=[(1, 2), (2, 3)], changed=[(1, 2)], gone=[(1, 2)]).save()
    (tmp_path / "changed.py").write_text("2")
    (tmp_path / "gone.py").unlink()

    first, second = covered(file, same=[(2, 3), (3, 4)]), covered(file, same=[(4, 5)])
    assert (first.count(), second.count()) == (3, 3)
    for one in (first, second):
        one.save()
    assert covered(file).count() == 4
    assert covered(file, changed=[(5, 6)]).count() == 5
    assert covered(None, same=[(2, 3), (3, 4)]).count() == 2


@pytest.mark.long
def test_the_command_prints_what_was_covered(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "jinglecodec.strategies", "--seconds", "2", "--seed", "1", "--target", "datagrams"]
    run = subprocess.run([*command, "--output", tmp_path], capture_output=True, text=True, check=True)
    assert "executions in" in run.stdout
    assert "branches covered" in run.stdout
    assert not list(tmp_path.iterdir())


INTERRUPTED = """
import os, signal, sys
from hypothesis import strategies as st
from jinglecodec.strategies import __main__ as command, targets

signal.signal(signal.SIGINT, signal.SIG_IGN)
interrupt = targets.Target("one", st.just(7), lambda _: os.kill(os.getpid(), signal.SIGINT))
command.targets = lambda _: (interrupt,)
sys.exit(command.main())
"""


@pytest.mark.long
def test_an_interrupt_prints_the_table_and_what_was_tried() -> None:
    """Also in a job that a shell has put into the background, for which SIGINT is ignored."""
    run = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=True)
    assert "interrupted at Trial(target='one', value=7)" in run.stdout
    assert "1 executions in" in run.stdout
    assert "branches covered" in run.stdout

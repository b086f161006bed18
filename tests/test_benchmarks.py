"""The benchmarks as a program: what they write, and when they fail."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

PROGRAM = Path(__file__).parents[1] / "benchmarks" / "run.py"
ROW = "import jinglecodec and first loads"


def measured(*options: str) -> subprocess.CompletedProcess[str]:
    """Measure one row."""
    command = [sys.executable, str(PROGRAM), "--quick", *options, ROW]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROGRAM.parents[1])


def test_results_are_written_with_what_they_depend_on(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    done = measured("--slack", "100", "--json", str(file))
    results = json.loads(file.read_text())

    assert done.returncode == 0, done.stderr
    assert {"python", "processor", "load", "rounds", "versions", "rows", "skipped"} <= results.keys()
    (row,) = results["rows"]
    assert row["name"] == ROW
    assert row["ratio"] == pytest.approx(row["ours"] / row["base"], rel=0.5)


def test_ratio_beyond_the_slack_fails() -> None:
    """A slack so small that no ratio is within."""
    done = measured("--slack", "0.001")

    assert done.returncode == 1
    assert f"over 0.001 times what must hold: {ROW}" in done.stderr

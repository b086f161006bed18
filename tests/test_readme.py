from __future__ import annotations

import doctest
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest
from readme_by_script import blocks_of, steps_of

from jinglecodec.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = tuple(blocks_of(ROOT, "README.md"))


def test_what_the_readme_shows_is_what_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = doctest.testfile(str(ROOT / "README.md"), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert found.attempted > 10
    assert found.failed == 0


def test_what_commands_print_is_what_they_print(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """After each `$ command`, what comes on both outputs. Other programs are run by `readme_by_script.py`."""
    program = tmp_path / "jinglecodec"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m jinglecodec "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    steps = [step for block in BLOCKS if block.language == "console" for step in steps_of(block)]
    ours = [step for step in steps if step.command.startswith("jinglecodec ")]
    assert len(ours) > 2
    for step in ours:
        told = subprocess.run(
            ["bash", "-c", f"{{ {step.command}; }} 2>&1"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert step.fits(told.stdout), (step.command, told.stdout)


def test_the_options_of_commands_are_those_that_they_have(capsys: pytest.CaptureFixture[str]) -> None:
    (synopsis,) = [block.text for block in BLOCKS if not block.language]
    shown = re.split(r"^jinglecodec ", synopsis, flags=re.MULTILINE)[1:]
    assert len(shown) > 5
    for text in shown:
        command = text.split()[0]
        with pytest.raises(SystemExit):
            main([command, "--help"])
        there = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
        assert set(re.findall(r"--[a-z-]+", text)) == there - {"--help"}, command


def test_the_readme_has_two_commands_that_do_everything() -> None:
    """One to use it, one to work on it; both begin with nothing but Python."""
    commands = [block.text for block in BLOCKS if block.text.startswith("python3 ")]
    assert [command.count("\n") for command in commands] == [1, 1]
    assert "to-jingle" in commands[0]
    assert commands[1].endswith("pytest -n auto\n")


def test_the_guide_to_calls_is_the_example() -> None:
    guide = README.partition("## Make calls\n")[2].partition("\n## ")[0]
    pieces = [block.text for block in BLOCKS if block.language == "python" and block.text in guide]
    example = (ROOT / "examples" / "slixmpp_call.py").read_text(encoding="utf-8")
    assert len(pieces) > 4
    assert [piece for piece in pieces if piece not in example] == []


def test_what_the_readme_names_is_there() -> None:
    """Files by their path from the root, the package or the examples; modules in the tables by their name."""
    bases = (ROOT, ROOT / "jinglecodec", ROOT / "examples")
    files = re.findall(r"`([\w/]+\.(?:py|md|sdp))`", README)
    assert len(files) > 20
    assert [name for name in files if not any((base / name).is_file() for base in bases)] == []
    table = README.partition("## Specifications\n")[2].partition("\n## ")[0]
    rows = [row.split(" | ")[1] for row in table.splitlines() if row.startswith("| ") and "`" in row.split(" | ")[1]]
    assert len(rows) > 15
    for row in rows:
        first, *others = re.findall(r"`([a-z_.A-Z]+)`", row)
        package = first.split(".")[0]
        for name in (first, *(f"{package}{other}" if other[0] == "." else other for other in others)):
            assert pkgutil.resolve_name(f"jinglecodec.{name}") is not None

from __future__ import annotations

import doctest
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_the_readme_shows_is_what_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = doctest.testfile(str(ROOT / "README.md"), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert found.attempted > 10
    assert found.failed == 0


def test_what_commands_print_is_what_they_print(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """After each `$ command`, what comes on both outputs; `...` stands for any of it."""
    program = tmp_path / "jinglecodec"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m jinglecodec "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    shown = re.findall(r"^```console\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
    pieces = [
        re.split(r"\n", one, maxsplit=1) for block in shown for one in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    ]
    assert len(pieces) > 2
    for command, expected in pieces:
        told = subprocess.run(
            ["bash", "-c", f"{{ {command}; }} 2>&1"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert doctest.OutputChecker().check_output(expected, told.stdout, doctest.ELLIPSIS), (command, told.stdout)


def test_the_readme_has_two_commands_that_do_everything() -> None:
    """`.ci/run` takes them from here."""
    commands = re.findall(r"^```sh\n(python3 .*)\n```$", README, flags=re.MULTILINE)
    assert len(commands) == 2
    assert "to-jingle" in commands[0]
    assert commands[1].endswith("pytest -n auto")


def test_the_guide_to_calls_is_the_example() -> None:
    guide = README.partition("## Make calls\n")[2].partition("\n## ")[0]
    pieces = re.findall(r"^```python\n(.*?)^```$", guide, flags=re.MULTILINE | re.DOTALL)
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

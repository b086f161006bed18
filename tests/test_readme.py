from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_the_readme_shows_is_what_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = doctest.testfile(str(ROOT / "README.md"), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert found.attempted > 10
    assert found.failed == 0


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

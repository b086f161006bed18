"""Type checkers find the exact types that the declarations have (PEP 681)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pyright", reason="no pyright (PyPI)")

pytestmark = pytest.mark.interop  # it is an npm package, fetched on first use

TESTS = Path(__file__).parent


def checked(script: Path) -> subprocess.CompletedProcess[str]:
    """Run pyright in a directory that has nothing else, and no configuration."""
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, script.name]
    environment = {**os.environ, "PYTHONPATH": str(TESTS.parent)}
    return subprocess.run(command, cwd=script.parent, env=environment, capture_output=True, text=True, check=False)


def test_script_of_a_user_passes_pyright(tmp_path: Path) -> None:
    script = Path(shutil.copy(TESTS / "typed_script.py", tmp_path))

    assert "0 errors, 0 warnings" in checked(script).stdout


def test_pyright_notices_what_is_wrong(tmp_path: Path) -> None:
    script = tmp_path / "wrong.py"
    wrong = ("ip='::1', port='80'", "ip='::1'")
    calls = (f"jc.RemoteCandidate(component=1, {arguments})" for arguments in wrong)
    script.write_text("\n".join(["import jinglecodec as jc", "", *calls, ""]))
    told = checked(script).stdout

    assert 'cannot be assigned to parameter "port" of type "int"' in told
    assert 'Argument missing for parameter "port"' in told

"""The rows of start-up: CPU seconds of fresh processes, with byte code already written."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

__all__ = ["BASE", "Process", "processes"]

OFFER = Path(__file__).parent.parent / "examples" / "offer.sdp"
BASE = "import attrs, lxml.etree"
_STANZA = "<iq type='set' id='1'><jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='a'/></iq>"
_TIMED = "import time; start = time.process_time()\n{}\nprint(time.process_time() - start)"

Process = tuple[str, "Callable[[], float]", float, float]
"Name; CPU seconds of one process; the ratio to the base that must hold, and the one aimed at."


class Start:
    """Starts processes that keep their byte code in a folder of their own."""

    def __init__(self) -> None:
        self._cache = tempfile.TemporaryDirectory()
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self._environment = {**kept, "PYTHONPYCACHEPREFIX": self._cache.name}

    def inside(self, code: str) -> float:
        """Return the CPU seconds that `code` takes in a fresh interpreter, without those of starting it."""
        return float(self._run([sys.executable, "-c", _TIMED.format(code)]))

    def whole(self, *arguments: str) -> float:
        """Return the CPU seconds of a whole process."""
        before = getrusage(RUSAGE_CHILDREN)
        self._run([sys.executable, *arguments])
        after = getrusage(RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(command, env=self._environment, check=True, capture_output=True, text=True)
        return done.stdout


def processes() -> tuple[Callable[[], float], list[Process]]:
    """Return the base and the rows."""
    start = Start()
    found: list[Process] = [
        ("import jinglecodec", lambda: start.inside("import jinglecodec"), 0.5, 0.3),
        (
            "import jinglecodec and first loads",
            lambda: start.inside(f"import jinglecodec; jinglecodec.loads({_STANZA!r})"),
            2.2,
            1.8,
        ),
        ("whole to-jingle process", lambda: start.whole("-m", "jinglecodec", "to-jingle", str(OFFER)), 3.5, 3.0),
    ]
    return lambda: start.inside(BASE), found

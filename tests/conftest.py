"""What all tests share: where read-only material lies, how hard property tests look, and what was left out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

PROFILE = os.environ.get("JINGLECODEC_PROFILE", "default")

settings.register_profile("default", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("default"), max_examples=2000)
settings.load_profile(PROFILE)


def _directory(variable: str, name: str) -> Path:
    """Return a directory of read-only material, or skip the test that asks for it."""
    path = Path(os.environ.get(variable) or Path(__file__).parents[2] / "shared" / name)
    if not path.is_dir():
        pytest.skip(f"no {name} directory ({variable})")
    return path


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the directory of recorded input (JINGLECODEC_CORPUS)."""
    return _directory("JINGLECODEC_CORPUS", "corpus")


@pytest.fixture(scope="session")
def specs() -> Path:
    """Return the directory of specifications, their schemas and examples (JINGLECODEC_SPECS)."""
    return _directory("JINGLECODEC_SPECS", "specs")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if PROFILE == "long":
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="long: set JINGLECODEC_PROFILE=long"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None, None, None]:
    """End the run with what was not run, so that a green run is not taken for more than it is."""
    yield
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    terminalreporter.section(f"{len(skipped)} skipped")
    for reason, count in reasons.most_common():
        terminalreporter.line(f"{count:6} {reason}")

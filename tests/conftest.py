"""What all tests share: where read-only material lies, how hard property tests look, and what was left out."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

PROFILE = os.environ.get("JINGLECODEC_PROFILE", "default")
REQUIRED = bool(os.environ.get("JINGLECODEC_REQUIRED"))
"Whether a peer or corpus that is missing fails the run, as `.ci/run` asks for."

# The default run draws the same examples each time, so that it turns red by a change only; the long one explores.
settings.register_profile(
    "default", max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", settings.get_profile("default"), max_examples=2000, derandomize=False)
settings.load_profile(PROFILE)

# Test module -> the peer that it talks to. Tests marked `corpus` are counted by their directory.
PEERS = {
    "test_ice_turn_aioice": "aioice (PyPI)",
    "test_interop_coturn_agents": "coturn",
    "test_interop_coturn_relays": "coturn",
    "test_bridge_aiortc": "aiortc (PyPI)",
    "test_example_aiortc": "aiortc (PyPI)",
    "test_example_browser": "Chromium, aiortc",
    "test_example_nbxmpp": "nbxmpp (Debian)",
    "test_stun_aioice": "aioice (PyPI)",
    "test_network_aioice": "aioice (PyPI)",
    "test_network_nftables": "NAT of Linux (nftables)",
    "test_interop_ice_aioice": "aioice (PyPI)",
    "test_interop_ice_libnice": "libnice",
    "test_interop_ice_browsers": "Chromium, Firefox",
    "test_interop_endpoint_browsers": "Chromium, Firefox",
    "test_interop_slixmpp": "Prosody, slixmpp, coturn",
    "test_typing": "pyright (PyPI)",
    "test_sip_example": "Prosody, slixmpp, sipp",
    "test_sip_interop": "sipp (Debian)",
}
CORPORA = {
    "mapping": "corpus: browsers, sdp",
    "model": "corpus: jingle, clients; XEP examples",
    "sdp": "corpus: browsers, sdp",
    "session": "corpus: clients; XEP examples",
    "sip": "corpus: sdp",
    "stun": "corpus: stun",
}
LONG = "long: set JINGLECODEC_PROFILE=long"


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
    for item in items:
        subject = PEERS.get(item.path.stem)
        if subject is None and item.get_closest_marker("corpus"):
            subject = CORPORA.get(item.path.parent.name, "corpus")
        if subject is not None:
            item.user_properties.append(("subject", subject))
        if PROFILE != "long" and item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason=LONG))


def _reason(report: pytest.TestReport) -> str:
    longrepr = report.longrepr
    return str(longrepr[2] if isinstance(longrepr, tuple) else longrepr).removeprefix("Skipped: ")


def _missing(reporter: pytest.TerminalReporter) -> list[str]:
    """Return why tests were skipped, the long ones apart."""
    return [reason for report in reporter.stats.get("skipped", []) if (reason := _reason(report)) != LONG]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End the run with what was run against what, and what was not, so that a green run is not taken for more."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for outcome in ("passed", "failed", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, subject in getattr(report, "user_properties", ()):
                if name == "subject":
                    counts[subject][outcome] += 1
    terminalreporter.section("peers and corpora")
    for subject, outcomes in sorted(counts.items()):
        ran = outcomes["passed"] + outcomes["failed"]
        terminalreporter.line(f"{subject:<42}{ran:6} ran{outcomes['skipped']:6} skipped")
    skipped = Counter(map(_reason, terminalreporter.stats.get("skipped", [])))
    terminalreporter.section(f"{skipped.total()} skipped")
    for reason, count in skipped.most_common():
        terminalreporter.line(f"{count:6} {reason}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that had to have all peers and corpora, and had not."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if REQUIRED and isinstance(reporter, pytest.TerminalReporter) and _missing(reporter) and session.exitstatus == 0:
        reporter.line("")
        reporter.line("failed: something was skipped that is not long (JINGLECODEC_REQUIRED)", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

"""Network namespaces of Linux, for tests that need addresses, routes or NATs of their own."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["cable", "inside", "lan", "namespace", "require"]

_NETWORK = 0x40000000
"CLONE_NEWNET of setns(2)."


def require(*tools: str) -> None:
    """Skip where namespaces cannot be made, or one of these programs is missing; `.ci/run` fails there."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    missing = [tool for tool in ("ip", *tools) if shutil.which(tool) is None]
    if missing:
        reason = f"not installed: {', '.join(missing)}"
        assert "JINGLECODEC_REQUIRED" not in os.environ, reason
        pytest.skip(reason)


@contextmanager
def namespace(name: str) -> Iterator[Callable[..., None]]:
    """Make a network namespace for a while, and yield what runs a command in it."""
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        pytest.skip(f"no network namespaces here: {made.stderr.strip()}")

    def run(*command: str, text: str | None = None) -> None:
        command = ("ip", "netns", "exec", name, *command)
        done = subprocess.run(command, check=False, input=text, text=True, capture_output=True)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"

    try:
        yield run
    finally:
        subprocess.run(["ip", "netns", "del", name], check=True)


def cable(left: str, left_end: str, right: str, right_end: str) -> None:
    """Connect two namespaces."""
    command = ["ip", "link", "add", left_end, "netns", left, "type", "veth", "peer", "name", right_end, "netns", right]
    subprocess.run(command, check=True)


@contextmanager
def inside(name: str) -> Iterator[None]:
    """Let this thread, and the processes that it starts, live in a namespace for a while."""
    library = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/thread-self/ns/net").open() as own, Path("/run/netns", name).open() as other:
        if library.setns(other.fileno(), _NETWORK) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            assert library.setns(own.fileno(), _NETWORK) == 0


@contextmanager
def lan(*addresses: str) -> Iterator[None]:
    """Live in a namespace with these addresses on one interface and a default route, as browsers want it."""
    name = f"jinglecodec-{os.getpid()}-lan"
    with namespace(name) as run:
        cable(name, "eth0", name, "eth1")
        for address in addresses:
            run("ip", "address", "add", f"{address}/24", "dev", "eth0")
        for interface in ("lo", "eth0", "eth1"):
            run("ip", "link", "set", interface, "up")
        run("ip", "route", "add", "default", "via", f"{addresses[0].rpartition('.')[0]}.254", "dev", "eth0")
        with inside(name):
            yield

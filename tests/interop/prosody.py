"""A Prosody of our own on 127.0.0.1, for as long as a test takes."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from coturn import free_ports, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["PASSWORD", "prosody"]

PASSWORD = "northpole"
"Of all accounts."

CONFIGURATION = """
data_path = "{directory}"
pidfile = "{directory}/prosody.pid"
log = {{ info = "{directory}/prosody.log" }}
run_as_root = true
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
s2s_ports = {{}}
modules_enabled = {{ "saslauth"; "disco"; "presence"; "message"; "iq"; "posix"; {modules} }}
modules_disabled = {{ "s2s" }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
{options}
VirtualHost "localhost"
"""


@contextmanager
def prosody(
    directory: Path, accounts: Iterable[str], modules: Iterable[str] = (), options: Iterable[str] = ()
) -> Iterator[int]:
    """Run a server for `localhost` whose files are in `directory`, and yield its port; skip where it is not installed.

    `modules` are loaded too, `options` are further lines of configuration.
    """
    if shutil.which("prosody") is None:
        assert "JINGLECODEC_REQUIRED" not in os.environ
        pytest.skip("not installed: prosody")
    (port,) = free_ports(1)
    named = "".join(f'"{module}"; ' for module in modules)
    text = CONFIGURATION.format(directory=directory, port=port, modules=named, options="\n".join(options))
    file = directory / "prosody.cfg.lua"
    file.write_text(text)
    for account in accounts:
        command = ["prosodyctl", "--config", str(file), "register", account, "localhost", PASSWORD]
        subprocess.run(command, check=True, capture_output=True)
    with (
        (directory / "prosody.out").open("wb") as out,
        subprocess.Popen(["prosody", "-F", "--config", str(file)], stdout=out, stderr=out) as process,
    ):
        try:
            wait_for(port, process)
            yield port
        finally:
            process.kill()

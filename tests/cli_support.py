"""Inputs for the command line, and ways to run it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

__all__ = ["JINGLE", "OFFER", "ROOT", "SDP", "fed", "program", "written"]

LINES = [
    *("v=0", "o=- 7214 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=msid-semantic: WMS"),
    *("m=audio 9 UDP/TLS/RTP/SAVPF 111 0", "c=IN IP4 0.0.0.0", "a=mid:0", "a=ice-ufrag:8hhy"),
    *("a=ice-pwd:asd88fgpdd777uzjYhagZg", "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)),
    *("a=setup:actpass", "a=ice-options:trickle", "a=sendonly", "a=rtpmap:111 opus/48000/2"),
]
SDP = "".join(f"{line}\r\n" for line in LINES).encode()
OFFER = SDP.replace(b"a=mid:0", b"a=mid:offered")
JINGLE = (
    "<jingle xmlns='urn:xmpp:jingle:1' action='{}' sid='s1'><content creator='initiator' name='0' senders='initiator'>"
    "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'><payload-type id='0'/></description>"
    "<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1'/></content></jingle>"
)
ROOT = Path(__file__).parents[1]


def written(path: Path, data: bytes | str) -> str:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return str(path)


def fed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Let standard input be `data`."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def program(*arguments: str, data: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program in a process of its own."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, "-m", "jinglecodec", *arguments],
        input=data,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path, **environment},
    )

"""sipp: scenarios built of messages, and runs of it."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

SDP = """v=0
o=sipp 1 {version} IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 6000 RTP/AVP 0
a=rtpmap:0 PCMU/8000
a={direction}
a=ice-ufrag:sipp
a=ice-pwd:0123456789abcdefghijkl
a=candidate:1 1 UDP 2130706431 127.0.0.1 6000 typ host
"""


def recv(kind: str, name: str, *, optional: bool = False) -> str:
    more = ' rrs="true"' * (name in ("INVITE", "200")) + ' optional="true"' * optional
    return f'<recv {kind}="{name}"{more}/>'


def reply(status: str, direction: str = "", version: int = 1) -> str:
    head = "[last_Via:]\n[last_From:]\n[last_To:];tag=sipp[call_number]\n[last_Call-ID:]\n[last_CSeq:]"
    if direction and version > 1:
        head = head.replace(";tag=sipp[call_number]", "")
    return _message(f"SIP/2.0 {status}\n{head}\nContact: <sip:romeo@[local_ip]:[local_port]>", direction, version)


def request(method: str, number: int, direction: str = "", version: int = 1, answered: str = "") -> str:
    """Return a request of sipp: to the Contact of the one who `answered`; with a number, of the branch so far back."""
    uri = "[next_url]" if answered and not answered.isdigit() else "sip:juliet@example.com"
    to = "[peer_tag_param]" if answered else ""
    branch = f"[branch-{answered}]" if answered.isdigit() else "[branch]"
    head = f"""{method} {uri} SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch={branch}
From: <sip:romeo@example.net>;tag=sipp[call_number]
To: <sip:juliet@example.com>{to}
Call-ID: [call_id]
CSeq: {number} {method}
Contact: <sip:romeo@[local_ip]:[local_port]>
Max-Forwards: 70"""
    return _message(head, direction, version)


def _message(head: str, direction: str, version: int) -> str:
    body = SDP.format(direction=direction, version=version) if direction else ""
    kind = "Content-Type: application/sdp\n" if body else ""
    return f'<send retrans="500"><![CDATA[\n{head}\n{kind}Content-Length: [len]\n\n{body}]]></send>'


def sends(text: str) -> str:
    """Return a message that is not retransmitted."""
    return text.replace(' retrans="500"', "")


CALLED = [recv("request", "INVITE"), sends(reply("180 Ringing")), reply("200 OK", "sendrecv"), recv("request", "ACK")]
HUNG_UP = [recv("request", "BYE"), sends(reply("200 OK").replace(";tag=sipp[call_number]", ""))]
RINGS = [recv("response", "100", optional=True), recv("response", "180", optional=True)]
CALLS = [request("INVITE", 1, "sendrecv"), *RINGS, recv("response", "200"), sends(request("ACK", 1, answered="x"))]
HANGS_UP = [request("BYE", 9, answered="x"), recv("response", "200")]


class Sipp:
    """One run of sipp with a scenario."""

    def __init__(self, folder: Path, port: int, gateway: int, steps: list[str], *, calls: bool) -> None:
        path = folder / "scenario.xml"
        path.write_text('<?xml version="1.0"?>\n<scenario name="test">\n' + "\n".join(steps) + "\n</scenario>\n")
        command = [
            "sipp",
            "-sf",
            str(path),
            "-i",
            "127.0.0.1",
            "-p",
            str(port),
            "-m",
            "1",
            "-nostdin",
            "-timeout",
            "15",
        ]
        target = [f"127.0.0.1:{gateway}"] if calls else []
        self.log = (folder / "sipp.log").open("w")
        self.process = subprocess.Popen(
            [*command, "-trace_err", *target], cwd=folder, stdout=self.log, stderr=subprocess.STDOUT
        )
        if not calls:
            _await_port(port)

    @property
    def is_done(self) -> bool:
        return self.process.poll() is not None

    def close(self) -> None:
        if not self.is_done:
            self.process.kill()
        self.process.wait()
        self.log.close()


def _await_port(port: int) -> None:
    """Wait until sipp has its socket, which nobody else can bind then."""
    for _ in range(200):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return
        time.sleep(0.02)
    raise AssertionError("sipp did not start")


def free_port() -> int:
    """Return a UDP port of the loopback address that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""The row of the whole way: SDP -> Jingle XML -> SDP, beside npm's stanza in its own process, block by block in turn.

Needs node and `npm install stanza` (in `JINGLECODEC_NODE_MODULES`, or where node looks); without them the row is named
as skipped. The number of lines that each side does not give back as they were is printed with the row.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinglecodec as jc

__all__ = ["OFFER", "Stanza", "trip"]

OFFER = Path(__file__).parent.parent / "examples" / "offer.sdp"

_SCRIPT = """
const { importFromSDP, exportToSDP } = require('stanza/jingle');
const P = require('stanza/jingle/sdp/Protocol');
const { Registry, parse } = require('stanza/jxt');
const R = new Registry(); R.define(require('stanza/protocol').default);
const sdp = require('fs').readFileSync(process.argv[1], 'utf8');
function trip() {
  const req = P.convertIntermediateToRequest({ type: 'offer', ...importFromSDP(sdp) }, 'initiator',
    'urn:xmpp:jingle:transports:ice-udp:1');
  const xml = R.export('iq.jingle', { action: 'session-initiate', sid: 'sid1', ...req }).toString();
  const back = P.convertRequestToIntermediate(R.import(parse(xml), { path: 'iq.jingle' }), 'responder');
  back.type = 'offer';
  return exportToSDP(back);
}
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const times = Number(line);
  if (times === 0) { console.log(JSON.stringify(trip())); return; }
  const start = process.cpuUsage();
  for (let i = 0; i < times; i++) trip();
  const used = process.cpuUsage(start);
  console.log(JSON.stringify((used.user + used.system) / times / 1e6));
});
"""


class Stanza:
    """stanza in a node process that waits for orders."""

    def __init__(self) -> None:
        node = shutil.which("node")
        if node is None:
            raise FileNotFoundError("node is not installed")
        environment = {**os.environ, "NODE_PATH": os.environ.get("JINGLECODEC_NODE_MODULES", "")}
        self._process = subprocess.Popen(
            [node, "-e", _SCRIPT, str(OFFER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
        )
        try:
            self.lines = self._ask(0).split("\r\n")
        except (OSError, json.JSONDecodeError):
            raise FileNotFoundError("npm's stanza is not installed") from None

    def _ask(self, times: int) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{times}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def seconds(self, times: int) -> float:
        """Return the CPU seconds of one trip, averaged over `times` in a row."""
        return float(self._ask(times))

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait()


def trip(text: str | None = None) -> Callable[[], str]:
    """Return the callable that takes an offer to Jingle bytes and back."""
    offer = OFFER.read_bytes().decode() if text is None else text

    def run() -> str:
        description = jc.sdp.loads(offer)
        mapped = jc.mapping.to_jingle(description, action="session-initiate", sid="sid1", role="initiator")
        jingle = jc.loads(jc.dumps(mapped.value), jc.Jingle)
        return jc.sdp.dumps(jc.mapping.to_sdp(jingle, role="initiator").value)

    return run

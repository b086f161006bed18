"""Rows beside peers that lose lines: SDP read and written, and SDP -> Jingle XML -> SDP, with what each side loses.

npm's stanza and sdp-transform run in processes of their own, block by block in turn with ours; they need node and
`npm install stanza sdp-transform` (in `JINGLECODEC_NODE_MODULES`, or where node looks). A peer that is not there is
named as skipped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import rows_sdp

import jinglecodec as jc

__all__ = ["OFFER", "Node", "Row", "lost", "rows", "trip"]

OFFER = Path(__file__).parent.parent / "examples" / "offer.sdp"

_STANZA = """
const { importFromSDP, exportToSDP } = require('stanza/jingle');
const P = require('stanza/jingle/sdp/Protocol');
const { Registry, parse } = require('stanza/jxt');
const R = new Registry(); R.define(require('stanza/protocol').default);
function once() {
  const req = P.convertIntermediateToRequest({ type: 'offer', ...importFromSDP(sdp) }, 'initiator',
    'urn:xmpp:jingle:transports:ice-udp:1');
  const xml = R.export('iq.jingle', { action: 'session-initiate', sid: 'sid1', ...req }).toString();
  const back = P.convertRequestToIntermediate(R.import(parse(xml), { path: 'iq.jingle' }), 'responder');
  back.type = 'offer';
  return exportToSDP(back);
}
"""
_TRANSFORM = """
const T = require('sdp-transform');
function once() { return T.write(T.parse(sdp)); }
"""
_ORDERS = """
const sdp = require('fs').readFileSync(process.argv[1], 'utf8');
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const times = Number(line);
  if (times === 0) { console.log(JSON.stringify(once())); return; }
  const start = process.cpuUsage();
  for (let i = 0; i < times; i++) once();
  const used = process.cpuUsage(start);
  console.log(JSON.stringify((used.user + used.system) / times / 1e6));
});
"""


class Node:
    """A package of npm in a node process that waits for orders."""

    def __init__(self, name: str, script: str) -> None:
        node = shutil.which("node")
        if node is None:
            raise FileNotFoundError("node is not installed")
        environment = {**os.environ, "NODE_PATH": os.environ.get("JINGLECODEC_NODE_MODULES", "")}
        self._process = subprocess.Popen(
            [node, "-e", script + _ORDERS, str(OFFER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
        )
        try:
            self.text = str(self._ask(0))
        except (OSError, json.JSONDecodeError):
            raise FileNotFoundError(f"npm's {name} is not installed") from None

    def _ask(self, times: int) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{times}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def seconds(self, times: int) -> float:
        """Return the CPU seconds of one operation, averaged over `times` in a row."""
        return float(self._ask(times))

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait()


@attrs.frozen
class Row:
    """One operation of ours, and the same of a peer."""

    name: str
    ours: Callable[[], str]
    peer: Callable[[], Node | Callable[[], str]]
    "Starts it; raises FileNotFoundError where it is not installed."
    must: float
    aim: float


def lost(text: str) -> int:
    """Return how many lines of the offer are not in a text as they were."""
    return sum((Counter(_offer().split("\r\n")) - Counter(text.split("\r\n"))).values())


def _offer() -> str:
    return OFFER.read_bytes().decode()


def _transform() -> Callable[[], str]:
    try:
        import sdp_transform
    except ImportError:
        raise FileNotFoundError("sdp-transform of PyPI is not installed") from None
    offer = _offer()
    return lambda: str(sdp_transform.write(sdp_transform.parse(offer)))


def _read_and_write() -> Callable[[], str]:
    offer = _offer()
    return lambda: jc.sdp.dumps(jc.sdp.loads(offer))


def _long_trip() -> tuple[Callable[[], str], Callable[[], str]]:
    """Return the trip of 13,000 lines and more, and that of as many in offers of 129."""
    offer = rows_sdp.offer()
    head, *media = re.split(r"(?=^m=)", offer, flags=re.MULTILINE)
    copies = [re.sub(r"^a=mid:", f"a=mid:{number}-", "".join(media), flags=re.MULTILINE) for number in range(109)]
    short = trip(offer)
    return trip(head + "".join(copies)), lambda: "".join([short() for _ in copies])


def rows() -> list[Row]:
    """Return the rows."""
    long, shorts = _long_trip()
    return [
        Row("SDP loads + dumps (sdp-transform, PyPI)", _read_and_write(), _transform, 0.6, 0.4),
        Row(
            "SDP loads + dumps (sdp-transform, npm)",
            _read_and_write(),
            partial(Node, "sdp-transform", _TRANSFORM),
            2.0,
            1.0,
        ),
        Row("SDP -> XML -> SDP (stanza)", trip(), partial(Node, "stanza", _STANZA), 0.6, 0.4),
        Row("SDP -> XML -> SDP, 13,000 lines (as many in 129s)", long, lambda: shorts, 1.3, 1.1),
    ]


def trip(text: str | None = None) -> Callable[[], str]:
    """Return the callable that takes an offer to Jingle bytes and back."""
    offer = _offer() if text is None else text

    def run() -> str:
        description = jc.sdp.loads(offer)
        mapped = jc.mapping.to_jingle(description, action="session-initiate", sid="sid1", role="initiator")
        jingle = jc.loads(jc.dumps(mapped.value), jc.Jingle)
        return jc.sdp.dumps(jc.mapping.to_sdp(jingle, role="initiator").value)

    return run

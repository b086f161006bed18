"""`examples/dask_convert.py` as it stands, on threads and on a cluster in this process."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from jinglecodec.cli import Exit, main

pytest.importorskip("distributed", reason="no dask[distributed] (PyPI)")
import dask
from dask.distributed import Client, LocalCluster
from dask_convert import convert, run

OFFER = (Path(__file__).parents[2] / "examples" / "offer.sdp").read_bytes().decode()


@pytest.fixture
def offers(tmp_path: Path) -> Path:
    """Give a directory with three files of offers, one of which has a line that is none."""
    source = tmp_path / "offers"
    for name, texts in {
        "monday.jsonl": [OFFER, OFFER.replace("a=sendrecv", "a=sendonly")],
        "tuesday.jsonl": [OFFER, "no SDP"],
        "older/sunday.jsonl": [OFFER.replace("a=sendrecv", "a=recvonly")],
    }.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("".join(f"{json.dumps({'sdp': text})}\n" for text in texts))
    return source


def check(offers: Path, target: Path) -> None:
    """Convert, and compare with what the command line makes of each file."""
    assert convert(["to-jingle", "--carry"], offers, target) == {
        Path("monday.jsonl"): Exit.DONE,
        Path("older/sunday.jsonl"): Exit.DONE,
        Path("tuesday.jsonl"): Exit.BAD_INPUT,
    }
    for path in sorted(offers.glob("**/*.jsonl")):
        expected = target.parent / "expected"
        main(["to-jingle", "--carry", "--json-lines", "--output", str(expected), str(path)])
        assert (target / path.relative_to(offers)).read_bytes() == expected.read_bytes()


def test_threads_convert_what_the_command_line_does(offers: Path, tmp_path: Path) -> None:
    with dask.config.set(scheduler="threads"):
        check(offers, tmp_path / "jingle")


def test_cluster_converts_what_the_command_line_does(offers: Path, tmp_path: Path) -> None:
    options = {"n_workers": 1, "threads_per_worker": 2, "processes": False, "dashboard_address": None}
    with LocalCluster(**options) as cluster, Client(cluster):  # type: ignore[no-untyped-call]
        check(offers, tmp_path / "jingle")


def test_what_is_converted_and_back_is_what_it_was(
    offers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dask.config.set(scheduler="threads"):
        for source, target, command in ((offers, "jingle", "to-jingle"), (tmp_path / "jingle", "sdp", "to-sdp")):
            monkeypatch.setattr(
                sys, "argv", ["dask_convert.py", str(source), str(tmp_path / target), command, "--carry"]
            )
            assert run() is Exit.BAD_INPUT
    lines = (tmp_path / "sdp/monday.jsonl").read_text().splitlines()

    assert [json.loads(line)["value"] for line in lines] == [OFFER, OFFER.replace("a=sendrecv", "a=sendonly")]

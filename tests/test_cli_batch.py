"""The command line with many inputs: JSON Lines, several processes, bounded memory, progress."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from cli_support import JINGLE, ROOT, SDP, fed, program, written

import jinglecodec as jc
from jinglecodec.cli import Exit, batch, main

STANZA = JINGLE.format("session-initiate")


def lines_of(values: Iterable[object]) -> bytes:
    """Return JSON Lines."""
    return "".join(json.dumps(value) + "\n" for value in values).encode()


def numbered(count: int) -> list[str]:
    """Return descriptions that differ in their session."""
    return [SDP.decode().replace("7214", str(number)) for number in range(count)]


def parsed(output: bytes | str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def sid_of(found: dict[str, object]) -> str:
    return jc.loads(str(found["value"]), expect=jc.Jingle).sid


# --- JSON Lines ------------------------------------------------------------------------------------------------------


def test_each_line_is_one_input_and_gives_one_line(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """A string, or an object as browsers make of a description, or as `--json` writes it."""
    text = SDP.decode()
    path = written(
        tmp_path / "x.jsonl", lines_of([text, {"type": "offer", "sdp": text}, {"value": text, "losses": []}])
    )
    assert main(["to-jingle", "--json-lines", path]) is Exit.DONE
    out, err = capsysbinary.readouterr()
    found = parsed(out)
    assert [sid_of(one) for one in found] == ["s7214"] * 3
    assert found[0] == found[1] == found[2]
    assert set(found[0]) == {"value", "losses"}
    assert [line.split(b": ")[0].decode() for line in err.splitlines()] == [f"{path}:{n}" for n in (1, 1, 2, 2, 3, 3)]


def test_what_to_jingle_writes_to_sdp_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there, back = str(tmp_path / "there"), str(tmp_path / "back")
    texts = [*numbered(3), SDP.replace(b"WMS", b"caf\xc3\xa9 \xff").decode("utf-8", "surrogateescape")]
    fed(monkeypatch, lines_of(texts))
    assert main(["to-jingle", "--json-lines", "--carry", "-o", there]) is Exit.DONE
    assert main(["to-sdp", "--json-lines", "--carry", "-o", back, there]) is Exit.DONE
    assert [one["value"] for one in parsed(Path(back).read_bytes())] == texts


BAD_LINES = {
    "{": "no JSON: ",
    "7": "there is no text: ",
    '{"text": "v=0"}': "there is no text: ",
    '{"value": null}': "there is no text: ",
    '"v=1"': "line 1, column ",
    '"\\ud800"': "no JSON: ",
    "[" * 100_000: "no JSON: ",
}


@pytest.mark.parametrize(("line", "problem"), BAD_LINES.items(), ids=[line[:9] for line in BAD_LINES])
def test_a_bad_line_is_told_and_keeps_its_place(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], line: str, problem: str
) -> None:
    good = json.dumps(SDP.decode())
    path = written(tmp_path / "x.jsonl", f"{good}\n\n{line}\n{good}\n")
    assert main(["to-jingle", "--json-lines", path]) is Exit.BAD_INPUT
    out, err = capsysbinary.readouterr()
    first, bad, last = parsed(out)
    assert first == last
    assert set(bad) == {"error"}
    assert str(bad["error"]).startswith(problem)
    assert f"jinglecodec: {path}:3: {problem}" in err.decode()
    assert b"Traceback" not in err


def test_a_line_without_end_is_not_read_to_its_end(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "LONGEST_LINE", 1000)
    good = json.dumps(SDP.decode())
    path = written(tmp_path / "x.jsonl", f'"{"x" * 5000}"\n{good}\n{"y" * 2000}')
    assert main(["to-jingle", "--json-lines", path]) is Exit.BAD_INPUT
    found = parsed(capsysbinary.readouterr().out)
    assert [set(one) for one in found] == [{"error"}, {"value", "losses"}, {"error"}]
    assert found[0] == {"error": "the line has more than 1000 octets"}


def test_a_file_that_is_not_there_is_one_line_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "missing")
    assert main(["to-jingle", "--json-lines", missing]) is Exit.BAD_INPUT
    assert capsys.readouterr() == (
        '{"error": "No such file or directory"}\n',
        f"jinglecodec: {missing}: No such file or directory\n",
    )


def test_strict_withholds_the_value_of_a_line_that_loses_something(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = written(tmp_path / "x.jsonl", lines_of([SDP.decode()]))
    assert main(["to-jingle", "--json-lines", "--strict", path]) is Exit.LOSSES
    (found,) = parsed(capsysbinary.readouterr().out)
    assert found["value"] is None
    assert len(found["losses"]) == 2  # type: ignore[arg-type]


def test_stanzas_are_validated_line_by_line(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    wrong = STANZA.replace("id='0'", "id='many'")
    path = written(tmp_path / "x.jsonl", lines_of([STANZA, {"value": wrong}, "<iq"]))
    assert main(["validate", "--json-lines", path]) is Exit.BAD_INPUT
    valid, invalid, unreadable = parsed(capsysbinary.readouterr().out)
    assert valid == {"file": f"{path}:1", "profile": "deployed", "ok": True, "findings": []}
    assert (invalid["file"], invalid["ok"]) == (f"{path}:2", False)
    assert set(unreadable) == {"error"}


def test_a_line_is_answered_before_the_next_comes() -> None:
    """A program that asks line by line gets its answers so."""
    with subprocess.Popen(
        [sys.executable, "-m", "jinglecodec", "to-jingle", "--json-lines"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text in numbered(2):
            process.stdin.write(lines_of([text]))
            process.stdin.flush()
            assert set(json.loads(process.stdout.readline())) == {"value", "losses"}
        process.stdin.close()
    assert process.returncode == 0


# --- several processes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["to-jingle", "to-sdp", "validate"])
def test_several_processes_give_what_one_gives(command: str) -> None:
    """In order, good and bad, over more than one chunk."""
    texts = numbered(150) if command == "to-jingle" else [STANZA.replace("s1", f"s{n}") for n in range(150)]
    data = lines_of([*texts[:70], "no SDP, no XML", *texts[70:]])
    one, three = (program(command, "--json-lines", "--jobs", jobs, data=data) for jobs in ("1", "3"))
    assert (one.returncode, one.stdout, one.stderr) == (three.returncode, three.stdout, three.stderr)
    assert one.stdout.count(b"\n") == 151
    assert one.returncode == Exit.BAD_INPUT


def test_files_are_shared_among_processes_too(tmp_path: Path) -> None:
    files = [written(tmp_path / f"{n}.sdp", text) for n, text in enumerate(numbered(5))]
    done = program("to-jingle", "--jobs", "2", *files)
    assert done.returncode == Exit.DONE
    assert [jc.loads(line, expect=jc.Jingle).sid for line in done.stdout.splitlines()] == [f"s{n}" for n in range(5)]


@pytest.mark.parametrize("jobs", ["0", "-1", "two"])
def test_a_number_of_processes_that_is_none_is_wrong_usage(jobs: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["to-jingle", "--jobs", jobs])
    assert end.value.code == Exit.USAGE
    assert f"invalid number of processes value: '{jobs}'" in capsys.readouterr().err


# --- memory ----------------------------------------------------------------------------------------------------------


PEAK = """
import sys
from jinglecodec import cli
assert cli.main(sys.argv[1:]) is cli.Exit.DONE
(peak,) = (line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(peak)
"""


def peak(data: bytes, tmp_path: Path) -> int:
    """Return the KiB that a process takes at most while it maps lines."""
    path, out = written(tmp_path / "in.jsonl", data), tmp_path / "out.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", PEAK, "to-jingle", "--json-lines", path, "-o", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        cwd=ROOT,
    )
    assert out.read_bytes().count(b"\n") == data.count(b"\n")
    return int(done.stdout)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")
def test_memory_does_not_grow_with_the_number_of_lines(tmp_path: Path) -> None:
    """Ten times as many lines take no 8 MiB more, though they are 11 MiB more, and their results twice that."""
    line = lines_of([SDP.decode() + f"a=x:{'y' * 30_000}\r\n" * 2])
    assert peak(line * 200, tmp_path) - peak(line * 20, tmp_path) < 8 << 10


def test_results_of_files_wait_in_a_temporary_file_where_they_are_many(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [written(tmp_path / f"{n}.sdp", text) for n, text in enumerate(numbered(20))]
    assert main(["to-jingle", *files]) is Exit.DONE
    expected = capsysbinary.readouterr()
    monkeypatch.setattr(batch, "MOST_IN_MEMORY", 3000)
    assert main(["to-jingle", *files]) is Exit.DONE
    assert capsysbinary.readouterr() == expected
    assert len(expected.out) > 3000


# --- progress --------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """Standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Return what a terminal gets while a command line is carried out."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    main(arguments)
    return terminal.getvalue()


def test_on_a_terminal_a_line_counts_and_goes_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stanza = written(tmp_path / "x.xml", STANZA)
    told = shown(monkeypatch, "validate", stanza, stanza, stanza)
    assert told.startswith("\r\x1b[K1 of 3 done, 0 failed")
    assert told.endswith("\r\x1b[K")
    assert capsys.readouterr().out == f"{stanza}: valid as deployed\n" * 3


def test_lines_are_counted_without_an_end_in_sight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "x.jsonl", lines_of(["<iq", "<iq"]))
    told = shown(monkeypatch, "validate", "--json-lines", path)
    assert "\r\x1b[K1 done, 1 failed\r\x1b[Kjinglecodec: " in told
    assert capsys.readouterr().out.count("\n") == 2


def test_one_file_is_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, "validate", written(tmp_path / "x.xml", STANZA)) == ""


def test_where_there_is_no_terminal_nothing_counts(tmp_path: Path) -> None:
    stanza = written(tmp_path / "x.xml", STANZA)
    assert program("validate", stanza, stanza).stderr == b""


# --- start-up --------------------------------------------------------------------------------------------------------


def test_a_mapping_of_one_file_loads_nothing_for_many(tmp_path: Path) -> None:
    path = written(tmp_path / "x.sdp", SDP)
    code = f"import sys; from jinglecodec import cli; cli.main(['to-jingle', {path!r}]); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, cwd=ROOT)
    loaded = set(done.stdout.split())
    assert not loaded & {"json", "multiprocessing", "concurrent.futures", "tempfile", "jinglecodec.mapping.peers"}
    assert not loaded & {"jinglecodec.cli.inspection", "jinglecodec.cli.editing"}

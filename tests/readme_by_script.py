"""Does every block of the README run? Followed to the letter, in a new clone with a new virtual environment.

    python tests/readme_by_script.py [--quick] [--verbose] [--tree DIR] [FILE ...]

The clone has what is committed here; the environment is the one that the README makes in it, `.venv`, and comes first
in PATH from then on. The blocks of README.md and benchmarks/README.md are run in their order: `sh` by bash, where the
first command that fails ends it; `console` likewise, and what is printed has to be what stands there; `python` at one
prompt, as doctests, or, where it has no prompt, as an excerpt of an example. Blocks of no language are shown, not run.
A line is printed for each block. Exit status: 0 all of them ran, 1 not.
"""

from __future__ import annotations

import argparse
import doctest
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
FILES = ("README.md", "benchmarks/README.md")
LIMIT = 1800.0
"Seconds for one block: three times what the longest has to take."
QUICK = 10
"Seconds of fuzzing under `--quick`."

PROMPT = """
import doctest, json, sys
names, runner = {"__name__": "__main__"}, doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
for request in sys.stdin:
    told = []
    test = doctest.DocTestParser().get_doctest(json.loads(request), {}, "block", None, 0)
    test.globs = names
    runner.run(test, out=told.append, clear_globs=False)
    print(json.dumps("".join(told)), flush=True)
"""
"A Python prompt: takes a block a line, as JSON, and answers with what is wrong with it."


class Block(NamedTuple):
    """A fenced block of a file in Markdown."""

    file: str
    line: int
    "Of the fence."
    language: str
    text: str


class Step(NamedTuple):
    """A command of a console block, and what it prints on both outputs; `...` stands for any of it."""

    command: str
    expected: str

    def fits(self, told: str) -> bool:
        """Tell whether what was printed is what stands there."""
        return doctest.OutputChecker().check_output(self.expected, told, doctest.ELLIPSIS)


def blocks_of(tree: Path, file: str) -> Iterator[Block]:
    """Yield the blocks of a file in their order."""
    text = (tree / file).read_text(encoding="utf-8")
    for found in re.finditer(r"^```(\w*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL):
        yield Block(file, text.count("\n", 0, found.start()) + 1, found[1], found[2])


def steps_of(block: Block) -> list[Step]:
    """Return the steps of a console block."""
    pieces = re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]
    return [Step(*piece.split("\n", 1)) for piece in pieces]


class Newcomer:
    """Somebody with a clone, a shell and a Python prompt."""

    def __init__(self, tree: Path) -> None:
        """Sit down in the clone, which has no environment yet."""
        self.tree = tree
        path = f"{tree / '.venv' / 'bin'}:{os.environ['PATH']}"
        kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
        self.environment = {**kept, "PATH": path}
        self.prompt: subprocess.Popen[str] | None = None

    def sh(self, block: Block) -> tuple[bool, str]:
        """Run a script, and return whether it went well and what it printed."""
        status, told = self.bash(f"set -eo pipefail\n{block.text}")
        return status == 0, told

    def console(self, block: Block) -> tuple[bool, str]:
        """Run the commands in one shell; also false where one prints something else than what stands there."""
        steps = steps_of(block)
        lines = ["set -o pipefail", *(f"{{ {step.command}\n}} && printf '\\0' || exit" for step in steps)]
        status, told = self.bash("\n".join(lines))
        outputs = told.split("\0")
        fits = all(step.fits(output) for step, output in zip(steps, outputs, strict=False))
        return status == 0 and fits, "".join(outputs)

    def python(self, block: Block) -> tuple[bool, str]:
        """Run doctests after those before, or find the excerpt; what is returned is what is wrong."""
        if ">>>" not in block.text:
            examples = (self.tree / "examples").glob("*.py")
            found = any(block.text in example.read_text(encoding="utf-8") for example in examples)
            return found, "" if found else "stands in no example\n"
        if self.prompt is None:
            self.prompt = subprocess.Popen(
                ["python", "-c", PROMPT],
                cwd=self.tree,
                env=self.environment,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        assert self.prompt.stdin is not None
        assert self.prompt.stdout is not None
        self.prompt.stdin.write(json.dumps(block.text) + "\n")
        self.prompt.stdin.flush()
        told: str = json.loads(self.prompt.stdout.readline())
        return not told, told

    def bash(self, script: str) -> tuple[int, str]:
        """Return the exit status and both outputs; what is still running at the end is killed."""
        with (
            tempfile.TemporaryFile() as out,
            subprocess.Popen(
                ["bash", "-c", script],
                cwd=self.tree,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ) as process,
        ):
            try:
                process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                out.write(b"takes too long\n")
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            status = process.wait()
            out.seek(0)
            return status, out.read().decode("utf-8", "replace")

    def leave(self) -> None:
        """Close the prompt."""
        if self.prompt is not None:
            self.prompt.communicate()


def say(text: str) -> None:
    """Print at once, also into a file."""
    sys.stdout.write(text)
    sys.stdout.flush()


def hurried(block: Block) -> Block:
    """Return the block with less fuzzing, and say so."""
    text, count = re.subn(r"--seconds \d+", f"--seconds {QUICK}", block.text)
    if count:
        say(f"{block.file}:{block.line} not to the letter: --seconds {QUICK}\n")
    return block._replace(text=text)


def follow(tree: Path, files: list[str], *, quick: bool, verbose: bool) -> bool:
    """Run the blocks of the files, print a line for each, and return whether all ran."""
    newcomer = Newcomer(tree)
    do = {"sh": newcomer.sh, "console": newcomer.console, "python": newcomer.python}
    failed = 0
    for block in (block for file in files for block in blocks_of(tree, file)):
        start = time.monotonic()
        is_done, told = do[block.language](hurried(block) if quick else block) if block.language else (True, "")
        failed += not is_done
        verdict = "FAILED" if not is_done else "ok" if block.language else "shown"
        place, words = f"{block.file}:{block.line}", block.text.split("\n", 1)[0][:60]
        say(f"{place:<24} {verdict:<6} {time.monotonic() - start:6.1f} s  {words}\n")
        if verbose or not is_done:
            say(told)
    newcomer.leave()
    say(f"{failed} failed\n" if failed else "every block ran\n")
    return not failed


def main() -> int:
    """Follow the files that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"fuzz for {QUICK} s, whatever stands there")
    parser.add_argument("--verbose", action="store_true", help="print what the blocks that run print")
    parser.add_argument("--tree", type=Path, metavar="DIR", help="a clone to work in, instead of a new one")
    parser.add_argument("files", nargs="*", metavar="FILE", default=FILES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        tree = Path(directory) / "jinglecodec" if options.tree is None else options.tree.resolve()
        if options.tree is None:
            subprocess.run(["git", "clone", "--quiet", str(ROOT), str(tree)], check=True)
        return 0 if follow(tree, list(options.files), quick=options.quick, verbose=options.verbose) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Do the tests notice faults? Faults made mechanically, one at a time, in a copy of the tree.

    python tests/mutation.py [--faults 200] [--seed 1] [--packages xml,mapping]

A fault is a changed operator or constant, or a deleted statement. For each the tests of its package run until the first
failure; a fault that none notices is printed with its line. What has been looked at and cannot be noticed, or need not
be, stands in `ARGUED` with the reason. Exit status 1: less than 85 % of the faults were caught.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

ROOT = Path(__file__).parents[1]
ENOUGH = 0.85
TIMEOUT = 300.0
"Seconds; the tests of any package take a fraction of it, so that a fault which needs more has made something endless."

TESTS = {
    "xml": ("tests/xml", "tests/model", "tests/strategies", "tests/test_schemas.py"),
    "mapping": ("tests/mapping", "tests/test_cli.py"),
    "ice": ("tests/ice",),
    "session": ("tests/session",),
}
"Package -> where its tests are, those that notice most first."

_FASTER = "a faster way to write what `accepts`, which stands behind it, says as well"
_SOONER = "a faster way to write what `parse`, which stands behind it, finds as well"
_MEMBER = """return f"type(v) is {source.name(f'cls_{field.name}', _enumeration(field.lexical))}\""""
_TABLE = """return [f"v = {source.name(f'table_{field.name}', dict(lexical.members))}[v]"]"""
_WORDS = 'test = f"(v in {field.lexical.common!r} or {test})" if field.lexical.common else test'
_COMMON = """return [f"if v not in {lexical.common!r}: v = {parse}(v)"]"""
_TWIN = 'plain = {"__setattr__": object.__setattr__, "__delattr__": object.__delattr__}'
_WITHIN = 'within = source.name("within", dict(detail[0].spec.within or {}))'
_DEFAULT = "return section.port == before.port and section.connections[:1] == before.connections[:1]"
_PLAIN = "return Lexical(name, strict, lambda member: str(member.value), accepts, lenient, members=members, plain=True)"

ARGUED = {
    ("jinglecodec/xml/checks.py", "if field.lexical.bounds is not None:", "pass"): _FASTER,
    ("jinglecodec/xml/checks.py", "if field.lexical.is_enum:", "pass"): _FASTER,
    ("jinglecodec/xml/checks.py", "if field.lexical.verbatim:", "pass"): _FASTER,
    ("jinglecodec/xml/checks.py", _WORDS, "pass"): _FASTER,
    ("jinglecodec/mapping/restoration.py", "return ()", "pass"): "then nothing is compared with nothing",
    ("jinglecodec/xml/checks.py", _MEMBER, "pass"): _FASTER,
    ("jinglecodec/xml/readers.py", "if lexical.members is not None:", "pass"): _SOONER,
    ("jinglecodec/xml/readers.py", _TABLE, "pass"): _SOONER,
    ("jinglecodec/xml/readers.py", _COMMON, "pass"): _SOONER,
    ("jinglecodec/xml/codec.py", "raise Unusual", "pass"): "then a TypeError comes, which is taken for the same",
    ("jinglecodec/xml/readers.py", _TWIN, "('__delattr__x')"): "then storing is slower, as the comment there says",
    ("jinglecodec/xml/types.py", _PLAIN, "(False)"): "then the writer looks for markup in words that have none",
    ("jinglecodec/xml/writers.py", "if len(plan.namespaces) == 1:", "pass"): (
        "a faster way to write what stands behind it, which chooses among one"
    ),
    ("jinglecodec/xml/readers.py", 'low = f" or v < {bounds[0]}" if bounds[0] else ""', "(1)"): (
        "then the reader compares with a lower bound of 0, which no number of digits is below"
    ),
    ("jinglecodec/xml/readers.py", "return None", "pass"): "what comes behind it is the end of the function",
    ("jinglecodec/xml/readers.py", _WITHIN, "('withinx')"): "then the reader calls something by another name",
    ("jinglecodec/xml/readers.py", "indent += 1", "(2)"): "then the lines of one block are further to the right",
    ("jinglecodec/xml/schema.py", "return False", "pass"): "what comes behind it is the end of the function",
    ("jinglecodec/mapping/patching.py", _DEFAULT, "(2)"): "on the right: a content is written with one address",
    ("jinglecodec/ice/conclusion.py", "if not keep:", "pass"): (
        "then a pair that is selected, or given up for good, knows checks that are over; it is never checked again"
    ),
}
"What survives for a reason: file, line and what stands in place of a part of it -> the reason."


@attrs.frozen
class Fault:
    """One change of one place in a source file."""

    path: str
    line: int
    text: str
    "Of the line, or of its first one."
    start: int
    "Octets from the beginning of the file."
    end: int
    old: str
    new: str

    def __str__(self) -> str:
        old, new = (" ".join(text.split())[:60] for text in (self.old, self.new))
        return f"{self.path}:{self.line}: {old} => {new}"

    @property
    def key(self) -> tuple[str, str, str]:
        """What names the fault when lines have moved."""
        return self.path, self.text, self.new

    def apply(self, source: bytes) -> bytes:
        """Return the source with the fault in it."""
        return source[: self.start] + self.new.encode() + source[self.end :]


# --- what can be changed ---------------------------------------------------------------------------------------------

_OTHER: dict[type[ast.AST], Callable[[], Any]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
"The operator that stands for another one, wrongly."


def _operators(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the expression with another operator."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _OTHER:
        yield ast.Compare(node.left, [_OTHER[type(node.ops[0])](), *node.ops[1:]], node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(_OTHER[type(node.op)](), node.values)
    elif isinstance(node, ast.BinOp) and type(node.op) in _OTHER:
        yield ast.BinOp(node.left, _OTHER[type(node.op)](), node.right)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand


def _constants(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the constant changed: truth, numbers, and words, which are names; sentences are for people."""
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, str) and value and " " not in value:
        yield ast.Constant(value + "x")


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield nothing in place of a statement that does something at run time."""
    simple = (ast.Expr, ast.Assign, ast.AugAssign, ast.Return, ast.Raise, ast.If, ast.For, ast.With, ast.Continue)
    if isinstance(node, simple) and not _is_text(node):
        yield ast.Pass()


def _is_end(node: ast.AST) -> bool:
    """Tell whether a last statement does what comes of its absence."""
    return isinstance(node, ast.Return) and (
        node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)
    )


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


KINDS: tuple[Callable[[ast.AST], Iterator[ast.AST]], ...] = (_operators, _constants, _statements)


def faults_of(path: Path) -> Iterator[Fault]:
    """Yield every fault that can be made inside the functions of a file."""
    source = path.read_bytes()
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for node in _nodes(ast.parse(source)):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        for kind in KINDS:
            for changed in kind(node):
                new = ast.unparse(changed)
                new = new if isinstance(changed, ast.stmt) else f"({new})"
                text, old = lines[node.lineno - 1].decode().strip(), source[start:end].decode()
                yield Fault(path.relative_to(ROOT).as_posix(), node.lineno, text, start, end, old, new)


def _nodes(tree: ast.Module) -> Iterator[ast.expr | ast.stmt]:
    """Yield the nodes that run: bodies of functions, without docstrings, annotations, f-strings and assertions."""
    waiting: list[ast.AST] = [
        statement
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for statement in function.body
        if not _is_text(statement) and not (statement is function.body[-1] and _is_end(statement))
    ]
    seen: set[ast.AST] = set()
    while waiting:
        node = waiting.pop()
        skipped = (ast.FunctionDef, ast.ClassDef, ast.JoinedStr, ast.Assert, ast.Import, ast.ImportFrom)
        if node in seen or isinstance(node, skipped):
            continue
        seen.add(node)
        if isinstance(node, ast.expr | ast.stmt):
            yield node
        annotation = getattr(node, "annotation", None)
        waiting += [child for child in ast.iter_child_nodes(node) if child is not annotation]


def chosen(packages: list[str], count: int, seed: int) -> list[Fault]:
    """Return `count` faults, as many of each package."""
    rng = random.Random(seed)
    found: list[Fault] = []
    for number, package in enumerate(packages):
        files = sorted((ROOT / "jinglecodec" / package).rglob("*.py"))
        every = sorted({fault for path in files for fault in faults_of(path)}, key=str)
        share = (count * (number + 1)) // len(packages) - len(found)
        found += rng.sample(every, min(share, len(every)))
    return found


# --- running the tests -----------------------------------------------------------------------------------------------


def is_caught(fault: Fault, copy: Path, tests: tuple[str, ...]) -> bool:
    """Tell whether the tests fail with the fault in the copy of the tree; it is taken out again."""
    target = copy / fault.path
    source = target.read_bytes()
    target.write_bytes(fault.apply(source))
    try:
        return run(copy, tests) != 0
    finally:
        target.write_bytes(source)


def run(copy: Path, tests: tuple[str, ...]) -> int:
    """Return the exit status of pytest; 1 where it took too long."""
    shared = ROOT.parent / "shared"
    environment = {
        "JINGLECODEC_CORPUS": str(shared / "corpus"),
        "JINGLECODEC_SPECS": str(shared / "specs"),
        **os.environ,
        "PYTHONPATH": str(copy),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-m", "not interop", "-p", "no:cacheprovider", *tests]
    try:
        return subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, check=False, timeout=TIMEOUT
        ).returncode
    except subprocess.TimeoutExpired:
        return 1


def main() -> int:
    """Make the faults, print those that survive, and the share that is caught."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    there = [package for package in TESTS if (ROOT / "tests" / package).is_dir()]
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--packages", type=lambda text: text.split(","), default=there)
    arguments = parser.parse_args()
    faults = chosen(arguments.packages, arguments.faults, arguments.seed)
    survivors: list[Fault] = []
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory) / "tree"
        shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(".git", ".venv", "*cache*"))
        for package in arguments.packages:
            if run(copy, TESTS[package]) != 0:
                sys.stdout.write(f"the tests of {package} fail without any fault\n")
                return 2
        for number, fault in enumerate(faults, 1):
            caught = is_caught(fault, copy, TESTS[fault.path.split("/")[1]])
            survivors += [] if caught else [fault]
            verdict = "caught" if caught else "argued" if fault.key in ARGUED else "SURVIVED"
            sys.stdout.write(f"{number:4} {verdict:8} {fault}\n")
            sys.stdout.flush()
    share = 1 - len(survivors) / len(faults)
    argued = sum(fault.key in ARGUED for fault in survivors)
    sys.stdout.write(f"{len(faults)} faults, {share:.1%} caught, {len(survivors)} survived, {argued} of them argued\n")
    return 0 if share >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())

"""What docstrings have to say, held against the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import attrs

from jinglecodec import errors

PACKAGE = Path(__file__).parents[1] / "jinglecodec"
OURS = set(errors.__all__)
CONSTRUCTORS = {"__init__", "__attrs_post_init__", "_check"}
"Of what these raise the class tells; `_check` refuses events, for machines, and fields, for values."


@attrs.frozen
class Documented:
    """A public function, method or constructor, and what its users read of it."""

    place: str
    node: ast.FunctionDef
    text: str

    @property
    def raised(self) -> set[str]:
        """Our errors that its own statements raise."""
        calls = [one.exc for one in own_statements(self.node) if isinstance(one, ast.Raise)]
        return {ast.unparse(one.func) for one in calls if isinstance(one, ast.Call)} & OURS


def own_statements(function: ast.FunctionDef) -> Iterator[ast.stmt]:
    """Yield what a function does itself, not what the functions do that it makes."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.expr | ast.FunctionDef | ast.ClassDef):
            continue
        if isinstance(node, ast.stmt):
            yield node
        waiting += ast.iter_child_nodes(node)


def documented() -> Iterator[Documented]:
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_bytes())
        name = path.relative_to(PACKAGE).as_posix()
        owners: list[ast.Module | ast.ClassDef] = [tree]
        owners += [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name[0] != "_"]
        for owner in owners:
            above = ast.get_docstring(owner) or "" if isinstance(owner, ast.ClassDef) else ""
            for node in owner.body:
                if isinstance(node, ast.FunctionDef) and (node.name[0] != "_" or (above and node.name in CONSTRUCTORS)):
                    text = f"{above} {ast.get_docstring(node) or ''}"
                    yield Documented(f"{name} {getattr(owner, 'name', '')}.{node.name}", node, text)


def test_docstrings_name_the_errors_that_are_raised() -> None:
    found = list(documented())
    assert sum(bool(one.raised) for one in found) > 50
    assert {one.place: lacking for one in found if (lacking := {n for n in one.raised if n not in one.text})} == {}

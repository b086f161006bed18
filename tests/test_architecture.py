"""The shape of the package, checked from its sources: layers, purity, exports, lazy loading, documentation."""

from __future__ import annotations

import ast
import enum
import inspect
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import attrs
import pytest

import jinglecodec as jc

ROOT = Path(jc.__file__).parent
NAME = "jinglecodec"

ROWS = {
    1: {"_version", "addresses", "errors", "findings", "lexical", "machine", "namespaces", "records"},
    2: {"xml"},
    3: {"model", "sdp", "stun"},
    4: {"ice", "mapping"},
    5: {"session"},
    6: {"bridge", "endpoint", "show", "sip"},
    7: {"cli", "testing"},
    8: {"__main__", "strategies"},
}
"Which packages and modules stand in which layer; a row imports from rows below, and from none of its own siblings."

NARROWER = {
    "model": {"xml"},
    "sdp": set(),
    "stun": set(),
    "mapping": {"model", "sdp", "xml"},
    "ice": {"stun"},
    "session": {"model", "xml"},
    "endpoint": {"session", "ice", "mapping", "model", "sdp", "stun", "xml"},
    "sip": {"session", "mapping", "model", "sdp", "xml"},
    "bridge": {"session", "mapping", "model", "sdp", "xml"},
}
"""What a package may import beside row 1: the packages that the design names, and what those are made of."""

TOGETHER = {"_version", "addresses", "errors", "findings", "lexical", "machine", "namespaces", "records"}
"Row 1 is one vocabulary: its modules may use one another."

FIXED = {
    NAME: (
        *("loads", "read", "dumps", "from_element", "to_element", "Codec", "validate", "Report"),
        *("Jingle", "Content", "Reason", "Action", "Iq"),
        *("sdp", "mapping", "ice", "session", "sip"),
    ),
    f"{NAME}.sdp": ("loads", "dumps"),
    f"{NAME}.mapping": ("to_jingle", "to_sdp", "Mapped", "changes", "apply"),
    f"{NAME}.session": ("Session", "Manager"),
    f"{NAME}.sip": ("Gateway",),
    f"{NAME}.ice": (
        *("Agent", "Role", "Config", "AddStream", "AddLocalAddress", "AddServer", "Gather", "SetRemoteCredentials"),
        *("AddRemoteCandidate", "EndRemoteCandidates", "SendData", "Restart", "Close", "CandidateFound"),
        *("GatheringDone", "StreamStateChanged", "PairSelected", "DataReceived", "CandidateIgnored", "ConsentLost"),
        "RestartDetected",
    ),
    f"{NAME}.strategies": (
        *("from_class", "sdp_offers", "sdp_answers", "stun_messages", "datagrams", "stanza_sequences"),
        *("codec_laws", "machine_laws", "candidates", "jingles"),
    ),
}
"The names that users rely on (design, section 3); whoever adds one of those adds it here."

FORBIDDEN = {"asyncio", "concurrent", "multiprocessing", "select", "selectors", "signal", "threading", "time"}
"Modules that do I/O, wait or know the time: a driver's business."

ALLOWED = {
    "socket": {"addresses"},
    "lxml": {"xml"},
    "subprocess": {"testing"},
    "hypothesis": {"strategies", "testing"},
    "random": {"bridge", "ice", "session", "endpoint", "sip", "stun", "strategies", "testing", "machine"},
}
"Modules that only some parts may import."


@attrs.frozen
class Source:
    """One file of the package."""

    path: Path

    @property
    def module(self) -> str:
        parts = self.path.relative_to(ROOT.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def part(self) -> str:
        """The package or module of the table that the file belongs to; empty for the package's own head."""
        parts = self.module.split(".")
        return parts[1] if len(parts) > 1 else ""

    @property
    def is_command(self) -> bool:
        """Whether the file is run from a shell, so that files, the clock and the environment are its business."""
        return self.part == "cli" or self.path.stem == "__main__"

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.path)

    def imports(self) -> Iterator[str]:
        """Return the modules that the file imports, wherever in it, `from x import y` as `x.y`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, "write imports out in full"
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


SOURCES = [Source(path) for path in sorted(ROOT.rglob("*.py"))]
INNER = [source for source in SOURCES if source.part]
MODULES = [source.module for source in SOURCES if source.part != "cli"]

each_source = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.module)
each_inner = pytest.mark.parametrize("source", INNER, ids=lambda source: source.module)
each_module = pytest.mark.parametrize("module", MODULES)


def row_of(part: str) -> int:
    return next((row for row, parts in ROWS.items() if part in parts), 0)


# --- layers -------------------------------------------------------------------------------------------------------


@each_inner
def test_every_part_of_the_package_stands_in_a_row(source: Source) -> None:
    assert row_of(source.part), f"give {source.part} a row in the design and in this table"


@each_inner
def test_imports_go_down(source: Source) -> None:
    for name in source.imports():
        if name.split(".")[0] != NAME:
            continue
        part = [*name.split("."), ""][1]
        if part in (source.part, ""):
            continue
        if row_of(part) == 1:
            assert source.part in TOGETHER or row_of(source.part) > 1
            continue
        assert row_of(part) < row_of(source.part), f"{source.module} imports {name} of its own row or above"
        assert part in NARROWER.get(source.part, {part}), f"{source.module} may not know {part}"


def test_no_part_is_in_two_rows() -> None:
    parts = [part for row in ROWS.values() for part in row]
    assert len(parts) == len(set(parts))


# --- purity -------------------------------------------------------------------------------------------------------


@each_source
def test_nothing_waits_or_asks_the_world(source: Source) -> None:
    if source.is_command:
        return
    for name in source.imports():
        top = name.split(".")[0]
        assert top not in FORBIDDEN, f"{source.module} imports {name}"
        assert source.part in ALLOWED.get(top, {source.part}), f"{source.module} imports {name}"
        assert name not in ("os.environ", "os.getenv"), source.module


@each_source
def test_nothing_reads_the_environment_or_shares_a_generator(source: Source) -> None:
    """A generator is handed in, or made where it is needed; the module's own is one for the whole process."""
    if source.is_command:
        return
    imported = {name for name in source.imports() if name.split(".")[0] in ("random", "os", "datetime")}
    assert not {name for name in imported if name.startswith("random.")} - {"random.Random", "random.SystemRandom"}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used = f"{node.value.id}.{node.attr}"
            assert used not in ("os.environ", "os.getenv", "datetime.now", "datetime.utcnow", "date.today"), used
            if node.value.id == "random" and "random" in imported:
                assert node.attr in ("Random", "SystemRandom"), f"{source.module}: {used}"


@each_source
def test_nothing_is_run_when_a_module_is_loaded(source: Source) -> None:
    """`exec` costs at import; the engine compiles when a class is first used."""
    for node in source.tree.body:
        for inner in ast.walk(node) if not isinstance(node, ast.FunctionDef | ast.ClassDef) else ():
            called = isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id
            assert called not in ("exec", "eval", "compile", "print", "open"), source.module


@each_source
def test_annotations_stay_unevaluated(source: Source) -> None:
    first = [node for node in source.tree.body if isinstance(node, ast.ImportFrom)]
    if source.part != "_version" and source.tree.body[1:]:
        assert first[0].module == "__future__", source.module


# --- exports ------------------------------------------------------------------------------------------------------


@each_module
def test_exports_are_true_and_sorted(module: str) -> None:
    loaded = import_module(module)
    exported = getattr(loaded, "__all__", None)
    if exported is None:
        return
    assert len(exported) == len(set(exported))
    for name in exported:
        assert hasattr(loaded, name) or _has_module(module, name), f"{module}.{name}"
    written = _written_exports(module)
    assert written is None or written in (sorted(written), sorted(written, key=_isort))


def _has_module(package: str, name: str) -> bool:
    return any(source.module == f"{package}.{name}" for source in SOURCES)


def _written_exports(module: str) -> list[str] | None:
    """Return `__all__` as it is written, or None where it is put together."""
    (source,) = (source for source in SOURCES if source.module == module)
    for node in source.tree.body:
        if (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "__all__"
            and isinstance(node.value, ast.List)
        ):
            names = [str(item.value) for item in node.value.elts if isinstance(item, ast.Constant)]
            return names if len(names) == len(node.value.elts) else None
    return None


def _isort(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest: the order that ruff writes."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return (kind, name)


@each_module
def test_no_export_is_called_as_a_module_beside_it(module: str) -> None:
    """Importing a module puts it into its package, in the place of what the package would load by that name."""
    loaded = import_module(module)
    for name in getattr(loaded, "__all__", ()):
        if _has_module(module, name):
            assert inspect.ismodule(getattr(loaded, name)), f"{module}.{name}"


def test_the_curated_names_resolve() -> None:
    for name in jc.__all__:
        assert getattr(jc, name) is not None, name
    assert dir(jc) == jc.__all__
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        jc.nonsense  # noqa: B018


def test_type_checkers_see_the_curated_names() -> None:
    """The names that load on first use stand a second time under TYPE_CHECKING, where mypy and editors find them."""
    head = next(source for source in SOURCES if not source.part)
    blocks = [node for node in head.tree.body if isinstance(node, ast.If)]
    seen = {alias.asname for node in ast.walk(blocks[0]) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen - {None} == set(jc.__all__)


def test_curated_classes_are_those_of_their_modules() -> None:
    for name in jc.__all__:
        value = getattr(jc, name)
        if isinstance(value, type):
            assert getattr(import_module(value.__module__), value.__name__) is value


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in FIXED.items() for name in names])
def test_fixed_names_are_there(module: str, name: str) -> None:
    assert hasattr(import_module(module), name)


# --- loading ------------------------------------------------------------------------------------------------------


def loaded_by(statement: str) -> set[str]:
    """Return the modules that a fresh interpreter has after a statement and not before."""
    program = f"import sys; before = set(sys.modules); {statement}; print(*sorted(set(sys.modules) - before))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=ROOT.parent)
    return set(run.stdout.split())


def test_the_package_alone_loads_nothing() -> None:
    loaded = loaded_by(f"import {NAME}")
    assert {name for name in loaded if name.startswith(NAME)} == {NAME}
    assert not loaded & {"asyncio", "attr", "attrs", "hypothesis", "json", "lxml", "socket"}


@pytest.mark.parametrize("part", [part for part in ("sdp", "stun", "ice") if (ROOT / part).is_dir()])
def test_formats_without_xml_do_not_load_lxml(part: str) -> None:
    loaded = loaded_by(f"import {NAME}.{part}")
    assert not loaded & {"lxml", "lxml.etree", "hypothesis", "asyncio"}
    assert not {name for name in loaded if name.startswith((f"{NAME}.model", f"{NAME}.xml"))}


def test_models_load_by_namespace_on_first_use() -> None:
    stanza = "<iq xmlns='jabber:client' type='get' id='1'/>"
    loaded = loaded_by(f'import {NAME} as jc; jc.loads("{stanza}")')
    models = {name.removeprefix(f"{NAME}.model.") for name in loaded if name.startswith(f"{NAME}.model.")}
    assert "stanza" in models
    assert not models & {"rtp", "ice_udp", "sources", "file_transfer", "message"}
    assert not loaded & {"hypothesis", "asyncio"}


# --- documentation ------------------------------------------------------------------------------------------------


@each_source
def test_every_module_says_what_it_is(source: Source) -> None:
    if source.part != "_version":
        assert ast.get_docstring(source.tree), source.module


@each_module
def test_every_public_name_has_a_docstring(module: str) -> None:
    loaded = import_module(module)
    missing = [
        label
        for name in getattr(loaded, "__all__", ())
        for label, value in _documented(name, getattr(loaded, name), module)
        if not _doc_of(value)
    ]
    assert not missing


# Each row of these says itself what it is: a namespace, a type with its clause, a method of the default codec.
TABLES = ("namespaces", "stun.attributes", "stun.values", "xml.types", "xml.codec")


@each_source
def test_every_public_constant_says_what_it_is(source: Source) -> None:
    """By a string below it, as in the fields of classes."""
    public = _written_exports(source.module) or []
    missing = [
        name
        for node, below in pairwise([*source.tree.body, ast.Pass()])
        for name in _assigned(node)
        if name in public and not (isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant))
    ]
    assert not missing or source.module.removeprefix(f"{NAME}.") in TABLES


def _assigned(node: ast.stmt) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [ast.unparse(target) for target in targets]


def _documented(name: str, value: object, module: str) -> Iterator[tuple[str, object]]:
    """Return the functions and classes of a module, and the public methods of those classes."""
    if getattr(value, "__module__", None) != module or not (inspect.isfunction(value) or inspect.isclass(value)):
        return
    yield name, value
    if inspect.isclass(value) and not getattr(value, "_is_protocol", False):
        for inner, method in vars(value).items():
            if not inner.startswith("_") and _is_written(method):
                yield f"{name}.{inner}", method


def _doc_of(value: object) -> str | None:
    doc = getattr(value, "__doc__", None)
    if isinstance(value, type) and issubclass(value, enum.Enum) and doc == "An enumeration.":
        return None
    return doc


def _is_written(method: object) -> bool:
    """Tell whether a class attribute is a method that stands in a source file; decorators make some that do not."""
    function = getattr(method, "fget", None) or getattr(method, "__func__", None) or method
    return inspect.isfunction(function) and Path(function.__code__.co_filename).is_file()


@each_source
def test_files_stay_small(source: Source) -> None:
    assert len(source.path.read_text(encoding="utf-8").splitlines()) < 600


@each_source
def test_functions_stay_small(source: Source) -> None:
    """Forty lines of code; a docstring is not counted."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            assert (node.end_lineno or 0) - first.lineno < 40, f"{source.module}.{node.name}"

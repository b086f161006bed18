"""The files of `schemas/`: where they are, what they declare, and how they become compiled schemas.

Both sets are read through their `all.xsd`, and changed on the way. A published schema is opened, so that it judges the
elements of its own namespace only: between its children those of other namespaces may stand, which their own schemas
judge. The deployed set is compiled twice, as it is and narrowed to what is usual: what passes the latter has all the
attributes that rules beyond the schemas ask for.
"""

from __future__ import annotations

from _thread import _local, allocate_lock
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import attrs
from lxml import etree

__all__ = ["Profile", "Space", "Verdict", "catalogue", "is_valid", "judge", "judge_roughly"]

Profile = Literal["published", "deployed"]
"published: what the XEPs' own schemas say. deployed: what conforming and deployed peers exchange."

Look = Literal["published", "deployed", "usual"]
"The profiles, and the deployed one narrowed."

Change = Callable[[etree._Element], None]

_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_BASE: Final = "schemas:///"
_USUAL: Final = "{urn:x-jinglecodec:schemas}usual"
_ALONE: Final = "{urn:x-jinglecodec:schemas}alone"


@attrs.frozen
class Space:
    """What a set of schemas knows of one namespace."""

    clause: str
    "The document and its section that the schema is of."
    names: frozenset[str]
    "Local names of all elements declared, global and local."
    referred: frozenset[str]
    "Those that may be children in other namespaces: the global ones."
    roots: frozenset[str]
    "Those of them that stand alone as well."


@attrs.frozen
class Verdict:
    """One rule of XML Schema that is broken."""

    rule: str
    "libxml2's name of it, such as `CVC_COMPLEX_TYPE_4`."
    path: str | None
    "XPath from the root judged, in libxml2's notation; None where it is not known."
    message: str


def is_valid(look: Look, root: etree._Element) -> bool:
    """Tell whether a tree is valid as it stands. Compiles the schemas when first asked."""
    try:
        with _judging:
            return _schema(look)(root)
    except etree.XMLSchemaValidateError:  # libxml2 cannot judge a tree with references to entities
        return False


def judge(profile: Profile, root: etree._Element) -> Iterator[Verdict]:
    """Give the verdicts on a tree as it stands; none: it is valid."""
    with _judging:
        schema = _schema(profile)
        return iter(() if schema.validate(root) else tuple(_verdicts(schema.error_log)))


def judge_roughly(profile: Profile, root: etree._Element) -> Iterator[Verdict]:
    """Give the verdicts without their paths, in time linear in the size of the tree.

    libxml2 counts siblings for each error that it places, so that thousands of bad ones would take minutes.
    """
    with _judging:
        parser = etree.XMLParser(schema=_schema(profile), no_network=True, resolve_entities=False, huge_tree=True)
        try:
            etree.fromstring(etree.tostring(root, with_tail=False), parser)
        except etree.XMLSyntaxError:
            return iter(tuple(_verdicts(parser.error_log)))
    return iter(())


_judging = allocate_lock()
"""One thread compiles or validates at a time: libxml2 survives no more. Seen all the same, once in some hundred runs of
eight threads that parse and validate at once: lxml gives an error with the place of its parent."""
_compiled_here = _local()
"""Look -> schema, compiled once in each thread that validates: a schema shares a dictionary of names with the parsers
of its thread, which libxml2 does not guard against others. `_thread` is the C half of `threading`."""


def _schema(look: Look) -> etree.XMLSchema:
    schema: etree.XMLSchema | None = getattr(_compiled_here, look, None)
    if schema is None:
        schema = _compiled(look)
        setattr(_compiled_here, look, schema)
    return schema


def _verdicts(log: Iterable[Any]) -> Iterator[Verdict]:
    return (Verdict(entry.type_name.removeprefix("SCHEMAV_"), entry.path, entry.message) for entry in log)


@cache
def catalogue(profile: Profile) -> Mapping[str, Space]:
    """Return namespace -> what the set knows of it."""
    found = {}
    for link in _parsed(f"{profile}/all.xsd").iterchildren(f"{_XS}import"):
        roots = list(_with_included(f"{profile}/{link.get('schemaLocation')}"))
        found[link.get("namespace", "")] = Space(
            clause=roots[0].get("version", ""),
            names=_names(node for root in roots for node in root.iter(f"{_XS}element")),
            referred=_names(node for root in roots for node in root.iterchildren(f"{_XS}element")),
            roots=_names(
                node for root in roots for node in root.iterchildren(f"{_XS}element") if node.get(_ALONE) != "false"
            ),
        )
    return found


def _names(nodes: Iterable[etree._Element]) -> frozenset[str]:
    return frozenset(node.get("name", "") for node in nodes if node.get("name"))


def _with_included(name: str) -> Iterator[etree._Element]:
    root = _parsed(name)
    yield root
    for link in root.iterchildren(f"{_XS}include"):
        yield from _with_included(f"{name.partition('/')[0]}/{link.get('schemaLocation')}")


def _parsed(name: str) -> etree._Element:
    """Return the root of a file by its name below `schemas`."""
    inside = Path(__file__).parents[1] / "schemas"
    directory = inside if inside.is_dir() else inside.parents[1] / "schemas"  # a checkout without symbolic links
    return etree.parse(directory / name, etree.XMLParser(no_network=True, remove_comments=True)).getroot()


_TRIES: Final = 20
"""lxml sets resolvers for the whole process while it parses, so that a parser in another thread can take ours away in
the midst of a compilation; then it is done again."""


def _compiled(look: Look) -> etree.XMLSchema:
    folder = "published" if look == "published" else "deployed"
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Files(_CHANGES[look]))
    master = etree.tostring(_parsed(f"{folder}/all.xsd"))
    for _ in range(_TRIES - 1):
        with suppress(etree.XMLSchemaParseError):
            return etree.XMLSchema(etree.fromstring(master, parser, base_url=f"{_BASE}{folder}/all.xsd"))
    return etree.XMLSchema(etree.fromstring(master, parser, base_url=f"{_BASE}{folder}/all.xsd"))


class _Files(etree.Resolver):
    """Hands libxml2 the files of `schemas/`, changed, and nothing else."""

    def __init__(self, change: Change) -> None:
        self.change = change

    def resolve(self, system_url: str | None, public_id: str | None, context: Any) -> Any:  # noqa: ARG002 - lxml's
        root = _parsed(str(system_url).removeprefix(_BASE))
        self.change(root)
        return self.resolve_string(etree.tostring(root), context, base_url=system_url)


def _leave(root: etree._Element) -> None:
    """Change nothing."""


def _narrow(root: etree._Element) -> None:
    """Make a rule of what the schema marks as usual; defaults are nothing to a yes or no, and take time."""
    for node in root.iter(f"{_XS}attribute", f"{_XS}choice"):
        node.attrib.pop("default", None)
        usual = node.get(_USUAL)
        if usual is not None:
            node.set("use" if node.tag == f"{_XS}attribute" else "minOccurs", usual)


def _open(root: etree._Element) -> None:
    """Let elements of other namespaces stand between all children, if they are declared globally."""
    for model in list(root.iterfind(f".//{_XS}complexType/*")):
        if model.tag in (f"{_XS}sequence", f"{_XS}choice", f"{_XS}group"):
            _open_particle(model)
            model.addprevious(opened := etree.Element(f"{_XS}sequence"))
            opened.extend([_any_foreign(), model])
    for particle in list(root.iterfind(f"{_XS}group/*/*")):
        _open_particle(particle)


def _open_particle(particle: etree._Element) -> None:
    """Drop a particle of other namespaces; put a wildcard for them behind each element of its own."""
    parent = particle.getparent()
    assert parent is not None
    if particle.tag == f"{_XS}any" or ":" in particle.get("ref", ""):
        if parent.tag == f"{_XS}choice" and next(parent.iterancestors()).tag != f"{_XS}group":
            parent.set("minOccurs", "0")  # nothing was one of the choices, foreign children apart
        parent.remove(particle)
    elif particle.tag == f"{_XS}element":
        particle.addprevious(opened := etree.Element(f"{_XS}sequence"))
        for name in ("minOccurs", "maxOccurs"):
            if name in particle.attrib:
                opened.set(name, particle.attrib.pop(name))
        opened.extend([particle, _any_foreign()])
    else:
        for kid in list(particle):
            _open_particle(kid)


def _any_foreign() -> etree._Element:
    return etree.Element(f"{_XS}any", namespace="##other", minOccurs="0", maxOccurs="unbounded")


_CHANGES: Final[Mapping[Look, Change]] = {
    "published": _open,
    "deployed": _leave,
    "usual": _narrow,
}

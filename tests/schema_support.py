"""What the files of `schemas/` declare, what `schemas/README.md` says about them, and stanzas made wrong on purpose."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import attrs
from lxml import etree

from jinglecodec.findings import Finding

XS = "{http://www.w3.org/2001/XMLSchema}"
SCHEMAS = Path(__file__).parents[1] / "schemas"
PROFILES = ("published", "deployed")
PARSER = etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False, no_network=True)

STREAMS = ("", "jabber:client", "jabber:server", "jabber:component:accept")
"The namespaces of `stanzas.xsd`."

RANGES = {"xs:unsignedByte": "0..255", "xs:unsignedShort": "0..65535", "xs:unsignedInt": "0..4294967295"}


@attrs.define
class Declared:
    """One element of a namespace, all its declarations taken together."""

    attributes: dict[str, set[str]] = attrs.field(factory=dict)
    "Name -> `required T`, `optional T`; several where declarations differ."
    own: set[str] = attrs.field(factory=set)
    "Children of the same namespace, by local name."
    named: set[str] = attrs.field(factory=set)
    "Children of other namespaces and groups of them, as they are named in the file."
    foreign: set[str] = attrs.field(factory=set)
    "Those children, by Clark name."
    text: set[str] = attrs.field(factory=set)
    "Types of its character data, other than empty."

    def required(self) -> list[str]:
        return sorted(name for name, uses in self.attributes.items() if all(use.startswith("required") for use in uses))


def files(profile: str) -> dict[str, str]:
    """Return namespace -> name of the file, as the profile's `all.xsd` has them."""
    root = etree.parse(SCHEMAS / profile / "all.xsd").getroot()
    return {link.get("namespace", ""): link.get("schemaLocation", "") for link in root.iterchildren(f"{XS}import")}


@cache
def declared(profile: str, namespace: str) -> dict[str, Declared]:
    """Return local name -> what the profile says of the elements of a namespace."""
    name = files(profile).get(namespace)
    return {} if name is None else Reader(profile, name).elements


class Reader:
    """Reads what one schema file declares, with what it includes."""

    def __init__(self, profile: str, name: str) -> None:
        self.profile = profile
        self.roots = list(_with_included(SCHEMAS / profile / name))
        self.elements: dict[str, Declared] = {}
        for root in self.roots:
            for node in root.iter(f"{XS}element"):
                if node.get("name"):
                    self._element(node, self.elements.setdefault(node.get("name", ""), Declared()))

    def find(self, kind: str, name: str) -> etree._Element | None:
        for root in self.roots:
            for node in root.iterchildren(f"{XS}{kind}"):
                if node.get("name") == name:
                    return node
        return None

    def _element(self, node: etree._Element, found: Declared) -> None:
        inside = node.find(f"{XS}complexType")
        if inside is None:
            inside = self.find("complexType", node.get("type", ""))
        if inside is None:
            found.text |= {self._simple(node)} - {"empty"}
        else:
            self._type(inside, found)

    def _type(self, node: etree._Element, found: Declared) -> None:
        for kid in node:
            name = kid.get("ref", "")
            if kid.tag == f"{XS}attribute":
                uses = found.attributes.setdefault(kid.get("name") or name, set())
                uses.add(f"{kid.get('use', 'optional')} {self._simple(kid)}")
            elif ":" in name:
                found.named.add(name)
                found.foreign |= set(self._foreign(kid))
            elif kid.tag == f"{XS}element":
                found.own.add(kid.get("name") or name)
            elif name:
                group = self.find(str(kid.tag).removeprefix(XS), name)
                assert group is not None, name
                self._type(group, found)
            elif kid.tag in (f"{XS}simpleContent", f"{XS}sequence", f"{XS}choice"):
                self._type(kid, found)
            elif kid.tag == f"{XS}extension":
                found.text |= {self._builtin(kid.get("base", ""))} - {"empty"}
                self._type(kid, found)

    def _foreign(self, node: etree._Element) -> Iterator[str]:
        """Give the Clark names that a reference to another namespace stands for."""
        prefix, _, name = node.get("ref", "").partition(":")
        space = node.nsmap[prefix]
        if node.tag == f"{XS}element":
            yield f"{{{space}}}{name}"
        else:
            there = Reader(self.profile, files(self.profile)[space])
            group = there.find("group", name)
            assert group is not None, name
            inside = Declared()
            there._type(group, inside)
            yield from inside.foreign
            yield from (f"{{{space}}}{own}" for own in inside.own)

    def _simple(self, node: etree._Element) -> str:
        inside = node.find(f"{XS}simpleType")
        return self._builtin(node.get("type", "xs:anyType")) if inside is None else self._values(inside)

    def _builtin(self, name: str) -> str:
        found = None if ":" in name else self.find("simpleType", name)
        return RANGES.get(name, name.removeprefix("xs:")) if found is None else self._values(found)

    def _values(self, node: etree._Element) -> str:
        """Return a type written out: `a b` for words, `0..9` for numbers, else what it restricts."""
        words = sorted(value.get("value", "") for value in node.iter(f"{XS}enumeration"))
        if words:
            return " ".join(words) or "empty"
        union = node.find(f"{XS}union")
        if union is not None:
            return union.get("memberTypes", "").replace("xs:", "")
        facets = {
            str(facet.tag).removeprefix(XS): facet.get("value", "") for facet in node.iter() if facet.get("value")
        }
        restriction = node.find(f"{XS}restriction")
        if restriction is None:
            return "list"
        base = self._builtin(restriction.get("base", ""))
        low, _, high = base.partition("..")
        if "maxInclusive" in facets or ("minInclusive" in facets and high):
            return f"{facets.get('minInclusive', low)}..{facets.get('maxInclusive', high)}"
        return facets.get("pattern", base)


def _with_included(path: Path) -> Iterator[etree._Element]:
    root = etree.parse(path, PARSER).getroot()
    yield root
    for link in root.iterchildren(f"{XS}include"):
        yield from _with_included(path.parent / link.get("schemaLocation", ""))


def node_at(root: etree._Element, path: str) -> etree._Element:
    """Return the node that the path of a finding leads to; attributes lead to their element."""
    first, *steps = path.partition("/@")[0].split("/")
    assert etree.QName(root).localname == first
    node = root
    for step in steps:
        name, _, number = step.rstrip("]").partition("[")
        named = [kid for kid in node.iterchildren(etree.Element) if etree.QName(kid).localname == name]
        if number:  # counts the elements of one namespace
            spaces = [[kid for kid in named if kid.tag == tag] for tag in dict.fromkeys(kid.tag for kid in named)]
            named = [kids[int(number) - 1] for kids in spaces if len(kids) >= int(number) and len(kids) > 1]
        node = named[0]
    return node


# --- the tables of README.md ---------------------------------------------------------------------------------------


@attrs.frozen
class Row:
    """One difference between the profiles."""

    file: str
    where: str
    published: str
    deployed: str
    reason: str


def table(title: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without the code marks around names."""
    text = (SCHEMAS / "README.md").read_text(encoding="utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def rows() -> list[Row]:
    return [Row(file.strip("`"), where.strip("`"), *rest) for file, where, *rest in table("Differences")]


def file_of(namespace: str) -> str:
    """Return which rows are about a namespace; nothing for one without a schema."""
    return "stanzas" if namespace in STREAMS else files("deployed").get(namespace, "").removesuffix(".xsd")


def excuse(root: etree._Element, finding: Finding) -> str:
    """Return the table that says why what fails as published passes as deployed; nothing if none does."""
    node = node_at(root, finding.path)
    name, parent = etree.QName(node), node.getparent()
    attribute = finding.path.partition("/@")[2].replace("{http://www.w3.org/XML/1998/namespace}", "xml:")
    places = {(name.namespace, f"{name.localname}/@{attribute}" if attribute else name.localname)}
    if finding.code == "missing-element":
        places = {(name.namespace, f"{name.localname}/*")}
    elif finding.code.endswith("-element") and parent is not None:
        outer = etree.QName(parent)
        places |= {(outer.namespace, f"{outer.localname}/*"), (outer.namespace, f"{outer.localname}/*:*")}
    if not _excused().isdisjoint((file_of(space or ""), where) for space, where in places):
        return "Differences"
    return "Everywhere" if f"`{finding.code}`" in {cells[0] for cells in table("Everywhere")} else ""


@cache
def _excused() -> frozenset[tuple[str, str]]:
    return frozenset((row.file, row.where) for row in rows())


def differences() -> dict[tuple[str, str], tuple[str, str]]:
    """Return (file, where) -> what the files themselves say, published and deployed, in the words of the table."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for space in files("deployed"):
        ours, theirs = declared("deployed", space), declared("published", space)
        for name in ours.keys() | theirs.keys():
            if name in ours and name in theirs:
                for where, said in _compared(name, theirs[name], ours[name]):
                    found[file_of(space), where] = said
            else:
                found[file_of(space), name] = ("declared", "-") if name in theirs else ("-", "declared")
    return found


def _compared(name: str, published: Declared, deployed: Declared) -> Iterator[tuple[str, tuple[str, str]]]:
    if published.text != deployed.text:
        yield name, (_listed(published.text), _listed(deployed.text))
    for attribute in published.attributes.keys() | deployed.attributes.keys():
        uses = published.attributes.get(attribute), deployed.attributes.get(attribute)
        if uses[0] != uses[1]:
            yield f"{name}/@{attribute}", _longer(*map(_words, uses)) or (_uses(uses[0]), _uses(uses[1]))
    if published.own != deployed.own:
        said = _longer(published.own, deployed.own)
        yield f"{name}/*", said or (_listed(published.own), _listed(deployed.own))
    if deployed.named - published.named:
        yield f"{name}/*:*", ("any", _listed(deployed.named))


def _listed(words: set[str]) -> str:
    return ", ".join(f"`{word}`" for word in sorted(words)) or "-"


def _longer(published: set[str], deployed: set[str]) -> tuple[str, str] | None:
    """Return how the table says that a list has become longer, if that is all."""
    more = deployed - published
    return ("the list", f"the list, {_listed(more)}") if published and more and published < deployed else None


def _words(uses: set[str] | None) -> set[str]:
    """Return inclusion and words of an attribute with a list of them; nothing for any other."""
    (use,) = uses if uses and len(uses) == 1 else ("",)
    return set(use.split(" ")) if _is_list({use}) else set()


def _uses(uses: set[str] | None) -> str:
    if uses is None:
        return "-"
    shown = (use.partition(" ") for use in sorted(uses))
    return " or ".join(f"`{kind}`" if use == "required" else f"[`{kind}`]" for use, _, kind in shown)


# --- stanzas made wrong on purpose ---------------------------------------------------------------------------------

Mutation = Callable[[etree._Element, random.Random], str | None]
"Changes a tree in one place and says where, or finds no place for it and returns None."


def _opened() -> set[tuple[str, str]]:
    """Return the attributes that the table says are judged more leniently than published."""
    return {(row.file, row.where) for row in rows() if "/@" in row.where}


def _places(root: etree._Element, rng: random.Random) -> Iterator[tuple[etree._Element, str, Declared]]:
    """Give the elements that both profiles know, in random order."""
    nodes = [node for node in root.iter(etree.Element) if _is_judged(node)]
    for node in rng.sample(nodes, len(nodes)):
        name = etree.QName(node)
        found = declared("published", name.namespace or "").get(name.localname)
        if found is not None:
            yield node, file_of(name.namespace or ""), found


def _is_judged(node: etree._Element) -> bool:
    """Tell whether all elements around a node are known, so that none is set apart with it."""
    names = [etree.QName(one) for one in (node, *node.iterancestors())]
    return all(name.localname in declared("deployed", name.namespace or "") for name in names)


def drop_required(root: etree._Element, rng: random.Random) -> str | None:
    """Drop an attribute that its XEP requires and the table does not excuse."""
    for node, file, found in _places(root, rng):
        local = etree.QName(node).localname
        names = [
            name for name in found.required() if name in node.attrib and (file, f"{local}/@{name}") not in _opened()
        ]
        if names:
            name = rng.choice(names)
            del node.attrib[name]
            return f"{local}/@{name} dropped"
    return None


def break_enumeration(root: etree._Element, rng: random.Random) -> str | None:
    """Give an attribute with a list of words a word that is not in it."""
    for node, file, found in _places(root, rng):
        local = etree.QName(node).localname
        names = [name for name, uses in found.attributes.items() if name in node.attrib and _is_list(uses)]
        open_ = {row.where for row in rows() if row.file == file and row.deployed.strip("[`]") in ("string", "NCName")}
        names = [name for name in names if f"{local}/@{name}" not in open_]
        if names:
            name = rng.choice(sorted(names))
            node.set(name, rng.choice(["coucou", "", "BOTH", node.get(name, "") + "x"]))
            return f"{local}/@{name}={node.get(name)!r}"
    return None


def _is_list(uses: set[str]) -> bool:
    return any(" " in use.partition(" ")[2] for use in uses)


NUMBERS = {
    "0..255": ("-1", "256", "x", "1.5"),
    "0..65535": ("-1", "65536", "1_0", ""),
    "0..4294967295": ("-1", "4294967296", "0x1"),
    "0..63": ("-1", "64"),
    "short": ("-1", "65536"),
    "positiveInteger": ("-1", "one", "1e3"),
    "nonNegativeInteger": ("-1", "1.5"),
    "boolean": ("maybe", "2"),
}
"Type as published -> texts that no profile takes for it; component is 0..256 as deployed."


def leave_range(root: etree._Element, rng: random.Random) -> str | None:
    """Give an attribute with numbers a text that is no number, or one out of range."""
    for node, _, found in _places(root, rng):
        local = etree.QName(node).localname
        kinds = {
            name: kind for name, uses in found.attributes.items() for use in uses for _, _, kind in [use.partition(" ")]
        }
        names = [name for name, kind in kinds.items() if name in node.attrib and kind in NUMBERS]
        if names:
            name = rng.choice(sorted(names))
            text = "257" if name == "component" else "65536" if name == "number" else rng.choice(NUMBERS[kinds[name]])
            node.set(name, text)
            return f"{local}/@{name}={text!r}"
    return None


def misplace(root: etree._Element, rng: random.Random) -> str | None:
    """Move a known element to a parent that it does not belong to."""
    nodes = [node for node in root.iter(etree.Element) if _is_judged(node)]
    for node in rng.sample(nodes, len(nodes)):
        inside = set(node.iter(etree.Element))
        targets = [other for other in nodes if other not in inside and not _takes(other, node)]
        if node is not root and targets:
            target = rng.choice(targets)
            target.insert(rng.randint(0, len(target)), node)
            return f"{etree.QName(node).localname} in {etree.QName(target).localname}"
    return None


def _takes(parent: etree._Element, kid: etree._Element) -> bool:
    outer, inner = etree.QName(parent), etree.QName(kid)
    found = declared("deployed", outer.namespace or "")[outer.localname]
    own = outer.namespace == inner.namespace and inner.localname in found.own
    return own or str(kid.tag) in found.foreign or "anyType" in found.text


WRONG: tuple[Mutation, ...] = (drop_required, break_enumeration, leave_range, misplace)
"What `deployed` has to refuse."

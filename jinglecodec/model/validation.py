"""Validation of stanzas and elements: the schemas of a profile, and the rules that no schema can state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jinglecodec.findings import Finding
from jinglecodec.model.checks import Offence, offences
from jinglecodec.xml.fields import Element
from jinglecodec.xml.schema import CLEAN, Paths, Profile, Report, is_usual, known_profile, schema_findings, tree_of
from jinglecodec.xml.tree import ElementLike, Raw

__all__ = ["validate"]


def validate(source: str | bytes | Element | Raw | ElementLike, profile: Profile = "deployed") -> Report:
    """Return what is wrong with a stanza or an element, by the schemas and by the rules beyond them.

    `source` is text, a typed value, or an element of lxml, of xml.etree or of the same shape. The profile is
    "deployed", what conforming and deployed peers exchange, or "published", what the XEPs' schemas say.

    Raises LocalError for another profile, DecodeError for text that is not one element of XMPP's XML and for a tree
    beyond its limits, EncodeError for a value that XML cannot carry.
    """
    known_profile(profile)
    root = tree_of(source)
    usual = profile == "deployed" and is_usual(root)
    found = () if usual else schema_findings(root, profile)
    broken = offences(root, usual)
    if not found and not broken:
        return CLEAN
    return Report((*found, *_findings(root, broken, {finding.path for finding in found})))


def _findings(root: ElementLike, broken: Iterable[Offence], told: set[str]) -> Iterator[Finding]:
    """Give a finding for each rule broken, unless the schemas told the same of an attribute."""
    paths = Paths(root)
    for offence in broken:
        rule, node = offence.rule, offence.node
        path = paths[node] + rule.step
        if not (rule.step and path in told):
            line = getattr(node, "sourceline", None)
            yield Finding(rule.code, rule.severity, path, line, rule.message, rule.clause)

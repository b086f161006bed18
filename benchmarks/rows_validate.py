"""The rows of validation: a stanza that is parsed already, judged by either profile, beside parsing it.

Inputs are those of `rows_xml`: XEP-0176's first listing, and a conference with 500 sources.
"""

from __future__ import annotations

from lxml import etree
from rows_xml import VARIANTS, Row, each, large, small

import jinglecodec as jc

__all__ = ["rows"]


def deployed(tree: etree._Element) -> jc.Report:
    """Judge by what peers exchange."""
    return jc.validate(tree)


def published(tree: etree._Element) -> jc.Report:
    """Judge by the XEPs' own schemas."""
    return jc.validate(tree, "published")


def rows() -> list[Row]:
    """Return the rows, after checking that right is found right, and wrong wrong."""
    found: list[Row] = []
    for name, texts in (
        ("XEP-0176 listing 1", [small(number) for number in range(VARIANTS)]),
        ("500 sources", [large(number) for number in range(2)]),
    ):
        trees = [etree.fromstring(text) for text in texts]
        for judge, must, aim in ((deployed, 1.2, 0.9), (published, 2.0, 1.5)):
            assert all(judge(tree).ok for tree in trees)
            assert not judge(etree.fromstring(texts[0].replace(b"'initiator'", b"'inviter'"))).ok
            row = f"validate {judge.__name__}, {name}"
            found.append((row, each(judge, trees), each(etree.fromstring, texts), must, aim))
    return found

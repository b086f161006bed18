"""Every element class against markup that was written by hand from its specification, both ways."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from importlib import import_module
from pathlib import Path

import pytest
from element_classes import ELEMENTS
from element_support import Golden, canonical, tree

import jinglecodec as jc

MODULES = [import_module(path.stem) for path in sorted(Path(__file__).parent.glob("test_model_*.py"))]
GOLDENS = [golden for module in MODULES for golden in getattr(module, "GOLDENS", ()) if module.__name__ != __name__]
"Those of all modules beside this one."

each = pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: f"{type(golden.value).__name__}: {golden.clause}")


def test_every_element_class_has_a_golden() -> None:
    missing = {cls.__name__ for cls in ELEMENTS} - {type(golden.value).__name__ for golden in GOLDENS}
    assert not missing, f"write a GOLDENS entry in tests/model/test_model_*.py for {sorted(missing)}"


def test_the_default_codec_knows_every_element_class() -> None:
    unknown = [cls.__name__ for cls in ELEMENTS for tag in cls.__tags__ if jc.Codec.default().find(tag) is not cls]
    assert not unknown


@each
def test_the_markup_reads_as_the_value_and_without_findings(golden: Golden) -> None:
    assert jc.read(golden.markup) == jc.Decoded(golden.value)
    assert jc.loads(golden.markup) == golden.value
    assert jc.from_element(tree(golden.markup)) == golden.value
    assert jc.from_element(ET.fromstring(golden.markup)) == golden.value  # noqa: S314


@each
def test_the_value_is_written_as_the_markup(golden: Golden) -> None:
    assert canonical(tree(jc.dumps(golden.value))) == canonical(tree(golden.markup))
    assert canonical(jc.to_element(golden.value)) == canonical(tree(golden.markup))

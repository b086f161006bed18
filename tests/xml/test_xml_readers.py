"""The generated readers: what they take at once, what they leave to the thorough one, and how they are made."""

from __future__ import annotations

import inspect
import linecache
import traceback

import pytest
from element_support import tree
from xml_zoo import CODEC, ZOO, ZOO_VALUE, ZOO_XML, Cage, Keeper, Lion, Zoo

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.xml.readers import read_clean, reader

LION = "urn:example:lion"


def test_the_clean_way_takes_all_kinds_of_field() -> None:
    assert read_clean(Zoo, tree(ZOO_XML), CODEC, exact=False) == ZOO_VALUE
    assert read_clean(Zoo, tree(ZOO_XML), CODEC, exact=True) == ZOO_VALUE


@pytest.mark.parametrize(
    "markup",
    [
        f"<animal xmlns='{LION}' age='3'><x xmlns='urn:x'>a<b/></x></animal>",
        f"<animal xmlns='{LION}' age='3' other='1' xml:lang='de'/>",
        f"<animal xmlns='{LION}' age='3'>\n <plants/>\n</animal>",
        f"<animal xmlns='{LION}' age='3'><meat> raw </meat></animal>",
        f"<cage xmlns='{ZOO}'>a<child/><child/><x xmlns='urn:x'/></cage>",
    ],
)
def test_unknown_content_and_white_space_are_clean(markup: str) -> None:
    node = tree(markup)
    cls = Cage if "cage" in markup else Lion
    assert read_clean(cls, node, CODEC, exact=True) == CODEC.from_element(node)


@pytest.mark.parametrize(
    "markup",
    [
        f"<animal xmlns='{LION}'/>",
        f"<animal xmlns='{LION}' age='300'/>",
        f"<animal xmlns='{LION}' age='+3'/>",
        f"<animal xmlns='{LION}' years='3'/>",
        f"<animal xmlns='{LION}' age='3'>text</animal>",
        f"<animal xmlns='{LION}' age='3'><meat/>text</animal>",
        f"<animal xmlns='{LION}' age='3'><meat/><plants/></animal>",
        f"<animal xmlns='{LION}' age='3'><flesh/></animal>",
        f"<animal xmlns='{LION}' age='3'><plants>x</plants></animal>",
        f"<animal xmlns='{LION}' age='3'><plants x='1'/></animal>",
        f"<animal xmlns='{LION}' age='3'><!-- c --></animal>",
        f"<animal xmlns='{LION}' age='3'><guard xmlns='{ZOO}' name='x'/></animal>",
    ],
)
def test_what_is_sloppy_or_wrong_goes_the_other_way(markup: str) -> None:
    assert read_clean(Lion, tree(markup), CODEC, exact=False) is None


@pytest.mark.parametrize(
    "attributes", ["priority='1'", "id='1' priority='1'", "id='' priority='1'", "id='a' priority='0'"]
)
def test_the_exact_way_leaves_every_finding_to_the_other(attributes: str) -> None:
    """Identifiers kept as they came and attributes that are expected need no explanation to be read."""
    rest = "component='1' foundation='1' ip='::1' port='1' protocol='udp' type='host' generation='0'"
    markup = f"<candidate xmlns='{ns.ICE_UDP}' {rest} {attributes}/>"
    assert read_clean(jc.Candidate, tree(markup), jc.Codec.default(), exact=True) is None
    assert len(jc.read(markup).findings) == 1


def test_a_generated_function_shows_its_source() -> None:
    """Registered with linecache, as attrs does, so that debuggers and tracebacks show the line."""
    made = reader(Keeper)
    assert inspect.getsource(made).startswith("def read(e, codec):\n")
    assert made.__code__.co_filename == "<jinglecodec read xml_zoo.Keeper>"
    linecache.checkcache()
    try:
        made(tree(f"<keeper xmlns='{ZOO}'/>"), CODEC)
    except ValueError as error:
        assert "raise Unusual" in "".join(traceback.format_exception(error))  # noqa: PT017


def test_a_generated_function_is_made_once() -> None:
    assert reader(Keeper) is reader(Keeper)
    assert reader(Keeper, exact=True) is not reader(Keeper)

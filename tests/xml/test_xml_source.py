"""Generated functions: quoting, and the place where debuggers find their source."""

from __future__ import annotations

import linecache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xml_zoo import Keeper

from jinglecodec.xml.source import Source, literal


@given(st.text())
def test_any_text_stands_literally_in_a_generated_string(text: str) -> None:
    """Namespaces and names are developers' own, but quotes, braces and backslashes are legal in them."""
    source = Source()
    source.add(f"return f'{literal(text)}'")
    assert source.compile(Keeper, "quote", "")() == text


def test_lines_are_indented_and_empty_ones_left_out() -> None:
    source = Source(seven=7)
    source.add("if flag:", "")
    source.add(f"return {source.name('eight', 8)}", indent=2)
    source.add("return seven")
    made = source.compile(Keeper, "choose", "flag")
    assert (made(True), made(False)) == (8, 7)
    assert source.lines == ["    if flag:", "        return eight", "    return seven"]


def test_the_source_is_where_tracebacks_look() -> None:
    source = Source()
    source.add("return 1 // zero")
    made = source.compile(Keeper, "divide", "zero")
    with pytest.raises(ZeroDivisionError):
        made(0)
    assert linecache.getline("<jinglecodec divide xml_zoo.Keeper>", 2) == "    return 1 // zero\n"

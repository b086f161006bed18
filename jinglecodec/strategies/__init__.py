"""Hypothesis strategies for the values of this library (extra `fuzz`). All that they draw is legal.

from hypothesis import given
from jinglecodec import Jingle, dumps
from jinglecodec.strategies import from_class

@given(from_class(Jingle))
def test_my_gateway_takes_every_session(session: Jingle) -> None:
    my_gateway.receive(dumps(session))
"""

from __future__ import annotations

from jinglecodec.strategies.elements import from_class, raw_elements, xml_texts

__all__ = ["from_class", "raw_elements", "xml_texts"]

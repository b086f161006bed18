"""Hypothesis strategies for everything that this library reads, and its laws as tests (extra `fuzz`).

    from hypothesis import given
    from jinglecodec import Jingle, dumps
    from jinglecodec.strategies import jingles

    @given(jingles())
    def test_my_gateway_takes_every_session(session: Jingle) -> None:
        my_gateway.receive(dumps(session))

There is one strategy for each element class (`candidates`, `ice_udp_transports` ..., see `naming`), and `from_class`
for those of your own. What the hostile ones draw is illegal in some way; everything else is legal.
Installed with Hypothesis, `st.from_type(jinglecodec.Candidate)` works, too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinglecodec.strategies.elements import from_class as from_class
    from jinglecodec.strategies.elements import raw_elements as raw_elements
    from jinglecodec.strategies.elements import xml_texts as xml_texts
    from jinglecodec.strategies.hostile import hostile_datagrams as hostile_datagrams
    from jinglecodec.strategies.hostile import hostile_descriptions as hostile_descriptions
    from jinglecodec.strategies.hostile import hostile_stanzas as hostile_stanzas
    from jinglecodec.strategies.hostile import hostile_texts as hostile_texts
    from jinglecodec.strategies.hostile import mutated_elements as mutated_elements
    from jinglecodec.strategies.laws import codec_laws as codec_laws
    from jinglecodec.strategies.laws import machine_laws as machine_laws
    from jinglecodec.strategies.lines import codec_parameters as codec_parameters
    from jinglecodec.strategies.lines import sdp_descriptions as sdp_descriptions
    from jinglecodec.strategies.lines import sdp_values as sdp_values
    from jinglecodec.strategies.mixtures import sdp_edits as sdp_edits
    from jinglecodec.strategies.mixtures import sdp_mixtures as sdp_mixtures
    from jinglecodec.strategies.named import *  # noqa: F403 - a stub; at run time `naming` makes them
    from jinglecodec.strategies.offers import sdp_answers as sdp_answers
    from jinglecodec.strategies.offers import sdp_offers as sdp_offers
    from jinglecodec.strategies.packets import addresses as addresses
    from jinglecodec.strategies.packets import datagrams as datagrams
    from jinglecodec.strategies.packets import password_algorithms as password_algorithms
    from jinglecodec.strategies.packets import stun_attributes as stun_attributes
    from jinglecodec.strategies.packets import stun_keys as stun_keys
    from jinglecodec.strategies.packets import stun_messages as stun_messages
    from jinglecodec.strategies.packets import stun_packets as stun_packets
    from jinglecodec.strategies.quirks import peer_stanzas as peer_stanzas
    from jinglecodec.strategies.sequences import hostile_sequences as hostile_sequences
    from jinglecodec.strategies.sequences import stanza_sequences as stanza_sequences

_NAMES = {
    "elements": ("from_class", "raw_elements", "xml_texts"),
    "hostile": ("hostile_datagrams", "hostile_descriptions", "hostile_stanzas", "hostile_texts", "mutated_elements"),
    "laws": ("codec_laws", "machine_laws"),
    "mixtures": ("sdp_edits", "sdp_mixtures"),
    "offers": ("sdp_answers", "sdp_offers"),
    "packets": (
        "addresses",
        "datagrams",
        "password_algorithms",
        "stun_attributes",
        "stun_keys",
        "stun_messages",
        "stun_packets",
    ),
    "quirks": ("peer_stanzas",),
    "lines": ("codec_parameters", "sdp_descriptions", "sdp_values"),
    "sequences": ("hostile_sequences", "stanza_sequences"),
}
"Module -> the names it lends to this one."

_HOMES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - built from the one table; the names of element classes are beside it


def __getattr__(name: str) -> object:
    """Load `name` on first use, or make the strategy of the element class with this name (PEP 562)."""
    if name in _HOMES:
        found: object = getattr(import_module(f"jinglecodec.strategies.{_HOMES[name]}"), name)
    else:
        from jinglecodec.strategies.naming import named  # noqa: PLC0415 - loads all element classes

        found = named(name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    from jinglecodec.strategies.naming import element_classes  # noqa: PLC0415 - loads all element classes

    return sorted((*_HOMES, *element_classes()))

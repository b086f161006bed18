"""What `python -m jinglecodec.strategies` fuzzes: a strategy and a law for each part of the library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import product
from typing import Any

import attrs
from hypothesis import strategies as st

from jinglecodec import sdp
from jinglecodec.errors import SdpError
from jinglecodec.model.jingle import Jingle
from jinglecodec.strategies import laws
from jinglecodec.strategies.elements import from_class
from jinglecodec.strategies.hostile import (
    any_element,
    damaged_texts,
    hostile_datagrams,
    hostile_descriptions,
    hostile_stanzas,
)
from jinglecodec.strategies.machines import MACHINES
from jinglecodec.strategies.mixtures import sdp_edits, sdp_mixtures
from jinglecodec.strategies.offers import sdp_answers, sdp_offers
from jinglecodec.strategies.quirks import peer_stanzas

__all__ = ["Corpus", "Target", "reproduce", "targets"]


@attrs.frozen
class Corpus:
    """Recorded input to begin with."""

    stanzas: tuple[bytes, ...] = ()
    descriptions: tuple[str, ...] = ()
    "Octets that are no UTF-8 as surrogates."
    packets: tuple[bytes, ...] = ()


@attrs.frozen
class Target:
    """A law, and what it is tried on."""

    name: str
    inputs: st.SearchStrategy[Any]
    law: Callable[[Any], None]
    recorded: tuple[Any, ...] = ()
    "Tried before anything is drawn."


def targets(corpus: Corpus) -> tuple[Target, ...]:
    """Return everything that is fuzzed, seeded from a corpus."""
    offers = sdp_offers() | sdp_mixtures().map(_read)
    texts = sdp_mixtures() | damaged_texts(sdp_mixtures())
    edited = texts.flatmap(lambda text: st.tuples(*map(_tolerated, (st.just(text), sdp_edits(text)))))
    pairs = sdp_offers().flatmap(lambda offer: st.tuples(st.just(offer), sdp_answers(offer)))
    names = tuple(laws.MACHINE_RULES)
    rules = st.sampled_from(names[:1] * len(names) + names)  # the first takes the least time, and finds as many ways
    return (
        Target("elements", any_element(), laws.check_element),
        Target("stanzas", hostile_stanzas(seeds=corpus.stanzas), laws.check_stanza, corpus.stanzas),
        Target("peers", peer_stanzas(), laws.check_peer),
        Target("requests", from_class(Jingle), laws.check_request),
        Target(
            "descriptions",
            hostile_descriptions(seeds=corpus.descriptions),
            laws.check_description,
            corpus.descriptions,
        ),
        Target("offers", offers, laws.check_offer, tuple(_readable(corpus.descriptions))),
        Target("answers", pairs, laws.check_answer),
        Target("changes", edited, laws.check_change),
        Target("reports", any_element(), laws.check_report),
        Target("datagrams", hostile_datagrams(seeds=corpus.packets), laws.check_datagram, corpus.packets),
        *(
            Target(
                row.name,
                st.tuples(rules, row.scripts()),
                partial(laws.check_machine, row.factory),
                tuple(product(names, row.recorded())),
            )
            for row in MACHINES
        ),
    )


def _read(text: str) -> sdp.SessionDescription:
    return sdp.loads(text.encode("utf-8", "surrogateescape"))


def _tolerated(texts: st.SearchStrategy[str]) -> st.SearchStrategy[sdp.SessionDescription]:
    """Return what a tolerant reader makes of texts that it takes."""

    def read(text: str) -> sdp.SessionDescription | None:
        with suppress(SdpError):
            return sdp.loads(text.encode("utf-8", "surrogateescape"), errors="tolerant")
        return None

    return texts.map(read).filter(lambda read: read is not None)  # type: ignore[return-value]


def _readable(texts: tuple[str, ...]) -> Iterator[sdp.SessionDescription]:
    for text in texts:
        with suppress(SdpError):
            yield _read(text)


def reproduce(name: str, value: object) -> None:
    """Try one input again, as a file does that the fuzzer wrote; raises what the law raises."""
    (target,) = (target for target in targets(Corpus()) if target.name == name)
    target.law(value)

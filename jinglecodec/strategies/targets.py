"""What `python -m jinglecodec.strategies` fuzzes: a strategy and a law for each part of the library."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import chain, product
from typing import Any

import attrs
from hypothesis import strategies as st

from jinglecodec import sdp
from jinglecodec.errors import SdpError
from jinglecodec.model.jingle import Jingle
from jinglecodec.strategies import laws
from jinglecodec.strategies.edges.carried import near_carries
from jinglecodec.strategies.edges.elements import near_requests, near_stanzas
from jinglecodec.strategies.edges.lines import near_texts, packs
from jinglecodec.strategies.edges.packets import near_packets
from jinglecodec.strategies.edges.pairs import near_pairs, near_wholes, spoilt_texts
from jinglecodec.strategies.elements import from_class
from jinglecodec.strategies.hostile import (
    any_element,
    damaged_texts,
    hostile_datagrams,
    hostile_descriptions,
    hostile_stanzas,
)
from jinglecodec.strategies.machines import MACHINES, Row
from jinglecodec.strategies.mixtures import sdp_edits, sdp_mixtures
from jinglecodec.strategies.offers import sdp_answers, sdp_offers
from jinglecodec.strategies.quirks import peer_stanzas
from jinglecodec.testing.laws import Script

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
    beginning: Callable[[], Iterable[Any]] = tuple
    "Gives what is tried before anything is drawn."

    @property
    def recorded(self) -> tuple[Any, ...]:
        """What `beginning` gives."""
        return tuple(self.beginning())


def targets(corpus: Corpus) -> tuple[Target, ...]:
    """Return everything that is fuzzed, seeded from a corpus."""
    return *_xml_targets(corpus), *_sdp_targets(corpus), _stun_target(corpus), *_machine_targets()


def _xml_targets(corpus: Corpus) -> Iterator[Target]:
    yield Target("elements", any_element(), laws.check_element)
    yield Target(
        "stanzas",
        hostile_stanzas(seeds=corpus.stanzas),
        laws.check_stanza,
        lambda: chain(corpus.stanzas, near_stanzas()),
    )
    yield Target("peers", peer_stanzas(), laws.check_peer)
    yield Target("requests", from_class(Jingle), laws.check_request, lambda: chain(near_carries(), near_requests()))
    yield Target("reports", any_element(), laws.check_report)


def _sdp_targets(corpus: Corpus) -> Iterator[Target]:
    texts = sdp_mixtures() | damaged_texts(sdp_mixtures())
    edited = texts.flatmap(lambda text: st.tuples(*map(_tolerated, (st.just(text), sdp_edits(text)))))
    fitting = sdp_offers().flatmap(lambda offer: st.tuples(st.just(offer), sdp_answers(offer)))
    misfits = fitting.flatmap(lambda pair: st.tuples(st.just(pair[0]), _tolerated(sdp_edits(sdp.dumps(pair[1])))))
    yield Target(
        "descriptions",
        hostile_descriptions(seeds=corpus.descriptions),
        laws.check_description,
        lambda: chain(corpus.descriptions, near_texts(), spoilt_texts()),
    )
    yield Target(
        "offers",
        sdp_offers() | sdp_mixtures().map(_read),
        laws.check_offer,
        lambda: _readable(chain(corpus.descriptions, packs(), near_wholes(), spoilt_texts())),
    )
    yield Target("answers", fitting, laws.check_answer)
    yield Target("misfits", misfits | edited, laws.check_misfit, near_pairs)
    yield Target("changes", edited, laws.check_change, near_pairs)


def _stun_target(corpus: Corpus) -> Target:
    return Target(
        "datagrams",
        hostile_datagrams(seeds=corpus.packets),
        laws.check_datagram,
        lambda: chain(corpus.packets, near_packets()),
    )


def _machine_targets() -> Iterator[Target]:
    names = tuple(laws.MACHINE_RULES)
    rules = st.sampled_from(names[:1] * len(names) + names)  # the first takes the least time, and finds as many ways
    for row in MACHINES:
        law, beginning = partial(laws.check_machine, row.factory), partial(_with_each_rule, row)
        yield Target(row.name, st.tuples(rules, row.scripts()), law, beginning)


def _with_each_rule(row: Row) -> Iterator[tuple[str, Script]]:
    return product(laws.MACHINE_RULES, row.recorded())


def _read(text: str) -> sdp.SessionDescription:
    return sdp.loads(text.encode("utf-8", "surrogateescape"))


def _tolerated(texts: st.SearchStrategy[str]) -> st.SearchStrategy[sdp.SessionDescription]:
    """Return what a tolerant reader makes of texts that it takes."""

    def read(text: str) -> sdp.SessionDescription | None:
        with suppress(SdpError):
            return sdp.loads(text.encode("utf-8", "surrogateescape"), errors="tolerant")
        return None

    return texts.map(read).filter(lambda read: read is not None)  # type: ignore[return-value]


def _readable(texts: Iterable[str]) -> Iterator[sdp.SessionDescription]:
    for text in texts:
        with suppress(SdpError):
            yield _read(text)


def reproduce(name: str, value: object) -> None:
    """Try one input again, as a file does that the fuzzer wrote; raises what the law raises."""
    (target,) = (target for target in targets(Corpus()) if target.name == name)
    target.law(value)

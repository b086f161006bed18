"""Requests with a carry (`jinglecodec.mapping.carry`) that is not what `to_jingle` makes, since peers may write any.

The recipe in it is changed in one line, and the Jingle around it in one content.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Iterator, Sequence

import attrs

from jinglecodec import mapping, sdp
from jinglecodec.mapping.carry import ADD, HIDE, HOIST, LIMIT, PRINT, SAY, SECTION, SPELL, TAKE, Recipe, carried
from jinglecodec.model.jingle import Action, Content, Jingle
from jinglecodec.model.own import Carry
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.strategies.edges.lines import near_words
from jinglecodec.strategies.edges.pairs import HOISTED, WHOLE

__all__ = ["near_carries"]

_KINDS = (TAKE, SPELL, SAY, ADD, PRINT, HIDE, HOIST, SECTION, "?")
_LINES = (
    *("a=mid:9", "a=ice-ufrag:efgh", "a=setup:active", "a=sctp-port:1", "a=group:BUNDLE 0", "a=bundle-only", "a=x"),
    *("m=audio 9 RTP/AVP 0", "o=x 1 2 IN IP4 192.0.2.1", "v=0", "q=1", "", "x\r", "a=fingerprint:md5 00", "a=inactive"),
)
"What a peer may want to add: what Jingle says itself, what opens a section, what is no line."


def near_carries() -> Iterator[Jingle]:
    """Give requests for two descriptions whose recipes are changed, or that were changed under a recipe."""
    for text in (WHOLE, HOISTED.replace("\r\n", "\n", 5)):
        desc = sdp.loads(text)
        jingle = mapping.to_jingle(desc, action=Action.SESSION_INITIATE, sid="a", role="initiator", carry=True).value
        lines = _lines(jingle)
        for changed in _recipes(lines):
            yield _carrying(jingle, _packed("\n".join(changed)))
        for contents in _contents(jingle.contents):
            yield attrs.evolve(jingle, contents=contents)
        yield attrs.evolve(jingle, groups=())
    for value in _values("\n".join(lines)):
        yield _carrying(jingle, value)


def _lines(jingle: Jingle) -> list[str]:
    """Return the recipe that a request carries, as text in lines."""
    recipe = carried(jingle)
    assert isinstance(recipe, Recipe)  # noqa: S101
    sections = [line for head, steps in recipe.sections for line in (SECTION + head, *steps)]
    return [str(recipe.length), recipe.ends, *recipe.session, *sections]


def _packed(text: str) -> str:
    deflater = zlib.compressobj(9, wbits=-15)
    return b64encode(deflater.compress(text.encode("utf-8", "surrogateescape")) + deflater.flush()).decode()


def _carrying(jingle: Jingle, value: str) -> Jingle:
    return attrs.evolve(jingle, extra=attrs.evolve(jingle.extra, children=(Carry(value=value),)))


def _recipes(lines: Sequence[str]) -> Iterator[list[str]]:
    """Give the recipe with a line less, twice, of another kind, in other words, and with a line more."""
    worded: set[str] = set()
    for at, line in enumerate(lines):
        before, after = [*lines[:at]], [*lines[at + 1 :]]
        yield before
        yield before + after
        yield [*before, *after, line]
        yield [*before, line, line, *after]
        words = () if line[:1] in worded else near_words(line)
        worded.add(line[:1])
        for other in (*(kind + line[1:] for kind in _KINDS), *words):
            yield [*before, other, *after]
    for head in ("0", "9", "8", "x", "", "4\nCl", "4\nCl-", "4\n-", "4\nx", "4\n" + "C" * 50):
        yield [head, *lines[1 if "\n" not in head else 2 :]]
    for at in (2, next(at for at, line in enumerate(lines) if line[:1] == SECTION) + 1, len(lines)):
        for more in (*(ADD + line for line in _LINES), f"{PRINT}md5 AA==", f"{PRINT}md5 A", SECTION, f"{SECTION}9 x y"):
            yield [*lines[:at], more, *lines[at:]]
    yield [*lines, *([SECTION, f"{ADD}m=audio 9 RTP/AVP 0"] * 300)]
    yield [*lines, *([f"{TAKE}ffff"] * 300)]


def _contents(contents: Sequence[Content]) -> Iterator[tuple[Content, ...]]:
    """Give the contents with one less, in another order, under other names, and with less in them."""
    yield ()
    yield tuple(reversed(contents))
    for at, content in enumerate(contents):
        before, after = tuple(contents[:at]), tuple(contents[at + 1 :])
        yield before + after
        yield (*before, content, content, *after)
        for changed in (
            attrs.evolve(content, name=f"{content.name}x"),
            attrs.evolve(content, name=contents[at - 1].name),
            attrs.evolve(content, transport=None),
            attrs.evolve(content, description=None),
            attrs.evolve(content, description=RtpDescription(media="image")),
        ):
            yield (*before, changed, *after)


def _values(text: str) -> Iterator[str]:
    """Give what cannot be unpacked, or should not be."""
    whole = _packed(text)
    yield from (
        "",
        "!",
        whole[:-1],
        whole[: len(whole) // 8 * 4],
        f"\n{whole} ",
        whole + "QUJD",
        _packed("\udcff"),
        _packed(""),
    )
    yield _packed("4\nC\n" + "+a=x\n" * (LIMIT // 5))

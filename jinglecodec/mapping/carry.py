"""The carry: what SDP says and Jingle cannot, sent along so that every octet of the description comes back.

It is a recipe per section: the order of the lines that Jingle gives back, each named by a key; the spelling of those
that were spelled otherwise; the lines that Jingle has no form for. It never holds what Jingle says, so an edit of the
Jingle shows: a line that is gone is skipped, a changed one stands as changed, a new one behind the line it follows.

The recipe is peer input. Whatever it makes is mapped to Jingle again by `restoration`, and a section that then says
anything else than the Jingle did is given up: nothing that is carried can add, change or hide what Jingle says.
"""

from __future__ import annotations

import binascii
import re
import zlib
from base64 import b64decode, b64encode
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from jinglecodec.errors import EncodeError
from jinglecodec.findings import Severity
from jinglecodec.lexical import decimal
from jinglecodec.mapping.losses import Loss, kind_of_line
from jinglecodec.model.jingle import Content, Jingle
from jinglecodec.model.own import Carry
from jinglecodec.sdp.attributes.security import Fingerprint
from jinglecodec.sdp.session import Media, SessionDescription

__all__ = ["Recipe", "Restoration", "attach", "carried", "is_as_safe", "stale"]

LIMIT = 1 << 20
"Octets that a carry may unpack to."
MOST_FINDINGS = 100
"Of one carry; more are not noted."

TAKE, SPELL, SAY, ADD, PRINT, HIDE, HOIST, SECTION = "=~!+%-^#"
"""First character of a line of the recipe.

TAKE key: the line as Jingle gives it. SPELL key check size start end text: the same with another spelling. SAY text:
instead of the line of this kind, of which Jingle says nothing. ADD text: a line that Jingle cannot say. PRINT hash
digest: the same for a fingerprint, in base64. HIDE check: a line that Jingle implies and the description has not. HOIST
check: in the session's part, a line that Jingle gives for the sections. SECTION content name kind: the next section
begins; bare, it has no content. A section begins with the lines that have no step.
"""
_UNSAID = {"o=", "s=", "t=", "c=", "m=", "a=rtcp"}
"""Kinds of line that the mapping makes up, since Jingle says nothing of them: the session's identity, and which address
is the default one (RFC 8839 4.2.1.2). Of `m=` it is port and protocol."""
_MADE_UP = {"c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0", "s=-", "t=0 0"}
"What they are where nothing else is known; need not be carried."

# How many words of a line name it where several of its kind can stand in a section; 0 for all of them.
_KEY_WORDS = {
    "a=rtpmap": 1,
    "a=fmtp": 1,
    "a=extmap": 1,
    "a=candidate": 6,
    "a=crypto": 1,
    "a=dcmap": 1,
    "a=group": 1,
    "a=rtcp-fb": 0,
    "a=ssrc": 0,
    "a=ssrc-group": 0,
    "a=fingerprint": 0,
    "a=msid": 0,
    "b=": 0,
}


# What the mapping owns. A line of it that is well-formed shows when the description is mapped again; one that is not,
# or a second one where the first counts, another reader of SDP might take, so it may not be carried.
_NEVER = {"a=candidate", "a=crypto", "a=group", "a=sctp-port"}
_ONCE = {"a=fingerprint", "a=ice-pwd", "a=ice-ufrag", "a=mid", "a=sendrecv", "a=setup"}
"Not beside another of the kind, be it Jingle's; but for fingerprints, which may be several."


_OF_SECTIONS = {"a=fingerprint", "a=ice-pwd", "a=ice-ufrag", "a=setup"}
"At session level only where a section says the same: a reader may look there first."


class _Fitness:
    """Which lines may be added to a section, one by one, beside those that Jingle gives for it."""

    def __init__(self, given: Iterable[str], shared: Iterable[str] | None = None) -> None:
        """Know the lines `given`; for the session's part also those of the sections, `shared`."""
        self._lines: defaultdict[str, set[str]] = defaultdict(set)
        for text in given:
            self._lines[kind_of_line(text)].add(text)
        self._shared = None if shared is None else frozenset(map(_said, shared))

    def takes(self, text: str) -> bool:
        """Tell whether a line may be added; if so, it counts from here on."""
        kind = kind_of_line(text).partition(" ")[0]
        if self._shared and kind in _OF_SECTIONS and _said(text) not in self._shared:
            return False
        others = len(self._lines[kind]) - (text in self._lines[kind])
        if kind in _NEVER or (kind in _ONCE and others and _fingerprint(text) is None):
            return False
        self._lines[kind].add(text)
        return True


def _said(text: str) -> str:
    """Return a line without its spelling where that may differ between session and sections."""
    return text.lower() if text.startswith("a=fingerprint:") else text


def _fingerprint(text: str) -> Fingerprint | None:
    """Return the fingerprint that a line says, or None."""
    try:
        return Fingerprint.parse(text[14:]) if text.startswith("a=fingerprint:") else None
    except EncodeError:
        return None


def is_as_safe(made: Media, asked: Media) -> bool:
    """Tell whether a section is of the kind that was asked for and, if that was DTLS, of no weaker protocol.

    Of keys in the signalling, whether they are required is in the Jingle.
    """
    secure = "TLS" in made.protocol or "SAVP" in made.protocol
    return made.kind == asked.kind and (secure or "TLS" not in asked.protocol)


def _key(text: str) -> str:
    """Return what names a line: the same after an edit of the rest of it."""
    kind = kind_of_line(text)
    words = _KEY_WORDS.get(kind)
    if words is None:
        return kind
    return " ".join(text.split(" ")[:words] if words else (text,)).lower()


def _head(text: str) -> str:
    """Return the part of a line that can be spelled: of `m=` all but the formats, which are Jingle's."""
    return " ".join(text.split(" ")[:3]) if text.startswith("m=") else text


def _digest(text: str, length: int) -> str:
    return f"{zlib.crc32(text.encode('utf-8', 'surrogateescape')):08x}"[:length]


@attrs.frozen
class Recipe:
    """A recipe unpacked: how lines end, and the steps of each section."""

    length: int
    "Hex digits of a digest."
    ends: str
    "One letter for each line, or one for all; upper case: CRLF, lower case: LF, `-`: none."
    session: tuple[str, ...]
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    "The SECTION step and those that follow it."


# --- making ----------------------------------------------------------------------------------------------------------


def attach(
    jingle: Jingle,
    before: SessionDescription,
    written: SessionDescription,
    partners: Mapping[int, int],
    contents: Mapping[int, int],
) -> tuple[Jingle, frozenset[int]]:
    """Return `jingle` with the recipe that makes `before` of `written`, and the numbers of the lines left out of it.

    `partners`: section of `before` -> section written for it; `contents`: section of `before` -> content.
    """
    maker = _Maker(_length([text for section in written.sections for text in section.texts]))
    shared = {text for media in written.media for text in media.texts}
    lines = [str(maker.length), _ends(before), *maker.steps(before.texts, written.texts, shared)]
    for number, media in enumerate(before.media):
        content = contents.get(number)
        if content is None or number not in partners:
            lines += [SECTION, *maker.additions(media.texts)]
        else:
            lines.append(f"{SECTION}{content} {_name_digest(jingle.contents[content])} {media.kind}")
            lines += maker.section(media, written.media[partners[number]])
    node = Carry(value=b64encode(_packed("\n".join(lines))).decode())
    carrying = attrs.evolve(jingle, extra=attrs.evolve(jingle.extra, children=(*jingle.extra.children, node)))
    return carrying, frozenset(maker.unfit)


_FAMILIAR = (
    b"a=content:slidesa=ice-lite\na=tls-id:a=framerate:30a=rid: send recv\na=simulcast:send recv a=label:"
    b"a=ice-options:trickle renomination\na=fingerprint:sha-256 a=setup:actpass\na=sendrecv\na=recvonly\n"
    b"s=SIP Call\nc=IN IP4 c=IN IP6 b=AS:m=application m=audio m=video UDP/TLS/RTP/SAVPF 0 9 RTP/AVP network-cost 999"
    b" generation 0 network-id 1 network-cost 10 network-id 2\n+a=bundle-only\n+a=max-message-size:1073741823\n"
    b"+a=end-of-candidates\n+a=max-message-size:262144\n+a=rtcp-rsize\n+a=rtcp-xr:rcvr-rtt=all\n+a=msid:- \n"
    b"+a=sendrecv\n^+a=ice-options:trickle\n+a=extmap-allow-mixed\n+a=msid-semantic:WMS *\n"
    b"+a=extmap-allow-mixed\n+a=msid-semantic: WMS\n4\nC\n mozilla...THIS_IS_SDPARTA-99.0 0 IN IP4 0.0.0.0\n"
    b" 2 IN IP4 127.0.0.1\n"
)
"What recipes are made of, for the compressor; part of the format."


def _packed(text: str) -> bytes:
    deflater = zlib.compressobj(9, wbits=-15, zdict=_FAMILIAR)
    return deflater.compress(text.encode("utf-8", "surrogateescape")) + deflater.flush()


def _length(texts: Sequence[str]) -> int:
    """Return how many digits keep all lines and keys apart."""
    for length in (4, 5, 6):
        named = (set(texts), set(map(_key, texts)))
        if all(len({_digest(name, length) for name in names}) == len(names) for names in named):
            return length
    return 8


def _name_digest(content: Content) -> str:
    return _digest(f"{content.creator.value}/{content.name}", 8)


def _ends(description: SessionDescription) -> str:
    """Return how the lines end, shortened where all end alike."""
    text, at, ends = str(description), 0, []
    for section in description.sections:
        for line in section.texts:
            at += len(line)
            crlf = text.startswith("\r\n", at)
            ends.append("C" if crlf else "l" if text.startswith("\n", at) else "-")
            at += 2 if crlf else 1
    return ends[0] if len(set(ends)) == 1 else "".join(ends)


class _Maker:
    """Makes the steps of a description, section by section."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.unfit: set[int] = set()
        """Numbers of the lines that may not be carried."""
        self._line = 0

    def additions(self, texts: Sequence[str]) -> Iterator[str]:
        """Give the steps for a section without content."""
        self._line += len(texts)
        yield from (ADD + text for text in texts)

    def section(self, media: Media, written: Media) -> Iterator[str]:
        """Give the steps for a section; its protocol stays the one written where it would be weaker."""
        texts = media.texts
        if not is_as_safe(media, written):
            self.unfit.add(self._line + 1)
            head = media.field.changed(kind=written.kind, protocol=written.protocol)
            texts = (head.line(), *texts[1:])
        yield from self.steps(texts, written.texts)

    def steps(self, before: Sequence[str], written: Sequence[str], shared: set[str] | None = None) -> Iterator[str]:
        """Give the steps that make the lines `before` of the lines `written`; `shared`: what may be hoisted."""
        exact = Counter(before) & Counter(written)
        fitness = _Fitness(written, shared)
        spare: defaultdict[str, deque[str]] = defaultdict(deque)
        for text in (Counter(written) - exact).elements():
            spare[_key(text)].append(text)
        same = _alike(before, written)
        for number, text in enumerate(before):
            self._line += 1
            key = _key(text)
            if exact[text] > 0:
                exact[text] -= 1
                if _is_chosen(text):
                    yield SAY + _head(text)
                elif number >= same:
                    yield TAKE + _digest(key, self.length)
            elif key in _UNSAID and spare[key] and spare[key][0].endswith(text[len(_head(text)) :]):
                spare[key].popleft()
                yield SAY + _head(text)
            elif spare[key]:
                yield _spelling(text, spare[key].popleft(), self.length)
            elif not fitness.takes(text):
                self.unfit.add(self._line)
            elif shared is not None and text in shared:
                yield HOIST + _digest(text, self.length)
            else:
                yield _addition(text)
        for left in spare.values():
            yield from (HIDE + _digest(text, self.length) for text in left)


def _alike(before: Sequence[str], written: Sequence[str]) -> int:
    """Return how many lines need no step: those that begin both alike, up to one whose key names another, too."""
    keys = Counter(map(_key, written))
    for number, (mine, made) in enumerate(zip(before, written, strict=False)):
        if (mine != made and not mine.startswith("o=")) or keys[_key(made)] > 1:
            return number
    return len(before)


def _addition(text: str) -> str:
    """Return the step that adds a line."""
    found = _fingerprint(text)
    if found is None or found.line() != text:
        return ADD + text
    return f"{PRINT}{found.hash_function} {b64encode(found.digest).decode()}"


def _is_chosen(text: str) -> bool:
    """Tell whether a line must be carried though the mapping makes up the same: its grounds may go in an edit."""
    if text.startswith("m="):
        return text.split(" ")[1] != "9"
    return kind_of_line(text) in _UNSAID and text not in _MADE_UP


def _spelling(text: str, written: str, length: int) -> str:
    """Return the step that spells `written` as `text`, which has the same key."""
    old, new = _head(written), _head(text)
    if written[len(old) :] != text[len(new) :]:
        old, new = written, text
    start = _shared(old, new)
    end = min(_shared(old[start:][::-1], new[start:][::-1]), len(old) - start, len(new) - start)
    changed = new[start : len(new) - end]
    return f"{SPELL}{_digest(_key(written), length)} {_digest(old, length)} {len(old)} {start} {end} {changed}"


def _shared(one: str, other: str) -> int:
    """Return how many characters two texts begin alike with."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


# --- reading ---------------------------------------------------------------------------------------------------------


def carried(jingle: Jingle) -> Recipe | Loss | None:
    """Return the recipe that a request carries; a loss for one that is broken, None when there is none."""
    node = next((node for node in jingle.extra.children if isinstance(node, Carry)), None)
    if node is None:
        return None
    try:
        inflater = zlib.decompressobj(wbits=-15, zdict=_FAMILIAR)
        octets = inflater.decompress(b64decode("".join(node.value.split()), validate=True), LIMIT)
        if inflater.unconsumed_tail or not inflater.eof:
            return stale("is larger than the limit or cut off")
        length, ends, *lines = octets.decode("utf-8", "surrogateescape").split("\n")
        if _ENDS(ends) is None:
            return stale("has lines without an end")
        return _recipe(decimal(length, 1, 8), ends, lines)
    except (binascii.Error, zlib.error, ValueError):
        return stale("is not what `to_jingle` makes")


_ENDS = re.compile("[Cl]*(?:[Cl]|-)").fullmatch


def _recipe(length: int, ends: str, lines: Sequence[str]) -> Recipe:
    parts: list[list[str]] = [[]]
    for line in lines:
        if line.startswith(SECTION):
            parts.append([])
        parts[-1].append(line)
    sections = tuple((part[0][1:], tuple(part[1:])) for part in parts[1:])
    return Recipe(length, ends, tuple(parts[0]), sections)


def stale(message: str, path: str = "jingle/carry") -> Loss:
    """Return the finding that something carried was not used."""
    return Loss("carry-dropped", Severity.WARNING, path, None, message, "jinglecodec carry")


class Restoration:
    """A description being made of what Jingle gives and what is carried."""

    def __init__(self, recipe: Recipe, jingle: Jingle, written: SessionDescription, places: Mapping[int, int]) -> None:
        self.recipe = recipe
        self.findings: list[Loss] = []
        self.written = written
        self.order = self._order(jingle, places)
        """Per section: the one written, and the steps (None: as written). No section written: a rejected one."""
        shared = {_digest(text, recipe.length): text for media in written.media for text in media.texts}
        self.session = self._lines(written.texts, recipe.session, "jingle", shared)

    def _drop(self, message: str, path: str = "jingle/carry") -> None:
        """Note that something carried was not used; after so many of them a peer only wants memory."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(stale(message, path))

    @property
    def places(self) -> list[int | None]:
        """Section of what is made -> section written; None for a rejected one."""
        return [place for place, _ in self.order]

    def _order(self, jingle: Jingle, places: Mapping[int, int]) -> list[tuple[int | None, list[str]]]:
        """Put the sections in the order carried; contents that it does not know come last."""
        contents = {_name_digest(jingle.contents[number]): number for number in sorted(places)}
        known = {head.split(" ")[1]: None for head, _ in self.recipe.sections if head.count(" ") == 2}
        left = dict.fromkeys(contents.values())
        renamed = {str(number): number for digest, number in contents.items() if digest not in known}
        order: list[tuple[int | None, list[str]]] = []
        for head, steps in self.recipe.sections:
            index, _, rest = head.partition(" ")
            digest, _, kind = rest.partition(" ")
            content = contents[digest] if digest in contents else renamed.pop(index, None)
            if not rest:
                self._add_rejected(order, [step[1:] for step in steps if step.startswith(ADD)])
            elif content is not None and content in left:
                del left[content]
                order.append(self._section(content, places[content], kind, steps))
            else:
                self._drop("has a section of a content that is not there")
        order += [(places[content], list(self.written.media[places[content]].texts)) for content in left]
        return _in_order(order)

    def _add_rejected(self, order: list[tuple[int | None, list[str]]], texts: list[str]) -> None:
        """Add a section that has no content."""
        if _is_section(texts):
            order.append((None, texts))
        else:
            self._drop("has a section that is none")

    def _section(self, content: int, place: int, kind: str, steps: Sequence[str]) -> tuple[int, list[str]]:
        media = self.written.media[place]
        if media.kind != kind:
            self._drop(f"changed since: it was {kind}", f"jingle/content[{content + 1}]")
            return place, list(media.texts)
        made = self._lines(media.texts, steps, f"jingle/content[{content + 1}]")
        if _is_section(made):
            return place, made
        self._drop("would become another section", f"jingle/content[{content + 1}]")
        return place, list(media.texts)

    def _lines(
        self, written: Sequence[str], steps: Sequence[str], path: str, shared: Mapping[str, str] | None = None
    ) -> list[str]:
        """Carry out the steps of one section; those of the session's part where lines are `shared` with sections."""
        length = self.recipe.length
        waiting: defaultdict[str, deque[int]] = defaultdict(deque)
        hidden = Counter(step[1:] for step in steps if step.startswith(HIDE))
        for number in range(len(written) - 1, -1, -1):  # of lines that are alike the last are hidden
            digest = _digest(written[number], length)
            if hidden[digest] > 0:
                hidden[digest] -= 1
            else:
                waiting[_digest(_key(written[number]), length)].appendleft(number)
        made: list[tuple[int | None, str]] = []
        for step in steps:
            line = self._line(step, written, waiting, shared)
            if line is not None:
                made.append(line)
            elif not step.startswith(HIDE):
                self._drop("the Jingle has no line any more that the carry places", path)
        made = list(self._fit(made, _Fitness(written, None if shared is None else shared.values()), written, path))
        return _with_new(made, written, frozenset(number for left in waiting.values() for number in left))

    def _fit(
        self, made: Sequence[tuple[int | None, str]], fitness: _Fitness, written: Sequence[str], path: str
    ) -> Iterator[tuple[int | None, str]]:
        """Give the lines made, without those that may not be carried."""
        for number, text in made:
            same = number is not None and kind_of_line(written[number]) == kind_of_line(text)
            if same or (number is None and fitness.takes(text)):
                yield number, text
            else:
                self._drop(f"{text[:60]!r} is not for the carry to say", path)

    def _line(
        self, step: str, written: Sequence[str], waiting: Mapping[str, deque[int]], shared: Mapping[str, str] | None
    ) -> tuple[int | None, str] | None:
        """Return the line of one step, with the number of the one written for it."""
        kind, rest = step[:1], step[1:]
        if kind == ADD:
            return None, rest
        if kind == PRINT:
            return _printed(rest)
        if kind == SAY and kind_of_line(rest) in _UNSAID:
            there = waiting[_digest(_key(rest), self.recipe.length)]
            number = there.popleft() if there else None
            return number, rest if number is None else rest + written[number][len(_head(written[number])) :]
        if kind == HOIST:
            text = None if shared is None else shared.get(rest)
            return None if text is None else (None, text)
        key, _, spelling = rest.partition(" ")
        if kind not in (TAKE, SPELL) or not waiting[key]:
            return None
        number = waiting[key].popleft()
        return number, _spelled(written[number], spelling, self.recipe.length) if kind == SPELL else written[number]

    def text(self, plain: frozenset[int] = frozenset(), *, plain_session: bool = False) -> str:
        """Return the text of the description; the sections in `plain`, and the session's part, as written."""
        lines = list(self.written.texts) if plain_session else list(self.session)
        for place, texts in self.order:
            as_written = place is not None and place in plain
            lines += self.written.media[place].texts if as_written and place is not None else texts
        ends = self.recipe.ends
        if len(ends) != len(lines):
            ends = ends[0].replace("-", "C") * len(lines)
        return "".join(line + _END[end] for line, end in zip(lines, ends, strict=True))


_END = {"C": "\r\n", "l": "\n", "-": ""}


def _in_order(order: Sequence[tuple[int | None, list[str]]]) -> list[tuple[int | None, list[str]]]:
    """Return the sections with those that have a content as the Jingle orders them; the others keep their place."""
    live = iter(sorted((entry for entry in order if entry[0] is not None), key=lambda entry: entry[0] or 0))
    return [entry if entry[0] is None else next(live) for entry in order]


def _is_section(texts: Sequence[str]) -> bool:
    """Tell whether lines are one section, which begins with its `m=`."""
    return [number for number, text in enumerate(texts) if text.startswith("m=")] == [0]


def _printed(step: str) -> tuple[None, str] | None:
    """Return the line of a fingerprint, or None for a broken step."""
    name, _, digest = step.partition(" ")
    try:
        return None, Fingerprint(name, b64decode(digest, validate=True)).line()
    except ValueError:
        return None


def _spelled(text: str, spelling: str, length: int) -> str:
    """Return a line in the spelling carried, or as it is when it has changed since."""
    check, *sizes, changed = (spelling.split(" ", 4) + [""] * 5)[:5]
    if not all(size.isascii() and size.isdigit() and len(size) < 7 for size in sizes):
        return text
    size, start, end = map(int, sizes)
    if _digest(text[:size], length) != check or start + end > size:
        return text
    return text[:start] + changed + text[size - end :]


def _with_new(made: Sequence[tuple[int | None, str]], written: Sequence[str], new: frozenset[int]) -> list[str]:
    """Return the lines made, and each new one behind the line that it follows where Jingle wrote it."""
    there = {number for number, _ in made if number is not None}
    behind: defaultdict[int, list[str]] = defaultdict(list)
    before = -1
    for number, text in enumerate(written):
        if number in there:
            before = number
        elif number in new:
            behind[before].append(text)
    lines = list(behind.pop(-1, ()))
    for place, text in made:
        lines.append(text)
        if place is not None:
            lines += behind.pop(place, ())
    return lines

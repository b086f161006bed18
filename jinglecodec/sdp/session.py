"""Descriptions and their media sections: read, write, change, build (RFC 8866).

Both layers are in one value: the lines as they stand, which `dumps` writes back octet for octet, and beside each line
its typed value. A change replaces, adds or removes one line; it never rewrites another.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from itertools import accumulate, compress, pairwise, repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar

import attrs

from jinglecodec.errors import EncodeError, SdpError
from jinglecodec.sdp.fields import Connection, MediaField, Origin, Repeat, SessionName, Timing, Zones
from jinglecodec.sdp.grammar import VERSION, rank, read, read_line, split, strict, tolerant
from jinglecodec.sdp.values import Line, Value
from jinglecodec.sdp.views import MediaViews, SessionViews, SharedViews

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from jinglecodec.findings import Finding
    from jinglecodec.sdp.formats import CodecParameters
    from jinglecodec.sdp.grammar import Parted

__all__ = ["Media", "Section", "SessionDescription", "dumps", "loads"]

V = TypeVar("V", bound=Value)

_LETTER = itemgetter(0)


def _said(value: Value) -> Value:
    """Return the typed value of a line that was made untyped, where it has one; any other as it is."""
    return read_line(value.line()) if value.__class__ is Line else value


def _rank(text: str) -> int:
    """Return the place of a line among those of its section; `m=` is the first of its own."""
    return -1 if text[:1] == "m" else rank(text[:1])


def _check_neighbours(letters: list[str], known: Iterable[str] = ()) -> None:
    """Refuse an `r=` that follows no `t=`, and a `z=` that follows no `r=` (RFC 8866 9, time-description).

    What a tolerant reader has taken stays: `known` are the lines as they were.
    """
    for before, letter in sorted({*pairwise(letters)} - {*pairwise(known)}):
        if before not in {"r": ("t", "r"), "z": ("r",)}.get(letter, (before,)):
            raise EncodeError(f"{letter}= may not stand behind {before}=")


def _unless_all_are_equal(ends: tuple[str | None, ...] | None) -> tuple[str | None, ...] | None:
    return ends if ends and any(ends) else None


@attrs.frozen(slots=False, repr=False)
class Section(SharedViews):
    """A row of lines with their values: what the session's own section and the media's have in common.

    Made by `loads`, `build` and the methods below. Sections are equal when their lines are.
    """

    texts: tuple[str, ...] = attrs.field(alias="_texts")
    "The lines in order, without their ends."
    values: tuple[Value, ...] = attrs.field(alias="_values", eq=False)
    """What each line says, in order; as many as there are lines.

    An attribute without a class, or whose value breaks its grammar, is an `Attribute`; another line without a typed
    value is a `Line`.
    """
    ends: tuple[str | None, ...] | None = attrs.field(alias="_ends", default=None, converter=_unless_all_are_equal)
    "Each line's end, None meaning `newline` of the description; None where all are."

    _LETTERS: ClassVar[str] = "vosiuepcbtrzkam"
    "Which lines the section may have."
    _ONCE: ClassVar[str] = ""
    "Which of them once only."

    def every(self, kind: type[V]) -> tuple[V, ...]:
        """Return the values of one class, in order: what the views return, for any class."""
        return tuple(value for value in self.values if value.__class__ is kind)

    def __getstate__(self) -> dict[str, object]:
        """Return the fields, without the views that have been filled in."""
        return {field.name: getattr(self, field.name) for field in attrs.fields(type(self))}

    # --- changes -------------------------------------------------------------------------------------------------
    #
    # A place is the index of a line, or a value: then the first line that says it is meant.

    def replace(self, place: int | Value, new: Value) -> Self:
        """Return the section with `new` in the line at `place`; a line that says `new` already stays as it is spelled.

        Raises EncodeError when no line says `place`, or `new` is for a line of another letter; IndexError.
        """
        at = self._index(place)
        new = _said(new)
        if new == self.values[at]:
            return self
        text = new.line()
        if text[:1] != self.texts[at][:1] or text[:1] == "v":
            raise EncodeError(f"{text!r} cannot stand in the place of {self.texts[at]!r}")
        return self._spliced(at, at + 1, (new,))

    def add(self, value: Value, *, after: int | Value | None = None, before: int | Value | None = None) -> Self:
        """Return the section with one more line: behind or before another, else as the last of its kind of line.

        Raises EncodeError when that breaks the order of RFC 8866 9, or the line may stand once only and is there.
        """
        value = _said(value)
        letter = value.line()[:1]
        self._check_letters([*(text[:1] for text in self.texts), letter], letter)
        if after is not None:
            at = self._index(after) + 1
        elif before is not None:
            at = self._index(before)
        else:
            at = max((number for number, text in enumerate(self.texts, 1) if _rank(text) <= rank(letter)), default=0)
        self._check_place(at, letter)
        return self._spliced(at, at, (value,))

    def set(self, value: Value) -> Self:
        """Return the section with `value` in place of the first value of its class, or added when there is none.

        Raises EncodeError when it has no place in such a section.
        """
        for at, there in enumerate(self.values):
            if there.__class__ is value.__class__:
                return self.replace(at, value)
        return self.add(value)

    def remove(self, place: int | Value) -> Self:
        """Return the section without the line at `place`.

        Raises EncodeError when no line says `place`, or RFC 8866 requires the line; IndexError.
        """
        at = self._index(place)
        letter = self.texts[at][:1]
        if letter in ("v", "o", "s", "m") or (letter == "t" and sum(text[:1] == "t" for text in self.texts) == 1):
            raise EncodeError(f"the section cannot be without its {letter}=")
        _check_neighbours([text[:1] for text in (*self.texts[max(at - 1, 0) : at], *self.texts[at + 1 : at + 2])])
        return self._spliced(at, at + 1, ())

    def remove_every(self, kind: type[Value]) -> Self:
        """Return the section without the lines whose value is of one class.

        Raises EncodeError when RFC 8866 requires one of the lines.
        """
        keep = [value.__class__ is not kind for value in self.values]
        if any(text[:1] in "vostm" for text, kept in zip(self.texts, keep, strict=True) if not kept):
            raise EncodeError(f"the section cannot be without its {kind.__name__}")
        ends = None if self.ends is None else tuple(compress(self.ends, keep))
        texts, values = tuple(compress(self.texts, keep)), tuple(compress(self.values, keep))
        return attrs.evolve(self, _texts=texts, _values=values, _ends=ends)

    def exchange(self, lines: Mapping[int, Sequence[Value]]) -> Self:
        """Return the section with other values in place of some lines, by index: none, one or several for each.

        A value that one of these lines says already comes as it is spelled there. The cost grows with the section, not
        with the number of changes. Raises EncodeError when that breaks the order of RFC 8866 9; IndexError.
        """
        places = {range(len(self.values))[at]: [_said(value) for value in values] for at, values in lines.items()}
        spelled = {self.values[at]: self.texts[at] for at in places}
        rows: list[tuple[str, Value, str | None]] = []
        for at, row in enumerate(zip(self.texts, self.values, self.ends or repeat(None), strict=False)):
            if at not in places:
                rows.append(row)
                continue
            new = [spelled.get(value) or value.line() for value in places[at]]
            rows += zip(new, places[at], (row[2], *repeat(None, len(new))), strict=False)
        texts = tuple(text for text, _, _ in rows)
        self._check_order(texts)
        values, ends = tuple(value for _, value, _ in rows), tuple(end for _, _, end in rows)
        return attrs.evolve(self, _texts=texts, _values=values, _ends=None if self.ends is None else ends)

    def _check_order(self, texts: Sequence[str]) -> None:
        """Refuse lines that have lost the order of RFC 8866 9, or of which one came to be too many."""
        before, letters = [text[:1] for text in self.texts], [text[:1] for text in texts]
        for letter in Counter(letters) - Counter(before):
            self._check_letters(letters, letter)
        ranks = [[_rank(text) for text in side] for side in (self.texts, texts)]
        if letters[:1] != before[:1] or (ranks[0] == sorted(ranks[0])) > (ranks[1] == sorted(ranks[1])):
            raise EncodeError("the lines would not stand in the order of RFC 8866 9")
        _check_neighbours(letters, before)

    @classmethod
    def _check_letters(cls, letters: list[str], letter: str) -> None:
        """Refuse, of all that the section shall have, a letter that it may not have, or not twice."""
        if letter not in cls._LETTERS:
            raise EncodeError(f"{letter}= has no place in this section")
        if letter in cls._ONCE and letters.count(letter) > 1:
            raise EncodeError(f"the section has {letter}= once only: replace it")

    @classmethod
    def _written(cls, head: tuple[Value, ...], values: Iterable[Value]) -> tuple[tuple[str, ...], tuple[Value, ...]]:
        """Return lines and values of `head` and the rest, where RFC 8866 9 has them; attributes keep their order."""
        rest = tuple(values)
        texts = [value.line() for value in rest]
        if set(map(_LETTER, texts)) <= {"a"}:
            return (*[value.line() for value in head], *texts), (*head, *rest)
        first, *others = *head, *map(_said, rest)
        others.sort(key=lambda value: rank(value.line()[:1]))
        lines = tuple([value.line() for value in (first, *others)])
        letters = [line[:1] for line in lines]
        for letter in set(letters):
            cls._check_letters(letters, letter)
        return lines, (first, *others)

    def _index(self, place: int | Value) -> int:
        """Return the index of the line at `place`."""
        if isinstance(place, int):
            return range(len(self.values))[place]
        try:
            return self.values.index(place)
        except ValueError:
            raise EncodeError(f"no line says {place!r}") from None

    def _check_place(self, at: int, letter: str) -> None:
        """Refuse a line of this letter at a place where the order of lines does not have it."""
        before, after = self.texts[at - 1 : at], self.texts[at : at + 1]
        if before and _rank(before[0]) > rank(letter):
            raise EncodeError(f"{letter}= may not stand behind {before[0][:2]}")
        if (after and _rank(after[0]) < rank(letter)) or at == 0:
            raise EncodeError(f"{letter}= may not stand there, before the lines that RFC 8866 9 has first")
        _check_neighbours([*(text[:1] for text in before), letter, *(text[:1] for text in after)])

    def _spliced(self, start: int, stop: int, new: tuple[Value, ...]) -> Self:
        """Return the section with the lines from `start` up to `stop` exchanged for those of `new`."""
        texts = (*self.texts[:start], *(value.line() for value in new), *self.texts[stop:])
        values = (*self.values[:start], *new, *self.values[stop:])
        ends = self.ends
        if ends is not None:
            kept = ends[start : start + len(new)] if stop - start == len(new) else (None,) * len(new)
            ends = (*ends[:start], *kept, *ends[stop:])
        return attrs.evolve(self, _texts=texts, _values=values, _ends=ends)


@attrs.frozen(slots=False, repr=False)
class Media(Section, MediaViews):
    """One media section: an `m=` line and what belongs to it (RFC 8866 5.14)."""

    _LETTERS = "micbka"
    _ONCE = "mik"

    @classmethod
    def build(
        cls,
        kind: str,
        port: int,
        protocol: str,
        formats: Iterable[str],
        *,
        port_count: int = 1,
        connection: Connection | None = None,
        values: Iterable[Value] = (),
    ) -> Self:
        """Return a section of these values: attributes in the order given, other lines where RFC 8866 9 has them.

        Raises EncodeError for what the `m=` line cannot hold; `values` have been checked when they were made.
        """
        field = MediaField(kind, port, protocol, tuple(formats), port_count)
        return cls(*cls._written((field,) if connection is None else (field, connection), values))

    def codec_parameters(self, format: str) -> CodecParameters | None:  # noqa: A002
        """Return the parameters of a payload type in the class of its codec.

        None when there is no `a=fmtp` for it, its codec has no class, or the parameters break the codec's grammar.
        """
        from jinglecodec.sdp import formats  # noqa: PLC0415 - loaded by those who ask

        encoding = next((rtpmap.encoding for rtpmap in self.rtpmaps if str(rtpmap.payload_type) == format), None)
        text = next((fmtp.text for fmtp in self.fmtps if fmtp.format == format), None)
        if encoding is None or text is None:
            return None
        try:
            return formats.parse(encoding, text)
        except EncodeError:
            return None

    def __repr__(self) -> str:
        return f"<Media {self.texts[0]!r}, {len(self.texts)} lines>"


@attrs.frozen(slots=False, repr=False)
class SessionDescription(Section, SessionViews):
    """A session description: its own section, and the media sections (RFC 8866 5)."""

    _LETTERS = "vosiuepcbtrzka"
    _ONCE = "vosiuck"

    media: tuple[Media, ...] = ()
    newline: str = "\r\n"
    "The end that new lines get."
    terminated: bool = True
    "Whether the last line has an end; an empty one has, for without it would be none."

    def __attrs_post_init__(self) -> None:
        if not self.terminated and not self.sections[-1].texts[-1]:
            object.__setattr__(self, "terminated", True)

    @classmethod
    def build(
        cls,
        origin: Origin,
        *,
        name: str = "-",
        connection: Connection | None = None,
        timings: Iterable[Timing | Repeat | Zones] = (Timing(),),
        values: Iterable[Value] = (),
        media: Iterable[Media] = (),
    ) -> Self:
        """Return a description of these values: attributes in the order given, other lines where RFC 8866 9 has them.

        Raises EncodeError for a name that no line can hold, times without `t=`, and values of media sections.
        """
        times = tuple(timings)
        if not times or not isinstance(times[0], Timing):
            raise EncodeError("the description begins its times with t=")
        if len(times) > 1:
            _check_neighbours([time.TYPE for time in times])
        place = () if connection is None else (connection,)
        head = (VERSION, origin, SessionName(name), *place, *times)
        return cls(*cls._written(head, values), media=tuple(media))

    @property
    def sections(self) -> tuple[Section, ...]:
        """The session's own section (the description itself), then the media's."""
        return (self, *self.media)

    def first_line(self, index: int) -> int:
        """Return the number of the line that begins `media[index]`, from 1."""
        return self._first_lines[index]

    @cached_property
    def _first_lines(self) -> tuple[int, ...]:
        """The number of the line that begins each media section."""
        return tuple(accumulate((len(section.texts) for section in self.sections[:-1]), initial=1))[1:]

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the lines though they were read, in order: computed when first asked for."""
        from jinglecodec.sdp.inspection import inspect  # noqa: PLC0415 - loaded by those who ask

        return inspect(self)

    def replace_media(self, index: int, media: Media) -> Self:
        """Return the description with another section in one place; raises IndexError."""
        before, after = self._around(index)
        return attrs.evolve(self, media=(*before, media, *after))

    def add_media(self, media: Media, index: int | None = None) -> Self:
        """Return the description with one more section: before `media[index]`, else at the end."""
        at = len(self.media) if index is None else index
        return attrs.evolve(self, media=(*self.media[:at], media, *self.media[at:]))

    def remove_media(self, index: int) -> Self:
        """Return the description without one section; raises IndexError.

        In offer and answer a section is not removed but rejected, by port 0 (RFC 3264 8.2).
        """
        before, after = self._around(index)
        return attrs.evolve(self, media=(*before, *after))

    def _around(self, index: int) -> tuple[tuple[Media, ...], tuple[Media, ...]]:
        """Return the sections before and behind `media[index]`."""
        at = range(len(self.media))[index]
        return self.media[:at], self.media[at + 1 :]

    def __str__(self) -> str:
        """The text of the description."""
        texts: list[str] = []
        mixed = False
        for section in self.sections:
            texts += section.texts
            mixed = mixed or section.ends is not None
        if mixed:
            return self._mixed_text(texts)
        return self.newline.join(texts) + (self.newline if self.terminated else "")

    def _mixed_text(self, texts: list[str]) -> str:
        """Return the text whose lines have different ends."""
        ends = [
            end or self.newline for section in self.sections for end in section.ends or (None,) * len(section.texts)
        ]
        if not self.terminated:
            ends[-1] = ""
        return "".join([text + end for text, end in zip(texts, ends, strict=True)])

    def __repr__(self) -> str:
        return f"<SessionDescription of {len(self.texts)} lines, {list(self.media)!r}>"


def loads(
    text: str | bytes,
    *,
    errors: Literal["strict", "tolerant"] = "strict",
    max_size: int = 1 << 20,
    max_lines: int = 1 << 15,
    max_line: int = 1 << 15,
) -> SessionDescription:
    """Return the description that `text` is; octets are UTF-8, others are kept as surrogates (`surrogateescape`).

    Raises SdpError, with line and column, for text that breaks the line grammar of RFC 8866 or a limit (characters or
    octets, lines, characters in a line). An attribute that breaks its own grammar is no error but a finding.

    `errors="tolerant"` takes what real peers write, each departure being a finding too: lines out of order, required
    ones missing, of unknown letters, empty ones, with a value that breaks their grammar (`s=` empty, `b=AS:-1`), `m=`
    without formats, the last one without an end. An error it remains that the first line is not `v=0`, that a line is
    not a letter, `=` and a value, that a line holds NUL or a lone CR, or that `m=` has no medium, port and protocol.
    """
    parted = split(text, max_size, max_lines, max_line)
    sections = read(parted.lines, tolerant if errors == "tolerant" else strict)
    if errors == "strict" and not parted.terminated:
        last = parted.lines[-1]
        raise SdpError(
            "the last line has no end, as if the text were cut off (RFC 8866 5)", len(parted.lines), len(last)
        )
    rows = list(_rows(parted, sections))
    media = tuple(Media(*row) for row in rows[1:])
    return SessionDescription(*rows[0], media, parted.newline, parted.terminated)


def _rows(parted: Parted, sections: list[list[Value]]) -> Iterator[tuple[Any, Any, Any]]:
    """Give lines, values and ends, section by section."""
    start = 0
    for values in sections:
        stop = start + len(values)
        ends = tuple([None if end == parted.newline else end for end in (parted.ends or ())[start:stop]])
        yield tuple(parted.lines[start:stop]), tuple(values), ends
        start = stop


def dumps(description: SessionDescription) -> str:
    """Return the text of a description: of one that was read, exactly the text that was read."""
    return str(description)

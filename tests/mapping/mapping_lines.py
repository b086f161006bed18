"""Descriptions compared as plain text: a second way of computing what `mapping.compare` finds with typed values.

Per section, as multisets of what lines say, with those of the session resolved that hold for each section.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator

import attrs

__all__ = [
    "Line",
    "Meaning",
    "counted",
    "is_rejected",
    "kind_of",
    "lines_of",
    "meaning",
    "sections_of",
    "without_parameter",
]

Meaning = Hashable

# What stands in the session's part for every section; True where a line of the section puts it aside.
_INHERITED = {
    "c=": True,  # RFC 8866 5.7
    "a=sendrecv": True,  # RFC 8866 6.7
    "a=ice-ufrag": True,  # RFC 8839 5.4
    "a=ice-pwd": True,  # RFC 8839 5.4
    "a=ice-options": True,  # RFC 8839 5.6
    "a=end-of-candidates": True,  # RFC 8840 8.1
    "a=fingerprint": True,  # RFC 8122 5
    "a=setup": True,  # RFC 4145 4
    "a=tls-id": True,  # RFC 8829 5.8.1
    "a=extmap": False,  # RFC 8285 5
    "a=extmap-allow-mixed": True,  # RFC 8285 6
    "a=rtcp-xr": True,  # RFC 3611 5.1
    "a=source-filter": True,  # RFC 4570 3
}
_OF_RTP = {"a=extmap", "a=extmap-allow-mixed", "a=rtcp-xr"}
_DIRECTIONS = {"a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"}


def kind_of(line: str) -> str:
    """Return `a=name` or `x=`; the directions are of one kind."""
    kind = line.split(":", maxsplit=1)[0] if line.startswith("a=") else line[:2]
    return "a=sendrecv" if kind in _DIRECTIONS else kind


@attrs.frozen
class Line:
    """One line of a description."""

    number: int
    "From 1."
    text: str


def lines_of(text: str) -> list[Line]:
    """Return the lines, whatever they end with."""
    texts = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    return [Line(number, one) for number, one in enumerate(texts, 1)]


def sections_of(text: str) -> dict[str, list[Line]]:
    """Return tag -> lines of a section, those inherited included; the session's own lines by the tag ''.

    A section without `a=mid`, or with that of another before it, is called by kind and place.
    """
    parts: list[list[Line]] = [[]]
    for line in lines_of(text):
        if line.text.startswith("m="):
            parts.append([])
        parts[-1].append(line)
    session, media = parts[0], parts[1:]
    found = {"": [line for line in session if not media or kind_of(line.text) not in _INHERITED]}
    for number, lines in enumerate(media):
        own = f"{lines[0].text[2:].split(' ')[0]}-{number}"
        tag = next((line.text[6:] for line in lines if line.text.startswith("a=mid:")), own)
        found[tag if tag not in found else own] = [*lines, *_inherited(session, lines)]
    return found


def is_rejected(lines: Iterable[str]) -> bool:
    """Tell whether a section is rejected, so that nothing else holds for it (RFC 3264 6; RFC 8843 6)."""
    head, *rest = lines
    return head.split(" ")[1] == "0" and "a=bundle-only" not in rest


def _inherited(session: list[Line], lines: list[Line]) -> Iterator[Line]:
    own = {kind_of(line.text) for line in lines}
    for line in () if is_rejected(line.text for line in lines) else session:
        kind = kind_of(line.text)
        if kind not in _INHERITED or (_INHERITED[kind] and kind in own):
            continue
        if kind not in _OF_RTP or "RTP/" in lines[0].text:
            yield line


def meaning(line: str) -> Meaning | None:
    """Return what a line says, however it is spelled; None for one that says what holds anyway."""
    kind, _, rest = line.partition(":")
    if line == "a=sendrecv":  # RFC 8866 6.7
        return None
    normal = _NORMAL.get(kind)
    return line if normal is None else (kind, normal(rest))


def _candidate(text: str) -> Meaning:
    words = text.split(" ")
    head, rest = words[:8], words[8:]
    head[2] = head[2].lower()
    pairs = frozenset(pair for pair in zip(rest[::2], rest[1::2], strict=True) if pair not in _ABSENT)
    return (*head, pairs)


_ABSENT = {("generation", "0"), ("network", "0")}


def _dcmap(text: str) -> Meaning:
    """Return stream and options; the label is told by the content's name, and where not, it is a loss of its own."""
    stream, _, options = text.partition(" ")
    return stream, frozenset(
        one for one in options.split(";") if one not in ("", "ordered=true") and not one.startswith("label=")
    )


def _fmtp(text: str) -> Meaning:
    payload_type, _, parameters = text.partition(" ")
    return payload_type, tuple(one.strip(" ") for one in parameters.split(";") if one.strip(" "))


def _rtpmap(text: str) -> Meaning:
    return text.removesuffix("/1") if text.count("/") == 2 else text


def _extmap(text: str) -> Meaning:
    number, _, rest = text.partition(" ")
    return number.removesuffix("/sendrecv"), rest


def _fingerprint(text: str) -> Meaning:
    function, _, digits = text.partition(" ")
    return function.lower(), digits.upper()


_NORMAL: dict[str, Callable[[str], Meaning]] = {
    "a=candidate": _candidate,
    "a=dcmap": _dcmap,
    "a=fmtp": _fmtp,
    "a=rtpmap": _rtpmap,
    "a=extmap": _extmap,
    "a=fingerprint": _fingerprint,
    "a=ice-options": lambda text: frozenset(text.split(" ")),
}


def without_parameter(line: str, parameter: str) -> str:
    """Return a candidate or data channel without one of its extensions, given as it stands in the line."""
    if line.startswith("a=dcmap:"):
        stream, _, options = line.partition(" ")
        left = options.split(";")
        left.remove(parameter)
        return f"{stream} {';'.join(left)}".rstrip(" ")
    before, found, after = line.partition(f" {parameter}")
    assert found, (line, parameter)
    assert after[:1] in ("", " "), (line, parameter)
    return before + after


def counted(lines: Iterable[str]) -> Counter[Meaning]:
    """Return the multiset of what lines say."""
    return Counter(said for said in map(meaning, lines) if said is not None)

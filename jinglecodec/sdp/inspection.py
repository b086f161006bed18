"""The findings of a description: what its lines depart from, without being refused."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from jinglecodec.errors import EncodeError
from jinglecodec.findings import Finding, Severity
from jinglecodec.sdp import formats
from jinglecodec.sdp.attributes import TABLE, Level
from jinglecodec.sdp.attributes.rtp import Fmtp, Rtpmap
from jinglecodec.sdp.grammar import Weight, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinglecodec.sdp.session import Section, SessionDescription

__all__ = ["inspect"]


def inspect(description: SessionDescription) -> tuple[Finding, ...]:
    """Return all that is wrong with the lines of a description, in their order.

    The lines are read again, so that nothing has to be kept while a description is changed; the time is that of
    `loads` and the formats of the codecs.
    """
    paths = _paths(description)
    findings = _departures(description, paths)
    start = 1
    for index, section in enumerate(description.sections):
        findings += _placements(section, start, paths, Level.MEDIA if index else Level.SESSION)
        findings += _codecs(section, start, paths)
        start += len(section.texts)
    if not description.terminated:
        message = "the last line has no end"
        findings.append(Finding("unterminated", Severity.WARNING, paths[-1], len(paths), message, "RFC 8866 5"))
    return tuple(sorted(findings, key=lambda finding: finding.line or 0))


def _paths(description: SessionDescription) -> list[str]:
    """Return the path of each line: `session/a=group`, `media[2]/a=candidate[3]` where there are several."""
    paths = []
    for index, section in enumerate(description.sections):
        place = f"media[{index}]" if index else "session"
        heads = [_head(text) for text in section.texts]
        totals, seen = Counter(heads), Counter[str]()
        for head in heads:
            seen[head] += 1
            paths.append(f"{place}/{head}" + (f"[{seen[head]}]" if totals[head] > 1 else ""))
    return paths


def _head(text: str) -> str:
    """Return what names a line: its letter, for an attribute also its name."""
    return text.partition(":")[0] if text.startswith("a=") else text[:2]


def _departures(description: SessionDescription, paths: list[str]) -> list[Finding]:
    """Return the departures from the line grammar, and from those of the attributes."""
    findings: list[Finding] = []

    def note(weight: Weight, number: int, column: int, code: str, message: str, clause: str) -> None:  # noqa: ARG001
        # What says nothing usable is an error of its writer; what was used all the same is a warning.
        unused = code in ("attribute-value", "attribute-syntax", "line-value", "unknown-line")
        severity = Severity.ERROR if unused else Severity.WARNING
        findings.append(Finding(code, severity, paths[number - 1], number, message, clause))

    read([text for section in description.sections for text in section.texts], note)
    return findings


def _placements(section: Section, start: int, paths: list[str], level: Level) -> Iterator[Finding]:
    """Give the attributes that stand where they may not, and those that repeat what may stand once."""
    seen: set[str] = set()
    for number, text in enumerate(section.texts, start):
        name = _head(text).removeprefix("a=")
        entry = TABLE.get(name) if text.startswith("a=") else None
        if entry is None:
            continue
        path = paths[number - 1]
        if entry.level not in (level, Level.BOTH):
            message = f"a={name} belongs to the {entry.level.value} level"
            yield Finding("misplaced-attribute", Severity.WARNING, path, number, message, entry.clause)
        if entry.kind in seen and not entry.many:
            message = f"a={name} is there already; the first holds"
            yield Finding("repeated-attribute", Severity.WARNING, path, number, message, entry.clause)
        seen.add(entry.kind)


def _codecs(section: Section, start: int, paths: list[str]) -> Iterator[Finding]:
    """Give the format parameters that break the grammar of their codec."""
    encodings = {str(rtpmap.payload_type): rtpmap.encoding for rtpmap in section.every(Rtpmap)}
    for number, value in enumerate(section.values, start):
        if not isinstance(value, Fmtp) or value.format not in encodings:
            continue
        try:
            formats.parse(encodings[value.format], value.text)
        except EncodeError as problem:
            clause = formats.clause(encodings[value.format])
            yield Finding("codec-parameters", Severity.WARNING, paths[number - 1], number, str(problem), clause)

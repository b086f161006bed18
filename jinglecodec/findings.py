"""One shape for everything that is worth telling: quirks, validation, losses, answer checks, ignored candidates."""

from __future__ import annotations

import enum

import attrs

from jinglecodec.records import Record

__all__ = ["Finding", "Severity"]


class Severity(enum.Enum):
    """How much a finding matters."""

    ERROR = "error"
    "The input breaks a rule and could not be used as it stands."
    WARNING = "warning"
    "The input breaks a rule and was used all the same, or something was given up."
    INFO = "info"
    "Worth knowing; nothing is wrong."


@attrs.frozen(eq=False, repr=False)
class Finding(Record):
    """One observation about an input, with its place and the rule behind it."""

    code: str
    "A stable word for programs, such as `missing-attribute`."
    severity: Severity = Severity.ERROR
    path: str = ""
    "Where: `jingle/content[2]/transport/candidate[17]/@port`, or empty when there is no finer place."
    line: int | None = None
    "Line in the source text, from 1, where one is known."
    message: str = ""
    "The sentence for people."
    clause: str = ""
    "The rule, such as `XEP-0176 5.3` or `RFC 8866 5.2`."

    def __str__(self) -> str:
        place = self.path or (f"line {self.line}" if self.line is not None else "")
        text = f"{place}: {self.message}" if place else self.message
        return f"{text} ({self.clause})" if self.clause else text

"""The exceptions of this library, one per decision that a caller can take.

    JinglecodecError
    +-- DecodeError       XML that is refused: answer with bad-request, or read with errors="keep"
    +-- EncodeError       a value that XML or the specification cannot carry: mend the value
    +-- ValidationError   a stanza that fails the schema profile asked for
    +-- SdpError          text that breaks the line grammar of RFC 8866
    +-- MappingError      a description without a form on the other side at all
    +-- StunError         bytes that are no STUN message: drop them
    +-- LocalError        misuse of a machine by the local caller; the machine is unchanged

Every one is a ValueError too, so that code which only knows Python's own classes still catches it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinglecodec.findings import Finding

__all__ = [
    "DecodeError",
    "EncodeError",
    "JinglecodecError",
    "LocalError",
    "MappingError",
    "SdpError",
    "StunError",
    "ValidationError",
]


class JinglecodecError(ValueError):
    """Base of everything that this library raises on purpose."""


class _FindingsError(JinglecodecError):
    """An error that has found one problem or many, each with its place."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(findings)
        self.findings = findings
        "All problems, in document order; never empty."

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)


class DecodeError(_FindingsError):
    """XML that does not decode; `findings` holds all problems of the stanza with their paths."""


class EncodeError(JinglecodecError):
    """A value that XML cannot carry or its field does not take; the text names the field."""


class ValidationError(_FindingsError):
    """A stanza that fails the schema profile asked for; `findings` is the report."""


class SdpError(JinglecodecError):
    """Text that breaks the line grammar of RFC 8866."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message, line, column)
        self.message = message
        self.line = line
        "Line number, from 1."
        self.column = column
        "Column in that line, from 1."

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


class MappingError(_FindingsError):
    """A description that has no form on the other side at all, as `findings` say; losses alone never raise this."""


class StunError(JinglecodecError):
    """Bytes that are not the STUN message (or TURN channel data) that was asked for."""


class LocalError(JinglecodecError):
    """Misuse of a machine by the local caller; the machine is left unchanged."""

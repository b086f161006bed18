"""What a mapping gives back: the value, and what the other side has no room for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Generic, TypeVar

import attrs

from jinglecodec.findings import Finding, Severity
from jinglecodec.mapping.names import Names
from jinglecodec.xml.markup import illegal

__all__ = ["ABSENT", "CLAUSES", "Loss", "Mapped"]

V = TypeVar("V")


@attrs.frozen(eq=False, repr=False)
class Loss(Finding):
    """Something that was said on one side and cannot be said on the other.

    Its severity is WARNING; INFO where it is carried along, so that only a peer which ignores the carry loses it.
    """

    lines: tuple[str, ...] = ()
    "The lines concerned, as they stand in the description (mapping SDP to Jingle)."


@attrs.frozen(slots=False, eq=False, repr=False)
class Mapped(Generic[V]):
    """The value on the other side, what it could not hold, and the names to use from here on."""

    value: V
    _losses: tuple[Loss, ...] | Callable[[], tuple[Loss, ...]] = attrs.field(default=(), alias="losses")
    names: Names = attrs.field(factory=Names)

    @cached_property
    def losses(self) -> tuple[Loss, ...]:
        """What the other side has no room for, in order; found on first use, since that means mapping back."""
        return self._losses() if callable(self._losses) else self._losses

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapped):
            return NotImplemented
        return (self.value, self.losses, self.names) == (other.value, other.losses, other.names)

    def __hash__(self) -> int:
        return hash((self.value, self.names))

    def __repr__(self) -> str:
        return f"Mapped({self.value!r}, losses={self.losses!r}, names={self.names!r})"


CLAUSES = {
    "o=": "XEP-0166 7.1: a session has a sid, and no version or address",
    "s=": "XEP-0166 7.1: a session has no name",
    "t=": "XEP-0166 7.1: a session has no times",
    "r=": "XEP-0166 7.1: a session has no times",
    "z=": "XEP-0166 7.1: a session has no times",
    "i=": "XEP-0166 7.3: a content has no title",
    "u=": "XEP-0166 7.1: a session has no address for reading on",
    "e=": "XEP-0166 7.1: parties are known by their JIDs",
    "p=": "XEP-0166 7.1: parties are known by their JIDs",
    "k=": "RFC 8866 5.12: obsolete",
    "b=": "XEP-0167 4: only an RTP description has a bandwidth",
    "c=": "XEP-0176 5.3: addresses are those of candidates",
    "m=": "XEP-0166 7.3: a content has neither port nor profile",
    "a=rtcp": "XEP-0176 5.3: addresses are those of candidates",
    "a=msid-semantic": "XEP-0339 2.1: streams are named by their sources only",
    "a=msid": "XEP-0339 2.1: streams are named by their sources only",
    "a=rtcp-rsize": "XEP-0167 6: none for reduced-size RTCP",
    "a=rtcp-xr": "XEP-0293 3: none for extended reports",
    "a=rtcp-mux-only": "XEP-0167 4: multiplexing is offered or not",
    "a=max-message-size": "XEP-0343 4.2: sctpmap has no size",
    "a=dcmap": "XEP-0343 4.1: a channel has no label but the name of its content, and no priority",
    "a=dcsa": "XEP-0343 4.1: a channel has no more attributes",
    "a=sctpmap": "XEP-0343 4.2: written as RFC 8841 has it",
    "a=end-of-candidates": "XEP-0176 5.3: candidates have no end",
    "a=ice-options": "XEP-0176 5.1: trickling is implied, nothing else can be said",
    "a=ice-lite": "XEP-0176 5.3: none for a lite agent",
    "a=ice-pacing": "XEP-0176 5.3: none for pacing",
    "a=content": "XEP-0507 2: a category belongs to an RTP content",
    "a=zrtp-hash": "XEP-0262 1: a hash belongs to an RTP content",
    "a=bundle-only": "XEP-0338 2: a group says nothing of ports",
    "a=group": "XEP-0338 2: a group has contents of the session",
    "a=rid": "XEP-0339 2.1: sources are named by SSRC",
    "a=simulcast": "XEP-0339 2.2: sources are grouped by SSRC",
    "a=tls-id": "XEP-0320 1: a fingerprint has no association",
    "a=setup": "XEP-0320 1: the role belongs to a fingerprint",
    "a=candidate": "XEP-0176 5.3: a candidate has no such attribute",
    "a=extmap": "XEP-0294 3: an extension belongs to an RTP content",
    "a=fmtp": "XEP-0167 4: parameters belong to a payload type of the content",
    "a=rtcp-fb": "XEP-0293 3: feedback belongs to a payload type of the content",
    "a=rtpmap": "XEP-0167 4: an encoding belongs to a payload type of the content",
    "a=ptime": "XEP-0167 4: whole milliseconds",
    "a=maxptime": "XEP-0167 4: whole milliseconds",
}
"Kind of line -> the clause that leaves no room for it. An attribute that is not here is one that no XEP mentions."
ABSENT = "XEP-0166 7.3: a content that is refused, or has no application, is absent"
"Why the lines of a section are lost that has no content."


def kind_of_line(text: str) -> str:
    """Return `a=name` or `x=` of a line; the four directions are one kind.

    >>> kind_of_line("a=recvonly")
    'a=sendrecv'
    """
    if not text.startswith("a="):
        return text[:2]
    kind = text.partition(":")[0]
    return "a=sendrecv" if kind in _DIRECTIONS else kind


_DIRECTIONS = {"a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"}


def lost_line(text: str, path: str, line: int | None, clause: str | None = None) -> Loss:
    """Return the loss of one line of a description, for a reason other than its kind with `clause`."""
    if illegal(text):
        clause = "XML 1.0 2.2: it has characters that XML cannot carry"
    clause = clause or CLAUSES.get(kind_of_line(text), "XEP-0167 6: none for this attribute")
    return Loss("lost-line", Severity.WARNING, path, line, f"{text} has no form in Jingle", clause, (text,))


def lost_parameter(text: str, parameter: str, path: str, line: int | None) -> Loss:
    """Return the loss of one parameter of a line whose rest has a form."""
    clause = CLAUSES.get(kind_of_line(text), "")
    message = f"{parameter} of {text} has no form in Jingle"
    return Loss("lost-parameter", Severity.WARNING, path, line, message, clause, (text,))


def carried(loss: Loss) -> Loss:
    """Return the loss of something that is carried along: only a peer that does not know the carry loses it."""
    return attrs.evolve(loss, severity=Severity.INFO)


def unmapped(path: str, message: str, clause: str) -> Loss:
    """Return the loss of something that Jingle says and SDP cannot."""
    return Loss("lost-element", Severity.WARNING, path, None, message, clause)

"""Interactive connectivity establishment in SDP (RFC 8839, RFC 8840, RFC 6544 for TCP)."""

from __future__ import annotations

import re
import reprlib
from typing import ClassVar, Self

import attrs

from jinglecodec.lexical import is_token
from jinglecodec.records import Record
from jinglecodec.sdp.values import (
    FieldError,
    Flag,
    Number,
    Text,
    Tokens,
    Value,
    draft,
    is_visible,
    is_whole,
    number,
    refuse,
)

__all__ = [
    "Candidate",
    "EndOfCandidates",
    "IceLite",
    "IceMismatch",
    "IceOptions",
    "IcePacing",
    "IcePwd",
    "IceUfrag",
    "RemoteCandidate",
    "RemoteCandidates",
]

# The candidate-attribute of RFC 8839 5.1 (numbers by their ranges) with the tcp-type-ext of RFC 6544 4.5.
_WORD = r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+"
_NUMBER = "[0-9]{1,20}"
_VISIBLE = "[!-~]"
_GRAMMAR = re.compile(
    f"([0-9A-Za-z+/]{{1,32}}) ({_NUMBER}) ({_WORD}) ({_NUMBER}) ({_VISIBLE}+) ({_NUMBER}) typ ({_WORD})"
    f"(?: raddr ({_VISIBLE}+))?(?: rport ({_NUMBER}))?"
    f"((?: tcptype (?:active|passive|so)| (?!tcptype ){_WORD} {_VISIBLE}*)*)"
).fullmatch
_TCP_TYPES = frozenset({"active", "passive", "so"})
_ICE_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def _are_ice_characters(text: str, low: int, high: int) -> bool:
    """Tell whether `text` is `low*high ice-char` (RFC 8839 5.1)."""
    return low <= len(text) <= high and _ICE_CHARACTERS.issuperset(text)


def _is_plain(text: str) -> bool:
    """Tell whether `text` is `1*VCHAR` (RFC 5234 B.1)."""
    return is_visible(text) and text.isascii()


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Candidate(Value):
    """One transport address on offer (RFC 8839 5.1)."""

    foundation: str
    "1..32 letters, digits, `+`, `/`; a string, though it often looks like a number."
    component: int
    "1..256; 1 is RTP, 2 is RTCP."
    transport: str
    "`udp`, `UDP`, `tcp`, as the peer writes it: compare without case."
    priority: int
    "1..2**31 - 1; the higher, the better."
    address: str
    "An IP address, or a name such as those of mDNS."
    port: int
    "0..65535; 9 for active TCP."
    type: str
    "`host`, `srflx`, `prflx`, `relay`."
    related_address: str | None = None
    related_port: int | None = None
    extensions: tuple[tuple[str, str], ...] = ()
    "The rest as (name, value) in order: `tcptype`, `generation`, `network-id` ..."

    NAME = "candidate"

    def _check(self) -> None:
        if not _are_ice_characters(self.foundation, 1, 32):
            refuse(self, "foundation", "1..32 letters, digits, '+' or '/'")
        if not is_token(self.transport):
            refuse(self, "transport", "a token")
        if not _is_plain(self.address):
            refuse(self, "address", "an address in visible ASCII")
        if not is_token(self.type):
            refuse(self, "type", "a token")
        if self.related_address is not None and not _is_plain(self.related_address):
            refuse(self, "related_address", "an address in visible ASCII")
        for field in ("component", "priority", "port"):
            if getattr(self, field).__class__ is not int:
                refuse(self, field, "a number")
        if self.related_port is not None and self.related_port.__class__ is not int:
            refuse(self, "related_port", "a number")
        _check_ranges(self)
        self._check_extensions()

    def _check_extensions(self) -> None:
        """Refuse extensions that no line can hold, or that would read as the related address or port."""
        for name, value in self.extensions:
            if not is_token(name) or (value != "" and not _is_plain(value)):
                refuse(self, "extensions", "pairs of a token and a value in visible ASCII")
            if name == "tcptype" and value not in _TCP_TYPES:
                refuse(self, "extensions", "a tcptype of active, passive or so")
        first = self.extensions[0][0] if self.extensions else ""
        if self.related_port is None and (first == "rport" or (first == "raddr" and self.related_address is None)):
            refuse(self, "extensions", "behind the related address and port, which have fields")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=candidate:`; raises FieldError."""
        match = _GRAMMAR(text)
        if match is None:
            raise FieldError("", f"Candidate: {reprlib.repr(text)} breaks the grammar")
        foundation, component, transport, priority, address, port, kind, raddr, rport, rest = match.groups()
        made = _DraftCandidate()
        made.foundation, made.transport, made.address, made.type = foundation, transport, address, kind
        made.component = int(component)  # digits, as matched
        made.priority = int(priority)
        made.port = int(port)
        made.related_address = raddr
        made.related_port = rport if rport is None else int(rport)
        pieces = iter(rest.split(" ")[1:])
        made.extensions = tuple(zip(pieces, pieces))  # noqa: B905 - the grammar has pairs
        made.__class__ = cls
        _check_ranges(made)
        return made  # type: ignore[no-any-return]

    def line(self) -> str:
        """Return the whole line, without its end."""
        line = (
            f"a=candidate:{self.foundation} {self.component} {self.transport} {self.priority} "
            f"{self.address} {self.port} typ {self.type}"
        )
        if self.related_address is not None:
            line += f" raddr {self.related_address}"
        if self.related_port is not None:
            line += f" rport {self.related_port}"
        for name, value in self.extensions:
            line += f" {name} {value}"
        return line

    def extension(self, name: str) -> str | None:
        """Return the value of the first extension `name`, or None."""
        for key, value in self.extensions:
            if key == name:
                return value
        return None

    @property
    def tcp_type(self) -> str | None:
        """`active`, `passive` or `so` (RFC 6544 4.5)."""
        return self.extension("tcptype")

    @property
    def ufrag(self) -> str | None:
        """The user fragment that the candidate belongs to, as browsers write it (JSEP)."""
        return self.extension("ufrag")

    @property
    def generation(self) -> int | None:
        """How many ICE restarts came before, where the peer says so (not in any RFC; libwebrtc, XEP-0176)."""
        return self._count("generation")

    @property
    def network_id(self) -> int | None:
        """The sender's own number of its network (libwebrtc)."""
        return self._count("network-id")

    @property
    def network_cost(self) -> int | None:
        """How dear the network is to the sender (libwebrtc)."""
        return self._count("network-cost")

    def _count(self, name: str) -> int | None:
        value = self.extension(name)
        try:
            return None if value is None else number(value, name)
        except FieldError:
            return None


_DraftCandidate = draft(Candidate)


def _check_ranges(candidate: Candidate) -> None:
    """Refuse numbers outside their ranges (RFC 8839 5.1)."""
    if not 1 <= candidate.component <= 256:
        refuse(candidate, "component", "in 1..256")
    if not 1 <= candidate.priority <= 0x7FFFFFFF:
        refuse(candidate, "priority", "in 1..2147483647")
    if not 0 <= candidate.port <= 65535:
        refuse(candidate, "port", "in 0..65535")
    if candidate.related_port is not None and not 0 <= candidate.related_port <= 65535:
        refuse(candidate, "related_port", "in 0..65535")


@attrs.frozen(eq=False, repr=False)
class RemoteCandidate(Record):
    """The candidate chosen for one component (RFC 8839 5.2)."""

    component: int
    "1..256"
    address: str
    port: int


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class RemoteCandidates(Value):
    """The remote candidates that the controlling agent has selected, one per component (RFC 8839 5.2)."""

    candidates: tuple[RemoteCandidate, ...]

    NAME = "remote-candidates"

    def _check(self) -> None:
        if not self.candidates or not all(
            is_whole(one.component, 1, 256) and is_visible(one.address) and is_whole(one.port, 0, 65535)
            for one in self.candidates
        ):
            refuse(self, "candidates", "one component, address and port or more")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=remote-candidates:`; raises FieldError."""
        parts = text.split(" ")
        if len(parts) % 3:
            raise FieldError("candidates", "RemoteCandidates.candidates: each has a component, an address and a port")
        return cls(
            tuple(
                RemoteCandidate(number(component, "component"), address, number(port, "port"))
                for component, address, port in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
            )
        )

    def line(self) -> str:
        """Return the whole line, without its end."""
        return "a=remote-candidates:" + " ".join(f"{one.component} {one.address} {one.port}" for one in self.candidates)


class IceUfrag(Text):
    """The user name fragment, 4..256 letters, digits, `+` or `/` (RFC 8839 5.4)."""

    __slots__ = ()
    NAME = "ice-ufrag"
    WHAT: ClassVar[str] = "4..256 letters, digits, '+' or '/'"

    @staticmethod
    def holds(text: str) -> bool:
        """Tell whether the class takes `text`."""
        return _are_ice_characters(text, 4, 256)


class IcePwd(Text):
    """The password, 22..256 letters, digits, `+` or `/` (RFC 8839 5.4)."""

    __slots__ = ()
    NAME = "ice-pwd"
    WHAT: ClassVar[str] = "22..256 letters, digits, '+' or '/'"

    @staticmethod
    def holds(text: str) -> bool:
        """Tell whether the class takes `text`."""
        return _are_ice_characters(text, 22, 256)

    def __repr__(self) -> str:
        return "IcePwd(value=...)"  # logs are no place for a password


class IceOptions(Tokens):
    """What the agent supports: `trickle`, `ice2`, `renomination` (RFC 8839 5.6).

    Tokens rather than ice-chars, because `google-ice` is widespread.
    """

    __slots__ = ()
    NAME = "ice-options"


class IcePacing(Number):
    """The wanted time between two checks, in milliseconds (RFC 8839 5.5)."""

    __slots__ = ()
    NAME = "ice-pacing"
    HIGH: ClassVar[int] = 10**10 - 1


class IceLite(Flag):
    """The agent is a lite implementation (RFC 8839 5.3)."""

    __slots__ = ()
    NAME = "ice-lite"


class IceMismatch(Flag):
    """The offer's default destination had no candidate: ICE is not used here (RFC 8839 5.3)."""

    __slots__ = ()
    NAME = "ice-mismatch"


class EndOfCandidates(Flag):
    """No further candidate of this generation follows (RFC 8840 8)."""

    __slots__ = ()
    NAME = "end-of-candidates"

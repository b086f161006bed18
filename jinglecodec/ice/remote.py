"""What the peer has signalled: candidates to be used, or ignored with a reason (RFC 8445 5.3, RFC 8838 11 and 14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from jinglecodec.addresses import Address, packed, unpacked
from jinglecodec.findings import Finding, Severity
from jinglecodec.ice.candidate import PRIORITIES, CandidateType, is_usable, without_zone
from jinglecodec.ice.events import CandidateIgnored
from jinglecodec.machine import ResolveHostname

if TYPE_CHECKING:
    from jinglecodec.ice.candidate import Candidate
    from jinglecodec.ice.context import Context
    from jinglecodec.ice.events import StreamId
    from jinglecodec.ice.pairing import Pairing
    from jinglecodec.ice.session import Stream

__all__ = ["Remotes"]

_REASONS = {
    "after-end": ("it came after the end of candidates", "RFC 8838 14"),
    "other-session": ("its username fragment is that of another ICE session", "RFC 8838 9"),
    "protocol": ("its transport protocol is not supported", "RFC 8445 5.3"),
    "component": ("the stream has no such component", "RFC 8445 6.1.2.2"),
    "priority": ("its priority is not in 1..2**31 - 1", "RFC 8445 5.1.2"),
    "address": ("nothing can be sent to this address", "RFC 8445 5.1.1.1"),
    "name": ("its address is a name, but no .local one", "RFC 8839 5.1"),
    "unresolved": ("its name has no address", "RFC 8839 5.1"),
    "duplicate": ("it is known already", "RFC 8445 5.1.3"),
    "too-many": ("the stream has as many candidates as are allowed", "RFC 8445 19.5.1"),
}
"Code of the finding -> what is wrong, and the rule behind it."


class Remotes:
    """Takes in the candidates of the peer."""

    __slots__ = ("_context", "_pairing", "_streams")

    def __init__(self, context: Context, streams: dict[StreamId, Stream], pairing: Pairing) -> None:
        self._context = context
        self._streams = streams
        self._pairing = pairing

    def add(self, stream: Stream, candidate: Candidate) -> None:
        """Take on a candidate that was signalled, or tell why not."""
        octets = packed(without_zone(candidate.address.host))
        reason = self._objection(stream, candidate, is_name=octets is None)
        if reason is not None:
            self._ignore(stream, candidate, reason)
        elif octets is not None:
            self._use(stream, candidate, octets)
        else:
            if all(waiting.address.host != candidate.address.host for waiting in stream.waiting):
                self._context.tell(ResolveHostname(candidate.address.host))
            stream.waiting.append(candidate)

    def resolved(self, name: str, host: str | None) -> None:
        """Use the candidates that have waited for the address of this name."""
        octets = None if host is None else packed(host)
        for stream in self._streams.values():
            ready = [candidate for candidate in stream.waiting if candidate.address.host == name]
            stream.waiting = [candidate for candidate in stream.waiting if candidate.address.host != name]
            for candidate in ready:
                if octets is None:
                    self._ignore(stream, candidate, "unresolved")
                else:
                    self._use(stream, candidate, octets)

    def sort_out(self, stream: Stream) -> None:
        """Ignore the candidates that turn out to be of another ICE session, now that the credentials are known."""
        session = stream.session
        for key, remote in tuple(session.remotes.items()):
            if self._is_foreign(stream, remote.candidate):
                del session.remotes[key]
                for pair in tuple(session.checklist.pairs.values()):
                    if pair.remote is remote:
                        self._pairing.undo(pair)
                self._ignore(stream, remote.candidate, "other-session")

    def _use(self, stream: Stream, candidate: Candidate, octets: bytes) -> None:
        """Pair a candidate at an address; one that was learned from a check before is upgraded in place."""
        session = stream.session
        if not is_usable(octets, loopback=self._context.config.loopback):
            self._ignore(stream, candidate, "address")
            return
        host, told = unpacked(octets), candidate.address
        used = candidate if host == told.host else attrs.evolve(candidate, address=Address(host, told.port))
        key = (used.component, used.address)
        known = session.remotes.get(key)
        if known is None:
            session.signalled += 1
            remote = session.add_remote(key, used)
            self._pairing.pair_remote(session, remote)
        elif known.candidate.type is CandidateType.PEER_REFLEXIVE and used.type is not CandidateType.PEER_REFLEXIVE:
            session.signalled += 1
            self._pairing.upgrade(session, known, used)
        else:
            self._ignore(stream, candidate, "duplicate")

    def _objection(self, stream: Stream, candidate: Candidate, *, is_name: bool) -> str | None:
        """Return why a candidate is not used, None when it may be."""
        session = stream.session
        if session.is_ended:
            return "after-end"
        if self._is_foreign(stream, candidate):
            return "other-session"
        if candidate.protocol.lower() != "udp":
            return "protocol"
        if not 1 <= candidate.component <= stream.components:
            return "component"
        if candidate.priority not in PRIORITIES:
            return "priority"
        if not 1 <= candidate.address.port <= 65535:
            return "address"
        if is_name and not candidate.address.host.endswith(".local"):
            return "name"
        if session.signalled + len(stream.waiting) >= self._context.config.remote_candidates:
            return "too-many"
        return None

    def _is_foreign(self, stream: Stream, candidate: Candidate) -> bool:
        credentials = stream.session.remote_credentials
        return candidate.ufrag is not None and credentials is not None and candidate.ufrag != credentials.ufrag

    def _ignore(self, stream: Stream, candidate: Candidate, code: str) -> None:
        message, clause = _REASONS[code]
        severity = Severity.INFO if code == "duplicate" else Severity.WARNING
        self._context.tell(
            CandidateIgnored(stream.id, candidate, Finding(code, severity, message=message, clause=clause))
        )

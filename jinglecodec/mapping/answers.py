"""Is this a legal answer to that offer? What RFC 3264, 8829, 8843 and the attributes' own RFCs forbid, as findings.

A rule is a row of `RULES`: the words for programs, the clause, and a function that says what is wrong. Nothing here
changes a description or depends on Jingle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

import attrs

from jinglecodec.findings import Finding, Severity
from jinglecodec.sdp.attributes.rtp import Direction
from jinglecodec.sdp.attributes.security import Setup
from jinglecodec.sdp.inheritance import Effective, effective
from jinglecodec.sdp.session import Media, SessionDescription

__all__ = ["RULES", "SESSION_RULES", "Pair", "Rule", "check_answer"]


@attrs.frozen
class Pair:
    """One section of the offer and the section that answers it, each with what it takes over from its session."""

    offered: Media
    answered: Media
    offer: Effective
    answer: Effective

    @property
    def rejects(self) -> bool:
        """Tell whether the answer rejects the section (RFC 3264 6; with bundle-only port 0 means another thing)."""
        return self.answered.port == 0 and not self.answered.bundle_only


@attrs.frozen
class Rule:
    """One thing that an answer must keep."""

    code: str
    clause: str
    broken: Callable[[Pair], Iterable[str]]
    "Gives a sentence for each way in which the pair breaks it."
    severity: Severity = Severity.ERROR
    live: bool = True
    "Whether it holds for sections that the answer does not reject only."


def check_answer(offer: SessionDescription, answer: SessionDescription) -> tuple[Finding, ...]:
    """Return what makes `answer` an illegal answer to `offer`, nothing for a legal one, in time linear in both.

    Each has its clause, of RFC 3264, 8829, 8843 or what they build on. ERROR: a MUST is broken; WARNING: a SHOULD.
    """
    findings = [
        Finding(code, Severity.ERROR, "", None, message, clause)
        for code, clause, broken in SESSION_RULES
        for message in broken(offer, answer)
    ]
    for number, (offered, answered) in enumerate(zip(offer.media, answer.media, strict=False)):
        pair = Pair(offered, answered, effective(offer, offered), effective(answer, answered))
        findings += _section_findings(pair, f"media[{number + 1}]", answer.first_line(number))
    return tuple(findings)


def _section_findings(pair: Pair, path: str, line: int) -> Iterator[Finding]:
    for rule in RULES:
        if not (rule.live and pair.rejects):
            for message in rule.broken(pair):
                yield Finding(rule.code, rule.severity, path, line, message, rule.clause)


# --- rules for the whole answer --------------------------------------------------------------------------------------


def _section_count(offer: SessionDescription, answer: SessionDescription) -> Iterator[str]:
    if len(offer.media) != len(answer.media):
        yield f"the answer has {len(answer.media)} sections for {len(offer.media)} offered"


def _times(offer: SessionDescription, answer: SessionDescription) -> Iterator[str]:
    if offer.timings != answer.timings:
        yield "the t= lines differ"


def _groups(offer: SessionDescription, answer: SessionDescription) -> Iterator[str]:
    """Each group of the answer is made of members of one group offered with the same semantics."""
    having: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for number, group in enumerate(offer.groups):
        for mid in group.mids:
            having[group.semantics, mid].add(number)
    semantics = {group.semantics for group in offer.groups}
    for group in answer.groups:
        holders = sorted((having[group.semantics, mid] for mid in group.mids), key=len)  # the smallest set first
        if group.semantics not in semantics or (holders and not holders[0].intersection(*holders[1:])):
            yield f"group {' '.join((group.semantics, *group.mids))} was not offered"


def _bundled(_: SessionDescription, answer: SessionDescription) -> Iterator[str]:
    """A section rejected, or moved out of its bundle, is not named by the answer's bundle, nor bundle-only."""
    tags = {mid for group in answer.groups if group.semantics == "BUNDLE" for mid in group.mids}
    for media in answer.media:
        if media.mid in tags and media.port == 0 and not media.bundle_only:
            yield f"{media.mid} is rejected, and in the bundle"
        if media.bundle_only and media.mid not in tags:
            yield f"{media.mid} is bundle-only, and not in the bundle"
    for tag in sorted(tags - {media.mid for media in answer.media if media.mid is not None}):
        yield f"{tag} is in the bundle, and no section has it"


SESSION_RULES: tuple[tuple[str, str, Callable[[SessionDescription, SessionDescription], Iterable[str]]], ...] = (
    ("section-count", "RFC 3264 6", _section_count),
    ("times", "RFC 3264 6", _times),
    ("group-not-offered", "RFC 8843 7.3, RFC 5888 9.2", _groups),
    ("bundle-members", "RFC 8843 7.3.2, 7.3.3", _bundled),
)
"Code, clause and check of what holds between whole descriptions; a check gives the messages."


# --- rules for a section ---------------------------------------------------------------------------------------------


def _kind(pair: Pair) -> Iterator[str]:
    if pair.offered.kind != pair.answered.kind:
        yield f"{pair.answered.kind} answers {pair.offered.kind}"


def _protocol(pair: Pair) -> Iterator[str]:
    if pair.offered.protocol != pair.answered.protocol:
        yield f"{pair.answered.protocol} answers {pair.offered.protocol}"


def _rejected(pair: Pair) -> Iterator[str]:
    if pair.offered.port == 0 and not pair.offered.bundle_only and not pair.rejects:
        yield "the section was offered with port 0, and is accepted"


def _mid(pair: Pair) -> Iterator[str]:
    if pair.offered.mid != pair.answered.mid and (not pair.rejects or pair.answered.mid is not None):
        yield f"mid {pair.answered.mid!r} answers {pair.offered.mid!r}"


def _formats(pair: Pair) -> Iterator[str]:
    if not set(pair.offered.formats) & set(pair.answered.formats):
        yield "no format of the offer is in the answer"


def _encodings(pair: Pair) -> Iterator[str]:
    """A payload type stands for the encoding that it stood for in the offer."""
    offered = {rtpmap.payload_type: rtpmap for rtpmap in pair.offered.rtpmaps}
    for rtpmap in pair.answered.rtpmaps:
        other = offered.get(rtpmap.payload_type)
        same = other is None or (other.encoding.lower(), other.clock_rate, other.channels or 1) == (
            rtpmap.encoding.lower(),
            rtpmap.clock_rate,
            rtpmap.channels or 1,
        )
        if not same and other is not None:
            yield f"payload type {rtpmap.payload_type} was {other.encoding}, and is {rtpmap.encoding}"


_DIRECTIONS = {
    Direction.SENDRECV: {Direction.SENDRECV, Direction.SENDONLY, Direction.RECVONLY, Direction.INACTIVE},
    Direction.SENDONLY: {Direction.RECVONLY, Direction.INACTIVE},
    Direction.RECVONLY: {Direction.SENDONLY, Direction.INACTIVE},
    Direction.INACTIVE: {Direction.INACTIVE},
}


def _direction(pair: Pair) -> Iterator[str]:
    if pair.answer.direction not in _DIRECTIONS[pair.offer.direction]:
        yield f"{pair.answer.direction.value} answers {pair.offer.direction.value}"


_SETUPS = {
    Setup.ACTPASS: {Setup.ACTIVE, Setup.PASSIVE},
    Setup.ACTIVE: {Setup.PASSIVE, Setup.HOLDCONN},
    Setup.PASSIVE: {Setup.ACTIVE, Setup.HOLDCONN},
    Setup.HOLDCONN: {Setup.HOLDCONN},
}


def _setup(pair: Pair) -> Iterator[str]:
    answered, offered = pair.answer.setup, pair.offer.setup
    if answered is Setup.ACTPASS:
        yield "actpass is for offers only"
    elif answered is not None and offered is not None and answered not in _SETUPS[offered]:
        yield f"setup {answered.value} answers {offered.value}"


def _fingerprint(pair: Pair) -> Iterator[str]:
    if "TLS" in pair.answered.protocol and pair.offer.fingerprints and not pair.answer.fingerprints:
        yield "there is no fingerprint"


def _mux(pair: Pair) -> Iterator[str]:
    if pair.answered.rtcp_mux and not pair.offered.rtcp_mux:
        yield "rtcp-mux was not offered"


def _mux_only(pair: Pair) -> Iterator[str]:
    if pair.offered.rtcp_mux_only and not pair.answered.rtcp_mux:
        yield "rtcp-mux-only was offered, and rtcp-mux is missing"
    if pair.answered.rtcp_mux_only:
        yield "rtcp-mux-only is for offers only"


def _extensions(pair: Pair) -> Iterator[str]:
    """Header extensions are a subset of those offered, under the same ids."""
    offered = {extmap.uri: extmap for extmap in pair.offer.extmaps}
    for extmap in pair.answer.extmaps:
        other = offered.get(extmap.uri)
        if other is None:
            yield f"header extension {extmap.uri} was not offered"
        elif extmap.id != other.id and not 4096 <= other.id <= 4351:
            yield f"header extension {extmap.uri} was offered as {other.id}, and is {extmap.id}"


def _allow_mixed(pair: Pair) -> Iterator[str]:
    if pair.answer.extmap_allow_mixed and not pair.offer.extmap_allow_mixed:
        yield "extmap-allow-mixed was not offered"


def _feedback(pair: Pair) -> Iterator[str]:
    """Feedback messages are a subset of those offered, for the format or for all."""
    offered = {(fb.format, fb.type, fb.subtype, fb.parameters) for fb in pair.offered.rtcp_feedback}
    for fb in pair.answered.rtcp_feedback:
        if fb.type == "trr-int":
            continue
        if not offered & {(text, fb.type, fb.subtype, fb.parameters) for text in (fb.format, "*")}:
            yield f"rtcp-fb {fb.line()[2:]} was not offered"


def _crypto(pair: Pair) -> Iterator[str]:
    tags = {(crypto.tag, crypto.suite) for crypto in pair.offered.cryptos}
    if len(pair.answered.cryptos) > 1:
        yield "an answer has one crypto line"
    for crypto in pair.answered.cryptos:
        if tags and (crypto.tag, crypto.suite) not in tags:
            yield f"crypto {crypto.tag} {crypto.suite} was not offered"


def _credentials(pair: Pair) -> Iterator[str]:
    """An agent that answers with candidates or one credential has both."""
    has = (pair.answer.ice_ufrag is not None, pair.answer.ice_pwd is not None)
    if has[0] != has[1] or (pair.answered.candidates and not all(has)):
        yield "ice-ufrag and ice-pwd go together, and with candidates"


def _rids(pair: Pair) -> Iterator[str]:
    """A restriction identifier of the answer was offered the other way round."""
    offered = {rid.id: rid.direction for rid in pair.offered.rids}
    for rid in pair.answered.rids:
        if rid.id not in offered:
            yield f"rid {rid.id} was not offered"
        elif rid.direction is offered[rid.id]:
            yield f"rid {rid.id} was offered as {rid.direction.value} too"


RULES = (
    Rule("media-kind", "RFC 3264 6", _kind, live=False),
    Rule("protocol", "RFC 3264 6", _protocol, live=False),
    Rule("rejected-accepted", "RFC 3264 6", _rejected),
    Rule("mid", "RFC 5888 9.1", _mid, live=False),
    Rule("formats", "RFC 3264 6.1", _formats),
    Rule("encoding", "RFC 3264 6.1", _encodings, Severity.WARNING),
    Rule("direction", "RFC 3264 6.1", _direction),
    Rule("setup", "RFC 8842 5.3, RFC 4145 4.1", _setup),
    Rule("fingerprint", "RFC 8122 5, RFC 8829 5.3.1", _fingerprint),
    Rule("rtcp-mux", "RFC 5761 5.1.1", _mux),
    Rule("rtcp-mux-only", "RFC 8858 4", _mux_only),
    Rule("extmap", "RFC 8285 7", _extensions),
    Rule("extmap-allow-mixed", "RFC 8285 6", _allow_mixed),
    Rule("rtcp-fb", "RFC 4585 4.2", _feedback),
    Rule("crypto", "RFC 4568 5.1.2", _crypto),
    Rule("ice-credentials", "RFC 8839 4.2.1, RFC 8829 5.3.1", _credentials),
    Rule("rid", "RFC 8851 5, RFC 8853 5.3", _rids),
)
"What holds between a section of the offer and that of the answer."

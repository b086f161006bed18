"""Candidates one after the other: what `onicecandidate` gives as a transport-info, and back (XEP-0176 5.5, RFC 8838).

A transport-info may say more, such as the credentials of a restart or another certificate: that is for `mapping.apply`.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from jinglecodec.errors import MappingError
from jinglecodec.findings import Finding
from jinglecodec.mapping.adaptation import adapted
from jinglecodec.mapping.compare import kept_extensions
from jinglecodec.mapping.contents import Role, Stage, demand_count, generation_of, names_for, tags_of, transports_of
from jinglecodec.mapping.losses import Loss, Mapped, kind_of_line, lost_line, lost_parameter
from jinglecodec.mapping.names import Names
from jinglecodec.mapping.peers import Peer, Profile, profile_of
from jinglecodec.mapping.transport import Ice, candidate_of, is_ice, write_candidates
from jinglecodec.mapping.writing import Writing
from jinglecodec.model.ice_udp import IceUdpTransport
from jinglecodec.model.jingle import Action, Content, Creator, Jingle
from jinglecodec.records import Record
from jinglecodec.sdp.attributes.ice import Candidate, EndOfCandidates, IceUfrag
from jinglecodec.sdp.grammar import read_line
from jinglecodec.sdp.inheritance import Effective, effective
from jinglecodec.sdp.session import SessionDescription

__all__ = ["Trickled", "to_candidates", "to_transport_info"]


@attrs.frozen(eq=False, repr=False)
class Trickled(Record):
    """A candidate as WebRTC has it (`RTCIceCandidate`), or the end of the candidates of a section."""

    candidate: str
    "A line, with `a=` or without: `candidate:1 1 udp ...`; empty or `end-of-candidates` at the end (RFC 8838 13)."
    mid: str | None = None
    "`sdpMid`: tag of the section."
    index: int | None = None
    "`sdpMLineIndex`: place of the section, from 0; counts where there is no `mid`."
    ufrag: str | None = None
    "`usernameFragment`: of the ICE generation; None for the current one, or where the line says it."

    @property
    def line(self) -> str:
        """Return the line as it stands in a description: `a=candidate:...` or `a=end-of-candidates`."""
        return f"a={self.candidate.removeprefix('a=') or EndOfCandidates.NAME}"


# --- to Jingle -------------------------------------------------------------------------------------------------------


def to_transport_info(
    trickled: Trickled,
    *,
    sid: str,
    role: Role,
    desc: SessionDescription | None = None,
    previous: SessionDescription | None = None,
    names: Names | None = None,
    peer: Peer | Profile | str | None = None,
) -> Mapped[Jingle]:
    """Return the transport-info that tells the peer of one candidate of `role`, or that no more will come.

    `desc` is the party's own description: its section has the password that belongs to the candidate's fragment, and
    resolves an `index`. `previous` is the one before, after which unstated generations count (as in `to_jingle`). A
    candidate without a form is a loss, and absent; so is each of its parameters, and one that `peer` does not read.

    Raises MappingError for a line that says something else, or a section that nobody knows; EncodeError for a line with
    NUL, CR or LF; ValueError for an unknown role or peer.
    """
    profile = None if peer is None else profile_of(peer)
    creator = Creator(role) if profile is None else profile.creator or Creator(role)
    tags = tags_of(desc)
    tag = _tag(trickled, tags)
    known, name = names_for(tags, role, None, names, creator).with_mid(tag, creator)
    value = _value(trickled)
    ufrag = trickled.ufrag or (value.ufrag if isinstance(value, Candidate) else None)
    transport, generation = IceUdpTransport(ufrag=ufrag), 0
    if desc is not None and tag in tags:
        transport, generation = _stated(effective(desc, desc.media[tags.index(tag)]), previous, tag, ufrag)
    transport, losses = _informing(transport, value, generation)
    content = Content(creator=name.creator, name=name.name, transport=transport)
    jingle = Jingle(action=Action.TRANSPORT_INFO, sid=sid, contents=(content,))
    if profile is not None:
        jingle, stages = adapted(Stage(jingle, {}), None, profile, role, answers=False)
        if len(stages) > 1:
            losses = (lost_line(value.line(), kind_of_line(value.line()), None, stages[-1].clause),)
    return Mapped(jingle, losses, known)


def _tag(trickled: Trickled, tags: list[str]) -> str:
    """Return the tag of the section that a candidate belongs to."""
    mid, index = trickled.mid, trickled.index
    if mid is None and index is not None and 0 <= index < len(tags):
        return tags[index]
    if mid is None or (tags and mid not in tags):
        section = index if mid is None else repr(mid)
        raise MappingError((Finding("no-section", message=f"section {section} is not known", clause="RFC 8838"),))
    return mid


def _stated(
    resolved: Effective, previous: SessionDescription | None, tag: str, ufrag: str | None
) -> tuple[IceUdpTransport, int]:
    """Return the transport of a fragment, with its password if it is that of the section, and the generation."""
    generation = generation_of(resolved, *transports_of(previous).get(tag, (resolved, ())))
    if ufrag not in (None, resolved.ice_ufrag):
        return IceUdpTransport(ufrag=ufrag), generation
    return IceUdpTransport(ufrag=resolved.ice_ufrag, pwd=resolved.ice_pwd), generation


def _value(trickled: Trickled) -> Candidate | EndOfCandidates:
    value = read_line(trickled.line)
    if not isinstance(value, Candidate | EndOfCandidates):
        message = f"{trickled.candidate!r} is no candidate"
        raise MappingError((Finding("no-candidate", message=message, clause="RFC 8839 5.1"),))
    return value


def _informing(
    transport: IceUdpTransport, value: Candidate | EndOfCandidates, generation: int
) -> tuple[IceUdpTransport, tuple[Loss, ...]]:
    """Return a transport that tells of a candidate or of the end of them, and what has no form of it."""
    if isinstance(value, EndOfCandidates):
        return attrs.evolve(transport, gathering_complete=True), ()
    found = candidate_of(value, generation)
    candidates = () if found is None else (found,)
    return attrs.evolve(transport, candidates=candidates), _losses(value, lost=found is None)


def _losses(value: Candidate, *, lost: bool) -> tuple[Loss, ...]:
    """Return the parameters of a candidate that have no form, or the candidate; the fragment has one in a transport."""
    text = value.line()
    if lost:
        return (lost_line(text, "a=candidate", None),)
    kept = {*kept_extensions(value), *((name, one) for name, one in value.extensions if name == "ufrag")}
    others = dict.fromkeys(one for one in value.extensions if one not in kept)
    return tuple(lost_parameter(text, f"{name} {one}", "a=candidate", None) for name, one in others)


# --- to SDP ----------------------------------------------------------------------------------------------------------


def to_candidates(
    jingle: Jingle, *, names: Names | None = None, desc: SessionDescription | None = None
) -> Mapped[tuple[Trickled, ...]]:
    """Return the candidates that a transport-info tells of, for `addIceCandidate`, in order.

    `desc` is the peer's description, in which the sections have an index. What else the request says is a loss.

    Raises MappingError for more contents than a description may have.
    """
    demand_count(jingle)
    tags = tags_of(desc)
    known = names or Names()
    found: list[Trickled] = []
    losses: list[Loss] = []
    for number, content in enumerate(jingle.contents):
        out = Writing(f"jingle/content[{number + 1}]")
        known, name = known.with_content(content.creator, content.name)
        transport = content.transport
        index = tags.index(name.mid) if name.mid in tags else None
        if not is_ice(transport) or (desc is not None and index is None):
            out.lose("transport", "is not one of candidates for a section that is known", "XEP-0176 5.5")
        else:
            found += (Trickled(text, name.mid, index, ufrag) for text, ufrag in _lines(out, transport))
        losses += out.losses
    return Mapped(tuple(found), tuple(losses), known)


_OTHERS = {"fingerprints": "fingerprint", "sctpmaps": "sctpmap", "channels": "channel"}
"Field of a transport -> the element that is no candidate."


def _lines(out: Writing, transport: Ice) -> Iterator[tuple[str, str | None]]:
    """Give each candidate of a transport, with the fragment that it belongs to; the empty text at the end."""
    write_candidates(out, transport)
    ufrag = transport.ufrag
    if ufrag is not None and not IceUfrag.holds(ufrag):
        out.lose("transport/@ufrag", "cannot be written", "RFC 8839 5.4")
        ufrag = None
    for value in out.values:
        if isinstance(value, Candidate):
            extensions = value.extensions if ufrag is None else (*value.extensions, ("ufrag", ufrag))
            yield attrs.evolve(value, extensions=extensions).line().removeprefix("a="), ufrag
        elif isinstance(value, EndOfCandidates):
            yield "", ufrag
        else:
            out.lose("transport/remote-candidate", "is chosen and not new", "XEP-0176 5.7")
    for field, element in _OTHERS.items():
        if getattr(transport, field):
            out.lose(f"transport/{element}", "is no candidate", "XEP-0176 5.5")

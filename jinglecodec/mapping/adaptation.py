"""A request as a peer reads it: what its profile leaves out, and in which form it has the rest (`mapping.peers`)."""

from __future__ import annotations

import re
from collections.abc import Callable
from zlib import crc32

import attrs

from jinglecodec.addresses import is_ip
from jinglecodec.errors import MappingError
from jinglecodec.findings import Finding
from jinglecodec.mapping.contents import Role, Stage
from jinglecodec.mapping.payload_types import STATIC
from jinglecodec.mapping.peers import Peer, Profile, profile_of
from jinglecodec.model.dtls import Fingerprint, Setup
from jinglecodec.model.ice_udp import Candidate, IceUdpTransport
from jinglecodec.model.jingle import Action, Content, Jingle, Senders, key_of
from jinglecodec.model.own import DataChannels
from jinglecodec.model.rtp import PayloadType, RtpDescription
from jinglecodec.sdp.inheritance import effective
from jinglecodec.sdp.session import SessionDescription
from jinglecodec.xml.tree import Raw

__all__ = ["adapted", "requests_for"]


def adapted(
    plain: Stage, desc: SessionDescription | None, profile: Profile, role: Role, *, answers: bool
) -> tuple[Jingle, tuple[Stage, ...]]:
    """Return a request of `role` as a peer reads it, and its stages.

    These are the request with all that the peer has elements for (those of `desc`), then what remains after each rule
    that leaves something out; the form comes last and changes no meaning. `answers`: it is a session-accept.

    Raises MappingError where no content is left, or a call without the encryption that was described.
    """
    stages = [_with_ice_options(plain, desc) if profile.ice_options and desc is not None else plain]
    for omit, reason in _OMISSIONS:
        before = stages[-1]
        smaller = omit(before.jingle, profile, role)
        if smaller != before.jingle:
            stages.append(Stage(smaller, _places(before, smaller), f"{profile.name} {reason}"))
    left = stages[-1].jingle
    _demand_protection(left, profile)
    if plain.jingle.contents and not left.contents:
        message, clause = "no section is of a kind that is known", stages[-1].clause
        raise MappingError((Finding("no-content", message=message, clause=clause),))
    return _formed(left, profile, role, answers=answers), tuple(stages)


def _with_ice_options(stage: Stage, desc: SessionDescription) -> Stage:
    """Return the request with the elements of Conversations and Monal for ICE options (RFC 8839 5.6)."""
    contents = list(stage.jingle.contents)
    for section, place in stage.places.items():
        options = effective(desc, desc.media[section]).ice_options
        transport = _transport(contents[place])
        known = attrs.evolve(transport, trickle="trickle" in options, renomination="renomination" in options)
        contents[place] = attrs.evolve(contents[place], transport=known)
    return attrs.evolve(stage, jingle=attrs.evolve(stage.jingle, contents=tuple(contents)))


def _places(stage: Stage, smaller: Jingle) -> dict[int, int]:
    """Return section -> content after some contents were left out."""
    numbers = {key_of(one): number for number, one in enumerate(smaller.contents)}
    before = {section: stage.jingle.contents[place] for section, place in stage.places.items()}
    names = {section: key_of(one) for section, one in before.items()}
    return {section: numbers[name] for section, name in names.items() if name in numbers}


def _demand_protection(jingle: Jingle, profile: Profile) -> None:
    if profile.bare_transport and any(_transport(one).fingerprints for one in jingle.contents):
        message = f"{profile.name} reads no fingerprint, and without it the media would not be encrypted"
        raise MappingError((Finding("unprotected", message=message, clause="XEP-0320 3"),))


# --- what is left out ------------------------------------------------------------------------------------------------


def _known_contents(jingle: Jingle, profile: Profile, _: Role) -> Jingle:
    """Leave out contents of other kinds, also from groups."""
    if profile.media is None:
        return jingle
    contents = tuple(one for one in jingle.contents if _kind(one) in (None, *profile.media))
    gone = {one.name for one in jingle.contents} - {one.name for one in contents}
    groups = ((group, tuple(one for one in group.contents if one.name not in gone)) for group in jingle.groups)
    smaller = tuple(attrs.evolve(group, contents=kept) for group, kept in groups if kept or not group.contents)
    return attrs.evolve(jingle, contents=contents, groups=smaller)


def _kind(content: Content) -> str | None:
    """Return the kind of section that a content is; None where the request does not say it."""
    description = content.description
    if description is None:
        return None
    return description.media if isinstance(description, RtpDescription) else "application"


def _one_group(jingle: Jingle, profile: Profile, _: Role) -> Jingle:
    if profile.any_group:
        return jingle
    bundles = tuple(group for group in jingle.groups if group.semantics == "BUNDLE")
    return attrs.evolve(jingle, groups=bundles[:1])


def _each(omit: Callable[[Content, Profile, Role], Content]) -> Callable[[Jingle, Profile, Role], Jingle]:
    """Return the rule that leaves out something of every content."""

    def omit_from_all(jingle: Jingle, profile: Profile, role: Role) -> Jingle:
        return attrs.evolve(jingle, contents=tuple(omit(one, profile, role) for one in jingle.contents))

    return omit_from_all


def _known_candidates(content: Content, profile: Profile, _: Role) -> Content:
    transport = _transport(content)
    return _with_candidates(content, [one for one in transport.candidates if profile.tcp_candidates or _is_udp(one)])


def _is_udp(candidate: Candidate) -> bool:
    return candidate.protocol == "udp"


def _addressed(content: Content, profile: Profile, _: Role) -> Content:
    transport = _transport(content)
    return _with_candidates(content, [one for one in transport.candidates if profile.host_names or is_ip(one.ip)])


def _with_candidates(content: Content, candidates: list[Candidate]) -> Content:
    return attrs.evolve(content, transport=attrs.evolve(_transport(content), candidates=tuple(candidates)))


def _bare(content: Content, profile: Profile, _: Role) -> Content:
    """Leave out what is no candidate; of keys, see `_demand_protection`."""
    if not profile.bare_transport:
        return content
    return attrs.evolve(
        content, transport=attrs.evolve(_transport(content), remote_candidates=(), gathering_complete=False)
    )


def _one_fingerprint(content: Content, profile: Profile, _: Role) -> Content:
    transport = _transport(content)
    if profile.several_fingerprints or len(transport.fingerprints) < 2:
        return content
    preferred = [one for one in transport.fingerprints if one.hash == "sha-256"] or transport.fingerprints
    return attrs.evolve(content, transport=attrs.evolve(transport, fingerprints=tuple(preferred[:1])))


def _named_parameters(content: Content, profile: Profile, _: Role) -> Content:
    return content if profile.nameless_parameters else _with_payloads(content, _without_nameless)


def _without_nameless(payload: PayloadType) -> PayloadType:
    return attrs.evolve(payload, parameters=tuple(one for one in payload.parameters if one.name))


def _busy(content: Content, profile: Profile, role: Role) -> Content:
    if profile.idle_contents or content.senders is not Senders.NONE:
        return content
    return attrs.evolve(content, senders=Senders(role))


_OMISSIONS = (
    (_known_contents, "knows no such content"),
    (_one_group, "reads one group only"),
    (_each(_known_candidates), "reads candidates over UDP only"),
    (_each(_addressed), "reads no names in candidates"),
    (_each(_bare), "takes all children of a transport for candidates"),
    (_each(_one_fingerprint), "reads one fingerprint only"),
    (_each(_named_parameters), "reads no parameter without a name"),
    (_each(_busy), "reads no senders='none'"),
)
"What a rule leaves of a request, and the words in which its losses are told."


# --- the form of the rest --------------------------------------------------------------------------------------------


def _formed(jingle: Jingle, profile: Profile, role: Role, *, answers: bool) -> Jingle:
    """Return the same request in the form that the peer reads."""
    contents = jingle.contents
    for asked, form in (
        (not profile.shared_feedback, _own_feedback),
        (not profile.optional_names, _with_names),
        (not profile.optional_setup, _accepting if answers else _offering),
        (profile.number_foundations, _numbered),
        (profile.blind_senders and role == "responder", _turned),
    ):
        contents = tuple(map(form, contents)) if asked else contents
    if profile.data_namespace is not None:
        description = Raw(f"{{{profile.data_namespace}}}description")
        contents = tuple(
            attrs.evolve(one, description=description) if isinstance(one.description, DataChannels) else one
            for one in contents
        )
    return attrs.evolve(jingle, contents=contents)


def _own_feedback(content: Content) -> Content:
    """Say in each payload type what holds for all of them."""
    shared = content.description
    if not isinstance(shared, RtpDescription):
        return content

    def own(payload: PayloadType) -> PayloadType:
        more = tuple(one for one in shared.feedback if one not in payload.feedback)
        interval = shared.trr_int if payload.trr_int is None else payload.trr_int
        return attrs.evolve(payload, feedback=payload.feedback + more, trr_int=interval)

    bare = attrs.evolve(shared, feedback=(), trr_int=None)
    return _with_payloads(attrs.evolve(content, description=bare), own)


def _with_names(content: Content) -> Content:
    """Say what static payload types mean."""

    def named(payload: PayloadType) -> PayloadType:
        if payload.name is not None or payload.id not in STATIC:
            return payload
        name, clockrate, channels = STATIC[payload.id]
        return attrs.evolve(payload, name=name, clockrate=clockrate, channels=channels)

    return _with_payloads(content, named)


def _offering(content: Content) -> Content:
    return _with_setup(content, Setup.ACTIVE)


def _accepting(content: Content) -> Content:
    return _with_setup(content, Setup.PASSIVE)


def _with_setup(content: Content, otherwise: Setup) -> Content:
    """State the role of fingerprints that have none (RFC 4145 4.1)."""

    def stated(one: Fingerprint) -> Fingerprint:
        return attrs.evolve(one, setup=otherwise) if one.setup is None else one

    transport = _transport(content)
    fingerprints = tuple(map(stated, transport.fingerprints))
    return attrs.evolve(content, transport=attrs.evolve(transport, fingerprints=fingerprints))


def _numbered(content: Content) -> Content:
    """Give the candidates foundations that are numbers below 2**31, equal where they were equal."""
    return _with_candidates(
        content, [attrs.evolve(one, foundation=_number(one.foundation)) for one in _transport(content).candidates]
    )


def _number(foundation: str) -> str:
    """Return a foundation as a number: from its text alone, so that one that is trickled later gets the same."""
    if _NUMBER(foundation) and int(foundation) < 2**31:
        return foundation
    return str(crc32(foundation.encode("utf-8", "surrogateescape")) % 2**31)


_NUMBER = re.compile("0|[1-9][0-9]{0,9}").fullmatch


_TURNED = {Senders.INITIATOR: Senders.RESPONDER, Senders.RESPONDER: Senders.INITIATOR}


def _turned(content: Content) -> Content:
    return attrs.evolve(content, senders=_TURNED.get(content.senders, content.senders))


# --- parts of a content ----------------------------------------------------------------------------------------------


def _transport(content: Content) -> IceUdpTransport:
    """Return the transport; the mapping makes no other."""
    transport = content.transport
    assert isinstance(transport, IceUdpTransport)  # noqa: S101 - see there
    return transport


def _with_payloads(content: Content, change: Callable[[PayloadType], PayloadType]) -> Content:
    description = content.description
    if not isinstance(description, RtpDescription):
        return content
    payloads = tuple(map(change, description.payload_types))
    return attrs.evolve(content, description=attrs.evolve(description, payload_types=payloads))


# --- several requests ------------------------------------------------------------------------------------------------


def requests_for(jingle: Jingle, peer: Peer | Profile | str) -> tuple[Jingle, ...]:
    """Return the requests in which `peer` reads what `jingle` says, to be sent in this order.

    Some peers read one content of a request within a session; they get one request for each. Raises ValueError for an
    unknown peer.
    """
    one_content = profile_of(peer).one_content
    if jingle.action in _WHOLE or not one_content or len(jingle.contents) < 2:
        return (jingle,)
    return tuple(attrs.evolve(jingle, contents=(content,)) for content in jingle.contents)


_WHOLE = {Action.SESSION_INITIATE, Action.SESSION_ACCEPT, Action.SESSION_TERMINATE, Action.SESSION_INFO}

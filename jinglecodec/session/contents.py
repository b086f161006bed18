"""The contents of one session: where each stands, and what a request means to them (XEP-0166 7.2, 7.3).

A content is what its creator and name say (XEP-0166 7.3). Its proposer is kept beside it, since deployed peers write
`initiator` as the creator of everything. Descriptions and transports themselves are handed up and not kept.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import attrs

from jinglecodec import namespaces as ns
from jinglecodec.model.ice_udp import IceBase
from jinglecodec.model.jingle import (
    PARTIES,
    SENDERS,
    Action,
    Content,
    ContentKey,
    Creator,
    Jingle,
    Senders,
    key_among,
    key_of,
)
from jinglecodec.session.config import Config
from jinglecodec.session.events import Limit
from jinglecodec.session.replies import Problem
from jinglecodec.session.states import STEPS, TRANSPORT_TYPES, ContentState
from jinglecodec.xml.fields import Element
from jinglecodec.xml.tree import Raw, split_tag

__all__ = ["ContentStatus", "Contents", "Kind", "kinds", "namespace_of"]

Kind: TypeAlias = tuple[str, str | None]
"Namespace of the description, and its `media`: what makes two contents functionally equivalent (XEP-0166 7.2.16)."

_SESSION = "session"
_GONE = frozenset({ContentState.REJECTED, ContentState.REMOVED})


def namespace_of(element: Element | Raw | None) -> str:
    """Return the namespace of a description or transport, empty where there is none."""
    if element is None:
        return ""
    return element.namespace if isinstance(element, Raw) else split_tag(type(element).__tags__[0])[0]


def kinds(contents: Iterable[Content]) -> frozenset[Kind]:
    """Return what these contents are for."""
    return frozenset(_kind(content) for content in contents)


def _kind(content: Content) -> Kind:
    description = content.description
    media = description.get("media") if isinstance(description, Raw) else getattr(description, "media", None)
    return namespace_of(description), media


@attrs.frozen
class ContentStatus:
    """Where a content stands."""

    proposer: Creator
    disposition: str
    kind: Kind
    senders: Senders
    transport: str
    "The namespace of the transport in use."
    state: ContentState = ContentState.PROPOSED
    replacement: tuple[Creator, str] | None = None
    "Who has proposed another transport, and its namespace; None: nobody has."
    credentials: tuple[str, str] | None = None
    "The peer's ICE credentials, ufrag and pwd, as far as they are known."
    candidates: int = 0
    "How many the peer has sent under these credentials."


class _Verdict(enum.Enum):
    """How a request suits a content that it names."""

    FITS = enum.auto()
    GONE = enum.auto()
    "Requests crossed: what this one is about has been rejected or removed meanwhile."
    MISPLACED = enum.auto()
    UNKNOWN = enum.auto()


class Contents:
    """The contents of one session, live and gone; of the latter as many as there is room for."""

    __slots__ = ("_config", "_role", "_statuses")

    def __init__(self, config: Config, role: Creator) -> None:
        """Start without any; `role` is ours."""
        self._config = config
        self._role = role
        self._statuses: dict[ContentKey, ContentStatus] = {}

    @property
    def live(self) -> Mapping[ContentKey, ContentStatus]:
        """Return those that are proposed or accepted, in the order in which they came."""
        return {key: status for key, status in self._statuses.items() if status.state not in _GONE}

    def key(self, content: Content) -> ContentKey:
        """Return which content is meant; where the creator is wrong, one of those that are live."""
        key = key_of(content)
        return key if key in self._statuses else key_among(content, self.live)

    def status(self, key: ContentKey) -> ContentStatus | None:
        """Return where a content stands, None when it is none of the session."""
        return self._statuses.get(key)

    # --- what may be said ---------------------------------------------------------------------------------------------

    def problem(self, jingle: Jingle, sender: Creator) -> Problem | Limit | None:
        """Return why the peer's request is refused, None when it is not; crossed requests are no problem."""
        if jingle.action not in STEPS:
            return None
        if STEPS[jingle.action].adds:
            return self._addition_problem(jingle)
        if not jingle.contents or self._repeats(jingle):
            return Problem.BAD_REQUEST
        verdicts = self._verdicts(jingle, sender)
        if _Verdict.UNKNOWN in verdicts:
            return Problem.BAD_REQUEST
        if _Verdict.MISPLACED in verdicts:
            return Problem.OUT_OF_ORDER
        return _payload_problem(jingle) or self._candidates_problem(jingle)

    def misuse(self, jingle: Jingle, sender: Creator) -> str | None:
        """Return why the caller may not send this request, None when it may."""
        problem = self.problem(jingle, sender)
        if problem is not None and problem not in (Limit.CANDIDATES, Problem.UNSUPPORTED_INFO):
            return f"{jingle.action.value}: {problem.name.lower().replace('_', '-')}"
        if jingle.action in STEPS and not STEPS[jingle.action].adds and _Verdict.GONE in self._verdicts(jingle, sender):
            return f"{jingle.action.value}: nothing there"
        return None

    def _repeats(self, jingle: Jingle) -> bool:
        return len({self.key(content) for content in jingle.contents}) < len(jingle.contents)

    def _addition_problem(self, jingle: Jingle) -> Problem | Limit | None:
        """XEP-0166 6.2, 7.2.2, 7.2.8, 7.3: whole contents, each new."""
        contents, live = jingle.contents, self.live
        keys = set(map(key_of, contents))
        whole = not any(_lacks(content, "description") or _lacks(content, "transport") for content in contents)
        if not contents or not whole or len(keys) < len(contents) or not keys.isdisjoint(live):
            return Problem.BAD_REQUEST
        if jingle.action is Action.SESSION_INITIATE and all(one.disposition != _SESSION for one in contents):
            return Problem.BAD_REQUEST  # XEP-0166 7.2.10
        if len(live) + len(contents) > self._config.contents:
            return Limit.CONTENTS
        return Limit.CANDIDATES if max(map(_candidates, contents)) > self._config.candidates else None

    def _verdicts(self, jingle: Jingle, sender: Creator) -> set[_Verdict]:
        return {self._verdict(jingle.action, content, sender) for content in jingle.contents}

    def _verdict(self, action: Action, content: Content, sender: Creator) -> _Verdict:
        step, status = STEPS[action], self._statuses.get(self.key(content))
        if status is None:
            return _Verdict.UNKNOWN
        if status.state in _GONE:
            return _Verdict.GONE
        if status.state not in step.before or (step.answers and status.proposer is sender):
            return _Verdict.MISPLACED
        if status.replacement is None or status.replacement[0] is sender:
            if action is Action.TRANSPORT_ACCEPT:
                return _Verdict.MISPLACED
            if action is Action.TRANSPORT_REJECT:
                return _Verdict.GONE
        return _Verdict.FITS

    def _candidates_problem(self, jingle: Jingle) -> Limit | None:
        for content in jingle.contents:
            status = self._statuses.get(self.key(content))
            known = 0 if status is None or _restarts(status, content) else status.candidates
            if known + _candidates(content) > self._config.candidates:
                return Limit.CANDIDATES
        return None

    # --- what happens -------------------------------------------------------------------------------------------------

    def add(self, contents: Iterable[Content], proposer: Creator) -> None:
        """Let these be proposed; the oldest that are gone make room."""
        for content in contents:
            key = key_of(content)
            self._statuses.pop(key, None)  # goes to the end
            self._statuses[key] = ContentStatus(
                proposer,
                content.disposition,
                _kind(content),
                content.senders,
                namespace_of(content.transport),
                credentials=None if proposer is self._role else _credentials(content),
                candidates=0 if proposer is self._role else _candidates(content),
            )
        surplus = max(0, len(self._statuses) - self._config.contents)
        for key in [key for key, status in self._statuses.items() if status.state in _GONE][:surplus]:
            del self._statuses[key]

    def drop(self, key: ContentKey) -> None:
        """Forget a content that the peer never took in."""
        self._statuses.pop(key, None)

    def take(self, jingle: Jingle, sender: Creator) -> tuple[Content, ...]:
        """Let the request happen to the contents that it fits; return those, under the creators that they have here.

        What a session-accept does not name stays proposed, and what is not of disposition `session` does so, too
        (XEP-0166 7.2.8).
        """
        fitting = [one for one in jingle.contents if self._verdict(jingle.action, one, sender) is _Verdict.FITS]
        keys = [self.key(content) for content in fitting]
        for key, content in zip(keys, fitting, strict=True):
            self._statuses[key] = _after(self._statuses[key], jingle.action, content, sender)
        return tuple(attrs.evolve(one, creator=creator) for one, (creator, _) in zip(fitting, keys, strict=True))

    def modify(self, key: ContentKey, senders: Senders) -> None:
        """Let these be the senders of a content."""
        self._statuses[key] = attrs.evolve(self._statuses[key], senders=senders)

    def withdraw(self, key: ContentKey, replacement: tuple[Creator, str]) -> None:
        """Forget the transport proposed instead, if it is still this one."""
        status = self._statuses.get(key)
        if status is not None and status.replacement == replacement:
            self._statuses[key] = attrs.evolve(status, replacement=None)

    def hear(self, contents: Iterable[Content]) -> tuple[Content, ...]:
        """Learn credentials and candidates that the peer sent; return the contents for which it restarts ICE.

        A restart is new credentials, with or without candidates: XEP-0176 5.9, as deployed. A higher generation under
        the old ones is none.
        """
        restarted = []
        for content in contents:
            key = self.key(content)
            status = self._statuses.get(key)
            if status is None:
                continue
            known = status.candidates
            if _restarts(status, content):
                restarted.append(content)
                known = 0
            credentials = _credentials(content) or status.credentials
            candidates = known + _candidates(content)
            self._statuses[key] = attrs.evolve(status, credentials=credentials, candidates=candidates)
        return tuple(restarted)

    def keeps_type(self, content: Content) -> bool:
        """Tell whether a transport proposed instead is of the type of the one in use, as far as types are known.

        XEP-0166 7.2.15: datagram stays datagram, streaming stays streaming.
        """
        status = self._statuses[self.key(content)]
        types = {TRANSPORT_TYPES.get(status.transport), TRANSPORT_TYPES.get(namespace_of(content.transport))}
        return None in types or len(types) == 1


def narrowed(offer: Senders, answer: Senders) -> Senders:
    """Return who sends after an answer, which can take away only (RFC 3264 6.1).

    Peers that leave `senders` out of an answer mean the offer's by it.
    """
    return SENDERS[PARTIES[offer] & PARTIES[answer]]


def _after(status: ContentStatus, action: Action, content: Content, sender: Creator) -> ContentStatus:
    """Return where a content stands after a request that fits it."""
    match action:
        case Action.SESSION_ACCEPT if not _is_accepted_with_session(status, sender):
            return status
        case Action.SESSION_ACCEPT | Action.CONTENT_ACCEPT:
            status = attrs.evolve(status, senders=narrowed(status.senders, content.senders))
        case Action.CONTENT_MODIFY:
            status = attrs.evolve(status, senders=content.senders)
        case Action.TRANSPORT_REPLACE:
            status = attrs.evolve(status, replacement=(sender, namespace_of(content.transport)))
        case Action.TRANSPORT_ACCEPT if status.replacement is not None:
            transport = status.replacement[1]
            status = attrs.evolve(status, transport=transport, replacement=None, credentials=None, candidates=0)
        case Action.TRANSPORT_REJECT:
            status = attrs.evolve(status, replacement=None)
    return attrs.evolve(status, state=STEPS[action].after or status.state)


def _is_accepted_with_session(status: ContentStatus, sender: Creator) -> bool:
    proposed = status.state is ContentState.PROPOSED and status.proposer is not sender
    return proposed and status.disposition == _SESSION


_NEEDED = {
    Action.SESSION_ACCEPT: ("description", "transport"),  # XEP-0166 7.2.8
    Action.TRANSPORT_INFO: ("transport",),
    Action.TRANSPORT_REPLACE: ("transport",),
    Action.TRANSPORT_ACCEPT: ("transport",),
    Action.DESCRIPTION_INFO: ("description",),
    Action.SECURITY_INFO: ("security",),
}
_UNDESCRIBED = frozenset({ns.WEBRTC, ns.WEBRTC_IGNITE})
"Transports of contents without description (ProtoXEP Jingle WebRTC Transport 3.1)."
_INFORMATIONAL = {Action.DESCRIPTION_INFO: "description", Action.TRANSPORT_INFO: "transport"}


def _lacks(content: Content, part: str) -> bool:
    """Tell whether a content misses a part that it needs."""
    if part == "description" and namespace_of(content.transport) in _UNDESCRIBED:
        return False
    return getattr(content, part) is None


def _payload_problem(jingle: Jingle) -> Problem | None:
    """Return what is wrong inside the contents, as far as this layer can tell."""
    for content in jingle.contents:
        if any(_lacks(content, part) for part in _NEEDED.get(jingle.action, ())):
            return Problem.BAD_REQUEST
        informs = _INFORMATIONAL.get(jingle.action)
        if informs is not None and isinstance(getattr(content, informs), Raw):
            return Problem.UNSUPPORTED_INFO  # XEP-0166 6.8
    return None


def _credentials(content: Content) -> tuple[str, str] | None:
    transport = content.transport
    if not isinstance(transport, IceBase) or not transport.ufrag or not transport.pwd:
        return None
    return transport.ufrag, transport.pwd


def _restarts(status: ContentStatus, content: Content) -> bool:
    """RFC 8445 9: both credentials change."""
    new = _credentials(content)
    return new is not None and status.credentials is not None and all(map(str.__ne__, new, status.credentials))


def _candidates(content: Content) -> int:
    return len(getattr(content.transport, "candidates", ()))

"""All sessions of one account: which stanza belongs to which, and which may begin (XEP-0166 6.3, 7.2.16, 10, 13).

    manager = Manager("juliet@capulet.lit/balcony", Policy(frozenset({"romeo@montague.lit"})))
    for output in manager.handle(StanzaReceived(jc.loads(data, errors="keep")), now): ...

Every Jingle request gets exactly one result or error, and nothing else is answered. A driver needs no other machine for
signalling: it hands in all stanzas, and does with NotHandled ones what it would have done without.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from jinglecodec import namespaces as ns
from jinglecodec.errors import LocalError
from jinglecodec.machine import TimedMachine, TimerFired, drawn_id, keep_latest
from jinglecodec.model.jingle import Action, Condition, Creator, Jingle, Reason
from jinglecodec.model.stanza import Iq, Presence, PresenceType, Stanza
from jinglecodec.session import events
from jinglecodec.session.config import Config
from jinglecodec.session.contents import kinds
from jinglecodec.session.events import Limit, Output, Policy, SendStanza, SessionKey
from jinglecodec.session.jids import bare
from jinglecodec.session.machine import Session
from jinglecodec.session.replies import Problem, refuse, result
from jinglecodec.session.stanzas import examine, is_answer, is_question, is_stray, sid_of
from jinglecodec.session.states import State

if TYPE_CHECKING:
    from random import Random

__all__ = ["Manager"]


class Manager(TimedMachine[events.Event, Output, SessionKey]):
    """The sessions of one full JID.

    Raises LocalError for a command that its session cannot obey, for a session that there is no room for (`Config`) and
    for one with a peer that does not support Jingle, as PeerFeatures said (XEP-0166 11).
    """

    __slots__ = (
        *(
            "_calls",
            "_config",
            "_incapable",
            "_missing",
            "_numbered",
            "_peers",
            "_routes",
            "_sessions",
            "_tag",
            "_tags",
        ),
        *("local", "policy"),
    )

    def __init__(
        self,
        local: str,
        policy: Policy | None = None,
        config: Config | None = None,
        *,
        random: Random | None = None,
    ) -> None:
        """Start without sessions. `local` is our full JID; the default policy refuses everybody (XEP-0166 13.2)."""
        super().__init__(random)
        self.local = local
        self.policy = policy or Policy()
        "Changed by TrustChanged."
        self._config = config or Config()
        self._tag = drawn_id(self._draw, 64)
        self._numbered = 0
        self._sessions: dict[SessionKey, Session] = {}
        self._tags: dict[str, SessionKey] = {}  # of the ids of a session's requests
        self._routes: dict[SessionKey, SessionKey] = {}  # of sessions whose peer is another resource by now
        self._peers: dict[str, dict[SessionKey, None]] = {}  # by bare JID
        self._calls: dict[str, dict[SessionKey, None]] = {}  # our own, not accepted yet, by full JID
        self._missing: dict[str, None] = {}  # full JIDs whose grace runs
        self._incapable: dict[str, None] = {}  # full JIDs without Jingle

    @property
    def sessions(self) -> Mapping[SessionKey, Session]:
        """The sessions that have not ended, for looking at; what is handed to one directly the manager does not see."""
        return MappingProxyType(self._sessions)

    # --- what the caller says -----------------------------------------------------------------------------------------

    def _check(self, event: events.Event) -> None:
        if isinstance(event, events.Initiate):
            self._check_initiation(event)
        elif isinstance(event, (events.ContentCommand, events.Terminate)):
            if event.session not in self._sessions:
                raise LocalError(f"there is no session {event.session}")
            self._sessions[event.session].check(event)

    def _check_initiation(self, command: events.Initiate) -> None:
        key = SessionKey(command.peer, command.sid or "new")
        if command.sid is not None and (key in self._sessions or key in self._routes):
            raise LocalError(f"there is a session {key}")
        if command.peer in self._incapable:
            raise LocalError(f"{command.peer} does not support Jingle (XEP-0166 11)")
        limit = self._limit(command.peer)
        if limit is not None:
            raise LocalError(f"the limit of {limit.value} is reached")
        Session(self.local, key, Creator.INITIATOR, self._config, tag="").check(command)

    def _take(self, event: events.Event) -> None:
        match event:
            case events.Initiate():
                sid = event.sid or drawn_id(self._draw)
                self._run(self._begin(SessionKey(event.peer, sid), Creator.INITIATOR), event)
            case events.ContentCommand() | events.Terminate():
                if event.session in self._sessions:  # no timer has just ended it
                    self._run(self._sessions[event.session], event)
            case events.StanzaReceived(Stanza() as stanza):
                self._receive(stanza, event)
            case events.StanzaReceived(other):
                self._outputs.append(events.NotHandled(other))
            case events.PeerGone(jid):
                self._miss(jid)
            case events.PeerSeen(jid):
                self._see(jid)
            case events.PeerFeatures(jid, features):
                self._learn(jid, features)
            case events.TrustChanged(policy):
                self.policy = policy

    def _learn(self, jid: str, features: frozenset[str]) -> None:
        """Remember who lacks Jingle; of those as many as there may be sessions, the latest."""
        self._incapable.pop(jid, None)
        if ns.JINGLE not in features:
            self._incapable[jid] = None
            keep_latest(self._incapable, self._config.sessions)

    def _miss(self, jid: str) -> None:
        for session in self._with(jid):
            self._missing[session.peer] = None
            self._run(session, events.PeerGone(jid))

    def _see(self, jid: str) -> None:
        if jid in self._missing:
            del self._missing[jid]
            for session in self._with(jid):
                self._run(session, events.PeerSeen(jid))

    def _with(self, jid: str) -> list[Session]:
        """Return the sessions with a full JID, or with all resources of a bare one."""
        sessions = [self._sessions[key] for key in self._peers.get(bare(jid), ())]
        return [session for session in sessions if jid in (session.peer, bare(session.peer))]

    # --- sessions -----------------------------------------------------------------------------------------------------

    def _limit(self, peer: str) -> Limit | None:
        """Return the limit that leaves no room for another session with this peer."""
        if len(self._sessions) >= self._config.sessions:
            return Limit.SESSIONS
        if len(self._peers.get(bare(peer), ())) >= self._config.sessions_per_peer:
            return Limit.SESSIONS_PER_PEER
        return None

    def _begin(self, key: SessionKey, role: Creator) -> Session:
        self._numbered += 1
        tag = f"{self._tag}{self._numbered:x}"
        session = self._sessions[key] = Session(self.local, key, role, self._config, tag=tag)
        self._tags[tag] = key
        self._peers.setdefault(bare(key.peer), {})[key] = None
        return session

    def _run(self, session: Session, event: events.SessionEvent | TimerFired) -> None:
        """Let a session take an event, and see where it stands then."""
        self._outputs += session.handle(event, self._timers.now)
        self._timers.arm(session.key, session.deadline)
        if session.state in (State.NEW, State.ENDED):
            self._drop(session)
            return
        if session.peer != session.key.peer:
            self._routes[SessionKey(session.peer, session.key.sid)] = session.key
        if session.role is Creator.INITIATOR:
            self._note_call(session)

    def _note_call(self, session: Session) -> None:
        calls = self._calls.setdefault(session.key.peer, {})
        if session.state is State.PENDING:
            calls[session.key] = None
        else:
            calls.pop(session.key, None)
        if not calls:
            del self._calls[session.key.peer]

    def _drop(self, session: Session) -> None:
        key = session.key
        del self._sessions[key]
        del self._tags[session.tag]
        self._routes.pop(SessionKey(session.peer, key.sid), None)
        self._timers.cancel(key)
        for index, jid in ((self._peers, bare(key.peer)), (self._calls, key.peer)):
            keys = index.get(jid, {})
            keys.pop(key, None)
            if not keys:
                index.pop(jid, None)
        if not self._with(session.peer):
            self._missing.pop(session.peer, None)

    def _expire(self, timer: SessionKey) -> None:
        self._run(self._sessions[timer], TimerFired())

    # --- what comes in ------------------------------------------------------------------------------------------------

    def _receive(self, stanza: Stanza, event: events.StanzaReceived) -> None:
        if isinstance(stanza, Presence) and stanza.type is PresenceType.UNAVAILABLE and stanza.from_:
            self._miss(stanza.from_)
        elif stanza.from_:
            self._see(stanza.from_)
        if is_question(stanza):
            self._answer(stanza, event)
        elif is_answer(stanza):
            self._settle(stanza, event)
        else:
            self._outputs.append(events.NotHandled(stanza))

    def _settle(self, iq: Iq, event: events.StanzaReceived) -> None:
        """Hand an answer to the session that waits for it; late and stray ones end here."""
        key = self._tags.get((iq.id or "").rpartition("-")[0])
        if key is not None:
            self._run(self._sessions[key], event)
        elif not is_stray(iq) and not (iq.id or "").startswith(self._tag):
            self._outputs.append(events.NotHandled(iq))

    def _answer(self, iq: Iq, event: events.StanzaReceived) -> None:
        """Hand a request to its session, or answer it."""
        key = SessionKey(iq.from_ or "", sid_of(iq))
        session = self._sessions.get(self._routes.get(key, key))
        jingle = examine(iq, event.findings)
        if session is not None and not (isinstance(jingle, Jingle) and self._equals(session, jingle)):
            self._run(session, event)
        elif isinstance(jingle, Problem):
            self._refuse(iq, jingle)
        elif jingle.action is Action.SESSION_INITIATE:
            self._invite(iq, jingle, event)
        elif jingle.action is Action.SESSION_TERMINATE and not jingle.sid:
            self._terminate(iq, jingle)
        else:
            self._refuse(iq, Problem.UNKNOWN_SESSION)  # XEP-0166 6.7

    def _refuse(self, iq: Iq, problem: Problem) -> None:
        uri = self.policy.redirect if problem is Problem.REDIRECT else None
        self._outputs.append(SendStanza(refuse(iq, problem, uri)))

    def _invite(self, iq: Iq, jingle: Jingle, event: events.StanzaReceived) -> None:
        """Let the peer begin a session, unless the policy, a call of ours or a limit forbids it (XEP-0166 6.3.2)."""
        peer = iq.from_
        if not peer or not jingle.sid:
            self._refuse(iq, Problem.BAD_REQUEST)
        elif not self.policy.trusts(peer):
            self._refuse(iq, Problem.SERVICE_UNAVAILABLE)
        elif self.policy.redirect is not None:
            self._refuse(iq, Problem.REDIRECT)
        elif self._is_tied(peer, jingle):
            self._refuse(iq, Problem.TIE_BREAK)
        else:
            self._give_up(SessionKey(peer, jingle.sid))
            limit = self._limit(peer)
            if limit is None:
                self._run(self._begin(SessionKey(peer, jingle.sid), Creator.RESPONDER), event)
            else:
                self._refuse(iq, Problem.RESOURCE_CONSTRAINT)
                self._outputs.append(events.Refused(limit, peer))

    def _terminate(self, iq: Iq, jingle: Jingle) -> None:
        """Acknowledge a terminate without sid, as some peers send it; it ends their only session, if there is one."""
        sessions = self._with(iq.from_) if iq.from_ else []
        if len(sessions) == 1:
            payload = attrs.evolve(jingle, sid=sessions[0].key.sid)
            self._run(sessions[0], events.StanzaReceived(attrs.evolve(iq, payload=payload)))
        else:
            self._outputs.append(SendStanza(result(iq)))

    # --- both initiate at once (XEP-0166 7.2.16) ----------------------------------------------------------------------

    def _equals(self, session: Session, jingle: Jingle) -> bool:
        """Tell whether a session-initiate is for what a call of ours is for, functionally."""
        calls = jingle.action is Action.SESSION_INITIATE and session.key in self._calls.get(session.key.peer, {})
        return calls and frozenset(status.kind for status in session.contents.values()) == kinds(jingle.contents)

    def _is_tied(self, peer: str, jingle: Jingle) -> bool:
        """Tell whether a call of ours overrules that of the peer: it has the lower sid, or the same and the lower JID.

        Lower by i;octet (RFC 4790 9.3), the order of Unicode code points, in which Python compares text.
        """
        calls = [self._sessions[key] for key in self._calls.get(peer, ())]
        equal = [session for session in calls if self._equals(session, jingle)]
        return any((session.key.sid, self.local) < (jingle.sid, peer) for session in equal)

    def _give_up(self, key: SessionKey) -> None:
        """End a call of ours that the peer's overrules and that has the very same key; others end when it says so."""
        session = self._sessions.get(key)
        if session is not None:
            self._drop(session)
            self._outputs.append(events.SessionEnded(key, Reason(condition=Condition.ALTERNATIVE_SESSION)))

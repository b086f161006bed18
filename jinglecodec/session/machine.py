"""One session (XEP-0166): it acknowledges first, then acts.

    session = Session("juliet@capulet.lit/balcony", SessionKey("romeo@montague.lit/orchard", "a73sjjvkla37jfea"))
    outputs = session.handle(StanzaReceived(session_initiate), now)  # the result, IncomingSession
    outputs = session.handle(Accept(session.key, contents), now)  # session-accept

What may be said when stands in `states`. A request of ours is done as soon as it is sent, and undone when the peer
refuses it: that is what lets two parties who speak at the same time agree. Where requests cross, that of the initiator
stands (XEP-0166 7.2.16).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

from jinglecodec.errors import EncodeError, LocalError
from jinglecodec.machine import TimedMachine, drawing, drawn_id
from jinglecodec.model.jingle import (
    OTHER,
    Action,
    Condition,
    Content,
    ContentKey,
    Creator,
    Jingle,
    Reason,
    Senders,
    key_of,
    named,
)
from jinglecodec.model.jingle_errors import TieBreak
from jinglecodec.model.stanza import Iq, IqType, Stanza, StanzaCondition, StanzaError
from jinglecodec.session import events
from jinglecodec.session.config import Config
from jinglecodec.session.contents import Contents, ContentStatus, kinds, namespace_of
from jinglecodec.session.events import Limit, Output, SendStanza, SessionKey
from jinglecodec.session.jids import bare
from jinglecodec.session.replies import Problem, ending, refuse, result
from jinglecodec.session.stanzas import examine, is_answer, is_question, is_stray, sid_of
from jinglecodec.session.states import NEXT, PERMITTED, TIE_BREAKING, State
from jinglecodec.xml.tree import Raw

if TYPE_CHECKING:
    from random import Random

__all__ = ["Session"]

_GRACE = "grace"
"The timer of a peer that went offline; the others are ids of requests."

_TOLD: dict[Action, Callable[[SessionKey, Jingle], Output]] = {
    Action.SESSION_ACCEPT: events.Accepted,
    Action.CONTENT_ADD: events.ContentProposed,
    Action.CONTENT_ACCEPT: events.ContentChanged,
    Action.CONTENT_MODIFY: events.ContentChanged,
    Action.CONTENT_REJECT: events.ContentChanged,
    Action.CONTENT_REMOVE: events.ContentChanged,
    Action.TRANSPORT_ACCEPT: events.TransportChanged,
    Action.TRANSPORT_REJECT: events.TransportChanged,
}
"How the caller is told of an action of the peer; of the others, with more than the element."

_USUAL_REASONS = {
    (State.PENDING, Creator.INITIATOR): Condition.CANCEL,
    (State.PENDING, Creator.RESPONDER): Condition.DECLINE,
}
_INFORMATION = frozenset({Action.DESCRIPTION_INFO, Action.SECURITY_INFO, Action.SESSION_INFO, Action.TRANSPORT_INFO})


@attrs.define
class _Request:
    """A request of ours that the peer has not acknowledged."""

    jingle: Jingle
    to: str
    before: dict[ContentKey, Senders]
    "content-modify: what to go back to when it is refused; without those that the peer has modified since."


class Session(TimedMachine[events.SessionEvent, Output, str]):
    """One session, from the first session-initiate that is sent or received until it has ended.

    Takes commands, StanzaReceived, PeerGone and PeerSeen; commands name its key. Raises LocalError for a command that
    the tables do not permit.
    """

    __slots__ = ("_config", "_contents", "_requests", "_sent", "key", "local", "peer", "role", "state", "tag")

    def __init__(
        self,
        local: str,
        key: SessionKey,
        role: Creator = Creator.RESPONDER,
        config: Config | None = None,
        *,
        tag: str | None = None,
        random: Random | None = None,
    ) -> None:
        """Start before the session-initiate: to send one as the initiator, or to receive it as the responder.

        `local` is our full JID. `tag` begins the ids of our requests; None draws one, from `random` in tests.
        """
        super().__init__()
        self.local = local
        self.key = key
        self.peer = key.peer
        "Where requests go: the peer of the key, or the resource of the same account it named (XEP-0166 7.1, 13.5)."
        self.role = role
        "Ours, for life; the initiator is the controlling agent of ICE (XEP-0176 5.6)."
        self.state = State.NEW
        self._config = config or Config()
        self.tag = tag if tag is not None else drawn_id(drawing(random), 64)
        "With which the ids of our requests begin."
        self._sent = 0
        self._requests: dict[str, _Request] = {}
        self._contents = Contents(self._config, role)

    @property
    def contents(self) -> Mapping[ContentKey, ContentStatus]:
        """The contents that are proposed or accepted, by creator and name."""
        return self._contents.live

    def awaits(self, id_: str | None) -> bool:
        """Tell whether a request of ours with this id is not acknowledged yet."""
        return id_ in self._requests

    # --- commands -----------------------------------------------------------------------------------------------------

    def _check(self, event: events.SessionEvent) -> None:
        if isinstance(event, (events.Initiate, events.ContentCommand, events.Terminate)):
            try:
                problem = self._misuse(event)
            except EncodeError as error:
                raise LocalError(str(error)) from error
            if problem is not None:
                raise LocalError(problem)

    def _misuse(self, command: events.Command) -> str | None:
        """Return why the command cannot be obeyed, None when it can."""
        if isinstance(command, events.Initiate):
            if SessionKey(command.peer, command.sid or self.key.sid) != self.key:
                return f"{command.peer}, {command.sid} is not {self.key}"
        elif command.session != self.key:
            return f"{command.session} is not {self.key}"
        if self.role not in PERMITTED[self.state].get(command.action, ()):
            return f"{command.action.value} from the {self.role.value} in state {self.state.value}"
        if isinstance(command, events.Terminate):
            return None
        jingle = self._jingle(command)
        if command.action is Action.TRANSPORT_REPLACE and jingle.contents:
            problem = self._replacement_misuse(jingle)
            if problem is not None:
                return problem
        return self._contents.misuse(jingle, self.role)

    def _replacement_misuse(self, jingle: Jingle) -> str | None:
        for content in jingle.contents:
            status = self._contents.status(self._contents.key(content))
            if status is not None and status.replacement is not None:
                return f"there is no answer yet about another transport of {content.name}"
            if status is not None and not self._contents.keeps_type(content):
                return f"{namespace_of(content.transport)} is of another type than {status.transport}"
        return None

    def _take(self, event: events.SessionEvent) -> None:
        match event:
            case events.Initiate() | events.ContentCommand():
                self._request(event)
            case events.Terminate(_, reason):
                self._end(reason or Reason(condition=self._usual_reason()), tell_peer=True)
            case events.StanzaReceived(Stanza() as stanza):
                self._receive(stanza, event)
            case events.StanzaReceived(other):
                self._outputs.append(events.NotHandled(other))
            case events.PeerGone(jid):
                self._miss(jid)
            case events.PeerSeen(jid) if jid == self.peer:
                self._timers.cancel(_GRACE)
            case events.PeerSeen():
                pass

    def _usual_reason(self) -> Condition:
        """Return why a session is ended when nobody says why (XEP-0166 7.4)."""
        return _USUAL_REASONS.get((self.state, self.role), Condition.SUCCESS)

    def _miss(self, jid: str) -> None:
        """Wait for a sign of life of a peer that went offline (XEP-0166 6.7)."""
        live = self.state in (State.PENDING, State.ACTIVE)
        if live and jid in (self.peer, bare(self.peer)) and self._timers.due(_GRACE) is None:
            self._timers.arm(_GRACE, self._timers.now + self._config.grace)

    def _request(self, command: events.Initiate | events.ContentCommand) -> None:
        """Send the request, and act as if it were granted; the peer may refuse it yet."""
        if self.role not in PERMITTED[self.state].get(command.action, ()):
            return  # a timer has just ended the session
        jingle = self._jingle(command)
        before: dict[ContentKey, Senders] = {}
        match jingle.action:
            case Action.SESSION_INITIATE | Action.CONTENT_ADD:
                self._contents.add(jingle.contents, self.role)
            case Action.CONTENT_MODIFY:
                before = {self._contents.key(one): self._senders(one) for one in jingle.contents}
        if jingle.action not in (Action.SESSION_INITIATE, Action.CONTENT_ADD, Action.SESSION_INFO):
            self._contents.take(jingle, self.role)
        self.state = NEXT.get(jingle.action, self.state)
        if jingle.action is Action.SESSION_INITIATE:
            self._outputs.append(events.SessionStarted(self.key))
        self._ask(jingle, before)

    def _senders(self, content: Content) -> Senders:
        status = self._contents.status(self._contents.key(content))
        return content.senders if status is None else status.senders

    def _jingle(self, command: events.Initiate | events.ContentCommand) -> Jingle:
        """Return the element for a command; only two actions tell a JID (XEP-0166 7.1)."""
        return Jingle(
            action=command.action,
            sid=self.key.sid,
            initiator=self.local if command.action is Action.SESSION_INITIATE else None,
            responder=self.local if command.action is Action.SESSION_ACCEPT else None,
            contents=command.contents,
            groups=command.groups,
            infos=command.infos,
            reason=command.reason if isinstance(command, events.ContentCommand) else None,
        )

    def _ask(self, jingle: Jingle, before: dict[ContentKey, Senders] | None = None) -> None:
        """Send a request, and wait for its acknowledgement; end where too many are waited for."""
        if len(self._requests) >= self._config.requests:
            self._end(Reason(condition=Condition.CONNECTIVITY_ERROR), tell_peer=True)
            return
        id_ = self._send(jingle)
        self._requests[id_] = _Request(jingle, self.peer, before or {})
        self._timers.arm(id_, self._timers.now + self._config.acknowledgement)

    def _send(self, jingle: Jingle) -> str:
        """Send a request; return its id."""
        self._sent += 1
        id_ = f"{self.tag}-{self._sent}"
        namespace = self._config.namespace
        iq = Iq(namespace=namespace, type=IqType.SET, id=id_, from_=self.local, to=self.peer, payload=jingle)
        self._outputs.append(SendStanza(iq))
        return id_

    def _end(self, reason: Reason, *, tell_peer: bool) -> None:
        """End the session; as soon as terminate is sent it has ended (XEP-0166 6.7)."""
        if self.state is State.ENDED:
            return
        self.state = State.ENDED
        for timer in (*self._requests, _GRACE):
            self._timers.cancel(timer)
        self._requests.clear()
        if tell_peer:
            self._send(Jingle(action=Action.SESSION_TERMINATE, sid=self.key.sid, reason=reason))
        self._outputs.append(events.SessionEnded(self.key, reason))

    def _expire(self, timer: str) -> None:
        condition = Condition.GONE if timer == _GRACE else Condition.CONNECTIVITY_ERROR
        self._end(Reason(condition=condition), tell_peer=True)

    # --- what the peer says -------------------------------------------------------------------------------------------

    def _receive(self, stanza: Stanza, event: events.StanzaReceived) -> None:
        if stanza.from_ == self.peer:
            self._timers.cancel(_GRACE)
        if is_question(stanza):
            self._answer(stanza, event)
        elif is_answer(stanza):
            self._settle(stanza)
        else:
            self._outputs.append(events.NotHandled(stanza))

    def _answer(self, iq: Iq, event: events.StanzaReceived) -> None:
        """Give a request its one result or error, then act (XEP-0166 6.3)."""
        jingle = examine(iq, event.findings)
        refusal = jingle if isinstance(jingle, Problem) else self._refusal(iq, jingle)
        if isinstance(refusal, Limit):
            self._outputs.append(SendStanza(refuse(iq, Problem.RESOURCE_CONSTRAINT)))
            self._outputs.append(events.Refused(refusal, self.peer))
        elif refusal is not None:
            self._outputs.append(SendStanza(refuse(iq, refusal)))
        elif isinstance(jingle, Jingle):
            self._outputs.append(SendStanza(result(iq)))
            self._obey(iq, jingle)

    def _refusal(self, iq: Iq, jingle: Jingle) -> Problem | Limit | None:
        """Return why a well-formed request is refused, None when it is not."""
        if iq.from_ not in (self.peer, self.key.peer) or sid_of(iq) != self.key.sid:
            return Problem.UNKNOWN_SESSION
        if OTHER[self.role] not in PERMITTED[self.state].get(jingle.action, ()):
            live = self.state in (State.PENDING, State.ACTIVE)
            return Problem.OUT_OF_ORDER if live else Problem.UNKNOWN_SESSION
        if jingle.action is Action.SESSION_INFO and _is_unknown_info(jingle):
            return Problem.UNSUPPORTED_INFO
        if self._is_tied(jingle):
            return Problem.TIE_BREAK
        return self._contents.problem(jingle, OTHER[self.role])

    def _is_tied(self, jingle: Jingle) -> bool:
        """Tell whether the peer, as the responder, asks for what we as the initiator are asking for (XEP-0166 7.2.16).

        That is the same action for the same contents, or for new contents of the same kinds. Where the contents only
        overlap, both requests stand, and ours for what they have in common.
        """
        if self.role is not Creator.INITIATOR or jingle.action not in TIE_BREAKING:
            return False
        meant = self._meant(jingle)
        return any(
            request.jingle.action is jingle.action and self._meant(request.jingle) == meant
            for request in self._requests.values()
        )

    def _meant(self, jingle: Jingle) -> frozenset[object]:
        if jingle.action is Action.CONTENT_ADD:
            return frozenset[object](kinds(jingle.contents))
        return frozenset[object](self._contents.key(content) for content in jingle.contents)

    def _obey(self, iq: Iq, jingle: Jingle) -> None:
        """Do what an acknowledged request asks for, and tell the caller."""
        action, sender = jingle.action, OTHER[self.role]
        if action is Action.SESSION_TERMINATE:
            self._end(jingle.reason or Reason(), tell_peer=False)
            return
        self.state = NEXT.get(action, self.state)
        if action is Action.SESSION_INITIATE:
            self._begin(iq, jingle)
        elif action in _INFORMATION:
            self._inform(jingle)
        elif action is Action.TRANSPORT_REPLACE:
            self._propose_transport(jingle)
        elif action is Action.CONTENT_ADD:
            self._contents.add(jingle.contents, sender)
            self._outputs.append(events.ContentProposed(self.key, jingle))
        else:
            self._change(iq, jingle)

    def _begin(self, iq: Iq, jingle: Jingle) -> None:
        """Take in the session-initiate, and end at once when there is nothing in it that we know (XEP-0166 6.7)."""
        self._redirect(iq, jingle.initiator)
        self._contents.add(jingle.contents, Creator.INITIATOR)
        condition = self._unsupported(jingle)
        if condition is None:
            self._outputs.append(events.IncomingSession(self.key, jingle))
        else:
            self._end(Reason(condition=condition), tell_peer=True)

    def _unsupported(self, jingle: Jingle) -> Condition | None:
        """Return why nothing of an offer is of use, None where something may be (XEP-0166 6.7)."""
        applications, transports = self._config.applications, self._config.transports
        if applications is not None and not any(
            namespace_of(one.description) in applications for one in jingle.contents
        ):
            return Condition.UNSUPPORTED_APPLICATIONS
        if transports is not None and not any(namespace_of(one.transport) in transports for one in jingle.contents):
            return Condition.UNSUPPORTED_TRANSPORTS
        return None

    def _redirect(self, iq: Iq, named: str | None) -> None:
        """Follow the peer to another resource of its account, never elsewhere (XEP-0166 7.1, 13.5)."""
        if named and iq.from_ and bare(named) == bare(iq.from_):
            self.peer = named

    def _inform(self, jingle: Jingle) -> None:
        if jingle.action is Action.SESSION_INFO:
            if jingle.infos:
                self._outputs.append(events.InfoReceived(self.key, jingle))
            return
        fitting = self._contents.take(jingle, OTHER[self.role])
        if fitting:
            restarted = self._contents.hear(fitting) if jingle.action is Action.TRANSPORT_INFO else ()
            self._outputs.append(events.InfoReceived(self.key, attrs.evolve(jingle, contents=fitting), restarted))

    def _propose_transport(self, jingle: Jingle) -> None:
        """Let the caller decide about other transports of the same type; reject those of another (XEP-0166 7.2.15)."""
        fitting = self._contents.take(self._uncrossed(jingle), OTHER[self.role])
        other = [content for content in fitting if not self._contents.keeps_type(content)]
        proposed = tuple(content for content in fitting if content not in other)
        if proposed:
            self._outputs.append(events.TransportProposed(self.key, attrs.evolve(jingle, contents=proposed)))
        if other:
            refused = tuple(map(named, other))
            reject = Jingle(action=Action.TRANSPORT_REJECT, sid=self.key.sid, contents=refused)
            self._contents.take(reject, self.role)
            self._ask(reject)

    def _change(self, iq: Iq, jingle: Jingle) -> None:
        """Let contents change; without any the session is void (XEP-0166 7.2.4, 7.2.5)."""
        action = jingle.action
        if action is Action.SESSION_ACCEPT:
            self._redirect(iq, jingle.responder)
        modified = self._unsettled()
        fitting = self._contents.take(self._uncrossed(jingle), OTHER[self.role])
        if action is Action.TRANSPORT_ACCEPT:
            self._contents.hear(fitting)
        elif action in (Action.SESSION_ACCEPT, Action.CONTENT_ACCEPT):
            self._contents.hear(fitting)
            for key, senders in modified.items():
                self._contents.modify(key, senders)
        if fitting or action is Action.SESSION_ACCEPT:
            self._outputs.append(_TOLD[action](self.key, attrs.evolve(jingle, contents=fitting)))
        if not self._contents.live:
            self._end(jingle.reason or Reason(condition=Condition.SUCCESS), tell_peer=True)

    # --- requests that cross ------------------------------------------------------------------------------------------

    def _unsettled(self) -> dict[ContentKey, Senders]:
        """Return the senders that we have asked for without an answer yet."""
        live = self._contents.live
        keys = [key for request in self._requests.values() for key in request.before]
        return {key: live[key].senders for key in keys if key in live}

    def _uncrossed(self, jingle: Jingle) -> Jingle:
        """Return the request without what a crossing one overrules; where the peer's is the one that stands, undo ours.

        Only the initiator's stands (XEP-0166 7.2.16). What both ask for entirely has been refused by a tie-break.
        """
        if jingle.action not in (Action.CONTENT_MODIFY, Action.TRANSPORT_REPLACE):
            return jingle
        meant = {self._contents.key(content) for content in jingle.contents}
        crossing = [request for request in self._requests.values() if request.jingle.action is jingle.action]
        if self.role is Creator.INITIATOR:
            asked = {self._contents.key(content) for request in crossing for content in request.jingle.contents}
            contents = tuple(one for one in jingle.contents if self._contents.key(one) not in asked)
            return attrs.evolve(jingle, contents=contents)
        for request in crossing:
            request.before = {key: senders for key, senders in request.before.items() if key not in meant}
        return jingle

    # --- answers to our requests --------------------------------------------------------------------------------------

    def _settle(self, iq: Iq) -> None:
        """Take an answer to a request of ours; others are none of our business."""
        request = self._requests.get(iq.id or "")
        if request is None or iq.from_ != request.to:
            if not is_stray(iq) and not (iq.id or "").startswith(f"{self.tag}-"):
                self._outputs.append(events.NotHandled(iq))
            return
        del self._requests[iq.id or ""]
        if not self._requests:
            self._requests.clear()  # gives its table back, 168 octets of every idle session
        self._timers.cancel(iq.id or "")
        if iq.type is IqType.ERROR:
            self._fail(request, iq.error)

    def _fail(self, request: _Request, error: StanzaError | None) -> None:
        """Undo what the peer refuses; end where there is no session then."""
        jingle = request.jingle
        self._undo(request)
        self._outputs.append(events.RequestFailed(self.key, jingle, error))
        condition = ending(error)
        if jingle.action is Action.SESSION_INITIATE:
            if error is not None and error.condition is StanzaCondition.REDIRECT:
                self._outputs.append(events.Redirected((error.uri or "").strip(), self.key))
            self._end(Reason(condition=condition or _initiation_failed(error)), tell_peer=False)
        elif condition is not None:
            self._end(Reason(condition=condition), tell_peer=False)
        elif jingle.action is Action.SESSION_ACCEPT or not self._contents.live:
            self._end(Reason(condition=Condition.GENERAL_ERROR), tell_peer=True)

    def _undo(self, request: _Request) -> None:
        """Take back what a refused request had changed here."""
        if request.jingle.action is Action.CONTENT_ADD:
            for content in request.jingle.contents:
                self._contents.drop(key_of(content))
        elif request.jingle.action is Action.TRANSPORT_REPLACE:
            for content in request.jingle.contents:
                self._contents.withdraw(self._contents.key(content), (self.role, namespace_of(content.transport)))
        for key, senders in request.before.items():
            later = next((other for other in self._requests.values() if key in other.before), None)
            if later is not None:
                later.before[key] = senders
            elif self._contents.status(key) is not None:
                self._contents.modify(key, senders)


def _is_unknown_info(jingle: Jingle) -> bool:
    """Tell whether a session-info has payload, and none that is known; without any it is a ping (XEP-0166 6.8)."""
    payload = [*jingle.infos, *jingle.extra.children]
    return bool(payload) and all(isinstance(one, Raw) for one in payload)


_INITIATION_FAILED = {
    StanzaCondition.CONFLICT: Condition.ALTERNATIVE_SESSION,
    StanzaCondition.RESOURCE_CONSTRAINT: Condition.BUSY,
    StanzaCondition.REDIRECT: Condition.GONE,
}
"Why a session is over whose initiation got an error, in the words of XEP-0166 7.4; all others: general-error."


def _initiation_failed(error: StanzaError | None) -> Condition:
    if error is None or error.condition is None:
        return Condition.GENERAL_ERROR
    if type(error.application) is TieBreak:
        return Condition.ALTERNATIVE_SESSION
    return _INITIATION_FAILED.get(error.condition, Condition.GENERAL_ERROR)

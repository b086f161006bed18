"""What goes into the machines of sessions, and what comes out of them.

Commands of the local caller are imperative, one for each action of XEP-0166 7.2; what happened is a past participle.
What the peer said is told with its `Jingle` element, so that nothing of it is lost on the way up.
"""

from __future__ import annotations

import enum
from typing import ClassVar

import attrs

from jinglecodec.findings import Finding
from jinglecodec.model.grouping import Group
from jinglecodec.model.jingle import Action, Content, Jingle, Reason, SessionInfo
from jinglecodec.model.stanza import Stanza, StanzaError
from jinglecodec.session.jids import bare
from jinglecodec.xml.fields import Element
from jinglecodec.xml.tree import Raw

__all__ = [
    "COMMANDS",
    "Accept",
    "AcceptContent",
    "AcceptTransport",
    "Accepted",
    "AddContent",
    "Command",
    "ContentChanged",
    "ContentCommand",
    "ContentProposed",
    "Event",
    "IncomingSession",
    "InfoReceived",
    "Initiate",
    "Limit",
    "ModifyContent",
    "NotHandled",
    "Output",
    "PeerFeatures",
    "PeerGone",
    "PeerSeen",
    "Policy",
    "Redirected",
    "Refused",
    "RejectContent",
    "RejectTransport",
    "RemoveContent",
    "ReplaceTransport",
    "RequestFailed",
    "SendDescriptionInfo",
    "SendSecurityInfo",
    "SendSessionInfo",
    "SendStanza",
    "SendTransportInfo",
    "SessionEnded",
    "SessionEvent",
    "SessionKey",
    "SessionStarted",
    "StanzaReceived",
    "Terminate",
    "TransportChanged",
    "TransportProposed",
    "TrustChanged",
]


@attrs.frozen
class SessionKey:
    """Names a session to the caller, for life: also when its peer is redirected to another resource."""

    peer: str
    "The full JID with which the session began."
    sid: str


@attrs.frozen
class Policy:
    """Who may begin a session with us (XEP-0166 13.2, XEP-0176 10.1)."""

    trusted: frozenset[str] = frozenset()
    "Bare or full JIDs, or domains, such as those with a presence subscription. Compared as they are written."
    strangers: bool = False
    "Whether everybody else may, too."
    redirect: str | None = None
    "A URI to send every new session to, such as `xmpp:voicemail@capulet.lit` (XEP-0166 6.3.2)."

    def trusts(self, jid: str) -> bool:
        """Tell whether this entity may begin a session, and may learn our addresses."""
        account = bare(jid)
        return self.strangers or not self.trusted.isdisjoint((jid, account, account.rpartition("@")[2]))


class Limit(enum.Enum):
    """What a machine has no room for."""

    SESSIONS = "sessions"
    "Of the account in all."
    SESSIONS_PER_PEER = "sessions-per-peer"
    "Of one bare JID."
    CONTENTS = "contents"
    "Of one session."
    CANDIDATES = "candidates"
    "Of one content, from the peer."
    PROPOSALS = "proposals"
    "Of the account in all, that are not over (XEP-0353)."
    PROPOSALS_PER_PEER = "proposals-per-peer"
    "Of one bare JID."


# --- in: commands ---------------------------------------------------------------------------------------------------


@attrs.frozen
class Initiate:
    """Begin a session: SessionStarted tells its key."""

    action: ClassVar = Action.SESSION_INITIATE

    peer: str
    "The full JID of the responder."
    contents: tuple[Content, ...]
    "With description and transport each; at least one of disposition `session` (XEP-0166 7.2.10)."
    sid: str | None = None
    "None draws one. That of a proposal goes on as the session's (XEP-0353 3.4)."
    groups: tuple[Group, ...] = ()
    infos: tuple[SessionInfo | Raw, ...] = ()


@attrs.frozen
class ContentCommand:
    """Say something about contents of a session."""

    action: ClassVar[Action]

    session: SessionKey
    contents: tuple[Content, ...] = ()
    "Only what the action is about; where it is about whole contents, creator and name suffice."
    groups: tuple[Group, ...] = ()
    infos: tuple[SessionInfo | Raw, ...] = ()
    reason: Reason | None = None


@attrs.frozen
class Accept(ContentCommand):
    """Accept the session, with the descriptions and transports of the answer (XEP-0166 6.5)."""

    action: ClassVar = Action.SESSION_ACCEPT


@attrs.frozen
class AddContent(ContentCommand):
    """Propose further contents (XEP-0166 7.2.2)."""

    action: ClassVar = Action.CONTENT_ADD


@attrs.frozen
class AcceptContent(ContentCommand):
    """Accept contents that the peer proposed (XEP-0166 7.2.1)."""

    action: ClassVar = Action.CONTENT_ACCEPT


@attrs.frozen
class RejectContent(ContentCommand):
    """Reject contents that the peer proposed (XEP-0166 7.2.4)."""

    action: ClassVar = Action.CONTENT_REJECT


@attrs.frozen
class RemoveContent(ContentCommand):
    """Remove contents (XEP-0166 7.2.5)."""

    action: ClassVar = Action.CONTENT_REMOVE


@attrs.frozen
class ModifyContent(ContentCommand):
    """Change who sends, to the `senders` of each content (XEP-0166 7.2.3)."""

    action: ClassVar = Action.CONTENT_MODIFY


@attrs.frozen
class ReplaceTransport(ContentCommand):
    """Propose another transport of the same type for contents (XEP-0166 7.2.15)."""

    action: ClassVar = Action.TRANSPORT_REPLACE


@attrs.frozen
class AcceptTransport(ContentCommand):
    """Accept the transports that the peer proposed instead (XEP-0166 7.2.12)."""

    action: ClassVar = Action.TRANSPORT_ACCEPT


@attrs.frozen
class RejectTransport(ContentCommand):
    """Reject the transports that the peer proposed instead (XEP-0166 7.2.14)."""

    action: ClassVar = Action.TRANSPORT_REJECT


@attrs.frozen
class SendTransportInfo(ContentCommand):
    """Tell candidates, or new credentials, of contents (XEP-0166 7.2.13)."""

    action: ClassVar = Action.TRANSPORT_INFO


@attrs.frozen
class SendDescriptionInfo(ContentCommand):
    """Tell parameters of the applications of contents (XEP-0166 7.2.6)."""

    action: ClassVar = Action.DESCRIPTION_INFO


@attrs.frozen
class SendSecurityInfo(ContentCommand):
    """Tell about security preconditions of contents (XEP-0166 7.2.7)."""

    action: ClassVar = Action.SECURITY_INFO


@attrs.frozen
class SendSessionInfo(ContentCommand):
    """Tell `infos`, such as `Ringing`; none is a ping (XEP-0166 6.8)."""

    action: ClassVar = Action.SESSION_INFO


@attrs.frozen
class Terminate:
    """End the session, at once (XEP-0166 6.7)."""

    action: ClassVar = Action.SESSION_TERMINATE

    session: SessionKey
    reason: Reason | None = None
    "None: `cancel` or `decline`, as the role is, before the session is accepted; `success` afterwards."


_CONTENT_COMMANDS: tuple[type[ContentCommand], ...] = (
    *(Accept, AddContent, AcceptContent, RejectContent, RemoveContent, ModifyContent),
    *(ReplaceTransport, AcceptTransport, RejectTransport),
    *(SendTransportInfo, SendDescriptionInfo, SendSecurityInfo, SendSessionInfo),
)

COMMANDS: dict[Action, type[ContentCommand]] = {command.action: command for command in _CONTENT_COMMANDS}
"The command for each action but session-initiate and session-terminate, for those who have a `Jingle` to send."

Command = Initiate | ContentCommand | Terminate
"What the user wants of a manager."


# --- in: what happened ----------------------------------------------------------------------------------------------


@attrs.frozen
class StanzaReceived:
    """An IQ, a message or presence came in, or what should be one and did not decode."""

    stanza: Element | Raw
    findings: tuple[Finding, ...] = ()
    'What `read(data, errors="keep")` found; a payload with an ERROR is answered with bad-request.'


@attrs.frozen
class PeerGone:
    """An entity went offline; its sessions end unless it shows itself within the grace (XEP-0166 6.7)."""

    jid: str
    "A full JID, or a bare one for all its resources."


@attrs.frozen
class PeerSeen:
    """An entity gave a sign of life other than a stanza: a connectivity check, or media (XEP-0166 6.7)."""

    jid: str
    "A full JID."


@attrs.frozen
class PeerFeatures:
    """What an entity supports, by disco#info or entity capabilities (XEP-0166 11)."""

    jid: str
    features: frozenset[str]


@attrs.frozen
class TrustChanged:
    """Another policy holds from now on; sessions that exist go on."""

    policy: Policy


SessionEvent = Command | StanzaReceived | PeerGone | PeerSeen
"What a session takes, beside TimerFired."

Event = SessionEvent | PeerFeatures | TrustChanged
"What a manager takes, beside TimerFired."


# --- out ------------------------------------------------------------------------------------------------------------


@attrs.frozen
class SendStanza:
    """Send this."""

    stanza: Stanza


@attrs.frozen
class SessionStarted:
    """The session that the caller began has this key; it is live from now on (XEP-0176 5.5)."""

    session: SessionKey


@attrs.frozen
class IncomingSession:
    """The peer began a session, which is acknowledged; Accept or Terminate answers it."""

    session: SessionKey
    jingle: Jingle


@attrs.frozen
class Accepted:
    """The peer accepted the session."""

    session: SessionKey
    jingle: Jingle


@attrs.frozen
class ContentProposed:
    """The peer proposes contents; AcceptContent or RejectContent answers each."""

    session: SessionKey
    jingle: Jingle


@attrs.frozen
class ContentChanged:
    """The peer accepted, rejected, removed or modified contents: which of these is the action of the element."""

    session: SessionKey
    jingle: Jingle


@attrs.frozen
class TransportProposed:
    """The peer proposes other transports; AcceptTransport or RejectTransport answers."""

    session: SessionKey
    jingle: Jingle


@attrs.frozen
class TransportChanged:
    """The peer accepted or rejected the transports proposed instead."""

    session: SessionKey
    jingle: Jingle


@attrs.frozen
class InfoReceived:
    """The peer sent a transport-info, description-info, security-info or session-info, which is acknowledged."""

    session: SessionKey
    jingle: Jingle
    restarted: tuple[Content, ...] = ()
    "Those contents whose ICE credentials are new (XEP-0176 5.9): a restart, or the answer to one of ours."


@attrs.frozen
class RequestFailed:
    """The peer refused a request of ours, for example in a tie-break; what it asked for is undone."""

    session: SessionKey
    jingle: Jingle
    "What we had asked for."
    error: StanzaError | None


@attrs.frozen
class SessionEnded:
    """The session is over, whoever ended it."""

    session: SessionKey
    reason: Reason


@attrs.frozen
class Redirected:
    """The peer answered an initiation with another address, which nobody followed; SessionEnded comes, too."""

    uri: str
    session: SessionKey


@attrs.frozen
class Refused:
    """Something the peer sent is refused with resource-constraint, since a limit is reached."""

    limit: Limit
    peer: str


@attrs.frozen
class NotHandled:
    """The stanza is none of Jingle's business; it got no answer."""

    stanza: Element | Raw


Output = (
    SendStanza
    | SessionStarted
    | IncomingSession
    | Accepted
    | ContentProposed
    | ContentChanged
    | TransportProposed
    | TransportChanged
    | InfoReceived
    | RequestFailed
    | SessionEnded
    | Redirected
    | Refused
    | NotHandled
)
"What a manager says."

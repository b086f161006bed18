"""XEP-0166: Jingle. The session element, its contents, reasons and error conditions."""

from __future__ import annotations

import enum
from collections.abc import Collection
from typing import TypeAlias

import attrs

from jinglecodec import namespaces as ns
from jinglecodec.model.grouping import Group
from jinglecodec.xml.fields import (
    Element,
    attribute,
    case,
    case_text,
    child,
    children,
    element,
    flag,
    member,
    members,
    text,
)
from jinglecodec.xml.tree import Raw
from jinglecodec.xml.types import JID, LANGUAGE, NCNAME, NMTOKEN, STRING, Quirk, enum_of

__all__ = [
    "OTHER",
    "PARTIES",
    "SENDERS",
    "Action",
    "ApplicationCondition",
    "Condition",
    "Content",
    "ContentKey",
    "Creator",
    "Description",
    "Jingle",
    "Reason",
    "ReasonText",
    "Security",
    "Senders",
    "SessionInfo",
    "Transport",
    "key_among",
    "key_of",
    "named",
]

XML_LANG = f"{{{ns.XML}}}lang"


class Action(enum.Enum):
    """What a Jingle stanza asks for (XEP-0166 7.2)."""

    CONTENT_ACCEPT = "content-accept"
    CONTENT_ADD = "content-add"
    CONTENT_MODIFY = "content-modify"
    CONTENT_REJECT = "content-reject"
    CONTENT_REMOVE = "content-remove"
    DESCRIPTION_INFO = "description-info"
    SECURITY_INFO = "security-info"
    SESSION_ACCEPT = "session-accept"
    SESSION_INFO = "session-info"
    SESSION_INITIATE = "session-initiate"
    SESSION_TERMINATE = "session-terminate"
    TRANSPORT_ACCEPT = "transport-accept"
    TRANSPORT_INFO = "transport-info"
    TRANSPORT_REJECT = "transport-reject"
    TRANSPORT_REPLACE = "transport-replace"

    SOURCE_ADD = "source-add"
    "Jitsi's, like the next; no XEP has them, and other peers answer bad-request."
    SOURCE_REMOVE = "source-remove"


ACTION = enum_of(
    Action,
    aliases={"addsource": Action.SOURCE_ADD, "removesource": Action.SOURCE_REMOVE},
    beyond=(Action.SOURCE_ADD, Action.SOURCE_REMOVE),
)


class Creator(enum.Enum):
    """Which party first named a content (XEP-0166 7.3)."""

    INITIATOR = "initiator"
    RESPONDER = "responder"


_CREATOR = enum_of(Creator)


def _creator_as_jid(text: str) -> Quirk[Creator] | None:
    """Take a JID, as ProtoXEP Jingle WebRTC Transport 3.1 writes it: that of the party that begins the session."""
    if "@" in text:
        return Quirk(Creator.INITIATOR, "sloppy-word", f"{text!r} stands for 'initiator'")
    return _CREATOR.lenient(text) if _CREATOR.lenient else None


CREATOR = attrs.evolve(_CREATOR, lenient=_creator_as_jid)


class Senders(enum.Enum):
    """Which parties send media of a content (XEP-0166 7.3)."""

    BOTH = "both"
    INITIATOR = "initiator"
    NONE = "none"
    RESPONDER = "responder"


OTHER = {Creator.INITIATOR: Creator.RESPONDER, Creator.RESPONDER: Creator.INITIATOR}
"The other party of a session."
PARTIES = {
    Senders.BOTH: frozenset(Creator),
    Senders.INITIATOR: frozenset({Creator.INITIATOR}),
    Senders.NONE: frozenset[Creator](),
    Senders.RESPONDER: frozenset({Creator.RESPONDER}),
}
"Who sends, one by one."
SENDERS = {parties: senders for senders, parties in PARTIES.items()}
"Who sends, in one word."


class Condition(enum.Enum):
    """Why a session ends or a request is refused (XEP-0166 7.4)."""

    ALTERNATIVE_SESSION = "alternative-session"
    BUSY = "busy"
    CANCEL = "cancel"
    CONNECTIVITY_ERROR = "connectivity-error"
    DECLINE = "decline"
    EXPIRED = "expired"
    FAILED_APPLICATION = "failed-application"
    FAILED_TRANSPORT = "failed-transport"
    GENERAL_ERROR = "general-error"
    GONE = "gone"
    INCOMPATIBLE_PARAMETERS = "incompatible-parameters"
    MEDIA_ERROR = "media-error"
    SECURITY_ERROR = "security-error"
    SUCCESS = "success"
    TIMEOUT = "timeout"
    UNSUPPORTED_APPLICATIONS = "unsupported-applications"
    UNSUPPORTED_TRANSPORTS = "unsupported-transports"


class Description(Element):
    """Any application of a content, such as RTP (XEP-0166 12.1); derive to add one."""

    __slots__ = ()
    __family__ = "description"


class Transport(Element):
    """Any transport of a content, such as ICE-UDP (XEP-0166 12.2); derive to add one."""

    __slots__ = ()
    __family__ = "transport"


class Security(Element):
    """Any security precondition of a content (XEP-0166 9, 12.3); derive to add one."""

    __slots__ = ()
    __family__ = "security"


class SessionInfo(Element):
    """What stands in `jingle` beside contents and reason; derive to add one.

    Such as `ringing` in a session-info (XEP-0166 6.8), or `Muji` in a session-initiate.
    """

    __slots__ = ()
    __family__ = None


class ApplicationCondition(Element):
    """What an application or transport adds to a reason or to a stanza error (XEP-0166 7.4, RFC 6120 8.3.4)."""

    __slots__ = ()


@element(ns.JINGLE, "text")
class ReasonText(Element):
    """A reason in words (XEP-0166 7.4)."""

    lang: str | None = attribute(LANGUAGE, default=None, name=XML_LANG)
    value: str = text(STRING)


@element(ns.JINGLE, "reason")
class Reason(Element):
    """Why the request was sent (XEP-0166 7.4)."""

    condition: Condition | None = case(
        Condition,
        default=None,
        aliases={
            "unsupported-transport": Condition.UNSUPPORTED_TRANSPORTS,
            "unsupported-application": Condition.UNSUPPORTED_APPLICATIONS,
            "failed_transport": Condition.FAILED_TRANSPORT,
            "failed_application": Condition.FAILED_APPLICATION,
        },
        expected="XEP-0166 7.4",
    )
    "None where the peer gave none that is known; an unknown one is then in `extra`."
    sid: str | None = case_text({Condition.ALTERNATIVE_SESSION: "sid"}, default=None)
    "The session to use instead, with alternative-session."
    texts: tuple[ReasonText, ...] = children(ReasonText, default=())
    "One per language."
    application: ApplicationCondition | Raw | None = member(ApplicationCondition, default=None)
    "In a namespace of its own, such as `InvalidCrypto`."

    @property
    def text(self) -> str | None:
        """Return the first text, whatever its language."""
        return self.texts[0].value if self.texts else None


@element(ns.JINGLE, "content", misplaced=(f"{{{ns.RTP}}}encryption",))
class Content(Element):
    """One stream of application data with its transport (XEP-0166 7.3)."""

    creator: Creator = attribute(CREATOR, default=Creator.INITIATOR, always=True, expected="XEP-0166 7.3")
    disposition: str = attribute(NCNAME, default="session")
    "An IANA content disposition, such as `early-session` (RFC 3959)."
    name: str = attribute(STRING)
    "Unique together with `creator`."
    senders: Senders = attribute(
        enum_of(Senders, aliases={"rejected": Senders.NONE}), default=Senders.BOTH, always=True
    )
    "Written always, since it is REQUIRED in a content-modify."
    description: Description | Raw | None = member(Description, default=None)
    transport: Transport | Raw | None = member(Transport, default=None)
    security: Security | Raw | None = member(Security, default=None)
    bundle: bool = flag(default=False, namespace=ns.ESTOS_BUNDLE, unspecified="strophe.jingle")
    "The content belongs to the BUNDLE group; today a `Group` says so."


ContentKey: TypeAlias = tuple[Creator, str]
"Creator and name: unique in a session (XEP-0166 7.3)."


def key_of(content: Content) -> ContentKey:
    """Return what tells a content from the others of its session."""
    return content.creator, content.name


def key_among(content: Content, known: Collection[ContentKey]) -> ContentKey:
    """Return which known content is meant: the one of that creator and name, else the only one of that name.

    Some peers write the wrong creator; with two creators of one name there is nothing to guess.
    """
    key = key_of(content)
    others = [other for other in known if other[1] == content.name]
    return key if key in known or len(others) != 1 else others[0]


def named(content: Content) -> Content:
    """Return a content that says nothing but its creator and name, as in a content-remove (XEP-0166 7.2.5)."""
    return Content(creator=content.creator, name=content.name)


@element(ns.JINGLE, "jingle")
class Jingle(Element):
    """A Jingle request (XEP-0166 7.1)."""

    action: Action = attribute(ACTION)
    initiator: str | None = attribute(JID, default=None)
    responder: str | None = attribute(JID, default=None)
    sid: str = attribute(NMTOKEN, default="", expected="XEP-0166 7.1")
    "Empty where the peer left it out, as some do in a session-terminate."
    contents: tuple[Content, ...] = children(Content, default=())
    reason: Reason | None = child(Reason, default=None)
    groups: tuple[Group, ...] = children(Group, default=())
    "XEP-0338 2."
    infos: tuple[SessionInfo | Raw, ...] = members(SessionInfo, default=())
    "Payload of a session-info, and what other documents add to an action; unknown payload is in `extra`."

"""RFC 6120 8: the envelopes of IQ, message and presence, and stanza errors, in whichever namespace the stream has."""

from __future__ import annotations

import enum

import attrs

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import XML_LANG, ApplicationCondition
from jinglecodec.xml.fields import (
    Element,
    attribute,
    case,
    case_text,
    child,
    children,
    element,
    member,
    members,
    namespace,
    text,
)
from jinglecodec.xml.tree import Raw
from jinglecodec.xml.types import JID, LANGUAGE, STRING, Quirk, enum_of

__all__ = [
    "ErrorText",
    "ErrorType",
    "Iq",
    "IqType",
    "Message",
    "MessageType",
    "Presence",
    "PresenceType",
    "Stanza",
    "StanzaCondition",
    "StanzaError",
]

STREAMS = (ns.CLIENT, ns.SERVER, ns.COMPONENT, "")
"Where stanzas are read; none, too, since some stacks hand them over without."


class IqType(enum.Enum):
    """What kind of request or answer an IQ is (RFC 6120 8.2.3)."""

    GET = "get"
    SET = "set"
    RESULT = "result"
    ERROR = "error"


class MessageType(enum.Enum):
    """In which context a message is sent (RFC 6121 5.2.2)."""

    CHAT = "chat"
    "All messages of XEP-0353 are."
    ERROR = "error"
    GROUPCHAT = "groupchat"
    HEADLINE = "headline"
    NORMAL = "normal"


class PresenceType(enum.Enum):
    """What presence says other than being available (RFC 6121 4.7.1)."""

    ERROR = "error"
    PROBE = "probe"
    SUBSCRIBE = "subscribe"
    SUBSCRIBED = "subscribed"
    UNAVAILABLE = "unavailable"
    UNSUBSCRIBE = "unsubscribe"
    UNSUBSCRIBED = "unsubscribed"


class ErrorType(enum.Enum):
    """What the sender of the erroneous stanza can do (RFC 6120 8.3.2)."""

    AUTH = "auth"
    CANCEL = "cancel"
    CONTINUE = "continue"
    MODIFY = "modify"
    WAIT = "wait"


class StanzaCondition(enum.Enum):
    """Why a stanza was refused (RFC 6120 8.3.3; payment-required is RFC 3920's)."""

    BAD_REQUEST = "bad-request"
    CONFLICT = "conflict"
    FEATURE_NOT_IMPLEMENTED = "feature-not-implemented"
    FORBIDDEN = "forbidden"
    GONE = "gone"
    INTERNAL_SERVER_ERROR = "internal-server-error"
    ITEM_NOT_FOUND = "item-not-found"
    JID_MALFORMED = "jid-malformed"
    NOT_ACCEPTABLE = "not-acceptable"
    NOT_ALLOWED = "not-allowed"
    NOT_AUTHORIZED = "not-authorized"
    PAYMENT_REQUIRED = "payment-required"
    POLICY_VIOLATION = "policy-violation"
    RECIPIENT_UNAVAILABLE = "recipient-unavailable"
    REDIRECT = "redirect"
    REGISTRATION_REQUIRED = "registration-required"
    REMOTE_SERVER_NOT_FOUND = "remote-server-not-found"
    REMOTE_SERVER_TIMEOUT = "remote-server-timeout"
    RESOURCE_CONSTRAINT = "resource-constraint"
    SERVICE_UNAVAILABLE = "service-unavailable"
    SUBSCRIPTION_REQUIRED = "subscription-required"
    UNDEFINED_CONDITION = "undefined-condition"
    UNEXPECTED_REQUEST = "unexpected-request"


@element(ns.STANZAS, "text")
class ErrorText(Element):
    """An error in words (RFC 6120 8.3.2)."""

    lang: str | None = attribute(LANGUAGE, default=None, name=XML_LANG)
    value: str = text(STRING)


@element(STREAMS, "error")
class StanzaError(Element):
    """Why a stanza was refused (RFC 6120 8.3); written in the namespace of its stanza."""

    by: str | None = attribute(JID, default=None)
    code: str | None = attribute(STRING, default=None)
    "The number of older servers (XEP-0086)."
    type: ErrorType | None = attribute(enum_of(ErrorType), default=None, expected="RFC 6120 8.3.2")
    condition: StanzaCondition | None = case(
        StanzaCondition, namespace=ns.STANZAS, default=None, expected="RFC 6120 8.3.2"
    )
    uri: str | None = case_text({StanzaCondition.GONE: "", StanzaCondition.REDIRECT: ""}, default=None)
    "The new address, with gone and redirect (RFC 6120 8.3.3.5, 8.3.3.14)."
    texts: tuple[ErrorText, ...] = children(ErrorText, default=())
    application: ApplicationCondition | Raw | None = member(ApplicationCondition, default=None)
    "Such as `UnknownSession` (XEP-0166 10)."


@element()
class Stanza(Element):
    """What IQ, message and presence have in common (RFC 6120 8.1)."""

    namespace: str = namespace(default=ns.CLIENT)
    from_: str | None = attribute(JID, default=None)
    id: str | None = attribute(STRING, default=None)
    to: str | None = attribute(JID, default=None)
    lang: str | None = attribute(LANGUAGE, default=None, name=XML_LANG)
    error: StanzaError | None = child(StanzaError, default=None)
    "Declared again below, so that it is written last (RFC 6120 A.5)."


@element(STREAMS, "iq")
class Iq(Stanza):
    """A request or its answer (RFC 6120 8.2.3)."""

    id: str | None = attribute(STRING, default=None, expected="RFC 6120 8.1.3")
    type: IqType = attribute(enum_of(IqType))
    payload: Element | Raw | None = member(Element, default=None)
    error: StanzaError | None = child(StanzaError, default=None)


def _unknown_type(text: str) -> Quirk[MessageType]:
    return Quirk(MessageType.NORMAL, "sloppy-word", f"{text!r} stands for 'normal'")


MESSAGE_TYPE = attrs.evolve(enum_of(MessageType), lenient=_unknown_type)
"A type that is not understood counts as `normal` (RFC 6121 5.2.2)."


@element(STREAMS, "message")
class Message(Stanza):
    """Something to be delivered or stored (RFC 6120 8.2.1, RFC 6121 5); its subject, body and thread are in `extra`."""

    type: MessageType = attribute(MESSAGE_TYPE, default=MessageType.NORMAL)
    payloads: tuple[Element | Raw, ...] = members(Element, default=())
    "Elements in namespaces of their own."
    error: StanzaError | None = child(StanzaError, default=None)


@element(STREAMS, "presence")
class Presence(Stanza):
    """What an entity tells of itself (RFC 6120 8.2.2; RFC 6121 4.7); its show, status and priority are in `extra`."""

    type: PresenceType | None = attribute(enum_of(PresenceType), default=None)
    "None: available."
    payloads: tuple[Element | Raw, ...] = members(Element, default=())
    "Elements in namespaces of their own."
    error: StanzaError | None = child(StanzaError, default=None)

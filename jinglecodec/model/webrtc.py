"""ProtoXEP Jingle WebRTC Transport: a browser's session descriptions in session-info, as JSON messages.

The messages are those of draft-jennings-rtcweb-signaling (ROAP), of which the document shows examples.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Callable
from typing import Any, Final, NoReturn

import attrs

from jinglecodec import namespaces as ns
from jinglecodec.errors import DecodeError, EncodeError
from jinglecodec.findings import Finding
from jinglecodec.model.jingle import SessionInfo, Transport
from jinglecodec.xml.fields import element, namespace, text
from jinglecodec.xml.types import XML_SPACE, Lexical, Quirk

__all__ = ["WebrtcError", "WebrtcInfo", "WebrtcMessage", "WebrtcMessageType", "WebrtcTransport"]

LIMIT: Final = 1024 * 1024
"Characters of one message; browsers' descriptions have some thousand."


class WebrtcMessageType(enum.Enum):
    """What a message does in the exchange (3.2, ROAP)."""

    OFFER = "OFFER"
    ANSWER = "ANSWER"
    OK = "OK"
    ERROR = "ERROR"
    SHUTDOWN = "SHUTDOWN"


class WebrtcError(enum.Enum):
    """Why a message of type ERROR was sent (ROAP)."""

    NOMATCH = "NOMATCH"
    "No session has this id."
    TIMEOUT = "TIMEOUT"
    REFUSED = "REFUSED"
    CONFLICT = "CONFLICT"
    "Both parties made an offer; the greater tie-breaker wins."
    DOUBLECONFLICT = "DOUBLECONFLICT"
    "Both made one with the same tie-breaker; both try again."
    FAILED = "FAILED"


@attrs.frozen
class WebrtcMessage:
    """One message (3.2). Which members a type needs is not checked here; the document leaves it to its examples."""

    message_type: WebrtcMessageType
    offerer_session_id: str | None = None
    answerer_session_id: str | None = None
    sdp: str | None = None
    seq: int | None = None
    "Counts offers and their answers, 0..2**32-1."
    tie_breaker: int | None = None
    "Random, 0..2**32-1; decides between two offers that crossed."
    error_type: WebrtcError | None = None
    others: tuple[tuple[str, str], ...] = ()
    "Members that nobody knows, in order: name, and value as JSON text without white space."

    def __attrs_post_init__(self) -> None:
        """Refuse what a message cannot carry; raises EncodeError."""
        for field, (_, convert) in _MEMBERS.items():
            value = getattr(self, field)
            if (value is not None or field == "message_type") and not _gives(convert, _plain(value), value):
                raise EncodeError(f"WebrtcMessage.{field}: {value!r} is not what the member takes")
        names = [name for name, _ in self.others]
        if len({*names, *_NAMES}) < len(names) + len(_NAMES):
            raise EncodeError("WebrtcMessage.others: a member stands twice, or has a field of its own")
        for name, value in self.others:
            if not _gives(lambda text: _compact(_parsed(text)), value, value):
                raise EncodeError(f"WebrtcMessage.others: the value of {name!r} is not compact JSON")

    @classmethod
    def loads(cls, data: str) -> WebrtcMessage:
        """Return the message that a JSON text holds.

        Raises DecodeError for what is no JSON object of RFC 8259, has a member twice or of another type, a number
        that is none of JSON's, or more than `LIMIT` characters; its path names the member.
        """
        try:
            return _read(data)
        except _BadMember as error:
            raise DecodeError((Finding("bad-value", path=f"webrtc/{error.name}", message=error.message),)) from None
        except ValueError as error:
            raise DecodeError((Finding("bad-json", path="webrtc", message=str(error), clause="RFC 8259"),)) from None

    def dumps(self) -> str:
        """Return the message as JSON in ASCII, without white space."""
        known = {name: getattr(self, field) for field, (name, _) in _MEMBERS.items()}
        members = [(name, _compact(_plain(value))) for name, value in known.items() if value is not None]
        return "{" + ",".join(f"{_compact(name)}:{value}" for name, value in (*members, *self.others)) + "}"


class _BadMember(ValueError):  # noqa: N818 - the public error is DecodeError
    """A member has a value that it does not take."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name} {message}")
        self.name = name
        self.message = message


def _plain(value: object) -> object:
    return value.value if isinstance(value, enum.Enum) else value


def _gives(convert: Callable[[Any], object], source: object, value: object) -> bool:
    """Tell whether `convert` takes `source` and gives `value`."""
    try:
        return convert(source) == value
    except ValueError:
        return False


def _string(value: object) -> str:
    if type(value) is not str:
        raise ValueError("is not a string")
    return value


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**32:
        raise ValueError("is not an integer in 0..4294967295")
    return value


def _one_of(cls: type[enum.Enum]) -> Callable[[object], enum.Enum]:
    def convert(value: object) -> enum.Enum:
        members = {member.value: member for member in cls}
        if type(value) is not str or value not in members:
            raise ValueError(f"is not one of {', '.join(members)}")
        return members[value]

    return convert


_MEMBERS: dict[str, tuple[str, Callable[[object], object]]] = {
    "message_type": ("messageType", _one_of(WebrtcMessageType)),
    "offerer_session_id": ("offererSessionId", _string),
    "answerer_session_id": ("answererSessionId", _string),
    "sdp": ("sdp", _string),
    "seq": ("seq", _number),
    "tie_breaker": ("tieBreaker", _number),
    "error_type": ("errorType", _one_of(WebrtcError)),
}
"Field -> name of the member, and what turns its JSON value into the field's."

_NAMES = frozenset(name for name, _ in _MEMBERS.values())


def _read(data: str) -> WebrtcMessage:
    if len(data) > LIMIT:
        raise ValueError(f"{len(data)} characters are more than the limit of {LIMIT}")
    members = _parsed(data)
    if type(members) is not dict:
        raise ValueError("is not a JSON object")
    if "messageType" not in members:
        raise _BadMember("messageType", "is missing")
    fields: dict[str, Any] = {}
    for field, (name, convert) in _MEMBERS.items():
        try:
            fields |= {field: convert(members[name])} if name in members else {}
        except ValueError as error:
            raise _BadMember(name, str(error)) from None
    others = tuple((name, _compact(value)) for name, value in members.items() if name not in _NAMES)
    return WebrtcMessage(**fields, others=others)


def _parsed(data: str) -> object:
    """Return the value of a JSON text; raises ValueError, whatever the text."""
    try:
        return json.loads(data, object_pairs_hook=_members, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member stands twice")
    return found


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def _compact(value: object) -> str:
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def _sloppy_message(data: str) -> Quirk[WebrtcMessage] | None:
    """Take the line `SDP` in front, which the first browsers put there."""
    bare = data.strip(XML_SPACE).removeprefix("SDP")
    try:
        return Quirk(_read(bare), "sloppy-json", "the word SDP in front of the message")
    except ValueError:
        return None


MESSAGE = Lexical(
    "a WebRTC message",
    _read,
    WebrtcMessage.dumps,
    lambda value: type(value) is WebrtcMessage,
    _sloppy_message,
)


@element((ns.WEBRTC, ns.WEBRTC_IGNITE), "transport")
class WebrtcTransport(Transport):
    """Media as two browsers make it out between them (3.1); a content with it has no description."""

    namespace: str = namespace(default=ns.WEBRTC)


@element((ns.RTP, ns.WEBRTC_INFO_IGNITE), "webrtc")
class WebrtcInfo(SessionInfo):
    """A message of the browser's, in a session-info (3.2)."""

    namespace: str = namespace(default=ns.RTP)
    message: WebrtcMessage = text(MESSAGE)

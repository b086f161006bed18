"""What a stanza must be beyond what a schema can say: rules with their clauses, and where a tree breaks them.

The rules look at trees, not at typed values: a value does not tell a default from one that is written out, which
XEP-0166 7.3 asks for, and a stanza that cannot be decoded is to be judged as well. They are gathered by the element
that they are about, since one pass is what validation has time for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import attrs

from jinglecodec import namespaces as ns
from jinglecodec.findings import Severity
from jinglecodec.xml.tree import ElementLike

__all__ = ["RULES", "Offence", "Rule", "offences"]


@attrs.frozen
class Rule:
    """One rule that no schema states."""

    code: str
    clause: str
    message: str
    severity: Severity = Severity.ERROR
    step: str = ""
    "Last step of the path, where the rule is about an attribute."


@attrs.frozen
class Offence:
    """A place where a rule is broken."""

    rule: Rule
    node: ElementLike


_WARNING: Final = Severity.WARNING

PAYLOAD_COUNT = Rule("payload-count", "RFC 6120 8.2.3", "a request has one payload, a result one at most")
ID_MISSING = Rule("missing-id", "RFC 6120 8.1.3", "an IQ has an id", _WARNING, "/@id")
ERROR_MISSING = Rule("missing-error", "RFC 6120 8.3.1", "a stanza of type error has an error")
ERROR_UNEXPLAINED = Rule("missing-condition", "RFC 6120 8.3.2", "an error has a condition")
NOT_SET = Rule("not-set", "XEP-0166 6", "Jingle requests are IQs of type set", _WARNING, "/@type")
SID_MISSING = Rule("missing-sid", "XEP-0166 7.1", "only a session-terminate is understood without sid", step="/@sid")
CONTENT_MISSING = Rule("missing-content", "XEP-0166 7.2", "the action is about contents, and there is none")
DESCRIPTION_MISSING = Rule("missing-description", "XEP-0166 7.2.8", "a content offered or accepted has a description")
TRANSPORT_MISSING = Rule("missing-transport", "XEP-0166 7.2.8", "a content offered or accepted has a transport")
PART_REPEATED = Rule("repeated-part", "XEP-0166 7.2.8", "a content has one description and one transport")
NO_SESSION = Rule("no-session", "XEP-0166 7.2.10", "no content on offer has the disposition session")
CONTENT_REPEATED = Rule("repeated-content", "XEP-0166 7.3", "creator and name are another content's", step="/@name")
SENDERS_MISSING = Rule("missing-senders", "XEP-0166 7.3", "a content-modify says who sends", step="/@senders")
REASON_UNEXPLAINED = Rule("missing-condition", "XEP-0166 7.4", "a reason has a condition")
PAYLOAD_UNNAMED = Rule("unnamed-payload-type", "XEP-0167 4", "a dynamic payload type has a name", step="/@name")
CRYPTO_MISSING = Rule("missing-crypto", "XEP-0167 7", "encryption on offer has a crypto, or a zrtp-hash")
CREDENTIALS_MISSING = Rule("missing-credentials", "XEP-0176 5.3", "candidates come with pwd and ufrag")
ACTPASS_IN_ANSWER = Rule("actpass-in-answer", "RFC 5763 5", "an answer says active or passive", step="/@setup")
NAME_UNKNOWN = Rule("unknown-content", "XEP-0338 2", "no content beside the group has this name", _WARNING, "/@name")
SOURCE_UNNAMED = Rule("unnamed-source", "XEP-0339 2.1", "a source has an ssrc, or at least Jitsi's rid", step="/@ssrc")
LIMITED_TWICE = Rule("limited-twice", "RFC 8864 6.2", "maxPacketLifeTime and maxRetransmits exclude one another")
PROPOSE_EMPTY = Rule("missing-description", "XEP-0353 3.1", "a propose has a description for each media type")
TIE_UNEXPLAINED = Rule("tie-break-reason", "XEP-0353 4.1", "a tie-break comes with the reason expired")

RULES: Final = tuple(rule for rule in tuple(globals().values()) if isinstance(rule, Rule))
"All rules of this module."


def offences(root: ElementLike, usual: bool = False) -> tuple[Offence, ...]:
    """Return where a stanza, or an element of the Jingle family, breaks a rule.

    `usual` says that the tree has all attributes that the deployed schemas mark as usual, so that the rules which are
    about these need not be looked at.
    """
    judge = _Judge(usual)
    method = _JUDGES.get(root.tag)
    if method is not None:
        method(judge, root)
    elif not usual:
        judge.part(root, None)
    return tuple(judge.found)


class _Judge:
    """Goes through one tree and gathers what it finds."""

    __slots__ = ("found", "usual")

    def __init__(self, usual: bool) -> None:
        self.found: list[Offence] = []
        self.usual = usual

    def note(self, rule: Rule, node: ElementLike) -> None:
        self.found.append(Offence(rule, node))

    # --- Stanzas: RFC 6120 -----------------------------------------------------------------------------------------

    def iq(self, iq: ElementLike) -> None:
        kind = iq.get("type")
        payloads = 0
        for kid in iq:
            tag = kid.tag
            if tag == _JINGLE:
                payloads += 1
                self.jingle(kid)
                if kind in ("get", "result"):
                    self.note(NOT_SET, iq)
            elif tag not in _ERRORS and isinstance(tag, str):
                payloads += 1
        if kind == "error":
            self.erroneous(iq)
        elif payloads != 1 and (payloads or kind != "result"):
            self.note(PAYLOAD_COUNT, iq)
        if not self.usual and iq.get("id") is None:
            self.note(ID_MISSING, iq)

    def message(self, message: ElementLike) -> None:
        for kid in message:
            method = _JUDGES.get(kid.tag)
            if method is not None:
                method(self, kid)
        if message.get("type") == "error":
            self.erroneous(message)

    def erroneous(self, stanza: ElementLike) -> None:
        errors = [kid for kid in stanza if kid.tag in _ERRORS]
        if not errors:
            self.note(ERROR_MISSING, stanza)
        for error in errors:
            if not _has_condition(error, ns.STANZAS):
                self.note(ERROR_UNEXPLAINED, error)

    # --- Sessions: XEP-0166, XEP-0338 ------------------------------------------------------------------------------

    def jingle(self, jingle: ElementLike) -> None:
        action = jingle.get("action")
        contents = []
        for_session = self.usual or action != "session-initiate"
        for kid in jingle:
            tag = kid.tag
            if tag == _CONTENT:
                contents.append(kid)
                for_session = for_session or kid.get("disposition") in _SESSION
                self.content(kid, action)
            elif tag == _REASON:
                self.reason(kid)
        if len(contents) != 1:
            self.contents(jingle, contents)
        if contents and not for_session:
            self.note(NO_SESSION, jingle)
        if not self.usual and jingle.get("sid") is None and action != "session-terminate":
            self.note(SID_MISSING, jingle)

    def contents(self, jingle: ElementLike, contents: list[ElementLike]) -> None:
        """Judge that there is none, or how several go together."""
        action = jingle.get("action")
        if not contents and action in _ABOUT_CONTENTS:
            self.note(CONTENT_MISSING, jingle)
        seen = set()
        for content in contents:
            key = (content.get("creator"), content.get("name"))
            if key in seen:
                self.note(CONTENT_REPEATED, content)
            seen.add(key)
        if action in _DEFINING:
            names = {name for _, name in seen}
            for member in _group_members(jingle):
                if member.get("name") not in names:
                    self.note(NAME_UNKNOWN, member)

    def content(self, content: ElementLike, action: str | None) -> None:
        descriptions = transports = 0
        looks = not self.usual or action in _ANSWERS
        for kid in content:
            name = _KINDS.get(kid.tag) or str(kid.tag).rpartition("}")[2]
            if name == "transport":
                transports += 1
                if looks or kid.get("pwd") is None or kid.get("ufrag") is None:
                    self.part(kid, action)
            elif name == "description":
                descriptions += 1
                if looks:
                    self.part(kid, action)
        if descriptions != 1 or transports != 1:
            self.parts(content, action, descriptions, transports)
        if action == "content-modify" and content.get("senders") is None:
            self.note(SENDERS_MISSING, content)

    def parts(self, content: ElementLike, action: str | None, descriptions: int, transports: int) -> None:
        """Judge how many descriptions and transports there are; the WebRTC transport has no need of the former."""
        if descriptions > 1 or transports > 1:
            self.note(PART_REPEATED, content)
        if action in _DEFINING and not transports:
            self.note(TRANSPORT_MISSING, content)
        if action in _DEFINING and not descriptions and not any(kid.tag in _WEBRTC for kid in content):
            self.note(DESCRIPTION_MISSING, content)

    def reason(self, reason: ElementLike) -> None:
        if not _has_condition(reason, ns.JINGLE):
            self.note(REASON_UNEXPLAINED, reason)

    # --- Applications and transports: XEP-0167, 0176, 0320, 0339, 0343, 0371 ---------------------------------------

    def part(self, part: ElementLike, action: str | None) -> None:
        method = _PARTS.get(part.tag)
        if method is not None:
            method(self, part, action)

    def rtp(self, description: ElementLike, action: str | None) -> None:
        for kid in description:
            tag = kid.tag
            if tag == _PAYLOAD_TYPE and kid.get("name") is None and kid.get("id") in _DYNAMIC:
                self.note(PAYLOAD_UNNAMED, kid)
            elif tag == _SOURCE and kid.get("ssrc") is None and kid.get("rid") is None:
                self.note(SOURCE_UNNAMED, kid)
            elif tag == _ENCRYPTION and action == "session-initiate" and not any(key.tag in _KEYS for key in kid):
                self.note(CRYPTO_MISSING, kid)

    def ice(self, transport: ElementLike, action: str | None) -> None:
        bare = transport.get("pwd") is None or transport.get("ufrag") is None
        for kid in transport:
            tag = kid.tag
            if tag in _CANDIDATES:
                if bare:
                    self.note(CREDENTIALS_MISSING, transport)
                bare = False
            elif tag == _FINGERPRINT:
                if action in _ANSWERS and kid.get("setup") == "actpass":
                    self.note(ACTPASS_IN_ANSWER, kid)
            elif tag in _CHANNELS and None not in (kid.get("maxPacketLifeTime"), kid.get("maxRetransmits")):
                self.note(LIMITED_TWICE, kid)

    # --- Proposals: XEP-0353 ---------------------------------------------------------------------------------------

    def propose(self, propose: ElementLike) -> None:
        if not any(str(kid.tag).endswith("}description") for kid in propose):
            self.note(PROPOSE_EMPTY, propose)

    def ended(self, ended: ElementLike) -> None:
        reasons = [kid for kid in ended if kid.tag == _REASON]
        for reason in reasons:
            self.reason(reason)
        expired = any(kid.tag == _EXPIRED for reason in reasons for kid in reason)
        if not expired and any(kid.tag == _TIE_BREAK for kid in ended):
            self.note(TIE_UNEXPLAINED, ended)


def _has_condition(parent: ElementLike, space: str) -> bool:
    """Tell whether an element has a child of the namespace beside `text`."""
    text = f"{{{space}}}text"
    return any(str(kid.tag).startswith(f"{{{space}}}") and kid.tag != text for kid in parent)


def _group_members(jingle: ElementLike) -> list[ElementLike]:
    return [member for group in jingle if group.tag == _GROUP for member in group if member.tag == _MEMBER]


def _names(local: str, *spaces: str) -> tuple[str, ...]:
    return tuple(f"{{{space}}}{local}" if space else local for space in spaces)


_STREAMS: Final = (ns.CLIENT, ns.SERVER, ns.COMPONENT, "")
_ERRORS: Final = frozenset(_names("error", *_STREAMS))
_JINGLE, _CONTENT, _REASON, _EXPIRED = (f"{{{ns.JINGLE}}}{name}" for name in ("jingle", "content", "reason", "expired"))
_GROUP, _MEMBER = (f"{{{ns.GROUPING}}}{name}" for name in ("group", "content"))
_WEBRTC: Final = _names("transport", ns.WEBRTC, ns.WEBRTC_IGNITE)
_CANDIDATES: Final = _names("candidate", ns.ICE_UDP, ns.ICE)
_CHANNELS: Final = _names("channel", ns.WEBRTC_DATACHANNEL, ns.DTLS_SCTP)
_FINGERPRINT: Final = f"{{{ns.DTLS}}}fingerprint"
_PAYLOAD_TYPE, _ENCRYPTION = (f"{{{ns.RTP}}}{name}" for name in ("payload-type", "encryption"))
_KEYS: Final = (*_names("crypto", ns.RTP), *_names("zrtp-hash", ns.ZRTP))
_SOURCE: Final = f"{{{ns.SSMA}}}source"
_TIE_BREAK: Final = f"{{{ns.JINGLE_MESSAGE}}}tie-break"

_DYNAMIC: Final = frozenset(str(number) for number in range(96, 128))
_SESSION: Final = (None, "session")
_DEFINING: Final = ("session-initiate", "session-accept")
_ANSWERS: Final = ("session-accept", "content-accept", "transport-accept")
_ABOUT_CONTENTS: Final = (
    *_DEFINING,
    *("content-add", "content-accept", "content-modify", "content-reject", "content-remove"),
    *("transport-replace", "transport-accept", "transport-reject", "transport-info", "description-info"),
)

_PARTS: Final[Mapping[object, Callable[[_Judge, ElementLike, str | None], None]]] = {
    **dict.fromkeys(_names("description", ns.RTP), _Judge.rtp),
    **dict.fromkeys(_names("transport", ns.ICE_UDP, ns.ICE), _Judge.ice),
}
_KINDS: Final[Mapping[object, str]] = {
    **dict.fromkeys(_names("description", ns.RTP, ns.FILE_TRANSFER), "description"),
    **dict.fromkeys(_names("transport", ns.ICE_UDP, ns.ICE, ns.RAW_UDP, ns.S5B, ns.IBB), "transport"),
}
"Parts of a content that need not be taken apart to be known."
_JUDGES: Final[Mapping[object, Callable[[_Judge, ElementLike], None]]] = {
    **dict.fromkeys(_names("iq", *_STREAMS), _Judge.iq),
    **dict.fromkeys(_names("message", *_STREAMS), _Judge.message),
    **dict.fromkeys(_names("presence", *_STREAMS), _Judge.message),
    _JINGLE: _Judge.jingle,
    **dict.fromkeys(_names("propose", ns.JINGLE_MESSAGE), _Judge.propose),
    **{f"{{{ns.JINGLE_MESSAGE}}}{name}": _Judge.ended for name in ("reject", "retract", "finish")},
}

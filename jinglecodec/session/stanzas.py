"""Which stanzas are Jingle's business, and which of those are malformed."""

from __future__ import annotations

from typing import TypeGuard

from jinglecodec import namespaces as ns
from jinglecodec.findings import Finding, Severity
from jinglecodec.model.jingle import Jingle
from jinglecodec.model.stanza import Iq, IqType, Stanza
from jinglecodec.session.replies import Problem
from jinglecodec.session.states import ACTIONS
from jinglecodec.xml.tree import Raw

__all__ = ["examine", "is_answer", "is_question", "is_stray", "sid_of"]

_TAG = f"{{{ns.JINGLE}}}jingle"


def _has_jingle(iq: Iq) -> bool:
    return isinstance(iq.payload, Jingle) or (isinstance(iq.payload, Raw) and iq.payload.tag == _TAG)


def is_question(stanza: Stanza) -> TypeGuard[Iq]:
    """Tell whether this is a Jingle request, well-formed or not: it gets exactly one result or error."""
    return isinstance(stanza, Iq) and stanza.type in (IqType.SET, IqType.GET) and _has_jingle(stanza)


def is_answer(stanza: Stanza) -> TypeGuard[Iq]:
    """Tell whether this is a result or an error, of whatever request."""
    return isinstance(stanza, Iq) and stanza.type in (IqType.RESULT, IqType.ERROR)


def is_stray(iq: Iq) -> bool:
    """Tell whether an answer that nobody waits for is Jingle's all the same: an error may repeat the request."""
    return _has_jingle(iq)


def sid_of(iq: Iq) -> str:
    """Return the sid of a Jingle request, empty where there is none."""
    payload = iq.payload
    if isinstance(payload, Jingle):
        return payload.sid
    return (payload.get("sid") or "") if isinstance(payload, Raw) else ""


def examine(iq: Iq, findings: tuple[Finding, ...]) -> Jingle | Problem:
    """Return the request of an IQ, or bad-request where it is malformed or the action is none (XEP-0166 6.3.2, 7.2)."""
    jingle = iq.payload
    if iq.type is not IqType.SET or not isinstance(jingle, Jingle) or jingle.action not in ACTIONS:
        return Problem.BAD_REQUEST
    nodes = [*jingle.extra.children, *(node for content in jingle.contents for node in content.extra.children)]
    if any(isinstance(node, Raw) and node.namespace == ns.JINGLE for node in nodes):
        return Problem.BAD_REQUEST  # a content or reason that did not decode
    if any(finding.severity is Severity.ERROR for finding in findings):
        return Problem.BAD_REQUEST
    return jingle

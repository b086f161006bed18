"""What one peer sends in the course of a session, stanza by stanza (XEP-0166, XEP-0353)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs
from hypothesis import strategies as st

from jinglecodec import mapping
from jinglecodec.model.ice_udp import Candidate, IceUdpTransport
from jinglecodec.model.jingle import OTHER, Action, Content, Jingle, Reason, Senders, SessionInfo, named
from jinglecodec.model.message import ProposeMessage, RetractMessage
from jinglecodec.model.rtp import RtpDescription
from jinglecodec.model.rtp_info import Active, Hold, Mute, Ringing, Unhold, Unmute
from jinglecodec.model.stanza import ErrorType, Iq, IqType, Message, MessageType, Stanza, StanzaCondition, StanzaError
from jinglecodec.session.jids import bare
from jinglecodec.session.replies import Problem
from jinglecodec.strategies.elements import from_class
from jinglecodec.strategies.offers import sdp_offers
from jinglecodec.xml.fields import Element

__all__ = ["changed", "hostile_sequences", "stanza_sequences"]

_SIDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=4, max_size=12)
_CREDENTIALS = ("aB3+", "aB3+/cD4aB3+/cD4aB3+/cD4")


@st.composite
def stanza_sequences(
    draw: st.DrawFn,
    *,
    sender: str = "romeo@montague.lit/orchard",
    receiver: str = "juliet@capulet.lit/balcony",
    sid: str | None = None,
) -> list[Stanza]:
    """Return what the initiator of a session sends from first to last; each stanza is legal where it stands.

    A proposal or none (XEP-0353 3), a session-initiate, some of the other actions, an end or none. The actions that
    answer something are not among them: only who has the other side knows when they are legal.
    """
    name = draw(_SIDS) if sid is None else sid
    opening = draw(_initiations(name))
    if draw(st.booleans()):
        messages = _proposal(draw, opening, Message(from_=sender, to=bare(receiver)))
        if len(messages) > 1:
            return messages
    else:
        messages = []
    requests = [opening]
    contents = {content.name: content for content in opening.contents}
    for _ in range(draw(st.integers(0, 5))):
        make = draw(st.sampled_from(tuple(_REQUESTS.values())))
        requests.append(draw(make(name, contents)))
        contents = _after(contents, requests[-1])
    if draw(st.booleans()) or not contents:
        reason = draw(from_class(Reason, unknown=False))
        requests.append(Jingle(action=Action.SESSION_TERMINATE, sid=name, reason=reason))
    return [*messages, *(_request(sender, receiver, number, each) for number, each in enumerate(requests))]


def _proposal(draw: st.DrawFn, opening: Jingle, envelope: Message) -> list[Stanza]:
    """Draw the proposal of a session, which now and then is retracted (XEP-0353 3.1, 3.3)."""
    media = tuple({each.media: each for each in _media(opening)}.values())
    proposal = attrs.evolve(envelope, id="m", payloads=(ProposeMessage(id=opening.sid, descriptions=media),))
    if draw(st.integers(0, 4)) != 0:
        return [proposal]
    reason = draw(from_class(Reason, unknown=False))
    return [proposal, attrs.evolve(envelope, id="n", payloads=(RetractMessage(id=opening.sid, reason=reason),))]


def _request(sender: str, receiver: str, number: int, payload: Element) -> Iq:
    return Iq(from_=sender, to=receiver, id=f"j{number}", type=IqType.SET, payload=payload)


def _media(jingle: Jingle) -> list[RtpDescription]:
    """Return the descriptions of a session as a proposal has them: the media, and no more."""
    descriptions = [content.description for content in jingle.contents]
    return [RtpDescription(media=each.media) for each in descriptions if isinstance(each, RtpDescription)]


def _initiations(sid: str) -> st.SearchStrategy[Jingle]:
    """Return what opens a session: the Jingle form of an offer."""
    return sdp_offers().map(
        lambda offer: mapping.to_jingle(offer, action=Action.SESSION_INITIATE, sid=sid, role="initiator").value
    )


def _after(contents: Mapping[str, Content], request: Jingle) -> dict[str, Content]:
    """Return the contents by name, when a request has been made that adds or removes some."""
    named = {content.name: content for content in request.contents}
    if request.action is Action.CONTENT_REMOVE:
        return {name: content for name, content in contents.items() if name not in named}
    return {**contents, **named} if request.action is Action.CONTENT_ADD else dict(contents)


# --- one request -----------------------------------------------------------------------------------------------------

_Contents = Mapping[str, Content]
_Make = Callable[[str, _Contents], st.SearchStrategy[Jingle]]


def _about(action: Action, one: Callable[[Content], st.SearchStrategy[Content]]) -> _Make:
    """Return what makes a request about one of the contents there are; a ping where there is none."""

    def make(sid: str, contents: _Contents) -> st.SearchStrategy[Jingle]:
        if not contents:
            return st.just(Jingle(action=Action.SESSION_INFO, sid=sid))
        chosen = st.sampled_from(tuple(contents.values())).flatmap(one)
        return chosen.map(lambda content: Jingle(action=action, sid=sid, contents=(content,)))

    return make


def _with_candidates(content: Content) -> st.SearchStrategy[Content]:
    candidates = st.lists(from_class(Candidate, unknown=False), max_size=2).map(tuple)
    transports = st.builds(
        IceUdpTransport, ufrag=st.just(_CREDENTIALS[0]), pwd=st.just(_CREDENTIALS[1]), candidates=candidates
    )
    return transports.map(lambda transport: attrs.evolve(named(content), transport=transport))


def _with_senders(content: Content) -> st.SearchStrategy[Content]:
    return st.sampled_from(Senders).map(lambda senders: attrs.evolve(named(content), senders=senders))


def _with_description(content: Content) -> st.SearchStrategy[Content]:
    return st.just(attrs.evolve(named(content), description=content.description))


def _with_transport(content: Content) -> st.SearchStrategy[Content]:
    return st.just(attrs.evolve(named(content), transport=content.transport))


def _infos(sid: str, _: _Contents) -> st.SearchStrategy[Jingle]:
    """Return session-infos (XEP-0167 8), and those without payload, which are pings (XEP-0166 6.8)."""
    payload = st.sampled_from((Active, Hold, Mute, Ringing, Unhold, Unmute)).flatmap(
        lambda cls: from_class(cls, unknown=False)
    )
    infos: st.SearchStrategy[tuple[SessionInfo, ...]] = st.just(()) | st.tuples(payload)
    return infos.map(lambda infos: Jingle(action=Action.SESSION_INFO, sid=sid, infos=infos))


def _additions(sid: str, contents: _Contents) -> st.SearchStrategy[Jingle]:
    """Return content-adds, of contents with names that are not in use."""

    def addition(opened: Jingle) -> Jingle:
        added = tuple(
            attrs.evolve(content, name=f"{content.name}-{len(contents)}-{number}")
            for number, content in enumerate(opened.contents)
        )
        return Jingle(action=Action.CONTENT_ADD, sid=sid, contents=added)

    return _initiations(sid).map(addition)


_REQUESTS: Mapping[Action, _Make] = {
    Action.CONTENT_ADD: _additions,
    Action.CONTENT_MODIFY: _about(Action.CONTENT_MODIFY, _with_senders),
    Action.CONTENT_REMOVE: _about(Action.CONTENT_REMOVE, lambda content: st.just(named(content))),
    Action.DESCRIPTION_INFO: _about(Action.DESCRIPTION_INFO, _with_description),
    Action.SESSION_INFO: _infos,
    Action.TRANSPORT_INFO: _about(Action.TRANSPORT_INFO, _with_candidates),
    Action.TRANSPORT_REPLACE: _about(Action.TRANSPORT_REPLACE, _with_transport),
}
"What either side may request in the course of a session."


# --- what a peer should not send -------------------------------------------------------------------------------------


@st.composite
def hostile_sequences(
    draw: st.DrawFn,
    *,
    sender: str = "romeo@montague.lit/orchard",
    receiver: str = "juliet@capulet.lit/balcony",
    sid: str | None = None,
) -> list[Stanza]:
    """Return sequences with stanzas repeated, moved, missing, of other senders and sessions, and answers to nothing."""
    stanzas = draw(stanza_sequences(sender=sender, receiver=receiver, sid=sid))
    for _ in range(draw(st.integers(1, 4))):
        at, to = draw(st.integers(0, len(stanzas) - 1)), draw(st.integers(0, len(stanzas)))
        stanza = stanzas[at]
        match draw(st.integers(0, 3)):
            case 0:
                stanzas.insert(to, stanza)
            case 1:
                stanzas.insert(to, stanzas.pop(at))
            case 2:
                stanzas.insert(to, draw(_strays(stanza)))
            case _:
                stanzas[at] = draw(changed(stanza))
    return stanzas


def _strays(stanza: Stanza) -> st.SearchStrategy[Stanza]:
    """Return answers to what nobody asked, and requests of any content."""
    answer = Iq(from_=stanza.from_, to=stanza.to, id=stanza.id, type=IqType.RESULT)
    errors = from_class(StanzaError, unknown=False).map(
        lambda error: attrs.evolve(answer, type=IqType.ERROR, error=error)
    )
    jingles = from_class(Jingle).map(lambda jingle: attrs.evolve(answer, type=IqType.SET, payload=jingle))
    return st.one_of(st.just(answer), errors, jingles)


def changed(stanza: Stanza) -> st.SearchStrategy[Stanza]:
    """Return the stanza from somebody else, under another id, about something else, or refusing what it granted."""
    jids = st.sampled_from((None, "", "mallory@montague.lit/x", "montague.lit", "romeo@montague.lit", "a b@@/"))
    changes = [jids.map(lambda jid: attrs.evolve(stanza, from_=jid)), st.just(attrs.evolve(stanza, id=None))]
    match stanza:
        case Message():
            changes.append(st.sampled_from(MessageType).map(lambda kind: attrs.evolve(stanza, type=kind)))
        case Iq(payload=Jingle() as jingle):
            changes.append(_altered(jingle).map(lambda other: attrs.evolve(stanza, payload=other)))
        case Iq(type=IqType.RESULT):
            errors = st.sampled_from(_ERRORS)
            changes.append(errors.map(lambda error: attrs.evolve(stanza, type=IqType.ERROR, error=error)))
    return st.one_of(changes)


_ERRORS = (
    *(problem.error() for problem in Problem),
    *(StanzaError(type=ErrorType.CANCEL, condition=condition) for condition in StanzaCondition),
    *(StanzaError(), None),
)
"How a request is refused (XEP-0166 10, RFC 6120 8.3.3), and what does not say why."


def _altered(jingle: Jingle) -> st.SearchStrategy[Jingle]:
    """Return the request with another sid or action, or with a content more that does not fit."""
    changes = [
        st.builds(attrs.evolve, st.just(jingle), sid=_SIDS | st.just("")),
        st.builds(attrs.evolve, st.just(jingle), action=st.sampled_from(Action)),
    ]
    if jingle.contents:
        misfits = st.sampled_from([misfit for content in jingle.contents for misfit in _misfits(content)])
        changes += [
            misfits.map(lambda misfit: attrs.evolve(jingle, contents=(misfit,))),
            misfits.map(lambda misfit: attrs.evolve(jingle, contents=(*jingle.contents, misfit))),
        ]
    return st.one_of(changes)


def _misfits(content: Content) -> tuple[Content, ...]:
    """Return the content twice, under another name or creator, and without a part."""
    return (
        content,
        attrs.evolve(content, name="x"),
        attrs.evolve(content, creator=OTHER[content.creator]),
        attrs.evolve(content, description=None),
        attrs.evolve(content, transport=None),
    )

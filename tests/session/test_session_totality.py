"""Whatever comes in: nothing raises, a Jingle request gets exactly one answer, and nothing else gets any."""

from __future__ import annotations

import attrs
import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from session_support import JULIET, OTHER, ROMEO, SID, prepared, request, stanzas

import jinglecodec as jc
from jinglecodec.session import Manager, NotHandled, Policy, Session, StanzaReceived, State
from jinglecodec.strategies import from_class

JINGLES = from_class(jc.Jingle)
STATES = (State.NEW, State.PENDING, State.ACTIVE, State.ENDED)
parties = st.sampled_from((ROMEO, JULIET))
types = st.sampled_from(jc.IqType)


def familiar(jingle: jc.Jingle, names: tuple[str, ...]) -> jc.Jingle:
    """Return the request for the session under test, and about contents that it has."""
    contents = tuple(
        attrs.evolve(content, name=names[at % len(names)], creator=list(jc.Creator)[at % 2])
        for at, content in enumerate(jingle.contents)
    )
    return attrs.evolve(jingle, sid=SID, contents=contents)


def one_answer(iq: jc.Iq, sent: list[jc.Iq]) -> bool:
    """Tell whether a request has its one answer, first of all; what follows are requests of our own."""
    if iq.type not in (jc.IqType.SET, jc.IqType.GET):
        return all(one.type is jc.IqType.SET for one in sent)
    answers = [one for one in sent if one.type is not jc.IqType.SET]
    return answers == sent[:1] and (answers[0].id, answers[0].to, answers[0].from_) == (iq.id, iq.from_, iq.to)


class TestEveryRequestIsAnsweredOnce:
    """RFC 6120 8.2.3: "An entity that receives an IQ request of type "get" or "set" MUST reply"."""

    @settings(max_examples=25)
    @given(jid=parties, state=st.sampled_from(STATES), jingle=JINGLES, type_=types, known=st.booleans())
    def test_by_a_session(self, jid: str, state: State, jingle: jc.Jingle, type_: jc.IqType, known: bool) -> None:
        session: Session = prepared(jid, state)
        names = tuple(name for _, name in session.contents) or ("offered",)
        payload = familiar(jingle, names) if known else jingle
        iq = jc.Iq(type=type_, id="q", from_=OTHER[jid], to=jid, payload=payload)
        outputs = session.handle(StanzaReceived(iq), 0.0)
        assert one_answer(iq, stanzas(outputs))
        assert all(jc.loads(jc.dumps(one)) for one in stanzas(outputs))

    @given(jingles=st.lists(JINGLES, max_size=4), type_=types, trusted=st.booleans())
    def test_by_a_manager(self, jingles: list[jc.Jingle], type_: jc.IqType, trusted: bool) -> None:
        manager = Manager(JULIET, Policy(strangers=trusted))
        manager.handle(StanzaReceived(request(ROMEO, jc.Action.SESSION_INITIATE, *SOME)), 0.0)
        for at, jingle in enumerate(jingles):
            payload = attrs.evolve(jingle, sid=SID) if at % 2 else jingle
            iq = jc.Iq(type=type_, id=f"q{at}", from_=ROMEO, to=JULIET, payload=payload)
            assert one_answer(iq, stanzas(manager.handle(StanzaReceived(iq), float(at))))


SOME = (
    jc.Content(name="voice", description=jc.RtpDescription(media="audio"), transport=jc.IceUdpTransport()),
    jc.Content(name="video", description=jc.RtpDescription(media="video"), transport=jc.IceUdpTransport()),
)


@pytest.mark.parametrize("class_", [jc.Message, jc.Presence])
def test_other_stanzas_come_back(class_: type[jc.Stanza]) -> None:
    @given(stanza=from_class(class_))
    def law(stanza: jc.Stanza) -> None:
        assert Manager(JULIET).handle(StanzaReceived(stanza), 0.0) == (NotHandled(stanza),)

    law()

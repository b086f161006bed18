"""ProtoXEP Jingle WebRTC Transport, examples 1 to 7, stanza for stanza."""

from __future__ import annotations

import os
from pathlib import Path

import attrs
import pytest
from webrtc_support import CALL, JULIET, KEY, ROMEO, SID, Couple, message_of

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.session import (
    Accepted,
    Answer,
    AnswerReceived,
    IncomingSession,
    MediaArrived,
    NotHandled,
    Offer,
    OfferConfirmed,
    OfferReceived,
    StanzaReceived,
)

SEED = Path(os.environ.get("JINGLECODEC_SPECS") or Path(__file__).parents[3] / "shared" / "specs")
SEED = SEED / "seeds" / "proto-jingle-webrtc-transport.txt"

OFFERER = "uMHcBZAa8LTylbwAM3RY7IP7LGUPPU1n"
ANSWERER = "kheolvKZYwzioZkCoK7Wxk+bDpp9TNWc"
TIE_BREAKER = 431803714
BALCONY = "juliet@capulet.com/balcony"


@attrs.frozen
class Correction:
    """What the document says, what the stanzas below say in its place, and why."""

    example: int
    wrong: str
    right: str
    reason: str


CORRECTIONS = (
    Correction(1, "from=\u2018romeo@montague.net/orchard\u2019", f"from='{ROMEO}'", "typographic quotes are no XML"),
    Correction(1, "[urn:xmpp:jingle:1](http", "urn:xmpp:jingle:1", "a link of the page it was copied from"),
    Correction(1, "creator='romeo@montague.net'", "creator='initiator'", "XEP-0166 7.3: initiator or responder"),
    Correction(3, "<iq from=\u2018romeo@capulet.com/balcony\u2019", f"<iq from='{ROMEO}'", "Romeo is no Capulet"),
    Correction(
        3,
        '"offererSessionId" : "bL9tAoEyH0NEijbYPJCHbFxAMKypUZJa"',
        f'"offererSessionId" : "{OFFERER}"',
        "the answer names another offerer than the offer; both were copied from different calls",
    ),
    Correction(
        3,
        '"answererSessionId" : "bL9tAoEyH0NEijbYPJCHbFxAMKypUZJa"',
        f'"answererSessionId" : "{OFFERER}"',
        "the same in the OK",
    ),
    Correction(
        3,
        '"messageType" : "OK",',
        '"messageType" : "OK", "seq" : 1,',
        "the OK has no seq; ROAP: it is that of the offer it is about",
    ),
    Correction(4, "name='webrtc session'", "name='audio, video'", "the name of a content is that of example 1"),
    Correction(
        7,
        "<feature var='urn:xmpp:jingle:transports:webrtc:1'/>",
        f"<feature var='{ns.WEBRTC}'/><feature var='{ns.WEBRTC_INFO_IGNITE}'/>",
        "4: MUST advertise the feature of session-info, which the example lacks",
    ),
)

INITIATE = f"""
    <iq xmlns='jabber:client' from='{ROMEO}' id='jingle1' to='{JULIET}' type='set'>
      <jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' initiator='{ROMEO}' sid='{SID}'>
        <content creator='initiator' name='audio, video'>
          <transport xmlns='urn:xmpp:jingle:transports:webrtc:1'/>
        </content>
      </jingle>
    </iq>
"""
RECEIPT = f"<iq xmlns='jabber:client' from='{JULIET}' id='jingle1' to='{ROMEO}' type='result'/>"
ACCEPT = f"""
    <iq xmlns='jabber:client' from='{BALCONY}' type='set' id='accept1' to='{ROMEO}'>
      <jingle xmlns='urn:xmpp:jingle:1' action='session-accept' responder='{JULIET}' sid='{SID}'>
        <content creator='initiator' name='audio, video'>
          <transport xmlns='urn:xmpp:jingle:transports:webrtc:1'/>
        </content>
      </jingle>
    </iq>
"""
ACCEPTED = f"<iq xmlns='jabber:client' from='{ROMEO}' id='accept1' to='{BALCONY}' type='result'/>"


def info(sender: str, to: str, message: str) -> str:
    return f"""
        <iq xmlns='jabber:client' from='{sender}' id='jingle1' to='{to}' type='set'>
          <jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='{SID}'>
            <webrtc xmlns='urn:xmpp:jingle:apps:rtp:1'>{message}</webrtc>
          </jingle>
        </iq>
    """


OFFER = info(
    ROMEO,
    JULIET,
    f"""{{ "messageType" : "OFFER", "offererSessionId" : "{OFFERER}", "sdp" : "...................", "seq" : 1,
        "tieBreaker" : {TIE_BREAKER} }}""",
)
ANSWER = info(
    JULIET,
    ROMEO,
    f"""{{ "answererSessionId" : "{ANSWERER}", "messageType" : "ANSWER", "offererSessionId" : "{OFFERER}",
        "sdp" : "............", "seq" : 1 }}""",
)
OK = info(
    ROMEO,
    JULIET,
    f"""{{ "answererSessionId" : "{OFFERER}", "messageType" : "OK", "offererSessionId" : "{ANSWERER}", "seq" : 1 }}""",
)


def read(markup: str) -> jc.Iq:
    return attrs.evolve(jc.loads(markup, expect=jc.Iq), id=None)


def said(couple: Couple) -> list[jc.Stanza]:
    """Return what was sent as the examples have it: ids and numbers that are drawn are theirs."""
    drawn: dict[str | None, str | None] = {None: None}
    for sender, message in couple.messages:
        here, there = message.offerer_session_id, message.answerer_session_id
        if (sender == JULIET) is not (message.message_type is jc.WebrtcMessageType.OK):
            here, there = there, here
        drawn |= {here: OFFERER, there: ANSWERER, None: None}
    return [attrs.evolve(_with_ids(stanza, drawn), id=None) for stanza in couple.sent]


def _with_ids(stanza: jc.Stanza, drawn: dict[str | None, str | None]) -> jc.Stanza:
    message = message_of(stanza)
    if message is None or not isinstance(stanza, jc.Iq) or not isinstance(stanza.payload, jc.Jingle):
        return stanza
    message = attrs.evolve(
        message,
        offerer_session_id=drawn[message.offerer_session_id],
        answerer_session_id=drawn[message.answerer_session_id],
        tie_breaker=None if message.tie_breaker is None else TIE_BREAKER,
    )
    payload = attrs.evolve(stanza.payload, infos=(jc.WebrtcInfo(message=message),))
    return attrs.evolve(stanza, payload=payload)


def test_examples_1_to_5_are_one_call() -> None:
    """3.1, 3.2: offered after the receipt, answered, confirmed, and accepted when the media is there."""
    couple = Couple()
    couple.do(ROMEO, CALL)
    couple.do(ROMEO, Offer(KEY[ROMEO], "..................."))
    assert said(couple) == [read(INITIATE)]
    couple.settle()
    assert couple.told[JULIET][-1] == OfferReceived(KEY[JULIET], "...................")
    couple.do(JULIET, Answer(KEY[JULIET], "............"))
    couple.settle()
    assert couple.told[ROMEO][-1] == AnswerReceived(KEY[ROMEO], "............")
    assert couple.told[JULIET][-1] == OfferConfirmed(KEY[JULIET])
    couple.do(JULIET, MediaArrived(KEY[JULIET]))
    couple.settle()
    assert isinstance(couple.told[ROMEO][-1], Accepted)
    flow = [stanza for stanza in said(couple) if stanza not in (_receipt(ROMEO), _receipt(JULIET))]
    assert flow == [read(markup) for markup in (INITIATE, OFFER, ANSWER, OK, ACCEPT)]
    assert said(couple)[1] == read(RECEIPT)
    assert said(couple)[-1] == read(ACCEPTED)


def _receipt(sender: str) -> jc.Iq:
    return jc.Iq(type=jc.IqType.RESULT, from_=sender, to=KEY[sender].peer)


def test_example_1_is_understood_with_a_jid_as_creator() -> None:
    """What deployed peers write; XEP-0166 7.3 names the parties by their roles."""
    markup = INITIATE.replace("creator='initiator'", "creator='romeo@montague.net'")
    decoded = jc.read(markup, errors="keep")
    assert [(finding.code, finding.path) for finding in decoded.findings] == [
        ("sloppy-word", "iq/jingle/content/@creator")
    ]
    assert isinstance(decoded.value, jc.Iq)
    couple = Couple()
    couple.do(JULIET, StanzaReceived(decoded.value, decoded.findings))
    assert [type(output) for output in couple.told[JULIET]] == [IncomingSession]


@pytest.mark.parametrize("turned", [True, False])
def test_example_3_as_it_stands_confirms_the_answer(*, turned: bool) -> None:
    """The OK has no seq, and its ids may be either way round."""
    couple = Couple()
    couple.do(ROMEO, CALL)
    couple.do(ROMEO, Offer(KEY[ROMEO], "x"))
    while not couple.messages:
        couple.deliver(JULIET if couple.queues[JULIET] else ROMEO)
    couple.deliver(JULIET)
    couple.do(JULIET, Answer(KEY[JULIET], "y"))
    (_, offer), (_, answer) = couple.messages
    ids = [offer.offerer_session_id, answer.answerer_session_id]
    message = jc.WebrtcMessage(jc.WebrtcMessageType.OK, *(reversed(ids) if turned else ids))
    payload = jc.Jingle(action=jc.Action.SESSION_INFO, sid=SID, infos=(jc.WebrtcInfo(message=message),))
    couple.do(JULIET, StanzaReceived(jc.Iq(type=jc.IqType.SET, id="x", from_=ROMEO, to=JULIET, payload=payload)))
    assert couple.told[JULIET][-1] == OfferConfirmed(KEY[JULIET])


def test_examples_6_and_7_tell_who_speaks_it() -> None:
    """4; the question is the stack's, the answer is `features`."""
    question = jc.Iq(type=jc.IqType.GET, id="disco1", from_=ROMEO, to=JULIET, payload=jc.DiscoInfo())
    couple = Couple()
    couple.do(JULIET, StanzaReceived(question))
    assert couple.told[JULIET] == [NotHandled(question)]
    example = {ns.JINGLE, ns.RTP, ns.WEBRTC}
    assert set(jc.features([ns.RTP], [ns.WEBRTC])) == example | {ns.WEBRTC_INFO_IGNITE}


@pytest.mark.corpus
def test_corrections_are_of_this_document() -> None:
    if not SEED.is_file():
        pytest.skip("no specs directory (JINGLECODEC_SPECS)")
    text = SEED.read_text()
    for correction in CORRECTIONS:
        assert correction.wrong in text, correction
        assert correction.wrong != correction.right
        assert correction.reason

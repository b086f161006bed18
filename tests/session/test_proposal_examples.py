"""Every message flow of XEP-0353, stanza for stanza."""

from __future__ import annotations

import os
from pathlib import Path

import attrs
import pytest
from lxml import etree
from proposal_support import AUDIO, GARDEN, HIGH, LOW, PHONE, ROMEO, TABLET, World, device, world

import jinglecodec as jc
from jinglecodec.session import (
    Finish,
    IncomingProposal,
    InitiateSession,
    NotHandled,
    Proceed,
    Proposals,
    ProposalState,
    Propose,
    Reject,
    Retract,
    Ring,
    SendStanza,
    SessionAgreed,
    StanzaReceived,
)

pytestmark = pytest.mark.corpus

SPECS = Path(os.environ.get("JINGLECODEC_SPECS") or Path(__file__).parents[3] / "shared" / "specs")
EXAMPLES = SPECS / "xeps" / "xep-0353" / "examples"
if not EXAMPLES.is_dir():
    pytest.skip("no specs directory (JINGLECODEC_SPECS)", allow_module_level=True)

NEXT = "989a46a6-f202-4910-a7c3-83c6ba3f3947"


@attrs.frozen
class Correction:
    """What an example says, what it ought to say, and why."""

    example: str
    wrong: str
    right: str
    reason: str


CORRECTIONS = (
    Correction(
        "e011",
        '<tie-break/>\n  </reject>\n  <store xmlns="urn:xmpp:hints"/>\n</message>\n\n<!-- Juliet received',
        '<tie-break/>\n  </retract>\n  <store xmlns="urn:xmpp:hints"/>\n</message>\n\n<!-- Juliet received',
        "not well-formed: a retract ends as a reject",
    ),
    Correction(
        "e011",
        f"from='{PHONE}'\n         to='{ROMEO}'\n         type='chat'>\n  <propose",
        f"from='{PHONE}'\n         to='romeo@montague.example'\n         type='chat'>\n  <propose",
        "3.1 and example 1: a propose goes to the account, whose devices all ring",
    ),
    Correction(
        "e011",
        f"from='{PHONE}'\n         to='{ROMEO}'\n         type='chat'>\n  <retract",
        f"from='{PHONE}'\n         to='romeo@montague.example'\n         type='chat'>\n  <retract",
        "3.3 and example 4: a retract goes where the propose went",
    ),
    Correction(
        "e011",
        "to='juliet@capulet.example'\n         type='chat'>\n  <reject",
        f"to='{PHONE}'\n         type='chat'>\n  <reject",
        "3.5 since version 0.8: to the full JID of the initiator",
    ),
    Correction(
        "e012",
        f"from='{TABLET}'\n         to='{ROMEO}'\n         type='chat'>\n  <propose",
        f"from='{TABLET}'\n         to='romeo@montague.example'\n         type='chat'>\n  <propose",
        "3.1 and example 1: a propose goes to the account, whose devices all ring",
    ),
    Correction(
        "e012",
        f"to='juliet@capulet.example'\n         type='chat'>\n  <finish xmlns='urn:xmpp:jingle-message:0' id='{LOW}'",
        f"to='{PHONE}'\n         type='chat'>\n  <finish xmlns='urn:xmpp:jingle-message:0' id='{LOW}'",
        "3.7 since version 0.8: to the full JID of the other party",
    ),
    Correction(
        "e012",
        "to='juliet@capulet.example'\n         type='chat'>\n  <proceed",
        f"to='{TABLET}'\n         type='chat'>\n  <proceed",
        "3.4 since version 0.8: to the full JID of the initiator",
    ),
    Correction(
        "e012",
        f"to='juliet@capulet.example'\n         type='chat'>\n  <finish xmlns='urn:xmpp:jingle-message:0' id='{NEXT}'",
        f"to='{TABLET}'\n         type='chat'>\n  <finish xmlns='urn:xmpp:jingle-message:0' id='{NEXT}'",
        "3.7 since version 0.8: to the full JID of the other party",
    ),
)


def example(name: str) -> list[jc.Stanza]:
    """Return the stanzas of an example, corrected."""
    text = (EXAMPLES / f"{name}.xml").read_text()
    for correction in CORRECTIONS:
        if correction.example == name:
            assert correction.wrong in text, f"{name} was mended: {correction.reason}"
            text = text.replace(correction.wrong, correction.right)
    root = etree.fromstring(f"<examples>{text}</examples>")
    return [jc.from_element(node, expect=jc.Stanza) for node in root.iterchildren("{*}*")]


def said(sent: list[jc.Stanza]) -> list[jc.Stanza]:
    """Return what was sent as the examples have it: outside a stream, and without ids on messages."""
    return [attrs.evolve(stanza, namespace="", id=None) for stanza in sent]


@pytest.fixture
def couple() -> World:
    return world(ROMEO, PHONE)


def proposed(couple: World, proposal: str = LOW) -> World:
    """Return the world after example 1."""
    couple.do(ROMEO, Propose("juliet@capulet.example", AUDIO, proposal))
    return couple


def test_corrections_are_corrections() -> None:
    assert all(correction.wrong != correction.right and correction.reason for correction in CORRECTIONS)
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(f"<examples>{(EXAMPLES / 'e011.xml').read_text()}</examples>")


def test_example_1_propose(couple: World) -> None:
    proposed(couple)
    assert said(couple.sent) == example("e001")
    assert couple.heard(PHONE) == [IncomingProposal(LOW, ROMEO, AUDIO)]


@pytest.mark.parametrize("name", ["e002", "e006"])
def test_examples_2_and_6_directed_presence_is_the_stacks_business(couple: World, name: str) -> None:
    """3.1, 3.4: SHOULD be sent where presence is not shared; what capabilities there are only the stack knows."""
    (presence,) = example(name)
    assert couple.do(ROMEO, StanzaReceived(presence)) == (NotHandled(presence),)


def test_example_3_ringing(couple: World) -> None:
    proposed(couple).do(PHONE, Ring(LOW))
    assert said(couple.sent[1:]) == example("e003")
    assert couple.all_are(LOW, ProposalState.RINGING)


def test_example_4_retract(couple: World) -> None:
    proposed(couple).do(ROMEO, Retract(LOW))
    assert said(couple.sent[1:]) == example("e004")
    assert couple.all_are(LOW, ProposalState.RETRACTED)


def test_example_5_proceed(couple: World) -> None:
    proposed(couple).do(PHONE, Proceed(LOW))
    assert said(couple.sent[1:]) == example("e005")
    assert couple.heard(ROMEO) == [InitiateSession(LOW, PHONE, AUDIO)]


def test_example_7_reject(couple: World) -> None:
    proposed(couple).do(PHONE, Reject(LOW))
    assert said(couple.sent[1:]) == example("e007")
    assert couple.all_are(LOW, ProposalState.REJECTED)


def test_examples_8_to_10_session_and_finish(couple: World) -> None:
    """3.6, 3.7: the session has the id of the proposal; both parties finish."""
    proposed(couple).do(PHONE, Proceed(LOW))
    (initiate,) = example("e008")
    assert couple.do(PHONE, StanzaReceived(initiate)) == (SessionAgreed(LOW, ROMEO), NotHandled(initiate))
    couple.do(ROMEO, Finish(LOW))
    assert said(couple.sent[2:]) == example("e009") + example("e010")
    assert couple.all_are(LOW, ProposalState.FINISHED)


def test_example_11_tie_break_without_session() -> None:
    """4.1: the lower id overrules. Each side's stanzas are those of the example, in its order."""
    romeo, juliet = device(ROMEO), device(PHONE)
    propose_low, propose_high, reject, retract, proceed = example("e011")
    assert told(romeo, Propose("juliet@capulet.example", AUDIO, LOW)) == [propose_low]
    assert told(juliet, Propose("romeo@montague.example", AUDIO, HIGH)) == [propose_high]
    assert told(romeo, StanzaReceived(propose_high)) == [reject]
    assert told(juliet, StanzaReceived(propose_low)) == [retract]
    assert told(juliet, StanzaReceived(reject)) == []
    assert told(romeo, StanzaReceived(retract)) == []
    assert told(juliet, Proceed(LOW)) == [proceed]


def test_example_12_tie_break_with_session() -> None:
    """4.2: the new proposal continues the old session, which is finished, and is accepted by itself."""
    lovers = world(ROMEO, PHONE, TABLET)
    proposed(lovers).do(PHONE, Proceed(LOW))
    lovers.do(TABLET, Propose("romeo@montague.example", AUDIO, NEXT))
    assert lovers.heard(TABLET)[-1] == InitiateSession(NEXT, ROMEO, AUDIO)
    lovers.do(ROMEO, Finish(NEXT))
    assert said(lovers.sent) == example("e012")
    assert lovers.all_are(LOW, ProposalState.FINISHED)
    assert lovers.all_are(NEXT, ProposalState.FINISHED)


def test_our_other_device_learns_of_everything() -> None:
    """5: carbons make sure that all devices receive all messages."""
    lovers = world(ROMEO, GARDEN, PHONE, TABLET)
    proposed(lovers).do(PHONE, Proceed(LOW))
    assert lovers.all_are(LOW, ProposalState.PROCEEDED)
    assert lovers.heard(GARDEN) == []


def told(machine: Proposals, event: Propose | Proceed | StanzaReceived) -> list[jc.Stanza]:
    """Return the stanzas that a device sends alone, as the examples have them."""
    return said([one.stanza for one in machine.handle(event, 0.0) if isinstance(one, SendStanza)])

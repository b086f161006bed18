"""XEP-0353: proposing a session in messages."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

SID = "ca3cf894-5325-482f-a412-a6e9f832298d"
MIGRATED = jc.Migrated(to="989a46a6-f202-4910-a7c3-83c6ba3f3947")


def because(condition: jc.Condition, text: str) -> jc.Reason:
    return jc.Reason(condition=condition, texts=(jc.ReasonText(value=text),))


GOLDENS = (
    Golden(
        "XEP-0353 3.1, example 1, with video",
        """
        <propose xmlns='urn:xmpp:jingle-message:0' id='ca3cf894-5325-482f-a412-a6e9f832298d'>
          <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/>
          <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'/>
        </propose>
        """,
        jc.ProposeMessage(id=SID, descriptions=(jc.RtpDescription(media="audio"), jc.RtpDescription(media="video"))),
    ),
    Golden(
        "XEP-0353 3.2, example 3",
        "<ringing xmlns='urn:xmpp:jingle-message:0' id='ca3cf894-5325-482f-a412-a6e9f832298d'/>",
        jc.RingingMessage(id=SID),
    ),
    Golden(
        "XEP-0353 3.3, example 4",
        """
        <retract xmlns='urn:xmpp:jingle-message:0' id='ca3cf894-5325-482f-a412-a6e9f832298d'>
          <reason xmlns='urn:xmpp:jingle:1'><cancel/><text>Retracted</text></reason>
        </retract>
        """,
        jc.RetractMessage(id=SID, reason=because(jc.Condition.CANCEL, "Retracted")),
    ),
    Golden(
        "XEP-0353 4.1, example 11",
        """
        <retract xmlns='urn:xmpp:jingle-message:0' id='fecbea35-08d3-404f-9ec7-2b57c566fa74'>
          <reason xmlns='urn:xmpp:jingle:1'><expired/><text>Tie-Break</text></reason>
          <tie-break/>
        </retract>
        """,
        jc.RetractMessage(
            id="fecbea35-08d3-404f-9ec7-2b57c566fa74",
            reason=because(jc.Condition.EXPIRED, "Tie-Break"),
            tie_break=True,
        ),
    ),
    Golden(
        "XEP-0353 3.4, example 5",
        "<proceed xmlns='urn:xmpp:jingle-message:0' id='ca3cf894-5325-482f-a412-a6e9f832298d'/>",
        jc.ProceedMessage(id=SID),
    ),
    Golden(
        "XEP-0353 4.1, example 11",
        """
        <reject xmlns='urn:xmpp:jingle-message:0' id='fecbea35-08d3-404f-9ec7-2b57c566fa74'>
          <reason xmlns='urn:xmpp:jingle:1'><expired/><text>Tie-Break</text></reason>
          <tie-break/>
        </reject>
        """,
        jc.RejectMessage(
            id="fecbea35-08d3-404f-9ec7-2b57c566fa74",
            reason=because(jc.Condition.EXPIRED, "Tie-Break"),
            tie_break=True,
        ),
    ),
    Golden(
        "XEP-0353 11",
        "<accept xmlns='urn:xmpp:jingle-message:0' id='ca3cf894-5325-482f-a412-a6e9f832298d'/>",
        jc.AcceptMessage(id=SID),
    ),
    Golden(
        "XEP-0353 4.2, example 12",
        """
        <finish xmlns='urn:xmpp:jingle-message:0' id='ca3cf894-5325-482f-a412-a6e9f832298d'>
          <reason xmlns='urn:xmpp:jingle:1'><expired/><text>Session migrated</text></reason>
          <migrated to='989a46a6-f202-4910-a7c3-83c6ba3f3947'/>
        </finish>
        """,
        jc.FinishMessage(id=SID, reason=because(jc.Condition.EXPIRED, "Session migrated"), migrated=MIGRATED),
    ),
    Golden(
        "XEP-0353 4.2, example 12",
        "<migrated xmlns='urn:xmpp:jingle-message:0' to='989a46a6-f202-4910-a7c3-83c6ba3f3947'/>",
        MIGRATED,
    ),
)


def test_a_message_carries_the_step_and_the_hint_to_store_it() -> None:
    """XEP-0353 3: of type chat, with a store hint."""
    markup = (
        "<message xmlns='jabber:client' to='romeo@montague.example/orchard' type='chat'>"
        f"<proceed xmlns='{ns.JINGLE_MESSAGE}' id='{SID}'/><store xmlns='urn:xmpp:hints'/></message>"
    )
    assert jc.read(markup) == jc.Decoded(
        jc.Message(
            to="romeo@montague.example/orchard",
            type=jc.MessageType.CHAT,
            payloads=(jc.ProceedMessage(id=SID), jc.Store()),
        )
    )


def test_all_steps_are_of_one_family() -> None:
    steps = {jc.Codec.default().find(f"{{{ns.JINGLE_MESSAGE}}}{name}") for name in STEPS}
    assert steps == set(jc.Codec.default().members(jc.JingleMessage))


STEPS = ["propose", "ringing", "retract", "proceed", "reject", "accept", "finish"]


@pytest.mark.parametrize("name", STEPS)
def test_steps_of_versions_0_4_and_0_5_are_understood(name: str) -> None:
    """XEP-0353 10."""
    decoded = jc.read(f"<{name} xmlns='urn:xmpp:jingle-message:1' id='x'/>", expect=jc.JingleMessage)
    assert decoded.value == jc.loads(f"<{name} xmlns='{ns.JINGLE_MESSAGE}' id='x'/>")
    assert [(finding.code, finding.path) for finding in decoded.findings] == [("sloppy-name", name)]


@pytest.mark.parametrize("name", STEPS)
def test_a_step_without_id_is_a_problem(name: str) -> None:
    """XEP-0353 3.1: MUST possess an 'id' attribute."""
    with pytest.raises(jc.DecodeError, match=f"^{name}/@id: is missing"):
        jc.loads(f"<{name} xmlns='{ns.JINGLE_MESSAGE}'/>")


@pytest.mark.parametrize("identifier", ["Qm9ndXM/c2lk+A", "1708233185202", "LE3clSJQobTiFcrAoNLR2A"])
def test_ids_are_kept_as_they_came(identifier: str) -> None:
    decoded = jc.read(f"<proceed xmlns='{ns.JINGLE_MESSAGE}' id='{identifier}'/>")
    assert decoded == jc.Decoded(jc.ProceedMessage(id=identifier))


def test_the_device_of_conversations_is_kept_in_extra() -> None:
    """A draft for verified DTLS; the namespace has its typing error on the wire."""
    space = "http://gultsch.de/xmpp/drafts/omemo/dlts-srtp-verification"
    markup = f"<proceed xmlns='{ns.JINGLE_MESSAGE}' id='x'><device xmlns='{space}' id='1285073097'/></proceed>"
    device = jc.Raw(f"{{{space}}}device", (("id", "1285073097"),))
    assert jc.read(markup) == jc.Decoded(jc.ProceedMessage(id="x", extra=jc.Extra(children=(device,))))


def test_a_description_that_nobody_knows_is_proposed_all_the_same() -> None:
    markup = f"<propose xmlns='{ns.JINGLE_MESSAGE}' id='x'><description xmlns='urn:example:a'/></propose>"
    assert jc.loads(markup) == jc.ProposeMessage(id="x", descriptions=(jc.Raw("{urn:example:a}description"),))


def test_the_text_of_a_reason_may_stand_in_front() -> None:
    """QXmpp writes it so."""
    inner = f"<reason xmlns='{ns.JINGLE}'><text>Busy</text><busy/></reason>"
    value = jc.loads(f"<reject xmlns='{ns.JINGLE_MESSAGE}' id='x'>{inner}</reject>")
    assert value == jc.RejectMessage(id="x", reason=because(jc.Condition.BUSY, "Busy"))

"""Conversations of gateways with a phone: each comes to what it is told for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jinglecodec import sip
from jinglecodec.machine import SendDatagram
from jinglecodec.model.jingle import Condition, Jingle
from jinglecodec.model.stanza import Iq, StanzaCondition, StanzaError
from jinglecodec.session import NotHandled, SendStanza
from jinglecodec.sip.tables import status_of_error
from jinglecodec.strategies.conversations import disturbances, incoming, outgoing, reoffers
from jinglecodec.strategies.conversations.gateways import GATEWAYS
from jinglecodec.strategies.conversations.stage import Conversation
from jinglecodec.strategies.machines import MACHINES
from jinglecodec.testing.replay import record

(ROW,) = (row for row in MACHINES if row.name == "sip.Gateway")

REACHED: dict[Conversation, set[object]] = {
    **{conversation: {sip.CallStarted, sip.CallEnded} for conversation in GATEWAYS},
    outgoing.refused: {
        Condition.GENERAL_ERROR,
        Condition.SECURITY_ERROR,
        Condition.GONE,
        Condition.TIMEOUT,
        Condition.INCOMPATIBLE_PARAMETERS,
        Condition.DECLINE,
    },
    outgoing.unwilling: {
        Condition.UNSUPPORTED_TRANSPORTS,
        Condition.GONE,
        Condition.INCOMPATIBLE_PARAMETERS,
        Condition.CANCEL,
    },
    outgoing.cancelled: {"CANCEL", Condition.CANCEL, Condition.TIMEOUT},
    outgoing.crossing: {"CANCEL", "BYE"},
    outgoing.forked: {sip.CallStarted, "PRACK", "BYE", Condition.SUCCESS},
    incoming.unheard: {f"{status} INVITE" for status in (404, 415, 416, 420, 480, 483, 488)},
    incoming.alone: {"200 OPTIONS", "405 REGISTER", "501 PARTY", "481 BYE", "481 INVITE", "400 OPTIONS"},
    incoming.ringing: {
        *(f"{status} INVITE" for status in (480, 482, 486, 487, 488, 504)),
        "481 PRACK",
        "200 PRACK",
    },
    incoming.taken: {sip.CallStarted, "200 CANCEL", "500 OPTIONS", "405 INFO", "200 BYE", "BYE"},
    reoffers.changed: {
        *(f"{status} INVITE" for status in (200, 415, 487, 488)),
        "content-add",
        "content-modify",
        "content-remove",
        "transport-info",
    },
    reoffers.considered: {*(f"{status} INVITE" for status in (200, 487, 500)), "content-remove", "BYE"},
    reoffers.delayed: {"603 INVITE", "transport-info", Condition.SUCCESS, Condition.INCOMPATIBLE_PARAMETERS, "BYE"},
    reoffers.asked: {"INVITE", "content-accept", "content-reject", "content-modify", "transport-reject"},
    reoffers.opposed: {"491 INVITE", "content-accept", "content-reject", Condition.SUCCESS},
    reoffers.lost: {"INVITE", "BYE", Condition.SUCCESS},
    disturbances.disturbed: {
        *(sip.CallStarted, sip.Stopped, NotHandled, StanzaCondition.CONFLICT),
        *(f"{status} INVITE" for status in (403, 482)),
        "400 OPTIONS",
        "481 BYE",
    },
    disturbances.unreached: {f"{status_of_error(condition, '/')} INVITE" for condition in StanzaCondition},
    disturbances.trickled: {sip.CallStarted, "180 INVITE", "491 INVITE", Condition.MEDIA_ERROR, Condition.SUCCESS},
}
"What the gateway says in the course of each: outputs, the reasons why calls end, requests and answers of both kinds."


def spoken(text: str) -> str:
    """Return the method of a request, or the status of a response and which method it answers, as far as it says."""
    first, second, *_ = text.split()
    if first != "SIP/2.0":
        return first
    numbered = [line.split()[-1] for line in text.split("\r\n") if line.startswith("CSeq")]
    return " ".join([second, *numbered])


def said(conversation: Conversation) -> Iterator[object]:
    for step in record(ROW.factory(), conversation(ROW.factory)).steps:
        assert step.error is None, step
        for output in step.outputs:
            yield type(output)
            match output:
                case SendDatagram(data=data):
                    yield spoken(data.decode())
                case SendStanza(Iq(payload=Jingle(action=action))):
                    yield action.value
                case SendStanza(Iq(error=StanzaError(condition=condition))):
                    yield condition
                case sip.CallEnded(reason=reason):
                    yield reason


@pytest.mark.parametrize("conversation", REACHED)
def test_a_conversation_comes_to_what_it_is_told_for(conversation: Conversation) -> None:
    assert set(said(conversation)) >= REACHED[conversation]


def test_every_conversation_of_gateways_is_shown() -> None:
    assert set(ROW.conversations) == REACHED.keys()

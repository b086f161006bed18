"""Conversations of bridges: each comes to what it is told for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jinglecodec import bridge
from jinglecodec.model.jingle import Action, Condition, Jingle
from jinglecodec.model.stanza import Iq
from jinglecodec.model.webrtc import WebrtcError, WebrtcInfo
from jinglecodec.session import NotHandled, SendStanza
from jinglecodec.strategies.conversations import bridges
from jinglecodec.strategies.conversations.stage import Conversation
from jinglecodec.strategies.machines import MACHINES
from jinglecodec.testing.replay import record

(ROW,) = (row for row in MACHINES if row.name == "bridge.Bridge")

REACHED: dict[Conversation, set[object]] = {
    **{conversation: {bridge.Bridged, bridge.CallEnded} for conversation in bridges.BRIDGED[:2]},
    bridges.refused: {
        *(Condition.BUSY, Condition.GENERAL_ERROR, Condition.FAILED_APPLICATION),
        Action.SESSION_INITIATE,
    },
    bridges.silent: {Condition.TIMEOUT, WebrtcError.TIMEOUT},
    bridges.unlike: {Condition.FAILED_APPLICATION},
    bridges.off: {Condition.GENERAL_ERROR},
    bridges.calling_back: {WebrtcError.REFUSED},
    bridges.changing: {
        *(bridge.Bridged, bridge.NotBridged, Condition.SUCCESS),
        *(Action.CONTENT_REJECT, Action.TRANSPORT_REJECT),
    },
    bridges.offering: {
        *(bridge.Bridged, bridge.NotBridged, WebrtcError.REFUSED),
        *(Action.CONTENT_MODIFY, Action.DESCRIPTION_INFO, Action.TRANSPORT_INFO),
        *(Action.CONTENT_REJECT, Action.TRANSPORT_REJECT),
    },
    bridges.denied: {bridge.Bridged, bridge.NotBridged, Condition.SUCCESS},
    bridges.crossing: {bridge.Bridged, NotHandled, Condition.SUCCESS},
}
"What the bridge says in the course of each: outputs, the reasons why calls end, requests, and errors of descriptions."


def said(conversation: Conversation) -> Iterator[object]:
    for step in record(ROW.factory(), conversation(ROW.factory)).steps:
        assert step.error is None, step
        for output in step.outputs:
            yield type(output)
            match output:
                case SendStanza(Iq(payload=Jingle() as jingle)):
                    yield jingle.action
                    yield from (one.message.error_type for one in jingle.infos if isinstance(one, WebrtcInfo))
                case bridge.CallEnded(reason=reason):
                    yield reason.condition


@pytest.mark.parametrize("conversation", REACHED)
def test_a_conversation_comes_to_what_it_is_told_for(conversation: Conversation) -> None:
    assert set(said(conversation)) >= REACHED[conversation]


def test_every_conversation_of_bridges_is_shown() -> None:
    assert set(ROW.conversations) == REACHED.keys()

"""`examples/nbxmpp_calls.py` as it stands: clients of nbxmpp that call one another, their stanzas carried by hand."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import jinglecodec as jc
from jinglecodec import session

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::ImportWarning", "ignore::DeprecationWarning"),  # of gi
]

DISTRIBUTION = "/usr/lib/python3/dist-packages"
"Where Debian has nbxmpp, whose GObject PyPI has in source only."
ROMEO, JULIET = "romeo@montague.lit/orchard", "juliet@capulet.lit/balcony"
CONTENT = jc.Content(
    creator=jc.Creator.INITIATOR,
    name="voice",
    senders=jc.Senders.BOTH,
    description=jc.RtpDescription(media="audio", payload_types=(jc.PayloadType(id=0, name="PCMU"),)),
    transport=jc.IceUdpTransport(),
)


class Side:
    """A client that is not connected: what it would send is kept, and what it is given is dispatched."""

    def __init__(self, local: str, peer: str) -> None:
        self.told: list[Any] = []
        self.sent: list[Any] = []
        client = import_module("nbxmpp.client").Client()
        client.send_stanza = self.sent.append
        policy = session.Policy(trusted=frozenset({peer.partition("/")[0]}))
        self.calls = import_module("nbxmpp_calls").Calls(client, local, self.told.append, policy)
        self.dispatcher = client._dispatcher

    def take(self, text: str) -> None:
        self.dispatcher.dispatch(import_module("nbxmpp.simplexml").Node(node=text))


@pytest.fixture
def sides(monkeypatch: pytest.MonkeyPatch) -> tuple[Side, Side]:
    """Give two clients."""
    examples = str(Path(__file__).parents[2] / "examples")
    monkeypatch.setattr(sys, "path", [examples, *sys.path, DISTRIBUTION])
    pytest.importorskip("nbxmpp.client", reason="no nbxmpp (Debian: python3-nbxmpp)", exc_type=ImportError)
    return Side(ROMEO, JULIET), Side(JULIET, ROMEO)


def carry(sides: tuple[Side, Side]) -> None:
    """Carry stanzas until there are none."""
    romeo, juliet = sides
    while romeo.sent or juliet.sent:
        for here, there, name in ((romeo, juliet, ROMEO), (juliet, romeo, JULIET)):
            while here.sent:
                stanza = here.sent.pop(0)
                stanza.setAttr("from", name)  # as a server does
                there.take(str(stanza))


def test_call_is_placed_accepted_and_ended(sides: tuple[Side, Side]) -> None:
    romeo, juliet = sides
    romeo.calls.handle(session.Initiate(JULIET, (CONTENT,)))
    carry(sides)
    (incoming,) = juliet.told
    assert incoming.jingle.contents == (CONTENT,)

    juliet.calls.handle(session.Accept(incoming.session, incoming.jingle.contents))
    carry(sides)
    romeo.calls.handle(session.Terminate(romeo.told[0].session, jc.Reason(condition=jc.Condition.SUCCESS)))
    carry(sides)

    kinds = [type(one) for one in romeo.told]
    assert kinds == [session.SessionStarted, session.Accepted, session.SessionEnded]
    assert isinstance(juliet.told[-1], session.SessionEnded)
    assert romeo.calls.manager.deadline is None
    assert romeo.calls.timer is None


def test_answers_to_others_are_left_to_nbxmpp(sides: tuple[Side, Side]) -> None:
    romeo, _ = sides
    heard: list[str] = []
    romeo.dispatcher.add_callback_for_id("ping1", lambda _client, stanza, *_: heard.append(stanza.getID()), 10, {})
    romeo.take(f"<iq xmlns='jabber:client' type='result' id='ping1' from='{JULIET}' to='{ROMEO}'/>")

    assert heard == ["ping1"]
    assert romeo.told == []

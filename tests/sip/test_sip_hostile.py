"""Whatever an XMPP party says, as its elements allow: nothing is raised, and what goes to SIP can be read there."""

from __future__ import annotations

import random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sip_support import BOB, GATE, sdp

import jinglecodec as jc
from jinglecodec.machine import DatagramReceived, SendDatagram, TimerFired
from jinglecodec.sdp import loads
from jinglecodec.session.events import Policy, StanzaReceived
from jinglecodec.sip.calls import Config
from jinglecodec.sip.gateway import Gateway
from jinglecodec.sip.legs import Settings
from jinglecodec.sip.messages import Request, read
from jinglecodec.strategies import from_class

_CONTENTS = st.builds(
    lambda content, description, transport: attrs.evolve(
        content, description=description, transport=transport, disposition="session"
    ),
    from_class(jc.Content),
    from_class(jc.RtpDescription),
    from_class(jc.IceUdpTransport) | from_class(jc.RawUdpTransport),
)
_NAMES = st.sampled_from(["juliet", "romeo"]) | st.text(min_size=1, max_size=8)
_FIRST = st.lists(_CONTENTS, min_size=1, max_size=3, unique_by=lambda content: content.name)


@pytest.mark.long
@given(_NAMES, _NAMES, _FIRST, st.lists(from_class(jc.Jingle), max_size=5), st.sampled_from([b"", sdp(), sdp(port=0)]))
def test_nothing_that_the_xmpp_party_says_raises(
    user: str, other: str, contents: list[jc.Content], later: list[jc.Jingle], answer: bytes
) -> None:
    config = Config(sip=Settings(GATE, BOB, strangers=True), policy=Policy(strangers=True))
    gateway = Gateway(config, random.Random(1))
    peer, local = f"{user}@example.com/{other}", f"{other}@example.net"
    first = jc.Jingle(action=jc.Action.SESSION_INITIATE, sid="s", initiator=peer, contents=tuple(contents))
    outputs = gateway.handle(StanzaReceived(request(peer, local, first)), 0.0)
    outputs += gateway.handle(TimerFired(), 5.0)
    for invite in (read(one.data) for one in outputs if isinstance(one, SendDatagram)):
        assert isinstance(invite, Request)
        loads(invite.body)
        fields = (("Contact", "<sip:a@192.0.2.2>"), ("Content-Type", "application/sdp"))
        final = invite.response(200, tag="x", fields=fields, body=answer or invite.body)
        gateway.handle(DatagramReceived(0, BOB, final.encode()), 5.1)
    for number, jingle in enumerate(later):
        known = tuple(
            attrs.evolve(one, name=contents[0].name, creator=contents[0].creator) for one in jingle.contents[:1]
        )
        gateway.handle(
            StanzaReceived(request(peer, local, attrs.evolve(jingle, sid="s", contents=known))), 6.0 + number
        )
    gateway.handle(TimerFired(), 100.0)


def request(peer: str, local: str, jingle: jc.Jingle) -> jc.Iq:
    return jc.Iq(type=jc.IqType.SET, id=jingle.action.value, from_=peer, to=local, payload=jingle)

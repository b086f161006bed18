"""Every recorded description as the body of an INVITE: a session-initiate that is valid, or 488; nothing raised."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sip_support import BOB, J, R, gateway, sent, sip

from jinglecodec.machine import DatagramReceived
from jinglecodec.model.stanza import Presence
from jinglecodec.model.validation import validate
from jinglecodec.session.events import SendStanza, StanzaReceived
from jinglecodec.sip.messages import Response

INVITE = """
    INVITE sip:juliet@example.com SIP/2.0
    Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKx
    From: <sip:romeo@example.net>;tag=r
    To: <sip:juliet@example.com>
    Call-ID: c1
    CSeq: 1 INVITE
    Content-Type: application/sdp
"""


STEP = 1 if os.environ.get("JINGLECODEC_PROFILE") == "long" else 5
"The default run takes every fifth."


@pytest.mark.corpus
def test_recorded_descriptions_are_offered_or_not_acceptable(corpus: Path) -> None:
    offered, wrong = 0, set[str]()
    for path in sorted((corpus / "sdp").rglob("*.sdp"))[::STEP]:
        machine = gateway()
        machine.handle(StanzaReceived(Presence(from_=J, to=R)), 0.0)
        outputs = machine.handle(DatagramReceived(0, BOB, sip(INVITE, path.read_bytes())), 0.0)
        stanzas = [one.stanza for one in outputs if isinstance(one, SendStanza)]
        statuses = [one.status for one in sent(outputs) if isinstance(one, Response)]
        if not stanzas:
            assert statuses in ([100, 488], [400]), path
            continue
        offered += 1
        assert (len(stanzas), statuses) == (1, [100])
        wrong |= {one.code for one in validate(stanzas[0], "deployed").findings}
    assert offered > 500 / STEP
    assert wrong <= set(PEERS_OWN)


PEERS_OWN = {
    "missing-credentials": "a password of seven characters, which is none (RFC 8839 5.4)",
    "unnamed-payload-type": "a dynamic payload type without rtpmap",
}
"What is wrong in some descriptions themselves, and so in what is made of them."

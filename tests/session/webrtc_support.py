"""Two parties with browsers, and the stream between them."""

from __future__ import annotations

from collections import deque
from random import Random

import attrs

import jinglecodec as jc
from jinglecodec.session import Initiate, Policy, SendStanza, SessionKey, StanzaReceived, Webrtc
from jinglecodec.session.webrtc import WebrtcEvent, WebrtcOutput

ROMEO = "romeo@montague.net/orchard"
JULIET = "juliet@capulet.com/balcony"
SID = "a73sjjvkla37jfea"
OTHER = {ROMEO: JULIET, JULIET: ROMEO}
KEY = {ROMEO: SessionKey(JULIET, SID), JULIET: SessionKey(ROMEO, SID)}
CALL = Initiate(JULIET, (jc.Content(name="audio, video", transport=jc.WebrtcTransport()),), SID)


def browser(jid: str, seed: int = 0) -> Webrtc:
    """Return a party that trusts everybody, and that a test can predict."""
    return Webrtc(jid, Policy(strangers=True), random=Random(f"{jid}{seed}"))


def message_of(stanza: jc.Stanza) -> jc.WebrtcMessage | None:
    """Return the message in a session-info."""
    if isinstance(stanza, jc.Iq) and isinstance(stanza.payload, jc.Jingle):
        return next((info.message for info in stanza.payload.infos if isinstance(info, jc.WebrtcInfo)), None)
    return None


@attrs.define
class Couple:
    """Both parties, at one time; each direction keeps its order, as streams do."""

    parties: dict[str, Webrtc] = attrs.Factory(lambda: {jid: browser(jid) for jid in (ROMEO, JULIET)})
    now: float = 0.0
    queues: dict[str, deque[jc.Stanza]] = attrs.Factory(lambda: {ROMEO: deque(), JULIET: deque()})
    "By receiver."
    sent: list[jc.Stanza] = attrs.Factory(list)
    told: dict[str, list[WebrtcOutput]] = attrs.Factory(lambda: {ROMEO: [], JULIET: []})
    "By party, without stanzas."

    def do(self, jid: str, event: WebrtcEvent) -> None:
        """Let a party take an event; what it sends waits in the queue of the other."""
        for output in self.parties[jid].handle(event, self.now):
            if isinstance(output, SendStanza):
                data = jc.dumps(output.stanza)
                assert jc.validate(data, "deployed").ok, data
                self.sent.append(output.stanza)
                self.queues[OTHER[jid]].append(jc.loads(data, expect=jc.Stanza))
            else:
                self.told[jid].append(output)

    def deliver(self, jid: str) -> None:
        """Hand the next stanza to a party."""
        self.do(jid, StanzaReceived(self.queues[jid].popleft()))

    def settle(self) -> None:
        """Deliver everything, in turn."""
        while any(self.queues.values()):
            for jid, queue in self.queues.items():
                if queue:
                    self.deliver(jid)

    @property
    def messages(self) -> list[tuple[str | None, jc.WebrtcMessage]]:
        """The messages of the exchange that were sent, and by whom."""
        found = ((stanza.from_, message_of(stanza)) for stanza in self.sent)
        return [(sender, message) for sender, message in found if message is not None]


def calling(*, settled: bool = True) -> Couple:
    """Return a couple with a session that waits for its first offer."""
    couple = Couple()
    couple.do(ROMEO, CALL)
    if settled:
        couple.settle()
    return couple

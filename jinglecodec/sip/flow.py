"""Whether media of a content flows: what each party is willing to do, and what it may say of it (RFC 3264 6.1, 8.4).

Kept as willingness, not as the direction that comes of it, so that holds of both can begin and end in any order.
"""

from __future__ import annotations

import attrs

from jinglecodec.model.jingle import OTHER, PARTIES, SENDERS, Creator, Senders
from jinglecodec.sdp.attributes.rtp import Direction

__all__ = ["Flow", "within"]

_DIRECTIONS = {(direction.sends, direction.receives): direction for direction in Direction}


@attrs.frozen
class Flow:
    """What each party is willing to do with the media of one content."""

    xmpp_sends: bool = True
    xmpp_hears: bool = True
    sip_sends: bool = True
    sip_hears: bool = True

    def of_direction(self, ours: Direction, direction: Direction, *, answers: bool = False) -> Flow:
        """Return the flow after the SIP party offered or answered a direction, when `ours` is the one that it knows.

        What we do not want, it cannot want either (RFC 3264 6.1): that it does not say so forbids nothing for later,
        and that it says so in an answer allows nothing.
        """
        sends = direction.sends and (ours.receives or not answers)
        hears = direction.receives and (ours.sends or not answers)
        return attrs.evolve(
            self,
            sip_sends=sends or (self.sip_sends and not ours.receives),
            sip_hears=hears or (self.sip_hears and not ours.sends),
        )

    def of_senders(self, senders: Senders, xmpp: Creator) -> Flow:
        """Return the flow after the XMPP party named the senders: what could not be it did not forbid."""
        sends, hears = xmpp in PARTIES[senders], OTHER[xmpp] in PARTIES[senders]
        return attrs.evolve(
            self,
            xmpp_sends=sends or (self.xmpp_sends and not self.sip_hears),
            xmpp_hears=hears or (self.xmpp_hears and not self.sip_sends),
        )

    def senders(self, xmpp: Creator, *, held: bool) -> Senders:
        """Return who sends; nobody, where one party has the other on hold and is on hold itself (draft 6)."""
        parties = set()
        if self.xmpp_sends and self.sip_hears:
            parties.add(xmpp)
        if self.sip_sends and self.xmpp_hears and (parties or not held):
            parties.add(OTHER[xmpp])
        return SENDERS[frozenset(parties)]

    def direction(self, *, held: bool) -> Direction:
        """Return the direction that the XMPP party's description has; its hold takes away what it would hear."""
        sends = self.xmpp_sends and self.sip_hears
        hears = self.xmpp_hears and self.sip_sends and not held
        return _DIRECTIONS[sends, hears]


def within(direction: Direction, offered: Direction) -> Direction:
    """Return as much of a direction as answers the one that was offered (RFC 3264 6.1)."""
    return _DIRECTIONS[direction.sends and offered.receives, direction.receives and offered.sends]

"""XEP-0280: Message Carbons, and the forwarding of XEP-0297 in them: what an account's other devices say and hear."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.stanza import Message
from jinglecodec.xml.fields import Element, child, element

__all__ = ["Carbon", "CarbonReceived", "CarbonSent", "Forwarded"]


@element(ns.FORWARD, "forwarded")
class Forwarded(Element):
    """A message as it was sent (XEP-0297 3); when it was, is in `extra`."""

    message: Message | None = child(Message, default=None)
    "None where another stanza is forwarded."


@element()
class Carbon(Element):
    """A copy from the account's own server; from anybody else it is forged (XEP-0280 11)."""

    forwarded: Forwarded = child(Forwarded)


@element(ns.CARBONS, "received")
class CarbonReceived(Carbon):
    """A copy of what another device of the account received (XEP-0280 6)."""


@element(ns.CARBONS, "sent")
class CarbonSent(Carbon):
    """A copy of what another device of the account sent (XEP-0280 7)."""

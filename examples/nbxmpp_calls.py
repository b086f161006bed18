"""Jingle sessions of a client of nbxmpp, whose stanzas have a form of their own: they go in and out as text.

client = nbxmpp.client.Client(...)
calls = Calls(client, "juliet@capulet.lit/balcony", tell=print)    # once logged in
calls.handle(session.Initiate(...))                                # what the application wants
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from gi.repository import GLib
from nbxmpp.protocol import NodeProcessed, Protocol
from nbxmpp.structs import StanzaHandler

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec import session
from jinglecodec.machine import TimerFired

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbxmpp.client import Client

__all__ = ["Calls"]

FIRST = 10
"Of priority: before the handlers of nbxmpp itself."


class Calls:
    """A session manager between a client and an application."""

    def __init__(
        self, client: Client, local: str, tell: Callable[[Any], object], policy: session.Policy | None = None
    ) -> None:
        """Serve a full JID; `tell` gets the outputs that are not stanzas."""
        self.client, self.tell = client, tell
        self.manager = session.Manager(local, policy)
        self.timer: int | None = None
        for kind in (("set", ns.JINGLE), ("result", ""), ("error", "")):
            client.register_handler(StanzaHandler("iq", self.take, *kind, priority=FIRST))

    def take(self, _client: Client, stanza: Protocol, _properties: object) -> None:
        """Let the manager have a stanza, and nbxmpp what the manager has no use for."""
        received = jc.loads(str(stanza), errors="keep")
        if isinstance(received, jc.Stanza) and self.handle(session.StanzaReceived(received)):
            raise NodeProcessed

    def handle(self, event: session.Event | TimerFired) -> bool:
        """Hand an event to the manager and do what it says; False when it has no use for it."""
        outputs = self.manager.handle(event, time.monotonic())
        for output in outputs:
            match output:
                case session.SendStanza(stanza):
                    self.client.send_stanza(Protocol(node=jc.dumps(stanza).decode()))
                case session.NotHandled():
                    pass
                case _:
                    self.tell(output)
        self.wait()
        return not any(isinstance(output, session.NotHandled) for output in outputs)

    def wait(self) -> None:
        """Come back at the deadline."""
        if self.timer is not None:
            GLib.source_remove(self.timer)
            self.timer = None
        if self.manager.deadline is not None:
            rest = max(0.0, self.manager.deadline - time.monotonic())
            self.timer = GLib.timeout_add(round(rest * 1000) + 1, self.wake)

    def wake(self) -> bool:
        """Let time pass; False, for GLib is asked anew each time."""
        self.timer = None
        self.handle(TimerFired())
        return False

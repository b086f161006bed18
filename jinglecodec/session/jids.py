"""The parts of a JID (RFC 7622 3). JIDs are compared as they are written; to prepare them is the XMPP stack's."""

from __future__ import annotations

__all__ = ["bare"]


def bare(jid: str) -> str:
    """Return the JID without its resource."""
    return jid.partition("/")[0]

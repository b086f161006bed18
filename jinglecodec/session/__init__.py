"""Jingle sessions (XEP-0166): stanzas and commands in, stanzas and events out; no I/O, no clock."""

from __future__ import annotations

from jinglecodec.session import events
from jinglecodec.session.events import *  # noqa: F403 - the events are the vocabulary of the package

__all__: list[str] = []
__all__ += events.__all__

"""Jingle sessions (XEP-0166): stanzas and commands in, stanzas and events out; no I/O, no clock.

`Manager` keeps all sessions of an account, `Session` is one of them; `events` is what they take and give.
"""

from __future__ import annotations

from jinglecodec.session import events
from jinglecodec.session.config import Config
from jinglecodec.session.contents import ContentStatus
from jinglecodec.session.events import *  # noqa: F403 - the events are the vocabulary of the package
from jinglecodec.session.machine import Session
from jinglecodec.session.manager import Manager
from jinglecodec.session.states import ContentState, State

__all__ = ["Config", "ContentState", "ContentStatus", "Manager", "Session", "State"]
__all__ += events.__all__

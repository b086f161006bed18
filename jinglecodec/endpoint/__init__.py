"""Whole calls: stanzas and datagrams in, stanzas, datagrams and events out; no I/O, no clock.

`Endpoint` is a session manager with an ICE agent for each session; `events` is what it takes and gives.
"""

from __future__ import annotations

from jinglecodec.endpoint import events
from jinglecodec.endpoint.config import Config
from jinglecodec.endpoint.events import *  # noqa: F403 - the events are the vocabulary of the package
from jinglecodec.endpoint.machine import Endpoint

__all__ = ["Config", "Endpoint"]
__all__ += events.__all__

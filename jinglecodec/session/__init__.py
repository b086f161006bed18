"""Jingle sessions (XEP-0166): stanzas and commands in, stanzas and events out; no I/O, no clock.

`Manager` keeps all sessions of an account, `Session` is one of them; `events` is what they take and give. `Proposals`
stands in front of a manager and agrees in messages which device takes a call (XEP-0353). `Webrtc` is a manager that
also speaks the ProtoXEP Jingle WebRTC Transport.
"""

from __future__ import annotations

from jinglecodec.session import events, proposal, proposals, roap, webrtc
from jinglecodec.session.config import Config, ProposalConfig
from jinglecodec.session.contents import ContentStatus
from jinglecodec.session.events import *  # noqa: F403 - the events are the vocabulary of the package
from jinglecodec.session.machine import Session
from jinglecodec.session.manager import Manager
from jinglecodec.session.proposal import *  # noqa: F403
from jinglecodec.session.proposals import *  # noqa: F403
from jinglecodec.session.roap import *  # noqa: F403
from jinglecodec.session.states import ContentState, State
from jinglecodec.session.webrtc import *  # noqa: F403

__all__ = ["Config", "ContentState", "ContentStatus", "Manager", "ProposalConfig", "Session", "State"]
__all__ += events.__all__
__all__ += proposal.__all__
__all__ += proposals.__all__
__all__ += roap.__all__
__all__ += webrtc.__all__

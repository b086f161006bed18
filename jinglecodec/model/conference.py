"""XEP-0298: Delivering Conference Information to Jingle Participants (Coin).

The state of a conference itself, in `urn:ietf:params:xml:ns:conference-info`, is RFC 4575's and stays `Raw`.
"""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import SessionInfo
from jinglecodec.xml.fields import attribute, element
from jinglecodec.xml.types import BOOLEAN

__all__ = ["ConferenceInfo"]


@element(ns.COIN, "conference-info", also=("conference-info",))
class ConferenceInfo(SessionInfo):
    """Whether the sender mixes a conference (XEP-0298 5); in session-initiate, session-accept and session-info."""

    isfocus: bool = attribute(BOOLEAN)

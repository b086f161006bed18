"""Elements that deployed peers exchange and no XEP has: Jitsi's, and the msid of stanza.

Attributes and flags of the kind are fields of the elements they stand in, declared `unspecified`.
"""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import SessionInfo
from jinglecodec.xml.fields import Element, attribute, element, text
from jinglecodec.xml.types import BOOLEAN, JID, STRING

__all__ = ["BridgeSession", "JsonMessage", "MediaStream", "SsrcInfo"]


@element(ns.JITMEET, "ssrc-info")
class SsrcInfo(Element):
    """Whose a source is, in a conference of Jitsi; stands in a `Source`."""

    owner: str | None = attribute(JID, default=None)
    "Address of the occupant, or `jvb` for the bridge's own."
    video_type: str | None = attribute(STRING, default=None)
    "`camera` or `screen`; newer versions say it in the source."


@element(ns.JITMEET, "json-message")
class JsonMessage(SessionInfo):
    """JSON in a session-initiate, source-add or source-remove of Jitsi: all sources in a compact form."""

    value: str = text(STRING, default="")
    "The JSON text, which changes from version to version."


@element(ns.JITSI_FOCUS, "bridge-session")
class BridgeSession(SessionInfo):
    """Which videobridge a session of Jitsi runs through; in session-initiate and session-terminate."""

    id: str | None = attribute(STRING, default=None)
    region: str | None = attribute(STRING, default=None)
    restart: bool = attribute(BOOLEAN, default=False)
    "In a session-terminate: the client asks for a new session."


@element(ns.RTP_MSID, "stream")
class MediaStream(Element):
    """The stream and the track of a description's media, as SDP's `a=msid` has them (RFC 8830 2)."""

    id: str = attribute(STRING)
    track: str | None = attribute(STRING, default=None)

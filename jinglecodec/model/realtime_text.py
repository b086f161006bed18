"""XEP-0517: Jingle Synchronized Real-Time Text."""

from __future__ import annotations

import enum

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import Description
from jinglecodec.xml.fields import Element, attribute, child, element
from jinglecodec.xml.types import NON_NEGATIVE_INTEGER, STRING, enum_of

__all__ = [
    "RttDataChannel",
    "RttDescription",
    "RttFallback",
    "RttFinality",
    "RttRole",
    "RttSource",
    "RttSync",
    "RttSyncMode",
]


class RttRole(enum.Enum):
    """What the text is for (XEP-0517 7)."""

    CONVERSATION = "conversation"
    CAPTION = "caption"
    TRANSCRIPT = "transcript"
    TRANSLATION = "translation"
    INTERPRETER = "interpreter"


class RttSource(enum.Enum):
    """Where the text comes from (XEP-0517 7); what a machine heard is never given out as a human's (XEP-0517 12.1)."""

    HUMAN = "human"
    ASR = "asr"
    CAPTIONER = "captioner"
    INTERPRETER = "interpreter"
    TRANSLATION = "translation"
    SYSTEM = "system"


class RttSyncMode(enum.Enum):
    """What the text is synchronous with (XEP-0517 2.1, 7)."""

    MEDIA_CLOCK = "media-clock"
    SESSION_CLOCK = "session-clock"
    CO_SESSION = "co-session"
    NONE = "none"


class RttFinality(enum.Enum):
    """Whether the text may still change (XEP-0517 7)."""

    PARTIAL = "partial"
    FINAL = "final"
    MIXED = "mixed"


@element(ns.RTT_SYNC, "rtt-sync")
class RttSync(Element):
    """What a stream of text is and how it follows audio and video (XEP-0517 7); stands in a description."""

    role: RttRole = attribute(enum_of(RttRole))
    source: RttSource | None = attribute(enum_of(RttSource), default=None)
    sync_mode: RttSyncMode = attribute(enum_of(RttSyncMode))
    max_skew: int | None = attribute(NON_NEGATIVE_INTEGER, default=None)
    "Milliseconds by which the text may be off at most."
    finality: RttFinality | None = attribute(enum_of(RttFinality), default=None)


@element(ns.RTT_SYNC, "datachannel")
class RttDataChannel(Element):
    """The data channel that carries the text (XEP-0517 9, an illustration; in no schema)."""

    subprotocol: str | None = attribute(STRING, default=None)
    "`t140` (RFC 8865)."
    reliability: str | None = attribute(STRING, default=None)
    order: str | None = attribute(STRING, default=None)
    label: str | None = attribute(STRING, default=None)


@element(ns.RTT_SYNC, "description")
class RttDescription(Description):
    """Text over a data channel (XEP-0517 9, an illustration; in no schema)."""

    profile: str | None = attribute(STRING, default=None)
    "`dc-t140`."
    data_channel: RttDataChannel | None = child(RttDataChannel, default=None)
    sync: RttSync | None = child(RttSync, default=None)


@element(ns.RTT_SYNC, "rtt-fallback")
class RttFallback(Element):
    """The text of a session comes another way, and not synchronous with it (XEP-0517 11; in no schema)."""

    sid: str = attribute(STRING)
    method: str | None = attribute(STRING, default=None)
    "`xep-0301`."
    sync_mode: RttSyncMode | None = attribute(enum_of(RttSyncMode), default=None)
    reason: str | None = attribute(STRING, default=None)
    "Such as `peer-unsupported`."

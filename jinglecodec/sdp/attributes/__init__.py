"""The attributes that have a class of their own: the table from name to class, level and clause.

The modules beside this one hold the classes, by topic; each is imported when the first line of its topic is read.
An attribute that is not in the table is read as `Attribute`: name and value, kept as they are (RFC 8866 5.13).
"""

from __future__ import annotations

import enum
import importlib
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinglecodec.sdp.values import Value

__all__ = ["PARSERS", "TABLE", "Entry", "Level", "Parsers", "class_of"]


class Level(enum.Enum):
    """Where an attribute may stand."""

    SESSION = "session"
    MEDIA = "media"
    BOTH = "session or media"


@attrs.frozen(repr=False, eq=False)
class Entry:
    """What is known of one attribute."""

    module: str
    kind: str
    "The name of the class."
    level: Level
    many: bool
    "Whether one section may have several lines of it."
    clause: str


_ONE, _MANY = False, True

TABLE = {
    # Interactive connectivity
    "candidate": Entry("ice", "Candidate", Level.MEDIA, _MANY, "RFC 8839 5.1"),
    "remote-candidates": Entry("ice", "RemoteCandidates", Level.MEDIA, _MANY, "RFC 8839 5.2"),
    "ice-lite": Entry("ice", "IceLite", Level.SESSION, _ONE, "RFC 8839 5.3"),
    "ice-mismatch": Entry("ice", "IceMismatch", Level.MEDIA, _ONE, "RFC 8839 5.3"),
    "ice-ufrag": Entry("ice", "IceUfrag", Level.BOTH, _ONE, "RFC 8839 5.4"),
    "ice-pwd": Entry("ice", "IcePwd", Level.BOTH, _ONE, "RFC 8839 5.4"),
    "ice-pacing": Entry("ice", "IcePacing", Level.SESSION, _ONE, "RFC 8839 5.5"),
    "ice-options": Entry("ice", "IceOptions", Level.BOTH, _ONE, "RFC 8839 5.6"),
    "end-of-candidates": Entry("ice", "EndOfCandidates", Level.BOTH, _ONE, "RFC 8840 8.1"),
    # Keys
    "fingerprint": Entry("security", "Fingerprint", Level.BOTH, _MANY, "RFC 8122 5"),
    "setup": Entry("security", "Setup", Level.BOTH, _ONE, "RFC 4145 4"),
    "tls-id": Entry("security", "TlsId", Level.BOTH, _ONE, "RFC 8842 4"),
    "crypto": Entry("security", "Crypto", Level.MEDIA, _MANY, "RFC 4568 9.1"),
    # Data channels
    "sctp-port": Entry("datachannel", "SctpPort", Level.MEDIA, _ONE, "RFC 8841 5"),
    "max-message-size": Entry("datachannel", "MaxMessageSize", Level.MEDIA, _ONE, "RFC 8841 6"),
    "sctpmap": Entry("datachannel", "Sctpmap", Level.MEDIA, _MANY, "draft-ietf-mmusic-sctp-sdp-05"),
    "dcmap": Entry("channels", "Dcmap", Level.MEDIA, _MANY, "RFC 8864 5.1"),
    "dcsa": Entry("channels", "Dcsa", Level.MEDIA, _MANY, "RFC 8864 5.2"),
    # How sections belong together
    "group": Entry("grouping", "Group", Level.SESSION, _MANY, "RFC 5888 5"),
    "mid": Entry("grouping", "Mid", Level.MEDIA, _ONE, "RFC 5888 4"),
    "bundle-only": Entry("grouping", "BundleOnly", Level.MEDIA, _ONE, "RFC 8843 6"),
    "msid": Entry("grouping", "Msid", Level.MEDIA, _MANY, "RFC 8830 2"),
    "msid-semantic": Entry("grouping", "MsidSemantic", Level.SESSION, _MANY, "draft-ietf-mmusic-msid-05"),
    "content": Entry("grouping", "ContentTags", Level.MEDIA, _ONE, "RFC 4796 5"),
    "label": Entry("grouping", "Label", Level.MEDIA, _ONE, "RFC 4574 4"),
    # RTP and RTCP
    "rtpmap": Entry("rtp", "Rtpmap", Level.MEDIA, _MANY, "RFC 8866 6.6"),
    "fmtp": Entry("rtp", "Fmtp", Level.MEDIA, _MANY, "RFC 8866 6.15"),
    "rtcp-fb": Entry("rtp", "RtcpFeedback", Level.MEDIA, _MANY, "RFC 4585 4.2"),
    "rtcp-xr": Entry("rtp", "RtcpXr", Level.BOTH, _ONE, "RFC 3611 5.1"),
    "extmap": Entry("rtp", "Extmap", Level.BOTH, _MANY, "RFC 8285 8"),
    "extmap-allow-mixed": Entry("rtp", "ExtmapAllowMixed", Level.BOTH, _ONE, "RFC 8285 6"),
    "rtcp": Entry("rtp", "Rtcp", Level.MEDIA, _ONE, "RFC 3605 2.1"),
    "rtcp-mux": Entry("rtp", "RtcpMux", Level.MEDIA, _ONE, "RFC 5761 5.1.1"),
    "rtcp-mux-only": Entry("rtp", "RtcpMuxOnly", Level.MEDIA, _ONE, "RFC 8858 3"),
    "rtcp-rsize": Entry("rtp", "RtcpRsize", Level.MEDIA, _ONE, "RFC 5506 5"),
    "ptime": Entry("rtp", "Ptime", Level.MEDIA, _ONE, "RFC 8866 6.4"),
    "maxptime": Entry("rtp", "Maxptime", Level.MEDIA, _ONE, "RFC 8866 6.5"),
    "framerate": Entry("rtp", "Framerate", Level.MEDIA, _ONE, "RFC 8866 6.13"),
    "sendrecv": Entry("rtp", "Direction", Level.BOTH, _ONE, "RFC 8866 6.7.2"),
    "sendonly": Entry("rtp", "Direction", Level.BOTH, _ONE, "RFC 8866 6.7.3"),
    "recvonly": Entry("rtp", "Direction", Level.BOTH, _ONE, "RFC 8866 6.7.1"),
    "inactive": Entry("rtp", "Direction", Level.BOTH, _ONE, "RFC 8866 6.7.4"),
    # The streams inside a section
    "ssrc": Entry("sources", "Ssrc", Level.MEDIA, _MANY, "RFC 5576 4.1"),
    "ssrc-group": Entry("sources", "SsrcGroup", Level.MEDIA, _MANY, "RFC 5576 4.2"),
    "rid": Entry("sources", "Rid", Level.MEDIA, _MANY, "RFC 8851 10"),
    "simulcast": Entry("sources", "Simulcast", Level.MEDIA, _ONE, "RFC 8853 5.1"),
    "imageattr": Entry("imagery", "ImageAttr", Level.MEDIA, _MANY, "RFC 6236 3.1.1"),
    "source-filter": Entry("filters", "SourceFilter", Level.BOTH, _MANY, "RFC 4570 3"),
}
"Name of an attribute -> what is known of it."


def class_of(entry: Entry) -> type[Value]:
    """Return the class of a row, importing its module."""
    kind: type[Value] = getattr(importlib.import_module(f"{__name__}.{entry.module}"), entry.kind)
    return kind


class Parsers(dict[str, "Callable[[str], Value] | None"]):
    """`a=<name>` -> what reads the text behind the colon, or None when the name is not in the table.

    Only names of the table are ever kept, so that no input makes it grow.
    """

    def __missing__(self, head: str) -> Callable[[str], Value] | None:
        name = head.removeprefix("a=")
        entry = TABLE.get(name) if name is not head else None
        if entry is None:
            return None
        kind = class_of(entry)
        # The four directions share one class; there the name is the value.
        self[head] = kind.parse if kind.NAME else kind(name).parse_flag  # type: ignore[attr-defined,call-arg]
        return self[head]


PARSERS = Parsers()
"Those of the attributes that were met."

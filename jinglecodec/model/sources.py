"""XEP-0339: Source-Specific Media Attributes in Jingle."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.deployed import SsrcInfo
from jinglecodec.xml.fields import Element, attribute, child, children, element
from jinglecodec.xml.types import STRING, UNSIGNED_INT

__all__ = ["RidGroup", "Source", "SourceGroup", "SourceParameter"]


@element(ns.SSMA, "parameter", also=(f"{{{ns.RTP}}}parameter",))
class SourceParameter(Element):
    """One attribute of a source, such as `cname` (XEP-0339 2.1; RFC 5576 4.1)."""

    name: str = attribute(STRING)
    value: str | None = attribute(STRING, default=None)


@element(ns.SSMA, "source")
class Source(Element):
    """A synchronization source and its attributes (XEP-0339 2.1)."""

    ssrc: int | None = attribute(UNSIGNED_INT, default=None, aliases=("id",), expected="XEP-0339 2.1")
    "None where Jitsi names a source of a simulcast by `rid` alone."
    name: str | None = attribute(STRING, default=None, unspecified="Jitsi")
    "Unique in the conference, such as `abcd1234-v0`."
    owner: str | None = attribute(STRING, default=None, unspecified="Jitsi")
    "Endpoint that sends it; older versions say it in `info`."
    rid: str | None = attribute(STRING, default=None, unspecified="Jitsi")
    "RTP stream id (RFC 8852 3.1)."
    video_type: str | None = attribute(STRING, default=None, name="videoType", unspecified="Jitsi")
    "`camera` or `desktop`."
    parameters: tuple[SourceParameter, ...] = children(SourceParameter, default=())
    info: SsrcInfo | None = child(SsrcInfo, default=None, unspecified="Jitsi")


@element(ns.SSMA, "ssrc-group")
class SourceGroup(Element):
    """Sources that belong together (XEP-0339 2.2; RFC 5576 4.2)."""

    semantics: str = attribute(STRING)
    "`FID`, `SIM`, `FEC-FR` ...: the schema's list is that of RFC 5888 and misses what is in use."
    sources: tuple[Source, ...] = children(Source, default=())


@element(ns.SSMA, "rid-group")
class RidGroup(Element):
    """Sources of a simulcast by RTP stream id; Jitsi's, in no XEP."""

    semantics: str = attribute(STRING)
    "`SIM`."
    sources: tuple[Source, ...] = children(Source, default=())

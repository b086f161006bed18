"""The typed views: which attributes a description and its sections show, by name.

A view looks at the lines of its own section; what a section takes over from the session, `inheritance` says.
Where a section repeats what may stand once, the view shows the first, and the others are findings.
"""

from __future__ import annotations

from collections import defaultdict
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinglecodec.sdp.attributes.channels import Dcmap, Dcsa
    from jinglecodec.sdp.attributes.datachannel import Sctpmap
    from jinglecodec.sdp.attributes.filters import SourceFilter
    from jinglecodec.sdp.attributes.grouping import Group, Msid, MsidSemantic
    from jinglecodec.sdp.attributes.ice import Candidate, RemoteCandidate
    from jinglecodec.sdp.attributes.imagery import ImageAttr
    from jinglecodec.sdp.attributes.rtp import Direction, Extmap, Fmtp, Rtcp, RtcpFeedback, Rtpmap
    from jinglecodec.sdp.attributes.security import Crypto, Fingerprint, Setup
    from jinglecodec.sdp.attributes.sources import Rid, Simulcast, Ssrc, SsrcGroup
    from jinglecodec.sdp.fields import Bandwidth, Connection, Key, MediaField, Origin, Repeat, Timing, Zones
    from jinglecodec.sdp.values import Attribute, Value

__all__ = ["MediaViews", "SessionViews", "SharedViews"]


class _View:
    """A view that nobody has looked at yet: the first look at any fills in all of the section.

    No data descriptor, so that what is filled in is found without a call.
    """

    __slots__ = ("absent", "kind", "name", "shape")

    def __init__(self, kind: str, shape: Callable[[list[Any]], object], absent: object) -> None:
        # The class is named rather than imported: one that no line needs is never loaded.
        self.kind, self.shape, self.absent = kind, shape, absent

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, section: SharedViews | None, owner: type) -> object:
        if section is None:
            return self
        _fill(section)
        return section.__dict__[self.name]


class _Plan:
    """The views of a class of sections."""

    __slots__ = ("absent", "shapes")

    def __init__(self, owner: type) -> None:
        views = [view for base in owner.__mro__ for view in vars(base).values() if isinstance(view, _View)]
        self.absent = {view.name: view.absent for view in views}
        "What each shows where there is nothing."
        self.shapes: dict[str, list[tuple[str, Callable[[list[Any]], object]]]] = {}
        "Class of values -> the views of it, each with what makes it of the values."
        for view in views:
            self.shapes.setdefault(view.kind, []).append((view.name, view.shape))


_PLANS: dict[type, _Plan] = {}


def _fill(section: SharedViews) -> None:
    """Put what each view shows into the section's own dictionary."""
    grouped: defaultdict[type, list[Value]] = defaultdict(list)
    for value in section.values:
        grouped[value.__class__].append(value)
    plan = _PLANS[type(section)]
    found = section.__dict__
    found.update(plan.absent)
    shapes = plan.shapes
    for kind, values in grouped.items():
        for name, shape in shapes.get(kind.__name__, ()):
            found[name] = shape(values)


def _every(kind: str) -> tuple[Any, ...]:
    """Return the view of all values of a class, in order."""
    return _View(kind, tuple, ())  # type: ignore[return-value]


def _first(kind: str, field: str | None = None, absent: object = None) -> Any:  # noqa: ANN401 - each view says what
    """Return the view of the first value of a class, or of one of its fields."""
    return _View(kind, itemgetter(0) if field is None else lambda values: getattr(values[0], field), absent)


def _flag(kind: str) -> bool:
    """Return the view that tells whether a property attribute is there."""
    return _View(kind, bool, absent=False)  # type: ignore[return-value]


def _texts(kind: str) -> tuple[str, ...]:
    """Return the view of the texts that the values of a class hold."""
    return _View(kind, lambda values: tuple(value.value for value in values), ())  # type: ignore[return-value]


class SharedViews:
    """What may stand in the session's own section and in each of the media's."""

    __slots__ = ()

    if TYPE_CHECKING:
        values: tuple[Value, ...]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        _PLANS[cls] = _Plan(cls)

    information: str | None = _first("Information", "value")
    "The text of `i=`, for people (RFC 8866 5.4)."
    connection: Connection | None = _first("Connection")
    "The (first) `c=` of this section (RFC 8866 5.7)."
    bandwidths: tuple[Bandwidth, ...] = _every("Bandwidth")
    "The `b=` lines (RFC 8866 5.8)."
    key: Key | None = _first("Key")
    "Obsolete, and to be discarded (RFC 8866 5.12)."
    unknown: tuple[Attribute, ...] = _every("Attribute")
    "The attributes without a class, and those whose value breaks their grammar (RFC 8866 5.13)."
    direction: Direction | None = _first("Direction")
    "As this section writes it (RFC 8866 6.7)."
    ice_ufrag: str | None = _first("IceUfrag", "value")
    "RFC 8839 5.4"
    ice_pwd: str | None = _first("IcePwd", "value")
    "RFC 8839 5.4"
    ice_options: tuple[str, ...] = _first("IceOptions", "values", ())
    "RFC 8839 5.6"
    end_of_candidates: bool = _flag("EndOfCandidates")
    "RFC 8840 8"
    fingerprints: tuple[Fingerprint, ...] = _every("Fingerprint")
    "RFC 8122 5"
    setup: Setup | None = _first("Setup")
    "RFC 4145 4, RFC 8842 5"
    tls_id: str | None = _first("TlsId", "value")
    "RFC 8842 4"
    extmaps: tuple[Extmap, ...] = _every("Extmap")
    "RFC 8285 8"
    extmap_allow_mixed: bool = _flag("ExtmapAllowMixed")
    "RFC 8285 6"
    rtcp_xr: str | None = _first("RtcpXr", "value")
    "RFC 3611 5.1"
    source_filters: tuple[SourceFilter, ...] = _every("SourceFilter")
    "RFC 4570 3"


class SessionViews(SharedViews):
    """What may stand in the session's own section only."""

    __slots__ = ()

    origin: Origin | None = _first("Origin")
    "None only where a tolerant reader found none (RFC 8866 5.2)."
    name: str = _first("SessionName", "value", "")
    "The text of `s=`; empty only where a tolerant reader found none (RFC 8866 5.3)."
    uri: str | None = _first("Uri", "value")
    "RFC 8866 5.5"
    emails: tuple[str, ...] = _texts("Email")
    "RFC 8866 5.6"
    phones: tuple[str, ...] = _texts("Phone")
    "RFC 8866 5.6"
    timings: tuple[Timing, ...] = _every("Timing")
    "RFC 8866 5.9"
    repeats: tuple[Repeat, ...] = _every("Repeat")
    "RFC 8866 5.10"
    zones: tuple[Zones, ...] = _every("Zones")
    "RFC 8866 5.11"
    groups: tuple[Group, ...] = _every("Group")
    "RFC 5888 5, RFC 8843"
    msid_semantics: tuple[MsidSemantic, ...] = _every("MsidSemantic")
    "draft-ietf-mmusic-msid-05"
    ice_lite: bool = _flag("IceLite")
    "RFC 8839 5.3"
    ice_pacing: int | None = _first("IcePacing", "value")
    "In milliseconds (RFC 8839 5.5)."


class MediaViews(SharedViews):
    """What may stand in a media section only."""

    __slots__ = ()

    field: MediaField = _first("MediaField")
    "The `m=` line; `replace` it to change what stands there."
    kind: str = _first("MediaField", "kind")
    "`audio`, `video`, `application` ..."
    port: int = _first("MediaField", "port")
    "0 for a rejected section, or one that is bundled only."
    port_count: int = _first("MediaField", "port_count")
    "How many pairs of ports; 1 for nearly all."
    protocol: str = _first("MediaField", "protocol")
    "`UDP/TLS/RTP/SAVPF`, `UDP/DTLS/SCTP` ..."
    formats: tuple[str, ...] = _first("MediaField", "formats")
    "The payload types in order of preference, or the formats of another protocol."
    connections: tuple[Connection, ...] = _every("Connection")
    "All `c=` lines: several only for layered multicast (RFC 8866 5.7)."
    mid: str | None = _first("Mid", "value")
    "RFC 5888 4"
    bundle_only: bool = _flag("BundleOnly")
    "RFC 8843 6"
    msids: tuple[Msid, ...] = _every("Msid")
    "RFC 8830 2"
    content: tuple[str, ...] = _first("ContentTags", "values", ())
    "RFC 4796 5"
    label: str | None = _first("Label", "value")
    "RFC 4574 4"
    candidates: tuple[Candidate, ...] = _every("Candidate")
    "RFC 8839 5.1"
    remote_candidates: tuple[RemoteCandidate, ...] = _View(  # type: ignore[assignment]
        "RemoteCandidates", lambda values: tuple(one for value in values for one in value.candidates), ()
    )
    "RFC 8839 5.2"
    ice_mismatch: bool = _flag("IceMismatch")
    "RFC 8839 5.3"
    cryptos: tuple[Crypto, ...] = _every("Crypto")
    "RFC 4568 9.1"
    sctp_port: int | None = _first("SctpPort", "value")
    "RFC 8841 5"
    max_message_size: int | None = _first("MaxMessageSize", "value")
    "RFC 8841 6"
    sctpmaps: tuple[Sctpmap, ...] = _every("Sctpmap")
    "draft-ietf-mmusic-sctp-sdp-05"
    dcmaps: tuple[Dcmap, ...] = _every("Dcmap")
    "RFC 8864 5.1"
    dcsas: tuple[Dcsa, ...] = _every("Dcsa")
    "RFC 8864 5.2"
    rtpmaps: tuple[Rtpmap, ...] = _every("Rtpmap")
    "RFC 8866 6.6"
    fmtps: tuple[Fmtp, ...] = _every("Fmtp")
    "RFC 8866 6.15"
    rtcp_feedback: tuple[RtcpFeedback, ...] = _every("RtcpFeedback")
    "RFC 4585 4.2"
    rtcp: Rtcp | None = _first("Rtcp")
    "RFC 3605 2.1"
    rtcp_mux: bool = _flag("RtcpMux")
    "RFC 5761 5.1.1"
    rtcp_mux_only: bool = _flag("RtcpMuxOnly")
    "RFC 8858 3"
    rtcp_rsize: bool = _flag("RtcpRsize")
    "RFC 5506 5"
    ptime: float | None = _first("Ptime", "value")
    "In milliseconds (RFC 8866 6.4)."
    maxptime: float | None = _first("Maxptime", "value")
    "In milliseconds (RFC 8866 6.5)."
    framerate: float | None = _first("Framerate", "value")
    "RFC 8866 6.13"
    ssrcs: tuple[Ssrc, ...] = _every("Ssrc")
    "RFC 5576 4.1"
    ssrc_groups: tuple[SsrcGroup, ...] = _every("SsrcGroup")
    "RFC 5576 4.2"
    rids: tuple[Rid, ...] = _every("Rid")
    "RFC 8851 10"
    simulcast: Simulcast | None = _first("Simulcast")
    "RFC 8853 5.1"
    image_attrs: tuple[ImageAttr, ...] = _every("ImageAttr")
    "RFC 6236 3.1.1"

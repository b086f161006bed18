"""What a media section takes over from the session: one function, one clause for each rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from jinglecodec.records import Record
from jinglecodec.sdp.attributes.rtp import Direction

if TYPE_CHECKING:
    from jinglecodec.sdp.attributes.filters import SourceFilter
    from jinglecodec.sdp.attributes.rtp import Extmap
    from jinglecodec.sdp.attributes.security import Fingerprint, Setup
    from jinglecodec.sdp.fields import Bandwidth, Connection
    from jinglecodec.sdp.session import Media, SessionDescription

__all__ = ["Effective", "effective"]


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Effective(Record):
    """What holds for a media section, whether it stands there or in the session's section."""

    information: str | None
    "RFC 8866 5.4: the section's, else the session's."
    connections: tuple[Connection, ...]
    "RFC 8866 5.7: the section's override the session's."
    bandwidths: tuple[Bandwidth, ...]
    """RFC 3556 4: the section's, and the session's `RS` and `RR` where the section has none.

    `AS`, `CT` and `TIAS` of the session are totals (RFC 8866 5.8).
    """
    direction: Direction
    "RFC 8866 6.7: the section's, else the session's, else sendrecv."
    ice_ufrag: str | None
    "RFC 8839 5.4: the session's is a default."
    ice_pwd: str | None
    "RFC 8839 5.4: the session's is a default."
    ice_options: tuple[str, ...]
    "RFC 8839 5.6, RFC 8829 5.8.2: the section's, else the session's."
    ice_lite: bool
    "RFC 8839 5.3: of the session only."
    ice_pacing: int | None
    "RFC 8839 5.5: of the session only; milliseconds."
    end_of_candidates: bool
    "RFC 8840 8.1: of the session means of all sections."
    fingerprints: tuple[Fingerprint, ...]
    "RFC 8122 5: the session's where the section has none."
    setup: Setup | None
    "RFC 4145 4, RFC 8829 5.8.1: the section's, else the session's."
    tls_id: str | None
    "RFC 8829 5.8.1: the section's, else the session's."
    extmaps: tuple[Extmap, ...]
    "RFC 8285 5: all of the session and all of the section (which the RFC forbids to mix), the session's first."
    extmap_allow_mixed: bool
    "RFC 8285 6: at either level."
    rtcp_xr: str | None
    "RFC 3611 5.1: the section's, else the session's."
    source_filters: tuple[SourceFilter, ...]
    "RFC 4570 3: the section's override the session's completely."


def effective(description: SessionDescription, media: Media) -> Effective:
    """Return what holds for a section of a description, those of the session's lines included that apply to it."""
    return Effective(
        information=_first(media.information, description.information),
        connections=media.connections or tuple(filter(None, [description.connection])),
        bandwidths=media.bandwidths + _rtcp_bandwidths(description, media),
        direction=media.direction or description.direction or Direction.SENDRECV,
        ice_ufrag=_first(media.ice_ufrag, description.ice_ufrag),
        ice_pwd=_first(media.ice_pwd, description.ice_pwd),
        ice_options=media.ice_options or description.ice_options,
        ice_lite=description.ice_lite,
        ice_pacing=description.ice_pacing,
        end_of_candidates=media.end_of_candidates or description.end_of_candidates,
        fingerprints=media.fingerprints or description.fingerprints,
        setup=media.setup or description.setup,
        tls_id=_first(media.tls_id, description.tls_id),
        extmaps=description.extmaps + media.extmaps,
        extmap_allow_mixed=media.extmap_allow_mixed or description.extmap_allow_mixed,
        rtcp_xr=_first(media.rtcp_xr, description.rtcp_xr),
        source_filters=media.source_filters or description.source_filters,
    )


def _first(own: str | None, inherited: str | None) -> str | None:
    """Return `own` unless it is absent."""
    return inherited if own is None else own


def _rtcp_bandwidths(description: SessionDescription, media: Media) -> tuple[Bandwidth, ...]:
    """Return the session's `RS` and `RR` that the section does not have itself (RFC 3556 4)."""
    own = {bandwidth.type for bandwidth in media.bandwidths}
    return tuple(one for one in description.bandwidths if one.type in {"RS", "RR"} - own)

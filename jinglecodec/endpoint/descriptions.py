"""What the caller wants to exchange, as contents; SDP is mapped to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from jinglecodec import mapping
from jinglecodec.model.jingle import Action
from jinglecodec.sdp import SessionDescription

if TYPE_CHECKING:
    from jinglecodec.endpoint.events import Description
    from jinglecodec.mapping import Loss
    from jinglecodec.model.grouping import Group
    from jinglecodec.model.jingle import Content, Jingle

__all__ = ["Described", "answer", "offer"]


@attrs.frozen
class Described:
    """Contents with descriptions, and what was lost when they were SDP."""

    contents: tuple[Content, ...]
    groups: tuple[Group, ...]
    losses: tuple[Loss, ...] = ()


def offer(description: Description, groups: tuple[Group, ...] = ()) -> Described:
    """Return the contents of a session-initiate; raises MappingError for SDP that has no form in Jingle."""
    if not isinstance(description, SessionDescription):
        return Described(description, groups)
    mapped = mapping.to_jingle(description, action=Action.SESSION_INITIATE, sid="offer", role="initiator")
    return Described(mapped.value.contents, mapped.value.groups, mapped.losses)


def answer(description: Description, offered: Jingle, groups: tuple[Group, ...] = ()) -> Described:
    """Return the contents of the session-accept to `offered`, under its names; raises MappingError."""
    if not isinstance(description, SessionDescription):
        return Described(description, groups)
    before = mapping.to_sdp(offered, role="initiator")
    mapped = mapping.to_jingle(
        description,
        action=Action.SESSION_ACCEPT,
        sid=offered.sid,
        role="responder",
        offer=before.value,
        names=before.names,
    )
    return Described(mapped.value.contents, mapped.value.groups, mapped.losses)

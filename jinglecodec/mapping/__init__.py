"""SDP and Jingle, both ways, with a report of everything that one side cannot say."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinglecodec.mapping.adaptation import requests_for as requests_for
    from jinglecodec.mapping.answers import check_answer as check_answer
    from jinglecodec.mapping.losses import Loss as Loss
    from jinglecodec.mapping.losses import Mapped as Mapped
    from jinglecodec.mapping.names import Name as Name
    from jinglecodec.mapping.names import Names as Names
    from jinglecodec.mapping.peers import Peer as Peer
    from jinglecodec.mapping.peers import Profile as Profile
    from jinglecodec.mapping.renegotiation import apply as apply
    from jinglecodec.mapping.renegotiation import changes as changes
    from jinglecodec.mapping.session import to_jingle as to_jingle
    from jinglecodec.mapping.session import to_sdp as to_sdp
    from jinglecodec.mapping.trickle import Trickled as Trickled
    from jinglecodec.mapping.trickle import to_candidates as to_candidates
    from jinglecodec.mapping.trickle import to_transport_info as to_transport_info

__all__ = [
    "Loss",
    "Mapped",
    "Name",
    "Names",
    "Peer",
    "Profile",
    "Trickled",
    "apply",
    "changes",
    "check_answer",
    "requests_for",
    "to_candidates",
    "to_jingle",
    "to_sdp",
    "to_transport_info",
]

_HOMES = {
    "Loss": "losses",
    "Mapped": "losses",
    "Name": "names",
    "Names": "names",
    "Peer": "peers",
    "Profile": "peers",
    "Trickled": "trickle",
    "apply": "renegotiation",
    "changes": "renegotiation",
    "check_answer": "answers",
    "requests_for": "adaptation",
    "to_candidates": "trickle",
    "to_jingle": "session",
    "to_sdp": "session",
    "to_transport_info": "trickle",
}


def __getattr__(name: str) -> object:
    """Load `name` on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'jinglecodec.mapping' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"jinglecodec.mapping.{_HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return __all__

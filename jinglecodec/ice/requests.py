"""Connectivity checks as STUN messages (RFC 8445 7.1 and 7.2.2)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from jinglecodec import stun
from jinglecodec.ice.events import CONTROLLING

if TYPE_CHECKING:
    from jinglecodec.ice.context import Context
    from jinglecodec.ice.pair import Pair

__all__ = ["check_packet"]

REMEMBERED = 1024
"For how many pairs the attributes are kept ready, which every check of consent repeats."

_BINDING = stun.Method.BINDING
_USE_CANDIDATE = stun.USE_CANDIDATE()


def check_packet(context: Context, pair: Pair, identifier: bytes, *, nominating: bool) -> bytes:
    """Return the request that checks a pair; the credentials of the peer are known."""
    session = pair.session
    is_controlling = context.role is CONTROLLING
    attributes = _attributes(session.username, pair.base.priority, context.tie_breaker, is_controlling)
    if nominating:
        attributes += (_USE_CANDIDATE,)
    request = stun.Message.request(_BINDING, identifier, *attributes)
    return request.encode(session.remote_key, fingerprint=True)


@lru_cache(REMEMBERED)
def _attributes(username: str, priority: int, tie_breaker: int, is_controlling: bool) -> tuple[stun.Attribute, ...]:
    role = stun.ICE_CONTROLLING if is_controlling else stun.ICE_CONTROLLED
    return stun.USERNAME(username), stun.PRIORITY(priority), role(tie_breaker)

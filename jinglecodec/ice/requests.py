"""Connectivity checks as STUN messages (RFC 8445 7.1 and 7.2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinglecodec import stun

if TYPE_CHECKING:
    from jinglecodec.ice.context import Context
    from jinglecodec.ice.pair import Pair

__all__ = ["check_packet"]

_USE_CANDIDATE = stun.USE_CANDIDATE()


def check_packet(context: Context, pair: Pair, identifier: bytes, *, nominating: bool) -> bytes:
    """Return the request that checks a pair; the credentials of the peer are known."""
    session = pair.session
    attributes = [stun.USERNAME(session.username), stun.PRIORITY(pair.base.priority), context.role_attribute]
    if nominating:
        attributes.append(_USE_CANDIDATE)
    request = stun.Message.request(stun.Method.BINDING, identifier, *attributes)
    return request.encode(session.remote_key, fingerprint=True)

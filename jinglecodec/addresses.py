"""Transport addresses, and the only place that asks the standard library to parse one."""

from __future__ import annotations

# The C half of `socket`: the module itself takes 2 ms to load, all for classes that nothing here needs.
from _socket import AF_INET, AF_INET6, inet_ntop, inet_pton

import attrs

__all__ = ["Address", "is_ip", "is_ipv4", "is_ipv6", "packed", "unpacked"]


@attrs.frozen
class Address:
    """A host and a port. The host is an IPv4 or IPv6 address in text form, or a name still to be resolved."""

    host: str
    port: int
    "0..65535"

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def packed(host: str) -> bytes | None:
    """Return the 4 or 16 octets of an IP address in text form, or None when `host` is not one.

    `inet_pton` is strict (no `127.1`, no octal, no scope id) and takes a twentieth of `ipaddress`' time.
    """
    try:
        return inet_pton(AF_INET6 if ":" in host else AF_INET, host)
    except (OSError, ValueError, UnicodeError):
        return None


def unpacked(octets: bytes) -> str:
    """Return the text form (RFC 5952) of 4 or 16 octets; raises ValueError for another length."""
    if len(octets) == 4:
        return inet_ntop(AF_INET, octets)
    if len(octets) == 16:
        return inet_ntop(AF_INET6, octets)
    raise ValueError(f"an IP address has 4 or 16 octets, not {len(octets)}")


def is_ip(host: str) -> bool:
    """Tell whether `host` is an IPv4 or IPv6 address in text form."""
    return packed(host) is not None


def is_ipv4(host: str) -> bool:
    """Tell whether `host` is an IPv4 address in text form."""
    return ":" not in host and packed(host) is not None


def is_ipv6(host: str) -> bool:
    """Tell whether `host` is an IPv6 address in text form, without scope id."""
    return ":" in host and packed(host) is not None

"""The figures of an endpoint, and of the machines in it."""

from __future__ import annotations

import attrs

from jinglecodec import ice
from jinglecodec.errors import LocalError
from jinglecodec.ice.gathering import MOST_ADDRESSES
from jinglecodec.session.config import Config as SessionConfig

__all__ = ["Config"]


@attrs.frozen(kw_only=True)
class Config:
    """What holds for every call. Raises LocalError for a figure that is out of its range."""

    session: SessionConfig = attrs.field(factory=SessionConfig)
    ice: ice.Config = attrs.field(factory=ice.Config)
    patience: float = 10.0
    """Seconds after the peer's last word about a path, 1 to 3600, until no more candidates are expected.

    XEP-0176 has no word for their end, and without it a path that does not come about is not given up (RFC 8838 14).
    """
    addresses: int = 32
    "Of this host, at most: 1 to 64, since an agent takes no more."

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.patience <= 3600:
            raise LocalError(f"patience is {self.patience}, not in 1..3600")
        if not 1 <= self.addresses <= MOST_ADDRESSES:
            raise LocalError(f"addresses is {self.addresses}, not in 1..{MOST_ADDRESSES}")

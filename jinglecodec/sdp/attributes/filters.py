"""Which sources are let through (RFC 4570)."""

from __future__ import annotations

from typing import Self

import attrs

from jinglecodec.lexical import is_token
from jinglecodec.sdp.values import FieldError, Value, is_visible, refuse

__all__ = ["SourceFilter"]


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class SourceFilter(Value):
    """Takes packets to one address from some sources only, or from all but some (RFC 4570 3).

    The grammar has a space behind the colon, which few write; both spellings read as the same value.
    """

    mode: str
    "`incl` or `excl`"
    destination: str
    "An address, or `*` for all of the description."
    sources: tuple[str, ...]
    "Addresses or names; one or more."
    address_type: str = "IP4"
    "`*` for both, with host names only."
    network_type: str = "IN"

    NAME = "source-filter"

    def _check(self) -> None:
        if self.mode not in ("incl", "excl"):
            refuse(self, "mode", "incl or excl")
        if not is_token(self.network_type):
            refuse(self, "network_type", "a token")
        if not is_token(self.address_type):
            refuse(self, "address_type", "a token")
        if not is_visible(self.destination):
            refuse(self, "destination", "an address without white space")
        if not self.sources or not all(is_visible(source) for source in self.sources):
            refuse(self, "sources", "one address or more")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=source-filter:`; raises FieldError."""
        parts = text.removeprefix(" ").split(" ")
        if len(parts) < 5:
            raise FieldError(
                "sources", "SourceFilter: a mode, types of network and address, and addresses are required"
            )
        mode, network_type, address_type, destination, *sources = parts
        return cls(mode, destination, tuple(sources), address_type, network_type)

    def line(self) -> str:
        """Return the whole line, without its end."""
        place = f"{self.network_type} {self.address_type} {self.destination}"
        return f"a=source-filter: {self.mode} {place} {' '.join(self.sources)}"

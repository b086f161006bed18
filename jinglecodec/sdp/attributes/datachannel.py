"""SCTP over DTLS (RFC 8841; the sctpmap of the drafts before)."""

from __future__ import annotations

from typing import ClassVar, Self

import attrs

from jinglecodec.lexical import is_token
from jinglecodec.sdp.values import FieldError, Number, Value, is_whole, number, refuse

__all__ = ["MaxMessageSize", "SctpPort", "Sctpmap"]


class SctpPort(Number):
    """The SCTP port, 0..65535 (RFC 8841 5)."""

    __slots__ = ()
    NAME = "sctp-port"
    HIGH: ClassVar[int] = 65535


class MaxMessageSize(Number):
    """The greatest message taken, in octets; 0 for any (RFC 8841 6)."""

    __slots__ = ()
    NAME = "max-message-size"


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class Sctpmap(Value):
    """The association as the drafts before RFC 8841 wrote it: `5000 webrtc-datachannel 1024` (XEP-0343 4)."""

    port: int
    "0..65535; the format of the `m=` line."
    protocol: str
    streams: int | None = None
    "How many; 0..65535."

    NAME = "sctpmap"

    def _check(self) -> None:
        if not is_whole(self.port, 0, 65535):
            refuse(self, "port", "in 0..65535")
        if not is_token(self.protocol):
            refuse(self, "protocol", "a token")
        if self.streams is not None and not is_whole(self.streams, 0, 65535):
            refuse(self, "streams", "in 0..65535")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what stands behind `a=sctpmap:`; raises FieldError."""
        parts = text.split(" ")
        if len(parts) not in (2, 3):
            raise FieldError("protocol", "Sctpmap: a port, a protocol and perhaps a number of streams are required")
        return cls(number(parts[0], "port"), parts[1], number(parts[2], "streams") if len(parts) == 3 else None)

    def line(self) -> str:
        """Return the whole line, without its end."""
        streams = "" if self.streams is None else f" {self.streams}"
        return f"a=sctpmap:{self.port} {self.protocol}{streams}"

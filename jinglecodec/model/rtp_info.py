"""XEP-0167 7 and 8: conditions and informational messages of RTP sessions."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import ApplicationCondition, Creator, SessionInfo
from jinglecodec.xml.fields import attribute, element
from jinglecodec.xml.types import STRING, enum_of

__all__ = ["Active", "CryptoRequired", "Hold", "InvalidCrypto", "Mute", "Ringing", "Unhold", "Unmute"]


@element(ns.RTP_ERRORS, "crypto-required")
class CryptoRequired(ApplicationCondition):
    """Encryption is required and was not offered (XEP-0167 7)."""


@element(ns.RTP_ERRORS, "invalid-crypto")
class InvalidCrypto(ApplicationCondition):
    """The encryption on offer cannot be used (XEP-0167 7)."""


def _misspelt_info(name: str) -> tuple[str, ...]:
    """Return the name in the namespace that example 30 of XEP-0166 has."""
    return (f"{{{ns.RTP_INFO_MISSPELT}}}{name}",)


@element(ns.RTP_INFO, "active", also=_misspelt_info("active"))
class Active(SessionInfo):
    """The party takes part again; ends hold and mute (XEP-0167 8.1)."""


@element(ns.RTP_INFO, "hold", also=_misspelt_info("hold"))
class Hold(SessionInfo):
    """The party does not listen for the moment (XEP-0167 8.2)."""


@element(ns.RTP_INFO, "unhold", also=_misspelt_info("unhold"))
class Unhold(SessionInfo):
    """The party listens again (XEP-0167 8.2)."""


@element(ns.RTP_INFO, "mute", also=_misspelt_info("mute"))
class Mute(SessionInfo):
    """The party sends nothing for the moment, on one content or on all (XEP-0167 8.3)."""

    creator: Creator | None = attribute(enum_of(Creator), default=None, expected="XEP-0167 16.3")
    name: str | None = attribute(STRING, default=None)


@element(ns.RTP_INFO, "unmute", also=_misspelt_info("unmute"))
class Unmute(SessionInfo):
    """The party sends again (XEP-0167 8.3)."""

    creator: Creator | None = attribute(enum_of(Creator), default=None, expected="XEP-0167 16.3")
    name: str | None = attribute(STRING, default=None)


@element(ns.RTP_INFO, "ringing", also=_misspelt_info("ringing"))
class Ringing(SessionInfo):
    """The device alerts its user (XEP-0167 8.4)."""

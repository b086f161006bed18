"""XEP-0269: Jingle Early Media. It defines no element, only what the disposition of a content says."""

from __future__ import annotations

from typing import Final

__all__ = ["EARLY_SESSION", "SESSION"]

SESSION: Final = "session"
"The content is media of the session itself; what a content without disposition is (XEP-0166 7.3)."

EARLY_SESSION: Final = "early-session"
"""The content is media from before the session is accepted, such as ringing tones (XEP-0269 2; RFC 3959 4).

It comes by content-add, and a later session-accept does not accept it.
"""

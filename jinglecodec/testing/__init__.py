"""Help for testing machines, those of this library and others of their shape.

`network`: a virtual network to run them on. `replay`: recordings of what a machine was told and said, `encoding` their
bytes. `laws`: the rules that every machine keeps, as checks.
"""

from __future__ import annotations

__all__ = ["encoding", "laws", "network", "replay"]

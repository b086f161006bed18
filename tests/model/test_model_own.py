"""Elements of our own; no specification but the declaration's docstring."""

from __future__ import annotations

from element_support import Golden

from jinglecodec.model.own import Carry, DataChannels

GOLDENS = (
    Golden("own", "<description xmlns='urn:x-jinglecodec:datachannel:0'/>", DataChannels()),
    Golden("own", "<carry xmlns='urn:x-jinglecodec:carry:0'>YT1mbw==</carry>", Carry(value="YT1mbw==")),
)

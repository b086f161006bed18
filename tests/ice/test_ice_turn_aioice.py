"""What a relayed connection costs, beside aioice in the same world."""

from __future__ import annotations

import pytest

pytest.importorskip("aioice")

from relayed_packets import ours, theirs


@pytest.mark.interop
def test_relayed_connection_takes_no_more_than_aioice_needs_and_the_permission() -> None:
    """The nomination (RFC 8445 8.1.1), which aioice leaves out, is one check more: two packets, relayed."""
    our_packets, our_time = ours()
    their_packets, their_time = theirs()

    assert our_packets.pop("CREATE_PERMISSION") == 2
    assert our_packets.pop("BINDING") <= their_packets.pop("BINDING") + 4
    assert our_packets == their_packets == {"ALLOCATE": 4, "CHANNEL_BIND": 2}
    assert our_time < their_time

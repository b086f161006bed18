"""What media sections take over from the session, rule by rule."""

from __future__ import annotations

import attrs
import pytest

from jinglecodec import sdp

HEAD = "v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\n"
SHA1, MD5 = "a=fingerprint:sha-1 " + ":".join(["0B"] * 20), "a=fingerprint:md5 " + ":".join(["0A"] * 16)


def resolved(session: str, media: str) -> sdp.Effective:
    """Return what holds for a section of `media` lines below `session` lines, `c=`, `b=` and attributes each."""
    first = [line for line in session.split("|") if line and line[0] in "icb"]
    attributes = [line for line in session.split("|") if line and line[0] not in "icb"]
    lines = [*first, "t=0 0", *attributes, "m=audio 9 RTP/AVP 0", *filter(None, media.split("|"))]
    description = sdp.loads(HEAD + "\n".join(lines) + "\n", errors="tolerant")
    return sdp.effective(description, description.media[0])


# Field, session's lines, section's lines, what holds.
RULES = [
    ("information", "i=all", "", "all"),  # RFC 8866 5.4
    ("information", "i=all", "i=one", "one"),
    ("connections", "c=IN IP4 192.0.2.1", "", (sdp.Connection("192.0.2.1"),)),  # RFC 8866 5.7
    ("connections", "c=IN IP4 192.0.2.1", "c=IN IP4 192.0.2.2", (sdp.Connection("192.0.2.2"),)),
    ("connections", "", "", ()),
    ("bandwidths", "b=AS:1|b=CT:2|b=TIAS:3", "b=AS:4", (sdp.Bandwidth("AS", 4),)),  # RFC 8866 5.8
    (
        *("bandwidths", "b=RS:800|b=RR:2400", "b=AS:4|b=RR:1"),
        (sdp.Bandwidth("AS", 4), sdp.Bandwidth("RR", 1), sdp.Bandwidth("RS", 800)),  # RFC 3556 4
    ),
    ("direction", "", "", sdp.Direction.SENDRECV),  # RFC 8866 6.7
    ("direction", "a=inactive", "", sdp.Direction.INACTIVE),
    ("direction", "a=inactive", "a=sendonly", sdp.Direction.SENDONLY),
    ("ice_ufrag", "a=ice-ufrag:all1", "", "all1"),  # RFC 8839 5.4
    ("ice_ufrag", "a=ice-ufrag:all1", "a=ice-ufrag:one1", "one1"),
    ("ice_pwd", "a=ice-pwd:" + "x" * 22, "", "x" * 22),
    ("ice_pwd", "a=ice-pwd:" + "x" * 22, "a=ice-pwd:" + "y" * 22, "y" * 22),
    ("ice_options", "a=ice-options:trickle", "", ("trickle",)),  # RFC 8839 5.6
    ("ice_options", "a=ice-options:trickle", "a=ice-options:ice2", ("ice2",)),
    ("ice_lite", "a=ice-lite", "", True),  # RFC 8839 5.3
    ("ice_lite", "", "a=ice-lite", False),
    ("ice_pacing", "a=ice-pacing:5", "", 5),  # RFC 8839 5.5
    ("end_of_candidates", "a=end-of-candidates", "", True),  # RFC 8840 8.1
    ("end_of_candidates", "", "a=end-of-candidates", True),
    ("end_of_candidates", "", "", False),
    ("fingerprints", SHA1 + "|" + MD5, "", (sdp.read_line(SHA1), sdp.read_line(MD5))),  # RFC 8122 5
    ("fingerprints", SHA1, MD5, (sdp.read_line(MD5),)),
    ("setup", "a=setup:actpass", "", sdp.Setup.ACTPASS),  # RFC 4145 4
    ("setup", "a=setup:actpass", "a=setup:active", sdp.Setup.ACTIVE),
    ("tls_id", "a=tls-id:" + "x" * 20, "", "x" * 20),  # RFC 8829 5.8.1
    ("tls_id", "a=tls-id:" + "x" * 20, "a=tls-id:" + "y" * 20, "y" * 20),
    ("extmaps", "a=extmap:1 urn:all", "", (sdp.Extmap(1, "urn:all"),)),  # RFC 8285 5
    ("extmaps", "a=extmap:1 urn:all", "a=extmap:2 urn:one", (sdp.Extmap(1, "urn:all"), sdp.Extmap(2, "urn:one"))),
    ("extmap_allow_mixed", "a=extmap-allow-mixed", "", True),  # RFC 8285 6
    ("extmap_allow_mixed", "", "a=extmap-allow-mixed", True),
    ("rtcp_xr", "a=rtcp-xr:x", "", "x"),  # RFC 3611 5.1
    ("rtcp_xr", "a=rtcp-xr:x", "a=rtcp-xr:y", "y"),
    (
        *("source_filters", "a=source-filter: incl IN IP4 * 192.0.2.1", ""),
        (sdp.SourceFilter("incl", "*", ("192.0.2.1",)),),  # RFC 4570 3
    ),
    (
        *("source_filters", "a=source-filter: incl IN IP4 * 192.0.2.1", "a=source-filter: excl IN IP4 * 192.0.2.2"),
        (sdp.SourceFilter("excl", "*", ("192.0.2.2",)),),
    ),
]


@pytest.mark.parametrize(("field", "session", "media", "holds"), RULES)
def test_a_section_takes_over_what_its_rule_says(field: str, session: str, media: str, holds: object) -> None:
    assert getattr(resolved(session, media), field) == holds


def test_every_field_has_a_rule() -> None:
    assert {field.name for field in attrs.fields(sdp.Effective)} == {rule[0] for rule in RULES}

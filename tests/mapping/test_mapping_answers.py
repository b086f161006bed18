from __future__ import annotations

from pathlib import Path

import pytest

from jinglecodec import mapping, sdp
from jinglecodec.findings import Severity

OFFER = """v=0
o=- 1 1 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0 1
m=audio 9 UDP/TLS/RTP/SAVPF 111 0
c=IN IP4 0.0.0.0
a=mid:0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuv
a=fingerprint:sha-1 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13
a=setup:actpass
a=sendonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
m=video 0 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=mid:1
"""

ANSWER = """v=0
o=- 2 1 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=mid:0
a=ice-ufrag:efgh
a=ice-pwd:abcdefghijklmnopqrstuv
a=fingerprint:sha-1 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13
a=setup:active
a=recvonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
m=video 0 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=mid:1
"""


def codes(answer: str, offer: str = OFFER) -> list[str]:
    return [finding.code for finding in mapping.check_answer(sdp.loads(offer), sdp.loads(answer))]


def test_a_legal_answer_has_no_findings() -> None:
    assert codes(ANSWER) == []


# What to change in the legal answer -> the one rule that it breaks.
BROKEN = [
    ("a=setup:active", "a=setup:actpass", "setup"),  # RFC 8842 5.3
    ("a=recvonly", "a=sendrecv", "direction"),  # RFC 3264 6.1
    ("m=audio 9 UDP/TLS/RTP/SAVPF", "m=audio 9 UDP/TLS/RTP/SAVP", "protocol"),  # RFC 3264 6
    ("SAVPF 111\n", "SAVPF 8\n", "formats"),  # RFC 3264 6.1
    ("opus/48000/2", "L16/48000/2", "encoding"),  # RFC 3264 6.1
    ("m=video 0", "m=video 9", "rejected-accepted"),  # RFC 3264 6
    ("m=video 0", "m=text 0", "media-kind"),  # RFC 3264 6
    ("a=mid:1", "a=mid:7", "mid"),  # RFC 5888 9.1
    ("t=0 0", "t=1 0", "times"),  # RFC 3264 6
    ("BUNDLE 0\n", "BUNDLE 0 1\n", "bundle-members"),  # RFC 8843 7.3.3
    ("group:BUNDLE", "group:LS", "group-not-offered"),  # RFC 5888 9.2
    ("a=extmap:1 ", "a=extmap:2 ", "extmap"),  # RFC 8285 7
    ("sdes:mid", "sdes:rid", "extmap"),  # RFC 8285 7
    ("a=rtcp-mux\n", "a=rtcp-mux\na=extmap-allow-mixed\n", "extmap-allow-mixed"),  # RFC 8285 6
    ("fb:111 transport-cc", "fb:111 nack", "rtcp-fb"),  # RFC 4585 4.2
    ("a=rtcp-mux\n", "a=rtcp-mux\na=rtcp-mux-only\n", "rtcp-mux-only"),  # RFC 8858 4
    ("a=ice-pwd:abcdefghijklmnopqrstuv\n", "", "ice-credentials"),  # RFC 8839 4.2.1
    ("a=rtcp-mux\n", "a=rtcp-mux\na=rid:hi recv\n", "rid"),  # RFC 8853 5.3
]


@pytest.mark.parametrize(("old", "new", "code"), BROKEN, ids=[f"{code}-{i}" for i, (_, _, code) in enumerate(BROKEN)])
def test_each_broken_rule_is_found_alone(old: str, new: str, code: str) -> None:
    assert old in ANSWER
    assert codes(ANSWER.replace(old, new, 1)) == [code]


def test_a_missing_section_is_found() -> None:
    assert codes(ANSWER[: ANSWER.index("m=video")]) == ["section-count"]


def test_an_answer_without_the_fingerprint_is_found() -> None:
    line = next(line for line in ANSWER.splitlines(keepends=True) if line.startswith("a=fingerprint"))
    assert codes(ANSWER.replace(line, "")) == ["fingerprint"]


def test_rtcp_mux_is_answered_only_when_offered() -> None:
    assert codes(ANSWER, OFFER.replace("a=rtcp-mux\n", "")) == ["rtcp-mux"]


def test_rtcp_mux_only_is_answered_with_rtcp_mux() -> None:
    """RFC 8858 4: the answer to rtcp-mux-only has rtcp-mux, or the section is rejected."""
    offer = OFFER.replace("a=rtcp-mux\n", "a=rtcp-mux\na=rtcp-mux-only\n")
    assert codes(ANSWER, offer) == []
    assert codes(ANSWER.replace("a=rtcp-mux\n", ""), offer) == ["rtcp-mux-only"]


def test_only_one_crypto_line_that_was_offered_is_answered() -> None:
    key = "inline:" + "A" * 40
    offer = OFFER.replace("a=mid:0\n", f"a=mid:0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 {key}\n")
    answer = ANSWER.replace("a=mid:0\n", f"a=mid:0\na=crypto:2 AES_CM_128_HMAC_SHA1_80 {key}\n")
    assert codes(answer, offer) == ["crypto"]
    assert codes(answer.replace("crypto:2", "crypto:1"), offer) == []


@pytest.mark.parametrize(
    ("offered", "found"), [(4095, ["extmap"]), (4096, []), (4351, []), (4352, ["extmap"])], ids=str
)
def test_ids_that_are_for_the_answerer_to_choose_may_change(offered: int, found: list[str]) -> None:
    """RFC 8285 7: an offerer with too many extensions offers ids in the range 4096 to 4351."""
    assert codes(ANSWER, OFFER.replace("a=extmap:1 ", f"a=extmap:{offered} ")) == found


def test_a_finding_has_place_and_clause() -> None:
    (found,) = mapping.check_answer(sdp.loads(OFFER), sdp.loads(ANSWER.replace("a=recvonly", "a=sendonly")))
    assert (found.path, found.line, found.severity) == ("media[1]", 6, Severity.ERROR)
    assert found.clause == "RFC 3264 6.1"


@pytest.mark.corpus
def test_what_browsers_answer_is_legal(corpus: Path) -> None:
    checked = 0
    for answer in sorted(corpus.glob("browsers/*/*.answer*.sdp"))[::3]:
        offer = answer.with_name(answer.name.replace(".answer.", ".offer."))
        if offer.exists():
            checked += 1
            findings = mapping.check_answer(sdp.loads(offer.read_bytes()), sdp.loads(answer.read_bytes()))
            assert findings == (), answer.name
    assert checked > 30

"""XEP-0262: ZRTP."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

HASH = "fe30efd02423cb054e50efd0248742ac7a52c8f91bc2df881ae642c371ba46df"

GOLDENS = (
    Golden(
        "XEP-0262 1",
        "<zrtp-hash xmlns='urn:xmpp:jingle:apps:rtp:zrtp:1' version='1.10'>"
        "fe30efd02423cb054e50efd0248742ac7a52c8f91bc2df881ae642c371ba46df</zrtp-hash>",
        jc.ZrtpHash(version="1.10", value=HASH),
    ),
)


def encryption(inner: str) -> jc.Decoded[jc.Encryption]:
    return jc.read(f"<encryption xmlns='{ns.RTP}'>{inner}</encryption>", expect=jc.Encryption)


def test_the_hash_stands_beside_the_keys_of_sdes() -> None:
    crypto = "<crypto crypto-suite='AES_CM_128_HMAC_SHA1_80' key-params='inline:x' tag='1'/>"
    value = encryption(f"{crypto}<zrtp-hash xmlns='{ns.ZRTP}' version='1.10'>{HASH}</zrtp-hash>").value
    assert value.zrtp_hashes == (jc.ZrtpHash(version="1.10", value=HASH),)
    assert len(value.cryptos) == 1


def test_white_space_around_the_hash_is_a_quirk() -> None:
    """XEP-0262 1, examples 1 and 2."""
    decoded = encryption(f"<zrtp-hash xmlns='{ns.ZRTP}' version='1.10'>\n  {HASH}\n</zrtp-hash>")
    assert decoded.value.zrtp_hashes[0].value == HASH
    assert [(finding.code, finding.path) for finding in decoded.findings] == [("sloppy-hash", "encryption/zrtp-hash")]


def test_the_namespace_of_stanza_is_understood() -> None:
    decoded = encryption(f"<zrtp-hash version='1.10'>{HASH}</zrtp-hash>")
    assert decoded.value.zrtp_hashes == (jc.ZrtpHash(version="1.10", value=HASH),)
    assert [(finding.code, finding.path) for finding in decoded.findings] == [("sloppy-name", "encryption/zrtp-hash")]


@pytest.mark.parametrize("text", ["", "zrtp-hash-value", "fe30 efd0", "0x1f"])
def test_what_is_no_hash_is_refused(text: str) -> None:
    with pytest.raises(jc.DecodeError, match=r"^zrtp-hash: .* is not hex digits$"):
        jc.loads(f"<zrtp-hash xmlns='{ns.ZRTP}' version='1.10'>{text}</zrtp-hash>")

"""XEP-0300: hashes."""

from __future__ import annotations

import hashlib
from base64 import b64encode

import pytest
from element_support import Golden
from hypothesis import given
from hypothesis import strategies as st

import jinglecodec as jc
from jinglecodec import namespaces as ns

VALUE = "2XarmwTlNxDAMkvymloX3S5+VbylNrJt/l5QyPa+YoU="

GOLDENS = (
    Golden(
        "XEP-0300 3",
        "<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>2XarmwTlNxDAMkvymloX3S5+VbylNrJt/l5QyPa+YoU=</hash>",
        jc.Hash(algo="sha-256", value=VALUE),
    ),
    Golden(
        "XEP-0234 5: MAY be empty if the hash has not yet been computed",
        "<hash xmlns='urn:xmpp:hashes:2' algo='sha-1'/>",
        jc.Hash(algo="sha-1"),
    ),
    Golden("XEP-0300 3", "<hash-used xmlns='urn:xmpp:hashes:2' algo='sha-256'/>", jc.HashUsed(algo="sha-256")),
)


def read(text: str) -> jc.Decoded[jc.Hash]:
    return jc.read(f"<hash xmlns='{ns.HASHES}' algo='sha-256'>{text}</hash>", expect=jc.Hash)


def test_the_digest_is_the_octets_of_the_hash() -> None:
    digest = hashlib.sha256(b"jingle").digest()
    assert jc.Hash(algo="sha-256", value=b64encode(digest).decode()).digest == digest
    assert jc.Hash(algo="sha-256").digest == b""


@given(st.binary(max_size=70))
def test_every_digest_has_one_form(digest: bytes) -> None:
    """RFC 4648 4: whatever an encoder writes is taken, and as it is."""
    assert read(b64encode(digest).decode()) == jc.Decoded(jc.Hash(algo="sha-256", value=b64encode(digest).decode()))


def test_white_space_in_a_hash_is_a_quirk() -> None:
    """XEP-0300 3: the output MUST NOT include whitespace."""
    decoded = read(f"\n  {VALUE[:20]}\n  {VALUE[20:]}\n")
    assert decoded.value.value == VALUE
    assert [(finding.code, finding.path) for finding in decoded.findings] == [("sloppy-hash", "hash")]


@pytest.mark.parametrize("text", ["AAA", "AAAA=", "A===", "AA=A", "AB==", "AAB=", "AA-_", "\u0661AAA", "AAAA\xa0"])
def test_what_is_no_base64_is_refused(text: str) -> None:
    """Padding bits are zero (XEP-0300 3); the alphabet is that of RFC 4648 4."""
    with pytest.raises(jc.DecodeError, match=r"^hash: .* is not base64$"):
        read(text)

"""XEP-0320: DTLS-SRTP."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

OCTETS = "02:1A:CC:54:27:AB:EB:9C:53:3F:3E:4B:65:2E:7D:46:3F:54:42:CD:54:F1:7A:03:A2:7D:F9:B0:7F:46:19:B2"

GOLDENS = (
    Golden(
        "XEP-0320 1; the space around the value would not appear in actual XML",
        f"<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='actpass'>{OCTETS}</fingerprint>",
        jc.Fingerprint(hash="sha-256", setup=jc.Setup.ACTPASS, value=OCTETS),
    ),
)


@pytest.mark.parametrize("text", [f"\n  {OCTETS}\n", OCTETS.lower(), OCTETS.replace(":", ": ").lower()])
def test_sloppy_fingerprints_are_mended(text: str) -> None:
    """Dino writes lower-case digits, the examples of XEP-0343 white space."""
    decoded = jc.read(f"<fingerprint xmlns='{ns.DTLS}' hash='SHA-256' setup='active'>{text}</fingerprint>")
    assert decoded.value == jc.Fingerprint(hash="sha-256", setup=jc.Setup.ACTIVE, value=OCTETS)
    assert [finding.code for finding in decoded.findings] == ["sloppy-word", "sloppy-fingerprint"]


@pytest.mark.parametrize("text", ["", "fingerprint", "02:1", "02;1A", "0G:00", OCTETS + ":", "\u0660\u0661"])
def test_what_is_no_fingerprint_is_refused(text: str) -> None:
    with pytest.raises(jc.DecodeError, match=r"^fingerprint: .* is not pairs of upper-case hex digits"):
        jc.loads(f"<fingerprint xmlns='{ns.DTLS}' hash='sha-256'>{text}</fingerprint>")


@pytest.mark.parametrize("value", [OCTETS.lower(), f" {OCTETS}", "", "0"])
def test_only_proper_fingerprints_are_written(value: str) -> None:
    with pytest.raises(jc.EncodeError, match=r"^Fingerprint\.value: .* is not pairs of upper-case hex digits"):
        jc.Fingerprint(hash="sha-256", value=value)


def test_hash_names_are_written_in_lower_case() -> None:
    with pytest.raises(jc.EncodeError, match=r"^Fingerprint\.hash: 'SHA-1' is not a hash name in lower case"):
        jc.Fingerprint(hash="SHA-1", value="00")


def test_a_fingerprint_without_setup_is_a_quirk() -> None:
    """Required by the schema (XEP-0320 7); the examples of XEP-0340 leave it out."""
    decoded = jc.read(f"<fingerprint xmlns='{ns.DTLS}' hash='sha-1'>00:FF</fingerprint>")
    assert decoded.value == jc.Fingerprint(hash="sha-1", value="00:FF")
    assert [(finding.path, finding.clause) for finding in decoded.findings] == [("fingerprint/@setup", "XEP-0320 7")]


def test_unknown_attributes_are_kept() -> None:
    value = jc.loads(f"<fingerprint xmlns='{ns.DTLS}' hash='sha-1' setup='active' tls-id='x'>00</fingerprint>")
    assert value.extra.attributes == (("tls-id", "x"),)


def test_the_namespace_of_the_draft_is_understood_inside_a_transport() -> None:
    tag = "{urn:xmpp:tmp:jingle:apps:dtls:0}fingerprint"
    markup = (
        f"<transport xmlns='{ns.ICE_UDP}'>"
        "<fingerprint xmlns='urn:xmpp:tmp:jingle:apps:dtls:0' hash='sha-1' setup='active'>00</fingerprint></transport>"
    )
    decoded = jc.read(markup, expect=jc.IceUdpTransport)
    assert decoded.value.fingerprints == (jc.Fingerprint(hash="sha-1", setup=jc.Setup.ACTIVE, value="00"),)
    assert [(f.code, f.path, f.message) for f in decoded.findings] == [
        ("sloppy-name", "transport/fingerprint", f"{tag} stands for {{{ns.DTLS}}}fingerprint")
    ]
    assert jc.loads(markup) == decoded.value

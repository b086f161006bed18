"""XEP-0391 and XEP-0396: transports encrypted end to end."""

from __future__ import annotations

from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

AXOLOTL = "eu.siacs.conversations.axolotl"
HEADER = jc.Raw(
    f"{{{AXOLOTL}}}header",
    (("sid", "27183"),),
    children=(
        jc.Raw(f"{{{AXOLOTL}}}key", (("rid", "31415"),), "BASE64ENCODED..."),
        jc.Raw(f"{{{AXOLOTL}}}iv", (), "BASE64ENCODED..."),
    ),
)

GOLDENS = (
    Golden(
        "XEP-0396 4, example 1, with the cipher as XEP-0391 5 names it",
        "<security xmlns='urn:xmpp:jingle:jet:0' name='a-file-offer' cipher='urn:xmpp:ciphers:aes-128-gcm-nopadding:0'"
        " type='eu.siacs.conversations.axolotl'><encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='27183'>"
        "<key rid='31415'>BASE64ENCODED...</key><iv>BASE64ENCODED...</iv></header></encrypted></security>",
        jc.JetSecurity(
            name="a-file-offer",
            cipher=jc.AES_128_GCM,
            type=AXOLOTL,
            envelope=jc.Raw(f"{{{AXOLOTL}}}encrypted", children=(HEADER,)),
        ),
    ),
)


def test_the_ciphers_are_those_of_the_table() -> None:
    """XEP-0391 5."""
    assert jc.AES_128_GCM == "urn:xmpp:ciphers:aes-128-gcm-nopadding:0"
    assert jc.AES_256_GCM == "urn:xmpp:ciphers:aes-256-gcm-nopadding:0"


def test_a_cipher_is_kept_as_the_examples_spell_it() -> None:
    cipher = "urn:xmpp:ciphers:aes-256-gcm-nopadding"
    markup = f"<security xmlns='{ns.JET}' name='a' cipher='{cipher}' type='urn:xmpp:encryption:stub:0'/>"
    assert jc.read(markup) == jc.Decoded(jc.JetSecurity(name="a", cipher=cipher, type="urn:xmpp:encryption:stub:0"))


def test_it_is_the_security_of_a_content() -> None:
    security = f"<security xmlns='{ns.JET}' name='a' cipher='x' type='y'/>"
    content = jc.loads(f"<content xmlns='{ns.JINGLE}' creator='initiator' name='a'>{security}</content>")
    assert content == jc.Content(name="a", security=jc.JetSecurity(name="a", cipher="x", type="y"))

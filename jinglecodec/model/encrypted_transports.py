"""XEP-0391: Jingle Encrypted Transports (JET), and XEP-0396, which puts OMEMO inside and has no elements of its own."""

from __future__ import annotations

from typing import Final

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import Security
from jinglecodec.xml.fields import Element, attribute, element, member
from jinglecodec.xml.tree import Raw
from jinglecodec.xml.types import STRING

__all__ = ["AES_128_GCM", "AES_256_GCM", "JetSecurity"]

AES_128_GCM: Final = "urn:xmpp:ciphers:aes-128-gcm-nopadding:0"
"AES with a key of 128 bits and an IV of 96 (XEP-0391 5); what OMEMO asks for (XEP-0396 3, 4)."

AES_256_GCM: Final = "urn:xmpp:ciphers:aes-256-gcm-nopadding:0"
"AES with a key of 256 bits and an IV of 96 (XEP-0391 5)."


@element(ns.JET, "security")
class JetSecurity(Security):
    """The key for what a transport carries, encrypted end to end (XEP-0391 3, 4)."""

    name: str = attribute(STRING)
    "Of the content."
    cipher: str = attribute(STRING)
    "`AES_128_GCM` or `AES_256_GCM`; the examples leave out the `:0` at their end."
    type: str = attribute(STRING)
    "Namespace of the encryption that the key travels in, such as `eu.siacs.conversations.axolotl` (XEP-0396 4)."
    envelope: Element | Raw | None = member(Element, default=None)
    "The key as that encryption wraps it: opaque here, like OMEMO's key transport (XEP-0396 2)."

"""XEP-0334: the hint that XEP-0353 asks for."""

from __future__ import annotations

from element_support import Golden

import jinglecodec as jc

GOLDENS = (Golden("XEP-0353 3.1, example 1", "<store xmlns='urn:xmpp:hints'/>", jc.Store()),)


def test_other_hints_stay_as_they_came() -> None:
    markup = "<message xmlns='jabber:client'><no-copy xmlns='urn:xmpp:hints'/></message>"
    assert jc.read(markup) == jc.Decoded(jc.Message(payloads=(jc.Raw("{urn:xmpp:hints}no-copy"),)))

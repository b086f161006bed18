"""JIDs and URIs by RFC 7247, session ids and Call-IDs by the law of draft-ietf-stox-media-04 8."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinglecodec.addresses import Address
from jinglecodec.sip.addresses import Uri, to_call_id, to_jid, to_sid, to_uri, username


@pytest.mark.parametrize(
    ("uri", "jid"),
    [
        ("sip:f%C3%BC@sip.example", "fü@sip.example"),
        ("sip:o'malley@sip.example", "o\\27malley@sip.example"),
        ("sip:foo@sip.example;gr=bar", "foo@sip.example/bar"),
        ("sip:m&m@xmpp.example", "m\\26m@xmpp.example"),
        ("sip:tsch%C3%BCss@xmpp.example", "tschüss@xmpp.example"),
        ("sip:baz@xmpp.example;gr=qux", "baz@xmpp.example/qux"),
        ("sip:a%20b%5Cc%23@h.example", "a\\20b\\c#@h.example"),
        ("sip:h.example", "h.example"),
    ],
)
def test_the_examples_of_rfc_7247_map_both_ways(uri: str, jid: str) -> None:
    parsed = Uri.parse(uri)
    assert parsed is not None
    assert to_jid(parsed) == jid
    assert str(to_uri(jid)) == uri


_LOCAL = st.text(st.characters(min_codepoint=33, exclude_categories=["Cs", "Cc", "Zs"]), min_size=1).map(
    lambda text: re.sub(r"[\"&'/:<>@\\]", "", text) or "x"
)
_RESOURCE = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), min_size=1)


@given(_LOCAL, st.none() | _RESOURCE)
def test_a_jid_comes_back_from_the_text_of_its_uri(local: str, resource: str | None) -> None:
    jid = f"{local}@xmpp.example" + ("" if resource is None else f"/{resource}")
    uri = Uri.parse(str(to_uri(jid)))
    assert uri is not None
    assert to_jid(uri) == jid


@pytest.mark.parametrize("escaped", ["a\\5c27b", "\\22\\26\\27\\2f\\3a\\3c\\3e\\40"])
def test_escaped_localparts_come_back(escaped: str) -> None:
    """XEP-0106 4: unescaping and escaping again gives the same."""
    uri = Uri.parse(str(to_uri(f"{escaped}@xmpp.example")))
    assert uri is not None
    assert to_jid(uri) == f"{escaped}@xmpp.example"


def test_hosts_may_be_labels_with_digits_and_addresses() -> None:
    assert Uri.parse("sip:1001@pbx1:5080;transport=udp;lr") == Uri("1001", "pbx1", 5080, loose=True)
    parsed = Uri.parse("SIP:a:secret@[2001:DB8::1];GR=x?Subject=y")
    assert parsed == Uri("a", "[2001:db8::1]", gruu="x")
    assert parsed is not None
    assert parsed.address == Address("2001:db8::1", 5060)


@pytest.mark.parametrize(
    "text",
    [
        "tel:+1",
        "sip:",
        "sip:a@",
        "sip:a b@c",
        "sip:a@b\r\nX: y",
        "sip:%ff@b",
        "sip:a@b:0",
        "sip:a@b:65536",
        "sip:\udc80@b",
    ],
)
def test_what_is_no_sip_uri_is_none(text: str) -> None:
    assert Uri.parse(text) is None


@pytest.mark.parametrize("jid", ["a@b c", "a@b\r\n", "@", "", "a\x00@b", "a@b/\x7f", "a@\ud800"])
def test_what_can_be_no_uri_is_none(jid: str) -> None:
    assert to_uri(jid) is None


def test_the_localpart_is_the_username_of_the_origin() -> None:
    """draft-ietf-stox-media-04, table 1."""
    assert username("juliet@example.com/t3hr0zny") == "juliet"
    assert username("example.com") == "-"
    assert username("a b@example.com") == "-"


# --- session id and Call-ID ------------------------------------------------------------------------------------------

_WORD = st.text("ABCabc019-.!%*_+`'~()<>:\\\"/[]?{}", min_size=1)
_CALL_ID = st.builds(lambda left, right: left + right, _WORD, st.just("") | _WORD.map("@{}".format))


@given(st.text(st.characters(codec=None, exclude_categories=[])) | _CALL_ID.map("sip:{}".format) | _CALL_ID.map(to_sid))
def test_a_session_id_comes_back_from_its_call_id(sid: str) -> None:
    """draft-ietf-stox-media-04 8: jingleSessID == toJingleSessID(toSipCallID(jingleSessID))."""
    assert to_sid(to_call_id(sid)) == sid


@given(_CALL_ID)
def test_a_call_id_comes_back_from_its_session_id(call_id: str) -> None:
    assert to_call_id(to_sid(call_id)) == call_id


@given(st.text())
def test_ids_are_what_the_other_side_can_write(text: str) -> None:
    """RFC 3261 25.1, callid; XML Schema, NMTOKEN (XEP-0166 12)."""
    if text:
        assert re.fullmatch(r"[A-Za-z0-9._%@-]+", to_call_id(text)) or text.startswith("sip:")
    assert re.fullmatch(r"sip:[A-Za-z0-9._-]*", to_sid(text)) or text.endswith("@jingle")

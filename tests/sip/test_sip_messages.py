"""SIP messages read, answered and written; and what of a datagram is refused."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sip_support import SDP, sip

from jinglecodec.addresses import Address
from jinglecodec.sip.messages import MalformedError, NameAddress, Request, Via, arrived, read

INVITE = """
    INVITE sip:a%2Fb@pbx1;x=y SIP/2.0
    v: SIP/2.0/UDP pbx1:5060;branch=z9hG4bK-1;rport, SIP/2.0/UDP [2001:db8::1]
    Via: SIP / 2.0 / UDP third : 5062 ;branch=b
    f: "Alice, the \\"A\\"" <sip:a@pbx1;x=1>;tag=a+b!
    t: sip:x@y.example;z=1
    m: "x, y" <sip:a@b;lr>;q=1, <sip:c@d>
    i: abc@pbx1
    CSeq: 7 INVITE
    Require: 100rel, Foo
    k: timer,100REL
    c: Application/SDP;charset=utf-8
"""


def test_compact_names_lists_and_quotes_are_read() -> None:
    request = read(sip(INVITE, SDP))
    assert isinstance(request, Request)
    assert (request.method, request.uri, request.cseq, request.call_id) == (
        "INVITE",
        "sip:a%2Fb@pbx1;x=y",
        7,
        "abc@pbx1",
    )
    assert request.via == Via("pbx1", 5060, {"branch": "z9hG4bK-1", "rport": ""})
    assert len(request.all("via")) == 3
    assert Via.parse(request.all("via")[2]) == Via("third", 5062, {"branch": "b"})
    assert request.from_ == NameAddress("sip:a@pbx1;x=1", {"tag": "a+b!"})
    assert request.to == NameAddress("sip:x@y.example", {"z": "1"})
    assert request.contact == "sip:a@b;lr"
    assert request.tokens("require") == {"100rel", "foo"}
    assert request.tokens("supported") == {"100rel", "timer"}
    assert request.sdp == SDP


def test_folded_lines_are_one() -> None:
    data = sip(INVITE).replace(b"f: ", b"f:\r\n\t ").replace(b"timer,", b"timer,\r\n ")
    request = read(data)
    assert request.from_.tag == "a+b!"
    assert request.tokens("supported") == {"100rel", "timer"}


def test_a_response_echoes_what_it_has_to_as_it_came() -> None:
    """RFC 3261 8.2.6.2: From, Call-ID, CSeq and Via "MUST equal" those of the request; To gets a tag."""
    request = read(sip(INVITE))
    assert isinstance(request, Request)
    text = request.response(180, tag="t1").encode().decode()
    assert text.startswith("SIP/2.0 180 Ringing\r\n")
    assert 'From: "Alice, the \\"A\\"" <sip:a@pbx1;x=1>;tag=a+b!\r\n' in text
    assert "To: sip:x@y.example;z=1;tag=t1\r\n" in text
    assert text.endswith("Content-Length: 0\r\n\r\n")


@pytest.mark.parametrize(
    ("via", "noted", "port"),
    [
        ("SIP/2.0/UDP 192.0.2.9;branch=b", "SIP/2.0/UDP 192.0.2.9;branch=b", 5060),
        ("SIP/2.0/UDP pbx1:5070;branch=b", "SIP/2.0/UDP pbx1:5070;branch=b;received=192.0.2.9", 5070),
        ("SIP/2.0/UDP 192.0.2.9;rport;branch=b", "SIP/2.0/UDP 192.0.2.9;rport=4444;branch=b;received=192.0.2.9", 4444),
    ],
)
def test_responses_go_back_where_the_request_came_from(via: str, noted: str, port: int) -> None:
    """RFC 3261 18.2.1, 18.2.2 and RFC 3581 4."""
    request = read(
        sip(f"OPTIONS sip:x SIP/2.0\nVia: {via}\nFrom: <sip:a@b>;tag=1\nTo: <sip:x>\nCall-ID: c\nCSeq: 1 OPTIONS")
    )
    assert isinstance(request, Request)
    seen, place = arrived(request, Address("192.0.2.9", 4444))
    assert seen.all("via") == (noted,)
    assert place == Address("192.0.2.9", port)


def test_the_body_ends_where_content_length_says() -> None:
    """RFC 3261 18.3: "if there are additional bytes ... they MUST be discarded"."""
    assert read(sip(INVITE, SDP) + b"more").body == SDP


@pytest.mark.parametrize(
    ("change", "answerable"),
    [
        (("Content-Length: 0", "Content-Length: 5"), True),
        (("Content-Length: 0", "Content-Length: -1"), True),
        (("Content-Length: 0", "Content-Length: 1_0"), True),
        (("7 INVITE", "7 BYE"), True),
        (("7 INVITE", "x INVITE"), True),
        (("7 INVITE", "2147483648 INVITE"), True),
        (("i: abc@pbx1\r\n", ""), True),
        (("f: ", "Frm: "), True),
        (("v: SIP/2.0/UDP pbx1", "v: SIP/3.0/UDP pbx1"), False),
        (("INVITE sip:a", "INVITE  sip:a"), None),
        (("SIP/2.0\r\n", "SIP/7.0\r\n"), None),
        (("\r\n\r\n", "\r\n"), None),
        (("timer,", "timer\n,"), None),
        (("timer,", "timer\x00,"), None),
        (("k: ", "k "), None),
    ],
)
def test_malformed_messages_are_refused(change: tuple[str, str], answerable: bool | None) -> None:
    data = sip(INVITE).replace(change[0].encode(), change[1].encode(), 1)
    with pytest.raises(MalformedError) as caught:
        read(data)
    assert (caught.value.request is not None) is bool(answerable)


@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda junk: sip(INVITE)[:200] + junk + sip(INVITE)[200:]))
def test_any_octets_are_a_message_or_malformed(data: bytes) -> None:
    try:
        message = read(data)
    except MalformedError:
        return
    assert message.call_id
    assert read(message.encode()).call_id == message.call_id


@pytest.mark.parametrize(
    "line",
    [
        *("Via: " + " " * 60000 + "x", "m: " + "<" * 60000, "m: " + '"a\\' * 20000, "m: " + ", " * 30000),
        *("f: x" + " ;" * 30000, 'f: <a>;b="' + '\\";b="' * 10000),
    ],
)
def test_time_grows_with_the_size_only(line: str) -> None:
    start = time.process_time()
    with suppress(MalformedError):
        read(sip(INVITE.replace("f:", "g:")).replace(b"g:", line.encode() + b"\r\ng:"))
    assert time.process_time() - start < 0.5


def test_fields_are_limited() -> None:
    many = "".join(f"X-{number}: y\n" for number in range(300))
    with pytest.raises(MalformedError, match="too many"):
        read(sip(INVITE + many))

"""XEP-0370: HTTP transports."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

HEADER = jc.HttpHeader(name="authorization", value="Bearer 7472327205ffb74d10b11363044d8c24e3ddba12")
CANDIDATE = jc.HttpCandidate(uri="https://files.montague.example/ERUN8970", headers=(HEADER,))

GOLDENS = (
    Golden(
        "XEP-0370 4",
        "<header xmlns='urn:xmpp:jingle:transports:http:0' name='authorization'>"
        "Bearer 7472327205ffb74d10b11363044d8c24e3ddba12</header>",
        HEADER,
    ),
    Golden(
        "XEP-0370 4",
        """
        <candidate xmlns='urn:xmpp:jingle:transports:http:0' uri='https://files.montague.example/ERUN8970'>
          <header name='authorization'>Bearer 7472327205ffb74d10b11363044d8c24e3ddba12</header>
        </candidate>
        """,
        CANDIDATE,
    ),
    Golden(
        "XEP-0370 4: with a mirror",
        """
        <transport xmlns='urn:xmpp:jingle:transports:http:0'>
          <candidate uri='https://files.montague.example/ERUN8970'>
            <header name='authorization'>Bearer 7472327205ffb74d10b11363044d8c24e3ddba12</header>
          </candidate>
          <candidate uri='https://mirror1.montague.example/ERUN8970'/>
        </transport>
        """,
        jc.HttpTransport(candidates=(CANDIDATE, jc.HttpCandidate(uri="https://mirror1.montague.example/ERUN8970"))),
    ),
    Golden(
        "XEP-0370 5",
        """
        <transport xmlns='urn:xmpp:jingle:transports:http:upload:0'>
          <candidate uri='https://files.montague.example/ERUN8970'>
            <header name='authorization'>Bearer 7472327205ffb74d10b11363044d8c24e3ddba12</header>
          </candidate>
        </transport>
        """,
        jc.HttpUploadTransport(candidates=(CANDIDATE,)),
    ),
    Golden(
        "XEP-0370 6.1, example 1",
        "<transport xmlns='urn:xmpp:jingle:transports:http:upload:0'><completed/></transport>",
        jc.HttpUploadTransport(completed=True),
    ),
)


@pytest.mark.parametrize("space", [ns.HTTP, ns.HTTP_UPLOAD])
def test_candidates_are_written_in_the_namespace_of_their_transport(space: str) -> None:
    markup = (
        f"<transport xmlns='{space}'><candidate uri='https://x'><header name='a'>b</header></candidate></transport>"
    )
    value = jc.loads(markup)
    assert isinstance(value, jc.HttpTransport | jc.HttpUploadTransport)
    assert value.candidates == (jc.HttpCandidate(uri="https://x", headers=(jc.HttpHeader(name="a", value="b"),)),)
    assert {node.tag.partition("}")[0][1:] for node in jc.to_element(value).iter()} == {space}


def test_a_header_may_be_empty() -> None:
    markup = f"<header xmlns='{ns.HTTP}' name='x-empty'/>"
    assert jc.read(markup) == jc.Decoded(jc.HttpHeader(name="x-empty"))

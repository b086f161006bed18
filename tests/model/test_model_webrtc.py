"""ProtoXEP Jingle WebRTC Transport: transports and the JSON messages in session-info."""

from __future__ import annotations

import json

import pytest
from element_support import Golden
from hypothesis import example, given
from hypothesis import strategies as st

import jinglecodec as jc
from jinglecodec import namespaces as ns

ANSWER = jc.WebrtcMessage(
    jc.WebrtcMessageType.ANSWER,
    offerer_session_id="bL9tAoEyH0NEijbYPJCHbFxAMKypUZJa",
    answerer_session_id="kheolvKZYwzioZkCoK7Wxk+bDpp9TNWc",
    sdp="v=0\r\n",
    seq=1,
)

GOLDENS = (
    Golden(
        "ProtoXEP Jingle WebRTC Transport 3.1, example 1",
        "<transport xmlns='urn:xmpp:jingle:transports:webrtc:1'/>",
        jc.WebrtcTransport(),
    ),
    Golden(
        "the same, 8.1",
        "<transport xmlns='http://www.igniterealtime.org/webrtc/transport'/>",
        jc.WebrtcTransport(namespace="http://www.igniterealtime.org/webrtc/transport"),
    ),
    Golden(
        "the same, 3.2, example 3",
        "<webrtc xmlns='urn:xmpp:jingle:apps:rtp:1'>"
        '{"messageType":"OFFER","offererSessionId":"uMHcBZAa8LTylbwAM3RY7IP7LGUPPU1n","sdp":"...","seq":1,'
        '"tieBreaker":431803714}</webrtc>',
        jc.WebrtcInfo(
            message=jc.WebrtcMessage(
                jc.WebrtcMessageType.OFFER,
                offerer_session_id="uMHcBZAa8LTylbwAM3RY7IP7LGUPPU1n",
                sdp="...",
                seq=1,
                tie_breaker=431803714,
            )
        ),
    ),
    Golden(
        "the same, 8.1, with an error of ROAP",
        "<webrtc xmlns='http://www.igniterealtime.org/webrtc/session-info'>"
        '{"messageType":"ERROR","errorType":"DOUBLECONFLICT"}</webrtc>',
        jc.WebrtcInfo(
            namespace="http://www.igniterealtime.org/webrtc/session-info",
            message=jc.WebrtcMessage(jc.WebrtcMessageType.ERROR, error_type=jc.WebrtcError.DOUBLECONFLICT),
        ),
    ),
)


def test_the_answer_of_the_example_is_read() -> None:
    """3.2, example 3, as a person would write it."""
    text = """
      {
        "answererSessionId" : "kheolvKZYwzioZkCoK7Wxk+bDpp9TNWc",
        "messageType" : "ANSWER",
        "offererSessionId" : "bL9tAoEyH0NEijbYPJCHbFxAMKypUZJa",
        "sdp" : "v=0\\r\\n",
        "seq" : 1
      }
    """
    assert jc.WebrtcMessage.loads(text) == ANSWER
    info = jc.read(f"<webrtc xmlns='{ns.RTP}'>{text}</webrtc>")
    assert info == jc.Decoded(jc.WebrtcInfo(message=ANSWER))


def test_a_session_info_carries_a_message_and_a_session_its_transport() -> None:
    """3.1: MUST include the transport; there is no description."""
    message = "{&quot;messageType&quot;:&quot;OK&quot;}"
    inner = f"<webrtc xmlns='{ns.RTP}'>{message}</webrtc>"
    info = jc.loads(f"<jingle xmlns='{ns.JINGLE}' action='session-info' sid='s'>{inner}</jingle>", expect=jc.Jingle)
    assert info.infos == (jc.WebrtcInfo(message=jc.WebrtcMessage(jc.WebrtcMessageType.OK)),)
    content = f"<content creator='initiator' name='a'><transport xmlns='{ns.WEBRTC_IGNITE}'/></content>"
    markup = f"<jingle xmlns='{ns.JINGLE}' action='session-initiate' sid='s'>{content}</jingle>"
    session = jc.loads(markup, expect=jc.Jingle)
    assert session.contents == (jc.Content(name="a", transport=jc.WebrtcTransport(namespace=ns.WEBRTC_IGNITE)),)
    assert ns.WEBRTC_IGNITE.encode() in jc.dumps(session)


def test_members_that_nobody_knows_are_kept() -> None:
    """ROAP has tokens and more; whatever they are, they go back as they came."""
    text = '{"messageType":"OK","setSessionToken":"a\\u2028","more":{"x":[1,2.5,null,true],"y":{}}}'
    message = jc.WebrtcMessage.loads(text)
    assert message.others == (
        ("setSessionToken", '"a\\u2028"'),
        ("more", '{"x":[1,2.5,null,true],"y":{}}'),
    )
    assert message.dumps() == text
    assert hash(message) == hash(jc.WebrtcMessage.loads(f" {text} "))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{}", "webrtc/messageType"),
        ('{"messageType":"offer"}', "webrtc/messageType"),
        ('{"messageType":null}', "webrtc/messageType"),
        ('{"messageType":["OFFER"]}', "webrtc/messageType"),
        ('{"messageType":"OFFER","sdp":null}', "webrtc/sdp"),
        ('{"messageType":"OFFER","sdp":1}', "webrtc/sdp"),
        ('{"messageType":"OFFER","offererSessionId":104}', "webrtc/offererSessionId"),
        ('{"messageType":"OFFER","answererSessionId":{}}', "webrtc/answererSessionId"),
        ('{"messageType":"OFFER","seq":"1"}', "webrtc/seq"),
        ('{"messageType":"OFFER","seq":1.0}', "webrtc/seq"),
        ('{"messageType":"OFFER","seq":true}', "webrtc/seq"),
        ('{"messageType":"OFFER","seq":-1}', "webrtc/seq"),
        ('{"messageType":"OFFER","seq":4294967296}', "webrtc/seq"),
        ('{"messageType":"OFFER","tieBreaker":null}', "webrtc/tieBreaker"),
        ('{"messageType":"ERROR","errorType":"BROKEN"}', "webrtc/errorType"),
    ],
)
def test_a_member_that_is_wrong_is_named(text: str, path: str) -> None:
    with pytest.raises(jc.DecodeError) as caught:
        jc.WebrtcMessage.loads(text)
    assert [(finding.code, finding.path) for finding in caught.value.findings] == [("bad-value", path)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "OFFER",
        "null",
        "[]",
        '"OFFER"',
        '{"messageType":"OK"',
        '{"messageType":"OK"} x',
        '{"messageType":"OK",}',
        "{'messageType':'OK'}",
        '{"messageType":"OK","messageType":"OK"}',
        '{"messageType":"OK","x":{"y":1,"y":2}}',
        '{"messageType":"OK","x":NaN}',
        '{"messageType":"OK","x":-Infinity}',
        '{"messageType":"OK","x":1e999}',
        '{"messageType":"OK","x":' + "9" * 5000 + "}",
        '{"messageType":"OK","x":' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"messageType":"OK","x":' + "[" * 100_000,
        '{"messageType":"OK","sdp":"\n"}',
        '{"messageType":"OK","sdp":"' + "x" * 1024 * 1024 + '"}',
    ],
)
def test_what_is_no_message_is_refused(text: str) -> None:
    """RFC 8259, a member once, and bounds on all."""
    with pytest.raises(jc.DecodeError) as caught:
        jc.WebrtcMessage.loads(text)
    assert [(finding.code, finding.path) for finding in caught.value.findings] == [("bad-json", "webrtc")]
    assert len(str(caught.value)) < 500


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
@example("[" * 2000)
def test_any_text_is_a_message_or_an_error_of_ours(text: str) -> None:
    try:
        message = jc.WebrtcMessage.loads(text)
    except jc.DecodeError:
        return
    assert jc.WebrtcMessage.loads(message.dumps()) == message


def test_a_payload_that_is_wrong_stays_raw_and_is_reported() -> None:
    markup = f"<jingle xmlns='{ns.JINGLE}' action='session-info' sid='s'><webrtc xmlns='{ns.RTP}'>x</webrtc></jingle>"
    decoded = jc.read(markup, expect=jc.Jingle, errors="keep")
    assert isinstance(decoded.value, jc.Jingle)
    assert decoded.value.infos == (jc.Raw(f"{{{ns.RTP}}}webrtc", (), "x"),)
    assert [(finding.code, finding.path) for finding in decoded.findings] == [("bad-value", "jingle/webrtc")]


def test_the_word_in_front_of_early_messages_is_a_quirk() -> None:
    """The browsers of 2012 put the line SDP before the object."""
    decoded = jc.read(f"<webrtc xmlns='{ns.RTP}'>\nSDP\n{ANSWER.dumps()}\n</webrtc>")
    assert decoded.value == jc.WebrtcInfo(message=ANSWER)
    assert [(finding.code, finding.path) for finding in decoded.findings] == [("sloppy-json", "webrtc")]


@pytest.mark.parametrize(
    "arguments",
    [
        {"message_type": "OFFER"},
        {"message_type": None},
        {"sdp": 1},
        {"seq": True},
        {"seq": 2**32},
        {"tie_breaker": -1},
        {"error_type": "FAILED"},
        {"others": (("sdp", "1"),)},
        {"others": (("x", "1"), ("x", "2"))},
        {"others": (("x", "{"),)},
        {"others": (("x", "[1, 2]"),)},
    ],
)
def test_only_proper_messages_are_made(arguments: dict[str, object]) -> None:
    with pytest.raises(jc.EncodeError, match=r"^WebrtcMessage\."):
        jc.WebrtcMessage(**{"message_type": jc.WebrtcMessageType.OK, **arguments})  # type: ignore[arg-type]

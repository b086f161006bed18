"""XEP-0167: RTP sessions."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

KEY = "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:32"

GOLDENS = (
    Golden(
        "XEP-0167 4, in the order of 16.1, then XEP-0293 3, XEP-0294 3, XEP-0339 2.2, 2.1",
        f"""
        <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio' ssrc='4294967295'>
          <payload-type id='96' name='speex' clockrate='16000'/>
          <payload-type id='103' name='L16' clockrate='16000' channels='2'/>
          <rtcp-mux/>
          <encryption required='true'>
            <crypto crypto-suite='AES_CM_128_HMAC_SHA1_80' key-params='{KEY}' tag='1'/>
          </encryption>
          <bandwidth type='AS'>128</bandwidth>
          <rtcp-fb xmlns='urn:xmpp:jingle:apps:rtp:rtcp-fb:0' type='nack'/>
          <rtcp-fb-trr-int xmlns='urn:xmpp:jingle:apps:rtp:rtcp-fb:0' value='0'/>
          <rtp-hdrext xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0' id='1' uri='urn:ietf:params:rtp-hdrext:toffset'/>
          <extmap-allow-mixed xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0'/>
          <ssrc-group xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' semantics='FID'/>
          <source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='1656081975'/>
        </description>
        """,
        jc.RtpDescription(
            media="audio",
            ssrc=4294967295,
            payload_types=(
                jc.PayloadType(id=96, name="speex", clockrate=16000),
                jc.PayloadType(id=103, name="L16", clockrate=16000, channels=2),
            ),
            rtcp_mux=True,
            encryption=jc.Encryption(
                required=True,
                cryptos=(jc.Crypto(crypto_suite="AES_CM_128_HMAC_SHA1_80", key_params=KEY, tag="1"),),
            ),
            bandwidths=(jc.Bandwidth(type="AS", value="128"),),
            feedback=(jc.RtcpFeedback(type="nack"),),
            trr_int=jc.TrrInt(value=0),
            header_extensions=(jc.HeaderExtension(id=1, uri="urn:ietf:params:rtp-hdrext:toffset"),),
            extmap_allow_mixed=True,
            source_groups=(jc.SourceGroup(semantics="FID"),),
            sources=(jc.Source(ssrc=1656081975),),
        ),
    ),
    Golden(
        "XEP-0167 6, with XEP-0293 3",
        """
        <payload-type xmlns='urn:xmpp:jingle:apps:rtp:1' id='96' name='speex' clockrate='16000' ptime='40'
                      maxptime='60'>
          <parameter name='vbr' value='on'/>
          <parameter name='cng' value='on'/>
          <rtcp-fb xmlns='urn:xmpp:jingle:apps:rtp:rtcp-fb:0' type='nack' subtype='sli'/>
          <rtcp-fb-trr-int xmlns='urn:xmpp:jingle:apps:rtp:rtcp-fb:0' value='100'/>
        </payload-type>
        """,
        jc.PayloadType(
            id=96,
            name="speex",
            clockrate=16000,
            ptime=40,
            maxptime=60,
            parameters=(jc.Parameter(name="vbr", value="on"), jc.Parameter(name="cng", value="on")),
            feedback=(jc.RtcpFeedback(type="nack", subtype="sli"),),
            trr_int=jc.TrrInt(value=100),
        ),
    ),
    Golden(
        "XEP-0167 4",
        "<parameter xmlns='urn:xmpp:jingle:apps:rtp:1' name='foo' value='bar'/>",
        jc.Parameter(name="foo", value="bar"),
    ),
    Golden(
        "XEP-0167 7",
        f"""
        <encryption xmlns='urn:xmpp:jingle:apps:rtp:1' required='true'>
          <crypto crypto-suite='AES_CM_128_HMAC_SHA1_80' key-params='{KEY}'
                  session-params='KDR=1 UNENCRYPTED_SRTCP' tag='1'/>
        </encryption>
        """,
        jc.Encryption(
            required=True,
            cryptos=(
                jc.Crypto(
                    crypto_suite="AES_CM_128_HMAC_SHA1_80",
                    key_params=KEY,
                    session_params="KDR=1 UNENCRYPTED_SRTCP",
                    tag="1",
                ),
            ),
        ),
    ),
    Golden(
        "XEP-0167 7",
        f"""<crypto xmlns='urn:xmpp:jingle:apps:rtp:1' crypto-suite='AES_CM_128_HMAC_SHA1_80' key-params='{KEY}'
                    tag='1'/>""",
        jc.Crypto(crypto_suite="AES_CM_128_HMAC_SHA1_80", key_params=KEY, tag="1"),
    ),
    Golden(
        "XEP-0167 4",
        "<bandwidth xmlns='urn:xmpp:jingle:apps:rtp:1' type='AS'>128</bandwidth>",
        jc.Bandwidth(type="AS", value="128"),
    ),
    Golden("XEP-0167 7", "<crypto-required xmlns='urn:xmpp:jingle:apps:rtp:errors:1'/>", jc.CryptoRequired()),
    Golden("XEP-0167 7", "<invalid-crypto xmlns='urn:xmpp:jingle:apps:rtp:errors:1'/>", jc.InvalidCrypto()),
    Golden("XEP-0167 8.1", "<active xmlns='urn:xmpp:jingle:apps:rtp:info:1'/>", jc.Active()),
    Golden("XEP-0167 8.2", "<hold xmlns='urn:xmpp:jingle:apps:rtp:info:1'/>", jc.Hold()),
    Golden("XEP-0167 8.2", "<unhold xmlns='urn:xmpp:jingle:apps:rtp:info:1'/>", jc.Unhold()),
    Golden(
        "XEP-0167 8.3",
        "<mute xmlns='urn:xmpp:jingle:apps:rtp:info:1' creator='responder' name='voice'/>",
        jc.Mute(creator=jc.Creator.RESPONDER, name="voice"),
    ),
    Golden(
        "XEP-0167 8.3",
        "<unmute xmlns='urn:xmpp:jingle:apps:rtp:info:1' creator='responder' name='voice'/>",
        jc.Unmute(creator=jc.Creator.RESPONDER, name="voice"),
    ),
    Golden("XEP-0167 8.4", "<ringing xmlns='urn:xmpp:jingle:apps:rtp:info:1'/>", jc.Ringing()),
)


def description(inner: str) -> jc.Decoded[jc.RtpDescription]:
    markup = f"<description xmlns='{ns.RTP}' media='audio'>{inner}</description>"
    return jc.read(markup, expect=jc.RtpDescription)


@pytest.mark.parametrize(("word", "required"), [("1", True), ("true", True), ("0", False), ("false", False)])
def test_required_is_read_in_both_styles_of_boolean(word: str, required: bool) -> None:
    """XEP-0167 7: implementations MUST support both styles of lexical representation."""
    decoded = jc.read(f"<encryption xmlns='{ns.RTP}' required='{word}'/>", expect=jc.Encryption)
    assert decoded == jc.Decoded(jc.Encryption(required=required))


def test_one_channel_is_the_default_and_not_written() -> None:
    """XEP-0167 4: if omitted, it MUST be assumed to contain one channel."""
    assert jc.loads(f"<payload-type xmlns='{ns.RTP}' id='0' channels='1'/>") == jc.PayloadType(id=0)
    assert b"channels" not in jc.dumps(jc.PayloadType(id=0))


def test_payload_types_and_rtcp_mux_may_be_interleaved() -> None:
    """stanza puts rtcp-mux first, against the sequence of XEP-0167 16.1."""
    decoded = description("<rtcp-mux/><payload-type id='1'/><bandwidth type='AS'>1</bandwidth><payload-type id='0'/>")
    assert decoded.findings == ()
    assert decoded.value.rtcp_mux
    assert [each.id for each in decoded.value.payload_types] == [1, 0]


def test_rtcp_mux_said_twice_is_a_quirk() -> None:
    decoded = description("<rtcp-mux/><rtcp-mux/>")
    assert decoded.value == jc.RtpDescription(media="audio", rtcp_mux=True)
    assert [(finding.code, finding.path) for finding in decoded.findings] == [
        ("repeated-element", "description/rtcp-mux[2]")
    ]


@pytest.mark.parametrize("markup", ["<parameter value='0-15'/>", "<parameter name='' value='0-15'/>"])
def test_a_format_parameter_without_name_is_read(markup: str) -> None:
    """Telephone events are no name=value pairs; XEP-0167 4 gives them no form, so peers make one up."""
    decoded = description(f"<payload-type id='101'>{markup}</payload-type>")
    assert decoded.value.payload_types[0].parameters == (jc.Parameter(name="", value="0-15"),)
    assert b'name=""' in jc.dumps(decoded.value)


def test_a_format_parameter_without_value_is_a_quirk() -> None:
    decoded = description("<payload-type id='101'><parameter name='0-15'/></payload-type>")
    assert decoded.value.payload_types[0].parameters == (jc.Parameter(name="0-15"),)
    assert [(finding.path, finding.clause) for finding in decoded.findings] == [
        ("description/payload-type/parameter/@value", "XEP-0167 4")
    ]


def test_parameters_of_companions_are_told_apart_by_namespace() -> None:
    inner = (
        "<payload-type id='96'><parameter name='a' value='1'/>"
        f"<rtcp-fb xmlns='{ns.RTCP_FB}' type='nack'><parameter name='b'/></rtcp-fb></payload-type>"
    )
    payload = description(inner).value.payload_types[0]
    assert payload.parameters == (jc.Parameter(name="a", value="1"),)
    assert payload.feedback[0].parameters == (jc.FeedbackParameter(name="b"),)


def test_unknown_children_are_kept_whatever_their_namespace() -> None:
    value = description("<echo xmlns='urn:example:a'/><echo/>").value
    assert value.extra.children == (jc.Raw("{urn:example:a}echo"), jc.Raw(f"{{{ns.RTP}}}echo"))


def test_several_bandwidths_are_kept_though_the_schema_allows_one() -> None:
    inner = "<bandwidth type='AS'>128</bandwidth><bandwidth type='TIAS'>128000</bandwidth>"
    assert [each.type for each in description(inner).value.bandwidths] == ["AS", "TIAS"]


def test_mute_without_creator_is_a_quirk() -> None:
    """XEP-0167 16.3 requires it; a whole session muted (8.3) has no use for it."""
    decoded = jc.read(f"<mute xmlns='{ns.RTP_INFO}'/>")
    assert decoded.value == jc.Mute()
    assert [(finding.path, finding.clause) for finding in decoded.findings] == [("mute/@creator", "XEP-0167 16.3")]

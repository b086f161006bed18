"""Every field of every element, one by one: none is passed over in silence, and no string in one becomes a line."""

from __future__ import annotations

from copy import copy

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mapping_support import content, request

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.mapping.writing import SAID
from jinglecodec.strategies import hostile_texts

# --- no field is passed over ------------------------------------------------------------------------------------------

# Fields that say nothing of their own in SDP: what the element around says too, what a session has and no description,
# what every transport of Jingle implies (XEP-0176 5.1), and what is made up for Jingle anyway.
SILENT = {
    ("RtcpFeedback", "id"),
    ("TrrInt", "id"),
    ("TrrInt", "type"),
    ("Candidate", "mid"),
    ("Candidate", "mlineindex"),
    ("Candidate", "id"),
    ("RawUdpCandidate", "id"),
    ("Jingle", "initiator"),
    ("Jingle", "responder"),
    ("IceUdpTransport", "trickle"),
}

FULL = f"""
  <content creator='initiator' name='0' senders='initiator'>
    <description xmlns='{ns.RTP}' media='audio' profile='RTP/AVP'>
      <payload-type id='96' name='speex' clockrate='16000' channels='2' ptime='40' maxptime='80'>
        <parameter name='vbr' value='on'/>
        <rtcp-fb xmlns='{ns.RTCP_FB}' type='nack' subtype='pli' id='96'><parameter name='a' value='b'/></rtcp-fb>
        <rtcp-fb-trr-int xmlns='{ns.RTCP_FB}' value='100' id='96' type='trr-int'/>
      </payload-type>
      <payload-type id='97'/>
      <rtcp-mux/>
      <rtcp-reduced-size/>
      <encryption required='1'>
        <crypto crypto-suite='AES_CM_128_HMAC_SHA1_80' key-params='inline:abc' session-params='KDR=1' tag='1'/>
        <zrtp-hash xmlns='{ns.ZRTP}' version='1.10'>ab</zrtp-hash>
      </encryption>
      <bandwidth type='AS'>128</bandwidth>
      <rtcp-fb xmlns='{ns.RTCP_FB}' type='nack'/>
      <rtcp-fb-trr-int xmlns='{ns.RTCP_FB}' value='200'/>
      <rtp-hdrext xmlns='{ns.RTP_HDREXT}' id='1' uri='urn:x' senders='none'><parameter name='a' value='b'/></rtp-hdrext>
      <extmap-allow-mixed xmlns='{ns.RTP_HDREXT}'/>
      <ssrc-group xmlns='{ns.SSMA}' semantics='FID'><source ssrc='1'/></ssrc-group>
      <source xmlns='{ns.SSMA}' ssrc='1'><parameter name='cname' value='a b'/></source>
      <category xmlns='{ns.CATEGORY}' name='main'/>
      <stream xmlns='{ns.RTP_MSID}' id='s' track='t'/>
    </description>
    <transport xmlns='{ns.ICE_UDP}' ufrag='8hhy' pwd='asd88fgpdd777uzjYhagZg'>
      <fingerprint xmlns='{ns.DTLS}' hash='sha-1' setup='active'>{":".join(["AB"] * 20)}</fingerprint>
      <candidate component='1' foundation='1' generation='1' id='x' ip='192.0.2.1' port='5' priority='1'
                 protocol='udp' rel-addr='192.0.2.2' rel-port='6' type='srflx' network='1' tcptype='so'
                 network-id='1' network-cost='2' mid='0' mlineindex='0'/>
      <remote-candidate component='1' ip='192.0.2.1' port='3478'/>
      <gathering-complete/>
      <renomination xmlns='{ns.ICE_OPTIONS}'/>
      <trickle xmlns='{ns.ICE_OPTIONS}'/>
    </transport>
  </content>
  <content creator='initiator' name='1'>
    <description xmlns='{ns.RTP}' media='video' ptime='20' maxptime='60'><payload-type id='31'/></description>
    <transport xmlns='{ns.ICE_UDP}'><rtcp-mux/></transport>
  </content>
  <content creator='initiator' name='2'>
    <transport xmlns='{ns.ICE_UDP}'>
      <sctpmap xmlns='{ns.DTLS_SCTP}' number='5000' protocol='webrtc-datachannel'/>
      <channel xmlns='{ns.WEBRTC_DATACHANNEL}' id='1' negotiated='true' ordered='false' protocol='chat'
               maxRetransmits='3'/>
      <channel xmlns='{ns.WEBRTC_DATACHANNEL}' id='2' negotiated='true' maxPacketLifeTime='70'/>
    </transport>
  </content>
  <content creator='initiator' name='3'>
    <description xmlns='{ns.RTP}' media='video'><payload-type id='31'/></description>
    <transport xmlns='{ns.ICE}' ufrag='8hhy' pwd='asd88fgpdd777uzjYhagZg' ice2='true'>
      <fingerprint xmlns='{ns.DTLS}' hash='sha-1' setup='active'>{":".join(["AB"] * 20)}</fingerprint>
      <candidate component='1' foundation='1' generation='1' ip='192.0.2.1' port='5' priority='1'
                 protocol='udp' type='host'/>
      <remote-candidate component='1' ip='192.0.2.1' port='3478'/>
      <gathering-complete/>
    </transport>
  </content>
  <content creator='initiator' name='4'>
    <transport xmlns='{ns.ICE}'>
      <sctpmap xmlns='{ns.DTLS_SCTP}' number='5000' protocol='webrtc-datachannel'/>
      <channel xmlns='{ns.WEBRTC_DATACHANNEL}' id='1' negotiated='true'/>
    </transport>
  </content>
  <content creator='initiator' name='5'>
    <description xmlns='{ns.RTP}' media='audio'><payload-type id='0'/></description>
    <transport xmlns='{ns.RAW_UDP}'>
      <candidate component='1' generation='1' id='x' ip='192.0.2.1' port='5000' type='srflx'/>
      <candidate component='2' generation='1' id='y' ip='192.0.2.1' port='5003'/>
    </transport>
  </content>
  <group xmlns='{ns.GROUPING}' semantics='BUNDLE'><content name='0'/><content name='1'/></group>
"""


def full() -> jc.Jingle:
    return attrs.evolve(request(FULL), initiator="romeo@montague.lit", responder="juliet@capulet.lit")


def changed(element: object, name: str, value: object) -> object:
    """Return an element with another value in a field, whatever its class thinks of it."""
    made = copy(element)
    object.__setattr__(made, name, value)
    return made


def emptied(element: object) -> list[tuple[tuple[str, str], object]]:
    """Return an element once for each field in it that is not at its default, with that field at its default."""
    found: list[tuple[tuple[str, str], object]] = []
    for field in attrs.fields(type(element)):  # type: ignore[arg-type]
        value = getattr(element, field.name)
        name = type(element).__name__, field.name
        if field.default is not attrs.NOTHING and value != field.default:
            found.append((name, changed(element, field.name, field.default)))
        if attrs.has(type(value)) and field.name != "extra":
            found += [(path, changed(element, field.name, new)) for path, new in emptied(value)]
        elif isinstance(value, tuple):
            for number, one in enumerate(value):
                for path, new in emptied(one) if attrs.has(type(one)) else ():
                    new_value = (*value[:number], new, *value[number + 1 :])
                    found.append((path, changed(element, field.name, new_value)))
    return found


EMPTIED = emptied(full())


@pytest.mark.parametrize(("field", "jingle"), EMPTIED, ids=[".".join(field) for field, _ in EMPTIED])
def test_each_field_is_written_or_told(field: tuple[str, str], jingle: jc.Jingle) -> None:
    whole, less = (jc.mapping.to_sdp(one, role="initiator") for one in (full(), jingle))
    assert (field in SILENT) == ((str(whole.value), whole.losses) == (str(less.value), less.losses))


def test_each_field_that_counts_as_said_was_tried() -> None:
    tried = {field for field, _ in EMPTIED}
    for name, fields in SAID.items():
        cls = next(one for one in jc.Codec.default().members(jc.Element) if one.__name__ == name)
        known = {field.name: field.default for field in attrs.fields(cls)}
        assert fields <= known.keys()
        optional = {field for field in fields if known[field] is not attrs.NOTHING and known[field] != "initiator"}
        like = {"IceCandidate": "Candidate", "IceRemoteCandidate": "RemoteCandidate"}.get(name, name)
        missing = {field for field in optional if {(name, field), (like, field)}.isdisjoint(tried)}
        assert missing <= {"creator"}, name


# --- no string of a peer becomes a line ------------------------------------------------------------------------------

EVERYTHING = f"""
  <content creator='initiator' name='0' disposition='session'>
    <description xmlns='{ns.RTP}' media='audio' ssrc='1'>
      <payload-type id='96' name='speex' clockrate='16000' channels='2' ptime='40' maxptime='60'>
        <parameter name='vbr' value='on'/>
        <rtcp-fb xmlns='{ns.RTCP_FB}' type='nack' subtype='pli'><parameter name='a' value='b'/></rtcp-fb>
        <rtcp-fb-trr-int xmlns='{ns.RTCP_FB}' value='100'/>
      </payload-type>
      <rtcp-mux/>
      <encryption required='1'>
        <crypto crypto-suite='AES_CM_128_HMAC_SHA1_80' key-params='inline:abc' session-params='KDR=1' tag='1'/>
      </encryption>
      <bandwidth type='AS'>128</bandwidth>
      <rtcp-fb xmlns='{ns.RTCP_FB}' type='nack'/>
      <rtp-hdrext xmlns='{ns.RTP_HDREXT}' id='1' uri='urn:x'><parameter name='a' value='b'/></rtp-hdrext>
      <ssrc-group xmlns='{ns.SSMA}' semantics='FID'><source ssrc='1'/></ssrc-group>
      <source xmlns='{ns.SSMA}' ssrc='1'><parameter name='msid' value='a b'/></source>
    </description>
    <transport xmlns='{ns.ICE_UDP}' ufrag='8hhy' pwd='asd88fgpdd777uzjYhagZg'>
      <fingerprint xmlns='{ns.DTLS}' hash='sha-1' setup='active'>{":".join(["AB"] * 20)}</fingerprint>
      <candidate component='1' foundation='1' generation='1' id='x' ip='192.0.2.1' port='5' priority='1'
                 protocol='udp' rel-addr='192.0.2.2' rel-port='6' type='srflx' network='1'/>
      <remote-candidate component='1' ip='192.0.2.1' port='3478'/>
    </transport>
  </content>
  <content creator='initiator' name='1'>
    <transport xmlns='{ns.ICE_UDP}'>
      <sctpmap xmlns='{ns.DTLS_SCTP}' number='5000' protocol='webrtc-datachannel' streams='1024'/>
      <channel xmlns='{ns.WEBRTC_DATACHANNEL}' id='1' protocol='x'>x</channel>
    </transport>
  </content>
  <group xmlns='{ns.GROUPING}' semantics='BUNDLE'><content name='0'/><content name='1'/></group>
  <carry xmlns='{ns.CARRY}'>AAAA</carry>
"""


def poisoned(element: object, text: str) -> list[tuple[str, object]]:
    """Return an element once for each string in it, with that string exchanged, and the path of it."""
    found: list[tuple[str, object]] = []
    for field in attrs.fields(type(element)):  # type: ignore[arg-type]
        value = getattr(element, field.name)
        if isinstance(value, str):
            found.append((field.name, changed(element, field.name, text)))
        elif attrs.has(type(value)):
            found += [
                (f"{field.name}/{path}", changed(element, field.name, new)) for path, new in poisoned(value, text)
            ]
        elif isinstance(value, tuple):
            for number, one in enumerate(value):
                for path, new in poisoned(one, text) if attrs.has(type(one)) else ():
                    new_value = (*value[:number], new, *value[number + 1 :])
                    found.append((f"{field.name}[{number}]/{path}", changed(element, field.name, new_value)))
    return found


POISONED = poisoned(request(EVERYTHING), "x\r\na=ice-lite\r\n\0")


def test_every_string_of_a_request_was_tried() -> None:
    """The fields of a request that are text, in all its elements: no class may be missing here."""
    assert len(POISONED) > 40


@pytest.mark.parametrize(("path", "jingle"), POISONED, ids=[path for path, _ in POISONED])
@pytest.mark.parametrize("carry", [False, True])
def test_no_string_of_a_peer_becomes_a_line(path: str, jingle: jc.Jingle, *, carry: bool) -> None:
    back = jc.mapping.to_sdp(jingle, role="initiator", carry=carry).value
    texts = [text for section in back.sections for text in section.texts]
    assert not any(character in text for text in texts for character in "\r\n\0"), path
    assert "a=ice-lite" not in texts
    assert jc.sdp.loads(str(back)) == back


@given(hostile_texts(), st.sampled_from(range(len(POISONED))))
@example("\r\nm=audio 9 RTP/AVP 0\r\n", 0)
def test_no_text_whatsoever_in_any_string_breaks_a_line(text: str, number: int) -> None:
    _, jingle = poisoned(request(EVERYTHING), text)[number]
    assert isinstance(jingle, jc.Jingle)
    back = jc.mapping.to_sdp(jingle, role="initiator").value
    assert jc.sdp.loads(str(back)) == back
    assert len(back.media) <= 2


@pytest.mark.parametrize(
    "inner",
    [
        "<payload-type id='96' name='x' clockrate='8000'><parameter name='a' value='b' odd='1'/></payload-type>",
        f"<rtcp-fb-trr-int xmlns='{ns.RTCP_FB}' value='100' odd='1'/>",
        f"<payload-type id='96' name='x'><rtcp-fb-trr-int xmlns='{ns.RTCP_FB}' value='1' odd='1'/></payload-type>",
    ],
)
def test_what_is_unknown_in_any_element_of_a_description_is_told(inner: str) -> None:
    back = jc.mapping.to_sdp(
        request(content(f"<description xmlns='{ns.RTP}' media='audio'>{inner}</description>")), role="initiator"
    )
    assert "jingle/content[1]/description/@odd" in [loss.path for loss in back.losses]

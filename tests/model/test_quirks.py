"""What deployed peers send against the letter: each quirk by its number, its sloppy form and what that is read as.

The numbers are those of the survey of implementations that the project started from. Where a quirk is nothing that a
reader could see, `ELSEWHERE` says where it is dealt with.
"""

from __future__ import annotations

from typing import NamedTuple

import attrs
import pytest

import jinglecodec as jc
from jinglecodec import namespaces as ns

READING = {
    1: "identifiers of candidates that are no NCName",
    2: "candidates without id and generation; network is optional since XEP-0176 1.1",
    3: "children of other documents in the transport",
    4: "rel_port for rel-port",
    5: "session ids in base64",
    6: "names of contents with spaces: strings by the schema; `mapping` makes mids of them",
    7: "format parameters that are no name=value pair; `mapping` puts the line together",
    9: "senders='rejected'",
    11: "SDP's words for the senders of a header extension; inverted ones are `mapping`'s",
    12: "contents without creator; the creator that is always the initiator is the session's",
    13: "senders='none', which some peers refuse: legal",
    15: "sctpmap with port for number, and without streams",
    16: "channel in the namespace of sctpmap",
    17: "fingerprints; a role that an answer must not have is for validation and the session",
    18: "groups",
    19: "packet times of a description, bandwidths",
    20: "sources",
    21: "what only Jitsi sends",
    22: "reasons",
    23: "namespaces; the dialects before XEP-0166 are no Jingle and stay Raw",
    24: "types and protocols of candidates",
    25: "foundations that are no integer: strings by the schema",
    26: "extensions of candidates",
    27: "end of candidates in a transport of XEP-0176",
    29: "credentials that are not whole: legal; what they mean is the session's",
    30: "encryption, and feedback that repeats its payload type",
    31: "messages that propose a session",
    32: "jingle without sid",
    33: "initiator and responder of any form or none: the session looks at the stanza's addresses",
    35: "the order of payload types, kept; that of parameters means nothing to `mapping.compare`",
    36: "channels='1' and none",
}
"What a reader sees."

ELSEWHERE = {
    8: "mapping, in the profile of Monal: the names, and a level that is written in decimal, belong together",
    10: "mapping, in the profiles of peers: a direction is wrong only beside the role of who wrote it",
    14: "mapping and session, in the profiles of peers: what is written",
    28: "session: what credentials without candidates mean",
    34: "session: what is written, by the features of the peer",
}
"What a reader cannot see, and where it is dealt with."


class Sloppy(NamedTuple):
    """A sloppy form, the value it is read as, and the findings: code and path."""

    quirk: int
    markup: str
    value: jc.Element
    findings: tuple[tuple[str, str], ...] = ()


CANDIDATE = jc.Candidate(
    component=1,
    foundation="1",
    id="a",
    ip="10.0.1.1",
    network=0,
    port=8998,
    priority=2130706431,
    protocol="udp",
    type=jc.CandidateType.HOST,
)


def candidate(**changes: str | None) -> str:
    """Return the markup of `CANDIDATE`, with attributes changed, added or (None) left out; `__` stands for `-`."""
    proper = {
        "component": "1",
        "foundation": "1",
        "generation": "0",
        "id": "a",
        "ip": "10.0.1.1",
        "network": "0",
        "port": "8998",
        "priority": "2130706431",
        "protocol": "udp",
        "type": "host",
    }
    pairs = {**proper, **{name.replace("__", "-"): text for name, text in changes.items()}}
    return element("candidate", ns.ICE_UDP, **{name: text for name, text in pairs.items() if text is not None})


def element(name: str, space: str, inner: str = "", /, **attributes: str) -> str:
    """Return the markup of an element."""
    written = "".join(f" {key}='{text}'" for key, text in attributes.items())
    return f"<{name} xmlns='{space}'{written}>{inner}</{name}>"


def jingle(inner: str = "", action: str = "session-info") -> str:
    return element("jingle", ns.JINGLE, inner, action=action, sid="s")


def description(inner: str = "", **attributes: str) -> str:
    return element("description", ns.RTP, inner, media="audio", **attributes)


def fingerprint(value: str = "02:1A", space: str = ns.DTLS, **attributes: str) -> str:
    return element("fingerprint", space, value, **{"hash": "sha-256", "setup": "active", **attributes})


FINGERPRINT = jc.Fingerprint(hash="sha-256", setup=jc.Setup.ACTIVE, value="02:1A")
INFO = jc.Jingle(action=jc.Action.SESSION_INFO, sid="s")
AUDIO = jc.RtpDescription(media="audio")

CASES = (
    # --- identifiers ---
    *(
        Sloppy(1, candidate(id=text), attrs.evolve(CANDIDATE, id=text), (("unusual-identifier", "candidate/@id"),))
        for text in ("186cb069", "11b72719-6a1b-4c51-8ae6-9f1538047568", "SBfWse/DPLEBy6P3aezgassY")
    ),
    Sloppy(
        2,
        candidate(id=None, generation=None, network=None),
        attrs.evolve(CANDIDATE, id=None, network=None),
        (("missing-attribute", "candidate/@generation"), ("missing-attribute", "candidate/@id")),
    ),
    Sloppy(
        3,
        element(
            "transport",
            ns.ICE_UDP,
            "<rtcp-mux/>"
            + element("web-socket", "http://jitsi.org/protocol/colibri", url="wss://x")
            + element("trickle", ns.ICE_OPTIONS)
            + element("sctpmap", ns.DTLS_SCTP, number="5000", protocol="webrtc-datachannel")
            + fingerprint()
            + candidate(),
        ),
        jc.IceUdpTransport(
            rtcp_mux=True,
            trickle=True,
            sctpmaps=(jc.SctpMap(number=5000, protocol="webrtc-datachannel"),),
            fingerprints=(FINGERPRINT,),
            candidates=(CANDIDATE,),
            extra=jc.Extra(children=(jc.Raw("{http://jitsi.org/protocol/colibri}web-socket", (("url", "wss://x"),)),)),
        ),
        (("unspecified", "transport/rtcp-mux"), ("unspecified", "transport/trickle")),
    ),
    Sloppy(
        4,
        candidate(rel__addr="10.0.1.1", rel_port="9"),
        attrs.evolve(CANDIDATE, rel_addr="10.0.1.1", rel_port=9),
        (("sloppy-name", "candidate/@rel_port"),),
    ),
    Sloppy(
        5,
        element("jingle", ns.JINGLE, action="session-info", sid="Jv0BmRcLx4kqbryY8DL+Sv/o"),
        attrs.evolve(INFO, sid="Jv0BmRcLx4kqbryY8DL+Sv/o"),
        (("unusual-identifier", "jingle/@sid"),),
    ),
    Sloppy(5, element("proceed", ns.JINGLE_MESSAGE, id="a+/b"), jc.ProceedMessage(id="a+/b")),
    Sloppy(
        6,
        element("content", ns.JINGLE, creator="initiator", name="Media call"),
        jc.Content(name="Media call"),
    ),
    # --- formats ---
    Sloppy(
        7,
        element("parameter", ns.RTP, value="0-16"),
        jc.Parameter(name="", value="0-16"),
        (("missing-attribute", "parameter/@name"),),
    ),
    Sloppy(7, element("parameter", ns.RTP, name="", value="111/111"), jc.Parameter(name="", value="111/111")),
    Sloppy(
        7,
        element("parameter", ns.RTP, name="0-16"),
        jc.Parameter(name="0-16"),
        (("missing-attribute", "parameter/@value"),),
    ),
    Sloppy(7, element("parameter", ns.RTP, name="events", value="0-15"), jc.Parameter(name="events", value="0-15")),
    # --- contents ---
    Sloppy(
        9,
        element("content", ns.JINGLE, creator="initiator", name="a", senders="rejected"),
        jc.Content(name="a", senders=jc.Senders.NONE),
        (("sloppy-word", "content/@senders"),),
    ),
    *(
        Sloppy(
            11,
            element("rtp-hdrext", ns.RTP_HDREXT, id="2", uri="urn:a", senders=word),
            jc.HeaderExtension(id=2, uri="urn:a", senders=senders),
            (("sloppy-word", "rtp-hdrext/@senders"),),
        )
        for word, senders in (
            ("recvonly", jc.HeaderExtensionSenders.RESPONDER),
            ("sendonly", jc.HeaderExtensionSenders.INITIATOR),
            ("sendrecv", jc.HeaderExtensionSenders.BOTH),
            ("inactive", jc.HeaderExtensionSenders.NONE),
        )
    ),
    Sloppy(
        12,
        element("content", ns.JINGLE, name="a"),
        jc.Content(creator=jc.Creator.INITIATOR, name="a"),
        (("missing-attribute", "content/@creator"),),
    ),
    Sloppy(
        13,
        element("content", ns.JINGLE, creator="initiator", name="a", senders="none"),
        jc.Content(name="a", senders=jc.Senders.NONE),
    ),
    # --- data channels ---
    Sloppy(
        15,
        element("sctpmap", ns.DTLS_SCTP, port="5000", protocol="webrtc-datachannel", streams="0"),
        jc.SctpMap(number=5000, protocol="webrtc-datachannel", streams=0),
        (("sloppy-name", "sctpmap/@port"), ("unusual-value", "sctpmap/@streams")),
    ),
    Sloppy(
        16,
        element("transport", ns.ICE_UDP, element("channel", ns.DTLS_SCTP, id="1")),
        jc.IceUdpTransport(channels=(jc.Channel(id=1),)),
        (("sloppy-name", "transport/channel"),),
    ),
    # --- fingerprints ---
    Sloppy(17, fingerprint("\n 02:1a\n"), FINGERPRINT, (("sloppy-fingerprint", "fingerprint"),)),
    Sloppy(17, fingerprint(hash="SHA-256"), FINGERPRINT, (("sloppy-word", "fingerprint/@hash"),)),
    Sloppy(
        17,
        element("fingerprint", ns.DTLS, "02:1A", hash="sha-256"),
        attrs.evolve(FINGERPRINT, setup=None),
        (("missing-attribute", "fingerprint/@setup"),),
    ),
    Sloppy(
        17,
        fingerprint(required="true", cryptex="true"),
        attrs.evolve(FINGERPRINT, required=True, cryptex=True),
        (("unspecified", "fingerprint/@required"), ("unspecified", "fingerprint/@cryptex")),
    ),
    Sloppy(17, fingerprint(space=ns.DTLS_TMP), FINGERPRINT, (("sloppy-name", "fingerprint"),)),
    Sloppy(
        17,
        element("transport", ns.ICE_UDP, fingerprint(hash="sha-1") + fingerprint()),
        jc.IceUdpTransport(fingerprints=(attrs.evolve(FINGERPRINT, hash="sha-1"), FINGERPRINT)),
    ),
    # --- groups ---
    Sloppy(
        18,
        jingle(
            element("group", ns.GROUPING_RFC, "<content name='a'/>", type="BUNDLE")
            + "<content creator='initiator' name='a'/>"
        ),
        attrs.evolve(
            INFO,
            contents=(jc.Content(name="a"),),
            groups=(jc.Group(semantics="BUNDLE", contents=(jc.GroupContent(name="a"),)),),
        ),
        (
            ("sloppy-name", "jingle/group"),
            ("sloppy-name", "jingle/group/@type"),
            ("sloppy-name", "jingle/group/content"),
        ),
    ),
    Sloppy(18, element("group", ns.GROUPING, semantics="BUNDLE"), jc.Group(semantics="BUNDLE")),
    Sloppy(
        18,
        element("content", ns.JINGLE, element("bundle", ns.ESTOS_BUNDLE), creator="initiator", name="a"),
        jc.Content(name="a", bundle=True),
        (("unspecified", "content/bundle"),),
    ),
    # --- descriptions ---
    Sloppy(
        19,
        description(ptime="20", maxptime="60", profile="RTP/AVPF"),
        attrs.evolve(AUDIO, ptime=20, maxptime=60, profile="RTP/AVPF"),
        (
            ("unspecified", "description/@ptime"),
            ("unspecified", "description/@maxptime"),
            ("unspecified", "description/@profile"),
        ),
    ),
    Sloppy(
        19,
        element("bandwidth", ns.RTP, type="AS", value="128"),
        jc.Bandwidth(type="AS", value="128"),
        (("sloppy-name", "bandwidth/@value"),),
    ),
    Sloppy(
        19,
        element("bandwidth", ns.RTP, "<type>AS</type><value>128</value>"),
        jc.Bandwidth(type="AS", value="128"),
        (("sloppy-name", "bandwidth/type"), ("sloppy-name", "bandwidth/value")),
    ),
    Sloppy(
        19,
        element("payload-type", ns.RTP, id="0", name="PCMU", rate="8000"),
        jc.PayloadType(id=0, name="PCMU", clockrate=8000),
        (("sloppy-name", "payload-type/@rate"),),
    ),
    # --- sources ---
    Sloppy(
        20,
        element("source", ns.SSMA, id="1745057535"),
        jc.Source(ssrc=1745057535),
        (("sloppy-name", "source/@id"),),
    ),
    Sloppy(
        20,
        element("source", ns.SSMA, ssrc="1", name="a-v0", videoType="camera"),
        jc.Source(ssrc=1, name="a-v0", video_type="camera"),
        (("unspecified", "source/@name"), ("unspecified", "source/@videoType")),
    ),
    Sloppy(
        20,
        element("source", ns.SSMA, element("ssrc-info", ns.JITMEET, owner="jvb"), rid="1"),
        jc.Source(rid="1", info=jc.SsrcInfo(owner="jvb")),
        (
            ("unspecified", "source/@rid"),
            ("missing-attribute", "source/@ssrc"),
            ("unspecified", "source/ssrc-info"),
        ),
    ),
    Sloppy(
        20,
        description(element("rid-group", ns.SSMA, semantics="SIM")),
        attrs.evolve(AUDIO, rid_groups=(jc.RidGroup(semantics="SIM"),)),
        (("unspecified", "description/rid-group"),),
    ),
    Sloppy(
        20,
        element(
            "source",
            ns.SSMA,
            element("parameter", ns.RTP, name="cname", value="a") + "<parameter name='cname'/>",
            ssrc="1",
        ),
        jc.Source(ssrc=1, parameters=(jc.SourceParameter(name="cname", value="a"), jc.SourceParameter(name="cname"))),
        (("sloppy-name", "source/parameter[1]"),),
    ),
    Sloppy(20, element("ssrc-group", ns.SSMA, semantics="FEC-FR"), jc.SourceGroup(semantics="FEC-FR")),
    # --- Jitsi ---
    *(
        Sloppy(21, jingle(action=word), attrs.evolve(INFO, action=action), ((code, "jingle/@action"),))
        for word, action, code in (
            ("source-add", jc.Action.SOURCE_ADD, "unusual-value"),
            ("source-remove", jc.Action.SOURCE_REMOVE, "unusual-value"),
            ("addsource", jc.Action.SOURCE_ADD, "sloppy-word"),
            ("removesource", jc.Action.SOURCE_REMOVE, "sloppy-word"),
        )
    ),
    Sloppy(
        21,
        jingle(
            element("json-message", ns.JITMEET, '{"sources":{}}')
            + element("bridge-session", ns.JITSI_FOCUS, id="a", region="b")
            + element("initial-last-n", "jitsi:colibri2", value="25")
        ),
        attrs.evolve(
            INFO,
            infos=(jc.JsonMessage(value='{"sources":{}}'), jc.BridgeSession(id="a", region="b")),
            extra=jc.Extra(children=(jc.Raw("{jitsi:colibri2}initial-last-n", (("value", "25"),)),)),
        ),
    ),
    # --- reasons ---
    Sloppy(
        22,
        element("reason", ns.JINGLE, "<text>bye</text><success/>"),
        jc.Reason(condition=jc.Condition.SUCCESS, texts=(jc.ReasonText(value="bye"),)),
    ),
    Sloppy(
        22,
        element("reason", ns.JINGLE, "<fell-asleep/>"),
        jc.Reason(extra=jc.Extra(children=(jc.Raw(f"{{{ns.JINGLE}}}fell-asleep"),))),
        (("missing-element", "reason"),),
    ),
    Sloppy(
        22,
        element("reason", ns.JINGLE, "<failed_transport/>"),
        jc.Reason(condition=jc.Condition.FAILED_TRANSPORT),
        (("sloppy-name", "reason/failed_transport"),),
    ),
    Sloppy(
        22,
        element(
            "error", ns.CLIENT, element("conflict", ns.STANZAS) + element("tiebreak", ns.JINGLE_ERRORS), type="cancel"
        ),
        jc.StanzaError(type=jc.ErrorType.CANCEL, condition=jc.StanzaCondition.CONFLICT, application=jc.TieBreak()),
        (("sloppy-name", "error/tiebreak"),),
    ),
    Sloppy(
        22,
        jingle("<content creator='initiator' name='a'/><reason><success/></reason>", "session-accept"),
        jc.Jingle(
            action=jc.Action.SESSION_ACCEPT,
            sid="s",
            contents=(jc.Content(name="a"),),
            reason=jc.Reason(condition=jc.Condition.SUCCESS),
        ),
    ),
    # --- namespaces ---
    Sloppy(
        23,
        jingle(element("ringing", "urn:xmpp:jingle:apps:rtp:1:info")),
        attrs.evolve(INFO, infos=(jc.Ringing(),)),
        (("sloppy-name", "jingle/ringing"),),
    ),
    *(
        Sloppy(
            23,
            element(
                "description",
                space,
                "<payload-type id='0'><parameter name='a' value='b'/></payload-type>",
                media="video",
            ),
            jc.RtpDescription(
                media="video",
                payload_types=(jc.PayloadType(id=0, parameters=(jc.Parameter(name="a", value="b"),)),),
            ),
            (
                ("sloppy-name", "description"),
                ("sloppy-name", "description/payload-type"),
                ("sloppy-name", "description/payload-type/parameter"),
            ),
        )
        for space in ("urn:xmpp:jingle:apps:video-rtp", "urn:xmpp:jingle:app:rtp:1")
    ),
    Sloppy(
        23,
        jingle(element("conference-info", "", isfocus="true")),
        attrs.evolve(INFO, infos=(jc.ConferenceInfo(isfocus=True),)),
        (("sloppy-name", "jingle/conference-info"),),
    ),
    # --- candidates ---
    Sloppy(24, candidate(protocol="UDP"), CANDIDATE, (("sloppy-word", "candidate/@protocol"),)),
    Sloppy(24, candidate(type="local"), CANDIDATE, (("sloppy-word", "candidate/@type"),)),
    Sloppy(
        24,
        candidate(type="stun"),
        attrs.evolve(CANDIDATE, type=jc.CandidateType.SRFLX),
        (("sloppy-word", "candidate/@type"),),
    ),
    Sloppy(24, candidate(tcptype="null"), CANDIDATE, (("sloppy-word", "candidate/@tcptype"),)),
    Sloppy(
        24,
        candidate(protocol="ssltcp", tcptype="passive"),
        attrs.evolve(CANDIDATE, protocol="ssltcp", tcptype=jc.TcpType.PASSIVE),
    ),
    Sloppy(25, candidate(foundation="b1197df3"), attrs.evolve(CANDIDATE, foundation="b1197df3")),
    Sloppy(
        26,
        candidate(network__id="1", network__cost="10", mid="0", mlineindex="0"),
        attrs.evolve(CANDIDATE, network_id="1", network_cost="10", mid="0", mlineindex="0"),
        (
            ("unspecified", "candidate/@network-id"),
            ("unspecified", "candidate/@network-cost"),
            ("unspecified", "candidate/@mid"),
            ("unspecified", "candidate/@mlineindex"),
        ),
    ),
    Sloppy(
        27,
        element("transport", ns.ICE_UDP, "<gathering-complete/>"),
        jc.IceUdpTransport(gathering_complete=True),
        (("unspecified", "transport/gathering-complete"),),
    ),
    Sloppy(29, element("transport", ns.ICE_UDP, ufrag="a"), jc.IceUdpTransport(ufrag="a")),
    # --- encryption and feedback ---
    Sloppy(
        30,
        element(
            "content",
            ns.JINGLE,
            element("encryption", ns.RTP, "<crypto crypto-suite='AES_CM_128_HMAC_SHA1_80' tag='1'/>", required="true"),
            creator="initiator",
            name="Media call",
        ),
        jc.Content(
            name="Media call",
            extra=jc.Extra(
                children=(
                    jc.Encryption(
                        required=True,
                        cryptos=(jc.Crypto(crypto_suite="AES_CM_128_HMAC_SHA1_80", tag="1", key_params=""),),
                    ),
                )
            ),
        ),
        (("misplaced-element", "content/encryption"), ("missing-attribute", "content/encryption/crypto/@key-params")),
    ),
    Sloppy(30, description(element("rtcp-mux", ns.RTP)), attrs.evolve(AUDIO, rtcp_mux=True)),
    Sloppy(
        30,
        element("rtcp-fb", ns.RTCP_FB, id="96", type="nack"),
        jc.RtcpFeedback(type="nack", id="96"),
        (("unspecified", "rtcp-fb/@id"),),
    ),
    Sloppy(
        30,
        element("rtcp-fb-trr-int", ns.RTCP_FB, id="96", type="trr-int", value="100"),
        jc.TrrInt(value=100, id="96", type="trr-int"),
        (("unspecified", "rtcp-fb-trr-int/@id"), ("unspecified", "rtcp-fb-trr-int/@type")),
    ),
    # --- proposals ---
    Sloppy(
        31,
        element("proceed", "urn:xmpp:jingle-message:1", id="a"),
        jc.ProceedMessage(id="a"),
        (("sloppy-name", "proceed"),),
    ),
    Sloppy(31, element("accept", ns.JINGLE_MESSAGE, id="a"), jc.AcceptMessage(id="a")),
    Sloppy(
        31,
        element("proceed", ns.JINGLE_MESSAGE, element("device", "http://gultsch.de/x", id="1"), id="a"),
        jc.ProceedMessage(id="a", extra=jc.Extra(children=(jc.Raw("{http://gultsch.de/x}device", (("id", "1"),)),))),
    ),
    # --- sessions ---
    Sloppy(
        32,
        element("jingle", ns.JINGLE, "<reason><success/></reason>", action="session-terminate"),
        jc.Jingle(action=jc.Action.SESSION_TERMINATE, sid="", reason=jc.Reason(condition=jc.Condition.SUCCESS)),
        (("missing-attribute", "jingle/@sid"),),
    ),
    Sloppy(
        33,
        element("jingle", ns.JINGLE, action="session-info", sid="s", initiator="romeo@montague.lit", responder=""),
        attrs.evolve(INFO, initiator="romeo@montague.lit", responder=""),
    ),
    Sloppy(
        35,
        description("<payload-type id='97'/><payload-type id='0'/><payload-type id='8'/>"),
        attrs.evolve(AUDIO, payload_types=(jc.PayloadType(id=97), jc.PayloadType(id=0), jc.PayloadType(id=8))),
    ),
    Sloppy(36, element("payload-type", ns.RTP, id="0", channels="1"), jc.PayloadType(id=0)),
    Sloppy(36, element("payload-type", ns.RTP, id="0"), jc.PayloadType(id=0, channels=1)),
)


each = pytest.mark.parametrize("case", CASES, ids=lambda case: f"Q{case.quirk}: {case.markup}")


def test_every_quirk_is_read_or_dealt_with_elsewhere() -> None:
    assert sorted([*READING, *ELSEWHERE]) == list(range(1, 37))
    assert {case.quirk for case in CASES} == READING.keys()


@each
def test_the_sloppy_form_is_read_as_what_it_stands_for(case: Sloppy) -> None:
    decoded = jc.read(case.markup)
    assert decoded.value == case.value
    assert [(finding.code, finding.path) for finding in decoded.findings] == list(case.findings)
    assert jc.loads(case.markup) == case.value


@each
def test_what_was_mended_stays_mended(case: Sloppy) -> None:
    """What is written says the same; only what no specification has, or what is missing, is a finding again."""
    again = jc.read(jc.dumps(case.value))
    assert again.value == case.value
    left = {
        "unspecified",
        "missing-attribute",
        "missing-element",
        "unusual-identifier",
        "unusual-value",
        "misplaced-element",
    }
    assert {finding.code for finding in again.findings} <= left


def test_a_type_of_candidate_that_has_no_meaning_is_kept_apart() -> None:
    """Q24: Gajim's `multicast` is none of RFC 8445's; the transport and its other candidates are read all the same."""
    markup = element("transport", ns.ICE_UDP, candidate(type="multicast") + candidate(), ufrag="a", pwd="b")
    decoded = jc.read(markup, expect=jc.IceUdpTransport, errors="keep")
    assert isinstance(decoded.value, jc.IceUdpTransport)
    assert decoded.value.candidates == (CANDIDATE,)
    assert [node.name for node in decoded.value.extra.children if isinstance(node, jc.Raw)] == ["candidate"]
    assert [(finding.code, finding.path) for finding in decoded.findings] == [
        ("bad-value", "transport/candidate[1]/@type")
    ]


@pytest.mark.parametrize("space", ["http://jabber.org/protocol/jingle", "http://www.google.com/session"])
def test_dialects_before_xep_0166_stay_raw(space: str) -> None:
    """Q23."""
    iq = jc.loads(
        f"<iq xmlns='jabber:client' type='set' id='1'><jingle xmlns='{space}' action='x'/></iq>", expect=jc.Iq
    )
    assert isinstance(iq.payload, jc.Raw)

"""XEP-0030: what an entity can do, and what we say that we can."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

GOLDENS = (
    Golden(
        "XEP-0030 3.1, example 2; XEP-0128 2",
        """
        <query xmlns='http://jabber.org/protocol/disco#info' node='urn:x#1'>
          <identity category='client' type='phone' name='Balcony' xml:lang='en'/>
          <feature var='urn:xmpp:jingle:1'/>
          <feature var='urn:xmpp:jingle:apps:rtp:1'/>
          <x xmlns='jabber:x:data' type='result'/>
        </query>
        """,
        jc.DiscoInfo(
            node="urn:x#1",
            identities=(jc.Identity(category="client", type="phone", name="Balcony", lang="en"),),
            features=(jc.Feature(var="urn:xmpp:jingle:1"), jc.Feature(var="urn:xmpp:jingle:apps:rtp:1")),
            forms=(jc.Raw("{jabber:x:data}x", (("type", "result"),)),),
        ),
    ),
    Golden(
        "XEP-0030 3.1, example 2",
        "<identity xmlns='http://jabber.org/protocol/disco#info' category='conference' type='text'/>",
        jc.Identity(category="conference", type="text"),
    ),
    Golden(
        "XEP-0030 3.1, example 2",
        "<feature xmlns='http://jabber.org/protocol/disco#info' var='jabber:iq:register'/>",
        jc.Feature(var="jabber:iq:register"),
    ),
)


def test_the_features_of_a_peer_are_a_set() -> None:
    info = jc.DiscoInfo(features=(jc.Feature(var=ns.JINGLE), jc.Feature(var=ns.RTP), jc.Feature(var=ns.RTP)))
    assert info.vars == {ns.JINGLE, ns.RTP}


def test_an_identity_without_category_is_a_problem_and_an_empty_one_a_quirk() -> None:
    """XEP-0030 11.1: nonEmptyString."""
    with pytest.raises(jc.DecodeError, match=r"^identity/@category: is missing$"):
        jc.loads(f"<identity xmlns='{ns.DISCO_INFO}' type='phone'/>")
    decoded = jc.read(f"<identity xmlns='{ns.DISCO_INFO}' category='' type='phone'/>")
    assert [(finding.code, finding.path) for finding in decoded.findings] == [
        ("unusual-identifier", "identity/@category")
    ]


# --- features -------------------------------------------------------------------------------------------------------


def test_a_voice_client_says_what_the_example_says() -> None:
    """XEP-0167 10, without the older version."""
    assert jc.features([jc.RtpDescription], [], media=("audio", "video")) == (
        "urn:xmpp:jingle:1",
        "urn:xmpp:jingle:apps:rtp:1",
        "urn:xmpp:jingle:apps:rtp:audio",
        "urn:xmpp:jingle:apps:rtp:video",
    )


def test_a_gateway_to_sip_wants_its_candidates_at_once() -> None:
    """XEP-0176 7.2: MUST advertise urn:ietf:rfc:3264; nobody else does."""
    gateway = jc.features([ns.RTP], [ns.ICE_UDP], media=["audio", "video"], offer_answer=True)
    assert gateway == (
        "urn:ietf:rfc:3264",
        "urn:xmpp:jingle:1",
        "urn:xmpp:jingle:apps:rtp:1",
        "urn:xmpp:jingle:apps:rtp:audio",
        "urn:xmpp:jingle:apps:rtp:video",
        "urn:xmpp:jingle:transports:ice-udp:1",
    )
    assert "urn:ietf:rfc:3264" not in jc.features([ns.RTP], [ns.ICE_UDP])


def test_a_file_client_says_what_the_examples_say() -> None:
    """XEP-0234 11, example 20; XEP-0300 5, example 2; XEP-0396 5, example 3."""
    assert jc.features(
        [jc.FileTransfer],
        [jc.Socks5Transport, jc.IbbTransport],
        hashes=("sha-256", "sha3-256"),
        extensions=(ns.JET, ns.JET_OMEMO),
    ) == (
        "urn:xmpp:hash-function-text-names:sha-256",
        "urn:xmpp:hash-function-text-names:sha3-256",
        "urn:xmpp:hashes:2",
        "urn:xmpp:jingle:1",
        "urn:xmpp:jingle:apps:file-transfer:5",
        "urn:xmpp:jingle:jet-omemo:0",
        "urn:xmpp:jingle:jet:0",
        "urn:xmpp:jingle:transports:ibb:1",
        "urn:xmpp:jingle:transports:s5b:1",
    )


@pytest.mark.parametrize("named", [{"grouping": True}, {"extensions": [ns.GROUPING]}, {"extensions": [jc.Group]}])
def test_grouping_has_a_feature_that_is_not_its_namespace(named: dict[str, object]) -> None:
    """XEP-0338 3."""
    assert jc.features([], [], **named) == ("urn:ietf:rfc:5888", "urn:xmpp:jingle:1")  # type: ignore[arg-type]


def test_sources_have_a_feature_that_is_not_their_namespace() -> None:
    """XEP-0339 4."""
    assert jc.features([], [], extensions=[ns.SSMA]) == ("urn:ietf:rfc:5576", "urn:xmpp:jingle:1")


@pytest.mark.parametrize("transport", [ns.WEBRTC, ns.WEBRTC_IGNITE])
def test_webrtc_transports_say_that_descriptions_come_in_session_info(transport: str) -> None:
    """ProtoXEP Jingle WebRTC Transport 4."""
    assert set(jc.features([ns.RTP], [transport])) == {ns.JINGLE, ns.RTP, transport, ns.WEBRTC_INFO_IGNITE}


def test_a_class_in_several_namespaces_stands_for_all() -> None:
    assert set(jc.features([], [jc.WebrtcTransport])) == {
        ns.JINGLE,
        ns.WEBRTC,
        ns.WEBRTC_IGNITE,
        ns.WEBRTC_INFO_IGNITE,
    }


def test_nothing_is_said_that_was_not_named() -> None:
    assert jc.features([], []) == ("urn:xmpp:jingle:1",)
    assert jc.features(["urn:example:a"], ["urn:example:t"], extensions=["urn:example:x", "urn:example:a"]) == (
        "urn:example:a",
        "urn:example:t",
        "urn:example:x",
        "urn:xmpp:jingle:1",
    )

"""Profiles of peers: what each reads and in which form, one test for a quirk, and the laws that hold for all."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest
from mapping_corpus import Recorded, sampled
from mapping_support import Role, description_in, request, sdp, transport_in

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.mapping import Mapped, Names, Peer, Profile, Trickled, requests_for, to_transport_info
from jinglecodec.mapping.payload_types import STATIC
from jinglecodec.mapping.peers import PROFILES
from jinglecodec.model.datachannel import SctpMap
from jinglecodec.model.dtls import Setup
from jinglecodec.xml.tree import Raw
from jinglecodec.xml.types import NCNAME

AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 111 0 101\na=mid:0\na=rtpmap:111 opus/48000/2\na=rtpmap:101 telephone-event/8000\n"
VIDEO = "m=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:1\na=rtpmap:96 VP8/90000\n"
DATA = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:2\na=sctp-port:5000\n"
KEYS = "a=ice-ufrag:8hhy\na=ice-pwd:asd88fgpdd777uzjYhagZg\n"
SHA_1, SHA_256 = ("a=fingerprint:sha-1 " + ":".join(["AB"] * 20), "a=fingerprint:sha-256 " + ":".join(["CD"] * 32))
UDP = "a=candidate:1 1 udp 2122260223 192.0.2.1 30000 typ host"
TCP = "a=candidate:2 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active"
MDNS = "a=candidate:3 1 udp 2122260223 0e7a-1.local 30001 typ host"
ANY = [*PROFILES]


def for_peer(
    peer: Peer | Profile | str | None,
    *parts: str,
    role: Role = "initiator",
    action: str = "session-initiate",
    names: Names | None = None,
    offer: jc.sdp.SessionDescription | None = None,
) -> Mapped[jc.Jingle]:
    """Return the request for a description, after it went over the wire."""
    mapped = jc.mapping.to_jingle(sdp(*parts), action=action, sid="s1", role=role, names=names, offer=offer, peer=peer)
    assert jc.loads(jc.dumps(mapped.value)) == mapped.value
    return mapped


def told(mapped: Mapped[jc.Jingle], name: str) -> list[tuple[str, str]]:
    """Return line and reason of each loss that is due to the peer."""
    return [(loss.lines[0], loss.clause) for loss in mapped.losses if loss.clause.startswith(name)]


def parties(peer: Peer | None, *parts: str, role: Role = "initiator") -> list[str]:
    """Return the senders of each content."""
    return [one.senders.value for one in for_peer(peer, *parts, role=role).value.contents]


# --- the table -------------------------------------------------------------------------------------------------------


def test_each_peer_has_one_profile_with_a_name_of_its_own() -> None:
    assert set(PROFILES) == set(Peer)
    assert len({profile.name for profile in PROFILES.values()}) == len(Peer)


@pytest.mark.parametrize("peer", [Peer.DINO, "dino", PROFILES[Peer.DINO]])
def test_a_peer_is_named_by_enum_word_or_profile(peer: Peer | Profile | str) -> None:
    assert told(for_peer(peer, AUDIO, TCP), "Dino") == [(TCP, "Dino reads candidates over UDP only")]


def test_an_unknown_peer_is_refused() -> None:
    with pytest.raises(ValueError, match="empathy"):
        for_peer("empathy", AUDIO)
    with pytest.raises(ValueError, match="empathy"):
        jc.mapping.to_sdp(request(), role="initiator", peer="empathy")
    with pytest.raises(ValueError, match="empathy"):
        requests_for(request(), "empathy")


def test_a_caller_can_have_a_profile_of_its_own() -> None:
    mine = Profile(name="Mine", nameless_parameters=False)
    line = "a=fmtp:101 0-15"
    assert told(for_peer(mine, AUDIO, line), "Mine") == [(line, "Mine reads no parameter without a name")]


def test_a_profile_that_asks_nothing_changes_nothing() -> None:
    parts = (AUDIO, KEYS, SHA_256, UDP, TCP, MDNS, "a=fmtp:101 0-15\na=inactive\na=rtcp-fb:* nack", DATA)
    assert for_peer(Profile(name="X"), *parts) == for_peer(None, *parts)


# --- without a profile -----------------------------------------------------------------------------------------------


def test_asterisk_and_wocky_want_id_generation_and_network_which_everybody_gets() -> None:
    """Without them the one hangs up and the other drops the candidate; XEP-0176 14 requires the first two."""
    mapped = for_peer(None, AUDIO, UDP, TCP, MDNS)
    for candidate in transport_in(mapped.value).candidates:
        assert candidate.id is not None
        assert NCNAME.accepts(candidate.id)
        assert (candidate.generation, candidate.network) == (0, 0)
    text = jc.dumps(mapped.value).decode()
    assert (text.count("generation='0'") + text.count('generation="0"')) == 3


def test_dino_wants_hash_names_in_lower_case_which_everybody_gets() -> None:
    mapped = for_peer(None, AUDIO, SHA_256.replace("sha-256", "SHA-256"))
    assert transport_in(mapped.value).fingerprints[0].hash == "sha-256"


def test_movim_copies_senders_of_header_extensions_into_sdp_so_both_is_left_out_for_everybody() -> None:
    """XEP-0294 3: without the attribute, both parties send the extension."""
    mapped = for_peer(None, AUDIO, "a=extmap:1/sendrecv urn:ietf:params:rtp-hdrext:ssrc-audio-level")
    assert b"<rtp-hdrext" in jc.dumps(mapped.value)
    assert jc.dumps(mapped.value).count(b"senders=") == jc.dumps(for_peer(None, AUDIO).value).count(b"senders=")


def test_strict_readers_want_groups_behind_contents_and_one_channel_unsaid() -> None:
    """XEP-0166 16.1: other elements come last; XEP-0167 4: one channel is the default."""
    text = jc.dumps(for_peer(None, "a=group:BUNDLE 0", AUDIO).value)
    assert text.index(b"<group") > text.index(b"<content")
    assert text.count(b"channels=") == 1


# --- which contents --------------------------------------------------------------------------------------------------

CALLERS = ["conversations", "dino", "gajim", "libpurple", "monal", "siskin", "sip"]


@pytest.mark.parametrize("peer", CALLERS)
def test_callers_know_audio_and_video_only(peer: str) -> None:
    """Conversations ends the session at any other content, Dino refuses it, the others skip it."""
    mapped = for_peer(peer, "a=group:BUNDLE 0 1 2", AUDIO, VIDEO, DATA)
    assert [content.name for content in mapped.value.contents] == ["0", "1"]
    assert [[one.name for one in group.contents] for group in mapped.value.groups] == [["0", "1"]]
    assert told(mapped, PROFILES[Peer(peer)].name) == [
        ("a=group:BUNDLE 0 1 2", f"{PROFILES[Peer(peer)].name} knows no such content"),
        *((line, f"{PROFILES[Peer(peer)].name} knows no such content") for line in sdp(DATA).media[0].texts),
    ]


@pytest.mark.parametrize("peer", ["jitsi", "movim"])
def test_jitsi_and_movim_know_data_channels(peer: str) -> None:
    assert [content.name for content in for_peer(peer, AUDIO, DATA).value.contents] == ["0", "2"]


def test_a_call_of_nothing_that_the_peer_knows_is_none() -> None:
    with pytest.raises(jc.MappingError, match="Dino knows no such content"):
        for_peer("dino", DATA)


def test_asterisk_takes_a_fingerprint_for_a_candidate_so_there_is_no_call_with_dtls() -> None:
    """Leaving it out would make of an encrypted call one in the clear."""
    with pytest.raises(jc.MappingError, match="would not be encrypted"):
        for_peer("asterisk", AUDIO, KEYS, SHA_256)
    plain = for_peer("asterisk", "m=audio 9 RTP/AVP 0\na=mid:0\n", KEYS, UDP)
    assert len(transport_in(plain.value).candidates) == 1


# --- candidates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("peer", ["conversations", "dino", "gajim", "libpurple", "sip"])
def test_candidates_over_tcp_are_not_for_conversations_dino_gajim_libpurple_and_sip(peer: str) -> None:
    """Conversations throws at one, the others do not read `tcptype`."""
    mapped = for_peer(peer, AUDIO, UDP, TCP)
    assert [one.protocol for one in transport_in(mapped.value).candidates] == ["udp"]
    name = PROFILES[Peer(peer)].name
    assert told(mapped, name) == [(TCP, f"{name} reads candidates over UDP only")]


def trickled(peer: str, line: str) -> Mapped[jc.Jingle]:
    return to_transport_info(Trickled(line, mid="0"), sid="s1", role="responder", peer=peer)


@pytest.mark.parametrize(
    ("peer", "line", "reason"),
    [
        ("conversations", TCP, "Conversations reads candidates over UDP only"),
        ("movim", MDNS, "Movim reads no names in candidates"),
        ("asterisk", "a=end-of-candidates", "Asterisk takes all children of a transport for candidates"),
    ],
)
def test_conversations_movim_and_asterisk_are_spared_a_later_candidate_too(peer: str, line: str, reason: str) -> None:
    mapped = trickled(peer, line)
    transport = transport_in(mapped.value)
    assert (transport.candidates, transport.gathering_complete) == ((), False)
    assert [(loss.lines, loss.clause, loss.path) for loss in mapped.losses] == [
        ((line,), reason, line.split(":", maxsplit=1)[0])
    ]


@pytest.mark.parametrize("peer", ["monal", "sip"])
def test_a_later_candidate_that_is_read_has_the_form_of_the_peer(peer: str) -> None:
    line = "a=candidate:Hac/+ 1 udp 1 192.0.2.1 9 typ host"
    mapped = trickled(peer, line)
    (content,) = mapped.value.contents
    (candidate,) = transport_in(mapped.value).candidates
    (whole,) = transport_in(for_peer(peer, AUDIO, line).value).candidates
    assert candidate == whole
    assert content.creator is (jc.Creator.INITIATOR if peer == "monal" else jc.Creator.RESPONDER)
    assert mapped.losses == ()


def test_asterisk_gets_nothing_but_candidates_in_a_transport() -> None:
    line = "a=remote-candidates:1 192.0.2.9 9"
    mapped = for_peer("asterisk", "m=audio 9 RTP/AVP 0\na=mid:0\n", KEYS, line)
    assert transport_in(mapped.value).remote_candidates == ()
    assert told(mapped, "Asterisk") == [(line, "Asterisk takes all children of a transport for candidates")]


@pytest.mark.parametrize("peer", ["movim", "sip"])
def test_names_in_candidates_are_not_for_movim_and_sip(peer: str) -> None:
    mapped = for_peer(peer, AUDIO, UDP, MDNS)
    assert [one.ip for one in transport_in(mapped.value).candidates] == ["192.0.2.1"]
    name = PROFILES[Peer(peer)].name
    assert told(mapped, name) == [(MDNS, f"{name} reads no names in candidates")]


def test_sip_wants_foundations_that_are_numbers() -> None:
    """stox-media 5.4: they become integers, and those that differ have to differ still.

    RFC 8445 5.1.1.3 has them mean the same in a candidate that is sent later.
    """
    texts = ["7", "0", "2147483647", "2147483648", "007", "Hac/+", "9" * 32, "a", "b"]
    lines = [f"a=candidate:{text} 1 udp 1 192.0.2.1 9 typ host" for text in texts]
    mapped = for_peer("sip", AUDIO, *lines)
    numbers = [one.foundation for one in transport_in(mapped.value).candidates]
    assert numbers[:3] == texts[:3]
    assert all(text == str(int(text)) and int(text) < 2**31 for text in numbers)
    assert len(set(numbers)) == len(texts)
    assert [transport_in(for_peer("sip", AUDIO, one).value).candidates[0].foundation for one in lines] == numbers
    assert told(mapped, "SIP") == []
    assert [one.foundation for one in transport_in(for_peer(None, AUDIO, *lines).value).candidates] == texts


# --- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("peer", ["conversations", "dino", "monal", "siskin"])
@pytest.mark.parametrize("lines", [[SHA_1, SHA_256], [SHA_256, SHA_1]])
def test_conversations_dino_monal_and_siskin_read_one_fingerprint(peer: str, lines: list[str]) -> None:
    """RFC 8122 5: of the hash functions, SHA-256 is preferred."""
    mapped = for_peer(peer, AUDIO, *lines)
    assert [one.hash for one in transport_in(mapped.value).fingerprints] == ["sha-256"]
    name = PROFILES[Peer(peer)].name
    assert told(mapped, name) == [(SHA_1, f"{name} reads one fingerprint only")]


def test_conversations_gets_the_first_fingerprint_where_none_has_sha_256() -> None:
    sha_512 = "a=fingerprint:sha-512 " + ":".join(["EF"] * 64)
    mapped = for_peer("conversations", AUDIO, sha_512, SHA_1)
    assert [one.hash for one in transport_in(mapped.value).fingerprints] == ["sha-512"]


def test_conversations_requires_the_role_of_a_fingerprint() -> None:
    """RFC 4145 4.1: the default is active in an offer and passive in an answer."""
    offer = sdp(AUDIO)
    initiated, accepted = (
        for_peer("conversations", AUDIO, SHA_256),
        for_peer("conversations", AUDIO, SHA_256, role="responder", action="session-accept", offer=offer),
    )
    assert transport_in(initiated.value).fingerprints[0].setup is Setup.ACTIVE
    assert transport_in(accepted.value).fingerprints[0].setup is Setup.PASSIVE
    stated = for_peer("conversations", AUDIO, SHA_256, "a=setup:actpass")
    assert transport_in(stated.value).fingerprints[0].setup is Setup.ACTPASS
    assert transport_in(for_peer(None, AUDIO, SHA_256).value).fingerprints[0].setup is None


@pytest.mark.parametrize("peer", ["conversations", "monal"])
def test_conversations_and_monal_have_elements_for_ice_options(peer: str) -> None:
    line = "a=ice-options:trickle renomination"
    mapped = for_peer(peer, AUDIO, KEYS, line)
    transport = transport_in(mapped.value)
    assert (transport.trickle, transport.renomination) == (True, True)
    assert line not in [loss.lines[0] for loss in mapped.losses]
    assert line in [loss.lines[0] for loss in for_peer(None, AUDIO, KEYS, line).losses]
    bare = transport_in(for_peer(peer, AUDIO, KEYS).value)
    assert (bare.trickle, bare.renomination) == (False, False)


# --- the RTP description ---------------------------------------------------------------------------------------------

EVENTS, RED = "a=fmtp:101 0-15", "a=fmtp:111 111/111"


@pytest.mark.parametrize("peer", ["gajim", "libpurple", "monal"])
@pytest.mark.parametrize("line", [EVENTS, RED])
def test_gajim_libpurple_and_monal_read_no_parameter_without_a_name(peer: str, line: str) -> None:
    mapped = for_peer(peer, AUDIO, line)
    assert all(not one.parameters for one in description_in(mapped.value).payload_types)
    name = PROFILES[Peer(peer)].name
    assert told(mapped, name) == [(line, f"{name} reads no parameter without a name")]


def test_conversations_reads_a_parameter_without_a_name_where_it_is_alone() -> None:
    """It is always: beside others, a word without `=` is a name (RFC 8866 6.15 leaves it to the format)."""
    alone = for_peer("conversations", AUDIO, EVENTS)
    (parameter,) = description_in(alone.value).payload_types[2].parameters
    assert (parameter.name, parameter.value) == ("", "0-15")
    beside = for_peer("conversations", AUDIO, "a=fmtp:101 x=1;0-15")
    assert [one.name for one in description_in(beside.value).payload_types[2].parameters] == ["x", "0-15"]
    assert told(alone, "Conversations") == told(beside, "Conversations") == []


def test_siskin_crashes_at_a_payload_type_without_a_name_so_static_ones_get_theirs() -> None:
    """XEP-0167 4 requires names of dynamic payload types only; RFC 3551 6 has those of the others."""
    for peer in ("siskin", "conversations", "jitsi"):
        payload = description_in(for_peer(peer, AUDIO).value).payload_types[1]
        assert (payload.id, payload.name, payload.clockrate, payload.channels) == (0, "PCMU", 8000, 1)
    assert description_in(for_peer(None, AUDIO).value).payload_types[1].name is None


def test_siskin_gets_the_name_that_is_stated_for_a_static_payload_type() -> None:
    payload = description_in(for_peer("siskin", AUDIO, "a=rtpmap:0 G726-32/16000").value).payload_types[1]
    assert (payload.name, payload.clockrate) == ("G726-32", 16000)


def test_siskin_gets_no_name_for_a_number_that_has_none() -> None:
    """RFC 3551 6: 1 and 2 are reserved, 20 to 23 unassigned, 35 and more have no static meaning."""
    assert not {1, 2, 19, 20, 21, 22, 23, 24, 27, 29, 30, *range(35, 256)} & set(STATIC)
    assert STATIC[10] == ("L16", 44100, 2)
    description = description_in(for_peer("siskin", "m=audio 9 RTP/AVP 1 10\na=mid:0\n").value)
    assert [(one.name, one.channels) for one in description.payload_types] == [(None, 1), ("L16", 2)]


ROW = re.compile(r" +(\d+) +([A-Za-z0-9]+) +(?:A|V|AV) +([0-9,]+)(?: +([0-9]|\(see text\)))?$", re.MULTILINE)
"Of tables 4 and 5 of RFC 3551: number, encoding, clock rate, and for audio the channels."


def test_static_payload_types_are_those_of_rfc_3551(specs: Path) -> None:
    rows = ROW.findall((specs / "rfc" / "rfc3551.txt").read_text(encoding="utf-8"))
    assert len(rows) > 20
    assert {
        int(number): (name, int(rate.replace(",", "")), int(channels) if channels.isdigit() else 1)
        for number, name, rate, channels in rows
    } == STATIC


@pytest.mark.parametrize("peer", ["dino", "siskin"])
def test_dino_and_siskin_read_feedback_in_payload_types_only(peer: str) -> None:
    """XEP-0293 3: feedback of the description is that of every payload type."""
    lines = "a=rtcp-fb:* nack\na=rtcp-fb:* trr-int 100\na=rtcp-fb:96 nack\na=rtcp-fb:96 ccm fir"
    mapped = for_peer(peer, VIDEO.replace("SAVPF 96", "SAVPF 96 97") + "a=rtpmap:97 VP9/90000\n", lines)
    description = description_in(mapped.value)
    assert (description.feedback, description.trr_int) == ((), None)
    assert [[one.type for one in payload.feedback] for payload in description.payload_types] == [
        ["nack", "ccm"],
        ["nack"],
    ]
    assert [payload.trr_int.value for payload in description.payload_types if payload.trr_int] == [100, 100]
    assert told(mapped, PROFILES[Peer(peer)].name) == []
    assert not [loss for loss in mapped.losses if loss.lines[0].startswith("a=rtcp-fb")]


@pytest.mark.parametrize("peer", [peer for peer, profile in PROFILES.items() if profile.any_group])
def test_others_read_every_group(peer: Peer) -> None:
    mapped = for_peer(peer, "a=group:LS 0 1\na=group:BUNDLE 0 1", AUDIO, VIDEO)
    assert [group.semantics for group in mapped.value.groups] == ["LS", "BUNDLE"]
    assert not [loss for loss in mapped.losses if loss.lines[0].startswith("a=group")]


@pytest.mark.parametrize("peer", ["conversations", "movim", "siskin"])
def test_conversations_movim_and_siskin_read_one_group_which_is_bundle(peer: str) -> None:
    mapped = for_peer(peer, "a=group:LS 0 1\na=group:BUNDLE 0 1", AUDIO, VIDEO)
    assert [group.semantics for group in mapped.value.groups] == ["BUNDLE"]
    name = PROFILES[Peer(peer)].name
    assert told(mapped, name) == [("a=group:LS 0 1", f"{name} reads one group only")]


# --- senders and creator ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("peer", [Peer.DINO, Peer.MONAL])
@pytest.mark.parametrize("role", ["initiator", "responder"])
def test_dino_and_monal_know_no_content_that_nobody_sends(peer: Peer, role: Role) -> None:
    """The writer sends nothing and so says that it may: the peer then sends nothing either."""
    mapped = for_peer(peer, AUDIO, "a=inactive", role=role)
    assert mapped.value.contents[0].senders.value == role
    assert told(mapped, PROFILES[peer].name) == [("a=inactive", f"{PROFILES[peer].name} reads no senders='none'")]
    assert parties(None, AUDIO, "a=inactive") == ["none"]


@pytest.mark.parametrize("peer", [Peer.JITSI, Peer.MOVIM])
def test_jitsi_and_movim_take_senders_for_what_the_initiator_wrote(peer: Peer) -> None:
    """XEP-0166 7.3: the responder's sendonly is `responder`; they would read that as recvonly."""
    lines = ("sendonly", "recvonly", "sendrecv", "inactive")
    wanted = ["initiator", "responder", "both", "none"]
    for role in ("initiator", "responder"):
        assert [parties(peer, AUDIO, f"a={line}", role=role)[0] for line in lines] == wanted
    assert parties(None, AUDIO, "a=sendonly", role="responder") == ["responder"]
    assert told(for_peer(peer, AUDIO, "a=sendonly", role="responder"), PROFILES[peer].name) == []


@pytest.mark.parametrize("peer", ["conversations", "dino", "monal", "movim"])
def test_conversations_dino_monal_and_movim_write_the_initiator_as_creator(peer: str) -> None:
    """What they answer to the responder's content-add names a content of the initiator, which has to be known then."""
    mapped = for_peer(peer, AUDIO, role="responder", action="content-add")
    assert mapped.value.contents[0].creator is jc.Creator.INITIATOR
    answer = attrs.evolve(mapped.value, action=jc.Action.CONTENT_ACCEPT)
    back = jc.mapping.to_sdp(answer, role="initiator", names=mapped.names, offer=sdp(AUDIO))
    assert back.value.media[0].mid == "0"
    assert back.losses == ()


def test_a_content_is_its_creators_where_the_peer_reads_it() -> None:
    mapped = for_peer("gajim", AUDIO, role="responder", action="content-add")
    assert mapped.value.contents[0].creator is jc.Creator.RESPONDER


# --- data channels ---------------------------------------------------------------------------------------------------


def test_jitsi_has_a_description_of_data_channels_of_its_own() -> None:
    mapped = for_peer("jitsi", DATA, KEYS, SHA_256)
    assert mapped.value.contents[0].description == Raw(f"{{{ns.JITMEET_DATA}}}description")
    assert transport_in(mapped.value).sctpmaps == (SctpMap(number=5000, protocol="webrtc-datachannel"),)
    back = jc.mapping.to_sdp(mapped.value, role="initiator").value
    assert back.media[0].texts[0] == "m=application 9 UDP/DTLS/SCTP webrtc-datachannel"


# --- several requests, and SDP ---------------------------------------------------------------------------------------

TWO = "<content creator='initiator' name='a'/><content creator='initiator' name='b'/>"


@pytest.mark.parametrize("action", ["transport-info", "content-add", "content-remove", "description-info"])
def test_dino_reads_one_content_of_a_request_within_a_session(action: str) -> None:
    jingle = attrs.evolve(request(TWO), action=jc.Action(action))
    parts = requests_for(jingle, "dino")
    assert [[content.name for content in part.contents] for part in parts] == [["a"], ["b"]]
    assert {(part.action.value, part.sid) for part in parts} == {(action, "s1")}
    assert requests_for(jingle, "gajim") == (jingle,)


@pytest.mark.parametrize("action", ["session-initiate", "session-accept"])
def test_dino_reads_all_contents_that_open_a_session(action: str) -> None:
    jingle = attrs.evolve(request(TWO), action=jc.Action(action))
    assert requests_for(jingle, Peer.DINO) == (jingle,)


def test_sip_has_a_space_between_the_parameters_of_a_format() -> None:
    """stox-media 9: a semicolon and a space, "; "."""
    text = "a=fmtp:111 minptime=10;useinbandfec=1"
    jingle = for_peer(None, AUDIO, text).value
    assert text in jc.mapping.to_sdp(jingle, role="initiator").value.media[0].texts
    for_sip = jc.mapping.to_sdp(jingle, role="initiator", peer="sip").value
    assert "a=fmtp:111 minptime=10; useinbandfec=1" in for_sip.media[0].texts
    assert for_peer(None, *for_sip.media[0].texts).value.contents == jingle.contents


# --- for all of them -------------------------------------------------------------------------------------------------


@pytest.mark.corpus
@pytest.mark.usefixtures("corpus")
@sampled(every=60)
def test_what_browsers_offer_has_a_valid_form_for_every_peer(one: Recorded) -> None:
    """Valid as deployed peers take it; and each loss is a line of the description, told once."""
    desc = jc.sdp.loads(one.text)
    texts = [text for section in desc.sections for text in section.texts]
    for peer in ANY:
        mapped = mapped_or_none(one, peer)
        if mapped is None or not mapped.value.contents:
            assert peer is Peer.ASTERISK or {media.kind for media in desc.media if media.port} <= {"application"}
            continue
        assert jc.validate(mapped.value).ok
        for loss in mapped.losses:
            assert loss.line is not None
            assert texts[loss.line - 1] == loss.lines[0]


def mapped_or_none(one: Recorded, peer: Peer) -> Mapped[jc.Jingle] | None:
    try:
        return jc.mapping.to_jingle(
            jc.sdp.loads(one.text), action=one.action, sid="s1", role=one.role, offer=one.offer, peer=peer
        )
    except jc.MappingError:
        return None


@pytest.mark.parametrize("peer", ANY)
def test_with_the_carry_what_is_left_out_for_a_peer_cannot_come_back_as_a_key(peer: Peer) -> None:
    text = (AUDIO, KEYS, SHA_256, SHA_1, UDP, TCP, MDNS)
    desc = sdp(*text)
    try:
        there = jc.mapping.to_jingle(desc, action="session-initiate", sid="s1", role="initiator", carry=True, peer=peer)
    except jc.MappingError:
        assert peer is Peer.ASTERISK
        return
    plain = jc.mapping.to_sdp(there.value, role="initiator").value
    back = jc.mapping.to_sdp(there.value, role="initiator", carry=True).value
    assert back.media[0].fingerprints == plain.media[0].fingerprints
    assert back.media[0].candidates == plain.media[0].candidates

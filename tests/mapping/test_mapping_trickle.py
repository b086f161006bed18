"""Candidates one after the other, as browsers give and take them."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapping_support import sdp, there, transport_in, without_ids

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.mapping import Name, Names, Trickled, to_candidates, to_transport_info
from jinglecodec.strategies import from_class

DESC = sdp(
    *("m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0", "a=ice-ufrag:8hhy", "a=ice-pwd:asd88fgpdd777uzjYhagZg"),
    *("m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:1", "a=ice-ufrag:9uB6", "a=ice-pwd:YH75Fviy6338Vbrhrlp8Yh"),
)
NAMES = Names((Name("0", jc.Creator.INITIATOR, "voice"), Name("1", jc.Creator.RESPONDER, "webcam")))
CHROME = "candidate:842163049 1 udp 1677729535 203.0.113.1 46154 typ srflx raddr 192.0.2.1 rport 46154"


def tell(trickled: Trickled, desc: jc.sdp.SessionDescription | None = DESC) -> jc.mapping.Mapped[jc.Jingle]:
    """Return the transport-info for a candidate, after it went over the wire."""
    mapped = to_transport_info(trickled, sid="s1", role="initiator", desc=desc, names=NAMES)
    assert jc.loads(jc.dumps(mapped.value)) == mapped.value
    return mapped


def test_a_candidate_of_onicecandidate_is_a_transport_info() -> None:
    """XEP-0176 5.5; the password is in the description."""
    mapped = tell(Trickled(f"{CHROME} generation 0 ufrag 9uB6 network-cost 999", mid="1", index=1))
    expected = jc.loads(
        f"<jingle xmlns='{ns.JINGLE}' action='transport-info' sid='s1'><content creator='responder' name='webcam'>"
        f"<transport xmlns='{ns.ICE_UDP}' ufrag='9uB6' pwd='YH75Fviy6338Vbrhrlp8Yh'><candidate component='1' "
        "foundation='842163049' generation='0' ip='203.0.113.1' network='0' port='46154' priority='1677729535' "
        "protocol='udp' rel-addr='192.0.2.1' rel-port='46154' type='srflx'/></transport></content></jingle>"
    )
    (content,) = mapped.value.contents
    bare = attrs.evolve(content, transport=without_ids(transport_in(mapped.value)))
    assert attrs.evolve(mapped.value, contents=(bare,)) == expected
    assert [loss.message.partition(" of ")[0] for loss in mapped.losses] == ["network-cost 999"]


@pytest.mark.parametrize("text", [CHROME, f"a={CHROME}"])
@pytest.mark.parametrize(("mid", "index"), [("0", None), (None, 0), ("0", 1)])
def test_the_section_is_known_by_tag_or_place(text: str, mid: str | None, index: int | None) -> None:
    (content,) = tell(Trickled(text, mid, index)).value.contents
    assert (content.name, content.creator) == ("voice", jc.Creator.INITIATOR)


@pytest.mark.parametrize("text", ["", "end-of-candidates", "a=end-of-candidates"])
def test_the_end_of_candidates_is_told_too(text: str) -> None:
    """RFC 8838 13; XEP-0371 7 has the element, and some peers write it in XEP-0176."""
    mapped = tell(Trickled(text, mid="0"))
    transport = transport_in(mapped.value)
    assert (transport.gathering_complete, transport.candidates, transport.ufrag) == (True, (), "8hhy")
    assert to_candidates(mapped.value, names=NAMES, desc=DESC).value == (Trickled("", "0", 0, "8hhy"),)


def test_without_a_description_the_fragment_is_that_of_the_line() -> None:
    transport = transport_in(tell(Trickled(f"{CHROME} ufrag abcd", mid="0"), None).value)
    assert (transport.ufrag, transport.pwd) == ("abcd", None)


def test_a_candidate_of_another_generation_does_not_get_this_password() -> None:
    transport = transport_in(tell(Trickled(CHROME, mid="0", ufrag="old1")).value)
    assert (transport.ufrag, transport.pwd) == ("old1", None)


def test_the_same_candidate_trickled_and_in_the_description_is_the_same_element() -> None:
    gathered = sdp(*DESC.media[0].texts[:1], *DESC.media[0].texts[2:], f"a={CHROME} network-cost 10")
    assert (
        transport_in(tell(Trickled(CHROME, mid="0")).value).candidates == transport_in(there(gathered).value).candidates
    )


def test_candidates_after_a_restart_are_of_the_next_generation() -> None:
    """XEP-0176 5.9."""
    restarted = sdp("m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0", "a=ice-ufrag:x9x9", "a=ice-pwd:asd88fgpdd777uzjYhagZg")
    said = to_transport_info(Trickled(CHROME, mid="0"), sid="s1", role="initiator", desc=restarted, previous=DESC)
    assert transport_in(said.value).candidates[0].generation == 1


def test_a_candidate_without_a_form_is_a_loss() -> None:
    mapped = tell(Trickled("candidate:1 1 udp 1 192.0.2.1 9 typ best", mid="0"))
    assert transport_in(mapped.value).candidates == ()
    assert [loss.lines for loss in mapped.losses] == [("a=candidate:1 1 udp 1 192.0.2.1 9 typ best",)]


@pytest.mark.parametrize(
    "trickled",
    [
        *(Trickled(text, mid="0") for text in ("candidate:1", "a=mid:0", "x", f"a={CHROME} odd")),
        *(Trickled(CHROME, index=place) for place in (None, -1, 2)),
    ],
)
def test_what_is_no_candidate_is_refused(trickled: Trickled) -> None:
    with pytest.raises(jc.MappingError):
        tell(trickled)


def test_a_line_cannot_become_two() -> None:
    with pytest.raises(jc.errors.EncodeError):
        tell(Trickled(f"{CHROME}\r\na=ice-lite", mid="0"))


# --- and back --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extensions", ["", " tcptype active generation 1"])
def test_a_transport_info_gives_the_candidates_back(extensions: str) -> None:
    text = f"{CHROME}{extensions}"
    back = to_candidates(tell(Trickled(text, mid="1")).value, names=NAMES, desc=DESC)
    assert back.value == (Trickled(f"{text} ufrag 9uB6", "1", 1, "9uB6"),)
    assert (back.losses, back.value[0].line) == ((), f"a={text} ufrag 9uB6")


def test_what_is_no_candidate_is_told() -> None:
    restart = there(sdp(*DESC.media[0].texts[:1], "a=mid:0", "a=fingerprint:sha-1 " + ":".join(["AB"] * 20))).value
    foreign = jc.loads(
        f"<jingle xmlns='{ns.JINGLE}' action='transport-info' sid='s'><content creator='initiator' name='9'>"
        f"<transport xmlns='{ns.ICE_UDP}' ufrag='a b'/></content></jingle>",
        expect=jc.Jingle,
    )
    both = attrs.evolve(restart, contents=(*restart.contents, *foreign.contents))
    back = to_candidates(both, desc=DESC)
    assert back.value == ()
    assert [loss.path for loss in back.losses] == [
        *("jingle/content[1]/transport/fingerprint", "jingle/content[2]/transport"),
    ]
    assert [loss.path for loss in to_candidates(foreign).losses] == ["jingle/content[1]/transport/@ufrag"]


@given(from_class(jc.Jingle), st.booleans())
def test_any_request_gives_lines_that_read_back(jingle: jc.Jingle, known: bool) -> None:
    for one in to_candidates(jingle, desc=DESC if known else None).value:
        read = jc.sdp.read_line(one.line)
        assert isinstance(read, jc.sdp.Candidate | jc.sdp.EndOfCandidates)
        assert read.line() == one.line

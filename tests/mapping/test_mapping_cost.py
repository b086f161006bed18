"""Costs grow with the lines of a description, and no faster, whoever wrote it."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from instructions import instructions

import jinglecodec as jc
from jinglecodec import mapping, sdp
from jinglecodec.errors import MappingError

HEAD = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
Group = tuple[str, tuple[str, ...]]
MANY = 4
"How many times as much is asked for."
SLACK = 1.3
HOST = jc.CandidateType.HOST
PCMU = jc.PayloadType(id=0)


def described(line: str, count: int, sections: int) -> sdp.SessionDescription:
    """Return a description with a line repeated in the session's part; a `#` in it is a number."""
    lines = "".join(f"{line}\r\n".replace("#", str(number)) for number in range(count))
    media = "".join(f"m=audio 9 RTP/AVP 0\r\na=mid:{number}\r\n" for number in range(sections))
    return sdp.loads(HEAD + lines + media, errors="tolerant")


def described_groups(groups: list[Group]) -> sdp.SessionDescription:
    return sdp.loads(HEAD + "".join(f"a=group:{' '.join((name, *mids))}\r\n" for name, mids in groups))


def test_groups_are_looked_up_among_those_offered() -> None:
    def checking(count: int) -> int:
        offer, answer = (described(f"a=group:BUNDLE 0 {name}#", count, 1) for name in "ab")
        return instructions(lambda: mapping.check_answer(offer, answer))

    checking(1)  # loads what is loaded once
    assert checking(50 * MANY) < checking(50) * MANY * SLACK


@given(*[st.lists(st.tuples(st.sampled_from(["BUNDLE", "LS"]), st.lists(st.sampled_from("012")).map(tuple)))] * 2)
def test_a_group_is_one_offered_or_part_of_it(offered: list[Group], answered: list[Group]) -> None:
    """RFC 8843 7.3: by comparing each with each."""
    offer, answer = (described_groups(groups) for groups in (offered, answered))
    foreign = [
        f"group {' '.join((semantics, *mids))} was not offered"
        for semantics, mids in answered
        if not any(semantics == other and set(mids) <= set(more) for other, more in offered)
    ]
    found = [each.message for each in mapping.check_answer(offer, answer) if each.code == "group-not-offered"]
    assert found == foreign


def test_lines_of_the_session_are_not_read_again_for_each_section() -> None:
    def losing(count: int) -> int:
        desc = described("a=x#:1", 10 * count, count)
        return instructions(
            lambda: mapping.to_jingle(desc, action="session-initiate", sid="a", role="initiator").losses
        )

    losing(1)
    assert losing(10 * MANY) < losing(10) * MANY * SLACK


def trickled(count: int, name: str) -> jc.Jingle:
    """Return a transport-info with a candidate for each of its contents; a `#` in the name is a number."""
    candidate = jc.Candidate(
        component=1, foundation="1", generation=0, ip="192.0.2.1", port=5000, priority=1, protocol="udp", type=HOST
    )
    contents = (
        jc.Content(
            creator=jc.Creator.INITIATOR,
            name=name.replace("#", str(number)),
            transport=jc.IceUdpTransport(candidates=(attrs.evolve(candidate, port=number + 1),)),
        )
        for number in range(count)
    )
    return jc.Jingle(action=jc.Action.TRANSPORT_INFO, sid="a", contents=tuple(contents))


def test_a_content_is_spoken_of_once_in_a_request() -> None:
    """XEP-0166 7.3: with each that says something new the section was written again."""

    def applying(count: int) -> int:
        request = trickled(count, "0")
        return instructions(lambda: mapping.apply(described("", 0, 1), [request], role="initiator", names=None))

    applying(1)
    assert applying(50 * MANY) < applying(50) * MANY * SLACK
    mapped = mapping.apply(described("", 0, 1), [trickled(3, "0")], role="initiator", names=None)
    assert [one.port for one in mapped.value.media[0].candidates] == [1]
    assert [one.path for one in mapped.losses] == ["jingle/content[2]/@name", "jingle/content[3]/@name"]


@pytest.mark.parametrize("description", [None, jc.RtpDescription(media="audio", payload_types=(PCMU,))])
def test_names_know_no_content_that_has_no_section(description: jc.RtpDescription | None) -> None:
    """A peer that adds ever more contents in vain takes no memory."""
    contents = (attrs.evolve(one, description=description) for one in trickled(1100, "x#").contents)
    transports = (one if description else attrs.evolve(one, transport=None) for one in contents)
    request = jc.Jingle(action=jc.Action.CONTENT_ADD, sid="a", contents=tuple(transports))
    mapped = mapping.apply(described("", 0, 1), [request], role="initiator", names=None)
    assert len(mapped.names.entries) == len(mapped.value.media)
    assert len(mapped.losses) == 1101 - len(mapped.value.media)


def test_candidates_of_too_many_contents_are_refused() -> None:
    with pytest.raises(MappingError, match="more than 1000 contents"):
        mapping.to_candidates(trickled(1001, "x#"))


@pytest.mark.parametrize("line", ["c=IN IP4 192.0.2.1", "a=setup:active", "a=extmap:# urn:x", "a=ice-ufrag:abc#"])
def test_lines_that_hold_for_too_many_sections_are_refused(line: str) -> None:
    """Each holds for each section: 160,000 lines of 800."""
    with pytest.raises(MappingError, match="hold for all"):
        mapping.to_jingle(described(line, 400, 400), action="session-initiate", sid="a", role="initiator")

"""Costs grow with the lines of a description, and no faster, whoever wrote it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from instructions import instructions

from jinglecodec import mapping, sdp
from jinglecodec.errors import MappingError

HEAD = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
Group = tuple[str, tuple[str, ...]]
MANY = 4
"How many times as much is asked for."
SLACK = 1.3


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


@pytest.mark.parametrize("line", ["c=IN IP4 192.0.2.1", "a=setup:active", "a=extmap:# urn:x", "a=ice-ufrag:abc#"])
def test_lines_that_hold_for_too_many_sections_are_refused(line: str) -> None:
    """Each holds for each section: 160,000 lines of 800."""
    with pytest.raises(MappingError, match="hold for all"):
        mapping.to_jingle(described(line, 400, 400), action="session-initiate", sid="a", role="initiator")

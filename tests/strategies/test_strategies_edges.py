"""Inputs at the edges: derived from what there is, all of it, and on both sides of what is taken."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from typing import TypeVar

import pytest

import jinglecodec as jc
from jinglecodec import sdp, stun
from jinglecodec.errors import DecodeError, SdpError, StunError
from jinglecodec.mapping import carry
from jinglecodec.mapping.answers import RULES, SESSION_RULES
from jinglecodec.sdp.attributes import TABLE
from jinglecodec.strategies import laws
from jinglecodec.strategies.edges.carried import near_carries
from jinglecodec.strategies.edges.elements import near_requests, near_stanzas, proper
from jinglecodec.strategies.edges.lines import LINES, near_lines, near_texts, packs
from jinglecodec.strategies.edges.packets import near_packets
from jinglecodec.strategies.edges.pairs import HOISTED, WHOLE, near_pairs, near_wholes, spoilt_texts
from jinglecodec.strategies.lines import VALUES
from jinglecodec.strategies.naming import element_classes
from jinglecodec.xml.fields import Kind
from jinglecodec.xml.plan import plan_of

T = TypeVar("T")


def few(values: Iterable[T], of: int) -> list[T]:
    """Return each so manieth value, for tests that need not try all."""
    return list(islice(values, 0, None, of))


# --- SDP -------------------------------------------------------------------------------------------------------------


def read(text: str) -> sdp.SessionDescription | None:
    try:
        return sdp.loads(text, errors="tolerant")
    except SdpError:
        return None


def test_there_is_a_line_for_each_class_of_values() -> None:
    values = {type(sdp.grammar.read_line(line)) for line in LINES}
    assert set(VALUES) <= values
    names = {line[2:].partition(":")[0] for line in LINES if line.startswith("a=")}
    assert set(TABLE) <= names


def test_near_lines_lack_each_word_or_have_it_twice() -> None:
    near = set(near_lines("a=mid:x y"))
    assert {"a=mid:x y", "a=mid", "a=mid:", "a=mid:x", "a=mid:x ", "a=midx y", "a=mid:xx y", "a=mid:x  y"} <= near
    assert all(line.startswith("a=mid") for line in near)


def test_each_attribute_is_both_taken_and_refused() -> None:
    """But for those that are any text, and for flags only where they have one."""
    kinds: Counter[tuple[str, bool]] = Counter()
    for desc in filter(None, map(read, near_texts())):
        for value in (value for section in desc.sections for value in section.values):
            if value.TYPE == "a":
                name = value.line()[2:].partition(":")[0]
                kinds[name, isinstance(value, sdp.Attribute)] += 1
    assert {name for name in TABLE if not kinds[name, False]} == set()
    assert {name for name in TABLE if not kinds[name, True]} <= {"rtcp-xr"}


def test_spoilt_descriptions_are_refused_or_read_as_they_stand() -> None:
    texts = list(spoilt_texts())
    assert {read(text) is None for text in texts} == {True, False}
    assert all(str(desc) == text for text in texts if (desc := read(text)) is not None)


def test_whole_descriptions_are_sound() -> None:
    for text in (WHOLE, HOISTED):
        assert not sdp.loads(text).findings
        assert str(sdp.loads(text)) == text


def test_near_answers_break_each_rule() -> None:
    broken = {finding.code for pair in near_pairs() for finding in jc.mapping.check_answer(*pair)}
    assert broken == {rule.code for rule in RULES} | {code for code, _, _ in SESSION_RULES}


def test_near_descriptions_make_requests_of_each_action() -> None:
    actions = {
        request.action
        for old, new in few(near_pairs(), of=4)
        for request in jc.mapping.changes(old, new, role="initiator", names=None, sid="a").value
    }
    names = ("content-add", "content-modify", "content-remove", "description-info", "transport-info")
    assert set(map(jc.Action, names)) <= actions


def test_laws_hold_for_a_few_near_descriptions() -> None:
    for text in few(near_texts(), of=200):
        laws.check_description(text)
    for text in few((*packs(), *near_wholes()), of=60):
        laws.check_offer(sdp.loads(text, errors="tolerant"))
    for pair in few(near_pairs(), of=80):
        laws.check_misfit(pair)
        laws.check_change(pair)


# --- the carry -------------------------------------------------------------------------------------------------------


def test_near_carries_are_dropped_for_every_reason() -> None:
    lost = {
        re.sub(r"'.*'|: .*", "", loss.message)
        for jingle in (*few(near_carries(), of=16), *tuple(near_carries())[-9:])
        for loss in jc.mapping.to_sdp(jingle, role="initiator", carry=True).losses
        if loss.code == "carry-dropped"
    }
    assert {
        "is larger than the limit or cut off",
        "is not what `to_jingle` makes",
        "has lines without an end",
        "the Jingle has no line any more that the carry places",
        "has a section of a content that is not there",
        "has a section that is none",
        "what is carried would change it",
        "makes no description",
        " is not for the carry to say",
    } <= lost


def test_near_carries_have_steps_of_every_kind() -> None:
    recipes = [recipe for recipe in map(carry.carried, near_carries()) if isinstance(recipe, carry.Recipe)]
    steps = {step[:1] for recipe in recipes for _, steps in recipe.sections for step in steps}
    assert set(carry.TAKE + carry.SPELL + carry.SAY + carry.ADD + carry.PRINT + carry.HIDE + carry.HOIST) <= steps


# --- stanzas ---------------------------------------------------------------------------------------------------------


def test_each_type_has_a_proper_text() -> None:
    for cls in element_classes().values():
        for field in plan_of(cls).fields:
            if field.spec.lexical is not None:
                field.lexical.parse(proper(field.lexical))


def test_each_class_comes_up_with_each_of_its_fields() -> None:
    wanted = {
        (cls, field.name)
        for cls in element_classes().values()
        for field in plan_of(cls).fields
        if field.kind not in (Kind.NAMESPACE, Kind.CASE_TEXT)
    }
    found = set()
    for data in near_stanzas():
        with suppress(DecodeError):
            value = jc.loads(data)
            fields = plan_of(type(value)).fields
            found |= {(type(value), field.name) for field in fields if getattr(value, field.name) != field.default}
    assert wanted <= found


def test_readers_find_everything_that_can_be_wrong() -> None:
    codes: set[str] = set()
    for data in few(near_stanzas(), of=5):
        try:
            codes |= {finding.code for finding in jc.read(data, errors="keep").findings}
        except DecodeError as error:
            codes |= {finding.code for finding in error.findings}
    assert codes >= {
        *("bad-value", "missing-attribute", "missing-element", "repeated-element", "misplaced-element"),
        *("sloppy-integer", "sloppy-name", "sloppy-word", "stray-text", "unexpected-content", "unspecified"),
        *("unusual-value", "unusual-identifier", "unusual-date", "forbidden-xml"),
    }


def test_laws_hold_for_a_few_near_stanzas() -> None:
    for data in few(near_stanzas(), of=200):
        laws.check_stanza(data)


def test_near_requests_have_what_has_no_form_in_sdp() -> None:
    """Of each class that has any: its fields, and what its specification does not know (RFC 6120 8.4)."""
    lost = {
        loss.path
        for jingle in few(near_requests(), of=8)
        for loss in jc.mapping.to_sdp(jingle, role="initiator").losses
    }
    steps = {path.rpartition("/")[2] for path in lost}
    assert {
        "@profile",
        "@ptime",
        "channel",
        "crypto",
        "payload-type",
        "sctpmap",
        "source",
        "transport",
    } <= steps


# --- STUN ------------------------------------------------------------------------------------------------------------


def judged(data: bytes) -> tuple[int, bool] | None:
    """Return which attribute a message has in front, and whether it can be read."""
    with suppress(StunError):
        for first in stun.decode(data).attributes[:1]:
            try:
                return first.type, first.value is not first
            except StunError:
                return first.type, False
    return None


def test_each_attribute_is_both_read_and_refused() -> None:
    """But for octets of any kind, and what seals a message, which is no value."""
    seen = set(map(judged, near_packets()))
    never_read = {row.name for row in stun.ATTRIBUTES.values() if (row.number, True) not in seen}
    never_refused = {row.name for row in stun.ATTRIBUTES.values() if (row.number, False) not in seen}
    assert never_read == {"MESSAGE-INTEGRITY", "MESSAGE-INTEGRITY-SHA256", "FINGERPRINT"}
    assert never_refused <= {"DATA", "DONT-FRAGMENT", "NONCE", "SOFTWARE", "USE-CANDIDATE", *never_read}


@pytest.mark.parametrize("part", [0, 7])
def test_laws_hold_for_a_few_near_packets(part: int) -> None:
    for data in few(islice(near_packets(), part, None), of=100):
        laws.check_datagram(data)


def test_no_constant_is_the_key_that_seals_nothing() -> None:
    """Hypothesis has once drawn it from the source of the law."""
    key = b"a key that sealed nothing"
    laws.check_datagram(stun.Message.request(stun.Method.BINDING, bytes(12)).encode(key))

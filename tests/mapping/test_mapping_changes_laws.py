"""Laws of sessions over time, between generated, edited and recorded descriptions of a party."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapping_corpus import Recorded, recorded
from mapping_support import Role, request, there

import jinglecodec as jc
from jinglecodec.mapping import Mapped, Names
from jinglecodec.mapping.contents import tags_of
from jinglecodec.strategies import from_class, sdp_edits, sdp_mixtures

ROLES = st.sampled_from(["initiator", "responder"])

INEXACT = {
    "m=": "XEP-0167 4: the profile follows from the content, whatever RTP/AVP with keys means",
    "a=sctpmap": "RFC 8841 has no number of streams",
}
"Lines that Jingle reads and the written form has not: a content with one of them lost comes back otherwise."


def said(desc: jc.sdp.SessionDescription, role: Role, names: Names, old: jc.sdp.SessionDescription) -> jc.Jingle:
    """Return what a description says as Jingle."""
    try:
        return there(desc, role, names=names, previous=old).value
    except jc.MappingError:
        return request()


def assert_laws(old: jc.sdp.SessionDescription, new: jc.sdp.SessionDescription, role: Role) -> None:
    """What is applied says what the new description says, but for what is told; in as few requests as can be."""
    names = jc.mapping.changes(old, old, role=role, names=None, sid="s1").names
    there_before = {one.name for one in said(old, role, names, old).contents}
    mapped = jc.mapping.changes(old, new, role=role, names=names, sid="s1")
    for one in mapped.value:
        assert jc.loads(jc.dumps(one)) == one
    for known in (names, mapped.names):
        back = jc.mapping.apply(old, mapped.value, role=role, names=known)
        made = said(back.value, role, mapped.names if known is mapped.names else back.names, old)
        wanted = said(new, role, mapped.names, old)
        codes = {loss.code if loss.path != "a=group" else loss.path for loss in mapped.losses}
        empty = not (made.contents and wanted.contents)
        assert empty or made.groups == wanted.groups or "a=group" in codes
        inexact = inexact_names(new, mapped)
        renewed = {one.mid for one in mapped.names.entries if one.retired}
        begun = {one.name for one in mapped.names.entries if one.mid in renewed or one.name not in there_before}
        contents = [
            [aged(one) if one.name in begun else one for one in jingle.contents if one.name not in inexact]
            for jingle in (made, wanted)
        ]
        assert contents[0] == contents[1] or ("lost-order" in codes and set(contents[0]) == set(contents[1]))
    before = {(one.creator, one.name): one for one in said(old, role, names, old).contents}
    after = {(one.creator, one.name): one for one in said(new, role, names, old).contents}
    edits = sum(before.get(key) != after.get(key) for key in before | after)
    assert len(mapped.value) <= edits + 1
    assert bool(mapped.value) == bool(edits)


def aged(one: jc.Content) -> jc.Content:
    """Return a content without generations, which begin anew in one that was none before, whatever its section was."""
    transport = one.transport
    assert isinstance(transport, jc.IceUdpTransport)
    candidates = tuple(attrs.evolve(each, generation=0, id=None) for each in transport.candidates)
    return attrs.evolve(one, transport=attrs.evolve(transport, candidates=candidates))


def inexact_names(new: jc.sdp.SessionDescription, mapped: Mapped[tuple[jc.Jingle, ...]]) -> set[str]:
    """Return the names of the contents with a loss that changes what comes back."""
    paths = {loss.path for loss in mapped.losses if "".join(loss.lines).startswith(tuple(INEXACT))}
    sections = {number for number in range(len(new.media)) if any(f"media[{number + 1}]/" in path for path in paths)}
    names = (mapped.names.of_mid(tags_of(new)[number]) for number in sections)
    return {one.name for one in names if one is not None}


def read(text: str) -> jc.sdp.SessionDescription:
    return jc.sdp.loads(text.encode("utf-8", "surrogateescape"))


@given(sdp_mixtures(), st.data(), ROLES)
def test_changes_and_apply_undo_one_another(text: str, data: st.DataObject, role: Role) -> None:
    new = data.draw(sdp_edits(text))
    assert_laws(read(text), read(new), role)


@given(sdp_mixtures(), sdp_mixtures(), ROLES)
def test_they_do_between_any_two_descriptions(old: str, new: str, role: Role) -> None:
    assert_laws(read(old), read(new), role)


@settings(max_examples=25)
@given(sdp_mixtures(), st.lists(from_class(jc.Jingle), max_size=2), ROLES)
def test_no_request_raises_and_what_becomes_of_a_description_reads_back(
    text: str, requests: list[jc.Jingle], role: Role
) -> None:
    desc = read(text)
    back = jc.mapping.apply(desc, requests, role=role, names=None).value
    assert jc.sdp.loads(str(back).encode("utf-8", "surrogateescape"), errors="tolerant") == back


def same_party() -> list[tuple[Recorded, Recorded]]:
    """Return each pair of recorded descriptions of one party, the later one second."""
    origins = {one: jc.sdp.loads(one.text).origin for one in recorded()}
    pairs = []
    for one, origin in origins.items():
        for other, later in origins.items():
            same_run = one.name.split(".")[0] == other.name.split(".")[0] and one.role == other.role
            if origin is not None and later is not None and same_run and one is not other:
                known = (origin.username, origin.session_id) == (later.username, later.session_id)
                if known and origin.session_version <= later.session_version:
                    pairs.append((one, other))
    return pairs


@pytest.mark.usefixtures("corpus")
def test_the_laws_hold_between_recorded_descriptions_of_one_party() -> None:
    pairs = same_party()
    assert len(pairs) > 100
    for old, new in pairs[::9]:
        assert_laws(jc.sdp.loads(old.text), jc.sdp.loads(new.text), old.role)


@pytest.mark.long
@pytest.mark.usefixtures("corpus")
def test_the_laws_hold_between_all_recorded_descriptions_of_one_party() -> None:
    for old, new in same_party():
        assert_laws(jc.sdp.loads(old.text), jc.sdp.loads(new.text), old.role)

"""A session over time: two descriptions as requests, requests applied to one, and that one undoes the other."""

from __future__ import annotations

from collections import Counter

import attrs
import pytest
from mapping_support import Role, content, description_in, lines_in, request, sdp, section_lines, there, transport_in

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.mapping import Mapped, Name, Names, patching

FINGERPRINT = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)
OTHER_FINGERPRINT = "a=fingerprint:sha-256 " + ":".join(["CD"] * 32)
CREDENTIALS = ("a=ice-ufrag:8hhy", "a=ice-pwd:asd88fgpdd777uzjYhagZg")
NEW_CREDENTIALS = ("a=ice-ufrag:9uB6", "a=ice-pwd:YH75Fviy6338Vbrhrlp8Yh")
HOST = "a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host"
REFLEXIVE = "a=candidate:2 1 udp 1694498815 203.0.113.1 5000 typ srflx raddr 192.0.2.1 rport 5000"
AUDIO = (
    *("m=audio 9 UDP/TLS/RTP/SAVPF 111 0", "a=mid:0", *CREDENTIALS, "a=ice-options:trickle", FINGERPRINT),
    *("a=setup:actpass", "a=sendrecv", "a=rtcp-mux", "a=rtpmap:111 opus/48000/2", "a=fmtp:111 useinbandfec=1"),
    *("a=ssrc:1 cname:x", "a=x-unknown:kept"),
)
VIDEO = ("m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:1", *CREDENTIALS, FINGERPRINT, "a=rtpmap:96 VP8/90000")
OLD = sdp("a=group:BUNDLE 0 1", *AUDIO, *VIDEO)
NAMES = there(OLD).names


def edit(*changes: tuple[str, str], desc: jc.sdp.SessionDescription = OLD) -> jc.sdp.SessionDescription:
    """Return a description with some text exchanged, at the first place each."""
    text = str(desc)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return jc.sdp.loads(text)


def changes(
    new: jc.sdp.SessionDescription,
    old: jc.sdp.SessionDescription = OLD,
    role: Role = "initiator",
    names: Names | None = NAMES,
) -> Mapped[tuple[jc.Jingle, ...]]:
    """Return the requests between two descriptions, after they went over the wire."""
    mapped = jc.mapping.changes(old, new, role=role, names=names, sid="s1")
    for one in mapped.value:
        assert one.sid == "s1"
        assert jc.loads(jc.dumps(one)) == one
    return mapped


def applied(
    *requests: jc.Jingle,
    desc: jc.sdp.SessionDescription = OLD,
    role: Role = "initiator",
    names: Names | None = NAMES,
) -> Mapped[jc.sdp.SessionDescription]:
    """Return what requests make of a description."""
    return jc.mapping.apply(desc, requests, role=role, names=names)


def info(action: jc.Action, *children: str) -> jc.Jingle:
    """Return a request of an action."""
    return attrs.evolve(request(*children), action=action)


def words(mapped: Mapped[tuple[jc.Jingle, ...]]) -> list[str]:
    """Return the actions."""
    return [one.action.value for one in mapped.value]


# --- which requests --------------------------------------------------------------------------------------------------


def test_no_difference_is_no_request_and_no_loss() -> None:
    assert (changes(OLD).value, changes(OLD).losses) == ((), ())
    same = applied()
    assert same.value is OLD


def test_what_jingle_says_nothing_of_is_a_loss_and_no_request() -> None:
    mapped = changes(edit(("a=x-unknown:kept", "a=x-unknown:other"), ("s=-", "s=other")))
    assert mapped.value == ()
    assert [loss.lines[0] for loss in mapped.losses] == ["s=other", "a=x-unknown:other"]


ONE_EDIT = [
    ("content-modify", ("a=sendrecv", "a=sendonly")),
    ("content-modify", ("a=sendrecv", "a=inactive")),
    ("content-remove", ("BUNDLE 0 1", "BUNDLE 0"), ("m=video 9", "m=video 0")),
    ("description-info", ("useinbandfec=1", "useinbandfec=0")),
    ("description-info", ("a=rtcp-mux", "a=rtcp-mux\r\na=rtcp-fb:111 nack")),
    ("description-info", ("a=rtcp-mux", "a=extmap:1 urn:x\r\na=rtcp-mux")),
    ("description-info", ("a=ssrc:1 cname:x", "a=ssrc:1 cname:x\r\na=ssrc:2 cname:y")),
    ("description-info", ("a=ssrc:1 cname:x\r\n", "")),
    ("transport-info", ("a=ice-ufrag", f"{HOST}\r\na=ice-ufrag")),
    ("transport-info", ("8hhy\r\na=ice-pwd:asd88fgpdd777uzjYhagZg", "9uB6\r\na=ice-pwd:YH75Fviy6338Vbrhrlp8Yh")),
    ("transport-info", (FINGERPRINT, OTHER_FINGERPRINT)),
]


@pytest.mark.parametrize("case", ONE_EDIT, ids=str)
def test_one_edit_is_one_request(case: tuple[str, tuple[str, str]]) -> None:
    action, *exchanged = case
    new = edit(*exchanged)
    mapped = changes(new)
    assert words(mapped) == [action]
    assert [len(one.contents) for one in mapped.value] == [1]
    assert there(applied(*mapped.value).value, names=NAMES).value == there(new, names=NAMES).value


def test_hold_says_the_senders_and_nothing_else() -> None:
    """XEP-0166 7.2.3; a=sendonly of the initiator."""
    (modify,) = changes(edit(("a=sendrecv", "a=sendonly"))).value
    assert modify == info(jc.Action.CONTENT_MODIFY, "<content creator='initiator' name='0' senders='initiator'/>")


def test_the_same_edit_in_two_contents_is_one_request() -> None:
    held = edit(("a=sendrecv", "a=sendonly"), ("a=mid:1", "a=mid:1\r\na=sendonly"))
    (modify,) = changes(held).value
    assert [one.name for one in modify.contents] == ["0", "1"]


def test_new_candidates_come_alone_with_the_credentials_they_belong_to() -> None:
    before = edit(("a=ice-ufrag", f"{HOST}\r\na=ice-ufrag"))
    (trickle,) = changes(edit(("a=ice-ufrag", f"{REFLEXIVE}\r\na=ice-ufrag"), desc=before), before).value
    transport = transport_in(trickle)
    assert (transport.ufrag, transport.pwd) == ("8hhy", "asd88fgpdd777uzjYhagZg")
    assert [one.ip for one in transport.candidates] == ["203.0.113.1"]
    assert (transport.fingerprints, trickle.contents[0].description) == ((), None)


def test_a_restart_is_new_credentials_and_candidates_of_the_next_generation() -> None:
    """XEP-0176 5.9."""
    before = edit(("a=ice-ufrag", f"{HOST}\r\na=ice-ufrag"))
    after = edit(("a=ice-ufrag", f"{REFLEXIVE}\r\na=ice-ufrag"), *zip(CREDENTIALS, NEW_CREDENTIALS, strict=True))
    mapped = changes(after, before)
    (restart,) = mapped.value
    transport = transport_in(restart)
    assert (transport.ufrag, transport.pwd) == ("9uB6", "YH75Fviy6338Vbrhrlp8Yh")
    assert [(one.ip, one.generation) for one in transport.candidates] == [("203.0.113.1", 1)]
    assert transport.fingerprints == ()
    back = applied(restart, desc=before)
    assert section_lines(back, "a=candidate", "a=ice-ufrag") == [REFLEXIVE, "a=ice-ufrag:9uB6"]
    assert mapped.losses == ()


def test_candidates_that_state_their_generation_go_on_to() -> None:
    before = edit(("a=ice-ufrag", f"{HOST} generation 0\r\na=ice-ufrag"))
    after = edit(
        ("a=ice-ufrag", f"{HOST} generation 1\r\na=ice-ufrag"), *zip(CREDENTIALS, NEW_CREDENTIALS, strict=True)
    )
    mapped = changes(after, before)
    assert section_lines(applied(*mapped.value, desc=before), "a=candidate") == [f"{HOST} generation 1"]


def test_candidates_that_are_added_state_their_generation_where_those_there_do() -> None:
    """Beside a later generation, one without would be taken for it."""
    old = edit(("a=sendrecv", f"a=sendrecv\r\n{HOST} generation 3"))
    new = edit((f"{HOST} generation 3", f"{HOST} generation 3\r\n{REFLEXIVE} generation 0"), desc=old)
    back = applied(*changes(new, old).value, desc=old)
    assert section_lines(back, "a=candidate") == [f"{HOST} generation 3", f"{REFLEXIVE} generation 0"]


def test_description_info_has_the_modified_codecs_only() -> None:
    """XEP-0167 9: "The description-info message SHOULD include only the modified codecs"."""
    (said,) = changes(edit(("useinbandfec=1", "useinbandfec=0"))).value
    assert [one.id for one in description_in(said).payload_types] == [111]
    assert description_in(said).rtcp_mux is False


def test_description_info_says_all_where_something_is_no_more() -> None:
    (said,) = changes(edit(("a=ssrc:1 cname:x\r\n", ""))).value
    assert description_in(said) == description_in(there(edit(("a=ssrc:1 cname:x\r\n", ""))).value)


def test_an_added_section_is_a_whole_content_with_the_groups_that_it_joins() -> None:
    new = edit(("BUNDLE 0 1", "BUNDLE 0 1 2"), ("m=video", "m=video"))
    new = jc.sdp.loads(str(new) + str(sdp(*VIDEO)).partition("t=0 0\r\n")[2].replace("a=mid:1", "a=mid:2"))
    mapped = changes(new, role="responder")
    (add,) = mapped.value
    assert add.action is jc.Action.CONTENT_ADD
    assert [(one.creator.value, one.name) for one in add.contents] == [("responder", "2")]
    assert [[one.name for one in group.contents] for group in add.groups] == [["0", "1", "2"]]
    assert mapped.names.of_mid("2") == Name("2", jc.Creator.RESPONDER, "2")
    back = applied(add, role="responder")
    assert "a=group:BUNDLE 0 1 2" in lines_in(back.value)
    assert lines_in(back.value)[1].split(" ")[2] == "2"  # RFC 3264 8: the version goes up by one


def test_what_transport_info_cannot_say_replaces_the_transport() -> None:
    """XEP-0166 7.2.15; a candidate that is there no more, without a restart."""
    before = edit(("a=ice-ufrag", f"{HOST}\r\n{REFLEXIVE}\r\na=ice-ufrag"))
    after = edit(("a=ice-ufrag", f"{REFLEXIVE}\r\na=ice-ufrag"))
    mapped = changes(after, before)
    assert words(mapped) == ["transport-replace"]
    assert transport_in(mapped.value[0]) == transport_in(there(after).value)
    accepted = attrs.evolve(mapped.value[0], action=jc.Action.TRANSPORT_ACCEPT)
    for one in (mapped.value[0], accepted):
        back = applied(one, desc=before)
        assert (section_lines(back, "a=candidate"), back.losses) == ([REFLEXIVE], ())


def test_a_content_that_is_accepted_or_rejected_is_added_or_removed() -> None:
    """XEP-0166 7.2.1, 7.2.4: the answers to a content-add."""
    (one,) = there(sdp(*VIDEO), names=Names()).value.contents
    accept = attrs.evolve(request(), action=jc.Action.CONTENT_ACCEPT, contents=(attrs.evolve(one, name="2"),))
    reject = info(jc.Action.CONTENT_REJECT, "<content creator='initiator' name='1'/>")
    assert [media.mid for media in applied(accept).value.media] == ["0", "1", "2"]
    assert [media.port for media in applied(reject).value.media] == [9, 0]
    assert applied(info(jc.Action.TRANSPORT_REJECT, content("", ""))).losses == ()


# --- codecs ----------------------------------------------------------------------------------------------------------

CODECS = edit(("SAVPF 111 0", "SAVPF 0 111"))


def test_other_codecs_are_another_content_added_before_the_old_one_is_removed() -> None:
    """XEP-0166 7.2.5: a session that has no content for a moment would be over."""
    mapped = changes(CODECS)
    assert words(mapped) == ["content-add", "content-remove"]
    add, remove = mapped.value
    assert [one.name for one in add.contents] == ["0~2"]
    assert remove.contents == (jc.Content(creator=jc.Creator.INITIATOR, name="0"),)
    assert mapped.names.of_mid("0") == Name("0", jc.Creator.INITIATOR, "0~2")


def test_the_new_content_takes_the_section_of_the_old_one_under_another_tag() -> None:
    back = applied(*changes(CODECS).value)
    assert [media.mid for media in back.value.media] == ["0~2", "1"]
    assert [media.port for media in back.value.media] == [9, 9]
    assert back.value.groups[0].mids == ("0~2", "1")
    assert back.losses == ()


def test_the_new_content_takes_no_other_section_that_is_refused() -> None:
    gone = info(jc.Action.CONTENT_REMOVE, *(f"<content creator='initiator' name='{name}'/>" for name in "01"))
    add, _ = changes(edit(("96 VP8/90000", "96 H264/90000"))).value
    assert [one.name for one in add.contents] == ["1~2"]
    back = applied(gone, add).value
    assert [media.port for media in back.media] == [0, 9]


def test_the_new_contents_take_the_sections_of_the_old_ones_each_its_own() -> None:
    both = edit(("SAVPF 111 0", "SAVPF 0 111"), ("96 VP8/90000", "96 H264/90000"))
    back = applied(*changes(both).value).value
    assert [media.mid for media in back.media] == ["0~2", "1~2"]
    assert [media.kind for media in back.media] == ["audio", "video"]


def test_a_refused_section_stays_where_another_content_is_replaced() -> None:
    """RFC 3264 8: the number of sections never becomes less."""
    old = sdp("m=audio 9 RTP/AVP 0", "a=mid:0", "m=video 0 RTP/AVP 31", "a=mid:1")
    new = edit(("RTP/AVP 0", "RTP/AVP 8"), desc=old)
    names = there(old).names
    back = applied(*changes(new, old, names=names).value, desc=old, names=names).value
    assert [(media.kind, media.port, media.mid) for media in back.media] == [("audio", 9, "0~2"), ("video", 0, "1")]


def test_whoever_made_the_change_keeps_the_tag() -> None:
    mapped = changes(CODECS)
    back = applied(*mapped.value, names=mapped.names)
    assert [media.mid for media in back.value.media] == ["0", "1"]
    assert there(back.value, names=mapped.names).value == there(CODECS, names=mapped.names).value


def test_codecs_may_change_again_and_again() -> None:
    names, desc, seen = NAMES, OLD, []
    for new in (CODECS, OLD, CODECS):
        mapped = changes(new, desc, names=names)
        seen += [one.name for one in mapped.value[0].contents]
        desc, names = new, mapped.names
    assert seen == ["0~2", "0~3", "0~4"]


def test_a_name_in_use_is_not_taken() -> None:
    names = Names((*NAMES.entries, Name("9", jc.Creator.INITIATOR, "0~2")))
    assert [one.name for one in changes(CODECS, names=names).value[0].contents] == ["0~3"]


def test_what_is_said_of_a_content_that_was_replaced_is_told_and_left() -> None:
    mapped = changes(CODECS)
    late = info(jc.Action.CONTENT_MODIFY, "<content creator='initiator' name='0' senders='none'/>")
    back = applied(late, desc=CODECS, names=mapped.names)
    assert back.value is CODECS
    assert [loss.path for loss in back.losses] == ["jingle/content[1]"]


def test_three_edits_of_one_content_are_two_requests() -> None:
    new = edit(
        ("a=sendrecv", "a=sendonly"), ("useinbandfec=1", "useinbandfec=0"), ("a=ice-ufrag", f"{HOST}\r\na=ice-ufrag")
    )
    mapped = changes(new)
    assert words(mapped) == ["content-add", "content-remove"]


# --- applying --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ONE_EDIT, ids=str)
def test_every_other_line_stays_as_it_stands(case: tuple[str, tuple[str, str]]) -> None:
    """But the version of the session, and the default destination, which follows from the candidates."""
    new = edit(*case[1:])
    before, wanted, made = (Counter(lines_in(one)) for one in (OLD, new, applied(*changes(new).value).value))
    version = Counter(["o=- 7 2 IN IP4 0.0.0.0"])
    destination = Counter(line for line in made - before if line.startswith(("m=audio 5000", "c=IN IP4 192.0.2.1")))
    assert made - before == (wanted - before) + version + destination
    assert before - made - (before - wanted) == Counter(
        ["o=- 7 1 IN IP4 0.0.0.0", *([AUDIO[0], "c=IN IP4 0.0.0.0"] if destination else [])]
    )


def test_a_line_that_stands_there_already_is_said_by_one_and_not_by_two() -> None:
    """One that `before` does not account for, as where the section has it and its content had not."""
    value = jc.sdp.Candidate.parse("1 1 udp 1 192.0.2.1 5000 typ host")
    assert patching._exchanged([(3, value)], [], [(0, value), (1, value)]) == ({}, [value])


def test_a_second_line_where_the_first_counts_goes_with_it() -> None:
    """Else it would count from now on."""
    old = sdp("m=audio 9 RTP/AVP 0", "a=mid:0", "a=ice-ufrag:8hhy", "a=ice-ufrag:9uB6", "a=sendonly", "a=inactive")
    new = sdp("m=audio 9 RTP/AVP 0", "a=mid:0")
    back = applied(*changes(new, old).value, desc=old)
    assert section_lines(back, "a=ice-ufrag", "a=sendonly", "a=inactive", "a=sendrecv") == ["a=sendrecv"]


def test_a_removed_content_has_port_0_and_is_in_no_group() -> None:
    """RFC 3264 8.2, RFC 8843 7.5.3."""
    back = applied(info(jc.Action.CONTENT_REMOVE, "<content creator='initiator' name='1'/>")).value
    assert back.media[1].texts[0] == "m=video 0 UDP/TLS/RTP/SAVPF 96"
    assert back.media[1].texts[1:] == OLD.media[1].texts[1:]
    assert back.groups[0].mids == ("0",)
    assert back.media[0] == OLD.media[0]


def test_a_section_that_was_refused_before_is_used_again() -> None:
    """RFC 8829 5.2.2."""
    refused = edit(("m=audio 9", "m=audio 0"), ("BUNDLE 0 1", "BUNDLE 1"))
    (one,) = there(sdp(*VIDEO), names=Names()).value.contents
    add = attrs.evolve(request(), action=jc.Action.CONTENT_ADD, contents=(attrs.evolve(one, name="2"),))
    assert [media.mid for media in applied(add, desc=refused).value.media] == ["2", "1"]
    assert [media.mid for media in applied(add).value.media] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("action", "children"),
    [
        ("content-remove", "<content creator='initiator' name='2'/>"),
        ("content-modify", "<content creator='initiator' name='2'/>"),
        ("transport-info", content("", f"<transport xmlns='{ns.ICE_UDP}' ufrag='old1'/>")),
        ("transport-info", content("", f"<transport xmlns='{ns.RAW_UDP}'/>")),
        ("transport-replace", content("", f"<transport xmlns='{ns.IBB}' block-size='9' sid='1'/>")),
        ("description-info", content("<description xmlns='urn:x'/>", "")),
        ("content-add", content("<description xmlns='urn:x'/>", "", attributes="creator='initiator' name='2'")),
        ("session-terminate", ""),
    ],
)
def test_what_is_said_in_vain_is_told(action: str, children: str) -> None:
    back = applied(info(jc.Action(action), children))
    assert back.value is OLD
    assert len(back.losses) == 1
    assert back.losses[0].clause


def test_candidates_of_another_generation_are_left() -> None:
    """They may overtake the restart, or come after it; without their password they are of no use."""
    candidate = transport_in(there(sdp(*AUDIO, HOST)).value).candidates
    stale = jc.IceUdpTransport(ufrag="old1", candidates=candidate)
    one = jc.Content(creator=jc.Creator.INITIATOR, name="0", transport=stale)
    back = applied(attrs.evolve(request(), action=jc.Action.TRANSPORT_INFO, contents=(one,)))
    assert back.value is OLD
    assert "ICE generation" in back.losses[0].message


def test_a_transport_info_of_xep_0371_is_read_as_well() -> None:
    candidate = "<candidate component='1' foundation='1' ip='192.0.2.1' port='5000' priority='2130706431' "
    candidate += "protocol='udp' type='host' generation='0'/>"
    said = f"<transport xmlns='{ns.ICE}' ufrag='8hhy'>{candidate}<gathering-complete/></transport>"
    back = applied(info(jc.Action.TRANSPORT_INFO, content("", said)))
    assert section_lines(back, "a=candidate", "a=end", "m=", "c=") == [
        *("m=audio 5000 UDP/TLS/RTP/SAVPF 111 0", "c=IN IP4 192.0.2.1", HOST, "a=end-of-candidates"),
    ]
    assert back.losses == ()


@pytest.mark.parametrize("formats", ["111 \u00e9", "111 a/b", "  111"])
def test_formats_that_no_strict_writer_makes_stay_where_the_rest_of_their_line_changes(formats: str) -> None:
    old = jc.sdp.loads(str(OLD).replace(" 111 0", f" {formats}"), errors="tolerant")
    new = jc.sdp.loads(str(old).replace("a=ice-ufrag", f"{HOST}\r\na=ice-ufrag", 1), errors="tolerant")
    names = jc.mapping.to_jingle(old, action="session-initiate", sid="s1", role="initiator").names
    requests = jc.mapping.changes(old, new, role="initiator", sid="s1", names=names).value
    made = jc.mapping.apply(old, requests, role="initiator", names=names).value
    assert made.media[0].texts[0] == f"m=audio 5000 UDP/TLS/RTP/SAVPF {formats.strip()}"


def test_descriptions_of_more_sections_than_anybody_has_are_refused() -> None:
    many = sdp(*("m=audio 9 RTP/AVP 0",) * 1001)
    for old, new in ((many, OLD), (OLD, many)):
        with pytest.raises(jc.MappingError, match="more than 1000 sections"):
            changes(new, old)


def test_the_default_destination_moves_unless_the_section_has_one_of_its_own() -> None:
    """RFC 8839 4.2.1.2."""
    add = changes(edit(("a=ice-ufrag", f"{HOST}\r\na=ice-ufrag"))).value
    port, address = ("m=audio 9", "m=audio 7000"), ("c=IN IP4 0.0.0.0", "c=IN IP4 198.51.100.7")
    assert section_lines(applied(*add), "m=", "c=")[0].startswith("m=audio 5000")
    for own in (edit(port, address), edit(port), edit(address)):
        assert section_lines(applied(*add, desc=own), "m=", "c=") == list(own.media[0].texts[:2])


def test_of_several_addresses_the_first_is_the_default_destination() -> None:
    """RFC 8866 5.7: a section may have more than one, for layers; those behind the first are no part of the default."""
    add = changes(edit(("a=sendrecv", f"a=sendrecv\r\n{HOST}"))).value
    layered = edit(("a=mid:0", "c=IN IP4 0.0.0.0\r\nc=IN IP4 233.252.0.1/127\r\na=mid:0"))
    assert section_lines(applied(*add, desc=layered), "m=")[0].startswith("m=audio 5000")


def test_lines_of_the_session_go_into_sections_when_one_is_to_differ() -> None:
    old = sdp("a=extmap:1 urn:x", "m=audio 9 RTP/AVP 0", "a=mid:0", "m=audio 9 RTP/AVP 0", "a=mid:1")
    new = sdp("m=audio 9 RTP/AVP 0", "a=mid:0", "m=audio 9 RTP/AVP 0", "a=mid:1", "a=extmap:1 urn:x")
    names = there(old).names
    back = applied(*changes(new, old, names=names).value, desc=old, names=names).value
    assert [media.texts[-1] for media in back.media] == ["a=mid:0", "a=extmap:1 urn:x"]
    assert "a=extmap:1 urn:x" not in back.texts


def test_lines_of_the_session_come_before_those_of_the_section() -> None:
    """They hold in this order, so that the extensions stay in theirs (RFC 8285 5)."""
    head = ("a=extmap:1 urn:a", "a=extmap:2 urn:b", "m=audio 9 RTP/AVP 0", "a=mid:0")
    old, new = sdp(*head, "a=extmap:3 urn:c"), sdp(*head, "a=extmap:3 urn:c", "m=audio 9 RTP/AVP 0", "a=mid:1")
    back = applied(*changes(new, old, names=None).value, desc=old, names=None)
    extensions = [f"a=extmap:{number} urn:{letter}" for number, letter in zip((1, 2, 3), "abc", strict=True)]
    assert section_lines(back, "a=extmap") == extensions
    assert section_lines(back, "a=extmap", number=1) == extensions[:2]


def test_a_section_added_takes_nothing_over_from_the_session() -> None:
    old = sdp("a=setup:passive", FINGERPRINT, "a=inactive", "m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0")
    new = sdp(
        *("m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0", FINGERPRINT, "a=setup:passive", "a=inactive"),
        *("m=audio 9 RTP/AVP 0", "a=mid:1"),
    )
    names = there(old).names
    mapped = changes(new, old, names=names)
    assert words(mapped) == ["content-add"]
    back = applied(*mapped.value, desc=old, names=names).value
    assert there(back, names=mapped.names).value == there(new, names=mapped.names).value


def test_a_content_is_known_by_a_peer_that_takes_the_initiator_for_every_creator() -> None:
    names = Names((Name("0", jc.Creator.RESPONDER, "0"), NAMES.entries[1]))
    back = applied(info(jc.Action.CONTENT_REMOVE, "<content creator='initiator' name='0'/>"), names=names)
    assert [media.port for media in back.value.media] == [0, 9]


def test_either_party_may_remove_a_content_or_change_its_senders() -> None:
    """XEP-0166 7.2.3, 7.2.5: content and senders are common to both."""
    both = (
        info(jc.Action.CONTENT_MODIFY, "<content creator='initiator' name='0' senders='initiator'/>"),
        info(jc.Action.CONTENT_REMOVE, "<content creator='initiator' name='1'/>"),
    )
    sides: tuple[tuple[Role, str], ...] = (("initiator", "a=sendonly"), ("responder", "a=recvonly"))
    for role, direction in sides:
        back = jc.mapping.apply(OLD, both, role=role, names=NAMES).value
        assert (direction in back.media[0].texts, back.media[1].port) == (True, 0)


# --- DTLS roles ------------------------------------------------------------------------------------------------------


def with_role(setup: str, *lines: str) -> jc.sdp.SessionDescription:
    return sdp("m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0", *(lines or (FINGERPRINT,)), f"a=setup:{setup}")


def setup_in(jingle: jc.Jingle) -> str:
    (fingerprint,) = transport_in(jingle).fingerprints
    assert fingerprint.setup is not None
    return fingerprint.setup.value


@pytest.mark.parametrize("negotiated", ["active", "passive"])
@pytest.mark.parametrize("said", ["actpass", "active", "passive"])
def test_a_negotiated_role_stays_while_the_certificate_does(negotiated: str, said: str) -> None:
    """RFC 8842 5.3: "an attribute value that does not change the previously negotiated DTLS roles".

    Firefox answers the restart of a Chromium with another role than before; to follow it would end the call.
    """
    before, answer = with_role(negotiated), with_role(said, FINGERPRINT, "a=ice-ufrag:9uB6")
    mapped = there(answer, "responder", offer=with_role("actpass"), previous=before)
    assert setup_in(mapped.value) == negotiated
    assert ("a=setup:" + said in [loss.lines[0] for loss in mapped.losses]) == (said != negotiated)
    peers = jc.mapping.to_sdp(there(answer).value, role="responder", previous=before)
    assert section_lines(peers, "a=setup") == [f"a=setup:{negotiated}"]


def test_another_certificate_is_another_association_with_a_role_of_its_own() -> None:
    """RFC 8842 4."""
    mapped = there(with_role("active", OTHER_FINGERPRINT), "responder", previous=with_role("passive"))
    assert setup_in(mapped.value) == "active"


def test_the_answer_to_a_role_is_the_other_one() -> None:
    """RFC 8842 5.3, RFC 4145 4.1."""
    mapped = there(with_role("active"), "responder", offer=with_role("active", OTHER_FINGERPRINT))
    assert setup_in(mapped.value) == "passive"


def test_a_request_does_not_change_a_negotiated_role() -> None:
    """So does a gateway that says actpass in each transport-info."""
    before = with_role("passive", FINGERPRINT, *CREDENTIALS)
    names = there(before).names
    (restart,) = changes(with_role("actpass", OTHER_FINGERPRINT, *NEW_CREDENTIALS), before, names=names).value
    assert setup_in(restart) == "actpass"
    same = there(with_role("actpass", FINGERPRINT, *NEW_CREDENTIALS)).value
    back = applied(attrs.evolve(same, action=jc.Action.TRANSPORT_INFO), desc=before, names=names)
    assert section_lines(back, "a=setup", "a=ice-ufrag") == ["a=ice-ufrag:9uB6", "a=setup:passive"]

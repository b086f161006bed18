"""Changing, adding, removing: one line at a time, every other line as it was."""

from __future__ import annotations

import copy
import pickle

import attrs
import pytest

from jinglecodec import sdp
from jinglecodec.errors import EncodeError

TEXT = """\
v=0
o=- 20518 0 IN IP4 203.0.113.1
s= 
t=0 0
a=msid-semantic: WMS
a=ice-lite
m=audio 54400 RTP/SAVPF 0 96
c=IN IP4 203.0.113.1
b=AS:64
a=mid:0
a=rtpmap:96 OPUS/48000
a=rtpmap:0  PCMU/8000
a=x-any:1
a=candidate:1 1 UDP 2130706431 203.0.113.1 54400 typ host
a=candidate:2 1 UDP 2130706430 203.0.113.2 54400 typ host
m=video 9 RTP/SAVPF 97
c=IN IP4 0.0.0.0
a=mid:1
"""  # noqa: W291 - `s= ` is the name that RFC 8866 5.3 recommends


@pytest.fixture
def description() -> sdp.SessionDescription:
    return sdp.loads(TEXT)


@pytest.fixture
def audio(description: sdp.SessionDescription) -> sdp.Media:
    return description.media[0]


def changed_lines(before: sdp.Section, after: sdp.Section) -> tuple[list[str], list[str]]:
    """Return the lines that only one of two sections has."""
    removed = list(before.texts)
    added = []
    for text in after.texts:
        if text in removed:
            removed.remove(text)
        else:
            added.append(text)
    return removed, added


def test_replacing_a_value_changes_its_line(audio: sdp.Media) -> None:
    old = audio.candidates[1]
    new = attrs.evolve(old, port=9)
    assert changed_lines(audio, audio.replace(old, new)) == ([old.line()], [new.line()])
    assert audio.replace(old, new).candidates == (audio.candidates[0], new)


def test_replacing_by_an_equal_value_keeps_the_spelling(description: sdp.SessionDescription) -> None:
    assert description.replace(description.msid_semantics[0], sdp.MsidSemantic("WMS")) is description


def test_replacing_an_unusual_spelling_writes_the_usual_one(description: sdp.SessionDescription) -> None:
    changed = description.replace(description.msid_semantics[0], sdp.MsidSemantic("WMS", ("*",)))
    assert changed_lines(description, changed) == (["a=msid-semantic: WMS"], ["a=msid-semantic:WMS *"])


def test_replacing_by_index_tells_equal_lines_apart() -> None:
    media = sdp.Media.build("audio", 9, "RTP/AVP", ["0"], values=[sdp.Ptime(20), sdp.Ptime(20)])
    assert media.replace(2, sdp.Ptime(30)).texts[1:] == ("a=ptime:20", "a=ptime:30")
    assert media.replace(sdp.Ptime(20), sdp.Ptime(30)).texts[1:] == ("a=ptime:30", "a=ptime:20")
    assert media.replace(-1, sdp.Ptime(30)).texts[1:] == ("a=ptime:20", "a=ptime:30")


def test_replacing_a_broken_attribute_mends_it(audio: sdp.Media) -> None:
    broken = sdp.read_line("a=rtpmap:0  PCMU/8000")
    changed = audio.replace(broken, sdp.Rtpmap(0, "PCMU", 8000))
    assert [rtpmap.payload_type for rtpmap in changed.rtpmaps] == [96, 0]


def test_the_media_line_is_replaced_like_any_other(audio: sdp.Media) -> None:
    rejected = audio.replace(audio.field, attrs.evolve(audio.field, port=0))
    assert (rejected.port, rejected.texts[0]) == (0, "m=audio 0 RTP/SAVPF 0 96")
    assert rejected.texts[1:] == audio.texts[1:]


def test_setting_replaces_the_first_of_its_class_or_adds(audio: sdp.Media) -> None:
    assert changed_lines(audio, audio.set(sdp.Mid("zero"))) == (["a=mid:0"], ["a=mid:zero"])
    assert audio.set(sdp.IceUfrag("abcd")).texts == (*audio.texts, "a=ice-ufrag:abcd")
    assert audio.set(sdp.Direction.SENDONLY).set(sdp.Direction.INACTIVE).direction is sdp.Direction.INACTIVE


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (sdp.Information("x"), 1),
        (sdp.Connection("192.0.2.1"), 2),
        (sdp.Bandwidth("TIAS", 64000), 3),
        (sdp.Key("prompt"), 3),
        (sdp.Setup.ACTIVE, 9),
    ],
)
def test_added_lines_stand_where_the_grammar_has_them(audio: sdp.Media, value: sdp.Value, at: int) -> None:
    changed = audio.add(value)
    assert changed.texts[at] == value.line()
    assert changed.texts[:at] + changed.texts[at + 1 :] == audio.texts


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (sdp.Information("x"), 3),
        (sdp.Uri("http://x.example"), 3),
        (sdp.Email("x@x.example"), 3),
        (sdp.Connection("192.0.2.1"), 3),
        (sdp.Bandwidth("CT", 64), 3),
        (sdp.Timing(3724394400, 0), 4),
        (sdp.Repeat(7, 1, (0,)), 4),
        (sdp.IcePacing(50), 6),
    ],
)
def test_added_session_lines_stand_where_the_grammar_has_them(
    description: sdp.SessionDescription, value: sdp.Value, at: int
) -> None:
    changed = description.add(value)
    assert changed.texts[at] == value.line()
    assert changed.texts[:at] + changed.texts[at + 1 :] == description.texts
    assert sdp.loads(sdp.dumps(changed)) == changed


def test_a_line_is_added_behind_or_before_another(audio: sdp.Media) -> None:
    fmtp = sdp.Fmtp("96", "stereo=1")
    behind = audio.add(fmtp, after=audio.rtpmaps[0])
    assert behind.texts[behind.texts.index("a=rtpmap:96 OPUS/48000") + 1] == "a=fmtp:96 stereo=1"
    before = audio.add(fmtp, before=audio.rtpmaps[0])
    assert before.texts[before.texts.index("a=rtpmap:96 OPUS/48000") - 1] == "a=fmtp:96 stereo=1"
    assert audio.add(fmtp, after=3).texts[4] == "a=fmtp:96 stereo=1"


def test_nothing_is_added_where_the_grammar_does_not_have_it(audio: sdp.Media) -> None:
    with pytest.raises(EncodeError, match="b= may not stand behind a="):
        audio.add(sdp.Bandwidth("CT", 1), after=sdp.Mid("0"))
    with pytest.raises(EncodeError, match="a= may not stand there"):
        audio.add(sdp.Ptime(20), before=sdp.Bandwidth("AS", 64))
    with pytest.raises(EncodeError, match="a= may not stand there"):
        audio.add(sdp.Ptime(20), before=0)
    with pytest.raises(EncodeError, match="t= has no place"):
        audio.add(sdp.Timing())
    with pytest.raises(EncodeError, match="m= once only"):
        audio.add(audio.field)


def test_nothing_is_added_to_the_session_where_the_grammar_does_not_have_it(
    description: sdp.SessionDescription,
) -> None:
    with pytest.raises(EncodeError, match="m= has no place"):
        description.add(description.media[0].field)
    with pytest.raises(EncodeError, match="s= once only"):
        description.add(sdp.SessionName("x"))
    with pytest.raises(EncodeError, match="z= may not stand behind t="):
        description.add(sdp.Zones((sdp.ZoneAdjustment(1, 1),)))
    repeated = description.add(sdp.Repeat(7, 1, (0,)))
    with pytest.raises(EncodeError, match="r= may not stand behind"):
        repeated.add(sdp.Timing(3724394400, 0)).remove(3).remove(4)
    with pytest.raises(EncodeError, match="cannot be without its t="):
        repeated.remove(3)


def test_removing_a_value_removes_its_line(audio: sdp.Media) -> None:
    assert changed_lines(audio, audio.remove(audio.candidates[0])) == ([audio.candidates[0].line()], [])
    assert changed_lines(audio, audio.remove(-1)) == ([audio.candidates[1].line()], [])


def test_removing_every_value_of_a_class(audio: sdp.Media) -> None:
    changed = audio.remove_every(sdp.Candidate)
    assert changed.candidates == ()
    assert changed.texts == audio.texts[:-2]
    assert changed.remove_every(sdp.Candidate) == changed


@pytest.mark.parametrize("kind", [sdp.Origin, sdp.SessionName, sdp.Timing])
def test_required_lines_are_not_removed(description: sdp.SessionDescription, kind: type[sdp.Value]) -> None:
    with pytest.raises(EncodeError):
        description.remove(description.every(kind)[0])
    with pytest.raises(EncodeError):
        description.remove_every(kind)


def test_the_version_and_the_media_line_are_not_removed(description: sdp.SessionDescription, audio: sdp.Media) -> None:
    with pytest.raises(EncodeError):
        description.remove(0)
    with pytest.raises(EncodeError):
        description.replace(0, sdp.Line("v", "1"))
    with pytest.raises(EncodeError):
        audio.remove(audio.field)


def test_what_no_line_says_cannot_be_replaced_or_removed(audio: sdp.Media) -> None:
    with pytest.raises(EncodeError, match="no line says"):
        audio.replace(sdp.Mid("7"), sdp.Mid("8"))
    with pytest.raises(EncodeError, match="no line says"):
        audio.remove(sdp.Mid("7"))
    with pytest.raises(IndexError):
        audio.remove(99)


def test_a_line_of_another_letter_takes_no_place(audio: sdp.Media) -> None:
    with pytest.raises(EncodeError, match="cannot stand in the place"):
        audio.replace(sdp.Mid("0"), sdp.Bandwidth("AS", 1))


def test_an_untyped_line_that_has_a_value_gets_it(audio: sdp.Media) -> None:
    changed = audio.replace(sdp.Bandwidth("AS", 64), sdp.Line("b", "AS:65"))
    assert changed.bandwidths == (sdp.Bandwidth("AS", 65),)


@pytest.mark.parametrize("name", ["mid", "rtpmap", "sendrecv", "rtcp-mux"])
def test_an_attribute_with_a_class_is_not_made_without_it(name: str) -> None:
    text = {"mid": "0", "rtpmap": "0 PCMU/8000"}.get(name)
    with pytest.raises(EncodeError, match="use that"):
        sdp.Attribute(name, text)
    with pytest.raises(EncodeError, match="classes"):
        sdp.Line("a", name if text is None else f"{name}:{text}")


def test_several_lines_are_exchanged_at_once_each_for_any_number(description: sdp.SessionDescription) -> None:
    media = description.media[0]
    first, second = media.candidates
    places: dict[int, list[sdp.Value]] = {6: [], 7: [second, first], 8: [sdp.Mid("1")]}
    changed = media.exchange(places)
    assert changed.texts == (
        *media.texts[:6],
        *("a=candidate:2 1 UDP 2130706430 203.0.113.2 54400 typ host",),
        *("a=candidate:1 1 UDP 2130706431 203.0.113.1 54400 typ host", "a=mid:1"),
    )


def test_a_value_that_moves_keeps_its_spelling(description: sdp.SessionDescription) -> None:
    media = description.media[0]
    there, other = media.texts.index("a=rtpmap:0  PCMU/8000"), media.texts.index("a=x-any:1")
    changed = media.exchange({there: [media.values[other]], other: [media.values[there]]})
    assert (changed.texts[there], changed.texts[other]) == ("a=x-any:1", "a=rtpmap:0  PCMU/8000")


def test_line_ends_count_only_where_they_differ() -> None:
    """Sections are equal when their lines are, whatever ends other lines have, or had."""
    plain, mixed = sdp.loads(TEXT), sdp.loads(TEXT.replace("a=x-any:1\n", "a=x-any:1\r\n"))
    assert mixed != plain
    assert mixed.media[1] == plain.media[1]
    at = plain.media[0].texts.index("a=x-any:1")
    assert mixed.media[0] != plain.media[0]
    assert mixed.media[0].exchange({at: []}) == plain.media[0].exchange({at: []})


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("m=audio", "v=0\nm=audio"),
        TEXT.replace("b=AS:64", "t=0 0\nb=AS:64\ns=x"),
        TEXT.replace("t=0 0", "t=0 0\na=x\nr=1 1 0"),
    ],
)
def test_lines_that_a_tolerant_reader_takes_stay_where_others_are_exchanged(text: str) -> None:
    """RFC 8866 9 is for what is new."""
    description = sdp.loads(text, errors="tolerant")
    for section in description.sections:
        at = next(number for number, line in enumerate(section.texts) if line.startswith("a="))
        changed = section.exchange({at: [sdp.IcePacing(50)]})
        assert changed.texts == (*section.texts[:at], "a=ice-pacing:50", *section.texts[at + 1 :])


def test_line_ends_stay_with_their_places() -> None:
    mixed = sdp.loads(TEXT.replace("\n", "\r\n", 3))
    changed = mixed.exchange({4: [], 5: [sdp.IceLite(), sdp.IcePacing(50)]})
    assert str(changed).startswith(TEXT.replace("\n", "\r\n", 3).partition("a=msid")[0] + "a=ice-lite\na=ice-pacing:50")


@pytest.mark.parametrize(
    "places",
    [{0: []}, {1: [sdp.Mid("x"), sdp.Connection("192.0.2.1")]}, {3: [sdp.Mid("1")], 4: [sdp.Bandwidth("AS", 1)]}],
)
def test_an_exchange_keeps_the_order_of_lines(
    description: sdp.SessionDescription, places: dict[int, list[sdp.Value]]
) -> None:
    with pytest.raises(EncodeError):
        description.media[0].exchange(places)


def test_an_exchange_of_a_line_that_is_not_there_is_an_index_error(description: sdp.SessionDescription) -> None:
    with pytest.raises(IndexError):
        description.exchange({99: []})


def test_sections_are_replaced_added_and_removed(description: sdp.SessionDescription) -> None:
    audio, video = description.media
    text = sdp.Media.build("text", 9, "RTP/AVP", ["98"], connection=sdp.Connection("192.0.2.1"))
    assert description.replace_media(1, text).media == (audio, text)
    assert description.replace_media(-1, text).media == (audio, text)
    assert description.add_media(text).media == (audio, video, text)
    assert description.add_media(text, 0).media == (text, audio, video)
    assert description.remove_media(0).media == (video,)
    assert sdp.dumps(description.add_media(text)) == TEXT + "m=text 9 RTP/AVP 98\nc=IN IP4 192.0.2.1\n"
    for index in (2, -3):
        with pytest.raises(IndexError):
            description.replace_media(index, text)
        with pytest.raises(IndexError):
            description.remove_media(index)


def test_the_number_of_the_line_that_begins_a_section(description: sdp.SessionDescription) -> None:
    lines = TEXT.split("\n")
    assert [lines[description.first_line(index) - 1][:7] for index in range(2)] == ["m=audio", "m=video"]


def test_values_are_frozen_comparable_and_hashable(description: sdp.SessionDescription) -> None:
    again = sdp.loads(TEXT)
    assert again == description
    assert hash(again) == hash(description)
    assert again.media[0] != description.media[1]
    for section in description.sections:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            section.texts = ()  # type: ignore[misc]
    for value in (description.media[0].candidates[0], description.media[0].rtpmaps[0], description.origin):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            value.port = 1  # type: ignore[union-attr,misc]


def test_descriptions_copy_and_pickle_without_what_was_computed(description: sdp.SessionDescription) -> None:
    plain = pickle.dumps(description)
    assert description.findings
    assert description.media[0].mid == "0"
    assert pickle.dumps(description) == plain
    assert pickle.loads(plain) == copy.deepcopy(description) == description  # noqa: S301
    assert pickle.loads(plain).media[0].candidates == description.media[0].candidates  # noqa: S301

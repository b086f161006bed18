"""The carry is peer input: whatever it is, the description says what the Jingle says and nothing else."""

from __future__ import annotations

import random

import attrs
import pytest
from carry_support import (
    AUDIO,
    BASE,
    DATA,
    EVIL,
    FINGERPRINT,
    HONEST,
    RECIPE,
    UNFIT,
    check,
    dropped,
    recipe_of,
    with_recipe,
)
from mapping_corpus import recorded
from mapping_support import sdp, there

import jinglecodec as jc

# --- the honest carry ------------------------------------------------------------------------------------------------


def test_the_honest_carry_gives_every_octet() -> None:
    assert check(HONEST).value == BASE
    assert dropped(check(HONEST)) == []


def test_lines_of_one_key_come_back_in_their_order() -> None:
    """Two bundles (RFC 8843 7.2.1) have one key: the second may not be taken for the first, which needs no step."""
    desc = sdp("a=group:BUNDLE 0", "a=msid-semantic:WMS *", "a=group:BUNDLE 1", *AUDIO, *DATA)
    back = jc.mapping.to_sdp(there(desc, carry=True).value, role="initiator", carry=True)
    assert str(back.value) == str(desc)


def test_without_being_asked_for_the_carry_is_ignored() -> None:
    plain = jc.mapping.to_sdp(attrs.evolve(HONEST, extra=there(BASE).value.extra), role="initiator")
    assert jc.mapping.to_sdp(HONEST, role="initiator") == plain
    assert plain.losses == ()


def test_a_request_without_carry_is_mapped_as_ever() -> None:
    jingle = there(BASE).value
    carried = jc.mapping.to_sdp(jingle, role="initiator", carry=True)
    assert carried == jc.mapping.to_sdp(jingle, role="initiator")


def test_the_carry_holds_nothing_that_jingle_says() -> None:
    text = "\n".join(RECIPE)
    for word in ("8hhy", "asd88fgpdd777uzjYhagZg", "AB:AB", "opus", "192.0.2.1", "actpass", "a=mid", "111"):
        assert word not in text


@pytest.mark.parametrize(
    "line",
    ["a=x:\udcff\udc80", "a=fmtp:111 \udcff", "a=ssrc:1 cname:\x01", "i=\u2028 \x85\x0b", "s=\udcfe", "a=\u00e9:1"],
)
def test_octets_that_are_no_utf_8_and_characters_that_xml_forbids_come_back(line: str) -> None:
    lines = ["v=0", "o=- 7 1 IN IP4 0.0.0.0", "s=-", "t=0 0", *AUDIO, *DATA]
    if line.startswith("s="):
        lines[2] = line
    elif line.startswith("i="):
        lines.insert(3, line)
    else:
        lines.insert(10, line)
    data = "".join(f"{one}\r\n" for one in lines).encode("utf-8", "surrogateescape")
    mapped = there(jc.sdp.loads(data, errors="tolerant"), carry=True)
    back = jc.mapping.to_sdp(jc.loads(jc.dumps(mapped.value), expect=jc.Jingle), role="initiator", carry=True)
    assert str(back.value).encode("utf-8", "surrogateescape") == data


@pytest.mark.parametrize("ends", ["\r\n", "\n", "mixed", "open"])
def test_line_ends_come_back(ends: str) -> None:
    text = str(BASE)
    if ends == "mixed":
        text = text.replace("\r\n", "\n", 7)
    elif ends == "open":
        text = text.removesuffix("\r\n")
    else:
        text = text.replace("\r\n", ends)
    mapped = there(jc.sdp.loads(text, errors="tolerant"), carry=True)
    assert str(jc.mapping.to_sdp(mapped.value, role="initiator", carry=True).value) == text


def test_a_restart_comes_back_where_the_receiver_knows_what_came_before() -> None:
    """The generation is in the Jingle and not in the line, so that both need the description before."""
    before = jc.sdp.loads(str(BASE).replace("8hhy", "9uB6"))
    mapped = there(BASE, previous=before, carry=True)
    back = jc.mapping.to_sdp(mapped.value, role="initiator", previous=before, carry=True)
    assert (back.value, back.losses) == (BASE, ())
    stranger = check(mapped.value)
    assert "generation 1" in str(stranger.value)
    assert dropped(stranger) == ["what is carried would change it"]


def test_names_may_change_on_the_way() -> None:
    """A peer that calls contents otherwise, in the groups too, keeps what is carried."""
    new = tuple(attrs.evolve(one, name=f"content {one.name}") for one in HONEST.contents)
    group = attrs.evolve(HONEST.groups[0], contents=tuple(jc.GroupContent(name=one.name) for one in new))
    made = check(attrs.evolve(HONEST, contents=new, groups=(group,)))
    expected = str(BASE).replace("a=mid:", "a=mid:content~20").replace("BUNDLE 0 1", "BUNDLE content~200 content~201")
    assert str(made.value) == expected


def test_losses_that_are_carried_are_for_information() -> None:
    severities = {loss.severity for loss in there(BASE, carry=True).losses}
    assert severities == {jc.Severity.INFO}
    assert {loss.severity for loss in there(BASE).losses} == {jc.Severity.WARNING}


@pytest.mark.parametrize("line", UNFIT)
def test_a_second_or_broken_line_of_what_jingle_says_is_lost_in_spite_of_the_carry(line: str) -> None:
    """Another reader might take it instead; so neither is it sent, nor would it be taken."""
    desc = sdp(*AUDIO, line)
    mapped = there(desc, carry=True)
    assert [loss.lines[0] for loss in mapped.losses if loss.severity is jc.Severity.WARNING] == [line]
    made = check(mapped.value)
    assert str(made.value) == str(desc).replace(f"{line}\r\n", "")
    assert made.losses == ()


def test_a_profile_without_security_is_lost_beside_fingerprints() -> None:
    desc = sdp(AUDIO[0].replace("UDP/TLS/RTP/SAVPF", "RTP/AVPF"), *AUDIO[1:])
    mapped = there(desc, carry=True)
    assert [loss.lines[0][:2] for loss in mapped.losses if loss.severity is jc.Severity.WARNING] == ["m="]
    assert str(check(mapped.value).value) == str(desc).replace("RTP/AVPF", "UDP/TLS/RTP/SAVPF")


def test_optional_keys_keep_the_plain_profile() -> None:
    """XEP-0167 7: keys that are not `required` may be left unused, which is what RTP/AVP says of them."""
    desc = sdp("m=audio 9 RTP/AVP 0", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc")
    mapped = there(desc, carry=True)
    assert jc.mapping.to_sdp(mapped.value, role="initiator", carry=True).value == desc
    required = attrs.evolve(
        mapped.value,
        contents=tuple(attrs.evolve(one, description=with_required(one.description)) for one in mapped.value.contents),
    )
    made = jc.mapping.to_sdp(required, role="initiator", carry=True)
    assert made.value.media[0].protocol == "RTP/SAVP"
    assert dropped(made) == ["what is carried would change it"]


def with_required(description: object) -> jc.RtpDescription:
    assert isinstance(description, jc.RtpDescription)
    assert description.encryption is not None
    return attrs.evolve(description, encryption=attrs.evolve(description.encryption, required=True))


# --- the carry of another description --------------------------------------------------------------------------------


def changed(text: str) -> list[tuple[str, str]]:
    """Return the ways in which another description differs, each with its text."""
    return [
        ("a fingerprint more", text.replace(FINGERPRINT, f"{FINGERPRINT}\r\n{EVIL}")),
        ("another fingerprint", text.replace(FINGERPRINT, EVIL)),
        ("a candidate more", text.replace("a=rtpmap", "a=candidate:2 1 udp 1 192.0.2.66 66 typ host\r\na=rtpmap")),
        ("no candidate", "\r\n".join(line for line in text.split("\r\n") if "candidate" not in line)),
        ("other credentials", text.replace("8hhy", "evil").replace("asd88", "evil1")),
        ("another direction", text.replace("a=sendonly", "a=recvonly")),
        ("another role", text.replace("actpass", "active")),
        ("another kind", text.replace("m=audio", "m=video")),
        ("a section more", text + "\r\n".join(AUDIO).replace("a=mid:0", "a=mid:2") + "\r\n"),
        ("a section fewer", text[: text.index("m=application")].replace("BUNDLE 0 1", "BUNDLE 0")),
        ("another group", text.replace("a=group:BUNDLE 0 1", "a=group:LS 1 0")),
        ("no mux", text.replace("a=rtcp-mux\r\n", "")),
        ("keys", text.replace("a=rtpmap", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc\r\na=rtpmap")),
        ("another codec", text.replace("opus", "speex")),
        ("another sctp port", text.replace("5000\r\na=max", "6000\r\na=max")),
        ("keys at session level", text.replace(f"{FINGERPRINT}\r\n", "").replace("m=audio", f"{EVIL}\r\nm=audio", 1)),
    ]


@pytest.mark.parametrize(("what", "text"), changed(str(BASE)))
def test_the_carry_of_one_description_changes_nothing_in_another(what: str, text: str) -> None:
    assert text != str(BASE), what
    other = there(jc.sdp.loads(text), carry=True).value
    for jingle, strange in ((HONEST, other), (other, HONEST)):
        made = check(with_recipe(jingle, recipe_of(strange)))
        assert made.value.media[0].mid == "0"


@pytest.mark.corpus
@pytest.mark.usefixtures("corpus")
def test_the_carry_of_any_description_changes_nothing_in_any_other() -> None:
    pool = list(recorded())
    random.Random(7).shuffle(pool)
    requests = [(one, one.to_jingle(carry=True).value) for one in pool[:40]]
    for (one, jingle), (_, strange) in zip(requests, [*requests[7:], *requests[:7]], strict=True):
        made = check(with_recipe(jingle, recipe_of(strange)), one.role, one.offer)
        if jingle.contents and recipe_of(strange).count("\n#") != recipe_of(jingle).count("\n#"):
            assert dropped(made), one.name


EMPTY = """v=0\r
o=- 1 1 IN IP4 0.0.0.0\r
s=-\r
t=0 0\r
a=fingerprint:sha-256 {digest}\r
a=ice-ufrag:evil\r
""".format(digest=":".join(["66"] * 32))


def test_a_description_without_sections_comes_back_with_its_fingerprint() -> None:
    desc = jc.sdp.loads(EMPTY)
    assert str(jc.mapping.to_sdp(there(desc, carry=True).value, role="initiator", carry=True).value) == EMPTY


def test_keys_at_session_level_are_not_carried_into_sections_that_have_others() -> None:
    """A reader that looks at session level first would talk to another party."""
    foreign = there(jc.sdp.loads(EMPTY), carry=True).value
    mixed = attrs.evolve(there(BASE).value, extra=foreign.extra)
    back = jc.mapping.to_sdp(mixed, role="initiator", carry=True)
    assert "66:66" not in str(back.value)
    assert "evil" not in str(back.value)
    assert {loss.code for loss in back.losses} == {"carry-dropped"}


def test_contents_that_changed_places_show_in_their_new_order() -> None:
    mapped = there(BASE, carry=True).value
    swapped = attrs.evolve(mapped, contents=mapped.contents[::-1])
    back = jc.mapping.to_sdp(swapped, role="initiator", carry=True).value
    assert [media.mid for media in back.media] == [media.mid for media in BASE.media][::-1]


def test_a_carry_that_places_nothing_does_not_fill_the_memory_with_findings() -> None:
    recipe = "\n".join(["4", "C", *["=dead"] * 50_000])
    evil = with_recipe(there(BASE).value, recipe)
    assert len(jc.mapping.to_sdp(evil, role="initiator", carry=True).losses) <= 101


@pytest.mark.parametrize(("length", "sound"), [("0", False), ("1", True), ("8", True), ("9", False)])
def test_digests_have_one_to_eight_characters(length: str, *, sound: bool) -> None:
    back = jc.mapping.to_sdp(with_recipe(HONEST, "\n".join((length, *RECIPE[1:]))), role="initiator", carry=True)
    broken = ["jingle/carry"] if not sound else []
    assert [loss.path for loss in back.losses if "is not what `to_jingle` makes" in loss.message] == broken


def test_a_section_of_other_media_than_before_has_its_own_lines_only() -> None:
    """What was carried for audio is not said of video, though the content has the same name."""
    first = HONEST.contents[0]
    assert isinstance(first.description, jc.RtpDescription)
    video = attrs.evolve(first, description=attrs.evolve(first.description, media="video"))
    back = jc.mapping.to_sdp(attrs.evolve(HONEST, contents=(video, *HONEST.contents[1:])), role="initiator", carry=True)
    assert [media.kind for media in back.value.media] == ["video", "application"]
    assert any("it was audio" in loss.message for loss in back.losses)
    assert not any("network-id" in text for text in back.value.media[0].texts)

"""The carry is peer input: whatever it is, the description says what the Jingle says and nothing else."""

from __future__ import annotations

import random
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mapping_corpus import recorded
from mapping_lines import counted, kind_of, sections_of
from mapping_support import Role, sdp, there

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.mapping import Mapped
from jinglecodec.mapping import carry as carrying
from jinglecodec.model.own import Carry

FINGERPRINT = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)
EVIL = "a=fingerprint:sha-256 " + ":".join(["66"] * 32)
AUDIO = (
    *("m=audio 9 UDP/TLS/RTP/SAVPF 111 0", "c=IN IP4 0.0.0.0", "a=mid:0"),
    *("a=ice-ufrag:8hhy", "a=ice-pwd:asd88fgpdd777uzjYhagZg", FINGERPRINT, "a=setup:actpass", "a=rtcp-mux"),
    *("a=sendonly", "a=rtpmap:111 opus/48000/2", "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host network-id 1"),
)
DATA = (
    *("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=mid:1"),
    *("a=ice-ufrag:8hhy", "a=ice-pwd:asd88fgpdd777uzjYhagZg", FINGERPRINT, "a=setup:actpass"),
    *("a=sctp-port:5000", "a=max-message-size:262144"),
)
BASE = sdp("a=group:BUNDLE 0 1", "a=msid-semantic:WMS *", *AUDIO, *DATA)

OWNED = {
    *("a=candidate", "a=fingerprint", "a=ice-ufrag", "a=ice-pwd", "a=crypto", "a=setup", "a=mid", "a=sendrecv"),
    *("a=rtcp-mux", "a=sctp-port", "a=group"),
}
"What Jingle says of a section, by the kinds of line that it becomes."


def with_recipe(jingle: jc.Jingle, text: str | bytes) -> jc.Jingle:
    """Return a request that carries a recipe, whatever it carried before."""
    octets = text if isinstance(text, bytes) else carrying._packed(text)
    return with_text(jingle, b64encode(octets).decode())


def with_text(jingle: jc.Jingle, text: str) -> jc.Jingle:
    return attrs.evolve(jingle, extra=attrs.evolve(jingle.extra, children=(Carry(value=text),)))


def recipe_of(jingle: jc.Jingle) -> str:
    """Return what a request carries, unpacked."""
    node = next(node for node in jingle.extra.children if isinstance(node, Carry))
    inflater = zlib.decompressobj(wbits=-15, zdict=carrying._FAMILIAR)
    return inflater.decompress(b64decode(node.value)).decode("utf-8", "surrogateescape")


HONEST = there(BASE, carry=True).value
RECIPE = recipe_of(HONEST).split("\n")
FIRST = next(number for number, step in enumerate(RECIPE) if step.startswith("#"))
"The step where the audio section begins."


def inserted(step: str, *, in_section: bool, at_end: bool = False) -> str:
    """Return the honest recipe with one more step, in the session's part or in the first section."""
    place = FIRST + 1 if in_section else FIRST
    if in_section and at_end:
        place = next(n for n in range(FIRST + 1, len(RECIPE)) if RECIPE[n].startswith("#"))
    return "\n".join((*RECIPE[:place], step, *RECIPE[place:]))


def check(
    jingle: jc.Jingle, role: Role = "initiator", offer: jc.sdp.SessionDescription | None = None
) -> Mapped[jc.sdp.SessionDescription]:
    """Return what a request becomes with what it carries, after making sure that it says what Jingle says."""
    plain = jc.mapping.to_sdp(jingle, role=role, offer=offer)
    made = jc.mapping.to_sdp(jingle, role=role, offer=offer, carry=True)
    assert contents(made, role, offer) == contents(plain, role, offer)
    assert jc.sdp.loads(str(made.value), errors="tolerant") == made.value
    before, after = sections_of(str(plain.value)), sections_of(str(made.value))
    live = [tag for tag, lines in before.items() if tag and lines[0].text.split(" ")[1] != "0"]
    for tag in live:
        assert said(line.text for line in after[tag]) == said(line.text for line in before[tag])
        assert after[tag][0].text.split(" ")[3:] == before[tag][0].text.split(" ")[3:]
        assert "TLS" not in before[tag][0].text or "TLS" in after[tag][0].text
    others = [lines[0].text for tag, lines in after.items() if tag and tag not in live]
    assert not [text for text in others if "RTP/" in text and text.split(" ")[1] != "0"]
    return made


def said(lines: Iterable[str]) -> object:
    """Return what lines say of what Jingle says, as plain text; of a candidate what it is for."""
    owned = [line for line in lines if kind_of(line).split(" ")[0] in OWNED]
    return set(counted(" ".join(line.split(" ")[:8]) if line.startswith("a=candidate") else line for line in owned))


def contents(mapped: Mapped[jc.sdp.SessionDescription], role: Role, offer: jc.sdp.SessionDescription | None) -> object:
    """Return what a description says as Jingle, without what is made up."""
    jingle = jc.mapping.to_jingle(
        mapped.value, action="session-info", sid="s", role=role, offer=offer, names=mapped.names
    ).value
    found = set()
    for one in jingle.contents:
        transport = one.transport
        assert isinstance(transport, jc.IceUdpTransport)
        candidates = tuple(attrs.evolve(candidate, id=None) for candidate in transport.candidates)
        found.add(attrs.evolve(one, transport=attrs.evolve(transport, candidates=candidates)))
    return found, jingle.groups


def dropped(mapped: Mapped[jc.sdp.SessionDescription]) -> list[str]:
    return [loss.message for loss in mapped.losses if loss.code == "carry-dropped"]


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


UNFIT = [
    "a=candidate:1 1 udp 4294967295 192.0.2.66 5000 typ host",
    "a=candidate:1 1 udp 1 192.0.2.66 5000 typ best",
    "a=crypto:1 x",
    "a=ice-ufrag:second",
    "a=ice-pwd:bad",
    "a=setup:active",
    "a=recvonly",
    "a=fingerprint:sha-256 66:66",
    "a=mid:other",
]


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


# --- hand-made recipes -----------------------------------------------------------------------------------------------

LINES = [
    "a=candidate:2 1 udp 1 192.0.2.66 66 typ host",
    "a=candidate:2 1 udp 4294967295 192.0.2.66 66 typ host",
    "a=candidate 2 1 udp 1 192.0.2.66 66 typ host",
    EVIL,
    EVIL.lower(),
    "a=fingerprint:sha-256 66:66",
    "a=ice-ufrag:evil",
    "a=ice-ufrag:ev-il",
    "a=ice-pwd:evilevilevilevilevilevil",
    "a=setup:active",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc",
    "a=mid:7",
    "a=group:BUNDLE 1 0",
    "a=recvonly",
    "a=sendrecv",
    "a=sctp-port:6000",
]
"One of each kind that the mapping owns, well-formed and not."


@pytest.mark.parametrize("in_section", [True, False])
@pytest.mark.parametrize("at_end", [True, False])
@pytest.mark.parametrize("line", LINES)
def test_no_line_can_be_added_that_jingle_does_not_say(line: str, *, at_end: bool, in_section: bool) -> None:
    recipe = inserted("+" + line, in_section=in_section, at_end=at_end)
    assert dropped(check(with_recipe(HONEST, recipe))) or harmless(line, in_section=in_section)


def harmless(line: str, *, in_section: bool) -> bool:
    """Tell whether a line says nothing where it stands: a default that every section has put aside."""
    kinds = {"a=sendrecv", "a=ice-ufrag", "a=ice-pwd", "a=setup", "a=fingerprint", "a=mid"}
    return not in_section and kind_of(line) in kinds


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("kind", "!+=~^-%#*?")
def test_no_other_step_adds_it_either(line: str, kind: str) -> None:
    for in_section in (True, False):
        check(with_recipe(HONEST, inserted(kind + line, in_section=in_section)))


def digest(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"[: int(RECIPE[0])]


@pytest.mark.parametrize("hidden", [text for text in BASE.media[0].texts if not text.startswith(("c=", "m="))])
def test_no_line_can_be_hidden_that_jingle_says(hidden: str) -> None:
    made = check(with_recipe(HONEST, inserted("-" + digest(hidden), in_section=True)))
    assert dropped(made) or hidden.startswith("a=candidate")  # spelled otherwise by the Jingle


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("derived", ["a=ice-options:trickle", "a=rtcp:9 IN IP4 0.0.0.0", "a=sendonly", "a=mid:0"])
def test_no_line_can_be_spelled_as_another(line: str, derived: str) -> None:
    key = digest(carrying._key(derived))
    step = f"~{key} {digest(derived)} {len(derived)} 0 0 {line}"
    check(with_recipe(HONEST, inserted(step, in_section=True)))


def test_a_line_that_has_changed_since_is_not_spelled_as_it_was() -> None:
    """Only where both say the same is there an odd spelling to give back."""
    desc = jc.sdp.loads(str(BASE).replace("/48000/2", "/48000/2\r\na=fmtp:111 minptime=10; useinbandfec=1"))
    jingle = there(desc, carry=True).value
    assert "a=fmtp:111 minptime=10; useinbandfec=1" in check(jingle).value.media[0].texts

    audio, data = jingle.contents
    assert isinstance(audio.description, jc.RtpDescription)
    opus, *others = audio.description.payload_types
    slower = attrs.evolve(opus, parameters=(attrs.evolve(opus.parameters[0], value="200"), *opus.parameters[1:]))
    description = attrs.evolve(audio.description, payload_types=(slower, *others))
    changed = attrs.evolve(jingle, contents=(attrs.evolve(audio, description=description), data))
    assert "a=fmtp:111 minptime=200;useinbandfec=1" in check(changed).value.media[0].texts


@pytest.mark.parametrize(
    "head",
    [
        "m=audio 9 RTP/AVP",
        "m=audio 9 RTP/AVPF",
        "m=audio 0 UDP/TLS/RTP/SAVPF",
        "m=video 9 UDP/TLS/RTP/SAVPF",
        "m=audio 9 UDP/TLS/RTP/SAVPF 66",
        "m=audio 9 TCP/MSRP",
        "m=audio 9",
        "m=audio",
    ],
)
def test_the_media_line_cannot_be_weakened(head: str) -> None:
    made = check(with_recipe(HONEST, inserted("!" + head, in_section=True)))
    assert dropped(made)
    assert made.value.media[0].texts[0] == "m=audio 5000 UDP/TLS/RTP/SAVPF 111 0"  # that of the candidate


@pytest.mark.parametrize("protocol", ["UDP/TLS/RTP/SAVPF", "udp/tls/rtp/savpf", "RTP/AVP"])
def test_no_section_can_be_added_that_jingle_does_not_say(protocol: str) -> None:
    section = ("#", *("+" + text.replace("UDP/TLS/RTP/SAVPF", protocol) for text in AUDIO))
    made = check(with_recipe(HONEST, "\n".join((*RECIPE, *section)).replace("a=mid:0", "a=mid:7")))
    assert dropped(made)
    assert len(made.value.media) == 2


def test_no_section_can_be_added_to_a_request_that_has_none() -> None:
    section = ("#", *("+" + text for text in AUDIO))
    made = check(with_recipe(attrs.evolve(HONEST, contents=(), groups=()), "\n".join((*RECIPE[:FIRST], *section))))
    assert dropped(made)
    assert made.value.media == ()


def test_a_rejected_section_may_be_carried_for_it_says_nothing() -> None:
    made = check(with_recipe(HONEST, "\n".join((*RECIPE, "#", "+m=audio 0 RTP/AVP 0", "+c=IN IP4 0.0.0.0"))))
    assert [media.port for media in made.value.media] == [9, 9, 0]
    assert dropped(made) == []


def test_an_answer_keeps_as_many_sections_as_its_offer_in_order() -> None:
    """RFC 3264 6."""
    answer = jc.sdp.loads(str(BASE).replace("actpass", "active"))
    jingle = there(answer, "responder", offer=BASE, carry=True).value
    steps = recipe_of(jingle).split("\n")
    first, second = (number for number, step in enumerate(steps) if step.startswith("#"))
    swapped = [*steps[:first], *steps[second:], *steps[first:second]]
    for recipe in (swapped, [*steps, "#", "+m=audio 0 RTP/AVP 0"], steps[:second]):
        made = check(with_recipe(jingle, "\n".join(recipe)), "responder", BASE)
        assert [media.kind for media in made.value.media] == ["audio", "application"]
    assert check(jingle, "responder", BASE).value == answer


def test_an_answer_that_rejects_all_keeps_as_many_sections_as_its_offer() -> None:
    """RFC 3264 6."""
    jingle = there(sdp(), "responder", offer=BASE, carry=True).value
    made = check(jingle, "responder", BASE)
    assert [media.port for media in made.value.media] == [0, 0]
    assert dropped(made)


def test_a_section_dropped_from_the_recipe_is_there_all_the_same() -> None:
    made = check(with_recipe(HONEST, "\n".join(RECIPE[: FIRST + 1])))
    assert [media.mid for media in made.value.media] == ["0", "1"]


@pytest.mark.parametrize("text", ["\r", "\0", "\r\r", "\x0b", "\x85", "\u2028", "x\r\rm=audio 9 RTP/AVP 0"])
@pytest.mark.parametrize("step", ["+a=x:{}a=ice-lite", "!s={}", "!o={}", "+{}", "#{}", "~{}", "!m={}"])
def test_no_text_of_a_recipe_breaks_a_line(step: str, text: str) -> None:
    for in_section in (True, False):
        made = check(with_recipe(HONEST, inserted(step.format(text), in_section=in_section)))
        assert all("\r" not in one and "\0" not in one and "\n" not in one for one in lines(made.value))
        assert "a=ice-lite" not in lines(made.value)


def lines(desc: jc.sdp.SessionDescription) -> list[str]:
    return [text for section in desc.sections for text in section.texts]


GARBAGE = [
    "",
    "\n",
    "4",
    "4\n",
    "4\n-",
    "4\nC-C",
    "4\nx",
    "0\nC",
    "9\nC",
    "x\nC",
    "4\nC\n#",
    "4\nC\n#0",
    "4\nC\n#0 0 audio",
    "4\nC\n#" + "9" * 5000 + " 0 audio",
    "4\nC\n#\u0664 0 audio",
    "4\nC\n#\u00b2 0 audio",
    "4\nC\n" + "\n".join("#0 00000000 audio" for _ in range(2000)),
    "4\nC\n" + "\n".join("+m=audio 0 RTP/AVP 0" for _ in range(3000)),
    "4\nC\n" + "\n".join(["#", "+m=audio 0 RTP/AVP 0"] * 3000),
    "4\nC\n~ 1 2 3 4",
    "4\nC\n~0000 0000 9999999 0 0 x",
    "4\nC\n~0000 0000 \u0663 0 0 x",
    "4\nC\n%sha-256",
    "4\nC\n%sha-256 !!!",
    "4\nC\n%sha-256 AAAA",
    "1\nC\n" + "\n".join(f"-{n:x}" for n in range(16)),
]


@pytest.mark.parametrize("recipe", GARBAGE, ids=range(len(GARBAGE)))
def test_a_broken_recipe_is_told_and_harmless(recipe: str) -> None:
    check(with_recipe(HONEST, recipe))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "====",
        "AAAA",
        "\u00e9\u00e9\u00e9\u00e9",
        "not base64!",
        b64encode(b"\xff" * 100).decode(),
        b64encode(zlib.compress(b"4\nC")).decode(),
        b64encode(carrying._packed("4\nC\n" + "+a=x:" + "0" * (2 << 20))).decode(),
        b64encode(carrying._packed("\n".join(RECIPE))[:-4]).decode(),
        b64encode(carrying._packed("\n".join(RECIPE)))[:-5].decode(),
        b64encode(carrying._packed("\n".join(RECIPE))[4:]).decode(),
    ],
)
def test_a_carry_that_does_not_unpack_is_told_and_left(text: str) -> None:
    made = check(with_text(HONEST, text))
    assert len(dropped(made)) == 1
    assert made.value == jc.mapping.to_sdp(HONEST, role="initiator").value


def test_white_space_in_the_text_means_nothing() -> None:
    """Another writer may have indented it."""
    text = b64encode(carrying._packed("\n".join(RECIPE))).decode()
    assert check(with_text(HONEST, f"\n   {text[:20]}\n\t{text[20:]} ")).value == BASE


def test_of_two_carries_the_first_counts() -> None:
    node = next(node for node in HONEST.extra.children if isinstance(node, Carry))
    twice = attrs.evolve(HONEST, extra=attrs.evolve(HONEST.extra, children=(node, Carry(value="x"))))
    assert check(twice).value == BASE


def test_a_carry_in_a_content_is_none() -> None:
    text = jc.dumps(there(BASE).value).decode()
    inside = text.replace("<description", f"<carry xmlns='{ns.CARRY}'>AAAA</carry><description", 1)
    assert dropped(check(jc.loads(inside, expect=jc.Jingle))) == []


DIGESTS = st.sampled_from([digest(text) for text in BASE.media[0].texts + BASE.media[1].texts]) | st.sampled_from(
    [digest(carrying._key(text)) for text in BASE.media[0].texts]
)
TEXTS = (
    st.sampled_from([*LINES, *UNFIT, *BASE.media[0].texts, *BASE.texts, "m=audio 0 RTP/AVP 0", "a=x", ""]) | st.text()
)
STEPS = st.one_of(
    st.sampled_from(RECIPE[2:]),
    st.builds("{}{}".format, st.sampled_from("=~!+-^#%?"), TEXTS),
    st.builds("{}{}".format, st.sampled_from("=-^"), DIGESTS),
    st.builds("~{} {} {} {} {} {}".format, DIGESTS, DIGESTS, *(st.integers(0, 99),) * 3, TEXTS),
    st.builds(
        "#{} {} audio".format,
        st.integers(0, 3),
        st.sampled_from([step.split(" ")[1] for step in RECIPE if step[:1] == "#"]),
    ),
)


@given(st.sampled_from("14568"), st.sampled_from(["C", "l", "Cl", "C" * 40, "-"]), st.lists(STEPS, max_size=30))
@example("4", "C", ["#0 00000000 audio", "+a=ice-ufrag:evil"])
def test_no_recipe_says_anything(length: str, ends: str, steps: list[str]) -> None:
    check(with_recipe(HONEST, "\n".join((length, ends, *steps))))


@given(st.lists(st.tuples(st.integers(0, len(RECIPE)), STEPS), min_size=1, max_size=4))
def test_no_change_of_a_recipe_says_anything(changes: list[tuple[int, str]]) -> None:
    steps = list(RECIPE)
    for place, step in changes:
        steps.insert(max(2, place), step)
    check(with_recipe(HONEST, "\n".join(steps)))


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

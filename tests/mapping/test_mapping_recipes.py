"""Recipes made by hand: no step of a carry says anything that Jingle does not say."""

from __future__ import annotations

import zlib
from base64 import b64encode

import attrs
import pytest
from carry_support import (
    AUDIO,
    BASE,
    EVIL,
    FIRST,
    HONEST,
    RECIPE,
    UNFIT,
    check,
    dropped,
    inserted,
    recipe_of,
    with_recipe,
    with_text,
)
from hypothesis import example, given
from hypothesis import strategies as st
from mapping_lines import kind_of
from mapping_support import sdp, there

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.mapping import carry as carrying
from jinglecodec.model.own import Carry

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

"""The laws of the mapping over what browsers wrote: SDP -> Jingle -> SDP, with the carry and without."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

import attrs
import pytest
from mapping_corpus import Recorded, recorded, sampled, sip_files
from mapping_lines import counted, is_rejected, kind_of, lines_of, meaning, sections_of, without_parameter

import jinglecodec as jc
from jinglecodec.mapping import Loss
from jinglecodec.model.own import Carry

pytestmark = [pytest.mark.corpus, pytest.mark.usefixtures("corpus")]

# Which kinds of line may be lost at all, and the clause that has no room for them. Read in the documents.
LOSABLE = {
    "o=": "XEP-0166 7.1",
    "m=": "XEP-0166 7.3",  # port; the profile follows from what the content has
    "c=": "XEP-0176 5.3",
    "a=rtcp": "XEP-0176 5.3",
    "a=candidate": "XEP-0176 5.3",  # network-id, network-cost, ufrag
    "a=end-of-candidates": "XEP-0176 5.3",
    "a=ice-options": "XEP-0176 5.1",
    "a=msid": "XEP-0339 2.1",
    "a=msid-semantic": "XEP-0339 2.1",
    "a=rid": "XEP-0339 2.1",
    "a=simulcast": "XEP-0339 2.2",
    "a=rtcp-rsize": "XEP-0167 6",
    "a=rtcp-xr": "XEP-0293 3",
    "a=rtcp-fb": "XEP-0293 3",  # Firefox has it for payload types that are not in the m= line
    "a=max-message-size": "XEP-0343 4.2",
    "a=bundle-only": "XEP-0338 2",
}
REJECTED = "XEP-0166 7.3"
"For every line of a section without content."

# What stands in the result and not in the description: the identity of the session, and what JSEP prescribes.
DERIVED = {
    "o=": "RFC 8829 5.2.1",
    "m=": "RFC 8839 4.2.1.2: the port of the default candidate",
    "c=": "RFC 8839 4.2.1.2",
    "a=rtcp": "RFC 8829 5.2.1",
    "a=ice-options": "RFC 8829 5.2.1: trickle",
}


# --- with the carry --------------------------------------------------------------------------------------------------


def carried_text(jingle: jc.Jingle) -> str:
    return next(node.value for node in jingle.extra.children if isinstance(node, Carry))


def through_another_parser(jingle: jc.Jingle) -> jc.Jingle:
    """Return the request as it comes after a foreign XML library has read and written it."""
    return jc.loads(ET.tostring(ET.fromstring(jc.dumps(jingle))), expect=jc.Jingle)  # noqa: S314 - our own


@sampled(every=8)
def test_with_the_carry_every_octet_comes_back(one: Recorded) -> None:
    mapped = one.to_jingle(carry=True)
    back = jc.mapping.to_sdp(through_another_parser(mapped.value), role=one.role, offer=one.offer, carry=True)
    assert jc.sdp.dumps(back.value) == one.text
    assert back.losses == ()
    assert len(carried_text(mapped.value)) <= len(one.text) / 2


@pytest.mark.parametrize("mode", ["strict", "tolerant"])
def test_with_the_carry_all_other_descriptions_come_back_too(mode: str) -> None:
    """But for what may be in no carry, and is told beforehand.

    Keys, candidates and groups that break their grammar, a profile without security beside fingerprints, and keys at
    session level that no section has.
    """
    seen = 0
    for path in sip_files():
        data = path.read_bytes()
        try:
            desc = jc.sdp.loads(data, errors=mode)  # type: ignore[arg-type]
            mapped = jc.mapping.to_jingle(desc, action="session-initiate", sid="s1", role="initiator", carry=True)
        except (jc.SdpError, jc.MappingError):
            continue
        seen += 1
        back = jc.mapping.to_sdp(through_another_parser(mapped.value), role="initiator", carry=True)
        missing = Counter(data.splitlines()) - Counter(str(back.value).encode("utf-8", "surrogateescape").splitlines())
        told = Counter(loss.lines[0].encode("utf-8", "surrogateescape") for loss in uncarried(mapped.losses))
        assert missing == told, path.name
        kinds = {kind_of(line.decode("utf-8", "surrogateescape")) for line in told}
        assert kinds <= {"a=candidate", "a=crypto", "a=group", "m=", "a=fingerprint", "a=ice-pwd", "a=ice-ufrag"}
        assert told or str(back.value).encode("utf-8", "surrogateescape") == data, path.name
        assert back.losses == (), path.name
    assert seen > 500


def uncarried(losses: Iterable[Loss]) -> list[Loss]:
    return [loss for loss in losses if loss.severity is jc.Severity.WARNING]


@sampled(every=40)
@pytest.mark.parametrize("which", [0, -1])
def test_edits_of_the_jingle_show_in_place_and_nowhere_else(one: Recorded, which: int) -> None:
    jingle = one.to_jingle(carry=True).value
    if not jingle.contents:
        return  # all is rejected
    edited, expected = edit(jingle, one.text, which)
    back = jc.mapping.to_sdp(through_another_parser(edited), role=one.role, carry=True)
    assert lines_of(str(back.value)) == lines_of(expected)


def edit(jingle: jc.Jingle, text: str, which: int) -> tuple[jc.Jingle, str]:
    """Drop a candidate and a payload type and rename a content; return it with the text that then is right."""
    content = jingle.contents[which]
    transport, description = content.transport, content.description
    assert isinstance(transport, jc.IceUdpTransport)
    lines = text.split("\r\n")
    head = lines.index(f"a=mid:{content.name}")
    start = max(number for number, line in enumerate(lines[:head]) if line.startswith("m="))
    stop = next((n for n, line in enumerate(lines) if n > start and line.startswith("m=")), len(lines))
    section = lines[start:stop]
    if transport.candidates:
        gone = transport.candidates[which]
        candidates = [number for number, line in enumerate(section) if line.startswith("a=candidate:")]
        del section[candidates[which]]
        kept = tuple(one for one in transport.candidates if one is not gone)
        transport = attrs.evolve(transport, candidates=kept)
    if isinstance(description, jc.RtpDescription) and len(description.payload_types) > 1:
        number = description.payload_types[which].id
        kept_types = tuple(one for one in description.payload_types if one.id != number)
        description = attrs.evolve(description, payload_types=kept_types)
        section = [line for line in section if not line.startswith(about_payload_type(number))]
        section[0] = " ".join(word for n, word in enumerate(section[0].split(" ")) if n < 3 or word != str(number))
    section = ["a=mid:renamed" if line == f"a=mid:{content.name}" else line for line in section]
    session = [
        renamed(line, content.name) for line in lines[: lines.index(next(line for line in lines if line[:2] == "m="))]
    ]
    contents = list(jingle.contents)
    contents[which] = attrs.evolve(content, name="renamed", transport=transport, description=description)
    groups = tuple(
        attrs.evolve(
            group,
            contents=tuple(
                jc.GroupContent(name="renamed") if one.name == content.name else one for one in group.contents
            ),
        )
        for group in jingle.groups
    )
    edited = attrs.evolve(jingle, contents=tuple(contents), groups=groups)
    return edited, "\r\n".join([*session, *lines[len(session) : start], *section, *lines[stop:]])


def about_payload_type(number: int) -> tuple[str, ...]:
    return tuple(f"a={name}:{number} " for name in ("rtpmap", "fmtp", "rtcp-fb"))


def renamed(line: str, mid: str) -> str:
    if not line.startswith("a=group:"):
        return line
    return " ".join("renamed" if n and word == mid else word for n, word in enumerate(line.split(" ")))


# --- without the carry -----------------------------------------------------------------------------------------------


@sampled(every=8)
def test_what_is_gone_is_exactly_what_was_lost_and_what_is_new_is_derived(one: Recorded) -> None:
    mapped = one.to_jingle()
    back = jc.mapping.to_sdp(jc.loads(jc.dumps(mapped.value), expect=jc.Jingle), role=one.role, offer=one.offer)
    before, after = sections_of(one.text), sections_of(str(back.value))
    assert after.keys() <= before.keys()
    for tag, lines in before.items():
        expected = counted(text for line in lines if (text := rest_of(line.number, line.text, mapped.losses)))
        there = counted(line.text for line in after.get(tag, ()))
        assert expected <= there, tag
        for said in there - expected:
            assert kind_of_meaning(said) in DERIVED, said


def rest_of(number: int, text: str, losses: Iterable[Loss]) -> str:
    """Return what of a line is not lost."""
    whole = text
    for loss in losses:
        if loss.line == number:
            assert loss.lines == (whole,)
            if loss.code == "lost-line":
                return ""
            text = without_parameter(text, loss.message.removesuffix(f" of {loss.lines[0]} has no form in Jingle"))
    return text


def kind_of_meaning(said: object) -> str:
    return str(said[0]) if isinstance(said, tuple) else kind_of(str(said))


@sampled(every=8)
def test_only_known_kinds_of_line_are_lost_each_with_its_clause(one: Recorded) -> None:
    absent = rejected_lines(one.text)
    for loss in one.to_jingle().losses:
        assert loss.line is not None
        kind = kind_of(loss.lines[0])
        clause = REJECTED if loss.line in absent else LOSABLE.get(kind, "none")
        assert loss.clause.startswith(clause), loss
        assert loss.code == ("lost-parameter" if kind == "a=candidate" and loss.line not in absent else "lost-line")


def rejected_lines(text: str) -> set[int]:
    """Return the lines of sections without content; if none has one, those of the session that hold for sections."""
    parts: list[list[int]] = [[]]
    texts = {line.number: line.text for line in lines_of(text)}
    for number, line in texts.items():
        if line.startswith("m="):
            parts.append([])
        parts[-1].append(number)
    rejected = [part for part in parts[1:] if is_rejected(texts[number] for number in part)]
    found = {number for part in rejected for number in part}
    if len(rejected) == len(parts) - 1:
        held = {"a=fingerprint", "a=ice-options", "a=extmap-allow-mixed", "a=ice-ufrag", "a=ice-pwd", "a=setup"}
        found |= {number for number in parts[0] if kind_of(texts[number]) in held}
    return found


def test_an_offer_of_chromium_for_audio_video_and_data_loses_eight_lines_at_most() -> None:
    offers = [one for one in recorded() if one.name.startswith("chromium/") and "avdata.offer" in one.name]
    for one in offers:
        losses = one.to_jingle().losses
        parameters = {loss.message.split(" ")[0] for loss in losses if loss.code == "lost-parameter"}
        assert len([loss for loss in losses if loss.code == "lost-line"]) + len(parameters) <= 8, one.name
    assert len(offers) >= 3


# RFC 8866 9 has them always; `a=bundle-only` says what port 0 means, so that without it other lines say less.
_NOT_TO_BE_DELETED = ("o=", "s=", "t=", "m=", "c=", "a=bundle-only", "a=mid")


@sampled(every=40)
def test_each_loss_is_true_alone(one: Recorded) -> None:
    losses = one.to_jingle().losses
    all_of_them = Counter(map(identity, losses))
    for loss in losses:
        if kind_of(loss.lines[0]) in _NOT_TO_BE_DELETED:
            continue
        rest = without(one.text, loss)
        desc = jc.sdp.loads(rest, errors="tolerant")
        left = jc.mapping.to_jingle(desc, action=one.action, sid="s1", role=one.role, offer=one.offer).losses
        expected = all_of_them - Counter([identity(loss)])
        assert Counter(map(identity, left)) == expected or loss.code == "lost-parameter"
        assert len(left) == len(losses) - 1


def identity(loss: Loss) -> tuple[str, object, str]:
    return loss.code, meaning(loss.lines[0]), loss.message if loss.code == "lost-parameter" else ""


def without(text: str, loss: Loss) -> str:
    """Return the description without what was lost."""
    assert loss.line is not None
    lines = text.split("\r\n")
    if loss.code == "lost-parameter":
        parameter = loss.message.removesuffix(f" of {loss.lines[0]} has no form in Jingle")
        lines[loss.line - 1] = without_parameter(loss.lines[0], parameter)
    else:
        del lines[loss.line - 1]
    return "\r\n".join(lines)


@pytest.mark.long
@pytest.mark.parametrize(
    "law",
    [
        test_with_the_carry_every_octet_comes_back,
        test_what_is_gone_is_exactly_what_was_lost_and_what_is_new_is_derived,
        test_only_known_kinds_of_line_are_lost_each_with_its_clause,
        test_each_loss_is_true_alone,
        partial(test_edits_of_the_jingle_show_in_place_and_nowhere_else, which=0),
        partial(test_edits_of_the_jingle_show_in_place_and_nowhere_else, which=-1),
    ],
)
def test_the_laws_hold_for_every_recorded_description(law: Callable[[Recorded], None]) -> None:
    for one in recorded():
        law(one)

"""The laws of this library as tests: for element classes, for machines, and for whatever a peer may send.

    test_codec = codec_laws(Game)
    test_machine = machine_laws(make_machine, st.sampled_from([Start(), TimerFired()]))

Both are Hypothesis tests, so that `settings(max_examples=1000)(codec_laws(Game))` looks harder. The checks are what
they and `python -m jinglecodec.strategies` call for each input; all raise LawBrokenError, an AssertionError.
The checks of machines one by one are in `jinglecodec.testing.laws`, which needs no Hypothesis.
"""

from __future__ import annotations

import copy
import hashlib
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Literal, TypeVar

from hypothesis import given
from hypothesis import strategies as st

from jinglecodec import mapping, sdp, stun
from jinglecodec.errors import DecodeError, EncodeError, MappingError, SdpError, StunError
from jinglecodec.findings import Finding, Severity
from jinglecodec.machine import TimerFired
from jinglecodec.mapping.session import Role
from jinglecodec.model.jingle import Action, Jingle
from jinglecodec.model.validation import validate
from jinglecodec.strategies.elements import from_class
from jinglecodec.stun import credentials, turn
from jinglecodec.testing.laws import (
    Factory,
    LawBrokenError,
    Script,
    check_all,
    check_clock,
    check_contents,
    check_copies,
    check_deadlines,
    check_determinism,
    check_jumps,
)
from jinglecodec.xml.codec import Codec, dumps
from jinglecodec.xml.fields import Element
from jinglecodec.xml.xsd import Profile

__all__ = [
    "MACHINE_RULES",
    "check_answer",
    "check_change",
    "check_datagram",
    "check_description",
    "check_element",
    "check_machine",
    "check_misfit",
    "check_offer",
    "check_peer",
    "check_report",
    "check_request",
    "check_stanza",
    "codec_laws",
    "machine_laws",
    "scripts",
]

C = TypeVar("C", bound=Element)
Test = Callable[[], None]
"A Hypothesis test: call it, or give it a name that pytest collects."


def _require(held: object, law: str, *shown: object) -> None:
    if not held:
        raise LawBrokenError(f"{law}: {', '.join(map(repr, shown))}")


# --- elements --------------------------------------------------------------------------------------------------------


def codec_laws(cls: type[C], *, codec: Codec | None = None) -> Test:
    """Return the test that values of an element class survive writing and reading, and that damage gives our errors.

    `codec` knows the class, and what may stand in it; None: the default one extended by the class.
    """
    from jinglecodec.strategies.hostile import mutated_elements  # noqa: PLC0415 - loads all element classes

    known = Codec.default().extend(cls) if codec is None else codec

    @given(st.data())
    def law(data: st.DataObject) -> None:
        value = data.draw(from_class(cls, codec=known))
        check_element(value, codec=known)
        check_stanza(data.draw(mutated_elements(value)), codec=known)

    return law


def check_element(value: Element, *, codec: Codec | None = None) -> None:
    """Check that a value is read as it was written, in bytes and as a tree, also when a server wrote it again."""
    known = Codec.default() if codec is None else codec
    cls = type(value)
    written = known.dumps(value)
    readings = {
        "from bytes": known.loads(written, expect=cls),
        "from a tree of lxml": known.from_element(known.to_element(value), expect=cls),
        "from a tree of xml.etree": known.from_element(known.to_element(value, factory=ET.Element), expect=cls),
        "by copying": copy.deepcopy(value),
    }
    if b"&#13;" not in written:  # xml.etree writes a bare CR in text, which every parser reads as LF
        again = ET.tostring(ET.fromstring(written), encoding="unicode")  # noqa: S314 - our own
        readings["from what another parser wrote"] = known.loads(again, expect=cls)
    for way, read in readings.items():
        _require(read == value and hash(read) == hash(value), f"what comes back {way} is equal", value, read)


def check_stanza(data: bytes, *, codec: Codec | None = None) -> None:
    """Check that octets are read or refused with findings, alike by the strict reader and by the one that keeps."""
    known = Codec.default() if codec is None else codec
    try:
        kept = known.read(data, errors="keep")
    except DecodeError as error:
        _require(error.findings, "a refusal has findings", data)
        return
    again = known.loads(known.dumps(kept.value), errors="keep")
    _require(again == kept.value, "what was kept comes back", kept.value, again)
    try:
        value = known.loads(data)
    except DecodeError as error:
        known_root = isinstance(kept.value, Element)
        _require(_errors(kept.findings) or not known_root, "only what has an ERROR is refused", data, error)
    else:
        _require(value == kept.value and not _errors(kept.findings), "both readers agree", value, kept)


def check_report(value: Element) -> None:
    """Check that any value has a report by the schemas of each profile, the same as its text."""
    profiles: tuple[Profile, ...] = ("deployed", "published")
    for profile in profiles:
        typed, written = (validate(source, profile=profile) for source in (value, dumps(value)))
        _require(typed.ok is written.ok, "a value and its text are judged alike", value, typed, written)


def check_peer(data: bytes) -> None:
    """Check that a stanza with the known quirks of a peer is understood, whole."""
    read = Codec.default().read(data)
    _require(isinstance(read.value, Jingle), "the stanza is understood", read)


def _errors(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is Severity.ERROR]


# --- SDP -------------------------------------------------------------------------------------------------------------


def check_description(text: str | bytes) -> None:
    """Check that a text is read as it stands or refused at a place in it, and strictly read only as tolerantly."""
    decoded = text if isinstance(text, str) else text.decode("utf-8", "surrogateescape")
    strict, tolerant = _read(text, decoded, "strict"), _read(text, decoded, "tolerant")
    if strict is not None:
        _require(strict == tolerant, "what is strictly read is tolerantly read alike", decoded)
    if tolerant is not None:
        with suppress(MappingError):
            there = mapping.to_jingle(tolerant, action=Action.SESSION_INITIATE, sid="a", role="initiator")
            check_request(there.value)


def _read(text: str | bytes, decoded: str, errors: Literal["strict", "tolerant"]) -> sdp.SessionDescription | None:
    """Return the description, which writes itself as it was read; None where it is refused."""
    lines = decoded.split("\n")
    try:
        description = sdp.loads(text, errors=errors)
    except SdpError as error:
        inside = 1 <= error.line <= len(lines) and 1 <= error.column <= max(1, len(lines[error.line - 1]))
        _require(inside, "a refusal names a place in the text", decoded, error)
        return None
    _require(sdp.dumps(description) == decoded, "what is read is written as it was", decoded)
    places = [finding.line or 0 for finding in description.findings]
    _require(all(1 <= place <= len(lines) for place in places), "findings name lines", decoded, places)
    return description


# --- mapping ---------------------------------------------------------------------------------------------------------


def check_offer(desc: sdp.SessionDescription, *, role: Role = "initiator") -> None:
    """Check that SDP -> Jingle -> SDP gives every line back that no loss tells of, and with the carry every octet."""
    for carry in (False, True):
        try:
            there = mapping.to_jingle(desc, action=Action.SESSION_INITIATE, sid="a", role=role, carry=carry)
        except MappingError:
            return
        check_element(there.value)
        back = mapping.to_sdp(there.value, role=role, names=there.names, carry=carry)
        if carry and not any(loss.severity is Severity.WARNING for loss in there.losses):
            _require(sdp.dumps(back.value) == sdp.dumps(desc), "the carry gives every octet back", desc, back)
        again = mapping.to_jingle(
            back.value, action=Action.SESSION_INITIATE, sid="a", role=role, names=there.names, carry=carry
        )
        twice = mapping.to_sdp(again.value, role=role, names=again.names, carry=carry)
        _require(sdp.dumps(twice.value) == sdp.dumps(back.value), "what came back once stays", desc, back, twice)
        lines = sdp.dumps(desc).replace("\r\n", "\n").split("\n")
        told = [loss for loss in there.losses if loss.lines != (lines[(loss.line or 0) - 1],)]
        _require(not told, "a loss shows its line", told, desc)


def check_answer(pair: tuple[sdp.SessionDescription, sdp.SessionDescription]) -> None:
    """Check that a legal answer breaks no rule of answers, and maps beside its offer."""
    offer, answer = pair
    broken = [finding for finding in mapping.check_answer(offer, answer) if finding.severity is Severity.ERROR]
    _require(not broken, "no rule is broken", broken, offer, answer)
    there = mapping.to_jingle(answer, action=Action.SESSION_ACCEPT, sid="a", role="responder", offer=offer)
    back = mapping.to_sdp(there.value, role="responder", offer=offer, names=there.names)
    _require(len(back.value.media) == len(offer.media), "an answer has a section for each", offer, answer, back)


def check_misfit(pair: tuple[sdp.SessionDescription, sdp.SessionDescription]) -> None:
    """Check that whatever is sent as an answer is judged, and maps beside its offer or not at all."""
    offer, answer = pair
    places = range(1, len(sdp.dumps(answer).split("\n")) + 1)
    for finding in mapping.check_answer(offer, answer):
        _require(finding.clause and finding.line in (None, *places), "a finding has a clause and a place", finding)
    for carry in (False, True):
        with suppress(MappingError):
            there = mapping.to_jingle(
                answer, action=Action.SESSION_ACCEPT, sid="a", role="responder", offer=offer, carry=carry
            )
            check_element(there.value)
            back = mapping.to_sdp(there.value, role="responder", offer=offer, names=there.names, carry=carry)
            read = sdp.loads(sdp.dumps(back.value), errors="tolerant")
            _require(read == back.value, "what is mapped can be read", offer, answer, back)
            _require(len(read.media) >= len(offer.media), "each section of the offer is answered", offer, answer, back)


def check_request(jingle: Jingle) -> None:
    """Check that any request is mapped to a description that can be written and read, by all without a carry."""
    readers: tuple[Literal["strict", "tolerant"], ...] = ("strict", "tolerant")
    for errors in readers:
        back = mapping.to_sdp(jingle, role="initiator", carry=errors == "tolerant")
        read = sdp.loads(sdp.dumps(back.value), errors=errors)
        _require(read == back.value, "what is mapped can be read", jingle, back)


def check_change(pair: tuple[sdp.SessionDescription, sdp.SessionDescription]) -> None:
    """Check that nothing changes nothing, and that the requests between two descriptions apply to the first."""
    old, new = pair
    still = mapping.changes(old, old, role="initiator", names=None, sid="a")
    _require(not still.value, "no difference is no request", old, still.value)
    mapped = mapping.changes(old, new, role="initiator", names=still.names, sid="a")
    for jingle in mapped.value:
        check_element(jingle)
    back = mapping.apply(old, mapped.value, role="initiator", names=mapped.names)
    read = sdp.loads(sdp.dumps(back.value), errors="tolerant")
    _require(read == back.value, "what is applied can be read", old, new, back)


# --- STUN ------------------------------------------------------------------------------------------------------------


def _foreign_key(message: stun.Message) -> bytes:
    """Return a key that did not seal the message: it follows from what was sealed. Hypothesis draws constants, too."""
    data = b"" if message.received is None else message.received.data
    return hashlib.sha256(data).digest()


def check_datagram(data: bytes) -> None:
    """Check that octets are read or refused by everything that reads from a socket, and verify with no foreign key."""
    stun.classify(data)
    for framing in turn.Framing:
        deframer = turn.Deframer(framing)
        deframer.feed(data)
        _require(deframer.feed(b"") == (), "nothing comes of nothing", data)
    with suppress(StunError):
        turn.decode_channel_data(data)
    with suppress(StunError):
        _check_message(stun.decode(data))


def _check_message(message: stun.Message) -> None:
    """Ask a decoded message for everything it could be asked for."""
    _require(not message.verify(_foreign_key(message), sha256_size=16), "no other key verifies", message)
    message.verify_fingerprint()
    message.unknown_required()
    repr(message)
    for row in stun.ATTRIBUTES.values():
        for reader in (message.get, message.get_all, message.__getitem__):
            with suppress(StunError):
                reader(row)
    for reader_of_message in (credentials.Challenge.of, credentials.is_bid_down, _agreed):
        with suppress(StunError):
            reader_of_message(message)
    with suppress(EncodeError):  # of a message that leaves no room for integrity
        again = stun.decode(message.encode(_foreign_key(message)))
        _require(again == message, "what is encoded again is the same message", message, again)


def _agreed(message: stun.Message) -> object:
    return credentials.agreed_algorithm(message, (credentials.SHA_256, credentials.MD5))


# --- machines --------------------------------------------------------------------------------------------------------


def machine_laws(
    factory: Factory, events: st.SearchStrategy[object], *, most: int = 20, misuse: Sequence[object] = ()
) -> Test:
    """Return the test that machines of `factory` keep the rules of all machines (`jinglecodec.machine`).

    They take scripts of `events`, which `jinglecodec.TimerFired` may be among. `most` outputs may come in the second
    after a jump of the clock; each event of `misuse` must be a LocalError.
    """

    @given(scripts(st.lists(events, min_size=1, max_size=12)))
    def law(script: Script) -> None:
        check_all(factory, script, most=most, misuse=misuse, hash_seeds=())

    return law


def check_machine(factory: Factory, trial: tuple[str, Script]) -> None:
    """Check one of `MACHINE_RULES` along a script; nothing but LocalError may be raised on the way."""
    rule, script = trial
    MACHINE_RULES[rule](factory, script)


_LOOKS = 10
"Machines are copied several times for each."

MACHINE_RULES: Mapping[str, Callable[[Factory, Script], None]] = {
    "determinism": partial(check_determinism, hash_seeds=()),
    "copies": partial(check_copies, looks=_LOOKS),
    "contents": partial(check_contents, looks=_LOOKS),
    "deadlines": partial(check_deadlines, looks=_LOOKS),
    # No machine here comes near to so many outputs, unless it makes up for lost time.
    "jumps": partial(check_jumps, most=200, looks=_LOOKS),
    "clock": partial(check_clock, looks=_LOOKS),
}
"Those that need a script and nothing else. To check all of them copies a machine dozens of times."


_DELAYS = (0.0, 0.0, 0.02, 0.05, 0.5, 1.0, 5.0, 40.0, 700.0, -1.0)
"Seconds. Time may stand still, jump, and go backwards."


@st.composite
def scripts(
    draw: st.DrawFn,
    events: st.SearchStrategy[Sequence[object]],
    beginnings: st.SearchStrategy[Script] | None = None,
) -> Script:
    """Return sequences of events with times, behind a beginning, or behind an event that only sets the clock."""
    script: list[tuple[object, float]] = [(TimerFired(), 1000.0)] if beginnings is None else list(draw(beginnings))
    now = script[-1][1]
    for event in draw(events):
        now += draw(st.sampled_from(_DELAYS))
        script.append((event, now))
    return script

"""Recordings: what they hold, their bytes, and the first difference."""

from __future__ import annotations

import enum
import struct
from contextlib import suppress

import attrs
import pytest
import toy_machines as toys
from hypothesis import example, given
from hypothesis import strategies as st

from jinglecodec import machine as shared
from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError
from jinglecodec.machine import DatagramReceived, OpenSocket, SocketProtocol, TimerFired
from jinglecodec.testing import replay
from jinglecodec.testing.encoding import EncodingError, decode, encode
from jinglecodec.testing.replay import Difference, Recorder, Recording, Step, compare, dumps, loads, record, vocabulary

HEAD = b"jinglecodec recording 1\n"
CLASSES = vocabulary(shared, toys)


class Color(enum.Enum):
    RED = "red"
    BLUE = ("b", 1)


class Bits(enum.Flag):
    A = 1
    B = 2


@attrs.frozen
class Thing:
    """A value with a field that is not its constructor's, and one with a private name."""

    value: object
    _hidden: int = 0
    derived: int = attrs.field(init=False, default=7)


@attrs.frozen(kw_only=True)
class Picky:
    """A value that its constructor may refuse."""

    size: int = attrs.field(validator=attrs.validators.ge(3))


OWN = vocabulary(Color, Bits, Thing, Picky)

plain = (
    st.none()
    | st.booleans()
    | st.integers(-(2**1000), 2**1000)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=()))
    | st.binary()
    | st.sampled_from([*Color, *Bits, Bits.A | Bits.B])
)
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4).map(tuple) | st.builds(Thing, inner), max_leaves=8
)


# --- bytes -----------------------------------------------------------------------------------------------------------


@given(values)
def test_value_survives_its_bytes(value: object) -> None:
    """Round trip."""
    again = decode(encode(value), OWN)

    assert again == value
    assert repr(again) == repr(value), "types, too: 1 is not 1.0 nor True"


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        (None, b"N"),
        (frozenset({"b", "a"}), b"{\x02S\x01aS\x01b"),
        (True, b"T"),
        (False, b"F"),
        (0, b"I\x01\x00"),
        (-1, b"I\x01\xff"),
        (128, b"I\x02\x00\x80"),
        (1.5, b"D\x3f\xf8\0\0\0\0\0\0"),
        ("é", b"S\x02\xc3\xa9"),
        (b"x" * 200, b"B\xc8\x01" + b"x" * 200),
        (("a", ()), b"(\x02S\x01a(\x00"),
    ],
)
def test_value_is_written_as_the_table_says(value: object, octets: bytes) -> None:
    assert encode(value) == octets


def test_class_is_named_once() -> None:
    name = b"jinglecodec.addresses:Address"
    definition = b"\x00S" + bytes([len(name)]) + name + b"(\x02S\x04hostS\x04port"
    first = b"O" + definition + b"S\x01aI\x01\x01"
    second = b"O\x00S\x01bI\x01\x02"

    assert encode((Address("a", 1), Address("b", 2))) == b"(\x02" + first + second


@pytest.mark.parametrize("value", [[1], {"a": 1}, {1}, frozenset({1}), object(), 2**2000, bytearray(b"x"), len])
def test_what_is_no_frozen_value_is_refused(value: object) -> None:
    with pytest.raises(EncodingError, match=r"no frozen value|an integer of"):
        encode((1, value))


def test_values_that_are_nested_too_deeply_are_refused_both_ways() -> None:
    deep: object = None
    for _ in range(64):
        deep = (deep,)
    with pytest.raises(EncodingError, match="nested deeper than 64"):
        encode(deep)
    with pytest.raises(EncodingError, match="nested deeper than 64"):
        decode(b"(\x01" * 64 + b"N", OWN)


@given(st.binary(max_size=100))
@example(b"(\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
@example(b"I\x7f")
@example(b"S\x01\xff")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Totality."""
    with suppress(EncodingError):
        value = decode(data, OWN)
        assert repr(decode(encode(value), OWN)) == repr(value)


@given(values, st.data())
def test_any_change_of_the_bytes_is_read_or_refused(value: object, data: st.DataObject) -> None:
    """Totality."""
    octets = bytearray(encode(Thing(value)))
    for at in data.draw(st.lists(st.integers(0, len(octets) - 1), max_size=3)):
        octets[at] = data.draw(st.integers(0, 255))
    with suppress(EncodingError):
        decode(bytes(octets), OWN)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "octet 0: the bytes end within a value"),
        (b"NN", "octet 1: the value ends, the bytes do not"),
        (b"Z", "no such tag"),
        (b"(\x05N", "5 is too much"),
        (b"I\xff\x01" + b"x" * 255, "255 is too much"),
        (b"O\x00S\x09os:systemN", "'os:system' is not in the vocabulary"),
        (encode(Color.RED).replace(b"(\x00", b"N"), "the names of the fields are no tuple"),
        (encode(Color.RED).replace(b"E", b"O", 1), "Color does not go with this tag"),
        (encode(Color.RED).replace(b"red", b"rot"), "no Color can be made: 'rot' is not a valid Color"),
        (encode(Thing(1)).replace(b"hidden", b"hiddem"), "no Thing can be made"),
        (encode(Picky(size=5)).replace(b"I\x01\x05", b"I\x01\x02"), "no Picky can be made: 'size' must be >= 3"),
        (encode(Picky(size=5)).replace(b"I\x01\x05", b"S\x01x"), "no Picky can be made"),
    ],
)
def test_bytes_that_are_no_value_are_refused_with_the_place(data: bytes, message: str) -> None:
    with pytest.raises(EncodingError, match=message):
        decode(data, OWN)


def test_vocabulary_holds_values_and_enums_of_modules_and_nothing_else() -> None:
    assert CLASSES["jinglecodec.machine:OpenSocket"] is OpenSocket
    assert CLASSES["jinglecodec.machine:SocketProtocol"] is SocketProtocol
    assert CLASSES["jinglecodec.addresses:Address"] is Address
    assert not any("Timers" in name or "LocalError" in name or "enum" in name for name in CLASSES)


# --- recordings ------------------------------------------------------------------------------------------------------


def test_recorder_passes_everything_on_and_keeps_it() -> None:
    plain_one, recorder = toys.beater(), Recorder(toys.beater())
    for event, now in toys.SCRIPT:
        assert recorder.handle(event, now) == plain_one.handle(event, now)
        assert recorder.deadline == plain_one.deadline
    with pytest.raises(LocalError, match="begun already"):
        recorder.handle(toys.Begin(), 40.0)

    recording = recorder.recording
    assert [(step.event, step.now) for step in recording.steps] == [*toys.SCRIPT, (toys.Begin(), 40.0)]
    assert recording.steps[0].deadline is not None
    assert recording.steps[1].outputs == tuple(toys.Said(word) for word in toys.WORDS.words)
    assert recording.steps[-1] == Step(40.0, toys.Begin(), (), recorder.deadline, "begun already")


def test_recording_survives_its_bytes() -> None:
    recording = record(toys.beater(), [*toys.SCRIPT, (toys.Begin(), 40.0)])

    assert dumps(recording).startswith(HEAD)
    assert loads(dumps(recording), CLASSES) == recording


def test_replayed_recording_is_the_same() -> None:
    recording = loads(dumps(record(toys.beater(), [*toys.SCRIPT, (toys.Begin(), 40.0)])), CLASSES)

    assert compare(recording, replay.replay(toys.beater(), recording)) is None


def test_recorder_beyond_its_limit_passes_on_and_says_so() -> None:
    beater = toys.beater()
    recorder = Recorder(beater, limit=2)
    for event, now in toys.SCRIPT:
        recorder.handle(event, now)

    assert beater.beats > 0
    assert len(recorder.recording.steps) == 2
    assert recorder.recording.truncated


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no recording"),
        (HEAD.replace(b"1", b"2") + encode(Recording(())), "or of another version"),
        (HEAD + encode((1, 2)), "the value is no recording"),
        (HEAD + encode(Recording((1,))), "a step of the recording is none"),  # type: ignore[arg-type]
        (HEAD + encode(Recording(3)), "the value is no recording"),  # type: ignore[arg-type]
    ],
)
def test_bytes_that_are_no_recording_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(EncodingError, match=message):
        loads(data, CLASSES)


# --- differences -----------------------------------------------------------------------------------------------------

EVENT = DatagramReceived(1, Address("192.0.2.1", 3478), b"data")


def one_step(*outputs: object, deadline: float | None = None, error: str | None = None) -> Recording:
    """Return a recording whose second step is this one."""
    return Recording((Step(0.0, TimerFired()), Step(1.5, EVENT, outputs, deadline, error)))


@pytest.mark.parametrize(
    ("expected", "actual", "path", "values_there"),
    [
        (
            one_step(EVENT),
            one_step(attrs.evolve(EVENT, remote=Address("192.0.2.1", 3479))),
            "outputs[0].remote.port",
            (3478, 3479),
        ),
        (one_step(1, 2), one_step(1, 3), "outputs[1]", (2, 3)),
        (one_step(1, 2), one_step(1), "outputs", ((1, 2), (1,))),
        (one_step(1), one_step(1.0), "outputs[0]", (1, 1.0)),
        (one_step(True), one_step(1), "outputs[0]", (True, 1)),
        (one_step(deadline=3.0), one_step(deadline=None), "deadline", (3.0, None)),
        (one_step(error="no"), one_step(), "error", ("no", None)),
    ],
)
def test_first_difference_is_found_with_its_path(
    expected: Recording, actual: Recording, path: str, values_there: tuple[object, object]
) -> None:
    assert compare(expected, actual) == Difference(1, 1.5, EVENT, path, *values_there)


def test_recordings_of_different_lengths_differ_where_one_ends() -> None:
    long, short = one_step(), Recording(one_step().steps[:1])

    assert compare(long, short) == Difference(1, 1.5, EVENT, "steps", 2, 1)
    assert compare(short, long) == Difference(1, 1.5, EVENT, "steps", 1, 2)


def test_not_a_number_is_no_difference() -> None:
    nan = struct.unpack(">d", b"\x7f\xf8\0\0\0\0\0\0")[0]

    assert compare(one_step(nan), one_step(-nan + 0)) is None


def test_difference_reads_as_a_sentence() -> None:
    difference = compare(one_step(b"a", deadline=2.0), one_step(b"b", deadline=3.0))

    assert str(difference).splitlines() == [
        f"step 1 at 1.5: {EVENT}",
        "outputs[0] differs:",
        "    expected b'a'",
        "    actually b'b'",
    ]

"""The laws of the SDP codec, for any input and any value."""

from __future__ import annotations

import copy
import pickle

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jinglecodec import sdp
from jinglecodec.errors import EncodeError, SdpError
from jinglecodec.sdp import formats
from jinglecodec.sdp.attributes import TABLE, class_of
from jinglecodec.sdp.grammar import FIELDS
from jinglecodec.strategies import hostile_texts, sdp_descriptions
from jinglecodec.strategies.lines import PARAMETERS, VALUES

kinds = pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)


def _text_of(value: sdp.Value) -> str:
    """Return what the class of `value` parses."""
    line = value.line()
    return line[2:] if value.TYPE != "a" else line.partition(":")[2]


def test_every_class_of_a_line_has_a_strategy() -> None:
    classes = {class_of(entry) for entry in TABLE.values()} | set(FIELDS.values()) | {sdp.Attribute}
    assert set(VALUES) == classes


@kinds
@given(data=st.data())
def test_what_a_value_writes_reads_as_the_same_value(kind: type[sdp.Value], data: st.DataObject) -> None:
    value = data.draw(VALUES[kind])
    assert sdp.read_line(value.line()) == value


@kinds
@given(data=st.data())
def test_a_value_read_in_a_description_is_made_as_by_its_constructor(
    kind: type[sdp.Value], data: st.DataObject
) -> None:
    """Readers of frequent lines fill values without the constructor: nothing they make may be refused by it."""
    value = data.draw(VALUES[kind])
    read = sdp.read_line(value.line())
    assert type(read) is kind
    assert hash(read) == hash(value)
    assert copy.deepcopy(read) == pickle.loads(pickle.dumps(read)) == value  # noqa: S301


@kinds
@given(data=st.data())
def test_any_text_reads_as_a_value_that_writes_the_same_sense_or_is_refused(
    kind: type[sdp.Value], data: st.DataObject
) -> None:
    if kind in (sdp.Attribute, sdp.Direction):
        return
    near = data.draw(VALUES[kind]).line().partition(":")[2]
    text = data.draw(hostile_texts() | st.text(st.sampled_from(near + " ;/:,=0-\n\r\0é"), max_size=40))
    try:
        value = kind.parse(text)
    except EncodeError:
        return
    assert not set(value.line()) & set("\r\n\0")
    assert kind.parse(_text_of(value)) == value


@kinds
@given(data=st.data())
def test_no_field_carries_a_line_break_or_nul(kind: type[sdp.Value], data: st.DataObject) -> None:
    """Whatever stands in a text field: the value is refused, or its line is one line that says the same."""
    value = data.draw(VALUES[kind])
    fields = [field.name for field in attrs.fields(kind)] if attrs.has(kind) else []
    fields = [name for name in fields if isinstance(getattr(value, name), str)]
    if not fields:
        return
    name = data.draw(st.sampled_from(fields))
    hostile = data.draw(hostile_texts() | st.sampled_from(["a\r\nm=audio 9 x 1", "a\nb", "\0", "", " ", "a b"]))
    try:
        changed = attrs.evolve(value, **{name: hostile})
    except EncodeError:
        return
    assert not set(changed.line()) & set("\r\n\0")
    assert sdp.read_line(changed.line()) == changed


@given(sdp_descriptions(), st.sampled_from(["\r\n", "\n"]), st.booleans())
def test_dumps_of_loads_is_the_text_that_was_read(
    description: sdp.SessionDescription, newline: str, terminated: bool
) -> None:
    text = newline.join(sdp.dumps(description).split("\r\n"))
    text = text if terminated else text.removesuffix(newline)
    assert sdp.dumps(sdp.loads(text, errors="tolerant")) == text


@given(sdp_descriptions(), st.data())
def test_dumps_of_loads_keeps_mixed_line_ends(description: sdp.SessionDescription, data: st.DataObject) -> None:
    lines = sdp.dumps(description).split("\r\n")[:-1]
    text = "".join(line + data.draw(st.sampled_from(["\r\n", "\n"])) for line in lines)
    text = data.draw(st.sampled_from([text, text.removesuffix("\n").removesuffix("\r")]))
    assert sdp.dumps(sdp.loads(text, errors="tolerant")) == text


@given(sdp_descriptions())
def test_a_built_description_is_the_one_that_its_text_reads_as(description: sdp.SessionDescription) -> None:
    read = sdp.loads(sdp.dumps(description))
    assert read == description
    assert hash(read) == hash(description)
    assert [media.values for media in read.media] == [media.values for media in description.media]
    assert read.values == description.values


@given(sdp_descriptions())
def test_octets_read_as_the_text_that_they_encode(description: sdp.SessionDescription) -> None:
    text = sdp.dumps(description)
    octets = text.encode("utf-8", "surrogateescape") if _is_escaped(text) else None
    if octets is not None:
        assert sdp.dumps(sdp.loads(octets)).encode("utf-8", "surrogateescape") == octets


def _is_escaped(text: str) -> bool:
    """Tell whether all surrogates of `text` stand for octets."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


_MUTATIONS = st.lists(
    st.tuples(st.integers(0, 10**6), st.sampled_from(["\r", "\n", "\0", " ", "=", ":", "a=", "m=", "é", "9" * 30, ""])),
    max_size=4,
)


def _read(text: str | bytes, errors: str) -> None:
    """Read any text: a description that writes it back and has findings, or SdpError with a place inside."""
    decoded = text if isinstance(text, str) else text.decode("utf-8", "surrogateescape")
    lines = decoded.split("\n")
    refused = None
    try:
        description = sdp.loads(text, errors=errors)  # type: ignore[arg-type]
    except SdpError as error:
        refused = error
    if refused is None:
        assert sdp.dumps(description) == decoded
        assert all(1 <= (finding.line or 0) <= len(lines) for finding in description.findings)
    else:
        assert 1 <= refused.line <= len(lines)
        assert 1 <= refused.column <= max(1, len(lines[refused.line - 1]))


@given(st.text() | st.binary() | hostile_texts(), st.sampled_from(["strict", "tolerant"]))
@example(b"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=\xff\r\nt=0 0\r\n", "strict")
@example("v=0", "tolerant")
def test_any_text_or_octets_give_a_description_or_sdp_error(text: str | bytes, errors: str) -> None:
    _read(text, errors)


@given(sdp_descriptions(), _MUTATIONS, st.sampled_from(["strict", "tolerant"]))
def test_any_damage_to_a_description_gives_a_description_or_sdp_error(
    description: sdp.SessionDescription, mutations: list[tuple[int, str]], errors: str
) -> None:
    text = sdp.dumps(description)
    for place, piece in mutations:
        at = place % len(text)
        text = text[:at] + piece + text[at + 1 :]
    _read(text, errors)


@given(sdp_descriptions(), _MUTATIONS)
def test_what_is_strictly_read_is_tolerantly_read_alike(
    description: sdp.SessionDescription, mutations: list[tuple[int, str]]
) -> None:
    text = sdp.dumps(description)
    for place, piece in mutations:
        at = place % len(text)
        text = text[:at] + piece + text[at + 1 :]
    try:
        strict = sdp.loads(text)
    except SdpError:
        return
    assert sdp.loads(text, errors="tolerant") == strict


@pytest.mark.parametrize("encoding", PARAMETERS)
@given(data=st.data(), joint=st.sampled_from([";", "; "]))
def test_what_codec_parameters_write_reads_as_the_same(encoding: str, data: st.DataObject, joint: str) -> None:
    parameters = data.draw(PARAMETERS[encoding])
    assert formats.parse(encoding.upper(), parameters.text(joint)) == parameters


@pytest.mark.parametrize("encoding", PARAMETERS)
@given(text=hostile_texts() | st.text("0123456789;=/,- abc", max_size=30))
def test_any_codec_parameters_are_read_or_refused(encoding: str, text: str) -> None:
    try:
        parameters = formats.parse(encoding, text)
    except EncodeError:
        return
    assert parameters is not None
    if text.strip(" ;"):
        assert formats.parse(encoding, parameters.text()) == parameters


@given(sdp_descriptions(), st.data())
def test_a_description_cut_off_inside_a_line_is_refused_at_its_end(
    description: sdp.SessionDescription, data: st.DataObject
) -> None:
    """RFC 8866 5: each line is terminated by CRLF."""
    text = sdp.dumps(description)
    cut = text[: data.draw(st.integers(1, len(text) - 1))]
    if not cut.endswith("\n"):
        with pytest.raises(SdpError) as caught:
            sdp.loads(cut)
        assert 1 <= caught.value.line <= cut.count("\n") + 1

"""What the strategies for SDP, STUN and stanzas draw, against the readers and rules of the library."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from named_stub import STUB
from test_strategies_elements import comes_up, drawn

import jinglecodec as jc
from jinglecodec import sdp, stun
from jinglecodec import strategies as jingle
from jinglecodec.strategies import laws, naming
from jinglecodec.strategies.quirks import QUIRKS, WRITERS
from jinglecodec.testing.laws import LawBrokenError
from jinglecodec.xml.fields import attribute, child, element
from jinglecodec.xml.types import UNSIGNED_SHORT

SOME = settings(max_examples=max(settings().max_examples // 3, 1))


# --- names -----------------------------------------------------------------------------------------------------------


def test_each_element_class_has_a_strategy_of_its_own() -> None:
    classes = naming.element_classes()
    assert len(set(classes.values())) == len(classes)
    assert not classes.keys() & set(jingle.__all__)
    assert {"candidates", "ice_udp_transports", "jingles", "hashes", "categories"} <= classes.keys()
    assert set(dir(jingle)) == {*classes, *jingle.__all__}


@given(jingle.candidates(unknown=False))
@SOME
def test_named_strategies_draw_values_of_their_class(value: jc.Candidate) -> None:
    assert type(value) is jc.Candidate
    assert value.extra == jc.Extra()


def test_a_name_that_no_class_has_is_refused() -> None:
    with pytest.raises(AttributeError, match=r"^module 'jinglecodec\.strategies' has no attribute 'nonsense'$"):
        jingle.nonsense  # noqa: B018


def test_type_checkers_see_what_there_is() -> None:
    assert STUB.read_text(encoding="utf-8") == naming.stub(), "run tests/strategies/named_stub.py"


def test_hypothesis_draws_by_type_once_its_entry_point_has_run() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    module, _, name = project["project"]["entry-points"]["hypothesis"]["jinglecodec"].partition(":")
    getattr(import_module(module), name)()
    classes: list[type] = [jc.Candidate, jc.Raw, sdp.Candidate, sdp.SessionDescription, stun.Message, jc.Address]
    values: st.SearchStrategy[tuple[type, object]] = st.sampled_from(classes).flatmap(
        lambda cls: st.tuples(st.just(cls), st.from_type(cls))
    )
    assert all(type(value) is cls for cls, value in drawn(values, 50))
    assert {type(value) for value in drawn(st.from_type(jc.Stanza), 30)} == {jc.Iq, jc.Message, jc.Presence}


# --- SDP -------------------------------------------------------------------------------------------------------------

pairs = jingle.sdp_offers().flatmap(lambda offer: st.tuples(st.just(offer), jingle.sdp_answers(offer)))
odd_pairs = (
    jingle.sdp_mixtures()
    .map(lambda text: sdp.loads(text.encode("utf-8", "surrogateescape")))
    .flatmap(lambda offer: st.tuples(st.just(offer), jingle.sdp_answers(offer)))
)


@given(jingle.sdp_offers())
@SOME
def test_offers_are_whole_and_have_a_form_in_jingle(offer: sdp.SessionDescription) -> None:
    assert sdp.loads(sdp.dumps(offer)) == offer
    assert not offer.findings
    assert jc.mapping.to_jingle(offer, action="session-initiate", sid="a", role="initiator").value.contents
    laws.check_offer(offer)


@given(pairs)
@SOME
def test_answers_are_legal(pair: tuple[sdp.SessionDescription, sdp.SessionDescription]) -> None:
    laws.check_answer(pair)


@given(odd_pairs)
@SOME
def test_answers_to_odd_offers_break_no_rule(pair: tuple[sdp.SessionDescription, sdp.SessionDescription]) -> None:
    offer, answer = pair
    findings = jc.mapping.check_answer(offer, answer)
    assert not [finding for finding in findings if finding.severity is jc.Severity.ERROR]


OFFERED: dict[str, Callable[[sdp.SessionDescription], bool]] = {
    "audio, video and data": lambda offer: {media.kind for media in offer.media} == {"audio", "video", "application"},
    "SIP without ICE": lambda offer: offer.media[0].protocol == "RTP/AVP",
    "keys": lambda offer: bool(offer.media[0].cryptos),
    "TCP candidates": lambda offer: any(one.transport == "tcp" for media in offer.media for one in media.candidates),
    "sources in groups": lambda offer: any(media.ssrc_groups for media in offer.media),
    "feedback": lambda offer: any(media.rtcp_feedback for media in offer.media),
}


@pytest.mark.parametrize("kind", OFFERED)
def test_offers_of_every_kind_come_up(kind: str) -> None:
    assert comes_up(jingle.sdp_offers(), OFFERED[kind])


def test_answers_accept_reject_and_turn_the_direction_round() -> None:
    assert comes_up(pairs, lambda pair: pair[1].media[0].port == 0)
    assert comes_up(pairs, lambda pair: len(pair[1].media) > 1 and all(media.port for media in pair[1].media))
    assert comes_up(pairs, lambda pair: pair[1].media[0].direction is sdp.Direction.SENDONLY)


# --- stanzas ---------------------------------------------------------------------------------------------------------


LINES = st.lists(st.sampled_from(["v=0", "m=audio 9 RTP/AVP 0", "m=audio 9", "m=", "a=x", ""]), max_size=5)


@given(LINES.flatmap(lambda lines: st.tuples(st.just(lines), jingle.sdp_edits("\r\n".join(lines)))))
def test_any_text_can_be_edited(edited: tuple[list[str], str]) -> None:
    """A section is refused by its port, which may not be there; one line less may be none."""
    lines, text = edited
    assert text.endswith("\r\n") or text == ""
    assert text.count("m=") >= "\r\n".join(lines).count("m=")


@given(jingle.stanza_sequences(sid="a1"))
@SOME
def test_sequences_tell_of_one_session_from_its_beginning(stanzas: list[jc.Stanza]) -> None:
    for stanza in stanzas:
        assert jc.loads(jc.dumps(stanza)) == stanza
    requests = [stanza.payload for stanza in stanzas if isinstance(stanza, jc.Iq)]
    assert all(isinstance(request, jc.Jingle) and request.sid == "a1" for request in requests)
    actions = [request.action for request in requests if isinstance(request, jc.Jingle)]
    assert jc.Action.SESSION_TERMINATE not in actions[:-1]
    assert actions[:1] in ([], [jc.Action.SESSION_INITIATE])
    assert len({stanza.id for stanza in stanzas}) == len(stanzas)


def test_sequences_have_more_than_a_beginning() -> None:
    def asked(stanzas: list[jc.Stanza]) -> set[jc.Action]:
        requests = [stanza.payload for stanza in stanzas if isinstance(stanza, jc.Iq)]
        return {request.action for request in requests if isinstance(request, jc.Jingle)}

    sequences = [asked(stanzas) for stanzas in drawn(jingle.stanza_sequences(), 60)]
    wanted = ("content-add", "content-modify", "content-remove", "session-info", "session-terminate", "transport-info")
    assert set(map(jc.Action, wanted)) <= set().union(*sequences)


@given(jingle.hostile_sequences())
@SOME
def test_hostile_sequences_are_stanzas_still(stanzas: list[jc.Stanza]) -> None:
    assert all(jc.loads(jc.dumps(stanza)) == stanza for stanza in stanzas)


@pytest.mark.parametrize("peer", [*WRITERS, jc.mapping.Peer.MONAL])
def test_what_a_peer_writes_against_the_letter_is_understood(peer: jc.mapping.Peer | str) -> None:
    @settings(max_examples=max(settings().max_examples // 5, 1))
    @given(jingle.peer_stanzas(peer=peer))
    def law(data: bytes) -> None:
        laws.check_peer(data)

    law()


def test_every_quirk_is_of_somebody_and_in_the_survey() -> None:
    assert all(quirk.writers and quirk.number in range(1, 37) for quirk in QUIRKS)
    assert {"conversations", "dino", "gajim", "jitsi", "monal", "movim"} <= set(WRITERS)


# --- laws ------------------------------------------------------------------------------------------------------------


@element("urn:example:go", "board")
class Board(jc.Element):
    """A user's own element."""

    size: int = attribute(UNSIGNED_SHORT)
    group: jc.Group | None = child(jc.Group, default=None)


test_codec_laws_hold_for_a_class_of_a_users_own = SOME(jingle.codec_laws(Board))


def test_codec_laws_break_where_something_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen from the law: a class that comes back other than it went."""
    codec = jc.Codec.default().extend(Board)
    monkeypatch.setattr(jc.Codec, "dumps", staticmethod(lambda *_, **__: b"<board xmlns='urn:example:go' size='1'/>"))
    with pytest.raises(LawBrokenError, match="what comes back from bytes is equal"):
        laws.check_element(Board(size=2), codec=codec)


@given(jingle.hostile_stanzas())
def test_stanzas_of_any_kind_are_read_or_refused(data: bytes) -> None:
    laws.check_stanza(data)


@given(jingle.hostile_descriptions())
@SOME
def test_descriptions_of_any_kind_are_read_or_refused(text: str) -> None:
    laws.check_description(text)


@given(jingle.datagrams())
def test_datagrams_are_of_the_protocols_that_share_a_port(data: bytes) -> None:
    assert stun.classify(data) is not stun.Kind.UNKNOWN

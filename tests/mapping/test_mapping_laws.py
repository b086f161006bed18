"""The laws of the mapping over descriptions and requests that nobody has written yet."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st
from mapping_lines import counted, kind_of, meaning, sections_of, without_parameter
from mapping_support import Role

import jinglecodec as jc
from jinglecodec.mapping import Loss, Mapped, Peer
from jinglecodec.mapping.peers import PROFILES
from jinglecodec.strategies import from_class, hostile_descriptions, sdp_mixtures

ROLES = st.sampled_from(["initiator", "responder"])
PEERS = st.sampled_from([None, *Peer])
STRAIGHT = st.sampled_from([None, Peer.GAJIM, Peer.LIBPURPLE])
"Nobody in particular, and those for whom something is left out but nothing is said in another form."

DERIVED = {
    "o=": "RFC 8829 5.2.1",
    "s=": "RFC 8866 5.3",
    "t=": "RFC 8866 5.9",
    "m=": "RFC 8839 4.2.1.2; XEP-0167 4 for the profile",
    "c=": "RFC 8839 4.2.1.2",
    "a=rtcp": "RFC 8829 5.2.1",
    "a=ice-options": "RFC 8829 5.2.1",
    "a=mid": "RFC 8829 5.2.1",
    "a=msid": "RFC 8829 5.2.1, from the sources",
    "a=sctp-port": "RFC 8841 5, for a=sctpmap",
    "a=remote-candidates": "RFC 8839 5.2: one line for all of several",
    "a=bundle-only": "RFC 8829 5.2.1, for a section of a BUNDLE without credentials",
}
"What may stand in the result and not in the description."


def mapped(text: str, role: Role, peer: Peer | None = None, *, carry: bool = False) -> Mapped[jc.Jingle] | None:
    """Return the request for a description; None where it has no form at all."""
    desc = jc.sdp.loads(text.encode("utf-8", "surrogateescape"))
    try:
        return jc.mapping.to_jingle(desc, action="session-initiate", sid="s1", role=role, carry=carry, peer=peer)
    except jc.MappingError:
        return None


def over_the_wire(jingle: jc.Jingle) -> jc.Jingle:
    """Return a request after a foreign XML library has read and written it."""
    return jc.loads(ET.tostring(ET.fromstring(jc.dumps(jingle))), expect=jc.Jingle)  # noqa: S314 - our own


@given(sdp_mixtures(), ROLES)
def test_identity_with_the_carry_but_for_what_is_told(text: str, role: Role) -> None:
    there = mapped(text, role, carry=True)
    if there is None:
        return
    back = jc.mapping.to_sdp(over_the_wire(there.value), role=role, carry=True)
    told = Counter(loss.lines[0] for loss in there.losses if loss.severity is jc.Severity.WARNING)
    expected = Counter(text.removesuffix("\r\n").split("\r\n"))
    there_now = Counter(str(back.value).removesuffix("\r\n").split("\r\n"))
    heads = sum(told[line] for line in told if line.startswith("m="))  # come back with the profile that is asked for
    assert expected - there_now == told
    assert len(list((there_now - expected).elements())) == heads
    assert back.losses == () or heads
    if not told:
        assert str(back.value) == text


@given(sdp_mixtures(), ROLES, STRAIGHT)
def test_the_losses_are_exactly_what_is_gone(text: str, role: Role, peer: Peer | None) -> None:
    there = mapped(text, role, peer)
    if there is None:
        return
    back = jc.mapping.to_sdp(over_the_wire(there.value), role=role)
    before, after = sections_of(text), sections_of(str(back.value))
    assert after.keys() <= before.keys()
    lost = {meaning(loss.lines[0]) for loss in there.losses if not loss.path.startswith("media")}
    for tag, lines in before.items():
        own = lines if tag in after else [line for line in lines if line.number >= lines[0].number]
        kept = [rest for line in own if (rest := rest_of(line.number, line.text, there.losses))]
        expected, found = counted(kept), counted(line.text for line in after.get(tag, ()))
        assert expected <= found, tag
        for new in found - expected:
            kind = new[0] if isinstance(new, tuple) else kind_of(str(new))
            assert (
                kind in DERIVED
                or new in lost  # of those sections only that cannot take it over
                or (peer is not None and kind == "a=group")  # without the contents that were left out
            )


def rest_of(number: int, text: str, losses: tuple[Loss, ...]) -> str:
    """Return what of a line is not lost."""
    whole = text
    for loss in losses:
        if loss.line == number:
            assert loss.lines == (whole,)
            if loss.code == "lost-line":
                return ""
            text = without_parameter(text, loss.message.removesuffix(f" of {loss.lines[0]} has no form in Jingle"))
    return text


@given(sdp_mixtures(), ROLES, PEERS)
def test_each_loss_names_its_line_and_a_clause(text: str, role: Role, peer: Peer | None) -> None:
    """A clause, or the peer that has no such thing."""
    there = mapped(text, role, peer)
    lines = text.split("\r\n")
    whys = ("XEP-", "RFC ", "XML ") if peer is None else ("XEP-", "RFC ", "XML ", PROFILES[peer].name)
    for loss in () if there is None else there.losses:
        assert loss.line is not None
        assert loss.lines == (lines[loss.line - 1],)
        assert loss.clause.startswith(whys)
        assert loss.path.endswith(kind_of(loss.lines[0]))


@given(sdp_mixtures(), ROLES, PEERS)
def test_mapping_twice_gives_the_same(text: str, role: Role, peer: Peer | None) -> None:
    one, two = mapped(text, role, peer), mapped(text, role, peer)
    assert one == two
    if one is not None:
        assert jc.dumps(one.value) == jc.dumps(jc.loads(jc.dumps(one.value)))


@given(sdp_mixtures(), ROLES)
def test_what_came_back_once_stays(text: str, role: Role) -> None:
    """SDP -> Jingle -> SDP is a fixed point after one round: nothing more is lost in the next."""
    there = mapped(text, role)
    if there is None:
        return
    once = jc.mapping.to_sdp(there.value, role=role, names=there.names)
    again = jc.mapping.to_jingle(once.value, action="session-initiate", sid="s1", role=role, names=there.names)
    twice = jc.mapping.to_sdp(again.value, role=role, names=again.names)
    assert str(twice.value) == str(once.value)


# --- totality --------------------------------------------------------------------------------------------------------


@given(hostile_descriptions(), ROLES, st.booleans())
def test_any_description_that_can_be_read_is_mapped_or_refused(text: str, role: Role, carry: bool) -> None:
    try:
        desc = jc.sdp.loads(text, errors="tolerant")
        there = jc.mapping.to_jingle(desc, action="session-initiate", sid="s1", role=role, carry=carry)
    except (jc.SdpError, jc.MappingError):
        return
    jc.mapping.to_sdp(jc.loads(jc.dumps(there.value), expect=jc.Jingle), role=role, carry=carry)


@given(from_class(jc.Jingle), ROLES, st.booleans())
def test_any_request_is_mapped(jingle: jc.Jingle, role: Role, carry: bool) -> None:
    back = jc.mapping.to_sdp(jingle, role=role, carry=carry)
    assert jc.sdp.loads(str(back.value)) == back.value


# --- Jingle to SDP and back: what is not told is not lost ------------------------------------------------------------


def usually(*values: object, seldom: tuple[object, ...] = ()) -> st.SearchStrategy[Any]:
    """Return one of the values that have a line; one time in a hundred, one that has none."""
    return st.sampled_from([*values * (100 // len(values)), *seldom])


def some(strategy: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[Any]:
    return st.lists(strategy, max_size=most).map(tuple)


_PAIRS = {"name": usually("a", "b", seldom=("b;", "c=", "")), "value": usually(None, "1", "=", seldom=("x;", ""))}
_FEEDBACK = st.builds(
    jc.RtcpFeedback,
    type=usually("nack", "ccm", "transport-cc", seldom=("a b",)),
    subtype=usually("pli", "tmmbr", seldom=(None, "p l")),
    parameters=some(st.builds(jc.FeedbackParameter, name=usually("smaxpr", "a", "a b"), value=usually(None, "1"))),
)
_INTERVALS = st.none() | st.builds(jc.TrrInt, value=st.integers(0, 200))
_PAYLOAD_TYPES = st.builds(
    jc.PayloadType,
    id=st.integers(96, 127) | usually(0, 8, seldom=(200,)),
    name=usually("opus", "CN", seldom=(None, "x y", "")),
    clockrate=usually(8000, 48000, seldom=(None, 0)),
    channels=usually(1, 2, seldom=(0,)),
    ptime=usually(None, seldom=(20, 0)),
    maxptime=usually(60, seldom=(None,)),
    parameters=some(st.builds(jc.Parameter, **_PAIRS)),
    feedback=some(_FEEDBACK),
    trr_int=_INTERVALS,
)
_SOURCE_PARAMETERS = st.builds(
    jc.SourceParameter, name=usually("cname", "msid", seldom=("a b",)), value=usually(None, "x y", "z", seldom=("",))
)
_MEMBERS = st.builds(
    jc.Source, ssrc=st.integers(1, 3), parameters=usually((), seldom=((jc.SourceParameter(name="cname"),),))
)
_CRYPTOS = st.builds(
    jc.Crypto,
    crypto_suite=usually("AES_CM_128_HMAC_SHA1_80", seldom=("a b",)),
    key_params=usually("inline:abc", "inline:a;inline:b", seldom=("x",)),
    session_params=usually(None, "KDR=1", " KDR=1  X "),
    tag=usually("1", "02", seldom=("x",)),
)
_DESCRIPTIONS = st.builds(
    jc.RtpDescription,
    media=usually("audio", "video", seldom=("a b",)),
    ssrc=usually(None, seldom=(1,)),
    payload_types=st.lists(_PAYLOAD_TYPES, min_size=1, max_size=3, unique_by=lambda one: one.id).map(tuple)
    | some(_PAYLOAD_TYPES),
    rtcp_mux=st.booleans(),
    encryption=st.none()
    | st.builds(
        jc.Encryption,
        required=usually(True, seldom=(None,)),
        cryptos=st.lists(_CRYPTOS, min_size=1, max_size=2).map(tuple)
        | usually((jc.Crypto(crypto_suite="x", key_params="a:b", tag="1"),), seldom=((),)),
    ),
    bandwidths=some(st.builds(jc.Bandwidth, type=st.just("AS"), value=usually("128", " 64 ", seldom=("x",)))),
    feedback=some(_FEEDBACK),
    trr_int=_INTERVALS,
    header_extensions=some(
        st.builds(
            jc.HeaderExtension,
            id=usually(1, 2, 255, 4096, seldom=(0, 256)),
            uri=usually("urn:x", seldom=("a b",)),
            senders=st.sampled_from(jc.HeaderExtensionSenders),
            parameters=some(st.builds(jc.HeaderExtensionParameter, name=usually("a", "a b"), value=usually(None, "1"))),
        )
    ),
    extmap_allow_mixed=st.booleans(),
    source_groups=some(st.builds(jc.SourceGroup, semantics=usually("FID", seldom=("a b",)), sources=some(_MEMBERS))),
    sources=some(
        st.builds(
            jc.Source,
            ssrc=st.integers(1, 3),
            parameters=st.lists(_SOURCE_PARAMETERS, min_size=1, max_size=2).map(tuple)
            | usually((jc.SourceParameter(name="x"),), seldom=((),)),
        )
    ),
)
_ADDRESSES = usually("192.0.2.1", "2001:db8::1", "x.local", seldom=("a b", ""))
_TRANSPORTS = st.builds(
    jc.IceUdpTransport,
    ufrag=usually(None, "8hhy", seldom=("a-b",)),
    pwd=usually(None, "asd88fgpdd777uzjYhagZg", seldom=("short",)),
    fingerprints=some(
        st.builds(
            jc.Fingerprint,
            hash=usually("sha-1"),
            setup=usually(jc.Setup.ACTIVE, seldom=(None, jc.Setup.ACTPASS)),
            value=usually(":".join(["01"] * 20), seldom=("AA:BB",)),
        )
    ),
    sctpmaps=usually((), seldom=((jc.SctpMap(number=5000, protocol="x"),),)),
    channels=usually((), seldom=((jc.Channel(),),)),
    candidates=some(
        st.builds(
            jc.Candidate,
            component=usually(1, 2, 256, seldom=(0,)),
            foundation=usually("1", "a+/", seldom=("a b", "")),
            generation=usually(0, 3),
            id=usually(None, "x"),
            ip=_ADDRESSES,
            network=usually(None, 0, 2),
            port=usually(0, 9),
            priority=usually(1, 2**31 - 1, seldom=(0, 2**32)),
            protocol=usually("udp", "tcp"),
            rel_addr=st.none() | _ADDRESSES,
            rel_port=usually(None, 0, 9),
            tcptype=usually(None, jc.TcpType.SO),
            type=st.sampled_from(jc.CandidateType),
        )
    ),
    remote_candidates=some(
        st.builds(jc.RemoteCandidate, component=usually(1, 2, seldom=(0,)), ip=_ADDRESSES, port=st.just(9))
    ),
)
CONTENTS = st.builds(
    jc.Content,
    creator=st.sampled_from(jc.Creator),
    disposition=usually("session", seldom=("early-session",)),
    name=st.text("ab \u540d", max_size=3),
    senders=st.sampled_from(jc.Senders),
    description=_DESCRIPTIONS,
    transport=_TRANSPORTS,
)


@given(CONTENTS, ROLES)
def test_a_content_whose_mapping_tells_no_loss_comes_back(content: jc.Content, role: Role) -> None:
    jingle = jc.Jingle(action=jc.Action.SESSION_INITIATE, sid="s1", contents=(content,))
    there = jc.mapping.to_sdp(jingle, role=role)
    if there.losses:
        return
    back = jc.mapping.to_jingle(there.value, action="session-initiate", sid="s1", role=role, names=there.names)
    assert [bare(one) for one in back.value.contents] == [bare(content)]


@given(CONTENTS, ROLES)
def test_what_of_a_content_does_not_come_back_is_told_with_its_element(content: jc.Content, role: Role) -> None:
    jingle = jc.Jingle(action=jc.Action.SESSION_INITIATE, sid="s1", contents=(content,))
    there = jc.mapping.to_sdp(jingle, role=role)
    assert not {loss.path for loss in there.losses if not loss.path.startswith("jingle/content[1]")}
    assert {loss.code for loss in there.losses} <= {"lost-element"}
    description = [loss for loss in there.losses if loss.path.startswith("jingle/content[1]/description")]
    back = (
        jc.mapping.to_jingle(there.value, action="session-initiate", sid="s1", role=role, names=there.names)
        if there.value.media
        else None
    )
    if back is not None and back.value.contents and not description:
        assert bare(back.value.contents[0])[1] == bare(content)[1]


def bare(content: jc.Content) -> tuple[object, ...]:
    """Return what a content says, without what is made up for one side and what two forms say alike."""
    description, transport = content.description, content.transport
    assert isinstance(description, jc.RtpDescription)
    assert isinstance(transport, jc.IceUdpTransport)
    return content.name, described(description), content.senders, transported(transport)


def described(description: jc.RtpDescription) -> object:
    sources: dict[int | None, list[tuple[str, str | None]]] = {}
    for source in description.sources:
        sources.setdefault(source.ssrc, []).extend((one.name, one.value) for one in source.parameters)
    return (
        description.media,
        tuple(bare_payload_type(one) for one in description.payload_types),
        description.rtcp_mux,
        description.extmap_allow_mixed,
        [
            (int(one.tag), one.crypto_suite, one.key_params, (one.session_params or "").split())
            for one in keys(description)
        ],
        [(one.type, int(one.value)) for one in description.bandwidths],
        [feedback(one) for one in description.feedback],
        description.trr_int,
        [
            (one.id, one.uri, one.senders, " ".join(pair(p.name, p.value) for p in one.parameters))
            for one in description.header_extensions
        ],
        sources,
        [(one.semantics, [source.ssrc for source in one.sources]) for one in description.source_groups],
    )


def keys(description: jc.RtpDescription) -> tuple[jc.Crypto, ...]:
    return () if description.encryption is None else description.encryption.cryptos


def feedback(one: jc.RtcpFeedback) -> tuple[str, str | None, str]:
    return one.type, one.subtype, " ".join(pair(p.name, p.value) for p in one.parameters)


def pair(name: str, value: str | None) -> str:
    return name if value is None else f"{name}={value}"


def bare_payload_type(one: jc.PayloadType) -> object:
    named = one.name is not None and one.clockrate is not None
    return (
        one.id,
        (one.name, one.clockrate, one.channels) if named else None,
        one.ptime,
        one.maxptime,
        [pair(p.name, p.value) if p.name else p.value for p in one.parameters],
        [feedback(message) for message in one.feedback],
        one.trr_int,
    )


def transported(transport: jc.IceUdpTransport) -> object:
    setups = [one.setup for one in transport.fingerprints]
    return (
        transport.ufrag,
        transport.pwd,
        [(one.hash, one.value) for one in transport.fingerprints],
        setups,
        [attrs.evolve(one, id=None, network=one.network or 0) for one in transport.candidates],
        transport.remote_candidates,
    )

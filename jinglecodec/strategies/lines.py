"""The lines of SDP, one strategy for each class of values, and descriptions of any of them in any mixture."""

from __future__ import annotations

import string
from typing import Any, TypeVar, cast

from hypothesis import strategies as st

from jinglecodec import sdp

__all__ = ["PARAMETERS", "VALUES", "codec_parameters", "sdp_descriptions", "sdp_values"]

T = TypeVar("T")
V = TypeVar("V", bound=sdp.Value)

_TOKEN_CHARACTERS = string.ascii_letters + string.digits + "!#$%&'*+-.^_`{|}~"
_ICE_CHARACTERS = string.ascii_letters + string.digits + "+/"
_NAME_CHARACTERS = string.ascii_letters + string.digits + "_"
_RID_CHARACTERS = _NAME_CHARACTERS + "-"

_tokens = st.text(_TOKEN_CHARACTERS, min_size=1, max_size=12)
_words = st.text(_NAME_CHARACTERS.replace("_", ""), min_size=1, max_size=6)
# What a byte-string may hold: all but NUL, CR and LF. Surrogates are the octets that are not UTF-8.
_texts = st.text(st.characters(blacklist_characters="\0\r\n", blacklist_categories=()), min_size=1, max_size=30)
_visible = st.text(
    st.characters(min_codepoint=0x21, blacklist_characters="\x7f", blacklist_categories=()), min_size=1, max_size=12
)
_plain = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12)
_ports = st.integers(0, 65535)
_numbers = st.integers(0, 10**20 - 1)
_payload_types = st.integers(0, 127)
_ssrcs = st.integers(0, 2**32 - 1)
_reals = st.integers(1, 10**6) | st.floats(0.0001, 10**6).map(lambda value: round(value, 4))


def _maybe(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | strategy


def _rows(strategy: st.SearchStrategy[T], least: int = 0) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(strategy, min_size=least, max_size=4).map(tuple)


@st.composite
def _connections(draw: st.DrawFn) -> sdp.Connection:
    if draw(st.booleans()):
        return sdp.Connection("2001:db8::1", "IP6", count=draw(_maybe(st.integers(1, 9))))
    ttl = draw(_maybe(st.integers(0, 255)))
    return sdp.Connection("233.252.0.1", ttl=ttl, count=None if ttl is None else draw(_maybe(st.integers(1, 9))))


@st.composite
def _feedback(draw: st.DrawFn) -> sdp.RtcpFeedback:
    form = draw(st.just("*") | _payload_types.map(str))
    if draw(st.integers(0, 4)) == 0:
        return sdp.RtcpFeedback(form, "trr-int", str(draw(_numbers)))
    subtype = draw(_maybe(_tokens))
    kind = draw(_tokens.filter(lambda name: name != "trr-int"))
    return sdp.RtcpFeedback(form, kind, subtype, None if subtype is None else draw(_maybe(_texts)))


@st.composite
def _dcmaps(draw: st.DrawFn) -> sdp.Dcmap:
    unicode = _maybe(st.text(st.characters(codec="utf-8"), max_size=10))
    limit = draw(st.sampled_from(["max_retr", "max_time", None]))
    return sdp.Dcmap(
        draw(_ports),
        subprotocol=draw(unicode),
        label=draw(unicode),
        ordered=draw(_maybe(st.booleans())),
        priority=draw(_maybe(_ports)),
        **({} if limit is None else {limit: draw(_ssrcs)}),
    )


@st.composite
def _fingerprints(draw: st.DrawFn) -> sdp.Fingerprint:
    name, length = draw(
        st.sampled_from([("sha-1", 20), ("SHA-256", 32), ("sha-512", 64), ("md5", 16), ("new-hash", 3)])
    )
    return sdp.Fingerprint(name, draw(st.binary(min_size=length, max_size=length)))


@st.composite
def _keys(draw: st.DrawFn) -> sdp.Key:
    method = draw(st.sampled_from(["prompt", "clear", "base64", "uri"]))
    return sdp.Key(method, {"prompt": None, "base64": "c2VjcmV0"}.get(method, draw(_texts)))


_pairs = _rows(st.tuples(_tokens.filter(lambda name: name not in ("tcptype", "raddr", "rport")), _plain | st.just("")))
_tcp_pairs = _pairs.map(lambda others: (("tcptype", "passive"), *others))
_rids = st.text(_RID_CHARACTERS, min_size=1, max_size=6)
_restrictions = st.tuples(
    st.text(_RID_CHARACTERS.replace("_", ""), min_size=1, max_size=8).filter(lambda name: name != "pt"),
    _maybe(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, blacklist_characters=";"), max_size=8)),
)
_streams = _rows(_rows(st.builds(sdp.SimulcastId, _rids, st.booleans()), 1))
_sizes = st.sampled_from(["1", "800", "999999", "[480:16:800]", "[144:176]", "[100,200,300]"])
_image_sets = st.builds(
    sdp.ImageSet,
    _sizes,
    _sizes,
    st.sampled_from([(), (("sar", "1.1"),), (("sar", "[0.5-0.7]"), ("par", "[1.2-1.3]"), ("q", "0.6"))]),
)
_adjustments = st.builds(sdp.ZoneAdjustment, _numbers, st.integers(-(10**6), 10**6))
_times = st.just(0) | st.integers(10**9, 10**20 - 1)
_unknown_names = _tokens.map(lambda name: f"x-{name}")

VALUES: dict[type[sdp.Value], st.SearchStrategy[Any]] = {
    sdp.Attribute: st.builds(sdp.Attribute, _unknown_names, _maybe(_texts)),
    sdp.Bandwidth: st.builds(sdp.Bandwidth, _tokens, _numbers),
    sdp.BundleOnly: st.just(sdp.BundleOnly()),
    sdp.Candidate: st.builds(
        sdp.Candidate,
        st.text(_ICE_CHARACTERS, min_size=1, max_size=32),
        st.integers(1, 256),
        _tokens,
        st.integers(1, 2**31 - 1),
        _plain,
        _ports,
        _tokens,
        _maybe(_plain),
        _maybe(_ports),
        _pairs | _tcp_pairs,
    ),
    sdp.Connection: _connections(),
    sdp.ContentTags: st.builds(sdp.ContentTags, _rows(_words, 1)),
    sdp.Crypto: st.builds(
        sdp.Crypto,
        st.integers(0, 999_999_999),
        st.text(_NAME_CHARACTERS, min_size=1, max_size=20),
        _rows(_plain.map(lambda info: "inline:" + info.replace(";", "|")), 1),
        _rows(_visible),
    ),
    sdp.Dcmap: _dcmaps(),
    sdp.Dcsa: st.builds(sdp.Dcsa, _ports, _tokens, _maybe(_texts)),
    sdp.Direction: st.sampled_from(sdp.Direction),
    sdp.Email: st.builds(sdp.Email, _texts),
    sdp.EndOfCandidates: st.just(sdp.EndOfCandidates()),
    sdp.Extmap: st.builds(
        sdp.Extmap,
        st.integers(1, 255) | st.integers(4096, 4351),
        _visible,
        _maybe(st.sampled_from(sdp.Direction)),
        _maybe(_texts),
    ),
    sdp.ExtmapAllowMixed: st.just(sdp.ExtmapAllowMixed()),
    sdp.Fingerprint: _fingerprints(),
    sdp.Fmtp: st.builds(sdp.Fmtp, _payload_types.map(str) | _tokens, _texts),
    sdp.Framerate: st.builds(sdp.Framerate, _reals),
    sdp.Group: st.builds(sdp.Group, _tokens, _rows(_tokens)),
    sdp.IceLite: st.just(sdp.IceLite()),
    sdp.IceMismatch: st.just(sdp.IceMismatch()),
    sdp.IceOptions: st.builds(sdp.IceOptions, _rows(_tokens, 1)),
    sdp.IcePacing: st.builds(sdp.IcePacing, st.integers(0, 10**10 - 1)),
    sdp.IcePwd: st.builds(sdp.IcePwd, st.text(_ICE_CHARACTERS, min_size=22, max_size=256)),
    sdp.IceUfrag: st.builds(sdp.IceUfrag, st.text(_ICE_CHARACTERS, min_size=4, max_size=256)),
    sdp.ImageAttr: st.builds(
        sdp.ImageAttr, st.just("*") | _payload_types.map(str), _rows(_image_sets), _maybe(_rows(_image_sets))
    ),
    sdp.Information: st.builds(sdp.Information, _texts),
    sdp.Key: _keys(),
    sdp.Label: st.builds(sdp.Label, _tokens),
    sdp.MaxMessageSize: st.builds(sdp.MaxMessageSize, _numbers),
    sdp.Maxptime: st.builds(sdp.Maxptime, _reals),
    sdp.MediaField: st.builds(
        sdp.MediaField,
        _tokens,
        _ports,
        _rows(_tokens, 1).map("/".join),
        _rows(_tokens, 1),
        st.integers(1, 9),
    ),
    sdp.Mid: st.builds(sdp.Mid, _tokens),
    sdp.Msid: st.builds(sdp.Msid, _tokens, _maybe(_tokens)),
    sdp.MsidSemantic: st.builds(sdp.MsidSemantic, _tokens, _rows(_tokens)),
    sdp.Origin: st.builds(sdp.Origin, _visible, _numbers, _numbers, _words, _words, _visible),
    sdp.Phone: st.builds(sdp.Phone, _texts),
    sdp.Ptime: st.builds(sdp.Ptime, _reals),
    sdp.RemoteCandidates: st.builds(
        sdp.RemoteCandidates, _rows(st.builds(sdp.RemoteCandidate, st.integers(1, 256), _visible, _ports), 1)
    ),
    sdp.Repeat: st.builds(sdp.Repeat, st.integers(1, 10**9), _numbers, _rows(_numbers, 1)),
    sdp.Rid: st.builds(
        sdp.Rid,
        _rids,
        st.sampled_from(sdp.RidDirection),
        _rows(_payload_types.map(str)),
        _rows(_restrictions),
    ),
    sdp.Rtcp: st.builds(sdp.Rtcp, _ports, _visible, _words, _words) | st.builds(sdp.Rtcp, _ports),
    sdp.RtcpFeedback: _feedback(),
    sdp.RtcpMux: st.just(sdp.RtcpMux()),
    sdp.RtcpMuxOnly: st.just(sdp.RtcpMuxOnly()),
    sdp.RtcpRsize: st.just(sdp.RtcpRsize()),
    sdp.RtcpXr: st.builds(sdp.RtcpXr, _texts),
    sdp.Rtpmap: st.builds(
        sdp.Rtpmap, _payload_types, _tokens, st.integers(1, 2**32 - 1), _maybe(st.integers(1, 65535))
    ),
    sdp.SctpPort: st.builds(sdp.SctpPort, _ports),
    sdp.Sctpmap: st.builds(sdp.Sctpmap, _ports, _tokens, _maybe(_ports)),
    sdp.SessionName: st.builds(sdp.SessionName, _texts),
    sdp.Setup: st.sampled_from(sdp.Setup),
    sdp.Simulcast: st.builds(sdp.Simulcast, _streams, _streams.filter(bool)),
    sdp.SourceFilter: st.builds(
        sdp.SourceFilter, st.sampled_from(["incl", "excl"]), _visible, _rows(_visible, 1), _words | st.just("*"), _words
    ),
    sdp.Ssrc: st.builds(sdp.Ssrc, _ssrcs, st.just("cname") | _tokens, _maybe(_texts)),
    sdp.SsrcGroup: st.builds(sdp.SsrcGroup, _tokens, _rows(_ssrcs)),
    sdp.Timing: st.builds(sdp.Timing, _times, _times),
    sdp.TlsId: st.builds(sdp.TlsId, st.text(_ICE_CHARACTERS + "-_", min_size=20, max_size=255)),
    sdp.Uri: st.builds(sdp.Uri, _texts),
    sdp.Zones: st.builds(sdp.Zones, _rows(_adjustments, 1)),
}
"A strategy for each class whose instances stand on a line, `Line` apart."

_flags = _maybe(st.booleans())
_counts = _maybe(_numbers)
_extra_parameters = _rows(
    st.builds(sdp.FormatParameter, _words.map(lambda name: f"x-{name}"), _words | st.just("a=b=="))
)

PARAMETERS: dict[str, st.SearchStrategy[sdp.CodecParameters]] = {
    "opus": st.builds(
        sdp.OpusParameters,
        minptime=_numbers,
        stereo=_flags,
        useinbandfec=_flags,
        maxaveragebitrate=_counts,
        others=_extra_parameters,
    ),
    "H264": st.builds(
        sdp.H264Parameters,
        profile_level_id=_maybe(st.binary(min_size=3, max_size=3)),
        packetization_mode=st.integers(0, 2),
        level_asymmetry_allowed=_flags,
        sprop_parameter_sets=_maybe(st.just(("Z0IAKeKQ", "aM4="))),
        others=_extra_parameters,
    ),
    "VP8": st.builds(sdp.Vp8Parameters, max_fr=_counts, max_fs=_numbers),
    "VP9": st.builds(sdp.Vp9Parameters, profile_id=st.integers(0, 3), others=_extra_parameters),
    "AV1": st.builds(sdp.Av1Parameters, profile=st.integers(0, 2), level_idx=_maybe(st.integers(0, 31)), tier=_flags),
    "rtx": st.builds(sdp.RtxParameters, apt=_payload_types, rtx_time=_counts),
    "red": st.builds(sdp.RedParameters, _rows(_payload_types, 1)),
    "telephone-event": st.builds(
        sdp.TelephoneEventParameters,
        _rows(st.tuples(st.integers(0, 200), st.integers(1, 55)).map(lambda span: range(span[0], sum(span))), 1),
    ),
}
"A strategy for the parameters of each codec that has a class."

_ATTRIBUTES = st.one_of([strategy for kind, strategy in VALUES.items() if kind.TYPE == "a"])


def sdp_values(cls: type[V]) -> st.SearchStrategy[V]:
    """Return values of a class whose instances stand on a line of SDP; raises KeyError for another class."""
    return cast("st.SearchStrategy[V]", VALUES[cls])


def codec_parameters(encoding: str) -> st.SearchStrategy[sdp.CodecParameters]:
    """Return format parameters of an encoding (`opus`, `H264` ...); raises KeyError for one without a class."""
    return PARAMETERS[encoding]


def _media_sections() -> st.SearchStrategy[sdp.Media]:
    """Return media sections of any attributes, in any order."""

    def build(field: sdp.MediaField, connection: sdp.Connection, values: list[sdp.Value]) -> sdp.Media:
        return sdp.Media.build(
            field.kind,
            field.port,
            field.protocol,
            field.formats,
            port_count=field.port_count,
            connection=connection,
            values=values,
        )

    values = st.lists(_ATTRIBUTES | VALUES[sdp.Bandwidth], max_size=8)
    return st.builds(build, VALUES[sdp.MediaField], VALUES[sdp.Connection], values)


def sdp_descriptions() -> st.SearchStrategy[sdp.SessionDescription]:
    """Return whole descriptions, well-formed by the line grammar (RFC 8866 9); what they say need make no sense."""

    def build(origin: sdp.Origin, name: str, values: list[sdp.Value], media: list[sdp.Media]) -> sdp.SessionDescription:
        return sdp.SessionDescription.build(origin, name=name, values=values, media=media)

    return st.builds(
        build, VALUES[sdp.Origin], _texts, st.lists(_ATTRIBUTES, max_size=4), st.lists(_media_sections(), max_size=3)
    )

"""Strategies for SDP: one for each class of values, and whole descriptions of them."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from jinglecodec import sdp

__all__ = ["CLASSES", "CODECS", "HOSTILE", "descriptions", "media_sections", "texts"]

TOKEN_CHARACTERS = string.ascii_letters + string.digits + "!#$%&'*+-.^_`{|}~"
ICE_CHARACTERS = string.ascii_letters + string.digits + "+/"
NAME_CHARACTERS = string.ascii_letters + string.digits + "_"
RID_CHARACTERS = NAME_CHARACTERS + "-"

HOSTILE = st.text(st.characters(codec=None) | st.sampled_from("\r\n\0 :;=/,\"'\x0b\x0c\x85\u2028"))
"Any text, with all that could break a line, or part one, made likely."

tokens = st.text(TOKEN_CHARACTERS, min_size=1, max_size=12)
words = st.text(NAME_CHARACTERS.replace("_", ""), min_size=1, max_size=6)
# What a byte-string may hold: all but NUL, CR and LF. Surrogates are the octets that are not UTF-8.
texts = st.text(st.characters(blacklist_characters="\0\r\n", blacklist_categories=()), min_size=1, max_size=30)
visible = st.text(
    st.characters(min_codepoint=0x21, blacklist_characters="\x7f", blacklist_categories=()), min_size=1, max_size=12
)
plain = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12)
ports = st.integers(0, 65535)
numbers = st.integers(0, 10**20 - 1)
payload_types = st.integers(0, 127)
ssrcs = st.integers(0, 2**32 - 1)
hosts = st.sampled_from(["192.0.2.1", "2001:db8::1", "host.example", "8e1f.local"])
reals = st.integers(1, 10**6) | st.floats(0.0001, 10**6).map(lambda value: round(value, 4))


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


def rows(strategy: st.SearchStrategy, least: int = 0) -> st.SearchStrategy:
    return st.lists(strategy, min_size=least, max_size=4).map(tuple)


@st.composite
def connections(draw: st.DrawFn) -> sdp.Connection:
    if draw(st.booleans()):
        return sdp.Connection("2001:db8::1", "IP6", count=draw(maybe(st.integers(1, 9))))
    ttl = draw(maybe(st.integers(0, 255)))
    return sdp.Connection("233.252.0.1", ttl=ttl, count=None if ttl is None else draw(maybe(st.integers(1, 9))))


@st.composite
def feedback(draw: st.DrawFn) -> sdp.RtcpFeedback:
    form = draw(st.just("*") | payload_types.map(str))
    if draw(st.integers(0, 4)) == 0:
        return sdp.RtcpFeedback(form, "trr-int", str(draw(numbers)))
    subtype = draw(maybe(tokens))
    kind = draw(tokens.filter(lambda name: name != "trr-int"))
    return sdp.RtcpFeedback(form, kind, subtype, None if subtype is None else draw(maybe(texts)))


@st.composite
def dcmaps(draw: st.DrawFn) -> sdp.Dcmap:
    unicode = maybe(st.text(st.characters(codec="utf-8"), max_size=10))
    limit = draw(st.sampled_from(["max_retr", "max_time", None]))
    return sdp.Dcmap(
        draw(ports),
        subprotocol=draw(unicode),
        label=draw(unicode),
        ordered=draw(maybe(st.booleans())),
        priority=draw(maybe(ports)),
        **({} if limit is None else {limit: draw(ssrcs)}),
    )


@st.composite
def fingerprints(draw: st.DrawFn) -> sdp.Fingerprint:
    name, length = draw(
        st.sampled_from([("sha-1", 20), ("SHA-256", 32), ("sha-512", 64), ("md5", 16), ("new-hash", 3)])
    )
    return sdp.Fingerprint(name, draw(st.binary(min_size=length, max_size=length)))


@st.composite
def keys(draw: st.DrawFn) -> sdp.Key:
    method = draw(st.sampled_from(["prompt", "clear", "base64", "uri"]))
    return sdp.Key(method, {"prompt": None, "base64": "c2VjcmV0"}.get(method, draw(texts)))


pairs = rows(st.tuples(tokens.filter(lambda name: name not in ("tcptype", "raddr", "rport")), plain | st.just("")))
tcp_pairs = pairs.map(lambda others: (("tcptype", "passive"), *others))
rids = st.text(RID_CHARACTERS, min_size=1, max_size=6)
restrictions = st.tuples(
    st.text(RID_CHARACTERS.replace("_", ""), min_size=1, max_size=8).filter(lambda name: name != "pt"),
    maybe(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, blacklist_characters=";"), max_size=8)),
)
streams = rows(rows(st.builds(sdp.SimulcastId, rids, st.booleans()), 1))
sizes = st.sampled_from(["1", "800", "999999", "[480:16:800]", "[144:176]", "[100,200,300]"])
image_sets = st.builds(
    sdp.ImageSet,
    sizes,
    sizes,
    st.sampled_from([(), (("sar", "1.1"),), (("sar", "[0.5-0.7]"), ("par", "[1.2-1.3]"), ("q", "0.6"))]),
)
adjustments = st.builds(sdp.ZoneAdjustment, numbers, st.integers(-(10**6), 10**6))
times = st.just(0) | st.integers(10**9, 10**20 - 1)
unknown_names = tokens.map(lambda name: f"x-{name}")

CLASSES: dict[type[sdp.Value], st.SearchStrategy] = {
    sdp.Attribute: st.builds(sdp.Attribute, unknown_names, maybe(texts)),
    sdp.Bandwidth: st.builds(sdp.Bandwidth, tokens, numbers),
    sdp.BundleOnly: st.just(sdp.BundleOnly()),
    sdp.Candidate: st.builds(
        sdp.Candidate,
        st.text(ICE_CHARACTERS, min_size=1, max_size=32),
        st.integers(1, 256),
        tokens,
        st.integers(1, 2**31 - 1),
        plain,
        ports,
        tokens,
        maybe(plain),
        maybe(ports),
        pairs | tcp_pairs,
    ),
    sdp.Connection: connections(),
    sdp.ContentTags: st.builds(sdp.ContentTags, rows(words, 1)),
    sdp.Crypto: st.builds(
        sdp.Crypto,
        st.integers(0, 999_999_999),
        st.text(NAME_CHARACTERS, min_size=1, max_size=20),
        rows(plain.map(lambda info: "inline:" + info.replace(";", "|")), 1),
        rows(visible),
    ),
    sdp.Dcmap: dcmaps(),
    sdp.Dcsa: st.builds(sdp.Dcsa, ports, tokens, maybe(texts)),
    sdp.Direction: st.sampled_from(sdp.Direction),
    sdp.Email: st.builds(sdp.Email, texts),
    sdp.EndOfCandidates: st.just(sdp.EndOfCandidates()),
    sdp.Extmap: st.builds(
        sdp.Extmap,
        st.integers(1, 255) | st.integers(4096, 4351),
        visible,
        maybe(st.sampled_from(sdp.Direction)),
        maybe(texts),
    ),
    sdp.ExtmapAllowMixed: st.just(sdp.ExtmapAllowMixed()),
    sdp.Fingerprint: fingerprints(),
    sdp.Fmtp: st.builds(sdp.Fmtp, payload_types.map(str) | tokens, texts),
    sdp.Framerate: st.builds(sdp.Framerate, reals),
    sdp.Group: st.builds(sdp.Group, tokens, rows(tokens)),
    sdp.IceLite: st.just(sdp.IceLite()),
    sdp.IceMismatch: st.just(sdp.IceMismatch()),
    sdp.IceOptions: st.builds(sdp.IceOptions, rows(tokens, 1)),
    sdp.IcePacing: st.builds(sdp.IcePacing, st.integers(0, 10**10 - 1)),
    sdp.IcePwd: st.builds(sdp.IcePwd, st.text(ICE_CHARACTERS, min_size=22, max_size=256)),
    sdp.IceUfrag: st.builds(sdp.IceUfrag, st.text(ICE_CHARACTERS, min_size=4, max_size=256)),
    sdp.ImageAttr: st.builds(
        sdp.ImageAttr, st.just("*") | payload_types.map(str), rows(image_sets), maybe(rows(image_sets))
    ),
    sdp.Information: st.builds(sdp.Information, texts),
    sdp.Key: keys(),
    sdp.Label: st.builds(sdp.Label, tokens),
    sdp.MaxMessageSize: st.builds(sdp.MaxMessageSize, numbers),
    sdp.Maxptime: st.builds(sdp.Maxptime, reals),
    sdp.MediaField: st.builds(
        sdp.MediaField,
        tokens,
        ports,
        rows(tokens, 1).map("/".join),
        rows(tokens, 1),
        st.integers(1, 9),
    ),
    sdp.Mid: st.builds(sdp.Mid, tokens),
    sdp.Msid: st.builds(sdp.Msid, tokens, maybe(tokens)),
    sdp.MsidSemantic: st.builds(sdp.MsidSemantic, tokens, rows(tokens)),
    sdp.Origin: st.builds(sdp.Origin, visible, numbers, numbers, words, words, visible),
    sdp.Phone: st.builds(sdp.Phone, texts),
    sdp.Ptime: st.builds(sdp.Ptime, reals),
    sdp.RemoteCandidates: st.builds(
        sdp.RemoteCandidates, rows(st.builds(sdp.RemoteCandidate, st.integers(1, 256), visible, ports), 1)
    ),
    sdp.Repeat: st.builds(sdp.Repeat, st.integers(1, 10**9), numbers, rows(numbers, 1)),
    sdp.Rid: st.builds(
        sdp.Rid,
        rids,
        st.sampled_from(sdp.RidDirection),
        rows(payload_types.map(str)),
        rows(restrictions),
    ),
    sdp.Rtcp: st.builds(sdp.Rtcp, ports, visible, words, words) | st.builds(sdp.Rtcp, ports),
    sdp.RtcpFeedback: feedback(),
    sdp.RtcpMux: st.just(sdp.RtcpMux()),
    sdp.RtcpMuxOnly: st.just(sdp.RtcpMuxOnly()),
    sdp.RtcpRsize: st.just(sdp.RtcpRsize()),
    sdp.RtcpXr: st.builds(sdp.RtcpXr, texts),
    sdp.Rtpmap: st.builds(sdp.Rtpmap, payload_types, tokens, st.integers(1, 2**32 - 1), maybe(st.integers(1, 65535))),
    sdp.SctpPort: st.builds(sdp.SctpPort, ports),
    sdp.Sctpmap: st.builds(sdp.Sctpmap, ports, tokens, maybe(ports)),
    sdp.SessionName: st.builds(sdp.SessionName, texts),
    sdp.Setup: st.sampled_from(sdp.Setup),
    sdp.Simulcast: st.builds(sdp.Simulcast, streams, streams.filter(bool)),
    sdp.SourceFilter: st.builds(
        sdp.SourceFilter, st.sampled_from(["incl", "excl"]), visible, rows(visible, 1), words | st.just("*"), words
    ),
    sdp.Ssrc: st.builds(sdp.Ssrc, ssrcs, st.just("cname") | tokens, maybe(texts)),
    sdp.SsrcGroup: st.builds(sdp.SsrcGroup, tokens, rows(ssrcs)),
    sdp.Timing: st.builds(sdp.Timing, times, times),
    sdp.TlsId: st.builds(sdp.TlsId, st.text(ICE_CHARACTERS + "-_", min_size=20, max_size=255)),
    sdp.Uri: st.builds(sdp.Uri, texts),
    sdp.Zones: st.builds(sdp.Zones, rows(adjustments, 1)),
}
"A strategy for each class whose instances stand on a line, `Line` apart."

flags = maybe(st.booleans())
counts = maybe(numbers)
extra_parameters = rows(st.builds(sdp.FormatParameter, words.map(lambda name: f"x-{name}"), words | st.just("a=b==")))

CODECS: dict[str, st.SearchStrategy] = {
    "opus": st.builds(
        sdp.OpusParameters,
        minptime=numbers,
        stereo=flags,
        useinbandfec=flags,
        maxaveragebitrate=counts,
        others=extra_parameters,
    ),
    "H264": st.builds(
        sdp.H264Parameters,
        profile_level_id=maybe(st.binary(min_size=3, max_size=3)),
        packetization_mode=st.integers(0, 2),
        level_asymmetry_allowed=flags,
        sprop_parameter_sets=maybe(st.just(("Z0IAKeKQ", "aM4="))),
        others=extra_parameters,
    ),
    "VP8": st.builds(sdp.Vp8Parameters, max_fr=counts, max_fs=numbers),
    "VP9": st.builds(sdp.Vp9Parameters, profile_id=st.integers(0, 3), others=extra_parameters),
    "AV1": st.builds(sdp.Av1Parameters, profile=st.integers(0, 2), level_idx=maybe(st.integers(0, 31)), tier=flags),
    "rtx": st.builds(sdp.RtxParameters, apt=payload_types, rtx_time=counts),
    "red": st.builds(sdp.RedParameters, rows(payload_types, 1)),
    "telephone-event": st.builds(
        sdp.TelephoneEventParameters,
        rows(st.tuples(st.integers(0, 200), st.integers(1, 55)).map(lambda span: range(span[0], sum(span))), 1),
    ),
}
"A strategy for the parameters of each codec that has a class."

_ATTRIBUTES = st.one_of([strategy for kind, strategy in CLASSES.items() if kind.TYPE == "a"])


def media_sections() -> st.SearchStrategy[sdp.Media]:
    """Give media sections of any attributes, in any order."""

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

    values = st.lists(_ATTRIBUTES | CLASSES[sdp.Bandwidth], max_size=8)
    return st.builds(build, CLASSES[sdp.MediaField], CLASSES[sdp.Connection], values)


def descriptions() -> st.SearchStrategy[sdp.SessionDescription]:
    """Give whole descriptions, well-formed by the line grammar."""

    def build(origin: sdp.Origin, name: str, values: list[sdp.Value], media: list[sdp.Media]) -> sdp.SessionDescription:
        return sdp.SessionDescription.build(origin, name=name, values=values, media=media)

    return st.builds(
        build, CLASSES[sdp.Origin], texts, st.lists(_ATTRIBUTES, max_size=4), st.lists(media_sections(), max_size=3)
    )

"""Descriptions as agents write them, and as they should not: the lines of WebRTC and SIP in any mixture."""

from __future__ import annotations

from hypothesis import strategies as st

__all__ = ["sdp_edits", "sdp_mixtures"]

_TOKENS = st.text("abcXYZ019-_.", min_size=1, max_size=6)
_ICE = "ABCabc012+/"
_PAYLOAD_TYPES = st.sampled_from(["0", "8", "96", "97", "111", "127"])
_VALUES = st.text(
    st.sampled_from("ab1 =;,/:\t\"'<&>\u00e9\u540d\x0b\x85\u2028\udcff\x01\ufffe"), min_size=1, max_size=12
)
_DIRECTIONS = st.sampled_from(["sendrecv", "sendonly", "recvonly", "inactive"])


def _lines(template: str, *parts: st.SearchStrategy[object]) -> st.SearchStrategy[str]:
    return st.builds(template.format, *parts)


def _digests(octets: int) -> st.SearchStrategy[str]:
    return st.binary(min_size=octets, max_size=octets).map(lambda digest: digest.hex(":").upper())


_CANDIDATES = st.builds(
    "a=candidate:{} {} {} {} {} {} typ {}{}{}".format,
    st.sampled_from(["1", "a+/", "2665802302"]),
    st.sampled_from([1, 2, 256]),
    st.sampled_from(["udp", "UDP", "tcp", "ssltcp", "!x"]),
    st.sampled_from([1, 2130706431]),
    st.sampled_from(["192.0.2.1", "2001:db8::1", "8e1f.local"]),
    st.sampled_from([9, 5000]),
    st.sampled_from(["host", "srflx", "prflx", "relay", "best"]),
    st.sampled_from(["", " raddr 192.0.2.9 rport 9", " raddr 0.0.0.0 rport 0"]),
    st.sampled_from(["", " generation 0", " generation 3", " network 2", " network 0", " generation 256", " ufrag x"])
    | st.sampled_from([" generation 1 generation 2", " tcptype active generation 0 network-id 1 network-cost 10"]),
)

_EVERYWHERE = st.one_of(
    _lines("a=ice-ufrag:{}", st.text(_ICE, min_size=4, max_size=5)),
    _lines("a=ice-pwd:{}", st.text(_ICE, min_size=22, max_size=23)),
    _lines("a=ice-options:{}", st.sampled_from(["trickle", "ice2 trickle", "google-ice"])),
    _lines("a=fingerprint:sha-256 {}", _digests(32)),
    _lines("a=fingerprint:SHA-1 {}", _digests(20).map(str.lower)),
    _lines("a=setup:{}", st.sampled_from(["actpass", "active", "passive", "holdconn"])),
    _lines("a={}", _DIRECTIONS),
    _lines(
        "a=extmap:{}{} urn:{}{}",
        st.integers(1, 9),
        st.sampled_from(["", "/sendrecv", "/recvonly"]),
        _TOKENS,
        st.sampled_from(["", " vad=on", " a b=c"]),
    ),
    st.sampled_from(["a=extmap-allow-mixed", "a=end-of-candidates", "a=tls-id:0123456789abcdefghij"]),
    _lines("a=x-{}:{}", _TOKENS, _VALUES),
    _lines("a={}", _TOKENS.map(lambda name: f"y{name}")),
)

_PARAMETERS = st.sampled_from(["0-15", "111/111", "a=b;c=d==", "a; b;", "x=1; y"])
_FEEDBACK = st.sampled_from(
    ["nack", "nack pli", "trr-int 100", "trr-int 99999999999", "ccm tmmbr smaxpr=1", "ack rpsi a b"]
)
_CHANNELS = st.sampled_from(["", "/1", "/2", "/300"])
_OF_RTP = st.one_of(
    _lines("a=rtpmap:{} {}/{}{}", _PAYLOAD_TYPES, _TOKENS, st.sampled_from([8000, 48000]), _CHANNELS),
    _lines("a=fmtp:{} {}", _PAYLOAD_TYPES, _VALUES | _PARAMETERS),
    _lines("a=rtcp-fb:{} {}", _PAYLOAD_TYPES | st.just("*"), _FEEDBACK),
    _lines("a=ssrc:{} {}:{}", st.integers(1, 3), st.sampled_from(["cname", "msid"]), _VALUES),
    _lines("a=ssrc:{} label", st.integers(1, 3)),
    _lines("a=ssrc-group:{} {}", st.sampled_from(["FID", "SIM"]), st.sampled_from(["1 2", "1 2 3", "1"])),
    _lines("a=crypto:{} AES_CM_128_HMAC_SHA1_80 inline:abc", st.integers(1, 2)),
    _lines("a={}:{}", st.sampled_from(["ptime", "maxptime"]), st.sampled_from(["20", "60", "2.5", "99999999999"])),
    _lines("a=content:{}", st.sampled_from(["main", "slides,alt"])),
    _lines("a=zrtp-hash:1.10 {}", st.sampled_from(["ab", "xy"])),
    st.sampled_from(
        ["a=rtcp-mux", "a=rtcp-rsize", "a=rtcp:9 IN IP4 0.0.0.0", "a=rtcp:5001", "a=rtcp-xr:x", "a=msid:s t"]
    ),
    st.sampled_from(["a=rid:1 send", "a=simulcast:send 1", "a=framerate:30", "a=bundle-only", "a=label:1"]),
    st.just("a=remote-candidates:1 192.0.2.1 9"),
)

_OF_DATA = st.sampled_from(
    [
        *("a=sctp-port:5000", "a=max-message-size:262144", "a=sctpmap:5000 webrtc-datachannel 1024"),
        *("a=dcmap:1", 'a=dcmap:0 label="x"', 'a=dcmap:2 subprotocol="chat";ordered=true;max-retr=3;priority=9'),
        *('a=dcmap:3 label="0";ordered=false;max-time=70000', 'a=dcmap:3 label="0";ordered=false;max-time=70'),
        "a=dcsa:2 accept-types:x",
    ]
)


def _some(lines: st.SearchStrategy[str], most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(lines, max_size=most)


@st.composite
def _sections(draw: st.DrawFn, number: int) -> list[str]:
    """Draw a section of audio, video, data channels, or of something that Jingle has no form for."""
    kind = draw(st.sampled_from(["audio", "audio", "video", "application", "image"]))
    port = draw(st.sampled_from([9, 9, 5000, 0]))
    if kind == "application":
        head = draw(
            st.sampled_from(["UDP/DTLS/SCTP webrtc-datachannel", "DTLS/SCTP 5000", "TCP/DTLS/SCTP webrtc-datachannel"])
        )
        own = _OF_DATA
    elif kind == "image":
        head, own = "udptl t38", _OF_RTP
    else:
        profile = draw(st.sampled_from(["UDP/TLS/RTP/SAVPF", "RTP/AVP", "RTP/SAVP", "RTP/AVPF", "TCP/RTP/AVP"]))
        types = draw(st.lists(_PAYLOAD_TYPES, min_size=1, max_size=4, unique=draw(st.booleans())))
        head, own = f"{profile} {' '.join(types)}", _OF_RTP
    lines = draw(_some(own | _EVERYWHERE | _CANDIDATES, 12))
    if draw(st.integers(0, 3)):
        lines.insert(draw(st.integers(0, len(lines))), f"a=mid:{number}")
    connection = draw(st.sampled_from(["c=IN IP4 0.0.0.0", "c=IN IP4 192.0.2.1", "c=IN IP6 ::"]))
    bandwidths = draw(_some(_lines("b={}:{}", st.sampled_from(["AS", "TIAS", "RS"]), st.integers(0, 99)), 2))
    titles = draw(_some(st.just("i=x"), 1))
    return [f"m={kind} {port} {head}", *titles, connection, *bandwidths, *lines]


@st.composite
def sdp_mixtures(draw: st.DrawFn) -> str:
    """Return texts of descriptions with up to three sections; the line grammar is that of RFC 8866, and no more."""
    name = draw(st.sampled_from(["s=-", "s=SIP Call", "s= "]))
    times = draw(st.sampled_from(["t=0 0", "t=3203130148 3203137348"]))
    head = ["v=0", f"o=- {draw(st.integers(0, 99))} 2 IN IP4 127.0.0.1", name, times]
    sections = [draw(_sections(number)) for number in range(draw(st.integers(0, 3)))]
    groups = draw(_some(st.sampled_from(["a=group:BUNDLE 0 1 2", "a=group:LS 1 0", "a=group:BUNDLE"]), 1))
    others = draw(_some(_EVERYWHERE | st.sampled_from(["a=msid-semantic: WMS", "a=ice-lite", "a=ice-pacing:50"]), 4))
    lines = [*head, *groups, *others, *(line for section in sections for line in section)]
    return "".join(f"{line}\r\n" for line in lines)


# --- two descriptions of one party -----------------------------------------------------------------------------------


@st.composite
def sdp_edits(draw: st.DrawFn, text: str, *, most: int = 4) -> str:
    """Return the text with up to `most` edits: a line less, a line more, a section refused, reordered or added.

    Any text will do: what is no SDP stays none.
    """
    lines = text.removesuffix("\r\n").split("\r\n")
    for edit in draw(st.lists(st.sampled_from([_less, _more, _more, _refused, _reordered, _longer]), max_size=most)):
        edit(draw, lines)
    return "".join(f"{line}\r\n" for line in lines)


def _less(draw: st.DrawFn, lines: list[str]) -> None:
    places = [at for at, line in enumerate(lines) if line.startswith(("a=", "b="))]
    if places:
        del lines[draw(st.sampled_from(places))]


def _more(draw: st.DrawFn, lines: list[str]) -> None:
    at = draw(st.integers(min(4, len(lines)), len(lines)))
    while at < len(lines) and not lines[at].startswith(("a=", "m=")):
        at += 1
    in_section = any(line.startswith("m=") for line in lines[:at])
    lines.insert(at, draw(_EVERYWHERE | _OF_RTP | _OF_DATA | _CANDIDATES if in_section else _EVERYWHERE))


def _refused(draw: st.DrawFn, lines: list[str]) -> None:
    for at in _heads(draw, lines):
        kind, _, rest = lines[at].split(" ", 2)
        lines[at] = f"{kind} 0 {rest}"


def _reordered(draw: st.DrawFn, lines: list[str]) -> None:
    for at in _heads(draw, lines):
        kind, port, protocol, *formats = lines[at].split(" ")
        lines[at] = " ".join((kind, port, protocol, *draw(st.permutations(formats))))


def _longer(draw: st.DrawFn, lines: list[str]) -> None:
    lines += draw(_sections(draw(st.integers(0, 9))))


def _heads(draw: st.DrawFn, lines: list[str]) -> list[int]:
    """Return the place of one `m=` line with port and protocol, if there is any."""
    places = [at for at, line in enumerate(lines) if line.startswith("m=") and line.count(" ") >= 2]
    return [draw(st.sampled_from(places))] if places else []

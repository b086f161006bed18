"""Two descriptions of which one is the other with one thing changed: a line, a section, the order of sections.

What a careless peer answers, and what one party says next: neither need fit what was there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from jinglecodec import sdp
from jinglecodec.errors import SdpError
from jinglecodec.strategies.edges.lines import LINES

__all__ = ["HOISTED", "WHOLE", "near_pairs", "near_wholes", "spoilt_texts"]

_HEAD = """\
v=0
o=- 4962303333179871722 1 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2
a=group:LS 0 1
a=msid-semantic:WMS stream
a=ice-options:trickle
a=extmap-allow-mixed
"""
_TRANSPORT = """\
a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host generation 0
a=candidate:2 1 udp 1694498815 198.51.100.1 6000 typ srflx raddr 192.0.2.1 rport 5000 generation 0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuv
a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F
a=setup:actpass
"""
_AUDIO = f"""\
m=audio 9 UDP/TLS/RTP/SAVPF 96 0 101
c=IN IP4 0.0.0.0
{_TRANSPORT}a=mid:0
a=sendrecv
a=msid:stream audio
a=rtcp:9 IN IP4 0.0.0.0
a=rtcp-mux
a=rtcp-mux-only
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc
a=rtpmap:96 opus/48000/2
a=fmtp:96 minptime=10;useinbandfec=1
a=rtcp-fb:96 transport-cc
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=ptime:20
a=maxptime:60
a=ssrc:1 cname:x
"""
_VIDEO = f"""\
m=video 0 UDP/TLS/RTP/SAVPF 97 98
c=IN IP4 0.0.0.0
b=AS:1000
{_TRANSPORT}a=mid:1
a=bundle-only
a=sendonly
a=rtcp-mux
a=rtcp-rsize
a=extmap:2/sendonly urn:ietf:params:rtp-hdrext:sdes:rid
a=rtpmap:97 VP8/90000
a=rtcp-fb:* nack
a=rtcp-fb:97 nack pli
a=rtcp-fb:97 trr-int 100
a=rtpmap:98 rtx/90000
a=fmtp:98 apt=97
a=rid:a send pt=97;max-width=1280
a=rid:b send
a=simulcast:send a;~b
a=ssrc-group:FID 2 3
a=ssrc:2 cname:x
a=ssrc:3 cname:x
a=content:slides
a=label:1
"""
_DATA = f"""\
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
{_TRANSPORT}a=mid:2
a=sctp-port:5000
a=max-message-size:262144
a=dcmap:2 subprotocol="chat";label="x";ordered=true;max-retr=3;priority=9
a=dcsa:2 accept-types:text/plain
"""
_SECTIONS = tuple(section.splitlines() for section in (_HEAD, _AUDIO, _VIDEO, _DATA))
_OTHER_HEADS = (
    "m=image 5000 udptl t38",
    "m=video 9 UDP/TLS/RTP/SAVPF 97",
    "m=audio 0 UDP/TLS/RTP/SAVPF 96 0 101",
    "m=audio 5004 RTP/AVP 96",
    "m=audio 5004 RTP/SAVP 0",
    "m=audio 9 TCP/TLS/RTP/SAVPF 8",
    "m=application 9 TCP/DTLS/SCTP webrtc-datachannel",
    "m=application 9 DTLS/SCTP 5000",
)


def near_pairs() -> Iterator[tuple[sdp.SessionDescription, sdp.SessionDescription]]:
    """Give the whole description and what a tolerant reader makes of one near to it, in either order."""
    whole = sdp.loads(WHOLE)
    for text in near_wholes():
        with suppress(SdpError):
            near = sdp.loads(text, errors="tolerant")
            yield whole, near
            yield near, whole


def near_wholes() -> Iterator[str]:
    """Give a description of audio, video and data channels, as it is and with one thing changed."""
    yield WHOLE
    yield from map(_text, _rearranged())
    for number, section in enumerate(_SECTIONS):
        for changed in _edited(section):
            yield _text([*_SECTIONS[:number], changed, *_SECTIONS[number + 1 :]])
    for line in LINES:
        if line.startswith("a="):
            yield _text([*_SECTIONS, [line]])
            yield _text([[*_SECTIONS[0], line], *_SECTIONS[1:]])


def spoilt_texts() -> Iterator[str]:
    """Give descriptions with what no line may hold, line ends of all kinds, and more of everything than there is."""
    for odd in ("\0", "\r", "\n", "\r\r\n", "\x0b", "\x85", "\u2028", "\udcff", "\x01", "\ufffe", "\u00e9"):
        for text in (WHOLE, WHOLE.replace("\r\n", "\n")):
            for place in (
                0,
                3,
                text.index("a=ice-options") + 5,
                text.index("a=mid") + 6,
                text.index("a=label"),
                len(text),
            ):
                yield text[:place] + odd + text[place:]
    yield from (WHOLE[:-1], WHOLE[:-2], WHOLE.replace("\r\n", "\n", 5), "", "v=0", "v=1\r\n", "x")
    section = "m=audio 9 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n"
    head = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    for line in ("a=x:{}", "a=fingerprint:md5 {}", "a=extmap:{} urn:x", "a=group:BUNDLE {}"):
        lines = "".join(f"{line.format(number)}\r\n" for number in range(250))
        yield head + lines + section * 2
        yield head + lines + section * 40
        yield head + section + lines
        yield head + lines + section * 900
    for times in (100, 1001):
        yield head + section * times
    yield head + section + f"a=x:{'x' * 70000}\r\n"
    yield head + section + "a=x:1\r\n" * 20000


def _rearranged() -> Iterator[list[list[str]]]:
    """Give the description with sections less, more, in another order, and with others' tags."""
    head, *sections = _SECTIONS
    for number, section in enumerate(sections):
        others = sections[:number] + sections[number + 1 :]
        yield [head, *others]
        yield [head, *others, section]
        yield [head, section]
        yield [head, *sections, section]
        yield [head, *sections, [line for line in section if not line.startswith("a=mid:")]]
        yield [head, *sections, [f"a=mid:{number}x" if line.startswith("a=mid:") else line for line in section]]
        yield [head, *others, section[:1]]
    yield [head]
    yield [head, *reversed(sections)]
    yield [head, *([line for line in section if not line.startswith("a=mid:")] for section in sections)]
    for groups in (
        *(["a=group:BUNDLE"], ["a=group:BUNDLE 0"], ["a=group:BUNDLE 9"], ["a=group:BUNDLE 2 0 1", "a=group:LS 1 2"]),
        *(["a=group:BUNDLE 0 1", "a=group:BUNDLE 2"], ["a=group:FID 0 1"], ["a=group:BUNDLE 0 0 1"], []),
    ):
        yield [[line for line in head if not line.startswith("a=group:")] + groups, *sections]


def _edited(section: list[str]) -> Iterator[list[str]]:
    """Give a section with a line less, a line twice, and another of its kind, beside it or in its place."""
    for at, line in enumerate(section):
        before, after = section[:at], section[at + 1 :]
        name = line.partition(":")[0]
        others = _OTHER_HEADS if line[0] == "m" else [other for other in LINES if other.partition(":")[0] == name]
        if line[0] != "m":
            yield before + after
            yield [*before, line, line, *after]
            yield [*before, line[:2] + line[2:].swapcase(), *after]
        for other in others:
            yield [*before, other, *after]
            yield [*before, line, other, *after]


def _text(sections: list[list[str]] | tuple[list[str], ...]) -> str:
    return "".join(f"{line}\r\n" for section in sections for line in section)


WHOLE = _text(_SECTIONS)
"What a browser might offer, with a line of every kind that it writes, and some that others do."

_SHARED = ("a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=setup:")
HOISTED = _text(
    [
        [*_HEAD.splitlines(), *(line for line in _TRANSPORT.splitlines() if line.startswith(_SHARED)), "a=x-own"],
        *([line for line in section if not line.startswith(_SHARED)] for section in _SECTIONS[1:]),
        ["m=image 5000 udptl t38", "c=IN IP4 192.0.2.1"],
    ]
)
"The same with what the sections share in the part of the session, and a section that Jingle has no form for."

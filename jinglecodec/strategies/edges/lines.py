"""Every line of SDP in its fullest form, and all that differs from it in one piece."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from jinglecodec.sdp.attributes import TABLE, Level
from jinglecodec.sdp.grammar import rank

__all__ = ["LINES", "near_lines", "near_texts", "near_words", "packs"]

LINES = (
    "o=- 1 2 IN IP4 192.0.2.1",
    "s=-",
    "i=x",
    "u=http://example.org/",
    "e=a@example.org",
    "p=+1 617 555-6011",
    "c=IN IP4 233.252.0.1/127/3",
    "c=IN IP6 ff15::101/3",
    "b=AS:64",
    "t=3034423619 3042462419",
    "r=7d 1h 0 25h",
    "z=2882844526 -1h 2898848070 0",
    "k=base64:c2VjcmV0",
    "m=audio 49170/2 RTP/AVP 0 96",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ srflx raddr 192.0.2.9 rport 9 generation 0 ufrag x",
    "a=candidate:1 1 tcp 1 2001:db8::1 9 typ host tcptype active network-id 1 network-cost 10",
    "a=remote-candidates:1 192.0.2.1 9 2 2001:db8::1 10",
    "a=ice-lite",
    "a=ice-mismatch",
    "a=ice-ufrag:abcd",
    "a=ice-pwd:abcdefghijklmnopqrstuv",
    "a=ice-pacing:50",
    "a=ice-options:ice2 trickle",
    "a=end-of-candidates",
    "a=fingerprint:sha-1 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13",
    "a=setup:active",
    "a=tls-id:0123456789abcdefghij",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc|2^20|1:4;inline:def FEC_ORDER=FEC_SRTP WSH=64",
    "a=sctp-port:5000",
    "a=max-message-size:65536",
    "a=sctpmap:5000 webrtc-datachannel 1024",
    'a=dcmap:2 subprotocol="ch%20at";label="x";ordered=true;max-retr=3;priority=9',
    'a=dcmap:2 subprotocol="%FF";label="%4";ordered=no;max-time=3;max-retr=4;label="y"',
    "a=dcsa:2 accept-types:text/plain",
    "a=group:BUNDLE 0 1",
    "a=mid:0",
    "a=bundle-only",
    "a=msid:stream track",
    "a=msid-semantic:WMS one two",
    "a=content:slides,alt",
    "a=label:1",
    "a=rtpmap:96 opus/48000/2",
    "a=rtpmap:97 H264/90000",
    "a=fmtp:96 minptime=10;useinbandfec=1",
    "a=fmtp:0 0-15,66",
    "a=rtcp-fb:96 ccm tmmbr smaxpr=1",
    "a=rtcp-fb:* trr-int 100",
    "a=rtcp-xr:rcvr-rtt=all:10",
    "a=extmap:4096/sendonly urn:x:y vad=on",
    "a=extmap-allow-mixed",
    "a=rtcp:5001 IN IP4 192.0.2.1",
    "a=rtcp-mux",
    "a=rtcp-mux-only",
    "a=rtcp-rsize",
    "a=ptime:2.5",
    "a=maxptime:60",
    "a=framerate:29.97",
    "a=sendrecv",
    "a=sendonly",
    "a=recvonly",
    "a=inactive",
    "a=ssrc:1 cname:x y",
    "a=ssrc-group:FID 1 2",
    "a=rid:1 send pt=0,96;max-width=1280;depend=2",
    "a=simulcast:send 1,~2;3 recv 4",
    "a=imageattr:96 send [x=[480:16:800],y=320,par=[1.2-1.3],q=0.6] recv [x=330,y=250,sar=1.1]",
    "a=imageattr:* recv * send [x=[100,200],y=[1:2]]",
    "a=source-filter: incl IN IP4 233.252.0.1 192.0.2.1 192.0.2.2",
    "a=zrtp-hash:1.10 ab",
    "a=x-unknown:value",
)
"At least one for each class of values, with every optional part that goes with the others."

_WORDS = ("0", "-1", "x", "300", "65536", "9" * 21, "\u0661", "\u00e9", "*", " ")
"What stands in the place of any word: numbers beyond each range, words that none are, other scripts."

_PIECES = re.compile(r"[^ :;/,=|~\[\]\"]+|.")


def near_lines(line: str) -> Iterator[str]:
    """Give the line, and those that differ in one piece: cut off there, without it, with it twice, another word.

    What names the line stays: its letter, and of an attribute the name.
    """
    yield line
    name = re.match(r"a=[a-z-]+|.=", line)
    head = "" if name is None else name[0]
    for text in near_words(line[len(head) :]):
        yield head + text
    for more in (" ", ":", ":x", " x", ";x=1", "/2"):
        yield line + more


def near_words(text: str) -> Iterator[str]:
    """Give texts that differ in one piece, be it a word or what parts two of them."""
    pieces = _PIECES.findall(text)
    for at, piece in enumerate(pieces):
        before, after = "".join(pieces[:at]), "".join(pieces[at + 1 :])
        yield before
        for other in ("", piece * 2, *(_WORDS if piece.isalnum() or len(piece) > 1 else ())):
            yield f"{before}{other}{after}"


_SESSION = ("v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0")
_MEDIA = ("m=audio 9 RTP/AVP 0 96", "c=IN IP4 192.0.2.1", "a=rtpmap:96 opus/48000/2")
_FIELDS_OF_MEDIA = "icbk"


def near_texts() -> Iterator[str]:
    """Give a small description for each of the lines, in every section where it may stand."""
    for line in dict.fromkeys(chain.from_iterable(map(near_lines, LINES))):
        in_media = line[0] in _FIELDS_OF_MEDIA or _level(line) is not Level.SESSION
        if line[0] not in "ma" or _level(line) is not Level.MEDIA:
            yield _text(_placed(_SESSION, line), _MEDIA)
        if line[0] == "m" or (line[0] in f"a{_FIELDS_OF_MEDIA}" and in_media):
            yield _text(_SESSION, _placed(_MEDIA, line))


def packs() -> Iterator[str]:
    """Give descriptions with all that is near to one attribute in one section, where much of it goes with the rest."""
    for line in LINES:
        if line[0] == "a" and _level(line) is not Level.SESSION:
            yield _text(_SESSION, (*_MEDIA, *(near for near in near_lines(line) if not near.endswith(":"))))


def _level(line: str) -> Level:
    """Return where an attribute may stand; a line of another kind, or with an unknown name, is not restricted."""
    entry = TABLE.get(line[2:].partition(":")[0])
    return Level.BOTH if entry is None else entry.level


def _placed(section: tuple[str, ...], line: str) -> list[str]:
    """Return a section with one more line, in place of one that may stand only once."""
    others = [other for other in section if line[0] not in "ostcm" or other[0] != line[0]]
    return sorted((*others, line), key=lambda text: -1 if text[0] == "m" else rank(text[0]))


def _text(*sections: list[str] | tuple[str, ...]) -> str:
    return "".join(f"{line}\r\n" for section in sections for line in section)

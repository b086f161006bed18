"""A description with its carry, and what a carry may not do to what Jingle says."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable

import attrs
from mapping_lines import counted, kind_of, sections_of
from mapping_support import Role, sdp, there

import jinglecodec as jc
from jinglecodec.mapping import Mapped
from jinglecodec.mapping import carry as carrying
from jinglecodec.model.own import Carry

__all__ = [
    "AUDIO",
    "BASE",
    "DATA",
    "EVIL",
    "FINGERPRINT",
    "FIRST",
    "HONEST",
    "OWNED",
    "RECIPE",
    "UNFIT",
    "check",
    "contents",
    "dropped",
    "inserted",
    "recipe_of",
    "said",
    "with_recipe",
    "with_text",
]

FINGERPRINT = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)
EVIL = "a=fingerprint:sha-256 " + ":".join(["66"] * 32)
AUDIO = (
    *("m=audio 9 UDP/TLS/RTP/SAVPF 111 0", "c=IN IP4 0.0.0.0", "a=mid:0"),
    *("a=ice-ufrag:8hhy", "a=ice-pwd:asd88fgpdd777uzjYhagZg", FINGERPRINT, "a=setup:actpass", "a=rtcp-mux"),
    *("a=sendonly", "a=rtpmap:111 opus/48000/2", "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host network-id 1"),
)
DATA = (
    *("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=mid:1"),
    *("a=ice-ufrag:8hhy", "a=ice-pwd:asd88fgpdd777uzjYhagZg", FINGERPRINT, "a=setup:actpass"),
    *("a=sctp-port:5000", "a=max-message-size:262144"),
)
BASE = sdp("a=group:BUNDLE 0 1", "a=msid-semantic:WMS *", *AUDIO, *DATA)

OWNED = {
    *("a=candidate", "a=fingerprint", "a=ice-ufrag", "a=ice-pwd", "a=crypto", "a=setup", "a=mid", "a=sendrecv"),
    *("a=rtcp-mux", "a=sctp-port", "a=group"),
}
"What Jingle says of a section, by the kinds of line that it becomes."


def with_recipe(jingle: jc.Jingle, text: str | bytes) -> jc.Jingle:
    """Return a request that carries a recipe, whatever it carried before."""
    octets = text if isinstance(text, bytes) else carrying._packed(text)
    return with_text(jingle, b64encode(octets).decode())


def with_text(jingle: jc.Jingle, text: str) -> jc.Jingle:
    return attrs.evolve(jingle, extra=attrs.evolve(jingle.extra, children=(Carry(value=text),)))


def recipe_of(jingle: jc.Jingle) -> str:
    """Return what a request carries, unpacked."""
    node = next(node for node in jingle.extra.children if isinstance(node, Carry))
    inflater = zlib.decompressobj(wbits=-15, zdict=carrying._FAMILIAR)
    return inflater.decompress(b64decode(node.value)).decode("utf-8", "surrogateescape")


HONEST = there(BASE, carry=True).value
RECIPE = recipe_of(HONEST).split("\n")
FIRST = next(number for number, step in enumerate(RECIPE) if step.startswith("#"))
"The step where the audio section begins."


def inserted(step: str, *, in_section: bool, at_end: bool = False) -> str:
    """Return the honest recipe with one more step, in the session's part or in the first section."""
    place = FIRST + 1 if in_section else FIRST
    if in_section and at_end:
        place = next(n for n in range(FIRST + 1, len(RECIPE)) if RECIPE[n].startswith("#"))
    return "\n".join((*RECIPE[:place], step, *RECIPE[place:]))


def check(
    jingle: jc.Jingle, role: Role = "initiator", offer: jc.sdp.SessionDescription | None = None
) -> Mapped[jc.sdp.SessionDescription]:
    """Return what a request becomes with what it carries, after making sure that it says what Jingle says."""
    plain = jc.mapping.to_sdp(jingle, role=role, offer=offer)
    made = jc.mapping.to_sdp(jingle, role=role, offer=offer, carry=True)
    assert contents(made, role, offer) == contents(plain, role, offer)
    assert jc.sdp.loads(str(made.value), errors="tolerant") == made.value
    before, after = sections_of(str(plain.value)), sections_of(str(made.value))
    live = [tag for tag, lines in before.items() if tag and lines[0].text.split(" ")[1] != "0"]
    for tag in live:
        assert said(line.text for line in after[tag]) == said(line.text for line in before[tag])
        assert after[tag][0].text.split(" ")[3:] == before[tag][0].text.split(" ")[3:]
        assert "TLS" not in before[tag][0].text or "TLS" in after[tag][0].text
    others = [lines[0].text for tag, lines in after.items() if tag and tag not in live]
    assert not [text for text in others if "RTP/" in text and text.split(" ")[1] != "0"]
    return made


def said(lines: Iterable[str]) -> object:
    """Return what lines say of what Jingle says, as plain text; of a candidate what it is for."""
    owned = [line for line in lines if kind_of(line).split(" ")[0] in OWNED]
    return set(counted(" ".join(line.split(" ")[:8]) if line.startswith("a=candidate") else line for line in owned))


def contents(mapped: Mapped[jc.sdp.SessionDescription], role: Role, offer: jc.sdp.SessionDescription | None) -> object:
    """Return what a description says as Jingle, without what is made up."""
    jingle = jc.mapping.to_jingle(
        mapped.value, action="session-info", sid="s", role=role, offer=offer, names=mapped.names
    ).value
    found = set()
    for one in jingle.contents:
        transport = one.transport
        assert isinstance(transport, jc.IceUdpTransport)
        candidates = tuple(attrs.evolve(candidate, id=None) for candidate in transport.candidates)
        found.add(attrs.evolve(one, transport=attrs.evolve(transport, candidates=candidates)))
    return found, jingle.groups


def dropped(mapped: Mapped[jc.sdp.SessionDescription]) -> list[str]:
    return [loss.message for loss in mapped.losses if loss.code == "carry-dropped"]


UNFIT = [
    "a=candidate:1 1 udp 4294967295 192.0.2.66 5000 typ host",
    "a=candidate:1 1 udp 1 192.0.2.66 5000 typ best",
    "a=crypto:1 x",
    "a=ice-ufrag:second",
    "a=ice-pwd:bad",
    "a=setup:active",
    "a=recvonly",
    "a=fingerprint:sha-256 66:66",
    "a=mid:other",
]

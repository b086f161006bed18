"""Short ways to write a description or a request down, and to map it."""

from __future__ import annotations

from textwrap import dedent
from typing import Literal

import attrs

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.mapping import Mapped, Names

__all__ = [
    "ICE",
    "Role",
    "content",
    "description_in",
    "lines_in",
    "request",
    "sdp",
    "section_lines",
    "there",
    "to_sdp",
    "transport_in",
    "without_ids",
]

Role = Literal["initiator", "responder"]

_HEAD = "v=0\no=- 7 1 IN IP4 0.0.0.0\ns=-\nt=0 0\n"

ICE = f"<transport xmlns='{ns.ICE_UDP}'/>"
"A transport that says nothing."


def sdp(*parts: str) -> jc.sdp.SessionDescription:
    """Return the description of which `parts` are the lines: the session's own first, if they are no section.

    `v=`, `o=`, `s=`, `t=` and a `c=` for each section are added where they lack.
    """
    text = "".join(dedent(part).strip("\n") + "\n" for part in parts)
    if not text.startswith("v=0"):
        text = _HEAD + text
    lines = []
    for line in text.removesuffix("\n").split("\n"):
        lines.append(line)
        if line.startswith("m=") and "\nc=" not in text:
            lines.append("c=IN IP4 0.0.0.0")
    return jc.sdp.loads("".join(line + "\r\n" for line in lines))


def there(
    desc: jc.sdp.SessionDescription,
    role: Role = "initiator",
    *,
    offer: jc.sdp.SessionDescription | None = None,
    previous: jc.sdp.SessionDescription | None = None,
    names: Names | None = None,
    carry: bool = False,
) -> Mapped[jc.Jingle]:
    """Return the request for a description, after it went over the wire."""
    action = "session-initiate" if offer is None else "session-accept"
    mapped = jc.mapping.to_jingle(
        desc, action=action, sid="s1", role=role, offer=offer, previous=previous, names=names, carry=carry
    )
    assert jc.loads(jc.dumps(mapped.value)) == mapped.value
    return mapped


def request(*children: str) -> jc.Jingle:
    """Return the session-initiate that has these children."""
    text = f"<jingle xmlns='{ns.JINGLE}' action='session-initiate' sid='s1'>{''.join(children)}</jingle>"
    return jc.loads(text, expect=jc.Jingle)


def content(description: str, transport: str = ICE, *, attributes: str = "creator='initiator' name='0'") -> str:
    """Return a content as XML."""
    return f"<content {attributes}>{description}{transport}</content>"


def to_sdp(
    jingle: jc.Jingle, role: Role = "initiator", *, offer: jc.sdp.SessionDescription | None = None
) -> Mapped[jc.sdp.SessionDescription]:
    """Return the description of a request."""
    return jc.mapping.to_sdp(jingle, role=role, offer=offer)


def lines_in(desc: jc.sdp.SessionDescription) -> list[str]:
    """Return all lines."""
    return [text for section in desc.sections for text in section.texts]


def section_lines(mapped: Mapped[jc.sdp.SessionDescription], *names: str, number: int = 0) -> list[str]:
    """Return the lines of a section of which the beginning is one of `names`."""
    return [text for text in mapped.value.media[number].texts if text.startswith(names)]


def description_in(jingle: jc.Jingle, number: int = 0) -> jc.RtpDescription:
    """Return the RTP description of a content."""
    found = jingle.contents[number].description
    assert isinstance(found, jc.RtpDescription)
    return found


def transport_in(jingle: jc.Jingle, number: int = 0) -> jc.IceUdpTransport:
    """Return the ICE transport of a content."""
    found = jingle.contents[number].transport
    assert isinstance(found, jc.IceUdpTransport)
    return found


def without_ids(transport: jc.IceUdpTransport) -> jc.IceUdpTransport:
    """Return a transport without the identifiers of its candidates, which SDP has not."""
    candidates = tuple(attrs.evolve(one, id=None) for one in transport.candidates)
    return attrs.evolve(transport, candidates=candidates)

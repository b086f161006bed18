"""What named peers send against the letter, as rewritings of proper stanzas.

A quirk is a row of `QUIRKS`: its number in the survey of implementations (`tests/model/test_quirks.py` has each
with the value it is read as), who has it, and what it does to a node.
The law for all of them: the strict reader understands the stanza, with findings none of which is an ERROR.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

import attrs
from hypothesis import strategies as st

from jinglecodec import namespaces as ns
from jinglecodec.mapping.peers import Peer
from jinglecodec.model.datachannel import SctpMap
from jinglecodec.model.dtls import Fingerprint
from jinglecodec.model.grouping import Group
from jinglecodec.model.ice_udp import Candidate, IceUdpTransport
from jinglecodec.model.jingle import Content, Jingle, Reason
from jinglecodec.model.rtp import PayloadType, RtpDescription
from jinglecodec.model.rtp_header_extensions import HeaderExtension
from jinglecodec.model.sources import Source
from jinglecodec.strategies.elements import from_class
from jinglecodec.xml.codec import to_element
from jinglecodec.xml.fields import Element
from jinglecodec.xml.tree import split_tag

__all__ = ["QUIRKS", "WRITERS", "Quirk", "peer_stanzas"]


_Rewrite = Callable[[ET.Element], None]


@attrs.frozen
class Quirk:
    """One thing that peers do differently."""

    number: int
    "In the survey."
    writers: frozenset[str]
    "Implementations that were seen to write it, or to read it because others do; those with a profile by its name."
    cls: type[Element]
    "The elements it is about."
    rewrite: _Rewrite


def _set(**attributes: str) -> _Rewrite:
    """Return what writes these values; `__` in a name stands for `-`."""

    def rewrite(node: ET.Element) -> None:
        for name, value in attributes.items():
            node.set(name.replace("__", "-"), value)

    return rewrite


def _drop(*names: str) -> _Rewrite:
    def rewrite(node: ET.Element) -> None:
        for name in names:
            node.attrib.pop(name, None)

    return rewrite


def _rename(old: str, new: str) -> _Rewrite:
    """Return what writes an attribute under another name."""

    def rewrite(node: ET.Element) -> None:
        if old in node.attrib:
            node.set(new, node.attrib.pop(old))

    return rewrite


def _upper(name: str) -> _Rewrite:
    def rewrite(node: ET.Element) -> None:
        if name in node.attrib:
            node.set(name, node.attrib[name].upper())

    return rewrite


def _add(space: str, name: str, /, **attributes: str) -> _Rewrite:
    """Return what adds a child."""

    def rewrite(node: ET.Element) -> None:
        ET.SubElement(node, f"{{{space}}}{name}", attributes)

    return rewrite


def _move_to(space: str) -> _Rewrite:
    """Return what puts an element and its children of the same namespace into another."""

    def rewrite(node: ET.Element) -> None:
        own = split_tag(node.tag)[0]
        for each in list(node.iter()):
            if split_tag(each.tag)[0] == own:
                each.tag = f"{{{space}}}{split_tag(each.tag)[1]}"

    return rewrite


def _loose_digest(node: ET.Element) -> None:
    node.text = f"\n  {(node.text or '').lower()}\n"


def _text_first(node: ET.Element) -> None:
    """Write the text of a reason before its condition."""
    node[:] = sorted(node, key=lambda kid: not kid.tag.endswith("}text"))


_ROWS: tuple[tuple[int, str, type[Element], _Rewrite], ...] = (
    (1, "conversations gajim", Candidate, _set(id="11b72719-6a1b-4c51-8ae6-9f1538047568")),
    (1, "conversations", Candidate, _set(id="SBfWse/DPLEBy6P3aezgassY")),
    (2, "stanza movim", Candidate, _drop("id", "generation", "network")),
    (2, "conversations", Candidate, _drop("network")),
    (3, "jitsi", IceUdpTransport, _add(ns.ICE_UDP, "rtcp-mux")),
    (3, "jitsi", IceUdpTransport, _add("http://jitsi.org/protocol/colibri", "web-socket", url="wss://192.0.2.1/")),
    (4, "monal", Candidate, _rename("rel-port", "rel_port")),
    (5, "conversations", Jingle, _set(sid="Jv0BmRcLx4kqbryY8DL+Sv/o")),
    (7, "jitsi", PayloadType, _add(ns.RTP, "parameter", value="0-16")),
    (7, "stanza", PayloadType, _add(ns.RTP, "parameter", name="", value="111/111")),
    (9, "jitsi strophe", Content, _set(senders="rejected")),
    (11, "jitsi strophe", HeaderExtension, _set(senders="recvonly")),
    (12, "libpurple", Content, _drop("creator")),
    (12, "conversations dino monal movim", Content, _set(creator="initiator")),
    (15, "jitsi", SctpMap, _rename("number", "port")),
    (15, "jitsi", SctpMap, _set(streams="0")),
    (16, "iris", IceUdpTransport, _add(ns.DTLS_SCTP, "channel", id="1")),
    (17, "dino movim", Fingerprint, _loose_digest),
    (17, "jitsi", Fingerprint, _set(required="true", cryptex="true")),
    (17, "dino", Fingerprint, _drop("setup")),
    (17, "jitsi", Fingerprint, _move_to(ns.DTLS_TMP)),
    (18, "strophe", Group, _move_to(ns.GROUPING_RFC)),
    (18, "strophe", Group, _rename("semantics", "type")),
    (18, "strophe", Content, _add(ns.ESTOS_BUNDLE, "bundle")),
    (19, "movim jitsi", RtpDescription, _set(ptime="20", maxptime="60", profile="RTP/AVPF")),
    (20, "movim", Source, _rename("ssrc", "id")),
    (20, "jitsi", Source, _set(name="a-v0", videoType="camera")),
    (21, "jitsi", Jingle, _set(action="addsource")),
    (21, "jitsi", Jingle, _add("jitsi:colibri2", "initial-last-n", value="25")),
    (22, "qxmpp gajim", Reason, _text_first),
    (23, "sdp-to-jingle", RtpDescription, _move_to(ns.VIDEO_RTP)),
    (23, "sip", Jingle, _add(ns.RTP_INFO_MISSPELT, "ringing")),
    (24, "gajim", Candidate, _set(type="local")),
    (24, "jitsi", Candidate, _set(protocol="ssltcp", tcptype="passive")),
    (24, "gajim", Candidate, _upper("protocol")),
    (26, "movim", Candidate, _set(network__id="1", network__cost="10", mid="0", mlineindex="0")),
    (27, "stanza", IceUdpTransport, _add(ns.ICE_UDP, "gathering-complete")),
    (29, "stanza movim", IceUdpTransport, _drop("pwd")),
    (32, "movim", Jingle, _drop("sid")),
    (36, "conversations stanza jitsi", PayloadType, _set(channels="1")),
)

QUIRKS: tuple[Quirk, ...] = tuple(
    Quirk(number, frozenset(writers.split()), cls, rewrite) for number, writers, cls, rewrite in _ROWS
)
"What is applied, one row for each form of it."

WRITERS = tuple(sorted({name for quirk in QUIRKS for name in quirk.writers}))
"All whose quirks are known."


@st.composite
def peer_stanzas(draw: st.DrawFn, *, peer: Peer | str | None = None) -> bytes:
    """Return sessions as a peer writes them, with one to three of its quirks in every place they have.

    `peer` is an implementation with a profile, or another name among the `writers` of `QUIRKS`; None is any of them.
    """
    name = draw(st.sampled_from(WRITERS)) if peer is None else peer.value if isinstance(peer, Peer) else peer
    quirks = st.lists(st.sampled_from([one for one in QUIRKS if name in one.writers]), min_size=1, max_size=3)
    root = to_element(draw(from_class(Jingle, unknown=False)), factory=ET.Element)
    for quirk in draw(quirks):
        for node in list(root.iter(quirk.cls.__tags__[0])):
            quirk.rewrite(node)
    return ET.tostring(root)

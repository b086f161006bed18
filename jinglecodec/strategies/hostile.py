"""What a peer should not send: damaged, huge, nested, injected. The law for all of it: a value, or an error of ours.

`seeds` are inputs of your own, such as recorded ones; they are damaged beside those that are made up.
"""

from __future__ import annotations

import copy
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from hypothesis import strategies as st

from jinglecodec import namespaces as ns
from jinglecodec import sdp, stun
from jinglecodec.strategies.elements import from_class
from jinglecodec.strategies.lines import VALUES
from jinglecodec.strategies.mixtures import sdp_mixtures
from jinglecodec.strategies.naming import element_classes
from jinglecodec.strategies.offers import sdp_offers
from jinglecodec.strategies.packets import datagrams, stun_packets
from jinglecodec.strategies.quirks import peer_stanzas
from jinglecodec.xml.codec import to_element
from jinglecodec.xml.fields import Element

__all__ = [
    "any_element",
    "damaged",
    "damaged_texts",
    "hostile_datagrams",
    "hostile_descriptions",
    "hostile_stanzas",
    "hostile_texts",
    "mutated_elements",
]

T = TypeVar("T")
_Change = Callable[[ET.Element, ET.Element, st.DrawFn], None]


def hostile_texts() -> st.SearchStrategy[str]:
    """Return any text, with all that could break a line, or part one, made likely."""
    return st.text(st.characters(codec=None) | st.sampled_from("\r\n\0 :;=/,\"'<&\x0b\x0c\x85\u2028"))


def any_element() -> st.SearchStrategy[Element]:
    """Return values of every element class of the package."""
    return st.sampled_from(tuple(element_classes().values())).flatmap(from_class)


def _one_of(recorded: Sequence[T]) -> st.SearchStrategy[T]:
    """Return what `sampled_from` does, without its repr of them all; nothing where there are none."""
    return st.integers(0, len(recorded) - 1).map(recorded.__getitem__) if recorded else st.nothing()


# --- octets ----------------------------------------------------------------------------------------------------------


@st.composite
def damaged(draw: st.DrawFn, sources: st.SearchStrategy[bytes], pieces: Sequence[bytes]) -> bytes:
    """Return octets with a few cut out, doubled, overwritten, or put in between, now and then from `pieces`."""
    data = draw(sources)
    for _ in range(draw(st.integers(1, 3))):
        at, size = draw(st.integers(0, len(data))), draw(st.integers(0, 24))
        piece = draw(st.sampled_from(pieces) | st.binary(max_size=4) | st.just(data[at : at + size]))
        data = data[:at] + piece + data[at + (size if draw(st.booleans()) else 0) :]
    return data


# --- XML -------------------------------------------------------------------------------------------------------------

_NAMES = ("id", "name", "value", "creator", "sid", "port", "number", "rel_port", "rel-port", "other", "{urn:x}id")
_VALUES = (
    "",
    " ",
    "0",
    "1",
    " 1 ",
    "+1",
    "1_0",
    "-1",
    "007",
    "0" * 30 + "1",
    "1" * 30,
    "\u0661",
    "both",
    "BOTH",
    "x y",
)


def _tags() -> tuple[str, ...]:
    """Return names of elements: all that are known, and some that are not."""
    known = [tag for cls in element_classes().values() for tag in (*cls.__tags__, *cls.__aliases__)]
    conditions = [f"{{{ns.JINGLE}}}{name}" for name in ("success", "busy", "failed_transport", "alternative-session")]
    conditions += [f"{{{ns.STANZAS}}}{name}" for name in ("gone", "redirect", "item-not-found", "unheard-of")]
    flags = [f"{{{ns.RTP}}}rtcp-mux", f"{{{ns.RTP_HDREXT}}}extmap-allow-mixed", f"{{{ns.JINGLE}}}sid"]
    others = [f"{{urn:example:a}}{name}" for name in ("description", "transport", "other")]
    return (*known, *conditions, *flags, *others, "other")


@st.composite
def mutated_elements(draw: st.DrawFn, value: Element) -> bytes:
    """Return `value` as XML, with one to three of its nodes changed, moved, doubled or missing."""
    root = to_element(value, factory=ET.Element)
    for _ in range(draw(st.integers(1, 3))):
        change = draw(st.sampled_from(_CHANGES))
        change(root, draw(st.sampled_from(list(root.iter()))), draw)
    return ET.tostring(root, encoding="unicode").encode("utf-8", "replace")


def _parent(root: ET.Element, node: ET.Element) -> ET.Element | None:
    return next((other for other in root.iter() if any(kid is node for kid in other)), None)


def _drop_attribute(_: ET.Element, node: ET.Element, draw: st.DrawFn) -> None:
    if node.attrib:
        del node.attrib[draw(st.sampled_from(sorted(node.attrib)))]


def _set_attribute(_: ET.Element, node: ET.Element, draw: st.DrawFn) -> None:
    node.set(draw(st.sampled_from(sorted({*node.attrib, *_NAMES}))), draw(st.sampled_from(_VALUES)))


def _set_text(_: ET.Element, node: ET.Element, draw: st.DrawFn) -> None:
    node.text = draw(st.sampled_from(_VALUES))


def _set_tail(root: ET.Element, node: ET.Element, draw: st.DrawFn) -> None:
    if node is not root:
        node.tail = draw(st.sampled_from(_VALUES))


def _drop(root: ET.Element, node: ET.Element, _: st.DrawFn) -> None:
    if (parent := _parent(root, node)) is not None:
        parent.remove(node)


def _repeat(root: ET.Element, node: ET.Element, _: st.DrawFn) -> None:
    if (parent := _parent(root, node)) is not None:
        parent.insert(list(parent).index(node), copy.deepcopy(node))


def _rename(root: ET.Element, node: ET.Element, draw: st.DrawFn) -> None:
    if node is not root:
        node.tag = draw(st.sampled_from(_tags()))


def _move(root: ET.Element, node: ET.Element, draw: st.DrawFn) -> None:
    if (parent := _parent(root, node)) is not None:
        inside = list(node.iter())
        targets = [other for other in root.iter() if not any(other is one for one in inside)]
        target = draw(st.sampled_from(targets))
        parent.remove(node)
        target.insert(draw(st.integers(0, 2)), node)


def _insert(_: ET.Element, node: ET.Element, draw: st.DrawFn) -> None:
    made = ET.Element(draw(st.sampled_from(_tags())))
    made.text = draw(st.sampled_from((None, *_VALUES)))
    node.insert(draw(st.integers(0, 3)), made)


def _transplant(_: ET.Element, node: ET.Element, draw: st.DrawFn) -> None:
    node.append(to_element(draw(any_element()), factory=ET.Element))


_CHANGES: tuple[_Change, ...] = (
    _drop,
    _drop_attribute,
    _insert,
    _move,
    _rename,
    _repeat,
    _set_attribute,
    _set_tail,
    _set_text,
    _transplant,
)

_MARKUP = (
    *(
        b"<",
        b">",
        b"/>",
        b"&",
        b"'",
        b'"',
        b"&#0;",
        b"&#xD800;",
        b"&lt;",
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"-->",
        b"<?x ?>",
    ),
    *(b"<!DOCTYPE x>", b"<?xml version='1.0' encoding='utf-16'?>", b" xmlns=''", b" xmlns:a='urn:a'", b" a:b='c'"),
    *(b"\0", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r", "\u2028".encode(), b"9" * 40, b"-1", b"\xd9\xa1"),
)
"What careless parsers stumble over."

_ENTITIES = "<!ENTITY e0 'x'>" + "".join(f"<!ENTITY e{level} '{f'&e{level - 1};' * 10}'>" for level in range(1, 9))
_INJECTED = (
    f"<!DOCTYPE iq [{_ENTITIES}]><iq xmlns='jabber:client' type='set' id='&e8;'/>",
    "<!DOCTYPE iq [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><iq xmlns='jabber:client' type='set' id='&e;'/>",
    "<!DOCTYPE iq SYSTEM 'http://192.0.2.1/x.dtd'><iq xmlns='jabber:client' type='set' id='1'/>",
    "<?xml-stylesheet href='http://192.0.2.1/'?><iq xmlns='jabber:client' type='set' id='1'/>",
    "<iq xmlns='jabber:client' type='set' id='1'><x:include xmlns:x='http://www.w3.org/2001/XInclude' href='x'/></iq>",
)
"What is known as expansion, external entities, stylesheets, inclusion."


_TIMES = st.sampled_from((20, 63, 64, 65, 257, 3000, 50001))


def _session_info(inside: str) -> bytes:
    return f"<jingle xmlns='{ns.JINGLE}' action='session-info' sid='a'{inside}</jingle>".encode()


_HUGE = st.one_of(
    _TIMES.map(lambda times: _session_info(">" + "<a>" * times + "</a>" * times)),
    _TIMES.map(lambda times: _session_info(">" + "<a/>" * times)),
    _TIMES.map(lambda times: _session_info(">" + "<content creator='initiator' name='a'/>" * times)),
    _TIMES.map(lambda times: _session_info("".join(f" a{number}='x'" for number in range(times)) + ">")),
    _TIMES.map(lambda times: _session_info("".join(f" xmlns:a{number}='x'" for number in range(times)) + ">")),
    _TIMES.map(lambda times: _session_info(f" xmlns:a='{'x' * times}'>" + "<a:b/>" * times)),
    _TIMES.map(lambda times: _session_info(">" + "x&amp;" * times)),
    _TIMES.map(lambda times: _session_info(" initiator='" + "x" * 50 * times + "'>")),
)
"Deep, wide and long ones, on both sides of the limits (`jinglecodec.Limits`)."


def hostile_stanzas(*, seeds: Iterable[bytes] = ()) -> st.SearchStrategy[bytes]:
    """Return octets that a stanza reader may be handed by a peer who means no good, or does not know better."""
    texts = any_element().map(lambda value: ET.tostring(to_element(value, factory=ET.Element)))
    recorded = tuple(seeds)
    return st.one_of(
        any_element().flatmap(mutated_elements),
        peer_stanzas(),
        damaged(texts, _MARKUP),
        damaged(_one_of(recorded), _MARKUP),
        st.sampled_from(_INJECTED).map(str.encode),
        _HUGE,
        st.binary(),
    )


# --- SDP -------------------------------------------------------------------------------------------------------------

_LINE_PIECES = (
    *("\r", "\n", "\0", " ", "=", ":", ";", "/", "a=", "m=", "a=mid:0", "\u00e9", "\x0b", "\x85", "\u2028", "\udcff"),
    *("9" * 30, "-1", "+1", "1_0", "\u0661", "m=audio 9 RTP/AVP 0\r\n", "a=candidate:", "a=fmtp:96 ", "a=bundle-only"),
)
_NAMED = tuple(sorted(cls.NAME for cls in VALUES if cls.TYPE == "a" and cls.NAME))

_BROKEN_LINES = st.one_of(
    st.builds("a={}:{}".format, st.sampled_from(_NAMED), hostile_texts()),
    st.builds("m={} {} {} {}".format, hostile_texts(), st.integers(-1, 99999), hostile_texts(), hostile_texts()),
    st.builds("m=audio {} RTP/AVP {}".format, st.integers(0, 70000), hostile_texts()),
    st.builds("{}={}".format, st.sampled_from("osiuepcbtrzkax"), hostile_texts()),
)


@st.composite
def damaged_texts(draw: st.DrawFn, sources: st.SearchStrategy[str]) -> str:
    """Return a text with a few characters overwritten, or lines doubled, moved or missing."""
    text = draw(sources)
    for _ in range(draw(st.integers(1, 3))):
        lines = text.split("\r\n")
        at, to = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines)))
        match draw(st.integers(0, 3)):
            case 0:
                lines.insert(to, lines[at])
            case 1:
                lines.insert(to, lines.pop(at))
            case 2:
                lines[at : at + draw(st.integers(0, 2))] = []
            case _:
                place = draw(st.integers(0, len(lines[at])))
                piece = draw(st.sampled_from(_LINE_PIECES))
                lines[at] = lines[at][:place] + piece + lines[at][place + draw(st.integers(0, 2)) :]
        text = "\r\n".join(lines)
    return text


def hostile_descriptions(*, seeds: Iterable[str] = ()) -> st.SearchStrategy[str]:
    """Return texts that a reader of SDP may be handed: damaged, broken at wrong places, and very long ones."""
    recorded = tuple(seeds)
    broken = st.lists(_BROKEN_LINES).map(lambda lines: "v=0\r\n" + "".join(f"{line}\r\n" for line in lines))
    repeated = st.builds(lambda line, times: "v=0\r\n" + f"{line}\r\n" * times, _BROKEN_LINES, _TIMES)
    return st.one_of(
        damaged_texts(sdp_offers().map(sdp.dumps)),
        damaged_texts(sdp_mixtures()),
        damaged_texts(_one_of(recorded)),
        broken,
        repeated,
        hostile_texts(),
    )


# --- STUN ------------------------------------------------------------------------------------------------------------

_WORDS = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0", *(number.to_bytes(2) + b"\0\4" for number in stun.ATTRIBUTES))


def _under_header(header: bytes, body: bytes) -> bytes:
    """Return a packet whose length field is right, so that readers get beyond it."""
    whole = body[: len(body) & ~3]
    return header[:2] + len(whole).to_bytes(2) + header[4:20] + whole


def hostile_datagrams(*, seeds: Iterable[bytes] = ()) -> st.SearchStrategy[bytes]:
    """Return octets that may come in on the socket of a call: packets damaged behind a sound header, or anywhere."""
    recorded = tuple(seeds)
    packets = stun_packets() | _one_of(recorded)
    inside = packets.flatmap(
        lambda packet: damaged(st.just(packet[20:]), _WORDS).map(lambda body: _under_header(packet, body))
    )
    full = st.builds(
        lambda packet, word, times: _under_header(packet, word * times),
        stun_packets(),
        st.binary(min_size=4, max_size=4),
        st.sampled_from((1, 30, 350)),
    )
    header = st.builds(
        lambda packet, at, octet: packet[:at] + bytes((octet,)) + packet[at + 1 :],
        packets,
        st.integers(0, 19),
        st.integers(0, 255),
    )
    anywhere = damaged(packets | datagrams(), _WORDS)
    return st.one_of(inside, inside, header, anywhere, full, st.binary(max_size=40))

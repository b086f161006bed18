"""The codec: which classes it knows, how it grows, and what the root may be."""

from __future__ import annotations

import copy
import pickle
import xml.etree.ElementTree as ET

import pytest
from element_support import Bare, tree
from lxml import etree
from xml_zoo import CODEC, ZOO, Animal, Child, Keeper, Lion

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.xml.fields import attribute, element, text
from jinglecodec.xml.tree import Limits
from jinglecodec.xml.types import STRING, UNSIGNED_BYTE


@element("urn:example:pigeons", "transport")
class Pigeons(jc.Transport):
    """RFC 1149."""

    altitude: int = attribute(UNSIGNED_BYTE)


@element("urn:example:shanty", "description")
class Shanty(jc.Description):
    title: str = text(STRING)


@element("urn:example:whistle", "whistle")
class Whistle(jc.SessionInfo):
    """A payload of session-info."""


@element(ns.RTP, "description")
class MyRtp(jc.Description):
    """In the place of the library's own."""

    media: str = attribute(STRING)


@element(ns.RTP_INFO, "ringing")
class MyRinging(jc.SessionInfo):
    """In the place of the library's own."""


SESSION = f"""<jingle xmlns='{ns.JINGLE}' action='session-initiate' sid='s'>
 <content creator='initiator' name='a'>
  <description xmlns='urn:example:shanty'>Wellerman</description>
  <transport xmlns='urn:example:pigeons' altitude='42'/>
 </content>
 <whistle xmlns='urn:example:whistle'/>
</jingle>"""


def test_an_extended_codec_reads_the_classes_it_was_given() -> None:
    codec = jc.Codec.default().extend(Pigeons, Shanty, Whistle)
    value = codec.loads(SESSION, expect=jc.Jingle)
    assert value == jc.Jingle(
        action=jc.Action.SESSION_INITIATE,
        sid="s",
        contents=(jc.Content(name="a", description=Shanty(title="Wellerman"), transport=Pigeons(altitude=42)),),
        infos=(Whistle(),),
    )
    assert codec.loads(codec.dumps(value)) == value
    assert jc.dumps(value) == codec.dumps(value)


def test_what_a_codec_was_not_given_stays_raw_in_its_field() -> None:
    value = jc.loads(SESSION, expect=jc.Jingle)
    (content,) = value.contents
    assert content.description == jc.Raw("{urn:example:shanty}description", text="Wellerman")
    assert content.transport == jc.Raw("{urn:example:pigeons}transport", (("altitude", "42"),))
    assert value.infos == ()
    assert value.extra.children == (jc.Raw("{urn:example:whistle}whistle"),)
    assert jc.loads(jc.dumps(value)) == value


def test_problems_inside_the_given_classes_have_paths_too() -> None:
    codec = jc.Codec.default().extend(Pigeons, Shanty)
    bad = SESSION.replace("'42'", "'4200'")
    with pytest.raises(jc.DecodeError) as caught:
        codec.loads(bad)
    assert [finding.path for finding in caught.value.findings] == ["jingle/content/transport/@altitude"]
    kept = codec.loads(bad, expect=jc.Jingle, errors="keep")
    assert isinstance(kept, jc.Jingle)
    assert kept.contents[0].transport == jc.Raw("{urn:example:pigeons}transport", (("altitude", "4200"),))
    assert kept.contents[0].description == Shanty(title="Wellerman")


def test_two_codecs_do_not_see_each_others_classes() -> None:
    one, other = jc.Codec.default().extend(Pigeons), jc.Codec.default().extend(Shanty)
    assert (one.find("{urn:example:pigeons}transport"), other.find("{urn:example:pigeons}transport")) == (Pigeons, None)
    assert (one.find("{urn:example:shanty}description"), other.find("{urn:example:shanty}description")) == (
        None,
        Shanty,
    )
    assert jc.Codec.default().find("{urn:example:pigeons}transport") is None
    for codec, typed, raw in ((one, "transport", "description"), (other, "description", "transport")):
        content = codec.loads(SESSION, expect=jc.Jingle).contents[0]
        assert not isinstance(getattr(content, typed), jc.Raw)
        assert isinstance(getattr(content, raw), jc.Raw)


def test_given_classes_win_over_the_librarys_and_later_ones_over_earlier() -> None:
    codec = jc.Codec.default().extend(MyRtp)
    markup = f"<description xmlns='{ns.RTP}' media='audio'/>"
    assert codec.loads(markup) == MyRtp(media="audio")
    assert codec.extend(jc.RtpDescription).loads(markup) == jc.RtpDescription(media="audio")
    assert jc.loads(markup) == jc.RtpDescription(media="audio")
    inside = codec.loads(
        f"<content xmlns='{ns.JINGLE}' creator='initiator' name='a'>{markup}</content>", expect=jc.Content
    )
    assert inside.description == MyRtp(media="audio")


def test_extending_leaves_a_codec_as_it_was() -> None:
    codec = jc.Codec(Keeper)
    codec.extend(Lion)
    assert codec.classes == (Keeper,)
    assert codec.find("{urn:example:lion}animal") is None


def test_codecs_compare_by_what_they_know() -> None:
    one, same = jc.Codec.default().extend(Pigeons), jc.Codec.default().extend(Pigeons)
    assert one == same
    assert hash(one) == hash(same)
    assert one != jc.Codec.default()
    assert one != jc.Codec.default().extend(Shanty)
    assert jc.Codec(Keeper, Lion) != jc.Codec(Lion, Keeper)  # the order decides which wins
    assert one != one.within(Limits(depth=7))
    assert one != "codec"


def test_codecs_pickle_and_copy() -> None:
    codec = jc.Codec.default().extend(Pigeons).within(Limits(depth=7))
    codec.loads(SESSION)
    for twin in (pickle.loads(pickle.dumps(codec)), copy.deepcopy(codec), copy.copy(codec)):  # noqa: S301
        assert twin == codec
        assert twin.limits == Limits(depth=7)
        assert twin.loads(SESSION) == codec.loads(SESSION)


def test_a_repr_counts_what_is_known() -> None:
    assert repr(jc.Codec(Keeper, Lion)) == "<Codec of 2 classes and 0 namespaces>"


def test_the_members_of_a_family_are_the_classes_known() -> None:
    assert CODEC.members(Animal) == (Lion,)
    assert jc.Codec.default().extend(Pigeons).members(jc.Transport)[0] is Pigeons
    assert jc.IceUdpTransport in jc.Codec.default().members(jc.Transport)
    assert Whistle not in jc.Codec.default().members(jc.SessionInfo)
    extended = jc.Codec.default().extend(MyRinging).members(jc.SessionInfo)
    assert MyRinging in extended
    assert jc.Ringing not in extended


# --- roots --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("errors", ["strict", "keep"])
def test_a_wrong_root_is_refused_naming_both(errors: str) -> None:
    for read in (jc.loads, jc.read):
        with pytest.raises(jc.DecodeError) as caught:
            read("<iq xmlns='jabber:client' type='get'/>", expect=jc.Jingle, errors=errors)  # type: ignore[call-overload]
        (finding,) = caught.value.findings
        assert (finding.code, finding.path, finding.line) == ("wrong-root", "iq", 1)
        assert finding.message == "{jabber:client}iq is not Jingle ({urn:xmpp:jingle:1}jingle)"


def test_a_wrong_root_is_refused_in_trees_too() -> None:
    with pytest.raises(jc.DecodeError, match=r"^iq: iq is not Jingle \(\{urn:xmpp:jingle:1\}jingle\)$"):
        jc.from_element(tree("<iq type='get'/>"), expect=jc.Jingle)


def test_a_root_of_a_family_is_named_by_the_family() -> None:
    assert isinstance(jc.loads(f"<transport xmlns='{ns.ICE_UDP}'/>", expect=jc.Transport), jc.IceUdpTransport)
    with pytest.raises(jc.DecodeError, match=r"^transport: \{urn:x\}transport is not Transport \(any <transport/>\)$"):
        jc.loads("<transport xmlns='urn:x'/>", expect=jc.Transport)
    with pytest.raises(jc.DecodeError, match="is not Description"):
        jc.loads(f"<transport xmlns='{ns.ICE_UDP}'/>", expect=jc.Description)


def test_an_unknown_root_is_refused_unless_it_may_be_kept() -> None:
    with pytest.raises(jc.DecodeError, match=r"^x: \{urn:x\}x is not an element that this codec knows$"):
        jc.loads("<x xmlns='urn:x'/>")
    assert jc.loads("<x xmlns='urn:x'/>", errors="keep") == jc.Raw("{urn:x}x")


def test_bytes_and_text_and_buffers_are_the_same() -> None:
    markup = "<keeper xmlns='urn:example:zoo' name='\xe9'/>"
    for data in (markup, markup.encode(), bytearray(markup.encode()), memoryview(markup.encode())):
        assert CODEC.loads(data) == Keeper(name="\xe9")  # type: ignore[arg-type]


# --- trees --------------------------------------------------------------------------------------------------------


def test_every_shape_of_tree_is_read() -> None:
    data = f"<animal xmlns='urn:example:lion' age='1'><plants/><a xmlns='{ZOO}'/></animal>"
    expected = CODEC.loads(data)
    assert CODEC.from_element(tree(data)) == expected
    assert CODEC.from_element(ET.fromstring(data)) == expected  # noqa: S314
    assert CODEC.from_element(Bare(tree(data))) == expected


def test_a_tree_may_be_part_of_a_larger_one() -> None:
    root = tree(f"<zoo xmlns='{ZOO}'>before<child/>behind</zoo>")
    assert CODEC.from_element(root[0]) == Child()


def test_a_tree_is_left_as_it_was() -> None:
    root = tree(SESSION)
    before = etree.tostring(root)
    jc.from_element(root)
    jc.from_element(root, errors="keep")
    assert etree.tostring(root) == before


def test_an_element_is_built_with_any_factory() -> None:
    value = jc.loads(SESSION)
    for made, module in ((jc.to_element(value), "lxml.etree"), (jc.to_element(value, factory=ET.Element), "xml.etree")):
        assert type(made).__module__.startswith(module)
        assert jc.from_element(made) == value


def test_a_stanza_is_one_element_without_declaration() -> None:
    """RFC 6120 11.5 leaves the declaration to the stream."""
    written = jc.dumps(jc.Iq(type=jc.IqType.RESULT, id="1"))
    assert written == b'<iq xmlns="jabber:client" id="1" type="result"/>'
